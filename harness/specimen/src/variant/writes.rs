//! Lawful differences in what writes do.

use http::{Method, StatusCode};
use scim_lang::error::{ScimError, ScimType};
use scim_lang::path::AttrPath;
use serde_json::{Map, Value, json};

use super::shapes::asks_for;
use crate::behaviour::{Behaviour, Effect};
use crate::message::{Body, Reply};
use crate::route::Route;
use crate::sabotage::requests::refuse_as;
use crate::sabotage::{Rows, Seen, Write, operations};
use crate::store::{Content, Kind};

pub(super) const VARIANTS: Rows = &[
    Behaviour::new(
        "patch-answers-204",
        "PATCH answers 204 unless attributes are chosen.",
        "RFC7644 3.5.2",
        &[Effect::Reply(|request, route, reply| {
            let patched = request.method == Method::PATCH && reply.status == StatusCode::OK && route.is_some();
            if patched && !asks_for(request, "attributes") && !asks_for(request, "excludedAttributes") {
                *reply = Reply { headers: std::mem::take(&mut reply.headers), ..Reply::empty(StatusCode::NO_CONTENT) };
            }
        })],
    ),
    Behaviour::new("put-merges", "PUT leaves alone what its body does not mention.", "RFC7644 3.5.1", &[Effect::Asked]),
    Behaviour::new(
        "display-name-has-a-default",
        "Whoever is created without a displayName gets one.",
        "RFC7644 3.3",
        &[Effect::Content(Kind::User, &[Write::Create], |_, after| {
            let name = after.text("userName").unwrap_or_default().to_owned();
            after.attributes.entry("displayName").or_insert(name.into());
            Ok(())
        })],
    ),
    Behaviour::new(
        "display-names-are-made",
        "The displayName of a user is made from the parts of the name, or else the userName, whatever a client sends.",
        "RFC7644 3.3",
        &[Effect::Content(Kind::User, ALWAYS, |_, after| {
            let part = |part: &str| after.attributes.get("name").and_then(|name| name[part].as_str());
            let parts: Vec<&str> = ["givenName", "familyName"].into_iter().filter_map(part).collect();
            let made =
                if parts.is_empty() { after.text("userName").unwrap_or_default().into() } else { parts.join(" ") };
            after.attributes.insert("displayName".into(), made.into());
            Ok(())
        })],
    ),
    Behaviour::new(
        "locale-has-a-default",
        "Whoever is created without locale and time zone gets those of the service provider.",
        "RFC7644 3.3",
        &[Effect::Content(Kind::User, &[Write::Create], |_, after| {
            for (name, value) in [("locale", "en-US"), ("timezone", "America/Los_Angeles"), ("preferredLanguage", "en")]
            {
                after.attributes.entry(name).or_insert(value.into());
            }
            Ok(())
        })],
    ),
    Behaviour::new(
        "names-are-formatted",
        "`name.formatted` is made from the parts of a name.",
        "RFC7643 4.1.1",
        &[Effect::Content(Kind::User, ALWAYS, |_, after| {
            let Some(name) = after.attributes.get_mut("name").and_then(Value::as_object_mut) else { return Ok(()) };
            let parts = ["givenName", "familyName"].iter().filter_map(|part| name.get(*part)?.as_str());
            let formatted = parts.collect::<Vec<_>>().join(" ");
            if !formatted.is_empty() {
                name.insert("formatted".into(), formatted.into());
            }
            Ok(())
        })],
    ),
    Behaviour::new(
        "mail-domains-are-lower-case",
        "The domain of an e-mail address is stored in lower case.",
        "RFC7643 4.1.2",
        &[Effect::Content(Kind::User, ALWAYS, |_, after| {
            each_value(after, "emails", |address| match address.rsplit_once('@') {
                Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
                None => address.to_owned(),
            })
        })],
    ),
    Behaviour::new(
        "telephone-numbers-are-uris",
        "Telephone numbers in international form are stored as tel URIs.",
        "RFC7643 4.1.2",
        &[Effect::Content(Kind::User, ALWAYS, |_, after| {
            each_value(after, "phoneNumbers", |number| match number.starts_with('+') {
                true => format!("tel:{}", number.replace([' ', '(', ')'], "-").replace("--", "-")),
                false => number.to_owned(),
            })
        })],
    ),
    Behaviour::new(
        "ids-are-digits",
        "The ids of what is created are digits, with zeros in front at times.",
        "RFC7643 3.1",
        &[Effect::Asked],
    ),
    Behaviour::new(
        "ids-are-upper-case",
        "The ids of what is created are in upper case.",
        "RFC7643 3.1",
        &[Effect::Asked],
    ),
    Behaviour::new("ids-are-urns", "The ids of what is created are URNs.", "RFC7643 3.1", &[Effect::Asked]),
    Behaviour::new(
        "conflicts-of-updates-are-400",
        "PUT and PATCH to a userName that is taken answer 400.",
        "RFC7643 7",
        &[Effect::Reply(|request, _, reply| {
            let updates = matches!(request.method, Method::PUT | Method::PATCH);
            let is_taken = reply.value().is_some_and(|error| error["scimType"] == "uniqueness");
            if let (true, true, Body::Json(error)) = (updates, is_taken, &mut reply.body) {
                error["status"] = "400".into();
                reply.status = StatusCode::BAD_REQUEST;
            }
        })],
    ),
    Behaviour::new(
        "removing-nothing-is-400",
        "Removing an attribute that has no value answers 400.",
        "RFC7644 3.5.2.2",
        &[Effect::Patched(|body, before, after| {
            let removed = operations(body).find(|operation| is_op(operation, "remove"));
            let path =
                removed.and_then(|operation| operation["path"].as_str()).and_then(|path| AttrPath::parse(path).ok());
            let is_there = |path: &AttrPath| match &path.sub {
                Some(sub) => !before[&path.name][sub].is_null(),
                None => !before[&path.name].is_null(),
            };
            match path.filter(|path| path.schema.is_none() && operations(body).count() == 1) {
                Some(path) if after.is_ok() && !is_there(&path) => {
                    Err(ScimError::bad_request(ScimType::NoTarget, format!("`{path}` has no value")))
                }
                _ => after,
            }
        })],
    ),
    Behaviour::new(
        "add-makes-a-match",
        "An `add` whose filter matches nothing adds a value that it matches.",
        "RFC7644 3.5.2.1",
        &[Effect::Patched(|body, before, after| {
            let made = operations(body).next().filter(|_| after.is_err()).and_then(|operation| made(operation, before));
            match (made, operations(body).count()) {
                (Some(made), 1) => Ok(made),
                _ => after,
            }
        })],
    ),
    Behaviour::new(
        "capital-operations-are-refused",
        "An `op` in upper case answers 400.",
        "RFC7644 3.5.2",
        &[Effect::Intercept(|seen| {
            let body = seen.body();
            let is_capital = |operation: &Value| {
                operation["op"].as_str().is_some_and(|op| op.chars().any(|c| c.is_ascii_uppercase()))
            };
            let refused = seen.request.method == Method::PATCH && operations(&body).any(is_capital);
            refused.then(|| refuse_as(ScimType::InvalidSyntax, "`op` is none of add, remove and replace"))
        })],
    ),
    Behaviour::new(
        "unknown-attributes-are-refused",
        "An attribute that no schema knows answers 400.",
        "RFC7644 3.3",
        &[Effect::Intercept(|seen| {
            let kind = written(seen)?;
            let body = seen.body();
            let is_known = |name: &str| kind.ty().base_attribute(name).is_some() || kind.ty().extension(name).is_some();
            let unknown = body.as_object()?.keys().find(|name| !is_known(name))?;
            Some(refuse_as(ScimType::InvalidSyntax, &format!("there is no attribute {unknown}")))
        })],
    ),
    Behaviour::new(
        "types-are-restricted",
        "A `type` of an e-mail address that is none of the canonical ones answers 400.",
        "RFC7643 2.3.1",
        &[Effect::Content(Kind::User, ALWAYS, |_, after| {
            let emails = after.attributes.get("emails").and_then(Value::as_array);
            let types = emails.into_iter().flatten().filter_map(|email| email["type"].as_str());
            match types.into_iter().find(|ty| !["work", "home", "other"].contains(ty)) {
                Some(ty) => {
                    Err(ScimError::bad_request(ScimType::InvalidValue, format!("{ty} is no type of an e-mail address")))
                }
                None => Ok(()),
            }
        })],
    ),
    Behaviour::new(
        "weak-passwords-are-refused",
        "A password of less than eight characters answers 400.",
        "RFC7643 4.1.1",
        &[Effect::Intercept(|seen| {
            written(seen)?;
            let short = seen.body()["password"].as_str().is_some_and(|password| password.chars().count() < 8);
            short.then(|| refuse_as(ScimType::InvalidValue, "the password is shorter than eight characters"))
        })],
    ),
    Behaviour::new("members-need-not-exist", "A member nobody knows is stored.", "RFC7643 2.3.7", &[Effect::Asked]),
    Behaviour::new(
        "groups-are-not-nested",
        "A group as a member of a group answers 400.",
        "RFC7643 4.2",
        &[Effect::Objection(|store, _, _, after| {
            let content = after.content();
            let nested = after.kind == Kind::Group && content.members().any(|id| store.find(Kind::Group, id).is_some());
            nested.then(|| ScimError::bad_request(ScimType::InvalidValue, "groups cannot be members of groups"))
        })],
    ),
    Behaviour::new(
        "group-names-are-unique",
        "A group named like another answers 409.",
        "RFC7643 4.2",
        &[Effect::Objection(|store, _, _, after| {
            let name = after.label.as_deref().filter(|_| after.kind == Kind::Group)?;
            let same = store.table(Kind::Group).lookup("displayName", name)?;
            let taken = same.iter().any(|other| other.id != after.id);
            taken.then(|| ScimError::of(ScimType::Uniqueness, format!("there is a group named {name}")))
        })],
    ),
    Behaviour::new(
        "bulk-answers-have-bodies",
        "Successful operations of a bulk request answer with the resource.",
        "RFC7644 3.7.3",
        &[Effect::Asked],
    ),
    Behaviour::new(
        "circles-are-409",
        "Circular references in a bulk request answer 409.",
        "RFC7644 3.7.1",
        &[Effect::Asked],
    ),
];

const ALWAYS: &[Write] = &[Write::Create, Write::Put, Write::Patch];

/// Returns the kind of the resource in the body of a POST or PUT.
fn written(seen: &Seen<'_>) -> Option<Kind> {
    match (seen.route, &seen.request.method) {
        (Route::Collection(kind), &Method::POST) | (Route::Resource(kind, _), &Method::PUT) => Some(*kind),
        _ => None,
    }
}

fn is_op(operation: &Value, op: &str) -> bool {
    operation["op"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(op))
}

/// Changes the `value` of every element of an attribute.
fn each_value(content: &mut Content, name: &str, change: fn(&str) -> String) -> Result<(), ScimError> {
    let elements = content.attributes.get_mut(name).and_then(Value::as_array_mut);
    for element in elements.into_iter().flatten() {
        if let Some(value) = element["value"].as_str().map(change) {
            element["value"] = value.into();
        }
    }
    Ok(())
}

/// Returns the resource with an element made from `emails[type eq "fax"].value` and the like.
fn made(operation: &Value, before: &Value) -> Option<Value> {
    let path = operation["path"].as_str().filter(|_| is_op(operation, "add"))?;
    let (attribute, rest) = path.split_once('[')?;
    let (condition, sub) = rest.split_once("].")?;
    let (name, value) = condition.split_once(" eq ")?;
    let value: Value = serde_json::from_str(value).ok()?;
    let element = Map::from_iter([(name.to_owned(), value), (sub.to_owned(), operation["value"].clone())]);
    let mut after = before.clone();
    match after.get_mut(attribute) {
        Some(Value::Array(elements)) => elements.push(element.into()),
        _ => after[attribute] = json!([element]),
    }
    Some(after)
}
