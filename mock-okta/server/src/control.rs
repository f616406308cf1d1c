//! The mock's own control, below `/_mock`: what no Okta org has.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use mock_okta::org::{Job, Subject, Task, Work};
use serde_json::{Map, Value, json};

use crate::call::{Answer, Call};
use crate::error::{ApiError, Code};
use crate::page::{Size, limit};
use crate::resources::{admin, required, text};
use crate::runner::kick;
use crate::shared::Shared;
use crate::world::{Entry, Fault, FaultKind, Snapshot, SnapshotError, World};
use crate::{flows, hooks};

/// Where the control begins.
pub(crate) const PREFIX: &str = "/_mock/";

/// Where snapshots come from and go to.
pub(crate) const SNAPSHOT: &str = "/_mock/snapshot";

/// Where anybody may ask.
pub(crate) const HEALTH: &str = "/_mock/health";

/// Answers a call of the control.
pub(crate) async fn answer(shared: &Arc<Shared>, call: &Call) -> Result<Answer, ApiError> {
    let path = call.path.trim_start_matches(PREFIX).trim_end_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    match (&call.method, segments.as_slice()) {
        (&Method::GET, ["health"]) => Ok(Answer::ok(shared.with(health))),
        (&Method::POST, ["reset"]) => reset(shared),
        (&Method::GET, ["snapshot"]) => snapshot(shared),
        (&Method::PUT, ["snapshot"]) => restore(shared, call),
        (&Method::GET, ["clock"]) => Ok(Answer::ok(shared.with(clock))),
        (&Method::POST, ["clock", "advance"]) => advance(shared, call),
        (&Method::GET, ["journal"]) => journal(shared, call),
        (&Method::GET, ["faults"]) => Ok(Answer::ok(shared.with(|world| faults(world)))),
        (&Method::POST, ["faults"]) => add_fault(shared, call),
        (&Method::DELETE, ["faults"]) => {
            shared.with(|world| world.journal.faults.clear());
            Ok(Answer::nothing())
        }
        (&Method::GET, ["tasks"]) => Ok(Answer::ok(shared.with(|world| tasks(world)))),
        (&Method::GET, ["import"]) => shared.with(|world| admin::imported(world, call)),
        (&Method::GET, ["jobs"]) => Ok(Answer::ok(shared.with(|world| jobs(world)))),
        (_, ["flows", path @ ..]) => flows::answer(shared, call, path),
        (&Method::GET, ["hooks"]) => shared.with(|world| hooks::show(world, call)),
        (&Method::PUT, ["hooks", "behaviour"]) => shared.with(|world| hooks::change_behaviour(world, call)),
        (&Method::POST, ["settle"]) => settle(shared, call).await,
        (_, known) => {
            let is_known = PATHS.iter().any(|path| path.len() == known.len() && path[0] == known[0]);
            Err(ApiError::of(if is_known { Code::WrongMethod } else { Code::NoSuchPath }))
        }
    }
}

/// The paths, for telling a wrong method from a wrong path.
const PATHS: &[&[&str]] = &[
    &["health"],
    &["reset"],
    &["snapshot"],
    &["clock"],
    &["clock", "advance"],
    &["journal"],
    &["faults"],
    &["tasks"],
    &["tasks", "{taskId}", "retry"],
    &["push"],
    &["import"],
    &["import", "confirm"],
    &["jobs"],
    &["hooks"],
    &["hooks", "behaviour"],
    &["settle"],
];

fn health(world: &mut World) -> Value {
    json!({
        "status": "UP",
        "org": world.name,
        "people": world.org.people().len(),
        "groups": world.org.groups().len(),
        "apps": world.apps.len(),
        "pending": world.org.pending().len(),
    })
}

fn reset(shared: &Arc<Shared>) -> Result<Answer, ApiError> {
    shared.reset().map_err(refused)?;
    kick(shared);
    Ok(Answer::nothing())
}

fn snapshot(shared: &Shared) -> Result<Answer, ApiError> {
    let snapshot = shared.with(|world| world.snapshot(shared.config.seed.fingerprint())).map_err(refused)?;
    let value = serde_json::to_value(snapshot).expect("a snapshot is text and numbers");
    Ok(Answer::ok(value))
}

fn restore(shared: &Arc<Shared>, call: &Call) -> Result<Answer, ApiError> {
    let snapshot: Snapshot =
        serde_json::from_slice(&call.body).map_err(|error| ApiError::of(Code::Malformed).because(error.to_string()))?;
    shared.restore(snapshot).map_err(refused)?;
    kick(shared);
    Ok(Answer::nothing())
}

fn refused(error: SnapshotError) -> ApiError {
    ApiError::validation("snapshot", error.to_string())
}

fn clock(world: &mut World) -> Value {
    world.tick();
    json!({ "now": world.moment(world.org.now()), "seconds": world.org.now() })
}

fn advance(shared: &Arc<Shared>, call: &Call) -> Result<Answer, ApiError> {
    let seconds = call.object()?.get("seconds").and_then(Value::as_u64);
    let seconds = seconds.ok_or_else(|| ApiError::validation("seconds", "seconds: it is no whole number from 0"))?;
    let clock = shared.with(|world| {
        world.skip(seconds);
        clock(world)
    });
    shared.tell();
    Ok(Answer::ok(clock))
}

fn journal(shared: &Shared, call: &Call) -> Result<Answer, ApiError> {
    let limit = limit(call, Size { default: 1000, most: 10_000 })?;
    let after = match call.parameter("after") {
        Some(text) => text.parse().map_err(|_| ApiError::of(Code::InvalidPaging))?,
        None => 0,
    };
    let draw = |world: &mut World| {
        let entries: Vec<Entry> = world.journal.after(after).take(limit).cloned().collect();
        entries.iter().map(|entry| exchange(world, entry)).collect::<Vec<_>>()
    };
    Ok(Answer::ok(Value::Array(shared.with(draw))))
}

fn exchange(world: &World, entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "at": world.moment(entry.at),
        "app": entry.app,
        "job": entry.job,
        "cause": entry.cause,
        "fault": entry.fault,
        "exchange": serde_json::to_value(&entry.exchange).expect("an exchange is text and numbers"),
    })
}

fn faults(world: &World) -> Value {
    let fault = |fault: &Fault| {
        let mut shown = match &fault.kind {
            FaultKind::Delay(time) => json!({ "kind": "delay", "milliseconds": time.as_millis() as u64 }),
            FaultKind::DropRequest => json!({ "kind": "drop-request" }),
            FaultKind::DropAnswer => json!({ "kind": "drop-answer" }),
            FaultKind::Status { status, .. } => json!({ "kind": "status", "status": status }),
        };
        let retry_after = match fault.kind {
            FaultKind::Status { retry_after, .. } => retry_after,
            _ => None,
        };
        for (key, value) in [
            ("retryAfter", retry_after.map(Value::from)),
            ("times", fault.times.map(Value::from)),
            ("app", fault.app.clone().map(Value::from)),
            ("method", fault.method.clone().map(Value::from)),
            ("path", fault.path.clone().map(Value::from)),
        ] {
            if let Some(value) = value {
                shown[key] = value;
            }
        }
        shown
    };
    world.journal.faults.iter().map(fault).collect()
}

fn add_fault(shared: &Shared, call: &Call) -> Result<Answer, ApiError> {
    let fault = read_fault(&call.object()?)?;
    let faults = shared.with(|world| {
        world.journal.faults.push(fault);
        faults(world)
    });
    Ok(Answer::created(faults))
}

fn read_fault(body: &Map<String, Value>) -> Result<Fault, ApiError> {
    let number = |key: &str, most: u64| match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64().filter(|number| *number <= most) {
            Some(number) => Ok(Some(number)),
            None => Err(ApiError::validation(key, format!("{key}: it is no whole number up to {most}"))),
        },
    };
    let missing = |key: &str| ApiError::validation(key, format!("{key}: The field cannot be left blank"));
    let kind = match required(body, "kind")? {
        "delay" => {
            let time = number("milliseconds", LONGEST_DELAY)?.ok_or_else(|| missing("milliseconds"))?;
            FaultKind::Delay(Duration::from_millis(time))
        }
        "drop-request" => FaultKind::DropRequest,
        "drop-answer" => FaultKind::DropAnswer,
        "status" => {
            let status = number("status", 599)?.filter(|status| *status >= 400).ok_or_else(|| missing("status"))?;
            let retry_after = number("retryAfter", 86_400)?;
            FaultKind::Status { status: u16::try_from(status).unwrap_or(500), retry_after }
        }
        _ => return Err(ApiError::validation("kind", "kind: it is none of delay, drop-request, drop-answer, status")),
    };
    let times = number("times", u32::MAX.into())?.and_then(|times| u32::try_from(times).ok());
    if times == Some(0) {
        return Err(ApiError::validation("times", "times: never is not often enough"));
    }
    let word = |key: &str| text(body, key).map(|text| text.map(str::to_owned));
    Ok(Fault { kind, times, app: word("app")?, method: word("method")?, path: word("path")? })
}

fn tasks(world: &World) -> Value {
    let task = |task: &Task| {
        json!({
            "id": task.id,
            "app": task.app,
            "subject": subject(&task.subject),
            "work": work(&task.work),
            "message": task.message,
            "created": world.moment(task.created),
            "failures": task.failures,
        })
    };
    world.org.tasks().map(task).collect()
}

fn jobs(world: &World) -> Value {
    let job = |job: &Job| {
        json!({
            "id": job.id.to_string(),
            "app": job.app,
            "subject": subject(&job.subject),
            "work": work(&job.work),
            "cause": job.cause,
        })
    };
    world.org.pending().map(job).collect()
}

/// Waits until nothing is left to do.
async fn settle(shared: &Shared, call: &Call) -> Result<Answer, ApiError> {
    let seconds = match call.parameter("timeout") {
        None => Ok(30),
        Some(text) => {
            text.parse::<u64>().map_err(|_| ApiError::validation("timeout", "timeout: it is no whole number"))
        }
    };
    let settled = shared.settled(None, Duration::from_secs(seconds?.min(600))).await;
    let pending = shared.with(|world| world.org.pending().len());
    Ok(Answer::ok(json!({ "settled": settled, "pending": pending })))
}

fn subject(subject: &Subject) -> Value {
    match subject {
        Subject::App => json!({ "type": "AppInstance" }),
        Subject::Person(id) => json!({ "type": "User", "id": id }),
        Subject::Group(id) => json!({ "type": "UserGroup", "id": id }),
    }
}

/// Returns the word for what a job does.
pub(crate) fn work(work: &Work) -> &'static str {
    match work {
        Work::Connect => "connect",
        Work::Provision => "provision",
        Work::PushProfile => "push-profile",
        Work::PushPassword => "push-password",
        Work::ForceSync => "force-sync",
        Work::Deactivate => "deactivate",
        Work::Unassign => "unassign",
        Work::PushGroup => "push-group",
        Work::LinkGroup => "link-group",
        Work::RelinkGroup => "relink-group",
        Work::RenameGroup => "rename-group",
        Work::PushMembers(_) => "push-members",
        Work::PushNow => "push-now",
        Work::DeactivatePush => "deactivate-push",
        Work::ActivatePush => "activate-push",
        Work::UnlinkGroup { .. } => "unlink-group",
        Work::Import(_) => "import",
        Work::Discover(_) => "discover",
    }
}

/// Ten minutes.
const LONGEST_DELAY: u64 = 600_000;
