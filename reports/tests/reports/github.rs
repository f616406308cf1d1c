//! What GitHub Actions gets: a summary within its bounds, a few annotations, outputs.

use crate::records;
use rehearsal_reports::{Annotations, Report, StepOutput, StepSummary};
use scim_record::{CaseRecord, Event};
use std::path::Path;

fn tell(mut report: impl Report, events: &[Event]) {
    events.iter().for_each(|event| report.event(event).expect("the report can be written"));
}

fn annotations(events: &[Event]) -> Vec<String> {
    let mut out = Vec::new();
    tell(Annotations::new(&mut out), events);
    String::from_utf8(out).expect("commands are UTF-8").lines().map(str::to_owned).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file was written")
}

fn failures(count: usize) -> Vec<Event> {
    let case = |number| records::carrying(&format!("many/cases/{number:04}"), &"x y ".repeat(300));
    records::run((0..count).map(case).collect::<Vec<CaseRecord>>(), |_| {}, |summary| summary.exit = 1)
}

#[test]
fn the_summary_is_appended_to_what_other_programs_wrote() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("summary.md");
    std::fs::write(&path, "of another program").expect("a file");
    tell(StepSummary::new(&path), &records::mixed());
    assert!(read(&path).starts_with("of another program\n\n## Rehearsal: FAILED\n"));
}

#[test]
fn the_summary_has_a_bound_and_leaves_room_for_what_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("summary.md");
    tell(StepSummary::new(&path), &failures(200));
    let alone = read(&path).len();
    assert!((200_000..=256 * 1024).contains(&alone), "{alone} bytes");
    for before in [1_000_000, 1_040_000, 1_048_500, 2_000_000] {
        std::fs::write(&path, "x".repeat(before)).expect("a file");
        tell(StepSummary::new(&path), &failures(50));
        assert!(read(&path).len() <= before.max(1024 * 1024), "{before} bytes before");
    }
    assert_eq!(read(&path).len(), 2_000_000, "what cannot be shown any more is left as it is");
}

#[test]
fn at_most_nine_annotations_and_one_that_counts_the_rest() {
    let told = annotations(&failures(30));
    assert_eq!(told.len(), 10);
    assert!(told.iter().all(|line| line.starts_with("::error title=")), "{told:#?}");
    assert!(told[9].contains("21 annotations more"), "{}", told[9]);
    assert_eq!(annotations(&failures(9)).len(), 9);
    assert_eq!(annotations(&records::clean()), [""; 0]);
}

#[test]
fn errors_come_before_warnings_and_skips_are_no_annotation() {
    let told = annotations(&records::mixed());
    let commands: Vec<&str> = told.iter().map(|line| line.split(' ').next().expect("a command")).collect();
    assert_eq!(commands, ["::error", "::error", "::error", "::error", "::warning", "::warning"], "{told:#?}");
    assert!(told[0].contains("title=okta/lifecycle/deactivate-is-stored (catalog)::"), "{}", told[0]);
}

#[test]
fn a_hostile_text_ends_no_annotation_and_begins_none() {
    for line in annotations(&records::hostile()) {
        assert!(line.starts_with("::error title="), "{line}");
        assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{line}");
    }
    assert_eq!(annotations(&records::hostile()).len(), 2, "what is left behind, and what failed");
}

#[test]
fn an_embedded_suite_is_no_file_of_the_repository() {
    assert!(annotations(&records::mixed()).iter().all(|line| !line.contains("file=")));
}

#[test]
fn outputs_are_words_and_numbers_of_our_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("output");
    std::fs::write(&path, "before=1\n").expect("a file");
    tell(StepOutput::new(&path), &records::hostile());
    let expected = "before=1\nverdict=failed\npassed=0\nfailed=1\nwarned=0\nskipped=1\nerrored=0\nexit=1\n";
    assert_eq!(read(&path), expected);
}
