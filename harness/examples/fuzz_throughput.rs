//! How many requests a second the filter fuzzer sends to the specimen, beside `wrk` on the same endpoint.
//!
//! ```sh
//! cargo run --release --example fuzz_throughput            # five seconds each; a number says how many
//! ```
//!
//! Both have the same specimen, the same people and groups, filters of the same kind and eight requests in flight. `wrk`
//! sends filters that were made before and judges nothing, so it is the upper bound; without it on the PATH, the fuzzer's
//! own number is printed alone.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use rehearsal::journal::Journal;
use rehearsal::run::{Line, Run, Settings};
use rehearsal::select::select;
use rehearsal::{FuzzSettings, Seed, suites};
use scim_fuzz::Inputs as _;
use scim_fuzz::filter::{Ask, Catalog, Directory, Filters, Kind, Question, Resource, Topic, World, groups, people};
use scim_lang::schema::{group_type, user_type};
use scim_lang::urn;
use scim_record::{Event, Gate, Redactor};
use scim_specimen::{Auth, Config, Running};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Request, Secret, Target, Transport};
use serde_json::Value;
use std::error::Error;
use std::io::{self, Write};
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::runtime;
use tokio::sync::watch;

/// The case that is fuzzed: every input is at least one filtered list.
const CASE: &str = "fuzz/filter/valid-filters-find-the-right-resources";
const IN_FLIGHT: usize = 8;
/// How many filters `wrk` sends, over and over.
const FILTERS: usize = 1000;
/// Sends the targets in a file, one after the other.
const SCRIPT: &str = r#"
local targets, last = {}, 0
function init(arguments)
    for target in io.lines(arguments[1]) do targets[#targets + 1] = target end
end
function request()
    last = last % #targets + 1
    return wrk.format("GET", targets[last])
end
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let seconds = std::env::args().nth(1).map_or(Ok(5), |text| text.parse())?;
    let token = scim_specimen::generate_token();
    let server = runtime::Builder::new_multi_thread().enable_all().build()?;
    let config = Config { auth: Auth::Bearer(token.clone()), ..Config::default() };
    let specimen = server.block_on(Running::start(config))?;
    // Whoever fuzzes has a runtime of their own, as `rehearsal fuzz` has, whose target is another process.
    let client = runtime::Builder::new_current_thread().enable_all().build()?;
    let fuzzed = client.block_on(fuzz(&specimen.base_url, &token, seconds))?;
    let wrk = client.block_on(wrk(&specimen.base_url, &token, seconds))?;
    let mut out = io::stdout().lock();
    writeln!(out, "fuzz  {fuzzed:>8.0} requests per second")?;
    match wrk {
        Some(wrk) => {
            writeln!(out, "wrk   {wrk:>8.0} requests per second")?;
            writeln!(out, "ratio {:>8.0} %", 100.0 * fuzzed / wrk)?;
        }
        None => writeln!(out, "wrk is not installed")?,
    }
    Ok(())
}

/// Returns how many requests a second the fuzzer sends, those of set-up and clean-up included.
async fn fuzz(base_url: &str, token: &str, seconds: u64) -> Result<f64, Box<dyn Error>> {
    let suites = suites::load(&[])?;
    let trials = select(&suites.plan, &[CASE.to_owned()], &[], &[ScimVersion::V2])?;
    let seed = Seed(7);
    let transport = transport(base_url, token, &seed.run_id())?;
    let lines = [Line { version: ScimVersion::V2, transport }];
    let folder = tempfile::tempdir()?;
    let journal = Journal::create(folder.path(), &seed.run_id(), base_url)?;
    let (_stop, interrupt) = watch::channel(false);
    let fuzz = FuzzSettings { time: Some(Duration::from_secs(seconds)), lanes: IN_FLIGHT, ..FuzzSettings::default() };
    let settings = Settings { specimen: true, fuzz, ..Settings::new(Gate::Strict, seed) };
    let run = Run { lines: &lines, journal: &journal, catalog: &suites.catalog, settings, interrupt };
    let began = Instant::now();
    let mut judged = Vec::new();
    let summary = run
        .execute(&trials, &mut |event| {
            if let Event::CaseFinished(record) = event {
                judged.push((record.outcome, record.fuzz.clone()));
            }
        })
        .await?;
    if summary.exit != 0 {
        return Err(format!("the fuzzer did not pass: {judged:?}").into());
    }
    Ok(summary.requests as f64 / began.elapsed().as_secs_f64())
}

/// Returns how many requests a second `wrk` sends, if it is installed.
async fn wrk(base_url: &str, token: &str, seconds: u64) -> Result<Option<f64>, Box<dyn Error>> {
    let transport = transport(base_url, token, "bench")?;
    let folder = tempfile::tempdir()?;
    let (script, targets) = (folder.path().join("filters.lua"), folder.path().join("targets"));
    std::fs::write(&script, SCRIPT)?;
    std::fs::write(&targets, filters(&transport).await?.join("\n"))?;
    let (connections, time) = (IN_FLIGHT.to_string(), format!("{seconds}s"));
    let header = format!("Authorization: Bearer {token}");
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c", &connections, "-d", &time, "-H", &header, "-s"]).arg(&script).arg(base_url).arg("--");
    let output = match command.arg(&targets).output() {
        Ok(output) => String::from_utf8(output.stdout)?,
        Err(_) => return Ok(None),
    };
    if output.contains("Non-2xx") {
        return Err(output.into());
    }
    let rate = output.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    Ok(Some(rate.ok_or("wrk told no rate")?.trim().parse()?))
}

/// Creates the people and groups of the fuzzer and returns the targets of random filters about them.
async fn filters(transport: &Transport) -> Result<Vec<String>, Box<dyn Error>> {
    let mark = "bench.";
    let mut users = Vec::new();
    for person in people(mark, Some(urn::ENTERPRISE_USER)) {
        users.push(create(transport, Kind::Users, &person).await?);
    }
    let ids: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
    let mut teams = Vec::new();
    for group in groups(mark, &ids) {
        teams.push(create(transport, Kind::Groups, &group).await?);
    }
    let users = Directory::new(Catalog::standard(user_type()), users);
    let groups = Directory::new(Catalog::standard(group_type()), teams);
    let filters = Filters::new(World { mark: mark.to_owned(), users, groups, has_search: false });
    let strategy = filters.clone().about(&[Topic::Filters]).strategy();
    let mut runner = TestRunner::deterministic();
    let mut targets = Vec::new();
    while targets.len() < FILTERS {
        let Question { kind, ask } = strategy.new_tree(&mut runner).map_err(|reason| reason.to_string())?.current();
        let Ask::Filter { filter, spelling, .. } = ask else { continue };
        let text = spelling.write(&filter, &filters.world().directory(kind).catalog.schema);
        let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC);
        targets.push(format!("{}{}?filter={encoded}&count=200", transport.target().path(), kind.endpoint()));
    }
    Ok(targets)
}

async fn create(transport: &Transport, kind: Kind, body: &Value) -> Result<Resource, Box<dyn Error>> {
    let headers = ["Accept", "Content-Type"].map(|name| (name.to_owned(), "application/scim+json".to_owned()));
    let request = Request {
        method: "POST".to_owned(),
        target: kind.endpoint().to_owned(),
        headers: headers.into(),
        body: Some(body.to_string().into_bytes()),
        auth: scim_transport::Auth::Configured,
    };
    let reply = transport.send("population", request).await.reply.map_err(|failure| failure.to_string())?;
    let shown: Value = serde_json::from_slice(&reply.body)?;
    let id = shown["id"].as_str().ok_or_else(|| format!("not created: {shown}"))?.to_owned();
    Ok(Resource { id, shown })
}

fn transport(base_url: &str, token: &str, run: &str) -> Result<Transport, Box<dyn Error>> {
    let credentials = Credentials::Bearer(Secret::new(token.to_owned()));
    let redactor = Redactor::new(Vec::new(), Some(run.to_owned()));
    Ok(Transport::new(Target::parse(base_url)?, credentials, Limits::default(), redactor)?)
}
