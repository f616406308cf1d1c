//! Runs of the engine against specimens, for the tests beside this folder.

use rehearsal::Seed;
use rehearsal::journal::Journal;
use rehearsal::run::{Line, Run, Settings};
use rehearsal::select::select;
use rehearsal::suites::Suites;
use scim_record::{CaseRecord, Event, Gate, Redactor, Summary};
use scim_specimen::{Auth, Config, Fault, Running};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Secret, Target, Transport};
use tokio::sync::watch;

/// Runs these cases against a fresh specimen with these faults and returns the records, sorted, with the summary.
pub(crate) async fn run_on_specimen(
    suites: &Suites,
    selectors: &[&str],
    faults: &[Fault],
    gate: Gate,
    seed: Seed,
) -> (Vec<CaseRecord>, Summary) {
    let token = scim_specimen::generate_token();
    let config = Config { auth: Auth::Bearer(token.clone()), users: 3, faults: faults.to_vec(), ..Config::default() };
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
    let settings = Settings { gate, jobs: 8, seed, specimen: true };
    let run = Run { lines: &lines, journal: &journal, catalog: &suites.catalog, settings, interrupt };

    let selectors: Vec<String> = selectors.iter().map(|text| (*text).to_owned()).collect();
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
