//! What an administrator or HR does in the Okta org. What follows from it is the flow's business.

use std::fmt;

/// Something that happens to one user of an app, or to the app's connection.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// The administrator saves the credentials, and Okta tests them.
    Connect,
    /// The user is assigned to the app, directly or through a group.
    Assign,
    /// Attributes of the user's profile change; keys as in [`Profile::set`](crate::Profile::set).
    Update(Vec<(String, String)>),
    /// The Okta user is deactivated.
    Deactivate,
    /// The deactivated Okta user is activated and assigned again.
    Reactivate,
    /// The assignment is removed.
    Unassign,
    /// The Okta user is suspended.
    Suspend,
    /// The suspension ends.
    Unsuspend,
    /// The Okta user is deleted.
    Delete,
    /// The user's Okta password changes, or a random one is drawn for the app; this is the one.
    SyncPassword(String),
    /// The administrator presses "Force Sync".
    ///
    /// Okta SCIM 2.0 protocol reference, Create Users: it brings attributes the service provider has added
    /// into the profile. That it pushes the profile of everybody, as an update does, is inferred.
    ForceSync,
}

impl Event {
    /// The names [`Event::named`] knows.
    pub const NAMES: [&'static str; 9] =
        ["connect", "assign", "update", "deactivate", "reactivate", "unassign", "suspend", "unsuspend", "delete"];

    /// Returns the event of this name; `changes` are what an update sets and unused otherwise.
    pub fn named(name: &str, changes: Vec<(String, String)>) -> Option<Event> {
        Some(match name {
            "connect" => Event::Connect,
            "assign" => Event::Assign,
            "update" => Event::Update(changes),
            "deactivate" => Event::Deactivate,
            "reactivate" => Event::Reactivate,
            "unassign" => Event::Unassign,
            "suspend" => Event::Suspend,
            "unsuspend" => Event::Unsuspend,
            "delete" => Event::Delete,
            _ => return None,
        })
    }

    /// Returns the name by which suites call the event.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Connect => "connect",
            Event::Assign => "assign",
            Event::Update(_) => "update",
            Event::Deactivate => "deactivate",
            Event::Reactivate => "reactivate",
            Event::Unassign => "unassign",
            Event::Suspend => "suspend",
            Event::Unsuspend => "unsuspend",
            Event::Delete => "delete",
            Event::SyncPassword(_) => "sync-password",
            Event::ForceSync => "force-sync",
        }
    }
}

/// Everything but a password.
impl fmt::Debug for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Update(changes) => formatter.debug_tuple("Update").field(changes).finish(),
            event => formatter.write_str(event.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_names_its_event() {
        for name in Event::NAMES {
            assert_eq!(Event::named(name, Vec::new()).map(|event| event.name()), Some(name));
        }
        assert_eq!(Event::named("promote", Vec::new()), None);
    }
}
