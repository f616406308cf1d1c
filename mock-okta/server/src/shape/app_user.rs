//! An app user.

use mock_okta::AppUserStatus;
use mock_okta::org::{Scope, SyncState};
use serde_json::{Value, json};

use super::{link, profile};
use crate::world::World;

/// Returns somebody's assignment to an app; nothing for one who is not assigned.
pub(crate) fn app_user(world: &World, app: &str, person: &str, origin: &str) -> Option<Value> {
    let Some(account) = world.org.account(app, person).filter(|account| account.assigned) else {
        return waiting(world, app, person, origin);
    };
    let settings = &world.org.app(app)?.app;
    Some(json!({
        "id": person,
        "externalId": account.user.remote_id,
        "created": world.moment(account.created),
        "lastUpdated": world.moment(account.last_updated),
        "scope": scope(account.scope),
        "status": status(account.user.status),
        "statusChanged": world.moment(account.last_sync.unwrap_or(account.created)),
        "passwordChanged": null,
        "syncState": sync_state(account.sync),
        "lastSync": world.moment_or_null(account.last_sync),
        "credentials": { "userName": account.user.profile.login },
        "profile": profile::of_app_user(settings, &account.user.profile),
        "_links": links(app, person, origin),
    }))
}

/// Returns the assignment of somebody staged, whose account comes with the activation.
fn waiting(world: &World, app: &str, person: &str, origin: &str) -> Option<Value> {
    let (assigned, somebody) = (world.org.app(app)?, world.org.person(person)?);
    assigned.people.get(person)?;
    Some(json!({
        "id": person,
        "externalId": null,
        "created": world.moment(somebody.created),
        "lastUpdated": world.moment(somebody.last_updated),
        "scope": scope(Scope::User),
        "status": status(AppUserStatus::Staged),
        "statusChanged": world.moment(somebody.created),
        "passwordChanged": null,
        "syncState": sync_state(SyncState::OutOfSync),
        "lastSync": null,
        "credentials": { "userName": somebody.profile.login },
        "profile": profile::of_app_user(&assigned.app, &somebody.profile),
        "_links": links(app, person, origin),
    }))
}

fn links(app: &str, person: &str, origin: &str) -> Value {
    json!({
        "self": link(origin, format!("/api/v1/apps/{app}/users/{person}")),
        "app": link(origin, format!("/api/v1/apps/{app}")),
        "user": link(origin, format!("/api/v1/users/{person}")),
    })
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::User => "USER",
        Scope::Group => "GROUP",
    }
}

/// Returns the word of the API.
pub(crate) fn status(status: AppUserStatus) -> &'static str {
    match status {
        AppUserStatus::Staged => "STAGED",
        AppUserStatus::Provisioned => "PROVISIONED",
        AppUserStatus::Inactive => "INACTIVE",
        AppUserStatus::Suspended => "SUSPENDED",
        AppUserStatus::Deprovisioned => "DEPROVISIONED",
    }
}

/// Returns the word of the API.
pub(crate) fn sync_state(state: SyncState) -> &'static str {
    match state {
        SyncState::Disabled => "DISABLED",
        SyncState::OutOfSync => "OUT_OF_SYNC",
        SyncState::Syncing => "SYNCING",
        SyncState::Synchronized => "SYNCHRONIZED",
        SyncState::Error => "ERROR",
    }
}
