//! The one-time challenge by which a receiver shows that it wants the requests.
//!
//! Okta: Event hooks, "One-time verification request": one `GET` with the challenge in a header, to be answered with the
//! same text in JSON. No other `GET` is ever sent.

use serde_json::Value;

use crate::okta_id;

/// The header that carries the challenge.
pub const CHALLENGE_HEADER: &str = "x-okta-verification-challenge";

/// Why a receiver is not verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// The status was not 200.
    #[error("the receiver answered {0}, not 200")]
    Status(u16),
    /// The body was no JSON object.
    #[error("the body of the answer is no JSON object")]
    NotJson,
    /// No `verification` in it, or no text.
    #[error("the answer holds no text under `verification`")]
    Missing,
    /// Another text.
    #[error("`verification` in the answer is not the challenge")]
    Other,
}

/// Returns the challenge of the n-th verification in an org: letters and digits that nobody can guess from the URL.
pub fn challenge(seed: &str, n: u64) -> String {
    let parts = ["a", "b", "c"].map(|part| okta_id(format!("{seed}/challenge/{n}/{part}")).split_off(3));
    parts.concat()
}

/// Judges the answer to a challenge.
pub fn verify(challenge: &str, status: u16, body: &[u8]) -> Result<(), NotVerified> {
    if status != 200 {
        return Err(NotVerified::Status(status));
    }
    let Ok(Value::Object(answer)) = serde_json::from_slice(body) else { return Err(NotVerified::NotJson) };
    match answer.get("verification") {
        Some(Value::String(text)) if text == challenge => Ok(()),
        Some(Value::String(_)) => Err(NotVerified::Other),
        _ => Err(NotVerified::Missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_challenge_itself_verifies() {
        assert_eq!(verify("abc", 200, br#"{ "verification": "abc", "more": 1 }"#), Ok(()));
        for (status, body, why) in [
            (204, "", NotVerified::Status(204)),
            (200, "abc", NotVerified::NotJson),
            (200, "[\"abc\"]", NotVerified::NotJson),
            (200, "{}", NotVerified::Missing),
            (200, r#"{"verification":null}"#, NotVerified::Missing),
            (200, r#"{"verification":"ABC"}"#, NotVerified::Other),
        ] {
            assert_eq!(verify("abc", status, body.as_bytes()), Err(why), "{status} {body}");
        }
    }

    #[test]
    fn challenges_differ_and_can_be_repeated() {
        assert_eq!(challenge("acme", 1), challenge("acme", 1));
        assert_ne!(challenge("acme", 1), challenge("acme", 2));
        assert!(
            challenge("acme", 1).len() > 40 && challenge("acme", 1).bytes().all(|byte| byte.is_ascii_alphanumeric())
        );
    }
}
