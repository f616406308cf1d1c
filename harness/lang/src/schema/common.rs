//! The attributes every resource has although no schema lists them
//! (RFC 7643 §3 and §3.1).

use super::{
    Attribute, Mutability, Returned, Type, Uniqueness, case_exact, complex, find, many, read_only, reference, required,
    string,
};

/// Returns the `id` attribute.
pub fn id() -> &'static Attribute {
    &COMMON[0]
}

/// Returns the `externalId` attribute.
pub fn external_id() -> &'static Attribute {
    &COMMON[1]
}

/// Returns the `meta` attribute.
pub fn meta() -> &'static Attribute {
    &COMMON[2]
}

/// Returns the `schemas` attribute.
pub fn schemas() -> &'static Attribute {
    &COMMON[3]
}

/// Finds a common attribute by name, whatever its case.
pub(super) fn attribute(name: &str) -> Option<&'static Attribute> {
    find(&COMMON, name)
}

static COMMON: [Attribute; 4] = [
    // Not `required`: every answer carries it, but no client supplies it.
    Attribute {
        case_exact: true,
        mutability: Mutability::ReadOnly,
        returned: Returned::Always,
        uniqueness: Uniqueness::Server,
        ..string("id", "The identifier the service provider gave the resource; it never changes.")
    },
    case_exact(string("externalId", "The identifier the provisioning client gave the resource.")),
    read_only(complex("meta", "What the service provider knows about the resource itself.", &META)),
    // RFC 7643 §3 gives no characteristics. It has to be there, PATCH may
    // change it (RFC 7644 §3.5.2), and URNs are compared without case.
    Attribute {
        returned: Returned::Always,
        ..required(many(reference("schemas", &["uri"], "The URNs of the schemas whose attributes the resource holds.")))
    },
];

static META: [Attribute; 5] = [
    case_exact(read_only(string("resourceType", "The name of the resource's type."))),
    read_only(date_time("created", "When the resource was added.")),
    read_only(date_time("lastModified", "When the resource changed last.")),
    read_only(reference("location", &["uri"], "The URI of the resource.")),
    case_exact(read_only(string("version", "The entity tag of this state of the resource."))),
];

const fn date_time(name: &'static str, description: &'static str) -> Attribute {
    Attribute { ty: Type::DateTime, ..string(name, description) }
}
