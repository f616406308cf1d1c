//! The part of the JSON report that only cases of random inputs have.

use serde::Serialize;

/// What was sent, where the case is made of random inputs.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FuzzRun {
    /// How many inputs were judged; those tried to make a finding small do not count.
    inputs: u64,
    /// How many of them in a second.
    per_second: u64,
    /// How long that took, shrinking included, in milliseconds.
    time_ms: u64,
    /// What the random inputs grew from, as `0x…`.
    seed: String,
    /// Why no more were sent, in a few words.
    ended: String,
    /// What the service provider does not do, so that nothing could be learnt of it.
    unsupported: Vec<Unsupported>,
}

/// Something a service provider does not do.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Unsupported {
    /// What.
    what: String,
    /// How many inputs were about it.
    inputs: u64,
}

/// The random input behind a finding.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FuzzFinding {
    /// The law that does not hold.
    law: String,
    /// What makes two findings the same defect.
    identity: String,
    /// The smallest input that showed it, as its kind writes it.
    input: String,
    /// Where the input came from.
    origin: String,
    /// Lines for the suite file: with them the input is sent first, always.
    regression: String,
}

impl From<&scim_record::FuzzRun> for FuzzRun {
    fn from(run: &scim_record::FuzzRun) -> FuzzRun {
        let unsupported = run.unsupported.iter();
        FuzzRun {
            inputs: run.inputs,
            per_second: run.per_second(),
            time_ms: run.time_ms,
            seed: run.seed.clone(),
            ended: run.ended.clone(),
            unsupported: unsupported.map(|it| Unsupported { what: it.what.clone(), inputs: it.inputs }).collect(),
        }
    }
}

impl From<&scim_record::FuzzFinding> for FuzzFinding {
    fn from(finding: &scim_record::FuzzFinding) -> FuzzFinding {
        FuzzFinding {
            law: finding.law.clone(),
            identity: finding.identity.clone(),
            input: finding.input.clone(),
            origin: finding.origin.clone(),
            regression: finding.regression.clone(),
        }
    }
}
