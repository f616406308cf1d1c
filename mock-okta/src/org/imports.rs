//! Imports: what the org takes over from an app's users, groups and entitlements. How they are read and
//! matched is decided elsewhere.

use std::collections::BTreeMap;

use super::assignment::Change;
use super::{Actor, EventType, Job, LogOutcome, Org, OrgApp, OrgError, PersonStatus, Subject, SyncState, Work};
use crate::AppUserStatus;
use crate::import::{
    AutoConfirm, Candidate, Candidates, Choice, Confirmed, Discovery, DiscoveryGoal, DiscoveryReport, Import,
    ImportEnd, ImportReport, ImportSettings, Known, Match, MatchRules, People, Person, RemoteUser, Scope, Seen,
    SeenValue, Verdict, WhenDeactivated,
};

/// What an administrator sets up under "To Okta".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSetup {
    /// How pages are read, what is safeguarded, and whether the app is a profile source. The number beside
    /// the org's safeguard is the org's business.
    pub settings: ImportSettings,
    /// What makes a match.
    pub rules: MatchRules,
    /// What needs no administrator to confirm.
    pub auto: AutoConfirm,
    /// Whether users who match nobody are passed over rather than wait on the Import tab; off by default.
    ///
    /// It is ours: whoever imports a large directory only to see that it can be imported need not keep it.
    pub passes_strangers: bool,
}

/// What the imports of an app brought.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// The report of the last import, whether or not it took effect.
    pub report: Option<ImportReport>,
    /// The users who wait to be confirmed, by the service provider's ids.
    pub waiting: BTreeMap<String, RemoteUser>,
    /// The names of the groups, by the service provider's ids.
    pub groups: BTreeMap<String, String>,
    /// What the last discovery found.
    pub discovery: Option<DiscoveryReport>,
    /// The roles and entitlements the last discovery found.
    pub values: Vec<SeenValue>,
    pub(super) known: Known,
}

/// What an import that is under way has brought so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Haul {
    users: Vec<RemoteUser>,
    groups: BTreeMap<String, String>,
    values: Vec<SeenValue>,
    /// The people of whom a user has to match one to be kept; everybody is kept where there is no such list.
    people: Option<People>,
}

impl Haul {
    /// Returns a haul that keeps only users who match one of these people.
    pub(super) fn of(people: People) -> Haul {
        Haul { people: Some(people), ..Haul::default() }
    }

    pub(super) fn take(&mut self, seen: Vec<Seen>) {
        for seen in seen {
            match seen {
                Seen::User { user, verdict: Verdict::New } => {
                    if self.people.as_ref().is_none_or(|people| people.matching(&user) != Match::Nobody) {
                        self.users.push(user);
                    }
                }
                Seen::User { .. } => {}
                Seen::Group { group, .. } => {
                    self.groups.insert(group.id, group.display_name);
                }
            }
        }
    }

    pub(super) fn take_values(&mut self, values: Vec<SeenValue>) {
        self.values.extend(values);
    }
}

impl Org {
    pub(super) fn change_import(&mut self, app: &str, setup: ImportSetup) -> Result<Vec<Job>, OrgError> {
        self.expect_app_mut(app)?.import = setup;
        self.did(EventType::AppUpdate, vec![self.app_target(app)]);
        Ok(Vec::new())
    }

    pub(super) fn import(&mut self, app: &str, scope: Scope) -> Result<Vec<Job>, OrgError> {
        self.expect_integration(app)?;
        self.did(EventType::ImportStart, vec![self.app_target(app)]);
        Ok(vec![self.job(app, Subject::App, Work::Import(scope), "import now")])
    }

    pub(super) fn discover(&mut self, app: &str, goal: DiscoveryGoal) -> Result<Vec<Job>, OrgError> {
        self.expect_integration(app)?;
        Ok(vec![self.job(app, Subject::App, Work::Discover(goal), "schema read")])
    }

    /// Confirms what an administrator chose for one who waits.
    pub(super) fn confirm(&mut self, app: &str, remote_id: &str, choice: Choice) -> Result<Vec<Job>, OrgError> {
        let mut candidates = self.candidates(app, AutoConfirm::default())?;
        let confirmed = candidates.confirm(remote_id, choice)?;
        Ok(self.confirmed(app, confirmed))
    }

    /// Confirms everybody who matches one person; with `everybody` also those who match nobody, as people
    /// of their own.
    ///
    /// Nothing is sent: the accounts are there, and changes flow from the next one on (OIN test plan
    /// C9305).
    pub(super) fn confirm_matches(&mut self, app: &str, everybody: bool) -> Result<Vec<Job>, OrgError> {
        let mut candidates = self.candidates(app, AutoConfirm::default())?;
        let confirmed = if everybody { candidates.confirm_everybody() } else { candidates.confirm_matches() };
        Ok(confirmed.into_iter().flat_map(|confirmed| self.confirmed(app, confirmed)).collect())
    }

    /// Starts an import with what Okta knows at this point: what was pushed since the last one is what the
    /// service provider is compared with.
    pub(super) fn known(&self, app: &OrgApp) -> Known {
        let mut known = app.imported.known.clone();
        for account in app.accounts.values().filter(|account| account.pushed) {
            match (&account.user.remote_id, &account.last_remote_id) {
                (Some(_), _) => known.push_app_user(&account.user),
                (None, Some(id)) => known.forget(id),
                (None, None) => {}
            }
        }
        known
    }

    /// Takes over an import. Of one that failed or was halted only the report is kept.
    pub(super) fn settle_import(&mut self, app: &str, import: Import, haul: Haul) {
        let (report, takes_effect) = (import.report().clone(), import.report().takes_effect());
        let removals: Vec<_> = import.removals().map(|gone| (gone.remote_id.to_owned(), gone.person)).collect();
        let gone: Vec<String> = import.removed_groups().map(str::to_owned).collect();
        let known = import.into_known();
        let Some(found) = self.apps.get_mut(app) else { return };
        found.imported.report = Some(report);
        if !takes_effect {
            return;
        }
        found.imported.known = known;
        found.accounts.values_mut().for_each(|account| account.pushed = false);
        found.imported.groups.extend(haul.groups);
        found.imported.groups.retain(|id, _| !gone.contains(id));
        removals.into_iter().for_each(|(id, person)| self.removed(app, &id, person));
        self.offer(app, haul.users);
    }

    pub(super) fn settle_discovery(&mut self, app: &str, discovery: &Discovery, haul: Haul) {
        if let Some(found) = self.apps.get_mut(app) {
            found.imported.discovery = Some(discovery.report().clone());
            found.imported.values = haul.values;
        }
    }

    /// Whether a safeguard stopped the last import.
    pub(super) fn was_halted(&self, app: &str) -> bool {
        let report = self.apps.get(app).and_then(|app| app.imported.report.as_ref());
        report.is_some_and(|report| matches!(report.end, ImportEnd::Halted(_)))
    }

    fn offer(&mut self, app: &str, users: Vec<RemoteUser>) {
        let Some(auto) = self.apps.get(app).map(|app| app.import.auto) else { return };
        for user in &users {
            if let Some(found) = self.apps.get_mut(app) {
                found.imported.waiting.insert(user.id.clone(), user.clone());
            }
        }
        let Ok(mut candidates) = self.empty_tab(app, auto) else { return };
        let confirmed: Vec<Confirmed> = users.into_iter().filter_map(|user| candidates.offer(user)).collect();
        confirmed.into_iter().for_each(|confirmed| drop(self.confirmed(app, confirmed)));
    }

    /// Returns the users of an app who wait to be confirmed, and whom they match.
    pub fn import_tab(&self, app: &str) -> Vec<Candidate> {
        let tab = self.candidates(app, AutoConfirm::default());
        tab.map(|tab| tab.waiting().cloned().collect()).unwrap_or_default()
    }

    /// Returns everybody who waits.
    fn candidates(&self, app: &str, auto: AutoConfirm) -> Result<Candidates, OrgError> {
        let mut candidates = self.empty_tab(app, auto)?;
        for user in self.expect_app(app)?.imported.waiting.values() {
            candidates.offer(user.clone());
        }
        Ok(candidates)
    }

    /// Returns what an import of the app starts to gather in.
    pub(super) fn empty_haul(&self, app: &OrgApp) -> Haul {
        if app.import.passes_strangers { Haul::of(self.assignable(app)) } else { Haul::default() }
    }

    /// Returns the people to whom the app could be assigned.
    fn assignable(&self, app: &OrgApp) -> People {
        let people = self.people.values().filter(|person| person.status.gets_accounts()).map(|person| Person {
            okta_id: person.id.clone(),
            login: person.profile.login.clone(),
            email: person.profile.email.clone(),
            first_name: person.profile.first_name.clone(),
            last_name: person.profile.last_name.clone(),
        });
        People::new(people, app.import.rules)
    }

    /// Returns an empty Import tab that knows the people to whom the app could be assigned.
    fn empty_tab(&self, app: &str, auto: AutoConfirm) -> Result<Candidates, OrgError> {
        let found = self.expect_app(app)?;
        let linked = found.accounts.iter().filter(|(_, account)| account.assigned && account.user.remote_id.is_some());
        let linked = linked.map(|(person, _)| person.clone());
        Ok(Candidates::new(self.assignable(found), auto, linked))
    }

    /// Puts a confirmation into effect and returns what else is to be done about it. People who are made
    /// out of users are active at once, as with "Auto-activate users after confirmation"; one whose login
    /// is taken goes on waiting.
    fn confirmed(&mut self, app: &str, confirmed: Confirmed) -> Vec<Job> {
        match confirmed {
            Confirmed::Linked { okta_id, user } => self.link(app, &okta_id, &user),
            Confirmed::Created { user } => {
                let key = format!("{app}/{}", user.id);
                let Ok(mut jobs) = self.create_person(&key, user.profile(), true) else { return Vec::new() };
                jobs.extend(self.link(app, &self.person_id(&key), &user));
                jobs
            }
            Confirmed::Ignored { user } => {
                if let Some(found) = self.apps.get_mut(app) {
                    found.imported.waiting.remove(&user.id);
                }
                Vec::new()
            }
        }
    }

    /// Assigns the app to a person whose account is there, so that nothing is sent but memberships.
    fn link(&mut self, app: &str, person: &str, user: &RemoteUser) -> Vec<Job> {
        let now = self.now;
        if let Some(found) = self.apps.get_mut(app) {
            found.people.entry(person.to_owned()).or_default();
            found.former.shift_remove(person);
            found.imported.waiting.remove(&user.id);
            found.imported.known.confirm(user);
        }
        self.assign_linked(app, person);
        let Some(found) = self.apps.get_mut(app) else { return Vec::new() };
        let Some(account) = found.accounts.get_mut(person) else { return Vec::new() };
        account.user.remote_id = Some(user.id.clone());
        account.last_remote_id = Some(user.id.clone());
        account.user.status = AppUserStatus::Provisioned;
        (account.user.roles, account.user.entitlements) = (user.roles(), user.entitlements());
        (account.sync, account.last_sync) = (SyncState::Synchronized, Some(now));
        let late = found.readings.late_members;
        let targets = vec![self.account_target(app, person), self.person_target(person), self.app_target(app)];
        self.note(Actor::System, EventType::ImportUser, targets, LogOutcome::Success);
        let joined = self.groups.values().filter(|group| late && group.members.contains_key(person));
        let joined: Vec<_> = joined.map(|group| (group.id.clone(), person.to_owned())).collect();
        self.in_order(app, Vec::new(), &Change::of([person], "import confirmed").with(joined))
    }

    /// Takes a user away who is gone or inactive at the service provider.
    ///
    /// OIN test plan C9359 to C9361 and Okta's "Profile & Lifecycle Sourcing": the assignment goes, and
    /// with a profile source the person is deactivated or suspended. That nothing is sent to this app is
    /// inferred, for there is nobody to deactivate; so is it that an assignment through a group rests until
    /// something about the person changes.
    fn removed(&mut self, app: &str, remote_id: &str, then: Option<WhenDeactivated>) {
        let Some(found) = self.apps.get_mut(app) else { return };
        let is_gone = |account: &super::Account| account.user.remote_id.as_deref() == Some(remote_id);
        let Some((person, account)) = found.accounts.iter_mut().find(|(_, account)| is_gone(account)) else { return };
        let person = person.clone();
        account.assigned = false;
        account.user.remote_id = None;
        account.user.status = AppUserStatus::Deprovisioned;
        found.people.shift_remove(&person);
        let targets = vec![self.account_target(app, &person), self.person_target(&person), self.app_target(app)];
        self.note(Actor::System, EventType::AppUserRemove, targets, LogOutcome::Success);
        let status = self.people.get(&person).map(|person| person.status);
        // What follows in other apps is among the jobs that are pending.
        let _ = match (then, status) {
            (Some(WhenDeactivated::Deactivate), Some(status)) if status != PersonStatus::Deprovisioned => {
                self.deactivate(&person)
            }
            (Some(WhenDeactivated::Suspend), Some(status)) if status.gets_accounts() => self.suspend(&person),
            _ => Ok(Vec::new()),
        };
    }
}
