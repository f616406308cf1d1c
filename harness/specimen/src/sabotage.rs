//! What the faults do.
//!
//! A correct service provider has a few places where one decision is made, and each of them asks here whether a fault
//! decides otherwise. Without faults none of these does anything.
//!
//! | when | the tables called |
//! |---|---|
//! | a request comes in | `INTERCEPTS` answer it, `REWRITES` change its body |
//! | a query is understood, and answered | `QUERIES`, `RESULTS` |
//! | content is about to be written | `CHANGES` alter it or refuse it, `OBJECTIONS` refuse it for what is stored |
//! | it is clear what to do with it | `FATES` |
//! | a reply goes out | `REPLIES` |
//!
//! The modules hold the tables by topic; what needs to remember an earlier request is in [`memory`] and below.
//!
//! The modules `rfc_…` hold rows that bring along what they do ([`Effect`]). At each place those of the active
//! variants come first, then those of the active faults, then the tables.

mod bodies;
mod entitlements;
mod groups;
mod lists;
mod lives;
mod memory;
mod people;
pub(crate) mod replies;
pub(crate) mod requests;
mod rfc_bulk;
mod rfc_crud;
mod rfc_discovery;
mod rfc_filters;
mod rfc_http;
mod rfc_lists;
mod rfc_operands;
mod rfc_patch;
mod rfc_patch_values;
mod rfc_schema;
mod rfc_values;
mod v1;
mod writes;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use scim_lang::error::ScimError;
use serde_json::Value;

use crate::behaviour::{Behaviour, Effect};
use crate::fault::Fault;
use crate::message::{Answer, Reply, Request};
use crate::query::Query;
use crate::route::Route;
use crate::select::Found;
use crate::store::{Content, Kind, Record, Store};
use crate::variant::Variant;
use crate::version::Version;
use memory::Memory;
use replies::Distort;
use requests::Intercept;
use writes::{Change, Object};

pub(crate) use lives::{Past, Turn};
pub(crate) use writes::{Fate, OnDuplicate, Write};

/// Changes the body of a request, or leaves it.
type Rewrite = fn(&Seen<'_>) -> Option<Value>;

/// The rows of one topic that bring along what they do.
pub(crate) type Rows = &'static [Behaviour];

/// The rows of the RFCs that turn a case red under the default gate.
pub(crate) const RFC_FAULTS: &[Rows] = &[
    rfc_schema::FAULTS,
    rfc_discovery::FAULTS,
    rfc_values::FAULTS,
    rfc_crud::FAULTS,
    rfc_http::FAULTS,
    rfc_lists::FAULTS,
    rfc_patch::FAULTS,
    rfc_bulk::FAULTS,
    lives::FAULTS,
    bodies::FAULTS,
];
/// The rows of the RFCs that do not.
pub(crate) const RFC_QUIRKS: &[Rows] = &[
    rfc_schema::QUIRKS,
    rfc_discovery::QUIRKS,
    rfc_values::QUIRKS,
    rfc_crud::QUIRKS,
    rfc_http::QUIRKS,
    rfc_filters::QUIRKS,
    rfc_operands::QUIRKS,
    rfc_lists::QUIRKS,
    rfc_patch::QUIRKS,
    rfc_patch_values::QUIRKS,
    rfc_bulk::QUIRKS,
    lives::QUIRKS,
    bodies::QUIRKS,
];

/// The entries of one topic.
type Table<F> = &'static [(Fault, F)];

const INTERCEPTS: &[Table<Intercept>] = &[
    requests::INTERCEPTS,
    groups::INTERCEPTS,
    lists::INTERCEPTS,
    entitlements::INTERCEPTS,
    people::INTERCEPTS,
    v1::INTERCEPTS,
];
const REWRITES: &[Table<Rewrite>] = &[groups::REWRITES, v1::REWRITES];
const USER_CHANGES: &[&[(Fault, &[Write], Change)]] = &[writes::CHANGES, entitlements::CHANGES, people::CHANGES];
const GROUP_CHANGES: &[&[(Fault, &[Write], Change)]] = &[groups::CHANGES];
const OBJECTIONS: &[Table<Object>] = &[writes::OBJECTIONS, groups::OBJECTIONS];
/// Those that make an error out of something come before those that spoil errors.
const REPLIES: &[Table<Distort>] = &[lists::REPLIES, entitlements::REPLIES, replies::REPLIES];

/// The active faults and variants.
#[derive(Debug, Default)]
pub(crate) struct Sabotage {
    active: Vec<Fault>,
    /// The variants, then those faults that bring along what they do.
    behaviours: Vec<&'static Behaviour>,
    memory: Mutex<Memory>,
}

impl Sabotage {
    /// Returns the place where these faults and variants work.
    pub(crate) fn new(faults: &[Fault], variants: &[Variant]) -> Sabotage {
        let rows = faults.iter().filter_map(|fault| match fault {
            Fault::Rfc(row) => Some(*row),
            _ => None,
        });
        let behaviours = variants.iter().map(|variant| variant.behaviour()).chain(rows).collect();
        Sabotage { active: faults.to_vec(), behaviours, memory: Mutex::default() }
    }

    /// Tells whether a behaviour of this name is active, for places that ask for it.
    pub(crate) fn shows(&self, name: &str) -> bool {
        self.behaviours.iter().any(|behaviour| behaviour.name == name)
    }

    fn effects(&self) -> impl Iterator<Item = &'static Effect> {
        self.behaviours.iter().flat_map(|behaviour| behaviour.effects)
    }

    /// Changes a request before anybody looks at it.
    pub(crate) fn incoming(&self, request: &mut Request) {
        for effect in self.effects() {
            if let Effect::Request(change) = effect {
                let route = Route::of(&request.path).map(|(_, route)| route);
                change(request, route.as_ref());
            }
        }
    }

    /// Says how long a request lies about before it is looked at.
    pub(crate) fn delay(&self, request: &Request) -> Option<Duration> {
        let (_, route) = Route::of(&request.path)?;
        let seen = Seen { request, route: &route };
        if self.has(Fault::GroupsListIsSlow) && seen.lists(Kind::Group) {
            return Some(Duration::from_millis(700));
        }
        self.is_stale(&seen).then_some(Duration::from_millis(50))
    }

    /// Returns what an update that lay about takes a resource to be.
    pub(crate) fn glimpse(&self, request: &Request, store: &Store) -> Option<Arc<Record>> {
        let (_, route) = Route::of(&request.path)?;
        match &route {
            Route::Resource(kind, id) if self.is_stale(&Seen { request, route: &route }) => {
                store.find(*kind, id).cloned()
            }
            _ => None,
        }
    }

    fn is_stale(&self, seen: &Seen<'_>) -> bool {
        self.has(Fault::GroupPatchLosesConcurrentUpdate) && seen.is_on(&Method::PATCH, Kind::Group)
    }

    /// Tells whether somebody with the wrong credentials is let in.
    pub(crate) fn lets_in(&self, request: &Request) -> bool {
        let fault = match request.headers.contains_key(AUTHORIZATION) {
            true => Fault::AnyTokenAccepted,
            false => Fault::MissingTokenAccepted,
        };
        self.has(fault)
    }

    /// Looks at a request before it is handled, changes it, or answers it.
    pub(crate) fn request(&self, request: &mut Request, route: &Route) -> Option<Answer> {
        if self.has(Fault::FilterKeepsPercentEncoding) {
            request.query = request.query.replace("%40", "%2540");
        }
        if self.has(Fault::PlusIsNoSpace) {
            request.query = request.query.replace('+', "%2B");
        }
        if self.has(Fault::EncodedPlusIsASpace) {
            request.query = request.query.replace("%2B", "%20");
        }
        if let Some(reply) = self.throttle(&Seen { request, route }) {
            return Some(Answer::Reply(reply));
        }
        let seen = Seen { request, route };
        let answer = self.effects().find_map(|effect| match effect {
            Effect::Intercept(intercept) => intercept(&seen),
            _ => None,
        });
        let answer = answer.or_else(|| self.first(INTERCEPTS, |intercept| intercept(&seen)));
        answer.or_else(|| self.rewrite(request, route))
    }

    /// Returns the 429 that a fault gives to whoever is called throttled.
    fn throttle(&self, seen: &Seen<'_>) -> Option<Reply> {
        if self.has(Fault::ThrottledForEver) && memory::throttled_name(seen).is_some() {
            return Some(memory::throttled(Fault::ThrottledForEver));
        }
        let faults = [Fault::RetryAfterIsADate, Fault::RetryAfterIsMissing, Fault::RetryAfterIsFractional];
        let fault = faults.into_iter().find(|fault| self.has(*fault))?;
        self.memory().throttles(seen).then(|| memory::throttled(fault))
    }

    /// Changes the body of a request. A PATCH of which nothing is left succeeds and does nothing.
    fn rewrite(&self, request: &mut Request, route: &Route) -> Option<Answer> {
        for (_, rewrite) in self.active(REWRITES) {
            let Some(body) = rewrite(&Seen { request, route }) else { continue };
            if body["Operations"].as_array().is_some_and(Vec::is_empty) {
                return Some(Answer::Reply(Reply::empty(StatusCode::NO_CONTENT)));
            }
            request.body = body.to_string().into();
        }
        None
    }

    /// Changes what a query asks for.
    pub(crate) fn query(&self, query: &mut Query, kinds: &[Kind]) {
        for effect in self.effects() {
            if let Effect::Query(adjust) = effect {
                adjust(query, kinds);
            }
        }
        for (_, adjust) in self.active(&[lists::QUERIES]) {
            adjust(query, kinds);
        }
    }

    /// Changes the result of a query.
    pub(crate) fn found<'a>(&self, store: &'a Store, kinds: &[Kind], query: &Query, found: &mut Found<'a>) {
        for effect in self.effects() {
            if let Effect::Found(spoil) = effect {
                spoil(store, kinds, query, found);
            }
        }
        for (_, spoil) in self.active(&[lists::RESULTS]) {
            spoil(store, kinds, query, found);
        }
    }

    /// Returns what a PATCH leaves of a resource, if a fault decides it.
    pub(crate) fn patched(&self, body: &Value) -> Option<Content> {
        if !self.has(Fault::PathlessPatchReplacesResource) {
            return None;
        }
        let pathless = operations(body).find(|operation| operation.get("path").is_none())?;
        let attributes = pathless["value"].as_object()?.clone();
        Some(Content { attributes, password: None })
    }

    /// Changes what a PATCH makes of a resource.
    pub(crate) fn after_patch(
        &self,
        body: &Value,
        before: &Value,
        mut after: Result<Value, ScimError>,
    ) -> Result<Value, ScimError> {
        for effect in self.effects() {
            if let Effect::Patched(change) = effect {
                after = change(body, before, after);
            }
        }
        after
    }

    /// Changes content that is about to be written, or refuses it.
    pub(crate) fn content(
        &self,
        write: Write,
        kind: Kind,
        before: Option<&Content>,
        after: &mut Content,
    ) -> Result<(), ScimError> {
        for effect in self.effects() {
            if let Effect::Content(at, writes, change) = effect
                && *at == kind
                && writes.contains(&write)
            {
                change(before.unwrap_or(&Content::nothing()), after)?;
            }
        }
        let tables = if kind == Kind::User { USER_CHANGES } else { GROUP_CHANGES };
        let active = tables.iter().flat_map(|table| table.iter()).filter(|(fault, ..)| self.has(*fault));
        for (_, _, change) in active.filter(|(_, writes, _)| writes.contains(&write)) {
            change(before.unwrap_or(&Content::nothing()), after)?;
        }
        Ok(())
    }

    /// Looks for a reason in what is stored, or was, to refuse a record.
    pub(crate) fn objection(
        &self,
        store: &Store,
        write: Write,
        before: Option<&Record>,
        after: &Record,
    ) -> Result<(), ScimError> {
        let objection = self.effects().find_map(|effect| match effect {
            Effect::Objection(object) => object(store, write, before, after),
            _ => None,
        });
        let objection = objection.or_else(|| self.first(OBJECTIONS, |object| object(store, write, before, after)));
        let objection = objection.or_else(|| {
            self.effects().find_map(|effect| match effect {
                Effect::Grudge(object) => object(&self.memory().past, before, after),
                _ => None,
            })
        });
        objection.or_else(|| self.objection_from_memory(write, before, after)).map_or(Ok(()), Err)
    }

    fn objection_from_memory(&self, write: Write, before: Option<&Record>, after: &Record) -> Option<ScimError> {
        if after.kind != Kind::Group {
            return None;
        }
        let memory = self.memory();
        if self.has(Fault::GroupNameStaysTaken) && write == Write::Create {
            let name = after.label.as_deref()?;
            return memory.deleted_names.contains(name).then(|| groups::taken(after));
        }
        if self.has(Fault::GroupPatchForgetsReactivatedMember) && write == Write::Patch {
            let (held, content) = (before?.content(), after.content());
            let mut added = content.members().filter(|id| held.members().all(|held| held != *id));
            return added.find(|id| memory.deactivated.contains(*id)).map(|_| ScimError::new(404, "user not found"));
        }
        None
    }

    /// Says what happens to a create whose userName is taken.
    pub(crate) fn on_duplicate(&self, request: &Request) -> OnDuplicate {
        let repeats = self.has(Fault::CreateRetryDuplicates) && self.memory().creates.contains(&request.body);
        if self.has(Fault::DuplicateAnswers201) || repeats {
            OnDuplicate::Allow
        } else if self.has(Fault::DuplicateOverwrites) {
            OnDuplicate::Overwrite
        } else {
            OnDuplicate::Refuse
        }
    }

    /// Says what happens to a record that is fit to be stored.
    pub(crate) fn fate(&self, write: Write, before: Option<&Record>, after: &Record) -> Fate {
        let fates = if after.kind == Kind::User { writes::FATES } else { writes::GROUP_FATES };
        let held = before.map(Record::content);
        let decided = self.effects().find_map(|effect| match effect {
            Effect::Fate(kind, decide) if *kind == after.kind => decide(write, held.as_ref(), &after.content()),
            _ => None,
        });
        let decided = decided.or_else(|| self.first(&[fates], |fate| fate(write, held.as_ref(), &after.content())));
        let usual = if write == Write::Create { Fate::Insert } else { Fate::Replace };
        decided.unwrap_or(usual)
    }

    /// Lets a write have consequences it should not have, and remembers it.
    pub(crate) fn written(&self, store: &mut Store, request: &Request, write: Write, after: &Record) {
        for effect in self.effects() {
            if let Effect::Written(follow) = effect {
                follow(store, request, write, after);
            }
        }
        self.turn(store, Turn { write: Some(write), record: after });
        if after.kind != Kind::User {
            return;
        }
        if write == Write::Create && self.has(Fault::CreateRetryDuplicates) {
            self.memory().creates.insert(request.body.clone());
        }
        if after.content().active() == Some(false) {
            self.memory().deactivated.insert(after.id.to_string());
        }
        if self.has(Fault::GroupsAttributeIsWritten) && write == Write::Put {
            let body = serde_json::from_slice(&request.body).unwrap_or_default();
            groups::leave_groups(store, after, &body);
        }
    }

    /// Lets the deletion of a resource have consequences it should not have, and remembers it.
    pub(crate) fn deleted(&self, store: &mut Store, record: &Arc<Record>) {
        for effect in self.effects() {
            if let Effect::Deleted(follow) = effect {
                follow(store, record);
            }
        }
        self.turn(store, Turn { write: None, record });
        match record.kind {
            Kind::Group => {
                self.memory().deleted_names.extend(record.label.as_deref().map(str::to_owned));
                if self.has(Fault::GroupDeleteDeletesUsers) {
                    groups::delete_members(store, record);
                }
            }
            Kind::User if self.has(Fault::DeletedUserStaysListed) => store.haunt(record),
            _ => {}
        }
    }

    /// Lets a turn have consequences that depend on earlier ones, and remembers it.
    fn turn(&self, store: &mut Store, turn: Turn<'_>) {
        let remembers = |effect: &Effect| matches!(effect, Effect::Turn(_) | Effect::Grudge(_));
        if !self.effects().any(remembers) && !self.shows(IDS_AGAIN) {
            return;
        }
        let past = &mut self.memory().past;
        for effect in self.effects() {
            if let Effect::Turn(follow) = effect {
                follow(store, past, turn);
            }
        }
        past.remember(turn);
    }

    /// Returns the id that a resource which is created gets from a deleted one.
    pub(crate) fn id_again(&self, kind: Kind, content: &Content) -> Option<Arc<str>> {
        let memory = self.shows(IDS_AGAIN).then(|| self.memory())?;
        memory.past.deleted(kind, content).filter(|_| kind == Kind::User).map(|record| record.id.clone())
    }

    /// Changes a reply before it goes out.
    pub(crate) fn reply(&self, request: &Request, route: Option<&Route>, mut reply: Reply) -> Reply {
        if self.has(Fault::PasswordEchoed) {
            replies::echo_password(request, &mut reply, &mut self.memory().passwords);
        }
        if let (true, Some(route)) = (self.has(Fault::ThrottledWriteIsDone), route)
            && self.memory().throttles(&Seen { request, route })
        {
            reply = memory::throttled(Fault::ThrottledWriteIsDone);
        }
        for effect in self.effects() {
            if let Effect::Reply(distort) = effect
                && request.version == Version::V2
            {
                distort(request, route, &mut reply);
            }
        }
        for (_, distort) in self.active(REPLIES) {
            distort(request, route, &mut reply);
        }
        reply
    }

    /// Changes a reply of SCIM 1.1 once it is translated.
    pub(crate) fn reply_in_1_1(&self, request: &Request, route: Option<&Route>, mut reply: Reply) -> Reply {
        for (_, distort) in self.active(&[v1::REPLIES]) {
            distort(request, route, &mut reply);
        }
        reply
    }

    fn has(&self, fault: Fault) -> bool {
        self.active.contains(&fault)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the entries of some tables whose faults are active.
    fn active<'a, F>(&'a self, tables: &'a [&'a [(Fault, F)]]) -> impl Iterator<Item = &'a (Fault, F)> {
        tables.iter().flat_map(|table| table.iter()).filter(|(fault, _)| self.has(*fault))
    }

    /// Returns the first decision that an active fault of some tables makes.
    fn first<F, T>(&self, tables: &[&[(Fault, F)]], decide: impl Fn(&F) -> Option<T>) -> Option<T> {
        self.active(tables).find_map(|(_, entry)| decide(entry))
    }
}

/// The behaviour by which ids are given out again.
const IDS_AGAIN: &str = "deleted-ids-are-given-again";

impl Content {
    fn nothing() -> Content {
        Content { attributes: serde_json::Map::new(), password: None }
    }
}

/// A request and what its path names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) request: &'a Request,
    pub(crate) route: &'a Route,
}

impl Seen<'_> {
    pub(crate) fn creates(&self, kind: Kind) -> bool {
        self.request.method == Method::POST && *self.route == Route::Collection(kind)
    }

    /// Tells whether the request asks for resources of the kind, all or some.
    pub(crate) fn lists(&self, kind: Kind) -> bool {
        self.request.method == Method::GET && *self.route == Route::Collection(kind)
    }

    /// Tells whether the request is this method on one resource of the kind.
    pub(crate) fn is_on(&self, method: &Method, kind: Kind) -> bool {
        self.request.method == *method && matches!(self.route, Route::Resource(at, _) if *at == kind)
    }

    /// Returns a query parameter, decoded, or nothing if there is none that can be read.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let parameters = self.request.parameters().ok()?;
        parameters.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Returns the body, whatever its media type, or null.
    pub(crate) fn body(&self) -> Value {
        serde_json::from_slice(&self.request.body).unwrap_or_default()
    }
}

/// Returns the operations of a PatchOp.
pub(crate) fn operations(body: &Value) -> impl Iterator<Item = &Value> {
    body["Operations"].as_array().into_iter().flatten()
}
