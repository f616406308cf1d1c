//! Random PATCH requests find what is wrong with a server, make it small, and find nothing where nothing is wrong.

mod fuzzing;

use fuzzing::{blamed_for_variance, blamed_without_reason, run_seeded, unfound};
use rehearsal::{FuzzSettings, Seed, suites};
use scim_specimen::Config;
use serde_json::Value;
use std::time::Duration;

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
fn a_finding_shows_the_request_at_fault_and_can_be_sent_again_from_the_beginning() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let fault = "absent-members-cannot-be-removed".parse().expect("a fault");
    let config = Config { faults: vec![fault], ..Config::default() };
    let settings = FuzzSettings { cases: Some(1000), most_findings: 1, ..FuzzSettings::default() };
    let records = run_seeded(&suites, &[OKTA], config, settings, Duration::ZERO, Seed(1));
    let [record] = records.as_slice() else { panic!("{records:?}") };
    let [finding] = record.findings.as_slice() else { panic!("{:?}", record.findings) };
    let sent = &record.exchanges[finding.exchange.expect("an exchange")].request;
    assert_eq!(sent.method, "PATCH", "{sent:?}");
    let commands: Vec<&str> = finding.curl.as_deref().expect("commands").lines().collect();
    let (is_read, is_made) =
        (|line: &&str| !line.contains(" -X "), |line: &&str| line.contains(" -X POST") && line.contains("/Groups"));
    assert!(commands.iter().all(|line| !line.contains(" -X DELETE")), "{commands:#?}");
    assert_eq!(commands.iter().filter(|line| is_made(line)).count(), 1, "{commands:#?}");
    // The trial names one member that is there or not, and needs no other.
    assert!(commands.iter().filter(|line| line.contains("/Users")).count() <= 2, "{commands:#?}");
    assert_eq!(commands.iter().filter(|line| line.contains(" -X PATCH")).count(), 1, "{commands:#?}");
    assert!(commands.last().is_some_and(is_read), "{commands:#?}");
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
