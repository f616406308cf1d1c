//! What a server says its resources look like, as far as bodies depend on it.

pub use crate::sequence::model::Kind;

/// A kind of resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Which.
    pub kind: Kind,
    /// The URN of its schema.
    pub schema: String,
    /// What stands at the top.
    pub attributes: Vec<Attribute>,
    /// The extensions, by URN.
    pub extensions: Vec<(String, Vec<Attribute>)>,
}

/// One attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// The type.
    pub ty: Type,
    /// Whether it holds a list.
    pub multi_valued: bool,
    /// Whether a client may set it.
    pub writable: bool,
    /// Whether upper and lower case differ.
    pub case_exact: bool,
    /// Whether any text will do: no list of values is suggested, and no other standard says how it is written.
    pub free: bool,
    /// What a complex one is made of.
    pub sub_attributes: Vec<Attribute>,
}

/// A type of values (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `string`.
    Text,
    /// `boolean`.
    Boolean,
    /// `integer`.
    Integer,
    /// `decimal`.
    Decimal,
    /// `complex`.
    Complex,
    /// `dateTime`, `reference`, `binary`, or a word of the server's own: text that has to look like something.
    Formatted,
}

impl Shape {
    /// Finds an attribute that stands at the top, whatever its case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        named(&self.attributes, name)
    }

    /// Finds the attributes of an extension.
    pub fn extension(&self, urn: &str) -> Option<&[Attribute]> {
        self.extensions.iter().find(|(known, _)| known.eq_ignore_ascii_case(urn)).map(|(_, all)| all.as_slice())
    }
}

/// Finds an attribute by name, whatever its case.
pub(super) fn named<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
