//! What is known of the runs of flows: how each goes, and the evidence of every step. What is kept is bounded.

use std::collections::BTreeMap;
use std::time::Duration;

use mock_okta::workflow::{Outcome, Workflow};
use scim_record::Exchange;

/// One run of a flow.
#[derive(Debug, Clone)]
pub(crate) struct RunRecord {
    /// From 1, in the order in which runs began.
    pub(crate) id: u64,
    /// The name of the flow.
    pub(crate) flow: String,
    pub(crate) cause: Cause,
    pub(crate) status: RunStatus,
    /// When it began, in seconds of the org's clock.
    pub(crate) began: u64,
    pub(crate) ended: Option<u64>,
    /// One for each step of the flow.
    pub(crate) steps: Vec<StepRecord>,
    /// How many bytes of evidence there are.
    evidence: usize,
}

/// What started a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// An entry of the System Log.
    Event {
        serial: u64,
        /// As in the System Log.
        uuid: String,
        event_type: &'static str,
        /// The id of the transaction, as in the System Log.
        transaction: String,
    },
    /// A time of day.
    Schedule {
        /// When it was due, in seconds of the org's clock.
        due: u64,
    },
}

/// How a run goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunStatus {
    /// A step is under way.
    Running,
    /// A delay passes on the org's clock.
    Waiting {
        /// When it is over, in seconds of the org's clock.
        until: u64,
    },
    Completed,
    Failed {
        /// The position of the step, from 0.
        step: usize,
        why: String,
    },
    /// The condition did not hold.
    Skipped {
        saw: String,
    },
}

impl RunStatus {
    /// Returns the word for it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            RunStatus::Running => "running",
            RunStatus::Waiting { .. } => "waiting",
            RunStatus::Completed => "completed",
            RunStatus::Failed { .. } => "failed",
            RunStatus::Skipped { .. } => "skipped",
        }
    }
}

/// How a step goes.
#[derive(Debug, Clone)]
pub(crate) struct StepRecord {
    /// The step in a few words: `POST ${vendor.api}/transfers`.
    pub(crate) title: String,
    pub(crate) status: StepStatus,
    /// What was sent and answered, without secrets; of many the first and the last.
    pub(crate) exchanges: Vec<Exchange>,
    /// How many exchanges there were.
    pub(crate) requests: usize,
}

/// How a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepStatus {
    Pending,
    Running,
    Waiting,
    Done,
    Failed,
    /// A step before it failed, or the condition did not hold.
    LeftOut,
}

impl StepStatus {
    /// Returns the word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            StepStatus::Pending => "pending",
            StepStatus::Running => "running",
            StepStatus::Waiting => "waiting",
            StepStatus::Done => "done",
            StepStatus::Failed => "failed",
            StepStatus::LeftOut => "left-out",
        }
    }
}

/// The runs, by their ids.
#[derive(Debug, Default)]
pub(super) struct Records {
    runs: BTreeMap<u64, RunRecord>,
    made: u64,
    under_way: usize,
    evidence: usize,
    /// How many runs that ended are no longer kept.
    pub(super) forgotten: u64,
}

impl Records {
    /// Begins a run and returns its id.
    pub(super) fn begin(&mut self, workflow: &Workflow, cause: Cause, now: u64) -> u64 {
        self.made += 1;
        let step =
            |title: String| StepRecord { title, status: StepStatus::Pending, exchanges: Vec::new(), requests: 0 };
        let run = RunRecord {
            id: self.made,
            flow: workflow.name().to_owned(),
            cause,
            status: RunStatus::Running,
            began: now,
            ended: None,
            steps: workflow.steps().iter().map(|action| step(action.title())).collect(),
            evidence: 0,
        };
        self.runs.insert(self.made, run);
        self.under_way += 1;
        self.forget();
        self.made
    }

    /// Returns the number the next run will have.
    pub(super) fn next_id(&self) -> u64 {
        self.made + 1
    }

    pub(super) fn find(&self, id: u64) -> Option<&RunRecord> {
        self.runs.get(&id)
    }

    /// Returns the runs, the latest first.
    pub(super) fn latest(&self) -> impl Iterator<Item = &RunRecord> {
        self.runs.values().rev()
    }

    /// Returns how many runs are not over.
    pub(super) fn under_way(&self) -> usize {
        self.under_way
    }

    pub(super) fn is_any_running(&self) -> bool {
        self.under_way > 0 && self.runs.values().any(|run| run.status == RunStatus::Running)
    }

    /// Notes that a step is under way.
    pub(super) fn at(&mut self, id: u64, position: usize) {
        self.moved(id, position, RunStatus::Running, StepStatus::Running);
    }

    /// Notes that a step waits.
    pub(super) fn waits(&mut self, id: u64, position: usize, until: u64) {
        self.moved(id, position, RunStatus::Waiting { until }, StepStatus::Waiting);
    }

    fn moved(&mut self, id: u64, position: usize, status: RunStatus, of_step: StepStatus) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        run.status = status;
        for (at, step) in run.steps.iter_mut().enumerate() {
            step.status = match at.cmp(&position) {
                std::cmp::Ordering::Less => StepStatus::Done,
                std::cmp::Ordering::Equal => of_step,
                std::cmp::Ordering::Greater => StepStatus::Pending,
            };
        }
    }

    /// Notes an exchange of a step.
    pub(super) fn exchanged(&mut self, id: u64, position: usize, exchange: Exchange) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        let Some(step) = run.steps.get_mut(position) else { return };
        let exchange = shortened(exchange, run.evidence >= MOST_OF_A_RUN);
        step.requests += 1;
        let mut size = bytes(&exchange);
        if step.exchanges.len() >= MOST_OF_A_STEP {
            let gone = step.exchanges.remove(FIRST_OF_A_STEP);
            size = size.saturating_sub(bytes(&gone));
        }
        step.exchanges.push(exchange);
        run.evidence += size;
        self.evidence += size;
    }

    /// Notes how a run ended.
    pub(super) fn end(&mut self, id: u64, outcome: Outcome, now: u64) {
        let Some(run) = self.runs.get_mut(&id).filter(|run| run.ended.is_none()) else { return };
        run.ended = Some(now);
        let (reached, status) = match outcome {
            Outcome::Completed => (run.steps.len(), RunStatus::Completed),
            Outcome::Failed { step, why } => (step, RunStatus::Failed { step, why }),
            Outcome::Skipped { saw } => (0, RunStatus::Skipped { saw }),
        };
        let is_failure = matches!(status, RunStatus::Failed { .. });
        for (at, step) in run.steps.iter_mut().enumerate() {
            step.status = match at.cmp(&reached) {
                std::cmp::Ordering::Less => StepStatus::Done,
                std::cmp::Ordering::Equal if is_failure => StepStatus::Failed,
                _ => StepStatus::LeftOut,
            };
        }
        run.status = status;
        self.under_way -= 1;
        self.forget();
    }

    /// Lets go of the oldest runs that are over: first of those in which nothing was done.
    fn forget(&mut self) {
        while self.runs.len() > MOST_RUNS || self.evidence > MOST_EVIDENCE {
            let skipped = self.runs.values().find(|run| matches!(run.status, RunStatus::Skipped { .. }));
            let is_full = self.runs.len() > MOST_RUNS;
            let oldest = skipped.filter(|_| is_full).or_else(|| self.runs.values().find(|run| run.ended.is_some()));
            let Some(id) = oldest.map(|run| run.id) else { return };
            let gone = self.runs.remove(&id).expect("it was found just before");
            self.evidence = self.evidence.saturating_sub(gone.evidence);
            self.forgotten += 1;
        }
    }
}

/// Returns an exchange of which the long texts are cut short; without bodies and headers where there is no room.
fn shortened(mut exchange: Exchange, is_full: bool) -> Exchange {
    let most = if is_full { 0 } else { MOST_OF_A_BODY };
    if let Some(body) = &mut exchange.request.body {
        cut(body, most);
    }
    if let Some(response) = &mut exchange.response {
        cut(&mut response.body, most);
        if is_full {
            response.headers.clear();
        }
    }
    if is_full {
        exchange.request.headers.clear();
    }
    exchange
}

fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        let end = text.floor_char_boundary(most);
        let left_out = text.len() - end;
        text.truncate(end);
        text.push_str(&format!("… {left_out} bytes left out"));
    }
}

fn bytes(exchange: &Exchange) -> usize {
    let headers = |headers: &[scim_record::Header]| -> usize {
        headers.iter().map(|header| header.name.len() + header.value.len()).sum()
    };
    let request = exchange.request.url.len()
        + headers(&exchange.request.headers)
        + exchange.request.body.as_ref().map_or(0, String::len);
    let response = exchange.response.as_ref();
    request + response.map_or(0, |response| headers(&response.headers) + response.body.len()) + OVERHEAD
}

/// Runs that are kept, those under way beside.
const MOST_RUNS: usize = 5000;
/// Bytes of evidence that are kept.
const MOST_EVIDENCE: usize = 64 << 20;
const MOST_OF_A_RUN: usize = 256 << 10;
const MOST_OF_A_BODY: usize = 8 << 10;
/// Exchanges of a step that are kept, and how many of them are the first ones.
const MOST_OF_A_STEP: usize = 40;
const FIRST_OF_A_STEP: usize = 10;
const OVERHEAD: usize = 256;

/// How long an answer may take, from the start of the request to the last byte.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use scim_record::{RequestRecord, ResponseRecord, Timing};

    use super::*;

    fn workflow() -> Workflow {
        let text = "name = 'f'\non = 'user.lifecycle.activate'\n[[step]]\ncall = 'GET ${vendor.api}/x'";
        toml::from_str(text).unwrap()
    }

    fn exchange(body: String) -> Exchange {
        let request = RequestRecord { method: "GET".into(), url: "http://x/".into(), headers: Vec::new(), body: None };
        let (size, reason) = (body.len(), "OK".to_owned());
        let response = Some(ResponseRecord { status: 200, reason, headers: Vec::new(), body, size });
        let timing = Timing { started_ms: 0, headers_ms: 0.0, total_ms: 0.0 };
        Exchange { step: "step 1".into(), request, response, failure: None, timing }
    }

    #[test]
    fn a_talkative_vendor_fills_no_memory() {
        let mut records = Records::default();
        let id = records.begin(&workflow(), Cause::Schedule { due: 0 }, 0);
        for number in 0..1000 {
            records.exchanged(id, 0, exchange(format!("{number}{}", "é".repeat(100_000))));
        }
        let step = &records.find(id).unwrap().steps[0];
        assert_eq!((step.requests, step.exchanges.len()), (1000, MOST_OF_A_STEP));
        let body = |at: usize| step.exchanges[at].response.as_ref().unwrap().body.as_str();
        assert!(body(0).starts_with('0') && body(0).ends_with("bytes left out"), "{:.20}", body(0));
        assert!(records.evidence < 2 * MOST_OF_A_RUN, "{}", records.evidence);
    }

    #[test]
    fn the_oldest_runs_are_forgotten_those_without_deeds_first() {
        let mut records = Records::default();
        let skipped = || Outcome::Skipped { saw: String::new() };
        for number in 0..MOST_RUNS as u64 + 10 {
            let id = records.begin(&workflow(), Cause::Schedule { due: 0 }, 0);
            match number {
                0 => {}
                10..20 => records.end(id, skipped(), 0),
                _ => records.end(id, Outcome::Completed, 0),
            }
        }
        let kept: Vec<u64> = records.runs.keys().copied().collect();
        assert_eq!((kept.len(), records.forgotten, records.under_way()), (MOST_RUNS, 10, 1));
        assert_eq!(kept[..11], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 21], "the first is not over, 11 to 20 did nothing");
    }
}
