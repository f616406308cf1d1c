//! Every combination of operation and target (RFC 7644 §3.5.2.1 to §3.5.2.3),
//! as a table: what is sent, and what becomes of the resource.

use scim_lang::json::same;
use serde_json::{Value, json};

use crate::support::{ENTERPRISE, ada, analysts, keyword, patched, with};

enum Becomes {
    /// The resource with these attributes exchanged.
    With(Value),
    /// The resource as it was.
    Same,
    /// 400 with this keyword.
    Refused(&'static str),
}

use Becomes::{Refused, Same, With};

type Row = (&'static str, Value, Becomes);

fn check(resource: &Value, rows: Vec<Row>) {
    for (sent, operation, becomes) in rows {
        let expected = match becomes {
            With(changes) => Ok(with(resource.clone(), changes)),
            Same => Ok(resource.clone()),
            Refused(word) => Err(word),
        };
        match (patched(resource, json!([operation])), expected) {
            (Ok(got), Ok(expected)) => assert!(same(&got, &expected), "{sent}\n got {got}\nwant {expected}"),
            (Err(got), Err(word)) => assert_eq!(keyword(&got), word, "{sent}: {got}"),
            (got, expected) => panic!("{sent}\n got {got:?}\nwant {expected:?}"),
        }
    }
}

#[test]
fn no_path() {
    check(
        &ada(),
        vec![
            (
                "add sets single values, merges complex ones and appends to lists",
                json!({ "op": "add", "value": {
                    "title": "Lady", "name": { "middleName": "K." }, "emails": [{ "value": "a@x.example.test" }] } }),
                With(json!({
                    "title": "Lady",
                    "name": { "givenName": "Ada", "familyName": "Byron", "middleName": "K." },
                    "emails": [
                        { "value": "ada@example.test", "type": "work", "primary": true },
                        { "value": "ada@home.example.test", "type": "home", "display": "at home" },
                        { "value": "a@x.example.test" },
                    ],
                })),
            ),
            (
                "replace sets single values, merges complex ones and replaces lists",
                json!({ "op": "replace", "value": {
                    "title": "Lady", "name": { "familyName": "King" }, "emails": [{ "value": "a@x.example.test" }] } }),
                With(json!({
                    "title": "Lady",
                    "name": { "givenName": "Ada", "familyName": "King" },
                    "emails": [{ "value": "a@x.example.test" }],
                })),
            ),
            ("replace with nothing changes nothing", json!({ "op": "replace", "value": {} }), Same),
            (
                "replace with null unassigns",
                json!({ "op": "replace", "value": { "title": null, "emails": [] } }),
                With(json!({ "title": null, "emails": null })),
            ),
            ("add of null changes nothing", json!({ "op": "add", "value": { "title": null, "emails": [] } }), Same),
            (
                "an extension's block merges",
                json!({ "op": "replace", "value": { ENTERPRISE: { "department": "Analysis" } } }),
                With(json!({ ENTERPRISE: {
                    "employeeNumber": "0815",
                    "manager": { "value": "u2", "displayName": "Charles" },
                    "department": "Analysis" } })),
            ),
            (
                "dotted and qualified keys are paths",
                json!({ "op": "replace", "value": {
                    "name.familyName": "King", format!("{ENTERPRISE}:employeeNumber"): "0816" } }),
                With(json!({
                    "name": { "givenName": "Ada", "familyName": "King" },
                    ENTERPRISE: { "employeeNumber": "0816", "manager": { "value": "u2", "displayName": "Charles" } },
                })),
            ),
            (
                "a qualified key inside a block is not",
                json!({ "op": "replace", "value": { ENTERPRISE: { format!("{}:title", scim_lang::urn::USER): "x" } } }),
                Refused("invalidPath"),
            ),
            (
                "an unchanged readOnly attribute is no offence",
                json!({ "op": "replace", "value": {
                    "id": "u1", "meta": { "resourceType": "User" }, "title": "Lady" } }),
                With(json!({ "title": "Lady" })),
            ),
            (
                "a changed id is",
                json!({ "op": "replace", "value": { "id": "u9", "title": "Lady" } }),
                Refused("mutability"),
            ),
            (
                "so is a changed list of groups",
                json!({ "op": "replace", "value": { "groups": [] } }),
                Refused("mutability"),
            ),
            (
                "a required attribute cannot go",
                json!({ "op": "replace", "value": { "userName": null } }),
                Refused("mutability"),
            ),
            (
                "an unknown attribute is refused",
                json!({ "op": "add", "value": { "shoeSize": 37 } }),
                Refused("invalidPath"),
            ),
            (
                "two spellings of a name are refused",
                json!({ "op": "add", "value": { "title": "a", "Title": "b" } }),
                Refused("invalidValue"),
            ),
            ("the value is an object", json!({ "op": "replace", "value": "Lady" }), Refused("invalidValue")),
            ("add needs a value", json!({ "op": "add" }), Refused("invalidValue")),
            ("remove needs a path", json!({ "op": "remove" }), Refused("noTarget")),
            (
                "remove needs a path even with a value",
                json!({ "op": "remove", "value": { "title": "Countess" } }),
                Refused("noTarget"),
            ),
        ],
    );
}

#[test]
fn single_simple() {
    let op = |op: &str, path: &str, value: Value| json!({ "op": op, "path": path, "value": value });
    check(
        &ada(),
        vec![
            ("add replaces", op("add", "title", json!("Lady")), With(json!({ "title": "Lady" }))),
            ("add of the same", op("add", "title", json!("Countess")), Same),
            ("add to nothing", op("add", "nickName", json!("A.")), With(json!({ "nickName": "A." }))),
            ("add of null", op("add", "title", json!(null)), Same),
            ("replace", op("replace", "title", json!("Lady")), With(json!({ "title": "Lady" }))),
            ("replace of nothing", op("replace", "nickName", json!("A.")), With(json!({ "nickName": "A." }))),
            ("replace with null", op("replace", "title", json!(null)), With(json!({ "title": null }))),
            ("replace without a value", json!({ "op": "replace", "path": "title" }), Refused("invalidValue")),
            ("replace with another type", op("replace", "active", json!("False")), Refused("invalidValue")),
            ("replace with a list", op("replace", "title", json!(["Lady"])), Refused("invalidValue")),
            ("replace of a readOnly attribute", op("replace", "id", json!("u1")), Refused("mutability")),
            ("replace in meta", op("replace", "meta.created", json!("2026-11-24T00:00:00Z")), Refused("mutability")),
            ("replace of a required one with nothing", op("replace", "userName", json!("")), Refused("invalidValue")),
            ("replace of a required one with null", op("replace", "userName", json!(null)), Refused("mutability")),
            ("remove", json!({ "op": "remove", "path": "title" }), With(json!({ "title": null }))),
            ("remove of nothing", json!({ "op": "remove", "path": "nickName" }), Same),
            ("remove of a required one", json!({ "op": "remove", "path": "userName" }), Refused("mutability")),
            ("remove of a readOnly one", json!({ "op": "remove", "path": "groups" }), Refused("mutability")),
            ("an unknown name", op("replace", "shoeSize", json!(37)), Refused("invalidPath")),
            ("a sub-attribute it lacks", op("replace", "title.value", json!("x")), Refused("invalidPath")),
            (
                "a filter on a single value",
                op("replace", r#"title[value eq "Countess"]"#, json!("x")),
                Refused("invalidPath"),
            ),
            ("an array index", op("replace", "/emails/0/value", json!("x")), Refused("invalidPath")),
        ],
    );
}

#[test]
fn single_complex() {
    check(
        &ada(),
        vec![
            (
                "add merges",
                json!({ "op": "add", "path": "name", "value": { "middleName": "K." } }),
                With(json!({ "name": { "givenName": "Ada", "familyName": "Byron", "middleName": "K." } })),
            ),
            (
                "replace merges",
                json!({ "op": "replace", "path": "name", "value": { "familyName": "King" } }),
                With(json!({ "name": { "givenName": "Ada", "familyName": "King" } })),
            ),
            (
                "replace unassigns what is null in it",
                json!({ "op": "replace", "path": "name", "value": { "familyName": null } }),
                With(json!({ "name": { "givenName": "Ada" } })),
            ),
            (
                "replace leaves nothing of it",
                json!({ "op": "replace", "path": "name", "value": { "familyName": null, "givenName": null } }),
                With(json!({ "name": null })),
            ),
            ("replace with nothing", json!({ "op": "replace", "path": "name", "value": {} }), Same),
            (
                "replace with null",
                json!({ "op": "replace", "path": "name", "value": null }),
                With(json!({ "name": null })),
            ),
            (
                "replace with a string",
                json!({ "op": "replace", "path": "name", "value": "Ada King" }),
                Refused("invalidValue"),
            ),
            (
                "replace with an unknown part",
                json!({ "op": "replace", "path": "name", "value": { "nick": "A." } }),
                Refused("invalidValue"),
            ),
            ("remove", json!({ "op": "remove", "path": "name" }), With(json!({ "name": null }))),
        ],
    );
}

#[test]
fn part_of_a_single_complex() {
    let nameless = with(ada(), json!({ "name": null }));
    check(
        &nameless,
        vec![
            (
                "add makes the parent",
                json!({ "op": "add", "path": "name.familyName", "value": "King" }),
                With(json!({ "name": { "familyName": "King" } })),
            ),
            (
                "replace makes the parent",
                json!({ "op": "replace", "path": "name.familyName", "value": "King" }),
                With(json!({ "name": { "familyName": "King" } })),
            ),
            ("remove of nothing", json!({ "op": "remove", "path": "name.familyName" }), Same),
        ],
    );
    check(
        &with(ada(), json!({ "name": { "familyName": "Byron" } })),
        vec![
            (
                "replace in any case",
                json!({ "op": "replace", "path": "NAME.familyname", "value": "King" }),
                With(json!({ "name": { "familyName": "King" } })),
            ),
            (
                "remove of the last part removes the parent",
                json!({ "op": "remove", "path": "name.familyName" }),
                With(json!({ "name": null })),
            ),
            ("an unknown part", json!({ "op": "remove", "path": "name.nick" }), Refused("invalidPath")),
        ],
    );
}

#[test]
fn list_of_simple_values_and_schemas() {
    use scim_lang::urn::USER;
    let plain = with(ada(), json!({ "schemas": [USER], ENTERPRISE: null }));
    check(
        &plain,
        vec![
            (
                "add lists an extension",
                json!({ "op": "add", "path": "schemas", "value": [ENTERPRISE] }),
                With(json!({ "schemas": [USER, ENTERPRISE] })),
            ),
            (
                "add of one that is there, in another case",
                json!({ "op": "add", "path": "schemas", "value": USER.to_uppercase() }),
                Same,
            ),
            (
                "a foreign schema",
                json!({ "op": "add", "path": "schemas", "value": [scim_lang::urn::GROUP] }),
                Refused("invalidValue"),
            ),
        ],
    );
    check(
        &ada(),
        vec![
            (
                "replace keeps the extension in use",
                json!({ "op": "replace", "path": "schemas", "value": [USER] }),
                Same,
            ),
            (
                "replace without the base schema",
                json!({ "op": "replace", "path": "schemas", "value": [ENTERPRISE] }),
                Refused("mutability"),
            ),
            ("remove of all", json!({ "op": "remove", "path": "schemas" }), Refused("mutability")),
            ("replace with null", json!({ "op": "replace", "path": "schemas", "value": [] }), Refused("mutability")),
            (
                "remove of the base schema",
                json!({ "op": "remove", "path": format!("schemas[value eq \"{USER}\"]") }),
                Refused("mutability"),
            ),
            (
                "remove of an extension takes its attributes",
                json!({ "op": "remove", "path": format!("schemas[value eq \"{ENTERPRISE}\"]") }),
                With(json!({ "schemas": [USER], ENTERPRISE: null })),
            ),
            (
                "remove of listed values",
                json!({ "op": "remove", "path": "schemas", "value": [ENTERPRISE] }),
                With(json!({ "schemas": [USER], ENTERPRISE: null })),
            ),
            ("another filter", json!({ "op": "remove", "path": "schemas[value pr]" }), Refused("invalidFilter")),
        ],
    );
}

#[test]
fn list_of_complex_values() {
    let work = json!({ "value": "ada@example.test", "type": "work", "primary": true });
    let home = json!({ "value": "ada@home.example.test", "type": "home", "display": "at home" });
    let other = json!({ "value": "ada@x.example.test", "type": "other" });
    let op = |op: &str, value: Value| json!({ "op": op, "path": "emails", "value": value });
    check(
        &ada(),
        vec![
            ("add appends", op("add", json!([other])), With(json!({ "emails": [work, home, other] }))),
            ("add of one object", op("add", other.clone()), With(json!({ "emails": [work, home, other] }))),
            ("add twice in one list", op("add", json!([other, other])), With(json!({ "emails": [work, home, other] }))),
            ("add of what is there", op("add", json!([home, work])), Same),
            (
                "add of what is there, said with less and in another case",
                op("add", json!({ "value": "ADA@example.test" })),
                Same,
            ),
            (
                "add of the same address for another use",
                op("add", json!({ "value": "ada@example.test", "type": "home" })),
                With(json!({ "emails": [work, home, { "value": "ada@example.test", "type": "home" }] })),
            ),
            (
                "add of a primary takes the word from the other",
                op("add", json!({ "value": "ada@x.example.test", "primary": true })),
                With(json!({ "emails": [
                    { "value": "ada@example.test", "type": "work", "primary": false },
                    home,
                    { "value": "ada@x.example.test", "primary": true },
                ] })),
            ),
            (
                "add of what is there as primary promotes it",
                op("add", json!({ "value": "ada@home.example.test", "primary": true })),
                With(json!({ "emails": [
                    { "value": "ada@example.test", "type": "work", "primary": false },
                    { "value": "ada@home.example.test", "type": "home", "display": "at home", "primary": true },
                ] })),
            ),
            (
                "add of two primaries",
                op("add", json!([{ "value": "a", "primary": true }, { "value": "b", "primary": true }])),
                Refused("invalidValue"),
            ),
            ("replace", op("replace", json!([other])), With(json!({ "emails": [other] }))),
            ("replace with one object", op("replace", other.clone()), With(json!({ "emails": [other] }))),
            ("replace twice in one list", op("replace", json!([other, other])), With(json!({ "emails": [other] }))),
            (
                "replace keeps an element that says less",
                op("replace", json!([other, { "value": "ada@x.example.test" }])),
                With(json!({ "emails": [other, { "value": "ada@x.example.test" }] })),
            ),
            ("replace with []", op("replace", json!([])), With(json!({ "emails": null }))),
            ("replace with null", op("replace", json!(null)), With(json!({ "emails": null }))),
            ("replace with strings", op("replace", json!(["ada@example.test"])), Refused("invalidValue")),
            (
                "replace with primary as a string",
                op("replace", json!([{ "value": "a", "primary": "true" }])),
                Refused("invalidValue"),
            ),
            ("remove", json!({ "op": "remove", "path": "emails" }), With(json!({ "emails": null }))),
            (
                "remove of listed values",
                op("remove", json!([{ "value": "ada@example.test" }])),
                With(json!({ "emails": [home] })),
            ),
        ],
    );
}

#[test]
fn part_of_a_list_without_a_filter() {
    let op = |op: &str, path: &str, value: Value| json!({ "op": op, "path": path, "value": value });
    let emails = |display: Value| {
        let mut emails = ada()["emails"].clone();
        for email in emails.as_array_mut().expect("emails are a list") {
            email["display"] = display.clone();
        }
        With(json!({ "emails": emails }))
    };
    check(
        &ada(),
        vec![
            ("add reaches every element", op("add", "emails.display", json!("x")), emails(json!("x"))),
            ("replace reaches every element", op("replace", "emails.display", json!("x")), emails(json!("x"))),
            (
                "remove reaches every element",
                json!({ "op": "remove", "path": "emails.display" }),
                With(json!({ "emails": [
                    { "value": "ada@example.test", "type": "work", "primary": true },
                    { "value": "ada@home.example.test", "type": "home" },
                ] })),
            ),
            ("one primary at most", op("replace", "emails.primary", json!(true)), Refused("invalidValue")),
            ("nothing to reach", op("replace", "ims.value", json!("x")), Refused("noTarget")),
            ("nothing to remove", json!({ "op": "remove", "path": "ims.value" }), Same),
        ],
    );
}

#[test]
fn elements_a_filter_selects() {
    let op = |op: &str, path: &str, value: Value| json!({ "op": op, "path": path, "value": value });
    let work = r#"addresses[type eq "work"]"#;
    let none = r#"addresses[type eq "other"]"#;
    let home = json!({ "type": "home", "streetAddress": "12 St James's Square", "locality": "London" });
    check(
        &ada(),
        vec![
            (
                "add merges",
                op("add", work, json!({ "postalCode": "W1" })),
                With(json!({ "addresses": [
                    { "type": "work", "streetAddress": "1 Dorset Street", "locality": "London", "postalCode": "W1" },
                    home,
                ] })),
            ),
            (
                "replace puts the value in its place",
                op("replace", work, json!({ "type": "work", "locality": "Ockham" })),
                With(json!({ "addresses": [{ "type": "work", "locality": "Ockham" }, home] })),
            ),
            (
                "replace reaches every match",
                op("replace", r#"addresses[locality eq "london"]"#, json!({ "locality": "Ockham" })),
                With(json!({ "addresses": [{ "locality": "Ockham" }, { "locality": "Ockham" }] })),
            ),
            ("replace with null", op("replace", work, json!(null)), With(json!({ "addresses": [home] }))),
            ("replace with a string", op("replace", work, json!("Ockham")), Refused("invalidValue")),
            (
                "replace with a primary takes the word from the other",
                op("replace", r#"emails[type eq "home"]"#, json!({ "value": "a", "primary": true })),
                With(json!({ "emails": [
                    { "value": "ada@example.test", "type": "work", "primary": false },
                    { "value": "a", "primary": true },
                ] })),
            ),
            ("remove", json!({ "op": "remove", "path": work }), With(json!({ "addresses": [home] }))),
            (
                "remove of every match",
                json!({ "op": "remove", "path": r#"addresses[locality eq "London"]"# }),
                With(json!({ "addresses": null })),
            ),
            (
                "remove by two conditions",
                json!({ "op": "remove", "path": r#"emails[type eq "work" and value ew "example.test"]"# }),
                With(json!({ "emails": [
                    { "value": "ada@home.example.test", "type": "home", "display": "at home" } ] })),
            ),
            ("add, no match", op("add", none, json!({ "locality": "Ockham" })), Refused("noTarget")),
            ("replace, no match", op("replace", none, json!({ "locality": "Ockham" })), Refused("noTarget")),
            ("replace with null, no match", op("replace", none, json!(null)), Refused("noTarget")),
            ("remove, no match", json!({ "op": "remove", "path": none }), Same),
            ("remove from nothing", json!({ "op": "remove", "path": r#"ims[value eq "x"]"# }), Same),
            (
                "an unknown name in the filter",
                json!({ "op": "remove", "path": r#"ims[nope eq "x"]"# }),
                Refused("invalidFilter"),
            ),
            (
                "another type in the filter",
                json!({ "op": "remove", "path": r#"emails[primary eq "true"]"# }),
                Refused("invalidFilter"),
            ),
        ],
    );
}

#[test]
fn part_of_the_elements_a_filter_selects() {
    let op = |op: &str, path: &str, value: Value| json!({ "op": op, "path": path, "value": value });
    let street = |street: &str, other: &str| {
        json!({ "addresses": [
            { "type": "work", "streetAddress": street, "locality": "London" },
            { "type": "home", "streetAddress": other, "locality": "London" },
        ] })
    };
    let home = "12 St James's Square";
    check(
        &ada(),
        vec![
            ("add", op("add", r#"addresses[type eq "work"].streetAddress"#, json!("x")), With(street("x", home))),
            (
                "replace",
                op("replace", r#"addresses[type eq "work"].streetAddress"#, json!("x")),
                With(street("x", home)),
            ),
            (
                "replace in every match",
                op("replace", "addresses[type pr].streetAddress", json!("x")),
                With(street("x", "x")),
            ),
            (
                "replace of primary takes the word from the other",
                op("replace", r#"emails[type eq "home"].primary"#, json!(true)),
                With(json!({ "emails": [
                    { "value": "ada@example.test", "type": "work", "primary": false },
                    { "value": "ada@home.example.test", "type": "home", "display": "at home", "primary": true },
                ] })),
            ),
            (
                "replace of primary in two",
                op("replace", "emails[type pr].primary", json!(true)),
                Refused("invalidValue"),
            ),
            (
                "remove",
                json!({ "op": "remove", "path": r#"emails[type eq "home"].display"# }),
                With(json!({ "emails": [
                    { "value": "ada@example.test", "type": "work", "primary": true },
                    { "value": "ada@home.example.test", "type": "home" },
                ] })),
            ),
            ("add, no match", op("add", r#"addresses[type eq "other"].locality"#, json!("x")), Refused("noTarget")),
            (
                "replace, no match",
                op("replace", r#"addresses[type eq "other"].locality"#, json!("x")),
                Refused("noTarget"),
            ),
            ("remove, no match", json!({ "op": "remove", "path": r#"addresses[type eq "other"].locality"# }), Same),
            ("an unknown part", op("replace", r#"addresses[type eq "work"].nope"#, json!("x")), Refused("invalidPath")),
        ],
    );
    check(
        &with(ada(), json!({ "ims": [{ "value": "ada" }, { "value": "k", "type": "aim" }] })),
        vec![(
            "an element left empty goes",
            json!({ "op": "remove", "path": r#"ims[value eq "ada"].value"# }),
            With(json!({ "ims": [{ "value": "k", "type": "aim" }] })),
        )],
    );
}

#[test]
fn urn_in_front_of_the_name() {
    use scim_lang::urn::USER;
    let plain = with(ada(), json!({ "schemas": [USER], ENTERPRISE: null }));
    let path = |attribute: &str| format!("{ENTERPRISE}:{attribute}");
    check(
        &plain,
        vec![
            (
                "of the base schema",
                json!({ "op": "replace", "path": format!("{USER}:name.familyName"), "value": "King" }),
                With(json!({ "name": { "givenName": "Ada", "familyName": "King" } })),
            ),
            (
                "add lists the extension",
                json!({ "op": "add", "path": path("department"), "value": "Analysis" }),
                With(json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "department": "Analysis" } })),
            ),
            (
                "replace lists the extension",
                json!({ "op": "replace", "path": path("manager.value"), "value": "u3" }),
                With(json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "manager": { "value": "u3" } } })),
            ),
            ("without its urn", json!({ "op": "add", "path": "department", "value": "x" }), Refused("invalidPath")),
            (
                "of another resource type",
                json!({ "op": "add", "path": format!("{}:members", scim_lang::urn::GROUP), "value": [] }),
                Refused("invalidPath"),
            ),
        ],
    );
    check(
        &ada(),
        vec![
            (
                "remove",
                json!({ "op": "remove", "path": path("employeeNumber") }),
                With(json!({ ENTERPRISE: { "manager": { "value": "u2", "displayName": "Charles" } } })),
            ),
            (
                "the manager's name is the server's",
                json!({ "op": "replace", "path": path("manager.displayName"), "value": "x" }),
                Refused("mutability"),
            ),
            (
                "and ignored inside a value",
                json!({ "op": "replace", "path": path("manager"), "value": { "value": "u3", "displayName": "x" } }),
                With(json!({ ENTERPRISE: {
                    "employeeNumber": "0815", "manager": { "value": "u3", "displayName": "Charles" } } })),
            ),
            (
                "a manager is no string",
                json!({ "op": "replace", "path": path("manager"), "value": "u3" }),
                Refused("invalidValue"),
            ),
        ],
    );
    check(
        &with(ada(), json!({ ENTERPRISE: { "employeeNumber": "0815" } })),
        vec![(
            "remove of the last attribute takes the block and its urn",
            json!({ "op": "remove", "path": path("employeeNumber") }),
            With(json!({ "schemas": [USER], ENTERPRISE: null })),
        )],
    );
}

#[test]
fn bare_extension_urn() {
    use scim_lang::urn::USER;
    let op = |op: &str, value: Value| json!({ "op": op, "path": ENTERPRISE, "value": value });
    let merged = json!({ ENTERPRISE: {
        "employeeNumber": "0816", "manager": { "value": "u2", "displayName": "Charles" } } });
    check(
        &ada(),
        vec![
            ("add merges", op("add", json!({ "employeeNumber": "0816" })), With(merged.clone())),
            ("replace merges", op("replace", json!({ "employeeNumber": "0816" })), With(merged)),
            ("replace with null", op("replace", json!(null)), With(json!({ "schemas": [USER], ENTERPRISE: null }))),
            ("replace with a string", op("replace", json!("x")), Refused("invalidValue")),
            (
                "remove",
                json!({ "op": "remove", "path": ENTERPRISE }),
                With(json!({ "schemas": [USER], ENTERPRISE: null })),
            ),
            (
                "of an extension the type lacks",
                json!({ "op": "remove", "path": "urn:example:params:scim:schemas:extension:none:2.0:User" }),
                Refused("invalidPath"),
            ),
        ],
    );
}

#[test]
fn members_of_a_group() {
    let ada = json!({ "value": "u1", "display": "ada@example.test" });
    let charles = json!({ "value": "u2", "display": "charles@example.test", "type": "User" });
    let op = |op: &str, path: &str, value: Value| json!({ "op": op, "path": path, "value": value });
    check(
        &analysts(),
        vec![
            ("a member under another name", op("add", "members", json!([{ "value": "u1", "display": "A." }])), Same),
            (
                "ids differ in case",
                op("add", "members", json!([{ "value": "U1" }])),
                With(json!({ "members": [ada, charles, { "value": "U1" }] })),
            ),
            (
                "remove one",
                json!({ "op": "remove", "path": r#"members[value eq "u1"]"# }),
                With(json!({ "members": [charles] })),
            ),
            ("remove a stranger", json!({ "op": "remove", "path": r#"members[value eq "u7"]"# }), Same),
            (
                "remove listed members",
                op("remove", "members", json!([{ "value": "u2" }])),
                With(json!({ "members": [ada] })),
            ),
            (
                "a member cannot become another",
                op("replace", r#"members[value eq "u1"].value"#, json!("u7")),
                Refused("mutability"),
            ),
            (
                "nor by a whole value",
                op("replace", r#"members[value eq "u1"]"#, json!({ "value": "u7" })),
                Refused("mutability"),
            ),
            (
                "a whole value keeps the parts that are set",
                op("replace", r#"members[value eq "u2"]"#, json!({ "value": "u2", "$ref": "../Users/u2" })),
                With(json!({ "members": [
                    ada,
                    { "value": "u2", "$ref": "../Users/u2", "display": "charles@example.test", "type": "User" },
                ] })),
            ),
            ("the same value is no change", op("replace", r#"members[value eq "u1"].value"#, json!("u1")), Same),
            (
                "what was unset may be set once",
                op("add", r#"members[value eq "u1"].type"#, json!("User")),
                With(json!({ "members": [
                    { "value": "u1", "display": "ada@example.test", "type": "User" }, charles] })),
            ),
            (
                "what is set stays",
                json!({ "op": "remove", "path": r#"members[value eq "u2"].type"# }),
                Refused("mutability"),
            ),
            (
                "the list is not immutable",
                op("replace", "members", json!([{ "value": "u7" }])),
                With(json!({ "members": [{ "value": "u7" }] })),
            ),
            ("displayName is required", json!({ "op": "remove", "path": "displayName" }), Refused("mutability")),
        ],
    );
}
