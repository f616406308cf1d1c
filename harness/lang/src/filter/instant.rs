//! Points in time, for comparing `dateTime` attributes chronologically.

use jiff::Timestamp;

/// Reads an `xsd:dateTime`, as RFC 7643 §2.3.5 asks for.
///
/// Without a zone it counts as UTC: XML Schema leaves the zone open, and a
/// server has to order it somehow. Digits beyond nanoseconds are cut off.
/// `24:00:00` and years outside 0000–9999 are not read.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let (date_time, zone) = split_zone(text);
    let (seconds, fraction) = date_time.split_once('.').unwrap_or((date_time, "0"));
    let digits = |b: u8| b.is_ascii_digit();
    if !has_shape(seconds, "0000-00-00T00:00:00") || !fraction.bytes().all(digits) {
        return None;
    }
    let nanoseconds = match fraction.len() {
        0 => return None,
        length => &fraction[..length.min(9)],
    };
    format!("{seconds}.{nanoseconds}{zone}").parse().ok()
}

/// Returns the point in time that an `xsd:dateTime` means, in nanoseconds since 1970.
///
/// What it reads, and how, is what [`Matcher`](super::Matcher) compares.
pub fn instant(text: &str) -> Option<i128> {
    parse(text).map(Timestamp::as_nanosecond)
}

fn split_zone(text: &str) -> (&str, &str) {
    if let Some(date_time) = text.strip_suffix('Z') {
        return (date_time, "Z");
    }
    let split = text.len().checked_sub("+00:00".len());
    match split.and_then(|at| text.split_at_checked(at)) {
        Some((date_time, zone)) if has_shape(zone, "+00:00") || has_shape(zone, "-00:00") => (date_time, zone),
        _ => (text, "Z"),
    }
}

/// Tells whether digits stand where the shape has zeros, and the shape's own
/// characters elsewhere.
fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(t, s): (u8, u8)| match s {
        b'0' => t.is_ascii_digit(),
        _ => t == s,
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_in_many_spellings() {
        let instant = parse("2026-11-23T12:00:00Z");
        assert!(instant.is_some());
        for text in [
            "2026-11-23T12:00:00",
            "2026-11-23T12:00:00.000Z",
            "2026-11-23T14:00:00+02:00",
            "2026-11-23T06:30:00.0000000000001-05:30",
        ] {
            assert_eq!(parse(text), instant, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_date_time_is_not_read() {
        for text in [
            "",
            "Z",
            "yesterday",
            "2026-11-23",
            "2026-11-23T12:00Z",
            "2026-11-23 12:00:00Z",
            "2026-11-23t12:00:00z",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-11-23T12:00:00.Z",
            "2026-11-23T12:00:00.1a",
            "2026-11-23T12:00:00+2:00",
            "2026-11-23T12:00:00é+02:00",
            "20261123T120000Z",
            "+002026-11-23T12:00:00Z",
            "2026-11-23T12:00:00Z[Europe/Oslo]",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
