//! PATCH over the wire: a resource is put into a state, patched, read, and held against the reference algorithm or
//! against itself (RFC 7644 §3.5.2).
//!
//! What looks wrong is looked at twice: the first time the resource comes from a PUT that is believed, the second time
//! it is made afresh and read before the PATCH. Only what is wrong the second time is told; the first time that something
//! is wrong in this way, reads are given the time that they may lag behind writes.

mod calibrate;
mod relation;
mod rig;
mod verdict;

use super::lane::Lane;
use super::{Breach, Ground, Judgement, Subject, Unfit};
use crate::client::Stop;
use rig::{Arranged, Care, Rig, Unarranged, object_of};
use scim_fuzz::patch::{Aim, Law, Patches, Resource, Trial, message};
use scim_record::Level;
use scim_transport::Reply;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};
use verdict::{Played, failing};

/// PATCH requests.
pub(crate) struct PatchSubject {
    inputs: Patches,
    rigs: RefCell<HashMap<usize, Rig>>,
    settle: Duration,
    /// The identities of breaches that time does not mend.
    lasting: RefCell<HashSet<String>>,
}

impl Subject for PatchSubject {
    type Inputs = Patches;

    async fn set_up(ground: &Ground<'_>) -> Result<Self, Unfit> {
        let aims: Vec<Aim> =
            Aim::ALL.into_iter().filter(|aim| ground.only.iter().any(|word| word == aim.name())).collect();
        let mut rig = Rig::new(&aims, ground.settle);
        let vocabulary = calibrate::vocabulary(ground, &mut rig, &aims).await?;
        let rigs = RefCell::new(HashMap::from([(ground.lane.number(), rig)]));
        let inputs = Patches { aims, vocabulary };
        Ok(PatchSubject { inputs, rigs, settle: ground.settle, lasting: RefCell::default() })
    }

    fn inputs(&self) -> &Patches {
        &self.inputs
    }

    async fn judge(&self, lane: &Lane<'_>, input: &Trial) -> Result<Judgement, Stop> {
        // A lane judges one input at a time, so that its objects may be taken out meanwhile.
        let mut rig =
            self.rigs.borrow_mut().remove(&lane.number()).unwrap_or_else(|| Rig::new(&self.inputs.aims, self.settle));
        let judged = self.judge_twice(lane, &mut rig, input).await;
        self.rigs.borrow_mut().insert(lane.number(), rig);
        match judged {
            Ok(judgement) => Ok(judgement),
            Err(Unarranged::Stop(stop)) => Err(stop),
            Err(Unarranged::Refused(what)) => {
                Ok(Judgement::Unsupported(format!("the resources of some trials: {what}")))
            }
            Err(Unarranged::Failing(reply)) => Ok(match failing(&reply, "the POST before a PATCH") {
                Some(breach) => Judgement::Broken(Box::new(breach)),
                None => Judgement::Unsupported("POST".to_owned()),
            }),
        }
    }
}

impl PatchSubject {
    async fn judge_twice(&self, lane: &Lane<'_>, rig: &mut Rig, trial: &Trial) -> Result<Judgement, Unarranged> {
        match self.judge_once(lane, rig, trial, Care::Quick).await? {
            Judgement::Broken(_) => {}
            judgement => return Ok(judgement),
        }
        let since = lane.kept_so_far();
        if lane.keeps() {
            rig.forget_members();
        }
        let breach = match self.judge_once(lane, rig, trial, Care::Careful).await? {
            Judgement::Broken(breach) => breach,
            judgement => return Ok(judgement),
        };
        // What follows only makes sure, and finds the operation that is to blame.
        lane.show(since);
        let lasts = self.settle.is_zero() || self.lasting.borrow().contains(&breach.identity);
        if !lasts {
            match self.judge_once(lane, rig, trial, Care::Patient(self.settle)).await? {
                Judgement::Broken(patient) => {
                    self.lasting.borrow_mut().extend([patient.identity, breach.identity.clone()])
                }
                judgement => return Ok(judgement),
            }
        }
        self.blame(lane, rig, trial, *breach).await
    }

    async fn judge_once(
        &self,
        lane: &Lane<'_>,
        rig: &mut Rig,
        trial: &Trial,
        care: Care,
    ) -> Result<Judgement, Unarranged> {
        match trial.law {
            Law::Reference | Law::Okta => judge_by_reference(lane, rig, trial, care).await,
            Law::Groups => self.judge_groups(lane, rig, trial, care).await,
            Law::Race => judge_race(lane, rig, trial).await,
            _ => relation::judge(lane, rig, trial, care).await,
        }
    }

    /// Finds the first operations of a request that are enough to break it, so that the last of them gives the breach
    /// its identity.
    async fn blame(
        &self,
        lane: &Lane<'_>,
        rig: &mut Rig,
        trial: &Trial,
        breach: Breach,
    ) -> Result<Judgement, Unarranged> {
        let mut identity = breach.identity.clone();
        if matches!(trial.law, Law::Reference | Law::Okta) {
            // `enough` operations are known to break it, and `few` not to.
            let (mut few, mut enough) = (0, trial.operations.len());
            while enough - few > 1 {
                let count = if trial.operations.len() > MOST_IN_A_ROW { few.midpoint(enough) } else { few + 1 };
                let shorter = Trial { operations: trial.operations[..count].to_vec(), ..trial.clone() };
                match judge_by_reference(lane, rig, &shorter, Care::Careful).await? {
                    Judgement::Broken(breach) => {
                        identity = breach.identity;
                        enough = count;
                    }
                    _ => few = count,
                }
            }
        }
        Ok(Judgement::Broken(Box::new(Breach { identity, ..breach })))
    }

    /// RFC 7643 §4.1.2: a user's `groups` are those that have it for a member.
    async fn judge_groups(
        &self,
        lane: &Lane<'_>,
        rig: &mut Rig,
        trial: &Trial,
        care: Care,
    ) -> Result<Judgement, Unarranged> {
        let arranged = rig.arrange(lane, trial, care).await?;
        let reply = patch(lane, &arranged, &trial.filled(&arranged.names).operations, "").await?;
        let read = lane.send(lane.request("GET", arranged.path.clone(), None)).await?;
        if !(200..300).contains(&reply.status) {
            return Ok(Judgement::Holds);
        }
        let Some(group) = object_of(&read) else { return Ok(Judgement::Holds) };
        let text = Value::Array(trial.operations.clone()).to_string();
        let named = (0..arranged.names.members.len()).filter(|at| text.contains(&format!("{{{{member-{at}}}}}")));
        let (mut is_shown, mut has_member) = (false, false);
        for at in named.take(MOST_READ) {
            let id = &arranged.names.members[at];
            let is_member = lists(&group, "members", id);
            let deadline = Instant::now() + self.settle;
            let mut pause = Duration::from_millis(20);
            let user = loop {
                let user = lane.send(lane.request("GET", rig::path(Resource::User, id), None)).await?;
                let user = object_of(&user).unwrap_or_default();
                if lists(&user, "groups", &arranged.names.id) == is_member || Instant::now() >= deadline {
                    break user;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(1));
            };
            is_shown |= user.get("groups").is_some();
            has_member |= is_member;
            if lists(&user, "groups", &arranged.names.id) == is_member || (is_member && !is_shown) {
                continue;
            }
            let word = if is_member { "missing" } else { "extra" };
            let is = if is_member { "is" } else { "is no longer" };
            return Ok(Judgement::Broken(Box::new(Breach {
                message: format!("a user who {is} a member of the group does not show that in `groups`"),
                expected: Some(format!("group: {group}")),
                actual: Some(format!("user: {user}")),
                level: Some(Level::Should),
                ..plain(trial, word)
            })));
        }
        let is_silent = has_member && !is_shown;
        Ok(if is_silent { Judgement::Unsupported("`groups` of a user".to_owned()) } else { Judgement::Holds })
    }
}

async fn judge_by_reference(
    lane: &Lane<'_>,
    rig: &mut Rig,
    trial: &Trial,
    care: Care,
) -> Result<Judgement, Unarranged> {
    let arranged = rig.arrange(lane, trial, care).await?;
    let trial = trial.filled(&arranged.names);
    if care != Care::Quick {
        wait_for_the_clock(&arranged.before).await;
    }
    let reply = patch(lane, &arranged, &trial.operations, "").await?;
    care.wait().await;
    let read = lane.send(lane.request("GET", arranged.path.clone(), None)).await?;
    Ok(Played { trial: &trial, arranged: &arranged, reply: &reply, read: &read }.judge())
}

/// Operations that come at the same time have to leave what each of them alone would leave.
async fn judge_race(lane: &Lane<'_>, rig: &mut Rig, trial: &Trial) -> Result<Judgement, Unarranged> {
    let arranged = rig.arrange(lane, trial, Care::Careful).await?;
    let filled = trial.filled(&arranged.names);
    let sends = filled.operations.iter().map(|operation| patch(lane, &arranged, std::slice::from_ref(operation), ""));
    let replies: Result<Vec<Reply>, Stop> = futures_util::future::join_all(sends).await.into_iter().collect();
    let replies = replies?;
    if let Some(breach) = replies.iter().find_map(|reply| failing(reply, "one of many PATCHes at a time")) {
        return Ok(Judgement::Broken(Box::new(breach)));
    }
    let read = lane.send(lane.request("GET", arranged.path.clone(), None)).await?;
    let group = object_of(&read).unwrap_or_default();
    let added = filled.operations.iter().zip(&replies).filter(|(_, reply)| (200..300).contains(&reply.status));
    let ids: Vec<&str> = added.filter_map(|(operation, _)| operation.pointer("/value/0/value")?.as_str()).collect();
    if ids.is_empty() {
        return Ok(Judgement::Unsupported("additions to a group at the same time".to_owned()));
    }
    let lost = ids.iter().filter(|id| !lists(&group, "members", id)).count();
    if lost == 0 {
        return Ok(Judgement::Holds);
    }
    Ok(Judgement::Broken(Box::new(Breach {
        message: format!("of {} members added at the same time, each with success, {lost} are lost", ids.len()),
        expected: Some(format!("members: {}", ids.join(", "))),
        actual: Some(format!("group: {group}")),
        ..plain(trial, "")
    })))
}

/// Sends operations; `query` begins with `?` where there is one.
async fn patch(lane: &Lane<'_>, arranged: &Arranged, operations: &[Value], query: &str) -> Result<Reply, Stop> {
    let body = message(operations).to_string().into_bytes();
    let reply = lane.send(lane.request("PATCH", format!("{}{query}", arranged.path), Some(body))).await;
    lane.mark_tested();
    reply
}

/// Waits until a write would get another date than the last one.
async fn wait_for_the_clock(resource: &Value) {
    let date = resource.pointer("/meta/lastModified").and_then(Value::as_str);
    let counts_seconds = date.is_some_and(|date| !date.contains('.') || date.contains(".000"));
    let pause = if counts_seconds { Duration::from_millis(1050) } else { Duration::from_millis(2) };
    tokio::time::sleep(pause).await;
}

/// Tells whether a list of references has one to this id.
fn lists(resource: &Value, name: &str, id: &str) -> bool {
    let list = resource.get(name).and_then(Value::as_array);
    list.into_iter().flatten().any(|element| element.get("value").and_then(Value::as_str) == Some(id))
}

fn plain(trial: &Trial, word: &str) -> Breach {
    let law = trial.law.name();
    Breach {
        law,
        identity: format!("{law}/{}/{word}", trial.resource.name()),
        message: String::new(),
        expected: None,
        actual: None,
        level: trial.law.is_advice().then_some(Level::Should),
        kind: crate::gate::Kind::Expectation,
    }
}

/// Requests with more operations are searched by halves.
const MOST_IN_A_ROW: usize = 6;
/// How many users are read to see their groups.
const MOST_READ: usize = 3;
