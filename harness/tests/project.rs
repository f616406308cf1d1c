//! What a project sets up once: its settings file, a CI job, completions, and the doctor who looks at the way to the
//! service provider.

use scim_specimen::{Auth, Config, Running};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const TOKEN: &str = "a-token-nobody-guesses";

fn rehearsal(folder: &Path, line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.current_dir(folder).env("SCIM_TOKEN", TOKEN).env("NO_COLOR", "1").args(line.split(' '));
    command.output().expect("the program starts")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

async fn specimen() -> Running {
    let config = Config { auth: Auth::Bearer(TOKEN.to_owned()), users: 3, ..Config::default() };
    Running::start(config).await.expect("a free port")
}

#[tokio::test(flavor = "multi_thread")]
async fn from_init_to_a_verdict_in_three_commands() {
    let (specimen, folder) = (specimen().await, tempfile::tempdir().unwrap());
    let init = rehearsal(folder.path(), &format!("init {} --ci gitlab", specimen.base_url));
    assert_eq!(init.status.code(), Some(0), "{}", told(&init));
    assert!(folder.path().join(".gitlab-ci.rehearsal.yml").exists());
    let doctor = rehearsal(folder.path(), "doctor");
    assert_eq!(doctor.status.code(), Some(0), "{}", told(&doctor));
    let test = rehearsal(folder.path(), "test okta/users");
    assert_eq!(test.status.code(), Some(0), "{}", told(&test));
    let junit = fs::read_to_string(folder.path().join("rehearsal-report/junit.xml")).expect("the report of the file");
    assert!(junit.contains("okta"), "{junit}");
}

#[test]
fn init_keeps_what_is_there_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rehearsal.toml"), "# mine\n").unwrap();
    let init = rehearsal(folder.path(), "init http://127.0.0.1:1/scim/v2");
    assert_eq!(init.status.code(), Some(2));
    assert!(told(&init).contains("rehearsal.toml already"), "{}", told(&init));
    assert_eq!(fs::read_to_string(folder.path().join("rehearsal.toml")).unwrap(), "# mine\n");
    assert!(!folder.path().join(".github").exists());
}

#[test]
fn a_mistake_in_the_settings_is_exit_2_with_file_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rehearsal.toml"), "[run]\njobs = \"many\"\n").unwrap();
    let test = rehearsal(folder.path(), "test http://127.0.0.1:1");
    assert_eq!(test.status.code(), Some(2));
    assert!(told(&test).contains("rehearsal.toml:2:8"), "{}", told(&test));
    let list = rehearsal(folder.path(), "explain C005");
    assert_eq!(list.status.code(), Some(0), "{}", told(&list));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_the_broken_link() {
    let (specimen, folder) = (specimen().await, tempfile::tempdir().unwrap());
    let doctor = |line: String| {
        let output = rehearsal(folder.path(), &line);
        (output.status.code(), told(&output))
    };
    let (code, fine) = doctor(format!("doctor {}", specimen.base_url));
    assert_eq!(code, Some(0), "{fine}");
    for link in ["base URL", "name", "connection", "as nobody", "credentials", "says it can", "speed"] {
        assert!(fine.contains(link), "{link}: {fine}");
    }
    let closed = doctor("doctor http://127.0.0.1:1/scim".to_owned());
    assert!(closed.0 == Some(3) && closed.1.contains("bad   connection"), "{closed:?}");
    let nameless = doctor("doctor http://nobody.invalid/scim".to_owned());
    assert!(nameless.0 == Some(3) && nameless.1.contains("bad   name"), "{nameless:?}");
    let elsewhere = doctor(format!("doctor {}/nothing", specimen.base_url));
    assert!(elsewhere.0 == Some(3) && elsewhere.1.contains("bad   credentials"), "{elsewhere:?}");
    let plain = doctor(format!("doctor {}", specimen.base_url.replace("http:", "https:")));
    assert!(plain.0 == Some(3) && plain.1.contains("bad   TLS"), "{plain:?}");
    let wrong = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .args(["doctor", &specimen.base_url])
        .env("SCIM_TOKEN", "wrong")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(3));
    assert!(told(&wrong).contains("bad   credentials"), "{}", told(&wrong));
    assert!(!told(&wrong).contains("wrong\n"), "{}", told(&wrong));
}

#[test]
fn every_shell_and_man_get_what_they_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = rehearsal(folder.path(), &format!("completions {shell}"));
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(told(&output).contains("rehearsal"), "{shell}");
    }
    let man = rehearsal(folder.path(), "man pages");
    assert_eq!(man.status.code(), Some(0), "{}", told(&man));
    for page in ["rehearsal.1", "rehearsal-test.1", "rehearsal-okta-run.1"] {
        let text = fs::read_to_string(folder.path().join("pages").join(page)).expect(page);
        assert!(text.contains(".TH"), "{page}");
    }
}
