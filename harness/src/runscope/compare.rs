//! The comparisons of an assertion.
//!
//! Runscope describes them in prose. Where the prose leaves a choice, this is how it is read: a value that is absent
//! counts as null, and so is empty, unequal to everything and free of everything; an array or object without elements
//! is empty; `false` and `0` are not. `has_value` looks into whatever lies inside, because one of Okta's own assertions
//! looks for a schema URI in a whole Error and holds for the Errors of RFC 7644.

use serde_json::Value;

/// How an assertion compares what came with its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// The texts are equal.
    Equal,
    /// The texts are not equal.
    NotEqual,
    /// There is nothing.
    Empty,
    /// There is something.
    NotEmpty,
    /// The text, or one inside, contains the target.
    Contains,
    /// It does not.
    DoesNotContain,
    /// It is a number, or the text of one.
    IsANumber,
    /// The numbers are equal.
    EqualNumber,
    /// The number is less.
    IsLessThan,
    /// The number is less or equal.
    IsLessThanOrEqual,
    /// The number is greater.
    IsGreaterThan,
    /// The number is greater or equal.
    IsGreaterThanOrEqual,
    /// The object has a member of this name.
    HasKey,
    /// The array or object holds this value, however deep.
    HasValue,
    /// It is null, or absent, which is the same in SCIM (RFC 7643 §2.5).
    IsNull,
}

impl Comparison {
    /// All comparisons, by the names files give them.
    pub(crate) const NAMES: [(&'static str, Comparison); 15] = [
        ("equal", Comparison::Equal),
        ("not_equal", Comparison::NotEqual),
        ("empty", Comparison::Empty),
        ("not_empty", Comparison::NotEmpty),
        ("contains", Comparison::Contains),
        ("does_not_contain", Comparison::DoesNotContain),
        ("is_a_number", Comparison::IsANumber),
        ("equal_number", Comparison::EqualNumber),
        ("is_less_than", Comparison::IsLessThan),
        ("is_less_than_or_equal", Comparison::IsLessThanOrEqual),
        ("is_greater_than", Comparison::IsGreaterThan),
        ("is_greater_than_or_equal", Comparison::IsGreaterThanOrEqual),
        ("has_key", Comparison::HasKey),
        ("has_value", Comparison::HasValue),
        ("is_null", Comparison::IsNull),
    ];

    /// Returns the comparison of this name.
    pub(crate) fn named(name: &str) -> Option<Comparison> {
        Comparison::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, comparison)| comparison)
    }

    /// Tells whether it holds.
    pub(crate) fn holds(self, actual: Option<&Value>, target: &str) -> bool {
        let actual = actual.unwrap_or(&Value::Null);
        let numbers = |compare: fn(&f64, &f64) -> bool| match (number(&text(actual)), number(target)) {
            (Some(actual), Some(target)) => compare(&actual, &target),
            _ => false,
        };
        match self {
            Comparison::Equal => !actual.is_null() && text(actual) == target,
            Comparison::NotEqual => actual.is_null() || text(actual) != target,
            Comparison::Empty => is_empty(actual),
            Comparison::NotEmpty => !is_empty(actual),
            Comparison::Contains => contains(actual, target),
            Comparison::DoesNotContain => !contains(actual, target),
            Comparison::IsANumber => number(&text(actual)).is_some(),
            Comparison::EqualNumber => numbers(f64::eq),
            Comparison::IsLessThan => numbers(f64::lt),
            Comparison::IsLessThanOrEqual => numbers(f64::le),
            Comparison::IsGreaterThan => numbers(f64::gt),
            Comparison::IsGreaterThanOrEqual => numbers(f64::ge),
            Comparison::HasKey => actual.get(target).is_some(),
            Comparison::HasValue => leaves(actual).iter().any(|leaf| text(leaf) == target),
            Comparison::IsNull => actual.is_null(),
        }
    }

    /// Says what should have been, as it follows "not" or stands behind "want".
    pub(crate) fn wish(self, target: &str) -> String {
        match self {
            Comparison::Equal => format!("{target:?}"),
            Comparison::NotEqual => format!("anything but {target:?}"),
            Comparison::Empty => "empty".to_owned(),
            Comparison::NotEmpty => "a value".to_owned(),
            Comparison::Contains => format!("a text with {target:?} in it"),
            Comparison::DoesNotContain => format!("a text without {target:?}"),
            Comparison::IsANumber => "a number".to_owned(),
            Comparison::EqualNumber => target.to_owned(),
            Comparison::IsLessThan => format!("less than {target}"),
            Comparison::IsLessThanOrEqual => format!("at most {target}"),
            Comparison::IsGreaterThan => format!("more than {target}"),
            Comparison::IsGreaterThanOrEqual => format!("at least {target}"),
            Comparison::HasKey => format!("an object with the member {target:?}"),
            Comparison::HasValue => format!("something that holds {target:?}"),
            Comparison::IsNull => "null".to_owned(),
        }
    }
}

/// Returns a value as text: a string as it is, anything else as JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn contains(value: &Value, target: &str) -> bool {
    !value.is_null() && (text(value).contains(target) || leaves(value).iter().any(|leaf| text(leaf).contains(target)))
}

/// Returns every value inside that has nothing inside itself.
fn leaves(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(elements) => elements.iter().flat_map(leaves).collect(),
        Value::Object(members) => members.values().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Each comparison with an actual value, a target, and whether it holds.
    fn table() -> Vec<(&'static str, Option<Value>, &'static str, bool)> {
        vec![
            ("equal", Some(json!("a")), "a", true),
            ("equal", Some(json!("A")), "a", false),
            ("equal", Some(json!(true)), "true", true),
            ("equal", Some(json!(0)), "0", true),
            ("equal", Some(json!(401)), "401", true),
            ("equal", Some(json!(["a"])), "[\"a\"]", true),
            ("equal", Some(Value::Null), "null", false),
            ("equal", None, "", false),
            ("not_equal", Some(json!("a")), "b", true),
            ("not_equal", Some(json!("a")), "a", false),
            ("not_equal", None, "a", true),
            ("empty", Some(json!("")), "", true),
            ("empty", None, "", true),
            ("empty", Some(json!([])), "", true),
            ("empty", Some(json!(0)), "", false),
            ("not_empty", Some(json!(false)), "", true),
            ("not_empty", Some(json!(0)), "", true),
            ("not_empty", Some(json!({})), "", false),
            ("not_empty", Some(Value::Null), "", false),
            ("not_empty", None, "", false),
            ("contains", Some(json!("abc")), "b", true),
            ("contains", Some(json!(["urn:x/y"])), "urn:x/y", true),
            ("contains", Some(json!(["a\"b"])), "a\"b", true),
            ("contains", Some(json!("abc")), "B", false),
            ("contains", None, "", false),
            ("does_not_contain", Some(json!("abc")), "d", true),
            ("does_not_contain", Some(json!("abc")), "c", false),
            ("does_not_contain", None, "d", true),
            ("is_a_number", Some(json!(7)), "", true),
            ("is_a_number", Some(json!("7.5")), "", true),
            ("is_a_number", Some(json!("seven")), "", false),
            ("is_a_number", Some(json!("NaN")), "", false),
            ("is_a_number", Some(json!(true)), "", false),
            ("is_a_number", None, "", false),
            ("equal_number", Some(json!("1.0")), "1", true),
            ("equal_number", Some(json!(2)), "1", false),
            ("equal_number", Some(json!("x")), "x", false),
            ("is_less_than", Some(json!(1)), "2", true),
            ("is_less_than", Some(json!(2)), "2", false),
            ("is_less_than_or_equal", Some(json!(2)), "2", true),
            ("is_less_than_or_equal", Some(json!(3)), "2", false),
            ("is_greater_than", Some(json!(10)), "9", true),
            ("is_greater_than", Some(json!(9)), "9", false),
            ("is_greater_than_or_equal", Some(json!(9)), "9", true),
            ("is_greater_than_or_equal", Some(json!(8)), "9", false),
            ("has_key", Some(json!({ "a": null })), "a", true),
            ("has_key", Some(json!({ "a": 1 })), "A", false),
            ("has_key", Some(json!(["a"])), "a", false),
            ("has_value", Some(json!(["a", "b"])), "b", true),
            ("has_value", Some(json!({ "schemas": ["b"], "status": "404" })), "b", true),
            ("has_value", Some(json!({ "status": 404 })), "404", true),
            ("has_value", Some(json!(["ab"])), "b", false),
            ("has_value", None, "b", false),
            ("is_null", Some(Value::Null), "", true),
            ("is_null", None, "", true),
            ("is_null", Some(json!("")), "", false),
        ]
    }

    #[test]
    fn every_comparison_holds_when_it_should() {
        for (name, actual, target, expected) in table() {
            let comparison = Comparison::named(name).unwrap();
            assert_eq!(comparison.holds(actual.as_ref(), target), expected, "{name} {actual:?} {target:?}");
        }
    }

    #[test]
    fn the_table_shows_every_comparison_holding_and_failing() {
        for (name, _) in Comparison::NAMES {
            for wanted in [true, false] {
                assert!(table().iter().any(|(row, _, _, holds)| *row == name && *holds == wanted), "{name} {wanted}");
            }
        }
    }
}
