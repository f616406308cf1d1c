//! `rehearsal okta audit` and `rehearsal okta serve --state`, as a shell sees them.
#![cfg(unix)]

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const TOKEN: &str = "00org-token-nobody-guesses";

fn rehearsal() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    for name in ["SCIM_URL", "SCIM_TOKEN", "OKTA_ORG_URL"] {
        command.env_remove(name);
    }
    command.env("OKTA_TOKEN", TOKEN).arg("okta");
    command
}

/// A served org, which is killed at the end as nobody can refuse.
struct Served {
    child: Child,
    url: String,
    said: String,
}

impl Served {
    fn start(arguments: &[&str]) -> Served {
        let mut command = rehearsal();
        let is_kept = arguments.contains(&"--state");
        Served::of(command.args(["serve", "--port", "0"]).args(arguments), is_kept)
    }

    /// Starts a command that serves an org, and reads what it says until it serves.
    fn of(command: &mut Command, is_kept: bool) -> Served {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        let first = lines.next().unwrap_or_else(|| panic!("{}", rest(&mut child)));
        let url = first.split(' ').find(|word| word.starts_with("http://")).expect("it says where").to_owned();
        // The folder is told of last.
        let ends: &[&str] = if is_kept { &["the org is kept in", "goes on after"] } else { &["app 0oa"] };
        let mut said = first;
        while !ends.iter().any(|end| said.contains(end)) {
            said = said + "\n" + &lines.next().expect("it says more");
        }
        std::thread::spawn(move || lines.for_each(drop));
        Served { child, url, said }
    }

    /// Makes a call and returns status and body; nothing where the connection broke.
    fn call(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let authority = self.url.strip_prefix("http://").expect("http");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(authority).ok()?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: SSWS {TOKEN}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let body = answer.split_once("\r\n\r\n")?.1;
        Some((status, if body.is_empty() { Value::Null } else { serde_json::from_str(body).ok()? }))
    }

    fn create(&self, login: &str) -> Option<u16> {
        let profile = json!({ "firstName": "=cmd()", "lastName": "Example", "login": login, "email": login });
        self.call("POST", "/api/v1/users", &json!({ "profile": profile })).map(|(status, _)| status)
    }

    fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rest(child: &mut Child) -> String {
    let mut text = String::new();
    child.stderr.take().expect("it is piped").read_to_string(&mut text).expect("it is text");
    text
}

fn audit(arguments: &[&str]) -> Output {
    rehearsal().arg("audit").args(arguments).output().expect("the program runs")
}

fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[track_caller]
fn expect_failure(output: &Output, code: i32, text: &str) {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(error.contains(text) && !error.contains(TOKEN), "{error}");
}

#[test]
fn what_was_answered_is_there_after_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("org");
    let state = state.to_str().expect("a path");
    let mut known: Vec<String> = Vec::new();
    for round in 0..4 {
        let served = Served::start(&["--state", state]);
        for login in &known {
            let found = served.call("GET", &format!("/api/v1/users/{}", login.replace('@', "%40")), &Value::Null);
            assert_eq!(found.expect("it answers").0, 200, "{login} was answered for and is gone: {}", served.said);
        }
        let killer = served.child.id();
        // The kill comes while calls are under way, after a time that is another one in every round.
        let killed = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(15 + 23 * round));
            Command::new("kill").args(["-9", &killer.to_string()]).status().expect("kill runs")
        });
        for number in 0.. {
            let login = format!("p{round}-{number}@example.com");
            match served.create(&login) {
                Some(200) => known.push(login),
                Some(status) => panic!("{login}: {status}"),
                None => break,
            }
        }
        assert!(killed.join().expect("it was killed").success());
    }
    assert!(known.len() > 20, "somebody was created: {}", known.len());
    let exported = lines(&audit(&["--state", state, "--filter", "eventType eq \"user.lifecycle.create\""]));
    let created: Vec<&Value> = exported.iter().map(|line| &line["targets"][0]["alternateId"]).collect();
    assert!(known.iter().all(|login| created.contains(&&json!(login))), "{created:?}");
}

#[test]
fn an_org_that_cannot_be_written_down_stops_and_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("org");
    let state = state.to_str().expect("a path");
    // Files of this process end at 16 blocks, and it is told by an error rather than by a signal.
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" okta serve --port 0 --state \"$1\"";
    let mut command = Command::new("sh");
    command.env("OKTA_TOKEN", TOKEN).args(["-c", script, env!("CARGO_BIN_EXE_rehearsal"), state]);
    let mut served = Served::of(&mut command, true);
    let answered = (0..1000).take_while(|number| served.create(&format!("p{number}@example.com")) == Some(200)).count();
    assert!(answered > 10 && answered < 1000, "{answered}");
    let status = served.child.wait().expect("it ends");
    let error = rest(&mut served.child);
    assert_eq!(status.code(), Some(74), "{error}");
    assert!(error.starts_with("error: the org stopped: what happened cannot be written down: "), "{error}");
    // Whoever was answered is there; what was cut off is dropped.
    let again = Served::start(&["--state", state]);
    assert!(again.said.contains("are dropped; nobody was answered about it"), "{}", again.said);
    let last = format!("/api/v1/users/p{}%40example.com", answered - 1);
    assert_eq!(again.call("GET", &last, &Value::Null).map(|(status, _)| status), Some(200));
}

#[test]
fn a_folder_that_is_in_use_or_of_another_seed_is_refused_with_a_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let (state, seed) = (folder.path().join("org"), folder.path().join("seed.toml"));
    fs::write(&seed, "org = \"other\"\n").expect("it is written");
    let (state, seed) = (state.to_str().expect("a path"), seed.to_str().expect("a path"));
    let served = Served::start(&["--state", state, "--seed-file", seed]);
    let serve = |arguments: &[&str]| {
        rehearsal().args(["serve", "--port", "0", "--state", state]).args(arguments).output().expect("the program runs")
    };
    expect_failure(&serve(&[]), 2, "is in use by another server; stop that one, or take another folder");
    served.kill();
    // Without a seed the org goes on with its own.
    let again = Served::start(&["--state", state]);
    assert!(again.said.contains("goes on after"), "{}", again.said);
    again.kill();
    fs::write(seed, "org = \"third\"\n").expect("it is written");
    expect_failure(&serve(&["--seed-file", seed]), 2, "began with another seed; leave the seed out to go on with it");
}

#[test]
fn the_log_is_exported_from_a_running_org_and_from_its_folder_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("org");
    let state = state.to_str().expect("a path");
    let served = Served::start(&["--state", state]);
    for number in 0..120 {
        assert_eq!(served.create(&format!("p{number}@example.com")), Some(200));
    }
    let running = audit(&[&served.url]);
    let exported = lines(&running);
    assert!(exported.len() > 300, "more than one page: {}", exported.len());
    let created = exported.iter().filter(|line| line["eventType"] == "user.lifecycle.create").count();
    assert_eq!(created, 121);
    let uuids: std::collections::BTreeSet<String> = exported.iter().map(|line| line["uuid"].to_string()).collect();
    assert_eq!(uuids.len(), exported.len(), "no event comes twice");
    let last = exported.last().expect("a line");
    assert_eq!((&last["call"]["method"], &last["outcome"]), (&json!("POST"), &json!("SUCCESS")));
    assert_eq!(audit(&["--state", state]).stdout, running.stdout, "while it runs");
    assert_eq!(lines(&audit(&[&served.url, "--until", "2001-01-01", "--since", "2000-01-01"])).len(), 0);

    let file = folder.path().join("audit.csv");
    let path = file.to_str().expect("a path");
    let filter = "eventType eq \"user.lifecycle.create\"";
    let to_file = audit(&[&served.url, "--format", "csv", "--filter", filter, "-o", path]);
    assert_eq!((to_file.status.code(), to_file.stdout.len()), (Some(0), 0), "{to_file:?}");
    let csv = fs::read_to_string(&file).expect("it is written");
    assert_eq!(csv.matches("\r\n").count(), 122);
    assert!(csv.starts_with("published,event_type,message,outcome,reason,actor,actor_id,user,user_id,group,"), "{csv}");
    let bad = audit(&[&served.url, "--filter", "eventType is nice"]);
    expect_failure(&bad, 2, "the org does not understand the question");
    served.kill();
    assert_eq!(audit(&["--state", state]).stdout, running.stdout, "after it was killed");
    expect_failure(&audit(&["--state", state, "--filter", "x"]), 2, "the org does not understand the question");
}

#[test]
fn an_export_shows_the_requests_that_reached_the_service_provider() {
    let folder = tempfile::tempdir().expect("a folder");
    let story = folder.path().join("story.sh");
    let script = r#"
        call() { curl -sf -H "Authorization: SSWS $OKTA_TOKEN" -H 'Content-Type: application/json' "$@"; }
        id=$(call "$OKTA_ORG_URL/api/v1/users/lucy" | sed 's/.*"id":"\(00u[^"]*\)".*/\1/;s/",.*//')
        call "$OKTA_ORG_URL/api/v1/apps/$OKTA_APP_ID/users" -d "{\"id\":\"$id\",\"scope\":\"USER\"}" > /dev/null
        exec "$1" okta audit --filter 'eventType eq "application.provision.user.push"'
    "#;
    fs::write(&story, script).expect("it is written");
    let output = rehearsal()
        .args(["exec", "--sync", "--", "sh", story.to_str().expect("a path"), env!("CARGO_BIN_EXE_rehearsal")])
        .output()
        .expect("the program runs");
    let exported = lines(&output);
    assert_eq!(exported.len(), 1, "{output:?}");
    let sent: Vec<(&Value, &Value)> =
        exported[0]["scim"].as_array().expect("exchanges").iter().map(|it| (&it["method"], &it["status"])).collect();
    assert_eq!(sent, [(&json!("GET"), &json!(200)), (&json!("POST"), &json!(201))]);
    assert!(exported[0]["scim"][1]["milliseconds"].is_number());
    assert_eq!(
        (&exported[0]["cause"], &exported[0]["actor"]["type"]),
        (&json!("assigned directly"), &json!("SystemPrincipal"))
    );
}

#[test]
fn what_cannot_be_exported_ends_with_the_code_that_says_why() {
    let served = Served::start(&[]);
    let nowhere = "/nowhere/audit.csv";
    expect_failure(&audit(&["http://127.0.0.1:1"]), 3, "could not be reached");
    expect_failure(&audit(&[&served.url, "-o", nowhere]), 74, "the export cannot be written: /nowhere/audit.csv.part");
    expect_failure(&audit(&[&served.url, "--since", "yesterday"]), 2, "--since yesterday: write it as 2026-01-05");
    expect_failure(&audit(&[]), 2, "say which org: its URL, OKTA_ORG_URL, or --state DIR");
    expect_failure(&audit(&[&format!("{}/api/v1", served.url)]), 2, "give the URL of the org alone, without /api/v1");
    expect_failure(&audit(&["--state", "/nowhere"]), 2, "/nowhere/org.log is not there");
    expect_failure(&audit(&[&served.url, "--token", "typed"]), 2, "--token: ");
    let wrong =
        rehearsal().env("OKTA_TOKEN", "00wrong").args(["audit", &served.url]).output().expect("the program runs");
    expect_failure(
        &wrong,
        3,
        "the org answered 401 to GET /api/v1/logs: it refuses the token (Invalid token provided)",
    );
    let full = rehearsal().args(["audit", &served.url]).stdout(full_device()).output().expect("the program runs");
    expect_failure(&full, 74, "the export cannot be written");
    let closed = format!("\"$0\" okta audit {} | true", served.url);
    let script = ["-c", &format!("set -o pipefail; {closed}"), env!("CARGO_BIN_EXE_rehearsal")];
    let piped = Command::new("bash").env("OKTA_TOKEN", TOKEN).args(script).output().expect("bash runs");
    assert_eq!(piped.status.code(), Some(0), "whoever reads has read enough: {piped:?}");
}

fn full_device() -> fs::File {
    fs::OpenOptions::new().write(true).open(Path::new("/dev/full")).expect("there is one")
}

fn event(number: usize) -> Value {
    json!({ "uuid": format!("u-{number}"), "published": "2026-01-05T09:00:00.000Z", "eventType": "user.session.start" })
}

fn page(numbers: &[usize], next: &str) -> ResponseTemplate {
    let events: Vec<Value> = numbers.iter().map(|number| event(*number)).collect();
    let answer = ResponseTemplate::new(200).set_body_json(events);
    if next.is_empty() { answer } else { answer.insert_header("Link", format!("<{next}>; rel=\"next\"")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_followed_on_the_org_alone_and_never_in_circles() {
    let (org, elsewhere) = (MockServer::start().await, MockServer::start().await);
    Mock::given(method("GET")).respond_with(page(&[9], "")).expect(0).mount(&elsewhere).await;
    let on = |after: &str| format!("{}/api/v1/logs?after={after}", org.uri());
    for (after, answer) in [
        ("2", page(&[3], &on("3"))),
        ("3", page(&[], &on("4"))),
        ("again", page(&[1], &on("again"))),
        ("away", page(&[1], &format!("{}/api/v1/logs?after=1", elsewhere.uri()))),
        ("html", ResponseTemplate::new(200).set_body_string("<html>")),
        ("odd", ResponseTemplate::new(200).set_body_json(json!([{ "uuid": 1 }]))),
        ("broken", ResponseTemplate::new(500)),
    ] {
        let matching = Mock::given(path("/api/v1/logs")).and(query_param("after", after));
        matching.and(header("authorization", format!("SSWS {TOKEN}").as_str())).respond_with(answer).mount(&org).await;
    }
    for (filter, next, code, expected) in [
        ("fine", "2", 0, "3"),
        ("circle", "again", 3, "a page names a page as the next one that was there before"),
        ("away", "away", 3, "is not asked for"),
        ("html", "html", 3, "answered no array"),
        ("odd", "odd", 3, "an event lacks published, eventType or uuid"),
        ("broken", "broken", 3, "answered 500"),
    ] {
        let first = Mock::given(path("/api/v1/logs")).and(query_param("filter", filter));
        first.respond_with(page(&[1, 2], &on(next))).mount(&org).await;
        let output = audit(&[&org.uri(), "--filter", filter]);
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(code), "{filter}: {output:?}");
        match code {
            0 => assert_eq!(out.lines().count().to_string(), expected),
            _ => expect_failure(&output, code, expected),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_org_that_is_asked_too_often_is_asked_again_later() {
    let org = MockServer::start().await;
    let later = ResponseTemplate::new(429).insert_header("X-Rate-Limit-Reset", "1");
    Mock::given(path("/api/v1/logs")).respond_with(later).up_to_n_times(1).mount(&org).await;
    Mock::given(path("/api/v1/logs")).respond_with(page(&[1], "")).mount(&org).await;
    assert_eq!(lines(&audit(&[&org.uri()])).len(), 1);
}
