//! Quirks of how filters compare values, as RFC 7644 §3.4.2.2 has it.
//!
//! Each row decides single conditions in its own way; what joins them stays right.

use std::sync::Arc;

use scim_lang::filter::{CompareOp, Filter, Matcher};
use scim_lang::path::AttrPath;
use scim_lang::schema::ResourceType;
use serde_json::Value;

use super::Rows;
use super::rfc_filters::rewrite;
use crate::behaviour::{Behaviour, Effect};
use crate::query::Query;
use crate::render;
use crate::select::Found;
use crate::store::{Kind, Store};

/// Those that turn no case red under the default gate.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "percent-signs-are-wildcards",
        "% and _ in the operand of co, sw and ew stand for other characters.",
        "RFC7644 3.4.2.2",
        &[Effect::Found(|store, kinds, query, found| {
            decide(store, kinds, query, found, |leaf, resource, ty| {
                let Filter::Compare { path, op, value: Value::String(operand) } = leaf else { return None };
                let pattern = match op {
                    CompareOp::Co => format!("%{operand}%"),
                    CompareOp::Sw => format!("{operand}%"),
                    CompareOp::Ew => format!("%{operand}"),
                    _ => return None,
                };
                let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
                let like = |text: &str| is_like(&text.to_lowercase().chars().collect::<Vec<_>>(), &pattern);
                Some(texts(path, resource, ty)?.into_iter().any(like))
            });
        })],
    ),
    Behaviour::new(
        "times-are-compared-as-text",
        "gt, ge, lt and le compare times by their characters.",
        "RFC7644 3.4.2.2",
        &[Effect::Found(|store, kinds, query, found| {
            decide(store, kinds, query, found, |leaf, resource, ty| {
                let Filter::Compare { path, op, value: Value::String(operand) } = leaf else { return None };
                if !path.name.eq_ignore_ascii_case("meta") || !op.is_ordering() {
                    return None;
                }
                let order = |text: &str| match op {
                    CompareOp::Gt => text > operand.as_str(),
                    CompareOp::Ge => text >= operand.as_str(),
                    CompareOp::Lt => text < operand.as_str(),
                    _ => text <= operand.as_str(),
                };
                Some(texts(path, resource, ty)?.into_iter().any(order))
            });
        })],
    ),
    Behaviour::new(
        "the-first-value-is-searched",
        "Of several values a filter looks at the first.",
        "RFC7644 3.4.2.2",
        &[Effect::Found(|store, kinds, query, found| {
            decide(store, kinds, query, found, |leaf, resource, ty| {
                let mut resource = resource.clone();
                for value in resource.as_object_mut()?.values_mut() {
                    if let Value::Array(elements) = value {
                        elements.truncate(1);
                    }
                }
                Some(Matcher::new(leaf, ty).ok()?.matches(&resource))
            });
        })],
    ),
    Behaviour::new(
        "operands-are-case-exact",
        "Text is compared by its case, whatever the schema says.",
        "RFC7644 3.4.2.2",
        &[Effect::Found(|store, kinds, query, found| {
            decide(store, kinds, query, found, |leaf, resource, ty| {
                let Filter::Compare { path, op, value: Value::String(operand) } = leaf else { return None };
                let mut texts = texts(path, resource, ty)?.into_iter();
                match op {
                    CompareOp::Eq => Some(texts.any(|text| text == operand)),
                    CompareOp::Co => Some(texts.any(|text| text.contains(operand.as_str()))),
                    CompareOp::Sw => Some(texts.any(|text| text.starts_with(operand.as_str()))),
                    CompareOp::Ew => Some(texts.any(|text| text.ends_with(operand.as_str()))),
                    _ => None,
                }
            });
        })],
    ),
    Behaviour::new(
        "external-ids-have-no-case",
        "externalId, which is caseExact, is found in either case.",
        "RFC7644 3.4.2.2",
        &[Effect::Found(|store, kinds, query, found| {
            decide(store, kinds, query, found, |leaf, resource, _| {
                let Filter::Compare { path, op: CompareOp::Eq, value: Value::String(operand) } = leaf else {
                    return None;
                };
                if !path.is("externalId") {
                    return None;
                }
                Some(resource["externalId"].as_str().is_some_and(|text| text.eq_ignore_ascii_case(operand)))
            });
        })],
    ),
    Behaviour::new(
        "escapes-are-compared-as-written",
        "A quotation mark or a backslash in an operand is looked for with the backslash before it.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Compare { path, op, value: Value::String(text) } if text.contains(['"', '\\']) => {
                    Filter::compare(path, op, text.replace('\\', "\\\\").replace('"', "\\\""))
                }
                other => other,
            })
        })],
    ),
];

/// Decides a single condition of a filter about a resource; nothing where the right way serves.
type Leaf = fn(&Filter, &Value, &ResourceType) -> Option<bool>;

/// Looks for those who meet a filter in another way, and shows the page that was asked for.
fn decide<'a>(store: &'a Store, kinds: &[Kind], query: &Query, found: &mut Found<'a>, leaf: Leaf) {
    let (Some(filter), &[kind]) = (&query.filter, kinds) else { return };
    let all = store.table(kind).rows();
    let meets = |record: &&Arc<crate::store::Record>| holds(filter, &render::stored(record), kind.ty(), leaf);
    let met: Vec<_> = all.iter().filter(meets).collect();
    found.total = met.len();
    let page = query.page.range(met.len());
    found.records = met[page].to_vec();
}

fn holds(filter: &Filter, resource: &Value, ty: &ResourceType, leaf: Leaf) -> bool {
    match filter {
        Filter::And(left, right) => holds(left, resource, ty, leaf) && holds(right, resource, ty, leaf),
        Filter::Or(left, right) => holds(left, resource, ty, leaf) || holds(right, resource, ty, leaf),
        Filter::Not(inner) => !holds(inner, resource, ty, leaf),
        condition => leaf(condition, resource, ty)
            .unwrap_or_else(|| Matcher::new(condition, ty).is_ok_and(|matcher| matcher.matches(resource))),
    }
}

/// Returns the texts that a path of the base schema leads to; nothing for another.
fn texts<'v>(path: &AttrPath, resource: &'v Value, ty: &ResourceType) -> Option<Vec<&'v str>> {
    let resolved = ty.resolve(path).filter(|resolved| resolved.extension.is_none())?;
    let value = &resource[resolved.attribute.name];
    let parents = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let value_of = |parent: &'v Value| match resolved.sub {
        Some(sub) => parent[sub.name].as_str(),
        None => parent.as_str(),
    };
    Some(parents.iter().filter_map(value_of).collect())
}

/// Matches a text with the wildcards of SQL.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    match (pattern, text) {
        ([], _) => text.is_empty(),
        (['%', rest @ ..], _) => (0..=text.len()).any(|at| is_like(&text[at..], rest)),
        (['_', rest @ ..], [_, after @ ..]) => is_like(after, rest),
        ([letter, rest @ ..], [first, after @ ..]) => letter == first && is_like(after, rest),
        _ => false,
    }
}
