//! The order of a result (RFC 7644 §3.4.2.3).

use std::cmp::Ordering;

use scim_lang::error::{ScimError, ScimType};
use scim_lang::path::AttrPath;
use scim_lang::schema::{Resolved, ResourceType, Type};
use serde_json::Value;

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) path: AttrPath,
    pub(crate) descending: bool,
}

/// What a resource is ordered by; smaller comes first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    Truth(bool),
    Number(f64),
    Instant(jiff::Timestamp),
    Text(String),
    /// Resources without the attribute come last in ascending order.
    Missing,
}

impl Sort {
    /// Reads `sortBy` and `sortOrder`. An attribute that none of the types has, or that has no order because it is
    /// complex, is refused.
    pub(crate) fn parse(path: &str, order: Option<&str>, types: &[&ResourceType]) -> Result<Sort, ScimError> {
        let refuse = |detail: String| ScimError::bad_request(ScimType::InvalidValue, detail);
        let path = AttrPath::parse(path).map_err(|error| refuse(format!("`sortBy` is not an attribute: {error}")))?;
        let mut resolved = types.iter().filter_map(|ty| ty.resolve(&path));
        if !resolved.any(|resolved| sorted_by(&resolved).is_some()) {
            return Err(refuse(format!("`sortBy` names {path}, which is not a sortable attribute here")));
        }
        let descending = match order {
            None | Some("" | "ascending") => false,
            Some("descending") => true,
            Some(other) => return Err(refuse(format!("`sortOrder` is ascending or descending, not {other}"))),
        };
        Ok(Sort { path, descending })
    }

    /// Returns what a resource is ordered by.
    pub(crate) fn key(&self, resource: &Value, ty: &ResourceType) -> Key {
        let found = ty.resolve(&self.path).and_then(|resolved| {
            let (ty, case_exact) = sorted_by(&resolved)?;
            Some(key(value(resource, &resolved)?, ty, case_exact))
        });
        found.unwrap_or(Key::Missing)
    }

    /// Compares two keys in this order. Descending is ascending backwards, so that a missing value comes first.
    pub(crate) fn compare(&self, a: &Key, b: &Key) -> Ordering {
        let ascending = a.rank(b);
        if self.descending { ascending.reverse() } else { ascending }
    }
}

impl Key {
    fn rank(&self, other: &Key) -> Ordering {
        match (self, other) {
            (Key::Truth(a), Key::Truth(b)) => a.cmp(b),
            (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
            (Key::Instant(a), Key::Instant(b)) => a.cmp(b),
            (Key::Text(a), Key::Text(b)) => a.cmp(b),
            (a, b) => a.group().cmp(&b.group()),
        }
    }

    fn group(&self) -> u8 {
        match self {
            Key::Truth(_) => 0,
            Key::Number(_) => 1,
            Key::Instant(_) => 2,
            Key::Text(_) => 3,
            Key::Missing => 4,
        }
    }
}

/// Returns the type to order by and whether its case matters. `emails` alone means its `value`.
fn sorted_by(resolved: &Resolved) -> Option<(Type, bool)> {
    let leaf = match resolved.leaf() {
        complex if complex.is_complex() && complex.multi_valued => complex.sub("value")?,
        leaf => leaf,
    };
    (!leaf.is_complex()).then_some((leaf.ty, leaf.case_exact))
}

/// Returns the value to order by. Of several it is that of the primary element, or else of the first
/// (RFC 7644 §3.4.2.3).
fn value<'a>(resource: &'a Value, resolved: &Resolved) -> Option<&'a Value> {
    let home = match resolved.extension {
        Some(extension) => resource.get(extension.id)?,
        None => resource,
    };
    let found = home.get(resolved.attribute.name)?;
    let found = match found.as_array() {
        Some(elements) => elements.iter().find(|element| element["primary"] == true).or_else(|| elements.first())?,
        None => found,
    };
    match (resolved.sub, resolved.attribute.is_complex()) {
        (Some(sub), _) => found.get(sub.name),
        (None, true) => found.get("value"),
        (None, false) => Some(found),
    }
}

fn key(value: &Value, ty: Type, case_exact: bool) -> Key {
    match value {
        Value::Bool(truth) => Key::Truth(*truth),
        Value::Number(number) => number.as_f64().map_or(Key::Missing, Key::Number),
        Value::String(text) if ty == Type::DateTime => {
            text.parse().map_or_else(|_| Key::Text(text.clone()), Key::Instant)
        }
        Value::String(text) if case_exact => Key::Text(text.clone()),
        Value::String(text) => Key::Text(text.to_lowercase()),
        _ => Key::Missing,
    }
}

#[cfg(test)]
mod tests {
    use scim_lang::schema::user_type;
    use serde_json::json;

    use super::*;

    fn sorted(path: &str, order: &str, mut users: Vec<Value>) -> Vec<String> {
        let sort = Sort::parse(path, Some(order), &[user_type()]).unwrap();
        users.sort_by(|a, b| sort.compare(&sort.key(a, user_type()), &sort.key(b, user_type())));
        users.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
    }

    fn users() -> Vec<Value> {
        vec![
            json!({ "id": "1", "userName": "aB", "externalId": "b", "title": "x", "emails": [{ "value": "z" }, { "value": "a", "primary": true }] }),
            json!({ "id": "2", "userName": "ac", "externalId": "B", "active": true, "emails": [{ "value": "m" }] }),
            json!({ "id": "3", "userName": "Aa", "externalId": "a", "title": "a", "active": false }),
        ]
    }

    #[test]
    fn order_follows_case_exactness_and_type() {
        assert_eq!(sorted("userName", "ascending", users()), ["3", "1", "2"]);
        assert_eq!(sorted("externalId", "ascending", users()), ["2", "3", "1"]);
        assert_eq!(sorted("active", "ascending", users()), ["3", "2", "1"]);
    }

    #[test]
    fn missing_values_are_last_ascending_and_first_descending() {
        assert_eq!(sorted("title", "ascending", users()), ["3", "1", "2"]);
        assert_eq!(sorted("title", "descending", users()), ["2", "1", "3"]);
    }

    #[test]
    fn of_several_values_the_primary_one_counts() {
        assert_eq!(sorted("emails.value", "ascending", users()), ["1", "2", "3"]);
        assert_eq!(sorted("emails", "ascending", users()), ["1", "2", "3"]);
    }

    #[test]
    fn what_has_no_order_is_refused() {
        for path in ["name", "nope", "9", "meta"] {
            assert!(Sort::parse(path, None, &[user_type()]).is_err(), "{path}");
        }
        assert!(Sort::parse("userName", Some("upwards"), &[user_type()]).is_err());
    }
}
