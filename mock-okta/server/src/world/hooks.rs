//! What receivers of event hooks say, as far as the org depends on it: like answers of service providers it is an input,
//! so that a snapshot can be brought back without asking anybody.

use mock_okta::org::{Actor, EventType, LogOutcome, Target, TargetKind};

use super::{Input, World};

impl World {
    /// Notes what a receiver made of the challenge.
    pub(crate) fn hook_answered(&mut self, id: &str, verdict: Result<(), String>) {
        self.tick();
        let failure = verdict.as_ref().err().cloned();
        self.history.note(self.org.now(), Input::HookAnswered { hook: id.to_owned(), failure });
        if let Some(card) = self.hooks.cards.get_mut(id) {
            card.verdict = Some(verdict);
        }
    }

    /// Notes that a delivery was given up.
    pub(crate) fn hook_failed(&mut self, id: &str, reason: &str) {
        self.tick();
        let input = Input::HookFailed { hook: id.to_owned(), reason: reason.to_owned() };
        self.history.note(self.org.now(), input);
        self.log_hook(Actor::System, EventType::HookDelivery, id, LogOutcome::Failure(reason.to_owned()));
    }

    /// Writes down in the System Log what happened to a hook.
    pub(crate) fn log_hook(&mut self, actor: Actor, event_type: EventType, id: &str, outcome: LogOutcome) {
        let name = self.hooks.cards.get(id).map(|card| card.hook.subscription.name.clone());
        let target = Target {
            kind: TargetKind::EventHook,
            id: id.to_owned(),
            alternate_id: String::new(),
            display_name: name.unwrap_or_default(),
        };
        self.org.record(actor, event_type, vec![target], outcome);
        if actor == Actor::Administrator {
            self.traces.came(self.org.acts(), self.acts.len());
        }
        self.follow();
    }
}
