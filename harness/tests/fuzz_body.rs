//! Random bodies find what a server cannot stand or does not keep, and find nothing where nothing is wrong.

mod fuzzing;

use fuzzing::{blamed_for_variance, blamed_without_reason, unfound};

const BODIES: &str = "fuzz/body/bodies-are-stored-or-refused";

#[test]
fn every_fault_is_found_within_a_thousand_bodies_and_shown_by_a_short_one() {
    let unfit = unfound(BODIES, 1000, |body| body.chars().count());
    assert!(unfit.is_empty(), "{unfit:#?}");
}

#[test]
fn a_correct_server_is_not_blamed_for_bodies() {
    let wrong = blamed_without_reason(BODIES, 300, &[1, 2, 3]);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_server_that_reads_the_rfcs_in_another_way_is_not_blamed_for_bodies() {
    let wrong = blamed_for_variance(BODIES, 40);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
