//! What a readiness report says, in the order it says it; also the form of its JSON, which `readiness.schema.json`
//! documents. Fields may be added within a schema version; one that goes or changes its meaning raises it.

use serde::Serialize;

/// Whether an integration is ready to be submitted to the Okta Integration Network, and what shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Readiness {
    /// The version of this form. Readers should refuse a version they do not know.
    pub schema_version: u32,
    /// The program that wrote the report: `rehearsal`.
    pub tool: String,
    /// The program's version.
    pub version: String,
    /// What the integration is called, where a manifest says so.
    pub integration: Option<String>,
    /// Whether it is ready.
    pub verdict: Verdict,
    /// How Okta would speak to the server, in a few words.
    pub profile: String,
    /// How Okta would prove who it is, where a manifest says so.
    pub auth: Option<String>,
    /// The release of Okta's material on which what is asked here rests.
    pub okta_release: String,
    /// The runs that were read, in the order given.
    pub runs: Vec<Run>,
    /// What Okta's own test files ask, step by step.
    pub gates: Vec<Gate>,
    /// Okta's manual test plan, row by row.
    pub plan: Vec<PlanRow>,
    /// What the vendor claims in the Wizard against what the server showed.
    pub operations: Vec<Operation>,
    /// What became of each attribute.
    pub attributes: Vec<Attribute>,
    /// What Okta demands of every server.
    pub rules: Vec<Row>,
    /// How long answers took.
    pub timing: Timing,
    /// What the manifest says and lacks.
    pub manifest: Manifest,
    /// Stories of people who join, move and leave.
    pub stories: Vec<Row>,
    /// What only a person can do.
    pub human: Vec<HumanItem>,
    /// What is uncertain, in Okta's material or in this report.
    pub risks: Vec<Risk>,
}

/// Whether an integration is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Verdict {
    /// The verdict.
    pub ready: Ready,
    /// The same in one sentence.
    pub sentence: String,
    /// How many rows failed.
    pub failed: usize,
    /// How many rows no run showed either way.
    pub unproven: usize,
    /// How many things are left to a person.
    pub human: usize,
    /// What stands in the way, the most important first.
    pub reasons: Vec<String>,
}

/// The three verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Ready {
    /// Everything was shown by a machine or attested by a person.
    Ready,
    /// What a machine can show was shown; people have something left to do.
    ReadyExceptHuman,
    /// Something failed, or was not shown.
    NotReady,
}

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Cases showed it.
    Proven,
    /// What cases can show they showed, and a person attests the rest.
    Attested,
    /// What cases can show they showed; a person has not attested the rest.
    HumanOpen,
    /// A case failed, or a rule is broken.
    Failed,
    /// No case showed it either way.
    Unproven,
    /// It is not claimed, or there is nothing here to judge it by.
    DoesNotApply,
}

impl Standing {
    /// Returns the word that tables show.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Proven => "PROVEN",
            Standing::Attested => "ATTESTED",
            Standing::HumanOpen => "PERSON",
            Standing::Failed => "FAILED",
            Standing::Unproven => "NOT SHOWN",
            Standing::DoesNotApply => "N/A",
        }
    }
}

/// A run that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Run {
    /// The file it was read from.
    pub file: String,
    /// The service provider's base URL.
    pub target: String,
    /// Whether that is the embedded specimen.
    pub specimen: bool,
    /// The run's id.
    pub run: String,
    /// The seed.
    pub seed: String,
    /// What turned it red.
    pub gate: String,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// The program's version at the time.
    pub version: String,
    /// What its cases were chosen by; empty where nothing was left out.
    pub asked: Vec<String>,
    /// How many cases it has.
    pub cases: usize,
    /// How many requests it sent.
    pub requests: u64,
    /// How it ended.
    pub exit: u8,
}

/// One thing that is asked of the server, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    /// A number or a name by which it can be called.
    pub id: String,
    /// What is asked, in a few words.
    pub title: String,
    /// How it stands.
    pub standing: Standing,
    /// Why it stands so, in a sentence; empty where there is nothing to add.
    pub told: String,
    /// The cases behind it.
    pub evidence: Vec<Evidence>,
}

/// A case that shows something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Evidence {
    /// Which of the runs it is from, counted from 0.
    pub run: usize,
    /// The case's id.
    pub case: String,
    /// The Okta app it ran as.
    pub app: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// What was wrong, or why it was not judged.
    pub told: Option<String>,
    /// Its first requests with their answers, a line each.
    pub exchanges: Vec<String>,
}

/// One of Okta's own test files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Gate {
    /// `spec`, `crud` or `entitlements`.
    pub id: String,
    /// What it is.
    pub title: String,
    /// How it stands.
    pub standing: Standing,
    /// What Runscope will show.
    pub told: String,
    /// Its steps.
    pub rows: Vec<Row>,
}

/// A row of Okta's manual test plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlanRow {
    /// What it asks and what shows it.
    pub row: Row,
    /// The feature it belongs to.
    pub feature: String,
    /// Who does it: `auto`, `part` or `human`.
    pub class: String,
}

/// An operation that the Wizard asks about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Operation {
    /// What is claimed: `users / update`.
    pub name: String,
    /// Whether it is claimed; null without a manifest.
    pub claimed: Option<bool>,
    /// What came of it.
    pub finding: Claim,
    /// What shows it.
    pub told: String,
}

/// A claim against what the server showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Claim {
    /// Claimed, and it works.
    ClaimedAndWorks,
    /// Claimed, and it fails.
    ClaimedAndFails,
    /// Claimed, and no case showed it either way.
    ClaimedAndUnproven,
    /// Not claimed, and it works.
    UnclaimedAndWorks,
    /// Not claimed, and it does not work or was not looked at.
    NotClaimed,
    /// No manifest says whether it is claimed; it works.
    Works,
    /// No manifest says whether it is claimed; it fails.
    Fails,
    /// No manifest says whether it is claimed, and no case showed it either way.
    Unproven,
}

impl Claim {
    /// Returns the words that tables show.
    pub fn words(self) -> &'static str {
        match self {
            Claim::ClaimedAndWorks => "claimed, works",
            Claim::ClaimedAndFails => "claimed, fails",
            Claim::ClaimedAndUnproven => "claimed, not shown",
            Claim::UnclaimedAndWorks => "works, not claimed",
            Claim::NotClaimed => "not claimed",
            Claim::Works => "works",
            Claim::Fails => "fails",
            Claim::Unproven => "not shown",
        }
    }
}

/// What became of an attribute in what Okta sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Attribute {
    /// Its path: `name.givenName`, or a URN with a name.
    pub path: String,
    /// Whether the manifest maps it; null where the manifest maps none.
    pub mapped: Option<bool>,
    /// Whether `/Schemas` defines it; null where no run read that.
    pub defined: Option<bool>,
    /// How often a create kept what it was given.
    pub create: Kept,
    /// How often a PUT kept what it was given.
    pub put: Kept,
    /// How often a PATCH kept what it was given.
    pub patch: Kept,
    /// How often an empty value was taken without an error.
    pub empty: Kept,
    /// Whether a list of users held it; null where no list was read.
    pub listed: Option<bool>,
}

/// How often something was tried, and how often it went well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Kept {
    /// How often it was tried.
    pub tried: usize,
    /// How often it went well.
    pub kept: usize,
}

/// How long answers took.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Timing {
    /// How many answers there are.
    pub answers: usize,
    /// How many took how long.
    pub buckets: Vec<Bucket>,
    /// The longest, in milliseconds.
    pub longest_ms: f64,
    /// What the longest was the answer to.
    pub longest: String,
}

/// Answers that took less than a bound and more than the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Bucket {
    /// The bound in words: `under 600 ms`.
    pub name: String,
    /// How many there are.
    pub answers: usize,
}

/// What the manifest says and lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Manifest {
    /// The file, if there is one.
    pub file: Option<String>,
    /// The base URL as Okta would work it out, from the examples that the tenant settings give.
    pub base_url: Option<String>,
    /// What is wrong in it, and in the attestations.
    pub lints: Vec<Lint>,
    /// What a submission needs and the manifest does not name.
    pub missing: Vec<String>,
}

/// Something wrong in a file that a person wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Lint {
    /// Its code; `rehearsal explain` tells more.
    pub code: String,
    /// Whether it keeps the integration from being submitted.
    pub is_error: bool,
    /// `file:line:column`.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Something that only a person can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HumanItem {
    /// The number or name by which it is attested.
    pub id: String,
    /// What to do.
    pub what: String,
    /// Whether it is done.
    pub state: Attested,
    /// Who attests it, where somebody does.
    pub by: Option<String>,
    /// When, where somebody does.
    pub on: Option<String>,
    /// What they add.
    pub note: Option<String>,
}

/// Whether a person attests something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Attested {
    /// Nobody does.
    Open,
    /// Somebody does.
    Attested,
    /// Somebody did, and it has to be looked at again.
    Expired,
}

/// Something that is uncertain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Risk {
    /// What, in a few words.
    pub title: String,
    /// What it means for this integration.
    pub told: String,
}
