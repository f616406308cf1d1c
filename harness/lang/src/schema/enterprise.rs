//! The enterprise User extension (RFC 7643 §4.3 and §8.7.1).

use super::{Attribute, Schema, case_exact, complex, read_only, reference, string};
use crate::urn;

/// The extension as a resource type offers it: not required.
pub(super) const ENTERPRISE_EXTENSION: (&Schema, bool) = (&ENTERPRISE_USER, false);

/// Returns the enterprise User schema.
pub fn enterprise_user() -> &'static Schema {
    &ENTERPRISE_USER
}

static ENTERPRISE_USER: Schema = Schema {
    id: urn::ENTERPRISE_USER,
    name: "EnterpriseUser",
    description: "What an employer knows about a person.",
    attributes: &[
        string("employeeNumber", "The number or text the organization identifies the person by."),
        string("costCenter", "The cost center."),
        string("organization", "The organization."),
        string("division", "The division."),
        string("department", "The department."),
        complex("manager", "The person's manager.", &MANAGER),
    ],
};

static MANAGER: [Attribute; 3] = [
    // Erratum 8472: it holds an `id`, and those are case-exact.
    case_exact(string("value", "The id of the manager's User resource.")),
    reference("$ref", &["User"], "The URI of the manager's User resource."),
    read_only(string("displayName", "The manager's name.")),
];
