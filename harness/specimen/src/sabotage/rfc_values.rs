//! Quirks of the values of resources: identifiers, schemas, types, lists and extensions, as RFC 7643 §2 to §4 have them.

use http::{Method, StatusCode};
use scim_lang::error::ScimError;
use scim_lang::urn;
use serde_json::{Value, json};

use super::replies::{created, remove, resources, sent, users};
use super::requests::refuse;
use super::{Rows, Write, operations};
use crate::behaviour::{Behaviour, Effect};
use crate::message::{Body, Reply, Request};
use crate::route::Route;
use crate::store::Kind;

/// Those that turn a case red under the default gate.
pub(super) const FAULTS: Rows = &[Behaviour::new(
    "unknown-members-are-500",
    "A member that does not exist is answered with 500.",
    "RFC7644 3.12",
    &[Effect::Reply(|request, route, reply| {
        let creates = request.method == Method::POST && matches!(route, Some(Route::Collection(Kind::Group)));
        if creates && reply.status == StatusCode::BAD_REQUEST {
            *reply = ScimError::new(500, "a foreign key was violated").into();
        }
    })],
)];

/// Those that do not turn a case red under the default gate.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "id-is-excluded",
        "`excludedAttributes=id` leaves the `id` out.",
        "RFC7643 3.1",
        &[Effect::Reply(|request, _, reply| {
            if request.query.contains("excludedAttributes=id") {
                resources(reply).into_iter().for_each(|resource| remove(Some(resource), "id"));
            }
        })],
    ),
    Behaviour::new(
        "ids-hold-the-reserved-word",
        "Ids begin with bulkId.",
        "RFC7643 3.1",
        &[
            Effect::Request(|request, _| request.path = request.path.replace("bulkId.", "")),
            Effect::Reply(|_, _, reply| {
                for id in users(reply).into_iter().filter_map(|user| user.get_mut("id")) {
                    *id = format!("bulkId.{}", id.as_str().unwrap_or_default()).into();
                }
            }),
        ],
    ),
    Behaviour::new(
        "schemas-are-there-twice",
        "Resources have every URN in `schemas` twice.",
        "RFC7643 3",
        &[
            Effect::Request(|request, _| {
                rewrite(request, |body| {
                    if let Some(schemas) = body.get_mut("schemas").and_then(Value::as_array_mut) {
                        schemas.dedup();
                    }
                });
            }),
            Effect::Reply(|_, _, reply| {
                for schemas in users(reply).into_iter().filter_map(|user| user.get_mut("schemas")?.as_array_mut()) {
                    let again = schemas.clone();
                    schemas.extend(again);
                }
            }),
        ],
    ),
    Behaviour::new(
        "first-schema-is-the-base",
        "A body whose `schemas` begins with an extension is refused.",
        "RFC7643 3",
        &[Effect::Intercept(|seen| {
            let first = seen.body()["schemas"][0].as_str().is_some_and(|urn| urn.contains(":extension:"));
            first.then(|| refuse(400, "the first schema is not that of the resource"))
        })],
    ),
    Behaviour::new(
        "external-id-is-invented",
        "Users without an `externalId` show their `id` for it.",
        "RFC7643 3.1",
        &[Effect::Reply(|_, _, reply| {
            for user in users(reply).into_iter().filter(|user| !user.contains_key("externalId")) {
                user.insert("externalId".into(), user["id"].clone());
            }
        })],
    ),
    Behaviour::new(
        "external-id-is-shouted",
        "`externalId` is stored in capitals.",
        "RFC7643 3.1",
        &[Effect::Content(Kind::User, &[Write::Create, Write::Put], |_, after| {
            if let Some(Value::String(id)) = after.attributes.get_mut("externalId") {
                *id = id.to_uppercase();
            }
            Ok(())
        })],
    ),
    Behaviour::new(
        "created-moves",
        "`meta.created` is as late as the last change, and a second later.",
        "RFC7643 3.1",
        &[Effect::Reply(|_, _, reply| {
            for meta in resources(reply).into_iter().filter_map(|resource| resource.get_mut("meta")) {
                if let Some(time) = meta.get("lastModified").and_then(Value::as_str) {
                    meta["created"] = time.replacen("20", "29", 1).into();
                }
            }
        })],
    ),
    Behaviour::new(
        "times-have-a-space",
        "Dates have a space between day and time.",
        "RFC7643 2.3.5",
        &[Effect::Reply(|_, _, reply| {
            for time in each_meta(reply, "created") {
                *time = time.as_str().unwrap_or_default().replace('T', " ").into();
            }
        })],
    ),
    Behaviour::new(
        "locations-lead-elsewhere",
        "`meta.location` is on another host and lacks the id.",
        "RFC7643 3.1",
        &[Effect::Reply(|_, _, reply| {
            each_meta(reply, "location").for_each(|location| *location = "https://elsewhere.example.com/Users".into());
        })],
    ),
    Behaviour::new(
        "content-location-is-another",
        "`Content-Location` is not `meta.location`.",
        "RFC7643 3.1",
        &[Effect::Reply(|request, _, reply| {
            let elsewhere = format!("{}/Users/somebody-else", request.base);
            if let (Body::Json(_), Ok(value)) = (&reply.body, elsewhere.parse()) {
                reply.headers.insert(http::header::CONTENT_LOCATION, value);
            }
        })],
    ),
    Behaviour::new(
        "versions-have-no-quotes",
        "`meta.version` is a tag without its quotes.",
        "RFC7643 3.1",
        &[Effect::Reply(|_, _, reply| {
            for version in each_meta(reply, "version") {
                *version = version.as_str().unwrap_or_default().replace('"', "").into();
            }
        })],
    ),
    Behaviour::new(
        "display-names-are-shouted",
        "Display names are stored in capitals.",
        "RFC7643 7",
        &[Effect::Content(Kind::User, &[Write::Create, Write::Put], |_, after| {
            if let Some(Value::String(name)) = after.attributes.get_mut("displayName") {
                *name = name.to_uppercase();
            }
            Ok(())
        })],
    ),
    Behaviour::new(
        "names-lose-their-parts",
        "Of a name the first and the last part are stored, and those that read null are not.",
        "RFC7643 4.1.1",
        &[Effect::Content(Kind::User, &[Write::Create, Write::Put], |_, after| {
            if let Some(Value::Object(name)) = after.attributes.get_mut("name") {
                name.retain(|part, text| ["givenName", "familyName"].contains(&part.as_str()) && text != "null");
            }
            Ok(())
        })],
    ),
    Behaviour::new(
        "booleans-are-kept-as-text",
        "A boolean that was sent as a string is answered as that string.",
        "RFC7643 2.3.2",
        &[
            Effect::Request(|request, _| {
                rewrite(request, |body| {
                    if body.get("active").is_some_and(Value::is_string) {
                        body["active"] = true.into();
                        body["nickName"] = "active as text".into();
                    }
                });
            }),
            Effect::Reply(|_, _, reply| {
                for user in users(reply)
                    .into_iter()
                    .filter(|user| user.get("nickName").is_some_and(|it| it == "active as text"))
                {
                    user.insert("active".into(), "True".into());
                }
            }),
        ],
    ),
    Behaviour::new(
        "binary-is-not-looked-at",
        "What is no base64 is stored as a certificate.",
        "RFC7643 2.3.6",
        &[
            Effect::Request(|request, _| {
                rewrite(request, |body| {
                    let value = body.pointer_mut("/x509Certificates/0/value");
                    if let Some(value) = value.filter(|value| value.as_str().is_some_and(|text| text.contains('%'))) {
                        *value = "AAAA".into();
                    }
                });
            }),
            Effect::Reply(|_, _, reply| {
                let certificates = users(reply).into_iter().filter_map(|user| user.get_mut("x509Certificates"));
                let values = certificates.filter_map(|certificates| certificates.pointer_mut("/0/value"));
                values.filter(|value| *value == "AAAA").for_each(|value| *value = "%%%".into());
            }),
        ],
    ),
    Behaviour::new(
        "every-email-is-primary",
        "All e-mail addresses are primary.",
        "RFC7643 2.4",
        &[
            Effect::Request(|request, _| {
                rewrite(request, |body| {
                    let emails = body.get_mut("emails").and_then(Value::as_array_mut).into_iter().flatten();
                    emails.skip(1).for_each(|email| remove(Some(email), "primary"));
                });
            }),
            Effect::Reply(|_, _, reply| {
                let emails = users(reply).into_iter().filter_map(|user| user.get_mut("emails")?.as_array_mut());
                emails.flatten().for_each(|email| email["primary"] = true.into());
            }),
        ],
    ),
    Behaviour::new(
        "addresses-are-there-once",
        "Of two equal e-mail addresses of different types one is stored.",
        "RFC7643 2.4",
        &[Effect::Content(Kind::User, &[Write::Create, Write::Put], |_, after| {
            if let Some(Value::Array(emails)) = after.attributes.get_mut("emails") {
                emails.dedup_by(|one, other| one["value"] == other["value"]);
            }
            Ok(())
        })],
    ),
    Behaviour::new(
        "addresses-pile-up",
        "The first e-mail address is shown twice.",
        "RFC7643 2.4",
        &[Effect::Reply(|_, _, reply| {
            for emails in users(reply).into_iter().filter_map(|user| user.get_mut("emails")?.as_array_mut()) {
                let again = emails.first().cloned();
                emails.extend(again);
            }
        })],
    ),
    Behaviour::new(
        "null-is-refused",
        "A body with null or an empty array in it is refused.",
        "RFC7643 2.5",
        &[Effect::Intercept(|seen| {
            let body = seen.body();
            let is_nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            let mut values = body.as_object().into_iter().flat_map(|body| body.values());
            let patched = operations(&body).any(|operation| operation.get("value").is_some_and(Value::is_null));
            (patched || values.any(is_nothing)).then(|| refuse(400, "a value is missing"))
        })],
    ),
    Behaviour::new(
        "keys-have-an-order",
        "A body that does not begin with `schemas` is refused.",
        "RFC7643 2.3.8",
        &[Effect::Intercept(|seen| {
            let body = seen.body();
            let begins = body.as_object().and_then(|body| body.keys().next()).is_none_or(|key| key == "schemas");
            (!begins).then(|| refuse(400, "`schemas` comes first"))
        })],
    ),
    Behaviour::new(
        "groups-have-a-default-name",
        "A group without `displayName` is called Unnamed.",
        "RFC7643 4.2",
        &[Effect::Request(|request, route| {
            if request.method == Method::POST && matches!(route, Some(Route::Collection(Kind::Group))) {
                rewrite(request, |body| {
                    if body.is_object() && body.get("displayName").is_none() {
                        body["displayName"] = "Unnamed".into();
                    }
                });
            }
        })],
    ),
    Behaviour::new(
        "renaming-drops-the-members",
        "A group that gets another name loses its members.",
        "RFC7643 4.2",
        &[Effect::Content(Kind::Group, &[Write::Patch], |before, after| {
            if before.attributes.get("displayName") != after.attributes.get("displayName") {
                after.attributes.shift_remove("members");
            }
            Ok(())
        })],
    ),
    Behaviour::new(
        "references-lead-elsewhere",
        "`$ref` of members and groups is that of somebody else.",
        "RFC7643 2.4",
        &[Effect::Reply(|_, _, reply| {
            for resource in resources(reply) {
                for list in ["members", "groups"] {
                    let rows = resource.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
                    let given = rows.filter(|row| row.get("$ref").is_some());
                    given.for_each(|row| row["$ref"] = "../Users/somebody else".into());
                }
            }
        })],
    ),
    Behaviour::new(
        "groups-of-users-are-names",
        "`groups.value` of users is the name of the group.",
        "RFC7643 4.1.2",
        &[Effect::Reply(|_, _, reply| {
            for groups in users(reply).into_iter().filter_map(|user| user.get_mut("groups")?.as_array_mut()) {
                groups.iter_mut().for_each(|group| group["value"] = group["display"].clone());
            }
        })],
    ),
    Behaviour::new(
        "extension-is-flattened",
        "Attributes of the enterprise extension stand at the top of users.",
        "RFC7643 3.3",
        &[Effect::Reply(|_, _, reply| {
            for user in users(reply) {
                if let Some(Value::Object(extension)) = user.shift_remove(urn::ENTERPRISE_USER) {
                    user.extend(extension);
                }
            }
        })],
    ),
    Behaviour::new(
        "extension-is-not-listed",
        "`schemas` of users names no extension.",
        "RFC7643 3.3",
        &[Effect::Reply(|_, _, reply| {
            for schemas in users(reply).into_iter().filter_map(|user| user.get_mut("schemas")?.as_array_mut()) {
                schemas.retain(|urn| urn != urn::ENTERPRISE_USER);
            }
        })],
    ),
    Behaviour::new(
        "employee-numbers-are-numbers",
        "`employeeNumber` loses its leading zeros.",
        "RFC7643 4.3",
        &[Effect::Reply(|_, _, reply| {
            let extensions = users(reply).into_iter().filter_map(|user| user.get_mut(urn::ENTERPRISE_USER));
            for number in extensions.filter_map(|extension| extension.get_mut("employeeNumber")) {
                *number = number.as_str().unwrap_or_default().trim_start_matches('0').into();
            }
        })],
    ),
    Behaviour::new(
        "managers-are-text",
        "A manager is shown as a string, and taken as one.",
        "RFC7643 4.3",
        &[
            Effect::Request(|request, _| {
                rewrite(request, |body| {
                    let manager = body.get_mut(urn::ENTERPRISE_USER).and_then(|it| it.get_mut("manager"));
                    if let Some(manager) = manager.filter(|manager| manager.is_string()) {
                        *manager = json!({ "value": manager.take() });
                    }
                });
            }),
            Effect::Reply(|_, _, reply| {
                let extensions = users(reply).into_iter().filter_map(|user| user.get_mut(urn::ENTERPRISE_USER));
                for manager in extensions.filter_map(|extension| extension.get_mut("manager")) {
                    *manager = manager["value"].take();
                }
            }),
        ],
    ),
    Behaviour::new(
        "names-of-managers-are-taken",
        "The name of a manager is that which the client sent.",
        "RFC7643 4.3",
        &[Effect::Reply(|request, route, reply| {
            let body = sent(request);
            let name = &body[urn::ENTERPRISE_USER]["manager"]["displayName"];
            if let Some(user) = created(request, route, reply).filter(|_| name.is_string()) {
                user[urn::ENTERPRISE_USER]["manager"]["displayName"] = name.clone();
            }
        })],
    ),
];

/// Returns one member of the `meta` of every resource in a reply.
fn each_meta<'a>(reply: &'a mut Reply, name: &'a str) -> impl Iterator<Item = &'a mut Value> {
    resources(reply).into_iter().filter_map(move |resource| resource.get_mut("meta")?.get_mut(name))
}

/// Changes the body of a request.
fn rewrite(request: &mut Request, change: impl FnOnce(&mut Value)) {
    let before = sent(request);
    let mut body = before.clone();
    change(&mut body);
    if body != before {
        request.body = body.to_string().into();
    }
}
