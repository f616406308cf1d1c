//! Entries of a list that an import cannot use, and why.

use serde_json::Value;

use super::note::brief;
use crate::message;

/// An entry that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The `startIndex` of the page it stood on.
    pub page: u64,
    /// Its place on that page, from 0.
    pub index: usize,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// What is wrong with it.
    pub fault: EntryFault,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryFault {
    /// It is not a JSON object.
    NotAnObject,
    /// It has no `id`, or one that cannot be a path segment.
    NoId,
    /// It has no `schemas`.
    NoSchemas,
    /// It lacks an attribute Okta needs.
    Missing(&'static str),
    /// A multi-valued attribute is not an array.
    NotAnArray(&'static str),
    /// An attribute that is a text is an object or an array.
    NotAText(&'static str),
    /// A text is longer than Okta stores.
    TooLong(&'static str),
    /// A text is not the one it has to be.
    Differs {
        /// The attribute.
        attribute: &'static str,
        /// What it has to be.
        expected: String,
        /// What it is.
        actual: String,
    },
}

impl EntryFault {
    /// Returns the reason as the administrator reads it.
    ///
    /// The words for missing `schemas` are captured, at a create
    /// (<https://github.com/grokability/snipe-it/issues/18864>). No other text of an import is public;
    /// the rest is in our words, and so is the reading that such an entry is left out alone and the rest
    /// of its page is imported.
    pub fn shown(&self) -> String {
        match self {
            EntryFault::NotAnObject => "the entry is not a JSON object".to_owned(),
            EntryFault::NoId => "the entry has no usable id".to_owned(),
            EntryFault::NoSchemas => message::NO_SCHEMAS.to_owned(),
            EntryFault::Missing(attribute) => format!("required attribute {attribute} is missing"),
            EntryFault::NotAnArray(attribute) => format!("{attribute} is multi-valued and not an array"),
            EntryFault::NotAText(attribute) => format!("{attribute} is not a text"),
            EntryFault::TooLong(attribute) => format!("{attribute} is too long"),
            EntryFault::Differs { attribute, expected, actual } => {
                format!("{attribute} is {actual:?}, not {expected:?}")
            }
        }
    }
}

/// Returns the id of an entry; nothing where it has none to work with.
///
/// A number is read as its digits, as everywhere. A dot segment would be resolved away (RFC 3986
/// §5.2.4) and a later request reach something else.
pub(crate) fn id(entry: &Value) -> Result<String, EntryFault> {
    if !entry.is_object() {
        return Err(EntryFault::NotAnObject);
    }
    let id = match &entry["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => String::new(),
    };
    match id.as_str() {
        "" | "." | ".." => Err(EntryFault::NoId),
        _ => Ok(id),
    }
}

/// Tells whether an entry names its schemas.
pub(crate) fn check_schemas(entry: &Value) -> Result<(), EntryFault> {
    match entry["schemas"].as_array() {
        Some(schemas) if !schemas.is_empty() => Ok(()),
        _ => Err(EntryFault::NoSchemas),
    }
}

/// Returns a text of an entry. Numbers and booleans are read as texts, as Okta's parser is known to do
/// by default; `null` is no text.
pub(crate) fn text(value: &Value, attribute: &'static str) -> Result<Option<String>, EntryFault> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) => Ok(Some(value.to_string())),
        Value::Array(_) | Value::Object(_) => Err(EntryFault::NotAText(attribute)),
    }
}

impl Malformed {
    pub(crate) fn new(page: u64, index: usize, id: Option<&str>, fault: EntryFault) -> Malformed {
        Malformed { page, index, id: id.map(brief), fault }
    }
}
