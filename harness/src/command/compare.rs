//! `rehearsal compare`: what became of the cases of one run in another.

use super::Failure;
use super::test::colour;
use crate::cli::Compare;
use crate::exit::Exit;
use rehearsal_reports::{PastRun, ReadError};
use std::io::{self, Write};
use std::path::Path;

/// Compares two reports and prints the result; something that broke is a finding.
pub(super) fn execute(arguments: &Compare) -> Result<Exit, Failure> {
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    let comparison = rehearsal_reports::compare(&old, &new);
    let text = match arguments {
        Compare { json: true, .. } => comparison.json(),
        Compare { markdown: true, .. } => comparison.markdown(),
        _ => comparison.text(colour(arguments.color)),
    };
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|cause| Failure::Reports(vec![format!("write the comparison: {cause}")]))?;
    Ok(if comparison.is_worse() { Exit::Findings } else { Exit::Passed })
}

fn read(path: &Path) -> Result<PastRun, Failure> {
    rehearsal_reports::read(path).map_err(|cause: ReadError| Failure::Usage(cause.to_string()))
}
