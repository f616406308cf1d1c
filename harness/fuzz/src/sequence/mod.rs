//! Lives of people and groups: what is made, changed, left, deleted and made again, and what a server must hold after it.
//!
//! [`Lives`] makes them, [`model`] lives them too: every request of a life, whoever sends it, is judged by its answer and
//! by what the server holds afterwards.

mod life;
pub mod model;
mod plot;

pub use life::{Crew, Deed, EMPLOYEES, Employee, Life, Name, Person, Step, TEAMS, Team, Version};

use crate::Inputs;
use proptest::strategy::{BoxedStrategy, Strategy};
use std::collections::BTreeSet;

/// Lives made of what a server can do.
#[derive(Debug, Clone)]
pub struct Lives {
    able: BTreeSet<&'static str>,
    kinds: Kinds,
}

/// What lives are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds {
    /// What happens in Okta.
    pub okta: bool,
    /// Raw requests.
    pub raw: bool,
    /// Raw requests at the same time.
    pub parallel: bool,
}

impl Lives {
    /// Returns the lives for a server that carries out the raw deeds with these verbs.
    pub fn new(able: impl IntoIterator<Item = &'static str>) -> Lives {
        Lives { able: able.into_iter().collect(), kinds: Kinds { okta: true, raw: true, parallel: true } }
    }

    /// Returns the lives that are made of this alone.
    #[must_use]
    pub fn of(self, kinds: Kinds) -> Lives {
        Lives { kinds, ..self }
    }

    /// Returns a short life that ends with the deed of each verb that raw requests can do. A server that refuses the last
    /// request of one does not carry out that deed at all.
    pub fn probes() -> Vec<Life> {
        let life = |text: &&str| Life::parse(text).expect("the probes are lives");
        PROBES.iter().map(life).collect()
    }

    fn has_place_for(&self, deed: &Deed) -> bool {
        let is_wanted = if deed.is_of_okta() { self.kinds.okta } else { self.kinds.raw || self.kinds.parallel };
        is_wanted && self.can(deed)
    }

    fn can(&self, deed: &Deed) -> bool {
        let needed: &[&str] = match deed {
            Deed::Assign(_) => &["create", "deactivate", "reactivate"],
            Deed::Update(..) => &["put"],
            Deed::Leave(_) | Deed::Unassign(_) => &["deactivate"],
            Deed::Return(_) => &["reactivate"],
            Deed::Push(_) => &["found", "add", "rename"],
            Deed::RenameTeam(..) => &["rename"],
            Deed::Join(..) | Deed::Quit(..) => &["add", "remove", "rename"],
            Deed::PushNow(_) => &["members", "rename"],
            Deed::Unlink(_) => &["disband"],
            raw => &[raw.verb()],
        };
        needed.iter().all(|verb| self.able.contains(verb))
    }

    fn fitting(&self, mut life: Life) -> Life {
        for step in &mut life.steps {
            step.deeds.retain(|deed| self.has_place_for(deed));
            step.deeds.truncate(if self.kinds.parallel { step.deeds.len() } else { 1 });
        }
        life.steps.retain(|step| !step.deeds.is_empty());
        life
    }
}

impl Inputs for Lives {
    type Input = Life;

    fn strategy(&self) -> BoxedStrategy<Life> {
        let lives = self.clone();
        plot::lives().prop_map(move |life| lives.fitting(life)).boxed()
    }

    fn simpler(&self, life: &Life) -> Vec<Life> {
        let mut simpler = Vec::new();
        let mut length = life.steps.len() / 2;
        while length > 0 {
            for from in (0..life.steps.len()).step_by(length) {
                let until = (from + length).min(life.steps.len());
                let steps = [&life.steps[..from], &life.steps[until..]].concat();
                simpler.push(Life { steps });
            }
            length /= 2;
        }
        // One who is deleted and made again may matter only as a pair, and so may two that are far from each other.
        if life.steps.len() <= 12 {
            for first in 0..life.steps.len() {
                for second in first + 1..life.steps.len() {
                    let keeps = |at: &usize| *at != first && *at != second;
                    let steps = (0..life.steps.len()).filter(keeps).map(|at| life.steps[at].clone()).collect();
                    simpler.push(Life { steps });
                }
            }
        }
        simpler.extend(gathered(life));
        for (at, step) in life.steps.iter().enumerate() {
            simpler.extend(simpler_steps(step).into_iter().map(|step| {
                let mut steps = life.steps.clone();
                steps[at] = step;
                Life { steps }
            }));
        }
        simpler.retain(|life| !life.steps.is_empty());
        simpler
    }

    /// Counts deeds first, then who is named, then how far from plain their names are.
    fn size(&self, life: &Life) -> usize {
        let parallel = life.steps.iter().filter(|step| step.deeds.len() > 1).count();
        life.deeds().map(|deed| 1000 + 30 * deed.listed().map_or(0, <[Person]>::len) + plainness(deed)).sum::<usize>()
            + 100 * parallel
    }

    fn print(&self, life: &Life) -> String {
        life.to_string()
    }

    fn parse(&self, text: &str) -> Result<Life, String> {
        Life::parse(text)
    }
}

/// Returns lives in which a group has from its beginning the members that it gets later on.
fn gathered(life: &Life) -> Vec<Life> {
    let mut gathered = Vec::new();
    for (at, step) in life.steps.iter().enumerate() {
        let [Deed::Found(crew, name, people)] = &step.deeds[..] else { continue };
        for (later, step) in life.steps.iter().enumerate().skip(at + 1) {
            let more = match &step.deeds[..] {
                [Deed::Add(other, more) | Deed::Members(other, more) | Deed::PutCrew(other, more)] if other == crew => {
                    more
                }
                _ => continue,
            };
            let mut all = people.clone();
            all.extend(more.iter().filter(|person| !people.contains(person)));
            let mut steps = life.steps.clone();
            steps[at] = Step::of(Deed::Found(*crew, *name, all));
            steps.remove(later);
            gathered.push(Life { steps });
        }
    }
    gathered
}

/// Returns what one step can be made of with less.
fn simpler_steps(step: &Step) -> Vec<Step> {
    let mut simpler = Vec::new();
    if step.deeds.len() > 1 {
        simpler.extend(step.deeds.iter().map(|deed| Step::of(deed.clone())));
    }
    for (at, deed) in step.deeds.iter().enumerate() {
        let people = deed.listed().unwrap_or_default();
        for left_out in 0..people.len() {
            let mut fewer = people.to_vec();
            fewer.remove(left_out);
            let mut deeds = step.deeds.clone();
            deeds[at] = deed.with_listed(fewer);
            simpler.push(Step { deeds });
        }
        if let Some(plainer) = plainer(deed) {
            let mut deeds = step.deeds.clone();
            deeds[at] = plainer;
            simpler.push(Step { deeds });
        }
    }
    simpler
}

/// Returns the deed with the version before.
fn plainer(deed: &Deed) -> Option<Deed> {
    Some(match deed {
        Deed::Put(person, Version(version)) => Deed::Put(*person, Version(version.checked_sub(1)?)),
        Deed::Patch(person, Version(version)) => Deed::Patch(*person, Version(version.checked_sub(1)?)),
        Deed::Update(who, Version(version)) => Deed::Update(*who, Version(version.checked_sub(1)?)),
        _ => return None,
    })
}

fn plainness(deed: &Deed) -> usize {
    match deed {
        Deed::Put(_, Version(version)) | Deed::Patch(_, Version(version)) | Deed::Update(_, Version(version)) => {
            usize::from(*version)
        }
        _ => 0,
    }
}

/// One for each raw verb, the verb in the last step.
const PROBES: &[&str] = &[
    "create p0 n0",
    "create p0 n0; put p0 v1",
    "create p0 n0; put-name p0 n1",
    "create p0 n0; patch p0 v4",
    "create p0 n0; patch-name p0 n1",
    "create p0 n0; patch p0 v4; clear p0",
    "create p0 n0; deactivate p0",
    "create p0 n0; reactivate p0",
    "create p0 n0; delete p0",
    "create p0 n0; found g0 n2 p0",
    "found g0 n2; rename g0 n3",
    "create p0 n0; found g0 n2; add g0 p0",
    "create p0 n0; found g0 n2 p0; remove g0 p0",
    "create p0 n0; found g0 n2; members g0 p0",
    "create p0 n0; found g0 n2; put-group g0 p0",
    "found g0 n2; disband g0",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

    fn everything() -> Lives {
        Lives::new(Lives::probes().iter().map(|life| life.deeds().last().expect("a deed").verb()))
    }

    fn some_lives(lives: &Lives, number: usize) -> Vec<Life> {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let strategy = lives.strategy();
        (0..number).map(|_| strategy.new_tree(&mut runner).expect("no life is rejected").current()).collect()
    }

    #[test]
    fn lives_hold_every_deed_and_steps_at_the_same_time() {
        let lives = some_lives(&everything(), 400);
        let verbs: std::collections::BTreeSet<_> = lives.iter().flat_map(Life::deeds).map(Deed::verb).collect();
        assert_eq!(verbs.len(), 27, "{verbs:?}");
        let parallel = lives.iter().flat_map(|life| &life.steps).filter(|step| step.deeds.len() > 1);
        assert!(parallel.count() > 50);
        let again = lives.iter().filter(|life| {
            let deeds: Vec<&Deed> = life.deeds().collect();
            deeds.windows(2).any(|two| matches!(two, [Deed::Delete(one), Deed::Create(other, _)] if one == other))
        });
        assert!(again.count() > 5, "people are made again");
    }

    #[test]
    fn what_happens_at_the_same_time_is_about_different_things() {
        for life in some_lives(&everything(), 400) {
            for step in life.steps.iter().filter(|step| step.deeds.len() > 1) {
                assert!(plot::commute(&step.deeds[0], &step.deeds[1]), "{step}");
                assert!(!step.deeds.iter().any(Deed::is_of_okta), "{step}");
            }
        }
    }

    #[test]
    fn no_life_is_about_what_a_server_does_not_have() {
        for life in some_lives(&Lives::new(["create", "put", "put-name"]), 200) {
            for deed in life.deeds() {
                let verb = deed.verb();
                assert!(["create", "put", "put-name", "okta-update"].contains(&verb), "{verb}");
            }
        }
    }

    #[test]
    fn lives_are_read_back_as_they_are_written() {
        let lives = everything();
        for life in some_lives(&everything(), 200) {
            assert_eq!(lives.parse(&lives.print(&life)), Ok(life));
        }
    }

    #[test]
    fn simpler_lives_are_smaller_and_lead_to_a_single_deed() {
        let lives = everything();
        for mut life in some_lives(&everything(), 100) {
            let mut rounds = 0;
            loop {
                let simpler = lives.simpler(&life);
                assert!(simpler.iter().all(|one| lives.size(one) < lives.size(&life)), "{life}");
                let Some(next) = simpler.into_iter().next() else { break };
                life = next;
                rounds += 1;
                assert!(rounds < 200, "{life}");
            }
            assert_eq!(life.deeds().count(), 1, "{life}");
        }
    }
}
