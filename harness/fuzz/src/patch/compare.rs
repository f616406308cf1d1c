//! When what a server holds is what it was to hold.
//!
//! Servers canonicalise, derive and default: addresses in lower case, telephone numbers without dashes, a `display`
//! for every member. None of that is a mistake of PATCH, so that only what the trial is about is compared, and what a
//! server adds of its own accord is let pass where nobody spoke of it.

use super::vocabulary::{Attribute, Resource, Shape, find};
use scim_lang::schema::{self, Mutability, ResourceType, Returned, Type};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// One place where two resources differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The attribute.
    pub path: String,
    /// In which way.
    pub kind: DifferenceKind,
    /// What is meant to be there, and what is there, as JSON.
    pub detail: String,
}

/// In which way two resources differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// Something is missing.
    Missing,
    /// Something is there that should not.
    Extra,
    /// Something else is there.
    Other,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.detail)
    }
}

/// What a comparison has to know of the request, to tell what a server adds from what it failed to do.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The resource as the server had it before.
    pub before: Value,
    /// What the server had added to the resource that was sent to it, for example `emails.type`.
    pub added: BTreeSet<String>,
    /// Whether the request speaks of `primary`, or of `name`.
    pub speaks_of: BTreeSet<&'static str>,
}

impl Context {
    /// Returns what is to be known of a request, where the server made `before` of `sent`.
    pub fn of(resource: Resource, sent: &Value, before: &Value, operations: &[Value]) -> Context {
        let text = Value::Array(operations.to_vec()).to_string().to_ascii_lowercase();
        let speaks_of = ["primary", "name.", "\"name\""].into_iter().filter(|word| text.contains(word)).collect();
        Context { before: before.clone(), added: added(resource, sent, before), speaks_of }
    }

    fn has_new_name(&self) -> bool {
        self.speaks_of.contains("name.") || self.speaks_of.contains("\"name\"")
    }
}

/// Returns every difference between what was to be there and what is.
pub fn differences(resource: Resource, expected: &Value, actual: &Value, context: &Context) -> Vec<Difference> {
    let mut found = Vec::new();
    let (expected, actual, before) =
        (flat(resource.ty(), expected), flat(resource.ty(), actual), flat(resource.ty(), &context.before));
    let paths: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
    for path in paths {
        let (expected, actual, before) = (expected.get(path), actual.get(path), before.get(path));
        if let Some((kind, detail)) = differ(resource, path, [expected, actual, before], context) {
            found.push(Difference { path: path.clone(), kind, detail });
        }
    }
    found
}

/// Tells whether two states of the server are the same, but for what changes by itself.
pub fn is_same(resource: Resource, one: &Value, other: &Value) -> bool {
    differences(resource, one, other, &Context::default()).is_empty()
        && differences(resource, other, one, &Context::default()).is_empty()
}

/// Compares two values as RFC 7643 does where upper and lower case are one, and telephone numbers by their digits.
pub(super) fn alike(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(Value::String(one)), Some(Value::String(other))) => {
            one == other
                || fold(one) == fold(other)
                || (is_phone(one) && is_phone(other) && digits(one) == digits(other))
        }
        (one, other) => one == other,
    }
}

fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn is_phone(text: &str) -> bool {
    let rest = text.strip_prefix("tel:").unwrap_or(text);
    rest.len() >= 7 && rest.starts_with('+') && rest.bytes().all(|b| b.is_ascii_digit() || b"+-. ()".contains(&b))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Lists a resource's values by path, one level deep: `title`, `name.givenName`, `emails`, `urn:…:department`.
fn flat(ty: &ResourceType, resource: &Value) -> Map<String, Value> {
    let mut flat = Map::new();
    for (name, value) in resource.as_object().into_iter().flatten() {
        match ty.extension(name) {
            Some(extension) => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let attribute = extension.attribute(name);
                    flatten(&mut flat, &format!("{}:", extension.id), value, attribute);
                }
            }
            None => flatten(&mut flat, "", value, ty.base_attribute(name)),
        }
    }
    flat
}

fn flatten(flat: &mut Map<String, Value>, prefix: &str, value: &Value, attribute: Option<&'static schema::Attribute>) {
    // What no schema of the RFCs has is the server's own.
    let Some(attribute) = attribute.filter(|attribute| is_compared(attribute)) else { return };
    let value = tidied(attribute, value);
    match value {
        Value::Null => {}
        Value::Object(parts) if !attribute.multi_valued => {
            for (part, value) in parts {
                flat.insert(format!("{prefix}{}.{part}", attribute.name), value);
            }
        }
        value => _ = flat.insert(format!("{prefix}{}", attribute.name), value),
    }
}

fn is_compared(attribute: &schema::Attribute) -> bool {
    !["id", "meta", "schemas"].contains(&attribute.name)
        && attribute.mutability != Mutability::ReadOnly
        && attribute.returned != Returned::Never
}

/// Leaves out what is as good as absent, and what follows from the rest.
fn tidied(attribute: &schema::Attribute, value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            let tidied: Vec<Value> = elements.iter().map(|element| tidied(attribute, element)).collect();
            let tidied: Vec<Value> = tidied.into_iter().filter(|element| !element.is_null()).collect();
            if tidied.is_empty() { Value::Null } else { Value::Array(tidied) }
        }
        Value::Object(parts) => {
            let kept: Map<String, Value> = parts
                .iter()
                .filter_map(|(name, value)| {
                    let part = attribute.sub(name)?;
                    let follows = part.ty == Type::Reference && part.name == "$ref"
                        || part.mutability == Mutability::ReadOnly
                        || (attribute.name == "members" && part.name != "value")
                        || part.name == "formatted";
                    let is_void = value.is_null() || (part.name == "primary" && value == &Value::Bool(false));
                    (!follows && !is_void).then(|| (part.name.to_owned(), value.clone()))
                })
                .collect();
            if kept.is_empty() { Value::Null } else { Value::Object(kept) }
        }
        other => other.clone(),
    }
}

fn differ(
    resource: Resource,
    path: &str,
    [expected, actual, before]: [Option<&Value>; 3],
    context: &Context,
) -> Option<(DifferenceKind, String)> {
    if alike(expected, actual) {
        return None;
    }
    match (expected, actual) {
        (Some(Value::Array(expected)), actual) => {
            let none = Vec::new();
            let actual = match actual {
                Some(Value::Array(actual)) => actual,
                None => &none,
                Some(other) => return Some((DifferenceKind::Other, told(&expected.clone().into(), other))),
            };
            differ_in_elements(path, expected, actual, before, context)
        }
        (None, Some(Value::Array(actual))) => differ_in_elements(path, &[], actual, before, context),
        (Some(expected), Some(actual)) => {
            let is_derived = resource == Resource::User && path == "displayName" && context.has_new_name();
            (!is_derived).then(|| (DifferenceKind::Other, told(expected, actual)))
        }
        (Some(expected), None) => Some((DifferenceKind::Missing, format!("expected {expected}, found nothing"))),
        // A server may give a value of its own to what has none.
        (None, Some(actual)) => {
            let is_own = !alike(before, Some(actual)) && actual != "";
            (!is_own).then(|| (DifferenceKind::Extra, format!("expected nothing, found {actual}")))
        }
        (None, None) => None,
    }
}

fn told(expected: &Value, actual: &Value) -> String {
    format!("expected {expected}, found {actual}")
}

fn differ_in_elements(
    path: &str,
    expected: &[Value],
    actual: &[Value],
    before: Option<&Value>,
    context: &Context,
) -> Option<(DifferenceKind, String)> {
    let before = before.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let key = key_of(path);
    let has_primary = expected.iter().any(is_primary);
    let shown_primaries = actual.iter().filter(|element| is_primary(element)).count();
    // Some servers see to it that one value is the primary one.
    let may_promote = !has_primary && shown_primaries == 1 && !context.speaks_of.contains("primary");
    let matches = |expected: &Value, actual: &Value| {
        let is_new = !before.iter().any(|element| alike(element.get(key), actual.get(key)));
        let may_have = |name: &str| {
            (is_new && name != "primary")
                || context.added.contains(&format!("{path}.{name}"))
                || (name == "primary" && may_promote)
        };
        element_matches(expected, actual, may_have)
    };
    let mut free: Vec<&Value> = actual.iter().collect();
    let mut missing = Vec::new();
    // Those that say most choose first, so that none takes another's counterpart.
    let mut wanted: Vec<&Value> = expected.iter().collect();
    wanted.sort_by_key(|element| std::cmp::Reverse(element.as_object().map_or(0, Map::len)));
    for element in wanted {
        match free.iter().position(|actual| matches(element, actual)) {
            Some(position) => _ = free.remove(position),
            None => missing.push(element.clone()),
        }
    }
    // Values that the request has made alike may have become one.
    let copies = |of: &Value, among: &[Value]| among.iter().filter(|it| alike_parts(of, it)).count();
    let all_missing = missing.clone();
    missing.retain(|element| copies(element, expected) == copies(element, &all_missing));
    let kind = match (missing.is_empty(), free.is_empty()) {
        (true, true) => return None,
        (false, true) => DifferenceKind::Missing,
        (true, false) => DifferenceKind::Extra,
        (false, false) => DifferenceKind::Other,
    };
    let listed = |elements: &[Value]| Value::Array(elements.to_vec()).to_string();
    Some((kind, format!("expected {}, found {}", listed(expected), listed(actual))))
}

fn element_matches(expected: &Value, actual: &Value, may_have: impl Fn(&str) -> bool) -> bool {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            expected.iter().all(|(name, value)| alike(Some(value), actual.get(name)))
                && actual.keys().all(|name| expected.contains_key(name) || may_have(name))
        }
        (expected, actual) => alike(Some(expected), Some(actual)),
    }
}

fn alike_parts(one: &Value, other: &Value) -> bool {
    element_matches(one, other, |_| false)
}

fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// Returns the part by which an element is known.
pub(super) fn key_of(path: &str) -> &'static str {
    let attribute = [Resource::User, Resource::Group].into_iter().find_map(|resource| find(resource, None, path));
    match attribute.map(|attribute: &Attribute| &attribute.shape) {
        Some(Shape::List(parts)) => parts[0].name,
        _ => "value",
    }
}

/// Finds what a server has put into the elements of a list of its own accord.
fn added(resource: Resource, sent: &Value, before: &Value) -> BTreeSet<String> {
    let (sent, before) = (flat(resource.ty(), sent), flat(resource.ty(), before));
    let mut added = BTreeSet::new();
    for (path, before) in &before {
        let Value::Array(before) = before else { continue };
        let Some(Value::Array(sent)) = sent.get(path) else { continue };
        let key = key_of(path);
        for element in before {
            let same = sent.iter().find(|sent| alike(sent.get(key), element.get(key)));
            let names = element.as_object().into_iter().flat_map(Map::keys);
            let own = names.filter(|name| same.is_none_or(|sent| sent.get(*name).is_none()));
            added.extend(own.map(|name| format!("{path}.{name}")));
        }
    }
    added
}
