//! Request targets: paths and queries, percent-encoded as Okta does. Not the base URL.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::dialect::LOOKUP_PAGE;

/// Returns the target which asks whether a user of this name exists.
///
/// The Okta SCIM 2.0 protocol reference shows a space as `%20`, a quote as `%22` and `@` as `%40`. How
/// Okta escapes a quote or backslash inside the value is not documented; RFC 7644 §3.4.2.2 makes the
/// value a JSON string, so it is escaped as one before it is encoded.
pub(crate) fn lookup(user_name: &str) -> String {
    let value = Value::from(user_name);
    let filter = format!("userName eq {value}");
    format!("/Users?filter={}{LOOKUP_PAGE}", encode(&filter))
}

/// Returns the target of one user.
pub(crate) fn user(id: &str) -> String {
    format!("/Users/{}", encode(id))
}

pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_is_encoded_as_in_the_protocol_reference() {
        assert_eq!(
            lookup("test.user@okta.local"),
            "/Users?filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1&count=100"
        );
    }

    #[test]
    fn quotes_and_backslashes_are_escaped_before_they_are_encoded() {
        assert_eq!(lookup(r#"a"b\c"#), "/Users?filter=userName%20eq%20%22a%5C%22b%5C%5Cc%22&startIndex=1&count=100");
    }

    #[test]
    fn nothing_in_a_user_name_ends_the_filter_early() {
        assert_eq!(
            lookup("ä+b&c#d%e"),
            "/Users?filter=userName%20eq%20%22%C3%A4%2Bb%26c%23d%25e%22&startIndex=1&count=100"
        );
    }

    #[test]
    fn an_id_stays_one_path_segment() {
        assert_eq!(user("a/b?c"), "/Users/a%2Fb%3Fc");
    }
}
