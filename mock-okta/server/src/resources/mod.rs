//! What each endpoint does, a module for each resource.

pub(crate) mod admin;
pub(crate) mod app_groups;
pub(crate) mod app_users;
pub(crate) mod apps;
pub(crate) mod attributes;
pub(crate) mod event_hooks;
pub(crate) mod grants;
pub(crate) mod group_push;
pub(crate) mod groups;
pub(crate) mod lifecycle;
pub(crate) mod logs;
pub(crate) mod mappings;
pub(crate) mod profile;
pub(crate) mod provisioning;
pub(crate) mod rules;
pub(crate) mod schemas;
pub(crate) mod user_schema;
pub(crate) mod users;

use serde_json::{Map, Value};

use crate::call::{Answer, Call};
use crate::error::ApiError;
use crate::expression::Expression;
use crate::page::{Page, Size};
use crate::world::World;

/// Returns a text of an object; an error where it is something else.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, ApiError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ApiError::validation(key, format!("{key}: it is not a string"))),
    }
}

/// Returns a text of an object that has to be there and not be empty.
pub(crate) fn required<'a>(object: &'a Map<String, Value>, key: &str) -> Result<&'a str, ApiError> {
    let blank = || ApiError::validation(key, format!("{key}: The field cannot be left blank"));
    text(object, key)?.filter(|text| !text.trim().is_empty()).ok_or_else(blank)
}

/// Returns an object of an object.
pub(crate) fn inner<'a>(object: &'a Map<String, Value>, key: &str) -> Result<Option<&'a Map<String, Value>>, ApiError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(inner)) => Ok(Some(inner)),
        Some(_) => Err(ApiError::validation(key, format!("{key}: it is not an object"))),
    }
}

/// Answers a list: of the ids given, those whose JSON the `filter` and `search` of the call want, a page of them.
pub(crate) fn page(
    world: &mut World,
    call: &Call,
    ids: Vec<String>,
    size: Size,
    draw: impl Fn(&World, &str) -> Option<Value>,
) -> Result<Answer, ApiError> {
    let conditions = [call.parameter("filter"), call.parameter("search")].into_iter().flatten();
    let conditions: Vec<Expression> = conditions.map(|text| Expression::parse(&text)).collect::<Result<_, _>>()?;
    let wanted = |id: &String| {
        conditions.is_empty() || draw(world, id).is_some_and(|drawn| conditions.iter().all(|it| it.matches(&drawn)))
    };
    let ids: Vec<String> = ids.into_iter().filter(wanted).collect();
    let page = Page::cut(world, call, ids, size)?;
    let items: Vec<Value> = page.ids.iter().filter_map(|id| draw(world, id)).collect();
    Ok(Answer { links: page.links, ..Answer::ok(Value::Array(items)) })
}
