//! What a flow knows about the event that started it: who, whose manager, which group, which app.

use serde_json::{Map, Value, json};

use crate::Profile;
use crate::org::{LogEntry, Org, Person, TargetKind};

/// What a flow knows. A schedule knows none of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// `user`: id, status, login, email, displayName, profile, and manager, which has the same but for a manager.
    pub user: Option<Value>,
    /// `group`: id, name, description.
    pub group: Option<Value>,
    /// `app`: id, label.
    pub app: Option<Value>,
    /// `changed`: the attributes that a profile update changed, each `true`.
    pub changed: Option<Value>,
    /// `event`: the event as the System Log shows it.
    pub event: Option<Value>,
    /// `run`: id and started.
    pub run: Option<Value>,
}

impl Context {
    /// Returns what the org knows about an entry of its log at this moment, but for the event's own JSON.
    ///
    /// Somebody who was deactivated is known as before; of somebody who was deleted there is what the log remembers.
    pub fn of(org: &Org, entry: &LogEntry) -> Context {
        let target = |kinds: &[TargetKind]| entry.targets.iter().find(|target| kinds.contains(&target.kind));
        let user = target(&[TargetKind::User, TargetKind::AppUser]).map(|target| match org.person(&target.id) {
            Some(person) => user(org, person),
            None => json!({ "id": target.id, "login": target.alternate_id, "displayName": target.display_name }),
        });
        let group = target(&[TargetKind::UserGroup, TargetKind::AppGroup]).map(|target| {
            let description = org.group(&target.id).and_then(|group| group.description.clone());
            json!({ "id": target.id, "name": target.display_name, "description": description })
        });
        let app = target(&[TargetKind::AppInstance]).map(|app| json!({ "id": app.id, "label": app.display_name }));
        let changed: Map<String, Value> = entry.changed.iter().map(|key| (key.clone(), Value::from(true))).collect();
        let changed = (!changed.is_empty()).then_some(Value::Object(changed));
        Context { user, group, app, changed, event: None, run: None }
    }

    pub(super) fn scope(self, vendor: Value) -> Value {
        let roots = [
            ("user", self.user),
            ("group", self.group),
            ("app", self.app),
            ("changed", self.changed),
            ("event", self.event),
            ("run", self.run),
            ("vendor", Some(vendor)),
            ("save", Some(json!({}))),
        ];
        let roots = roots.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(roots.collect())
    }
}

fn user(org: &Org, person: &Person) -> Value {
    let mut user = somebody(person);
    if let Some(manager) = manager(org, &person.profile) {
        user["manager"] = somebody(manager);
    }
    user
}

fn somebody(person: &Person) -> Value {
    let Person { id, status, profile, .. } = person;
    let attributes = profile.entries().map(|(key, value)| (key.to_owned(), Value::from(value)));
    let attributes: Map<String, Value> = attributes.collect();
    json!({
        "id": id, "status": status.name(), "login": profile.login, "email": profile.email,
        "displayName": profile.display_name, "profile": attributes,
    })
}

/// Looks for a manager, whatever state either of them is in.
///
/// Okta has two attributes for it, `managerId` and `manager`, both free text (Okta Management API, "User profile"):
/// what organisations write there is an Okta id, a login, an address or an employee number in the first, a login, an
/// address or a name in the second. A name counts if one person has it.
fn manager<'a>(org: &'a Org, profile: &Profile) -> Option<&'a Person> {
    let text = |key| profile.value(key).map(str::trim).filter(|text| !text.is_empty());
    let by_id = text("managerId").and_then(|text| {
        org.person(text)
            .or_else(|| by_address(org, text))
            .or_else(|| only(org, |person| person.profile.value("employeeNumber") == Some(text)))
    });
    by_id.or_else(|| {
        let text = text("manager")?;
        by_address(org, text).or_else(|| only(org, |person| person.profile.display_name == text))
    })
}

fn by_address<'a>(org: &'a Org, text: &str) -> Option<&'a Person> {
    let is_it = |known: &str| known.to_lowercase() == text.to_lowercase();
    org.people()
        .find(|person| is_it(&person.profile.login))
        .or_else(|| only(org, |person| is_it(&person.profile.email)))
}

fn only(org: &Org, is_it: impl Fn(&Person) -> bool) -> Option<&Person> {
    let mut found = org.people().filter(|person| is_it(person));
    found.next().filter(|_| found.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::OrgEvent;

    fn org() -> Org {
        let mut org = Org::new("example");
        let mut add = |key: &str, attributes: &[(&str, &str)]| {
            let mut profile = Profile::new(format!("{key}@example.com"), key, "Example");
            attributes.iter().for_each(|(key, value)| profile.add(key, *value));
            org.apply(OrgEvent::CreatePerson { key: key.to_owned(), profile, activate: true }).unwrap();
        };
        add("mia", &[("employeeNumber", "17"), ("email", "m.boss@example.com")]);
        add("leo", &[("managerId", "MIA@example.com"), ("title", "Agent")]);
        org
    }

    fn context_of_last(org: &Org) -> Context {
        Context::of(org, org.log().last().unwrap())
    }

    #[test]
    fn the_manager_of_a_leaver_is_found_although_both_are_inactive() {
        let mut org = org();
        for key in ["mia", "leo"] {
            let person = org.person_id(key);
            org.apply(OrgEvent::Deactivate { person }).unwrap();
        }
        let user = context_of_last(&org).user.unwrap();
        assert_eq!((&user["status"], &user["profile"]["title"]), (&json!("DEPROVISIONED"), &json!("Agent")));
        assert_eq!(
            (&user["manager"]["email"], &user["manager"]["status"]),
            (&json!("m.boss@example.com"), &json!("DEPROVISIONED"))
        );
    }

    #[test]
    fn a_manager_is_named_in_many_ways() {
        let mut org = org();
        let (mia, leo) = (org.person_id("mia"), org.person_id("leo"));
        for (key, value, is_found) in [
            ("managerId", mia.as_str(), true),
            ("managerId", "17", true),
            ("managerId", "m.boss@example.com", true),
            ("managerId", "nobody", false),
            ("managerId", "", false),
            ("manager", "mia@example.com", true),
            ("manager", "mia Example", true),
            ("manager", "Example", false),
        ] {
            let mut changes = crate::org::Attributes::new();
            for erased in ["managerId", "manager"] {
                changes.push((erased.to_owned(), if erased == key { value.to_owned() } else { String::new() }));
            }
            org.apply(OrgEvent::UpdateProfile { person: leo.clone(), changes }).unwrap();
            let user = context_of_last(&org).user.unwrap();
            assert_eq!(user.get("manager").is_some(), is_found, "{key} = {value:?}");
        }
    }

    #[test]
    fn a_profile_update_tells_what_changed() {
        let mut org = org();
        let person = org.person_id("leo");
        let changes =
            [("title", "Manager"), ("firstName", "leo")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        org.apply(OrgEvent::UpdateProfile { person, changes: changes.into_iter().collect() }).unwrap();
        assert_eq!(context_of_last(&org).changed, Some(json!({ "title": true })));
    }

    #[test]
    fn of_somebody_who_was_deleted_the_log_remembers_the_login() {
        let mut org = org();
        let person = org.person_id("leo");
        org.apply(OrgEvent::Deactivate { person: person.clone() }).unwrap();
        org.apply(OrgEvent::DeletePerson { person: person.clone() }).unwrap();
        let user = context_of_last(&org).user.unwrap();
        assert_eq!(user, json!({ "id": person, "login": "leo@example.com", "displayName": "leo Example" }));
    }

    #[test]
    fn a_membership_has_a_user_and_a_group() {
        let mut org = org();
        let (group, person) = (org.group_id("crew"), org.person_id("leo"));
        let description = Some("All aboard".to_owned());
        org.apply(OrgEvent::CreateGroup { key: "crew".into(), name: "Crew".into(), description }).unwrap();
        org.apply(OrgEvent::AddMember { group: group.clone(), person }).unwrap();
        let context = context_of_last(&org);
        assert_eq!(context.group, Some(json!({ "id": group, "name": "Crew", "description": "All aboard" })));
        assert_eq!(context.user.unwrap()["login"], "leo@example.com");
    }
}
