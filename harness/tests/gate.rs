//! The gate as a team lives with it: known failures, comparing runs, dividing and joining them, running again, retries.

use scim_specimen::{Auth, Config, Fault, Running};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const TOKEN: &str = "a-token-nobody-guesses";
const CASE: &str = "okta/spec/duplicate-is-409";

/// Runs the program in a folder, with the token in its environment.
fn rehearsal(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command
        .current_dir(folder)
        .env("SCIM_TOKEN", TOKEN)
        .env("NO_COLOR", "1")
        .env_remove("GITHUB_ACTIONS")
        .args(arguments);
    command.output().expect("the program starts")
}

/// Tests a specimen with these faults and returns the exit code and what was printed.
async fn test(folder: &Path, faults: &[&str], arguments: &[&str]) -> (i32, String) {
    let specimen = specimen(faults).await;
    let output = rehearsal(folder, &[&["test", &specimen.base_url], arguments].concat());
    ended(&output)
}

async fn specimen(faults: &[&str]) -> Running {
    let faults: Vec<Fault> = faults.iter().map(|name| name.parse().expect("a fault")).collect();
    let config = Config { auth: Auth::Bearer(TOKEN.to_owned()), faults, ..Config::default() };
    Running::start(config).await.expect("a free port")
}

fn ended(output: &Output) -> (i32, String) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().expect("an exit code"), text)
}

fn report(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a report")).expect("it is JSON")
}

/// Returns outcome, reason and fingerprints of each case.
fn endings(path: &Path) -> BTreeMap<String, String> {
    let report = report(path);
    let ending = |case: &Value| {
        let prints: Vec<&Value> =
            case["findings"].as_array().expect("findings").iter().map(|finding| &finding["fingerprint"]).collect();
        let name = format!("{}@{}", case["id"].as_str().expect("an id"), case["app"].as_str().unwrap_or_default());
        (name, format!("{} {} {prints:?}", case["outcome"], case["reason"]))
    };
    report["cases"].as_array().expect("cases").iter().map(ending).collect()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_failure_is_green_until_it_is_another_or_none() {
    let folder = folder();
    let list = folder.path().join("rehearsal.known.toml");
    let fault = ["duplicate-answers-201"];
    let (code, text) = test(folder.path(), &fault, &["okta/spec", "--write-known", "rehearsal.known.toml"]).await;
    assert_eq!(code, 1, "{text}");
    let written = fs::read_to_string(&list).expect("a list");
    assert!(written.contains(&format!("case = {CASE:?}")), "{written}");
    let print = written.split("finding = [").nth(1).and_then(|rest| rest.split(']').next()).expect("a finding");
    assert!(text.contains(&format!("known  finding = [{print}]")), "what the report shows can be pasted: {text}");

    // Another host, seed and run; the list lies where it is looked for.
    fs::write(&list, written.replace("nobody has looked at it yet", "VENDOR-812")).expect("a reason");
    let (code, text) = test(folder.path(), &fault, &["okta/spec", "--json", "r.json", "--junit", "r.xml"]).await;
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("KNOWN") && text.contains("VENDOR-812"), "{text}");
    assert_eq!(report(&folder.path().join("r.json"))["summary"]["counts"]["known"], 1);
    let junit = fs::read_to_string(folder.path().join("r.xml")).expect("a JUnit file");
    assert!(junit.contains("known to fail: VENDOR-812") && !junit.contains("<failure"), "{junit}");

    // What is listed is not written again.
    let before = fs::read(&list).expect("a list");
    let arguments = ["okta/spec", "--known", "rehearsal.known.toml", "--write-known", "rehearsal.known.toml"];
    assert_eq!(test(folder.path(), &fault, &arguments).await.0, 0);
    assert_eq!(fs::read(&list).expect("a list"), before);

    let (code, text) = test(folder.path(), &["duplicate-answers-500"], &["okta/spec"]).await;
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("is another than those listed; rehearsal.known.toml:"), "{text}");

    let (code, text) = test(folder.path(), &[], &["okta/spec", "--junit", "r.xml"]).await;
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("FIXED") && text.contains("Take it off the list"), "{text}");
    let junit = fs::read_to_string(folder.path().join("r.xml")).expect("a JUnit file");
    assert!(junit.contains("unexpected-pass"), "{junit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_entry_is_red_with_its_reason_and_is_not_written_again() {
    let folder = folder();
    let fault = ["duplicate-answers-201"];
    test(folder.path(), &fault, &[CASE, "--write-known", "k.toml"]).await;
    let list = folder.path().join("k.toml");
    let written = fs::read_to_string(&list).expect("a list");
    let expires = written.lines().find(|line| line.starts_with("expires = ")).expect("a day");
    fs::write(&list, written.replace(expires, "expires = 2020-01-31")).expect("an old day");
    let before = fs::read(&list).expect("a list");
    let (code, text) = test(folder.path(), &fault, &[CASE, "--known", "k.toml", "--write-known", "k.toml"]).await;
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("known to fail until 2020-01-31, which is past: nobody has looked"), "{text}");
    assert_eq!(fs::read(&list).expect("a list"), before);
}

#[test]
fn a_list_that_does_not_fit_the_suites_is_exit_2_with_file_line_and_remedy() {
    let folder = folder();
    let entry =
        "# ours\n[[known]]\ncase = \"okta/spec/duplicate-is-490\"\nfinding = [\"0123456789\"]\nreason = \"r\"\n";
    fs::write(folder.path().join("rehearsal.known.toml"), entry).expect("a list");
    // Nothing listens there: the list is looked at first.
    let (code, text) = ended(&rehearsal(folder.path(), &["test", "http://127.0.0.1:1/"]));
    assert_eq!(code, 2, "{text}");
    for part in ["rehearsal.known.toml:3:8: ", "okta/spec/duplicate-is-409", "take the entry out"] {
        assert!(text.contains(part), "{text}");
    }
    let (code, text) = ended(&rehearsal(folder.path(), &["test", "http://127.0.0.1:1/", "--known", "none.toml"]));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("none.toml cannot be read"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_compared_in_three_forms_and_worse_is_exit_1() {
    let folder = folder();
    let seeds = [["--seed", "1", "--json", "good.json"], ["--seed", "2", "--json", "bad.json"]];
    test(folder.path(), &[], &[&["okta/spec"][..], &seeds[0]].concat()).await;
    test(folder.path(), &["duplicate-answers-201"], &[&["okta/spec"][..], &seeds[1]].concat()).await;
    let compare = |arguments: &[&str]| ended(&rehearsal(folder.path(), &[&["compare"], arguments].concat()));

    let (code, text) = compare(&["good.json", "bad.json"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("BROKE 1 case broke\n  okta/spec/duplicate-is-409\n") && text.contains("WORSE "), "{text}");
    let (code, text) = compare(&["bad.json", "good.json", "--markdown"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("**1 case passes again**\n\n- `okta/spec/duplicate-is-409`: "), "{text}");
    let (code, text) = compare(&["bad.json", "bad.json", "--json"]);
    assert_eq!(code, 0, "{text}");
    let value: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(value["broke"], Value::Array(Vec::new()));

    fs::write(folder.path().join("odd.json"), "{\n  \"schema_version\": 99,\n  \"version\": \"7\" }").expect("a file");
    fs::write(folder.path().join("half.json"), "{\n  \"schema_version\": 1,").expect("a file");
    for (name, told) in [
        ("odd.json", "odd.json: the report has schema version 99"),
        ("half.json", "half.json:2:22: EOF"),
        ("none.json", "none.json: the report cannot be read"),
    ] {
        let (code, text) = compare(&["good.json", name]);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn the_parts_of_a_run_together_give_its_verdict() {
    let folder = folder();
    // A defect that others build on: what requires it is skipped in every part, as in the whole.
    let common = ["demo", "okta", "rfc7644/basics", "--fault", "pathless-patch-ignored", "--seed", "0x5c1a", "--quiet"];
    let run = |arguments: &[&str]| ended(&rehearsal(folder.path(), &[&common[..], arguments].concat()));
    let (whole, text) = run(&["--json", "whole.json"]);
    assert_eq!(whole, 1, "{text}");
    let mut merge = vec!["merge", "--json", "merged.json", "--junit", "merged.xml"];
    for (part, name) in [("slice:3/3", "3.json"), ("slice:1/3", "1.json"), ("slice:2/3", "2.json")] {
        run(&["--partition", part, "--json", name]);
        merge.push(name);
    }
    let (code, text) = ended(&rehearsal(folder.path(), &merge));
    assert_eq!(code, whole, "{text}");
    let path = |name: &str| folder.path().join(name);
    let (of_whole, of_merged) = (endings(&path("whole.json")), endings(&path("merged.json")));
    assert!(of_whole.values().any(|ending| ending.contains("needs ")), "something is skipped for what it requires");
    let differs = |(name, ending): &(&String, &String)| of_merged.get(*name) != Some(*ending);
    let differences: Vec<_> = of_whole.iter().filter(differs).collect();
    assert!(differences.is_empty() && of_merged.len() == of_whole.len(), "{differences:?}");
    assert_eq!(report(&path("merged.json"))["summary"]["counts"], report(&path("whole.json"))["summary"]["counts"]);
    assert_eq!(report(&path("merged.json"))["run"], report(&path("whole.json"))["run"]);
    assert!(fs::read_to_string(path("merged.xml")).expect("a JUnit file").contains("<failure"));
    let (code, text) = ended(&rehearsal(folder.path(), &["compare", "whole.json", "merged.json"]));
    assert_eq!(code, 0, "{text}");

    for (parts, told) in [
        (&["1.json", "3.json"][..], "part"),
        (&["1.json", "2.json", "2.json", "3.json"], "are both part 2"),
        (&["1.json", "2.json", "whole.json"], "whole.json: it is no part of a run"),
    ] {
        let (code, text) = ended(&rehearsal(folder.path(), &[&["merge"], parts].concat()));
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn a_partition_wants_a_seed_and_an_empty_part_is_exit_4_with_a_report() {
    let folder = folder();
    let (code, text) = ended(&rehearsal(folder.path(), &["demo", CASE, "--partition", "slice:1/2"]));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("--seed"), "{text}");
    let arguments = ["demo", CASE, "--partition", "slice:2/2", "--seed", "1", "--json", "2.json"];
    let (code, text) = ended(&rehearsal(folder.path(), &arguments));
    assert_eq!(code, 4, "{text}");
    assert_eq!(report(&folder.path().join("2.json"))["cases"], Value::Array(Vec::new()));
    let (code, text) = ended(&rehearsal(folder.path(), &["demo", "--partition", "slice:3/2", "--seed", "1"]));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("there is no part 3 of 2"), "{text}");
}

#[test]
fn what_failed_runs_again_with_what_it_requires_until_nothing_fails() {
    let folder = folder();
    let (code, text) = ended(&rehearsal(folder.path(), &["demo", "okta/spec", "--rerun", "last"]));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("no run against the embedded specimen is kept"), "{text}");

    let broken = ["demo", "okta/spec", "--fault", "duplicate-answers-201", "--json", "1.json"];
    assert_eq!(ended(&rehearsal(folder.path(), &broken)).0, 1);
    // From the report as well as from what is kept.
    for rerun in ["1.json", "last"] {
        let (code, text) = ended(&rehearsal(folder.path(), &["demo", "--rerun", rerun, "--json", "2.json"]));
        assert_eq!(code, 0, "{text}");
        let ran = endings(&folder.path().join("2.json"));
        assert!(ran.contains_key(&format!("{CASE}@")) && ran.len() < 10, "{ran:?}");
        if rerun == "1.json" {
            // It was the last run, and nothing failed.
            let (code, text) = ended(&rehearsal(folder.path(), &["demo", "--rerun", "last"]));
            assert_eq!(code, 4, "{text}");
            assert!(text.contains("nothing to run again"), "{text}");
            assert_eq!(ended(&rehearsal(folder.path(), &broken)).0, 1);
        }
    }
    let (code, text) = ended(&rehearsal(folder.path(), &["test", "http://127.0.0.1:1/", "--rerun", "1.json"]));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("1.json is about the embedded specimen, not about http://127.0.0.1:1"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_fails_is_a_defect_unless_retries_are_asked_for_and_then_told() {
    let specimen = specimen(&[]).await;
    let run = |folder: &Path, retries: &str, base_url: &str| {
        let json = ["--json", "r.json", "--jobs", "1", "--retries", retries];
        ended(&rehearsal(folder, &[&["test", base_url, "okta/spec"][..], &json].concat()))
    };
    let folder = folder();
    let (code, text) = run(folder.path(), "0", &dropping(&specimen.base_url).await);
    assert_eq!(code, 3, "{text}");
    let (code, text) = run(folder.path(), "2", &dropping(&specimen.base_url).await);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("2 of them again, after"), "{text}");
    assert_eq!(report(&folder.path().join("r.json"))["summary"]["retries"], 2);
}

/// Puts a gateway in front of a server that hangs up on the first two requests; returns the base URL there.
async fn dropping(base_url: &str) -> String {
    use tokio::io::AsyncReadExt;
    let authority = base_url.split('/').nth(2).expect("a host").to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let here = listener.local_addr().expect("an address").to_string();
    let url = base_url.replace(&authority, &here);
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((mut client, _)) = listener.accept().await else { return };
            if number < 2 {
                // Reading first, so that the end of the connection comes after the request.
                let _ = client.read(&mut [0; 1024]).await;
                continue;
            }
            let Ok(mut server) = tokio::net::TcpStream::connect(&authority).await else { return };
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_removed_is_exit_6() {
    let specimen = specimen(&["group-delete-not-routed"]).await;
    let folder = folder();
    // A case that makes a group and does not ask for its deletion.
    let arguments = ["test", &specimen.base_url, "okta/groups/push-of-an-empty-group"];
    let (code, text) = ended(&rehearsal(folder.path(), &arguments));
    assert_eq!(code, 6, "{text}");
    assert!(text.contains("LEFT BEHIND") && text.contains("rehearsal cleanup rh"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_can_be_judged_is_exit_4() {
    let folder = folder();
    let suite = "suite = \"mine\"\ntitle = \"Mine\"\n[[case]]\nid = \"x\"\ntitle = \"t\"\nrule = \"It is so.\"\n\
                 level = \"must\"\n[[case.step]]\nsend = \"GET /Users\"\nexpect.skips-on = [200]\n";
    fs::write(folder.path().join("mine.toml"), suite).expect("a suite");
    let (code, text) = test(folder.path(), &[], &["mine", "--suites", "mine.toml"]).await;
    assert_eq!(code, 4, "{text}");
    assert!(text.contains("GET /Users answered 200"), "{text}");
}
