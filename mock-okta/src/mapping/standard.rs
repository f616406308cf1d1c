//! The template Okta gives the profile of a SCIM app.

use scim_lang::urn::{ENTERPRISE_USER, USER};
use serde_json::json;

use super::Attribute;

/// Returns the template's attribute for a key of the Okta profile.
pub(super) fn attribute(key: &str) -> Option<Attribute> {
    let (_, external_name, namespace) = TEMPLATE.iter().find(|(known, ..)| *known == key)?;
    let attribute = Attribute::new(key, external_name, *namespace).expect("the template's names are well-formed");
    Some(match key {
        // The template has the type for an attribute of its own, `work` by default (Okta SCIM 2.0 protocol
        // reference, samples). Okta SCIM FAQ, "What determines the primary value": that one comes first.
        "email" => Attribute { path: attribute.path.otherwise("type", json!("work")), ..attribute },
        _ => attribute,
    })
}

/// Key of the Okta profile, external name, external namespace.
const TEMPLATE: [(&str, &str, &str); 31] = [
    ("login", "userName", USER),
    ("firstName", "name.givenName", USER),
    ("lastName", "name.familyName", USER),
    ("email", "emails.^[primary==true].value", USER),
    ("displayName", "displayName", USER),
    ("locale", "locale", USER),
    ("middleName", "name.middleName", USER),
    ("honorificPrefix", "name.honorificPrefix", USER),
    ("honorificSuffix", "name.honorificSuffix", USER),
    ("title", "title", USER),
    ("nickName", "nickName", USER),
    ("profileUrl", "profileUrl", USER),
    ("secondEmail", "emails.^[primary==false].value", USER),
    ("primaryPhone", "phoneNumbers.^[primary==true].value", USER),
    ("mobilePhone", "phoneNumbers.^[primary==false].value", USER),
    ("streetAddress", "addresses.^[primary==true].streetAddress", USER),
    ("city", "addresses.^[primary==true].locality", USER),
    ("state", "addresses.^[primary==true].region", USER),
    ("zipCode", "addresses.^[primary==true].postalCode", USER),
    ("countryCode", "addresses.^[primary==true].country", USER),
    ("postalAddress", "addresses.^[primary==true].formatted", USER),
    ("preferredLanguage", "preferredLanguage", USER),
    ("timezone", "timezone", USER),
    ("userType", "userType", USER),
    ("employeeNumber", "employeeNumber", ENTERPRISE_USER),
    ("costCenter", "costCenter", ENTERPRISE_USER),
    ("organization", "organization", ENTERPRISE_USER),
    ("division", "division", ENTERPRISE_USER),
    ("department", "department", ENTERPRISE_USER),
    ("managerId", "manager.value", ENTERPRISE_USER),
    ("manager", "manager.displayName", ENTERPRISE_USER),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    #[test]
    fn every_key_of_the_okta_profile_has_a_place() {
        for key in Profile::OKTA_KEYS {
            assert!(attribute(key).is_some(), "{key}");
        }
        assert_eq!(attribute("shoeSize"), None);
    }
}
