//! The attributes of an Okta profile that a case may give people, by Okta's names.
//!
//! How an app maps them to SCIM is the business of `mock-okta`.

/// What somebody was granted in Okta Identity Governance; the attributes that have several values.
///
/// The values are ids at the server; `KIND:ID` names the resource type, too.
pub const GRANTS: [&str; 2] = ["roles", "entitlements"];

/// Returns the name of every attribute.
pub fn keys() -> impl Iterator<Item = &'static str> {
    mock_okta::Profile::OKTA_KEYS.into_iter().chain(GRANTS)
}
