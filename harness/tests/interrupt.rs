//! Ctrl-C and what CI sends instead, at the worst moments: nothing of ours stays, and what was learnt is told.
//!
//! A gate between the program and the specimen holds requests or answers, so that the moment is the same every time: a
//! create is done and its answer under way, or a removal has been sent and not been done.
#![cfg(unix)]

use scim_specimen::{Auth, Config, Running};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const TOKEN: &str = "a-token-nobody-guesses";

/// What is held back at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    /// The answers to creates, from this one on.
    CreatesFrom(usize),
    /// Removals, before they are done.
    Removals,
}

/// A gate in front of a specimen.
struct Gate {
    base: String,
    held: watch::Sender<Held>,
    created: AtomicUsize,
    /// How many removals have come.
    removals: AtomicUsize,
    specimen: Running,
}

impl Gate {
    async fn start(held: Held) -> Arc<Gate> {
        let config = Config { auth: Auth::Bearer(TOKEN.to_owned()), users: STRANGERS, ..Config::default() };
        let specimen = Running::start(config).await.expect("a free port");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}/scim/v2", listener.local_addr().expect("it is bound"));
        let held = watch::channel(held).0;
        let gate = Gate { base, held, created: AtomicUsize::new(0), removals: AtomicUsize::new(0), specimen };
        let gate = Arc::new(gate);
        let keeper = Arc::clone(&gate);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(stream, Arc::clone(&keeper)));
            }
        });
        gate
    }

    fn hold(&self, held: Held) {
        self.held.send_replace(held);
    }

    async fn wait_while(&self, is_held: impl Fn(Held) -> bool) {
        let mut held = self.held.subscribe();
        held.wait_for(|held| !is_held(*held)).await.expect("the gate outlives its connections");
    }

    fn authority(&self) -> &str {
        self.specimen.base_url.split('/').nth(2).expect("a URL with an authority")
    }

    /// Returns the names of what the specimen holds beyond what it began with; those it began with are all there.
    async fn left(&self) -> Vec<String> {
        let mut left = Vec::new();
        for (collection, name) in [("Users", "userName"), ("Groups", "displayName")] {
            let request = format!(
                "GET /scim/v2/{collection}?count=1000 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\
                 Connection: close\r\n\r\n"
            );
            let answer = forward(self.authority(), request.as_bytes()).await.expect("the specimen answers");
            let body = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
            let list: Value = serde_json::from_slice(&answer[body..]).expect("JSON");
            let resources = list["Resources"].as_array().cloned().unwrap_or_default();
            left.extend(resources.iter().filter_map(|one| one[name].as_str().map(str::to_owned)));
        }
        for stranger in (0..STRANGERS).map(scim_specimen::user_name) {
            let at = left.iter().position(|name| *name == stranger).expect("a stranger stays");
            left.remove(at);
        }
        left
    }
}

/// Lets one request through, and its answer, when neither is held.
async fn pass(mut stream: TcpStream, gate: Arc<Gate>) -> Option<()> {
    let (method, request) = read_request(&mut stream).await?;
    if method == "DELETE" {
        gate.removals.fetch_add(1, Ordering::SeqCst);
        gate.wait_while(|held| held == Held::Removals).await;
    }
    let answer = forward(gate.authority(), &request).await?;
    if method == "POST" {
        let number = gate.created.fetch_add(1, Ordering::SeqCst) + 1;
        gate.wait_while(|held| matches!(held, Held::CreatesFrom(first) if number >= first)).await;
    }
    stream.write_all(&answer).await.ok()
}

/// Reads one request; returns its method, and its bytes with `Connection: close`.
async fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 8192];
    let (head, body) = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                break (head, bytes.split_off(end + 4));
            }
        }
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    };
    let method = head.split(' ').next().unwrap_or_default().to_owned();
    let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let kept: String = kept.map(|line| format!("{line}\r\n")).collect();
    Some((method, [format!("{kept}Connection: close\r\n\r\n").as_bytes(), &body].concat()))
}

async fn forward(authority: &str, request: &[u8]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(authority).await.ok()?;
    stream.write_all(request).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    Some(answer)
}

/// The program under way, in a folder of its own.
struct Program {
    child: Child,
    folder: tempfile::TempDir,
    /// What it says on stderr, line by line.
    said: mpsc::Receiver<String>,
}

impl Program {
    fn start(arguments: &[&str]) -> Program {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut child = command(folder.path(), arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let (tell, said) = mpsc::channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Program { child, folder, said }
    }

    fn send(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill is there");
        assert!(sent.success());
    }

    /// Waits until it says something like this.
    fn hear(&self, wanted: &str) -> String {
        let mut heard = Vec::new();
        while let Ok(line) = self.said.recv_timeout(BOUND) {
            if line.contains(wanted) {
                return line;
            }
            heard.push(line);
        }
        panic!("it never said {wanted:?}: {heard:?}")
    }

    /// Waits for its end, and returns the exit code.
    fn end(&mut self) -> Option<i32> {
        let began = Instant::now();
        while began.elapsed() < BOUND {
            if let Some(status) = self.child.try_wait().expect("the child is ours") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("it did not end within {} s", BOUND.as_secs());
    }

    fn journals(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("rehearsal-report")).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("journal-")).collect()
    }

    fn report(&self) -> Value {
        let bytes = fs::read(self.folder.path().join("r.json")).expect("the report is written");
        serde_json::from_slice(&bytes).expect("JSON")
    }
}

/// Whatever fails, nothing of a test stays behind.
impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.current_dir(folder).env("SCIM_TOKEN", TOKEN).env_remove("GITHUB_ACTIONS").stdin(Stdio::null());
    command.args(arguments);
    command
}

/// Waits until so many have been counted; the gate keeps it from being over before anybody looks.
async fn reach(count: &AtomicUsize, wanted: usize) {
    let reached = async {
        while count.load(Ordering::SeqCst) < wanted {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(BOUND, reached).await.expect("it comes to that");
}

fn test(base: &str) -> [&str; 11] {
    ["test", base, "okta/users", "okta/groups", "--jobs", "8", "--settle", "0", "--json", "r.json", "--junit=r.xml"]
}

/// Asserts that a run that was interrupted once has left nothing and told what it had learnt.
async fn assert_clean(program: &mut Program, gate: &Gate) {
    assert_eq!(program.end(), Some(130));
    assert_eq!(gate.left().await, Vec::<String>::new());
    assert_eq!(program.journals(), Vec::<String>::new());
    let report = program.report();
    assert_eq!(report["summary"]["interrupted"], true);
    assert_eq!(report["summary"]["exit"], 130);
    assert_eq!(report["summary"]["left_behind"], serde_json::json!([]));
    assert!(!report["cases"].as_array().expect("a list").is_empty(), "what has run is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_between_a_create_and_its_answer_leaves_nothing() {
    for signal in ["-INT", "-TERM"] {
        let gate = Gate::start(Held::CreatesFrom(12)).await;
        let mut program = Program::start(&test(&gate.base));
        reach(&gate.created, 16).await;
        program.send(signal);
        program.hear("interrupted: removing");
        gate.hold(Held::Nothing);
        assert_clean(&mut program, &gate).await;
        let junit = fs::read_to_string(program.folder.path().join("r.xml")).expect("the report is written");
        assert!(junit.contains("every-case-ran"), "{junit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_during_clean_up_lets_it_come_to_its_end() {
    for signal in ["-INT", "-TERM"] {
        let gate = Gate::start(Held::Removals).await;
        let mut program = Program::start(&test(&gate.base));
        reach(&gate.removals, 3).await;
        program.send(signal);
        program.hear("interrupted: removing");
        gate.hold(Held::Nothing);
        assert_clean(&mut program, &gate).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_amid_random_inputs_leaves_nothing() {
    for (over, creates) in [("sequence", 24), ("filter", 8)] {
        let gate = Gate::start(Held::CreatesFrom(creates)).await;
        let arguments = ["fuzz", &gate.base, over, "--time", "60s", "--jobs", "8", "--json", "r.json"];
        let mut program = Program::start(&arguments);
        // Whoever sends one at a time is held by the first.
        reach(&gate.created, creates).await;
        program.send("-INT");
        program.hear("interrupted: removing");
        gate.hold(Held::Nothing);
        assert_clean(&mut program, &gate).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_interrupt_ends_at_once_and_cleanup_removes_the_rest() {
    let gate = Gate::start(Held::CreatesFrom(12)).await;
    let mut program = Program::start(&test(&gate.base));
    reach(&gate.created, 16).await;
    program.send("-INT");
    program.hear("interrupted: removing");
    let before = gate.removals.load(Ordering::SeqCst);
    gate.hold(Held::Removals);
    reach(&gate.removals, before + 1).await;
    program.send("-INT");
    let told = program.hear("stopped at once");
    assert_eq!(program.end(), Some(130));
    let journals = program.journals();
    assert_eq!(journals.len(), 1, "{journals:?}");
    assert!(!gate.left().await.is_empty(), "removals are held");

    gate.hold(Held::Nothing);
    let remedy = told.split('`').nth(1).expect("the remedy is told").to_owned();
    let run = remedy.strip_prefix("rehearsal cleanup ").expect("the remedy is a clean-up").to_owned();
    let folder = program.folder.path().to_owned();
    let cleaning = tokio::task::spawn_blocking(move || command(&folder, &["cleanup", &run]).output());
    let Output { status, stdout, stderr } = cleaning.await.expect("no panic").expect("the program starts");
    let said = [stdout, stderr].concat();
    assert_eq!(status.code(), Some(0), "{}", String::from_utf8_lossy(&said));
    assert_eq!(gate.left().await, Vec::<String>::new());
    assert_eq!(program.journals(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_parts_of_one_run_keep_their_journals_in_one_folder_at_the_same_time() {
    let (gate, open) = (Gate::start(Held::CreatesFrom(1)).await, Gate::start(Held::Nothing).await);
    let arguments =
        |base| ["test", base, "okta/spec", "okta/users", "--seed", "0x5c1a", "--settle", "0", "--partition"];
    let mut first = Program::start(&[&arguments(&gate.base)[..], &["slice:1/2"]].concat());
    reach(&gate.created, 1).await;
    let mut second = command(first.folder.path(), &[&arguments(&open.base)[..], &["slice:2/2"]].concat());
    let output = tokio::task::spawn_blocking(move || second.output()).await.expect("no panic").expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(first.journals(), ["journal-rhfj4jgthe.1.ndjson"], "the first is under way");
    gate.hold(Held::Nothing);
    assert_eq!(first.end(), Some(0));
    assert_eq!(first.journals(), Vec::<String>::new());
}

/// How many people are there before anybody comes.
const STRANGERS: usize = 3;
/// How long anything may take on a busy machine.
const BOUND: Duration = Duration::from_secs(60);
