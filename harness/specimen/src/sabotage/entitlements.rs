//! Faults of roles and entitlements, and of the discovery endpoints that lead to them.

use http::StatusCode;
use scim_lang::urn;
use serde_json::{Value, json};

use super::replies::{Distort, leave_out, list, remove, resources};
use super::requests::{Intercept, refuse};
use super::writes::{Change, Write, lose};
use crate::fault::Fault;
use crate::message::Reply;
use crate::okta;
use crate::route::Route;
use crate::store::Kind;

/// What each of these faults answers to a request, and when.
pub(super) const INTERCEPTS: &[(Fault, Intercept)] = &[
    (Fault::ResourceTypesMissing, |seen| {
        let asked = matches!(seen.route, Route::ResourceTypes | Route::ResourceType(_));
        asked.then(|| refuse(404, "there is nothing here"))
    }),
    (Fault::SchemasMissing, |seen| {
        let asked = matches!(seen.route, Route::Schemas | Route::Schema(_));
        asked.then(|| refuse(404, "there is nothing here"))
    }),
    (Fault::EntitlementsListIs500, |seen| {
        seen.lists(Kind::Entitlement).then(|| refuse(500, "the licences are not available"))
    }),
];

/// What each of these faults does to the content of a user, and in which writes.
pub(super) const CHANGES: &[(Fault, &[Write], Change)] = &[
    (Fault::RolesAreNotStored, &[Write::Create, Write::Put], |_, after| lose(after, &["roles"])),
    (Fault::EntitlementsAreNotStored, &[Write::Create, Write::Put], |_, after| lose(after, &["entitlements"])),
];

/// What each of these faults does to a reply.
pub(super) const REPLIES: &[(Fault, Distort)] = &[
    (Fault::ResourceTypesLackEntitlements, |_, route, reply| {
        if route == Some(&Route::ResourceTypes) {
            leave_out(reply, |ty| ty["schema"] == okta::ROLE || ty["schema"] == okta::ENTITLEMENT);
        }
    }),
    (Fault::ResourceTypeLeadsNowhere, |_, route, reply| {
        if let (Some(Route::ResourceTypes), Some(role)) = (route, role_type(reply)) {
            role["endpoint"] = "/Permissions".into();
        }
    }),
    (Fault::RoleSchemaIsAnother, |_, route, reply| {
        if let (Some(Route::ResourceTypes), Some(role)) = (route, role_type(reply)) {
            role["schema"] = "urn:example:params:scim:schemas:core:2.0:Role".into();
        }
    }),
    (Fault::UserSchemaMissing, |_, route, reply| match route {
        Some(Route::Schemas) => leave_out(reply, |schema| schema["id"] == urn::USER),
        Some(Route::Schema(id)) if id == urn::USER => reply.status = StatusCode::NOT_FOUND,
        _ => {}
    }),
    (Fault::EntitlementsListIsEmpty, |_, route, reply| {
        if let Some(list) = offered(route, reply) {
            list["totalResults"] = 0.into();
            list["itemsPerPage"] = 0.into();
            list["Resources"] = json!([]);
        }
    }),
    (Fault::EntitlementsItemsPerPage, |_, route, reply| {
        if let Some(list) = offered(route, reply) {
            list["itemsPerPage"] = list["totalResults"].clone();
        }
    }),
    (Fault::EntitlementsTotalIsWrong, |_, route, reply| {
        if let (Some(Route::Collection(Kind::Entitlement)), Some(list)) = (route, list(reply)) {
            let total = list["totalResults"].as_u64().unwrap_or_default();
            list["totalResults"] = (total + 1).into();
        }
    }),
    (Fault::EntitlementLacksType, |_, _, reply| lack(reply, okta::ENTITLEMENT, "type")),
    (Fault::RoleLacksDisplayName, |_, _, reply| lack(reply, okta::ROLE, "displayName")),
];

/// Returns a list of roles or of entitlements.
fn offered<'a>(route: Option<&Route>, reply: &'a mut Reply) -> Option<&'a mut Value> {
    match route {
        Some(Route::Collection(kind)) if kind.is_read_only() => list(reply),
        _ => None,
    }
}

fn role_type(reply: &mut Reply) -> Option<&mut Value> {
    let types = list(reply)?["Resources"].as_array_mut()?;
    types.iter_mut().find(|ty| ty["schema"] == okta::ROLE)
}

/// Takes an attribute from every resource of a schema, alone or in a list.
fn lack(reply: &mut Reply, schema: &str, name: &str) {
    let shown = resources(reply);
    for resource in shown.into_iter().filter(|resource| resource["schemas"][0] == schema) {
        remove(Some(resource), name);
    }
}
