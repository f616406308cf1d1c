//! Small numbers that stand for texts, so that an import can compare what it does not keep.

use serde_json::Value;

/// Returns the number of a text; never 0, which stands for no text.
///
/// FNV-1a with 64 bits (RFC 9923 §2.2): small, and stable over releases of the standard library. A
/// server that made two texts collide on purpose would hide a change of its own.
pub(crate) fn of(text: &str) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let hash = text.bytes().fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    hash.max(1)
}

/// Returns the text of a value: a scalar's own, anything else as JSON with its keys in order.
///
/// Nothing where the attribute is unassigned: RFC 7643 §2.5 makes `null` and the empty array the same
/// as no attribute at all.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Array(values) if values.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => Some(sorted(value).to_string()),
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(sorted).collect()),
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_number_is_that_of_the_rfc() {
        // RFC 9923 §C: the empty text yields the offset basis, "a" this one.
        assert_eq!(of(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(of("a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn unassigned_values_have_no_text_and_the_order_of_keys_does_not_matter() {
        assert_eq!((text(&json!(null)), text(&json!([]))), (None, None));
        assert_eq!(text(&json!(true)), Some("true".to_owned()));
        assert_eq!(text(&json!({"b": 1, "a": [{"d": 1, "c": 2}]})), text(&json!({"a": [{"c": 2, "d": 1}], "b": 1})));
    }
}
