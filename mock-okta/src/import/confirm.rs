//! The Import tab: imported users who wait until somebody, or a rule, confirms to whom they belong.

use std::collections::{BTreeMap, HashSet};

use super::matching::{Match, People};
use super::user::RemoteUser;

/// "Confirm matched users" and "Confirm new users": what needs no administrator. All off, as in Okta.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AutoConfirm {
    /// Exact matches.
    pub exact: bool,
    /// Partial matches with one person.
    pub partial: bool,
    /// Users who match nobody: a person is made out of each.
    pub unmatched: bool,
}

/// A user who waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Who it is.
    pub user: RemoteUser,
    /// Whom they match.
    pub matching: Match,
}

/// What an administrator chooses for a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// They are this person, by Okta user id.
    Person(String),
    /// They become a person in Okta.
    NewPerson,
    /// They are left out.
    Ignore,
}

/// What a confirmation leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Confirmed {
    /// The app is assigned to this person, linked to this user.
    Linked {
        /// The Okta user id.
        okta_id: String,
        /// The user.
        user: RemoteUser,
    },
    /// A person is made out of the user, and the app assigned to them.
    Created {
        /// The user.
        user: RemoteUser,
    },
    /// The user is left out.
    Ignored {
        /// The user.
        user: RemoteUser,
    },
}

/// Why a choice cannot be confirmed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmError {
    /// No candidate has this id.
    #[error("no imported user with the id `{0}` waits for confirmation")]
    Unknown(String),
    /// The person is somebody else's already, or the user name is taken. The words are Okta's
    /// (<https://support.okta.com/help/s/article/this-choice-creates-a-conflict-error-for-users-on-the-application-import-tab>).
    #[error("This choice creates a conflict.")]
    Conflict,
}

/// The users who wait, sorted by id; as large as there are users waiting.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    people: People,
    auto: AutoConfirm,
    waiting: BTreeMap<String, Candidate>,
    /// People who hold the app, and user names of people made by confirmations.
    taken: HashSet<String>,
    created: HashSet<String>,
}

impl Candidates {
    /// Returns an empty tab. `assigned` are the Okta ids of the people who have the app already: an app is
    /// assigned to a person once.
    pub fn new(people: People, auto: AutoConfirm, assigned: impl IntoIterator<Item = String>) -> Candidates {
        Candidates { people, auto, taken: assigned.into_iter().collect(), ..Candidates::default() }
    }

    /// Takes in a user whom an import found [new](super::Verdict::New), and confirms them if a rule does.
    ///
    /// One who waits already is replaced, and matched again as on a manual import
    /// (<https://support.okta.com/help/s/article/difference-between-scheduled-import-vs-manual-import-and-the-impact-for-auto-confirm-exact-match-functionality>).
    pub fn offer(&mut self, user: RemoteUser) -> Option<Confirmed> {
        let matching = self.people.matching(&user);
        let id = user.id.clone();
        let automatic = match &matching {
            Match::Exact(_) => self.auto.exact,
            Match::Partial(people) => self.auto.partial && people.len() == 1,
            Match::Nobody => self.auto.unmatched,
            Match::Ambiguous(_) => false,
        };
        let choice = suggestion(&matching);
        self.waiting.insert(id.clone(), Candidate { user, matching });
        choice.filter(|_| automatic).and_then(|choice| self.confirm(&id, choice).ok())
    }

    /// Returns who waits.
    pub fn waiting(&self) -> impl Iterator<Item = &Candidate> {
        self.waiting.values()
    }

    /// Confirms a choice; a candidate whose choice creates a conflict goes on waiting.
    pub fn confirm(&mut self, remote_id: &str, choice: Choice) -> Result<Confirmed, ConfirmError> {
        let Some(candidate) = self.waiting.get(remote_id) else {
            return Err(ConfirmError::Unknown(remote_id.to_owned()));
        };
        let name = candidate.user.user_name.clone();
        let free = match &choice {
            Choice::Person(okta_id) => self.taken.insert(okta_id.clone()),
            Choice::NewPerson => !self.people.has_login(&name) && self.created.insert(name.to_lowercase()),
            Choice::Ignore => true,
        };
        if !free {
            return Err(ConfirmError::Conflict);
        }
        let Candidate { user, .. } = self.waiting.remove(remote_id).expect("it was there a moment ago");
        Ok(match choice {
            Choice::Person(okta_id) => Confirmed::Linked { okta_id, user },
            Choice::NewPerson => Confirmed::Created { user },
            Choice::Ignore => Confirmed::Ignored { user },
        })
    }

    /// Confirms every candidate who matches exactly one person, exactly or partially; conflicts go on
    /// waiting.
    pub fn confirm_matches(&mut self) -> Vec<Confirmed> {
        self.confirm_suggested(|choice| matches!(choice, Choice::Person(_)))
    }

    /// Confirms everybody whose choice is clear: the matches, and those who match nobody as people of
    /// their own.
    pub fn confirm_everybody(&mut self) -> Vec<Confirmed> {
        self.confirm_suggested(|_| true)
    }

    fn confirm_suggested(&mut self, wanted: fn(&Choice) -> bool) -> Vec<Confirmed> {
        let suggested: Vec<(String, Choice)> = self
            .waiting
            .iter()
            .filter_map(|(id, candidate)| Some((id.clone(), suggestion(&candidate.matching).filter(wanted)?)))
            .collect();
        suggested.into_iter().filter_map(|(id, choice)| self.confirm(&id, choice).ok()).collect()
    }
}

fn suggestion(matching: &Match) -> Option<Choice> {
    match matching {
        Match::Exact(person) => Some(Choice::Person(person.clone())),
        Match::Partial(people) => match &people[..] {
            [person] => Some(Choice::Person(person.clone())),
            _ => None,
        },
        Match::Ambiguous(_) => None,
        Match::Nobody => Some(Choice::NewPerson),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::super::matching::{MatchRules, Person};
    use super::*;
    use crate::import::Activity;

    fn user(id: &str, user_name: &str, given: &str) -> RemoteUser {
        RemoteUser {
            id: id.to_owned(),
            user_name: user_name.to_owned(),
            given_name: given.to_owned(),
            family_name: "Byron".to_owned(),
            email: user_name.to_owned(),
            activity: Activity::Active,
            resource: Map::new(),
        }
    }

    fn tab(auto: AutoConfirm) -> Candidates {
        let ada = Person {
            okta_id: "00uA".to_owned(),
            login: "ada@example.test".to_owned(),
            email: "ada@example.test".to_owned(),
            first_name: "Ada".to_owned(),
            last_name: "Byron".to_owned(),
        };
        Candidates::new(People::new([ada], MatchRules::default()), auto, [])
    }

    fn linked(okta_id: &str, user: RemoteUser) -> Confirmed {
        Confirmed::Linked { okta_id: okta_id.to_owned(), user }
    }

    #[test]
    fn nobody_is_confirmed_without_somebody_doing_it() {
        let mut tab = tab(AutoConfirm::default());
        for user in [user("1", "ada@example.test", "Ada"), user("2", "x", "Ada"), user("3", "y", "Bob")] {
            assert_eq!(tab.offer(user), None);
        }
        assert_eq!(tab.waiting().count(), 3);
        // The partial match is with the same person, which is taken by then.
        assert_eq!(tab.confirm_matches(), [linked("00uA", user("1", "ada@example.test", "Ada"))]);
        assert_eq!(tab.confirm_everybody(), [Confirmed::Created { user: user("3", "y", "Bob") }]);
        assert_eq!(tab.waiting().map(|candidate| candidate.user.id.as_str()).collect::<Vec<_>>(), ["2"]);
    }

    #[test]
    fn rules_confirm_what_they_are_for() {
        let ada = user("1", "ada@example.test", "Ada");
        let by_name = user("2", "x", "Ada");
        let bob = user("3", "y", "Bob");
        let off = AutoConfirm::default();
        let confirmed = |auto, user: &RemoteUser| tab(auto).offer(user.clone());
        let exact = AutoConfirm { exact: true, ..off };
        assert_eq!(confirmed(exact, &ada), Some(linked("00uA", ada.clone())));
        assert_eq!((confirmed(exact, &by_name), confirmed(exact, &bob)), (None, None));
        assert_eq!(confirmed(AutoConfirm { partial: true, ..off }, &by_name), Some(linked("00uA", by_name)));
        assert_eq!(confirmed(AutoConfirm { unmatched: true, ..off }, &bob), Some(Confirmed::Created { user: bob }));
    }

    #[test]
    fn a_person_is_linked_once_and_a_user_name_given_once() {
        let mut tab = tab(AutoConfirm::default());
        for user in [user("1", "ada@example.test", "Ada"), user("2", "y", "Bob"), user("3", "Y", "Bob")] {
            tab.offer(user);
        }
        assert_eq!(tab.confirm("1", Choice::NewPerson), Err(ConfirmError::Conflict));
        assert!(tab.confirm("2", Choice::NewPerson).is_ok());
        assert_eq!(tab.confirm("3", Choice::NewPerson), Err(ConfirmError::Conflict));
        assert!(tab.confirm("3", Choice::Ignore).is_ok());
        assert_eq!(tab.confirm("3", Choice::Ignore), Err(ConfirmError::Unknown("3".to_owned())));
        assert!(tab.confirm("1", Choice::Person("00uA".to_owned())).is_ok());
    }
}
