//! The virtual clock: it runs with the real one and can be ahead of it.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A clock that counts seconds since the org began.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// When the org began, in seconds since the Unix epoch.
    pub(crate) began: i64,
    /// Since when it runs with the real one; nothing while it stands.
    started: Option<Instant>,
    ahead: u64,
}

impl Clock {
    /// Returns a clock that begins at this moment.
    pub(crate) fn starting(began: i64) -> Clock {
        Clock { started: Some(Instant::now()), ..Clock::standing(began) }
    }

    /// Returns a clock that stands at this moment.
    pub(super) fn standing(began: i64) -> Clock {
        Clock { began, started: None, ahead: 0 }
    }

    /// Lets the clock run.
    pub(super) fn run(&mut self) {
        self.started.get_or_insert_with(Instant::now);
    }

    /// Returns the seconds since the org began.
    pub(crate) fn now(&self) -> u64 {
        self.elapsed().as_secs().saturating_add(self.ahead)
    }

    /// Lets the clock jump.
    pub(crate) fn skip(&mut self, seconds: u64) {
        self.ahead = self.ahead.saturating_add(seconds).min(FARTHEST);
    }

    /// Lets the clock jump so that it is not behind.
    pub(crate) fn catch_up(&mut self, now: u64) {
        self.skip(now.saturating_sub(self.now()));
    }

    /// Returns how long it takes until a moment, if nobody lets the clock jump.
    pub(crate) fn until(&self, moment: u64) -> Duration {
        Duration::from_secs(moment).saturating_sub(self.elapsed() + Duration::from_secs(self.ahead))
    }

    fn elapsed(&self) -> Duration {
        self.started.map(|started| started.elapsed()).unwrap_or_default()
    }
}

/// Returns a moment of the org as the API writes it.
pub(crate) fn instant(began: i64, at: u64) -> String {
    let seconds = began.saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
    let moment = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    moment.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// A thousand years.
const FARTHEST: u64 = 1000 * 366 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_jumps_and_never_goes_back() {
        let mut clock = Clock::starting(0);
        clock.skip(300);
        clock.catch_up(200);
        assert!(clock.now() >= 300);
        assert!(clock.until(310) <= Duration::from_secs(10) && clock.until(5) == Duration::ZERO);
        clock.skip(u64::MAX);
        clock.skip(u64::MAX);
        assert!(instant(clock.began, clock.now()).starts_with("29"));
    }

    #[test]
    fn moments_are_written_as_okta_writes_them() {
        assert_eq!(instant(1_767_603_600, 61), "2026-01-05T09:01:01.000Z");
        assert!(instant(i64::MAX, u64::MAX).starts_with("9999-12-3"));
    }
}
