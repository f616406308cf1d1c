//! A multi-valued attribute while a PATCH works on it.
//!
//! Okta pushes a group with thousands of members in operations that name one
//! member each. So the values are indexed by `value`, the index lives as long
//! as the PATCH, and a removed value leaves a gap instead of moving the rest.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::value::{PRIMARY, Part, covers, fold, invalid, is_empty_object, is_primary, is_unassigned, same};
use crate::error::{ScimError, ScimType};
use crate::filter::{Filter, Matcher};
use crate::schema::{Attribute, Mutability};

/// The values of one attribute.
pub(super) struct List {
    attribute: &'static Attribute,
    elements: Vec<Option<Value>>,
    /// Where the elements with this `value` are, in upper and lower case.
    by_value: HashMap<String, Vec<usize>>,
}

impl List {
    /// Takes the values as they are stored.
    pub(super) fn new(attribute: &'static Attribute, stored: Vec<Value>) -> Self {
        let mut list = List { attribute, elements: Vec::with_capacity(stored.len()), by_value: HashMap::new() };
        for element in stored {
            list.push(element);
        }
        list
    }

    /// Returns the values that are left, in their order.
    pub(super) fn into_values(self) -> Vec<Value> {
        self.elements.into_iter().flatten().collect()
    }

    /// Tells whether nothing was there and nothing came.
    pub(super) fn is_untouched(&self) -> bool {
        self.elements.is_empty()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.elements.iter().all(Option::is_none)
    }

    pub(super) fn get(&self, position: usize) -> Option<&Value> {
        self.elements.get(position)?.as_ref()
    }

    /// Finds the elements that a filter selects.
    pub(super) fn select(&self, filter: &Filter) -> Result<Vec<usize>, ScimError> {
        if !self.attribute.is_complex() {
            return self.select_simple(filter);
        }
        let matcher = Matcher::for_elements(filter, self.attribute)?;
        let matches = |position: &usize| self.get(*position).is_some_and(|element| matcher.matches(element));
        Ok(self.candidates(filter).into_iter().filter(matches).collect())
    }

    /// Simple values have no sub-attributes to filter by. Erratum 7122 wants
    /// them to be found by `value`, and `eq` is what a client needs.
    fn select_simple(&self, filter: &Filter) -> Result<Vec<usize>, ScimError> {
        match filter.equality() {
            Some((path, text)) if path.is("value") => {
                let wanted = Value::from(text);
                Ok(self.similar(&wanted).into_iter().filter(|position| self.covers(*position, &wanted)).collect())
            }
            _ => {
                let detail = format!("`{}` is filtered by `value eq` alone", self.attribute.name);
                Err(ScimError::bad_request(ScimType::InvalidFilter, detail))
            }
        }
    }

    /// Returns the position of every element.
    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.elements.len()).filter(|position| self.elements[*position].is_some()).collect()
    }

    /// Appends what is not yet there.
    pub(super) fn add(&mut self, given: Vec<Value>) -> Result<(), ScimError> {
        refuse_two_primaries(&given)?;
        for element in given {
            let wants_primary = is_primary(&element);
            let position = match self.covering(&element) {
                Some(position) => position,
                None => self.push(element),
            };
            if wants_primary {
                self.promote(position);
            }
        }
        Ok(())
    }

    /// Puts other values in place of all, each once.
    pub(super) fn replace_all(&mut self, given: Vec<Value>) -> Result<(), ScimError> {
        refuse_two_primaries(&given)?;
        *self = List::new(self.attribute, Vec::with_capacity(given.len()));
        for element in given {
            match self.equal(&element) {
                Some(position) if is_primary(&element) => self.promote(position),
                Some(_) => {}
                None => _ = self.push(element),
            }
        }
        Ok(())
    }

    /// Removes the elements at these positions.
    pub(super) fn remove(&mut self, positions: &[usize]) {
        for position in positions {
            self.forget(*position);
            self.elements[*position] = None;
        }
    }

    /// Removes every element that says what one of these says.
    pub(super) fn remove_values(&mut self, given: &[Value]) {
        for value in given {
            let mut doomed = self.similar(value);
            doomed.retain(|position| self.covers(*position, value));
            self.remove(&doomed);
        }
    }

    /// Puts a value in place of each element; the parts a client may not
    /// change stay.
    pub(super) fn replace(&mut self, positions: &[usize], given: &Value) -> Result<(), ScimError> {
        self.refuse_shared_primary(positions, is_primary(given))?;
        for position in positions {
            let Some(stored) = self.take(*position) else { continue };
            let kept = keep_fixed_parts(self.attribute, &stored, given.clone())?;
            self.put(*position, kept);
        }
        self.promote_if(is_primary(given), positions);
        Ok(())
    }

    /// Sets parts of each element.
    pub(super) fn merge(&mut self, positions: &[usize], parts: &[Part]) -> Result<(), ScimError> {
        let primary = parts.iter().any(|(sub, value)| sub.name == PRIMARY && value == true);
        self.refuse_shared_primary(positions, primary)?;
        self.change(positions, |element| {
            parts
                .iter()
                .filter(|(sub, value)| !is_unassigned(sub, value))
                .try_for_each(|(sub, value)| set_part(element, sub, value))
        })?;
        self.promote_if(primary, positions);
        Ok(())
    }

    /// Unassigns a part of each element, and drops those it leaves empty.
    pub(super) fn unset(&mut self, positions: &[usize], sub: &Attribute) -> Result<(), ScimError> {
        self.change(positions, |element| unset_part(element, sub))
    }

    fn change(
        &mut self,
        positions: &[usize],
        change: impl Fn(&mut Map<String, Value>) -> Result<(), ScimError>,
    ) -> Result<(), ScimError> {
        for position in positions {
            let Some(mut element) = self.take(*position) else { continue };
            if let Value::Object(members) = &mut element {
                change(members)?;
            }
            self.put(*position, element);
        }
        Ok(())
    }

    /// RFC 7643 §2.4: `primary` is true for one value at most; RFC 7644
    /// §3.5.2: setting it takes it from the one that had it.
    fn promote(&mut self, chosen: usize) {
        for (position, element) in self.elements.iter_mut().enumerate() {
            match element {
                Some(Value::Object(element)) if position == chosen => {
                    element.insert(PRIMARY.into(), true.into());
                }
                Some(element) if is_primary(element) => element[PRIMARY] = false.into(),
                _ => {}
            }
        }
    }

    fn promote_if(&mut self, primary: bool, positions: &[usize]) {
        if let (true, [position]) = (primary, positions) {
            self.promote(*position);
        }
    }

    fn refuse_shared_primary(&self, positions: &[usize], primary: bool) -> Result<(), ScimError> {
        match primary && positions.len() > 1 {
            true => Err(two_primaries()),
            false => Ok(()),
        }
    }

    /// The elements that may match: those with the value a filter asks for,
    /// or all.
    fn candidates(&self, filter: &Filter) -> Vec<usize> {
        wanted_value(filter).map_or_else(|| self.all(), |text| self.with_value(text))
    }

    /// The elements that may be the same as a given one.
    fn similar(&self, given: &Value) -> Vec<usize> {
        value_of(given).map_or_else(|| self.all(), |text| self.with_value(text))
    }

    fn with_value(&self, text: &str) -> Vec<usize> {
        self.by_value.get(&fold(text)).cloned().unwrap_or_default()
    }

    fn covering(&self, given: &Value) -> Option<usize> {
        self.similar(given).into_iter().find(|position| self.covers(*position, given))
    }

    /// Like `covering`, both ways: a replaced list holds what it was given,
    /// even an element that says less than another.
    fn equal(&self, given: &Value) -> Option<usize> {
        let both = |position: &usize| {
            let covered = |stored| covers(self.attribute, stored, given) && covers(self.attribute, given, stored);
            self.get(*position).is_some_and(covered)
        };
        self.similar(given).into_iter().find(both)
    }

    fn covers(&self, position: usize, given: &Value) -> bool {
        self.get(position).is_some_and(|stored| covers(self.attribute, stored, given))
    }

    fn push(&mut self, element: Value) -> usize {
        self.elements.push(None);
        let position = self.elements.len() - 1;
        self.put(position, element);
        position
    }

    fn put(&mut self, position: usize, element: Value) {
        if is_empty_object(&element) {
            return;
        }
        if let Some(text) = value_of(&element) {
            self.by_value.entry(fold(text)).or_default().push(position);
        }
        self.elements[position] = Some(element);
    }

    fn take(&mut self, position: usize) -> Option<Value> {
        self.forget(position);
        self.elements[position].take()
    }

    fn forget(&mut self, position: usize) {
        let key = self.get(position).and_then(value_of).map(fold);
        if let Some(bucket) = key.and_then(|key| self.by_value.get_mut(&key)) {
            bucket.retain(|other| *other != position);
        }
    }
}

/// Sets one part of a complex value.
pub(super) fn set_part(element: &mut Map<String, Value>, sub: &Attribute, value: &Value) -> Result<(), ScimError> {
    match element.get(sub.name) {
        Some(stored) if is_fixed(sub, stored) && !same(sub, stored, value) => Err(fixed(sub)),
        Some(stored) if is_fixed(sub, stored) => Ok(()),
        _ => {
            element.insert(sub.name.into(), value.clone());
            Ok(())
        }
    }
}

/// Unassigns one part of a complex value.
pub(super) fn unset_part(element: &mut Map<String, Value>, sub: &Attribute) -> Result<(), ScimError> {
    match element.get(sub.name) {
        Some(stored) if is_fixed(sub, stored) => Err(fixed(sub)),
        _ if sub.required => Err(needed(sub)),
        _ => {
            element.shift_remove(sub.name);
            Ok(())
        }
    }
}

/// The error for an attribute that is there and immutable.
pub(super) fn fixed(attribute: &Attribute) -> ScimError {
    mutability(format!("`{}` is immutable and has a value", attribute.name))
}

/// The error for unassigning what a resource needs (RFC 7644 §3.5.2.2).
pub(super) fn needed(attribute: &Attribute) -> ScimError {
    mutability(format!("`{}` is required", attribute.name))
}

/// The error for a change that the attribute's mutability forbids.
pub(super) fn mutability(detail: String) -> ScimError {
    ScimError::bad_request(ScimType::Mutability, detail)
}

fn is_fixed(sub: &Attribute, stored: &Value) -> bool {
    sub.mutability == Mutability::Immutable && !is_unassigned(sub, stored)
}

/// Carries the readOnly and immutable parts of the element that is there over
/// to the one that takes its place.
fn keep_fixed_parts(attribute: &Attribute, stored: &Value, mut given: Value) -> Result<Value, ScimError> {
    let (Value::Object(stored), Value::Object(members)) = (stored, &mut given) else {
        return Ok(given);
    };
    for (name, kept) in stored {
        let Some(sub) = attribute.sub(name) else { continue };
        if is_fixed(sub, kept) && members.get(sub.name).is_some_and(|value| !same(sub, kept, value)) {
            return Err(fixed(sub));
        }
        if is_fixed(sub, kept) || sub.mutability == Mutability::ReadOnly {
            members.insert(sub.name.into(), kept.clone());
        }
    }
    Ok(given)
}

fn refuse_two_primaries(given: &[Value]) -> Result<(), ScimError> {
    match given.iter().filter(|element| is_primary(element)).count() {
        0 | 1 => Ok(()),
        _ => Err(two_primaries()),
    }
}

fn two_primaries() -> ScimError {
    invalid("`primary` is true for one value at most")
}

/// The `value` that every match has, where the filter names one.
fn wanted_value(filter: &Filter) -> Option<&str> {
    if let Filter::And(a, b) = filter {
        return wanted_value(b).or_else(|| wanted_value(a));
    }
    filter.equality().filter(|(path, _)| path.is("value")).map(|(_, text)| text)
}

/// The text an element is indexed by: its `value`, or the element itself
/// where it is simple.
fn value_of(element: &Value) -> Option<&str> {
    match element {
        Value::String(text) => Some(text),
        Value::Object(members) => members.get("value")?.as_str(),
        _ => None,
    }
}
