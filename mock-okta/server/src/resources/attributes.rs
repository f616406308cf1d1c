//! Attributes of assignments: from the profile of an app, as bodies have it, to the org's.

use mock_okta::org::Attributes;
use mock_okta::{App, Profile};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::shape::profile::in_okta;

/// Reads the attributes of an assignment. Null stands for an attribute that is not set.
pub(crate) fn read(app: &App, given: &Map<String, Value>) -> Result<Attributes, ApiError> {
    let mut attributes = Attributes::new();
    for (name, value) in given {
        // The template has a type for the address, which is always sent as `work`.
        if name == "emailType" && matches!(value.as_str(), Some("work") | None) {
            continue;
        }
        let key = in_okta(name);
        if app.attribute(key).is_none() && !Profile::is_key(key) {
            return Err(ApiError::validation(name, format!("{name}: the app user profile has no such property")));
        }
        if let Some(text) = written(name, value)? {
            attributes.push((key.to_owned(), text));
        }
    }
    Ok(attributes)
}

/// Returns what is set for this person only: not what the Okta profile says as well.
pub(crate) fn beside_mappings(attributes: Attributes, okta: &Profile) -> Attributes {
    attributes.into_iter().filter(|(key, value)| okta.value(key) != Some(value)).collect()
}

fn written(name: &str, value: &Value) -> Result<Option<String>, ApiError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => Ok(Some(value.to_string())),
        Value::Object(_) => Err(ApiError::validation(name, format!("{name}: it is an object"))),
    }
}

#[cfg(test)]
mod tests {
    use mock_okta::AppKind;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_mapping_gives_is_not_set_for_the_person() {
        let app = App::new(AppKind::Catalog);
        let Value::Object(given) = json!({ "familyName": "Byron", "givenName": "Augusta", "emailType": "work",
            "email": null, "title": "Countess" })
        else {
            panic!("it is an object")
        };
        let attributes = read(&app, &given).unwrap();
        let beside = beside_mappings(attributes, &Profile::new("ada@example.com", "Ada", "Byron"));
        assert_eq!(
            beside,
            [("firstName", "Augusta"), ("title", "Countess")].map(|(key, value)| (key.into(), value.into()))
        );
    }

    #[test]
    fn an_attribute_nobody_knows_is_refused() {
        let app = App::new(AppKind::Catalog);
        for given in [json!({ "shoeSize": 38 }), json!({ "emailType": "home" }), json!({ "title": {} })] {
            assert!(read(&app, given.as_object().unwrap()).is_err(), "{given}");
        }
    }
}
