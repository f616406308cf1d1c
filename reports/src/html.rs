//! The report for people to act on and to pass on: one HTML file that needs nothing else and runs nothing.
//!
//! It begins with the verdict and what breaks Okta first, and ends with every case. Evidence is folded below each
//! finding. [`page`] is the frame of any page, [`markup`] the only way to write one.

pub(crate) mod area;
mod cases;
mod finding;
mod first;
pub(crate) mod markup;
mod message;
pub(crate) mod page;
mod story;
mod verdict;

pub(crate) use cases::table;

use crate::diagnostic;
use crate::recording::{Recording, Run};
use crate::{Report, ReportError, file};
use finding::Evidence;
use markup::Markup;
use page::{Page, Section};
use scim_record::{CaseRecord, ChapterRecord, Event, Outcome};
use std::path::PathBuf;

/// The HTML report, written to a file.
#[derive(Debug)]
pub struct Html {
    path: PathBuf,
    recording: Recording,
    /// The chapters so far, where the run is a story.
    story: Vec<ChapterRecord>,
}

impl Html {
    /// Reports to the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Html { path: path.into(), recording: Recording::of_troubles(), story: Vec::new() }
    }
}

impl Report for Html {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        if let Event::ChapterFinished(chapter) = event {
            self.story.push(chapter.as_ref().clone());
        }
        match self.recording.event(event)? {
            Some(run) => file::write(&self.path, document(&run, &self.story).as_bytes()),
            None => Ok(()),
        }
    }
}

fn document(run: &Run, story: &[ChapterRecord]) -> String {
    let told = Told::of(run);
    let (word, _, sentence) = crate::terminal::verdict::outcome(run);
    let page = Page {
        title: &format!("{word}: {} – Rehearsal", verdict::target(&run.info)),
        kind: "conformance report",
        sections: &told.sections(run, story.len()),
        foot: &format!(
            "Written by rehearsal {} on run {}. Secrets were removed before anything was recorded.",
            run.info.version, run.info.run
        ),
    };
    let mut evidence = Evidence::new(&run.info.target);
    page.document(|html| {
        verdict::strip(html, run, (word, &sentence));
        first::section(html, &told.failed);
        cases::left_behind(html, run);
        cases::areas(html, run);
        story::section(html, run, story, &mut evidence);
        told.write(html, run, &mut evidence);
        cases::dialect(html, run);
        cases::notes(html, run);
        cases::skipped(html, run);
        cases::known(html, run);
        cases::suites(html, run);
    })
}

/// The cases that are told one by one.
struct Told<'a> {
    /// Those that broke the gate, the most harmful first.
    failed: Vec<&'a CaseRecord>,
    fixed: Vec<&'a CaseRecord>,
    errors: Vec<&'a CaseRecord>,
    warned: Vec<&'a CaseRecord>,
}

impl<'a> Told<'a> {
    fn of(run: &'a Run) -> Told<'a> {
        let of = |outcome| run.cases.iter().filter(move |case| case.outcome == outcome);
        let mut failed: Vec<_> = of(Outcome::Fail).collect();
        failed.sort_by_cached_key(|case| area::harm(case));
        let mut warned: Vec<_> = of(Outcome::Warn).collect();
        warned.sort_by_cached_key(|case| area::harm(case));
        Told { failed, warned, fixed: of(Outcome::Fixed).collect(), errors: of(Outcome::Error).collect() }
    }

    fn sections(&self, run: &Run, chapters: usize) -> Vec<Section> {
        let counted = |id, name, count: usize| (count > 0).then_some(Section { id, name, count: Some(count) });
        let plain = |id, name| Some(Section { id, name, count: None });
        let of = |is: fn(&CaseRecord) -> bool| run.cases.iter().filter(|case| is(case)).count();
        let sections = [
            plain("verdict", "Verdict"),
            (!self.failed.is_empty()).then_some(Section { id: "first", name: "Okta first", count: None }),
            counted("left-behind", "Left behind", run.summary.left_behind.len()),
            plain("areas", "Areas"),
            counted("story", "Story", chapters),
            counted("findings", "Findings", self.failed.len()),
            counted("fixed", "Fixed", self.fixed.len()),
            counted("errors", "Errors", self.errors.len()),
            counted("warnings", "Warnings", self.warned.len()),
            counted("dialect", "Dialect", of(|case| case.reading.is_some())),
            counted("notes", "Notes", of(|case| !case.notes.is_empty())),
            counted("skipped", "Not judged", of(|case| case.outcome == Outcome::Skip)),
            counted("known", "Known", of(|case| case.outcome == Outcome::Known)),
            counted("cases", "Cases", run.cases.len()),
        ];
        sections.into_iter().flatten().collect()
    }

    fn write(&self, html: &mut Markup, run: &Run, evidence: &mut Evidence<'_>) {
        let gate = run.info.gate;
        let sections = [
            ("findings", "Findings", format!("They break the {gate} gate. The most harmful come first."), &self.failed),
            ("fixed", "Fixed", "They passed although they are listed as known to fail.".to_owned(), &self.fixed),
            (
                "errors",
                "Not run to the end",
                "The world was broken; the server is not judged in these.".to_owned(),
                &self.errors,
            ),
            ("warnings", "Warnings", format!("They are below the {gate} gate."), &self.warned),
        ];
        for (id, name, lead, cases) in sections.into_iter().filter(|(.., cases)| !cases.is_empty()) {
            section(html, id, name, |html| {
                html.leaf("p", &[("class", "lead")], &lead);
                for (position, case) in cases.iter().enumerate() {
                    let is_open = id == "findings" && position < OPEN;
                    finding::article(html, case, evidence, is_open);
                }
            });
        }
    }
}

/// Adds a section with its heading, which can be jumped to.
pub(crate) fn section(html: &mut Markup, id: &str, name: &str, inner: impl FnOnce(&mut Markup)) {
    let heading = format!("{id}-heading");
    html.element("section", &[("id", id), ("aria-labelledby", &heading)], |html| {
        html.leaf("h2", &[("id", &heading)], name);
        inner(html);
    });
}

/// Whether a case has an element of its own that tells about it.
fn is_told(case: &CaseRecord) -> bool {
    matches!(case.outcome, Outcome::Fail | Outcome::Fixed | Outcome::Error | Outcome::Warn)
}

/// Adds the word for an outcome in its colour.
fn badge(html: &mut Markup, outcome: Outcome) {
    let (word, _) = diagnostic::word(outcome);
    html.leaf("span", &[("class", &format!("badge {outcome}"))], word);
}

/// Returns the id of the element that tells about a case; it stays the same from run to run.
fn anchor(case: &CaseRecord) -> String {
    let name = match &case.app {
        Some(app) => format!("{}@{app}", case.id),
        None => case.id.clone(),
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() || "/@-_.".contains(c) { c } else { '-' };
    name.chars().take(ANCHOR).map(plain).collect()
}

/// How many findings are unfolded at first: what is to be mended next, and no wall.
const OPEN: usize = 5;
const ANCHOR: usize = 200;
