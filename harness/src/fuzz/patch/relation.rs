//! Relations between requests: two arms that have to end in the same state.

use super::rig::{Arranged, Care, Rig, Unarranged, object_of, told};
use super::verdict::failing;
use super::{patch, plain, wait_for_the_clock};
use crate::client::Stop;
use crate::fuzz::contrast::Contrast;
use crate::fuzz::lane::Lane;
use crate::fuzz::{Breach, Judgement};
use scim_fuzz::patch::{Arms, Context, Law, Request, Trial, after, differences, is_same};
use scim_record::Level;
use scim_transport::Reply;
use serde_json::Value;

/// Judges a trial by its relation.
pub(super) async fn judge(lane: &Lane<'_>, rig: &mut Rig, trial: &Trial, care: Care) -> Result<Judgement, Unarranged> {
    let first = rig.arrange(lane, trial, care).await?;
    let filled = trial.filled(&first.names);
    let Some(Arms { left, .. }) = arms(&filled, &first) else { return Ok(Judgement::Holds) };
    let left = run(lane, &first, &filled, &left, care).await?;
    let second = rig.arrange(lane, trial, care).await?;
    let filled = trial.filled(&second.names);
    let Some(relation) = arms(&filled, &second) else { return Ok(Judgement::Holds) };
    if !is_same(trial.resource, &renamed(&first.before, &first, &second), &second.before) {
        // The arms do not begin in one state. Resources that are made afresh do, and if even they do not, nothing can
        // be said.
        let breach = Breach { message: "the arms begin in different states".to_owned(), ..plain(trial, "") };
        return Ok(if care == Care::Quick { Judgement::Broken(Box::new(breach)) } else { Judgement::Holds });
    }
    let right = run(lane, &second, &filled, &relation.right, care).await?;
    Ok(Comparison { trial, first: &first, second: &second, left, right, relation: &relation }.judge())
}

/// The relation says what it says about the resource as the server has it.
fn arms(filled: &Trial, arranged: &Arranged) -> Option<Arms> {
    filled.law.arms(filled.resource, &arranged.before, &filled.operations)
}

/// What an arm came to.
struct Run {
    replies: Vec<Reply>,
    /// The date before the last request, where it matters.
    date: Option<Value>,
    read: Reply,
}

impl Run {
    fn succeeds(&self, last_may_fail: bool) -> bool {
        let count = self.replies.len() - usize::from(last_may_fail && !self.replies.is_empty());
        self.replies[..count].iter().all(|reply| (200..300).contains(&reply.status))
    }

    fn refusal(&self) -> Option<&Reply> {
        self.replies.iter().find(|reply| !(200..300).contains(&reply.status))
    }
}

async fn run(
    lane: &Lane<'_>,
    arranged: &Arranged,
    trial: &Trial,
    requests: &[Request],
    care: Care,
) -> Result<Run, Stop> {
    let mut replies = Vec::new();
    let mut date = None;
    for (index, request) in requests.iter().enumerate() {
        if trial.law == Law::AddTwice && index + 1 == requests.len() {
            let read = object_of(&read(lane, arranged).await?).unwrap_or_default();
            if care != Care::Quick {
                wait_for_the_clock(&read).await;
            }
            date = read.pointer(MODIFIED).cloned();
        }
        replies.push(match request {
            Request::Patch(operations) => patch(lane, arranged, operations, "").await?,
            Request::PatchForOne(operations) => {
                let name = if trial.resource.name() == "User" { "userName" } else { "displayName" };
                patch(lane, arranged, operations, &format!("?attributes={name}")).await?
            }
            Request::PutOf(operations) => put(lane, arranged, trial, operations).await?,
        });
    }
    care.wait().await;
    Ok(Run { replies, date, read: read(lane, arranged).await? })
}

async fn read(lane: &Lane<'_>, arranged: &Arranged) -> Result<Reply, Stop> {
    lane.send(lane.request("GET", arranged.path.clone(), None)).await
}

/// RFC 7644 §3.5.1 lets a server keep what a PUT does not mention, so that everything is mentioned.
async fn put(lane: &Lane<'_>, arranged: &Arranged, trial: &Trial, operations: &[Value]) -> Result<Reply, Stop> {
    let mut body = after(trial.resource, &arranged.before, operations).unwrap_or_else(|| arranged.before.clone());
    if let (Some(body), Some(before)) = (body.as_object_mut(), arranged.before.as_object()) {
        for (name, value) in before {
            if !body.contains_key(name) {
                let nothing = if value.is_array() { Value::Array(Vec::new()) } else { Value::Null };
                body.insert(name.clone(), nothing);
            }
        }
    }
    let reply = lane.send(lane.request("PUT", arranged.path.clone(), Some(body.to_string().into_bytes()))).await;
    lane.mark_tested();
    reply
}

struct Comparison<'c> {
    trial: &'c Trial,
    first: &'c Arranged,
    second: &'c Arranged,
    left: Run,
    right: Run,
    relation: &'c Arms,
}

impl Comparison<'_> {
    fn judge(&self) -> Judgement {
        let law = self.trial.law;
        let all = self.left.replies.iter().chain(&self.right.replies).chain([&self.left.read, &self.right.read]);
        if let Some(breach) = all.clone().find_map(|reply| failing(reply, "a request of a relation")) {
            return self.told(breach);
        }
        if all.clone().any(|reply| matches!(reply.status, 405 | 501)) {
            return Judgement::Unsupported(format!("requests of the relation {}", law.name()));
        }
        match (self.left.succeeds(false), self.right.succeeds(self.relation.last_may_fail)) {
            (true, true) => self.compare(),
            (false, false) => Judgement::Holds,
            // What one side cannot do at all is the reference algorithm's affair, or was never promised.
            _ if matches!(law, Law::AddAndRemove | Law::Or | Law::Put | Law::RemoveAndAdd) => {
                Judgement::Unsupported(format!("requests of the relation {}", law.name()))
            }
            (left, _) => {
                let refusal = if left { self.right.refusal() } else { self.left.refusal() };
                let said = refusal.map(told).unwrap_or_default();
                let message = format!("{}: one way succeeds, the other is refused: {said}", sentence(law));
                let level = (law == Law::Null).then_some(Level::Should);
                self.told(Breach { message, level, ..self.breach("refused") })
            }
        }
    }

    fn compare(&self) -> Judgement {
        let (Some(left), Some(right)) = (object_of(&self.left.read), object_of(&self.right.read)) else {
            let message = format!("{}: afterwards the resource cannot be read", sentence(self.trial.law));
            return self.told(Breach { message, ..self.breach("gone") });
        };
        let left = renamed(&left, self.first, self.second);
        let resource = self.trial.resource;
        let context = Context::default();
        let found = differences(resource, &left, &right, &context);
        let lost = differences(resource, &right, &left, &context);
        if let Some(first) = found.first().or(lost.first()) {
            let message = format!("{}: afterwards `{}` differs", sentence(self.trial.law), first.path);
            return self.told(Breach { message, ..self.breach("state") });
        }
        let date = right.pointer(MODIFIED);
        if self.relation.last_keeps_time && self.right.date.is_some() && self.right.date.as_ref() != date {
            let message = "adding the same again moves `meta.lastModified`".to_owned();
            return self.told(Breach { message, level: Some(Level::Should), ..self.breach("date") });
        }
        Judgement::Holds
    }

    fn breach(&self, word: &str) -> Breach {
        plain(self.trial, word)
    }

    fn told(&self, breach: Breach) -> Judgement {
        let shown = |run: &Run| {
            let statuses: Vec<String> = run.replies.iter().map(|reply| reply.status.to_string()).collect();
            let state = object_of(&run.read).map_or_else(|| told(&run.read), |state| state.to_string());
            format!(
                "answered {}, then {state}",
                if statuses.is_empty() { "nothing".to_owned() } else { statuses.join(", ") }
            )
        };
        let arm = |requests: &[Request]| format!("{requests:?}");
        let Some(both) = arms(&self.trial.filled(&self.second.names), self.second) else { return Judgement::Holds };
        let states = object_of(&self.left.read).zip(object_of(&self.right.read));
        let states = states.map(|(left, right)| (renamed(&left, self.first, self.second), right));
        let contrast = states.map(|(left, right)| Contrast::of(&left, &right)).unwrap_or_default();
        Judgement::Broken(Box::new(Breach {
            expected: Some(format!(
                "{}before: {}\none way: {}\n{}",
                contrast.expected,
                self.second.before,
                arm(&both.left),
                shown(&self.left)
            )),
            actual: Some(format!("{}other way: {}\n{}", contrast.actual, arm(&both.right), shown(&self.right))),
            ..breach
        }))
    }
}

/// Returns a resource with the names of another object, for each that is made afresh has names of its own.
fn renamed(resource: &Value, from: &Arranged, to: &Arranged) -> Value {
    if from.names.name == to.names.name {
        return resource.clone();
    }
    match resource {
        Value::String(text) => text.replace(&from.names.name, &to.names.name).into(),
        Value::Array(elements) => elements.iter().map(|element| renamed(element, from, to)).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), renamed(value, from, to))).collect())
        }
        other => other.clone(),
    }
}

fn sentence(law: Law) -> &'static str {
    match law {
        Law::ReplaceTwice => "a replace done twice is as good as once",
        Law::AddTwice => "an add done twice is as good as once",
        Law::RemoveTwice => "a remove done twice is as good as once",
        Law::AddAndRemove => "adding a value and removing it restores the resource",
        Law::RemoveAndAdd => "removing all values and adding others is replacing them",
        Law::Put => "a PUT of what a PATCH comes to ends in the same state",
        Law::OneByOne => "many operations in one request do what they do one by one",
        Law::Commute => "operations on different attributes may change places",
        Law::Pathless => "attributes without a path are as good as an operation for each",
        Law::Spelling => "a path may be spelled in any case and with its schema",
        Law::Null => "a replace with null, or no values, is a remove",
        Law::Merge => "a replace of a complex attribute is one of the parts that are given",
        Law::Or => "one remove with `or` is two removes",
        Law::Attributes => "asking for attributes does not change what is done",
        Law::Single => "an array of values is as good as one after the other",
        Law::RemovesCommute => "the order of independent removes does not matter",
        Law::Reference | Law::Okta | Law::Race | Law::Groups => law.name(),
    }
}

const MODIFIED: &str = "/meta/lastModified";
