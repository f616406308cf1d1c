//! `rehearsal okta`, as a shell sees it.
#![cfg(unix)]

use std::process::{Command, Output};

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
