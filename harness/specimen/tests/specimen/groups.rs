//! Groups, members and what follows for users.

use serde_json::json;

use crate::client::{Client, GROUP};

/// Returns a specimen with three people and their ids.
async fn with_people() -> (Client, Vec<String>) {
    let client = Client::start(3, &[]).await;
    let ids = client.get("/Users").await.each("id").into_iter().map(str::to_owned).collect();
    (client, ids)
}

async fn members(client: &Client, group: &str) -> Vec<String> {
    let group = client.get(group).await.json;
    let members = group["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_group_completes_its_members_and_users_show_their_groups() {
    let (client, ids) = with_people().await;
    let body = json!({
        "schemas": [GROUP], "displayName": "Engineers",
        "members": [{ "value": ids[0], "display": "forged", "$ref": "nowhere", "type": "Group" }, { "value": ids[0] }],
    });
    let created = client.post("/Groups", body).await;
    assert_eq!(created.status, 201);
    let user = client.get(&format!("/Users/{}", ids[0])).await.json;
    let member = json!([{
        "value": ids[0], "$ref": user["meta"]["location"], "type": "User", "display": user["displayName"],
    }]);
    assert_eq!(created.json["members"], member);
    let group = json!([{
        "value": created.id(), "$ref": created.json["meta"]["location"], "display": "Engineers", "type": "direct",
    }]);
    assert_eq!(user["groups"], group);
}

#[tokio::test]
async fn okta_pushes_a_group() {
    let (client, ids) = with_people().await;
    let created = client.post("/Groups", json!({ "schemas": [GROUP], "displayName": "Push", "members": [] })).await;
    assert_eq!(created.status, 201);
    let group = format!("/Groups/{}", created.id());
    let rename = json!([{ "op": "replace", "value": { "id": created.id(), "displayName": "Pushed" } }]);
    assert_eq!(client.patch(&group, rename).await.json["displayName"], "Pushed");
    let full = json!([{ "op": "replace", "path": "members", "value": [{ "value": ids[0], "display": "a" }, { "value": ids[1], "display": "b" }] }]);
    assert_eq!(client.patch(&group, full).await.status, 200);
    let changes = json!([
        { "op": "remove", "path": format!("members[value eq \"{}\"]", ids[0]) },
        { "op": "add", "path": "members", "value": [{ "value": ids[2], "display": "c" }] },
    ]);
    assert_eq!(client.patch(&group, changes.clone()).await.status, 200);
    assert_eq!(client.patch(&group, changes).await.status, 200, "Okta repeats removals");
    assert_eq!(members(&client, &group).await, [ids[1].clone(), ids[2].clone()]);
    assert_eq!(client.patch(&group, json!([{ "op": "replace", "path": "members", "value": [] }])).await.status, 200);
    assert_eq!(members(&client, &group).await, [""; 0]);
    let found = client.get("/Groups?filter=displayName%20eq%20%22PUSHED%22&startIndex=1&count=100").await;
    assert_eq!(found.each("id"), [created.id()]);
    assert_eq!(client.delete(&group).await.status, 204);
    assert_eq!(client.get("/Users").await.json["totalResults"], 3);
}

#[tokio::test]
async fn members_come_and_go_by_put() {
    let (client, ids) = with_people().await;
    let group = client.create_group("g", &[&ids[0]]).await;
    for wanted in [vec![&ids[1], &ids[2]], vec![&ids[2]], vec![]] {
        let list: Vec<_> = wanted.iter().map(|id| json!({ "value": id, "display": null })).collect();
        let body = json!({ "schemas": [GROUP], "displayName": "g", "members": list });
        assert_eq!(client.put(&group, body).await.status, 200);
        assert_eq!(members(&client, &group).await, wanted.into_iter().cloned().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_deleted_user_leaves_every_group() {
    let (client, ids) = with_people().await;
    let group = client.create_group("g", &[&ids[0], &ids[1]]).await;
    let before = client.get(&group).await.json["meta"].clone();
    assert_eq!(client.delete(&format!("/Users/{}", ids[0])).await.status, 204);
    assert_eq!(members(&client, &group).await, [ids[1].clone()]);
    assert_ne!(client.get(&group).await.json["meta"], before);
}

#[tokio::test]
async fn members_have_to_exist() {
    let (client, ids) = with_people().await;
    let group = client.create_group("g", &[&ids[0]]).await;
    let body = json!({ "schemas": [GROUP], "displayName": "h", "members": [{ "value": "nobody" }] });
    client.post("/Groups", body.clone()).await.refused(400, "invalidValue");
    client.put(&group, body).await.refused(400, "invalidValue");
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ids[1] }, { "value": "nobody" }] }]);
    client.patch(&group, add).await.refused(400, "invalidValue");
    assert_eq!(members(&client, &group).await, [ids[0].clone()]);
}

#[tokio::test]
async fn display_names_need_not_be_unique_but_have_to_be_there() {
    let client = Client::start(0, &[]).await;
    client.create_group("same", &[]).await;
    client.create_group("same", &[]).await;
    client.post("/Groups", json!({ "schemas": [GROUP] })).await.refused(400, "invalidValue");
}

#[tokio::test]
async fn nested_groups_show_as_indirect_and_cycles_end() {
    let (client, ids) = with_people().await;
    let inner = client.create_group("inner", &[&ids[0]]).await;
    let outer = client.create_group("outer", &[inner.trim_start_matches("/Groups/")]).await;
    let cycle =
        json!([{ "op": "add", "path": "members", "value": [{ "value": outer.trim_start_matches("/Groups/") }] }]);
    let answer = client.patch(&inner, cycle).await;
    assert_eq!(answer.json["members"][1]["type"], "Group");
    let user = client.get(&format!("/Users/{}", ids[0])).await.json;
    let seen: Vec<_> =
        user["groups"].as_array().unwrap().iter().map(|group| (&group["display"], &group["type"])).collect();
    assert_eq!(seen, [(&json!("inner"), &json!("direct")), (&json!("outer"), &json!("indirect"))]);
}

#[tokio::test]
async fn a_member_cannot_become_another_member() {
    let (client, ids) = with_people().await;
    let group = client.create_group("g", &[&ids[0]]).await;
    let path = format!("members[value eq \"{}\"].value", ids[0]);
    let swap = json!([{ "op": "replace", "path": path, "value": ids[1] }]);
    client.patch(&group, swap).await.refused(400, "mutability");
}
