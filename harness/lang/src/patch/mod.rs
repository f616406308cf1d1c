//! PATCH documents and their effect on a resource (RFC 7644 §3.5.2).
//!
//! [`parse`] reads the message, [`Patch::apply`] carries it out. Neither
//! stores anything: versions, timestamps, uniqueness and the derived
//! attributes (`meta`, a user's `groups`) belong to the server around them.
//!
//! # Where the RFC is silent
//!
//! A server may answer otherwise in these places and be right. Each row is
//! our reading first, then the other legal ones.
//!
//! | case | here | elsewhere |
//! |---|---|---|
//! | `op` or a key of the message in another case | accepted: RFC 7643 §2.1 makes names case-insensitive | 400 |
//! | unknown keys beside `op`, `path`, `value` | ignored | 400 |
//! | path-less value: dotted, filtered or URN-qualified keys | read as paths | 400 |
//! | path-less value: an unknown attribute | 400 `invalidPath` | ignored |
//! | path-less value: a readOnly attribute, unchanged | ignored: Okta's group rename carries `id` | 400 `mutability` |
//! | path-less value: a readOnly attribute, changed | 400 `mutability` | ignored |
//! | a readOnly sub-attribute inside a value | ignored, as RFC 7643 §4.3 wants for `manager.displayName` | 400 `mutability` |
//! | an unknown sub-attribute inside a value | 400 `invalidValue` | ignored |
//! | `add` with null or `[]` | no change | 400 `invalidValue` |
//! | `replace` without `value` | 400 `invalidValue` | unassigns |
//! | `replace` of a complex attribute with `{}` | no change | unassigns |
//! | `replace` of a list with one object | a list of one | 400 `invalidValue` |
//! | `add` or `replace` on `emails.type`, without a filter | every element; none: 400 `noTarget` | 400 `invalidPath` |
//! | `remove` on `emails.type`, without a filter | every element | 400 `invalidPath` |
//! | `remove` of an absent attribute | no change | 400 `noTarget` |
//! | `remove` where no element matches | no change, as in the example of §3.5.2.2 | 400 `noTarget` |
//! | `remove` of a list with a `value` | only the listed elements go: ignoring the value would lose the others | all go; 400 |
//! | `add` where no element matches | 400 `noTarget` | an element made from the filter (erratum 8097) |
//! | `add` to the elements a filter selects | merges | replaces them |
//! | `replace` of the elements a filter selects | the element becomes the value; readOnly and immutable parts stay | merges |
//! | another immutable sub-attribute in such a value | 400 `mutability` | swaps the element |
//! | an element that loses its last sub-attribute | dropped | left empty |
//! | a filter on a single-valued attribute | 400 `invalidPath` | 400 `invalidFilter` |
//! | an unknown sub-attribute in the filter | 400 `invalidFilter` | 400 `invalidPath`, no match |
//! | a bare extension URN as path | the extension's attributes, merged; `remove` drops them all | 400 `invalidPath` |
//! | `replace` of `schemas` without the URN of an extension in use | the URN stays | the extension's attributes go |
//! | `remove` of an extension's URN from `schemas` | its attributes go | 400; the URN stays |
//! | the last attribute of an extension is removed | its URN leaves `schemas` | the URN stays |
//! | two values equal but for `primary` | one value; an added `primary: true` promotes it | two values |
//! | an added element with fewer sub-attributes than a stored one | the stored one covers it: no change | a second element |
//! | the value that was primary before | `primary: false` | no `primary` |
//! | the end state breaks a rule only in between (remove and add `userName`) | 400 at the operation | accepted |
//! | more operations than the limit | 413 | any 4xx |

use serde_json::{Map, Value, json};

use crate::error::{ScimError, ScimType};
use crate::schema::ResourceType;
use crate::urn;

mod apply;
mod draft;
mod list;
mod path;
mod value;

pub use path::{Path, PathError};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// Adds a value, or sets a single one.
    Add,
    /// Unassigns an attribute, or takes values from a list.
    Remove,
    /// Sets a value in place of what was there.
    Replace,
}

impl Op {
    /// Returns the operation as the wire spells it.
    pub fn name(self) -> &'static str {
        match self {
            Op::Add => "add",
            Op::Remove => "remove",
            Op::Replace => "replace",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [Op::Add, Op::Remove, Op::Replace];
        all.into_iter().find(|op| op.name().eq_ignore_ascii_case(text))
    }
}

/// One operation of a PATCH.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What it does.
    pub op: Op,
    /// What it does it to; the whole resource where there is none.
    pub path: Option<Path>,
    /// What it does it with. A JSON null is a value, and means unassigned.
    pub value: Option<Value>,
}

/// A PATCH: operations, in the order they are carried out.
///
/// ```
/// use scim_lang::{patch, schema};
/// use serde_json::json;
///
/// let patch = patch::parse(&json!({
///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
///     "Operations": [{ "op": "replace", "value": { "active": false } }],
/// }))?;
/// let user = json!({ "id": "1", "userName": "ada", "active": true });
/// assert_eq!(patch.apply(&user, schema::user_type())?["active"], false);
/// # Ok::<(), scim_lang::error::ScimError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// The operations.
    pub operations: Vec<Operation>,
}

impl Patch {
    /// Carries the operations out on a copy of a resource and returns it.
    ///
    /// The first operation that fails ends the work with its error, so that
    /// the caller still holds the resource as it was: a PATCH is atomic
    /// (RFC 7644 §3.5.2). Attributes no operation touched keep their values
    /// as they are written; names that differ in case from the schema's are
    /// respelled.
    pub fn apply(&self, resource: &Value, ty: &ResourceType) -> Result<Value, ScimError> {
        apply::apply(self, resource, ty)
    }

    /// Returns the message body.
    pub fn to_json(&self) -> Value {
        let operations: Vec<Value> = self.operations.iter().map(Operation::to_json).collect();
        json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
    }
}

impl Operation {
    fn to_json(&self) -> Value {
        let mut operation = Map::new();
        operation.insert("op".into(), self.op.name().into());
        if let Some(path) = &self.path {
            operation.insert("path".into(), path.to_string().into());
        }
        if let Some(value) = &self.value {
            operation.insert("value".into(), value.clone());
        }
        Value::Object(operation)
    }
}

/// How large a PATCH may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most operations in one message.
    pub max_operations: usize,
    /// The longest path, in bytes.
    pub max_path_length: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_operations: 10_000, max_path_length: 8192 }
    }
}

/// Parses the body of a PATCH with the default [`Limits`].
pub fn parse(body: &Value) -> Result<Patch, ScimError> {
    parse_with(body, &Limits::default())
}

/// Parses the body of a PATCH.
///
/// This reads the message; whether its operations make sense for a resource,
/// [`Patch::apply`] tells. So a `remove` without a path parses.
pub fn parse_with(body: &Value, limits: &Limits) -> Result<Patch, ScimError> {
    let body = body.as_object().ok_or_else(|| syntax("the body is not a JSON object"))?;
    check_schemas(member(body, "schemas")?)?;
    let operations = match member(body, "Operations")? {
        Some(Value::Array(operations)) if !operations.is_empty() => operations,
        _ => return Err(syntax("`Operations` is not an array with at least one operation")),
    };
    if operations.len() > limits.max_operations {
        let detail = format!("more than {} operations", limits.max_operations);
        return Err(ScimError::new(413, detail));
    }
    let numbered = operations.iter().enumerate();
    numbered
        .map(|(index, value)| operation(value, limits).map_err(|error| at(index, error)))
        .collect::<Result<_, _>>()
        .map(|operations| Patch { operations })
}

fn check_schemas(schemas: Option<&Value>) -> Result<(), ScimError> {
    let is_patch_op = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(urn::PATCH_OP));
    match schemas {
        Some(Value::Array(urns)) if urns.iter().any(is_patch_op) => Ok(()),
        _ => Err(syntax(&format!("`schemas` does not list {}", urn::PATCH_OP))),
    }
}

fn operation(value: &Value, limits: &Limits) -> Result<Operation, ScimError> {
    let members = value.as_object().ok_or_else(|| syntax("the operation is not a JSON object"))?;
    let op = member(members, "op")?
        .and_then(Value::as_str)
        .and_then(Op::parse)
        .ok_or_else(|| syntax("`op` is none of add, remove and replace"))?;
    let path = match member(members, "path")? {
        None | Some(Value::Null) => None,
        Some(path) => Some(parse_path(path, limits)?),
    };
    let value = member(members, "value")?.cloned();
    Ok(Operation { op, path, value })
}

fn parse_path(path: &Value, limits: &Limits) -> Result<Path, ScimError> {
    let invalid = |detail: String| ScimError::bad_request(ScimType::InvalidPath, detail);
    let text = path.as_str().ok_or_else(|| invalid("`path` is not a string".into()))?;
    if text.len() > limits.max_path_length {
        let limit = limits.max_path_length;
        return Err(invalid(format!("`path` is longer than {limit} bytes")));
    }
    Path::parse(text).map_err(|error| error.answer(text))
}

/// Finds a member by name, whatever its case, and refuses two spellings of
/// one name: nobody could say which one counts.
fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Value>, ScimError> {
    let mut found = members.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(syntax(&format!("`{name}` is there twice"))),
        (first, None) => Ok(first.map(|(_, value)| value)),
    }
}

fn syntax(detail: &str) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

/// Says which operation an error belongs to, counted from one.
fn at(index: usize, error: ScimError) -> ScimError {
    ScimError { detail: format!("operation {}: {}", index + 1, error.detail), ..error }
}
