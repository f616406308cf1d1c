//! `rehearsal runscope` as a user meets it. The suite files are small and ours; their format is Runscope's.

use scim_specimen::{Auth, Config, Fault, Running};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use std::{env, fs};
use wiremock::matchers::{header, method, path, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

const TOKEN: &str = "a-token-nobody-guesses";

/// What a run of the program came to.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
    report: Value,
    folder: tempfile::TempDir,
}

impl Ran {
    fn outcomes(&self) -> Vec<&str> {
        self.cases().iter().map(|case| case["outcome"].as_str().unwrap()).collect()
    }

    fn cases(&self) -> &[Value] {
        self.report["cases"].as_array().map_or(&[], Vec::as_slice)
    }

    fn findings(&self, case: usize) -> &[Value] {
        self.cases()[case]["findings"].as_array().unwrap()
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runscope").join(name)
}

/// Runs the program on a file, in a folder of its own.
fn run(file: &Path, arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output: Output = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .current_dir(folder.path())
        .env("SCIM_TOKEN", TOKEN)
        .env("ORG_TOKEN", "an-org-token-nobody-guesses")
        .env("NO_COLOR", "1")
        .env_remove("GITHUB_ACTIONS")
        .arg("runscope")
        .arg(file)
        .args(arguments)
        .args(["--json", "report.json"])
        .output()
        .expect("the program starts");
    let text = fs::read_to_string(folder.path().join("report.json")).unwrap_or_else(|_| "null".to_owned());
    Ran {
        code: output.status.code().expect("it was not killed"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        report: serde_json::from_str(&text).expect("reports are JSON"),
        folder,
    }
}

async fn specimen(users: usize, faults: &[Fault]) -> Running {
    let auth = Auth::Bearer(TOKEN.to_owned());
    let config = Config { auth, users, faults: faults.to_vec(), ..Config::default() };
    Running::start(config).await.expect("a free port")
}

/// Returns a server that looks enough like SCIM to be tested, with an answer of every kind of value.
async fn answers() -> MockServer {
    let server = MockServer::start().await;
    let list = json!({ "totalResults": 0, "Resources": [] });
    Mock::given(path_regex("^/(ServiceProviderConfig|Users|Groups)$"))
        .respond_with(ResponseTemplate::new(200).set_body_json(list))
        .mount(&server)
        .await;
    let answer = json!({
        "text": "Hello", "count": 7, "on": true, "null": null, "nothing": "", "within": { "deep": ["a", "b"] },
    });
    Mock::given(path("/answer"))
        .respond_with(ResponseTemplate::new(200).insert_header("X-Answer", "42").set_body_json(answer))
        .mount(&server)
        .await;
    for known in ["/echo/7/b/42/200", "/initial/user-7", "/initial/group-7"] {
        Mock::given(path(known)).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correct_server_passes_all_twelve_steps_and_holds_afterwards_what_it_held() {
    let specimen = specimen(3, &[]).await;
    let ran = run(&file("twelve-steps.json"), &[&specimen.base_url, "--pause-scale", "0"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.outcomes(), ["pass"; 12]);
    assert_eq!(ran.cases()[5]["id"], "runscope/twelve-steps/06-the-person-is-made");
    let again = run(&file("twelve-steps.json"), &[&specimen.base_url, "--pause-scale", "0"]);
    let list = again.cases()[0]["exchanges"][0]["response"]["body"]["text"].as_str().unwrap();
    assert!(list.contains("\"totalResults\":3"), "{list}");
    let left: Vec<_> = fs::read_dir(ran.folder.path().join("rehearsal-report")).unwrap().collect();
    assert!(left.is_empty(), "the journal goes when nothing is left: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_shows_at_the_assertion_that_asks_for_the_opposite() {
    for (fault, step, lines) in [
        ("filter-ignored", "03-a-user-name-nobody-has-finds-nobody", "totalResults"),
        ("duplicate-answers-201", "08-the-person-cannot-be-made-again", "409"),
    ] {
        let fault: Fault = fault.parse().unwrap();
        let specimen = specimen(3, &[fault]).await;
        let ran = run(&file("twelve-steps.json"), &[&specimen.base_url, "--pause-scale", "0"]);
        assert_eq!(ran.code, 1, "{fault:?} {}", ran.stdout);
        let case = ran.cases().iter().find(|case| case["id"].as_str().unwrap().ends_with(step)).unwrap();
        assert_eq!(case["outcome"], "fail", "{fault:?}");
        let finding = &case["findings"][0];
        let line = finding["location"]["line"].as_u64().unwrap() as usize;
        let text = fs::read_to_string(file("twelve-steps.json")).unwrap();
        assert!(text.lines().nth(line - 1).unwrap().contains(lines), "{finding}");
        assert!(finding["curl"].as_str().unwrap().starts_with("curl -gi"), "{finding}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_server_fails_as_on_runscope_and_is_told_why() {
    let specimen = specimen(0, &[]).await;
    let ran = run(&file("twelve-steps.json"), &[&specimen.base_url, "--pause-scale", "0"]);
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert_eq!(ran.outcomes()[..3], ["fail", "skip", "pass"]);
    assert!(ran.cases()[0]["mend"].as_str().unwrap().contains("create one first"));
    assert_eq!(ran.cases()[1]["reason"], "not run: it needs {{someone}}, which step 01 did not bring");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_step_warns_unless_the_gate_is_strict() {
    let server = answers().await;
    for (gate, code, outcome) in [("okta", 0, "warn"), ("rfc", 0, "warn"), ("strict", 1, "fail")] {
        let ran = run(&file("optional.json"), &[&server.uri(), "--gate", gate]);
        assert_eq!((ran.code, ran.outcomes()), (code, vec![outcome]), "{}", ran.stdout);
    }
    let broken = specimen(3, &["groups-list-is-500".parse().unwrap()]).await;
    let ran = run(&file("twelve-steps.json"), &[&broken.base_url, "--pause-scale", "0"]);
    assert_eq!((ran.code, ran.outcomes()[9]), (1, "fail"), "a 500 is a failure, optional or not: {}", ran.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_seed_sends_the_same_people_and_strangers_are_shown_by_shape_only() {
    let specimen = specimen(1, &[]).await;
    let arguments = [specimen.base_url.as_str(), "--pause-scale", "0", "--seed", "0x5c1a"];
    let (one, two) = (run(&file("twelve-steps.json"), &arguments), run(&file("twelve-steps.json"), &arguments));
    let sent = |ran: &Ran| ran.cases()[5]["exchanges"][0]["request"]["body"]["text"].as_str().unwrap().to_owned();
    assert_eq!(sent(&one), sent(&two));
    assert!(sent(&one).contains("@example.com"));
    let read = one.cases()[1]["exchanges"][0]["response"]["body"]["text"].as_str().unwrap();
    assert!(read.contains("\"userName\":\"…\""), "{read}");
    assert!(!one.report.to_string().contains(TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_comparison_holds_where_it_should_and_is_a_finding_where_it_does_not() {
    let server = answers().await;
    let ran = run(&file("comparisons.json"), &[&server.uri()]);
    assert_eq!((ran.code, ran.outcomes()), (1, vec!["pass", "fail"]), "{}", ran.stdout);
    let asked: Value = serde_json::from_str(&fs::read_to_string(file("comparisons.json")).unwrap()).unwrap();
    let asked = asked["steps"][1]["assertions"].as_array().unwrap();
    assert_eq!(ran.findings(1).len(), asked.len(), "{}", ran.stdout);
    let lines: Vec<u64> = ran.findings(1).iter().map(|finding| finding["location"]["line"].as_u64().unwrap()).collect();
    assert!(lines.is_sorted() && lines.windows(2).all(|pair| pair[0] < pair[1]), "{lines:?}");
    let messages: Vec<&str> = ran.findings(1).iter().map(|finding| finding["message"].as_str().unwrap()).collect();
    for expected in [
        "on is true, not \"false\"",
        "nothing is empty",
        "count is 7, not less than 7",
        "within is {\"deep\":[\"a\",\"b\"]}, not an object with the member \"shallow\"",
        "the header X-Answer is 42, not \"43\"",
    ] {
        assert!(messages.contains(&expected), "{expected} is not among {messages:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_step_takes_the_next_one_sends_and_what_is_missing_is_not_made_up() {
    let server = answers().await;
    let ran = run(&file("extraction.json"), &[&server.uri()]);
    assert_eq!((ran.code, ran.outcomes()), (1, vec!["fail", "pass", "skip", "pass"]), "{}", ran.stdout);
    assert_eq!(ran.findings(0)[0]["message"], "{{lost}} cannot be filled: nowhere[0].id is absent");
    let given = run(&file("extraction.json"), &[&server.uri(), "--var", "kind=group"]);
    assert_eq!(given.outcomes()[3], "pass", "a variable that is given counts more than the file's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_and_conditions_are_told_and_never_pass() {
    let server = answers().await;
    let ran = run(&file("scripts.json"), &[&server.uri()]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert_eq!(ran.outcomes(), ["warn", "skip", "skip", "skip", "skip", "skip"]);
    assert!(ran.findings(0)[0]["message"].as_str().unwrap().starts_with("not run: script"));
    let reasons: Vec<&str> = ran.cases()[1..].iter().map(|case| case["reason"].as_str().unwrap()).collect();
    for (reason, expected) in reasons.iter().zip([
        "scripts are not run",
        "{{later}}, which step 02 did not bring",
        "marks the step as skipped",
        "conditions are not evaluated, so neither are the 1 steps within",
        "`ghost-inspector`",
    ]) {
        assert!(reason.starts_with("not run: ") && reason.contains(expected), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_are_kept_to_scale() {
    let server = answers().await;
    for (scale, least, most) in [("0", 0, 1_000), ("0.06", 1_200, 4_000)] {
        let started = Instant::now();
        let ran = run(&file("pause.json"), &[&server.uri(), "--pause-scale", scale]);
        let took = started.elapsed();
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let range = Duration::from_millis(least)..Duration::from_millis(most);
        assert!(range.contains(&took), "a pause of 20 s at {scale} took {took:?}");
    }
    assert_eq!(run(&file("pause.json"), &[&server.uri(), "--pause-scale", "2"]).code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_deletes_strangers_is_held_back() {
    let specimen = specimen(3, &[]).await;
    let ran = run(&file("foreign.json"), &[&specimen.base_url]);
    assert_eq!((ran.code, ran.outcomes()), (0, vec!["pass", "skip", "pass", "pass"]), "{}", ran.stdout);
    assert!(ran.cases()[1]["reason"].as_str().unwrap().contains("held back"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_org_is_spoken_to_with_its_own_token_and_left_as_it_was() {
    let specimen = specimen(0, &[]).await;
    let org = MockServer::start().await;
    let person = json!({ "id": "00uperson", "profile": { "login": "x" } });
    let with_token = || header("Authorization", "SSWS an-org-token-nobody-guesses");
    Mock::given(method("POST"))
        .and(path("/api/v1/users"))
        .and(with_token())
        .respond_with(ResponseTemplate::new(200).set_body_json(&person))
        .expect(1)
        .mount(&org)
        .await;
    Mock::given(method("PUT"))
        .and(path("/api/v1/users/00uperson"))
        .and(with_token())
        .respond_with(ResponseTemplate::new(200).set_body_json(&person))
        .expect(1)
        .mount(&org)
        .await;
    // An org deactivates a person at the first DELETE and deletes at the second.
    Mock::given(method("DELETE"))
        .and(path("/api/v1/users/00uperson"))
        .and(with_token())
        .respond_with(ResponseTemplate::new(204))
        .expect(2)
        .mount(&org)
        .await;
    let org_url = format!("oktaOrgUrl={}", org.uri());
    let ran = run(
        &file("org.json"),
        &[&specimen.base_url, "--var", &org_url, "--var", "oktaToken=env:ORG_TOKEN", "--pause-scale", "0"],
    );
    assert_eq!((ran.code, ran.outcomes()), (0, vec!["pass", "pass", "skip", "pass"]), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.cases()[2]["reason"].as_str().unwrap().contains("/api/v1/users/00ustranger would change"));
    assert!(!ran.report.to_string().contains("an-org-token"));
    let journals = ran.folder.path().join("rehearsal-report");
    assert_eq!(fs::read_dir(journals).unwrap().count(), 0, "nothing is left in the org");
}

#[tokio::test(flavor = "multi_thread")]
async fn okta_s_crud_calls_pass_through_an_org_of_our_own_and_leave_nobody_behind() {
    let specimen = specimen(0, &[]).await;
    for app in ["--org", "--org=aiw"] {
        let ran = run(&file("crud.json"), &[&specimen.base_url, app]);
        assert_eq!((ran.code, ran.outcomes()), (0, vec!["pass"; 13]), "{app}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.report["summary"]["left_behind"].as_array().unwrap().is_empty());
        assert!(!ran.report.to_string().contains(TOKEN));
        let sent = ran.cases()[1]["exchanges"][0]["request"]["headers"].to_string();
        assert!(sent.contains("Authorization") && !sent.contains("SSWS 00"), "the org's token is not shown: {sent}");
        assert_eq!(fs::read_dir(ran.folder.path().join("rehearsal-report")).unwrap().count(), 0, "no journal is left");
    }
    // Whom the org made is gone, though the file itself only ever spoke to the org about it.
    let after = run(&file("twelve-steps.json"), &[&specimen.base_url, "--pause-scale", "0"]);
    let list = after.cases()[0]["exchanges"][0]["response"]["body"]["text"].as_str().unwrap();
    assert!(list.contains("\"totalResults\":0"), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_does_wrong_with_okta_s_requests_fails_the_crud_calls() {
    for (fault, step) in [
        ("put-not-routed", "06-the-account-has-the-other-name"),
        ("pathless-patch-ignored", "08-the-account-is-inactive"),
    ] {
        let specimen = specimen(0, &[fault.parse().unwrap()]).await;
        let ran = run(&file("crud.json"), &[&specimen.base_url, "--org"]);
        assert_eq!(ran.code, 1, "{fault}: {}", ran.stdout);
        let case = ran.cases().iter().find(|case| case["id"].as_str().unwrap().ends_with(step)).unwrap();
        assert_eq!(case["outcome"], "fail", "{fault}: {}", ran.stdout);
    }
}

#[test]
fn without_a_base_url_the_specimen_stands_behind_the_org() {
    for version in ["2.0", "1.1"] {
        let ran = run(&file("crud.json"), &["--org", "--scim", version]);
        assert_eq!((ran.code, ran.outcomes()), (0, vec!["pass"; 13]), "{version}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn an_org_is_given_once_and_speaks_the_version_of_the_file() {
    for (arguments, expected) in [
        (vec!["--org", "--var", "oktaOrgUrl=http://127.0.0.1:1"], "oktaOrgUrl is given twice: by --org and by --var"),
        (vec!["--org=aiw-1.1"], "--org=aiw-1.1: the file and the service provider speak another version of SCIM"),
        (vec!["--org=nothing"], "choose catalog, wizard, aiw, catalog-1.1 or aiw-1.1"),
    ] {
        let ran = run(&file("crud.json"), &arguments);
        assert_eq!(ran.code, 2, "{arguments:?} {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

#[test]
fn steps_are_listed_without_a_server() {
    let ran = run(&file("twelve-steps.json"), &["--list"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("runscope/twelve-steps/01-somebody-is-listed\n    Somebody is listed\n"));
    assert!(ran.stdout.ends_with("12 steps of Twelve steps\n"), "{}", ran.stdout);
}

#[test]
fn what_is_wrong_with_the_file_or_the_arguments_is_exit_2_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.json");
    fs::write(&broken, "{\n  \"steps\": {}\n}\n").unwrap();
    let nobody = "http://127.0.0.1:1/scim";
    for (file, arguments, expected) in [
        (broken.clone(), vec![nobody], "broken.json:2:12: `steps` is not an array; export the test again"),
        (folder.path().join("none.json"), vec![nobody], "none.json cannot be read"),
        (file("twelve-steps.json"), vec![], "say which base URL"),
        (file("twelve-steps.json"), vec!["nowhere"], "nowhere: "),
        (file("twelve-steps.json"), vec![nobody, "--var", "auth=typed-secret"], "--var auth: a secret is named"),
        (file("twelve-steps.json"), vec![nobody, "--var", "SCIMBaseURL=http://x"], "given twice"),
        (file("twelve-steps.json"), vec![nobody, "--var", "x"], "NAME=VALUE"),
        (file("org.json"), vec![nobody], "org.json:23:14: {{oktaOrgUrl}}, {{oktaToken}} have no value; add --var"),
    ] {
        let ran = run(&file, &arguments);
        assert_eq!(ran.code, 2, "{arguments:?} {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        assert!(!ran.stderr.contains("typed-secret"), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_does_not_answer_or_refuses_is_exit_3() {
    assert_eq!(run(&file("twelve-steps.json"), &["http://127.0.0.1:1/scim"]).code, 3);
    let specimen = specimen(1, &[]).await;
    let refused = run(&file("twelve-steps.json"), &[&specimen.base_url, "--bearer", "env:ORG_TOKEN"]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_base_url_and_the_credentials_may_be_variables() {
    let specimen = specimen(1, &[]).await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("auth"), format!("Bearer {TOKEN}\n")).unwrap();
    let base = format!("SCIMBaseURL={}", specimen.base_url);
    let auth = format!("auth=file:{}", folder.path().join("auth").display());
    let ran = run(&file("twelve-steps.json"), &["--var", &base, "--var", &auth, "--pause-scale", "0"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(!ran.report.to_string().contains(TOKEN));
}
