//! The report for a person: failures in full, warnings in brief, the rest counted, the verdict last.
//!
//! Progress while the run goes on is somebody else's; this is written when the run has ended, in the order of ids, so
//! that two runs can be compared line by line and the verdict stands where the eye is.

mod chapter;
pub(crate) mod verdict;

use crate::diagnostic::{self, View};
use crate::line::{self, Line, Role};
use crate::recording::{Recording, Run};
use crate::text::{clip, counted, duration, grouped, wrap};
use crate::transcript::Bounds;
use crate::{Report, ReportError};
use scim_record::{CaseRecord, ChapterRecord, Event, Finding, Outcome};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The report for a person at a terminal.
///
/// ```
/// use rehearsal_reports::{Terminal, TerminalOptions};
///
/// let report = Terminal::new(Vec::new(), TerminalOptions { colour: true, ..TerminalOptions::default() });
/// # let _ = report;
/// ```
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    options: TerminalOptions,
    recording: Recording,
    page: Option<PathBuf>,
}

/// How the terminal report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Whether to colour. The caller knows about `NO_COLOR`, `CI` and whether a person looks.
    pub colour: bool,
    /// How much to say.
    pub verbosity: Verbosity,
    /// Whether failing cases show every message in full.
    pub trace: bool,
    /// How many columns a line takes where that can be chosen.
    pub width: usize,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        TerminalOptions { colour: false, verbosity: Verbosity::Normal, trace: false, width: 100 }
    }
}

/// How much the terminal report says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// The verdict alone.
    Quiet,
    /// Failures in full, warnings in brief, the rest counted.
    #[default]
    Normal,
    /// The above, and every case in a line.
    Verbose,
}

impl<W: Write> Terminal<W> {
    /// Reports to `out`.
    pub fn new(out: W, options: TerminalOptions) -> Self {
        Terminal { out, options, recording: Recording::of_troubles(), page: None }
    }

    /// Names this page beside the verdict, for who did not ask for it and would not look for it.
    pub fn naming(self, page: Option<PathBuf>) -> Self {
        Terminal { page, ..self }
    }

    /// Tells a chapter at once: a story is read as it goes on.
    fn tell(&mut self, chapter: &ChapterRecord) -> io::Result<()> {
        if self.options.verbosity < Verbosity::Normal {
            return Ok(());
        }
        let text = line::render(&chapter::chapter(chapter, self.options.width), self.options.colour);
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    fn write(&mut self, run: &Run) -> io::Result<()> {
        let sections = sections(run, self.options, self.page.as_deref());
        let texts: Vec<String> = sections.iter().map(|section| line::render(section, self.options.colour)).collect();
        self.out.write_all(texts.join("\n").as_bytes())?;
        self.out.flush()
    }
}

impl<W: Write> Report for Terminal<W> {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        if let Event::ChapterFinished(chapter) = event {
            self.tell(chapter).map_err(|source| ReportError::Stream { source })?;
        }
        match self.recording.event(event)? {
            Some(run) => self.write(&run).map_err(|source| ReportError::Stream { source }),
            None => Ok(()),
        }
    }
}

/// The report as blocks of lines; what matters most comes last, next to the prompt.
fn sections(run: &Run, options: TerminalOptions, page: Option<&Path>) -> Vec<Vec<Line>> {
    let mut sections = Vec::new();
    if options.verbosity >= Verbosity::Verbose {
        sections.push(run.cases.iter().map(|case| in_a_line(case, options.width)).collect());
        sections.push(dialect(run, options.width));
        sections.push(notes(run, options.width));
    }
    if options.verbosity >= Verbosity::Normal {
        sections.push(by_reason(run, Outcome::Skip, "could not be judged"));
        sections.push(known(run));
        sections.push(warnings(run));
        sections.extend(errors(run, options));
        sections.extend(in_full(run, Outcome::Fixed, options));
        sections.extend(in_full(run, Outcome::Fail, options));
    }
    sections.push(verdict::left_behind(run));
    sections.push(verdict::verdict(run, options.width, page));
    sections.retain(|section| !section.is_empty());
    sections
}

fn of_outcome(run: &Run, outcome: Outcome) -> impl Iterator<Item = &CaseRecord> {
    run.cases.iter().filter(move |case| case.outcome == outcome)
}

fn title(outcome: Outcome, text: &str) -> Line {
    let (word, role) = diagnostic::word(outcome);
    Line::of(role, word).with(Role::Plain, &format!(" {text}"))
}

fn in_a_line(case: &CaseRecord, width: usize) -> Line {
    let (word, role) = diagnostic::word(case.outcome);
    let time = duration(case.time_ms);
    let line = Line::of(role, &format!("{word:<5}")).with(Role::Plain, &format!(" {}", diagnostic::name(case)));
    let line = match &case.reason {
        Some(reason) => line.with(Role::Faint, &format!("  {}", clip(reason, REASON))),
        None => line,
    };
    line.pad_to(width.saturating_sub(time.len()), 2).with(Role::Faint, &time)
}

/// Tells how the service provider reads what the standard leaves open.
fn dialect(run: &Run, width: usize) -> Vec<Line> {
    let of = |case: &CaseRecord| {
        let reading = case.reading.as_ref()?;
        Some((diagnostic::name(case), format!("{}: {}", reading.name, reading.meaning)))
    };
    listed("DIALECT", "as this server reads what the standard leaves open", run.cases.iter().filter_map(of), width)
}

/// Tells what was noticed on the way and is nobody's fault.
fn notes(run: &Run, width: usize) -> Vec<Line> {
    let of = |case: &CaseRecord| (!case.notes.is_empty()).then(|| (diagnostic::name(case), case.notes.join("; ")));
    listed("NOTED", "on the way", run.cases.iter().filter_map(of), width)
}

/// Lists texts below the cases they are about.
fn listed(word: &str, claim: &str, texts: impl Iterator<Item = (String, String)>, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (case, text) in texts {
        lines.push(Line::plain("  ").with(Role::Strong, &case));
        let text = clip(&text, REASON);
        let wrapped = wrap(&text, width.saturating_sub(6));
        lines.extend(wrapped.iter().map(|text| Line::plain("      ").with(Role::Plain, text)));
    }
    if !lines.is_empty() {
        lines.insert(0, Line::of(Role::Good, word).with(Role::Plain, &format!(" {claim}")));
    }
    lines
}

/// Counts cases by why they ended so, the most frequent reason first.
fn by_reason(run: &Run, outcome: Outcome, claim: &str) -> Vec<Line> {
    let groups = groups(of_outcome(run, outcome));
    let total: usize = groups.iter().map(|(_, cases)| cases.len()).sum();
    if total == 0 {
        return Vec::new();
    }
    let mut lines = vec![title(outcome, &format!("{} {claim}", counted(total, "case")))];
    let digits = grouped(groups[0].1.len()).len().max(3);
    lines.extend(groups.iter().map(|(reason, cases)| {
        Line::plain(&format!("  {:>digits$}  ", grouped(cases.len()))).with(Role::Faint, &clip(reason, REASON))
    }));
    lines
}

/// Groups cases by reason, the largest group first, then by reason.
fn groups<'a>(cases: impl Iterator<Item = &'a CaseRecord>) -> Vec<(&'a str, Vec<&'a CaseRecord>)> {
    let mut groups: Vec<(&str, Vec<&CaseRecord>)> = Vec::new();
    for case in cases {
        let reason = case.reason.as_deref().unwrap_or("no reason was given");
        match groups.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, cases)) => cases.push(case),
            None => groups.push((reason, vec![case])),
        }
    }
    groups.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(b.0)));
    groups
}

fn known(run: &Run) -> Vec<Line> {
    let cases: Vec<&CaseRecord> = of_outcome(run, Outcome::Known).collect();
    if cases.is_empty() {
        return Vec::new();
    }
    let text = format!("{} failed as the list of known failures says", counted(cases.len(), "case"));
    let lines = cases.iter().map(|case| {
        let reason = case.reason.as_deref().unwrap_or("no reason was given");
        Line::plain(&format!("  {}  ", diagnostic::name(case))).with(Role::Faint, &clip(reason, REASON))
    });
    std::iter::once(title(Outcome::Known, &text)).chain(lines).collect()
}

/// Tells warnings in a line each, and below it who says so and where.
fn warnings(run: &Run) -> Vec<Line> {
    let findings: Vec<(&CaseRecord, &Finding)> = of_outcome(run, Outcome::Warn)
        .flat_map(|case| case.findings.iter().map(move |finding| (case, finding)))
        .collect();
    if findings.is_empty() {
        return Vec::new();
    }
    let text = format!("{} below the {} gate", counted(findings.len(), "finding"), run.info.gate);
    let lines = findings.iter().flat_map(|(case, finding)| warning(case, finding, &run.info.target));
    std::iter::once(title(Outcome::Warn, &text)).chain(lines).collect()
}

fn warning(case: &CaseRecord, finding: &Finding, base: &str) -> Vec<Line> {
    let name = Line::plain("  ").with(Role::Strong, &diagnostic::name(case));
    let authority = diagnostic::authority(finding.level, finding.basis, case);
    let place = diagnostic::place(finding.location.as_ref().unwrap_or(&case.location));
    let faint = |text: &str| Line::plain("      ").with(Role::Faint, text);
    let mut lines = vec![
        name.with(Role::Plain, "  ").with(Role::Doubtful, &diagnostic::sentence(case, finding, base)),
        faint(&format!("{authority} · {place}")),
    ];
    lines.extend(case.disputed.as_ref().map(|disputed| faint(&format!("but: {}", clip(disputed, REASON)))));
    lines
}

/// Shows cases that could not run to the end: in full when they are few, by reason when many broke alike.
fn errors(run: &Run, options: TerminalOptions) -> Vec<Vec<Line>> {
    let alike = groups(of_outcome(run, Outcome::Error));
    if alike.iter().all(|(_, cases)| cases.len() <= ALIKE) {
        return in_full(run, Outcome::Error, options);
    }
    vec![by_reason(run, Outcome::Error, "could not be run to the end")]
}

fn in_full(run: &Run, outcome: Outcome, options: TerminalOptions) -> Vec<Vec<Line>> {
    let show = |(position, case): (usize, &CaseRecord)| {
        // Once is enough to learn it.
        let hint = outcome == Outcome::Fail && position == 0 && !options.trace;
        let view = View { base: &run.info.target, width: options.width, sources: false, hint };
        let mut lines = diagnostic::case(case, view);
        if options.trace {
            lines.extend(diagnostic::trace(case, Bounds::FULL));
        }
        lines
    };
    of_outcome(run, outcome).enumerate().map(show).collect()
}

const REASON: usize = 200;
const ALIKE: usize = 3;
