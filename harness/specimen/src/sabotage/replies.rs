//! Faults that show in the reply alone.

use std::collections::HashMap;

use http::{Method, StatusCode};
use scim_lang::error::{ScimError, ScimType};
use scim_lang::urn;
use serde_json::{Map, Value, json};

use super::Seen;
use crate::fault::Fault;
use crate::message::{Body, Reply, Request};
use crate::route::Route;
use crate::store::Kind;

/// Changes a reply.
pub(super) type Distort = fn(&Request, Option<&Route>, &mut Reply);

/// What each of these faults does to a reply. Those that make an error out of something come before those that spoil
/// errors, and those that take `schemas` away come after those that know a message by it.
pub(super) const REPLIES: &[(Fault, Distort)] = &[
    (Fault::DeactivatedUserIs404, |request, route, reply| {
        let inactive = reply.value().is_some_and(|user| user["active"] == false);
        if reads_user(request, route) && inactive {
            *reply = ScimError::new(404, "the user is deactivated").into();
        }
    }),
    (Fault::UnknownIdIs500, |request, route, reply| {
        if reads_user(request, route) && reply.status == StatusCode::NOT_FOUND {
            *reply = ScimError::new(500, "no row was found").into();
        }
    }),
    (Fault::UnknownIdIs200, |request, route, reply| {
        if reads_user(request, route) && reply.status == StatusCode::NOT_FOUND {
            *reply = Reply::json(StatusCode::OK, json!({}));
        }
    }),
    (Fault::LookupMissIs404, |request, _, reply| {
        let missed = list(reply).is_some_and(|list| list["totalResults"] == 0);
        if missed && request.query.contains("filter=") {
            *reply = ScimError::new(404, "nothing matches the filter").into();
        }
    }),
    (Fault::TotalResultsIsPageSize, |_, _, reply| {
        if let Some(list) = list(reply) {
            list["totalResults"] = list["itemsPerPage"].clone();
        }
    }),
    (Fault::ItemsPerPageEchoesCount, |request, _, reply| {
        let parameters = request.parameters().unwrap_or_default();
        let count =
            parameters.iter().find(|(name, _)| name == "count").and_then(|(_, count)| count.parse::<u64>().ok());
        if let (Some(list), Some(count)) = (list(reply), count) {
            list["itemsPerPage"] = count.into();
        }
    }),
    (Fault::CountersAreStrings, |_, _, reply| {
        for name in ["totalResults", "startIndex", "itemsPerPage"] {
            if let Some(list) = list(reply) {
                list[name] = list[name].to_string().into();
            }
        }
    }),
    (Fault::EmptyListHasNoResources, |_, _, reply| remove(empty_list(reply), "Resources")),
    (Fault::EmptyListIsEmptyBody, |_, _, reply| become_instead(reply, Body::Empty)),
    (Fault::EmptyListIsNull, |_, _, reply| become_instead(reply, Body::Json(Value::Null))),
    (Fault::EmptyListIsBareArray, |_, _, reply| become_instead(reply, Body::Json(json!([])))),
    (Fault::ListsWithoutSchemas, |_, _, reply| remove(list(reply), "schemas")),
    (Fault::ListsAreHtml, |request, route, reply| {
        let listed = matches!(route, Some(Route::Collection(_))) && request.method == Method::GET;
        if listed && reply.status.is_success() {
            reply.body = html("Welcome", "Please sign in.");
        }
    }),
    (Fault::CreateLacksActive, |_, _, reply| {
        for user in users(reply) {
            user.shift_remove("active");
        }
    }),
    (Fault::CreateAnswerLacksSchemas, |request, route, reply| remove(created(request, route, reply), "schemas")),
    (Fault::CreateAnswerLacksId, |request, route, reply| remove(created(request, route, reply), "id")),
    (Fault::CreateAnswersEmptyBody, |request, route, reply| {
        if created(request, route, reply).is_some() {
            reply.body = Body::Empty;
        }
    }),
    (Fault::CreateAnswers200, |request, route, reply| {
        if is_create(request, route) && reply.status == StatusCode::CREATED {
            reply.status = StatusCode::OK;
        }
    }),
    (Fault::DuplicateAnswers400, |request, route, reply| {
        if is_create(request, route) && reply.status == StatusCode::CONFLICT {
            *reply = ScimError::bad_request(ScimType::Uniqueness, "the userName is taken").into();
        }
    }),
    (Fault::DuplicateAnswers500, |request, route, reply| {
        if is_create(request, route) && reply.status == StatusCode::CONFLICT {
            *reply = ScimError::new(500, "a unique index was violated").into();
        }
    }),
    (Fault::PatchEchoesRequest, |request, _, reply| echo_patch(request, reply)),
    (Fault::GroupPatchEchoesRequest, |request, route, reply| {
        if matches!(route, Some(Route::Resource(Kind::Group, _))) {
            echo_patch(request, reply);
        }
    }),
    (Fault::GroupPatchOfNobodyIs204, |request, route, reply| {
        let of_group = matches!(route, Some(Route::Resource(Kind::Group, _)));
        if of_group && request.method == Method::PATCH && reply.status == StatusCode::NOT_FOUND {
            *reply = Reply::empty(StatusCode::NO_CONTENT);
        }
    }),
    (Fault::UnauthorizedWithoutScimError, |_, _, reply| {
        if reply.status == StatusCode::UNAUTHORIZED {
            reply.body = plain("Unauthorized");
        }
    }),
    (Fault::ErrorsWithoutSchemas, |_, _, reply| remove(error(reply), "schemas")),
    (Fault::ErrorsWithoutDetail, |_, _, reply| remove(error(reply), "detail")),
    (Fault::ErrorsWithoutStatus, |_, _, reply| remove(error(reply), "status")),
    (Fault::ErrorsAsPlainText, |_, _, reply| {
        if let Some(error) = error(reply) {
            reply.body = plain(error["detail"].as_str().unwrap_or("the request failed"));
        }
    }),
    (Fault::ErrorsAsHtml, |_, _, reply| {
        if let Some(error) = error(reply) {
            let detail = error["detail"].as_str().unwrap_or("The request failed.").to_owned();
            reply.body = html("Error", &detail);
        }
    }),
];

/// Remembers the passwords that are written and shows them wherever their users are shown.
pub(super) fn echo_password(request: &Request, reply: &mut Reply, passwords: &mut HashMap<String, Value>) {
    let sent = sent(request);
    let patched = super::operations(&sent).find_map(|operation| match operation["path"].as_str() {
        Some("password") => operation.get("value"),
        _ => operation["value"].get("password"),
    });
    let password = sent.get("password").or(patched).cloned();
    for user in users(reply) {
        let Some(id) = user.get("id").and_then(Value::as_str).map(str::to_owned) else { continue };
        if let Some(password) = &password {
            passwords.insert(id.clone(), password.clone());
        }
        if let Some(password) = passwords.get(&id) {
            user.insert("password".into(), password.clone());
        }
    }
}

fn echo_patch(request: &Request, reply: &mut Reply) {
    if request.method == Method::PATCH && reply.status.is_success() {
        reply.status = StatusCode::OK;
        reply.body = Body::Json(sent(request));
    }
}

fn reads_user(request: &Request, route: Option<&Route>) -> bool {
    route.is_some_and(|route| Seen { request, route }.is_on(&Method::GET, Kind::User))
}

pub(crate) fn is_create(request: &Request, route: Option<&Route>) -> bool {
    request.method == Method::POST && matches!(route, Some(Route::Collection(_)))
}

pub(crate) fn sent(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_default()
}

/// Returns the resource in the answer to a successful create.
pub(crate) fn created<'a>(request: &Request, route: Option<&Route>, reply: &'a mut Reply) -> Option<&'a mut Value> {
    match &mut reply.body {
        Body::Json(resource) if is_create(request, route) && reply.status == StatusCode::CREATED => Some(resource),
        _ => None,
    }
}

/// Returns the message of a reply, if it is one of this kind.
fn message<'a>(reply: &'a mut Reply, urn: &str) -> Option<&'a mut Value> {
    match &mut reply.body {
        Body::Json(value) if value["schemas"][0] == urn => Some(value),
        _ => None,
    }
}

pub(crate) fn list(reply: &mut Reply) -> Option<&mut Value> {
    message(reply, urn::LIST_RESPONSE)
}

fn empty_list(reply: &mut Reply) -> Option<&mut Value> {
    list(reply).filter(|list| list["Resources"].as_array().is_some_and(Vec::is_empty))
}

/// Returns the Error of a 4xx. A fault that took its `schemas` away does not hide it from the next.
pub(crate) fn error(reply: &mut Reply) -> Option<&mut Value> {
    match &mut reply.body {
        Body::Json(value) if reply.status.is_client_error() => Some(value),
        _ => None,
    }
}

/// Takes resources out of a list and counts what is left.
pub(crate) fn leave_out(reply: &mut Reply, unwanted: impl Fn(&Value) -> bool) {
    let Some(list) = list(reply) else { return };
    let Some(resources) = list["Resources"].as_array_mut() else { return };
    resources.retain(|resource| !unwanted(resource));
    let left = resources.len();
    list["totalResults"] = left.into();
    list["itemsPerPage"] = left.into();
}

fn become_instead(reply: &mut Reply, body: Body) {
    if empty_list(reply).is_some() {
        reply.body = body;
    }
}

pub(crate) fn remove(object: Option<&mut Value>, name: &str) {
    if let Some(members) = object.and_then(Value::as_object_mut) {
        members.shift_remove(name);
    }
}

/// Returns every resource in a reply, alone or in a list.
pub(crate) fn resources(reply: &mut Reply) -> Vec<&mut Value> {
    let Body::Json(value) = &mut reply.body else { return Vec::new() };
    match value.get("Resources").is_some() {
        true => value["Resources"].as_array_mut().into_iter().flatten().collect(),
        false => vec![value],
    }
}

/// Returns every member of every group in a reply.
pub(crate) fn members(reply: &mut Reply) -> impl Iterator<Item = &mut Value> {
    let lists = resources(reply).into_iter().filter_map(|resource| resource.get_mut("members")?.as_array_mut());
    lists.flatten()
}

/// Returns every user in a reply, alone or in a list.
pub(crate) fn users(reply: &mut Reply) -> Vec<&mut Map<String, Value>> {
    let is_user = |resource: &&mut Map<String, Value>| {
        let schemas = resource.get("schemas").and_then(Value::as_array);
        schemas.is_some_and(|schemas| schemas.iter().any(|schema| schema == urn::USER))
    };
    resources(reply).into_iter().filter_map(Value::as_object_mut).filter(is_user).collect()
}

pub(crate) fn plain(text: &str) -> Body {
    Body::Text { media_type: "text/plain; charset=utf-8", text: text.to_owned() }
}

pub(crate) fn html(title: &str, text: &str) -> Body {
    // The text may repeat what the client sent.
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let text = format!("<!DOCTYPE html><html><head><title>{title}</title></head><body><p>{text}</p></body></html>\n");
    Body::Text { media_type: "text/html; charset=utf-8", text }
}
