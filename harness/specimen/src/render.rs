//! From what is stored to what a client reads: `schemas`, `id`, `meta` and everything that follows from other resources.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use scim_lang::filter::Filter;
use scim_lang::path::AttrPath;
use scim_lang::urn;
use serde_json::{Map, Value, json};

use crate::store::{Content, Kind, Record, Store};

/// Makes representations for one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Renderer<'a> {
    pub(crate) store: &'a Store,
    /// The base URL as the client addresses it.
    pub(crate) base: &'a str,
}

impl Renderer<'_> {
    /// Returns the whole representation of a resource.
    pub(crate) fn resource(&self, record: &Record) -> Value {
        let mut resource = stored(record);
        match record.kind {
            Kind::User => self.complete_user(&mut resource, record),
            Kind::Group => self.complete_group(&mut resource),
            Kind::Role | Kind::Entitlement => {}
        }
        let version = version(record, &resource);
        resource["meta"]["location"] = self.location(record).into();
        resource["meta"]["version"] = version.into();
        resource
    }

    /// Returns the URI of a resource.
    pub(crate) fn location(&self, record: &Record) -> String {
        format!("{}{}/{}", self.base, record.kind.ty().endpoint, record.id)
    }

    fn complete_user(&self, resource: &mut Value, record: &Record) {
        let groups = self.groups_of(record);
        if !groups.is_empty() {
            resource["groups"] = groups.into();
        }
        if let Some(manager) = resource.pointer_mut(MANAGER) {
            self.complete_manager(manager);
        }
    }

    /// A manager who is not here is returned as it was sent: people are provisioned in no particular order.
    fn complete_manager(&self, manager: &mut Value) {
        let Some(found) = manager["value"].as_str().and_then(|id| self.store.find(Kind::User, id)) else { return };
        manager["$ref"] = self.location(found).into();
        if let Some(name) = found.content().text("displayName") {
            manager["displayName"] = name.into();
        }
    }

    /// Returns `groups` (RFC 7643 §4.1.2): direct memberships first, then those by way of nested groups. A group that
    /// contains itself is followed once.
    fn groups_of(&self, record: &Record) -> Vec<Value> {
        let mut seen = HashSet::new();
        let mut groups = Vec::new();
        let mut level = vec![record.id.clone()];
        let mut how = "direct";
        while !level.is_empty() {
            let above: Vec<_> = level.iter().flat_map(|id| self.store.groups_of(id)).collect();
            level.clear();
            for group in above {
                if !seen.insert(group.id.clone()) {
                    continue;
                }
                groups.push(json!({
                    "value": *group.id,
                    "$ref": self.location(group),
                    "display": group.label.as_deref(),
                    "type": how,
                }));
                level.push(group.id.clone());
            }
            how = "indirect";
        }
        groups
    }

    fn complete_group(&self, resource: &mut Value) {
        let Some(Value::Array(members)) = resource.get_mut("members") else { return };
        for member in members {
            let Some(found) = member["value"].as_str().and_then(|id| self.store.find_member(id)) else { continue };
            member["$ref"] = self.location(found).into();
            member["type"] = found.kind.ty().name.into();
            if let Some(display) = found.label.as_deref() {
                member["display"] = display.into();
            }
        }
    }
}

/// Returns the representation without anything that takes a look at other resources or at the request.
pub(crate) fn stored(record: &Record) -> Value {
    let ty = record.kind.ty();
    let attributes = record.content().attributes;
    let mut schemas = vec![ty.schema.id];
    let extensions = ty.extensions.iter().map(|(schema, _)| schema.id);
    // RFC 7643 §3.3: an extension whose data is there is named.
    schemas.extend(extensions.filter(|urn| attributes.contains_key(*urn)));
    let mut resource = Map::new();
    resource.insert("schemas".into(), json!(schemas));
    resource.insert("id".into(), json!(*record.id));
    resource.extend(attributes);
    let meta = json!({
        "resourceType": ty.name,
        "created": date_time(record.created),
        "lastModified": date_time(record.modified),
    });
    resource.insert("meta".into(), meta);
    Value::Object(resource)
}

/// Tells whether the stored part of a resource is enough to decide a filter.
pub(crate) fn stored_decides(filter: &Filter) -> bool {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => stored_decides(left) && stored_decides(right),
        Filter::Not(inner) => stored_decides(inner),
        Filter::Compare { path, .. } | Filter::Present(path) => is_stored(path),
        Filter::ValuePath { path, .. } => is_stored(path),
    }
}

/// Tells whether an attribute is stored as it is returned, as far as names go.
pub(crate) fn is_stored(path: &AttrPath) -> bool {
    const DERIVED: [&str; 4] = ["groups", "members", "manager", "meta"];
    let stored_meta = ["resourceType", "created", "lastModified"];
    let in_stored_meta = |sub: &str| stored_meta.iter().any(|name| name.eq_ignore_ascii_case(sub));
    !DERIVED.iter().any(|name| path.name.eq_ignore_ascii_case(name))
        || (path.name.eq_ignore_ascii_case("meta") && path.sub.as_deref().is_some_and(in_stored_meta))
}

/// Returns a resource without the URI of its manager, unless a client has written it: what the renderer adds is not to
/// be stored by a PATCH that only passes it through.
pub(crate) fn as_written(mut resource: Value, held: &Content) -> Value {
    let written = held.attributes.get(urn::ENTERPRISE_USER).and_then(|block| block.get("manager")?.get("$ref"));
    if written.is_none()
        && let Some(Value::Object(manager)) = resource.pointer_mut(MANAGER)
    {
        manager.shift_remove("$ref");
    }
    resource
}

/// Returns an instant to the millisecond, in UTC.
fn date_time(at: jiff::Timestamp) -> String {
    format!("{at:.3}")
}

/// Returns the entity tag. It is weak: the bytes of two answers may differ (RFC 7644 §3.14). It changes with every
/// write, and with everything in the representation that follows from other resources, such as `groups`.
fn version(record: &Record, resource: &Value) -> String {
    let mut hasher = DefaultHasher::new();
    record.revision.hash(&mut hasher);
    resource.to_string().hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// The manager in the enterprise extension (RFC 7643 §4.3), as a JSON Pointer.
const MANAGER: &str = "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager";
