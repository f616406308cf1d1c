//! Quirks of PATCH in what becomes of the values: which are found, which are kept, which are added.

use http::Method;
use scim_lang::error::{ScimError, ScimType};
use scim_lang::{patch, urn};
use serde_json::{Map, Value, json};

use super::{Rows, operations};
use crate::behaviour::{Behaviour, Effect, Outcome};
use crate::message::Request;
use crate::store::Kind;
use crate::version::Version;

pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "replace-without-path-drops-the-rest",
        "A `replace` without a path drops the attributes it does not list.",
        "RFC7644 3.5.2.3",
        &[Effect::Patched(|body, _, after| {
            let mut after = after?;
            let all = operations(body).filter(|it| it["op"] == "replace" && it.get("path").is_none());
            let listed: Vec<&String> = all.filter_map(|it| it["value"].as_object()).flat_map(Map::keys).collect();
            // Who only deactivates or renames is spared, or nothing would be left to push to.
            let spares = |name: &str| ["active", "id", "displayName", "userName", "members"].contains(&name);
            if let Some(members) = after.as_object_mut()
                && listed.iter().any(|name| !spares(name))
            {
                members.retain(|name, _| {
                    spares(name) || ["schemas", "meta"].contains(&name.as_str()) || listed.contains(&name)
                });
            }
            Ok(after)
        })],
    ),
    Behaviour::new(
        "failed-operations-are-passed-over",
        "Operations that fail among others that do not are passed over.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|body, before, after| {
            let error = match after {
                Err(error) if operations(body).count() > 1 => error,
                after => return after,
            };
            let mut done = before.clone();
            for operation in operations(body) {
                done = performed(vec![operation.clone()], &done).unwrap_or(done);
            }
            if done == *before { Err(error) } else { Ok(done) }
        })],
    ),
    Behaviour::new(
        "values-are-added-again",
        "An `add` of a value that is there adds it again.",
        "RFC7644 3.5.2.1",
        &[Effect::Patched(|body, before, after| {
            let mut after = after?;
            for operation in operations(body).filter(|it| it["op"] == "add") {
                let name = operation["path"].as_str().unwrap_or_default();
                let there = before.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
                for mut given in
                    given(operation).into_iter().filter(|given| there.iter().any(|it| same_value(it, given)))
                {
                    drop(given.as_object_mut().and_then(|given| given.remove("primary")));
                    if let Some(list) = after.get_mut(name).and_then(Value::as_array_mut)
                        && name != "members"
                    {
                        list.push(given);
                    }
                }
            }
            Ok(after)
        })],
    ),
    Behaviour::new(
        "the-old-primary-stays",
        "A value that becomes primary does not take that from the one that was.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|_, before, after| {
            let mut after = after?;
            for name in ["emails", "phoneNumbers", "roles"] {
                let was = before.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
                let was_primary = |it: &Value| was.iter().any(|was| same_value(was, it) && was["primary"] == true);
                let list = after.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten();
                list.filter(|it| it["primary"] == false && was_primary(it)).for_each(|it| it["primary"] = true.into());
            }
            Ok(after)
        })],
    ),
    Behaviour::new(
        "filters-in-paths-mind-case",
        "A filter in a path finds a value only in the case it is stored in.",
        "RFC7643 2.2",
        &[Effect::Patched(|body, before, after| {
            let stored = before.to_string();
            let is_misspelled = |operation: &Value| {
                let literal = operation["path"].as_str().and_then(|path| path.split('"').nth(1)).unwrap_or_default();
                !stored.contains(literal) && stored.to_lowercase().contains(&literal.to_lowercase())
            };
            if operations(body).any(is_misspelled) { Ok(before.clone()) } else { after }
        })],
    ),
    Behaviour::new(
        "the-first-match-alone-counts",
        "Of the values that a filter in a path finds the first alone is changed.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|body, before, after| {
            let mut after = after?;
            for operation in operations(body).filter(|it| it["op"] != "add") {
                let Some((name, _)) = operation["path"].as_str().and_then(|path| path.split_once('[')) else {
                    continue;
                };
                let was = before.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
                let Some(list) = after.get_mut(name).and_then(Value::as_array_mut) else { continue };
                if list.len() == was.len() {
                    let changed = list.iter_mut().zip(&was).filter(|(is, was)| is != was);
                    changed.skip(1).for_each(|(is, was)| *is = was.clone());
                } else {
                    let gone: Vec<&Value> = was.iter().filter(|it| !list.contains(it)).collect();
                    let back: Vec<Value> = gone.into_iter().skip(1).cloned().collect();
                    list.extend(back);
                }
            }
            Ok(after)
        })],
    ),
    Behaviour::new(
        "urns-in-paths-are-passed-over",
        "Operations whose path begins with a URN are passed over.",
        "RFC7644 3.10",
        &[Effect::Patched(|body, before, after| {
            let is_urn = |operation: &&Value| {
                operation["path"].as_str().is_some_and(|path| path.to_ascii_lowercase().starts_with("urn:"))
            };
            without(body, before, after, |operation| is_urn(&operation))
        })],
    ),
    Behaviour::new(
        "extension-attributes-go-to-the-top",
        "A PATCH of an attribute of an extension writes it among those of the base schema.",
        "RFC7643 3.3",
        &[Effect::Patched(|body, before, after| {
            let mut after = after?;
            let is_about = operations(body).any(|it| it["path"].as_str().is_some_and(|it| it.starts_with(ENTERPRISE)));
            if let Some(Value::Object(block)) = after.get(ENTERPRISE).cloned().filter(|_| is_about) {
                for (name, value) in block {
                    after[name] = value;
                }
                after[ENTERPRISE] = before.get(ENTERPRISE).cloned().unwrap_or_else(|| json!({}));
            }
            Ok(after)
        })],
    ),
    Behaviour::new(
        "patch-lists-no-schemas",
        "A PATCH that gives a user the attributes of an extension does not list its schema.",
        "RFC7644 3.5.2",
        &[Effect::Reply(|request, _, reply| {
            let is_about =
                request.method == Method::PATCH && String::from_utf8_lossy(&request.body).contains(ENTERPRISE);
            for user in super::replies::users(reply).into_iter().filter(|_| is_about || request.method == Method::GET) {
                if let Some(schemas) = user.get_mut("schemas").and_then(Value::as_array_mut) {
                    schemas.retain(|urn| urn != ENTERPRISE);
                }
            }
        })],
    ),
    Behaviour::new(
        "null-in-a-patch-is-passed-over",
        "Operations whose value is null are passed over.",
        "RFC7643 2.5",
        &[Effect::Patched(|body, before, after| {
            without(body, before, after, |operation| operation.get("value").is_some_and(Value::is_null))
        })],
    ),
    Behaviour::new(
        "empty-lists-are-passed-over",
        "Operations whose value is an empty array are passed over, except for members.",
        "RFC7643 2.5",
        &[Effect::Patched(|body, before, after| {
            let is_empty = |it: &Value| it["value"].as_array().is_some_and(Vec::is_empty) && it["path"] != "members";
            without(body, before, after, is_empty)
        })],
    ),
    Behaviour::new(
        "remove-of-a-part-removes-the-value",
        "A `remove` of a part of the values that a filter finds removes the values.",
        "RFC7644 3.5.2.2",
        &[Effect::Request(|request, _| {
            change(request, |operation| {
                let path = operation["path"].as_str().unwrap_or_default();
                let end = path.find("].").filter(|_| operation["op"] == "remove");
                if let Some(whole) = end.map(|end| path[..=end].to_owned()) {
                    operation["path"] = whole.into();
                }
            });
        })],
    ),
    Behaviour::new(
        "and-in-paths-is-or",
        "A filter in a path that joins two conditions with `and` finds what meets one of them.",
        "RFC7644 3.4.2.2",
        &[Effect::Request(|request, _| {
            change(request, |operation| {
                if let Some(path) = operation["path"].as_str().filter(|path| path.contains(" and ")) {
                    operation["path"] = path.replace(" and ", " or ").into();
                }
            });
        })],
    ),
    Behaviour::new(
        "absent-members-cannot-be-removed",
        "The removal of a member that is not there answers 400, whatever else the PATCH has.",
        "RFC7644 3.5.2.2",
        &[Effect::Patched(|body, before, after| {
            let mut state = before.clone();
            for operation in operations(body) {
                let is_removal = operation["op"] == "remove"
                    && operation["path"].as_str().is_some_and(|path| path.starts_with("members["));
                let next = performed(vec![operation.clone()], &state).unwrap_or_else(|_| state.clone());
                if is_removal && next == state {
                    return Err(ScimError::bad_request(ScimType::NoTarget, "the group has no such member"));
                }
                state = next;
            }
            after
        })],
    ),
    Behaviour::new(
        "add-without-path-replaces-lists",
        "An `add` without a path replaces the lists it names.",
        "RFC7644 3.5.2.1",
        &[Effect::Request(|request, _| {
            change(request, |operation| {
                if operation["op"] == "add" && operation.get("path").is_none() {
                    operation["op"] = "replace".into();
                }
            });
        })],
    ),
    Behaviour::new(
        "replace-of-a-part-drops-the-others",
        "A `replace` of a part of `name` drops the other parts.",
        "RFC7644 3.5.2.3",
        &[Effect::Patched(|body, _, after| {
            let mut after = after?;
            for operation in operations(body).filter(|it| it["op"] == "replace" && !it["value"].is_null()) {
                let part = operation["path"].as_str().and_then(|path| path.strip_prefix("name."));
                if let (Some(part), Some(Value::Object(name))) = (part, after.get_mut("name")) {
                    name.retain(|other, _| other == part);
                }
            }
            Ok(after)
        })],
    ),
    Behaviour::new(
        "later-operations-on-a-path-are-passed-over",
        "Of operations on the same path the first alone is performed.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|body, before, after| {
            let mut seen = Vec::new();
            without(body, before, after, |operation| {
                let path = operation.get("path").filter(|path| path.is_string()).cloned();
                let again = path.as_ref().is_some_and(|path| seen.contains(path));
                seen.extend(path);
                again
            })
        })],
    ),
];

/// Performs a PATCH without some of its operations; one that has none of them is as it is.
fn without(body: &Value, before: &Value, after: Outcome, mut is_passed_over: impl FnMut(&Value) -> bool) -> Outcome {
    let kept: Vec<Value> = operations(body).filter(|operation| !is_passed_over(operation)).cloned().collect();
    match kept.len() {
        count if count == operations(body).count() => after,
        0 => Ok(before.clone()),
        _ => performed(kept, before),
    }
}

fn performed(operations: Vec<Value>, before: &Value) -> Outcome {
    let is_group = before["meta"]["resourceType"] == "Group";
    let kind = if is_group { Kind::Group } else { Kind::User };
    patch::parse(&json!({ "schemas": [urn::PATCH_OP], "Operations": operations }))?.apply(before, kind.ty())
}

/// Changes each operation of a PATCH of SCIM 2.0.
fn change(request: &mut Request, change: impl Fn(&mut Value)) {
    if request.method != Method::PATCH || request.version != Version::V2 {
        return;
    }
    if let Ok(mut body @ Value::Object(_)) = serde_json::from_slice::<Value>(&request.body) {
        let operations = body.get_mut("Operations").and_then(Value::as_array_mut);
        operations.into_iter().flatten().filter(|operation| operation.is_object()).for_each(change);
        request.body = body.to_string().into();
    }
}

fn given(operation: &Value) -> Vec<Value> {
    match &operation["value"] {
        Value::Array(values) => values.clone(),
        one => vec![one.clone()],
    }
}

fn same_value(one: &Value, other: &Value) -> bool {
    one.get("value").is_some() && one.get("value") == other.get("value")
}

const ENTERPRISE: &str = urn::ENTERPRISE_USER;
