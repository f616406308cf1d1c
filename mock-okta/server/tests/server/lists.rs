//! Pages, conditions and the System Log.

use serde_json::{Value, json};

use super::client::Stage;

fn ids(list: &Value) -> Vec<String> {
    let items = list.as_array().expect("an array");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn pages_hold_everybody_once_though_people_go_meanwhile() {
    let stage = Stage::start().await;
    let mut expected = ids(&stage.get("/api/v1/users").await.expect(200));
    for number in 0..7 {
        expected.push(stage.person(&format!("p{number}@example.com")).await);
    }
    let (mut seen, mut next) = (Vec::new(), Some("/api/v1/users?limit=3".to_owned()));
    while let Some(path) = next {
        let answer = stage.get(&path).await;
        next = answer.next();
        let page = ids(&answer.expect(200));
        let last = page.last().expect("no page is empty").clone();
        for _ in 0..2 {
            stage.call("DELETE", &format!("/api/v1/users/{last}"), None).await.expect(204);
        }
        seen.extend(page);
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn users_are_searched() {
    let stage = Stage::start().await;
    let (ada, bob) = (stage.person("ada@example.com").await, stage.person("bob@example.com").await);
    stage.call("POST", &format!("/api/v1/users/{bob}/lifecycle/deactivate"), None).await.expect(200);
    let lucy = "lucy@acme.example.com";
    for (query, expected) in [
        ("q=ad", vec![&ada]),
        ("filter=status+eq+%22DEPROVISIONED%22", vec![&bob]),
        ("filter=profile.login+eq+%22ADA@example.com%22", vec![&ada]),
        ("search=profile.firstName+sw+%22b%22+or+profile.login+eq+%22ada@example.com%22", vec![&ada, &bob]),
        ("search=profile.title+pr+and+not+(profile.login+eq+%22lucy@acme.example.com%22)", vec![]),
    ] {
        let found = ids(&stage.get(&format!("/api/v1/users?{query}")).await.expect(200));
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    // By id, by login, by its part before the at sign.
    for name in [lucy, "LUCY", "lucy%40acme.example.com"] {
        assert_eq!(stage.get(&format!("/api/v1/users/{name}")).await.expect(200)["profile"]["login"], lucy);
    }
}

#[tokio::test]
async fn the_log_is_filtered_and_paged() {
    let stage = Stage::start().await;
    let ada = stage.person("ada@example.com").await;
    stage.assign(&ada).await.expect(200);
    let log = |query: &str| {
        let query = query.to_owned();
        let stage = &stage;
        async move { stage.get(&format!("/api/v1/logs?{query}")).await }
    };
    let types = |list: &Value| -> Vec<String> {
        list.as_array()
            .expect("an array")
            .iter()
            .map(|event| event["eventType"].as_str().expect("a type").to_owned())
            .collect()
    };
    let filter = format!("filter=eventType+sw+%22application.%22+and+target.id+eq+%22{ada}%22");
    let found = log(&filter).await.expect(200);
    assert_eq!(types(&found), ["application.user_membership.add", "application.provision.user.push"]);
    let newest_first = log(&format!("{filter}&sortOrder=DESCENDING")).await.expect(200);
    assert_eq!(types(&newest_first), ["application.provision.user.push", "application.user_membership.add"]);
    assert_eq!(
        types(&log("q=ada@example.com+SUCCESS+provision.user.push").await.expect(200)),
        ["application.provision.user.push"]
    );
    assert_eq!(log("since=2999-01-01T00:00:00Z").await.expect(200), json!([]));
    assert_eq!(log("until=2001-01-01T00:00:00Z").await.expect(200), json!([]));
    assert!(!types(&log("since=2001-01-01").await.expect(200)).is_empty());
    for bad in ["since=yesterday", "filter=eventType", "sortOrder=UP", "after=x", "after=999999", "limit=0"] {
        assert_eq!(log(bad).await.status, 400, "{bad}");
    }

    let all = log("limit=1000").await.expect(200);
    for order in ["ASCENDING", "DESCENDING"] {
        let mut seen = Vec::new();
        let mut next = Some(format!("/api/v1/logs?limit=4&sortOrder={order}&until=2999-01-01T00:00:00Z"));
        while let Some(path) = next {
            let answer = stage.get(&path).await;
            next = answer.next();
            seen.extend(answer.expect(200).as_array().expect("an array").clone());
        }
        if order == "DESCENDING" {
            seen.reverse();
        }
        assert_eq!(Value::from(seen), all, "{order}");
    }
}

#[tokio::test]
async fn a_poller_of_the_log_sees_what_comes_later() {
    let stage = Stage::start().await;
    let mut next = stage.get("/api/v1/logs").await.next().expect("a poller goes on");
    for _ in 0..2 {
        let answer = stage.get(&next).await;
        next = answer.next().expect("a poller goes on");
        assert_eq!(answer.expect(200), json!([]));
    }
    stage.person("ada@example.com").await;
    let events = stage.get(&next).await.expect(200);
    assert_eq!(events[0]["eventType"], "user.lifecycle.create");
}
