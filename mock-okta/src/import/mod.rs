//! Imports: what Okta reads out of a service provider, page by page, and what it makes of it.
//!
//! | part | what it decides |
//! |---|---|
//! | [`Import`] | users, then groups: which pages are asked for, what each entry means, what is gone |
//! | [`Known`] | what Okta remembers of its app users and groups between two imports |
//! | [`People`], [`Candidates`] | whom an imported user belongs to, and the confirmation of it |
//! | [`Discovery`] | resource types, schemas, roles and entitlements; "Import User Schema" |
//!
//! Each page is read once and forgotten with the next one: what it brought is handed over by
//! [`Import::take_seen`]. What stays is one small entry for each app user and group Okta knew before,
//! one number for each id of this import, and the first few examples of every observation, so that a
//! directory of 100,000 people fits into memory whatever a person weighs.
//!
//! Nothing here pushes. What follows from an import inside the org is the org's business.

mod confirm;
mod entitlement;
mod entry;
mod fingerprint;
mod flow;
mod group;
mod known;
mod matching;
mod note;
mod page;
mod pager;
mod report;
mod safeguard;
mod settings;
mod user;
mod wording;

use crate::{App, Request, dialect};

pub use confirm::{AutoConfirm, Candidate, Candidates, Choice, ConfirmError, Confirmed};
pub use entitlement::{
    Check, Claim, DeclaredType, DiscoveredAttribute, Discovery, DiscoveryGoal, DiscoveryReport, ENTITLEMENT_SCHEMA,
    ENTITLEMENT_TEST, ROLE_SCHEMA, SeenValue, Subject, TypeRead, ValueKind, entitlement_test_request,
};
pub use entry::{EntryFault, Malformed};
pub use flow::{Import, Retained, Scope, Seen, Verdict};
pub use group::{RemoteGroup, RemoteMember};
pub use known::{Cause, Known, Removal};
pub use matching::{Match, MatchRules, People, Person};
pub use note::Noted;
pub use pager::{CounterMismatch, Duplicate, PageSize, Paging};
pub use report::{Counters, Ignored, ImportEnd, ImportReport, Members, OrderChange, Tally};
pub use safeguard::{Halt, Safeguard, SafeguardLevel};
pub use settings::{ImportSettings, StopRule, WhenDeactivated};
pub use user::{Activity, RemoteUser};

fn get(app: &App, target: String) -> Request {
    Request { method: "GET", target, headers: dialect::headers_in(app.version, false), body: None }
}
