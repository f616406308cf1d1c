//! Random bodies find what a server cannot stand or does not keep, and find nothing where nothing is wrong.

mod fuzzing;

use fuzzing::{blamed_for_variance, blamed_without_reason, unfound};

const BODIES: &str = "fuzz/body/bodies-are-stored-or-refused";

/// What is wrong with a server, and how long the body that shows it may be in print.
const FAULTS: &[(&str, usize)] = &[
    ("astral-characters-are-500", 170),
    ("half-surrogates-are-500", 170),
    ("nul-is-500", 170),
    ("huge-numbers-are-500", 170),
    ("long-names-are-500", 170),
    ("deep-bodies-hang-up", 170),
    ("duplicate-members-are-500", 200),
    ("non-ascii-names-are-not-found", 170),
    ("empty-texts-become-unacceptable", 170),
    ("titles-have-64-characters", 180),
    ("titles-end-at-nul", 170),
    ("apostrophes-are-doubled", 170),
    ("what-follows-a-body-is-ignored", 170),
    ("media-types-are-refused-in-html", 170),
    ("create-that-fails-is-stored", 200),
    ("errors-are-empty", 170),
];

#[test]
fn every_fault_is_found_within_a_thousand_bodies_and_shown_by_a_short_one() {
    let unfit = unfound(BODIES, 1000, FAULTS, |body| body.chars().count());
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
