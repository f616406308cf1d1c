//! The dialect of group push: which request says what, for which app. When it is said is the flow's
//! business.

use serde_json::Value;

use super::members::{Change, Held};
use super::{Group, Member, MembersForm, body};
use crate::dialect::{LOOKUP_PAGE, headers_in};
use crate::{App, AppKind, Request, ScimVersion, Verb, target, v11};

/// Returns the method by which an app changes an existing group.
///
/// Okta SCIM 2.0 protocol reference, "Update specific Group membership": PATCH for apps of the OIN, PUT
/// for those of the App Integration Wizard. "Support PATCH for User" is about users.
pub(super) fn verb(app: &App) -> Verb {
    match app.kind {
        AppKind::Catalog | AppKind::Wizard => Verb::Patch,
        AppKind::Aiw => Verb::Put,
    }
}

/// Returns the request which asks whether there is a group of this name (Okta SCIM 2.0 protocol
/// reference, "Retrieve Groups"); escaped as a lookup of a user is.
pub(super) fn lookup(app: &App, name: &str) -> Request {
    let filter = format!("displayName eq {}", Value::from(name));
    let target = format!("/Groups?filter={}{LOOKUP_PAGE}", target::encode(&filter));
    Request { method: "GET", target, headers: headers_in(app.version, false), body: None }
}

/// Returns the request that creates a group.
pub(super) fn create(app: &App, group: &Group, name: &str) -> Request {
    let body = match app.version {
        ScimVersion::V2 => body::create(name),
        ScimVersion::V1_1 => v11::group::create(name, group.description.as_deref()),
    };
    with_body(app, "POST", "/Groups".to_owned(), body)
}

/// Returns the request that reads a group.
pub(super) fn read(app: &App, id: &str) -> Request {
    Request { method: "GET", target: group(id), headers: headers_in(app.version, false), body: None }
}

/// Returns the PATCH of the name.
pub(super) fn rename(app: &App, id: &str, name: &str) -> Request {
    let body = match app.version {
        ScimVersion::V2 => body::rename(id, name),
        ScimVersion::V1_1 => v11::group::rename(id, name),
    };
    with_body(app, "PATCH", group(id), body)
}

/// Returns the PATCH of some members.
pub(super) fn change_members(app: &App, id: &str, changes: &[Change]) -> Request {
    let those_who = |go: bool| {
        let wanted = move |change: &&Change| matches!(change, Change::Remove(_)) == go;
        changes.iter().filter(wanted).map(Change::member)
    };
    let body = match app.version {
        ScimVersion::V2 => body::change_members(changes),
        ScimVersion::V1_1 => v11::group::change_members(those_who(false), those_who(true)),
    };
    with_body(app, "PATCH", group(id), body)
}

/// Returns the PATCH of all members.
pub(super) fn replace_members(app: &App, id: &str, name: &str, members: &[Member]) -> Request {
    let body = match (app.version, app.members_form) {
        (ScimVersion::V1_1, _) => v11::group::replace_members(members),
        (ScimVersion::V2, MembersForm::Path) => body::replace_members(members),
        (ScimVersion::V2, MembersForm::Pathless) => body::replace_members_pathless(members),
        (ScimVersion::V2, MembersForm::PathlessWithName) => body::replace_group_pathless(id, name, members),
    };
    with_body(app, "PATCH", group(id), body)
}

/// Returns the PUT of a group.
pub(super) fn put(app: &App, id: &str, name: &str, members: &[Held]) -> Request {
    let body = match app.version {
        ScimVersion::V2 => body::put(id, name, members),
        ScimVersion::V1_1 => v11::group::put(id, name, members),
    };
    with_body(app, "PUT", group(id), body)
}

/// Returns the request that deletes a group.
///
/// The older developer.okta.com/reference/scim page shows a `Content-Type` in it and no body.
pub(super) fn delete(app: &App, id: &str) -> Request {
    Request { method: "DELETE", target: group(id), headers: headers_in(app.version, true), body: None }
}

fn group(id: &str) -> String {
    format!("/Groups/{}", target::encode(id))
}

fn with_body(app: &App, method: &'static str, target: String, body: String) -> Request {
    Request { method, target, headers: headers_in(app.version, true), body: Some(body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_is_encoded_as_in_the_protocol_reference() {
        assert_eq!(
            lookup(&App::new(AppKind::Catalog), "Test SCIMv2").target,
            "/Groups?filter=displayName%20eq%20%22Test%20SCIMv2%22&startIndex=1&count=100"
        );
    }

    #[test]
    fn a_delete_has_a_content_type_and_no_body() {
        let request = delete(&App::new(AppKind::Catalog), "a/b");
        assert_eq!((request.method, request.target.as_str(), &request.body), ("DELETE", "/Groups/a%2Fb", &None));
        assert!(request.headers.iter().any(|(name, _)| *name == "Content-Type"));
    }
}
