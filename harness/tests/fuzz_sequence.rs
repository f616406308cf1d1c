//! Random lives find what several requests in a row make of a server, and find nothing where nothing is wrong.

mod fuzzing;

use fuzzing::{blamed_for_variance, blamed_without_reason, unfound};

const LIVES: &str = "fuzz/sequence/lives-leave-what-was-written";

#[test]
fn every_fault_is_found_within_300_lives_and_shown_by_the_shortest() {
    let unfit = unfound(LIVES, 300, |life| life.split([';', '&']).count());
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
