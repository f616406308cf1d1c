//! Whether the suites keep their promise: every demand of the standards and every check of other testers has a case or a
//! reason, and the published table says so. `BLESS=1` writes the table.

use rehearsal::coverage::{List, markdown, tables};
use rehearsal::suites;
use std::{env, fs};

#[test]
fn every_demand_and_every_check_of_other_testers_has_a_case_or_a_reason() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let gaps = suites.catalog.unmet_promises(&suites.plan);
    let told: Vec<String> = gaps.iter().map(|gap| gap.render(false)).collect();
    assert!(told.is_empty(), "{}\n{} gaps", told.join("\n"), told.len());
}

#[test]
fn enough_is_covered_by_cases_and_not_by_reasons() {
    let suites = suites::load(&[]).expect("the embedded suites");
    for table in tables(&suites) {
        let least = match table.of {
            List::Requirements => 95.0,
            List::PeerChecks => 90.0,
        };
        assert!(table.coverage().percent() >= least, "{}", table.summary());
    }
}

#[test]
fn the_published_table_is_that_of_the_suites() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let table = markdown(&suites);
    if env::var_os("BLESS").is_some() {
        fs::write(PUBLISHED, &table).expect("the table can be written");
    }
    let published = fs::read_to_string(PUBLISHED).unwrap_or_default();
    assert!(published == table, "suites/coverage.md is not what the suites cover; BLESS=1 writes it");
}

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../suites/coverage.md");
