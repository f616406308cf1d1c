//! Mappings of group push.

use mock_okta::MappingStatus;
use mock_okta::org::OrgEvent;

use super::{page, required, text};
use crate::call::{Answer, Call, View};
use crate::error::ApiError;
use crate::page::Size;
use crate::shape;
use crate::world::World;

/// Lists mappings.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let app = call.variable(0);
    world.app(app)?;
    let (source, status) = (call.parameter("sourceGroupId"), call.parameter("status"));
    let mappings = world.org.app(app).into_iter().flat_map(|app| &app.mappings);
    let wanted = mappings.filter(|(group, mapping)| {
        mapping.linked
            && source.as_ref().is_none_or(|source| source == *group)
            && status.as_deref().is_none_or(|status| status == shape::mapping::status(mapping.mapping.status))
    });
    let ids = wanted.map(|(group, _)| group.clone()).collect();
    page(world, call, ids, Size { default: 100, most: 1000 }, |world, group| {
        shape::mapping::mapping(world, app, group, &call.origin)
    })
}

/// Pushes a group, or links it to one the service provider has.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let app = call.variable(0).to_owned();
    world.app(&app)?;
    let body = call.object()?;
    let group = required(&body, "sourceGroupId")?.to_owned();
    let source = world.org.group(&group).ok_or_else(|| ApiError::not_found(&group, "UserGroup"))?;
    if !matches!(text(&body, "status")?, None | Some("ACTIVE" | "INACTIVE")) {
        return Err(ApiError::validation("status", "status: it is neither ACTIVE nor INACTIVE"));
    }
    let known = world.org.app(&app).map(|app| &app.imported.groups);
    let event = match (text(&body, "targetGroupId")?, text(&body, "targetGroupName")?) {
        (Some(id), None) => {
            let name = known.and_then(|known| known.get(id)).ok_or_else(|| ApiError::not_found(id, "AppGroup"))?;
            OrgEvent::LinkGroup { app: app.clone(), group: group.clone(), target_name: name.clone() }
        }
        (None, Some(name)) if name == source.name => OrgEvent::PushGroup { app: app.clone(), group: group.clone() },
        (None, Some(name)) => {
            OrgEvent::LinkGroup { app: app.clone(), group: group.clone(), target_name: name.to_owned() }
        }
        _ => {
            let cause = "exactly one of targetGroupId and targetGroupName has to be given";
            return Err(ApiError::validation("targetGroup", cause));
        }
    };
    world.apply(event)?;
    if text(&body, "status")? == Some("INACTIVE") {
        world.apply(OrgEvent::DeactivatePush { app: app.clone(), group: group.clone() })?;
    }
    Ok(Answer::created(View::Mapping { app, group }))
}

/// Returns a mapping.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (app, group, _) = find(world, call)?;
    Ok(Answer::ok(View::Mapping { app, group }))
}

/// Activates or deactivates a push.
pub(crate) fn change(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (app, group, status) = find(world, call)?;
    let view = View::Mapping { app: app.clone(), group: group.clone() };
    match (required(&call.object()?, "status")?, status) {
        ("ACTIVE", MappingStatus::Inactive) => drop(world.apply(OrgEvent::ActivatePush { app, group })?),
        // A push that failed is tried again as a whole.
        ("ACTIVE", MappingStatus::Error) => drop(world.apply(OrgEvent::PushNow { app, group })?),
        ("INACTIVE", MappingStatus::Active | MappingStatus::Error) => {
            world.apply(OrgEvent::DeactivatePush { app, group })?;
        }
        ("ACTIVE" | "INACTIVE", _) => {}
        _ => return Err(ApiError::validation("status", "status: it is neither ACTIVE nor INACTIVE")),
    }
    Ok(Answer::ok(view))
}

/// Unlinks a group whose push is off or has failed.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (app, group, status) = find(world, call)?;
    let delete = call.flag("deleteTargetGroup", false)?;
    if status == MappingStatus::Active {
        return Err(ApiError::validation("mapping", "an active mapping cannot be deleted; deactivate it first"));
    }
    world.apply(OrgEvent::UnlinkGroup { app, group, delete })?;
    Ok(Answer::nothing())
}

/// Returns app, group and state of a mapping.
fn find(world: &World, call: &Call) -> Result<(String, String, MappingStatus), ApiError> {
    let (app, id) = (call.variable(0), call.variable(1));
    world.app(app)?;
    let mut mappings = world.org.app(app).into_iter().flat_map(|app| &app.mappings);
    let found = mappings.find(|(_, mapping)| mapping.linked && mapping.id == id);
    let (group, mapping) = found.ok_or_else(|| ApiError::not_found(id, "GroupPushMapping"))?;
    Ok((app.to_owned(), group.clone(), mapping.mapping.status))
}
