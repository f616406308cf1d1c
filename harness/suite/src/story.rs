//! Lifecycle stories: a script that tells what happens to people in an org over days and months, and what must come of
//! it in the apps.
//!
//! A script is a TOML file like a suite, and has its patterns, templates and diagnostics. Where a suite's case is about one
//! rule, a story goes on: each chapter finds the org and the service providers as the one before has left them. Each
//! expectation of a chapter is a case of its own in reports, with a permanent id.
//!
//! Performing a story is the engine's work.

pub(crate) mod table;

mod load;

pub use load::{is_story, load_story};

use crate::pattern::Pattern;
use crate::plan::{EventAction, Profile};
use crate::source::{Span, Spanned};
use crate::template::{JsonTemplate, Template};
use crate::word::{Basis, Level, Need, Outcome};
use jiff::Timestamp;
use mock_okta::hr::Calendar;
use mock_okta::{AppId, Push};
use std::time::Duration;

/// A checked script.
#[derive(Debug, Clone)]
pub struct Story {
    /// The name, which is the file's path without `.toml`: `lifecycle/lucy`.
    pub name: String,
    /// What it is about, in a line.
    pub title: String,
    /// The org at its beginning.
    pub org: StoryOrg,
    /// The groups of the org.
    pub groups: Vec<StoryGroup>,
    /// The apps, never none; the first is the one a base URL stands for.
    pub apps: Vec<StoryApp>,
    /// The people that any feed of the story names, by what HR calls them.
    pub people: Vec<String>,
    /// What happens, in order of time.
    pub chapters: Vec<Chapter>,
    /// Where the name is written.
    pub source: Span,
}

/// The org of a story.
#[derive(Debug, Clone)]
pub struct StoryOrg {
    /// What it is called.
    pub name: String,
    /// Its time zone, and when business closes.
    pub calendar: Calendar,
    /// When the story begins.
    pub began: Timestamp,
}

/// A group of the org.
#[derive(Debug, Clone)]
pub struct StoryGroup {
    /// What script and feeds call it.
    pub name: String,
    /// The name it has in Okta.
    pub display_name: Template,
    /// Whether everybody HR hires is in it.
    pub everybody: bool,
    /// The attributes that people get who are assigned through it.
    pub profile: Profile,
}

/// An app of the org.
#[derive(Debug, Clone)]
pub struct StoryApp {
    /// What the script calls it.
    pub name: String,
    /// Its kind and the version of SCIM it speaks.
    pub id: AppId,
    /// What it pushes of people.
    pub push: Push,
    /// Attributes of the Okta profile that it maps beyond those of the base template.
    pub attributes: Vec<String>,
    /// The groups that are assigned to it.
    pub groups: Vec<String>,
    /// The groups that are pushed to it.
    pub push_groups: Vec<String>,
    /// Where the name is written.
    pub span: Span,
}

/// What happens at a moment, and what must come of it.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// The full id, `story/chapter`; permanent.
    pub id: String,
    /// What it is about, in a line.
    pub title: String,
    /// When. Whatever HR has dated up to then happens on the way.
    pub at: Timestamp,
    /// What happens then; nothing where only time passes.
    pub act: Option<Act>,
    /// What is wrong with the way to an app meanwhile.
    pub outage: Option<Outage>,
    /// What must come of it.
    pub expectations: Vec<Expectation>,
    /// Where the id is written.
    pub span: Span,
}

/// What happens in a chapter.
#[derive(Debug, Clone)]
pub enum Act {
    /// HR hands over a feed.
    Hr(Feed),
    /// The administrator does something in Okta.
    Event {
        /// In which app, where that is a question.
        app: Option<String>,
        /// What; people and groups are named as the script names them.
        action: EventAction,
        /// Where it is written.
        span: Span,
    },
    /// The administrator attempts again what failed.
    RetryTasks {
        /// In which app.
        app: String,
        /// Where it is written.
        span: Span,
    },
    /// Something happens in the app itself, behind Okta's back.
    InApp {
        /// In which app.
        app: String,
        /// To whom.
        who: String,
        /// What.
        change: InApp,
        /// Where it is written.
        span: Span,
    },
}

/// A feed of HR's, as it is written; it is without a mistake once the holes are filled.
#[derive(Debug, Clone)]
pub struct Feed {
    /// The text, in which `{{run}}` is the only hole.
    pub text: Template,
    /// Where it is written.
    pub span: Span,
}

/// What happens in an app itself.
#[derive(Debug, Clone)]
pub enum InApp {
    /// An account comes into being, of which Okta knows nothing.
    Create(JsonTemplate),
    /// Attributes of an account change: the server's own resource is sent back with these members (RFC 7396).
    Set(JsonTemplate),
}

/// What is wrong with the way to an app.
#[derive(Debug, Clone)]
pub struct Outage {
    /// To which app.
    pub app: String,
    /// What becomes of a request.
    pub kind: OutageKind,
    /// Only requests of this method.
    pub method: Option<String>,
    /// How many requests; all of the chapter where nothing is said.
    pub times: Option<u32>,
}

/// What becomes of a request during an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutageKind {
    /// It is answered with this status and does not arrive.
    Status {
        /// The status.
        status: u16,
        /// The seconds of its `Retry-After`.
        retry_after: Option<u64>,
    },
    /// It does not arrive, and nothing comes back.
    LosesRequest,
    /// It arrives, and the answer is lost.
    LosesAnswer,
}

/// What must come of a chapter; a case of its own in reports.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// The full id, `story/chapter/expectation`; permanent.
    pub id: String,
    /// The part of the id behind the chapter's.
    pub name: String,
    /// The rule under test, one normative sentence.
    pub rule: String,
    /// Ids of entries of the catalog.
    pub refs: Vec<String>,
    /// How binding the rule is.
    pub level: Level,
    /// How sure we are of it.
    pub basis: Basis,
    /// What the server must offer, or the expectation is skipped.
    pub needs: Vec<Need>,
    /// What an administrator sees in Okta when the rule is broken.
    pub consequence: Option<String>,
    /// How a vendor mends a server that breaks the rule.
    pub mend: Option<String>,
    /// In which app; in every one where nothing is said.
    pub app: Option<String>,
    /// About whom.
    pub who: Vec<String>,
    /// Under which userName, where that is not the one Okta has; for [`Want::Absent`] and [`Want::Found`].
    pub user_name: Option<Template>,
    /// About which group.
    pub group: Option<String>,
    /// What is expected, in the order written; never nothing.
    pub wants: Vec<Spanned<Want>>,
    /// Where the id is written.
    pub span: Span,
}

/// One thing that is expected.
#[derive(Debug, Clone)]
pub enum Want {
    /// Nothing at all is sent.
    Silent,
    /// Exactly this is sent, in this order.
    Calls(Vec<Call>),
    /// The service provider holds such a resource of each person, or of the group.
    Remote {
        /// The pattern.
        pattern: Spanned<Pattern>,
        /// Whether its objects are closed.
        exact: bool,
    },
    /// The service provider has no account of the person.
    Absent,
    /// The lookup finds as many.
    Found(u32),
    /// The account is the one that Okta knew first, and the only one.
    SameId,
    /// What was changed in the app itself is still there.
    DataSurvives,
    /// The service provider holds what is expected this soon after Okta begins to send.
    LatencyWithin(Duration),
    /// The System Log has these entries, in this order, among others.
    Log(Vec<String>),
    /// How the app's jobs end for the administrator.
    Outcome(Outcome),
}

/// A request as far as an expectation names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The path without its query; a segment `*` is any.
    pub path: String,
}

impl Story {
    /// Returns the app that the script calls so.
    pub fn app(&self, name: &str) -> Option<&StoryApp> {
        self.apps.iter().find(|app| app.name == name)
    }

    /// Returns every feed, in order.
    pub fn feeds(&self) -> impl Iterator<Item = &Feed> {
        self.chapters.iter().filter_map(|chapter| match &chapter.act {
            Some(Act::Hr(feed)) => Some(feed),
            _ => None,
        })
    }
}

impl Call {
    /// Whether this is the request; of a target the query does not count.
    pub fn matches(&self, method: &str, target: &str) -> bool {
        let path = target.split(['?', '#']).next().unwrap_or(target);
        let (mut wanted, mut found) = (self.path.split('/'), path.split('/'));
        self.method == method
            && loop {
                match (wanted.next(), found.next()) {
                    (None, None) => break true,
                    (Some(wanted), Some(found)) if wanted == found || wanted == "*" => {}
                    _ => break false,
                }
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_a_method_and_a_path_with_any_id() {
        let call = |method: &str, path: &str| Call { method: method.to_owned(), path: path.to_owned() };
        assert!(call("GET", "/Users").matches("GET", "/Users?filter=x&count=100"));
        assert!(call("PATCH", "/Users/*").matches("PATCH", "/Users/2819c223"));
        for (method, target) in
            [("PUT", "/Users/1"), ("PATCH", "/Users"), ("PATCH", "/Users/1/x"), ("PATCH", "/Groups/1")]
        {
            assert!(!call("PATCH", "/Users/*").matches(method, target), "{method} {target}");
        }
    }
}
