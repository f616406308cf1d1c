//! What the reports look like, whole. `BLESS=1` rewrites the goldens; their diff is reviewed like code.

use crate::records;
use rehearsal_reports::{
    Har, Json, Junit, Markdown, Ndjson, Report, ReportError, Reports, Terminal, TerminalOptions, Verbosity,
};
use scim_record::{Event, Outcome, Part, RunInfo};
use snapbox::assert::{Action, Assert};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

pub(crate) fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name);
    let bless = std::env::var_os("BLESS").is_some();
    let assert = if bless { Assert::new().action(Action::Overwrite) } else { Assert::new().action_env("SNAPSHOTS") };
    let expected = snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw();
    assert.eq(snapbox::Data::text(actual.to_owned()).raw(), expected);
}

/// A stream that can still be read when the report is gone.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panics while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no test panics while writing").clone()).expect("reports are UTF-8")
    }
}

fn terminal(events: &[Event], options: TerminalOptions) -> String {
    let out = Shared::default();
    tell(Terminal::new(out.clone(), options), events);
    out.text()
}

fn tell(mut report: impl Report, events: &[Event]) {
    events.iter().for_each(|event| report.event(event).expect("the report can be written"));
}

/// Returns what a report wrote to its file.
pub(crate) fn written(events: &[Event], report: impl FnOnce(&Path) -> Box<dyn Report>) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("reports/report");
    let mut report = report(&path);
    events.iter().for_each(|event| report.event(event).expect("the report can be written"));
    std::fs::read_to_string(path).expect("the report was written")
}

fn junit(events: &[Event]) -> String {
    written(events, |path| Box::new(Junit::new(path)))
}

fn json(events: &[Event]) -> String {
    written(events, |path| Box::new(Json::new(path)))
}

pub(crate) fn runs() -> [(&'static str, Vec<Event>); 7] {
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

#[test]
fn the_terminal_report_of_every_run_is_golden() {
    for (name, events) in runs() {
        golden(&format!("{name}.txt"), &terminal(&events, TerminalOptions::default()));
    }
}

#[test]
fn the_junit_report_of_every_run_is_golden() {
    for (name, events) in runs() {
        golden(&format!("{name}.xml"), &junit(&events));
    }
}

#[test]
fn the_json_report_of_every_run_is_golden() {
    for (name, events) in runs() {
        golden(&format!("{name}.json"), &json(&events));
    }
}

#[test]
fn the_markdown_summary_of_every_run_is_golden() {
    for (name, events) in runs() {
        golden(&format!("{name}.md"), &written(&events, |path| Box::new(Markdown::new(path))));
    }
}

#[test]
fn the_archive_and_the_event_stream_are_golden() {
    for (name, events) in [("mixed", records::mixed()), ("hostile", records::hostile()), ("story", records::story())] {
        golden(&format!("{name}.har"), &written(&events, |path| Box::new(Har::new(path))));
        golden(&format!("{name}.ndjson"), &written(&events, |path| Box::new(Ndjson::new(path))));
    }
}

#[test]
fn quiet_says_the_verdict_alone() {
    let options = TerminalOptions { verbosity: Verbosity::Quiet, ..TerminalOptions::default() };
    golden("mixed-quiet.txt", &terminal(&records::mixed(), options));
}

#[test]
fn verbose_with_trace_shows_every_case_and_every_message_of_failures() {
    let options = TerminalOptions { verbosity: Verbosity::Verbose, trace: true, ..TerminalOptions::default() };
    golden("mixed-verbose-trace.txt", &terminal(&records::mixed(), options));
    golden("hostile-verbose-trace.txt", &terminal(&records::hostile(), options));
    golden("dialect-verbose.txt", &terminal(&records::dialect(), TerminalOptions { trace: false, ..options }));
}

/// Returns what a run of these cases that ended so says to do next.
fn next(ids: &[&str], outcome: Outcome, exit: u8, adjust: impl FnOnce(&mut RunInfo)) -> String {
    let cases = ids.iter().map(|id| records::case(id, outcome)).collect();
    let told = terminal(&records::run(cases, adjust, |summary| summary.exit = exit), TerminalOptions::default());
    told.lines().filter_map(|line| line.strip_prefix("  next   ")).collect::<Vec<_>>().join(" / ")
}

#[test]
fn the_first_failure_runs_alone_whatever_was_selected() {
    let asked =
        |words: &'static [&str]| move |info: &mut RunInfo| info.asked = words.iter().map(|it| (*it).into()).collect();
    let one = ["okta/users/one"];
    let begin = "the first failure alone: the same command with 'okta/users/one' ";
    for words in [&[][..], &["--app aiw"]] {
        assert_eq!(next(&one, Outcome::Fail, 1, asked(words)), format!("{begin}at its end"));
    }
    // Selectors are a union, so one more would choose no less.
    for words in [&["okta"][..], &["okta/users", "--app aiw"], &["all", "--cases 3"]] {
        assert_eq!(next(&one, Outcome::Fail, 1, asked(words)), format!("{begin}as its only selector"));
    }
    let part = Part { by: "slice".to_owned(), number: 2, of: 3, whole: String::new() };
    let told = next(&one, Outcome::Fail, 1, |info| info.part = Some(part));
    assert_eq!(told, format!("{begin}as its only selector, without --partition"));
}

#[test]
fn advice_fits_what_was_run() {
    assert!(next(&["okta/users/one"], Outcome::Pass, 0, |_| {}).contains("--gate rfc"));
    assert_eq!(next(&["hooks/receiver/one"], Outcome::Pass, 0, |_| {}), "");
    assert_eq!(
        next(&["okta/users/one"], Outcome::Skip, 4, |_| {}),
        "what there is to choose from: rehearsal test --list"
    );
    assert_eq!(next(&["fuzz/patch/one"], Outcome::Skip, 4, |_| {}), "");
    assert!(next(&["hooks/receiver/one"], Outcome::Skip, 4, |_| {}).ends_with("rehearsal okta hooks --list"));
    let mut story = records::story();
    if let Some(Event::RunFinished(summary)) = story.last_mut() {
        summary.exit = 0;
    }
    assert!(!terminal(&story, TerminalOptions::default()).contains("--gate"));
}

#[test]
fn a_page_is_named_beside_the_verdict_if_it_was_written() {
    let told = |exit| {
        let out = Shared::default();
        let page = Some("rehearsal-report/report.html".into());
        let report = Terminal::new(out.clone(), TerminalOptions::default()).naming(page);
        tell(report, &records::run(Vec::new(), |_| {}, |summary| summary.exit = exit));
        out.text()
    };
    assert!(told(0).contains("\n  page   rehearsal-report/report.html\n"), "{}", told(0));
    assert!(!told(74).contains("report.html"), "{}", told(74));
}

#[test]
fn colours_are_the_callers_choice() {
    let options = TerminalOptions { colour: true, ..TerminalOptions::default() };
    golden("mixed-colour.txt", &terminal(&records::mixed(), options));
}

#[test]
fn the_order_in_which_cases_end_changes_no_report() {
    let mut shuffled = records::mixed();
    let last = shuffled.len() - 1;
    shuffled[1..last].reverse();
    let options = TerminalOptions { verbosity: Verbosity::Verbose, ..TerminalOptions::default() };
    assert_eq!(terminal(&shuffled, options), terminal(&records::mixed(), options));
    assert_eq!(junit(&shuffled), junit(&records::mixed()));
    assert_eq!(json(&shuffled), json(&records::mixed()));
}

#[test]
fn a_report_that_fails_does_not_take_the_others_down() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("taken"), b"").expect("a file in the way");
    let (lost, kept) = (folder.path().join("taken/report.xml"), folder.path().join("report.json"));
    let mut reports = Reports::default();
    reports.add(Junit::new(&lost));
    reports.add(Json::new(&kept));
    records::clean().iter().for_each(|event| reports.event(event));
    let errors = reports.finish();
    assert!(matches!(&errors[..], [ReportError::File { path, .. }] if *path == lost), "{errors:?}");
    assert!(kept.exists());
}

#[test]
fn a_run_that_ends_before_it_starts_is_an_error() {
    let end = records::clean().pop().expect("a run has an end");
    let error = Json::new("never-written.json").event(&end).expect_err("nothing can be reported");
    assert!(matches!(error, ReportError::NeverStarted));
}
