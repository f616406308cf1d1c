//! Okta's SCIM provisioning client as pure state machines: an event goes in, requests come out.
//!
//! Nothing here opens a socket, reads a clock or draws a random number. A [`Flow`] turns one
//! [`Event`] in an Okta org into SCIM requests and decides by the answers it is given what to send
//! next, so the same flow runs offline against scripted answers and live against a service provider.
//!
//! ```
//! use mock_okta::{App, AppKind, AppUser, Event, Flow, Outcome, Profile, Response, Step, okta_id};
//!
//! let app = App::new(AppKind::Catalog);
//! let ada = Profile::new("ada@example.test", "Ada", "Byron");
//! let user = AppUser::new(okta_id("ada"), ada, "1mz050nq");
//!
//! let (mut flow, step) = Flow::start(&app, &user, &Event::Assign);
//! let Step::Send(lookup) = step else { panic!("assign starts with a lookup") };
//! assert_eq!(
//!     lookup.target,
//!     "/Users?filter=userName%20eq%20%22ada%40example.test%22&startIndex=1&count=100"
//! );
//!
//! let not_found = Response::new(404, "Not Found", "");
//! let Step::Send(create) = flow.next(not_found) else { panic!("an unknown user is created") };
//! assert_eq!((create.method, create.target.as_str()), ("POST", "/Users"));
//! ```
//!
//! Authorization, `Host`, `Content-Length`, `Connection` and `Accept-Encoding` belong to whoever
//! moves the bytes. SCIM 2.0, and SCIM 1.1 for apps whose [`App::version`] says so.

mod answer;
mod app;
mod body;
mod dialect;
mod event;
mod flow;
mod group;
pub mod hook;
pub mod hr;
pub mod import;
mod mapping;
mod message;
pub mod org;
mod retry;
mod target;
mod user;
mod v11;
mod wire;
pub mod workflow;

pub use app::{App, AppId, AppKind, Push, ScimVersion, UnknownApp, UnknownAppKind};
pub use dialect::{Dialect, Verb, headers, headers_in};
pub use event::Event;
pub use flow::Flow;
pub use group::{Group, GroupEvent, GroupFlow, Mapping, MappingStatus, Member, MembersForm, okta_group_id};
pub use mapping::{Applies, Attribute, AttributeType, Empties, ExternalNameError};
pub use user::{AppUser, AppUserStatus, Grant, Profile, UnknownProfileKey, okta_id};
pub use wire::{Outcome, Request, Response, Step};
