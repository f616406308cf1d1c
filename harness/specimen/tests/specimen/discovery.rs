//! What the specimen says about itself, and that it is true.

use serde_json::{Value, json};

use crate::client::{Client, ENTERPRISE, GROUP, LIST, USER};

#[tokio::test]
async fn the_service_provider_config_tells_the_features() {
    let client = Client::start(0, &[]).await;
    let config = client.get("/ServiceProviderConfig").await.json;
    assert_eq!(config["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
    for feature in ["patch", "filter", "changePassword", "sort", "etag"] {
        assert_eq!(config[feature]["supported"], true, "{feature}");
    }
    assert_eq!(config["bulk"], json!({ "supported": true, "maxOperations": 1000, "maxPayloadSize": 1 << 20 }));
    assert_eq!(config["filter"]["maxResults"], 1000);
    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert_eq!(config["meta"]["location"], format!("{}/ServiceProviderConfig", client.specimen.base_url));
}

#[tokio::test]
async fn every_listed_schema_and_type_can_be_read_at_its_location() {
    let client = Client::start(0, &[]).await;
    for target in ["/Schemas", "/ResourceTypes"] {
        let list = client.get(target).await.json;
        assert_eq!(list["schemas"], json!([LIST]));
        let resources = list["Resources"].as_array().unwrap();
        assert_eq!(list["totalResults"], resources.len());
        for resource in resources {
            let location = resource["meta"]["location"].as_str().unwrap();
            let read = client.get(location.strip_prefix(&client.specimen.base_url).unwrap()).await;
            assert_eq!((read.status, &read.json), (200, resource));
        }
    }
    assert_eq!(client.get("/Schemas/urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser").await.status, 200);
    client.get("/Schemas/urn:ietf:params:scim:api:messages:2.0:ListResponse").await.refused(404, "");
    client.get("/ResourceTypes/Widget").await.refused(404, "");
}

#[tokio::test]
async fn resource_types_name_schemas_that_exist_and_endpoints_that_answer() {
    let client = Client::start(0, &[]).await;
    let types = client.get("/ResourceTypes").await.json;
    let of = |at: usize, name: &str| types["Resources"][at][name].clone();
    assert_eq!((of(0, "schema"), of(1, "schema")), (json!(USER), json!(GROUP)));
    assert_eq!(of(0, "schemaExtensions"), json!([{ "schema": ENTERPRISE, "required": false }]));
    for at in 0..2 {
        assert_eq!(client.get(of(at, "endpoint").as_str().unwrap()).await.status, 200);
        assert_eq!(client.get(&format!("/Schemas/{}", of(at, "schema").as_str().unwrap())).await.status, 200);
    }
}

#[tokio::test]
async fn discovery_ignores_paging_and_refuses_filters_and_writes() {
    let client = Client::start(0, &[]).await;
    let whole = client.get("/Schemas").await.json;
    assert_eq!(client.get("/Schemas?count=1&startIndex=2&sortBy=id").await.json, whole);
    for target in ["/Schemas", "/ResourceTypes"] {
        client.get(&format!("{target}?filter=id%20pr")).await.refused(403, "");
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            client.with(("x-nothing", ""), method, target, Value::Null).await.refused(405, "");
        }
    }
}

#[tokio::test]
async fn every_attribute_of_a_full_user_is_in_its_schema() {
    let client = Client::start(1, &[]).await;
    let schema = client.get(&format!("/Schemas/{USER}")).await.json;
    let known: Vec<_> =
        schema["attributes"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    let common = ["schemas", "id", "externalId", "meta"];
    let user = client.get("/Users").await.json["Resources"][0].clone();
    for name in user.as_object().unwrap().keys() {
        assert!(known.contains(&name.as_str()) || common.contains(&name.as_str()), "{name}");
    }
}

#[tokio::test]
async fn the_display_of_a_member_is_advertised_as_what_it_is() {
    let client = Client::start(0, &[]).await;
    let schema = client.get(&format!("/Schemas/{GROUP}")).await.json;
    let members = schema["attributes"].as_array().unwrap().iter().find(|row| row["name"] == "members").unwrap();
    let display = members["subAttributes"].as_array().unwrap().iter().find(|row| row["name"] == "display").unwrap();
    assert_eq!(display["mutability"], "readOnly");
}
