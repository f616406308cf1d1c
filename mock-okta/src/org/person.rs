//! People, groups and group rules of the org's directory. Not what an app makes of them.

use indexmap::IndexMap;
use std::collections::BTreeSet;

use crate::Profile;

/// The state of a person, named as in the Okta Management API (`User.status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonStatus {
    /// Created and not activated yet.
    Staged,
    /// Activated, and yet to choose a password ("Pending user action").
    Provisioned,
    /// At work.
    Active,
    /// The password is being reset.
    Recovery,
    /// The password has expired.
    PasswordExpired,
    /// Too many failed sign-ins.
    LockedOut,
    /// On leave; keeps every account.
    Suspended,
    /// Deactivated.
    Deprovisioned,
}

impl PersonStatus {
    /// Returns the word of the Okta Management API.
    pub fn name(self) -> &'static str {
        match self {
            PersonStatus::Staged => "STAGED",
            PersonStatus::Provisioned => "PROVISIONED",
            PersonStatus::Active => "ACTIVE",
            PersonStatus::Recovery => "RECOVERY",
            PersonStatus::PasswordExpired => "PASSWORD_EXPIRED",
            PersonStatus::LockedOut => "LOCKED_OUT",
            PersonStatus::Suspended => "SUSPENDED",
            PersonStatus::Deprovisioned => "DEPROVISIONED",
        }
    }

    /// Whether accounts come into being for a person in this state.
    ///
    /// Staged people wait for their activation. Readings: Okta lists staged people among those to whom an
    /// app can be assigned
    /// (<https://support.okta.com/help/s/article/can-we-assign-applications-to-deactivated-users>), and a
    /// vendor saw accounts for them (<https://github.com/metabase/metabase/issues/48276>); the story of
    /// the joiner, whose accounts come on the first day, needs them to wait, which is what we follow.
    pub fn gets_accounts(self) -> bool {
        !matches!(self, PersonStatus::Staged | PersonStatus::Suspended | PersonStatus::Deprovisioned)
    }

    /// Whether accounts that exist are kept in this state.
    ///
    /// Okta SCIM 2.0 protocol reference, PATCH: suspensions are not sent. Okta help, "Suspend and
    /// unsuspend users": app and group memberships of suspended people are maintained.
    pub fn keeps_accounts(self) -> bool {
        self.gets_accounts() || self == PersonStatus::Suspended
    }
}

/// Somebody in the org.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The Okta user id, `00u…`.
    pub id: String,
    /// The state.
    pub status: PersonStatus,
    /// The Okta profile.
    pub profile: Profile,
    /// When the person was created, in seconds of the org's clock.
    pub created: u64,
    /// When the state changed last.
    pub status_changed: u64,
    /// When anything changed last.
    pub last_updated: u64,
}

/// Why somebody is in a group: by hand, by rules, or both. Nobody stays without a reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Membership {
    /// An administrator added the person.
    pub by_hand: bool,
    /// The ids of the group rules that match the person.
    pub by_rules: BTreeSet<String>,
}

impl Membership {
    pub(super) fn has_reason(&self) -> bool {
        self.by_hand || !self.by_rules.is_empty()
    }
}

/// A group of the org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgGroup {
    /// The Okta group id, `00g…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The members by their ids, in the order they came.
    pub members: IndexMap<String, Membership>,
    /// When the group was created, in seconds of the org's clock.
    pub created: u64,
    /// When name, description or members changed last.
    pub last_updated: u64,
}

/// A group rule: who has this value for this attribute is in this group.
///
/// Okta's rules are expressions; equality is what the stories need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRule {
    /// The id, `0pr…`.
    pub id: String,
    /// The key of the Okta profile.
    pub attribute: String,
    /// The value asked for.
    pub equals: String,
    /// The id of the group.
    pub group: String,
}
