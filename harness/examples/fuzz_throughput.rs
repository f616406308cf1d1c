//! How many requests a second the filter fuzzer sends to the specimen, beside `wrk` on the same endpoint.
//!
//! ```sh
//! cargo run --release --example fuzz_throughput            # five seconds each; a number says how many
//! ```
//!
//! Both have the same specimen, the same people and eight requests in flight. `wrk` makes no inputs and judges nothing, so
//! it is the upper bound; without it on the PATH, the fuzzer's own number is printed alone.

use rehearsal::journal::Journal;
use rehearsal::run::{Line, Run, Settings};
use rehearsal::select::select;
use rehearsal::{FuzzSettings, Seed, suites};
use scim_record::{Event, Gate, Redactor};
use scim_specimen::{Auth, Config, Running};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Request, Secret, Target, Transport};
use std::error::Error;
use std::io::{self, Write};
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::runtime;
use tokio::sync::watch;

/// The case that is fuzzed: every input is at least one filtered list.
const CASE: &str = "fuzz/filter/valid-filters-find-the-right-resources";
const IN_FLIGHT: usize = 8;
const PEOPLE: usize = 16;

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

/// Returns how many requests a second `wrk` sends, if it is installed: a filter that selects half of the people.
async fn wrk(base_url: &str, token: &str, seconds: u64) -> Result<Option<f64>, Box<dyn Error>> {
    let transport = transport(base_url, token, "bench")?;
    for number in 0..PEOPLE {
        let title = if number % 2 == 0 { "even" } else { "odd" };
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("bench{number}@example.com"),
            "title": title,
            "name": { "givenName": "Ada", "familyName": "Byron" },
            "emails": [{ "value": format!("bench{number}@example.com"), "type": "work", "primary": true }],
            "active": true,
        });
        let headers = vec![
            ("Accept".to_owned(), "application/scim+json".to_owned()),
            ("Content-Type".to_owned(), "application/scim+json".to_owned()),
        ];
        let request = Request {
            method: "POST".to_owned(),
            target: "/Users".to_owned(),
            headers,
            body: Some(body.to_string().into_bytes()),
            auth: scim_transport::Auth::Configured,
        };
        let sent = transport.send("population", request).await;
        if !sent.reply.as_ref().is_ok_and(|reply| reply.status == 201) {
            return Err(format!("{sent:?}").into());
        }
    }
    let filter = "userName%20sw%20%22bench%22%20and%20title%20eq%20%22even%22";
    let url = format!("{base_url}/Users?filter={filter}&count=100");
    let (connections, time) = (IN_FLIGHT.to_string(), format!("{seconds}s"));
    let header = format!("Authorization: Bearer {token}");
    let arguments = ["-t1", "-c", &connections, "-d", &time, "-H", &header, &url];
    let output = match Command::new("wrk").args(arguments).output() {
        Ok(output) => String::from_utf8(output.stdout)?,
        Err(_) => return Ok(None),
    };
    if output.contains("Non-2xx") {
        return Err(output.into());
    }
    let rate = output.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    Ok(Some(rate.ok_or("wrk told no rate")?.trim().parse()?))
}

fn transport(base_url: &str, token: &str, run: &str) -> Result<Transport, Box<dyn Error>> {
    let credentials = Credentials::Bearer(Secret::new(token.to_owned()));
    let redactor = Redactor::new(Vec::new(), Some(run.to_owned()));
    Ok(Transport::new(Target::parse(base_url)?, credentials, Limits::default(), redactor)?)
}
