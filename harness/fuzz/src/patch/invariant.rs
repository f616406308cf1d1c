//! What holds after every request, whatever it was.

use super::readings::primaries;
use super::vocabulary::Resource;
use scim_lang::schema::schemas;
use serde_json::{Map, Value};

/// A rule that a resource has broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invariant {
    /// The name of the rule.
    pub law: &'static str,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Returns what a successful request has done to a resource that may never happen.
pub fn broken(resource: Resource, before: &Value, after: &Value) -> Option<Invariant> {
    two_primaries(before, after)
        .or_else(|| unlisted_schema(resource, before, after))
        .or_else(|| changed_origin(before, after))
}

/// RFC 7643 §2.4: `primary` is true for one value at most.
fn two_primaries(before: &Value, after: &Value) -> Option<Invariant> {
    let count =
        |resource: &Value, name: &str| resource.get(name).and_then(Value::as_array).map_or(0, |it| primaries(it));
    let names = after.as_object().into_iter().flat_map(Map::keys);
    // What was wrong before is not the request's doing.
    let name = names.into_iter().find(|name| count(after, name) > 1 && count(before, name) <= 1)?;
    let message = format!("{} values of `{}` are primary", count(after, name), name.escape_debug());
    Some(Invariant { law: "one-value-is-primary", message })
}

/// RFC 7643 §3: a resource lists the schemas of everything in it.
fn unlisted_schema(resource: Resource, before: &Value, after: &Value) -> Option<Invariant> {
    let lists = |resource: &Value, urn: &str| {
        let listed = resource.get(schemas().name).and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(Value::as_str).any(|listed| listed.eq_ignore_ascii_case(urn))
    };
    let ty = resource.ty();
    let is_used = |urn: &str| after.get(urn).and_then(Value::as_object).is_some_and(|block| !block.is_empty());
    let extensions = ty.extensions.iter().map(|(extension, _)| extension.id).filter(|urn| is_used(urn));
    let missing = [ty.schema.id].into_iter().chain(extensions).find(|urn| !lists(after, urn))?;
    // A server that never lists it is another matter than one that forgets to.
    let was_so = !lists(before, missing) && (missing == ty.schema.id || before.get(missing).is_some());
    let message = format!("`schemas` does not list {missing}");
    (!was_so).then_some(Invariant { law: "schemas-follow", message })
}

/// RFC 7643 §3.1: a resource keeps its id and the date it was made at.
fn changed_origin(before: &Value, after: &Value) -> Option<Invariant> {
    let changed =
        |pointer: &str| before.pointer(pointer).is_some() && before.pointer(pointer) != after.pointer(pointer);
    let pointer = ["/id", "/meta/created"].into_iter().find(|pointer| changed(pointer))?;
    let message = format!("`{}` has changed", pointer.trim_start_matches('/').replace('/', "."));
    Some(Invariant { law: "origin-stays", message })
}
