//! Writes entries for what a run found, behind whatever the list holds already.

use super::{KnownError, KnownList};
use jiff::ToSpan;
use jiff::civil::Date;
use scim_record::{CaseRecord, Outcome, Verdict};
use scim_suite::Plan;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The entries that a run adds to a list.
///
/// Nothing that stands in the list is changed: neither a reason that somebody wrote, nor a day that has passed.
#[derive(Debug)]
pub struct Additions {
    path: PathBuf,
    present: KnownList,
    today: Date,
    /// The cases with their entries; cases end in any order.
    entries: Vec<(String, String)>,
}

/// Why entries cannot be added.
#[derive(Debug, Error)]
#[error("the list of known failures {} cannot be written: {cause}", path.display())]
pub struct AddError {
    path: PathBuf,
    #[source]
    cause: io::Error,
}

impl Additions {
    /// Prepares to add to the list at `path`, which need not be there yet.
    ///
    /// # Errors
    /// If there is a list and it has a mistake.
    pub fn to(path: &Path, plan: &Plan, today: Date) -> Result<Additions, KnownError> {
        let present = match path.exists() {
            true => KnownList::read(path, plan, today)?,
            false => KnownList::default(),
        };
        Ok(Additions { path: path.to_owned(), present, today, entries: Vec::new() })
    }

    /// Takes in a case that has ended.
    pub fn add(&mut self, record: &CaseRecord) {
        if record.outcome != Outcome::Fail {
            return;
        }
        let is_news = |print: &str| !self.present.lists(&record.id, record.app.as_deref(), print);
        let failed = record.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
        let news: Vec<_> = failed.filter(|finding| is_news(&finding.fingerprint)).collect();
        if news.is_empty() {
            return;
        }
        let mut prints: Vec<&str> = news.iter().map(|finding| finding.fingerprint.as_str()).collect();
        prints.sort_unstable();
        prints.dedup();
        let case = match &record.app {
            Some(app) => format!("{}@{app}", record.id),
            None => record.id.clone(),
        };
        let comments: String =
            news.iter().map(|finding| comment(&format!("{}: {}", finding.step, finding.message))).collect();
        let entry = format!(
            "{comments}[[known]]\ncase = {case:?}\nfinding = {prints:?}\nreason = {NO_REASON:?}\nexpires = {}\n",
            self.today.saturating_add(DAYS.days())
        );
        self.entries.push((case, entry));
    }

    /// Writes the entries and returns how many there are.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(mut self) -> Result<usize, AddError> {
        if self.entries.is_empty() {
            return Ok(0);
        }
        self.entries.sort();
        let failed = |cause| AddError { path: self.path.clone(), cause };
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).map_err(failed)?;
        let is_empty = file.metadata().map_err(failed)?.len() == 0;
        let mut text = if is_empty { HEAD.to_owned() } else { String::new() };
        for (_, entry) in &self.entries {
            text.push('\n');
            text.push_str(entry);
        }
        file.write_all(text.as_bytes()).map_err(failed)?;
        Ok(self.entries.len())
    }
}

/// Returns a comment of one line, whatever a server put into the text.
fn comment(text: &str) -> String {
    let line: String = text.chars().take(200).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!("# {}\n", line.trim())
}

const HEAD: &str = "\
# What this service provider is known to get wrong. A case that fails in exactly this way does not turn a run red; any\n\
# other failure of it does, and so does an entry whose day has passed or whose case passes. Write the reason.\n";
const NO_REASON: &str = "nobody has looked at it yet";
/// A failure that nobody looked at is not accepted for ever.
const DAYS: i64 = 90;
