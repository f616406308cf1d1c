//! Request bodies: compact JSON in Okta's key order.

use scim_lang::urn;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{AppUser, Profile};

/// Returns the body of `POST /Users`.
///
/// Okta SCIM 2.0 protocol reference, "Create the User"; the same keys in the same order in the capture
/// <https://github.com/simpleidserver/SimpleIdServer/issues/247>. `groups` is always there and always
/// empty, and there is a placeholder `password` even where passwords are not synchronized.
pub(crate) fn create(user: &AppUser) -> String {
    let profile = &user.profile;
    let body = NewUser {
        schemas: [urn::USER],
        user_name: &profile.login,
        name: Name { given_name: &profile.first_name, family_name: &profile.last_name },
        emails: [Email { primary: true, value: &profile.email, r#type: EMAIL_TYPE }],
        display_name: &profile.display_name,
        locale: &profile.locale,
        external_id: &user.okta_id,
        groups: [],
        password: &user.password,
        active: true,
    };
    serde_json::to_string(&body).expect("strings, booleans and arrays of them are always JSON")
}

/// Returns the body of a `PATCH` that merges `value` into the user.
///
/// Okta SCIM 2.0 protocol reference, "Update a specific User (PATCH)"; captured in
/// <https://github.com/Metatavu/keycloak-scim-server/issues/95> and
/// <https://github.com/getsentry/sentry/pull/27199>: one lower-case `replace`, no `path`.
pub(crate) fn patch(value: Value) -> String {
    json!({ "schemas": [urn::PATCH_OP], "Operations": [{ "op": "replace", "value": value }] }).to_string()
}

/// Returns the mapped attributes of a profile, as a PATCH would carry them.
pub(crate) fn mapped(profile: &Profile) -> Value {
    let mut attributes = Map::new();
    set_profile(&mut attributes, profile);
    Value::Object(attributes)
}

/// Writes the mapped attributes into a user as the service provider returned it.
///
/// What is there keeps its place, what is missing is appended, and everything else, `active` above
/// all, stays as received (Okta SCIM 2.0 protocol reference, "Update the User"; Understanding SCIM:
/// a profile push leaves `active` alone). Two readings of *which* attributes: the reference speaks of
/// the changed ones; an Okta support article on partial pushes says that each carries the whole profile,
/// which is what we trust, because it names the case.
pub(crate) fn set_profile(user: &mut Map<String, Value>, profile: &Profile) {
    set(user, "userName", &profile.login);
    set_name(user, profile);
    set_email(user, &profile.email);
    set(user, "displayName", &profile.display_name);
    set(user, "locale", &profile.locale);
}

/// Writes `active` into a user as the service provider returned it.
pub(crate) fn set_active(user: &mut Map<String, Value>, active: bool) {
    user.insert("active".to_owned(), Value::Bool(active));
}

fn set(object: &mut Map<String, Value>, key: &str, value: &str) {
    object.insert(key.to_owned(), Value::from(value));
}

fn set_name(user: &mut Map<String, Value>, profile: &Profile) {
    let name = user.entry("name").or_insert(Value::Null);
    if !name.is_object() {
        *name = json!({});
    }
    if let Value::Object(name) = name {
        set(name, "givenName", &profile.first_name);
        set(name, "familyName", &profile.last_name);
    }
}

/// Sets the address Okta reads: the primary one (Okta SCIM FAQ, "What determines the primary value"),
/// or else the one of the mapped type.
fn set_email(user: &mut Map<String, Value>, address: &str) {
    let emails = user.entry("emails").or_insert(Value::Null);
    if !emails.is_array() {
        *emails = json!([]);
    }
    let Value::Array(emails) = emails else { return };
    let mapped = emails
        .iter()
        .position(|email| email["primary"] == true)
        .or_else(|| emails.iter().position(|email| email["type"] == EMAIL_TYPE));
    match mapped.map(|at| &mut emails[at]) {
        Some(Value::Object(email)) => set(email, "value", address),
        _ => emails.push(json!({ "primary": true, "value": address, "type": EMAIL_TYPE })),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewUser<'a> {
    schemas: [&'a str; 1],
    user_name: &'a str,
    name: Name<'a>,
    emails: [Email<'a>; 1],
    display_name: &'a str,
    locale: &'a str,
    external_id: &'a str,
    groups: [(); 0],
    password: &'a str,
    active: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Name<'a> {
    given_name: &'a str,
    family_name: &'a str,
}

#[derive(Serialize)]
struct Email<'a> {
    primary: bool,
    value: &'a str,
    r#type: &'a str,
}

/// The type of the one address the base template maps (Okta SCIM 2.0 protocol reference, samples).
const EMAIL_TYPE: &str = "work";

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Profile {
        Profile::new("ada@example.test", "Ada", "Byron")
    }

    fn with_profile(mut user: Value) -> String {
        let Value::Object(attributes) = &mut user else { panic!("a user is an object") };
        set_profile(attributes, &ada());
        user.to_string()
    }

    #[test]
    fn a_create_is_the_body_of_the_protocol_reference() {
        let mut profile = Profile::new("test.user@okta.local", "Test", "User");
        profile.locale = "en-US".to_owned();
        let user = AppUser::new("00ujl29u0le5T6Aj10h7", profile, "1mz050nq");
        assert_eq!(
            create(&user),
            concat!(
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"test.user@okta.local","#,
                r#""name":{"givenName":"Test","familyName":"User"},"#,
                r#""emails":[{"primary":true,"value":"test.user@okta.local","type":"work"}],"#,
                r#""displayName":"Test User","locale":"en-US","externalId":"00ujl29u0le5T6Aj10h7","#,
                r#""groups":[],"password":"1mz050nq","active":true}"#,
            )
        );
    }

    /// The sample's Content-Length is 118 (older developer.okta.com/reference/scim page).
    #[test]
    fn a_deactivating_patch_has_the_documented_length() {
        assert_eq!(patch(json!({ "active": false })).len(), 118);
    }

    #[test]
    fn a_profile_keeps_the_order_and_everything_unmapped_of_the_server() {
        let user = json!({
            "id": "1", "nickName": "Countess", "active": false,
            "emails": [{ "value": "old@example.test", "primary": true, "display": "old" }],
            "name": { "formatted": "A. B.", "familyName": "B", "givenName": "A" },
            "userName": "old", "displayName": "old", "locale": "old", "big": 10
        });
        assert_eq!(
            with_profile(user),
            concat!(
                r#"{"id":"1","nickName":"Countess","active":false,"#,
                r#""emails":[{"value":"ada@example.test","primary":true,"display":"old"}],"#,
                r#""name":{"formatted":"A. B.","familyName":"Byron","givenName":"Ada"},"#,
                r#""userName":"ada@example.test","displayName":"Ada Byron","locale":"en-US","big":10}"#,
            )
        );
    }

    #[test]
    fn a_number_is_returned_digit_by_digit() {
        let mut user: Map<String, Value> = serde_json::from_str(r#"{"n":12345678901234567890.10}"#).expect("JSON");
        set_active(&mut user, false);
        assert_eq!(Value::Object(user).to_string(), r#"{"n":12345678901234567890.10,"active":false}"#);
    }

    #[test]
    fn the_primary_address_is_changed_before_the_one_of_type_work() {
        let user = json!({ "emails": [
            { "type": "work", "value": "w" }, { "type": "home", "value": "h", "primary": true } ] });
        assert!(with_profile(user).contains(
            r#""emails":[{"type":"work","value":"w"},{"type":"home","value":"ada@example.test","primary":true}]"#
        ));
        let user = json!({ "emails": [{ "type": "home", "value": "h" }, { "type": "work", "value": "w" }] });
        assert!(
            with_profile(user)
                .contains(r#""emails":[{"type":"home","value":"h"},{"type":"work","value":"ada@example.test"}]"#)
        );
    }

    #[test]
    fn a_user_without_usable_attributes_gets_them() {
        for user in [json!({}), json!({ "name": "Ada", "emails": "ada@example.test" })] {
            let body = with_profile(user);
            assert!(body.contains(r#""name":{"givenName":"Ada","familyName":"Byron"}"#), "{body}");
            assert!(body.contains(r#""emails":[{"primary":true,"value":"ada@example.test","type":"work"}]"#), "{body}");
        }
    }
}
