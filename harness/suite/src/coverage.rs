//! Whether the suites look at everything the catalog lists, or the catalog says why not.
//!
//! The rows of the catalog are a promise of these suites, not of those that people load beside them. So nothing here is
//! a mistake of a file: the tests of the suites ask, and nobody else.

use crate::catalog::{Catalog, PlanClass, ReferenceKind};
use crate::diagnostic::{self as code, Diagnostic};
use crate::plan::Plan;
use crate::requirement;
use crate::source::Span;
use std::collections::BTreeSet;

impl Catalog {
    /// Returns a diagnostic for every row of the test plan and every vendor bug that no case of the plan names and that
    /// has no reason for it in `uncovered`, for every such reason that a case has made needless, and for every reference
    /// to a row that the test plan does not have; sorted by file and place.
    pub fn uncovered(&self, plan: &Plan) -> Vec<Diagnostic> {
        let refs: BTreeSet<&str> = plan.cases.iter().flat_map(|case| &case.refs).map(String::as_str).collect();
        let bugs: BTreeSet<u32> = plan.cases.iter().flat_map(|case| &case.bugs).copied().collect();
        let rows = self.plan.iter().filter(|row| !matches!(row.class, PlanClass::Human { .. }));
        let of_rows = rows.filter_map(|row| {
            let what = format!("{}: {}", row.id, row.title);
            gap(&what, "ref", refs.contains(row.id.as_str()), row.uncovered.as_deref(), &row.span)
        });
        let of_bugs = self.bugs.iter().filter_map(|bug| {
            let what = format!("vendor bug {}: {}", bug.row, bug.wrong);
            gap(&what, "bugs", bugs.contains(&bug.row), bug.uncovered.as_deref(), &bug.span)
        });
        let mut gaps: Vec<Diagnostic> = of_rows.chain(of_bugs).chain(self.unknown_rows()).collect();
        gaps.sort_by_key(Diagnostic::order);
        gaps
    }

    fn unknown_rows(&self) -> impl Iterator<Item = Diagnostic> {
        let of_plan = self.references.iter().filter(|reference| reference.kind == ReferenceKind::Plan);
        of_plan.filter(|reference| self.plan_row(&reference.id).is_none()).map(|reference| {
            let known = self.plan.iter().map(|row| row.id.as_str()).collect::<Vec<_>>();
            let message = format!("the test plan has no row `{}`", reference.id);
            let diagnostic = Diagnostic::new(&code::UNKNOWN_PLAN_ROW, reference.span.clone(), message)
                .label("not a row of plan.toml");
            match code::nearest(&reference.id, &known) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic,
            }
        })
    }
}

impl Catalog {
    /// Returns a diagnostic for every demand and every check of other testers that no case looks at and that has no
    /// reason for it, for every reason that is needless, and for every name in a `by` that stands for nothing; sorted by
    /// file and place.
    pub fn unmet_promises(&self, plan: &Plan) -> Vec<Diagnostic> {
        let mut gaps = requirement::gaps(&self.requirements, &self.peer_checks, plan);
        gaps.sort_by_key(Diagnostic::order);
        gaps
    }
}

fn gap(what: &str, key: &str, is_covered: bool, reason: Option<&str>, span: &Span) -> Option<Diagnostic> {
    match (is_covered, reason) {
        (false, None) => Some(
            Diagnostic::new(&code::UNCOVERED, span.clone(), format!("no case looks at {what}"))
                .label(format!("not in the `{key}` of any case"))
                .help("name it in a case, or say why not in `uncovered = \"…\"`"),
        ),
        (true, Some(_)) => Some(
            Diagnostic::new(&code::NEEDLESS_REASON, span.clone(), format!("a case does look at {what}"))
                .label("yet `uncovered` says why none does")
                .help("remove `uncovered`"),
        ),
        _ => None,
    }
}
