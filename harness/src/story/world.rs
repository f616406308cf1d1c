//! The org of a story: its clock, its people and groups by the script's names, and what happens to them.

use super::told;
use crate::bindings::Bindings;
use crate::names::Seed;
use jiff::Timestamp;
use mock_okta::hr::{Agenda, HrAction, HrFeed};
use mock_okta::import::{DiscoveryGoal, Scope};
use mock_okta::org::{Account, Attributes, LogEntry, Org, OrgEvent, Password, PushCondition};
use mock_okta::{App, Attribute};
use scim_record::Deed;
use scim_suite::plan::{EventAction, Profile, ProfileValue};
use scim_suite::profile::GRANTS;
use scim_suite::story::{Feed, StoryApp};
use scim_suite::{Story, Template};
use std::collections::BTreeMap;

/// The org of a story.
pub(super) struct World<'s> {
    story: &'s Story,
    pub(super) org: Org,
    agenda: Agenda,
    /// What fills the holes of names and feeds.
    bindings: Bindings,
    /// Ids in the org by the script's names.
    groups: BTreeMap<String, String>,
    /// The groups that everybody is in.
    everybody: Vec<String>,
    /// What happened in the chapter so far.
    deeds: Vec<Deed>,
    /// How long the org's log was when the chapter began.
    log_begins: usize,
}

impl<'s> World<'s> {
    /// Returns an org with its groups and nobody in it.
    pub(super) fn new(story: &'s Story, seed: Seed) -> World<'s> {
        let bindings = Bindings::new(seed, &story.name, "");
        let mut world = World {
            story,
            org: Org::new(format!("{seed}/{}", story.name)),
            agenda: Agenda::new(story.org.calendar.clone()),
            bindings,
            groups: BTreeMap::new(),
            everybody: Vec::new(),
            deeds: Vec::new(),
            log_begins: 0,
        };
        for group in &story.groups {
            let name = world.fill(&group.display_name);
            world.settle(OrgEvent::CreateGroup { key: group.name.clone(), name, description: None });
            let id = world.org.group_id(&group.name);
            if group.everybody {
                world.everybody.push(id.clone());
            }
            world.groups.insert(group.name.clone(), id);
        }
        world
    }

    /// Takes an app into the org: the groups assigned to it are, and nothing is sent for that. What its set-up sends comes
    /// back.
    pub(super) fn add_app(&mut self, app: &StoryApp) -> Vec<OrgEvent> {
        let id = self.app_id(app);
        let key = app.name.clone();
        self.settle(OrgEvent::AddApp { key, app: Box::new(self.settings(app)) });
        for name in &app.groups {
            let group = self.groups[name].clone();
            let attributes = self.attributes_of_group(name);
            self.settle(OrgEvent::AssignGroup { app: id.clone(), group, priority: None, attributes });
        }
        let pushes = app.push_groups.iter().map(|name| self.groups[name].clone());
        let pushes = pushes.map(|group| OrgEvent::PushGroup { app: id.clone(), group });
        std::iter::once(OrgEvent::Connect { app: id.clone() }).chain(pushes).collect()
    }

    pub(super) fn app_id(&self, app: &StoryApp) -> String {
        self.org.app_id(&app.name)
    }

    fn settings(&self, app: &StoryApp) -> App {
        let mut settings = App { label: app.name.clone(), ..App::new(app.id.kind) };
        settings.version = app.id.version;
        settings.push = app.push;
        let of_groups = self.story.groups.iter().filter(|group| app.groups.contains(&group.name));
        let keys = of_groups.flat_map(|group| &group.profile).map(|(key, _)| key).chain(&app.attributes);
        for key in keys {
            settings.entitlements |= GRANTS.contains(&key.as_str());
            if settings.attribute(key).is_none()
                && let Some(attribute) = Attribute::standard(key)
            {
                settings.map(attribute);
            }
        }
        settings
    }

    fn attributes_of_group(&self, name: &str) -> Attributes {
        let group = self.story.groups.iter().find(|group| group.name == name);
        group.map(|group| self.attributes(&group.profile)).unwrap_or_default()
    }

    /// Returns what time it is.
    pub(super) fn now(&self) -> Timestamp {
        let seconds = i64::try_from(self.org.now()).unwrap_or(i64::MAX);
        let now = self.story.org.began.as_second().saturating_add(seconds);
        Timestamp::from_second(now).unwrap_or(Timestamp::MAX)
    }

    /// Lets time pass; it never goes back.
    pub(super) fn advance_to(&mut self, moment: Timestamp) {
        let seconds = moment.as_second() - self.now().as_second();
        self.org.advance(u64::try_from(seconds).unwrap_or(0));
    }

    /// Returns what HR has dated up to a moment, with the event it is, and lets time pass until then. The event may be
    /// none: an administrator has done it before.
    pub(super) fn next_of_hr(&mut self, until: Timestamp) -> Option<Option<OrgEvent>> {
        let action = self.agenda.next(until)?;
        self.advance_to(action.at);
        let groups = &self.groups;
        let event = action.event(&self.org, &|name| groups.get(name).cloned(), &self.everybody);
        let event = event.expect("the loader knows every group of a feed");
        self.note(told::hr(&self.org, &action, event.is_some(), self.agenda.calendar()));
        Some(event)
    }

    /// Takes in a feed of HR's.
    pub(super) fn receive(&mut self, feed: &Feed) {
        let text = self.fill(&feed.text);
        let feed = HrFeed::parse(&text).expect("the loader has read the feed; the run's prefix has no comma or quote");
        let now = self.now();
        self.note(told::feed(&feed));
        self.agenda.receive(&feed, now);
    }

    /// Returns what HR has dated after now, in words.
    pub(super) fn ahead(&self) -> Vec<HrAction> {
        let now = self.now();
        self.agenda.ahead().into_iter().filter(|action| action.at > now).collect()
    }

    /// Returns the events of the org that an event of the script is.
    pub(super) fn events(&self, app: Option<&StoryApp>, action: &EventAction) -> Vec<OrgEvent> {
        let app = || app.map(|app| self.app_id(app)).expect("the loader asks for an app where there is a question");
        let person = |name: &String| self.org.person_id(name);
        let each = |who: &[String], event: &dyn Fn(String) -> OrgEvent| -> Vec<OrgEvent> {
            who.iter().map(|name| event(person(name))).collect()
        };
        let of = |name: &String| self.groups[name].clone();
        match action {
            EventAction::Connect => vec![OrgEvent::Connect { app: app() }],
            EventAction::Assign { who } => {
                each(who, &|person| OrgEvent::Assign { app: app(), person, attributes: Vec::new() })
            }
            EventAction::Update { who, set } => {
                each(who, &|person| OrgEvent::UpdateProfile { person, changes: self.attributes(set) })
            }
            EventAction::UpdateGroup { group, set } => vec![OrgEvent::UpdateGroupAssignment {
                app: app(),
                group: of(group),
                priority: None,
                attributes: self.attributes(set),
            }],
            EventAction::Deactivate { who } => each(who, &|person| OrgEvent::Deactivate { person }),
            EventAction::Reactivate { who } => each(who, &|person| OrgEvent::Reactivate { person }),
            EventAction::Unassign { who } => each(who, &|person| OrgEvent::Unassign { app: app(), person }),
            EventAction::Suspend { who } => each(who, &|person| OrgEvent::Suspend { person }),
            EventAction::Unsuspend { who } => each(who, &|person| OrgEvent::Unsuspend { person }),
            EventAction::Delete { who } => each(who, &|person| OrgEvent::DeletePerson { person }),
            EventAction::SyncPassword { who } => each(who, &|person| {
                let password = Password(format!("Kv7-{:08x}", Seed(0).derive(&person) as u32));
                OrgEvent::ChangePassword { person, password }
            }),
            EventAction::ForceSync { who } => {
                vec![OrgEvent::ForceSync { app: app(), people: who.iter().map(person).collect() }]
            }
            EventAction::AssignGroup { group } => {
                let attributes = self.attributes_of_group(group);
                vec![OrgEvent::AssignGroup { app: app(), group: of(group), priority: None, attributes }]
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
                vec![OrgEvent::LinkGroup { app: app(), group: of(group), target_name: self.fill(name) }]
            }
            EventAction::RenameGroup { group, name } => {
                vec![OrgEvent::RenameGroup { group: of(group), name: self.fill(name) }]
            }
            EventAction::PushNow { group } => vec![OrgEvent::PushNow { app: app(), group: of(group) }],
            EventAction::DeactivatePush { group } => vec![OrgEvent::DeactivatePush { app: app(), group: of(group) }],
            EventAction::ActivatePush { group } => vec![OrgEvent::ActivatePush { app: app(), group: of(group) }],
            EventAction::UnlinkGroup { group, delete } => {
                vec![OrgEvent::UnlinkGroup { app: app(), group: of(group), delete: *delete }]
            }
            EventAction::RelinkGroup { group } => vec![OrgEvent::RelinkGroup { app: app(), group: of(group) }],
            EventAction::PushByRule { name } => {
                let key = self.fill(name);
                let condition = PushCondition::name_starts_with(key.clone());
                vec![OrgEvent::CreatePushRule { app: app(), key, condition }]
            }
            EventAction::DeactivateRule { name } => {
                vec![OrgEvent::DeactivatePushRule { app: app(), rule: self.org.rule_id(&self.fill(name)) }]
            }
            EventAction::DeleteRule { name, delete } => {
                let rule = self.org.rule_id(&self.fill(name));
                vec![OrgEvent::DeletePushRule { app: app(), rule, delete: *delete }]
            }
            EventAction::ImportUsers => vec![OrgEvent::Import { app: app(), scope: Scope::Users }],
            EventAction::ImportGroups => vec![OrgEvent::Import { app: app(), scope: Scope::Groups }],
            EventAction::ConfirmMatches => vec![OrgEvent::ConfirmMatches { app: app(), everybody: false }],
            EventAction::ImportSchema => vec![OrgEvent::Discover { app: app(), goal: DiscoveryGoal::UserSchema }],
            EventAction::ReadEntitlements => vec![OrgEvent::Discover { app: app(), goal: DiscoveryGoal::Entitlements }],
        }
    }

    /// Returns the events by which everything that failed in an app is attempted again.
    pub(super) fn retries(&self, app: &StoryApp) -> Vec<OrgEvent> {
        let id = self.app_id(app);
        let tasks = self.org.tasks().filter(|task| task.app == id);
        tasks.map(|task| OrgEvent::RetryTask { task: task.id.clone() }).collect()
    }

    /// Lets an event happen; the error is why Okta refuses it.
    pub(super) fn happen(&mut self, event: OrgEvent) -> Result<(), String> {
        // The jobs wait in the org, where whoever performs them finds them.
        self.org.apply(event).map(drop).map_err(|refused| refused.to_string())
    }

    /// Notes what happens, at this moment.
    pub(super) fn note(&mut self, text: String) {
        let at = self.story.org.calendar.shown(self.now());
        self.deeds.push(Deed { at, text });
    }

    /// Returns what happened in the chapter, and begins the next.
    pub(super) fn take_deeds(&mut self) -> Vec<Deed> {
        self.log_begins = self.org.log().len();
        std::mem::take(&mut self.deeds)
    }

    /// Returns what the log has gained in the chapter.
    pub(super) fn log(&self) -> &[LogEntry] {
        &self.org.log()[self.log_begins..]
    }

    /// Returns what Okta knows of somebody's account in an app.
    pub(super) fn account(&self, app: &StoryApp, who: &str) -> Option<&Account> {
        self.org.account(&self.app_id(app), &self.org.person_id(who))
    }

    /// Returns the id by which a service provider knows somebody, as far as Okta knows it; the last one it knew where the
    /// link is gone.
    pub(super) fn remote_id(&self, app: &StoryApp, who: &str) -> Option<String> {
        let account = self.account(app, who)?;
        account.user.remote_id.clone().or_else(|| account.last_remote_id.clone())
    }

    /// Makes known in an app what the org knows: names, and the server's ids once there are any.
    pub(super) fn bind(&self, app: &StoryApp, bindings: &mut Bindings) {
        for name in &self.story.people {
            let id = self.org.person_id(name);
            let account = self.account(app, name).map(|account| &account.user.profile);
            // Somebody who was deleted in Okta keeps the names that are bound already.
            if let Some(profile) = account.or_else(|| self.org.person(&id).map(|person| &person.profile)) {
                bindings.bind_person(name, &id, profile, self.remote_id(app, name).as_deref());
            }
        }
        let app = self.app_id(app);
        for (name, id) in &self.groups {
            let remote_id = self.org.mapping(&app, id).and_then(|row| row.mapping.remote_id.as_deref());
            if let Some(group) = self.org.group(id) {
                bindings.bind_group(name, &group.name, remote_id);
            }
        }
    }

    fn attributes(&self, profile: &Profile) -> Attributes {
        let text = |value: &ProfileValue| value.templates().first().map(|text| self.fill(text)).unwrap_or_default();
        let plain = profile.iter().filter(|(key, _)| !GRANTS.contains(&key.as_str()));
        plain.map(|(key, value)| (key.clone(), text(value))).collect()
    }

    fn fill(&self, template: &Template) -> String {
        let bindings = &self.bindings;
        template
            .expand(&|name| bindings.get(name).or_else(|| Some(format!("{{{{{name}}}}}"))))
            .expect("every hole has a value or stands for itself")
    }

    /// Lets an event happen that sends nothing and cannot be refused before the story begins.
    fn settle(&mut self, event: OrgEvent) {
        let jobs = self.org.apply(event).expect("the loader has checked the org");
        debug_assert!(jobs.is_empty(), "nobody is assigned yet");
    }
}
