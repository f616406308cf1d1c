//! A small service provider in memory, an org in front of it, and words for what passes between them.

use std::collections::BTreeMap;

use mock_okta::org::{Job, Org, OrgEvent, PushCondition};
use mock_okta::{App, AppKind, Outcome, Profile, Request, Response, Step};
use percent_encoding::percent_decode_str;
use scim_lang::schema::{self, ResourceType};
use scim_lang::{filter, patch, urn};
use serde_json::{Map, Value, json};

/// Users and groups by id, and what is to be refused.
#[derive(Debug, Default, Clone)]
pub(crate) struct Double {
    pub(crate) users: BTreeMap<String, Value>,
    pub(crate) groups: BTreeMap<String, Value>,
    /// Requests whose word starts so are answered with 503.
    pub(crate) refuses: Vec<&'static str>,
    /// The next request is answered with 429 and this `Retry-After`.
    pub(crate) busy: Option<&'static str>,
    made: usize,
}

impl Double {
    pub(crate) fn answer(&mut self, request: &Request) -> Response {
        if let Some(seconds) = self.busy.take() {
            let busy = Response::new(429, "Too Many Requests", "");
            return Response { retry_after: Some(seconds.to_owned()), ..busy };
        }
        let word = self.word(request);
        if self.refuses.iter().any(|refused| word.starts_with(refused)) {
            let error = json!({ "schemas": [urn::ERROR], "detail": "not today", "status": "503" });
            return Response::new(503, "Service Unavailable", error.to_string());
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let body = request.body.as_deref().map(|body| serde_json::from_str(body).expect("Okta sends JSON"));
        let (collection, id) = match path.trim_start_matches('/').split_once('/') {
            Some((collection, id)) => (collection, Some(decode(id))),
            None => (path.trim_start_matches('/'), None),
        };
        match (request.method, id) {
            _ if !["Users", "Groups"].contains(&collection) => not_found(),
            ("GET", None) => self.list(collection, query),
            ("GET", Some(id)) => match self.resources(collection).get(&id) {
                Some(resource) => Response::new(200, "OK", resource.to_string()),
                None => not_found(),
            },
            ("POST", None) => self.create(collection, body.expect("a create has a body")),
            ("PUT", Some(id)) => self.replace(collection, &id, body.expect("a PUT has a body")),
            ("PATCH", Some(id)) => self.patch(collection, &id, body.expect("a PATCH has a body")),
            ("DELETE", Some(id)) => match self.resources(collection).remove(&id) {
                Some(_) => Response::new(204, "No Content", ""),
                None => not_found(),
            },
            (method, _) => panic!("{method} {} is nothing Okta sends", request.target),
        }
    }

    fn list(&mut self, collection: &str, query: &str) -> Response {
        let wanted = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == "filter")
            .map(|(_, value)| filter::parse(&decode(value)).expect("Okta's filters are well-formed"));
        let ty = resource_type(collection);
        let fits = |resource: &&Value| {
            wanted.as_ref().is_none_or(|wanted| filter::matches(wanted, resource, ty).expect("an equality"))
        };
        let found: Vec<Value> = self.resources(collection).values().filter(fits).cloned().collect();
        let list = json!({ "schemas": [urn::LIST_RESPONSE], "totalResults": found.len(), "startIndex": 1,
            "itemsPerPage": found.len(), "Resources": found });
        Response::new(200, "OK", list.to_string())
    }

    fn create(&mut self, collection: &str, mut resource: Value) -> Response {
        let name = |resource: &Value| resource["userName"].as_str().map(str::to_lowercase);
        if collection == "Users" && self.users.values().any(|user| name(user) == name(&resource)) {
            let error = json!({ "schemas": [urn::ERROR], "detail": "userName is taken", "status": "409" });
            return Response::new(409, "Conflict", error.to_string());
        }
        self.made += 1;
        let id = format!("{}{}", &collection[..1].to_lowercase(), self.made);
        resource["id"] = json!(id);
        self.resources(collection).insert(id, resource.clone());
        Response::new(201, "Created", resource.to_string())
    }

    fn replace(&mut self, collection: &str, id: &str, mut resource: Value) -> Response {
        let Some(known) = self.resources(collection).get_mut(id) else { return not_found() };
        resource["id"] = json!(id);
        *known = resource.clone();
        Response::new(200, "OK", resource.to_string())
    }

    fn patch(&mut self, collection: &str, id: &str, mut body: Value) -> Response {
        let ty = resource_type(collection);
        let Some(known) = self.resources(collection).get_mut(id) else { return not_found() };
        // Okta names the id beside what it changes and wants it ignored.
        for operation in body["Operations"].as_array_mut().expect("a PATCH has operations") {
            if let Some(value) = operation["value"].as_object_mut() {
                value.shift_remove("id");
            }
        }
        let patch = patch::parse(&body).expect("Okta's PATCH is well-formed");
        *known = patch.apply(known, ty).expect("Okta's PATCH applies");
        Response::new(204, "No Content", "")
    }

    fn resources(&mut self, collection: &str) -> &mut BTreeMap<String, Value> {
        match collection {
            "Users" => &mut self.users,
            "Groups" => &mut self.groups,
            other => panic!("there is no /{other}"),
        }
    }

    /// Returns the first names, so to speak, of the active users.
    pub(crate) fn active(&self) -> Vec<String> {
        let active = self.users.values().filter(|user| user["active"] == true);
        let mut names: Vec<String> = active.map(|user| short(user["userName"].as_str().unwrap_or("?"))).collect();
        names.sort();
        names
    }

    /// Returns the members of a group by its name; nothing where there is no such group.
    pub(crate) fn members(&self, group: &str) -> Option<Vec<String>> {
        let group = self.groups.values().find(|known| known["displayName"] == group)?;
        let members = group["members"].as_array().cloned().unwrap_or_default();
        let mut names: Vec<String> = members.iter().map(|member| self.user(&member["value"])).collect();
        names.sort();
        Some(names)
    }

    fn user(&self, id: &Value) -> String {
        let user = id.as_str().and_then(|id| self.users.get(id));
        user.and_then(|user| user["userName"].as_str()).map_or_else(|| "?".to_owned(), short)
    }

    /// Says in a few words what a request is about.
    pub(crate) fn word(&self, request: &Request) -> String {
        let body: Value = request.body.as_deref().map_or(Value::Null, |body| serde_json::from_str(body).unwrap());
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let users = path.starts_with("/Users");
        let id = path.rsplit_once('/').map(|(_, id)| decode(id)).unwrap_or_default();
        let name = match users {
            true => self.user(&json!(id)),
            false => self.groups.get(&id).and_then(|group| group["displayName"].as_str()).unwrap_or("?").to_owned(),
        };
        match request.method {
            "GET" => match query.split_once('"').or_else(|| query.split_once("%22")) {
                Some((_, rest)) => format!("find {}", short(rest.split("%22").next().unwrap_or(rest))),
                None if query.is_empty() && path.matches('/').count() > 1 => format!("read {name}"),
                None => format!("list {}", path.trim_start_matches('/')),
            },
            "POST" if users => format!("create {}", short(body["userName"].as_str().unwrap_or("?"))),
            "POST" => format!("create {}", body["displayName"].as_str().unwrap_or("?")),
            "PUT" if users => format!("put {name} {}", facts(&body)),
            "PUT" => format!("put {name} {}", self.membership('=', &body["members"])),
            "PATCH" => format!("patch {name} {}", self.operations(&body)),
            "DELETE" => format!("delete {name}"),
            other => other.to_owned(),
        }
    }

    fn operations(&self, body: &Value) -> String {
        let operations = body["Operations"].as_array().cloned().unwrap_or_default();
        let words: Vec<String> = operations.iter().map(|operation| self.operation(operation)).collect();
        words.join(" ")
    }

    fn operation(&self, operation: &Value) -> String {
        let (path, value) = (operation["path"].as_str().unwrap_or_default(), &operation["value"]);
        if let Some((_, rest)) = path.split_once('"') {
            return format!("-{}", self.user(&json!(rest.split('"').next().unwrap_or_default())));
        }
        match (operation["op"].as_str(), path) {
            (Some("add"), "members") => self.membership('+', value),
            (_, "members") => self.membership('=', value),
            _ if value["active"].is_boolean() => format!("active={}", value["active"]),
            _ if value["password"].is_string() => "password".to_owned(),
            _ => "name".to_owned(),
        }
    }

    fn membership(&self, sign: char, members: &Value) -> String {
        let members = members.as_array().cloned().unwrap_or_default();
        let names: Vec<String> = members.iter().map(|member| self.user(&member["value"])).collect();
        format!("{sign}{}", names.join("+"))
    }
}

fn facts(user: &Value) -> String {
    let title = user["title"].as_str().map(|title| format!(" title={title}")).unwrap_or_default();
    format!("given={} active={}{title}", user["name"]["givenName"].as_str().unwrap_or("?"), user["active"])
}

fn resource_type(collection: &str) -> &'static ResourceType {
    if collection == "Users" { schema::user_type() } else { schema::group_type() }
}

fn not_found() -> Response {
    let error = json!({ "schemas": [urn::ERROR], "detail": "not found", "status": "404" });
    Response::new(404, "Not Found", error.to_string())
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().expect("Okta encodes UTF-8").into_owned()
}

/// Returns what stands before the `@`.
pub(crate) fn short(user_name: &str) -> String {
    let decoded = decode(user_name);
    decoded.split('@').next().unwrap_or(&decoded).to_owned()
}

/// An org and the service providers of its apps.
pub(crate) struct World {
    pub(crate) org: Org,
    pub(crate) doubles: BTreeMap<String, Double>,
    pub(crate) waits: Vec<u64>,
}

impl World {
    /// Returns an org with one app, `app`.
    pub(crate) fn new(kind: AppKind) -> World {
        World::with(App::new(kind))
    }

    pub(crate) fn with(app: App) -> World {
        let mut world = World { org: Org::new(SEED), doubles: BTreeMap::new(), waits: Vec::new() };
        world.add("app", app);
        world
    }

    pub(crate) fn add(&mut self, key: &str, app: App) {
        self.org.apply(OrgEvent::AddApp { key: key.to_owned(), app: Box::new(app) }).expect("a fresh app");
        self.doubles.insert(app_id(key), Double::default());
    }

    pub(crate) fn double(&mut self, key: &str) -> &mut Double {
        self.doubles.get_mut(&app_id(key)).expect("a known app")
    }

    /// Lets an event happen, performs its jobs, and says what was done: for each job the cause and the
    /// requests.
    pub(crate) fn tell(&mut self, event: OrgEvent) -> String {
        let jobs = self.org.apply(event.clone()).unwrap_or_else(|error| panic!("{event:?}: {error}"));
        jobs.iter().map(|job| self.perform(job)).collect::<Vec<_>>().join(" | ")
    }

    pub(crate) fn perform(&mut self, job: &Job) -> String {
        let double = self.doubles.get_mut(&job.app).expect("every app has a double");
        let mut words = Vec::new();
        let mut step = self.org.start(job.id);
        loop {
            step = match step {
                Step::Send(request) => {
                    words.push(double.word(&request));
                    self.org.next(job.id, double.answer(&request))
                }
                Step::Wait(pause) => {
                    self.waits.push(pause.as_secs());
                    words.push(format!("wait {}", pause.as_secs()));
                    self.org.resume(job.id)
                }
                Step::Done(Outcome::Task { .. }) => {
                    words.push("TASK".to_owned());
                    break;
                }
                Step::Done(Outcome::Done { .. }) => break,
            };
        }
        let app = if job.app == app_id("app") { "" } else { "other app, " };
        match words.is_empty() {
            true => format!("{app}{}: nothing", job.cause),
            false => format!("{app}{}: {}", job.cause, words.join(", ")),
        }
    }

    /// Tells a story, row by row, and compares what was done.
    pub(crate) fn story(&mut self, rows: impl IntoIterator<Item = (OrgEvent, &'static str)>) {
        for (at, (event, expected)) in rows.into_iter().enumerate() {
            let shown = format!("{event:?}");
            assert_eq!(self.tell(event), expected, "row {}: {shown}", at + 1);
        }
    }

    pub(crate) fn names_in(&mut self, event_types: &[&str]) -> Vec<&'static str> {
        let log = self.org.log().iter().map(|entry| entry.event_type.name());
        log.filter(|name| event_types.iter().any(|prefix| name.starts_with(prefix))).collect()
    }
}

pub(crate) const SEED: &str = "story";

pub(crate) fn person(key: &str) -> String {
    Org::new(SEED).person_id(key)
}

pub(crate) fn group(key: &str) -> String {
    Org::new(SEED).group_id(key)
}

pub(crate) fn app_id(key: &str) -> String {
    Org::new(SEED).app_id(key)
}

pub(crate) fn rule(key: &str) -> String {
    Org::new(SEED).rule_id(key)
}

pub(crate) fn profile(key: &str) -> Profile {
    Profile::new(format!("{key}@example.test"), key, "Test")
}

pub(crate) fn hire(key: &str, activate: bool) -> OrgEvent {
    OrgEvent::CreatePerson { key: key.to_owned(), profile: profile(key), activate }
}

pub(crate) fn activate(key: &str) -> OrgEvent {
    OrgEvent::Activate { person: person(key) }
}

pub(crate) fn deactivate(key: &str) -> OrgEvent {
    OrgEvent::Deactivate { person: person(key) }
}

pub(crate) fn reactivate(key: &str) -> OrgEvent {
    OrgEvent::Reactivate { person: person(key) }
}

pub(crate) fn suspend(key: &str) -> OrgEvent {
    OrgEvent::Suspend { person: person(key) }
}

pub(crate) fn unsuspend(key: &str) -> OrgEvent {
    OrgEvent::Unsuspend { person: person(key) }
}

pub(crate) fn delete(key: &str) -> OrgEvent {
    OrgEvent::DeletePerson { person: person(key) }
}

pub(crate) fn change(key: &str, attribute: &str, value: &str) -> OrgEvent {
    OrgEvent::UpdateProfile { person: person(key), changes: attributes(attribute, value) }
}

pub(crate) fn attributes(key: &str, value: &str) -> Vec<(String, String)> {
    vec![(key.to_owned(), value.to_owned())]
}

pub(crate) fn found(key: &str) -> OrgEvent {
    OrgEvent::CreateGroup { key: key.to_owned(), name: key.to_owned(), description: None }
}

pub(crate) fn rename(key: &str, name: &str) -> OrgEvent {
    OrgEvent::RenameGroup { group: group(key), name: name.to_owned() }
}

pub(crate) fn join(key: &str, who: &str) -> OrgEvent {
    OrgEvent::AddMember { group: group(key), person: person(who) }
}

pub(crate) fn leave(key: &str, who: &str) -> OrgEvent {
    OrgEvent::RemoveMember { group: group(key), person: person(who) }
}

pub(crate) fn assign(who: &str) -> OrgEvent {
    OrgEvent::Assign { app: app_id("app"), person: person(who), attributes: Vec::new() }
}

pub(crate) fn unassign(who: &str) -> OrgEvent {
    OrgEvent::Unassign { app: app_id("app"), person: person(who) }
}

pub(crate) fn assign_group(key: &str) -> OrgEvent {
    assign_group_with(key, Vec::new())
}

pub(crate) fn assign_group_with(key: &str, attributes: Vec<(String, String)>) -> OrgEvent {
    OrgEvent::AssignGroup { app: app_id("app"), group: group(key), priority: None, attributes }
}

pub(crate) fn unassign_group(key: &str) -> OrgEvent {
    OrgEvent::UnassignGroup { app: app_id("app"), group: group(key) }
}

pub(crate) fn push(key: &str) -> OrgEvent {
    OrgEvent::PushGroup { app: app_id("app"), group: group(key) }
}

pub(crate) fn push_now(key: &str) -> OrgEvent {
    OrgEvent::PushNow { app: app_id("app"), group: group(key) }
}

pub(crate) fn deactivate_push(key: &str) -> OrgEvent {
    OrgEvent::DeactivatePush { app: app_id("app"), group: group(key) }
}

pub(crate) fn activate_push(key: &str) -> OrgEvent {
    OrgEvent::ActivatePush { app: app_id("app"), group: group(key) }
}

pub(crate) fn unlink(key: &str, delete: bool) -> OrgEvent {
    OrgEvent::UnlinkGroup { app: app_id("app"), group: group(key), delete }
}

pub(crate) fn relink(key: &str) -> OrgEvent {
    OrgEvent::RelinkGroup { app: app_id("app"), group: group(key) }
}

pub(crate) fn push_by_rule(key: &str, prefix: &str) -> OrgEvent {
    let condition = PushCondition::name_starts_with(prefix);
    OrgEvent::CreatePushRule { app: app_id("app"), key: key.to_owned(), condition }
}

/// An object with these members, for users that are there before.
pub(crate) fn user(user_name: &str, active: bool) -> Value {
    let mut user = Map::new();
    user.insert("schemas".to_owned(), json!([urn::USER]));
    user.insert("userName".to_owned(), json!(user_name));
    user.insert("name".to_owned(), json!({ "givenName": "Old", "familyName": "Name" }));
    user.insert("emails".to_owned(), json!([{ "value": user_name, "type": "work", "primary": true }]));
    user.insert("active".to_owned(), json!(active));
    Value::Object(user)
}
