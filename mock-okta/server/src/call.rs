//! One call of the API as a value, and its answer: what is left of HTTP when the wire is taken away.

use http::Method;
use mock_okta::org::JobId;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::error::{ApiError, Code};

/// A request to the org.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path as sent.
    pub(crate) path: String,
    /// The query as sent, without `?`.
    pub(crate) query: String,
    pub(crate) body: Vec<u8>,
    /// Scheme and host by which the client knows the org, for links.
    pub(crate) origin: String,
    /// What stands for the variables of the route, in order.
    pub(crate) variables: Vec<String>,
}

impl Call {
    /// Returns a call of which the route is not known yet.
    pub(crate) fn new(method: Method, path: &str, query: &str, body: Vec<u8>, origin: &str) -> Call {
        let (path, query, origin) = (path.to_owned(), query.to_owned(), origin.to_owned());
        Call { method, path, query, body, origin, variables: Vec::new() }
    }

    /// Returns the n-th variable of the route.
    pub(crate) fn variable(&self, n: usize) -> &str {
        self.variables.get(n).map_or("", String::as_str)
    }

    /// Returns the parameters of the query, decoded.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (String, String)> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (decoded(name), decoded(value)))
    }

    /// Returns a parameter; an empty one counts as none.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters().find(|(known, _)| known == name).map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// Returns a parameter that is `true` or `false`.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool, ApiError> {
        match self.parameter(name).as_deref() {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(ApiError::validation(name, format!("{name}: it is neither true nor false"))),
        }
    }

    /// Returns the body.
    pub(crate) fn json(&self) -> Result<Value, ApiError> {
        serde_json::from_slice(&self.body).map_err(|error| ApiError::of(Code::Malformed).because(error.to_string()))
    }

    /// Returns the body, which has to be an object.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, ApiError> {
        match self.json()? {
            Value::Object(object) => Ok(object),
            _ => Err(ApiError::of(Code::Malformed).because("the body is no JSON object")),
        }
    }

    /// Returns the body of an operation that needs none: Okta's own test sends a blank.
    pub(crate) fn object_or_nothing(&self) -> Result<Map<String, Value>, ApiError> {
        if self.body.trim_ascii().is_empty() { Ok(Map::new()) } else { self.object() }
    }
}

/// Decodes a part of a query; `+` is a blank there.
fn decoded(text: &str) -> String {
    decode(&text.replace('+', " "))
}

/// Decodes a segment of a path.
pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// What a call is answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) view: View,
    /// Links to other pages: relation and target.
    pub(crate) links: Vec<(&'static str, String)>,
}

impl Answer {
    /// Returns 200 with a view.
    pub(crate) fn ok(view: impl Into<View>) -> Answer {
        Answer { status: 200, view: view.into(), links: Vec::new() }
    }

    /// Returns 201 with a view.
    pub(crate) fn created(view: impl Into<View>) -> Answer {
        Answer { status: 201, ..Answer::ok(view) }
    }

    /// Returns 204.
    pub(crate) fn nothing() -> Answer {
        Answer { status: 204, ..Answer::ok(View::Nothing) }
    }
}

/// The body of an answer. What names something is drawn when the answer leaves, which is after provisioning where that
/// is synchronous.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum View {
    Nothing,
    Json(Value),
    User(String),
    AppUser { app: String, person: String },
    Mapping { app: String, group: String },
    Connection(String),
    Import { app: String, jobs: Vec<JobId> },
}

impl From<Value> for View {
    fn from(value: Value) -> View {
        View::Json(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(query: &str, body: &str) -> Call {
        Call::new(Method::GET, "/", query, body.as_bytes().to_vec(), "")
    }

    #[test]
    fn parameters_are_decoded() {
        let call = call("q=a+b%22&limit=&activate=maybe", "");
        assert_eq!(call.parameter("q").as_deref(), Some("a b\""));
        assert_eq!(call.parameter("limit"), None);
        assert!(call.flag("activate", true).is_err() && call.flag("provider", false) == Ok(false));
    }

    #[test]
    fn a_blank_body_is_none_and_a_broken_one_an_error() {
        assert_eq!(call("", " ").object_or_nothing(), Ok(Map::new()));
        for body in ["", "{", "[]", "null"] {
            assert_eq!(call("", body).object().map_err(|error| error.status()), Err(400), "{body}");
        }
    }
}
