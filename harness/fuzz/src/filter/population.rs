//! The people and the groups that filters are about.

use serde_json::{Value, json};

/// One resource as the server shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its id.
    pub id: String,
    /// The whole of it.
    pub shown: Value,
}

/// Returns the bodies of the people to create. Their names begin with the mark.
///
/// The values come from small pools, so that most conditions hold of some and not of others.
pub fn people(mark: &str, extension: Option<&str>) -> Vec<Value> {
    (0..PEOPLE).map(|number| person(mark, number, extension)).collect()
}

/// Returns the body of the same person with nothing but what every server takes.
pub fn plain_person(mark: &str, number: usize) -> Value {
    let full = person(mark, number, None);
    let taken = ["schemas", "userName", "name", "emails", "active"];
    let members = full.as_object().expect("a person is an object").iter();
    let mut plain: Value = members.filter(|(key, _)| taken.contains(&key.as_str())).map(pair).collect();
    plain["emails"] =
        json!([{ "value": format!("{mark}{number:02}@{}", DOMAINS[number % 2]), "type": "work", "primary": true }]);
    plain
}

fn pair((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

fn person(mark: &str, number: usize, extension: Option<&str>) -> Value {
    let given = GIVEN_NAMES[number % GIVEN_NAMES.len()];
    let family = FAMILY_NAMES[number % FAMILY_NAMES.len()];
    let mut person = json!({
        "schemas": [scim_lang::urn::USER],
        "userName": format!("{mark}{number:02}.{given}@{}", DOMAINS[number / 2 % 2]),
        "externalId": format!("{mark}X{number:02}"),
        "name": { "familyName": family, "givenName": given },
        "displayName": format!("{given} {family}"),
        "userType": if number.is_multiple_of(3) { "Contractor" } else { "Employee" },
        "active": number % 4 != 1,
    });
    if number.is_multiple_of(2) {
        person["title"] = TITLES[number / 2 % TITLES.len()].into();
    }
    if number % 3 == 1 {
        person["nickName"] = NICK_NAMES[number / 3 % NICK_NAMES.len()].into();
    }
    let emails: Vec<Value> = (0..number % 4).map(|nth| email(mark, number, nth)).collect();
    if !emails.is_empty() {
        person["emails"] = emails.into();
    }
    if number % 3 == 2 {
        person["phoneNumbers"] = json!([{ "value": format!("+1-555-01{number:02}"), "type": if number.is_multiple_of(2) { "work" } else { "mobile" } }]);
    }
    if let Some(urn) = extension.filter(|_| number.is_multiple_of(3)) {
        person["schemas"] = json!([scim_lang::urn::USER, urn]);
        person[urn] = json!({
            "employeeNumber": format!("{}", 8 + number),
            "costCenter": if number.is_multiple_of(2) { "cc9" } else { "cc10" },
            "department": if number.is_multiple_of(2) { "Sales" } else { "research" },
        });
    }
    person
}

fn email(mark: &str, number: usize, nth: usize) -> Value {
    // Two people share the types and differ in which address is of which, so that conditions on one element and on
    // several tell each other apart.
    let types = ["work", "home", "other"];
    let ty = types[(number + nth) % types.len()];
    let mut email = json!({
        "value": format!("{mark}{number:02}.{nth}@{}", DOMAINS[(number / 3 + nth) % 2]),
        "type": ty,
    });
    if nth == 0 {
        email["primary"] = true.into();
    }
    email
}

/// Returns the bodies of the groups to create, among people of these ids. Their names begin with the mark.
pub fn groups(mark: &str, people: &[String]) -> Vec<Value> {
    (0..GROUPS).map(|number| group(mark, number, people)).collect()
}

fn group(mark: &str, number: usize, people: &[String]) -> Value {
    let mut group = json!({
        "schemas": [scim_lang::urn::GROUP],
        "displayName": format!("{mark}{number:02}.{}", GROUP_NAMES[number % GROUP_NAMES.len()]),
        "externalId": format!("{mark}G{number:02}"),
    });
    let members: Vec<Value> = match number {
        0 => Vec::new(),
        _ => people.iter().skip(number - 1).step_by(number + 1).take(4).map(|id| json!({ "value": id })).collect(),
    };
    if !members.is_empty() {
        group["members"] = members.into();
    }
    group
}

/// How many people there are.
pub const PEOPLE: usize = 14;

/// How many groups there are.
pub const GROUPS: usize = 6;

const GIVEN_NAMES: [&str; 5] = ["Ada", "Bo", "adam", "Cleo", "Dana"];
const FAMILY_NAMES: [&str; 4] = ["O'Neil", "Quo\"te\\Back", "Ångström", "Smith"];
const TITLES: [&str; 3] = ["engineer", "100%_Club", "manager"];
const NICK_NAMES: [&str; 4] = ["ace", "bee", "a_b", "cat9"];
const DOMAINS: [&str; 2] = ["example.com", "example.org"];
const GROUP_NAMES: [&str; 3] = ["Sales", "research", "Team"];
