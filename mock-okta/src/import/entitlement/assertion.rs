//! Okta's entitlement test as data: one request for each endpoint, six claims about its answer.
//!
//! The claims are those of the file "Okta SCIM 2.0 Entitlements Test", which Okta publishes for vendors to
//! import into a hosted test runner.

use serde_json::Value;

use crate::{Request, Response};

/// One claim about the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub check: Check,
}

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The status code.
    Status,
    /// A key of the body.
    Body(&'static str),
}

/// What a claim says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// It is this number, or a text that spells it: the hosted runner compares loosely.
    Number(i64),
    /// It is a number, or a text that spells one.
    IsNumber,
    /// It is there and not empty.
    NotEmpty,
    /// It is an array that holds this text.
    Holds(&'static str),
}

/// The claims, in the order of the file.
pub const ENTITLEMENT_TEST: [Claim; 6] = [
    Claim { subject: Subject::Status, check: Check::Number(200) },
    Claim { subject: Subject::Body("Resources"), check: Check::NotEmpty },
    Claim { subject: Subject::Body("schemas"), check: Check::Holds(scim_lang::urn::LIST_RESPONSE) },
    Claim { subject: Subject::Body("startIndex"), check: Check::IsNumber },
    Claim { subject: Subject::Body("itemsPerPage"), check: Check::Number(1) },
    Claim { subject: Subject::Body("totalResults"), check: Check::IsNumber },
];

/// Returns the request of the test for the endpoint of a role or an entitlement, which starts with `/`.
///
/// It is the runner's, not the client's: the parameters are the other way round, and a GET has a
/// `Content-Type`.
pub fn entitlement_test_request(endpoint: &str) -> Request {
    let headers = [
        ("Accept-Charset", "utf-8"),
        ("Content-Type", "application/scim+json; charset=utf-8"),
        ("Accept", "application/scim+json"),
        ("User-Agent", "OKTA SCIM Integration"),
    ];
    Request {
        method: "GET",
        target: format!("{endpoint}?count=1&startIndex=1"),
        headers: headers.map(|(name, value)| (name, value.to_owned())).into(),
        body: None,
    }
}

impl Claim {
    /// Tells whether an answer is as claimed.
    pub fn holds(&self, response: &Response) -> bool {
        match self.subject {
            Subject::Status => self.check.holds(&Value::from(response.status)),
            Subject::Body(key) => {
                let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
                self.check.holds(&body[key])
            }
        }
    }
}

impl Check {
    fn holds(self, value: &Value) -> bool {
        match self {
            Check::Number(number) => as_number(value) == Some(number as f64),
            Check::IsNumber => as_number(value).is_some(),
            Check::NotEmpty => !is_empty(value),
            Check::Holds(text) => value.as_array().is_some_and(|values| values.iter().any(|value| value == text)),
        }
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(status: u16, body: &str) -> Vec<Subject> {
        let response = Response::new(status, "", body);
        ENTITLEMENT_TEST.iter().filter(|claim| !claim.holds(&response)).map(|claim| claim.subject).collect()
    }

    #[test]
    fn a_page_of_one_passes() {
        let body = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults":2,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"r1"}]}"#;
        assert_eq!(failing(200, body), []);
    }

    #[test]
    fn every_claim_can_fail() {
        assert_eq!(failing(404, "no JSON").len(), ENTITLEMENT_TEST.len());
        let body = r#"{"schemas":["x"],"totalResults":0,"startIndex":1,"itemsPerPage":100,"Resources":[]}"#;
        let failed = [Subject::Body("Resources"), Subject::Body("schemas"), Subject::Body("itemsPerPage")];
        assert_eq!(failing(200, body), failed);
    }

    #[test]
    fn the_request_is_the_runners() {
        assert_eq!(entitlement_test_request("/Roles").target, "/Roles?count=1&startIndex=1");
    }
}
