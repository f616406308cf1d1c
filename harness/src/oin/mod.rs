//! The road into the Okta Integration Network: what a vendor would submit, judged by what past runs showed.
//!
//! [`manifest`] is what would be typed into the Wizard, [`lint`] its rules, [`attest`] what people vouch for;
//! [`report`] puts them together with the verdicts on cases. Nothing here sends a request.

mod attest;
mod attributes;
mod claims;
mod codes;
mod expression;
mod judge;
mod lint;
mod logo;
mod manifest;
mod report;
mod risks;
#[cfg(test)]
mod tests;

pub use codes::OIN_CODES;
pub use manifest::OinError;

use crate::suites::Suites;
use attest::Attestations;
use jiff::civil::Date;
use lint::lint;
use manifest::Manifest;
use rehearsal_reports::{PastRun, Readiness};
use report::Material;
use scim_suite::{Catalog, Diagnostic};
use std::path::Path;

/// Looks at a manifest and at attestations alone, and returns what is wrong in them.
///
/// # Errors
/// If a file cannot be read, or has not the form it needs.
pub(crate) fn lint_files(
    manifest: &Path,
    attest: Option<&Path>,
    catalog: &Catalog,
    today: Date,
) -> Result<Vec<Diagnostic>, OinError> {
    let mut wrong = lint(&Manifest::read(manifest)?).wrong;
    if let Some(path) = attest {
        wrong.extend(Attestations::read(path)?.judge(catalog, today).1);
    }
    Ok(wrong)
}

/// Returns the readiness report of these runs, with the names of their files.
///
/// # Errors
/// If the manifest or the attestations cannot be read, or have not the form they need.
pub(crate) fn readiness(
    suites: &Suites,
    runs: &[(String, PastRun)],
    manifest: Option<&Path>,
    attest: Option<&Path>,
    today: Date,
) -> Result<Readiness, OinError> {
    let manifest = manifest.map(Manifest::read).transpose()?;
    let attested = match attest {
        Some(path) => Attestations::read(path)?.judge(&suites.catalog, today),
        None => (Vec::new(), Vec::new()),
    };
    let (files, runs): (Vec<String>, Vec<PastRun>) = runs.iter().cloned().unzip();
    let manifest = manifest.as_ref().map(|manifest| (manifest, lint(manifest)));
    Ok(report::report(Material { suites, runs: &runs, files: &files, manifest, attested }))
}
