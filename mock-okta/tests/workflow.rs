//! Flows as a whole: from TOML to the requests they send, and what becomes of answers of every kind.

use std::time::Duration;

use mock_okta::workflow::{Answer, Clock, Context, HeaderText, Outcome, Request, Run, Step, Vendor, Wait, Workflow};
use serde_json::{Value, json};

fn vendor() -> Vendor {
    toml::from_str("api = 'http://127.0.0.1:9000/v1'\nfiles = 'http://127.0.0.1:9001'").expect("a vendor")
}

fn workflow(text: &str) -> Workflow {
    let workflow: Workflow = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
    workflow.check(&vendor()).unwrap_or_else(|error| panic!("{error}"));
    workflow
}

fn leaver() -> Context {
    Context {
        user: Some(json!({
            "id": "00u1", "email": "leo@example.com", "profile": { "title": "Agent \"7\"", "department": "Support" },
            "manager": { "email": "mia@example.com" },
        })),
        ..Context::default()
    }
}

fn start(steps: &str) -> (Run, Step) {
    let text = format!("name = 'f'\non = 'user.lifecycle.deactivate'\n{steps}");
    Run::start(&workflow(&text), &vendor(), leaver())
}

#[track_caller]
fn sent(step: Step) -> Request {
    match step {
        Step::Send(request) => request,
        other => panic!("no request: {other:?}"),
    }
}

#[track_caller]
fn failed(step: Step) -> (usize, String) {
    match step {
        Step::Done(Outcome::Failed { step, why }) => (step, why),
        other => panic!("no failure: {other:?}"),
    }
}

fn real(milliseconds: u64) -> Step {
    Step::Wait(Wait { time: Duration::from_millis(milliseconds), clock: Clock::Real })
}

const DONE: Step = Step::Done(Outcome::Completed);

const HAND_OVER: &str = r#"
    if = 'user.profile.department == "Support"'
    headers = { Authorization = "Bearer env:VENDOR_TOKEN" }
    [[step]]
    delay = "7d"
    [[step]]
    call = "POST ${vendor.api}/transfers?from=${user.email}"
    json = { from = "${user.email}", to = "${user.manager.email}", title = "${user.profile.title}" }
    expect = { status = [200, 202], json."/state" = "queued" }
    save = { job = "/id" }
    [[step]]
    poll = "GET ${vendor.files}/jobs/${save.job}"
    until = { json."/state" = "done" }
    within = "3s"
"#;

#[test]
fn files_are_handed_over_step_by_step() {
    let (mut run, step) = start(HAND_OVER);
    let week = Wait { time: Duration::from_secs(7 * 86_400), clock: Clock::Org };
    assert_eq!(step, Step::Wait(week));
    let request = sent(run.resume());
    assert_eq!(request.url(), "http://127.0.0.1:9000/v1/transfers?from=leo%40example.com");
    let body: Value = serde_json::from_str(request.body.as_deref().expect("a body")).expect("JSON");
    assert_eq!(body, json!({ "from": "leo@example.com", "to": "mia@example.com", "title": "Agent \"7\"" }));
    let secret = HeaderText::Secret { before: "Bearer ".into(), source: "env:VENDOR_TOKEN".into() };
    assert!(request.headers.contains(&("Authorization".into(), secret)), "{request:?}");

    let request = sent(run.next(Answer::new(202, r#"{"id":42,"state":"queued"}"#)));
    assert_eq!((request.method, request.url().as_str()), ("GET", "http://127.0.0.1:9001/jobs/42"));
    assert_eq!(run.position(), 2);
    assert_eq!(run.next(Answer::new(200, r#"{"state":"running"}"#)), real(1000));
    sent(run.resume());
    assert_eq!(run.next(Answer::new(200, r#"{"state":"done"}"#)), DONE);
    assert_eq!(run.next(Answer::new(500, "")), DONE, "what is over stays over");
}

#[test]
fn a_condition_that_does_not_hold_says_what_it_saw() {
    let (_, step) = start("if = 'user.profile.titel == \"x\"'\n[[step]]\ncall = 'GET ${vendor.api}/x'");
    assert_eq!(step, Step::Done(Outcome::Skipped { saw: "user.profile.titel is not there".to_owned() }));
}

#[test]
fn a_refusal_is_repeated_as_often_as_the_flow_says() {
    let steps = r#"
        [[step]]
        call = "POST ${vendor.api}/x"
        retry = { max = 2, on = [429, 500], after = "5ms" }
        [[step]]
        call = "POST ${vendor.api}/y"
        retry = { max = 1, on = 500 }
    "#;
    let (mut run, step) = start(steps);
    let first = sent(step);
    assert_eq!(run.next(Answer::new(500, "")), real(5));
    assert_eq!(sent(run.resume()), first);
    let busy = Answer { retry_after: Some("2".into()), ..Answer::new(429, "") };
    assert_eq!(run.next(busy), real(2000));
    sent(run.resume());
    sent(run.next(Answer::new(200, "")));
    let busy = Answer { retry_after: Some("999999".into()), ..Answer::new(500, "") };
    assert_eq!(run.next(busy), real(60_000), "no vendor makes an org wait for days");
    sent(run.resume());
    let (step, why) = failed(run.next(Answer::new(500, "")));
    assert_eq!((step, why.as_str()), (1, "the status is 500, expected a success (after 2 attempts)"));
}

#[test]
fn every_mismatch_of_an_answer_is_told() {
    let steps = r#"
        [[step]]
        call = "POST ${vendor.api}/x"
        expect = { status = 201, json = { "/state" = "queued", "/who" = "${user.email}", "/n" = 1 } }
    "#;
    let (mut run, step) = start(steps);
    sent(step);
    let (_, why) = failed(run.next(Answer::new(200, r#"{"state":"\u001b[31m","n":1.0}"#)));
    assert_eq!(
        why,
        "the status is 200, expected 201; /state is \"\\u001b[31m\", expected \"queued\"; /who is absent, expected \"leo@example.com\""
    );
}

#[test]
fn a_hostile_answer_fails_the_step_and_nothing_else() {
    let steps = "[[step]]\ncall = 'POST ${vendor.api}/x'\nsave = { x = '/x' }\n[[step]]\ncall = 'GET ${vendor.api}/u/${save.x}'";
    let deep = "[".repeat(100_000);
    let long = json!({ "x": "y".repeat(10_000) }).to_string();
    let huge = format!("{{\"x\":\"{}\"}}", "y".repeat(2 << 20));
    for (body, part) in [
        ("", "not JSON"),
        ("<html>", "not JSON"),
        ("\u{0}\u{1}", "not JSON"),
        (deep.as_str(), "not JSON"),
        (huge.as_str(), "larger than"),
        (long.as_str(), "at most 4096"),
        ("{}", "/x is absent"),
        (r#"{"x":{}}"#, "only a text"),
        (r#"{"x":null}"#, "only a text"),
    ] {
        let (mut run, step) = start(steps);
        sent(step);
        let (step, why) = failed(run.next(Answer::new(200, body)));
        assert!(step == 0 && why.contains(part) && why.len() < 500, "{body:.40}: {why}");
    }
    for (value, part) in [("..", "another place"), ("", "empty")] {
        let (mut run, step) = start(steps);
        sent(step);
        let (step, why) = failed(run.next(Answer::new(200, json!({ "x": value }).to_string())));
        assert!(step == 1 && why.contains(part), "{why}");
    }
    let (mut run, step) = start(steps);
    sent(step);
    let request = sent(run.next(Answer::new(200, r#"{"x":"../admin?a=b#c\r\nX: y"}"#)));
    assert_eq!(request.target, "/v1/u/..%2Fadmin%3Fa%3Db%23c%0D%0AX%3A%20y");
}

#[test]
fn a_url_of_the_vendor_is_followed_within_the_origins_of_the_seed_only() {
    let steps = "[[step]]\ncall = 'POST ${vendor.api}/x'\nsave = { at = '/at' }\n[[step]]\ncall = 'GET ${save.at}'";
    for (url, is_sent) in [
        ("http://127.0.0.1:9001/jobs/1?a=b", true),
        ("http://127.0.0.1:9000", true),
        ("http://169.254.169.254/latest/meta-data", false),
        ("http://127.0.0.1:9000@169.254.169.254/", false),
        ("http://127.0.0.1:90000/", false),
        ("file:///etc/passwd", false),
        ("/jobs/1", false),
        ("http://127.0.0.1:9000/a\r\nX: y", false),
    ] {
        let (mut run, step) = start(steps);
        sent(step);
        match run.next(Answer::new(200, json!({ "at": url }).to_string())) {
            Step::Send(request) => assert!(is_sent && request.url() == url, "{url}"),
            other => {
                let (step, why) = failed(other);
                assert!(!is_sent && step == 1, "{url}");
                assert!(why.contains("origins of [vendor]") && why.contains("nothing was sent"), "{why}");
            }
        }
    }
}

#[test]
fn a_poll_ends_with_its_time_be_the_vendor_slow_or_busy() {
    let steps = r#"
        [[step]]
        poll = "GET ${vendor.api}/jobs"
        until = { json."/state" = "done" }
        within = "2s"
        every = "500ms"
        retry = { max = 3, on = 503, after = "1s" }
    "#;
    let running = || Answer { took: Duration::from_millis(250), ..Answer::new(200, r#"{"state":"running"}"#) };
    let (mut run, step) = start(steps);
    sent(step);
    for _ in 0..2 {
        assert_eq!(run.next(running()), real(500));
        sent(run.resume());
    }
    let (_, why) = failed(run.next(running()));
    assert_eq!(why, "it did not come to an end within 2s and 3 answers: /state is \"running\", expected \"done\"");

    let (mut run, step) = start(steps);
    sent(step);
    for _ in 0..2 {
        assert_eq!(run.next(Answer::new(503, "")), real(1000));
        sent(run.resume());
    }
    let (_, why) = failed(run.next(Answer::new(503, "")));
    assert!(why.contains("the last status was 503"), "{why}");
}

#[test]
fn a_poll_does_not_wait_for_what_is_no_answer() {
    let steps = "[[step]]\npoll = 'GET ${vendor.api}/jobs'\nuntil = { json.'/state' = 'done' }";
    for (answer, part) in [(Answer::new(404, "{}"), "the status is 404"), (Answer::new(200, "ready"), "not JSON")] {
        let (mut run, step) = start(steps);
        sent(step);
        let (_, why) = failed(run.next(answer));
        assert!(why.contains(part), "{why}");
    }
    let (mut run, step) = start(steps);
    sent(step);
    let gone = run.unanswered("the connection broke");
    assert_eq!(failed(gone), (0, "the connection broke".to_owned()));
}

#[test]
fn what_the_event_does_not_have_fails_the_step_that_needs_it() {
    let (_, step) = start("[[step]]\ncall = 'GET ${vendor.api}/g/${group.name}'");
    let (_, why) = failed(step);
    assert_eq!(why, "group.name has no value: the event is not about one");
}

/// As much of a seed as the flows need.
#[derive(Debug, serde::Deserialize)]
struct Seed {
    #[expect(dead_code, reason = "no seed here has a flow that can be")]
    flow: Vec<Workflow>,
}

#[test]
fn a_flow_that_cannot_be_says_where_and_why() {
    let step = "[[flow.step]]\ncall = 'GET ${vendor.api}/x'";
    for (text, line, part) in [
        (
            format!("name = 'f'\non = 'user.lifecycle.activated'\n{step}"),
            "line 3",
            "did you mean user.lifecycle.activate",
        ),
        (format!("name = 'f'\non = 'schedule:daily 25:00'\n{step}"), "line 3", "schedule:daily HH:MM"),
        (format!("name = 'f'\non = 'group.lifecycle.create'\nif = 'group.name = 1'\n{step}"), "line 4", "there are =="),
        (format!("name = 'f'\non = 'group.lifecycle.create'\nwhen = 'x'\n{step}"), "line 4", "unknown field `when`"),
        (format!("name = 'a/b'\non = 'group.lifecycle.create'\n{step}"), "line 1", "no name of a flow"),
        ("name = 'f'\non = 'group.lifecycle.create'".into(), "line 1", "0 steps"),
        (format!("name = 'f'\non = 'schedule:daily 02:00'\nif = 'user.id'\n{step}"), "line 1", "about nobody"),
    ] {
        let error = toml::from_str::<Seed>(&format!("[[flow]]\n{text}")).unwrap_err().to_string();
        assert!(error.contains(line) && error.contains(part), "{text}\n{error}");
    }
    for (step, part) in [
        ("call = 'GET ${vendor.api}/x'\ndelay = '1s'", "exactly one of"),
        ("json = {}", "exactly one of"),
        ("call = 'FETCH ${vendor.api}/x'", "none of GET"),
        ("call = '${vendor.api}/x'", "METHOD URL"),
        ("call = 'GET ${vendor.api}.example.com/x'", "begins with ${vendor.NAME}/"),
        ("call = 'GET ${vendor.api}${user.id}'", "begins with ${vendor.NAME}/"),
        ("call = 'GET ${user.login}/x'", "begins with ${vendor.NAME}/"),
        ("call = 'GET /x'", "begins with ${vendor.NAME}/"),
        ("call = 'GET http://x${user.id}/'", "begins with ${vendor.NAME}/"),
        ("call = 'GET ${vendor.api}/a b'", "percent-encode"),
        ("call = 'GET ${vendor.api}/a#b'", "fragment"),
        ("call = 'GET ${vendor.api}/x'\njson = {}", "no body"),
        ("call = 'GET ${vendor.api}/x'\nuntil = { json.'/a' = 1 }", "until is for a poll"),
        ("poll = 'GET ${vendor.api}/x'", "needs to know when"),
        ("poll = 'GET ${vendor.api}/x'\nuntil = { json = {} }", "needs to know when"),
        ("poll = 'GET ${vendor.api}/x'\nuntil = { json.'/a' = 1 }\nwithin = '1d'", "lies between"),
        ("poll = 'GET ${vendor.api}/x'\nuntil = { json.'/a' = 1 }\nwithin = '10m'\nevery = '10ms'", "more than 1000"),
        ("delay = '7 days'", "no length of time"),
        ("delay = '9999999d'", "lies between"),
        ("delay = '7d'\nsave = { a = '/a' }", "a delay has no request"),
        ("call = 'POST ${vendor.api}/x'\nsave = { a = 'a' }", "no JSON pointer"),
        ("call = 'POST ${vendor.api}/x'\nsave = { 'a b' = '/a' }", "no name"),
        ("call = 'POST ${vendor.api}/x'\nexpect = { status = 'ok' }", "no HTTP status"),
        ("call = 'POST ${vendor.api}/x'\nexpect = { status = [] }", "no status would be right"),
        ("call = 'POST ${vendor.api}/x'\nretry = { max = 99, on = 500 }", "between 1 and 10"),
        ("call = 'POST ${vendor.api}/x'\nheaders = { Authorization = 'hunter2' }", "env:VARIABLE"),
        ("call = 'GET ${vendor.api}/${save.job}'", "no step before it saves"),
        ("call = 'POST ${vendor.api}/x'\njson = { a = '${user.emial}' }", "did you mean email"),
    ] {
        let text = format!("[[flow]]\nname = 'f'\non = 'user.lifecycle.activate'\n[[flow.step]]\n{step}");
        let error = toml::from_str::<Seed>(&text).unwrap_err().to_string();
        assert!(error.contains("line ") && error.contains(part), "{step}\n{error}");
    }
}

#[test]
fn a_flow_leads_to_the_urls_of_the_seed_or_is_refused() {
    for (call, expected) in [
        ("GET ${vendor.api}/x", None),
        ("GET http://127.0.0.1:9001/x/${user.id}", None),
        ("GET ${vendor.apis}/x", Some("did you mean api?")),
        ("GET https://example.com/x", Some("none of the origins of [vendor]")),
        ("GET http://127.0.0.1:9002/x", Some("none of the origins of [vendor]")),
    ] {
        let text = format!("name = 'f'\non = 'user.lifecycle.activate'\n[[step]]\ncall = '{call}'");
        let workflow: Workflow = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
        let refused = workflow.check(&vendor()).err();
        match expected {
            None => assert_eq!(refused, None, "{call}"),
            Some(part) => assert!(refused.as_ref().is_some_and(|error| error.contains(part)), "{call}: {refused:?}"),
        }
    }
}
