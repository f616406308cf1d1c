//! Lawful differences in what is offered, and in what is said about it.

use http::{Method, StatusCode};
use scim_lang::error::{ScimError, ScimType};
use scim_lang::filter::{CompareOp, Filter};
use scim_lang::path::AttrPath;
use scim_lang::urn;
use serde_json::{Value, json};

use crate::behaviour::{Behaviour, Effect};
use crate::message::{Answer, Body, Reply, Request};
use crate::query::Query;
use crate::route::Route;
use crate::sabotage::replies::{leave_out, list, remove, resources, users};
use crate::sabotage::requests::{refuse, refuse_as};
use crate::sabotage::{Rows, Seen};
use crate::store::Kind;
use crate::version::Version;

pub(super) const VARIANTS: Rows = &[
    Behaviour::new(
        "no-patch",
        "PATCH is not supported.",
        "RFC7644 3.5.2",
        &[
            Effect::Intercept(|seen| {
                let patches = is_v2(seen) && seen.request.method == Method::PATCH;
                patches.then(|| refuse(501, "PATCH is not supported"))
            }),
            Effect::Reply(|request, route, reply| deny(request, route, reply, "patch")),
        ],
    ),
    Behaviour::new(
        "no-bulk",
        "Bulk requests are not supported.",
        "RFC7644 3.7",
        &[
            Effect::Intercept(|seen| {
                let asked = is_v2(seen) && *seen.route == Route::Bulk;
                asked.then(|| refuse(501, "bulk requests are not supported"))
            }),
            Effect::Reply(|request, route, reply| {
                if let Some(config) = config(request, route, reply) {
                    config["bulk"] = json!({ "supported": false, "maxOperations": 0, "maxPayloadSize": 0 });
                }
            }),
        ],
    ),
    Behaviour::new(
        "no-password-changes",
        "Passwords cannot be changed.",
        "RFC7643 5",
        &[
            Effect::Intercept(|seen| {
                let body = seen.body();
                let sets =
                    |operation: &Value| operation["path"] == "password" || operation["value"].get("password").is_some();
                let patched = seen.is_on(&Method::PATCH, Kind::User) && crate::sabotage::operations(&body).any(sets);
                let put = seen.is_on(&Method::PUT, Kind::User) && body.get("password").is_some();
                (patched || put).then(|| refuse_as(ScimType::Mutability, "`password` cannot be changed"))
            }),
            Effect::Reply(|request, route, reply| deny(request, route, reply, "changePassword")),
        ],
    ),
    Behaviour::new("me-redirects", "/Me answers 308 with the URI of the user.", "RFC7644 3.11", &[Effect::Asked]),
    Behaviour::new(
        "no-me",
        "/Me is not supported.",
        "RFC7644 3.11",
        &[Effect::Intercept(|seen| (*seen.route == Route::Me).then(|| refuse(501, "/Me is not supported")))],
    ),
    Behaviour::new(
        "no-search",
        "Queries by POST are not supported.",
        "RFC7644 3.4.3",
        &[Effect::Intercept(|seen| {
            let searches = matches!(seen.route, Route::Search(_) | Route::RootSearch);
            searches.then(|| refuse(501, "queries by POST are not supported"))
        })],
    ),
    Behaviour::new(
        "no-root-query",
        "There are no queries over all resource types.",
        "RFC7644 3.4.2",
        &[Effect::Intercept(|seen| {
            let asked = matches!(seen.route, Route::Root | Route::RootSearch);
            asked.then(|| refuse(501, "queries over all resource types are not supported"))
        })],
    ),
    Behaviour::new(
        "no-schemas",
        "/Schemas is not there.",
        "RFC7644 4",
        &[Effect::Intercept(|seen| {
            let asked = is_v2(seen) && matches!(seen.route, Route::Schemas | Route::Schema(_));
            asked.then(|| refuse(404, "there is nothing here"))
        })],
    ),
    Behaviour::new(
        "no-resource-types",
        "/ResourceTypes is not there.",
        "RFC7644 4",
        &[Effect::Intercept(|seen| {
            let asked = is_v2(seen) && matches!(seen.route, Route::ResourceTypes | Route::ResourceType(_));
            asked.then(|| refuse(404, "there is nothing here"))
        })],
    ),
    Behaviour::new(
        "no-groups",
        "There are no groups.",
        "RFC7644 3.2",
        &[
            Effect::Intercept(|seen| {
                let about = match seen.route {
                    Route::Collection(kind) | Route::Search(kind) | Route::Resource(kind, _) => *kind == Kind::Group,
                    Route::ResourceType(name) => name == "Group",
                    Route::Schema(id) => id.eq_ignore_ascii_case(urn::GROUP),
                    _ => false,
                };
                (is_v2(seen) && about).then(|| refuse(404, "there is nothing here"))
            }),
            Effect::Query(|query, kinds| leave_out_of_root(query, kinds, &["Group"])),
            Effect::Reply(|_, route, reply| {
                if matches!(route, Some(Route::ResourceTypes | Route::Schemas)) {
                    leave_out(reply, |resource| resource["id"] == "Group" || resource["id"] == urn::GROUP);
                }
            }),
        ],
    ),
    Behaviour::new(
        "no-enterprise-users",
        "The enterprise extension is not supported.",
        "RFC7643 4.3",
        &[
            Effect::Request(|request, _| {
                // What a body has of it is ignored, as of any extension nobody knows.
                let mut body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                if body.get(urn::ENTERPRISE_USER).is_some() && request.version == Version::V2 {
                    remove(Some(&mut body), urn::ENTERPRISE_USER);
                    request.body = body.to_string().into();
                }
            }),
            Effect::Intercept(|seen| {
                let named = |text: &str| text.to_ascii_lowercase().contains(&urn::ENTERPRISE_USER.to_ascii_lowercase());
                let patched = seen.request.method == Method::PATCH && named(&seen.body()["Operations"].to_string());
                if is_v2(seen) && patched {
                    return Some(refuse_as(ScimType::InvalidPath, "there is no such extension"));
                }
                let filtered = seen.parameter("filter").is_some_and(|filter| named(&filter));
                if is_v2(seen) && filtered {
                    return Some(refuse_as(ScimType::InvalidFilter, "there is no such extension"));
                }
                let asked = matches!(seen.route, Route::Schema(id) if named(id));
                (is_v2(seen) && asked).then(|| refuse(404, "there is nothing here"))
            }),
            Effect::Reply(|_, route, reply| match route {
                Some(Route::Schemas) => leave_out(reply, |schema| schema["id"] == urn::ENTERPRISE_USER),
                Some(Route::ResourceTypes | Route::ResourceType(_)) => {
                    for ty in resources(reply) {
                        let extensions = ty.get_mut("schemaExtensions").and_then(Value::as_array_mut);
                        extensions.into_iter().for_each(|it| it.retain(|it| it["schema"] != urn::ENTERPRISE_USER));
                    }
                }
                _ => {
                    for user in users(reply) {
                        user.shift_remove(urn::ENTERPRISE_USER);
                        if let Some(schemas) = user.get_mut("schemas").and_then(Value::as_array_mut) {
                            schemas.retain(|schema| schema != urn::ENTERPRISE_USER);
                        }
                    }
                }
            }),
        ],
    ),
    Behaviour::new(
        "no-roles",
        "There are users and groups and nothing else.",
        "RFC7643 6",
        &[
            Effect::Intercept(|seen| {
                let about = match seen.route {
                    Route::Collection(kind) | Route::Search(kind) | Route::Resource(kind, _) => kind.is_read_only(),
                    Route::ResourceType(name) => is_extra(name),
                    Route::Schema(id) => is_extra(id),
                    _ => false,
                };
                (is_v2(seen) && about).then(|| refuse(404, "there is nothing here"))
            }),
            Effect::Query(|query, kinds| leave_out_of_root(query, kinds, &["Role", "Entitlement"])),
            Effect::Reply(|_, route, reply| {
                if matches!(route, Some(Route::ResourceTypes | Route::Schemas)) {
                    leave_out(reply, |resource| resource["id"].as_str().is_some_and(is_extra));
                }
            }),
        ],
    ),
    Behaviour::new(
        "vendor-extension",
        "Users carry an extension of the vendor, which is announced.",
        "RFC7643 3.3",
        &[Effect::Reply(|request, route, reply| match route {
            Some(Route::Schemas) if reply.status == StatusCode::OK => {
                if let Some(list) = list(reply) {
                    let total = list["totalResults"].as_u64().unwrap_or_default() + 1;
                    list["totalResults"] = total.into();
                    list["itemsPerPage"] = total.into();
                    let schemas = list["Resources"].as_array_mut();
                    schemas.into_iter().for_each(|schemas| schemas.push(vendor_schema(request)));
                }
            }
            Some(Route::Schema(id)) if id.eq_ignore_ascii_case(VENDOR) && reply.status == StatusCode::NOT_FOUND => {
                *reply = Reply::json(StatusCode::OK, vendor_schema(request));
            }
            Some(Route::ResourceTypes | Route::ResourceType(_)) => {
                for ty in resources(reply).into_iter().filter(|ty| ty["id"] == "User") {
                    let extensions = ty.get_mut("schemaExtensions").and_then(Value::as_array_mut);
                    extensions.into_iter().for_each(|it| it.push(json!({ "schema": VENDOR, "required": false })));
                }
            }
            _ if request.query.contains("ttributes=") || request.path.ends_with(".search") => {}
            _ => {
                for user in users(reply) {
                    user.insert(VENDOR.into(), json!({ "badge": "B-0042", "floor": 3 }));
                    if let Some(schemas) = user.get_mut("schemas").and_then(Value::as_array_mut) {
                        schemas.insert(0, VENDOR.into());
                    }
                }
            }
        })],
    ),
    Behaviour::new(
        "many-ways-to-authenticate",
        "Further authentication schemes are announced.",
        "RFC7643 5",
        &[Effect::Reply(|request, route, reply| {
            let schemes =
                config(request, route, reply).and_then(|config| config["authenticationSchemes"].as_array_mut());
            schemes.into_iter().for_each(|schemes| {
                schemes.push(
                    json!({ "type": "oauth2", "name": "OAuth 2", "description": "OAuth 2 with client credentials" }),
                );
                schemes
                    .push(json!({ "type": "httpbasic", "name": "Basic", "description": "A user name and a password" }));
            });
        })],
    ),
    Behaviour::new(
        "config-documents-itself",
        "The configuration has a documentationUri, an id and all of `meta`.",
        "RFC7643 5",
        &[Effect::Reply(|request, route, reply| {
            if let Some(config) = config(request, route, reply) {
                config["documentationUri"] = "https://example.com/scim/help".into();
                config["id"] = "urn:example:service-provider".into();
                config["meta"]["created"] = "2024-02-29T12:00:00Z".into();
                config["meta"]["lastModified"] = "2025-06-30T12:00:00Z".into();
                config["meta"]["version"] = "W/\"7\"".into();
            }
        })],
    ),
    Behaviour::new(
        "config-needs-credentials",
        "/ServiceProviderConfig is for those who are let in.",
        "RFC7644 4",
        &[Effect::Asked],
    ),
    Behaviour::new(
        "schemas-leave-defaults-out",
        "Schemas do not repeat the default of a characteristic.",
        "RFC7643 2.2",
        &[Effect::Reply(|_, route, reply| {
            if matches!(route, Some(Route::Schemas | Route::Schema(_))) {
                resources(reply).into_iter().for_each(|schema| terse(schema, "attributes"));
            }
        })],
    ),
    Behaviour::new(
        "resource-types-have-no-id",
        "Resource types have a name and no id.",
        "RFC7643 6",
        &[Effect::Reply(|_, route, reply| {
            if matches!(route, Some(Route::ResourceTypes | Route::ResourceType(_))) {
                resources(reply).into_iter().for_each(|ty| remove(Some(ty), "id"));
            }
        })],
    ),
    Behaviour::new(
        "undefined-methods-are-404",
        "A method that is not defined for an endpoint answers 404.",
        "RFC7644 4",
        &[Effect::Reply(|_, _, reply| {
            if reply.status == StatusCode::METHOD_NOT_ALLOWED {
                *reply = ScimError::new(404, "there is nothing here").into();
            }
        })],
    ),
    Behaviour::new(
        "undefined-methods-are-501",
        "A method that is not defined for an endpoint answers 501.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, _, reply| {
            if reply.status == StatusCode::METHOD_NOT_ALLOWED {
                *reply = ScimError::new(501, "the method is not implemented here").into();
            }
        })],
    ),
    Behaviour::new(
        "discovery-filters-are-400",
        "A filter on a discovery endpoint answers 400.",
        "RFC7644 4",
        &[Effect::Intercept(|seen| {
            let discovers = is_v2(seen) && matches!(seen.route, Route::Schemas | Route::ResourceTypes);
            let filtered = discovers && seen.parameter("filter").is_some();
            filtered.then(|| {
                Answer::Reply(ScimError::bad_request(ScimType::InvalidFilter, "there are no filters here").into())
            })
        })],
    ),
];

/// Returns /ServiceProviderConfig in an answer.
pub(super) fn config<'a>(request: &Request, route: Option<&Route>, reply: &'a mut Reply) -> Option<&'a mut Value> {
    let read = route == Some(&Route::ServiceProviderConfig) && request.version == Version::V2;
    match &mut reply.body {
        Body::Json(config) if read && reply.status == StatusCode::OK => Some(config),
        _ => None,
    }
}

pub(super) fn is_v2(seen: &Seen<'_>) -> bool {
    seen.request.version == Version::V2
}

/// Leaves kinds out of queries over all of them.
fn leave_out_of_root(query: &mut Query, kinds: &[Kind], names: &[&str]) {
    if kinds.len() < 2 {
        return;
    }
    for name in names {
        let path = AttrPath::new("meta").with_sub("resourceType");
        let others = Filter::compare(path, CompareOp::Ne, *name);
        query.filter = Some(match query.filter.take() {
            Some(filter) => filter.and(others),
            None => others,
        });
    }
}

/// Says that a feature is not supported.
fn deny(request: &Request, route: Option<&Route>, reply: &mut Reply, feature: &str) {
    if let Some(config) = config(request, route, reply) {
        config[feature]["supported"] = false.into();
    }
}

/// Tells whether this names what Okta asks for beyond users and groups.
fn is_extra(name: &str) -> bool {
    ["Role", "Entitlement"].iter().any(|extra| name == *extra || name.ends_with(&format!(":{extra}")))
}

fn terse(object: &mut Value, name: &str) {
    for row in object.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten() {
        for (characteristic, default) in [
            ("required", json!(false)),
            ("caseExact", json!(false)),
            ("mutability", json!("readWrite")),
            ("returned", json!("default")),
            ("uniqueness", json!("none")),
        ] {
            if row[characteristic] == default {
                remove(Some(row), characteristic);
            }
        }
        terse(row, "subAttributes");
    }
}

fn vendor_schema(request: &Request) -> Value {
    let row = |name: &str, ty: &str, about: &str| {
        json!({
            "name": name, "type": ty, "multiValued": false, "description": about, "required": false,
            "caseExact": false, "mutability": "readOnly", "returned": "default", "uniqueness": "none",
        })
    };
    json!({
        "schemas": [urn::SCHEMA],
        "id": VENDOR,
        "name": "Badge",
        "description": "What the doorman knows about a person.",
        "attributes": [row("badge", "string", "The number on the badge."), row("floor", "integer", "Where the desk is.")],
        "meta": { "resourceType": "Schema", "location": format!("{}/Schemas/{VENDOR}", request.base) },
    })
}

const VENDOR: &str = "urn:example:params:scim:schemas:extension:badge:2.0:User";
