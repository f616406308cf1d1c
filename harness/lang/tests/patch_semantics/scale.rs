//! Large groups and long messages. A quadratic walk over the members would
//! make these run for minutes.

use serde_json::{Value, json};

use crate::support::{analysts, patched, with};

const MEMBERS: usize = 10_000;
const OPERATIONS: usize = 5_000;

#[test]
fn ten_thousand_members_are_added_in_one_operation() {
    let operations = json!([{ "op": "add", "path": "members", "value": members(0..MEMBERS) }]);
    let grown = patched(&analysts(), operations.clone()).unwrap();
    assert_eq!(count(&grown), MEMBERS + 2);
    assert_eq!(patched(&grown, operations).unwrap(), grown);
}

#[test]
fn ten_thousand_members_are_replaced_and_repeated_ones_count_once() {
    let mut twice = members(0..MEMBERS);
    twice.extend(members(0..MEMBERS));
    let operations = json!([{ "op": "replace", "path": "members", "value": twice }]);
    assert_eq!(count(&patched(&analysts(), operations).unwrap()), MEMBERS);
}

#[test]
fn five_thousand_operations_add_a_member_each() {
    let add = |n: usize| json!({ "op": "add", "path": "members", "value": member(n) });
    let operations = (MEMBERS..MEMBERS + OPERATIONS).map(add).collect();
    assert_eq!(count(&patched(&large(), operations).unwrap()), MEMBERS + OPERATIONS);
}

#[test]
fn five_thousand_operations_remove_a_member_each() {
    let operations = (0..OPERATIONS).map(remove).collect();
    let left = patched(&large(), operations).unwrap();
    assert_eq!(left["members"], Value::Array(members(OPERATIONS..MEMBERS)));
}

#[test]
fn five_thousand_operations_remove_a_member_each_by_two_conditions() {
    let remove = |n: usize| {
        let filter = format!("value eq \"00u{n:017}\" and display sw \"user\"");
        json!({ "op": "remove", "path": format!("members[{filter}]") })
    };
    let operations = (0..OPERATIONS).map(remove).collect();
    assert_eq!(count(&patched(&large(), operations).unwrap()), MEMBERS - OPERATIONS);
}

#[test]
fn five_thousand_operations_swap_the_same_member_in_and_out() {
    let swap = |n: usize| match n % 2 {
        0 => remove(7),
        _ => json!({ "op": "add", "path": "members", "value": [member(7)] }),
    };
    let operations = (0..OPERATIONS).map(swap).collect();
    assert_eq!(count(&patched(&large(), operations).unwrap()), MEMBERS);
}

#[test]
fn ten_thousand_listed_members_are_removed_at_once() {
    let operations = json!([{ "op": "remove", "path": "members", "value": members(0..MEMBERS) }]);
    assert_eq!(patched(&large(), operations).unwrap().get("members"), None);
}

fn large() -> Value {
    with(analysts(), json!({ "members": members(0..MEMBERS) }))
}

fn members(range: std::ops::Range<usize>) -> Vec<Value> {
    range.map(member).collect()
}

fn member(n: usize) -> Value {
    json!({ "value": format!("00u{n:017}"), "display": format!("user{n}@example.test") })
}

fn remove(n: usize) -> Value {
    json!({ "op": "remove", "path": format!("members[value eq \"00u{n:017}\"]") })
}

fn count(group: &Value) -> usize {
    group["members"].as_array().map_or(0, Vec::len)
}
