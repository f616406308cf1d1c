//! The report for CI: JUnit XML in the dialect that Jenkins, GitLab, Azure Pipelines, CircleCI, Buildkite and the GitHub
//! actions all read.
//!
//! | what | because |
//! |---|---|
//! | one level of `testsuite`, one per suite | GitLab reads no other |
//! | `classname` is the suite's id with dots, `name` the case's id and app | Jenkins makes packages of dots; Buildkite demands both; GitLab drops a second pair; ids are permanent, so a case keeps its history |
//! | at most one `failure`, `error` or `skipped`; its message again in the body | Jenkins keeps one; GitLab shows the body, others the message |
//! | the messages of the exchange in the case's `system-out`, at most 8 KB | CircleCI and GitLab read no other output |
//! | `file` and `line` of the expectation | without, some actions search the work tree for the class name |
//! | correct counters everywhere | some actions take their headline from them |
//! | properties of suites and cases | who ignores them loses nothing |
//! | times in seconds, a `timestamp` in UTC | Azure computes the length of a run from it |
//! | evidence bounded over the whole file | GitLab refuses files of more than 30 MB |
//!
//! Cases that warn are bare, because a JUnit reader knows no warning; their findings stand in `system-out`, and so does
//! the dialect that a case found out.

mod test;
mod xml;

use crate::recording::{Recording, Run};
use crate::{Report, ReportError, file};
use scim_record::{CaseRecord, Event};
use std::collections::HashSet;
use std::path::PathBuf;
use test::Test;
pub(crate) use test::message;

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
            Some(run) => file::write(&self.path, &xml::document(&run, &suites(&run, MOST_EVIDENCE))),
            None => Ok(()),
        }
    }
}

/// A `testsuite`.
#[derive(Debug)]
struct Suite {
    name: String,
    tests: Vec<Test>,
}

/// One suite per suite file, and one about the run itself where it did not go as runs should.
fn suites(run: &Run, most_evidence: usize) -> Vec<Suite> {
    let of = |cases: &[CaseRecord]| Suite {
        name: cases[0].suite.clone(),
        tests: cases.iter().map(|case| Test::of(case, &run.info.target)).collect(),
    };
    let mut suites: Vec<Suite> = run.cases.chunk_by(|a, b| a.suite == b.suite).map(of).collect();
    let troubles = test::troubles(run);
    if !troubles.is_empty() {
        suites.push(Suite { name: test::RUN.to_owned(), tests: troubles });
    }
    tell_apart(&mut suites);
    bound(&mut suites, most_evidence);
    suites
}

/// Gives every test a name of its own: of two that look alike GitLab would show one.
fn tell_apart(suites: &mut [Suite]) {
    let mut seen = HashSet::new();
    for test in suites.iter_mut().flat_map(|suite| &mut suite.tests) {
        let name = test.name.clone();
        let mut count = 1;
        while !seen.insert((test.classname.clone(), test.name.clone())) {
            count += 1;
            test.name = format!("{name} #{count}");
        }
    }
}

/// Leaves evidence out where there is more than a reader takes; every message stays.
fn bound(suites: &mut [Suite], most: usize) {
    let mut room = most;
    for test in suites.iter_mut().flat_map(|suite| &mut suite.tests) {
        match room.checked_sub(test.evidence()) {
            Some(rest) => room = rest,
            None => test.leave_evidence_out(),
        }
    }
}

/// GitLab takes 30 MB; messages, names and escapes need their part of it.
const MOST_EVIDENCE: usize = 20_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use test::End;

    fn failed(classname: &str, body: &str) -> Test {
        let end = End::Failure { kind: "must", message: "it is wrong".to_owned(), body: body.to_owned() };
        Test { classname: classname.to_owned(), name: "a".to_owned(), end, ..Test::default() }
    }

    #[test]
    fn tests_that_look_alike_are_told_apart() {
        let tests = vec![failed("x.y", ""), failed("x.y", ""), failed("x", ""), failed("x.y", "")];
        let mut suites = [Suite { name: "x/y".to_owned(), tests }];
        tell_apart(&mut suites);
        let names: Vec<&str> = suites[0].tests.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["a", "a #2", "a", "a #3"]);
    }

    #[test]
    fn evidence_beyond_the_bound_goes_and_its_message_stays() {
        let mut suites = [Suite { name: "x".to_owned(), tests: vec![failed("x", &"e".repeat(600)); 3] }];
        bound(&mut suites, 1_500);
        let bodies: Vec<usize> = suites[0].tests.iter().map(Test::evidence).collect();
        assert_eq!(bodies[..2], [600, 600]);
        let End::Failure { body, message, .. } = &suites[0].tests[2].end else { panic!("it failed") };
        assert!(body.starts_with("it is wrong\n") && body.contains("left out"), "{body}");
        assert_eq!(message, "it is wrong");
    }
}
