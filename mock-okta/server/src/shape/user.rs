//! A user.

use mock_okta::org::{Person, PersonStatus};
use serde_json::{Map, Value, json};

use super::{action, link, profile};
use crate::world::World;

/// The id of the one user type there is.
pub(crate) const USER_TYPE: &str = "oty0rehearsaldefault";

/// Returns a user.
pub(crate) fn user(world: &World, person: &Person, origin: &str) -> Value {
    let card = world.people.get(&person.id).cloned().unwrap_or_default();
    json!({
        "id": person.id,
        "status": status(world, person),
        "created": world.moment(person.created),
        "activated": world.moment_or_null(card.activated),
        "statusChanged": world.moment(person.status_changed),
        "lastLogin": null,
        "lastUpdated": world.moment(person.last_updated),
        "passwordChanged": world.moment_or_null(card.password_changed),
        "type": { "id": USER_TYPE },
        "profile": profile::of_user(&person.profile),
        "credentials": credentials(card.password, card.recovery_question.as_deref()),
        "_links": links(status(world, person), &person.id, origin),
    })
}

/// Returns the status as the API shows it.
pub(crate) fn status(world: &World, person: &Person) -> &'static str {
    match person.status {
        PersonStatus::Active => world.people.get(&person.id).map_or("ACTIVE", |card| card.sign_in.status()),
        status => status.name(),
    }
}

fn credentials(password: bool, question: Option<&str>) -> Value {
    let mut credentials = Map::new();
    if password {
        credentials.insert("password".to_owned(), json!({}));
    }
    if let Some(question) = question {
        credentials.insert("recovery_question".to_owned(), json!({ "question": question }));
    }
    credentials.insert("provider".to_owned(), json!({ "type": "OKTA", "name": "OKTA" }));
    Value::Object(credentials)
}

/// Returns the links, among them those to what can be done in this status.
fn links(status: &str, id: &str, origin: &str) -> Value {
    let operations: &[&str] = match status {
        "STAGED" | "DEPROVISIONED" => &["activate"],
        "PROVISIONED" | "RECOVERY" => &["reactivate", "deactivate"],
        "SUSPENDED" => &["unsuspend", "deactivate"],
        _ => &["suspend", "reset_password", "expire_password", "deactivate"],
    };
    let path = format!("/api/v1/users/{id}");
    let mut links = Map::from_iter([("self".to_owned(), link(origin, &path))]);
    for operation in operations {
        links.insert((*operation).to_owned(), action(origin, format!("{path}/lifecycle/{operation}")));
    }
    Value::Object(links)
}
