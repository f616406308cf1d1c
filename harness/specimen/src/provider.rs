//! The service provider: from a request to an answer, without a socket.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use http::header::{ALLOW, CONTENT_LOCATION, ETAG, HeaderMap, HeaderValue, IF_MATCH, LOCATION};
use http::{Method, StatusCode};
use jiff::Timestamp;
use scim_lang::error::{ScimError, ScimType};
use scim_lang::patch;
use scim_lang::schema::ResourceType;
use serde_json::Value;

use crate::bulk::{Call, Job, Style};
use crate::condition::{self, version};
use crate::config::{Auth, Config};
use crate::cursor::Cursors;
use crate::discovery::Offer;
use crate::message::{Answer, Body, Reply, Request};
use crate::project::Projection;
use crate::query::{self, Query};
use crate::render::{self, Renderer};
use crate::route::Route;
use crate::sabotage::{Fate, OnDuplicate, Sabotage, Write};
use crate::store::{Content, Kind, Record, Store};
use crate::throttle::Throttle;
use crate::version::Version;
use crate::{discovery, intake, select, v1};

/// One service provider.
#[derive(Debug)]
pub(crate) struct Provider {
    auth: Auth,
    sabotage: Sabotage,
    store: RwLock<Store>,
    offer: Offer,
    cursors: Cursors,
    /// The userName of whom /Me stands for.
    me: Option<String>,
    versions: Vec<Version>,
    throttle: Throttle,
}

impl Provider {
    /// Returns a service provider that knows the configured number of people.
    pub(crate) fn new(config: &Config) -> Provider {
        Provider {
            auth: config.auth.clone(),
            sabotage: Sabotage::new(&config.faults, &config.variants),
            store: RwLock::new(Store::with_people(config.users, config.groups, Timestamp::now())),
            offer: Offer::new(config),
            cursors: Cursors::new(config.cursor_timeout),
            me: config.me.clone(),
            versions: config.versions.clone(),
            throttle: Throttle::new(config.throttle),
        }
    }

    /// Answers one request.
    pub(crate) fn answer(&self, mut request: Request) -> Answer {
        self.sabotage.incoming(&mut request);
        let route = Route::of(&request.path).filter(|(version, _)| self.versions.contains(version));
        let route = route.map(|(_, route)| route);
        let reply = match self.refuse(&request, route.as_ref()) {
            Some(refusal) => refusal,
            None => {
                // `refuse` has answered whatever names nothing.
                let Some(route) = &route else { return Answer::Reply(not_here(&request)) };
                match self.sabotage.request(&mut request, route) {
                    Some(Answer::HangUp) => return Answer::HangUp,
                    Some(Answer::Reply(reply)) => reply,
                    None => self.dispatch(&request, route).unwrap_or_else(Reply::from),
                }
            }
        };
        let reply = self.sabotage.reply(&request, route.as_ref(), reply);
        Answer::Reply(match request.version {
            Version::V2 => reply,
            Version::V1 => self.sabotage.reply_in_1_1(&request, route.as_ref(), v1::outbound(reply)),
        })
    }

    /// Says how long a request waits before it is answered, and what it then takes its resource to be: the former only
    /// where a fault is slow, the latter where it is careless as well.
    pub(crate) fn delay(&self, request: &mut Request) -> Option<Duration> {
        let time = self.sabotage.delay(request)?;
        request.glimpse = self.sabotage.glimpse(request, &self.read_store());
        Some(time)
    }

    /// Returns the answer to a request that need not be understood: from a stranger, to nowhere, or with a method that
    /// is not defined.
    fn refuse(&self, request: &Request, route: Option<&Route>) -> Option<Reply> {
        // RFC 7643 §5: a client learns here how to authenticate, so it need not have done so.
        let open = route == Some(&Route::ServiceProviderConfig) && !self.sabotage.shows("config-needs-credentials");
        if !open && !self.auth.admits(&request.headers) && !self.sabotage.lets_in(request) {
            return Some(self.auth.refusal());
        }
        let Some(route) = route else { return Some(not_here(request)) };
        if !route.methods().contains(&request.method) {
            return Some(undefined(request, route));
        }
        self.throttle.refuse(request, route)
    }

    fn dispatch(&self, request: &Request, route: &Route) -> Result<Reply, ScimError> {
        match (route, request.method.as_str()) {
            (Route::Root, _) => self.list(request, &Kind::ALL),
            (Route::Collection(kind), "POST") => self.create(request, *kind),
            (Route::Collection(kind), _) => self.list(request, &[*kind]),
            (Route::RootSearch, _) => self.search(request, &Kind::ALL),
            (Route::Search(kind), _) => self.search(request, &[*kind]),
            (Route::Resource(kind, id), "PUT" | "PATCH") => self.update(request, *kind, id),
            (Route::Resource(kind, id), "DELETE") => self.delete(request, *kind, id),
            (Route::Resource(kind, id), _) => self.read(request, *kind, id),
            (Route::Me, _) => self.me(request),
            (Route::Bulk, _) => self.bulk(request),
            _ => self.discover(request, route),
        }
    }

    fn discover(&self, request: &Request, route: &Route) -> Result<Reply, ScimError> {
        let (auth, max_page) = (&self.auth, self.offer.max_page);
        match (request.version, route) {
            (Version::V2, Route::ServiceProviderConfig) => {
                Ok(discovery::service_provider_config(request, auth, &self.offer))
            }
            (Version::V2, Route::ResourceTypes) => discovery::resource_types(request),
            (Version::V2, Route::ResourceType(name)) => discovery::resource_type(request, name),
            (Version::V2, Route::Schemas) => discovery::schemas(request),
            (Version::V2, Route::Schema(urn)) => discovery::schema(request, urn),
            (Version::V1, Route::ServiceProviderConfig) => {
                Ok(v1::discovery::service_provider_configs(request, auth, max_page))
            }
            (Version::V1, Route::ResourceTypes) => Ok(v1::discovery::resource_types(request)),
            (Version::V1, Route::ResourceType(name)) => v1::discovery::one_resource_type(request, name),
            (Version::V1, Route::Schemas) => Ok(v1::discovery::schemas(request)),
            (Version::V1, Route::Schema(urn)) => v1::discovery::schema(request, urn),
            _ => Ok(not_here(request)),
        }
    }

    /// Answers a query by GET.
    fn list(&self, request: &Request, kinds: &[Kind]) -> Result<Reply, ScimError> {
        let query = Query::from_parameters(&request.parameters()?, &types(kinds))?;
        self.query(request, query, kinds)
    }

    /// Answers a query by POST (RFC 7644 §3.4.3).
    fn search(&self, request: &Request, kinds: &[Kind]) -> Result<Reply, ScimError> {
        let query = Query::from_search(&request.json()?, &types(kinds))?;
        self.query(request, query, kinds)
    }

    fn query(&self, request: &Request, mut query: Query, kinds: &[Kind]) -> Result<Reply, ScimError> {
        let now = Timestamp::now();
        query.page.limit = self.offer.max_page;
        self.sabotage.query(&mut query, kinds);
        if request.version == Version::V1 {
            query.cursor = None;
        }
        self.cursors.resume(&mut query, kinds, now)?;
        let store = self.read_store();
        let renderer = Renderer { store: &store, base: &request.base };
        let mut found = select::select(renderer, kinds, &query)?;
        self.sabotage.found(&store, kinds, &query, &mut found);
        let page = found.records.iter().map(|record| {
            let resource = renderer.resource(record);
            query.projection.apply(resource, record.kind.ty())
        });
        let mut reply = Reply::list(found.total, query.page.start_index.unwrap_or(1), page.collect());
        if let (Some(_), Body::Json(list)) = (&query.cursor, &mut reply.body) {
            // RFC 9865 §2: an index means nothing here.
            list.as_object_mut().map(|list| list.shift_remove("startIndex"));
            self.cursors.lead_on(&query, kinds, &found, now, list);
        }
        Ok(reply)
    }

    fn read(&self, request: &Request, kind: Kind, id: &str) -> Result<Reply, ScimError> {
        let projection = query::projection(&request.parameters()?)?;
        let store = self.read_store();
        let renderer = Renderer { store: &store, base: &request.base };
        let resource = renderer.resource(store.find(kind, id).ok_or_else(|| unknown(kind, id))?);
        if condition::is_unchanged(request, &resource) {
            return Ok(Reply::empty(StatusCode::NOT_MODIFIED).with(ETAG, version(&resource)));
        }
        Ok(one(StatusCode::OK, resource, &projection, kind.ty()))
    }

    fn create(&self, request: &Request, kind: Kind) -> Result<Reply, ScimError> {
        let projection = query::projection(&request.parameters()?)?;
        let mut content = intake::content(&request.resource(kind)?, kind)?;
        if kind == Kind::User {
            // RFC 7643 §4.1.1 leaves the default to the service provider; whoever is created may sign in.
            content.attributes.entry("active").or_insert(Value::Bool(true));
        }
        self.sabotage.content(Write::Create, kind, None, &mut content)?;
        let mut store = self.write_store();
        self.check_members(&store, &content)?;
        let id = self.sabotage.id_again(kind, &content).unwrap_or_else(|| self.fresh_id().into());
        let mut record = Record::fresh(kind, id, &content, Timestamp::now());
        self.sabotage.objection(&store, Write::Create, None, &record)?;
        let mut fate = self.sabotage.fate(Write::Create, None, &record);
        if let Some(taken) = namesake(&store, &record).cloned() {
            match self.sabotage.on_duplicate(request) {
                OnDuplicate::Refuse => return Err(taken_name(&record)),
                OnDuplicate::Allow => {}
                OnDuplicate::Overwrite => {
                    record = taken.changed(&content, Timestamp::now());
                    fate = Fate::Replace;
                }
            }
        }
        let record = self.settle(&mut store, record, fate);
        self.sabotage.written(&mut store, request, Write::Create, &record);
        let resource = Renderer { store: &store, base: &request.base }.resource(&record);
        Ok(one(StatusCode::CREATED, resource, &projection, kind.ty()))
    }

    /// Answers PUT and PATCH. Everything from reading the resource to writing it happens under one lock, so that of
    /// two updates at the same time neither is lost.
    fn update(&self, request: &Request, kind: Kind, id: &str) -> Result<Reply, ScimError> {
        let projection = query::projection(&request.parameters()?)?;
        let body = if request.method == Method::PUT { request.resource(kind)? } else { request.json()? };
        let mut store = self.write_store();
        let before = store.find(kind, id).ok_or_else(|| unknown(kind, id))?.clone();
        let before = request.glimpse.clone().unwrap_or(before);
        let resource = Renderer { store: &store, base: &request.base }.resource(&before);
        condition::check(request, &resource)?;
        let held = before.content();
        let (write, mut content) = if request.method == Method::PUT {
            (Write::Put, self.replaced(&body, kind, &held)?)
        } else {
            (Write::Patch, self.patched(request, kind, body, resource, &held)?)
        };
        self.sabotage.content(write, kind, Some(&held), &mut content)?;
        self.check_members(&store, &content)?;
        let after = if content.same_as(&held) && !self.sabotage.shows("nothing-new-is-stored") {
            // Nothing changed, so nothing moves, `meta.lastModified` least of all (RFC 7644 §3.5.2.1).
            Record::clone(&before)
        } else {
            before.changed(&content, Timestamp::now())
        };
        let other = namesake(&store, &after).filter(|other| other.id != before.id);
        if other.is_some() {
            return Err(taken_name(&after));
        }
        self.sabotage.objection(&store, write, Some(&before), &after)?;
        let fate = self.sabotage.fate(write, Some(&before), &after);
        let after = self.settle(&mut store, after, fate);
        self.sabotage.written(&mut store, request, write, &after);
        let resource = Renderer { store: &store, base: &request.base }.resource(&after);
        Ok(one(StatusCode::OK, resource, &projection, kind.ty()))
    }

    /// Returns what a PATCH makes of a resource. A password that is not mentioned stays.
    fn patched(
        &self,
        request: &Request,
        kind: Kind,
        body: Value,
        resource: Value,
        held: &Content,
    ) -> Result<Content, ScimError> {
        if let Some(content) = self.sabotage.patched(&body) {
            return Ok(content);
        }
        let ty = kind.ty();
        let resource = render::as_written(resource, held);
        let patched = match request.version {
            Version::V2 => {
                let after = patch::parse(&body).and_then(|patch| patch.apply(&resource, ty));
                self.sabotage.after_patch(&body, &resource, after)?
            }
            Version::V1 => v1::patch::merge(resource, &v1::partial(body, kind), ty)?,
        };
        let mut content = intake::content(&patched, kind)?;
        content.password = content.password.or(held.password);
        Ok(content)
    }

    fn delete(&self, request: &Request, kind: Kind, id: &str) -> Result<Reply, ScimError> {
        let mut store = self.write_store();
        let record = store.find(kind, id).ok_or_else(|| unknown(kind, id))?.clone();
        condition::check(request, &Renderer { store: &store, base: &request.base }.resource(&record))?;
        store.remove(kind, id, Timestamp::now());
        self.sabotage.deleted(&mut store, &record);
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }

    /// Answers a request for the authenticated subject as one for the user it is, whose permanent URI the answer tells
    /// (RFC 7644 §3.11).
    fn me(&self, request: &Request) -> Result<Reply, ScimError> {
        let unsupported = || ScimError::new(501, "/Me is not supported: a token stands for no user");
        let name = self.me.as_deref().ok_or_else(unsupported)?;
        if request.method == Method::POST {
            return Err(ScimError::new(501, "/Me cannot be created: the subject is there already"));
        }
        let me = self.read_store().user_named(name).cloned();
        let me = me.ok_or_else(|| ScimError::new(404, "the authenticated subject is no user any more"))?;
        if self.sabotage.shows("me-redirects") {
            let location = Renderer { store: &self.read_store(), base: &request.base }.location(&me);
            return Ok(Reply::empty(StatusCode::PERMANENT_REDIRECT).with(LOCATION, &location));
        }
        self.dispatch(request, &Route::Resource(Kind::User, me.id.to_string()))
    }

    /// Answers a bulk request (RFC 7644 §3.7). Each operation is a request of its own, so that others may come between.
    fn bulk(&self, request: &Request) -> Result<Reply, ScimError> {
        if request.version == Version::V1 {
            return Err(ScimError::new(501, "bulk requests are not supported"));
        }
        if request.body.len() > self.offer.max_payload {
            let detail = format!("the bulk request exceeds maxPayloadSize ({} bytes)", self.offer.max_payload);
            return Err(ScimError::new(413, detail));
        }
        let body = request.json()?;
        let mut perform = |call: Call| self.perform(request, call);
        let style = Style {
            with_bodies: self.sabotage.shows("bulk-answers-have-bodies"),
            without_circles: self.sabotage.shows("circles-are-409"),
        };
        let job = Job::new(&body, &request.base, self.offer.max_operations, style, &mut perform)?;
        Ok(Reply::json(StatusCode::OK, job.run()))
    }

    /// Performs one operation of a bulk request.
    fn perform(&self, bulk: &Request, call: Call) -> Reply {
        let mut headers = HeaderMap::new();
        if let Some(version) = call.version.as_deref().and_then(|version| HeaderValue::from_str(version).ok()) {
            headers.insert(IF_MATCH, version);
        }
        let mut request = Request {
            method: call.method,
            path: format!("{}{}", Version::V2.base_path(), call.path),
            query: String::new(),
            headers,
            body: call.data.map_or_else(Default::default, |data| data.to_string().into()),
            ..bulk.clone()
        };
        let Some((_, route)) = Route::of(&request.path) else { return not_here(&request) };
        let fits = match route {
            Route::Collection(_) => request.method == Method::POST,
            Route::Resource(..) => request.method != Method::POST,
            _ => false,
        };
        if !fits {
            let detail = format!("{} {} cannot be part of a bulk request", request.method, call.path);
            return ScimError::bad_request(ScimType::InvalidValue, detail).into();
        }
        if !route.methods().contains(&request.method) {
            return undefined(&request, &route);
        }
        match self.sabotage.request(&mut request, &route) {
            Some(Answer::Reply(reply)) => reply,
            Some(Answer::HangUp) => ScimError::new(500, "the operation broke off").into(),
            None => self.dispatch(&request, &route).unwrap_or_else(Reply::from),
        }
    }

    /// Returns what a PUT makes of a resource. What the body leaves out is cleared (RFC 7644 §3.5.1 allows it), with two
    /// exceptions: a password is not forgotten because a client that never saw it does not send it, and a user does not
    /// become active or inactive because nothing was said about it.
    fn replaced(&self, body: &Value, kind: Kind, held: &Content) -> Result<Content, ScimError> {
        let mut content = intake::content(body, kind)?;
        content.password = content.password.or(held.password);
        if self.sabotage.shows("put-merges") {
            keep_unmentioned(body, held, &mut content);
        }
        if let Some(active) = held.attributes.get("active") {
            content.attributes.entry("active").or_insert(active.clone());
        }
        Ok(content)
    }

    /// Does with a record what its fate says and returns the record the client is told about.
    fn settle(&self, store: &mut Store, record: Record, fate: Fate) -> Record {
        match fate {
            Fate::Insert => store.insert(record.clone()),
            Fate::Replace => store.replace(record.clone()),
            Fate::ReplaceUnderOldKeys => store.replace_under_old_keys(record.clone()),
            Fate::Instead(content) => store.replace(record.with(&content)),
            Fate::Move => {
                store.remove(record.kind, &record.id, record.modified);
                let moved = record.moved(self.fresh_id());
                store.insert(moved.clone());
                return moved;
            }
            Fate::Remove => {
                store.remove(record.kind, &record.id, record.modified);
            }
            Fate::Forget => {}
        }
        record
    }

    /// Members have to exist. The status is 400, not 404: the resource of the request does exist, and it is the value that
    /// is wrong (RFC 7643 §2.3.7 leaves referential integrity to the service provider).
    fn check_members(&self, store: &Store, content: &Content) -> Result<(), ScimError> {
        if self.sabotage.shows("members-need-not-exist") {
            return Ok(());
        }
        match content.members().find(|id| store.find_member(id).is_none()) {
            None => Ok(()),
            Some(id) => {
                let detail = format!("`members` names {id}, and there is no such user or group");
                Err(ScimError::bad_request(ScimType::InvalidValue, detail))
            }
        }
    }

    /// Returns an id that nothing has or had: a random UUID, unless a variant has other ids.
    fn fresh_id(&self) -> String {
        let uuid = fresh_id();
        if self.sabotage.shows("ids-are-digits") {
            // Random as well, and with zeros in front, which are part of it.
            return uuid
                .bytes()
                .filter(u8::is_ascii_alphanumeric)
                .take(20)
                .map(|byte| char::from(b'0' + byte % 10))
                .collect();
        }
        if self.sabotage.shows("ids-are-upper-case") {
            return uuid.to_uppercase();
        }
        if self.sabotage.shows("ids-are-urns") {
            return format!("urn:uuid:{uuid}");
        }
        uuid
    }

    // A request that panicked under the lock has changed the store or it has not, like any other.
    fn read_store(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_store(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the attributes that the body of a PUT does not mention (RFC 7644 §3.5.1 allows it). One that is mentioned as null
/// or empty is cleared all the same.
fn keep_unmentioned(body: &Value, held: &Content, content: &mut Content) {
    let mentioned =
        |name: &str| body.as_object().is_some_and(|body| body.keys().any(|key| key.eq_ignore_ascii_case(name)));
    for (name, value) in held.attributes.iter().filter(|(name, _)| !mentioned(name)) {
        content.attributes.insert(name.clone(), value.clone());
    }
}

/// Returns another user of the same userName, in any case (RFC 7643 §4.1.1).
fn namesake<'a>(store: &'a Store, record: &Record) -> Option<&'a Arc<Record>> {
    match record.kind {
        Kind::User => store.user_named(record.content().text("userName")?),
        _ => None,
    }
}

/// RFC 7644 §3.3: 409 with `uniqueness`. §3.5 names no status for PUT and PATCH; the same one is the least surprising.
fn taken_name(record: &Record) -> ScimError {
    let content = record.content();
    let name = content.text("userName").unwrap_or_default();
    ScimError::of(ScimType::Uniqueness, format!("the userName {name} is taken by another user"))
}

/// Returns the answer that carries one resource.
fn one(status: StatusCode, resource: Value, projection: &Projection, ty: &ResourceType) -> Reply {
    let location = resource["meta"]["location"].as_str().unwrap_or_default().to_owned();
    let tag = version(&resource).to_owned();
    // RFC 7644 §3.3 asks for Location, RFC 7643 §3.1 for the same URI in Content-Location.
    Reply::json(status, projection.apply(resource, ty))
        .with(ETAG, &tag)
        .with(LOCATION, &location)
        .with(CONTENT_LOCATION, &location)
}

/// Returns the 405, which names the methods that are defined (RFC 9110 §15.5.6).
fn undefined(request: &Request, route: &Route) -> Reply {
    let allowed: Vec<&str> = route.methods().iter().map(Method::as_str).collect();
    let error = ScimError::new(405, format!("{} is not defined for this endpoint", request.method));
    Reply::from(error).with(ALLOW, &allowed.join(", "))
}

fn not_here(request: &Request) -> Reply {
    ScimError::new(404, format!("there is nothing at {}", request.path)).into()
}

fn unknown(kind: Kind, id: &str) -> ScimError {
    ScimError::new(404, format!("there is no {} with the id {id}", kind.ty().name))
}

fn types(kinds: &[Kind]) -> Vec<&'static ResourceType> {
    kinds.iter().map(|kind| kind.ty()).collect()
}

/// Returns a random UUID (RFC 9562 §5.4).
fn fresh_id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system provides random bytes");
    let bits = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_ids_are_random_uuids_of_version_4() {
        let id = fresh_id();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_ne!(id, fresh_id());
    }
}
