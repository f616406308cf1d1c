//! Reports on a run: what [`scim_record`] recorded, for a person at a terminal, for CI (JUnit) and for programs (JSON).
//!
//! A report consumes [`Event`]s and asks nobody anything. It does not judge, it does not decide exit codes, and it
//! shows no progress. Every text that came from a service provider is treated as hostile on its way out: control
//! characters and CI command markers arrive visible and inert, and its length is bounded.

mod diagnostic;
mod error;
mod file;
mod json;
mod junit;
mod line;
mod recording;
mod terminal;
mod text;
mod transcript;

pub use error::ReportError;
pub use json::Json;
pub use junit::Junit;
pub use terminal::{Terminal, TerminalOptions, Verbosity};

use scim_record::Event;

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

    /// Tells every report; one that fails is dropped and its error kept, so that it is told once.
    pub fn event(&mut self, event: &Event) {
        let errors = &mut self.errors;
        self.working.retain_mut(|report| report.event(event).map_err(|error| errors.push(error)).is_ok());
    }

    /// Returns what went wrong, in order.
    pub fn finish(self) -> Vec<ReportError> {
        self.errors
    }
}
