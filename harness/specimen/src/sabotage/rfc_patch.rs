//! Faults and quirks of PATCH, as the RFCs have them.

use http::Method;
use scim_lang::error::{ScimError, ScimType};
use scim_lang::patch;
use serde_json::Value;

use super::{Fate, Rows, Write, operations};
use crate::behaviour::{Behaviour, Effect, Outcome};
use crate::message::{Answer, Reply, Request};
use crate::store::Kind;
use crate::version::Version;

/// Those that turn a case red under the default gate.
pub(super) const FAULTS: Rows = &[
    Behaviour::new(
        "patch-ignores-active",
        "PATCH does not touch `active`.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|_, before, after| {
            let mut after = after?;
            if let Some(active) = before.get("active") {
                after["active"] = active.clone();
            }
            Ok(after)
        })],
    )
    .seen_in(19),
    Behaviour::new(
        "group-add-is-ignored",
        "Members that PATCH adds are not stored.",
        "RFC7644 3.5.2.1",
        &[Effect::Intercept(|seen| {
            let body = seen.body();
            let adds = |operation: &Value| {
                let is_add = operation["op"].as_str().is_some_and(|op| op.eq_ignore_ascii_case("add"));
                is_add && operation.to_string().contains("members")
            };
            let at_group = seen.is_on(&Method::PATCH, Kind::Group) && seen.request.version == Version::V2;
            let ignored = at_group && operations(&body).next().is_some() && operations(&body).all(adds);
            ignored.then(|| Answer::Reply(Reply::empty(http::StatusCode::NO_CONTENT)))
        })],
    ),
];

/// Those that do not.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "patch-is-not-stored",
        "PATCH of anything but `active` and the userName answers with the change, and stores nothing.",
        "RFC7644 3.1",
        &[Effect::Fate(Kind::User, |write, before, after| {
            let same =
                |name: &str| before.is_some_and(|before| before.attributes.get(name) == after.attributes.get(name));
            (write == Write::Patch && same("active") && same("userName")).then_some(Fate::Forget)
        })],
    ),
    Behaviour::new(
        "patch-is-half-done",
        "Of a PATCH that fails the operations before the failure are done.",
        "RFC7644 3.5.2",
        &[
            Effect::Patched(|body, before, after| match after {
                Ok(after) => Ok(after),
                Err(error) => done(body, before).ok_or(error),
            }),
            Effect::Reply(|request, _, reply| {
                let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                if request.method == Method::PATCH && reply.status.is_success() && fails(&body) {
                    *reply = ScimError::new(400, "an operation failed").into();
                }
            }),
        ],
    ),
    Behaviour::new(
        "patch-needs-no-schema",
        "A PATCH without the schema of PatchOp is performed.",
        "RFC7644 3.5.2",
        &[Effect::Request(|request, _| {
            change_body(request, |body| body["schemas"] = Value::from(vec![scim_lang::urn::PATCH_OP]));
        })],
    ),
    Behaviour::new(
        "patch-of-nothing-succeeds",
        "A PATCH without operations answers 204.",
        "RFC7644 3.5.2",
        &[Effect::Intercept(|seen| {
            let is_patch = seen.request.method == Method::PATCH && seen.request.version == Version::V2;
            let empty = is_patch && seen.body().is_object() && operations(&seen.body()).next().is_none();
            empty.then(|| Answer::Reply(Reply::empty(http::StatusCode::NO_CONTENT)))
        })],
    ),
    Behaviour::new(
        "unknown-operations-are-passed-over",
        "Operations that are none of add, remove and replace are passed over.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|body, before, after| {
            let is_known = |operation: &Value| {
                let op = operation["op"].as_str().unwrap_or_default().to_ascii_lowercase();
                ["add", "remove", "replace"].contains(&op.as_str())
            };
            if operations(body).all(is_known) { after } else { after.or_else(|_| Ok(before.clone())) }
        })],
    ),
    Behaviour::new(
        "operations-run-backwards",
        "The operations of a PATCH are performed from the last to the first.",
        "RFC7644 3.5.2",
        &[Effect::Request(|request, _| change_operations(request, |operations| operations.reverse()))],
    ),
    Behaviour::new(
        "first-operation-alone-counts",
        "Of the operations of a PATCH the first alone is performed.",
        "RFC7644 3.5.2",
        &[Effect::Request(|request, _| change_operations(request, |operations| operations.truncate(1)))],
    ),
    Behaviour::new(
        "every-address-is-primary",
        "Every e-mail address is shown as the primary one.",
        "RFC7644 3.5.2",
        &[Effect::Reply(|_, _, reply| {
            for user in super::replies::users(reply) {
                let emails = user.get_mut("emails").and_then(Value::as_array_mut).into_iter().flatten();
                emails.for_each(|email| email["primary"] = true.into());
            }
        })],
    ),
    Behaviour::new(
        "schemas-cannot-be-patched",
        "A PATCH of `schemas` answers 400.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|body, _, after| match operations(body).any(|operation| operation["path"] == "schemas") {
            true => Err(ScimError::bad_request(ScimType::Mutability, "`schemas` follows from the attributes")),
            false => after,
        })],
    ),
    Behaviour::new(
        "json-pointers-are-passed-over",
        "Operations whose path is a JSON pointer are passed over.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|body, before, after| {
            let is_pointer = |operation: &Value| operation["path"].as_str().is_some_and(|path| path.starts_with('/'));
            if operations(body).any(is_pointer) { Ok(before.clone()) } else { after }
        })],
    ),
    Behaviour::new(
        "capital-operations-are-500",
        "An `op` in capitals answers 500.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|body, _, after| {
            let is_capital = |operation: &Value| {
                operation["op"].as_str().is_some_and(|op| op.starts_with(|first: char| first.is_ascii_uppercase()))
            };
            let fails = operations(body).any(is_capital);
            if fails { Err(ScimError::new(500, "no such operation")) } else { after }
        })],
    ),
    Behaviour::new(
        "urns-in-paths-are-refused",
        "A path with a URN in front answers 400.",
        "RFC7644 3.10",
        &[Effect::Patched(|body, _, after| {
            let is_urn = |operation: &Value| {
                operation["path"].as_str().is_some_and(|path| path.to_ascii_lowercase().starts_with("urn:"))
            };
            let refused = operations(body).any(is_urn);
            if refused { Err(ScimError::bad_request(ScimType::InvalidPath, "no such attribute")) } else { after }
        })],
    ),
    Behaviour::new(
        "filters-in-paths-are-refused",
        "A path with a filter answers 400.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|body, _, after| match operations(body).any(has_filter) {
            true => Err(ScimError::bad_request(ScimType::InvalidPath, "filters are not supported in paths")),
            false => after,
        })],
    ),
    Behaviour::new(
        "filters-in-paths-match-everything",
        "A path with a filter is about all values.",
        "RFC7644 3.5.2",
        &[Effect::Request(|request, _| {
            change_operations(request, |operations| {
                for operation in operations.iter_mut().filter(|operation| has_filter(operation)) {
                    let path = operation["path"].as_str().unwrap_or_default();
                    let (name, rest) = path.split_once('[').unwrap_or((path, ""));
                    let part = rest.rsplit_once(']').map_or("", |(_, part)| part);
                    operation["path"] = format!("{name}{part}").into();
                }
            });
        })],
    ),
    Behaviour::new(
        "bad-paths-are-passed-over",
        "A PATCH whose path leads nowhere, or is none, changes nothing and succeeds.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|_, before, after| {
            forgiven(before, after, &[ScimType::InvalidPath, ScimType::InvalidFilter])
        })],
    ),
    Behaviour::new(
        "read-only-is-passed-over",
        "A PATCH of what is read-only, or required, changes nothing and succeeds.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|_, before, after| forgiven(before, after, &[ScimType::Mutability]))],
    ),
    Behaviour::new(
        "read-only-goes-to-external-id",
        "A PATCH of an attribute that is read-only changes `externalId`.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|_, before, after| match after {
            Err(error) if error.scim_type == Some(ScimType::Mutability) => {
                let mut after = before.clone();
                after["externalId"] = "changed".into();
                Ok(after)
            }
            after => after,
        })],
    ),
    Behaviour::new(
        "wrong-values-are-passed-over",
        "A PATCH with a value of the wrong type, or without one, changes nothing and succeeds.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|_, before, after| {
            forgiven(before, after, &[ScimType::InvalidValue, ScimType::InvalidSyntax])
        })],
    ),
    Behaviour::new(
        "operations-without-a-target-succeed",
        "A PATCH whose operation has no target changes nothing and succeeds.",
        "RFC7644 3.5.2.3",
        &[Effect::Patched(|_, before, after| forgiven(before, after, &[ScimType::NoTarget]))],
    ),
    Behaviour::new(
        "add-overwrites",
        "An `add` replaces what is there.",
        "RFC7644 3.5.2.1",
        &[Effect::Request(|request, _| {
            change_operations(request, |operations| {
                for operation in operations.iter_mut().filter(|operation| operation["op"] == "add") {
                    operation["op"] = "replace".into();
                }
            });
        })],
    ),
    Behaviour::new(
        "complex-values-are-overwritten",
        "An `add` or a `replace` of `name` replaces all of it.",
        "RFC7644 3.5.2.3",
        &[Effect::Patched(|body, _, after| {
            let mut after = after?;
            for operation in operations(body).filter(|operation| operation["path"] == "name") {
                after["name"] = operation["value"].clone();
            }
            Ok(after)
        })],
    ),
    Behaviour::new(
        "nothing-new-is-stored",
        "A PATCH or PUT that changes nothing moves `meta.lastModified`.",
        "RFC7644 3.5.2.1",
        &[Effect::Asked],
    ),
    Behaviour::new(
        "single-values-are-refused",
        "The value of an `add` to a list has to be an array.",
        "RFC7644 3.5.2.1",
        &[Effect::Patched(|body, _, after| {
            let is_single = |operation: &Value| operation["path"] == "emails" && operation["value"].is_object();
            let refused = operations(body).any(is_single);
            if refused { Err(ScimError::bad_request(ScimType::InvalidValue, "an array is needed")) } else { after }
        })],
    ),
    Behaviour::new(
        "add-to-a-value-is-ignored",
        "An `add` to an attribute that has a value leaves the value.",
        "RFC7644 3.5.2.1",
        &[Effect::Patched(|body, before, after| {
            let mut after = after?;
            let has = |path: &str| operations(body).any(|it| it["op"] == "add" && it["path"] == path);
            if has("name.givenName") {
                after["name"]["givenName"] = before["name"]["givenName"].clone();
            }
            if has("title") && before.get("title").is_some() {
                after["title"] = before["title"].clone();
            }
            Ok(after)
        })],
    ),
    Behaviour::new(
        "remove-is-ignored",
        "A `remove` succeeds and changes nothing.",
        "RFC7644 3.5.2.2",
        &[Effect::Patched(|body, before, after| {
            let after = after?;
            let removes = operations(body).all(|operation| operation["op"] == "remove");
            Ok(if removes { before.clone() } else { after })
        })],
    ),
    Behaviour::new(
        "remove-of-a-part-removes-all",
        "A `remove` of a sub-attribute removes the whole attribute.",
        "RFC7644 3.5.2.2",
        &[Effect::Request(|request, _| {
            change_operations(request, |operations| {
                for operation in operations.iter_mut().filter(|operation| operation["op"] == "remove") {
                    let path = operation["path"].as_str().unwrap_or_default();
                    let whole = path.strip_suffix(".middleName").or_else(|| path.strip_suffix(".display"));
                    if let Some(whole) = whole.map(str::to_owned) {
                        operation["path"] = whole.into();
                    }
                }
            });
        })],
    ),
    Behaviour::new(
        "repeated-removals-are-refused",
        "A `remove` that has nothing to remove answers 400.",
        "RFC7644 3.5.2.2",
        &[Effect::Patched(|body, before, after| {
            let after = after?;
            let removes = operations(body).all(|operation| operation["op"] == "remove");
            let is_vain = removes && before == &after;
            if is_vain {
                Err(ScimError::bad_request(ScimType::NoTarget, "there is nothing to remove"))
            } else {
                Ok(after)
            }
        })],
    ),
    Behaviour::new(
        "replace-appends",
        "A `replace` of a list appends to it.",
        "RFC7644 3.5.2.3",
        &[Effect::Request(|request, _| {
            change_operations(request, |operations| {
                let lists = |operation: &&mut Value| operation["op"] == "replace" && operation["value"].is_array();
                for operation in operations.iter_mut().filter(lists) {
                    operation["op"] = "add".into();
                }
            });
        })],
    ),
    Behaviour::new(
        "null-in-a-patch-is-refused",
        "A PATCH with null in its value answers 400.",
        "RFC7643 2.5",
        &[Effect::Patched(|body, _, after| {
            let refused = operations(body).any(|operation| operation.to_string().contains("null"));
            if refused { Err(ScimError::bad_request(ScimType::InvalidValue, "null is no value")) } else { after }
        })],
    ),
    Behaviour::new(
        "nothing-to-change-is-refused",
        "A PATCH that changes nothing answers 400.",
        "RFC7644 3.5.2",
        &[Effect::Patched(|_, before, after| {
            let after = after?;
            let is_vain = before == &after;
            if is_vain {
                Err(ScimError::bad_request(ScimType::InvalidValue, "nothing would change"))
            } else {
                Ok(after)
            }
        })],
    ),
    Behaviour::new(
        "attributes-do-not-matter-to-patch",
        "PATCH answers 204 whatever attributes are asked for.",
        "RFC7644 3.5.2",
        &[Effect::Reply(|request, _, reply| {
            if request.method == Method::PATCH && reply.status == http::StatusCode::OK {
                *reply = Reply::empty(http::StatusCode::NO_CONTENT);
            }
        })],
    ),
];

/// Changes the body of a PATCH of SCIM 2.0.
fn change_body(request: &mut Request, change: impl FnOnce(&mut Value)) {
    if request.method != Method::PATCH || request.version != Version::V2 {
        return;
    }
    if let Ok(mut body @ Value::Object(_)) = serde_json::from_slice::<Value>(&request.body) {
        change(&mut body);
        request.body = body.to_string().into();
    }
}

/// Changes the operations of a PATCH of SCIM 2.0.
fn change_operations(request: &mut Request, change: impl FnOnce(&mut Vec<Value>)) {
    change_body(request, |body| {
        if let Some(operations) = body.get_mut("Operations").and_then(Value::as_array_mut) {
            change(operations);
        }
    });
}

fn has_filter(operation: &Value) -> bool {
    operation["path"].as_str().is_some_and(|path| path.contains('['))
}

/// Makes a PATCH that changes nothing of one that fails for one of these reasons.
fn forgiven(before: &Value, after: Outcome, reasons: &[ScimType]) -> Outcome {
    match after {
        Err(error) if error.scim_type.is_some_and(|reason| reasons.contains(&reason)) => Ok(before.clone()),
        after => after,
    }
}

/// Returns what the first operations make of a resource before one cannot be read.
fn done(body: &Value, before: &Value) -> Option<Value> {
    let readable = operations(body).take_while(|operation| operation.get("path").is_some()).count();
    let mut first = body.clone();
    first.get_mut("Operations").and_then(Value::as_array_mut)?.truncate(readable);
    let is_group = before["meta"]["resourceType"] == "Group";
    let kind = if is_group { Kind::Group } else { Kind::User };
    patch::parse(&first).ok()?.apply(before, kind.ty()).ok()
}

/// Tells whether a PATCH has an operation that cannot be read.
fn fails(body: &Value) -> bool {
    operations(body).any(|operation| operation["op"] == "remove" && operation.get("path").is_none())
}
