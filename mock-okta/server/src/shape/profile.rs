//! The keys of profiles: those of an Okta user, and what the same attributes are called in the profile of an app.

use mock_okta::{App, Profile};
use serde_json::{Map, Value};

/// Returns the profile of a user. What was never given is left out, but for the two keys that Okta shows empty.
pub(crate) fn of_user(profile: &Profile) -> Value {
    let mut shown = Map::new();
    for key in FIRST.iter().chain(Profile::OKTA_KEYS.iter().filter(|key| !FIRST.contains(key))) {
        let value = profile.value(key).filter(|value| !value.is_empty());
        match *key {
            "displayName" if value == Some(default_display_name(profile).as_str()) => {}
            "locale" if value == Some(DEFAULT_LOCALE) => {}
            "mobilePhone" | "secondEmail" => drop(shown.insert((*key).to_owned(), Value::from(value))),
            _ => {
                value.map(|value| shown.insert((*key).to_owned(), Value::from(value)));
            }
        }
    }
    Value::Object(shown)
}

/// Returns the profile of an app user: the attributes of the app under their names there.
pub(crate) fn of_app_user(app: &App, profile: &Profile) -> Value {
    let mut shown = Map::new();
    for attribute in app.attributes.iter().filter(|attribute| attribute.key() != "login") {
        let value = profile.value(attribute.key()).filter(|value| !value.is_empty());
        value.map(|value| shown.insert(in_app(attribute.key()).to_owned(), read_back(value)));
        if attribute.key() == "email" {
            shown.insert("emailType".to_owned(), Value::from("work"));
        }
    }
    Value::Object(shown)
}

/// Returns what Okta takes for a display name that nobody gave.
pub(crate) fn default_display_name(profile: &Profile) -> String {
    format!("{} {}", profile.first_name, profile.last_name)
}

/// Returns what an attribute of the Okta profile is called in the profile of an app.
pub(crate) fn in_app(key: &str) -> &str {
    NAMES.iter().find(|(okta, _)| *okta == key).map_or(key, |(_, app)| app)
}

/// Returns the key of the Okta profile for a name in the profile of an app.
pub(crate) fn in_okta(name: &str) -> &str {
    NAMES.iter().find(|(_, app)| *app == name).map_or(name, |(okta, _)| okta)
}

/// Returns a value as JSON: an array is kept as text.
pub(crate) fn read_back(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(array @ Value::Array(_)) => array,
        _ => Value::from(text),
    }
}

/// The locale where nobody gave one, as in [`Profile::new`].
pub(crate) const DEFAULT_LOCALE: &str = "en-US";

/// The order in which Okta's samples begin.
const FIRST: [&str; 6] = ["firstName", "lastName", "mobilePhone", "secondEmail", "login", "email"];

/// In the template of SCIM apps these differ (they are the ones in the requests of Okta's CRUD test).
const NAMES: [(&str, &str); 3] = [("login", "userName"), ("firstName", "givenName"), ("lastName", "familyName")];

#[cfg(test)]
mod tests {
    use mock_okta::AppKind;

    use super::*;

    #[test]
    fn a_user_shows_what_was_given() {
        let mut profile = Profile::new("ada@example.com", "Ada", "Byron");
        profile.add("title", "Engineer");
        let shown = of_user(&profile);
        let keys: Vec<&String> = shown.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["firstName", "lastName", "mobilePhone", "secondEmail", "login", "email", "title"]);
        profile.add("displayName", "Countess");
        assert_eq!(of_user(&profile)["displayName"], "Countess");
    }

    #[test]
    fn an_app_user_has_the_names_of_the_app() {
        let shown = of_app_user(&App::new(AppKind::Catalog), &Profile::new("ada@example.com", "Ada", "Byron"));
        assert_eq!((&shown["givenName"], &shown["familyName"]), (&Value::from("Ada"), &Value::from("Byron")));
        assert_eq!((&shown["emailType"], shown.get("userName")), (&Value::from("work"), None));
    }
}
