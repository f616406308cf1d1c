//! The org: people, groups, apps, and what they have to do with one another. An event goes in, jobs come
//! out, each of which drives one flow.
//!
//! ```
//! use mock_okta::org::{Org, OrgEvent};
//! use mock_okta::{App, AppKind, Profile, Step};
//!
//! let mut org = Org::new("example");
//! let (ada, app) = (org.person_id("ada"), org.app_id("catalog"));
//! let profile = Profile::new("ada@example.test", "Ada", "Byron");
//! org.apply(OrgEvent::CreatePerson { key: "ada".into(), profile, activate: true })?;
//! org.apply(OrgEvent::AddApp { key: "catalog".into(), app: Box::new(App::new(AppKind::Catalog)) })?;
//!
//! let jobs = org.apply(OrgEvent::Assign { app, person: ada, attributes: Vec::new() })?;
//! assert_eq!(jobs[0].cause, "assigned directly");
//! let Step::Send(lookup) = org.start(jobs[0].id) else { panic!("an assignment starts with a lookup") };
//! assert_eq!(lookup.method, "GET");
//! # Ok::<(), mock_okta::org::OrgError>(())
//! ```
//!
//! The org decides *whether* something is sent, the flows decide *what*. What it holds to:
//!
//! | event | in each app concerned |
//! |---|---|
//! | first assignment, direct or through a group | lookup, then create or link |
//! | further assignment, or one of several removed | profile push, if the effective profile changed |
//! | last assignment removed, or person deactivated | deactivation |
//! | person suspended, unsuspended, deleted | nothing |
//! | person staged | nothing before the activation |
//! | profile changed | profile push, if the effective profile changed |
//! | membership of a pushed group changed | membership push, of people with an active account |
//! | API integration off | nothing, and nothing later |
//!
//! Sources: Understanding SCIM; OIN test plan C9290 to C9295, C9300, C9307, C9309 to C9311, C9339; Okta
//! help, "Activate and deactivate users" (direct assignments are lost with a deactivation) and
//! <https://support.okta.com/help/s/article/can-we-assign-applications-to-deactivated-users> (group
//! memberships are not). That somebody stays assigned while one assignment remains follows from Okta's
//! assignment model; no page says it in one sentence. [`Readings`] has what else is not settled.
//!
//! Jobs of one event are performed in the order given, one after the other. Which order Okta has is
//! unknown; membership pushes of one group are seen to overlap
//! (<https://github.com/fleetdm/fleet/issues/50724>), so several jobs may be under way at once.
//!
//! No socket, no clock and no chance in here: time passes by [`Org::advance`] and by the pauses of the
//! flows, ids follow from the seed.

mod app;
mod assignment;
mod directory;
mod error;
mod event;
mod imports;
mod job;
mod log;
mod person;
mod push;
mod run;
mod task;

use indexmap::IndexMap;

use crate::{AppUser, okta_id};

pub use app::{
    Account, Attributes, OrgApp, PushCondition, PushMapping, PushOrder, PushRule, Readings, RuleOperator, RulePart,
    Scope, SyncState,
};
pub use error::OrgError;
pub use event::{OrgEvent, Password};
pub use imports::{ImportSetup, Imported};
pub use job::{Job, JobId, Subject, Work};
pub use log::{Actor, EventType, LogEntry, LogOutcome, Target, TargetKind};
pub use person::{GroupRule, Membership, OrgGroup, Person, PersonStatus};
pub use task::Task;

use run::Run;

/// An Okta org.
#[derive(Debug, Clone)]
pub struct Org {
    seed: String,
    now: u64,
    people: IndexMap<String, Person>,
    groups: IndexMap<String, OrgGroup>,
    rules: IndexMap<String, GroupRule>,
    apps: IndexMap<String, OrgApp>,
    tasks: IndexMap<String, Task>,
    log: Vec<LogEntry>,
    runs: IndexMap<JobId, Run>,
    /// How many acts of the administrator there were.
    acts: u64,
    /// On whose behalf the org acts: the number of the administrator's act, and the job that followed from it.
    transaction: u64,
    job: Option<JobId>,
    made: u64,
}

impl Org {
    /// Returns an empty org. Ids follow from the seed, so that runs with different seeds do not meet at
    /// the service provider.
    pub fn new(seed: impl Into<String>) -> Org {
        Org {
            seed: seed.into(),
            now: 0,
            people: IndexMap::new(),
            groups: IndexMap::new(),
            rules: IndexMap::new(),
            apps: IndexMap::new(),
            tasks: IndexMap::new(),
            log: Vec::new(),
            runs: IndexMap::new(),
            acts: 0,
            transaction: 0,
            job: None,
            made: 0,
        }
    }

    /// Lets an event happen and returns what is to be done about it, in this order.
    ///
    /// An error leaves the org as it was.
    pub fn apply(&mut self, event: OrgEvent) -> Result<Vec<Job>, OrgError> {
        self.acts += 1;
        (self.transaction, self.job) = (self.acts, None);
        self.dispatch(event)
    }

    fn dispatch(&mut self, event: OrgEvent) -> Result<Vec<Job>, OrgError> {
        match event {
            OrgEvent::Together(events) => self.together(events),
            OrgEvent::CreatePerson { key, profile, activate } => self.create_person(&key, profile, activate),
            OrgEvent::Activate { person } => self.activate(&person, false),
            OrgEvent::Deactivate { person } => self.deactivate(&person),
            OrgEvent::Reactivate { person } => self.activate(&person, true),
            OrgEvent::Suspend { person } => self.suspend(&person),
            OrgEvent::Unsuspend { person } => self.unsuspend(&person),
            OrgEvent::DeletePerson { person } => self.delete_person(&person),
            OrgEvent::UpdateProfile { person, changes } => self.update_profile(&person, &changes),
            OrgEvent::ChangePassword { person, password } => self.change_password(&person, &password),
            OrgEvent::CreateGroup { key, name, description } => self.create_group(&key, name, description),
            OrgEvent::RenameGroup { group, name } => self.rename_group(&group, name),
            OrgEvent::DescribeGroup { group, description } => self.describe_group(&group, description),
            OrgEvent::DeleteGroup { group } => self.delete_group(&group),
            OrgEvent::AddMember { group, person } => self.add_member(&group, &person),
            OrgEvent::RemoveMember { group, person } => self.remove_member(&group, &person),
            OrgEvent::CreateGroupRule { key, attribute, equals, group } => {
                self.create_group_rule(&key, attribute, equals, group)
            }
            OrgEvent::DeleteGroupRule { rule } => self.delete_group_rule(&rule),
            OrgEvent::AddApp { key, app } => self.add_app(&key, *app),
            OrgEvent::DeleteApp { app } => self.delete_app(&app),
            OrgEvent::ChangeSettings { app, settings } => self.change_settings(&app, *settings),
            OrgEvent::ChangeReadings { app, readings } => self.change_readings(&app, readings),
            OrgEvent::CombineAcrossGroups { app, attribute, combine } => self.combine(&app, attribute, combine),
            OrgEvent::Connect { app } => self.connect(&app),
            OrgEvent::DisableIntegration { app } => self.switch_integration(&app, false),
            OrgEvent::EnableIntegration { app } => self.switch_integration(&app, true),
            OrgEvent::Assign { app, person, attributes } => self.assign(&app, &person, attributes),
            OrgEvent::UpdateAssignment { app, person, attributes } => self.update_assignment(&app, &person, attributes),
            OrgEvent::Unassign { app, person } => self.unassign(&app, &person),
            OrgEvent::AssignGroup { app, group, priority, attributes } => {
                self.assign_group(&app, &group, priority, attributes)
            }
            OrgEvent::UpdateGroupAssignment { app, group, priority, attributes } => {
                self.update_group_assignment(&app, &group, priority, attributes)
            }
            OrgEvent::UnassignGroup { app, group } => self.unassign_group(&app, &group),
            OrgEvent::Grant { app, person, roles, entitlements } => self.grant(&app, &person, roles, entitlements),
            OrgEvent::ForceSync { app, people } => self.force_sync(&app, &people),
            OrgEvent::PushGroup { app, group } => self.push_group(&app, &group),
            OrgEvent::LinkGroup { app, group, target_name } => self.link_group(&app, &group, target_name),
            OrgEvent::RelinkGroup { app, group } => self.relink_group(&app, &group),
            OrgEvent::PushNow { app, group } => self.about_mapping(&app, &group, Work::PushNow),
            OrgEvent::DeactivatePush { app, group } => self.about_mapping(&app, &group, Work::DeactivatePush),
            OrgEvent::ActivatePush { app, group } => self.about_mapping(&app, &group, Work::ActivatePush),
            OrgEvent::UnlinkGroup { app, group, delete } => {
                self.about_mapping(&app, &group, Work::UnlinkGroup { delete })
            }
            OrgEvent::CreatePushRule { app, key, condition } => self.create_push_rule(&app, &key, condition),
            OrgEvent::DeactivatePushRule { app, rule } => self.deactivate_push_rule(&app, &rule),
            OrgEvent::DeletePushRule { app, rule, delete } => self.delete_push_rule(&app, &rule, delete),
            OrgEvent::ChangeImport { app, setup } => self.change_import(&app, *setup),
            OrgEvent::Import { app, scope } => self.import(&app, scope),
            OrgEvent::ConfirmMatches { app, everybody } => self.confirm_matches(&app, everybody),
            OrgEvent::Confirm { app, remote_id, choice } => self.confirm(&app, &remote_id, choice),
            OrgEvent::Discover { app, goal } => self.discover(&app, goal),
            OrgEvent::RetryTask { task } => self.retry(&task),
        }
    }

    /// Lets several events happen as one.
    ///
    /// A job reads the org when it starts, so one push of a profile carries whatever the events made of it.
    fn together(&mut self, events: Vec<OrgEvent>) -> Result<Vec<Job>, OrgError> {
        let before = self.clone();
        let mut jobs: Vec<Job> = Vec::new();
        for event in events {
            match self.dispatch(event) {
                Ok(more) => jobs.extend(more),
                Err(error) => {
                    *self = before;
                    return Err(error);
                }
            }
        }
        let mut kept: Vec<Job> = Vec::new();
        for job in jobs {
            let same = |other: &Job| (&other.app, &other.subject, &other.work) == (&job.app, &job.subject, &job.work);
            if job.work == Work::PushProfile && kept.iter().any(same) {
                self.runs.shift_remove(&job.id);
            } else {
                kept.push(job);
            }
        }
        Ok(kept)
    }

    /// Returns how many acts of the administrator there were: the number of the last one.
    pub fn acts(&self) -> u64 {
        self.acts
    }

    /// Lets time pass.
    pub fn advance(&mut self, seconds: u64) {
        self.now = self.now.saturating_add(seconds);
    }

    /// Returns the time on the org's clock, in seconds since the org began.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// Returns the Okta user id of a key.
    pub fn person_id(&self, key: &str) -> String {
        okta_id(format!("{}/{key}", self.seed))
    }

    /// Returns the Okta group id of a key.
    pub fn group_id(&self, key: &str) -> String {
        self.id("00g", key)
    }

    /// Returns the app id of a key.
    pub fn app_id(&self, key: &str) -> String {
        self.id("0oa", key)
    }

    /// Returns the id of a group rule or a push rule of a key.
    pub fn rule_id(&self, key: &str) -> String {
        self.id("0pr", key)
    }

    /// Returns the people, in the order they came.
    pub fn people(&self) -> impl ExactSizeIterator<Item = &Person> {
        self.people.values()
    }

    /// Returns the groups, in the order they came.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &OrgGroup> {
        self.groups.values()
    }

    /// Returns the group rules, in the order they came.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &GroupRule> {
        self.rules.values()
    }

    /// Returns the apps, in the order they came.
    pub fn apps(&self) -> impl ExactSizeIterator<Item = &OrgApp> {
        self.apps.values()
    }

    /// Returns the tasks that await the administrator, oldest first.
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = &Task> {
        self.tasks.values()
    }

    /// Returns what happened, oldest first.
    pub fn log(&self) -> &[LogEntry] {
        &self.log
    }

    /// Returns the jobs that are not over, in the order they came up. An import that ends can bring
    /// some: a profile source deactivates people, confirmed people join pushed groups.
    pub fn pending(&self) -> impl ExactSizeIterator<Item = &Job> {
        self.runs.values().map(|run| &run.job)
    }

    /// Returns the job of this number, unless it is over.
    pub fn pending_job(&self, number: &str) -> Option<&Job> {
        self.runs.get(&JobId(number.parse().ok()?)).map(|run| &run.job)
    }

    /// Returns the person of a login, capital letters or not.
    pub fn person_of_login(&self, login: &str) -> Option<&Person> {
        self.people.values().find(|person| directory::is_same_login(&person.profile.login, login))
    }

    /// Returns a person.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.people.get(id)
    }

    /// Returns a group.
    pub fn group(&self, id: &str) -> Option<&OrgGroup> {
        self.groups.get(id)
    }

    /// Returns an app.
    pub fn app(&self, id: &str) -> Option<&OrgApp> {
        self.apps.get(id)
    }

    /// Returns what Okta knows of a person's account in an app; nothing for one who was never assigned.
    pub fn account(&self, app: &str, person: &str) -> Option<&Account> {
        self.apps.get(app)?.accounts.get(person)
    }

    /// Returns the app user of a person, as flows outside the org take one.
    pub fn app_user(&self, app: &str, person: &str) -> Option<&AppUser> {
        self.account(app, person).map(|account| &account.user)
    }

    /// Returns the mapping of a group in an app, if the group is linked.
    pub fn mapping(&self, app: &str, group: &str) -> Option<&PushMapping> {
        self.apps.get(app)?.mapping(group)
    }

    fn id(&self, prefix: &str, key: &str) -> String {
        okta_id(format!("{}/{prefix}/{key}", self.seed)).replacen("00u", prefix, 1)
    }

    /// Returns an id for something nobody gave a key to.
    fn make_id(&mut self, prefix: &str) -> String {
        self.made += 1;
        self.id(prefix, &self.made.to_string())
    }

    fn expect_person(&self, id: &str) -> Result<&Person, OrgError> {
        self.people.get(id).ok_or_else(|| OrgError::UnknownPerson(id.to_owned()))
    }

    fn expect_group(&self, id: &str) -> Result<&OrgGroup, OrgError> {
        self.groups.get(id).ok_or_else(|| OrgError::UnknownGroup(id.to_owned()))
    }

    fn expect_app(&self, id: &str) -> Result<&OrgApp, OrgError> {
        self.apps.get(id).ok_or_else(|| OrgError::UnknownApp(id.to_owned()))
    }

    fn expect_app_mut(&mut self, id: &str) -> Result<&mut OrgApp, OrgError> {
        self.apps.get_mut(id).ok_or_else(|| OrgError::UnknownApp(id.to_owned()))
    }

    /// Returns an app whose integration is on.
    fn expect_integration(&self, id: &str) -> Result<&OrgApp, OrgError> {
        let app = self.expect_app(id)?;
        match app.integration {
            true => Ok(app),
            false => Err(OrgError::IntegrationOff(app.app.label.clone())),
        }
    }

    /// Notes in the log what happened around provisioning, such as to an event hook. It changes nothing else.
    pub fn record(&mut self, actor: Actor, event_type: EventType, targets: Vec<Target>, outcome: LogOutcome) {
        self.acts += 1;
        (self.transaction, self.job) = (self.acts, None);
        self.note(actor, event_type, targets, outcome);
    }

    fn note(&mut self, actor: Actor, event_type: EventType, targets: Vec<Target>, outcome: LogOutcome) {
        let (serial, at) = (self.log.len() as u64, self.now);
        let (transaction, job) = (self.transaction, self.job);
        let changed = Vec::new();
        self.log.push(LogEntry { serial, at, transaction, job, actor, event_type, targets, outcome, changed });
    }

    /// Notes what an administrator did.
    fn did(&mut self, event_type: EventType, targets: Vec<Target>) {
        self.note(Actor::Administrator, event_type, targets, LogOutcome::Success);
    }

    fn person_target(&self, id: &str) -> Target {
        let profile = self.people.get(id).map(|person| &person.profile);
        Target {
            kind: TargetKind::User,
            id: id.to_owned(),
            alternate_id: profile.map(|profile| profile.login.clone()).unwrap_or_default(),
            display_name: profile.map(|profile| profile.display_name.clone()).unwrap_or_default(),
        }
    }

    fn group_target(&self, id: &str) -> Target {
        let display_name = self.groups.get(id).map(|group| group.name.clone()).unwrap_or_default();
        Target { kind: TargetKind::UserGroup, id: id.to_owned(), alternate_id: String::new(), display_name }
    }

    fn app_target(&self, id: &str) -> Target {
        let label = self.apps.get(id).map(|app| app.app.label.clone()).unwrap_or_default();
        Target { kind: TargetKind::AppInstance, id: id.to_owned(), alternate_id: label.clone(), display_name: label }
    }

    fn account_target(&self, app: &str, person: &str) -> Target {
        let profile = self.account(app, person).map(|account| &account.user.profile);
        Target {
            kind: TargetKind::AppUser,
            id: person.to_owned(),
            alternate_id: profile.map(|profile| profile.login.clone()).unwrap_or_default(),
            display_name: profile.map(|profile| profile.display_name.clone()).unwrap_or_default(),
        }
    }
}
