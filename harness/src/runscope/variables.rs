//! What the holes of a suite file are filled with: what was given, what the file says, and what Okta's initial scripts
//! would have made, made anew from the seed.

use super::builtin::{DIGITS, Dice, LOWER, UPPER};
use crate::names::Seed;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};

/// A variable as somebody gave it.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// Its name.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: String,
}

/// The values of one run.
#[derive(Debug)]
pub(crate) struct Variables {
    values: HashMap<String, String>,
    /// Names that are a base URL or credentials by custom, answered with the run's own.
    base: Option<String>,
    authorization: Option<String>,
    /// Whether somebody has asked for the run's own credentials.
    is_shown: Cell<bool>,
    /// Names whose extraction failed, with the number of the step.
    lost: HashMap<String, usize>,
    dice: Dice,
}

impl Variables {
    /// Returns the variables that Okta's initial scripts set, for a suite file of this name.
    ///
    /// The names are Okta's. The people are ours: they live under example.com and carry the run's mark, in letters of
    /// both cases, because the test asks whether the server keeps them.
    pub(crate) fn new(seed: Seed, stem: &str) -> Variables {
        let mut dice = Dice::new(Seed(seed.derive(stem)));
        let given = format!("Ada{}", dice.letters(DIGITS, 3));
        let family = dice.letters(UPPER, 1) + &dice.letters(LOWER, 8) + &dice.letters(DIGITS, 3);
        let prefix = seed.trial_prefix(stem);
        let email = format!("{prefix}.{given}.{family}@example.com");
        let values = [
            ("randomGivenName", given.clone()),
            ("randomFamilyName", family.clone()),
            ("randomEmail", email.clone()),
            ("randomUsername", email.clone()),
            ("InvalidUserEmail", format!("{prefix}.nobody@example.com")),
            ("UserIdThatDoesNotExist", dice.letters("01", 30)),
            ("randomGroupName", format!("{prefix}.Group{}", dice.letters(DIGITS, 3))),
            ("okta_user_email", email),
            ("okta_user_firstname", given),
            ("okta_user_firstname_update", format!("Augusta{}", dice.letters(DIGITS, 3))),
            ("okta_user_lastname", family),
            ("okta_user_title", "Engineer".to_owned()),
            ("okta_user_primaryphone", "415.555.0123".to_owned()),
        ];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let (base, authorization, is_shown) = (None, None, Cell::default());
        Variables { values, base, authorization, is_shown, lost: HashMap::new(), dice }
    }

    /// Adds the base URL and the value of the Authorization header, for the names that mean them.
    pub(crate) fn at(mut self, base: &str, authorization: Option<String>) -> Variables {
        self.base = Some(base.to_owned());
        self.authorization = authorization;
        self
    }

    /// Completes what depends on other variables. Comes after everything that is given.
    pub(crate) fn complete(&mut self) {
        if !self.values.contains_key(CAPITALS)
            && let Some(user_name) = self.values.get("randomUsername")
        {
            self.values.insert(CAPITALS.to_owned(), user_name.to_uppercase());
        }
    }

    /// Sets a variable, in place of an earlier value.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.lost.remove(name);
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// Forgets a variable that a step should have set.
    pub(crate) fn lose(&mut self, name: &str, step: usize) {
        self.values.remove(name);
        self.lost.insert(name.to_owned(), step);
    }

    /// Takes out the variable whose name means this.
    pub(crate) fn take(&mut self, means: fn(&str) -> bool) -> Option<String> {
        let name = self.values.keys().find(|name| means(name)).cloned()?;
        self.values.remove(&name)
    }

    /// Returns the values that must never be shown.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.values.iter().filter(|(name, _)| sounds_secret(name)).map(|(_, value)| value.clone()).collect()
    }

    /// Returns the number of the step that should have set a variable.
    pub(crate) fn lost_in(&self, name: &str) -> Option<usize> {
        self.lost.get(name).copied()
    }

    /// Returns a value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let by_custom = || {
            if is_base_url(name) {
                self.base.as_deref()
            } else if is_credentials(name) {
                self.is_shown.set(self.is_shown.get() || self.authorization.is_some());
                self.authorization.as_deref()
            } else {
                None
            }
        };
        self.values.get(name).map(String::as_str).or_else(by_custom)
    }

    /// Tells whether the run's own credentials were given out since this was asked last.
    pub(crate) fn have_shown_credentials(&self) -> bool {
        self.is_shown.take()
    }

    /// Tells whether the run's own credentials are what a name means.
    pub(crate) fn means_credentials(&self, name: &str) -> bool {
        is_credentials(name) && !self.values.contains_key(name)
    }

    /// Returns which of the names nobody gives a value, in order and once each.
    pub(crate) fn missing<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
        let mut seen = HashSet::new();
        names
            .filter(|name| self.get(name).is_none() && !is_credentials(name))
            .filter(|name| seen.insert(*name))
            .collect()
    }

    /// Returns what random values come from.
    pub(crate) fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }
}

const CAPITALS: &str = "randomUsernameCaps";

/// Tells whether a variable of this name is the SCIM base URL by custom.
pub(crate) fn is_base_url(name: &str) -> bool {
    ["SCIMBaseURL", "SCIMUrl"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Tells whether a variable of this name is the value of the Authorization header by custom.
pub(crate) fn is_credentials(name: &str) -> bool {
    ["auth", "SCIMAuth", "authorization"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Tells whether a variable of this name holds a secret, so that it must not be typed.
pub(crate) fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "token", "secret", "password", "credential", "apikey", "api_key"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_makes_the_same_people_under_example_com_with_the_marks_of_the_run() {
        let email = |seed| Variables::new(seed, "spec").get("randomEmail").map(str::to_owned).unwrap();
        assert_eq!(email(Seed(7)), email(Seed(7)));
        assert_ne!(email(Seed(7)), email(Seed(8)));
        assert!(email(Seed(7)).starts_with(&Seed(7).run_id()) && email(Seed(7)).ends_with("@example.com"));
    }

    #[test]
    fn capitals_follow_the_user_name_that_was_given() {
        let mut variables = Variables::new(Seed(7), "spec");
        variables.set("randomUsername", "mine@example.com");
        variables.complete();
        assert_eq!(variables.get("randomUsernameCaps"), Some("MINE@EXAMPLE.COM"));
    }

    #[test]
    fn the_usual_names_mean_the_base_url_and_the_credentials() {
        let mut variables = Variables::new(Seed(7), "spec").at("https://h/scim", Some("Bearer t".to_owned()));
        assert_eq!(variables.get("SCIMBaseUrl"), Some("https://h/scim"));
        assert_eq!(variables.get("SCIMAuth"), Some("Bearer t"));
        assert!(variables.means_credentials("auth"));
        variables.set("auth", "other");
        assert!(!variables.means_credentials("auth"));
        assert_eq!(variables.missing(["auth", "x", "id", "x"].into_iter()), ["x", "id"]);
    }

    #[test]
    fn names_that_sound_secret_are_known() {
        for name in ["oktaToken", "SCIMAuth", "client_secret"] {
            assert!(sounds_secret(name), "{name}");
        }
        assert!(!sounds_secret("oktaAppId"));
    }
}
