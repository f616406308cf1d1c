//! The checked plan: what the engine runs.
//!
//! Everything in a plan is resolved: defaults are filled in, words have become enums, texts have become templates and
//! patterns, and every part knows where it was written. Running a plan and comparing answers is the engine's work.

use crate::golden::Golden;
use crate::pattern::Pattern;
use crate::source::{Span, Spanned};
use crate::template::{JsonTemplate, Template};
use crate::word::{
    Basis, Characteristic, Check, EmptyValue, EventKind, FuzzOver, GroupAttributes, Level, Need, Outcome, Paging,
    PersonStatus, TargetKind, WhenDeactivated,
};
use mock_okta::{AppId, Push};
use std::fmt;
use std::time::Duration;

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
    /// What it talks to.
    pub target: TargetKind,
    /// Whether it runs only where a selector names its suite.
    pub opt_in: bool,
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
    /// Why a reasonable reader may differ about the rule, if one may; then its findings warn at most.
    pub disputed: Option<String>,
    /// Full ids of cases that must pass for this one to make sense, each once. There are no cycles, and each binds as
    /// much as this case does.
    pub requires: Vec<Spanned<String>>,
    /// What the server must offer, or the case is skipped.
    pub needs: Vec<Need>,
    /// What the server must say it does not offer, or the case is skipped.
    pub lacks: Vec<Need>,
    /// What the server's schemas must say, or the case is skipped.
    pub given: Vec<Given>,
    /// The readings of the standard that servers follow; not empty when the case is a calibration: the first that fits
    /// the last answer is the server's dialect.
    pub readings: Vec<Reading>,
    /// Whether the target must hold at least one user before the case starts.
    pub seed: bool,
    /// Whether the case must not run beside others.
    pub exclusive: bool,
    /// The app integrations to run the case for, once each; empty when no app takes part.
    pub apps: Vec<AppId>,
    /// The Okta org as the case finds it; present exactly when `apps` is not empty.
    pub okta: Option<OktaSetup>,
    /// The wire transcript the events must produce, if there is one.
    pub golden: Option<Golden>,
    /// The random inputs, if the case is made of them.
    pub fuzz: Option<Fuzz>,
    /// What happens, in order; empty exactly when there is `fuzz`.
    pub steps: Vec<Step>,
    /// Where the case's id is written.
    pub source: Span,
}

/// Random inputs, each judged by what its kind knows to be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fuzz {
    /// What is sent.
    pub over: FuzzOver,
    /// How many random inputs are sent unless somebody says otherwise; never 0.
    pub cases: u32,
    /// The kinds of inputs the case is about, words of [`FuzzOver::kinds`]; all of them where there is none.
    pub only: Vec<String>,
    /// What is sent first, always.
    pub regressions: Vec<Regression>,
    /// Where `over` and the rest are written.
    pub span: Span,
}

/// An input that showed a defect somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regression {
    /// The day it was found.
    pub found: String,
    /// The input, as its kind writes it.
    pub input: String,
    /// What it showed, and where.
    pub note: Option<String>,
    /// Where the input is written.
    pub span: Span,
}

/// Something that the server's schemas say about an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The resource type, `User` or `Group` or another one the server declares.
    pub resource: String,
    /// The attribute's path in it, for example `nickName`, `members.display`, `urn:…:User:manager.displayName`.
    pub attribute: String,
    /// What it must be like; nothing if it is enough that it is there.
    pub characteristics: Vec<(Characteristic, String)>,
    /// Where it is written.
    pub span: Span,
}

/// One way to read the standard, and how the last answer of the case looks if the server reads it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What reports call it.
    pub name: String,
    /// What a server of this reading does, in one sentence.
    pub meaning: String,
    /// The statuses that fit; empty when any does.
    pub status: Vec<Status>,
    /// The pattern for the body as JSON.
    pub json: Option<Spanned<Pattern>>,
    /// The pattern for the body as text.
    pub text: Option<Spanned<Pattern>>,
    /// Where the name is written.
    pub span: Span,
}

/// A status of HTTP, or all that start with the same digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// This status.
    Code(u16),
    /// `"4xx"`: 400 to 499.
    Class(u8),
}

/// The Okta org as a case finds it: what its administrator set up, and who is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OktaSetup {
    /// What the app pushes of people.
    pub push: Push,
    /// Whether groups are pushed.
    pub push_groups: bool,
    /// Whether people and groups are imported.
    pub import: bool,
    /// Everything else that is set up.
    pub settings: Settings,
    /// The people, in the order written; [the one the case is about](OktaSetup::user) is the first.
    pub people: Vec<CastPerson>,
    /// The groups of the Okta org, in the order written.
    pub groups: Vec<CastGroup>,
}

/// What the administrator of the Okta org set up beyond what is pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether profiles change by PATCH where the app knows PATCH; off by default.
    pub patch_profile: bool,
    /// "Rename app groups to match group name in Okta"; on by default.
    pub rename_groups: bool,
    /// How many changes of a membership one PATCH holds; 100 by default, never 0.
    pub group_batch: u16,
    /// Whether members are replaced by a PATCH without a path; off by default.
    pub pathless_members: bool,
    /// Whether a changed user name stays in Okta; off by default.
    pub exclude_username_updates: bool,
    /// Whether who loses the assignment is deleted at the server; off by default.
    pub granular_deprovisioning: bool,
    /// Whether roles and entitlements are part of the user; off by default.
    pub entitlements: bool,
    /// Whether the first answer to a create gets lost, so that Okta sends the create again; off by default.
    pub loses_create_answer: bool,
    /// What happens in Okta to people who are deactivated in the app, if the app is a profile source.
    pub profile_source: Option<WhenDeactivated>,
    /// What an emptied attribute becomes on the wire; the empty text or array by default.
    pub empty: EmptyValue,
    /// What a person gets who is assigned through several groups; the attributes of the first one by default.
    pub group_attributes: GroupAttributes,
}

/// Somebody in the Okta org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CastPerson {
    /// What the case calls them; [`CastPerson::USER`] is the one it is about.
    pub name: String,
    /// The Okta profile; `login`, `firstName` and `lastName` are always there.
    pub profile: Profile,
    /// The state of the Okta user when the case begins.
    pub status: PersonStatus,
    /// Where the name is written, or the app for the person the case is about.
    pub span: Span,
}

/// A group in the Okta org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CastGroup {
    /// What the case calls it.
    pub name: String,
    /// The name it has in Okta.
    pub display_name: Template,
    /// The description it has in Okta.
    pub description: Option<Template>,
    /// Its members when the case begins, by their names in the case.
    pub members: Vec<String>,
    /// The attributes that people get who are assigned through the group; often empty.
    pub profile: Profile,
    /// Where the name is written.
    pub span: Span,
}

/// Attributes of an Okta profile by their [keys](crate::profile::keys), in the order written.
pub type Profile = Vec<(String, ProfileValue)>;

/// The value of an attribute of an Okta profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileValue {
    /// A text; the empty one empties the attribute.
    One(Template),
    /// An array of texts.
    Many(Vec<Template>),
}

impl Case {
    /// Returns the steps in the order they are performed: those that are together in a slice at the same time.
    pub fn rounds(&self) -> impl Iterator<Item = &[Step]> {
        self.steps.chunk_by(|one, next| one.parallel && next.parallel)
    }

    /// Returns whether the case compares answers with what the server says about itself.
    pub fn reads_discovery(&self) -> bool {
        let checks = |step: &Step| match &step.action {
            Action::Send(send) => send.expect.checks.iter().any(|check| check.reads_discovery()),
            Action::Event(_) => false,
        };
        self.fuzz.is_some() || !self.given.is_empty() || self.steps.iter().any(checks)
    }
}

impl Status {
    /// Returns whether a status is this one, or one of this class.
    pub fn matches(self, status: u16) -> bool {
        match self {
            Status::Code(code) => status == code,
            Status::Class(class) => status / 100 == u16::from(class),
        }
    }

    /// Returns whether a status is among these.
    pub fn any(these: &[Status], status: u16) -> bool {
        these.iter().any(|it| it.matches(status))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Code(code) => write!(f, "{code}"),
            Status::Class(class) => write!(f, "{class}xx"),
        }
    }
}

impl OktaSetup {
    /// Returns the person the case is about.
    pub fn user(&self) -> &CastPerson {
        self.people.first().expect("the loader puts the person of `[case.okta]` first")
    }

    /// Returns the person the case calls so.
    pub fn person(&self, name: &str) -> Option<&CastPerson> {
        self.people.iter().find(|person| person.name == name)
    }

    /// Returns the group the case calls so.
    pub fn group(&self, name: &str) -> Option<&CastGroup> {
        self.groups.iter().find(|group| group.name == name)
    }
}

impl CastPerson {
    /// What every case with an app calls the person it is about.
    pub const USER: &'static str = "user";
}

impl ProfileValue {
    /// Returns every template of the value, in order.
    pub fn templates(&self) -> &[Template] {
        match self {
            ProfileValue::One(one) => std::slice::from_ref(one),
            ProfileValue::Many(many) => many,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            patch_profile: false,
            rename_groups: true,
            group_batch: 100,
            pathless_members: false,
            exclude_username_updates: false,
            granular_deprovisioning: false,
            entitlements: false,
            loses_create_answer: false,
            profile_source: None,
            empty: EmptyValue::default(),
            group_attributes: GroupAttributes::default(),
        }
    }
}

/// One request or one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Why the step is there, where that is a surprise.
    pub why: Option<String>,
    /// What is done, and what must come of it.
    pub action: Action,
    /// Whether it happens at the same time as the parallel steps next to it; see [`Case::rounds`].
    pub parallel: bool,
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
    /// How long nothing happens before it is sent.
    pub pause: Duration,
    /// The name under which the JSON body of the answer is kept for later steps of the case.
    pub save: Option<String>,
    /// The values for `{{each}}`: the request is sent once for each of them, or just once if there are none.
    pub each: Vec<Template>,
    /// How the engine walks the list that is asked for, if the step is about all of its pages.
    pub pages: Option<Pages>,
    /// What the answer must be.
    pub expect: AnswerExpect,
}

/// A walk over all pages of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// How the next page is asked for.
    pub by: Paging,
    /// The `count` that each page is asked for with, if any.
    pub size: Option<u32>,
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
    /// `body-of`: what an earlier answer held, with changes.
    Saved {
        /// The name under which it was [saved](Send::save).
        name: Spanned<String>,
        /// The changes: a JSON merge patch (RFC 7396).
        with: Option<JsonTemplate>,
    },
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
    pub status: Vec<Status>,
    /// Statuses that are right as well, and with which the case ends as passed.
    pub passes_on: Vec<Status>,
    /// Statuses that say that the server does not offer this, and with which the case ends as skipped.
    pub skips_on: Vec<Status>,
    /// Patterns for headers, in the order written; a header that is missing is [absent](Pattern::Absent).
    pub headers: Vec<(String, Spanned<Pattern>)>,
    /// The pattern for the body as JSON. An answer 204 has no body (RFC 9110 §15.3.5) and is not compared.
    pub json: Option<Spanned<Pattern>>,
    /// The pattern for the body as text; an empty text means that there is no body.
    pub text: Option<Spanned<Pattern>>,
    /// Whether objects in `json` are closed: members it does not list are mismatches.
    pub exact: bool,
    /// What the body is compared with, if it must be a resource that an earlier step saved.
    pub equals: Option<Equals>,
    /// Texts that occur nowhere in the answer, neither in its headers nor in its body.
    pub never: Vec<Spanned<Template>>,
    /// Checks of the whole answer.
    pub checks: Vec<Check>,
    /// How long the answer may take.
    pub within: Option<Duration>,
    /// Where `status` is written, or the step if it is not.
    pub span: Span,
}

/// A resource that an answer must equal in terms of SCIM: the order of members and of values, `null`, empty and absent,
/// the case of attribute names do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equals {
    /// The name under which it was [saved](Send::save).
    pub name: Spanned<String>,
    /// What may differ: attribute paths (`meta.lastModified`) and JSON Pointers (`/meta/lastModified`).
    pub except: Vec<String>,
}

/// One Okta event and what must come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSpec {
    /// What happens.
    pub action: EventAction,
    /// Whose resource `remote` and `found` look at.
    pub subject: Subject,
    /// What must come of it.
    pub expect: EventExpect,
}

/// Something an administrator or HR does in Okta, with all it takes.
///
/// `who` are names of [people](OktaSetup::people), never none of them; `group` is the name of a
/// [group](OktaSetup::groups).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventAction {
    /// The administrator saves the credentials, and Okta tests them.
    Connect,
    /// The people are assigned to the app.
    Assign {
        /// The people.
        who: Vec<String>,
    },
    /// Attributes of the people's profiles change.
    Update {
        /// The people.
        who: Vec<String>,
        /// The changes, in the order written.
        set: Profile,
    },
    /// `update` with `group`: attributes that people get through the group change.
    UpdateGroup {
        /// The group.
        group: String,
        /// The changes, in the order written.
        set: Profile,
    },
    /// The Okta users are deactivated.
    Deactivate {
        /// The people.
        who: Vec<String>,
    },
    /// The deactivated Okta users are activated and assigned again.
    Reactivate {
        /// The people.
        who: Vec<String>,
    },
    /// The assignments are removed.
    Unassign {
        /// The people.
        who: Vec<String>,
    },
    /// The Okta users are suspended.
    Suspend {
        /// The people.
        who: Vec<String>,
    },
    /// The suspensions end.
    Unsuspend {
        /// The people.
        who: Vec<String>,
    },
    /// The Okta users are deleted.
    Delete {
        /// The people.
        who: Vec<String>,
    },
    /// The people's passwords change, and Okta passes them on where the app pushes passwords.
    SyncPassword {
        /// The people.
        who: Vec<String>,
    },
    /// The administrator pushes the profiles once more.
    ForceSync {
        /// The people.
        who: Vec<String>,
    },
    /// The group is assigned to the app, and with it its members.
    AssignGroup {
        /// The group.
        group: String,
    },
    /// The assignment of the group is removed.
    UnassignGroup {
        /// The group.
        group: String,
    },
    /// The people become members of the group in Okta, which moves assignments and pushes alike.
    AddToGroup {
        /// The people.
        who: Vec<String>,
        /// The group.
        group: String,
    },
    /// The people leave the group in Okta.
    RemoveFromGroup {
        /// The people.
        who: Vec<String>,
        /// The group.
        group: String,
    },
    /// The group is pushed, for the first time.
    PushGroup {
        /// The group.
        group: String,
    },
    /// The group is linked to one that the server has.
    LinkGroup {
        /// The group in Okta.
        group: String,
        /// The name of the server's group; that of the group in Okta where the step gives none.
        name: Template,
    },
    /// The group has another name in Okta.
    RenameGroup {
        /// The group.
        group: String,
        /// The other name.
        name: Template,
    },
    /// "Push now": all of the group is pushed.
    PushNow {
        /// The group.
        group: String,
    },
    /// "Deactivate group push": changes of the group stay in Okta.
    DeactivatePush {
        /// The group.
        group: String,
    },
    /// "Activate group push".
    ActivatePush {
        /// The group.
        group: String,
    },
    /// "Unlink pushed group".
    UnlinkGroup {
        /// The group.
        group: String,
        /// Whether it is deleted at the server; otherwise it stays there as it is.
        delete: bool,
    },
    /// The group is linked again to the server's group that it was unlinked from.
    RelinkGroup {
        /// The group.
        group: String,
    },
    /// A push rule is made: every group whose name starts so is pushed.
    PushByRule {
        /// What the names start with.
        name: Template,
    },
    /// A push rule stops: its groups are no longer pushed, and no further one is.
    DeactivateRule {
        /// What the names start with.
        name: Template,
    },
    /// A push rule is deleted.
    DeleteRule {
        /// What the names start with.
        name: Template,
        /// Whether its groups are deleted at the server; otherwise they stay there as they are.
        delete: bool,
    },
    /// People are imported.
    ImportUsers,
    /// Groups are imported.
    ImportGroups,
    /// The administrator confirms what the import found.
    ConfirmMatches,
    /// "Import User Schema".
    ImportSchema,
    /// Okta reads which entitlements there are.
    ReadEntitlements,
}

/// Whose resource an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Nobody's: the event has neither `expect.remote` nor `expect.found`.
    Nobody,
    /// These people's, by their names in the case; each is looked at. None when a group without members is assigned.
    People(Vec<String>),
    /// The group's, by its name in the case.
    Group(String),
}

/// What must come of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventExpect {
    /// Whether Okta is content.
    pub outcome: Outcome,
    /// The pattern for each resource of the [subject](EventSpec::subject) as the server holds it afterwards
    /// (`GET /Users/{id}`, `GET /Groups/{id}`).
    pub remote: Option<Spanned<Pattern>>,
    /// Whether objects in `remote` are closed.
    pub exact: bool,
    /// How many resources the server finds afterwards under the `userName` or `displayName` of each of the subject.
    pub found: Option<u32>,
    /// How many requests the event sends.
    pub requests: Option<u32>,
    /// What an import counts; only with [`EventAction::ImportUsers`] and [`EventAction::ImportGroups`].
    pub import: Option<ImportExpect>,
    /// How many seconds Okta pauses, each time in order; `Some` of an empty list when it must not pause.
    pub waits: Option<Vec<u64>>,
    /// How many seconds Okta pauses at most, each time.
    pub longest_wait: Option<u64>,
    /// Where `outcome` is written, or the step if it is not.
    pub span: Span,
}

/// What an import counts, as Okta shows it to the administrator. A counter that is `None` is not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportExpect {
    /// Resources read.
    pub scanned: Option<u32>,
    /// Resources Okta did not know.
    pub new: Option<u32>,
    /// Resources that changed.
    pub updated: Option<u32>,
    /// Resources that did not.
    pub unchanged: Option<u32>,
    /// Resources that are gone.
    pub removed: Option<u32>,
    /// Where the counters are written.
    pub span: Span,
}

impl EventAction {
    /// Returns the word for it.
    pub fn kind(&self) -> EventKind {
        match self {
            EventAction::Connect => EventKind::Connect,
            EventAction::Assign { .. } => EventKind::Assign,
            EventAction::Update { .. } | EventAction::UpdateGroup { .. } => EventKind::Update,
            EventAction::Deactivate { .. } => EventKind::Deactivate,
            EventAction::Reactivate { .. } => EventKind::Reactivate,
            EventAction::Unassign { .. } => EventKind::Unassign,
            EventAction::Suspend { .. } => EventKind::Suspend,
            EventAction::Unsuspend { .. } => EventKind::Unsuspend,
            EventAction::Delete { .. } => EventKind::Delete,
            EventAction::SyncPassword { .. } => EventKind::SyncPassword,
            EventAction::ForceSync { .. } => EventKind::ForceSync,
            EventAction::AssignGroup { .. } => EventKind::AssignGroup,
            EventAction::UnassignGroup { .. } => EventKind::UnassignGroup,
            EventAction::AddToGroup { .. } => EventKind::AddToGroup,
            EventAction::RemoveFromGroup { .. } => EventKind::RemoveFromGroup,
            EventAction::PushGroup { .. } => EventKind::PushGroup,
            EventAction::LinkGroup { .. } => EventKind::LinkGroup,
            EventAction::RenameGroup { .. } => EventKind::RenameGroup,
            EventAction::PushNow { .. } => EventKind::PushNow,
            EventAction::DeactivatePush { .. } => EventKind::DeactivatePush,
            EventAction::ActivatePush { .. } => EventKind::ActivatePush,
            EventAction::UnlinkGroup { .. } => EventKind::UnlinkGroup,
            EventAction::RelinkGroup { .. } => EventKind::RelinkGroup,
            EventAction::PushByRule { .. } => EventKind::PushByRule,
            EventAction::DeactivateRule { .. } => EventKind::DeactivateRule,
            EventAction::DeleteRule { .. } => EventKind::DeleteRule,
            EventAction::ImportUsers => EventKind::ImportUsers,
            EventAction::ImportGroups => EventKind::ImportGroups,
            EventAction::ConfirmMatches => EventKind::ConfirmMatches,
            EventAction::ImportSchema => EventKind::ImportSchema,
            EventAction::ReadEntitlements => EventKind::ReadEntitlements,
        }
    }

    /// Returns the people that the step names, or that it is about by default.
    pub fn who(&self) -> &[String] {
        match self {
            EventAction::Assign { who }
            | EventAction::Update { who, .. }
            | EventAction::Deactivate { who }
            | EventAction::Reactivate { who }
            | EventAction::Unassign { who }
            | EventAction::Suspend { who }
            | EventAction::Unsuspend { who }
            | EventAction::Delete { who }
            | EventAction::SyncPassword { who }
            | EventAction::ForceSync { who }
            | EventAction::AddToGroup { who, .. }
            | EventAction::RemoveFromGroup { who, .. } => who,
            _ => &[],
        }
    }

    /// Returns the group that the step names.
    pub fn group(&self) -> Option<&str> {
        match self {
            EventAction::UpdateGroup { group, .. }
            | EventAction::AssignGroup { group }
            | EventAction::UnassignGroup { group }
            | EventAction::AddToGroup { group, .. }
            | EventAction::RemoveFromGroup { group, .. }
            | EventAction::PushGroup { group }
            | EventAction::LinkGroup { group, .. }
            | EventAction::RenameGroup { group, .. }
            | EventAction::PushNow { group }
            | EventAction::DeactivatePush { group }
            | EventAction::ActivatePush { group }
            | EventAction::UnlinkGroup { group, .. }
            | EventAction::RelinkGroup { group } => Some(group),
            _ => None,
        }
    }

    /// Returns every template in it.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            EventAction::Update { set, .. } | EventAction::UpdateGroup { set, .. } => {
                set.iter().flat_map(|(_, value)| value.templates()).collect()
            }
            EventAction::LinkGroup { name, .. }
            | EventAction::RenameGroup { name, .. }
            | EventAction::PushByRule { name }
            | EventAction::DeactivateRule { name }
            | EventAction::DeleteRule { name, .. } => vec![name],
            _ => Vec::new(),
        }
    }
}
