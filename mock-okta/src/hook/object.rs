//! The hook itself: what it subscribes to, whether it is on, whether its receiver proved that it is one.

use super::{Channel, ChannelError, is_eligible};

/// How many hooks of an org may be active and verified.
pub const MOST_HOOKS: usize = 25;

/// How many types of events one hook may subscribe to.
pub const MOST_EVENT_TYPES: usize = 300;

/// An event hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventHook {
    /// `who…`.
    pub id: String,
    /// What the administrator set up.
    pub subscription: Subscription,
    /// Whether it is on.
    pub status: HookStatus,
    /// Whether the receiver answered the challenge.
    pub verification: VerificationStatus,
    /// When it came into being, in seconds of the org's clock.
    pub created: u64,
    /// When it changed last.
    pub last_updated: u64,
}

/// What an administrator sets up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// What the hook is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The types of events it is told of.
    pub event_types: Vec<String>,
    /// Where its requests go.
    pub channel: Channel,
}

/// Whether a hook is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookStatus {
    /// On; a hook comes into being like this.
    Active,
    /// Off. Such a hook can be deleted.
    Inactive,
}

/// Whether a receiver answered the challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationStatus {
    /// Not since the channel changed last. Nothing is delivered.
    Unverified,
    /// It did.
    Verified,
}

/// Why a hook cannot be set up like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// No name.
    #[error("name: The field cannot be left blank")]
    Name,
    /// No types of events.
    #[error("events.items: it names no event type")]
    NoEventTypes,
    /// Too many.
    #[error("events.items: it names {0} event types, and a hook has at most {MOST_EVENT_TYPES}")]
    TooManyEventTypes(usize),
    /// A type that no hook is told of.
    #[error("events.items: {0} is no event type that this org delivers to event hooks")]
    NotEligible(String),
    /// The channel.
    #[error("channel.config: {0}")]
    Channel(#[from] ChannelError),
}

impl HookStatus {
    /// Returns the word of the API.
    pub fn name(self) -> &'static str {
        match self {
            HookStatus::Active => "ACTIVE",
            HookStatus::Inactive => "INACTIVE",
        }
    }
}

impl VerificationStatus {
    /// Returns the word of the API.
    pub fn name(self) -> &'static str {
        match self {
            VerificationStatus::Unverified => "UNVERIFIED",
            VerificationStatus::Verified => "VERIFIED",
        }
    }
}

impl Subscription {
    /// Checks it and returns everything that is wrong.
    pub fn check(&self) -> Vec<HookError> {
        let mut wrong = Vec::new();
        if self.name.trim().is_empty() {
            wrong.push(HookError::Name);
        }
        match self.event_types.len() {
            0 => wrong.push(HookError::NoEventTypes),
            1..=MOST_EVENT_TYPES => {}
            many => wrong.push(HookError::TooManyEventTypes(many)),
        }
        let strangers = self.event_types.iter().filter(|name| !is_eligible(name)).take(MOST_TOLD);
        wrong.extend(strangers.map(|name| HookError::NotEligible(name.chars().take(200).collect())));
        wrong.extend(self.channel.check().err().map(HookError::Channel));
        wrong
    }
}

impl EventHook {
    /// Returns a hook as it comes into being: active, and not verified.
    pub fn new(id: impl Into<String>, subscription: Subscription, now: u64) -> EventHook {
        EventHook {
            id: id.into(),
            subscription,
            status: HookStatus::Active,
            verification: VerificationStatus::Unverified,
            created: now,
            last_updated: now,
        }
    }

    /// Replaces what the administrator set up. Another channel has to be verified again.
    pub fn replace(&mut self, subscription: Subscription, now: u64) {
        if subscription.channel != self.subscription.channel {
            self.verification = VerificationStatus::Unverified;
        }
        self.subscription = subscription;
        self.last_updated = now;
    }

    /// Returns whether anything is delivered to it.
    pub fn is_live(&self) -> bool {
        self.status == HookStatus::Active && self.verification == VerificationStatus::Verified
    }

    /// Returns whether it is told of a type of event.
    pub fn wants(&self, event_type: &str) -> bool {
        is_eligible(event_type) && self.subscription.event_types.iter().any(|wanted| wanted == event_type)
    }
}

/// How many strange event types are told at once.
const MOST_TOLD: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(event_types: &[&str]) -> Subscription {
        let channel = Channel { uri: "https://a.example/hook".to_owned(), headers: Vec::new(), auth: None };
        let event_types = event_types.iter().map(|name| (*name).to_owned()).collect();
        Subscription { name: "Offboarding".to_owned(), description: None, event_types, channel }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        assert_eq!(subscription(&["user.lifecycle.deactivate"]).check(), []);
        let mut wrong = subscription(&["application.provision.user.deactivate", "user.lifecycle.create"]);
        wrong.name = " ".to_owned();
        wrong.channel.uri = "gopher://x".to_owned();
        let told: Vec<String> = wrong.check().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[1].contains("application.provision.user.deactivate"), "{told:?}");
        assert_eq!(subscription(&[]).check(), [HookError::NoEventTypes]);
        let many = vec!["user.lifecycle.create"; MOST_EVENT_TYPES + 1];
        assert_eq!(subscription(&many).check(), [HookError::TooManyEventTypes(301)]);
    }

    #[test]
    fn another_channel_has_to_be_verified_again_and_another_name_has_not() {
        let mut hook = EventHook::new("who1", subscription(&["user.lifecycle.create"]), 0);
        assert!(!hook.is_live());
        hook.verification = VerificationStatus::Verified;
        hook.replace(Subscription { name: "Other".to_owned(), ..hook.subscription.clone() }, 5);
        assert!(hook.is_live() && hook.last_updated == 5);
        let mut moved = hook.subscription.clone();
        moved.channel.uri = "https://b.example".to_owned();
        hook.replace(moved, 6);
        assert!(!hook.is_live());
    }

    #[test]
    fn a_hook_is_told_of_what_it_asked_for() {
        let hook = EventHook::new("who1", subscription(&["user.lifecycle.create"]), 0);
        assert!(hook.wants("user.lifecycle.create") && !hook.wants("user.lifecycle.activate"));
    }
}
