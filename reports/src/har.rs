//! The report for network tools: every exchange of a run as an HTTP Archive (HAR 1.2), which browsers and proxies open.
//!
//! Entries are written as cases end, so a run of any length costs the memory of one case. What the record does not know
//! is marked as HAR has it: -1 for a time or a size, `unknown` for a response's HTTP version. Members of ours begin with
//! an underscore: `_case`, `_app` and `_step` say what an exchange belongs to, `_error` why there is no response.

mod entry;

use crate::file::Growing;
use crate::json::inert;
use crate::{Report, ReportError};
use entry::Entry;
use scim_record::{Event, Exchange, RunInfo};
use serde::Serialize;
use serde_json::json;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// The HTTP Archive of a run, written to a file.
#[derive(Debug)]
pub struct Har {
    path: PathBuf,
    log: Option<Log>,
}

impl Har {
    /// Reports to the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Har { path: path.into(), log: None }
    }
}

impl Report for Har {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        if let Event::RunStarted(info) = event {
            self.log = Some(Log::begin(Growing::aside(&self.path)?, info)?);
            return Ok(());
        }
        let log = self.log.as_mut().ok_or(ReportError::NeverStarted)?;
        match event {
            Event::RunStarted(_) | Event::CaseStarted { .. } => Ok(()),
            Event::RunExchanges(exchanges) => log.add(exchanges, Owner::default()),
            Event::CaseFinished(case) => {
                let owner = Owner { case: Some(&case.id), app: case.app.as_deref() };
                log.add(&case.exchanges, owner)
            }
            Event::ChapterFinished(chapter) => chapter.apps.iter().try_for_each(|part| {
                let owner = Owner { case: Some(&chapter.id), app: Some(&part.name) };
                log.add(&part.exchanges, owner)
            }),
            Event::RunFinished(_) => self.log.take().map_or(Ok(()), Log::end),
        }
    }
}

/// What an exchange belongs to.
#[derive(Debug, Clone, Copy, Default)]
struct Owner<'a> {
    case: Option<&'a str>,
    app: Option<&'a str>,
}

/// The archive while it grows.
#[derive(Debug)]
struct Log {
    out: Growing,
    /// The expectations of a story look at the same exchanges; each is written once.
    written: HashSet<u64>,
}

impl Log {
    fn begin(mut out: Growing, info: &RunInfo) -> Result<Log, ReportError> {
        let creator = json!({ "name": "rehearsal", "version": info.version });
        let comment = format!(
            "run {} on {}, seed {}, {} gate; secrets were removed before anything was recorded",
            info.run, info.target, info.seed, info.gate
        );
        let head = format!(
            "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"comment\":{},\"pages\":[],\"entries\":[",
            json!(comment)
        );
        out.write(inert(&head).as_bytes())?;
        Ok(Log { out, written: HashSet::new() })
    }

    fn add(&mut self, exchanges: &[Exchange], owner: Owner<'_>) -> Result<(), ReportError> {
        for exchange in exchanges {
            let first = self.written.is_empty();
            if self.written.insert(identity(exchange)) {
                let entry = text(&Entry::of(exchange, owner.case, owner.app));
                self.out.write(if first { b"\n" } else { b",\n" })?;
                self.out.write(inert(&entry).as_bytes())?;
            }
        }
        Ok(())
    }

    fn end(mut self) -> Result<(), ReportError> {
        self.out.write(b"\n]}}\n")?;
        self.out.finish()
    }
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts, numbers and lists of them always serialise")
}

/// Tells exchanges apart: no two of a run begin at the same moment, last equally long to the nanosecond, and say the same.
fn identity(exchange: &Exchange) -> u64 {
    let mut hasher = DefaultHasher::new();
    let timing = exchange.timing;
    (timing.started_ms, timing.headers_ms.to_bits(), timing.total_ms.to_bits()).hash(&mut hasher);
    (&exchange.request.method, &exchange.request.url, &exchange.request.body).hash(&mut hasher);
    exchange.response.as_ref().map(|response| (response.status, &response.body)).hash(&mut hasher);
    hasher.finish()
}
