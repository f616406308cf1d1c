//! Runs of fuzz cases against specimens, for the tests beside this folder.

mod found;

use rehearsal::journal::Journal;
use rehearsal::run::{Line, Run, Settings};
use rehearsal::select::select;
use rehearsal::suites::{self, Suites};
use rehearsal::{FuzzSettings, Seed};
use scim_record::{CaseRecord, Event, Finding, Gate, Outcome, Redactor};
use scim_specimen::{Auth, Config, Fault, Running, Variant};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Secret, Target, Transport};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tokio::sync::watch;

/// Returns what a case has to find and does not within so many inputs, or shows with an input that is too large.
pub(crate) fn unfound(case: &str, inputs: u64, size: impl Fn(&str) -> usize + Sync) -> Vec<String> {
    let suites = suites::load(&[]).expect("the embedded suites");
    let (_, faults) = found::FOUND.iter().find(|(other, _)| *other == case).expect("a case that has to find something");
    each(faults, |(name, most)| {
        let fault: Fault = name.parse().expect("a fault");
        let config = Config { faults: vec![fault], ..Config::default() };
        let settings = FuzzSettings { cases: Some(inputs), most_findings: 1, ..FuzzSettings::default() };
        let records = run_seeded(&suites, &[case], config, settings, Duration::ZERO, Seed(1));
        let Some(finding) = records.iter().flat_map(|record| &record.findings).next() else {
            return Some(format!("{name}: nothing is found"));
        };
        let input = input_of(finding);
        (!(1..=*most).contains(&size(input))).then(|| format!("{name}: not 1 to {most} in {input}"))
    })
}

/// Returns what a case says against the correct specimen, with each of some seeds.
pub(crate) fn blamed_without_reason(case: &str, inputs: u64, seeds: &[u64]) -> Vec<String> {
    let suites = suites::load(&[]).expect("the embedded suites");
    each(seeds, |seed| {
        let settings = FuzzSettings { cases: Some(inputs), ..FuzzSettings::default() };
        blamed(run_seeded(&suites, &[case], Config::default(), settings, Duration::ZERO, Seed(*seed)))
    })
}

/// Returns what a case says against specimens that read the RFCs in another way.
pub(crate) fn blamed_for_variance(case: &str, inputs: u64) -> Vec<String> {
    let suites = suites::load(&[]).expect("the embedded suites");
    let variants: Vec<Variant> = Variant::all().collect();
    each(&variants, |variant| {
        let config = Config { variants: vec![*variant], ..Config::default() };
        let settings = FuzzSettings { cases: Some(inputs), ..FuzzSettings::default() };
        let blamed = blamed(run_seeded(&suites, &[case], config, settings, Settings::SETTLE, Seed(1)));
        blamed.map(|told| format!("{variant}: {told}"))
    })
}

fn blamed(records: Vec<CaseRecord>) -> Option<String> {
    let blamed = records.iter().find(|record| !matches!(record.outcome, Outcome::Pass | Outcome::Skip))?;
    let told = blamed.findings.iter().map(|finding| format!("{} {}", finding.message, input_of(finding)));
    Some(format!("{}: {:?} {}", blamed.id, blamed.reason, told.collect::<Vec<_>>().join("; ")))
}

fn input_of(finding: &Finding) -> &str {
    finding.fuzz.as_ref().map_or("", |fuzz| fuzz.input.as_str())
}

/// Does something for each of some things, on all cores, and returns what came of it.
fn each<T: Sync>(all: &[T], work: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let told = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    told.lock().expect("no run panicked").extend(work(one));
                }
            });
        }
    });
    told.into_inner().expect("no run panicked")
}

/// Returns the records of cases against a specimen of their own.
pub(crate) fn run_seeded(
    suites: &Suites,
    cases: &[&str],
    config: Config,
    fuzz: FuzzSettings,
    settle: Duration,
    seed: Seed,
) -> Vec<CaseRecord> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let token = scim_specimen::generate_token();
        let config = Config { auth: Auth::Bearer(token.clone()), ..config };
        let specimen = Running::start(config).await.expect("a free port");
        let redactor = Redactor::new(Vec::new(), Some(seed.run_id()));
        let target = Target::parse(&specimen.base_url).expect("the specimen's own URL");
        let credentials = Credentials::Bearer(Secret::new(token));
        let transport = Transport::new(target, credentials, Limits::default(), redactor).expect("a transport");
        let lines = [Line { version: ScimVersion::V2, transport }];
        let folder = tempfile::tempdir().expect("a temporary folder");
        let journal = Journal::create(folder.path(), &seed.run_id(), &specimen.base_url).expect("a journal");
        let (_stop, interrupt) = watch::channel(false);
        let usual = Settings::new(Gate::Strict, seed);
        let settings = Settings { specimen: true, ignore_requires: true, settle, fuzz, ..usual };
        let run = Run { lines: &lines, journal: &journal, catalog: &suites.catalog, settings, interrupt };
        let selectors: Vec<String> = cases.iter().map(|case| (*case).to_owned()).collect();
        let trials = select(&suites.plan, &selectors, &[], &[ScimVersion::V2]).expect("the cases are there");
        let mut records = Vec::new();
        let listen = &mut |event: &Event| {
            if let Event::CaseFinished(record) = event {
                records.push((**record).clone());
            }
        };
        run.execute(&trials, listen).await.expect("a specimen lets itself be tested");
        records
    })
}
