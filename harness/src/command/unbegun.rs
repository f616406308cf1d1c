//! Reports on a run that could not be carried out, so that those of an earlier run in the same place are not taken for it.
//!
//! Each format tells of one case, `rehearsal/run/can-be-carried-out`, that ended in an error. What is asked for by the
//! last run (`--rerun last`) stays, because it is still the last.

use super::Failure;
use super::test::add_files;
use crate::cli::OutputArgs;
use crate::exit::Exit;
use crate::run::RunError;
use rehearsal_reports::Reports;
use scim_record::{Basis, CaseRecord, Counts, Event, Gate, Level, Location, Outcome, RunInfo, Summary};
use std::io::{self, Write};

/// When a run writes its reports where the safety guard lets nothing be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It reads what it may, and reports on that.
    Reported,
    /// It does not begin.
    Unreported,
}

/// Writes reports that say why there is nothing else to say, if a run ended in a failure before it wrote any.
pub(super) fn tell(
    ended: Result<Exit, Failure>,
    output: &OutputArgs,
    base_url: Option<&str>,
    refusal: Refusal,
) -> Result<Exit, Failure> {
    let Err(failure) = &ended else { return ended };
    let is_reported = match failure {
        // Then it had begun, and what was learnt is told.
        Failure::Reports(_) | Failure::Run(RunError::Journal(_)) => true,
        Failure::Refused(_) => refusal == Refusal::Reported,
        _ => false,
    };
    if !is_reported {
        let mut reports = Reports::default();
        add_files(&mut reports, output);
        events(failure, base_url).iter().for_each(|event| reports.event(event));
        for error in reports.finish() {
            // The failure itself decides how the program ends; where stderr is gone nobody can be told.
            let _ = writeln!(io::stderr(), "error: {}", rehearsal_reports::harmless(&error.to_string()));
        }
    }
    ended
}

fn events(failure: &Failure, base_url: Option<&str>) -> [Event; 3] {
    // What cannot be used as a base URL may hold a secret.
    let target = base_url.filter(|url| !url.contains(['@', '?', '#'])).unwrap_or_default();
    let info = RunInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: target.to_owned(),
        run: String::new(),
        seed: String::new(),
        gate: Gate::Okta,
        started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        asked: Vec::new(),
        cases: 1,
        specimen: false,
        tls_unverified: false,
        part: None,
    };
    let summary = Summary {
        counts: Counts { error: 1, ..Counts::default() },
        requests: 0,
        retries: 0,
        time_ms: 0,
        left_behind: Vec::new(),
        interrupted: false,
        exit: failure.exit().code(),
    };
    [Event::RunStarted(info), Event::CaseFinished(Box::new(case(failure))), Event::RunFinished(summary)]
}

fn case(failure: &Failure) -> CaseRecord {
    let place = Location { file: SUITE.to_owned(), line: 1, column: 1, width: 1, source: String::new() };
    CaseRecord {
        id: format!("{SUITE}/can-be-carried-out"),
        suite: SUITE.to_owned(),
        app: None,
        title: "the run can be carried out".to_owned(),
        rule: "A run reaches its target and has everything it needs.".to_owned(),
        refs: Vec::new(),
        level: Level::Okta,
        basis: Basis::Documented,
        disputed: None,
        consequence: None,
        mend: None,
        bugs: Vec::new(),
        outcome: Outcome::Error,
        reason: Some(format!("no case was judged: {failure}")),
        findings: Vec::new(),
        reading: None,
        notes: Vec::new(),
        fuzz: None,
        exchanges: Vec::new(),
        time_ms: 0,
        location: place,
    }
}

/// The suite that reports tell of the run itself in.
const SUITE: &str = "rehearsal/run";
