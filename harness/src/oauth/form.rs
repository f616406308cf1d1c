//! `application/x-www-form-urlencoded`, written and read (RFC 6749 appendix B).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// Writes pairs as a form, or as a query.
pub(super) fn write(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Writes one value.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Reads a query into pairs.
pub(super) fn read(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn decode(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode(text.as_bytes()).decode_utf8_lossy().into_owned()
}

/// All but what RFC 3986 §2.3 never reserves.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let pairs = [("a b", "c&d=e+f%20"), ("é", ""), ("redirect_uri", "http://127.0.0.1:1/callback")];
        let text = write(&pairs);
        assert!(text.is_ascii() && !text.contains(['+', ' ']), "{text}");
        let read = read(&text);
        assert_eq!(read.iter().map(|(name, value)| (&**name, &**value)).collect::<Vec<_>>(), pairs);
    }

    #[test]
    fn a_query_is_read_whatever_it_looks_like() {
        assert_eq!(
            read("a+b=1&&c&=d&%zz=%ff"),
            [
                ("a b".to_owned(), "1".to_owned()),
                ("c".to_owned(), String::new()),
                (String::new(), "d".to_owned()),
                ("%zz".to_owned(), "\u{fffd}".to_owned()),
            ]
        );
    }
}
