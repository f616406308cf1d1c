//! Fuzzing over the wire: random inputs sent to the target, judged, made small, confirmed and told.
//!
//! `scim_fuzz` knows the inputs and what is right; a [`Subject`] here knows how to ask the target about one input, and
//! the driver does the rest for all of them: as many lanes at a time as there are jobs, known regressions first, one
//! finding for each identity, shrunk and confirmed before it is told.

use crate::client::Stop;
use crate::discovery::Discovery;
use crate::gate::Kind;
use lane::Lane;
use scim_fuzz::Inputs;
use scim_record::Level;
use std::time::Duration;

mod body;
mod contrast;
pub(crate) mod driver;
pub(crate) mod filter;
pub(crate) mod lane;
pub(crate) mod patch;
mod perform;
mod sequence;
mod shrink;
#[cfg(test)]
mod tests;
mod told;

pub use perform::FuzzSettings;
pub(crate) use perform::{CLEAN_UP_LIMIT, perform};

/// Something that can be fuzzed.
pub(crate) trait Subject: Sized {
    /// What is sent.
    type Inputs: Inputs;

    /// Makes ready, once for a case: reads what the inputs depend on, creates the objects that they are about.
    ///
    /// What is created is removed at the end by the journal.
    async fn set_up(ground: &Ground<'_>) -> Result<Self, Unfit>;

    /// Returns how inputs are made.
    fn inputs(&self) -> &Self::Inputs;

    /// Returns what set-up has learnt of the target that is nobody's fault, a sentence each. They may hold remote text.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Asks the target about one input and judges what comes back.
    ///
    /// May be called again with the same input and with simpler ones, on any lane; whatever an earlier call left behind
    /// on the lane must not matter.
    async fn judge(&self, lane: &Lane<'_>, input: &<Self::Inputs as Inputs>::Input) -> Result<Judgement, Stop>;
}

/// What a subject finds when it is set up.
pub(crate) struct Ground<'g> {
    /// The lane to set up on; it is the first of those that inputs are sent on later.
    pub(crate) lane: &'g Lane<'g>,
    /// What the server says about itself.
    pub(crate) discovery: &'g Discovery,
    /// Which inputs of the subject the case is about: words of `only` in the suite; all of them where there is none.
    pub(crate) only: &'g [String],
    /// How long a read may be behind a write before that is a breach.
    pub(crate) settle: Duration,
}

impl Ground<'_> {
    /// Returns whether the case is about inputs of this kind.
    pub(crate) fn asks_for(&self, word: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == word)
    }
}

/// Why a subject cannot be set up.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// The target does not do what it takes: the case is skipped, for this reason. It may hold remote text.
    Skip(String),
    /// An exchange brought no answer.
    Stop(Stop),
}

impl From<Stop> for Unfit {
    fn from(stop: Stop) -> Self {
        Unfit::Stop(stop)
    }
}

/// What was made of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// The target is right.
    Holds,
    /// Nothing could be learnt, because the target does not do what the input is about; the text says what that is, and
    /// is the same for all inputs of which it is true.
    Unsupported(String),
    /// The target is wrong.
    Broken(Box<Breach>),
}

/// A way in which the target is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Breach {
    /// What does not hold, for example `agrees-with-the-oracle` or `MR-F4`.
    pub(crate) law: &'static str,
    /// What makes two breaches the same defect: the law and what of the input matters, for example the operator and
    /// the attribute's type. The same for all inputs that a shrunk one stands for.
    pub(crate) identity: String,
    /// One sentence: what was wrong. May hold remote text; the driver redacts it.
    pub(crate) message: String,
    /// What was to be expected, as text of several lines.
    pub(crate) expected: Option<String>,
    /// What the target did.
    pub(crate) actual: Option<String>,
    /// How binding the law is, where it binds less than the case.
    pub(crate) level: Option<Level>,
    /// What went wrong.
    pub(crate) kind: Kind,
}
