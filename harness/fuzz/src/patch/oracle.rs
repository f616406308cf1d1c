//! What a correct server may make of a PATCH.
//!
//! [`scim_lang::patch`] carries out one reading of RFC 7644 §3.5.2. Where the RFC is silent, other outcomes are lawful
//! too; they are found here, operation by operation, as further branches. A branch that is not lawful, but known from
//! the wild, is marked as a dialect, so that it can be told as what it is.

use super::form::{Form, form_of};
use super::readings::readings;
use super::vocabulary::Resource;
use scim_lang::error::ScimType;
use serde_json::Value;

/// One outcome of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The resource afterwards; nothing where the request is refused.
    pub state: Option<Value>,
    /// Whether a server may do this.
    pub standing: Standing,
}

/// Whether a server may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The RFC says so, or says nothing.
    Lawful,
    /// The RFC says otherwise, but it is a known dialect; the text names it.
    Dialect(&'static str),
    /// The RFC recommends otherwise; the text says what.
    Unwise(&'static str),
}

/// What a correct server may make of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Every outcome, our own reading first.
    pub outcomes: Vec<Outcome>,
    /// Whether some operation leaves the server a choice.
    pub is_open: bool,
    /// Whether `meta.lastModified` has to stay, because the request only adds what is there (RFC 7644 §3.5.2.1).
    pub keeps_time: bool,
    /// Why a server has to refuse the request, where it has to.
    pub reason: Option<ScimType>,
}

impl Prediction {
    /// Returns the states that some reading ends in.
    pub fn states(&self) -> impl Iterator<Item = (&Value, Standing)> {
        self.outcomes.iter().filter_map(|outcome| Some((outcome.state.as_ref()?, outcome.standing)))
    }

    /// Returns how well a refusal stands, if there is a reading that refuses.
    pub fn refusal(&self) -> Option<Standing> {
        self.outcomes.iter().filter(|outcome| outcome.state.is_none()).map(|outcome| outcome.standing).min()
    }
}

/// Returns what a correct server may make of operations on a resource as it stands.
///
/// `is_okta` holds a server to what Okta's pushes rely on where the RFC leaves a choice: the removal of a member that
/// is not there succeeds.
pub fn predict(resource: Resource, state: &Value, operations: &[Value], is_okta: bool) -> Prediction {
    let mut branches = vec![(state.clone(), Standing::Lawful)];
    let mut refusals: Vec<Standing> = Vec::new();
    let mut reason = None;
    let mut is_open = false;
    let mut keeps_time = !operations.is_empty();
    for (index, operation) in operations.iter().enumerate() {
        let mut next: Vec<(Value, Standing)> = Vec::new();
        for (branch, (state, standing)) in branches.iter().enumerate() {
            let all = readings(resource, operation, state, is_okta);
            is_open |= all.iter().filter(|reading| matches!(reading.standing, Standing::Lawful)).count() > 1;
            if branch == 0 {
                keeps_time &=
                    operation["op"] == "add" && all.first().is_some_and(|it| it.state.as_ref() == Some(state));
            }
            for reading in all {
                let standing = (*standing).max(reading.standing);
                match reading.state {
                    Some(state) => {
                        let known = next.iter_mut().find(|(other, _)| *other == state);
                        match known {
                            Some((_, other)) => *other = standing.min(*other),
                            None => next.push((state, standing)),
                        }
                    }
                    None => {
                        if index == 0 || reason.is_none() {
                            reason = reading.reason;
                        }
                        refusals.push(standing);
                    }
                }
            }
        }
        next.truncate(BRANCHES);
        branches = next;
    }
    let mut outcomes: Vec<Outcome> =
        branches.into_iter().map(|(state, standing)| Outcome { state: Some(state), standing }).collect();
    if let Some(standing) = refusals.into_iter().min() {
        outcomes.push(Outcome { state: None, standing });
    }
    Prediction { outcomes, is_open, keeps_time, reason }
}

/// Returns the forms of the operations, for identities.
pub fn forms(resource: Resource, operations: &[Value]) -> Vec<Form> {
    operations.iter().map(|operation| form_of(resource, operation)).collect()
}

/// How many states are followed. One silent cell has at most four.
const BRANCHES: usize = 64;
