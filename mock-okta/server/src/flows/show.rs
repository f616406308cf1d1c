//! Flows and their runs as JSON, below `/_mock/flows`.

use std::sync::Arc;

use http::Method;
use mock_okta::workflow::{Trigger, Workflow};
use serde_json::{Map, Value, json};

use super::{Cause, RunRecord, RunStatus, StepRecord};
use crate::call::{Answer, Call, decode};
use crate::error::{ApiError, Code};
use crate::page::{Size, limit};
use crate::shared::Shared;
use crate::world::{Brief, World};

/// Answers a call about flows; `path` is what follows `flows`.
pub(crate) fn answer(shared: &Arc<Shared>, call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    if call.method != Method::GET {
        return Err(ApiError::of(Code::WrongMethod));
    }
    let most = limit(call, Size { default: 100, most: 1000 })?;
    shared.with(|world| {
        world.tick();
        let shown = match path {
            [] => all(world, most),
            [name] => {
                let flow = find(world, &decode(name))?;
                described(world, flow, most)
            }
            [name, "runs"] => runs(world, find(world, &decode(name))?.name(), most),
            [name, "runs", id] => {
                let (name, id) = (decode(name), decode(id));
                let run = id.parse().ok().and_then(|number| world.flows.find(&name, number));
                whole(world, run.ok_or_else(|| ApiError::not_found(&id, "FlowRun"))?)
            }
            _ => return Err(ApiError::of(Code::NoSuchPath)),
        };
        Ok(Answer::ok(shown))
    })
}

fn find<'a>(world: &'a World, name: &str) -> Result<&'a Workflow, ApiError> {
    world.flows.flows().find(|flow| flow.name() == name).ok_or_else(|| ApiError::not_found(name, "Flow"))
}

fn all(world: &World, most: usize) -> Value {
    json!({
        "flows": world.flows.flows().map(|flow| described(world, flow, most)).collect::<Vec<_>>(),
        "origins": world.flows.vendor.origins(),
        "forgottenRuns": world.flows.records.forgotten,
        "missedSchedules": world.flows.missed,
        "runsEndedByReset": world.flows.ended_by_reset,
    })
}

fn described(world: &World, flow: &Workflow, most: usize) -> Value {
    let mut counts: Map<String, Value> = Map::new();
    for name in ["running", "waiting", "completed", "failed", "skipped"] {
        let of_flow = world.flows.runs().filter(|run| run.flow == flow.name());
        counts.insert(name.to_owned(), Value::from(of_flow.filter(|run| run.status.name() == name).count()));
    }
    let mut shown = json!({
        "name": flow.name(),
        "on": flow.trigger().to_string(),
        "if": flow.condition().map(ToString::to_string),
        "steps": flow.steps().iter().map(|step| step.title()).collect::<Vec<_>>(),
        "counts": counts,
        "runs": runs(world, flow.name(), most),
    });
    if let Trigger::Daily { .. } = flow.trigger() {
        let next = world.flows.next_time(flow.trigger(), world.clock.began, world.org.now());
        shown["next"] = world.moment_or_null(next);
    }
    shown
}

/// Returns the latest runs of a flow, the latest first.
fn runs(world: &World, flow: &str, most: usize) -> Value {
    let of_flow = world.flows.runs().filter(|run| run.flow == flow);
    of_flow.take(most).map(|run| summary(world, run)).collect()
}

fn summary(world: &World, run: &RunRecord) -> Value {
    let mut shown = json!({
        "id": run.id.to_string(),
        "flow": run.flow,
        "status": run.status.name(),
        "trigger": trigger(world, &run.cause),
        "began": world.moment(run.began),
        "ended": world.moment_or_null(run.ended),
    });
    match &run.status {
        RunStatus::Waiting { until } => shown["until"] = world.moment(*until),
        RunStatus::Failed { step, why } => {
            shown["failedStep"] = Value::from(step + 1);
            shown["reason"] = Value::from(why.clone());
        }
        RunStatus::Skipped { saw } => shown["reason"] = Value::from(format!("the condition did not hold: {saw}")),
        RunStatus::Running | RunStatus::Completed => {}
    }
    shown
}

fn trigger(world: &World, cause: &Cause) -> Value {
    match cause {
        Cause::Event { uuid, event_type, transaction, .. } => {
            json!({ "eventType": event_type, "uuid": uuid, "transaction": transaction })
        }
        Cause::Schedule { due } => json!({ "due": world.moment(*due) }),
    }
}

/// Returns a run with the evidence of its steps, and the SCIM requests that followed from the same call as its event.
fn whole(world: &World, run: &RunRecord) -> Value {
    let mut shown = summary(world, run);
    shown["steps"] = run.steps.iter().zip(1..).map(|(step, number)| drawn(step, number)).collect();
    if let Cause::Event { serial, .. } = run.cause {
        let entry = usize::try_from(serial).ok().and_then(|serial| world.org.log().get(serial));
        let jobs = entry.map(|entry| world.jobs_of_the_same_call(entry)).unwrap_or_default();
        let exchanges = jobs.iter().flat_map(|job| job.exchanges.iter().map(|brief| scim(&job.cause, &job.app, brief)));
        shown["scimExchanges"] = exchanges.collect();
    }
    shown
}

fn drawn(step: &StepRecord, number: usize) -> Value {
    let StepRecord { title, status, exchanges, requests } = step;
    json!({ "step": number, "does": title, "status": status.name(), "requests": requests, "exchanges": exchanges })
}

/// An exchange with a service provider in a few words; `id` is its number in the journal.
fn scim(cause: &str, app: &str, brief: &Brief) -> Value {
    json!({
        "id": brief.id,
        "app": app,
        "cause": cause,
        "method": brief.method,
        "url": brief.url,
        "status": brief.status,
        "failure": brief.failure,
        "milliseconds": brief.milliseconds,
    })
}
