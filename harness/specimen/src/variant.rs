//! The list of variants: every lawful difference the specimen can be asked to show.
//!
//! A fault proves that a case can fail; a variant proves that it does not fail whoever is right. Each names the clause
//! that allows it. What an RFC forbids, however many do it and however little Okta minds, is a quirk
//! ([`Fault`](crate::Fault)) and does not belong here.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::behaviour::Behaviour;
use crate::sabotage::Rows;

mod lists;
mod offers;
mod shapes;
mod writes;

/// One lawful difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Variant(&'static Behaviour);

impl Variant {
    /// Returns every variant, in the order in which they are documented.
    pub fn all() -> impl Iterator<Item = Variant> {
        TABLES.iter().flat_map(|table| table.iter()).map(Variant)
    }

    /// Returns the name by which the command line knows this variant, in kebab-case.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns one sentence that says what the service provider does.
    pub const fn what(self) -> &'static str {
        self.0.what
    }

    /// Returns the clause that allows it.
    pub const fn clause(self) -> &'static str {
        self.0.clause
    }

    pub(crate) const fn behaviour(self) -> &'static Behaviour {
        self.0
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Variant {
    type Err = UnknownVariant;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Variant::all().find(|variant| variant.name() == name).ok_or_else(|| UnknownVariant { name: name.to_owned() })
    }
}

/// The text that was to name a variant names none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no variant named `{name}`")]
pub struct UnknownVariant {
    name: String,
}

const TABLES: &[Rows] = &[writes::VARIANTS, shapes::VARIANTS, lists::VARIANTS, offers::VARIANTS];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_kebab_case_and_lead_back() {
        let mut seen = HashSet::new();
        for variant in Variant::all() {
            let name = variant.name();
            assert!(seen.insert(name), "{name} occurs twice");
            assert!(name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{name} is not kebab-case");
            assert!(name.parse::<crate::Fault>().is_err(), "{name} is a fault as well");
            assert_eq!(name.parse(), Ok(variant));
        }
        assert!(seen.len() >= 40, "{} variants", seen.len());
    }

    #[test]
    fn each_names_the_clause_that_allows_it_and_says_what_it_does() {
        for variant in Variant::all() {
            assert!(variant.clause().starts_with("RFC") && variant.clause().contains(' '), "{variant}");
            assert!(variant.what().ends_with('.'), "{variant}");
        }
    }
}
