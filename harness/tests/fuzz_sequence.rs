//! Random lives find what several requests in a row make of a server, and find nothing where nothing is wrong.

mod fuzzing;

use fuzzing::{blamed_for_variance, blamed_without_reason, unfound};

const LIVES: &str = "fuzz/sequence/lives-leave-what-was-written";

/// What is wrong with a server, and how many deeds show it.
const FAULTS: &[(&str, usize)] = &[
    ("deactivation-leaves-groups", 3),
    ("second-deactivation-deletes", 3),
    ("reactivation-undoes-updates", 4),
    ("namesakes-inherit-groups", 4),
    ("deleted-groups-come-back", 4),
    ("renamed-groups-are-empty", 3),
    ("emptied-groups-stay-empty", 4),
    ("members-do-not-return", 4),
    ("fifth-change-loses-a-member", 7),
    ("put-undoes-removals", 4),
    ("patched-names-are-not-found", 2),
    ("names-left-stay-taken", 3),
    ("deleted-ids-are-given-again", 3),
    ("members-outlive-users", 3),
    ("deleted-names-stay-taken", 3),
    ("third-change-is-dated-back", 3),
    ("renamed-user-keeps-old-lookup", 2),
    ("put-forgets-memberships", 3),
];

#[test]
fn every_fault_is_found_within_300_lives_and_shown_by_the_shortest() {
    let unfit = unfound(LIVES, 300, FAULTS, |life| life.split([';', '&']).count());
    assert!(unfit.is_empty(), "{unfit:#?}");
}

#[test]
fn a_correct_server_is_not_blamed_for_lives() {
    let wrong = blamed_without_reason(LIVES, 40, &[1, 2, 3]);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_server_that_reads_the_rfcs_in_another_way_is_not_blamed_for_lives() {
    let wrong = blamed_for_variance(LIVES, 8);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
