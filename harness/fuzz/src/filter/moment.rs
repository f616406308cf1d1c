//! Points in time relative to the run, so that what was found in one run can be sent in another.

use jiff::Timestamp;
use jiff::tz::Offset;
use scim_lang::filter::instant;

/// Writes the time so many seconds after an instant, in a zone such as `Z` or `+05:30`.
pub(super) fn write(born: i128, seconds: i64, zone: &str) -> Option<String> {
    let whole = i64::try_from(born / 1_000_000_000).ok()?;
    let time = Timestamp::from_second(whole.checked_add(seconds)?).ok()?;
    let written = offset(zone)?.to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    Some(written + zone)
}

/// Returns how many seconds after an instant a time is that [`write()`] has written, and its zone.
pub(super) fn read(born: i128, text: &str) -> Option<(i64, &str)> {
    let time = instant(text)?;
    let seconds = i64::try_from(time / 1_000_000_000 - born / 1_000_000_000).ok()?;
    let zone = if text.ends_with('Z') { "Z" } else { text.get(text.len().checked_sub(6)?..)? };
    offset(zone)?;
    Some((seconds, zone))
}

fn offset(zone: &str) -> Option<Offset> {
    if zone == "Z" {
        return Some(Offset::UTC);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    match zone.as_bytes().first()? {
        b'+' => Offset::from_seconds(seconds).ok(),
        b'-' => Offset::from_seconds(-seconds).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_back_in_its_zone() {
        let born = 1_795_000_000_123_000_000;
        for (seconds, zone) in [(0, "Z"), (-90_000, "+14:00"), (3_600, "-11:00"), (90, "+05:30")] {
            let text = write(born, seconds, zone).unwrap();
            assert_eq!(read(born, &text), Some((seconds, zone)), "{text}");
            assert_eq!(instant(&text), Some((1_795_000_000 + i128::from(seconds)) * 1_000_000_000));
        }
    }
}
