//! What a form sends, and the queries of pages: pairs of names and values.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::call::decode;

/// Pairs of names and values, in the order given.
#[derive(Debug, Clone, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub(super) fn parse(text: &str) -> Form {
        let decoded = |text: &str| decode(&text.replace('+', " "));
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(MOST_PAIRS);
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Form(pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    /// Returns a value without blanks around it; nothing where it is missing or blank.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Returns all values of a name.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// Returns a path with segments encoded.
pub(super) fn path(segments: &[&str]) -> String {
    segments.iter().map(|segment| format!("/{}", encode(segment))).collect()
}

/// Returns a path with a query of those pairs that have a value.
pub(super) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let given: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    if given.is_empty() { path.to_owned() } else { format!("{path}?{}", given.join("&")) }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// RFC 3986 §2.3, unreserved characters.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const MOST_PAIRS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read() {
        let form = Form::parse("name=+Ada+%26+Co+&group=a&group=b&group=&empty=");
        assert_eq!((form.value("name"), form.value("empty"), form.value("none")), (Some("Ada & Co"), None, None));
        assert_eq!(form.values("group").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn paths_are_written() {
        assert_eq!(path(&["console", "people", "a/b?"]), "/console/people/a%2Fb%3F");
        assert_eq!(with_query("/console", &[("q", ""), ("app", "x&y")]), "/console?app=x%26y");
    }
}
