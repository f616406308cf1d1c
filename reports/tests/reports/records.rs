//! Runs made by hand, one for each thing a report has to be able to say.

use scim_record::{
    AppPart, Basis, CaseRecord, ChapterRecord, ChapterVerdict, Counts, Deed, Event, Exchange, Failure, Finding, Gate,
    Header, LeftBehind, Level, Location, Outcome, Reading, Reference, RequestRecord, ResponseRecord, RunInfo, Summary,
    Timing, VendorBug, Verdict,
};

const BASE: &str = "https://scim.vendor.test/scim/v2";

/// Everything holds.
pub(crate) fn clean() -> Vec<Event> {
    let cases = vec![
        case("okta/spec/users-are-listed", Outcome::Pass),
        for_app(case("okta/lifecycle/assign-then-deactivate", Outcome::Pass), "aiw"),
        for_app(case("okta/lifecycle/assign-then-deactivate", Outcome::Pass), "catalog"),
    ];
    run(cases, |info| info.cases = 3, |_| {})
}

/// One of everything, two failures of different shape.
pub(crate) fn mixed() -> Vec<Event> {
    let mut cases = vec![
        case("rfc7644/users-read/by-id", Outcome::Pass),
        case("okta/spec/users-are-listed", Outcome::Pass),
        absent_location(),
        for_app(active_is_text(), "catalog"),
        numeric_status(),
        inferred_warning(),
        skipped("rfc7644/etag/if-match-is-honoured", "the server says etag.supported is false"),
        skipped("rfc7644/patch/replace-without-path", "the server says patch.supported is false"),
        skipped("rfc7644/patch/remove-by-filter", "the server says patch.supported is false"),
        timed_out(),
        known(),
        fixed(),
    ];
    cases.reverse();
    run(cases, |info| info.cases = 12, |summary| summary.exit = 1)
}

/// A server that attacks whoever reads the report.
pub(crate) fn hostile() -> Vec<Event> {
    let evil = "::error file=x::\x1b]0;owned\x07\x1b[2J\r\n##vso[task.setvariable]x\u{202e}\u{0}]]><b>&\u{fffe}\u{ffff}\u{9b}31m [[ATTACHMENT|/etc/passwd]]";
    let mut case = absent_location();
    let exchange = &mut case.exchanges[0];
    let response = exchange.response.as_mut().expect("the case was answered");
    response.reason = evil.to_owned();
    response.headers = vec![header("X-Evil", evil)];
    response.body = format!("{evil}\n{}\n", "A".repeat(900));
    let finding = &mut case.findings[0];
    finding.message = format!("/displayName is {evil}");
    finding.expected = Some("one line".to_owned());
    finding.actual = Some(format!("##teamcity[x]\n::warning::{evil}\n{}", "B".repeat(600)));
    finding.curl = Some(format!("curl \"$SCIM/Users/{evil}\""));
    let skip = skipped("rfc7644/etag/if-match-is-honoured", &format!("::set-output name=x::{evil}"));
    run(
        vec![case, skip],
        |info| info.cases = 2,
        |summary| {
            summary.exit = 1;
            summary.left_behind = vec![LeftBehind { path: format!("/Users/{evil}"), reason: evil.to_owned() }];
        },
    )
}

/// Stopped by its user after four cases of twelve, with objects that would not go.
pub(crate) fn interrupted() -> Vec<Event> {
    let cases = vec![case("okta/spec/users-are-listed", Outcome::Pass), absent_location(), numeric_status()];
    run(
        cases,
        |info| info.cases = 12,
        |summary| {
            summary.interrupted = true;
            summary.exit = 130;
            summary.left_behind = vec![
                LeftBehind {
                    path: "/Users/2819c223-7f76-453a-919d-413861904646".to_owned(),
                    reason: "DELETE answered 500".to_owned(),
                },
                LeftBehind {
                    path: "/Groups/e9e30dba".to_owned(),
                    reason: "no complete response within 60000 ms".to_owned(),
                },
            ];
        },
    )
}

/// The server went away: every case met the same broken world.
pub(crate) fn unreachable() -> Vec<Event> {
    let names = ["a", "b", "c", "d", "e"];
    let cases = names.map(|name| {
        let mut case = case(&format!("okta/spec/{name}"), Outcome::Error);
        case.reason = Some("the server could not be reached: connection refused".to_owned());
        case
    });
    run(cases.into(), |info| info.cases = 5, |summary| summary.exit = 3)
}

/// Nothing could be judged.
pub(crate) fn all_skipped() -> Vec<Event> {
    let cases = vec![skipped("rfc7644/patch/replace-without-path", "the server says patch.supported is false")];
    run(cases, |info| info.cases = 1, |summary| summary.exit = 4)
}

/// What the standard leaves open, what readers of it dispute, and a server whose reads lag.
pub(crate) fn dialect() -> Vec<Event> {
    let mut calibrated = case("interop/dialect/patch-answer", Outcome::Pass);
    calibrated.level = Level::May;
    calibrated.reading = Some(Reading {
        name: "no-content".to_owned(),
        meaning: "A PATCH that succeeds is answered with 204 and no body, unless attributes are asked for.".to_owned(),
    });
    let mut lagging = case("rfc7644/users/put-is-stored", Outcome::Pass);
    lagging.notes = vec!["step 3 held only after 350 ms: reads are behind writes".to_owned()];
    let mut disputed = case("rfc7644/filter/absent-is-not-equal", Outcome::Warn);
    disputed.disputed = Some("The clause speaks of attributes that have a value; others read it as of all.".to_owned());
    disputed.findings = vec![Finding {
        verdict: Verdict::Warn,
        level: Level::Must,
        basis: Basis::Documented,
        exchange: None,
        ..finding("step 2", "/totalResults is 0, not 1")
    }];
    let skip = skipped("rfc7644/users/delete", "needs rfc7644/users/create, which failed");
    run(vec![calibrated, lagging, disputed, skip], |info| info.cases = 4, |_| {})
}

/// A chapter of a story, judged by two cases that look at the same exchange, in a run that read and tidied up.
pub(crate) fn story() -> Vec<Event> {
    let push = exchange("assign", "POST", "/Users", Some(r#"{"userName":"lucy"}"#), (201, "Created", r#"{"id":"1"}"#));
    let judged = ["lucy/first-day/okta-is-content", "lucy/first-day/account"].map(|id| {
        let mut case = for_app(case(id, Outcome::Pass), "intranet");
        case.exchanges = vec![push.clone()];
        case
    });
    let chapter = ChapterRecord {
        id: "lucy/first-day".to_owned(),
        title: "Lucy's first day".to_owned(),
        deeds: vec![Deed { at: "2026-03-09 00:00 PDT".to_owned(), text: "Lucy Winter starts work".to_owned() }],
        apps: vec![AppPart {
            name: "intranet".to_owned(),
            target: BASE.to_owned(),
            specimen: false,
            exchanges: vec![push],
            tasks: Vec::new(),
            pushed_ms: Some(61),
            settled_ms: Some(79),
        }],
        verdicts: vec![ChapterVerdict { id: "account".to_owned(), outcome: Outcome::Pass, reason: None }],
    };
    let mut events = run(judged.into(), |_| {}, |_| {});
    let end = events.pop().expect("a run has an end");
    let read = exchange("discovery", "GET", "/ServiceProviderConfig", None, (200, "OK", "{}"));
    let removed = exchange("clean-up", "DELETE", "/Users/1", None, (204, "No Content", ""));
    events.insert(1, Event::RunExchanges(vec![read]));
    events.insert(2, Event::CaseStarted { id: "lucy/first-day/account".to_owned(), app: Some("intranet".to_owned()) });
    events.extend([Event::ChapterFinished(Box::new(chapter)), Event::RunExchanges(vec![removed]), end]);
    events
}

/// Wraps cases into a run's events and counts them.
pub(crate) fn run(
    cases: Vec<CaseRecord>,
    adjust_info: impl FnOnce(&mut RunInfo),
    adjust_summary: impl FnOnce(&mut Summary),
) -> Vec<Event> {
    let mut info = RunInfo {
        version: "0.1.0".to_owned(),
        target: BASE.to_owned(),
        run: "r7k3f".to_owned(),
        seed: "0x5c1a".to_owned(),
        gate: Gate::Okta,
        started: "2026-11-23T12:00:00Z".to_owned(),
        asked: Vec::new(),
        cases: cases.len(),
        specimen: false,
        tls_unverified: false,
        part: None,
    };
    adjust_info(&mut info);
    let mut counts = Counts::default();
    cases.iter().for_each(|case| counts.add(case.outcome));
    let mut summary = Summary {
        counts,
        requests: 1_248,
        retries: 0,
        time_ms: 3_249,
        left_behind: Vec::new(),
        interrupted: false,
        exit: 0,
    };
    adjust_summary(&mut summary);
    let finished = cases.into_iter().map(|case| Event::CaseFinished(Box::new(case)));
    std::iter::once(Event::RunStarted(info)).chain(finished).chain([Event::RunFinished(summary)]).collect()
}

/// A case that says nothing but how it ended.
pub(crate) fn case(id: &str, outcome: Outcome) -> CaseRecord {
    let suite = id.rsplit_once('/').expect("an id is suite/case").0.to_owned();
    CaseRecord {
        id: id.to_owned(),
        location: place(&format!("{suite}.toml"), 7, 1, 8, "[[case]]"),
        suite,
        app: None,
        title: "A title".to_owned(),
        rule: "The service provider SHALL do as the clause says.".to_owned(),
        refs: vec![Reference {
            id: "RFC7644 3.4.1".to_owned(),
            title: "Retrieving a Known Resource".to_owned(),
            url: Some("https://www.rfc-editor.org/rfc/rfc7644#section-3.4.1".to_owned()),
        }],
        level: Level::Must,
        basis: Basis::Documented,
        disputed: None,
        consequence: None,
        mend: None,
        bugs: Vec::new(),
        outcome,
        reason: None,
        findings: Vec::new(),
        reading: None,
        notes: Vec::new(),
        fuzz: None,
        exchanges: Vec::new(),
        time_ms: 42,
    }
}

fn for_app(mut case: CaseRecord, app: &str) -> CaseRecord {
    case.app = Some(app.to_owned());
    case
}

fn skipped(id: &str, reason: &str) -> CaseRecord {
    CaseRecord { reason: Some(reason.to_owned()), ..case(id, Outcome::Skip) }
}

fn absent_location() -> CaseRecord {
    let mut case = case("rfc7644/users-create/required-attributes-only", Outcome::Fail);
    case.rule = "The service provider SHALL answer 201 with the stored resource and its Location.".to_owned();
    case.refs = vec![Reference {
        id: "RFC7644 3.3".to_owned(),
        title: "Creating Resources".to_owned(),
        url: Some("https://www.rfc-editor.org/rfc/rfc7644#section-3.3".to_owned()),
    }];
    case.mend = Some(
        "Return the stored resource with meta.location in the body of the 201, the same URL as in the Location header."
            .to_owned(),
    );
    let source = r#"  "meta":     { "resourceType": "User", "location": "{{base}}/Users/{{id}}","#;
    case.findings = vec![Finding {
        location: Some(place("rfc7644/users-create.toml", 25, 53, 22, source)),
        pointer: Some("/meta/location".to_owned()),
        expected: Some(format!("\"{BASE}/Users/2819c223\"")),
        curl: Some(r#"curl -X POST "$SCIM/Users" -H "Authorization: Bearer $SCIM_TOKEN" -H 'Content-Type: application/scim+json' -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"r7k3f.minimal@example.test"}'"#.to_owned()),
        ..finding("step 1", "/meta/location is absent in the answer")
    }];
    let sent = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"r7k3f.minimal@example.test"}"#;
    let came = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"2819c223","userName":"r7k3f.minimal@example.test","meta":{"resourceType":"User"}}"#;
    case.exchanges = vec![
        exchange("step 1", "POST", "/Users", Some(sent), (201, "Created", came)),
        exchange("clean-up", "DELETE", "/Users/2819c223", None, (204, "No Content", "")),
    ];
    case
}

fn active_is_text() -> CaseRecord {
    let mut case = case("okta/lifecycle/deactivate-is-stored", Outcome::Fail);
    case.level = Level::Okta;
    case.basis = Basis::Captured;
    case.rule = "After Okta deactivated a user, a GET answers with active as the JSON boolean false, whatever the spelling of the value that was sent.".to_owned();
    case.refs = vec![
        Reference { id: "C9294".to_owned(), title: "Deactivate a user".to_owned(), url: None },
        Reference {
            id: "RFC7643 4.1.1".to_owned(),
            title: "Singular Attributes".to_owned(),
            url: Some("https://www.rfc-editor.org/rfc/rfc7643#section-4.1.1".to_owned()),
        },
    ];
    case.consequence =
        Some("The user stays active in the app after leaving the company; Okta's import shows a conflict.".to_owned());
    case.mend =
        Some("Parse the boolean before storing it and serialise active as true or false without quotes.".to_owned());
    case.bugs = vec![VendorBug {
        row: 12,
        project: "example/idm".to_owned(),
        summary: "active is returned as a string".to_owned(),
        url: "https://bugs.example.test/idm/12".to_owned(),
    }];
    let expected = "{\n  \"schemas\": [\n    \"urn:ietf:params:scim:schemas:core:2.0:User\"\n  ],\n  \"userName\": \"r7k3f.ada@example.test\",\n  \"active\": false,\n  \"name\": {\n    \"givenName\": \"Ada\"\n  }\n}";
    let source = r#"expect.remote = '{ "userName": "{{run}}.ada@example.test", "active": false, "name": { "givenName": "Ada" }, "emails": [ { "primary": true } ] }'"#;
    case.findings = vec![
        Finding {
            location: Some(place("okta/lifecycle.toml", 104, 71, 5, source)),
            pointer: Some("/active".to_owned()),
            expected: Some(expected.to_owned()),
            actual: Some(expected.replace("false", "\"False\"")),
            exchange: Some(1),
            ..finding("deactivate", "/active is the string \"False\", not the boolean false")
        },
        Finding {
            location: Some(place("okta/lifecycle.toml", 105, 16, 3, "expect.status = 200")),
            expected: Some("200".to_owned()),
            actual: Some("202".to_owned()),
            exchange: Some(1),
            curl: Some("curl \"$SCIM/Users/2819c223\"".to_owned()),
            ..finding("deactivate", "the status is 202, not 200")
        },
        Finding {
            verdict: Verdict::Warn,
            level: Level::Should,
            exchange: Some(1),
            location: Some(place("okta/lifecycle.toml", 106, 1, 10, "expect.checks = [\"media-type-scim-json\"]")),
            ..finding("deactivate", "the media type is application/json, not application/scim+json")
        },
    ];
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}"#;
    case.exchanges = vec![
        exchange("deactivate", "PATCH", "/Users/2819c223", Some(patch), (204, "No Content", "")),
        exchange(
            "deactivate",
            "GET",
            "/Users/2819c223",
            None,
            (202, "Accepted", r#"{"active":"False","active":false}"#),
        ),
    ];
    case
}

fn numeric_status() -> CaseRecord {
    let mut case = case("rfc7644/errors/status-is-a-string", Outcome::Warn);
    case.findings = vec![Finding {
        verdict: Verdict::Warn,
        location: Some(place("rfc7644/errors.toml", 31, 15, 5, "  \"status\": \"404\" }")),
        ..finding("step 1", "/status is the number 404, not the string \"404\"")
    }];
    case.exchanges = vec![exchange("step 1", "GET", "/Users/none", None, (404, "Not Found", r#"{"status":404}"#))];
    case
}

fn inferred_warning() -> CaseRecord {
    let mut case = for_app(case("okta/lifecycle/put-keeps-unknown-attributes", Outcome::Warn), "wizard");
    case.level = Level::Okta;
    case.basis = Basis::Inferred;
    case.findings = vec![Finding {
        verdict: Verdict::Warn,
        level: Level::Okta,
        basis: Basis::Inferred,
        exchange: None,
        ..finding("update", "nickName was lost by the PUT")
    }];
    case
}

fn timed_out() -> CaseRecord {
    let mut case = case("okta/spec/filter-by-user-name", Outcome::Error);
    case.reason = Some("no complete response within 60000 ms".to_owned());
    let mut exchange = exchange(
        "step 1",
        "GET",
        "/Users?filter=userName%20eq%20%22r7k3f.ada%40example.test%22&startIndex=1&count=100",
        None,
        (0, "", ""),
    );
    exchange.response = None;
    exchange.failure = Some(Failure::TimedOut { after_ms: 60_000 });
    case.exchanges = vec![exchange];
    case
}

fn known() -> CaseRecord {
    let mut case = absent_location();
    case.id = "rfc7644/users-create/duplicate-is-409".to_owned();
    case.outcome = Outcome::Known;
    case.reason = Some("VENDOR-812, planned for March".to_owned());
    case
}

fn fixed() -> CaseRecord {
    let mut case = case("rfc7644/users-create/password-is-never-returned", Outcome::Fixed);
    case.reason = Some("VENDOR-790".to_owned());
    case
}

fn finding(step: &str, message: &str) -> Finding {
    Finding {
        verdict: Verdict::Fail,
        level: Level::Must,
        basis: Basis::Documented,
        step: step.to_owned(),
        message: message.to_owned(),
        pointer: None,
        expected: None,
        actual: None,
        location: None,
        exchange: Some(0),
        curl: None,
        fuzz: None,
        fingerprint: "c0ffee5eed".to_owned(),
    }
}

fn place(file: &str, line: usize, column: usize, width: usize, source: &str) -> Location {
    Location { file: file.to_owned(), line, column, width, source: source.to_owned() }
}

fn exchange(step: &str, method: &str, target: &str, body: Option<&str>, answer: (u16, &str, &str)) -> Exchange {
    let (status, reason, text) = answer;
    Exchange {
        step: step.to_owned(),
        request: RequestRecord {
            method: method.to_owned(),
            url: format!("{BASE}{target}"),
            headers: vec![header("User-Agent", "Okta SCIM Client 1.0.0"), header("Authorization", "Bearer ***")],
            body: body.map(str::to_owned),
        },
        response: Some(ResponseRecord {
            status,
            reason: reason.to_owned(),
            headers: vec![header("content-type", "application/scim+json")],
            body: text.to_owned(),
            size: text.len(),
        }),
        failure: None,
        timing: Timing { started_ms: 1_795_435_200_000, headers_ms: 36.1239, total_ms: 38.25 },
    }
}

fn header(name: &str, value: &str) -> Header {
    Header { name: name.to_owned(), value: value.to_owned() }
}

/// A failed case that carries the text wherever a service provider can put one.
pub(crate) fn carrying(id: &str, text: &str) -> CaseRecord {
    let mut case = case(id, Outcome::Fail);
    case.app = Some(text.to_owned());
    case.findings = vec![Finding {
        expected: Some(text.to_owned()),
        actual: Some(format!("{text}\n{text}")),
        curl: Some(text.to_owned()),
        ..finding(text, text)
    }];
    case.exchanges = vec![exchange(text, "GET", "/Users", Some(text), (200, text, text))];
    case
}

/// A skipped case with the text as its reason.
pub(crate) fn skipped_because(id: &str, text: &str) -> CaseRecord {
    skipped(id, text)
}
