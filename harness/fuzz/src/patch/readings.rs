//! The readings of one operation: that of [`scim_lang::patch`] first, then the others that the RFC leaves open, and the
//! dialects that are known.

use super::compare::alike;
use super::form::{is_extension, is_urn, read};
use super::oracle::Standing;
use super::vocabulary::Resource;
use scim_lang::error::{ScimError, ScimType};
use scim_lang::filter::Filter;
use scim_lang::patch::{Op, Operation, Path};
use scim_lang::schema::{Mutability, Resolved};
use serde_json::{Map, Value, json};

/// What becomes of one operation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// The resource afterwards; nothing where the operation is refused.
    pub(super) state: Option<Value>,
    pub(super) standing: Standing,
    pub(super) reason: Option<ScimType>,
}

/// Returns the readings of an operation, our own first, no two the same.
pub(super) fn readings(resource: Resource, operation: &Value, state: &Value, is_okta: bool) -> Vec<Reading> {
    let parsed = match read(operation) {
        Ok(parsed) => parsed,
        Err(error) => return vec![refused_for(&error)],
    };
    let own = parsed.apply(state, resource.ty());
    let mut all = Readings { list: Vec::new() };
    all.list.push(match &own {
        Ok(after) => Reading { state: Some(after.clone()), standing: Standing::Lawful, reason: None },
        Err(error) => refused_for(error),
    });
    let operation = &parsed.operations[0];
    match (&operation.path, operation.op) {
        (None, Op::Remove) => {}
        (None, _) => all.without_path(resource, operation, state),
        (Some(path), _) => Targeted::of(resource, operation, path, state, own.as_ref()).offer(&mut all, is_okta),
    }
    all.list
}

fn refused_for(error: &ScimError) -> Reading {
    Reading { state: None, standing: Standing::Lawful, reason: error.scim_type }
}

struct Readings {
    list: Vec<Reading>,
}

impl Readings {
    fn lawful(&mut self, state: Option<Value>) {
        self.push(state, Standing::Lawful);
    }

    fn push(&mut self, state: Option<Value>, standing: Standing) {
        match self.list.iter_mut().find(|known| known.state == state) {
            Some(known) => known.standing = known.standing.min(standing),
            None => self.list.push(Reading { state, standing, reason: None }),
        }
    }

    /// RFC 7644 §3.5.2.1, §3.5.2.3: a value without a path lists attributes. Each is an operation of its own, with its
    /// own readings; a complex one that is replaced may also become just what is given, for the target is the resource.
    fn without_path(&mut self, resource: Resource, operation: &Operation, state: &Value) {
        let Some(members) = operation.value.as_ref().and_then(Value::as_object) else { return };
        let mut branches = vec![(state.clone(), Standing::Lawful)];
        for (name, value) in members {
            let mut next = Vec::new();
            for (state, standing) in &branches {
                for reading in member_readings(resource, operation.op, name, value, state) {
                    let standing = (*standing).max(reading.standing);
                    match reading.state {
                        Some(state) if next.len() < 16 => next.push((state, standing)),
                        Some(_) => {}
                        None => self.push(None, standing),
                    }
                }
            }
            branches = next;
        }
        for (state, standing) in branches {
            self.push(Some(state), standing);
        }
    }
}

/// The readings of one member of a value without a path.
fn member_readings(resource: Resource, op: Op, name: &str, value: &Value, state: &Value) -> Vec<Reading> {
    let single = json!({ "op": op.name(), "value": { name: value } });
    let Ok(parsed) = read(&single) else { return Vec::new() };
    let own = parsed.apply(state, resource.ty());
    let mut all = Readings { list: Vec::new() };
    match &own {
        Ok(after) => all.lawful(Some(after.clone())),
        Err(error) => all.list.push(refused_for(error)),
    }
    let Ok(path) = Path::parse(name) else { return all.list };
    if is_extension(resource, &path) {
        if op == Op::Replace && value.is_object() {
            let mut after = state.clone();
            *member(&mut after, extension_of(resource, name).unwrap_or(name)) = value.clone();
            all.lawful(Some(after));
        }
        return all.list;
    }
    let operation = Operation { op, path: Some(path.clone()), value: Some(value.clone()) };
    let target = Targeted::of(resource, &operation, &path, state, own.as_ref());
    let read_only = target.found.is_some_and(|found| found.leaf().mutability == Mutability::ReadOnly);
    match (target.found, &own) {
        // An unknown attribute is refused or passed over, and so is one that only the server changes.
        (None, _) => all.lawful(Some(state.clone())),
        (Some(_), Err(_)) if read_only => all.lawful(Some(state.clone())),
        (Some(_), _) if read_only => {}
        _ => target.offer(&mut all, false),
    }
    if let Some(found) = target.found
        && found.attribute.is_complex()
        && !found.attribute.multi_valued
        && op == Op::Replace
        && path.attr.sub.is_none()
        && value.is_object()
    {
        let mut after = state.clone();
        set(&mut after, found, value.clone());
        all.lawful(Some(after));
    }
    // RFC 7644 §3.5.2 has names of attributes here; whether paths are names it does not say.
    if path.attr.sub.is_some() || path.filter.is_some() || is_urn(name) {
        all.lawful(None);
    }
    all.list
}

/// An operation with a path, and what is known about its target.
struct Targeted<'a> {
    resource: Resource,
    operation: &'a Operation,
    path: &'a Path,
    state: &'a Value,
    own: Result<&'a Value, &'a ScimError>,
    found: Option<Resolved>,
}

impl<'a> Targeted<'a> {
    fn of(
        resource: Resource,
        operation: &'a Operation,
        path: &'a Path,
        state: &'a Value,
        own: Result<&'a Value, &'a ScimError>,
    ) -> Targeted<'a> {
        Targeted { resource, operation, path, state, own, found: resource.ty().resolve(&path.attr) }
    }

    /// Adds the other readings.
    fn offer(&self, all: &mut Readings, is_okta: bool) {
        if is_extension(self.resource, self.path) {
            return self.offer_for_extension(all);
        }
        let Some(found) = self.found else { return self.offer_for_unknown(all) };
        if [found.attribute, found.leaf()].iter().any(|it| it.mutability == Mutability::ReadOnly) {
            let text = "what the server alone may change is refused";
            return all.push(Some(self.state.clone()), Standing::Unwise(text));
        }
        match self.operation.op {
            Op::Remove => self.offer_for_removal(found, all, is_okta),
            op => self.offer_for_write(op, found, all),
        }
    }

    /// RFC 7644 §3.10 has attributes behind a URN, and says nothing about a URN alone.
    fn offer_for_extension(&self, all: &mut Readings) {
        all.lawful(None);
        let Some(urn) = extension_of(self.resource, &self.path.to_string()) else { return };
        if let (Op::Replace, Some(value @ Value::Object(_))) = (self.operation.op, &self.operation.value) {
            let mut after = self.state.clone();
            *member(&mut after, urn) = value.clone();
            all.lawful(Some(after));
        }
    }

    fn offer_for_unknown(&self, all: &mut Readings) {
        all.push(Some(self.state.clone()), Standing::Unwise("a path that leads nowhere is refused"));
    }

    fn offer_for_removal(&self, found: Resolved, all: &mut Readings, is_okta: bool) {
        let list = self.elements(found);
        if self.own == Ok(self.state) {
            // RFC 7644 §3.5.2.2 lets the removal of a member that is not there succeed in its example, while table 9
            // has noTarget. Okta's pushes rely on success.
            all.push(None, if is_okta { Standing::Unwise(ABSENT) } else { Standing::Lawful });
        }
        if found.attribute.multi_valued && self.path.filter.is_none() && found.sub.is_some() {
            all.lawful(None);
        }
        let is_listed = self.operation.value.as_ref().is_some_and(|value| !value.is_null());
        if found.attribute.multi_valued && self.path.filter.is_none() && found.sub.is_none() && is_listed {
            all.lawful(None);
            let mut after = self.state.clone();
            set(&mut after, found, Value::Null);
            all.lawful(Some(after));
        }
        // Elements that a removed part leaves alike may become one.
        if !list.is_empty() {
            self.offer_collapsed(found, all);
        }
    }

    fn offer_for_write(&self, op: Op, found: Resolved, all: &mut Readings) {
        let attribute = found.attribute;
        let Some(value) = &self.operation.value else {
            if op == Op::Replace {
                let mut after = self.state.clone();
                set(&mut after, found, Value::Null);
                all.push(Some(after), Standing::Unwise("a replace without a value is refused"));
            }
            return;
        };
        let is_void = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if is_void && op == Op::Add {
            // RFC 7644 §3.5.2.1 knows no addition of nothing.
            all.lawful(None);
            return all.lawful(Some(self.state.clone()));
        }
        if self.own.is_err() {
            self.offer_coerced(found, value, all);
        }
        match (attribute.multi_valued, &self.path.filter, &self.path.sub, found.sub) {
            (true, None, _, Some(_)) => {
                all.lawful(None);
                if self.elements(found).is_empty() {
                    all.lawful(Some(self.state.clone()));
                }
            }
            (true, None, _, None) if op == Op::Add => self.offer_for_addition(found, value, all),
            (true, None, _, None) => {
                if value.is_object() {
                    all.lawful(None);
                }
                self.offer_as_given(found, value, all);
            }
            (true, Some(filter), sub, _) => self.offer_for_filter(op, found, filter, sub.as_deref(), value, all),
            (false, ..) => {
                if op == Op::Replace && value.as_object().is_some_and(Map::is_empty) {
                    let mut after = self.state.clone();
                    set(&mut after, found, Value::Null);
                    all.lawful(Some(after));
                    all.lawful(None);
                }
            }
        }
    }

    /// Microsoft's provisioning sends booleans as strings, and many servers take them.
    fn offer_coerced(&self, found: Resolved, value: &Value, all: &mut Readings) {
        let Some(text) = value.as_str().filter(|_| found.leaf().ty == scim_lang::schema::Type::Boolean) else { return };
        let Ok(flag) = text.to_ascii_lowercase().parse::<bool>() else { return };
        let operation = Operation { value: Some(flag.into()), ..self.operation.clone() };
        let patch = scim_lang::patch::Patch { operations: vec![operation] };
        if let Ok(after) = patch.apply(self.state, self.resource.ty()) {
            all.push(Some(after), Standing::Dialect("it takes booleans that are strings"));
        }
    }

    /// RFC 7644 §3.5.2.1 wants no second copy of a value, and RFC 7643 §2.4 does not say when two are the same.
    fn offer_for_addition(&self, found: Resolved, value: &Value, all: &mut Readings) {
        if self.own.is_err() || found.attribute.name == "members" {
            return;
        }
        let given = match value {
            Value::Array(elements) => elements.clone(),
            one => vec![one.clone()],
        };
        for policy in [Equality::All, Equality::AllButPrimary, Equality::ValueAndType] {
            let mut list = self.elements(found);
            for element in &given {
                append(&mut list, element, policy);
            }
            let mut after = self.state.clone();
            set(&mut after, found, list.into());
            all.lawful(Some(after));
        }
        let mut list = self.elements(found);
        list.extend(given);
        let mut after = self.state.clone();
        set(&mut after, found, list.into());
        all.push(Some(after), Standing::Unwise("adding a value that is there changes nothing"));
        if value.is_object() {
            all.push(None, Standing::Unwise("an add takes one value as well as an array"));
        }
    }

    /// A list that is replaced holds what is given, with its repetitions or without.
    fn offer_as_given(&self, found: Resolved, value: &Value, all: &mut Readings) {
        let (Ok(_), Value::Array(_)) = (self.own, value) else { return };
        let mut after = self.state.clone();
        set(&mut after, found, value.clone());
        if primaries(&elements_of(&after, found)) <= 1 {
            all.lawful(Some(after));
        }
        self.offer_collapsed(found, all);
    }

    fn offer_for_filter(
        &self,
        op: Op,
        found: Resolved,
        filter: &Filter,
        sub: Option<&str>,
        value: &Value,
        all: &mut Readings,
    ) {
        let no_target = self.own.is_err_and(|error| error.scim_type == Some(ScimType::NoTarget));
        if no_target {
            let mut list = self.elements(found);
            if let Some(element) = made_of(filter, sub, value) {
                if is_primary(&element) {
                    demote(&mut list);
                }
                list.push(element);
                let mut after = self.state.clone();
                set(&mut after, found, list.into());
                // Erratum 8097 has the question open for an `add`.
                let standing = match op {
                    Op::Add => Standing::Lawful,
                    _ => Standing::Dialect(
                        "a replace whose filter matches nothing makes the element, as Microsoft Entra expects",
                    ),
                };
                all.push(Some(after), standing);
            }
            if op == Op::Add {
                let text = "an add whose filter matches nothing is refused, or makes the element";
                all.push(Some(self.state.clone()), Standing::Unwise(text));
            }
            return;
        }
        if self.own.is_ok() && sub.is_none() {
            for merges in [true, false] {
                self.offer_written_elements(found, filter, value, merges, all);
            }
        }
        self.offer_collapsed(found, all);
    }

    /// Whether an element that a filter selects is merged with the value or becomes it, the RFC does not say.
    fn offer_written_elements(
        &self,
        found: Resolved,
        filter: &Filter,
        value: &Value,
        merges: bool,
        all: &mut Readings,
    ) {
        let Some(given) = value.as_object() else { return };
        let mut list = self.elements(found);
        for element in &mut list {
            if !scim_lang::filter::matches_element(filter, element, found.attribute).unwrap_or(false) {
                continue;
            }
            match element.as_object_mut().filter(|_| merges) {
                Some(parts) => parts.extend(given.clone()),
                None => *element = value.clone(),
            }
        }
        if is_primary(value) {
            let chosen =
                |element: &&mut Value| is_primary(element) && !given.iter().all(|(k, v)| element.get(k) == Some(v));
            list.iter_mut().filter(chosen).for_each(|element| element["primary"] = false.into());
        }
        let mut after = self.state.clone();
        set(&mut after, found, list.into());
        all.lawful(Some(after));
    }

    /// Elements that the operation has made alike may become one.
    fn offer_collapsed(&self, found: Resolved, all: &mut Readings) {
        let states: Vec<Value> = all.list.iter().filter_map(|reading| reading.state.clone()).collect();
        for mut state in states {
            let list = elements_of(&state, found);
            let mut kept: Vec<Value> = Vec::new();
            for element in &list {
                append(&mut kept, element, Equality::AllButPrimary);
            }
            if kept.len() < list.len() {
                set(&mut state, found, kept.into());
                all.lawful(Some(state));
            }
        }
    }

    fn elements(&self, found: Resolved) -> Vec<Value> {
        elements_of(self.state, found)
    }
}

/// When an element that is added is there already.
#[derive(Clone, Copy, PartialEq)]
enum Equality {
    All,
    AllButPrimary,
    /// And then the element that is there takes the rest.
    ValueAndType,
}

fn append(list: &mut Vec<Value>, element: &Value, equality: Equality) {
    let same = |known: &Value| {
        let is_same = |name: &str| alike(known.get(name), element.get(name));
        let names = |it: &Value| it.as_object().into_iter().flat_map(Map::keys).cloned().collect::<Vec<_>>();
        match equality {
            Equality::ValueAndType if element.get("value").is_some() => is_same("value") && is_same("type"),
            Equality::All if is_primary(known) != is_primary(element) => false,
            _ => names(known).iter().chain(&names(element)).all(|name| name == "primary" || is_same(name)),
        }
    };
    match list.iter().position(same) {
        Some(position) if equality == Equality::ValueAndType => {
            if is_primary(element) {
                demote(list);
            }
            let (Some(known), Some(parts)) = (list[position].as_object_mut(), element.as_object()) else { return };
            known.extend(parts.clone());
        }
        Some(_) => {}
        None => {
            if is_primary(element) {
                demote(list);
            }
            list.push(element.clone());
        }
    }
}

/// Makes an element of what an equality filter says, and a value.
fn made_of(filter: &Filter, sub: Option<&str>, value: &Value) -> Option<Value> {
    let mut element = Map::new();
    collect(filter, &mut element)?;
    match (sub, value) {
        (Some(sub), value) => _ = element.insert(sub.to_owned(), value.clone()),
        (None, Value::Object(parts)) => element.extend(parts.clone()),
        (None, _) => return None,
    }
    Some(element.into())
}

fn collect(filter: &Filter, element: &mut Map<String, Value>) -> Option<()> {
    match filter {
        Filter::And(one, other) => collect(one, element).and_then(|()| collect(other, element)),
        Filter::Compare { path, op: scim_lang::filter::CompareOp::Eq, value } => {
            element.insert(path.name.clone(), value.clone());
            Some(())
        }
        _ => None,
    }
}

fn demote(list: &mut [Value]) {
    list.iter_mut().filter(|element| is_primary(element)).for_each(|element| element["primary"] = false.into());
}

pub(super) fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

pub(super) fn primaries(list: &[Value]) -> usize {
    list.iter().filter(|element| is_primary(element)).count()
}

fn elements_of(state: &Value, found: Resolved) -> Vec<Value> {
    let holder = found.extension.map_or(Some(state), |extension| state.get(extension.id));
    let value = holder.and_then(|holder| holder.get(found.attribute.name));
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn set(state: &mut Value, found: Resolved, value: Value) {
    let holder = match found.extension {
        Some(extension) => member(state, extension.id),
        None => state,
    };
    let attribute = member(holder, found.attribute.name);
    match (found.sub, found.attribute.multi_valued) {
        (Some(sub), false) => *member(attribute, sub.name) = value,
        _ => *attribute = value,
    }
}

/// Returns a member of what is to be an object: what a server holds may be anything.
fn member<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    &mut value[name]
}

fn extension_of(resource: Resource, urn: &str) -> Option<&'static str> {
    resource.ty().extension(urn).map(|extension| extension.id)
}

/// What Okta's pushes rely on.
const ABSENT: &str = "the removal of a member that is not there succeeds";
