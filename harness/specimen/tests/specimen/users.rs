//! Creating, reading, replacing and deleting users.

use serde_json::{Value, json};

use crate::client::{Client, ENTERPRISE, USER, ada};

#[tokio::test]
async fn a_created_user_is_answered_stored_and_located() {
    let client = Client::start(0, &[]).await;
    let created = client.post("/Users", ada("Ada.Byron@Example.com")).await;
    assert_eq!(created.status, 201);
    let user = &created.json;
    assert_eq!(user["userName"], "Ada.Byron@Example.com");
    assert_eq!(user["externalId"], "00u1a2b3c4d5e6f7g8h9");
    assert_eq!(user["schemas"], json!([USER]));
    assert_eq!((user.get("password"), user.get("groups")), (None, None));
    assert_eq!(user["meta"]["resourceType"], "User");
    assert_eq!(user["meta"]["created"], user["meta"]["lastModified"]);
    assert_eq!(created.header("location"), user["meta"]["location"].as_str().unwrap());
    assert_eq!(created.header("location"), format!("{}/Users/{}", client.specimen.base_url, created.id()));
    assert_eq!(created.header("content-location"), created.header("location"));
    let read = client.get(&format!("/Users/{}", created.id())).await;
    assert_eq!((read.status, &read.json), (200, user));
}

#[tokio::test]
async fn a_minimal_user_is_active_and_has_no_external_id() {
    let client = Client::start(0, &[]).await;
    let user = client.post("/Users", json!({ "schemas": [USER], "userName": "a" })).await.json;
    assert_eq!(user["active"], true);
    assert_eq!(user.get("externalId"), None);
}

#[tokio::test]
async fn a_taken_user_name_is_409_in_any_case_and_free_after_deletion() {
    let client = Client::start(0, &[]).await;
    let user = client.create("Ada@example.com").await;
    let other = client.create("grace@example.com").await;
    client.post("/Users", ada("ada@EXAMPLE.com")).await.refused(409, "uniqueness");
    client.put(&other, ada("ADA@example.com")).await.refused(409, "uniqueness");
    let rename = json!([{ "op": "replace", "path": "userName", "value": "ADA@example.com" }]);
    client.patch(&other, rename).await.refused(409, "uniqueness");
    assert_eq!(client.get(&other).await.json["userName"], "grace@example.com");
    assert_eq!(client.put(&user, ada("ADA@example.com")).await.status, 200);
    let deleted = client.delete(&user).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    let again = client.post("/Users", ada("ada@example.com")).await;
    assert_eq!(again.status, 201);
    assert!(!user.ends_with(again.id()));
}

#[tokio::test]
async fn users_may_share_external_ids_and_addresses() {
    let client = Client::start(0, &[]).await;
    client.create("one").await;
    assert_eq!(client.post("/Users", ada("two")).await.status, 201);
    let found = client.get("/Users?filter=externalId%20eq%20%2200u1a2b3c4d5e6f7g8h9%22").await;
    assert_eq!(found.json["totalResults"], 2);
}

#[tokio::test]
async fn invalid_users_are_refused_and_leave_nothing_behind() {
    let client = Client::start(0, &[]).await;
    for body in [json!({ "schemas": [USER] }), json!({ "schemas": [USER], "userName": "a", "active": "yes" })] {
        client.post("/Users", body).await.refused(400, "invalidValue");
    }
    client.post("/Users", json!({ "userName": "a" })).await.refused(400, "invalidSyntax");
    assert_eq!(client.get("/Users").await.json["totalResults"], 0);
}

#[tokio::test]
async fn put_replaces_what_a_client_may_write_and_nothing_else() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let before = client.get(&user).await.json;
    let body = json!({
        "schemas": [USER], "id": "other", "meta": { "created": "1999-01-01T00:00:00Z", "resourceType": "X" },
        "groups": [{ "value": "nope" }], "userName": "ada", "title": "Countess", "phoneNumbers": [],
    });
    let answer = client.put(&user, body).await;
    assert_eq!(answer.status, 200);
    let after = client.get(&user).await.json;
    assert_eq!(answer.json, after);
    assert_eq!((&after["id"], &after["meta"]["created"]), (&before["id"], &before["meta"]["created"]));
    assert_eq!((after.get("emails"), after.get("groups"), after.get("displayName")), (None, None, None));
    assert_eq!((&after["title"], &after["active"]), (&json!("Countess"), &json!(true)));
    assert!(after["meta"]["lastModified"].as_str() > before["meta"]["lastModified"].as_str());
}

#[tokio::test]
async fn put_of_what_was_read_changes_nothing() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let group = client.create_group("g", &[user.trim_start_matches("/Users/")]).await;
    for target in [user, group] {
        let before = client.get(&target).await.json;
        let answer = client.put(&target, before.clone()).await;
        assert_eq!((answer.status, answer.json), (200, before));
    }
}

#[tokio::test]
async fn put_keeps_a_deactivated_user_inactive_unless_told_otherwise() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let mut body = ada("ada");
    body["active"] = false.into();
    assert_eq!(client.put(&user, body.clone()).await.json["active"], false);
    body.as_object_mut().unwrap().shift_remove("active");
    assert_eq!(client.put(&user, body).await.json["active"], false);
    assert_eq!(client.put(&user, ada("ada")).await.json["active"], true);
}

#[tokio::test]
async fn unknown_users_are_404_for_every_method() {
    let client = Client::start(1, &[]).await;
    for target in ["/Users/00919288221112222", "/Users/nobody", "/Users/5BD1E995-1F6B-8C3A-9A7D-000000000000"] {
        client.get(target).await.refused(404, "");
        client.put(target, ada("x")).await.refused(404, "");
        client.patch(target, json!([{ "op": "replace", "value": { "active": false } }])).await.refused(404, "");
        client.delete(target).await.refused(404, "");
    }
    assert_eq!(client.get("/Users").await.json["totalResults"], 1);
}

#[tokio::test]
async fn the_manager_is_completed_if_known_and_kept_if_not() {
    let client = Client::start(1, &[]).await;
    let boss = client.get("/Users").await.json["Resources"][0].clone();
    let mut body = ada("ada");
    body["schemas"] = json!([USER, ENTERPRISE]);
    body[ENTERPRISE] = json!({ "department": "R", "manager": { "value": boss["id"], "displayName": "forged" } });
    let created = client.post("/Users", body.clone()).await.json;
    assert_eq!(created["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(created[ENTERPRISE]["manager"]["displayName"], boss["displayName"]);
    assert_eq!(created[ENTERPRISE]["manager"]["$ref"], boss["meta"]["location"]);
    body["userName"] = "grace".into();
    body[ENTERPRISE]["manager"]["value"] = "somebody".into();
    let created = client.post("/Users", body).await;
    assert_eq!((created.status, &created.json[ENTERPRISE]["manager"]), (201, &json!({ "value": "somebody" })));
}

#[tokio::test]
async fn text_of_every_kind_survives() {
    let client = Client::start(0, &[]).await;
    let mut body = ada("o'\"brien\\+ß@example.com");
    body["displayName"] = "Zoë 漢字 😀 e\u{301} עברית".into();
    let created = client.post("/Users", body.clone()).await;
    assert_eq!(created.status, 201);
    assert_eq!(client.get(&format!("/Users/{}", created.id())).await.json["displayName"], body["displayName"]);
    let found = client.get("/Users?filter=userName%20eq%20%22o'%5C%22brien%5C%5C%2B%C3%9F%40example.com%22").await;
    assert_eq!(found.json["totalResults"], 1, "{}", found.text);
}

#[tokio::test]
async fn a_password_is_taken_and_never_returned_or_found() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let before = client.get(&user).await.json["meta"].clone();
    let change = |password: &str| json!([{ "op": "replace", "value": { "password": password } }]);
    let answer = client.patch(&user, change("hunter22")).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.text.contains("hunter22"));
    let after = client.get(&format!("{user}?attributes=password,userName")).await;
    assert_eq!(after.json.get("password"), None);
    assert_ne!(answer.json["meta"], before);
    assert_eq!(client.patch(&user, change("hunter22")).await.json["meta"], answer.json["meta"]);
    client.get("/Users?filter=password%20sw%20%22h%22").await.refused(400, "invalidFilter");
}

#[tokio::test]
async fn attributes_shape_the_answers_to_writes_too() {
    let client = Client::start(0, &[]).await;
    let created = client.post("/Users?attributes=userName", ada("ada")).await;
    let keys: Vec<_> = created.json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["schemas", "id", "userName"]);
    let user = format!("/Users/{}", created.id());
    let put = client.put(&format!("{user}?excludedAttributes=emails,meta"), ada("ada")).await;
    assert_eq!((put.json.get("emails"), put.json.get("meta")), (None, None));
    assert_eq!(put.json["displayName"], "Ada Byron");
    let both = client.get(&format!("{user}?attributes=userName&excludedAttributes=name")).await;
    both.refused(400, "invalidValue");
}

#[tokio::test]
async fn seeded_people_are_complete_and_the_same_every_time() {
    let (one, two) = (Client::start(5, &[]).await, Client::start(5, &[]).await);
    let (one, two) = (one.get("/Users").await, two.get("/Users").await);
    assert_eq!((one.each("id"), one.each("userName")), (two.each("id"), two.each("userName")));
    for user in one.json["Resources"].as_array().unwrap() {
        assert!(user["name"]["givenName"].is_string() && user["name"]["familyName"].is_string());
        assert!(user["emails"][0]["value"].as_str().unwrap().ends_with("@example.com"));
        assert_eq!(user["active"], Value::Bool(true));
    }
}
