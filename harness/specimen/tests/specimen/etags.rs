//! Versions (RFC 7644 section 3.14).

use serde_json::{Value, json};

use crate::client::{Client, ada};

#[tokio::test]
async fn a_tag_names_one_state() {
    let client = Client::start(0, &[]).await;
    let created = client.post("/Users", ada("ada")).await;
    let user = format!("/Users/{}", created.id());
    let tag = created.header("etag").to_owned();
    assert!(tag.starts_with("W/\"") && tag.ends_with('"'));
    assert_eq!(created.json["meta"]["version"], *tag);
    assert_eq!(client.get(&user).await.header("etag"), tag);
    let answer = client.patch(&user, json!([{ "op": "add", "path": "title", "value": "x" }])).await;
    assert_ne!(answer.header("etag"), tag);
    let back = client.patch(&user, json!([{ "op": "remove", "path": "title" }])).await;
    assert_ne!(back.header("etag"), tag, "the same content later is another version");
}

#[tokio::test]
async fn an_unchanged_resource_is_304() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let tag = client.get(&user).await.header("etag").to_owned();
    for (tags, status) in [(tag.as_str(), 304), ("*", 304), ("\"x\"", 200)] {
        let answer = client.with(("if-none-match", tags), "GET", &user, Value::Null).await;
        assert_eq!(
            (answer.status, answer.text.is_empty(), answer.header("etag")),
            (status, status == 304, tag.as_str())
        );
    }
}

#[tokio::test]
async fn a_stale_tag_stops_every_write() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let stale = client.get(&user).await.header("etag").to_owned();
    client.patch(&user, json!([{ "op": "add", "path": "title", "value": "x" }])).await;
    let before = client.get(&user).await;
    let patch = json!({ "schemas": [crate::client::PATCH], "Operations": [{ "op": "remove", "path": "title" }] });
    for (method, body) in [("PUT", ada("ada")), ("PATCH", patch.clone()), ("DELETE", Value::Null)] {
        let answer = client.with(("if-match", &stale), method, &user, body).await;
        answer.refused(412, "");
    }
    assert_eq!(client.get(&user).await.json, before.json);
    assert_eq!(client.with(("if-match", before.header("etag")), "PATCH", &user, patch).await.status, 200);
    assert_eq!(client.with(("if-match", "*"), "DELETE", &user, Value::Null).await.status, 204);
}

#[tokio::test]
async fn joining_a_group_changes_the_version_of_a_user() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let before = client.get(&user).await.header("etag").to_owned();
    client.create_group("g", &[user.trim_start_matches("/Users/")]).await;
    assert_ne!(client.get(&user).await.header("etag"), before);
}
