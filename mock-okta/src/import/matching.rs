//! Whom an imported user belongs to, by Okta's rules. What is done about it is decided elsewhere.

use std::collections::HashMap;

use super::user::RemoteUser;

/// A person in the Okta org, as far as matching goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The Okta user id.
    pub okta_id: String,
    /// The Okta user name.
    pub login: String,
    /// The address.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
}

/// "User Creation & Matching": what makes a match
/// (<https://help.okta.com/en/prod/Content/Topics/users-groups-profiles/usgp-edit-app-provisioning.htm>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchRules {
    /// "Okta username format matches": `userName` and the Okta user name; an exact match. On.
    pub user_name: bool,
    /// "Email matches": an exact match. On.
    pub email: bool,
    /// "Allow partial matches": first and last name, where neither user name nor address fits. On.
    pub partial: bool,
    /// Whether capital letters do not matter. Off: the page on matching says that they do
    /// (<https://help.okta.com/en/prod/Content/Topics/Directory/eu-matching-imported-users.htm>), although
    /// SCIM user names are not case-exact (RFC 7643 §4.1.1).
    pub ignore_case: bool,
}

impl Default for MatchRules {
    fn default() -> MatchRules {
        MatchRules { user_name: true, email: true, partial: true, ignore_case: false }
    }
}

/// Whom an imported user belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// To this person, by user name or address.
    Exact(String),
    /// Maybe to one of these, by name.
    Partial(Vec<String>),
    /// To several people by exact rules; which of them Okta proposes is not documented.
    Ambiguous(Vec<String>),
    /// To nobody.
    Nobody,
}

/// The people of the org, to be found by what is matched.
#[derive(Debug, Clone, Default)]
pub struct People {
    rules: MatchRules,
    logins: HashMap<String, Vec<String>>,
    emails: HashMap<String, Vec<String>>,
    names: HashMap<(String, String), Vec<String>>,
}

impl People {
    /// Returns the people, under these rules.
    pub fn new(people: impl IntoIterator<Item = Person>, rules: MatchRules) -> People {
        let mut index = People { rules, ..People::default() };
        people.into_iter().for_each(|person| index.add(person));
        index
    }

    /// Adds a person.
    pub fn add(&mut self, person: Person) {
        let Person { okta_id, login, email, first_name, last_name } = person;
        let name = (self.key(&first_name), self.key(&last_name));
        self.logins.entry(self.key(&login)).or_default().push(okta_id.clone());
        self.emails.entry(self.key(&email)).or_default().push(okta_id.clone());
        self.names.entry(name).or_default().push(okta_id);
    }

    /// Returns whom a user belongs to.
    pub fn matching(&self, user: &RemoteUser) -> Match {
        let mut exact: Vec<String> = Vec::new();
        for (on, index, text) in
            [(self.rules.user_name, &self.logins, &user.user_name), (self.rules.email, &self.emails, &user.email)]
        {
            if on && !text.is_empty() {
                exact.extend(index.get(&self.key(text)).into_iter().flatten().cloned());
            }
        }
        exact.sort_unstable();
        exact.dedup();
        match exact.len() {
            0 => self.partial(user),
            1 => Match::Exact(exact.remove(0)),
            _ => Match::Ambiguous(exact),
        }
    }

    /// Tells whether a person made out of this user would have the user name of somebody else.
    pub fn has_login(&self, user_name: &str) -> bool {
        self.logins.contains_key(&self.key(user_name))
    }

    fn partial(&self, user: &RemoteUser) -> Match {
        let name = (self.key(&user.given_name), self.key(&user.family_name));
        let nameless = user.given_name.is_empty() || user.family_name.is_empty();
        match self.names.get(&name) {
            Some(people) if self.rules.partial && !nameless => Match::Partial(people.clone()),
            _ => Match::Nobody,
        }
    }

    fn key(&self, text: &str) -> String {
        if self.rules.ignore_case { text.to_lowercase() } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::import::Activity;

    fn person(okta_id: &str, login: &str, email: &str, first: &str, last: &str) -> Person {
        let [okta_id, login, email, first_name, last_name] = [okta_id, login, email, first, last].map(str::to_owned);
        Person { okta_id, login, email, first_name, last_name }
    }

    fn user(user_name: &str, email: &str, given: &str, family: &str) -> RemoteUser {
        let [user_name, email, given_name, family_name] = [user_name, email, given, family].map(str::to_owned);
        let activity = Activity::Active;
        RemoteUser { id: "7".to_owned(), user_name, given_name, family_name, email, activity, resource: Map::new() }
    }

    fn people(rules: MatchRules) -> People {
        let ada = person("00uA", "ada@example.test", "ada@work.test", "Ada", "Byron");
        let twin = person("00uB", "twin@example.test", "", "Ada", "Byron");
        People::new([ada, twin], rules)
    }

    #[test]
    fn user_name_or_address_make_an_exact_match() {
        let people = people(MatchRules::default());
        for user in [user("ada@example.test", "", "", ""), user("x", "ada@work.test", "", "")] {
            assert_eq!(people.matching(&user), Match::Exact("00uA".to_owned()));
        }
        let torn = people.matching(&user("twin@example.test", "ada@work.test", "", ""));
        assert_eq!(torn, Match::Ambiguous(vec!["00uA".to_owned(), "00uB".to_owned()]));
    }

    #[test]
    fn both_names_make_a_partial_match() {
        let people = people(MatchRules::default());
        let both = Match::Partial(vec!["00uA".to_owned(), "00uB".to_owned()]);
        assert_eq!(people.matching(&user("x", "y", "Ada", "Byron")), both);
        assert_eq!(people.matching(&user("x", "y", "Ada", "King")), Match::Nobody);
        assert_eq!(people.matching(&user("x", "", "", "")), Match::Nobody);
    }

    #[test]
    fn the_rules_can_be_changed() {
        let ada = user("ADA@example.test", "x", "Ada", "Byron");
        let strict = MatchRules { partial: false, ..MatchRules::default() };
        assert_eq!(people(strict).matching(&ada), Match::Nobody);
        let loose = MatchRules { ignore_case: true, ..strict };
        assert_eq!(people(loose).matching(&ada), Match::Exact("00uA".to_owned()));
        assert_eq!(people(MatchRules { user_name: false, ..loose }).matching(&ada), Match::Nobody);
    }
}
