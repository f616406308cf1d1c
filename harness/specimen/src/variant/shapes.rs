//! Lawful differences in how answers look.

use http::StatusCode;
use http::header::{CONTENT_LOCATION, CONTENT_TYPE, ETAG, HeaderValue, IF_MATCH, IF_NONE_MATCH, LOCATION};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use scim_lang::schema::{Attribute, Returned};
use scim_lang::urn;
use serde_json::{Map, Value, json};

use super::offers::config;
use crate::behaviour::{Behaviour, Effect};
use crate::message::{Body, Reply, Request, SCIM_JSON};
use crate::route::Route;
use crate::sabotage::Rows;
use crate::sabotage::replies::{list, members, remove, resources, users};
use crate::store::Kind;

pub(super) const VARIANTS: Rows = &[
    Behaviour::new(
        "unassigned-is-null",
        "Attributes without a value are returned as null.",
        "RFC7643 2.5",
        &[Effect::Reply(|request, _, reply| {
            spell_out(request, reply, |attribute, resource| resource.insert(attribute.name.into(), Value::Null))
        })],
    ),
    Behaviour::new(
        "unassigned-is-an-empty-array",
        "Multi-valued attributes without a value are returned as empty arrays.",
        "RFC7643 2.5",
        &[Effect::Reply(|request, _, reply| {
            spell_out(request, reply, |attribute, resource| match attribute.multi_valued {
                true => resource.insert(attribute.name.into(), json!([])),
                false => None,
            })
        })],
    ),
    Behaviour::new(
        "primary-false-is-shown",
        "Values that are not the primary one say so.",
        "RFC7643 2.4",
        &[Effect::Reply(|_, _, reply| {
            let lists = users(reply).into_iter().flat_map(|user| {
                let named = |(name, _): &(&String, &mut Value)| {
                    ["emails", "phoneNumbers", "addresses"].contains(&name.as_str())
                };
                user.iter_mut().filter(named).filter_map(|(_, value)| value.as_array_mut()).collect::<Vec<_>>()
            });
            for element in lists.flatten().filter_map(Value::as_object_mut) {
                element.entry("primary").or_insert(Value::Bool(false));
            }
        })],
    ),
    Behaviour::new(
        "arrays-are-reversed",
        "The values of a multi-valued attribute come in reverse order.",
        "RFC7643 2.4",
        &[Effect::Reply(|_, _, reply| resources(reply).into_iter().for_each(reverse_arrays))],
    ),
    Behaviour::new(
        "keys-are-reversed",
        "The members of every object come in reverse order.",
        "RFC7643 2.3.8",
        &[Effect::Reply(|_, _, reply| {
            if let Body::Json(body) = &mut reply.body {
                reverse_keys(body);
            }
        })],
    ),
    Behaviour::new(
        "json-is-indented",
        "Bodies are printed over many lines.",
        "RFC8259 2",
        &[Effect::Reply(|_, _, reply| {
            print(reply, |body| format!("{body:#}\n"));
        })],
    ),
    Behaviour::new(
        "json-is-ascii",
        "Characters beyond ASCII are escaped in bodies.",
        "RFC8259 7",
        &[Effect::Reply(|_, _, reply| print(reply, |body| escaped(&body.to_string())))],
    ),
    Behaviour::new(
        "media-type-has-a-charset",
        "The media type of answers has a charset parameter.",
        "RFC7644 3.8",
        &[Effect::Reply(|_, _, reply| name_type(reply, "application/scim+json; charset=utf-8"))],
    ),
    Behaviour::new(
        "media-type-is-capitalised",
        "The media type of answers is spelled in another case.",
        "RFC9110 8.3.1",
        &[Effect::Reply(|_, _, reply| name_type(reply, "Application/SCIM+JSON;charset=UTF-8"))],
    ),
    Behaviour::new(
        "times-have-no-zone",
        "Instants are told without a time zone.",
        "RFC7643 2.3.5",
        &[Effect::Reply(|_, _, reply| each_time(reply, |at| format!("{at:.3}").trim_end_matches('Z').to_owned()))],
    ),
    Behaviour::new(
        "times-are-whole-seconds",
        "Instants are told to the second.",
        "RFC7643 2.3.5",
        &[Effect::Reply(|_, _, reply| each_time(reply, |at| format!("{at:.0}")))],
    ),
    Behaviour::new(
        "times-have-nine-decimals",
        "Instants are told to the nanosecond.",
        "RFC7643 2.3.5",
        &[Effect::Reply(|_, _, reply| each_time(reply, |at| format!("{at:.9}")))],
    ),
    Behaviour::new(
        "times-have-an-offset",
        "Instants are told two hours east of Greenwich.",
        "RFC7643 2.3.5",
        &[Effect::Reply(|_, _, reply| {
            each_time(reply, |at| {
                let east = at.to_zoned(TimeZone::fixed(Offset::constant(2)));
                east.strftime("%Y-%m-%dT%H:%M:%S%.3f+02:00").to_string()
            })
        })],
    ),
    Behaviour::new(
        "tags-are-strong",
        "Entity tags are strong.",
        "RFC7644 3.14",
        &[Effect::Reply(|_, _, reply| {
            let strong = |tag: &str| tag.trim_start_matches("W/").to_owned();
            let tag = reply.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(strong);
            if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
                reply.headers.insert(ETAG, tag);
            }
            for version in resources(reply).into_iter().filter_map(|resource| resource.pointer_mut("/meta/version")) {
                *version = strong(version.as_str().unwrap_or_default()).into();
            }
        })],
    ),
    Behaviour::new(
        "no-tags",
        "There are no entity tags, and conditions are ignored.",
        "RFC7644 3.14",
        &[
            Effect::Request(|request, _| {
                request.headers.remove(IF_MATCH);
                request.headers.remove(IF_NONE_MATCH);
            }),
            Effect::Reply(|request, route, reply| {
                reply.headers.remove(ETAG);
                for resource in resources(reply) {
                    remove(resource.get_mut("meta"), "version");
                }
                if let (Some(Route::Bulk), Body::Json(body)) = (route, &mut reply.body) {
                    let operations = body.get_mut("Operations").and_then(Value::as_array_mut).into_iter().flatten();
                    operations.for_each(|operation| remove(Some(operation), "version"));
                }
                if let Some(config) = config(request, route, reply) {
                    config["etag"]["supported"] = false.into();
                }
            }),
        ],
    ),
    Behaviour::new(
        "stale-versions-are-409",
        "A write with a stale entity tag answers 409.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            if reply.status == StatusCode::PRECONDITION_FAILED {
                reply.status = StatusCode::CONFLICT;
                if let Body::Json(error) = &mut reply.body {
                    error["status"] = "409".into();
                }
            }
        })],
    ),
    Behaviour::new(
        "locations-are-relative",
        "The Location header is a path without scheme and host.",
        "RFC9110 10.2.2",
        &[Effect::Reply(|request, _, reply| {
            let origin = request.base.split('/').take(3).collect::<Vec<_>>().join("/");
            for name in [LOCATION, CONTENT_LOCATION] {
                let location = reply.headers.get(&name).and_then(|location| location.to_str().ok());
                let path = location.and_then(|location| location.strip_prefix(&origin)).map(str::to_owned);
                if let Some(path) = path.and_then(|path| HeaderValue::from_str(&path).ok()) {
                    reply.headers.insert(name, path);
                }
            }
        })],
    ),
    Behaviour::new(
        "only-creates-are-located",
        "Only the answer to a create has a Location header.",
        "RFC7644 3.3",
        &[Effect::Reply(|_, route, reply| {
            reply.headers.remove(CONTENT_LOCATION);
            if reply.status == StatusCode::OK && route != Some(&Route::Me) {
                reply.headers.remove(LOCATION);
            }
        })],
    ),
    Behaviour::new(
        "references-are-not-returned",
        "Members, groups and managers have no `$ref`.",
        "RFC7643 4.2",
        &[Effect::Reply(|_, _, reply| lose_from_links(reply, &["$ref"]))],
    ),
    Behaviour::new(
        "groups-are-never-shown",
        "Users do not show their groups.",
        "RFC7643 4.1.2",
        &[Effect::Reply(|_, _, reply| {
            for user in users(reply) {
                user.shift_remove("groups");
            }
        })],
    ),
    Behaviour::new(
        "displays-are-not-returned",
        "Members and groups have no `display`.",
        "RFC7643 4.2",
        &[Effect::Reply(|_, _, reply| lose_from_links(reply, &["display", "displayName"]))],
    ),
    Behaviour::new(
        "members-are-bare",
        "Members and groups have a `value` and nothing else.",
        "RFC7643 4.2",
        &[Effect::Reply(|_, _, reply| lose_from_links(reply, &["$ref", "display", "displayName", "type"]))],
    ),
    Behaviour::new(
        "projections-have-no-schemas",
        "What `attributes` chooses comes without `schemas`.",
        "RFC7644 3.9",
        &[Effect::Reply(|request, _, reply| {
            if asks_for(request, "attributes") {
                resources(reply).into_iter().for_each(|resource| {
                    if resource.get("detail").is_none() {
                        remove(Some(resource), "schemas");
                    }
                });
            }
        })],
    ),
    Behaviour::new(
        "errors-carry-a-trace",
        "Errors have a member that the RFC does not know.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            if let Some(error) = crate::sabotage::replies::error(reply) {
                error["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736".into();
            }
        })],
    ),
    Behaviour::new(
        "errors-have-no-keyword",
        "A 400 for a body that is wrong has no `scimType`.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            if let Some(error) = crate::sabotage::replies::error(reply) {
                // The text asks for the other keywords where it asks for the status.
                if ["invalidSyntax", "invalidValue"].iter().any(|keyword| error["scimType"] == *keyword) {
                    remove(Some(error), "scimType");
                }
            }
        })],
    ),
    Behaviour::new(
        "errors-have-no-detail",
        "Errors have no `detail`.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            // A bulk request that is too long has to be told the limit (RFC 7644 §3.7.4).
            if reply.status != StatusCode::PAYLOAD_TOO_LARGE {
                remove(crate::sabotage::replies::error(reply), "detail");
            }
        })],
    ),
    Behaviour::new(
        "empty-lists-have-no-array",
        "A list without resources has no `Resources`.",
        "RFC7644 3.4.2",
        &[Effect::Reply(|_, _, reply| {
            let is_empty = |list: &&mut Value| list["Resources"].as_array().is_some_and(Vec::is_empty);
            remove(list(reply).filter(is_empty), "Resources");
        })],
    ),
    Behaviour::new(
        "whole-lists-have-no-counters",
        "A list that is no page has neither `startIndex` nor `itemsPerPage`.",
        "RFC7644 3.4.2",
        &[Effect::Reply(|_, _, reply| {
            let is_whole = |list: &&mut Value| {
                list["totalResults"].as_u64() == list["Resources"].as_array().map(|resources| resources.len() as u64)
            };
            if let Some(list) = list(reply).filter(is_whole) {
                remove(Some(list), "startIndex");
                remove(Some(list), "itemsPerPage");
            }
        })],
    ),
];

/// Tells whether a query parameter is there, or its counterpart in a SearchRequest.
pub(super) fn asks_for(request: &Request, name: &str) -> bool {
    let parameters = request.parameters().unwrap_or_default();
    parameters.iter().any(|(other, _)| other == name)
        || request.path.ends_with(".search") && crate::sabotage::replies::sent(request).get(name).is_some()
}

/// Adds something for every attribute without a value that is returned by default, unless attributes were chosen.
fn spell_out(request: &Request, reply: &mut Reply, add: fn(&Attribute, &mut Map<String, Value>) -> Option<Value>) {
    if asks_for(request, "attributes") || asks_for(request, "excludedAttributes") {
        return;
    }
    for resource in resources(reply).into_iter().filter_map(Value::as_object_mut) {
        let kind = match resource.get("schemas").and_then(|schemas| schemas.get(0)).and_then(Value::as_str) {
            Some(urn::USER) => Kind::User,
            Some(urn::GROUP) => Kind::Group,
            _ => continue,
        };
        let attributes = kind.ty().schema.attributes.iter();
        for attribute in attributes.filter(|attribute| attribute.returned == Returned::Default) {
            if !resource.contains_key(attribute.name) {
                add(attribute, resource);
            }
        }
    }
}

fn reverse_arrays(value: &mut Value) {
    match value {
        Value::Array(elements) => {
            elements.reverse();
            elements.iter_mut().for_each(reverse_arrays);
        }
        Value::Object(members) => members.values_mut().for_each(reverse_arrays),
        _ => {}
    }
}

fn reverse_keys(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(reverse_keys),
        Value::Object(members) => {
            let reversed: Vec<(String, Value)> = std::mem::take(members).into_iter().rev().collect();
            members.extend(reversed);
            members.values_mut().for_each(reverse_keys);
        }
        _ => {}
    }
}

fn print(reply: &mut Reply, text: fn(&Value) -> String) {
    if let Body::Json(body) = &reply.body {
        reply.body = Body::Printed(text(body));
    }
}

/// Escapes what is beyond ASCII, in pairs where one escape is not enough (RFC 8259 §7).
fn escaped(json: &str) -> String {
    let mut units = [0; 2];
    let escape =
        |c: char, units: &mut [u16; 2]| c.encode_utf16(units).iter().map(|unit| format!("\\u{unit:04x}")).collect();
    json.chars().map(|c| if c.is_ascii() { c.to_string() } else { escape(c, &mut units) }).collect()
}

fn name_type(reply: &mut Reply, media_type: &'static str) {
    debug_assert!(media_type.to_ascii_lowercase().starts_with(SCIM_JSON));
    if matches!(reply.body, Body::Json(_) | Body::Printed(_)) {
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
}

/// Spells the instants in `meta` in another way.
fn each_time(reply: &mut Reply, spell: fn(Timestamp) -> String) {
    for meta in resources(reply).into_iter().filter_map(|resource| resource.get_mut("meta")) {
        for name in ["created", "lastModified"] {
            if let Some(at) = meta[name].as_str().and_then(|text| text.parse::<Timestamp>().ok()) {
                meta[name] = spell(at).into();
            }
        }
    }
}

/// Takes sub-attributes from whatever leads to another resource.
fn lose_from_links(reply: &mut Reply, names: &[&str]) {
    let lose = |link: &mut Value| names.iter().for_each(|name| remove(Some(link), name));
    members(reply).for_each(lose);
    for user in users(reply) {
        let groups = user.get_mut("groups").and_then(Value::as_array_mut);
        groups.into_iter().flatten().for_each(lose);
        if let Some(manager) = user.get_mut(urn::ENTERPRISE_USER).and_then(|extension| extension.get_mut("manager")) {
            lose(manager);
        }
    }
}
