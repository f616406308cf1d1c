//! Quirks of errors, and of the HTTP around requests: paths, methods, media types, encodings.

use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Method, StatusCode};
use scim_lang::urn;
use serde_json::{Value, json};

use super::Rows;
use super::replies::{error, html, list, sent, users};
use super::requests::refuse;
use crate::behaviour::{Behaviour, Effect};
use crate::message::{Reply, Request, SCIM_JSON};
use crate::route::Route;
use crate::store::Kind;
use crate::version::Version;

/// Those that turn a case red under the default gate.
pub(super) const FAULTS: Rows = &[
    Behaviour::new(
        "plain-values-are-500",
        "A value of a multi-valued attribute that is a plain string answers 500.",
        "SCIM1.1 core 3.2",
        &[Effect::Intercept(|seen| {
            let fails = seen.creates(Kind::User) && seen.body()["emails"][0].is_string();
            fails.then(|| refuse(500, "a string is not an object"))
        })],
    ),
    Behaviour::new(
        "strangers-are-sent-to-sign-in",
        "A request without credentials answers 302 and leads to a page for signing in.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            if reply.status == StatusCode::UNAUTHORIZED {
                *reply = Reply::empty(StatusCode::FOUND).with(LOCATION, "/sign-in");
            }
        })],
    ),
    Behaviour::new(
        "error-status-is-always-500",
        "The `status` of an error is 500, whatever the status line says.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| spoil(reply, "status", |_| "500".into()))],
    ),
];

/// Those that do not.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "unknown-paths-answer-html",
        "A path that leads nowhere answers 200 with the page of an application.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, route, reply| {
            if route.is_none() && reply.status == StatusCode::NOT_FOUND {
                *reply = Reply { status: StatusCode::OK, body: html("Welcome", "Loading…"), ..reply.clone() };
            }
        })],
    ),
    Behaviour::new(
        "unknown-versions-are-ignored",
        "A version in a path is passed over, whatever it is.",
        "RFC7644 3.13",
        &[Effect::Request(|request, route| {
            if route.is_none() {
                request.path = request.path.replace("/v9/", "/");
            }
        })],
    ),
    Behaviour::new(
        "post-to-a-user-is-a-put",
        "POST to a user replaces them.",
        "RFC7644 3.2",
        &[Effect::Request(|request, route| {
            if request.method == Method::POST && is_user(request, route) {
                request.method = Method::PUT;
            }
        })],
    ),
    Behaviour::new(
        "long-ids-are-cut",
        "An id in a path is cut to the length that ids have.",
        "RFC7644 3.4.1",
        &[Effect::Request(|request, route| {
            if let Some(Route::Resource(Kind::User, id)) = route.filter(|_| request.version == Version::V2)
                && id.len() > UUID_LENGTH
                && let (true, Some(base)) = (id.is_ascii(), request.path.strip_suffix(id.as_str()))
            {
                request.path = format!("{base}{}", &id[..UUID_LENGTH]);
            }
        })],
    ),
    Behaviour::new(
        "xml-bodies-are-read",
        "A body of type text/xml is read.",
        "RFC7644 3.8",
        &[Effect::Request(|request, _| {
            let is_xml = request.headers.get(CONTENT_TYPE).is_some_and(|value| value == "text/xml");
            let text = String::from_utf8_lossy(&request.body);
            let name = text.split_once("<userName>").and_then(|(_, rest)| rest.split_once("</userName>"));
            if let (true, Some((name, _))) = (is_xml, name) {
                let user = json!({ "schemas": [urn::USER], "userName": name });
                request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(SCIM_JSON));
                request.body = user.to_string().into();
            }
        })],
    ),
    Behaviour::new(
        "four-byte-characters-are-lost",
        "Characters that take four bytes in UTF-8 are stored as question marks.",
        "RFC7644 3.8",
        &[Effect::Content(Kind::User, super::rfc_crud::ALWAYS, |_, after| {
            after.attributes.values_mut().for_each(lose_characters);
            Ok(())
        })],
    ),
    Behaviour::new(
        "reads-are-located-elsewhere",
        "The Location of a GET is that of somebody else.",
        "RFC7644 3.4.1",
        &[Effect::Reply(|request, route, reply| {
            if request.method == Method::GET && is_user(request, route) && reply.status == StatusCode::OK {
                reply.headers.insert(LOCATION, HeaderValue::from_static("/scim/v2/Users/somebody-else"));
            }
        })],
    ),
    Behaviour::new(
        "reading-is-a-modification",
        "Who is read is modified.",
        "RFC7643 3.1",
        &[Effect::Reply(|request, route, reply| {
            if request.method == Method::GET && is_user(request, route) {
                for user in users(reply) {
                    if let Some(time) = user.get_mut("meta").and_then(|meta| meta.get_mut("lastModified")) {
                        *time = jiff::Timestamp::now().to_string().into();
                    }
                }
            }
        })],
    ),
    Behaviour::new(
        "messages-are-published",
        "The schema of a message is among those at /Schemas.",
        "RFC7644 3.1",
        &[Effect::Reply(|_, route, reply| {
            let published = list(reply).filter(|_| route == Some(&Route::Schemas));
            if let Some(schemas) = published.and_then(|list| list["Resources"].as_array_mut()) {
                let of_a_message = schemas.first().cloned().map(|mut schema| {
                    schema["id"] = urn::LIST_RESPONSE.into();
                    schema
                });
                schemas.extend(of_a_message);
            }
        })],
    ),
    Behaviour::new(
        "put-of-nobody-is-200",
        "PUT of a user who is not there answers 200 with what was sent.",
        "RFC7644 3.5.1",
        &[Effect::Reply(|request, route, reply| {
            if is_missing(&Method::PUT, request, route, reply) {
                *reply = Reply::json(StatusCode::OK, sent(request));
            }
        })],
    ),
    Behaviour::new(
        "patch-of-nobody-is-204",
        "PATCH of a user who is not there answers 204.",
        "RFC7644 3.6",
        &[Effect::Reply(|request, route, reply| {
            if is_missing(&Method::PATCH, request, route, reply) {
                *reply = Reply::empty(StatusCode::NO_CONTENT);
            }
        })],
    ),
    Behaviour::new(
        "delete-of-nobody-is-204",
        "DELETE of a user who is not there answers 204.",
        "RFC7644 3.6",
        &[Effect::Reply(|request, route, reply| {
            if is_missing(&Method::DELETE, request, route, reply) {
                *reply = Reply::empty(StatusCode::NO_CONTENT);
            }
        })],
    ),
    Behaviour::new(
        "conflicting-put-is-200",
        "PUT to a userName that is taken answers 200 with what was sent, and does nothing.",
        "RFC7644 3.5.1",
        &[Effect::Reply(|request, _, reply| {
            if request.method == Method::PUT && reply.status == StatusCode::CONFLICT {
                *reply = Reply::json(StatusCode::OK, sent(request));
            }
        })],
    ),
    Behaviour::new(
        "keywords-are-home-made",
        "The `scimType` of an error is one of the vendor's own.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| spoil(reply, "scimType", |_| "requestRejected".into()))],
    ),
    Behaviour::new(
        "keywords-are-mixed-up",
        "Errors say invalidSyntax for invalidValue, and the other way round.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            spoil(reply, "scimType", |keyword| match keyword.as_str() {
                Some("invalidSyntax") => "invalidValue".into(),
                Some("invalidValue") => "invalidSyntax".into(),
                _ => keyword.clone(),
            });
        })],
    ),
    Behaviour::new(
        "conflict-has-the-wrong-keyword",
        "The `scimType` of a 409 is invalidFilter.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            if reply.status == StatusCode::CONFLICT {
                spoil(reply, "scimType", |_| "invalidFilter".into());
            }
        })],
    ),
    Behaviour::new(
        "error-detail-is-a-list",
        "The `detail` of an error is an array.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| spoil(reply, "detail", |detail| json!([detail])))],
    ),
    Behaviour::new(
        "errors-show-the-stack",
        "The `detail` of an error is a stack trace.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            spoil(reply, "detail", |_| {
                "java.lang.IllegalStateException\n\tat com.example.scim.Users.read(Users.java:42)".into()
            });
        })],
    ),
    Behaviour::new(
        "errors-repeat-the-request",
        "The `detail` of an error holds the body of the request.",
        "RFC7644 7.5.2",
        &[Effect::Reply(|request, _, reply| {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            if !body.is_empty() {
                spoil(reply, "detail", |_| body.clone().into());
            }
        })],
    ),
];

const UUID_LENGTH: usize = 36;

fn is_user(request: &Request, route: Option<&Route>) -> bool {
    request.version == Version::V2 && matches!(route, Some(Route::Resource(Kind::User, _)))
}

fn is_missing(method: &Method, request: &Request, route: Option<&Route>, reply: &Reply) -> bool {
    request.method == *method && is_user(request, route) && reply.status == StatusCode::NOT_FOUND
}

/// Changes a member of an Error, if it is there.
fn spoil(reply: &mut Reply, member: &str, change: impl Fn(&Value) -> Value) {
    if let Some(value) = error(reply).and_then(|error| error.get_mut(member)) {
        *value = change(value);
    }
}

fn lose_characters(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.chars().map(|c| if c.len_utf8() == 4 { '?' } else { c }).collect(),
        Value::Array(values) => values.iter_mut().for_each(lose_characters),
        Value::Object(members) => members.values_mut().for_each(lose_characters),
        _ => {}
    }
}
