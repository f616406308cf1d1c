//! One request to a receiver: whether it arrived, whether it is sent once more, whether it is given up.

use std::time::Duration;

/// How long a receiver may take for an answer.
pub const TIMEOUT: Duration = Duration::from_secs(3);

/// A delivery under way: how many answers, or silences, it has had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    attempts: u8,
}

/// What an answer leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryStep {
    /// The receiver has it.
    Delivered,
    /// It is sent once more, with the same `eventId`.
    Retry,
    /// It is given up, with the reason for the System Log.
    Failed(String),
}

impl Delivery {
    /// Goes on after an answer. A 2xx is a success, though Okta asks for 200 or 204. A 4xx is never retried. A redirect is
    /// not followed and not retried: Okta documents the first for inline hooks, the second nowhere.
    pub fn answered(&mut self, status: u16) -> DeliveryStep {
        self.attempts = self.attempts.saturating_add(1);
        match status {
            200..=299 => DeliveryStep::Delivered,
            500..=599 => self.again(format!("the receiver answered {status}")),
            300..=399 => {
                DeliveryStep::Failed(format!("the receiver answered {status}, and redirects are not followed"))
            }
            _ => DeliveryStep::Failed(format!("the receiver answered {status}")),
        }
    }

    /// Goes on after no answer within [`TIMEOUT`].
    pub fn timed_out(&mut self) -> DeliveryStep {
        self.attempts = self.attempts.saturating_add(1);
        self.again(format!("the receiver did not answer within {} seconds", TIMEOUT.as_secs()))
    }

    /// Goes on after an exchange that failed otherwise: no connection, or an answer that is no HTTP. That Okta retries
    /// these is inferred from its retrying of timeouts.
    pub fn broken(&mut self, cause: &str) -> DeliveryStep {
        self.attempts = self.attempts.saturating_add(1);
        self.again(cause.to_owned())
    }

    /// Returns how often it was sent.
    pub fn attempts(self) -> u8 {
        self.attempts
    }

    fn again(self, reason: String) -> DeliveryStep {
        if self.attempts < MOST_ATTEMPTS { DeliveryStep::Retry } else { DeliveryStep::Failed(reason) }
    }
}

/// Okta: Event hooks, "Timeout and retry": one retry at most.
const MOST_ATTEMPTS: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_is_over_and_a_refusal_is_never_retried() {
        for status in [200, 202, 204] {
            assert_eq!(Delivery::default().answered(status), DeliveryStep::Delivered, "{status}");
        }
        for status in [301, 307, 400, 401, 404, 408, 410, 429, 499] {
            let mut delivery = Delivery::default();
            assert!(matches!(delivery.answered(status), DeliveryStep::Failed(_)), "{status}");
            assert_eq!(delivery.attempts(), 1, "{status}");
        }
    }

    #[test]
    fn a_failure_and_a_silence_are_retried_once() {
        let deeds: [fn(&mut Delivery) -> DeliveryStep; 4] = [
            |delivery| delivery.answered(500),
            |delivery| delivery.answered(503),
            Delivery::timed_out,
            |delivery| delivery.broken("connection refused"),
        ];
        for first in deeds {
            for second in deeds {
                let mut delivery = Delivery::default();
                assert_eq!(first(&mut delivery), DeliveryStep::Retry);
                assert!(matches!(second(&mut delivery), DeliveryStep::Failed(_)));
                assert_eq!(delivery.attempts(), 2);
            }
            let mut delivery = Delivery::default();
            first(&mut delivery);
            assert_eq!(delivery.answered(204), DeliveryStep::Delivered);
            let mut delivery = Delivery::default();
            first(&mut delivery);
            assert!(matches!(delivery.answered(404), DeliveryStep::Failed(_)));
        }
    }
}
