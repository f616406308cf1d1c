//! Requests and replies as the service provider sees them: values, without a socket. [`crate::server`] turns HTTP into
//! these and back.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use scim_lang::error::{ScimError, ScimType};
use scim_lang::{json, urn};
use serde_json::{Value, json};

use crate::store::{Kind, Record};
use crate::v1;
use crate::version::Version;

/// The media type of everything SCIM (RFC 7644 §3.1).
pub(crate) const SCIM_JSON: &str = "application/scim+json";

/// One request, its body complete.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The version of the protocol its path belongs to.
    pub(crate) version: Version,
    /// The base URL as the client addresses it.
    pub(crate) base: String,
    /// The path of the request target, still percent-encoded.
    pub(crate) path: String,
    /// The query of the request target, still percent-encoded.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What the resource of the request was a while ago, where a fault makes its answer from that.
    pub(crate) glimpse: Option<Arc<Record>>,
}

impl Request {
    /// Returns the text of a header, if there is one and it is text.
    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the query parameters in their order, decoded once, attributes by the names of SCIM 2.0. A `+` is a
    /// space: Okta wrote filters that way for years, and a literal plus travels as `%2B` (RFC 7644 §1.2).
    pub(crate) fn parameters(&self) -> Result<Vec<(String, String)>, ScimError> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        let decoded = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        });
        let parameters = decoded.collect::<Result<_, ScimError>>()?;
        Ok(match self.version {
            Version::V2 => parameters,
            Version::V1 => v1::parameters(parameters),
        })
    }

    /// Returns the representation of a resource in the body, in the names of SCIM 2.0.
    pub(crate) fn resource(&self, kind: Kind) -> Result<Value, ScimError> {
        let body = self.json()?;
        match self.version {
            Version::V2 => Ok(body),
            Version::V1 => v1::inbound(body, kind),
        }
    }

    /// Returns the body as JSON. Duplicate members are refused: two readers of such a body would see two different
    /// requests (RFC 8259 §4).
    pub(crate) fn json(&self) -> Result<Value, ScimError> {
        self.check_media_type()?;
        let document = json::parse(&self.body).map_err(|error| {
            let detail = format!("the request body is not acceptable JSON: {error}");
            ScimError::bad_request(ScimType::InvalidSyntax, detail)
        })?;
        match document.duplicates.first() {
            None => Ok(document.value),
            Some(twice) => {
                let detail = format!("the request body has a member twice: {}", twice.pointer);
                Err(ScimError::bad_request(ScimType::InvalidSyntax, detail))
            }
        }
    }

    /// RFC 7644 §3.8 and §8.1: application/scim+json, or application/json for the sake of simple clients. A body
    /// without a type is taken for SCIM.
    fn check_media_type(&self) -> Result<(), ScimError> {
        let Some(value) = self.headers.get(CONTENT_TYPE) else { return Ok(()) };
        let value = value.to_str().unwrap_or_default();
        let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
        let essence = essence.trim().to_ascii_lowercase();
        if essence != SCIM_JSON && essence != "application/json" {
            let detail = format!("a request body has to be {SCIM_JSON} or application/json, not {essence}");
            return Err(ScimError::new(415, detail));
        }
        let charset = parameters
            .split(';')
            .find_map(|parameter| parameter.trim().to_ascii_lowercase().strip_prefix("charset=").map(str::to_owned));
        match charset.as_deref().map(|charset| charset.trim_matches('"')) {
            None | Some("utf-8" | "utf8" | "us-ascii") => Ok(()),
            // RFC 7644 §3.8: JSON text is UTF-8.
            Some(other) => Err(ScimError::new(415, format!("a request body has to be UTF-8, not {other}"))),
        }
    }
}

/// What the service provider does about a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It replies.
    Reply(Reply),
    /// It closes the connection without a word.
    HangUp,
}

/// One response.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

/// The body of a response, a value as long as something may still want to look into it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Empty,
    Json(Value),
    /// JSON as it is to be written, for those who care how it looks.
    Printed(String),
    Text {
        media_type: &'static str,
        text: String,
    },
}

impl Reply {
    /// Returns a reply without a body.
    pub(crate) fn empty(status: StatusCode) -> Reply {
        Reply { status, headers: HeaderMap::new(), body: Body::Empty }
    }

    /// Returns a reply with a JSON body.
    pub(crate) fn json(status: StatusCode, value: Value) -> Reply {
        Reply { body: Body::Json(value), ..Reply::empty(status) }
    }

    /// Returns the 200 that carries one page of a result (RFC 7644 §3.4.2). All counters and `Resources` are always
    /// there: Okta reports "No results for users returned" where one is missing.
    pub(crate) fn list(total: usize, start_index: usize, resources: Vec<Value>) -> Reply {
        Reply::json(
            StatusCode::OK,
            json!({
                "schemas": [urn::LIST_RESPONSE],
                "totalResults": total,
                "startIndex": start_index,
                "itemsPerPage": resources.len(),
                "Resources": resources,
            }),
        )
    }

    /// Returns the reply with one more header.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Reply {
        // Every value set here is a URI, a tag or a list of methods of our own making.
        let value = HeaderValue::from_str(value).expect("the header value is visible ASCII");
        self.headers.insert(name, value);
        self
    }

    /// Returns the JSON body, if the reply has one.
    pub(crate) fn value(&self) -> Option<&Value> {
        match &self.body {
            Body::Json(value) => Some(value),
            _ => None,
        }
    }
}

impl From<ScimError> for Reply {
    fn from(error: ScimError) -> Reply {
        let status = StatusCode::from_u16(error.status).expect("errors carry a status of RFC 9110");
        Reply::json(status, error.to_json())
    }
}

/// Undoes percent-encoding once.
pub(crate) fn decode(text: &str) -> Result<String, ScimError> {
    let spaced = text.replace('+', " ");
    decode_path(&spaced).ok_or_else(|| {
        ScimError::bad_request(ScimType::InvalidValue, "a query parameter is not UTF-8 once it is decoded")
    })
}

/// Undoes percent-encoding once, where a `+` is a plus.
pub(crate) fn decode_path(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
}
