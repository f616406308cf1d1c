//! What holds for every PATCH, whatever it says: relations between two
//! messages, and invariants of what is left.

use proptest::prelude::*;
use scim_lang::error::ScimType;
use scim_lang::json::same;
use scim_lang::patch;
use scim_lang::schema;
use scim_lang::urn;
use serde_json::{Map, Value, json};

use crate::generate::{any_json, email, emails, operation, removal, top_level, user, without_path, word, write};
use crate::support::{ENTERPRISE, message, patched};

proptest! {
    /// Unless the operation rewrites what its own filter asks for; then the
    /// second time nothing matches.
    #[test]
    fn to_write_twice_is_to_write_once(user in user(), write in write()) {
        let Ok(once) = patched(&user, json!([write])) else { return Ok(()) };
        match patched(&once, json!([write])) {
            Ok(twice) => prop_assert!(same(&twice, &once), "{write}\n once {once}\ntwice {twice}"),
            Err(error) => {
                prop_assert_eq!(error.scim_type, Some(ScimType::NoTarget));
                prop_assert!(write["path"].as_str().is_some_and(|path| path.contains('[')));
            }
        }
    }

    #[test]
    fn to_remove_twice_is_to_remove_once(user in user(), removal in removal()) {
        let once = patched(&user, json!([removal])).unwrap();
        prop_assert_eq!(patched(&once, json!([removal])).unwrap(), once);
    }

    #[test]
    fn what_was_removed_is_absent(user in user(), name in prop::sample::select(&["title", "name", "emails"][..])) {
        let removed = patched(&user, json!([{ "op": "remove", "path": name }])).unwrap();
        prop_assert_eq!(removed.get(name), None);
    }

    #[test]
    fn to_remove_what_was_added_restores_the_user(user in user(), mut email in email()) {
        email["value"] = "stranger@example.test".into();
        email["primary"] = false.into();
        let operations = json!([
            { "op": "add", "path": "emails", "value": email },
            { "op": "remove", "path": r#"emails[value eq "stranger@example.test"]"# },
        ]);
        prop_assert!(same(&patched(&user, operations).unwrap(), &user));
    }

    #[test]
    fn to_remove_all_and_add_a_list_is_to_replace_by_it(user in user(), emails in distinct_emails()) {
        let added = json!([
            { "op": "remove", "path": "emails" },
            { "op": "add", "path": "emails", "value": emails },
        ]);
        let replaced = json!([{ "op": "replace", "path": "emails", "value": emails }]);
        prop_assert!(same(&patched(&user, added).unwrap(), &patched(&user, replaced).unwrap()));
    }

    #[test]
    fn one_message_is_as_good_as_many(user in user(), operations in prop::collection::vec(operation(), 1..6)) {
        let together = patched(&user, json!(operations));
        let apart = operations.iter().try_fold(user, |user, operation| patched(&user, json!([operation])));
        match (together, apart) {
            (Ok(together), Ok(apart)) => prop_assert!(same(&together, &apart), "{together}\n{apart}"),
            (Err(together), Err(apart)) => prop_assert_eq!(together.scim_type, apart.scim_type),
            (together, apart) => prop_assert!(false, "{together:?}\n{apart:?}"),
        }
    }

    #[test]
    fn operations_on_different_attributes_commute(user in user(), a in top_level(), b in top_level()) {
        prop_assume!(a.0 != b.0);
        let write = |(name, value): &(&str, Value)| json!({ "op": "replace", "path": name, "value": value });
        let forward = patched(&user, json!([write(&a), write(&b)])).unwrap();
        let backward = patched(&user, json!([write(&b), write(&a)])).unwrap();
        prop_assert!(same(&forward, &backward));
    }

    #[test]
    fn removals_commute(user in user(), a in removal(), b in removal()) {
        let forward = patched(&user, json!([a, b])).unwrap();
        let backward = patched(&user, json!([b, a])).unwrap();
        prop_assert!(same(&forward, &backward));
    }

    #[test]
    fn a_value_without_a_path_is_one_operation_for_each_name(user in user(), value in without_path()) {
        let members: Vec<(&String, &Value)> = value.as_object().unwrap().iter().collect();
        prop_assume!(!members.is_empty());
        for op in ["add", "replace"] {
            let operation = |(name, value): &(&String, &Value)| json!({ "op": op, "path": name, "value": value });
            let operations: Vec<Value> = members.iter().map(operation).collect();
            let apart = patched(&user, json!(operations)).unwrap();
            let together = patched(&user, json!([{ "op": op, "value": value }])).unwrap();
            prop_assert!(same(&together, &apart));
        }
    }

    #[test]
    fn the_spelling_of_a_path_does_not_matter(user in user(), (name, value) in top_level()) {
        let write = |path: String| patched(&user, json!([{ "op": "replace", "path": path, "value": value }])).unwrap();
        let plain = write(name.to_owned());
        prop_assert_eq!(&write(name.to_uppercase()), &plain);
        prop_assert_eq!(&write(format!("{}:{name}", urn::USER)), &plain);
        prop_assert_eq!(&write(format!("{}:{name}", urn::USER.to_uppercase())), &plain);
    }

    #[test]
    fn null_and_the_empty_list_unassign(user in user(), name in prop::sample::select(&["emails", "addresses"][..])) {
        let removed = patched(&user, json!([{ "op": "remove", "path": name }])).unwrap();
        for nothing in [json!(null), json!([])] {
            let replaced = patched(&user, json!([{ "op": "replace", "path": name, "value": nothing }])).unwrap();
            prop_assert_eq!(&replaced, &removed);
            let replaced = patched(&user, json!([{ "op": "replace", "value": { name: nothing } }])).unwrap();
            prop_assert_eq!(&replaced, &removed);
        }
    }

    #[test]
    fn a_part_is_replaced_in_its_parent_or_by_its_path(user in user()) {
        let parent = json!([{ "op": "replace", "path": "name", "value": { "familyName": "King" } }]);
        let part = json!([{ "op": "replace", "path": "name.familyName", "value": "King" }]);
        prop_assert_eq!(patched(&user, parent).unwrap(), patched(&user, part).unwrap());
    }

    #[test]
    fn to_remove_one_or_another_is_to_remove_both(user in user(), a in email(), b in email()) {
        let (a, b) = (&a["value"], &b["value"]);
        let remove = |filter: String| json!({ "op": "remove", "path": format!("emails[{filter}]") });
        let together = json!([remove(format!("value eq {a} or value eq {b}"))]);
        let apart = json!([remove(format!("value eq {a}")), remove(format!("value eq {b}"))]);
        prop_assert_eq!(patched(&user, together).unwrap(), patched(&user, apart).unwrap());
    }

    #[test]
    fn to_add_a_list_is_to_add_its_elements(user in user(), emails in emails()) {
        prop_assume!(!emails.is_empty());
        let add = |value: &Value| json!({ "op": "add", "path": "emails", "value": value });
        let apart: Vec<Value> = emails.iter().map(add).collect();
        let together = patched(&user, json!([add(&json!(emails))])).unwrap();
        prop_assert!(same(&together, &patched(&user, json!(apart)).unwrap()));
    }

    #[test]
    fn a_failing_operation_fails_the_message(user in user(), mut operations in prop::collection::vec(operation(), 1..4)) {
        let failing = json!({ "op": "replace", "path": r#"ims[value eq "nobody"].type"#, "value": "x" });
        operations.insert(operations.len() / 2, failing);
        let before = user.clone();
        prop_assert!(patched(&user, json!(operations)).is_err());
        prop_assert_eq!(user, before);
    }

    #[test]
    fn invariants_hold_after_any_message(user in user(), operations in prop::collection::vec(operation(), 1..8)) {
        let Ok(after) = patched(&user, json!(operations)) else { return Ok(()) };
        for name in ["id", "meta"] {
            prop_assert_eq!(&after[name], &user[name]);
        }
        prop_assert!(after["userName"].is_string());
        prop_assert!(primaries(&after) <= 1, "{after}");
        prop_assert!(!holds_unassigned(&after), "{after}");
        let schemas = after["schemas"].as_array().unwrap();
        prop_assert!(schemas.contains(&json!(urn::USER)));
        prop_assert!(after.get(ENTERPRISE).is_none() || schemas.contains(&json!(ENTERPRISE)), "{after}");
    }

    #[test]
    fn a_message_prints_and_reads_again(operations in prop::collection::vec(operation(), 1..6)) {
        let patch = patch::parse(&message(json!(operations))).unwrap();
        prop_assert_eq!(patch::parse(&patch.to_json()), Ok(patch));
    }

    #[test]
    fn nothing_panics(body in any_json(), stored in any_json(), operations in prop::collection::vec(any_operation(), 1..5)) {
        let stored_user = patched_anyhow(&stored);
        for ty in [schema::user_type(), schema::group_type()] {
            for body in [body.clone(), message(body.clone()), message(json!(operations))] {
                if let Ok(patch) = patch::parse(&body) {
                    let _ = patch.apply(&stored, ty);
                    let _ = patch.apply(&stored_user, ty);
                }
            }
        }
    }
}

/// An operation by its shape, with anything in it.
fn any_operation() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(&["add", "remove", "replace"][..]);
    let path = prop::option::weighted(0.8, word());
    (op, path, any_json()).prop_map(|(op, path, value)| match path {
        Some(path) => json!({ "op": op, "path": path, "value": value }),
        None => json!({ "op": op, "value": value }),
    })
}

/// A resource with anything in the places the engine works on.
fn patched_anyhow(anything: &Value) -> Value {
    let names = ["schemas", "emails", "members", "name", "id", "groups", "title", ENTERPRISE, "x509Certificates"];
    let members: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), anything.clone())).collect();
    Value::Object(members)
}

/// Addresses of which none says less than another.
fn distinct_emails() -> impl Strategy<Value = Vec<Value>> {
    emails().prop_filter("values differ in more than case", |emails| {
        let mut values: Vec<String> = emails.iter().map(|email| email["value"].to_string().to_lowercase()).collect();
        let before = values.len();
        values.sort_unstable();
        values.dedup();
        values.len() == before
    })
}

fn primaries(user: &Value) -> usize {
    let emails = user["emails"].as_array().map(Vec::as_slice).unwrap_or_default();
    emails.iter().filter(|email| email["primary"] == true).count()
}

/// RFC 7643 §2.5: null, the empty list and absence are one state, and we
/// write it as absence.
fn holds_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty() || elements.iter().any(holds_unassigned),
        Value::Object(members) => members.is_empty() || members.values().any(holds_unassigned),
        _ => false,
    }
}
