//! The program as a user meets it: exit codes, messages, files, and what it leaves on the target.

use scim_specimen::{Auth, Config, Fault, Running};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

const TOKEN: &str = "a-token-nobody-guesses";

/// Returns the program, in a folder of its own, with the token in its environment.
fn rehearsal(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command
        .current_dir(folder)
        .env("SCIM_TOKEN", TOKEN)
        .env("NO_COLOR", "1")
        .env_remove("GITHUB_ACTIONS")
        .args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    rehearsal(folder.path(), arguments).output().expect("the program starts")
}

async fn specimen(faults: &[Fault]) -> Running {
    let config = Config { auth: Auth::Bearer(TOKEN.to_owned()), faults: faults.to_vec(), ..Config::default() };
    Running::start(config).await.expect("a free port")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_target_nobody_listens_on_is_exit_3_with_one_line() {
    let output = run(&["test", "http://127.0.0.1:1/"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
    assert!(stderr(&output).contains("could not be reached"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_exit_3_and_says_401() {
    let specimen = specimen(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let output = rehearsal(folder.path(), &["test", &specimen.base_url]).env("SCIM_TOKEN", "wrong").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("401"), "{}", stderr(&output));
    assert!(stdout(&output).is_empty(), "{}", stdout(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sent_no_credentials_is_not_told_that_they_were_refused() {
    let specimen = specimen(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    for line in [&["test", &specimen.base_url][..], &["okta", "run", "lucy", &specimen.base_url]] {
        let output = rehearsal(folder.path(), line).env_remove("SCIM_TOKEN").output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{line:?} {}", stderr(&output));
        let told = stderr(&output);
        assert!(told.contains("no credentials were sent") && told.contains("SCIM_TOKEN"), "{line:?} {told}");
        assert!(!told.contains("refuses"), "{line:?} {told}");
    }
}

#[test]
fn two_reports_of_one_name_are_refused_before_anything_is_sent() {
    let nobody = "http://127.0.0.1:1/scim";
    for (line, options) in [
        (&["test", nobody, "--json", "a", "--junit", "./a"][..], "--junit and --json"),
        (&["test", nobody, "--json", "a", "--write-known", "a"], "--json and --write-known"),
        (&["fuzz", nobody, "filter", "--ndjson", "a", "--har", "b/../a"], "--har and --ndjson"),
        (&["demo", "okta/spec", "--json", "x", "--html", "x"], "--json and --html"),
        (&["demo", "okta/spec", "--json", "rehearsal-report/junit.xml"], "--junit and --json"),
        (&["demo", "okta/spec", "--html", "rehearsal-report/readiness.html"], "--html and --readiness"),
        (&["okta", "run", "lucy", nobody, "--html", "a", "--markdown", "a"], "--html and --markdown"),
        (&["okta", "hooks", nobody, "--html", "a", "--markdown", "a"], "--html and --markdown"),
        (&["merge", "1.json", "--json", "a", "--markdown", "a"], "--json and --markdown"),
        (&["report", "readiness", "--report", "1.json", "--html", "a", "--json", "a"], "--html and --json"),
    ] {
        let output = run(line);
        assert_eq!(output.status.code(), Some(2), "{line:?} {}", stderr(&output));
        assert!(stderr(&output).contains(options), "{line:?} {}", stderr(&output));
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rehearsal.toml"), "[reports]\njson = \"a\"\njunit = \"a\"\n").unwrap();
    let output = rehearsal(folder.path(), &["test", nobody]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("--junit and --json name one file, a;"), "{}", stderr(&output));
    assert!(!folder.path().join("a").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_says_how_the_program_ends() {
    let specimen = specimen(&["duplicate-answers-201".parse().expect("a fault")]).await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let (passing, failing) = ("okta/spec/create-answers-201", "okta/spec/duplicate-is-409");
    let lost = folder.path().join("file/lost").display().to_string();
    for (case, options, variables) in [
        (passing, &["--json", "file/lost"][..], &[][..]),
        (failing, &["--write-known", "file/lost"], &[]),
        (passing, &[], &["GITHUB_STEP_SUMMARY"]),
        (passing, &[], &["GITHUB_OUTPUT"]),
        (passing, &[], &["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"]),
    ] {
        let arguments = [&["test", &specimen.base_url, case, "--ignore-requires"], options].concat();
        let mut command = rehearsal(folder.path(), &arguments);
        command.env("GITHUB_ACTIONS", "true").env_remove("GITHUB_STEP_SUMMARY").env_remove("GITHUB_OUTPUT");
        variables.iter().for_each(|name| {
            command.env(name, &lost);
        });
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(74), "{options:?} {variables:?} {}", stderr(&output));
        let told = stdout(&output);
        assert!(told.contains("exit code 74") && !told.contains("PASSED"), "{options:?} {variables:?} {told}");
    }
    let demo = ["demo", passing, "--readiness", "file/lost"];
    let output = rehearsal(folder.path(), &demo).output().unwrap();
    assert_eq!(output.status.code(), Some(74), "{}", stderr(&output));
    assert!(stdout(&output).contains("exit code 74"), "{}", stdout(&output));
}

#[test]
fn the_demo_names_the_report_for_people() {
    let output = run(&["demo", "okta/spec/create-answers-201"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("\n  page   rehearsal-report/report.html\n"), "{}", stdout(&output));
}

#[test]
fn nothing_is_suggested_where_nothing_is_near() {
    for line in [
        &["explain", "nope"][..],
        &["explain", "S9999"],
        &["explain", "99"],
        &["demo", "--fault", "nope"],
        &["demo", "--variant", "nope"],
    ] {
        let output = run(line);
        assert_eq!(output.status.code(), Some(2), "{line:?}");
        assert!(!stderr(&output).contains("did you mean"), "{line:?} {}", stderr(&output));
    }
    let output = run(&["specimen", "--fault", "filter-ignord"]);
    assert!(stderr(&output).contains("did you mean \"filter-ignored\"?"), "{}", stderr(&output));
}

#[test]
fn a_diagnostic_about_two_files_is_shown_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let suite = "suite = \"okta/users\"\ntitle = \"Mine\"\n\n[[case]]\nid = \"one\"\ntitle = \"Lists people\"\n\
                 rule = \"It answers.\"\nref = [\"C9290\"]\nlevel = \"okta\"\n\n[[case.step]]\nsend = \"GET /Users\"\n";
    fs::create_dir(folder.path().join("okta")).unwrap();
    fs::write(folder.path().join("okta/users.toml"), suite).unwrap();
    let output = rehearsal(folder.path(), &["test", "--list", "--suites", "okta"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("\n ::: okta/users.toml:"), "{}", stderr(&output));
}

#[test]
fn a_mistyped_selector_is_exit_4_and_suggests_the_nearest_id() {
    let output = run(&["test", "--list", "okta/spec/duplicate-is-490"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).contains("okta/spec/duplicate-is-409"), "{}", stderr(&output));
}

#[test]
fn a_list_that_nobody_reads_on_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["test", "--list"][..], &["test", "--plan"], &["coverage"], &["specimen", "--list-faults"]] {
        let mut command = rehearsal(folder.path(), arguments);
        let mut listing = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        drop(listing.stdout.take());
        let output = listing.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn a_broken_suite_is_exit_2_with_file_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.toml"), "suite = \"mine\"\ntitle = 3\n").unwrap();
    let output = rehearsal(folder.path(), &["test", "--list", "--suites", "mine.toml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("mine.toml:2:9"), "{}", stderr(&output));
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let output = run(&["test", "http://127.0.0.1:1/", "--bearer", "s3cr3t-value"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("env:NAME"), "{}", stderr(&output));
    assert!(!stderr(&output).contains("s3cr3t-value"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn something_that_is_no_scim_server_is_exit_3() {
    let server = wiremock::MockServer::start().await;
    let page = wiremock::ResponseTemplate::new(200).set_body_raw("<html></html>", "text/html");
    wiremock::Mock::given(wiremock::matchers::any()).respond_with(page).mount(&server).await;
    let output = run(&["test", &server.uri()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("does not speak SCIM"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correct_server_is_exit_0_and_keeps_nothing() {
    let specimen = specimen(&[]).await;
    let output = run(&["test", &specimen.base_url]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(people(&specimen.base_url).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_exit_1_and_every_report_names_the_rule() {
    let specimen = specimen(&["duplicate-answers-201".parse().expect("a fault")]).await;
    let folder = tempfile::tempdir().unwrap();
    let files = ["--junit", "out/junit.xml", "--json", "out/report.json", "--html", "out/report.html"];
    let arguments = [&["test", &specimen.base_url][..], &files].concat();
    let output = rehearsal(folder.path(), &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("out/report.json")).unwrap()).unwrap();
    let failed: Vec<&str> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["outcome"] == "fail")
        .map(|case| case["id"].as_str().unwrap())
        .collect();
    assert!(failed.contains(&"okta/spec/duplicate-is-409"), "{failed:?}");
    let junit = fs::read_to_string(folder.path().join("out/junit.xml")).unwrap();
    assert!(junit.contains("duplicate-is-409") && junit.contains("<failure"), "{junit}");
    let html = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(html.contains("What breaks Okta first") && html.contains("duplicate-is-409"), "{html}");
    assert_eq!(people(&specimen.base_url).await, 0, "both of the duplicates are removed");
    for name in ["out/report.json", "out/junit.xml", "out/report.html"] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(!text.contains(TOKEN), "{name} holds the token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_written_is_exit_74_after_the_others() {
    let specimen = specimen(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let arguments = ["test", &specimen.base_url, "okta/spec", "--junit", "file/junit.xml", "--json", "report.json"];
    let output = rehearsal(folder.path(), &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(74), "{}", stderr(&output));
    assert!(stderr(&output).contains("file/junit.xml"), "{}", stderr(&output));
    assert!(folder.path().join("report.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_be_carried_out_leaves_no_report_of_an_earlier_one() {
    let names = ["r.xml", "r.json", "r.html", "r.md", "r.har", "r.ndjson"];
    let options = ["--junit", "--json", "--html", "--markdown", "--har", "--ndjson"];
    let options: Vec<&str> = options.into_iter().zip(names).flat_map(|(option, name)| [option, name]).collect();
    let nobody = "http://127.0.0.1:1/scim";
    for (command, exit) in [
        (vec!["test", nobody], 3),
        (vec!["fuzz", nobody, "filter"], 3),
        (vec!["test", nobody, "--bearer", "env:NOBODY_SETS_THIS"], 2),
        (vec!["test", nobody, "okta/spec/duplicate-is-490"], 4),
        (vec!["okta", "run", "nobody", nobody], 2),
    ] {
        let folder = tempfile::tempdir().unwrap();
        names.iter().for_each(|name| fs::write(folder.path().join(name), "all was well yesterday").unwrap());
        let output = rehearsal(folder.path(), &[&command[..], &options].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(exit), "{command:?} {}", stderr(&output));
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        for name in names {
            assert!(!read(name).contains("yesterday"), "{command:?} {name}");
        }
        let junit = read("r.xml");
        assert_eq!((junit.matches("<testcase").count(), junit.matches("<error").count()), (1, 1), "{junit}");
        let report: Value = serde_json::from_str(&read("r.json")).unwrap();
        assert_eq!(report["summary"]["exit"], exit, "{command:?}");
        let reason = report["cases"][0]["reason"].as_str().expect("a reason");
        assert!(reason.starts_with("no case was judged: ") && junit.contains("no case was judged: "), "{reason}");
        assert!(read("r.html").contains("no case was judged") && read("r.md").contains("no case was judged"));
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.xml"), "all was well yesterday").unwrap();
    let output = rehearsal(folder.path(), &["test", "--list", "nothing/like-it", "--junit", "r.xml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let kept = fs::read_to_string(folder.path().join("r.xml")).unwrap();
    assert!(kept.contains("yesterday"), "who lists cases runs none: {kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_created_is_found_in_the_list_where_the_search_by_name_is_wrong() {
    let fault = |name: &str| name.parse::<Fault>().expect("a fault");
    for (faults, case, users) in [
        (vec![fault("filter-compares-with-id")], "rfc7644/bulk/ids-are-used-once", 1500),
        (vec![fault("filter-compares-with-id"), fault("create-answer-lacks-id")], "okta/spec/create-answers-201", 1500),
        (vec![fault("create-is-not-stored"), fault("create-answer-lacks-id")], "okta/spec/create-answers-201", 450),
    ] {
        let told = format!("{faults:?}");
        let config = Config { auth: Auth::Bearer(TOKEN.to_owned()), users, faults, ..Config::default() };
        let specimen = Running::start(config).await.expect("a free port");
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["test", &specimen.base_url, case, "--ignore-requires", "--settle", "0", "--json", "r.json"];
        let output = rehearsal(folder.path(), &arguments).output().unwrap();
        assert_eq!(people(&specimen.base_url).await, users as u64, "{told} {}", stdout(&output));
        let report: Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
        assert_eq!(report["summary"]["left_behind"], serde_json::json!([]), "{told}");
        let sent = report["cases"][0]["exchanges"].as_array().expect("a list").iter();
        assert!(sent.into_iter().any(|one| one["request"]["method"] == "POST"), "{told}: something is created");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_tell_is_said_to_be_left_perhaps() {
    let faults = ["create-is-not-stored", "create-answer-lacks-id"].map(|name| name.parse().expect("a fault")).to_vec();
    let config = Config { auth: Auth::Bearer(TOKEN.to_owned()), users: 1500, faults, ..Config::default() };
    let specimen = Running::start(config).await.expect("a free port");
    let folder = tempfile::tempdir().unwrap();
    let case = "okta/spec/create-answers-201";
    let arguments = ["test", &specimen.base_url, case, "--ignore-requires", "--settle", "0", "--json", "r.json"];
    rehearsal(folder.path(), &arguments).output().unwrap();
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    let left = report["summary"]["left_behind"].as_array().expect("a list");
    assert_eq!(left.len(), 1, "more are there than are read: {left:?}");
    assert!(left[0]["path"].as_str().is_some_and(|path| path.starts_with("/Users (perhaps rh")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_seed_sends_the_same_bytes_and_gives_the_same_verdict() {
    let first = requests_of(0x5c1a).await;
    assert!(first.len() > 100, "{} requests are few", first.len());
    let second = requests_of(0x5c1a).await;
    for (one, two) in first.iter().zip(&second) {
        assert_eq!(one, two);
    }
    assert_eq!(first.len(), second.len());
    assert_ne!(first, requests_of(0x5c1b).await);
}

/// Returns case, outcome and every request of a run, with the ids the server gave replaced by one word.
async fn requests_of(seed: u64) -> Vec<String> {
    let specimen = specimen(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["test", &specimen.base_url, "--seed", &seed.to_string(), "--json", "report.json"];
    let output = rehearsal(folder.path(), &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    let authority = specimen.base_url.split('/').nth(2).expect("a URL with a host").to_owned();
    let mut lines = Vec::new();
    for case in report["cases"].as_array().unwrap() {
        lines.push(format!("{} {} {}", case["id"], case["app"], case["outcome"]));
        let mut requests: Vec<String> = case["exchanges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|exchange| {
                let request = &exchange["request"];
                let line =
                    format!("{} {} {} {}", request["method"], request["url"], request["headers"], request["body"]);
                without_server_values(&line.replace(&authority, "host"))
            })
            .collect();
        // Steps that are done at the same time finish in any order.
        requests.sort();
        lines.extend(requests);
    }
    lines
}

/// Blanks what only the server decides: ids, times and versions, which Okta's PUT sends back, and body lengths with them.
fn without_server_values(line: &str) -> String {
    let line = without_cursors(&without_uuids(line));
    let mut text = String::new();
    let mut word = String::new();
    let flush = |word: &mut String, text: &mut String| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let is_time = word.len() > 15 && digits >= 12 && word.contains('T');
        let is_version = word.len() == 16 && word.chars().all(|letter| letter.is_ascii_hexdigit());
        text.push_str(if is_time || is_version { "…" } else { word });
        word.clear();
    };
    for letter in line.chars() {
        if letter.is_ascii_alphanumeric() || "-:.".contains(letter) {
            word.push(letter);
        } else {
            flush(&mut word, &mut text);
            text.push(letter);
        }
    }
    flush(&mut word, &mut text);
    text
}

/// Blanks the cursors of pages, which are the server's own.
fn without_cursors(line: &str) -> String {
    let mut parts = line.split("cursor");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let value = part.trim_start_matches(['=', ':', '"', '\\']);
        text.push_str("cursor…");
        text.push_str(
            value.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || "-_.~%".contains(letter)),
        );
    }
    text
}

/// Blanks ids, wherever they stand: also in front of a suffix, as in `/Users/{id}.scim`.
fn without_uuids(line: &str) -> String {
    let is_uuid = |word: &[u8]| {
        word.iter().enumerate().all(|(at, letter)| match at {
            8 | 13 | 18 | 23 => *letter == b'-',
            _ => letter.is_ascii_hexdigit(),
        })
    };
    let mut rest = line.to_owned();
    while let Some(at) = rest.as_bytes().windows(36).position(is_uuid) {
        rest.replace_range(at..at + 36, "…");
    }
    rest
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_removes_what_it_created() {
    let specimen = specimen(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    // One case at a time, so that there is time to interrupt in the middle.
    let arguments = ["test", &specimen.base_url, "--jobs", "1", "--quiet"];
    let mut child = rehearsal(folder.path(), &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while people(&specimen.base_url).await == 0 && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(1));
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    // A run that was faster than the signal ends with 0; it too keeps nothing.
    assert!(matches!(status.code(), Some(130 | 0)), "{status:?}");
    assert_eq!(people(&specimen.base_url).await, 0);
    let kept = fs::read_dir(folder.path().join("rehearsal-report")).unwrap();
    let journals = kept.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("journal"));
    assert_eq!(journals.count(), 0, "no journal stays when nothing is left behind");
}

/// Returns how many users the specimen holds.
async fn people(base_url: &str) -> u64 {
    let redactor = scim_record::Redactor::default();
    let target = scim_transport::Target::parse(base_url).unwrap();
    let credentials = scim_transport::Credentials::Bearer(scim_transport::Secret::new(TOKEN));
    let transport =
        scim_transport::Transport::new(target, credentials, scim_transport::Limits::default(), redactor).unwrap();
    let request = scim_transport::Request {
        method: "GET".to_owned(),
        target: "/Users?count=0".to_owned(),
        headers: Vec::new(),
        body: None,
        auth: scim_transport::Auth::Configured,
    };
    let reply = transport.send("count", request).await.reply.expect("the specimen answers");
    let list: Value = serde_json::from_slice(&reply.body).expect("a list");
    list["totalResults"].as_u64().expect("a total")
}

#[test]
fn everything_that_can_be_named_can_be_explained() {
    for what in ["okta/spec/duplicate-is-409", "C9290", "S010", "filter-ignored", "exit 3"] {
        let output = run(&["explain", what]);
        assert_eq!(output.status.code(), Some(0), "{what}: {}", stderr(&output));
        assert!(stdout(&output).lines().count() >= 1, "{what}");
    }
    for (what, gates) in [("OKTA-user-04", "every gate"), ("7644-3.3-01", "the gates rfc and strict")] {
        let output = run(&["explain", what]);
        assert!(stdout(&output).contains(&format!("a breach fails under {gates}\n")), "{}", stdout(&output));
    }
    let output = run(&["explain", "okta/spec/duplicate-is-490"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("okta/spec/duplicate-is-409"), "{}", stderr(&output));
}
