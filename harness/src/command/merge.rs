//! `rehearsal merge`: one report of the parts of a run.

use super::test::{exit_of, reports};
use super::{Failure, outputs};
use crate::cli::Merge;
use crate::exit::Exit;
use crate::merge;
use scim_record::Event;

/// Reads the parts, puts them together, and tells the whole as the run would have.
pub(super) fn execute(arguments: &Merge) -> Result<Exit, Failure> {
    outputs::are_distinct(&outputs::of_run(&arguments.output, None))?;
    let mut parts = Vec::new();
    for path in &arguments.parts {
        let part = rehearsal_reports::read(path).map_err(|cause| Failure::Usage(cause.to_string()))?;
        parts.push((path.clone(), part));
    }
    let whole = merge::merge(parts).map_err(|cause| Failure::Usage(cause.to_string()))?;
    let mut reports = reports(&arguments.output);
    reports.event(&Event::RunStarted(whole.info));
    for case in whole.cases {
        reports.event(&Event::CaseFinished(Box::new(case)));
    }
    let exit = exit_of(whole.summary.exit);
    reports.event(&Event::RunFinished(whole.summary));
    let errors: Vec<String> = reports.finish().iter().map(ToString::to_string).collect();
    if errors.is_empty() { Ok(exit) } else { Err(Failure::Reports(errors)) }
}
