//! Signing in at an authorization server, staying signed in, and what a server does wrong on the way.

mod authorization;

use authorization::{ACCESS, AuthorizationServer, CLIENT_SECRET, Rotation, browse};
use scim_specimen::{Auth, Config, Running};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use wiremock::ResponseTemplate;

const CASE: &str = "okta/spec/duplicate-is-409";

async fn specimen() -> Running {
    let config = Config { auth: Auth::Bearer(ACCESS.to_owned()), ..Config::default() };
    Running::start(config).await.expect("a free port")
}

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.current_dir(folder).env_remove("SCIM_TOKEN").env_remove("GITHUB_ACTIONS");
    command.env("CLIENT_SECRET", CLIENT_SECRET).env("REFRESH", authorization::refresh_token(0)).args(words);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program, which needs no browser.
async fn run(folder: &Path, words: &[&str]) -> Output {
    let mut command = command(folder, words);
    spawn_blocking(move || command.output().expect("the program starts")).await.expect("it ends")
}

/// Runs the program, with a browser that opens what it is told to.
async fn run_with_browser<V>(folder: &Path, words: &[&str], visit: impl FnOnce(String) -> V) -> Output
where
    V: Future<Output = ()> + Send + 'static,
{
    let mut child = command(folder, words).spawn().expect("the program starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let reading = spawn_blocking(move || {
        let mut said = String::new();
        loop {
            let start = said.len();
            assert!(stderr.read_line(&mut said).expect("a line") > 0, "no URL in {said}");
            let line = said[start..].trim().to_owned();
            if line.starts_with("http") {
                return (said, line, stderr);
            }
        }
    });
    let (mut said, url, mut stderr) = reading.await.expect("the program asks for a browser");
    tokio::spawn(visit(url));
    let ended = spawn_blocking(move || {
        stderr.read_to_string(&mut said).expect("text");
        Output { stderr: said.into_bytes(), ..child.wait_with_output().expect("the program ends") }
    });
    ended.await.expect("it ends")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Opens the page and follows where it leads, as a browser of somebody who agrees.
async fn agree(url: String) {
    let (status, location, _) = browse(&url).await;
    assert_eq!(status, 302, "{url}");
    let (status, _, page) = browse(&location).await;
    assert!(status == 200 && page.contains("answered"), "{page}");
}

fn words<'w>(command: &'w str, url: &'w str, server: &'w AuthorizationServer) -> Vec<&'w str> {
    let client = "--oauth-client=an id:env:CLIENT_SECRET";
    vec![command, url, "--oauth-authorize-url", &server.authorize, "--oauth-token-url", &server.token, client]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_and_the_run_goes_on_with_the_token_that_was_issued() {
    for posts_secret in [false, true] {
        let (specimen, server) = (specimen().await, AuthorizationServer::start(posts_secret).await);
        let folder = tempfile::tempdir().unwrap();
        let mut words = words("test", &specimen.base_url, &server);
        words.extend([CASE, "--quiet", "--json", "r.json", "--ndjson", "r.ndjson", "--har", "r.har"]);
        let output = run_with_browser(folder.path(), &words, agree).await;
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let mut written = stdout(&output) + &stderr(&output);
        for name in ["r.json", "r.ndjson", "r.har"] {
            written += &std::fs::read_to_string(folder.path().join(name)).expect("a report");
        }
        for secret in server.secrets() {
            assert!(!written.contains(&secret), "{secret}");
        }
        assert!(written.contains("Bearer [redacted]"));
        assert_eq!(server.asked(), if posts_secret { 2 } else { 1 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tells_how_signing_in_went_and_where_browsers_may_be_sent() {
    let (specimen, server) = (specimen().await, AuthorizationServer::start(false).await);
    let folder = tempfile::tempdir().unwrap();
    let output = run_with_browser(folder.path(), &words("doctor", &specimen.base_url, &server), agree).await;
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{told}{}", stderr(&output));
    assert!(told.contains("ok    redirect URI one that nobody registered is refused with 400"), "{told}");
    assert!(told.contains("ok    sign-in      an access token for 3600 s, and a refresh token"), "{told}");
    assert!(told.contains("ok    credentials"), "{told}");

    let open = AuthorizationServer::start_open().await;
    let output = run_with_browser(folder.path(), &words("doctor", &specimen.base_url, &open), agree).await;
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("bad   redirect URI") && told.contains("C21902"), "{told}");
    assert!(told.contains("ok    credentials"), "{told}");
    let help = stdout(&run(folder.path(), &["doctor", "--help"]).await);
    assert_eq!(help.matches("/admin/app/cpc/{appName}/oauth/callback").count(), 5, "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_brings_no_code_of_ours_ends_the_sign_in_with_the_reason() {
    let specimen = specimen().await;
    for (query, said) in [
        ("code=stolen-code&state=another", "another `state`"),
        ("error=access_denied&error_description=not%1B%5B31m+today&state=STATE", "access_denied (not[31m today)"),
        ("state=STATE", "neither a code nor an error"),
        ("code=a-code&code=b-code&state=STATE", "`code` more than once"),
    ] {
        let server = AuthorizationServer::start(false).await;
        let folder = tempfile::tempdir().unwrap();
        let visit = move |url: String| async move {
            let back = authorization::parameter(&url, "redirect_uri");
            let query = query.replace("STATE", &authorization::parameter(&url, "state"));
            let (status, _, page) = browse(&format!("{back}?{query}")).await;
            assert!(status == 400 && page.contains("Nobody is signed in"), "{page}");
        };
        let mut words = words("test", &specimen.base_url, &server);
        words.push(CASE);
        let output = run_with_browser(folder.path(), &words, visit).await;
        assert_eq!(output.status.code(), Some(3), "{query}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{query}: {}", stderr(&output));
        assert!(!stderr(&output).contains("-code") && !stderr(&output).contains('\u{1b}'), "{}", stderr(&output));
        assert_eq!(server.asked(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_answer_is_told_that_the_first_has_come() {
    let (specimen, server) = (specimen().await, AuthorizationServer::start(false).await);
    let folder = tempfile::tempdir().unwrap();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // Tokens are issued when the second answer is in: until then the address is open.
    let held = server.hold();
    let visit = move |url: String| async move {
        let (_, location, _) = browse(&url).await;
        assert_eq!(browse(&location).await.0, 200);
        assert_eq!(browse(&location.replace("code=", "code=x")).await.0, 409);
        drop(held);
        sender.send(()).unwrap();
    };
    let mut words = words("test", &specimen.base_url, &server);
    words.push(CASE);
    let output = run_with_browser(folder.path(), &words, visit).await;
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    receiver.await.expect("the browser saw what it should");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_needs_no_browser_and_one_that_is_replaced_is_told() {
    let (specimen, server) = (specimen().await, AuthorizationServer::start(false).await);
    let folder = tempfile::tempdir().unwrap();
    let words = words("test", &specimen.base_url, &server);
    let words: Vec<&str> = words.into_iter().chain([CASE, "--oauth-refresh-token", "env:REFRESH"]).collect();
    let output = run(folder.path(), &words).await;
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("has replaced the refresh token"), "{}", stderr(&output));
    let output = run(folder.path(), &words).await;
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("400 invalid_grant"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_run_out_in_the_middle_of_a_run_are_replaced_and_nothing_is_lost() {
    let (specimen, server) = (specimen().await, AuthorizationServer::start(false).await);
    let rotation = Rotation::before(&specimen, &server, 25).await;
    let folder = tempfile::tempdir().unwrap();
    let mut words = words("test", &rotation.base_url, &server);
    words.extend(["okta/users/**", "--jobs", "4", "--oauth-refresh-token", "env:REFRESH", "--json", "r.json", "-v"]);
    let output = run(folder.path(), &words).await;
    let written = stdout(&output) + &std::fs::read_to_string(folder.path().join("r.json")).expect("a report");
    assert_eq!(output.status.code(), Some(0), "{written}{}", stderr(&output));
    assert!(server.asked() >= 3, "{}", server.asked());
    assert!(rotation.refused() >= 2, "{}", rotation.refused());
    for secret in server.secrets() {
        assert!(!written.contains(&secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_in_the_middle_of_a_run_is_not_blamed_on_the_service_provider() {
    let (specimen, server) = (specimen().await, AuthorizationServer::start(false).await);
    let rotation = Rotation::before(&specimen, &server, 25).await;
    server.issue_once();
    let folder = tempfile::tempdir().unwrap();
    let mut words = words("test", &rotation.base_url, &server);
    words.extend(["okta/users/**", "--oauth-refresh-token", "env:REFRESH", "-v"]);
    let output = run(folder.path(), &words).await;
    let told = stdout(&output) + &stderr(&output);
    assert!(told.contains("cannot be renewed: the token endpoint: it answers 400 invalid_grant"), "{told}");
    assert!(matches!(output.status.code(), Some(code) if code != 0), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_that_answers_anything_else_is_told_and_shows_no_secret() {
    let specimen = specimen().await;
    let endless = endless().await;
    let elsewhere = AuthorizationServer::start(false).await;
    let html = || ResponseTemplate::new(200).set_body_raw("<html>hello</html>", "text/html");
    for (answer, said) in [
        (Some(html()), "200 with text/html where a JSON object belongs"),
        (Some(ResponseTemplate::new(500)), "it answers 500"),
        (Some(ResponseTemplate::new(307).insert_header("location", elsewhere.token.as_str())), "307, a redirect"),
        (None, "too large"),
    ] {
        let server = AuthorizationServer::start(false).await;
        let token = if answer.is_none() { endless.clone() } else { server.token.clone() };
        if let Some(answer) = answer {
            server.answer_always(answer);
        }
        let folder = tempfile::tempdir().unwrap();
        let words = ["test", &specimen.base_url, CASE, "--oauth-token-url", &token];
        let rest = ["--oauth-client", "an id:env:CLIENT_SECRET", "--oauth-refresh-token", "env:REFRESH"];
        let output = run(folder.path(), &words.into_iter().chain(rest).collect::<Vec<_>>()).await;
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        assert!(stderr(&output).contains(said), "{said}: {}", stderr(&output));
    }
    assert_eq!(elsewhere.asked(), 0);

    // One that repeats what it was sent, in the words of an error.
    let server = AuthorizationServer::start(false).await;
    server.repeat_always();
    let folder = tempfile::tempdir().unwrap();
    let mut words = words("test", &specimen.base_url, &server);
    words.push(CASE);
    let output = run_with_browser(folder.path(), &words, agree).await;
    assert!(stderr(&output).contains("400 invalid_grant (grant_type"), "{}", stderr(&output));
    assert!(server.secrets().len() >= 4, "the code and the verifier are among them");
    for secret in server.secrets() {
        assert!(!stderr(&output).contains(&secret), "{secret}: {}", stderr(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn options_that_do_not_go_together_are_told_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (token, client) = ("--oauth-token-url=https://as.example/token", "--oauth-client=id:env:CLIENT_SECRET");
    let authorize = "--oauth-authorize-url=https://as.example/authorize";
    for (words, said) in [
        (vec![token], "--oauth-client"),
        (vec![client], "--oauth-token-url"),
        (vec![token, client], "--oauth-authorize-url, or --oauth-refresh-token"),
        (vec![token, client, authorize, "--bearer=env:CLIENT_SECRET"], "cannot be used with"),
        (vec![token, authorize, "--oauth-client=id:hunter2hunter2"], "'ID:env:NAME'"),
        (vec![client, authorize, "--oauth-token-url=http://as.example/token"], "by https only"),
        (vec![client, token, "--oauth-authorize-url=http://as.example/authorize"], "by https only"),
        (vec![client, token, "--oauth-refresh-token=hunter2hunter2"], "--oauth-refresh-token: a secret is named"),
    ] {
        let words = ["test", "http://127.0.0.1:1/scim", CASE].into_iter().chain(words).collect::<Vec<_>>();
        let output = run(folder.path(), &words).await;
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{said}: {}", stderr(&output));
        assert!(!stderr(&output).contains("hunter2") || said.contains("cannot"), "{}", stderr(&output));
    }
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = format!("--oauth-port={}", taken.local_addr().unwrap().port());
    let output = run(folder.path(), &["test", "http://127.0.0.1:1/scim", token, client, authorize, &port]).await;
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot be awaited on 127.0.0.1:"), "{}", stderr(&output));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_the_wait_for_a_browser() {
    use std::os::unix::process::ExitStatusExt;
    let (specimen, server) = (specimen().await, AuthorizationServer::start(false).await);
    let folder = tempfile::tempdir().unwrap();
    // Tests that run in the background of a shell hand on that they ignore Ctrl-C; a person's shell does not.
    let mut child = Command::new("env");
    child.args(["--default-signal=INT", env!("CARGO_BIN_EXE_rehearsal")]);
    child.args(words("test", &specimen.base_url, &server)).current_dir(folder.path());
    child.env("CLIENT_SECRET", CLIENT_SECRET).env_remove("SCIM_TOKEN");
    let mut child = child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let ended = spawn_blocking(move || {
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("waiting up to 5 minutes")), "it waits");
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        child.wait().unwrap()
    });
    // A shell shows what ended by this signal as 130.
    assert_eq!(ended.await.unwrap().signal(), Some(2));
}

/// Serves answers without an end.
async fn endless() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let mut sent =
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":\"").await;
                while sent.is_ok() {
                    sent = stream.write_all(&[b'x'; 8192]).await;
                }
            });
        }
    });
    url
}
