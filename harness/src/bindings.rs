//! What the holes in a case's templates are filled with.

use crate::names::Seed;
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
