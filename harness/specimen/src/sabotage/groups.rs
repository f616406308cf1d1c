//! Faults of groups: what a push of a group, its members or its name comes to.

use std::sync::Arc;

use http::{Method, StatusCode};
use scim_lang::error::{ScimError, ScimType};
use serde_json::{Value, json};

use super::requests::{Intercept, refuse, refuse_as};
use super::writes::{Change, Object, Write};
use super::{Rewrite, Seen, operations};
use crate::fault::Fault;
use crate::message::{Answer, Body, Reply};
use crate::route::Route;
use crate::store::{Content, Kind, Record, Store};
use crate::version::Version;

/// What each of these faults answers to a request, and when.
pub(super) const INTERCEPTS: &[(Fault, Intercept)] = &[
    (Fault::GroupPatchNotImplemented, |seen| patches(seen).then(|| refuse(501, "PATCH is not implemented for groups"))),
    (Fault::GroupPathlessMembersRefused, |seen| {
        any(seen, |operation| pathless(operation, "members").is_some()).then(|| {
            let body = Body::Text { media_type: "text/plain", text: "Unsupported patch operation".to_owned() };
            Answer::Reply(Reply { body, ..Reply::empty(StatusCode::BAD_REQUEST) })
        })
    }),
    (Fault::GroupRenameWithIdRefused, |seen| {
        any(seen, |operation| pathless(operation, "id").is_some())
            .then(|| refuse_as(ScimType::InvalidPath, "unsupported group path: id"))
    }),
    (Fault::GroupMetadataPatchIs500, |seen| {
        let renames = |operation: &Value| {
            pathless(operation, "displayName").is_some() && pathless(operation, "members").is_none()
        };
        any(seen, renames).then(|| refuse(500, "the members are null"))
    }),
    (Fault::GroupEmptyReplaceIs400, |seen| {
        any(seen, is_empty_replace).then(|| refuse_as(ScimType::InvalidValue, "`members.value` is missing"))
    }),
    (Fault::GroupMembersReplaceIs501, |seen| {
        let replaces = |operation: &Value| is(operation, "replace", "members") && !is_empty_replace(operation);
        any(seen, replaces).then(|| refuse(501, "replacing members is not supported"))
    }),
    (Fault::GroupFilteredRemoveRefused, |seen| {
        any(seen, is_filtered_remove).then(|| refuse_as(ScimType::InvalidPath, "value filters are not supported"))
    }),
    (Fault::GroupLargePatchRefused, |seen| {
        let changes = |operation: &Value| operation["value"].as_array().map_or(1, Vec::len);
        let count: usize = operations(&seen.body()).map(changes).sum();
        (patches(seen) && count > 50).then(|| refuse(413, "a PATCH may change 50 members"))
    }),
    (Fault::GroupMemberDisplayRefused, |seen| {
        let named = members_sent(seen).iter().any(|member| member.get("display").is_some());
        named.then(|| refuse_as(ScimType::InvalidValue, "`members.display` is not an attribute"))
    }),
    (Fault::GroupPutRefusesNullDisplay, |seen| {
        let null = members_sent(seen).iter().any(|member| member.get("display") == Some(&Value::Null));
        let refused = null && seen.is_on(&Method::PUT, Kind::Group);
        refused.then(|| refuse_as(ScimType::InvalidValue, "`members.display` has to be a string"))
    }),
    (Fault::GroupPutNotRouted, |seen| {
        seen.is_on(&Method::PUT, Kind::Group).then(|| refuse(405, "PUT is not defined for this endpoint"))
    }),
    (Fault::GroupPostRefusesEmptyMembers, |seen| {
        let empty = seen.creates(Kind::Group) && seen.body()["members"].as_array().is_some_and(Vec::is_empty);
        empty.then(|| refuse_as(ScimType::InvalidValue, "`members` must not be empty"))
    }),
    (Fault::GroupDeleteNotRouted, |seen| {
        seen.is_on(&Method::DELETE, Kind::Group).then(|| refuse(405, "DELETE is not defined for this endpoint"))
    }),
    (Fault::GroupDeleteIsIgnored, |seen| {
        seen.is_on(&Method::DELETE, Kind::Group).then(|| Answer::Reply(Reply::empty(StatusCode::NO_CONTENT)))
    }),
    (Fault::GroupFilterRefused, |seen| {
        let refused = seen.lists(Kind::Group) && seen.parameter("filter").is_some();
        refused.then(|| refuse_as(ScimType::InvalidFilter, "groups cannot be filtered"))
    }),
];

/// What each of these faults makes of the operations of a PATCH.
pub(super) const REWRITES: &[(Fault, Rewrite)] = &[
    (Fault::GroupPathlessMembersIgnored, |seen| keep(seen, |operation| without_pathless(operation, "members"))),
    (Fault::GroupPathlessEmptyMembersIgnored, |seen| {
        keep(seen, |operation| match pathless(&operation, "members") {
            Some(Value::Array(members)) if members.is_empty() => without_pathless(operation, "members"),
            _ => Some(operation),
        })
    }),
    (Fault::GroupRenameIgnored, |seen| {
        keep(seen, |operation| match operation["path"] == "displayName" {
            true => None,
            false => without_pathless(operation, "displayName"),
        })
    }),
    (Fault::GroupRenameDropsMembers, |seen| {
        let mut body = seen.body();
        let mentioned = |operation: &Value| {
            let path = operation["path"].as_str().unwrap_or_default();
            path.starts_with("members") || pathless(operation, "members").is_some()
        };
        let drops = patches(seen) && !operations(&body).any(mentioned);
        drops.then(|| {
            if let Some(operations) = body.get_mut("Operations").and_then(Value::as_array_mut) {
                operations.push(json!({ "op": "remove", "path": "members" }));
            }
            body
        })
    }),
    (Fault::GroupEmptyReplaceIgnored, |seen| {
        keep(seen, |operation| (!is_empty_replace(&operation)).then_some(operation))
    }),
    (Fault::GroupMemberWithoutTypeIgnored, |seen| {
        keep(seen, |mut operation| {
            if is(&operation, "add", "members")
                && let Some(members) = operation["value"].as_array_mut()
            {
                members.retain(|member| member.get("type").is_some());
            }
            let nothing = operation["value"].as_array().is_some_and(Vec::is_empty);
            (!nothing).then_some(operation)
        })
    }),
    (Fault::GroupFilteredRemoveIgnored, |seen| {
        keep(seen, |operation| (!is_filtered_remove(&operation)).then_some(operation))
    }),
    (Fault::GroupFilteredRemoveEmpties, |seen| {
        keep(seen, |mut operation| {
            if is_filtered_remove(&operation) {
                operation["path"] = "members".into();
            }
            Some(operation)
        })
    }),
    (Fault::GroupAddReplaces, |seen| {
        keep(seen, |mut operation| {
            if is(&operation, "add", "members") {
                operation["op"] = "replace".into();
            }
            Some(operation)
        })
    }),
    (Fault::GroupPatchFirstOperationOnly, |seen| {
        let mut body = seen.body();
        patches(seen).then(|| {
            if let Some(operations) = body.get_mut("Operations").and_then(Value::as_array_mut) {
                operations.truncate(1);
            }
            body
        })
    }),
];

/// What each of these faults does to the content of a group, and in which writes.
pub(super) const CHANGES: &[(Fault, &[Write], Change)] = &[
    (Fault::GroupPutIgnoresName, &[Write::Put], |before, after| {
        if let Some(name) = before.attributes.get("displayName") {
            after.attributes["displayName"] = name.clone();
        }
        Ok(())
    }),
    (Fault::GroupPutIgnoresMembers, &[Write::Put], |_, after| lose_members(after)),
    (Fault::GroupPostIgnoresMembers, &[Write::Create], |_, after| lose_members(after)),
    (Fault::GroupPutMembersImmutable, &[Write::Put], |before, after| {
        let is_new = |id: &str| before.members().all(|held| held != id);
        let refused = before.members().next().is_some() && after.members().any(is_new);
        immutable(refused)
    }),
    (Fault::GroupPutRemovalRefused, &[Write::Put], |before, after| {
        immutable(before.members().any(|held| after.members().all(|id| id != held)))
    }),
    (Fault::GroupNameIsSlugged, &[Write::Create, Write::Put, Write::Patch], |_, after| {
        if let Some(name) = after.text("displayName") {
            let slug = name.to_lowercase().replace(' ', "-");
            after.attributes["displayName"] = slug.into();
        }
        Ok(())
    }),
];

/// Which of these faults finds a reason in the store to refuse a group.
pub(super) const OBJECTIONS: &[(Fault, Object)] = &[
    (Fault::GroupPutConflictsWithItself, |_, write, before, after| {
        let same = before?.label == after.label && write == Write::Put && after.kind == Kind::Group;
        same.then(|| taken(after))
    }),
    (Fault::GroupConflictNotListed, |store, write, _, after| {
        let name = letters(after);
        let alike = |other: &Arc<Record>| letters(other) == name;
        let refused =
            write == Write::Create && after.kind == Kind::Group && store.table(Kind::Group).rows().iter().any(alike);
        refused.then(|| taken(after))
    }),
];

/// Deletes the members of a group.
pub(super) fn delete_members(store: &mut Store, group: &Record) {
    for id in group.content().members() {
        store.remove(Kind::User, id, group.modified);
    }
}

/// Takes a user out of the groups that the `groups` of a PUT do not name.
pub(super) fn leave_groups(store: &mut Store, user: &Record, body: &Value) {
    let Some(named) = body["groups"].as_array() else { return };
    let held: Vec<_> = store.groups_of(&user.id).cloned().collect();
    for group in held.iter().filter(|group| named.iter().all(|it| it["value"] != *group.id)) {
        store.remove_member(group, &user.id, user.modified);
    }
}

pub(super) fn taken(group: &Record) -> ScimError {
    let name = group.label.as_deref().unwrap_or_default();
    ScimError::of(ScimType::Uniqueness, format!("there is a group named {name}"))
}

/// Tells whether the request is a PATCH by operations.
fn patches(seen: &Seen<'_>) -> bool {
    seen.request.version == Version::V2 && seen.is_on(&Method::PATCH, Kind::Group)
}

fn any(seen: &Seen<'_>, wanted: impl Fn(&Value) -> bool) -> bool {
    patches(seen) && operations(&seen.body()).any(wanted)
}

/// Returns the body of a PATCH with what is left of each operation.
fn keep(seen: &Seen<'_>, left: impl Fn(Value) -> Option<Value>) -> Option<Value> {
    let mut body = seen.body();
    if !patches(seen) {
        return None;
    }
    let operations = body.get_mut("Operations")?;
    *operations = operations.as_array()?.iter().cloned().filter_map(left).collect();
    Some(body)
}

/// Returns what an operation without a path has for an attribute.
fn pathless<'a>(operation: &'a Value, name: &str) -> Option<&'a Value> {
    if operation.get("path").is_some() {
        return None;
    }
    operation.get("value")?.get(name)
}

/// Returns an operation without what it has, without a path, for an attribute; nothing if it has nothing else.
fn without_pathless(mut operation: Value, name: &str) -> Option<Value> {
    if pathless(&operation, name).is_none() {
        return Some(operation);
    }
    let value = operation["value"].as_object_mut()?;
    value.shift_remove(name);
    value.keys().any(|key| key != "id").then_some(operation)
}

fn is(operation: &Value, op: &str, path: &str) -> bool {
    operation["op"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(op)) && operation["path"] == path
}

fn is_empty_replace(operation: &Value) -> bool {
    is(operation, "replace", "members") && operation["value"].as_array().is_some_and(Vec::is_empty)
}

fn is_filtered_remove(operation: &Value) -> bool {
    operation["op"] == "remove" && operation["path"].as_str().is_some_and(|path| path.starts_with("members["))
}

/// Returns every member in the body of a write to a group.
fn members_sent(seen: &Seen<'_>) -> Vec<Value> {
    let body = seen.body();
    let at_groups = matches!(seen.route, Route::Collection(Kind::Group) | Route::Resource(Kind::Group, _));
    if !at_groups {
        return Vec::new();
    }
    let patched = operations(&body).flat_map(|operation| [&operation["value"], &operation["value"]["members"]]);
    let lists = patched.chain([&body["members"]]);
    lists.filter_map(Value::as_array).flatten().cloned().collect()
}

fn lose_members(content: &mut Content) -> Result<(), ScimError> {
    content.attributes.shift_remove("members");
    Ok(())
}

fn immutable(refused: bool) -> Result<(), ScimError> {
    match refused {
        true => Err(ScimError::bad_request(ScimType::Mutability, "the attribute `members` is immutable")),
        false => Ok(()),
    }
}

/// Returns what two names have in common that become the same slug.
fn letters(group: &Record) -> String {
    let name = group.label.as_deref().unwrap_or_default();
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
