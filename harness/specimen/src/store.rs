//! What the service provider holds: resources, the indexes over them, and who is a member of what.
//!
//! The store keeps itself consistent and decides nothing: what a client may write is settled in [`crate::intake`], what
//! it reads is made in [`crate::render`].

mod people;
mod table;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use scim_lang::filter::Filter;
use scim_lang::json::same;
use scim_lang::path::AttrPath;
use scim_lang::schema::{self, ResourceType};
use serde_json::{Map, Value};

use crate::okta;

pub(crate) use people::person;
use people::{group, group_id, person_id};
pub(crate) use table::Table;

/// The kinds of resources the specimen serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    User,
    Group,
    /// What Okta lets people be assigned with a user; the service provider alone writes it.
    Role,
    /// The same, of another schema.
    Entitlement,
}

impl Kind {
    /// Every kind, in the order in which a query over all of them lists them.
    pub(crate) const ALL: [Kind; 4] = [Kind::User, Kind::Group, Kind::Role, Kind::Entitlement];

    /// The kinds that can be members of a group.
    pub(crate) const MEMBERS: [Kind; 2] = [Kind::User, Kind::Group];

    /// Returns the kind that is served under this first path segment.
    pub(crate) fn at(segment: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.ty().endpoint.strip_prefix('/') == Some(segment))
    }

    /// Returns the resource type.
    pub(crate) fn ty(self) -> &'static ResourceType {
        match self {
            Kind::User => schema::user_type(),
            Kind::Group => okta::group_type(),
            Kind::Role => okta::role_type(),
            Kind::Entitlement => okta::entitlement_type(),
        }
    }

    /// Tells whether clients can only read resources of this kind.
    pub(crate) fn is_read_only(self) -> bool {
        matches!(self, Kind::Role | Kind::Entitlement)
    }
}

/// What a client can write of a resource, in canonical form.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    /// The attributes under their canonical names, `schemas` and the read-only ones left out.
    pub(crate) attributes: Map<String, Value>,
    /// The password as a fingerprint: enough to tell that it changed, useless for anything else (RFC 7643 §9.2).
    pub(crate) password: Option<u64>,
}

impl Content {
    /// Returns the content of a resource that is in canonical form already.
    fn of(resource: Value) -> Content {
        let Value::Object(mut attributes) = resource else { unreachable!("a resource is an object") };
        attributes.shift_remove("schemas");
        Content { attributes, password: None }
    }

    /// Returns a string attribute.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }

    /// Tells whether a user is active, if it is said.
    pub(crate) fn active(&self) -> Option<bool> {
        self.attributes.get("active")?.as_bool()
    }

    /// Returns the ids of the members of a group.
    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        let members = self.attributes.get("members").and_then(Value::as_array);
        members.into_iter().flatten().filter_map(|member| member["value"].as_str())
    }

    /// Tells whether two contents are the same, whatever the order of their attributes.
    pub(crate) fn same_as(&self, other: &Content) -> bool {
        let equal =
            |(name, value): (&String, &Value)| other.attributes.get(name).is_some_and(|theirs| same(value, theirs));
        self.password == other.password
            && self.attributes.len() == other.attributes.len()
            && self.attributes.iter().all(equal)
    }
}

/// One resource as stored.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) kind: Kind,
    pub(crate) id: Arc<str>,
    /// What people call it: `displayName`, or else `userName`.
    pub(crate) label: Option<Arc<str>>,
    rest: AtRest,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    /// How often the resource was written.
    pub(crate) revision: u64,
    /// The place in the order of creation, given by the store.
    pub(crate) sequence: u64,
}

impl Record {
    /// Returns a resource that is created at this moment.
    pub(crate) fn fresh(kind: Kind, id: impl Into<Arc<str>>, content: &Content, at: Timestamp) -> Record {
        let (label, rest) = (label(content), AtRest::new(content));
        Record { kind, id: id.into(), label, rest, created: at, modified: at, revision: 1, sequence: 0 }
    }

    /// Returns what a client can write of it. This costs as much as a copy would.
    pub(crate) fn content(&self) -> Content {
        let attributes = serde_json::from_str(&self.rest.attributes).expect("content at rest is a JSON object");
        Content { attributes, password: self.rest.password }
    }

    /// Returns the resource under another id.
    pub(crate) fn moved(&self, id: impl Into<Arc<str>>) -> Record {
        Record { id: id.into(), ..self.clone() }
    }

    /// Returns the resource with other content, and nothing else changed.
    pub(crate) fn with(&self, content: &Content) -> Record {
        Record { label: label(content), rest: AtRest::new(content), ..self.clone() }
    }

    /// Returns the resource with other content. `lastModified` moves forward even if the clock does not
    /// (RFC 7643 §3.1).
    pub(crate) fn changed(&self, content: &Content, at: Timestamp) -> Record {
        let modified = at.max(self.modified + std::time::Duration::from_millis(1));
        Record { modified, revision: self.revision + 1, ..self.with(content) }
    }
}

fn label(content: &Content) -> Option<Arc<str>> {
    content.text("displayName").or_else(|| content.text("userName")).map(Arc::from)
}

/// Content as it waits to be asked for: as text, which takes a tenth of the memory. A directory of 100,000 people fits
/// into what a test can spare, and reading the text costs no more than copying the values would.
#[derive(Debug, Clone)]
struct AtRest {
    attributes: Arc<str>,
    password: Option<u64>,
}

impl AtRest {
    fn new(content: &Content) -> AtRest {
        let attributes = serde_json::to_string(&content.attributes).expect("a map of JSON values is JSON");
        AtRest { attributes: attributes.into(), password: content.password }
    }
}

/// All resources of the service provider.
#[derive(Debug)]
pub(crate) struct Store {
    users: Table,
    groups: Table,
    roles: Table,
    entitlements: Table,
    /// From the id of a member to the sequence numbers of its groups.
    memberships: HashMap<String, BTreeSet<u64>>,
    next_sequence: u64,
}

impl Store {
    /// Returns a store without resources.
    pub(crate) fn new() -> Store {
        Store {
            users: Table::new(&["userName", "displayName", "externalId"]),
            groups: Table::new(&["displayName", "externalId"]),
            roles: Table::new(&["displayName"]),
            entitlements: Table::new(&["displayName"]),
            memberships: HashMap::new(),
            next_sequence: 0,
        }
    }

    /// Returns a store with the roles and entitlements every specimen offers, and this many people and groups.
    pub(crate) fn with_people(users: usize, groups: usize, at: Timestamp) -> Store {
        let mut store = Store::new();
        let mut add = |kind: Kind, id: String, resource: Value| {
            let content = Content::of(resource);
            store.insert_as(Record::fresh(kind, id, &content, at), &content);
        };
        okta::roles().for_each(|(id, role)| add(Kind::Role, id.to_owned(), role));
        okta::entitlements().for_each(|(id, entitlement)| add(Kind::Entitlement, id.to_owned(), entitlement));
        (0..users).for_each(|number| add(Kind::User, person_id(number), person(number)));
        (0..groups).for_each(|number| add(Kind::Group, group_id(number), group(number, users)));
        store
    }

    /// Returns the resources of a kind.
    pub(crate) fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::User => &self.users,
            Kind::Group => &self.groups,
            Kind::Role => &self.roles,
            Kind::Entitlement => &self.entitlements,
        }
    }

    fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::User => &mut self.users,
            Kind::Group => &mut self.groups,
            Kind::Role => &mut self.roles,
            Kind::Entitlement => &mut self.entitlements,
        }
    }

    /// Finds a resource by kind and id.
    pub(crate) fn find(&self, kind: Kind, id: &str) -> Option<&Arc<Record>> {
        self.table(kind).by_id(id)
    }

    /// Finds what can be a member of a group by id.
    pub(crate) fn find_member(&self, id: &str) -> Option<&Arc<Record>> {
        Kind::MEMBERS.into_iter().find_map(|kind| self.find(kind, id))
    }

    /// Finds the user who has this userName, in any case.
    pub(crate) fn user_named(&self, user_name: &str) -> Option<&Arc<Record>> {
        self.users.lookup("userName", user_name)?.into_iter().next()
    }

    /// Returns the groups that have this id among their members, the oldest first.
    pub(crate) fn groups_of(&self, id: &str) -> impl Iterator<Item = &Arc<Record>> {
        let sequences = self.memberships.get(id).into_iter().flatten();
        sequences.filter_map(|sequence| self.groups.by_sequence(*sequence))
    }

    /// Adds a resource at the end of the order of creation.
    pub(crate) fn insert(&mut self, record: Record) {
        let content = record.content();
        self.insert_as(record, &content);
    }

    /// Adds a resource whose content is at hand.
    fn insert_as(&mut self, record: Record, content: &Content) {
        let record = Arc::new(Record { sequence: self.next_sequence, ..record });
        self.next_sequence += 1;
        self.join(&record);
        self.table_mut(record.kind).insert(record, content);
    }

    /// Puts a resource in the place of the one with its id.
    pub(crate) fn replace(&mut self, record: Record) {
        self.replace_with(record, Table::replace);
    }

    /// Puts a resource in the place of the one with its id, but leaves the indexes as they were.
    pub(crate) fn replace_under_old_keys(&mut self, record: Record) {
        self.replace_with(record, Table::replace_unindexed);
    }

    fn replace_with(&mut self, record: Record, replace: fn(&mut Table, Arc<Record>)) {
        let Some(before) = self.find(record.kind, &record.id).cloned() else { return };
        let record = Arc::new(Record { sequence: before.sequence, ..record });
        self.leave(&before);
        self.join(&record);
        replace(self.table_mut(record.kind), record);
    }

    /// Removes a resource, and with it its memberships: RFC 7644 §3.6 wants it gone from all results, and a member
    /// that cannot be read would be one.
    pub(crate) fn remove(&mut self, kind: Kind, id: &str, at: Timestamp) -> bool {
        let Some(record) = self.table_mut(kind).remove(id) else { return false };
        self.leave(&record);
        let groups: Vec<_> = self.groups_of(id).cloned().collect();
        for group in groups {
            self.remove_member(&group, id, at);
        }
        true
    }

    /// Takes one member out of a group.
    pub(crate) fn remove_member(&mut self, group: &Record, id: &str, at: Timestamp) {
        self.replace(group.changed(&without_member(group.content(), id), at));
    }

    /// Lists a resource that was removed.
    pub(crate) fn haunt(&mut self, record: &Record) {
        let record = Arc::new(Record { sequence: self.next_sequence, ..record.clone() });
        self.next_sequence += 1;
        self.table_mut(record.kind).insert_unindexed(record);
    }

    fn join(&mut self, record: &Record) {
        if record.kind != Kind::Group {
            return;
        }
        for member in record.content().members() {
            self.memberships.entry(member.to_owned()).or_default().insert(record.sequence);
        }
    }

    fn leave(&mut self, record: &Record) {
        if record.kind != Kind::Group {
            return;
        }
        for member in record.content().members() {
            let Some(groups) = self.memberships.get_mut(member) else { continue };
            groups.remove(&record.sequence);
            if groups.is_empty() {
                self.memberships.remove(member);
            }
        }
    }
}

/// Returns the resources that an index says a filter can select, or `None` if no index can tell. The flag says
/// whether the index decided the whole filter.
pub(crate) fn narrow<'a>(table: &'a Table, kind: Kind, filter: &Filter) -> Option<(Vec<&'a Arc<Record>>, bool)> {
    if let Filter::And(left, right) = filter {
        let (found, _) = narrow(table, kind, left).or_else(|| narrow(table, kind, right))?;
        return Some((found, false));
    }
    let (path, value) = filter.equality()?;
    let name = indexable(kind, path)?;
    if name == "id" {
        return Some((table.by_id(value).into_iter().collect(), true));
    }
    Some((table.lookup(name, value)?, true))
}

/// Returns the canonical name of a simple attribute of the base schema.
fn indexable(kind: Kind, path: &AttrPath) -> Option<&'static str> {
    let resolved = kind.ty().resolve(path)?;
    (resolved.extension.is_none() && resolved.sub.is_none()).then_some(resolved.attribute.name)
}

fn without_member(mut content: Content, id: &str) -> Content {
    if let Some(Value::Array(members)) = content.attributes.get_mut("members") {
        members.retain(|member| member["value"] != id);
        if members.is_empty() {
            content.attributes.shift_remove("members");
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn content(value: Value) -> Content {
        let Value::Object(attributes) = value else { panic!("an object") };
        Content { attributes, password: None }
    }

    fn with_two_groups() -> Store {
        let mut store = Store::new();
        let at = Timestamp::UNIX_EPOCH;
        store.insert(Record::fresh(Kind::User, "u1", &content(json!({ "userName": "Ada" })), at));
        store.insert(Record::fresh(Kind::User, "u2", &content(json!({ "userName": "grace" })), at));
        let members = json!([{ "value": "u1" }, { "value": "u2" }]);
        store.insert(Record::fresh(Kind::Group, "g1", &content(json!({ "displayName": "A", "members": members })), at));
        let members = json!([{ "value": "u1" }]);
        store.insert(Record::fresh(Kind::Group, "g2", &content(json!({ "displayName": "B", "members": members })), at));
        store
    }

    fn groups_of(store: &Store, id: &str) -> Vec<String> {
        store.groups_of(id).map(|group| group.id.to_string()).collect()
    }

    #[test]
    fn memberships_follow_the_groups() {
        let mut store = with_two_groups();
        assert_eq!(groups_of(&store, "u1"), ["g1", "g2"]);
        let group = store.find(Kind::Group, "g1").unwrap().clone();
        store.replace(group.changed(&content(json!({ "displayName": "A" })), Timestamp::UNIX_EPOCH));
        assert_eq!(groups_of(&store, "u1"), ["g2"]);
        assert!(store.remove(Kind::Group, "g2", Timestamp::UNIX_EPOCH));
        assert_eq!(groups_of(&store, "u1"), [""; 0]);
    }

    #[test]
    fn a_removed_user_is_a_member_of_nothing() {
        let mut store = with_two_groups();
        assert!(store.remove(Kind::User, "u1", Timestamp::UNIX_EPOCH));
        assert!(!store.remove(Kind::User, "u1", Timestamp::UNIX_EPOCH));
        let left = store.find(Kind::Group, "g1").unwrap();
        assert_eq!(left.content().members().collect::<Vec<_>>(), ["u2"]);
        assert!(left.modified > left.created);
        assert_eq!(store.find(Kind::Group, "g2").unwrap().content().attributes.get("members"), None);
    }

    #[test]
    fn an_index_narrows_equality_and_one_side_of_a_conjunction() {
        let store = with_two_groups();
        let narrowed = |text: &str| {
            let filter = scim_lang::filter::parse(text).unwrap();
            narrow(store.table(Kind::User), Kind::User, &filter).map(|(found, whole)| (found.len(), whole))
        };
        assert_eq!(narrowed(r#"userName eq "ADA""#), Some((1, true)));
        assert_eq!(narrowed(r#"id eq "u2""#), Some((1, true)));
        assert_eq!(narrowed(r#"id eq "U2""#), Some((0, true)));
        assert_eq!(narrowed(r#"active eq true and userName eq "grace""#), Some((1, false)));
        assert_eq!(narrowed(r#"userName sw "a""#), None);
        assert_eq!(narrowed(r#"userName eq "ada" or userName eq "grace""#), None);
    }
}
