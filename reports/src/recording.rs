//! Keeps a run's events until it has ended, for reports that are written in one go.

use crate::ReportError;
use scim_record::{CaseRecord, Event, Outcome, RunInfo, Summary};

/// The events of a run so far.
#[derive(Debug)]
pub(crate) struct Recording {
    keeps: fn(Outcome) -> bool,
    info: Option<RunInfo>,
    cases: Vec<CaseRecord>,
    is_story: bool,
}

/// A whole run, its cases sorted by id and app.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) info: RunInfo,
    pub(crate) cases: Vec<CaseRecord>,
    pub(crate) summary: Summary,
    /// Whether the cases are expectations of a story.
    pub(crate) is_story: bool,
}

impl Recording {
    /// Keeps everything.
    pub(crate) fn whole() -> Recording {
        Recording { keeps: |_| true, info: None, cases: Vec::new(), is_story: false }
    }

    /// Keeps everything but the exchanges of cases that nobody will ask about: bodies may be large and cases many.
    pub(crate) fn of_troubles() -> Recording {
        let keeps = |outcome| matches!(outcome, Outcome::Fail | Outcome::Warn | Outcome::Error);
        Recording { keeps, info: None, cases: Vec::new(), is_story: false }
    }

    /// Keeps no exchange, for what counts alone.
    pub(crate) fn of_nothing() -> Recording {
        Recording { keeps: |_| false, ..Recording::whole() }
    }

    /// Takes in an event and returns the whole run when this was its last.
    pub(crate) fn event(&mut self, event: &Event) -> Result<Option<Run>, ReportError> {
        match event {
            Event::RunStarted(info) => self.info = Some(info.clone()),
            Event::CaseStarted { .. } | Event::RunExchanges(_) => {}
            Event::ChapterFinished(_) => self.is_story = true,
            Event::CaseFinished(case) => self.keep(case),
            Event::RunFinished(summary) => return self.finish(summary).map(Some),
        }
        Ok(None)
    }

    fn keep(&mut self, case: &CaseRecord) {
        let mut case = case.clone();
        if !(self.keeps)(case.outcome) {
            case.exchanges = Vec::new();
        }
        self.cases.push(case);
    }

    fn finish(&mut self, summary: &Summary) -> Result<Run, ReportError> {
        let info = self.info.take().ok_or(ReportError::NeverStarted)?;
        let mut cases = std::mem::take(&mut self.cases);
        cases.sort_by(|a, b| (&a.id, &a.app).cmp(&(&b.id, &b.app)));
        Ok(Run { info, cases, summary: summary.clone(), is_story: self.is_story })
    }
}
