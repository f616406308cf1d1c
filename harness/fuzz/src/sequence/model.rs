//! A server that lives a life as it should: what it holds after every request, and what is wrong with another's answers.
//!
//! It judges requests, not deeds, so that what Okta sends is held to the same rules as what a deed sends. Where the RFC
//! leaves a choice, the model takes the server's: whether a group may have another's name, whether a value that PUT
//! leaves out stays, whether the removal of nobody is an error.

use jiff::Timestamp;
use scim_lang::filter;
use scim_lang::schema::{ResourceType, group_type, user_type};
use scim_lang::{patch, urn};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The two kinds of resources there are lives of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `/Users`.
    User,
    /// `/Groups`.
    Group,
}

/// A request, as far as the model looks at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Of which collection.
    pub kind: Kind,
    /// Which resource; the whole collection where there is none.
    pub id: Option<String>,
    /// The decoded `filter`.
    pub filter: Option<String>,
    /// The body.
    pub body: Option<Value>,
}

/// An answer.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The status.
    pub status: u16,
    /// The body, if it is JSON.
    pub body: Option<&'a Value>,
    /// Whether something else happened at the same time, so that the body may show more than the request did.
    pub in_company: bool,
}

/// Something a server did that it should not have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// What does not hold.
    pub law: &'static str,
    /// What of the resource it is about.
    pub about: String,
    /// One sentence.
    pub message: String,
    /// What was to be expected.
    pub expected: Option<String>,
    /// What was there.
    pub actual: Option<String>,
    /// How much it weighs.
    pub weight: Weight,
}

/// How binding what was broken is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The RFC lets a server do it, and most clients would rather it did not.
    May,
    /// The RFC says SHOULD.
    Should,
    /// The RFC says MUST.
    Must,
    /// So does it, and what Okta does depends on it.
    Okta,
    /// The server broke down.
    Failure,
}

/// What a server should hold.
#[derive(Debug, Clone, Default)]
pub struct Model {
    tracked: BTreeSet<String>,
    sees_members: bool,
    things: BTreeMap<String, Thing>,
}

#[derive(Debug, Clone)]
struct Thing {
    kind: Kind,
    alive: bool,
    /// The tracked attributes that are set.
    attributes: Map<String, Value>,
    /// Tracked attributes whose value is the server's choice.
    open: BTreeSet<String>,
    /// What attributes were before, of this resource or of earlier ones of its name.
    past: Vec<(String, Value)>,
    created: Option<Timestamp>,
    modified: Option<Timestamp>,
}

impl Kind {
    /// Returns the endpoint.
    pub fn endpoint(self) -> &'static str {
        match self {
            Kind::User => "/Users",
            Kind::Group => "/Groups",
        }
    }

    /// Returns the attribute that names a resource.
    pub fn naming(self) -> &'static str {
        match self {
            Kind::User => "userName",
            Kind::Group => "displayName",
        }
    }

    fn ty(self) -> &'static ResourceType {
        match self {
            Kind::User => user_type(),
            Kind::Group => group_type(),
        }
    }

    /// Returns the URN of the base schema.
    pub fn urn(self) -> &'static str {
        match self {
            Kind::User => urn::USER,
            Kind::Group => urn::GROUP,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Group => "group",
        }
    }
}

impl Model {
    /// Returns the model of a server that holds nothing, and of which these attributes of users are looked at. Of groups
    /// it is the name, and the members if they are to be seen.
    pub fn new(tracked: impl IntoIterator<Item = String>, sees_members: bool) -> Model {
        Model { tracked: tracked.into_iter().collect(), sees_members, things: BTreeMap::new() }
    }

    /// Returns the ids of everything that was ever there, with its kind and whether it still is.
    pub fn ids(&self) -> impl Iterator<Item = (&str, Kind, bool)> {
        self.things.iter().map(|(id, thing)| (id.as_str(), thing.kind, thing.alive))
    }

    /// Returns the attributes that a resource should have, if it is there.
    pub fn attributes(&self, id: &str) -> Option<&Map<String, Value>> {
        self.living(id).map(|thing| &thing.attributes)
    }

    /// Returns the name that a resource has, or had at last.
    pub fn name(&self, id: &str) -> Option<(Kind, &str)> {
        self.things.get(id).and_then(|thing| Some((thing.kind, thing.name()?)))
    }

    /// Returns the groups in which a user should be.
    pub fn groups_of<'m>(&'m self, id: &'m str) -> impl Iterator<Item = &'m str> {
        let has = move |thing: &Thing| thing.alive && thing.members().any(|member| member == id);
        self.things.iter().filter(move |(_, thing)| has(thing)).map(|(id, _)| id.as_str())
    }

    /// Returns the attributes of a resource that an answer shows as they should be.
    pub fn kept(&self, id: &str, shown: &Value) -> BTreeSet<String> {
        let Some(thing) = self.living(id) else { return BTreeSet::new() };
        let is_kept = |(name, value): &(&String, &Value)| {
            let (expected, actual) = (plain(name, Some(value)), plain(name, shown.get(name)));
            matches!((expected, actual), (Some(expected), Some(actual)) if covers(&actual, &expected))
        };
        thing.attributes.iter().filter(is_kept).map(|(name, _)| name.clone()).collect()
    }

    /// Takes in a request and its answer, and returns what is wrong with it.
    pub fn take(&mut self, asked: &Asked, told: Told<'_>) -> Vec<Slip> {
        if told.status >= 500 && told.status != 501 {
            let message = format!("{} of a {} answered {}", asked.method, asked.kind.word(), told.status);
            return vec![slip("no-server-error", &asked.method, message, Weight::Failure)];
        }
        match (asked.method.as_str(), &asked.id) {
            ("POST", None) => self.create(asked, told),
            ("PUT" | "PATCH" | "DELETE" | "GET", Some(id)) => match self.things.get(id) {
                Some(thing) if !thing.alive => dead(asked, told),
                Some(_) => self.act(asked, id, told),
                None => Vec::new(),
            },
            ("GET", None) => self.look_up(asked, told),
            _ => Vec::new(),
        }
    }

    fn act(&mut self, asked: &Asked, id: &str, told: Told<'_>) -> Vec<Slip> {
        match asked.method.as_str() {
            "GET" => self.read(asked.kind, id, told),
            "DELETE" => self.delete(asked, id, told),
            "PUT" => self.put(asked, id, told),
            _ => self.patch(asked, id, told),
        }
    }

    fn create(&mut self, asked: &Asked, told: Told<'_>) -> Vec<Slip> {
        let (kind, word) = (asked.kind, asked.kind.word());
        let Some(sent) = asked.body.as_ref().and_then(Value::as_object) else { return Vec::new() };
        let name = sent.get(kind.naming()).and_then(Value::as_str).unwrap_or_default().to_owned();
        let is_taken = self.named(kind, &name).next().is_some();
        if !is_success(told.status) {
            let is_lawful = is_taken && (kind == Kind::Group || told.status == 409);
            return match is_lawful || self.names_the_dead(sent) {
                true => Vec::new(),
                false => vec![self.refused_creation(asked, &name, is_taken, told)],
            };
        }
        let mut slips = Vec::new();
        if is_taken && kind == Kind::User {
            let message = format!("a second user called {name} was created: POST answered {}", told.status);
            slips.push(slip("names-are-unique", "POST", message, Weight::Okta));
        }
        let id = told.body.and_then(|body| body.get("id")).and_then(Value::as_str).filter(|id| !id.is_empty());
        let Some(id) = id.map(str::to_owned) else {
            let message = format!("the answer to POST of a {word} has no id that is a string");
            slips.push(slip("creation-tells-the-id", word, message, Weight::Okta));
            return slips;
        };
        if let Some(before) = self.things.get(&id) {
            let fate = if before.alive { "that is there" } else { "that was deleted" };
            let message = format!("the {word} that was created has the id of a {} {fate}", before.kind.word());
            slips.push(slip("ids-are-not-reused", word, message, Weight::Okta));
        }
        let attributes = self.tracked(kind, sent);
        let past = self.past_of(kind, &name);
        let thing = Thing { kind, alive: true, attributes, open: BTreeSet::new(), past, created: None, modified: None };
        self.things.insert(id.clone(), thing);
        slips.extend(self.answer(asked, &id, told));
        slips
    }

    /// Returns what is wrong with a refusal that nothing explains, or something explains badly.
    fn refused_creation(&self, asked: &Asked, name: &str, is_taken: bool, told: Told<'_>) -> Slip {
        let (kind, status) = (asked.kind, told.status);
        let word = kind.word();
        if is_taken {
            let message = format!("a {word} with a name that is taken was refused with {status} instead of 409");
            return slip("conflicts-are-409", "POST", message, Weight::Should);
        }
        let had_it = |alive: bool| {
            let had = |past: &[(String, Value)]| {
                past.iter().any(|(attribute, value)| attribute == kind.naming() && is_named(value, name))
            };
            let mut things = self.things.values().filter(|thing| thing.kind == kind && thing.alive == alive);
            things.any(|thing| thing.name().is_some_and(|own| own.eq_ignore_ascii_case(name)) || had(&thing.past))
        };
        let was = format!("POST of a {word} called {name} answered {status}, though nobody has that name");
        // RFC 7644 §3.6: a deleted resource SHOULD NOT count in conflicts.
        match (had_it(true), had_it(false)) {
            (true, _) => slip("names-are-free-again", "renamed", format!("{was} any more"), Weight::Okta),
            (_, true) => slip("names-are-free-again", "deleted", format!("{was} since the deletion"), Weight::Should),
            _ => slip("accepted-as-before", "POST", was, Weight::Okta),
        }
    }

    fn read(&mut self, kind: Kind, id: &str, told: Told<'_>) -> Vec<Slip> {
        let word = kind.word();
        let resource = match (told.status, told.body.and_then(Value::as_object)) {
            (200, Some(resource)) => resource.clone(),
            (status, _) => {
                let message = format!("GET of a {word} who should be there answered {status}");
                return vec![slip("what-lives-is-there", word, message, Weight::Okta)];
            }
        };
        let mut slips = Vec::new();
        if resource.get("id").and_then(Value::as_str) != Some(id) {
            let message = format!("GET of the {word} {id} shows another id");
            slips.push(slip("ids-are-stable", word, message, Weight::Okta));
        }
        slips.extend(self.times(id, &resource));
        slips.extend(self.differences(id, &resource, "state-is-as-written"));
        if let Some(thing) = self.things.get_mut(id) {
            thing.adopt(&resource);
        }
        slips
    }

    fn delete(&mut self, asked: &Asked, id: &str, told: Told<'_>) -> Vec<Slip> {
        if !is_success(told.status) {
            return vec![not_accepted(asked, told)];
        }
        let Some(thing) = self.things.get_mut(id) else { return Vec::new() };
        thing.alive = false;
        for group in self.things.values_mut() {
            group.lose(id);
        }
        Vec::new()
    }

    fn put(&mut self, asked: &Asked, id: &str, told: Told<'_>) -> Vec<Slip> {
        let Some(sent) = asked.body.as_ref().and_then(Value::as_object) else { return Vec::new() };
        let after = self.tracked(asked.kind, sent);
        if !is_success(told.status) {
            let is_lawful = self.would_clash(id, &after) || self.names_the_dead(sent);
            return if is_lawful { Vec::new() } else { vec![not_accepted(asked, told)] };
        }
        let slips = self.clash(asked, id, &after, told);
        let Some(thing) = self.things.get_mut(id) else { return slips };
        // RFC 7644 §3.5.1: what is left out may be cleared, kept or get a default.
        let left_out = thing.attributes.keys().filter(|name| !after.contains_key(*name)).cloned();
        thing.open.extend(left_out);
        thing.become_(after);
        [slips, self.answer(asked, id, told)].concat()
    }

    fn patch(&mut self, asked: &Asked, id: &str, told: Told<'_>) -> Vec<Slip> {
        let Some(thing) = self.living(id) else { return Vec::new() };
        let body = asked.body.clone().unwrap_or_default();
        let before = thing.resource(id);
        let predicted = patch::parse(&body).and_then(|patch| patch.apply(&before, thing.kind.ty()));
        let Some(after) = predicted.ok().and_then(|after| Some(self.tracked(asked.kind, after.as_object()?))) else {
            if let Some(thing) = self.things.get_mut(id).filter(|_| is_success(told.status)) {
                thing.open.extend(thing.attributes.keys().cloned());
            }
            return Vec::new();
        };
        if !is_success(told.status) {
            let is_lawful =
                self.would_clash(id, &after) || removes_nobody(&body, thing) || self.mentions_the_dead(&body);
            return if is_lawful { Vec::new() } else { vec![not_accepted(asked, told)] };
        }
        let slips = self.clash(asked, id, &after, told);
        if let Some(thing) = self.things.get_mut(id) {
            thing.become_(after);
        }
        [slips, self.answer(asked, id, told)].concat()
    }

    /// Judges the resource that an answer to a write shows. Parts may be missing from it, above all the members of a
    /// group, which Okta does not look at.
    fn answer(&self, asked: &Asked, id: &str, told: Told<'_>) -> Vec<Slip> {
        let Some(resource) = told.body.and_then(Value::as_object).filter(|_| !told.in_company) else {
            return Vec::new();
        };
        if asked.kind == Kind::Group || !resource.contains_key("id") {
            return Vec::new();
        }
        let mut slips = self.differences(id, resource, "answers-tell-the-truth");
        slips.retain(|slip| resource.contains_key(slip.about.rsplit('/').next().unwrap_or_default()));
        slips
    }

    fn clash(&self, asked: &Asked, id: &str, after: &Map<String, Value>, told: Told<'_>) -> Vec<Slip> {
        if asked.kind == Kind::Group || !self.would_clash(id, after) {
            return Vec::new();
        }
        let message = format!("{} gave a user the name of another and answered {}", asked.method, told.status);
        vec![slip("names-are-unique", &asked.method, message, Weight::Okta)]
    }

    fn would_clash(&self, id: &str, after: &Map<String, Value>) -> bool {
        let Some(kind) = self.living(id).map(|thing| thing.kind) else { return false };
        let name = after.get(kind.naming()).and_then(Value::as_str).unwrap_or_default();
        self.named(kind, name).any(|other| other != id)
    }

    fn look_up(&self, asked: &Asked, told: Told<'_>) -> Vec<Slip> {
        let (kind, word) = (asked.kind, asked.kind.word());
        let Some(name) = asked.filter.as_deref().and_then(|text| name_in(text, kind)) else { return Vec::new() };
        let expected: BTreeSet<&str> = self.named(kind, &name).collect();
        // Okta takes a 404 for "nobody of that name".
        if told.status == 404 && expected.is_empty() {
            return Vec::new();
        }
        let found = told.body.and_then(|body| body.get("Resources")).and_then(Value::as_array);
        if told.status != 200 {
            let message = format!("the lookup of a {word} by name answered {}", told.status);
            return vec![slip("names-lead-to-their-bearers", &format!("{word} lookup"), message, Weight::Okta)];
        }
        let found: BTreeSet<&str> = found.into_iter().flatten().filter_map(|one| one.get("id")?.as_str()).collect();
        let told = |law: &str, sentence: String| Slip {
            expected: Some(listed(&expected)),
            actual: Some(listed(&found)),
            ..slip("names-lead-to-their-bearers", law, sentence, Weight::Okta)
        };
        let mut slips = Vec::new();
        if expected.iter().any(|id| !found.contains(id)) {
            slips.push(told(&format!("{word} missing"), format!("the {word} called {name} is not found by that name")));
        }
        for other in found.iter().filter(|id| !expected.contains(*id)) {
            let who = match self.things.get(*other) {
                Some(thing) if thing.alive => "renamed",
                Some(_) => "deleted",
                None => "unknown",
            };
            let sentence = format!("{word} {other}, who is not called {name} ({who}), is found by that name");
            slips.push(told(&format!("{word} {who}"), sentence));
        }
        slips
    }

    fn times(&mut self, id: &str, resource: &Map<String, Value>) -> Vec<Slip> {
        let Some(thing) = self.things.get_mut(id) else { return Vec::new() };
        let time = |name: &str| -> Option<Timestamp> { resource.get("meta")?.get(name)?.as_str()?.parse().ok() };
        let word = thing.kind.word();
        let mut slips = Vec::new();
        let (created, modified) = (time("created"), time("lastModified"));
        if let (Some(before), Some(after)) = (thing.created, created)
            && before != after
        {
            let message = format!("meta.created of a {word} is not what it was");
            slips.push(between("created-is-constant", word, message, before, after));
        }
        if let (Some(before), Some(after)) = (thing.modified, modified)
            && after < before
        {
            let message = format!("meta.lastModified of a {word} went back");
            slips.push(between("last-modified-moves-on", word, message, before, after));
        }
        (thing.created, thing.modified) = (created.or(thing.created), modified.or(thing.modified));
        slips
    }

    /// Compares a resource with what it should be.
    fn differences(&self, id: &str, resource: &Map<String, Value>, law: &'static str) -> Vec<Slip> {
        let Some(thing) = self.things.get(id) else { return Vec::new() };
        let mut slips = Vec::new();
        for name in self.names(thing.kind).filter(|name| *name != "members" && !thing.open.contains(*name)) {
            let (expected, actual) = (thing.attributes.get(name), resource.get(name));
            let (expected, actual) = (plain(name, expected), plain(name, actual));
            let is_right = match (&expected, &actual) {
                // A default of the server's own is its right; what was there before is no default.
                (None, Some(actual)) => !thing
                    .past
                    .iter()
                    .any(|(past, value)| past == name && plain(name, Some(value)).as_ref() == Some(actual)),
                (Some(expected), Some(actual)) => covers(actual, expected),
                (Some(_), None) => false,
                (None, None) => true,
            };
            if !is_right {
                let message = format!("{name} of a {} is not what it was made", thing.kind.word());
                slips.push(differing(law, &format!("{}/{name}", thing.kind.word()), message, expected, actual));
            }
        }
        match thing.kind {
            Kind::Group => slips.extend(self.membership(thing, resource, law)),
            Kind::User => slips.extend(self.claimed_groups(id, resource)),
        }
        slips
    }

    fn membership(&self, thing: &Thing, group: &Map<String, Value>, law: &'static str) -> Vec<Slip> {
        if !self.sees_members || thing.open.contains("members") {
            return Vec::new();
        }
        let listing = group.get("members").and_then(Value::as_array);
        let actual: BTreeSet<&str> =
            listing.into_iter().flatten().filter_map(|one| one.get("value")?.as_str()).collect();
        let is_dead = |id: &&str| self.things.get(*id).is_some_and(|thing| !thing.alive);
        let expected: BTreeSet<&str> = thing.members().filter(|id| !is_dead(id)).collect();
        let living: BTreeSet<&str> = actual.iter().copied().filter(|id| !is_dead(id)).collect();
        let mut slips = Vec::new();
        if living != expected {
            let lost = expected.iter().any(|id| !living.contains(id));
            let how = if lost { "lost" } else { "gained" };
            let message = format!("a group has {how} members that nobody {}", if lost { "removed" } else { "added" });
            let (expected, actual) = (Some(listed(&expected)), Some(listed(&living)));
            slips.push(Slip { expected, actual, ..slip(law, "group/members", message, Weight::Okta) });
        }
        // RFC 7644 §3.6 takes a deleted resource out of results and says nothing about references to it.
        if let Some(ghost) = actual.iter().find(|id| is_dead(id)) {
            let message = format!("a group still has the member {ghost}, who was deleted");
            slips.push(slip("members-are-alive", "group/members", message, Weight::May));
        }
        slips
    }

    /// Judges the groups a user is said to be in. Those that are missing are not judged: the attribute may lag behind.
    fn claimed_groups(&self, id: &str, user: &Map<String, Value>) -> Vec<Slip> {
        let claimed = user.get("groups").and_then(Value::as_array).into_iter().flatten();
        let wrong = claimed.filter_map(|group| group.get("value")?.as_str()).find(|claimed| {
            self.things.get(*claimed).is_some_and(|group| !group.alive || !group.members().any(|member| member == id))
        });
        let told = wrong.map(|group| {
            let message = format!("a user is said to be in the group {group}, which does not have them");
            slip("groups-follow-members", "user/groups", message, Weight::Should)
        });
        told.into_iter().collect()
    }

    fn living(&self, id: &str) -> Option<&Thing> {
        self.things.get(id).filter(|thing| thing.alive)
    }

    fn named<'m>(&'m self, kind: Kind, name: &'m str) -> impl Iterator<Item = &'m str> {
        let has = move |thing: &&Thing| {
            thing.kind == kind && thing.alive && thing.name().is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        self.things.iter().filter(move |(_, thing)| has(thing)).map(|(id, _)| id.as_str())
    }

    fn past_of(&self, kind: Kind, name: &str) -> Vec<(String, Value)> {
        let namesakes = self.things.values().filter(|thing| {
            thing.kind == kind && !thing.alive && thing.name().is_some_and(|own| own.eq_ignore_ascii_case(name))
        });
        let all = namesakes.flat_map(|thing| {
            let last = thing.attributes.iter().map(|(name, value)| (name.clone(), value.clone()));
            thing.past.iter().cloned().chain(last)
        });
        all.filter(|(attribute, _)| attribute != kind.naming()).collect()
    }

    fn names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        let of_groups = ["displayName", "members"];
        let of_users = self.tracked.iter().map(String::as_str).filter(move |_| kind == Kind::User);
        of_users.chain(of_groups.into_iter().filter(move |_| kind == Kind::Group))
    }

    /// Returns what of a resource is looked at.
    fn tracked(&self, kind: Kind, resource: &Map<String, Value>) -> Map<String, Value> {
        let set = |name: &str| {
            let value = resource.get(name)?;
            plain(name, Some(value)).map(|_| (name.to_owned(), value.clone()))
        };
        self.names(kind).filter_map(set).collect()
    }

    /// Tells whether a group is to have members who were deleted: a server may refuse them.
    fn names_the_dead(&self, sent: &Map<String, Value>) -> bool {
        sent.get("members").is_some_and(|members| self.mentions_the_dead(members))
    }

    fn mentions_the_dead(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => {
                let quoted = |id: &str| text == id || text.contains(&format!("\"{id}\""));
                self.things.iter().any(|(id, thing)| !thing.alive && quoted(id))
            }
            Value::Array(elements) => elements.iter().any(|one| self.mentions_the_dead(one)),
            Value::Object(members) => members.values().any(|one| self.mentions_the_dead(one)),
            _ => false,
        }
    }
}

impl Thing {
    fn name(&self) -> Option<&str> {
        self.attributes.get(self.kind.naming()).and_then(Value::as_str)
    }

    fn members(&self) -> impl Iterator<Item = &str> {
        let members = self.attributes.get("members").and_then(Value::as_array);
        members.into_iter().flatten().filter_map(|member| member.get("value")?.as_str())
    }

    fn lose(&mut self, id: &str) {
        if let Some(Value::Array(members)) = self.attributes.get_mut("members") {
            members.retain(|member| member["value"] != id);
        }
    }

    /// Takes on other values and keeps in mind which there were.
    fn become_(&mut self, after: Map<String, Value>) {
        let before = std::mem::replace(&mut self.attributes, after);
        self.open.retain(|name| !self.attributes.contains_key(name));
        for (name, value) in before {
            if self.attributes.get(&name) != Some(&value) && name != "members" {
                self.past.push((name, value));
            }
        }
    }

    /// Takes the server's values where the choice was its own.
    fn adopt(&mut self, resource: &Map<String, Value>) {
        for name in std::mem::take(&mut self.open) {
            if let Some(value) = resource.get(&name).filter(|value| plain(&name, Some(value)).is_some()) {
                self.attributes.insert(name, value.clone());
            }
        }
    }

    /// Returns the resource as the reference algorithm of PATCH takes it.
    fn resource(&self, id: &str) -> Value {
        let mut resource = self.attributes.clone();
        resource.insert("schemas".to_owned(), json!([self.kind.urn()]));
        resource.insert("id".to_owned(), id.into());
        Value::Object(resource)
    }
}

/// Judges an answer about a resource that was deleted (RFC 7644 §3.6). 410 says the same in another word.
fn dead(asked: &Asked, told: Told<'_>) -> Vec<Slip> {
    if matches!(told.status, 404 | 410) {
        return Vec::new();
    }
    let word = asked.kind.word();
    let message = format!("{} of a {word} that was deleted answered {}", asked.method, told.status);
    vec![slip("what-is-deleted-is-gone", &format!("{} {word}", asked.method), message, Weight::Must)]
}

/// Returns what is wrong with the refusal of a write that nothing speaks against: its like was accepted when the server
/// was asked what it can do.
fn not_accepted(asked: &Asked, told: Told<'_>) -> Slip {
    let word = asked.kind.word();
    let detail = told.body.and_then(|body| body.get("detail")).and_then(Value::as_str);
    let detail = detail.map(|text| format!(": {}", text.chars().take(200).collect::<String>())).unwrap_or_default();
    let message = format!("{} of a {word} that is there answered {}{detail}", asked.method, told.status);
    slip("accepted-as-before", &format!("{} {word}", asked.method), message, Weight::Okta)
}

/// Tells whether a PATCH takes out members who are not in: RFC 7644 §3.5.2.2 has both answers.
fn removes_nobody(body: &Value, thing: &Thing) -> bool {
    let operations = body.get("Operations").and_then(Value::as_array);
    operations.into_iter().flatten().any(|operation| {
        let path = operation.get("path").and_then(Value::as_str).unwrap_or_default();
        let removes = operation.get("op").and_then(Value::as_str).is_some_and(|op| op.eq_ignore_ascii_case("remove"));
        let attribute = path.split('[').next().unwrap_or_default();
        removes
            && match path.contains('[') {
                true => !thing.members().any(|id| path.contains(&format!("\"{id}\""))),
                false => !thing.attributes.contains_key(attribute),
            }
    })
}

/// Returns the name that a filter such as `userName eq "x"` asks for.
fn name_in(text: &str, kind: Kind) -> Option<String> {
    let filter = filter::parse(text).ok()?;
    let (path, value) = filter.equality()?;
    let is_name = path.sub.is_none() && path.name.eq_ignore_ascii_case(kind.naming());
    is_name.then(|| value.to_owned())
}

/// Returns a value in the form in which values are compared, or nothing if it is as good as unassigned (RFC 7643 §2.5).
fn plain(name: &str, value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::Null => None,
        // Of the attributes that are looked at only externalId is case-exact (RFC 7643 §3.1).
        Value::String(text) if name == "externalId" => Some(text.as_str().into()),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.to_ascii_lowercase().into()),
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.iter().filter_map(|one| plain(name, Some(one))).collect();
            elements.sort_by_key(Value::to_string);
            (!elements.is_empty()).then_some(Value::Array(elements))
        }
        Value::Object(members) => {
            // A value that is not the primary one need not say so (RFC 7643 §2.4), and what is shown to people may be made
            // from the rest.
            let is_said = |name: &str, value: &Value| match name {
                "primary" => value == true,
                "formatted" | "display" => false,
                _ => true,
            };
            let members = members.iter().filter(|(name, value)| is_said(name, value));
            let members: Map<String, Value> =
                members.filter_map(|(name, value)| Some((name.clone(), plain(name, Some(value))?))).collect();
            (!members.is_empty()).then_some(Value::Object(members))
        }
        other => Some(other.clone()),
    }
}

/// Tells whether a server's value is the expected one; it may have sub-attributes of its own beside those.
fn covers(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            expected.iter().all(|(name, value)| actual.get(name).is_some_and(|actual| covers(actual, value)))
        }
        (Value::Array(actual), Value::Array(expected)) => {
            let mut left: Vec<&Value> = actual.iter().collect();
            actual.len() == expected.len()
                && expected.iter().all(|value| {
                    let place = left.iter().position(|actual| covers(actual, value));
                    place.map(|place| left.remove(place)).is_some()
                })
        }
        (actual, expected) => actual == expected,
    }
}

fn is_named(value: &Value, name: &str) -> bool {
    value.as_str().is_some_and(|own| own.eq_ignore_ascii_case(name))
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

fn slip(law: &'static str, about: &str, message: String, weight: Weight) -> Slip {
    Slip { law, about: about.to_owned(), message, expected: None, actual: None, weight }
}

fn differing(law: &'static str, about: &str, message: String, expected: Option<Value>, actual: Option<Value>) -> Slip {
    let text = |value: Option<Value>| Some(value.map_or_else(|| "nothing".to_owned(), |value| value.to_string()));
    Slip { expected: text(expected), actual: text(actual), ..slip(law, about, message, Weight::Okta) }
}

fn between(law: &'static str, about: &str, message: String, before: Timestamp, after: Timestamp) -> Slip {
    let (expected, actual) = (Some(before.to_string()), Some(after.to_string()));
    Slip { expected, actual, ..slip(law, about, message, Weight::Must) }
}

fn listed(ids: &BTreeSet<&str>) -> String {
    if ids.is_empty() { "nobody".to_owned() } else { ids.iter().copied().collect::<Vec<_>>().join("\n") }
}
