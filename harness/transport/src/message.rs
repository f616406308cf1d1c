//! What goes in and what comes out: a request as the caller wants it on the wire, a reply as it arrived.

use bytes::Bytes;
use http::HeaderMap;
use scim_record::{Exchange, Failure};
use std::time::Duration;

/// One request, as its sender wants it on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, for example `GET`.
    pub method: String,
    /// What follows the base URL: starts with `/` or `?` or is empty, already percent-encoded, sent byte for byte.
    pub target: String,
    /// The sender's headers, in order.
    ///
    /// `Authorization` joins them behind `User-Agent`; `Content-Length`, `Host`, `Connection` and `Accept-Encoding`
    /// follow at the end. A header the sender gives by itself stays where it is and is not added again.
    pub headers: Vec<(String, String)>,
    /// The body; `None` sends neither a body nor a `Content-Length`.
    pub body: Option<Vec<u8>>,
    /// Who the request claims to come from.
    pub auth: Auth,
}

/// Who a request claims to come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Auth {
    /// The configured credentials.
    #[default]
    Configured,
    /// Nobody: the header that authenticates is left out.
    None,
    /// This value in the header that authenticates, for example a token that must be refused.
    ///
    /// It is test data, so evidence shows it.
    Raw(String),
}

/// A complete response, unredacted: for checks and flows, never for reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The reason phrase as sent; may be empty.
    pub reason: String,
    /// The headers as received, `Content-Encoding` included.
    pub headers: HeaderMap,
    /// The body, after content decoding.
    pub body: Bytes,
}

/// What came of sending a request.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The evidence, redacted.
    pub exchange: Exchange,
    /// The reply, or why there is none.
    pub reply: Result<Reply, Failure>,
    /// How often it was sent again because the connection failed before an answer began; see [`Limits::retries`].
    pub retries: u32,
}

/// The bounds that protect the tester from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the start of the request to the last byte of the response. Okta gives up after 60 s of silence.
    pub timeout: Duration,
    /// For name lookup, TCP and TLS together; at most nine tenths of `timeout` count, so that a server that cannot be
    /// reached is told from one that does not answer.
    pub connect_timeout: Duration,
    /// The largest response body, in bytes: on the wire, and again after content decoding.
    pub max_body: usize,
    /// The largest number of response headers; at most 16384 count.
    pub max_headers: usize,
    /// The largest status line and headers together, in bytes; at least 8192 and at most 417792 count.
    pub max_header_bytes: usize,
    /// How often a request is sent again whose connection failed before an answer began, within `timeout`.
    ///
    /// Any request that cannot have arrived, because there was no connection; one that may have arrived only if its
    /// method is idempotent (RFC 9110 section 9.2.2). An answer, be it an error, is never a reason, and neither is silence.
    pub retries: u32,
    /// The least time between the beginnings of two requests. Where it is set, `Retry-After` in a 429 or 503 (RFC 9110
    /// section 10.2.3, RFC 6585 section 4) holds back what follows, for at most a minute.
    pub pace: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            max_body: 16 * 1024 * 1024,
            max_headers: 256,
            max_header_bytes: 64 * 1024,
            retries: 0,
            pace: None,
        }
    }
}

impl Limits {
    /// How many values a JSON body may have, four times those of a page of a thousand people.
    pub const MOST_VALUES: usize = 250_000;

    pub(crate) fn connection_time(&self) -> Duration {
        self.connect_timeout.min(self.timeout * 9 / 10)
    }

    pub(crate) fn header_count(&self) -> usize {
        self.max_headers.min(MOST_HEADERS)
    }

    pub(crate) fn header_bytes(&self) -> usize {
        self.max_header_bytes.clamp(LEAST_HEADER_BYTES, MOST_HEADER_BYTES)
    }
}

/// Below the number at which `HeaderMap` panics.
const MOST_HEADERS: usize = 16 * 1024;
/// hyper's smallest buffer.
const LEAST_HEADER_BYTES: usize = 8192;
/// The buffer hyper has where nobody sets another, as nobody can through reqwest.
const MOST_HEADER_BYTES: usize = 8192 + 100 * 4096;
