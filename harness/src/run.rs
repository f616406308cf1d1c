//! The scheduler: discovery, the cases in parallel, clean-up, the summary.

use crate::capability::{self, Capabilities, TargetError};
use crate::case;
use crate::client::{Client, request};
use crate::discovery::Discovery;
use crate::exit::Exit;
use crate::fuzz::{self, FuzzSettings};
use crate::journal::Journal;
use crate::known::KnownList;
use crate::names::Seed;
use crate::schedule::Schedule;
use crate::select::Trial;
use futures_util::stream::{FuturesUnordered, StreamExt};
use scim_record::{CaseRecord, Counts, Event, Gate, LeftBehind, Part, RunInfo, Summary};
use scim_suite::{Catalog, ScimVersion, TargetKind};
use scim_transport::Transport;
use std::collections::HashSet;
use std::io;
use std::time::{Duration, Instant};
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
    /// What the cases were chosen by, for the reports.
    pub asked: Vec<String>,
    /// Whether the target is the embedded specimen.
    pub specimen: bool,
    /// What the target is known to get wrong.
    pub known: KnownList,
    /// Which part of the cases the run has, where they are divided among several.
    pub part: Option<Part>,
    /// The names of trials that run for those that require them and are not reported: they belong to another part.
    pub borrowed: HashSet<String>,
    /// Whether every case is judged, whatever became of those it requires.
    pub ignore_requires: bool,
    /// How long a read may be behind the case's own writes before that is a finding.
    pub settle: Duration,
    /// How long one case may take.
    pub case_limit: Duration,
    /// How random inputs are sent.
    pub fuzz: FuzzSettings,
}

impl Settings {
    /// How long a read may be behind a write, unless somebody says otherwise.
    pub const SETTLE: Duration = Duration::from_secs(2);
    /// How long a case may take, unless somebody says otherwise.
    pub const CASE_LIMIT: Duration = Duration::from_mins(10);

    /// Returns settings for a run at one's own speed: one case at a time, against a target that reads its own writes.
    pub fn new(gate: Gate, seed: Seed) -> Settings {
        Settings {
            gate,
            jobs: 1,
            seed,
            asked: Vec::new(),
            specimen: false,
            known: KnownList::default(),
            part: None,
            borrowed: HashSet::new(),
            ignore_requires: false,
            settle: Duration::ZERO,
            case_limit: Settings::CASE_LIMIT,
            fuzz: FuzzSettings::default(),
        }
    }
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
        let mut interrupt = self.interrupt.clone();
        let mut sides = tokio::select! {
            met = self.meet(&run_id, trials) => met?,
            // No case begins after an interrupt, so nobody misses them.
            Ok(_) = interrupt.wait_for(|stop| *stop) => Vec::new(),
        };
        emit(&Event::RunStarted(self.info(&run_id, trials.len() - self.settings.borrowed.len())));
        for side in &mut sides {
            side.provision = self.seed_user(side, trials).await;
            emit(&Event::RunExchanges(side.owner.take_exchanges()));
        }
        let hall = Hall { run: self, run_id: &run_id, sides: &sides };
        let mut tally = hall.perform_all(trials, emit).await;
        let mut closed = Ok(());
        for side in &sides {
            match side.owner.clean_up().await {
                Ok(left_behind) => tally.left_behind.extend(left_behind),
                Err(cause) => {
                    tally.left_behind.push(unaccounted("what the run itself created", &cause));
                    closed = Err(cause);
                }
            }
            emit(&Event::RunExchanges(side.owner.take_exchanges()));
        }
        let closed = closed.and_then(|()| self.journal.close());
        let interrupted = *self.interrupt.borrow();
        let summary = Summary {
            counts: tally.counts,
            requests: self.lines.iter().map(|line| line.transport.requests_sent()).sum(),
            retries: self.lines.iter().map(|line| line.transport.retries()).sum(),
            time_ms: milliseconds(started),
            exit: match self.journal.has_withheld() {
                _ if closed.is_err() => Exit::Usage.code(),
                // Whatever the others found, what was asked for did not happen.
                true if !interrupted => Exit::Refused.code(),
                _ => tally.exit(interrupted).code(),
            },
            left_behind: tally.left_behind,
            interrupted,
        };
        // Whatever became of the journal, what is known is told.
        emit(&Event::RunFinished(summary.clone()));
        closed?;
        Ok(summary)
    }

    /// Asks the target, in each version, what it is.
    async fn meet<'s>(&'s self, run_id: &'s str, trials: &[Trial<'_>]) -> Result<Vec<Side<'s>>, RunError> {
        let mut sides = Vec::new();
        // A part may have no case at all, and then there is nobody to ask anything.
        let lines = if trials.is_empty() { &[] } else { self.lines };
        for line in lines {
            let owner = Client::new(line, self.journal, run_id, &format!("run@{}", line.transport.target().base()));
            let spoken = trials.iter().filter(|trial| trial.version() == line.version);
            let wanted = capability::wanted(spoken.map(|trial| trial.case));
            let capabilities = match target_of(trials) {
                TargetKind::Scim => {
                    let met = Capabilities::discover(&owner, line.version, &wanted).await;
                    met.map_err(|error| error.over(&line.transport))?
                }
                TargetKind::EventHook => Capabilities::of_receiver(&line.transport),
            };
            let discovery = discover(&owner, line.version, trials).await;
            sides.push(Side { line, owner, capabilities, discovery, provision: Ok(()) });
        }
        Ok(sides)
    }

    fn info(&self, run_id: &str, cases: usize) -> RunInfo {
        RunInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            target: self.lines.first().map(|line| line.transport.target().base().to_owned()).unwrap_or_default(),
            run: run_id.to_owned(),
            seed: self.settings.seed.to_string(),
            gate: self.settings.gate,
            started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            asked: self.settings.asked.clone(),
            cases,
            specimen: self.settings.specimen,
            tls_unverified: self.lines.iter().any(|line| line.transport.target().is_unverified()),
            part: self.settings.part.clone(),
        }
    }

    /// Gives an empty target one user for the length of the run, if a case wants to find somebody there.
    async fn seed_user(&self, side: &Side<'_>, trials: &[Trial<'_>]) -> Result<(), String> {
        let version = side.line.version;
        let wanted = trials.iter().any(|trial| trial.case.seed && trial.version() == version);
        if !side.capabilities.is_empty || !wanted {
            return Ok(());
        }
        // The parts of one run share its seed and may run at the same time.
        let part = self.settings.part.as_ref().map(|part| format!("-{}", part.number)).unwrap_or_default();
        let name = format!("{}.resident{part}@example.com", self.settings.seed.run_id());
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

/// Returns what the trials talk to; those of one run talk to the same.
fn target_of(trials: &[Trial<'_>]) -> TargetKind {
    trials.first().map(|trial| trial.case.target).unwrap_or_default()
}

/// Reads what the server says about itself, if one of the trials compares answers with it.
async fn discover(client: &Client<'_>, version: ScimVersion, trials: &[Trial<'_>]) -> Discovery {
    let reads = |trial: &&Trial<'_>| trial.version() == version && trial.case.reads_discovery();
    match trials.iter().find(reads) {
        Some(_) => Discovery::fetch(client, version).await,
        None => Discovery::default(),
    }
}

/// One version of the target, as it was found.
struct Side<'run> {
    line: &'run Line,
    /// Owns what is there for the whole run.
    owner: Client<'run>,
    capabilities: Capabilities,
    discovery: Discovery,
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
    /// Performs the trials in the order their requirements ask for, as many at a time as there may be.
    async fn perform_all(&self, trials: &[Trial<'_>], emit: &mut dyn FnMut(&Event)) -> Tally {
        let settings = &self.run.settings;
        let mut schedule = Schedule::new(trials, !settings.ignore_requires);
        let mut tally = Tally::default();
        let mut running = FuturesUnordered::new();
        let mut started = Vec::new();
        loop {
            while !*self.run.interrupt.borrow()
                && let Some(index) = schedule.next(&started, settings.jobs.max(1))
            {
                let (trial, obstacle) = (trials[index], schedule.obstacle(index));
                let app = trial.app.map(|app| app.to_string());
                if !self.is_borrowed(trial) {
                    emit(&Event::CaseStarted { id: trial.case.id.clone(), app });
                }
                started.push(index);
                running.push(async move { (index, self.perform(trial, obstacle).await) });
            }
            let Some((index, (record, left_behind))) = running.next().await else { return tally };
            started.retain(|other| *other != index);
            schedule.finished(index, record.outcome, record.reason.as_deref());
            if self.is_borrowed(trials[index]) {
                tally.left_behind.extend(left_behind);
                continue;
            }
            tally.add(&record, left_behind);
            emit(&Event::CaseFinished(Box::new(record)));
        }
    }

    /// Returns whether another part of the run reports the trial.
    fn is_borrowed(&self, trial: Trial<'_>) -> bool {
        let borrowed = &self.run.settings.borrowed;
        !borrowed.is_empty() && borrowed.contains(&trial.to_string())
    }

    /// Performs one trial, unless there is an obstacle, and removes what it created, whatever its end.
    async fn perform(&self, trial: Trial<'_>, obstacle: Option<String>) -> (CaseRecord, Vec<LeftBehind>) {
        let started = Instant::now();
        let Run { journal, catalog, settings, interrupt, .. } = self.run;
        let side = self.sides.iter().find(|side| side.line.version == trial.version());
        let side = side.expect("only trials of the run's versions are selected");
        let client = Client::new(side.line, journal, self.run_id, &trial.to_string());
        let mut interrupt = interrupt.clone();
        let verdict = match obstacle.or_else(|| side.obstacle(trial)) {
            Some(reason) => case::Verdict::skipped(reason),
            None if trial.case.fuzz.is_some() => {
                fuzz::perform(&client, trial, settings, &side.discovery, &mut interrupt).await
            }
            None => tokio::select! {
                verdict = case::perform(&client, trial, settings, &side.discovery) => verdict,
                Ok(_) = interrupt.wait_for(|stop| *stop) => case::Verdict::skipped("interrupted".to_owned()),
                () = tokio::time::sleep(settings.case_limit) => case::Verdict::skipped(overdue(settings.case_limit)),
            },
        };
        let verdict = client.withheld().map_or(verdict, case::Verdict::skipped);
        let cleaned_up = match trial.case.fuzz {
            // A target that has gone away answers nothing, object by object.
            Some(_) => client.clean_up_within(fuzz::CLEAN_UP_LIMIT).await,
            None => client.clean_up().await,
        };
        let left_behind =
            cleaned_up.unwrap_or_else(|cause| vec![unaccounted(&format!("what {trial} created"), &cause)]);
        let repeated = client.repeated();
        let mut record = verdict.into_record(trial, catalog, client);
        record.time_ms = milliseconds(started);
        record.notes.extend(repeated);
        record.mark_findings(self.run_id, side.line.transport.target().base());
        settings.known.judge(&trial, settings.gate, &mut record);
        (record, left_behind)
    }
}

impl Side<'_> {
    /// Returns why the trial cannot be judged here.
    fn obstacle(&self, trial: Trial<'_>) -> Option<String> {
        let seedless = || trial.case.seed.then(|| self.provision.as_ref().err().cloned()).flatten();
        let case = trial.case;
        self.capabilities
            .unmet(&case.needs)
            .or_else(|| self.capabilities.offered(&case.lacks))
            .or_else(|| capability::not_given(&self.discovery, &case.given))
            .or_else(seedless)
    }
}

/// What may be left is in the journal as far as that could be written.
fn unaccounted(what: &str, cause: &io::Error) -> LeftBehind {
    LeftBehind { path: what.to_owned(), reason: format!("the journal failed: {cause}") }
}

/// A large directory takes its time as much as a server that dawdles, so this is nobody's fault.
pub(crate) fn overdue(limit: Duration) -> String {
    format!("it was not over after {} s (--case-limit allows more)", limit.as_secs_f64())
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
