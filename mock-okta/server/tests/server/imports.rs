//! Imports, which Okta starts on a page of the Admin Console, and the settings under "To Okta".

use mock_okta_server::Config;
use serde_json::{Value, json};

use super::client::{SCIM_TOKEN, Stage};

/// Puts a user into the specimen that Okta knows nothing of.
async fn create(stage: &Stage, user_name: &str, given: &str, family: &str) -> String {
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name,
        "name": { "givenName": given, "familyName": family },
        "emails": [{ "value": user_name, "type": "work", "primary": true }],
        "active": true,
    });
    let request = stage.http.post(format!("{}/Users", stage.specimen.base_url)).bearer_auth(SCIM_TOKEN);
    let request = request.header("content-type", "application/scim+json").body(user.to_string());
    let created = super::client::finish(request).await.expect(201);
    created["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn an_import_counts_and_whoever_matches_is_confirmed() {
    let stage = Stage::start().await;
    let lucy = create(&stage, "lucy@acme.example.com", "Lucy", "Winter").await;
    let eve = create(&stage, "eve@example.com", "Eve", "Stranger").await;
    let mallory = create(&stage, "mallory@example.com", "Mallory", "Stranger").await;

    let imported = stage.call("POST", "/_mock/import", None).await.expect(200);
    let counters = |scanned: u64, new: u64, unchanged: u64| json!({ "scanned": scanned, "new": new, "updated": 0, "unchanged": unchanged, "removed": 0, "inactive": 0, "malformed": 0 });
    assert_eq!(imported["report"]["end"], "complete", "{imported}");
    assert_eq!((&imported["report"]["users"], &imported["waiting"]), (&counters(3, 3, 0), &json!(3)));
    assert_eq!(imported["jobs"].as_array().map(Vec::len), Some(1));
    let tab = stage.get("/_mock/import").await.expect(200);
    let matching = |id: &str| {
        let users = tab["users"].as_array().expect("an array");
        users.iter().find(|user| user["id"] == id).map(|user| user["match"]["kind"].clone())
    };
    assert_eq!((matching(&lucy), matching(&eve)), (Some(json!("exact")), Some(json!("nobody"))));
    assert_eq!(stage.get("/_mock/import?limit=1").await.expect(200)["users"].as_array().map(Vec::len), Some(1));

    let confirmed = stage.call("POST", "/_mock/import/confirm", None).await.expect(200);
    assert_eq!((&confirmed["confirmed"], &confirmed["waiting"]), (&json!(1), &json!(2)));
    let account = stage.get(&format!("/api/v1/apps/{}/users/lucy", stage.app)).await.expect(200);
    assert_eq!((&account["externalId"], &account["status"]), (&json!(lucy), &json!("PROVISIONED")));
    let one = json!({ "app": stage.app, "user": mallory, "as": "ignore" });
    assert_eq!(stage.post("/_mock/import/confirm", one.clone()).await.expect(200)["waiting"], 1);
    stage.post("/_mock/import/confirm", one).await.expect_error(400, "E0000001");
    let rest = stage.post("/_mock/import/confirm", json!({ "everybody": true })).await.expect(200);
    assert_eq!((&rest["confirmed"], &rest["waiting"]), (&json!(1), &json!(0)));
    assert_eq!(stage.get("/api/v1/users/eve").await.expect(200)["status"], "ACTIVE");
    // Whoever was ignored is new again.
    let again = stage.post("/_mock/import", json!({ "scope": "users" })).await.expect(200);
    assert_eq!(again["report"]["users"], counters(3, 1, 2));
    let posts = stage.get("/_mock/journal").await.expect(200);
    let methods =
        posts.as_array().expect("an array").iter().map(|entry| entry["exchange"]["request"]["method"].clone());
    assert!(methods.into_iter().all(|method| method == "GET"), "an import changes nothing at the service provider");
}

#[tokio::test]
async fn an_import_that_comes_later_says_so() {
    let stage = Stage::start_with(Config::default()).await;
    let begun = stage.call("POST", "/_mock/import", None).await.expect(200);
    assert_eq!(begun["jobs"].as_array().map(Vec::len), Some(1));
    stage.settle().await;
    assert_eq!(stage.get("/_mock/import").await.expect(200)["report"]["end"], "complete");
}

#[tokio::test]
async fn an_import_of_nothing_that_is_there_is_refused() {
    let stage = Stage::start().await;
    stage.post("/_mock/import", json!({ "app": "0oanobody" })).await.expect_error(404, "E0000007");
    stage.post("/_mock/import", json!({ "scope": "people" })).await.expect_error(400, "E0000001");
    stage.post("/_mock/import/confirm", json!({ "everybody": 1 })).await.expect_error(400, "E0000001");
    stage.call("DELETE", "/_mock/import", None).await.expect_error(405, "E0000022");
    stage.post("/api/v1/apps", json!({ "label": "Second" })).await.expect(200);
    stage.call("POST", "/_mock/import", None).await.expect_error(400, "E0000001");
    stage.get("/_mock/import").await.expect_error(400, "E0000001");
}

#[tokio::test]
async fn the_inbound_feature_decides_who_is_confirmed_by_itself() {
    let stage = Stage::start().await;
    let path = format!("/api/v1/apps/{}/features/INBOUND_PROVISIONING", stage.app);
    let shown = stage.get(&path).await.expect(200);
    // What is shown can be sent back.
    let unchanged = stage.call("PUT", &path, Some(shown["capabilities"].clone())).await.expect(200);
    assert_eq!(unchanged, shown);
    let rules = |rules: Value| Some(json!({ "importRules": { "userCreateAndMatch": rules } }));
    let wanted = json!({ "exactMatchCriteria": "USERNAME", "allowPartialMatch": false, "autoConfirmExactMatch": true,
        "autoConfirmPartialMatch": false, "autoConfirmNewUsers": true, "autoActivateNewUsers": true });
    let changed = stage.call("PUT", &path, rules(wanted.clone())).await.expect(200);
    assert_eq!(changed["capabilities"]["importRules"]["userCreateAndMatch"], wanted);
    for (body, code) in [
        (rules(json!({ "exactMatchCriteria": "NAME" })), "E0000001"),
        (rules(json!({ "allowPartialMatch": "yes" })), "E0000001"),
        (rules(json!({ "autoActivateNewUsers": false })), "E0000060"),
        (Some(json!({ "importSettings": { "schedule": { "status": "ENABLED" } } })), "E0000060"),
        (Some(json!({ "importSettings": { "username": { "usernameFormat": "CUSTOM" } } })), "E0000060"),
    ] {
        stage.call("PUT", &path, body).await.expect_error(400, code);
    }
    create(&stage, "lucy@acme.example.com", "Lucia", "Winter").await;
    create(&stage, "eve@example.com", "Eve", "Stranger").await;
    let imported = stage.call("POST", "/_mock/import", None).await.expect(200);
    assert_eq!(imported["waiting"], 0, "{imported}");
    let users = stage.get(&format!("/api/v1/apps/{}/users", stage.app)).await.expect(200);
    assert_eq!(users.as_array().map(Vec::len), Some(2));
}
