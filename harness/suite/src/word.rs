//! The closed vocabularies of suite files. Each word is written in kebab-case, in files as in reports.

mod check;

pub use check::Check;

use serde::Deserialize;
use std::fmt;

/// How binding a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// An absolute requirement of an RFC.
    Must,
    /// A recommendation of an RFC.
    Should,
    /// An option an RFC leaves open.
    May,
    /// Okta's traffic breaks or misleads without it.
    Okta,
}

/// What the cases of a suite talk to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// A SCIM service provider.
    #[default]
    Scim,
    /// A receiver of Okta's event hooks.
    EventHook,
}

/// What a fuzz case sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FuzzOver {
    /// Filters over people and groups the run created (RFC 7644 §3.4.2.2).
    Filter,
    /// PATCH requests on one resource (RFC 7644 §3.5.2).
    Patch,
    /// Resources for POST and PUT.
    Body,
    /// Lives of people and groups: many requests in a row, through Okta and by hand.
    Sequence,
}

impl FuzzOver {
    /// Everything that can be sent.
    pub const ALL: [FuzzOver; 4] = [FuzzOver::Filter, FuzzOver::Patch, FuzzOver::Body, FuzzOver::Sequence];

    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            FuzzOver::Filter => "filter",
            FuzzOver::Patch => "patch",
            FuzzOver::Body => "body",
            FuzzOver::Sequence => "sequence",
        }
    }

    /// Returns the words that `only` may hold: kinds of its inputs.
    pub fn kinds(self) -> &'static [&'static str] {
        match self {
            FuzzOver::Filter => &["valid", "invalid", "laws"],
            FuzzOver::Patch => &["users", "groups", "okta", "laws", "concurrent"],
            FuzzOver::Body => &["users", "groups", "valid", "invalid"],
            FuzzOver::Sequence => &["okta", "raw", "parallel"],
        }
    }
}

impl fmt::Display for FuzzOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How sure we are of the rule, where it is about what Okta does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A published specification or Okta document says so.
    #[default]
    Documented,
    /// Seen in a public capture of Okta's traffic.
    Captured,
    /// Concluded from the other two; never enough to fail a server.
    Inferred,
}

/// What a server must offer for a case to make sense; the case is skipped where it says that it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// PATCH (RFC 7644 §3.5.2).
    Patch,
    /// Filters on lists (RFC 7644 §3.4.2.2).
    Filter,
    /// Sorted lists (RFC 7644 §3.4.2.3).
    Sort,
    /// Versions of resources (RFC 7644 §3.14).
    Etag,
    /// Bulk requests (RFC 7644 §3.7).
    Bulk,
    /// Changing a password (RFC 7644 §3.5).
    ChangePassword,
    /// The Group resource type (RFC 7643 §4.2).
    Groups,
    /// The enterprise user extension (RFC 7643 §4.3).
    EnterpriseUser,
    /// Entitlements, as Okta Identity Governance reads them.
    Entitlements,
    /// Roles, as Okta Identity Governance reads them.
    Roles,
    /// The authenticated subject's own resource, `/Me` (RFC 7644 §3.11).
    Me,
    /// Queries by POST, `/Users/.search` (RFC 7644 §3.4.3).
    Search,
    /// Queries over all resource types at the base URL (RFC 7644 §3.4.2.1).
    RootQuery,
    /// `/Schemas` (RFC 7644 §4).
    Schemas,
    /// `/ResourceTypes` (RFC 7644 §4).
    ResourceTypes,
    /// DELETE (RFC 7644 §3.6).
    Delete,
    /// Pages by cursor (RFC 9865).
    Cursor,
    /// Pages by index (RFC 7644 §3.4.2.4), which a server of cursors alone may leave out (RFC 9865).
    IndexPaging,
    /// A secret that the receiver of an event hook knows us by.
    Secret,
}

/// What a schema says about an attribute (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Characteristic {
    /// `type`: `string`, `boolean`, `decimal`, `integer`, `dateTime`, `binary`, `reference`, `complex`.
    Type,
    /// `multiValued`: `true` or `false`.
    MultiValued,
    /// `required`: `true` or `false`.
    Required,
    /// `caseExact`: `true` or `false`.
    CaseExact,
    /// `mutability`: `readOnly`, `readWrite`, `immutable`, `writeOnly`.
    Mutability,
    /// `returned`: `always`, `never`, `default`, `request`.
    Returned,
    /// `uniqueness`: `none`, `server`, `global`.
    Uniqueness,
}

/// How a list is walked, page by page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Paging {
    /// By `startIndex` and `count` (RFC 7644 §3.4.2.4).
    Index,
    /// By `cursor` and `count` (RFC 9865).
    Cursor,
}

/// Something an administrator or HR does in Okta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The administrator saves the credentials, and Okta tests them.
    Connect,
    /// The people in `who` are assigned to the app.
    Assign,
    /// Attributes of the profiles of `who` change, or those that people get through `group`, as `set` says.
    Update,
    /// The Okta users are deactivated.
    Deactivate,
    /// The deactivated Okta users are activated and assigned again.
    Reactivate,
    /// The assignments are removed.
    Unassign,
    /// The Okta users are suspended.
    Suspend,
    /// The suspensions end.
    Unsuspend,
    /// The Okta users are deleted.
    Delete,
    /// The passwords of `who` change.
    SyncPassword,
    /// The profiles of `who` are pushed once more.
    ForceSync,
    /// `group` is assigned to the app, and with it its members.
    AssignGroup,
    /// The assignment of `group` is removed.
    UnassignGroup,
    /// `who` become members of `group` in Okta.
    AddToGroup,
    /// `who` leave `group` in Okta.
    RemoveFromGroup,
    /// `group` is pushed for the first time.
    PushGroup,
    /// `group` is linked to the server's group called `name`, or as it is called in Okta.
    LinkGroup,
    /// `group` is called `name` in Okta from here on.
    RenameGroup,
    /// All of `group` is pushed.
    PushNow,
    /// Changes of `group` stay in Okta.
    DeactivatePush,
    /// Changes of `group` are pushed again.
    ActivatePush,
    /// `group` is unlinked; `delete` says whether the server's is deleted or left.
    UnlinkGroup,
    /// `group` is linked again to the server's group it was unlinked from.
    RelinkGroup,
    /// Every group whose name starts with `name` is pushed.
    PushByRule,
    /// The push rule `name` stops: its groups are no longer pushed, and no further one is.
    DeactivateRule,
    /// The push rule `name` is deleted; `delete` says whether its groups are deleted or left.
    DeleteRule,
    /// People are imported.
    ImportUsers,
    /// Groups are imported.
    ImportGroups,
    /// The administrator confirms what the import found.
    ConfirmMatches,
    /// "Import User Schema".
    ImportSchema,
    /// Okta reads which entitlements there are.
    ReadEntitlements,
}

/// The state of an Okta user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PersonStatus {
    /// They work.
    #[default]
    Active,
    /// They have not begun.
    Staged,
    /// They are away.
    Suspended,
    /// They have left.
    Deactivated,
}

/// What an attribute that was emptied in Okta becomes on the wire. Okta does not document it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EmptyValue {
    /// It is left out.
    Omit,
    /// It is the empty text, or the empty array.
    #[default]
    Empty,
    /// It is `null`.
    Null,
}

/// What happens in Okta to people who are deactivated in an app that Okta's profiles come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WhenDeactivated {
    /// Nothing.
    DoNothing,
    /// They are deactivated.
    Deactivate,
    /// They are suspended.
    Suspend,
}

/// What a person gets who is assigned through several groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GroupAttributes {
    /// The attributes of the group that stands first.
    #[default]
    Priority,
    /// The values of all groups together.
    Combine,
}

/// How an event ends for the administrator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Okta is content.
    #[default]
    Done,
    /// Okta leaves a task for the administrator to mend by hand.
    Task,
}

impl Level {
    /// Every level.
    pub const ALL: [Level; 4] = [Level::Must, Level::Should, Level::May, Level::Okta];

    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::May => "may",
            Level::Okta => "okta",
        }
    }

    /// Returns whether a rule of this level binds as much as one of the other: okta, must, should, may.
    pub fn binds_as(self, other: Level) -> bool {
        let rank = |level| match level {
            Level::Okta => 3,
            Level::Must => 2,
            Level::Should => 1,
            Level::May => 0,
        };
        rank(self) >= rank(other)
    }
}

impl Basis {
    /// Every basis.
    pub const ALL: [Basis; 3] = [Basis::Documented, Basis::Captured, Basis::Inferred];

    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Documented => "documented",
            Basis::Captured => "captured",
            Basis::Inferred => "inferred",
        }
    }
}

impl Need {
    /// Every need.
    pub const ALL: [Need; 19] = [
        Need::Patch,
        Need::Filter,
        Need::Sort,
        Need::Etag,
        Need::Bulk,
        Need::ChangePassword,
        Need::Groups,
        Need::EnterpriseUser,
        Need::Entitlements,
        Need::Roles,
        Need::Me,
        Need::Search,
        Need::RootQuery,
        Need::Schemas,
        Need::ResourceTypes,
        Need::Delete,
        Need::Cursor,
        Need::IndexPaging,
        Need::Secret,
    ];

    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Need::Patch => "patch",
            Need::Filter => "filter",
            Need::Sort => "sort",
            Need::Etag => "etag",
            Need::Bulk => "bulk",
            Need::ChangePassword => "change-password",
            Need::Groups => "groups",
            Need::EnterpriseUser => "enterprise-user",
            Need::Entitlements => "entitlements",
            Need::Roles => "roles",
            Need::Me => "me",
            Need::Search => "search",
            Need::RootQuery => "root-query",
            Need::Schemas => "schemas",
            Need::ResourceTypes => "resource-types",
            Need::Delete => "delete",
            Need::Cursor => "cursor",
            Need::IndexPaging => "index-paging",
            Need::Secret => "secret",
        }
    }
}

impl Characteristic {
    /// Every characteristic.
    pub const ALL: [Characteristic; 7] = [
        Characteristic::Type,
        Characteristic::MultiValued,
        Characteristic::Required,
        Characteristic::CaseExact,
        Characteristic::Mutability,
        Characteristic::Returned,
        Characteristic::Uniqueness,
    ];

    /// Returns its name in a schema.
    pub fn name(self) -> &'static str {
        match self {
            Characteristic::Type => "type",
            Characteristic::MultiValued => "multiValued",
            Characteristic::Required => "required",
            Characteristic::CaseExact => "caseExact",
            Characteristic::Mutability => "mutability",
            Characteristic::Returned => "returned",
            Characteristic::Uniqueness => "uniqueness",
        }
    }

    /// Returns the values it can have.
    pub fn values(self) -> &'static [&'static str] {
        match self {
            Characteristic::Type => {
                &["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"]
            }
            Characteristic::MultiValued | Characteristic::Required | Characteristic::CaseExact => &["true", "false"],
            Characteristic::Mutability => &["readOnly", "readWrite", "immutable", "writeOnly"],
            Characteristic::Returned => &["always", "never", "default", "request"],
            Characteristic::Uniqueness => &["none", "server", "global"],
        }
    }

    /// Returns the characteristic of this name.
    pub fn named(name: &str) -> Option<Characteristic> {
        Characteristic::ALL.into_iter().find(|characteristic| characteristic.name() == name)
    }
}

impl Paging {
    /// Every way.
    pub const ALL: [Paging; 2] = [Paging::Index, Paging::Cursor];

    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Paging::Index => "index",
            Paging::Cursor => "cursor",
        }
    }
}

impl EventKind {
    /// Every event.
    pub const ALL: [EventKind; 31] = [
        EventKind::Connect,
        EventKind::Assign,
        EventKind::Update,
        EventKind::Deactivate,
        EventKind::Reactivate,
        EventKind::Unassign,
        EventKind::Suspend,
        EventKind::Unsuspend,
        EventKind::Delete,
        EventKind::SyncPassword,
        EventKind::ForceSync,
        EventKind::AssignGroup,
        EventKind::UnassignGroup,
        EventKind::AddToGroup,
        EventKind::RemoveFromGroup,
        EventKind::PushGroup,
        EventKind::LinkGroup,
        EventKind::RenameGroup,
        EventKind::PushNow,
        EventKind::DeactivatePush,
        EventKind::ActivatePush,
        EventKind::UnlinkGroup,
        EventKind::RelinkGroup,
        EventKind::PushByRule,
        EventKind::DeactivateRule,
        EventKind::DeleteRule,
        EventKind::ImportUsers,
        EventKind::ImportGroups,
        EventKind::ConfirmMatches,
        EventKind::ImportSchema,
        EventKind::ReadEntitlements,
    ];

    /// Returns the word, which is also the name of the event in `mock-okta`.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::Connect => "connect",
            EventKind::Assign => "assign",
            EventKind::Update => "update",
            EventKind::Deactivate => "deactivate",
            EventKind::Reactivate => "reactivate",
            EventKind::Unassign => "unassign",
            EventKind::Suspend => "suspend",
            EventKind::Unsuspend => "unsuspend",
            EventKind::Delete => "delete",
            EventKind::SyncPassword => "sync-password",
            EventKind::ForceSync => "force-sync",
            EventKind::AssignGroup => "assign-group",
            EventKind::UnassignGroup => "unassign-group",
            EventKind::AddToGroup => "add-to-group",
            EventKind::RemoveFromGroup => "remove-from-group",
            EventKind::PushGroup => "push-group",
            EventKind::LinkGroup => "link-group",
            EventKind::RenameGroup => "rename-group",
            EventKind::PushNow => "push-now",
            EventKind::DeactivatePush => "deactivate-push",
            EventKind::ActivatePush => "activate-push",
            EventKind::UnlinkGroup => "unlink-group",
            EventKind::RelinkGroup => "relink-group",
            EventKind::PushByRule => "push-by-rule",
            EventKind::DeactivateRule => "deactivate-rule",
            EventKind::DeleteRule => "delete-rule",
            EventKind::ImportUsers => "import-users",
            EventKind::ImportGroups => "import-groups",
            EventKind::ConfirmMatches => "confirm-matches",
            EventKind::ImportSchema => "import-schema",
            EventKind::ReadEntitlements => "read-entitlements",
        }
    }
}

impl PersonStatus {
    /// Every status.
    pub const ALL: [PersonStatus; 4] =
        [PersonStatus::Active, PersonStatus::Staged, PersonStatus::Suspended, PersonStatus::Deactivated];

    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            PersonStatus::Active => "active",
            PersonStatus::Staged => "staged",
            PersonStatus::Suspended => "suspended",
            PersonStatus::Deactivated => "deactivated",
        }
    }
}

impl EmptyValue {
    /// Every encoding.
    pub const ALL: [EmptyValue; 3] = [EmptyValue::Omit, EmptyValue::Empty, EmptyValue::Null];

    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            EmptyValue::Omit => "omit",
            EmptyValue::Empty => "empty",
            EmptyValue::Null => "null",
        }
    }
}

impl WhenDeactivated {
    /// Every choice.
    pub const ALL: [WhenDeactivated; 3] =
        [WhenDeactivated::DoNothing, WhenDeactivated::Deactivate, WhenDeactivated::Suspend];

    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            WhenDeactivated::DoNothing => "do-nothing",
            WhenDeactivated::Deactivate => "deactivate",
            WhenDeactivated::Suspend => "suspend",
        }
    }
}

impl GroupAttributes {
    /// Every way.
    pub const ALL: [GroupAttributes; 2] = [GroupAttributes::Priority, GroupAttributes::Combine];

    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            GroupAttributes::Priority => "priority",
            GroupAttributes::Combine => "combine",
        }
    }
}

impl Outcome {
    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Task => "task",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Characteristic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Paging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for PersonStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for EmptyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for WhenDeactivated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for GroupAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    fn read<'de, T: Deserialize<'de>>(word: &'static str) -> Result<T, Error> {
        let word: StrDeserializer<'de, Error> = word.into_deserializer();
        T::deserialize(word)
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for level in Level::ALL {
            assert_eq!(read(level.name()), Ok(level));
        }
        for basis in Basis::ALL {
            assert_eq!(read(basis.name()), Ok(basis));
        }
        for need in Need::ALL {
            assert_eq!(read(need.name()), Ok(need));
        }
        for event in EventKind::ALL {
            assert_eq!(read(event.name()), Ok(event));
        }
        for paging in Paging::ALL {
            assert_eq!(read(paging.name()), Ok(paging));
        }
        for status in PersonStatus::ALL {
            assert_eq!(read(status.name()), Ok(status));
        }
        for empty in EmptyValue::ALL {
            assert_eq!(read(empty.name()), Ok(empty));
        }
        for choice in WhenDeactivated::ALL {
            assert_eq!(read(choice.name()), Ok(choice));
        }
        for attributes in GroupAttributes::ALL {
            assert_eq!(read(attributes.name()), Ok(attributes));
        }
        for outcome in [Outcome::Done, Outcome::Task] {
            assert_eq!(read(outcome.name()), Ok(outcome));
        }
    }

    #[test]
    fn the_nine_events_of_one_user_are_called_as_in_the_mock_org() {
        let ours = EventKind::ALL.map(EventKind::name);
        assert_eq!(ours[..9], mock_okta::Event::NAMES[..9]);
    }
}
