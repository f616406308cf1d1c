//! Where entries of the System Log came from: the call behind them, and the exchanges of the jobs that followed.
//!
//! The org numbers the administrator's acts and says of every entry and job to which act it belongs; which call made the
//! act is what is kept here.

use std::collections::HashMap;

use mock_okta::org::{Job, LogEntry, Subject, TargetKind};
use serde::{Deserialize, Serialize};

use super::World;

/// The calls behind the acts of the org, and the jobs behind the calls.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    /// The number of the call, by the number of the act.
    calls: HashMap<u64, usize>,
    /// The numbers of the jobs, by the number of the call.
    jobs: HashMap<usize, Vec<String>>,
}

/// What a job led to.
#[derive(Debug, Clone)]
pub(crate) struct JobTrace {
    pub(crate) app: String,
    pub(crate) subject: Subject,
    pub(crate) cause: String,
    pub(crate) exchanges: Vec<Brief>,
}

/// An exchange in a few words. The whole of it is in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Brief {
    pub(crate) id: u64,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) status: Option<u16>,
    pub(crate) failure: Option<String>,
    pub(crate) milliseconds: f64,
}

impl World {
    /// Returns the number of the call an entry of the log followed from, from 1; 0 for what no call brought.
    pub(crate) fn call_behind(&self, entry: &LogEntry) -> usize {
        self.traces.call(entry.transaction)
    }

    /// Returns the jobs an entry of the log speaks of: its own, or those that followed from the same call and concern the
    /// same app and person.
    pub(crate) fn jobs_behind(&self, entry: &LogEntry) -> Vec<&JobTrace> {
        if let Some(job) = entry.job {
            return self.jobs.get(&job.to_string()).into_iter().collect();
        }
        let target = |kind| entry.targets.iter().find(|target| target.kind == kind).map(|target| target.id.as_str());
        if target(TargetKind::EventHook).is_some() {
            return Vec::new();
        }
        let (app, person) = (target(TargetKind::AppInstance), target(TargetKind::User));
        let concerns = |job: &&JobTrace| {
            let of_app = app.is_none_or(|app| app == job.app);
            let of_person = match (&job.subject, person) {
                (Subject::Person(subject), Some(person)) => subject == person,
                _ => true,
            };
            of_app && of_person
        };
        let numbers = self.traces.jobs.get(&self.call_behind(entry)).map_or(&[][..], Vec::as_slice);
        numbers.iter().filter_map(|number| self.jobs.get(number)).filter(concerns).collect()
    }

    /// Returns the jobs that followed from the same call as an entry of the log; where none is behind it, those the entry
    /// speaks of.
    pub(crate) fn jobs_of_the_same_call(&self, entry: &LogEntry) -> Vec<&JobTrace> {
        match self.call_behind(entry) {
            0 => self.jobs_behind(entry),
            call => {
                let numbers = self.traces.jobs.get(&call).map_or(&[][..], Vec::as_slice);
                numbers.iter().filter_map(|number| self.jobs.get(number)).collect()
            }
        }
    }

    /// Notes a job: one of a call when it comes up, one that an import brought when it begins.
    pub(super) fn trace_job(&mut self, job: &Job) {
        let number = job.id.to_string();
        if self.jobs.contains_key(&number) {
            return;
        }
        let call = self.traces.call(job.transaction);
        self.traces.jobs.entry(call).or_default().push(number.clone());
        let (app, subject, cause) = (job.app.clone(), job.subject.clone(), job.cause.clone());
        self.jobs.insert(number, JobTrace { app, subject, cause, exchanges: Vec::new() });
    }
}

impl Traces {
    /// Notes from which call an act of the org came.
    pub(super) fn came(&mut self, act: u64, call: usize) {
        self.calls.insert(act, call);
    }

    fn call(&self, act: u64) -> usize {
        self.calls.get(&act).copied().unwrap_or_default()
    }
}
