//! All files → the plan, or everything that is wrong with them.

use crate::catalog::{Catalog, twice};
use crate::check::Checker;
use crate::diagnostic::{self as code, Diagnostic};
use crate::golden::{self, Golden};
use crate::plan::{Plan, Suite};
use crate::requires;
use crate::shape;
use crate::source::{SourceFile, Span};
use crate::story::is_story;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

/// Checks suite files (`.toml`) and the goldens (`.http`) beside them, and returns the plan they make.
///
/// The files of the catalog and files of other kinds are ignored, so that a whole folder can be given. On failure every
/// mistake is returned, sorted by file and place; a case with a mistake of shape is not looked at any further, so that
/// one slip is one diagnostic.
pub fn load(files: &[SourceFile], catalog: &Catalog) -> Result<Plan, Vec<Diagnostic>> {
    let mut mistakes = Vec::new();
    let plan = Loader::new(files, Some(catalog)).plan(&mut mistakes);
    finish(plan, mistakes)
}

/// Checks the catalog and the suites of one folder together: as [`Catalog::load`] and then [`load`], but with the
/// mistakes of all files.
pub fn load_all(files: &[SourceFile]) -> Result<(Plan, Catalog), Vec<Diagnostic>> {
    let mut mistakes = Vec::new();
    let catalog = Catalog::read(files, &mut mistakes);
    // What a broken catalog lacks is not the fault of the suites.
    let trusted = mistakes.is_empty().then_some(&catalog);
    let plan = Loader::new(files, trusted).plan(&mut mistakes);
    finish((plan, catalog), mistakes)
}

/// Reads every `.toml` and `.http` file below a folder, sorted by path.
pub fn read_folder(root: &Path) -> io::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    collect(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<SourceFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else if name.ends_with(".toml") || name.ends_with(".http") {
            let text = fs::read_to_string(entry.path())
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", entry.path().display())))?;
            files.push(SourceFile::new(name, text));
        }
    }
    Ok(())
}

fn finish<T>(loaded: T, mut mistakes: Vec<Diagnostic>) -> Result<T, Vec<Diagnostic>> {
    if mistakes.is_empty() {
        return Ok(loaded);
    }
    mistakes.sort_by_key(Diagnostic::order);
    // A golden that two cases share is one file with one mistake.
    mistakes.dedup();
    Err(mistakes)
}

struct Loader<'l> {
    suites: Vec<Arc<SourceFile>>,
    goldens: BTreeMap<String, Arc<SourceFile>>,
    catalog: Option<&'l Catalog>,
}

impl<'l> Loader<'l> {
    fn new(files: &[SourceFile], catalog: Option<&'l Catalog>) -> Self {
        let mut loader = Loader { suites: Vec::new(), goldens: BTreeMap::new(), catalog };
        for file in files {
            if file.path.ends_with(".http") {
                loader.goldens.insert(file.path.clone(), Arc::new(file.clone()));
            } else if file.path.ends_with(".toml") && !Catalog::owns(&file.path) && !is_story(file) {
                loader.suites.push(Arc::new(file.clone()));
            }
        }
        loader
    }

    fn plan(self, mistakes: &mut Vec<Diagnostic>) -> Plan {
        let goldens = self.read_goldens(mistakes);
        let mut plan = Plan { suites: Vec::new(), cases: Vec::new() };
        let mut names = Vec::new();
        let mut used = Vec::new();
        let mut all_whole = true;
        for file in &self.suites {
            let shaped = shape::suite(file, mistakes);
            all_whole &= shaped.as_ref().is_some_and(|shaped| shaped.whole);
            let Some(suite) = shaped.map(|shaped| shaped.suite) else { continue };
            names.push((suite.suite.get_ref().clone(), Span::new(file, suite.suite.span())));
            let mut checker = Checker::new(file, &goldens, self.catalog, mistakes);
            plan.cases.extend(checker.cases(&suite));
            used.extend(checker.used_goldens());
            plan.suites.push(Suite {
                name: suite.suite.into_inner(),
                title: suite.title.into_inner(),
                file: file.path.clone(),
            });
        }
        twice(&names, "suite", mistakes);
        if all_whole {
            self.unused(&used, mistakes);
        }
        // A case that was left out for its shape is not there to be required.
        requires::check(&plan.cases, all_whole, mistakes);
        plan.suites.sort_by(|a, b| a.name.cmp(&b.name));
        plan.cases.sort_by(|a, b| a.id.cmp(&b.id));
        plan
    }

    fn read_goldens(&self, mistakes: &mut Vec<Diagnostic>) -> BTreeMap<String, ReadGolden> {
        let read = |(path, file): (&String, &Arc<SourceFile>)| {
            let before = mistakes.len();
            let golden = golden::parse(file, mistakes);
            (path.clone(), ReadGolden { golden, whole: mistakes.len() == before })
        };
        self.goldens.iter().map(read).collect()
    }

    fn unused(&self, used: &[String], mistakes: &mut Vec<Diagnostic>) {
        for (path, file) in &self.goldens {
            if !used.contains(path) {
                let first_line = file.text.lines().next().map_or(0, str::len);
                mistakes.push(
                    Diagnostic::new(&code::UNUSED_GOLDEN, Span::new(file, 0..first_line), "no case uses this golden")
                        .label("compared with nothing"),
                );
            }
        }
    }
}

/// A golden as far as it could be read.
pub(crate) struct ReadGolden {
    pub(crate) golden: Golden,
    /// Whether all of it could.
    pub(crate) whole: bool,
}
