//! What the PATCH tests share: two resources, and a way to say what becomes
//! of them.

use scim_lang::error::ScimError;
use scim_lang::patch;
use scim_lang::schema::{self, ResourceType};
use scim_lang::urn;
use serde_json::{Value, json};

pub(crate) const ENTERPRISE: &str = urn::ENTERPRISE_USER;

/// A user with a value in every form an attribute can take.
pub(crate) fn ada() -> Value {
    json!({
        "schemas": [urn::USER, ENTERPRISE],
        "id": "u1",
        "externalId": "00u1",
        "userName": "ada@example.test",
        "name": { "givenName": "Ada", "familyName": "Byron" },
        "title": "Countess",
        "active": true,
        "emails": [
            { "value": "ada@example.test", "type": "work", "primary": true },
            { "value": "ada@home.example.test", "type": "home", "display": "at home" },
        ],
        "addresses": [
            { "type": "work", "streetAddress": "1 Dorset Street", "locality": "London" },
            { "type": "home", "streetAddress": "12 St James's Square", "locality": "London" },
        ],
        "groups": [{ "value": "g1", "display": "Analysts" }],
        ENTERPRISE: { "employeeNumber": "0815", "manager": { "value": "u2", "displayName": "Charles" } },
        "meta": { "resourceType": "User", "created": "2026-11-23T12:00:00Z" },
    })
}

/// A group with two members.
pub(crate) fn analysts() -> Value {
    json!({
        "schemas": [urn::GROUP],
        "id": "g1",
        "displayName": "Analysts",
        "members": [
            { "value": "u1", "display": "ada@example.test" },
            { "value": "u2", "display": "charles@example.test", "type": "User" },
        ],
        "meta": { "resourceType": "Group" },
    })
}

pub(crate) fn message(operations: Value) -> Value {
    json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
}

pub(crate) fn patched(resource: &Value, operations: Value) -> Result<Value, ScimError> {
    patch::parse(&message(operations))?.apply(resource, type_of(resource))
}

/// The resource with some attributes exchanged; null takes one away.
pub(crate) fn with(mut resource: Value, changes: Value) -> Value {
    let members = resource.as_object_mut().expect("a resource is an object");
    for (name, value) in changes.as_object().expect("changes are an object") {
        match value {
            Value::Null => drop(members.remove(name)),
            value => drop(members.insert(name.clone(), value.clone())),
        }
    }
    resource
}

/// The keyword of an error that came with status 400.
pub(crate) fn keyword(error: &ScimError) -> &'static str {
    assert_eq!(error.status, 400, "{error}");
    error.scim_type.map_or("none", |scim_type| scim_type.name())
}

pub(crate) fn type_of(resource: &Value) -> &'static ResourceType {
    match resource["schemas"][0] == urn::GROUP {
        true => schema::group_type(),
        false => schema::user_type(),
    }
}
