//! What an administrator sets up under "To Okta", and the places where the sources on imports leave
//! room.

use super::safeguard::Safeguard;

/// The settings of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSettings {
    /// How many resources a page holds, and by how much `startIndex` grows; 100.
    ///
    /// Okta SCIM 2.0 protocol reference, "Retrieve Users": `startIndex` becomes `startIndex+100`, not
    /// `startIndex` plus what the page held. Any other number is ours, for demonstrations with few users.
    pub count: u32,
    /// When the last page is reached.
    pub stop: StopRule,
    /// Whether whoever is missing from the list is gone; on by default.
    ///
    /// Understanding SCIM: a full import takes them for deleted. Okta's cloud client knows no other kind
    /// of import (Okta SCIM FAQ: no filter by `meta.lastModified`).
    pub full: bool,
    /// What happens in Okta to people who were deactivated in the app, if the app is a profile source;
    /// `None`, the default, if it is none (OIN test plan C9359 to C9361).
    pub profile_source: Option<WhenDeactivated>,
    /// The safeguard of the app, `None` where it is switched off.
    pub app_safeguard: Option<Safeguard>,
    /// The safeguard of the org and the number of assignments in all of its apps; `None` by default,
    /// because an import alone does not know that number.
    pub org_safeguard: Option<(Safeguard, usize)>,
    /// After how many pages an import is given up; 10,000, which is a million users.
    ///
    /// What Okta does with a list that never ends is not documented. The bound is ours, and so is the
    /// one of three pages in a row that bring nothing unseen.
    pub most_pages: u32,
}

impl Default for ImportSettings {
    fn default() -> ImportSettings {
        ImportSettings {
            count: 100,
            stop: StopRule::TotalResults,
            full: true,
            profile_source: None,
            app_safeguard: Some(Safeguard::default()),
            org_safeguard: None,
            most_pages: 10_000,
        }
    }
}

/// When an import asks for no further page. An empty page ends it under either rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopRule {
    /// When `totalResults` is reached, counted by the positions asked for.
    ///
    /// The Okta SCIM 2.0 protocol reference speaks of `totalResults` higher than 100, so this is what we
    /// trust. Where a page does not say `totalResults`, a full one is taken for not the last.
    TotalResults,
    /// When a page is empty.
    ///
    /// Okta's quality assurance was seen to ask a service provider with two users for
    /// `startIndex=101` (<https://github.com/ory/polis/pull/4054>). Whether every import does is unknown.
    EmptyPage,
}

/// "When a user is deactivated in the app", a setting of profile sources
/// (<https://help.okta.com/en/prod/Content/Topics/users-groups-profiles/usgp-edit-app-provisioning.htm>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenDeactivated {
    /// Leave the person in Okta alone.
    DoNothing,
    /// Deactivate the person in Okta.
    Deactivate,
    /// Suspend the person in Okta.
    Suspend,
}
