//! Writes down requests and replies, redacted on the way.

use crate::wire::Wire;
use crate::{Auth, Reply, Request, Target};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use scim_record::{Failure, Header, Redactor, RequestRecord, ResponseRecord};

/// Makes records; nothing enters one without passing the redactor.
pub(crate) struct Recorder<'a> {
    pub(crate) redactor: &'a Redactor,
    pub(crate) target: &'a Target,
    /// The header that authenticates, secret whatever it is called.
    pub(crate) auth: &'a HeaderName,
}

impl Recorder<'_> {
    pub(crate) fn request(&self, request: &Request, wire: Option<&Wire>) -> RequestRecord {
        RequestRecord {
            method: self.redactor.text(&request.method),
            url: self.redactor.text(&self.target.join(&request.target)),
            headers: match wire {
                Some(wire) => self.headers(request, &wire.headers),
                None => self.given_headers(request),
            },
            body: request.body.as_ref().map(|body| bounded(self.redactor.request_body(&String::from_utf8_lossy(body)))),
        }
    }

    fn headers(&self, request: &Request, headers: &HeaderMap) -> Vec<Header> {
        let is_test_data = matches!(request.auth, Auth::Raw(_));
        let record = |(name, value): (&HeaderName, &HeaderValue)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = match name == self.auth {
                true if is_test_data => self.redactor.text(&value),
                true => self.redactor.header(header::AUTHORIZATION.as_str(), &value).value,
                false => self.redactor.header(name.as_str(), &value).value,
            };
            Header { name: self.redactor.text(&title_case(name)), value }
        };
        headers.iter().map(record).collect()
    }

    fn given_headers(&self, request: &Request) -> Vec<Header> {
        request.headers.iter().map(|(name, value)| self.redactor.header(name, value)).collect()
    }

    pub(crate) fn reply(&self, reply: &Reply) -> ResponseRecord {
        ResponseRecord {
            status: reply.status,
            reason: self.redactor.text(&reply.reason),
            headers: reply
                .headers
                .iter()
                .map(|(name, value)| self.redactor.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes())))
                .collect(),
            body: bounded(self.redactor.body(&String::from_utf8_lossy(&reply.body))),
            size: reply.body.len(),
        }
    }

    pub(crate) fn failure(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Unreachable { cause } => Failure::Unreachable { cause: self.redactor.text(&cause) },
            Failure::Broken { cause } => Failure::Broken { cause: self.redactor.text(&cause) },
            Failure::TooLarge { cause } => Failure::TooLarge { cause: self.redactor.text(&cause) },
            Failure::TimedOut { after_ms } => Failure::TimedOut { after_ms },
        }
    }
}

/// Spells a header name as hyper does on the wire, and Okta: `Content-Type`.
fn title_case(name: &HeaderName) -> String {
    let words = name.as_str().split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}

/// Cuts a body for the record. The reply keeps all of it; a report with megabytes of one answer helps nobody.
fn bounded(mut text: String) -> String {
    if text.len() > MAX_RECORDED_BODY {
        let end = text.floor_char_boundary(MAX_RECORDED_BODY);
        let rest = text.len() - end;
        text.truncate(end);
        text.push_str(&format!("\n[{rest} more bytes are not recorded]"));
    }
    text
}

const MAX_RECORDED_BODY: usize = 256 * 1024;
