//! Faults that show after several requests alone: what was deleted, removed or left behind comes back or is missed.

use std::collections::HashMap;
use std::sync::Arc;

use scim_lang::error::{ScimError, ScimType};
use serde_json::Value;

use super::{Rows, Write};
use crate::behaviour::{Behaviour, Effect};
use crate::store::{Content, Kind, Record, Store};

/// What was written and deleted so far.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// By id, the oldest first.
    versions: HashMap<Arc<str>, Vec<Record>>,
    /// The last versions, the oldest deletion first.
    deleted: Vec<Record>,
}

/// One write or deletion that has just been carried out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn<'a> {
    /// How it was written; it was deleted where nothing is said.
    pub(crate) write: Option<Write>,
    pub(crate) record: &'a Record,
}

impl Past {
    /// Takes a turn into the past.
    pub(super) fn remember(&mut self, turn: Turn<'_>) {
        match turn.write {
            Some(_) => self.versions.entry(turn.record.id.clone()).or_default().push(turn.record.clone()),
            None => self.deleted.push(turn.record.clone()),
        }
    }

    /// Returns what was written under an id, the oldest first.
    fn of(&self, id: &str) -> &[Record] {
        self.versions.get(id).map_or(&[], Vec::as_slice)
    }

    /// Returns the resource of this kind and name that was deleted last.
    pub(super) fn deleted(&self, kind: Kind, content: &Content) -> Option<&Record> {
        let name = name(kind, content)?;
        self.deleted.iter().rev().find(|record| {
            record.kind == kind && self::name(kind, &record.content()).is_some_and(|other| other == name)
        })
    }
}

/// Those that turn a case red under the default gate.
pub(super) const FAULTS: Rows = &[
    Behaviour::new(
        "deactivation-leaves-groups",
        "Who is deactivated is in no group any more.",
        "RFC7643 4.1.1",
        &[Effect::Turn(|store, past, turn| {
            let user = turn.record;
            let is_inactive = |record: &Record| record.content().active() == Some(false);
            let was_active = past.of(&user.id).last().is_some_and(|before| !is_inactive(before));
            if turn.write.is_some() && user.kind == Kind::User && was_active && is_inactive(user) {
                let groups: Vec<_> = store.groups_of(&user.id).cloned().collect();
                groups.iter().for_each(|group| store.remove_member(group, &user.id, user.modified));
            }
        })],
    ),
    Behaviour::new(
        "second-deactivation-deletes",
        "Who is deactivated twice is deleted.",
        "RFC7644 3.5.2.3",
        &[Effect::Turn(|store, past, turn| {
            let is_inactive = |record: &Record| record.content().active() == Some(false);
            let again = turn.write == Some(Write::Patch) && past.of(&turn.record.id).last().is_some_and(is_inactive);
            if again && is_inactive(turn.record) {
                store.remove(Kind::User, &turn.record.id, turn.record.modified);
            }
        })],
    ),
    Behaviour::new(
        "reactivation-undoes-updates",
        "Who is reactivated is as they were when they were deactivated.",
        "RFC7644 3.5.2.3",
        &[Effect::Turn(|store, past, turn| {
            let versions = past.of(&turn.record.id);
            let is_inactive = |record: &&Record| record.content().active() == Some(false);
            let returns =
                turn.record.content().active() == Some(true) && versions.last().as_ref().is_some_and(is_inactive);
            let Some(active) = versions.iter().rev().find(|record| !is_inactive(record)).filter(|_| returns) else {
                return;
            };
            store.replace(turn.record.with(&active.content()));
        })],
    ),
    Behaviour::new(
        "namesakes-inherit-groups",
        "Who has the userName of somebody deleted is in the groups of that user.",
        "RFC7644 3.6",
        &[Effect::Turn(|store, past, turn| {
            let created = turn.write == Some(Write::Create) && turn.record.kind == Kind::User;
            let deleted = past.deleted(Kind::User, &turn.record.content()).filter(|_| created);
            let Some(deleted) = deleted else { return };
            for group in store.table(Kind::Group).rows().to_vec() {
                let was_in =
                    past.of(&group.id).last().is_some_and(|last| last.content().members().any(|id| *id == *deleted.id));
                if was_in {
                    let mut content = group.content();
                    let members = content.attributes.entry("members").or_insert_with(|| Value::Array(Vec::new()));
                    members.as_array_mut().into_iter().for_each(|members| {
                        members.push(serde_json::json!({ "value": *turn.record.id }));
                    });
                    store.replace(group.with(&content));
                }
            }
        })],
    ),
    Behaviour::new(
        "deleted-groups-come-back",
        "A group with the name of a deleted one has the members of that.",
        "RFC7644 3.6",
        &[Effect::Turn(|store, past, turn| {
            let created = turn.write == Some(Write::Create) && turn.record.kind == Kind::Group;
            let deleted = past.deleted(Kind::Group, &turn.record.content()).filter(|_| created);
            if let Some(members) = deleted.and_then(|deleted| deleted.content().attributes.get("members").cloned()) {
                let mut content = turn.record.content();
                content.attributes.insert("members".into(), members);
                store.replace(turn.record.with(&content));
            }
        })],
    ),
    Behaviour::new(
        "renamed-groups-are-empty",
        "A group that gets another name loses its members.",
        "RFC7644 3.5.2.3",
        &[Effect::Content(Kind::Group, &[Write::Patch, Write::Put], |before, after| {
            if before.text("displayName") != after.text("displayName") {
                after.attributes.shift_remove("members");
            }
            Ok(())
        })],
    ),
    Behaviour::new(
        "emptied-groups-stay-empty",
        "A group that has lost its last member takes no others.",
        "RFC7644 3.5.2.1",
        &[Effect::Turn(|store, past, turn| {
            let has_members = |record: &Record| record.content().members().next().is_some();
            let versions = past.of(&turn.record.id);
            let was_emptied =
                versions.last().is_some_and(|last| !has_members(last)) && versions.iter().any(has_members);
            if turn.write.is_some() && turn.record.kind == Kind::Group && was_emptied {
                without_members(store, turn.record, |_| true);
            }
        })],
    ),
    Behaviour::new(
        "members-do-not-return",
        "Who has left a group cannot join it again.",
        "RFC7644 3.5.2.1",
        &[Effect::Turn(|store, past, turn| {
            let Some((last, earlier)) = past.of(&turn.record.id).split_last() else { return };
            let is_in = |record: &Record, id: &str| record.content().members().any(|member| member == id);
            if turn.write.is_some() && turn.record.kind == Kind::Group {
                without_members(store, turn.record, |id| !is_in(last, id) && earlier.iter().any(|one| is_in(one, id)));
            }
        })],
    ),
    Behaviour::new(
        "fifth-change-loses-a-member",
        "A group loses its first member at the fifth change.",
        "RFC7644 3.5.2",
        &[Effect::Turn(|store, past, turn| {
            let first = turn.record.content().members().next().map(str::to_owned);
            if turn.write.is_some() && turn.record.kind == Kind::Group && past.of(&turn.record.id).len() == 5 {
                without_members(store, turn.record, |id| Some(id) == first.as_deref());
            }
        })],
    ),
    Behaviour::new(
        "put-undoes-removals",
        "PUT gives a user the title back that a PATCH has removed.",
        "RFC7644 3.5.1",
        &[Effect::Turn(|store, past, turn| {
            let mut content = turn.record.content();
            let earlier =
                past.of(&turn.record.id).iter().rev().find_map(|one| one.content().attributes.get("title").cloned());
            let lacks = turn.write == Some(Write::Put) && content.text("title").is_none();
            if let Some(title) = earlier.filter(|_| lacks) {
                content.attributes.insert("title".into(), title);
                store.replace(turn.record.with(&content));
            }
        })],
    ),
    Behaviour::new(
        "patched-names-are-not-found",
        "Who is renamed by PATCH is found under the name before.",
        "RFC7644 3.4.2.2",
        &[Effect::Fate(Kind::User, |write, before, after| {
            let renamed = before?.text("userName") != after.text("userName");
            (write == Write::Patch && renamed).then_some(super::Fate::ReplaceUnderOldKeys)
        })],
    ),
    Behaviour::new(
        "names-left-stay-taken",
        "The name somebody had before they were renamed answers 409.",
        "RFC7644 3.3",
        &[Effect::Grudge(|past, before, after| {
            let wanted = name(after.kind, &after.content())?;
            let had = |record: &Record| name(record.kind, &record.content()).is_some_and(|name| name == wanted);
            let others = past.versions.values().flatten().filter(|record| {
                record.kind == Kind::User
                    && after.kind == Kind::User
                    && before.is_none_or(|before| before.id != record.id)
            });
            let is_deleted = |record: &Record| past.deleted.iter().any(|deleted| deleted.id == record.id);
            let taken = others.into_iter().any(|record| had(record) && !is_deleted(record));
            taken.then(|| ScimError::of(ScimType::Uniqueness, "the userName is taken"))
        })],
    ),
    Behaviour::new(
        "deleted-ids-are-given-again",
        "Who has the userName of somebody deleted gets that user's id.",
        "RFC7643 3.1",
        // Asked where a resource gets its id.
        &[Effect::Asked],
    ),
    Behaviour::new(
        "members-outlive-users",
        "Who is deleted is a member of their groups still.",
        "RFC7644 3.6",
        &[Effect::Turn(|store, past, turn| {
            if turn.write.is_some() || turn.record.kind != Kind::User {
                return;
            }
            for group in store.table(Kind::Group).rows().to_vec() {
                let last = past.of(&group.id).last().map(Record::content);
                let was_in = |content: &Content| content.members().any(|id| *id == *turn.record.id);
                if let Some(content) = last.filter(was_in) {
                    store.replace(group.with(&content));
                }
            }
        })],
    ),
];

/// Those that do not.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "deleted-names-stay-taken",
        "A user named like a deleted one answers 409.",
        "RFC7644 3.6",
        &[Effect::Grudge(|past, before, after| {
            let taken =
                before.is_none() && after.kind == Kind::User && past.deleted(Kind::User, &after.content()).is_some();
            taken.then(|| ScimError::of(ScimType::Uniqueness, "the userName is taken"))
        })],
    ),
    Behaviour::new(
        "third-change-is-dated-back",
        "`meta.lastModified` of a user is `meta.created` after the third write.",
        "RFC7643 3.1",
        &[Effect::Turn(|store, past, turn| {
            if turn.write.is_some() && turn.record.kind == Kind::User && past.of(&turn.record.id).len() == 2 {
                let mut record = turn.record.clone();
                record.modified = record.created;
                store.replace(record);
            }
        })],
    ),
];

fn name(kind: Kind, content: &Content) -> Option<String> {
    let attribute = if kind == Kind::User { "userName" } else { "displayName" };
    content.text(attribute).map(str::to_lowercase)
}

fn without_members(store: &mut Store, group: &Record, leaves: impl Fn(&str) -> bool) {
    let leaving: Vec<String> = group.content().members().filter(|id| leaves(id)).map(str::to_owned).collect();
    for id in leaving {
        if let Some(group) = store.find(Kind::Group, &group.id).cloned() {
            store.remove_member(&group, &id, group.modified);
        }
    }
}
