//! One attribute as a server's schema defines it (RFC 7643 §7), read tolerantly.

use scim_lang::schema::{self, Mutability, Returned, Type, Uniqueness};
use serde_json::{Map, Value};

/// One attribute and its characteristics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// The name as the schema spells it.
    pub(crate) name: String,
    /// The data type; nothing where the schema has a word of its own.
    pub(crate) ty: Option<Type>,
    /// Whether it holds a list.
    pub(crate) multi_valued: bool,
    /// Whether a resource is invalid without it.
    pub(crate) required: bool,
    /// Whether upper and lower case differ.
    pub(crate) case_exact: bool,
    /// Who may change it.
    pub(crate) mutability: Mutability,
    /// When it is returned.
    pub(crate) returned: Returned,
    /// How far it has to be unique.
    pub(crate) uniqueness: Uniqueness,
    /// Values the schema suggests.
    pub(crate) canonical_values: Vec<String>,
    /// What a complex attribute is made of; empty where the schema does not say.
    pub(crate) sub_attributes: Vec<Attribute>,
}

/// A place in a document and why it means nothing to us.
pub(super) type Riddle = (String, String);

impl Attribute {
    /// Finds a sub-attribute by name, whatever its case.
    pub(crate) fn sub(&self, name: &str) -> Option<&Attribute> {
        named(&self.sub_attributes, name)
    }

    /// Tells whether no answer may hold it: a value that nobody may read is as good as never returned (RFC 7643 §7).
    pub(crate) fn is_secret(&self) -> bool {
        self.returned == Returned::Never || self.mutability == Mutability::WriteOnly
    }

    /// Returns a characteristic by the name it has in a schema, as the text of its value.
    pub(crate) fn characteristic(&self, name: &str) -> Option<&'static str> {
        let flag = |it: bool| if it { "true" } else { "false" };
        match name {
            "type" => self.ty.map(Type::name),
            "multiValued" => Some(flag(self.multi_valued)),
            "required" => Some(flag(self.required)),
            "caseExact" => Some(flag(self.case_exact)),
            "mutability" => Some(self.mutability.name()),
            "returned" => Some(self.returned.name()),
            "uniqueness" => Some(self.uniqueness.name()),
            _ => None,
        }
    }

    /// Returns what RFC 7643 §2.2 takes an attribute to be of which only the name is known.
    fn plain(name: &str) -> Attribute {
        Attribute {
            name: name.to_owned(),
            ty: Some(Type::String),
            multi_valued: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical_values: Vec::new(),
            sub_attributes: Vec::new(),
        }
    }
}

impl From<&schema::Attribute> for Attribute {
    fn from(row: &schema::Attribute) -> Attribute {
        Attribute {
            name: row.name.to_owned(),
            ty: Some(row.ty),
            multi_valued: row.multi_valued,
            required: row.required,
            case_exact: row.case_exact,
            mutability: row.mutability,
            returned: row.returned,
            uniqueness: row.uniqueness,
            canonical_values: row.canonical_values.iter().map(|value| (*value).to_owned()).collect(),
            sub_attributes: row.sub_attributes.iter().map(Attribute::from).collect(),
        }
    }
}

/// Finds an attribute by name, whatever its case (RFC 7643 §2.1).
pub(crate) fn named<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// Reads a list of definitions.
///
/// What an attribute of the RFC does not say here is as the RFC has it; what another does not say is as RFC 7643 §2.2
/// has it for all.
pub(super) fn read_all(
    list: &Value,
    pointer: &str,
    rfc: &[schema::Attribute],
    riddles: &mut Vec<Riddle>,
) -> Vec<Attribute> {
    let mut attributes: Vec<Attribute> = Vec::new();
    for (place, name, row) in rows(list, pointer, riddles) {
        if attributes.len() == MOST {
            riddles.push((pointer.to_owned(), format!("only the first {MOST} attributes are read")));
            break;
        }
        let known = rfc.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name));
        attributes.push(read(name, row, &place, known, riddles));
    }
    attributes
}

/// Returns the rows of a list; a few servers have an object with the names as keys instead.
fn rows<'v>(
    list: &'v Value,
    pointer: &str,
    riddles: &mut Vec<Riddle>,
) -> Vec<(String, &'v str, &'v Map<String, Value>)> {
    let mut rows = Vec::new();
    let mut take = |place: String, name: Option<&'v str>, row: &'v Value| match (name, row) {
        (Some(name), Value::Object(row)) if !name.is_empty() => rows.push((place, name, row)),
        (_, Value::Object(_)) => riddles.push((place, "the attribute has no name".to_owned())),
        _ => riddles.push((place, "the definition of an attribute is no object".to_owned())),
    };
    match list {
        Value::Null => {}
        Value::Array(list) => {
            for (index, row) in list.iter().enumerate() {
                take(format!("{pointer}/{index}"), row.get("name").and_then(Value::as_str), row);
            }
        }
        Value::Object(object) => {
            for (key, row) in object {
                let name = row.get("name").and_then(Value::as_str).unwrap_or(key);
                take(super::below(pointer, key), Some(name), row);
            }
        }
        _ => riddles.push((pointer.to_owned(), "the attributes are no array".to_owned())),
    }
    rows
}

fn read(
    name: &str,
    row: &Map<String, Value>,
    place: &str,
    rfc: Option<&schema::Attribute>,
    riddles: &mut Vec<Riddle>,
) -> Attribute {
    let mut attribute = rfc.map_or_else(|| Attribute::plain(name), Attribute::from);
    name.clone_into(&mut attribute.name);
    let mut riddle = |key: &str, cause: &str| riddles.push((format!("{place}/{key}"), cause.to_owned()));
    match row.get("type").filter(|word| !word.is_null()) {
        None => {}
        Some(word) => match keyword(word, &TYPES, Type::name) {
            Some(ty) => attribute.ty = Some(ty),
            None => {
                attribute.ty = None;
                riddle("type", "RFC 7643 §2.3 has no such type");
            }
        },
    }
    for (key, flag) in [
        ("multiValued", &mut attribute.multi_valued),
        ("required", &mut attribute.required),
        ("caseExact", &mut attribute.case_exact),
    ] {
        match row.get(key) {
            None | Some(Value::Null) => {}
            Some(Value::Bool(value)) => *flag = *value,
            Some(_) => riddle(key, "it is no boolean"),
        }
    }
    let words = |key: &str| row.get(key).filter(|word| !word.is_null()).map(|word| (key.to_owned(), word));
    if let Some((key, word)) = words("mutability") {
        match keyword(word, &MUTABILITIES, Mutability::name) {
            Some(known) => attribute.mutability = known,
            None => riddle(&key, "RFC 7643 §7 has no such keyword"),
        }
    }
    if let Some((key, word)) = words("returned") {
        match keyword(word, &RETURNS, Returned::name) {
            Some(known) => attribute.returned = known,
            None => riddle(&key, "RFC 7643 §7 has no such keyword"),
        }
    }
    if let Some((key, word)) = words("uniqueness") {
        match keyword(word, &UNIQUENESSES, Uniqueness::name) {
            Some(known) => attribute.uniqueness = known,
            None => riddle(&key, "RFC 7643 §7 has no such keyword"),
        }
    }
    if let Some(values) = row.get("canonicalValues").and_then(Value::as_array) {
        attribute.canonical_values = values.iter().filter_map(Value::as_str).take(MOST).map(str::to_owned).collect();
    }
    if let Some(list) = row.get("subAttributes").filter(|list| !list.is_null()) {
        let rfc = rfc.map_or(&[][..], |attribute| attribute.sub_attributes);
        attribute.sub_attributes = read_all(list, &format!("{place}/subAttributes"), rfc, riddles);
    }
    attribute
}

/// Finds what a word names; its case is a matter for checks, not for reading.
fn keyword<T: Copy>(word: &Value, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
    let word = word.as_str()?;
    all.iter().copied().find(|it| name(*it).eq_ignore_ascii_case(word))
}

/// Every type there is.
pub(crate) const TYPES: [Type; 8] = [
    Type::String,
    Type::Boolean,
    Type::Decimal,
    Type::Integer,
    Type::DateTime,
    Type::Reference,
    Type::Complex,
    Type::Binary,
];

/// Every mutability there is.
pub(crate) const MUTABILITIES: [Mutability; 4] =
    [Mutability::ReadOnly, Mutability::ReadWrite, Mutability::Immutable, Mutability::WriteOnly];

/// Every way to be returned.
pub(crate) const RETURNS: [Returned; 4] = [Returned::Always, Returned::Never, Returned::Default, Returned::Request];

/// Every extent of uniqueness.
pub(crate) const UNIQUENESSES: [Uniqueness; 3] = [Uniqueness::None, Uniqueness::Server, Uniqueness::Global];

/// How many attributes of one list, or values of one attribute, are read.
const MOST: usize = 500;
