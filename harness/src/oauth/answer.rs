//! What a token endpoint answers, read with care (RFC 6749 §5).

use super::text::plain;
use scim_transport::{Reply, Secret};
use serde_json::{Map, Value};
use std::time::Duration;

/// What was issued.
pub(super) struct Issued {
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
    pub(super) lifetime: Option<Duration>,
    /// Whether the answer says what kind of token it is, as it must.
    pub(super) names_type: bool,
}

/// Why nothing was issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The endpoint says what is wrong.
    #[error("it answers {status} {error}{}", .description.as_ref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Error {
        /// The status.
        status: u16,
        /// The error's code.
        error: String,
        /// What the server says about it.
        description: Option<String>,
    },
    /// The endpoint sends us elsewhere.
    #[error("it answers {status}, a redirect, which is not followed: the client's secret goes nowhere else")]
    Redirect {
        /// The status.
        status: u16,
    },
    /// The answer is no JSON object.
    #[error("it answers {status} with {kind} where a JSON object belongs (RFC 6749 section 5.1)")]
    NotJson {
        /// The status.
        status: u16,
        /// What it is instead.
        kind: String,
    },
    /// There is no token in it.
    #[error("its answer has no access_token that is a text (RFC 6749 section 5.1)")]
    NoToken,
    /// The token cannot be sent.
    #[error("its access_token holds what no Authorization header can carry (RFC 6750 section 2.1)")]
    Unsendable,
    /// The token is of a kind that SCIM calls are not made with.
    #[error("its token_type is {kind:?}; Okta sends bearer tokens")]
    Kind {
        /// The kind.
        kind: String,
    },
}

/// Reads an answer.
pub(super) fn read(reply: &Reply) -> Result<Issued, Denial> {
    let status = reply.status;
    if (300..400).contains(&status) {
        return Err(Denial::Redirect { status });
    }
    let Ok(Value::Object(object)) = serde_json::from_slice(&reply.body) else {
        return match status {
            200..300 => Err(Denial::NotJson { status, kind: kind(reply) }),
            _ => Err(Denial::Error { status, error: format!("with {} for an error", kind(reply)), description: None }),
        };
    };
    // Some answer 200 whatever happened.
    match text(&object, "error") {
        Some(error) => Err(Denial::Error {
            status,
            error: plain(error),
            description: text(&object, "error_description").map(plain).filter(|text| !text.is_empty()),
        }),
        None if !(200..300).contains(&status) => {
            Err(Denial::Error { status, error: "without an error code".to_owned(), description: None })
        }
        None => issued(&object),
    }
}

fn issued(object: &Map<String, Value>) -> Result<Issued, Denial> {
    let access = text(object, "access_token").filter(|token| !token.is_empty()).ok_or(Denial::NoToken)?;
    if !access.bytes().all(|byte| byte.is_ascii_graphic()) || access.len() > LONGEST_TOKEN {
        return Err(Denial::Unsendable);
    }
    let kind = text(object, "token_type");
    if let Some(kind) = kind.filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(Denial::Kind { kind: plain(kind) });
    }
    let refresh = text(object, "refresh_token").filter(|token| !token.is_empty() && token.len() <= LONGEST_TOKEN);
    Ok(Issued {
        access: Secret::new(access),
        refresh: refresh.map(Secret::new),
        lifetime: object.get("expires_in").and_then(lifetime),
        names_type: kind.is_some(),
    })
}

fn text<'o>(object: &'o Map<String, Value>, key: &str) -> Option<&'o str> {
    object.get(key)?.as_str()
}

/// Reads a number of seconds, which some write as a text. None at all is no lifetime but the lack of one.
fn lifetime(value: &Value) -> Option<Duration> {
    let seconds: f64 = match value {
        Value::Number(number) => number.as_str().parse().ok()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    (seconds > 0.0).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

/// Returns what an answer calls itself.
fn kind(reply: &Reply) -> String {
    let kind = reply.headers.get("content-type").and_then(|value| value.to_str().ok());
    match kind {
        _ if reply.body.is_empty() => "nothing".to_owned(),
        Some(kind) => plain(kind),
        None => "something".to_owned(),
    }
}

/// As long as the longest secret that can be given otherwise.
const LONGEST_TOKEN: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        let headers = [(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/html"))].into_iter().collect();
        Reply { status, reason: String::new(), headers, body: body.to_owned().into() }
    }

    fn seconds(expires_in: &str) -> Option<f64> {
        let body = format!(r#"{{"access_token":"t","token_type":"BEARER","expires_in":{expires_in}}}"#);
        read(&reply(200, &body)).unwrap_or_else(|denial| panic!("{denial}")).lifetime.map(|time| time.as_secs_f64())
    }

    fn denial(status: u16, body: &str) -> String {
        read(&reply(status, body)).err().expect(body).to_string()
    }

    #[test]
    fn a_lifetime_is_a_number_or_a_text_with_one() {
        for (text, expected) in [
            ("3600", Some(3600.0)),
            ("\"3600\"", Some(3600.0)),
            ("0.5", Some(0.5)),
            ("1e3", Some(1000.0)),
            ("0", None),
            ("-1", None),
            ("null", None),
            ("1e999", None),
            ("\"NaN\"", None),
            ("\"soon\"", None),
            ("[]", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_token_is_told_with_the_reason() {
        for (status, body, said) in [
            (200, r#"{"access_token":"t","token_type":"mac"}"#, "token_type is \"mac\""),
            (200, r#"{"access_token":"","token_type":"bearer"}"#, "no access_token"),
            (200, r#"{"access_token":7,"token_type":"bearer"}"#, "no access_token"),
            (200, r#"{"access_token":"a\nb","token_type":"bearer"}"#, "no Authorization header"),
            (200, r#"{"error":"bad_verification_code"}"#, "200 bad_verification_code"),
            (200, "<html>", "200 with text/html where a JSON object belongs"),
            (200, "[]", "200 with text/html"),
            (204, "", "204 with nothing"),
            (302, "", "302, a redirect, which is not followed"),
            (
                400,
                r#"{"error":"invalid_grant","error_description":"it \u001bis over"}"#,
                "400 invalid_grant (it is over)",
            ),
            (500, "<html>", "500 with text/html for an error"),
            (500, "{}", "500 without an error code"),
        ] {
            let told = denial(status, body);
            assert!(told.contains(said), "{said}: {told}");
            assert!(!told.contains('\u{1b}'), "{told}");
        }
        let deep = "[".repeat(100_000);
        assert!(denial(200, &deep).contains("JSON"));
    }

    #[test]
    fn a_token_without_a_type_is_taken_for_a_bearer_token_and_the_lack_is_known() {
        let issued =
            read(&reply(200, r#"{"access_token":"t","refresh_token":"r"}"#)).unwrap_or_else(|no| panic!("{no}"));
        assert!(!issued.names_type);
        assert_eq!(issued.refresh.as_ref().map(Secret::expose), Some("r"));
        assert_eq!(issued.lifetime, None);
    }
}
