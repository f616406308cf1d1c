//! The dialect table: who sends what for what, and under which headers.
//!
//! | occasion | catalog | wizard | aiw |
//! |---|---|---|---|
//! | credentials tested | `GET /Users?startIndex=1&count=2`, `GET /Groups?startIndex=1&count=100` | same | same |
//! | is the user there? | `GET /Users?filter=userName eq "…"&startIndex=1&count=100` | same | same |
//! | create | `POST /Users` | same | same |
//! | profile | `GET`, `PUT /Users/{id}` | `GET`, `PUT` | `GET`, `PUT` |
//! | activate, deactivate | `PATCH /Users/{id}` | `PATCH` | `GET`, `PUT` |
//! | password | `PATCH /Users/{id}` | `PATCH` | `GET`, `PUT` |
//! | suspend, unsuspend, delete | nothing | nothing | nothing |
//!
//! Sources: Okta SCIM 2.0 protocol reference, "Create Users", "Update a specific User (PUT)" and
//! "(PATCH)"; Okta SCIM FAQ, "`PUT` requests instead of `PATCH`"; Okta provisioning flow charts.
//! [`App::read_before_patch`], [`App::patch_profile`] and [`App::probe_groups`] are the places where
//! the sources leave room. Bodies and targets are made elsewhere.

use crate::{App, AppKind, ScimVersion};

/// The method by which an app changes an existing user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `GET /Users/{id}`, then `PUT` of that very object with the change.
    Put,
    /// `PATCH` with one path-less `replace`, or with a partial user in SCIM 1.1.
    Patch,
}

/// How an app changes existing users: one column of the dialect table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Profile attributes.
    pub profile: Verb,
    /// `active`, in both directions.
    pub active: Verb,
    /// A password.
    pub password: Verb,
}

impl Dialect {
    /// Returns the dialect of an app.
    pub fn of(app: &App) -> Dialect {
        match app.kind {
            AppKind::Catalog | AppKind::Wizard => {
                // Okta SCIM 1.1 protocol reference, "Update a specific User (PATCH)": profiles go by PUT.
                let patches = app.patch_profile && app.version == ScimVersion::V2;
                let profile = if patches { Verb::Patch } else { Verb::Put };
                Dialect { profile, active: Verb::Patch, password: Verb::Patch }
            }
            // Okta SCIM FAQ: apps of the App Integration Wizard cannot be configured to use PATCH.
            AppKind::Aiw => Dialect { profile: Verb::Put, active: Verb::Put, password: Verb::Put },
        }
    }
}

/// The probe for users. Okta SCIM 1.1 protocol reference: its parameters are constant; the SCIM 2.0
/// samples of the older developer.okta.com/reference/scim page show the same request.
pub(crate) const PROBE_USERS: &str = "/Users?startIndex=1&count=2";

/// The probe for groups; see [`App::probe_groups`] for how sure we are of it.
pub(crate) const PROBE_GROUPS: &str = "/Groups?startIndex=1&count=100";

/// What follows the filter of a lookup (Okta SCIM 2.0 protocol reference, "Determine if the User
/// already exists").
pub(crate) const LOOKUP_PAGE: &str = "&startIndex=1&count=100";

/// Returns Okta's headers in wire order.
///
/// The older developer.okta.com/reference/scim page has the only complete public samples, which
/// captures by Okta's engineers confirm (<https://github.com/oktadeveloper/okta-blog-archive/pull/1956>).
pub fn headers(with_body: bool) -> Vec<(&'static str, String)> {
    headers_in(ScimVersion::V2, with_body)
}

/// Returns Okta's headers for a version of SCIM, between which only the media type differs (same page).
pub fn headers_in(version: ScimVersion, with_body: bool) -> Vec<(&'static str, String)> {
    let media_type = match version {
        ScimVersion::V2 => "application/scim+json",
        ScimVersion::V1_1 => "application/json",
    };
    let content_type = with_body.then(|| ("Content-Type", format!("{media_type}; charset=utf-8")));
    [("Accept", media_type.to_owned()), ("Accept-Charset", "utf-8".to_owned())]
        .into_iter()
        .chain(content_type)
        .chain([("User-Agent", "Okta SCIM Client 1.0.0".to_owned())])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patch_for_profiles_can_be_switched_on_except_in_aiw() {
        for (kind, expected) in
            [(AppKind::Catalog, Verb::Patch), (AppKind::Wizard, Verb::Patch), (AppKind::Aiw, Verb::Put)]
        {
            let mut app = App::new(kind);
            assert_eq!(Dialect::of(&app).profile, Verb::Put, "{kind}");
            app.patch_profile = true;
            assert_eq!(Dialect::of(&app).profile, expected, "{kind}");
        }
    }

    #[test]
    fn profiles_never_go_by_patch_in_scim_1_1() {
        for kind in [AppKind::Catalog, AppKind::Aiw] {
            let app = App { version: ScimVersion::V1_1, patch_profile: true, ..App::new(kind) };
            assert_eq!(Dialect::of(&app).profile, Verb::Put, "{kind}");
        }
    }

    #[test]
    fn content_type_stands_third_and_only_with_a_body() {
        let names = |with_body| headers(with_body).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(false), ["Accept", "Accept-Charset", "User-Agent"]);
        assert_eq!(names(true), ["Accept", "Accept-Charset", "Content-Type", "User-Agent"]);
    }
}
