//! The production guard: what a run may write to, before it writes anything.
//!
//! The targets are on this machine and are reached by an address that does not belong to it: what was typed is what the
//! guard judges, so it must not matter where it leads. Which names are whose is told beside the guard itself.
#![cfg(unix)]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const WRITES: &str = "okta/spec/duplicate-is-409";

/// Where this machine is reached by another address than its own: the guard takes it for somebody else's.
const ELSEWHERE: &str = "0.0.0.0";

/// Serves a directory that says it holds so many users, on every address of this machine.
async fn directory(users: u64) -> (MockServer, u16) {
    let listener = std::net::TcpListener::bind("0.0.0.0:0").expect("a free port");
    let port = listener.local_addr().unwrap().port();
    let server = MockServer::builder().listener(listener).start().await;
    let answer = move |request: &Request| {
        let is_config = request.url.path().ends_with("ServiceProviderConfig");
        let filtered = request.url.query().unwrap_or_default().contains("filter");
        let total = if filtered || !request.url.path().ends_with("/Users") { 0 } else { users };
        let list = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total, "startIndex": 1, "itemsPerPage": 0, "Resources": []
        });
        let config = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"] });
        ResponseTemplate::new(200).set_body_json(if is_config { config } else { list })
    };
    Mock::given(method("GET")).respond_with(answer).mount(&server).await;
    (server, port)
}

async fn run(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.current_dir(folder).env("SCIM_TOKEN", "a-token-nobody-guesses").env_remove("GITHUB_ACTIONS");
    command.args(arguments).envs(environment.iter().copied());
    tokio::task::spawn_blocking(move || command.output().expect("the program starts")).await.expect("it ends")
}

async fn written(server: &MockServer) -> usize {
    let requests = server.received_requests().await.expect("requests are recorded");
    requests.iter().filter(|request| request.method.as_str() != "GET").count()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_behind_another_name_is_read_and_never_written_to() {
    let (server, port) = directory(51).await;
    let url = format!("http://{ELSEWHERE}:{port}");
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["test", &url, WRITES, "--json", "r.json"], &[]).await;
    assert_eq!(output.status.code(), Some(5), "{}", told(&output));
    assert!(told(&output).contains("51 users") && told(&output).contains("--confirm-host"), "{}", told(&output));
    assert_eq!(written(&server).await, 0);
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!(report["summary"]["exit"], 5);
    assert_eq!(report["cases"][0]["outcome"], "skip");
    for command in [vec!["fuzz", &url, "filter", "--cases", "3"], vec!["okta", "run", "lucy", &url]] {
        let output = run(folder.path(), &command, &[]).await;
        assert_eq!(output.status.code(), Some(5), "{command:?} {}", told(&output));
    }
    assert_eq!(written(&server).await, 0);
    assert_eq!(
        fs::read_dir(folder.path().join("rehearsal-report")).map_or(0, |all| {
            all.filter(|one| one.as_ref().unwrap().file_name().to_string_lossy().starts_with("journal")).count()
        }),
        0,
        "a run that wrote nothing leaves no journal"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_a_few_people_and_both_words_together_let_a_run_write() {
    let folder = tempfile::tempdir().unwrap();
    for (users, options, environment, may) in [
        (51, vec!["--sandbox"], vec![], true),
        (50, vec![], vec![], true),
        (51, vec!["--max-foreign-users", "51"], vec![], true),
        (51, vec!["--allow-nonempty"], vec![], false),
        (51, vec!["--allow-nonempty", "--confirm-host", "other"], vec![], false),
        (51, vec!["--allow-nonempty", "--confirm-host", ELSEWHERE], vec![], true),
        (51, vec![], vec![("REHEARSAL_ALLOW_NONEMPTY", "true"), ("REHEARSAL_CONFIRM_HOST", ELSEWHERE)], true),
    ] {
        let (server, port) = directory(users).await;
        let url = format!("http://{ELSEWHERE}:{port}");
        let arguments = [&["test", &url, WRITES, "--rate", "0"], options.as_slice()].concat();
        let output = run(folder.path(), &arguments, &environment).await;
        assert_eq!(output.status.code() != Some(5), may, "{options:?} {}", told(&output));
        assert_eq!(written(&server).await > 0, may, "{options:?}");
        // What could not be removed from a directory without objects is in the journal; the next run is another one.
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_this_machine_is_green_whatever_it_holds() {
    let (server, port) = directory(9_000).await;
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["test", &format!("http://127.0.0.2:{port}"), WRITES], &[]).await;
    assert_ne!(output.status.code(), Some(5), "{}", told(&output));
    assert!(written(&server).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_settings_say_of_one_server_they_do_not_say_of_another() {
    let (server, port) = directory(51).await;
    let url = format!("http://{ELSEWHERE}:{port}");
    let folder = tempfile::tempdir().unwrap();
    let settings = "[target]\nurl = \"http://elsewhere.test/scim\"\nsandbox = true\nrate = 0\n";
    fs::write(folder.path().join("rehearsal.toml"), settings).unwrap();
    let output = run(folder.path(), &["test", &url, WRITES], &[]).await;
    assert_eq!(output.status.code(), Some(5), "{}", told(&output));
    fs::write(folder.path().join("rehearsal.toml"), settings.replace("http://elsewhere.test/scim", &url)).unwrap();
    let output = run(folder.path(), &["test", WRITES], &[]).await;
    assert_ne!(output.status.code(), Some(5), "{}", told(&output));
    assert!(written(&server).await > 0);
    fs::write(folder.path().join("rehearsal.toml"), "[target]\nallow-nonempty = true\n").unwrap();
    let output = run(folder.path(), &["test", &url, WRITES], &[]).await;
    assert_eq!(output.status.code(), Some(2), "nobody confirms once and for all: {}", told(&output));
}
