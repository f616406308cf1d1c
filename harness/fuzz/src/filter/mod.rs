//! Filters over a known population.
//!
//! A [`World`] is what a run knows of the server: the people and groups it created, as the server shows them, what the
//! server says about their attributes, and how it reads what RFC 7644 leaves open. [`Filters`] makes questions about it:
//! filters that the [`Oracle`] judges, [`Law`]s between filters, and texts that are no filters.

mod blame;
mod catalog;
mod dialect;
mod directory;
mod generate;
mod invalid;
mod law;
mod moment;
mod oracle;
mod population;
mod question;
mod spelling;
mod stock;
mod text;
mod truth;

#[cfg(test)]
mod tests;

pub use blame::{Blame, parts};
pub use catalog::{Attribute, Catalog};
pub use dialect::{Dialect, Point};
pub use directory::{Directory, Probe, Status, Support};
pub use invalid::{Mistake, Tier, is_grammatical, mistake_in};
pub use law::Law;
pub use oracle::Oracle;
pub use population::{GROUPS, PEOPLE, Resource, groups, people, plain_person};
pub use question::{Ask, Query, Question, Way, leaves};
pub use spelling::{Freedom, Spelling};
pub use truth::{Places, Truth, Truths};

use crate::Inputs;
use generate::Generator;
use proptest::prelude::RngExt as _;
use proptest::strategy::{BoxedStrategy, Just, Strategy as _};
use proptest::test_runner::TestRng;
use scim_lang::filter::Filter;
use std::ops::Range;
use std::sync::Arc;
use stock::Stock;

/// Whom a filter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// People.
    Users,
    /// Groups.
    Groups,
}

impl Kind {
    /// Both.
    pub const ALL: [Kind; 2] = [Kind::Users, Kind::Groups];

    /// Returns the endpoint (RFC 7644 §3.2).
    pub fn endpoint(self) -> &'static str {
        match self {
            Kind::Users => "/Users",
            Kind::Groups => "/Groups",
        }
    }

    /// Returns the attribute that bears the run's mark.
    pub fn naming_attribute(self) -> &'static str {
        match self {
            Kind::Users => "userName",
            Kind::Groups => "displayName",
        }
    }
}

/// What a run knows of the server under test.
#[derive(Debug, Clone)]
pub struct World {
    /// What the names of everything created begin with.
    pub mark: String,
    /// The people.
    pub users: Directory,
    /// The groups; none where the server has no groups.
    pub groups: Directory,
    /// Whether queries by POST are answered (RFC 7644 §3.4.3).
    pub has_search: bool,
}

impl World {
    /// Returns what is known of one type.
    pub fn directory(&self, kind: Kind) -> &Directory {
        match kind {
            Kind::Users => &self.users,
            Kind::Groups => &self.groups,
        }
    }

    /// Returns what is known of one type.
    pub fn directory_mut(&mut self, kind: Kind) -> &mut Directory {
        match kind {
            Kind::Users => &mut self.users,
            Kind::Groups => &mut self.groups,
        }
    }

    /// Returns where in a text the mark or an id stands, which are others in every run.
    fn fleeting(&self, text: &str) -> Vec<Range<usize>> {
        let stands = |name: &str| find(text, name).map(|start| start..start + name.len());
        self.ids_in(text).chain([&*self.mark]).filter_map(stands).collect()
    }

    /// Returns the ids in a text, but for those that are so short that they could be a part of anything.
    fn ids_in(&self, text: &str) -> impl Iterator<Item = &str> {
        let all = Kind::ALL.into_iter().flat_map(|kind| &self.directory(kind).resources);
        let long = all.map(|resource| &*resource.id).filter(|id| id.len() >= SHORTEST_ID);
        long.filter(move |id| text.contains(id))
    }

    /// Replaces what is another in every run by a name in braces.
    fn generalized(&self, text: &str) -> String {
        let mut text = text.replace(&self.mark, "{{mark}}");
        let upper = self.mark.to_ascii_uppercase();
        text = text.replace(&upper, "{{MARK}}");
        for kind in Kind::ALL {
            for (number, resource) in self.directory(kind).resources.iter().enumerate() {
                // A short id could be a part of anything.
                if resource.id.len() >= SHORTEST_ID {
                    let word = if kind == Kind::Users { "user" } else { "group" };
                    text = text.replace(&resource.id, &format!("{{{{{word} {number}}}}}"));
                    let flipped = generate::flipped(&resource.id);
                    text = text.replace(&flipped, &format!("{{{{{word} {number} flipped}}}}"));
                }
            }
        }
        text
    }

    /// Undoes [`World::generalized`] with the values of this run.
    fn specialized(&self, text: &str, kind: Kind) -> Result<String, String> {
        filled(text, |name| self.value_of(name, kind))
    }

    fn value_of(&self, name: &str, kind: Kind) -> Option<String> {
        let words: Vec<&str> = name.split_whitespace().collect();
        let id = |kind: Kind, number: &str| {
            let number: usize = number.parse().ok()?;
            self.directory(kind).resources.get(number).map(|resource| resource.id.clone())
        };
        match words.as_slice() {
            ["mark"] => Some(self.mark.clone()),
            ["MARK"] => Some(self.mark.to_ascii_uppercase()),
            ["user", number] => id(Kind::Users, number),
            ["group", number] => id(Kind::Groups, number),
            ["user", number, "flipped"] => id(Kind::Users, number).map(|id| generate::flipped(&id)),
            ["group", number, "flipped"] => id(Kind::Groups, number).map(|id| generate::flipped(&id)),
            ["time", seconds, zone] => {
                let seconds = seconds.parse().ok()?;
                moment::write(self.directory(kind).born()?, seconds, zone)
            }
            _ => None,
        }
    }
}

/// Puts what the names in double braces stand for in their places.
fn filled(text: &str, value_of: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut special = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        special.push_str(before);
        let (name, after) = behind.split_once("}}").ok_or("`{{` has no `}}`")?;
        special.push_str(&value_of(name).ok_or_else(|| format!("nothing is called `{{{{{name}}}}}` here"))?);
        rest = after;
    }
    special.push_str(rest);
    Ok(special)
}

/// Makes questions about a world.
#[derive(Debug, Clone)]
pub struct Filters {
    known: Arc<Known>,
    topics: Vec<Topic>,
}

/// A world, and what filters are drawn from in it.
#[derive(Debug)]
struct Known {
    world: World,
    users: Stock,
    groups: Stock,
}

impl Known {
    fn generator<'k>(&'k self, kind: Kind, rng: &'k mut TestRng) -> Generator<'k> {
        let stock = match kind {
            Kind::Users => &self.users,
            Kind::Groups => &self.groups,
        };
        Generator { world: &self.world, directory: self.world.directory(kind), stock, rng }
    }
}

/// What questions are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Filters, for the oracle.
    Filters,
    /// Laws between filters.
    Laws,
    /// What is no filter, or makes no sense.
    Mistakes,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Topic; 3] = [Topic::Filters, Topic::Laws, Topic::Mistakes];

    /// Returns the word for it in suites.
    pub fn word(self) -> &'static str {
        match self {
            Topic::Filters => "valid",
            Topic::Laws => "laws",
            Topic::Mistakes => "invalid",
        }
    }
}

impl Filters {
    /// Returns what makes questions about a world.
    pub fn new(world: World) -> Filters {
        let (users, groups) = (Stock::new(&world.users), Stock::new(&world.groups));
        Filters { known: Arc::new(Known { world, users, groups }), topics: Topic::ALL.to_vec() }
    }

    /// Makes questions on nothing but these topics; all of them if there is none.
    #[must_use]
    pub fn about(self, topics: &[Topic]) -> Filters {
        if topics.is_empty() { self } else { Filters { topics: topics.to_vec(), ..self } }
    }

    /// Returns the world.
    pub fn world(&self) -> &World {
        &self.known.world
    }
}

impl Inputs for Filters {
    type Input = Question;

    fn strategy(&self) -> BoxedStrategy<Question> {
        let (known, topics) = (Arc::clone(&self.known), self.topics.clone());
        Just(()).prop_perturb(move |(), mut rng| question(&known, &topics, &mut rng)).boxed()
    }

    fn simpler(&self, input: &Question) -> Vec<Question> {
        input.simpler(self.world().directory(input.kind))
    }

    fn size(&self, input: &Question) -> usize {
        input.size()
    }

    fn print(&self, input: &Question) -> String {
        input.print(self.world())
    }

    fn parse(&self, text: &str) -> Result<Question, String> {
        Question::parse(text, |body, kind| self.world().specialized(body, kind))
    }
}

/// Tells whether a text is a question, whatever the population is; what stands for one of it may be anything.
///
/// # Errors
/// As [`Inputs::parse`].
pub fn check(text: &str) -> Result<(), String> {
    Question::parse(text, |body, _| filled(body, |_| Some("x".to_owned()))).map(drop)
}

/// Makes one question: where all topics are wanted, in three of five cases a filter for the oracle.
fn question(known: &Known, topics: &[Topic], rng: &mut TestRng) -> Question {
    let world = &known.world;
    let has_groups = world.groups.resources.len() > 1;
    let kind = if has_groups && rng.random_bool(0.25) { Kind::Groups } else { Kind::Users };
    let directory = world.directory(kind);
    let weight = |topic: &Topic| match topic {
        Topic::Filters => 60,
        Topic::Laws => 22,
        Topic::Mistakes => 18,
    };
    let mut roll = rng.random_range(0..topics.iter().map(weight).sum::<u32>());
    let drawn = topics.iter().copied().find(|topic| {
        let is_drawn = roll < weight(topic);
        roll = roll.saturating_sub(weight(topic));
        is_drawn
    });
    let ask = match drawn {
        None | Some(Topic::Filters) => None,
        Some(Topic::Laws) => law(&mut known.generator(kind, rng)),
        Some(Topic::Mistakes) => {
            invalid::generate(&mut known.generator(kind, rng)).map(|(text, mistake)| Ask::Wrong { text, mistake })
        }
    };
    let ask = ask.or_else(|| {
        let wrong = directory.support.wrong();
        if !wrong.is_empty() && rng.random_bool(0.1) {
            let filter = wrong[rng.random_range(0..wrong.len())].clone();
            return Some(Ask::Filter { filter, spelling: Spelling::default(), way: Way::Get });
        }
        let filter = known.generator(kind, rng).filter()?;
        let way = if world.has_search && rng.random_bool(0.15) { Way::Post } else { Way::Get };
        Some(Ask::Filter { filter, spelling: spelling(rng), way })
    });
    // A server that refuses everything but this much still has to answer it.
    let last_resort = || Ask::Filter {
        filter: Filter::compare(
            scim_lang::path::AttrPath::new(kind.naming_attribute()),
            scim_lang::filter::CompareOp::Eq,
            format!("{}nobody", world.mark),
        ),
        spelling: Spelling::default(),
        way: Way::Get,
    };
    Question { kind, ask: ask.unwrap_or_else(last_resort) }
}

fn law(generator: &mut Generator<'_>) -> Option<Ask> {
    let law = match generator.rng.random_range(0..Law::ALL.len()) {
        // What changes the server is rare: it costs several requests.
        at if Law::ALL[at].has_protocol() && generator.rng.random_bool(0.7) => return None,
        at => Law::ALL[at],
    };
    let operands = law.operands(generator)?;
    Some(Ask::Law { law, operands })
}

fn spelling(rng: &mut TestRng) -> Spelling {
    if rng.random_bool(0.5) {
        return Spelling::default();
    }
    let freedoms: Vec<Freedom> = Freedom::ALL.into_iter().filter(|_| rng.random_bool(0.3)).collect();
    let seed = if freedoms.is_empty() { 0 } else { rng.random_range(1..0x1_0000) };
    Spelling { freedoms, seed }
}

/// Finds a text of ASCII in another, whatever its case.
fn find(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len().max(1)).position(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))
}

const SHORTEST_ID: usize = 8;
