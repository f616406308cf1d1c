//! The laws that trials are about: the reference algorithm, and relations between requests that need no oracle.
//!
//! A relation has two arms: lists of requests that, sent to the same resource, end in the same state. Both follow from
//! the operations of the trial, so that a trial shrinks by its operations; operations that the relation does not hold
//! for have no arms.

use super::form::{is_urn, read, target};
use super::vocabulary::Resource;
use scim_lang::filter::{CompareOp, Filter};
use scim_lang::patch::{Op, Path};
use scim_lang::urn;
use serde_json::{Value, json};

/// A law of PATCH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// The request ends in a state that the reference algorithm allows.
    Reference,
    /// The same, for what Okta sends, where Okta relies on more than the RFC says.
    Okta,
    /// Parallel additions of one member each lose none.
    Race,
    /// A `replace` done twice is as good as once.
    ReplaceTwice,
    /// An `add` done twice is as good as once, and the second time changes no date.
    AddTwice,
    /// A `remove` done twice is as good as once; the second may be refused.
    RemoveTwice,
    /// An `add` and the `remove` of what was added restore the resource.
    AddAndRemove,
    /// Removing all and adding is replacing.
    RemoveAndAdd,
    /// A PUT of what a PATCH comes to ends in the same state.
    Put,
    /// One request of many operations is as good as many of one.
    OneByOne,
    /// Operations on different attributes may change places.
    Commute,
    /// Attributes listed without a path are as good as one operation for each.
    Pathless,
    /// A path may be spelled in any case, and with the URN of its schema.
    Spelling,
    /// A `replace` with null is a `remove`.
    Null,
    /// A `replace` of a complex attribute with one part is a `replace` of that part.
    Merge,
    /// A filter with `or` removes what two filters remove.
    Or,
    /// What attributes are asked for does not change what is done.
    Attributes,
    /// An array of values is as good as one value after the other.
    Single,
    /// The order of independent removals does not matter.
    RemovesCommute,
    /// A user's `groups` agree with the members of a group.
    Groups,
}

/// A request of an arm.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// A PATCH.
    Patch(Vec<Value>),
    /// A PATCH that asks for one attribute alone.
    PatchForOne(Vec<Value>),
    /// A PUT of what the reference algorithm makes of the operations.
    PutOf(Vec<Value>),
}

/// The two arms of a relation.
#[derive(Debug, Clone, PartialEq)]
pub struct Arms {
    /// What is sent first.
    pub left: Vec<Request>,
    /// What is sent to the resource when it is again as it was.
    pub right: Vec<Request>,
    /// Whether the last request of the right arm may be refused, and then has to change nothing.
    pub last_may_fail: bool,
    /// Whether the last request of the right arm has to leave `meta.lastModified` alone.
    pub last_keeps_time: bool,
}

impl Law {
    /// Every law.
    pub const ALL: [Law; 20] = [
        Law::Reference,
        Law::Okta,
        Law::Race,
        Law::ReplaceTwice,
        Law::AddTwice,
        Law::RemoveTwice,
        Law::AddAndRemove,
        Law::RemoveAndAdd,
        Law::Put,
        Law::OneByOne,
        Law::Commute,
        Law::Pathless,
        Law::Spelling,
        Law::Null,
        Law::Merge,
        Law::Or,
        Law::Attributes,
        Law::Single,
        Law::RemovesCommute,
        Law::Groups,
    ];

    /// The relations, of which [`Law::arms`] knows the arms.
    pub const RELATIONS: [Law; 16] = [
        Law::ReplaceTwice,
        Law::AddTwice,
        Law::RemoveTwice,
        Law::AddAndRemove,
        Law::RemoveAndAdd,
        Law::Put,
        Law::OneByOne,
        Law::Commute,
        Law::Pathless,
        Law::Spelling,
        Law::Null,
        Law::Merge,
        Law::Or,
        Law::Attributes,
        Law::Single,
        Law::RemovesCommute,
    ];

    /// Returns the name of the law.
    pub fn name(self) -> &'static str {
        match self {
            Law::Reference => "agrees-with-the-reference",
            Law::Okta => "does-what-okta-relies-on",
            Law::Race => "parallel-adds-lose-nothing",
            Law::ReplaceTwice => "replace-twice-is-once",
            Law::AddTwice => "add-twice-is-once",
            Law::RemoveTwice => "remove-twice-is-once",
            Law::AddAndRemove => "add-and-remove-restore",
            Law::RemoveAndAdd => "remove-and-add-is-replace",
            Law::Put => "patch-is-put",
            Law::OneByOne => "one-request-is-many",
            Law::Commute => "different-attributes-commute",
            Law::Pathless => "without-path-is-with-paths",
            Law::Spelling => "spelling-does-not-matter",
            Law::Null => "replace-with-null-is-remove",
            Law::Merge => "replace-of-a-part-is-a-part",
            Law::Or => "remove-with-or-is-two-removes",
            Law::Attributes => "attributes-change-nothing",
            Law::Single => "an-array-is-its-values",
            Law::RemovesCommute => "removes-commute",
            Law::Groups => "groups-of-a-user-follow",
        }
    }

    /// Finds a law by its name.
    pub fn named(name: &str) -> Option<Law> {
        Law::ALL.into_iter().find(|law| law.name() == name)
    }

    /// Tells whether the law is less than a demand of the RFC.
    pub fn is_advice(self) -> bool {
        matches!(self, Law::AddTwice | Law::Put | Law::Groups | Law::Race)
    }

    /// Returns the arms for operations on a resource that stands at `start`, if the law says anything about them.
    pub fn arms(self, resource: Resource, start: &Value, operations: &[Value]) -> Option<Arms> {
        let end = after(resource, start, operations)?;
        let (left, right) = match self {
            Law::Reference | Law::Okta | Law::Race | Law::Groups => return None,
            Law::ReplaceTwice => twice(resource, "replace", operations, &end)?,
            Law::AddTwice => twice(resource, "add", operations, &end)?,
            Law::RemoveTwice => twice(resource, "remove", operations, &end)?,
            Law::AddAndRemove => add_and_remove(resource, start, operations, &end)?,
            Law::RemoveAndAdd => remove_and_add(resource, start, operations)?,
            Law::Put => (patches(&[operations]), vec![Request::PutOf(operations.to_vec())]),
            Law::OneByOne if operations.len() > 1 => {
                let single: Vec<&[Value]> = operations.chunks(1).collect();
                (patches(&[operations]), patches(&single))
            }
            Law::OneByOne => return None,
            Law::Commute => commute(resource, operations)?,
            Law::Pathless => pathless(resource, operations)?,
            Law::Spelling => spelling(resource, operations)?,
            Law::Null => null(resource, start, operations)?,
            Law::Merge => merge(resource, operations)?,
            Law::Or => or(resource, start, operations)?,
            Law::Attributes => (patches(&[operations]), vec![Request::PatchForOne(operations.to_vec())]),
            Law::Single => single(resource, operations)?,
            Law::RemovesCommute => removes(resource, start, operations)?,
        };
        let is_again = matches!(self, Law::RemoveTwice);
        Some(Arms { left, right, last_may_fail: is_again, last_keeps_time: self == Law::AddTwice })
    }
}

fn patches(requests: &[&[Value]]) -> Vec<Request> {
    requests.iter().map(|operations| Request::Patch(operations.to_vec())).collect()
}

/// Returns what the reference algorithm makes of operations.
pub fn after(resource: Resource, start: &Value, operations: &[Value]) -> Option<Value> {
    let patch = scim_lang::patch::parse(&super::form::message(operations)).ok()?;
    patch.apply(start, resource.ty()).ok()
}

type Pair = (Vec<Request>, Vec<Request>);

fn only(operations: &[Value]) -> Option<&Value> {
    match operations {
        [operation] => Some(operation),
        _ => None,
    }
}

/// An operation that rewrites what its own filter asks for has no target the second time.
fn twice(resource: Resource, op: &str, operations: &[Value], end: &Value) -> Option<Pair> {
    let operation = only(operations).filter(|operation| operation["op"] == op)?;
    let is_filtered = target(resource, operation).starts_with("list[");
    let again = after(resource, end, operations)?;
    let holds = again == *end && (op != "add" || (!is_filtered && target(resource, operation) != "list.part"));
    holds.then(|| (patches(&[operations]), patches(&[operations, operations])))
}

fn add_and_remove(resource: Resource, start: &Value, operations: &[Value], end: &Value) -> Option<Pair> {
    let operation = only(operations).filter(|operation| operation["op"] == "add")?;
    let path = list_path(resource, operation)?;
    let element = match &operation["value"] {
        Value::Array(elements) => only(elements)?,
        one => one,
    };
    let key = super::compare::key_of(path);
    let value = element.get(key)?.as_str()?;
    let is_primary = element.get("primary") == Some(&Value::Bool(true));
    let remove = json!({ "op": "remove", "path": format!("{path}[{key} eq {}]", Value::from(value)) });
    let is_there = after(resource, start, std::slice::from_ref(&remove))? != *start;
    let restores = after(resource, end, std::slice::from_ref(&remove))? == *start;
    (!is_primary && !is_there && restores).then(|| (patches(&[operations, &[remove]]), Vec::new()))
}

fn remove_and_add(resource: Resource, start: &Value, operations: &[Value]) -> Option<Pair> {
    let operation = only(operations).filter(|operation| operation["op"] == "replace")?;
    let path = list_path(resource, operation)?;
    let value = operation["value"].as_array().filter(|list| !list.is_empty())?;
    let is_there = start.get(path).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let remove = json!({ "op": "remove", "path": path });
    let add = json!({ "op": "add", "path": path, "value": value });
    // Values that differ in little may be one to an `add` and two to a `replace`.
    let key = super::compare::key_of(path);
    let keys: Vec<&Value> = value.iter().filter_map(|element| element.get(key)).collect();
    let are_distinct = keys.len() == value.len() && (1..keys.len()).all(|at| !keys[..at].contains(&keys[at]));
    (is_there && are_distinct).then(|| (patches(&[operations]), patches(&[&[remove, add]])))
}

fn commute(resource: Resource, operations: &[Value]) -> Option<Pair> {
    let [one, other] = operations else { return None };
    let names = |operation: &Value| -> Option<Vec<String>> {
        let name = |text: &str| Path::parse(text).ok().map(|path| attribute_name(&path));
        match operation.get("path").and_then(Value::as_str) {
            Some(path) => Some(vec![name(path)?]),
            None => operation["value"].as_object()?.keys().map(|key| name(key)).collect(),
        }
    };
    let (first, second) = (names(one)?, names(other)?);
    let is_extension = |name: &String| resource.ty().extension(name).is_some() || name == "schemas";
    let are_apart =
        first.iter().all(|name| !second.contains(name) && !is_extension(name)) && !second.iter().any(is_extension);
    let turned = [other.clone(), one.clone()];
    are_apart.then(|| (patches(&[operations]), patches(&[&turned])))
}

fn attribute_name(path: &Path) -> String {
    let whole = match &path.attr.schema {
        Some(schema) if schema.eq_ignore_ascii_case(urn::ENTERPRISE_USER) => format!("{schema}:{}", path.attr.name),
        Some(schema) if !schema.to_ascii_lowercase().starts_with("urn:ietf:params:scim:schemas:core") => {
            format!("{schema}:{}", path.attr.name)
        }
        _ => path.attr.name.clone(),
    };
    whole.to_ascii_lowercase()
}

fn pathless(resource: Resource, operations: &[Value]) -> Option<Pair> {
    let operation = only(operations).filter(|operation| operation.get("path").is_none())?;
    let members = operation["value"].as_object().filter(|members| !members.is_empty())?;
    let single = |(name, value): (&String, &Value)| {
        let each = json!({ "op": operation["op"], "path": name, "value": value });
        // A complex value without a path may be overwritten (see `readings`).
        (target(resource, &each) == "simple").then_some(each)
    };
    let each: Option<Vec<Value>> = members.iter().map(single).collect();
    Some((patches(&[operations]), patches(&[&each?])))
}

fn spelling(resource: Resource, operations: &[Value]) -> Option<Pair> {
    let operation = only(operations)?;
    let path = operation.get("path").and_then(Value::as_str)?;
    if target(resource, operation) == "nothing" {
        return None;
    }
    // What stands in quotes is a value, whose case may count.
    let head = path.find('"').unwrap_or(path.len());
    let turned: String = path[..head].chars().map(turn).collect::<String>() + &path[head..];
    let spelled = match is_urn(path) {
        true => turned,
        false => format!("{}:{turned}", resource.ty().schema.id),
    };
    Path::parse(&spelled).ok()?;
    let mut other = operation.clone();
    other["path"] = spelled.into();
    Some((patches(&[operations]), patches(&[&[other]])))
}

fn turn(letter: char) -> char {
    if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
}

fn null(resource: Resource, start: &Value, operations: &[Value]) -> Option<Pair> {
    let operation = only(operations).filter(|operation| operation["op"] == "replace")?;
    let path = operation.get("path").and_then(Value::as_str)?;
    let is_void = operation["value"].is_null() || operation["value"].as_array().is_some_and(Vec::is_empty);
    let remove = json!({ "op": "remove", "path": path });
    let changes = after(resource, start, std::slice::from_ref(&remove))? != *start;
    (is_void && changes && operation.get("value").is_some()).then(|| (patches(&[operations]), patches(&[&[remove]])))
}

fn merge(resource: Resource, operations: &[Value]) -> Option<Pair> {
    let operation = only(operations).filter(|operation| operation["op"] == "replace")?;
    let path = operation.get("path").and_then(Value::as_str)?;
    if target(resource, operation) != "complex" {
        return None;
    }
    let parts = operation["value"].as_object().filter(|parts| !parts.is_empty())?;
    let part =
        |(name, value): (&String, &Value)| json!({ "op": "replace", "path": format!("{path}.{name}"), "value": value });
    let each: Vec<Value> = parts.iter().map(part).collect();
    Some((patches(&[operations]), patches(&[&each])))
}

fn or(resource: Resource, start: &Value, operations: &[Value]) -> Option<Pair> {
    let operation = only(operations).filter(|operation| operation["op"] == "remove")?;
    let path = Path::parse(operation.get("path").and_then(Value::as_str)?).ok()?;
    let Some(Filter::Or(one, other)) = path.filter.clone() else { return None };
    let with =
        |filter: Filter| json!({ "op": "remove", "path": Path { filter: Some(filter), ..path.clone() }.to_string() });
    let each = [with(*one), with(*other)];
    let apart =
        each.iter().all(|remove| after(resource, start, std::slice::from_ref(remove)).is_some_and(|it| it != *start));
    let same = each[0] != each[1];
    (apart && same).then(|| (patches(&[operations]), patches(&[&each])))
}

fn single(resource: Resource, operations: &[Value]) -> Option<Pair> {
    let operation = only(operations).filter(|operation| operation["op"] == "add")?;
    let path = list_path(resource, operation)?;
    let elements = operation["value"].as_array().filter(|list| !list.is_empty())?;
    let each: Vec<Value> =
        elements.iter().map(|element| json!({ "op": "add", "path": path, "value": element })).collect();
    let is_same = after(resource, &super::vocabulary::bare(resource), operations)
        == after(resource, &super::vocabulary::bare(resource), &each);
    is_same.then(|| (patches(&[operations]), patches(&[&each])))
}

fn removes(resource: Resource, start: &Value, operations: &[Value]) -> Option<Pair> {
    let is_by_value = |operation: &Value| {
        let filter = read(operation).ok().and_then(|patch| patch.operations[0].path.clone()?.filter);
        let by_key = matches!(&filter, Some(Filter::Compare { op: CompareOp::Eq, value: Value::String(_), .. }));
        read(operation).is_ok_and(|patch| patch.operations[0].op == Op::Remove) && by_key
    };
    let takes =
        |operation: &Value| after(resource, start, std::slice::from_ref(operation)).is_some_and(|it| it != *start);
    let turned: Vec<Value> = operations.iter().rev().cloned().collect();
    let all_take = after(resource, start, &turned) == after(resource, start, operations);
    let holds = operations.len() > 1 && operations.iter().all(|it| is_by_value(it) && takes(it)) && all_take;
    let distinct = (1..operations.len()).all(|at| !operations[..at].contains(&operations[at]));
    (holds && distinct).then(|| (patches(&[operations]), patches(&[&turned])))
}

/// The path of an operation on a whole list of the base schema.
fn list_path(resource: Resource, operation: &Value) -> Option<&str> {
    let path = operation.get("path").and_then(Value::as_str)?;
    let is_plain = !is_urn(path) && super::vocabulary::find(resource, None, path).is_some_and(|it| it.name == path);
    (is_plain && target(resource, operation) == "list").then_some(path)
}
