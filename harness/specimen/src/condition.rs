//! Conditional requests: entity tags in `If-Match` and `If-None-Match` (RFC 7644 §3.14, RFC 9110 §13).

use http::Method;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use scim_lang::error::ScimError;
use serde_json::Value;

use crate::message::Request;

/// Refuses a write whose condition the resource does not meet.
pub(crate) fn check(request: &Request, resource: &Value) -> Result<(), ScimError> {
    let failed = |header: &str| Err(ScimError::new(412, format!("the version of the resource does not fit {header}")));
    if request.header(IF_MATCH).is_some_and(|tags| !names(tags, resource)) {
        return failed("If-Match");
    }
    if request.header(IF_NONE_MATCH).is_some_and(|tags| names(tags, resource)) {
        return failed("If-None-Match");
    }
    Ok(())
}

/// Tells whether a client that reads a resource has its current version.
pub(crate) fn is_unchanged(request: &Request, resource: &Value) -> bool {
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    reads && request.header(IF_NONE_MATCH).is_some_and(|tags| names(tags, resource))
}

/// Returns the version of a representation.
pub(crate) fn version(resource: &Value) -> &str {
    resource["meta"]["version"].as_str().expect("every representation is rendered with a version")
}

/// Tells whether a list of entity tags names the version of a resource. RFC 9110 §13.1.1 asks for strong comparison in
/// If-Match, which no weak tag passes; SCIM's examples send weak tags there (RFC 7644 §3.14), so that they are compared
/// weakly.
fn names(tags: &str, resource: &Value) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let current = opaque(version(resource));
    tags.trim() == "*" || tags.split(',').any(|tag| opaque(tag) == current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        let resource = serde_json::json!({ "meta": { "version": "W/\"a1\"" } });
        for (tags, named) in [
            ("W/\"a1\"", true),
            ("\"a1\"", true),
            ("\"x\", W/\"a1\"", true),
            ("*", true),
            ("\"a\"", false),
            ("", false),
        ] {
            assert_eq!(names(tags, &resource), named, "{tags}");
        }
    }
}
