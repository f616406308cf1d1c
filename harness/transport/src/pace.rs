//! How fast requests go out to a server that others use as well.

use http::{HeaderMap, StatusCode, header};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Lets requests out one after the other, with a pause between their beginnings.
#[derive(Debug)]
pub(crate) struct Pace {
    gap: Option<Duration>,
    /// When the next request may begin; nothing before the first one.
    free: Mutex<Option<Instant>>,
}

impl Pace {
    pub(crate) fn new(gap: Option<Duration>) -> Pace {
        Pace { gap, free: Mutex::new(None) }
    }

    /// Waits until the caller's request may begin.
    pub(crate) async fn turn(&self) {
        let Some(gap) = self.gap else { return };
        let at = {
            let mut free = self.lock();
            let at = free.map_or_else(Instant::now, |free| free.max(Instant::now()));
            *free = Some(at + gap);
            at
        };
        tokio::time::sleep_until(at).await;
    }

    /// Holds back what follows, if a server asks for a pause.
    pub(crate) fn heed(&self, status: StatusCode, headers: &HeaderMap) {
        let is_asked = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        if self.gap.is_none() || !is_asked {
            return;
        }
        let value = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        if let Some(pause) = value.and_then(pause) {
            let until = Instant::now() + pause.min(LONGEST);
            let mut free = self.lock();
            *free = Some(free.map_or(until, |free| free.max(until)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads seconds or a date (RFC 9110 section 10.2.3).
fn pause(value: &str) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    let ahead = until.as_second() - jiff::Timestamp::now().as_second();
    Some(Duration::from_secs(u64::try_from(ahead).unwrap_or(0)))
}

/// A server decides how long it wants to be left alone, but not that a run never ends.
const LONGEST: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_pause_is_a_number_of_seconds_or_a_date() {
        assert_eq!(pause(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(pause("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert!(pause("Sun, 06 Nov 2095 08:49:37 GMT").is_some_and(|pause| pause > LONGEST));
        assert_eq!(pause("soon"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_begin_a_pause_apart_however_many_wait() {
        let pace = Pace::new(Some(Duration::from_millis(200)));
        let begun = Instant::now();
        tokio::join!(pace.turn(), pace.turn(), pace.turn());
        assert_eq!(begun.elapsed(), Duration::from_millis(400));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_asks_for_a_pause_gets_it_and_no_more_than_a_minute() {
        let pace = Pace::new(Some(Duration::from_millis(200)));
        let begun = Instant::now();
        let asks = |value| HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(value))]);
        pace.heed(StatusCode::OK, &asks("30"));
        pace.turn().await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
        pace.heed(StatusCode::TOO_MANY_REQUESTS, &asks("3"));
        pace.turn().await;
        assert_eq!(begun.elapsed(), Duration::from_secs(3));
        pace.heed(StatusCode::SERVICE_UNAVAILABLE, &asks("99999999999999"));
        pace.turn().await;
        assert_eq!(begun.elapsed(), Duration::from_secs(63));
    }
}
