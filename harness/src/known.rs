//! Known failures: a list of what a service provider is known to get wrong, by case and by finding, each with a reason.
//!
//! A case that fails exactly as listed is told and not red. Any other failure of the same case is red, so is one whose
//! entry has expired, and so is a case that passes although it is listed, until it is taken off the list. An entry that
//! names no case at all is a mistake in the list.

mod read;
mod write;

pub use read::{KnownError, Mistake};
pub use write::{AddError, Additions};

use crate::gate::{self, Kind};
use crate::select::{Selector, Trial};
use jiff::civil::Date;
use scim_record::{CaseRecord, Finding, Gate, Outcome, Verdict};

/// A list of known failures; without entries every failure is news.
#[derive(Debug, Clone, Default)]
pub struct KnownList {
    path: String,
    entries: Vec<Entry>,
    /// The day of the run, which decides what has expired.
    today: Date,
}

/// One entry of the list.
#[derive(Debug, Clone)]
struct Entry {
    cases: Selector,
    /// The fingerprints of the findings.
    findings: Vec<String>,
    reason: String,
    owner: Option<String>,
    /// The last day on which it holds.
    expires: Option<Date>,
    /// Where it begins in the file, counted from 1.
    line: usize,
}

impl KnownList {
    /// Returns whether the list names this finding of a case, be the entry expired or not.
    pub(crate) fn lists(&self, case: &str, app: Option<&str>, fingerprint: &str) -> bool {
        self.entries.iter().any(|entry| entry.cases.names(case, app) && entry.has(fingerprint))
    }

    /// Says of a trial that has ended what the list makes of it.
    ///
    /// What could not be judged stays as it is: it neither fails as known nor passes.
    pub(crate) fn judge(&self, trial: &Trial<'_>, gate: Gate, record: &mut CaseRecord) {
        let entries: Vec<&Entry> = self.entries.iter().filter(|entry| entry.cases.matches(trial)).collect();
        let Some(first) = entries.first() else { return };
        match record.outcome {
            // Under a gate that does not mention such findings, that there is none says nothing.
            Outcome::Pass if is_mentioned(record, gate) => {
                record.outcome = Outcome::Fixed;
                record.reason = Some(format!("{}; {}", first.told(), self.place(first)));
            }
            Outcome::Fail | Outcome::Warn => self.judge_findings(&entries, record),
            Outcome::Pass | Outcome::Skip | Outcome::Error | Outcome::Known | Outcome::Fixed => {}
        }
    }

    fn judge_findings(&self, entries: &[&Entry], record: &mut CaseRecord) {
        let (expired, holding): (Vec<&Entry>, Vec<&Entry>) =
            entries.iter().copied().partition(|entry| entry.is_expired(self.today));
        let counts = |finding: &&Finding| finding.verdict == Verdict::Fail || record.outcome == Outcome::Warn;
        let judged: Vec<&Finding> = record.findings.iter().filter(counts).collect();
        let listed_by = |entries: &[&Entry], finding: &Finding| {
            entries.iter().copied().find(|entry| entry.has(&finding.fingerprint)).cloned()
        };
        if judged.iter().all(|finding| listed_by(&holding, finding).is_some()) {
            let mut reasons: Vec<String> = Vec::new();
            for entry in judged.iter().filter_map(|finding| listed_by(&holding, finding)) {
                let told = entry.told();
                if !reasons.contains(&told) {
                    reasons.push(told);
                }
            }
            let gone = self.gone(&holding, record);
            record.outcome = Outcome::Known;
            record.reason = Some(reasons.join("; "));
            record.notes.extend(gone);
            return;
        }
        if record.outcome != Outcome::Fail {
            return;
        }
        let mut notes = Vec::new();
        for finding in judged {
            let print = &finding.fingerprint;
            let past = listed_by(&expired, finding);
            if let Some((entry, day)) = past.as_ref().and_then(|entry| Some((entry, entry.expires?))) {
                record.reason = Some(format!(
                    "it was known to fail until {day}, which is past: {}; {}",
                    entry.reason,
                    self.place(entry)
                ));
            } else if listed_by(&holding, finding).is_none() && !holding.is_empty() {
                notes.push(format!("finding {print} is another than those listed; {}", self.place(holding[0])));
            }
        }
        record.notes.extend(notes);
    }

    /// Returns a sentence for each finding that is listed and did not show.
    fn gone(&self, entries: &[&Entry], record: &CaseRecord) -> Vec<String> {
        let shows = |print: &str| record.findings.iter().any(|finding| finding.fingerprint == print);
        let of = |entry: &&Entry| {
            let place = self.place(entry);
            let gone = entry.findings.iter().filter(|print| !shows(print));
            gone.map(|print| format!("finding {print} did not show; {place} still lists it")).collect::<Vec<_>>()
        };
        // An entry for several cases lists what shows in any of them.
        entries.iter().filter(|entry| entry.cases.is_exact()).flat_map(of).collect()
    }

    fn place(&self, entry: &Entry) -> String {
        format!("{}:{}", self.path, entry.line)
    }
}

impl Entry {
    fn has(&self, fingerprint: &str) -> bool {
        self.findings.iter().any(|listed| listed == fingerprint)
    }

    fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    fn told(&self) -> String {
        let owner = self.owner.as_ref().map(|owner| format!("owner {owner}"));
        let until = self.expires.map(|day| format!("until {day}"));
        let more: Vec<String> = owner.into_iter().chain(until).collect();
        if more.is_empty() { self.reason.clone() } else { format!("{} ({})", self.reason, more.join(", ")) }
    }
}

fn is_mentioned(record: &CaseRecord, gate: Gate) -> bool {
    gate::verdict(gate, record.level, record.basis, record.disputed.is_some(), Kind::Expectation).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suites::{self, Suites};
    use scim_record::{Basis, Level, Location};
    use std::path::Path;
    use std::sync::LazyLock;

    const CASE: &str = "okta/spec/duplicate-is-409";

    fn list(suites: &Suites, text: &str) -> KnownList {
        let today = jiff::civil::date(2026, 11, 23);
        KnownList::parse(text, Path::new("known.toml"), &suites.plan, today).unwrap_or_else(|error| panic!("{error}"))
    }

    fn entry(case: &str, findings: &[&str], rest: &str) -> String {
        format!("[[known]]\ncase = {case:?}\nfinding = {findings:?}\nreason = \"VENDOR-812\"\n{rest}\n")
    }

    fn record(outcome: Outcome, level: Level, findings: &[&str]) -> CaseRecord {
        let verdict = if outcome == Outcome::Warn { Verdict::Warn } else { Verdict::Fail };
        let finding = |print: &&str| Finding {
            verdict,
            level,
            basis: Basis::Documented,
            step: String::new(),
            message: format!("message of {print}"),
            pointer: None,
            expected: None,
            actual: None,
            location: None,
            exchange: None,
            curl: None,
            fuzz: None,
            fingerprint: (*print).to_owned(),
        };
        CaseRecord {
            id: CASE.to_owned(),
            suite: "okta/spec".to_owned(),
            app: None,
            title: String::new(),
            rule: String::new(),
            refs: Vec::new(),
            level,
            basis: Basis::Documented,
            disputed: None,
            consequence: None,
            mend: None,
            bugs: Vec::new(),
            outcome,
            reason: None,
            findings: findings.iter().map(finding).collect(),
            reading: None,
            notes: Vec::new(),
            fuzz: None,
            exchanges: Vec::new(),
            time_ms: 0,
            location: Location { file: String::new(), line: 1, column: 1, width: 1, source: String::new() },
        }
    }

    const A: &str = "aaaaaaaaaa";
    const B: &str = "bbbbbbbbbb";

    /// Returns what becomes of the case under a list of these entries.
    fn judged(entries: &[String], outcome: Outcome, level: Level, findings: &[&str]) -> CaseRecord {
        // Loading takes a while, and the table has many rows.
        static SUITES: LazyLock<Suites> = LazyLock::new(|| suites::load(&[]).expect("the embedded suites"));
        let suites = &*SUITES;
        let case = suites.plan.cases.iter().find(|case| case.id == CASE).expect("the case");
        let mut record = record(outcome, level, findings);
        list(suites, &entries.concat()).judge(&Trial { case, app: None }, Gate::Okta, &mut record);
        record
    }

    #[test]
    fn only_what_is_listed_is_known() {
        use Outcome::{Error, Fail, Fixed, Known, Pass, Skip, Warn};
        let one = |findings: &[&str]| vec![entry(CASE, findings, "")];
        let table: &[(Vec<String>, Outcome, &[&str], Outcome)] = &[
            (one(&[A]), Fail, &[A], Known),
            (one(&[A, B]), Fail, &[A], Known),
            (one(&[A]), Fail, &[A, B], Fail),
            (one(&[A]), Fail, &[B], Fail),
            ([one(&[A]), one(&[B])].concat(), Fail, &[B, A], Known),
            (one(&[A]), Warn, &[A], Known),
            (one(&[A]), Warn, &[B], Warn),
            (one(&[A]), Pass, &[], Fixed),
            (one(&[A]), Skip, &[], Skip),
            (one(&[A]), Error, &[], Error),
            (vec![entry("okta/spec/*", &[A], "")], Fail, &[A], Known),
            (vec![entry("okta/users", &[A], "")], Fail, &[A], Fail),
            (vec![entry(CASE, &[A], "expires = 2026-11-23")], Fail, &[A], Known),
            (vec![entry(CASE, &[A], "expires = 2026-11-22")], Fail, &[A], Fail),
            (vec![entry(CASE, &[A], "expires = 2026-11-22")], Pass, &[], Fixed),
            (Vec::new(), Fail, &[A], Fail),
        ];
        for (entries, outcome, findings, expected) in table {
            let record = judged(entries, *outcome, Level::Okta, findings);
            assert_eq!(record.outcome, *expected, "{entries:?} {outcome} {findings:?}");
        }
    }

    #[test]
    fn a_gate_that_does_not_look_finds_nothing_mended() {
        let entries = [entry(CASE, &[A], "")];
        assert_eq!(judged(&entries, Outcome::Pass, Level::May, &[]).outcome, Outcome::Pass);
        assert_eq!(judged(&entries, Outcome::Pass, Level::Must, &[]).outcome, Outcome::Fixed);
    }

    #[test]
    fn reasons_owners_days_and_places_are_told() {
        let entries = [entry(CASE, &[A, B], "owner = \"identity\"\nexpires = 2027-01-31")];
        let known = judged(&entries, Outcome::Fail, Level::Okta, &[A]);
        assert_eq!(known.reason.as_deref(), Some("VENDOR-812 (owner identity, until 2027-01-31)"));
        assert_eq!(known.notes, [format!("finding {B} did not show; known.toml:1 still lists it")]);
        let other = judged(&[entry(CASE, &[A], "")], Outcome::Fail, Level::Okta, &[B]);
        assert_eq!(other.notes, [format!("finding {B} is another than those listed; known.toml:1")]);
        let past = judged(&[entry(CASE, &[A], "expires = 2026-01-01")], Outcome::Fail, Level::Okta, &[A]);
        let reason = "it was known to fail until 2026-01-01, which is past: VENDOR-812; known.toml:1";
        assert_eq!(past.reason.as_deref(), Some(reason));
    }
}
