//! The suites against service providers of other people, when `.ci/real-servers` has installed them.
//!
//! What each is known to do otherwise stands in `servers/known-deviations.toml`, looked at by hand. Anything else that is
//! found, and anything listed that is no longer found, fails. Where a server is not installed its test is ignored.

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, ExitCode, Stdio};
use std::{env, fs};

mod probe;
#[path = "servers/strangers.rs"]
mod strangers;

const TOKEN: &str = "a-token-for-real-servers";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = SERVERS.iter().flat_map(|server| {
        let name = server.name;
        [
            (Some(Part::Suites), name.to_owned()),
            (Some(Part::Probe), format!("{name}, every check")),
            (None, format!("{name}, Okta's CRUD calls through a mock org")),
        ]
        .map(|(part, name)| {
            let installed = env::var_os(server.variable).filter(|path| !path.is_empty());
            let is_missing = installed.is_none();
            let test = move |program: OsString| match part {
                Some(part) => judge(server, &program, part),
                None => crud(server, &program),
            };
            Trial::test(name, move || installed.map_or(Ok(()), test)).with_ignored_flag(is_missing)
        })
    });
    libtest_mimic::run(&arguments, tests.collect()).exit_code()
}

/// What a server is judged by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The suites as they are shipped.
    Suites,
    /// Each check of whole answers on each kind of answer.
    Probe,
}

impl Part {
    /// Returns whether a case belongs here, by the first part of its id.
    fn has(self, suite: &str) -> bool {
        match self {
            Part::Suites => suite != probe::SUITE && suite != "runscope",
            Part::Probe => suite == probe::SUITE,
        }
    }
}

/// A server that can be started here.
struct Server {
    /// Its name in the list of known deviations.
    name: &'static str,
    /// The environment variable that says where it is installed.
    variable: &'static str,
    /// What follows the host in its base URL.
    path: &'static str,
    /// Whether it lists people in the order in which they came.
    in_order: bool,
    /// Selectors that share the suites out among fresh servers, or none where one server takes all of [`SUITES`]. For a server that
    /// gets slower with everything it has ever held.
    shares: &'static [&'static str],
    command: fn(&OsString, u16) -> Command,
}

const SERVERS: &[Server] = &[
    Server {
        name: "better-auth",
        variable: "REHEARSAL_BETTER_AUTH",
        path: "/scim/v2",
        in_order: true,
        shares: &["okta/[a-g]*/**", "okta/[h-z]*/**", "rfc7643", "rfc7644/[a-m]*/**", "rfc7644/[n-z]*/**", "rfc9*/**"],
        command: |script, port| {
            let mut command = Command::new("node");
            command.arg(script).args([&port.to_string(), TOKEN]);
            command
        },
    },
    Server {
        name: "scim2-server",
        variable: "REHEARSAL_SCIM2_SERVER",
        path: "",
        in_order: false,
        shares: &[],
        command: |program, port| {
            let mut command = Command::new(program);
            command.args(["--hostname", "127.0.0.1", "--port", &port.to_string(), "--bearer-token", TOKEN]);
            command
        },
    },
    Server {
        name: "scimmy",
        variable: "REHEARSAL_SCIMMY",
        path: "/scim/v2",
        in_order: true,
        shares: &[],
        command: |script, port| {
            let mut command = Command::new("node");
            command.arg(script).args([&port.to_string(), TOKEN]);
            command
        },
    },
    Server {
        name: "django-scim2",
        variable: "REHEARSAL_DJANGO_SCIM2",
        path: "/scim/v2",
        in_order: true,
        shares: &[],
        command: |python, port| {
            let mut command = Command::new(python);
            // -B: nothing is written beside the sources.
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/django-scim2/server.py");
            command.args(["-B", script]).args([&port.to_string(), TOKEN]);
            command
        },
    },
];

/// Runs every case under the strict gate and compares what does not pass with what is known.
///
/// The suites run three times on fresh servers: with one seed, with the same seed again, and with another seed as most
/// people run them, where cases are skipped whose requirements failed. Every case has to end alike each time.
fn judge(server: &Server, program: &OsString, part: Part) -> Result<(), Failed> {
    let first = perform(server, program, part, "1", true)?;
    let (found, known) = (not_passed(&first.verdicts), known_deviations(server.name, |suite| part.has(suite))?);
    let mut news = first.news.clone();
    for deviation in found.difference(&known) {
        let _ = writeln!(news, "not known: {deviation}: {}", first.found.get(deviation).map_or("", String::as_str));
    }
    for deviation in known.difference(&found) {
        let _ = writeln!(news, "known, but not found any more: {deviation}");
    }
    if part == Part::Suites && news.is_empty() {
        for (seed, what, alone) in [("1", "again", true), ("2", "with another seed", false)] {
            let other = perform(server, program, part, seed, alone)?;
            news += &other.news;
            for (case, verdict) in &other.verdicts {
                let before = first.verdicts.get(case).map_or("nothing", String::as_str);
                if before != verdict && (alone || verdict != "skip") {
                    let why = [&first, &other].map(|run| run.found.get(case).map_or("", String::as_str)).join(" / ");
                    let _ = writeln!(news, "{what}: {case} was {before} at first and is {verdict}: {why}");
                }
            }
        }
    }
    if news.is_empty() { Ok(()) } else { Err(Failed::from(format!("{news}{}", first.text))) }
}

/// What a run over all shares came to.
#[derive(Default)]
struct Performed {
    /// How each case ended, by its name.
    verdicts: BTreeMap<String, String>,
    /// What was found first in each case that did not pass.
    found: BTreeMap<String, String>,
    /// What is wrong whatever is known: something left behind, or a stranger changed.
    news: String,
    /// What was printed.
    text: String,
}

/// The suites that are run: what is invented anew by each seed has verdicts of its own each time.
const SUITES: &[&str] = &["okta", "rfc7643", "rfc7644", "rfc9*/**"];

/// Runs every case once, each `alone` or after those it requires. Strangers live on the server meanwhile, and nothing else
/// may be there afterwards.
fn perform(server: &Server, program: &OsString, part: Part, seed: &str, alone: bool) -> Result<Performed, Failed> {
    let mut performed = Performed::default();
    let shares: Vec<&[&str]> = match part {
        Part::Suites if !server.shares.is_empty() => server.shares.chunks(1).collect(),
        Part::Suites => vec![SUITES],
        Part::Probe => vec![&[probe::SUITE]],
    };
    for share in shares {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let _running = Running::start((server.command)(program, port))?;
        let base_url = format!("http://127.0.0.1:{port}{}", server.path);
        if part == Part::Suites {
            strangers::settle(port, server.path, server.in_order)?;
        }
        let before = strangers::everybody(port, server.path)?;
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
        command.current_dir(folder.path()).env("SCIM_TOKEN", TOKEN).args(["test", &base_url, "--wait", "30s"]);
        command.args(["--gate", "strict", "--seed", seed, "--quiet", "--json", "report.json"]).args(share);
        if alone {
            command.args(["--ignore-requires", "--settle", "0"]);
        }
        match part {
            // Few at a time: a server that shares two cores with others should still answer at once.
            Part::Suites => command.args(["--jobs", "4"]),
            Part::Probe => {
                fs::write(folder.path().join(probe::FILE), probe::suite())?;
                // One after the other, so that nobody else's users are in the lists.
                command.args(["--jobs", "1", "--suites", probe::FILE])
            }
        };
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(Failed::from(format!("the run did not reach its end: {}\n{text}", output.status)));
        }
        let report: Value = serde_json::from_slice(&fs::read(folder.path().join("report.json"))?)?;
        performed.verdicts.extend(verdicts(&report));
        performed.found.extend(first_findings(&report));
        performed.text += &text;
        if report["summary"]["left_behind"].as_array().is_none_or(|left| !left.is_empty()) {
            let _ = writeln!(performed.news, "left behind: {}", report["summary"]["left_behind"]);
        }
        let after = strangers::everybody(port, server.path)?;
        if after != before {
            let _ = writeln!(performed.news, "before the run the server held {before}, and after it {after}");
        }
    }
    Ok(performed)
}

/// Plays the calls of Okta's CRUD test, as both kinds of app: every step passes but those that are known, and nobody is
/// left.
fn crud(server: &Server, program: &OsString) -> Result<(), Failed> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let _running = Running::start((server.command)(program, port))?;
    let base_url = format!("http://127.0.0.1:{port}{}", server.path);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runscope/crud.json");
    for app in ["catalog", "aiw"] {
        let folder = tempfile::tempdir()?;
        let output = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
            .current_dir(folder.path())
            .env("SCIM_TOKEN", TOKEN)
            .args(["runscope", file, &base_url, &format!("--org={app}"), "--wait", "30s", "--json", "report.json"])
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let report = fs::read(folder.path().join("report.json")).map_err(|_| Failed::from(text.clone()))?;
        let report: Value = serde_json::from_slice(&report)?;
        let cases = report["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
        let known: BTreeSet<String> = known_deviations(server.name, |suite| suite == "runscope")?
            .into_iter()
            .filter(|name| name.ends_with(&format!("@{app}")))
            .collect();
        let found: BTreeSet<String> = not_passed(&verdicts(&report)).iter().map(|id| name(id, Some(app))).collect();
        let is_clean = report["summary"]["left_behind"] == Value::Array(Vec::new());
        if !matches!(output.status.code(), Some(0 | 1)) || cases.is_empty() || found != known || !is_clean {
            return Err(Failed::from(format!("{app}: {text}{}", report["summary"])));
        }
    }
    Ok(())
}

/// Returns how each case ended, by `case@app`.
fn verdicts(report: &Value) -> BTreeMap<String, String> {
    let cases = report["cases"].as_array().into_iter().flatten();
    let verdict = |case: &Value| {
        let name = name(case["id"].as_str().unwrap_or_default(), case["app"].as_str());
        (name, case["outcome"].as_str().unwrap_or_default().to_owned())
    };
    cases.map(verdict).collect()
}

/// Returns the first finding of each case, by `case@app`.
fn first_findings(report: &Value) -> BTreeMap<String, String> {
    let cases = report["cases"].as_array().into_iter().flatten();
    let first = |case: &Value| {
        let message = case["findings"][0]["message"].as_str().or_else(|| case["reason"].as_str())?;
        Some((name(case["id"].as_str()?, case["app"].as_str()), message.to_owned()))
    };
    cases.filter_map(first).collect()
}

/// Returns the names of the cases that neither passed nor were skipped.
fn not_passed(verdicts: &BTreeMap<String, String>) -> BTreeSet<String> {
    let is_found = |(_, verdict): &(&String, &String)| !matches!(verdict.as_str(), "pass" | "skip");
    verdicts.iter().filter(is_found).map(|(name, _)| name.clone()).collect()
}

/// Returns the names of the cases of some suites, told by the first part of their ids, in which a server is known to
/// deviate.
fn known_deviations(server: &str, is_asked_for: impl Fn(&str) -> bool) -> Result<BTreeSet<String>, Failed> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/known-deviations.toml"))?;
    let list: List = toml::from_str(&text)?;
    let ours = list.deviation.iter().filter(|deviation| deviation.server == server);
    let names = ours.flat_map(|deviation| deviation.cases.iter().cloned());
    Ok(names.filter(|name| name.split('/').next().is_some_and(&is_asked_for)).collect())
}

fn name(case: &str, app: Option<&str>) -> String {
    app.map_or_else(|| case.to_owned(), |app| format!("{case}@{app}"))
}

/// The list of known deviations; what is not compared is there for people.
#[derive(Deserialize)]
struct List {
    #[serde(default)]
    deviation: Vec<Deviation>,
}

#[derive(Deserialize)]
struct Deviation {
    server: String,
    /// The cases with this finding, each with `@` and its app if it runs as one.
    cases: Vec<String>,
}

/// A server that stops when the test ends.
struct Running(Child);

impl Running {
    fn start(mut command: Command) -> Result<Running, Failed> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Running(command.spawn()?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
