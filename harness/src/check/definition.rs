//! Rules about /ResourceTypes and /Schemas (RFC 7643 §6 and §7). What a definition leaves out has its default (§2.2).

use super::subject::{Resource, Subject, is_assigned};
use super::{Flaw, form, uri};
use crate::discovery::{MUTABILITIES, RETURNS, TYPES, UNIQUENESSES, below};
use scim_lang::schema::{Mutability, Returned, Type, Uniqueness};
use scim_lang::urn;
use serde_json::{Map, Value};
use std::collections::HashSet;

pub(super) fn types(resource: &Resource<'_>) -> Vec<Flaw> {
    missing_texts(resource, &["name", "endpoint", "schema"])
}

pub(super) fn descriptions(resource: &Resource<'_>) -> Vec<Flaw> {
    missing_texts(resource, &["name", "description"])
}

fn missing_texts(resource: &Resource<'_>, names: &[&str]) -> Vec<Flaw> {
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let missing = names.iter().filter(|name| !resource.value(name).is_some_and(is_text));
    missing.map(|name| Flaw::at(resource.at(name), "is no text")).collect()
}

/// With or without a slash in front, but no other place than one below the base URL.
pub(super) fn endpoints(resource: &Resource<'_>) -> Vec<Flaw> {
    let Some(endpoint) = resource.value("endpoint") else { return Vec::new() };
    let is_path = endpoint.as_str().is_some_and(|text| {
        let is_local = uri::scheme(text).is_none() && !text.starts_with("//") && !text.contains(['?', '#']);
        is_local && form::is_uri_reference(text) && !text.split('/').any(|segment| segment == "..")
    });
    if is_path {
        return Vec::new();
    }
    vec![Flaw::at(resource.at("endpoint"), "is no path below the base URL")]
}

/// Erratum 7522: an array, whatever the printed schema says.
pub(super) fn extensions(resource: &Resource<'_>) -> Vec<Flaw> {
    let pointer = resource.at("schemaExtensions");
    let list = match resource.value("schemaExtensions") {
        None => return Vec::new(),
        Some(Value::Array(list)) => list,
        Some(_) => return vec![Flaw::at(pointer, "is no array")],
    };
    let mut flaws = Vec::new();
    for (at, extension) in list.iter().enumerate() {
        if extension.get("schema").and_then(Value::as_str).is_none_or(str::is_empty) {
            flaws.push(Flaw::at(format!("{pointer}/{at}/schema"), "is no URI"));
        }
        if !extension.get("required").is_some_and(Value::is_boolean) {
            flaws.push(Flaw::at(format!("{pointer}/{at}/required"), "is no boolean"));
        }
    }
    flaws
}

/// Names are case-exact; endpoints are paths, so a slash in front makes no other.
pub(super) fn types_unique(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let mut known = HashSet::new();
    let mut flaws = Vec::new();
    for resource in subject.resources()? {
        for name in ["id", "name", "endpoint"] {
            let Some(text) = resource.value(name).and_then(Value::as_str) else { continue };
            if !known.insert((name, text.trim_matches('/').to_owned())) {
                flaws.push(Flaw::at(resource.at(name), "belongs to another resource type already"));
            }
        }
    }
    Ok(flaws)
}

/// Where a server describes no schemas at all, another rule speaks.
pub(super) fn type_schemas_described(resource: &Resource<'_>) -> Vec<Flaw> {
    let discovery = resource.subject.context.discovery;
    let is_missing = |urn: &Value| {
        urn.as_str().is_some_and(|urn| discovery.describes_schemas() && discovery.own_schema(urn).is_none())
    };
    let mut flaws = Vec::new();
    if resource.value("schema").is_some_and(is_missing) {
        flaws.push(Flaw::at(resource.at("schema"), "is not described at /Schemas"));
    }
    let list = resource.value("schemaExtensions").and_then(Value::as_array).into_iter().flatten();
    for (at, _) in list.enumerate().filter(|(_, extension)| extension.get("schema").is_some_and(is_missing)) {
        let pointer = format!("{}/{at}/schema", resource.at("schemaExtensions"));
        flaws.push(Flaw::at(pointer, "is not described at /Schemas"));
    }
    flaws
}

pub(super) fn schemas(resource: &Resource<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if !resource.value("id").and_then(Value::as_str).is_some_and(form::is_uri) {
        flaws.push(Flaw::at(resource.at("id"), "is no URI"));
    }
    match resource.members.get("attributes") {
        Some(Value::Array(list)) => unnamed(list, &resource.at("attributes"), &mut flaws),
        Some(_) => flaws.push(Flaw::at(resource.at("attributes"), "is no array")),
        None => flaws.push(Flaw::at(resource.at("attributes"), "is absent")),
    }
    flaws
}

fn unnamed(list: &[Value], pointer: &str, flaws: &mut Vec<Flaw>) {
    for (at, row) in list.iter().enumerate() {
        let place = format!("{pointer}/{at}");
        match row {
            Value::Object(row) => {
                if row.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
                    flaws.push(Flaw::at(below(&place, "name"), "is no name"));
                }
                match row.get("subAttributes") {
                    Some(Value::Array(list)) => unnamed(list, &below(&place, "subAttributes"), flaws),
                    None | Some(Value::Null) => {}
                    Some(_) => flaws.push(Flaw::at(below(&place, "subAttributes"), "is no array")),
                }
            }
            _ => flaws.push(Flaw::at(place, "is no object")),
        }
    }
}

pub(super) fn names(resource: &Resource<'_>) -> Vec<Flaw> {
    let is_wrong = |row: &Row<'_>| row.name().is_some_and(|name| !form::is_attribute_name(name));
    let wrong = rows(resource).into_iter().filter(is_wrong);
    wrong.map(|row| Flaw::at(row.at("name"), "is no name of an attribute")).collect()
}

pub(super) fn names_unique(resource: &Resource<'_>) -> Vec<Flaw> {
    let mut known = HashSet::new();
    let mut flaws = Vec::new();
    for row in rows(resource) {
        let Some(name) = row.name() else { continue };
        if !known.insert((row.list.clone(), name.to_ascii_lowercase())) {
            flaws.push(Flaw::at(row.at("name"), "is defined already, if in another case"));
        }
    }
    flaws
}

pub(super) fn attribute_types(resource: &Resource<'_>) -> Vec<Flaw> {
    let known = TYPES.map(Type::name);
    strange_words(resource, "type", &known, "is no type of RFC 7643 §2.3")
}

pub(super) fn keywords(resource: &Resource<'_>) -> Vec<Flaw> {
    let claim = "is no keyword of RFC 7643 §7";
    let mut flaws = strange_words(resource, "mutability", &MUTABILITIES.map(Mutability::name), claim);
    flaws.extend(strange_words(resource, "returned", &RETURNS.map(Returned::name), claim));
    flaws.extend(strange_words(resource, "uniqueness", &UNIQUENESSES.map(Uniqueness::name), claim));
    flaws
}

fn strange_words(resource: &Resource<'_>, key: &str, known: &[&str], claim: &str) -> Vec<Flaw> {
    let is_strange = |row: &Row<'_>| {
        let word = row.members.get(key).filter(|word| !word.is_null());
        word.is_some_and(|word| !word.as_str().is_some_and(|word| known.contains(&word)))
    };
    let strange = rows(resource).into_iter().filter(is_strange);
    strange.map(|row| Flaw::at(row.at(key), claim).expecting(known.join(", "))).collect()
}

pub(super) fn characteristics(resource: &Resource<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for row in rows(resource) {
        let mut demand = |key: &str, fits: fn(&Value) -> bool, claim: &str| {
            if row.members.get(key).is_some_and(|value| !value.is_null() && !fits(value)) {
                flaws.push(Flaw::at(row.at(key), claim));
            }
        };
        for key in ["multiValued", "required", "caseExact"] {
            demand(key, Value::is_boolean, "is no boolean");
        }
        let is_list = |value: &Value| {
            value.as_array().is_some_and(|list| list.iter().all(|it| !it.is_object() && !it.is_array()))
        };
        demand("canonicalValues", is_list, "is no array of simple values");
        demand("referenceTypes", is_list, "is no array of simple values");
        demand("description", Value::is_string, "is no string");
    }
    flaws
}

pub(super) fn sub_attributes(resource: &Resource<'_>) -> Vec<Flaw> {
    let lacks = |row: &Row<'_>| row.is_complex() && !row.members.get("subAttributes").is_some_and(is_assigned);
    let bare = rows(resource).into_iter().filter(lacks);
    bare.map(|row| Flaw::at(row.pointer, "is complex, but lists no sub-attributes")).collect()
}

/// The schema of schemas is the one exception (RFC 7643 §7, erratum 8415).
pub(super) fn flat(resource: &Resource<'_>) -> Vec<Flaw> {
    if resource.id().is_some_and(|id| id.eq_ignore_ascii_case(urn::SCHEMA)) {
        return Vec::new();
    }
    let deep = rows(resource).into_iter().filter(|row| row.depth > 0 && row.is_complex());
    deep.map(|row| Flaw::at(row.at("type"), "is complex inside a complex attribute")).collect()
}

pub(super) fn standard_parts(resource: &Resource<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for row in rows(resource).iter().filter(|row| row.depth > 0 && row.parent_is_list) {
        let ty = row.members.get("type").and_then(Value::as_str).unwrap_or("string");
        let expected = match row.name() {
            Some("primary") if ty != "boolean" => "boolean",
            Some("$ref") if ty != "reference" => "reference",
            Some("type" | "display") if ty != "string" => "string",
            Some("value") if ty == "complex" => "a simple type",
            _ => continue,
        };
        flaws.push(Flaw::at(row.at("type"), "is not what RFC 7643 §2.4 has this name mean").expecting(expected));
    }
    flaws
}

pub(super) fn no_messages(resource: &Resource<'_>) -> Vec<Flaw> {
    let is_message = resource.id().is_some_and(|id| id.to_ascii_lowercase().starts_with("urn:ietf:params:scim:api:"));
    is_message.then(|| Flaw::at(resource.at("id"), "is a message, not a schema of resources")).into_iter().collect()
}

/// The definition of one attribute as it stands in a document.
pub(super) struct Row<'s> {
    pub(super) pointer: String,
    pub(super) members: &'s Map<String, Value>,
    /// The attributes it is a part of, if it is one: `emails` of `emails.value`.
    pub(super) parent: Option<&'s str>,
    /// How many attributes it lies in.
    depth: usize,
    parent_is_list: bool,
    /// The pointer to the list it stands in.
    list: String,
}

impl<'s> Row<'s> {
    pub(super) fn name(&self) -> Option<&'s str> {
        self.members.get("name").and_then(Value::as_str)
    }

    pub(super) fn at(&self, key: &str) -> String {
        below(&self.pointer, key)
    }

    fn is_complex(&self) -> bool {
        self.members.get("type").and_then(Value::as_str) == Some("complex")
    }
}

/// Returns the definitions in a schema, those of sub-attributes after what they belong to.
pub(super) fn rows<'s>(resource: &Resource<'s>) -> Vec<Row<'s>> {
    let mut rows = Vec::new();
    let top = resource.members.get("attributes").and_then(Value::as_array);
    let list = resource.at("attributes");
    let members = resource.members;
    for (at, row) in top.into_iter().flatten().enumerate() {
        let pointer = format!("{list}/{at}");
        let place = Row { pointer, members, parent: None, depth: 0, parent_is_list: false, list: list.clone() };
        add(row, place, &mut rows);
    }
    rows
}

fn add<'s>(row: &'s Value, place: Row<'s>, rows: &mut Vec<Row<'s>>) {
    let Value::Object(members) = row else { return };
    let row = Row { members, ..place };
    let (list, depth) = (row.at("subAttributes"), row.depth + 1);
    let (parent, parent_is_list) = (row.name(), members.get("multiValued") == Some(&Value::Bool(true)));
    rows.push(row);
    let subs = members.get("subAttributes").and_then(Value::as_array);
    for (at, sub) in subs.into_iter().flatten().enumerate().filter(|_| depth <= DEEPEST) {
        let pointer = format!("{list}/{at}");
        add(sub, Row { pointer, members, parent, depth, parent_is_list, list: list.clone() }, rows);
    }
}

/// How deep definitions are followed; RFC 7643 knows one level, and two in the schema of schemas.
const DEEPEST: usize = 8;
