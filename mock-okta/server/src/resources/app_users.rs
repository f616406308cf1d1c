//! App users: who is assigned to an app.

use mock_okta::org::{Attributes, OrgEvent, Scope};
use serde_json::{Map, Value};

use super::attributes::{beside_mappings, read as read_attributes};
use super::{inner, page, required, text, users};
use crate::call::{Answer, Call, View};
use crate::error::ApiError;
use crate::page::Size;
use crate::shape;
use crate::world::World;

/// Lists who is assigned.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let app = call.variable(0);
    world.app(app)?;
    let begins = call.parameter("q").map(|text| text.to_lowercase());
    let login = |id: &str| world.org.person(id).map(|person| person.profile.login.to_lowercase()).unwrap_or_default();
    let named = |id: &&String| begins.as_deref().is_none_or(|text| login(id).starts_with(text));
    let found = world.org.app(app).into_iter();
    let known =
        found.flat_map(|app| app.accounts.keys().chain(app.people.keys().filter(|id| !app.accounts.contains_key(*id))));
    let ids = known.filter(|id| is_assigned(world, app, id)).filter(named).cloned().collect();
    page(world, call, ids, Size { default: 50, most: 500 }, |world, person| {
        shape::app_user::app_user(world, app, person, &call.origin)
    })
}

/// Assigns somebody. Who is assigned already is assigned with the attributes of the call from then on.
pub(crate) fn assign(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let app = call.variable(0).to_owned();
    world.app(&app)?;
    let body = call.object()?;
    let person = users::find(world, required(&body, "id")?)?;
    if !matches!(text(&body, "scope")?, None | Some("USER")) {
        return Err(ApiError::validation("scope", "scope: a person is assigned with scope USER"));
    }
    let attributes = attributes(world, &app, &person, &body)?;
    set(world, app, person, attributes)
}

/// Returns an assignment.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (app, person) = find(world, call)?;
    Ok(Answer::ok(View::AppUser { app, person }))
}

/// Changes attributes of an assignment, which is the person's own from then on.
pub(crate) fn update(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (app, person) = find(world, call)?;
    let changes = attributes(world, &app, &person, &call.object()?)?;
    let known = world.org.app(&app).and_then(|app| app.people.get(&person)).cloned().unwrap_or_default();
    let is_changed = |key: &String| changes.iter().any(|(changed, _)| changed == key);
    let mut attributes: Attributes = known.into_iter().filter(|(key, _)| !is_changed(key)).collect();
    attributes.extend(changes.clone());
    set(world, app, person, attributes)
}

/// Removes an assignment.
pub(crate) fn unassign(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (app, person) = find(world, call)?;
    let account = world.org.account(&app, &person).filter(|account| account.assigned);
    if account.is_some_and(|account| account.scope == Scope::Group) {
        let cause = "the user is assigned through a group; remove the user from the group or the group from the app";
        return Err(ApiError::validation("appUser", cause));
    }
    world.apply(OrgEvent::Unassign { app, person })?;
    Ok(Answer::nothing())
}

/// Lets the mappings overwrite what was set for a person: Okta applies them on every update of the Okta profile, so what
/// is set for a mapped attribute lasts until that attribute changes in Okta.
pub(crate) fn follow_mappings(world: &mut World, person: &str, changed: &[String]) -> Result<(), ApiError> {
    for app in world.apps.keys().cloned().collect::<Vec<_>>() {
        let Some(set) = world.org.app(&app).and_then(|app| app.people.get(person)) else { continue };
        let kept: Attributes = set.iter().filter(|(key, _)| !changed.contains(key)).cloned().collect();
        if kept.len() < set.len() {
            world.apply(OrgEvent::UpdateAssignment { app, person: person.to_owned(), attributes: kept })?;
        }
    }
    Ok(())
}

fn set(world: &mut World, app: String, person: String, attributes: Attributes) -> Result<Answer, ApiError> {
    let view = View::AppUser { app: app.clone(), person: person.clone() };
    let is_direct = world.org.app(&app).is_some_and(|app| app.people.contains_key(&person));
    world.apply(match is_direct {
        true => OrgEvent::UpdateAssignment { app, person, attributes },
        false => OrgEvent::Assign { app, person, attributes },
    })?;
    Ok(Answer::ok(view))
}

fn attributes(world: &World, app: &str, person: &str, body: &Map<String, Value>) -> Result<Attributes, ApiError> {
    let settings = &world.org.app(app).ok_or_else(|| ApiError::not_found(app, "AppInstance"))?.app;
    let mut attributes = match inner(body, "profile")? {
        Some(profile) => read_attributes(settings, profile)?,
        None => Attributes::new(),
    };
    let credentials = inner(body, "credentials")?;
    if let Some(name) = credentials.map(|credentials| text(credentials, "userName")).transpose()?.flatten() {
        attributes.push(("login".to_owned(), name.to_owned()));
    }
    Ok(beside_mappings(attributes, &users::by_id(world, person)?.profile))
}

/// Returns app and person of an assignment that is there.
fn find(world: &World, call: &Call) -> Result<(String, String), ApiError> {
    let app = call.variable(0);
    world.app(app)?;
    let person = users::find(world, call.variable(1))?;
    if is_assigned(world, app, &person) {
        Ok((app.to_owned(), person))
    } else {
        Err(ApiError::not_found(&person, "AppUser"))
    }
}

/// Whether somebody is assigned, if only from the activation on.
fn is_assigned(world: &World, app: &str, person: &str) -> bool {
    world.org.account(app, person).is_some_and(|account| account.assigned)
        || world.org.app(app).is_some_and(|app| app.people.contains_key(person))
}
