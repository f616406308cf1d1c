//! What Okta does about 429: it pauses and asks again. Every other refusal is the flow's business.

use std::time::Duration;

use crate::{Request, Response, Step};

/// The pauses of one flow.
///
/// A flow sends its requests by [`send`](Retries::send), shows each answer to
/// [`pause`](Retries::pause) before it reads it, and goes on by [`resume`](Retries::resume).
///
/// Understanding SCIM, rate limits: the operation is paused for the seconds of `Retry-After`, or for five
/// minutes where that is missing, a date, or no whole number; each further 429 doubles the pause; after ten
/// attempts the task fails. Two readings of what is attempted again: the one request, or the whole
/// operation from its first request. And of what ten attempts count: those of one request, or those of
/// the operation. The text says neither; here the one request is sent again, ten times at most, and a
/// request that got through ends the doubling.
#[derive(Debug, Clone, Default)]
pub(crate) struct Retries {
    request: Option<Request>,
    attempts: u32,
    wait: Duration,
}

impl Retries {
    /// Returns the step that sends a request for the first time.
    pub(crate) fn send(&mut self, request: Request) -> Step {
        *self = Retries { request: Some(request.clone()), attempts: 1, wait: Duration::ZERO };
        Step::Send(request)
    }

    /// Returns the pause that an answer calls for; nothing where the flow has to read it, be it the last
    /// 429 in a row.
    pub(crate) fn pause(&mut self, response: &Response) -> Option<Step> {
        if response.status != TOO_MANY_REQUESTS || self.attempts >= MOST_ATTEMPTS {
            self.request = None;
        }
        self.request.as_ref()?;
        self.wait = match self.attempts {
            1 => first_wait(response.retry_after.as_deref()),
            _ => self.wait.saturating_mul(2),
        };
        Some(Step::Wait(self.wait))
    }

    /// Returns the step that sends the request again.
    ///
    /// # Panics
    ///
    /// When no request was put off.
    pub(crate) fn resume(&mut self) -> Step {
        self.attempts += 1;
        Step::Send(self.request.clone().expect("only a request that was sent is put off"))
    }
}

/// Reads `Retry-After` as Okta does: a whole number of seconds or nothing.
fn first_wait(retry_after: Option<&str>) -> Duration {
    let seconds = retry_after.map(str::trim).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    seconds.and_then(|text| text.parse().ok()).map_or(WITHOUT_NUMBER, Duration::from_secs)
}

const TOO_MANY_REQUESTS: u16 = 429;

/// The attempts at one request, the first among them.
const MOST_ATTEMPTS: u32 = 10;

/// The pause where the service provider names no number of seconds.
const WITHOUT_NUMBER: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(retry_after: &str) -> Response {
        Response { retry_after: Some(retry_after.to_owned()), ..Response::new(429, "Too Many Requests", "") }
    }

    fn request() -> Request {
        Request { method: "GET", target: "/Users".to_owned(), headers: Vec::new(), body: None }
    }

    #[test]
    fn a_request_is_put_off_nine_times() {
        let mut retries = Retries::default();
        retries.send(request());
        for doubled in 0..9 {
            assert_eq!(retries.pause(&busy("1")), Some(Step::Wait(Duration::from_secs(1 << doubled))));
            assert_eq!(retries.resume(), Step::Send(request()));
        }
        assert_eq!(retries.pause(&busy("1")), None);
    }

    #[test]
    fn nothing_is_put_off_that_was_answered_or_never_sent() {
        let mut retries = Retries::default();
        assert_eq!(retries.pause(&busy("1")), None);
        retries.send(request());
        assert_eq!(retries.pause(&Response::new(200, "OK", "")), None);
        assert_eq!(retries.pause(&busy("1")), None);
    }

    #[test]
    fn the_longest_pause_does_not_overflow() {
        let mut retries = Retries::default();
        retries.send(request());
        let longest = u64::MAX.to_string();
        for _ in 0..9 {
            assert!(retries.pause(&busy(&longest)).is_some());
            retries.resume();
        }
    }
}
