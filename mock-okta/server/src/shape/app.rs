//! An app, its provisioning connection, its features and its groups.

use mock_okta::import::MatchRules;
use mock_okta::org::{Attributes, OrgApp};
use serde_json::{Map, Value, json};

use super::{action, link, profile};
use crate::world::{AppCard, World};

/// Returns an app.
pub(crate) fn app(world: &World, id: &str, card: &AppCard, origin: &str) -> Value {
    let path = format!("/api/v1/apps/{id}");
    let app = world.org.app(id);
    json!({
        "id": id,
        "name": card.name,
        "label": app.map(|app| app.app.label.as_str()),
        "status": card.status.name(),
        "lastUpdated": world.moment(card.last_updated),
        "created": world.moment(card.created),
        "accessibility": { "selfService": false, "errorRedirectUrl": null, "loginRedirectUrl": null },
        "visibility": {
            "autoSubmitToolbar": false,
            "hide": { "iOS": false, "web": false },
            "appLinks": {},
        },
        "features": app.map(OrgApp::features).unwrap_or_default(),
        "signOnMode": card.sign_on_mode,
        "credentials": { "userNameTemplate": { "template": "${source.login}", "type": "BUILT_IN" } },
        "settings": { "app": card.settings, "notes": { "admin": null, "enduser": null } },
        "_links": {
            "self": link(origin, &path),
            "users": link(origin, format!("{path}/users")),
            "groups": link(origin, format!("{path}/groups")),
            "deactivate": action(origin, format!("{path}/lifecycle/deactivate")),
        },
    })
}

/// Returns the provisioning connection of an app.
pub(crate) fn connection(world: &World, id: &str, origin: &str) -> Value {
    let path = format!("/api/v1/apps/{id}/connections/default");
    let on = world.org.app(id).is_some_and(|app| app.integration);
    let service = world.apps.get(id).and_then(|card| card.service.as_ref());
    json!({
        "baseUrl": service.map(|service| service.target.base()),
        "profile": { "authScheme": if service.is_some() { "TOKEN" } else { "UNKNOWN" } },
        "authScheme": if service.is_some() { "TOKEN" } else { "UNKNOWN" },
        "status": if on { "ENABLED" } else { "DISABLED" },
        "_links": {
            "self": link(origin, &path),
            "activate": action(origin, format!("{path}/lifecycle/activate")),
            "deactivate": action(origin, format!("{path}/lifecycle/deactivate")),
        },
    })
}

/// Returns the feature `USER_PROVISIONING`.
pub(crate) fn user_provisioning(app: &OrgApp, origin: &str) -> Value {
    let push = app.app.push;
    json!({
        "name": USER_PROVISIONING,
        "status": status(app.integration),
        "description": "User provisioning settings from Okta to a downstream application",
        "capabilities": {
            "create": { "lifecycleCreate": { "status": status(push.create) } },
            "update": {
                "lifecycleDeactivate": { "status": status(push.deactivate) },
                "profile": { "status": status(push.update) },
                "password": { "status": status(push.password), "seed": "OKTA", "change": "KEEP_EXISTING" },
            },
        },
        "_links": { "self": link(origin, format!("/api/v1/apps/{}/features/{USER_PROVISIONING}", app.id)) },
    })
}

/// Returns the feature `INBOUND_PROVISIONING`.
pub(crate) fn inbound_provisioning(app: &OrgApp, origin: &str) -> Value {
    json!({
        "name": INBOUND_PROVISIONING,
        "status": status(app.integration),
        "description": "In-bound provisioning settings from an application to Okta",
        "capabilities": {
            "importSettings": {
                "username": { "usernameFormat": "EMAIL" },
                "schedule": { "status": "DISABLED" },
            },
            "importRules": {
                "userCreateAndMatch": {
                    "exactMatchCriteria": exact_match(&app.import.rules),
                    "allowPartialMatch": app.import.rules.partial,
                    "autoConfirmPartialMatch": app.import.auto.partial,
                    "autoConfirmExactMatch": app.import.auto.exact,
                    "autoConfirmNewUsers": app.import.auto.unmatched,
                    "autoActivateNewUsers": true,
                },
            },
        },
        "_links": { "self": link(origin, format!("/api/v1/apps/{}/features/{INBOUND_PROVISIONING}", app.id)) },
    })
}

/// Returns what makes an exact match. Where user name and address both do, as in the org's default, Okta's word for the
/// address stands for both.
pub(crate) fn exact_match(rules: &MatchRules) -> &'static str {
    if rules.email { "EMAIL" } else { "USERNAME" }
}

/// Returns the assignment of a group to an app.
pub(crate) fn app_group(world: &World, app: &OrgApp, group: &str, origin: &str) -> Option<Value> {
    let attributes = app.groups.get(group)?;
    let updated = world.apps.get(&app.id).map_or(0, |card| card.last_updated);
    Some(json!({
        "id": group,
        "priority": app.groups.get_index_of(group),
        "lastUpdated": world.moment(updated),
        "profile": attributes_shown(attributes),
        "_links": {
            "self": link(origin, format!("/api/v1/apps/{}/groups/{group}", app.id)),
            "app": link(origin, format!("/api/v1/apps/{}", app.id)),
            "group": link(origin, format!("/api/v1/groups/{group}")),
        },
    }))
}

fn attributes_shown(attributes: &Attributes) -> Value {
    let shown = attributes.iter().map(|(key, value)| (profile::in_app(key).to_owned(), profile::read_back(value)));
    Value::Object(Map::from_iter(shown))
}

fn status(on: bool) -> &'static str {
    if on { "ENABLED" } else { "DISABLED" }
}

/// The feature for what goes out.
pub(crate) const USER_PROVISIONING: &str = "USER_PROVISIONING";
/// The feature for what comes in.
pub(crate) const INBOUND_PROVISIONING: &str = "INBOUND_PROVISIONING";
