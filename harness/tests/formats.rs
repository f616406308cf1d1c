//! Every report of one run, through the program: well-formed, of one mind, without secrets, and inert in the log of a CI
//! system.

#[path = "../../reports/tests/reports/conforms.rs"]
mod conforms;

use conforms::conforms;
use scim_specimen::{Auth, Config, Fault, Running};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use std::{fs, str};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

const TOKEN: &str = "a-token-nobody-guesses";

/// Runs the program as a step of GitHub Actions does.
fn in_a_step(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .current_dir(folder)
        .env("SCIM_TOKEN", TOKEN)
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .env("GITHUB_OUTPUT", folder.join("output.txt"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

async fn specimen(fault: &str) -> Running {
    let faults = vec![fault.parse::<Fault>().expect("a fault of this name")];
    Running::start(Config { auth: Auth::Bearer(TOKEN.to_owned()), faults, ..Config::default() })
        .await
        .expect("a free port")
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn schema(name: &str) -> Value {
    json(&read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../reports")), name))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_reports_of_one_run_are_well_formed_and_tell_the_same() {
    let specimen = specimen("duplicate-answers-400").await;
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let files = ["--json", "r.json", "--junit", "r.xml", "--html", "r.html", "--markdown", "r.md", "--har", "r.har"];
    let arguments = [&["test", &specimen.base_url, "okta/spec", "--ndjson", "r.ndjson"], &files[..]].concat();
    let output = in_a_step(folder, &arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");

    let report = json(&read(folder, "r.json"));
    let documented = schema("report.schema.json");
    conforms(&report, &documented, &documented).unwrap_or_else(|why| panic!("r.json{why}"));
    let lines = read(folder, "r.ndjson");
    let documented = schema("events.schema.json");
    let events: Vec<Value> = lines.lines().map(json).collect();
    for (event, number) in events.iter().zip(1..) {
        conforms(event, &documented, &documented).unwrap_or_else(|why| panic!("r.ndjson:{number}{why}"));
    }
    assert_eq!(events.last().expect("a last event")["summary"], report["summary"]);
    let finished = events.iter().filter(|event| event["event"] == "case-finished").count();
    assert_eq!(finished, report["cases"].as_array().expect("cases").len());

    let archive = json(&read(folder, "r.har"));
    let entries = archive["log"]["entries"].as_array().expect("entries").len();
    assert_eq!(Some(entries as u64), report["summary"]["requests"].as_u64(), "every request is in the archive");

    let failed = report["summary"]["counts"]["fail"].as_u64().expect("a number");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(stdout.lines().filter(|line| line.starts_with("::error title=")).count() as u64, failed.min(10));
    assert_eq!(read(folder, "summary.md"), read(folder, "r.md"));
    assert!(read(folder, "output.txt").starts_with("verdict=failed\n"), "{}", read(folder, "output.txt"));
    for name in ["r.json", "r.xml", "r.html", "r.md", "r.har", "r.ndjson", "summary.md"] {
        let text = read(folder, name);
        assert!(text.contains("duplicate-is-409"), "{name} tells of the failure");
        assert!(!text.contains(TOKEN), "{name} holds the token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_written_is_exit_74_after_the_others() {
    let specimen = specimen("duplicate-answers-400").await;
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("taken"), "").expect("a file in the way");
    let lost = ["--har", "taken/r.har", "--markdown", "taken/r.md", "--ndjson", "taken/r.ndjson"];
    let arguments =
        [&["test", &specimen.base_url, "okta/spec", "--json", "r.json", "--junit", "r.xml"], &lost[..]].concat();
    let output = in_a_step(folder, &arguments);
    assert_eq!(output.status.code(), Some(74), "{output:?}");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    for name in ["taken/r.har", "taken/r.md", "taken/r.ndjson"] {
        assert_eq!(stderr.matches(name).count(), 1, "{stderr}");
    }
    assert!(json(&read(folder, "r.json"))["summary"].is_object() && read(folder, "r.xml").contains("</testsuites>"));
    assert!(read(folder, "summary.md").starts_with("## Rehearsal: FAILED"));
}

/// What CI systems take for commands, and what terminals do.
const EVIL: &str = "::error::owned%0A::set-output name=a::b\r\n::add-mask::x\n##[error]owned ##vso[task.setvariable \
     variable=a]b ##teamcity[buildStatus text='owned'] section_start:1:a[collapsed=true]\r\u{1b}[0K \u{1b}]0;owned\u{7}";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_a_server_says_is_a_command_in_the_log() {
    let body = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": EVIL, "Resources": [{ "id": EVIL, "userName": EVIL, EVIL: EVIL }], "detail": EVIL,
    });
    let answers = [
        ResponseTemplate::new(200).set_body_json(body),
        ResponseTemplate::new(500).set_body_string(EVIL),
        ResponseTemplate::new(401).set_body_string(EVIL).insert_header("www-authenticate", "##vso[task.x]::error::y"),
    ];
    for answer in answers {
        let server = MockServer::start().await;
        Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = ["test", &server.uri(), "okta/spec", "--settle", "0", "--verbose", "--trace"];
        let output = in_a_step(folder.path(), &arguments);
        assert!(matches!(output.status.code(), Some(1 | 3 | 6)), "{output:?}");
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = str::from_utf8(&said).expect("UTF-8");
        for line in said.lines() {
            let is_ours = line.starts_with("::error title=") || line.starts_with("::warning title=");
            assert!(is_ours || !line.trim_start().starts_with("::"), "{line}");
            let lower = line.to_lowercase();
            for marker in ["##[", "##vso[", "##teamcity[", "section_start:"] {
                assert!(!lower.contains(marker), "{line}");
            }
            assert!(!line.contains(char::is_control), "{line:?}");
        }
        let annotations: Vec<&str> = said.lines().filter(|line| line.starts_with("::")).collect();
        assert!(annotations.iter().all(|line| !line.contains("%0A")), "{annotations:#?}");
    }
}
