//! The state behind the API: the org, and what Okta keeps around it that the org has no word for. No input, no output:
//! a call goes in, an answer comes out, and the jobs that followed wait in the org.

mod apps;
mod changes;
mod clock;
mod history;
mod hooks;
mod journal;
mod people;
mod trace;

use std::collections::{HashMap, HashSet};

use indexmap::{IndexMap, IndexSet};
use mock_okta::org::{
    Actor, Attributes, EventType, Job, JobId, LogEntry, LogOutcome, Org, OrgError, OrgEvent, Person, Target, TargetKind,
};
use mock_okta::{Request, Response, Step};
use serde_json::Value;

use crate::call::{Answer, Call, View};
use crate::error::ApiError;
use crate::flows::Flows;
use crate::hooks::Hooks;
use crate::resources::{self, grants::GrantCard, rules::RuleCard};
use crate::route;
use crate::seed::Provider;
use crate::shape;

pub(crate) use apps::{AppCard, AppStatus, Service};
pub(crate) use changes::{Change, Changes, Thing};
pub(crate) use clock::{Clock, instant};
pub(crate) use history::{Dated, FORMAT, Input, Snapshot, SnapshotError, WITHHELD};
pub(crate) use journal::{Entry, Fault, FaultKind, Journal};
pub(crate) use people::{PersonCard, SignIn};
pub(crate) use trace::{Brief, JobTrace};

use history::History;
use trace::Traces;

/// The org and everything around it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) org: Org,
    /// The name of the org, from which the administrator's address follows.
    pub(crate) name: String,
    pub(crate) clock: Clock,
    /// The id of the group everybody is in.
    pub(crate) everyone: Option<String>,
    /// The administrator, to whom the token belongs; in no list and in no group.
    pub(crate) me: Person,
    pub(crate) people: HashMap<String, PersonCard>,
    pub(crate) apps: IndexMap<String, AppCard>,
    pub(crate) rules: IndexMap<String, RuleCard>,
    pub(crate) grants: IndexMap<String, GrantCard>,
    pub(crate) hooks: Hooks,
    pub(crate) flows: Flows,
    pub(crate) journal: Journal,
    traces: Traces,
    /// What entries of the log changed.
    pub(crate) changes: Changes,
    pub(crate) jobs: IndexMap<String, JobTrace>,
    /// The calls that changed something: `POST /api/v1/users`.
    pub(crate) acts: Vec<String>,
    /// Jobs that came up since somebody asked last.
    fresh: Vec<JobId>,
    /// Jobs that came up by calls and are not over.
    open: HashSet<JobId>,
    /// Apps whose jobs somebody is at.
    pub(crate) busy: IndexSet<String>,
    /// Every id that can be listed, in the order in which they came: pages follow it.
    order: IndexSet<String>,
    /// How many entries of the log were looked at.
    followed: usize,
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
            me: people::administrator(name),
            people: HashMap::new(),
            apps: IndexMap::new(),
            rules: IndexMap::new(),
            grants: IndexMap::new(),
            hooks: Hooks::default(),
            flows: Flows::default(),
            journal: Journal::default(),
            traces: Traces::default(),
            changes: Changes::default(),
            jobs: IndexMap::new(),
            acts: Vec::new(),
            fresh: Vec::new(),
            open: HashSet::new(),
            busy: IndexSet::new(),
            order: IndexSet::new(),
            followed: 0,
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
        let route = match route::find_errand(&call.method, &call.path) {
            Some(errand) => errand,
            None => route::find(&call.method, &call.path)?,
        };
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
            View::Import { app, jobs } => resources::admin::draw_import(self, app, jobs),
        }))
    }

    /// Lets something happen in the org.
    pub(crate) fn apply(&mut self, event: OrgEvent) -> Result<Vec<Job>, ApiError> {
        let applied = self.org.apply(event);
        self.traces.came(self.org.acts(), self.acts.len());
        let jobs = applied?;
        self.follow();
        for job in &jobs {
            self.fresh.push(job.id);
            self.open.insert(job.id);
            self.trace_job(job);
        }
        Ok(jobs)
    }

    /// Changes the profile of the administrator, who is assigned to nothing.
    pub(crate) fn change_me(&mut self, changes: &Attributes) -> Result<(), ApiError> {
        for (key, value) in changes {
            self.me.profile.set(key, value).map_err(OrgError::from)?;
        }
        if !changes.is_empty() {
            self.me.last_updated = self.org.now();
            let target = Target {
                kind: TargetKind::User,
                id: self.me.id.clone(),
                alternate_id: self.me.profile.login.clone(),
                display_name: self.me.profile.display_name.clone(),
            };
            self.org.record(Actor::Administrator, EventType::UserUpdateProfile, vec![target], LogOutcome::Success);
            self.traces.came(self.org.acts(), self.acts.len());
            self.follow();
        }
        Ok(())
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
        self.trace_job(job);
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
        self.follow();
        if let Step::Done(_) = step {
            self.open.remove(&job);
        }
        step
    }

    /// Notes an exchange of a job, whether or not it took place.
    pub(crate) fn exchanged(&mut self, job: &Job, fault: Option<&'static str>, exchange: scim_record::Exchange) {
        let brief = self.journal.note(self.org.now(), job, fault, exchange);
        self.told(job.id.to_string(), brief);
    }

    /// Notes what the System Log tells of an exchange.
    fn told(&mut self, job: String, exchange: Brief) {
        self.history.note(self.org.now(), Input::Exchanged { job: job.clone(), exchange: exchange.clone() });
        if let Some(trace) = self.jobs.get_mut(&job) {
            trace.exchanges.push(exchange);
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

    /// Lets the virtual clock jump so that it is not behind a moment.
    pub(crate) fn catch_up(&mut self, now: u64) {
        let behind = now.saturating_sub(self.clock.now());
        if behind > 0 {
            self.skip(behind);
        }
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
        self.rewind(snapshot.began);
        snapshot.inputs.into_iter().try_for_each(|input| self.repeat(input))?;
        self.go_on();
        Ok(())
    }

    /// Sets the clock of an org in the state its seed leads to back to the moment it began, where it stands.
    pub(crate) fn rewind(&mut self, began: i64) {
        self.clock = Clock::standing(began);
    }

    /// Lets an input have the effect it had.
    pub(crate) fn repeat(&mut self, entry: Dated) -> Result<(), SnapshotError> {
        self.clock.catch_up(entry.at);
        self.tick();
        match entry.input {
            Input::Call { method, target, body } => {
                let call = history::read_call(&method, &target, body)?;
                // It was refused the first time, too.
                let _ = self.call(call);
            }
            Input::Start { job } => drop(self.pending(&job).map(|job| self.start(&job))),
            Input::Answer { job, status, reason, retry_after, body } => {
                let response = Response { status, reason, retry_after, body: body.into_bytes() };
                drop(self.pending(&job).map(|job| self.next(job.id, response)));
            }
            Input::TimedOut { job } => drop(self.pending(&job).map(|job| self.timed_out(job.id))),
            Input::Exchanged { job, exchange } => {
                self.journal.go_on_after(exchange.id);
                self.told(job, exchange);
            }
            Input::Resume { job } => drop(self.pending(&job).map(|job| self.resume(job.id))),
            Input::HookAnswered { hook, failure } => self.hook_answered(&hook, failure.map_or(Ok(()), Err)),
            Input::HookFailed { hook, reason } => self.hook_failed(&hook, &reason),
            Input::Advance => self.history.note(entry.at, entry.input),
        }
        Ok(())
    }

    /// Lets the clock run again after what was repeated.
    pub(crate) fn go_on(&mut self) {
        self.fresh.clear();
        self.hooks.skip_to(self.org.log().len() as u64);
        self.flows.skip_to(self.org.log().len(), self.org.now());
        self.clock.run();
    }

    /// Hands on every input from here on.
    pub(crate) fn hand_on(&mut self) {
        self.history.hand_on();
    }

    /// Returns the inputs that were not handed on yet.
    pub(crate) fn take_inputs(&mut self) -> Vec<Dated> {
        self.history.take_fresh()
    }

    /// Takes over credentials that no snapshot holds: from another world those of the same apps at the same service
    /// provider; where there are none still, those of whoever is known at that service provider.
    pub(crate) fn take_secrets(&mut self, other: &World, provider: Option<&Provider>) {
        self.hooks.take_secrets(&other.hooks);
        let provider = provider.map(|known| Service::new(known.target.clone(), known.credentials.clone()));
        let known: Vec<&Service> =
            other.apps.values().filter_map(|card| card.service.as_ref()).chain(&provider).collect();
        for (id, card) in &mut self.apps {
            let Some(service) = &mut card.service else { continue };
            let of_app = other.apps.get(id).and_then(|known| known.service.as_ref());
            let of_app = of_app.filter(|known| known.target == service.target && !known.is_withheld());
            let of_anybody = || known.iter().find(|known| known.target == service.target && !known.is_withheld());
            match of_app {
                Some(known) => *service = known.clone(),
                None if service.is_withheld() => {
                    if let Some(known) = of_anybody() {
                        *service = (*known).clone();
                    }
                }
                None => {}
            }
        }
    }

    /// Gives something that can be listed its place.
    pub(crate) fn listed(&mut self, id: &str) {
        self.order.insert(id.to_owned());
    }

    fn pending(&self, number: &str) -> Option<Job> {
        self.org.pending_job(number).cloned()
    }

    /// Looks at the entries that the log has gained. What came into being has its place in lists from here on.
    fn follow(&mut self) {
        let came = |entry: &&LogEntry| CREATIONS.contains(&entry.event_type);
        for entry in self.org.log().get(self.followed..).unwrap_or_default().iter().filter(came) {
            self.order.extend(entry.targets.first().map(|target| target.id.clone()));
        }
        self.followed = self.org.log().len();
        self.changes.follow(&self.org);
    }
}

/// The events of which the first target is something that can be listed.
const CREATIONS: [EventType; 3] = [EventType::UserCreate, EventType::GroupCreate, EventType::AppCreate];
