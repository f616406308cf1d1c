//! The group as Okta knows it, and the mapping that ties it to a group of the service provider.

use super::members::{Membership, apply};
use crate::okta_id;

/// An Okta group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The Okta group id, which never goes over the wire.
    pub okta_id: String,
    /// The name.
    pub name: String,
    /// The description, which SCIM 2.0 has no place for.
    pub description: Option<String>,
}

impl Group {
    /// Returns a group without a description.
    pub fn new(okta_id: impl Into<String>, name: impl Into<String>) -> Group {
        Group { okta_id: okta_id.into(), name: name.into(), description: None }
    }
}

/// Somebody who can be in a pushed group: active in Okta, assigned to the app, and known to the service
/// provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The service provider's id of the user.
    pub remote_id: String,
    /// The application user name, which Okta sends as `display` (Okta SCIM 2.0 protocol reference,
    /// "Update specific Group membership").
    pub user_name: String,
}

impl Member {
    /// Returns a member.
    pub fn new(remote_id: impl Into<String>, user_name: impl Into<String>) -> Member {
        Member { remote_id: remote_id.into(), user_name: user_name.into() }
    }
}

/// The state of a mapping, named as in the Okta Management API (`GroupPushMappingStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingStatus {
    /// Changes are pushed.
    Active,
    /// Nothing is pushed: the push is deactivated, or the groups are unlinked.
    Inactive,
    /// A push failed, and changes are held back until an administrator pushes the group again
    /// (captured in <https://github.com/Metatavu/keycloak-scim-server/pull/113>).
    Error,
}

/// One row of the "Push Groups" tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The group in Okta.
    pub group: Group,
    /// The name of the group at the service provider, by which a link looks for it. It differs from the
    /// group's own only where [`App::rename_groups`](crate::App::rename_groups) is off or was.
    pub target_name: String,
    /// The service provider's id of the group, once known.
    pub remote_id: Option<String>,
    /// The state.
    pub status: MappingStatus,
    /// The members Okta has pushed, which it believes the service provider to hold.
    pub pushed: Vec<Member>,
    /// Why the last push failed, as the administrator reads it.
    pub error_summary: Option<String>,
}

impl Mapping {
    /// Returns the mapping of a group that was never pushed, to a group of the same name.
    pub fn new(group: Group) -> Mapping {
        Mapping {
            target_name: group.name.clone(),
            group,
            remote_id: None,
            status: MappingStatus::Active,
            pushed: Vec::new(),
            error_summary: None,
        }
    }

    /// Notes what the service provider was told about the members.
    pub(super) fn told(&mut self, membership: Membership) {
        match membership {
            Membership::Whole(members) => self.pushed = members,
            Membership::Changed(changes) => apply(&changes, &mut self.pushed),
        }
    }

    pub(super) fn failed(&mut self, why: &str) {
        self.status = MappingStatus::Error;
        self.error_summary = Some(why.to_owned());
    }

    pub(super) fn activate(&mut self) {
        self.status = MappingStatus::Active;
        self.error_summary = None;
    }

    /// Forgets the group of the service provider, but not its name.
    pub(super) fn unlink(&mut self) {
        self.remote_id = None;
        self.pushed.clear();
        self.status = MappingStatus::Inactive;
        self.error_summary = None;
    }
}

/// Returns a group id in Okta's shape, `00g` and 17 letters or digits, the same for the same seed.
pub fn okta_group_id(seed: impl AsRef<[u8]>) -> String {
    okta_id(seed).replacen("00u", "00g", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_id_has_twenty_characters_and_follows_from_its_seed() {
        let id = okta_group_id("crew");
        assert_eq!(id.len(), 20);
        assert!(id.starts_with("00g"), "{id}");
        assert_eq!(id, okta_group_id(b"crew"));
        assert_ne!(id, okta_group_id("crow"));
    }

    #[test]
    fn what_was_pushed_follows_what_was_told() {
        let mut mapping = Mapping::new(Group::new("00g", "Crew"));
        let (ada, bob) = (Member::new("1", "ada"), Member::new("2", "bob"));
        mapping.told(Membership::changed(&[ada.clone(), bob.clone(), ada.clone()], &[]));
        assert_eq!(mapping.pushed, [ada.clone(), bob.clone()]);
        mapping.told(Membership::changed(&[], std::slice::from_ref(&bob)));
        assert_eq!(mapping.pushed, [ada]);
        mapping.told(Membership::Whole(vec![bob.clone()]));
        assert_eq!(mapping.pushed, [bob]);
    }
}
