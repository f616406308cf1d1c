//! Lives of people and groups on the target: every request of a life is judged by its answer, and after every step the
//! server has to hold what the model holds.
//!
//! What a server cannot do at all is found out once, when the subject is set up, and no life is about it.

mod deed;
mod play;
mod troupe;

use super::lane::Lane;
use super::{Breach, Ground, Judgement, Subject, Unfit};
use crate::client::Stop;
use crate::gate::Kind as Gravity;
use play::{Play, Wrong};
use scim_fuzz::sequence::model::{Kind, Weight};
use scim_fuzz::sequence::{Kinds, Life, Lives};
use scim_record::Level;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Lives of people and groups.
pub(crate) struct Sequence {
    lives: Lives,
    known: Known,
    /// How many lives there were, so that each has names of its own.
    played: Cell<u64>,
}

/// What was found out about the server.
#[derive(Debug, Clone)]
struct Known {
    /// The attributes of a user that it keeps.
    tracked: BTreeSet<String>,
    /// Whether it shows the members of a group to whoever does not ask for them.
    sees_members: bool,
    /// Of which kinds it finds a resource by name.
    lookups: BTreeSet<Kind>,
    /// Whether it takes a deletion.
    deletes: BTreeSet<Kind>,
    /// How long a read may be behind a write.
    settle: Duration,
}

impl Subject for Sequence {
    type Inputs = Lives;

    async fn set_up(ground: &Ground<'_>) -> Result<Self, Unfit> {
        let known = Known {
            tracked: ATTRIBUTES.iter().map(|name| (*name).to_owned()).collect(),
            sees_members: true,
            lookups: BTreeSet::new(),
            deletes: BTreeSet::new(),
            settle: ground.settle,
        };
        let mut sequence = Sequence { lives: Lives::new([]), known, played: Cell::new(0) };
        let kinds =
            Kinds { okta: ground.asks_for("okta"), raw: ground.asks_for("raw"), parallel: ground.asks_for("parallel") };
        sequence.learn_to_know(ground.lane, kinds).await?;
        Ok(sequence)
    }

    fn inputs(&self) -> &Lives {
        &self.lives
    }

    async fn judge(&self, lane: &Lane<'_>, life: &Life) -> Result<Judgement, Stop> {
        let mut play = self.play(lane);
        let wrong = play.perform(life).await;
        play.clear_away().await?;
        Ok(match wrong? {
            Some(wrong) => Judgement::Broken(Box::new(breach(wrong))),
            None => Judgement::Holds,
        })
    }
}

impl Sequence {
    fn play<'p>(&'p self, lane: &'p Lane<'p>) -> Play<'p> {
        self.played.set(self.played.get() + 1);
        Play::new(lane, &self.known, lane.name(&format!("l{}", self.played.get())))
    }

    /// Tries every deed once. What is refused then is nothing the server does; what is refused later is a breach.
    async fn learn_to_know(&mut self, lane: &Lane<'_>, kinds: Kinds) -> Result<(), Unfit> {
        let (mut able, mut kept, mut lost) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for life in Lives::probes() {
            let verb = life.deeds().last().map(|deed| deed.verb()).unwrap_or_default();
            let mut play = self.play(lane);
            let status = play.rehearse(&life).await;
            let learnt = match status {
                Ok(Some(200..=299)) => Some(play.look_closely().await?),
                _ => None,
            };
            play.clear_away().await?;
            match (learnt, verb) {
                (None, "create") => {
                    let status = status?.map(|status| format!(" (POST answered {status})")).unwrap_or_default();
                    return Err(Unfit::Skip(format!("users cannot be created{status}")));
                }
                (None, _) => {}
                (Some(learnt), verb) => {
                    able.insert(verb);
                    let of = |all: &BTreeMap<Kind, BTreeSet<String>>, kind| all.get(&kind).cloned().unwrap_or_default();
                    let (sent, users) = (of(&learnt.sent, Kind::User), of(&learnt.kept, Kind::User));
                    match verb {
                        // What a server makes of other attributes does not take the value it is given.
                        "put" | "patch" => lost.extend(sent.difference(&users).cloned()),
                        "found" => self.known.sees_members = of(&learnt.kept, Kind::Group).contains("members"),
                        "delete" => drop(self.known.deletes.insert(Kind::User)),
                        "disband" => drop(self.known.deletes.insert(Kind::Group)),
                        _ => {}
                    }
                    kept.extend(users);
                    self.known.lookups.extend(learnt.found);
                }
            }
        }
        self.lives = Lives::new(able).of(kinds);
        self.known.tracked = &kept - &lost;
        Ok(())
    }
}

/// The attributes of a user that lives are about.
const ATTRIBUTES: [&str; 7] = ["userName", "externalId", "name", "displayName", "title", "emails", "active"];

fn breach(wrong: Wrong) -> Breach {
    let Wrong { slip, verbs } = wrong;
    let level = match slip.weight {
        Weight::May => Some(Level::May),
        Weight::Should => Some(Level::Should),
        Weight::Must => Some(Level::Must),
        Weight::Okta | Weight::Failure => None,
    };
    Breach {
        law: slip.law,
        identity: format!("{} · {}", slip.law, slip.about),
        message: format!("{} (after: {verbs})", slip.message),
        expected: slip.expected,
        actual: slip.actual,
        level,
        kind: if slip.weight == Weight::Failure { Gravity::ServerFailure } else { Gravity::Expectation },
    }
}
