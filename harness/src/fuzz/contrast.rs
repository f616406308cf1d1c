//! Two states of a resource side by side: where they differ, a line for each place. Reports cut what is long, and the
//! whole of two resources is.

use serde_json::Value;
use std::fmt::Write as _;

/// Where two states differ: what is there on either side, as lines that begin with the same path.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Contrast {
    pub(super) expected: String,
    pub(super) actual: String,
    places: usize,
}

impl Contrast {
    /// Compares two states. Dates and versions of `meta` count only where nothing else differs: they always do.
    pub(super) fn of(expected: &Value, actual: &Value) -> Contrast {
        let mut contrast = Contrast::default();
        let without_meta = |state: &Value| match state {
            Value::Object(members) => members.iter().filter(|(name, _)| *name != "meta").map(pair).collect(),
            other => other.clone(),
        };
        contrast.compare("", Some(&without_meta(expected)), Some(&without_meta(actual)));
        if contrast.places == 0 {
            contrast.compare("", Some(expected), Some(actual));
        }
        if let Some(more) = contrast.places.checked_sub(MOST_PLACES).filter(|more| *more > 0) {
            let _ = writeln!(contrast.actual, "and {more} more places");
        }
        contrast
    }

    /// Compares two texts, if both are JSON objects or lists.
    pub(super) fn of_texts(expected: &str, actual: &str) -> Option<Contrast> {
        let state = |text: &str| {
            let state: Option<Value> = serde_json::from_str(text).ok();
            state.filter(|state| state.is_object() || state.is_array())
        };
        Some(Contrast::of(&state(expected)?, &state(actual)?))
    }

    fn compare(&mut self, path: &str, expected: Option<&Value>, actual: Option<&Value>) {
        match (expected, actual) {
            (Some(expected), Some(actual)) if expected == actual => {}
            (Some(Value::Object(expected)), Some(Value::Object(actual))) => {
                let added = actual.keys().filter(|name| !expected.contains_key(*name));
                for name in expected.keys().chain(added) {
                    let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.compare(&below, expected.get(name), actual.get(name));
                }
            }
            (Some(Value::Array(expected)), Some(Value::Array(actual))) => self.compare_lists(path, expected, actual),
            (expected, actual) => self.note(path, expected, actual),
        }
    }

    /// The order of a list says nothing (RFC 7643 §2.4), so that elements differ that the other list has not.
    fn compare_lists(&mut self, path: &str, expected: &[Value], actual: &[Value]) {
        let mut extra: Vec<&Value> = actual.iter().collect();
        let mut missing = Vec::new();
        for element in expected {
            match extra.iter().position(|other| *other == element) {
                Some(at) => drop(extra.remove(at)),
                None => missing.push(element),
            }
        }
        let element = format!("{path}[]");
        missing.into_iter().for_each(|value| self.note(&element, Some(value), None));
        extra.into_iter().for_each(|value| self.note(&element, None, Some(value)));
    }

    fn note(&mut self, path: &str, expected: Option<&Value>, actual: Option<&Value>) {
        self.places += 1;
        if self.places > MOST_PLACES {
            return;
        }
        for (side, value) in [(&mut self.expected, expected), (&mut self.actual, actual)] {
            if let Some(value) = value {
                let _ = writeln!(side, "{path}: {value}");
            } else if !path.ends_with(']') {
                let _ = writeln!(side, "{path} is not there");
            }
        }
    }
}

fn pair((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// How many places are told.
const MOST_PLACES: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_contrast_has_nothing_but_what_differs() {
        let expected = json!({
            "title": "a", "active": true, "meta": { "version": "1" }, "name": { "givenName": "x", "familyName": "y" },
            "members": [{ "value": "1" }, { "value": "2" }],
        });
        let actual = json!({
            "active": true, "meta": { "version": "2" }, "name": { "familyName": "z", "givenName": "x" }, "nickName": "n",
            "members": [{ "value": "3" }, { "value": "1" }],
        });
        let contrast = Contrast::of(&expected, &actual);
        assert_eq!(
            contrast.expected,
            "title: \"a\"\nname.familyName: \"y\"\nmembers[]: {\"value\":\"2\"}\nnickName is not there\n"
        );
        assert_eq!(
            contrast.actual,
            "title is not there\nname.familyName: \"z\"\nmembers[]: {\"value\":\"3\"}\nnickName: \"n\"\n"
        );
    }

    #[test]
    fn dates_count_where_nothing_else_differs() {
        let state = |version: u32| json!({ "id": "1", "meta": { "version": version } });
        let contrast = Contrast::of(&state(1), &state(2));
        assert_eq!((&*contrast.expected, &*contrast.actual), ("meta.version: 1\n", "meta.version: 2\n"));
        assert_eq!(Contrast::of(&state(1), &state(1)), Contrast::default());
    }

    #[test]
    fn a_contrast_of_much_is_bounded() {
        let many: Value = (0..100).map(|number| (format!("a{number}"), json!(number))).collect();
        let contrast = Contrast::of(&json!({}), &many);
        assert_eq!(contrast.actual.lines().count(), MOST_PLACES + 1);
        assert!(contrast.actual.ends_with("and 88 more places\n"), "{}", contrast.actual);
        assert_eq!(Contrast::of_texts("{}", "5"), None);
    }
}
