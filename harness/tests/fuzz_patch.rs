//! Random PATCH requests find what is wrong with a server, make it small, and find nothing where nothing is wrong.

mod fuzzing;

use fuzzing::{blamed_for_variance, blamed_without_reason, unfound};
use serde_json::Value;

const USERS: &str = "fuzz/patch/users-end-as-the-reference-has-it";
const GROUPS: &str = "fuzz/patch/groups-end-as-the-reference-has-it";
const OKTA: &str = "fuzz/patch/okta-pushes-arrive";
const LAWS: &str = "fuzz/patch/equal-requests-end-in-equal-states";
const RACE: &str = "fuzz/patch-concurrent/additions-lose-nothing";

fn operations(input: &str) -> usize {
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    input["Operations"].as_array().map_or(0, Vec::len)
}

fn none(unfit: Vec<String>) {
    assert!(unfit.is_empty(), "{unfit:#?}");
}

#[test]
fn every_fault_is_found_within_a_thousand_requests_and_shown_by_two_operations_at_most() {
    for case in [USERS, GROUPS, OKTA, LAWS] {
        none(unfound(case, 1000, operations));
    }
}

#[test]
fn a_correct_server_is_not_blamed() {
    for case in [USERS, GROUPS, OKTA, LAWS, RACE] {
        none(blamed_without_reason(case, 60, &[1, 2, 3]));
    }
}

#[test]
fn a_server_that_reads_the_rfcs_in_another_way_is_not_blamed() {
    for case in [USERS, GROUPS, OKTA, LAWS] {
        none(blamed_for_variance(case, 6));
    }
}
