//! When a daily flow is due: a time of day in the org's time zone, on the org's clock.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Returns the first moment after another one, in seconds since the Unix epoch, at which a clock on the wall shows a time.
///
/// Where summer time leaves the time out, it is due as much later as the clocks were put ahead (RFC 5545 §3.3.10 reads a
/// missing local time alike); where the time comes twice, the first one counts.
pub(super) fn next(zone: &TimeZone, hour: u8, minute: u8, after: i64) -> Option<i64> {
    let after = Timestamp::from_second(after).ok()?;
    let today = after.to_zoned(zone.clone()).date();
    let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()?;
    (0..=2).find_map(|days| {
        let date = today.checked_add(Span::new().days(days)).ok()?;
        let due = date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp();
        (due > after).then_some(due.as_second())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn a_time_of_day_is_due_once_a_day() {
        let berlin = TimeZone::get("Europe/Berlin").expect("a time zone database");
        for (hour, minute, after, expected) in [
            (2, 0, "2026-01-05T00:59:59Z", "2026-01-05T01:00:00Z"),
            (2, 0, "2026-01-05T01:00:00Z", "2026-01-06T01:00:00Z"),
            (2, 0, "2026-07-05T00:30:00Z", "2026-07-06T00:00:00Z"),
            // Clocks go from 02:00 to 03:00 on 29 March, and from 03:00 to 02:00 on 25 October.
            (2, 30, "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),
            (2, 30, "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            (2, 30, "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        ] {
            assert_eq!(next(&berlin, hour, minute, at(after)), Some(at(expected)), "{after}");
        }
        assert_eq!(next(&TimeZone::UTC, 23, 59, i64::MAX), None);
    }
}
