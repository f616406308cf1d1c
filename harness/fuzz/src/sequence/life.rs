//! A life as data: what happens to people and groups, one step after the other, and how it is written down.

use std::fmt;

/// What happens to the people and groups of one lane.
///
/// A deed on somebody who is not there does nothing, so that every part of a life is a life.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Life {
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// What happens before anybody looks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// One deed, or several at the same time, which then come out the same in any order.
    pub deeds: Vec<Deed>,
}

/// A person whom raw requests create: `p0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(pub u8);

/// A group that raw requests create: `g0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Crew(pub u8);

/// A person of the Okta org: `o0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Employee(pub u8);

/// A group of the Okta org: `k0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Team(pub u8);

/// A name somebody or some group can have: `n0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub u8);

/// A set of profile values that can be told from every other: `v0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u8);

/// One thing that is done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Somebody is created under a name.
    Create(Person, Name),
    /// Everything about somebody is replaced, with the values of a version.
    Put(Person, Version),
    /// Somebody is renamed by PUT.
    PutName(Person, Name),
    /// Some values of somebody are replaced by PATCH.
    Patch(Person, Version),
    /// Somebody is renamed by PATCH.
    PatchName(Person, Name),
    /// Somebody's title is removed by PATCH.
    Clear(Person),
    /// Somebody is deactivated, as Okta does it.
    Deactivate(Person),
    /// Somebody is reactivated, as Okta does it.
    Reactivate(Person),
    /// Somebody is deleted.
    Delete(Person),
    /// A group is created.
    Found(Crew, Name, Vec<Person>),
    /// A group is renamed, as Okta does it.
    Rename(Crew, Name),
    /// Members join a group.
    Add(Crew, Vec<Person>),
    /// Members leave a group.
    Remove(Crew, Vec<Person>),
    /// The members of a group are replaced by PATCH.
    Members(Crew, Vec<Person>),
    /// A group is replaced by PUT, with these members.
    PutCrew(Crew, Vec<Person>),
    /// A group is deleted.
    Disband(Crew),
    /// Okta: somebody is assigned to the app.
    Assign(Employee),
    /// Okta: the profile changes.
    Update(Employee, Version),
    /// Okta: somebody is deactivated in Okta.
    Leave(Employee),
    /// Okta: somebody comes back.
    Return(Employee),
    /// Okta: somebody is unassigned from the app.
    Unassign(Employee),
    /// Okta: a group is pushed.
    Push(Team),
    /// Okta: a group is renamed.
    RenameTeam(Team, Name),
    /// Okta: somebody joins a group.
    Join(Team, Employee),
    /// Okta: somebody leaves a group.
    Quit(Team, Employee),
    /// Okta: "Push now".
    PushNow(Team),
    /// Okta: a group is unlinked, and deleted at the target.
    Unlink(Team),
}

impl Version {
    /// Tells whether the title is among its values. The first half leaves it alone, so that one which was removed stays
    /// removed.
    pub fn sets_title(self) -> bool {
        self.0 >= VERSIONS / 2
    }
}

impl Deed {
    /// Tells whether the mock org does it, rather than one raw request.
    pub fn is_of_okta(&self) -> bool {
        use Deed::{Assign, Join, Leave, Push, PushNow, Quit, RenameTeam, Return, Unassign, Unlink, Update};
        matches!(
            self,
            Assign(_)
                | Update(..)
                | Leave(_)
                | Return(_)
                | Unassign(_)
                | Push(_)
                | RenameTeam(..)
                | Join(..)
                | Quit(..)
                | PushNow(_)
                | Unlink(_)
        )
    }

    /// Returns the word it is written with.
    pub fn verb(&self) -> &'static str {
        match self {
            Deed::Create(..) => "create",
            Deed::Put(..) => "put",
            Deed::PutName(..) => "put-name",
            Deed::Patch(..) => "patch",
            Deed::PatchName(..) => "patch-name",
            Deed::Clear(_) => "clear",
            Deed::Deactivate(_) => "deactivate",
            Deed::Reactivate(_) => "reactivate",
            Deed::Delete(_) => "delete",
            Deed::Found(..) => "found",
            Deed::Rename(..) => "rename",
            Deed::Add(..) => "add",
            Deed::Remove(..) => "remove",
            Deed::Members(..) => "members",
            Deed::PutCrew(..) => "put-group",
            Deed::Disband(_) => "disband",
            Deed::Assign(_) => "okta-assign",
            Deed::Update(..) => "okta-update",
            Deed::Leave(_) => "okta-deactivate",
            Deed::Return(_) => "okta-reactivate",
            Deed::Unassign(_) => "okta-unassign",
            Deed::Push(_) => "okta-push",
            Deed::RenameTeam(..) => "okta-rename",
            Deed::Join(..) => "okta-join",
            Deed::Quit(..) => "okta-quit",
            Deed::PushNow(_) => "okta-push-now",
            Deed::Unlink(_) => "okta-unlink",
        }
    }

    /// Returns the people whom raw requests name in a list.
    pub fn listed(&self) -> Option<&[Person]> {
        match self {
            Deed::Found(.., people)
            | Deed::Add(_, people)
            | Deed::Remove(_, people)
            | Deed::Members(_, people)
            | Deed::PutCrew(_, people) => Some(people),
            _ => None,
        }
    }

    /// Returns the same deed with another list of people.
    pub fn with_listed(&self, people: Vec<Person>) -> Deed {
        match self {
            Deed::Found(crew, name, _) => Deed::Found(*crew, *name, people),
            Deed::Add(crew, _) => Deed::Add(*crew, people),
            Deed::Remove(crew, _) => Deed::Remove(*crew, people),
            Deed::Members(crew, _) => Deed::Members(*crew, people),
            Deed::PutCrew(crew, _) => Deed::PutCrew(*crew, people),
            other => other.clone(),
        }
    }

    /// Returns the words after the verb.
    fn words(&self) -> Vec<String> {
        let list = |people: &[Person]| people.iter().map(Person::to_string).collect::<Vec<_>>();
        match self {
            Deed::Create(person, name) | Deed::PutName(person, name) | Deed::PatchName(person, name) => {
                vec![person.to_string(), name.to_string()]
            }
            Deed::Put(person, version) | Deed::Patch(person, version) => vec![person.to_string(), version.to_string()],
            Deed::Clear(person) | Deed::Deactivate(person) | Deed::Reactivate(person) | Deed::Delete(person) => {
                vec![person.to_string()]
            }
            Deed::Found(crew, name, people) => [vec![crew.to_string(), name.to_string()], list(people)].concat(),
            Deed::Rename(crew, name) => vec![crew.to_string(), name.to_string()],
            Deed::Add(crew, people)
            | Deed::Remove(crew, people)
            | Deed::Members(crew, people)
            | Deed::PutCrew(crew, people) => [vec![crew.to_string()], list(people)].concat(),
            Deed::Disband(crew) => vec![crew.to_string()],
            Deed::Assign(who) | Deed::Leave(who) | Deed::Return(who) | Deed::Unassign(who) => vec![who.to_string()],
            Deed::Update(who, version) => vec![who.to_string(), version.to_string()],
            Deed::Push(team) | Deed::PushNow(team) | Deed::Unlink(team) => vec![team.to_string()],
            Deed::RenameTeam(team, name) => vec![team.to_string(), name.to_string()],
            Deed::Join(team, who) | Deed::Quit(team, who) => vec![team.to_string(), who.to_string()],
        }
    }

    fn read(verb: &str, words: &[&str]) -> Result<Deed, String> {
        let person = |at| number(words, at, 'p', PEOPLE).map(Person);
        let crew = |at| number(words, at, 'g', CREWS).map(Crew);
        let who = |at| number(words, at, 'o', EMPLOYEES).map(Employee);
        let team = |at| number(words, at, 'k', TEAMS).map(Team);
        let name = |at| number(words, at, 'n', NAMES).map(Name);
        let version = |at| number(words, at, 'v', VERSIONS).map(Version);
        let people = |from| (from..words.len()).map(person).collect::<Result<Vec<_>, _>>();
        let deed = match verb {
            "create" => Deed::Create(person(0)?, name(1)?),
            "put" => Deed::Put(person(0)?, version(1)?),
            "put-name" => Deed::PutName(person(0)?, name(1)?),
            "patch" => Deed::Patch(person(0)?, version(1)?),
            "patch-name" => Deed::PatchName(person(0)?, name(1)?),
            "clear" => Deed::Clear(person(0)?),
            "deactivate" => Deed::Deactivate(person(0)?),
            "reactivate" => Deed::Reactivate(person(0)?),
            "delete" => Deed::Delete(person(0)?),
            "found" => Deed::Found(crew(0)?, name(1)?, people(2)?),
            "rename" => Deed::Rename(crew(0)?, name(1)?),
            "add" => Deed::Add(crew(0)?, people(1)?),
            "remove" => Deed::Remove(crew(0)?, people(1)?),
            "members" => Deed::Members(crew(0)?, people(1)?),
            "put-group" => Deed::PutCrew(crew(0)?, people(1)?),
            "disband" => Deed::Disband(crew(0)?),
            "okta-assign" => Deed::Assign(who(0)?),
            "okta-update" => Deed::Update(who(0)?, version(1)?),
            "okta-deactivate" => Deed::Leave(who(0)?),
            "okta-reactivate" => Deed::Return(who(0)?),
            "okta-unassign" => Deed::Unassign(who(0)?),
            "okta-push" => Deed::Push(team(0)?),
            "okta-rename" => Deed::RenameTeam(team(0)?, name(1)?),
            "okta-join" => Deed::Join(team(0)?, who(1)?),
            "okta-quit" => Deed::Quit(team(0)?, who(1)?),
            "okta-push-now" => Deed::PushNow(team(0)?),
            "okta-unlink" => Deed::Unlink(team(0)?),
            other => return Err(format!("`{other}` is nothing that can happen")),
        };
        match deed.words().len() == words.len() {
            true => Ok(deed),
            false => Err(format!("`{verb} {}` has words that mean nothing", words.join(" "))),
        }
    }
}

/// Reads the word at a place: a letter and a number below a bound.
fn number(words: &[&str], at: usize, letter: char, bound: u8) -> Result<u8, String> {
    let last = bound - 1;
    let word = words.get(at).ok_or_else(|| format!("a word such as {letter}0 is missing"))?;
    let number = word.strip_prefix(letter).and_then(|number| number.parse().ok()).filter(|number| *number < bound);
    number.ok_or_else(|| format!("`{word}` is none of {letter}0 to {letter}{last}"))
}

impl Life {
    /// Reads what its `Display` writes: deeds with `;` or a line's end between steps and `&` between what happens at the
    /// same time.
    ///
    /// # Errors
    /// A sentence that says which word means nothing.
    pub fn parse(text: &str) -> Result<Life, String> {
        let steps = text.split([';', '\n']).map(str::trim).filter(|step| !step.is_empty());
        let steps: Vec<Step> = steps.map(Step::parse).collect::<Result<_, _>>()?;
        match steps.len() {
            0 => Err("nothing happens".to_owned()),
            1..=LONGEST => Ok(Life { steps }),
            length => Err(format!("{length} steps are more than {LONGEST}")),
        }
    }

    /// Returns all deeds in order.
    pub fn deeds(&self) -> impl Iterator<Item = &Deed> {
        self.steps.iter().flat_map(|step| &step.deeds)
    }
}

impl Step {
    /// Returns a step of one deed.
    pub fn of(deed: Deed) -> Step {
        Step { deeds: vec![deed] }
    }

    fn parse(text: &str) -> Result<Step, String> {
        let read = |deed: &str| {
            let words: Vec<&str> = deed.split_whitespace().collect();
            let (verb, words) = words.split_first().ok_or("a deed is missing beside an `&`")?;
            Deed::read(verb, words)
        };
        let deeds: Vec<Deed> = text.split('&').map(read).collect::<Result<_, _>>()?;
        if deeds.len() > 1 && deeds.iter().any(Deed::is_of_okta) {
            return Err("what Okta does happens alone: one org does one thing after the other".to_owned());
        }
        Ok(Step { deeds })
    }

    /// Returns what to call the step: its verbs.
    pub fn verbs(&self) -> String {
        self.deeds.iter().map(Deed::verb).collect::<Vec<_>>().join(" & ")
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self.steps.iter().map(Step::to_string).collect();
        f.write_str(&steps.join("; "))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deeds: Vec<String> = self.deeds.iter().map(Deed::to_string).collect();
        f.write_str(&deeds.join(" & "))
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb(), self.words().join(" "))
    }
}

macro_rules! written_with_a_letter {
    ($($name:ident $letter:literal),+) => {
        $(impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        })+
    };
}

written_with_a_letter!(Person "p", Crew "g", Employee "o", Team "k", Name "n", Version "v");

/// How many people raw requests create.
pub(super) const PEOPLE: u8 = 4;
/// How many groups they create.
pub(super) const CREWS: u8 = 3;
/// How many people the Okta org has.
pub const EMPLOYEES: u8 = 3;
/// How many groups it has.
pub const TEAMS: u8 = 2;
/// How many names there are.
pub(super) const NAMES: u8 = 6;
/// How many versions of a profile there are.
pub(super) const VERSIONS: u8 = 8;
/// How many steps a life read from a text may have.
const LONGEST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_read_back_as_it_was_written() {
        let text = "create p0 n1; found g0 n2 p0 p1; add g0 p2 & patch p1 v3; okta-join k0 o1; put-group g1";
        let life = Life::parse(text).unwrap();
        assert_eq!(life.to_string(), text.trim_end());
        assert_eq!(Life::parse(&life.to_string()), Ok(life));
    }

    #[test]
    fn a_text_that_is_no_life_is_refused_with_the_word_that_is_wrong() {
        for (text, wrong) in [
            ("", "nothing happens"),
            ("fly p0", "`fly`"),
            ("create p0", "n0 is missing"),
            ("create p9 n0", "`p9`"),
            ("clear p0 n1", "mean nothing"),
            ("okta-assign o0 & create p0 n0", "alone"),
            ("create p0 n0 &", "missing beside"),
        ] {
            let error = Life::parse(text).unwrap_err();
            assert!(error.contains(wrong), "{text}: {error}");
        }
    }
}
