//! Reports on a run: what [`scim_record`] recorded, for people (terminal, HTML,
//! Markdown), for CI (JUnit, GitHub) and for programs (JSON, NDJSON, HAR).
//!
//! A report consumes [`Event`]s and asks nobody anything. It does not judge, it does not decide exit codes, and it
//! shows no progress. Every text that came from a service provider is treated as hostile on its way out: control
//! characters and CI command markers arrive visible and inert, and its length is bounded.

mod compare;
mod diagnostic;
mod error;
mod file;
mod github;
mod har;
mod html;
mod json;
mod junit;
mod line;
mod markdown;
mod ndjson;
mod read;
pub mod readiness;
mod recording;
mod terminal;
mod text;
mod transcript;

pub use compare::{Change, Comparison, Side, compare};
pub use error::ReportError;
pub use github::{Annotations, StepOutput, StepSummary};
pub use har::Har;
pub use html::Html;
pub use json::Json;
pub use junit::Junit;
pub use markdown::Markdown;
pub use ndjson::Ndjson;
pub use read::{PastRun, ReadError, read};
pub use readiness::Readiness;
pub use terminal::{Terminal, TerminalOptions, Verbosity};
pub use text::harmless;

use scim_record::{Event, Summary};

/// Something that turns the events of a run into a report.
pub trait Report {
    /// Takes in the next event; [`Event::RunFinished`] writes what is left to write.
    ///
    /// # Errors
    /// Returns what kept the report from being written; the run itself is not affected by it.
    fn event(&mut self, event: &Event) -> Result<(), ReportError>;
}

/// Several reports on one run; one that cannot be written does not take the others down.
///
/// ```
/// use rehearsal_reports::{Json, Junit, Reports};
///
/// let mut reports = Reports::default();
/// reports.add(Junit::new("target/rehearsal.xml"));
/// reports.add(Json::new("target/rehearsal.json"));
/// assert!(reports.finish().is_empty());
/// ```
#[derive(Default)]
pub struct Reports {
    working: Vec<Box<dyn Report + Send>>,
    errors: Vec<ReportError>,
}

impl Reports {
    /// Adds a report that hears of every event from here on.
    pub fn add(&mut self, report: impl Report + Send + 'static) {
        self.working.push(Box::new(report));
    }

    /// Tells every report, in the order they were added; one that fails is dropped and its error kept, so that it is told
    /// once.
    pub fn event(&mut self, event: &Event) {
        let errors = &mut self.errors;
        self.working.retain_mut(|report| {
            let told = match event {
                // A report that could not be written changes how the run ends, and those that come later say so.
                Event::RunFinished(summary) if !errors.is_empty() => {
                    report.event(&Event::RunFinished(Summary { exit: UNWRITTEN, ..summary.clone() }))
                }
                event => report.event(event),
            };
            told.map_err(|error| errors.push(error)).is_ok()
        });
    }

    /// Returns what went wrong, in order.
    pub fn finish(self) -> Vec<ReportError> {
        self.errors
    }
}

/// The exit code of a run one of whose reports could not be written.
const UNWRITTEN: u8 = 74;
