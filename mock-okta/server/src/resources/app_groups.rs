//! Groups assigned to an app.

use mock_okta::org::{Attributes, OrgEvent};
use serde_json::{Map, Value};

use super::{attributes, inner, page};
use crate::call::{Answer, Call};
use crate::error::ApiError;
use crate::page::Size;
use crate::shape;
use crate::world::World;

/// Lists the groups, each with its priority.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let app = call.variable(0);
    world.app(app)?;
    let begins = call.parameter("q").map(|text| text.to_lowercase());
    let named = |id: &&String| {
        let name = world.org.group(id).map(|group| group.name.to_lowercase()).unwrap_or_default();
        begins.as_deref().is_none_or(|text| name.starts_with(text))
    };
    let groups = world.org.app(app).into_iter().flat_map(|app| app.groups.keys());
    let ids = groups.filter(named).cloned().collect();
    page(world, call, ids, Size { default: 20, most: 200 }, |world, group| draw(world, app, group, call))
}

/// Returns an assignment.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    world.app(call.variable(0))?;
    answer(world, call)
}

/// Assigns a group, or changes its assignment.
pub(crate) fn assign(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    world.app(call.variable(0))?;
    let body = call.object_or_nothing()?;
    let (priority, profile) = (priority(body.get("priority"))?, inner(&body, "profile")?);
    set(world, call, priority, profile, true)
}

/// Changes priority or attributes by a JSON Patch.
pub(crate) fn patch(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    world.app(call.variable(0))?;
    let Value::Array(operations) = call.json()? else {
        return Err(ApiError::validation("patch", "the body is no array of operations"));
    };
    let (mut wanted, mut profile) = (None, None);
    for operation in &operations {
        match (operation["op"].as_str(), operation["path"].as_str(), &operation["value"]) {
            (Some("add" | "replace"), Some("/priority"), value) => wanted = priority(Some(value))?,
            (Some("add" | "replace"), Some("/profile"), Value::Object(value)) => profile = Some(value.clone()),
            _ => {
                return Err(ApiError::validation(
                    "patch",
                    "an operation other than add or replace of /priority or /profile",
                ));
            }
        }
    }
    set(world, call, wanted, profile.as_ref(), false)
}

/// Removes an assignment.
pub(crate) fn unassign(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    world.app(call.variable(0))?;
    if !is_assigned(world, call) {
        return Err(ApiError::not_found(call.variable(1), "ApplicationGroupAssignment"));
    }
    let (app, group) = (call.variable(0).to_owned(), call.variable(1).to_owned());
    world.apply(OrgEvent::UnassignGroup { app, group })?;
    Ok(Answer::nothing())
}

fn set(
    world: &mut World,
    call: &Call,
    priority: Option<usize>,
    profile: Option<&Map<String, Value>>,
    may_assign: bool,
) -> Result<Answer, ApiError> {
    let (app, group) = (call.variable(0).to_owned(), call.variable(1).to_owned());
    let found = world.org.app(&app).ok_or_else(|| ApiError::not_found(&app, "AppInstance"))?;
    let known = found.groups.get(&group).cloned();
    let attributes = profile.map(|profile| attributes::read(&found.app, profile)).transpose()?;
    let attributes: Attributes = attributes.or_else(|| known.clone()).unwrap_or_default();
    world.apply(match known {
        Some(_) => OrgEvent::UpdateGroupAssignment { app, group, priority, attributes },
        None if may_assign => OrgEvent::AssignGroup { app, group, priority, attributes },
        None => return Err(ApiError::not_found(&group, "ApplicationGroupAssignment")),
    })?;
    let now = world.org.now();
    if let Some(card) = world.apps.get_mut(call.variable(0)) {
        card.last_updated = now;
    }
    answer(world, call)
}

fn priority(value: Option<&Value>) -> Result<Option<usize>, ApiError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64().and_then(|number| usize::try_from(number).ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(ApiError::validation("priority", "priority: it is no whole number from 0")),
        },
    }
}

fn is_assigned(world: &World, call: &Call) -> bool {
    world.org.app(call.variable(0)).is_some_and(|app| app.groups.contains_key(call.variable(1)))
}

fn answer(world: &World, call: &Call) -> Result<Answer, ApiError> {
    let group = call.variable(1);
    let drawn = draw(world, call.variable(0), group, call);
    drawn.map(Answer::ok).ok_or_else(|| ApiError::not_found(group, "ApplicationGroupAssignment"))
}

fn draw(world: &World, app: &str, group: &str, call: &Call) -> Option<Value> {
    shape::app::app_group(world, world.org.app(app)?, group, &call.origin)
}
