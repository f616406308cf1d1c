//! Many calls at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use mock_okta_server::Config;
use serde_json::json;

use super::client::{Stage, person};

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_calls_at_once_lose_nothing() {
    let stage = Arc::new(Stage::start_with(Config::default()).await);
    let calls: Vec<_> = (0..1000)
        .map(|number| {
            let stage = stage.clone();
            tokio::spawn(async move {
                let login = format!("load{number}@example.com");
                let created = stage.post("/api/v1/users?activate=true", person(&login)).await.expect(200);
                let id = created["id"].as_str().expect("an id").to_owned();
                stage.assign(&id).await.expect(200);
                id
            })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for call in calls {
        ids.insert(call.await.expect("no call panics"));
    }
    assert_eq!(ids.len(), 1000);
    stage.settle().await;
    let held = stage.scim("/Users?startIndex=1&count=1").await.expect(200);
    assert_eq!(held["totalResults"], json!(1000));
    let failed = stage.get("/api/v1/logs?filter=outcome.result+ne+%22SUCCESS%22").await.expect(200);
    assert_eq!(failed, json!([]));
    for (event_type, count) in [("user.lifecycle.create", 1001), ("application.provision.user.push", 1000)] {
        let (mut seen, mut next) = (
            BTreeSet::new(),
            Some(format!("/api/v1/logs?limit=1000&until=2999-01-01T00:00:00Z&filter=eventType+eq+%22{event_type}%22")),
        );
        while let Some(path) = next {
            let answer = stage.get(&path).await;
            next = answer.next();
            let events = answer.expect(200);
            seen.extend(events.as_array().expect("an array").iter().map(|event| event["target"][0]["id"].to_string()));
        }
        assert_eq!(seen.len(), count, "{event_type}");
    }
}
