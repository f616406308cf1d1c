//! From documents to resource types and schemas, understanding what can be understood.

use super::attribute::{self, Attribute, Riddle};
use super::document::Document;
use super::{ResourceType, Schema, below};
use scim_lang::schema as rfc;
use serde_json::Value;

/// Reads /Schemas, and schemas that were asked for one by one.
pub(super) fn schemas(list: &Document, single: &[Value], riddles: &mut Vec<Riddle>) -> Vec<Schema> {
    let mut schemas: Vec<Schema> = Vec::new();
    let listed = list.resources().into_iter().map(|(place, schema)| (format!("/Schemas#{place}"), schema));
    let single = single.iter().map(|schema| ("/Schemas/{id}#".to_owned(), schema));
    for (place, resource) in listed.chain(single) {
        let Some(id) = text(resource, "id") else {
            riddles.push((place, "the schema has no id".to_owned()));
            continue;
        };
        if schemas.iter().any(|known| known.is(id)) {
            riddles.push((place, "the schema is listed twice; the first counts".to_owned()));
            continue;
        }
        let known = standard(id).map_or(&[][..], |schema| schema.attributes);
        let attributes = match resource.get("attributes") {
            Some(attributes) => attribute::read_all(attributes, &below(&place, "attributes"), known, riddles),
            None => {
                riddles.push((place, "the schema has no attributes".to_owned()));
                continue;
            }
        };
        schemas.push(Schema { id: id.to_owned(), attributes });
    }
    schemas
}

/// Reads /ResourceTypes.
pub(super) fn resource_types(list: &Document, riddles: &mut Vec<Riddle>) -> Vec<ResourceType> {
    let mut types = Vec::new();
    for (place, resource) in list.resources() {
        let (Some(endpoint), Some(schema)) = (text(resource, "endpoint"), text(resource, "schema")) else {
            riddles.push((format!("/ResourceTypes#{place}"), "there is no endpoint or no schema".to_owned()));
            continue;
        };
        let name = text(resource, "name").or_else(|| text(resource, "id")).unwrap_or_default();
        // The printed schema of RFC 7643 §8.7.2 has one extension alone, and so have some servers (erratum 7522).
        let extensions = match resource.get("schemaExtensions") {
            Some(Value::Array(list)) => list.iter().filter_map(extension).take(MOST_EXTENSIONS).collect(),
            Some(one) => extension(one).into_iter().collect(),
            None => Vec::new(),
        };
        types.push(ResourceType {
            name: name.to_owned(),
            endpoint: format!("/{}", endpoint.trim_matches('/')),
            schema: schema.to_owned(),
            extensions,
        });
    }
    types
}

/// Returns the resource types of RFC 7643.
pub(super) fn standard_types() -> Vec<ResourceType> {
    let types = [rfc::user_type(), rfc::group_type()].into_iter();
    types
        .map(|ty| ResourceType {
            name: ty.name.to_owned(),
            endpoint: ty.endpoint.to_owned(),
            schema: ty.schema.id.to_owned(),
            extensions: ty.extensions.iter().map(|(schema, _)| schema.id.to_owned()).collect(),
        })
        .collect()
}

/// Returns the types of the documents a server describes itself with.
pub(super) fn types_of_documents() -> Vec<ResourceType> {
    let documents = [
        ("ServiceProviderConfig", "/ServiceProviderConfig", rfc::service_provider_config()),
        ("ResourceType", "/ResourceTypes", rfc::resource_type()),
        ("Schema", "/Schemas", rfc::schema()),
    ];
    let ty = |(name, endpoint, schema): (&str, &str, &rfc::Schema)| ResourceType {
        name: name.to_owned(),
        endpoint: endpoint.to_owned(),
        schema: schema.id.to_owned(),
        extensions: Vec::new(),
    };
    documents.map(ty).to_vec()
}

/// Returns the schemas of RFC 7643.
pub(super) fn standard_schemas() -> Vec<Schema> {
    let schemas = STANDARD.iter().map(|schema| schema());
    schemas
        .map(|schema| Schema {
            id: schema.id.to_owned(),
            attributes: schema.attributes.iter().map(Attribute::from).collect(),
        })
        .collect()
}

/// Finds a schema of RFC 7643.
pub(crate) fn standard(urn: &str) -> Option<&'static rfc::Schema> {
    STANDARD.iter().map(|schema| schema()).find(|schema| schema.is(urn))
}

fn extension(value: &Value) -> Option<String> {
    // Some servers list the bare URN.
    text(value, "schema").or_else(|| value.as_str()).map(str::to_owned)
}

fn text<'v>(resource: &'v Value, key: &str) -> Option<&'v str> {
    resource.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

static STANDARD: [fn() -> &'static rfc::Schema; 6] =
    [rfc::user, rfc::group, rfc::enterprise_user, rfc::service_provider_config, rfc::resource_type, rfc::schema];

/// How many extensions of one resource type are read.
const MOST_EXTENSIONS: usize = 100;
