//! What the faults do.
//!
//! A correct service provider has a few places where one decision is made, and each of them asks here whether a fault
//! decides otherwise: when a request comes in ([`requests`]), when a query is understood, when content is about to be
//! written and when it is clear what to do with it ([`writes`]), and when a reply goes out ([`replies`]). Without faults
//! none of these does anything.

mod replies;
mod requests;
mod writes;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::Method;
use http::header::AUTHORIZATION;
use scim_lang::filter::{CompareOp, Filter};
use scim_lang::path::AttrPath;
use serde_json::Value;

use crate::fault::Fault;
use crate::message::{Answer, Reply, Request};
use crate::query::{Query, is_user_name};
use crate::route::Route;
use crate::store::{Content, Kind, Record};

pub(crate) use writes::{Fate, OnDuplicate, Write};

/// The active faults.
#[derive(Debug, Default)]
pub(crate) struct Sabotage {
    active: Vec<Fault>,
    /// The passwords of `password-echoed`, by user id: what is stored does not have them.
    passwords: Mutex<HashMap<String, Value>>,
}

impl Sabotage {
    /// Returns the place where these faults work.
    pub(crate) fn new(faults: &[Fault]) -> Sabotage {
        Sabotage { active: faults.to_vec(), passwords: Mutex::default() }
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
        self.first(requests::TABLE, |intercept| intercept(&Seen { request, route }))
    }

    /// Changes what a query asks for.
    pub(crate) fn query(&self, query: &mut Query, kinds: &[Kind]) {
        if self.has(Fault::FilterIgnored) {
            query.filter = None;
        }
        if self.has(Fault::FilterComparesWithId) {
            rename_user_name(query, AttrPath::new("id"));
        }
        if self.has(Fault::FilterComparesWithEmail) {
            rename_user_name(query, AttrPath::new("emails").with_sub("value"));
        }
        if self.has(Fault::LookupHidesInactive) && kinds == [Kind::User] {
            let active = Filter::compare(AttrPath::new("active"), CompareOp::Eq, true);
            query.filter = query.filter.take().map(|filter| filter.and(active));
        }
        if self.has(Fault::CountIgnored) {
            query.page.count = Some(usize::MAX);
            query.page.limit = usize::MAX;
        }
        if self.has(Fault::StartIndexIsZeroBased) && query.page.start_index.is_some() {
            query.page.skip += 1;
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

    /// Changes content that is about to be written, or refuses it.
    pub(crate) fn content(
        &self,
        write: Write,
        kind: Kind,
        before: Option<&Content>,
        after: &mut Content,
    ) -> Result<(), scim_lang::error::ScimError> {
        if kind == Kind::User {
            for (fault, writes, change) in writes::TABLE {
                if self.has(*fault) && writes.contains(&write) {
                    change(before.unwrap_or(&Content::nothing()), after)?;
                }
            }
        }
        Ok(())
    }

    /// Tells whether an update collides with the userName that the resource itself has.
    pub(crate) fn conflicts_with_itself(&self, write: Write, before: &Record, after: &Record) -> bool {
        let name = |record: &Record| record.content.text("userName").map(str::to_lowercase);
        self.has(Fault::PutConflictsWithItself)
            && write == Write::Put
            && before.kind == Kind::User
            && name(before) == name(after)
    }

    /// Says what happens to a create whose userName is taken.
    pub(crate) fn on_duplicate(&self) -> OnDuplicate {
        if self.has(Fault::DuplicateAnswers201) {
            OnDuplicate::Allow
        } else if self.has(Fault::DuplicateOverwrites) {
            OnDuplicate::Overwrite
        } else {
            OnDuplicate::Refuse
        }
    }

    /// Says what happens to a record that is fit to be stored.
    pub(crate) fn fate(&self, write: Write, before: Option<&Record>, after: &Record) -> Fate {
        let decided = match after.kind {
            Kind::User => self.first(writes::FATES, |fate| fate(write, before.map(|it| &it.content), &after.content)),
            Kind::Group => None,
        };
        let usual = if write == Write::Create { Fate::Insert } else { Fate::Replace };
        decided.unwrap_or(usual)
    }

    /// Changes a reply before it goes out.
    pub(crate) fn reply(&self, request: &Request, route: Option<&Route>, mut reply: Reply) -> Reply {
        if self.has(Fault::PasswordEchoed) {
            let mut passwords = self.passwords.lock().unwrap_or_else(PoisonError::into_inner);
            replies::echo_password(request, &mut reply, &mut passwords);
        }
        for (fault, distort) in replies::TABLE {
            if self.has(*fault) {
                distort(request, route, &mut reply);
            }
        }
        reply
    }

    fn has(&self, fault: Fault) -> bool {
        self.active.contains(&fault)
    }

    /// Returns the first decision that an active fault of a table makes.
    fn first<F, T>(&self, table: &[(Fault, F)], decide: impl Fn(&F) -> Option<T>) -> Option<T> {
        let mut active = table.iter().filter(|(fault, _)| self.has(*fault));
        active.find_map(|(_, entry)| decide(entry))
    }
}

impl Content {
    fn nothing() -> Content {
        Content { attributes: serde_json::Map::new(), password: None }
    }
}

/// A request and what its path names.
#[derive(Debug, Clone, Copy)]
struct Seen<'a> {
    request: &'a Request,
    route: &'a Route,
}

impl Seen<'_> {
    fn creates(&self, kind: Kind) -> bool {
        self.request.method == Method::POST && *self.route == Route::Collection(kind)
    }

    /// Tells whether the request is this method on one resource of the kind.
    fn is_on(&self, method: &Method, kind: Kind) -> bool {
        self.request.method == *method && matches!(self.route, Route::Resource(at, _) if *at == kind)
    }

    /// Returns the body, whatever its media type, or null.
    fn body(&self) -> Value {
        serde_json::from_slice(&self.request.body).unwrap_or_default()
    }
}

/// Returns the operations of a PatchOp.
fn operations(body: &Value) -> impl Iterator<Item = &Value> {
    body["Operations"].as_array().into_iter().flatten()
}

fn rename_user_name(query: &mut Query, other: AttrPath) {
    if let Some(filter) = &mut query.filter {
        rename_in(filter, &other);
    }
}

fn rename_in(filter: &mut Filter, other: &AttrPath) {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => {
            rename_in(left, other);
            rename_in(right, other);
        }
        Filter::Not(inner) => rename_in(inner, other),
        Filter::Compare { path, .. } | Filter::Present(path) if is_user_name(path) => *path = other.clone(),
        Filter::Compare { .. } | Filter::Present(_) | Filter::ValuePath { .. } => {}
    }
}
