//! What the suites promise to look at: the demands of the standards, the checks of other testers, and what comes of each.

use crate::catalog::{Reference, ReferenceKind, not_empty, twice};
use crate::diagnostic::{self as code, Diagnostic};
use crate::file::{PeerCheckTable, RequirementTable};
use crate::plan::{Case, Plan};
use crate::shape;
use crate::source::{SourceFile, Span, Spanned};
use crate::word::Level;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One demand of a standard, or of Okta, on a service provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The number it has among the demands of its section, for example `7644-3.3-04`; cases name it in their `ref`.
    pub id: String,
    /// Where it is written, for example `RFC7644 3.3`.
    pub source: String,
    /// Where to read it.
    pub url: String,
    /// How binding it is.
    pub level: Level,
    /// What a breach of it is worth.
    pub breach: Breach,
    /// The demand in our words.
    pub rule: String,
    /// What is no breach of it.
    pub tolerate: Option<String>,
    /// Why no case looks at it, if none does.
    pub uncovered: Option<String>,
    /// Where the id is written.
    pub span: Span,
}

/// What the suites make of a breach under the gate `rfc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breach {
    /// An undisputed MUST is broken.
    Fail,
    /// A SHOULD is broken, or a MUST that readers dispute.
    Warn,
    /// The standard leaves it open; what the server does is told as its dialect.
    Note,
    /// A rule for clients, which our own keeps.
    Client,
    /// Nothing shows it from outside.
    Unseen,
}

/// Something that another tester asserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCheck {
    /// Its number, for example `C-04`.
    pub id: String,
    /// What it is about, for example `Discovery`.
    pub area: String,
    /// What is asserted.
    pub asserts: String,
    /// Where that is written, as far as it is; `–` if nowhere.
    pub source: String,
    /// The demands or cases that stand for it.
    pub by: Vec<Spanned<String>>,
    /// Why a good suite does not assert it.
    pub inapplicable: Option<String>,
    /// Why no case looks at it, although one could.
    pub uncovered: Option<String>,
    /// Where the id is written.
    pub span: Span,
}

/// What stands for a row: cases, or a reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing<'p> {
    /// These cases look at it.
    Covered(Vec<&'p Case>),
    /// No case should: the reason.
    Outside(&'p str),
    /// No case does: the reason.
    Reasoned(&'p str),
    /// No case does, and nobody says why.
    Open,
}

/// How many rows stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Rows with a case.
    pub covered: usize,
    /// Rows that no case should look at.
    pub outside: usize,
    /// Rows without a case, with a reason.
    pub reasoned: usize,
    /// Rows without a case and without a reason.
    pub open: usize,
}

impl Coverage {
    /// Counts.
    pub fn of<'p>(standings: impl IntoIterator<Item = Standing<'p>>) -> Coverage {
        let mut coverage = Coverage::default();
        for standing in standings {
            *match standing {
                Standing::Covered(_) => &mut coverage.covered,
                Standing::Outside(_) => &mut coverage.outside,
                Standing::Reasoned(_) => &mut coverage.reasoned,
                Standing::Open => &mut coverage.open,
            } += 1;
        }
        coverage
    }

    /// Returns how many rows a case could look at.
    pub fn applicable(&self) -> usize {
        self.covered + self.reasoned + self.open
    }

    /// Returns the covered rows in percent of those a case could look at.
    pub fn percent(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "there are some hundred rows")]
        let share = self.covered as f64 / self.applicable().max(1) as f64;
        share * 100.0
    }
}

impl Breach {
    /// Returns what becomes of a breach of a demand that is as binding as this, in a few words.
    pub fn meaning(self, level: Level) -> &'static str {
        match self {
            // The gate `okta` is about nothing else, and the others are about that as well.
            Breach::Fail if level == Level::Okta => "a breach fails under every gate",
            Breach::Fail => "a breach fails under the gates rfc and strict",
            Breach::Warn => "a breach is warned of: readers of the standard differ, or it is a recommendation",
            Breach::Note => "left open: what the server does is told as its dialect",
            Breach::Client => "a rule for clients",
            Breach::Unseen => "nothing shows it from outside",
        }
    }

    /// Returns why no case looks at such a demand, if none should.
    fn outside(self) -> Option<&'static str> {
        match self {
            Breach::Client => Some("a rule for clients, which our own client keeps"),
            Breach::Unseen => Some("nothing shows it from outside"),
            Breach::Fail | Breach::Warn | Breach::Note => None,
        }
    }
}

impl Requirement {
    /// Returns what stands for the demand in a plan.
    pub fn standing<'p>(&'p self, plan: &'p Plan) -> Standing<'p> {
        let cases: Vec<&Case> = plan.cases.iter().filter(|case| case.refs.contains(&self.id)).collect();
        match (cases.is_empty(), &self.uncovered, self.breach.outside()) {
            (false, ..) => Standing::Covered(cases),
            (true, _, Some(reason)) => Standing::Outside(self.uncovered.as_deref().unwrap_or(reason)),
            (true, Some(reason), None) => Standing::Reasoned(reason),
            (true, None, None) => Standing::Open,
        }
    }

    /// Returns the demand as a source of rules.
    fn reference(&self) -> Reference {
        Reference {
            id: self.id.clone(),
            title: format!("{}: {}", self.source, self.rule),
            url: self.url.clone(),
            kind: ReferenceKind::Requirement,
            span: self.span.clone(),
        }
    }
}

impl PeerCheck {
    /// Returns what stands for the check in a plan: all that its `by` names must have a case.
    pub fn standing<'p>(&'p self, plan: &'p Plan) -> Standing<'p> {
        let named = |name: &str| -> Vec<&'p Case> {
            plan.cases.iter().filter(|case| case.id == name || case.refs.iter().any(|id| id == name)).collect()
        };
        let cases: Vec<Vec<&Case>> = self.by.iter().map(|name| named(&name.value)).collect();
        let is_covered = !cases.is_empty() && cases.iter().all(|cases| !cases.is_empty());
        match (&self.inapplicable, is_covered, &self.uncovered) {
            (Some(reason), ..) => Standing::Outside(reason),
            (None, true, _) => {
                let mut seen = BTreeSet::new();
                Standing::Covered(cases.into_iter().flatten().filter(|case| seen.insert(case.id.as_str())).collect())
            }
            (None, false, Some(reason)) => Standing::Reasoned(reason),
            (None, false, None) => Standing::Open,
        }
    }
}

/// Reads the demands.
pub(crate) fn requirements(file: &Arc<SourceFile>, mistakes: &mut Vec<Diagnostic>) -> Vec<Requirement> {
    let tables: Vec<RequirementTable> = shape::list(file, "requirement", mistakes);
    let ids: Vec<_> = tables.iter().map(|table| (table.id.get_ref(), Span::new(file, table.id.span()))).collect();
    twice(&ids, "requirement", mistakes);
    for text in tables.iter().filter_map(|table| table.uncovered.as_ref()) {
        not_empty(file, "uncovered", text, mistakes);
    }
    let requirement = |table: RequirementTable| Requirement {
        span: Span::new(file, table.id.span()),
        id: table.id.into_inner(),
        source: table.source,
        url: table.url,
        level: table.level,
        breach: table.breach,
        rule: table.rule,
        tolerate: table.tolerate,
        uncovered: table.uncovered.map(toml::Spanned::into_inner),
    };
    tables.into_iter().map(requirement).collect()
}

/// Returns the demands as sources of rules, which cases may name like any other.
pub(crate) fn references(requirements: &[Requirement]) -> impl Iterator<Item = Reference> {
    requirements.iter().map(Requirement::reference)
}

/// Reads the checks of other testers.
pub(crate) fn peer_checks(file: &Arc<SourceFile>, mistakes: &mut Vec<Diagnostic>) -> Vec<PeerCheck> {
    let tables: Vec<PeerCheckTable> = shape::list(file, "check", mistakes);
    let ids: Vec<_> = tables.iter().map(|table| (table.id.get_ref(), Span::new(file, table.id.span()))).collect();
    twice(&ids, "check", mistakes);
    for table in &tables {
        for (key, text) in [("inapplicable", &table.inapplicable), ("uncovered", &table.uncovered)] {
            if let Some(text) = text {
                not_empty(file, key, text, mistakes);
            }
        }
    }
    let by = |name: toml::Spanned<String>| {
        let span = Span::new(file, name.span());
        Spanned::new(name.into_inner(), span)
    };
    let check = |table: PeerCheckTable| PeerCheck {
        span: Span::new(file, table.id.span()),
        id: table.id.into_inner(),
        area: table.area,
        asserts: table.asserts,
        source: table.source,
        by: table.by.into_iter().map(by).collect(),
        inapplicable: table.inapplicable.map(toml::Spanned::into_inner),
        uncovered: table.uncovered.map(toml::Spanned::into_inner),
    };
    tables.into_iter().map(check).collect()
}

/// Returns a diagnostic for every row that is open, every reason that is needless, and every name in a `by` that is
/// neither a demand nor a case.
pub(crate) fn gaps(requirements: &[Requirement], checks: &[PeerCheck], plan: &Plan) -> Vec<Diagnostic> {
    let of_requirements = requirements.iter().filter_map(|row| {
        let what = format!("{}: {}", row.id, row.rule);
        gap(&what, "ref", &row.standing(plan), row.uncovered.is_some(), &row.span)
    });
    let of_checks = checks.iter().filter_map(|row| {
        let what = format!("{}: {}", row.id, row.asserts);
        gap(&what, "by", &row.standing(plan), row.uncovered.is_some(), &row.span)
    });
    let known: BTreeMap<&str, ()> = requirements
        .iter()
        .map(|row| row.id.as_str())
        .chain(plan.cases.iter().map(|case| case.id.as_str()))
        .map(|name| (name, ()))
        .collect();
    let strangers = checks.iter().flat_map(|row| &row.by).filter(|name| !known.contains_key(name.value.as_str()));
    let of_names = strangers.map(|name| {
        let message = format!("`{}` is neither a demand nor a case", name.value);
        Diagnostic::new(&code::UNKNOWN_REFERENCE, name.span.clone(), message).label("stands for nothing")
    });
    of_requirements.chain(of_checks).chain(of_names).collect()
}

fn gap(what: &str, key: &str, standing: &Standing<'_>, has_reason: bool, span: &Span) -> Option<Diagnostic> {
    match standing {
        Standing::Open => Some(
            Diagnostic::new(&code::UNCOVERED, span.clone(), format!("no case looks at {what}"))
                .label(format!("no case by its `{key}`"))
                .help("name it in a case, or say why not in `uncovered = \"…\"`"),
        ),
        Standing::Covered(_) if has_reason => Some(
            Diagnostic::new(&code::NEEDLESS_REASON, span.clone(), format!("a case does look at {what}"))
                .label("yet `uncovered` says why none does")
                .help("remove `uncovered`"),
        ),
        _ => None,
    }
}
