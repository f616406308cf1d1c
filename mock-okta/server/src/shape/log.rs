//! An event of the System Log.

use mock_okta::okta_id;
use mock_okta::org::{Actor, EventType, LogEntry, LogOutcome, Target};
use serde_json::{Map, Value, json};

use crate::world::{Brief, World};

/// Returns an event. What Okta does not know of a mock is null: where the client was, how it signed in.
pub(crate) fn event(world: &World, entry: &LogEntry) -> Value {
    let act = world.call_behind(entry);
    let (result, reason) = outcome(&entry.outcome);
    json!({
        "actor": actor(world, entry.actor),
        "client": {
            "userAgent": null, "zone": null, "device": null, "id": null, "ipAddress": null, "geographicalContext": null,
        },
        "device": null,
        "authenticationContext": {
            "authenticationProvider": null, "credentialProvider": null, "credentialType": null, "issuer": null,
            "interface": null, "authenticationStep": 0, "externalSessionId": okta_id(&world.name).replacen("00u", "trs", 1),
        },
        "displayMessage": display_message(entry.event_type),
        "eventType": entry.event_type.name(),
        "outcome": { "result": result, "reason": reason },
        "published": world.moment(entry.at),
        "securityContext": { "asNumber": null, "asOrg": null, "isp": null, "domain": null, "isProxy": null },
        "severity": severity(&entry.outcome),
        "debugContext": { "debugData": debug_data(world, entry, act) },
        "legacyEventType": null,
        "transaction": { "type": transaction_type(entry.actor), "id": transaction(world, act), "detail": {} },
        "uuid": uuid(&world.name, entry.serial),
        "version": "0",
        "request": { "ipChain": [] },
        "target": entry.targets.iter().map(target).collect::<Vec<_>>(),
    })
}

fn actor(world: &World, actor: Actor) -> Value {
    match actor {
        Actor::Administrator => json!({
            "id": world.me.id,
            "type": "User",
            "alternateId": world.me.profile.login,
            "displayName": world.me.profile.display_name,
            "detailEntry": null,
        }),
        Actor::System => json!({
            "id": okta_id(format!("{}/system", world.name)),
            "type": "SystemPrincipal",
            "alternateId": "system@okta.com",
            "displayName": "Okta System",
            "detailEntry": null,
        }),
    }
}

fn target(target: &Target) -> Value {
    json!({
        "id": target.id,
        "type": target.kind.name(),
        "alternateId": if target.alternate_id.is_empty() { "unknown" } else { target.alternate_id.as_str() },
        "displayName": target.display_name,
        "detailEntry": null,
    })
}

fn outcome(outcome: &LogOutcome) -> (&'static str, Option<&str>) {
    match outcome {
        LogOutcome::Success => ("SUCCESS", None),
        LogOutcome::Failure(reason) => ("FAILURE", Some(reason)),
        LogOutcome::Skipped(reason) => ("SKIPPED", Some(reason)),
    }
}

fn severity(outcome: &LogOutcome) -> &'static str {
    if matches!(outcome, LogOutcome::Failure(_)) { "ERROR" } else { "INFO" }
}

/// Returns what led to the event and what it led to. The exchanges are the mock's own addition.
fn debug_data(world: &World, entry: &LogEntry, act: usize) -> Value {
    let mut data = Map::new();
    if let Some(call) = act.checked_sub(1).and_then(|index| world.acts.get(index)) {
        let (method, path) = call.split_once(' ').unwrap_or(("", call));
        data.insert("requestMethod".to_owned(), Value::from(method));
        data.insert("requestUri".to_owned(), Value::from(path));
    }
    if !entry.changed.is_empty() {
        data.insert("changedAttributes".to_owned(), Value::from(entry.changed.join(",")));
    }
    let jobs = world.jobs_behind(entry);
    if let Some(job) = jobs.first() {
        data.insert("cause".to_owned(), Value::from(job.cause.clone()));
    }
    let exchanges: Vec<Value> = jobs.iter().flat_map(|job| &job.exchanges).map(brief).collect();
    if !exchanges.is_empty() {
        data.insert("scimExchanges".to_owned(), Value::from(exchanges));
    }
    Value::Object(data)
}

fn brief(exchange: &Brief) -> Value {
    json!({
        "id": exchange.id,
        "method": exchange.method,
        "url": exchange.url,
        "status": exchange.status,
        "failure": exchange.failure,
        "milliseconds": exchange.milliseconds,
    })
}

fn transaction_type(actor: Actor) -> &'static str {
    match actor {
        Actor::Administrator => "WEB",
        Actor::System => "JOB",
    }
}

fn transaction(world: &World, act: usize) -> String {
    okta_id(format!("{}/act/{act}", world.name)).replacen("00u", "req", 1)
}

/// Returns a UUID (RFC 9562 §5.8, custom) that follows from the place in the log.
pub(crate) fn uuid(name: &str, serial: u64) -> String {
    let [one, other] = ["a", "b"].map(|part| okta_id(format!("{name}/log/{serial}/{part}")));
    let digits = one
        .bytes()
        .chain(other.bytes())
        .skip(3)
        .fold(0_u128, |sum, byte| sum.wrapping_mul(61).wrapping_add(byte.into()));
    let digits = digits & !(0xf << 76) & !(0b11 << 62) | (8 << 76) | (0b10 << 62);
    let hex = format!("{digits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Returns what the System Log calls an event for people.
pub(crate) fn display_message(event_type: EventType) -> &'static str {
    match event_type {
        EventType::UserCreate => "Create Okta user",
        EventType::UserActivate => "Activate Okta user",
        EventType::UserReactivate => "Reactivate Okta user",
        EventType::UserDeactivate => "Deactivate Okta user",
        EventType::UserSuspend => "Suspend Okta user",
        EventType::UserUnsuspend => "Unsuspend Okta user",
        EventType::UserDeleteInitiated => "Delete Okta user initiated",
        EventType::UserDeleteCompleted => "Delete Okta user completed",
        EventType::UserUpdateProfile => "Update user profile for Okta",
        EventType::UserUpdatePassword => "Update password for Okta user",
        EventType::GroupCreate => "Create Okta group",
        EventType::GroupDelete => "Delete Okta group",
        EventType::GroupUpdateProfile => "Update Okta group profile",
        EventType::GroupAddMember => "Add user to group membership",
        EventType::GroupRemoveMember => "Remove user from group membership",
        EventType::GroupAssignApp => "Add assigned application to group",
        EventType::GroupUnassignApp => "Remove assigned application from group",
        EventType::GroupUpdateAssignment => "Update assigned application of group",
        EventType::AppCreate => "Create application",
        EventType::AppUpdate => "Update application",
        EventType::AppDelete => "Delete application",
        EventType::AppUserAdd => "Add user to application membership",
        EventType::AppUserRemove => "Remove user's application membership",
        EventType::AppUserUpdate => "Update user's application membership",
        EventType::PushUser => "Push new user to external application",
        EventType::PushProfile => "Push user's profile to external application",
        EventType::PushPassword => "Push user's password to external application",
        EventType::SyncUser => "Sync user in external application",
        EventType::DeactivateUser => "Deactivate user in external application",
        EventType::ImportUser => "Import user from external application",
        EventType::PushMappingCreated => "Create group push mapping",
        EventType::PushMappingActivated => "Activate group push mapping",
        EventType::PushMappingDeactivated => "Deactivate group push mapping",
        EventType::GroupPushed => "Push group to external application",
        EventType::GroupPushMemberships => "Push group memberships to external application",
        EventType::GroupPushRemoved => "Remove group push mapping",
        EventType::GroupPushDeleteAppGroup => "Delete pushed group in external application",
        EventType::GroupPushRenamed => "Rename pushed group in external application",
        EventType::GroupPushRenameFailed => "Rename of pushed group failed",
        EventType::GroupPushFailed => "Group push failed",
        EventType::RateLimitExceeded => "External application exceeded its rate limit",
        EventType::AuthenticationFailure => "Authentication to external application failed",
        EventType::ApiQuery => "Query of external application",
        EventType::ImportStart => "Start import",
        EventType::ImportComplete => "Complete import",
        EventType::ImportRoadblock => "Import stopped by a safeguard",
        EventType::HookCreate => "Create event hook",
        EventType::HookUpdate => "Update event hook",
        EventType::HookDelete => "Delete event hook",
        EventType::HookActivate => "Activate event hook",
        EventType::HookDeactivate => "Deactivate event hook",
        EventType::HookVerify => "Verify event hook",
        EventType::HookDelivery => "Deliver event to event hook",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_uuid_of_its_own() {
        let uuids: std::collections::BTreeSet<String> = (0..1000).map(|serial| uuid("acme", serial)).collect();
        assert_eq!(uuids.len(), 1000);
        for uuid in uuids {
            assert_eq!((uuid.len(), uuid.as_bytes()[14], "89ab".contains(&uuid[19..20])), (36, b'8', true), "{uuid}");
        }
    }
}
