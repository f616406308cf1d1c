//! The state behind the API: the org, and what Okta keeps around it that the org has no word for. No input, no output:
//! a call goes in, an answer comes out, and the jobs that followed wait in the org.

mod apps;
mod clock;
mod history;
mod journal;
mod people;
mod trace;

use std::collections::{HashMap, HashSet};

use indexmap::{IndexMap, IndexSet};
use mock_okta::org::{Job, JobId, Org, OrgEvent};
use mock_okta::{Request, Response, Step};
use serde_json::Value;

use crate::call::{Answer, Call, View};
use crate::error::ApiError;
use crate::resources::{self, grants::GrantCard, rules::RuleCard};
use crate::route;
use crate::shape;

pub(crate) use apps::{AppCard, AppStatus, Service};
pub(crate) use clock::{Clock, instant};
pub(crate) use history::{FORMAT, Input, Snapshot, SnapshotError};
pub(crate) use journal::{Entry, Fault, FaultKind, Journal};
pub(crate) use people::{PersonCard, SignIn};
pub(crate) use trace::{Brief, JobTrace, Trace};

use history::History;

/// The org and everything around it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) org: Org,
    /// The name of the org, from which the administrator's address follows.
    pub(crate) name: String,
    pub(crate) clock: Clock,
    /// The id of the group everybody is in.
    pub(crate) everyone: Option<String>,
    pub(crate) people: HashMap<String, PersonCard>,
    pub(crate) apps: IndexMap<String, AppCard>,
    pub(crate) rules: IndexMap<String, RuleCard>,
    pub(crate) grants: IndexMap<String, GrantCard>,
    pub(crate) journal: Journal,
    /// One for each entry of the org's log.
    pub(crate) traces: Vec<Trace>,
    pub(crate) jobs: IndexMap<String, JobTrace>,
    /// The calls that changed something: `POST /api/v1/users`.
    pub(crate) acts: Vec<String>,
    /// Jobs that came up since somebody asked last.
    fresh: Vec<JobId>,
    /// Jobs that came up by calls and are not over.
    open: HashSet<JobId>,
    /// Apps whose jobs somebody is at.
    pub(crate) busy: IndexSet<String>,
    /// Every id that was ever listed, in the order in which they came: pages follow it.
    order: IndexSet<String>,
    /// The keys that were used, from which ids follow.
    keys: IndexSet<String>,
    history: History,
}

impl World {
    /// Returns an empty org.
    pub(crate) fn new(name: &str, seed: &str, clock: Clock) -> World {
        World {
            org: Org::new(seed),
            name: name.to_owned(),
            clock,
            everyone: None,
            people: HashMap::new(),
            apps: IndexMap::new(),
            rules: IndexMap::new(),
            grants: IndexMap::new(),
            journal: Journal::default(),
            traces: Vec::new(),
            jobs: IndexMap::new(),
            acts: Vec::new(),
            fresh: Vec::new(),
            open: HashSet::new(),
            busy: IndexSet::new(),
            order: IndexSet::new(),
            keys: IndexSet::new(),
            history: History::default(),
        }
    }

    /// Answers a call of the Management API.
    pub(crate) fn call(&mut self, call: Call) -> Result<Answer, ApiError> {
        self.tick();
        if call.method != http::Method::GET {
            let target =
                if call.query.is_empty() { call.path.clone() } else { format!("{}?{}", call.path, call.query) };
            self.history.note(self.org.now(), Input::call(&call, target));
        }
        self.answer(call)
    }

    fn answer(&mut self, mut call: Call) -> Result<Answer, ApiError> {
        let route = route::find(&call.method, &call.path)?;
        call.variables = route.variables;
        if call.method != http::Method::GET {
            self.acts.push(format!("{} {}", call.method, call.path));
        }
        (route.act)(self, &call)
    }

    /// Draws the body of an answer.
    pub(crate) fn draw(&self, view: &View, origin: &str) -> Result<Option<Value>, ApiError> {
        Ok(Some(match view {
            View::Nothing => return Ok(None),
            View::Json(value) => value.clone(),
            View::User(id) => shape::user::user(self, resources::users::by_id(self, id)?, origin),
            View::AppUser { app, person } => shape::app_user::app_user(self, app, person, origin)
                .ok_or_else(|| ApiError::not_found(person, "AppUser"))?,
            View::Mapping { app, group } => shape::mapping::mapping(self, app, group, origin)
                .ok_or_else(|| ApiError::not_found(group, "GroupPushMapping"))?,
            View::Connection(app) => shape::app::connection(self, app, origin),
        }))
    }

    /// Lets something happen in the org.
    pub(crate) fn apply(&mut self, event: OrgEvent) -> Result<Vec<Job>, ApiError> {
        let jobs = self.org.apply(event)?;
        self.trace(None);
        for job in &jobs {
            self.fresh.push(job.id);
            self.open.insert(job.id);
            self.jobs.insert(job.id.to_string(), JobTrace::new(job, self.acts.len()));
        }
        Ok(jobs)
    }

    /// Returns the jobs that came up since this was asked last.
    pub(crate) fn take_fresh(&mut self) -> Vec<JobId> {
        std::mem::take(&mut self.fresh)
    }

    /// Whether a job that came up by a call is over.
    pub(crate) fn is_over(&self, job: JobId) -> bool {
        !self.open.contains(&job)
    }

    /// Returns an app with work that nobody is at, and notes that somebody is.
    pub(crate) fn take_app(&mut self) -> Option<String> {
        let app = self.org.pending().find(|job| !self.busy.contains(&job.app))?.app.clone();
        self.busy.insert(app.clone());
        Some(app)
    }

    /// Starts the next job of an app.
    pub(crate) fn start_next(&mut self, app: &str) -> Option<(Job, Step)> {
        let job = self.org.pending().find(|job| job.app == app)?.clone();
        Some((job.clone(), self.start(&job)))
    }

    fn start(&mut self, job: &Job) -> Step {
        self.tick();
        self.history.note(self.org.now(), Input::Start { job: job.id.to_string() });
        // An import brings jobs of its own, which nobody has seen come up.
        let act = self.acts.len();
        self.jobs.entry(job.id.to_string()).or_insert_with(|| JobTrace::new(job, act));
        let step = self.org.start(job.id);
        self.stepped(job.id, step)
    }

    /// Goes on with a job after an answer.
    pub(crate) fn next(&mut self, job: JobId, response: Response) -> Step {
        self.tick();
        self.history.note(self.org.now(), Input::answer(job, &response));
        let step = self.org.next(job, response);
        self.stepped(job, step)
    }

    /// Goes on with a job for which no answer came.
    pub(crate) fn timed_out(&mut self, job: JobId) -> Step {
        self.tick();
        self.history.note(self.org.now(), Input::TimedOut { job: job.to_string() });
        let step = self.org.timed_out(job);
        self.stepped(job, step)
    }

    /// Goes on with a job after a pause.
    pub(crate) fn resume(&mut self, job: JobId) -> Step {
        self.tick();
        self.history.note(self.org.now(), Input::Resume { job: job.to_string() });
        let step = self.org.resume(job);
        self.clock.catch_up(self.org.now());
        self.stepped(job, step)
    }

    fn stepped(&mut self, job: JobId, step: Step) -> Step {
        self.trace(Some(job));
        if let Step::Done(_) = step {
            self.open.remove(&job);
        }
        step
    }

    /// Notes an exchange of a job, whether or not it took place.
    pub(crate) fn exchanged(&mut self, job: &Job, fault: Option<&'static str>, exchange: scim_record::Exchange) {
        let brief = self.journal.note(self.org.now(), job, fault, exchange);
        if let Some(trace) = self.jobs.get_mut(&job.id.to_string()) {
            trace.exchanges.push(brief);
        }
    }

    /// Returns the fault that is switched on for a request.
    pub(crate) fn fault(&mut self, app: &str, request: &Request) -> Option<FaultKind> {
        self.journal.fault(app, request)
    }

    /// Lets the virtual clock jump.
    pub(crate) fn skip(&mut self, seconds: u64) {
        self.tick();
        self.clock.skip(seconds);
        self.tick();
        self.history.note(self.org.now(), Input::Advance);
    }

    /// Brings the org's clock in line with the virtual one.
    pub(crate) fn tick(&mut self) {
        let (now, known) = (self.clock.now(), self.org.now());
        self.org.advance(now.saturating_sub(known));
    }

    /// Returns a key that was not used yet, from which an id can follow.
    pub(crate) fn fresh_key(&mut self, base: &str) -> String {
        let mut key = base.to_owned();
        let mut number = 1_u64;
        while !self.keys.insert(key.clone()) {
            number += 1;
            key = format!("{base}#{number}");
        }
        key
    }

    /// Returns the position of each id among all that were ever listed.
    pub(crate) fn positions(&mut self, ids: &[String]) -> Vec<usize> {
        ids.iter().map(|id| self.order.insert_full(id.clone()).0).collect()
    }

    /// Returns the position of an id that was listed.
    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.order.get_index_of(id)
    }

    /// Returns an app that was not deleted.
    pub(crate) fn app(&self, id: &str) -> Result<&AppCard, ApiError> {
        self.apps.get(id).ok_or_else(|| ApiError::not_found(id, "AppInstance"))
    }

    /// Returns what led to this state.
    pub(crate) fn snapshot(&self, seed: String) -> Result<Snapshot, SnapshotError> {
        self.history.snapshot(&self.clock, seed)
    }

    /// Brings an org in the state its seed leads to into the state of a snapshot.
    pub(crate) fn replay(&mut self, snapshot: Snapshot) -> Result<(), SnapshotError> {
        self.clock = Clock::starting(snapshot.began);
        for entry in snapshot.inputs {
            self.clock.catch_up(entry.at);
            self.tick();
            match entry.input.clone() {
                Input::Call { method, target, body } => {
                    let call = history::read_call(&method, &target, body)?;
                    self.history.note(entry.at, entry.input);
                    // It was refused the first time, too.
                    let _ = self.answer(call);
                }
                Input::Start { job } => drop(self.pending(&job).map(|job| self.start(&job))),
                Input::Answer { job, status, reason, retry_after, body } => {
                    let response = Response { status, reason, retry_after, body: body.into_bytes() };
                    drop(self.pending(&job).map(|job| self.next(job.id, response)));
                }
                Input::TimedOut { job } => drop(self.pending(&job).map(|job| self.timed_out(job.id))),
                Input::Resume { job } => drop(self.pending(&job).map(|job| self.resume(job.id))),
                Input::Advance => self.history.note(entry.at, entry.input),
            }
        }
        self.fresh.clear();
        Ok(())
    }

    fn pending(&self, number: &str) -> Option<Job> {
        self.org.pending().find(|job| job.id.to_string() == number).cloned()
    }

    /// Notes where the entries came from that the log has gained.
    fn trace(&mut self, job: Option<JobId>) {
        let job = job.map(|job| job.to_string());
        let act = job.as_ref().and_then(|job| self.jobs.get(job)).map_or(self.acts.len(), |trace| trace.act);
        self.traces.resize_with(self.org.log().len(), || Trace { act, job: job.clone() });
    }
}
