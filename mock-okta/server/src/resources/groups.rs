//! Groups and their members.

use mock_okta::org::OrgEvent;
use serde_json::{Map, Value};

use super::{inner, page, required, text, users};
use crate::call::{Answer, Call};
use crate::error::{ApiError, Code};
use crate::page::Size;
use crate::shape;
use crate::world::World;

/// Lists groups.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let begins = call.parameter("q").map(|text| text.to_lowercase());
    let named = |name: &str| begins.as_deref().is_none_or(|text| name.to_lowercase().starts_with(text));
    let ids = world.org.groups().filter(|group| named(&group.name)).map(|group| group.id.clone()).collect();
    page(world, call, ids, Size { default: 10_000, most: 10_000 }, |world, id| draw(world, id, call))
}

/// Creates a group.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let body = call.object()?;
    let (name, description) = profile(&body)?;
    if world.org.groups().any(|group| group.name == name) {
        return Err(taken());
    }
    let key = world.fresh_key(&format!("group/{name}"));
    let id = world.org.group_id(&key);
    world.apply(OrgEvent::CreateGroup { key, name, description })?;
    answer(world, &id, call)
}

/// Returns a group.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    answer(world, call.variable(0), call)
}

/// Replaces name and description of a group.
pub(crate) fn replace(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (id, (name, description)) = (call.variable(0), profile(&call.object()?)?);
    expect_ordinary(world, id)?;
    let group = world.org.group(id).ok_or_else(|| ApiError::not_found(id, "UserGroup"))?;
    let is_described = group.description.as_deref().unwrap_or_default() != description.as_deref().unwrap_or_default();
    if group.name != name {
        if world.org.groups().any(|other| other.name == name) {
            return Err(taken());
        }
        world.apply(OrgEvent::RenameGroup { group: id.to_owned(), name })?;
    }
    if is_described {
        world.apply(OrgEvent::DescribeGroup { group: id.to_owned(), description })?;
    }
    answer(world, id, call)
}

/// Deletes a group.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    expect_ordinary(world, call.variable(0))?;
    world.apply(OrgEvent::DeleteGroup { group: call.variable(0).to_owned() })?;
    super::rules::group_is_gone(world, call.variable(0));
    Ok(Answer::nothing())
}

/// Lists the members of a group.
pub(crate) fn members(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let group = call.variable(0);
    let found = world.org.group(group).ok_or_else(|| ApiError::not_found(group, "UserGroup"))?;
    let ids = found.members.keys().cloned().collect();
    page(world, call, ids, Size { default: 1000, most: 1000 }, |world, id| {
        world.org.person(id).map(|person| shape::user::user(world, person, &call.origin))
    })
}

/// Adds somebody. Who is a member by hand already stays one, and that is no error.
pub(crate) fn add_member(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (group, person) = member(world, call)?;
    let by_hand = world.org.group(&group).and_then(|found| found.members.get(&person)).is_some_and(|it| it.by_hand);
    if !by_hand {
        world.apply(OrgEvent::AddMember { group, person })?;
    }
    Ok(Answer::nothing())
}

/// Removes somebody. Who is no member is none afterwards, and that is no error.
pub(crate) fn remove_member(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (group, person) = member(world, call)?;
    if world.org.group(&group).is_some_and(|found| found.members.contains_key(&person)) {
        world.apply(OrgEvent::RemoveMember { group, person })?;
    }
    Ok(Answer::nothing())
}

fn member(world: &World, call: &Call) -> Result<(String, String), ApiError> {
    let group = call.variable(0);
    world.org.group(group).ok_or_else(|| ApiError::not_found(group, "UserGroup"))?;
    expect_ordinary(world, group)?;
    Ok((group.to_owned(), users::find(world, call.variable(1))?))
}

/// Lists the apps a group is assigned to.
pub(crate) fn apps(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let group = call.variable(0).to_owned();
    world.org.group(&group).ok_or_else(|| ApiError::not_found(&group, "UserGroup"))?;
    let assigned = |id: &&String| world.org.app(id).is_some_and(|app| app.groups.contains_key(&group));
    let ids = world.apps.keys().filter(assigned).cloned().collect();
    page(world, call, ids, Size { default: 20, most: 200 }, |world, id| {
        world.apps.get(id).map(|card| shape::app::app(world, id, card, &call.origin))
    })
}

fn profile(body: &Map<String, Value>) -> Result<(String, Option<String>), ApiError> {
    let given = inner(body, "profile")?;
    let given = given.ok_or_else(|| ApiError::validation("profile", "profile: The field cannot be left blank"))?;
    let name = required(given, "name")?;
    if name.chars().count() > LONGEST_NAME {
        return Err(ApiError::validation("name", format!("name: it has more than {LONGEST_NAME} characters")));
    }
    Ok((name.to_owned(), text(given, "description")?.map(str::to_owned)))
}

fn taken() -> ApiError {
    ApiError::validation("name", "name: An object with this field already exists in the current organization")
}

/// Everyone is as it is.
fn expect_ordinary(world: &World, id: &str) -> Result<(), ApiError> {
    match world.everyone.as_deref() == Some(id) {
        true => Err(ApiError::of(Code::Forbidden).because("the group is built in")),
        false => Ok(()),
    }
}

fn answer(world: &World, id: &str, call: &Call) -> Result<Answer, ApiError> {
    draw(world, id, call).map(Answer::ok).ok_or_else(|| ApiError::not_found(id, "UserGroup"))
}

fn draw(world: &World, id: &str, call: &Call) -> Option<Value> {
    world.org.group(id).map(|group| shape::group::group(world, group, &call.origin))
}

const LONGEST_NAME: usize = 255;
