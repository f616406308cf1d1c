//! Bodies about groups in SCIM 1.1. What is sent when is the group flow's business.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::CORE;
use crate::Member;

/// Returns the body of `POST /Groups`: the name, and the description if there is one.
///
/// Okta SCIM 1.1 protocol reference, "Create Groups": no `members`, and no way to keep the description from
/// being sent. The older page has the members in the create; like its SCIM 2.0 twin, that is not followed.
pub(crate) fn create(name: &str, description: Option<&str>) -> String {
    let mut body = Map::new();
    let schemas: Vec<&str> = [CORE].into_iter().chain(description.map(|_| OKTA_GROUP)).collect();
    body.insert("schemas".to_owned(), json!(schemas));
    body.insert("displayName".to_owned(), json!(name));
    if let Some(description) = description {
        body.insert(OKTA_GROUP.to_owned(), json!({ "description": description }));
    }
    Value::Object(body).to_string()
}

/// Returns the body of a `PATCH` that renames a group (Okta SCIM 1.1 protocol reference, "Update a specific
/// Group name").
pub(crate) fn rename(id: &str, name: &str) -> String {
    json!({ "schemas": [CORE], "id": id, "displayName": name }).to_string()
}

/// Returns the body of a `PATCH` that adds members and takes others away.
///
/// Okta SCIM 1.1 protocol reference, "Update specific Group membership": who goes is marked with
/// `"operation":"delete"`. That both fit one array, additions first, is the older page's sample.
pub(crate) fn change_members<'m>(
    add: impl IntoIterator<Item = &'m Member>,
    remove: impl IntoIterator<Item = &'m Member>,
) -> String {
    let add = add.into_iter().map(|member| Entry::of(member, None));
    let remove = remove.into_iter().map(|member| Entry::of(member, Some("delete")));
    partial(&Partial { schemas: [CORE], meta: None, members: add.chain(remove).collect() })
}

/// Returns the body of a `PATCH` after which a group has exactly these members.
///
/// Older developer.okta.com/reference/scim page, full push: `meta.attributes` names what is emptied before
/// the rest is merged (SCIM 1.1 protocol §3.3.2). No sample shows a group without members; `members: []`
/// follows the captured SCIM 2.0 form (<https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/757>).
pub(crate) fn replace_members(members: &[Member]) -> String {
    let members = members.iter().map(|member| Entry::of(member, None)).collect();
    partial(&Partial { schemas: [CORE], meta: Some(Meta { attributes: ["members"] }), members })
}

/// Returns the body of `PUT /Groups/{id}`.
///
/// The keys and their order are those of the older developer.okta.com/reference/scim page, which has the
/// `id` in it.
pub(crate) fn put<M: Serialize>(id: &str, name: &str, members: &[M]) -> String {
    json!({ "schemas": [CORE], "displayName": name, "id": id, "members": members }).to_string()
}

fn partial(body: &Partial<'_>) -> String {
    serde_json::to_string(body).expect("strings and arrays of them are always JSON")
}

#[derive(Serialize)]
struct Partial<'m> {
    schemas: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
    members: Vec<Entry<'m>>,
}

#[derive(Serialize)]
struct Meta {
    attributes: [&'static str; 1],
}

#[derive(Serialize)]
struct Entry<'m> {
    value: &'m str,
    display: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
}

impl<'m> Entry<'m> {
    fn of(member: &'m Member, operation: Option<&'static str>) -> Entry<'m> {
        Entry { value: &member.remote_id, display: &member.user_name, operation }
    }
}

/// The schema of what Okta adds to groups (Okta SCIM 1.1 protocol reference, "Create Groups").
const OKTA_GROUP: &str = "urn:okta:custom:group:1.0";

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str, name: &str) -> Member {
        Member::new(id, name)
    }

    #[test]
    fn a_group_is_created_without_members() {
        assert_eq!(
            create("Test SCIMv1", None),
            r#"{"schemas":["urn:scim:schemas:core:1.0"],"displayName":"Test SCIMv1"}"#
        );
    }

    #[test]
    fn a_description_comes_with_its_schema() {
        assert_eq!(
            create("Group 10", Some("All Users West of the Rockies")),
            concat!(
                r#"{"schemas":["urn:scim:schemas:core:1.0","urn:okta:custom:group:1.0"],"displayName":"Group 10","#,
                r#""urn:okta:custom:group:1.0":{"description":"All Users West of the Rockies"}}"#,
            )
        );
    }

    #[test]
    fn a_rename_carries_the_id() {
        assert_eq!(rename("7", "Crew"), r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"7","displayName":"Crew"}"#);
    }

    #[test]
    fn who_goes_is_marked_and_stands_behind_who_comes() {
        let body = change_members(
            &[member("6629838e056045b7a23fb55816c644eb", "dave@ad.oktatest.com")],
            &[member("85467bb36e1c4f8991750501bf491962", "steve@ad.oktatest.com")],
        );
        assert_eq!(
            body,
            concat!(
                r#"{"schemas":["urn:scim:schemas:core:1.0"],"members":["#,
                r#"{"value":"6629838e056045b7a23fb55816c644eb","display":"dave@ad.oktatest.com"},"#,
                r#"{"value":"85467bb36e1c4f8991750501bf491962","display":"steve@ad.oktatest.com","operation":"delete"}]}"#,
            )
        );
    }

    /// The sample's Content-Length is 243 (older developer.okta.com/reference/scim page).
    #[test]
    fn a_full_push_has_the_documented_length() {
        let body = replace_members(&[
            member("bcfa9b1f143741929df70a571c6b4b47", "inca@clouditude.net"),
            member("85467bb36e1c4f8991750501bf491962", "steve@ad.oktatest.com"),
        ]);
        assert_eq!(body.len(), 243);
        assert!(
            body.starts_with(
                r#"{"schemas":["urn:scim:schemas:core:1.0"],"meta":{"attributes":["members"]},"members":[{"#
            )
        );
    }

    #[test]
    fn a_put_is_the_body_of_the_older_page() {
        let members = [json!({ "value": "978dc5c3d4aa4014a3678e9d30ef093a", "display": "bob@ad.oktatest.com" })];
        assert_eq!(
            put("8599fdac3d3142d6beebfc363d2e01a9", "SCIM_test1", &members),
            concat!(
                r#"{"schemas":["urn:scim:schemas:core:1.0"],"displayName":"SCIM_test1","#,
                r#""id":"8599fdac3d3142d6beebfc363d2e01a9","#,
                r#""members":[{"value":"978dc5c3d4aa4014a3678e9d30ef093a","display":"bob@ad.oktatest.com"}]}"#,
            )
        );
    }

    #[test]
    fn a_full_push_of_nobody_empties_the_group() {
        assert!(replace_members(&[]).ends_with(r#""meta":{"attributes":["members"]},"members":[]}"#));
    }
}
