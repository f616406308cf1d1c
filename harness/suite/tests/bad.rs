//! For every diagnostic code, a file with that mistake and what the loader says about it.
//!
//! `BLESS=1` writes the `.stderr` files afresh; read the difference before you keep it.

use scim_suite::diagnostic::CODES;
use scim_suite::{Catalog, Diagnostic, SourceFile, load, read_folder};
use snapbox::Data;
use snapbox::assert::{Action, Assert};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const BAD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bad");

#[test]
fn every_bad_file_is_explained() {
    let catalog = catalog();
    for bad in bad_files() {
        let mistakes = if bad.is_of_catalog() {
            mistakes_of_catalog(&bad)
        } else {
            load(&bad.files, &catalog).expect_err(&bad.name)
        };
        assert!(!mistakes.is_empty(), "{}", bad.name);
        for mistake in &mistakes {
            assert_eq!(mistake.code(), bad.code(), "{}: {mistake}", bad.name);
        }
        let rendered: Vec<String> = mistakes.iter().map(|mistake| mistake.render(false)).collect();
        let action = if std::env::var_os("BLESS").is_some() { Action::Overwrite } else { Action::Verify };
        let kept = Data::read_from(&Path::new(BAD).join(format!("{}.stderr", bad.name)), None).raw();
        Assert::new().action(action).eq(rendered.join("\n\n") + "\n", kept);
    }
    let told: Vec<String> = paths("stderr").iter().map(|path| stem(path)).collect();
    let names: Vec<String> = bad_files().into_iter().map(|bad| bad.name).collect();
    assert_eq!(told, names, "what the loader said about a file that is gone is left over");
}

#[test]
fn every_code_has_a_bad_file_and_every_bad_file_a_code() {
    let codes: Vec<&str> = CODES.iter().map(|code| code.code()).collect();
    let files: Vec<String> = bad_files().into_iter().map(|bad| bad.code().to_owned()).collect();
    assert_eq!(codes, files);
}

#[test]
fn codes_explain_themselves() {
    assert!(CODES.is_sorted_by(|a, b| a.code() < b.code()));
    for code in CODES {
        assert!(!code.title().ends_with('.'), "{}", code.code());
        assert!(code.explanation().ends_with('.'), "{}", code.code());
        assert!(code.remedy().ends_with('.'), "{}", code.code());
    }
}

#[test]
fn the_mistakes_of_all_files_are_told_in_order() {
    let suites = bad_files().into_iter().filter(|bad| !bad.is_of_catalog());
    let all: Vec<SourceFile> = suites.flat_map(|bad| bad.files).collect();
    let mistakes = load(&all, &catalog()).expect_err("all of them are bad");
    let places: Vec<_> = mistakes.iter().map(|it| (it.span().path().to_owned(), it.span().range().start)).collect();
    assert!(places.is_sorted());
    // A golden nobody uses and a case nobody wrote are only told once every suite has its shape.
    let told: BTreeSet<&str> = mistakes.iter().map(Diagnostic::code).collect();
    let codes = CODES.iter().map(|code| code.code()).filter(|code| !is_of_catalog(code));
    let missing: Vec<&str> = codes.filter(|code| !told.contains(code)).collect();
    assert_eq!(missing, ["S051", "S064"]);
}

struct Bad {
    /// The name of the file without its extension, `S010-body-not-json`.
    name: String,
    files: Vec<SourceFile>,
}

impl Bad {
    fn code(&self) -> &str {
        &self.name[..4]
    }

    /// Whether the file is one of the catalog rather than a suite.
    fn is_of_catalog(&self) -> bool {
        is_of_catalog(self.code())
    }
}

/// Whether a code is about what the catalog lists.
fn is_of_catalog(code: &str) -> bool {
    ("S060".."S064").contains(&code) || code >= "S080"
}

/// Returns what is wrong with a catalog in itself, or beside a suite with one case.
fn mistakes_of_catalog(bad: &Bad) -> Vec<Diagnostic> {
    let plan = load(&[SourceFile::new("good.toml", GOOD)], &catalog_of(&[("references.toml", REFERENCES)]));
    let plan = plan.expect("a good suite");
    match Catalog::load(&bad.files) {
        Err(mistakes) => mistakes,
        Ok(catalog) => catalog.uncovered(&plan),
    }
}

/// A suite whose one case covers the row `C9290`.
const GOOD: &str = r#"
suite = "good"
title = "Nothing wrong"

[[case]]
id    = "one"
title = "Creating a user"
rule  = "The service provider answers."
ref   = ["C9290"]
level = "okta"

[[case.step]]
send = "GET /Users"
"#;

const REFERENCES: &str = r#"
[[reference]]
id = "C9290"
title = "A user is created"
url = "https://example.com/plan"
kind = "plan"
"#;

fn catalog_of(files: &[(&str, &str)]) -> Catalog {
    let files: Vec<SourceFile> = files.iter().map(|(path, text)| SourceFile::new(*path, *text)).collect();
    Catalog::load(&files).expect("a catalog")
}

/// The loader sees each file without its code in front, so that its suite can be named after it; a file of the catalog
/// has the name that the catalog knows.
fn bad_files() -> Vec<Bad> {
    let bad = |path: &PathBuf| {
        let name = stem(path);
        let seen = match &name[..4] {
            "S061" => Catalog::REFERENCES.to_owned(),
            code if is_of_catalog(code) => Catalog::PLAN.to_owned(),
            _ => format!("{}.toml", &name[5..]),
        };
        let mut files = vec![read(path, &seen)];
        let golden = path.with_extension("http");
        if golden.exists() {
            files.push(read(&golden, &format!("{}.http", &name[5..])));
        }
        Bad { name, files }
    };
    paths("toml").iter().map(bad).collect()
}

fn read(path: &Path, name: &str) -> SourceFile {
    SourceFile::new(name, std::fs::read_to_string(path).expect("a readable file"))
}

fn paths(extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(BAD).expect("a readable folder");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|it| it == extension)).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a file").to_string_lossy().into_owned()
}

fn catalog() -> Catalog {
    let files = read_folder(&Path::new(BAD).join("catalog")).expect("a readable folder");
    Catalog::load(&files).expect("a catalog")
}
