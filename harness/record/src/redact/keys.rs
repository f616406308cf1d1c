//! Names that say that a secret follows.

use super::{Edit, REDACTED};

/// Tells whether a JSON key or an attribute path names a secret. Of a URN, only the last part counts.
pub(super) fn is_secret_key(key: &str) -> bool {
    let last = key.rsplit([':', '.']).next().unwrap_or(key);
    contains_any(last, &KEYS)
}

/// Tells whether a header's value is a secret.
pub(super) fn is_secret_header(name: &str) -> bool {
    contains_any(name, &KEYS)
        || name.split(['-', '_']).any(|word| word.eq_ignore_ascii_case("auth") || word.eq_ignore_ascii_case("key"))
}

/// Tells whether a word is an authentication scheme, as opposed to the first word of a token.
pub(super) fn is_auth_scheme(word: &str) -> bool {
    SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// Finds `?name=value` and `&name=value` where the name names a secret; at the start of a form, without either.
pub(super) fn find_in_queries(text: &str) -> Vec<Edit> {
    let separators = text.match_indices(['?', '&']).map(|(at, _)| at + 1);
    std::iter::once(0).chain(separators).filter_map(|start| secret_parameter(text, start)).collect()
}

fn secret_parameter(text: &str, start: usize) -> Option<Edit> {
    let parameter = &text[start..];
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let equals = parameter.find(|c| !is_name(c)).filter(|at| parameter[*at..].starts_with('='))?;
    if !is_secret_key(&parameter[..equals]) {
        return None;
    }
    let value = &parameter[equals + 1..];
    let ends = |c: char| c.is_whitespace() || c.is_control() || "&#\"'<>\\".contains(c);
    let length = value.find(ends).unwrap_or(value.len());
    let from = start + equals + 1;
    (length > 0).then(|| Edit::new(from..from + length, REDACTED))
}

/// Compares without regard to case, `_`, `-` and blanks: `apiKey`, `api_key` and `API-Key` are one name.
fn contains_any(name: &str, words: &[&str]) -> bool {
    let plain: String =
        name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    words.iter().any(|word| plain.contains(word))
}

const KEYS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "authorization",
    "credential",
    "apikey",
    "privatekey",
    "session",
    "cookie",
];

const SCHEMES: [&str; 6] = ["Bearer", "Basic", "Digest", "Negotiate", "SSWS", "Token"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name_in_every_spelling() {
        for key in [
            "password",
            "Password",
            "newPassword",
            "client_secret",
            "accessToken",
            "Authorization",
            "credentials",
            "apiKey",
            "api_key",
            "private-key",
            "sessionId",
            "urn:ietf:params:scim:schemas:core:2.0:User:password",
            "profile.password",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in [
            "userName",
            "key",
            "authenticationSchemes",
            "x509Certificates",
            "urn:example:session-tokens:2.0:User",
            "etag",
        ] {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn headers_that_authenticate_are_secret_and_others_are_not() {
        for name in ["authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Auth", "PRIVATE-TOKEN", "X-Key"] {
            assert!(is_secret_header(name), "{name}");
        }
        for name in ["WWW-Authenticate", "Content-Type", "ETag", "Location", "X-Request-Id", "Author"] {
            assert!(!is_secret_header(name), "{name}");
        }
    }

    #[test]
    fn query_parameters_are_secret_by_name() {
        let text = "token=a&x=1 see https://h/p?access_token=b%20c&n=2#f and ?tokens and ?token=";
        let found: Vec<_> = find_in_queries(text).into_iter().map(|edit| &text[edit.range]).collect();
        assert_eq!(found, ["a", "b%20c"]);
    }
}
