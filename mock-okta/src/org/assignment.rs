//! Assignments: who has an account in which app with which profile, and what is to be done when that
//! changes. How groups are pushed is decided elsewhere.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Account, Actor, Attributes, EventType, Job, LogOutcome, Org, OrgApp, OrgError, Person, PersonStatus, PushOrder,
    Readings, Scope, Subject, SyncState, Work,
};
use crate::{App, AppUser, AppUserStatus, Applies, Grant, Mapping, MappingStatus, Profile, UnknownProfileKey};

/// What one event changed, for [`Org::reconcile`].
pub(super) struct Change {
    people: Vec<String>,
    cause: String,
    /// Group and person of every membership that began or ended.
    memberships: Vec<(String, String)>,
}

impl Change {
    pub(super) fn of(people: impl IntoIterator<Item = impl Into<String>>, cause: impl Into<String>) -> Change {
        let people = people.into_iter().map(Into::into).collect();
        Change { people, cause: cause.into(), memberships: Vec::new() }
    }

    pub(super) fn of_nobody(cause: impl Into<String>) -> Change {
        Change { people: Vec::new(), cause: cause.into(), memberships: Vec::new() }
    }

    pub(super) fn with(self, memberships: impl IntoIterator<Item = (String, String)>) -> Change {
        Change { memberships: memberships.into_iter().collect(), ..self }
    }
}

/// What Okta wants of somebody's account.
struct Intent {
    scope: Scope,
    through: Vec<String>,
    profile: Profile,
    cause: String,
}

impl Org {
    pub(super) fn add_app(&mut self, key: &str, app: App) -> Result<Vec<Job>, OrgError> {
        let id = self.app_id(key);
        if self.apps.contains_key(&id) {
            return Err(OrgError::Exists(key.to_owned()));
        }
        self.apps.insert(id.clone(), OrgApp::new(id.clone(), app));
        self.did(EventType::AppCreate, vec![self.app_target(&id)]);
        Ok(Vec::new())
    }

    /// Deletes an app, and with it what Okta knows of accounts and groups there.
    ///
    /// Nothing is sent. The Management API wants the app deactivated before, and an inactive app provisions nobody; no
    /// page speaks of a request to the service provider. That every assignment ends in the log is inferred.
    pub(super) fn delete_app(&mut self, id: &str) -> Result<Vec<Job>, OrgError> {
        self.expect_app(id)?;
        let app = self.app_target(id);
        self.did(EventType::AppDelete, vec![app.clone()]);
        for person in self.assigned(id) {
            let targets = vec![self.account_target(id, &person), self.person_target(&person), app.clone()];
            self.note(Actor::System, EventType::AppUserRemove, targets, LogOutcome::Success);
        }
        self.apps.shift_remove(id);
        self.tasks.retain(|_, task| task.app != id);
        Ok(Vec::new())
    }

    /// Takes over settings. Switching something on sends nothing by itself: Okta's help has people
    /// provisioned by hand who were assigned before.
    pub(super) fn change_settings(&mut self, app: &str, settings: App) -> Result<Vec<Job>, OrgError> {
        self.expect_app_mut(app)?.app = settings;
        self.did(EventType::AppUpdate, vec![self.app_target(app)]);
        Ok(Vec::new())
    }

    pub(super) fn change_readings(&mut self, app: &str, readings: Readings) -> Result<Vec<Job>, OrgError> {
        self.expect_app_mut(app)?.readings = readings;
        Ok(Vec::new())
    }

    pub(super) fn combine(&mut self, app: &str, attribute: String, combine: bool) -> Result<Vec<Job>, OrgError> {
        let found = self.expect_app_mut(app)?;
        match combine {
            true => found.combined.insert(attribute),
            false => found.combined.remove(&attribute),
        };
        self.did(EventType::AppUpdate, vec![self.app_target(app)]);
        let people = self.assigned(app);
        Ok(self.reconcile(&Change::of(people, "group priority changed")))
    }

    /// Tests the credentials. The integration is on from the success on, and stays as it was otherwise.
    pub(super) fn connect(&mut self, app: &str) -> Result<Vec<Job>, OrgError> {
        self.expect_app(app)?;
        Ok(vec![self.job(app, Subject::App, Work::Connect, "credentials saved")])
    }

    pub(super) fn switch_integration(&mut self, app: &str, on: bool) -> Result<Vec<Job>, OrgError> {
        self.expect_app_mut(app)?.integration = on;
        self.did(EventType::AppUpdate, vec![self.app_target(app)]);
        Ok(Vec::new())
    }

    pub(super) fn assign(&mut self, app: &str, person: &str, attributes: Attributes) -> Result<Vec<Job>, OrgError> {
        let (found, somebody) = (self.expect_app(app)?, self.expect_person(person)?);
        if !somebody.status.gets_accounts() && somebody.status != PersonStatus::Staged {
            let (login, status) = (somebody.profile.login.clone(), somebody.status.name());
            return Err(OrgError::WrongStatus { verb: "assign an app to", login, status });
        }
        if found.people.contains_key(person) {
            return Err(OrgError::AlreadyAssigned(somebody.profile.login.clone()));
        }
        expect_attributes(&found.app, &attributes)?;
        let found = self.expect_app_mut(app)?;
        found.former.shift_remove(person);
        found.people.insert(person.to_owned(), attributes);
        Ok(self.reconcile(&Change::of([person], "assigned directly")))
    }

    pub(super) fn update_assignment(
        &mut self,
        app: &str,
        person: &str,
        attributes: Attributes,
    ) -> Result<Vec<Job>, OrgError> {
        let login = self.expect_person(person)?.profile.login.clone();
        expect_attributes(&self.expect_app(app)?.app, &attributes)?;
        match self.expect_app_mut(app)?.people.get_mut(person) {
            Some(known) => *known = attributes,
            None => return Err(OrgError::NotAssigned(login)),
        }
        Ok(self.reconcile(&Change::of([person], "attributes of the assignment changed")))
    }

    pub(super) fn unassign(&mut self, app: &str, person: &str) -> Result<Vec<Job>, OrgError> {
        let login = self.expect_person(person)?.profile.login.clone();
        let assigned = self.account(app, person).is_some_and(|account| account.assigned);
        match self.expect_app_mut(app)?.people.shift_remove(person) {
            Some(_) => Ok(self.reconcile(&Change::of([person], "direct assignment removed"))),
            None if assigned => Err(OrgError::AssignedThroughGroup(login)),
            None => Err(OrgError::NotAssigned(login)),
        }
    }

    pub(super) fn assign_group(
        &mut self,
        app: &str,
        group: &str,
        priority: Option<usize>,
        attributes: Attributes,
    ) -> Result<Vec<Job>, OrgError> {
        let (found, assigned) = (self.expect_app(app)?, self.expect_group(group)?);
        if found.groups.contains_key(group) {
            return Err(OrgError::AlreadyAssigned(assigned.name.clone()));
        }
        expect_attributes(&found.app, &attributes)?;
        let (cause, members) = (format!("group {} assigned", assigned.name), members(assigned));
        let groups = &mut self.expect_app_mut(app)?.groups;
        let priority = priority.unwrap_or(groups.len()).min(groups.len());
        groups.shift_insert(priority, group.to_owned(), attributes);
        self.did(EventType::GroupAssignApp, vec![self.group_target(group), self.app_target(app)]);
        Ok(self.reconcile(&Change::of(members, cause)))
    }

    pub(super) fn update_group_assignment(
        &mut self,
        app: &str,
        group: &str,
        priority: Option<usize>,
        attributes: Attributes,
    ) -> Result<Vec<Job>, OrgError> {
        let (found, assigned) = (self.expect_app(app)?, self.expect_group(group)?);
        let name = assigned.name.clone();
        let Some(before) = found.groups.get_index_of(group) else { return Err(OrgError::NotAssigned(name)) };
        expect_attributes(&found.app, &attributes)?;
        let members = members(assigned);
        let groups = &mut self.expect_app_mut(app)?.groups;
        groups[before] = attributes;
        groups.move_index(before, priority.unwrap_or(before).min(groups.len() - 1));
        self.did(EventType::GroupUpdateAssignment, vec![self.group_target(group), self.app_target(app)]);
        Ok(self.reconcile(&Change::of(members, format!("attributes of group {name} changed"))))
    }

    pub(super) fn unassign_group(&mut self, app: &str, group: &str) -> Result<Vec<Job>, OrgError> {
        let found = self.expect_group(group)?;
        let (name, members) = (found.name.clone(), members(found));
        if self.expect_app_mut(app)?.groups.shift_remove(group).is_none() {
            return Err(OrgError::NotAssigned(name));
        }
        self.did(EventType::GroupUnassignApp, vec![self.group_target(group), self.app_target(app)]);
        Ok(self.reconcile(&Change::of(members, format!("group {name} unassigned"))))
    }

    pub(super) fn grant(
        &mut self,
        app: &str,
        person: &str,
        roles: Vec<Grant>,
        entitlements: Vec<Grant>,
    ) -> Result<Vec<Job>, OrgError> {
        let login = self.expect_person(person)?.profile.login.clone();
        let found = self.expect_app_mut(app)?;
        let integration = found.integration;
        let Some(account) = found.accounts.get_mut(person).filter(|account| account.assigned) else {
            return Err(OrgError::NotAssigned(login));
        };
        let changed = account.user.roles != roles || account.user.entitlements != entitlements;
        (account.user.roles, account.user.entitlements) = (roles, entitlements);
        if !changed || !integration {
            return Ok(Vec::new());
        }
        Ok(vec![self.job(app, Subject::Person(person.to_owned()), Work::PushProfile, "entitlements changed")])
    }

    /// Pushes everybody, or those named, again; whoever has no account yet gets one, as with the
    /// "Provision User" button for people who were assigned while the integration was off.
    pub(super) fn force_sync(&mut self, app: &str, people: &[String]) -> Result<Vec<Job>, OrgError> {
        let found = self.expect_integration(app)?;
        for person in people {
            self.expect_person(person)?;
        }
        let wanted = |person: &str| people.is_empty() || people.iter().any(|named| named == person);
        let assigned = found.accounts.iter().filter(|(person, account)| account.assigned && wanted(person));
        let works: Vec<_> = assigned
            .map(|(person, account)| {
                let linked = account.user.status == AppUserStatus::Provisioned;
                let work = if linked { Work::ForceSync } else { Work::Provision };
                (person.clone(), work, "force sync".to_owned())
            })
            .collect();
        Ok(self.in_order(app, works, &Change::of_nobody("force sync")))
    }

    /// Brings the accounts of people in line with the assignments, in every app, and returns what is to
    /// be done about it.
    pub(super) fn reconcile(&mut self, change: &Change) -> Vec<Job> {
        let mut jobs = Vec::new();
        for app in self.apps.keys().cloned().collect::<Vec<_>>() {
            let accounts: Vec<(String, Work, String)> =
                change.people.iter().filter_map(|person| self.reconcile_account(&app, person, &change.cause)).collect();
            jobs.extend(self.in_order(&app, accounts, change));
        }
        jobs
    }

    /// Makes the jobs about accounts in an app and about the pushed groups these people are in.
    pub(super) fn in_order(&mut self, app: &str, accounts: Vec<(String, Work, String)>, change: &Change) -> Vec<Job> {
        let Some(found) = self.apps.get(app).filter(|app| app.integration) else { return Vec::new() };
        let order = found.readings.order;
        let memberships: Vec<_> = self.moved(app, change, &accounts).into_iter().collect();
        let (mut of_accounts, mut of_groups) = (accounts.into_iter(), memberships.into_iter());
        let mut jobs = Vec::new();
        for accounts_turn in [order == PushOrder::AccountsFirst, order != PushOrder::AccountsFirst] {
            if accounts_turn {
                let job = |(person, work, cause): (_, _, String)| self.job(app, Subject::Person(person), work, &cause);
                jobs.extend(of_accounts.by_ref().map(job));
            } else {
                let job =
                    |(group, people)| self.job(app, Subject::Group(group), Work::PushMembers(people), &change.cause);
                jobs.extend(of_groups.by_ref().map(job));
            }
        }
        jobs
    }

    /// Brings one account in line and returns what the service provider has to be told, and why.
    fn reconcile_account(&mut self, app: &str, person: &str, cause: &str) -> Option<(String, Work, String)> {
        let found = self.apps.get(app)?;
        let intent = self.people.get(person).and_then(|somebody| self.intent(found, somebody));
        let was = found.accounts.get(person).is_some_and(|account| account.assigned);
        let (work, cause, event_type) = match intent {
            None if !was => return None,
            None => {
                let work = self.take_away(app, person);
                (Some(work), cause.to_owned(), EventType::AppUserRemove)
            }
            Some(intent) if !was => {
                let cause = intent.cause.clone();
                self.give(app, person, intent);
                (Some(Work::Provision), cause, EventType::AppUserAdd)
            }
            Some(intent) => {
                let (changed, pushed) = self.change(app, person, intent);
                if !changed {
                    return None;
                }
                (pushed.then_some(Work::PushProfile), cause.to_owned(), EventType::AppUserUpdate)
            }
        };
        let targets = vec![self.account_target(app, person), self.person_target(person), self.app_target(app)];
        self.note(Actor::System, event_type, targets, LogOutcome::Success);
        Some((person.to_owned(), work?, cause))
    }

    /// Assigns without any job.
    pub(super) fn assign_linked(&mut self, app: &str, person: &str) {
        let (Some(found), Some(somebody)) = (self.apps.get(app), self.people.get(person)) else { return };
        if let Some(intent) = self.intent(found, somebody) {
            self.give(app, person, intent);
        }
    }

    fn give(&mut self, app: &str, person: &str, intent: Intent) {
        let (now, password) = (self.now, placeholder(&self.id("pwd", &format!("{app}/{person}"))));
        let Some(found) = self.apps.get_mut(app) else { return };
        let sync = if found.integration { SyncState::OutOfSync } else { SyncState::Disabled };
        let account = found.accounts.entry(person.to_owned()).or_insert_with(|| Account {
            user: AppUser::new(person, intent.profile.clone(), password),
            assigned: true,
            scope: intent.scope,
            through: Vec::new(),
            sync,
            created: now,
            last_updated: now,
            last_sync: None,
            last_remote_id: None,
            pushed: false,
        });
        account.user.profile = intent.profile;
        (account.assigned, account.scope, account.through) = (true, intent.scope, intent.through);
        (account.sync, account.last_updated) = (sync, now);
        // Okta Management API, `AppUserStatus`: a fresh assignment is queued.
        if account.user.status != AppUserStatus::Provisioned {
            account.user.status = AppUserStatus::Staged;
        }
    }

    /// Ends an assignment. With the integration off Okta forgets the link without a word.
    fn take_away(&mut self, app: &str, person: &str) -> Work {
        let deactivated = self.people.get(person).is_none_or(|person| person.status == PersonStatus::Deprovisioned);
        let now = self.now;
        if let Some(found) = self.apps.get_mut(app)
            && let Some(account) = found.accounts.get_mut(person)
        {
            (account.assigned, account.last_updated) = (false, now);
            account.sync = SyncState::OutOfSync;
            if !found.integration {
                account.sync = SyncState::Disabled;
                account.user.status = AppUserStatus::Deprovisioned;
                account.user.remote_id = None;
            }
        }
        if deactivated { Work::Deactivate } else { Work::Unassign }
    }

    /// Returns whether the assignment changed, and whether what is pushed did.
    fn change(&mut self, app: &str, person: &str, intent: Intent) -> (bool, bool) {
        let now = self.now;
        let Some(found) = self.apps.get_mut(app) else { return (false, false) };
        let Some(account) = found.accounts.get_mut(person) else { return (false, false) };
        let pushed = differ(&found.app, &account.user.profile, &intent.profile);
        let changed = pushed || account.scope != intent.scope || account.through != intent.through;
        account.user.profile = intent.profile;
        (account.scope, account.through) = (intent.scope, intent.through);
        if changed {
            account.last_updated = now;
        }
        if pushed {
            account.sync = if found.integration { SyncState::OutOfSync } else { SyncState::Disabled };
        }
        (changed, pushed)
    }

    fn intent(&self, app: &OrgApp, person: &Person) -> Option<Intent> {
        let account = app.accounts.get(&person.id).filter(|account| account.assigned);
        let stays = account.is_some() && person.status.keeps_accounts();
        if !person.status.gets_accounts() && !stays {
            return None;
        }
        let is_member =
            |group: &&String| self.groups.get(*group).is_some_and(|group| group.members.contains_key(&person.id));
        let through: Vec<String> = app.groups.keys().filter(is_member).cloned().collect();
        let direct = app.people.get(&person.id);
        let (scope, cause) = match (direct, through.first()) {
            (Some(_), _) => (Scope::User, "assigned directly".to_owned()),
            (None, Some(group)) => {
                let name = self.groups.get(group).map_or("", |group| group.name.as_str());
                (Scope::Group, format!("assigned through group {name}"))
            }
            (None, None) => return None,
        };
        let before = account.map(|account| &account.user.profile);
        let profile = effective(app, &person.profile, before, &through, direct);
        Some(Intent { scope, through, profile, cause })
    }

    /// Returns the pushed groups whose membership has to be told, and of whom.
    fn moved(&self, app: &str, change: &Change, accounts: &[(String, Work, String)]) -> IndexMap<String, Vec<String>> {
        let mut moved: IndexMap<String, Vec<String>> = IndexMap::new();
        let Some(app) = self.apps.get(app) else { return moved };
        let mut tell = |group: &String, person: &String| {
            let people = moved.entry(group.clone()).or_default();
            if !people.contains(person) {
                people.push(person.clone());
            }
        };
        for (group, person) in &change.memberships {
            if is_pushed(app, group).is_some() {
                tell(group, person);
            }
        }
        for (person, work, _) in accounts {
            if *work != Work::Provision || !app.readings.late_members {
                continue;
            }
            let joined = self.groups.values().filter(|group| group.members.contains_key(person));
            for group in joined.filter(|group| is_late(app, &group.id, person)) {
                tell(&group.id, person);
            }
        }
        moved
    }

    fn assigned(&self, app: &str) -> Vec<String> {
        let assigned = self.apps.get(app).into_iter().flat_map(|app| &app.accounts);
        assigned.filter(|(_, account)| account.assigned).map(|(person, _)| person.clone()).collect()
    }
}

fn is_pushed<'a>(app: &'a OrgApp, group: &str) -> Option<&'a Mapping> {
    app.mapping(group).map(|found| &found.mapping).filter(|mapping| mapping.status == MappingStatus::Active)
}

/// Whether a group is pushed and the person is not in it as far as Okta knows.
fn is_late(app: &OrgApp, group: &str, person: &str) -> bool {
    let remote_id = app.accounts.get(person).and_then(|account| account.user.remote_id.as_deref());
    is_pushed(app, group)
        .is_some_and(|mapping| !mapping.pushed.iter().any(|member| Some(member.remote_id.as_str()) == remote_id))
}

fn members(group: &super::OrgGroup) -> Vec<String> {
    group.members.keys().cloned().collect()
}

/// An attribute of an assignment has to be one of the app's profile, or of Okta's for short.
fn expect_attributes(app: &App, attributes: &Attributes) -> Result<(), OrgError> {
    let unknown = |key: &&String| !Profile::is_key(key) && app.attribute(key).is_none();
    match attributes.iter().map(|(key, _)| key).find(unknown) {
        Some(key) => Err(UnknownProfileKey(key.clone()).into()),
        None => Ok(()),
    }
}

/// Whether two profiles differ in what the app has attributes for.
fn differ(app: &App, one: &Profile, other: &Profile) -> bool {
    let keys = app.attributes.iter().map(crate::Attribute::key);
    keys.chain(["login"]).any(|key| one.value(key) != other.value(key))
}

/// Returns the profile of an app user: the Okta profile by the app's mappings, over it what the assigned
/// groups give, over it what is set for the person.
///
/// Okta help, "Assign attribute group priority" and "Combine values across groups use case": the group of
/// the highest priority decides, or the values of all groups are combined. Inferred: a group that says
/// nothing about an attribute leaves it to the next one; somebody assigned directly keeps what the groups
/// give where nothing is set for them ("Administrator (Overrides Group)" is chosen by attribute).
fn effective(
    app: &OrgApp,
    okta: &Profile,
    before: Option<&Profile>,
    through: &[String],
    direct: Option<&Attributes>,
) -> Profile {
    let mut profile = mapped(&app.app, okta, before);
    let of_groups: Vec<&Attributes> = through.iter().filter_map(|group| app.groups.get(group)).collect();
    let keys: BTreeSet<&String> =
        of_groups.iter().flat_map(|attributes| attributes.iter().map(|(key, _)| key)).collect();
    for key in keys {
        let mut values = of_groups.iter().filter_map(|attributes| value(attributes, key));
        let value = match app.combined.contains(key) {
            true => Some(union(values)),
            false => values.next().map(str::to_owned),
        };
        profile.add(key, value.unwrap_or_default());
    }
    for (key, value) in direct.into_iter().flatten() {
        profile.add(key, value);
    }
    erase(&app.app, &mut profile, before);
    profile
}

/// Keeps what had a value and has none as erased, so that the service provider learns of it (OIN test
/// plan C9337).
fn erase(app: &App, profile: &mut Profile, before: Option<&Profile>) {
    let Some(before) = before else { return };
    for key in app.attributes.iter().map(crate::Attribute::key) {
        if profile.value(key).is_none() && before.value(key).is_some() {
            profile.add(key, "");
        }
    }
}

/// Returns what the mappings take over from the Okta profile.
fn mapped(app: &App, okta: &Profile, before: Option<&Profile>) -> Profile {
    let mut profile = Profile::new(&okta.login, &okta.first_name, &okta.last_name);
    for key in Profile::KEYS {
        profile.add(key, okta.value(key).unwrap_or_default());
    }
    for attribute in &app.attributes {
        let key = attribute.key();
        let value = match (attribute.applies(), before) {
            (Applies::CreateOnly, Some(before)) => before.value(key),
            (Applies::Never, before) => before.and_then(|before| before.value(key)),
            _ => okta.value(key),
        };
        if let Some(value) = value {
            profile.add(key, value);
        }
    }
    profile
}

fn value<'a>(attributes: &'a Attributes, key: &str) -> Option<&'a str> {
    attributes.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
}

/// Returns all values, each once, as a JSON array.
fn union<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut values: Vec<Value> = Vec::new();
    for text in texts {
        let found = match serde_json::from_str(text) {
            Ok(Value::Array(values)) => values,
            _ => vec![Value::from(text)],
        };
        found.into_iter().for_each(|value| {
            if !values.contains(&value) {
                values.push(value);
            }
        });
    }
    Value::Array(values).to_string()
}

/// Eight characters, as in the samples of the Okta SCIM 2.0 protocol reference.
fn placeholder(id: &str) -> String {
    id.chars().skip(3).take(8).collect()
}
