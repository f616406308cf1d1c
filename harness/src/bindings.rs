//! What the holes in a case's templates are filled with.

use crate::names::Seed;
use mock_okta::AppUser;
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

    /// Makes known who the app's user is, and the server's id for them once there is one.
    pub(crate) fn bind_user(&mut self, user: &AppUser) {
        self.bind("okta.id", user.okta_id.clone());
        self.bind("user.userName", user.profile.login.clone());
        self.bind("user.password", user.password.clone());
        if let Some(id) = &user.remote_id {
            self.bind("id", id.clone());
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
