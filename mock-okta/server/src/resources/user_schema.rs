//! The schema of the Okta user profile, and the one user type there is.

use mock_okta::Profile;
use serde_json::{Map, Value, json};

use crate::call::{Answer, Call};
use crate::error::ApiError;
use crate::shape::user::USER_TYPE;
use crate::world::World;

/// Returns the schema.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let began = world.moment(0);
    let base: Map<String, Value> = Profile::OKTA_KEYS.into_iter().map(|key| (key.to_owned(), property(key))).collect();
    Ok(Answer::ok(json!({
        "id": format!("{}/api/v1/meta/schemas/user/default", call.origin),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": "user",
        "title": "User",
        "description": DESCRIPTION,
        "lastUpdated": began,
        "created": began,
        "definitions": {
            "custom": { "id": "#custom", "type": "object", "properties": {}, "required": [] },
            "base": { "id": "#base", "type": "object", "properties": base, "required": REQUIRED },
        },
        "type": "object",
        "properties": {
            "profile": { "allOf": [{ "$ref": "#/definitions/custom" }, { "$ref": "#/definitions/base" }] },
        },
    })))
}

/// Lists the user types.
pub(crate) fn types(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(Value::Array(vec![user_type(world, &call.origin)])))
}

/// Returns a user type.
pub(crate) fn read_type(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    match call.variable(0) {
        "default" | USER_TYPE => Ok(Answer::ok(user_type(world, &call.origin))),
        other => Err(ApiError::not_found(other, "UserType")),
    }
}

fn user_type(world: &World, origin: &str) -> Value {
    let (began, me) = (world.moment(0), &world.me.id);
    let get = |rel: &str, path: &str| json!({ "rel": rel, "href": format!("{origin}{path}"), "method": "GET" });
    json!({
        "id": USER_TYPE,
        "displayName": "User",
        "name": "user",
        "description": DESCRIPTION,
        "createdBy": me,
        "lastUpdatedBy": me,
        "created": began,
        "lastUpdated": began,
        "default": true,
        "_links": {
            "schema": get("schema", "/api/v1/meta/schemas/user/default"),
            "self": get("self", &format!("/api/v1/meta/types/user/{USER_TYPE}")),
        },
    })
}

fn property(key: &str) -> Value {
    let mut property = json!({
        "title": title(key),
        "type": "string",
        "mutability": "READ_WRITE",
        "scope": "NONE",
        "permissions": [{ "principal": "SELF", "action": "READ_ONLY" }],
        "master": { "type": "PROFILE_MASTER" },
    });
    if REQUIRED.contains(&key) {
        property["required"] = Value::Bool(true);
    }
    property
}

/// Returns what Okta's pages call an attribute: `primaryPhone` is "Primary phone".
fn title(key: &str) -> String {
    match key {
        "login" => return "Username".to_owned(),
        "email" => return "Primary email".to_owned(),
        "nickName" => return "Nickname".to_owned(),
        "profileUrl" => return "Profile Url".to_owned(),
        "managerId" => return "ManagerId".to_owned(),
        _ => {}
    }
    let mut title = String::new();
    for (at, letter) in key.chars().enumerate() {
        match (at, letter.is_ascii_uppercase()) {
            (0, _) => title.push(letter.to_ascii_uppercase()),
            (_, true) => title.extend([' ', letter.to_ascii_lowercase()]),
            (_, false) => title.push(letter),
        }
    }
    title
}

const REQUIRED: [&str; 4] = ["login", "firstName", "lastName", "email"];
const DESCRIPTION: &str = "Okta user profile template with default permission settings";
