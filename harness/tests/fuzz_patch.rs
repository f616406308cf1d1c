//! Random PATCH requests find what is wrong with a server, make it small, and find nothing where nothing is wrong.

use rehearsal::journal::Journal;
use rehearsal::run::{Line, Run, Settings};
use rehearsal::select::select;
use rehearsal::suites::{self, Suites};
use rehearsal::{FuzzSettings, Seed};
use scim_record::{CaseRecord, Event, Finding, Gate, Outcome, Redactor};
use scim_specimen::{Auth, Config, Fault, Running, Variant};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Secret, Target, Transport};
use serde_json::Value;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tokio::sync::watch;

const USERS: &str = "fuzz/patch/users-end-as-the-reference-has-it";
const GROUPS: &str = "fuzz/patch/groups-end-as-the-reference-has-it";
const OKTA: &str = "fuzz/patch/okta-pushes-arrive";
const LAWS: &str = "fuzz/patch/equal-requests-end-in-equal-states";

/// What is wrong with a server, and the case that has to find it.
const FAULTS: [(&str, &str); 30] = [
    ("filters-in-paths-match-everything", USERS),
    ("filters-in-paths-mind-case", USERS),
    ("the-first-match-alone-counts", USERS),
    ("and-in-paths-is-or", USERS),
    ("urns-in-paths-are-passed-over", USERS),
    ("extension-attributes-go-to-the-top", USERS),
    ("patch-lists-no-schemas", USERS),
    ("replace-without-path-drops-the-rest", USERS),
    ("replace-appends", USERS),
    ("replace-of-a-part-drops-the-others", USERS),
    ("complex-values-are-overwritten", USERS),
    ("add-overwrites", USERS),
    ("add-without-path-replaces-lists", USERS),
    ("values-are-added-again", USERS),
    ("the-old-primary-stays", USERS),
    ("null-in-a-patch-is-passed-over", USERS),
    ("empty-lists-are-passed-over", USERS),
    ("remove-is-ignored", USERS),
    ("remove-of-a-part-removes-the-value", USERS),
    ("patch-is-half-done", USERS),
    ("failed-operations-are-passed-over", USERS),
    ("operations-run-backwards", USERS),
    ("first-operation-alone-counts", USERS),
    ("later-operations-on-a-path-are-passed-over", USERS),
    ("nothing-new-is-stored", USERS),
    ("patch-is-not-stored", USERS),
    ("group-filtered-remove-empties", GROUPS),
    ("absent-members-cannot-be-removed", OKTA),
    ("group-rename-with-id-refused", OKTA),
    ("replace-of-a-part-drops-the-others", LAWS),
];

#[test]
fn every_fault_is_found_within_a_thousand_requests_and_shown_by_two_operations_at_most() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let unfit = each(&FAULTS, |(name, case)| {
        let fault: Fault = name.parse().expect("a fault");
        let config = Config { faults: vec![fault], ..Config::default() };
        let settings = FuzzSettings { cases: Some(1000), most_findings: 1, ..FuzzSettings::default() };
        let records = run(&suites, &[case], config, settings, Duration::ZERO);
        let Some(finding) = records.iter().flat_map(|record| &record.findings).next() else {
            return Some(format!("{name}: {case} finds nothing"));
        };
        let count = operations_of(finding);
        (!(1..=2).contains(&count)).then(|| format!("{name}: {count} operations in {}", input_of(finding)))
    });
    assert!(unfit.is_empty(), "{unfit:#?}");
}

#[test]
fn a_correct_server_is_not_blamed() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let wrong = each(&[1, 2, 3], |seed| {
        let settings = FuzzSettings { cases: Some(60), ..FuzzSettings::default() };
        let cases = [USERS, GROUPS, OKTA, LAWS, "fuzz/patch-concurrent/additions-lose-nothing"];
        blamed(run_seeded(&suites, &cases, Config::default(), settings, Duration::ZERO, Seed(*seed)))
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_server_that_reads_the_rfcs_in_another_way_is_not_blamed() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let variants: Vec<Variant> = Variant::all().collect();
    let wrong = each(&variants, |variant| {
        let config = Config { variants: vec![*variant], ..Config::default() };
        let settings = FuzzSettings { cases: Some(6), ..FuzzSettings::default() };
        let blamed = blamed(run(&suites, &[USERS, GROUPS, OKTA, LAWS], config, settings, Settings::SETTLE));
        blamed.map(|told| format!("{variant}: {told}"))
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn blamed(records: Vec<CaseRecord>) -> Option<String> {
    let blamed = records.iter().find(|record| !matches!(record.outcome, Outcome::Pass | Outcome::Skip))?;
    let told = blamed.findings.iter().map(|finding| format!("{} {}", finding.message, input_of(finding)));
    Some(format!("{}: {}", blamed.id, told.collect::<Vec<_>>().join("; ")))
}

fn input_of(finding: &Finding) -> &str {
    finding.fuzz.as_ref().map_or("", |fuzz| fuzz.input.as_str())
}

fn operations_of(finding: &Finding) -> usize {
    let input: Value = serde_json::from_str(input_of(finding)).unwrap_or_default();
    input["Operations"].as_array().map_or(0, Vec::len)
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

fn run(suites: &Suites, cases: &[&str], config: Config, fuzz: FuzzSettings, settle: Duration) -> Vec<CaseRecord> {
    run_seeded(suites, cases, config, fuzz, settle, Seed(1))
}

fn run_seeded(
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
