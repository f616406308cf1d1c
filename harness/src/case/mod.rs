//! Performs one trial: its steps in order, each judged by its expectations, until one does not hold.

mod act;
mod judge;
mod record;
mod stage;

use crate::bindings::Bindings;
use crate::client::Client;
use crate::run::Settings;
use crate::select::Trial;
use crate::transcript;
use act::Acted;
use futures_util::future::join_all;
use scim_record::{CaseRecord, Finding, Outcome};
use scim_suite::{Catalog, Step};
use stage::Stage;

/// What became of a trial.
pub(crate) struct Verdict {
    outcome: Outcome,
    reason: Option<String>,
    findings: Vec<Finding>,
}

impl Verdict {
    /// Returns the verdict on a trial that could not be judged.
    pub(crate) fn skipped(reason: String) -> Verdict {
        Verdict { outcome: Outcome::Skip, reason: Some(reason), findings: Vec::new() }
    }

    /// Returns the record of the trial.
    pub(crate) fn into_record(self, trial: Trial<'_>, catalog: &Catalog, client: Client<'_>) -> CaseRecord {
        record::of(self, trial, catalog, client)
    }
}

/// Performs the trial. What it created stays; the caller cleans up.
pub(crate) async fn perform(client: &Client<'_>, trial: Trial<'_>, settings: &Settings) -> Verdict {
    let mut performance = Performance::new(client, trial, settings);
    let reason = performance.perform_rounds().await.err();
    let findings = performance.findings;
    let fails = findings.iter().any(|finding| finding.verdict == scim_record::Verdict::Fail);
    let outcome = match (&reason, fails, findings.is_empty()) {
        (Some(_), ..) => Outcome::Error,
        (None, true, _) => Outcome::Fail,
        (None, false, false) => Outcome::Warn,
        (None, false, true) => Outcome::Pass,
    };
    Verdict { outcome, reason, findings }
}

/// A trial while it runs.
struct Performance<'p, 'run> {
    client: &'p Client<'run>,
    trial: Trial<'p>,
    settings: &'p Settings,
    bindings: Bindings,
    /// The Okta org, where the case has one.
    stage: Option<Stage>,
    transcript: transcript::Recorder,
    findings: Vec<Finding>,
    /// Whether something went wrong, be it below what the gate mentions.
    is_broken: bool,
}

/// Why the world keeps the trial from going on; a finding is not among the reasons.
type Broken = String;

impl<'p, 'run> Performance<'p, 'run> {
    fn new(client: &'p Client<'run>, trial: Trial<'p>, settings: &'p Settings) -> Self {
        let mut bindings = Bindings::new(settings.seed, &trial.to_string(), client.base());
        let setup = trial.case.okta.as_ref().zip(trial.app);
        let stage = setup.map(|(setup, app)| Stage::set_up(setup, app, &trial.to_string(), settings.seed, &bindings));
        if let Some(stage) = &stage {
            stage.bind(&mut bindings);
        }
        let (transcript, findings) = (transcript::Recorder::default(), Vec::new());
        Performance { client, trial, settings, bindings, stage, transcript, findings, is_broken: false }
    }

    /// Performs the steps, those that belong together at the same time, until something is wrong.
    async fn perform_rounds(&mut self) -> Result<(), Broken> {
        let mut number = 0;
        for round in self.trial.case.rounds() {
            let acts = round.iter().zip(number..).map(|(step, number)| self.prepare(number, step));
            let prepared = acts.collect::<Result<Vec<_>, Broken>>()?;
            let acted = join_all(prepared.into_iter().map(|prepared| self.act(prepared))).await;
            number += round.len();
            for (step, acted) in round.iter().zip(acted) {
                self.judge(step, acted?).await?;
            }
            if self.is_broken {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Judges what came of a step.
    async fn judge(&mut self, step: &Step, acted: Acted) -> Result<(), Broken> {
        if let Some(stage) = &self.stage {
            stage.bind(&mut self.bindings);
        }
        match acted {
            Acted::Answered { label, answer } => self.judge_send(step, &label, answer),
            Acted::Happened(happened) => self.judge_event(step, happened).await?,
            Acted::Failed { label, trouble } => self.find(&label, trouble.mismatch, trouble.exchange),
        }
        Ok(())
    }
}
