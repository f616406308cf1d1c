//! `rehearsal fuzz` as a user meets it: what it finds, how that is told and sent again, and how it ends when the target or
//! the user has had enough.

use scim_specimen::{Auth, Config, Fault, Running};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const TOKEN: &str = "a-token-nobody-guesses";
const FILTERS: &str = "fuzz/filter/valid-filters-find-the-right-resources";

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

fn run(folder: &Path, arguments: &[&str]) -> Output {
    rehearsal(folder, arguments).output().expect("the program starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn specimen(faults: &[&str]) -> Running {
    let faults: Vec<Fault> = faults.iter().map(|name| name.parse().expect("a fault")).collect();
    let config = Config { auth: Auth::Bearer(TOKEN.to_owned()), faults, ..Config::default() };
    Running::start(config).await.expect("a free port")
}

fn report(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("report.json")).expect("a report")).expect("it is JSON")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Asks the server how many people it knows.
async fn people(base_url: &str) -> u64 {
    let transport = scim_transport::Transport::new(
        scim_transport::Target::parse(base_url).expect("a URL"),
        scim_transport::Credentials::Bearer(scim_transport::Secret::new(TOKEN.to_owned())),
        scim_transport::Limits::default(),
        scim_record::Redactor::new(Vec::new(), None),
    );
    let request = scim_transport::Request {
        method: "GET".to_owned(),
        target: "/Users?count=0".to_owned(),
        headers: vec![("Accept".to_owned(), "application/scim+json".to_owned())],
        body: None,
        auth: scim_transport::Auth::Configured,
    };
    let reply = transport.expect("a transport").send("people", request).await.reply.expect("an answer");
    let list: Value = serde_json::from_slice(&reply.body).expect("JSON");
    list["totalResults"].as_u64().expect("a number")
}

#[test]
fn without_a_base_url_it_says_where_there_is_a_server_to_try() {
    let folder = folder();
    for arguments in [&["fuzz"][..], &["fuzz", "filter"]] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("rehearsal specimen"), "{}", stderr(&output));
    }
    assert!(stderr(&run(folder.path(), &["fuzz", "filter"])).contains("/scim/v2 filter"));
    let output = run(folder.path(), &["fuzz", "http://127.0.0.1:1/", "okta/spec"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("choose filter, patch, body, sequence or all"), "{}", stderr(&output));
    let output = run(folder.path(), &["fuzz", "http://127.0.0.1:1/", "filter", "--replay", "none.toml"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("none.toml"), "{}", stderr(&output));
}

#[test]
fn inputs_that_cannot_be_read_are_refused_before_anything_is_sent() {
    let folder = folder();
    let block = "[[case.fuzz.regression]]\nfound = \"2026-11-23\"\n";
    for (name, text, told) in [
        ("bare.txt", "userName eq \"a\"".to_owned(), "bare.txt: no input over patch: "),
        ("cut.txt", r#"{"resource":"User","Operations":["#.to_owned(), "cut.txt: no input over patch: "),
        ("found.toml", format!("{block}input = 'none'\n"), "found.toml:3: no input over patch: "),
        ("number.toml", format!("{block}input = 3\n"), "number.toml:3: `input` is to be a text"),
        ("none.toml", format!("\n{block}"), "none.toml:2: the block has no `input`"),
    ] {
        fs::write(folder.path().join(name), text).expect("the folder can be written");
        let output = run(folder.path(), &["fuzz", "http://127.0.0.1:1/", "patch", "--replay", name]);
        assert_eq!(output.status.code(), Some(2), "{name} {}", stderr(&output));
        assert!(stderr(&output).contains(told), "{name} {}", stderr(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correct_server_passes_and_the_report_says_how_much_was_sent() {
    let (folder, specimen) = (folder(), specimen(&[]).await);
    let output = run(folder.path(), &["fuzz", &specimen.base_url, FILTERS, "--cases", "40", "--json", "report.json"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let report = report(folder.path());
    let [case] = report["cases"].as_array().expect("cases").as_slice() else { panic!("{report:#}") };
    assert!(case["fuzz"]["inputs"].as_u64() >= Some(40), "{}", case["fuzz"]);
    assert_eq!(case["fuzz"]["ended"], "everything was sent");
    assert_eq!(case["fuzz"]["seed"], report["seed"]);
    assert_eq!(case["exchanges"].as_array().map(Vec::len), Some(0), "what nobody reads is not kept");
    assert_eq!(people(&specimen.base_url).await, 0, "what was created is removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_small_and_its_lines_show_it_again() {
    let (folder, wrong) = (folder(), specimen(&["or-is-and"]).await);
    let fuzz = |url: &str, arguments: &[&str]| {
        let all =
            [&["fuzz", url, FILTERS, "--gate", "rfc", "--seed", "1", "--json", "report.json"], arguments].concat();
        run(folder.path(), &all)
    };
    let output = fuzz(&wrong.base_url, &["--cases", "400"]);
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
    let first = report(folder.path());
    let finding = &first["cases"][0]["findings"][0];
    let fuzz_part = &finding["fuzz"];
    assert!(fuzz_part["origin"].as_str().is_some_and(|text| text.ends_with("of seed 0x1")), "{finding:#}");
    assert!(finding["curl"].as_str().is_some_and(|text| text.starts_with("curl ")), "{finding:#}");
    assert!(!first["cases"][0]["exchanges"].as_array().expect("exchanges").is_empty(), "the proof is kept");
    let block = fuzz_part["regression"].as_str().expect("lines for the suite");
    assert!(stdout(&output).contains("[[case.fuzz.regression]]"), "{}", stdout(&output));

    fs::write(folder.path().join("found.toml"), block).expect("the folder can be written");
    let again = fuzz(&wrong.base_url, &["--replay", "found.toml"]);
    assert_eq!(again.status.code(), Some(1), "{block}\n{}{}", stdout(&again), stderr(&again));
    let second = report(folder.path());
    assert_eq!(second["cases"][0]["fuzz"]["inputs"], 1);
    let print = |report: &Value| report["cases"][0]["findings"][0]["fingerprint"].clone();
    assert_eq!(print(&first), print(&second), "the same defect, whichever input showed it");

    let correct = specimen(&[]).await;
    let mended = fuzz(&correct.base_url, &["--replay", "found.toml"]);
    assert_eq!(mended.status.code(), Some(0), "{}{}", stdout(&mended), stderr(&mended));

    fs::write(folder.path().join("life.txt"), "no life at all").expect("the folder can be written");
    let unreadable = run(folder.path(), &["fuzz", &correct.base_url, "sequence", "--replay", "life.txt", "-v"]);
    assert_eq!(unreadable.status.code(), Some(2), "{}{}", stdout(&unreadable), stderr(&unreadable));
    assert!(stderr(&unreadable).contains("life.txt: no input over sequence: "), "{}", stderr(&unreadable));
}

/// Stands before a server and passes on what is said, until it has been asked so often; then nobody is there any more.
async fn mortal(server: &str, requests: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let rest = server.strip_prefix("http://").expect("the specimen speaks plain HTTP");
    let (server, path) = rest.split_once('/').expect("a path");
    let url = format!("http://{}/{path}", listener.local_addr().expect("an address"));
    let (server, count) = (server.to_owned(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        let (die, death) = watch::channel(false);
        let die = Arc::new(die);
        loop {
            let mut dead = death.clone();
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = dead.wait_for(|dead| *dead) => return,
            };
            let Ok((client, _)) = accepted else { return };
            let (server, count, die, mut dead) =
                (server.clone(), Arc::clone(&counted), Arc::clone(&die), death.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = pass_on(client, &server, &count, requests, &die) => {}
                    _ = dead.wait_for(|dead| *dead) => {}
                }
            });
        }
    });
    (url, count)
}

async fn pass_on(mut client: TcpStream, server: &str, count: &AtomicUsize, most: usize, die: &watch::Sender<bool>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (mut asked, mut answered) = ([0; 16 * 1024], [0; 16 * 1024]);
    loop {
        tokio::select! {
            Ok(read @ 1..) = client.read(&mut asked) => {
                if count.fetch_add(1, Ordering::Relaxed) >= most {
                    die.send_replace(true);
                    return;
                }
                if server.write_all(&asked[..read]).await.is_err() { return; }
            }
            Ok(read @ 1..) = server.read(&mut answered) => {
                if client.write_all(&answered[..read]).await.is_err() { return; }
            }
            else => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_goes_away_ends_the_run_with_what_is_left_there() {
    let (folder, specimen) = (folder(), specimen(&[]).await);
    let (url, _) = mortal(&specimen.base_url, 300).await;
    let began = Instant::now();
    let output = run(folder.path(), &["fuzz", &url, FILTERS, "--time", "60s", "--json", "report.json"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(output.status.code(), Some(3), "{}{}", stdout(&output), stderr(&output));
    let report = report(folder.path());
    let case = &report["cases"][0];
    assert_eq!(case["outcome"], "error");
    assert!(case["reason"].as_str().is_some_and(|text| text.contains("stopped answering")), "{case:#}");
    assert!(case["notes"].to_string().contains("at work on this input"), "{case:#}");
    assert!(!report["summary"]["left_behind"].as_array().expect("a list").is_empty(), "{report:#}");
    assert!(people(&specimen.base_url).await > 0, "they are still there, as the report says");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_goes_away_after_a_finding_is_a_finding() {
    let (folder, specimen) = (folder(), specimen(&["or-is-and"]).await);
    let (url, _) = mortal(&specimen.base_url, 1500).await;
    let arguments = [
        "fuzz",
        &url,
        FILTERS,
        "--gate",
        "rfc",
        "--time",
        "60s",
        "--seed",
        "1",
        "--jobs",
        "1",
        "--json",
        "report.json",
    ];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
    let report = report(folder.path());
    assert!(report["cases"][0]["notes"].to_string().contains("stopped answering"), "{report:#}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_the_run_after_clean_up() {
    let (folder, specimen) = (folder(), specimen(&[]).await);
    let (url, count) = mortal(&specimen.base_url, usize::MAX).await;
    let arguments = ["fuzz", &url, FILTERS, "--time", "60s", "--json", "report.json"];
    let mut command = rehearsal(folder.path(), &arguments);
    let child: Child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    while count.load(Ordering::Relaxed) < 300 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let id = child.id().to_string();
    let killed = Command::new("kill").args(["-INT", &id]).status().expect("kill is there");
    assert!(killed.success());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await.expect("no panic").expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(report(folder.path())["cases"][0]["fuzz"]["ended"], "interrupted");
    assert_eq!(people(&specimen.base_url).await, 0, "what was created is removed");
}
