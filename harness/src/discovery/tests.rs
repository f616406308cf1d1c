//! What is understood of documents that are as servers have them.

use super::document::Document;
use super::{Attribute, Discovery};
use scim_lang::schema::{Mutability, Returned, Type, Uniqueness};
use scim_lang::urn;
use serde_json::{Value, json};

fn discovery(types: &Value, schemas: &Value) -> Discovery {
    let document = |body: &Value| match body {
        Value::Null => Document::received(501, b"{}"),
        body => Document::received(200, body.to_string().as_bytes()),
    };
    Discovery::of(Document::received(403, b"{}"), &document(types), &document(schemas), &[])
}

fn of_user(attributes: &Value) -> Discovery {
    discovery(&Value::Null, &json!([{ "id": urn::USER, "attributes": attributes }]))
}

fn attribute<'d>(discovery: &'d Discovery, path: &str) -> &'d Attribute {
    discovery.attribute("User", path).unwrap_or_else(|| panic!("{path} is known"))
}

#[test]
fn a_server_that_says_nothing_is_as_the_rfc_has_it() {
    let silent = discovery(&Value::Null, &Value::Null);
    assert!(silent.config().is_none() && !silent.describes_schemas() && !silent.declares_types());
    assert_eq!(attribute(&silent, "password").returned, Returned::Never);
    assert_eq!(attribute(&silent, "NAME.givenname").ty, Some(Type::String));
    assert_eq!(attribute(&silent, &format!("{}:manager.value", urn::ENTERPRISE_USER)).name, "value");
    assert!(silent.attribute("Group", "members.display").is_some());
    assert!(silent.attribute("User", "department").is_none(), "it stands in the extension");
    assert!(silent.attribute("Robot", "id").is_none());
    assert_eq!(silent.doubt(), None);
}

#[test]
fn what_a_definition_leaves_out_is_as_the_rfc_has_it() {
    let short = of_user(&json!([{ "name": "password" }, { "name": "emails" }, { "name": "shoeSize" }]));
    let password = attribute(&short, "password");
    assert_eq!((password.returned, password.mutability), (Returned::Never, Mutability::WriteOnly));
    let emails = attribute(&short, "emails.primary");
    assert_eq!(emails.ty, Some(Type::Boolean));
    let own = attribute(&short, "shoeSize");
    assert_eq!((own.ty, own.multi_valued, own.required, own.case_exact), (Some(Type::String), false, false, false));
    assert_eq!((own.mutability, own.returned), (Mutability::ReadWrite, Returned::Default));
    assert_eq!(own.uniqueness, Uniqueness::None);
}

#[test]
fn what_a_schema_leaves_out_is_not_there() {
    let short = of_user(&json!([{ "name": "userName", "caseExact": true }]));
    assert_eq!(attribute(&short, "USERNAME").characteristic("caseExact"), Some("true"));
    assert!(short.attribute("User", "nickName").is_none());
    assert!(short.attribute("Group", "members").is_some(), "the server has no Group schema to say otherwise");
    assert_eq!(attribute(&short, "meta.created").ty, Some(Type::DateTime));
}

#[test]
fn of_common_attributes_the_rfc_has_the_last_word() {
    let odd = of_user(&json!([{ "name": "id", "caseExact": false, "mutability": "readWrite" }]));
    assert_eq!(attribute(&odd, "id").characteristic("caseExact"), Some("true"));
    assert_eq!(attribute(&odd, "id").mutability, Mutability::ReadOnly);
}

#[test]
fn what_is_not_understood_is_kept_with_its_reason() {
    let odd = of_user(&json!([
        { "name": "a", "type": "hue", "required": "yes", "mutability": "sometimes" },
        { "name": "b", "type": "DateTime", "returned": "ALWAYS" },
        { "type": "string" },
        7,
    ]));
    assert_eq!((attribute(&odd, "a").ty, attribute(&odd, "a").required), (None, false));
    assert_eq!((attribute(&odd, "b").ty, attribute(&odd, "b").returned), (Some(Type::DateTime), Returned::Always));
    let places: Vec<&str> = odd.riddles.iter().map(|(place, _)| place.as_str()).collect();
    let row = "/Schemas#/0/attributes";
    let expected = ["0/type", "0/required", "0/mutability", "2", "3"].map(|rest| format!("{row}/{rest}"));
    let mut sorted = places.clone();
    sorted.sort_unstable();
    let mut expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(sorted, expected);
    assert!(
        odd.doubt().is_some_and(|text| text.starts_with("5 of its definitions were not understood, the first at "))
    );
}

#[test]
fn attributes_may_be_an_object_by_name() {
    let odd = of_user(&json!({ "userName": { "type": "string", "required": true }, "emails": { "type": "complex",
        "multiValued": true, "subAttributes": { "value": { "type": "string" } } } }));
    assert!(attribute(&odd, "userName").required);
    assert_eq!(attribute(&odd, "emails.value").ty, Some(Type::String));
}

#[test]
fn resource_types_come_in_many_forms() {
    let types = json!({ "totalResults": 3, "Resources": [
        { "id": "People", "endpoint": "Users/", "schema": urn::USER, "schemaExtensions": { "schema": "urn:acme:2.0:User" } },
        { "name": "Robot", "endpoint": "/iam/Robots", "schema": "urn:acme:2.0:Robot", "schemaExtensions": ["urn:acme:x"] },
        { "name": "Lost" },
    ]});
    let own = discovery(&types, &Value::Null);
    assert!(own.declares_types());
    assert_eq!(own.resource_types().len(), 2);
    let people = own.resource_type("User").expect("found by its schema");
    assert_eq!((people.name.as_str(), people.endpoint.as_str()), ("People", "/Users"));
    assert!(people.has_schema("URN:acme:2.0:user"));
    assert_eq!(own.resource_type("robot").map(|ty| ty.extensions.as_slice()), Some(&["urn:acme:x".to_owned()][..]));
    assert_eq!(own.riddles.len(), 1);
}

#[test]
fn a_path_leads_to_the_type_that_is_served_there() {
    let types = json!([
        { "name": "User", "endpoint": "/Users", "schema": urn::USER },
        { "name": "Robot", "endpoint": "/iam/Robots", "schema": "urn:acme:2.0:Robot" },
    ]);
    let own = discovery(&types, &Value::Null);
    for (path, expected) in [
        ("/Users", Some("User")),
        ("/Users/7", Some("User")),
        ("/Users/.search", Some("User")),
        ("/users/7", Some("User")),
        ("/Me", Some("User")),
        ("/iam/Robots/7", Some("Robot")),
        ("/iam", None),
        ("/UsersX", None),
        ("/", None),
        ("/.search", None),
        ("/Schemas/urn:x", Some("Schema")),
        ("/ServiceProviderConfig", Some("ServiceProviderConfig")),
    ] {
        assert_eq!(own.type_at(path).map(|ty| ty.name.as_str()), expected, "{path}");
    }
}

#[test]
fn extensions_of_the_servers_own_are_found_behind_their_urn() {
    let types = json!([{ "name": "User", "endpoint": "/Users", "schema": urn::USER,
        "schemaExtensions": [{ "schema": "urn:acme:2.0:User" }, { "schema": "urn:acme:2.0:User:more" }] }]);
    let schemas = json!([
        { "id": "urn:ACME:2.0:User", "attributes": [{ "name": "team", "type": "complex", "subAttributes": [{ "name": "size", "type": "integer" }] }] },
        { "id": "urn:acme:2.0:User:more", "attributes": [{ "name": "floor", "type": "integer" }] },
    ]);
    let own = discovery(&types, &schemas);
    assert_eq!(attribute(&own, "urn:acme:2.0:User:TEAM.size").ty, Some(Type::Integer));
    assert_eq!(attribute(&own, "urn:acme:2.0:user:more:floor").ty, Some(Type::Integer));
    assert!(own.attribute("User", "team").is_none());
    assert!(own.attribute("User", "urn:acme:2.0:User:").is_none());
}

#[test]
fn a_flood_of_definitions_is_cut_off() {
    let many: Vec<Value> = (0..2_000).map(|at| json!({ "name": format!("a{at}") })).collect();
    let own = of_user(&json!(many));
    assert_eq!(own.schema(urn::USER).map(|schema| schema.attributes.len()), Some(500));
    assert!(own.riddles.iter().any(|(_, reason)| reason.contains("only the first")));
}
