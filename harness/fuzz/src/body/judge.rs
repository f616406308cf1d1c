//! What must be true of whatever a server makes of a body.

use super::Draft;
use super::node::Node;
use super::shape::{Attribute, Kind, Shape, Type, named};
use icu_normalizer::ComposingNormalizerBorrowed;
use scim_lang::json::same;
use scim_lang::urn;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How what was stored differs from what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `lost`, `cut`, `stripped`, `altered` or `grown`.
    pub how: &'static str,
    /// What it is about the value that may have led to it, such as `nul` or `astral`.
    pub trait_: &'static str,
}

impl Difference {
    /// Tells whether it is a clean-up that some servers do on purpose: control characters, or marks that show nothing.
    pub fn is_clean_up(&self) -> bool {
        self.how == "stripped"
    }
}

/// Tells whether what is sent is no JSON (RFC 8259), or no object, whatever the parser. Bytes that are no UTF-8 and
/// numbers beyond all doubles are not counted: parsers differ about them.
pub fn is_malformed(draft: &Draft) -> bool {
    match draft.mangling {
        Some(super::Mangling::Byte) => false,
        Some(_) => true,
        None => !matches!(draft.body, Node::Object(_)),
    }
}

/// Returns what an accepted body leaves no choice about: the attributes by path, with what was sent.
///
/// What is there twice, has another type than the schema says, is not the client's to set, has a form that some standard
/// knows, or is not `kept` even if it is plain, is left out.
pub fn worth_comparing<'s>(
    draft: &Draft,
    shape: &'s Shape,
    mark: &str,
    kept: &BTreeSet<String>,
) -> Vec<(String, Value, &'s Attribute)> {
    // What is mangled says something else than the body does.
    let Node::Object(members) = &draft.body else { return Vec::new() };
    if draft.mangling.is_some() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (name, node) in members {
        if draft.body.members(name).count() > 1 {
            continue;
        }
        if let Some(attribute) = shape.attribute(name) {
            let value = clean(node, attribute, mark).filter(|_| kept.contains(&attribute.name));
            all.extend(value.map(|value| (attribute.name.clone(), value, attribute)));
        } else if let Some(attributes) = shape.extension(name)
            && let Node::Object(inside) = node
        {
            for (sub, node) in inside.iter().filter(|(sub, _)| Node::members(node, sub).count() == 1) {
                let Some(attribute) = named(attributes, sub) else { continue };
                let path = format!("{name}:{}", attribute.name);
                let value = clean(node, attribute, mark).filter(|_| kept.contains(&path));
                all.extend(value.map(|value| (path, value, attribute)));
            }
        }
    }
    all
}

/// Returns the value that a node has for an attribute, if there can be no two opinions about it.
fn clean(node: &Node, attribute: &Attribute, mark: &str) -> Option<Value> {
    if !attribute.writable {
        return None;
    }
    if attribute.multi_valued {
        let Node::List(elements) = node else { return None };
        let values: Vec<Value> =
            elements.iter().map(|one| clean_single(one, attribute, mark)).collect::<Option<_>>()?;
        let is_repeated =
            |at: usize| values[..at].iter().any(|earlier| unlike(&values[at], earlier, attribute).is_none());
        // Values that are alike may be stored once (RFC 7643 §2.4).
        return (values.len() <= MOST_VALUES && !(0..values.len()).any(is_repeated)).then_some(Value::Array(values));
    }
    clean_single(node, attribute, mark)
}

fn clean_single(node: &Node, attribute: &Attribute, mark: &str) -> Option<Value> {
    let value = match (attribute.ty, node) {
        (Type::Text, Node::Text(_)) if attribute.free => node.value(mark)?,
        (Type::Boolean, Node::Word(word)) if word == "true" || word == "false" => node.value(mark)?,
        (Type::Integer | Type::Decimal, Node::Word(_)) => node.value(mark).filter(Value::is_number)?,
        (Type::Complex, Node::Object(members)) => {
            let mut object = Map::new();
            // Which value is the primary one is for the server to settle where several claim it.
            for (name, part) in members.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("primary")) {
                let sub = named(&attribute.sub_attributes, name)?;
                let is_once = node.members(name).count() == 1;
                object.insert(sub.name.clone(), clean(part, sub, mark).filter(|_| is_once)?);
            }
            Value::Object(object)
        }
        _ => return None,
    };
    (!is_unassigned(Some(&value))).then_some(value)
}

/// Returns how a stored value differs from the one that was sent, if it does.
///
/// How a text is normalised, its case where the attribute does not care, and white space around it are the server's own
/// business: the RFC is silent about them.
pub fn altered(sent: &Value, stored: Option<&Value>, attribute: &Attribute) -> Option<Difference> {
    if is_unassigned(Some(sent)) {
        return None;
    }
    match stored {
        Some(stored) if !is_unassigned(Some(stored)) => unlike(sent, stored, attribute),
        _ => Some(Difference { how: "lost", trait_: trait_of(sent) }),
    }
}

fn unlike(sent: &Value, stored: &Value, attribute: &Attribute) -> Option<Difference> {
    let differs = |how| Some(Difference { how, trait_: trait_of(sent) });
    match (sent, stored) {
        (Value::String(sent), Value::String(stored)) => unlike_text(sent, stored, attribute.case_exact),
        (Value::Number(_), Value::Number(_)) | (Value::Bool(_), Value::Bool(_)) => {
            if same(sent, stored) {
                None
            } else {
                differs("altered")
            }
        }
        (Value::Object(sent), Value::Object(stored)) => sent.iter().find_map(|(name, value)| {
            let sub = named(&attribute.sub_attributes, name)?;
            altered(value, member(stored, name), sub)
        }),
        (Value::Array(sent), Value::Array(stored)) => {
            let missing = sent.iter().find(|one| !stored.iter().any(|other| unlike(one, other, attribute).is_none()));
            match (missing, stored.as_slice()) {
                (None, _) if stored.len() > sent.len() => differs("grown"),
                (None, _) => None,
                (Some(missing), [only]) => unlike(missing, only, attribute),
                (Some(missing), _) => Some(Difference { how: "altered", trait_: trait_of(missing) }),
            }
        }
        _ => differs("altered"),
    }
}

fn unlike_text(sent: &str, stored: &str, case_exact: bool) -> Option<Difference> {
    let (ours, theirs) = (folded(sent, case_exact), folded(stored, case_exact));
    if ours == theirs {
        return None;
    }
    let visible = |text: &str| -> String { text.chars().filter(|letter| !shows_nothing(*letter)).collect() };
    let how = if folded(&visible(sent), case_exact) == folded(&visible(stored), case_exact) {
        "stripped"
    } else if ours.starts_with(&theirs) {
        "cut"
    } else {
        "altered"
    };
    Some(Difference { how, trait_: trait_of_text(sent) })
}

/// Returns a text as it is compared: in the widest of the normal forms, so that each of the narrower ones is the same.
fn folded(text: &str, case_exact: bool) -> String {
    let text = if case_exact { text.to_owned() } else { text.to_lowercase() };
    let text = ComposingNormalizerBorrowed::new_nfkc().normalize(&text).into_owned();
    text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}').to_owned()
}

fn shows_nothing(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Returns what about a value is out of the ordinary.
fn trait_of(value: &Value) -> &'static str {
    match value {
        Value::String(text) => trait_of_text(text),
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Null => "null",
        Value::Array(elements) => elements.first().map_or("list", trait_of),
        Value::Object(members) => members.values().next().map_or("object", trait_of),
    }
}

/// Returns what about a text is out of the ordinary, the most troublesome first.
pub fn trait_of_text(text: &str) -> &'static str {
    let has = |is: fn(char) -> bool| text.chars().any(is);
    if text.contains('\0') {
        "nul"
    } else if has(char::is_control) {
        "control"
    } else if has(|letter| letter > '\u{ffff}') {
        "astral"
    } else if has(shows_nothing) {
        "invisible"
    } else if text.chars().count() > 32 {
        "long"
    } else if !text.is_ascii() {
        "non-ascii"
    } else {
        "ascii"
    }
}

/// Returns the name of an attribute that a resource shows with a type its schema does not give it.
pub fn mistyped(resource: &Map<String, Value>, shape: &Shape) -> Option<String> {
    let wrong = |(name, value): (&String, &Value)| {
        let attribute = shape.attribute(name)?;
        (!has_type(value, attribute)).then(|| attribute.name.clone())
    };
    resource.iter().find_map(wrong)
}

fn has_type(value: &Value, attribute: &Attribute) -> bool {
    if value.is_null() {
        return true;
    }
    match value {
        Value::Array(elements) => attribute.multi_valued && elements.iter().all(|one| has_single_type(one, attribute)),
        one => !attribute.multi_valued && has_single_type(one, attribute),
    }
}

fn has_single_type(value: &Value, attribute: &Attribute) -> bool {
    match (attribute.ty, value) {
        (_, Value::Null) => true,
        (Type::Text | Type::Formatted, value) => value.is_string(),
        (Type::Boolean, value) => value.is_boolean(),
        (Type::Integer | Type::Decimal, value) => value.is_number(),
        (Type::Complex, Value::Object(members)) => members
            .iter()
            .all(|(name, value)| named(&attribute.sub_attributes, name).is_none_or(|sub| has_type(value, sub))),
        (Type::Complex, _) => false,
    }
}

/// Returns what is wrong with an answer that refuses (RFC 7644 §3.12). A status that is a number is in Okta's own
/// samples and passes.
pub fn flawed_error(status: u16, body: Option<&Value>) -> Option<&'static str> {
    let Some(error) = body.and_then(Value::as_object) else { return Some("it is no JSON object") };
    let schemas = error.get("schemas").and_then(Value::as_array).into_iter().flatten();
    if !schemas.filter_map(Value::as_str).any(|schema| schema.eq_ignore_ascii_case(urn::ERROR)) {
        return Some("its schemas do not name that of an error");
    }
    let said = match error.get("status") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_u64(),
        _ => None,
    };
    match said {
        None => Some("it has no status"),
        Some(said) if said != u64::from(status) => Some("its status is another than that of the answer"),
        Some(_) => error
            .get("detail")
            .filter(|detail| !detail.is_string() && !detail.is_null())
            .map(|_| "its detail is no text"),
    }
}

/// Tells whether a resource has what it must have: a name that is text and not empty (RFC 7643 §4.1.1 and §4.2).
pub fn has_name(resource: &Map<String, Value>, kind: Kind) -> bool {
    member(resource, kind.naming()).and_then(Value::as_str).is_some_and(|name| !name.is_empty())
}

/// Finds a member whatever its case (RFC 7643 §2.1).
pub fn member<'m>(object: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Null, an empty array and nothing are the same state (RFC 7643 §2.5); about empty texts and objects it is silent.
fn is_unassigned(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => folded(text, true).is_empty(),
        Some(Value::Array(elements)) => elements.iter().all(|one| is_unassigned(Some(one))),
        Some(Value::Object(members)) => members.values().all(|one| is_unassigned(Some(one))),
        Some(_) => false,
    }
}

/// Beyond this many values of an attribute a server may have a limit of its own.
const MOST_VALUES: usize = 20;
