//! What reports tell of random inputs, beyond what they tell of any case.

use serde::{Deserialize, Serialize};

/// What a case sent that is made of random inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FuzzRun {
    /// How many inputs were judged: the known ones and the random ones, but not those tried to make a finding small.
    pub inputs: u64,
    /// How long that took, shrinking included, in milliseconds.
    pub time_ms: u64,
    /// What the random inputs grew from, as `0x…`.
    pub seed: String,
    /// Why no more were sent, in a few words.
    pub ended: String,
    /// What the service provider does not do, so that nothing could be learnt of it.
    pub unsupported: Vec<Unsupported>,
}

impl FuzzRun {
    /// Returns how many inputs were judged in a second.
    pub fn per_second(&self) -> u64 {
        self.inputs * 1000 / self.time_ms.max(1)
    }
}

/// Something a service provider does not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsupported {
    /// What.
    pub what: String,
    /// How many inputs were about it.
    pub inputs: u64,
}

/// The input behind a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FuzzFinding {
    /// The law that does not hold.
    pub law: String,
    /// What makes two findings the same defect.
    pub identity: String,
    /// The smallest input that showed it, as its kind writes it.
    pub input: String,
    /// Where the input came from, for example `input 381 of seed 0x5c1a`.
    pub origin: String,
    /// Lines for the suite file: with them the input is sent first, always.
    pub regression: String,
}
