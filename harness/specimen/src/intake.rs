//! From the body of a POST or PUT, or the result of a PATCH, to content that can be stored.
//!
//! What the RFCs leave open is decided here:
//! - Unknown attributes and unknown extensions are ignored (RFC 7644 §3.3 is silent).
//! - Attribute names are taken in any case (RFC 7643 §2.1) and stored in the schema's; the same attribute in two
//!   spellings is refused.
//! - Values have to have the type of the attribute: `"true"` is no boolean. Values outside `canonicalValues` are kept
//!   (RFC 7643 §2.3.1).
//! - `null`, `[]` and `{}` mean that the attribute is not there (RFC 7643 §2.5).
//! - `schemas` has to name the base schema. Which extensions it names does not matter: data of an extension is stored
//!   whether it is announced or not, and an answer names the extensions it has data of.
//! - Immutable attributes need no check: the only ones are the sub-attributes of a member, a member with another value
//!   is another member, and members may come and go (RFC 7643 §4.2).

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use scim_lang::error::{ScimError, ScimType};
use scim_lang::json::same;
use scim_lang::schema::{Attribute, Mutability, Type};
use serde_json::{Map, Value};

use crate::store::{Content, Kind};

/// Returns what of a body is to be stored.
pub(crate) fn content(body: &Value, kind: Kind) -> Result<Content, ScimError> {
    let body = body.as_object().ok_or_else(|| syntax("the body has to be a JSON object"))?;
    check_schemas(body, kind)?;
    let mut attributes = base_attributes(body, kind)?;
    let password = attributes.shift_remove("password");
    for attribute in kind.ty().schema.attributes.iter().filter(|attribute| attribute.required) {
        check_required(attribute, attributes.get(attribute.name))?;
    }
    if let Some(Value::Array(members)) = attributes.get_mut("members") {
        settle_members(members)?;
    }
    Ok(Content { attributes, password: password.as_ref().and_then(Value::as_str).map(fingerprint) })
}

fn check_schemas(body: &Map<String, Value>, kind: Kind) -> Result<(), ScimError> {
    let schemas = member(body, "schemas")?.and_then(Value::as_array);
    let schemas = schemas.ok_or_else(|| syntax("`schemas` has to be an array of URIs"))?;
    let mut seen: Vec<&str> = Vec::new();
    for schema in schemas {
        let urn = schema.as_str().ok_or_else(|| syntax("`schemas` holds something other than a string"))?;
        // RFC 7643 §3: duplicate values are not allowed.
        if seen.iter().any(|earlier| earlier.eq_ignore_ascii_case(urn)) {
            return Err(value_error(format!("`schemas` names {urn} twice")));
        }
        seen.push(urn);
    }
    let base = kind.ty().schema;
    if seen.iter().any(|urn| base.is(urn)) {
        Ok(())
    } else {
        Err(syntax(format!("`schemas` does not name {}", base.id)))
    }
}

fn base_attributes(body: &Map<String, Value>, kind: Kind) -> Result<Map<String, Value>, ScimError> {
    let mut attributes = Map::new();
    for (name, value) in body {
        let (name, settled) = if let Some(extension) = kind.ty().extension(name) {
            (extension.id, extension_block(extension.id, extension.attributes, value)?)
        } else {
            match kind.ty().base_attribute(name) {
                Some(attribute) if attribute.name != "schemas" => {
                    (attribute.name, settle(attribute, attribute.name, value)?)
                }
                _ => continue,
            }
        };
        put(&mut attributes, name, name, settled)?;
    }
    Ok(attributes)
}

fn extension_block(urn: &str, attributes: &'static [Attribute], value: &Value) -> Result<Option<Value>, ScimError> {
    match value {
        Value::Null => Ok(None),
        Value::Object(members) => object(attributes, urn, members),
        _ => Err(value_error(format!("`{urn}` has to be an object"))),
    }
}

/// Returns the value in canonical form, or nothing if it leaves the attribute unassigned or is not the client's to set.
fn settle(attribute: &'static Attribute, path: &str, value: &Value) -> Result<Option<Value>, ScimError> {
    if attribute.mutability == Mutability::ReadOnly || value.is_null() {
        return Ok(None);
    }
    if !attribute.multi_valued {
        return single(attribute, path, value);
    }
    let elements = value.as_array().ok_or_else(|| value_error(format!("`{path}` has to be an array")))?;
    let mut settled: Vec<Value> = Vec::with_capacity(elements.len());
    for element in elements.iter().filter(|element| !element.is_null()) {
        settled.extend(single(attribute, path, element)?);
    }
    check_primary(path, &settled)?;
    // Members are told apart by value alone, and in their hundreds: see `settle_members`.
    if attribute.name != "members" {
        drop_repeated(&mut settled);
    }
    Ok((!settled.is_empty()).then_some(Value::Array(settled)))
}

fn single(attribute: &'static Attribute, path: &str, value: &Value) -> Result<Option<Value>, ScimError> {
    let wrong = || value_error(format!("`{path}` has to be {}", kind_of_value(attribute.ty)));
    match (attribute.ty, value) {
        (Type::Complex, Value::Object(members)) => object(attribute.sub_attributes, path, members),
        (Type::String | Type::Reference, Value::String(_)) => Ok(Some(value.clone())),
        (Type::Boolean, Value::Bool(_)) => Ok(Some(value.clone())),
        (Type::Decimal, Value::Number(_)) => Ok(Some(value.clone())),
        (Type::Integer, Value::Number(number)) if is_integer(&number.to_string()) => Ok(Some(value.clone())),
        (Type::DateTime, Value::String(text)) if is_date_time(text) => Ok(Some(value.clone())),
        (Type::Binary, Value::String(text)) if LENIENT_BASE64.decode(text).is_ok() => Ok(Some(value.clone())),
        _ => Err(wrong()),
    }
}

fn object(
    attributes: &'static [Attribute],
    path: &str,
    members: &Map<String, Value>,
) -> Result<Option<Value>, ScimError> {
    let mut settled = Map::new();
    for (name, value) in members {
        let Some(attribute) = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let below = format!("{path}.{}", attribute.name);
        put(&mut settled, attribute.name, &below, settle(attribute, &below, value)?)?;
    }
    Ok((!settled.is_empty()).then_some(Value::Object(settled)))
}

/// Adds a value. The name is canonical, so that a second one of the same name is the same attribute in another case.
fn put(into: &mut Map<String, Value>, name: &str, path: &str, value: Option<Value>) -> Result<(), ScimError> {
    let Some(value) = value else { return Ok(()) };
    match into.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(syntax(format!("`{path}` is there twice, in different upper and lower case"))),
    }
}

/// Returns a member of the body in whatever case, once.
fn member<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Value>, ScimError> {
    let mut found = body.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some(_) => Err(syntax(format!("`{name}` is there twice, in different upper and lower case"))),
    }
}

/// RFC 7643 §4.1.1 and §4.2: userName and displayName must not be empty. White space alone reads as empty to people.
fn check_required(attribute: &Attribute, value: Option<&Value>) -> Result<(), ScimError> {
    match value {
        Some(Value::String(text)) if text.trim().is_empty() => {
            Err(value_error(format!("`{}` must not be empty", attribute.name)))
        }
        Some(_) => Ok(()),
        None => Err(value_error(format!("`{}` is required", attribute.name))),
    }
}

/// RFC 7643 §2.4: at most one value is the primary one.
fn check_primary(path: &str, elements: &[Value]) -> Result<(), ScimError> {
    let primaries = elements.iter().filter(|element| element["primary"] == true).count();
    if primaries > 1 {
        return Err(value_error(format!("`{path}` has {primaries} primary values, and one is allowed")));
    }
    Ok(())
}

/// RFC 7643 §2.4: the same combination of type and value should not be returned twice. Values that differ in anything
/// else are kept.
fn drop_repeated(elements: &mut Vec<Value>) {
    let mut kept: Vec<Value> = Vec::with_capacity(elements.len());
    for element in elements.drain(..) {
        if !kept.iter().any(|earlier| same(earlier, &element)) {
            kept.push(element);
        }
    }
    *elements = kept;
}

/// Keeps the value of each member, once. `type`, `$ref` and `display` are made from the resource it names, so that they
/// can neither be wrong nor grow old.
fn settle_members(members: &mut Vec<Value>) -> Result<(), ScimError> {
    let mut seen = std::collections::HashSet::new();
    let mut kept = Vec::with_capacity(members.len());
    for member in members.drain(..) {
        let Some(id) = member["value"].as_str() else {
            return Err(value_error("`members.value` is missing: a member is named by its id"));
        };
        if seen.insert(id.to_owned()) {
            kept.push(serde_json::json!({ "value": id }));
        }
    }
    *members = kept;
    Ok(())
}

/// Tells one password from another without keeping either: a hash under a key that exists in this process only.
fn fingerprint(password: &str) -> u64 {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    KEY.hash_one(password)
}

/// RFC 7643 §2.3.4: no fraction and no exponent.
fn is_integer(number: &str) -> bool {
    number.strip_prefix('-').unwrap_or(number).bytes().all(|byte| byte.is_ascii_digit())
}

/// RFC 7643 §2.3.5: an `xsd:dateTime`, whose zone is optional.
fn is_date_time(text: &str) -> bool {
    text.contains('T') && (text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok())
}

fn kind_of_value(ty: Type) -> &'static str {
    match ty {
        Type::String => "a string",
        Type::Boolean => "true or false",
        Type::Decimal => "a number",
        Type::Integer => "a whole number",
        Type::DateTime => "a date and time such as 2011-05-13T04:42:34Z",
        Type::Reference => "a URI in a string",
        Type::Complex => "an object",
        Type::Binary => "base64 text",
    }
}

fn syntax(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

fn value_error(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

/// RFC 7643 §2.3.6: padding may be left out.
const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const USER: &str = scim_lang::urn::USER;
    const ENTERPRISE: &str = scim_lang::urn::ENTERPRISE_USER;

    fn user(mut body: Value) -> Result<Value, ScimError> {
        body["schemas"] = json!([USER]);
        content(&body, Kind::User).map(|content| Value::Object(content.attributes))
    }

    #[test]
    fn names_get_the_case_of_the_schema() {
        let stored = user(json!({ "USERNAME": "a", "Name": { "GIVENname": "A" }, "ExternalID": "x" })).unwrap();
        assert_eq!(stored, json!({ "userName": "a", "name": { "givenName": "A" }, "externalId": "x" }));
    }

    #[test]
    fn read_only_and_unknown_attributes_and_nothings_are_left_out() {
        let stored = user(json!({
            "userName": "a", "id": "mine", "meta": { "resourceType": "X" }, "groups": [], "shoeSize": 43,
            "urn:example:1.0:Badge": { "colour": "red" }, "title": null, "emails": [], "name": {},
            "phoneNumbers": [null], ENTERPRISE: { "manager": { "displayName": "Boss" } },
        }));
        assert_eq!(stored.unwrap(), json!({ "userName": "a" }));
    }

    #[test]
    fn an_extension_is_stored_under_its_urn() {
        let body =
            json!({ "userName": "a", ENTERPRISE.to_lowercase(): { "Department": "R&D", "employeeNumber": "007" } });
        let stored = user(body).unwrap();
        assert_eq!(stored[ENTERPRISE], json!({ "department": "R&D", "employeeNumber": "007" }));
    }

    #[test]
    fn what_cannot_be_stored_is_refused_with_its_keyword() {
        use ScimType::{InvalidSyntax, InvalidValue};
        let table = [
            (json!({}), InvalidValue),
            (json!({ "userName": "" }), InvalidValue),
            (json!({ "userName": "  " }), InvalidValue),
            (json!({ "userName": null }), InvalidValue),
            (json!({ "userName": 5 }), InvalidValue),
            (json!({ "userName": "a", "active": "true" }), InvalidValue),
            (json!({ "userName": "a", "name": "A" }), InvalidValue),
            (json!({ "userName": "a", "emails": {} }), InvalidValue),
            (json!({ "userName": "a", "roles": ["admin"] }), InvalidValue),
            (
                json!({ "userName": "a", "emails": [{ "value": "x", "primary": true }, { "value": "y", "primary": true }] }),
                InvalidValue,
            ),
            (json!({ "userName": "a", "x509Certificates": [{ "value": "not base64!" }] }), InvalidValue),
            (json!({ "userName": "a", ENTERPRISE: "x" }), InvalidValue),
            (json!({ "userName": "a", "username": "b" }), InvalidSyntax),
        ];
        for (body, keyword) in table {
            assert_eq!(user(body.clone()).unwrap_err().scim_type, Some(keyword), "{body}");
        }
    }

    #[test]
    fn schemas_has_to_name_the_base_schema_once() {
        let group = scim_lang::urn::GROUP;
        for schemas in
            [json!(null), json!([]), json!("x"), json!([5]), json!([group]), json!([USER, USER.to_lowercase()])]
        {
            let body = json!({ "schemas": schemas, "userName": "a" });
            assert_eq!(content(&body, Kind::User).unwrap_err().status, 400, "{schemas}");
        }
        let body = json!({ "userName": "a", "schemas": ["urn:example:x:1.0:Y", USER.to_uppercase()] });
        assert!(content(&body, Kind::User).is_ok());
        assert!(content(&json!([]), Kind::User).is_err());
    }

    #[test]
    fn repeated_values_are_kept_once_and_members_by_id() {
        let twice = json!([{ "value": "x", "type": "work" }, { "type": "work", "value": "x" }, { "value": "x" }]);
        assert_eq!(user(json!({ "userName": "a", "emails": twice })).unwrap()["emails"].as_array().unwrap().len(), 2);
        let body = json!({
            "schemas": [scim_lang::urn::GROUP], "displayName": "g",
            "members": [{ "value": "1", "display": "one" }, { "value": "1" }, { "value": "2", "type": "User" }],
        });
        let stored = content(&body, Kind::Group).unwrap();
        assert_eq!(stored.attributes["members"], json!([{ "value": "1" }, { "value": "2" }]));
        let nameless =
            json!({ "schemas": [scim_lang::urn::GROUP], "displayName": "g", "members": [{ "display": "x" }] });
        assert!(content(&nameless, Kind::Group).is_err());
    }

    #[test]
    fn a_password_leaves_only_a_fingerprint() {
        let with = |password: &str| {
            let body = json!({ "schemas": [USER], "userName": "a", "password": password });
            content(&body, Kind::User).unwrap()
        };
        assert_eq!(with("x").attributes.get("password"), None);
        assert_eq!(with("x").password, with("x").password);
        assert_ne!(with("x").password, with("y").password);
    }
}
