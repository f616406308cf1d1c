//! The checked plan: what the engine runs.
//!
//! Everything in a plan is resolved: defaults are filled in, words have become enums, texts have become templates and
//! patterns, and every part knows where it was written. Running a plan and comparing answers is the engine's work.

use crate::golden::Golden;
use crate::pattern::Pattern;
use crate::source::{Span, Spanned};
use crate::template::{JsonTemplate, Template};
use crate::word::{Basis, Check, EventKind, Level, Need, Outcome};
use mock_okta::{AppKind, Push};

/// Every case of every suite file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The suites, sorted by name.
    pub suites: Vec<Suite>,
    /// The cases of all suites, sorted by id.
    pub cases: Vec<Case>,
}

/// One suite file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// The name, which is the file's path without `.toml`, for example `okta/lifecycle`.
    pub name: String,
    /// What the suite is about, in one line.
    pub title: String,
    /// The path of the file below the suites' root.
    pub file: String,
}

/// One rule under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The full id, `suite/case`; permanent.
    pub id: String,
    /// The name of the suite.
    pub suite: String,
    /// What the case does, in one line.
    pub title: String,
    /// The rule under test, one normative sentence.
    pub rule: String,
    /// Ids of entries of the catalog, in the order written.
    pub refs: Vec<String>,
    /// How binding the rule is.
    pub level: Level,
    /// How sure we are of it.
    pub basis: Basis,
    /// Rows of the catalog of vendor bugs that this case would have caught.
    pub bugs: Vec<u32>,
    /// What an administrator sees in Okta when the rule is broken, if the case says.
    pub consequence: Option<String>,
    /// How a vendor mends a server that breaks the rule, if the case says.
    pub mend: Option<String>,
    /// What the server must offer, or the case is skipped.
    pub needs: Vec<Need>,
    /// Whether the target must hold at least one user before the case starts.
    pub seed: bool,
    /// Whether the case must not run beside others.
    pub exclusive: bool,
    /// The app integrations to run the case for, once each; empty when no app takes part.
    pub apps: Vec<AppKind>,
    /// The app integration and its user; present exactly when `apps` is not empty.
    pub okta: Option<OktaSetup>,
    /// The wire transcript the events must produce, if there is one.
    pub golden: Option<Golden>,
    /// What happens, in order; never empty.
    pub steps: Vec<Step>,
    /// Where the case's id is written.
    pub source: Span,
}

/// The app integration of a case and the person in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OktaSetup {
    /// What the app pushes.
    pub push: Push,
    /// The person's Okta profile by its [keys](mock_okta::Profile::KEYS), in the order written; `login`, `firstName`
    /// and `lastName` are always there.
    pub profile: Vec<(String, Template)>,
}

/// One request or one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Why the step is there, where that is a surprise.
    pub why: Option<String>,
    /// What is done, and what must come of it.
    pub action: Action,
    /// Where the step's `send` or `do` is written.
    pub span: Span,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// One request, exactly as written.
    Send(Box<Send>),
    /// One thing an administrator or HR does in Okta, which becomes as many requests as Okta makes of it.
    Event(Box<EventSpec>),
}

/// One request and its expected answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// The method, for example `POST`.
    pub method: String,
    /// The target below the base URL; starts with `/` once expanded, already percent-encoded.
    pub target: Template,
    /// Changes to the request's usual headers, in the order written.
    pub headers: Vec<(String, HeaderChange)>,
    /// The body, if there is one.
    pub body: Option<Body>,
    /// How the request authenticates.
    pub auth: Auth,
    /// What the answer must be.
    pub expect: AnswerExpect,
}

/// A change to one request header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderChange {
    /// The header has this value instead of the usual one.
    Set(Template),
    /// The header is not sent.
    Remove,
}

/// A request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// JSON, sent compact with its keys in the order written.
    Json(JsonTemplate),
    /// Any text, sent as it is.
    Text(Template),
}

/// How a request authenticates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// With the credentials the run was given.
    Configured,
    /// Not at all.
    None,
    /// With this value of the `Authorization` header.
    Raw(Template),
}

/// What the answer to a request must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerExpect {
    /// The statuses that are accepted; empty when any is.
    pub status: Vec<u16>,
    /// Patterns for headers, in the order written; a header that is missing is [absent](Pattern::Absent).
    pub headers: Vec<(String, Spanned<Pattern>)>,
    /// The pattern for the body as JSON. An answer 204 has no body (RFC 9110 §15.3.5) and is not compared.
    pub json: Option<Spanned<Pattern>>,
    /// The pattern for the body as text; an empty text means that there is no body.
    pub text: Option<Spanned<Pattern>>,
    /// Whether objects in `json` are closed: members it does not list are mismatches.
    pub exact: bool,
    /// Checks of the whole answer.
    pub checks: Vec<Check>,
    /// Where `status` is written, or the step if it is not.
    pub span: Span,
}

/// One Okta event and what must come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSpec {
    /// Which event.
    pub kind: EventKind,
    /// The profile keys an update changes, in the order written; empty for every other event.
    pub set: Vec<(String, Template)>,
    /// What must come of it.
    pub expect: EventExpect,
}

/// What must come of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventExpect {
    /// Whether Okta is content.
    pub outcome: Outcome,
    /// The pattern for the user as the server holds it afterwards (`GET /Users/{id}`).
    pub remote: Option<Spanned<Pattern>>,
    /// Whether objects in `remote` are closed.
    pub exact: bool,
    /// How many resources the server finds under the user's `userName` afterwards.
    pub found: Option<u32>,
    /// How many requests the event sends.
    pub requests: Option<u32>,
    /// Where `outcome` is written, or the step if it is not.
    pub span: Span,
}
