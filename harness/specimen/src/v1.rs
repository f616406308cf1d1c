//! SCIM 1.1 over the same resources (<https://www.simplecloud.info/specs/draft-scim-api-01.html>, and the core schema
//! beside it; Okta's view of it is <https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-11>).
//!
//! Bodies are translated on their way in, [`inbound`], and replies on their way out, [`outbound`]; everything between
//! is that of SCIM 2.0. What the two differ in:
//!
//! | | 1.1 | 2.0 |
//! |---|---|---|
//! | core schema | one URN, `urn:scim:schemas:core:1.0`, for everything | one for each resource and message |
//! | enterprise extension | `manager.managerId` | `manager.value` |
//! | `meta` | without `resourceType` | with it |
//! | references to members | `value` and `display` | and `$ref` |
//! | errors | `{"Errors":[{"description":…,"code":…}]}` | the Error message |
//! | PATCH | a partial resource ([`patch`]) | operations |
//! | DELETE | 200 | 204 |
//!
//! Three decisions where Okta and the specification pull in different directions:
//! - `code` is a string, as in the specification's examples; Okta's have a number.
//! - An error carries `detail` beside `Errors`: Okta's SCIM 1.1 SPEC test asks a 404 for it.
//! - There is a `/ResourceTypes`, which SCIM 1.1 does not know and that test asks for.

pub(crate) mod discovery;
pub(crate) mod patch;

use http::StatusCode;
use scim_lang::error::{ScimError, ScimType};
use scim_lang::filter::{self, Filter};
use scim_lang::path::AttrPath;
use scim_lang::urn;
use serde_json::{Map, Value, json};

use crate::message::{Body, Reply};
use crate::store::Kind;

/// The URN of the core schema.
pub(crate) const CORE: &str = "urn:scim:schemas:core:1.0";

/// The URN of the enterprise extension.
pub(crate) const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// Translates the body of a POST or PUT. It has to name the core schema.
pub(crate) fn inbound(body: Value, kind: Kind) -> Result<Value, ScimError> {
    let schemas = body.get("schemas").and_then(Value::as_array);
    if !schemas.into_iter().flatten().filter_map(Value::as_str).any(|schema| schema.eq_ignore_ascii_case(CORE)) {
        return Err(ScimError::bad_request(ScimType::InvalidSyntax, format!("`schemas` does not name {CORE}")));
    }
    Ok(partial(body, kind))
}

/// Translates the body of a PATCH, which is part of a resource.
pub(crate) fn partial(body: Value, kind: Kind) -> Value {
    let Value::Object(members) = body else { return body };
    let translated = members.into_iter().map(|(name, value)| match name {
        name if name.eq_ignore_ascii_case("schemas") => (name, renamed(value, |urn| schema_in(urn, kind))),
        name if name.eq_ignore_ascii_case(ENTERPRISE) => {
            (urn::ENTERPRISE_USER.to_owned(), with_manager(value, "managerId", "value"))
        }
        _ => (name, value),
    });
    Value::Object(translated.collect())
}

fn schema_in(urn: &str, kind: Kind) -> Option<&'static str> {
    if urn.eq_ignore_ascii_case(CORE) {
        Some(kind.ty().schema.id)
    } else {
        urn.eq_ignore_ascii_case(ENTERPRISE).then_some(urn::ENTERPRISE_USER)
    }
}

/// Translates the attribute names in the parameters of a query. A filter that does not parse stays as it is, for the
/// one who parses it next to refuse.
pub(crate) fn parameters(parameters: Vec<(String, String)>) -> Vec<(String, String)> {
    let translated = parameters.into_iter().map(|(name, value)| {
        let value = match name.as_str() {
            "filter" => filter::parse(&value).map_or(value, |mut parsed| {
                rename_in(&mut parsed);
                parsed.to_string()
            }),
            "sortBy" => path(&value),
            "attributes" => value.split(',').map(path).collect::<Vec<_>>().join(","),
            _ => value,
        };
        (name, value)
    });
    translated.collect()
}

fn path(text: &str) -> String {
    AttrPath::parse(text.trim()).map_or_else(
        |_| text.to_owned(),
        |mut path| {
            rename(&mut path);
            path.to_string()
        },
    )
}

/// Translates an attribute path.
pub(crate) fn rename(path: &mut AttrPath) {
    match path.schema.as_deref() {
        Some(urn) if urn.eq_ignore_ascii_case(CORE) => path.schema = None,
        Some(urn) if urn.eq_ignore_ascii_case(ENTERPRISE) => path.schema = Some(urn::ENTERPRISE_USER.to_owned()),
        _ => {}
    }
    if path.name.eq_ignore_ascii_case("manager") && path.sub.as_deref() == Some("managerId") {
        path.sub = Some("value".to_owned());
    }
}

fn rename_in(filter: &mut Filter) {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => {
            rename_in(left);
            rename_in(right);
        }
        Filter::Not(inner) => rename_in(inner),
        Filter::Compare { path, .. } | Filter::Present(path) | Filter::ValuePath { path, .. } => rename(path),
    }
}

/// Translates a reply.
pub(crate) fn outbound(mut reply: Reply) -> Reply {
    if reply.status == StatusCode::NO_CONTENT {
        // The examples of the specification answer a DELETE so.
        reply.status = StatusCode::OK;
    }
    let Body::Json(value) = &mut reply.body else { return reply };
    if reply.status.is_client_error() || reply.status.is_server_error() {
        *value = error(value);
    } else if let Some(resources) = value.get_mut("Resources").and_then(Value::as_array_mut) {
        resources.iter_mut().for_each(|resource| *resource = resource_out(resource.take()));
        name_core(value);
    } else {
        *value = resource_out(value.take());
    }
    reply
}

fn error(error: &Value) -> Value {
    let mut entry = Map::new();
    let members = [("description", "detail"), ("code", "status")];
    for (name, from) in members.iter().filter(|(_, from)| error.get(from).is_some()) {
        entry.insert((*name).to_owned(), error[from].clone());
    }
    let mut translated = json!({ "Errors": [entry] });
    if let Some(detail) = error.get("detail") {
        translated["detail"] = detail.clone();
    }
    translated
}

/// Puts the core schema in the place of that of a list, if there is one.
fn name_core(list: &mut Value) {
    if let Some(schemas) = list.get_mut("schemas") {
        *schemas = renamed(schemas.take(), |urn| (urn == urn::LIST_RESPONSE).then_some(CORE));
    }
}

fn resource_out(resource: Value) -> Value {
    let Value::Object(members) = resource else { return resource };
    let translated = members.into_iter().map(|(name, value)| match name.as_str() {
        "schemas" => (name, renamed(value, schema_out)),
        "meta" => (name, without(value, "resourceType")),
        "members" | "groups" => (name, each_without(value, "$ref")),
        urn::ENTERPRISE_USER => (ENTERPRISE.to_owned(), with_manager(value, "value", "managerId")),
        _ => (name, value),
    });
    Value::Object(translated.collect())
}

fn schema_out(urn: &str) -> Option<&'static str> {
    match urn {
        urn::USER | urn::GROUP => Some(CORE),
        urn::ENTERPRISE_USER => Some(ENTERPRISE),
        _ => None,
    }
}

/// Renames the URNs of a list that have another name.
fn renamed(list: Value, name: impl Fn(&str) -> Option<&'static str>) -> Value {
    let Value::Array(urns) = list else { return list };
    urns.into_iter().map(|urn| urn.as_str().and_then(&name).map_or(urn.clone(), Value::from)).collect()
}

fn with_manager(extension: Value, from: &str, to: &str) -> Value {
    let Value::Object(mut members) = extension else { return extension };
    if let Some(Value::Object(manager)) = members.get_mut("manager")
        && let Some(id) = manager.shift_remove(from)
    {
        manager.insert(to.to_owned(), id);
    }
    Value::Object(members)
}

fn without(mut object: Value, name: &str) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.shift_remove(name);
    }
    object
}

fn each_without(mut list: Value, name: &str) -> Value {
    for element in list.as_array_mut().into_iter().flatten() {
        *element = without(element.take(), name);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_goes_in_and_comes_out_the_same() {
        let body = json!({
            "schemas": [CORE, ENTERPRISE],
            "userName": "ada",
            ENTERPRISE: { "department": "R", "manager": { "managerId": "m1" } },
        });
        let inside = inbound(body.clone(), Kind::User).unwrap();
        assert_eq!(inside["schemas"], json!([urn::USER, urn::ENTERPRISE_USER]));
        assert_eq!(inside[urn::ENTERPRISE_USER]["manager"], json!({ "value": "m1" }));
        assert_eq!(resource_out(inside), body);
    }

    #[test]
    fn a_body_that_does_not_name_the_core_schema_is_refused() {
        for body in [json!({}), json!([]), json!({ "schemas": [urn::USER] }), json!({ "schemas": CORE })] {
            assert!(inbound(body.clone(), Kind::User).is_err(), "{body}");
        }
    }

    #[test]
    fn an_error_has_the_shape_of_the_specification_and_what_oktas_test_reads() {
        let reply = outbound(ScimError::new(404, "nobody").into());
        let expected = json!({ "Errors": [{ "description": "nobody", "code": "404" }], "detail": "nobody" });
        assert_eq!(reply.value(), Some(&expected));
    }

    #[test]
    fn names_in_a_query_are_translated_and_values_are_not() {
        let translate = |name: &str, value: &str| parameters(vec![(name.to_owned(), value.to_owned())])[0].1.clone();
        let filter = format!(r#"{CORE}:userName eq "{CORE}:x" and {ENTERPRISE}:manager.managerId pr"#);
        let expected = format!(r#"userName eq "{CORE}:x" and {}:manager.value pr"#, urn::ENTERPRISE_USER);
        assert_eq!(translate("filter", &filter), expected);
        assert_eq!(translate("filter", "ADA@EXAMPLE.COM"), "ADA@EXAMPLE.COM");
        assert_eq!(translate("attributes", &format!("{CORE}:userName, title")), "userName,title");
        assert_eq!(translate("sortBy", "9"), "9");
    }

    #[test]
    fn a_list_names_the_core_schema() {
        let user = json!({ "schemas": [urn::USER], "meta": { "resourceType": "User", "created": "x" } });
        let reply = outbound(Reply::list(1, 1, vec![user]));
        let list = reply.value().unwrap();
        assert_eq!(list["schemas"], json!([CORE]));
        assert_eq!(list["Resources"][0], json!({ "schemas": [CORE], "meta": { "created": "x" } }));
    }
}
