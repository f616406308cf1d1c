//! What cases refer to: where rules come from, the rows of Okta's test plan, and the bugs of real servers.

use crate::diagnostic::{self as code, Diagnostic};
use crate::file::{BugTable, ClassWord, PlanTable, ReferenceTable};
use crate::requirement::{self, PeerCheck, Requirement};
use crate::shape;
use crate::source::{SourceFile, Span};
use serde::Deserialize;
use std::sync::Arc;

/// The references, demands, rows of the test plan and vendor bugs that cases name, and what other testers check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Where rules come from, in the order written; the demands stand at the end.
    pub references: Vec<Reference>,
    /// What the standards and Okta demand, in the order written.
    pub requirements: Vec<Requirement>,
    /// What other testers assert, in the order written.
    pub peer_checks: Vec<PeerCheck>,
    /// Rows of the test plan of the Okta Integration Network, in the order written.
    pub plan: Vec<PlanRow>,
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
    /// Where the id is written.
    pub span: Span,
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
    /// A single demand of any of them.
    #[serde(skip)]
    Requirement,
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
    /// Why no case looks for it, if none does.
    pub uncovered: Option<String>,
    /// Where the row is written.
    pub span: Span,
}

/// A case of the manual test plan of the Okta Integration Network, in our own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// The number it has there, for example `C9290`; cases name it in their `ref`.
    pub id: String,
    /// What is tested, in a few words.
    pub title: String,
    /// The feature it belongs to, for example `group push`.
    pub feature: String,
    /// Who does it.
    pub class: PlanClass,
    /// Why no case does it, if none does although one could.
    pub uncovered: Option<String>,
    /// Where the id is written.
    pub span: Span,
}

/// Who does a row of the test plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanClass {
    /// Cases do all of it.
    Auto {
        /// How.
        how: String,
    },
    /// Cases do a part of it.
    Part {
        /// How.
        how: String,
        /// What a human still does.
        left: String,
    },
    /// No case can do it.
    Human {
        /// What a human does.
        left: String,
    },
}

impl PlanClass {
    /// Returns the word.
    pub fn name(&self) -> &'static str {
        match self {
            PlanClass::Auto { .. } => "auto",
            PlanClass::Part { .. } => "part",
            PlanClass::Human { .. } => "human",
        }
    }

    /// Returns how cases do it, unless none can.
    pub fn how(&self) -> Option<&str> {
        match self {
            PlanClass::Auto { how } | PlanClass::Part { how, .. } => Some(how),
            PlanClass::Human { .. } => None,
        }
    }

    /// Returns what a human still does, unless cases do all of it.
    pub fn left(&self) -> Option<&str> {
        match self {
            PlanClass::Part { left, .. } | PlanClass::Human { left } => Some(left),
            PlanClass::Auto { .. } => None,
        }
    }
}

impl ReferenceKind {
    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            ReferenceKind::Rfc => "rfc",
            ReferenceKind::Okta => "okta",
            ReferenceKind::Plan => "plan",
            ReferenceKind::Requirement => "requirement",
        }
    }
}

impl Catalog {
    /// The file with the references, below the suites' root.
    pub const REFERENCES: &'static str = "references.toml";
    /// The file with the rows of the test plan, below the suites' root.
    pub const PLAN: &'static str = "plan.toml";
    /// The file with the vendor bugs, below the suites' root.
    pub const VENDOR_BUGS: &'static str = "vendor-bugs.toml";
    /// The file with the demands, below the suites' root.
    pub const REQUIREMENTS: &'static str = "requirements.toml";
    /// The file with what other testers assert, below the suites' root.
    pub const PEER_CHECKS: &'static str = "peer-checks.toml";

    /// Reads the catalog from those files of it that are among `files`; others are ignored.
    pub fn load(files: &[SourceFile]) -> Result<Catalog, Vec<Diagnostic>> {
        let mut mistakes = Vec::new();
        let catalog = Catalog::read(files, &mut mistakes);
        if mistakes.is_empty() { Ok(catalog) } else { Err(mistakes) }
    }

    /// Returns the reference with this id.
    pub fn reference(&self, id: &str) -> Option<&Reference> {
        self.references.iter().find(|reference| reference.id == id)
    }

    /// Returns the demand with this id.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.id == id)
    }

    /// Returns the row of the test plan with this id.
    pub fn plan_row(&self, id: &str) -> Option<&PlanRow> {
        self.plan.iter().find(|row| row.id == id)
    }

    /// Returns the vendor bug of this row.
    pub fn bug(&self, row: u32) -> Option<&VendorBug> {
        self.bugs.iter().find(|bug| bug.row == row)
    }

    /// Whether the file belongs to the catalog, by its path.
    pub(crate) fn owns(path: &str) -> bool {
        let own =
            [Catalog::REFERENCES, Catalog::PLAN, Catalog::VENDOR_BUGS, Catalog::REQUIREMENTS, Catalog::PEER_CHECKS];
        own.contains(&path)
    }

    /// Returns what can be read; mistakes are added to `mistakes`.
    pub(crate) fn read(files: &[SourceFile], mistakes: &mut Vec<Diagnostic>) -> Catalog {
        let file = |path| files.iter().find(|file| file.path == path).cloned().map(Arc::new);
        let mut references: Vec<Reference> =
            file(Catalog::REFERENCES).map(|file| references(&file, mistakes)).unwrap_or_default();
        let requirements: Vec<Requirement> =
            file(Catalog::REQUIREMENTS).map(|file| requirement::requirements(&file, mistakes)).unwrap_or_default();
        references.extend(requirement::references(&requirements));
        let peer_checks = file(Catalog::PEER_CHECKS).map(|file| requirement::peer_checks(&file, mistakes));
        Catalog {
            references,
            requirements,
            peer_checks: peer_checks.unwrap_or_default(),
            plan: file(Catalog::PLAN).map(|file| plan(&file, mistakes)).unwrap_or_default(),
            bugs: file(Catalog::VENDOR_BUGS).map(|file| bugs(&file, mistakes)).unwrap_or_default(),
        }
    }
}

fn references(file: &Arc<SourceFile>, mistakes: &mut Vec<Diagnostic>) -> Vec<Reference> {
    let tables: Vec<ReferenceTable> = shape::list(file, "reference", mistakes);
    let ids: Vec<_> = tables.iter().map(|table| (table.id.get_ref(), Span::new(file, table.id.span()))).collect();
    twice(&ids, "reference", mistakes);
    let reference = |table: ReferenceTable| Reference {
        span: Span::new(file, table.id.span()),
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
    for reason in tables.iter().filter_map(|table| table.uncovered.as_ref()) {
        not_empty(file, "uncovered", reason, mistakes);
    }
    let bug = |table: BugTable| VendorBug {
        span: Span::new(file, table.row.span()),
        row: table.row.into_inner(),
        project: table.project,
        url: table.url,
        sent: table.sent,
        wrong: table.wrong,
        check: table.check,
        evidence: table.evidence,
        uncovered: table.uncovered.map(toml::Spanned::into_inner),
    };
    tables.into_iter().map(bug).collect()
}

fn plan(file: &Arc<SourceFile>, mistakes: &mut Vec<Diagnostic>) -> Vec<PlanRow> {
    let tables: Vec<PlanTable> = shape::list(file, "row", mistakes);
    let ids: Vec<_> = tables.iter().map(|table| (table.id.get_ref(), Span::new(file, table.id.span()))).collect();
    twice(&ids, "row", mistakes);
    tables.into_iter().filter_map(|table| plan_row(file, table, mistakes)).collect()
}

fn plan_row(file: &Arc<SourceFile>, table: PlanTable, mistakes: &mut Vec<Diagnostic>) -> Option<PlanRow> {
    let texts = [
        ("title", Some(&table.title)),
        ("feature", Some(&table.feature)),
        ("how", table.how.as_ref()),
        ("left", table.left.as_ref()),
        ("uncovered", table.uncovered.as_ref()),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            not_empty(file, key, text, mistakes);
        }
    }
    let span = Span::new(file, table.id.span());
    let id = table.id.get_ref();
    if !id.strip_prefix('C').is_some_and(|number| !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit())) {
        mistakes.push(
            Diagnostic::new(&code::BAD_PLAN_ROW, span.clone(), format!("`{id}` is no id of the test plan"))
                .label("expected `C` and a number"),
        );
    }
    let class = plan_class(file, &table, mistakes)?;
    Some(PlanRow {
        id: table.id.into_inner(),
        title: table.title.into_inner(),
        feature: table.feature.into_inner(),
        class,
        uncovered: table.uncovered.map(toml::Spanned::into_inner),
        span,
    })
}

/// Returns the class with the texts it needs, if it has exactly these.
fn plan_class(file: &Arc<SourceFile>, table: &PlanTable, mistakes: &mut Vec<Diagnostic>) -> Option<PlanClass> {
    let class = *table.class.get_ref();
    let texts = [
        ("how", table.how.as_ref(), class != ClassWord::Human, true),
        ("left", table.left.as_ref(), class != ClassWord::Auto, true),
        ("uncovered", table.uncovered.as_ref(), class != ClassWord::Human, false),
    ];
    let before = mistakes.len();
    let word = Span::new(file, table.class.span());
    for (key, text, fits, needed) in texts {
        match text {
            Some(text) if !fits => {
                let message = format!("a row of this class has no `{key}`");
                let span = Span::new(file, text.span());
                mistakes.push(
                    Diagnostic::new(&code::BAD_PLAN_ROW, span, message)
                        .label("does not fit the class")
                        .context(word.clone(), "the class"),
                );
            }
            None if fits && needed => {
                let message = format!("a row of this class needs `{key}`");
                mistakes.push(
                    Diagnostic::new(&code::BAD_PLAN_ROW, word.clone(), message).label(format!("add `{key} = …`")),
                );
            }
            _ => {}
        }
    }
    if mistakes.len() > before {
        return None;
    }
    let how = table.how.as_ref().map(|how| how.get_ref().clone());
    let left = table.left.as_ref().map(|left| left.get_ref().clone());
    match class {
        ClassWord::Auto => Some(PlanClass::Auto { how: how? }),
        ClassWord::Part => Some(PlanClass::Part { how: how?, left: left? }),
        ClassWord::Human => Some(PlanClass::Human { left: left? }),
    }
}

pub(crate) fn not_empty(
    file: &Arc<SourceFile>,
    key: &str,
    text: &toml::Spanned<String>,
    mistakes: &mut Vec<Diagnostic>,
) {
    if text.get_ref().trim().is_empty() {
        let span = Span::new(file, text.span());
        mistakes.push(Diagnostic::new(&code::EMPTY_TEXT, span, format!("`{key}` is empty")).label("says nothing"));
    }
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
