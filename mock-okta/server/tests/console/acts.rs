//! What forms do: the same as calls.

use serde_json::json;

use super::client::Stage;
use super::visitor::Visitor;

#[tokio::test]
async fn a_joiner_a_mover_and_a_leaver_go_the_way_of_the_api() {
    let stage = Stage::start().await;
    let visitor = Visitor::signed_in(&stage).await;
    let everyone = stage.group("Everyone").await;
    stage.call("PUT", &format!("/api/v1/apps/{}/groups/{everyone}", stage.app), Some(json!({}))).await.expect(200);
    let group = stage.post("/api/v1/groups", json!({ "profile": { "name": "Support" } })).await.expect(200);
    let group = group["id"].as_str().unwrap();

    let joiner = [("firstName", "Lucy"), ("lastName", "Winter"), ("login", "lucy@example.com"), ("title", "Agent")];
    let joiner = [&joiner[..], &[("group", group), ("activate", "yes"), ("back", "/console/stage")]].concat();
    let joined = visitor.act("joiner", &joiner).await;
    assert_eq!((joined.status, joined.header("location")), (303, "/console/stage"));
    let page = visitor.get("/console/stage").await.expect(200);
    assert!(page.contains("role=\"status\">POST /api/v1/users → 200"), "{page}");
    assert!(!visitor.get("/console/stage").await.expect(200).contains("class=\"notice"), "it is told once");
    stage.settle().await;
    assert_eq!(stage.scim_users("lucy@example.com").await[0]["active"], true);
    let snapshot = stage.get("/_mock/snapshot").await.expect(200).to_string();
    assert!(snapshot.contains("/api/v1/users?activate=true"), "the call is part of the history");
    let taken = visitor.act("joiner", &joiner).await;
    assert_eq!(taken.status, 303);
    let page = visitor.get("/console/stage").await.expect(200);
    assert!(page.contains("role=\"alert\">POST /api/v1/users → 400"), "{page}");

    let mover = [("person", "lucy@example.com"), ("title", "Lead"), ("department", "Support"), ("out", group)];
    visitor.act("mover", &mover).await;
    stage.settle().await;
    let lucy = stage.get("/api/v1/users/lucy@example.com").await.expect(200);
    assert_eq!((&lucy["profile"]["title"], &lucy["profile"]["department"]), (&json!("Lead"), &json!("Support")));
    let members = stage.get(&format!("/api/v1/groups/{group}/users")).await.expect(200);
    assert_eq!(members, json!([]));
    visitor.act("mover", &[("person", "lucy@example.com"), ("title", "Lead")]).await;
    assert!(visitor.get("/console").await.expect(200).contains("Nothing was changed"));

    for (operation, status) in [("suspend", "SUSPENDED"), ("unsuspend", "ACTIVE"), ("deactivate", "DEPROVISIONED")] {
        visitor.act("lifecycle", &[("person", "lucy@example.com"), ("operation", operation)]).await;
        assert_eq!(stage.get("/api/v1/users/lucy@example.com").await.expect(200)["status"], status);
    }
    stage.settle().await;
    assert_eq!(stage.scim_users("lucy@example.com").await[0]["active"], false);
}

#[tokio::test]
async fn faults_tasks_the_clock_and_a_reset_are_worked_from_the_stage() {
    let stage = Stage::start().await;
    let visitor = Visitor::signed_in(&stage).await;
    let fault = [("kind", "status"), ("status", "503"), ("times", "1"), ("method", "POST"), ("milliseconds", "9")];
    visitor.act("fault", &fault).await;
    let expected = json!([{ "kind": "status", "status": 503, "times": 1, "method": "POST" }]);
    assert_eq!(stage.get("/_mock/faults").await.expect(200), expected);
    let ada = stage.person("ada@example.com").await;
    visitor.act("assign", &[("app", &stage.app), ("person", &ada)]).await;
    stage.settle().await;
    let tasks = stage.get("/_mock/tasks").await.expect(200);
    visitor.act("retry", &[("task", tasks[0]["id"].as_str().unwrap())]).await;
    stage.settle().await;
    assert_eq!(stage.get("/_mock/tasks").await.expect(200), json!([]));
    assert_eq!(stage.scim_users("ada@example.com").await.len(), 1);
    visitor.act("retry", &[("task", "none")]).await;
    assert!(visitor.get("/console/tasks").await.expect(200).contains("role=\"alert\""));

    visitor.act("fault", &fault).await;
    visitor.act("no-faults", &[]).await;
    assert_eq!(stage.get("/_mock/faults").await.expect(200), json!([]));

    let before = stage.get("/_mock/clock").await.expect(200)["seconds"].as_u64().unwrap();
    visitor.act("clock", &[("seconds", "86400")]).await;
    let after = stage.get("/_mock/clock").await.expect(200)["seconds"].as_u64().unwrap();
    assert!((86_400..86_460).contains(&(after - before)), "{before} {after}");
    visitor.act("clock", &[("to", "2999-01-01T00:00")]).await;
    assert!(stage.get("/_mock/clock").await.expect(200)["now"].as_str().unwrap().starts_with("2999-01-01T00:00:0"));

    visitor.act("reset", &[]).await;
    assert_eq!(stage.get("/_mock/health").await.expect(200)["people"], 2, "nobody was sure");
    visitor.act("reset", &[("sure", "yes")]).await;
    assert_eq!(stage.get("/_mock/health").await.expect(200)["people"], 1);
    visitor.get("/console").await.expect(200);
}

#[tokio::test]
async fn a_group_is_pushed_and_an_app_imported() {
    let stage = Stage::start().await;
    let visitor = Visitor::signed_in(&stage).await;
    let group = stage.post("/api/v1/groups", json!({ "profile": { "name": "Crew" } })).await.expect(200);
    let group = group["id"].as_str().unwrap();
    let push = json!({ "sourceGroupId": group, "targetGroupName": "Crew" });
    stage.post(&format!("/api/v1/apps/{}/group-push/mappings", stage.app), push).await.expect(201);
    let before = stage.get("/_mock/journal").await.expect(200).as_array().map(Vec::len);
    visitor.act("push", &[("push", &format!("{} {group}", stage.app))]).await;
    stage.settle().await;
    let pushed = stage.get("/_mock/journal").await.expect(200).as_array().map(Vec::len);
    assert!(pushed > before, "{pushed:?}");
    visitor.act("import", &[("app", &stage.app)]).await;
    stage.settle().await;
    let page = visitor.get(&format!("/console/apps/{}", stage.app)).await.expect(200);
    assert!(page.contains("Scanned") && page.contains("Complete import"), "{page}");
}
