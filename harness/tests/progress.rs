//! How far a run is: a line that changes on a terminal, nothing of it in what is piped, never on stdout.

use scim_specimen::{Auth, Config, Running};
use std::process::{Command, Stdio};

const TOKEN: &str = "a-token-nobody-guesses";

/// Runs the program on a terminal of its own, by way of util-linux's `script`; returns what the terminal showed.
fn on_a_terminal(command: &str) -> Option<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new("script")
        .args(["-qec", command, "/dev/null"])
        .current_dir(folder.path())
        .env("SCIM_TOKEN", TOKEN)
        .env("TERM", "xterm")
        .env_remove("GITHUB_ACTIONS")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

async fn specimen() -> Running {
    let config = Config { auth: Auth::Bearer(TOKEN.to_owned()), users: 3, ..Config::default() };
    Running::start(config).await.expect("a free port")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_sees_how_far_the_run_is_and_is_left_clean() {
    let specimen = specimen().await;
    let program = env!("CARGO_BIN_EXE_rehearsal");
    let with = |options: &str| format!("{program} test {} okta/spec {options}", specimen.base_url);
    let Some(shown) = on_a_terminal(&with("")) else { return };
    assert!(shown.contains(" cases · 0:0"), "{shown:?}");
    let (_, after) = shown.rsplit_once(" cases · ").unwrap();
    assert!(after.contains("\r\u{1b}[2K") && after.contains("PASSED"), "the line goes before the result: {after:?}");
    for option in ["--no-progress", "--quiet", "2>/dev/null"] {
        let shown = on_a_terminal(&with(option)).unwrap();
        assert!(shown.contains("PASSED") && !shown.contains(" cases · 0:0"), "{option}: {shown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_piped_holds_results_and_nothing_else() {
    let specimen = specimen().await;
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .args(["test", &specimen.base_url, "okta/spec"])
        .current_dir(folder.path())
        .env("SCIM_TOKEN", TOKEN)
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(!output.stdout.contains(&0x1b) && !String::from_utf8_lossy(&output.stdout).contains("cases · 0:0"));
}
