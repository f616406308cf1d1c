//! A JSON report that is read and told again is the same report.

use crate::records;
use rehearsal_reports::{Json, PastRun, Report, read};
use scim_record::Event;
use std::fs;
use std::path::Path;

/// The runs, by name.
fn runs() -> [(&'static str, Vec<Event>); 7] {
    [
        ("clean", records::clean()),
        ("mixed", records::mixed()),
        ("hostile", records::hostile()),
        ("interrupted", records::interrupted()),
        ("unreachable", records::unreachable()),
        ("all-skipped", records::all_skipped()),
        ("dialect", records::dialect()),
    ]
}

/// Writes a run's report and returns its text.
fn written(path: &Path, events: &[Event]) -> String {
    let mut report = Json::new(path);
    events.iter().for_each(|event| report.event(event).expect("the report is written"));
    fs::read_to_string(path).expect("the report is there")
}

fn told(run: PastRun) -> Vec<Event> {
    let PastRun { info, cases, summary } = run;
    let cases = cases.into_iter().map(|case| Event::CaseFinished(Box::new(case)));
    std::iter::once(Event::RunStarted(info)).chain(cases).chain([Event::RunFinished(summary)]).collect()
}

#[test]
fn a_report_that_is_read_and_written_again_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, events) in runs() {
        let path = folder.path().join(format!("{name}.json"));
        let first = written(&path, &events);
        let run = read(&path).unwrap_or_else(|error| panic!("{error}"));
        let second = written(&folder.path().join("again.json"), &told(run));
        assert!(first == second, "{name} differs");
    }
}

#[test]
fn members_nobody_knows_are_passed_over_and_missing_ones_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.json");
    let text = written(&path, &records::mixed());
    let more =
        text.replacen('{', "{ \"colour\": { \"of\": [\"the sky\"] },", 1).replace("\"id\": ", "\"ids\": 1, \"id\": ");
    fs::write(&path, more).expect("a file");
    assert!(read(&path).is_ok());
    fs::write(&path, text.replace("\"fingerprint\"", "\"finger\"").replace("\"chosen\"", "\"chose\"")).expect("a file");
    let error = read(&path).expect_err("something is missing").to_string();
    assert!(error.contains("report.json:") && error.contains("missing field `chosen`"), "{error}");
}
