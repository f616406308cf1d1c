//! Roles and entitlements, as Okta reads them when provisioning is switched on.

use serde_json::{Value, json};

use crate::client::{Client, LIST, ada};

const ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";
const ENTITLEMENT: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";

#[tokio::test]
async fn the_resource_types_lead_to_lists_of_them() {
    let client = Client::start(0, &[]).await;
    let types = client.get("/ResourceTypes").await.json;
    for (schema, attributes) in
        [(ROLE, &["displayName", "description"][..]), (ENTITLEMENT, &["displayName", "type", "description"][..])]
    {
        let ty = types["Resources"].as_array().unwrap().iter().find(|ty| ty["schema"] == schema).unwrap();
        let endpoint = ty["endpoint"].as_str().unwrap();
        let list = client.get(&format!("{endpoint}?startIndex=1&count=100")).await.json;
        assert_eq!(list["totalResults"], list["Resources"].as_array().unwrap().len());
        for resource in list["Resources"].as_array().unwrap() {
            assert_eq!(resource["schemas"], json!([schema]));
            assert_eq!(resource["meta"]["resourceType"], ty["name"]);
            for attribute in attributes {
                assert!(resource[attribute].as_str().is_some_and(|text| !text.is_empty()), "{attribute}");
            }
            let read = client.get(&format!("{endpoint}/{}", resource["id"].as_str().unwrap())).await;
            assert_eq!(read.json, *resource);
        }
    }
    assert!(client.get("/Entitlements").await.each("type").iter().all(|ty| *ty == "Entitlement"));
}

#[tokio::test]
async fn a_page_of_one_says_so() {
    let client = Client::start(0, &[]).await;
    for endpoint in ["/Roles", "/Entitlements"] {
        let page = client.get(&format!("{endpoint}?count=1&startIndex=1")).await.json;
        assert_eq!(page["schemas"], json!([LIST]));
        assert_eq!((&page["itemsPerPage"], &page["startIndex"]), (&json!(1), &json!(1)));
        assert_eq!(page["totalResults"], 3);
    }
}

#[tokio::test]
async fn clients_can_only_read_them() {
    let client = Client::start(0, &[]).await;
    for (method, target) in [("POST", "/Roles"), ("PUT", "/Roles/admin"), ("DELETE", "/Entitlements/addon-export")] {
        let answer = client.with(("x-nothing", ""), method, target, json!({})).await;
        answer.refused(405, "");
        assert_eq!(answer.header("allow"), "GET, HEAD");
    }
}

#[tokio::test]
async fn users_carry_what_they_are_given() {
    let client = Client::start(1, &[]).await;
    let known = client.get("/Users").await.json["Resources"][0].clone();
    assert_eq!(known["roles"][0]["value"], "admin");
    assert_eq!(known["entitlements"][0]["type"], "Entitlement");

    let mut body = ada("ada");
    body["roles"] = json!([{ "value": "viewer", "display": "Viewer" }]);
    body["entitlements"] =
        json!([{ "value": "license-pro", "display": "Professional licence", "type": "Entitlement" }]);
    let user = client.post("/Users", body.clone()).await;
    assert_eq!((&user.json["roles"], &user.json["entitlements"]), (&body["roles"], &body["entitlements"]));
    let admin = json!([{ "op": "replace", "path": "roles", "value": [{ "value": "admin" }] }]);
    let patched = client.patch(&format!("/Users/{}", user.id()), admin).await;
    assert_eq!(patched.json["roles"], json!([{ "value": "admin" }]));
}

#[tokio::test]
async fn a_role_is_no_member_of_a_group() {
    let client = Client::start(0, &[]).await;
    let group = client.create_group("Crew", &[]).await;
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": "admin" }] }]);
    client.patch(&group, add).await.refused(400, "invalidValue");
    assert_eq!(client.get(&group).await.json["members"], Value::Null);
}
