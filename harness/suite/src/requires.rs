//! Whether the requirements of all cases can be met: known, no circle, none that binds less than what requires it.

use crate::diagnostic::{self as code, Diagnostic, nearest};
use crate::plan::Case;
use crate::source::Spanned;
use crate::word::Basis;
use std::collections::{BTreeMap, BTreeSet};

/// Checks the requirements of all cases; unknown ones are told only if all cases are at hand.
pub(crate) fn check(cases: &[Case], all_whole: bool, mistakes: &mut Vec<Diagnostic>) {
    let by_id: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let mut found = Vec::new();
    for case in cases {
        for required in &case.requires {
            match by_id.get(required.as_str()) {
                Some(other) => found.extend(too_weak(case, required, other)),
                None if all_whole => found.push(unknown(required, &by_id)),
                None => {}
            }
        }
    }
    circles(&by_id, &mut found);
    // A requirement of a whole file is one place, and one mistake.
    found.sort_by_key(Diagnostic::order);
    found.dedup_by_key(|mistake| mistake.order());
    mistakes.extend(found);
}

fn unknown(required: &Spanned<String>, by_id: &BTreeMap<&str, &Case>) -> Diagnostic {
    let message = format!("there is no case `{}`", required.value);
    let diagnostic = Diagnostic::new(&code::UNKNOWN_REQUIREMENT, required.span.clone(), message)
        .label("a full id, or one of this file alone");
    match nearest(&required.value, &by_id.keys().copied().collect::<Vec<_>>()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// Returns what is wrong where the required case might fail, or not, without saying anything about this one.
fn too_weak(case: &Case, required: &Spanned<String>, other: &Case) -> Option<Diagnostic> {
    let why = if !other.level.binds_as(case.level) {
        format!("its level is `{}`, that of `{}` is `{}`", other.level, case.id, case.level)
    } else if other.basis == Basis::Inferred && case.basis != Basis::Inferred {
        format!("it is inferred, and `{}` is {}", case.id, case.basis)
    } else if other.disputed.is_some() && case.disputed.is_none() {
        format!("it is disputed, and `{}` is not", case.id)
    } else {
        return None;
    };
    let message = format!("`{}` cannot be required here", other.id);
    let diagnostic = Diagnostic::new(&code::WEAK_REQUIREMENT, required.span.clone(), message).label(why);
    Some(diagnostic.context(other.source.clone(), "this is the case"))
}

/// Reports one requirement of every circle, the one that closes it.
fn circles(by_id: &BTreeMap<&str, &Case>, mistakes: &mut Vec<Diagnostic>) {
    let mut done = BTreeSet::new();
    for case in by_id.values() {
        let mut path: Vec<(&Case, usize)> = vec![(case, 0)];
        while let Some((case, next)) = path.last_mut() {
            let at = *next;
            *next += 1;
            let Some(required) = case.requires.get(at).filter(|_| !done.contains(case.id.as_str())) else {
                done.insert(case.id.as_str());
                path.pop();
                continue;
            };
            let Some(other) = by_id.get(required.as_str()) else { continue };
            if let Some(start) = path.iter().position(|(step, _)| step.id == other.id) {
                let circle: Vec<&str> = path[start..].iter().map(|(step, _)| step.id.as_str()).collect();
                mistakes.push(circle_of(required, &circle));
            } else if !done.contains(other.id.as_str()) {
                path.push((other, 0));
            }
        }
    }
}

fn circle_of(required: &Spanned<String>, circle: &[&str]) -> Diagnostic {
    let (message, label) = match circle {
        [only] => (format!("`{only}` requires itself"), "itself".to_owned()),
        [first, ..] => {
            let whole = circle.iter().chain([first]).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" requires ");
            ("these cases require each other".to_owned(), whole)
        }
        [] => unreachable!("a circle has at least one case"),
    };
    Diagnostic::new(&code::CIRCULAR_REQUIREMENT, required.span.clone(), message).label(label)
}
