//! One app of a story: the line to its service provider, and what is known there.

use super::Stop;
use crate::bindings::Bindings;
use crate::capability::{Capabilities, TargetError};
use crate::client::Client;
use crate::expect::Mismatch;
use crate::names::Seed;
use scim_record::{AppPart, Exchange};
use scim_suite::Need;
use scim_suite::story::{Outage, StoryApp};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// One app of a story.
pub(super) struct Side<'run> {
    pub(super) app: &'run StoryApp,
    pub(super) client: Client<'run>,
    specimen: bool,
    pub(super) capabilities: Capabilities,
    pub(super) bindings: Bindings,
    /// The id that each account had first.
    pub(super) first: HashMap<String, String>,
    /// What was changed in the app itself, by the person whose account it is.
    pub(super) kept: HashMap<String, Kept>,
    /// Why nothing more can be done there.
    pub(super) broken: Option<Broken>,
    /// The first case that failed there.
    pub(super) failed: Option<String>,
    /// What the app did in the chapter so far.
    pub(super) part: Part,
}

/// Why nothing more can be done at a service provider.
#[derive(Debug, Clone)]
pub(super) enum Broken {
    /// It cannot be reached.
    Unreachable(String),
    /// Going on would touch what is not ours, or lacks what the story needs.
    Stopped(String),
}

/// What was changed in an app itself.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// The server holds these members.
    Members(Map<String, Value>),
    /// The server did not take them, so there is nothing that could be lost.
    Nothing(String),
}

/// What an app does in one chapter.
#[derive(Default)]
pub(super) struct Part {
    /// What was sent and answered, in order.
    pub(super) calls: Vec<Sent>,
    /// How jobs ended that failed for Okta.
    pub(super) tasks: Vec<Task>,
    /// What went wrong in an exchange by itself.
    pub(super) troubles: Vec<(Mismatch, Option<usize>)>,
    /// Whether any job ended well.
    pub(super) is_done: bool,
    /// What is wrong with the way, and how many more requests it concerns.
    pub(super) outage: Option<Outage>,
    /// When the first request was sent.
    pub(super) begun: Option<Instant>,
    /// How long the last answer took from then.
    pub(super) pushed: Option<Duration>,
    /// When the server was seen to hold what is expected.
    pub(super) settled: Option<Duration>,
}

/// A request of Okta's and what came of it.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) exchange: Exchange,
}

/// A job that ended in a task.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) message: String,
    /// The number of the last call of the job.
    pub(super) call: Option<usize>,
    /// Whether the service provider itself failed then, rather than refused.
    pub(super) is_failure: bool,
}

impl<'run> Side<'run> {
    /// Asks the service provider what it is.
    pub(super) async fn open(
        app: &'run StoryApp,
        stop: &'run Stop,
        run: &'run str,
        story: &str,
        seed: Seed,
        wanted: &BTreeSet<Need>,
    ) -> Result<Side<'run>, TargetError> {
        let client = Client::new(&stop.line, &stop.journal, run, &format!("{story}@{}", app.name));
        let capabilities = Capabilities::discover(&client, app.id.version, wanted).await;
        let capabilities = capabilities.map_err(|error| error.over(&stop.line.transport))?;
        Ok(Side {
            app,
            bindings: Bindings::new(seed, story, client.base()),
            client,
            specimen: stop.specimen,
            capabilities,
            first: HashMap::new(),
            kept: HashMap::new(),
            broken: None,
            failed: None,
            part: Part::default(),
        })
    }

    /// Returns what the app did in the chapter, if it did anything, and begins the next.
    pub(super) fn take_part(&mut self) -> Option<AppPart> {
        let part = std::mem::take(&mut self.part);
        let whole_ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        (!part.calls.is_empty() || !part.tasks.is_empty()).then(|| AppPart {
            name: self.app.name.clone(),
            target: self.client.base().to_owned(),
            specimen: self.specimen,
            exchanges: part.calls.into_iter().map(|sent| sent.exchange).collect(),
            tasks: part.tasks.into_iter().map(|task| self.client.redactor().text(&task.message)).collect(),
            pushed_ms: part.pushed.map(whole_ms),
            settled_ms: part.settled.map(whole_ms),
        })
    }
}
