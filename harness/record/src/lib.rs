//! What happened in a run: exchanges, findings, outcomes and the events that carry them.
//!
//! Everything here is plain data. It knows nothing of sockets, suites or report formats; the engine fills it in,
//! the reports read it.

mod chapter;
mod event;
mod exchange;
mod finding;
mod fingerprint;
mod fuzz;
mod outcome;
mod redact;

pub use chapter::{AppPart, ChapterRecord, ChapterVerdict, Deed};
pub use event::{CaseRecord, Counts, Event, LeftBehind, Part, Reading, Reference, RunInfo, Summary, VendorBug};
pub use exchange::{Exchange, Failure, Header, RequestRecord, ResponseRecord, Timing};
pub use finding::{Finding, Location, Verdict};
pub use fuzz::{FuzzFinding, FuzzRun, Unsupported};
pub use outcome::{Basis, Gate, Level, Outcome};
pub use redact::{Learnt, Redactor};
