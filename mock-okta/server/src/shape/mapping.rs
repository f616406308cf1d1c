//! A mapping of group push.

use mock_okta::MappingStatus;
use serde_json::{Value, json};

use super::link;
use crate::world::World;

/// Returns the mapping of a group in an app; nothing for a group that is not linked.
///
/// In Okta the target has an id of its own, that of the imported app group. The mock has the service provider's.
pub(crate) fn mapping(world: &World, app: &str, group: &str, origin: &str) -> Option<Value> {
    let found = world.org.mapping(app, group)?;
    Some(json!({
        "id": found.id,
        "created": world.moment(found.created),
        "errorSummary": found.mapping.error_summary,
        "lastPush": world.moment_or_null(found.last_push),
        "lastUpdated": world.moment(found.last_push.unwrap_or(found.created)),
        "sourceGroupId": group,
        "status": status(found.mapping.status),
        "targetGroupId": found.mapping.remote_id,
        "_links": {
            "app": link(origin, format!("/api/v1/apps/{app}")),
            "sourceGroup": link(origin, format!("/api/v1/groups/{group}")),
        },
    }))
}

/// Returns the word of the API.
pub(crate) fn status(status: MappingStatus) -> &'static str {
    match status {
        MappingStatus::Active => "ACTIVE",
        MappingStatus::Inactive => "INACTIVE",
        MappingStatus::Error => "ERROR",
    }
}
