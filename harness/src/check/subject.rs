//! The answer as checks look at it: its JSON, the resources in it, and what was asked for.

use super::{Context, Flaw};
use crate::discovery::{self, Attribute, ResourceType, below};
use percent_encoding::percent_decode_str;
use scim_lang::json::{self, Document};
use scim_lang::path::AttrPath;
use scim_lang::urn;
use scim_transport::Reply;
use serde_json::{Map, Value};

/// An answer and what it is judged by.
pub(super) struct Subject<'c> {
    pub(super) reply: &'c Reply,
    pub(super) context: &'c Context<'c>,
    pub(super) body: Body,
    pub(super) asked: Asked,
}

/// What the body is.
pub(super) enum Body {
    Json(Document),
    Empty,
    /// No JSON, and why.
    Other(String),
}

/// A resource in an answer.
pub(super) struct Resource<'s> {
    /// Where it is in the body.
    pub(super) pointer: String,
    pub(super) members: &'s Map<String, Value>,
    /// What kind of resource it is, as far as can be told.
    pub(super) ty: Option<&'s ResourceType>,
    pub(super) subject: &'s Subject<'s>,
}

/// An attribute, or a sub-attribute, that a resource has a value of.
#[derive(Clone)]
pub(super) struct Found<'s> {
    pub(super) pointer: String,
    /// The URN of the extension it belongs to, if it belongs to one.
    pub(super) extension: Option<&'s str>,
    pub(super) name: &'s str,
    /// The sub-attribute, if it is one.
    pub(super) sub: Option<&'s str>,
    pub(super) attribute: &'s Attribute,
    pub(super) value: &'s Value,
}

/// What a request asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The names in `attributes`; empty if there were none.
    pub(super) attributes: Vec<String>,
    /// The names in `excludedAttributes`.
    pub(super) excluded: Vec<String>,
    pub(super) count: Option<i64>,
    pub(super) start_index: Option<i64>,
    /// Whether pages were to go by cursor (RFC 9865).
    pub(super) cursor: bool,
}

impl<'c> Subject<'c> {
    pub(super) fn new(reply: &'c Reply, context: &'c Context<'c>) -> Subject<'c> {
        let body = match json::parse(&reply.body) {
            Ok(document) => Body::Json(document),
            Err(_) if reply.body.is_empty() => Body::Empty,
            Err(cause) => Body::Other(cause.to_string()),
        };
        Subject { reply, context, body, asked: Asked::of(context) }
    }

    /// Returns the path below the base URL.
    pub(super) fn path(&self) -> &str {
        let url = self.context.request.url.as_str();
        let target = url.strip_prefix(self.context.base).unwrap_or(url);
        &target[..target.find(['?', '#']).unwrap_or(target.len())]
    }

    /// Returns a header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.reply.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the body, which has to be JSON.
    pub(super) fn json(&self) -> Result<&Value, Flaw> {
        match &self.body {
            Body::Json(document) => Ok(&document.value),
            Body::Empty => Err(Flaw::new("the body is empty, not JSON")),
            Body::Other(cause) => Err(Flaw::new(format!("the body is no JSON: {cause}"))),
        }
    }

    /// Returns the body, which has to be an object.
    pub(super) fn object(&self) -> Result<&Map<String, Value>, Flaw> {
        self.json()?.as_object().ok_or_else(|| Flaw::new("the body is no JSON object"))
    }

    /// Returns the resources in the body: those of a list, or the one it is. An answer that by right has no body has
    /// none either, and an error has none by its nature.
    pub(super) fn resources(&self) -> Result<Vec<Resource<'_>>, Flaw> {
        if matches!(self.body, Body::Empty) && matches!(self.reply.status, 202 | 204 | 304) {
            return Ok(Vec::new());
        }
        if self.reply.status >= 400 {
            let status = self.reply.status;
            return Err(Flaw::new(format!("the server answered {status}, so there is no resource to look at")));
        }
        let (pointer, list) = match self.json()? {
            Value::Array(list) => ("", list),
            Value::Object(body) => match body.get("Resources") {
                Some(Value::Array(list)) => ("/Resources", list),
                _ if has_schema(body, urn::LIST_RESPONSE) => return Ok(Vec::new()),
                _ => return Ok(vec![self.resource(String::new(), body)]),
            },
            _ => return Err(Flaw::new("the body is no JSON object")),
        };
        let objects = list.iter().enumerate().filter_map(|(index, it)| Some((index, it.as_object()?)));
        Ok(objects.map(|(index, it)| self.resource(format!("{pointer}/{index}"), it)).collect())
    }

    fn resource<'s>(&'s self, pointer: String, members: &'s Map<String, Value>) -> Resource<'s> {
        Resource { pointer, members, ty: self.type_of(members), subject: self }
    }

    /// Finds the type of a resource by where it was asked for, or else by what it says itself.
    fn type_of(&self, members: &Map<String, Value>) -> Option<&ResourceType> {
        let discovery = self.context.discovery;
        discovery.type_at(self.path()).or_else(|| {
            let said = member(members, "meta").and_then(|meta| meta.get("resourceType")).and_then(Value::as_str);
            let mut types = discovery.resource_types().iter();
            types
                .clone()
                .find(|ty| said == Some(ty.name.as_str()))
                .or_else(|| types.find(|ty| has_schema(members, &ty.schema)))
        })
    }

    /// Tells whether the request asked for part of a resource.
    pub(super) fn is_projected(&self) -> bool {
        !(self.asked.attributes.is_empty() && self.asked.excluded.is_empty())
    }

    /// Tells whether the request wrote something.
    pub(super) fn is_write(&self) -> bool {
        let is_search = self.path().ends_with("/.search");
        matches!(self.context.request.method.as_str(), "POST" | "PUT" | "PATCH") && !is_search
    }
}

impl<'s> Resource<'s> {
    /// Returns the value of an attribute, whatever the case of its name; a value that means none is none.
    pub(super) fn value(&self, name: &str) -> Option<&'s Value> {
        member(self.members, name).filter(|value| is_assigned(value))
    }

    /// Returns the value of a sub-attribute of `meta`.
    pub(super) fn meta(&self, name: &str) -> Option<&'s Value> {
        self.value("meta")?.as_object().and_then(|meta| member(meta, name)).filter(|value| is_assigned(value))
    }

    /// Returns the id, if it is one.
    pub(super) fn id(&self) -> Option<&'s str> {
        self.value("id")?.as_str()
    }

    /// Returns the URNs in `schemas`.
    pub(super) fn schemas(&self) -> Option<impl Iterator<Item = &'s str>> {
        Some(self.value("schemas")?.as_array()?.iter().filter_map(Value::as_str))
    }

    /// Returns the pointer to a member; a name in another case points there as well.
    pub(super) fn at(&self, name: &str) -> String {
        let key = self.members.keys().find(|key| key.eq_ignore_ascii_case(name));
        below(&self.pointer, key.map_or(name, String::as_str))
    }

    /// Tells whether it is one of the documents about the server itself.
    pub(super) fn is_discovery(&self) -> bool {
        self.ty.is_some_and(|ty| discovery::DISCOVERY_SCHEMAS.contains(&ty.schema.as_str()))
    }

    /// Returns the blocks of extensions: their URN as it stands there, and what they hold.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (&'s String, &'s Value)> {
        self.members.iter().filter(|(key, value)| is_urn(key) && is_assigned(value))
    }

    /// Returns everything that has a value and is defined in a schema, sub-attributes after what they belong to.
    pub(super) fn attributes(&self) -> Vec<Found<'s>> {
        let Some(ty) = self.ty else { return Vec::new() };
        let discovery = self.subject.context.discovery;
        let mut found = Vec::new();
        for (key, value) in self.members {
            let pointer = below(&self.pointer, key);
            if let Some(attribute) = discovery.base_attribute(ty, key) {
                let it = Found { pointer, extension: None, name: &attribute.name, sub: None, attribute, value };
                collect(it, &mut found);
            } else if let (Some(schema), Value::Object(members)) =
                (discovery.schema(key).filter(|_| is_urn(key)), value)
            {
                for (name, value) in members {
                    let Some(attribute) = discovery::named(&schema.attributes, name) else { continue };
                    let (pointer, extension) = (below(&pointer, name), Some(schema.id.as_str()));
                    let it = Found { pointer, extension, name: &attribute.name, sub: None, attribute, value };
                    collect(it, &mut found);
                }
            }
        }
        found
    }
}

/// Adds an attribute that has a value, and what it is made of.
fn collect<'s>(it: Found<'s>, found: &mut Vec<Found<'s>>) {
    if !is_assigned(it.value) {
        return;
    }
    found.push(it.clone());
    for (pointer, value) in it.values() {
        let Value::Object(members) = value else { continue };
        for (key, value) in members {
            let Some(attribute) = it.attribute.sub(key) else { continue };
            let sub = Some(it.sub.unwrap_or(&attribute.name));
            collect(Found { pointer: below(&pointer, key), sub, attribute, value, ..it.clone() }, found);
        }
    }
}

impl<'s> Found<'s> {
    /// Returns its values, one for each element of an array, with their pointers.
    pub(super) fn values(&self) -> Vec<(String, &'s Value)> {
        match self.value {
            Value::Array(list) => {
                let numbered = list.iter().enumerate().filter(|(_, value)| !value.is_null());
                numbered.map(|(index, value)| (format!("{}/{index}", self.pointer), value)).collect()
            }
            Value::Null => Vec::new(),
            value => vec![(self.pointer.clone(), value)],
        }
    }

    /// Returns its name as people write it.
    pub(super) fn path(&self) -> String {
        match self.sub {
            Some(sub) => format!("{}.{sub}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// Tells whether it is the top of its tree.
    pub(super) fn is_top(&self) -> bool {
        self.sub.is_none()
    }
}

impl Asked {
    fn of(context: &Context<'_>) -> Asked {
        let request = context.request;
        let mut asked = Asked::default();
        let query = request.url.split_once('?').map(|(_, query)| query.split('#').next().unwrap_or(query));
        for pair in query.unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let text = percent_decode_str(value).decode_utf8_lossy();
            let number = || text.trim().parse().ok();
            match &*percent_decode_str(name).decode_utf8_lossy() {
                "attributes" => asked.attributes.extend(names(&text)),
                "excludedAttributes" => asked.excluded.extend(names(&text)),
                "count" => asked.count = number(),
                "startIndex" => asked.start_index = number(),
                "cursor" => asked.cursor = true,
                _ => {}
            }
        }
        let path = request.url.split(['?', '#']).next().unwrap_or_default();
        let search = request.body.as_deref().filter(|_| path.ends_with("/.search"));
        if let Some(Ok(search)) = search.map(serde_json::from_str::<Value>) {
            asked.add_search(&search);
        }
        asked
    }

    /// Adds what the body of a search asks for (RFC 7644 §3.4.3).
    fn add_search(&mut self, search: &Value) {
        let list = |name: &str| {
            let list = search.get(name).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        self.attributes.extend(list("attributes"));
        self.excluded.extend(list("excludedAttributes"));
        self.count = search.get("count").and_then(Value::as_i64).or(self.count);
        self.start_index = search.get("startIndex").and_then(Value::as_i64).or(self.start_index);
        self.cursor |= search.get("cursor").is_some();
    }
}

fn names(text: &str) -> impl Iterator<Item = String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// A name a client gave: an attribute, a sub-attribute, or a whole schema.
pub(super) struct Named<'t> {
    pub(super) extension: Option<&'t str>,
    /// The path, or nothing for the whole extension.
    pub(super) path: Option<AttrPath>,
}

impl Named<'_> {
    /// Reads a name as a resource type has it; one that means nothing is none.
    pub(super) fn read<'t>(text: &str, ty: &'t ResourceType) -> Option<Named<'t>> {
        if let Some(urn) = ty.extension(text) {
            return Some(Named { extension: Some(urn), path: None });
        }
        let (extension, path) = ty.split(text)?;
        Some(Named { extension, path: Some(path) })
    }

    /// Tells whether it names this attribute, or the whole it is part of; and with which sub-attribute.
    pub(super) fn names(&self, extension: Option<&str>, name: &str) -> bool {
        let same_home = match (self.extension, extension) {
            (None, None) => true,
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => false,
        };
        same_home && self.path.as_ref().is_none_or(|path| path.name.eq_ignore_ascii_case(name))
    }

    /// Returns the sub-attribute it names, if it names one.
    pub(super) fn sub(&self) -> Option<&str> {
        self.path.as_ref()?.sub.as_deref()
    }
}

/// Returns the value of a member, whatever the case of its name (RFC 7643 §2.1).
pub(super) fn member<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    members.get(name).or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Tells whether `schemas` of a message or a resource holds a URN, whatever its case.
pub(super) fn has_schema(body: &Map<String, Value>, urn: &str) -> bool {
    let schemas = body.get("schemas").and_then(Value::as_array);
    let is_it = |schema: &Value| schema.as_str().is_some_and(|schema| schema.eq_ignore_ascii_case(urn));
    schemas.is_some_and(|schemas| schemas.iter().any(is_it))
}

/// RFC 7643 §2.5: null and the empty array are no value.
pub(super) fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(list) => list.iter().any(|value| !value.is_null()),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

/// Tells whether a key is the URN of a schema rather than a name; some vendors have URLs.
pub(super) fn is_urn(key: &str) -> bool {
    key.contains(':')
}
