//! The list of faults: every wrong behaviour the specimen can be asked to show.
//!
//! The names are an interface: the command line takes them, and the proof that every suite case can fail is written in
//! them. *Faults* break or mislead Okta. *Quirks* break a rule that Okta's traffic does not depend on, or depends on in a
//! way that nobody has documented: the suites warn about a quirk and never fail it under the default gate.
//!
//! Those of Okta's traffic are listed in `okta`, and what they do in the other modules of [`crate::sabotage`]. Those of
//! the RFCs are rows of the modules `rfc_…` there: a row has the name, the sentence, the clause and what it does.
//!
//! # How to add a quirk of an RFC
//!
//! 1. Add a row to `QUIRKS` in the module of `sabotage` whose topic it is, or to `FAULTS` if it fails a case under the
//!    default gate too:
//!
//!    ```text
//!    Behaviour::new(
//!        "delete-answers-200",
//!        "DELETE answers 200 instead of 204.",
//!        "RFC7644 3.6",
//!        &[Effect::Reply(|request, _, reply| {
//!            if request.method == Method::DELETE && reply.status == StatusCode::NO_CONTENT {
//!                reply.status = StatusCode::OK;
//!            }
//!        })],
//!    ),
//!    ```
//!
//!    [`Effect`](crate::behaviour::Effect) lists the places where a row can act; a row may act at several.
//! 2. Run the tests of this crate. If they say that nobody sees the row, add a request that shows it to
//!    `tests/specimen/tour.rs`.
//!
//! Whether a case of the suites tells of it is proved by `harness/tests/every_case_can_fail.rs`.

use std::str::FromStr;
use std::sync::LazyLock;

use thiserror::Error;

use crate::sabotage;

mod okta;

pub use okta::Fault;

/// Both lists, put together once.
struct Lists {
    faults: Vec<Fault>,
    quirks: Vec<Fault>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let rows =
        |tables: &[sabotage::Rows]| tables.iter().flat_map(|table| table.iter()).map(Fault::Rfc).collect::<Vec<_>>();
    Lists {
        faults: [Fault::OKTA_FAULTS, &rows(sabotage::RFC_FAULTS)].concat(),
        quirks: [Fault::OKTA_QUIRKS, &rows(sabotage::RFC_QUIRKS)].concat(),
    }
});

impl Fault {
    /// Returns every fault that breaks or misleads Okta, in the order in which they are documented: each of them fails
    /// some case under the default gate.
    pub fn faults() -> &'static [Fault] {
        &LISTS.faults
    }

    /// Returns every quirk: behaviour the suites warn about, and never fail under the default gate.
    pub fn quirks() -> &'static [Fault] {
        &LISTS.quirks
    }

    /// Returns the name by which the command line knows this fault, in kebab-case.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// Returns one sentence that says what the service provider does wrong.
    pub const fn summary(self) -> &'static str {
        self.entry().summary
    }

    /// Returns the clause that the behaviour violates, as suites cite it.
    pub const fn clause(self) -> &'static str {
        self.entry().clause
    }

    /// Tells whether the suites only warn about it under the default gate.
    pub fn is_quirk(self) -> bool {
        Fault::quirks().contains(&self)
    }

    /// Returns the row of the list of known vendor bugs in which this behaviour was seen in the wild, if it was.
    pub const fn vendor_bug(self) -> Option<u32> {
        self.entry().vendor_bug
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Fault::faults().iter().chain(Fault::quirks()).find(|fault| fault.name() == name);
        found.copied().ok_or_else(|| UnknownFault { name: name.to_owned() })
    }
}

/// The text that was to name a fault names none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no fault named `{name}`")]
pub struct UnknownFault {
    name: String,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn every() -> impl Iterator<Item = &'static Fault> {
        Fault::faults().iter().chain(Fault::quirks())
    }

    #[test]
    fn every_fault_and_quirk_is_found_by_its_name() {
        for fault in every() {
            assert_eq!(fault.name().parse(), Ok(*fault));
        }
    }

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut seen = HashSet::new();
        for fault in every() {
            let name = fault.name();
            assert!(seen.insert(name), "{name} occurs twice");
            assert!(name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{name} is not kebab-case");
        }
    }

    #[test]
    fn an_unknown_name_is_repeated_in_the_error() {
        let error = "put-explodes".parse::<Fault>().unwrap_err();
        assert_eq!(error.to_string(), "there is no fault named `put-explodes`");
    }
}
