//! Apps.

use indexmap::IndexMap;
use mock_okta::org::OrgEvent;
use mock_okta::{App, AppId, AppKind, Attribute, Profile, ScimVersion};
use serde_json::{Map, Value, json};

use super::{inner, page, required, text};
use crate::call::{Answer, Call};
use crate::error::{ApiError, Code};
use crate::page::Size;
use crate::shape;
use crate::world::{AppCard, AppStatus, Service, World};

/// Lists apps. The filter knows `user.id` and `group.id` of who is assigned, too.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let begins = call.parameter("q").map(|text| text.to_lowercase());
    let named = |id: &&String| {
        let label = world.org.app(id).map(|app| app.app.label.to_lowercase()).unwrap_or_default();
        begins.as_deref().is_none_or(|text| label.starts_with(text) || world.apps[*id].name.starts_with(text))
    };
    let ids = world.apps.keys().filter(named).cloned().collect();
    let is_filtered = call.parameter("filter").is_some();
    let mut answer = page(world, call, ids, Size { default: 20, most: 200 }, |world, id| {
        let mut drawn = draw(world, id, call)?;
        if is_filtered {
            let app = world.org.app(id)?;
            let people = app.accounts.iter().filter(|(_, account)| account.assigned);
            drawn["user"] = people.map(|(id, _)| json!({ "id": id })).collect();
            drawn["group"] = app.groups.keys().map(|id| json!({ "id": id })).collect();
        }
        Some(drawn)
    })?;
    if let crate::call::View::Json(Value::Array(apps)) = &mut answer.view {
        for app in apps.iter_mut().filter_map(Value::as_object_mut) {
            app.shift_remove("user");
            app.shift_remove("group");
        }
    }
    Ok(answer)
}

/// Creates an app. Its provisioning begins with a connection.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let body = call.object()?;
    let label = required(&body, "label")?.to_owned();
    let (name, mode) =
        (text(&body, "name")?.unwrap_or(CATALOG_NAME), text(&body, "signOnMode")?.unwrap_or(SIGN_ON_MODE));
    let (name, mode) = (name.to_owned(), mode.to_owned());
    let settings = settings(&body)?;
    let app = App { label, ..app_of(kind(&settings)?) };
    let activate = call.flag("activate", true)?;
    let id = add(world, app, None)?;
    if let Some(card) = world.apps.get_mut(&id) {
        (card.name, card.sign_on_mode, card.settings) = (name, mode, Value::Object(settings));
        card.status = if activate { AppStatus::Active } else { AppStatus::Inactive };
    }
    answer(world, &id, call)
}

/// Adds an app, its integration on where there is a service provider.
pub(crate) fn add(world: &mut World, app: App, service: Option<Service>) -> Result<String, ApiError> {
    expect_free(world, &app.label)?;
    let key = world.fresh_key(&format!("app/{}", app.label));
    let (id, kind) = (world.org.app_id(&key), app.kind);
    world.apply(OrgEvent::AddApp { key, app: Box::new(app) })?;
    if service.is_none() {
        world.apply(OrgEvent::DisableIntegration { app: id.clone() })?;
    }
    let now = world.org.now();
    let card = AppCard {
        name: CATALOG_NAME.to_owned(),
        sign_on_mode: SIGN_ON_MODE.to_owned(),
        status: AppStatus::Active,
        created: now,
        last_updated: now,
        settings: json!({ "kind": kind.to_string() }),
        custom: IndexMap::new(),
        service,
        resumes: false,
    };
    world.apps.insert(id.clone(), card);
    Ok(id)
}

/// Returns an app of a kind with all attributes of Okta's template, so that what an Okta profile has reaches the service
/// provider.
pub(crate) fn app_of(id: AppId) -> App {
    let mut app = App { version: id.version, ..App::new(id.kind) };
    for attribute in Profile::OKTA_KEYS.into_iter().filter_map(Attribute::standard) {
        app.map(attribute);
    }
    app
}

/// Returns an app.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    answer(world, call.variable(0), call)
}

/// Renames an app and replaces its settings.
pub(crate) fn replace(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0);
    world.app(id)?;
    let body = call.object()?;
    let label = required(&body, "label")?.to_owned();
    let settings = settings(&body)?;
    let mut app = world.org.app(id).ok_or_else(|| ApiError::not_found(id, "AppInstance"))?.app.clone();
    if !settings.is_empty() && kind(&settings)? != app.id() {
        return Err(ApiError::of(Code::AppSettings).because("the kind of an app cannot be changed"));
    }
    if app.label != label {
        expect_free(world, &label)?;
    }
    app.label = label;
    world.apply(OrgEvent::ChangeSettings { app: id.to_owned(), settings: Box::new(app) })?;
    let now = world.org.now();
    if let Some(card) = world.apps.get_mut(id) {
        card.last_updated = now;
        if !settings.is_empty() {
            card.settings = Value::Object(settings);
        }
    }
    answer(world, id, call)
}

/// Activates an app.
pub(crate) fn activate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0);
    let resumes = world.app(id)?.resumes;
    if resumes {
        world.apply(OrgEvent::EnableIntegration { app: id.to_owned() })?;
    }
    switch(world, id, AppStatus::Active, false);
    Ok(Answer::ok(json!({})))
}

/// Deactivates an app. Nothing is sent from then on.
pub(crate) fn deactivate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0);
    if world.app(id)?.status == AppStatus::Active {
        let resumes = world.org.app(id).is_some_and(|app| app.integration);
        world.apply(OrgEvent::DisableIntegration { app: id.to_owned() })?;
        switch(world, id, AppStatus::Inactive, resumes);
    }
    Ok(Answer::ok(json!({})))
}

fn switch(world: &mut World, id: &str, status: AppStatus, resumes: bool) {
    let now = world.org.now();
    if let Some(card) = world.apps.get_mut(id) {
        (card.status, card.last_updated, card.resumes) = (status, now, resumes);
    }
}

/// Deletes an app that is not active: its assignments end, of which the service provider learns nothing.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0).to_owned();
    if world.app(&id)?.status == AppStatus::Active {
        return Err(ApiError::of(Code::Forbidden).because("an active app cannot be deleted; deactivate it first"));
    }
    world.apply(OrgEvent::DeleteApp { app: id.clone() })?;
    world.apps.shift_remove(&id);
    Ok(Answer::nothing())
}

fn settings(body: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    let app = inner(body, "settings")?.map(|settings| inner(settings, "app")).transpose()?.flatten();
    Ok(app.cloned().unwrap_or_default())
}

/// Reads what the mock has to know and Okta knows from the catalog: which kind of app it is.
fn kind(settings: &Map<String, Value>) -> Result<AppId, ApiError> {
    match text(settings, "kind")? {
        None => Ok(AppId { kind: AppKind::Catalog, version: ScimVersion::V2 }),
        Some(name) => name
            .parse()
            .map_err(|_| ApiError::validation("kind", format!("settings.app.kind: no app is called {name}"))),
    }
}

fn expect_free(world: &World, label: &str) -> Result<(), ApiError> {
    let same = |id: &String| world.org.app(id).is_some_and(|app| app.app.label == label);
    if world.apps.keys().any(same) { Err(ApiError::of(Code::DuplicateLabel)) } else { Ok(()) }
}

fn answer(world: &World, id: &str, call: &Call) -> Result<Answer, ApiError> {
    draw(world, id, call).map(Answer::ok).ok_or_else(|| ApiError::not_found(id, "AppInstance"))
}

fn draw(world: &World, id: &str, call: &Call) -> Option<Value> {
    world.apps.get(id).map(|card| shape::app::app(world, id, card, &call.origin))
}

/// The name of Okta's SCIM 2.0 test app in the catalog, in its bearer variant.
const CATALOG_NAME: &str = "scim2testapp_bearer";
const SIGN_ON_MODE: &str = "AUTO_LOGIN";
