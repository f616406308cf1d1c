//! What cases refer to: where rules come from, and the bugs of real servers.

use crate::diagnostic::{self as code, Diagnostic};
use crate::file::{BugTable, ReferenceTable};
use crate::shape;
use crate::source::{SourceFile, Span};
use serde::Deserialize;
use std::sync::Arc;

/// The references and the vendor bugs that cases name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Where rules come from, in the order written.
    pub references: Vec<Reference>,
    /// Bugs of real servers, in the order written.
    pub bugs: Vec<VendorBug>,
}

/// A source of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What cases call it, for example `RFC7644 3.3`.
    pub id: String,
    /// What it is, in a few words.
    pub title: String,
    /// Where to read it.
    pub url: String,
    /// Who wrote it.
    pub kind: ReferenceKind,
}

/// Who wrote a source of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferenceKind {
    /// A clause of a standard.
    Rfc,
    /// Something Okta publishes, or its client was seen to do.
    Okta,
    /// A case of the test plan of the Okta Integration Network.
    Plan,
}

/// A bug of a real server, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorBug {
    /// The number by which cases name it; permanent.
    pub row: u32,
    /// Whose bug it is.
    pub project: String,
    /// Where it was reported.
    pub url: String,
    /// What Okta sent.
    pub sent: String,
    /// What the server did wrong.
    pub wrong: String,
    /// What a test must check to find it.
    pub check: String,
    /// What the report rests on.
    pub evidence: String,
}

impl ReferenceKind {
    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            ReferenceKind::Rfc => "rfc",
            ReferenceKind::Okta => "okta",
            ReferenceKind::Plan => "plan",
        }
    }
}

impl Catalog {
    /// The file with the references, below the suites' root.
    pub const REFERENCES: &'static str = "references.toml";
    /// The file with the vendor bugs, below the suites' root.
    pub const VENDOR_BUGS: &'static str = "vendor-bugs.toml";

    /// Reads the catalog from the two files of it that are among `files`; others are ignored.
    pub fn load(files: &[SourceFile]) -> Result<Catalog, Vec<Diagnostic>> {
        let mut mistakes = Vec::new();
        let catalog = Catalog::read(files, &mut mistakes);
        if mistakes.is_empty() { Ok(catalog) } else { Err(mistakes) }
    }

    /// Returns the reference with this id.
    pub fn reference(&self, id: &str) -> Option<&Reference> {
        self.references.iter().find(|reference| reference.id == id)
    }

    /// Returns the vendor bug of this row.
    pub fn bug(&self, row: u32) -> Option<&VendorBug> {
        self.bugs.iter().find(|bug| bug.row == row)
    }

    /// Whether the file belongs to the catalog, by its path.
    pub(crate) fn owns(path: &str) -> bool {
        path == Catalog::REFERENCES || path == Catalog::VENDOR_BUGS
    }

    /// Returns what can be read; mistakes are added to `mistakes`.
    pub(crate) fn read(files: &[SourceFile], mistakes: &mut Vec<Diagnostic>) -> Catalog {
        let file = |path| files.iter().find(|file| file.path == path).cloned().map(Arc::new);
        Catalog {
            references: file(Catalog::REFERENCES).map(|file| references(&file, mistakes)).unwrap_or_default(),
            bugs: file(Catalog::VENDOR_BUGS).map(|file| bugs(&file, mistakes)).unwrap_or_default(),
        }
    }
}

fn references(file: &Arc<SourceFile>, mistakes: &mut Vec<Diagnostic>) -> Vec<Reference> {
    let tables: Vec<ReferenceTable> = shape::list(file, "reference", mistakes);
    let ids: Vec<_> = tables.iter().map(|table| (table.id.get_ref(), Span::new(file, table.id.span()))).collect();
    twice(&ids, "reference", mistakes);
    let reference = |table: ReferenceTable| Reference {
        id: table.id.into_inner(),
        title: table.title,
        url: table.url,
        kind: table.kind,
    };
    tables.into_iter().map(reference).collect()
}

fn bugs(file: &Arc<SourceFile>, mistakes: &mut Vec<Diagnostic>) -> Vec<VendorBug> {
    let tables: Vec<BugTable> = shape::list(file, "bug", mistakes);
    let rows: Vec<_> = tables.iter().map(|table| (table.row.get_ref(), Span::new(file, table.row.span()))).collect();
    twice(&rows, "row", mistakes);
    let bug = |table: BugTable| VendorBug {
        row: table.row.into_inner(),
        project: table.project,
        url: table.url,
        sent: table.sent,
        wrong: table.wrong,
        check: table.check,
        evidence: table.evidence,
    };
    tables.into_iter().map(bug).collect()
}

/// Reports every id that an earlier entry has.
pub(crate) fn twice<Id: Eq + std::fmt::Display>(ids: &[(Id, Span)], what: &str, mistakes: &mut Vec<Diagnostic>) {
    for (index, (id, span)) in ids.iter().enumerate() {
        if let Some((_, first)) = ids[..index].iter().find(|(earlier, _)| earlier == id) {
            mistakes.push(
                Diagnostic::new(&code::DUPLICATE_ID, span.clone(), format!("the {what} `{id}` is there twice"))
                    .label("used again here")
                    .context(first.clone(), "first used here"),
            );
        }
    }
}
