//! Attribute paths: `userName`, `name.givenName`,
//! `urn:ietf:params:scim:schemas:core:2.0:User:name.givenName`.
//!
//! Paths with a value filter in brackets belong to [`crate::filter`] and
//! [`crate::patch`]; what an attribute *is* belongs to [`crate::schema`].

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::urn;

/// One attribute, or one sub-attribute of it, by name.
///
/// A path keeps the spelling it was written in, and `==` compares that
/// spelling. RFC 7643 §2.1 makes names case-insensitive; [`AttrPath::same_as`]
/// compares them so.
///
/// ```
/// use scim_lang::path::AttrPath;
///
/// let path = AttrPath::parse("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName")?;
/// assert_eq!(path.schema.as_deref(), Some(scim_lang::urn::USER));
/// assert_eq!((path.name.as_str(), path.sub.as_deref()), ("name", Some("givenName")));
/// # Ok::<(), scim_lang::path::PathError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttrPath {
    /// The schema URI in front of the name, if the path is qualified.
    pub schema: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute behind the dot.
    pub sub: Option<String>,
}

impl AttrPath {
    /// Returns the unqualified path to an attribute.
    pub fn new(name: impl Into<String>) -> Self {
        AttrPath { schema: None, name: name.into(), sub: None }
    }

    /// Returns the path to a sub-attribute of this attribute.
    #[must_use]
    pub fn with_sub(mut self, sub: impl Into<String>) -> Self {
        self.sub = Some(sub.into());
        self
    }

    /// Returns the path qualified by a schema.
    #[must_use]
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Parses a path.
    ///
    /// A URN holds colons and dots itself, so the text is split at the
    /// longest schema URN we know; an unknown URI ends at the last colon, and
    /// the first dot after it starts the sub-attribute. `$ref` counts as a
    /// name although the grammar of RFC 7644 §3.4.2.2 has no `$`: RFC 7643
    /// §2.4 defines an attribute of that name.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.len() > MAX_LENGTH {
            return Err(PathError::TooLong);
        }
        let (schema, rest) = split_schema(text)?;
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        check_name(name)?;
        sub.map_or(Ok(()), check_sub)?;
        Ok(AttrPath { schema: schema.map(str::to_owned), name: name.to_owned(), sub: sub.map(str::to_owned) })
    }

    /// Tells whether the path names this attribute, whatever its case, and no
    /// sub-attribute of it.
    pub fn is(&self, name: &str) -> bool {
        self.sub.is_none() && self.name.eq_ignore_ascii_case(name)
    }

    /// Tells whether two paths are the same but for upper and lower case
    /// (RFC 7643 §2.1 for names, RFC 7644 §3.10 for URNs).
    ///
    /// A qualified and an unqualified path are different here; only a
    /// resource type can tell that they mean the same attribute.
    pub fn same_as(&self, other: &AttrPath) -> bool {
        self.name.eq_ignore_ascii_case(&other.name)
            && same_option(self.sub.as_deref(), other.sub.as_deref())
            && same_option(self.schema.as_deref(), other.schema.as_deref())
    }
}

impl FromStr for AttrPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        AttrPath::parse(text)
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// Why a text is not an attribute path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// There is no name: the text is empty, or nothing stands behind a colon
    /// or a dot.
    #[error("an attribute name is missing")]
    MissingName,
    /// The text is longer than 1,024 bytes.
    #[error("the path is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// A name does not start with a letter.
    #[error("the name `{}` does not start with a letter", .0.escape_debug())]
    BadStart(String),
    /// A name holds something other than letters, digits, `-` and `_`.
    #[error("the name `{}` holds `{}`; only letters, digits, `-` and `_` may", .name.escape_debug(), .found.escape_debug())]
    BadCharacter {
        /// The name.
        name: String,
        /// The first character that does not belong there.
        found: char,
    },
    /// More than one dot: sub-attributes have no sub-attributes (RFC 7643
    /// §2.3.8).
    #[error("`{}` goes deeper than one sub-attribute", .0.escape_debug())]
    TooManyNames(String),
    /// What stands before the last colon is not a URI.
    #[error("`{}` is not a schema URI", .0.escape_debug())]
    BadSchema(String),
    /// The text is a schema URN alone, as some clients send it in PATCH to
    /// mean the whole extension.
    #[error("`{0}` is a schema, not an attribute of one")]
    SchemaOnly(String),
}

type Split<'a> = (Option<&'a str>, &'a str);

fn split_schema(text: &str) -> Result<Split<'_>, PathError> {
    if let Some(known) = known_schema(text) {
        let (schema, rest) = text.split_at(known);
        match rest.strip_prefix(':') {
            None => return Err(PathError::SchemaOnly(text.to_owned())),
            Some(name) if !name.contains(':') => return Ok((Some(schema), name)),
            // An unknown schema whose URN goes on where a known one ends.
            Some(_) => {}
        }
    }
    match text.rsplit_once(':') {
        Some((schema, _)) if !is_uri(schema) => Err(PathError::BadSchema(schema.to_owned())),
        Some((schema, name)) => Ok((Some(schema), name)),
        None => Ok((None, text)),
    }
}

/// The length of the longest known URN that the text starts with.
fn known_schema(text: &str) -> Option<usize> {
    let starts = |urn: &&&str| {
        text.get(..urn.len()).is_some_and(|head| head.eq_ignore_ascii_case(urn))
            && matches!(text.as_bytes().get(urn.len()), None | Some(b':'))
    };
    urn::SCHEMAS.iter().filter(starts).map(|urn| urn.len()).max()
}

/// RFC 3986 §3: a scheme, a colon, and something behind it. RFC 7643 §10.2
/// wants URNs; the grammar of RFC 7644 §3.4.2.2 takes any URI.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let in_scheme = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(in_scheme)
        && !rest.is_empty()
        && rest.bytes().all(is_uri_byte)
}

fn is_uri_byte(byte: u8) -> bool {
    // Parentheses, brackets and quotes, which RFC 3986 §2.2 allows in places,
    // would end the path inside a filter.
    byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&byte)
}

/// Checks what stands behind a dot.
pub(crate) fn check_sub(sub: &str) -> Result<(), PathError> {
    if sub.contains('.') {
        return Err(PathError::TooManyNames(sub.to_owned()));
    }
    check_name(sub)
}

fn check_name(name: &str) -> Result<(), PathError> {
    if name.eq_ignore_ascii_case("$ref") {
        return Ok(());
    }
    let first = name.chars().next().ok_or(PathError::MissingName)?;
    if !first.is_ascii_alphabetic() {
        return Err(PathError::BadStart(name.to_owned()));
    }
    match name.chars().find(|c| !is_name_char(*c)) {
        Some(found) => Err(PathError::BadCharacter { name: name.to_owned(), found }),
        None => Ok(()),
    }
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

fn same_option(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (None, None) => true,
        _ => false,
    }
}

/// Generous: the longest path of the core schemas has 84 bytes.
const MAX_LENGTH: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, String, Option<String>) {
        let path = AttrPath::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(path.to_string(), text, "display is the inverse");
        (path.schema, path.name, path.sub)
    }

    #[test]
    fn a_plain_name_and_a_sub_attribute() {
        assert_eq!(parts("userName"), (None, "userName".into(), None));
        assert_eq!(parts("name.givenName"), (None, "name".into(), Some("givenName".into())));
        assert_eq!(parts("members.$ref"), (None, "members".into(), Some("$ref".into())));
        assert_eq!(parts("x-y_9"), (None, "x-y_9".into(), None));
    }

    #[test]
    fn a_known_urn_is_split_off_although_it_holds_dots_and_colons() {
        let text = format!("{}:manager.value", urn::ENTERPRISE_USER);
        assert_eq!(parts(&text), (Some(urn::ENTERPRISE_USER.into()), "manager".into(), Some("value".into())));
        let lower = text.to_lowercase();
        assert_eq!(parts(&lower).1, "manager");
    }

    #[test]
    fn an_unknown_urn_ends_at_the_last_colon() {
        assert_eq!(
            parts("urn:example:acme:1.0:Badge:colour.code"),
            (Some("urn:example:acme:1.0:Badge".into()), "colour".into(), Some("code".into()))
        );
        assert_eq!(parts("http://example.test/badge:colour").1, "colour");
        let longer = format!("{}:acme", urn::USER);
        assert_eq!(parts(&format!("{longer}:badge")).0, Some(longer));
    }

    #[test]
    fn what_is_not_a_path_says_why() {
        let missing = PathError::MissingName;
        let table: &[(&str, PathError)] = &[
            ("", missing.clone()),
            ("name.", missing.clone()),
            (".givenName", missing.clone()),
            ("urn:example:acme:", missing),
            ("9lives", PathError::BadStart("9lives".into())),
            ("$name", PathError::BadStart("$name".into())),
            ("name.$sub", PathError::BadStart("$sub".into())),
            ("a.b.c", PathError::TooManyNames("b.c".into())),
            ("core:name", PathError::BadSchema("core".into())),
            ("1x:y:name", PathError::BadSchema("1x:y".into())),
            (urn::USER, PathError::SchemaOnly(urn::USER.into())),
        ];
        for (text, error) in table {
            assert_eq!(AttrPath::parse(text).as_ref(), Err(error), "{text}");
        }
        assert!(matches!(AttrPath::parse("naïve"), Err(PathError::BadCharacter { found: 'ï', .. })));
        assert_eq!(AttrPath::parse(&"a".repeat(1025)), Err(PathError::TooLong));
    }

    #[test]
    fn comparison_ignores_case_and_is_wants_no_sub_attribute() {
        let a = AttrPath::parse("NAME.givenname").unwrap();
        let b = AttrPath::parse("name.givenName").unwrap();
        assert!(a.same_as(&b) && a != b);
        assert!(!a.is("name"));
        assert!(AttrPath::new("UserName").is("username"));
        assert!(!a.same_as(&b.clone().with_schema(urn::USER)));
    }
}
