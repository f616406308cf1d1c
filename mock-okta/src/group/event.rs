//! What an administrator does to a pushed group, or what its membership does by itself.

use super::Member;

/// Something that happens to one mapping of an app's "Push Groups" tab.
///
/// Where an event carries members without saying more, they are all members the group has at that
/// moment; an empty list with [`GroupEvent::Push`] or a link is also how "Push group memberships
/// immediately" left unticked looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupEvent {
    /// The group is pushed for the first time, by name or because a rule matches it.
    Push(Vec<Member>),
    /// The group is linked to one the service provider has already.
    Link(Vec<Member>),
    /// The group is linked again after it was unlinked and left at the service provider.
    Relink(Vec<Member>),
    /// The Okta group is given this name.
    Rename(String),
    /// The membership of the Okta group changes.
    ChangeMembers {
        /// Who came.
        add: Vec<Member>,
        /// Who went.
        remove: Vec<Member>,
    },
    /// "Push now", and "Retry all groups" after an error.
    PushNow(Vec<Member>),
    /// "Deactivate group push".
    DeactivatePush,
    /// "Activate group push".
    ActivatePush(Vec<Member>),
    /// "Unlink pushed group".
    Unlink {
        /// Whether "Delete the group in the target app" is chosen rather than "Leave".
        delete: bool,
    },
}

impl GroupEvent {
    /// Returns the name by which suites call the event.
    pub fn name(&self) -> &'static str {
        match self {
            GroupEvent::Push(_) => "push-group",
            GroupEvent::Link(_) => "link-group",
            GroupEvent::Relink(_) => "relink-group",
            GroupEvent::Rename(_) => "rename-group",
            GroupEvent::ChangeMembers { .. } => "change-members",
            GroupEvent::PushNow(_) => "push-now",
            GroupEvent::DeactivatePush => "deactivate-push",
            GroupEvent::ActivatePush(_) => "activate-push",
            GroupEvent::Unlink { .. } => "unlink-group",
        }
    }
}
