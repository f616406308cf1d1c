//! What administrators do on pages of Okta for which the Management API has no endpoint: tasks, "Push now", imports. The
//! calls are the mock's own, below `/_mock`, and change the org like any other.

use mock_okta::import::{
    Activity, Candidate, Choice, Counters, ImportEnd, ImportReport, Match, SafeguardLevel, Scope, Tally,
};
use mock_okta::org::{JobId, OrgEvent};
use serde_json::{Map, Value, json};

use super::{required, text, users};
use crate::call::{Answer, Call, View};
use crate::error::ApiError;
use crate::page::{Size, limit};
use crate::world::World;

/// Attempts again what a task is about.
pub(crate) fn retry(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    world.apply(OrgEvent::RetryTask { task: call.variable(0).to_owned() })?;
    Ok(Answer::nothing())
}

/// Pushes name and members of a linked group as a whole.
pub(crate) fn push_now(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let body = call.object()?;
    let (app, group) = (required(&body, "app")?.to_owned(), required(&body, "group")?.to_owned());
    world.app(&app)?;
    world.apply(OrgEvent::PushNow { app, group })?;
    Ok(Answer::nothing())
}

/// Imports users, groups or both from an app.
pub(crate) fn import(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let body = call.object_or_nothing()?;
    let app = app(world, text(&body, "app")?)?;
    let scope = match text(&body, "scope")? {
        None | Some("everything") => Scope::Everything,
        Some("users") => Scope::Users,
        Some("groups") => Scope::Groups,
        Some(_) => return Err(ApiError::validation("scope", "scope: it is none of everything, users, groups")),
    };
    let jobs = world.apply(OrgEvent::Import { app: app.clone(), scope })?;
    Ok(Answer::ok(View::Import { app, jobs: jobs.iter().map(|job| job.id).collect() }))
}

/// Confirms whom imported users belong to: one user, everybody who matches one person, or also those who match nobody.
pub(crate) fn confirm(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let body = call.object_or_nothing()?;
    let app = app(world, text(&body, "app")?)?;
    let waiting = |world: &World| world.org.app(&app).map_or(0, |app| app.imported.waiting.len());
    let before = waiting(world);
    let event = match text(&body, "user")? {
        Some(user) => OrgEvent::Confirm { app: app.clone(), remote_id: user.to_owned(), choice: choice(world, &body)? },
        None => OrgEvent::ConfirmMatches { app: app.clone(), everybody: everybody(&body)? },
    };
    let jobs = world.apply(event)?;
    let jobs: Vec<String> = jobs.iter().map(|job| job.id.to_string()).collect();
    let after = waiting(world);
    Ok(Answer::ok(json!({ "app": app, "jobs": jobs, "confirmed": before - after, "waiting": after })))
}

/// Returns what the last import of an app brought, and who waits to be confirmed.
pub(crate) fn imported(world: &World, call: &Call) -> Result<Answer, ApiError> {
    let app = app(world, call.parameter("app").as_deref())?;
    let limit = limit(call, Size { default: 100, most: 1000 })?;
    let found = world.org.app(&app).map(|app| &app.imported);
    let tab = world.org.import_tab(&app);
    Ok(Answer::ok(json!({
        "app": app,
        "report": found.and_then(|imported| imported.report.as_ref()).map(report),
        "waiting": tab.len(),
        "users": tab.iter().take(limit).map(candidate).collect::<Value>(),
        "groups": found.map(|imported| imported.groups.len()),
    })))
}

/// Draws an import: its report as soon as its jobs are over.
pub(crate) fn draw_import(world: &World, app: &str, jobs: &[JobId]) -> Value {
    let found = world.org.app(app).map(|app| &app.imported);
    let is_over = jobs.iter().all(|job| world.is_over(*job));
    let drawn = found.filter(|_| is_over).and_then(|imported| imported.report.as_ref()).map(report);
    json!({
        "app": app,
        "jobs": jobs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "report": drawn,
        "waiting": found.filter(|_| is_over).map(|imported| imported.waiting.len()),
    })
}

/// Returns the app that is named, or the only one there is.
fn app(world: &World, named: Option<&str>) -> Result<String, ApiError> {
    match named {
        Some(id) => world.app(id).map(|_| id.to_owned()),
        None => match world.apps.keys().collect::<Vec<_>>()[..] {
            [only] => Ok(only.clone()),
            _ => Err(ApiError::validation("app", "app: it has to be named, because there is not exactly one")),
        },
    }
}

fn everybody(body: &Map<String, Value>) -> Result<bool, ApiError> {
    match body.get("everybody") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(everybody)) => Ok(*everybody),
        Some(_) => Err(ApiError::validation("everybody", "everybody: it is neither true nor false")),
    }
}

fn choice(world: &World, body: &Map<String, Value>) -> Result<Choice, ApiError> {
    Ok(match required(body, "as")? {
        "new" => Choice::NewPerson,
        "ignore" => Choice::Ignore,
        person => Choice::Person(users::find(world, person)?),
    })
}

fn report(report: &ImportReport) -> Value {
    let (end, reason) = end(&report.end);
    json!({
        "end": end,
        "reason": reason,
        "users": tally(&report.users),
        "groups": tally(&report.groups),
        "groupsUnavailable": report.groups_unavailable,
        "members": {
            "matched": report.members.matched,
            "unknown": report.members.unknown.count(),
            "withoutValue": report.members.without_value,
            "groups": report.members.groups,
        },
    })
}

fn end(end: &ImportEnd) -> (&'static str, Option<String>) {
    match end {
        ImportEnd::Running => ("running", None),
        ImportEnd::Complete => ("complete", None),
        ImportEnd::Failed => ("failed", None),
        ImportEnd::Halted(halt) => {
            let of = if halt.level == SafeguardLevel::App { "app" } else { "org" };
            let (unassigned, assigned, percent) = (halt.unassigned, halt.assigned, halt.percent);
            let reason =
                format!("safeguard of the {of}: {unassigned} of {assigned} assignments would go, {percent} % may");
            ("halted", Some(reason))
        }
    }
}

fn tally(tally: &Tally) -> Value {
    let Counters { scanned, new, updated, unchanged, removed } = tally.counters;
    json!({
        "scanned": scanned,
        "new": new,
        "updated": updated,
        "unchanged": unchanged,
        "removed": removed,
        "inactive": tally.inactive.count(),
        "malformed": tally.malformed.count(),
    })
}

fn candidate(candidate: &Candidate) -> Value {
    let user = &candidate.user;
    let (kind, people) = match &candidate.matching {
        Match::Exact(person) => ("exact", vec![person.clone()]),
        Match::Partial(people) => ("partial", people.clone()),
        Match::Ambiguous(people) => ("ambiguous", people.clone()),
        Match::Nobody => ("nobody", Vec::new()),
    };
    json!({
        "id": user.id,
        "userName": user.user_name,
        "email": user.email,
        "name": format!("{} {}", user.given_name, user.family_name),
        "active": user.activity == Activity::Active,
        "match": { "kind": kind, "people": people },
    })
}
