//! What entries of the System Log changed: a person, an account, a group or a push, before and after, as Okta knows
//! them. The org does not remember what was; this is read off it after every step.

use std::collections::HashMap;

use mock_okta::org::{Account, LogEntry, Org, OrgApp, OrgGroup, Person, PushMapping, Scope, TargetKind};
use mock_okta::{Attribute, Profile};

use crate::shape;

/// What changed, and what is known so far.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    known: HashMap<Thing, Fields>,
    /// By the serial of the entry.
    of: HashMap<u64, Vec<Change>>,
    /// How many entries were looked at.
    seen: usize,
}

/// What something changed about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Thing {
    Person(String),
    Group(String),
    Account { app: String, person: String },
    Push { app: String, group: String },
}

/// What one entry changed about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) thing: Thing,
    /// The name of a field, its value before and its value after.
    pub(crate) fields: Vec<(String, Option<String>, Option<String>)>,
}

type Fields = Vec<(String, String)>;

impl Changes {
    /// Looks at the entries that came since, each of which is about what it names.
    pub(crate) fn follow(&mut self, org: &Org) {
        for entry in org.log().get(self.seen..).unwrap_or_default() {
            let changes: Vec<Change> = things(entry).into_iter().filter_map(|thing| self.compare(org, thing)).collect();
            if !changes.is_empty() {
                self.of.insert(entry.serial, changes);
            }
        }
        self.seen = org.log().len();
    }

    /// Returns what an entry changed.
    pub(crate) fn of(&self, serial: u64) -> &[Change] {
        self.of.get(&serial).map_or(&[], Vec::as_slice)
    }

    fn compare(&mut self, org: &Org, thing: Thing) -> Option<Change> {
        let after = fields(org, &thing);
        let before = match after.is_empty() {
            true => self.known.remove(&thing).unwrap_or_default(),
            false => self.known.insert(thing.clone(), after.clone()).unwrap_or_default(),
        };
        let fields = differences(&before, &after);
        (!fields.is_empty()).then_some(Change { thing, fields })
    }
}

/// Returns what an entry names. An account is named by its person and its app, a push by its group and its app.
fn things(entry: &LogEntry) -> Vec<Thing> {
    let id = |kind| entry.targets.iter().find(|target| target.kind == kind).map(|target| target.id.clone());
    let (person, group, app) = (id(TargetKind::User), id(TargetKind::UserGroup), id(TargetKind::AppInstance));
    let account = person.clone().zip(app.clone()).map(|(person, app)| Thing::Account { app, person });
    let push = group.clone().zip(app).map(|(group, app)| Thing::Push { app, group });
    [person.map(Thing::Person), group.map(Thing::Group), account, push].into_iter().flatten().collect()
}

/// Returns the fields of a thing; none where there is no such thing.
fn fields(org: &Org, thing: &Thing) -> Fields {
    match thing {
        Thing::Person(id) => org.person(id).map(of_person),
        Thing::Group(id) => org.group(id).map(of_group),
        Thing::Account { app, person } => {
            org.app(app).and_then(|app| Some(of_account(org, app, app.accounts.get(person)?)))
        }
        Thing::Push { app, group } => org.app(app).and_then(|app| app.mappings.get(group)).map(of_push),
    }
    .unwrap_or_default()
}

fn of_person(person: &Person) -> Fields {
    let mut fields = vec![field("status", person.status.name())];
    fields.extend(Profile::OKTA_KEYS.into_iter().filter_map(|key| value(&person.profile, key)));
    fields
}

fn of_group(group: &OrgGroup) -> Fields {
    let description = group.description.as_deref().map(|text| field("description", text));
    std::iter::once(field("name", &group.name)).chain(description).collect()
}

fn of_account(org: &Org, app: &OrgApp, account: &Account) -> Fields {
    let groups: Vec<&str> =
        account.through.iter().filter_map(|id| org.group(id)).map(|group| group.name.as_str()).collect();
    let mut fields = vec![
        field("assigned", if account.assigned { scope(account.scope) } else { "no" }),
        field("status", shape::app_user::status(account.user.status)),
        field("syncState", shape::app_user::sync_state(account.sync)),
    ];
    fields.extend((!groups.is_empty()).then(|| field("through groups", &groups.join(", "))));
    fields.extend(account.user.remote_id.as_deref().map(|id| field("externalId", id)));
    let keys = app.app.attributes.iter().map(Attribute::key).filter(|key| *key != "login");
    fields.extend(std::iter::once("login").chain(keys).filter_map(|key| value(&account.user.profile, key)));
    for (name, grants) in [("roles", &account.user.roles), ("entitlements", &account.user.entitlements)] {
        let values: Vec<&str> = grants.iter().map(|grant| grant.value.as_str()).collect();
        fields.extend((!values.is_empty()).then(|| field(name, &values.join(", "))));
    }
    fields
}

fn of_push(push: &PushMapping) -> Fields {
    let mut fields = vec![
        field("status", if push.linked { shape::mapping::status(push.mapping.status) } else { "UNLINKED" }),
        field("name at the service provider", &push.mapping.target_name),
        field("members pushed", &push.mapping.pushed.len().to_string()),
    ];
    fields.extend(push.mapping.remote_id.as_deref().map(|id| field("id at the service provider", id)));
    fields.extend(push.mapping.error_summary.as_deref().map(|text| field("error", text)));
    fields
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::User => "directly",
        Scope::Group => "through groups",
    }
}

fn value(profile: &Profile, key: &str) -> Option<(String, String)> {
    profile.value(key).filter(|value| !value.is_empty()).map(|value| field(key, value))
}

fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn differences(before: &Fields, after: &Fields) -> Vec<(String, Option<String>, Option<String>)> {
    let value =
        |fields: &Fields, name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let gone = before.iter().filter(|(name, _)| value(after, name).is_none());
    let names = after.iter().chain(gone).map(|(name, _)| name);
    let compared = names.map(|name| (name.clone(), value(before, name), value(after, name)));
    compared.filter(|(_, before, after)| before != after).collect()
}

#[cfg(test)]
mod tests {
    use mock_okta::org::OrgEvent;

    use super::*;

    fn apply(org: &mut Org, changes: &mut Changes, event: OrgEvent) -> Vec<Change> {
        let first = org.log().len() as u64;
        org.apply(event).unwrap();
        changes.follow(org);
        (first..org.log().len() as u64).flat_map(|serial| changes.of(serial).to_vec()).collect()
    }

    fn one(name: &str, before: Option<&str>, after: Option<&str>) -> (String, Option<String>, Option<String>) {
        (name.to_owned(), before.map(str::to_owned), after.map(str::to_owned))
    }

    #[test]
    fn an_entry_tells_before_and_after() {
        let (mut org, mut changes) = (Org::new("acme"), Changes::default());
        let ada = org.person_id("ada");
        let profile = Profile::new("ada@example.com", "Ada", "Byron");
        let came =
            apply(&mut org, &mut changes, OrgEvent::CreatePerson { key: "ada".to_owned(), profile, activate: false });
        assert_eq!(came[0].thing, Thing::Person(ada.clone()));
        assert!(came[0].fields.contains(&one("status", None, Some("STAGED"))));

        let title = vec![("title".to_owned(), "Countess".to_owned())];
        let moved = apply(&mut org, &mut changes, OrgEvent::UpdateProfile { person: ada.clone(), changes: title });
        assert_eq!(moved[0].fields, [one("title", None, Some("Countess"))]);

        let left = apply(&mut org, &mut changes, OrgEvent::Deactivate { person: ada.clone() });
        assert_eq!(left[0].fields, [one("status", Some("STAGED"), Some("DEPROVISIONED"))]);

        let gone = apply(&mut org, &mut changes, OrgEvent::DeletePerson { person: ada });
        assert!(gone[0].fields.contains(&one("login", Some("ada@example.com"), None)), "{gone:?}");
        assert_eq!(changes.known.len(), 0);
    }
}
