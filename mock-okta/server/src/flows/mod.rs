//! The flows of the seed: what starts them, the runs under way, and what became of the others. What a flow may be and how
//! a run goes on is decided in `mock_okta::workflow`.
//!
//! The flows read the System Log from where the seed left it. Runs are no part of a snapshot, nor of the folder an org is
//! kept in: a reset, a restored snapshot and the end of the program end them, and what is brought back starts none. How
//! many were under way at a reset is said where flows are listed.
//!
//! A run that fails is shown there and not in the System Log: none of the event types the org knows is about flows.

mod drive;
mod post;
mod record;
mod schedule;
mod show;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use indexmap::IndexMap;
use jiff::tz::TimeZone;
use mock_okta::org::LogEntry;
use mock_okta::workflow::{Context, Outcome, Run, Step, Trigger, Vendor, Workflow};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use crate::shape;
use crate::world::World;

pub(crate) use drive::run;
pub(crate) use record::{Cause, RunRecord, RunStatus, StepRecord, StepStatus};
pub(crate) use show::answer;

use post::Sender;
use record::Records;

/// The flows of an org and their runs.
#[derive(Debug)]
pub(crate) struct Flows {
    flows: IndexMap<String, Workflow>,
    vendor: Vendor,
    zone: TimeZone,
    sender: Sender,
    records: Records,
    /// The serial of the first entry of the log that was not looked at.
    cursor: usize,
    /// Up to which second of the org's clock schedules were looked at.
    scheduled: u64,
    /// Times of schedules that were left out because too many came at once.
    missed: u64,
    /// Runs that wait on the org's clock, by the second at which they go on.
    parked: BTreeMap<(u64, u64), Run>,
    /// Runs that were under way when another world took the place of theirs.
    ended_by_reset: u64,
}

/// An org without flows.
impl Default for Flows {
    fn default() -> Flows {
        Flows {
            flows: IndexMap::new(),
            vendor: Vendor::default(),
            zone: TimeZone::UTC,
            sender: Sender::default(),
            records: Records::default(),
            cursor: 0,
            scheduled: 0,
            missed: 0,
            parked: BTreeMap::new(),
            ended_by_reset: 0,
        }
    }
}

/// A run that somebody has to carry on.
#[derive(Debug)]
struct Due {
    id: u64,
    run: Run,
    step: Step,
}

impl Flows {
    /// Returns flows that were [checked](check), once the secrets are fetched that they name.
    pub(crate) fn new(flows: Vec<Workflow>, vendor: Vendor, zone: TimeZone) -> Result<Flows, (String, String)> {
        post::check(&vendor).map_err(|why| ("[vendor]".to_owned(), why))?;
        let sender = Sender::new(&flows).map_err(|(flow, error)| (format!("flow {flow}"), error.to_string()))?;
        let flows = flows.into_iter().map(|flow| (flow.name().to_owned(), flow)).collect();
        Ok(Flows { flows, vendor, zone, sender, ..Flows::default() })
    }

    /// Leaves alone whatever the log holds: what the seed or a snapshot brought.
    pub(crate) fn skip_to(&mut self, serial: usize, now: u64) {
        (self.cursor, self.scheduled) = (serial, now);
    }

    /// Remembers that the runs of another world have ended with it.
    pub(crate) fn succeed(&mut self, other: &Flows) {
        self.ended_by_reset = other.ended_by_reset + other.records.under_way() as u64;
    }

    /// Returns the flows, in the order of the seed.
    pub(crate) fn flows(&self) -> impl Iterator<Item = &Workflow> {
        self.flows.values()
    }

    /// Returns the runs that are kept, the latest first.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &RunRecord> {
        self.records.latest()
    }

    /// Returns a run of a flow.
    pub(crate) fn find(&self, flow: &str, id: u64) -> Option<&RunRecord> {
        self.records.find(id).filter(|run| run.flow == flow)
    }

    /// Returns the position of the step that is under way, or of the last one.
    fn position(&self, id: u64) -> usize {
        let steps = self.records.find(id).map(|run| run.steps.as_slice()).unwrap_or_default();
        steps.iter().take_while(|step| step.status == StepStatus::Done).count()
    }

    /// Returns the next time of a flow's schedule after a second of the org's clock.
    fn next_time(&self, trigger: Trigger, began: i64, after: u64) -> Option<u64> {
        let Trigger::Daily { hour, minute } = trigger else { return None };
        let after = began.saturating_add(i64::try_from(after).ok()?);
        u64::try_from(schedule::next(&self.zone, hour, minute, after)?.checked_sub(began)?).ok()
    }
}

/// Checks flows as a whole: their names differ, and they lead to the vendor. An error names the flow by its position.
pub(crate) fn check(flows: &[Workflow], vendor: &Vendor) -> Result<(), (usize, String)> {
    let mut names = BTreeSet::new();
    for (position, flow) in flows.iter().enumerate() {
        if !names.insert(flow.name()) {
            return Err((position, "another flow has this name, too".to_owned()));
        }
        flow.check(vendor).map_err(|why| (position, why))?;
    }
    Ok(())
}

/// Returns the line on which a `[[flow]]` of a seed begins.
pub(crate) fn line(seed: &str, position: usize) -> usize {
    #[derive(Deserialize)]
    struct Lines {
        flow: Vec<toml::Spanned<IgnoredAny>>,
    }
    let lines: Option<Lines> = toml::from_str(seed).ok();
    let start = lines.and_then(|lines| Some(lines.flow.get(position)?.span().start)).unwrap_or_default();
    seed.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1
}

impl World {
    /// Starts and wakes the runs that are due, and returns them.
    fn flows_due(&mut self) -> Vec<Due> {
        self.tick();
        let mut due = self.woken();
        due.extend(self.started_by_the_log());
        due.extend(self.started_by_the_clock());
        due
    }

    fn woken(&mut self) -> Vec<Due> {
        let now = self.org.now();
        let mut due = Vec::new();
        while let Some(entry) = self.flows.parked.first_entry().filter(|entry| entry.key().0 <= now) {
            let (_, id) = *entry.key();
            let mut run = entry.remove();
            let step = run.resume();
            self.flows.records.at(id, run.position());
            due.push(Due { id, run, step });
        }
        due
    }

    fn started_by_the_log(&mut self) -> Vec<Due> {
        let log = self.org.log();
        let entries = log.get(self.flows.cursor..).unwrap_or_default();
        let wanted = |flow: &Workflow, entry: &LogEntry| flow.trigger() == Trigger::Event(entry.event_type);
        let pairs: Vec<(Workflow, LogEntry)> = entries
            .iter()
            .flat_map(|entry| self.flows.flows.values().map(move |flow| (flow, entry)))
            .filter(|(flow, entry)| wanted(flow, entry))
            .map(|(flow, entry)| (flow.clone(), entry.clone()))
            .collect();
        self.flows.cursor = log.len();
        pairs.into_iter().filter_map(|(flow, entry)| self.start_for(&flow, &entry)).collect()
    }

    fn start_for(&mut self, flow: &Workflow, entry: &LogEntry) -> Option<Due> {
        let event = shape::log::event(self, entry);
        let text = |pointer| event.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let cause = Cause::Event {
            serial: entry.serial,
            uuid: text("/uuid"),
            event_type: entry.event_type.name(),
            transaction: text("/transaction/id"),
        };
        let context = Context { event: Some(event), ..Context::of(&self.org, entry) };
        self.start_flow(flow, cause, context)
    }

    fn started_by_the_clock(&mut self) -> Vec<Due> {
        let (now, began) = (self.org.now(), self.clock.began);
        let flows: Vec<Workflow> =
            self.flows.flows().filter(|flow| matches!(flow.trigger(), Trigger::Daily { .. })).cloned().collect();
        let mut due = Vec::new();
        for flow in flows {
            let mut at = self.flows.scheduled;
            for _ in 0..MOST_AT_ONCE {
                let next = self.flows.next_time(flow.trigger(), began, at).filter(|next| *next <= now);
                let Some(next) = next else { break };
                at = next;
                due.extend(self.start_flow(&flow, Cause::Schedule { due: next }, Context::default()));
            }
            if self.flows.next_time(flow.trigger(), began, at).is_some_and(|next| next <= now) {
                self.flows.missed += (now - at) / DAY;
            }
        }
        self.flows.scheduled = now;
        due
    }

    fn start_flow(&mut self, flow: &Workflow, cause: Cause, mut context: Context) -> Option<Due> {
        let now = self.org.now();
        let is_full = self.flows.records.under_way() >= MOST_UNDER_WAY;
        context.run = Some(json!({ "id": self.flows.records.next_id().to_string(), "started": self.moment(now) }));
        let id = self.flows.records.begin(flow, cause, now);
        if is_full {
            let why = format!("{MOST_UNDER_WAY} runs are under way already; this one was not begun");
            self.flows.records.end(id, Outcome::Failed { step: 0, why }, now);
            return None;
        }
        let (run, step) = Run::start(flow, &self.flows.vendor, context);
        self.flows.records.at(id, run.position());
        Some(Due { id, run, step })
    }

    /// Returns how long nothing is due, if nothing happens and nobody sets the clock ahead.
    fn flows_rest(&self) -> Option<Duration> {
        let parked = self.flows.parked.first_key_value().map(|((until, _), _)| *until);
        let scheduled = self
            .flows
            .flows()
            .filter_map(|flow| self.flows.next_time(flow.trigger(), self.clock.began, self.flows.scheduled));
        parked.into_iter().chain(scheduled).min().map(|moment| self.clock.until(moment))
    }

    /// Lets a run wait on the org's clock.
    fn park(&mut self, id: u64, run: Run, time: Duration) {
        // The org's clock counts whole seconds.
        let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
        self.tick();
        let until = self.org.now().saturating_add(seconds);
        self.flows.records.waits(id, run.position(), until);
        self.flows.parked.insert((until, id), run);
    }

    fn flow_ended(&mut self, id: u64, outcome: Outcome) {
        self.tick();
        let now = self.org.now();
        self.flows.records.end(id, outcome, now);
    }

    /// Whether no run does anything, and nothing waits to start one; runs may wait on the org's clock.
    pub(crate) fn flows_are_quiet(&self) -> bool {
        let is_read = self.flows.flows.is_empty() || self.flows.cursor >= self.org.log().len();
        let is_woken = self.flows_rest().is_none_or(|rest| !rest.is_zero());
        is_read && is_woken && !self.flows.records.is_any_running()
    }
}

/// Runs that are not over at the same time.
const MOST_UNDER_WAY: usize = 10_000;

/// Times of one schedule that are made up for when the clock jumps.
const MOST_AT_ONCE: usize = 31;

const DAY: u64 = 86_400;
