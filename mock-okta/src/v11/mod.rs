//! SCIM 1.1 as Okta speaks it: what differs from SCIM 2.0 on the wire. What is the same stays where it is.
//!
//! | | SCIM 2.0 | SCIM 1.1 |
//! |---|---|---|
//! | media type | `application/scim+json` | `application/json` |
//! | schemas | one URN for each kind of body | `urn:scim:schemas:core:1.0` in all of them |
//! | user found on assignment | `active`, then `GET` and `PUT` of the profile | one `PUT` of the whole profile, without a `GET` |
//! | `active`, password (catalog) | `PATCH` with `Operations` | `PATCH` with a partial user |
//! | group created | with `members: []` | without `members`, with the description |
//! | group renamed, members changed (catalog) | `PATCH` with `Operations` | `PATCH` with a partial group |
//! | error | `detail` | `Errors[0].description` |
//!
//! Everything else is equal: the probes, the lookup, the create, the `GET` and `PUT` of an update, paging,
//! and what is never sent. Apps of the App Integration Wizard use PUT wherever catalog apps use PATCH. The
//! `en_US` of most samples is no difference: a locale is a value of the profile, sent as it is there, and
//! one sample for SCIM 1.1 has `en-US`.
//!
//! Sources: Okta SCIM 1.1 protocol reference
//! (<https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-11/>), called so below; the older
//! page <https://developer.okta.com/reference/scim/>, whose samples have all headers; SCIM 1.1 protocol
//! (<http://www.simplecloud.info/specs/draft-scim-api-01.html>) and core schema
//! (<http://www.simplecloud.info/specs/draft-scim-core-schema-01.html>).

pub(crate) mod answer;
pub(crate) mod group;
pub(crate) mod user;

/// The one schema of users, groups, lists and partial resources (SCIM 1.1 core schema §5.1).
pub(crate) const CORE: &str = "urn:scim:schemas:core:1.0";
