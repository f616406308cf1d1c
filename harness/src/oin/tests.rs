//! Manifests, attestations and past runs, from files to a report.

use super::*;
use crate::suites;
use jiff::civil::date;
use rehearsal_reports::readiness::{Attested, Claim, Ready, Standing};
use std::fs;
use std::path::Path;

const GOOD: &str = r#"
[app]
name = "Acme"
description = "Invoices."
logo = "logo.gif"
guides = ["https://acme.com/okta"]
support = "ada@acme.com"
contact = "https://acme.com/help"
[[tenant-setting]]
name = "subdomain"
label = "Subdomain"
example = "acme"
[auth]
mode = "bearer"
[scim]
base-url = "'https://' + app.subdomain + '.acme.com/scim/v2'"
users = ["create", "read", "update", "deactivate"]
groups = ["create", "read", "update", "delete"]
attributes = ["userName", "emails"]
[test-account]
url = "https://test.acme.com"
username = "isvtest@okta.com"
[runscope]
spec = "https://api.runscope.com/1"
crud = "https://api.runscope.com/2"
"#;
const TODAY: Date = date(2026, 11, 23);

fn lints(text: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("oin.toml");
    fs::write(folder.path().join("logo.gif"), b"GIF89a\xc8\0\xc8\0").expect("a file");
    fs::write(&path, text).expect("a file");
    let catalog = suites::catalog().expect("the catalog is right");
    match lint_files(&path, None, &catalog, TODAY) {
        Ok(found) => found.iter().map(|it| (it.code().to_owned(), it.message().to_owned())).collect(),
        Err(OinError::Wrong(mistake)) => vec![(mistake.code().to_owned(), mistake.message().to_owned())],
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_good_manifest_has_nothing_wrong() {
    assert_eq!(lints(GOOD), []);
    let example = include_str!("../../../reports/examples/oin.toml");
    assert_eq!(lints(&example.replace("logo.png", "logo.gif")), []);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../reports/examples/attest.toml");
    let attested = Attestations::read(Path::new(path)).expect("the example is read");
    assert!(attested.judge(&suites::catalog().expect("the catalog is right"), TODAY).1.is_empty());
}

#[test]
fn each_rule_of_the_wizard_is_told_with_its_code() {
    let long = format!("name = \"{}\"", "x".repeat(65));
    for (from, to, code) in [
        ("name = \"Acme\"", "nmae = \"Acme\"", "O001"),
        ("name = \"Acme\"", "name = \" \"", "O002"),
        ("name = \"Acme\"", long.as_str(), "O003"),
        ("logo.gif", "absent.png", "O004"),
        ("name = \"subdomain\"", "name = \"Sub-domain\"", "O006"),
        ("\"bearer\"", "\"basic\"", "O008"),
        ("https://acme.com/okta", "http://acme.com/okta", "O009"),
        ("'https://' +", "'http://' +", "O010"),
        ("app.subdomain +", "app.subdomian +", "O011"),
        ("\"update\", \"deactivate\"", "\"udpate\"", "O012"),
        ("[\"create\", \"read\", \"update\", \"deactivate\"]", "[\"update\"]", "O012"),
        ("ada@acme.com", "support@acme.com", "O015"),
        ("mode = \"bearer\"", "mode = \"oauth\"", "O014"),
        ("username =", "password = \"x\"\nusername =", "O018"),
        ("app.subdomain", "'x'", "O019"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let found = lints(&GOOD.replacen(from, to, 1));
        assert!(found.iter().any(|(found, _)| found == code), "{code} for {to}: {found:?}");
    }
}

#[test]
fn a_mistake_in_an_expression_is_told_at_its_place_in_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("oin.toml");
    fs::write(&path, GOOD.replace("app.subdomain", "app.org").replace("logo = \"logo.gif\"", "")).expect("a file");
    let catalog = suites::catalog().expect("the catalog is right");
    let found = lint_files(&path, None, &catalog, TODAY).expect("it has the form");
    assert_eq!(found[1].span().text(), "app.org", "{found:?}");
}

#[test]
fn a_setting_that_came_later_must_leave_installed_apps_alone() {
    let later = GOOD.replace("example = \"acme\"", "example = \"acme\"\nadded-later = true");
    let later = later.replace(
        "app.subdomain + '.acme.com/scim/v2'",
        "(String.len(app.subdomain) > 0 ? app.subdomain : 'a_b') + '.acme.com'",
    );
    let found = lints(&later);
    assert!(found.iter().any(|(_, message)| message.contains("still empty")), "{found:?}");
}

#[test]
fn attestations_that_cannot_be_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("attest.toml");
    let catalog = suites::catalog().expect("the catalog is right");
    let of = |row: &str, rest: &str| {
        fs::write(&path, format!("[[attest]]\nrow = \"{row}\"\nby = \"Ada\"\n{rest}\n")).expect("a file");
        let (good, wrong) = Attestations::read(&path).expect("it has the form").judge(&catalog, TODAY);
        (good, wrong.first().map(|it| it.code()))
    };
    assert_eq!(of("C9298", "on = 2026-11-20").1, None);
    assert_eq!(of("logo", "on = 2026-11-20").1, None);
    assert_eq!(of("C0000", "on = 2026-11-20").1, Some("O020"));
    assert_eq!(of("C9290", "on = 2026-11-20").1, Some("O021"));
    assert_eq!(of("C9298", "on = 2026-11-24").1, Some("O022"));
    assert_eq!(of("C9298", "on = 10:00:00").1, Some("O022"));
    let (good, wrong) = of("C9298", "on = 2025-11-20");
    assert_eq!((good[0].is_expired, wrong), (true, Some("O023")));
    assert_eq!(of("C9298", "on = 2026-11-20\nuntil = 2026-11-22").1, Some("O023"));
}

#[test]
fn every_rule_names_cases_that_there_are() {
    let suites = suites::load(&[]).expect("the suites are right");
    for (id, _, cases, _) in report::RULES {
        for case in *cases {
            assert!(suites.plan.cases.iter().any(|known| known.id == *case), "{id} names {case}");
        }
    }
}

#[test]
fn codes_are_in_order_and_stand_once() {
    let codes: Vec<&str> = OIN_CODES.iter().map(|code| code.code()).collect();
    assert!(codes.is_sorted() && codes.windows(2).all(|pair| pair[0] != pair[1]), "{codes:?}");
}

#[test]
fn without_a_run_nothing_is_shown_and_no_person_makes_up_for_it() {
    let suites = suites::load(&[]).expect("the suites are right");
    let report = readiness(&suites, &[], None, None, TODAY).expect("a report");
    assert_eq!(report.verdict.ready, Ready::NotReady);
    assert!(report.plan.iter().all(|row| row.row.standing != Standing::Proven));
    assert!(report.human.iter().all(|item| item.state == Attested::Open));
    assert!(report.operations.iter().all(|operation| operation.finding == Claim::Unproven));
    assert!(report.html().contains("Okta still asks for the links of Runscope runs"));
}
