//! Texts about pushed groups for the administrator, in Okta's wording where it is known.

/// What Okta was doing to a group when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Verifying,
    Creating,
    Renaming,
    ChangingMembers,
    Deleting,
}

/// Returns the error of a mapping.
///
/// Captured for creating (<https://github.com/getsentry/sentry/issues/88623>) and for members
/// (<https://github.com/Captain-P-Goldfish/scim-for-keycloak/issues/144>, whose reporter took the name
/// out and the colon after it, it seems); the other words are inferred from these and from those about
/// users.
pub(super) fn not_pushed(group: &str, doing: Doing, why: &str) -> String {
    let words = match doing {
        Doing::Verifying => format!("Error while verifying if user group {group} exists"),
        Doing::Creating => format!("Error while creating user group {group}"),
        Doing::Renaming => format!("Error while updating user group {group}"),
        Doing::ChangingMembers => format!("Error while updating user group membership for group {group}"),
        Doing::Deleting => format!("Error while deleting user group {group}"),
    };
    format!("Unable to update Group Push mapping target App group {group}: {words}: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_reads_as_captured() {
        let why = "Conflict. Errors reported by remote server: A team with this slug already exists.";
        assert_eq!(
            not_pushed("SRE:Team", Doing::Creating, why),
            "Unable to update Group Push mapping target App group SRE:Team: Error while creating user group \
             SRE:Team: Conflict. Errors reported by remote server: A team with this slug already exists."
        );
    }
}
