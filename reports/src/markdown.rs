//! The summary for pull requests, in Markdown that GitHub, GitLab and Azure DevOps show alike.
//!
//! It holds no HTML. Every text that is not the program's own stands in a code span or in a fence, where nothing is
//! markup, a link, a mention or a command. What does not fit is left out section by section, the least important first,
//! and counted.

pub(crate) mod literal;

use crate::diagnostic::{self, View};
use crate::html::area::harm;
use crate::line;
use crate::recording::{Recording, Run};
use crate::terminal::verdict;
use crate::text::{clip_bytes, counted, duration, grouped};
use crate::{Report, ReportError, file};
use literal::{code, fence, link};
use scim_record::{CaseRecord, Event, Outcome};
use std::path::PathBuf;

/// The Markdown summary, written to a file; as long as a comment on a pull request may be.
#[derive(Debug)]
pub struct Markdown {
    path: PathBuf,
    recording: Recording,
}

impl Markdown {
    /// Reports to the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Markdown { path: path.into(), recording: Recording::of_troubles() }
    }
}

impl Report for Markdown {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        match self.recording.event(event)? {
            Some(run) => file::write(&self.path, document(&run, COMMENT).as_bytes()),
            None => Ok(()),
        }
    }
}

/// Returns the summary in at most `most` bytes, cut between sections.
pub(crate) fn document(run: &Run, most: usize) -> String {
    let mut out = head(run);
    let mut missing = 0;
    for section in sections(run) {
        let fits = missing == 0 && out.len() + section.text.len() + NOTE <= most;
        if fits {
            out.push_str(&section.text);
        } else {
            missing += section.entries;
        }
    }
    if missing > 0 {
        let entries = if missing == 1 { "entry does" } else { "entries do" };
        let more = grouped(missing);
        out.push_str(&format!("\n---\n\n{more} more {entries} not fit here; the HTML and JSON reports have all.\n"));
    }
    out
}

/// A part that is shown whole or not at all.
struct Section {
    text: String,
    /// How many things are told in it.
    entries: usize,
}

/// The sections below the verdict, the most important first.
fn sections(run: &Run) -> Vec<Section> {
    let mut sections: Vec<Section> = left_behind(run).into_iter().collect();
    for (outcome, title) in TOLD {
        let mut cases: Vec<&CaseRecord> = of(run, outcome).collect();
        cases.sort_by_cached_key(|case| harm(case));
        for (position, case) in cases.iter().enumerate() {
            let title = if position == 0 { heading(title, cases.len()) } else { String::new() };
            sections.push(Section { text: title + &told(case, &run.info.target), entries: 1 });
        }
    }
    sections.extend([warnings(run), skipped(run), known(run), dialect(run), notes(run)].into_iter().flatten());
    sections
}

/// The outcomes whose cases are told one by one.
const TOLD: [(Outcome, &str); 3] = [
    (Outcome::Fail, "Failed"),
    (Outcome::Fixed, "Passed, though known to fail"),
    (Outcome::Error, "Not run to the end"),
];

fn of(run: &Run, outcome: Outcome) -> impl Iterator<Item = &CaseRecord> {
    run.cases.iter().filter(move |case| case.outcome == outcome)
}

fn heading(title: &str, count: usize) -> String {
    format!("\n### {title} ({})\n", grouped(count))
}

fn head(run: &Run) -> String {
    let (info, summary) = (&run.info, &run.summary);
    let (word, _, sentence) = verdict::outcome(run);
    let requests = counted(usize::try_from(summary.requests).unwrap_or(usize::MAX), "request");
    let target = if info.specimen { "the embedded specimen".to_owned() } else { code(&info.target) };
    let mut out = format!("## Rehearsal: {word}\n\n{sentence}\n\n{}\n", table(run));
    out.push_str(&format!("- sent: {requests} to {target} in {}\n", duration(summary.time_ms)));
    if info.tls_unverified {
        out.push_str("- **TLS not verified**: whoever answered was believed to be the target (`--insecure`)\n");
    }
    if !info.asked.is_empty() {
        let asked: Vec<String> = info.asked.iter().take(LISTED).map(|asked| code(asked)).collect();
        out.push_str(&format!("- asked: {}\n", asked.join(" ")));
    }
    let (seed, id) = (code(&info.seed), code(&info.run));
    out.push_str(&format!("- gate {} · seed {seed} · run {id} · exit code {}\n", info.gate, summary.exit));
    for advice in verdict::next(run) {
        out.push_str(&format!("- next: {}\n", code(&advice)));
    }
    out
}

fn table(run: &Run) -> String {
    let counts = &run.summary.counts;
    let columns = [
        ("passed", counts.pass),
        ("failed", counts.fail),
        ("errored", counts.error),
        ("warned", counts.warn),
        ("skipped", counts.skip),
        ("known to fail", counts.known),
        ("fixed", counts.fixed),
        ("never ran", run.info.cases.saturating_sub(counts.total())),
    ];
    let shown: Vec<_> = columns.into_iter().filter(|(name, count)| *name == "passed" || *count > 0).collect();
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let names = row(shown.iter().map(|(name, _)| (*name).to_owned()).collect());
    let rule = row(shown.iter().map(|_| "--:".to_owned()).collect());
    names + &rule + &row(shown.iter().map(|(_, count)| grouped(*count)).collect())
}

/// Tells a case as the terminal does.
fn told(case: &CaseRecord, base: &str) -> String {
    let view = View { base, width: 100, sources: false, hint: false };
    let shown = line::render(&diagnostic::case(case, view), false);
    let read: Vec<String> = case.refs.iter().map(link).collect();
    let read = if read.is_empty() { String::new() } else { format!("\nSources: {}\n", read.join(", ")) };
    format!("\n#### {}\n\n{}{read}", code(&diagnostic::name(case)), fence(&clip_bytes(&shown, CASE)))
}

fn left_behind(run: &Run) -> Option<Section> {
    let left = &run.summary.left_behind;
    let lines = left.iter().map(|object| format!("{}: {}", code(&object.path), code(&object.reason)));
    list_of("Left behind on the target", lines.collect())
}

fn warnings(run: &Run) -> Option<Section> {
    let mut cases: Vec<&CaseRecord> = of(run, Outcome::Warn).collect();
    cases.sort_by_cached_key(|case| harm(case));
    let findings = cases.into_iter().flat_map(|case| case.findings.iter().map(move |finding| (case, finding)));
    let lines = findings.map(|(case, finding)| {
        let authority = diagnostic::authority(finding.level, finding.basis, case);
        let sentence = diagnostic::sentence(case, finding, &run.info.target);
        format!("{}: {} ({})", code(&diagnostic::name(case)), code(&sentence), code(&authority))
    });
    list_of(&format!("Below the {} gate", run.info.gate), lines.collect())
}

/// Counts the cases that could not be judged by why.
fn skipped(run: &Run) -> Option<Section> {
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for case in of(run, Outcome::Skip) {
        let reason = case.reason.as_deref().unwrap_or("no reason was given");
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((reason, 1)),
        }
    }
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let cases = reasons.iter().map(|(_, count)| count).sum();
    let lines = reasons.into_iter().map(|(reason, count)| format!("{}: {}", counted(count, "case"), code(reason)));
    list("Not judged", cases, lines.collect())
}

fn known(run: &Run) -> Option<Section> {
    let lines = of(run, Outcome::Known).map(|case| {
        let reason = case.reason.as_deref().unwrap_or("no reason was given");
        format!("{}: {}", code(&diagnostic::name(case)), code(reason))
    });
    list_of("Known to fail", lines.collect())
}

fn dialect(run: &Run) -> Option<Section> {
    let of = |case: &CaseRecord| {
        let reading = case.reading.as_ref()?;
        Some(format!("{}: {}, {}", code(&diagnostic::name(case)), code(&reading.name), code(&reading.meaning)))
    };
    list_of("What the standard leaves open, as this server reads it", run.cases.iter().filter_map(of).collect())
}

fn notes(run: &Run) -> Option<Section> {
    let notes = run.cases.iter().flat_map(|case| case.notes.iter().map(move |note| (case, note)));
    let lines = notes.map(|(case, note)| format!("{}: {}", code(&diagnostic::name(case)), code(note)));
    list_of("Noted on the way", lines.collect())
}

/// Returns a section with a line for each entry.
fn list_of(title: &str, lines: Vec<String>) -> Option<Section> {
    list(title, lines.len(), lines)
}

/// Returns a section of these lines, if there are any.
fn list(title: &str, entries: usize, lines: Vec<String>) -> Option<Section> {
    if lines.is_empty() {
        return None;
    }
    let mut text = heading(title, entries) + "\n";
    lines.iter().take(LISTED).for_each(|line| text.push_str(&format!("- {line}\n")));
    if let Some(more) = lines.len().checked_sub(LISTED).filter(|more| *more > 0) {
        text.push_str(&format!("- … and {} more\n", grouped(more)));
    }
    Some(Section { text, entries })
}

/// GitHub takes comments of 65,536 characters.
const COMMENT: usize = 60_000;
/// Room for the sentence that tells what is missing.
const NOTE: usize = 200;
/// Bytes of one case, so that one does not crowd out the others.
const CASE: usize = 6_000;
const LISTED: usize = 50;
