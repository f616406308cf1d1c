//! Grants of Okta Identity Governance: roles and entitlements of somebody in an app.

use mock_okta::Grant;
use mock_okta::import::ValueKind;
use mock_okta::org::OrgEvent;
use serde_json::{Map, Value, json};

use super::{inner, required, users};
use crate::call::{Answer, Call};
use crate::error::{ApiError, Code};
use crate::world::World;

/// A grant as the API knows it.
#[derive(Debug, Clone)]
pub(crate) struct GrantCard {
    id: String,
    body: Map<String, Value>,
    created: u64,
}

/// Grants somebody the values named, which replace those granted before.
///
/// A value the app's entitlements were read for is taken with its name and type; of another one the id is sent, and what
/// the call says about it.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let body = call.object()?;
    if required(&body, "grantType")? != "CUSTOM" {
        return Err(ApiError::of(Code::Unsupported).because("the mock knows grantType CUSTOM only"));
    }
    let named = |key: &str| -> Result<String, ApiError> {
        let missing = || ApiError::validation(key, format!("{key}: The field cannot be left blank"));
        Ok(required(inner(&body, key)?.ok_or_else(missing)?, "externalId")?.to_owned())
    };
    let (person, app) = (users::find(world, &named("targetPrincipal")?)?, named("target")?);
    world.app(&app)?;
    let (roles, entitlements) = values(world, &app, &body)?;
    world.apply(OrgEvent::Grant { app, person, roles, entitlements })?;
    let key = world.fresh_key("grant");
    let id = mock_okta::okta_id(format!("{}/{key}", world.name)).replacen("00u", "gra", 1);
    let card = GrantCard { id: id.clone(), body, created: world.org.now() };
    world.grants.insert(id.clone(), card);
    Ok(Answer::created(draw(world, &id, call)?))
}

/// Returns a grant.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(draw(world, call.variable(0), call)?))
}

fn values(world: &World, app: &str, body: &Map<String, Value>) -> Result<(Vec<Grant>, Vec<Grant>), ApiError> {
    let (mut roles, mut entitlements) = (Vec::new(), Vec::new());
    let refused = || ApiError::validation("entitlements", "entitlements: it is no array of { id, values: [{ id }] }");
    let given = body.get("entitlements").and_then(Value::as_array).ok_or_else(refused)?;
    let known = world.org.app(app).map(|app| app.imported.values.as_slice()).unwrap_or_default();
    for entitlement in given {
        let kind = entitlement["id"].as_str().ok_or_else(refused)?;
        for value in entitlement["values"].as_array().ok_or_else(refused)? {
            let id = value["id"].as_str().ok_or_else(refused)?;
            let found = known.iter().find(|known| known.id == id);
            let is_role = found.map_or(kind.eq_ignore_ascii_case("roles"), |found| found.kind == ValueKind::Role);
            let display = found.map(|found| found.display_name.clone()).or(value["name"].as_str().map(str::to_owned));
            let kind = found.map_or(kind, |found| &found.resource_type).to_owned();
            let grant = Grant { value: id.to_owned(), display, kind: (!is_role).then_some(kind) };
            if is_role { &mut roles } else { &mut entitlements }.push(grant);
        }
    }
    Ok((roles, entitlements))
}

fn draw(world: &World, id: &str, call: &Call) -> Result<Value, ApiError> {
    let card = world.grants.get(id).ok_or_else(|| ApiError::not_found(id, "Grant"))?;
    let mut drawn = json!({
        "id": card.id,
        "created": world.moment(card.created),
        "lastUpdated": world.moment(card.created),
        "status": "ACTIVE",
    });
    for key in ["grantType", "targetPrincipal", "target", "entitlements"] {
        drawn[key] = card.body.get(key).cloned().unwrap_or_default();
    }
    drawn["_links"] = json!({ "self": { "href": format!("{}/governance/api/v1/grants/{id}", call.origin) } });
    Ok(drawn)
}
