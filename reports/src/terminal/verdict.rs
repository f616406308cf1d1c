//! The last lines: what came out, what it cost, what is left behind, and what to do next.

use crate::UNWRITTEN;
use crate::diagnostic::{labelled, verbatim};
use crate::line::{Line, Role};
use crate::recording::Run;
use crate::text::{clip, counted, duration, grouped};
use scim_record::{Counts, Gate, Outcome, RunInfo, Summary};
use std::path::Path;

/// Lists the objects the run could not remove.
pub(super) fn left_behind(run: &Run) -> Vec<Line> {
    let left = &run.summary.left_behind;
    if left.is_empty() {
        return Vec::new();
    }
    let text = format!(" {} of this run could not be removed from the target", counted(left.len(), "object"));
    let width = left.iter().map(|object| object.path.chars().count()).max().unwrap_or_default().min(60);
    let lines = left.iter().take(LEFT).map(|object| {
        let line = Line::plain("  ").with(Role::Strong, &clip(&object.path, 200)).pad_to(width + 4, 2);
        line.with(Role::Faint, &clip(&object.reason, 200))
    });
    let mut lines: Vec<Line> =
        std::iter::once(Line::of(Role::Bad, "LEFT").with(Role::Plain, &text)).chain(lines).collect();
    match left.len().saturating_sub(LEFT) {
        0 => {}
        more => lines.push(Line::of(Role::Faint, &format!("  … and {} more", grouped(more)))),
    }
    lines
}

/// Says how the run ended and how to go on.
pub(super) fn verdict(run: &Run, width: usize, page: Option<&Path>) -> Vec<Line> {
    let headline = headline(run);
    let (info, summary) = (&run.info, &run.summary);
    let mut lines = vec![headline];
    lines.extend(verbatim("cases", &cases(summary, info.cases)));
    lines.extend(labelled("sent", &sent(run), width));
    if info.tls_unverified {
        let said = "not verified: whoever answered was believed to be the target (--insecure)";
        lines.extend(labelled("tls", said, width));
    }
    lines.extend(labelled("seed", &format!("{} · run {} · exit code {}", info.seed, info.run, summary.exit), width));
    // What could not be written is not to be opened.
    let page = page.filter(|_| summary.exit != UNWRITTEN).map(|page| page.display().to_string());
    lines.extend(page.iter().flat_map(|page| verbatim("page", page)));
    lines.extend(next(run).iter().flat_map(|advice| verbatim("next", advice)));
    lines
}

fn headline(run: &Run) -> Line {
    let (word, role, text) = outcome(run);
    Line::of(role, word).with(Role::Plain, " ").with(Role::Strong, &text)
}

/// Returns the word that says how the run ended, its colour, and a sentence.
pub(crate) fn outcome(run: &Run) -> (&'static str, Role, String) {
    let (summary, gate) = (&run.summary, run.info.gate);
    let counts = &summary.counts;
    let broke = counts.fail + counts.fixed;
    match summary.exit {
        _ if summary.interrupted => ("INTERRUPTED", Role::Bad, interrupted(summary, run.info.cases)),
        0 => ("PASSED", Role::Good, format!("Every case that could be judged holds under the {gate} gate.")),
        _ if broke > 0 => ("FAILED", Role::Bad, broken(counts, gate)),
        4 if counts.total() == 0 => ("NOTHING JUDGED", Role::Bad, "No case ran.".to_owned()),
        4 => ("NOTHING JUDGED", Role::Bad, "Every case was skipped.".to_owned()),
        5 => ("REFUSED", Role::Bad, "The safety guard stopped the run before it changed anything.".to_owned()),
        UNWRITTEN => ("UNWRITTEN", Role::Bad, "A report could not be written; the error says which.".to_owned()),
        6 => ("LEFT BEHIND", Role::Bad, format!("The {gate} gate holds, but the target is not as it was.")),
        _ if counts.error > 0 && counts.error < counts.total() => {
            let cases = counted(counts.error, "case");
            (
                "INCOMPLETE",
                Role::Broken,
                format!("{cases} could not be run to the end; the server was not judged in them."),
            )
        }
        3 => ("UNREACHABLE", Role::Broken, "The target could not be reached, or does not speak SCIM.".to_owned()),
        code => ("FAILED", Role::Bad, format!("The run ended with exit code {code}.")),
    }
}

fn interrupted(summary: &Summary, chosen: usize) -> String {
    let (ran, chosen) = (grouped(summary.counts.total()), counted(chosen, "case"));
    format!("{ran} of {chosen} ran; this is no verdict on the rest.")
}

fn broken(counts: &Counts, gate: Gate) -> String {
    let verb = |number, singular, plural| if number == 1 { singular } else { plural };
    let fail = format!("{} {} the {gate} gate", counted(counts.fail, "case"), verb(counts.fail, "breaks", "break"));
    let fixed = format!("{} known to fail {}", counted(counts.fixed, "case"), verb(counts.fixed, "passes", "pass"));
    match (counts.fail, counts.fixed) {
        (_, 0) => format!("{fail}."),
        (0, _) => format!("{fixed}."),
        _ => format!("{fail}; {fixed}."),
    }
}

/// Counts outcomes, leaving out what did not occur, and what never ran.
fn cases(summary: &Summary, chosen: usize) -> String {
    let counts = &summary.counts;
    let named = [
        (counts.pass, "passed"),
        (counts.fail, "failed"),
        (counts.error, "errored"),
        (counts.warn, "warned"),
        (counts.skip, "skipped"),
        (counts.known, "known to fail"),
        (counts.fixed, "fixed"),
        (chosen.saturating_sub(counts.total()), "never ran"),
    ];
    let parts: Vec<String> = named
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, name)| format!("{} {name}", grouped(*number)))
        .collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(" · ") }
}

fn sent(run: &Run) -> String {
    let requests = counted(usize::try_from(run.summary.requests).unwrap_or(usize::MAX), "request");
    let target =
        if run.info.specimen { "the embedded specimen".to_owned() } else { clip(&run.info.target, 200).into_owned() };
    let retries = match run.summary.retries {
        0 => String::new(),
        retries => format!(
            " · {} of them again, after a connection failed",
            grouped(usize::try_from(retries).unwrap_or(usize::MAX))
        ),
    };
    format!("{requests} to {target} in {}{retries}", duration(run.summary.time_ms))
}

/// Advises on the next thing to do, one line each.
pub(crate) fn next(run: &Run) -> Vec<String> {
    let (info, summary) = (&run.info, &run.summary);
    let mut advice = Vec::new();
    if !summary.left_behind.is_empty() {
        advice.push(format!("remove what is left behind: rehearsal cleanup {}", info.run));
    }
    advice.extend(after(run));
    advice
}

fn after(run: &Run) -> Option<String> {
    let (info, summary) = (&run.info, &run.summary);
    let first = run.cases.iter().find(|case| case.outcome == Outcome::Fail);
    let is_all_of = |folder: &str| !run.cases.is_empty() && run.cases.iter().all(|case| case.suite.starts_with(folder));
    match (summary.exit, first) {
        _ if summary.interrupted => Some("run it again to the end; the same --seed sends the same bytes".to_owned()),
        (0, _) if info.specimen && run.is_story => {
            Some("tell it against your own server: rehearsal okta run STORY BASE_URL".to_owned())
        }
        // Other gates ask for what standards say, and neither stories nor the suites of event hooks are about any.
        (0, _) if run.is_story || is_all_of("hooks/") => None,
        // A chapter makes no sense without those before it.
        (1.., Some(_)) if run.is_story => None,
        (0, _) if info.specimen => Some("point it at your own server: rehearsal test BASE_URL".to_owned()),
        (0, _) => match info.gate {
            Gate::Okta => Some("--gate rfc asks for every undisputed RFC MUST as well".to_owned()),
            Gate::Rfc => Some("--gate strict asks for every RFC SHOULD as well".to_owned()),
            Gate::Strict => None,
        },
        // A case that a file of Okta's holds cannot be asked for alone.
        (_, Some(case)) if case.suite.starts_with("runscope/") => None,
        (_, Some(case)) => {
            let app = case.app.as_ref().map(|app| format!("@{app}")).unwrap_or_default();
            Some(format!("the first failure alone: the same command with '{}{app}' {}", case.id, place(info)))
        }
        (3, None) => Some("check the base URL, the credentials, and that the server is up".to_owned()),
        (4, None) if is_all_of("hooks/") => {
            Some("what there is to choose from: rehearsal okta hooks --list".to_owned())
        }
        // Of these there is nothing to choose with --list; the reasons stand above.
        (4, None) if run.is_story || is_all_of("fuzz/") || is_all_of("runscope/") => None,
        (4, None) => Some("what there is to choose from: rehearsal test --list".to_owned()),
        (_, None) => None,
    }
}

/// Returns where the name of a case goes for it to run alone: several selectors choose what any of them matches, and a part
/// of a run need not hold the case.
fn place(info: &RunInfo) -> &'static str {
    let has_selectors = info.asked.iter().any(|word| !word.starts_with("--"));
    match (has_selectors, &info.part) {
        (false, None) => "at its end",
        (true, None) => "as its only selector",
        (_, Some(_)) => "as its only selector, without --partition",
    }
}

const LEFT: usize = 20;
