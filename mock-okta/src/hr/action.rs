//! What HR does to somebody at a moment, and which events of the org that is.

use jiff::Timestamp;

use super::Employee;
use crate::org::{Attributes, Org, OrgEvent, PersonStatus};

/// Something HR does to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HrAction {
    /// When.
    pub at: Timestamp,
    /// What HR calls the person.
    pub who: String,
    /// What.
    pub deed: HrDeed,
}

/// What HR does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HrDeed {
    /// Somebody is taken into the directory, staged until the first day.
    Hire {
        /// Who it is.
        employee: Box<Employee>,
    },
    /// The first day begins.
    Start,
    /// Profile and groups change, both at once.
    Change(HrChange),
    /// A leave of absence begins.
    GoOnLeave,
    /// A leave of absence is over.
    ReturnFromLeave,
    /// The last day is over.
    Leave,
    /// Somebody who left is back.
    Rehire(HrChange),
}

/// What is different about somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HrChange {
    /// The attributes of the Okta profile, with their values from then on.
    pub set: Attributes,
    /// The groups the person joins, as HR names them.
    pub join: Vec<String>,
    /// The groups the person leaves.
    pub quit: Vec<String>,
}

impl HrChange {
    /// Returns what is different between two rows about one person. A column that only one feed has says nothing in the
    /// other, except about groups.
    pub fn between(before: &Employee, after: &Employee) -> HrChange {
        let changed = |(key, value): &&(String, String)| before.value(key).unwrap_or_default() != value;
        let not_in = |other: &Employee, name: &String| !other.groups.contains(name);
        HrChange {
            set: after.profile.iter().filter(changed).cloned().collect(),
            join: after.groups.iter().filter(|name| not_in(before, name)).cloned().collect(),
            quit: before.groups.iter().filter(|name| not_in(after, name)).cloned().collect(),
        }
    }

    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.join.is_empty() && self.quit.is_empty()
    }
}

impl HrAction {
    /// Returns the one event that the action is in the org, or the name of a group that `group` finds no id for.
    ///
    /// People have what HR calls them for their key. `everybody` are the ids of the groups that the whole staff is in.
    /// Somebody who was deleted in Okta meanwhile is beyond HR's reach, and so is somebody whose state an administrator
    /// changed by hand to what HR wants: then nothing happens.
    pub fn event(
        &self,
        org: &Org,
        group: &dyn Fn(&str) -> Option<String>,
        everybody: &[String],
    ) -> Result<Option<OrgEvent>, String> {
        let person = org.person_id(&self.who);
        let known = org.person(&person);
        let status = known.map(|person| person.status);
        let event = |fits: bool, event: OrgEvent| Ok(fits.then_some(event));
        match &self.deed {
            HrDeed::Hire { employee } => {
                let (key, profile) = (self.who.clone(), employee.okta_profile());
                let mut events = vec![OrgEvent::CreatePerson { key, profile, activate: false }];
                let mut groups = everybody.to_vec();
                groups.extend(ids(&employee.groups, group)?);
                events.extend(groups.into_iter().map(|group| OrgEvent::AddMember { group, person: person.clone() }));
                event(known.is_none(), OrgEvent::Together(events))
            }
            HrDeed::Start => event(status == Some(PersonStatus::Staged), OrgEvent::Activate { person }),
            HrDeed::GoOnLeave => event(status.is_some_and(PersonStatus::gets_accounts), OrgEvent::Suspend { person }),
            HrDeed::ReturnFromLeave => event(status == Some(PersonStatus::Suspended), OrgEvent::Unsuspend { person }),
            HrDeed::Leave => {
                let is_here = status.is_some_and(|status| status != PersonStatus::Deprovisioned);
                event(is_here, OrgEvent::Deactivate { person })
            }
            HrDeed::Change(change) => {
                let mut events = profile_event(&person, change);
                events.extend(membership_events(org, &person, change, group)?);
                event(known.is_some() && !events.is_empty(), OrgEvent::Together(events))
            }
            HrDeed::Rehire(change) => {
                let mut events = profile_event(&person, change);
                // Who left a group while away must not get back, for a moment, what the group gave.
                let (quit, join): (Vec<_>, Vec<_>) = membership_events(org, &person, change, group)?
                    .into_iter()
                    .partition(|event| matches!(event, OrgEvent::RemoveMember { .. }));
                events.extend(quit);
                events.push(OrgEvent::Activate { person });
                events.extend(join);
                event(status == Some(PersonStatus::Deprovisioned), OrgEvent::Together(events))
            }
        }
    }
}

fn profile_event(person: &str, change: &HrChange) -> Vec<OrgEvent> {
    match change.set.is_empty() {
        true => Vec::new(),
        false => vec![OrgEvent::UpdateProfile { person: person.to_owned(), changes: change.set.clone() }],
    }
}

/// Returns what has to happen for the memberships to be as HR wants them; some may be so already.
fn membership_events(
    org: &Org,
    person: &str,
    change: &HrChange,
    group: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<OrgEvent>, String> {
    let is_member = |id: &String| org.group(id).is_some_and(|group| group.members.contains_key(person));
    let quit = ids(&change.quit, group)?.into_iter().filter(|id| is_member(id));
    let join = ids(&change.join, group)?.into_iter().filter(|id| !is_member(id));
    let quit = quit.map(|group| OrgEvent::RemoveMember { group, person: person.to_owned() });
    let join = join.map(|group| OrgEvent::AddMember { group, person: person.to_owned() });
    Ok(quit.chain(join).collect())
}

fn ids(names: &[String], group: &dyn Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
    names.iter().map(|name| group(name).ok_or_else(|| name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hr::{Agenda, Calendar, HrFeed};
    use crate::org::Work;
    use crate::{App, AppKind, Attribute};

    const HEADER: &str = "id,login,first name,last name,title,groups,last day\n";

    /// An org with one app that Support is assigned to, and HR's agenda for it.
    struct Office {
        org: Org,
        agenda: Agenda,
        now: Timestamp,
    }

    impl Office {
        fn new() -> Office {
            let mut org = Org::new("office");
            let group = |key: &str| OrgEvent::CreateGroup { key: key.into(), name: key.into(), description: None };
            for key in ["everyone", "support", "managers"] {
                org.apply(group(key)).unwrap();
            }
            let mut app = App::new(AppKind::Catalog);
            app.map(Attribute::standard("title").unwrap());
            org.apply(OrgEvent::AddApp { key: "app".into(), app: Box::new(app) }).unwrap();
            for key in ["support", "managers"] {
                let (app, group) = (org.app_id("app"), org.group_id(key));
                org.apply(OrgEvent::AssignGroup { app, group, priority: None, attributes: Vec::new() }).unwrap();
            }
            let calendar = Calendar::new("UTC", "17:00".parse().unwrap()).unwrap();
            let now = "2026-03-02T09:00:00Z".parse().unwrap();
            Office { org, agenda: Agenda::new(calendar), now }
        }

        /// Receives rows and returns what the app has to be told of, event by event.
        fn receive(&mut self, rows: &str) -> Vec<Vec<Work>> {
            self.agenda.receive(&HrFeed::parse(&format!("{HEADER}{rows}")).unwrap(), self.now);
            self.pass("2026-03-02T09:00:00Z")
        }

        fn pass(&mut self, until: &str) -> Vec<Vec<Work>> {
            self.now = self.now.max(until.parse().unwrap());
            let mut told = Vec::new();
            while let Some(action) = self.agenda.next(self.now) {
                let ids: Vec<(&str, String)> =
                    ["support", "managers"].map(|name| (name, self.org.group_id(name))).into_iter().collect();
                let group = |name: &str| ids.iter().find(|(known, _)| *known == name).map(|(_, id)| id.clone());
                let event = action.event(&self.org, &group, &[self.org.group_id("everyone")]).unwrap();
                let Some(event) = event else { continue };
                told.push(self.org.apply(event).unwrap().into_iter().map(|job| job.work).collect());
            }
            told
        }

        fn groups_of(&self, who: &str) -> Vec<&str> {
            let id = self.org.person_id(who);
            let groups = self.org.groups().filter(|group| group.members.contains_key(&id));
            groups.map(|group| group.name.as_str()).collect()
        }
    }

    #[test]
    fn a_hired_person_is_in_the_groups_and_staged() {
        let mut office = Office::new();
        let told = office.receive("lucy,l@a.example,Lucy,Winter,Agent,support,\n");
        assert_eq!(told, [vec![], vec![Work::Provision]], "hired, and started at once");
        assert_eq!(office.groups_of("lucy"), ["everyone", "support"]);
        let lucy = office.org.person(&office.org.person_id("lucy")).unwrap();
        assert_eq!((lucy.status, lucy.profile.value("title")), (PersonStatus::Active, Some("Agent")));
    }

    #[test]
    fn a_change_of_profile_and_groups_is_one_transaction_and_one_push() {
        let mut office = Office::new();
        office.receive("lucy,l@a.example,Lucy,Winter,Agent,support,\n");
        let before = office.org.log().len();
        let told = office.receive("lucy,l@a.example,Lucy,Winter,Lead,support;managers,\n");
        assert_eq!(told, [vec![Work::PushProfile]]);
        let entries = &office.org.log()[before..];
        assert!(entries.len() >= 2 && entries.iter().all(|entry| entry.transaction == entries[0].transaction));
    }

    #[test]
    fn who_returns_to_other_groups_gets_nothing_back_of_the_old_ones() {
        let mut office = Office::new();
        office.receive("lucy,l@a.example,Lucy,Winter,Agent,support,2026-03-02\n");
        assert_eq!(office.pass("2026-03-02T17:00:00Z"), [vec![Work::Deactivate]]);
        let told = office.receive("lucy,l@a.example,Lucy,Winter,Lead,,\n");
        assert_eq!(told, [vec![]], "support is left before she is active again");
        assert_eq!(office.groups_of("lucy"), ["everyone"]);
    }

    #[test]
    fn what_an_administrator_did_before_is_left_alone() {
        let mut office = Office::new();
        office.receive("lucy,l@a.example,Lucy,Winter,Agent,support,2026-03-03\n");
        let person = office.org.person_id("lucy");
        office.org.apply(OrgEvent::Deactivate { person: person.clone() }).unwrap();
        office.org.apply(OrgEvent::DeletePerson { person }).unwrap();
        assert_eq!(office.pass("2026-03-04T00:00:00Z"), Vec::<Vec<Work>>::new());
    }

    #[test]
    fn a_group_nobody_knows_is_named() {
        let office = Office::new();
        let deed = HrDeed::Change(HrChange { join: vec!["crew".into()], ..HrChange::default() });
        let action = HrAction { at: office.now, who: "lucy".into(), deed };
        assert_eq!(action.event(&office.org, &|_| None, &[]), Err("crew".to_owned()));
    }

    #[test]
    fn of_events_together_all_happen_or_none() {
        let mut office = Office::new();
        office.receive("lucy,l@a.example,Lucy,Winter,Agent,support,\n");
        let before = (office.org.log().len(), office.org.pending().len());
        let person = office.org.person_id("lucy");
        let update = |title: &str| OrgEvent::UpdateProfile {
            person: person.clone(),
            changes: vec![("title".to_owned(), title.to_owned())],
        };
        let unknown = OrgEvent::Suspend { person: "00u".to_owned() };
        assert!(office.org.apply(OrgEvent::Together(vec![update("x"), unknown])).is_err());
        assert_eq!((office.org.log().len(), office.org.pending().len()), before);
        assert_eq!(office.org.person(&person).unwrap().profile.value("title"), Some("Agent"));
        let jobs = office.org.apply(OrgEvent::Together(vec![update("x"), update("y")])).unwrap();
        assert_eq!(jobs.len(), 1, "one push carries both");
        assert_eq!(office.org.pending().len(), before.1 + 1);
    }
}
