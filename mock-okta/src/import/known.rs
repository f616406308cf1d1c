//! What Okta remembers of an app's users and groups between two imports: ids and small numbers.

use std::collections::BTreeMap;

use scim_lang::path::AttrPath;

use super::fingerprint;
use super::group::RemoteGroup;
use super::settings::WhenDeactivated;
use super::user::{Activity, RemoteUser};
use crate::{AppUser, AppUserStatus};

/// The users and groups of one app that Okta is linked to.
///
/// Of every entry it holds the id, one number for each compared attribute, and its place in the list.
#[derive(Debug, Clone)]
pub struct Known {
    attributes: Vec<AttrPath>,
    users: BTreeMap<Box<str>, Entry>,
    groups: BTreeMap<Box<str>, Entry>,
}

/// A user who is linked and should not be any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal<'a> {
    /// The service provider's id.
    pub remote_id: &'a str,
    /// Why.
    pub cause: Cause,
    /// What happens to the person in Okta beyond losing the assignment; `None` unless the app is a
    /// profile source.
    pub person: Option<WhenDeactivated>,
}

/// Why a known entry counts as removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It is not in the list. Understanding SCIM: a full import takes it for deleted.
    Vanished,
    /// It is in the list and inactive, while Okta has it as active.
    ///
    /// The safeguard's page counts deactivated users among the unassignments whatever happens to the
    /// people in Okta, which is why they count as removed here (inferred).
    Inactive,
}

#[derive(Debug, Clone, Default)]
struct Entry {
    /// What the import before left, or a push; nothing for what this import brought first.
    baseline: Option<State>,
    sighting: Option<State>,
}

#[derive(Debug, Clone)]
struct State {
    /// One number for each compared attribute, 0 for an unassigned one.
    numbers: Box<[u64]>,
    active: bool,
    /// The place in the list, from 1, if it was read there.
    place: Option<u64>,
    /// Whether it is what Okta pushed, and not what it read.
    pushed: bool,
}

/// How a sighting compares with what was known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Unknown,
    Deactivated,
    Reactivated,
    Same,
    Changed(Vec<String>),
}

impl Default for Known {
    /// Compares what the base template of a SCIM app maps.
    fn default() -> Known {
        let paths = ["userName", "name.givenName", "name.familyName", "emails", "displayName", "locale"];
        Known::comparing(paths.map(|path| AttrPath::parse(path).expect("well-formed paths")))
    }
}

impl Known {
    /// Returns an empty memory that compares these attributes of users.
    ///
    /// Okta counts a user as updated when what it *maps* has changed: what its app profile has no
    /// attribute for, it cannot notice.
    pub fn comparing(attributes: impl IntoIterator<Item = AttrPath>) -> Known {
        Known { attributes: attributes.into_iter().collect(), users: BTreeMap::new(), groups: BTreeMap::new() }
    }

    /// Remembers a user as Okta pushed them; `value` is the text of an attribute in Okta.
    ///
    /// The service provider may keep less than it was given. So until the first import an attribute that
    /// is missing there is no change (a reading of ours: what Okta does is not documented).
    pub fn push(&mut self, remote_id: &str, active: bool, value: impl Fn(&AttrPath) -> Option<String>) {
        let numbers = self.attributes.iter().map(|path| number(value(path).as_deref())).collect();
        let baseline = Some(State { numbers, active, place: None, pushed: true });
        self.users.insert(remote_id.into(), Entry { baseline, sighting: None });
    }

    /// Remembers an app user with the attributes of the base template; one without a link is passed over.
    pub fn push_app_user(&mut self, user: &AppUser) {
        let Some(id) = user.remote_id.as_deref() else { return };
        let profile = &user.profile;
        let active = matches!(user.status, AppUserStatus::Provisioned | AppUserStatus::Suspended);
        self.push(id, active, |path| {
            let text = match path.to_string().as_str() {
                "userName" => &profile.login,
                "name.givenName" => &profile.first_name,
                "name.familyName" => &profile.last_name,
                "emails" | "emails.value" => &profile.email,
                "displayName" => &profile.display_name,
                "locale" => &profile.locale,
                _ => return None,
            };
            Some(text.clone())
        });
    }

    /// Remembers an imported user who was confirmed.
    pub fn confirm(&mut self, user: &RemoteUser) {
        let baseline = Some(self.state(user, true, None));
        self.users.insert(user.id.as_str().into(), Entry { baseline, sighting: None });
    }

    /// Forgets a user, whose assignment is gone.
    pub fn forget(&mut self, remote_id: &str) {
        self.users.remove(remote_id);
    }

    /// Tells whether Okta is linked to a user.
    pub fn has_user(&self, remote_id: &str) -> bool {
        self.users.contains_key(remote_id)
    }

    /// Tells whether Okta is linked to a group.
    pub fn has_group(&self, remote_id: &str) -> bool {
        self.groups.contains_key(remote_id)
    }

    /// Returns how many users Okta is linked to.
    pub fn users(&self) -> usize {
        self.users.len()
    }

    /// Returns how many groups Okta is linked to.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Returns how many users hold an assignment.
    pub(crate) fn assigned(&self) -> usize {
        self.users.values().filter(|entry| entry.was_active()).count()
    }

    pub(crate) fn see_user(&mut self, user: &RemoteUser, place: u64) -> Comparison {
        let Some(entry) = self.users.get(user.id.as_str()) else { return Comparison::Unknown };
        let was_active = entry.was_active();
        let active = match user.activity {
            Activity::Active => true,
            Activity::Inactive => false,
            Activity::Unsaid => was_active,
        };
        let state = self.state(user, active, Some(place));
        let changed = entry.changed(&state, &self.attributes);
        self.users.entry(user.id.as_str().into()).or_default().sighting = Some(state);
        match (was_active, active) {
            (true, false) => Comparison::Deactivated,
            (false, true) => Comparison::Reactivated,
            _ if changed.is_empty() => Comparison::Same,
            _ => Comparison::Changed(changed),
        }
    }

    /// Groups need no confirmation: one Okta does not know is remembered at once.
    pub(crate) fn see_group(&mut self, group: &RemoteGroup, place: u64) -> Comparison {
        let entry = self.groups.entry(group.id.as_str().into()).or_default();
        let state = State { numbers: group.fingerprint(), active: true, place: Some(place), pushed: false };
        let changed = entry.changed(&state, &super::group::COMPARED.map(AttrPath::new));
        let known = entry.baseline.is_some();
        entry.sighting = Some(state);
        match known {
            false => Comparison::Unknown,
            true if changed.is_empty() => Comparison::Same,
            true => Comparison::Changed(changed),
        }
    }

    /// Takes note that an entry is there though it cannot be used: it is neither changed nor gone.
    ///
    /// What Okta makes of a known user whose entry it cannot use is not documented; taking somebody's
    /// access away for it would be the harsher reading.
    pub(crate) fn keep_user(&mut self, id: &str) {
        keep(&mut self.users, id);
    }

    /// Takes the same note of a group.
    pub(crate) fn keep_group(&mut self, id: &str) {
        keep(&mut self.groups, id);
    }

    /// Returns the place of a user in the list before, if it is known.
    pub(crate) fn user_place(&self, id: &str) -> Option<u64> {
        place(&self.users, id)
    }

    /// Returns the place of a group in the list before, if it is known.
    pub(crate) fn group_place(&self, id: &str) -> Option<u64> {
        place(&self.groups, id)
    }

    /// Returns who is gone, once all pages were seen; the vanished only if `full`.
    pub(crate) fn removals(&self, full: bool, person: Option<WhenDeactivated>) -> impl Iterator<Item = Removal<'_>> {
        removed(&self.users, full).map(move |(remote_id, cause)| Removal { remote_id, cause, person })
    }

    /// Returns which groups are gone.
    pub(crate) fn removed_groups(&self, full: bool) -> impl Iterator<Item = &str> {
        removed(&self.groups, full).map(|(id, _)| id)
    }

    /// Returns how many of the removals take an assignment away.
    pub(crate) fn unassigned(&self, full: bool) -> usize {
        removed(&self.users, full).filter(|(id, _)| self.users.get(*id).is_some_and(Entry::was_active)).count()
    }

    /// Makes this import the one the next is compared with, for the lists that were read.
    pub(crate) fn settle(&mut self, users: bool, groups: bool, full: bool) {
        for (entries, read) in [(&mut self.users, users), (&mut self.groups, groups)] {
            if read {
                settle(entries, full);
            }
        }
    }

    /// Forgets this import.
    pub(crate) fn undo(&mut self) {
        for entries in [&mut self.users, &mut self.groups] {
            entries.retain(|_, entry| entry.baseline.is_some());
            entries.values_mut().for_each(|entry| entry.sighting = None);
        }
    }

    fn state(&self, user: &RemoteUser, active: bool, place: Option<u64>) -> State {
        let numbers = self.attributes.iter().map(|path| number(user.value(path).as_deref())).collect();
        State { numbers, active, place, pushed: false }
    }
}

impl Entry {
    fn was_active(&self) -> bool {
        self.baseline.as_ref().is_some_and(|state| state.active)
    }

    fn changed(&self, state: &State, attributes: &[AttrPath]) -> Vec<String> {
        let Some(before) = &self.baseline else { return Vec::new() };
        let before_is_pushed = before.pushed;
        let numbers = before.numbers.iter().zip(&state.numbers).zip(attributes);
        numbers
            .filter(|((before, seen), _)| before != seen && !(before_is_pushed && **seen == 0))
            .map(|(_, path)| path.to_string())
            .collect()
    }
}

fn number(text: Option<&str>) -> u64 {
    text.filter(|text| !text.is_empty()).map_or(0, fingerprint::of)
}

fn keep(entries: &mut BTreeMap<Box<str>, Entry>, id: &str) {
    if let Some(entry) = entries.get_mut(id) {
        entry.sighting = entry.baseline.clone();
    }
}

fn place(entries: &BTreeMap<Box<str>, Entry>, id: &str) -> Option<u64> {
    entries.get(id)?.baseline.as_ref()?.place
}

fn removed(entries: &BTreeMap<Box<str>, Entry>, full: bool) -> impl Iterator<Item = (&str, Cause)> {
    entries.iter().filter_map(move |(id, entry)| match &entry.sighting {
        None if full => Some((&**id, Cause::Vanished)),
        Some(seen) if entry.was_active() && !seen.active => Some((&**id, Cause::Inactive)),
        _ => None,
    })
}

fn settle(entries: &mut BTreeMap<Box<str>, Entry>, full: bool) {
    entries.retain(|_, entry| match &entry.sighting {
        None => !full,
        Some(seen) => seen.active || !entry.was_active(),
    });
    for entry in entries.values_mut() {
        entry.baseline = entry.sighting.take().or(entry.baseline.take());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Profile;

    fn user(given: &str, active: bool) -> RemoteUser {
        let entry = json!({
            "schemas": ["s"], "userName": "ada@example.test", "active": active,
            "name": { "givenName": given, "familyName": "Byron" }, "emails": [{ "value": "ada@example.test" }],
        });
        RemoteUser::read("7".to_owned(), entry).unwrap()
    }

    fn pushed() -> Known {
        let mut ada = AppUser::new("00u", Profile::new("ada@example.test", "Ada", "Byron"), "1mz050nq");
        ada.remote_id = Some("7".to_owned());
        ada.status = AppUserStatus::Provisioned;
        let mut known = Known::default();
        known.push_app_user(&ada);
        known
    }

    #[test]
    fn what_the_server_does_not_keep_is_no_change_after_a_push() {
        let mut known = pushed();
        assert_eq!(known.see_user(&user("Ada", true), 1), Comparison::Same);
        assert_eq!(known.see_user(&user("Augusta", true), 1), Comparison::Changed(vec!["name.givenName".to_owned()]));
    }

    #[test]
    fn a_settled_import_is_what_the_next_one_is_compared_with() {
        let mut known = pushed();
        known.see_user(&user("Augusta", true), 1);
        known.settle(true, true, true);
        assert_eq!(known.see_user(&user("Augusta", true), 1), Comparison::Same);
        known.undo();
        assert_eq!(known.see_user(&user("Ada", true), 1), Comparison::Changed(vec!["name.givenName".to_owned()]));
    }

    #[test]
    fn the_inactive_and_the_vanished_are_removed() {
        let mut known = pushed();
        let causes = |known: &Known| known.removals(true, None).map(|removal| removal.cause).collect::<Vec<_>>();
        assert_eq!(causes(&known), [Cause::Vanished]);
        assert_eq!(known.removals(false, None).count(), 0);
        assert_eq!(known.see_user(&user("Ada", false), 1), Comparison::Deactivated);
        assert_eq!(causes(&known), [Cause::Inactive]);
        known.settle(true, false, true);
        assert_eq!(known.users(), 0);
    }

    #[test]
    fn an_entry_that_cannot_be_used_is_not_gone() {
        let mut known = pushed();
        known.keep_user("7");
        known.keep_user("8");
        assert_eq!((known.removals(true, None).count(), known.users()), (0, 1));
    }

    #[test]
    fn whoever_okta_deactivated_itself_is_not_removed_for_being_inactive() {
        let mut known = Known::default();
        known.push("7", false, |_| None);
        assert!(matches!(known.see_user(&user("Ada", false), 1), Comparison::Changed(_)));
        assert_eq!(known.removals(true, None).count(), 0);
        assert_eq!(known.see_user(&user("Ada", true), 1), Comparison::Reactivated);
    }
}
