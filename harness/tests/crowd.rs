//! Strangers must not matter: a service provider with thousands of people and groups in it gets the verdicts that it gets
//! when it is empty, and keeps every one of them.

use scim_specimen::{Auth, Config, Fault, Running};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Output};

const TOKEN: &str = "a-token-nobody-guesses";

/// What is run: every case against a correct server, and, so that there are findings to compare and not passes alone, the
/// cases of Okta against one with a fault.
const RUNS: [(Option<&str>, &str); 2] = [(None, "**"), (Some("pathless-patch-ignored"), "okta")];

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_people_and_groups_change_no_verdict() {
    for (fault, selector) in RUNS {
        let ((alone, _), (crowded, left)) = tokio::join!(verdicts(0, fault, selector), verdicts(2000, fault, selector));
        let differs = |id: &&String| alone.get(*id) != crowded.get(*id);
        let all = alone.keys().chain(crowded.keys().filter(|id| !alone.contains_key(*id)));
        let different: Vec<String> = all
            .filter(differs)
            .map(|id| format!("{id}: {:?} alone, {:?} among strangers", alone.get(id), crowded.get(id)))
            .collect();
        assert!(different.is_empty(), "{selector} with the fault {fault:?}:\n{}", different.join("\n"));
        assert!(alone.len() > 300, "{} cases", alone.len());
        assert_eq!(fault.is_some(), alone.values().any(|verdict| verdict.starts_with("fail")), "{selector}");
        assert_eq!(left, (2000, 2000), "nobody else's people and groups are touched");
    }
}

/// Runs cases against a specimen with this many strangers of each kind. Returns how each case ended, by its id and
/// its app, and how many people and groups there are afterwards.
async fn verdicts(strangers: usize, fault: Option<&str>, selector: &str) -> (BTreeMap<String, String>, (u64, u64)) {
    let faults: Vec<Fault> = fault.into_iter().map(|name| name.parse().expect("a fault of the specimen")).collect();
    let auth = Auth::Bearer(TOKEN.to_owned());
    let config = Config { auth, users: strangers, groups: strangers, faults, ..Config::default() };
    let specimen = Running::start(config).await.expect("a free port");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (url, path, selector) = (specimen.base_url.clone(), folder.path().to_owned(), selector.to_owned());
    let test = move || {
        Command::new(env!("CARGO_BIN_EXE_rehearsal"))
            .current_dir(path)
            .env("SCIM_TOKEN", TOKEN)
            .args(["test", &url, "--gate", "strict", "--ignore-requires", "--settle", "0", "--seed", "0x5c1a"])
            .args(["--quiet", "--json", "report.json", &selector])
            .output()
    };
    let output = tokio::task::spawn_blocking(test).await.expect("no panic").expect("the program starts");
    let report = fs::read(folder.path().join("report.json"));
    let report: Value = serde_json::from_slice(&report.unwrap_or_else(|_| panic!("{}", told(&output)))).expect("JSON");
    let cases = report["cases"].as_array().expect("the cases of the report");
    let verdict = |case: &Value| {
        let name = [&case["id"], &case["app"]].map(|part| part.as_str().unwrap_or_default()).join("@");
        let reading = case["reading"].as_str().unwrap_or_default();
        (name, format!("{} {reading}", case["outcome"].as_str().unwrap_or_default()))
    };
    let left = (total(&specimen.base_url, "Users"), total(&specimen.base_url, "Groups"));
    (cases.iter().map(verdict).collect(), left)
}

/// Returns how many resources a collection has, asked by HTTP/1.0 so that the answer ends with the connection.
fn total(base_url: &str, collection: &str) -> u64 {
    let (host, path) = base_url.trim_start_matches("http://").split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("the specimen listens");
    let credentials = format!("Host: {host}\r\nAuthorization: Bearer {TOKEN}");
    write!(stream, "GET /{path}/{collection}?count=0 HTTP/1.0\r\n{credentials}\r\n\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let list = answer.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str::<Value>(body).ok());
    list.expect("a list")["totalResults"].as_u64().expect("a number of resources")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
