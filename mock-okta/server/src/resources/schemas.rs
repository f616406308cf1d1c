//! The schema of an app's profile: where external names and namespaces stand.

use mock_okta::org::OrgEvent;
use mock_okta::{App, Attribute, AttributeType, Profile};
use serde_json::{Map, Value, json};

use super::{inner, required, text};
use crate::call::{Answer, Call};
use crate::error::ApiError;
use crate::shape::profile::in_app;
use crate::world::World;

/// Returns the schema.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0);
    let custom = &world.app(id)?.custom;
    let app = &world.org.app(id).ok_or_else(|| ApiError::not_found(id, "AppInstance"))?.app;
    let base = app.attributes.iter().filter(|attribute| !custom.contains_key(attribute.key()));
    let base: Map<String, Value> =
        base.map(|attribute| (in_app(attribute.key()).to_owned(), property(attribute))).collect();
    let custom: Map<String, Value> = custom.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    Ok(Answer::ok(json!({
        "id": format!("{}/api/v1/meta/schemas/apps/{id}/default", call.origin),
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": world.apps[id].name,
        "title": format!("{} User", app.label),
        "definitions": {
            "base": { "id": "#base", "type": "object", "properties": base, "required": ["userName"] },
            "custom": { "id": "#custom", "type": "object", "properties": custom, "required": [] },
        },
        "type": "object",
        "properties": {
            "profile": { "allOf": [{ "$ref": "#/definitions/base" }, { "$ref": "#/definitions/custom" }] },
        },
    })))
}

fn property(attribute: &Attribute) -> Value {
    let name = in_app(attribute.key());
    json!({ "title": name, "type": "string", "scope": "NONE", "master": { "type": "PROFILE_MASTER" } })
}

/// Adds, changes and removes custom properties; null removes.
pub(crate) fn change(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0).to_owned();
    let mut custom = world.app(&id)?.custom.clone();
    let mut app = world.org.app(&id).ok_or_else(|| ApiError::not_found(&id, "AppInstance"))?.app.clone();
    let body = call.object()?;
    let definitions = inner(&body, "definitions")?.map(|all| inner(all, "custom")).transpose()?.flatten();
    let properties = definitions.map(|custom| inner(custom, "properties")).transpose()?.flatten();
    let missing = || ApiError::validation("definitions", "definitions.custom.properties is missing");
    for (key, given) in properties.ok_or_else(missing)? {
        if !custom.contains_key(key) && (app.attribute(key).is_some() || Profile::is_key(key)) {
            return Err(ApiError::validation(key, format!("{key}: the base schema has this property")));
        }
        if given.is_null() {
            custom.shift_remove(key);
            app.attributes.retain(|attribute| attribute.key() != key);
        } else {
            let given =
                given.as_object().ok_or_else(|| ApiError::validation(key, format!("{key}: it is not an object")))?;
            add(&mut app, key, given)?;
            custom.insert(key.clone(), Value::Object(given.clone()));
        }
    }
    world.apply(OrgEvent::ChangeSettings { app: id.clone(), settings: Box::new(app) })?;
    if let Some(card) = world.apps.get_mut(&id) {
        card.custom = custom;
    }
    read(world, call)
}

fn add(app: &mut App, key: &str, given: &Map<String, Value>) -> Result<(), ApiError> {
    let kind = match required(given, "type")? {
        "string" => AttributeType::Text,
        "boolean" => AttributeType::Boolean,
        "number" | "integer" => AttributeType::Number,
        "array" => AttributeType::Array,
        other => return Err(ApiError::validation(key, format!("{key}: the mock has no properties of type {other}"))),
    };
    let name = text(given, "externalName")?.unwrap_or(key);
    let namespace = text(given, "externalNamespace")?.unwrap_or_default();
    let attribute = Attribute::new(key, name, namespace)
        .map_err(|error| ApiError::validation(key, format!("{key}: externalName: {error}")))?;
    app.map(attribute.with_type(kind));
    Ok(())
}
