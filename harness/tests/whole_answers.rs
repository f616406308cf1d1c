//! Every check of whole answers on every kind of answer of the specimen: without a fault, none finds anything. What the
//! checks make of single answers is tested beside them.

mod common;
mod probe;

use common::run_on_config;
use rehearsal::{Seed, suites};
use scim_record::{Gate, Outcome};
use scim_specimen::Config;
use scim_suite::Check;

#[tokio::test]
async fn the_correct_specimen_passes_every_check() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join(probe::FILE), probe::suite()).expect("a file");
    let suites = suites::load(&[folder.path().to_owned()]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let (records, _) = run_on_config(&suites, &[probe::SUITE], Config::default(), Gate::Strict, Seed(7), false).await;
    assert!(records.len() > 500);
    let found: Vec<String> = records
        .iter()
        .filter(|record| record.outcome != Outcome::Pass)
        .map(|record| format!("{}: {:?} {:?} {:?}", record.id, record.outcome, record.reason, record.findings))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_format_is_told_of_every_check() {
    let readme = include_str!("../../suites/README.md");
    for check in Check::ALL {
        assert!(readme.contains(&format!("\n| `{check}` | ")), "suites/README.md has no row for {check}");
    }
}
