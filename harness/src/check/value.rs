//! Rules about values, by what their schema says (RFC 7643 §2).

use super::subject::{Found, Resource, is_assigned, is_urn, member};
use super::{Flaw, form, uri};
use crate::discovery::below;
use scim_lang::schema::Type;
use scim_lang::urn;
use serde_json::Value;
use std::collections::HashSet;

/// What has no type we know is not looked at.
pub(super) fn types(resource: &Resource<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for found in resource.attributes() {
        let Some(ty) = found.attribute.ty else { continue };
        for (pointer, value) in found.values() {
            let (fits, kind) = match ty {
                Type::String | Type::DateTime | Type::Reference | Type::Binary => (value.is_string(), "string"),
                Type::Boolean => (value.is_boolean(), "boolean"),
                Type::Decimal | Type::Integer => (value.is_number(), "number"),
                Type::Complex => (value.is_object(), "object"),
            };
            if !fits {
                let claim = format!("is no {kind}, though {} is of type {}", found.path(), ty.name());
                flaws.push(Flaw::at(pointer, &claim).expecting(format!("a JSON {kind}")));
            }
        }
    }
    let blocks = resource.blocks().filter(|(key, value)| is_extension(resource, key) && !value.is_object());
    flaws.extend(
        blocks.map(|(key, _)| Flaw::at(below(&resource.pointer, key), "is no object, though it is an extension")),
    );
    flaws
}

fn is_extension(resource: &Resource<'_>, key: &str) -> bool {
    is_urn(key) && resource.ty.is_some_and(|ty| ty.extension(key).is_some())
}

pub(super) fn cardinality(resource: &Resource<'_>) -> Vec<Flaw> {
    let is_wrong = |found: &Found<'_>| found.value.is_array() != found.attribute.multi_valued;
    let wrong = resource.attributes().into_iter().filter(is_wrong);
    wrong
        .map(|found| match found.attribute.multi_valued {
            true => Flaw::at(found.pointer.clone(), "is no array, though it is multi-valued"),
            false => Flaw::at(found.pointer.clone(), "is an array, though it is not multi-valued"),
        })
        .collect()
}

pub(super) fn date_times(resource: &Resource<'_>) -> Vec<Flaw> {
    texts(resource, Type::DateTime, |text, _| form::moment(text).is_some(), "is no xsd:dateTime with date and time")
}

pub(super) fn binaries(resource: &Resource<'_>) -> Vec<Flaw> {
    // Which alphabet an attribute wants stands in its description (RFC 7643 §2.3.6); that of the RFC's own is known.
    fn is_base64(text: &str, found: &Found<'_>) -> bool {
        let is_standard = found.extension.is_none() && found.name.eq_ignore_ascii_case("x509Certificates");
        form::is_base64(text, !is_standard)
    }
    texts(resource, Type::Binary, is_base64, "is no base64")
}

pub(super) fn references(resource: &Resource<'_>) -> Vec<Flaw> {
    texts(resource, Type::Reference, |text, _| form::is_uri_reference(text), "is no URI")
}

fn texts(resource: &Resource<'_>, ty: Type, fits: fn(&str, &Found<'_>) -> bool, claim: &str) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for found in resource.attributes().iter().filter(|found| found.attribute.ty == Some(ty)) {
        let values = found.values().into_iter();
        let wrong = values.filter(|(_, value)| value.as_str().is_none_or(|text| !fits(text, found)));
        flaws.extend(wrong.map(|(pointer, _)| Flaw::at(pointer, claim)));
    }
    flaws
}

pub(super) fn integers(resource: &Resource<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for found in resource.attributes().iter().filter(|found| found.attribute.ty == Some(Type::Integer)) {
        let is_fractional = |value: &Value| value.is_number() && value.to_string().contains(['.', 'e', 'E']);
        let wrong = found.values().into_iter().filter(|(_, value)| is_fractional(value));
        flaws.extend(
            wrong.map(|(pointer, _)| Flaw::at(pointer, "has a fraction or an exponent").expecting("an integer")),
        );
    }
    flaws
}

/// Members, groups and managers have the id of a resource in `value`. What else has a `$ref` may mean something else.
pub(super) fn ref_is_value(resource: &Resource<'_>) -> Vec<Flaw> {
    let is_link = |found: &&Found<'_>| {
        let in_enterprise = found.extension.is_some_and(|urn| urn.eq_ignore_ascii_case(urn::ENTERPRISE_USER));
        let name = found.name.to_ascii_lowercase();
        found.is_top() && (if in_enterprise { name == "manager" } else { matches!(&*name, "members" | "groups") })
    };
    let mut flaws = Vec::new();
    for found in resource.attributes().iter().filter(is_link) {
        for (pointer, element) in found.values() {
            let text =
                |name: &str| element.as_object().and_then(|element| member(element, name)).and_then(Value::as_str);
            let (Some(reference), Some(value)) = (text("$ref"), text("value")) else { continue };
            if uri::last_segment(reference).as_deref() != Some(value) {
                flaws.push(Flaw::at(below(&pointer, "$ref"), "does not lead to the id in value"));
            }
        }
    }
    flaws
}

/// RFC 7643 §2.3.1: they are suggestions. Case matters where the attribute says so. The words of the documents about the
/// server have checks of their own.
pub(super) fn canonical_values(resource: &Resource<'_>) -> Vec<Flaw> {
    if resource.is_discovery() {
        return Vec::new();
    }
    let mut flaws = Vec::new();
    for found in resource.attributes().iter().filter(|found| !found.attribute.canonical_values.is_empty()) {
        let is_suggested = |text: &str| {
            let same = |known: &String| {
                if found.attribute.case_exact { known == text } else { known.eq_ignore_ascii_case(text) }
            };
            found.attribute.canonical_values.iter().any(same)
        };
        for (pointer, value) in found.values() {
            if value.as_str().is_some_and(|text| !is_suggested(text)) {
                let expected = found.attribute.canonical_values.join(", ");
                flaws.push(Flaw::at(pointer, "is none of the values that the schema suggests").expecting(expected));
            }
        }
    }
    flaws
}

pub(super) fn one_primary(resource: &Resource<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for found in resource.attributes() {
        let is_primary = |(_, value): &(String, &Value)| {
            value.as_object().and_then(|it| member(it, "primary")) == Some(&Value::Bool(true))
        };
        let count = found.values().iter().filter(|value| is_primary(value)).count();
        if count > 1 {
            flaws.push(Flaw::at(found.pointer, &format!("has {count} primary values, not one at most")));
        }
    }
    flaws
}

/// One value under two types is legal (RFC 7643 §2.4).
pub(super) fn no_duplicates(resource: &Resource<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for found in resource.attributes().iter().filter(|found| found.attribute.multi_valued) {
        let mut known = HashSet::new();
        for (pointer, value) in found.values() {
            let Some(element) = value.as_object() else { continue };
            let part = |name: &str| member(element, name).filter(|part| is_assigned(part)).map(Value::to_string);
            let Some(value) = part("value") else { continue };
            if !known.insert((part("type"), value)) {
                flaws.push(Flaw::at(pointer, "repeats a pair of type and value"));
            }
        }
    }
    flaws
}

pub(super) fn country_codes(resource: &Resource<'_>) -> Vec<Flaw> {
    let is_country =
        |found: &&Found<'_>| found.extension.is_none() && found.path().eq_ignore_ascii_case("addresses.country");
    let is_code = |text: &str| text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_alphabetic());
    let found = resource.attributes();
    let wrong = found.iter().filter(is_country).filter(|found| found.value.as_str().is_some_and(|text| !is_code(text)));
    wrong.map(|found| Flaw::at(found.pointer.clone(), "is no code of two letters")).collect()
}
