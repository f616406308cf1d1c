//! Faults and quirks of bulk requests, /Me and cursors, as the RFCs have them.

use http::StatusCode;
use scim_lang::error::ScimType;
use serde_json::{Value, json};

use super::Rows;
use super::replies::{error, list, remove};
use super::requests::{refuse, refuse_as};
use crate::behaviour::{Behaviour, Effect};
use crate::message::{Body, Reply, Request};
use crate::route::Route;

/// Those that turn a case red under the default gate.
pub(super) const FAULTS: Rows = &[Behaviour::new(
    "preferences-are-500",
    "A request with Prefer answers 500.",
    "RFC9967 2.5.1.1",
    &[Effect::Intercept(|seen| seen.request.headers.contains_key("prefer").then(|| refuse(500, "no such preference")))],
)];

/// Those that do not.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "bulk-answers-201",
        "A bulk request answers 201.",
        "RFC7644 3.7",
        &[Effect::Reply(|_, route, reply| {
            if route == Some(&Route::Bulk) && reply.status == StatusCode::OK {
                reply.status = StatusCode::CREATED;
            }
        })],
    ),
    Behaviour::new(
        "bulk-ids-are-not-echoed",
        "The operations of a BulkResponse have no `bulkId`.",
        "RFC7644 3.7",
        &[Effect::Reply(|_, route, reply| {
            performed(route, reply).into_iter().for_each(|operation| remove(Some(operation), "bulkId"));
        })],
    ),
    Behaviour::new(
        "bulk-errors-have-no-response",
        "Operations that fail do not say why.",
        "RFC7644 3.7",
        &[Effect::Reply(|_, route, reply| {
            performed(route, reply).into_iter().for_each(|operation| remove(Some(operation), "response"));
        })],
    ),
    Behaviour::new(
        "bulk-references-are-refused",
        "A reference to a bulkId answers 400.",
        "RFC7644 3.7.2",
        &[Effect::Intercept(|seen| {
            let refers = *seen.route == Route::Bulk && seen.body()["Operations"].to_string().contains("\"bulkId:");
            refers.then(|| refuse_as(ScimType::InvalidValue, "references are not supported"))
        })],
    ),
    Behaviour::new(
        "me-is-not-located",
        "The answer for /Me does not tell the permanent URI.",
        "RFC7644 3.11",
        &[Effect::Reply(|_, route, reply| {
            if route == Some(&Route::Me) {
                reply.headers.remove(http::header::LOCATION);
            }
        })],
    ),
    Behaviour::new(
        "me-is-nobody",
        "/Me answers 200 with an empty object.",
        "RFC7644 3.11",
        &[Effect::Reply(|request, route, reply| {
            if route == Some(&Route::Me) && request.method == http::Method::GET {
                *reply = Reply::json(StatusCode::OK, serde_json::json!({}));
            }
        })],
    ),
    Behaviour::new(
        "me-is-not-projected",
        "/Me passes over `attributes` and `excludedAttributes`.",
        "RFC7644 3.9",
        &[Effect::Request(|request, route| {
            if route == Some(&Route::Me) {
                request.query.clear();
            }
        })],
    ),
    Behaviour::new(
        "me-is-somebody-else",
        "/Me shows a displayName that the user does not have.",
        "RFC7644 3.11",
        &[Effect::Reply(|request, route, reply| {
            if let (Some(Route::Me), true, Body::Json(user)) =
                (route, request.method == http::Method::GET, &mut reply.body)
                && user.get("displayName").is_some()
            {
                user["displayName"] = "Somebody Else".into();
            }
        })],
    ),
    Behaviour::new(
        "cursors-never-end",
        "The last page has a nextCursor too.",
        "RFC9865 2",
        &[Effect::Reply(|_, _, reply| {
            let by_cursor = list(reply).filter(|list| list.get("startIndex").is_none());
            if let Some(list) = by_cursor.filter(|list| list.get("nextCursor").is_none()) {
                list["nextCursor"] = "".into();
            }
        })],
    ),
    Behaviour::new(
        "wrong-cursors-begin-anew",
        "A cursor that was never given out is as good as an empty one.",
        "RFC9865 2.1",
        &[Effect::Request(|request, _| {
            let pairs = request.query.split('&').map(|pair| match pair.split_once('=') {
                Some(("cursor", value)) if value.len() < 40 => "cursor=",
                _ => pair,
            });
            request.query = pairs.collect::<Vec<_>>().join("&");
        })],
    ),
    Behaviour::new(
        "cursors-are-padded",
        "Cursors end in characters that URLs reserve.",
        "RFC9865 2",
        &[
            Effect::Request(|request, _| request.query = request.query.replace("%3D%3D", "")),
            Effect::Reply(|_, _, reply| {
                let Some(list) = list(reply) else { return };
                if let Some(cursor) = list.get("nextCursor").and_then(Value::as_str).map(|cursor| format!("{cursor}=="))
                {
                    list["nextCursor"] = cursor.into();
                }
            }),
        ],
    ),
    Behaviour::new(
        "first-pages-lead-back",
        "The first page has a previousCursor.",
        "RFC9865 2",
        &[Effect::Reply(|_, _, reply| {
            let by_cursor = list(reply).filter(|list| list.get("startIndex").is_none());
            if let Some(list) = by_cursor.filter(|list| list.get("previousCursor").is_none()) {
                list["previousCursor"] = "first".into();
            }
        })],
    ),
    Behaviour::new(
        "empty-cursors-are-ignored",
        "A request for the first page by cursor gets a page by index.",
        "RFC9865 2",
        &[Effect::Request(|request, _| {
            let kept = request.query.split('&').filter(|pair| !matches!(*pair, "cursor" | "cursor="));
            request.query = kept.collect::<Vec<_>>().join("&");
        })],
    ),
    Behaviour::new(
        "wrong-cursors-are-invalid-values",
        "The refusal of a cursor says invalidValue.",
        "RFC9865 2.1",
        &[Effect::Reply(|_, _, reply| {
            if let Some(error) = error(reply).filter(|error| error["scimType"] == "invalidCursor") {
                error["scimType"] = "invalidValue".into();
            }
        })],
    ),
    Behaviour::new(
        "forged-cursors-lead-to-nothing",
        "A cursor that was changed leads to an empty page.",
        "RFC9865 5.2",
        &[Effect::Reply(|request, _, reply| {
            let is_long = request.query.split("cursor=").nth(1).is_some_and(|cursor| cursor.len() > 20);
            if is_long && error(reply).is_some_and(|error| error["scimType"] == "invalidCursor") {
                *reply = Reply::list(0, 1, Vec::new());
            }
        })],
    ),
    Behaviour::new(
        "pagination-is-announced-in-words",
        "The configuration says yes and no about pagination.",
        "RFC9865 4",
        &[Effect::Reply(|_, route, reply| {
            if let (Some(Route::ServiceProviderConfig), Body::Json(config)) = (route, &mut reply.body)
                && config.get("pagination").is_some()
            {
                config["pagination"]["index"] = "yes".into();
            }
        })],
    ),
    Behaviour::new(
        "bulk-needs-no-schema",
        "A bulk request without the schema of BulkRequest is performed.",
        "RFC7644 3.7",
        &[Effect::Request(|request, route| {
            change_job(request, route, |job| job["schemas"] = Value::from(vec![scim_lang::urn::BULK_REQUEST]));
        })],
    ),
    Behaviour::new(
        "bulk-goes-on-for-ever",
        "`failOnErrors` is ignored.",
        "RFC7644 3.7",
        &[Effect::Request(|request, route| change_job(request, route, |job| remove(Some(job), "failOnErrors")))],
    ),
    Behaviour::new(
        "bulk-stops-at-the-first-failure",
        "The first failure ends a job.",
        "RFC7644 3.7",
        &[Effect::Request(|request, route| change_job(request, route, |job| job["failOnErrors"] = 1.into()))],
    ),
    Behaviour::new(
        "bulk-has-no-limit",
        "A job of more operations than maxOperations answers 200.",
        "RFC7644 3.7.4",
        &[Effect::Reply(|_, route, reply| {
            if route == Some(&Route::Bulk) && reply.status == StatusCode::PAYLOAD_TOO_LARGE {
                let answer = json!({ "schemas": [scim_lang::urn::BULK_RESPONSE], "Operations": [] });
                *reply = Reply::json(StatusCode::OK, answer);
            }
        })],
    ),
    Behaviour::new(
        "bulk-status-is-a-number",
        "`status` of the operations of a BulkResponse is a number.",
        "RFC7644 3.7.3",
        &[Effect::Reply(|_, route, reply| {
            for operation in performed(route, reply) {
                let code: u16 = operation["status"].as_str().and_then(|code| code.parse().ok()).unwrap_or_default();
                operation["status"] = code.into();
            }
        })],
    ),
    Behaviour::new(
        "bulk-has-no-locations",
        "The operations of a BulkResponse have no `location`.",
        "RFC7644 3.7.3",
        &[Effect::Reply(|_, route, reply| {
            performed(route, reply).into_iter().for_each(|operation| remove(Some(operation), "location"));
        })],
    ),
    Behaviour::new(
        "bulk-tells-of-failures-alone",
        "A BulkResponse has no operations that succeeded.",
        "RFC7644 3.7.3",
        &[Effect::Reply(|_, route, reply| {
            if let (Some(Route::Bulk), Body::Json(body)) = (route, &mut reply.body)
                && let Some(operations) = body.get_mut("Operations").and_then(Value::as_array_mut)
            {
                operations.retain(|operation| operation["status"].as_str().is_some_and(|code| !code.starts_with('2')));
            }
        })],
    ),
    Behaviour::new(
        "bulk-operations-all-succeed",
        "Every operation of a BulkResponse has a status of success.",
        "RFC7644 3.7.3",
        &[Effect::Reply(|_, route, reply| {
            performed(route, reply).into_iter().for_each(|operation| operation["status"] = "200".into());
        })],
    ),
    Behaviour::new(
        "bulk-versions-are-ignored",
        "`version` of an operation is ignored.",
        "RFC7644 3.7",
        &[Effect::Request(|request, route| {
            change_job(request, route, |job| {
                let operations = job.get_mut("Operations").and_then(Value::as_array_mut).into_iter().flatten();
                operations.for_each(|operation| remove(Some(operation), "version"));
            });
        })],
    ),
    Behaviour::new(
        "bulk-performs-what-comes-first",
        "References to a later operation lead nowhere.",
        "RFC7644 3.7.2",
        &[Effect::Intercept(|seen| {
            let text = seen.body()["Operations"].to_string();
            let refers = text.find("\"bulkId:");
            let creates = text.rfind("\"bulkId\":");
            let late = *seen.route == Route::Bulk && refers.is_some_and(|refers| creates.is_some_and(|it| refers < it));
            late.then(|| refuse_as(ScimType::InvalidValue, "nothing has this bulkId"))
        })],
    ),
    Behaviour::new(
        "asynchronous-answers-tell-nothing",
        "A create with Prefer: respond-async answers 202 with the user, and without any header that belongs to it.",
        "RFC9967 2.5.1.1",
        &[Effect::Reply(|request, _, reply| {
            let prefers = request.headers.get("prefer").is_some_and(|it| it.as_bytes().starts_with(b"respond-async"));
            if prefers && reply.status == StatusCode::CREATED {
                reply.status = StatusCode::ACCEPTED;
                reply.headers.remove(http::header::LOCATION);
            }
        })],
    ),
];

/// Changes a bulk request.
fn change_job(request: &mut Request, route: Option<&Route>, change: impl FnOnce(&mut Value)) {
    if let (Some(Route::Bulk), Ok(mut job @ Value::Object(_))) = (route, serde_json::from_slice::<Value>(&request.body))
    {
        change(&mut job);
        request.body = job.to_string().into();
    }
}

/// Returns the operations of a BulkResponse.
fn performed<'a>(route: Option<&Route>, reply: &'a mut Reply) -> Vec<&'a mut Value> {
    match &mut reply.body {
        Body::Json(body) if route == Some(&Route::Bulk) => {
            body.get_mut("Operations").and_then(Value::as_array_mut).into_iter().flatten().collect()
        }
        _ => Vec::new(),
    }
}
