//! A group, and a group rule.

use mock_okta::org::OrgGroup;
use serde_json::{Value, json};

use super::link;
use crate::resources::rules::RuleCard;
use crate::world::World;

/// Returns a group.
pub(crate) fn group(world: &World, group: &OrgGroup, origin: &str) -> Value {
    let path = format!("/api/v1/groups/{}", group.id);
    json!({
        "id": group.id,
        "created": world.moment(group.created),
        "lastUpdated": world.moment(group.last_updated),
        "lastMembershipUpdated": world.moment(group.last_updated),
        "objectClass": ["okta:user_group"],
        "type": kind(world, group),
        "profile": { "name": group.name, "description": group.description },
        "_links": {
            "self": link(origin, &path),
            "users": link(origin, format!("{path}/users")),
            "apps": link(origin, format!("{path}/apps")),
        },
    })
}

fn kind(world: &World, group: &OrgGroup) -> &'static str {
    if world.everyone.as_deref() == Some(&group.id) { "BUILT_IN" } else { "OKTA_GROUP" }
}

/// Returns a group rule.
pub(crate) fn rule(world: &World, rule: &RuleCard, origin: &str) -> Value {
    let path = format!("/api/v1/groups/rules/{}", rule.id);
    json!({
        "type": "group_rule",
        "id": rule.id,
        "status": if rule.active { "ACTIVE" } else { "INACTIVE" },
        "name": rule.name,
        "created": world.moment(rule.created),
        "lastUpdated": world.moment(rule.last_updated),
        "conditions": {
            "people": { "users": { "exclude": [] }, "groups": { "exclude": [] } },
            "expression": { "value": rule.expression, "type": "urn:okta:expression:1.0" },
        },
        "actions": { "assignUserToGroups": { "groupIds": rule.groups } },
        "_links": { "self": link(origin, &path) },
    })
}
