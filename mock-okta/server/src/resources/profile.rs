//! Reading the profile of a user out of a body.

use mock_okta::Profile;
use mock_okta::org::Attributes;
use serde_json::{Map, Value};

use super::{inner, required};
use crate::error::ApiError;
use crate::shape::profile::{DEFAULT_LOCALE, default_display_name};

/// Reads the profile of somebody who comes into the org.
///
/// Display name and locale are what [`Profile::new`] makes of the names where nobody gives them.
pub(crate) fn read(body: &Map<String, Value>) -> Result<Profile, ApiError> {
    let given = given(body)?;
    for key in ["login", "email", "firstName", "lastName"] {
        required(given, key)?;
    }
    let mut profile =
        Profile::new(required(given, "login")?, required(given, "firstName")?, required(given, "lastName")?);
    for (key, value) in changes(given)? {
        if !value.is_empty() {
            profile.add(&key, value);
        }
    }
    check_addresses(&profile)?;
    Ok(profile)
}

/// Reads a full replacement: what it does not name is erased.
pub(crate) fn read_replacement(body: &Map<String, Value>, before: &Profile) -> Result<Attributes, ApiError> {
    let after = read(body)?;
    Ok(differences(before, &after))
}

/// Returns what changed. A value that was erased is empty, and so is one there never was.
fn differences(before: &Profile, after: &Profile) -> Attributes {
    let value = |profile: &Profile, key: &str| profile.value(key).unwrap_or_default().to_owned();
    let changed = |key: &&str| value(before, key) != value(after, key);
    Profile::OKTA_KEYS.into_iter().filter(changed).map(|key| (key.to_owned(), value(after, key))).collect()
}

/// Reads a partial update: what it does not name stays. A display name that nobody gave follows the names.
pub(crate) fn read_update(body: &Map<String, Value>, before: &Profile) -> Result<Attributes, ApiError> {
    let mut after = before.clone();
    for (key, value) in changes(given(body)?)? {
        after.add(&key, value);
    }
    if before.display_name == default_display_name(before) && after.display_name == before.display_name {
        after.display_name = default_display_name(&after);
    }
    if after.locale.is_empty() {
        DEFAULT_LOCALE.clone_into(&mut after.locale);
    }
    for (key, value) in [("login", &after.login), ("firstName", &after.first_name), ("lastName", &after.last_name)] {
        if value.trim().is_empty() {
            return Err(ApiError::validation(key, format!("{key}: The field cannot be left blank")));
        }
    }
    check_addresses(&after)?;
    Ok(differences(before, &after))
}

fn given(body: &Map<String, Value>) -> Result<&Map<String, Value>, ApiError> {
    inner(body, "profile")?.ok_or_else(|| ApiError::validation("profile", "profile: The field cannot be left blank"))
}

/// Reads the values of a profile. Null erases.
fn changes(given: &Map<String, Value>) -> Result<Attributes, ApiError> {
    let change = |(key, value): (&String, &Value)| {
        if !Profile::is_key(key) {
            return Err(ApiError::validation(key, format!("{key}: the user profile has no such property")));
        }
        match value {
            Value::Null => Ok((key.clone(), String::new())),
            Value::String(text) => Ok((key.clone(), text.clone())),
            _ => Err(ApiError::validation(key, format!("{key}: it is not a string"))),
        }
    };
    given.iter().map(change).collect()
}

fn check_addresses(profile: &Profile) -> Result<(), ApiError> {
    if !is_address(&profile.login) {
        return Err(ApiError::validation("login", "login: Username must be in the form of an email address"));
    }
    if !is_address(&profile.email) {
        return Err(ApiError::validation("email", "email: Does not match required pattern"));
    }
    Ok(())
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(profile: Value) -> Map<String, Value> {
        Map::from_iter([("profile".to_owned(), profile)])
    }

    fn ada() -> Value {
        json!({ "login": "ada@example.com", "email": "ada@example.com", "firstName": "Ada", "lastName": "Byron" })
    }

    #[test]
    fn a_replacement_erases_what_it_does_not_name() {
        let mut before = read(&body(ada())).unwrap();
        before.add("title", "Engineer");
        before.add("displayName", "Countess");
        let changes = read_replacement(&body(ada()), &before).unwrap();
        assert_eq!(
            changes,
            [("displayName", "Ada Byron"), ("title", "")].map(|(key, value)| (key.into(), value.into()))
        );
    }

    #[test]
    fn an_update_leaves_what_it_does_not_name() {
        let before = read(&body(ada())).unwrap();
        let changes = read_update(&body(json!({ "firstName": "Augusta", "title": null })), &before).unwrap();
        let keys: Vec<&str> = changes.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["firstName", "displayName"], "a title there never was cannot be erased");
    }

    #[test]
    fn a_profile_that_cannot_be_is_refused() {
        let broken = |key: &str, value: Value| {
            let mut profile = ada();
            profile[key] = value;
            body(profile)
        };
        for body in [
            Map::new(),
            body(json!([])),
            broken("login", json!("ada")),
            broken("login", json!(null)),
            broken("email", json!("a b@c")),
            broken("firstName", json!(1)),
            broken("shoeSize", json!("38")),
        ] {
            assert_eq!(read(&body).map_err(|error| error.status()), Err(400), "{body:?}");
        }
    }
}
