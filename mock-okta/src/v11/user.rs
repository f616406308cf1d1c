//! Users in SCIM 1.1, as far as they are not sent as in SCIM 2.0.

use serde_json::{Map, Value, json};

use super::CORE;
use crate::{App, AppUser, Dialect, Verb, body, mapping};

/// Returns the body of the `PUT` of a user whom the lookup found: everything Okta knows, and nothing of
/// what the service provider holds.
///
/// Okta SCIM 1.1 protocol reference, "Determine if the User already exists", whose sample has these keys in
/// this order, no `meta` and no `password`. Where attributes beyond the base template stand is not
/// documented; here they follow it. "Exclude Username Updates" cannot take the `userName` out: the body
/// replaces the user, and the name is the one by which the user was found.
pub(crate) fn put(app: &App, user: &AppUser, id: &str) -> String {
    let mut mapped = Map::new();
    body::set_profile(&mut mapped, app, user);
    mapped.insert("userName".to_owned(), json!(user.profile.login));

    let mut whole = Map::new();
    whole.insert("schemas".to_owned(), json!([CORE]));
    whole.insert("id".to_owned(), json!(id));
    take(&mut mapped, &mut whole, &["userName"]);
    whole.insert("externalId".to_owned(), json!(user.okta_id));
    take(&mut mapped, &mut whole, &["name", "displayName", "locale"]);
    body::set_active(&mut whole, true);
    whole.extend(mapped);
    whole.insert("groups".to_owned(), json!([]));
    mapping::name_extensions(&mut whole, &app.attributes, app.version);
    Value::Object(whole).to_string()
}

/// Returns whether a found user is activated by a request of its own, besides the `PUT` of the profile.
///
/// Readings: the protocol reference has one `PUT` with `active: true` follow the lookup, whoever is found;
/// it also has activations go by `PATCH` in apps that know PATCH; the flow chart on the same page activates
/// everybody first. All three hold here as far as they can: an app that knows PATCH activates who is
/// inactive, and the `PUT` follows. Without "Update User Attributes" there is no `PUT` to activate anybody.
pub(crate) fn is_activated_apart(app: &App, active: bool) -> bool {
    let patches = Dialect::of(app).active == Verb::Patch;
    !active && app.push.deactivate && (patches || !app.push.update)
}

fn take(from: &mut Map<String, Value>, to: &mut Map<String, Value>, keys: &[&str]) {
    for key in keys {
        if let Some(value) = from.shift_remove(*key) {
            to.insert((*key).to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AppKind, Attribute, Profile, ScimVersion};

    fn app(kind: AppKind) -> App {
        App { version: ScimVersion::V1_1, ..App::new(kind) }
    }

    fn user(login: &str, first_name: &str, last_name: &str, okta_id: &str, password: &str) -> AppUser {
        let mut profile = Profile::new(login, first_name, last_name);
        profile.locale = "en_US".to_owned();
        AppUser::new(okta_id, profile, password)
    }

    fn test_user() -> AppUser {
        user("test.user@okta.local", "Test", "User", "00b443dd40SOK2eup0h7", "1mz050nq")
    }

    #[test]
    fn a_found_user_is_put_as_in_the_protocol_reference() {
        assert_eq!(
            put(&app(AppKind::Catalog), &test_user(), "e155dc98-aeee-4f58-b683-12b93dbc86b3"),
            concat!(
                r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"e155dc98-aeee-4f58-b683-12b93dbc86b3","#,
                r#""userName":"test.user@okta.local","externalId":"00b443dd40SOK2eup0h7","#,
                r#""name":{"givenName":"Test","familyName":"User"},"displayName":"Test User","locale":"en_US","#,
                r#""active":true,"emails":[{"primary":true,"value":"test.user@okta.local","type":"work"}],"groups":[]}"#,
            )
        );
    }

    #[test]
    fn further_attributes_follow_and_name_their_extension() {
        let mut app = app(AppKind::Catalog);
        for key in ["title", "department"] {
            app.map(Attribute::standard(key).expect("a standard attribute"));
        }
        let mut user = test_user();
        user.profile.add("title", "Engineer");
        user.profile.add("department", "Research");
        let body = put(&app, &user, "7");
        assert!(
            body.starts_with(
                r#"{"schemas":["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],"id":"7""#
            ),
            "{body}"
        );
        assert!(
            body.ends_with(concat!(
                r#""type":"work"}],"title":"Engineer","#,
                r#""urn:scim:schemas:extension:enterprise:1.0":{"department":"Research"},"groups":[]}"#,
            )),
            "{body}"
        );
    }

    #[test]
    fn a_found_user_keeps_a_name_even_where_names_are_not_updated() {
        let app = App { exclude_username_updates: true, ..app(AppKind::Catalog) };
        assert!(put(&app, &test_user(), "7").contains(r#""id":"7","userName":"test.user@okta.local","externalId""#));
    }

    #[test]
    fn only_the_inactive_are_activated_apart_and_by_patch_where_there_is_a_put() {
        for (kind, active, update, deactivate, expected) in [
            (AppKind::Catalog, true, true, true, false),
            (AppKind::Catalog, false, true, true, true),
            (AppKind::Catalog, false, true, false, false),
            (AppKind::Catalog, false, false, true, true),
            (AppKind::Aiw, false, true, true, false),
            (AppKind::Aiw, false, false, true, true),
            (AppKind::Aiw, true, false, true, false),
        ] {
            let mut app = app(kind);
            (app.push.update, app.push.deactivate) = (update, deactivate);
            assert_eq!(is_activated_apart(&app, active), expected, "{kind} {active} {update} {deactivate}");
        }
    }

    /// The sample's Content-Length is 321 (older developer.okta.com/reference/scim page).
    #[test]
    fn a_create_has_the_documented_length() {
        let jane = user("jane.doe@example.com", "Jane", "Doe", "00uv931EiyRsnwOGa0g3", "4a9XuKkx");
        let body = body::create(&app(AppKind::Catalog), &jane);
        assert!(body.starts_with(r#"{"schemas":["urn:scim:schemas:core:1.0"],"userName":"jane.doe@example.com""#));
        assert_eq!(body.len(), 321);
    }

    /// The sample's Content-Length is 464: the service provider's own user, returned with the same values
    /// (older developer.okta.com/reference/scim page). Its `password` is what a service provider must not
    /// tell, and Okta sends it back.
    #[test]
    fn an_update_has_the_documented_length() {
        let held = concat!(
            r#"{"id":"8ff680f1c7064d518b3a05545f8155cb","externalId":"00uv931EiyRsnwOGa0g3","#,
            r#""meta":{"created":"05-17-2018 00:00:00","lastModified":"05-17-2018 00:00:00","version":"v1.0"},"#,
            r#""schemas":["urn:scim:schemas:core:1.0"],"userName":"jane.doe@example.com","#,
            r#""displayName":"J","locale":"de_DE","active":true,"password":"TkdFNVdIVkxhM2c9","#,
            r#""emails":[{"value":"jane@example.com","type":"work","primary":true}],"#,
            r#""name":{"familyName":"D","givenName":"J"},"groups":[]}"#,
        );
        let mut user: Map<String, Value> = serde_json::from_str(held).expect("JSON");
        let jane = self::user("jane.doe@example.com", "Jane", "Doe", "00uv931EiyRsnwOGa0g3", "4a9XuKkx");
        body::set_profile(&mut user, &app(AppKind::Catalog), &jane);
        let body = Value::Object(user).to_string();
        assert_eq!(body.len(), 464);
        assert!(body.ends_with(concat!(
            r#""password":"TkdFNVdIVkxhM2c9","emails":[{"value":"jane.doe@example.com","type":"work","primary":true}],"#,
            r#""name":{"familyName":"Doe","givenName":"Jane"},"groups":[]}"#,
        )));
    }

    /// The older page's sample says 111, which does not fit its own body; these are the bytes of the body.
    #[test]
    fn a_partial_user_is_the_body_of_the_protocol_reference() {
        let mut change = Map::new();
        body::set_active(&mut change, false);
        assert_eq!(
            body::patch(&app(AppKind::Catalog), "48e0a2da-0999-4f2c-87f4-80432cfe6617", change),
            concat!(
                r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"48e0a2da-0999-4f2c-87f4-80432cfe6617","#,
                r#""active":false}"#,
            )
        );
    }
}
