//! The mock's own control.

use std::time::{Duration, Instant};

use mock_okta_server::Config;
use serde_json::{Value, json};

use super::client::Stage;

#[tokio::test]
async fn a_snapshot_brings_the_org_back_and_sends_nothing() {
    let stage = Stage::start_with(Config { synchronous: true, max_body: 1000, ..Config::default() }).await;
    let ada = stage.person("ada@example.com").await;
    stage.assign(&ada).await.expect(200);
    stage.call("POST", "/_mock/clock/advance", Some(json!({ "seconds": 3600 }))).await.expect(200);
    let app_user = format!("/api/v1/apps/{}/users/{ada}", stage.app);
    let (user, before) = (stage.get(&app_user).await.expect(200), stage.get("/_mock/snapshot").await.expect(200));
    assert!(before.to_string().len() > 1000, "a snapshot may be longer than a call");
    let log = stage.get("/api/v1/logs").await.expect(200);
    let writes = stage.scim("/Users").await.expect(200);

    stage.call("POST", "/_mock/reset", None).await.expect(204);
    stage.get(&app_user).await.expect_error(404, "E0000007");
    stage.call("PUT", "/_mock/snapshot", Some(before.clone())).await.expect(204);
    assert_eq!(stage.get(&app_user).await.expect(200), user);
    assert_eq!(stage.scim("/Users").await.expect(200), writes);
    let types =
        |log: &Value| log.as_array().map(|log| log.iter().map(|event| event["uuid"].clone()).collect::<Vec<_>>());
    assert_eq!(types(&stage.get("/api/v1/logs").await.expect(200)), types(&log));
    // The org goes on where it was, with the credentials it has.
    stage.call("DELETE", &app_user, None).await.expect(204);
    assert_eq!(stage.scim_users("ada@example.com").await[0]["active"], false);

    let mut other = before;
    other["seed"] = json!("another");
    stage.call("PUT", "/_mock/snapshot", Some(other.clone())).await.expect_error(400, "E0000001");
    other["format"] = json!(99);
    stage.call("PUT", "/_mock/snapshot", Some(other)).await.expect_error(400, "E0000001");
}

#[tokio::test]
async fn faults_strike_and_a_task_can_be_retried() {
    let stage = Stage::start().await;
    let fault = json!({ "kind": "status", "status": 503, "times": 1, "method": "POST" });
    assert_eq!(stage.post("/_mock/faults", fault.clone()).await.expect(201), json!([fault]));
    let ada = stage.person("ada@example.com").await;
    let assigned = stage.assign(&ada).await.expect(200);
    assert_eq!((&assigned["syncState"], &assigned["externalId"]), (&json!("ERROR"), &Value::Null));
    let failed = stage.get("/api/v1/logs?filter=outcome.result+eq+%22FAILURE%22").await.expect(200);
    assert_eq!((failed.as_array().map(Vec::len), &failed[0]["severity"]), (Some(1), &json!("ERROR")));
    let journal = stage.get("/_mock/journal").await.expect(200);
    let last = &journal.as_array().expect("an array")[1];
    assert_eq!((&last["fault"], &last["exchange"]["response"]["status"]), (&json!("status"), &json!(503)));

    let tasks = stage.get("/_mock/tasks").await.expect(200);
    let retry = format!("/_mock/tasks/{}/retry", tasks[0]["id"].as_str().expect("an id"));
    stage.call("POST", &retry, None).await.expect(204);
    assert_eq!(stage.get("/_mock/tasks").await.expect(200), json!([]));
    assert_eq!(stage.scim_users("ada@example.com").await.len(), 1);
    stage.call("POST", &retry, None).await.expect_error(404, "E0000007");
}

#[tokio::test]
async fn an_answer_that_is_lost_makes_okta_ask_again() {
    let stage = Stage::start().await;
    let fault = json!({ "kind": "drop-answer", "times": 1, "method": "POST", "path": "/Users" });
    stage.post("/_mock/faults", fault).await.expect(201);
    let ada = stage.person("ada@example.com").await;
    stage.assign(&ada).await.expect(200);
    let journal = stage.get("/_mock/journal").await.expect(200);
    let journal = journal.as_array().expect("an array").clone();
    let posts = journal.iter().filter(|entry| entry["exchange"]["request"]["method"] == "POST").count();
    assert_eq!(posts, 2, "{journal:?}");
    assert_eq!(stage.scim_users("ada@example.com").await.len(), 1);
}

#[tokio::test]
async fn a_pause_passes_on_the_virtual_clock() {
    let stage = Stage::start_with(Config::default()).await;
    stage
        .post("/_mock/faults", json!({ "kind": "status", "status": 429, "retryAfter": 7200, "times": 1 }))
        .await
        .expect(201);
    let ada = stage.person("ada@example.com").await;
    stage.assign(&ada).await.expect(200);
    let settled = stage.call("POST", "/_mock/settle?timeout=1", None).await.expect(200);
    assert_eq!(settled, json!({ "settled": false, "pending": 1 }));
    stage.call("POST", "/_mock/clock/advance", Some(json!({ "seconds": 7200 }))).await.expect(200);
    stage.settle().await;
    assert_eq!(stage.scim_users("ada@example.com").await.len(), 1);
    let limited = stage.get("/api/v1/logs?filter=eventType+eq+%22application.integration.rate_limit_exceeded%22");
    assert_eq!(limited.await.expect(200).as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_reset_stops_what_is_under_way() {
    let stage = Stage::start_with(Config::default()).await;
    stage.post("/_mock/faults", json!({ "kind": "status", "status": 429, "retryAfter": 7200 })).await.expect(201);
    let ada = stage.person("ada@example.com").await;
    stage.assign(&ada).await.expect(200);
    stage.call("POST", "/_mock/reset", None).await.expect(204);
    stage.settle().await;
    assert_eq!(stage.get("/_mock/faults").await.expect(200), json!([]));
    let again = stage.person("ada@example.com").await;
    assert_eq!(again, ada, "ids follow from the seed");
    stage.assign(&again).await.expect(200);
    stage.settle().await;
    assert_eq!(stage.scim_users("ada@example.com").await.len(), 1);
}

#[tokio::test]
async fn a_seed_makes_people_rules_and_assignments() {
    let stage = Stage::seeded(SEED).await;
    stage.settle().await;
    let bob = stage.scim_users("bob@example.com").await;
    assert_eq!((bob.len(), &bob[0]["nickName"]), (1, &json!("Bobby")));
    assert_eq!(stage.scim_users("eve@example.com").await.len(), 0, "she is staged");
    let members = stage.scim("/Groups").await.expect(200);
    assert_eq!(members["Resources"][0]["displayName"], "Crew");
    assert_eq!(members["Resources"][0]["members"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        stage.get("/_mock/clock").await.expect(200)["now"].as_str().map(|now| &now[..13]),
        Some("2026-01-05T09")
    );
    stage.call("POST", "/api/v1/users/eve/lifecycle/activate", None).await.expect(200);
    assert_eq!(stage.scim_users("eve@example.com").await.len(), 1);
}

const SEED: &str = r#"
org = "example"
clock = "2026-01-05T09:00:00Z"

[[group]]
name = "Crew"

[[person]]
login = "bob@example.com"
first-name = "Bob"
last-name = "Example"
profile = { department = "Deck", nickName = "Bobby" }

[[person]]
login = "eve@example.com"
first-name = "Eve"
last-name = "Example"
status = "staged"

[[rule]]
name = "Deck"
expression = 'user.department == "Deck"'
groups = ["Crew"]

[[app]]
label = "Ship"
groups = ["Everyone"]
push-groups = ["Crew"]
"#;

#[tokio::test]
async fn an_org_is_up_at_once() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut fastest = Duration::MAX;
    // The best of some: what else the machine does is not the org's.
    for _ in 0..5 {
        let started = Instant::now();
        let org = mock_okta_server::MockOrg::start(Config::default()).await.expect("an org");
        fastest = fastest.min(started.elapsed());
        org.stop().await;
    }
    assert!(fastest < Duration::from_millis(50), "{fastest:?}");
}
