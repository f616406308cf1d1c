//! One case as a `testcase`, in plain text.

use crate::diagnostic::{self, View};
use crate::line::{self, Line};
use crate::recording::Run;
use crate::text::{clip, clip_bytes, counted, inert, visible};
use crate::transcript::{self, Bounds};
use scim_record::{CaseRecord, Finding, Location, Outcome, Verdict};

/// A `testcase`.
#[derive(Debug, Clone, Default)]
pub(super) struct Test {
    pub(super) classname: String,
    pub(super) name: String,
    pub(super) place: Option<(String, usize)>,
    pub(super) time_ms: u64,
    pub(super) properties: Vec<(&'static str, String)>,
    pub(super) end: End,
    /// What was sent and answered, what was noticed.
    pub(super) out: String,
}

/// How it ended, for a reader that knows no more.
#[derive(Debug, Clone, Default)]
pub(super) enum End {
    #[default]
    Passed,
    Skipped {
        message: String,
    },
    Failure {
        kind: &'static str,
        message: String,
        body: String,
    },
    Error {
        message: String,
        body: String,
    },
}

impl Test {
    pub(super) fn of(case: &CaseRecord, base: &str) -> Test {
        Test {
            classname: attribute(&dotted(&case.suite)),
            name: attribute(&name(case)),
            place: Some(place(case)),
            time_ms: case.time_ms,
            properties: properties(case),
            end: end(case, base),
            out: out(case, base),
        }
    }

    /// Returns how much of the file the evidence takes, in bytes.
    pub(super) fn evidence(&self) -> usize {
        let body = match &self.end {
            End::Passed | End::Skipped { .. } => 0,
            End::Failure { body, .. } | End::Error { body, .. } => body.len(),
        };
        body + self.out.len()
    }

    /// Keeps the message alone.
    pub(super) fn leave_evidence_out(&mut self) {
        self.out = String::new();
        if let End::Failure { message, body, .. } | End::Error { message, body } = &mut self.end {
            *body = format!("{message}\n\nThe evidence is left out: the file would be larger than CI systems read.\n");
        }
    }
}

/// `rfc7644/users-create` as `rfc7644.users-create`.
fn dotted(suite: &str) -> String {
    suite.replace('/', ".")
}

fn name(case: &CaseRecord) -> String {
    let id = case.id.strip_prefix(&case.suite).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&case.id);
    match &case.app {
        Some(app) => format!("{id} ({app})"),
        None => id.to_owned(),
    }
}

/// Returns where the first expectation that failed is written, or else the case.
fn place(case: &CaseRecord) -> (String, usize) {
    let failed = failures(case).chain(&case.findings).find_map(|finding| finding.location.as_ref());
    let Location { file, line, .. } = failed.unwrap_or(&case.location);
    (attribute(&diagnostic::file(file)), *line)
}

fn properties(case: &CaseRecord) -> Vec<(&'static str, String)> {
    let mut properties = vec![
        ("id", case.id.clone()),
        ("title", case.title.clone()),
        ("outcome", case.outcome.name().to_owned()),
        ("level", case.level.to_string()),
        ("basis", case.basis.to_string()),
    ];
    properties.extend(case.app.iter().map(|app| ("app", app.clone())));
    properties.extend(case.refs.iter().map(|reference| ("reference", reference.id.clone())));
    properties.into_iter().map(|(name, value)| (name, attribute(&value))).collect()
}

fn end(case: &CaseRecord, base: &str) -> End {
    let message = attribute(&message(case, base));
    let body = || format!("{message}\n\n{}", clip_bytes(&shown(case, base), BODY));
    match case.outcome {
        Outcome::Pass | Outcome::Warn => End::Passed,
        Outcome::Fail => End::Failure { kind: level(case), body: body(), message },
        Outcome::Fixed => End::Failure { kind: "unexpected-pass", body: body(), message },
        Outcome::Error => End::Error { body: body(), message },
        // Readers show a skipped case's message only, so it has no body.
        Outcome::Skip | Outcome::Known => End::Skipped { message },
    }
}

/// Shows the case as the terminal does, in plain text.
fn shown(case: &CaseRecord, base: &str) -> String {
    line::render(&diagnostic::case(case, View { base, width: 100, sources: true, hint: false }), false)
}

/// Returns the level of what failed, the most binding first.
fn level(case: &CaseRecord) -> &'static str {
    failures(case).map(|finding| finding.level).min().unwrap_or(case.level).name()
}

fn failures(case: &CaseRecord) -> impl Iterator<Item = &Finding> {
    case.findings.iter().filter(|finding| finding.verdict == Verdict::Fail)
}

/// Says in one line why the case ended as it did.
pub(crate) fn message(case: &CaseRecord, base: &str) -> String {
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

/// What stands beside the verdict: the server's dialect, notes, the findings of a warning, the messages of a failure.
fn out(case: &CaseRecord, base: &str) -> String {
    let told = match case.outcome {
        Outcome::Warn => shown(case, base),
        Outcome::Pass | Outcome::Skip | Outcome::Known => String::new(),
        Outcome::Fail | Outcome::Error | Outcome::Fixed => line::render(&transcript(case), false),
    };
    clip_bytes(&[besides(case), told].concat(), OUT).into_owned()
}

fn besides(case: &CaseRecord) -> String {
    let reading = case.reading.iter().map(|reading| format!("dialect: {}: {}", reading.name, reading.meaning));
    let notes = case.notes.iter().map(|note| format!("note: {note}"));
    let lines: Vec<Line> = reading.chain(notes).map(|text| Line::plain(&clip(&text, MESSAGE))).collect();
    line::render(&lines, false)
}

fn transcript(case: &CaseRecord) -> Vec<Line> {
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
pub(super) fn troubles(run: &Run) -> Vec<Test> {
    let mut troubles = Vec::new();
    if run.summary.interrupted {
        let (ran, chosen) = (run.summary.counts.total(), counted(run.info.cases, "case"));
        troubles.push(trouble("every-case-ran", &format!("interrupted: {ran} of {chosen} ran"), ""));
    }
    let left = &run.summary.left_behind;
    if !left.is_empty() {
        let message = format!("{} could not be removed from the target", counted(left.len(), "object"));
        let lines: Vec<Line> = left
            .iter()
            .map(|object| Line::plain(&clip(&format!("{}  {}", object.path, object.reason), MESSAGE)))
            .collect();
        troubles.push(trouble("nothing-is-left-behind", &message, &line::render(&lines, false)));
    }
    troubles
}

fn trouble(name: &str, message: &str, details: &str) -> Test {
    let body = format!("{message}\n{}", clip_bytes(details, BODY));
    let end = End::Error { message: message.to_owned(), body };
    Test { classname: dotted(RUN), name: name.to_owned(), end, ..Test::default() }
}

/// The suite that tells of the run itself.
pub(super) const RUN: &str = "rehearsal/run";
const MESSAGE: usize = 500;
/// Bytes that CI systems keep comfortably, of a failure's text and of a case's output.
const BODY: usize = 8_000;
const OUT: usize = 8_000;
