//! Random filters find what is wrong with a server, make it small, and find nothing where nothing is wrong.

mod fuzzing;

use fuzzing::{blamed_for_variance, blamed_without_reason, unfound};

const VALID: &str = "fuzz/filter/valid-filters-find-the-right-resources";
const LAWS: &str = "fuzz/filter/equal-filters-find-the-same";
const INVALID: &str = "fuzz/filter/wrong-filters-are-refused";

/// What is wrong with the way a server reads filters. The number is the most conditions that the input may have.
const MISREADINGS: [(&str, usize); 34] = [
    ("logical-words-are-lower-case", 3),
    ("not-needs-a-space", 3),
    ("core-names-are-never-qualified", 3),
    ("urns-are-lower-case", 3),
    ("apostrophes-in-filters-are-500", 3),
    ("escapes-in-filters-are-refused", 3),
    ("escapes-are-compared-as-written", 3),
    ("sw-is-co", 3),
    ("ew-is-co", 3),
    ("co-is-sw", 3),
    ("ne-is-eq", 3),
    ("gt-is-ge", 3),
    ("ge-is-gt", 3),
    ("lt-is-le", 3),
    ("le-is-lt", 3),
    ("pr-finds-everything", 3),
    ("pr-of-complex-attributes-finds-nothing", 3),
    ("times-are-compared-as-text", 3),
    ("times-are-not-compared", 3),
    ("booleans-match-nothing", 3),
    ("operands-are-case-exact", 3),
    ("external-ids-have-no-case", 3),
    ("percent-signs-are-wildcards", 3),
    ("and-is-or", 3),
    ("or-is-and", 3),
    ("not-is-ignored", 3),
    ("not-passes-over-missing-values", 3),
    ("not-takes-one-condition", 3),
    ("not-takes-everything-behind-it", 3),
    ("or-binds-before-and", 3),
    ("parentheses-are-ignored", 3),
    ("brackets-span-values", 3),
    ("not-leaves-its-brackets", 3),
    ("the-first-value-is-searched", 3),
];

/// What shows between answers, or in how a query is sent.
const BROKEN_LAWS: [(&str, usize); 5] = [
    ("changed-resources-are-not-found", 3),
    ("filters-see-what-is-returned", 3),
    ("searches-find-everything", 3),
    ("totals-count-everything", 3),
    ("or-binds-before-and", 3),
];

/// What a server takes for a filter that is none.
const LENIENCIES: [(&str, usize); 5] = [
    ("empty-filters-are-ignored", 3),
    ("unreadable-filters-are-ignored", 3),
    ("senseless-filters-are-ignored", 3),
    ("refused-filters-say-invalid-value", 3),
    ("deep-filters-are-500", 3),
];

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
    none(unfound(VALID, 1000, &MISREADINGS, conditions));
}

#[test]
fn what_shows_between_answers_is_found_within_a_thousand_checks() {
    none(unfound(LAWS, 1000, &BROKEN_LAWS, conditions));
}

#[test]
fn what_takes_anything_for_a_filter_is_found_within_a_thousand_texts() {
    none(unfound(INVALID, 1000, &LENIENCIES, conditions));
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
