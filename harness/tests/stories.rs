//! Lifecycle stories as a user meets them: what they say of a correct server and of wrong ones, and what they leave there.

use scim_specimen::{Auth, Config, Running};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU64;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use wiremock::matchers::{any, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const TOKEN: &str = "a-token-nobody-guesses";

fn rehearsal(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.current_dir(folder).env("SCIM_TOKEN", TOKEN).env("NO_COLOR", "1").env_remove("GITHUB_ACTIONS");
    command.args(["okta", "run"]).args(arguments);
    command
}

/// What came of a story.
struct Told {
    output: Output,
    /// Outcome and first sentence of each case, by the part of its id behind the story's name.
    cases: BTreeMap<String, (String, String)>,
    report: Value,
    folder: tempfile::TempDir,
}

impl Told {
    fn exit(&self) -> Option<i32> {
        self.output.status.code()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned() + &String::from_utf8_lossy(&self.output.stderr)
    }

    fn outcome(&self, case: &str) -> &str {
        &self.cases.get(case).unwrap_or_else(|| panic!("no {case} in {:?}", self.cases)).0
    }

    fn message(&self, case: &str) -> &str {
        &self.cases[case].1
    }
}

/// Tells a story: one of the program's, or a script.
fn tell(story: &str, arguments: &[&str]) -> Told {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let name = match story.contains('\n') {
        false => story,
        true => {
            fs::write(folder.path().join("mine.toml"), story).expect("it can be written");
            "mine.toml"
        }
    };
    let all = [&[name][..], arguments, &["--json", "report.json", "--junit", "junit.xml"]].concat();
    let output = rehearsal(folder.path(), &all).output().expect("the program starts");
    let report: Value = fs::read(folder.path().join("report.json"))
        .map(|text| serde_json::from_slice(&text).expect("the report is JSON"))
        .unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let part =
        |id: &str| id.rsplitn(3, '/').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/");
    let cases = report["cases"].as_array().into_iter().flatten().map(|case| {
        let first = case.pointer("/findings/0/message").unwrap_or(&case["reason"]);
        (part(&text(&case["id"])), (text(&case["outcome"]), text(first)))
    });
    Told { cases: cases.collect(), output, report, folder }
}

/// A story of Ada, who is hired at once into one app; `chapters` are those that follow.
fn story(expectations: &str, chapters: &str) -> String {
    format!(
        r#"story = "mine"
title = "Mine"

[org]
name = "Acme"
time-zone = "UTC"
clock = "2026-03-02 08:00"

[[group]]
as = "everyone"
name = "{{{{run}}}} Everyone"
everybody = true

[[app]]
as = "crm"
groups = ["everyone"]

[[chapter]]
id = "hired"
title = "Ada is hired"
at = "2026-03-02 09:00"
hr = '''
id,login,first name,last name
ada,{{{{run}}}}.ada@example.com,Ada,Byron
'''

{expectations}

{chapters}
"#
    )
}

fn expectation(id: &str, wants: &str) -> String {
    format!("[[chapter.expect]]\nid = \"{id}\"\nrule = \"It is so.\"\n{wants}\n")
}

#[test]
fn every_story_of_the_program_passes_on_the_specimen_under_the_strictest_gate() {
    for (name, _) in rehearsal::story::embedded() {
        let told = tell(&name, &["--gate", "strict"]);
        assert_eq!(told.exit(), Some(0), "{name}: {}", told.text());
        let other: Vec<_> = told.cases.iter().filter(|(_, (outcome, _))| outcome != "pass").collect();
        assert!(other.is_empty() && !told.cases.is_empty(), "{name}: {other:?}");
    }
}

#[test]
fn lucy_is_told_chapter_by_chapter_and_takes_no_two_seconds() {
    let started = Instant::now();
    let told = tell("lucy", &["--seed", "7"]);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    let text = told.text();
    let mut rest = text.as_str();
    for line in [
        "the administrator connects intranet (catalog), assigned to everyone (everybody)",
        "2026-03-02 09:00 PST  HR hires Lucy Winter, who starts on 2026-03-09",
        "2026-03-02 09:00 PST  dated 2026-03-09 00:00 PDT for Lucy Winter: first day",
        "2026-03-09 00:00 PDT  Lucy Winter starts work",
        "→ intranet  embedded specimen · pushed in",
        "GET /Users?filter=userName",
        "POST /Users",
        "PASS  account-in-intranet",
        "2026-06-01 10:00 PDT  HR changes Lucy Winter: title is \"Team Lead\"",
        "2026-09-30 17:00 PDT  business closes on the last day of Lucy Winter",
        "the administrator: delete lucy",
        "PASSED",
        "rehearsal okta run STORY BASE_URL",
    ] {
        let at = rest.find(line).unwrap_or_else(|| panic!("{line:?} is missing, or not at its place, in\n{text}"));
        rest = &rest[at..];
    }
}

#[test]
fn every_kind_of_expectation_can_fail_and_says_why() {
    let connect = "[[chapter]]\nid = \"again\"\ntitle = \"Again\"\nat = \"2026-03-03 09:00\"\ndo = \"connect\"\n";
    let slow = story(
        &expectation("x", "silent = true\nlevel = \"may\""),
        &format!("{connect}{}", expectation("in-time", "latency-within = \"300ms\"")),
    );
    let silent = story(&expectation("wrong", "silent = true"), "");
    let calls = story(&expectation("wrong", "calls = [\"POST /Users\"]"), "");
    let log = story(&expectation("wrong", "log = [\"user.lifecycle.activate\", \"user.lifecycle.create\"]"), "");
    let outcome = story(&expectation("wrong", "outcome = \"task\""), "");
    for (story, fault, case, sentence) in [
        ("lucy", "pathless-patch-ignored", "close-of-business/no-access-to-intranet", "/active is true, not false"),
        ("lucy", "filter-ignored", "hired/no-account-yet", "the lookup of lucy finds 3, not 0"),
        ("lucy", "start-index-is-zero-based", "first-day/account-in-intranet", "the lookup of lucy finds 0, not 1"),
        ("lucy", "patch-not-implemented", "close-of-business/okta-is-content", "Okta gives up in intranet"),
        ("lucy", "deactivated-user-is-404", "close-of-business/no-access-to-intranet", "answered 404, not 200"),
        ("rehire", "lookup-hides-inactive", "back/same-account", "finds nobody"),
        ("rehire", "pathless-patch-replaces-resource", "gone/deactivation-keeps-data", "/nickName is absent"),
        ("rename", "renamed-user-keeps-old-lookup", "married/old-name-is-free", "the lookup of priya finds 1, not 0"),
        ("outage", "create-retry-duplicates", "found-again/not-made-twice", "noah has 2 accounts, not one"),
        ("hire-collision", "filter-compares-with-id", "hired/linked-not-duplicated", "the lookup of kim finds"),
        ("leave-of-absence", "put-is-not-stored", "work-goes-on/title-arrives", "/title is \"Designer\""),
        ("fan-out", "put-ignores-profile", "promoted/phone-book-knows", "/title is \"Buyer\""),
        ("double-assignment", "put-ignores-profile", "leaves-sales/other-group-decides", "/userType is \"Seller\""),
        (&silent, "", "hired/wrong", "crm was told GET /Users, POST /Users, and nothing was to be sent"),
        (&calls, "", "hired/wrong", "crm was told something else"),
        (&log, "", "hired/wrong", "the System Log has no user.lifecycle.create at its place"),
        (&outcome, "", "hired/wrong", "Okta is content with crm, though it should not be"),
        (&slow, "groups-list-is-slow", "again/in-time", "ms, not at most 300 ms"),
    ] {
        let fault = if fault.is_empty() { vec![] } else { vec!["--fault", fault] };
        let told = tell(story, &fault);
        let outcome = told.outcome(case);
        assert!(matches!(outcome, "fail" | "warn"), "{case} with {fault:?} is {outcome}: {}", told.text());
        assert!(told.message(case).contains(sentence), "{case} with {fault:?} says {:?}", told.message(case));
    }
}

#[test]
fn a_finding_points_into_the_script_and_repeats_the_request() {
    let told = tell("lucy", &["--fault", "pathless-patch-ignored"]);
    assert_eq!(told.exit(), Some(1));
    let text = told.text();
    for part in [
        "FAIL lifecycle/lucy/close-of-business/no-access-to-intranet (intranet)",
        "--> suites/lifecycle/lucy.toml:",
        "curl -gi",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    assert!(!text.contains("at its end"), "a chapter cannot be told without those before it: {text}");
    let junit = fs::read_to_string(told.folder.path().join("junit.xml")).unwrap();
    assert!(junit.contains("no-access-to-intranet") && junit.contains("<failure"), "{junit}");
    assert!(junit.contains("okta-is-content"), "every chapter's own expectation is a test case as well");
}

#[test]
fn what_is_inferred_about_okta_only_warns() {
    let told = tell("double-assignment", &["--fault", "put-ignores-profile"]);
    assert_eq!(told.outcome("leaves-sales/other-group-decides"), "warn");
    let inferred = tell("lucy", &["--fault", "group-add-is-ignored"]);
    assert_eq!(
        (inferred.outcome("first-day/team-in-helpdesk"), inferred.exit()),
        ("warn", Some(0)),
        "{}",
        inferred.text()
    );
}

#[test]
fn one_defect_is_not_told_again_by_what_follows_from_it() {
    let told = tell("lucy", &["--fault", "create-answers-empty-body"]);
    assert_eq!(told.outcome("staff/okta-is-content"), "fail");
    for case in
        ["first-day/account-in-helpdesk", "close-of-business/deactivated-not-deleted", "promoted/title-in-intranet"]
    {
        assert_eq!(told.outcome(case), "skip", "{case}: {}", told.message(case));
        assert!(told.message(case).contains("which failed"), "{case}: {}", told.message(case));
    }
}

#[test]
fn a_script_with_a_mistake_is_exit_2_with_file_and_line() {
    let wrong = story(&expectation("x", "slient = true"), "");
    let told = tell(&wrong, &[]);
    assert_eq!(told.exit(), Some(2));
    assert!(
        told.text().contains("mine.toml:30:1") && told.text().contains("did you mean `silent`?"),
        "{}",
        told.text()
    );

    let feed = story(&expectation("x", "silent = true"), "").replace("Ada,Byron", "Ada");
    let told = tell(&feed, &[]);
    assert_eq!(told.exit(), Some(2));
    assert!(told.text().contains("the row has 3 values, the header 4"), "{}", told.text());

    let told = tell("luzy", &[]);
    assert_eq!(told.exit(), Some(2));
    assert!(told.text().contains("did you mean \"lucy\"?"), "{}", told.text());
}

#[test]
fn a_feed_beside_the_script_is_read_and_its_mistakes_are_told_there() {
    let folder = tempfile::tempdir().unwrap();
    let script = story(&expectation("x", "who = \"ada\"\nremote = '{ \"active\": true }'"), "");
    let inline = &script[script.find("'''").unwrap()..script.rfind("'''").unwrap() + 3];
    fs::create_dir(folder.path().join("feeds")).unwrap();
    fs::write(folder.path().join("mine.toml"), script.replace(inline, "\"feeds/staff.csv\"")).unwrap();
    let feed = folder.path().join("feeds/staff.csv");
    fs::write(&feed, "id,login,first name,last name\r\nada,{{run}}.ada@example.com,Ada,Byron\r\n").unwrap();
    let output = rehearsal(folder.path(), &["mine.toml", "-q"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    fs::write(&feed, "id,login,first name\n").unwrap();
    let output = rehearsal(folder.path(), &["mine.toml", "-q"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("feeds/staff.csv:1:1") && told.contains("`last name`"), "{told}");
}

#[test]
fn the_same_seed_sends_the_same_bytes() {
    let sent = |seed: &str| {
        let told = tell("rehire", &["--seed", seed]);
        let cases = told.report["cases"].as_array().expect("cases").clone();
        let exchanges = cases.iter().flat_map(|case| case["exchanges"].as_array().expect("exchanges").clone());
        let of_creates =
            exchanges.filter(|it| it["request"]["method"] == "POST").map(|it| it["request"]["body"].clone());
        of_creates.collect::<Vec<_>>()
    };
    assert_eq!(sent("7"), sent("7"));
    assert!(!sent("7").is_empty());
    assert_ne!(sent("7"), sent("8"));
}

async fn specimen(config: Config) -> Running {
    Running::start(Config { auth: Auth::Bearer(TOKEN.to_owned()), ..config }).await.expect("a free port")
}

/// Reads something from a specimen.
async fn read(base_url: &str, target: &str) -> Value {
    let target_url = scim_transport::Target::parse(base_url).expect("a base URL");
    let credentials = scim_transport::Credentials::Bearer(scim_transport::Secret::new(TOKEN));
    let (limits, redactor) = (scim_transport::Limits::default(), scim_record::Redactor::default());
    let transport = scim_transport::Transport::new(target_url, credentials, limits, redactor).expect("a transport");
    let request = scim_transport::Request {
        method: "GET".to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: None,
        auth: scim_transport::Auth::Configured,
    };
    let reply = transport.send("look", request).await.reply.expect("it answers");
    serde_json::from_slice(&reply.body).expect("JSON")
}

async fn total(base_url: &str, collection: &str) -> u64 {
    read(base_url, &format!("/{collection}?count=0")).await["totalResults"].as_u64().expect("a total")
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_removed_afterwards_and_no_journal_stays() {
    let specimen = specimen(Config { users: 2, ..Config::default() }).await;
    for app in ["intranet", "helpdesk", "reviews"] {
        let told = tell("lucy", &[&specimen.base_url, "--as", app]);
        assert_eq!(told.exit(), Some(0), "{}", told.text());
        assert!(told.text().contains(&format!("→ {app}  {}", specimen.base_url)), "{}", told.text());
        assert_eq!((total(&specimen.base_url, "Users").await, total(&specimen.base_url, "Groups").await), (2, 0));
        let journals = fs::read_dir(told.folder.path().join("rehearsal-report")).expect("the folder").count();
        assert_eq!(journals, 0, "nothing is open");
    }
    let told = tell("lucy", &[&specimen.base_url, "--as", "payroll"]);
    assert_eq!(told.exit(), Some(2));
    assert!(told.text().contains("intranet, helpdesk, reviews"), "{}", told.text());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_story_removes_what_it_created() {
    // The second write is answered 429, and a second passes until it is sent again.
    let specimen = specimen(Config { throttle: NonZeroU64::new(2), ..Config::default() }).await;
    let folder = tempfile::tempdir().unwrap();
    let child = rehearsal(folder.path(), &["lucy", &specimen.base_url, "--json", "report.json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let deadline = Instant::now() + Duration::from_secs(20);
    while total(&specimen.base_url, "Users").await == 0 {
        assert!(Instant::now() < deadline, "nobody was created");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(killed.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(total(&specimen.base_url, "Users").await, 0);
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(report["summary"]["interrupted"], true);
}

/// Answers every lookup with one user, whose id nobody of this run has made.
fn somebody_of_that_name(request: &Request) -> ResponseTemplate {
    let filter = request.url.query_pairs().find(|(name, _)| name == "filter").map(|(_, value)| value.into_owned());
    let name = filter.as_deref().and_then(|filter| filter.split('"').nth(1)).map(str::to_owned);
    let users: Vec<Value> = name.iter().map(|name| json!({ "id": "1", "userName": name, "active": true })).collect();
    ResponseTemplate::new(200).set_body_json(json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": users.len(), "startIndex": 1, "itemsPerPage": users.len(), "Resources": users
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_this_run_did_not_make_is_not_touched() {
    let server = MockServer::start().await;
    let users = Mock::given(method("GET")).and(path("/Users")).respond_with(somebody_of_that_name);
    users.mount(&server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(404)).mount(&server).await;
    let told = tell("rehire", &[&server.uri(), "--settle", "0"]);
    assert_eq!(told.exit(), Some(1), "{}", told.text());
    assert!(told.message("hired/okta-is-content").contains("held back"), "{}", told.text());
    assert_eq!(told.outcome("gone/no-access"), "skip");
    let sent = server.received_requests().await.expect("requests are recorded");
    assert!(sent.iter().all(|request| request.method.as_str() == "GET"), "{sent:?}");
}

#[test]
fn a_target_nobody_listens_on_is_exit_3() {
    let told = tell("lucy", &["http://127.0.0.1:1/"]);
    assert_eq!(told.exit(), Some(3), "{}", told.text());
}

#[test]
fn the_stories_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let output = rehearsal(folder.path(), &["--list"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0));
    assert!(text.contains("lucy\n    Lucy joins, is promoted, and leaves"), "{text}");
}
