//! Reads a JSON report back: for comparing runs, for putting the parts of one together, for running again what failed.
//!
//! Fields it does not know are passed over, those it needs must be there. The file may come from anywhere, so its size is
//! bounded, and what its texts hold stays as untrusted as it was when it was written.

mod form;

use scim_record::{CaseRecord, RunInfo, Summary};
use serde::Deserialize;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A run as its JSON report tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// What was known when it began.
    pub info: RunInfo,
    /// Its cases, in the order of the report.
    pub cases: Vec<CaseRecord>,
    /// What was known when it had ended.
    pub summary: Summary,
}

/// Why a report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be opened or read.
    #[error("{}: the report cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is larger than any report.
    #[error("{}: a report has at most {} MB, and this file has more", path.display(), most / 1_000_000)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound, in bytes.
        most: u64,
    },
    /// The file is no JSON report, or lacks something that is needed.
    #[error("{}:{line}:{column}: {what} (a report is what --json writes)", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Where reading stopped, counted from 1.
        line: usize,
        /// Where in the line, counted from 1.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// The report is of another version than this program writes.
    #[error(
        "{}: the report has schema version {found}, and this program reads {known}; write it again with this program, \
         or read it with the one that wrote it ({version})", path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The schema version that is read.
        known: u32,
        /// The version of the program that wrote it.
        version: String,
    },
}

/// Reads the JSON report at `path`.
///
/// # Errors
/// If there is no such file, it is too large, or it is no report of this schema version.
pub fn read(path: &Path) -> Result<PastRun, ReadError> {
    let bytes = bytes(path, MOST)?;
    let malformed = |cause: serde_json::Error| {
        let text = cause.to_string();
        // The place is told in front, as compilers do.
        let what = text.split(" at line ").next().unwrap_or(&text).to_owned();
        ReadError::Form { path: path.to_owned(), line: cause.line(), column: cause.column(), what }
    };
    let head: Head = serde_json::from_slice(&bytes).map_err(malformed)?;
    if head.schema_version != crate::json::SCHEMA_VERSION {
        return Err(ReadError::Version {
            path: path.to_owned(),
            found: head.schema_version,
            known: crate::json::SCHEMA_VERSION,
            version: head.version,
        });
    }
    let report: form::Report = serde_json::from_slice(&bytes).map_err(malformed)?;
    Ok(report.into())
}

fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let failed = |source| ReadError::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    // What claims to be small may be a pipe, so the bound is on what is read.
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(ReadError::TooLarge { path: path.to_owned(), most });
    }
    Ok(bytes)
}

/// What every version of the report has.
#[derive(Deserialize)]
struct Head {
    schema_version: u32,
    version: String,
}

/// The largest report that is read: thirty times a full run's.
const MOST: u64 = 500_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn error(text: &str) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        fs::write(&path, text).expect("a file");
        let told = read(&path).expect_err("no report").to_string();
        told.replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn an_error_names_file_line_and_column() {
        for (text, told) in [
            ("", "report.json:1:0: EOF while parsing a value (a report is what --json writes)"),
            ("[1", "report.json:1:2: EOF while parsing a list"),
            ("{\n \"schema_version\": 1,\n \"version\": 3 }", "report.json:3:13: invalid type: integer `3`"),
            ("{ \"version\": \"1\" }", "report.json:1:18: missing field `schema_version`"),
            ("{ \"schema_version\": 1, \"version\": \"1\" }", "report.json:1:39: missing field `target`"),
        ] {
            assert!(error(text).starts_with(told), "{text}: {}", error(text));
        }
    }

    #[test]
    fn another_schema_version_is_told_with_the_program_that_wrote_it() {
        let told = error(r#"{ "schema_version": 7, "version": "9.1.0", "cases": 3 }"#);
        assert!(told.contains("schema version 7") && told.contains("9.1.0"), "{told}");
    }

    #[test]
    fn a_file_beyond_the_bound_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        fs::write(&path, "x".repeat(11)).expect("a file");
        assert!(matches!(bytes(&path, 10), Err(ReadError::TooLarge { .. })));
        assert_eq!(bytes(&path, 11).expect("just small enough").len(), 11);
    }
}
