//! The endpoints: which there are, how far each goes, and which function answers it. `PARITY.md` is made from here.

use http::Method;

use crate::call::{Answer, Call, decode};
use crate::error::{ApiError, Code};
use crate::resources::{
    admin, app_groups, app_users, apps, event_hooks, grants, group_push, groups, lifecycle, logs, mappings,
    provisioning, rules, schemas, user_schema, users,
};
use crate::world::World;

/// One endpoint.
pub(crate) struct Endpoint {
    pub(crate) method: &'static str,
    /// The path, variables in braces.
    pub(crate) pattern: &'static str,
    pub(crate) parity: Parity,
    /// What a subset leaves out.
    pub(crate) note: &'static str,
    act: Act,
}

/// How far an endpoint goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parity {
    /// As Okta documents it, for what a mock org holds.
    Full,
    /// Less than that; the note says what is missing.
    Subset,
}

/// What answers a call.
pub(crate) type Act = fn(&mut World, &Call) -> Result<Answer, ApiError>;

/// An endpoint that was found for a call.
pub(crate) struct Found {
    pub(crate) act: Act,
    pub(crate) variables: Vec<String>,
}

/// Finds the endpoint for a call: E0000008 for a path nobody knows, E0000022 for a method the path does not have.
pub(crate) fn find(method: &Method, path: &str) -> Result<Found, ApiError> {
    let mut is_known = false;
    for endpoint in ENDPOINTS {
        let Some(variables) = variables(endpoint.pattern, path) else { continue };
        is_known = true;
        if endpoint.method == method.as_str() {
            return Ok(Found { act: endpoint.act, variables });
        }
    }
    Err(ApiError::of(if is_known { Code::WrongMethod } else { Code::NoSuchPath }))
}

/// Finds the call of the mock's own control that changes the org as an administrator would.
pub(crate) fn find_errand(method: &Method, path: &str) -> Option<Found> {
    let found = |(known, pattern, act): &(&str, &str, Act)| {
        let variables = variables(pattern, path).filter(|_| *known == method.as_str())?;
        Some(Found { act: *act, variables })
    };
    ERRANDS.iter().find_map(found)
}

/// Returns what stands for the variables of a pattern, if the path is one of it.
fn variables(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut wanted, mut given) = (pattern.split('/'), path.trim_end_matches('/').split('/'));
    let mut variables = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(variables),
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {
                variables.push(decode(given))
            }
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

const fn full(method: &'static str, pattern: &'static str, act: Act) -> Endpoint {
    Endpoint { method, pattern, parity: Parity::Full, note: "", act }
}

const fn subset(method: &'static str, pattern: &'static str, act: Act, note: &'static str) -> Endpoint {
    Endpoint { method, pattern, parity: Parity::Subset, note, act }
}

/// Every endpoint that is answered. What is fixed stands before what is variable.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    // Users.
    subset(
        "GET",
        "/api/v1/users",
        users::list,
        "q, filter, search, limit, after; no sortBy; the filter takes every operator",
    ),
    subset("POST", "/api/v1/users", users::create, "no provider, no hashed passwords, no custom attributes"),
    subset(
        "GET",
        "/api/v1/users/{userId}",
        users::read,
        "by id, login, the login's part before @, or `me`: the owner of the token, who is in no list and no group",
    ),
    subset("POST", "/api/v1/users/{userId}", users::update, "profile, password and recovery question"),
    subset("PUT", "/api/v1/users/{userId}", users::replace, "profile, password and recovery question"),
    full("DELETE", "/api/v1/users/{userId}", users::delete),
    full("GET", "/api/v1/users/{userId}/groups", users::groups),
    full("POST", "/api/v1/users/{userId}/lifecycle/activate", lifecycle::activate),
    full("POST", "/api/v1/users/{userId}/lifecycle/deactivate", lifecycle::deactivate),
    full("POST", "/api/v1/users/{userId}/lifecycle/reactivate", lifecycle::reactivate),
    full("POST", "/api/v1/users/{userId}/lifecycle/suspend", lifecycle::suspend),
    full("POST", "/api/v1/users/{userId}/lifecycle/unsuspend", lifecycle::unsuspend),
    subset(
        "POST",
        "/api/v1/users/{userId}/lifecycle/unlock",
        lifecycle::unlock,
        "nobody signs in, so nobody is locked out",
    ),
    full("POST", "/api/v1/users/{userId}/lifecycle/expire_password", lifecycle::expire_password),
    full(
        "POST",
        "/api/v1/users/{userId}/lifecycle/expire_password_with_temp_password",
        lifecycle::expire_password_with_temp_password,
    ),
    subset(
        "POST",
        "/api/v1/users/{userId}/lifecycle/reset_password",
        lifecycle::reset_password,
        "the link leads nowhere",
    ),
    subset("POST", "/api/v1/users/{userId}/lifecycle/reset_factors", lifecycle::reset_factors, "nobody has factors"),
    // Group rules stand before groups, whose ids could be called `rules`.
    subset("GET", "/api/v1/groups/rules", rules::list, "limit, after, search by name"),
    subset(
        "POST",
        "/api/v1/groups/rules",
        rules::create,
        "expressions of the form user.attribute == \"value\"; no exclusions",
    ),
    full("GET", "/api/v1/groups/rules/{ruleId}", rules::read),
    subset("PUT", "/api/v1/groups/rules/{ruleId}", rules::replace, "as POST, and only while inactive"),
    subset("DELETE", "/api/v1/groups/rules/{ruleId}", rules::delete, "the memberships it gave always end"),
    full("POST", "/api/v1/groups/rules/{ruleId}/lifecycle/activate", rules::activate),
    subset(
        "POST",
        "/api/v1/groups/rules/{ruleId}/lifecycle/deactivate",
        rules::deactivate,
        "the memberships it gave end",
    ),
    // Groups.
    subset("GET", "/api/v1/groups", groups::list, "q, filter, search, limit, after; no sortBy, no expand"),
    subset("POST", "/api/v1/groups", groups::create, "name and description"),
    full("GET", "/api/v1/groups/{groupId}", groups::read),
    subset("PUT", "/api/v1/groups/{groupId}", groups::replace, "name and description"),
    full("DELETE", "/api/v1/groups/{groupId}", groups::delete),
    full("GET", "/api/v1/groups/{groupId}/users", groups::members),
    full("PUT", "/api/v1/groups/{groupId}/users/{userId}", groups::add_member),
    full("DELETE", "/api/v1/groups/{groupId}/users/{userId}", groups::remove_member),
    full("GET", "/api/v1/groups/{groupId}/apps", groups::apps),
    // Apps.
    subset("GET", "/api/v1/apps", apps::list, "q, filter, limit, after; no expand"),
    subset(
        "POST",
        "/api/v1/apps",
        apps::create,
        "name, label, signOnMode, settings.app; settings.app.kind is catalog, wizard or aiw",
    ),
    subset("GET", "/api/v1/apps/{appId}", apps::read, "no expand"),
    subset("PUT", "/api/v1/apps/{appId}", apps::replace, "label and settings.app"),
    full("DELETE", "/api/v1/apps/{appId}", apps::delete),
    full("POST", "/api/v1/apps/{appId}/lifecycle/activate", apps::activate),
    full("POST", "/api/v1/apps/{appId}/lifecycle/deactivate", apps::deactivate),
    subset("GET", "/api/v1/apps/{appId}/users", app_users::list, "q, limit, after; no expand"),
    subset("POST", "/api/v1/apps/{appId}/users", app_users::assign, "scope USER; emailType is always work"),
    subset("GET", "/api/v1/apps/{appId}/users/{userId}", app_users::read, "no expand"),
    subset("POST", "/api/v1/apps/{appId}/users/{userId}", app_users::update, "emailType is always work"),
    full("DELETE", "/api/v1/apps/{appId}/users/{userId}", app_users::unassign),
    subset("GET", "/api/v1/apps/{appId}/groups", app_groups::list, "q, limit, after; no expand"),
    subset("GET", "/api/v1/apps/{appId}/groups/{groupId}", app_groups::read, "no expand"),
    full("PUT", "/api/v1/apps/{appId}/groups/{groupId}", app_groups::assign),
    subset(
        "PATCH",
        "/api/v1/apps/{appId}/groups/{groupId}",
        app_groups::patch,
        "add and replace of /priority and /profile",
    ),
    full("DELETE", "/api/v1/apps/{appId}/groups/{groupId}", app_groups::unassign),
    // Provisioning. Okta offers this for a few apps of its own; the mock for all, because it is how a test sets one up.
    subset("GET", "/api/v1/apps/{appId}/connections/default", provisioning::read, "for every app"),
    subset("POST", "/api/v1/apps/{appId}/connections/default", provisioning::save, "authScheme TOKEN; for every app"),
    full("POST", "/api/v1/apps/{appId}/connections/default/lifecycle/activate", provisioning::activate),
    full("POST", "/api/v1/apps/{appId}/connections/default/lifecycle/deactivate", provisioning::deactivate),
    subset("GET", "/api/v1/apps/{appId}/features", provisioning::features, "for every app"),
    subset(
        "GET",
        "/api/v1/apps/{appId}/features/{featureName}",
        provisioning::feature,
        "USER_PROVISIONING, INBOUND_PROVISIONING",
    ),
    subset(
        "PUT",
        "/api/v1/apps/{appId}/features/{featureName}",
        provisioning::change_feature,
        "USER_PROVISIONING, of password the status alone; INBOUND_PROVISIONING, no schedule, usernameFormat EMAIL, \
         autoActivateNewUsers true",
    ),
    full("GET", "/api/v1/apps/{appId}/group-push/mappings", group_push::list),
    subset(
        "POST",
        "/api/v1/apps/{appId}/group-push/mappings",
        group_push::create,
        "targetGroupId is the service provider's id of an imported group",
    ),
    full("GET", "/api/v1/apps/{appId}/group-push/mappings/{mappingId}", group_push::read),
    full("PATCH", "/api/v1/apps/{appId}/group-push/mappings/{mappingId}", group_push::change),
    full("DELETE", "/api/v1/apps/{appId}/group-push/mappings/{mappingId}", group_push::delete),
    subset(
        "GET",
        "/api/v1/meta/schemas/apps/{appId}/default",
        schemas::read,
        "type, title, externalName, externalNamespace",
    ),
    subset(
        "POST",
        "/api/v1/meta/schemas/apps/{appId}/default",
        schemas::change,
        "custom properties; no unions, no enums",
    ),
    subset(
        "GET",
        "/api/v1/meta/schemas/user/default",
        user_schema::read,
        "the base properties with title, type, required, mutability; no lengths, formats or enums",
    ),
    full("GET", "/api/v1/meta/types/user", user_schema::types),
    full("GET", "/api/v1/meta/types/user/{typeId}", user_schema::read_type),
    subset("GET", "/api/v1/mappings", mappings::list, "those between users and apps; they cannot be changed"),
    subset("GET", "/api/v1/mappings/{mappingId}", mappings::read, "expressions user.attribute and appuser.attribute"),
    // The System Log.
    subset(
        "GET",
        "/api/v1/logs",
        logs::list,
        "since, until, filter, q, limit, sortOrder, after; the mock's own addition is debugContext.debugData.scimExchanges",
    ),
    // Event hooks.
    full("GET", "/api/v1/eventHooks", event_hooks::list),
    subset(
        "POST",
        "/api/v1/eventHooks",
        event_hooks::create,
        "event types that concern people, groups, apps and imports; http to this machine; no filters, no OAuth 2.0",
    ),
    full("GET", "/api/v1/eventHooks/{eventHookId}", event_hooks::read),
    subset("PUT", "/api/v1/eventHooks/{eventHookId}", event_hooks::replace, "as POST"),
    full("DELETE", "/api/v1/eventHooks/{eventHookId}", event_hooks::delete),
    full("POST", "/api/v1/eventHooks/{eventHookId}/lifecycle/verify", event_hooks::verify),
    full("POST", "/api/v1/eventHooks/{eventHookId}/lifecycle/activate", event_hooks::activate),
    full("POST", "/api/v1/eventHooks/{eventHookId}/lifecycle/deactivate", event_hooks::deactivate),
    // Okta Identity Governance.
    subset("POST", "/governance/api/v1/grants", grants::create, "grantType CUSTOM of an app's roles and entitlements"),
    full("GET", "/governance/api/v1/grants/{grantId}", grants::read),
];

/// What the control has for things that Okta has pages for and no endpoints.
const ERRANDS: &[(&str, &str, Act)] = &[
    ("POST", "/_mock/tasks/{taskId}/retry", admin::retry),
    ("POST", "/_mock/push", admin::push_now),
    ("POST", "/_mock/import", admin::import),
    ("POST", "/_mock/import/confirm", admin::confirm),
];

/// Endpoints one may look for, and which are not answered.
pub(crate) const ABSENT: &[(&str, &str)] = &[
    ("GET", "/api/v1/users/{userId}/appLinks"),
    ("GET", "/api/v1/users/{userId}/factors"),
    ("POST", "/api/v1/users/{userId}/credentials/change_password"),
    ("GET", "/api/v1/groups/{groupId}/owners"),
    ("GET", "/api/v1/apps/{appId}/grants"),
    ("GET", "/api/v1/inlineHooks"),
    ("GET", "/api/v1/idps"),
    ("GET", "/api/v1/policies"),
    ("GET", "/api/v1/org"),
    ("POST", "/api/v1/authn"),
    ("POST", "/oauth2/v1/token"),
    ("GET", "/governance/api/v1/entitlements"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_found_and_none_hides_another() {
        for endpoint in ENDPOINTS {
            let method = Method::from_bytes(endpoint.method.as_bytes()).unwrap();
            let found = find(&method, endpoint.pattern).map_err(|error| error.status());
            let is_same = found.is_ok_and(|found| std::ptr::fn_addr_eq(found.act, endpoint.act));
            assert!(is_same, "{} {}", endpoint.method, endpoint.pattern);
        }
        for (method, pattern) in ABSENT {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(find(&method, pattern).map(|_| ()).map_err(|error| error.status()), Err(404), "{pattern}");
        }
    }

    #[test]
    fn a_subset_says_what_it_is() {
        for endpoint in ENDPOINTS {
            let is_told = !endpoint.note.is_empty();
            assert_eq!(is_told, endpoint.parity == Parity::Subset, "{} {}", endpoint.method, endpoint.pattern);
        }
    }

    #[test]
    fn paths_are_taken_apart() {
        let found = find(&Method::GET, "/api/v1/users/a%40b.com").map_err(|error| error.status()).unwrap();
        assert_eq!(found.variables, ["a@b.com"]);
        for (method, path, status) in [
            (Method::GET, "/", 404),
            (Method::GET, "/api/v1/users//groups", 404),
            (Method::PATCH, "/api/v1/users", 405),
        ] {
            assert_eq!(find(&method, path).map(|_| ()).map_err(|error| error.status()), Err(status), "{path}");
        }
    }
}
