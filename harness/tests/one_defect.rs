//! One root defect of a server is one finding or a few: what stands on it is skipped and names it.

mod common;

use common::run_on_config;
use rehearsal::{Seed, suites};
use scim_record::{Gate, Outcome};
use scim_specimen::{Config, Fault};

/// A root defect, how many cases may tell of it at most, and a case that is skipped because of it.
const DEFECTS: [(&str, usize, &str); 6] = [
    ("create-answers-200", 4, "okta/lifecycle/deactivate-by-patch"),
    ("create-is-not-stored", 6, "okta/users/update-is-stored"),
    ("filter-compares-with-id", 4, "okta/users/assign-new"),
    ("put-not-routed", 10, "okta/users/update-again"),
    ("patch-not-implemented", 12, "okta/groups/push-of-an-empty-group"),
    ("group-patch-not-implemented", 8, "okta/groups/push-of-an-empty-group"),
];

#[tokio::test(flavor = "multi_thread")]
async fn one_root_defect_has_few_findings_and_the_rest_is_skipped_for_it() {
    let suites = suites::load(&[]).expect("the embedded suites");
    let cases: Vec<&str> = vec!["okta", "scim11"];
    for (name, most, skipped) in DEFECTS {
        let fault: Fault = name.parse().expect("a fault of the specimen");
        let config = Config { faults: vec![fault], ..Config::default() };
        let (records, summary) = run_on_config(&suites, &cases, config, Gate::Okta, Seed(1), false).await;
        let failed: Vec<&str> =
            records.iter().filter(|record| record.outcome == Outcome::Fail).map(|record| record.id.as_str()).collect();
        assert_eq!(summary.exit, 1, "{name}");
        assert!(failed.len() <= most, "{name}: {} of at most {most}: {failed:?}", failed.len());
        let record = records.iter().find(|record| record.id == skipped).expect("the case was selected");
        let reason = record.reason.as_deref().unwrap_or_default();
        let names_one = failed.iter().any(|id| reason.starts_with(&format!("needs {id}")));
        assert!(record.outcome == Outcome::Skip && names_one, "{name}: {skipped} {}: {reason}", record.outcome);
    }
}
