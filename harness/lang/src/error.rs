//! The SCIM error response (RFC 7644 §3.12): a status, a keyword and a
//! sentence. Errors of this library's own parsers live with the parsers.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};
use thiserror::Error;

use crate::urn;

/// The keyword that tells one 400 from another (RFC 7644 §3.12, table 9, and RFC 9865 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// The filter does not parse, or compares what cannot be compared.
    InvalidFilter,
    /// The filter yields more results than the server is willing to process.
    TooMany,
    /// A value that has to be unique is taken.
    Uniqueness,
    /// The change contradicts the attribute's mutability.
    Mutability,
    /// The body is not the message it claims to be.
    InvalidSyntax,
    /// The `path` of a PATCH operation is malformed or names nothing known.
    InvalidPath,
    /// The `path` of a PATCH operation selects nothing.
    NoTarget,
    /// A value is missing or does not fit the attribute.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The request would put something sensitive into a URI.
    Sensitive,
    /// The cursor was never given out, or not for this query (RFC 9865 §2.1).
    InvalidCursor,
    /// The cursor was given out too long ago (RFC 9865 §2.1).
    ExpiredCursor,
    /// The page size is out of bounds, or changed on the way (RFC 9865 §2.1).
    InvalidCount,
}

impl ScimType {
    /// Every keyword, in the order of the tables.
    pub const ALL: [ScimType; 13] = [
        ScimType::InvalidFilter,
        ScimType::TooMany,
        ScimType::Uniqueness,
        ScimType::Mutability,
        ScimType::InvalidSyntax,
        ScimType::InvalidPath,
        ScimType::NoTarget,
        ScimType::InvalidValue,
        ScimType::InvalidVers,
        ScimType::Sensitive,
        ScimType::InvalidCursor,
        ScimType::ExpiredCursor,
        ScimType::InvalidCount,
    ];

    /// Returns the keyword as the wire spells it.
    pub fn name(self) -> &'static str {
        match self {
            ScimType::InvalidFilter => "invalidFilter",
            ScimType::TooMany => "tooMany",
            ScimType::Uniqueness => "uniqueness",
            ScimType::Mutability => "mutability",
            ScimType::InvalidSyntax => "invalidSyntax",
            ScimType::InvalidPath => "invalidPath",
            ScimType::NoTarget => "noTarget",
            ScimType::InvalidValue => "invalidValue",
            ScimType::InvalidVers => "invalidVers",
            ScimType::Sensitive => "sensitive",
            ScimType::InvalidCursor => "invalidCursor",
            ScimType::ExpiredCursor => "expiredCursor",
            ScimType::InvalidCount => "invalidCount",
        }
    }

    /// Returns the HTTP status the keyword usually travels with.
    ///
    /// Table 9 defines the keywords for 400. The text itself uses two of them
    /// elsewhere: `uniqueness` with 409 (RFC 7644 §3.3) and `sensitive` with
    /// 403 (RFC 7644 §7.5.2).
    pub fn default_status(self) -> u16 {
        match self {
            ScimType::Uniqueness => 409,
            ScimType::Sensitive => 403,
            _ => 400,
        }
    }
}

impl fmt::Display for ScimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ScimType {
    type Err = UnknownScimType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ScimType::ALL.into_iter().find(|keyword| keyword.name() == text).ok_or_else(|| UnknownScimType(text.to_owned()))
    }
}

/// A text that is none of the keywords.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a scimType of RFC 7644 or RFC 9865")]
pub struct UnknownScimType(pub String);

/// What a service provider answers instead of doing what it was asked.
///
/// ```
/// use scim_lang::error::{ScimError, ScimType};
///
/// let error = ScimError::bad_request(ScimType::NoTarget, "no email matches");
/// assert_eq!(error.to_json()["status"], "400");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{status}{}: {detail}", keyword(*.scim_type))]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// The keyword, where the RFC has one for the case.
    pub scim_type: Option<ScimType>,
    /// A sentence for the person who reads the log.
    pub detail: String,
}

impl ScimError {
    /// Returns an error without a keyword, such as a 404.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        ScimError { status, scim_type: None, detail: detail.into() }
    }

    /// Returns a 400 with its keyword.
    pub fn bad_request(scim_type: ScimType, detail: impl Into<String>) -> Self {
        ScimError { status: 400, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// Returns an error with the status its keyword usually travels with.
    pub fn of(scim_type: ScimType, detail: impl Into<String>) -> Self {
        ScimError { status: scim_type.default_status(), ..ScimError::bad_request(scim_type, detail) }
    }

    /// Returns the body of the answer. `status` is a JSON string there, not a
    /// number (RFC 7644 §3.12).
    pub fn to_json(&self) -> Value {
        let mut body = json!({ "schemas": [urn::ERROR], "status": self.status.to_string() });
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = scim_type.name().into();
        }
        body["detail"] = self.detail.as_str().into();
        body
    }
}

fn keyword(scim_type: Option<ScimType>) -> String {
    scim_type.map_or_else(String::new, |keyword| format!(" {keyword}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_reads_back_from_its_name() {
        for keyword in ScimType::ALL {
            assert_eq!(keyword.name().parse(), Ok(keyword));
        }
        assert!("InvalidFilter".parse::<ScimType>().is_err());
    }

    #[test]
    fn the_body_carries_the_status_as_a_string() {
        let error = ScimError::bad_request(ScimType::InvalidValue, "`active` takes a boolean");
        assert_eq!(
            error.to_json(),
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                "status": "400",
                "scimType": "invalidValue",
                "detail": "`active` takes a boolean",
            })
        );
    }

    #[test]
    fn an_error_without_a_keyword_has_no_scim_type() {
        let error = ScimError::new(404, "no such user");
        assert_eq!(error.to_json().get("scimType"), None);
        assert_eq!(error.to_string(), "404: no such user");
    }

    #[test]
    fn uniqueness_travels_with_409_and_sensitive_with_403() {
        assert_eq!(ScimError::of(ScimType::Uniqueness, "").status, 409);
        assert_eq!(ScimError::of(ScimType::Sensitive, "").status, 403);
        assert_eq!(ScimError::of(ScimType::Mutability, "").to_string(), "400 mutability: ");
    }
}
