//! Suite files, checked into a plan, with diagnostics that point into the file.
//!
//! A suite is a TOML file around verbatim JSON: structure in TOML, bodies and patterns as JSON in literal strings, wire
//! goldens in a line-oriented `.http` transcript beside it. [`load`] turns all files at once into a [`Plan`] in which
//! everything is resolved, or into every mistake in them. Sending requests and comparing answers is the engine's work.
//!
//! ```
//! use scim_suite::{Catalog, SourceFile, load};
//!
//! let suite = SourceFile::new("users.toml", r#"
//! suite = "users"
//! title = "Reading users"
//!
//! [[case]]
//! id    = "unknown-user"
//! title = "GET of a user nobody has"
//! rule  = "The service provider answers 404."
//! ref   = ["RFC7644 3.4.1"]
//! level = "must"
//!
//! [[case.step]]
//! send = "GET /Users/{{rnu}}"
//! expect.status = 404
//! "#);
//! let mistakes = load(&[suite], &Catalog::default()).unwrap_err();
//! let codes: Vec<&str> = mistakes.iter().map(|mistake| mistake.code()).collect();
//! assert_eq!(codes, ["S022", "S021"]);
//! ```

mod catalog;
mod check;
mod coverage;
pub mod diagnostic;
mod event;
mod file;
pub mod golden;
mod json;
mod load;
pub mod pattern;
pub mod plan;
pub mod profile;
mod requirement;
mod requires;
#[cfg(test)]
mod schema;
mod shape;
mod source;
pub mod story;
mod template;
mod word;

pub use catalog::{Catalog, PlanClass, PlanRow, Reference, ReferenceKind, VendorBug};
pub use diagnostic::Diagnostic;
pub use golden::Golden;
pub use load::{load, load_all, read_folder};
pub use mock_okta::{AppId, AppKind, Push, ScimVersion};
pub use pattern::Pattern;
pub use plan::{
    Action, AnswerExpect, Auth, Body, Case, CastGroup, CastPerson, Equals, EventAction, EventExpect, EventSpec, Fuzz,
    Given, HeaderChange, ImportExpect, OktaSetup, Pages, Plan, ProfileValue, Reading, Regression, Send, Settings,
    Status, Step, Subject, Suite,
};
pub use requirement::{Breach, Coverage, PeerCheck, Requirement, Standing};
pub use source::{Location, SourceFile, Span, Spanned};
pub use story::{Story, is_story, load_story};
pub use template::{JsonTemplate, Part, Template, Unbound};
pub use word::{
    Basis, Characteristic, Check, EmptyValue, EventKind, FuzzOver, GroupAttributes, Level, Need, Outcome, Paging,
    PersonStatus, TargetKind, WhenDeactivated,
};
