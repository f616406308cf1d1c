//! The report for CI: JUnit XML in the dialect that Jenkins, GitLab, Azure Pipelines and the GitHub actions all read.
//!
//! One flat `testsuite` per suite, `classname` the suite's id, `name` the case's (with the app, where there is one), at
//! most one `failure` or `error` or `skipped` per case, its message repeated in the body for readers that show only
//! that. Cases that warn are bare, because a JUnit reader knows no warning; their findings stand in `system-out`, and so
//! does the dialect that a case found out.
//! `hostname` is the constant `localhost`, the start of the run is the suites' `timestamp`. There are no `properties`
//! and no `line`: `junit-report` does not write them, and the suite's file is named in the body.

mod xml;

use crate::diagnostic::{self, View};
use crate::line::{self, Line};
use crate::recording::{Recording, Run};
use crate::text::{clip, counted, inert, visible};
use crate::transcript::{self, Bounds};
use crate::{Report, ReportError, file};
use junit_report::{Duration, OffsetDateTime, ReportBuilder, TestCase, TestResult, TestSuite};
use scim_record::{CaseRecord, Event, Finding, Outcome, Verdict};
use std::path::PathBuf;
use xml::{Counters, xml_text};

/// The JUnit report, written to a file.
#[derive(Debug)]
pub struct Junit {
    path: PathBuf,
    recording: Recording,
}

impl Junit {
    /// Reports to the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Junit { path: path.into(), recording: Recording::of_troubles() }
    }
}

impl Report for Junit {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        match self.recording.event(event)? {
            Some(run) => file::write(&self.path, &document(&run)),
            None => Ok(()),
        }
    }
}

fn document(run: &Run) -> Vec<u8> {
    let suites = suites(run);
    let counters: Vec<Counters> = suites.iter().map(counters).collect();
    let mut xml = Vec::new();
    let report = ReportBuilder::new().add_testsuites(suites).build();
    report.write_xml(&mut xml).expect("writing to memory does not fail");
    xml::completed(&xml, &counters, seconds(run.summary.time_ms).as_seconds_f64())
}

fn counters(suite: &TestSuite) -> Counters {
    Counters { tests: suite.tests(), failures: suite.failures(), errors: suite.errors(), skipped: suite.skipped() }
}

/// One suite per suite file, and one about the run itself where it did not go as runs should.
fn suites(run: &Run) -> Vec<TestSuite> {
    let started = started(run);
    let by_suite = run.cases.chunk_by(|a, b| a.suite == b.suite);
    let mut suites: Vec<TestSuite> = by_suite
        .map(|cases| {
            suite(&cases[0].suite, started, cases.iter().map(|case| test_case(case, &run.info.target)).collect())
        })
        .collect();
    let troubles = troubles(run);
    if !troubles.is_empty() {
        suites.push(suite(RUN, started, troubles));
    }
    suites
}

fn suite(name: &str, started: OffsetDateTime, cases: Vec<TestCase>) -> TestSuite {
    let mut suite = TestSuite::new(&xml_text(&visible(name)));
    suite.set_timestamp(started);
    suite.add_testcases(cases);
    suite
}

/// Returns when the run began; the epoch, which nobody takes for a date, if the record does not say.
fn started(run: &Run) -> OffsetDateTime {
    let seconds = run.info.started.parse().map_or(0, jiff::Timestamp::as_second);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn seconds(ms: u64) -> Duration {
    Duration::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX))
}

fn test_case(case: &CaseRecord, base: &str) -> TestCase {
    let mut test = TestCase::success(&xml_text(&attribute(&name(case))), seconds(case.time_ms));
    test.set_classname(&xml_text(&visible(&case.suite)));
    test.result = result(case, base);
    let told = [besides(case), if case.outcome == Outcome::Warn { body(case, base) } else { String::new() }].concat();
    if !told.is_empty() {
        test.set_system_out(&xml_text(&told));
    }
    test
}

/// Says how the service provider reads the standard, where the case was to find that out, and what was noticed.
fn besides(case: &CaseRecord) -> String {
    let reading = case.reading.iter().map(|reading| format!("dialect: {}: {}\n", reading.name, reading.meaning));
    let notes = case.notes.iter().map(|note| format!("note: {note}\n"));
    inert(&visible_lines(&reading.chain(notes).collect::<String>())).into_owned()
}

/// Makes each line of a text harmless by itself.
fn visible_lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", visible(&clip(line, MESSAGE)))).collect()
}

fn name(case: &CaseRecord) -> String {
    let id = case.id.strip_prefix(&case.suite).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&case.id);
    match &case.app {
        Some(app) => format!("{id} ({app})"),
        None => id.to_owned(),
    }
}

fn result(case: &CaseRecord, base: &str) -> TestResult {
    let message = xml_text(&attribute(&message(case, base)));
    let cause = || Some(xml_text(&format!("{}\n\n{}", inert(&visible(&self::message(case, base))), body(case, base))));
    match case.outcome {
        Outcome::Pass | Outcome::Warn => TestResult::Success,
        Outcome::Fail => TestResult::Failure { type_: level(case).to_owned(), message, cause: cause() },
        Outcome::Fixed => TestResult::Failure { type_: "unexpected-pass".to_owned(), message, cause: cause() },
        Outcome::Error => TestResult::Error { type_: "error".to_owned(), message, cause: cause() },
        // Readers show a skipped case's message only, so it has no body.
        Outcome::Skip | Outcome::Known => {
            TestResult::SkippedWithCause { type_: case.outcome.name().to_owned(), message, cause: None }
        }
    }
}

/// Returns the level of what failed, the most binding first.
fn level(case: &CaseRecord) -> &'static str {
    failures(case).map(|finding| finding.level).min().unwrap_or(case.level).name()
}

fn failures(case: &CaseRecord) -> impl Iterator<Item = &Finding> {
    case.findings.iter().filter(|finding| finding.verdict == Verdict::Fail)
}

/// Says in one line why the case ended as it did.
fn message(case: &CaseRecord, base: &str) -> String {
    let reason = clip(case.reason.as_deref().unwrap_or("no reason was given"), MESSAGE);
    match case.outcome {
        Outcome::Fail => first_failure(case, base),
        Outcome::Known => format!("known to fail: {reason}"),
        Outcome::Fixed => format!("passed although it is listed as known to fail: {reason}"),
        _ => reason.into_owned(),
    }
}

fn first_failure(case: &CaseRecord, base: &str) -> String {
    let Some(first) = failures(case).next() else {
        return case.reason.clone().unwrap_or_else(|| case.rule.clone());
    };
    let more = match failures(case).count() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    diagnostic::sentence(case, first, base) + &more
}

/// Shows the case as the terminal does, and the messages that failed it, in plain text.
fn body(case: &CaseRecord, base: &str) -> String {
    let view = View { base, width: 100, sources: true, hint: false };
    let transcript = line::render(&transcript(case), false);
    let shown = line::render(&diagnostic::case(case, view), false);
    if transcript.is_empty() { shown } else { format!("{shown}\n{}\n", clip(transcript.trim_end(), TRANSCRIPT)) }
}

fn transcript(case: &CaseRecord) -> Vec<Line> {
    if case.outcome == Outcome::Warn {
        return Vec::new();
    }
    let mut exchanges: Vec<usize> = failures(case).filter_map(|finding| finding.exchange).collect();
    exchanges.dedup();
    let shown = exchanges.iter().filter_map(|exchange| case.exchanges.get(*exchange));
    shown.flat_map(|exchange| transcript::in_full(exchange, Bounds::EVIDENCE)).collect()
}

/// An attribute is one line, and some readers print it into a log.
fn attribute(text: &str) -> String {
    inert(&visible(&clip(text, MESSAGE))).into_owned()
}

/// What went wrong with the run itself: a report full of passed cases would look like a verdict.
fn troubles(run: &Run) -> Vec<TestCase> {
    let mut troubles = Vec::new();
    if run.summary.interrupted {
        let (ran, chosen) = (run.summary.counts.total(), counted(run.info.cases, "case"));
        troubles.push(trouble("every-case-ran", &format!("interrupted: {ran} of {chosen} ran"), ""));
    }
    let left = &run.summary.left_behind;
    if !left.is_empty() {
        let message = format!("{} could not be removed from the target", counted(left.len(), "object"));
        let lines =
            left.iter().map(|object| Line::plain(&clip(&format!("{}  {}", object.path, object.reason), MESSAGE)));
        troubles.push(trouble("nothing-is-left-behind", &message, &line::render(&lines.collect::<Vec<_>>(), false)));
    }
    troubles
}

fn trouble(name: &str, message: &str, details: &str) -> TestCase {
    let mut test = TestCase::error(name, Duration::ZERO, "error", &xml_text(message));
    test.set_classname(RUN);
    if let TestResult::Error { cause, .. } = &mut test.result {
        *cause = Some(xml_text(&format!("{message}\n{details}")));
    }
    test
}

/// The suite that tells of the run itself.
const RUN: &str = "rehearsal/run";
const MESSAGE: usize = 500;
/// Half of the 8 kB that CI systems keep comfortably, the other half is the diagnostic's.
const TRANSCRIPT: usize = 6_000;
