//! Decides what a correct server answers, where the RFC decides it.

use super::Dialect;
use super::catalog::{Attribute, Catalog, member};
use super::text;
use super::truth::Truth;
use scim_lang::filter::{CompareOp, Filter, instant};
use scim_lang::json::compare_numbers;
use scim_lang::path::AttrPath;
use scim_lang::schema::Type;
use serde_json::Value;
use std::cmp::Ordering;

/// What is right, over the resources as the server shows them.
///
/// The readings are those of RFC 7644 §3.4.2.2 as far as it goes; the [`Dialect`] decides what it leaves open, and what
/// the dialect leaves open is [`Truth::Either`].
#[derive(Debug, Clone, Copy)]
pub struct Oracle<'a> {
    /// What the server says about its attributes.
    pub catalog: &'a Catalog,
    /// How it reads what the RFC leaves open.
    pub dialect: &'a Dialect,
}

impl Oracle<'_> {
    /// Tells whether a resource belongs into the answer to a filter.
    pub fn judge(&self, filter: &Filter, resource: &Value) -> Truth {
        self.decide(filter, Scope::Resource(resource))
    }

    fn decide(&self, filter: &Filter, scope: Scope<'_>) -> Truth {
        match filter {
            Filter::And(left, right) => self.decide(left, scope).and(self.decide(right, scope)),
            Filter::Or(left, right) => self.decide(left, scope).or(self.decide(right, scope)),
            Filter::Not(inner) => !self.decide(inner, scope),
            Filter::Present(path) | Filter::Compare { path, .. } => self.decide_condition(filter, path, scope),
            Filter::ValuePath { path, filter } => match (scope, self.catalog.find(path)) {
                (Scope::Resource(resource), Some(attribute)) => {
                    self.brackets(attribute, filter, attribute.parents(resource).into_iter())
                }
                _ => Truth::Either,
            },
        }
    }

    fn decide_condition(&self, condition: &Filter, path: &AttrPath, scope: Scope<'_>) -> Truth {
        match scope {
            Scope::Resource(resource) => self.catalog.find(path).map_or(Truth::Either, |attribute| {
                let values = attribute.values(resource);
                let found = Found::of_resource(attribute, values.iter().copied(), attribute.silent(resource));
                self.condition(condition, &found)
            }),
            Scope::Element(parent, element) => {
                self.catalog.find_inside(parent, path).map_or(Truth::Either, |attribute| {
                    let value = attribute.sub.as_deref().and_then(|sub| member(element, sub));
                    let value = value.filter(|value| !value.is_null());
                    let silent = usize::from(attribute.is_primary() && value.is_none());
                    self.condition(condition, &Found { attribute, values: value.into_iter(), silent, is_one: true })
                })
            }
        }
    }

    /// RFC 7644 §3.4.2.2: all conditions in brackets apply to the same element.
    pub(super) fn brackets<'v>(
        &self,
        list: &Attribute,
        filter: &Filter,
        elements: impl Iterator<Item = &'v Value>,
    ) -> Truth {
        if !list.is_complex() || !list.is_many {
            return Truth::Either;
        }
        any(elements.map(|element| self.decide(filter, Scope::Element(list, element))))
    }

    /// Decides a single condition on the values that its path leads to.
    pub(super) fn condition<'v>(&self, condition: &Filter, found: &Found<'_, impl Values<'v>>) -> Truth {
        match condition {
            Filter::Present(_) => self.present(found),
            Filter::Compare { op, value, .. } => self.compare(found, *op, value),
            Filter::And(..) | Filter::Or(..) | Filter::Not(_) | Filter::ValuePath { .. } => Truth::Either,
        }
    }

    fn present<'v>(&self, found: &Found<'_, impl Values<'v>>) -> Truth {
        let holds = |empty: bool| Truth::from(found.values.clone().any(|value| is_assigned(value, empty)));
        self.under(self.dialect.empty_present, holds)
    }

    fn compare<'v>(&self, found: &Found<'_, impl Values<'v>>, op: CompareOp, operand: &Value) -> Truth {
        if found.attribute.is_complex() || operand.is_null() {
            return Truth::Either;
        }
        if found.silent == 0 {
            return self.compare_all(found, found.values.clone(), op, operand);
        }
        self.under(self.dialect.primary_assumed, |assumed| {
            let silent = if assumed { found.silent } else { 0 };
            let values = found.values.clone().chain(std::iter::repeat_n(&Value::Bool(false), silent));
            self.compare_all(found, values, op, operand)
        })
    }

    fn compare_all<'v>(
        &self,
        found: &Found<'_, impl Values<'v>>,
        values: impl Values<'v>,
        op: CompareOp,
        operand: &Value,
    ) -> Truth {
        let one = |op: CompareOp, value: &Value| self.compare_one(found.attribute, op, value, operand);
        if op != CompareOp::Ne {
            return any(values.map(|value| one(op, value)));
        }
        // A list may be looked at as a whole or value by value; nothing at all may differ from the operand or not.
        let equals = |value: &Value| one(CompareOp::Eq, value);
        if values.clone().next().is_none() {
            return self.under(self.dialect.ne_of_nothing, Truth::from);
        }
        if found.is_one {
            return !any(values.map(equals));
        }
        self.under(self.dialect.ne_of_some, |some| match some {
            true => any(values.clone().map(|value| !equals(value))),
            false => !any(values.clone().map(equals)),
        })
    }

    /// Applies an operator other than `ne` to one value.
    fn compare_one(&self, attribute: &Attribute, op: CompareOp, stored: &Value, operand: &Value) -> Truth {
        match (attribute.ty, stored, operand) {
            (Type::String | Type::Reference | Type::Binary, Value::String(stored), Value::String(operand)) => {
                self.compare_text(attribute, op, stored, operand)
            }
            (Type::Boolean, Value::Bool(stored), Value::Bool(operand)) if op == CompareOp::Eq => {
                Truth::from(stored == operand)
            }
            (Type::Integer | Type::Decimal, Value::Number(stored), Value::Number(operand)) => {
                order(op, compare_numbers(stored, operand))
            }
            (Type::DateTime, Value::String(stored), Value::String(operand)) => compare_instants(op, stored, operand),
            // A value of another type than the schema's is not the filter's fault.
            _ => Truth::Either,
        }
    }

    fn compare_text(&self, attribute: &Attribute, op: CompareOp, stored: &str, operand: &str) -> Truth {
        if operand.is_empty() && op.is_substring() {
            return self.under(self.dialect.empty_operand, Truth::from);
        }
        let exact = || text::compare(op, stored, operand, true);
        let folded = || text::compare(op, stored, operand, false);
        match attribute.ty {
            Type::Binary if op == CompareOp::Eq => exact(),
            Type::Binary => Truth::Either,
            // Substrings and the order of references are not defined.
            Type::Reference if op != CompareOp::Eq => Truth::Either,
            _ if attribute.refers() => exact().under_both(folded()),
            _ if attribute.case_exact => exact(),
            _ => folded(),
        }
    }

    fn under(&self, reading: Option<bool>, holds: impl Fn(bool) -> Truth) -> Truth {
        match reading {
            Some(reading) => holds(reading),
            None => holds(true).under_both(holds(false)),
        }
    }
}

/// What the paths of a filter start from.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a Value),
    /// The list and one of its elements.
    Element(&'a Attribute, &'a Value),
}

/// Values that can be gone through more than once.
pub(super) trait Values<'v>: Iterator<Item = &'v Value> + Clone {}

impl<'v, T: Iterator<Item = &'v Value> + Clone> Values<'v> for T {}

/// What a path leads to.
pub(super) struct Found<'a, V> {
    attribute: &'a Attribute,
    values: V,
    /// How many elements do not say whether they are the primary one.
    silent: usize,
    /// Whether there is at most one value.
    is_one: bool,
}

impl<'a, V> Found<'a, V> {
    /// Returns the values of an attribute of a resource, and how many elements are [silent](Attribute::silent).
    pub(super) fn of_resource(attribute: &'a Attribute, values: V, silent: usize) -> Found<'a, V> {
        Found { attribute, values, silent, is_one: !attribute.is_many }
    }
}

/// Compares two points in time. A store may cut off what is below the second, and RFC 7643 does not say what a time
/// without a zone means.
fn compare_instants(op: CompareOp, stored: &str, operand: &str) -> Truth {
    const SECOND: u128 = 1_000_000_000;
    let (Some(left), Some(right)) = (instant(stored), instant(operand)) else { return Truth::Either };
    let margin = if has_zone(stored) && has_zone(operand) { 2 * SECOND } else { 24 * 3600 * SECOND };
    if left.abs_diff(right) < margin || op.is_substring() {
        return Truth::Either;
    }
    order(op, left.cmp(&right))
}

fn has_zone(text: &str) -> bool {
    let clock = text.split_once('T').map_or("", |(_, clock)| clock);
    clock.ends_with(['Z', 'z']) || clock.contains(['+', '-'])
}

fn order(op: CompareOp, ordering: Ordering) -> Truth {
    match op {
        CompareOp::Eq => ordering.is_eq().into(),
        CompareOp::Ne => ordering.is_ne().into(),
        CompareOp::Gt => ordering.is_gt().into(),
        CompareOp::Ge => ordering.is_ge().into(),
        CompareOp::Lt => ordering.is_lt().into(),
        CompareOp::Le => ordering.is_le().into(),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => Truth::Either,
    }
}

fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::False, Truth::or)
}

/// RFC 7644 §3.4.2.2: a non-empty value, or a non-empty node of a complex one.
fn is_assigned(value: &Value, empty_counts: bool) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => empty_counts || !text.is_empty(),
        Value::Array(elements) => elements.iter().any(|element| is_assigned(element, empty_counts)),
        Value::Object(members) => members.values().any(|member| is_assigned(member, empty_counts)),
    }
}
