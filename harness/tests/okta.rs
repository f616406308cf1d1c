//! `rehearsal okta`, as a shell sees it.
#![cfg(unix)]

use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

fn okta(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    for name in ["SCIM_URL", "SCIM_TOKEN", "OKTA_TOKEN"] {
        command.env_remove(name);
    }
    command.arg("okta").args(arguments).output().expect("the program runs")
}

#[test]
fn exec_ends_with_the_exit_code_of_the_command() {
    for (script, code) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)] {
        assert_eq!(okta(&["exec", "--", "sh", "-c", script]).status.code(), Some(code), "{script}");
    }
    assert_eq!(okta(&["exec", "--", "there-is-no-such-program"]).status.code(), Some(2));
    assert_eq!(okta(&["exec"]).status.code(), Some(2));
}

#[test]
fn exec_passes_requests_to_end_on_and_ends_after_the_command() {
    for (signal, exit) in [("TERM", 7), ("HUP", 7)] {
        let folder = tempfile::tempdir().expect("a folder");
        let script = format!(
            "trap 'sleep 0.2; echo $SCIM_URL > ended; exit 7' {signal}; echo > begun; while :; do sleep 0.05; done"
        );
        let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
        for name in ["SCIM_URL", "SCIM_TOKEN", "OKTA_TOKEN"] {
            command.env_remove(name);
        }
        command.current_dir(folder.path()).args(["okta", "exec", "--", "sh", "-c", &script]);
        let mut exec = command.spawn().expect("the program runs");
        let deadline = Instant::now() + Duration::from_secs(30);
        while !folder.path().join("begun").exists() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
        let sent = Command::new("kill").args([&format!("-{signal}"), &exec.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
        assert_eq!(exec.wait().expect("it ends").code(), Some(exit), "{signal}");
        let url = std::fs::read_to_string(folder.path().join("ended")).expect("the command ended in its own time");
        let address = url.trim().trim_start_matches("http://").split('/').next().expect("an address").to_owned();
        assert!(std::net::TcpStream::connect(&address).is_err(), "{signal}: the specimen is gone from {address}");
    }
    // Who makes no preparations ends of the signal, as a shell would count it.
    let killed = okta(&["exec", "--", "sh", "-c", "kill -TERM $PPID; exec sleep 60"]);
    assert_eq!(killed.status.code(), Some(143), "{killed:?}");
}

#[test]
fn exec_tells_the_command_where_org_and_service_provider_are() {
    let script = r#"for name in OKTA_ORG_URL OKTA_TOKEN OKTA_APP_ID SCIM_URL SCIM_TOKEN; do
        eval value=\$$name; test -n "$value" || exit 1; done; echo "$OKTA_ORG_URL $SCIM_URL""#;
    let output = okta(&["exec", "--", "sh", "-c", script]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && told.starts_with("http://127.0.0.1:") && told.contains("/scim/v2"), "{told}");
    let given =
        okta(&["exec", "--scim-url", "http://127.0.0.1:9/scim", "--", "sh", "-c", "echo $SCIM_URL; echo $SCIM_TOKEN"]);
    assert_eq!(String::from_utf8_lossy(&given.stdout), "http://127.0.0.1:9/scim\n\n");
}

#[test]
fn a_seed_that_cannot_be_is_told_before_anything_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("org.toml");
    std::fs::write(&path, "org = 1").expect("the file is written");
    let output = okta(&["exec", "--seed-file", path.to_str().expect("a path"), "--", "true"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 1"), "{output:?}");
}
