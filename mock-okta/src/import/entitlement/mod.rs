//! Discovery: the resource types, schemas, roles and entitlements of a service provider.
//!
//! Okta guide "Build a SCIM 2.0 server with entitlements", "Endpoint call sequence": `/ResourceTypes`,
//! then `/Schemas` where there are extensions Okta does not know, then every endpoint of a role or an
//! entitlement. What people hold is in their user resources
//! ([`RemoteUser::entitlements`](super::RemoteUser::entitlements)).

mod assertion;
mod flow;
mod resource_type;
mod schema;
mod value;

pub use assertion::{Check, Claim, ENTITLEMENT_TEST, Subject, entitlement_test_request};
pub use flow::{Discovery, DiscoveryGoal, DiscoveryReport, TypeRead};
pub use resource_type::{DeclaredType, ENTITLEMENT_SCHEMA, ROLE_SCHEMA, ValueKind};
pub use schema::DiscoveredAttribute;
pub use value::SeenValue;
