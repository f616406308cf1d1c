//! The forms of texts: dates, base64, URIs, entity tags, names.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use jiff::civil::DateTime;

/// A point in time, as far as an `xsd:dateTime` says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// With a zone.
    Absolute(Timestamp),
    /// Without one, which `xsd:dateTime` allows.
    Local(DateTime),
}

impl Moment {
    /// Returns how many milliseconds one moment is after another, unless only one of them has a zone.
    pub(super) fn milliseconds_after(self, other: Moment) -> Option<i128> {
        let nanoseconds = match (self, other) {
            (Moment::Absolute(one), Moment::Absolute(other)) => one.as_nanosecond() - other.as_nanosecond(),
            (Moment::Local(one), Moment::Local(other)) => one.duration_since(other).as_nanos(),
            _ => return None,
        };
        Some(nanoseconds / 1_000_000)
    }
}

/// Reads an `xsd:dateTime` with date and time (RFC 7643 §2.3.5). The zone is optional, the fraction as long as it likes,
/// and midnight may be `24:00:00`; no parser for RFC 3339 would take them all.
pub(super) fn moment(text: &str) -> Option<Moment> {
    let (date_time, zone) = split_zone(text)?;
    let (seconds, fraction) = match date_time.split_once('.') {
        Some((seconds, fraction)) => (seconds, Some(fraction)),
        None => (date_time, None),
    };
    let is_fraction = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    if !has_shape(seconds, "0000-00-00T00:00:00") || !fraction.is_none_or(is_fraction) {
        return None;
    }
    let (seconds, next_day) = match seconds.strip_suffix("24:00:00") {
        Some(date) if fraction.is_none_or(|text| text.bytes().all(|digit| digit == b'0')) => {
            (format!("{date}00:00:00"), 1)
        }
        _ => (seconds.to_owned(), 0),
    };
    let fraction = fraction.unwrap_or("0");
    let local: DateTime = format!("{seconds}.{}", &fraction[..fraction.len().min(9)]).parse().ok()?;
    let local = local.checked_add(jiff::Span::new().days(next_day)).ok()?;
    match zone {
        None => Some(Moment::Local(local)),
        Some(minutes) => {
            let offset = jiff::tz::Offset::from_seconds(minutes * 60).ok()?;
            offset.to_timestamp(local).ok().map(Moment::Absolute)
        }
    }
}

/// Splits the zone off, in minutes east of UTC. XML Schema goes up to 14 hours.
fn split_zone(text: &str) -> Option<(&str, Option<i32>)> {
    if let Some(date_time) = text.strip_suffix('Z') {
        return Some((date_time, Some(0)));
    }
    let at = text.len().checked_sub("+00:00".len());
    let Some((date_time, zone)) = at.and_then(|at| text.split_at_checked(at)) else { return Some((text, None)) };
    if !has_shape(zone, "+00:00") && !has_shape(zone, "-00:00") {
        return Some((text, None));
    }
    let (hours, minutes): (i32, i32) = (zone[1..3].parse().ok()?, zone[4..].parse().ok()?);
    let minutes = if minutes < 60 { hours * 60 + minutes } else { return None };
    let minutes = if zone.starts_with('-') { -minutes } else { minutes };
    (minutes.abs() <= 14 * 60).then_some((date_time, Some(minutes)))
}

/// Tells whether digits stand where the shape has zeros, and the shape's own characters elsewhere.
fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(found, wanted): (u8, u8)| if wanted == b'0' { found.is_ascii_digit() } else { found == wanted };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

/// Tells whether a text is base64, padded or not (RFC 7643 §2.3.6, RFC 4648 §4); where the attribute may ask for it,
/// the URL-safe alphabet will do too (§5).
pub(super) fn is_base64(text: &str, may_be_url_safe: bool) -> bool {
    // What the bits behind the last byte are is left to encoders that leave rubbish there.
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let decodes = |alphabet| GeneralPurpose::new(alphabet, lenient).decode(text).is_ok();
    decodes(&alphabet::STANDARD) || (may_be_url_safe && decodes(&alphabet::URL_SAFE))
}

/// Tells whether a text is a URI reference: the characters of RFC 3986 and no others. Empty ones say nothing.
pub(super) fn is_uri_reference(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_escape = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => is_escape(at),
        b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@' | b'!' | b'$' | b'&' | b'\'' => true,
        b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
        byte => byte.is_ascii_alphanumeric(),
    })
}

/// Tells whether a text is a URI with a scheme.
pub(super) fn is_uri(text: &str) -> bool {
    is_uri_reference(text) && super::uri::scheme(text).is_some()
}

/// Tells whether a text is an entity tag: `"…"` or `W/"…"` (RFC 9110 §8.8.3).
pub(super) fn is_entity_tag(text: &str) -> bool {
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    let inner = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| inner.chars().all(|letter| letter > ' ' && letter != '"' && letter != '\u{7f}'))
}

/// Tells whether a text is an attribute's name (RFC 7643 §2.1). The grammar has no `$` in front, although `$ref` is a
/// name (erratum 8924).
pub(super) fn is_attribute_name(text: &str) -> bool {
    let mut letters = text.strip_prefix('$').filter(|_| text == "$ref").unwrap_or(text).chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_time_may_lack_its_zone_and_have_any_fraction() {
        for text in [
            "2011-05-13T04:42:34Z",
            "2011-05-13T04:42:34",
            "2011-05-13T04:42:34.1234567890123Z",
            "2011-05-13T04:42:34.1+14:00",
            "2011-05-13T24:00:00Z",
            "2024-02-29T00:00:00-08:30",
        ] {
            assert!(moment(text).is_some(), "{text}");
        }
        for text in [
            "",
            "Z",
            "2011-05-13",
            "2011-05-13 04:42:34Z",
            "2011-05-13T04:42Z",
            "2011-05-13t04:42:34z",
            "2011-02-30T04:42:34Z",
            "2011-05-13T25:00:00Z",
            "2011-05-13T24:00:01Z",
            "2011-05-13T04:42:34.Z",
            "2011-05-13T04:42:34+0200",
            "2011-05-13T04:42:34+15:00",
            "2011-05-13T04:42:34+01:75",
            "1305261754",
            "Fri, 13 May 2011 04:42:34 GMT",
            "2011-05-13T04:42:3é",
        ] {
            assert!(moment(text).is_none(), "{text}");
        }
    }

    #[test]
    fn moments_are_compared_across_zones_but_not_without_one() {
        let after = |one: &str, other: &str| {
            moment(one).expect("a moment").milliseconds_after(moment(other).expect("a moment"))
        };
        assert_eq!(after("2011-05-13T06:00:00+02:00", "2011-05-13T04:00:00Z"), Some(0));
        assert_eq!(after("2011-05-13T04:00:00.5", "2011-05-13T04:00:00"), Some(500));
        assert_eq!(after("2011-05-14T00:00:00Z", "2011-05-13T24:00:00Z"), Some(0));
        assert_eq!(after("2011-05-13T04:00:00", "2011-05-13T04:00:00Z"), None);
    }

    #[test]
    fn base64_may_lack_its_padding() {
        for (text, plain, url_safe) in [
            ("", true, true),
            ("MIIB", true, true),
            ("MIIBCg==", true, true),
            ("MIIBCg", true, true),
            ("a+/b", true, true),
            ("a-_b", false, true),
            ("MII BCg", false, false),
            ("MIIB\nCg", false, false),
            ("M", false, false),
            ("-----BEGIN CERTIFICATE-----", false, false),
        ] {
            assert_eq!((is_base64(text, false), is_base64(text, true)), (plain, url_safe), "{text:?}");
        }
    }

    #[test]
    fn uris_are_told_from_other_texts() {
        for text in ["https://example.com/a?b=c#d", "../Users/1", "/Users/a%20b", "urn:ietf:params:scim", "a", ""] {
            assert!(is_uri_reference(text), "{text}");
        }
        for text in ["a b", "C:\\photos", "<x>", "https://example.com/é", "a%2", "a\"b", "{id}"] {
            assert!(!is_uri_reference(text), "{text}");
        }
        assert!(is_uri("urn:x:y") && is_uri("https://a/") && !is_uri("/Users") && !is_uri("User"));
    }

    #[test]
    fn an_entity_tag_has_its_quotes() {
        for text in ["\"a\"", "W/\"3694e05e9dff590\"", "\"\"", "\"é\""] {
            assert!(is_entity_tag(text), "{text}");
        }
        for text in ["", "a", "W/a", "w/\"a\"", "\"a", "\"a b\"", "\"a\"b\"", "\""] {
            assert!(!is_entity_tag(text), "{text}");
        }
    }

    #[test]
    fn a_name_starts_with_a_letter_but_for_one() {
        for text in ["userName", "$ref", "x509Certificates", "a-b_c", "a$b"] {
            assert!(is_attribute_name(text), "{text}");
        }
        for text in ["", "1a", "$value", "a.b", "a b", "é", "a:b", "$"] {
            assert!(!is_attribute_name(text), "{text}");
        }
    }
}
