//! SCIM 1.1, as Okta speaks it, over the same resources as SCIM 2.0.

use scim_specimen::{Config, Version};
use serde_json::{Value, json};

use crate::client::{CORE, Client, ENTERPRISE, GROUP, USER, ada};

const ENTERPRISE_V1: &str = "urn:scim:schemas:extension:enterprise:1.0";
const CUSTOM_GROUP: &str = "urn:okta:custom:group:1.0";

fn user(user_name: &str) -> Value {
    let mut body = ada(user_name);
    body["schemas"] = json!([CORE]);
    body
}

#[tokio::test]
async fn a_user_created_in_one_version_is_there_in_the_other() {
    let client = Client::start(0, &[]).await;
    let mut body = user("ada@example.com");
    body["schemas"] = json!([CORE, ENTERPRISE_V1]);
    body[ENTERPRISE_V1] = json!({ "department": "R", "manager": { "managerId": "boss" } });
    let created = client.v1("POST", "/Users", body).await;
    assert_eq!((created.status, created.header("content-type")), (201, "application/json"));
    let location = format!("{}/Users/{}", client.specimen.base_url_v1, created.id());
    assert_eq!(created.header("location"), location);
    assert_eq!(created.json["meta"]["location"], location);
    assert_eq!(created.json["schemas"], json!([CORE, ENTERPRISE_V1]));
    assert_eq!(created.json["meta"].get("resourceType"), None);

    let target = format!("/Users/{}", created.id());
    let read = client.get(&target).await.json;
    assert_eq!(read["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(read[ENTERPRISE]["manager"]["value"], "boss");
    let again = client.v1("GET", &target, Value::Null).await;
    assert_eq!((again.status, &again.json), (200, &created.json));
}

#[tokio::test]
async fn lists_and_lookups_have_the_shape_okta_documents() {
    let client = Client::start(3, &[]).await;
    let list = client.v1("GET", "/Users?startIndex=1&count=2", Value::Null).await.json;
    assert_eq!(list["schemas"], json!([CORE]));
    assert_eq!((&list["totalResults"], &list["itemsPerPage"], &list["startIndex"]), (&json!(3), &json!(2), &json!(1)));
    let name = list["Resources"][1]["userName"].as_str().unwrap().to_uppercase().replace('@', "%40");
    for attribute in ["userName", "urn:scim:schemas:core:1.0:userName"] {
        let target = format!("/Users?filter={attribute}%20eq%20%22{name}%22&startIndex=1&count=100");
        let found = client.v1("GET", &target, Value::Null).await.json;
        assert_eq!((&found["totalResults"], &found["Resources"][0]), (&json!(1), &list["Resources"][1]));
    }
    let names = client.v1("GET", "/Users?attributes=userName&sortBy=userName&sortOrder=descending", Value::Null).await;
    assert_eq!(names.each("name"), [""; 3]);
    assert!(names.each("userName").is_sorted_by(|a, b| a >= b));
}

#[tokio::test]
async fn errors_have_both_shapes_that_are_asked_for() {
    let client = Client::start(0, &[]).await;
    for (method, target, body, status) in [
        ("GET", "/Users/nobody", Value::Null, 404),
        ("GET", "/Users?filter=ADA%40EXAMPLE.COM", Value::Null, 400),
        ("POST", "/Users", json!({ "schemas": [USER], "userName": "ada" }), 400),
        ("POST", "/Users", json!({ "schemas": [CORE] }), 400),
        ("POST", "/ServiceProviderConfigs", json!("test"), 405),
        ("POST", "/ResourceTypes", json!("test"), 405),
        ("POST", "/Schemas", Value::Null, 405),
        ("GET", "/Roles", Value::Null, 404),
        ("GET", "/Me", Value::Null, 404),
        ("POST", "/Bulk", json!({}), 501),
    ] {
        let answer = client.v1(method, target, body).await;
        assert_eq!(answer.status, status, "{method} {target} {}", answer.text);
        let error = &answer.json["Errors"][0];
        assert_eq!(error["code"], status.to_string(), "{method} {target}");
        assert_eq!(error["description"], answer.json["detail"], "{method} {target}");
        assert!(error["description"].is_string() && answer.json.get("schemas").is_none());
    }
    client.v1("POST", "/Users", user("ada")).await;
    assert_eq!(client.v1("POST", "/Users", user("ADA")).await.json["Errors"][0]["code"], "409");
}

#[tokio::test]
async fn okta_deactivates_renames_and_updates() {
    let client = Client::start(0, &[]).await;
    let created = client.v1("POST", "/Users", user("ada")).await;
    let target = format!("/Users/{}", created.id());
    let body = json!({ "schemas": [CORE], "id": created.id(), "active": false });
    let answer = client.v1("PATCH", &target, body).await;
    assert_eq!((answer.status, &answer.json["active"]), (200, &json!(false)));
    assert_eq!(answer.json["name"], created.json["name"]);

    let mut whole = answer.json.clone();
    whole["active"] = true.into();
    whole["name"]["givenName"] = "Augusta".into();
    let answer = client.v1("PUT", &target, whole).await;
    assert_eq!((answer.status, &answer.json["name"]["givenName"]), (200, &json!("Augusta")));
    assert_eq!(client.v1("DELETE", &target, Value::Null).await.status, 200);
    assert_eq!(client.v1("GET", &target, Value::Null).await.status, 404);
}

#[tokio::test]
async fn groups_are_pushed_as_okta_documents() {
    let client = Client::start(3, &[]).await;
    let people = client.get("/Users").await;
    let ids = people.each("id");
    let body = json!({
        "schemas": [CORE, CUSTOM_GROUP], "displayName": "Crew", CUSTOM_GROUP: { "description": "Everybody" },
    });
    let created = client.v1("POST", "/Groups", body).await;
    assert_eq!((created.status, &created.json["schemas"]), (201, &json!([CORE, CUSTOM_GROUP])));
    assert_eq!(created.json[CUSTOM_GROUP]["description"], "Everybody");
    let target = format!("/Groups/{}", created.id());
    let patch = async |change: Value| {
        let mut body = json!({ "schemas": [CORE], "id": created.id() });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(client.v1("PATCH", &target, body).await.status, 200);
        let read = client.v1("GET", &target, Value::Null).await.json;
        let members = read["members"].as_array().cloned().unwrap_or_default();
        assert!(members.iter().all(|member| member.get("$ref").is_none()));
        let positions = members.iter().map(|member| ids.iter().position(|id| member["value"] == *id).unwrap());
        (read["displayName"].as_str().unwrap().to_owned(), positions.collect::<Vec<_>>())
    };
    let member = |at: usize| json!({ "value": ids[at], "display": "x@example.com" });
    let gone = |at: usize| json!({ "value": ids[at], "operation": "delete" });
    let crew = |members: &[usize]| ("Crew".to_owned(), members.to_vec());
    assert_eq!(patch(json!({ "members": [member(0), member(1)] })).await, crew(&[0, 1]));
    assert_eq!(patch(json!({ "members": [member(2), gone(0)] })).await, crew(&[1, 2]));
    let full = json!({ "meta": { "attributes": ["members"] }, "members": [member(0)] });
    assert_eq!(patch(full).await, crew(&[0]));
    assert_eq!(patch(json!({ "displayName": "Band" })).await, ("Band".to_owned(), vec![0]));
    assert_eq!(
        patch(json!({ "meta": { "attributes": ["members"] }, "members": [] })).await,
        ("Band".to_owned(), vec![])
    );

    let whole = json!({ "schemas": [CORE], "id": created.id(), "displayName": "Crew", "members": [member(1)] });
    assert_eq!(client.v1("PUT", &target, whole).await.status, 200);
    let read = client.get(&target).await.json;
    assert_eq!((&read["schemas"], &read["members"][0]["value"]), (&json!([GROUP]), &json!(ids[1])));
}

#[tokio::test]
async fn discovery_answers_what_oktas_spec_test_asks() {
    let client = Client::start(0, &[]).await;
    let config = client.v1("GET", "/ServiceProviderConfigs", Value::Null).await.json;
    assert_eq!(config["schemas"], json!([CORE]));
    for (feature, member) in [
        ("patch", "supported"),
        ("bulk", "maxPayloadSize"),
        ("filter", "maxResults"),
        ("changePassword", "supported"),
        ("sort", "supported"),
        ("etag", "supported"),
    ] {
        assert!(!config[feature][member].is_null(), "{feature}");
    }
    assert!(config["authenticationSchemes"][0]["type"].is_string());

    let types = client.v1("GET", "/ResourceTypes", Value::Null).await.json;
    assert_eq!(types["schemas"], json!([CORE]));
    assert_eq!(types["Resources"][0]["endpoint"], "/Users");
    let schemas = client.v1("GET", "/Schemas", Value::Null).await;
    assert_eq!(schemas.json["schemas"], json!([CORE, "urn:scim:schemas:core:1.0:ListResponse"]));
    for id in schemas.each("id") {
        let one = client.v1("GET", &format!("/Schemas/{id}"), Value::Null).await;
        assert_eq!((one.status, one.id()), (200, id));
        assert!(one.json["attributes"].as_array().is_some_and(|rows| !rows.is_empty()));
    }
    assert_eq!(schemas.each("schema"), [CORE, CORE, ENTERPRISE_V1, CUSTOM_GROUP]);
}

#[tokio::test]
async fn a_version_that_is_not_served_is_not_there() {
    let config = Config { versions: vec![Version::V2], ..Config::default() };
    let client = Client::start_with(config).await;
    assert_eq!(client.get("/Users").await.status, 200);
    assert_eq!(client.v1("GET", "/Users", Value::Null).await.status, 404);
}
