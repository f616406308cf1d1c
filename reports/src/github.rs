//! What GitHub Actions shows of a run: the summary of the job, annotations, and outputs for the steps that follow.
//!
//! Each is a report of its own, because each can fail alone. Under another CI system nobody adds them.

mod annotation;

use crate::recording::{Recording, Run};
use crate::terminal::verdict;
use crate::{Report, ReportError, markdown};
use scim_record::Event;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

/// The summary of a job: the Markdown summary, appended to the file that `GITHUB_STEP_SUMMARY` names.
#[derive(Debug)]
pub struct StepSummary {
    path: PathBuf,
    recording: Recording,
}

impl StepSummary {
    /// Appends to the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        StepSummary { path: path.into(), recording: Recording::of_troubles() }
    }

    fn append(&self, run: &Run) -> io::Result<()> {
        let mut file = appended(&self.path)?;
        let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let begin = if size == 0 { "" } else { "\n\n" };
        let room = UPLOAD.saturating_sub(size).min(SUMMARY).saturating_sub(begin.len());
        // Beyond its bound GitHub drops the whole file, what other programs wrote into it included.
        let text = Some(markdown::document(run, room)).filter(|text| text.len() <= room);
        text.map_or(Ok(()), |text| file.write_all((begin.to_owned() + &text).as_bytes()))
    }
}

impl Report for StepSummary {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        match self.recording.event(event)? {
            Some(run) => self.append(&run).map_err(|source| ReportError::File { path: self.path.clone(), source }),
            None => Ok(()),
        }
    }
}

/// The outputs of a step: lines appended to the file that `GITHUB_OUTPUT` names.
///
/// `verdict` is `passed` or what else the terminal's verdict begins with, in lower case with hyphens; `passed`, `failed`,
/// `warned`, `skipped` and `errored` count cases, `exit` is the exit code.
#[derive(Debug)]
pub struct StepOutput {
    path: PathBuf,
    recording: Recording,
}

impl StepOutput {
    /// Appends to the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        StepOutput { path: path.into(), recording: Recording::of_nothing() }
    }

    fn append(&self, run: &Run) -> io::Result<()> {
        let (word, ..) = verdict::outcome(run);
        let counts = &run.summary.counts;
        let lines = [
            format!("verdict={}\n", word.to_lowercase().replace(' ', "-")),
            format!("passed={}\n", counts.pass),
            format!("failed={}\n", counts.fail + counts.fixed),
            format!("warned={}\n", counts.warn),
            format!("skipped={}\n", counts.skip),
            format!("errored={}\n", counts.error),
            format!("exit={}\n", run.summary.exit),
        ];
        appended(&self.path)?.write_all(lines.concat().as_bytes())
    }
}

impl Report for StepOutput {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        match self.recording.event(event)? {
            Some(run) => self.append(&run).map_err(|source| ReportError::File { path: self.path.clone(), source }),
            None => Ok(()),
        }
    }
}

/// Annotations: workflow commands on the standard output, at most nine, and one that counts the rest.
#[derive(Debug)]
pub struct Annotations<W> {
    out: W,
    recording: Recording,
}

impl<W: Write> Annotations<W> {
    /// Writes the commands to `out`.
    pub fn new(out: W) -> Self {
        Annotations { out, recording: Recording::of_troubles() }
    }
}

impl<W: Write> Report for Annotations<W> {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        let Some(run) = self.recording.event(event)? else { return Ok(()) };
        let lines = annotation::lines(&run);
        let written = self.out.write_all(lines.as_bytes()).and_then(|()| self.out.flush());
        written.map_err(|source| ReportError::Stream { source })
    }
}

fn appended(path: &PathBuf) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// GitHub takes 1 MiB for a step; a page of that length helps nobody.
const SUMMARY: usize = 256 * 1024;
const UPLOAD: usize = 1024 * 1024;
