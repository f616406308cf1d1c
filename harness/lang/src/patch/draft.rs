//! The copy of a resource that a PATCH works on: reading and writing values
//! by attribute, and keeping `schemas` true. What an operation wants is
//! [`super::apply`]'s part.

use std::mem;

use serde_json::{Map, Value};

use super::list::{List, mutability};
use crate::error::ScimError;
use crate::schema::{self, Attribute, ResourceType, Schema};

/// The copy, and the lists taken out of it. On an error it is thrown away.
pub(super) struct Draft<'t> {
    pub(super) ty: &'t ResourceType,
    resource: Map<String, Value>,
    lists: Vec<(Place, List)>,
}

/// Where an attribute's value lives: at the top level, or in the object of an
/// extension.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) extension: Option<&'static Schema>,
    pub(super) attribute: &'static Attribute,
}

impl Place {
    fn is(self, other: Place) -> bool {
        std::ptr::eq(self.attribute, other.attribute)
    }
}

impl<'t> Draft<'t> {
    pub(super) fn new(resource: &Value, ty: &'t ResourceType) -> Result<Self, ScimError> {
        let stored = resource.as_object().ok_or_else(|| ScimError::new(500, "the stored resource is not an object"))?;
        Ok(Draft { ty, resource: canonical_resource(stored, ty), lists: Vec::new() })
    }

    /// Returns the resource as the operations left it.
    pub(super) fn finish(mut self) -> Value {
        self.settle();
        Value::Object(self.resource)
    }

    pub(super) fn get(&self, place: Place) -> Option<&Value> {
        let members = match place.extension {
            Some(extension) => self.resource.get(extension.id)?.as_object()?,
            None => &self.resource,
        };
        members.get(place.attribute.name).filter(|value| !value.is_null())
    }

    /// RFC 7644 §3.5.2: who gives an extension a value lists its schema.
    pub(super) fn set(&mut self, place: Place, value: Value) {
        let Some(extension) = place.extension else {
            self.resource.insert(place.attribute.name.into(), value);
            return;
        };
        let block = self.resource.entry(extension.id).or_insert(Value::Null);
        if !block.is_object() {
            *block = Value::Object(Map::new());
        }
        block[place.attribute.name] = value;
        self.list_schema(extension.id);
    }

    pub(super) fn clear(&mut self, place: Place) {
        self.lists.retain(|(other, _)| !other.is(place));
        let Some(extension) = place.extension else {
            self.resource.shift_remove(place.attribute.name);
            return;
        };
        let Some(Value::Object(block)) = self.resource.get_mut(extension.id) else {
            return;
        };
        block.shift_remove(place.attribute.name);
        if block.is_empty() {
            self.resource.shift_remove(extension.id);
            self.unlist_schema(extension.id);
        }
    }

    /// Takes a list out of the copy, to work on it.
    pub(super) fn list(&mut self, place: Place) -> &mut List {
        let known = self.lists.iter().position(|(other, _)| other.is(place));
        let index = known.unwrap_or_else(|| {
            let list = List::new(place.attribute, self.take_values(place));
            self.lists.push((place, list));
            self.lists.len() - 1
        });
        &mut self.lists[index].1
    }

    /// Leaves an empty list where values were, so that the attribute keeps
    /// its place among the others.
    fn take_values(&mut self, place: Place) -> Vec<Value> {
        let members = match place.extension {
            Some(extension) => self.resource.get_mut(extension.id).and_then(Value::as_object_mut),
            None => Some(&mut self.resource),
        };
        match members.and_then(|members| members.get_mut(place.attribute.name)) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(elements)) => mem::take(elements),
            Some(one) => vec![mem::replace(one, Value::Array(Vec::new()))],
        }
    }

    /// Puts the lists back.
    pub(super) fn settle(&mut self) {
        for (place, list) in mem::take(&mut self.lists) {
            if list.is_untouched() {
                continue;
            }
            let values = list.into_values();
            match values.is_empty() {
                true => self.clear(place),
                false => self.set(place, Value::Array(values)),
            }
        }
    }

    pub(super) fn list_used_schemas(&mut self) {
        for (extension, _) in self.ty.extensions {
            if self.resource.contains_key(extension.id) {
                self.list_schema(extension.id);
            }
        }
    }

    pub(super) fn list_schema(&mut self, urn: &'static str) {
        let base = self.ty.schema.id;
        let schemas = self.resource.entry(schema::schemas().name).or_insert(Value::Null);
        if !schemas.is_array() {
            *schemas = Value::Array(vec![base.into()]);
        }
        if let Value::Array(urns) = schemas
            && !urns.iter().any(|other| is_urn(other, urn))
        {
            urns.push(urn.into());
        }
    }

    pub(super) fn unlist_schema(&mut self, urn: &str) {
        if let Some(Value::Array(urns)) = self.resource.get_mut(schema::schemas().name) {
            urns.retain(|other| !is_urn(other, urn));
        }
    }

    pub(super) fn drop_extension(&mut self, extension: &'static Schema) -> Result<(), ScimError> {
        if self.ty.extensions.contains(&(extension, true)) {
            return Err(mutability(format!("`{}` is required", extension.id)));
        }
        let of_extension = |place: &Place| place.extension.is_some_and(|other| other.is(extension.id));
        self.lists.retain(|(place, _)| !of_extension(place));
        self.resource.shift_remove(extension.id);
        self.unlist_schema(extension.id);
        Ok(())
    }
}

fn is_urn(value: &Value, urn: &str) -> bool {
    value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(urn))
}

// The copy, in the schema's spelling.

fn canonical_resource(stored: &Map<String, Value>, ty: &ResourceType) -> Map<String, Value> {
    respell(stored, |name, value| match ty.extension(name) {
        Some(extension) => (extension.id, canonical_block(extension, value)),
        None => match ty.base_attribute(name) {
            Some(attribute) => (attribute.name, canonical_value(attribute, value)),
            None => (name, value.clone()),
        },
    })
}

fn canonical_block(extension: &Schema, block: &Value) -> Value {
    let Value::Object(members) = block else {
        return block.clone();
    };
    Value::Object(respell(members, |name, value| match extension.attribute(name) {
        Some(attribute) => (attribute.name, canonical_value(attribute, value)),
        None => (name, value.clone()),
    }))
}

fn canonical_value(attribute: &Attribute, value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(|element| canonical_value(attribute, element)).collect(),
        Value::Object(members) => Value::Object(respell(members, |name, value| match attribute.sub(name) {
            Some(sub) => (sub.name, canonical_value(sub, value)),
            None => (name, value.clone()),
        })),
        _ => value.clone(),
    }
}

/// Respells the names of an object. The first of two spellings wins, and the
/// other one stays as it is: a stored resource is not ours to judge.
fn respell<'a>(
    members: &'a Map<String, Value>,
    spell: impl Fn(&'a str, &'a Value) -> (&'a str, Value),
) -> Map<String, Value> {
    let mut respelled = Map::with_capacity(members.len());
    for (name, value) in members {
        let (spelling, value) = spell(name, value);
        let spelling = if respelled.contains_key(spelling) { name } else { spelling };
        respelled.insert(spelling.to_owned(), value);
    }
    respelled
}
