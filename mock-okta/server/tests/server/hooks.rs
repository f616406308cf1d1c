//! Event hooks: the API, and what reaches a receiver.

use std::time::{Duration, Instant};

use mock_okta_server::Config;
use serde_json::{Value, json};

use super::client::{Stage, TOKEN};
use super::hook_receiver::{Reaction, Receiver};

const SECRET: &str = "hook-s3cret-value";

fn hook(uri: &str, types: &[&str]) -> Value {
    json!({
        "name": "Offboarding",
        "events": { "type": "EVENT_TYPE", "items": types },
        "channel": { "type": "HTTP", "version": "1.0.0", "config": {
            "uri": uri,
            "headers": [{ "key": "X-Tenant", "value": "acme-tenant-key" }],
            "authScheme": { "type": "HEADER", "key": "Authorization", "value": SECRET },
        } },
    })
}

impl Stage {
    /// Creates a hook and returns the path to it.
    async fn hook(&self, uri: &str, types: &[&str]) -> String {
        let created = self.post("/api/v1/eventHooks", hook(uri, types)).await.expect(200);
        format!("/api/v1/eventHooks/{}", created["id"].as_str().expect("an id"))
    }

    /// Creates a hook that is verified.
    async fn live_hook(&self, receiver: &Receiver, types: &[&str]) -> String {
        let path = self.hook(&receiver.url, types).await;
        self.call("POST", &format!("{path}/lifecycle/verify"), None).await.expect(200);
        path
    }

    async fn deactivate(&self, person: &str) {
        self.call("POST", &format!("/api/v1/users/{person}/lifecycle/deactivate"), None).await.expect(200);
    }

    async fn deliveries(&self) -> Vec<Value> {
        self.settle().await;
        self.get("/_mock/hooks").await.expect(200)["deliveries"].as_array().expect("an array").clone()
    }

    /// Returns the failed deliveries in the System Log.
    async fn failures(&self) -> Vec<Value> {
        let log = self.get("/api/v1/logs?filter=eventType+eq+%22event_hook.delivery%22").await.expect(200);
        log.as_array().expect("an array").clone()
    }
}

const DEACTIVATE: &[&str] = &["user.lifecycle.deactivate"];

#[tokio::test]
async fn a_deactivation_reaches_the_hook_and_is_retried_once_after_a_500_and_never_after_a_404() {
    let (stage, receiver) = (Stage::start().await, Receiver::start().await);
    let hook = stage.live_hook(&receiver, DEACTIVATE).await;
    let people = [stage.person("ada@example.com").await, stage.person("grace@example.com").await];

    receiver.answer([Reaction::Status(500)]);
    stage.deactivate(&people[0]).await;
    let delivered = stage.deliveries().await;
    let posts = receiver.posts();
    assert_eq!(posts.len(), 2, "{posts:?}");
    assert_eq!(posts[0].body, posts[1].body, "a retry is the same request");
    for got in &posts {
        assert_eq!(got.target, "/hooks/okta?code=q-s3cret-code");
        assert_eq!(got.header("authorization"), Some(SECRET), "the value is raw");
        assert_eq!(got.header("content-type"), Some("application/json"));
        assert_eq!(got.header("accept"), Some("application/json"));
        assert_eq!(got.header("x-tenant"), Some("acme-tenant-key"));
    }
    let envelope = posts[0].body.as_object().expect("an object");
    let keys: Vec<&String> = envelope.keys().collect();
    assert_eq!(
        keys,
        [
            "eventType",
            "eventTypeVersion",
            "cloudEventsVersion",
            "source",
            "eventId",
            "data",
            "eventTime",
            "contentType"
        ]
    );
    assert_eq!(envelope["eventType"], "com.okta.event_hook");
    assert_eq!(envelope["source"], format!("{}{hook}", stage.org.url()));
    let log = stage.get("/api/v1/logs?filter=eventType+eq+%22user.lifecycle.deactivate%22").await.expect(200);
    let event = &posts[0].events()[0];
    assert_eq!((&event["uuid"], &event["target"][0]["id"]), (&log[0]["uuid"], &json!(people[0])));
    assert_eq!(event["debugContext"]["debugData"].get("scimExchanges"), None);
    let statuses: Vec<&Value> =
        delivered[0]["attempts"].as_array().expect("attempts").iter().map(|it| &it["status"]).collect();
    assert_eq!(
        (delivered.len(), statuses, &delivered[0]["delivered"]),
        (1, vec![&json!(500), &json!(204)], &json!(true))
    );
    assert_eq!(stage.failures().await.len(), 0);

    receiver.answer([Reaction::Status(404)]);
    stage.deactivate(&people[1]).await;
    let delivered = stage.deliveries().await;
    assert_eq!((receiver.posts().len(), delivered[1]["attempts"].as_array().map(Vec::len)), (3, Some(1)));
    assert_eq!(delivered[1]["failure"], "the receiver answered 404");
    let failures = stage.failures().await;
    assert_eq!((failures.len(), &failures[0]["outcome"]["result"]), (1, &json!("FAILURE")));
    assert!(hook.ends_with(failures[0]["target"][0]["id"].as_str().expect("an id")), "{failures:?}");
}

#[tokio::test]
async fn silence_is_given_up_after_three_seconds_and_tried_once_more() {
    let (stage, receiver) = (Stage::start().await, Receiver::start().await);
    stage.live_hook(&receiver, DEACTIVATE).await;
    let ada = stage.person("ada@example.com").await;
    receiver.answer([Reaction::Slow(Duration::from_secs(20)), Reaction::Status(200)]);
    let started = Instant::now();
    stage.deactivate(&ada).await;
    let delivered = stage.deliveries().await;
    let took = started.elapsed();
    assert!(took > Duration::from_millis(2900) && took < Duration::from_secs(15), "{took:?}");
    assert_eq!((receiver.posts().len(), &delivered[0]["delivered"]), (2, &json!(true)));
    assert!(delivered[0]["attempts"][0]["failure"].is_string(), "{delivered:?}");
}

#[tokio::test]
async fn two_failures_are_the_end_and_so_is_a_redirect_or_a_flood() {
    let (stage, receiver) = (Stage::start().await, Receiver::start().await);
    let elsewhere = Receiver::start().await;
    stage.live_hook(&receiver, DEACTIVATE).await;
    for (login, reactions, posts, reason) in [
        ("a@example.com", vec![Reaction::Status(503), Reaction::Status(500)], 2, "answered 500"),
        ("b@example.com", vec![Reaction::Redirect(elsewhere.url.clone())], 1, "redirects are not followed"),
        ("c@example.com", vec![Reaction::Flood, Reaction::Flood], 2, "longer than"),
        ("d@example.com", vec![Reaction::Status(429)], 1, "answered 429"),
    ] {
        let person = stage.person(login).await;
        let before = receiver.posts().len();
        receiver.answer(reactions);
        stage.deactivate(&person).await;
        let delivered = stage.deliveries().await;
        assert_eq!(receiver.posts().len() - before, posts, "{login}");
        let failure = delivered.last().expect("a delivery")["failure"].as_str().expect("a failure").to_owned();
        assert!(failure.contains(reason), "{login}: {failure}");
    }
    assert_eq!((stage.failures().await.len(), elsewhere.got().len()), (4, 0));
}

#[tokio::test]
async fn only_eligible_events_that_were_asked_for_and_came_after_the_verification_are_delivered() {
    let (stage, receiver) = (Stage::start().await, Receiver::start().await);
    let path = stage.hook(&receiver.url, &["user.lifecycle.deactivate", "application.user_membership.remove"]).await;
    let (ada, grace) = (stage.person("ada@example.com").await, stage.person("grace@example.com").await);
    stage.assign(&grace).await.expect(200);
    stage.deactivate(&ada).await;
    stage.settle().await;
    assert_eq!(receiver.got().len(), 0, "nobody verified it");
    stage.call("POST", &format!("{path}/lifecycle/verify"), None).await.expect(200);
    stage.deactivate(&grace).await;
    stage.settle().await;
    let types = receiver.event_types();
    assert_eq!(types.iter().filter(|name| *name == "user.lifecycle.deactivate").count(), 1, "{types:?}");
    assert!(types.iter().all(|name| !name.starts_with("application.provision")), "{types:?}");
    assert!(types.contains(&"application.user_membership.remove".to_owned()), "{types:?}");
    assert_eq!(receiver.posts().len(), 1, "events of one call go together");

    stage.call("POST", &format!("{path}/lifecycle/deactivate"), None).await.expect(200);
    let eve = stage.person("eve@example.com").await;
    stage.deactivate(&eve).await;
    stage.call("POST", &format!("{path}/lifecycle/activate"), None).await.expect(200);
    stage.settle().await;
    assert_eq!(receiver.posts().len(), 1, "what happened while it was off is not told");
}

#[tokio::test]
async fn a_receiver_shows_that_it_is_one_by_echoing_the_challenge() {
    let (stage, receiver) = (Stage::start().await, Receiver::start().await);
    let path = stage.hook(&receiver.url, DEACTIVATE).await;
    let verify = format!("{path}/lifecycle/verify");
    receiver.refuse_challenges();
    stage.call("POST", &verify, None).await.expect_error(400, "E0000001");
    assert_eq!(stage.get(&path).await.expect(200)["verificationStatus"], "UNVERIFIED");
    let other = Receiver::start().await;
    stage.call("PUT", &path, Some(hook(&other.url, DEACTIVATE))).await.expect(200);
    let verified = stage.call("POST", &verify, None).await.expect(200);
    assert_eq!((&verified["verificationStatus"], &verified["status"]), (&json!("VERIFIED"), &json!("ACTIVE")));
    let got = other.got();
    assert_eq!((got.len(), got[0].method.as_str(), got[0].header("authorization")), (1, "GET", Some(SECRET)));

    let mut renamed = hook(&other.url, DEACTIVATE);
    renamed["name"] = json!("Leavers");
    renamed["channel"]["config"]["authScheme"].as_object_mut().expect("an object").remove("value");
    let renamed = stage.call("PUT", &path, Some(renamed)).await.expect(200);
    assert_eq!(renamed["verificationStatus"], "VERIFIED", "the channel is what it was");
    let moved = stage.call("PUT", &path, Some(hook("https://receiver.example/hook", DEACTIVATE))).await.expect(200);
    assert_eq!(moved["verificationStatus"], "UNVERIFIED");
    let dead = hook("http://127.0.0.1:1/hook", DEACTIVATE);
    stage.call("PUT", &path, Some(dead)).await.expect(200);
    stage.call("POST", &verify, None).await.expect_error(400, "E0000001");
}

#[tokio::test]
async fn a_hook_lives_through_the_api() {
    let stage = Stage::start().await;
    assert_eq!(stage.get("/api/v1/eventHooks").await.expect(200), json!([]));
    let created = stage.post("/api/v1/eventHooks", hook("https://receiver.example/hook", DEACTIVATE)).await.expect(200);
    let keys: Vec<&String> = created.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "status",
            "verificationStatus",
            "name",
            "description",
            "created",
            "createdBy",
            "lastUpdated",
            "events",
            "channel",
            "_links"
        ]
    );
    let id = created["id"].as_str().expect("an id");
    assert!(id.starts_with("who") && id.len() == 20, "{id}");
    assert_eq!(created["channel"]["config"]["authScheme"], json!({ "type": "HEADER", "key": "Authorization" }));
    let path = format!("/api/v1/eventHooks/{id}");
    assert_eq!(stage.get(&path).await.expect(200), created);
    assert_eq!(stage.get("/api/v1/eventHooks").await.expect(200), json!([created]));
    stage.call("DELETE", &path, None).await.expect_error(400, "E0000001");
    let off = stage.call("POST", &format!("{path}/lifecycle/deactivate"), None).await.expect(200);
    assert_eq!(off["status"], "INACTIVE");
    assert!(off["_links"].get("activate").is_some() && off["_links"].get("deactivate").is_none(), "{off}");
    stage.call("DELETE", &path, None).await.expect(204);
    stage.get(&path).await.expect_error(404, "E0000007");
    for (method, path) in [
        ("PUT", path.clone()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/lifecycle/verify")),
        ("POST", format!("{path}/lifecycle/activate")),
        ("POST", format!("{path}/lifecycle/deactivate")),
    ] {
        let body = (method == "PUT").then(|| hook("https://receiver.example/hook", DEACTIVATE));
        stage.call(method, &path, body).await.expect_error(404, "E0000007");
    }
    stage.send("POST", "/api/v1/eventHooks", "{".to_owned()).await.expect_error(400, "E0000003");
    let log = stage.get("/api/v1/logs?filter=eventType+sw+%22event_hook.%22").await.expect(200);
    let types: Vec<&str> = log.as_array().expect("an array").iter().filter_map(|it| it["eventType"].as_str()).collect();
    assert_eq!(types, ["event_hook.created", "event_hook.deactivated", "event_hook.deleted"]);
}

#[tokio::test]
async fn a_hook_that_cannot_be_is_refused_with_every_cause() {
    let stage = Stage::start().await;
    let good = hook("https://receiver.example/hook", DEACTIVATE);
    let changed = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).expect("a place") = value;
        body
    };
    for body in [
        json!({}),
        changed("/name", json!(" ")),
        changed("/events", json!(null)),
        changed("/events/type", json!("FLOW_EVENT")),
        changed("/events/items", json!([])),
        changed("/events/items", json!([7])),
        changed("/events/items", json!(["application.provision.user.deactivate"])),
        changed("/events/items", json!(vec!["user.lifecycle.create"; 301])),
        changed("/channel/type", json!("SMTP")),
        changed("/channel/version", json!("2.0.0")),
        changed("/channel/config/uri", json!("http://receiver.example/hook")),
        changed("/channel/config/uri", json!("http://169.254.169.254/latest")),
        changed("/channel/config/uri", json!("https://user:pass@receiver.example/hook")),
        changed("/channel/config/uri", json!("file:///etc/passwd")),
        changed("/channel/config/headers", json!({ "a": "b" })),
        changed("/channel/config/headers/0/key", json!("Content-Length")),
        changed("/channel/config/authScheme/value", json!("a\r\nX: y")),
        changed("/channel/config/authScheme/type", json!("OAUTH2")),
    ] {
        let answer = stage.post("/api/v1/eventHooks", body.clone()).await;
        assert!(!answer.json.to_string().contains("user:pass"), "{}", answer.json);
        let causes = answer.json["errorCauses"].as_array().map_or(0, Vec::len);
        answer.expect_error(400, "E0000001");
        assert!(causes >= 1, "{body}");
    }
    let mut wrong = changed("/events/items", json!(["user.nonsense"]));
    wrong["channel"]["config"]["uri"] = json!("http://receiver.example");
    let answer = stage.post("/api/v1/eventHooks", wrong).await;
    assert_eq!(answer.json["errorCauses"].as_array().map(Vec::len), Some(2), "{}", answer.json);
    assert_eq!(stage.get("/api/v1/eventHooks").await.expect(200), json!([]));
}

#[tokio::test]
async fn twenty_five_hooks_are_verified_and_no_more() {
    let (stage, receiver) = (Stage::start().await, Receiver::start().await);
    let mut last = String::new();
    for _ in 0..25 {
        last = stage.live_hook(&receiver, DEACTIVATE).await;
    }
    let extra = stage.hook(&receiver.url, DEACTIVATE).await;
    stage.call("POST", &format!("{extra}/lifecycle/verify"), None).await.expect_error(400, "E0000001");
    stage.call("POST", &format!("{last}/lifecycle/deactivate"), None).await.expect(200);
    stage.call("POST", &format!("{extra}/lifecycle/verify"), None).await.expect(200);
    stage.call("POST", &format!("{last}/lifecycle/activate"), None).await.expect_error(400, "E0000001");
}

#[tokio::test]
async fn batches_duplicates_and_disorder_come_on_demand() {
    let (stage, receiver) = (Stage::start().await, Receiver::start().await);
    stage.live_hook(&receiver, &["user.lifecycle.create"]).await;
    let behaviour = json!({ "batch": 3, "gather": 1000, "duplicates": 100, "shuffle": true, "seed": 11, "delay": 0 });
    stage.call("PUT", "/_mock/hooks/behaviour", Some(behaviour.clone())).await.expect(200);
    for n in 0..9 {
        stage.person(&format!("p{n}@example.com")).await;
    }
    let delivered = stage.deliveries().await;
    assert_eq!(stage.get("/_mock/hooks").await.expect(200)["behaviour"]["batch"], 3);
    let posts = receiver.posts();
    assert_eq!(posts.iter().map(|got| got.events().len()).max(), Some(3));
    let mut by_id = std::collections::BTreeMap::<String, Vec<Value>>::new();
    for got in &posts {
        by_id.entry(got.body["eventId"].to_string()).or_default().push(got.body.clone());
    }
    assert!(by_id.values().all(|copies| copies.len() == 2 && copies[0] == copies[1]), "{posts:?}");
    assert_eq!(delivered.iter().filter(|it| it["duplicate"] == true).count(), by_id.len());
    let events: Vec<Value> =
        by_id.values().flat_map(|copies| copies[0]["data"]["events"].as_array().cloned().unwrap()).collect();
    let uuids: std::collections::BTreeSet<String> = events.iter().map(|event| event["uuid"].to_string()).collect();
    assert_eq!((events.len(), uuids.len()), (9, 9), "nothing is lost and nothing is told under two ids");
    let logins: Vec<String> =
        posts.iter().flat_map(|got| got.events()).map(|event| event["target"][0]["alternateId"].to_string()).collect();
    assert!(!logins.is_sorted(), "{logins:?}");
    for wrong in [json!({ "batch": 0 }), json!({ "chaos": 1 })] {
        stage.call("PUT", "/_mock/hooks/behaviour", Some(wrong)).await.expect_error(400, "E0000001");
    }
}

#[tokio::test]
async fn no_answer_log_or_snapshot_shows_a_secret_and_a_snapshot_sends_nothing() {
    let (stage, receiver) = (Stage::start().await, Receiver::start().await);
    let path = stage.live_hook(&receiver, DEACTIVATE).await;
    let ada = stage.person("ada@example.com").await;
    receiver.answer([Reaction::Status(400)]);
    stage.deactivate(&ada).await;
    stage.settle().await;
    let before = stage.get("/_mock/snapshot").await.expect(200);
    for (shown, text) in [
        ("hook", stage.get(&path).await.expect(200).to_string()),
        ("log", stage.get("/api/v1/logs").await.expect(200).to_string()),
        ("journal", stage.get("/_mock/journal").await.expect(200).to_string()),
        ("hooks", stage.get("/_mock/hooks").await.expect(200).to_string()),
        ("snapshot", before.to_string()),
    ] {
        assert!(!text.contains(SECRET) && !text.contains(TOKEN), "{shown} shows a secret: {text}");
        // The API shows headers and the URL, as Okta's does.
        let is_api = ["hook", "snapshot"].contains(&shown);
        assert!(is_api || !text.contains("q-s3cret-code"), "{shown} shows the query: {text}");
        assert!(shown == "hook" || !text.contains("acme-tenant-key"), "{shown} shows a header: {text}");
    }

    let (posts, failures) = (receiver.got().len(), stage.failures().await);
    stage.call("POST", "/_mock/reset", None).await.expect(204);
    stage.get(&path).await.expect_error(404, "E0000007");
    stage.call("PUT", "/_mock/snapshot", Some(before.clone())).await.expect(204);
    stage.settle().await;
    assert_eq!(stage.get(&path).await.expect(200)["verificationStatus"], "VERIFIED");
    assert_eq!((receiver.got().len(), stage.failures().await), (posts, failures), "nothing was sent again");
    // The org knows the secret of a hook only as long as it has the hook.
    stage.call("PUT", &path, Some(hook(&receiver.url, DEACTIVATE))).await.expect(200);
    stage.call("POST", &format!("{path}/lifecycle/verify"), None).await.expect(200);
    stage.call("PUT", "/_mock/snapshot", Some(before)).await.expect(204);
    let grace = stage.person("grace@example.com").await;
    stage.deactivate(&grace).await;
    stage.settle().await;
    assert_eq!(receiver.posts().last().expect("a post").header("authorization"), Some(SECRET));
}

#[tokio::test]
async fn a_seed_has_hooks_that_are_verified_unless_it_says_otherwise() {
    let receiver = Receiver::start().await;
    let seed = format!(
        "org = \"example\"\n[[event-hook]]\nname = \"One\"\nurl = \"{0}\"\nevents = [\"user.lifecycle.create\"]\n\
         headers = {{ X-Tenant = \"t1\" }}\n\
         [[event-hook]]\nname = \"Two\"\nurl = \"{0}\"\nevents = [\"user.lifecycle.create\"]\nverified = false\n\
         [[person]]\nlogin = \"bob@example.com\"\nfirst-name = \"Bob\"\nlast-name = \"Example\"\n",
        receiver.url
    );
    let stage = Stage::seeded(&seed).await;
    let hooks = stage.get("/api/v1/eventHooks").await.expect(200);
    assert_eq!(
        (&hooks[0]["verificationStatus"], &hooks[1]["verificationStatus"]),
        (&json!("VERIFIED"), &json!("UNVERIFIED"))
    );
    stage.settle().await;
    assert_eq!(receiver.got().len(), 0, "who is in the seed was there before");
    stage.person("ada@example.com").await;
    stage.settle().await;
    let posts = receiver.posts();
    assert_eq!((posts.len(), posts[0].header("x-tenant")), (1, Some("t1")));
}

#[tokio::test]
async fn a_slow_receiver_holds_up_nobody_and_gets_what_came_meanwhile_in_one_request() {
    let (stage, slow) = (Stage::start_with(Config::default()).await, Receiver::start().await);
    let quick = Receiver::start().await;
    stage.live_hook(&slow, &["user.lifecycle.create"]).await;
    stage.live_hook(&quick, &["user.lifecycle.create"]).await;
    slow.answer([Reaction::Slow(Duration::from_millis(1500))]);
    for n in 0..6 {
        stage.person(&format!("p{n}@example.com")).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(quick.event_types().len(), 6);
    stage.settle().await;
    assert_eq!((slow.event_types().len(), slow.posts().len()), (6, 2), "{:?}", slow.posts());
}
