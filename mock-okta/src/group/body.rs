//! Bodies of requests about groups in SCIM 2.0: compact JSON in Okta's key order.

use scim_lang::urn;
use serde_json::{Value, json};

use super::Member;
use super::members::{Change, Held};

/// Returns the body of `POST /Groups`.
///
/// Two readings: the protocol reference ("Create Groups") and the capture
/// <https://github.com/simpleidserver/SimpleIdServer/issues/247> have an empty list of members; the older
/// developer.okta.com/reference/scim page and <https://github.com/bitwarden/server/pull/2139> have the
/// members in it. We follow the former: even the older page's sample gives the length of a body without.
pub(super) fn create(name: &str) -> String {
    json!({ "schemas": [urn::GROUP], "displayName": name, "members": [] }).to_string()
}

/// Returns the body of a `PATCH` of the name.
///
/// Okta SCIM 2.0 protocol reference, "Update a specific Group name". The `id` in the value should go one
/// day, says an older page; <https://github.com/Metatavu/keycloak-scim-server/pull/113> has it in 2026.
pub(super) fn rename(id: &str, name: &str) -> String {
    patch(json!([{ "op": "replace", "value": { "id": id, "displayName": name } }]))
}

/// Returns the body of a `PATCH` of changes: one `remove` for each who went, one `add` for all who came
/// (Okta SCIM 2.0 protocol reference, "Update specific Group membership").
pub(super) fn change_members(changes: &[Change]) -> String {
    let mut operations = Vec::new();
    let mut added = Vec::new();
    for change in changes {
        match change {
            Change::Remove(member) => operations.push(json!({ "op": "remove", "path": path(&member.remote_id) })),
            Change::Add(member) => added.push(entry(member)),
        }
    }
    if !added.is_empty() {
        operations.push(json!({ "op": "add", "path": "members", "value": added }));
    }
    patch(Value::Array(operations))
}

/// Returns the body of a `PATCH` of the whole membership (at the same place).
pub(super) fn replace_members(members: &[Member]) -> String {
    let members: Vec<Value> = members.iter().map(entry).collect();
    patch(json!([{ "op": "replace", "path": "members", "value": members }]))
}

/// Returns the path-less body of [`MembersForm::Pathless`](super::MembersForm::Pathless), whose members
/// have no `display` in the capture.
pub(super) fn replace_members_pathless(members: &[Member]) -> String {
    patch(json!([{ "op": "replace", "value": { "members": values(members) } }]))
}

/// Returns the path-less body of [`MembersForm::PathlessWithName`](super::MembersForm::PathlessWithName).
/// The capture's list is empty; how a member looks in it is inferred from the other path-less form.
pub(super) fn replace_group_pathless(id: &str, name: &str, members: &[Member]) -> String {
    patch(json!([{ "op": "replace", "value": { "members": values(members), "id": id, "displayName": name } }]))
}

/// Returns the body of `PUT /Groups/{id}`.
///
/// Two readings: the protocol reference's sample has no `id`; that of the older
/// developer.okta.com/reference/scim page and the captures
/// <https://github.com/simpleidserver/SimpleIdServer/issues/247> and
/// <https://github.com/jelhub/scimgateway/issues/95> have one, which is what we trust. All of them have
/// these keys only, so unlike a user the group is not returned with everything the server said.
pub(super) fn put(id: &str, name: &str, members: &[Held]) -> String {
    json!({ "schemas": [urn::GROUP], "id": id, "displayName": name, "members": members }).to_string()
}

fn patch(operations: Value) -> String {
    json!({ "schemas": [urn::PATCH_OP], "Operations": operations }).to_string()
}

/// RFC 7644 §3.4.2.2: the value in a filter is a JSON string.
fn path(id: &str) -> String {
    format!("members[value eq {}]", Value::from(id))
}

/// Without `type` and `$ref` (<https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/419>).
fn entry(member: &Member) -> Value {
    json!({ "value": member.remote_id, "display": member.user_name })
}

fn values(members: &[Member]) -> Vec<Value> {
    members.iter().map(|member| json!({ "value": member.remote_id })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The samples of the older developer.okta.com/reference/scim page state the Content-Length of requests
    /// about a group whose name has ten characters, as the one in its sample of a PUT has.
    #[test]
    fn bodies_have_the_documented_lengths() {
        let (id, name) = ("619435534e58458c8c92e86d1e07d2f8", "SCIM_test1");
        let bob = Member::new("978dc5c3d4aa4014a3678e9d30ef093a", "bob@ad.oktatest.com");
        let pete = Member::new("54c76a50f48c42e38c10f350f8e6055e", "pete@ad.oktatest.com");
        assert_eq!(create(name).len(), 99);
        assert_eq!(rename(id, name).len(), 170);
        assert_eq!(put(id, name, &[Held::from(bob), Held::from(pete)]).len(), 293);
    }

    #[test]
    fn a_rename_is_the_body_of_the_protocol_reference() {
        assert_eq!(
            rename("abf4dd94-a4c0-4f67-89c9-76b03340cb9b", "Test SCIMv2"),
            concat!(
                r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","#,
                r#""value":{"id":"abf4dd94-a4c0-4f67-89c9-76b03340cb9b","displayName":"Test SCIMv2"}}]}"#,
            )
        );
    }

    #[test]
    fn a_create_is_the_body_of_the_protocol_reference() {
        assert_eq!(
            create("Test SCIMv2"),
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Test SCIMv2","members":[]}"#
        );
    }

    #[test]
    fn changes_are_the_body_of_the_protocol_reference() {
        let went = Member::new("89bb1940-b905-4575-9e7f-6f887cfb368e", "unused");
        let came = Member::new("23a35c27-23d3-4c03-b4c5-6443c09e7173", "test.user@okta.local");
        assert_eq!(
            change_members(&[Change::Remove(went), Change::Add(came)]),
            concat!(
                r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":["#,
                r#"{"op":"remove","path":"members[value eq \"89bb1940-b905-4575-9e7f-6f887cfb368e\"]"},"#,
                r#"{"op":"add","path":"members","value":[{"value":"23a35c27-23d3-4c03-b4c5-6443c09e7173","#,
                r#""display":"test.user@okta.local"}]}]}"#,
            )
        );
    }

    #[test]
    fn removals_alone_carry_no_add() {
        let body = change_members(&[Change::Remove(Member::new("1", "a")), Change::Remove(Member::new("2", "b"))]);
        assert_eq!(body.matches("remove").count(), 2);
        assert!(!body.contains("add"), "{body}");
    }

    #[test]
    fn an_id_cannot_end_the_filter_early() {
        assert_eq!(path(r#"a"] or \"#), r#"members[value eq "a\"] or \\"]"#);
    }
}
