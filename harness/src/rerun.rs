//! Runs again what failed: chooses cases by an earlier report, and keeps the report of the last run for that.
//!
//! Kept is one report for each target, without exchanges, beside the journals. A run that was interrupted is not kept:
//! what it did not reach would look as if it had passed.

use crate::names::Seed;
use crate::schedule;
use crate::select::Trial;
use rehearsal_reports::{Json, PastRun, ReadError, Report, ReportError};
use scim_record::{CaseRecord, Event, Outcome};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fmt, fs, io};
use thiserror::Error;

/// Which report says what failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rerun {
    /// That of the last run against the same target.
    Last,
    /// The one in this file.
    Report(PathBuf),
}

impl fmt::Display for Rerun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rerun::Last => f.write_str("last"),
            Rerun::Report(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Why nothing can be run again.
#[derive(Debug, Error)]
pub enum RerunError {
    /// There is no report of an earlier run against this target.
    #[error("no run against {target} is kept in {}; --rerun FILE.json takes the report of another", folder.display())]
    NoLast {
        /// The target.
        target: String,
        /// Where reports are kept.
        folder: PathBuf,
    },
    /// The report cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The report is about another target.
    #[error("{} is about {found}, not about {target}", path.display())]
    Target {
        /// The report.
        path: PathBuf,
        /// What it is about.
        found: String,
        /// What is to be tested.
        target: String,
    },
    /// Nothing failed, as far as it was selected.
    #[error("nothing to run again: none of the selected cases failed in {}", path.display())]
    Nothing {
        /// The report.
        path: PathBuf,
    },
}

/// The name of a target in messages and files: the specimen has another port each time.
pub(crate) fn name(base_url: &str, specimen: bool) -> String {
    if specimen { "the embedded specimen".to_owned() } else { base_url.to_owned() }
}

impl Rerun {
    /// Returns those of the trials that failed in the report, those that were skipped because of them, and what they
    /// require, as far as it ran then.
    ///
    /// # Errors
    /// If there is no such report, it is about another target, or nothing failed in it.
    pub fn choose<'plan>(
        &self,
        trials: &[Trial<'plan>],
        target: &str,
        folder: &Path,
    ) -> Result<Vec<Trial<'plan>>, RerunError> {
        let path = match self {
            Rerun::Report(path) => path.clone(),
            Rerun::Last => kept(folder, target),
        };
        let past = match rehearsal_reports::read(&path) {
            Err(ReadError::File { source, .. }) if *self == Rerun::Last && source.kind() == io::ErrorKind::NotFound => {
                return Err(RerunError::NoLast { target: target.to_owned(), folder: folder.to_owned() });
            }
            past => past?,
        };
        let found = name(&past.info.target, past.info.specimen);
        if found != target {
            return Err(RerunError::Target { path, found, target: target.to_owned() });
        }
        let chosen = failed(trials, &past);
        if chosen.is_empty() { Err(RerunError::Nothing { path }) } else { Ok(chosen) }
    }
}

fn failed<'plan>(trials: &[Trial<'plan>], past: &PastRun) -> Vec<Trial<'plan>> {
    let outcomes: HashMap<(&str, Option<&str>), Outcome> =
        past.cases.iter().map(|case| ((case.id.as_str(), case.app.as_deref()), case.outcome)).collect();
    // What did not run then stood in nobody's way.
    let ran = trials.iter().filter_map(|trial| {
        let app = trial.app.map(|app| app.to_string());
        Some((*trial, *outcomes.get(&(trial.case.id.as_str(), app.as_deref()))?))
    });
    let (ran, outcomes): (Vec<Trial<'plan>>, Vec<Outcome>) = ran.unzip();
    let is_red = |outcome: &Outcome| matches!(outcome, Outcome::Fail | Outcome::Error | Outcome::Fixed);
    let red: Vec<bool> = outcomes.iter().map(is_red).collect();
    if !red.contains(&true) {
        return Vec::new();
    }
    let waits = schedule::dependents(&ran, &red);
    let is_wanted = |index: usize| red[index] || (waits[index] && outcomes[index] == Outcome::Skip);
    let wanted: Vec<bool> = (0..ran.len()).map(is_wanted).collect();
    let runs = schedule::with_required(&ran, &wanted);
    ran.into_iter().zip(runs).filter(|(_, runs)| *runs).map(|(trial, _)| trial).collect()
}

/// Where the report of the last run against a target is kept.
fn kept(folder: &Path, target: &str) -> PathBuf {
    folder.join(format!("{PREFIX}{:016x}.json", Seed(0).derive(target)))
}

/// The report that is kept of a run for the next.
#[derive(Debug)]
pub struct Last {
    report: Json,
    folder: PathBuf,
}

impl Last {
    /// Keeps the report of a run against a target in this folder, in the place of the one before.
    pub(crate) fn new(folder: &Path, target: &str) -> Last {
        Last { report: Json::new(kept(folder, target)), folder: folder.to_owned() }
    }
}

impl Report for Last {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        match event {
            Event::CaseFinished(record) => self.report.event(&Event::CaseFinished(Box::new(in_short(record)))),
            Event::RunExchanges(_) => Ok(()),
            Event::RunFinished(summary) if summary.interrupted => Ok(()),
            Event::RunFinished(_) => {
                self.report.event(event)?;
                make_room(&self.folder);
                Ok(())
            }
            _ => self.report.event(event),
        }
    }
}

/// Returns what a rerun needs of a case, and no more of what a server said than a sentence.
fn in_short(record: &CaseRecord) -> CaseRecord {
    let findings = record.findings.iter().map(|finding| scim_record::Finding {
        expected: None,
        actual: None,
        exchange: None,
        curl: None,
        ..finding.clone()
    });
    CaseRecord {
        findings: findings.collect(),
        exchanges: Vec::new(),
        refs: Vec::new(),
        bugs: Vec::new(),
        consequence: None,
        mend: None,
        ..record.clone()
    }
}

/// Removes the oldest reports beyond the bound; one that cannot be removed costs a little room and nothing else.
fn make_room(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut reports: Vec<(SystemTime, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with(PREFIX) && name.ends_with(".json")
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    reports.sort();
    let beyond = reports.len().saturating_sub(MOST);
    for (_, path) in &reports[..beyond] {
        let _ = fs::remove_file(path);
    }
}

const PREFIX: &str = "last-";
/// For how many targets a report is kept.
const MOST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_reports_are_kept_than_the_bound_says() {
        let folder = tempfile::tempdir().expect("a folder");
        for number in 0..MOST + 3 {
            let path = kept(folder.path(), &format!("http://127.0.0.1:{number}/scim"));
            fs::write(&path, "{}").expect("a file");
            let age = std::time::Duration::from_secs(1_000 - number as u64);
            let file = fs::File::options().write(true).open(&path).expect("the file");
            file.set_modified(SystemTime::now() - age).expect("a time");
        }
        fs::write(folder.path().join("report.json"), "{}").expect("a file");
        make_room(folder.path());
        let left = fs::read_dir(folder.path()).expect("the folder").count();
        assert_eq!(left, MOST + 1);
        assert!(!kept(folder.path(), "http://127.0.0.1:2/scim").exists());
        assert!(kept(folder.path(), "http://127.0.0.1:3/scim").exists());
    }
}
