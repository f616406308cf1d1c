//! Invented people, the same in every run.

use serde_json::{Value, json};

/// Returns the User representation of one of them. No two numbers give the same userName.
pub(crate) fn person(number: usize) -> Value {
    let given = GIVEN_NAMES[number % GIVEN_NAMES.len()];
    let family = FAMILY_NAMES[(number / GIVEN_NAMES.len() + number) % FAMILY_NAMES.len()];
    let local = format!("{}.{}.{number}", given.to_lowercase(), family.to_lowercase());
    let email = format!("{local}@example.com");
    let (role, role_name) = if number.is_multiple_of(10) { ("admin", "Administrator") } else { ("viewer", "Viewer") };
    let (licence, licence_name) = match number.is_multiple_of(3) {
        true => ("license-pro", "Professional licence"),
        false => ("license-basic", "Basic licence"),
    };
    json!({
        "schemas": [scim_lang::urn::USER],
        "userName": email,
        "name": { "formatted": format!("{given} {family}"), "familyName": family, "givenName": given },
        "displayName": format!("{given} {family}"),
        "title": TITLES[number % TITLES.len()],
        "locale": "en-US",
        "emails": [{ "value": email, "type": "work", "primary": true }],
        "roles": [{ "value": role, "display": role_name }],
        "entitlements": [{ "value": licence, "display": licence_name, "type": "Entitlement" }],
        "active": true,
    })
}

/// Returns the id of one of them: a UUID that a counter fills.
pub(crate) fn person_id(number: usize) -> String {
    // 5bd1e995 and the other words are arbitrary; the version and variant digits are those of RFC 9562 §5.8.
    format!("5bd1e995-1f6b-8c3a-9a7d-{number:012x}")
}

const GIVEN_NAMES: [&str; 24] = [
    "Amara", "Bruno", "Chiyo", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kavya", "Liam", "Mei",
    "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tove", "Ulla", "Viktor", "Wanjiru", "Yusuf",
];

const FAMILY_NAMES: [&str; 25] = [
    "Abara",
    "Brandt",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fontaine",
    "Grimaldi",
    "Haddad",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petrov",
    "Quispe",
    "Rahman",
    "Schneider",
    "Tanaka",
    "Usman",
    "Vasquez",
    "Weber",
    "Yilmaz",
    "Zhang",
];

const TITLES: [&str; 5] = ["Engineer", "Accountant", "Designer", "Analyst", "Manager"];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn people_are_stored_as_if_they_had_been_created() {
        let person = person(30);
        let created = crate::intake::content(&person, super::super::Kind::User).unwrap();
        assert!(created.same_as(&super::super::Content::of(person)));
    }

    #[test]
    fn people_have_roles_and_entitlements_that_exist() {
        let offered: HashSet<&str> =
            crate::okta::roles().chain(crate::okta::entitlements()).map(|(id, _)| id).collect();
        for number in 0..30 {
            let person = person(number);
            for attribute in ["roles", "entitlements"] {
                assert!(offered.contains(person[attribute][0]["value"].as_str().unwrap()), "{person}");
            }
        }
    }

    #[test]
    fn people_are_distinct_and_the_same_every_time() {
        let names: HashSet<String> = (0..5000).map(|n| person(n)["userName"].to_string().to_lowercase()).collect();
        assert_eq!(names.len(), 5000);
        assert_eq!(person(7), person(7));
        assert_eq!(person_id(255), "5bd1e995-1f6b-8c3a-9a7d-0000000000ff");
    }
}
