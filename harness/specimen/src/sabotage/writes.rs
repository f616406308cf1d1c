//! Faults that change what is written, or what becomes of it.

use std::sync::Arc;

use scim_lang::error::{ScimError, ScimType};
use scim_lang::urn;
use serde_json::Value;

use crate::fault::Fault;
use crate::store::{Content, Kind, Record, Store};

/// How content came to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    Create,
    Put,
    Patch,
}

/// What happens to a record that is fit to be stored.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It is added.
    Insert,
    /// It takes the place of what has its id.
    Replace,
    /// It does, but is still found under what it was found under before.
    ReplaceUnderOldKeys,
    /// Other content takes its place.
    Instead(Content),
    /// It moves to a fresh id.
    Move,
    /// It is removed.
    Remove,
    /// Nothing is stored.
    Forget,
}

/// What happens to a create whose userName is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDuplicate {
    /// It is refused.
    Refuse,
    /// There are two.
    Allow,
    /// It takes the place of the first.
    Overwrite,
}

/// Changes content that is about to be written, or refuses it.
pub(super) type Change = fn(before: &Content, after: &mut Content) -> Result<(), ScimError>;
/// Decides what happens to a record.
type Decide = fn(Write, before: Option<&Content>, after: &Content) -> Option<Fate>;
/// Finds a reason in the store to refuse a record.
pub(super) type Object = fn(&Store, Write, before: Option<&Record>, after: &Record) -> Option<ScimError>;

const UPDATES: &[Write] = &[Write::Put, Write::Patch];

/// What each of these faults does to the content of a user, and in which writes.
pub(super) const CHANGES: &[(Fault, &[Write], Change)] = &[
    (Fault::CreateLowerCasesUserName, &[Write::Create], |_, after| {
        if let Some(name) = after.text("userName").map(str::to_lowercase) {
            after.attributes["userName"] = name.into();
        }
        Ok(())
    }),
    (Fault::CreateLosesEmails, &[Write::Create], |_, after| lose(after, &["emails"])),
    (Fault::CreateLosesFamilyName, &[Write::Create], |_, after| {
        if let Some(name) = after.attributes.get_mut("name").and_then(|name| name.as_object_mut()) {
            name.shift_remove("familyName");
        }
        Ok(())
    }),
    (Fault::CreateLosesExternalId, &[Write::Create], |_, after| lose(after, &["externalId"])),
    (Fault::PutIgnoresProfile, &[Write::Put], keep_profile),
    (Fault::PutIgnoresActive, &[Write::Put], |before, after| {
        copy_active(before, after);
        Ok(())
    }),
    (Fault::PutWipesEmails, &[Write::Put], |_, after| lose(after, &["emails"])),
    (Fault::DeactivationWipesProfile, UPDATES, |before, after| match deactivates(before, after) {
        true => lose(after, &["name", "emails"]),
        false => Ok(()),
    }),
    (Fault::ReactivationRefused, UPDATES, |before, after| match deactivates(after, before) {
        true => Err(ScimError::bad_request(ScimType::InvalidValue, "the user is deactivated for good")),
        false => Ok(()),
    }),
    (Fault::ReactivationIgnored, UPDATES, |before, after| {
        if deactivates(after, before) {
            copy_active(before, after);
        }
        Ok(())
    }),
];

/// Which of these faults decides what becomes of a user.
pub(super) const FATES: &[(Fault, Decide)] = &[
    (Fault::CreateIsNotStored, |write, _, _| (write == Write::Create).then_some(Fate::Forget)),
    (Fault::PutIsNotStored, |write, _, _| (write == Write::Put).then_some(Fate::Forget)),
    (Fault::PutChangesId, |write, _, _| (write == Write::Put).then_some(Fate::Move)),
    (Fault::RenamedUserKeepsOldLookup, |write, _, _| (write == Write::Put).then_some(Fate::ReplaceUnderOldKeys)),
    (Fault::PatchAnswerLies, |write, before, after| {
        let mut stored = after.clone();
        copy_active(before?, &mut stored);
        (write == Write::Patch).then_some(Fate::Instead(stored))
    }),
    (Fault::DeactivationDeletes, |_, before, after| deactivates(before?, after).then_some(Fate::Remove)),
];

/// Which of these faults decides what becomes of a group.
pub(super) const GROUP_FATES: &[(Fault, Decide)] =
    &[(Fault::GroupCreateIsNotStored, |write, _, _| (write == Write::Create).then_some(Fate::Forget))];

/// Which of these faults finds a reason in the store to refuse a record.
pub(super) const OBJECTIONS: &[(Fault, Object)] = &[
    (Fault::PutConflictsWithItself, |_, write, before, after| {
        let name = |record: &Record| record.content().text("userName").map(str::to_lowercase);
        let same = write == Write::Put && after.kind == Kind::User && name(before?) == name(after);
        same.then(|| ScimError::of(ScimType::Uniqueness, "the userName is taken"))
    }),
    (Fault::EqualEmailConflicts, |store, write, _, record| {
        let mine = record.content();
        let taken = |other: &Arc<Record>| emails(&other.content()).any(|email| emails(&mine).any(|mine| mine == email));
        let refused = write == Write::Create && store.table(Kind::User).rows().iter().any(taken);
        refused.then(|| ScimError::of(ScimType::Uniqueness, "the e-mail address is taken"))
    }),
    (Fault::UnknownManagerIs404, |store, write, _, record| {
        let content = record.content();
        let manager = content.attributes.get(urn::ENTERPRISE_USER)?["manager"]["value"].as_str()?;
        let refused = write == Write::Create && store.find(Kind::User, manager).is_none();
        refused.then(|| ScimError::new(404, format!("there is no manager {manager}")))
    }),
];

fn emails(user: &Content) -> impl Iterator<Item = &str> {
    let emails = user.attributes.get("emails").and_then(Value::as_array);
    emails.into_iter().flatten().filter_map(|email| email["value"].as_str())
}

fn keep_profile(before: &Content, after: &mut Content) -> Result<(), ScimError> {
    let mut kept = before.clone();
    copy_active(after, &mut kept);
    *after = kept;
    Ok(())
}

/// Tells whether an active user ends up inactive. Whoever is not said to be inactive is active.
fn deactivates(before: &Content, after: &Content) -> bool {
    before.active() != Some(false) && after.active() == Some(false)
}

fn copy_active(from: &Content, to: &mut Content) {
    match from.attributes.get("active") {
        Some(active) => to.attributes.insert("active".into(), active.clone()),
        None => to.attributes.shift_remove("active"),
    };
}

pub(super) fn lose(content: &mut Content, names: &[&str]) -> Result<(), ScimError> {
    for name in names {
        content.attributes.shift_remove(*name);
    }
    Ok(())
}
