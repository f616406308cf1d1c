//! Requests in the shape of Okta's own CRUD test (runscope file "Okta SCIM 2.0 CRUD Test"), with its checks of the
//! service provider in between.

use serde_json::{Value, json};

use super::client::Stage;

const EMAIL: &str = "runscope123abcdefghi123@example.com";

#[tokio::test]
async fn okta_s_crud_test_holds() {
    let stage = Stage::start().await;
    crud(&stage, || async {}).await;
}

#[tokio::test]
async fn okta_s_crud_test_holds_where_provisioning_comes_later() {
    let stage = Stage::start_with(mock_okta_server::Config::default()).await;
    crud(&stage, || stage.settle()).await;
}

/// Plays the test; `pause` stands for its pauses.
async fn crud<F: Future<Output = ()>>(stage: &Stage, pause: impl Fn() -> F) {
    let app = format!("/api/v1/apps/{}", stage.app);
    assert_eq!(stage.get(&app).await.expect(200)["id"], stage.app);

    let created = stage.post("/api/v1/users?activate=true", new_user()).await.expect(200);
    let id = created["id"].as_str().expect("an id").to_owned();
    assert_eq!((created["status"].as_str(), id.len()), (Some("ACTIVE"), 20));

    let assignment = json!({ "id": id, "scope": "USER", "credentials": { "userName": EMAIL },
        "profile": { "familyName": "Abcdefghi123", "givenName": "Runscope123", "emailType": "work", "email": EMAIL } });
    stage.post(&format!("{app}/users"), assignment.clone()).await.expect(200);
    pause().await;
    let remote = only(stage.scim_users(EMAIL).await);
    assert_eq!((&remote["emails"][0]["value"], &remote["name"]["givenName"]), (&json!(EMAIL), &json!("Runscope123")));
    assert_eq!((&remote["name"]["familyName"], &remote["active"]), (&json!("Abcdefghi123"), &json!(true)));
    let remote_id = remote["id"].as_str().expect("an id");
    let app_user = stage.get(&format!("{app}/users/{id}")).await.expect(200);
    assert_eq!((&app_user["externalId"], &app_user["status"]), (&json!(remote_id), &json!("PROVISIONED")));

    let renamed =
        json!({ "profile": { "firstName": "Renamed", "lastName": "Abcdefghi123", "email": EMAIL, "login": EMAIL } });
    let renamed = stage.call("PUT", &format!("/api/v1/users/{id}"), Some(renamed)).await.expect(200);
    assert_eq!((&renamed["profile"]["firstName"], renamed["profile"].get("title")), (&json!("Renamed"), None));
    pause().await;
    assert_eq!(only(stage.scim_users(EMAIL).await)["name"]["givenName"], "Renamed");

    stage.send("POST", &format!("/api/v1/users/{id}/lifecycle/deactivate"), " ".to_owned()).await.expect(200);
    pause().await;
    let user = format!("/Users/{remote_id}");
    assert_eq!(stage.scim(&user).await.expect(200)["active"], false);
    stage.get(&format!("{app}/users/{id}")).await.expect_error(404, "E0000007");
    let nobody = stage.get("/api/v1/users/00uNobody").await.expect(404);
    assert_eq!(nobody["errorSummary"], "Not found: Resource not found: 00uNobody (User)");

    let activated =
        stage.send("POST", &format!("/api/v1/users/{id}/lifecycle/activate?sendEmail=false"), String::new()).await;
    assert!(activated.expect(200)["activationToken"].is_string());
    stage.post(&format!("{app}/users"), assignment).await.expect(200);
    pause().await;
    let remote = only(stage.scim_users(EMAIL).await);
    assert_eq!((&remote["id"], &remote["active"]), (&json!(remote_id), &json!(true)));

    stage.call("DELETE", &format!("{app}/users/{id}"), None).await.expect(204);
    pause().await;
    assert_eq!(stage.scim(&user).await.expect(200)["active"], false);
}

#[tokio::test]
async fn every_access_change_is_in_the_log_with_its_exchanges() {
    let stage = Stage::start().await;
    crud(&stage, || async {}).await;
    let events = stage.get("/api/v1/logs?limit=1000").await.expect(200);
    let events = events.as_array().expect("an array");
    let types: Vec<&str> = events.iter().filter_map(|event| event["eventType"].as_str()).collect();
    let tail = types.iter().position(|name| *name == "application.user_membership.add").expect("an assignment");
    assert_eq!(
        &types[tail..],
        [
            "application.user_membership.add",
            "application.provision.user.push",
            "user.account.update_profile",
            "application.user_membership.update",
            "application.provision.user.push_profile",
            "user.lifecycle.deactivate",
            "application.user_membership.remove",
            "application.provision.user.deactivate",
            "user.lifecycle.reactivate",
            "application.user_membership.add",
            "application.provision.user.sync",
            "application.user_membership.remove",
            "application.provision.user.deactivate",
        ]
    );
    for event in &events[tail..] {
        let exchanges = event["debugContext"]["debugData"]["scimExchanges"].as_array();
        let is_act = !event["eventType"].as_str().is_some_and(|name| name.starts_with("application."));
        let is_unrelated = is_act && event["eventType"] == "user.lifecycle.reactivate";
        assert_eq!(exchanges.is_none(), is_unrelated, "{event}");
        assert!(event["target"][0]["id"].is_string() && event["actor"]["id"].is_string(), "{event}");
        assert_eq!(event["outcome"]["result"], "SUCCESS", "{event}");
    }
    let push = &events[tail + 1];
    let sent: Vec<&str> = push["debugContext"]["debugData"]["scimExchanges"]
        .as_array()
        .expect("exchanges")
        .iter()
        .filter_map(|exchange| exchange["method"].as_str())
        .collect();
    assert_eq!(sent, ["GET", "POST"]);
    assert_eq!(push["debugContext"]["debugData"]["requestUri"], format!("/api/v1/apps/{}/users", stage.app));
    // What follows from one call is one transaction.
    assert_eq!(events[tail]["transaction"]["id"], push["transaction"]["id"]);
    assert_ne!(events[tail]["transaction"]["id"], events[tail + 2]["transaction"]["id"]);
}

fn new_user() -> Value {
    json!({
        "profile": { "firstName": "Runscope123", "lastName": "Abcdefghi123", "email": EMAIL, "login": EMAIL,
            "title": "Engineer", "primaryPhone": "415.123.4567" },
        "credentials": { "password": { "value": "Kv7J2LEa" },
            "recovery_question": { "question": "Who's a major player in the cowboy scene?", "answer": "okta" } },
    })
}

fn only(mut users: Vec<Value>) -> Value {
    assert_eq!(users.len(), 1, "{users:?}");
    users.remove(0)
}
