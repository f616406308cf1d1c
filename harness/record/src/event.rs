//! What the engine tells the reports, in order: the run starts, cases start and finish, the run ends.

use crate::{Basis, ChapterRecord, Exchange, Finding, FuzzRun, Gate, Level, Location, Outcome};
use serde::{Deserialize, Serialize};

/// One thing that happened in a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// Sent once, before anything else.
    RunStarted(RunInfo),
    /// A case began.
    CaseStarted {
        /// The case's full id.
        id: String,
        /// The app it runs as, where it depends on one.
        app: Option<String>,
    },
    /// A case ended. Cases end in any order; reports that need an order sort by id and app.
    CaseFinished(Box<CaseRecord>),
    /// What was sent for the run itself, beside its cases: discovery before them, clean-up after them.
    RunExchanges(Vec<Exchange>),
    /// A chapter of a story ended, after the cases it was judged by. Chapters end in the order they are told in.
    ChapterFinished(Box<ChapterRecord>),
    /// Sent once, after everything else.
    RunFinished(Summary),
}

/// What is known when a run begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The version of this program.
    pub version: String,
    /// The service provider's base URL, without credentials.
    pub target: String,
    /// The run's id: the prefix of every name the run creates.
    pub run: String,
    /// The seed, as `0x…`; the same seed sends the same bytes.
    pub seed: String,
    /// What turns the run red.
    pub gate: Gate,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// What the cases were chosen by, as on a command line: selectors, `--app catalog`; empty where nothing was left out.
    pub asked: Vec<String>,
    /// How many cases were chosen.
    pub cases: usize,
    /// Whether the target is the embedded specimen.
    pub specimen: bool,
    /// Whether connections were encrypted to somebody whose certificate nobody checked (`--insecure`).
    #[serde(default)]
    pub tls_unverified: bool,
    /// Which part of the cases this run has, where they were divided among several.
    pub part: Option<Part>,
}

/// One of several parts into which the cases of a run were divided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// How they were divided: `slice` or `hash`.
    pub by: String,
    /// Which part, counted from 1.
    pub number: usize,
    /// How many parts there are.
    pub of: usize,
    /// What tells the cases and settings of the whole from any other; equal for all its parts.
    pub whole: String,
}

/// Everything about one finished case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRecord {
    /// The full id, `suite/case`.
    pub id: String,
    /// The suite, for example `okta/spec`.
    pub suite: String,
    /// The app it ran as: `catalog`, `wizard`, `aiw`; absent where the app plays no part.
    pub app: Option<String>,
    /// What the case is called.
    pub title: String,
    /// The one rule under test, as a sentence.
    pub rule: String,
    /// Where the rule comes from.
    pub refs: Vec<Reference>,
    /// How binding the rule is.
    pub level: Level,
    /// How sure we are of it.
    pub basis: Basis,
    /// Why a reasonable reader may differ about it, if one may; then it warns and never fails.
    pub disputed: Option<String>,
    /// What an administrator sees in Okta when the rule is broken.
    pub consequence: Option<String>,
    /// How to mend a server that breaks it.
    pub mend: Option<String>,
    /// Public reports of servers that broke it.
    pub bugs: Vec<VendorBug>,
    /// How the case ended.
    pub outcome: Outcome,
    /// Why it was skipped, could not run, or is known to fail.
    pub reason: Option<String>,
    /// The expectations that did not hold.
    pub findings: Vec<Finding>,
    /// How the service provider reads the standard, where the case was to find that out and did.
    pub reading: Option<Reading>,
    /// What was noticed on the way and is nobody's fault, a sentence each.
    pub notes: Vec<String>,
    /// What was sent, where the case is made of random inputs.
    pub fuzz: Option<FuzzRun>,
    /// Every exchange of the case, set-up and clean-up included, in order.
    pub exchanges: Vec<Exchange>,
    /// From the case's start to its end, clean-up included, in milliseconds.
    pub time_ms: u64,
    /// Where the case is written.
    pub location: Location,
}

/// One of several ways to read the standard, found at a service provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// What it is called.
    pub name: String,
    /// What a service provider of this reading does, in one sentence.
    pub meaning: String,
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The short form used in suites, for example `RFC7644 3.3` or `C9290`.
    pub id: String,
    /// What it is, in a line.
    pub title: String,
    /// Where to read it, if it is public.
    pub url: Option<String>,
}

/// A public report of a server that broke a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorBug {
    /// Its number in `suites/vendor-bugs.toml`.
    pub row: u32,
    /// The project.
    pub project: String,
    /// What went wrong, in a line.
    pub summary: String,
    /// Where it was reported.
    pub url: String,
}

/// What is known when a run has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many cases ended how.
    pub counts: Counts,
    /// How many requests were sent, discovery and clean-up included.
    pub requests: u64,
    /// How many of them were sent again because the connection failed before an answer began.
    pub retries: u64,
    /// From start to end, in milliseconds.
    pub time_ms: u64,
    /// Objects this run created and could not remove.
    pub left_behind: Vec<LeftBehind>,
    /// Whether the run was interrupted before every case had run.
    pub interrupted: bool,
    /// The exit code that follows.
    pub exit: u8,
}

/// How many cases ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Cases in which every expectation held.
    pub pass: usize,
    /// Cases with findings below the gate only.
    pub warn: usize,
    /// Cases with a finding above the gate.
    pub fail: usize,
    /// Cases that could not be judged.
    pub skip: usize,
    /// Cases in which the world was broken.
    pub error: usize,
    /// Cases that failed as known.
    pub known: usize,
    /// Cases known to fail that passed.
    pub fixed: usize,
}

impl Counts {
    /// Counts one more case that ended so.
    pub fn add(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Pass => &mut self.pass,
            Outcome::Warn => &mut self.warn,
            Outcome::Fail => &mut self.fail,
            Outcome::Skip => &mut self.skip,
            Outcome::Error => &mut self.error,
            Outcome::Known => &mut self.known,
            Outcome::Fixed => &mut self.fixed,
        } += 1;
    }

    /// Returns how many cases there were in all.
    pub fn total(&self) -> usize {
        self.pass + self.warn + self.fail + self.skip + self.error + self.known + self.fixed
    }
}

/// An object this run created and could not remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftBehind {
    /// Its path below the base URL, for example `/Users/2819c223`.
    pub path: String,
    /// Why it is still there.
    pub reason: String,
}
