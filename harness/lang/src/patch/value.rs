//! Which values fit an attribute, and which values are the same. Where they
//! go is decided in [`super::apply`].

use serde_json::{Map, Value};

use crate::error::{ScimError, ScimType};
use crate::json;
use crate::schema::{Attribute, Mutability, Type};

/// A sub-attribute and the value a client gave for it.
pub(super) type Part = (&'static Attribute, Value);

/// Tells whether a value means that the attribute has none: null, or the
/// empty list for a list (RFC 7643 §2.5).
pub(super) fn is_unassigned(attribute: &Attribute, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => attribute.multi_valued && elements.is_empty(),
        _ => false,
    }
}

/// Checks one value, element by element if it is complex, and returns it in
/// the schema's spelling, without unassigned parts.
pub(super) fn conform(attribute: &Attribute, value: &Value) -> Result<Value, ScimError> {
    if attribute.is_complex() {
        let assigned = |(sub, value): &Part| !is_unassigned(sub, value);
        let parts = parts(attribute, value)?.into_iter().filter(assigned);
        return Ok(parts.map(|(sub, value)| (sub.name.to_owned(), value)).collect::<Map<_, _>>().into());
    }
    let is_empty = attribute.required && value.as_str().is_some_and(str::is_empty);
    match fits(attribute.ty, value) && !is_empty {
        true => Ok(value.clone()),
        false => Err(misfit(attribute)),
    }
}

/// Checks the elements for a list: an array, or one element alone.
///
/// An element with nothing in it is no element.
pub(super) fn elements(attribute: &Attribute, value: &Value) -> Result<Vec<Value>, ScimError> {
    let given = match value {
        Value::Array(elements) => elements.as_slice(),
        one => std::slice::from_ref(one),
    };
    let conforming = given
        .iter()
        .filter(|element| !element.is_null())
        .map(|element| conform(attribute, element))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(conforming.into_iter().filter(|element| !is_empty_object(element)).collect())
}

/// Checks the parts of a complex value. Unassigned ones stay, for they tell a
/// `replace` what to unassign; readOnly ones are left out.
pub(super) fn parts(attribute: &Attribute, value: &Value) -> Result<Vec<Part>, ScimError> {
    let members = value.as_object().ok_or_else(|| misfit(attribute))?;
    let mut parts: Vec<Part> = Vec::with_capacity(members.len());
    for (name, value) in members {
        let sub = attribute
            .sub(name)
            .ok_or_else(|| invalid(format!("`{}` has no sub-attribute `{}`", attribute.name, name.escape_debug())))?;
        if parts.iter().any(|(other, _)| other.name == sub.name) {
            return Err(invalid(format!("`{}` is there twice", sub.name)));
        }
        if sub.mutability != Mutability::ReadOnly {
            parts.push((sub, part(sub, value)?));
        }
    }
    Ok(parts)
}

/// Checks the value of one sub-attribute.
pub(super) fn part(sub: &Attribute, value: &Value) -> Result<Value, ScimError> {
    match value {
        value if is_unassigned(sub, value) => Ok(value.clone()),
        value if sub.multi_valued => elements(sub, value).map(Value::Array),
        value => conform(sub, value),
    }
}

/// Tells whether two values of an attribute are the same, by `caseExact`.
///
/// References and certificates are compared as they are written, although the
/// printed tables let their case vary (errata 6001 and 6000): to take two
/// certificates for one would lose one.
pub(super) fn same(attribute: &Attribute, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) if attribute.ty == Type::String && !attribute.case_exact => {
            a == b || fold(a) == fold(b)
        }
        _ => json::same(a, b),
    }
}

/// Tells whether an element already in a list says all that a given one says,
/// `primary` aside.
///
/// Elements that point to a resource, as the members of a group do, are the
/// same when they point to the same one; the tables show which lists are
/// meant by an immutable `value`. That value is an `id`, so its case counts
/// (RFC 7643 §3.1).
pub(super) fn covers(attribute: &Attribute, stored: &Value, given: &Value) -> bool {
    let (Value::Object(stored), Value::Object(given)) = (stored, given) else {
        return same(attribute, stored, given);
    };
    if points_to_resources(attribute)
        && let (Some(stored), Some(given)) = (stored.get("value"), given.get("value"))
    {
        return stored == given;
    }
    let says = |sub: &Attribute, value: &Value| stored.get(sub.name).is_some_and(|other| same(sub, other, value));
    given
        .iter()
        .filter(|(name, _)| *name != PRIMARY)
        .all(|(name, value)| attribute.sub(name).is_some_and(|sub| says(sub, value)))
}

fn points_to_resources(attribute: &Attribute) -> bool {
    attribute.sub("value").is_some_and(|value| value.mutability == Mutability::Immutable)
}

/// Tells whether an element is the one to prefer.
pub(super) fn is_primary(element: &Value) -> bool {
    element.get(PRIMARY) == Some(&Value::Bool(true))
}

/// Lower-cases character by character, as filters do ([`crate::filter::Matcher`]).
pub(super) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

pub(super) fn is_empty_object(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

pub(super) fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

fn misfit(attribute: &Attribute) -> ScimError {
    invalid(format!("`{}` takes {}", attribute.name, wanted(attribute)))
}

fn wanted(attribute: &Attribute) -> &'static str {
    match attribute.ty {
        Type::String if attribute.required => "a string that is not empty",
        Type::String => "a string",
        Type::Boolean => "true or false, not a string",
        Type::Decimal => "a number",
        Type::Integer => "a number without fraction or exponent",
        Type::DateTime => "a date and time such as 2011-05-13T04:42:34Z",
        Type::Reference => "a URI in a string",
        Type::Complex => "an object",
        Type::Binary => "base64 in a string",
    }
}

fn fits(ty: Type, value: &Value) -> bool {
    match (ty, value) {
        (Type::String | Type::Reference, Value::String(_)) | (Type::Boolean, Value::Bool(_)) => true,
        (Type::Decimal, Value::Number(_)) => true,
        // RFC 7643 §2.3.4: the text counts, `1.0` is no integer.
        (Type::Integer, Value::Number(number)) => !number.to_string().contains(['.', 'e', 'E']),
        (Type::DateTime, Value::String(text)) => is_date_time(text),
        (Type::Binary, Value::String(text)) => is_base64(text),
        _ => false,
    }
}

/// `xsd:dateTime` (RFC 7643 §2.3.5) leaves the zone to the writer.
fn is_date_time(text: &str) -> bool {
    text.contains('T') && (text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok())
}

/// RFC 7643 §2.3.6 lets the padding go; some encoders break lines.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let is_digit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/') || b.is_ascii_whitespace();
    text.len() - digits.len() <= 2 && digits.bytes().all(is_digit)
}

pub(super) const PRIMARY: &str = "primary";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{enterprise_user, group, user};
    use serde_json::json;

    fn attribute(name: &str) -> &'static Attribute {
        let schemas = [user(), group(), enterprise_user()];
        schemas.into_iter().find_map(|schema| schema.attribute(name)).expect(name)
    }

    #[test]
    fn a_string_is_no_boolean() {
        let active = attribute("active");
        assert!(conform(active, &json!(true)).is_ok());
        for wrong in [json!("true"), json!("False"), json!(1), json!({})] {
            assert!(conform(active, &wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn types_are_told_apart_by_the_text_of_the_value() {
        let number = |text: &str| serde_json::from_str::<Value>(text).expect(text);
        assert!(fits(Type::Integer, &number("12")));
        assert!(!fits(Type::Integer, &number("1.0")));
        assert!(!fits(Type::Integer, &number("1e2")));
        assert!(fits(Type::Decimal, &number("1e2")));
        assert!(fits(Type::DateTime, &json!("2011-05-13T04:42:34Z")));
        assert!(fits(Type::DateTime, &json!("2011-05-13T04:42:34")));
        assert!(!fits(Type::DateTime, &json!("2011-05-13")));
        assert!(fits(Type::Binary, &json!("TUlJ")));
        assert!(fits(Type::Binary, &json!("TUk")));
        assert!(!fits(Type::Binary, &json!("not base64!")));
    }

    #[test]
    fn names_come_back_in_the_spelling_of_the_schema() {
        let given = json!({ "VALUE": "a@example.test", "Primary": true, "display": null });
        let conforming = conform(attribute("emails"), &given).unwrap();
        assert_eq!(conforming, json!({ "value": "a@example.test", "primary": true }));
    }

    #[test]
    fn two_spellings_of_one_name_are_refused() {
        let given = json!({ "value": "a", "Value": "b" });
        assert!(conform(attribute("emails"), &given).is_err());
    }

    #[test]
    fn read_only_parts_are_left_out() {
        let given = json!({ "value": "26", "displayName": "Boss" });
        assert_eq!(conform(attribute("manager"), &given).unwrap(), json!({ "value": "26" }));
    }

    #[test]
    fn a_mail_address_covers_another_spelling_but_not_another_type() {
        let stored = json!({ "value": "Ada@example.test", "type": "work", "primary": true });
        let covers = |given: Value| covers(attribute("emails"), &stored, &given);
        assert!(covers(json!({ "value": "ada@EXAMPLE.test", "type": "Work" })));
        assert!(covers(json!({ "value": "ada@example.test" })));
        assert!(covers(json!({ "value": "ada@example.test", "primary": false })));
        assert!(!covers(json!({ "value": "ada@example.test", "type": "home" })));
    }

    #[test]
    fn a_member_is_the_same_by_its_value_alone() {
        let stored = json!({ "value": "26", "display": "ada" });
        let covers = |given: Value| covers(attribute("members"), &stored, &given);
        assert!(covers(json!({ "value": "26", "display": "Ada L.", "type": "User" })));
        assert!(!covers(json!({ "value": "27", "display": "ada" })));
    }
}
