//! Invented people and groups, the same in every run.
//!
//! The first three people are like everybody. Those behind them are a directory as it is found: names in every script,
//! people who left, addresses without a type, accounts of machines, and whoever was entered with a userName alone.

use serde_json::{Value, json};

/// Returns the User representation of one of them. No two numbers give the same userName.
pub(crate) fn person(number: usize) -> Value {
    let mut person = ordinary(number);
    if number >= ORDINARY {
        let changed = odd(number, &mut person);
        if let (Value::Object(person), Value::Object(changed)) = (&mut person, changed) {
            for (name, value) in changed {
                match value.is_null() {
                    true => drop(person.shift_remove(&name)),
                    false => drop(person.insert(name, value)),
                }
            }
        }
    }
    person
}

/// Returns what is different about somebody, `null` for what they lack.
fn odd(number: usize, person: &mut Value) -> Value {
    let plain = person["userName"].as_str().unwrap_or_default().to_owned();
    let mail = |host: &str| plain.replace("example.com", host);
    match number % 17 {
        3 => json!({
            "userName": format!("王秀英.{number}@例え.example"),
            "name": { "formatted": "王秀英", "familyName": "王", "givenName": "秀英" },
            "displayName": "王秀英",
        }),
        4 => json!({ "displayName": null, "title": null, "locale": null, "roles": null, "entitlements": null }),
        5 => json!({ "active": false }),
        6 => json!({ "emails": [
            { "value": mail("home.example"), "type": "home" },
            { "value": plain, "type": "work", "primary": true },
        ] }),
        7 => json!({ "userName": format!("svc-backup-{number}"), "name": null, "emails": null }),
        8 => json!({
            "name": { "formatted": "فاطمة الزهراء", "familyName": "الزهراء", "givenName": "فاطمة" },
            "displayName": "فاطمة الزهراء",
        }),
        9 => {
            json!({ "emails": [{ "value": plain }, { "value": mail("example.net") }, { "value": mail("example.org") }] })
        }
        10 => json!({
            "name": { "familyName": "O'Brien \"Pat\" \\ Jr.", "givenName": "Seán" },
            "displayName": "Seán O'Brien (a, b) & <c>",
            "active": false,
        }),
        11 => json!({ "userName": plain.to_uppercase() }),
        12 => json!({
            "name": null, "displayName": null, "title": null, "locale": null, "emails": null, "roles": null,
            "entitlements": null, "active": null,
        }),
        13 => json!({
            "externalId": format!("hr-{}", number % 50),
            "phoneNumbers": [{ "value": format!("+1 555 01{:02}", number % 100), "type": "work" }],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "employeeNumber": format!("{number:06}"),
                "department": "Research & Development",
                "manager": { "value": person_id(0) },
            },
        }),
        14 => json!({
            // The accent is a character of its own, and the family is one that is joined.
            "name": { "familyName": "Zoe\u{308}", "givenName": "👩‍👩‍👧" },
            "nickName": "\u{202e}nobody",
        }),
        15 => json!({
            "userName": plain.replacen('.', "+", 1),
            "addresses": [{ "type": "home", "streetAddress": "1 rue de l'Église\nBâtiment B", "country": "FR" }],
            "ims": [{ "value": plain, "type": "xmpp" }],
        }),
        16 => json!({
            "displayName": "Anastasia-Konstantina von und zu Hohenlohe-Waldenburg-Schillingsfürst ".repeat(3).trim_end(),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "left-long-ago" } },
        }),
        _ => json!({}),
    }
}

/// Returns the Group representation of one of the groups of this many people and of the groups before it. Several have
/// the same name.
pub(crate) fn group(number: usize, people: usize) -> Value {
    let name = match number % 7 {
        0 => "Everyone".to_owned(),
        1 => format!("Équipe n° {number}"),
        2 => format!("営業部 {number}"),
        3 => format!("R&D \"{number}\" / (beta), +1"),
        4 => format!("team-{number}"),
        5 => format!("TEAM {number}"),
        _ => format!("A team whose name says all that there is to say about it, and its number: {number}"),
    };
    let size = [0, 1, 2, 5, 12, 40][number % 6].min(people);
    let mut members: Vec<Value> =
        (0..size).map(|nth| json!({ "value": person_id((number * 31 + nth) % people) })).collect();
    if number % 11 == 10 {
        members.push(json!({ "value": group_id(number - 1) }));
    }
    let mut group = json!({ "schemas": [scim_lang::urn::GROUP], "displayName": name });
    if number.is_multiple_of(5) {
        group["externalId"] = format!("g-{number}").into();
    }
    if !members.is_empty() {
        group["members"] = members.into();
    }
    group
}

/// Returns the id of one of the groups.
pub(crate) fn group_id(number: usize) -> String {
    format!("5bd1e995-2e71-8f04-8d19-{number:012x}")
}

fn ordinary(number: usize) -> Value {
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

/// How many people there are before the first odd one.
const ORDINARY: usize = 3;

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
        for number in 0..60 {
            let person = person(number);
            let created = crate::intake::content(&person, super::super::Kind::User).unwrap();
            assert!(created.same_as(&super::super::Content::of(person.clone())), "{person}");
        }
    }

    #[test]
    fn groups_are_stored_as_if_they_had_been_created_and_have_members_who_exist() {
        let people: HashSet<String> = (0..30).map(person_id).collect();
        for number in 0..80 {
            let group = group(number, people.len());
            let created = crate::intake::content(&group, super::super::Kind::Group).unwrap();
            assert!(created.same_as(&super::super::Content::of(group.clone())), "{group}");
            let exists = |id: &str| people.contains(id) || (0..number).any(|earlier| group_id(earlier) == id);
            assert!(created.members().all(exists), "{group}");
        }
        assert!(group(3, 0).get("members").is_none());
    }

    #[test]
    fn a_large_directory_holds_what_a_small_one_does_not() {
        let people: Vec<Value> = (0..200).map(person).collect();
        let some = |wanted: &dyn Fn(&Value) -> bool| people.iter().filter(|person| wanted(person)).count() > 5;
        assert!(some(&|person| person["active"] == false));
        assert!(some(&|person| person.get("emails").is_none()));
        assert!(some(&|person| person["emails"].as_array().is_some_and(|emails| emails.len() > 1)));
        assert!(some(&|person| person.get("displayName").is_none()));
        assert!(some(&|person| !person["userName"].as_str().unwrap().is_ascii()));
        assert!(some(&|person| !person["userName"].as_str().unwrap().contains('@')));
    }

    #[test]
    fn people_have_roles_and_entitlements_that_exist() {
        let offered: HashSet<&str> =
            crate::okta::roles().chain(crate::okta::entitlements()).map(|(id, _)| id).collect();
        for number in 0..30 {
            let person = person(number);
            for value in ["roles", "entitlements"].iter().filter_map(|name| person[name][0]["value"].as_str()) {
                assert!(offered.contains(value), "{person}");
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
