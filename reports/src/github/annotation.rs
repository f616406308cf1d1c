//! Annotations as workflow commands: `::error title=…::message`.

use crate::html::area::harm;
use crate::recording::Run;
use crate::terminal::verdict;
use crate::text::{clip, counted, inert, visible};
use crate::{diagnostic, junit};
use scim_record::{CaseRecord, Outcome, Verdict};
use std::path::Path;

/// Returns the commands, a line each, the gravest first.
pub(super) fn lines(run: &Run) -> String {
    let mut told = of_the_run(run);
    for (outcome, command) in COMMANDS {
        let mut cases: Vec<&CaseRecord> = run.cases.iter().filter(|case| case.outcome == outcome).collect();
        cases.sort_by_cached_key(|case| harm(case));
        told.extend(cases.into_iter().map(|case| (command, of_case(case, command, &run.info.target))));
    }
    let rest = told.split_off(told.len().min(SHOWN));
    let mut lines: String = told.into_iter().map(|(_, line)| line).collect();
    if let Some((command, _)) = rest.first() {
        let (word, _, sentence) = verdict::outcome(run);
        let more = counted(rest.len(), "annotation");
        let message = format!("{word}: {sentence} {more} more do not fit here; the summary of the job has them.");
        lines.push_str(&annotation(command, "Rehearsal", None, &message));
    }
    lines
}

/// What is annotated, and how, the gravest first.
const COMMANDS: [(Outcome, &str); 4] =
    [(Outcome::Fail, "error"), (Outcome::Fixed, "error"), (Outcome::Error, "error"), (Outcome::Warn, "warning")];

fn of_the_run(run: &Run) -> Vec<(&'static str, String)> {
    let mut told = Vec::new();
    let summary = &run.summary;
    if !summary.left_behind.is_empty() {
        let message = format!(
            "{} could not be removed from the target; rehearsal cleanup {} tries again",
            counted(summary.left_behind.len(), "object"),
            run.info.run
        );
        told.push(("error", annotation("error", "Rehearsal: left behind", None, &message)));
    }
    if summary.interrupted {
        let (word, _, sentence) = verdict::outcome(run);
        told.push(("error", annotation("error", &format!("Rehearsal: {word}"), None, &sentence)));
    }
    told
}

fn of_case(case: &CaseRecord, command: &str, base: &str) -> String {
    let finding = case.findings.iter().min_by_key(|finding| finding.verdict == Verdict::Warn);
    let message = match (case.outcome, finding) {
        (Outcome::Warn, Some(finding)) => diagnostic::sentence(case, finding, base),
        _ => junit::message(case, base),
    };
    let place = finding.and_then(|finding| finding.location.as_ref()).unwrap_or(&case.location);
    // An annotation on a file that the repository has not leads nowhere; the embedded suites are in ours alone.
    let file = diagnostic::file(&place.file);
    let place = (Path::new(&file).is_relative() && Path::new(&file).is_file()).then_some((file.as_str(), place.line));
    annotation(command, &diagnostic::name(case), place, &message)
}

fn annotation(command: &str, title: &str, place: Option<(&str, usize)>, message: &str) -> String {
    let place = place.map(|(file, line)| format!(",file={},line={line}", property(file))).unwrap_or_default();
    format!("::{command} title={}{place}::{}\n", property(title), data(message))
}

/// A runner decodes `%25`, `%0D` and `%0A` in messages, so a text that holds them already would say something else.
fn data(text: &str) -> String {
    inert(&visible(&clip(text, MESSAGE))).replace('%', "%25")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// GitHub shows ten annotations of a kind for each step and drops the others without a word.
const SHOWN: usize = 9;
const MESSAGE: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_command_or_begins_another() {
        let evil = "a%0A::error::b\r\n::set-output name=x::y,z:##[error]q";
        let line = annotation("error", evil, Some((evil, 3)), evil);
        assert_eq!(line.matches('\n').count(), 1);
        let (head, message) = line.strip_prefix("::error ").and_then(|rest| rest.split_once("::")).expect("a command");
        let head: Vec<&str> = head.split(',').map(|pair| pair.split_once('=').expect("a pair").0).collect();
        assert_eq!(head, ["title", "file", "line"]);
        assert_eq!(message.trim_end(), "a%250A::error::b␍␊::set-output name=x::y,z:# #[error]q");
    }
}
