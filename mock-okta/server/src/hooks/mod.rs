//! Event hooks: what is known of them, and the requests by which receivers learn what happened. What a hook may be and
//! what an answer means is decided in `mock_okta::hook`; the API is in `resources::event_hooks`.

mod behaviour;
mod deliver;
mod post;
mod record;
mod sender;
mod show;

use std::collections::VecDeque;

use indexmap::{IndexMap, IndexSet};
use mock_okta::hook::{Behaviour, EventHook, MOST_HOOKS, Subscription, VerificationStatus};
use mock_okta::org::LogEntry;

use crate::error::ApiError;
use crate::world::World;

pub(crate) use behaviour::change as change_behaviour;
pub(crate) use deliver::run;
pub(crate) use post::prepare;
pub(crate) use show::show;

use record::Delivered;
use sender::Sender;

/// The event hooks of an org, and what became of their requests.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    pub(crate) cards: IndexMap<String, HookCard>,
    pub(crate) behaviour: Behaviour,
    /// Hosts that may be called over plain http beside this machine.
    pub(crate) plain_hosts: Vec<String>,
    deliveries: VecDeque<Delivered>,
    /// How many deliveries there were.
    made: u64,
    /// How often events were gathered, from which disorder follows.
    rounds: u64,
    challenges: u64,
    /// Hooks somebody is at.
    busy: IndexSet<String>,
}

/// A hook, and how far its receiver was told of the log.
#[derive(Debug, Clone)]
pub(crate) struct HookCard {
    pub(crate) hook: EventHook,
    /// The serial of the first entry of the log it was not told of.
    cursor: u64,
    /// What the receiver made of the challenge, until the call that asked for it is answered.
    pub(crate) verdict: Option<Result<(), String>>,
    sender: Sender,
}

impl Hooks {
    /// Adds a hook.
    pub(crate) fn add(&mut self, hook: EventHook) {
        let sender = Sender::new(&hook.subscription.channel);
        self.cards.insert(hook.id.clone(), HookCard { hook, cursor: 0, verdict: None, sender });
    }

    /// Returns how many deliveries there were, which is the number of the latest.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    /// Returns a hook.
    pub(crate) fn find(&self, id: &str) -> Result<&EventHook, ApiError> {
        self.cards.get(id).map(|card| &card.hook).ok_or_else(|| ApiError::not_found(id, "EventHook"))
    }

    /// Returns a hook to be changed.
    pub(crate) fn find_mut(&mut self, id: &str) -> Result<&mut HookCard, ApiError> {
        self.cards.get_mut(id).ok_or_else(|| ApiError::not_found(id, "EventHook"))
    }

    /// Returns whether one more hook may be active and verified.
    pub(crate) fn has_room(&self) -> bool {
        self.cards.values().filter(|card| card.hook.is_live()).count() < MOST_HOOKS
    }

    /// Leaves untold whatever the log holds: after a snapshot was brought back.
    pub(crate) fn skip_to(&mut self, serial: u64) {
        self.cards.values_mut().for_each(|card| card.cursor = serial);
    }

    /// Takes over the credentials of the same hooks of another world, which no snapshot holds.
    pub(crate) fn take_secrets(&mut self, other: &Hooks) {
        for (id, card) in &mut self.cards {
            let Some(known) = other.cards.get(id).map(|card| &card.hook.subscription.channel) else { continue };
            let channel = &mut card.hook.subscription.channel;
            if channel.uri == known.uri {
                *channel = known.clone();
                card.sender = Sender::new(channel);
            }
        }
    }
}

impl HookCard {
    /// Replaces what the administrator set up.
    pub(crate) fn replace(&mut self, subscription: Subscription, now: u64) {
        if subscription.channel != self.hook.subscription.channel {
            self.sender = Sender::new(&subscription.channel);
            self.verdict = None;
        }
        self.hook.replace(subscription, now);
    }

    /// Lets the receiver be told of what happens from here on.
    pub(crate) fn begin_at(&mut self, serial: u64) {
        self.cursor = serial;
    }

    fn untold<'a>(&'a self, log: &'a [LogEntry]) -> impl Iterator<Item = &'a LogEntry> {
        let from = usize::try_from(self.cursor).unwrap_or(usize::MAX).min(log.len());
        let is_live = self.hook.is_live();
        log[from..].iter().filter(move |entry| is_live && self.hook.wants(entry.event_type.name()))
    }
}

impl World {
    /// Returns a hook whose receiver is to be told something and that nobody is at, and notes that somebody is.
    pub(crate) fn take_hook(&mut self) -> Option<String> {
        let log = self.org.log();
        for (id, card) in &mut self.hooks.cards {
            let next = card.untold(log).next().map(|entry| entry.serial);
            // What does not concern the hook need not be looked at again.
            card.cursor = next.unwrap_or(log.len() as u64);
            if next.is_some() && !self.hooks.busy.contains(id) {
                self.hooks.busy.insert(id.clone());
                return Some(id.clone());
            }
        }
        None
    }

    /// Returns whether every receiver was told of everything.
    pub(crate) fn hooks_are_quiet(&self) -> bool {
        let log = self.org.log();
        self.hooks.busy.is_empty() && self.hooks.cards.values().all(|card| card.untold(log).next().is_none())
    }

    /// Adds a hook of the seed.
    pub(crate) fn seed_hook(&mut self, id: String, subscription: Subscription, is_verified: bool) {
        let mut hook = EventHook::new(id.clone(), subscription, self.org.now());
        if is_verified {
            hook.verification = VerificationStatus::Verified;
        }
        self.hooks.add(hook);
        let end = self.org.log().len() as u64;
        if let Ok(card) = self.hooks.find_mut(&id) {
            card.begin_at(end);
        }
    }
}
