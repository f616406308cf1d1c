//! The two JSON tokens with an inside: strings and numbers.
//!
//! Filters compare with JSON literals (RFC 7644 §3.4.2.2), so that the filter
//! parser reads them with the same functions.

use std::ops::Range;

use thiserror::Error;

/// What is wrong with a token, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenError {
    pub(crate) span: Range<usize>,
    pub(crate) kind: TokenErrorKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum TokenErrorKind {
    #[error("the string has no closing quote")]
    Unterminated,
    #[error("`{0}` is not an escape")]
    BadEscape(String),
    #[error("`\\u` needs four hexadecimal digits")]
    ShortEscape,
    #[error("`{0}` is half of a surrogate pair")]
    LoneSurrogate(String),
    #[error("U+{:04X} must be escaped in a string", u32::from(*.0))]
    Control(char),
    #[error("a number may not start with 0 and another digit")]
    LeadingZero,
    #[error("a digit is missing in the number")]
    MissingDigit,
}

type Token<T> = Result<(T, usize), TokenError>;

fn error<T>(span: Range<usize>, kind: TokenErrorKind) -> Result<T, TokenError> {
    Err(TokenError { span, kind })
}

/// Reads the string whose opening quote is at `start`; returns it decoded,
/// and where the text goes on.
pub(crate) fn string(text: &str, start: usize) -> Token<String> {
    debug_assert!(text[start..].starts_with('"'), "a string starts with a quote");
    let mut decoded = String::new();
    let mut at = start + 1;
    loop {
        let plain = plain_run(&text[at..]);
        decoded.push_str(&text[at..at + plain]);
        at += plain;
        match text.as_bytes().get(at) {
            Some(b'"') => return Ok((decoded, at + 1)),
            Some(b'\\') => {
                let (c, next) = escape(text, at)?;
                decoded.push(c);
                at = next;
            }
            Some(control) => {
                return error(at..at + 1, TokenErrorKind::Control(char::from(*control)));
            }
            None => return error(start..text.len(), TokenErrorKind::Unterminated),
        }
    }
}

fn plain_run(text: &str) -> usize {
    let special = |b: u8| b == b'"' || b == b'\\' || b < 0x20;
    text.bytes().position(special).unwrap_or(text.len())
}

/// Reads the escape whose backslash is at `at`.
fn escape(text: &str, at: usize) -> Token<char> {
    let Some(letter) = text[at + 1..].chars().next() else {
        return error(at..text.len(), TokenErrorKind::Unterminated);
    };
    let simple = match letter {
        '"' | '\\' | '/' => letter,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode_escape(text, at),
        _ => {
            let span = at..at + 1 + letter.len_utf8();
            let shown = text[span.clone()].to_owned();
            return error(span, TokenErrorKind::BadEscape(shown));
        }
    };
    Ok((simple, at + 2))
}

fn unicode_escape(text: &str, at: usize) -> Token<char> {
    let Some(first) = code_unit(text, at) else {
        return error(at..at + 2, TokenErrorKind::ShortEscape);
    };
    let second = code_unit(text, at + 6);
    let pair = std::iter::once(first).chain(second);
    match char::decode_utf16(pair).next() {
        Some(Ok(c)) => Ok((c, at + 6 * c.len_utf16())),
        _ => {
            let shown = text[at..at + 6].to_owned();
            error(at..at + 6, TokenErrorKind::LoneSurrogate(shown))
        }
    }
}

/// The code unit that `\uXXXX` at `at` names.
fn code_unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    let hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
    hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?
}

/// Finds the end of the number that starts at `start` with `-` or a digit.
pub(crate) fn number(text: &str, start: usize) -> Result<usize, TokenError> {
    let byte = |at: usize| text.as_bytes().get(at).copied().unwrap_or_default();
    let mut at = start + usize::from(byte(start) == b'-');
    let whole = at;
    at = digits(text, at)?;
    if byte(whole) == b'0' && at > whole + 1 {
        return error(start..at, TokenErrorKind::LeadingZero);
    }
    if byte(at) == b'.' {
        at = digits(text, at + 1)?;
    }
    if matches!(byte(at), b'e' | b'E') {
        let sign = matches!(byte(at + 1), b'+' | b'-');
        at = digits(text, at + 1 + usize::from(sign))?;
    }
    Ok(at)
}

fn digits(text: &str, start: usize) -> Result<usize, TokenError> {
    let rest = &text.as_bytes()[start.min(text.len())..];
    match rest.iter().take_while(|b| b.is_ascii_digit()).count() {
        0 => error(start..start, TokenErrorKind::MissingDigit),
        count => Ok(start + count),
    }
}
