//! Faults of SCIM 1.1. They look at requests before and at replies after the translation.

use http::{Method, StatusCode};
use scim_lang::error::{ScimError, ScimType};
use scim_lang::filter;
use scim_lang::urn;
use serde_json::{Value, json};

use super::replies::{Distort, remove};
use super::requests::{Intercept, refuse, refuse_as};
use super::{Rewrite, Seen};
use crate::fault::Fault;
use crate::message::{Body, Reply};
use crate::okta::CUSTOM_GROUP;
use crate::route::Route;
use crate::store::Kind;
use crate::v1::CORE;
use crate::version::Version;

/// What each of these faults answers to a request, and when.
pub(super) const INTERCEPTS: &[(Fault, Intercept)] = &[
    (Fault::V1PlainJsonRefused, |seen| {
        (is_v1(seen) && !seen.request.body.is_empty()).then(|| refuse(415, "unsupported media type"))
    }),
    (Fault::V1PatchNotImplemented, |seen| patches(seen).then(|| refuse(501, "PATCH is not implemented"))),
    (Fault::V1OperationDeleteRefused, |seen| {
        let deletes = patches(seen) && members(&seen.body()).any(is_delete);
        deletes.then(|| refuse_as(ScimType::InvalidValue, "`operation` is not an attribute"))
    }),
    (Fault::V1GroupNeedsMembers, |seen| {
        let lacks = is_v1(seen) && seen.creates(Kind::Group) && seen.body().get("members").is_none();
        lacks.then(|| refuse_as(ScimType::InvalidValue, "`members` is required"))
    }),
    (Fault::V1GroupDescriptionRefused, |seen| {
        let described = is_v1(seen) && seen.body().get(CUSTOM_GROUP).is_some();
        described.then(|| refuse_as(ScimType::InvalidSyntax, "unknown extension"))
    }),
    (Fault::V1PutRefusesId, |seen| {
        let carried = is_v1(seen) && seen.is_on(&Method::PUT, Kind::User) && seen.body().get("id").is_some();
        carried.then(|| refuse_as(ScimType::Mutability, "id is read-only"))
    }),
    (Fault::V1SchemasMissing, |seen| {
        (is_v1(seen) && *seen.route == Route::Schemas).then(|| refuse(404, "there is nothing here"))
    }),
    (Fault::V1ServiceProviderConfigsMissing, |seen| {
        let asked = is_v1(seen) && *seen.route == Route::ServiceProviderConfig;
        asked.then(|| refuse(404, "there is nothing here"))
    }),
];

/// What each of these faults makes of the body of a request.
pub(super) const REWRITES: &[(Fault, Rewrite)] = &[
    (Fault::V1PatchIgnoresActive, |seen| patched(seen, |body| remove(Some(body), "active"))),
    (Fault::V1OperationDeleteIgnored, |seen| {
        patched(seen, |body| {
            if let Some(members) = body.get_mut("members").and_then(Value::as_array_mut) {
                members.retain(|member| !is_delete(member));
            }
        })
    }),
    (Fault::V1PatchMembersReplace, |seen| {
        patched(seen, |body| {
            if body.get("members").is_some() {
                body["meta"] = json!({ "attributes": ["members"] });
            }
        })
    }),
    (Fault::V1MetaAttributesIgnored, |seen| patched(seen, |body| remove(Some(body), "meta"))),
    (Fault::V1RenameDropsMembers, |seen| {
        let of_group = matches!(seen.route, Route::Resource(Kind::Group, _));
        patched(seen, |body| {
            if of_group && body.get("members").is_none() {
                body["meta"] = json!({ "attributes": ["members"] });
            }
        })
    }),
    (Fault::V1GroupDescriptionLost, |seen| {
        let mut body = seen.body();
        (is_v1(seen) && body.get(CUSTOM_GROUP).is_some()).then(|| {
            remove(Some(&mut body), CUSTOM_GROUP);
            body
        })
    }),
    (Fault::V1PatchReplacesResource, |seen| {
        // What has everything taken away first is replaced. The names that are required stay.
        patched(seen, |body| {
            body["meta"] = json!({ "attributes": ["name", "emails", "locale", "externalId", "members"] })
        })
    }),
];

/// What each of these faults does to a reply.
pub(super) const REPLIES: &[(Fault, Distort)] = &[
    (Fault::V1MalformedFilterIs200, |request, route, reply| {
        let parameters = request.parameters().unwrap_or_default();
        let malformed = parameters.iter().any(|(name, text)| name == "filter" && filter::parse(text).is_err());
        if malformed && matches!(route, Some(Route::Collection(_))) {
            let everybody = json!({
                "schemas": [CORE], "totalResults": 1, "startIndex": 1, "itemsPerPage": 1,
                "Resources": [{ "schemas": [CORE], "id": "1", "userName": "somebody" }],
            });
            *reply = Reply::json(StatusCode::OK, everybody);
        }
    }),
    (Fault::V1DiscoveryTakesPosts, |request, route, reply| {
        let discovers = matches!(route, Some(Route::ServiceProviderConfig | Route::ResourceTypes | Route::Schemas));
        if discovers && request.method == Method::POST {
            *reply = Reply::json(StatusCode::OK, json!({ "schemas": [CORE] }));
        }
    }),
    (Fault::V1ErrorsIn20Shape, |_, _, reply| {
        let detail = error(reply).map(|error| error["detail"].as_str().unwrap_or_default().to_owned());
        if let Some(detail) = detail {
            let status = reply.status.as_u16();
            *reply = Reply::from(ScimError::new(status, detail));
        }
    }),
    (Fault::V1ErrorsWithoutDescription, |_, _, reply| {
        remove(error(reply).and_then(|error| error.pointer_mut("/Errors/0")), "description");
    }),
    (Fault::V1ErrorsWithoutDetail, |_, _, reply| remove(error(reply), "detail")),
    (Fault::V1SchemasOf20, |_, _, reply| {
        if let Body::Json(value) = &mut reply.body {
            name_2_0(value);
        }
    }),
    (Fault::V1ListsWithoutSchemas, |_, _, reply| {
        if let Body::Json(value) = &mut reply.body
            && value.get("Resources").is_some()
        {
            remove(Some(value), "schemas");
        }
    }),
];

fn is_v1(seen: &Seen<'_>) -> bool {
    seen.request.version == Version::V1
}

fn patches(seen: &Seen<'_>) -> bool {
    is_v1(seen) && seen.request.method == Method::PATCH
}

/// Returns the changed body of a PATCH.
fn patched(seen: &Seen<'_>, change: impl FnOnce(&mut Value)) -> Option<Value> {
    let mut body = seen.body();
    (patches(seen) && body.is_object()).then(|| {
        change(&mut body);
        body
    })
}

fn members(body: &Value) -> impl Iterator<Item = &Value> {
    body["members"].as_array().into_iter().flatten()
}

fn is_delete(member: &Value) -> bool {
    member["operation"] == "delete"
}

fn error(reply: &mut Reply) -> Option<&mut Value> {
    match &mut reply.body {
        Body::Json(value) if value.get("Errors").is_some() => Some(value),
        _ => None,
    }
}

fn name_2_0(value: &mut Value) {
    let name = if value.get("Resources").is_some() {
        urn::LIST_RESPONSE
    } else if value.get("userName").is_some() {
        urn::USER
    } else {
        urn::GROUP
    };
    if value["schemas"][0] == CORE {
        value["schemas"][0] = name.into();
    }
    for resource in value.get_mut("Resources").and_then(Value::as_array_mut).into_iter().flatten() {
        name_2_0(resource);
    }
}
