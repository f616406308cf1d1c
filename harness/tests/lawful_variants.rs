//! Whoever is right must not be found wrong: the cases of the RFCs pass, or are skipped, under every lawful variant of the
//! specimen, under the strictest gate.

mod common;

use common::run_on_config;
use rehearsal::suites::Suites;
use rehearsal::{Seed, suites};
use scim_record::{CaseRecord, Gate, Outcome};
use scim_specimen::{Config, Variant};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

#[test]
fn no_case_of_the_rfcs_blames_a_lawful_variant() {
    let suites = suites::load(&[]).expect("the embedded suites");
    // The profiles of `interop` forbid on purpose what the RFCs allow.
    let of_the_rfcs = |id: &&str| id.starts_with("rfc");
    let cases: Vec<&str> = suites.plan.cases.iter().map(|case| case.id.as_str()).filter(of_the_rfcs).collect();
    if cases.is_empty() {
        return;
    }
    let variants: Vec<Variant> = Variant::all().collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(variant) = variants.get(next.fetch_add(1, Ordering::Relaxed)) {
            wrong.lock().expect("no run panicked").extend(blamed(&suites, &cases, *variant));
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().expect("no run panicked");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Returns the cases that find something wrong with a variant.
fn blamed(suites: &Suites, cases: &[&str], variant: Variant) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let config = Config { variants: vec![variant], ..Config::default() };
    let (records, _) = runtime.block_on(run_on_config(suites, cases, config, Gate::Strict, Seed(1), true));
    let is_blamed = |record: &&CaseRecord| !matches!(record.outcome, Outcome::Pass | Outcome::Skip);
    let told = |record: &CaseRecord| {
        let findings: Vec<&str> = record.findings.iter().map(|finding| finding.message.as_str()).collect();
        format!("{variant} ({}): {} ends in {}: {}", variant.clause(), record.id, record.outcome, findings.join("; "))
    };
    records.iter().filter(is_blamed).map(told).collect()
}
