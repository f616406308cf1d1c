//! Faults and quirks of create, read, replace and delete, of errors, and of the HTTP around them, as the RFCs have them.

use http::header::{CONTENT_LOCATION, CONTENT_TYPE, ETAG, HeaderValue, IF_MATCH, IF_NONE_MATCH, LOCATION};
use http::{Method, StatusCode};
use scim_lang::error::{ScimError, ScimType};
use serde_json::Value;

use super::replies::{error, resources};
use super::requests::{refuse, refuse_as};
use super::{Rows, Write};
use crate::behaviour::{Behaviour, Effect};
use crate::message::{Answer, Body, Reply, Request};
use crate::route::Route;
use crate::store::Kind;
use crate::version::Version;

/// Those that turn a case red under the default gate.
pub(super) const FAULTS: Rows = &[
    Behaviour::new(
        "conditions-are-500",
        "If-Match answers 500.",
        "RFC7644 3.14",
        &[Effect::Intercept(|seen| seen.request.header(IF_MATCH).map(|_| refuse(500, "conditions are not supported")))],
    ),
    Behaviour::new(
        "put-forgets-memberships",
        "PUT of a user takes them out of their groups.",
        "RFC7643 4.1.2",
        &[Effect::Written(|store, _, write, after| {
            let held: Vec<_> = store.groups_of(&after.id).filter(|_| write == Write::Put).cloned().collect();
            held.iter().for_each(|group| store.remove_member(group, &after.id, after.modified));
        })],
    ),
    Behaviour::new(
        "delete-is-ignored",
        "DELETE of a user answers 204, and the user is still there.",
        "RFC7644 3.6",
        &[Effect::Intercept(|seen| {
            let deletes = seen.is_on(&Method::DELETE, Kind::User) && seen.request.version == Version::V2;
            deletes.then(|| Answer::Reply(Reply::empty(StatusCode::NO_CONTENT)))
        })],
    ),
    Behaviour::new(
        "errors-are-empty",
        "Errors have no body.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            if error(reply).is_some() {
                reply.body = Body::Empty;
            }
        })],
    ),
    Behaviour::new(
        "bad-body-is-500",
        "A body that is no JSON answers 500.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            if error(reply).is_some_and(|error| error["scimType"] == "invalidSyntax") {
                *reply = ScimError::new(500, "the parser failed").into();
            }
        })],
    ),
    Behaviour::new(
        "put-adds-values",
        "PUT adds its e-mail addresses to those that are there.",
        "RFC7644 3.5.1",
        &[Effect::Content(Kind::User, &[Write::Put], |before, after| {
            let held = before.attributes.get("emails").and_then(Value::as_array).cloned().unwrap_or_default();
            if let Some(emails) = after.attributes.get_mut("emails").and_then(Value::as_array_mut) {
                emails.extend(held);
            }
            Ok(())
        })],
    ),
];

/// Those that do not.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "groups-endpoint-is-missing",
        "/Groups answers 404, though /ResourceTypes lists it.",
        "RFC7643 6",
        &[Effect::Intercept(|seen| {
            let asked = matches!(seen.route, Route::Collection(Kind::Group)) && seen.request.version == Version::V2;
            asked.then(|| refuse(404, "there is nothing here"))
        })],
    ),
    Behaviour::new(
        "user-name-is-optional",
        "A create without userName answers 201.",
        "RFC7643 4.1.1",
        &[
            Effect::Request(|request, route| {
                let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                let creates = request.method == Method::POST && route == Some(&Route::Collection(Kind::User));
                if creates && body.is_object() && body["userName"].as_str().is_none_or(|name| name.trim().is_empty()) {
                    let length = request.body.len();
                    body["userName"] = format!("{NAMELESS}{length}").into();
                    request.body = body.to_string().into();
                }
            }),
            Effect::Reply(|_, _, reply| hide_namelessness(reply)),
        ],
    ),
    Behaviour::new(
        "delete-answers-200",
        "DELETE answers 200 instead of 204.",
        "RFC7644 3.6",
        &[Effect::Reply(|request, _, reply| {
            if request.method == Method::DELETE && reply.status == StatusCode::NO_CONTENT {
                reply.status = StatusCode::OK;
            }
        })],
    ),
    Behaviour::new(
        "deleted-users-are-archived",
        "A deleted user is still found, under another id.",
        "RFC7644 3.6",
        &[Effect::Deleted(|store, record| {
            if record.kind == Kind::User {
                store.insert(record.moved(format!("archived-{}", record.id)));
            }
        })],
    ),
    Behaviour::new(
        "create-is-not-located",
        "The answer to a create has no Location header.",
        "RFC7644 3.3",
        &[Effect::Reply(|_, _, reply| {
            reply.headers.remove(LOCATION);
            reply.headers.remove(CONTENT_LOCATION);
        })],
    ),
    Behaviour::new(
        "answers-are-plain-json",
        "Answers are application/json whatever is accepted.",
        "RFC7644 3.1",
        &[Effect::Reply(|_, _, reply| claim(reply, "application/json"))],
    ),
    Behaviour::new(
        "answers-claim-to-be-html",
        "Answers have the media type text/html.",
        "RFC7644 3.1",
        &[Effect::Reply(|_, _, reply| claim(reply, "text/html; charset=utf-8"))],
    ),
    Behaviour::new(
        "error-status-is-a-number",
        "The `status` of an error is a number.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            let status = reply.status.as_u16();
            if let Some(error) = error(reply) {
                error["status"] = status.into();
            }
        })],
    ),
    Behaviour::new(
        "put-answer-has-another-id",
        "The answer to a PUT has another id than the resource.",
        "RFC7643 3.1",
        &[Effect::Reply(|request, _, reply| {
            if let (true, Body::Json(resource)) = (request.method == Method::PUT, &mut reply.body)
                && resource.get("id").is_some()
            {
                resource["id"] = "00000000-0000-4000-8000-000000000000".into();
            }
        })],
    ),
    Behaviour::new(
        "tag-is-not-the-version",
        "The ETag header differs from `meta.version`.",
        "RFC7643 3.1",
        &[Effect::Reply(|_, _, reply| {
            if reply.headers.contains_key(ETAG) {
                reply.headers.insert(ETAG, HeaderValue::from_static("W/\"another\""));
            }
        })],
    ),
    Behaviour::new(
        "stale-writes-succeed",
        "If-Match is ignored.",
        "RFC7644 3.14",
        &[Effect::Request(|request, _| {
            request.headers.remove(IF_MATCH);
        })],
    ),
    Behaviour::new(
        "unchanged-is-sent-again",
        "If-None-Match is ignored.",
        "RFC7644 3.14",
        &[Effect::Request(|request, _| {
            request.headers.remove(IF_NONE_MATCH);
        })],
    ),
    Behaviour::new(
        "conflict-has-no-keyword",
        "The 409 of a create has no `scimType`.",
        "RFC7644 3.3",
        &[Effect::Reply(|_, _, reply| {
            if reply.status == StatusCode::CONFLICT {
                super::replies::remove(error(reply), "scimType");
            }
        })],
    ),
    Behaviour::new(
        "unauthorized-names-no-scheme",
        "A 401 has no WWW-Authenticate header.",
        "RFC7644 2",
        &[Effect::Reply(|_, _, reply| {
            reply.headers.remove(http::header::WWW_AUTHENTICATE);
        })],
    ),
    Behaviour::new(
        "create-that-fails-is-stored",
        "A create with two primary e-mail addresses, or one that is no text, answers 400, and the user is there.",
        "RFC7644 3.3",
        &[
            Effect::Request(|request, route| {
                let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                let creates = request.method == Method::POST && route == Some(&Route::Collection(Kind::User));
                if creates && (primaries(&body) > 1 || body["emails"][0]["value"].is_object()) {
                    for email in body["emails"].as_array_mut().into_iter().flatten() {
                        email["primary"] = false.into();
                        email["value"] = email["value"].as_str().unwrap_or_default().into();
                    }
                    body["nickName"] = SPOILED.into();
                    request.body = body.to_string().into();
                }
            }),
            Effect::Reply(|request, route, reply| {
                let spoiled = reply.value().is_some_and(|user| user["nickName"] == SPOILED);
                if spoiled && super::replies::is_create(request, route) {
                    *reply = ScimError::bad_request(ScimType::InvalidValue, "two values are primary").into();
                }
            }),
        ],
    ),
    Behaviour::new(
        "put-erases-the-name",
        "PUT without a userName leaves a user without one.",
        "RFC7644 3.5.1",
        &[
            Effect::Request(|request, route| {
                let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                if let (true, Some(Route::Resource(Kind::User, id))) = (is_put_of_2_0(request), route)
                    && body.is_object()
                    && body["userName"].is_null()
                {
                    body["userName"] = format!("{NAMELESS}{id}").into();
                    request.body = body.to_string().into();
                }
            }),
            Effect::Reply(|_, _, reply| hide_namelessness(reply)),
        ],
    ),
    Behaviour::new(
        "wrong-types-are-passed-over",
        "Values of the wrong JSON type are taken for none.",
        "RFC7644 3.12",
        &[Effect::Request(|request, route| {
            let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let writes = matches!(route, Some(Route::Collection(Kind::User) | Route::Resource(Kind::User, _)));
            if writes && request.version == Version::V2 && body["schemas"][0] == scim_lang::urn::USER {
                let wrong = [("name", body["name"].is_string()), ("emails", body["emails"].is_object())];
                for (name, _) in wrong.iter().filter(|(_, is_wrong)| *is_wrong) {
                    super::replies::remove(Some(&mut body), name);
                    request.body = body.to_string().into();
                }
            }
        })],
    ),
    Behaviour::new(
        "schemas-may-be-missing",
        "A create without `schemas` answers 201.",
        "RFC7644 3.3",
        &[Effect::Request(|request, route| {
            let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let creates = request.method == Method::POST && route == Some(&Route::Collection(Kind::User));
            let lacks = body.is_object() && body["schemas"].as_array().is_none_or(Vec::is_empty);
            if creates && lacks && request.version == Version::V2 {
                body["schemas"] = serde_json::json!([scim_lang::urn::USER]);
                request.body = body.to_string().into();
            }
        })],
    ),
    Behaviour::new(
        "names-are-required",
        "A create without a name answers 400, though the schema does not require one.",
        "RFC7643 7",
        &[Effect::Intercept(|seen| {
            let lacks = seen.creates(Kind::User) && seen.request.version == Version::V2 && lacks_a_name(&seen.body());
            lacks.then(|| refuse_as(ScimType::InvalidValue, "`name` is required"))
        })],
    ),
    Behaviour::new(
        "chosen-ids-are-refused",
        "A create with an id in its body answers 400.",
        "RFC7644 3.3",
        &[Effect::Intercept(|seen| {
            let chosen = seen.creates(Kind::User) && seen.body()["id"].is_string();
            chosen.then(|| refuse_as(ScimType::Mutability, "`id` is read-only"))
        })],
    ),
    Behaviour::new(
        "unknown-attributes-are-422",
        "An attribute that no schema knows answers 422.",
        "RFC7644 3.12",
        &[Effect::Intercept(|seen| {
            let writes = matches!(seen.request.method, Method::POST | Method::PUT);
            let kind = match seen.route {
                Route::Collection(kind) | Route::Resource(kind, _) if writes => *kind,
                _ => return None,
            };
            let body = seen.body();
            let is_known = |name: &str| {
                name.contains(':') || kind.ty().base_attribute(name).is_some() || kind.ty().extension(name).is_some()
            };
            let unknown = body.as_object()?.keys().find(|name| !is_known(name))?;
            (seen.request.version == Version::V2).then(|| refuse(422, &format!("there is no attribute {unknown}")))
        })],
    ),
    Behaviour::new(
        "tags-have-no-quotes",
        "The header ETag has no quotes.",
        "RFC7644 3.14",
        &[Effect::Reply(|_, _, reply| {
            let bare = reply.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(|tag| tag.replace('"', ""));
            if let Some(bare) = bare.and_then(|bare| HeaderValue::from_str(&bare).ok()) {
                reply.headers.insert(ETAG, bare);
            }
        })],
    ),
    Behaviour::new(
        "tags-never-change",
        "Every state of a resource has the same entity tag.",
        "RFC7644 3.14",
        &[Effect::Reply(|request, _, reply| {
            if reply.headers.contains_key(ETAG) {
                reply.headers.insert(ETAG, HeaderValue::from_static("W/\"1\""));
                let knows = request.header(IF_NONE_MATCH) == Some("W/\"1\"");
                if knows && request.method == Method::GET {
                    *reply =
                        Reply { headers: std::mem::take(&mut reply.headers), ..Reply::empty(StatusCode::NOT_MODIFIED) };
                }
            }
        })],
    ),
    Behaviour::new(
        "tags-change-with-every-answer",
        "The entity tag of a resource is that of the answer.",
        "RFC7644 3.14",
        &[Effect::Reply(|_, _, reply| {
            if let Some(tag) = reply.headers.get_mut(ETAG) {
                let now = format!("W/\"{}\"", jiff::Timestamp::now());
                *tag = HeaderValue::from_str(&now).expect("a time is visible ASCII");
            }
        })],
    ),
    Behaviour::new(
        "writes-have-no-tag",
        "Answers to POST, PUT and PATCH have no ETag.",
        "RFC7644 3.14",
        &[Effect::Reply(|request, _, reply| {
            if request.method != Method::GET {
                reply.headers.remove(ETAG);
            }
        })],
    ),
    Behaviour::new(
        "weak-tags-are-refused",
        "A weak entity tag in If-Match answers 412.",
        "RFC7644 3.14",
        &[Effect::Intercept(|seen| {
            let weak = seen.request.header(IF_MATCH).is_some_and(|tags| tags.starts_with("W/"));
            weak.then(|| refuse(412, "weak tags match nothing"))
        })],
    ),
];

/// Takes the names away that users without one have in the store.
fn hide_namelessness(reply: &mut Reply) {
    for resource in resources(reply).into_iter().filter_map(Value::as_object_mut) {
        if resource.get("userName").and_then(Value::as_str).is_some_and(|it| it.starts_with(NAMELESS)) {
            resource.shift_remove("userName");
        }
    }
}

fn is_put_of_2_0(request: &Request) -> bool {
    request.method == Method::PUT && request.version == Version::V2
}

fn lacks_a_name(user: &Value) -> bool {
    user.is_object() && user["userName"].is_string() && user["name"].is_null()
}

fn claim(reply: &mut Reply, media_type: &'static str) {
    if matches!(reply.body, Body::Json(_)) {
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
}

fn primaries(user: &Value) -> usize {
    let emails = user["emails"].as_array().into_iter().flatten();
    emails.filter(|email| email["primary"] == true).count()
}

pub(super) const ALWAYS: &[Write] = &[Write::Create, Write::Put, Write::Patch];

const NAMELESS: &str = "nameless-";

/// The nickName of users who should not be there.
const SPOILED: &str = "not stored, they said";
