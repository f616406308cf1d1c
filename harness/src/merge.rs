//! Puts the reports on the parts of one run together: the report of the whole, with the verdict of the whole.

use crate::run::Tally;
use rehearsal_reports::PastRun;
use scim_record::{CaseRecord, Counts, Part, RunInfo, Summary};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why reports are not the parts of one run.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MergeError {
    /// A report is about a whole run.
    #[error("{}: it is no part of a run; the parts are what `--partition` makes", path.display())]
    Whole {
        /// The report.
        path: PathBuf,
    },
    /// Two parts belong to different runs.
    #[error("{} and {} are parts of different runs: the {what} of the one is {left}, of the other {right}{}", one.display(), other.display(), help(what))]
    Different {
        /// The first part.
        one: PathBuf,
        /// The other.
        other: PathBuf,
        /// What differs.
        what: &'static str,
        /// That of the first.
        left: String,
        /// That of the other.
        right: String,
    },
    /// Two reports are about the same part.
    #[error("{} and {} are both part {number}", one.display(), other.display())]
    Twice {
        /// One of them.
        one: PathBuf,
        /// The other.
        other: PathBuf,
        /// Which part.
        number: usize,
    },
    /// Parts are not there.
    #[error("of the {of} parts of the run {} is missing", list(missing))]
    Missing {
        /// Which ones.
        missing: Vec<usize>,
        /// How many there are.
        of: usize,
    },
    /// Two parts have the same case.
    #[error("{case} is in {} and in {}", one.display(), other.display())]
    Overlap {
        /// The case.
        case: String,
        /// One of them.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
}

fn help(what: &str) -> &'static str {
    match what {
        "seed" => "; give every part the same --seed",
        "selection" => "; the cases, their rules and the settings of every part must be the same",
        _ => "",
    }
}

fn list(numbers: &[usize]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns the whole of these parts, each with the file it was read from.
///
/// # Errors
/// If they are not all the parts of one run, each once.
pub fn merge(parts: Vec<(PathBuf, PastRun)>) -> Result<PastRun, MergeError> {
    let mut numbered = Vec::new();
    for (path, run) in parts {
        match run.info.part.clone() {
            Some(part) => numbered.push((part, path, run)),
            None => return Err(MergeError::Whole { path }),
        }
    }
    numbered.sort_by_key(|(part, ..)| part.number);
    for pair in numbered.windows(2) {
        are_of_one_run(&pair[0], &pair[1])?;
    }
    are_complete(&numbered)?;
    are_disjoint(&numbered)?;
    Ok(whole(numbered.into_iter().map(|(_, _, run)| run).collect()))
}

type Numbered = (Part, PathBuf, PastRun);

fn are_of_one_run(one: &Numbered, other: &Numbered) -> Result<(), MergeError> {
    let (left_part, left_path, left) = one;
    let (right_part, right_path, right) = other;
    // Every part of a demo has a specimen of its own, at another port.
    let target = |run: &PastRun| if run.info.specimen { "specimen".to_owned() } else { run.info.target.clone() };
    let of = |part: &Part| format!("{} of {}", part.by, part.of);
    let pairs = [
        ("version of the program", left.info.version.clone(), right.info.version.clone()),
        ("target", target(left), target(right)),
        ("gate", left.info.gate.to_string(), right.info.gate.to_string()),
        ("seed", left.info.seed.clone(), right.info.seed.clone()),
        ("partition", of(left_part), of(right_part)),
        ("selection", left_part.whole.clone(), right_part.whole.clone()),
    ];
    match pairs.into_iter().find(|(_, left, right)| left != right) {
        Some((what, left, right)) => {
            Err(MergeError::Different { one: left_path.clone(), other: right_path.clone(), what, left, right })
        }
        None if left_part.number == right_part.number => {
            Err(MergeError::Twice { one: left_path.clone(), other: right_path.clone(), number: left_part.number })
        }
        None => Ok(()),
    }
}

/// The parts are sorted, of one run, and none is there twice.
fn are_complete(parts: &[Numbered]) -> Result<(), MergeError> {
    let of = parts.first().map_or(1, |(part, ..)| part.of);
    // A report may claim any number of parts; those that are there bound what is told.
    let is_there = |number: &usize| parts.iter().any(|(part, ..)| part.number == *number);
    let missing: Vec<usize> = (1..=of).filter(|number| !is_there(number)).take(MOST_MISSING).collect();
    if missing.is_empty() { Ok(()) } else { Err(MergeError::Missing { missing, of }) }
}

fn are_disjoint(parts: &[Numbered]) -> Result<(), MergeError> {
    let mut seen: HashMap<(&str, Option<&str>), &Path> = HashMap::new();
    for (_, path, run) in parts {
        for case in &run.cases {
            if let Some(one) = seen.insert((&case.id, case.app.as_deref()), path) {
                let case = name(case);
                return Err(MergeError::Overlap { case, one: one.to_owned(), other: path.clone() });
            }
        }
    }
    Ok(())
}

fn name(case: &CaseRecord) -> String {
    match &case.app {
        Some(app) => format!("{}@{app}", case.id),
        None => case.id.clone(),
    }
}

fn whole(parts: Vec<PastRun>) -> PastRun {
    let first = parts.first().expect("a run has a part that is there");
    let started = parts.iter().map(|part| part.info.started.clone()).min().unwrap_or_default();
    let cases = parts.iter().map(|part| part.info.cases).sum();
    let info = RunInfo { started, cases, part: None, ..first.info.clone() };
    let time_ms = elapsed(&parts);
    let (mut tally, mut all) = (Tally::default(), Vec::new());
    let (mut requests, mut retries, mut interrupted) = (0, 0, false);
    for part in parts {
        requests += part.summary.requests;
        retries += part.summary.retries;
        interrupted |= part.summary.interrupted;
        tally.left_behind.extend(part.summary.left_behind);
        all.extend(part.cases);
    }
    all.sort_by(|a, b| (&a.id, &a.app).cmp(&(&b.id, &b.app)));
    // The cases are counted, not believed: a report that says otherwise has been changed.
    let mut counts = Counts::default();
    all.iter().for_each(|case| counts.add(case.outcome));
    tally.counts = counts;
    let exit = tally.exit(interrupted).code();
    let left_behind = tally.left_behind;
    PastRun {
        info,
        cases: all,
        summary: Summary { counts, requests, retries, time_ms, left_behind, interrupted, exit },
    }
}

/// Returns how long it took from the start of the first part to the end of the last.
fn elapsed(parts: &[PastRun]) -> u64 {
    let start = |part: &PastRun| part.info.started.parse().map_or(0, jiff::Timestamp::as_millisecond);
    let end = |part: &PastRun| start(part).saturating_add(i64::try_from(part.summary.time_ms).unwrap_or(i64::MAX));
    let (first, last) = (parts.iter().map(start).min(), parts.iter().map(end).max());
    let elapsed = last.unwrap_or_default().saturating_sub(first.unwrap_or_default());
    u64::try_from(elapsed).unwrap_or_default()
}

const MOST_MISSING: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use scim_record::Gate;

    fn part(number: usize, of: usize) -> (PathBuf, PastRun) {
        let info = RunInfo {
            version: "0.1.0".to_owned(),
            target: "http://h/scim".to_owned(),
            run: "rhaaaaaaaa".to_owned(),
            seed: "0x1".to_owned(),
            gate: Gate::Okta,
            started: format!("2026-11-23T12:00:0{number}Z"),
            asked: Vec::new(),
            cases: 0,
            specimen: false,
            tls_unverified: false,
            part: Some(Part { by: "slice".to_owned(), number, of, whole: "w".to_owned() }),
        };
        let summary = Summary {
            counts: Counts::default(),
            requests: 10,
            retries: 1,
            time_ms: 500,
            left_behind: Vec::new(),
            interrupted: false,
            exit: 4,
        };
        (PathBuf::from(format!("{number}.json")), PastRun { info, cases: Vec::new(), summary })
    }

    fn changed(mut part: (PathBuf, PastRun), change: impl FnOnce(&mut PastRun)) -> (PathBuf, PastRun) {
        change(&mut part.1);
        part
    }

    #[test]
    fn parts_in_any_order_make_the_whole() {
        let whole = merge(vec![part(3, 3), part(1, 3), part(2, 3)]).expect("all the parts");
        assert_eq!((whole.summary.requests, whole.summary.retries), (30, 3));
        assert_eq!((whole.info.started.as_str(), whole.summary.time_ms), ("2026-11-23T12:00:01Z", 2_500));
        assert_eq!(whole.info.part, None);
    }

    #[test]
    fn what_is_not_one_run_is_refused_with_the_reason() {
        let pair = |change: fn(&mut PastRun)| vec![part(1, 2), changed(part(2, 2), change)];
        let table: [(Vec<(PathBuf, PastRun)>, &str); 9] = [
            (vec![part(1, 2), part(1, 2)], "1.json and 1.json are both part 1"),
            (vec![part(1, 3)], "of the 3 parts of the run 2, 3 is missing"),
            (vec![part(1, usize::MAX)], "of the 18446744073709551615 parts"),
            (pair(|run| run.info.part = None), "2.json: it is no part of a run"),
            (pair(|run| run.info.seed = "0x2".to_owned()), "the seed of the one is 0x1, of the other 0x2; give"),
            (pair(|run| run.info.target = "http://i/scim".to_owned()), "the target of the one is http://h/scim"),
            (pair(|run| run.info.gate = Gate::Strict), "the gate of the one is okta"),
            (pair(|run| run.info.version = "0.2.0".to_owned()), "the version of the program"),
            (
                pair(|run| run.info.part.as_mut().expect("a part").whole = "x".to_owned()),
                "the selection of the one is w, of the other x; the cases",
            ),
        ];
        for (parts, told) in table {
            let error = merge(parts).expect_err(told).to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn specimens_at_other_ports_are_one_target() {
        let specimen = |number, port: &str| {
            changed(part(number, 2), |run| {
                run.info.specimen = true;
                run.info.target = format!("http://127.0.0.1:{port}/scim");
            })
        };
        assert!(merge(vec![specimen(1, "1"), specimen(2, "2")]).is_ok());
    }
}
