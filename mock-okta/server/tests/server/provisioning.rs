//! What reaches the service provider, and how the API shows it.

use serde_json::{Value, json};

use super::client::Stage;

#[tokio::test]
async fn a_group_brings_an_account_and_takes_it_away() {
    let stage = Stage::start().await;
    let group = stage.group("Customer Support").await;
    let path = format!("/api/v1/apps/{}/groups/{group}", stage.app);
    let assigned = stage.call("PUT", &path, Some(json!({ "priority": 0 }))).await.expect(200);
    assert_eq!(assigned["priority"], 0);
    let lucy = stage.scim_users("lucy@acme.example.com").await;
    assert_eq!((lucy.len(), &lucy[0]["title"]), (1, &json!("Support Agent")));
    let users = stage.get(&format!("/api/v1/apps/{}/users", stage.app)).await.expect(200);
    assert_eq!((&users[0]["scope"], &users[0]["syncState"]), (&json!("GROUP"), &json!("SYNCHRONIZED")));
    let id = users[0]["id"].as_str().expect("an id");
    let path = format!("/api/v1/apps/{}/users/{id}", stage.app);
    stage.call("DELETE", &path, None).await.expect_error(400, "E0000001");

    stage.call("DELETE", &format!("/api/v1/groups/{group}/users/{id}"), None).await.expect(204);
    assert_eq!(stage.scim_users("lucy@acme.example.com").await[0]["active"], false);
    stage.get(&path).await.expect_error(404, "E0000007");
    let events = stage.get("/api/v1/logs?filter=eventType+eq+%22group.user_membership.remove%22").await.expect(200);
    assert!(events[0]["debugContext"]["debugData"]["scimExchanges"].is_array(), "{events}");
}

#[tokio::test]
async fn a_rule_moves_people_and_a_suspension_sends_nothing() {
    let stage = Stage::start().await;
    let group = stage.group("People Managers").await;
    let rule = json!({ "type": "group_rule", "name": "Managers",
        "conditions": { "expression": { "value": "user.title==\"Manager\"", "type": "urn:okta:expression:1.0" } },
        "actions": { "assignUserToGroups": { "groupIds": [group] } } });
    let rule = stage.post("/api/v1/groups/rules", rule).await.expect(200);
    assert_eq!(rule["status"], "INACTIVE");
    let rule = format!("/api/v1/groups/rules/{}", rule["id"].as_str().expect("an id"));
    stage.call("POST", &format!("{rule}/lifecycle/activate"), None).await.expect(204);
    stage.call("PUT", &format!("/api/v1/apps/{}/groups/{group}", stage.app), None).await.expect(200);
    let members = format!("/api/v1/groups/{group}/users");
    assert_eq!(stage.get(&members).await.expect(200), json!([]));

    stage.post("/api/v1/users/lucy", json!({ "profile": { "title": "Manager" } })).await.expect(200);
    assert_eq!(stage.get(&members).await.expect(200)[0]["profile"]["login"], "lucy@acme.example.com");
    assert_eq!(stage.scim_users("lucy@acme.example.com").await[0]["active"], true);

    let before = stage.get("/_mock/journal").await.expect(200);
    for operation in ["suspend", "unsuspend"] {
        stage.call("POST", &format!("/api/v1/users/lucy/lifecycle/{operation}"), None).await.expect(200);
    }
    stage.call("POST", "/api/v1/users/lucy/lifecycle/unsuspend", None).await.expect_error(400, "E0000001");
    assert_eq!(stage.get("/_mock/journal").await.expect(200), before);

    stage.call("POST", &format!("{rule}/lifecycle/deactivate"), None).await.expect(204);
    assert_eq!(stage.scim_users("lucy@acme.example.com").await[0]["active"], false);
    stage.call("DELETE", &rule, None).await.expect(204);
    stage.get(&rule).await.expect_error(404, "E0000007");
}

#[tokio::test]
async fn a_group_is_pushed_renamed_and_unlinked() {
    let stage = Stage::start().await;
    let group = stage.group("Customer Support").await;
    stage.call("PUT", &format!("/api/v1/apps/{}/groups/{group}", stage.app), None).await.expect(200);
    let mappings = format!("/api/v1/apps/{}/group-push/mappings", stage.app);
    for body in [
        json!({ "sourceGroupId": group }),
        json!({ "sourceGroupId": group, "targetGroupId": "x", "targetGroupName": "y" }),
    ] {
        stage.post(&mappings, body).await.expect_error(400, "E0000001");
    }
    let mapping = stage.post(&mappings, json!({ "sourceGroupId": group, "targetGroupName": "Customer Support" })).await;
    let mapping = mapping.expect(201);
    assert_eq!((&mapping["status"], mapping["targetGroupId"].is_string()), (&json!("ACTIVE"), true));
    let remote = format!("/Groups/{}", mapping["targetGroupId"].as_str().expect("an id"));
    assert_eq!(stage.scim(&remote).await.expect(200)["members"].as_array().map(Vec::len), Some(1));
    assert_eq!(stage.get(&mappings).await.expect(200).as_array().map(Vec::len), Some(1));

    let renamed = json!({ "profile": { "name": "Care" } });
    stage.call("PUT", &format!("/api/v1/groups/{group}"), Some(renamed)).await.expect(200);
    assert_eq!(stage.scim(&remote).await.expect(200)["displayName"], "Care");

    let mapping = format!("{mappings}/{}", mapping["id"].as_str().expect("an id"));
    stage.call("DELETE", &mapping, None).await.expect_error(400, "E0000001");
    let off = stage.call("PATCH", &mapping, Some(json!({ "status": "INACTIVE" }))).await.expect(200);
    assert_eq!(off["status"], "INACTIVE");
    stage.call("DELETE", &format!("{mapping}?deleteTargetGroup=true"), None).await.expect(204);
    stage.get(&mapping).await.expect_error(404, "E0000007");
    assert_eq!(stage.scim(&remote).await.status, 404);
}

#[tokio::test]
async fn an_app_is_made_connected_and_told_what_to_push() {
    let stage = Stage::start().await;
    let app = stage
        .post("/api/v1/apps", json!({ "label": "Second", "settings": { "app": { "kind": "aiw" } } }))
        .await
        .expect(200);
    assert_eq!(app["features"], json!([]));
    stage.post("/api/v1/apps", json!({ "label": "Second" })).await.expect_error(400, "E0000040");
    let path = format!("/api/v1/apps/{}", app["id"].as_str().expect("an id"));
    let connection = |token: &str| json!({ "baseUrl": stage.specimen.base_url, "profile": { "authScheme": "TOKEN", "token": token } });
    let refused =
        stage.post(&format!("{path}/connections/default?activate=true"), connection("wrong")).await.expect(200);
    assert_eq!(refused["status"], "DISABLED");
    let saved =
        stage.post(&format!("{path}/connections/default?activate=true"), connection("scim-token")).await.expect(200);
    assert_eq!((&saved["status"], saved["profile"].get("token")), (&json!("ENABLED"), None));

    let schema = json!({ "definitions": { "custom": { "properties": { "badge": { "title": "Badge", "type": "string",
        "externalName": "nickName", "externalNamespace": "urn:ietf:params:scim:schemas:core:2.0:User" } } } } });
    let schema_path = format!("/api/v1/meta/schemas{}/default", path.trim_start_matches("/api/v1"));
    let schema = stage.post(&schema_path, schema).await.expect(200);
    assert!(schema["definitions"]["custom"]["properties"]["badge"].is_object());

    let off = json!({ "update": { "lifecycleDeactivate": { "status": "DISABLED" } } });
    let feature = stage.call("PUT", &format!("{path}/features/USER_PROVISIONING"), Some(off)).await.expect(200);
    assert_eq!(feature["capabilities"]["update"]["lifecycleDeactivate"]["status"], "DISABLED");
    let ada = stage.person("ada@example.com").await;
    let assignment = json!({ "id": ada, "scope": "USER", "profile": { "badge": "007", "givenName": "Countess" } });
    let assigned = stage.post(&format!("{path}/users"), assignment).await.expect(200);
    assert_eq!((&assigned["profile"]["badge"], &assigned["status"]), (&json!("007"), &json!("PROVISIONED")));
    let remote = stage.scim_users("ada@example.com").await;
    assert_eq!((&remote[0]["nickName"], &remote[0]["name"]["givenName"]), (&json!("007"), &json!("Countess")));

    // What was set for a mapped attribute lasts until Okta's own value changes.
    stage.post(&format!("/api/v1/users/{ada}"), json!({ "profile": { "firstName": "Augusta" } })).await.expect(200);
    let remote = stage.scim_users("ada@example.com").await;
    assert_eq!((&remote[0]["nickName"], &remote[0]["name"]["givenName"]), (&json!("007"), &json!("Augusta")));

    stage.call("DELETE", &format!("{path}/users/{ada}"), None).await.expect(204);
    assert_eq!(stage.scim_users("ada@example.com").await[0]["active"], true, "deactivation is switched off");
    stage.call("DELETE", &path, None).await.expect_error(403, "E0000006");
    stage.call("POST", &format!("{path}/lifecycle/deactivate"), None).await.expect(200);
    stage.call("DELETE", &path, None).await.expect(204);
    stage.get(&path).await.expect_error(404, "E0000007");
}

#[tokio::test]
async fn the_status_of_a_user_follows_okta_s_lifecycle() {
    let stage = Stage::start().await;
    let mut body = super::client::person("ada@example.com");
    body.as_object_mut().expect("an object").remove("credentials");
    let staged = stage.post("/api/v1/users?activate=false", body).await.expect(200);
    assert_eq!(staged["status"], "STAGED");
    let path = format!("/api/v1/users/{}", staged["id"].as_str().expect("an id"));
    let id = staged["id"].as_str().expect("an id").to_owned();
    let assigned = stage.assign(&id).await.expect(200);
    assert_eq!((&assigned["status"], &assigned["externalId"]), (&json!("STAGED"), &Value::Null));
    let list = stage.get(&format!("/api/v1/apps/{}/users", stage.app)).await.expect(200);
    assert_eq!((list.as_array().map(Vec::len), stage.get("/_mock/journal").await.expect(200)), (Some(1), json!([])));
    for (operation, status, then) in [
        ("reactivate", 403, "STAGED"),
        ("suspend", 400, "STAGED"),
        ("activate", 200, "PROVISIONED"),
        ("activate", 403, "PROVISIONED"),
        ("reactivate", 200, "PROVISIONED"),
        ("unlock", 403, "PROVISIONED"),
        ("deactivate", 200, "DEPROVISIONED"),
        ("deactivate", 403, "DEPROVISIONED"),
        ("reset_password", 403, "DEPROVISIONED"),
        ("activate", 200, "PROVISIONED"),
    ] {
        let answer = stage.call("POST", &format!("{path}/lifecycle/{operation}"), None).await;
        assert_eq!(answer.status, status, "{operation}: {}", answer.json);
        assert_eq!(stage.get(&path).await.expect(200)["status"], then, "{operation}");
    }
    assert_eq!(
        stage.scim_users("ada@example.com").await[0]["active"],
        false,
        "the assignment went with the deactivation"
    );
    let password = json!({ "credentials": { "password": { "value": "Kv7J2LEa" } } });
    assert_eq!(stage.post(&path, password).await.expect(200)["status"], "ACTIVE");
    stage.call("POST", &format!("{path}/lifecycle/expire_password"), None).await.expect(200);
    assert_eq!(stage.get(&path).await.expect(200)["status"], "PASSWORD_EXPIRED");
}
