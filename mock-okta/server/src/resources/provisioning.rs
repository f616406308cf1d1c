//! How an app provisions: its connection and its features.

use mock_okta::Push;
use mock_okta::org::{OrgApp, OrgEvent};
use scim_transport::{Credentials, Secret, Target};
use serde_json::{Map, Value};

use super::{inner, required, text};
use crate::call::{Answer, Call, View};
use crate::error::{ApiError, Code};
use crate::shape::app::{
    INBOUND_PROVISIONING, USER_PROVISIONING, exact_match, inbound_provisioning, user_provisioning,
};
use crate::world::{Service, World};

/// Returns the connection.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    world.app(call.variable(0))?;
    Ok(Answer::ok(View::Connection(call.variable(0).to_owned())))
}

/// Saves where the service provider is and how to get in; with `activate` Okta tests it, and the integration is on from
/// the success on.
pub(crate) fn save(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0).to_owned();
    let known = world.app(&id)?.service.clone();
    let (body, activate) = (call.object()?, call.flag("activate", false)?);
    let profile = inner(&body, "profile")?;
    let profile = profile.ok_or_else(|| ApiError::validation("profile", "profile: The field cannot be left blank"))?;
    if required(profile, "authScheme")? != "TOKEN" {
        return Err(ApiError::of(Code::Unsupported).because("the mock knows authScheme TOKEN only"));
    }
    let target = match text(&body, "baseUrl")? {
        Some(url) => {
            Target::parse(url).map_err(|error| ApiError::validation("baseUrl", format!("baseUrl: {error}")))?
        }
        None => match known {
            Some(service) => service.target,
            None => return Err(ApiError::validation("baseUrl", "baseUrl: The field cannot be left blank")),
        },
    };
    let credentials = Credentials::Bearer(Secret::new(required(profile, "token")?));
    let now = world.org.now();
    if let Some(card) = world.apps.get_mut(&id) {
        card.service = Some(Service::new(target, credentials));
        card.last_updated = now;
    }
    if activate {
        world.apply(OrgEvent::Connect { app: id.clone() })?;
    }
    Ok(Answer::ok(View::Connection(id)))
}

/// Switches the integration on.
pub(crate) fn activate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let app = call.variable(0).to_owned();
    if world.app(&app)?.service.is_none() {
        return Err(ApiError::of(Code::AppSettings).because("there is no connection yet"));
    }
    world.apply(OrgEvent::EnableIntegration { app })?;
    Ok(Answer::nothing())
}

/// Switches the integration off.
pub(crate) fn deactivate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let app = call.variable(0).to_owned();
    world.app(&app)?;
    world.apply(OrgEvent::DisableIntegration { app })?;
    Ok(Answer::nothing())
}

/// Lists the features.
pub(crate) fn features(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let app = org_app(world, call)?;
    let features = vec![user_provisioning(app, &call.origin), inbound_provisioning(app, &call.origin)];
    Ok(Answer::ok(Value::Array(features)))
}

/// Returns a feature.
pub(crate) fn feature(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let app = org_app(world, call)?;
    match call.variable(1) {
        USER_PROVISIONING => Ok(Answer::ok(user_provisioning(app, &call.origin))),
        INBOUND_PROVISIONING => Ok(Answer::ok(inbound_provisioning(app, &call.origin))),
        name => Err(ApiError::not_found(name, "AppFeature")),
    }
}

/// Changes what is pushed, or how is imported. What the call does not name stays.
pub(crate) fn change_feature(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let mut settings = org_app(world, call)?.app.clone();
    match call.variable(1) {
        USER_PROVISIONING => {}
        INBOUND_PROVISIONING => return change_import(world, call),
        name => return Err(ApiError::not_found(name, "AppFeature")),
    }
    settings.push = pushed(&call.object()?, settings.push)?;
    world.apply(OrgEvent::ChangeSettings { app: call.variable(0).to_owned(), settings: Box::new(settings) })?;
    feature(world, call)
}

/// Changes how imported users are matched and confirmed. What the call does not name stays.
fn change_import(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let mut setup = org_app(world, call)?.import.clone();
    let body = call.object()?;
    let none = Map::new();
    let settings = inner(&body, "importSettings")?.unwrap_or(&none);
    let username = inner(settings, "username")?.unwrap_or(&none);
    if !matches!(text(username, "usernameFormat")?, None | Some("EMAIL")) {
        return Err(ApiError::of(Code::Unsupported).because("usernameFormat: the mock knows EMAIL only"));
    }
    if let Some(schedule) = inner(settings, "schedule")?
        && enabled(schedule)?
    {
        return Err(
            ApiError::of(Code::Unsupported).because("schedule: the mock imports when POST /_mock/import says so")
        );
    }
    let rules = inner(&body, "importRules")?.unwrap_or(&none);
    let rules = inner(rules, "userCreateAndMatch")?.unwrap_or(&none);
    match text(rules, "exactMatchCriteria")? {
        // What is shown and comes back is no change.
        Some(criteria) if criteria == exact_match(&setup.rules) => {}
        None => {}
        Some("EMAIL") => (setup.rules.email, setup.rules.user_name) = (true, false),
        Some("USERNAME") => (setup.rules.email, setup.rules.user_name) = (false, true),
        Some(_) => {
            let cause = "exactMatchCriteria: it is neither EMAIL nor USERNAME";
            return Err(ApiError::validation("exactMatchCriteria", cause));
        }
    }
    if flag(rules, "autoActivateNewUsers")? == Some(false) {
        let cause = "autoActivateNewUsers: whoever the mock makes out of an imported user is active";
        return Err(ApiError::of(Code::Unsupported).because(cause));
    }
    for (key, setting) in [
        ("allowPartialMatch", &mut setup.rules.partial),
        ("autoConfirmExactMatch", &mut setup.auto.exact),
        ("autoConfirmPartialMatch", &mut setup.auto.partial),
        ("autoConfirmNewUsers", &mut setup.auto.unmatched),
    ] {
        *setting = flag(rules, key)?.unwrap_or(*setting);
    }
    world.apply(OrgEvent::ChangeImport { app: call.variable(0).to_owned(), setup: Box::new(setup) })?;
    feature(world, call)
}

fn flag(object: &Map<String, Value>, key: &str) -> Result<Option<bool>, ApiError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(ApiError::validation(key, format!("{key}: it is neither true nor false"))),
    }
}

fn pushed(body: &Map<String, Value>, before: Push) -> Result<Push, ApiError> {
    let switch = |part: &str, capability: &str, before: bool| match inner(body, part)? {
        Some(part) => match inner(part, capability)? {
            Some(capability) => enabled(capability),
            None => Ok(before),
        },
        None => Ok(before),
    };
    Ok(Push {
        create: switch("create", "lifecycleCreate", before.create)?,
        update: switch("update", "profile", before.update)?,
        deactivate: switch("update", "lifecycleDeactivate", before.deactivate)?,
        password: switch("update", "password", before.password)?,
    })
}

fn enabled(capability: &Map<String, Value>) -> Result<bool, ApiError> {
    match required(capability, "status")? {
        "ENABLED" => Ok(true),
        "DISABLED" => Ok(false),
        _ => Err(ApiError::validation("status", "status: it is neither ENABLED nor DISABLED")),
    }
}

fn org_app<'a>(world: &'a World, call: &Call) -> Result<&'a OrgApp, ApiError> {
    let id = call.variable(0);
    world.app(id)?;
    world.org.app(id).ok_or_else(|| ApiError::not_found(id, "AppInstance"))
}
