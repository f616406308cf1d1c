//! What became of the attributes that Okta's requests carried, read off the messages of past runs.

use super::judge::Shown;
use super::manifest::Manifest;
use rehearsal_reports::readiness::{Attribute, Kept};
use scim_record::Exchange;
use serde_json::Value;
use std::collections::BTreeSet;

/// Returns a row for each attribute that was sent, or that the manifest maps.
pub(crate) fn attributes(shown: &Shown<'_>, manifest: Option<&Manifest>) -> Vec<Attribute> {
    let mapped: Option<Vec<&str>> = manifest
        .map(|manifest| manifest.says.scim.attributes.iter().map(|name| name.get_ref().as_str()).collect::<Vec<_>>())
        .filter(|names| !names.is_empty());
    let mut paths: Vec<&str> = KNOWN.to_vec();
    for name in mapped.iter().flatten().filter(|name| !name.eq_ignore_ascii_case("groups")) {
        if !paths.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            paths.push(name);
        }
    }
    let mut rows: Vec<Attribute> = paths
        .into_iter()
        .map(|path| Attribute {
            path: path.to_owned(),
            mapped: mapped.as_ref().map(|names| names.iter().any(|name| name.eq_ignore_ascii_case(path))),
            defined: None,
            create: Kept::default(),
            put: Kept::default(),
            patch: Kept::default(),
            empty: Kept::default(),
            listed: None,
        })
        .collect();
    for (run, case) in shown.cases() {
        for exchange in &case.exchanges {
            let path = exchange.request.url.strip_prefix(shown.target(run)).unwrap_or_default();
            if path.starts_with("/Schemas") {
                defined(exchange, &mut rows);
            } else if path.starts_with("/Users") && case.suite.starts_with("okta/") {
                told(exchange, path, &mut rows);
            }
        }
    }
    let is_known = |row: &Attribute| {
        [row.create, row.put, row.patch, row.empty].iter().any(|kept| kept.tried > 0) || row.mapped == Some(true)
    };
    rows.retain(is_known);
    rows
}

/// Notes which attributes `/Schemas` defines.
fn defined(exchange: &Exchange, rows: &mut [Attribute]) {
    let Some((200, answer)) = answer(exchange) else { return };
    let schemas: Vec<&Value> = match answer.get("Resources").and_then(Value::as_array) {
        Some(schemas) => schemas.iter().collect(),
        None => vec![&answer],
    };
    let mut names = BTreeSet::new();
    for schema in schemas {
        let id = schema.get("id").and_then(Value::as_str).unwrap_or_default();
        let prefix = if id.eq_ignore_ascii_case(CORE) { String::new() } else { format!("{id}:") };
        for attribute in list(schema, "attributes") {
            let name = format!("{prefix}{}", attribute.get("name").and_then(Value::as_str).unwrap_or_default());
            for part in list(attribute, "subAttributes").iter().filter_map(|part| part.get("name")?.as_str()) {
                names.insert(format!("{name}.{part}").to_lowercase());
            }
            names.insert(name.to_lowercase());
        }
    }
    if names.is_empty() {
        return;
    }
    // Attributes that all resources have stand in no schema (RFC 7643 §3.1).
    for row in rows.iter_mut().filter(|row| row.path != "externalId") {
        row.defined = Some(row.defined == Some(true) || names.contains(&row.path.to_lowercase()));
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Notes what became of what one request carried.
fn told(exchange: &Exchange, path: &str, rows: &mut [Attribute]) {
    let Some((status, got)) = answer(exchange) else { return };
    let is_good = (200..300).contains(&status);
    if exchange.request.method == "GET" {
        let users = list(&got, "Resources");
        if is_good && path.starts_with("/Users?") && !users.is_empty() {
            for row in rows {
                let is_there = users.iter().any(|user| find(user, &row.path).is_some_and(|value| !is_empty(value)));
                row.listed = Some(row.listed == Some(true) || is_there);
            }
        }
        return;
    }
    let Some(body) = exchange.request.body.as_deref().and_then(|body| serde_json::from_str::<Value>(body).ok()) else {
        return;
    };
    let sent: Vec<&Value> = match exchange.request.method.as_str() {
        "PATCH" => list(&body, "Operations").iter().filter_map(whole_value).collect(),
        "POST" | "PUT" => vec![&body],
        _ => return,
    };
    for row in rows {
        let Some(value) = sent.iter().find_map(|sent| find(sent, &row.path)) else { continue };
        let (column, went_well) = match exchange.request.method.as_str() {
            _ if is_empty(value) => (&mut row.empty, Some(is_good)),
            // What was refused was not kept, and may have been refused for another attribute's sake.
            _ if !is_good || got.is_null() => continue,
            method => {
                let column = match method {
                    "POST" => &mut row.create,
                    "PUT" => &mut row.put,
                    _ => &mut row.patch,
                };
                (column, find(&got, &row.path).map(|kept| is_kept(value, kept)))
            }
        };
        column.tried += 1;
        column.kept += usize::from(went_well == Some(true));
    }
}

/// Returns the value of an operation that stands for a part of the resource, having no path.
fn whole_value(operation: &Value) -> Option<&Value> {
    let is_write = operation.get("op")?.as_str().is_some_and(|op| !op.eq_ignore_ascii_case("remove"));
    operation.get("value").filter(|value| is_write && operation.get("path").is_none() && value.is_object())
}

/// Returns status and body of an answer; the body is null where there is none or it is no JSON.
fn answer(exchange: &Exchange) -> Option<(u16, Value)> {
    let response = exchange.response.as_ref()?;
    Some((response.status, serde_json::from_str(&response.body).unwrap_or_default()))
}

/// Returns the value at a path; names do not mind their case (RFC 7643 §2.1).
fn find<'v>(resource: &'v Value, path: &str) -> Option<&'v Value> {
    let member = |value: &'v Value, name: &str| {
        value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    match path.rsplit_once(':') {
        Some((urn, name)) => dotted(member(resource, urn)?, name, &member),
        None => dotted(resource, path, &member),
    }
}

fn dotted<'v>(
    value: &'v Value,
    path: &str,
    member: &impl Fn(&'v Value, &str) -> Option<&'v Value>,
) -> Option<&'v Value> {
    path.split('.').try_fold(value, member)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

/// Tells whether an answer holds what was sent; it may hold more.
fn is_kept(sent: &Value, got: &Value) -> bool {
    match (sent, got) {
        (Value::Object(members), Value::Object(_)) => members
            .iter()
            .filter(|(_, member)| !is_empty(member))
            .all(|(name, member)| find(got, name).is_some_and(|got| is_kept(member, got))),
        (Value::Array(sent), Value::Array(got)) => sent.iter().all(|one| got.iter().any(|other| is_kept(one, other))),
        (Value::String(sent), Value::String(got)) => sent.eq_ignore_ascii_case(got),
        (sent, got) => sent == got,
    }
}

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// What Okta's user profile knows by itself (RFC 7643 §4.1, §4.3).
const KNOWN: &[&str] = &[
    "userName",
    "name.givenName",
    "name.familyName",
    "name.middleName",
    "name.honorificPrefix",
    "name.honorificSuffix",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "active",
    "externalId",
    "emails",
    "phoneNumbers",
    "addresses",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_an_answer_adds_or_writes_in_another_case_is_kept() {
        for (sent, got, kept) in [
            (json!("Ada"), json!("ADA"), true),
            (
                json!([{ "value": "a@x.test" }]),
                json!([{ "value": "b" }, { "VALUE": "a@x.test", "type": "work" }]),
                true,
            ),
            (json!({ "value": "7", "displayName": "" }), json!({ "value": "7" }), true),
            (json!([{ "value": "a" }]), json!([]), false),
            (json!(true), json!("true"), false),
        ] {
            assert_eq!(is_kept(&sent, &got), kept, "{sent} {got}");
        }
    }

    #[test]
    fn a_path_reaches_into_an_extension() {
        let user = json!({ "name": { "givenName": "Ada" }, "urn:x:2.0:User": { "manager": { "value": "1" } } });
        assert_eq!(find(&user, "NAME.givenname"), Some(&json!("Ada")));
        assert_eq!(find(&user, "urn:x:2.0:User:manager.value"), Some(&json!("1")));
        assert_eq!(find(&user, "urn:y:manager"), None);
    }
}
