//! How lives are made: a state machine that knows roughly who is there, so that most of what happens can happen.
//!
//! It is no oracle: names may be taken all the same, and Okta may find people whom raw requests have made.

use super::life::{
    CREWS, Crew, Deed, EMPLOYEES, Employee, Life, NAMES, Name, PEOPLE, Person, Step, TEAMS, Team, VERSIONS, Version,
};
use proptest::prelude::{BoxedStrategy, Just, Strategy, any};
use proptest_state_machine::ReferenceStateMachine;
use std::collections::BTreeSet;

/// The state machine.
pub(super) struct Plot;

/// Who is there.
#[derive(Debug, Clone, Default)]
pub(super) struct Scene {
    people: [Being; PEOPLE as usize],
    crews: [Gathering<Person>; CREWS as usize],
    employees: [Being; EMPLOYEES as usize],
    teams: [Gathering<Employee>; TEAMS as usize],
}

#[derive(Debug, Clone, Default)]
struct Being {
    is_there: bool,
    was_there: bool,
    is_inactive: bool,
    has_title: bool,
    lost_title: bool,
    /// The name of whoever was here last.
    name: Option<Name>,
}

#[derive(Debug, Clone)]
struct Gathering<M> {
    is_there: bool,
    was_there: bool,
    members: BTreeSet<M>,
    /// The name of the group that was here last.
    name: Option<Name>,
}

impl<M> Default for Gathering<M> {
    fn default() -> Self {
        Gathering { is_there: false, was_there: false, members: BTreeSet::new(), name: None }
    }
}

impl ReferenceStateMachine for Plot {
    type State = Scene;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Scene> {
        Just(Scene::default()).boxed()
    }

    fn transitions(scene: &Scene) -> BoxedStrategy<Step> {
        let deeds = scene.possible();
        let alone = pick(&deeds).prop_map(Step::of);
        let raw: Vec<(u32, Deed)> = deeds.into_iter().filter(|(_, deed)| !deed.is_of_okta()).collect();
        let pair = (pick(&raw), pick(&raw)).prop_map(|(one, other)| match commute(&one, &other) {
            true => Step { deeds: vec![one, other] },
            false => Step::of(one),
        });
        proptest::prop_oneof![5 => alone, 1 => pair].boxed()
    }

    fn preconditions(scene: &Scene, step: &Step) -> bool {
        step.deeds.iter().all(|deed| scene.allows(deed))
    }

    fn apply(mut scene: Scene, step: &Step) -> Scene {
        step.deeds.iter().for_each(|deed| scene.follow(deed));
        scene
    }
}

/// Returns how lives are made.
pub(super) fn lives() -> BoxedStrategy<Life> {
    Plot::sequential_strategy(2..14_usize).prop_map(|(_, steps, _)| Life { steps }).boxed()
}

/// Picks one of some deeds by weight. What is free about a deed — names and versions — varies inside of it.
fn pick(deeds: &[(u32, Deed)]) -> BoxedStrategy<Deed> {
    let total: u32 = deeds.iter().map(|(weight, _)| weight).sum();
    let deeds = deeds.to_vec();
    let free = (0..total, any::<u8>(), 0..NAMES, 0..VERSIONS);
    free.prop_map(move |(mut at, mask, name, version)| {
        for (weight, deed) in &deeds {
            if at < *weight {
                return vary(deed, mask, Name(name), Version(version));
            }
            at -= weight;
        }
        unreachable!("the number is below the sum of all weights")
    })
    .boxed()
}

fn vary(deed: &Deed, mask: u8, name: Name, version: Version) -> Deed {
    let some = |people: &[Person]| -> Vec<Person> {
        people.iter().filter(|person| mask & (1 << person.0) != 0).copied().collect()
    };
    match deed {
        // Three quarters of those who come back have the name they had.
        Deed::Create(person, own) => Deed::Create(*person, if mask & 0xc0 == 0 { name } else { *own }),
        Deed::PutName(person, _) => Deed::PutName(*person, name),
        Deed::PatchName(person, _) => Deed::PatchName(*person, name),
        Deed::Put(person, _) => Deed::Put(*person, version),
        Deed::Patch(person, _) => Deed::Patch(*person, version),
        Deed::Found(crew, own, people) => Deed::Found(*crew, if mask & 0xc0 == 0 { name } else { *own }, some(people)),
        Deed::Rename(crew, _) => Deed::Rename(*crew, name),
        Deed::Update(who, _) => Deed::Update(*who, version),
        Deed::RenameTeam(team, _) => Deed::RenameTeam(*team, name),
        Deed::Add(crew, people) | Deed::Remove(crew, people) => {
            // Nobody to add is no deed.
            let chosen = some(people);
            let chosen = if chosen.is_empty() { people[..1].to_vec() } else { chosen };
            if matches!(deed, Deed::Add(..)) { Deed::Add(*crew, chosen) } else { Deed::Remove(*crew, chosen) }
        }
        Deed::Members(crew, people) => Deed::Members(*crew, some(people)),
        Deed::PutCrew(crew, people) => Deed::PutCrew(*crew, some(people)),
        other => other.clone(),
    }
}

/// Tells whether two raw deeds come out the same in any order: they are about different objects and names, or add
/// different people to one group.
pub(super) fn commute(one: &Deed, other: &Deed) -> bool {
    let (ours, theirs) = (Reach::of(one), Reach::of(other));
    let apart = |left: &[u8], right: &[u8]| left.iter().all(|it| !right.contains(it));
    let both_add = matches!((one, other), (Deed::Add(..), Deed::Add(..)));
    apart(&ours.changed, &theirs.changed)
        && apart(&ours.changed, &theirs.named)
        && apart(&ours.named, &theirs.changed)
        && ours.takes_name.is_none_or(|name| theirs.takes_name != Some(name))
        && (both_add || apart(&ours.crews, &theirs.crews))
        // Whoever frees a name makes way for another.
        && !(frees_a_name(one) && theirs.takes_name.is_some())
        && !(frees_a_name(other) && ours.takes_name.is_some())
}

fn frees_a_name(deed: &Deed) -> bool {
    matches!(deed, Deed::Delete(_) | Deed::PutName(..) | Deed::PatchName(..) | Deed::Disband(_) | Deed::Rename(..))
}

/// What a raw deed is about.
struct Reach {
    changed: Vec<u8>,
    named: Vec<u8>,
    crews: Vec<u8>,
    takes_name: Option<Name>,
}

impl Reach {
    fn of(deed: &Deed) -> Reach {
        let named = deed.listed().unwrap_or_default().iter().map(|person| person.0).collect();
        let mut reach = Reach { changed: Vec::new(), named, crews: Vec::new(), takes_name: None };
        match deed {
            Deed::Create(person, name) | Deed::PutName(person, name) | Deed::PatchName(person, name) => {
                reach.changed.push(person.0);
                reach.takes_name = Some(*name);
            }
            Deed::Put(person, _)
            | Deed::Patch(person, _)
            | Deed::Clear(person)
            | Deed::Deactivate(person)
            | Deed::Reactivate(person)
            | Deed::Delete(person) => reach.changed.push(person.0),
            Deed::Found(crew, name, _) | Deed::Rename(crew, name) => {
                reach.crews.push(crew.0);
                reach.takes_name = Some(*name);
            }
            Deed::Add(crew, _)
            | Deed::Remove(crew, _)
            | Deed::Members(crew, _)
            | Deed::PutCrew(crew, _)
            | Deed::Disband(crew) => reach.crews.push(crew.0),
            _ => {}
        }
        reach
    }
}

/// Returns how much more often than to others something happens to whom a deed is about.
fn focus(deed: &Deed) -> u32 {
    let Reach { changed, crews, .. } = Reach::of(deed);
    match (changed.first(), crews.first()) {
        (Some(0), _) | (_, Some(0)) => 4,
        (Some(1), _) => 2,
        _ => 1,
    }
}

impl Scene {
    /// Returns what can happen, each with a weight; names and versions stand for any.
    fn possible(&self) -> Vec<(u32, Deed)> {
        let mut deeds = Vec::new();
        let (name, version) = (Name(0), Version(0));
        let there: Vec<Person> = (0..PEOPLE).map(Person).filter(|person| self.person(*person).is_there).collect();
        for person in (0..PEOPLE).map(Person) {
            let being = self.person(person);
            if !being.is_there {
                deeds.push((if being.was_there { 12 } else { 3 }, Deed::Create(person, being.name.unwrap_or(name))));
                if being.was_there {
                    deeds.push((1, Deed::Delete(person)));
                }
                continue;
            }
            let activity = if being.is_inactive { Deed::Reactivate(person) } else { Deed::Deactivate(person) };
            let again = if being.is_inactive { Deed::Deactivate(person) } else { Deed::Reactivate(person) };
            deeds.extend([
                (if being.lost_title { 6 } else { 2 }, Deed::Put(person, version)),
                (1, Deed::PutName(person, name)),
                (2, Deed::Patch(person, version)),
                (2, Deed::PatchName(person, name)),
                (if being.has_title { 6 } else { 1 }, Deed::Clear(person)),
                (3, activity),
                (1, again),
                (4, Deed::Delete(person)),
            ]);
        }
        for crew in (0..CREWS).map(Crew) {
            let gathering = &self.crews[usize::from(crew.0)];
            if !gathering.is_there {
                let weight = if there.is_empty() { 1 } else { 4 };
                deeds.push((weight, Deed::Found(crew, gathering.name.unwrap_or(name), there.clone())));
                if gathering.was_there {
                    deeds.push((1, Deed::Disband(crew)));
                }
                continue;
            }
            let members: Vec<Person> = gathering.members.iter().copied().collect();
            if !there.is_empty() {
                deeds.push((4, Deed::Add(crew, there.clone())));
                deeds.push((2, Deed::PutCrew(crew, there.clone())));
            }
            if !members.is_empty() {
                deeds.push((3, Deed::Remove(crew, members)));
            }
            deeds.extend([
                (2, Deed::Rename(crew, name)),
                (2, Deed::Members(crew, there.clone())),
                (2, Deed::Disband(crew)),
            ]);
        }
        // Much that happens to few shows more than little that happens to many.
        for (weight, deed) in &mut deeds {
            *weight *= focus(deed);
        }
        self.of_okta(&mut deeds);
        deeds
    }

    fn of_okta(&self, deeds: &mut Vec<(u32, Deed)>) {
        for who in (0..EMPLOYEES).map(Employee) {
            let being = &self.employees[usize::from(who.0)];
            match (being.is_inactive, being.is_there) {
                (true, _) => deeds.push((3, Deed::Return(who))),
                (false, false) => deeds.push((3, Deed::Assign(who))),
                (false, true) => {
                    deeds.extend([(2, Deed::Update(who, Version(0))), (2, Deed::Leave(who)), (1, Deed::Unassign(who))])
                }
            }
        }
        for team in (0..TEAMS).map(Team) {
            let gathering = &self.teams[usize::from(team.0)];
            for who in (0..EMPLOYEES).map(Employee) {
                match gathering.members.contains(&who) {
                    true => deeds.push((1, Deed::Quit(team, who))),
                    false => deeds.push((1, Deed::Join(team, who))),
                }
            }
            match gathering.is_there {
                false => deeds.push((3, Deed::Push(team))),
                true => deeds.extend([
                    (1, Deed::RenameTeam(team, Name(0))),
                    (1, Deed::PushNow(team)),
                    (1, Deed::Unlink(team)),
                ]),
            }
        }
    }

    /// Tells whether a deed can happen.
    fn allows(&self, deed: &Deed) -> bool {
        let is_there = |person: &Person| self.person(*person).is_there;
        let crew = |crew: &Crew| &self.crews[usize::from(crew.0)];
        let employee = |who: &Employee| &self.employees[usize::from(who.0)];
        let team = |team: &Team| &self.teams[usize::from(team.0)];
        match deed {
            Deed::Create(person, _) => !is_there(person),
            Deed::Delete(person) => self.person(*person).was_there,
            Deed::Put(person, _)
            | Deed::PutName(person, _)
            | Deed::Patch(person, _)
            | Deed::PatchName(person, _)
            | Deed::Clear(person)
            | Deed::Deactivate(person)
            | Deed::Reactivate(person) => is_there(person),
            Deed::Found(at, _, people) => !crew(at).is_there && people.iter().all(is_there),
            Deed::Add(at, people) | Deed::Members(at, people) | Deed::PutCrew(at, people) => {
                crew(at).is_there && people.iter().all(is_there)
            }
            Deed::Remove(at, people) => {
                crew(at).is_there && people.iter().all(|person| crew(at).members.contains(person))
            }
            Deed::Rename(at, _) => crew(at).is_there,
            Deed::Disband(at) => crew(at).was_there,
            Deed::Assign(who) => !employee(who).is_there && !employee(who).is_inactive,
            Deed::Update(who, _) | Deed::Leave(who) | Deed::Unassign(who) => {
                employee(who).is_there && !employee(who).is_inactive
            }
            Deed::Return(who) => employee(who).is_inactive,
            Deed::Push(at) => !team(at).is_there,
            Deed::RenameTeam(at, _) | Deed::PushNow(at) | Deed::Unlink(at) => team(at).is_there,
            Deed::Join(at, who) => !team(at).members.contains(who),
            Deed::Quit(at, who) => team(at).members.contains(who),
        }
    }

    fn follow(&mut self, deed: &Deed) {
        match deed {
            Deed::Create(person, name) => {
                let name = Some(*name);
                *self.person_mut(*person) = Being { is_there: true, was_there: true, name, ..Being::default() };
            }
            Deed::PutName(person, name) | Deed::PatchName(person, name) => self.person_mut(*person).name = Some(*name),
            Deed::Rename(crew, name) => self.crew_mut(*crew).name = Some(*name),
            Deed::Deactivate(person) => self.person_mut(*person).is_inactive = true,
            Deed::Reactivate(person) => self.person_mut(*person).is_inactive = false,
            Deed::Delete(person) => {
                self.person_mut(*person).is_there = false;
                self.crews.iter_mut().for_each(|crew| crew.members.retain(|member| member != person));
            }
            Deed::Found(crew, name, people) => {
                let (members, name) = (people.iter().copied().collect(), Some(*name));
                *self.crew_mut(*crew) = Gathering { is_there: true, was_there: true, members, name };
            }
            Deed::Add(crew, people) => self.crew_mut(*crew).members.extend(people),
            Deed::Remove(crew, people) => self.crew_mut(*crew).members.retain(|member| !people.contains(member)),
            Deed::Members(crew, people) | Deed::PutCrew(crew, people) => {
                self.crew_mut(*crew).members = people.iter().copied().collect();
            }
            Deed::Disband(crew) => self.crew_mut(*crew).is_there = false,
            Deed::Assign(who) => self.employees[usize::from(who.0)].is_there = true,
            Deed::Unassign(who) => self.employees[usize::from(who.0)].is_there = false,
            Deed::Leave(who) => self.employees[usize::from(who.0)].is_inactive = true,
            Deed::Return(who) => self.employees[usize::from(who.0)].is_inactive = false,
            Deed::Push(team) => self.teams[usize::from(team.0)].is_there = true,
            Deed::Unlink(team) => self.teams[usize::from(team.0)].is_there = false,
            Deed::Join(team, who) => self.teams[usize::from(team.0)].members.extend([*who]),
            Deed::Quit(team, who) => self.teams[usize::from(team.0)].members.retain(|member| member != who),
            Deed::Put(person, version) | Deed::Patch(person, version) => {
                self.person_mut(*person).has_title |= version.sets_title();
            }
            Deed::Clear(person) => {
                let being = self.person_mut(*person);
                (being.has_title, being.lost_title) = (false, being.has_title);
            }
            Deed::Update(..) | Deed::RenameTeam(..) | Deed::PushNow(_) => {}
        }
    }

    fn person(&self, person: Person) -> &Being {
        &self.people[usize::from(person.0)]
    }

    fn person_mut(&mut self, person: Person) -> &mut Being {
        &mut self.people[usize::from(person.0)]
    }

    fn crew_mut(&mut self, crew: Crew) -> &mut Gathering<Person> {
        &mut self.crews[usize::from(crew.0)]
    }
}
