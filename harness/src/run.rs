//! The scheduler: discovery, the cases in parallel, clean-up, the summary.

use crate::capability::{Capabilities, TargetError};
use crate::case;
use crate::client::{Client, request};
use crate::exit::Exit;
use crate::journal::Journal;
use crate::names::Seed;
use crate::select::Trial;
use futures_util::stream::{self, StreamExt};
use scim_record::{CaseRecord, Counts, Event, Gate, LeftBehind, RunInfo, Summary};
use scim_suite::{Catalog, ScimVersion};
use scim_transport::Transport;
use std::cell::RefCell;
use std::io;
use std::time::Instant;
use thiserror::Error;
use tokio::sync::watch;

/// How a run is done.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What turns the run red.
    pub gate: Gate,
    /// How many cases run at a time.
    pub jobs: usize,
    /// What names and values grow from.
    pub seed: Seed,
    /// Whether the target is the embedded specimen.
    pub specimen: bool,
}

/// The way to one version of the target.
#[derive(Debug, Clone)]
pub struct Line {
    /// What is spoken there.
    pub version: ScimVersion,
    /// How it is reached; the redactor knows the run's id as the mark of our own objects.
    pub transport: Transport,
}

/// What a run works with.
pub struct Run<'run> {
    /// The ways to the target, one for each version of SCIM; the first names the target in reports.
    pub lines: &'run [Line],
    /// Where what was created is written down.
    pub journal: &'run Journal,
    /// What references and vendor bugs mean.
    pub catalog: &'run Catalog,
    /// How it is done.
    pub settings: Settings,
    /// Turns true when the run is to end early.
    pub interrupt: watch::Receiver<bool>,
}

/// Why a run could not be done.
#[derive(Debug, Error)]
pub enum RunError {
    /// The target does not let itself be tested.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The journal failed, so that nothing more could be created safely.
    #[error("the journal cannot be written: {0}")]
    Journal(#[from] io::Error),
}

impl Run<'_> {
    /// Runs the trials and tells `emit` what happens, in order.
    ///
    /// # Errors
    /// If the target cannot be tested at all, or the journal cannot be written.
    pub async fn execute(&self, trials: &[Trial<'_>], emit: &mut dyn FnMut(&Event)) -> Result<Summary, RunError> {
        let started = Instant::now();
        let run_id = self.settings.seed.run_id();
        let mut sides = Vec::new();
        for line in self.lines {
            let owner = Client::new(line, self.journal, &run_id, &format!("run@{}", line.transport.target().base()));
            let capabilities = Capabilities::discover(&owner, line.version).await?;
            sides.push(Side { line, owner, capabilities, provision: Ok(()) });
        }
        emit(&Event::RunStarted(self.info(&run_id, trials.len())));
        for side in &mut sides {
            side.provision = self.seed_user(side, trials).await;
        }
        let hall = Hall { run: self, run_id: &run_id, sides: &sides };
        let tally = RefCell::new(Tally::default());
        let emit = RefCell::new(emit);
        let (alone, together): (Vec<&Trial<'_>>, Vec<&Trial<'_>>) =
            trials.iter().partition(|trial| trial.case.exclusive);
        let lanes = [(alone, 1), (together, self.settings.jobs.max(1))];
        for (trials, width) in lanes {
            stream::iter(trials)
                .map(|trial| async {
                    if *self.interrupt.borrow() {
                        return;
                    }
                    let app = trial.app.map(|app| app.to_string());
                    (emit.borrow_mut())(&Event::CaseStarted { id: trial.case.id.clone(), app });
                    let (record, left_behind) = hall.perform(*trial).await;
                    tally.borrow_mut().add(&record, left_behind);
                    (emit.borrow_mut())(&Event::CaseFinished(Box::new(record)));
                })
                .buffer_unordered(width)
                .collect::<()>()
                .await;
        }

        let mut tally = tally.into_inner();
        for side in &sides {
            tally.left_behind.extend(side.owner.clean_up().await?);
        }
        self.journal.close()?;
        let interrupted = *self.interrupt.borrow();
        let summary = Summary {
            counts: tally.counts,
            requests: self.lines.iter().map(|line| line.transport.requests_sent()).sum(),
            time_ms: milliseconds(started),
            exit: tally.exit(interrupted).code(),
            left_behind: tally.left_behind,
            interrupted,
        };
        (emit.borrow_mut())(&Event::RunFinished(summary.clone()));
        Ok(summary)
    }

    fn info(&self, run_id: &str, cases: usize) -> RunInfo {
        RunInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            target: self.lines.first().map(|line| line.transport.target().base().to_owned()).unwrap_or_default(),
            run: run_id.to_owned(),
            seed: self.settings.seed.to_string(),
            gate: self.settings.gate,
            started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            cases,
            specimen: self.settings.specimen,
        }
    }

    /// Gives an empty target one user for the length of the run, if a case wants to find somebody there.
    async fn seed_user(&self, side: &Side<'_>, trials: &[Trial<'_>]) -> Result<(), String> {
        let version = side.line.version;
        let wanted = trials.iter().any(|trial| trial.case.seed && trial.version() == version);
        if !side.capabilities.is_empty || !wanted {
            return Ok(());
        }
        let name = format!("{}.resident@example.com", self.settings.seed.run_id());
        let body = serde_json::json!({
            "schemas": [match version {
                ScimVersion::V2 => scim_lang::urn::USER,
                ScimVersion::V1_1 => "urn:scim:schemas:core:1.0",
            }],
            "userName": name,
            "name": { "givenName": "Resident", "familyName": "Rehearsal" },
            "displayName": "Resident Rehearsal",
            "emails": [{ "value": name, "type": "work", "primary": true }],
            "active": true,
        });
        let request = request(version, "POST", "/Users".to_owned(), Some(body.to_string().into()));
        match side.owner.send("seed", request).await {
            Ok(answer) if (200..300).contains(&answer.reply.status) => Ok(()),
            Ok(answer) => Err(format!("the target holds no user, and creating one answered {}", answer.reply.status)),
            Err(_) => Err("the target holds no user, and creating one got no answer".to_owned()),
        }
    }
}

/// One version of the target, as it was found.
struct Side<'run> {
    line: &'run Line,
    /// Owns what is there for the whole run.
    owner: Client<'run>,
    capabilities: Capabilities,
    /// Why there is nobody for the cases that want to find somebody.
    provision: Result<(), String>,
}

/// What every trial of a run shares.
struct Hall<'run> {
    run: &'run Run<'run>,
    run_id: &'run str,
    sides: &'run [Side<'run>],
}

impl Hall<'_> {
    /// Performs one trial and removes what it created, whatever its end.
    async fn perform(&self, trial: Trial<'_>) -> (CaseRecord, Vec<LeftBehind>) {
        let started = Instant::now();
        let Run { journal, catalog, settings, interrupt, .. } = self.run;
        let side = self.sides.iter().find(|side| side.line.version == trial.version());
        let side = side.expect("only trials of the run's versions are selected");
        let client = Client::new(side.line, journal, self.run_id, &trial.to_string());
        let mut interrupt = interrupt.clone();
        let verdict = match side.obstacle(trial) {
            Some(reason) => case::Verdict::skipped(reason),
            None => tokio::select! {
                verdict = case::perform(&client, trial, settings) => verdict,
                Ok(_) = interrupt.wait_for(|stop| *stop) => case::Verdict::skipped("interrupted".to_owned()),
            },
        };
        let left_behind = client.clean_up().await.unwrap_or_else(|cause| {
            vec![LeftBehind { path: format!("what {trial} created"), reason: format!("the journal failed: {cause}") }]
        });
        let mut record = verdict.into_record(trial, catalog, client);
        record.time_ms = milliseconds(started);
        (record, left_behind)
    }
}

impl Side<'_> {
    /// Returns why the trial cannot be judged here.
    fn obstacle(&self, trial: Trial<'_>) -> Option<String> {
        let seedless = || trial.case.seed.then(|| self.provision.as_ref().err().cloned()).flatten();
        self.capabilities.unmet(&trial.case.needs).or_else(seedless)
    }
}

/// What the finished cases add up to.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    pub(crate) left_behind: Vec<LeftBehind>,
}

impl Tally {
    pub(crate) fn add(&mut self, record: &CaseRecord, left_behind: Vec<LeftBehind>) {
        self.counts.add(record.outcome);
        self.left_behind.extend(left_behind);
    }

    /// Returns the exit code: the gravest thing wins.
    pub(crate) fn exit(&self, interrupted: bool) -> Exit {
        let Counts { pass, warn, fail, skip: _, error, known, fixed } = self.counts;
        if interrupted && !self.left_behind.is_empty() {
            Exit::LeftBehind
        } else if interrupted {
            Exit::Interrupted
        } else if fail + fixed > 0 {
            Exit::Findings
        } else if error > 0 {
            Exit::Target
        } else if !self.left_behind.is_empty() {
            Exit::LeftBehind
        } else if pass + warn + known == 0 {
            Exit::NothingRan
        } else {
            Exit::Passed
        }
    }
}

pub(crate) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use scim_record::Outcome;

    fn exit(outcomes: &[Outcome], left_behind: usize, interrupted: bool) -> Exit {
        let mut tally = Tally::default();
        outcomes.iter().for_each(|outcome| tally.counts.add(*outcome));
        let object = LeftBehind { path: "/Users/1".to_owned(), reason: "DELETE answered 405".to_owned() };
        tally.left_behind = vec![object; left_behind];
        tally.exit(interrupted)
    }

    #[test]
    fn the_exit_code_says_the_gravest_thing() {
        use Outcome::{Error, Fail, Fixed, Known, Pass, Skip, Warn};
        assert_eq!(exit(&[Pass, Warn, Skip, Known], 0, false), Exit::Passed);
        assert_eq!(exit(&[Pass, Fail, Error], 1, false), Exit::Findings);
        assert_eq!(exit(&[Pass, Fixed], 0, false), Exit::Findings);
        assert_eq!(exit(&[Pass, Error], 1, false), Exit::Target);
        assert_eq!(exit(&[Pass], 1, false), Exit::LeftBehind);
        assert_eq!(exit(&[Skip, Skip], 0, false), Exit::NothingRan);
        assert_eq!(exit(&[], 0, false), Exit::NothingRan);
        assert_eq!(exit(&[Fail], 0, true), Exit::Interrupted);
        assert_eq!(exit(&[Fail], 1, true), Exit::LeftBehind);
    }
}
