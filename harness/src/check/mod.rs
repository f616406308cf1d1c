//! Checks of a whole answer, which a pattern over its JSON cannot express.
//!
//! Each check is one rule, as [`scim_suite::Check`] has it. What SCIM leaves open passes: names in any case, null and
//! empty arrays for no value, attributes nobody asked about, dates without a zone, hosts that a proxy changed.

mod answer;
mod bulk;
mod config;
mod core;
mod definition;
mod error;
mod form;
mod list;
mod resource;
mod returned;
mod subject;
#[cfg(test)]
mod tests;
mod uri;
mod value;

use crate::discovery::Discovery;
use scim_record::RequestRecord;
use scim_suite::Check;
use scim_transport::Reply;
use serde_json::Value;
use subject::{Resource, Subject};

/// What an answer is judged by, besides itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'c> {
    /// What was asked.
    pub(crate) request: &'c RequestRecord,
    /// The base URL.
    pub(crate) base: &'c str,
    /// What the server says about itself.
    pub(crate) discovery: &'c Discovery,
}

/// One thing that is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Where in the answer's JSON, as a JSON Pointer.
    pub(crate) pointer: Option<String>,
    /// What should be there, in words or JSON.
    pub(crate) expected: Option<String>,
    /// What is wrong, in one sentence; what the server said is left to the evidence, which is redacted.
    pub(crate) sentence: String,
}

impl Flaw {
    fn new(sentence: impl Into<String>) -> Flaw {
        Flaw { pointer: None, expected: None, sentence: sentence.into() }
    }

    /// Returns a flaw of what is at a place: `/meta/created` and `is no dateTime`.
    fn at(pointer: impl Into<String>, claim: &str) -> Flaw {
        let pointer = pointer.into();
        let place = if pointer.is_empty() { "the body" } else { &pointer };
        Flaw { sentence: format!("{} {claim}", shown(place)), pointer: Some(pointer), expected: None }
    }

    fn expecting(self, expected: impl Into<String>) -> Flaw {
        Flaw { expected: Some(expected.into()), ..self }
    }
}

/// What a check looks at.
enum Rule {
    /// The answer as a whole.
    Answer(fn(&Subject<'_>) -> Vec<Flaw>),
    /// The answer as a whole, where the first flaw hides the others.
    Body(fn(&Subject<'_>) -> Result<Vec<Flaw>, Flaw>),
    /// Each resource in it.
    Resource(fn(&Resource<'_>) -> Vec<Flaw>),
}

/// Returns what is wrong with the answer; nothing if the check holds.
pub(crate) fn check(check: Check, reply: &Reply, context: &Context<'_>) -> Vec<Flaw> {
    let subject = Subject::new(reply, context);
    let mut flaws = match rule(check) {
        Rule::Answer(rule) => rule(&subject),
        Rule::Body(rule) => rule(&subject).unwrap_or_else(|flaw| vec![flaw]),
        Rule::Resource(rule) => match subject.resources() {
            Ok(resources) => resources.iter().flat_map(rule).collect(),
            Err(flaw) => vec![flaw],
        },
    };
    if flaws.len() > MOST_FLAWS {
        let more = flaws.len() - MOST_FLAWS;
        flaws.truncate(MOST_FLAWS);
        flaws.push(Flaw::new(format!("{more} more places are wrong in the same way")));
    }
    flaws
}

fn rule(check: Check) -> Rule {
    use Rule::{Answer, Body, Resource};
    match check {
        Check::MediaTypeScimJson => Answer(answer::media_type_scim_json),
        Check::MediaTypeJson => Answer(answer::media_type_json),
        Check::UniqueNames => Body(answer::unique_names),
        Check::WwwAuthenticate => Answer(answer::www_authenticate),
        Check::RetryAfter => Answer(answer::retry_after),
        Check::LocationHeader => Answer(answer::location_header),
        Check::LocationIsMetaLocation => Answer(answer::location_is_meta_location),
        Check::ContentLocationIsMetaLocation => Answer(answer::content_location_is_meta_location),
        Check::LocationsBelowBase => Answer(answer::locations_below_base),
        Check::Etag => Answer(answer::etag),
        Check::MetaVersionIsEtag => Answer(answer::meta_version_is_etag),
        Check::ErrorBody => Body(error::body),
        Check::ErrorMessage => Body(error::message),
        Check::ErrorStatusString => Body(error::status_string),
        Check::ErrorScimType => Body(error::scim_type),
        Check::ErrorScimTypeFits => Body(error::scim_type_fits),
        Check::ErrorDetail => Body(error::detail),
        Check::ErrorNoInternals => Answer(error::no_internals),
        Check::ListResponse => Body(list::response),
        Check::ListMessage => Body(list::message),
        Check::ListTotal => Body(list::total),
        Check::ListIntegers => Body(list::integers),
        Check::ListResources => Body(list::resources),
        Check::ListPartial => Body(list::partial),
        Check::ListItemsPerPage => Body(list::items_per_page),
        Check::ListStartIndex => Body(list::start_index),
        Check::ListTotalCovers => Body(list::total_covers),
        Check::ListComplete => Body(list::complete),
        Check::ListWithinCount => Body(list::within_count),
        Check::ListWithinMaxResults => Body(list::within_max_results),
        Check::ListUniqueIds => Body(list::unique_ids),
        Check::CursorForm => Body(list::cursor_form),
        Check::ResourceId => Resource(resource::id),
        Check::IdNotReserved => Resource(resource::id_not_reserved),
        Check::ResourceSchemas => Resource(resource::schemas),
        Check::BaseSchema => Resource(resource::base_schema),
        Check::SchemasOfType => Resource(resource::schemas_of_type),
        Check::SchemasDescribed => Resource(resource::schemas_described),
        Check::ExtensionsListed => Resource(resource::extensions_listed),
        Check::ExtensionsNested => Resource(resource::extensions_nested),
        Check::MetaComplete => Resource(resource::meta_complete),
        Check::MetaResourceType => Resource(resource::meta_resource_type),
        Check::MetaLocation => Resource(resource::meta_location),
        Check::MetaOrder => Resource(resource::meta_order),
        Check::MetaFresh => Resource(resource::meta_fresh),
        Check::MetaVersionForm => Resource(resource::meta_version_form),
        Check::AttributeTypes => Resource(value::types),
        Check::AttributeCardinality => Resource(value::cardinality),
        Check::DateTimes => Resource(value::date_times),
        Check::Integers => Resource(value::integers),
        Check::Binaries => Resource(value::binaries),
        Check::References => Resource(value::references),
        Check::RefIsValue => Resource(value::ref_is_value),
        Check::CanonicalValues => Resource(value::canonical_values),
        Check::OnePrimary => Resource(value::one_primary),
        Check::NoDuplicateValues => Resource(value::no_duplicates),
        Check::CountryCodes => Resource(value::country_codes),
        Check::RequiredAttributes => Resource(returned::required),
        Check::NoHiddenAttributes => Resource(returned::no_hidden),
        Check::NoUnrequestedAttributes => Resource(returned::no_unrequested),
        Check::Projected => Resource(returned::projected),
        Check::ProjectedSubAttributes => Resource(returned::projected_subs),
        Check::AlwaysReturned => Resource(returned::always),
        Check::DeclaredAttributes => Resource(returned::declared),
        Check::ConfigMessage => Body(config::message),
        Check::ConfigFeatures => Body(config::features),
        Check::ConfigLimits => Body(config::limits),
        Check::ConfigLimitsAlways => Body(config::limits_always),
        Check::ConfigSchemes => Body(config::schemes),
        Check::ConfigSchemeTypes => Body(config::scheme_types),
        Check::ConfigPagination => Body(config::pagination),
        Check::TypeDefinitions => Resource(definition::types),
        Check::TypeEndpoints => Resource(definition::endpoints),
        Check::TypeExtensions => Resource(definition::extensions),
        Check::TypesUnique => Body(definition::types_unique),
        Check::TypeSchemasDescribed => Resource(definition::type_schemas_described),
        Check::Descriptions => Resource(definition::descriptions),
        Check::SchemaDefinitions => Resource(definition::schemas),
        Check::SchemaNames => Resource(definition::names),
        Check::SchemaNamesUnique => Resource(definition::names_unique),
        Check::SchemaTypes => Resource(definition::attribute_types),
        Check::SchemaKeywords => Resource(definition::keywords),
        Check::SchemaCharacteristics => Resource(definition::characteristics),
        Check::SchemaSubAttributes => Resource(definition::sub_attributes),
        Check::SchemaFlat => Resource(definition::flat),
        Check::SchemaStandardParts => Resource(definition::standard_parts),
        Check::SchemasNoMessages => Resource(definition::no_messages),
        Check::CoreSchemasFixed => Resource(core::fixed),
        Check::CoreSchemasTypes => Resource(core::types),
        Check::CoreSchemasSame => Resource(core::same),
        Check::BulkMessage => Body(bulk::message),
        Check::BulkOperations => Body(bulk::operations),
        Check::BulkStatusStrings => Body(bulk::status_strings),
        Check::BulkLocations => Body(bulk::locations),
        Check::BulkErrors => Body(bulk::errors),
        Check::BulkIds => Body(bulk::ids),
        Check::BulkWithinLimits => Body(bulk::within_limits),
    }
}

/// Returns a value as Okta's hosted tests compare it: strings bare, everything else as JSON.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns a name the server made up as a sentence can bear it: short, and without what could steer a terminal.
fn shown(name: &str) -> String {
    const MOST: usize = 120;
    let mut shown: String = name.chars().filter(|letter| !letter.is_control()).take(MOST).collect();
    if name.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

/// How many places one check names.
const MOST_FLAWS: usize = 20;
