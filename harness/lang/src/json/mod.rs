//! Reading JSON without losing what the sender wrote.
//!
//! A JSON reader for programs keeps the last of two equal keys and forgets
//! the first; a conformance tester has to see both. This one keeps the text,
//! reports every duplicate key with its place, leaves numbers as they were
//! written and refuses input that is too large or too deep before it can do
//! harm. It is not for speed, and not for streams.

mod number;
mod reader;
pub(crate) mod token;

use serde_json::Value;
use thiserror::Error;

pub use number::compare as compare_numbers;
pub use number::{numbers_equal, same};

/// A JSON text, its value and what was odd about it.
#[derive(Debug, Clone)]
pub struct Document {
    /// The value. Of several members with one key the last one counts, at
    /// the place of the first, as most readers have it.
    pub value: Value,
    /// The duplicate keys, in the order of the text: one entry for each
    /// member whose key its object already holds.
    pub duplicates: Vec<Duplicate>,
    raw: String,
}

impl Document {
    /// Returns the text as received.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Returns the text as received, by value.
    pub fn into_raw(self) -> String {
        self.raw
    }
}

/// A member whose key its object already holds.
///
/// RFC 8259 §4 only says that names SHOULD be unique; what a reader makes of
/// two equal ones is anybody's guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The JSON Pointer (RFC 6901) of the member.
    pub pointer: String,
    /// The key, decoded.
    pub key: String,
    /// The byte at which the repeated key starts: its opening quote.
    pub offset: usize,
}

/// How much JSON is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest text, in bytes.
    pub max_bytes: usize,
    /// How many arrays and objects may lie in each other. Reading, comparing
    /// and dropping a value recurse, so that nothing above
    /// [`Limits::DEPTH_CEILING`] has an effect.
    pub max_depth: usize,
}

impl Limits {
    /// The depth beyond which `max_depth` has no effect.
    pub const DEPTH_CEILING: usize = 512;
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_bytes: 16 * 1024 * 1024, max_depth: 128 }
    }
}

/// Why a text was not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JsonError {
    /// The bytes are not UTF-8, which RFC 8259 §8.1 demands.
    #[error("not UTF-8 at byte {offset}")]
    NotUtf8 {
        /// The first byte that belongs to no character.
        offset: usize,
    },
    /// The text is not JSON (RFC 8259).
    #[error("{message} at line {line}, column {column}")]
    Syntax {
        /// The byte at fault.
        offset: usize,
        /// Its line, counted from 1.
        line: usize,
        /// Its column in characters, counted from 1.
        column: usize,
        /// What is wrong with it.
        message: String,
    },
    /// Arrays and objects lie in each other beyond the limit.
    #[error("more than {limit} arrays and objects in each other at byte {offset}")]
    TooDeep {
        /// The bracket that opens one level too many.
        offset: usize,
        /// The limit.
        limit: usize,
    },
    /// The text is longer than the limit.
    #[error("{size} bytes are more than the limit of {limit}")]
    TooLarge {
        /// The size of the text.
        size: usize,
        /// The limit.
        limit: usize,
    },
}

/// Parses a JSON text within the default limits.
///
/// ```
/// let document = scim_lang::json::parse(br#"{"a": 1, "b": {"c": 2, "c": 3}}"#)?;
/// assert_eq!(document.value["b"]["c"], 3);
/// assert_eq!(document.duplicates[0].pointer, "/b/c");
/// assert_eq!(document.duplicates[0].offset, 23);
/// # Ok::<(), scim_lang::json::JsonError>(())
/// ```
pub fn parse(bytes: &[u8]) -> Result<Document, JsonError> {
    parse_with(bytes, &Limits::default())
}

/// Parses a JSON text within the given limits.
///
/// A byte order mark is refused, though RFC 8259 §8.1 lets a reader skip it:
/// the same clause forbids the sender to send one, and the sender is what we
/// test. A `\u` escape that names half of a surrogate pair is refused too
/// (§8.2 leaves it open): there is no character it could stand for.
pub fn parse_with(bytes: &[u8], limits: &Limits) -> Result<Document, JsonError> {
    if bytes.len() > limits.max_bytes {
        return Err(JsonError::TooLarge { size: bytes.len(), limit: limits.max_bytes });
    }
    let text = std::str::from_utf8(bytes).map_err(|e| JsonError::NotUtf8 { offset: e.valid_up_to() })?;
    let (value, duplicates) = reader::read(text, limits.max_depth.min(Limits::DEPTH_CEILING))?;
    Ok(Document { value, duplicates, raw: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn syntax(text: &str) -> (usize, usize, usize, String) {
        match parse(text.as_bytes()) {
            Err(JsonError::Syntax { offset, line, column, message }) => (offset, line, column, message),
            other => panic!("{text:?}: {other:?}"),
        }
    }

    #[test]
    fn a_mistake_is_shown_at_its_line_and_column() {
        let text = "{ \"a\": \"é\",\n  \"b\": { \"c\": \"é\" \"d\": 1 } }";
        let (offset, line, column, message) = syntax(text);
        assert_eq!(&text[offset..offset + 3], "\"d\"");
        assert_eq!((line, column), (2, 19));
        assert_eq!(message, "expected `,` or `}`");
    }

    #[test]
    fn each_mistake_has_its_own_words() {
        let table = [
            ("", 0, "expected a value, found the end of the text"),
            (" ", 1, "expected a value, found the end of the text"),
            ("\u{feff}{}", 0, "byte order mark before the value"),
            ("{} {}", 3, "unexpected text after the value"),
            ("[1,]", 3, "expected a value"),
            ("[1 2]", 3, "expected `,` or `]`"),
            ("[1", 2, "expected `,` or `]`, found the end of the text"),
            ("{1:2}", 1, "expected a key in quotes or `}`"),
            ("{\"a\" 1}", 5, "expected `:`"),
            ("{\"a\":1,}", 7, "expected a key in quotes"),
            ("{'a':1}", 1, "expected a key in quotes or `}`"),
            ("True", 0, "expected a value"),
            ("nul", 0, "expected a value"),
            ("truer", 4, "unexpected text after the value"),
            ("01", 0, "a number may not start with 0 and another digit"),
            ("+1", 0, "expected a value"),
            ("1.", 2, "a digit is missing in the number"),
            ("-", 1, "a digit is missing in the number"),
            ("1e", 2, "a digit is missing in the number"),
            ("NaN", 0, "expected a value"),
            ("\"a", 0, "the string has no closing quote"),
            ("\"a\nb\"", 2, "U+000A must be escaped in a string"),
            ("\"a\\x\"", 2, "`\\x` is not an escape"),
            ("\"\\u12\"", 1, "`\\u` needs four hexadecimal digits"),
            ("\"\\ud800\"", 1, "`\\ud800` is half of a surrogate pair"),
            ("\"\\uDC00x\"", 1, "`\\uDC00` is half of a surrogate pair"),
        ];
        for (text, at, expected) in table {
            let (offset, _, _, message) = syntax(text);
            assert_eq!((offset, message.as_str()), (at, expected), "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_located() {
        assert_eq!(parse(b"{\"a\":\"\xff\"}").unwrap_err(), JsonError::NotUtf8 { offset: 6 });
    }

    #[test]
    fn every_duplicate_key_is_reported() {
        let text = r#"{"a":1,"a":2,"b":[{"x~/":1,"x~\/":{"y":0,"y":0}}],"A":3,"a":4}"#;
        let document = parse(text.as_bytes()).unwrap();
        let found: Vec<_> = document
            .duplicates
            .iter()
            .map(|d| (d.pointer.as_str(), d.key.as_str(), &text[d.offset..d.offset + 2]))
            .collect();
        assert_eq!(
            found,
            [("/a", "a", "\"a"), ("/b/0/x~0~1", "x~/", "\"x"), ("/b/0/x~0~1/y", "y", "\"y"), ("/a", "a", "\"a"),]
        );
        assert_eq!(document.value["a"], 4);
        assert_eq!(document.raw(), text);
    }

    #[test]
    fn numbers_stay_as_written() {
        let document = parse(b"[1E5, -0, 1.50, 123456789012345678901234567890]").unwrap();
        let written: Vec<_> = document.value.as_array().unwrap().iter().map(Value::to_string).collect();
        assert_eq!(written, ["1E5", "-0", "1.50", "123456789012345678901234567890"]);
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(nested(128).as_bytes()).is_ok());
        assert_eq!(parse(nested(129).as_bytes()).unwrap_err(), JsonError::TooDeep { offset: 128, limit: 128 });
        let unlimited = Limits { max_bytes: usize::MAX, max_depth: usize::MAX };
        assert!(parse_with(nested(512).as_bytes(), &unlimited).is_ok());
        assert_eq!(
            parse_with("[".repeat(1_000_000).as_bytes(), &unlimited).unwrap_err(),
            JsonError::TooDeep { offset: 512, limit: 512 }
        );
        let small = Limits { max_bytes: 3, max_depth: 1 };
        assert_eq!(parse_with(b"1234", &small).unwrap_err(), JsonError::TooLarge { size: 4, limit: 3 });
    }

    #[test]
    fn many_duplicates_below_a_long_key_take_little_memory() {
        let text = format!("{{\"{}\":{{{}\"a\":1}}}}", "k".repeat(1 << 20), "\"a\":1,".repeat(100_000));
        let document = parse(text.as_bytes()).unwrap();
        assert!(!document.duplicates.is_empty() && document.duplicates.len() < 10);
    }
}
