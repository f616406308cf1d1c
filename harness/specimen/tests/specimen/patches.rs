//! PATCH, as the store sees it. What an operation does to a resource is proved in scim-lang.

use serde_json::json;

use crate::client::{Client, ENTERPRISE, USER};

#[tokio::test]
async fn okta_deactivates_and_reactivates_without_a_path() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let before = client.get(&user).await.json;
    for active in [false, false, true] {
        let answer = client.patch(&user, json!([{ "op": "replace", "value": { "active": active } }])).await;
        assert_eq!((answer.status, &answer.json["active"]), (200, &json!(active)));
        assert_eq!(client.get(&user).await.json, answer.json);
        assert_eq!(client.lookup("ADA").await.each("id"), [answer.id()]);
    }
    let after = client.get(&user).await.json;
    assert_eq!((&after["id"], &after["name"], &after["emails"]), (&before["id"], &before["name"], &before["emails"]));
}

#[tokio::test]
async fn a_patch_that_fails_changes_nothing() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let before = client.get(&user).await;
    let table = [
        (json!([{ "op": "replace", "path": "title", "value": "x" }, { "op": "remove" }]), "noTarget"),
        (
            json!([{ "op": "replace", "path": "title", "value": "x" }, { "op": "replace", "path": "id", "value": "y" }]),
            "mutability",
        ),
        (json!([{ "op": "replace", "path": "emails[", "value": "x" }]), "invalidPath"),
        (json!([{ "op": "replace", "path": "active", "value": "x" }]), "invalidValue"),
        (json!([{ "op": "move", "path": "title" }]), "invalidSyntax"),
        (json!([]), "invalidSyntax"),
        (json!([{ "op": "remove", "path": "userName" }]), "mutability"),
        (json!([{ "op": "replace", "path": "userName", "value": "" }]), "invalidValue"),
    ];
    for (operations, keyword) in table {
        client.patch(&user, operations).await.refused(400, keyword);
        assert_eq!(client.get(&user).await.json, before.json);
    }
}

#[tokio::test]
async fn a_patch_without_effect_leaves_the_version_alone() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let before = client.get(&user).await.json["meta"].clone();
    let same = json!([{ "op": "add", "path": "displayName", "value": "Ada Byron" }]);
    assert_eq!(client.patch(&user, same).await.json["meta"], before);
    let other = json!([{ "op": "add", "path": "displayName", "value": "Countess" }]);
    assert_ne!(client.patch(&user, other).await.json["meta"], before);
}

#[tokio::test]
async fn patching_an_extension_announces_it() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let path = format!("{ENTERPRISE}:department");
    let answer = client.patch(&user, json!([{ "op": "add", "path": path, "value": "R" }])).await;
    assert_eq!(answer.json["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(answer.json[ENTERPRISE], json!({ "department": "R" }));
    let answer = client.patch(&user, json!([{ "op": "remove", "path": path }])).await;
    assert_eq!((&answer.json["schemas"], answer.json.get(ENTERPRISE)), (&json!([USER]), None));
}

#[tokio::test]
async fn a_user_cannot_join_a_group_by_patching_itself() {
    let client = Client::start(0, &[]).await;
    let user = client.create("ada").await;
    let operations = json!([{ "op": "add", "path": "groups", "value": [{ "value": "g" }] }]);
    client.patch(&user, operations).await.refused(400, "mutability");
}
