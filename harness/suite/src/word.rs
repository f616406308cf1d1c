//! The closed vocabularies of suite files. Each word is written in kebab-case, in files as in reports.

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
}

/// A check of a whole answer that a pattern cannot express.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename_all = "kebab-case"))]
pub enum Check {
    /// The media type is `application/scim+json` (RFC 7644 §3.1).
    MediaTypeScimJson,
    /// The body is an Error resource whose status agrees with the status line (RFC 7644 §3.12).
    ErrorBody,
    /// The body is a ListResponse whose counters are integers and agree with its Resources (RFC 7644 §3.4.2).
    ListResponse,
}

/// Something an administrator or HR does in Okta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The administrator saves the credentials, and Okta tests them.
    Connect,
    /// The user is assigned to the app.
    Assign,
    /// Attributes of the user's profile change, as `set` says.
    Update,
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
    pub const ALL: [Need; 8] = [
        Need::Patch,
        Need::Filter,
        Need::Sort,
        Need::Etag,
        Need::Bulk,
        Need::ChangePassword,
        Need::Groups,
        Need::EnterpriseUser,
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
        }
    }
}

impl Check {
    /// Every check.
    pub const ALL: [Check; 3] = [Check::MediaTypeScimJson, Check::ErrorBody, Check::ListResponse];

    /// Returns the word.
    pub fn name(self) -> &'static str {
        match self {
            Check::MediaTypeScimJson => "media-type-scim-json",
            Check::ErrorBody => "error-body",
            Check::ListResponse => "list-response",
        }
    }

    /// Returns the check of this name.
    pub fn named(name: &str) -> Option<Check> {
        Check::ALL.into_iter().find(|check| check.name() == name)
    }
}

impl EventKind {
    /// Every event.
    pub const ALL: [EventKind; 9] = [
        EventKind::Connect,
        EventKind::Assign,
        EventKind::Update,
        EventKind::Deactivate,
        EventKind::Reactivate,
        EventKind::Unassign,
        EventKind::Suspend,
        EventKind::Unsuspend,
        EventKind::Delete,
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
        }
    }

    /// Returns the event of `mock-okta`; `changes` are what an update sets and unused otherwise.
    pub fn event(self, changes: Vec<(String, String)>) -> mock_okta::Event {
        use mock_okta::Event;
        match self {
            EventKind::Connect => Event::Connect,
            EventKind::Assign => Event::Assign,
            EventKind::Update => Event::Update(changes),
            EventKind::Deactivate => Event::Deactivate,
            EventKind::Reactivate => Event::Reactivate,
            EventKind::Unassign => Event::Unassign,
            EventKind::Suspend => Event::Suspend,
            EventKind::Unsuspend => Event::Unsuspend,
            EventKind::Delete => Event::Delete,
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

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for EventKind {
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
        for outcome in [Outcome::Done, Outcome::Task] {
            assert_eq!(read(outcome.name()), Ok(outcome));
        }
    }

    #[test]
    fn events_are_exactly_those_of_the_mock_org() {
        let ours = EventKind::ALL.map(|kind| kind.event(Vec::new()).name());
        assert_eq!(ours, mock_okta::Event::NAMES);
        assert_eq!(ours, EventKind::ALL.map(EventKind::name));
    }
}
