//! What passes between a flow and whoever moves the bytes: requests, responses, steps, outcomes.
//! Which bytes a request holds is decided elsewhere.

use std::fmt;
use std::time::Duration;

/// One request as Okta writes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method.
    pub method: &'static str,
    /// Path and query below the base URL, percent-encoded, starting with `/`.
    pub target: String,
    /// Okta's own headers in wire order. `Authorization`, `Content-Length`, `Host`, `Connection` and
    /// `Accept-Encoding`, which follow on Okta's wire in this order, are added by the transport.
    pub headers: Vec<(&'static str, String)>,
    /// The body: compact JSON in Okta's key order.
    pub body: Option<String>,
}

/// Everything but a body with a password in it.
impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("target", &self.target)
            .field("headers", &self.headers)
            .field("body", &self.body.as_deref().map(without_password))
            .finish()
    }
}

/// The service provider's answer to a [`Request`].
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// The reason phrase of the status line; empty where the protocol has none.
    pub reason: String,
    /// The value of the `Retry-After` header, as received.
    pub retry_after: Option<String>,
    /// The body after content decoding.
    pub body: Vec<u8>,
}

impl Response {
    /// Returns an answer without `Retry-After`.
    pub fn new(status: u16, reason: impl Into<String>, body: impl Into<Vec<u8>>) -> Response {
        Response { status, reason: reason.into(), retry_after: None, body: body.into() }
    }
}

/// Everything but a body with a password in it, which a service provider should not have returned.
impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("reason", &self.reason)
            .field("retry_after", &self.retry_after)
            .field("body", &without_password(&String::from_utf8_lossy(&self.body)))
            .finish()
    }
}

/// Returns the text, or what stands for it where a password may be in it.
fn without_password(text: &str) -> &str {
    if text.to_ascii_lowercase().contains("password") { "(withheld: it may hold a password)" } else { text }
}

/// What a flow wants next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this request and hand the answer to [`Flow::next`](crate::Flow::next).
    Send(Request),
    /// Let this much time pass, then call [`Flow::resume`](crate::Flow::resume). Whether it passes on a
    /// real clock or on a virtual one is the caller's choice.
    Wait(Duration),
    /// The event is over.
    Done(Outcome),
}

/// How an event ended for the administrator of the Okta org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Okta is content.
    Done {
        /// What the administrator can read about it.
        message: String,
    },
    /// Okta stopped, and a task (or a red badge, or a failed test of the credentials) awaits the
    /// administrator.
    Task {
        /// The text in Okta's wording.
        message: String,
    },
}
