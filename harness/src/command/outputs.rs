//! The files that a command writes: no two of its options may name one, or the later would replace the earlier.

use super::Failure;
use crate::cli::{OutputArgs, RunArgs};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// An option that names a file to write, and the file if it does.
pub(super) type Named<'a> = (&'static str, Option<&'a Path>);

/// Returns the options of a run, or of something like one, that name files to write.
pub(super) fn of_run<'a>(output: &'a OutputArgs, run: Option<&'a RunArgs>) -> Vec<Named<'a>> {
    let OutputArgs { junit, json, html, markdown, har, ndjson, .. } = output;
    let reports = [
        ("--junit", junit),
        ("--json", json),
        ("--html", html),
        ("--markdown", markdown),
        ("--har", har),
        ("--ndjson", ndjson),
    ];
    let known = run.map(|run| ("--write-known", &run.write_known));
    reports.into_iter().chain(known).map(|(option, path)| (option, path.as_deref())).collect()
}

/// Checks that each option names a file of its own.
pub(super) fn are_distinct(named: &[Named<'_>]) -> Result<(), Failure> {
    let mut seen: Vec<(&str, PathBuf)> = Vec::new();
    for (option, path) in named.iter().filter_map(|(option, path)| Some((*option, (*path)?))) {
        // What is no file, such as /dev/null or a pipe, takes whatever comes.
        if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            continue;
        }
        let place = normalised(path);
        if let Some((other, _)) = seen.iter().find(|(_, taken)| *taken == place) {
            let file = path.display();
            return Err(Failure::Usage(format!("{other} and {option} name one file, {file}; each needs its own")));
        }
        seen.push((option, place));
    }
    Ok(())
}

/// Returns a path from the root, without detours; links are not followed, since the file need not be there yet.
fn normalised(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut place = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => {
                place.pop();
            }
            Component::CurDir => {}
            other => place.push(other),
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_one_however_it_is_written() {
        let told = |one: &str, other: &str| {
            let named = [("--junit", Some(Path::new(one))), ("--har", None), ("--json", Some(Path::new(other)))];
            are_distinct(&named).err().map(|failure| failure.to_string())
        };
        let here = std::env::current_dir().expect("a folder").join("a").display().to_string();
        for (one, other) in [("a", "a"), ("a", "./a"), ("out/../a", "a"), ("out//b/./c", "out/b/c"), ("a", &here)] {
            let told = told(one, other).unwrap_or_else(|| panic!("{one} {other}"));
            assert_eq!(told, format!("--junit and --json name one file, {other}; each needs its own"));
        }
        for (one, other) in [("a", "b"), ("a", "out/a"), ("/dev/null", "/dev/null")] {
            assert_eq!(told(one, other), None, "{one} {other}");
        }
    }
}
