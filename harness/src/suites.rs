//! The suites: those embedded in the program, and files of the user's own beside them.

use scim_suite::{Catalog, Diagnostic, Plan, SourceFile};
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};
use thiserror::Error;

/// Every suite of a run, checked.
#[derive(Debug)]
pub struct Suites {
    /// The cases.
    pub plan: Plan,
    /// What their references and vendor bugs mean.
    pub catalog: Catalog,
}

/// Why the suites cannot be run.
#[derive(Debug, Error)]
pub enum SuitesError {
    /// A file or folder cannot be read.
    #[error("error: the suite {path} cannot be read: {cause}")]
    Unreadable {
        /// The path as given.
        path: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// There is nothing to load.
    #[error("error: {path} holds no suite: suites are files that end in .toml")]
    Empty {
        /// The path as given.
        path: String,
    },
    /// The files are wrong.
    #[error("{}", Rendered(.0))]
    Wrong(Vec<Diagnostic>),
}

struct Rendered<'d>(&'d [Diagnostic]);

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in self.0 {
            writeln!(f, "{}\n", mistake.render(false))?;
        }
        let files = if self.0.len() == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} {files} in the suites; `rehearsal explain S…` says more about a code", self.0.len())
    }
}

/// Loads the embedded suites and these files or folders beside them.
///
/// # Errors
/// If a path cannot be read or holds no suite, or if anything in the files is wrong; every mistake is told at once.
pub fn load(extra: &[PathBuf]) -> Result<Suites, SuitesError> {
    let mut files: Vec<SourceFile> = EMBEDDED.iter().map(|(path, text)| SourceFile::new(*path, *text)).collect();
    for path in extra {
        let before = files.len();
        read(path, path, &mut files)?;
        if !files[before..].iter().any(|file| file.path.ends_with(".toml")) {
            return Err(SuitesError::Empty { path: path.display().to_string() });
        }
    }
    let catalog = Catalog::load(&files).map_err(SuitesError::Wrong)?;
    let plan = scim_suite::load(&files, &catalog).map_err(SuitesError::Wrong)?;
    Ok(Suites { plan, catalog })
}

/// Returns what references, vendor bugs and rows of the test plan mean.
///
/// # Errors
/// If a file of the catalog has a mistake.
pub fn catalog() -> Result<Catalog, SuitesError> {
    let files: Vec<SourceFile> = embedded().map(|(path, text)| SourceFile::new(path, text)).collect();
    Catalog::load(&files).map_err(SuitesError::Wrong)
}

/// Returns path and text of every embedded file.
pub(crate) fn embedded() -> impl Iterator<Item = (&'static str, &'static str)> {
    EMBEDDED.iter().copied()
}

/// Reads a file, or every suite file below a folder, under its path relative to `root`.
fn read(path: &Path, root: &Path, into: &mut Vec<SourceFile>) -> Result<(), SuitesError> {
    let unreadable = |cause| SuitesError::Unreadable { path: path.display().to_string(), cause };
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = fs::read_dir(path)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .map_err(unreadable)?;
        entries.sort();
        return entries.iter().try_for_each(|entry| read(entry, root, into));
    }
    let is_suite = path.extension().is_some_and(|ending| ending == "toml" || ending == "http");
    if is_suite || path == root {
        let text = fs::read_to_string(path).map_err(unreadable)?;
        let below = path.strip_prefix(root).ok().filter(|below| !below.as_os_str().is_empty());
        let name = below.unwrap_or_else(|| Path::new(path.file_name().unwrap_or(path.as_os_str())));
        into.push(SourceFile::new(name.to_string_lossy().replace('\\', "/"), text));
    }
    Ok(())
}

/// Path and text of every suite file of this source tree.
static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/suites.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_suites_are_without_a_mistake() {
        let suites = load(&[]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        assert!(!suites.plan.cases.is_empty());
    }

    #[test]
    fn a_broken_file_is_told_with_line_and_column() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("mine.toml");
        fs::write(&file, "suite = \"mine\"\ntitle = \"Mine\"\n\n[[case]]\nid = 7\n").expect("it can be written");
        let told = load(&[file]).expect_err("the id is no string").to_string();
        assert!(told.contains("mine.toml:5:6"), "{told}");
    }
}
