//! What the words of a suite file do, against servers that are made for them.

use rehearsal::journal::Journal;
use rehearsal::run::{Line, Run, Settings};
use rehearsal::select::select;
use rehearsal::{Seed, suites};
use scim_record::{CaseRecord, Event, Gate, Outcome, Redactor};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Target, Transport};
use serde_json::{Value, json};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use wiremock::matchers::{any, method, path, path_regex, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Runs a suite called `t` that has these cases and returns their records by id, without the suite.
async fn run(server: &MockServer, cases: &str) -> Vec<CaseRecord> {
    run_with(server, cases, Settings::new(Gate::Rfc, Seed(1))).await
}

async fn run_with(server: &MockServer, cases: &str, settings: Settings) -> Vec<CaseRecord> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("t.toml"), format!("suite = \"t\"\ntitle = \"t\"\n{cases}")).expect("a file");
    let suites = suites::load(&[folder.path().to_owned()]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let trials = select(&suites.plan, &["t".to_owned()], &[], &[ScimVersion::V2]).expect("the suite has cases");
    let redactor = Redactor::new(Vec::new(), Some(settings.seed.run_id()));
    let target = Target::parse(&server.uri()).expect("the server's own URL");
    let transport = Transport::new(target, Credentials::None, Limits::default(), redactor).expect("a transport");
    let lines = [Line { version: ScimVersion::V2, transport }];
    let journal = Journal::create(folder.path(), &settings.seed.run_id(), &server.uri()).expect("a journal");
    let (_stop, interrupt) = watch::channel(false);
    let run = Run { lines: &lines, journal: &journal, catalog: &suites.catalog, settings, interrupt };
    let mut records = Vec::new();
    run.execute(&trials, &mut |event| {
        if let Event::CaseFinished(record) = event {
            records.push((**record).clone());
        }
    })
    .await
    .expect("the server lets itself be tested");
    records.sort_by(|a, b| a.id.cmp(&b.id));
    records
}

/// Returns the text of a case with these keys and steps.
fn case(id: &str, keys: &str, steps: &str) -> String {
    format!("\n[[case]]\nid = \"{id}\"\ntitle = \"t\"\nrule = \"It is so.\"\nlevel = \"must\"\n{keys}\n{steps}")
}

/// Returns how a case ended, with its reason or the first sentence about it.
fn told(record: &CaseRecord) -> (Outcome, &str) {
    let finding = record.findings.first().map(|finding| finding.message.as_str());
    (record.outcome, record.reason.as_deref().or(finding).unwrap_or_default())
}

async fn answer(server: &MockServer, verb: &str, place: &str, answer: ResponseTemplate) {
    Mock::given(method(verb)).and(path(place)).respond_with(answer).mount(server).await;
}

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

fn ok(body: Value) -> ResponseTemplate {
    status(200).set_body_json(body)
}

/// A server that passes for one of SCIM: it has a configuration, nobody, and 404 for what a test does not add.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    let list = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0 });
    let config = json!({ "patch": { "supported": true }, "bulk": { "supported": false },
        "pagination": { "cursor": true, "index": false } });
    answer(&server, "GET", "/ServiceProviderConfig", ok(config)).await;
    for place in ["/Users", "/Groups"] {
        // What a test says about lists comes before this.
        Mock::given(method("GET"))
            .and(path(place))
            .respond_with(ok(list.clone()))
            .with_priority(9)
            .mount(&server)
            .await;
    }
    Mock::given(any()).respond_with(status(404)).with_priority(10).mount(&server).await;
    server
}

/// Returns the requests for paths that start so: the method, the path with its query, and the body.
async fn sent(server: &MockServer, wanted: &str) -> Vec<(String, String)> {
    let requests = server.received_requests().await.expect("requests are recorded");
    let shown = |request: &Request| {
        let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let place = format!("{} {}{query}", request.method, request.url.path());
        (place, String::from_utf8_lossy(&request.body).into_owned())
    };
    requests.iter().filter(|one| one.url.path().starts_with(wanted)).map(shown).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disputed_rule_warns_but_a_broken_server_fails() {
    let server = server().await;
    answer(&server, "GET", "/Users/broken", status(500)).await;
    let step = |place: &str| format!("[[case.step]]\nsend = \"GET /Users/{place}\"\nexpect.status = 200");
    let disputed = "disputed = \"The clause can be read both ways.\"";
    let cases = [
        case("broken", disputed, &step("broken")),
        case("disputed", disputed, &step("nobody")),
        case("undisputed", "", &step("nobody")),
    ];
    let records = run(&server, &cases.concat()).await;
    let outcomes: Vec<Outcome> = records.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Fail, Outcome::Warn, Outcome::Fail]);
    assert_eq!(records[1].disputed.as_deref(), Some("The clause can be read both ways."));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_broken_case_is_one_finding() {
    let server = server().await;
    let get = "[[case.step]]\nsend = \"GET /Users/1\"\nexpect.status = 200";
    let fine = "[[case.step]]\nsend = \"GET /Users\"\nexpect.status = 200";
    let cases = [
        case("basic", "", get),
        case("further", "requires = [\"basic\"]", get),
        case("furthest", "requires = [\"t/further\"]", get),
        case("other", "", fine),
        case("with-both", "requires = [\"other\", \"basic\"]", fine),
    ];
    let records = run(&server, &cases.concat()).await;
    let told: Vec<_> = records.iter().map(told).collect();
    let reason = "needs t/basic, which failed";
    assert_eq!(told[0].0, Outcome::Fail);
    assert_eq!(
        told[1..],
        [(Outcome::Skip, reason), (Outcome::Skip, reason), (Outcome::Pass, ""), (Outcome::Skip, reason)]
    );
    assert_eq!(sent(&server, "/Users/1").await.len(), 1);

    let settings = Settings { ignore_requires: true, ..Settings::new(Gate::Rfc, Seed(1)) };
    let records = run_with(&server, &cases.concat(), settings).await;
    assert_eq!(records.iter().filter(|record| record.outcome == Outcome::Fail).count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_rule_that_nobody_hears_of_breaks_no_chain() {
    let server = server().await;
    let step = "[[case.step]]\nsend = \"GET /Users/1\"\nexpect.status = 200";
    let optional = case("optional", "", step).replace("\"must\"", "\"may\"");
    let further = case("further", "requires = [\"optional\"]", step).replace("\"must\"", "\"may\"");
    let cases = [optional, further].concat();
    let outcomes = |records: Vec<CaseRecord>| records.iter().map(|record| record.outcome).collect::<Vec<_>>();
    assert_eq!(outcomes(run(&server, &cases).await), [Outcome::Pass, Outcome::Pass]);
    let strict = run_with(&server, &cases, Settings::new(Gate::Strict, Seed(1))).await;
    assert_eq!(outcomes(strict), [Outcome::Skip, Outcome::Warn]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_may_end_a_case_either_way() {
    let server = server().await;
    answer(&server, "POST", "/Users/.search", status(501)).await;
    answer(&server, "POST", "/Things", status(403)).await;
    let never = "\n[[case.step]]\nsend = \"GET /Never\"\nexpect.status = 200";
    let step = |target: &str, expect: &str| {
        format!("[[case.step]]\nsend = \"{target}\"\nexpect.status = 200\nexpect.{expect}{never}")
    };
    let cases = [
        case("neither", "", &step("POST /Things", "passes-on = [404]")),
        case("passes", "", &step("POST /Things", "passes-on = [404, \"4xx\"]")),
        case("skips", "", &step("POST /Users/.search?x=1", "skips-on = [404, 405, 501]")),
        case("dependent", "requires = [\"skips\"]", &step("GET /Never", "passes-on = [404]")),
    ];
    let records = run(&server, &cases.concat()).await;
    let told: Vec<_> = records.iter().map(told).collect();
    let reason = "POST /Users/.search answered 501";
    assert_eq!(
        told,
        [
            (Outcome::Skip, reason),
            (Outcome::Fail, "the server answered 403, not 200"),
            (Outcome::Pass, ""),
            (Outcome::Skip, reason)
        ]
    );
    assert_eq!(sent(&server, "/Never").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_performed_for_each_value_and_findings_name_it() {
    let server = server().await;
    answer(&server, "GET", "/Things/b", status(200)).await;
    let steps = r#"
[[case.step]]
send = "GET /Things/{{each}}?q={{each.encoded}}"
each = ["a%20a", "b", "c"]
expect.status = 200

[[case.step]]
send = "GET /Never"
"#;
    let records = run(&server, &case("one", "", steps)).await;
    let messages: Vec<&str> = records[0].findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        ["with \"a%20a\": the server answered 404, not 200", "with \"c\": the server answered 404, not 200"]
    );
    let places: Vec<String> = sent(&server, "/Things").await.into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["GET /Things/a%20a?q=a%2520a", "GET /Things/b?q=b", "GET /Things/c?q=c"]);
    assert_eq!(sent(&server, "/Never").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_may_hold_holes_and_stand_in_bodies() {
    let server = server().await;
    answer(&server, "POST", "/Things", status(200)).await;
    let steps = r#"
[[case.step]]
send = "POST /Things"
each = ['say "{{run}}"', "b"]
json = '{ "filter": "{{each}}" }'
expect.status = 200
expect.skips-on = 501
"#;
    let records = run(&server, &case("one", "", steps)).await;
    assert_eq!(told(&records[0]), (Outcome::Pass, ""));
    let bodies: Vec<Value> =
        sent(&server, "/Things").await.iter().map(|(_, body)| serde_json::from_str(body).expect("JSON")).collect();
    let first = bodies[0]["filter"].as_str().expect("a text");
    assert!(first.starts_with("say \"rh") && first.ends_with('"'), "{first}");
    assert_eq!(bodies[1], json!({ "filter": "b" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_resource_is_sent_back_changed_and_compared() {
    let server = server().await;
    let stored = json!({ "id": "1", "name": { "givenName": "Ada", "familyName": "B" }, "n": 1.50, "tags": ["x", "y"],
        "meta": { "version": "1" }, "nickName": null });
    let read = json!({ "tags": ["y", "x"], "ID": "1", "name": { "familyName": "B", "givenName": "Ada" }, "n": 1.5,
        "meta": { "version": "2" }, "emails": [] });
    let other = json!({ "id": "1", "name": { "givenName": "Eve" }, "n": 1.5, "tags": ["x", "y"], "title": "Dr" });
    answer(&server, "GET", "/Things/1", ok(stored)).await;
    answer(&server, "GET", "/Things/same", ok(read)).await;
    answer(&server, "GET", "/Things/other", ok(other)).await;
    answer(&server, "POST", "/Things", status(204)).await;
    let steps = |last: &str| {
        format!(
            r#"
[[case.step]]
send = "GET /Things/1"
save = "thing"
expect.status = 200

[[case.step]]
send = "POST /Things"
body-of = "thing"
with = '{{ "name": {{ "givenName": "{{{{run}}}}" }}, "nickName": null, "id": null, "added": [1] }}'
expect.status = 204

[[case.step]]
send = "GET /Things/{last}"
expect.equals = "thing"
expect.except = ["meta.version"]
"#
        )
    };
    let cases = [case("other", "", &steps("other")), case("same", "", &steps("same"))].concat();
    let records = run(&server, &cases).await;
    let messages: Vec<&str> = records[0].findings.iter().map(|finding| finding.message.as_str()).collect();
    // Neither resource bears the run's mark, so nobody is told what it holds.
    assert_eq!(
        messages,
        ["/name/givenName is \"…\", not \"…\"", "/name/familyName is absent", "/title is there, though it must not be"]
    );
    assert_eq!(told(&records[1]), (Outcome::Pass, ""));
    let (_, body) =
        sent(&server, "/Things").await.into_iter().find(|(place, _)| place.starts_with("POST")).expect("sent");
    assert!(body.starts_with(r#"{"name":{"givenName":"rh"#), "{body}");
    assert!(
        body.ends_with(r#"","familyName":"B"},"n":1.5,"tags":["x","y"],"meta":{"version":"1"},"added":[1]}"#),
        "{body}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_save_is_a_finding() {
    let server = server().await;
    answer(&server, "GET", "/Things/1", status(200).set_body_string("[]")).await;
    let steps = "[[case.step]]\nsend = \"GET /Things/1\"\nsave = \"thing\"";
    let records = run(&server, &case("one", "", steps)).await;
    let sentence = "the body is no JSON object, so that there is no resource to go on with";
    assert_eq!(told(&records[0]), (Outcome::Fail, sentence));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_never_occur_is_looked_for_everywhere() {
    let server = server().await;
    answer(&server, "GET", "/Things/body", status(200).set_body_string(r#"{"a":["x\u0073ecretx"]}"#)).await;
    answer(&server, "GET", "/Things/header", status(200).insert_header("X-Echo", "my secret")).await;
    answer(&server, "GET", "/Things/none", ok(json!({ "a": "sekret" }))).await;
    let step = |place: &str| format!("[[case.step]]\nsend = \"GET /Things/{place}\"\nexpect.never = [\"secret\"]");
    let cases = ["body", "header", "none"].map(|place| case(place, "", &step(place)));
    let records = run(&server, &cases.concat()).await;
    let told: Vec<_> = records.iter().map(told).collect();
    assert_eq!(
        told,
        [
            (Outcome::Fail, "the body has \"secret\" in it, though it must not"),
            (Outcome::Fail, "the header x-echo has \"secret\" in it, though it must not"),
            (Outcome::Pass, ""),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_are_one_list() {
    let server = server().await;
    let page = |ids: &[&str], next: Option<&str>| {
        let resources: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "password": "hush" })).collect();
        ok(json!({ "totalResults": 3, "Resources": resources, "nextCursor": next }))
    };
    for (cursor, answer) in [("", page(&["a", "b"], Some("x="))), ("x=", page(&["c"], None))] {
        Mock::given(path("/Users")).and(query_param("cursor", cursor)).respond_with(answer).mount(&server).await;
    }
    let steps = |wanted: &str| {
        format!(
            "[[case.step]]\nsend = \"GET /Users?filter=x\"\npages = \"cursor\"\npage-size = 2\nexpect.status = 200\n\
             expect.json = '{wanted}'"
        )
    };
    let cases = [
        case("all", "", &steps(r#"{ "totalResults": 3, "Resources": [{ "id": "a" }, { "id": "b" }, { "id": "c" }] }"#)),
        case("other", "", &steps(r#"{ "Resources": ["{{each}}", { "id": "a", "password": "{{absent}}" }] }"#)),
    ];
    let records = run(&server, &cases.concat()).await;
    assert_eq!(told(&records[0]), (Outcome::Pass, ""));
    let messages: Vec<&str> = records[1].findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(messages.len(), 5, "{messages:?}");
    assert!(messages.iter().all(|message| !message.contains("hush")), "{messages:?}");
    let places: Vec<String> = sent(&server, "/Users").await.into_iter().map(|(place, _)| place).collect();
    let walked = ["GET /Users?filter=x&cursor=&count=2", "GET /Users?filter=x&cursor=x%3D&count=2"];
    assert!(places.windows(2).any(|two| two == walked), "{places:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_may_be_behind_the_write_for_a_while() {
    let server = server().await;
    answer(&server, "POST", "/Things", status(200)).await;
    for place in ["/Things/1", "/Things/2", "/Things/3", "/Things/4"] {
        let asked = AtomicUsize::new(0);
        let late = move |_: &Request| status(if asked.fetch_add(1, Ordering::Relaxed) < 2 { 404 } else { 200 });
        Mock::given(method("GET")).and(path(place)).respond_with(late).mount(&server).await;
    }
    let write = "[[case.step]]\nsend = \"POST /Things\"\n";
    let read = |place: u32| format!("[[case.step]]\nsend = \"GET /Things/{place}\"\nexpect.status = 200");
    let hasty = Settings::new(Gate::Rfc, Seed(1));
    let patient = Settings { settle: Duration::from_secs(20), ..hasty.clone() };

    let records = run_with(&server, &case("one", "", &format!("{write}{}", read(1))), patient.clone()).await;
    assert_eq!(told(&records[0]), (Outcome::Pass, ""));
    assert!(records[0].notes[0].starts_with("step 2 held only after"), "{:?}", records[0].notes);
    assert_eq!(sent(&server, "/Things/1").await.len(), 3);

    // Nobody waits unless told to, nor without a write before, nor where the time an answer takes is the rule.
    for (place, settings, steps) in [
        (2, hasty, format!("{write}{}", read(2))),
        (3, patient.clone(), read(3)),
        (4, patient, format!("{write}{}\nexpect.within = 5000", read(4))),
    ] {
        let records = run_with(&server, &case("one", "", &steps), settings).await;
        assert_eq!(told(&records[0]), (Outcome::Fail, "the server answered 404, not 200"), "{steps}");
        assert_eq!(records[0].notes, Vec::<String>::new());
        assert_eq!(sent(&server, &format!("/Things/{place}")).await.len(), 1, "{steps}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calibration_tells_the_dialect_of_the_server() {
    let server = server().await;
    answer(&server, "GET", "/Things/1", ok(json!({ "active": "True" }))).await;
    answer(&server, "GET", "/Things/2", ok(json!({ "active": 1 }))).await;
    let steps = |place: &str| {
        format!(
            r#"
[[case.reading]]
name = "nothing"
meaning = "There is no such thing."
status = "4xx"

[[case.reading]]
name = "text"
meaning = "A boolean is a text."
status = 200
json = '{{ "active": "{{{{string}}}}" }}'

[[case.reading]]
name = "boolean"
meaning = "A boolean is a boolean."
json = '{{ "active": "{{{{boolean}}}}" }}'

[[case.step]]
send = "GET /Things/{place}"
"#
        )
    };
    let cases = ["0", "1", "2"].map(|place| case(&format!("at-{place}"), "", &steps(place)));
    let records = run(&server, &cases.concat()).await;
    let names: Vec<Option<&str>> =
        records.iter().map(|record| record.reading.as_ref().map(|reading| reading.name.as_str())).collect();
    assert_eq!(names, [Some("nothing"), Some("text"), None]);
    assert_eq!(records[1].reading.as_ref().map(|reading| reading.meaning.as_str()), Some("A boolean is a text."));
    let none = "the answer 200 is none of the readings: nothing, text, boolean";
    assert_eq!(told(&records[2]), (Outcome::Fail, none));
}

#[tokio::test(flavor = "multi_thread")]
async fn needs_are_asked_about_only_where_a_case_has_them() {
    let step = "[[case.step]]\nsend = \"GET /Users\"\nexpect.status = 200";
    let server = server().await;
    run(&server, &case("one", "", step)).await;
    assert_eq!(sent(&server, "/Me").await, []);

    answer(&server, "GET", "/Me", status(501)).await;
    answer(&server, "POST", "/Users/.search", ok(json!({}))).await;
    let needs = ["me", "search", "root-query", "schemas", "resource-types", "delete", "cursor", "index-paging", "bulk"];
    let cases: String = needs.iter().map(|need| case(need, &format!("needs = [\"{need}\"]"), step)).collect();
    let records = run(&server, &cases).await;
    let told: Vec<_> = records.iter().map(|record| (record.id.as_str(), told(record).1)).collect();
    assert_eq!(
        told,
        [
            ("t/bulk", "the server says bulk.supported=false"),
            ("t/cursor", ""),
            ("t/delete", ""),
            ("t/index-paging", "the server says pagination.index=false"),
            ("t/me", "GET /Me answered 501"),
            ("t/resource-types", "GET /ResourceTypes answered 404"),
            ("t/root-query", "GET /?filter=… answered 404"),
            ("t/schemas", "GET /Schemas answered 404"),
            ("t/search", ""),
        ]
    );
    let cases = [case("lacking", "lacks = [\"bulk\", \"me\"]", step), case("offering", "lacks = [\"patch\"]", step)];
    let records = run(&server, &cases.concat()).await;
    assert_eq!(records[0].outcome, Outcome::Pass);
    let reason = "the case is about servers without patch, and this one does not say it is one";
    assert_eq!((records[1].outcome, records[1].reason.as_deref()), (Outcome::Skip, Some(reason)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_is_read_from_the_servers_own_schemas() {
    let step = "[[case.step]]\nsend = \"GET /Users\"\nexpect.status = 200";
    let given = |id: &str, given: &str| case(id, &format!("given = [\"{given}\"]"), step);
    let cases = [
        given("exact", "User userName caseExact=true required=true"),
        given("inexact", "User userName caseExact=false"),
        given("nick", "User nickName"),
        given("robot", "Robot name"),
    ]
    .concat();
    let reasons = |records: Vec<CaseRecord>| {
        records.iter().map(|record| record.reason.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    let no_robot = "the server has no resource type Robot";

    // RFC 7643 §8.7.1 where a server describes nothing.
    let silent = server().await;
    let inexact = "the server's User schema says userName is caseExact=false, not true";
    assert_eq!(reasons(run(&silent, &cases).await), [inexact, "", "", no_robot]);

    let server = server().await;
    let schema = json!({ "id": "urn:ietf:params:scim:schemas:core:2.0:User", "name": "User", "attributes": [
        { "name": "userName", "type": "string", "multiValued": false, "required": true, "caseExact": true,
          "mutability": "readWrite", "returned": "default", "uniqueness": "server" }] });
    answer(&server, "GET", "/Schemas", ok(json!({ "totalResults": 1, "Resources": [schema] }))).await;
    let exact = "the server's User schema says userName is caseExact=true, not false";
    let no_nick = "the server's User schema has no nickName";
    assert_eq!(reasons(run(&server, &cases).await), ["", exact, no_nick, no_robot]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_without_end_is_given_up() {
    let server = server().await;
    let slow = status(200).set_delay(Duration::from_secs(60));
    Mock::given(path_regex("^/Slow")).respond_with(slow).mount(&server).await;
    let settings = Settings { case_limit: Duration::from_millis(200), ..Settings::new(Gate::Rfc, Seed(1)) };
    let records = run_with(&server, &case("one", "", "[[case.step]]\nsend = \"GET /Slow\""), settings).await;
    assert_eq!(told(&records[0]), (Outcome::Skip, "it was not over after 0.2 s (--case-limit allows more)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_of_the_server_is_written_back_only_as_it_was_read() {
    let server = server().await;
    answer(&server, "PUT", "/ServiceProviderConfig", status(405)).await;
    answer(&server, "DELETE", "/Schemas", status(500)).await;
    let put = |with: &str| {
        format!(
            "[[case.step]]\nsend = \"GET /ServiceProviderConfig\"\nsave = \"config\"\n\
             [[case.step]]\nsend = \"PUT /ServiceProviderConfig\"\nbody-of = \"config\"\n{with}expect.status = 405"
        )
    };
    let delete = |id: &str| format!("[[case.step]]\nsend = \"DELETE /Schemas/{id}\"\nexpect.status = 404");
    let cases = [
        case("as-it-was", "", &put("")),
        case("changed", "", &put("with = '{ \"patch\": null }'\n")),
        case("made-up", "", &delete("{{run}}-nothing")),
        case("real", "", &delete("urn:ietf:params:scim:schemas:core:2.0:User")),
    ];
    let records = run(&server, &cases.concat()).await;
    let outcomes: Vec<Outcome> = records.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Pass, Outcome::Fail, Outcome::Pass, Outcome::Fail]);
    let puts = sent(&server, "/ServiceProviderConfig").await;
    assert_eq!(puts.iter().filter(|(place, _)| place.starts_with("PUT")).count(), 1);
    assert_eq!(sent(&server, "/Schemas/urn").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bulk_request_creates_is_removed_and_nothing_else_is_touched() {
    let server = server().await;
    let bulk = |request: &Request| {
        let body: Value = serde_json::from_slice(&request.body).expect("the body is JSON");
        let location = "https://scim.example/v2/Users/17";
        let operation = json!({ "bulkId": body["Operations"][0]["bulkId"], "status": "201", "location": location });
        ok(json!({ "Operations": [operation] }))
    };
    Mock::given(method("POST")).and(path("/Bulk")).respond_with(bulk).mount(&server).await;
    let settings = Settings::new(Gate::Rfc, Seed(1));
    let name = format!("{}.ada", settings.seed.run_id());
    answer(&server, "GET", "/Users/17", ok(json!({ "id": "17", "userName": name }))).await;
    answer(&server, "DELETE", "/Users/17", status(204)).await;
    let step = |operation: &str| {
        format!(
            "[[case.step]]\nsend = \"POST /Bulk\"\njson = '{{ \"Operations\": [{operation}] }}'\nexpect.status = 200"
        )
    };
    let create =
        r#"{ "method": "POST", "path": "/Users", "bulkId": "u", "data": { "userName": "{{run}}.ada@example.com" } }"#;
    let cases = [
        case("creates", "", &step(create)),
        case("removes", "", &step(r#"{ "method": "DELETE", "path": "/Users/theirs" }"#)),
    ];
    let records = run(&server, &cases.concat()).await;
    assert_eq!(told(&records[0]), (Outcome::Pass, ""));
    assert_eq!(records[1].outcome, Outcome::Fail);
    assert_eq!(sent(&server, "/Bulk").await.len(), 1);
    let removed: Vec<String> = sent(&server, "/Users/17").await.into_iter().map(|(place, _)| place).collect();
    assert!(removed.contains(&"DELETE /Users/17".to_owned()), "{removed:?}");
}
