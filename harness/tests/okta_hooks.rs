//! The cases about event hooks: a correct receiver passes all of them, and each fails on a receiver with some fault.

use rehearsal::Seed;
use rehearsal::journal::Journal;
use rehearsal::run::{Line, Run, Settings};
use rehearsal::select::select_for;
use rehearsal::suites::{self, Suites};
use scim_record::{CaseRecord, Event, Gate, Outcome, Redactor};
use scim_suite::{ScimVersion, TargetKind};
use scim_transport::{Credentials, Limits, Secret, Target, Transport};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::watch;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const SECRET: &str = "rehearsal-hook-secret";

/// What a receiver does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    ForgetsTheChallenge,
    TrimsTheChallenge,
    RefusesSingleEvents,
    AnswersWithText,
    IsSlow,
    TakesOneEvent,
    TakesLittle,
    RefusesDuplicates,
    WantsOrder,
    KnowsItsTypes,
    KnowsItsFields,
    ReadsAscii,
    TakesAnySecret,
    AsksForNoSecret,
}

/// Every fault, with the case that is about it.
const FAULTS: [(Fault, &str); 14] = [
    (Fault::ForgetsTheChallenge, "challenge-is-echoed"),
    (Fault::TrimsTheChallenge, "challenge-of-other-characters"),
    (Fault::RefusesSingleEvents, "single-event"),
    (Fault::AnswersWithText, "answer-is-200-or-204-and-empty"),
    (Fault::IsSlow, "answer-within-three-seconds"),
    (Fault::TakesOneEvent, "batch-of-three"),
    (Fault::TakesLittle, "large-batch"),
    (Fault::RefusesDuplicates, "duplicate-event-id"),
    (Fault::WantsOrder, "shuffled-order"),
    (Fault::KnowsItsTypes, "unknown-event-type"),
    (Fault::KnowsItsFields, "unknown-fields"),
    (Fault::ReadsAscii, "non-ascii-names"),
    (Fault::TakesAnySecret, "wrong-secret"),
    (Fault::AsksForNoSecret, "missing-secret"),
];

/// A receiver of event hooks: correct but for its fault.
struct Receiver {
    fault: Option<Fault>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    ids: BTreeSet<String>,
    /// The latest `published` of each user.
    latest: BTreeMap<String, String>,
}

impl Receiver {
    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn verify(&self, challenge: &str) -> ResponseTemplate {
        let echo = match self.fault {
            Some(Fault::ForgetsTheChallenge) => json!({}),
            Some(Fault::TrimsTheChallenge) => {
                let kept: String =
                    challenge.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
                json!({ "verification": kept })
            }
            _ => json!({ "verification": challenge }),
        };
        ResponseTemplate::new(200).set_body_json(echo)
    }

    fn is_admitted(&self, secret: Option<&str>) -> bool {
        match secret {
            Some(secret) => secret == SECRET || self.has(Fault::TakesAnySecret),
            None => self.has(Fault::AsksForNoSecret),
        }
    }

    /// Returns the status for a delivery, as somebody would write it who knows Okta's documentation.
    fn take(&self, body: &[u8]) -> u16 {
        let Ok(envelope) = serde_json::from_slice::<Value>(body) else { return 400 };
        let events = envelope["data"]["events"].as_array().cloned().unwrap_or_default();
        if envelope["eventType"] != "com.okta.event_hook" || events.is_empty() || !envelope["eventId"].is_string() {
            return 400;
        }
        let is_whole = |event: &Value| KEYS.iter().all(|key| event.get(key).is_some());
        if !events.iter().all(is_whole) {
            return 400;
        }
        let is_known_type =
            |event: &Value| event["eventType"].as_str().is_some_and(|name| !name.starts_with("rehearsal."));
        let has_known_keys = |event: &Value| {
            let keys = event.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
            keys.into_iter().all(|key| KEYS.contains(&key) || MORE_KEYS.contains(&key))
        };
        let mut seen = self.seen.lock().expect("no panic");
        let is_known = !seen.ids.insert(envelope["eventId"].to_string());
        let mut is_ordered = true;
        for event in &events {
            let user = event["target"][0]["id"].to_string() + &event["target"][0]["alternateId"].to_string();
            let published = event["published"].to_string();
            let latest = seen.latest.entry(user).or_default();
            is_ordered &= published >= *latest;
            *latest = published.max(latest.clone());
        }
        let is_refused = match self.fault {
            Some(Fault::RefusesSingleEvents) => events.len() == 1,
            Some(Fault::TakesOneEvent) => events.len() > 1,
            Some(Fault::TakesLittle) => body.len() > 100_000,
            Some(Fault::RefusesDuplicates) => is_known,
            Some(Fault::WantsOrder) => !is_ordered,
            Some(Fault::KnowsItsTypes) => !events.iter().all(is_known_type),
            Some(Fault::KnowsItsFields) => !events.iter().all(has_known_keys),
            Some(Fault::ReadsAscii) => !body.is_ascii(),
            _ => false,
        };
        if is_refused { 422 } else { 204 }
    }
}

impl Respond for Receiver {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        if request.method.as_str() == "GET" {
            let challenge = header("x-okta-verification-challenge");
            return challenge.map_or(ResponseTemplate::new(400), |challenge| self.verify(challenge));
        }
        if request.method.as_str() != "POST" || request.url.path() != "/hooks/okta" {
            return ResponseTemplate::new(404);
        }
        if request.url.query() != Some("tenant=acme-tenant") || header("content-type") != Some("application/json") {
            return ResponseTemplate::new(400);
        }
        if !self.is_admitted(header("authorization")) {
            return ResponseTemplate::new(401);
        }
        let answer = ResponseTemplate::new(self.take(&request.body));
        match self.fault {
            Some(Fault::AnswersWithText) => ResponseTemplate::new(200).set_body_string("OK"),
            Some(Fault::IsSlow) => answer.set_delay(Duration::from_millis(3200)),
            _ => answer,
        }
    }
}

/// What every event of the System Log has.
const KEYS: [&str; 16] = [
    "uuid",
    "published",
    "eventType",
    "version",
    "displayMessage",
    "severity",
    "client",
    "device",
    "actor",
    "outcome",
    "target",
    "transaction",
    "debugContext",
    "legacyEventType",
    "authenticationContext",
    "securityContext",
];

const MORE_KEYS: [&str; 2] = ["insertionTimestamp", "request"];

async fn serve(fault: Option<Fault>) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(Receiver { fault, seen: Mutex::default() }).mount(&server).await;
    server
}

fn url(server: &MockServer) -> String {
    format!("{}/hooks/okta?tenant=acme-tenant", server.uri())
}

/// Runs every case against a receiver, under the strictest gate.
async fn run(suites: &Suites, fault: Option<Fault>, secret: Option<&str>) -> (MockServer, Vec<CaseRecord>) {
    let server = serve(fault).await;
    let seed = Seed(7);
    let target = Target::endpoint(&url(&server)).expect("an endpoint");
    let credentials = secret.map_or(Credentials::None, |secret| Credentials::Header {
        name: "Authorization".to_owned(),
        value: Secret::new(secret),
    });
    let redactor = Redactor::new(Vec::new(), Some(seed.run_id()));
    let transport = Transport::new(target, credentials, Limits::default(), redactor).expect("a transport");
    let lines = [Line { version: ScimVersion::V2, transport }];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let journal = Journal::create(folder.path(), &seed.run_id(), &server.uri()).expect("a journal");
    let (_stop, interrupt) = watch::channel(false);
    let settings = Settings { jobs: 8, ..Settings::new(Gate::Strict, seed) };
    let run = Run { lines: &lines, journal: &journal, catalog: &suites.catalog, settings, interrupt };
    let trials = select_for(TargetKind::EventHook, &suites.plan, &[], &[], &[ScimVersion::V2]).expect("cases");
    let mut records = Vec::new();
    let mut note = |event: &Event| {
        if let Event::CaseFinished(record) = event {
            records.push((**record).clone());
        }
    };
    let summary = run.execute(&trials, &mut note).await.expect("a receiver lets itself be tested");
    assert!(summary.left_behind.is_empty(), "{:?}", summary.left_behind);
    (server, records)
}

/// How a case ended, and what was found.
type Ended<'r> = (Outcome, Vec<&'r str>);

fn wrong(records: &[CaseRecord]) -> BTreeMap<&str, Ended<'_>> {
    let wrong = records.iter().filter(|record| record.outcome != Outcome::Pass);
    wrong
        .map(|record| {
            let findings = record.findings.iter().map(|finding| finding.message.as_str()).collect();
            (record.id.trim_start_matches("hooks/receiver/"), (record.outcome, findings))
        })
        .collect()
}

fn reasons(records: &[CaseRecord]) -> Vec<&str> {
    records.iter().filter_map(|record| record.reason.as_deref()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correct_receiver_passes_every_case_and_is_asked_for_nothing_else() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let (server, records) = run(&suites, None, Some(SECRET)).await;
    assert_eq!(wrong(&records), BTreeMap::new());
    assert_eq!(records.len(), FAULTS.len());
    let requests = server.received_requests().await.expect("requests are recorded");
    for request in &requests {
        assert_eq!((request.url.path(), request.url.query()), ("/hooks/okta", Some("tenant=acme-tenant")));
        assert!(request.headers.get("user-agent").is_none(), "it is no SCIM client");
        assert_eq!(request.headers["accept"], "application/json");
    }
    let largest = requests.iter().map(|request| request.body.len()).max();
    assert!(largest > Some(100 * 1024), "{largest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_fails_on_the_fault_it_is_about() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let about: BTreeSet<String> = FAULTS.iter().map(|(_, case)| format!("hooks/receiver/{case}")).collect();
    let all = suites.plan.cases.iter().filter(|case| case.target == TargetKind::EventHook);
    assert_eq!(
        all.map(|case| case.id.clone()).collect::<BTreeSet<_>>(),
        about,
        "a case without a fault proves nothing"
    );
    for (fault, case) in FAULTS {
        let (_server, records) = run(&suites, Some(fault), Some(SECRET)).await;
        let wrong = wrong(&records);
        let outcome = wrong.get(case).map(|(outcome, _)| *outcome);
        // What is inferred about Okta warns at most.
        let is_inferred = ["challenge-of-other-characters", "large-batch"].contains(&case);
        let expected = if is_inferred { Outcome::Warn } else { Outcome::Fail };
        assert_eq!(outcome, Some(expected), "{fault:?}: {wrong:?}");
        let bystanders: Vec<&&str> = wrong.keys().filter(|other| !touches(fault, other)).collect();
        assert!(bystanders.is_empty(), "{fault:?}: {wrong:?}");
    }
}

/// Tells whether a fault can be seen by a case.
fn touches(fault: Fault, case: &str) -> bool {
    let is_own = FAULTS.contains(&(fault, case));
    let single = [
        "answer-is-200-or-204-and-empty",
        "duplicate-event-id",
        "unknown-event-type",
        "unknown-fields",
        "non-ascii-names",
        "shuffled-order",
    ];
    is_own
        || match fault {
            Fault::ForgetsTheChallenge => case.starts_with("challenge-"),
            Fault::RefusesSingleEvents => single.contains(&case),
            Fault::TakesOneEvent => ["large-batch", "shuffled-order"].contains(&case),
            _ => false,
        }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_the_cases_about_it_are_skipped_with_the_reason() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let (_server, records) = run(&suites, Some(Fault::AsksForNoSecret), None).await;
    let wrong = wrong(&records);
    let expected =
        BTreeMap::from([("missing-secret", (Outcome::Skip, vec![])), ("wrong-secret", (Outcome::Skip, vec![]))]);
    assert_eq!(wrong, expected);
    assert!(reasons(&records).iter().all(|reason| reason.contains("--secret")), "{records:?}");
}

/// Runs the program.
fn program(arguments: &[&str], folder: &std::path::Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .current_dir(folder)
        .env("HOOK_SECRET", SECRET)
        .args(arguments)
        .output()
        .expect("the program starts");
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (output.status.code(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_tells_by_its_exit_code_and_shows_no_secret() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let good = serve(None).await;
    let arguments = ["okta", "hooks", &url(&good), "--secret", "env:HOOK_SECRET", "--trace", "--json", "report.json"];
    let (code, text) = program(&arguments, folder.path());
    assert_eq!(code, Some(0), "{text}");

    let bad = serve(Some(Fault::RefusesSingleEvents)).await;
    let (code, text) = program(&["okta", "hooks", &url(&bad), "--secret", "env:HOOK_SECRET", "--trace"], folder.path());
    assert_eq!(code, Some(1), "{text}");
    let report = std::fs::read_to_string(folder.path().join("report.json")).expect("a report");
    for (what, shown) in [("output", &text), ("report", &report)] {
        assert!(!shown.contains(SECRET) && !shown.contains("acme-tenant"), "the {what} shows a secret: {shown}");
    }
    assert!(text.contains("curl -gi -X POST \"$RECEIVER\""), "{text}");

    let (code, text) = program(&["okta", "hooks", "http://127.0.0.1:1/hook"], folder.path());
    assert_eq!(code, Some(3), "{text}");
    for (arguments, part) in [
        (vec!["okta", "hooks", "127.0.0.1/hook"], "scheme"),
        (vec!["okta", "hooks", "http://127.0.0.1:1/", "--secret", SECRET], "env:NAME"),
    ] {
        let (code, text) = program(&arguments, folder.path());
        assert_eq!((code, text.contains(part), text.contains(SECRET)), (Some(2), true, false), "{text}");
    }
    let (code, text) = program(&["okta", "hooks", "--list"], folder.path());
    assert!(code == Some(0) && text.contains("hooks/receiver/batch-of-three"), "{text}");
    let (_, text) = program(&["test", "--list"], folder.path());
    assert!(!text.contains("hooks/receiver"), "{text}");
}
