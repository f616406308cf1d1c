//! Faults and quirks of what resources and schemas say: attributes, types, characteristics, discovery documents, as the
//! RFCs have them.

use http::Method;
use serde_json::Value;

use super::replies::{list, remove, resources, users};
use super::{Rows, operations};
use crate::behaviour::{Behaviour, Effect};
use crate::message::{Body, Reply};
use crate::route::Route;
use crate::store::Kind;
use crate::version::Version;

/// Those that turn a case red under the default gate.
pub(super) const FAULTS: Rows = &[
    Behaviour::new(
        "resources-lack-schemas",
        "Resources have no `schemas`.",
        "RFC7643 3",
        &[Effect::Reply(|_, _, reply| {
            let is_resource = |value: &&mut Value| value.get("meta").is_some();
            resources(reply).into_iter().filter(is_resource).for_each(|resource| remove(Some(resource), "schemas"));
        })],
    ),
    Behaviour::new(
        "active-is-always-true",
        "Users are shown as active, whatever they are.",
        "RFC7643 4.1.1",
        &[Effect::Reply(|_, _, reply| {
            for user in users(reply).into_iter().filter(|user| user.contains_key("active")) {
                user.insert("active".into(), true.into());
            }
        })],
    ),
    Behaviour::new(
        "members-are-never-returned",
        "Groups do not show their members.",
        "RFC7643 4.2",
        &[Effect::Reply(|_, route, reply| {
            if matches!(route, Some(Route::Collection(Kind::Group) | Route::Resource(Kind::Group, _))) {
                resources(reply).into_iter().for_each(|group| remove(Some(group), "members"));
            }
        })],
    ),
    Behaviour::new(
        "list-lacks-ids",
        "Resources in a list have no `id`.",
        "RFC7643 3.1",
        &[Effect::Reply(|_, route, reply| {
            if matches!(route, Some(Route::Collection(_) | Route::Root | Route::Search(_))) && list(reply).is_some() {
                resources(reply).into_iter().for_each(|resource| remove(Some(resource), "id"));
            }
        })],
    ),
    Behaviour::new(
        "list-key-is-lower-case",
        "The resources of a list stand in `resources`.",
        "RFC7644 3.4.2",
        &[Effect::Reply(|_, _, reply| {
            if let Some(list) = list(reply).and_then(Value::as_object_mut)
                && let Some(resources) = list.shift_remove("Resources")
            {
                list.insert("resources".into(), resources);
            }
        })],
    ),
];

/// Those that do not.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "resources-lack-meta",
        "Resources have no `meta`.",
        "RFC7643 3.1",
        &[Effect::Reply(|_, _, reply| {
            resources(reply).into_iter().for_each(|resource| remove(Some(resource), "meta"));
        })],
    ),
    Behaviour::new(
        "resource-type-is-lower-case",
        "`meta.resourceType` is in lower case.",
        "RFC7643 3.1",
        &[Effect::Reply(|_, _, reply| {
            for ty in each_meta(reply, "resourceType") {
                *ty = ty.as_str().unwrap_or_default().to_lowercase().into();
            }
        })],
    ),
    Behaviour::new(
        "last-modified-never-moves",
        "`meta.lastModified` stays what `meta.created` is.",
        "RFC7643 3.1",
        &[Effect::Reply(|_, _, reply| {
            for meta in resources(reply).into_iter().filter_map(|resource| resource.get_mut("meta")) {
                if meta.get("lastModified").is_some() {
                    meta["lastModified"] = meta["created"].clone();
                }
            }
        })],
    ),
    Behaviour::new(
        "config-lacks-bulk-and-filter",
        "/ServiceProviderConfig says nothing about bulk requests and filters.",
        "RFC7643 5",
        &[Effect::Reply(|request, route, reply| {
            if let (Some(Route::ServiceProviderConfig), Version::V2, Body::Json(config)) =
                (route, request.version, &mut reply.body)
            {
                remove(Some(config), "bulk");
                remove(Some(config), "filter");
            }
        })],
    ),
    Behaviour::new(
        "config-overstates",
        "/ServiceProviderConfig offers PATCH, and PATCH of anything but `active` and members answers 501.",
        "RFC7644 4",
        &[Effect::Intercept(|seen| {
            let body = seen.body();
            let is_usual = |operation: &Value| {
                let text = operation.to_string();
                text.contains("active") || text.contains("members") || text.contains("displayName")
            };
            let patches = seen.request.method == Method::PATCH && seen.request.version == Version::V2;
            let refused = patches && operations(&body).next().is_some() && !operations(&body).any(is_usual);
            refused.then(|| super::requests::refuse(501, "PATCH is not implemented"))
        })],
    ),
];

/// Returns one member of the `meta` of every resource in a reply.
fn each_meta<'a>(reply: &'a mut Reply, name: &'a str) -> impl Iterator<Item = &'a mut Value> {
    resources(reply).into_iter().filter_map(move |resource| resource.get_mut("meta")?.get_mut(name))
}
