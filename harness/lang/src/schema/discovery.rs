//! The schemas of the discovery endpoints (RFC 7643 §5, §6, §7 and §8.7.2).
//! What a service provider answers there is the service provider's business.

use super::{
    Attribute, Schema, Type, boolean, case_exact, complex, many, read_only, reference, required, string, suggesting,
};
use crate::urn;

/// Returns the schema of `/ServiceProviderConfig`.
pub fn service_provider_config() -> &'static Schema {
    &SERVICE_PROVIDER_CONFIG
}

/// Returns the schema of `/ResourceTypes`.
pub fn resource_type() -> &'static Schema {
    &RESOURCE_TYPE
}

/// Returns the schema of `/Schemas`.
pub fn schema() -> &'static Schema {
    &SCHEMA
}

static SERVICE_PROVIDER_CONFIG: Schema = Schema {
    id: urn::SERVICE_PROVIDER_CONFIG,
    name: "ServiceProviderConfig",
    description: "What the service provider can do.",
    attributes: &[
        read_only(reference("documentationUri", &["external"], "A page for people about the service.")),
        feature("patch", "Whether PATCH is supported.", &SUPPORTED),
        feature("bulk", "Whether bulk requests are supported, and how large.", &BULK),
        feature("filter", "Whether filters are supported, and how many results.", &FILTER),
        feature("changePassword", "Whether a password can be changed.", &SUPPORTED),
        feature("sort", "Whether results can be sorted.", &SUPPORTED),
        // The printed schema forgets it; RFC 7643 §5 requires it.
        feature("etag", "Whether resources have entity tags.", &SUPPORTED),
        many(feature("authenticationSchemes", "How a client may authenticate.", &SCHEMES)),
        read_only(complex("pagination", "How results are paged.", &PAGINATION)),
    ],
};

static SUPPORTED: [Attribute; 1] = [SUPPORTED_ROW];

static BULK: [Attribute; 3] = [
    SUPPORTED_ROW,
    limit("maxOperations", "The most operations in one request."),
    limit("maxPayloadSize", "The largest request, in bytes."),
];

static FILTER: [Attribute; 2] = [SUPPORTED_ROW, limit("maxResults", "The most resources in one answer.")];

// RFC 9865 §4 describes these in prose only.
static PAGINATION: [Attribute; 6] = [
    read_only(required(boolean("cursor", "Whether results can be paged with cursors."))),
    read_only(required(boolean("index", "Whether results can be paged with startIndex."))),
    read_only(suggesting("defaultPaginationMethod", &["cursor", "index"], "How results are paged if it is not said.")),
    read_only(integer("defaultPageSize", "The size of a page if it is not said.")),
    read_only(integer("maxPageSize", "The largest page.")),
    read_only(integer("cursorTimeout", "How many seconds a cursor is good for at least.")),
];

// `type` and `primary` are missing in the printed schema; RFC 7643 §5
// requires the first and §8.5 shows both.
static SCHEMES: [Attribute; 6] = [
    read_only(required(suggesting(
        "type",
        &["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"],
        "The scheme, by keyword.",
    ))),
    read_only(required(string("name", "The scheme, by its common name."))),
    read_only(required(string("description", "A sentence about the scheme."))),
    read_only(reference("specUri", &["external"], "The specification of the scheme.")),
    read_only(reference("documentationUri", &["external"], "How to use the scheme here.")),
    read_only(boolean("primary", "Whether this is the scheme to prefer.")),
];

static RESOURCE_TYPE: Schema = Schema {
    id: urn::RESOURCE_TYPE,
    name: "ResourceType",
    description: "A kind of resource and where it is served.",
    attributes: &[
        read_only(string("id", "The identifier, often the name.")),
        read_only(required(string("name", "The name, which is also meta.resourceType."))),
        read_only(string("description", "A sentence about the type.")),
        read_only(required(reference("endpoint", &["uri"], "The path below the base URL."))),
        read_only(required(case_exact(reference("schema", &["uri"], "The URN of the base schema.")))),
        // Erratum 7522: multi-valued.
        many(feature("schemaExtensions", "The extensions of the type.", &EXTENSIONS)),
    ],
};

static EXTENSIONS: [Attribute; 2] = [
    read_only(required(case_exact(reference("schema", &["uri"], "The URN of the extension.")))),
    read_only(required(boolean("required", "Whether each resource has to carry it."))),
];

static SCHEMA: Schema = Schema {
    id: urn::SCHEMA,
    name: "Schema",
    description: "A schema: a URN and its attributes.",
    attributes: &[
        read_only(required(string("id", "The URN of the schema."))),
        read_only(required(string("name", "The short name."))),
        read_only(string("description", "A sentence about the schema.")),
        many(feature("attributes", "The attributes.", &ATTRIBUTES)),
    ],
};

static ATTRIBUTES: [Attribute; 12] = [
    ROW_NAME,
    row_type(&["string", "complex", "boolean", "decimal", "integer", "dateTime", "reference", "binary"]),
    ROW_MULTI_VALUED,
    ROW_DESCRIPTION,
    ROW_REQUIRED,
    ROW_CANONICAL_VALUES,
    ROW_CASE_EXACT,
    ROW_MUTABILITY,
    ROW_RETURNED,
    ROW_UNIQUENESS,
    ROW_REFERENCE_TYPES,
    // The only complex attribute inside a complex one (RFC 7643 §7).
    read_only(many(complex("subAttributes", "What a complex attribute is made of.", &SUB_ATTRIBUTES))),
];

static SUB_ATTRIBUTES: [Attribute; 11] = [
    ROW_NAME,
    // Erratum 8415: a sub-attribute is never complex.
    row_type(&["string", "boolean", "decimal", "integer", "dateTime", "reference", "binary"]),
    ROW_MULTI_VALUED,
    ROW_DESCRIPTION,
    ROW_REQUIRED,
    ROW_CANONICAL_VALUES,
    ROW_CASE_EXACT,
    ROW_MUTABILITY,
    ROW_RETURNED,
    ROW_UNIQUENESS,
    // Erratum 5607: multi-valued here as well.
    ROW_REFERENCE_TYPES,
];

const SUPPORTED_ROW: Attribute = read_only(required(boolean("supported", "Whether it is supported.")));

const ROW_NAME: Attribute = read_only(required(case_exact(string("name", "The name."))));

const ROW_MULTI_VALUED: Attribute = read_only(required(boolean("multiValued", "Whether it holds a list.")));

const ROW_DESCRIPTION: Attribute = read_only(case_exact(string("description", "A sentence about it.")));

const ROW_REQUIRED: Attribute = read_only(boolean("required", "Whether a resource is invalid without it."));

const ROW_CANONICAL_VALUES: Attribute =
    read_only(many(case_exact(string("canonicalValues", "Values the schema suggests."))));

const ROW_CASE_EXACT: Attribute = read_only(boolean("caseExact", "Whether upper and lower case differ."));

const ROW_MUTABILITY: Attribute = read_only(case_exact(suggesting(
    "mutability",
    &["readOnly", "readWrite", "immutable", "writeOnly"],
    "Who may change it, and when.",
)));

const ROW_RETURNED: Attribute = read_only(case_exact(suggesting(
    "returned",
    &["always", "never", "default", "request"],
    "When it appears in answers.",
)));

const ROW_UNIQUENESS: Attribute =
    read_only(case_exact(suggesting("uniqueness", &["none", "server", "global"], "How far a value has to be unique.")));

const ROW_REFERENCE_TYPES: Attribute =
    read_only(many(case_exact(string("referenceTypes", "What a reference may point to."))));

// Erratum 5606: binary is a type as well.
const fn row_type(types: &'static [&'static str]) -> Attribute {
    read_only(required(suggesting("type", types, "The data type.")))
}

const fn feature(name: &'static str, description: &'static str, sub_attributes: &'static [Attribute]) -> Attribute {
    read_only(required(complex(name, description, sub_attributes)))
}

const fn limit(name: &'static str, description: &'static str) -> Attribute {
    read_only(required(integer(name, description)))
}

const fn integer(name: &'static str, description: &'static str) -> Attribute {
    Attribute { ty: Type::Integer, ..string(name, description) }
}
