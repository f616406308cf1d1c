//! PATCH requests on one resource (RFC 7644 §3.5.2), and what a server must make of them.
//!
//! | module | what it is for |
//! |---|---|
//! | `vocabulary` | the attributes that trials are about, and what of them a server has |
//! | `trial` | a resource, the operations sent to it, and the law on trial |
//! | `generate`, `dice` | how trials are made |
//! | `simpler` | how they are made smaller |
//! | `oracle`, `readings` | what a correct server may make of a request, with what the RFC leaves open |
//! | `compare` | when what a server holds is what it was to hold |
//! | `law` | relations between requests, and the names of all laws |
//! | `form` | what operations have in common that break for one reason |
//! | `invariant` | what holds after every request, whatever it was |

mod compare;
mod dice;
mod form;
mod generate;
mod invariant;
mod law;
mod oracle;
mod readings;
mod simpler;
#[cfg(test)]
mod tests;
mod trial;
mod vocabulary;

pub use compare::{Context, Difference, DifferenceKind, differences, is_same};
pub use form::{Form, form_of, message};
pub use invariant::{Invariant, broken};
pub use law::{Arms, Law, Request, after};
pub use oracle::{Outcome, Prediction, Standing, forms, predict};
pub use trial::{Names, Trial};
pub use vocabulary::{MEMBERS_OF_A_LANE, Resource, Vocabulary};

use crate::Inputs;
use dice::Dice;
use proptest::prelude::*;

/// What trials are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aim {
    /// Users against the reference algorithm.
    Users,
    /// Groups against the reference algorithm.
    Groups,
    /// What Okta sends.
    Okta,
    /// Relations between requests.
    Relations,
    /// Additions at the same time.
    Race,
}

impl Aim {
    /// Every aim.
    pub const ALL: [Aim; 5] = [Aim::Users, Aim::Groups, Aim::Okta, Aim::Relations, Aim::Race];

    /// Returns the name by which suites know the aim.
    pub fn name(self) -> &'static str {
        match self {
            Aim::Users => "users",
            Aim::Groups => "groups",
            Aim::Okta => "okta",
            Aim::Relations => "laws",
            Aim::Race => "concurrent",
        }
    }
}

/// How trials are made.
#[derive(Debug, Clone)]
pub struct Patches {
    /// What they are about; all of it where there is nothing.
    pub aims: Vec<Aim>,
    /// The attributes that the server has.
    pub vocabulary: Vocabulary,
}

impl Inputs for Patches {
    type Input = Trial;

    fn strategy(&self) -> BoxedStrategy<Trial> {
        let patches = self.clone();
        Just(()).prop_perturb(move |(), rng| generate::trial(&patches, &mut Dice(rng))).no_shrink().boxed()
    }

    fn simpler(&self, input: &Trial) -> Vec<Trial> {
        simpler::simpler(input)
    }

    fn size(&self, input: &Trial) -> usize {
        simpler::size(input)
    }

    fn print(&self, input: &Trial) -> String {
        input.print()
    }

    fn parse(&self, text: &str) -> Result<Trial, String> {
        Trial::parse(text)
    }
}

/// Tells whether a text is a trial, whatever the server has.
///
/// # Errors
/// As [`Inputs::parse`].
pub fn check(text: &str) -> Result<(), String> {
    Trial::parse(text).map(drop)
}

/// How many additions a race has.
pub const RACERS: usize = 20;
