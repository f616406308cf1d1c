//! Events about people, groups and group rules. What they change in apps is reconciled elsewhere.

use indexmap::IndexMap;

use super::assignment::Change;
use super::event::Password;
use super::{
    Actor, Attributes, EventType, GroupRule, Job, LogOutcome, Org, OrgError, OrgGroup, Person, PersonStatus, Subject,
    Work,
};
use crate::Profile;

impl Org {
    pub(super) fn create_person(&mut self, key: &str, profile: Profile, activate: bool) -> Result<Vec<Job>, OrgError> {
        let id = self.person_id(key);
        if self.people.contains_key(&id) {
            return Err(OrgError::Exists(key.to_owned()));
        }
        self.expect_free_login(&profile.login, &id)?;
        let now = self.now;
        let status = PersonStatus::Staged;
        let person = Person { id: id.clone(), status, profile, created: now, status_changed: now, last_updated: now };
        self.people.insert(id.clone(), person);
        self.did(EventType::UserCreate, vec![self.person_target(&id)]);
        if activate {
            self.set_status(&id, PersonStatus::Active, EventType::UserActivate);
        }
        let memberships = self.follow_rules(&id);
        Ok(self.reconcile(&Change::of([id], "activated").with(memberships)))
    }

    /// Activates a person who is staged or deactivated.
    ///
    /// Okta help, "Activate and deactivate users": apps have to be assigned to a reactivated person
    /// again, which is what `restore` stands for. Assignments through groups need no such thing, because
    /// the memberships were kept; that they act again is inferred.
    pub(super) fn activate(&mut self, id: &str, restore: bool) -> Result<Vec<Job>, OrgError> {
        let person = self.expect_person(id)?;
        let event_type = match person.status {
            PersonStatus::Staged => EventType::UserActivate,
            PersonStatus::Deprovisioned => EventType::UserReactivate,
            _ => return Err(wrong_status("activate", person)),
        };
        self.set_status(id, PersonStatus::Active, event_type);
        for app in self.apps.values_mut() {
            if let Some(attributes) = app.former.shift_remove(id).filter(|_| restore) {
                app.people.insert(id.to_owned(), attributes);
            }
        }
        let memberships = self.follow_rules(id);
        Ok(self.reconcile(&Change::of([id], "activated").with(memberships)))
    }

    pub(super) fn deactivate(&mut self, id: &str) -> Result<Vec<Job>, OrgError> {
        let person = self.expect_person(id)?;
        if person.status == PersonStatus::Deprovisioned {
            return Err(wrong_status("deactivate", person));
        }
        self.set_status(id, PersonStatus::Deprovisioned, EventType::UserDeactivate);
        for app in self.apps.values_mut() {
            if let Some(attributes) = app.people.shift_remove(id) {
                app.former.insert(id.to_owned(), attributes);
            }
        }
        Ok(self.reconcile(&Change::of([id], "deactivated")))
    }

    pub(super) fn suspend(&mut self, id: &str) -> Result<Vec<Job>, OrgError> {
        let person = self.expect_person(id)?;
        if !person.status.gets_accounts() {
            return Err(wrong_status("suspend", person));
        }
        self.set_status(id, PersonStatus::Suspended, EventType::UserSuspend);
        Ok(Vec::new())
    }

    /// Ends a leave.
    ///
    /// Nothing is sent about accounts that exist. Somebody who came into an assigned group meanwhile gets
    /// the account at this point: Okta does not list suspended people among those to whom an app can be
    /// assigned (the article cited at [`PersonStatus::gets_accounts`]); the rest is inferred.
    pub(super) fn unsuspend(&mut self, id: &str) -> Result<Vec<Job>, OrgError> {
        let person = self.expect_person(id)?;
        if person.status != PersonStatus::Suspended {
            return Err(wrong_status("unsuspend", person));
        }
        self.set_status(id, PersonStatus::Active, EventType::UserUnsuspend);
        Ok(self.reconcile(&Change::of([id], "unsuspended")))
    }

    /// Deletes a person.
    ///
    /// Understanding SCIM, "Delete": the account was deactivated with the person, and nothing more is
    /// sent. That pushed groups keep the member as well is inferred.
    pub(super) fn delete_person(&mut self, id: &str) -> Result<Vec<Job>, OrgError> {
        if self.expect_person(id)?.status != PersonStatus::Deprovisioned {
            return self.deactivate(id);
        }
        let target = self.person_target(id);
        self.did(EventType::UserDeleteInitiated, vec![target.clone()]);
        for group in self.groups.values_mut() {
            group.members.shift_remove(id);
        }
        for app in self.apps.values_mut() {
            app.former.shift_remove(id);
        }
        self.people.shift_remove(id);
        self.note(Actor::System, EventType::UserDeleteCompleted, vec![target], LogOutcome::Success);
        Ok(Vec::new())
    }

    pub(super) fn update_profile(&mut self, id: &str, changes: &Attributes) -> Result<Vec<Job>, OrgError> {
        let mut profile = self.expect_person(id)?.profile.clone();
        for (key, value) in changes {
            profile.set(key, value)?;
        }
        self.expect_free_login(&profile.login, id)?;
        let (now, mut changed) = (self.now, Vec::new());
        if let Some(person) = self.people.get_mut(id) {
            changed = profile.changed_since(&person.profile);
            person.profile = profile;
            person.last_updated = now;
        }
        self.did(EventType::UserUpdateProfile, vec![self.person_target(id)]);
        self.log.last_mut().expect("it was noted just before").changed = changed;
        let memberships = self.follow_rules(id);
        Ok(self.reconcile(&Change::of([id], "profile changed").with(memberships)))
    }

    /// Changes the password of a person, of which an app learns with "Sync Password" on.
    pub(super) fn change_password(&mut self, id: &str, password: &Password) -> Result<Vec<Job>, OrgError> {
        self.expect_person(id)?;
        self.did(EventType::UserUpdatePassword, vec![self.person_target(id)]);
        let mut jobs = Vec::new();
        for app in self.apps.keys().cloned().collect::<Vec<_>>() {
            let Some(found) = self.apps.get_mut(&app).filter(|app| app.integration && app.app.push.password) else {
                continue;
            };
            let Some(account) = found.accounts.get_mut(id).filter(|account| account.assigned) else { continue };
            account.user.password.clone_from(&password.0);
            jobs.push(self.job(&app, Subject::Person(id.to_owned()), Work::PushPassword, "password changed"));
        }
        Ok(jobs)
    }

    pub(super) fn create_group(
        &mut self,
        key: &str,
        name: String,
        description: Option<String>,
    ) -> Result<Vec<Job>, OrgError> {
        let id = self.group_id(key);
        if self.groups.contains_key(&id) || self.groups.values().any(|group| group.name == name) {
            return Err(OrgError::Exists(name));
        }
        let (members, now) = (IndexMap::new(), self.now);
        let group = OrgGroup { id: id.clone(), name, description, members, created: now, last_updated: now };
        self.groups.insert(id.clone(), group);
        self.did(EventType::GroupCreate, vec![self.group_target(&id)]);
        Ok(self.follow_push_rules(&id))
    }

    pub(super) fn rename_group(&mut self, id: &str, name: String) -> Result<Vec<Job>, OrgError> {
        self.expect_group(id)?;
        if self.groups.values().any(|group| group.id != id && group.name == name) {
            return Err(OrgError::Exists(name));
        }
        let now = self.now;
        if let Some(group) = self.groups.get_mut(id) {
            group.name = name;
            group.last_updated = now;
        }
        self.did(EventType::GroupUpdateProfile, vec![self.group_target(id)]);
        let mut jobs = self.renamed(id);
        jobs.extend(self.follow_push_rules(id));
        Ok(jobs)
    }

    pub(super) fn describe_group(&mut self, id: &str, description: Option<String>) -> Result<Vec<Job>, OrgError> {
        self.expect_group(id)?;
        let now = self.now;
        if let Some(group) = self.groups.get_mut(id) {
            group.description = description;
            group.last_updated = now;
        }
        self.did(EventType::GroupUpdateProfile, vec![self.group_target(id)]);
        Ok(self.follow_push_rules(id))
    }

    /// Deletes a group. What becomes of the group of the service provider is not documented: Okta's help
    /// says how it is deleted or left when it is unlinked, so it is left here.
    pub(super) fn delete_group(&mut self, id: &str) -> Result<Vec<Job>, OrgError> {
        let target = self.group_target(id);
        let name = self.expect_group(id)?.name.clone();
        let group = self.groups.shift_remove(id).expect("looked up before");
        self.rules.retain(|_, rule| rule.group != id);
        for app in self.apps.values_mut() {
            app.groups.shift_remove(id);
            if let Some(mapping) = app.mappings.get_mut(id) {
                mapping.linked = false;
            }
        }
        self.did(EventType::GroupDelete, vec![target]);
        Ok(self.reconcile(&Change::of(group.members.into_keys(), format!("group {name} deleted"))))
    }

    pub(super) fn add_member(&mut self, group: &str, person: &str) -> Result<Vec<Job>, OrgError> {
        let (found, somebody) = (self.expect_group(group)?, self.expect_person(person)?);
        if somebody.status == PersonStatus::Deprovisioned {
            return Err(wrong_status("add to a group", somebody));
        }
        let membership = found.members.get(person);
        if membership.is_some_and(|membership| membership.by_hand) {
            let (login, group) = (somebody.profile.login.clone(), found.name.clone());
            return Err(OrgError::AlreadyMember { login, group });
        }
        let (cause, was_member) = (format!("added to group {}", found.name), membership.is_some());
        self.change_membership(group, person, Actor::Administrator, |membership| membership.by_hand = true);
        let memberships = (!was_member).then(|| (group.to_owned(), person.to_owned()));
        Ok(self.reconcile(&Change::of([person], cause).with(memberships)))
    }

    pub(super) fn remove_member(&mut self, group: &str, person: &str) -> Result<Vec<Job>, OrgError> {
        let (found, somebody) = (self.expect_group(group)?, self.expect_person(person)?);
        let (login, name) = (somebody.profile.login.clone(), found.name.clone());
        match found.members.get(person) {
            None => return Err(OrgError::NotMember { login, group: name }),
            Some(membership) if !membership.by_rules.is_empty() => {
                return Err(OrgError::MemberByRule { login, group: name });
            }
            Some(_) => {}
        }
        self.change_membership(group, person, Actor::Administrator, |membership| membership.by_hand = false);
        let memberships = [(group.to_owned(), person.to_owned())];
        Ok(self.reconcile(&Change::of([person], format!("removed from group {name}")).with(memberships)))
    }

    pub(super) fn create_group_rule(
        &mut self,
        key: &str,
        attribute: String,
        equals: String,
        group: String,
    ) -> Result<Vec<Job>, OrgError> {
        let id = self.rule_id(key);
        self.expect_group(&group)?;
        if self.rules.contains_key(&id) {
            return Err(OrgError::Exists(key.to_owned()));
        }
        self.rules.insert(id.clone(), GroupRule { id, attribute, equals, group });
        Ok(self.follow_rules_for_everybody("a group rule was activated"))
    }

    pub(super) fn delete_group_rule(&mut self, id: &str) -> Result<Vec<Job>, OrgError> {
        self.rules.shift_remove(id).ok_or_else(|| OrgError::UnknownRule(id.to_owned()))?;
        Ok(self.follow_rules_for_everybody("a group rule was deleted"))
    }

    fn follow_rules_for_everybody(&mut self, cause: &str) -> Vec<Job> {
        let people: Vec<String> = self.people.keys().cloned().collect();
        let memberships: Vec<_> = people.iter().flat_map(|person| self.follow_rules(person)).collect();
        let people: Vec<String> = memberships.iter().map(|(_, person)| person.clone()).collect();
        self.reconcile(&Change::of(people, cause).with(memberships))
    }

    /// Brings a person's memberships in line with the group rules and returns those that began or ended.
    ///
    /// Rules leave deactivated people where they are
    /// (<https://support.okta.com/help/s/article/Deactivated-Users-not-Removed-From-Okta-Groups-Automatically>).
    fn follow_rules(&mut self, person: &str) -> Vec<(String, String)> {
        let Some(somebody) = self.people.get(person).filter(|person| person.status != PersonStatus::Deprovisioned)
        else {
            return Vec::new();
        };
        let matching = |rule: &GroupRule| somebody.profile.value(&rule.attribute) == Some(&rule.equals);
        let matching: Vec<GroupRule> = self.rules.values().filter(|rule| matching(rule)).cloned().collect();
        let groups: Vec<String> = self.groups.keys().cloned().collect();
        let mut changed = Vec::new();
        for group in groups {
            let by_rules = matching.iter().filter(|rule| rule.group == group).map(|rule| rule.id.clone()).collect();
            if self.change_membership(&group, person, Actor::System, |membership| membership.by_rules = by_rules) {
                changed.push((group, person.to_owned()));
            }
        }
        changed
    }

    /// Changes the reasons for a membership and returns whether it began or ended by that.
    fn change_membership(
        &mut self,
        group: &str,
        person: &str,
        actor: Actor,
        change: impl FnOnce(&mut super::Membership),
    ) -> bool {
        let now = self.now;
        let Some(found) = self.groups.get_mut(group) else { return false };
        let was_member = found.members.contains_key(person);
        let mut membership = found.members.get(person).cloned().unwrap_or_default();
        change(&mut membership);
        let is_member = membership.has_reason();
        match is_member {
            true => found.members.insert(person.to_owned(), membership),
            false => found.members.shift_remove(person),
        };
        if was_member == is_member {
            return false;
        }
        found.last_updated = now;
        let event_type = if is_member { EventType::GroupAddMember } else { EventType::GroupRemoveMember };
        let targets = vec![self.person_target(person), self.group_target(group)];
        self.note(actor, event_type, targets, LogOutcome::Success);
        true
    }

    fn set_status(&mut self, id: &str, status: PersonStatus, event_type: EventType) {
        let now = self.now;
        if let Some(person) = self.people.get_mut(id) {
            person.status = status;
            person.status_changed = now;
            person.last_updated = now;
        }
        self.did(event_type, vec![self.person_target(id)]);
    }

    fn expect_free_login(&self, login: &str, id: &str) -> Result<(), OrgError> {
        let same = |person: &Person| is_same_login(&person.profile.login, login) && person.id != id;
        match self.people.values().any(same) {
            true => Err(OrgError::LoginTaken(login.to_owned())),
            false => Ok(()),
        }
    }
}

/// Whether two logins are one: capital letters do not matter.
pub(super) fn is_same_login(one: &str, other: &str) -> bool {
    // Almost every login is ASCII, and a directory may have many.
    one.eq_ignore_ascii_case(other)
        || (!(one.is_ascii() && other.is_ascii()) && one.to_lowercase() == other.to_lowercase())
}

fn wrong_status(verb: &'static str, person: &Person) -> OrgError {
    OrgError::WrongStatus { verb, login: person.profile.login.clone(), status: person.status.name() }
}
