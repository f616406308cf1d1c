//! Flows of a seed against a vendor's API, beside the provisioning of the same event.

use axum::response::Response;
use mock_okta_server::{Config, MockOrg, Seed};
use serde_json::{Value, json};

use super::client::Stage;
use super::vendor::{Asked, Vendor, reply};

const TOKEN: &str = "vendor-token-7f3a";

/// Returns the three stories of the example, before this vendor.
fn stories(vendor: &Vendor) -> String {
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/vendor-token");
    std::fs::write(file, TOKEN).expect("a file for the token");
    let seed = include_str!("../../examples/flows.toml");
    seed.replace("http://127.0.0.1:9000", &vendor.url).replace("env:VENDOR_TOKEN", &format!("file:{file}"))
}

/// Returns a seed with Leo, his manager Mia and one flow that begins when Leo is deactivated.
fn leaver(vendor: &Vendor, flow: &str) -> String {
    format!(
        "org = 'acme'\n\
        [[person]]\nlogin = 'mia@example.com'\nfirst-name = 'Mia'\nlast-name = 'Boss'\n\
        [[person]]\nlogin = 'leo@example.com'\nfirst-name = 'Leo'\nlast-name = 'Bye'\n\
        profile = {{ manager = 'Mia Boss' }}\n\
        [[app]]\nlabel = 'App'\npeople = ['leo@example.com']\n\
        [vendor]\napi = '{}/v1'\n\
        [[flow]]\nname = 'leave'\non = 'user.lifecycle.deactivate'\n{flow}",
        vendor.url
    )
}

/// Starts the leaver's org, lets Leo leave and returns the run that followed.
async fn left(vendor: &Vendor, flow: &str) -> (Stage, Value) {
    let stage = Stage::seeded(&leaver(vendor, flow)).await;
    stage.settle().await;
    stage.call("POST", "/api/v1/users/leo@example.com/lifecycle/deactivate", None).await.expect(200);
    stage.settle().await;
    let run = latest(&stage, "leave").await;
    (stage, run)
}

/// Returns the latest run of a flow with everything that is known of it.
async fn latest(stage: &Stage, flow: &str) -> Value {
    let runs = stage.get(&format!("/_mock/flows/{flow}/runs")).await.expect(200);
    let id = runs[0]["id"].as_str().unwrap_or_else(|| panic!("no run of {flow}")).to_owned();
    stage.get(&format!("/_mock/flows/{flow}/runs/{id}")).await.expect(200)
}

/// Returns the latest event of a type.
async fn event(stage: &Stage, event_type: &str) -> Value {
    let path = format!("/api/v1/logs?since=1970-01-01&sortOrder=DESCENDING&filter=eventType+eq+%22{event_type}%22");
    stage.get(&path).await.expect(200)[0].clone()
}

/// Checks that a run belongs to an event, and that a SCIM request of the same transaction is shown with it.
async fn assert_belongs(stage: &Stage, run: &Value, event_type: &str, scim: &str) {
    let event = event(stage, event_type).await;
    let trigger = json!({ "eventType": event_type, "uuid": event["uuid"], "transaction": event["transaction"]["id"] });
    assert_eq!(run["trigger"], trigger);
    let exchanges = run["scimExchanges"].as_array().expect("the requests of provisioning");
    let found = exchanges.iter().find(|exchange| exchange["method"] == scim && exchange["status"] != Value::Null);
    let found = found.unwrap_or_else(|| panic!("no {scim} in {exchanges:?}"));
    let journal = stage.get("/_mock/journal").await.expect(200);
    let entry = journal.as_array().into_iter().flatten().find(|entry| entry["id"] == found["id"]);
    assert!(entry.is_some(), "{found} is not in the journal");
    assert!(event["debugContext"]["debugData"]["scimExchanges"].is_array(), "{event}");
}

async fn advance(stage: &Stage, seconds: u64) {
    stage.post("/_mock/clock/advance", json!({ "seconds": seconds })).await.expect(200);
    stage.settle().await;
}

const WEEK: u64 = 7 * 86_400;

#[tokio::test]
async fn a_joiner_is_added_to_the_shared_folder_on_the_first_day() {
    let vendor = Vendor::start(|asked: &Asked, before| match (asked.line.as_str(), before) {
        ("GET /v1/folders?name=Support%20handbook", _) => reply(200, r#"{"folders":[{"id":"f/1 ü"}]}"#),
        ("POST /v1/folders/f%2F1%20%C3%BC/members", _) => reply(201, asked.json.to_string()),
        _ => reply(404, "{}"),
    })
    .await;
    let stage = Stage::seeded(&stories(&vendor)).await;
    stage.settle().await;
    assert_eq!(vendor.lines(), [""; 0], "what the seed brings starts nothing");
    assert_eq!(stage.scim_users("lucy@acme.example.com").await, [] as [Value; 0]);

    stage.call("POST", "/api/v1/users/lucy@acme.example.com/lifecycle/activate", None).await.expect(200);
    stage.settle().await;
    assert_eq!(stage.scim_users("lucy@acme.example.com").await.len(), 1);
    let asked = vendor.asked();
    assert_eq!(asked[1].json, json!({ "email": "lucy@acme.example.com", "role": "viewer" }));
    assert_eq!(asked[1].headers["authorization"], format!("Bearer {TOKEN}").as_str());

    let run = latest(&stage, "share-team-folder").await;
    assert_eq!((&run["status"], asked.len()), (&json!("completed"), 2), "{run}");
    assert_belongs(&stage, &run, "user.lifecycle.activate", "POST").await;
    let exchange = &run["steps"][1]["exchanges"][0];
    assert_eq!(exchange["response"]["status"], 201);
    assert!(exchange["timing"]["total_ms"].as_f64().is_some_and(|time| time > 0.0), "{exchange}");
    let shown = stage.get("/_mock/flows").await.expect(200).to_string() + &run.to_string();
    assert!(!shown.contains(TOKEN) && shown.contains("Bearer [redacted]"), "{shown}");
}

#[tokio::test]
async fn a_mover_is_added_to_the_private_channel_with_the_title_and_not_before() {
    let vendor = Vendor::start(|asked: &Asked, _| match asked.line.as_str() {
        "PUT /v1/channels/people-managers/members/lucy%40acme.example.com" => reply(204, ""),
        _ => reply(200, r#"{"folders":[{"id":"1"}],"email":"lucy@acme.example.com"}"#),
    })
    .await;
    let stage = Stage::seeded(&stories(&vendor)).await;
    stage.call("POST", "/api/v1/users/lucy@acme.example.com/lifecycle/activate", None).await.expect(200);
    let lucy = "/api/v1/users/lucy@acme.example.com";
    stage.settle().await;
    let before = vendor.asked().len();
    for profile in [json!({ "nickName": "Lu" }), json!({ "title": "Senior Support Agent" })] {
        stage.post(lucy, json!({ "profile": profile })).await.expect(200);
        stage.settle().await;
        let run = latest(&stage, "join-managers-channel").await;
        assert_eq!(run["status"], "skipped", "{run}");
        assert!(run["reason"].as_str().is_some_and(|reason| reason.contains("user.profile.title = \"S")), "{run}");
        assert_eq!(run["steps"][0]["status"], "left-out");
    }
    assert_eq!(vendor.asked().len(), before);

    stage.post(lucy, json!({ "profile": { "title": "Support Manager" } })).await.expect(200);
    stage.settle().await;
    let last = vendor.asked().pop().expect("a request");
    assert_eq!(last.json["invited-by"], "mia@acme.example.com");
    assert_eq!(stage.scim_users("lucy@acme.example.com").await[0]["title"], "Support Manager");
    let run = latest(&stage, "join-managers-channel").await;
    assert_eq!(run["status"], "completed", "{run}");
    assert_belongs(&stage, &run, "user.account.update_profile", "PUT").await;
    let event = event(&stage, "user.account.update_profile").await;
    assert_eq!(event["debugContext"]["debugData"]["changedAttributes"], "title");
    let flow = stage.get("/_mock/flows/join-managers-channel").await.expect(200);
    let counts = json!({ "running": 0, "waiting": 0, "completed": 1, "failed": 0, "skipped": 2 });
    assert_eq!(flow["counts"], counts);
}

#[tokio::test]
async fn a_leaver_s_files_and_mail_go_to_the_manager_after_a_week() {
    let vendor = Vendor::start(|asked: &Asked, before| match (asked.line.as_str(), before) {
        ("POST /v1/transfers", 0) => reply(503, "busy"),
        ("POST /v1/transfers", _) => reply(202, r#"{"id":42,"state":"queued"}"#),
        ("GET /v1/transfers/42", 0) => reply(200, r#"{"state":"running"}"#),
        ("GET /v1/transfers/42", _) => reply(200, r#"{"state":"done","token":"s3cr3t"}"#),
        ("PUT /v1/mailboxes/lucy%40acme.example.com/forwarding", _) => reply(204, ""),
        _ => reply(200, r#"{"folders":[{"id":"1"}],"email":"lucy@acme.example.com"}"#),
    })
    .await;
    let stage = Stage::seeded(&stories(&vendor)).await;
    for operation in ["activate", "deactivate"] {
        let path = format!("/api/v1/users/lucy@acme.example.com/lifecycle/{operation}");
        stage.call("POST", &path, None).await.expect(200);
        stage.settle().await;
    }
    let before = vendor.asked().len();
    assert_eq!(stage.scim_users("lucy@acme.example.com").await[0]["active"], false, "provisioning does not wait");
    let run = latest(&stage, "hand-over").await;
    assert_eq!((&run["status"], &run["steps"][0]["status"]), (&json!("waiting"), &json!("waiting")));
    assert!(run["until"].as_str().is_some_and(|until| until.starts_with("2026-01-12T09:0")), "{run}");
    advance(&stage, WEEK - 60).await;
    assert_eq!(vendor.asked().len(), before, "nothing is sent before the week is over");

    advance(&stage, 60).await;
    let asked = vendor.asked().split_off(before);
    let lines: Vec<&str> = asked.iter().map(|asked| asked.line.as_str()).collect();
    let forwarding = "PUT /v1/mailboxes/lucy%40acme.example.com/forwarding";
    let transfer = ["POST /v1/transfers", "POST /v1/transfers"];
    let job = ["GET /v1/transfers/42", "GET /v1/transfers/42"];
    assert_eq!(lines, [&transfer[..], &job, &[forwarding]].concat());
    let (from, to) = ("lucy@acme.example.com", "mia@acme.example.com");
    assert_eq!((&asked[1].json, &asked[4].json), (&json!({ "from": from, "to": to }), &json!({ "to": to })));

    let run = latest(&stage, "hand-over").await;
    assert_eq!(run["status"], "completed", "{run}");
    let requests: Vec<&Value> = run["steps"].as_array().expect("steps").iter().map(|step| &step["requests"]).collect();
    assert_eq!(requests, [0, 2, 2, 1]);
    assert_belongs(&stage, &run, "user.lifecycle.deactivate", "PATCH").await;
    assert_eq!(asked[1].headers["idempotency-key"], run["trigger"]["uuid"].as_str().expect("a uuid"));
    assert!(!run.to_string().contains("s3cr3t"), "{run}");
}

#[tokio::test]
async fn an_expectation_that_fails_ends_its_run_and_no_other() {
    let vendor = Vendor::start(|_: &Asked, _| reply(200, r#"{"state":"refused"}"#)).await;
    let flow = "[[flow.step]]\ncall = 'POST ${vendor.api}/x'\nexpect = { status = 202, json.'/state' = 'queued' }\n\
        [[flow.step]]\ncall = 'POST ${vendor.api}/y'\n\
        [[flow]]\nname = 'other'\non = 'user.lifecycle.deactivate'\n[[flow.step]]\ncall = 'POST ${vendor.api}/z'";
    let (stage, run) = left(&vendor, flow).await;
    assert_eq!((&run["status"], &run["failedStep"]), (&json!("failed"), &json!(1)));
    assert_eq!(run["reason"], "the status is 200, expected 202; /state is \"refused\", expected \"queued\"");
    let statuses: Vec<&Value> = run["steps"].as_array().expect("steps").iter().map(|step| &step["status"]).collect();
    assert_eq!(statuses, ["failed", "left-out"]);
    assert_eq!(latest(&stage, "other").await["status"], "completed");
    let mut lines = vendor.lines();
    lines.sort();
    assert_eq!(lines, ["POST /v1/x", "POST /v1/z"]);
}

#[tokio::test]
async fn a_vendor_that_stays_broken_is_asked_as_often_as_the_flow_says() {
    let vendor = Vendor::start(|_: &Asked, _| reply(500, "")).await;
    let flow = "[[flow.step]]\ncall = 'POST ${vendor.api}/x'\nretry = { max = 2, on = [500], after = '10ms' }";
    let (_, run) = left(&vendor, flow).await;
    assert_eq!(run["reason"], "the status is 500, expected a success (after 3 attempts)");
    assert_eq!((vendor.asked().len(), &run["steps"][0]["requests"]), (3, &json!(3)));
}

#[tokio::test]
async fn a_poll_without_an_end_is_given_up() {
    let vendor = Vendor::start(|_: &Asked, _| reply(200, r#"{"state":"running"}"#)).await;
    let flow = "[[flow.step]]\npoll = 'GET ${vendor.api}/x'\nuntil = { json.'/state' = 'done' }\n\
        within = '200ms'\nevery = '50ms'";
    let (_, run) = left(&vendor, flow).await;
    assert_eq!(run["status"], "failed", "{run}");
    let reason = run["reason"].as_str().expect("a reason");
    assert!(reason.starts_with("it did not come to an end within 200ms") && reason.contains("running"), "{reason}");
    assert!((2..=5).contains(&vendor.asked().len()), "{:?}", vendor.lines());
}

#[tokio::test]
async fn a_hostile_answer_is_cut_off_and_shown_in_short() {
    for (hostile, part) in [
        (huge as fn() -> Response, "too large"),
        (|| reply(200, "<script>alert(1)</script>"), "not JSON"),
        (|| reply(200, "[".repeat(100_000)), "not JSON"),
        (|| reply(200, vec![0xff; 1000]), "not JSON"),
        (elsewhere, "the status is 302"),
    ] {
        let vendor = Vendor::start(move |_: &Asked, _| hostile()).await;
        let flow = "[[flow.step]]\ncall = 'GET ${vendor.api}/x'\nsave = { x = '/x' }";
        let (_, run) = left(&vendor, flow).await;
        assert_eq!(run["status"], "failed", "{part}");
        assert!(run["reason"].as_str().is_some_and(|reason| reason.contains(part)), "{part}: {}", run["reason"]);
        assert!(run.to_string().len() < 40_000, "{part}: {} bytes", run.to_string().len());
        assert_eq!(vendor.lines(), ["GET /v1/x"], "{part}");
    }
}

fn huge() -> Response {
    reply(200, vec![b' '; 3 << 20])
}

fn elsewhere() -> Response {
    Response::builder().status(302).header("location", "/v1/admin").body("{}".into()).expect("an answer")
}

#[tokio::test]
async fn a_url_of_the_vendor_leads_nowhere_but_to_the_origins_of_the_seed() {
    let stranger = Vendor::start(|_: &Asked, _| reply(200, "{}")).await;
    let target = json!({ "at": format!("{}/internal", stranger.url) }).to_string();
    let vendor = Vendor::start(move |_: &Asked, _| reply(200, target.clone())).await;
    let flow =
        "[[flow.step]]\ncall = 'GET ${vendor.api}/x'\nsave = { at = '/at' }\n[[flow.step]]\ncall = 'GET ${save.at}'";
    let (_, run) = left(&vendor, flow).await;
    assert_eq!((&run["status"], &run["failedStep"]), (&json!("failed"), &json!(2)));
    let reason = run["reason"].as_str().expect("a reason");
    assert!(reason.contains("none of the origins of [vendor]") && reason.contains(&vendor.url), "{reason}");
    assert_eq!(stranger.lines(), [""; 0]);
}

#[tokio::test]
async fn a_vendor_that_is_not_there_fails_the_run() {
    let vendor = Vendor::start(|_: &Asked, _| reply(200, "{}")).await;
    let seed =
        leaver(&vendor, "[[flow.step]]\ncall = 'GET ${vendor.api}/x'").replace(&vendor.url, "http://127.0.0.1:1");
    let stage = Stage::seeded(&seed).await;
    stage.call("POST", "/api/v1/users/leo@example.com/lifecycle/deactivate", None).await.expect(200);
    stage.settle().await;
    let run = latest(&stage, "leave").await;
    assert!(run["reason"].as_str().is_some_and(|reason| reason.contains("could not be reached")), "{run}");
    assert_eq!(run["steps"][0]["exchanges"][0]["failure"]["kind"], "unreachable");
}

#[tokio::test]
async fn a_daily_flow_runs_once_for_every_day_that_passes() {
    let vendor = Vendor::start(|_: &Asked, _| reply(200, "{}")).await;
    let seed = format!(
        "org = 'acme'\nclock = '2026-03-27T12:00:00Z'\ntime-zone = 'Europe/Berlin'\n[vendor]\napi = '{}'\n\
        [[flow]]\nname = 'nightly'\non = 'schedule:daily 02:00'\n\
        [[flow.step]]\ncall = 'POST ${{vendor.api}}/audit'\njson = {{ run = '${{run.id}}', at = '${{run.started}}' }}",
        vendor.url
    );
    let stage = Stage::seeded(&seed).await;
    stage.settle().await;
    assert_eq!(stage.get("/_mock/flows/nightly").await.expect(200)["next"], "2026-03-28T01:00:00.000Z");
    advance(&stage, 3600).await;
    assert_eq!(vendor.lines(), [""; 0]);
    advance(&stage, 3 * 86_400).await;
    let runs = stage.get("/_mock/flows/nightly/runs").await.expect(200);
    let due: Vec<&Value> = runs.as_array().expect("runs").iter().map(|run| &run["trigger"]["due"]).collect();
    assert_eq!(due, ["2026-03-30T00:00:00.000Z", "2026-03-29T01:00:00.000Z", "2026-03-28T01:00:00.000Z"]);
    assert_eq!(vendor.asked().len(), 3);

    advance(&stage, 100 * 86_400).await;
    let flows = stage.get("/_mock/flows").await.expect(200);
    assert_eq!((vendor.asked().len(), &flows["missedSchedules"]), (34, &json!(69)), "31 days are made up for");
}

#[tokio::test]
async fn a_reset_ends_runs_and_a_snapshot_starts_none() {
    let vendor = Vendor::start(|_: &Asked, _| reply(200, "{}")).await;
    let flow = "[[flow.step]]\ndelay = '1h'\n[[flow.step]]\ncall = 'POST ${vendor.api}/x'";
    let (stage, run) = left(&vendor, flow).await;
    assert_eq!(run["status"], "waiting");
    let snapshot = stage.get("/_mock/snapshot").await.expect(200);
    stage.call("POST", "/_mock/reset", None).await.expect(204);
    let flows = stage.get("/_mock/flows").await.expect(200);
    assert_eq!((&flows["runsEndedByReset"], &flows["flows"][0]["runs"]), (&json!(1), &json!([])));
    stage.call("PUT", "/_mock/snapshot", Some(snapshot)).await.expect(204);
    advance(&stage, 7200).await;
    assert_eq!(vendor.lines(), [""; 0]);
    let flows = stage.get("/_mock/flows").await.expect(200);
    assert_eq!((&flows["runsEndedByReset"], &flows["flows"][0]["runs"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn many_leavers_are_handled_at_once_and_none_is_forgotten() {
    let vendor = Vendor::start(|_: &Asked, _| reply(200, "{}")).await;
    let mut seed = leaver(&vendor, "[[flow.step]]\ncall = 'DELETE ${vendor.api}/seats/${user.login}'");
    for number in 0..200 {
        seed.push_str(&format!("\n[[person]]\nlogin = 'p{number}@example.com'\nfirst-name = 'P'\nlast-name = 'Q'"));
    }
    let stage = Stage::seeded(&seed).await;
    for number in 0..200 {
        let path = format!("/api/v1/users/p{number}@example.com/lifecycle/deactivate");
        stage.call("POST", &path, None).await.expect(200);
    }
    stage.settle().await;
    let counts = stage.get("/_mock/flows/leave").await.expect(200)["counts"].clone();
    assert_eq!(counts["completed"], 200, "{counts}");
    let distinct: std::collections::BTreeSet<String> = vendor.lines().into_iter().collect();
    assert_eq!(distinct.len(), 200);
}

#[tokio::test]
async fn flows_that_are_not_there_are_not_found() {
    let vendor = Vendor::start(|_: &Asked, _| reply(200, "{}")).await;
    let (stage, run) = left(&vendor, "[[flow.step]]\ncall = 'GET ${vendor.api}/x'").await;
    let id = run["id"].as_str().expect("an id");
    for path in ["/_mock/flows/x", "/_mock/flows/x/runs", "/_mock/flows/leave/runs/99", "/_mock/flows/leave/runs/x"] {
        stage.get(path).await.expect_error(404, "E0000007");
    }
    stage.get(&format!("/_mock/flows/x/runs/{id}")).await.expect_error(404, "E0000007");
    stage.get("/_mock/flows/leave/steps").await.expect_error(404, "E0000008");
    stage.call("POST", "/_mock/flows", None).await.expect_error(405, "E0000022");
}

#[tokio::test]
async fn a_seed_with_a_flow_that_cannot_be_says_where_and_why() {
    let head = "org = 'a'\n[vendor]\napi = 'http://127.0.0.1:9000'\n[[flow]]\nname = 'f'\n";
    let step = "[[flow.step]]\ncall = 'GET ${vendor.api}/x'\n";
    for (seed, parts) in [
        (
            format!("{head}on = 'user.lifecycle.deactivated'\n{step}"),
            ["line 6", "did you mean user.lifecycle.deactivate"],
        ),
        (format!("{head}on = 'user.lifecycle.create'\nif = 'user.id = 1'\n{step}"), ["line 7", "there are =="]),
        (
            format!("{head}on = 'user.lifecycle.create'\n[[flow.step]]\ncall = 'GET https://example.com/x'"),
            ["line 4: flow f", "none of the origins of [vendor]"],
        ),
        (
            format!("{head}on = 'user.lifecycle.create'\n[[flow.step]]\ncall = 'GET ${{vendor.apis}}/x'"),
            ["line 4: flow f", "did you mean api?"],
        ),
        (
            format!(
                "{head}on = 'user.lifecycle.create'\n{step}[[flow]]\nname = 'f'\non = 'user.lifecycle.create'\n{step}"
            ),
            ["line 9: flow f", "another flow has this name"],
        ),
        ("org = 'a'\n[vendor]\napi = 'ftp://x'".to_owned(), ["line 2", "vendor.api is no base URL"]),
    ] {
        let error = Seed::parse(&seed).expect_err(&seed).to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{seed}\n{error}");
    }
    for (seed, part) in [
        (
            format!(
                "{head}on = 'user.lifecycle.create'\nheaders = {{ Authorization = 'env:NO_SUCH_VARIABLE' }}\n{step}"
            ),
            "flow f: the environment variable NO_SUCH_VARIABLE is not set",
        ),
        (format!("time-zone = 'Europe/Berlim'\n{head}on = 'user.lifecycle.create'\n{step}"), "time-zone: "),
    ] {
        let config = Config { seed: Seed::parse(&seed).expect("a seed"), ..Config::default() };
        let error = MockOrg::start(config).await.expect_err(&seed).to_string();
        assert!(error.contains(part), "{error}");
    }
}
