//! Whether two resources are the same in terms of SCIM.
//!
//! The order of members, the order of the values of an attribute (RFC 7643 §2.4), the case of attribute names
//! (RFC 7643 §2.1) and how it is said that an attribute has no value (RFC 7643 §2.5) make no difference. Numbers are
//! compared by value. Anything else does make one, a further attribute included.

use scim_lang::json::{numbers_equal, same};
use serde_json::{Map, Value};

/// One place where two resources differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Where, as a JSON Pointer into the one that was found, or, of what is missing there, into the one expected.
    pub(crate) pointer: String,
    /// Where, as a JSON Pointer into the one expected.
    pub(crate) expected: String,
    /// In which way.
    pub(crate) kind: Differs,
}

/// How two resources differ in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Differs {
    /// The value is another.
    Value,
    /// The value is not there.
    Missing,
    /// There is a value that was not there.
    Added,
}

/// Returns where `found` differs from `expected`, but for the excepted attribute paths and JSON Pointers.
pub(crate) fn differences(expected: &Value, found: &Value, except: &[String]) -> Vec<Difference> {
    let except: Vec<String> = except.iter().map(|path| path.to_ascii_lowercase()).collect();
    let mut comparison = Comparison { except: &except, differences: Vec::new() };
    comparison.values(expected, found, &Place::default());
    comparison.differences
}

/// Returns whether a text occurs in a name or string anywhere in a value.
pub(crate) fn has_text(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string.contains(text),
        Value::Array(elements) => elements.iter().any(|element| has_text(element, text)),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains(text) || has_text(value, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A place in both resources.
#[derive(Debug, Clone, Default)]
struct Place {
    found: String,
    expected: String,
    /// The names of attributes on the way, in lower case.
    path: Vec<String>,
}

impl Place {
    fn member(&self, found: &str, expected: &str) -> Place {
        let mut path = self.path.clone();
        path.push(found.to_ascii_lowercase());
        Place { found: below(&self.found, found), expected: below(&self.expected, expected), path }
    }

    fn element(&self, found: usize, expected: usize) -> Place {
        let found = below(&self.found, &found.to_string());
        Place { found, expected: below(&self.expected, &expected.to_string()), path: self.path.clone() }
    }

    /// Whether the place is one of the exceptions: a pointer, or an attribute path that leaves indices out.
    fn is_excepted(&self, except: &[String]) -> bool {
        let Some((first, rest)) = self.path.split_first() else { return false };
        let dotted = self.path.join(".");
        // RFC 7644 §3.10: a path below an extension has a colon behind the URN.
        let behind_urn = format!("{first}:{}", rest.join("."));
        let pointer = self.found.to_ascii_lowercase();
        except.iter().any(|path| *path == dotted || *path == pointer || (!rest.is_empty() && *path == behind_urn))
    }
}

struct Comparison<'c> {
    except: &'c [String],
    differences: Vec<Difference>,
}

impl Comparison<'_> {
    fn values(&mut self, expected: &Value, found: &Value, place: &Place) {
        if place.is_excepted(self.except) || (self.is_nothing(expected, place) && self.is_nothing(found, place)) {
            return;
        }
        match (expected, found) {
            (Value::Object(expected), Value::Object(found)) => self.objects(expected, found, place),
            (Value::Array(expected), Value::Array(found)) => self.arrays(expected, found, place),
            (Value::Number(one), Value::Number(other)) if numbers_equal(one, other) => {}
            (one, other) if same(one, other) => {}
            _ => self.differ(place, Differs::Value),
        }
    }

    fn objects(&mut self, expected: &Map<String, Value>, found: &Map<String, Value>, place: &Place) {
        for (name, value) in expected {
            match member(found, name) {
                Some((as_found, other)) => self.values(value, other, &place.member(as_found, name)),
                None => self.alone(value, &place.member(name, name), Differs::Missing),
            }
        }
        for (name, value) in found {
            if member(expected, name).is_none() {
                self.alone(value, &place.member(name, name), Differs::Added);
            }
        }
    }

    /// Pairs equal elements off; what stays alone on both sides at last is compared in detail.
    fn arrays(&mut self, expected: &[Value], found: &[Value], place: &Place) {
        // The order is mostly the same on both sides; only what stands elsewhere is looked for among all the others.
        let is_in_place = |at: &usize| {
            let both = expected.get(*at).zip(found.get(*at));
            both.is_some_and(|(one, other)| self.are_equal(one, other, &place.element(*at, *at)))
        };
        let moved: Vec<usize> = (0..expected.len().max(found.len())).filter(|at| !is_in_place(at)).collect();
        let mut rest: Vec<usize> = moved.iter().copied().filter(|at| *at < found.len()).collect();
        let mut alone: Vec<usize> = moved.into_iter().filter(|at| *at < expected.len()).collect();
        if alone.len() > MOST_MOVED || rest.len() > MOST_MOVED {
            return self.differ(place, Differs::Value);
        }
        alone.retain(|index| {
            let is_equal = |at: &usize| self.are_equal(&expected[*index], &found[*at], &place.element(*at, *index));
            let position = rest.iter().position(is_equal);
            position.map(|position| rest.remove(position)).is_none()
        });
        match (alone.as_slice(), rest.as_slice()) {
            ([expected_at], [found_at]) => {
                let place = place.element(*found_at, *expected_at);
                self.values(&expected[*expected_at], &found[*found_at], &place);
            }
            _ => {
                alone.iter().for_each(|index| self.differ(&place.element(*index, *index), Differs::Missing));
                rest.iter().for_each(|index| self.differ(&place.element(*index, *index), Differs::Added));
            }
        }
    }

    fn are_equal(&self, expected: &Value, found: &Value, place: &Place) -> bool {
        let mut comparison = Comparison { except: self.except, differences: Vec::new() };
        comparison.values(expected, found, place);
        comparison.differences.is_empty()
    }

    /// A value that only one side has is a difference if it says anything.
    fn alone(&mut self, value: &Value, place: &Place, kind: Differs) {
        if !self.is_nothing(value, place) {
            self.differ(place, kind);
        }
    }

    /// RFC 7643 §2.5: leaving an attribute out, `null` and the empty array are one state; a complex value without any
    /// sub-attribute says no more. What is excepted says nothing either.
    fn is_nothing(&self, value: &Value, place: &Place) -> bool {
        if place.is_excepted(self.except) {
            return true;
        }
        match value {
            Value::Null => true,
            Value::Array(elements) => elements.is_empty(),
            Value::Object(members) => {
                members.iter().all(|(name, value)| self.is_nothing(value, &place.member(name, name)))
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }

    fn differ(&mut self, place: &Place, kind: Differs) {
        let pointer = if kind == Differs::Missing { &place.expected } else { &place.found };
        self.differences.push(Difference { pointer: pointer.clone(), expected: place.expected.clone(), kind });
    }
}

/// RFC 7643 §2.1: names of attributes have no case, and neither have URNs of schemas.
fn member<'v>(object: &'v Map<String, Value>, name: &str) -> Option<(&'v str, &'v Value)> {
    let other = || object.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    object.get_key_value(name).or_else(other).map(|(name, value)| (name.as_str(), value))
}

/// How many values may stand elsewhere in one array; the time to find them grows with the square.
const MOST_MOVED: usize = 500;

fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointers(expected: &Value, found: &Value, except: &[&str]) -> Vec<(String, Differs)> {
        let except: Vec<String> = except.iter().map(|path| (*path).to_owned()).collect();
        differences(expected, found, &except).into_iter().map(|it| (it.pointer, it.kind)).collect()
    }

    #[test]
    fn what_makes_no_difference_in_scim_is_no_difference() {
        for (one, other) in [
            (json!({ "a": 1, "b": 2.0 }), json!({ "b": 2, "A": 1 })),
            (json!({ "a": null, "b": [], "c": {} }), json!({})),
            (json!({ "a": { "x": null } }), json!({ "a": null })),
            (json!({ "a": [1, 2, 2] }), json!({ "a": [2, 1, 2] })),
            (json!({ "URN:x:User": { "m": { "v": "1" } } }), json!({ "urn:X:user": { "m": { "v": "1" } } })),
        ] {
            assert_eq!(pointers(&one, &other, &[]), [], "{one} {other}");
            assert_eq!(pointers(&other, &one, &[]), [], "{other} {one}");
        }
    }

    #[test]
    fn everything_else_is_told_with_its_place() {
        use Differs::{Added, Missing, Value as Other};
        for (one, other, pointer, kind) in [
            (json!({ "a": "x" }), json!({ "a": "X" }), "/a", Other),
            (json!({ "a": "" }), json!({}), "/a", Missing),
            (json!({}), json!({ "a": false }), "/a", Added),
            (json!({ "a": 1 }), json!({ "a": "1" }), "/a", Other),
            (json!({ "a": [1, 1, 2] }), json!({ "a": [1, 2, 2] }), "/a/1", Other),
            (json!({ "a": [1] }), json!({ "a": [1, 3] }), "/a/1", Added),
            (json!({ "e": [{ "v": 1, "t": "w" }] }), json!({ "E": [{ "v": 1, "t": "h" }] }), "/E/0/t", Other),
        ] {
            assert_eq!(pointers(&one, &other, &[]), [(pointer.to_owned(), kind)], "{one} {other}");
        }
    }

    #[test]
    fn exceptions_are_attribute_paths_or_pointers() {
        let one = json!({ "meta": { "version": "1" }, "emails": [{ "value": "a", "display": "x" }],
            "urn:x:User": { "manager": { "displayName": "M" } } });
        let other = json!({ "meta": { "version": "2" }, "emails": [{ "value": "a" }], "urn:x:User": {} });
        let all = ["meta.version", "emails.display", "urn:x:user:manager.displayName"];
        assert_eq!(pointers(&one, &other, &all), []);
        assert_eq!(pointers(&one, &other, &["/meta/version", "emails", "urn:x:User"]), []);
        let rest: Vec<String> = pointers(&one, &other, &["/meta/version"]).into_iter().map(|it| it.0).collect();
        assert_eq!(rest, ["/emails/0/display", "/urn:x:User/manager"]);
        assert_eq!(pointers(&json!({ "meta": { "version": "1" } }), &json!({}), &["meta.version"]), []);
    }
}
