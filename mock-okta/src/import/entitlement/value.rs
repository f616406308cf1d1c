//! Reading a role or an entitlement.

use serde_json::{Map, Value};

use super::resource_type::{DeclaredType, ValueKind};
use crate::import::entry::{self, EntryFault};
use crate::import::note::brief;

/// A role or an entitlement.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenValue {
    /// The name of its resource type.
    pub resource_type: String,
    /// What it is.
    pub kind: ValueKind,
    /// Its id, which users carry as `value`.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// Its description.
    pub description: Option<String>,
    /// The entry as received.
    pub resource: Map<String, Value>,
}

impl SeenValue {
    /// Reads an entry. The guide asks for id and name of both, and for the `type` of an entitlement.
    pub(crate) fn read(of: &DeclaredType, kind: ValueKind, id: String, entry: Value) -> Result<SeenValue, EntryFault> {
        entry::check_schemas(&entry)?;
        let display_name = entry::text(&entry["displayName"], "displayName")?
            .filter(|name| !name.is_empty())
            .ok_or(EntryFault::Missing("displayName"))?;
        let description = entry::text(&entry["description"], "description")?;
        match entry {
            Value::Object(resource) => {
                Ok(SeenValue { resource_type: of.name.clone(), kind, id, display_name, description, resource })
            }
            _ => Err(EntryFault::NotAnObject),
        }
    }

    /// Returns what the guide asks for and Okta is not known to insist on: the `type` of an entitlement is
    /// the name of its resource type (its own sample has another one), and a description has at most 1,000
    /// characters.
    pub(crate) fn odd(&self) -> Option<EntryFault> {
        if self.kind == ValueKind::Entitlement {
            let actual = self.resource.get("type").and_then(Value::as_str);
            if actual != Some(self.resource_type.as_str()) {
                return Some(EntryFault::Differs {
                    attribute: "type",
                    expected: brief(&self.resource_type),
                    actual: brief(actual.unwrap_or_default()),
                });
            }
        }
        let is_long = self.description.as_ref().is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION);
        is_long.then_some(EntryFault::TooLong("description"))
    }
}

const LONGEST_DESCRIPTION: usize = 1_000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::resource_type::ENTITLEMENT_SCHEMA;
    use super::*;

    fn read(entry: Value) -> Result<SeenValue, EntryFault> {
        let license = json!({ "name": "License", "endpoint": "/Licenses", "schema": ENTITLEMENT_SCHEMA });
        let license = DeclaredType::read(&license).unwrap();
        SeenValue::read(&license, ValueKind::Entitlement, "l1".to_owned(), entry)
    }

    #[test]
    fn a_name_is_needed_and_a_type_is_missed() {
        assert_eq!(read(json!({ "schemas": ["s"] })).unwrap_err(), EntryFault::Missing("displayName"));
        let odd = |entry: Value| read(entry).unwrap().odd();
        assert_eq!(odd(json!({ "schemas": ["s"], "displayName": "Gold", "type": "License" })), None);
        assert!(matches!(odd(json!({ "schemas": ["s"], "displayName": "Gold" })), Some(EntryFault::Differs { .. })));
    }

    #[test]
    fn a_long_description_is_odd() {
        let text = "x".repeat(LONGEST_DESCRIPTION + 1);
        let entry = json!({ "schemas": ["s"], "displayName": "Gold", "type": "License", "description": text });
        assert_eq!(read(entry).unwrap().odd(), Some(EntryFault::TooLong("description")));
    }
}
