//! Rules about what every resource has: `id`, `schemas`, `meta`, and the blocks of extensions (RFC 7643 §3).

use super::subject::{Resource, is_assigned, is_urn, member};
use super::{Flaw, form, shown, uri};
use crate::discovery::{DISCOVERY_SCHEMAS, below, named};
use scim_lang::urn;
use serde_json::Value;
use std::collections::HashSet;

/// The configuration has no id, and that of a resource type is optional (RFC 7643 §5 and §6).
pub(super) fn id(resource: &Resource<'_>) -> Vec<Flaw> {
    let is_optional = resource.is_discovery() && resource.ty.is_some_and(|ty| ty.schema != urn::SCHEMA);
    match resource.value("id") {
        Some(Value::String(id)) if !id.is_empty() => Vec::new(),
        Some(_) => vec![Flaw::at(resource.at("id"), "is no string that says something")],
        None if is_optional => Vec::new(),
        None => vec![Flaw::at(resource.at("id"), "is absent")],
    }
}

pub(super) fn id_not_reserved(resource: &Resource<'_>) -> Vec<Flaw> {
    let reserved = resource.id().is_some_and(|id| id.to_ascii_lowercase().contains("bulkid"));
    reserved.then(|| Flaw::at(resource.at("id"), "holds the reserved word bulkId")).into_iter().collect()
}

/// In a projected answer they may be left out: the examples of RFC 7644 do.
pub(super) fn schemas(resource: &Resource<'_>) -> Vec<Flaw> {
    let pointer = resource.at("schemas");
    let list = match member(resource.members, "schemas") {
        None | Some(Value::Null) if resource.subject.is_projected() => return Vec::new(),
        None | Some(Value::Null) => return vec![Flaw::at(pointer, "is absent")],
        Some(Value::Array(list)) if list.is_empty() => return vec![Flaw::at(pointer, "is empty")],
        Some(Value::Array(list)) => list,
        Some(_) => return vec![Flaw::at(pointer, "is no array")],
    };
    let mut known = HashSet::new();
    let mut flaws = Vec::new();
    for (at, schema) in list.iter().enumerate() {
        match schema.as_str().map(str::to_ascii_lowercase).filter(|urn| !urn.is_empty()) {
            None => flaws.push(Flaw::at(format!("{pointer}/{at}"), "is no URI")),
            Some(urn) => {
                if !known.insert(urn) {
                    flaws.push(Flaw::at(format!("{pointer}/{at}"), "is there twice"));
                }
            }
        }
    }
    flaws
}

pub(super) fn base_schema(resource: &Resource<'_>) -> Vec<Flaw> {
    let (Some(ty), Some(mut schemas)) = (resource.ty, resource.schemas()) else { return Vec::new() };
    if schemas.any(|urn| urn.eq_ignore_ascii_case(&ty.schema)) {
        return Vec::new();
    }
    vec![Flaw::at(resource.at("schemas"), "lacks the base schema of the resource's type").expecting(&ty.schema)]
}

/// Without resource types of the server's own, nobody knows its extensions.
pub(super) fn schemas_of_type(resource: &Resource<'_>) -> Vec<Flaw> {
    let is_known = resource.is_discovery() || resource.subject.context.discovery.declares_types();
    let Some(ty) = resource.ty.filter(|_| is_known) else { return Vec::new() };
    let strange = |urn: &&str| !ty.has_schema(urn);
    let strangers = resource.schemas().into_iter().flatten().filter(strange);
    strangers
        .map(|urn| Flaw::at(resource.at("schemas"), &format!("holds {}, which its type lacks", shown(urn))))
        .collect()
}

/// The schemas of the discovery documents themselves are often not described, and nobody misses them.
pub(super) fn schemas_described(resource: &Resource<'_>) -> Vec<Flaw> {
    let discovery = resource.subject.context.discovery;
    let is_missing = |urn: &&str| {
        let is_discovery = DISCOVERY_SCHEMAS.iter().any(|known| known.eq_ignore_ascii_case(urn));
        !is_discovery && discovery.describes_schemas() && discovery.own_schema(urn).is_none()
    };
    let missing = resource.schemas().into_iter().flatten().filter(is_missing);
    missing
        .map(|urn| Flaw::at(resource.at("schemas"), &format!("holds {}, which /Schemas does not describe", shown(urn))))
        .collect()
}

/// Where `schemas` is left out altogether, another rule speaks.
pub(super) fn extensions_listed(resource: &Resource<'_>) -> Vec<Flaw> {
    let Some(schemas) = resource.schemas() else { return Vec::new() };
    let listed: HashSet<String> = schemas.map(str::to_ascii_lowercase).collect();
    let is_block = |(key, value): &(&String, &Value)| value.is_object() && !listed.contains(&key.to_ascii_lowercase());
    let blocks = resource.blocks().filter(is_block);
    blocks.map(|(key, _)| Flaw::at(below(&resource.pointer, key), "is there, but schemas does not list it")).collect()
}

/// An attribute of the same name that a server has besides is its own business, so one that the block has too is none.
pub(super) fn extensions_nested(resource: &Resource<'_>) -> Vec<Flaw> {
    let Some(ty) = resource.ty else { return Vec::new() };
    let discovery = resource.subject.context.discovery;
    let owner = |key: &str| {
        if is_urn(key) {
            let is_prefix = |urn: &&String| {
                let head = key.get(..urn.len()).is_some_and(|head| head.eq_ignore_ascii_case(urn));
                head && key[urn.len()..].starts_with([':', '.'])
            };
            return ty.extensions.iter().find(is_prefix);
        }
        if discovery.base_attribute(ty, key).is_some() {
            return None;
        }
        ty.extensions.iter().find(|urn| {
            let defines = discovery.schema(urn).is_some_and(|schema| named(&schema.attributes, key).is_some());
            let in_block = member(resource.members, urn).and_then(Value::as_object);
            defines && in_block.is_none_or(|block| member(block, key).is_none())
        })
    };
    let assigned = resource.members.iter().filter(|(_, value)| is_assigned(value));
    assigned
        .filter_map(|(key, _)| {
            let claim = format!("belongs to an extension, but stands outside of {}", shown(owner(key)?));
            Some(Flaw::at(below(&resource.pointer, key), &claim))
        })
        .collect()
}

/// The documents about the server need not say when they were made.
pub(super) fn meta_complete(resource: &Resource<'_>) -> Vec<Flaw> {
    if resource.subject.is_projected() {
        return Vec::new();
    }
    let wanted: &[&str] = if resource.is_discovery() {
        &["resourceType", "location"]
    } else {
        &["resourceType", "created", "lastModified", "location"]
    };
    let missing = wanted.iter().filter(|name| resource.meta(name).is_none());
    missing.map(|name| Flaw::at(below(&resource.at("meta"), name), "is absent")).collect()
}

pub(super) fn meta_resource_type(resource: &Resource<'_>) -> Vec<Flaw> {
    let Some(said) = resource.meta("resourceType") else { return Vec::new() };
    let pointer = below(&resource.at("meta"), "resourceType");
    match resource.ty {
        Some(ty) if said.as_str() == Some(&ty.name) => Vec::new(),
        Some(ty) => {
            vec![Flaw::at(pointer, "is not the name of the resource's type").expecting(format!("{:?}", ty.name))]
        }
        None => vec![Flaw::at(pointer, "names no resource type of the server")],
    }
}

/// Which host a server believes to be is another rule's matter, and whether there is a version in front as well.
pub(super) fn meta_location(resource: &Resource<'_>) -> Vec<Flaw> {
    let (Some(location), Some(ty)) = (resource.meta("location"), resource.ty) else { return Vec::new() };
    let pointer = below(&resource.at("meta"), "location");
    let Some(location) = location.as_str().filter(|text| form::is_uri_reference(text) && !text.is_empty()) else {
        return vec![Flaw::at(pointer, "is no URI")];
    };
    let mut tails = vec![uri::segments(&ty.endpoint, "")];
    if ty.schema != urn::SERVICE_PROVIDER_CONFIG {
        // A resource type without an id is found by its name (RFC 7643 §6).
        let names = ["id", "name"].into_iter().filter(|name| *name == "id" || ty.schema == urn::RESOURCE_TYPE);
        let ids = names.filter_map(|name| resource.value(name)?.as_str());
        tails = ids.map(|id| [tails[0].clone(), vec![id.to_owned()]].concat()).collect();
    }
    let found = uri::segments(location, "");
    if tails.is_empty() || tails.iter().any(|tail| found.ends_with(tail)) {
        return Vec::new();
    }
    vec![
        Flaw::at(pointer, "does not end in the endpoint and the id of the resource")
            .expecting(format!("…/{}", tails[0].join("/"))),
    ]
}

pub(super) fn meta_order(resource: &Resource<'_>) -> Vec<Flaw> {
    let is_before = changed_after(resource).is_some_and(|milliseconds| milliseconds < 0);
    let pointer = below(&resource.at("meta"), "lastModified");
    is_before.then(|| Flaw::at(pointer, "is before /meta/created")).into_iter().collect()
}

/// RFC 7643 §3.1. Two clocks, or two columns, may be some milliseconds apart.
pub(super) fn meta_fresh(resource: &Resource<'_>) -> Vec<Flaw> {
    let is_apart = changed_after(resource).is_some_and(|milliseconds| milliseconds.abs() > 1000);
    let pointer = below(&resource.at("meta"), "lastModified");
    is_apart.then(|| Flaw::at(pointer, "is not /meta/created, though nothing has changed")).into_iter().collect()
}

/// Returns how many milliseconds after its creation a resource was changed last, as far as it says.
fn changed_after(resource: &Resource<'_>) -> Option<i128> {
    let moment = |name: &str| form::moment(resource.meta(name)?.as_str()?);
    moment("lastModified")?.milliseconds_after(moment("created")?)
}

pub(super) fn meta_version_form(resource: &Resource<'_>) -> Vec<Flaw> {
    let Some(version) = resource.meta("version") else { return Vec::new() };
    if version.as_str().is_some_and(form::is_entity_tag) {
        return Vec::new();
    }
    let pointer = below(&resource.at("meta"), "version");
    vec![Flaw::at(pointer, "is no entity tag: it has to be in quotes").expecting("W/\"…\"")]
}
