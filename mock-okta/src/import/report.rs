//! What an import found, in numbers and first examples.

use super::entry::Malformed;
use super::note::Noted;
use super::pager::Paging;
use super::safeguard::Halt;
use super::user::Activity;

/// The report of one import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// The users.
    pub users: Tally,
    /// The groups.
    pub groups: Tally,
    /// The members of the groups.
    pub members: Members,
    /// The status with which the service provider says that it has no groups to list (404, 405 or 501).
    ///
    /// Okta's SPEC test makes groups optional, so an import goes on without them. What Okta itself does
    /// is not documented.
    pub groups_unavailable: Option<u16>,
    /// How it ended.
    pub end: ImportEnd,
}

impl ImportReport {
    /// Tells whether Okta puts into effect what was found: not before the end, not if anything failed,
    /// and not past a safeguard.
    pub fn takes_effect(&self) -> bool {
        self.end == ImportEnd::Complete
    }
}

/// How an import ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ImportEnd {
    /// Not at all so far.
    #[default]
    Running,
    /// Well.
    Complete,
    /// By a safeguard.
    Halted(Halt),
    /// By an answer Okta cannot use, or by a list without an end.
    Failed,
}

/// The counters Okta shows after an import, and mails to the administrator
/// (<https://help.okta.com/oie/en-us/Content/Topics/users-groups-profiles/usgp-import-groups-app-provisioning.htm>;
/// OIN test plan C9304, C9305).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Usable entries read, each id once.
    pub scanned: u64,
    /// Importable entries Okta did not know.
    pub new: u64,
    /// Known entries with a change in what Okta maps.
    pub updated: u64,
    /// Known entries without one.
    pub unchanged: u64,
    /// Known entries that are gone, or inactive though Okta has them as active.
    pub removed: u64,
}

/// What was found in one of the two lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// The counters.
    pub counters: Counters,
    /// The pages.
    pub paging: Paging,
    /// Users Okta does not know and cannot import, because they are not active.
    pub inactive: Noted<Ignored>,
    /// Entries that were left out.
    pub malformed: Noted<Malformed>,
    /// Known entries that changed places with each other since the import before.
    ///
    /// It is only evidence: a list sorted by name changes with a name.
    pub order: Noted<OrderChange>,
}

/// A user who was left out for not being active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The id.
    pub id: String,
    /// The user name.
    pub user_name: String,
    /// What `active` says.
    pub activity: Activity,
}

/// A known entry that stands behind one it stood in front of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderChange {
    /// The id.
    pub id: String,
    /// Its place in the list before, from 1.
    pub before: u64,
    /// Its place in this one.
    pub now: u64,
}

/// The members of all groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// Members who are users Okta knows or met in the same import.
    pub matched: u64,
    /// Members whom it does not know, as `group/member`. What Okta tells about them is not documented.
    pub unknown: Noted<String>,
    /// Members without a `value`.
    pub without_value: u64,
    /// Members which are groups themselves.
    pub groups: u64,
}
