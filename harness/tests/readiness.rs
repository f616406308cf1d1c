//! From a run to the page that says whether an integration is ready for the OIN, as a user meets it.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// One case whose fault takes access away from nobody who left.
const RUN: &str = "demo okta/lifecycle/deactivate-by-patch --app catalog --quiet";

const MANIFEST: &str = r#"[app]
name = "Acme"
[auth]
mode = "bearer"
[scim]
base-url = "https://scim.acme.com/v2"
users = ["create", "deactivate"]
attributes = ["userName"]
"#;

fn rehearsal(folder: &Path, line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.current_dir(folder).env("NO_COLOR", "1").env_remove("GITHUB_ACTIONS").args(line.split(' '));
    command.output().expect("the program starts")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_demo_leaves_every_report() {
    let folder = tempfile::tempdir().unwrap();
    let demo = rehearsal(folder.path(), RUN);
    assert_eq!(demo.status.code(), Some(0), "{}", told(&demo));
    for name in ["report.html", "report.md", "readiness.html", "junit.xml", "report.json", "report.har"] {
        let text = fs::read_to_string(folder.path().join("rehearsal-report").join(name));
        assert!(text.is_ok_and(|text| text.contains("deactivate-by-patch")), "{name}");
    }
}

#[test]
fn who_claims_what_does_not_work_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("oin.toml"), MANIFEST).unwrap();
    let demo = rehearsal(folder.path(), &format!("{RUN} --fault pathless-patch-ignored"));
    assert_eq!(demo.status.code(), Some(1), "{}", told(&demo));
    let line = "report readiness --report rehearsal-report/report.json --manifest oin.toml --html r.html --json r.json";
    let report = rehearsal(folder.path(), line);
    assert_eq!(report.status.code(), Some(1), "{}", told(&report));
    let json = fs::read(folder.path().join("r.json")).expect("a report");
    let json: Value = serde_json::from_slice(&json).expect("it is JSON");
    let reasons = json["verdict"]["reasons"].to_string();
    assert!(reasons.contains("okta/lifecycle/deactivate-by-patch"), "{reasons}");
    let page = fs::read_to_string(folder.path().join("r.html")).expect("a page");
    assert!(page.contains("Okta still asks for the links of Runscope runs"), "the first page says what it is not");
}

#[test]
fn what_breaks_okta_counts_though_no_row_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let fuzz = "demo fuzz/patch/okta-pushes-arrive --seed 7 --quiet --fault replace-without-path-drops-the-rest";
    let demo = rehearsal(folder.path(), fuzz);
    assert_eq!(demo.status.code(), Some(1), "{}", told(&demo));
    rehearsal(folder.path(), "report readiness --report rehearsal-report/report.json --json r.json");
    let json: Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    let reasons = json["verdict"]["reasons"].to_string();
    assert!(reasons.contains("fuzz/patch/okta-pushes-arrive"), "{reasons}");
    assert_eq!(json["verdict"]["failed"], 1);
}

#[test]
fn a_wrong_manifest_is_exit_2_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("oin.toml"), MANIFEST.replace("https://scim", "http://scim")).unwrap();
    let lint = rehearsal(folder.path(), "report lint oin.toml");
    assert_eq!(lint.status.code(), Some(2), "{}", told(&lint));
    assert!(told(&lint).contains("oin.toml:6:12"), "{}", told(&lint));
}

#[test]
fn what_is_no_report_is_exit_2_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.json"), "{}").unwrap();
    for name in ["mine.json", "none.json"] {
        let report = rehearsal(folder.path(), &format!("report readiness --report {name}"));
        assert_eq!(report.status.code(), Some(2), "{}", told(&report));
        assert!(told(&report).contains(name), "{}", told(&report));
    }
}
