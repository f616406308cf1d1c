//! The form of an operation: what it does, and to what kind of target. Two operations of one form break for the same
//! reason.

use super::vocabulary::Resource;
use scim_lang::patch::{self, Path};
use scim_lang::path::AttrPath;
use serde_json::{Value, json};
use std::fmt;

/// What an operation does, and to what kind of target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The `op` as it is sent.
    pub op: String,
    /// The kind of target.
    pub target: &'static str,
    /// Whether the path, or a name in the value, begins with a URN.
    pub has_urn: bool,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.op, if self.has_urn { "urn:" } else { "" }, self.target)
    }
}

/// Returns the form of an operation.
pub fn form_of(resource: Resource, operation: &Value) -> Form {
    let op = operation["op"].as_str().unwrap_or_default().chars().take(20).collect();
    let Some(text) = operation.get("path").and_then(Value::as_str) else {
        let names = operation["value"].as_object();
        let has_urn = names.is_some_and(|names| names.keys().any(|name| is_urn(name)));
        return Form { op, target: "resource", has_urn };
    };
    let path = Path::parse(text).ok();
    let target =
        path.as_ref().map_or("nothing", |path| spelled(resource, path).unwrap_or_else(|| target_of(resource, path)));
    Form { op, target, has_urn: is_urn(text) }
}

/// Returns the kind of target of an operation, however its path is spelled.
pub(super) fn target(resource: Resource, operation: &Value) -> &'static str {
    let path = operation.get("path").and_then(Value::as_str).map(Path::parse);
    match path {
        None => "resource",
        Some(path) => path.map_or("nothing", |path| target_of(resource, &path)),
    }
}

/// Says how a path is spelled that could be spelled more simply: who does not take a spelling takes it nowhere.
fn spelled(resource: Resource, path: &Path) -> Option<&'static str> {
    let found = resource.ty().resolve(&path.attr)?;
    let has_base_urn = path.attr.schema.as_deref().is_some_and(|urn| resource.ty().schema.is(urn));
    match path.attr.name == found.attribute.name {
        _ if has_base_urn => Some("path with its schema"),
        true => None,
        false => Some("path in another case"),
    }
}

fn target_of(resource: Resource, path: &Path) -> &'static str {
    let Some(found) = resource.ty().resolve(&path.attr) else {
        return if is_extension(resource, path) { "extension" } else { "nothing" };
    };
    match (found.attribute.multi_valued, found.attribute.is_complex(), &path.filter, &path.sub, found.sub) {
        (true, _, Some(_), Some(_), _) => "list[filter].part",
        (true, _, Some(_), None, _) => "list[filter]",
        (true, _, None, _, Some(_)) => "list.part",
        (true, _, None, _, None) => "list",
        (false, true, _, _, Some(_)) => "complex.part",
        (false, true, _, _, None) => "complex",
        (false, false, ..) => "simple",
    }
}

/// Tells whether a path is the bare URN of an extension.
pub(super) fn is_extension(resource: Resource, path: &Path) -> bool {
    match &path.attr {
        AttrPath { schema: Some(schema), name, sub: None } if path.filter.is_none() => {
            resource.ty().extension(&format!("{schema}:{name}")).is_some()
        }
        _ => false,
    }
}

pub(super) fn is_urn(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
}

/// Reads one operation.
pub(super) fn read(operation: &Value) -> Result<patch::Patch, scim_lang::error::ScimError> {
    patch::parse(&message(std::slice::from_ref(operation)))
}

/// Returns the message that carries operations.
pub fn message(operations: &[Value]) -> Value {
    json!({ "schemas": [scim_lang::urn::PATCH_OP], "Operations": operations })
}
