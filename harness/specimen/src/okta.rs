//! What Okta adds to the schemas of the RFCs: roles, entitlements, and the description of a group.
//!
//! The two entitlement schemas are those of Okta's guide "Build a SCIM 2.0 server with entitlements"
//! (<https://developer.okta.com/docs/guides/scim-with-entitlements/main/>): a resource type that names one of them is
//! read by Okta when provisioning is switched on. The group extension is what SCIM 1.1 apps send with every group that
//! has a description (<https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-11>). The wording of the
//! descriptions is ours.

use std::sync::LazyLock;

use scim_lang::schema::{self, Attribute, Mutability, ResourceType, Returned, Schema, Type, Uniqueness};
use serde_json::{Value, json};

/// The schema of a role.
pub(crate) const ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";

/// The schema of an entitlement.
pub(crate) const ENTITLEMENT: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";

/// The group extension of SCIM 1.1 apps.
pub(crate) const CUSTOM_GROUP: &str = "urn:okta:custom:group:1.0";

/// Returns the Group resource type with the extension.
pub(crate) fn group_type() -> &'static ResourceType {
    &GROUP_TYPE
}

/// Returns the resource type of roles.
pub(crate) fn role_type() -> &'static ResourceType {
    &ROLE_TYPE
}

/// Returns the resource type of entitlements.
pub(crate) fn entitlement_type() -> &'static ResourceType {
    &ENTITLEMENT_TYPE
}

/// Returns the schemas of this module.
pub(crate) fn schemas() -> [&'static Schema; 3] {
    [&ROLE_SCHEMA, &ENTITLEMENT_SCHEMA, &CUSTOM_GROUP_SCHEMA]
}

/// Returns the roles every specimen offers, each with its id.
pub(crate) fn roles() -> impl Iterator<Item = (&'static str, Value)> {
    ROLES.iter().map(|(id, name, description)| {
        (*id, json!({ "schemas": [ROLE], "displayName": name, "description": description }))
    })
}

/// Returns the entitlements every specimen offers, each with its id. `type` is the name of their resource type, as
/// Okta's guide has it.
pub(crate) fn entitlements() -> impl Iterator<Item = (&'static str, Value)> {
    ENTITLEMENTS.iter().map(|(id, name, description)| {
        let ty = ENTITLEMENT_TYPE.name;
        (*id, json!({ "schemas": [ENTITLEMENT], "displayName": name, "type": ty, "description": description }))
    })
}

const ROLES: [(&str, &str, &str); 3] = [
    ("viewer", "Viewer", "Reads everything and changes nothing."),
    ("editor", "Editor", "Changes what others have shared."),
    ("admin", "Administrator", "Changes everything, the settings included."),
];

const ENTITLEMENTS: [(&str, &str, &str); 3] = [
    ("license-basic", "Basic licence", "The product without its extras."),
    ("license-pro", "Professional licence", "The product with reports."),
    ("addon-export", "Export", "Takes data out of the product."),
];

static GROUP_TYPE: LazyLock<ResourceType> = LazyLock::new(|| ResourceType {
    name: "Group",
    endpoint: "/Groups",
    description: schema::group_type().description,
    schema: schema::group(),
    extensions: &GROUP_EXTENSIONS,
});

static GROUP_EXTENSIONS: [(&Schema, bool); 1] = [(&CUSTOM_GROUP_SCHEMA, false)];

static ROLE_TYPE: ResourceType = ResourceType {
    name: "Role",
    endpoint: "/Roles",
    description: "What a user may do.",
    schema: &ROLE_SCHEMA,
    extensions: &[],
};

static ENTITLEMENT_TYPE: ResourceType = ResourceType {
    name: "Entitlement",
    endpoint: "/Entitlements",
    description: "What a user may use.",
    schema: &ENTITLEMENT_SCHEMA,
    extensions: &[],
};

static ROLE_SCHEMA: Schema =
    Schema { id: ROLE, name: "Role", description: "What a user may do.", attributes: &[DISPLAY_NAME, DESCRIPTION] };

static ENTITLEMENT_SCHEMA: Schema = Schema {
    id: ENTITLEMENT,
    name: "Entitlement",
    description: "What a user may use.",
    attributes: &[DISPLAY_NAME, read_only("type", "The name of the resource type."), DESCRIPTION],
};

static CUSTOM_GROUP_SCHEMA: Schema = Schema {
    id: CUSTOM_GROUP,
    name: "CustomGroup",
    description: "What Okta knows about a group.",
    attributes: &[Attribute { mutability: Mutability::ReadWrite, ..DESCRIPTION }],
};

const DISPLAY_NAME: Attribute = Attribute { required: true, ..read_only("displayName", "The name people see.") };

const DESCRIPTION: Attribute = read_only("description", "A sentence for people.");

const fn read_only(name: &'static str, description: &'static str) -> Attribute {
    Attribute {
        name,
        ty: Type::String,
        multi_valued: false,
        required: false,
        case_exact: false,
        mutability: Mutability::ReadOnly,
        returned: Returned::Default,
        uniqueness: Uniqueness::None,
        canonical_values: &[],
        reference_types: &[],
        description,
        sub_attributes: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_has_the_attributes_its_schema_requires() {
        for (id, resource) in roles().chain(entitlements()) {
            assert!(!id.is_empty());
            assert!(resource["displayName"].as_str().is_some_and(|name| !name.is_empty()), "{id}");
            // Okta's guide allows a description of 1000 characters.
            assert!(resource["description"].as_str().is_some_and(|text| text.len() <= 1000), "{id}");
        }
        assert!(entitlements().all(|(_, entitlement)| entitlement["type"] == entitlement_type().name));
    }

    #[test]
    fn the_group_type_has_the_extension_of_scim_1_1_apps() {
        assert_eq!(group_type().extension(CUSTOM_GROUP).map(|schema| schema.name), Some("CustomGroup"));
        assert_eq!(group_type().endpoint, schema::group_type().endpoint);
    }
}
