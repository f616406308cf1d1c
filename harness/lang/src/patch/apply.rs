//! Carrying out a PATCH: the cells of RFC 7644 §3.5.2.1 to §3.5.2.3.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::draft::{Draft, Place};
use super::list::{List, fixed, mutability, needed, set_part, unset_part};
use super::value::{self, Part, invalid, is_unassigned};
use super::{Op, Operation, Patch, Path};
use crate::error::{ScimError, ScimType};
use crate::filter::Filter;
use crate::json;
use crate::path::AttrPath;
use crate::schema::{self, Attribute, Mutability, ResourceType, Schema};

/// Carries the operations out on a copy of the resource.
pub(super) fn apply(patch: &Patch, resource: &Value, ty: &ResourceType) -> Result<Value, ScimError> {
    let mut draft = Draft::new(resource, ty)?;
    for (index, operation) in patch.operations.iter().enumerate() {
        draft.operate(operation).map_err(|error| super::at(index, error))?;
    }
    Ok(draft.finish())
}

/// What a path points at.
#[derive(Clone, Copy)]
struct Target<'p> {
    place: Place,
    filter: Option<&'p Filter>,
    sub: Option<&'static Attribute>,
}

impl Target<'_> {
    fn is_read_only(&self) -> bool {
        let read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
        read_only(self.place.attribute) || self.sub.is_some_and(read_only)
    }

    fn refuse_read_only(&self) -> Result<(), ScimError> {
        match self.is_read_only() {
            true => Err(mutability(format!("`{}` is readOnly", self.name()))),
            false => Ok(()),
        }
    }

    fn name(&self) -> String {
        let attribute = self.place.attribute.name;
        self.sub.map_or_else(|| attribute.to_owned(), |sub| format!("{attribute}.{}", sub.name))
    }
}

impl Draft<'_> {
    fn operate(&mut self, operation: &Operation) -> Result<(), ScimError> {
        match (operation.op, &operation.path, &operation.value) {
            (Op::Remove, None, _) => Err(no_target("`remove` needs a path")),
            (Op::Remove, Some(path), value) => self.remove(path, value.as_ref()),
            (op, _, None) => Err(invalid(format!("`{}` needs a value", op.name()))),
            (op, None, Some(value)) => self.write_resource(op, value),
            (op, Some(path), Some(value)) => self.write(op, path, value),
        }
    }

    // Finding what is meant.

    fn target<'p>(&self, path: &'p Path) -> Result<Target<'p>, ScimError> {
        let found = self.ty.resolve(&path.attr).ok_or_else(|| unknown(path))?;
        if path.filter.is_some() && (found.sub.is_some() || !found.attribute.multi_valued) {
            return Err(invalid_path(format!("`{}` holds no list to filter", path.attr)));
        }
        let sub = match &path.sub {
            Some(name) => Some(found.attribute.sub(name).ok_or_else(|| unknown(path))?),
            None => found.sub,
        };
        let place = Place { extension: found.extension, attribute: found.attribute };
        Ok(Target { place, filter: path.filter.as_ref(), sub })
    }

    /// The extension that a path names as a whole, if it does.
    fn whole_extension(&self, path: &Path) -> Option<&'static Schema> {
        match &path.attr {
            AttrPath { schema: Some(schema), name, sub: None } if path.filter.is_none() => {
                self.ty.extension(&format!("{schema}:{name}"))
            }
            _ => None,
        }
    }

    // Adding and replacing.

    /// A value without a path lists attributes (RFC 7644 §3.5.2.1, §3.5.2.3).
    fn write_resource(&mut self, op: Op, value: &Value) -> Result<(), ScimError> {
        let members =
            value.as_object().ok_or_else(|| invalid("without a path the value is an object of attributes"))?;
        refuse_two_spellings(members)?;
        for (name, value) in members {
            match self.ty.extension(name) {
                Some(extension) => self.write_extension(op, extension, value)?,
                None => self.write_member(op, &member_path(name)?, value)?,
            }
        }
        Ok(())
    }

    fn write_extension(&mut self, op: Op, extension: &'static Schema, value: &Value) -> Result<(), ScimError> {
        let members = match value {
            Value::Null if op == Op::Add => return Ok(()),
            Value::Null => return self.drop_extension(extension),
            Value::Object(members) => members,
            _ => return Err(invalid(format!("`{}` takes an object of attributes", extension.id))),
        };
        refuse_two_spellings(members)?;
        for (name, value) in members {
            let mut path = member_path(name)?;
            if path.attr.schema.replace(extension.id.to_owned()).is_some() {
                return Err(invalid_path(format!("`{name}` stands inside `{}`", extension.id)));
            }
            self.write_member(op, &path, value)?;
        }
        Ok(())
    }

    /// A client that sends back what it read names readOnly attributes too,
    /// as Okta's group rename does with `id`; that is no attempt to change
    /// them. RFC 7644 §3.5.2 wants an error for an attempt.
    fn write_member(&mut self, op: Op, path: &Path, value: &Value) -> Result<(), ScimError> {
        let target = self.target(path)?;
        if target.is_read_only() && self.is_unchanged(&target, value) {
            return Ok(());
        }
        self.write_target(op, &target, value)
    }

    fn write(&mut self, op: Op, path: &Path, value: &Value) -> Result<(), ScimError> {
        match self.whole_extension(path) {
            Some(extension) => self.write_extension(op, extension, value),
            None => self.write_target(op, &self.target(path)?, value),
        }
    }

    fn write_target(&mut self, op: Op, target: &Target<'_>, value: &Value) -> Result<(), ScimError> {
        target.refuse_read_only()?;
        let place = target.place;
        if is_schemas(place) {
            return self.write_schemas(op, target, value);
        }
        self.guarding_immutable(place, |draft| match (place.attribute.multi_valued, target.filter, target.sub) {
            (true, None, None) => draft.write_list(op, place, value),
            (true, filter, sub) => draft.write_elements(op, place, filter, sub, value),
            (false, _, Some(sub)) => draft.write_part(op, place, sub, value),
            (false, _, None) if place.attribute.is_complex() => draft.write_complex(op, place, value),
            (false, _, None) => draft.write_simple(op, place, value),
        })
    }

    fn write_simple(&mut self, op: Op, place: Place, value: &Value) -> Result<(), ScimError> {
        if is_unassigned(place.attribute, value) {
            return self.unassign_by(op, place);
        }
        let value = value::conform(place.attribute, value)?;
        self.set(place, value);
        Ok(())
    }

    fn write_complex(&mut self, op: Op, place: Place, value: &Value) -> Result<(), ScimError> {
        if is_unassigned(place.attribute, value) {
            return self.unassign_by(op, place);
        }
        let parts = value::parts(place.attribute, value)?;
        self.merge(op, place, &parts)
    }

    fn write_part(&mut self, op: Op, place: Place, sub: &'static Attribute, value: &Value) -> Result<(), ScimError> {
        let value = value::part(sub, value)?;
        self.merge(op, place, &[(sub, value)])
    }

    /// RFC 7644 §3.5.2.1 and §3.5.2.3: the sub-attributes given are set, the
    /// others stay.
    fn merge(&mut self, op: Op, place: Place, parts: &[Part]) -> Result<(), ScimError> {
        let mut members = match self.get(place) {
            Some(Value::Object(members)) => members.clone(),
            _ => Map::new(),
        };
        for (sub, value) in parts {
            match (is_unassigned(sub, value), op) {
                (false, _) => set_part(&mut members, sub, value)?,
                (true, Op::Add) => {}
                (true, _) => unset_part(&mut members, sub)?,
            }
        }
        match members.is_empty() {
            false => self.set(place, Value::Object(members)),
            true if self.get(place).is_some() => self.unassign(place)?,
            true => {}
        }
        Ok(())
    }

    fn write_list(&mut self, op: Op, place: Place, value: &Value) -> Result<(), ScimError> {
        let elements = value::elements(place.attribute, value)?;
        match op {
            _ if elements.is_empty() => self.unassign_by(op, place),
            Op::Add => self.list(place).add(elements),
            _ => self.list(place).replace_all(elements),
        }
    }

    fn write_elements(
        &mut self,
        op: Op,
        place: Place,
        filter: Option<&Filter>,
        sub: Option<&'static Attribute>,
        value: &Value,
    ) -> Result<(), ScimError> {
        let list = self.list(place);
        let positions = select(list, filter)?;
        if positions.is_empty() {
            return Err(no_target(format!("no value of `{}` matches", place.attribute.name)));
        }
        match (sub, op) {
            (_, Op::Add) if is_unassigned(sub.unwrap_or(place.attribute), value) => Ok(()),
            (Some(sub), _) if is_unassigned(sub, value) => list.unset(&positions, sub),
            (None, _) if is_unassigned(place.attribute, value) => {
                list.remove(&positions);
                refuse_empty(place, list)
            }
            (Some(sub), _) => list.merge(&positions, &[(sub, value::part(sub, value)?)]),
            (None, Op::Add) if place.attribute.is_complex() => {
                list.merge(&positions, &value::parts(place.attribute, value)?)
            }
            (None, _) => list.replace(&positions, &value::conform(place.attribute, value)?),
        }
    }

    // Removing.

    fn remove(&mut self, path: &Path, value: Option<&Value>) -> Result<(), ScimError> {
        if let Some(extension) = self.whole_extension(path) {
            return self.drop_extension(extension);
        }
        let target = self.target(path)?;
        target.refuse_read_only()?;
        let place = target.place;
        if is_schemas(place) {
            return self.remove_schemas(&target, value);
        }
        let listed = value.filter(|value| !is_unassigned(place.attribute, value));
        let is_list = place.attribute.multi_valued;
        self.guarding_immutable(place, |draft| match (is_list, target.filter, target.sub, listed) {
            (true, None, None, Some(listed)) => draft.remove_values(place, listed),
            (_, None, None, _) => draft.unassign(place),
            (true, filter, sub, _) => draft.remove_elements(place, filter, sub),
            (false, _, sub, _) => {
                let parts: Vec<Part> = sub.into_iter().map(|sub| (sub, Value::Null)).collect();
                draft.merge(Op::Remove, place, &parts)
            }
        })
    }

    fn remove_values(&mut self, place: Place, listed: &Value) -> Result<(), ScimError> {
        let values = value::elements(place.attribute, listed)?;
        let list = self.list(place);
        list.remove_values(&values);
        refuse_empty(place, list)
    }

    fn remove_elements(
        &mut self,
        place: Place,
        filter: Option<&Filter>,
        sub: Option<&'static Attribute>,
    ) -> Result<(), ScimError> {
        let list = self.list(place);
        let positions = select(list, filter)?;
        match sub {
            Some(sub) => list.unset(&positions, sub)?,
            None => list.remove(&positions),
        }
        match positions.is_empty() {
            true => Ok(()),
            false => refuse_empty(place, list),
        }
    }

    fn unassign_by(&mut self, op: Op, place: Place) -> Result<(), ScimError> {
        match op {
            Op::Add => Ok(()),
            _ => self.unassign(place),
        }
    }

    fn unassign(&mut self, place: Place) -> Result<(), ScimError> {
        if place.attribute.required {
            return Err(needed(place.attribute));
        }
        self.clear(place);
        Ok(())
    }

    // `schemas`.

    fn write_schemas(&mut self, op: Op, target: &Target<'_>, value: &Value) -> Result<(), ScimError> {
        if target.filter.is_some() {
            return Err(invalid_path("`schemas` is written as a whole"));
        }
        let given = self.known_schemas(&value::elements(target.place.attribute, value)?)?;
        match op {
            Op::Add => {}
            _ if given.is_empty() => return Err(needed(target.place.attribute)),
            _ if !given.contains(&self.ty.schema.id) => return Err(self.base_schema_stays()),
            _ => self.set(target.place, Value::Array(Vec::new())),
        }
        for urn in given {
            self.list_schema(urn);
        }
        self.list_used_schemas();
        Ok(())
    }

    fn remove_schemas(&mut self, target: &Target<'_>, value: Option<&Value>) -> Result<(), ScimError> {
        let attribute = target.place.attribute;
        let stored = self.get(target.place).and_then(Value::as_array).cloned();
        let list = List::new(attribute, stored.unwrap_or_default());
        let doomed = match (target.filter, value.filter(|value| !is_unassigned(attribute, value))) {
            (Some(filter), _) => list.select(filter)?.into_iter().filter_map(|at| list.get(at).cloned()).collect(),
            (None, Some(listed)) => value::elements(attribute, listed)?,
            (None, None) => return Err(needed(attribute)),
        };
        for urn in doomed.iter().filter_map(Value::as_str) {
            match self.ty.extension(urn) {
                Some(extension) => self.drop_extension(extension)?,
                None if self.ty.schema.is(urn) => return Err(self.base_schema_stays()),
                None => self.unlist_schema(urn),
            }
        }
        Ok(())
    }

    /// RFC 7643 §3: the base schema and the extensions of the resource type,
    /// and nothing else.
    fn known_schemas(&self, urns: &[Value]) -> Result<Vec<&'static str>, ScimError> {
        let known = |urn: &Value| {
            let urn = urn.as_str().unwrap_or_default();
            match self.ty.schema.is(urn) {
                true => Ok(self.ty.schema.id),
                false => self
                    .ty
                    .extension(urn)
                    .map(|schema| schema.id)
                    .ok_or_else(|| invalid(format!("`{}` is no schema of {}", urn.escape_debug(), self.ty.name))),
            }
        };
        urns.iter().map(known).collect()
    }

    fn base_schema_stays(&self) -> ScimError {
        mutability(format!("`{}` cannot leave `schemas`", self.ty.schema.id))
    }

    // What may not change.

    /// RFC 7643 §7: an immutable attribute may be given a value once. This
    /// lets a change pass that changes nothing.
    fn guarding_immutable(
        &mut self,
        place: Place,
        change: impl FnOnce(&mut Self) -> Result<(), ScimError>,
    ) -> Result<(), ScimError> {
        if place.attribute.mutability != Mutability::Immutable {
            return change(self);
        }
        let before = self.get(place).cloned();
        change(self)?;
        self.settle();
        match before {
            Some(before) if !self.get(place).is_some_and(|after| json::same(&before, after)) => {
                Err(fixed(place.attribute))
            }
            _ => Ok(()),
        }
    }

    /// Tells whether a value repeats what is stored; an object may repeat a
    /// part of it.
    fn is_unchanged(&self, target: &Target<'_>, given: &Value) -> bool {
        let attribute = target.sub.unwrap_or(target.place.attribute);
        let stored = self.get(target.place).and_then(|stored| match target.sub {
            Some(sub) => stored.get(sub.name),
            None => Some(stored),
        });
        match stored.filter(|stored| !is_unassigned(attribute, stored)) {
            None => is_unassigned(attribute, given),
            Some(stored) => repeats(attribute, stored, given),
        }
    }
}

fn select(list: &List, filter: Option<&Filter>) -> Result<Vec<usize>, ScimError> {
    filter.map_or_else(|| Ok(list.all()), |filter| list.select(filter))
}

fn refuse_empty(place: Place, list: &List) -> Result<(), ScimError> {
    match place.attribute.required && list.is_empty() {
        true => Err(needed(place.attribute)),
        false => Ok(()),
    }
}

fn repeats(attribute: &Attribute, stored: &Value, given: &Value) -> bool {
    match (stored, given) {
        (Value::Object(stored), Value::Object(given)) => given.iter().all(|(name, value)| {
            let sub = attribute.sub(name);
            sub.and_then(|sub| stored.get(sub.name)).is_some_and(|stored| json::same(stored, value))
        }),
        _ => json::same(stored, given),
    }
}

fn is_schemas(place: Place) -> bool {
    std::ptr::eq(place.attribute, schema::schemas())
}

fn member_path(name: &str) -> Result<Path, ScimError> {
    Path::parse(name).map_err(|error| error.answer(name))
}

fn refuse_two_spellings(members: &Map<String, Value>) -> Result<(), ScimError> {
    let mut seen = HashSet::with_capacity(members.len());
    match members.keys().find(|name| !seen.insert(name.to_ascii_lowercase())) {
        Some(name) => Err(invalid(format!("`{}` is there twice", name.escape_debug()))),
        None => Ok(()),
    }
}

fn unknown(path: &Path) -> ScimError {
    invalid_path(format!("no attribute is named `{path}`"))
}

fn invalid_path(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidPath, detail)
}

fn no_target(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::NoTarget, detail)
}
