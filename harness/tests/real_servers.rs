//! The suites against service providers of other people, when `.ci/real-servers` has installed them.
//!
//! What each is known to do otherwise stands in `servers/known-deviations.toml`, looked at by hand. Anything else that is
//! found, and anything listed that is no longer found, fails. Where a server is not installed its test is ignored.

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, ExitCode, Stdio};
use std::{env, fs};

const TOKEN: &str = "a-token-for-real-servers";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = SERVERS.iter().map(|server| {
        let installed = env::var_os(server.variable).filter(|path| !path.is_empty());
        let is_missing = installed.is_none();
        let test = move || installed.map_or(Ok(()), |program| judge(server, &program));
        Trial::test(server.name, test).with_ignored_flag(is_missing)
    });
    libtest_mimic::run(&arguments, tests.collect()).exit_code()
}

/// A server that can be started here.
struct Server {
    /// Its name in the list of known deviations.
    name: &'static str,
    /// The environment variable that says where it is installed.
    variable: &'static str,
    /// What follows the host in its base URL.
    path: &'static str,
    command: fn(&OsString, u16) -> Command,
}

const SERVERS: &[Server] = &[
    Server {
        name: "scim2-server",
        variable: "REHEARSAL_SCIM2_SERVER",
        path: "",
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
        command: |script, port| {
            let mut command = Command::new("node");
            command.arg(script).args([&port.to_string(), TOKEN]);
            command
        },
    },
];

/// Runs every case under the strict gate and compares what does not pass with what is known.
fn judge(server: &Server, program: &OsString) -> Result<(), Failed> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let _running = Running::start((server.command)(program, port))?;
    let base_url = format!("http://127.0.0.1:{port}{}", server.path);
    let folder = tempfile::tempdir()?;
    let rehearsal = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_rehearsal"))
            .current_dir(folder.path())
            .env("SCIM_TOKEN", TOKEN)
            .args(["test", &base_url, "--wait", "30s", "--gate", "strict", "--json", "report.json"])
            .args(arguments)
            .output()
    };
    let output = rehearsal(&["--quiet"])?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if !matches!(output.status.code(), Some(0 | 1)) {
        return Err(Failed::from(format!("the run did not reach its end: {}\n{text}", output.status)));
    }
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("report.json"))?)?;
    let (found, known) = (not_passed(&report), known_deviations(server.name)?);
    let mut news = String::new();
    for deviation in found.difference(&known) {
        let _ = writeln!(news, "not known: {deviation}");
    }
    for deviation in known.difference(&found) {
        let _ = writeln!(news, "known, but not found any more: {deviation}");
    }
    if report["summary"]["left_behind"].as_array().is_none_or(|left| !left.is_empty()) {
        let _ = writeln!(news, "left behind: {}", report["summary"]["left_behind"]);
    }
    if news.is_empty() { Ok(()) } else { Err(Failed::from(format!("{news}{text}"))) }
}

/// Returns `case@app` of every case that is neither passed nor skipped.
fn not_passed(report: &Value) -> BTreeSet<String> {
    let cases = report["cases"].as_array().into_iter().flatten();
    cases
        .filter(|case| !matches!(case["outcome"].as_str(), Some("pass" | "skip")))
        .map(|case| name(case["id"].as_str().unwrap_or_default(), case["app"].as_str()))
        .collect()
}

fn known_deviations(server: &str) -> Result<BTreeSet<String>, Failed> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/known-deviations.toml"))?;
    let list: List = toml::from_str(&text)?;
    let ours = list.deviation.iter().filter(|deviation| deviation.server == server);
    Ok(ours.map(|deviation| name(&deviation.case, deviation.app.as_deref())).collect())
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
    case: String,
    app: Option<String>,
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
