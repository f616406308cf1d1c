//! `attest.toml`: who looked at what, and when, where a machine cannot.

use super::codes;
use super::manifest::{OinError, read};
use jiff::ToSpan;
use jiff::civil::Date;
use scim_suite::{Catalog, Diagnostic, PlanClass, SourceFile, Span};
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;
use toml::Spanned;
use toml::value::Datetime;

/// What people attest, with the file it was read from.
#[derive(Debug)]
pub(crate) struct Attestations {
    table: Table,
    file: Arc<SourceFile>,
}

/// One attestation that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attestation {
    /// What is attested.
    pub(crate) row: String,
    /// Who attests it.
    pub(crate) by: String,
    /// When they looked.
    pub(crate) on: Date,
    /// What they add.
    pub(crate) note: Option<String>,
    /// Whether it holds no longer.
    pub(crate) is_expired: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    #[serde(default)]
    attest: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    row: Spanned<String>,
    by: Spanned<String>,
    on: Spanned<Datetime>,
    until: Option<Spanned<Datetime>>,
    note: Option<String>,
}

impl Attestations {
    /// Reads a file of attestations.
    pub(crate) fn read(path: &Path) -> Result<Attestations, OinError> {
        let (table, file) = read(path)?;
        Ok(Attestations { table, file })
    }

    /// Returns the attestations that can be used, and what is wrong with any; an expired one is among both.
    pub(crate) fn judge(&self, catalog: &Catalog, today: Date) -> (Vec<Attestation>, Vec<Diagnostic>) {
        let (mut good, mut wrong) = (Vec::<Attestation>::new(), Vec::new());
        for entry in &self.table.attest {
            let row = entry.row.get_ref();
            let at = Span::new(&self.file, entry.row.span());
            if good.iter().any(|earlier| earlier.row == *row) {
                wrong.push(Diagnostic::new(&codes::TWICE, at, format!("`{row}` is attested twice")));
                continue;
            }
            if let Some(mistake) = unfit(row, at, catalog) {
                wrong.push(mistake);
                continue;
            }
            if entry.by.get_ref().trim().is_empty() {
                let at = Span::new(&self.file, entry.by.span());
                wrong.push(Diagnostic::new(&codes::EMPTY, at, "an attestation needs a name").help("say who looked"));
                continue;
            }
            match self.dated(entry, today) {
                Err(mistake) => wrong.push(mistake),
                Ok((on, end)) => {
                    let is_expired = end < today;
                    if is_expired {
                        let at = Span::new(&self.file, entry.on.span());
                        let message = format!("what `{row}` attests held until {end}");
                        let help = "look again, and write the day; until = … says how long it holds";
                        wrong.push(Diagnostic::new(&codes::EXPIRED, at, message).help(help).warning());
                    }
                    let (by, note) = (entry.by.get_ref().trim().to_owned(), entry.note.clone());
                    good.push(Attestation { row: row.clone(), by, on, note, is_expired });
                }
            }
        }
        (good, wrong)
    }

    /// Returns the day of an attestation, and the last on which it holds.
    fn dated(&self, entry: &Entry, today: Date) -> Result<(Date, Date), Diagnostic> {
        let on = self.day(&entry.on)?;
        if on > today {
            return Err(self.refused(&entry.on, format!("{on} has not come yet; today is {today}")));
        }
        let Some(until) = &entry.until else { return Ok((on, on.saturating_add(1.year()))) };
        let end = self.day(until)?;
        if end < on { Err(self.refused(until, format!("it ends before it begins, on {on}"))) } else { Ok((on, end)) }
    }

    fn day(&self, value: &Spanned<Datetime>) -> Result<Date, Diagnostic> {
        let day: Option<Date> = value.get_ref().date.and_then(|date| date.to_string().parse().ok());
        day.ok_or_else(|| self.refused(value, "this is no day".to_owned()))
    }

    fn refused(&self, value: &Spanned<Datetime>, message: String) -> Diagnostic {
        Diagnostic::new(&codes::BAD_DATE, Span::new(&self.file, value.span()), message)
            .help("write a day, as 2026-11-20")
    }
}

/// Returns why nobody can attest this, if so.
fn unfit(row: &str, at: Span, catalog: &Catalog) -> Option<Diagnostic> {
    match catalog.plan_row(row) {
        Some(known) if matches!(known.class, PlanClass::Auto { .. }) => {
            let message = format!("`{row}` ({}) is shown by cases, not by people", known.title);
            Some(Diagnostic::new(&codes::NOT_FOR_PEOPLE, at, message).help("take it away, and run the cases"))
        }
        Some(_) => None,
        None if ITEMS.iter().any(|(item, _)| *item == row) => None,
        None => {
            let people = catalog.plan.iter().filter(|row| row.class.left().is_some()).map(|row| row.id.as_str());
            let known = people.chain(ITEMS.iter().map(|(item, _)| *item));
            Some(Diagnostic::new(&codes::UNKNOWN_ROW, at, format!("there is no row `{row}`")).suggest(row, known))
        }
    }
}

/// What people do beside the rows of the test plan (Okta: submit an app, prerequisites and the Wizard).
pub(crate) const ITEMS: &[(&str, &str)] = &[
    ("org", "Have an Integrator Free Plan org, with an administrator under your company's domain and a spare one."),
    ("tls", "See that the base URL that customers use is served over TLS, with a certificate that the world trusts."),
    ("tenants", "See that the credentials of one customer do not show the data of another."),
    ("runscope-spec", "Run Okta's SPEC file on Runscope, and put the link to the result into the Wizard."),
    ("runscope-crud", "Run Okta's CRUD file on Runscope against your org, and put the link into the Wizard."),
    ("logo", "See that the logo is an icon, without a word mark or a trademark sign, and reads on light and dark."),
    ("test-account", "See that Okta's reviewers can sign in with the test account, by the instructions alone."),
];
