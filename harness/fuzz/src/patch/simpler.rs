//! Simpler trials in place of a failing one.

use super::law::Law;
use super::trial::Trial;
use super::vocabulary::Resource;
use scim_lang::filter::Filter;
use scim_lang::patch::Path;
use serde_json::{Map, Value};

/// Returns simpler trials, the most daring first, of which the law still says something.
pub(super) fn simpler(trial: &Trial) -> Vec<Trial> {
    let size = size(trial);
    let mut all = Vec::new();
    for operations in fewer(&trial.operations) {
        all.push(Trial { operations, ..trial.clone() });
    }
    for start in shorter(trial.resource, &trial.start) {
        all.push(Trial { start, ..trial.clone() });
    }
    for (index, operation) in trial.operations.iter().enumerate() {
        for simpler in simpler_operations(operation) {
            let mut operations = trial.operations.clone();
            operations[index] = simpler;
            all.push(Trial { operations, ..trial.clone() });
        }
    }
    all.retain(|simpler| self::size(simpler) < size && holds(simpler));
    all
}

/// Returns how large a trial is: operations weigh most, then what is written.
pub(super) fn size(trial: &Trial) -> usize {
    let text = |value: &Value| value.to_string().len();
    trial.operations.len() * 1000 + trial.operations.iter().map(text).sum::<usize>() + text(&trial.start)
}

fn holds(trial: &Trial) -> bool {
    match trial.law {
        _ if trial.operations.is_empty() => false,
        Law::Reference | Law::Okta | Law::Groups | Law::Race => true,
        law => law.arms(trial.resource, &trial.start, &trial.operations).is_some(),
    }
}

/// Halves, quarters and so on, and all but one.
fn fewer<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    let mut all = Vec::new();
    let mut width = list.len() / 2;
    while width >= 1 {
        for from in (0..list.len()).step_by(width) {
            let to = (from + width).min(list.len());
            all.push([&list[..from], &list[to..]].concat());
        }
        width /= 2;
    }
    all
}

/// Start resources with less in them; what a resource needs stays.
fn shorter(resource: Resource, start: &Value) -> Vec<Value> {
    let Some(members) = start.as_object() else { return Vec::new() };
    let needed = super::vocabulary::bare(resource);
    let is_needed = |name: &str| needed.get(name).is_some();
    let optional: Vec<String> = members.keys().filter(|name| !is_needed(name)).cloned().collect();
    let mut all = Vec::new();
    for kept in fewer(&optional) {
        let mut members: Map<String, Value> = members.clone();
        members.retain(|name, _| is_needed(name) || kept.contains(name));
        let urns: Vec<String> = members.keys().filter(|name| name.starts_with("urn:")).cloned().collect();
        if let Some(Value::Array(schemas)) = members.get_mut("schemas") {
            schemas.retain(|urn| {
                urn.as_str().is_some_and(|urn| urn.contains(":core:") || urns.iter().any(|it| it == urn))
            });
        }
        all.push(members.into());
    }
    for name in optional {
        for value in simpler_values(&members[&name]) {
            let mut members = members.clone();
            members.insert(name.clone(), value);
            all.push(members.into());
        }
    }
    all
}

fn simpler_operations(operation: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    if let Some(path) = operation.get("path").and_then(Value::as_str) {
        for simpler in simpler_paths(path) {
            let mut operation = operation.clone();
            operation["path"] = simpler.into();
            all.push(operation);
        }
    }
    if let Some(value) = operation.get("value") {
        for simpler in simpler_values(value) {
            let mut operation = operation.clone();
            operation["value"] = simpler;
            all.push(operation);
        }
    }
    all
}

/// The path without the URN of the base schema, and with one side of its filter.
fn simpler_paths(text: &str) -> Vec<String> {
    let Ok(path) = Path::parse(text) else { return Vec::new() };
    let mut all = Vec::new();
    if path.attr.schema.as_deref().is_some_and(|urn| urn.contains(":core:")) {
        let mut bare = path.clone();
        bare.attr.schema = None;
        all.push(bare.to_string());
    }
    if let Some(Filter::And(one, other)) = &path.filter {
        for side in [one, other] {
            all.push(Path { filter: Some((**side).clone()), ..path.clone() }.to_string());
        }
    }
    all
}

/// A value with fewer members or elements, and these made simpler.
fn simpler_values(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => {
            let mut all: Vec<Value> =
                fewer(elements).into_iter().filter(|left| !left.is_empty()).map(Value::Array).collect();
            for (index, element) in elements.iter().enumerate() {
                for simpler in simpler_values(element) {
                    let mut elements = elements.clone();
                    elements[index] = simpler;
                    all.push(elements.into());
                }
            }
            all
        }
        Value::Object(members) => {
            // What an element is known by stays: some servers refuse an address that is none.
            let names: Vec<String> = members.keys().filter(|name| *name != "value").cloned().collect();
            let mut all: Vec<Value> = fewer(&names)
                .into_iter()
                .filter(|kept| !kept.is_empty() || members.contains_key("value"))
                .map(|kept| {
                    let mut members = members.clone();
                    members.retain(|name, _| name == "value" || kept.contains(name));
                    members.into()
                })
                .collect();
            for (name, value) in members {
                for simpler in simpler_values(value) {
                    let mut members = members.clone();
                    members.insert(name.clone(), simpler);
                    all.push(members.into());
                }
            }
            all
        }
        _ => Vec::new(),
    }
}
