//! Request bodies: compact JSON in Okta's key order.

use scim_lang::urn;
use serde_json::{Map, Value, json};

use crate::mapping::{self, Attribute};
use crate::{App, AppUser, Grant, ScimVersion};

/// Returns the body of `POST /Users`.
///
/// Okta SCIM 2.0 protocol reference, "Create the User"; the same keys in the same order in the capture
/// <https://github.com/simpleidserver/SimpleIdServer/issues/247>. `groups` is always there and always
/// empty, and there is a placeholder `password` even where passwords are not synchronized. Where
/// attributes beyond the base template stand is not documented; here they follow it.
pub(crate) fn create(app: &App, user: &AppUser) -> String {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([mapping::core(app.version)]));
    mapping::write(&mut body, &app.attributes, &user.profile, app.empties, app.version);
    mapping::name_extensions(&mut body, &app.attributes, app.version);
    if app.entitlements {
        set_grants(&mut body, user);
    }
    body.insert("externalId".to_owned(), json!(user.okta_id));
    body.insert("groups".to_owned(), json!([]));
    set_password(&mut body, &user.password);
    set_active(&mut body, true);
    Value::Object(body).to_string()
}

/// Returns the body of a `PATCH` that merges these attributes into the user with this id.
///
/// Okta SCIM 2.0 protocol reference, "Update a specific User (PATCH)"; captured in
/// <https://github.com/Metatavu/keycloak-scim-server/issues/95> and
/// <https://github.com/getsentry/sentry/pull/27199>: one lower-case `replace`, no `path`. SCIM 1.1 has a
/// partial user instead (Okta SCIM 1.1 protocol reference, "Update a specific User (PATCH)").
pub(crate) fn patch(app: &App, id: &str, attributes: Map<String, Value>) -> String {
    match app.version {
        ScimVersion::V2 => {
            json!({ "schemas": [urn::PATCH_OP], "Operations": [{ "op": "replace", "value": attributes }] }).to_string()
        }
        ScimVersion::V1_1 => {
            let mut body = Map::new();
            body.insert("schemas".to_owned(), json!([mapping::core(app.version)]));
            body.insert("id".to_owned(), json!(id));
            body.extend(attributes);
            Value::Object(body).to_string()
        }
    }
}

/// Writes the mapped attributes into a user, be it one the service provider returned or an empty one.
///
/// What is there keeps its place, what is missing is appended, and everything else, `active` above
/// all, stays as received (Okta SCIM 2.0 protocol reference, "Update the User"; Understanding SCIM:
/// a profile push leaves `active` alone). Two readings of *which* attributes: the reference speaks of
/// the changed ones; an Okta support article on partial pushes says that each carries the whole profile,
/// which is what we trust, because it names the case.
pub(crate) fn set_profile(body: &mut Map<String, Value>, app: &App, user: &AppUser) {
    let pushed = |attribute: &&Attribute| !(app.exclude_username_updates && attribute.key() == "login");
    mapping::write(body, app.attributes.iter().filter(pushed), &user.profile, app.empties, app.version);
    if app.entitlements {
        set_grants(body, user);
    }
}

/// Writes `active` into a user.
pub(crate) fn set_active(user: &mut Map<String, Value>, active: bool) {
    user.insert("active".to_owned(), Value::Bool(active));
}

/// Writes a password into a user.
pub(crate) fn set_password(user: &mut Map<String, Value>, password: &str) {
    user.insert("password".to_owned(), Value::from(password));
}

/// Writes roles and entitlements, where the user has any or the service provider lists some.
///
/// Okta, "Build a SCIM integration with entitlements": `value` and `display`, and for entitlements the
/// name of their resource type as `type`. How Okta spells them in a create or an update is not captured;
/// that the whole list replaces what was there is inferred from the other attributes.
fn set_grants(body: &mut Map<String, Value>, user: &AppUser) {
    for (key, grants) in [("roles", &user.roles), ("entitlements", &user.entitlements)] {
        if !grants.is_empty() || body.contains_key(key) {
            body.insert(key.to_owned(), grants.iter().map(granted).collect());
        }
    }
}

fn granted(grant: &Grant) -> Value {
    let pairs = [("value", Some(&grant.value)), ("display", grant.display.as_ref()), ("type", grant.kind.as_ref())];
    pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?.as_str())))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AppKind, Profile};

    fn ada() -> AppUser {
        AppUser::new("00u", Profile::new("ada@example.test", "Ada", "Byron"), "1mz050nq")
    }

    fn catalog() -> App {
        App::new(AppKind::Catalog)
    }

    fn with_profile(user: Value) -> String {
        pushed(&catalog(), &ada(), user)
    }

    fn pushed(app: &App, user: &AppUser, mut held: Value) -> String {
        let Value::Object(attributes) = &mut held else { panic!("a user is an object") };
        set_profile(attributes, app, user);
        held.to_string()
    }

    #[test]
    fn a_create_is_the_body_of_the_protocol_reference() {
        let mut profile = Profile::new("test.user@okta.local", "Test", "User");
        profile.locale = "en-US".to_owned();
        let user = AppUser::new("00ujl29u0le5T6Aj10h7", profile, "1mz050nq");
        assert_eq!(
            create(&catalog(), &user),
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
        let mut change = Map::new();
        set_active(&mut change, false);
        assert_eq!(patch(&catalog(), "7", change).len(), 118);
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

    #[test]
    fn attributes_beyond_the_base_template_follow_it() {
        let mut app = catalog();
        for key in ["title", "department", "managerId"] {
            app.map(Attribute::standard(key).expect("standard"));
        }
        let mut user = ada();
        for (key, value) in [("title", "Countess"), ("department", "Engines"), ("managerId", "26118915")] {
            user.profile.set(key, value).expect("a key of the Okta profile");
        }
        assert_eq!(
            create(&app, &user),
            concat!(
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","#,
                r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"#,
                r#""userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Byron"},"#,
                r#""emails":[{"primary":true,"value":"ada@example.test","type":"work"}],"#,
                r#""displayName":"Ada Byron","locale":"en-US","title":"Countess","#,
                r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":"#,
                r#"{"department":"Engines","manager":{"value":"26118915"}},"#,
                r#""externalId":"00u","groups":[],"password":"1mz050nq","active":true}"#,
            )
        );
    }

    #[test]
    fn an_attribute_that_was_taken_out_or_never_had_a_value_is_not_sent() {
        let mut app = catalog();
        app.map(Attribute::standard("title").expect("standard"));
        app.attributes.retain(|attribute| attribute.key() != "locale");
        let body = create(&app, &ada());
        assert!(!body.contains("locale") && !body.contains("title"), "{body}");
    }

    #[test]
    fn user_names_can_be_kept_out_of_updates() {
        let app = App { exclude_username_updates: true, ..catalog() };
        assert!(pushed(&app, &ada(), json!({ "userName": "old" })).starts_with(r#"{"userName":"old","#));
        assert!(create(&app, &ada()).contains(r#""userName":"ada@example.test""#));
    }

    #[test]
    fn grants_are_written_for_apps_with_entitlements_only() {
        let mut user = ada();
        let role = Grant { value: "r1".to_owned(), display: Some("Admin".to_owned()), kind: None };
        user.entitlements =
            vec![Grant { value: "l1".to_owned(), display: Some("Pro".to_owned()), kind: Some("License".to_owned()) }];
        user.roles = vec![role];
        assert!(!create(&catalog(), &user).contains("roles"));

        let app = App { entitlements: true, ..catalog() };
        let written = concat!(
            r#""roles":[{"value":"r1","display":"Admin"}],"#,
            r#""entitlements":[{"value":"l1","display":"Pro","type":"License"}]"#
        );
        assert!(create(&app, &user).contains(written));
        let taken_away = pushed(&app, &ada(), json!({ "roles": [{ "value": "r1" }] }));
        assert!(taken_away.starts_with(r#"{"roles":[],"#) && !taken_away.contains("entitlements"), "{taken_away}");
    }
}
