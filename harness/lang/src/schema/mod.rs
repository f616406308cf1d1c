//! The schemas of RFC 7643 and what they say about each attribute.
//!
//! The tables are those of RFC 7643 §8.7 with the verified errata applied; a
//! row that departs from the printed text says so beside it. A server's own
//! advertisement at `/Schemas` is data to check, and is never read into these
//! types.

use serde_json::{Map, Value, json};

use crate::path::AttrPath;
use crate::urn;

mod common;
mod discovery;
mod enterprise;
mod group;
mod keyword;
mod user;

pub use common::{external_id, id, meta, schemas};
pub use discovery::{resource_type, schema, service_provider_config};
pub use enterprise::enterprise_user;
pub use group::{group, group_type};
pub use keyword::{Mutability, Returned, Type, Uniqueness};
pub use user::{user, user_type};

/// One attribute and its characteristics.
#[derive(Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The name, in its canonical spelling.
    pub name: &'static str,
    /// The data type.
    pub ty: Type,
    /// Whether it holds a list.
    pub multi_valued: bool,
    /// Whether a resource is invalid without it.
    pub required: bool,
    /// Whether upper and lower case differ; meaningless where
    /// [`Type::has_case`] says so.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// How far it has to be unique; meaningless where
    /// [`Type::has_uniqueness`] says so.
    pub uniqueness: Uniqueness,
    /// Values the schema suggests; others are legal (RFC 7643 §2.3.1).
    pub canonical_values: &'static [&'static str],
    /// What a reference may point to.
    pub reference_types: &'static [&'static str],
    /// A sentence for people.
    pub description: &'static str,
    /// What a complex attribute is made of.
    pub sub_attributes: &'static [Attribute],
}

impl Attribute {
    /// Finds a sub-attribute by name, whatever its case.
    pub fn sub(&self, name: &str) -> Option<&'static Attribute> {
        find(self.sub_attributes, name)
    }

    /// Tells whether the attribute is made of sub-attributes.
    pub fn is_complex(&self) -> bool {
        self.ty == Type::Complex
    }

    /// Returns the attribute as a Schema resource lists it (RFC 7643 §7).
    pub fn to_json(&self) -> Value {
        let mut row = Map::new();
        row.insert("name".into(), self.name.into());
        row.insert("type".into(), self.ty.name().into());
        row.insert("multiValued".into(), self.multi_valued.into());
        row.insert("description".into(), self.description.into());
        row.insert("required".into(), self.required.into());
        self.optional_characteristics(&mut row);
        row.insert("mutability".into(), self.mutability.name().into());
        row.insert("returned".into(), self.returned.name().into());
        if self.ty.has_uniqueness() {
            row.insert("uniqueness".into(), self.uniqueness.name().into());
        }
        Value::Object(row)
    }

    fn optional_characteristics(&self, row: &mut Map<String, Value>) {
        if self.is_complex() {
            row.insert("subAttributes".into(), list(self.sub_attributes));
        }
        if self.ty.has_case() {
            row.insert("caseExact".into(), self.case_exact.into());
        }
        if !self.canonical_values.is_empty() {
            row.insert("canonicalValues".into(), json!(self.canonical_values));
        }
        if !self.reference_types.is_empty() {
            row.insert("referenceTypes".into(), json!(self.reference_types));
        }
    }
}

/// A schema: a URN and the attributes it defines.
#[derive(Debug, PartialEq, Eq)]
pub struct Schema {
    /// The URN.
    pub id: &'static str,
    /// The short name.
    pub name: &'static str,
    /// A sentence for people.
    pub description: &'static str,
    /// The attributes, in the order of the RFC.
    pub attributes: &'static [Attribute],
}

impl Schema {
    /// Finds an attribute of this schema by name, whatever its case.
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        find(self.attributes, name)
    }

    /// Tells whether a URN is this schema's, whatever its case.
    pub fn is(&self, urn: &str) -> bool {
        self.id.eq_ignore_ascii_case(urn)
    }

    /// Returns the Schema resource (RFC 7643 §7), without `meta.location`,
    /// which only a server knows.
    ///
    /// `schemas` and `meta` are there although the printed examples lack
    /// them (erratum 8417).
    pub fn to_json(&self) -> Value {
        json!({
            "schemas": [urn::SCHEMA],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": list(self.attributes),
            "meta": { "resourceType": "Schema" },
        })
    }
}

/// A kind of resource: an endpoint and the schemas of what it serves.
#[derive(Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// The name, which is also `meta.resourceType`.
    pub name: &'static str,
    /// The endpoint below the base URL, with its slash.
    pub endpoint: &'static str,
    /// A sentence for people.
    pub description: &'static str,
    /// The base schema.
    pub schema: &'static Schema,
    /// The extensions, and whether each one is required.
    pub extensions: &'static [(&'static Schema, bool)],
}

/// Where in a resource a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    /// The extension that owns the attribute: its values live in an object
    /// under that schema's URN (RFC 7643 §3.3). `None` for the attributes of
    /// the base schema and the common ones, which live at the top level.
    pub extension: Option<&'static Schema>,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// The sub-attribute, where the path names one.
    pub sub: Option<&'static Attribute>,
}

impl Resolved {
    /// Returns the sub-attribute if there is one, the attribute otherwise.
    pub fn leaf(&self) -> &'static Attribute {
        self.sub.unwrap_or(self.attribute)
    }
}

impl ResourceType {
    /// Finds the attribute, or sub-attribute, that a path names.
    ///
    /// Names and URNs are compared without case. An unqualified name belongs
    /// to the base schema or is common to all resources; the base URN in
    /// front changes nothing. The attributes of an extension are found only
    /// behind its URN (RFC 7644 §3.10), so that an extension may reuse a name.
    pub fn attribute(&self, path: &AttrPath) -> Option<&'static Attribute> {
        self.resolve(path).map(|found| found.leaf())
    }

    /// Finds what a path names, and where its values live.
    pub fn resolve(&self, path: &AttrPath) -> Option<Resolved> {
        let extension = self.extension_of(path)?;
        let attribute = match extension {
            Some(schema) => schema.attribute(&path.name)?,
            None => self.base_attribute(&path.name)?,
        };
        let sub = match &path.sub {
            Some(name) => Some(attribute.sub(name)?),
            None => None,
        };
        Some(Resolved { extension, attribute, sub })
    }

    /// Finds an extension by its URN, whatever its case.
    pub fn extension(&self, urn: &str) -> Option<&'static Schema> {
        let mut schemas = self.extensions.iter().map(|(schema, _)| *schema);
        schemas.find(|schema| schema.is(urn))
    }

    /// Finds an attribute of the base schema or a common one, by bare name.
    pub fn base_attribute(&self, name: &str) -> Option<&'static Attribute> {
        common::attribute(name).or_else(|| self.schema.attribute(name))
    }

    /// Returns the ResourceType resource (RFC 7643 §6) of a service provider
    /// at this base URL.
    pub fn to_json(&self, base: &str) -> Value {
        let extension = |(schema, required): &(&Schema, bool)| json!({ "schema": schema.id, "required": required });
        let base = base.trim_end_matches('/');
        json!({
            "schemas": [urn::RESOURCE_TYPE],
            "id": self.name,
            "name": self.name,
            "endpoint": self.endpoint,
            "description": self.description,
            "schema": self.schema.id,
            "schemaExtensions": self.extensions.iter().map(extension).collect::<Vec<_>>(),
            "meta": {
                "resourceType": "ResourceType",
                "location": format!("{base}/ResourceTypes/{}", self.name),
            },
        })
    }

    /// `Some(None)` is the base schema, `None` a schema the type lacks.
    fn extension_of(&self, path: &AttrPath) -> Option<Option<&'static Schema>> {
        match path.schema.as_deref() {
            None => Some(None),
            Some(urn) if self.schema.is(urn) => Some(None),
            Some(urn) => self.extension(urn).map(Some),
        }
    }
}

fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

fn list(attributes: &[Attribute]) -> Value {
    attributes.iter().map(Attribute::to_json).collect()
}

/// An optional, readable and writable string: what most rows of the tables
/// are (RFC 7643 §2.2 has the same defaults).
const fn string(name: &'static str, description: &'static str) -> Attribute {
    Attribute {
        name,
        ty: Type::String,
        multi_valued: false,
        required: false,
        case_exact: false,
        mutability: Mutability::ReadWrite,
        returned: Returned::Default,
        uniqueness: Uniqueness::None,
        canonical_values: &[],
        reference_types: &[],
        description,
        sub_attributes: &[],
    }
}

const fn suggesting(
    name: &'static str,
    canonical_values: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    Attribute { canonical_values, ..string(name, description) }
}

const fn boolean(name: &'static str, description: &'static str) -> Attribute {
    Attribute { ty: Type::Boolean, ..string(name, description) }
}

const fn reference(
    name: &'static str,
    reference_types: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    // Erratum 6001 would make references case-exact; it is held for an
    // update of the document, so the printed value stands.
    Attribute { ty: Type::Reference, reference_types, ..string(name, description) }
}

const fn complex(name: &'static str, description: &'static str, sub_attributes: &'static [Attribute]) -> Attribute {
    Attribute { ty: Type::Complex, sub_attributes, ..string(name, description) }
}

const fn many(attribute: Attribute) -> Attribute {
    Attribute { multi_valued: true, ..attribute }
}

const fn required(attribute: Attribute) -> Attribute {
    Attribute { required: true, ..attribute }
}

const fn case_exact(attribute: Attribute) -> Attribute {
    Attribute { case_exact: true, ..attribute }
}

const fn read_only(attribute: Attribute) -> Attribute {
    Attribute { mutability: Mutability::ReadOnly, ..attribute }
}

const fn immutable(attribute: Attribute) -> Attribute {
    Attribute { mutability: Mutability::Immutable, ..attribute }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(ty: &ResourceType, path: &str) -> Option<&'static str> {
        let path = AttrPath::parse(path).expect("the paths below are well-formed");
        ty.attribute(&path).map(|attribute| attribute.name)
    }

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(found(user_type(), "USERNAME"), Some("userName"));
        assert_eq!(found(user_type(), "Name.GIVENNAME"), Some("givenName"));
        assert_eq!(found(group_type(), "members.$REF"), Some("$ref"));
    }

    #[test]
    fn the_base_urn_in_front_changes_nothing() {
        let path = "URN:ietf:params:scim:schemas:core:2.0:user:name.familyName";
        assert_eq!(found(user_type(), path), Some("familyName"));
        assert_eq!(found(user_type(), &format!("{}:externalId", urn::USER)), Some("externalId"));
        assert_eq!(found(group_type(), path), None, "a group has no User schema");
    }

    #[test]
    fn extension_attributes_are_found_only_behind_their_urn() {
        let qualified = format!("{}:manager.displayName", urn::ENTERPRISE_USER);
        assert_eq!(found(user_type(), &qualified), Some("displayName"));
        assert_eq!(found(user_type(), "manager"), None);
        assert_eq!(found(group_type(), &qualified), None);
    }

    #[test]
    fn common_attributes_belong_to_every_type() {
        for ty in [user_type(), group_type()] {
            for name in ["id", "externalId", "meta.lastModified", "schemas"] {
                assert!(found(ty, name).is_some(), "{name} of {}", ty.name);
            }
        }
    }

    #[test]
    fn what_a_path_resolves_to_says_where_its_values_live() {
        let path = AttrPath::parse(&format!("{}:manager.value", urn::ENTERPRISE_USER)).unwrap();
        let resolved = user_type().resolve(&path).unwrap();
        assert_eq!(resolved.extension, Some(enterprise_user()));
        assert_eq!((resolved.attribute.name, resolved.leaf().name), ("manager", "value"));
    }

    #[test]
    fn unknown_names_are_not_found() {
        for path in ["nope", "name.nope", "userName.value", "urn:example:x:1.0:Y:z"] {
            assert_eq!(found(user_type(), path), None, "{path}");
        }
    }
}
