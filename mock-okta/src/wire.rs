//! What passes between a flow and whoever moves the bytes: requests, responses, steps, outcomes.
//! Which bytes a request holds is decided elsewhere.

/// One request as Okta writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// The service provider's answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// The reason phrase of the status line; empty where the protocol has none.
    pub reason: String,
    /// The body after content decoding.
    pub body: Vec<u8>,
}

/// What a flow wants next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this request and hand the answer to [`Flow::next`](crate::Flow::next).
    Send(Request),
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
