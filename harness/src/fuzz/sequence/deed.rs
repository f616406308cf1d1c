//! Raw deeds as requests.

use scim_fuzz::sequence::model::{Kind, Model};
use scim_fuzz::sequence::{Crew, Deed, Name, Person, Version};
use scim_lang::urn;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A request before it is one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub(super) method: &'static str,
    pub(super) kind: Kind,
    pub(super) id: Option<String>,
    pub(super) body: Option<Value>,
}

/// Who plays whom: the server's ids, and the beginning of all names.
#[derive(Debug, Clone, Default)]
pub(super) struct Cast {
    pub(super) prefix: String,
    pub(super) people: BTreeMap<Person, String>,
    pub(super) crews: BTreeMap<Crew, String>,
}

impl Cast {
    /// Returns the userName of a name.
    pub(super) fn user_name(&self, name: Name) -> String {
        format!("{}.{name}@example.test", self.prefix)
    }

    /// Returns the displayName of a group of a name.
    pub(super) fn group_name(&self, name: Name) -> String {
        format!("{} {name}", self.prefix)
    }

    /// Returns the request of a raw deed, unless it is about somebody who was never there.
    pub(super) fn request(&self, deed: &Deed, model: &Model) -> Option<Draft> {
        let person = |person: &Person| self.people.get(person).cloned();
        let crew = |crew: &Crew| self.crews.get(crew).cloned();
        let user = |method, id, body| Some(Draft { method, kind: Kind::User, id: Some(id), body });
        let group = |method, id, body| Some(Draft { method, kind: Kind::Group, id: Some(id), body });
        match deed {
            Deed::Create(_, name) => {
                let body = Some(self.newcomer(*name));
                Some(Draft { method: "POST", kind: Kind::User, id: None, body })
            }
            Deed::Put(who, version) => {
                let id = person(who)?;
                let body = resource(urn::USER, &id, model.attributes(&id)?, profile(*version));
                user("PUT", id, Some(body))
            }
            Deed::PutName(who, name) => {
                let id = person(who)?;
                let name = json!({ "userName": self.user_name(*name) });
                let body = resource(urn::USER, &id, model.attributes(&id)?, name);
                user("PUT", id, Some(body))
            }
            Deed::Patch(who, version) => {
                let changes = profile(*version);
                let operations = ["displayName", "title"].iter().filter_map(|path| {
                    let value = changes.get(path)?;
                    Some(json!({ "op": "replace", "path": path, "value": value }))
                });
                user("PATCH", person(who)?, Some(patch(operations.collect())))
            }
            Deed::PatchName(who, name) => {
                let operation = json!({ "op": "replace", "path": "userName", "value": self.user_name(*name) });
                user("PATCH", person(who)?, Some(patch(vec![operation])))
            }
            Deed::Clear(who) => {
                user("PATCH", person(who)?, Some(patch(vec![json!({ "op": "remove", "path": "title" })])))
            }
            Deed::Deactivate(who) => user("PATCH", person(who)?, Some(activity(false))),
            Deed::Reactivate(who) => user("PATCH", person(who)?, Some(activity(true))),
            Deed::Delete(who) => user("DELETE", person(who)?, None),
            Deed::Found(_, name, people) => {
                let body = json!({
                    "schemas": [urn::GROUP],
                    "displayName": self.group_name(*name),
                    "members": self.members(people),
                });
                Some(Draft { method: "POST", kind: Kind::Group, id: None, body: Some(body) })
            }
            Deed::Rename(which, name) => {
                let id = crew(which)?;
                // Okta repeats the id inside the value.
                let value = json!({ "id": id, "displayName": self.group_name(*name) });
                group("PATCH", id, Some(patch(vec![json!({ "op": "replace", "value": value })])))
            }
            Deed::Add(which, people) => {
                let members = self.members(people);
                // RFC 7644 §3.5.2.1 does not say what the addition of nothing is.
                let operation =
                    (!members.is_empty()).then(|| json!({ "op": "add", "path": "members", "value": members }))?;
                group("PATCH", crew(which)?, Some(patch(vec![operation])))
            }
            Deed::Remove(which, people) => {
                let leave = |id: &String| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") });
                let operations: Vec<Value> = people.iter().filter_map(|who| self.people.get(who)).map(leave).collect();
                let body = (!operations.is_empty()).then(|| patch(operations))?;
                group("PATCH", crew(which)?, Some(body))
            }
            Deed::Members(which, people) => {
                let operation = json!({ "op": "replace", "path": "members", "value": self.members(people) });
                group("PATCH", crew(which)?, Some(patch(vec![operation])))
            }
            Deed::PutCrew(which, people) => {
                let id = crew(which)?;
                let members = json!({ "members": self.members(people) });
                let body = resource(urn::GROUP, &id, model.attributes(&id)?, members);
                group("PUT", id, Some(body))
            }
            Deed::Disband(which) => group("DELETE", crew(which)?, None),
            _ => None,
        }
    }

    fn newcomer(&self, name: Name) -> Value {
        let user_name = self.user_name(name);
        json!({
            "schemas": [urn::USER],
            "userName": user_name,
            "name": { "givenName": "Ada", "familyName": "Byron" },
            "displayName": "Ada Byron",
            "emails": [{ "value": user_name, "type": "work", "primary": true }],
            "active": true,
        })
    }

    fn members(&self, people: &[Person]) -> Vec<Value> {
        people.iter().filter_map(|who| self.people.get(who)).map(|id| json!({ "value": id })).collect()
    }
}

/// Returns the values of a version.
fn profile(version: Version) -> Value {
    let mut profile = json!({ "displayName": format!("Ada {}", version.0) });
    if version.sets_title() {
        profile["title"] = format!("Countess {}", version.0).into();
    }
    profile
}

/// Returns a whole resource as a client sends it back: as it should be, with changes.
fn resource(schema: &str, id: &str, attributes: &Map<String, Value>, changes: Value) -> Value {
    let mut resource = Map::new();
    resource.insert("schemas".to_owned(), json!([schema]));
    resource.insert("id".to_owned(), id.into());
    resource.extend(attributes.clone());
    if let Value::Object(changes) = changes {
        resource.extend(changes);
    }
    Value::Object(resource)
}

fn patch(operations: Vec<Value>) -> Value {
    json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
}

fn activity(active: bool) -> Value {
    patch(vec![json!({ "op": "replace", "value": { "active": active } })])
}
