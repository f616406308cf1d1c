//! The examples of RFC 7644 §3.5.2.1 to §3.5.2.3, with people of our own.

use serde_json::json;

use crate::support::{ada, analysts, keyword, patched, with};

#[test]
fn a_member_is_added_to_a_group() {
    let grown = patched(
        &analysts(),
        json!([{ "op": "add", "path": "members", "value": [
            { "display": "Mary", "$ref": "https://example.test/scim/v2/Users/u3", "value": "u3" }] }]),
    )
    .unwrap();
    assert_eq!(grown["members"].as_array().unwrap().len(), 3);
    assert_eq!(grown["members"][2]["$ref"], "https://example.test/scim/v2/Users/u3");
}

#[test]
fn an_address_and_a_nick_name_are_added_without_a_path() {
    let changed = patched(
        &ada(),
        json!([{ "op": "add", "value": {
            "emails": [{ "value": "countess@example.test", "type": "other" }], "nickName": "Countess" } }]),
    )
    .unwrap();
    assert_eq!(changed["nickName"], "Countess");
    assert_eq!(changed["emails"].as_array().unwrap().len(), 3);
    assert_eq!(changed["title"], "Countess", "the rest stays");
}

#[test]
fn one_member_leaves() {
    let shrunk = patched(&analysts(), json!([{ "op": "remove", "path": r#"members[value eq "u2"]"# }])).unwrap();
    assert_eq!(shrunk["members"], json!([{ "value": "u1", "display": "ada@example.test" }]));
}

#[test]
fn all_members_leave() {
    let empty = patched(&analysts(), json!([{ "op": "remove", "path": "members" }])).unwrap();
    assert_eq!(empty, with(analysts(), json!({ "members": null })));
}

#[test]
fn the_last_member_leaves_and_the_attribute_with_it() {
    let operations = json!([
        { "op": "remove", "path": r#"members[value eq "u1"]"# },
        { "op": "remove", "path": r#"members[value eq "u2"]"# },
    ]);
    assert_eq!(patched(&analysts(), operations).unwrap().get("members"), None);
}

#[test]
fn addresses_of_one_kind_at_one_domain_are_removed() {
    let operations = json!([{ "op": "remove", "path": r#"emails[type eq "work" and value ew "example.test"]"# }]);
    let changed = patched(&ada(), operations).unwrap();
    assert_eq!(changed["emails"].as_array().unwrap().len(), 1);
    assert_eq!(changed["emails"][0]["type"], "home");
}

#[test]
fn one_member_leaves_and_another_comes() {
    let operations = json!([
        { "op": "remove", "path": r#"members[value eq "u2"]"# },
        { "op": "add", "path": "members", "value": [{ "value": "u3" }] },
    ]);
    let changed = patched(&analysts(), operations).unwrap();
    assert_eq!(changed["members"], json!([{ "value": "u1", "display": "ada@example.test" }, { "value": "u3" }]));
}

#[test]
fn all_members_leave_and_one_comes_back() {
    let operations = json!([
        { "op": "remove", "path": "members" },
        { "op": "add", "path": "members", "value": [{ "value": "u1" }] },
    ]);
    assert_eq!(patched(&analysts(), operations).unwrap()["members"], json!([{ "value": "u1" }]));
}

#[test]
fn the_members_are_replaced() {
    let operations = json!([{ "op": "replace", "path": "members", "value": [{ "value": "u3" }, { "value": "u4" }] }]);
    assert_eq!(patched(&analysts(), operations).unwrap()["members"], json!([{ "value": "u3" }, { "value": "u4" }]));
}

#[test]
fn the_work_address_is_replaced() {
    let home = json!({ "type": "work", "streetAddress": "Horsley Towers", "locality": "East Horsley",
                       "postalCode": "KT24 6DT", "country": "GB" });
    let operations = json!([{ "op": "replace", "path": r#"addresses[type eq "work"]"#, "value": home }]);
    let changed = patched(&ada(), operations).unwrap();
    assert_eq!(changed["addresses"][0], home);
    assert_eq!(changed["addresses"][1], ada()["addresses"][1]);
}

#[test]
fn a_street_moves() {
    let path = r#"addresses[type eq "work"].streetAddress"#;
    let operations = json!([{ "op": "replace", "path": path, "value": "Horsley Towers" }]);
    let changed = patched(&ada(), operations).unwrap();
    assert_eq!(
        changed["addresses"][0],
        json!({ "type": "work", "streetAddress": "Horsley Towers", "locality": "London" })
    );
}

#[test]
fn addresses_and_nick_name_are_replaced_without_a_path() {
    let emails = json!([
        { "value": "ada@analysts.example.test", "type": "work", "primary": true },
        { "value": "ada@home.example.test", "type": "home" },
    ]);
    let operations = json!([{ "op": "replace", "value": { "emails": emails, "nickName": "A. A. L." } }]);
    assert_eq!(patched(&ada(), operations).unwrap(), with(ada(), json!({ "emails": emails, "nickName": "A. A. L." })));
}

#[test]
fn what_comes_later_sees_what_came_before() {
    let operations = json!([
        { "op": "replace", "path": "title", "value": "first" },
        { "op": "replace", "path": "title", "value": "second" },
        { "op": "remove", "path": "emails" },
        { "op": "add", "path": "emails", "value": [{ "value": "only@example.test" }] },
    ]);
    assert_eq!(
        patched(&ada(), operations).unwrap(),
        with(ada(), json!({ "title": "second", "emails": [{ "value": "only@example.test" }] }))
    );
}

#[test]
fn an_element_changed_before_is_still_one_element() {
    let operations = json!([
        { "op": "replace", "path": r#"emails[value eq "ada@home.example.test"].display"#, "value": "home" },
        { "op": "replace", "path": r#"emails[value eq "ada@home.example.test"].primary"#, "value": true },
        { "op": "replace", "path": r#"emails[primary eq true].value"#, "value": "other@example.test" },
        { "op": "replace", "path": r#"emails[value eq "other@example.test"].display"#, "value": "other" },
    ]);
    let changed = patched(&ada(), operations).unwrap();
    assert_eq!(
        changed["emails"],
        json!([
            { "value": "ada@example.test", "type": "work", "primary": false },
            { "value": "other@example.test", "type": "home", "display": "other", "primary": true },
        ])
    );
}

#[test]
fn one_failing_operation_undoes_the_others() {
    let before = ada();
    let operations = json!([
        { "op": "replace", "path": "title", "value": "Lady" },
        { "op": "replace", "path": r#"emails[type eq "nope"].value"#, "value": "x" },
        { "op": "remove", "path": "emails" },
    ]);
    let error = patched(&before, operations).unwrap_err();
    assert_eq!(keyword(&error), "noTarget");
    assert!(error.detail.starts_with("operation 2: "), "{}", error.detail);
    assert_eq!(before, ada());
}
