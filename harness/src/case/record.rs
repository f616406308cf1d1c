//! From a plan's case and its verdict to the record that reports read.

use super::Verdict;
use crate::client::Client;
use crate::select::Trial;
use scim_record::{CaseRecord, Location, Reference, VendorBug};
use scim_suite::{Catalog, Span};

/// Returns the record of a trial; how long it took is for the scheduler to say.
pub(super) fn of(verdict: Verdict, trial: Trial<'_>, catalog: &Catalog, client: Client<'_>) -> CaseRecord {
    let case = trial.case;
    CaseRecord {
        id: case.id.clone(),
        suite: case.suite.clone(),
        app: trial.app.map(|app| app.to_string()),
        title: case.title.clone(),
        rule: case.rule.clone(),
        refs: references(catalog, &case.refs),
        level: level(case.level),
        basis: basis(case.basis),
        disputed: case.disputed.clone(),
        consequence: case.consequence.clone(),
        mend: case.mend.clone(),
        bugs: vendor_bugs(catalog, &case.bugs),
        outcome: verdict.outcome,
        reason: verdict.reason,
        findings: verdict.findings,
        reading: verdict.reading,
        notes: verdict.notes,
        fuzz: verdict.fuzz,
        exchanges: client.into_exchanges(),
        time_ms: 0,
        location: location(&case.source),
    }
}

pub(crate) fn location(span: &Span) -> Location {
    let scim_suite::Location { file, line, column, width, source } = span.location();
    Location { file, line, column, width, source }
}

pub(crate) fn level(level: scim_suite::Level) -> scim_record::Level {
    match level {
        scim_suite::Level::Okta => scim_record::Level::Okta,
        scim_suite::Level::Must => scim_record::Level::Must,
        scim_suite::Level::Should => scim_record::Level::Should,
        scim_suite::Level::May => scim_record::Level::May,
    }
}

pub(crate) fn basis(basis: scim_suite::Basis) -> scim_record::Basis {
    match basis {
        scim_suite::Basis::Documented => scim_record::Basis::Documented,
        scim_suite::Basis::Captured => scim_record::Basis::Captured,
        scim_suite::Basis::Inferred => scim_record::Basis::Inferred,
    }
}

fn references(catalog: &Catalog, ids: &[String]) -> Vec<Reference> {
    ids.iter()
        .filter_map(|id| catalog.reference(id))
        .map(|entry| Reference { id: entry.id.clone(), title: entry.title.clone(), url: Some(entry.url.clone()) })
        .collect()
}

fn vendor_bugs(catalog: &Catalog, rows: &[u32]) -> Vec<VendorBug> {
    rows.iter()
        .filter_map(|row| catalog.bug(*row))
        .map(|bug| VendorBug {
            row: bug.row,
            project: bug.project.clone(),
            summary: bug.wrong.clone(),
            url: bug.url.clone(),
        })
        .collect()
}
