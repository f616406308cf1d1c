//! What Okta keeps about a person that provisioning does not care about: how they sign in.

use mock_okta::org::{Person, PersonStatus};
use mock_okta::{Profile, okta_id};

/// Returns the administrator of an org of this name.
pub(super) fn administrator(org: &str) -> Person {
    let mut profile = Profile::new(format!("administrator@{org}.example.com"), "Org", "Administrator");
    profile.add("displayName", "Administrator");
    let id = okta_id(format!("{org}/administrator"));
    Person { id, status: PersonStatus::Active, profile, created: 0, status_changed: 0, last_updated: 0 }
}

/// What is known of a person beside the profile.
#[derive(Debug, Clone, Default)]
pub(crate) struct PersonCard {
    /// Whether a password was set.
    pub(crate) password: bool,
    pub(crate) password_changed: Option<u64>,
    pub(crate) recovery_question: Option<String>,
    pub(crate) activated: Option<u64>,
    pub(crate) sign_in: SignIn,
}

/// What an active person has to do before the next sign-in; the org knows such a person as active.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// Nothing.
    #[default]
    Ready,
    /// Choose a password for the first time.
    Pending,
    /// Choose a password after a reset.
    Recovery,
    /// Choose another password.
    Expired,
}

impl SignIn {
    /// Returns the status the API shows instead of `ACTIVE`.
    pub(crate) fn status(self) -> &'static str {
        match self {
            SignIn::Ready => "ACTIVE",
            SignIn::Pending => "PROVISIONED",
            SignIn::Recovery => "RECOVERY",
            SignIn::Expired => "PASSWORD_EXPIRED",
        }
    }
}
