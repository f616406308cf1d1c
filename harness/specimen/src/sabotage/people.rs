//! Faults of what is known of a person: extensions, types, empty values, passwords.

use http::Method;
use scim_lang::error::{ScimError, ScimType};
use scim_lang::urn;
use serde_json::Value;

use super::requests::{Intercept, refuse, refuse_as};
use super::writes::{Change, Write, lose};
use super::{Seen, operations};
use crate::fault::Fault;
use crate::route::Route;
use crate::store::{Content, Kind};

/// What each of these faults answers to a request, and when.
pub(super) const INTERCEPTS: &[(Fault, Intercept)] = &[
    (Fault::UnknownExtensionRefused, |seen| {
        let body = seen.body();
        let is_unknown = |name: &&String| name.starts_with("urn:") && Kind::User.ty().extension(name).is_none();
        let unknown = body.as_object().and_then(|members| members.keys().find(is_unknown))?;
        writes(seen).then(|| refuse_as(ScimType::InvalidSyntax, &format!("unknown extension {unknown}")))
    }),
    (Fault::NullValueRefused, |seen| {
        (writes(seen) && has_null(&seen.body())).then(|| refuse_as(ScimType::InvalidValue, "null is not a value"))
    }),
    (Fault::StringRolesAre500, |seen| {
        let strings = seen.body()["roles"].as_array().is_some_and(|roles| roles.iter().any(Value::is_string));
        (writes(seen) && strings).then(|| refuse(500, "the role has no value"))
    }),
    (Fault::PatchPasswordRefused, |seen| {
        let body = seen.body();
        let sets = |operation: &Value| operation["path"] == "password" || operation["value"].get("password").is_some();
        let refused = seen.is_on(&Method::PATCH, Kind::User) && operations(&body).any(sets);
        refused.then(|| refuse_as(ScimType::Mutability, "`password` cannot be changed"))
    }),
    (Fault::PutPasswordRefused, |seen| {
        let refused = seen.is_on(&Method::PUT, Kind::User) && seen.body().get("password").is_some();
        refused.then(|| refuse_as(ScimType::Mutability, "`password` cannot be changed"))
    }),
];

/// What each of these faults does to the content of a user, and in which writes.
pub(super) const CHANGES: &[(Fault, &[Write], Change)] = &[
    (Fault::EnterpriseIsNotStored, &[Write::Create, Write::Put], |_, after| lose(after, &[urn::ENTERPRISE_USER])),
    (Fault::TypesAreDropped, &[Write::Create, Write::Put], |_, after| {
        let lists = after.attributes.values_mut().filter_map(Value::as_array_mut);
        for element in lists.flatten().filter_map(Value::as_object_mut) {
            element.shift_remove("type");
        }
        Ok(())
    }),
    (Fault::EmptyValueKept, &[Write::Put], |before, after| {
        for (name, value) in &before.attributes {
            let is_empty = after.attributes.get(name).is_none_or(|value| *value == "");
            if is_empty {
                after.attributes.insert(name.clone(), value.clone());
            }
        }
        Ok(())
    }),
    (Fault::FormattedNameGrowsOld, &[Write::Put, Write::Patch], |before, after| {
        keep(before, after, "/displayName");
        keep(before, after, "/name/formatted");
        Ok(())
    }),
    (Fault::EmptyValueRefused, &[Write::Put], |_, after| match after.text("displayName") {
        Some("") => Err(ScimError::bad_request(ScimType::InvalidValue, "`displayName` must not be empty")),
        _ => Ok(()),
    }),
];

/// Keeps one value as it was, if there is one before and after.
fn keep(before: &Content, after: &mut Content, pointer: &str) {
    let held = Value::Object(before.attributes.clone());
    let mut changed = Value::Object(std::mem::take(&mut after.attributes));
    if let (Some(old), Some(fresh)) = (held.pointer(pointer), changed.pointer_mut(pointer)) {
        *fresh = old.clone();
    }
    if let Value::Object(attributes) = changed {
        after.attributes = attributes;
    }
}

/// Tells whether the request carries a user, or changes one.
fn writes(seen: &Seen<'_>) -> bool {
    let at_users = matches!(seen.route, Route::Collection(Kind::User) | Route::Resource(Kind::User, _));
    at_users && !seen.request.body.is_empty()
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.values().any(has_null),
        Value::Array(elements) => elements.iter().any(has_null),
        _ => false,
    }
}
