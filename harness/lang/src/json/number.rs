//! Numbers by value, whatever their spelling.
//!
//! `serde_json` compares numbers as text when it keeps their precision, and a
//! float would make 2⁵³ and 2⁵³+1 equal. A number is therefore taken as its
//! digits and the place of the first one.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Tells whether two numbers have the same value: `1`, `1.0` and `10e-1` do.
///
/// The comparison is exact for any number of digits. Exponents beyond ±10³⁸
/// are not told apart.
pub fn numbers_equal(a: &Number, b: &Number) -> bool {
    compare(a, b).is_eq()
}

/// Tells whether two values mean the same: numbers by value, objects
/// whatever the order of their members, arrays element by element.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => numbers_equal(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let same_in_b = |(key, a)| b.get(key).is_some_and(|b| same(a, b));
            a.len() == b.len() && a.iter().all(same_in_b)
        }
        (a, b) => a == b,
    }
}

/// Orders two numbers by value.
pub fn compare(a: &Number, b: &Number) -> Ordering {
    let (a, b) = (a.to_string(), b.to_string());
    let (a, b) = (Decimal::read(&a), Decimal::read(&b));
    a.sign().cmp(&b.sign()).then_with(|| match a.sign() {
        -1 => b.compare_magnitude(&a),
        _ => a.compare_magnitude(&b),
    })
}

/// The value 0.d₁d₂d₃… × 10^`exponent`; zero has no digits.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i128,
}

impl Decimal {
    /// Reads a text that is known to be a JSON number.
    fn read(text: &str) -> Decimal {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        let leading = all().take_while(|d| *d == b'0').count();
        let mut digits: Vec<u8> = all().skip(leading).collect();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let point = whole.len() as i128 - leading as i128;
        Decimal { negative, digits, exponent: read_exponent(exponent).saturating_add(point) }
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn compare_magnitude(&self, other: &Decimal) -> Ordering {
        if self.digits.is_empty() {
            return Ordering::Equal;
        }
        // Digits without trailing zeros compare as text: 0.15 < 0.2, 0.1 < 0.15.
        let exponents = self.exponent.cmp(&other.exponent);
        exponents.then_with(|| self.digits.cmp(&other.digits))
    }
}

fn read_exponent(text: &str) -> i128 {
    let overflow = match text.starts_with('-') {
        true => i128::MIN,
        false => i128::MAX,
    };
    text.parse().unwrap_or(overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        crate::json::parse(text.as_bytes()).unwrap().value.as_number().unwrap().clone()
    }

    #[test]
    fn spelling_does_not_matter() {
        let equal = [
            ("1", "1.0"),
            ("1", "1e0"),
            ("1", "10E-1"),
            ("0", "-0.000e9"),
            ("120", "1.2e+2"),
            ("0.001", "1e-3"),
            ("100000000000000000000000000001", "100000000000000000000000000001.0"),
        ];
        for (a, b) in equal {
            assert!(numbers_equal(&number(a), &number(b)), "{a} {b}");
        }
    }

    #[test]
    fn order_is_exact() {
        let rising = [
            "-1e400",
            "-10",
            "-9.5",
            "-1e-400",
            "0",
            "1e-400",
            "0.1",
            "0.15",
            "0.2",
            "9",
            "10",
            "9007199254740992",
            "9007199254740993",
            "1e400",
            "1e99999999999999999999",
        ];
        for (i, a) in rising.iter().enumerate() {
            for (j, b) in rising.iter().enumerate() {
                assert_eq!(compare(&number(a), &number(b)), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_huge_exponent_costs_nothing() {
        let huge = format!("1e{}", "9".repeat(100_000));
        assert_eq!(compare(&number(&huge), &number("1")), Ordering::Greater);
        assert!(numbers_equal(&number(&huge.replace('1', "0")), &number("0")));
    }

    #[test]
    fn objects_are_the_same_in_any_order_and_arrays_are_not() {
        let value = |text: &str| crate::json::parse(text.as_bytes()).unwrap().value;
        assert!(same(&value(r#"{"a":1,"b":[1.0]}"#), &value(r#"{"b":[1],"a":1e0}"#)));
        assert!(!same(&value("[1,2]"), &value("[2,1]")));
        assert!(!same(&value(r#"{"a":1}"#), &value(r#"{"a":1,"b":null}"#)));
        assert!(!same(&value("1"), &value("\"1\"")));
    }
}
