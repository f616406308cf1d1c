//! Where entries of the System Log came from: the call and the job behind them, and the exchanges of the job.

use mock_okta::org::{Job, LogEntry, Subject, TargetKind};

use super::World;

/// Where one entry of the log came from.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    /// The number of the call, from 1; 0 for what the seed brought.
    pub(crate) act: usize,
    /// The job, if it was one.
    pub(crate) job: Option<String>,
}

/// What a job led to.
#[derive(Debug, Clone)]
pub(crate) struct JobTrace {
    pub(crate) act: usize,
    pub(crate) app: String,
    pub(crate) subject: Subject,
    pub(crate) cause: String,
    pub(crate) exchanges: Vec<Brief>,
}

impl JobTrace {
    pub(super) fn new(job: &Job, act: usize) -> JobTrace {
        let (app, subject, cause) = (job.app.clone(), job.subject.clone(), job.cause.clone());
        JobTrace { act, app, subject, cause, exchanges: Vec::new() }
    }
}

/// An exchange in a few words. The whole of it is in the journal.
#[derive(Debug, Clone)]
pub(crate) struct Brief {
    pub(crate) id: u64,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) status: Option<u16>,
    pub(crate) failure: Option<String>,
    pub(crate) milliseconds: f64,
}

impl World {
    /// Returns the jobs an entry of the log speaks of: its own, or those that followed from the same call and concern the
    /// same app and person.
    pub(crate) fn jobs_behind(&self, entry: &LogEntry) -> Vec<&JobTrace> {
        let Some(trace) = self.traces.get(usize::try_from(entry.serial).unwrap_or(usize::MAX)) else {
            return Vec::new();
        };
        if let Some(job) = &trace.job {
            return self.jobs.get(job).into_iter().collect();
        }
        let target = |kind| entry.targets.iter().find(|target| target.kind == kind).map(|target| target.id.as_str());
        let (app, person) = (target(TargetKind::AppInstance), target(TargetKind::User));
        let concerns = |job: &&JobTrace| {
            let of_app = app.is_none_or(|app| app == job.app);
            let of_person = match (&job.subject, person) {
                (Subject::Person(subject), Some(person)) => subject == person,
                _ => true,
            };
            job.act == trace.act && of_app && of_person
        };
        // Jobs are numbered as they come up, so those of one call stand together.
        let first = self.jobs.partition_point(|_, job| job.act < trace.act);
        self.jobs.values().skip(first).take_while(|job| job.act == trace.act).filter(concerns).collect()
    }
}
