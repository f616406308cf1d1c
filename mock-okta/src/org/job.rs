//! Jobs: what Okta has to do in one app about one subject because of one event.

use std::fmt;

use crate::import::{DiscoveryGoal, Scope};

/// The number of a job in its org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub(super) u64);

impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Something to do, for [`Org::start`](super::Org::start).
///
/// A job names what is to be done, not with what: it reads the org when it starts, because an earlier
/// job of the same event may have brought the id it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// The id of the app.
    pub app: String,
    /// Whom or what it is about.
    pub subject: Subject,
    /// What is to be done.
    pub work: Work,
    /// Why, in our words: "assigned through group Crew".
    pub cause: String,
    /// The number of the administrator's act from which it followed.
    pub transaction: u64,
}

/// Whom or what a job or a task is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The app itself.
    App,
    /// A person, by id.
    Person(String),
    /// A group, by id.
    Group(String),
}

/// What a job does about its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Tests the credentials.
    Connect,
    /// Looks for the person's account, and creates or links it.
    Provision,
    /// Pushes the effective profile.
    PushProfile,
    /// Pushes the password.
    PushPassword,
    /// Pushes the effective profile because the administrator wants it.
    ForceSync,
    /// Deactivates the account of a person who was deactivated.
    Deactivate,
    /// Deactivates the account of a person who lost the last assignment.
    Unassign,
    /// Creates the group.
    PushGroup,
    /// Links the group to one of the service provider.
    LinkGroup,
    /// Links the group again.
    RelinkGroup,
    /// Renames the group.
    RenameGroup,
    /// Pushes what changed about the membership of these people.
    PushMembers(Vec<String>),
    /// Pushes name and members as a whole.
    PushNow,
    /// Deactivates the push.
    DeactivatePush,
    /// Activates the push.
    ActivatePush,
    /// Unlinks the group.
    UnlinkGroup {
        /// Whether the group of the service provider is deleted.
        delete: bool,
    },
    /// Imports users, groups, or both.
    Import(Scope),
    /// Reads the schema, or roles and entitlements.
    Discover(DiscoveryGoal),
}

impl Work {
    /// Whether a task about one of them is settled by the other's success.
    pub(super) fn settles(&self, failed: &Work) -> bool {
        match failed {
            Work::Connect | Work::Import(_) | Work::Discover(_) => self == failed,
            Work::PushPassword => matches!(self, Work::PushPassword | Work::Deactivate | Work::Unassign),
            Work::Provision | Work::PushProfile | Work::ForceSync => matches!(
                self,
                Work::Provision | Work::PushProfile | Work::ForceSync | Work::Deactivate | Work::Unassign
            ),
            Work::Deactivate | Work::Unassign => matches!(self, Work::Provision | Work::Deactivate | Work::Unassign),
            _ => matches!(
                self,
                Work::PushGroup
                    | Work::LinkGroup
                    | Work::RelinkGroup
                    | Work::PushNow
                    | Work::ActivatePush
                    | Work::UnlinkGroup { .. }
            ),
        }
    }
}
