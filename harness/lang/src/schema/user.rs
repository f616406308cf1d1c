//! The User schema (RFC 7643 §4.1 and §8.7.1).

use super::enterprise::ENTERPRISE_EXTENSION;
use super::{
    Attribute, Mutability, ResourceType, Returned, Schema, Type, Uniqueness, boolean, complex, many, read_only,
    reference, required, string, suggesting,
};
use crate::urn;

/// Returns the User schema.
pub fn user() -> &'static Schema {
    &USER
}

/// Returns the User resource type: `/Users`, with the enterprise extension
/// on offer.
pub fn user_type() -> &'static ResourceType {
    &USER_TYPE
}

static USER_TYPE: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    description: "An account of a person.",
    schema: &USER,
    extensions: &[ENTERPRISE_EXTENSION],
};

static USER: Schema = Schema {
    id: urn::USER,
    name: "User",
    description: "An account of a person.",
    attributes: &[
        Attribute {
            uniqueness: Uniqueness::Server,
            ..required(string("userName", "The name the person signs in with."))
        },
        complex("name", "The parts of the person's name.", &NAME),
        string("displayName", "The name to show for the person."),
        string("nickName", "What friends and colleagues call the person."),
        reference("profileUrl", &["external"], "A page about the person."),
        string("title", "The person's position, such as Vice President."),
        string("userType", "How the person relates to the organization, such as Contractor."),
        string("preferredLanguage", "The languages the person likes to read, as in Accept-Language."),
        string("locale", "The person's region, for dates, numbers and currency."),
        string("timezone", "The person's time zone, by its IANA name."),
        boolean("active", "Whether the account may be used."),
        Attribute {
            mutability: Mutability::WriteOnly,
            returned: Returned::Never,
            ..string("password", "The secret the person signs in with, in clear text.")
        },
        many(complex("emails", "The person's mail addresses.", &EMAILS)),
        many(complex("phoneNumbers", "The person's telephone numbers.", &PHONE_NUMBERS)),
        many(complex("ims", "The person's instant messaging addresses.", &IMS)),
        many(complex("photos", "Pictures of the person.", &PHOTOS)),
        many(complex("addresses", "The person's postal addresses.", &ADDRESSES)),
        read_only(many(complex("groups", "The groups the person belongs to.", &GROUPS))),
        many(complex("entitlements", "What the person is entitled to.", &ENTITLEMENTS)),
        many(complex("roles", "The person's roles.", &ROLES)),
        many(complex("x509Certificates", "The person's certificates.", &CERTIFICATES)),
    ],
};

static NAME: [Attribute; 6] = [
    string("formatted", "The whole name, as it is shown."),
    string("familyName", "The family name."),
    string("givenName", "The given name."),
    string("middleName", "The middle name or names."),
    string("honorificPrefix", "What stands in front of the name, such as Dr."),
    string("honorificSuffix", "What stands behind the name, such as III."),
];

static EMAILS: [Attribute; 4] = [
    string("value", "The mail address."),
    DISPLAY,
    suggesting("type", &["work", "home", "other"], "What the address is for."),
    PRIMARY,
];

static PHONE_NUMBERS: [Attribute; 4] = [
    string("value", "The telephone number, best as a tel URI."),
    DISPLAY,
    suggesting("type", &["work", "home", "mobile", "fax", "pager", "other"], "What the number is for."),
    PRIMARY,
];

static IMS: [Attribute; 4] = [
    string("value", "The messaging address."),
    DISPLAY,
    suggesting("type", &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"], "The messaging service."),
    PRIMARY,
];

static PHOTOS: [Attribute; 4] = [
    reference("value", &["external"], "Where the picture is."),
    DISPLAY,
    suggesting("type", &["photo", "thumbnail"], "What the picture is for."),
    PRIMARY,
];

// RFC 7643 §8.7.1 lists no `primary` here, although §2.4 and §4.1.2 speak of
// one for every multi-valued attribute and the sample user of §8.2 has it.
static ADDRESSES: [Attribute; 8] = [
    string("formatted", "The whole address, as it is printed on an envelope."),
    string("streetAddress", "Street, house number, apartment."),
    string("locality", "The city."),
    string("region", "The state or region."),
    string("postalCode", "The postal code."),
    string("country", "The country, by its two-letter code."),
    suggesting("type", &["work", "home", "other"], "What the address is for."),
    PRIMARY,
];

static GROUPS: [Attribute; 4] = [
    read_only(string("value", "The id of the group.")),
    // Erratum 8471: the printed table also lists User.
    read_only(reference("$ref", &["Group"], "The URI of the group.")),
    read_only(string("display", "The name of the group.")),
    read_only(suggesting(
        "type",
        &["direct", "indirect"],
        "Whether the membership is the person's own or comes through another group.",
    )),
];

static ENTITLEMENTS: [Attribute; 4] =
    [string("value", "The entitlement."), DISPLAY, string("type", "The kind of entitlement."), PRIMARY];

static ROLES: [Attribute; 4] = [string("value", "The role."), DISPLAY, string("type", "The kind of role."), PRIMARY];

static CERTIFICATES: [Attribute; 4] = [
    Attribute { ty: Type::Binary, ..string("value", "One certificate, DER, in base64.") },
    DISPLAY,
    string("type", "What the certificate is for."),
    PRIMARY,
];

const DISPLAY: Attribute = string("display", "The value as people like to read it.");

const PRIMARY: Attribute = boolean("primary", "Whether this is the value to prefer; true for one at most.");
