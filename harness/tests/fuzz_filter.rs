//! Random filters find what is wrong with a server, make it small, and find nothing where nothing is wrong.

mod fuzzing;

use fuzzing::{blamed_for_variance, blamed_without_reason, unfound};

const VALID: &str = "fuzz/filter/valid-filters-find-the-right-resources";
const LAWS: &str = "fuzz/filter/equal-filters-find-the-same";
const INVALID: &str = "fuzz/filter/wrong-filters-are-refused";

/// Counts the conditions of an input, those of a law's operands together.
fn conditions(input: &str) -> usize {
    let behind_words = [" and ", " or ", " ;; "];
    1 + behind_words.iter().map(|word| input.to_lowercase().matches(word).count()).sum::<usize>()
}

fn none(unfit: Vec<String>) {
    assert!(unfit.is_empty(), "{unfit:#?}");
}

#[test]
fn every_misreading_is_found_within_a_thousand_filters_and_shown_by_three_conditions_at_most() {
    none(unfound(VALID, 1000, conditions));
}

#[test]
fn what_shows_between_answers_is_found_within_a_thousand_checks() {
    none(unfound(LAWS, 1000, conditions));
}

#[test]
fn what_takes_anything_for_a_filter_is_found_within_a_thousand_texts() {
    none(unfound(INVALID, 1000, conditions));
}

#[test]
fn a_correct_server_is_not_blamed() {
    none(blamed_without_reason(VALID, 200, &[1, 2, 3]));
    none(blamed_without_reason(LAWS, 100, &[1, 2, 3]));
    none(blamed_without_reason(INVALID, 100, &[1, 2, 3]));
}

#[test]
fn a_server_that_reads_the_rfcs_in_another_way_is_not_blamed() {
    for case in [VALID, LAWS, INVALID] {
        none(blamed_for_variance(case, 25));
    }
}
