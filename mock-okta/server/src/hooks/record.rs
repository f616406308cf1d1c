//! What is remembered of deliveries.

use mock_okta::hook::Envelope;
use scim_record::Exchange;

use super::Hooks;

/// A request on its way, and its events in a few words.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) envelope: Envelope,
    /// Whether it repeats a request that went out before, other than by a retry.
    pub(super) is_duplicate: bool,
}

/// A request, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Delivered {
    /// Counts from 1.
    pub(super) number: u64,
    pub(super) hook: String,
    pub(super) at: u64,
    pub(super) event_id: String,
    pub(super) is_duplicate: bool,
    /// The event types, in order.
    pub(super) event_types: Vec<String>,
    pub(super) attempts: Vec<Exchange>,
    /// Why it was given up, if it was.
    pub(super) failure: Option<String>,
}

impl Hooks {
    /// Remembers a delivery.
    pub(super) fn remember(
        &mut self,
        hook: &str,
        at: u64,
        letter: &Letter,
        attempts: Vec<Exchange>,
        failure: Option<String>,
    ) {
        self.made += 1;
        let Letter { envelope, is_duplicate } = letter;
        let event_type = |event: &serde_json::Value| event["eventType"].as_str().unwrap_or_default().to_owned();
        self.deliveries.push_back(Delivered {
            number: self.made,
            hook: hook.to_owned(),
            at,
            event_id: envelope.event_id.clone(),
            is_duplicate: *is_duplicate,
            event_types: envelope.events.iter().map(event_type).collect(),
            attempts,
            failure,
        });
        if self.deliveries.len() > MOST {
            self.deliveries.pop_front();
        }
    }
}

/// How many deliveries are kept.
const MOST: usize = 1000;
