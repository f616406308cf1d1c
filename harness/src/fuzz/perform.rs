//! One case of random inputs, from the plan to the verdict.

use super::driver::{self, End, Harvest, Orders};
use super::lane::Lane;
use super::{Ground, Subject, Unfit, told};
use crate::case::Verdict;
use crate::client::{Client, Stop};
use crate::discovery::Discovery;
use crate::run::Settings;
use crate::select::Trial;
use scim_record::{FuzzRun, Outcome, Unsupported, Verdict as Gated};
use scim_suite::{Fuzz, FuzzOver};
use std::io::{self, Write};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How random inputs are sent, beside what the suites say.
#[derive(Debug, Clone)]
pub struct FuzzSettings {
    /// How many random inputs each case sends, in place of what it says itself.
    pub cases: Option<u64>,
    /// How long each case may take; it sends inputs as long as there is time unless `cases` is given, too.
    pub time: Option<Duration>,
    /// How many inputs of a case are in flight at a time.
    pub lanes: usize,
    /// The inputs to send, and no others.
    pub replay: Option<Vec<String>>,
    /// After how many different findings a case ends.
    pub most_findings: usize,
    /// How long a target may be away in the middle of a case before it is given up.
    pub patience: Duration,
    /// Whether a case may take longer than [`Settings::case_limit`]: then `cases` and `time` alone end it.
    pub goes_on: bool,
    /// Whether somebody waits who wants to know how far things are.
    pub tells: bool,
}

impl Default for FuzzSettings {
    fn default() -> Self {
        FuzzSettings {
            cases: None,
            time: None,
            lanes: 1,
            replay: None,
            most_findings: 25,
            patience: Duration::from_secs(3),
            goes_on: false,
            tells: false,
        }
    }
}

/// What a case of random inputs works with.
pub(super) struct Stand<'s, 'run> {
    pub(super) client: &'s Client<'run>,
    pub(super) trial: Trial<'s>,
    pub(super) settings: &'s Settings,
    pub(super) fuzz: &'s Fuzz,
    /// What this case's inputs grow from.
    seed: u64,
    started: Instant,
}

/// Performs a case of random inputs. What it created stays; the caller cleans up.
///
/// Unlike a case of steps it looks after interrupts and time by itself: what it has learnt until then is told.
pub(crate) async fn perform(
    client: &Client<'_>,
    trial: Trial<'_>,
    settings: &Settings,
    discovery: &Discovery,
    interrupt: &mut watch::Receiver<bool>,
) -> Verdict {
    client.forget_tidying();
    let fuzz = trial.case.fuzz.as_ref().expect("the caller has looked");
    let seed = settings.seed.derive(&format!("fuzz {trial}"));
    let stand = Stand { client, trial, settings, fuzz, seed, started: Instant::now() };
    match fuzz.over {
        FuzzOver::Sequence => stand.perform::<super::sequence::Sequence>(discovery, interrupt).await,
        FuzzOver::Patch => stand.perform::<super::patch::PatchSubject>(discovery, interrupt).await,
        FuzzOver::Filter => stand.perform::<super::filter::Filter>(discovery, interrupt).await,
        FuzzOver::Body => stand.perform::<super::body::Body>(discovery, interrupt).await,
    }
}

impl Stand<'_, '_> {
    async fn perform<S: Subject>(&self, discovery: &Discovery, interrupt: &mut watch::Receiver<bool>) -> Verdict {
        let lane = Lane::new(self.client, 0);
        let ground = Ground { lane: &lane, discovery, only: &self.fuzz.only, settle: self.settings.settle };
        let set_up = tokio::select! {
            set_up = S::set_up(&ground) => set_up,
            Ok(_) = interrupt.wait_for(|stop| *stop) => return Verdict::skipped("interrupted".to_owned()),
            () = tokio::time::sleep(self.settings.case_limit) => {
                return Verdict::skipped(crate::run::overdue(self.settings.case_limit));
            }
        };
        let subject = match set_up {
            Ok(subject) => subject,
            Err(unfit) => return self.unfit(unfit),
        };
        let trial = self.trial.to_string();
        let tell = |inputs: u64, findings: usize| {
            if self.settings.fuzz.tells && inputs > 0 {
                let seconds = self.started.elapsed().as_secs();
                // Whoever closed stderr does not want to know.
                let _ = writeln!(io::stderr(), "{trial}: {inputs} inputs in {seconds} s, findings so far: {findings}");
            }
        };
        let harvest = driver::search(&subject, self.client, &self.orders(), interrupt, &tell).await;
        self.verdict(harvest, subject.notes())
    }

    fn orders(&self) -> Orders {
        let settings = &self.settings.fuzz;
        let random = match (settings.cases, settings.time) {
            _ if settings.replay.is_some() => Some(0),
            (Some(cases), _) => Some(cases),
            (None, Some(_)) => None,
            (None, None) => Some(u64::from(self.fuzz.cases)),
        };
        let known = match &settings.replay {
            Some(inputs) => inputs.clone(),
            None => self.fuzz.regressions.iter().map(|regression| regression.input.clone()).collect(),
        };
        let limit = settings.time.or((!settings.goes_on).then_some(self.settings.case_limit));
        Orders {
            known,
            cases: random,
            until: limit.map(|limit| self.started + limit),
            seed: self.seed,
            lanes: settings.lanes,
            most_findings: settings.most_findings,
            patience: settings.patience,
        }
    }

    /// Says what it means that a subject could not be set up.
    fn unfit(&self, unfit: Unfit) -> Verdict {
        let redacted = |text: &str| self.client.redactor().text(text);
        let broken = |reason: String| Verdict { outcome: Outcome::Error, ..Verdict::skipped(reason) };
        match unfit {
            Unfit::Skip(reason) => Verdict::skipped(redacted(&reason)),
            Unfit::Stop(Stop::Failed { failure, .. }) => broken(failure.to_string()),
            Unfit::Stop(Stop::Journal(cause)) => broken(format!("the journal cannot be written: {cause}")),
            Unfit::Stop(Stop::Withheld { reason }) => Verdict::skipped(reason),
            // Other cases tell what the server does there; nothing can be tried on such ground.
            Unfit::Stop(Stop::Foreign { request }) => Verdict::skipped(redacted(&format!(
                "the target's answers led to {request}, an object this run did not create"
            ))),
        }
    }

    fn verdict(&self, harvest: Harvest, learnt: Vec<String>) -> Verdict {
        let findings: Vec<_> =
            harvest.found.iter().enumerate().filter_map(|(number, found)| told::finding(self, number, found)).collect();
        let fails = findings.iter().any(|finding| finding.verdict == Gated::Fail);
        let mut notes: Vec<String> =
            learnt.iter().take(MOST_NOTES).map(|note| self.client.redactor().text(note)).collect();
        notes.extend(self.unsupported(&harvest));
        let unsupported: u64 = harvest.unsupported.values().sum();
        let inputs = harvest.inputs;
        let (ended, broken) = match &harvest.end {
            End::Done => ("everything was sent", None),
            End::OutOfTime => ("the time was up", None),
            End::Enough => ("enough was found", None),
            End::Interrupted => ("interrupted", None),
            End::Gone { cause, in_flight } => {
                notes.extend(self.in_flight(in_flight));
                ("the target was gone", Some(format!("after {inputs} inputs the target stopped answering: {cause}")))
            }
            End::Journal(cause) => ("the journal failed", Some(format!("the journal cannot be written: {cause}"))),
            End::Unusable(reason) => ("no input could be sent", Some(self.client.redactor().text(reason))),
        };
        let (outcome, reason) = match (&harvest.end, broken) {
            (End::Journal(_), broken) => (Outcome::Error, broken),
            // Who asks for an input that cannot be read has not asked the target anything.
            (End::Unusable(_), broken) if self.settings.fuzz.replay.is_some() => (Outcome::Skip, broken),
            (_, Some(broken)) if findings.is_empty() => (Outcome::Error, Some(broken)),
            (_, broken) if !findings.is_empty() => {
                notes.extend(broken);
                (if fails { Outcome::Fail } else { Outcome::Warn }, None)
            }
            (End::Interrupted, _) => (Outcome::Skip, Some(format!("interrupted after {inputs} inputs"))),
            _ if inputs > 0 && unsupported >= inputs => {
                (Outcome::Skip, Some("the target does not do what the inputs are about".to_owned()))
            }
            _ => (Outcome::Pass, None),
        };
        let fuzz = FuzzRun {
            inputs,
            time_ms: u64::try_from(harvest.elapsed.as_millis()).unwrap_or(u64::MAX),
            seed: self.settings.seed.to_string(),
            ended: ended.to_owned(),
            unsupported: harvest
                .unsupported
                .iter()
                .map(|(what, inputs)| Unsupported { what: self.client.redactor().text(what), inputs: *inputs })
                .collect(),
        };
        Verdict { outcome, reason, findings, reading: None, notes, fuzz: Some(fuzz) }
    }

    /// Tells each thing that the target does not do, once.
    fn unsupported(&self, harvest: &Harvest) -> Vec<String> {
        let mut all: Vec<_> = harvest.unsupported.iter().collect();
        all.sort_by_key(|(_, inputs)| std::cmp::Reverse(**inputs));
        let more = all.len().saturating_sub(MOST_NOTES);
        let told = all.iter().take(MOST_NOTES).map(|(what, inputs)| {
            format!("not supported: {} ({inputs} of {} inputs)", self.client.redactor().text(what), harvest.inputs)
        });
        told.chain((more > 0).then(|| format!("not supported either: {more} further things"))).collect()
    }

    /// Tells which inputs a target may have died of.
    fn in_flight(&self, inputs: &[String]) -> Vec<String> {
        let note = |input: &String| {
            format!("the target was at work on this input when it went away: {}", self.client.redactor().text(input))
        };
        inputs.iter().take(MOST_NOTES).map(note).collect()
    }
}

/// How long what a case created may take to be removed; what is left then is told, and stays in the journal.
pub(crate) const CLEAN_UP_LIMIT: Duration = Duration::from_mins(1);
/// How many things that a target does not do are told one by one.
const MOST_NOTES: usize = 20;
