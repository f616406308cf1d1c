//! The words a verdict is made of: outcome, level, basis, gate. Deciding between them is the engine's work.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How one case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every expectation held.
    Pass,
    /// Expectations failed, none of them above the gate.
    Warn,
    /// At least one expectation failed above the gate: the service provider is wrong.
    Fail,
    /// The case could not be judged on this service provider; the reason says why.
    Skip,
    /// The world is broken: the target could not be reached or spoke no HTTP.
    Error,
    /// The case failed as the list of known failures said it would.
    Known,
    /// The case passed although the list of known failures said it would not.
    Fixed,
}

impl Outcome {
    /// Returns the outcome's name as reports spell it.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Warn => "warn",
            Outcome::Fail => "fail",
            Outcome::Skip => "skip",
            Outcome::Error => "error",
            Outcome::Known => "known",
            Outcome::Fixed => "fixed",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How binding a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Okta's traffic breaks or is misled when the rule does not hold.
    Okta,
    /// An RFC MUST, SHALL or REQUIRED.
    Must,
    /// An RFC SHOULD or RECOMMENDED.
    Should,
    /// An RFC MAY or OPTIONAL.
    May,
}

impl Level {
    /// Returns the level's name as suite files and reports spell it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Okta => "okta",
            Level::Must => "must",
            Level::Should => "should",
            Level::May => "may",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How sure we are of a fact about Okta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Okta's own documentation or test files say so, or an RFC does.
    Documented,
    /// Seen in a public capture of Okta's traffic.
    Captured,
    /// Concluded from the evidence; it can warn but never fail a service provider.
    Inferred,
}

impl Basis {
    /// Returns the basis's name as suite files and reports spell it.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Documented => "documented",
            Basis::Captured => "captured",
            Basis::Inferred => "inferred",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What turns a run red.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// Whatever breaks or misleads Okta, and any 5xx, hang, or lost data.
    Okta,
    /// The above and every undisputed RFC MUST.
    Rfc,
    /// The above and every RFC SHOULD.
    Strict,
}

impl Gate {
    /// Returns the gate's name as the command line and reports spell it.
    pub fn name(self) -> &'static str {
        match self {
            Gate::Okta => "okta",
            Gate::Rfc => "rfc",
            Gate::Strict => "strict",
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
