//! Faults and quirks of bodies that no form would produce: strange characters, numbers, lengths, nesting and text that
//! is no JSON.

use http::{Method, StatusCode};
use scim_lang::json;
use serde_json::Value;

use super::requests::refuse;
use super::{Rows, Seen, Write};
use crate::behaviour::{Behaviour, Effect};
use crate::message::{Answer, Body, Reply};
use crate::route::Route;
use crate::store::{Content, Kind};
use crate::version::Version;

/// Those that turn a case red under the default gate.
pub(super) const FAULTS: Rows = &[
    Behaviour::new(
        "astral-characters-are-500",
        "A body with a character beyond U+FFFF answers 500.",
        "RFC7644 3.12",
        &[Effect::Intercept(|seen| {
            let astral = writes(seen) && has_text(&seen.body(), &|text| text.chars().any(|letter| letter > '\u{ffff}'));
            astral.then(|| refuse(500, "incorrect string value"))
        })],
    ),
    Behaviour::new(
        "half-surrogates-are-500",
        "A body with half a surrogate pair answers 500.",
        "RFC7644 3.12",
        &[Effect::Intercept(|seen| {
            let text = String::from_utf8_lossy(&seen.request.body);
            let half = writes(seen) && (text.contains("\\ud800") || text.contains("\\udc00"));
            half.then(|| refuse(500, "surrogates not allowed"))
        })],
    ),
    Behaviour::new(
        "nul-is-500",
        "A body with a NUL in a string answers 500.",
        "RFC7644 3.12",
        &[Effect::Intercept(|seen| {
            let nul = writes(seen) && has_text(&seen.body(), &|text| text.contains('\0'));
            nul.then(|| refuse(500, "invalid byte sequence"))
        })],
    ),
    Behaviour::new(
        "huge-numbers-are-500",
        "A number beyond all doubles answers 500.",
        "RFC7644 3.12",
        &[Effect::Intercept(|seen| {
            let text = String::from_utf8_lossy(&seen.request.body);
            (writes(seen) && text.contains("1e400")).then(|| refuse(500, "the number is infinite"))
        })],
    ),
    Behaviour::new(
        "long-names-are-500",
        "A userName of more than 255 characters answers 500.",
        "RFC7644 3.12",
        &[Effect::Intercept(|seen| {
            let long = seen.body()["userName"].as_str().is_some_and(|name| name.chars().count() > 255);
            (writes(seen) && long).then(|| refuse(500, "value too long for type character varying(255)"))
        })],
    ),
    Behaviour::new(
        "deep-bodies-hang-up",
        "A body that is nested deeper than 100 ends the connection.",
        "RFC7644 3.12",
        &[Effect::Intercept(|seen| {
            let deep = seen.request.body.windows(100).any(|window| window.iter().all(|byte| *byte == b'['));
            (writes(seen) && deep).then_some(Answer::HangUp)
        })],
    ),
    Behaviour::new(
        "duplicate-members-are-500",
        "A body with a member twice answers 500.",
        "RFC7644 3.12",
        &[Effect::Intercept(|seen| {
            let twice = json::parse(&seen.request.body).is_ok_and(|document| !document.duplicates.is_empty());
            (writes(seen) && twice).then(|| refuse(500, "an item with the same key has already been added"))
        })],
    ),
    Behaviour::new(
        "non-ascii-names-are-not-found",
        "Nobody is found by a userName that is not ASCII.",
        "RFC7644 3.4.2.2",
        &[Effect::Intercept(|seen| {
            let asked = seen.lists(Kind::User) && seen.request.version == Version::V2;
            let filter = seen.parameter("filter").filter(|_| asked)?;
            (!filter.is_ascii()).then(|| Answer::Reply(Reply::list(0, 1, Vec::new())))
        })],
    ),
    Behaviour::new(
        "empty-texts-become-unacceptable",
        "An empty text is shown as null, and null is refused.",
        "RFC7643 2.5",
        &[
            Effect::Intercept(|seen| {
                let body = seen.body();
                let null = PLAIN_TEXTS.iter().find(|name| body.get(**name) == Some(&Value::Null));
                null.filter(|_| writes(seen)).map(|name| refuse(400, &format!("`{name}` has to be a string")))
            }),
            Effect::Reply(|_, route, reply| {
                if let (Some(Route::Resource(Kind::User, _)), Body::Json(user)) = (route, &mut reply.body) {
                    for text in PLAIN_TEXTS {
                        if user.get(text).is_some_and(|value| value == "") {
                            user[text] = Value::Null;
                        }
                    }
                }
            }),
        ],
    ),
];

/// Those that do not.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "titles-have-64-characters",
        "The title of a user is cut to 64 characters.",
        "RFC7644 3.3",
        &[Effect::Content(Kind::User, WRITES, |_, after| {
            change_title(after, |title| title.chars().take(64).collect());
            Ok(())
        })],
    ),
    Behaviour::new(
        "titles-end-at-nul",
        "The title of a user ends where it has a NUL.",
        "RFC7644 3.3",
        &[Effect::Content(Kind::User, WRITES, |_, after| {
            change_title(after, |title| title.split('\0').next().unwrap_or_default().to_owned());
            Ok(())
        })],
    ),
    Behaviour::new(
        "apostrophes-are-doubled",
        "An apostrophe in a title becomes two.",
        "RFC7644 3.3",
        &[Effect::Content(Kind::User, WRITES, |_, after| {
            change_title(after, |title| title.replace('\'', "''"));
            Ok(())
        })],
    ),
    Behaviour::new(
        "what-follows-a-body-is-ignored",
        "A body with something behind its last bracket is read.",
        "RFC7644 3.12",
        &[Effect::Request(|request, _| {
            let end = request.body.iter().rposition(|byte| *byte == b'}').map_or(0, |place| place + 1);
            if serde_json::from_slice::<Value>(&request.body).is_err()
                && serde_json::from_slice::<Value>(&request.body[..end]).is_ok()
            {
                request.body.truncate(end);
            }
        })],
    ),
    Behaviour::new(
        "media-types-are-refused-in-html",
        "A body of another media type is refused with a page.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            if reply.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
                reply.body = Body::Text { media_type: "text/html", text: "<h1>Unsupported Media Type</h1>".to_owned() };
            }
        })],
    ),
];

const PLAIN_TEXTS: [&str; 4] = ["title", "nickName", "displayName", "userType"];

const WRITES: &[Write] = &[Write::Create, Write::Put];

/// Tells whether the request creates or replaces something.
fn writes(seen: &Seen<'_>) -> bool {
    let replaces = seen.is_on(&Method::PUT, Kind::User) || seen.is_on(&Method::PUT, Kind::Group);
    (replaces || seen.creates(Kind::User) || seen.creates(Kind::Group)) && seen.request.version == Version::V2
}

fn has_text(value: &Value, is: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is(text),
        Value::Array(elements) => elements.iter().any(|one| has_text(one, is)),
        Value::Object(members) => members.values().any(|one| has_text(one, is)),
        _ => false,
    }
}

fn change_title(content: &mut Content, change: impl Fn(&str) -> String) {
    if let Some(Value::String(title)) = content.attributes.get_mut("title") {
        *title = change(title);
    }
}
