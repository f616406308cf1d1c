//! Rules about headers, and about the body as JSON.

use super::subject::{Body, Resource, Subject};
use super::{Flaw, form, uri};
use crate::discovery::below;
use serde_json::Value;
use std::collections::HashSet;

/// RFC 7644 §3.1.
pub(super) fn media_type_scim_json(subject: &Subject<'_>) -> Vec<Flaw> {
    media_type(subject, &["application/scim+json"])
}

/// RFC 7644 §3.8.
pub(super) fn media_type_json(subject: &Subject<'_>) -> Vec<Flaw> {
    media_type(subject, &["application/scim+json", "application/json"])
}

fn media_type(subject: &Subject<'_>, accepted: &[&str]) -> Vec<Flaw> {
    // What has no body needs no media type (RFC 9110 §8.3).
    if matches!(subject.body, Body::Empty) && matches!(subject.reply.status, 204 | 304) {
        return Vec::new();
    }
    let wanted = accepted.join(" or ");
    let found = subject.header("content-type");
    let essence = found.and_then(|value| value.split(';').next()).map(|kind| kind.trim().to_ascii_lowercase());
    match essence {
        Some(essence) if accepted.contains(&essence.as_str()) => Vec::new(),
        Some(other) => vec![Flaw::new(format!("the media type is {}, not {wanted}", super::shown(&other)))],
        None => vec![Flaw::new(format!("there is no Content-Type, so the media type is not {wanted}"))],
    }
}

/// RFC 8259 §4 for names that are the same, RFC 7643 §2.1 for those that differ in case alone.
pub(super) fn unique_names(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    if matches!(subject.body, Body::Empty) && matches!(subject.reply.status, 202 | 204 | 304) {
        return Ok(Vec::new());
    }
    let value = subject.json()?;
    let Body::Json(document) = &subject.body else { return Ok(Vec::new()) };
    let twice = document.duplicates.iter().map(|it| Flaw::at(it.pointer.clone(), "is there twice"));
    let mut flaws: Vec<Flaw> = twice.collect();
    find_same_names(value, "", &mut flaws);
    Ok(flaws)
}

fn find_same_names(value: &Value, pointer: &str, flaws: &mut Vec<Flaw>) {
    match value {
        Value::Object(members) => {
            let mut names = HashSet::with_capacity(members.len());
            for (key, value) in members {
                if !names.insert(key.to_ascii_lowercase()) {
                    flaws.push(Flaw::at(below(pointer, key), "is there in another case as well"));
                }
                find_same_names(value, &below(pointer, key), flaws);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                find_same_names(value, &format!("{pointer}/{index}"), flaws);
            }
        }
        _ => {}
    }
}

/// RFC 7644 §2, RFC 9110 §11.6.1.
pub(super) fn www_authenticate(subject: &Subject<'_>) -> Vec<Flaw> {
    if subject.reply.status != 401 {
        return Vec::new();
    }
    let names_scheme = |value: &http::HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
        let scheme = text.split([' ', ',']).next().unwrap_or_default().to_owned();
        !scheme.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    if subject.reply.headers.get_all("www-authenticate").iter().any(names_scheme) {
        return Vec::new();
    }
    vec![Flaw::new("a 401 without WWW-Authenticate does not say how to authenticate")]
}

/// RFC 6585 §4. A date is legal HTTP, but clients such as Okta's read seconds alone.
pub(super) fn retry_after(subject: &Subject<'_>) -> Vec<Flaw> {
    let is_seconds = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    match subject.header("retry-after") {
        _ if subject.reply.status != 429 => Vec::new(),
        Some(text) if is_seconds(text.trim()) => Vec::new(),
        Some(_) => vec![Flaw::new("Retry-After of the 429 is no whole number of seconds")],
        None => vec![Flaw::new("a 429 without Retry-After does not say when to come back")],
    }
}

/// RFC 7644 §3.3. A relative reference is legal HTTP (RFC 9110 §10.2.2).
pub(super) fn location_header(subject: &Subject<'_>) -> Vec<Flaw> {
    match subject.reply.headers.get("location") {
        None => vec![Flaw::new("the header Location is absent")],
        Some(value) => match value.to_str() {
            Ok(text) if !text.is_empty() && form::is_uri_reference(text) => Vec::new(),
            _ => vec![Flaw::new("the header Location is no URI")],
        },
    }
}

/// RFC 7644 §3.3.
pub(super) fn location_is_meta_location(subject: &Subject<'_>) -> Vec<Flaw> {
    is_meta_location(subject, "Location")
}

/// RFC 7643 §3.1.
pub(super) fn content_location_is_meta_location(subject: &Subject<'_>) -> Vec<Flaw> {
    is_meta_location(subject, "Content-Location")
}

fn is_meta_location(subject: &Subject<'_>, header: &str) -> Vec<Flaw> {
    let Some(resource) = single(subject) else { return Vec::new() };
    let in_body = resource.meta("location").and_then(Value::as_str);
    let (Some(in_header), Some(in_body)) = (subject.header(header), in_body) else { return Vec::new() };
    let base = subject.context.base;
    if uri::same_place(in_header, in_body, &subject.context.request.url, base) {
        return Vec::new();
    }
    vec![Flaw::at("/meta/location", &format!("is another place than the header {header} names"))]
}

/// Behind a proxy a server may know itself by another name; clients that follow such a link go astray.
pub(super) fn locations_below_base(subject: &Subject<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if subject.header("location").is_some_and(|location| leaves_base(location, subject)) {
        flaws.push(Flaw::new("the header Location leads away from the base URL").expecting(subject.context.base));
    }
    for resource in subject.resources().unwrap_or_default() {
        let location = resource.meta("location").and_then(Value::as_str);
        if location.is_some_and(|location| leaves_base(location, subject)) {
            let pointer = below(&resource.at("meta"), "location");
            flaws.push(Flaw::at(pointer, "leads away from the base URL").expecting(subject.context.base));
        }
    }
    flaws
}

fn leaves_base(location: &str, subject: &Subject<'_>) -> bool {
    let base = subject.context.base;
    let Some(origin) = uri::origin(location) else { return false };
    let below_base = || uri::segments(location, "").starts_with(&uri::segments(base, ""));
    uri::origin(base).is_some_and(|ours| ours != origin) || !below_base()
}

/// RFC 7644 §3.14, RFC 9110 §8.8.3.
pub(super) fn etag(subject: &Subject<'_>) -> Vec<Flaw> {
    match subject.reply.headers.get("etag") {
        None => vec![Flaw::new("the header ETag is absent")],
        Some(tag) if form::is_entity_tag(&String::from_utf8_lossy(tag.as_bytes())) => Vec::new(),
        Some(_) => vec![Flaw::new("the header ETag is no entity tag: it has to be in quotes").expecting("W/\"…\"")],
    }
}

/// RFC 7643 §3.1: the value of `version` is that of the header, quotes and `W/` included.
pub(super) fn meta_version_is_etag(subject: &Subject<'_>) -> Vec<Flaw> {
    let Some(resource) = single(subject) else { return Vec::new() };
    let version = resource.meta("version").and_then(Value::as_str);
    match (subject.header("etag"), version) {
        (Some(tag), Some(version)) if tag != version => {
            vec![Flaw::at("/meta/version", "is not the same text as the header ETag")]
        }
        _ => Vec::new(),
    }
}

/// Returns the resource that the body is, if it is one.
fn single<'s>(subject: &'s Subject<'_>) -> Option<Resource<'s>> {
    let mut resources = subject.resources().ok()?;
    let first = resources.pop()?;
    (resources.is_empty() && first.pointer.is_empty()).then_some(first)
}
