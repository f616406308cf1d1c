//! The suites of this repository load without a single diagnostic.

use scim_suite::plan::Body;
use scim_suite::{Action, Catalog, Plan, load_all, read_folder};
use std::path::Path;

const SUITES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../suites");

#[test]
fn every_suite_loads() {
    let (plan, catalog) = suites();
    assert!(!plan.cases.is_empty() && !catalog.references.is_empty() && !catalog.bugs.is_empty());
    assert!(plan.cases.is_sorted_by(|a, b| a.id < b.id));
}

#[test]
fn every_app_of_a_case_has_an_event_to_run() {
    for case in suites().0.cases {
        let has_event = case.steps.iter().any(|step| matches!(step.action, Action::Event(_)));
        assert_eq!(case.apps.is_empty(), case.okta.is_none(), "{}", case.id);
        assert_eq!(case.okta.is_some(), has_event, "{}", case.id);
    }
}

/// Okta always sends one, and a server may require it.
#[test]
fn whoever_is_created_for_okta_has_a_display_name() {
    for case in suites().0.cases.iter().filter(|case| case.id.starts_with("okta/")) {
        for step in &case.steps {
            let Action::Send(send) = &step.action else { continue };
            let (Some(Body::Json(json)), "POST") = (&send.body, send.method.as_str()) else { continue };
            let fill = |_: &str| Some("x".to_owned());
            let (target, body) = (send.target.expand(&fill).unwrap(), json.expand(&fill).unwrap());
            assert!(target != "/Users" || body.contains("\"displayName\""), "{}: {body}", case.id);
        }
    }
}

#[test]
fn every_row_of_the_catalog_has_a_case_or_a_reason() {
    let (plan, catalog) = suites();
    let gaps: Vec<String> = catalog.uncovered(&plan).iter().map(|gap| gap.render(false)).collect();
    assert!(gaps.is_empty(), "{} gaps\n{}", gaps.len(), gaps.join("\n\n"));
}

/// Every file below the suites' root, loaded; a mistake in one of them fails the test with its picture.
fn suites() -> (Plan, Catalog) {
    let files = read_folder(Path::new(SUITES)).expect("the suites can be read");
    load_all(&files).unwrap_or_else(|mistakes| {
        let pictures: Vec<String> = mistakes.iter().map(|mistake| mistake.render(false)).collect();
        panic!("{} mistakes\n{}", pictures.len(), pictures.join("\n\n"));
    })
}
