//! Reads a list of known failures and tells every mistake in it at once, with its place and what to do.

use super::{Entry, KnownList};
use crate::select::{self, SelectError, Selector};
use jiff::civil::Date;
use scim_suite::Plan;
use serde::Deserialize;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use thiserror::Error;
use toml::Spanned;

/// Why a list of known failures cannot be used.
#[derive(Debug, Error)]
pub enum KnownError {
    /// The file cannot be read.
    #[error("the list of known failures {} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The file has mistakes.
    #[error("{}", Lines(.0))]
    Wrong(Vec<Mistake>),
}

/// One mistake in a list of known failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file as it was named.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
    /// Where in the line, in characters, counted from 1.
    pub column: usize,
    /// What is wrong, and what to do.
    pub text: String,
}

struct Lines<'m>(&'m [Mistake]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Mistake { path, line, column, text }) in self.0.iter().enumerate() {
            let lead = if number == 0 { "" } else { "\nerror: " };
            write!(f, "{lead}{path}:{line}:{column}: {text}")?;
        }
        Ok(())
    }
}

impl KnownList {
    /// Reads the list at `path`; `today` decides what has expired.
    ///
    /// # Errors
    /// If the file cannot be read, is no list of known failures, or has an entry that names no case of the plan.
    pub fn read(path: &Path, plan: &Plan, today: Date) -> Result<KnownList, KnownError> {
        let unreadable = |cause| KnownError::Unreadable { path: path.to_owned(), cause };
        let mut text = String::new();
        File::open(path).and_then(|file| file.take(MOST + 1).read_to_string(&mut text)).map_err(unreadable)?;
        if text.len() as u64 > MOST {
            let cause = io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {MOST} bytes"));
            return Err(unreadable(cause));
        }
        KnownList::parse(&text, path, plan, today)
    }

    /// Reads a list from its text.
    pub(super) fn parse(text: &str, path: &Path, plan: &Plan, today: Date) -> Result<KnownList, KnownError> {
        let path = path.display().to_string();
        let place = |span: Range<usize>, what: String| mistake(&path, text, span.start, what);
        let file: ListFile = toml::from_str(text).map_err(|error| {
            let what = format!("{}; see `rehearsal test --help` on --known", error.message().trim_end_matches('.'));
            KnownError::Wrong(vec![place(error.span().unwrap_or_default(), what)])
        })?;
        let (mut entries, mut mistakes) = (Vec::new(), Vec::new());
        for entry in file.known {
            match read_entry(entry, plan, text) {
                Ok(entry) => entries.push(entry),
                Err(wrong) => mistakes.extend(wrong.into_iter().map(|(span, what)| place(span, what))),
            }
        }
        if mistakes.is_empty() { Ok(KnownList { path, entries, today }) } else { Err(KnownError::Wrong(mistakes)) }
    }
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListFile {
    #[serde(default)]
    known: Vec<Spanned<EntryFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryFile {
    case: Spanned<String>,
    finding: Spanned<Vec<Spanned<String>>>,
    reason: Spanned<String>,
    owner: Option<String>,
    expires: Option<Spanned<toml::value::Datetime>>,
}

type Wrong = (Range<usize>, String);

fn read_entry(entry: Spanned<EntryFile>, plan: &Plan, text: &str) -> Result<Entry, Vec<Wrong>> {
    let line = line_of(text, entry.span().start);
    let EntryFile { case, finding, reason, owner, expires } = entry.into_inner();
    let mut wrong: Vec<Wrong> = findings_wrong(&finding);
    if reason.get_ref().trim().is_empty() {
        wrong.push((reason.span(), "the reason is empty: say why this failure is accepted, and until when".to_owned()));
    }
    let cases = selector(case.get_ref(), plan).map_err(|what| wrong.push((case.span(), what))).ok();
    let expires = match expires.map(|day| (day.span(), date(day.get_ref()))) {
        Some((span, None)) => {
            wrong.push((span, "expires is a day, such as 2027-01-31, without a time".to_owned()));
            None
        }
        Some((_, day)) => day,
        None => None,
    };
    match cases {
        Some(cases) if wrong.is_empty() => {
            let findings = finding.into_inner().into_iter().map(Spanned::into_inner).collect();
            Ok(Entry { cases, findings, reason: reason.into_inner(), owner, expires, line })
        }
        _ => Err(wrong),
    }
}

fn findings_wrong(finding: &Spanned<Vec<Spanned<String>>>) -> Vec<Wrong> {
    let is_fingerprint =
        |text: &str| text.len() == 10 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if finding.get_ref().is_empty() {
        let what = "finding is empty: put in what the report of a failed case shows behind `known`";
        return vec![(finding.span(), what.to_owned())];
    }
    let listed = finding.get_ref().iter().filter(|print| !is_fingerprint(print.get_ref()));
    let what = |print: &Spanned<String>| {
        let what =
            format!("{:?} is no fingerprint: ten digits and letters a to f, as the reports show them", print.get_ref());
        (print.span(), what)
    };
    listed.map(what).collect()
}

/// Reads which cases an entry names, of whatever version, app or kind of target.
fn selector(text: &str, plan: &Plan) -> Result<Selector, String> {
    let selector = Selector::parse(text).map_err(|error| error.to_string())?;
    let trials: Vec<select::Trial<'_>> = plan.cases.iter().flat_map(select::trials).collect();
    if text.trim().is_empty() {
        return Err("case is empty: name a case, or several by a pattern".to_owned());
    }
    if trials.iter().any(|trial| selector.matches(trial)) {
        return Ok(selector);
    }
    let nearest = select::nearest(text, &trials);
    let error = SelectError::NoMatch { selector: text.to_owned(), nearest };
    Err(format!("{error}. Mend the id, or take the entry out if the case is gone"))
}

fn date(day: &toml::value::Datetime) -> Option<Date> {
    let toml::value::Datetime { date: Some(date), time: None, offset: None } = day else { return None };
    Date::new(i16::try_from(date.year).ok()?, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?).ok()
}

fn mistake(path: &str, text: &str, offset: usize, what: String) -> Mistake {
    let before = text.get(..offset).unwrap_or(text);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Mistake { path: path.to_owned(), line: line_of(text, offset), column, text: what }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}

/// A list of a thousand entries is a tenth of this.
const MOST: u64 = 4_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suites;

    fn mistakes(text: &str) -> String {
        let suites = suites::load(&[]).expect("the embedded suites");
        let read = KnownList::parse(text, Path::new("known.toml"), &suites.plan, jiff::civil::date(2026, 11, 23));
        read.expect_err("a mistake").to_string()
    }

    #[test]
    fn every_mistake_is_told_with_its_place_and_what_to_do() {
        let text = "# ours\n[[known]]\ncase = \"okta/spec/duplicate-is-490\"\nfinding = [\"xyz\", \"aaaaaaaaaa\"]\n\
                    reason = \" \"\nexpires = 2026-01-01T00:00:00Z\n\n[[known]]\ncase = \"okta/spec\"\nfinding = []\n\
                    reason = \"r\"\n";
        let told = mistakes(text);
        for line in [
            "known.toml:4:12: \"xyz\" is no fingerprint",
            "known.toml:5:10: the reason is empty",
            "known.toml:3:8: no case matches \"okta/spec/duplicate-is-490\"; did you mean \"okta/spec/duplicate-is-409\"?",
            "known.toml:6:11: expires is a day",
            "known.toml:10:11: finding is empty",
        ] {
            assert!(told.contains(line), "{line}\n{told}");
        }
    }

    #[test]
    fn what_is_no_list_is_told_with_its_place() {
        for (text, told) in [
            ("[[known]]\ncase = \"okta/spec\"\nfinding = [\"aaaaaaaaaa\"]\n", "known.toml:1:1: missing field `reason`"),
            ("[[known]]\nwhy = 3\n", "known.toml:2:1: unknown field `why`"),
            ("known = 3\n", "known.toml:1:9: invalid type"),
            ("[[known\n", "known.toml:1:8: "),
        ] {
            assert!(mistakes(text).starts_with(told), "{text}: {}", mistakes(text));
        }
    }

    #[test]
    fn entries_may_name_cases_of_every_version_and_kind() {
        let suites = suites::load(&[]).expect("the embedded suites");
        let text: String = ["scim11/spec", "hooks/receiver", "interop/**", "okta/users@aiw", "@catalog"]
            .map(|case| format!("[[known]]\ncase = {case:?}\nfinding = [\"0123456789\"]\nreason = \"r\"\n"))
            .concat();
        let read = KnownList::parse(&text, Path::new("k"), &suites.plan, jiff::civil::date(2026, 11, 23));
        assert_eq!(read.unwrap_or_else(|error| panic!("{error}")).entries.len(), 5);
    }
}
