//! Two runs side by side: what broke, what was mended, what fails in another way, what came and what went.
//!
//! A case is told by its id and app, a failure by its fingerprints. What a run of other settings found can be compared
//! too, and then says so first: a stricter gate makes failures that no server made.

mod show;

use crate::read::PastRun;
use scim_record::{CaseRecord, Outcome};
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of the cases of one run in another.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The version of this form.
    schema_version: u32,
    /// The earlier run.
    pub old: Side,
    /// The later run.
    pub new: Side,
    /// What makes the two runs less than comparable, a sentence each.
    pub notes: Vec<String>,
    /// Cases that fail or cannot run to their end, and did before.
    pub broke: Vec<Change>,
    /// Cases that pass, and had a finding or could not run to their end before.
    pub mended: Vec<Change>,
    /// Cases that fail, warn or are known to fail as before, with another finding.
    pub other_findings: Vec<Change>,
    /// Cases that ended otherwise in any other way, for example skipped.
    pub otherwise: Vec<Change>,
    /// Cases of the later run only.
    pub came: Vec<Change>,
    /// Cases of the earlier run only.
    pub went: Vec<Change>,
    /// Cases that take much longer or much less long.
    pub times: Vec<Change>,
    /// How many cases ended as before.
    pub same: usize,
}

/// One of two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The version of the program.
    pub version: String,
    /// The base URL of the target.
    pub target: String,
    /// When the run began.
    pub started: String,
    /// What turned it red.
    pub gate: String,
    /// How many cases it has.
    pub cases: usize,
    /// How it ended.
    pub exit: u8,
}

/// One case in both runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The case, with its app behind an `@` where it has one.
    pub case: String,
    /// How it ended in the earlier run.
    pub old: Option<Ending>,
    /// How it ended in the later run.
    pub new: Option<Ending>,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ending {
    /// How it ended.
    pub outcome: Outcome,
    /// The first thing that was wrong, or why it was not judged.
    pub reason: Option<String>,
    /// What tells its findings from others, in alphabetical order.
    pub fingerprints: Vec<String>,
    /// How long it took, in milliseconds.
    pub time_ms: u64,
}

/// Compares an earlier run with a later one.
pub fn compare(old: &PastRun, new: &PastRun) -> Comparison {
    let mut comparison = Comparison {
        schema_version: 1,
        old: side(old),
        new: side(new),
        notes: notes(old, new),
        broke: Vec::new(),
        mended: Vec::new(),
        other_findings: Vec::new(),
        otherwise: Vec::new(),
        came: Vec::new(),
        went: Vec::new(),
        times: Vec::new(),
        same: 0,
    };
    let mut both: BTreeMap<String, (Option<&CaseRecord>, Option<&CaseRecord>)> = BTreeMap::new();
    old.cases.iter().for_each(|case| both.entry(name(case)).or_default().0 = Some(case));
    new.cases.iter().for_each(|case| both.entry(name(case)).or_default().1 = Some(case));
    for (case, (old, new)) in both {
        comparison.add(Change { case, old: old.map(Ending::of), new: new.map(Ending::of) });
    }
    comparison
}

impl Comparison {
    /// Returns whether something broke.
    pub fn is_worse(&self) -> bool {
        !self.broke.is_empty()
    }

    fn add(&mut self, change: Change) {
        let (Some(old), Some(new)) = (&change.old, &change.new) else {
            let list = if change.old.is_none() { &mut self.came } else { &mut self.went };
            return list.push(change);
        };
        if is_large(old.time_ms, new.time_ms) {
            self.times.push(change.clone());
        }
        let list = match (old.outcome, new.outcome) {
            (before, now) if is_broken(now) && !is_broken(before) => &mut self.broke,
            (before, now) if is_whole(now) && has_trouble(before) => &mut self.mended,
            (before, now) if before != now => &mut self.otherwise,
            _ if old.fingerprints != new.fingerprints => &mut self.other_findings,
            _ => {
                self.same += 1;
                return;
            }
        };
        list.push(change);
    }
}

fn is_broken(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Fail | Outcome::Error)
}

/// A case that passes although it is listed as failing has been mended; the list has not.
fn is_whole(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Pass | Outcome::Fixed)
}

fn has_trouble(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Fail | Outcome::Error | Outcome::Warn | Outcome::Known)
}

/// Machines differ and have other things to do, so only what is both long and several times as long is told.
fn is_large(old_ms: u64, new_ms: u64) -> bool {
    let (short, long) = (old_ms.min(new_ms), old_ms.max(new_ms));
    long - short >= 1_000 && long >= short.saturating_mul(3)
}

impl Ending {
    fn of(case: &CaseRecord) -> Ending {
        let mut fingerprints: Vec<String> = case.findings.iter().map(|finding| finding.fingerprint.clone()).collect();
        fingerprints.sort();
        fingerprints.dedup();
        let worst = case.findings.iter().min_by_key(|finding| finding.verdict != scim_record::Verdict::Fail);
        let reason = match worst {
            Some(finding) => Some(finding.message.clone()),
            None => case.reason.clone(),
        };
        Ending { outcome: case.outcome, reason, fingerprints, time_ms: case.time_ms }
    }
}

fn name(case: &CaseRecord) -> String {
    match &case.app {
        Some(app) => format!("{}@{app}", case.id),
        None => case.id.clone(),
    }
}

fn side(run: &PastRun) -> Side {
    Side {
        version: run.info.version.clone(),
        target: run.info.target.clone(),
        started: run.info.started.clone(),
        gate: run.info.gate.to_string(),
        cases: run.cases.len(),
        exit: run.summary.exit,
    }
}

fn notes(old: &PastRun, new: &PastRun) -> Vec<String> {
    let (before, now) = (&old.info, &new.info);
    let mut notes = Vec::new();
    let mut differ = |what: &str, before: &str, now: &str| {
        if before != now {
            notes.push(format!("the {what} differs: {before}, then {now}"));
        }
    };
    // The specimen has another port each time.
    if !(before.specimen && now.specimen) {
        differ("target", &before.target, &now.target);
    }
    differ("gate", before.gate.name(), now.gate.name());
    differ("version of the program", &before.version, &now.version);
    for (which, run) in [("earlier", old), ("later", new)] {
        if run.summary.interrupted {
            notes.push(format!("the {which} run was interrupted, so it has not every case"));
        }
        if let Some(part) = &run.info.part {
            notes.push(format!(
                "the {which} run is part {} of {}; `rehearsal merge` puts parts together",
                part.number, part.of
            ));
        }
    }
    notes
}
