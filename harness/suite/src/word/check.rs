//! The checks of whole answers that a step can ask for.

use std::fmt;

/// A check of a whole answer that a pattern cannot express. Each is one rule.
///
/// "Resource" means the body, or every element of `Resources` where the body is a ListResponse. What the server says
/// about itself is what /ServiceProviderConfig, /ResourceTypes and /Schemas say, and RFC 7643 where they are silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "kebab-case"))]
pub enum Check {
    /// The media type is `application/scim+json` (RFC 7644 §3.1).
    MediaTypeScimJson,
    /// The media type is a JSON one: `application/scim+json` or `application/json` (RFC 7644 §3.8).
    MediaTypeJson,
    /// No object of the body has one attribute twice, be it spelled in another case (RFC 7643 §2.1, RFC 8259 §4).
    UniqueNames,
    /// A 401 names an authentication scheme in `WWW-Authenticate` (RFC 7644 §2).
    WwwAuthenticate,
    /// A 429 has a `Retry-After` in whole seconds (RFC 6585 §4).
    RetryAfter,
    /// The header `Location` is there and is a URI (RFC 7644 §3.3).
    LocationHeader,
    /// `Location` and `meta.location`, where both are there, name the same place, whatever the host (RFC 7644 §3.3).
    LocationIsMetaLocation,
    /// `Content-Location`, where it is there, names the same place as `meta.location` (RFC 7643 §3.1).
    ContentLocationIsMetaLocation,
    /// `Location` and `meta.location`, where they are absolute, lie below the base URL, host included.
    LocationsBelowBase,
    /// The header `ETag` is there and is an entity tag: in quotes, perhaps weak (RFC 7644 §3.14).
    Etag,
    /// `meta.version` and the header `ETag`, where both are there, are the same text (RFC 7643 §3.1).
    MetaVersionIsEtag,

    /// The body is an Error resource whose status agrees with the status line (RFC 7644 §3.12).
    ErrorBody,
    /// The body is an object, and `schemas` is the Error message's (RFC 7644 §3.12).
    ErrorMessage,
    /// `status` of an Error is a string, not a number (RFC 7644 §3.12).
    ErrorStatusString,
    /// `scimType` of an Error, where it is there, is one that an RFC defines (RFC 7644 §3.12, RFC 9865 §2.1).
    ErrorScimType,
    /// `scimType` of an Error, where it is there, goes with the status (RFC 7644 §3.12).
    ErrorScimTypeFits,
    /// `detail` of an Error, where it is there, is a string (RFC 7644 §3.12).
    ErrorDetail,
    /// The body shows no stack trace, SQL or path of the server's machine.
    ErrorNoInternals,

    /// The body is a ListResponse whose counters are integers and agree with its Resources (RFC 7644 §3.4.2).
    ListResponse,
    /// The body is an object, and `schemas` is the ListResponse's (RFC 7644 §3.4.2).
    ListMessage,
    /// `totalResults` is a whole number, and there unless pages go by cursor (RFC 7644 §3.4.2, RFC 9865 §2).
    ListTotal,
    /// The counters are JSON integers: no strings, no fraction, no exponent (RFC 7643 §2.3.4).
    ListIntegers,
    /// `Resources` is an array of objects wherever there must be results (RFC 7644 §3.4.2).
    ListResources,
    /// A page that is not everything has `startIndex` and `itemsPerPage` (RFC 7644 §3.4.2).
    ListPartial,
    /// `itemsPerPage`, where it is there, is how many resources the page holds (RFC 7644 §3.4.2.4).
    ListItemsPerPage,
    /// `startIndex`, where it is there, is the index asked for (RFC 7644 §3.4.2.4).
    ListStartIndex,
    /// `totalResults` is not less than what the page holds (RFC 7644 §3.4.2.4).
    ListTotalCovers,
    /// `totalResults` is what the page holds: nothing is left for another one (RFC 7644 §4 for discovery endpoints).
    ListComplete,
    /// The page holds no more resources than `count` asked for (RFC 7644 §3.4.2.4).
    ListWithinCount,
    /// The page holds no more resources than `filter.maxResults` of the server's configuration (RFC 7643 §5).
    ListWithinMaxResults,
    /// No id is on the page twice (RFC 7643 §3.1).
    ListUniqueIds,
    /// `nextCursor` and `previousCursor` hold unreserved characters alone (RFC 9865 §2).
    CursorForm,

    /// `id` of a resource is a string and not empty (RFC 7643 §3.1).
    ResourceId,
    /// `id` of a resource does not hold the reserved word `bulkId` (RFC 7643 §3.1).
    IdNotReserved,
    /// `schemas` of a resource is an array of different strings, and not empty (RFC 7643 §3).
    ResourceSchemas,
    /// `schemas` of a resource holds the base schema of its type (RFC 7643 §3.3).
    BaseSchema,
    /// `schemas` of a resource holds nothing but the schemas of its type (RFC 7643 §3).
    SchemasOfType,
    /// Each of `schemas` of a resource is described at /Schemas (RFC 7643 §7).
    SchemasDescribed,
    /// Each extension of which a resource has attributes is in its `schemas` (RFC 7643 §3.3).
    ExtensionsListed,
    /// Attributes of extensions stand below the URN of the extension, not at the top (RFC 7643 §3.3).
    ExtensionsNested,
    /// `meta` has `resourceType`, `created`, `lastModified` and `location` (RFC 7643 §3.1).
    MetaComplete,
    /// `meta.resourceType`, where it is there, is the name of the resource's type (RFC 7644 §3.3.1).
    MetaResourceType,
    /// `meta.location`, where it is there, ends in the type's endpoint and the id (RFC 7643 §3.1, RFC 7644 §3.2).
    MetaLocation,
    /// `meta.lastModified` is not before `meta.created` (RFC 7643 §3.1).
    MetaOrder,
    /// `meta.lastModified` is `meta.created`, give or take a second, as it must be while nothing has changed.
    MetaFresh,
    /// `meta.version`, where it is there, is an entity tag: in quotes, perhaps weak (RFC 7643 §3.1, RFC 7644 §3.14).
    MetaVersionForm,
    /// Values have the JSON type that their schema says (RFC 7643 §2.3).
    AttributeTypes,
    /// Multi-valued attributes are arrays, and no other is (RFC 7643 §2.4, RFC 7644 §3.8).
    AttributeCardinality,
    /// Dates are `xsd:dateTime` with date and time (RFC 7643 §2.3.5).
    DateTimes,
    /// Integers have no fraction and no exponent (RFC 7643 §2.3.4).
    Integers,
    /// Binary values are base64, padded or not (RFC 7643 §2.3.6).
    Binaries,
    /// References are URIs, absolute or relative (RFC 7643 §2.3.7).
    References,
    /// A `$ref` beside a `value` leads to the resource with that id (RFC 7643 §2.4, §4.2).
    RefIsValue,
    /// What the schema requires is there and is not empty (RFC 7643 §2.2).
    RequiredAttributes,
    /// Nothing that is never returned, or write-only, is there (RFC 7643 §7).
    NoHiddenAttributes,
    /// Nothing that is returned on request is there unasked (RFC 7643 §7, RFC 7644 §3.9).
    NoUnrequestedAttributes,
    /// Nothing is there that `attributes` did not ask for or `excludedAttributes` excluded; sub-attributes aside
    /// (RFC 7644 §3.9).
    Projected,
    /// Of attributes named by sub-attribute, the sub-attributes that are there are those asked for, or not excluded
    /// (RFC 7644 §3.9).
    ProjectedSubAttributes,
    /// What is always returned is there whatever was asked for (RFC 7643 §7, RFC 7644 §3.4.2.5).
    AlwaysReturned,
    /// Values are among those that their schema suggests; others are legal (RFC 7643 §2.3.1).
    CanonicalValues,
    /// At most one value of an attribute is primary (RFC 7643 §2.4).
    OnePrimary,
    /// No pair of type and value is there twice (RFC 7643 §2.4).
    NoDuplicateValues,
    /// Every attribute is one that the server's own schemas define; others are legal (RFC 7643 §7).
    DeclaredAttributes,
    /// Countries of addresses are two letters (RFC 7643 §4.1.2, ISO 3166-1).
    CountryCodes,

    /// The configuration is one object of the schema ServiceProviderConfig, and no list (RFC 7644 §4).
    ConfigMessage,
    /// The configuration says of patch, bulk, filter, changePassword, sort and etag whether they are supported, with a
    /// boolean (RFC 7643 §5).
    ConfigFeatures,
    /// The configuration limits bulk and filter with integers where they are supported (RFC 7643 §5).
    ConfigLimits,
    /// The configuration has the limits of bulk and filter even where these are not supported (RFC 7643 §5).
    ConfigLimitsAlways,
    /// The configuration lists authentication schemes, each with type, name and description (RFC 7643 §5).
    ConfigSchemes,
    /// Authentication schemes are of the types that RFC 7643 §5 names.
    ConfigSchemeTypes,
    /// What the configuration says about pagination has the types of RFC 9865 §4.
    ConfigPagination,
    /// Resource types have name, endpoint and schema (RFC 7643 §6).
    TypeDefinitions,
    /// Endpoints of resource types are paths below the base URL (RFC 7643 §6).
    TypeEndpoints,
    /// Extensions of resource types are an array, each with its schema and whether it is required (RFC 7643 §6).
    TypeExtensions,
    /// No two resource types share a name, an id or an endpoint (RFC 7643 §6).
    TypesUnique,
    /// The schemas and extensions of resource types are described at /Schemas (RFC 7643 §6).
    TypeSchemasDescribed,
    /// Resource types and schemas have a name and a description (RFC 7643 §6 and §7).
    Descriptions,
    /// Schemas have a URI as id, and attributes that have names (RFC 7643 §7).
    SchemaDefinitions,
    /// Names of attributes are letters, digits, `-` and `_`, a letter first; `$ref` aside (RFC 7643 §2.1).
    SchemaNames,
    /// No schema defines a name twice, be it in another case (RFC 7643 §2.1).
    SchemaNamesUnique,
    /// Attributes have one of the types of RFC 7643 §2.3.
    SchemaTypes,
    /// `mutability`, `returned` and `uniqueness` are keywords of RFC 7643 §7.
    SchemaKeywords,
    /// The other characteristics have the JSON types of RFC 7643 §7.
    SchemaCharacteristics,
    /// Complex attributes list their sub-attributes (RFC 7643 §7).
    SchemaSubAttributes,
    /// No sub-attribute is complex itself (RFC 7643 §2.3.8).
    SchemaFlat,
    /// `value`, `$ref`, `type`, `display` and `primary` of multi-valued attributes are what RFC 7643 §2.4 has them be.
    SchemaStandardParts,
    /// Messages are not among the schemas (RFC 7644 §3.1).
    SchemasNoMessages,
    /// Core schemas keep what the text of RFC 7643 §4 demands: the required and unique userName, the password nobody
    /// may read, the groups nobody may write.
    CoreSchemasFixed,
    /// Attributes of core schemas keep their type and whether they are lists (RFC 7643 §8.7.1, with errata).
    CoreSchemasTypes,
    /// Attributes of core schemas keep the other characteristics; most may differ legally (RFC 7643 §8.7.1, with
    /// errata).
    CoreSchemasSame,

    /// The body is an object, and `schemas` is the BulkResponse's (RFC 7644 §3.7).
    BulkMessage,
    /// Each operation of a BulkResponse has the method and an HTTP status (RFC 7644 §3.7.3).
    BulkOperations,
    /// `status` of each operation is a string (RFC 7644 §3.7.3, whose examples disagree).
    BulkStatusStrings,
    /// Each operation has a location, unless it is a POST that failed (RFC 7644 §3.7.3).
    BulkLocations,
    /// Each operation that failed has an Error as its response (RFC 7644 §3.7.3).
    BulkErrors,
    /// Each POST of the request comes back with its `bulkId`, unless processing stopped before it (RFC 7644 §3.7.1).
    BulkIds,
    /// A job that was performed exceeds neither `bulk.maxOperations` nor `bulk.maxPayloadSize` of the server's
    /// configuration (RFC 7644 §3.7.4).
    BulkWithinLimits,
}

impl Check {
    /// Every check.
    pub const ALL: [Check; 97] = [
        Check::MediaTypeScimJson,
        Check::MediaTypeJson,
        Check::UniqueNames,
        Check::WwwAuthenticate,
        Check::RetryAfter,
        Check::LocationHeader,
        Check::LocationIsMetaLocation,
        Check::ContentLocationIsMetaLocation,
        Check::LocationsBelowBase,
        Check::Etag,
        Check::MetaVersionIsEtag,
        Check::ErrorBody,
        Check::ErrorMessage,
        Check::ErrorStatusString,
        Check::ErrorScimType,
        Check::ErrorScimTypeFits,
        Check::ErrorDetail,
        Check::ErrorNoInternals,
        Check::ListResponse,
        Check::ListMessage,
        Check::ListTotal,
        Check::ListIntegers,
        Check::ListResources,
        Check::ListPartial,
        Check::ListItemsPerPage,
        Check::ListStartIndex,
        Check::ListTotalCovers,
        Check::ListComplete,
        Check::ListWithinCount,
        Check::ListWithinMaxResults,
        Check::ListUniqueIds,
        Check::CursorForm,
        Check::ResourceId,
        Check::IdNotReserved,
        Check::ResourceSchemas,
        Check::BaseSchema,
        Check::SchemasOfType,
        Check::SchemasDescribed,
        Check::ExtensionsListed,
        Check::ExtensionsNested,
        Check::MetaComplete,
        Check::MetaResourceType,
        Check::MetaLocation,
        Check::MetaOrder,
        Check::MetaFresh,
        Check::MetaVersionForm,
        Check::AttributeTypes,
        Check::AttributeCardinality,
        Check::DateTimes,
        Check::Integers,
        Check::Binaries,
        Check::References,
        Check::RefIsValue,
        Check::RequiredAttributes,
        Check::NoHiddenAttributes,
        Check::NoUnrequestedAttributes,
        Check::Projected,
        Check::ProjectedSubAttributes,
        Check::AlwaysReturned,
        Check::CanonicalValues,
        Check::OnePrimary,
        Check::NoDuplicateValues,
        Check::DeclaredAttributes,
        Check::CountryCodes,
        Check::ConfigMessage,
        Check::ConfigFeatures,
        Check::ConfigLimits,
        Check::ConfigLimitsAlways,
        Check::ConfigSchemes,
        Check::ConfigSchemeTypes,
        Check::ConfigPagination,
        Check::TypeDefinitions,
        Check::TypeEndpoints,
        Check::TypeExtensions,
        Check::TypesUnique,
        Check::TypeSchemasDescribed,
        Check::Descriptions,
        Check::SchemaDefinitions,
        Check::SchemaNames,
        Check::SchemaNamesUnique,
        Check::SchemaTypes,
        Check::SchemaKeywords,
        Check::SchemaCharacteristics,
        Check::SchemaSubAttributes,
        Check::SchemaFlat,
        Check::SchemaStandardParts,
        Check::SchemasNoMessages,
        Check::CoreSchemasFixed,
        Check::CoreSchemasTypes,
        Check::CoreSchemasSame,
        Check::BulkMessage,
        Check::BulkOperations,
        Check::BulkStatusStrings,
        Check::BulkLocations,
        Check::BulkErrors,
        Check::BulkIds,
        Check::BulkWithinLimits,
    ];

    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Check::MediaTypeScimJson => "media-type-scim-json",
            Check::MediaTypeJson => "media-type-json",
            Check::UniqueNames => "unique-names",
            Check::WwwAuthenticate => "www-authenticate",
            Check::RetryAfter => "retry-after",
            Check::LocationHeader => "location-header",
            Check::LocationIsMetaLocation => "location-is-meta-location",
            Check::ContentLocationIsMetaLocation => "content-location-is-meta-location",
            Check::LocationsBelowBase => "locations-below-base",
            Check::Etag => "etag",
            Check::MetaVersionIsEtag => "meta-version-is-etag",
            Check::ErrorBody => "error-body",
            Check::ErrorMessage => "error-message",
            Check::ErrorStatusString => "error-status-string",
            Check::ErrorScimType => "error-scim-type",
            Check::ErrorScimTypeFits => "error-scim-type-fits",
            Check::ErrorDetail => "error-detail",
            Check::ErrorNoInternals => "error-no-internals",
            Check::ListResponse => "list-response",
            Check::ListMessage => "list-message",
            Check::ListTotal => "list-total",
            Check::ListIntegers => "list-integers",
            Check::ListResources => "list-resources",
            Check::ListPartial => "list-partial",
            Check::ListItemsPerPage => "list-items-per-page",
            Check::ListStartIndex => "list-start-index",
            Check::ListTotalCovers => "list-total-covers",
            Check::ListComplete => "list-complete",
            Check::ListWithinCount => "list-within-count",
            Check::ListWithinMaxResults => "list-within-max-results",
            Check::ListUniqueIds => "list-unique-ids",
            Check::CursorForm => "cursor-form",
            Check::ResourceId => "resource-id",
            Check::IdNotReserved => "id-not-reserved",
            Check::ResourceSchemas => "resource-schemas",
            Check::BaseSchema => "base-schema",
            Check::SchemasOfType => "schemas-of-type",
            Check::SchemasDescribed => "schemas-described",
            Check::ExtensionsListed => "extensions-listed",
            Check::ExtensionsNested => "extensions-nested",
            Check::MetaComplete => "meta-complete",
            Check::MetaResourceType => "meta-resource-type",
            Check::MetaLocation => "meta-location",
            Check::MetaOrder => "meta-order",
            Check::MetaFresh => "meta-fresh",
            Check::MetaVersionForm => "meta-version-form",
            Check::AttributeTypes => "attribute-types",
            Check::AttributeCardinality => "attribute-cardinality",
            Check::DateTimes => "date-times",
            Check::Integers => "integers",
            Check::Binaries => "binaries",
            Check::References => "references",
            Check::RefIsValue => "ref-is-value",
            Check::RequiredAttributes => "required-attributes",
            Check::NoHiddenAttributes => "no-hidden-attributes",
            Check::NoUnrequestedAttributes => "no-unrequested-attributes",
            Check::Projected => "projected",
            Check::ProjectedSubAttributes => "projected-sub-attributes",
            Check::AlwaysReturned => "always-returned",
            Check::CanonicalValues => "canonical-values",
            Check::OnePrimary => "one-primary",
            Check::NoDuplicateValues => "no-duplicate-values",
            Check::DeclaredAttributes => "declared-attributes",
            Check::CountryCodes => "country-codes",
            Check::ConfigMessage => "config-message",
            Check::ConfigFeatures => "config-features",
            Check::ConfigLimits => "config-limits",
            Check::ConfigLimitsAlways => "config-limits-always",
            Check::ConfigSchemes => "config-schemes",
            Check::ConfigSchemeTypes => "config-scheme-types",
            Check::ConfigPagination => "config-pagination",
            Check::TypeDefinitions => "type-definitions",
            Check::TypeEndpoints => "type-endpoints",
            Check::TypeExtensions => "type-extensions",
            Check::TypesUnique => "types-unique",
            Check::TypeSchemasDescribed => "type-schemas-described",
            Check::Descriptions => "descriptions",
            Check::SchemaDefinitions => "schema-definitions",
            Check::SchemaNames => "schema-names",
            Check::SchemaNamesUnique => "schema-names-unique",
            Check::SchemaTypes => "schema-types",
            Check::SchemaKeywords => "schema-keywords",
            Check::SchemaCharacteristics => "schema-characteristics",
            Check::SchemaSubAttributes => "schema-sub-attributes",
            Check::SchemaFlat => "schema-flat",
            Check::SchemaStandardParts => "schema-standard-parts",
            Check::SchemasNoMessages => "schemas-no-messages",
            Check::CoreSchemasFixed => "core-schemas-fixed",
            Check::CoreSchemasTypes => "core-schemas-types",
            Check::CoreSchemasSame => "core-schemas-same",
            Check::BulkMessage => "bulk-message",
            Check::BulkOperations => "bulk-operations",
            Check::BulkStatusStrings => "bulk-status-strings",
            Check::BulkLocations => "bulk-locations",
            Check::BulkErrors => "bulk-errors",
            Check::BulkIds => "bulk-ids",
            Check::BulkWithinLimits => "bulk-within-limits",
        }
    }

    /// Returns the check of this name.
    pub fn named(name: &str) -> Option<Check> {
        Check::ALL.into_iter().find(|check| check.name() == name)
    }

    /// Returns whether the check compares the answer with what the server says about itself.
    pub fn reads_discovery(self) -> bool {
        matches!(
            self,
            Check::ListWithinMaxResults
                | Check::BulkWithinLimits
                | Check::BaseSchema
                | Check::SchemasOfType
                | Check::SchemasDescribed
                | Check::ExtensionsListed
                | Check::ExtensionsNested
                | Check::MetaResourceType
                | Check::MetaLocation
                | Check::AttributeTypes
                | Check::AttributeCardinality
                | Check::DateTimes
                | Check::Integers
                | Check::Binaries
                | Check::References
                | Check::RefIsValue
                | Check::RequiredAttributes
                | Check::NoHiddenAttributes
                | Check::NoUnrequestedAttributes
                | Check::Projected
                | Check::ProjectedSubAttributes
                | Check::AlwaysReturned
                | Check::CanonicalValues
                | Check::OnePrimary
                | Check::NoDuplicateValues
                | Check::DeclaredAttributes
                | Check::CountryCodes
                | Check::ResourceId
                | Check::ResourceSchemas
                | Check::MetaComplete
                | Check::TypeSchemasDescribed
        )
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_and_the_names_have_the_same_words() {
        let schema = serde_json::to_string(&schemars::schema_for!(Check)).expect("a schema is JSON");
        for check in Check::ALL {
            assert!(schema.contains(&format!("\"{check}\"")), "{check}");
            assert_eq!(Check::named(check.name()), Some(check));
        }
    }
}
