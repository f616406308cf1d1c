//! Profile mappings: which attributes go from Okta to an app, and from an app to Okta. They are read here; what is mapped
//! follows from the attributes of the app.

use mock_okta::org::OrgApp;
use mock_okta::{Applies, Profile, okta_id};
use serde_json::{Map, Value, json};

use super::page;
use crate::call::{Answer, Call};
use crate::error::ApiError;
use crate::page::Size;
use crate::shape::link;
use crate::shape::profile::in_app;
use crate::shape::user::USER_TYPE;
use crate::world::World;

/// Which way the attributes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    ToApp,
    ToOkta,
}

/// Lists mappings, without their properties, as Okta does.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (source, target) = (call.parameter("sourceId"), call.parameter("targetId"));
    let wanted = |(app, way): &(&str, Way)| {
        let (from, to) = ends(app, *way);
        source.as_deref().is_none_or(|id| id == from) && target.as_deref().is_none_or(|id| id == to)
    };
    let ids = all(world).filter(wanted).map(|(app, way)| id(app, way)).collect();
    page(world, call, ids, Size { default: 20, most: 200 }, |world, id| {
        let (app, way) = find(world, id)?;
        Some(draw(world, app, way, &call.origin))
    })
}

/// Returns a mapping with its properties.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0);
    let (app, way) = find(world, id).ok_or_else(|| ApiError::not_found(id, "ProfileMapping"))?;
    let mut drawn = draw(world, app, way, &call.origin);
    let links = drawn.as_object_mut().and_then(|drawn| drawn.shift_remove("_links"));
    drawn["properties"] = world.org.app(app).map(|app| properties(app, way)).unwrap_or_default();
    drawn["_links"] = links.unwrap_or_default();
    Ok(Answer::ok(drawn))
}

fn all(world: &World) -> impl Iterator<Item = (&str, Way)> {
    world.apps.keys().flat_map(|app| [(app.as_str(), Way::ToApp), (app.as_str(), Way::ToOkta)])
}

fn find<'a>(world: &'a World, wanted: &str) -> Option<(&'a str, Way)> {
    all(world).find(|(app, way)| id(app, *way) == wanted)
}

fn id(app: &str, way: Way) -> String {
    okta_id(format!("{app}/mapping/{way:?}")).replacen("00u", "prm", 1)
}

/// Returns the ids of source and target.
fn ends(app: &str, way: Way) -> (&str, &str) {
    match way {
        Way::ToApp => (USER_TYPE, app),
        Way::ToOkta => (app, USER_TYPE),
    }
}

fn draw(world: &World, app: &str, way: Way, origin: &str) -> Value {
    let id = id(app, way);
    let okta = json!({
        "id": USER_TYPE,
        "name": "user",
        "type": "user",
        "_links": {
            "self": link(origin, format!("/api/v1/meta/types/user/{USER_TYPE}")),
            "schema": link(origin, "/api/v1/meta/schemas/user/default"),
        },
    });
    let other = json!({
        "id": app,
        "name": world.apps.get(app).map(|card| card.name.as_str()),
        "type": "appuser",
        "_links": {
            "self": link(origin, format!("/api/v1/apps/{app}")),
            "schema": link(origin, format!("/api/v1/meta/schemas/apps/{app}/default")),
        },
    });
    let (source, target) = if way == Way::ToApp { (okta, other) } else { (other, okta) };
    let links = json!({ "self": link(origin, format!("/api/v1/mappings/{id}")) });
    json!({ "id": id, "source": source, "target": target, "_links": links })
}

/// Returns what each attribute of the target is made of. `DONT_PUSH` is Okta's word for "on create only".
fn properties(app: &OrgApp, way: Way) -> Value {
    let property = |expression: String, status: &str| json!({ "expression": expression, "pushStatus": status });
    let mut properties = Map::new();
    match way {
        Way::ToApp => {
            let mapped = app.app.attributes.iter().filter(|attribute| Profile::is_key(attribute.key()));
            // The user name is made by the template of the app's credentials.
            for attribute in mapped.filter(|attribute| attribute.key() != "login") {
                let status = match attribute.applies() {
                    Applies::Always => "PUSH",
                    Applies::CreateOnly => "DONT_PUSH",
                    Applies::Never => continue,
                };
                let expression = format!("user.{}", attribute.key());
                properties.insert(in_app(attribute.key()).to_owned(), property(expression, status));
            }
        }
        Way::ToOkta => {
            for key in IMPORTED {
                properties.insert(key.to_owned(), property(format!("appuser.{}", in_app(key)), "DONT_PUSH"));
            }
        }
    }
    Value::Object(properties)
}

/// What a person who is made out of an imported user has; later imports leave it alone.
const IMPORTED: [&str; 6] = ["login", "firstName", "lastName", "email", "displayName", "locale"];
