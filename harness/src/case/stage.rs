//! The Okta org of one case: its people and groups, and the app that provisions to the target.
//!
//! A suite names people and groups by words of its own; the org knows ids. This module stands between the two, and lets
//! an event of the suite happen in the org. Sending what follows from it is the caller's work.

use crate::bindings::Bindings;
use crate::names::Seed;
use mock_okta::import::{DiscoveryGoal, ImportSettings, Scope};
use mock_okta::org::{Attributes, ImportSetup, JobId, Org, OrgEvent, Password, PushCondition, Work};
use mock_okta::{App, AppId, Grant, MembersForm, Profile, Response, Step};
use scim_suite::plan::{CastGroup, CastPerson, EventAction, OktaSetup, ProfileValue};
use scim_suite::profile::GRANTS;
use scim_suite::{GroupAttributes, PersonStatus, Template, Unbound};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// The Okta org of one case.
pub(super) struct Stage {
    org: RefCell<Org>,
    /// The id of the app.
    app: String,
    /// Ids in the org by names in the case.
    people: BTreeMap<String, String>,
    groups: BTreeMap<String, Cast>,
}

/// A group of the case.
struct Cast {
    id: String,
    /// What people get who are assigned through it.
    attributes: Attributes,
}

/// Something Okta has to do.
pub(super) struct Errand {
    job: JobId,
    is_import: bool,
}

/// An errand under way.
pub(super) struct Running {
    errand: Errand,
    step: Option<Step>,
}

/// What an import counted, of people and groups together.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ImportTally {
    pub(super) scanned: u64,
    pub(super) new: u64,
    pub(super) updated: u64,
    pub(super) unchanged: u64,
    pub(super) removed: u64,
}

/// Fills the templates of an event.
type Fill<'f> = &'f dyn Fn(&Template) -> Result<String, Unbound>;

impl Stage {
    /// Sets the org up as the case finds it. Nothing is sent for that.
    pub(super) fn set_up(setup: &OktaSetup, app: AppId, trial: &str, seed: Seed, bindings: &Bindings) -> Stage {
        let mut org = Org::new(format!("{seed}/{trial}"));
        let app_id = org.app_id(APP);
        settle(&mut org, OrgEvent::AddApp { key: APP.to_owned(), app: Box::new(app_of(setup, app)) });
        if setup.settings.group_attributes == GroupAttributes::Combine {
            for attribute in setup.groups.iter().flat_map(|group| &group.profile).map(|(key, _)| key.clone()) {
                settle(&mut org, OrgEvent::CombineAcrossGroups { app: app_id.clone(), attribute, combine: true });
            }
        }
        let import = Box::new(ImportSetup {
            settings: import_settings(setup),
            passes_strangers: true,
            ..ImportSetup::default()
        });
        settle(&mut org, OrgEvent::ChangeImport { app: app_id.clone(), setup: import });
        let mut stage = Stage { app: app_id, people: BTreeMap::new(), groups: BTreeMap::new(), org: RefCell::new(org) };
        for person in &setup.people {
            stage.add_person(person, bindings);
        }
        for group in &setup.groups {
            stage.add_group(group, bindings);
        }
        stage
    }

    fn add_person(&mut self, person: &CastPerson, bindings: &Bindings) {
        let org = self.org.get_mut();
        let id = org.person_id(&person.name);
        let mut known = bindings.clone();
        known.bind("okta.id", id.clone());
        let fill = |template: &Template| {
            template.expand(&|name| known.get(name)).expect("the plan lets profiles use only what every trial knows")
        };
        let profile = profile_of(&person.profile, &fill);
        let activate = person.status != PersonStatus::Staged;
        settle(org, OrgEvent::CreatePerson { key: person.name.clone(), profile, activate });
        match person.status {
            PersonStatus::Active | PersonStatus::Staged => {}
            PersonStatus::Suspended => settle(org, OrgEvent::Suspend { person: id.clone() }),
            PersonStatus::Deactivated => settle(org, OrgEvent::Deactivate { person: id.clone() }),
        }
        let grants = Grants::of(&person.profile, &|template| Ok(fill(template)));
        if let Some(grants) = grants.expect("the profile's templates are filled") {
            let event = self.grant(&id, &grants);
            settle(self.org.get_mut(), event);
        }
        self.people.insert(person.name.clone(), id);
    }

    /// Returns the event by which somebody is granted this, on top of what stays as it is.
    fn grant(&self, person: &str, grants: &Grants) -> OrgEvent {
        let org = self.org.borrow();
        let user = org.account(&self.app, person).map(|account| &account.user);
        let or = |mentioned: &Option<Vec<Grant>>, known: Option<&Vec<Grant>>| {
            mentioned.clone().or_else(|| known.cloned()).unwrap_or_default()
        };
        OrgEvent::Grant {
            app: self.app.clone(),
            person: person.to_owned(),
            roles: or(&grants.roles, user.map(|user| &user.roles)),
            entitlements: or(&grants.entitlements, user.map(|user| &user.entitlements)),
        }
    }

    fn add_group(&mut self, group: &CastGroup, bindings: &Bindings) {
        const KNOWN: &str = "the plan lets names use only what every trial knows";
        let fill = |template: &Template| template.expand(&|name| bindings.get(name));
        let org = self.org.get_mut();
        let id = org.group_id(&group.name);
        let name = fill(&group.display_name).expect(KNOWN);
        let description = group.description.as_ref().map(|text| fill(text).expect(KNOWN));
        settle(org, OrgEvent::CreateGroup { key: group.name.clone(), name, description });
        for member in &group.members {
            let person = self.people[member].clone();
            settle(org, OrgEvent::AddMember { group: id.clone(), person });
        }
        let attributes = changes(&group.profile, &fill).expect(KNOWN);
        self.groups.insert(group.name.clone(), Cast { id, attributes });
    }

    /// Lets an event happen, and returns what Okta has to do because of it, in order.
    pub(super) fn happen(&self, action: &EventAction, fill: Fill<'_>) -> Result<Vec<Errand>, String> {
        let events = self.events(action, fill).map_err(|unbound| unbound.to_string())?;
        let mut errands = Vec::new();
        for event in events {
            let jobs = self.org.borrow_mut().apply(event).map_err(|refused| refused.to_string())?;
            let errand =
                |job: mock_okta::org::Job| Errand { job: job.id, is_import: matches!(job.work, Work::Import(_)) };
            errands.extend(jobs.into_iter().map(errand));
        }
        Ok(errands)
    }

    /// Returns what an event of the suite is in the org.
    fn events(&self, action: &EventAction, fill: Fill<'_>) -> Result<Vec<OrgEvent>, Unbound> {
        let app = || self.app.clone();
        let each = |who: &[String], event: &dyn Fn(String) -> OrgEvent| -> Vec<OrgEvent> {
            who.iter().map(|name| event(self.people[name].clone())).collect()
        };
        let of = |name: &String| self.groups[name].id.clone();
        Ok(match action {
            EventAction::Connect => vec![OrgEvent::Connect { app: app() }],
            EventAction::Assign { who } => {
                each(who, &|person| OrgEvent::Assign { app: app(), person, attributes: Vec::new() })
            }
            EventAction::Update { who, set } => {
                let changes = changes(set, fill)?;
                let grants = Grants::of(set, &|template| fill(template))?;
                let mut events = Vec::new();
                for person in who.iter().map(|name| self.people[name].clone()) {
                    if let Some(grants) = &grants {
                        events.push(self.grant(&person, grants));
                    }
                    if !changes.is_empty() {
                        events.push(OrgEvent::UpdateProfile { person, changes: changes.clone() });
                    }
                }
                events
            }
            EventAction::UpdateGroup { group, set } => {
                let (group, attributes) = (of(group), changes(set, fill)?);
                vec![OrgEvent::UpdateGroupAssignment { app: app(), group, priority: None, attributes }]
            }
            EventAction::Deactivate { who } => each(who, &|person| OrgEvent::Deactivate { person }),
            EventAction::Reactivate { who } => each(who, &|person| OrgEvent::Reactivate { person }),
            EventAction::Unassign { who } => each(who, &|person| OrgEvent::Unassign { app: app(), person }),
            EventAction::Suspend { who } => each(who, &|person| OrgEvent::Suspend { person }),
            EventAction::Unsuspend { who } => each(who, &|person| OrgEvent::Unsuspend { person }),
            EventAction::Delete { who } => each(who, &|person| OrgEvent::DeletePerson { person }),
            EventAction::SyncPassword { who } => each(who, &|person| {
                let password = Password(new_password(&person));
                OrgEvent::ChangePassword { person, password }
            }),
            EventAction::ForceSync { who } => {
                let people = who.iter().map(|name| self.people[name].clone()).collect();
                vec![OrgEvent::ForceSync { app: app(), people }]
            }
            EventAction::AssignGroup { group } => {
                let Cast { id, attributes } = &self.groups[group];
                let (group, attributes) = (id.clone(), attributes.clone());
                vec![OrgEvent::AssignGroup { app: app(), group, priority: None, attributes }]
            }
            EventAction::UnassignGroup { group } => vec![OrgEvent::UnassignGroup { app: app(), group: of(group) }],
            EventAction::AddToGroup { who, group } => {
                each(who, &|person| OrgEvent::AddMember { group: of(group), person })
            }
            EventAction::RemoveFromGroup { who, group } => {
                each(who, &|person| OrgEvent::RemoveMember { group: of(group), person })
            }
            EventAction::PushGroup { group } => vec![OrgEvent::PushGroup { app: app(), group: of(group) }],
            EventAction::LinkGroup { group, name } => {
                vec![OrgEvent::LinkGroup { app: app(), group: of(group), target_name: fill(name)? }]
            }
            EventAction::RenameGroup { group, name } => {
                vec![OrgEvent::RenameGroup { group: of(group), name: fill(name)? }]
            }
            EventAction::PushNow { group } => vec![OrgEvent::PushNow { app: app(), group: of(group) }],
            EventAction::DeactivatePush { group } => vec![OrgEvent::DeactivatePush { app: app(), group: of(group) }],
            EventAction::ActivatePush { group } => vec![OrgEvent::ActivatePush { app: app(), group: of(group) }],
            EventAction::UnlinkGroup { group, delete } => {
                vec![OrgEvent::UnlinkGroup { app: app(), group: of(group), delete: *delete }]
            }
            EventAction::RelinkGroup { group } => vec![OrgEvent::RelinkGroup { app: app(), group: of(group) }],
            EventAction::PushByRule { name } => {
                let name = fill(name)?;
                let condition = PushCondition::name_starts_with(name.clone());
                vec![OrgEvent::CreatePushRule { app: app(), key: name, condition }]
            }
            EventAction::DeactivateRule { name } => {
                let rule = self.org.borrow().rule_id(&fill(name)?);
                vec![OrgEvent::DeactivatePushRule { app: app(), rule }]
            }
            EventAction::DeleteRule { name, delete } => {
                let rule = self.org.borrow().rule_id(&fill(name)?);
                vec![OrgEvent::DeletePushRule { app: app(), rule, delete: *delete }]
            }
            EventAction::ImportUsers => vec![OrgEvent::Import { app: app(), scope: Scope::Users }],
            EventAction::ImportGroups => vec![OrgEvent::Import { app: app(), scope: Scope::Groups }],
            EventAction::ConfirmMatches => vec![OrgEvent::ConfirmMatches { app: app(), everybody: false }],
            EventAction::ImportSchema => vec![OrgEvent::Discover { app: app(), goal: DiscoveryGoal::UserSchema }],
            EventAction::ReadEntitlements => vec![OrgEvent::Discover { app: app(), goal: DiscoveryGoal::Entitlements }],
        })
    }

    /// Starts an errand.
    pub(super) fn start(&self, errand: Errand) -> Running {
        let step = self.org.borrow_mut().start(errand.job);
        Running { errand, step: Some(step) }
    }

    /// Makes known what the org knows: names, and the server's ids once there are any.
    pub(super) fn bind(&self, bindings: &mut Bindings) {
        let org = self.org.borrow();
        for (name, id) in &self.people {
            let account = org.account(&self.app, id).map(|account| &account.user);
            let profile = account.map(|user| &user.profile).or_else(|| Some(&org.person(id)?.profile));
            // Somebody who was deleted in Okta keeps the names that are bound already.
            let Some(profile) = profile else { continue };
            bindings.bind_person(name, id, profile, account.and_then(|user| user.remote_id.as_deref()));
        }
        for (name, group) in &self.groups {
            let remote_id = org.mapping(&self.app, &group.id).and_then(|row| row.mapping.remote_id.as_deref());
            if let Some(group) = org.group(&group.id) {
                bindings.bind_group(name, &group.name, remote_id);
            }
        }
    }
}

impl Running {
    /// Takes what is to be done next.
    pub(super) fn step(&mut self) -> Step {
        self.step.take().expect("a step is taken once")
    }

    /// Goes on with an answer.
    pub(super) fn next(&mut self, stage: &Stage, response: Response) {
        self.step = Some(stage.org.borrow_mut().next(self.errand.job, response));
    }

    /// Goes on after a pause.
    pub(super) fn resume(&mut self, stage: &Stage) {
        self.step = Some(stage.org.borrow_mut().resume(self.errand.job));
    }

    /// Ends an errand; an import says what it counted.
    pub(super) fn finish(self, stage: &Stage) -> Option<ImportTally> {
        if !self.errand.is_import {
            return None;
        }
        let org = stage.org.borrow();
        let report = org.app(&stage.app)?.imported.report.as_ref()?;
        let (users, groups) = (report.users.counters, report.groups.counters);
        Some(ImportTally {
            scanned: users.scanned + groups.scanned,
            new: users.new + groups.new,
            updated: users.updated + groups.updated,
            unchanged: users.unchanged + groups.unchanged,
            removed: users.removed + groups.removed,
        })
    }
}

const APP: &str = "app";

/// Lets an event happen that sends nothing and cannot be refused while the case is set up.
fn settle(org: &mut Org, event: OrgEvent) {
    let jobs = org.apply(event).expect("the plan sets up nothing an org refuses");
    debug_assert!(jobs.is_empty(), "nobody is assigned yet");
}

fn app_of(setup: &OktaSetup, id: AppId) -> App {
    let settings = &setup.settings;
    let mut app = App::new(id.kind);
    app.version = id.version;
    app.push = setup.push;
    app.patch_profile = settings.patch_profile;
    app.exclude_username_updates = settings.exclude_username_updates;
    app.entitlements = settings.entitlements;
    app.loses_create_answer = settings.loses_create_answer;
    app.granular_deprovisioning = settings.granular_deprovisioning.then_some(Duration::ZERO);
    app.rename_groups = settings.rename_groups;
    app.group_batch = usize::from(settings.group_batch);
    app.members_form = if settings.pathless_members { MembersForm::Pathless } else { MembersForm::Path };
    app.empties = match settings.empty {
        scim_suite::EmptyValue::Omit => mock_okta::Empties::Omit,
        scim_suite::EmptyValue::Empty => mock_okta::Empties::Text,
        scim_suite::EmptyValue::Null => mock_okta::Empties::Null,
    };
    let keys = setup.people.iter().flat_map(|person| &person.profile);
    let keys = keys.chain(setup.groups.iter().flat_map(|group| &group.profile)).map(|(key, _)| key);
    for key in keys {
        if app.attribute(key).is_none()
            && let Some(attribute) = mock_okta::Attribute::standard(key)
        {
            app.map(attribute);
        }
        app.entitlements |= GRANTS.contains(&key.as_str());
    }
    app
}

fn import_settings(setup: &OktaSetup) -> ImportSettings {
    ImportSettings {
        profile_source: setup.settings.profile_source.map(|when| match when {
            scim_suite::WhenDeactivated::DoNothing => mock_okta::import::WhenDeactivated::DoNothing,
            scim_suite::WhenDeactivated::Deactivate => mock_okta::import::WhenDeactivated::Deactivate,
            scim_suite::WhenDeactivated::Suspend => mock_okta::import::WhenDeactivated::Suspend,
        }),
        ..ImportSettings::default()
    }
}

/// Returns the profile a case gives somebody; what they are granted is no part of it.
fn profile_of(written: &scim_suite::plan::Profile, fill: &dyn Fn(&Template) -> String) -> Profile {
    let one = |key: &str| {
        written.iter().find(|(known, _)| known == key).and_then(|(_, value)| match value {
            ProfileValue::One(template) => Some(fill(template)),
            ProfileValue::Many(_) => None,
        })
    };
    let name = |key: &str| one(key).expect("the plan has login and names of everybody");
    let mut profile = Profile::new(name("login"), name("firstName"), name("lastName"));
    for (key, _) in written.iter().filter(|(key, _)| !GRANTS.contains(&key.as_str())) {
        profile.set(key, one(key).unwrap_or_default()).expect("the plan knows the profile's keys");
    }
    profile
}

/// What somebody is granted; a kind that is not mentioned stays as it is.
struct Grants {
    roles: Option<Vec<Grant>>,
    entitlements: Option<Vec<Grant>>,
}

impl Grants {
    /// Returns what a profile grants, if it mentions grants at all.
    fn of(
        profile: &scim_suite::plan::Profile,
        fill: &dyn Fn(&Template) -> Result<String, Unbound>,
    ) -> Result<Option<Grants>, Unbound> {
        let list = |key: &str| {
            let value = profile.iter().find(|(known, _)| known == key).map(|(_, value)| value);
            let read = |grant: &Template| fill(grant).map(|text| grant_of(&text));
            value.map(|value| value.templates().iter().map(read).collect::<Result<Vec<_>, _>>()).transpose()
        };
        let grants = Grants { roles: list("roles")?, entitlements: list("entitlements")? };
        Ok((grants.roles.is_some() || grants.entitlements.is_some()).then_some(grants))
    }
}

/// Reads `ID` or `KIND:ID`.
fn grant_of(text: &str) -> Grant {
    match text.split_once(':') {
        Some((kind, value)) => Grant { value: value.to_owned(), display: None, kind: Some(kind.to_owned()) },
        None => Grant { value: text.to_owned(), display: None, kind: None },
    }
}

fn changes(set: &scim_suite::plan::Profile, fill: Fill<'_>) -> Result<Attributes, Unbound> {
    let text = |value: &ProfileValue| value.templates().first().map_or(Ok(String::new()), fill);
    let plain = set.iter().filter(|(key, _)| !GRANTS.contains(&key.as_str()));
    plain.map(|(key, value)| Ok((key.clone(), text(value)?))).collect()
}

/// Returns the password somebody chooses; it depends on who they are alone, so that a run can be repeated.
fn new_password(person: &str) -> String {
    format!("Kv7-{:08x}", Seed(0).derive(person) as u32)
}
