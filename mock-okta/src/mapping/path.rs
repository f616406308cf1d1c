//! External names: how the Profile Editor writes the place of an attribute in a SCIM user.

use std::str::FromStr;

use serde_json::{Map, Value, json};

use super::object;

/// A place in a user. It has at least one segment, and a segment with a selector is never the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    name: String,
    selector: Option<Selector>,
}

/// Which element of an array is meant: `^[type=='work']`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selector {
    key: String,
    value: Value,
    /// What else finds the element where that does not, and describes one that has to be made.
    otherwise: Option<(String, Value)>,
}

/// An external name Okta would not understand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("external name `{0}` is neither like `title`, `name.middleName`, nor like `roles.^[type=='Primary'].value`")]
pub struct ExternalNameError(pub String);

impl FromStr for Path {
    type Err = ExternalNameError;

    fn from_str(text: &str) -> Result<Path, ExternalNameError> {
        let error = || ExternalNameError(text.to_owned());
        let mut segments: Vec<Segment> = Vec::new();
        let mut rest = text;
        loop {
            let (name, after) = rest.split_at(rest.find(['.', '^', '[', ']']).unwrap_or(rest.len()));
            if name.is_empty() {
                return Err(error());
            }
            let (selector, after) = selector(after).ok_or_else(error)?;
            segments.push(Segment { name: name.to_owned(), selector });
            match after.strip_prefix('.') {
                Some(next) => rest = next,
                None if after.is_empty() => break,
                None => return Err(error()),
            }
        }
        let selects = segments.last().is_some_and(|last| last.selector.is_some());
        if selects { Err(error()) } else { Ok(Path(segments)) }
    }
}

/// Takes `.^[key=='value']` off the front, if it is there; nothing where it is malformed.
fn selector(text: &str) -> Option<(Option<Selector>, &str)> {
    let Some(inside) = text.strip_prefix(".^[") else { return Some((None, text)) };
    let (test, after) = inside.split_once(']')?;
    let (key, value) = test.split_once("==")?;
    let value = match (value, value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''))) {
        (_, Some(quoted)) => json!(quoted),
        ("true", None) => json!(true),
        ("false", None) => json!(false),
        ("", None) => return None,
        (bare, None) => json!(bare),
    };
    let selector = Selector { key: key.to_owned(), value, otherwise: None };
    (!key.is_empty()).then_some((Some(selector), after))
}

impl Path {
    /// Returns the path with another way to find and to describe the first selected element.
    pub(super) fn otherwise(mut self, key: &str, value: Value) -> Path {
        if let Some(selector) = self.0.iter_mut().find_map(|segment| segment.selector.as_mut()) {
            selector.otherwise = Some((key.to_owned(), value));
        }
        self
    }

    /// Returns whether the path has these names and no selector.
    pub(super) fn is(&self, names: &[&str]) -> bool {
        let plain = self.0.iter().all(|segment| segment.selector.is_none());
        plain && self.0.iter().map(|segment| segment.name.as_str()).eq(names.iter().copied())
    }

    /// Writes a value to this place, making what is missing on the way.
    pub(super) fn set(&self, user: &mut Map<String, Value>, value: Value) {
        set(&self.0, user, value);
    }

    /// Takes the value away from this place, and what is empty without it.
    pub(super) fn remove(&self, user: &mut Map<String, Value>) {
        remove(&self.0, user);
    }
}

fn set(path: &[Segment], within: &mut Map<String, Value>, value: Value) {
    let Some((segment, rest)) = path.split_first() else { return };
    let slot = within.entry(&segment.name).or_insert(Value::Null);
    match &segment.selector {
        Some(selector) => selector.change(slot, |element| set(rest, element, value)),
        None if rest.is_empty() => *slot = value,
        None => set(rest, object(slot), value),
    }
}

fn remove(path: &[Segment], within: &mut Map<String, Value>) {
    let Some((segment, rest)) = path.split_first() else { return };
    let is_empty = match (within.get_mut(&segment.name), &segment.selector) {
        (Some(Value::Array(elements)), Some(selector)) => {
            selector.remove(elements, rest);
            elements.is_empty()
        }
        (Some(Value::Object(inner)), None) if !rest.is_empty() => {
            remove(rest, inner);
            inner.is_empty()
        }
        _ => rest.is_empty(),
    };
    if is_empty {
        within.shift_remove(&segment.name);
    }
}

impl Selector {
    /// Applies a change to the element in this array, or to one made for it.
    fn change(&self, slot: &mut Value, change: impl FnOnce(&mut Map<String, Value>)) {
        if !slot.is_array() {
            *slot = json!([]);
        }
        let Value::Array(elements) = slot else { return };
        match self.find(elements) {
            Some(at) => change(object(&mut elements[at])),
            None => {
                let mut element = Map::from_iter([(self.key.clone(), self.value.clone())]);
                change(&mut element);
                if let Some((key, value)) = &self.otherwise {
                    element.entry(key).or_insert_with(|| value.clone());
                }
                elements.push(Value::Object(element));
            }
        }
    }

    /// Takes a value out of the element, and the element out of the array where it means nothing without.
    fn remove(&self, elements: &mut Vec<Value>, rest: &[Segment]) {
        let Some(at) = self.find(elements) else { return };
        let element = object(&mut elements[at]);
        remove(rest, element);
        let is_value = rest.first().is_some_and(|segment| segment.name == "value");
        if is_value || element.keys().all(|key| [self.key.as_str(), "primary", "type"].contains(&key.as_str())) {
            elements.remove(at);
        }
    }

    fn find(&self, elements: &[Value]) -> Option<usize> {
        let otherwise = self.otherwise.as_ref();
        elements.iter().position(|element| holds(element, &self.key, &self.value)).or_else(|| {
            otherwise.and_then(|(key, value)| elements.iter().position(|element| holds(element, key, value)))
        })
    }
}

/// RFC 7643 §2.4: an element without `primary` is not primary.
fn holds(element: &Value, key: &str, wanted: &Value) -> bool {
    match &element[key] {
        Value::Null => key == "primary" && *wanted == false && element.is_object(),
        value => value == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_okta_would_not_understand_are_refused() {
        for name in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "roles.^[type=='x']",
            "roles.^[type].value",
            "roles.^[==x].value",
            "roles.^[type==].value",
            "roles^[type=='x'].value",
            "roles[type eq \"x\"].value",
            "roles.^[type=='x'value",
        ] {
            assert_eq!(name.parse::<Path>(), Err(ExternalNameError(name.to_owned())), "{name}");
        }
    }

    #[test]
    fn nothing_is_taken_away_where_nothing_is() {
        for user in [json!({}), json!({ "name": "Ada", "roles": {}, "x": 1 })] {
            for name in ["name.middleName", "roles.^[type=='x'].value", "title"] {
                let Value::Object(mut after) = user.clone() else { panic!("a user is an object") };
                name.parse::<Path>().expect("an external name").remove(&mut after);
                assert_eq!(Value::Object(after), user, "{name}");
            }
        }
    }
}
