//! What the holes in a case's templates are filled with.

use crate::names::Seed;
use jiff::{SignedDuration, Timestamp};
use mock_okta::Profile;
use scim_suite::plan::CastPerson;
use std::collections::HashMap;

/// The values known to one trial, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bindings(HashMap<String, String>);

impl Bindings {
    /// Returns what every trial knows from its start: `run`, `run.upper`, `base`.
    pub(crate) fn new(seed: Seed, trial: &str, base: &str) -> Bindings {
        let run = seed.trial_prefix(trial);
        let mut bindings = Bindings::default();
        bindings.bind("run.upper", run.to_uppercase());
        bindings.bind("run", run);
        bindings.bind("base", base.to_owned());
        bindings
    }

    /// Makes a value known, in place of an earlier one of that name.
    pub(crate) fn bind(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// Makes a value of `each` known; in a target it stands as it is, but for what its own holes were filled with.
    pub(crate) fn bind_each(&mut self, value: &str, in_target: String) {
        self.bind("each", value.to_owned());
        self.bind("each.encoded", crate::client::encode(value));
        self.bind(Self::EACH_IN_TARGET, in_target);
    }

    /// Returns the value of this name as it stands in a request target.
    ///
    /// What a hole is filled with is percent-encoded there, but a value of `each` is encoded by the suite.
    pub(crate) fn get_in_target(&self, name: &str) -> Option<String> {
        match name {
            "each" => self.get(Self::EACH_IN_TARGET),
            "each.encoded" => self.get(name),
            name => self.get_encoded(name),
        }
    }

    /// No word of templates has a blank.
    const EACH_IN_TARGET: &str = "each in target";

    /// Makes known what cases about event hooks begin with: where the receiver is, ids nobody used before, and the time.
    pub(crate) fn bind_receiver(&mut self, seed: Seed, trial: &str, rest: &str, now: Timestamp) {
        let uuid = |what: &str| {
            let [high, low] = ["high", "low"].map(|half| seed.derive(&format!("{trial}/{what}/{half}")));
            // RFC 9562 §5.4: version 4, variant 10.
            let (high, low) = (high & !0xf000 | 0x4000, low & !(0b11 << 62) | 0b10 << 62);
            let (digits, rest) = (format!("{high:016x}"), format!("{low:016x}"));
            format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..], &rest[..4], &rest[4..])
        };
        let moment = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        let event = uuid("event");
        self.bind("receiver", rest.to_owned());
        self.bind("uuid", uuid("request"));
        self.bind("event.uuid", event[..event.len() - 4].to_owned());
        self.bind("n", "0000".to_owned());
        self.bind("now", moment(now));
        self.bind("earlier", moment(now.saturating_sub(SignedDuration::from_mins(1)).unwrap_or(now)));
    }

    /// Makes known what a person of the case is called, and the server's id for them once there is one.
    ///
    /// The person the case is about is known without their name, too.
    pub(crate) fn bind_person(&mut self, name: &str, okta_id: &str, profile: &Profile, remote_id: Option<&str>) {
        self.bind(&format!("{name}.userName"), profile.login.clone());
        if let Some(id) = remote_id {
            self.bind(&format!("{name}.id"), id.to_owned());
        }
        if name == CastPerson::USER {
            self.bind("okta.id", okta_id.to_owned());
            for key in Profile::KEYS {
                self.bind(&format!("user.{key}"), profile.value(key).unwrap_or_default().to_owned());
            }
            if let Some(id) = remote_id {
                self.bind("id", id.to_owned());
            }
        }
    }

    /// Makes known what a group of the case is called, and the server's id for it once there is one.
    pub(crate) fn bind_group(&mut self, name: &str, display_name: &str, remote_id: Option<&str>) {
        self.bind(&format!("{name}.name"), display_name.to_owned());
        if let Some(id) = remote_id {
            self.bind(&format!("{name}.id"), id.to_owned());
        }
    }

    /// Returns a text with every `{{name}}` that has a value replaced by it.
    pub(crate) fn fill_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
    }

    /// Returns the value of this name.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// Returns the value of this name, percent-encoded for a request target.
    pub(crate) fn get_encoded(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| crate::client::encode(&value))
    }
}
