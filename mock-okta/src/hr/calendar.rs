//! When days begin and business closes where the org is, across the changes of its clocks.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan, Zoned};

/// The org's time zone and the end of its working day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: TimeZone,
    close_of_business: Time,
}

/// Why a moment or a time zone cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Nobody knows the time zone.
    #[error("there is no time zone `{0}`: write a name such as Europe/Vienna, an offset such as +02:00, or UTC")]
    UnknownZone(String),
    /// The clocks are put forward over this moment.
    #[error("{0} does not exist there: the clocks are put forward over it")]
    Skipped(DateTime),
    /// No clock shows such a time.
    #[error("{0} is beyond what can be counted")]
    OutOfRange(DateTime),
}

impl Calendar {
    /// Returns the calendar of a time zone: an IANA name, an offset from UTC, or `UTC`.
    ///
    /// The time zone database is part of the program, so that the same name means the same everywhere.
    pub fn new(zone: &str, close_of_business: Time) -> Result<Calendar, CalendarError> {
        let found = match zone {
            "UTC" | "Z" => Ok(TimeZone::UTC),
            name => DateTimeParser::new().parse_time_zone(name),
        };
        let zone = found.map_err(|_| CalendarError::UnknownZone(zone.to_owned()))?;
        Ok(Calendar { zone, close_of_business })
    }

    /// Returns the moment at which clocks show this. Of the two where they are put back, it is the first.
    pub fn at(&self, shown: DateTime) -> Result<Timestamp, CalendarError> {
        let ambiguous = self.zone.to_ambiguous_timestamp(shown);
        if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
            return Err(CalendarError::Skipped(shown));
        }
        ambiguous.compatible().map_err(|_| CalendarError::OutOfRange(shown))
    }

    /// Returns the first moment of a day. That is not always midnight, over which some zones put their clocks forward.
    pub fn start_of(&self, day: Date) -> Timestamp {
        self.later(day.at(0, 0, 0, 0))
    }

    /// Returns the moment at which business closes on a day; where the clocks are put forward over it, an hour later by
    /// the clock.
    pub fn close_of(&self, day: Date) -> Timestamp {
        self.later(day.to_datetime(self.close_of_business))
    }

    /// Returns the first moment of the day after.
    pub fn end_of(&self, day: Date) -> Timestamp {
        day.checked_add(1.day()).map_or(Timestamp::MAX, |next| self.start_of(next))
    }

    /// Returns which day it is.
    pub fn day_of(&self, moment: Timestamp) -> Date {
        self.zoned(moment).date()
    }

    /// Returns a moment as clocks there show it: `2026-03-09 00:00 CET`.
    pub fn shown(&self, moment: Timestamp) -> String {
        let zoned = self.zoned(moment);
        let seconds = if zoned.second() == 0 { "" } else { ":%S" };
        zoned.strftime(&format!("%Y-%m-%d %H:%M{seconds} %Z")).to_string()
    }

    fn zoned(&self, moment: Timestamp) -> Zoned {
        moment.to_zoned(self.zone.clone())
    }

    /// A moment that the clocks skip is taken as much later as they are put forward.
    fn later(&self, shown: DateTime) -> Timestamp {
        self.zone.to_ambiguous_timestamp(shown).compatible().unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(zone: &str) -> Calendar {
        Calendar::new(zone, "17:00".parse().unwrap()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn days_begin_and_business_closes_by_the_clocks_of_the_zone() {
        for (zone, date, start, close) in [
            ("UTC", "2026-03-09", "2026-03-09T00:00:00Z", "2026-03-09T17:00:00Z"),
            ("+05:30", "2026-03-09", "2026-03-08T18:30:00Z", "2026-03-09T11:30:00Z"),
            // The clocks go forward at two in the morning of the 8th.
            ("America/Los_Angeles", "2026-03-07", "2026-03-07T08:00:00Z", "2026-03-08T01:00:00Z"),
            ("America/Los_Angeles", "2026-03-08", "2026-03-08T08:00:00Z", "2026-03-09T00:00:00Z"),
            ("America/Los_Angeles", "2026-03-09", "2026-03-09T07:00:00Z", "2026-03-10T00:00:00Z"),
            // And back at three in the morning of the 25th.
            ("Europe/Vienna", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T16:00:00Z"),
            ("Europe/Vienna", "2026-10-26", "2026-10-25T23:00:00Z", "2026-10-26T16:00:00Z"),
            // Clocks went forward at midnight, so that the day began at one.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-04T19:00:00Z"),
        ] {
            let calendar = calendar(zone);
            let found = (calendar.start_of(day(date)), calendar.close_of(day(date)));
            assert_eq!(found, (start.parse().unwrap(), close.parse().unwrap()), "{zone} {date}");
            assert_eq!(calendar.day_of(found.0), day(date), "{zone} {date}");
        }
    }

    #[test]
    fn a_skipped_moment_is_refused_and_a_repeated_one_is_the_first() {
        let calendar = calendar("Europe/Vienna");
        let skipped: DateTime = "2026-03-29T02:30:00".parse().unwrap();
        assert_eq!(calendar.at(skipped), Err(CalendarError::Skipped(skipped)));
        let twice = calendar.at("2026-10-25T02:30:00".parse().unwrap());
        assert_eq!(twice, Ok("2026-10-25T00:30:00Z".parse().unwrap()));
    }

    #[test]
    fn business_that_would_close_in_a_skipped_hour_closes_after_it() {
        let night = Calendar::new("Europe/Vienna", "02:30".parse().unwrap()).unwrap();
        assert_eq!(night.close_of(day("2026-03-29")), "2026-03-29T01:30:00Z".parse().unwrap());
    }

    #[test]
    fn moments_are_shown_as_the_clocks_show_them() {
        let calendar = calendar("America/Los_Angeles");
        assert_eq!(calendar.shown("2026-03-08T09:59:00Z".parse().unwrap()), "2026-03-08 01:59 PST");
        assert_eq!(calendar.shown("2026-03-08T10:00:07Z".parse().unwrap()), "2026-03-08 03:00:07 PDT");
        assert_eq!(calendar.end_of(day("2026-03-08")), calendar.start_of(day("2026-03-09")));
    }

    #[test]
    fn a_zone_nobody_knows_is_told() {
        for zone in ["", "Europe/Atlantis", "17", "+99:00"] {
            assert_eq!(
                Calendar::new(zone, "17:00".parse().unwrap()),
                Err(CalendarError::UnknownZone(zone.to_owned())),
                "{zone}"
            );
        }
    }

    #[test]
    fn the_database_of_time_zones_is_part_of_the_program() {
        let bundled = jiff::tz::TimeZoneDatabase::bundled();
        assert!(bundled.get("Pacific/Chatham").is_ok(), "jiff's feature tzdb-bundle-always is off");
    }
}
