//! Event hooks and flows, as the console shows them.

use serde_json::json;

use super::client::Stage;
use super::hook_receiver::{Reaction, Receiver};
use super::visitor::Visitor;

const NAME: &str = "<script>alert(1)</script>\u{202e}";

#[tokio::test]
async fn deliveries_are_shown_with_their_attempts() {
    let (stage, receiver) = (Stage::start().await, Receiver::start().await);
    let secret = "hook-s3cret-value";
    let hook = json!({
        "name": NAME,
        "events": { "type": "EVENT_TYPE", "items": ["user.lifecycle.create"] },
        "channel": { "type": "HTTP", "version": "1.0.0", "config": {
            "uri": receiver.url,
            "authScheme": { "type": "HEADER", "key": "Authorization", "value": secret },
        } },
    });
    let created = stage.post("/api/v1/eventHooks", hook).await.expect(200);
    let path = format!("/api/v1/eventHooks/{}", created["id"].as_str().expect("an id"));
    stage.call("POST", &format!("{path}/lifecycle/verify"), None).await.expect(200);
    let visitor = Visitor::signed_in(&stage).await;
    let page = visitor.get("/console/hooks").await.expect(200);
    assert!(page.contains("VERIFIED") && page.contains("None that are kept."), "{page}");

    receiver.answer([Reaction::Status(204), Reaction::Status(404)]);
    for number in 0..60 {
        stage.person(&format!("p{number}@example.com")).await;
        stage.settle().await;
    }
    let page = visitor.get("/console/hooks").await.expect(200);
    assert_eq!(page.matches("<li class=\"entry ").count(), 25, "a page of them");
    assert!(page.contains("user.lifecycle.create") && page.contains(">204</b>"), "{page}");
    assert!(!page.contains(secret) && !page.contains("s3cret-code") && !page.contains("<script>"), "{page}");
    assert!(page.contains("U+202E"));
    let older = visitor.get("/console/hooks?before=11").await.expect(200);
    assert_eq!(older.matches("<li class=\"entry ").count(), 10);
    assert!(older.contains("entry task") && older.contains(">404</b>") && older.contains("Newest"), "{older}");
    let timeline = visitor.get("/console?type=event_hook.&verdict=task").await.expect(200);
    assert_eq!(timeline.matches("<li class=\"entry ").count(), 1, "{timeline}");
}

#[tokio::test]
async fn runs_of_flows_are_shown_with_their_steps() {
    let receiver = Receiver::start().await;
    let base = receiver.url.split("/hooks").next().expect("a base");
    let seed = format!(
        "org = 'acme'\n[vendor]\napi = '{base}/v1'\n\
        [[flow]]\nname = 'welcome'\non = 'user.lifecycle.create'\n\
        [[flow.step]]\ncall = 'POST ${{vendor.api}}/greetings'\n\
        [[flow.step]]\ncall = 'POST ${{vendor.api}}/badges'"
    );
    let stage = Stage::seeded(&seed).await;
    receiver.answer([Reaction::Status(204), Reaction::Status(418)]);
    stage.person("ada@example.com").await;
    stage.settle().await;
    let visitor = Visitor::signed_in(&stage).await;
    let page = visitor.get("/console/flows").await.expect(200);
    for told in ["welcome", "/console/flows/welcome/runs/1", "user.lifecycle.create", "failed"] {
        assert!(page.contains(told), "{told} is missing: {page}");
    }
    let run = visitor.get("/console/flows/welcome/runs/1").await.expect(200);
    for told in ["/v1/greetings", "/v1/badges", ">204</b>", ">418</b>", "step 2:", "The event on the timeline"] {
        assert!(run.contains(told), "{told} is missing: {run}");
    }
    visitor.get("/console/flows/welcome/runs/2").await.expect(404);
    visitor.get("/console/flows/other/runs/1").await.expect(404);
}
