//! The objects of one lane: one user and one group that trials are carried out on, and the users that may be members.
//!
//! A trial's resource is put into its first state by PUT, which costs one request. A server whose PUT cannot do that,
//! and a breach that has to be looked at again, get a resource made afresh.

use crate::client::{Stop, encode};
use crate::fuzz::lane::Lane;
use scim_fuzz::patch::{Aim, Names, Resource, Trial};
use scim_lang::urn;
use scim_transport::Reply;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The objects of one lane.
#[derive(Debug, Default)]
pub(super) struct Rig {
    user: Option<Object>,
    group: Option<Object>,
    members: Vec<String>,
    enrolled: u32,
    made: u32,
    refused_puts: u32,
    settle: Duration,
    /// What tells the names of this case from those of others.
    tag: String,
}

#[derive(Debug, Clone)]
struct Object {
    name: String,
    id: String,
}

/// A resource that is in its first state.
#[derive(Debug, Clone)]
pub(super) struct Arranged {
    /// Its path below the base URL.
    pub(super) path: String,
    /// What the placeholders of the trial stand for.
    pub(super) names: Names,
    /// What was sent.
    pub(super) sent: Value,
    /// What the server made of it.
    pub(super) before: Value,
}

/// How sure of the first state one has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// What the server answers to a PUT is believed.
    Quick,
    /// The resource is made afresh and read.
    Careful,
    /// And every read waits so long, for a server whose reads lag behind its writes.
    Patient(Duration),
}

impl Care {
    /// Waits as long as a read has to.
    pub(super) async fn wait(self) {
        if let Care::Patient(settle) = self {
            tokio::time::sleep(settle).await;
        }
    }
}

/// Why a resource could not be put into its first state.
#[derive(Debug)]
pub(super) enum Unarranged {
    /// The server answers with an error of its own.
    Failing(Box<Reply>),
    /// The server refuses, or what it says cannot be understood; the text says what.
    Refused(String),
    /// There was no answer.
    Stop(Stop),
}

impl From<Stop> for Unarranged {
    fn from(stop: Stop) -> Self {
        Unarranged::Stop(stop)
    }
}

impl Rig {
    /// Returns a rig without objects, for a case about these aims: cases may be carried out at the same time.
    pub(super) fn new(aims: &[Aim], settle: Duration) -> Rig {
        let tag = aims.iter().filter_map(|aim| aim.name().get(..1)).collect();
        Rig { tag, settle, ..Rig::default() }
    }

    /// Puts the trial's resource into its first state.
    pub(super) async fn arrange(&mut self, lane: &Lane<'_>, trial: &Trial, care: Care) -> Result<Arranged, Unarranged> {
        self.need_members(lane, trial).await?;
        let known = match trial.resource {
            Resource::User => self.user.clone(),
            Resource::Group => self.group.clone(),
        };
        if let (Some(object), Care::Quick, true) = (&known, care, self.refused_puts < MOST_REFUSED_PUTS)
            && let Some(arranged) = self.put(lane, trial, object).await?
        {
            return Ok(arranged);
        }
        if let Some(object) = known {
            let path = path(trial.resource, &object.id);
            lane.send_aside(lane.request("DELETE", path, None)).await?;
        }
        self.make(lane, trial, care).await
    }

    /// Makes the members anew that are needed from here on, so that evidence has everything that a trial needs.
    pub(super) fn forget_members(&mut self) {
        self.members.clear();
    }

    /// Returns what the placeholders stand for, for an object.
    fn names(&self, object: &Object) -> Names {
        Names { name: object.name.clone(), id: object.id.clone(), members: self.members.clone() }
    }

    async fn put(&mut self, lane: &Lane<'_>, trial: &Trial, object: &Object) -> Result<Option<Arranged>, Unarranged> {
        let names = self.names(object);
        let mut sent = Trial::fill(&trial.start, &names);
        sent["id"] = object.id.clone().into();
        let path = path(trial.resource, &object.id);
        let reply = lane.send(lane.request("PUT", path.clone(), Some(sent.to_string().into_bytes()))).await?;
        if !(200..300).contains(&reply.status) {
            // A 404 says that the object is gone, not that PUT is not there.
            self.refused_puts += u32::from(reply.status != 404);
            return Ok(None);
        }
        self.refused_puts = 0;
        let before = match object_of(&reply).filter(|body| id_of(body).as_ref() == Some(&object.id)) {
            Some(body) => body,
            None => match object_of(&lane.send(lane.request("GET", path.clone(), None)).await?) {
                Some(body) => body,
                None => return Ok(None),
            },
        };
        Ok(Some(Arranged { path, names, sent, before }))
    }

    async fn make(&mut self, lane: &Lane<'_>, trial: &Trial, care: Care) -> Result<Arranged, Unarranged> {
        self.made += 1;
        let kind = if trial.resource == Resource::User { "u" } else { "g" };
        let name = lane.name(&format!("p{}.{kind}{}", self.tag, self.made));
        let mut object = Object { name, id: String::new() };
        let sent = Trial::fill(&trial.start, &self.names(&object));
        let collection = trial.resource.ty().endpoint;
        let reply = lane.send(lane.request("POST", collection, Some(sent.to_string().into_bytes()))).await?;
        object.id = created(&reply)?;
        let arranged_names = self.names(&object);
        let path = path(trial.resource, &object.id);
        match trial.resource {
            Resource::User => self.user = Some(object),
            Resource::Group => self.group = Some(object),
        }
        care.wait().await;
        let deadline = Instant::now() + self.settle;
        let read = loop {
            let read = lane.send(lane.request("GET", path.clone(), None)).await?;
            if read.status != 404 || Instant::now() >= deadline {
                break read;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let before = object_of(&read).filter(|_| read.status == 200);
        let before = before.ok_or_else(|| Unarranged::Refused("what was made cannot be read back".to_owned()))?;
        Ok(Arranged { path, names: arranged_names, sent, before })
    }

    async fn need_members(&mut self, lane: &Lane<'_>, trial: &Trial) -> Result<(), Unarranged> {
        let text = || format!("{}{}", trial.start, Value::Array(trial.operations.clone()));
        while self.members.len() < trial.members_needed() {
            self.enrolled += 1;
            let name = lane.name(&format!("p{}.m{}", self.tag, self.enrolled));
            let user = json!({
                "schemas": [urn::USER],
                "userName": format!("{name}@example.test"),
                "name": { "givenName": "Member", "familyName": "Of Groups" },
                "displayName": name,
                "emails": [{ "value": format!("{name}@example.test"), "type": "work", "primary": true }],
                "active": true,
            });
            let request = lane.request("POST", "/Users", Some(user.to_string().into_bytes()));
            // Members have numbers, and a trial of the last one alone needs no other.
            let reply = match text().contains(&format!("{{{{member-{}}}}}", self.members.len())) {
                true => lane.send(request).await?,
                false => lane.send_aside(request).await?,
            };
            self.members.push(created(&reply)?);
        }
        Ok(())
    }
}

/// Returns the path of a resource below the base URL.
pub(super) fn path(resource: Resource, id: &str) -> String {
    format!("{}/{}", resource.ty().endpoint, encode(id))
}

/// Returns the object that an answer carries, if it carries one.
pub(super) fn object_of(reply: &Reply) -> Option<Value> {
    serde_json::from_slice(&reply.body).ok().filter(Value::is_object)
}

/// Returns what a refusal says: the status, the `scimType`, the `detail`.
pub(super) fn told(reply: &Reply) -> String {
    let body = object_of(reply).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(|it| it.chars().take(200).collect::<String>());
    let parts = [Some(reply.status.to_string()), text("scimType"), text("detail")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn id_of(body: &Value) -> Option<String> {
    match body.get("id")? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

fn created(reply: &Reply) -> Result<String, Unarranged> {
    match reply.status {
        200..300 => object_of(reply)
            .and_then(|body| id_of(&body))
            .ok_or_else(|| Unarranged::Refused("a creation answers without an id".to_owned())),
        500 | 502..600 => Err(Unarranged::Failing(Box::new(reply.clone()))),
        _ => Err(Unarranged::Refused(format!("a creation answers {}", told(reply)))),
    }
}

/// After so many, PUT is not tried any more.
const MOST_REFUSED_PUTS: u32 = 3;
