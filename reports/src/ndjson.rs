//! The report for programs that watch: one JSON object a line, written when it happens.

use crate::file::Growing;
use crate::json::events::Line;
use crate::json::inert;
use crate::{Report, ReportError};
use scim_record::Event;
use std::path::PathBuf;

/// The event stream of a run, written to a file that can be followed; `events.schema.json` describes its lines.
#[derive(Debug)]
pub struct Ndjson {
    path: PathBuf,
    stream: Option<Stream>,
}

#[derive(Debug)]
struct Stream {
    out: Growing,
    chosen: usize,
}

impl Ndjson {
    /// Reports to the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Ndjson { path: path.into(), stream: None }
    }
}

impl Report for Ndjson {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        if let Event::RunStarted(info) = event {
            self.stream = Some(Stream { out: Growing::live(&self.path)?, chosen: info.cases });
        }
        let stream = self.stream.as_mut().ok_or(ReportError::NeverStarted)?;
        let line = Line::of(event, stream.chosen);
        let text = serde_json::to_string(&line).expect("texts, numbers and lists of them always serialise");
        stream.out.write_now((inert(&text) + "\n").as_bytes())?;
        if matches!(event, Event::RunFinished(_)) {
            self.stream = None;
        }
        Ok(())
    }
}
