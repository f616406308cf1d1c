//! The `path` of a PATCH operation (RFC 7644 §3.5.2, figure 7): an attribute
//! path, or a value path with a filter in brackets and at most one
//! sub-attribute behind it. What the names mean is decided against the
//! schema, when the operation is carried out.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use thiserror::Error;

use crate::error::{ScimError, ScimType};
use crate::filter::{self, Filter, FilterError, FilterErrorKind};
use crate::path::{self, AttrPath};

/// What an operation points at.
///
/// A bare extension URN, which some clients send to mean the whole extension,
/// is kept as a qualified attribute: the URN up to its last colon, and the
/// rest as the name. Printed, it is the same text again.
///
/// ```
/// use scim_lang::patch::Path;
///
/// let path: Path = r#"emails[type eq "work"].value"#.parse()?;
/// assert_eq!(path.attr.name, "emails");
/// assert!(path.filter.is_some());
/// assert_eq!(path.sub.as_deref(), Some("value"));
/// # Ok::<(), scim_lang::patch::PathError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The attribute; without a filter, its sub-attribute too.
    pub attr: AttrPath,
    /// Which of the attribute's values are meant.
    pub filter: Option<Filter>,
    /// The sub-attribute of the values that the filter selects.
    pub sub: Option<String>,
}

impl Path {
    /// Parses a path.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if let Err(path::PathError::SchemaOnly(urn)) = AttrPath::parse(text) {
            return Ok(schema_alone(&urn).into());
        }
        let parsed = filter::parse_patch_path(text).map_err(|error| PathError::of(text, error))?;
        Ok(Path { attr: parsed.attr, filter: parsed.filter, sub: parsed.sub })
    }
}

impl From<AttrPath> for Path {
    fn from(attr: AttrPath) -> Self {
        Path { attr, filter: None, sub: None }
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Path::parse(text)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.attr)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// Why a text is not a path, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}, at byte {}", span.start)]
pub struct PathError {
    /// The bytes at fault; empty where something is missing.
    pub span: Range<usize>,
    /// What is wrong with them.
    pub kind: FilterErrorKind,
    /// `invalidFilter` for what stands in brackets, `invalidPath` for the
    /// rest (RFC 7644 §3.12, table 9).
    pub scim_type: ScimType,
}

impl PathError {
    fn of(text: &str, FilterError { span, kind }: FilterError) -> Self {
        let scim_type = match brackets(text) {
            Some(brackets) if brackets.contains(&span.start) => ScimType::InvalidFilter,
            _ => ScimType::InvalidPath,
        };
        PathError { span, kind, scim_type }
    }

    pub(super) fn answer(&self, text: &str) -> ScimError {
        let detail = format!("the path `{}`: {self}", text.escape_debug());
        ScimError::bad_request(self.scim_type, detail)
    }
}

fn schema_alone(urn: &str) -> AttrPath {
    let (schema, name) = urn.rsplit_once(':').unwrap_or(("", urn));
    AttrPath::new(name).with_schema(schema)
}

/// The first bracket, the one that closes it, and what lies between: a
/// mistake found there is one of the filter. A bracket without an attribute
/// in front is one of the path.
fn brackets(text: &str) -> Option<Range<usize>> {
    let open = text.find('[')?;
    let mut quoted = false;
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate().skip(open + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted => return Some(open.max(1)..offset + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> String {
        let path = Path::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        path.to_string()
    }

    fn refused(text: &str) -> ScimType {
        let error = Path::parse(text).expect_err(text);
        let span = &error.span;
        assert!(span.start <= span.end && span.end <= text.len(), "{text}: {span:?}");
        error.scim_type
    }

    #[test]
    fn every_form_of_the_grammar_prints_as_it_was_read() {
        for text in [
            "members",
            "name.familyName",
            r#"addresses[type eq "work"]"#,
            r#"addresses[type eq "work"].streetAddress"#,
            r#"emails[type eq "work" and value ew "example.test"]"#,
            "urn:ietf:params:scim:schemas:core:2.0:User:name.familyName",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "urn:example:params:scim:schemas:extension:none:2.0:User",
        ] {
            assert_eq!(printed(text), text);
        }
    }

    #[test]
    fn brackets_and_quotes_inside_a_string_do_not_end_the_filter() {
        let text = r#"members[value eq "a]b\"]c\\"].display"#;
        assert_eq!(Path::parse(text).unwrap().sub.as_deref(), Some("display"));
    }

    #[test]
    fn what_is_wrong_outside_the_brackets_is_an_invalid_path() {
        for text in [
            "",
            " ",
            "emails[",
            "emails]",
            "1abc",
            "name.",
            "name..givenName",
            "/emails/0/value",
            r#"emails[type eq "x"]value"#,
            r#"emails[type eq "x"]."#,
            r#"emails[type eq "x"].a.b"#,
            r#"emails[type eq "x"][type eq "y"]"#,
            r#"[type eq "x"]"#,
            r#"userName eq "x""#,
        ] {
            assert_eq!(refused(text), ScimType::InvalidPath, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_inside_the_brackets_is_an_invalid_filter() {
        for text in ["emails[]", "emails[type eq]", "emails[type]", r#"emails[value[type eq "x"]]"#] {
            assert_eq!(refused(text), ScimType::InvalidFilter, "{text}");
        }
    }
}
