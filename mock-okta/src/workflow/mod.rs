//! The flows of a seed (`[[flow]]`): what an org does beside provisioning when somebody joins, moves or leaves, as sober
//! fixtures. Not a workflow engine: no loops, no code, no branches, no connectors.
//!
//! ```
//! use mock_okta::workflow::{Answer, Context, Outcome, Run, Step, Vendor, Workflow};
//!
//! let workflow: Workflow = toml::from_str(r#"
//!     name = "hand-over"
//!     on = "user.lifecycle.deactivate"
//!     if = 'user.profile.department == "Customer Support"'
//!     [[step]]
//!     call = "POST ${vendor.api}/transfers"
//!     json = { from = "${user.email}", to = "${user.manager.email}" }
//!     expect = { status = 202, json."/state" = "queued" }
//! "#)?;
//! let vendor: Vendor = toml::from_str("api = 'http://127.0.0.1:9000/v1'")?;
//! workflow.check(&vendor)?;
//!
//! let context = Context {
//!     user: Some(serde_json::json!({
//!         "email": "leo@example.com", "profile": { "department": "Customer Support" },
//!         "manager": { "email": "mia@example.com" },
//!     })),
//!     ..Context::default()
//! };
//! let (mut run, step) = Run::start(&workflow, &vendor, context);
//! let Step::Send(request) = step else { panic!("{step:?}") };
//! assert_eq!((request.method, request.url().as_str()), ("POST", "http://127.0.0.1:9000/v1/transfers"));
//! let done = run.next(Answer::new(202, r#"{"state":"queued"}"#));
//! assert_eq!(done, Step::Done(Outcome::Completed));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Like the flows of provisioning, a [`Run`] opens no socket and reads no clock. Everything it does is bounded: steps,
//! sizes, retries, polls. A value in a URL is percent-encoded, a value in a body is JSON, and a request goes to an origin
//! that the seed names or nowhere.

mod action;
mod condition;
mod context;
mod definition;
mod expect;
mod expression;
mod header;
mod path;
mod run;
mod span;
mod template;
mod trigger;
mod vendor;

pub use action::{Action, Call, Poll, Retry};
pub use condition::Condition;
pub use context::Context;
pub use definition::Workflow;
pub use header::{HeaderText, Headers};
pub use run::{Answer, Clock, Outcome, Request, Run, Step, Wait};
pub use template::Template;
pub use trigger::Trigger;
pub use vendor::Vendor;
