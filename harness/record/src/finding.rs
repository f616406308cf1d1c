//! One failed expectation, with everything a person needs to act on it.

use crate::{Basis, FuzzFinding, Level};
use serde::{Deserialize, Serialize};

/// An expectation that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What the gate made of it.
    pub verdict: Verdict,
    /// How binding the broken rule is.
    pub level: Level,
    /// How sure we are of the rule.
    pub basis: Basis,
    /// The step that showed it, for example `assign` or `step 2`.
    pub step: String,
    /// One sentence: what was wrong. Remote text in it is already redacted.
    pub message: String,
    /// Where in the answer's JSON, as a JSON Pointer; absent when it is not about JSON.
    pub pointer: Option<String>,
    /// What the suite asked for, as text (several lines for JSON).
    pub expected: Option<String>,
    /// What the server did, as text (several lines for JSON).
    pub actual: Option<String>,
    /// Where the expectation is written.
    pub location: Option<Location>,
    /// Index into the case's exchanges of the exchange that showed it.
    pub exchange: Option<usize>,
    /// A command line that sends the same request; secrets appear as shell variables.
    pub curl: Option<String>,
    /// The random input behind it, if it was one.
    pub fuzz: Option<FuzzFinding>,
    /// What tells this finding from another of the same case, the same in every run; empty until the case has ended.
    ///
    /// [`CaseRecord::mark_findings`](crate::CaseRecord::mark_findings) fills it in.
    pub fingerprint: String,
}

/// What the gate made of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Above the gate: the run is red.
    Fail,
    /// Below the gate: worth knowing.
    Warn,
}

/// A place in a suite file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The suite file, relative to the suites' root, with `/` between folders.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// How many characters the caret underlines; at least 1.
    pub width: usize,
    /// The text of that line.
    pub source: String,
}
