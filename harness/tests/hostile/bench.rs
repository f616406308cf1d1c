//! Runs the program against one hostile server and looks at everything that must hold whatever a server does.

use crate::server::{Behaviour, Greeting, Scope, Server, TOKEN};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// One hostile behaviour.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) behaviour: Behaviour,
    pub(crate) scope: Scope,
    pub(crate) greeting: Greeting,
    /// `http` or `https`.
    pub(crate) scheme: &'static str,
    /// What the program is told to do, behind the base URL.
    pub(crate) command: &'static [&'static str],
    /// The exit codes that are right.
    pub(crate) exits: &'static [i32],
    /// Whether the server lets nobody remove what is there; then the program must say so.
    pub(crate) keeps: bool,
}

impl Row {
    /// Runs the program; returns what does not hold, a line each.
    pub(crate) async fn run(&self) -> Vec<String> {
        let Row { name, behaviour, scope, greeting, scheme, .. } = self;
        let server = Server::start(*behaviour, *scope, greeting.clone()).await;
        let base = format!("{scheme}://{}/scim/v2", server.authority);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = folder.path().to_owned();
        let arguments = self.arguments(&base);
        let ended = tokio::task::spawn_blocking(move || Ended::of(&place, &arguments)).await.expect("no panic");
        let mut wrong = ended.complaints(self, folder.path());
        let left = server.left().await;
        let is_told = self.keeps && ended.says_what_is_left(folder.path());
        if !left.is_empty() && !is_told {
            wrong.push(format!("left behind: {left:?}"));
        }
        let harmed = server.harmed().await;
        if !harmed.is_empty() {
            wrong.push(format!("harmed: {harmed:?}"));
        }
        if !server.stray().is_empty() {
            wrong.push(format!("sent elsewhere: {}", server.stray()));
        }
        wrong.iter().map(|what| format!("{name} ({scope:?}, {}): {what}", self.command[0])).collect()
    }

    fn arguments(&self, base: &str) -> Vec<String> {
        let (verb, rest) = self.command.split_first().expect("a command");
        let mut arguments = vec![(*verb).to_owned(), base.to_owned()];
        arguments.extend(rest.iter().map(|word| (*word).to_owned()));
        if *verb != "doctor" {
            let reports = ["--junit r.xml", "--json r.json", "--html r.html", "--markdown r.md", "--har r.har"];
            let options = reports.iter().flat_map(|option| option.split(' '));
            arguments.extend(options.map(str::to_owned));
        }
        arguments
    }
}

/// A run that is over.
struct Ended {
    status: Option<ExitStatus>,
    took: Duration,
    peak_kb: u64,
    said: String,
}

impl Ended {
    fn of(folder: &Path, arguments: &[String]) -> Ended {
        let began = Instant::now();
        let out = fs::File::create(folder.join("said")).expect("a file");
        let mut child = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
            .current_dir(folder)
            .env("SCIM_TOKEN", TOKEN)
            .env_remove("GITHUB_ACTIONS")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a file"))
            .stderr(out)
            .spawn()
            .expect("the program starts");
        let (status, peak_kb) = watch(&mut child, began);
        let said = String::from_utf8_lossy(&fs::read(folder.join("said")).expect("a file")).into_owned();
        Ended { status, took: began.elapsed(), peak_kb, said }
    }

    fn complaints(&self, row: &Row, folder: &Path) -> Vec<String> {
        let mut wrong = Vec::new();
        let Some(status) = self.status else {
            return vec![format!("did not end within {} s: {}", BOUND.as_secs(), self.said)];
        };
        let exit = status.code();
        if !exit.is_some_and(|exit| row.exits.contains(&exit)) {
            wrong.push(format!("ended with {status}, not {:?}: {}", row.exits, self.end_of_said()));
        }
        if self.peak_kb > MOST_KB {
            wrong.push(format!("took {} MB at its peak, in {} ms", self.peak_kb / 1024, self.took.as_millis()));
        }
        if self.said.chars().any(|letter| letter != '\n' && (letter.is_control() || is_bidi(letter))) {
            wrong.push(format!("hands control characters on: {:?}", self.said));
        }
        if self.said.contains(TOKEN) {
            wrong.push("shows the token".to_owned());
        }
        // Without a run there is nothing to report on.
        if row.command[0] != "doctor" && exit != Some(3) && !folder.join("r.json").exists() {
            wrong.push("wrote no report".to_owned());
        }
        wrong.extend(reports(folder));
        wrong
    }

    fn end_of_said(&self) -> String {
        let lines: Vec<&str> = self.said.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }

    /// Returns whether a report or the terminal says that something is left, and the journal is kept.
    fn says_what_is_left(&self, folder: &Path) -> bool {
        let kept = fs::read_dir(folder.join("rehearsal-report")).into_iter().flatten().flatten();
        let has_journal = kept.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("journal-"));
        has_journal && self.said.contains("rehearsal cleanup")
    }
}

/// Waits for the end; returns how it was, and the most memory that was resident until then.
fn watch(child: &mut Child, began: Instant) -> (Option<ExitStatus>, u64) {
    let mut peak = 0;
    loop {
        peak = peak_kb(child.id()).unwrap_or(0).max(peak);
        if let Some(status) = child.try_wait().expect("the child is ours") {
            return (Some(status), peak);
        }
        if began.elapsed() > BOUND {
            child.kill().expect("the child is ours");
            child.wait().expect("the child is ours");
            return (None, peak);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns the peak of a process's resident memory so far; where there is no `/proc`, nobody tells.
fn peak_kb(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn is_bidi(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Looks at the reports that are there: each is well-formed, and none holds the token.
fn reports(folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in ["r.json", "r.har", "r.xml", "r.html", "r.md"] {
        let Ok(bytes) = fs::read(folder.join(name)) else { continue };
        let Ok(text) = String::from_utf8(bytes) else {
            wrong.push(format!("{name} is not UTF-8"));
            continue;
        };
        if text.contains(TOKEN) {
            wrong.push(format!("{name} holds the token"));
        }
        let read = match name {
            "r.json" | "r.har" => serde_json::from_str::<Value>(&text).map(drop).map_err(|error| error.to_string()),
            "r.xml" => elements(&text).map(drop),
            "r.html" => elements(text.trim_start_matches("<!DOCTYPE html>")).and_then(|found| harmless(&found)),
            _ => Ok(()),
        };
        wrong.extend(read.err().map(|error| format!("{name}: {error}")));
    }
    wrong
}

/// Returns the elements of a strictly read document, each with its attributes.
fn elements(text: &str) -> Result<Vec<(String, Vec<String>)>, String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut found = Vec::new();
    loop {
        match reader.read_event().map_err(|error| format!("{error} at byte {}", reader.buffer_position()))? {
            Event::Eof => return Ok(found),
            Event::Start(tag) | Event::Empty(tag) => {
                let name = AsRef::<str>::as_ref(&tag.name()).to_owned();
                let attributes: Result<Vec<String>, String> = tag
                    .attributes()
                    .map(|one| {
                        let one = one.map_err(|error| error.to_string())?;
                        Ok(AsRef::<str>::as_ref(&one.key).to_owned())
                    })
                    .collect();
                found.push((name, attributes?));
            }
            _ => {}
        }
    }
}

/// A page of ours runs nothing and loads nothing.
fn harmless(found: &[(String, Vec<String>)]) -> Result<(), String> {
    for (name, attributes) in found {
        if matches!(name.as_str(), "script" | "img" | "iframe" | "object" | "embed" | "link" | "form" | "base") {
            return Err(format!("<{name}> is not ours"));
        }
        if let Some(attribute) = attributes.iter().find(|attribute| attribute.starts_with("on") || *attribute == "src")
        {
            return Err(format!("<{name} {attribute}> is not ours"));
        }
    }
    Ok(())
}

/// How long any run may take: far more than it does on an idle machine.
const BOUND: Duration = Duration::from_secs(60);
/// How much memory a run may take.
const MOST_KB: u64 = 200 * 1024;
