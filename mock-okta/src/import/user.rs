//! A user as an import reads them out of a list.

use scim_lang::path::AttrPath;
use scim_lang::urn;
use serde_json::{Map, Value};

use super::entry::{self, EntryFault};
use super::fingerprint;
use crate::{Grant, Profile};

/// A user of the service provider with everything Okta needs to import them.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteUser {
    /// The service provider's `id`.
    pub id: String,
    /// `userName`.
    pub user_name: String,
    /// `name.givenName`.
    pub given_name: String,
    /// `name.familyName`.
    pub family_name: String,
    /// The address Okta reads: the primary one, or else the first.
    pub email: String,
    /// What `active` says.
    pub activity: Activity,
    /// The entry as received.
    pub resource: Map<String, Value>,
}

/// What `active` of an imported user says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// `true`. Only such users can be imported (OIN test plan C9303).
    Active,
    /// `false`.
    Inactive,
    /// Nothing.
    ///
    /// Two readings, neither documented. A stranger of whom nobody says that they are active is not
    /// imported, because C9303 asks for active ones. A user Okta knows stays as they are: silence is too
    /// little to take somebody's access away.
    Unsaid,
}

impl RemoteUser {
    /// Reads an entry of `/Users`.
    ///
    /// Okta needs `userName`, `name.givenName`, `name.familyName` and `emails` (Okta guide "Prepare your
    /// SCIM integration"). The OIN test plan adds that some may be empty, so an empty text counts as
    /// there, except for `userName`.
    pub(crate) fn read(id: String, entry: Value) -> Result<RemoteUser, EntryFault> {
        entry::check_schemas(&entry)?;
        check_arrays(&entry)?;
        let name = &entry["name"];
        let user_name = required(&entry["userName"], "userName")?;
        if user_name.is_empty() {
            return Err(EntryFault::Missing("userName"));
        }
        Ok(RemoteUser {
            id,
            user_name,
            given_name: required(&name["givenName"], "name.givenName")?,
            family_name: required(&name["familyName"], "name.familyName")?,
            email: required(primary(&entry["emails"]).map_or(&Value::Null, |email| &email["value"]), "emails")?,
            activity: activity(&entry["active"]),
            resource: match entry {
                Value::Object(resource) => resource,
                _ => return Err(EntryFault::NotAnObject),
            },
        })
    }

    /// Returns the text of an attribute; nothing where it is unassigned.
    ///
    /// Of a multi-valued attribute that is the entry with `primary: true` (Okta SCIM FAQ, "What
    /// determines the primary value"), or else the first; without a sub-attribute, its `value`.
    pub fn value(&self, path: &AttrPath) -> Option<String> {
        let of = |object: &Map<String, Value>| object.get(&path.name).cloned();
        let attribute = match path.schema.as_deref() {
            None | Some(urn::USER) => of(&self.resource),
            Some(schema) => self.resource.get(schema).and_then(Value::as_object).and_then(of),
        }?;
        let sub = path.sub.as_deref();
        match (primary(&attribute), sub) {
            (Some(Value::Object(entry)), sub) => fingerprint::text(entry.get(sub.unwrap_or("value"))?),
            (Some(_), None) | (None, None) => fingerprint::text(&attribute),
            (Some(_), Some(_)) => None,
            (None, Some(sub)) => fingerprint::text(attribute.get(sub)?),
        }
    }

    /// Returns the profile of a person made out of this user.
    pub fn profile(&self) -> Profile {
        let mut profile = Profile::new(&*self.user_name, &*self.given_name, &*self.family_name);
        profile.email.clone_from(&self.email);
        if let Some(name) = self.value(&AttrPath::new("displayName")) {
            profile.display_name = name;
        }
        if let Some(locale) = self.value(&AttrPath::new("locale")) {
            profile.locale = locale;
        }
        profile
    }

    /// Returns the entitlements the user holds.
    pub fn entitlements(&self) -> Vec<Grant> {
        granted(self.resource.get("entitlements"))
    }

    /// Returns the roles the user holds.
    pub fn roles(&self) -> Vec<Grant> {
        granted(self.resource.get("roles"))
    }
}

fn granted(attribute: Option<&Value>) -> Vec<Grant> {
    let values = attribute.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let granted = |entry: &Value| {
        Some(Grant {
            value: fingerprint::text(&entry["value"])?,
            display: fingerprint::text(&entry["display"]),
            kind: fingerprint::text(&entry["type"]),
        })
    };
    values.iter().filter_map(granted).collect()
}

fn required(value: &Value, attribute: &'static str) -> Result<String, EntryFault> {
    entry::text(value, attribute)?.ok_or(EntryFault::Missing(attribute))
}

fn primary(attribute: &Value) -> Option<&Value> {
    let values = attribute.as_array()?;
    values.iter().find(|value| is_true(&value["primary"])).or_else(|| values.first())
}

fn activity(active: &Value) -> Activity {
    match active {
        Value::Null => Activity::Unsaid,
        active if is_true(active) => Activity::Active,
        _ => Activity::Inactive,
    }
}

/// Texts are read as the boolean they spell, as lookups do.
fn is_true(value: &Value) -> bool {
    *value == true || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Okta SCIM FAQ: a multi-valued attribute has to be an array.
fn check_arrays(entry: &Value) -> Result<(), EntryFault> {
    match MULTI_VALUED.iter().find(|name| !entry[**name].is_null() && !entry[**name].is_array()) {
        Some(name) => Err(EntryFault::NotAnArray(name)),
        None => Ok(()),
    }
}

/// RFC 7643 §4.1.2.
const MULTI_VALUED: [&str; 9] =
    ["emails", "phoneNumbers", "ims", "photos", "addresses", "groups", "entitlements", "roles", "x509Certificates"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Value {
        json!({
            "schemas": [urn::USER], "id": "7", "userName": "ada", "active": true,
            "name": { "givenName": "Ada", "familyName": "" },
            "emails": [{ "value": "home@example.test" }, { "value": "work@example.test", "type": "work", "primary": true }],
            "urn:x": { "team": "engines" },
            "entitlements": [{ "value": "l1", "display": "Licence", "type": "License" }, { "display": "no value" }],
        })
    }

    fn read(entry: Value) -> Result<RemoteUser, EntryFault> {
        RemoteUser::read("7".to_owned(), entry)
    }

    fn with(key: &str, value: Value) -> Result<RemoteUser, EntryFault> {
        let mut entry = ada();
        entry[key] = value;
        read(entry)
    }

    #[test]
    fn the_primary_address_wins_and_a_name_may_be_empty() {
        let user = read(ada()).unwrap();
        assert_eq!((user.email.as_str(), user.family_name.as_str()), ("work@example.test", ""));
    }

    #[test]
    fn attributes_are_read_by_path() {
        let user = read(ada()).unwrap();
        for (path, text) in [
            ("userName", Some("ada")),
            ("name.givenName", Some("Ada")),
            ("emails", Some("work@example.test")),
            ("emails.type", Some("work")),
            ("urn:x:team", Some("engines")),
            ("urn:ietf:params:scim:schemas:core:2.0:User:userName", Some("ada")),
            ("active", Some("true")),
            ("nickName", None),
            ("userName.x", None),
        ] {
            assert_eq!(user.value(&AttrPath::parse(path).unwrap()).as_deref(), text, "{path}");
        }
    }

    #[test]
    fn what_okta_needs_is_asked_for() {
        for (key, value, fault) in [
            ("schemas", json!([]), EntryFault::NoSchemas),
            ("userName", json!(null), EntryFault::Missing("userName")),
            ("userName", json!(""), EntryFault::Missing("userName")),
            ("userName", json!({}), EntryFault::NotAText("userName")),
            ("name", json!({ "givenName": "Ada" }), EntryFault::Missing("name.familyName")),
            ("name", json!("Ada"), EntryFault::Missing("name.givenName")),
            ("emails", json!([]), EntryFault::Missing("emails")),
            ("emails", json!([7]), EntryFault::Missing("emails")),
            ("emails", json!({ "value": "a@example.test" }), EntryFault::NotAnArray("emails")),
            ("roles", json!("admin"), EntryFault::NotAnArray("roles")),
        ] {
            assert_eq!(with(key, value.clone()).unwrap_err(), fault, "{key} {value}");
        }
    }

    #[test]
    fn active_is_true_false_or_unsaid() {
        for (value, expected) in [
            (json!(true), Activity::Active),
            (json!("True"), Activity::Active),
            (json!(false), Activity::Inactive),
            (json!("no"), Activity::Inactive),
            (json!(null), Activity::Unsaid),
        ] {
            assert_eq!(with("active", value.clone()).unwrap().activity, expected, "{value}");
        }
    }

    #[test]
    fn entitlements_without_a_value_are_none() {
        let user = read(ada()).unwrap();
        let licence =
            Grant { value: "l1".to_owned(), display: Some("Licence".to_owned()), kind: Some("License".to_owned()) };
        assert_eq!((user.entitlements(), user.roles()), (vec![licence], vec![]));
    }
}
