//! The Group schema (RFC 7643 §4.2 and §8.7.1).

use super::{Attribute, ResourceType, Schema, complex, immutable, many, reference, required, string, suggesting};
use crate::urn;

/// Returns the Group schema.
pub fn group() -> &'static Schema {
    &GROUP
}

/// Returns the Group resource type: `/Groups`, without extensions.
pub fn group_type() -> &'static ResourceType {
    &GROUP_TYPE
}

static GROUP_TYPE: ResourceType = ResourceType {
    name: "Group",
    endpoint: "/Groups",
    description: "A set of users and groups.",
    schema: &GROUP,
    extensions: &[],
};

static GROUP: Schema = Schema {
    id: urn::GROUP,
    name: "Group",
    description: "A set of users and groups.",
    attributes: &[
        // Erratum 5368: required, as the prose of §4.2 says.
        required(string("displayName", "The name of the group.")),
        many(complex("members", "Who belongs to the group.", &MEMBERS)),
    ],
};

static MEMBERS: [Attribute; 4] = [
    immutable(string("value", "The id of the member.")),
    immutable(reference("$ref", &["User", "Group"], "The URI of the member.")),
    immutable(suggesting("type", &["User", "Group"], "The resource type of the member.")),
    // The printed table has no `display` (erratum 6011, reported), although
    // RFC 7643 §2.4 defines it for every multi-valued attribute, the sample
    // group of §8.4 carries it and Okta sends it with each member.
    immutable(string("display", "The name of the member.")),
];
