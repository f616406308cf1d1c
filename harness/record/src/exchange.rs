//! One request and its response as they crossed the wire, already redacted.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One request and what came of it.
///
/// Only a [`Redactor`](crate::Redactor) makes the texts in here, so an exchange can be written anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The step it belongs to, for example `assign`, `step 2` or `clean-up`.
    pub step: String,
    /// What was sent.
    pub request: RequestRecord,
    /// What came back; absent when nothing usable did.
    pub response: Option<ResponseRecord>,
    /// Why nothing usable came back.
    pub failure: Option<Failure>,
    /// When, and how long.
    pub timing: Timing,
}

/// The request half of an [`Exchange`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// The HTTP method.
    pub method: String,
    /// The whole URL, percent-encoded as sent.
    pub url: String,
    /// Headers in wire order and spelling.
    pub headers: Vec<Header>,
    /// The body, or nothing if the request had none.
    pub body: Option<String>,
}

/// The response half of an [`Exchange`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseRecord {
    /// The HTTP status code.
    pub status: u16,
    /// The reason phrase that goes with the status.
    pub reason: String,
    /// Headers in the order received.
    pub headers: Vec<Header>,
    /// The body as text; bytes that are no UTF-8 appear as U+FFFD.
    pub body: String,
    /// The size of the body on arrival, in bytes, after content decoding.
    pub size: usize,
}

/// One header line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The name as spelled on the wire where that is known.
    pub name: String,
    /// The value, redacted where it is a secret.
    pub value: String,
}

/// When an exchange began and how long its parts took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// When the request began, as milliseconds since the Unix epoch.
    pub started_ms: i64,
    /// From the start of the request to the response's status line and headers.
    pub headers_ms: f64,
    /// From the start of the request to the last byte of the response.
    pub total_ms: f64,
}

impl Eq for Timing {}

/// Why an exchange brought no usable response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Failure {
    /// No connection: name lookup, TCP or TLS failed. Nothing was asked of the server.
    Unreachable {
        /// What the system said.
        cause: String,
    },
    /// The request went out and no complete response arrived in time: a hang.
    TimedOut {
        /// The limit, in milliseconds.
        after_ms: u64,
    },
    /// The connection ended or broke before the response was complete.
    Broken {
        /// What the system said.
        cause: String,
    },
    /// The response passed a bound that protects the tester.
    TooLarge {
        /// Which bound, with its size.
        cause: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Unreachable { cause } => write!(f, "the server could not be reached: {cause}"),
            Failure::TimedOut { after_ms } => write!(f, "no complete response within {after_ms} ms"),
            Failure::Broken { cause } => write!(f, "the connection broke: {cause}"),
            Failure::TooLarge { cause } => write!(f, "the response is too large: {cause}"),
        }
    }
}
