//! The bodies Okta sends, as its SCIM 2.0 reference documents them
//! (https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/) and
//! as vendors' bug reports captured them.

use serde_json::{Value, json};

use crate::support::{ada, analysts, patched, with};

#[test]
fn deactivation_has_no_path() {
    // https://github.com/Metatavu/keycloak-scim-server/issues/95: answered 500.
    // https://github.com/ssoready/ssoready/pull/206: erased the rest of the user.
    let operations = json!([{ "op": "replace", "value": { "active": false } }]);
    assert_eq!(patched(&ada(), operations).unwrap(), with(ada(), json!({ "active": false })));
}

#[test]
fn reactivation_of_an_active_user_changes_nothing() {
    let operations = json!([{ "op": "replace", "value": { "active": true } }]);
    assert_eq!(patched(&ada(), operations).unwrap(), ada());
}

#[test]
fn a_password_is_set_without_a_path() {
    let operations = json!([{ "op": "replace", "value": { "password": "s3cret" } }]);
    assert_eq!(patched(&ada(), operations).unwrap(), with(ada(), json!({ "password": "s3cret" })));
}

#[test]
fn a_rename_carries_the_id_and_keeps_the_members() {
    // https://github.com/Metatavu/keycloak-scim-server/pull/113: answered 400.
    // https://github.com/langwatch/langwatch/issues/7131: lost the members.
    let operations = json!([{ "op": "replace", "value": { "id": "g1", "displayName": "Engine" } }]);
    assert_eq!(patched(&analysts(), operations).unwrap(), with(analysts(), json!({ "displayName": "Engine" })));
}

#[test]
fn membership_changes_come_as_removes_and_one_add() {
    let operations = json!([
        { "op": "remove", "path": r#"members[value eq "u1"]"# },
        { "op": "remove", "path": r#"members[value eq "u7"]"# },
        { "op": "add", "path": "members", "value": [
            { "value": "u3", "display": "mary@example.test" },
            { "value": "u2", "display": "another@example.test" },
        ] },
    ]);
    let changed = patched(&analysts(), operations).unwrap();
    assert_eq!(
        changed["members"],
        json!([
            { "value": "u2", "display": "charles@example.test", "type": "User" },
            { "value": "u3", "display": "mary@example.test" },
        ])
    );
}

#[test]
fn push_now_replaces_the_members() {
    let members = json!([{ "value": "u2", "display": "charles@example.test" }]);
    let operations = json!([{ "op": "replace", "path": "members", "value": members }]);
    assert_eq!(patched(&analysts(), operations).unwrap(), with(analysts(), json!({ "members": members })));
}

#[test]
fn push_now_of_an_empty_group_empties_it() {
    // https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/757: answered 400.
    let operations = json!([{ "op": "replace", "path": "members", "value": [] }]);
    let emptied = patched(&analysts(), operations).unwrap();
    assert_eq!(emptied, with(analysts(), json!({ "members": null })));
    let again = json!([{ "op": "replace", "path": "members", "value": [] }]);
    assert_eq!(patched(&emptied, again).unwrap(), emptied);
}

#[test]
fn members_may_come_without_a_path() {
    // https://github.com/Metatavu/keycloak-scim-server/issues/100: answered 400.
    let operations = json!([{ "op": "replace", "value": { "members": [{ "value": "u3" }] } }]);
    assert_eq!(patched(&analysts(), operations).unwrap()["members"], json!([{ "value": "u3" }]));
}

#[test]
fn an_empty_list_of_members_beside_id_and_name_empties_the_group() {
    // https://github.com/jelhub/scimgateway/issues/113: kept the members.
    let value = json!({ "members": [], "id": "g1", "displayName": "Engine" });
    let operations = json!([{ "op": "replace", "value": value }]);
    let expected = with(analysts(), json!({ "members": null, "displayName": "Engine" }));
    assert_eq!(patched(&analysts(), operations).unwrap(), expected);
}

#[test]
fn a_batch_of_a_hundred_members_goes_in_and_out_again() {
    let member = |n: usize| json!({ "value": format!("m{n}"), "display": format!("m{n}@example.test") });
    let members: Vec<Value> = (0..100).map(member).collect();
    let grown = patched(&analysts(), json!([{ "op": "add", "path": "members", "value": members }])).unwrap();
    assert_eq!(grown["members"].as_array().unwrap().len(), 102);
    let removals: Vec<Value> =
        (0..100).map(|n| json!({ "op": "remove", "path": format!("members[value eq \"m{n}\"]") })).collect();
    assert_eq!(patched(&grown, Value::Array(removals)).unwrap(), analysts());
}
