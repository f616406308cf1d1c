//! The schema tables against the characteristics of RFC 7643 §8.7, written
//! down apart from them.

use std::collections::{BTreeMap, BTreeSet};

use scim_lang::schema::{self, Attribute, Schema};
use scim_lang::urn;
use serde_json::Value;

const CHARACTERISTICS: &str = include_str!("schema_characteristics.txt");

/// What RFC 7643 defines in prose or by example and its tables leave out.
const NOT_IN_THE_TABLES: &[&str] = &[
    // §2.4 and the sample user of §8.2.
    "core:2.0:User addresses.primary",
    // §2.4 and the sample group of §8.4; Okta sends it.
    "core:2.0:Group members.display",
    // §5.
    "core:2.0:ServiceProviderConfig etag",
    "core:2.0:ServiceProviderConfig etag.supported",
    "core:2.0:ServiceProviderConfig authenticationSchemes.type",
    "core:2.0:ServiceProviderConfig authenticationSchemes.primary",
    // RFC 9865 §4.
    "core:2.0:ServiceProviderConfig pagination",
    "core:2.0:ServiceProviderConfig pagination.cursor",
    "core:2.0:ServiceProviderConfig pagination.cursorTimeout",
    "core:2.0:ServiceProviderConfig pagination.defaultPageSize",
    "core:2.0:ServiceProviderConfig pagination.defaultPaginationMethod",
    "core:2.0:ServiceProviderConfig pagination.index",
    "core:2.0:ServiceProviderConfig pagination.maxPageSize",
];

#[test]
fn every_row_of_the_rfc_is_in_the_tables() {
    let ours = ours();
    let missing: Vec<String> = theirs()
        .iter()
        .filter(|(name, row)| ours.get(*name) != Some(row))
        .map(|(name, row)| format!("{name}\n  RFC  {row}\n  ours {:?}", ours.get(name)))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_tables_hold_no_row_beyond_the_rfc_but_the_known_ones() {
    let theirs: BTreeSet<String> = theirs().into_keys().collect();
    let ours: BTreeSet<String> = ours().into_keys().collect();
    let extra: Vec<&str> = ours.difference(&theirs).map(String::as_str).collect();
    let mut known = NOT_IN_THE_TABLES.to_vec();
    known.sort_unstable();
    assert_eq!(extra, known);
}

#[test]
fn the_schema_resource_says_the_same_as_the_table() {
    for schema in all_schemas() {
        let published = schema.to_json();
        assert_eq!(published["id"], schema.id);
        assert_eq!(published["schemas"][0], urn::SCHEMA);
        assert_eq!(published["meta"]["resourceType"], "Schema");
        let rows = published["attributes"].as_array().expect("a list");
        assert_eq!(rows.len(), schema.attributes.len());
        for (row, attribute) in rows.iter().zip(schema.attributes) {
            check_published(row, attribute);
        }
    }
}

#[test]
fn the_resource_type_says_where_it_is() {
    let user = schema::user_type().to_json("https://example.test/scim/v2/");
    assert_eq!(user["meta"]["location"], "https://example.test/scim/v2/ResourceTypes/User");
    assert_eq!(user["endpoint"], "/Users");
    assert_eq!(user["schema"], urn::USER);
    assert_eq!(user["schemaExtensions"][0]["schema"], urn::ENTERPRISE_USER);
    assert_eq!(user["schemaExtensions"][0]["required"], false);
    let group = schema::group_type().to_json("https://example.test/scim/v2");
    assert_eq!(group["schemaExtensions"], Value::Array(vec![]));
}

#[test]
fn common_attributes_have_the_characteristics_of_section_3_1() {
    let rows = [schema::id(), schema::external_id(), schema::meta(), schema::schemas()];
    let rows: Vec<String> = rows.into_iter().map(row).collect();
    assert_eq!(
        rows,
        [
            "string optional exact readOnly always server - -",
            "string optional exact readWrite default none - -",
            "complex optional - readOnly default - - -",
            "reference[] required folded readWrite always none uri -",
        ]
    );
    let meta = schema::meta().sub_attributes.iter().map(|sub| format!("{} {}", sub.name, row(sub)));
    assert_eq!(
        meta.collect::<Vec<_>>(),
        [
            "resourceType string optional exact readOnly default none - -",
            "created dateTime optional - readOnly default none - -",
            "lastModified dateTime optional - readOnly default none - -",
            "location reference optional folded readOnly default none uri -",
            "version string optional exact readOnly default none - -",
        ]
    );
}

#[test]
fn everything_has_a_description_and_a_name_the_grammar_allows() {
    for (name, attribute) in all_attributes() {
        let sentence = attribute.description;
        assert!(sentence.ends_with('.') && sentence.len() > 5, "{name}: {sentence}");
        // RFC 7643 §2.1; `$ref` is the exception it makes itself.
        let word = attribute.name.strip_prefix('$').unwrap_or(attribute.name);
        assert!(word.bytes().all(|b| b.is_ascii_alphanumeric()), "{name}");
    }
}

fn check_published(row: &Value, attribute: &Attribute) {
    let name = attribute.name;
    assert_eq!(row["name"], name);
    assert_eq!(row["type"], attribute.ty.name(), "{name}");
    assert_eq!(row["multiValued"], attribute.multi_valued, "{name}");
    assert_eq!(row["required"], attribute.required, "{name}");
    assert_eq!(row["mutability"], attribute.mutability.name(), "{name}");
    assert_eq!(row["returned"], attribute.returned.name(), "{name}");
    assert_eq!(row.get("caseExact").is_some(), attribute.ty.has_case(), "{name}");
    assert_eq!(row.get("uniqueness").is_some(), attribute.ty.has_uniqueness(), "{name}");
    assert_eq!(row.get("subAttributes").is_some(), attribute.is_complex(), "{name}");
    let subs = row["subAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert_eq!(subs.len(), attribute.sub_attributes.len(), "{name}");
    for (sub, attribute) in subs.iter().zip(attribute.sub_attributes) {
        check_published(sub, attribute);
    }
}

fn theirs() -> BTreeMap<String, String> {
    let mut rows = BTreeMap::new();
    let mut schema = "";
    for line in CHARACTERISTICS.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [urn] => schema = urn,
            [attribute, row @ ..] => {
                rows.insert(format!("{schema} {attribute}"), row.join(" "));
            }
        }
    }
    assert_eq!(rows.len(), 134, "the file is whole");
    rows
}

fn ours() -> BTreeMap<String, String> {
    all_attributes().into_iter().map(|(name, attribute)| (name, row(attribute))).collect()
}

fn all_attributes() -> Vec<(String, &'static Attribute)> {
    let mut found = Vec::new();
    for schema in all_schemas() {
        let urn = schema.id.trim_start_matches("urn:ietf:params:scim:schemas:");
        for attribute in schema.attributes {
            collect(&format!("{urn} {}", attribute.name), attribute, &mut found);
        }
    }
    found
}

fn collect(name: &str, attribute: &'static Attribute, found: &mut Vec<(String, &'static Attribute)>) {
    found.push((name.to_owned(), attribute));
    for sub in attribute.sub_attributes {
        collect(&format!("{name}.{}", sub.name), sub, found);
    }
}

fn all_schemas() -> [&'static Schema; 6] {
    [
        schema::user(),
        schema::group(),
        schema::enterprise_user(),
        schema::service_provider_config(),
        schema::resource_type(),
        schema::schema(),
    ]
}

fn row(attribute: &Attribute) -> String {
    let list = |values: &[&str]| match values.is_empty() {
        true => "-".to_owned(),
        false => values.join(","),
    };
    [
        format!("{}{}", attribute.ty.name(), if attribute.multi_valued { "[]" } else { "" }),
        if attribute.required { "required" } else { "optional" }.to_owned(),
        case(attribute).to_owned(),
        attribute.mutability.name().to_owned(),
        attribute.returned.name().to_owned(),
        if attribute.ty.has_uniqueness() { attribute.uniqueness.name() } else { "-" }.to_owned(),
        list(attribute.reference_types),
        list(attribute.canonical_values),
    ]
    .join(" ")
}

fn case(attribute: &Attribute) -> &'static str {
    match (attribute.ty.has_case(), attribute.case_exact) {
        (false, _) => "-",
        (true, true) => "exact",
        (true, false) => "folded",
    }
}
