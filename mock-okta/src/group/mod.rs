//! Group push: what Okta sends about a group which an app's "Push Groups" tab holds. Not who is a member
//! of what in Okta, and not the import of groups.
//!
//! | action | catalog, wizard | aiw |
//! |---|---|---|
//! | push | `POST /Groups` without members, `PATCH` of the name, `PATCH` of the members | `POST`, `GET`, `PUT` |
//! | link, relink | `GET /Groups?filter=displayName eq "…"` unless the id is known, then as for a change | same |
//! | rename | `PATCH` of the name, only with [`App::rename_groups`] | `GET`, `PUT` |
//! | members change | `PATCH` of the name with [`App::rename_groups`], then removals and additions | `GET`, `PUT` |
//! | push now, activate | the same, but all members are replaced | `GET`, `PUT` |
//! | deactivate, unlink and leave | nothing | nothing |
//! | unlink and delete | `DELETE /Groups/{id}` | same |
//!
//! Sources: Okta SCIM 2.0 protocol reference, "SCIM Group operations"; Okta help, "Group Push operations"
//! and "Troubleshooting Group Push"; OIN test plan C9312 and C9315 to C9333; Okta Management API,
//! "Group push mappings". Where they leave room, the function that decides names the readings.
//!
//! Two things are left to the caller, because they follow from the state of the org: an inactive user is
//! never among the members Okta pushes ("Troubleshooting Group Push"), nor is one whose server id Okta
//! does not know; and events that share a group are performed one after the other. Okta itself is seen to
//! let membership changes overlap (<https://github.com/fleetdm/fleet/issues/50724>), which is the
//! caller's to stage with several flows.

mod answer;
mod body;
mod event;
mod flow;
mod mapping;
mod members;
mod message;
mod request;

pub use event::GroupEvent;
pub use flow::GroupFlow;
pub use mapping::{Group, Mapping, MappingStatus, Member, okta_group_id};
pub use members::MembersForm;

#[cfg(doc)]
use crate::App;
