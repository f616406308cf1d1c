//! Runs of the engine against specimens, for the tests beside this folder.

use rehearsal::journal::Journal;
use rehearsal::run::{Line, Run, Settings};
use rehearsal::select::select;
use rehearsal::suites::Suites;
use rehearsal::{FuzzSettings, Seed};
use scim_record::{CaseRecord, Event, Gate, Redactor, Summary};
use scim_specimen::{Auth, Config, Running};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Secret, Target, Transport};
use std::time::Duration;
use tokio::sync::watch;

/// Runs these cases against a fresh specimen with this configuration, but for its credentials, its people and its
/// subject; returns the records, sorted, with the summary. With `ignore_requires` each case is judged by itself.
pub(crate) async fn run_on_config(
    suites: &Suites,
    selectors: &[&str],
    config: Config,
    gate: Gate,
    seed: Seed,
    ignore_requires: bool,
) -> (Vec<CaseRecord>, Summary) {
    let token = scim_specimen::generate_token();
    let me = Some(scim_specimen::user_name(0));
    let config = Config { auth: Auth::Bearer(token.clone()), users: 3, me, ..config };
    // A variant may lag behind its writes; without one the specimen never does.
    let settle = if config.variants.is_empty() { Duration::ZERO } else { Settings::SETTLE };
    // A few findings are enough to know that a case fails.
    let most_findings = if config.faults.is_empty() { FuzzSettings::default().most_findings } else { 3 };
    let fuzz = FuzzSettings { most_findings, ..FuzzSettings::default() };
    let specimen = Running::start(config).await.expect("a free port");
    let redactor = Redactor::new(Vec::new(), Some(seed.run_id()));
    let line = |version, url: &str| {
        let target = Target::parse(url).expect("the specimen's own URL");
        let credentials = Credentials::Bearer(Secret::new(token.clone()));
        let transport = Transport::new(target, credentials, Limits::default(), redactor.clone()).expect("a transport");
        Line { version, transport }
    };
    let lines = [line(ScimVersion::V2, &specimen.base_url), line(ScimVersion::V1_1, &specimen.base_url_v1)];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let journal = Journal::create(folder.path(), &seed.run_id(), &specimen.base_url).expect("a journal");
    let (_stop, interrupt) = watch::channel(false);
    let settings = Settings { jobs: 8, specimen: true, ignore_requires, settle, fuzz, ..Settings::new(gate, seed) };
    let run = Run { lines: &lines, journal: &journal, catalog: &suites.catalog, settings, interrupt };

    let mut selectors: Vec<String> = selectors.iter().map(|text| (*text).to_owned()).collect();
    if selectors.is_empty() {
        // No selector leaves out the suites that want to be named.
        let named = suites.plan.cases.iter().filter(|case| case.opt_in).map(|case| case.suite.clone());
        selectors.extend(std::iter::once("**".to_owned()).chain(named));
    }
    let trials =
        select(&suites.plan, &selectors, &[], &[ScimVersion::V2, ScimVersion::V1_1]).expect("the selectors match");
    let mut records = Vec::new();
    let summary = run
        .execute(&trials, &mut |event| {
            if let Event::CaseFinished(record) = event {
                records.push((**record).clone());
            }
        })
        .await
        .expect("a specimen lets itself be tested");
    records.sort_by(|a, b| (&a.id, &a.app).cmp(&(&b.id, &b.app)));
    (records, summary)
}
