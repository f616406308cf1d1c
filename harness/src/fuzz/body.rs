//! Bodies on the target: each is sent, the answer judged, what is stored read back, and removed.

use super::lane::Lane;
use super::{Breach, Ground, Judgement, Subject, Unfit};
use crate::client::{Stop, encode};
use crate::discovery::{self, Discovery};
use crate::gate::Kind as Gravity;
use scim_fuzz::body::{
    Attribute, Bodies, Draft, Kind, Shape, Type, Verb, altered, flawed_error, has_name, is_malformed, member, mistyped,
    trait_of_text, worth_comparing,
};
use scim_lang::schema::{self, Mutability};
use scim_record::Level;
use scim_transport::Reply;
use serde_json::{Map, Value, json};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Bodies on the target.
pub(crate) struct Body {
    bodies: Bodies,
    /// What the server keeps of a plain resource of each kind.
    kept: BTreeMap<Kind, BTreeSet<String>>,
    /// Of which kinds a resource is found by name.
    lookups: BTreeSet<Kind>,
    /// How many bodies there were, so that each has a name of its own.
    sent: Cell<u64>,
}

impl Subject for Body {
    type Inputs = Bodies;

    async fn set_up(ground: &Ground<'_>) -> Result<Self, Unfit> {
        let asked = [(Kind::User, "users"), (Kind::Group, "groups")];
        // Words that say nothing about the kind leave both.
        let all = !asked.iter().any(|(_, word)| ground.only.iter().any(|only| only == word));
        let wanted = asked.iter().filter(|(_, word)| all || ground.asks_for(word)).map(|(kind, _)| *kind);
        let mut probe = Probe { lane: ground.lane, sent: 0, verbs: vec![Verb::Post] };
        let (mut shapes, mut kept, mut lookups) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        for kind in wanted {
            let shape = shape(ground.discovery, kind);
            if let Some(learnt) = probe.try_out(&shape).await? {
                kept.insert(kind, learnt.kept);
                lookups.extend(learnt.is_found.then_some(kind));
                shapes.push(shape);
            }
        }
        if shapes.is_empty() {
            return Err(Unfit::Skip("nothing can be created".to_owned()));
        }
        let bodies = Bodies::new(shapes, probe.verbs);
        Ok(Body { bodies, kept, lookups, sent: Cell::new(0) })
    }

    fn inputs(&self) -> &Bodies {
        &self.bodies
    }

    async fn judge(&self, lane: &Lane<'_>, draft: &Draft) -> Result<Judgement, Stop> {
        let Some(shape) = self.bodies.shape(draft.kind) else {
            return Ok(Judgement::Unsupported(format!("bodies for {}", draft.kind.endpoint())));
        };
        self.sent.set(self.sent.get() + 1);
        let mark = lane.name(&format!("b{}", self.sent.get()));
        let mut trial = Trial { body: self, lane, draft, shape, mark, ids: BTreeSet::new() };
        let breach = trial.run().await;
        trial.clear_away().await?;
        Ok(breach?.map_or(Judgement::Holds, |breach| Judgement::Broken(Box::new(breach))))
    }
}

/// One body on its way.
struct Trial<'t> {
    body: &'t Body,
    lane: &'t Lane<'t>,
    draft: &'t Draft,
    shape: &'t Shape,
    mark: String,
    /// What has come to exist.
    ids: BTreeSet<String>,
}

impl Trial<'_> {
    async fn run(&mut self) -> Result<Option<Breach>, Stop> {
        match self.draft.verb {
            Verb::Post => self.post().await,
            Verb::Put => self.put().await,
        }
    }

    async fn post(&mut self) -> Result<Option<Breach>, Stop> {
        let reply = self.send("POST", self.draft.kind.endpoint().to_owned()).await?;
        let answer = object(&reply);
        let id = answer.as_ref().and_then(id_of).filter(|_| is_success(reply.status));
        self.ids.extend(id.clone());
        match (reply.status, id) {
            (200..=299, Some(id)) => self.accepted(&id, answer.as_ref(), None).await,
            (200..=299, None) => Ok(None),
            _ => self.refused(&reply, None).await,
        }
    }

    async fn put(&mut self) -> Result<Option<Breach>, Stop> {
        let Some((id, before)) = self.plain_resource().await? else {
            return Ok(None);
        };
        let reply = self.send("PUT", path(self.draft.kind, &id)).await?;
        match reply.status {
            200..=299 => self.accepted(&id, object(&reply).as_ref(), Some(&before)).await,
            _ => self.refused(&reply, Some((&id, &before))).await,
        }
    }

    /// Creates the resource that a PUT is to replace.
    async fn plain_resource(&mut self) -> Result<Option<(String, Map<String, Value>)>, Stop> {
        let kind = self.draft.kind;
        let Some(plain) = self.body.bodies.plain(kind) else { return Ok(None) };
        let body = plain.to_json(&format!("{}.before", self.mark)).into_bytes();
        let reply = self.lane.send(self.lane.request("POST", kind.endpoint(), Some(body))).await?;
        let Some(id) = object(&reply).as_ref().and_then(id_of).filter(|_| is_success(reply.status)) else {
            return Ok(None);
        };
        self.ids.insert(id.clone());
        let before = self.read(&id).await?;
        Ok(object(&before).map(|before| (id, before)))
    }

    /// Judges what became of a body that was accepted.
    async fn accepted(
        &self,
        id: &str,
        answer: Option<&Map<String, Value>>,
        before: Option<&Map<String, Value>>,
    ) -> Result<Option<Breach>, Stop> {
        let (kind, draft) = (self.draft.kind, self.draft);
        if is_malformed(draft) {
            let message = format!("a body that is no JSON object was accepted by {}", self.method());
            return Ok(Some(breach("malformed-is-refused", "json", message, Level::Must)));
        }
        let reply = self.read(id).await?;
        let Some(stored) = object(&reply).filter(|_| reply.status == 200) else {
            if reply.status >= 500 {
                return Ok(Some(server_error("GET", &reply)));
            }
            if reply.status == 200 {
                // RFC 8259 §8.2: half a surrogate pair is grammatical, and unpredictable.
                let message =
                    "what was accepted is shown as something that is no JSON object to every reader".to_owned();
                return Ok(Some(breach("accepted-is-readable", "json", message, Level::Should)));
            }
            let message = format!("what {} has accepted cannot be read: GET answers {}", self.method(), reply.status);
            return Ok(Some(breach("accepted-is-there", self.method(), message, Level::Okta)));
        };
        if let Some(breach) = self.differs(&stored) {
            return Ok(Some(breach));
        }
        if let Some(name) = mistyped(&stored, self.shape) {
            let message = format!("{name} is stored and shown with another type than its schema says");
            return Ok(Some(breach("types-are-kept", "type", message, Level::Must)));
        }
        // A PUT without a name may leave the one that is there (RFC 7644 §3.5.1).
        if !has_name(&stored, kind) && (before.is_none() || draft.name(&self.mark).is_some()) {
            let message = format!("a resource without a {} was accepted", kind.naming());
            return Ok(Some(breach("required-is-required", kind.naming(), message, Level::Must)));
        }
        if let Some(breach) = self.lies(answer, &stored) {
            return Ok(Some(breach));
        }
        if let Some(breach) = self.is_lost(id, &stored).await? {
            return Ok(Some(breach));
        }
        self.returns(id, &stored).await
    }

    /// Compares what is stored with what was sent.
    fn differs(&self, stored: &Map<String, Value>) -> Option<Breach> {
        let kept = self.body.kept.get(&self.draft.kind)?;
        worth_comparing(self.draft, self.shape, &self.mark, kept).into_iter().find_map(|(path, sent, attribute)| {
            let there = value_at(stored, &path);
            let difference = altered(&sent, there, attribute)?;
            let level = if difference.is_clean_up() { Level::Should } else { Level::Must };
            let message = format!("{path} was accepted and is {} ({})", difference.how, difference.trait_);
            let about = format!("{} · {}", difference.how, difference.trait_);
            Some(Breach {
                expected: Some(shortened(&sent)),
                actual: Some(there.map_or_else(|| "nothing".to_owned(), shortened)),
                ..breach("accepted-reads-back", &about, message, level)
            })
        })
    }

    /// Compares the answer to the write with what is stored.
    fn lies(&self, answer: Option<&Map<String, Value>>, stored: &Map<String, Value>) -> Option<Breach> {
        let answer = answer?;
        self.shape.attributes.iter().filter(|attribute| attribute.writable).find_map(|attribute| {
            let (told, there) = (member(answer, &attribute.name)?, member(stored, &attribute.name));
            let difference = altered(told, there, attribute)?;
            let message = format!("the answer to {} shows another {} than GET", self.method(), attribute.name);
            Some(Breach {
                expected: Some(shortened(told)),
                actual: Some(there.map_or_else(|| "nothing".to_owned(), shortened)),
                ..breach("answers-tell-the-truth", difference.how, message, Level::Must)
            })
        })
    }

    /// Looks the resource up by the name it is stored under.
    async fn is_lost(&self, id: &str, stored: &Map<String, Value>) -> Result<Option<Breach>, Stop> {
        let kind = self.draft.kind;
        let Some(name) = member(stored, kind.naming()).and_then(Value::as_str) else { return Ok(None) };
        let Some(found) = self.look_up(name).await? else { return Ok(None) };
        self.lane.mark_tested();
        Ok(match found {
            Found::Broken(reply) => Some(server_error("lookup", &reply)),
            Found::Ids(ids) if ids.iter().any(|one| one == id) => None,
            Found::Ids(_) => {
                let odd = trait_of_text(name);
                let message = format!("a resource is not found by the {} it is stored under ({odd})", kind.naming());
                // Nobody has control characters in a name on purpose.
                let level = if matches!(odd, "nul" | "control" | "invisible") { Level::Must } else { Level::Okta };
                let about = format!("{} · {odd}", kind.naming());
                Some(Breach {
                    actual: Some(shortened(&name.into())),
                    ..breach("accepted-is-found", &about, message, level)
                })
            }
        })
    }

    /// Sends the resource back as the server shows it, which Okta does at every update.
    async fn returns(&self, id: &str, stored: &Map<String, Value>) -> Result<Option<Breach>, Stop> {
        if !self.body.bodies.puts() || self.draft.kind == Kind::Group {
            return Ok(None);
        }
        let body = Value::Object(stored.clone()).to_string().into_bytes();
        let reply = self.lane.send(self.lane.request("PUT", path(self.draft.kind, id), Some(body))).await?;
        self.lane.mark_tested();
        Ok(match reply.status {
            200..=299 => None,
            status if status >= 500 && status != 501 => Some(server_error("PUT", &reply)),
            status => {
                let message = format!("a resource as the server shows it is refused by PUT with {status}");
                Some(breach("own-resources-are-accepted", "PUT", message, Level::Okta))
            }
        })
    }

    /// Judges a refusal, and that it left nothing behind.
    async fn refused(
        &mut self,
        reply: &Reply,
        before: Option<(&str, &Map<String, Value>)>,
    ) -> Result<Option<Breach>, Stop> {
        let left = self.left_behind(before).await?;
        if reply.status >= 500 && reply.status != 501 {
            return Ok(Some(server_error(self.method(), reply)));
        }
        if !(400..500).contains(&reply.status) {
            return Ok(None);
        }
        if let Some(message) = left {
            return Ok(Some(breach("refused-leaves-nothing", self.method(), message, Level::Must)));
        }
        let answer = object(reply).map(Value::Object);
        Ok(flawed_error(reply.status, answer.as_ref()).map(|flaw| {
            let message = format!("the answer {} is no error as SCIM has them: {flaw}", reply.status);
            // What stands in front of a service provider refuses these in its own words.
            let level = if matches!(reply.status, 406 | 413 | 414 | 415 | 431) { Level::Should } else { Level::Must };
            breach("errors-are-well-formed", &reply.status.to_string(), message, level)
        }))
    }

    /// Looks whether something was stored although the request was refused, or nobody knows.
    async fn left_behind(&mut self, before: Option<(&str, &Map<String, Value>)>) -> Result<Option<String>, Stop> {
        if let Some((id, before)) = before {
            let reply = self.read(id).await?;
            let after = object(&reply);
            let is_same = |name: &String| after.as_ref().and_then(|after| after.get(name)) == before.get(name);
            let changed = before.keys().find(|name| *name != "meta" && !is_same(name));
            return Ok(changed.map(|name| format!("a PUT that was refused has changed {name}")));
        }
        let Some(name) = self.draft.name(&self.mark) else { return Ok(None) };
        let Some(Found::Ids(ids)) = self.look_up(&name).await? else { return Ok(None) };
        for id in &ids {
            self.lane.adopt(&path(self.draft.kind, id)).await?;
        }
        let is_there = !ids.is_empty();
        self.ids.extend(ids);
        Ok(is_there.then(|| "a POST that was refused has created the resource".to_owned()))
    }

    /// Returns who has a name, where the server can be asked that.
    async fn look_up(&self, name: &str) -> Result<Option<Found>, Stop> {
        let kind = self.draft.kind;
        if !self.body.lookups.contains(&kind) || name.len() > LONGEST_LOOKUP {
            return Ok(None);
        }
        let reply = self.lane.send(self.lane.request("GET", lookup(kind, name), None)).await?;
        Ok(match reply.status {
            200 => Some(Found::Ids(found(&reply))),
            404 => Some(Found::Ids(Vec::new())),
            status if status >= 500 && status != 501 => Some(Found::Broken(reply)),
            // A filter may be too long or too strange for a server.
            _ => None,
        })
    }

    async fn send(&self, method: &str, target: String) -> Result<Reply, Stop> {
        let mut request = self.lane.request(method, target, Some(self.draft.bytes(&self.mark)));
        if self.draft.media != 0 {
            let name = |name: &str| name.eq_ignore_ascii_case("content-type");
            if let Some(header) = request.headers.iter_mut().find(|(known, _)| name(known)) {
                header.1 = self.draft.media_type().to_owned();
            }
        }
        let reply = self.lane.send(request).await;
        self.lane.mark_tested();
        reply
    }

    async fn read(&self, id: &str) -> Result<Reply, Stop> {
        self.lane.send(self.lane.request("GET", path(self.draft.kind, id), None)).await
    }

    fn method(&self) -> &'static str {
        if self.draft.verb == Verb::Post { "POST" } else { "PUT" }
    }

    /// Deletes what has come to exist, as far as the server and the guard let it; the journal has the rest.
    async fn clear_away(&self) -> Result<(), Stop> {
        for id in &self.ids {
            match self.lane.send_aside(self.lane.request("DELETE", path(self.draft.kind, id), None)).await {
                Ok(_) | Err(Stop::Foreign { .. } | Stop::Withheld { .. }) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }
}

/// What a lookup brought.
enum Found {
    Ids(Vec<String>),
    Broken(Reply),
}

/// What a plain resource taught.
struct Learnt {
    kept: BTreeSet<String>,
    is_found: bool,
}

/// Tries a plain resource of each kind.
struct Probe<'l> {
    lane: &'l Lane<'l>,
    sent: usize,
    verbs: Vec<Verb>,
}

impl Probe<'_> {
    /// Creates a plain resource with a plain value in every attribute, reads it, replaces it and deletes it. Nothing is
    /// returned where it cannot be created.
    async fn try_out(&mut self, shape: &Shape) -> Result<Option<Learnt>, Stop> {
        self.sent += 1;
        let name = format!("{}@example.test", self.lane.name(&format!("plain{}", self.sent)));
        let mut body = Map::new();
        body.insert("schemas".to_owned(), schemas(shape));
        body.insert(shape.kind.naming().to_owned(), name.as_str().into());
        let writable = |attribute: &&Attribute| attribute.writable && !is_apart(shape.kind, &attribute.name);
        for attribute in shape.attributes.iter().filter(writable) {
            body.extend(plain_value(attribute).map(|value| (attribute.name.clone(), value)));
        }
        for (urn, attributes) in &shape.extensions {
            let block: Map<String, Value> = attributes
                .iter()
                .filter(|attribute| attribute.writable)
                .filter_map(|attribute| Some((attribute.name.clone(), plain_value(attribute)?)))
                .collect();
            body.insert(urn.clone(), Value::Object(block));
        }
        let whole = Value::Object(body.clone());
        let Some((id, reply)) = self.create(shape, &whole, &name).await? else { return Ok(None) };
        let stored = object(&self.lane.send(self.lane.request("GET", path(shape.kind, &id), None)).await?);
        let stored = stored.or_else(|| object(&reply)).unwrap_or_default();
        let mut kept = BTreeSet::new();
        for attribute in &shape.attributes {
            let sent = body.get(&attribute.name);
            if sent.is_some_and(|sent| altered(sent, member(&stored, &attribute.name), attribute).is_none()) {
                kept.insert(attribute.name.clone());
            }
        }
        for (urn, attributes) in &shape.extensions {
            for attribute in attributes {
                let path = format!("{urn}:{}", attribute.name);
                let sent = body.get(urn).and_then(|block| block.get(&attribute.name));
                if sent.is_some_and(|sent| altered(sent, value_at(&stored, &path), attribute).is_none()) {
                    kept.insert(path);
                }
            }
        }
        let list = self.lane.send(self.lane.request("GET", lookup(shape.kind, &name), None)).await?;
        let is_found = found(&list) == [id.clone()];
        if !self.verbs.contains(&Verb::Put) {
            let again = Value::Object(stored).to_string().into_bytes();
            let put = self.lane.send(self.lane.request("PUT", path(shape.kind, &id), Some(again))).await?;
            self.verbs.extend(is_success(put.status).then_some(Verb::Put));
        }
        self.lane.send(self.lane.request("DELETE", path(shape.kind, &id), None)).await?;
        Ok(Some(Learnt { kept, is_found }))
    }

    /// Creates the resource with everything, or else with its name alone.
    async fn create(&self, shape: &Shape, whole: &Value, name: &str) -> Result<Option<(String, Reply)>, Stop> {
        let least = json!({ "schemas": [shape.schema], shape.kind.naming(): name });
        for body in [whole, &least] {
            let request = self.lane.request("POST", shape.kind.endpoint(), Some(body.to_string().into_bytes()));
            let reply = self.lane.send(request).await?;
            if let Some(id) = object(&reply).as_ref().and_then(id_of).filter(|_| is_success(reply.status)) {
                return Ok(Some((id, reply)));
            }
        }
        Ok(None)
    }
}

/// Returns what resources of a kind look like, by the server's own schema.
fn shape(discovery: &Discovery, kind: Kind) -> Shape {
    let word = if kind == Kind::User { "User" } else { "Group" };
    let ty = discovery.resource_type(word);
    let schema = ty.map_or_else(|| kind.urn().to_owned(), |ty| ty.schema.clone());
    let read = |urn: &str| discovery.schema(urn).map(|schema| all(&schema.attributes)).unwrap_or_default();
    let mut attributes = read(&schema);
    for common in [schema::external_id()] {
        if !attributes.iter().any(|attribute| attribute.name == common.name) {
            attributes.push(attribute(&discovery::Attribute::from(common)));
        }
    }
    let urns = ty.map(|ty| ty.extensions.clone()).unwrap_or_default();
    let extensions = urns.into_iter().map(|urn| (urn.clone(), read(&urn))).collect();
    Shape { kind, schema, attributes, extensions }
}

fn all(attributes: &[discovery::Attribute]) -> Vec<Attribute> {
    attributes.iter().take(MOST_ATTRIBUTES).map(attribute).collect()
}

fn attribute(known: &discovery::Attribute) -> Attribute {
    let ty = match known.ty {
        Some(schema::Type::String) => Type::Text,
        Some(schema::Type::Boolean) => Type::Boolean,
        Some(schema::Type::Integer) => Type::Integer,
        Some(schema::Type::Decimal) => Type::Decimal,
        Some(schema::Type::Complex) => Type::Complex,
        _ => Type::Formatted,
    };
    let has_form = FORMS.iter().any(|name| name.eq_ignore_ascii_case(&known.name));
    let sub_attributes = if has_form { Vec::new() } else { all(&known.sub_attributes) };
    Attribute {
        name: known.name.clone(),
        ty: if has_form && ty == Type::Text { Type::Formatted } else { ty },
        multi_valued: known.multi_valued,
        writable: known.mutability == Mutability::ReadWrite && !known.is_secret() && !has_form,
        case_exact: known.case_exact,
        free: known.canonical_values.is_empty() && !has_form,
        sub_attributes,
    }
}

/// Returns a value nobody could object to.
fn plain_value(attribute: &Attribute) -> Option<Value> {
    let single = match attribute.ty {
        Type::Text if attribute.free => json!("plain"),
        Type::Boolean => json!(true),
        Type::Integer | Type::Decimal => json!(7),
        Type::Complex => {
            let writable = attribute.sub_attributes.iter().filter(|sub| sub.writable && sub.ty != Type::Complex);
            let parts: Map<String, Value> = writable
                .filter(|sub| sub.name != "primary")
                .filter_map(|sub| Some((sub.name.clone(), plain_value(sub)?)))
                .collect();
            if parts.is_empty() {
                return None;
            }
            Value::Object(parts)
        }
        Type::Text | Type::Formatted => return None,
    };
    Some(if attribute.multi_valued { Value::Array(vec![single]) } else { single })
}

fn schemas(shape: &Shape) -> Value {
    std::iter::once(&shape.schema).chain(shape.extensions.iter().map(|(urn, _)| urn)).cloned().collect()
}

/// Tells whether a plain resource does without an attribute, or has it from elsewhere.
fn is_apart(kind: Kind, name: &str) -> bool {
    ["members", "password", kind.naming()].iter().any(|apart| apart.eq_ignore_ascii_case(name))
}

/// Returns a value by the path that [`worth_comparing`] gives it.
fn value_at<'v>(resource: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    match path.rsplit_once(':') {
        Some((urn, name)) => member(member(resource, urn)?.as_object()?, name),
        None => member(resource, path),
    }
}

fn path(kind: Kind, id: &str) -> String {
    format!("{}/{}", kind.endpoint(), encode(id))
}

fn lookup(kind: Kind, name: &str) -> String {
    let filter = format!("{} eq {}", kind.naming(), Value::from(name));
    format!("{}?filter={}", kind.endpoint(), encode(&filter))
}

fn found(reply: &Reply) -> Vec<String> {
    let list = object(reply).filter(|_| reply.status == 200).unwrap_or_default();
    let found = list.get("Resources").and_then(Value::as_array).into_iter().flatten();
    found.filter_map(|one| one.get("id")?.as_str()).map(str::to_owned).collect()
}

fn object(reply: &Reply) -> Option<Map<String, Value>> {
    serde_json::from_slice(&reply.body).ok()
}

fn id_of(resource: &Map<String, Value>) -> Option<String> {
    resource.get("id")?.as_str().filter(|id| !matches!(*id, "" | "." | "..")).map(str::to_owned)
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// Returns a value as it is told: not longer than a person reads.
fn shortened(value: &Value) -> String {
    let text = value.to_string();
    let count = text.chars().count();
    if count <= LONGEST_TOLD {
        return text;
    }
    format!("{}… ({count} characters)", text.chars().take(LONGEST_TOLD).collect::<String>())
}

fn server_error(what: &str, reply: &Reply) -> Breach {
    let message = format!("{what} answered {}", reply.status);
    Breach { kind: Gravity::ServerFailure, ..breach("no-server-error", what, message, Level::Must) }
}

fn breach(law: &'static str, about: &str, message: String, level: Level) -> Breach {
    Breach {
        law,
        identity: format!("{law} · {about}"),
        message,
        expected: None,
        actual: None,
        level: Some(level),
        kind: Gravity::Expectation,
    }
}

/// Attributes whose values have a form that another standard gives them, whatever the schema says.
const FORMS: [&str; 9] = [
    "locale",
    "timezone",
    "preferredLanguage",
    "phoneNumbers",
    "country",
    "photos",
    "x509Certificates",
    "profileUrl",
    "manager",
];
/// Longer names do not fit into every server's request line.
const LONGEST_LOOKUP: usize = 1000;
const LONGEST_TOLD: usize = 300;
/// How many attributes of a schema are looked at.
const MOST_ATTRIBUTES: usize = 200;
