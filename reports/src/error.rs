//! Why a report could not be written.

use std::io;
use std::path::PathBuf;

/// Why a report could not be written. The run's own verdict stands nevertheless.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A report file, or a folder above it, could not be created or filled.
    #[error("write the report `{}`: {source}", path.display())]
    File {
        /// The file as it was asked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The terminal report could not be written to its stream.
    #[error("write the results: {source}")]
    Stream {
        /// What the system said.
        source: io::Error,
    },
    /// The events came in an order that no run has.
    #[error("report a run that never started")]
    NeverStarted,
}
