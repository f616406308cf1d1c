//! Scripts. None is ever executed; those that Okta's files carry are known by fingerprint, and what they assert is
//! checked here instead.
//!
//! The scripts themselves are Okta's and no part of this repository, so they are told apart by a number grown from
//! their text without white space. A script that differs in any other letter is unknown, and said not to have run.

use super::variables::Variables;
use crate::names::Seed;
use serde_json::Value;

/// What a known script asserts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// SCIM 2.0, `GET /Groups`: for all its branches it fails only where the body is no JSON with members to ask for.
    BodyIsJson,
    /// SCIM 1.1, `GET /Groups`: there is at least one group, in an array.
    HoldsGroups,
    /// SCIM 2.0 before 2024, `POST /Users`: the user name that came back is not, in lower case, what was sent.
    KeepsCapitals,
}

/// Returns what a script asserts, if it is one of Okta's.
pub(crate) fn known(script: &str) -> Option<Known> {
    let print = fingerprint(script);
    FINGERPRINTS.into_iter().find(|(known, _)| *known == print).map(|(_, meaning)| meaning)
}

impl Known {
    /// Returns what is wrong with an answer, or nothing if the assertion holds.
    pub(crate) fn complaint(self, body: &[u8], variables: &Variables) -> Option<&'static str> {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let holds = match self {
            Known::BodyIsJson => !body.is_null(),
            Known::HoldsGroups => {
                let total =
                    body.get("totalResults").map(super::compare::text).and_then(|total| total.parse::<f64>().ok());
                total.is_some_and(|total| total >= 1.0) && body.get("Resources").is_some_and(Value::is_array)
            }
            Known::KeepsCapitals => {
                let user_name = body.get("userName").and_then(Value::as_str);
                user_name.is_some_and(|name| Some(name.to_lowercase().as_str()) != variables.get("randomUsername"))
            }
        };
        (!holds).then_some(match self {
            Known::BodyIsJson => "the body is no JSON that a script could read",
            Known::HoldsGroups => "the list holds no group, or Resources is no array",
            Known::KeepsCapitals => "there is no userName, or in lower case it is what was sent",
        })
    }
}

fn fingerprint(script: &str) -> u64 {
    let text: String = script.split_whitespace().collect();
    Seed(0).derive(&text)
}

const FINGERPRINTS: [(u64, Known); 3] = [
    (0x2729_d602_c630_ca5f, Known::BodyIsJson),
    (0x250b_537a_b0eb_7edc, Known::HoldsGroups),
    (0x1b95_1962_0e33_629e, Known::KeepsCapitals),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_makes_no_difference_and_everything_else_does() {
        assert_eq!(fingerprint("var a =\n\t1;"), fingerprint("vara=1;"));
        assert_ne!(fingerprint("var a = 1;"), fingerprint("var a = 2;"));
        assert_eq!(known("assert(true);"), None);
    }

    #[test]
    fn each_meaning_holds_and_fails() {
        let mut variables = Variables::new(Seed(7), "x");
        variables.set("randomUsername", "ada@example.com");
        for (meaning, good, bad) in [
            (Known::BodyIsJson, r#"{"totalResults":0}"#, "<html>"),
            (Known::HoldsGroups, r#"{"totalResults":1,"Resources":[{}]}"#, r#"{"totalResults":0,"Resources":[]}"#),
            (Known::KeepsCapitals, r#"{"userName":"Eve@example.com"}"#, r#"{"userName":"Ada@example.com"}"#),
        ] {
            assert_eq!(meaning.complaint(good.as_bytes(), &variables), None, "{meaning:?}");
            assert!(meaning.complaint(bad.as_bytes(), &variables).is_some(), "{meaning:?}");
        }
    }
}
