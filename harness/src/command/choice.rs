//! What a run is to do beyond the cases that were selected: which part of them, which again, and what is known of them.

use super::Failure;
use crate::cli::RunArgs;
use crate::known::{Additions, KnownList};
use crate::rerun;
use crate::select::Trial;
use jiff::civil::Date;
use scim_record::Part;
use scim_suite::Plan;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The trials of a run, and how they are to be taken.
pub(super) struct Choice<'plan> {
    pub(super) trials: Vec<Trial<'plan>>,
    /// The names of those that another part of the run reports.
    pub(super) borrowed: HashSet<String>,
    pub(super) part: Option<Part>,
    pub(super) known: KnownList,
    /// What is to be added to a list of known failures, if anything is.
    pub(super) additions: Option<Additions>,
}

impl<'plan> Choice<'plan> {
    /// Chooses from the selected trials for a target, before anything is sent to it.
    pub(super) fn of(
        selected: &[Trial<'plan>],
        plan: &Plan,
        run: &RunArgs,
        target: &str,
        is_specimen: bool,
    ) -> Result<Choice<'plan>, Failure> {
        let today = today();
        let wrong = |cause: crate::known::KnownError| Failure::Usage(cause.to_string());
        let known = match known_file(run, is_specimen) {
            Some(path) => KnownList::read(&path, plan, today).map_err(wrong)?,
            None => KnownList::default(),
        };
        let additions = run.write_known.as_deref().map(|path| Additions::to(path, plan, today));
        let additions = additions.transpose().map_err(wrong)?;
        let trials = match &run.rerun {
            Some(rerun) => rerun.choose(selected, &rerun::name(target, is_specimen), &run.journal_dir)?,
            None => selected.to_vec(),
        };
        Ok(match run.partition {
            Some(partition) => {
                let share = partition.of(&trials, !run.ignore_requires);
                let (trials, borrowed) = (share.trials, share.borrowed);
                Choice { trials, borrowed, part: Some(share.part), known, additions }
            }
            None => Choice { trials, borrowed: HashSet::new(), part: None, known, additions },
        })
    }
}

/// A list that lies there is a project's own and says nothing about the specimen.
fn known_file(run: &RunArgs, is_specimen: bool) -> Option<PathBuf> {
    let lies_there = || Some(PathBuf::from(DEFAULT)).filter(|path| !is_specimen && Path::exists(path));
    run.known.clone().or_else(lies_there)
}

/// Days are UTC's, so that a list means the same to everybody.
fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

const DEFAULT: &str = "rehearsal.known.toml";
