//! Performs one trial: its steps in order, each judged by its expectations, until one does not hold.

mod act;
mod answer;
mod judge;
mod pages;
mod record;
mod stage;

pub(crate) use judge::scrub;
pub(crate) use record::{basis, level, location};

use crate::bindings::Bindings;
use crate::client::Client;
use crate::discovery::Discovery;
use crate::run::Settings;
use crate::select::Trial;
use crate::transcript;
use act::Acted;
use futures_util::future::join_all;
use scim_record::{CaseRecord, Finding, FuzzRun, Outcome, Reading};
use scim_suite::{Action, Catalog, Step, TargetKind};
use serde_json::Value;
use stage::Stage;
use std::collections::HashMap;

/// What became of a trial.
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<String>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) reading: Option<Reading>,
    pub(crate) notes: Vec<String>,
    /// What was sent, where the case is made of random inputs.
    pub(crate) fuzz: Option<FuzzRun>,
}

impl Verdict {
    /// Returns the verdict on a trial that could not be judged.
    pub(crate) fn skipped(reason: String) -> Verdict {
        let (findings, notes) = (Vec::new(), Vec::new());
        Verdict { outcome: Outcome::Skip, reason: Some(reason), findings, reading: None, notes, fuzz: None }
    }

    /// Returns the record of the trial.
    pub(crate) fn into_record(self, trial: Trial<'_>, catalog: &Catalog, client: Client<'_>) -> CaseRecord {
        record::of(self, trial, catalog, client)
    }
}

/// Performs the trial. What it created stays; the caller cleans up.
pub(crate) async fn perform(
    client: &Client<'_>,
    trial: Trial<'_>,
    settings: &Settings,
    discovery: &Discovery,
) -> Verdict {
    let mut performance = Performance::new(client, trial, settings, discovery);
    let reason = performance.perform_rounds().await.err();
    let Performance { findings, end, reading, notes, .. } = performance;
    let fails = findings.iter().any(|finding| finding.verdict == scim_record::Verdict::Fail);
    let (outcome, reason) = match (reason, fails, findings.is_empty(), end) {
        (Some(reason), ..) => (Outcome::Error, Some(reason)),
        (None, true, ..) => (Outcome::Fail, None),
        (None, false, false, _) => (Outcome::Warn, None),
        (None, false, true, Some(End::Skipped(reason))) => (Outcome::Skip, Some(reason)),
        (None, false, true, Some(End::Passed) | None) => (Outcome::Pass, None),
    };
    Verdict { outcome, reason, findings, reading, notes, fuzz: None }
}

/// How an answer ended the trial before its last step.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// The server is right, and there is nothing more to ask it.
    Passed,
    /// The server does not offer what the case is about; a sentence says how that showed.
    Skipped(String),
}

/// A resource that an answer held.
#[derive(Debug)]
struct Saved {
    value: Value,
    /// The same as the redacted evidence has it.
    shown: Value,
}

/// A trial while it runs.
struct Performance<'p, 'run> {
    client: &'p Client<'run>,
    trial: Trial<'p>,
    settings: &'p Settings,
    /// What the server says about itself.
    discovery: &'p Discovery,
    bindings: Bindings,
    /// The Okta org, where the case has one.
    stage: Option<Stage>,
    transcript: transcript::Recorder,
    findings: Vec<Finding>,
    reading: Option<Reading>,
    notes: Vec<String>,
    /// What answers held, by the names that steps gave it.
    saved: HashMap<String, Saved>,
    /// The value that `{{each}}` stands for.
    each: Option<String>,
    /// Whether the trial may have changed something at the server, so that reads may be behind.
    has_written: bool,
    /// Whether an answer has ended the trial.
    end: Option<End>,
    /// Whether something went wrong, be it below what the gate mentions.
    is_broken: bool,
}

/// Why the world keeps the trial from going on; a finding is not among the reasons.
type Broken = String;

impl<'p, 'run> Performance<'p, 'run> {
    fn new(client: &'p Client<'run>, trial: Trial<'p>, settings: &'p Settings, discovery: &'p Discovery) -> Self {
        let mut bindings = Bindings::new(settings.seed, &trial.to_string(), client.base());
        if trial.case.target == TargetKind::EventHook {
            bindings.bind_receiver(settings.seed, &trial.to_string(), client.rest(), jiff::Timestamp::now());
        }
        let setup = trial.case.okta.as_ref().zip(trial.app);
        let stage = setup.map(|(setup, app)| Stage::set_up(setup, app, &trial.to_string(), settings.seed, &bindings));
        if let Some(stage) = &stage {
            stage.bind(&mut bindings);
        }
        Performance {
            client,
            trial,
            settings,
            discovery,
            bindings,
            stage,
            transcript: transcript::Recorder::default(),
            findings: Vec::new(),
            reading: None,
            notes: Vec::new(),
            saved: HashMap::new(),
            each: None,
            has_written: false,
            end: None,
            is_broken: false,
        }
    }

    /// Performs the steps, those that belong together at the same time, until something is wrong.
    async fn perform_rounds(&mut self) -> Result<(), Broken> {
        let mut number = 0;
        for round in self.trial.case.rounds() {
            if let [step] = round
                && let Action::Send(send) = &step.action
            {
                self.perform_send(&act::label(number), step, send).await?;
            } else {
                self.perform_together(number, round).await?;
            }
            number += round.len();
            if self.is_broken || self.end.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Performs steps at the same time, or the one that is an event.
    async fn perform_together(&mut self, number: usize, round: &[Step]) -> Result<(), Broken> {
        let acts = round.iter().zip(number..).map(|(step, number)| self.prepare(number, step));
        let prepared = acts.collect::<Result<Vec<_>, Broken>>()?;
        let acted = join_all(prepared.into_iter().map(|prepared| self.act(prepared))).await;
        for (step, acted) in round.iter().zip(acted) {
            self.judge(step, acted?).await?;
        }
        Ok(())
    }

    /// Judges what came of a step.
    async fn judge(&mut self, step: &Step, acted: Acted) -> Result<(), Broken> {
        if let Some(stage) = &self.stage {
            stage.bind(&mut self.bindings);
        }
        match acted {
            Acted::Answered { label, answer } => {
                let Action::Send(send) = &step.action else { unreachable!("only a sent request is answered") };
                self.judge_send(&label, step, send, &answer);
            }
            Acted::Happened(happened) => self.judge_event(step, happened).await?,
            Acted::Failed { label, trouble } => self.find(&label, trouble.mismatch, trouble.exchange),
        }
        Ok(())
    }
}
