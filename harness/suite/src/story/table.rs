//! The mirror: scripts as they are written, before anything is checked but their shape.
//!
//! The doc comments of this module are what editors show, by way of `suites/lifecycle/story.schema.json`.

use crate::file::{ProfileEntries, PushWord, Texts};
use crate::word::{Basis, EventKind, Level, Need, Outcome};
use serde::Deserialize;
#[cfg(test)]
use std::collections::BTreeMap;
use toml::Spanned;

/// A story: an org, and what happens in it.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct StoryTable {
    /// The name of the story: the path of the file below the suites' root, without `.toml`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) story: Spanned<String>,
    /// What the story is about, in one line.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) title: Spanned<String>,
    /// The org.
    #[cfg_attr(test, schemars(with = "OrgTable"))]
    pub(crate) org: Spanned<OrgTable>,
    /// Its groups.
    #[serde(default)]
    pub(crate) group: Vec<GroupTable>,
    /// Its apps. The first is the one that a base URL stands for; every other has a specimen of its own.
    #[serde(default)]
    pub(crate) app: Vec<AppTable>,
    /// What happens, in order of time.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<ChapterTable>"))]
    pub(crate) chapter: Vec<Spanned<ChapterTable>>,
}

/// The org.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct OrgTable {
    /// What it is called.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: Spanned<String>,
    /// Where its clocks are: a name such as `Europe/Vienna`, an offset such as `+02:00`, or `UTC`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) time_zone: Spanned<String>,
    /// When the story begins, as its clocks show it: `2026-03-02 08:00`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) clock: Spanned<String>,
    /// When business closes, at which whoever has the last day is deactivated; `17:00` unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) close_of_business: Option<Spanned<String>>,
}

/// A group of the org.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct GroupTable {
    /// What script and feeds call it, in kebab-case.
    #[serde(rename = "as")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) alias: Spanned<String>,
    /// The name it has in Okta.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: Spanned<String>,
    /// Whether everybody HR hires is in it.
    #[serde(default)]
    pub(crate) everybody: bool,
    /// The attributes that people get who are assigned through the group.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Texts>"))]
    pub(crate) profile: ProfileEntries,
}

/// An app of the org.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AppTable {
    /// What the script calls it, in kebab-case.
    #[serde(rename = "as")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) alias: Spanned<String>,
    /// How it came into the org and which SCIM it speaks: `catalog`, `wizard`, `aiw`, `catalog-1.1`, `aiw-1.1`; `catalog`
    /// unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) kind: Option<Spanned<String>>,
    /// What it pushes; everything but passwords unless it says otherwise.
    pub(crate) push: Option<Vec<PushWord>>,
    /// Keys of the Okta profile that it maps beyond those of the base template: `title`, `manager`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) attributes: Vec<Spanned<String>>,
    /// The groups that are assigned to it.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) groups: Vec<Spanned<String>>,
    /// The groups that are pushed to it.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) push_groups: Vec<Spanned<String>>,
}

/// What happens at a moment, and what must come of it. A chapter has `advance-to` alone, or `at` with one of `hr`, `do` and
/// `in-app`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ChapterTable {
    /// Names the chapter, in kebab-case. Permanent.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) id: Spanned<String>,
    /// What it is about, in one line.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) title: Spanned<String>,
    /// When something happens, as the org's clocks show it. Time passes until then, with everything HR has dated.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) at: Option<Spanned<String>>,
    /// Until when time passes, with everything HR has dated.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) advance_to: Option<Spanned<String>>,
    /// HR's feed of the whole staff: a file beside the script, or the rows themselves in a literal string (`'''`).
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) hr: Option<Spanned<String>>,
    /// What the administrator does: an event as in suites, or `retry-tasks`.
    #[serde(rename = "do")]
    #[cfg_attr(test, schemars(with = "Option<EventWord>"))]
    pub(crate) event: Option<Spanned<EventWord>>,
    /// In which app.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) app: Option<Spanned<String>>,
    /// Whom the event is about, by what HR calls them.
    #[cfg_attr(test, schemars(with = "Option<Texts>"))]
    pub(crate) who: Option<Spanned<Texts>>,
    /// The group the event is about.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) group: Option<Spanned<String>>,
    /// The profile keys an update changes.
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, Texts>>"))]
    pub(crate) set: Option<Spanned<ProfileEntries>>,
    /// A name, where the event takes one.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) name: Option<Spanned<String>>,
    /// Whether `unlink-group` or `delete-rule` deletes at the server.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub(crate) delete: Option<Spanned<bool>>,
    /// Something that happens in an app itself, behind Okta's back.
    #[cfg_attr(test, schemars(with = "Option<InAppTable>"))]
    pub(crate) in_app: Option<Spanned<InAppTable>>,
    /// What is wrong with the way to an app during the chapter.
    #[cfg_attr(test, schemars(with = "Option<OutageTable>"))]
    pub(crate) outage: Option<Spanned<OutageTable>>,
    /// What must come of it; each is a case of its own in reports.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<ExpectationTable>"))]
    pub(crate) expect: Vec<Spanned<ExpectationTable>>,
}

/// What an administrator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
pub(crate) enum EventWord {
    /// An event as in suites.
    Event(EventKind),
    /// Whatever failed in the app is attempted again.
    RetryTasks(RetryTasks),
}

/// Whatever failed in the app is attempted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RetryTasks {
    /// "Retry selected" on the dashboard's tasks, for all of them.
    RetryTasks,
}

impl<'de> Deserialize<'de> for EventWord {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        if word == RETRY_TASKS {
            return Ok(EventWord::RetryTasks(RetryTasks::RetryTasks));
        }
        let event = EventKind::ALL.into_iter().find(|event| event.name() == word);
        event.map(EventWord::Event).ok_or_else(|| {
            let known = EventKind::ALL.iter().map(|event| event.name()).chain([RETRY_TASKS]);
            let known = known.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            // In serde's own words, which the loader reads.
            serde::de::Error::custom(format!("unknown variant `{word}`, expected one of {known}"))
        })
    }
}

pub(crate) const RETRY_TASKS: &str = "retry-tasks";

/// Something that happens in an app itself: a new account, or a changed one.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct InAppTable {
    /// In which app; the first unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) app: Option<Spanned<String>>,
    /// Whose account it is, by what HR calls the person.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) who: Spanned<String>,
    /// The account that comes into being: a user as JSON in a literal string (`'''`).
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) create: Option<Spanned<String>>,
    /// The members of the user that change, as JSON in a literal string (`'''`). The server's own answer to a GET is sent
    /// back with them, which every server Okta provisions has to take.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) set: Option<Spanned<String>>,
}

/// What is wrong with the way to an app: a `status`, or something is lost.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct OutageTable {
    /// The app; the first unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) app: Option<Spanned<String>>,
    /// The status with which requests are answered instead of arriving.
    #[cfg_attr(test, schemars(with = "Option<u16>"))]
    pub(crate) status: Option<Spanned<i64>>,
    /// The seconds of the answer's Retry-After.
    pub(crate) retry_after: Option<u64>,
    /// What is lost.
    pub(crate) lose: Option<LoseWord>,
    /// Only requests of this method are concerned.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) method: Option<Spanned<String>>,
    /// How many requests are concerned; all of the chapter unless it says otherwise.
    pub(crate) times: Option<u32>,
}

/// What is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LoseWord {
    /// The request does not arrive.
    Request,
    /// The request arrives, and the answer does not.
    Answer,
}

/// What must come of a chapter.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ExpectationTable {
    /// Names the expectation inside its chapter, in kebab-case. Permanent: reports refer to it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) id: Spanned<String>,
    /// The rule under test, one normative sentence.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) rule: Spanned<String>,
    /// Where the rule comes from: ids of `references.toml`.
    #[serde(rename = "ref", default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) refs: Vec<Spanned<String>>,
    /// How binding the rule is; `okta` unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<Level>"))]
    pub(crate) level: Option<Spanned<Level>>,
    /// How sure we are of the rule; `documented` unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<Basis>"))]
    pub(crate) basis: Option<Spanned<Basis>>,
    /// What the server must offer, or the expectation is skipped.
    #[serde(default)]
    pub(crate) needs: Vec<Need>,
    /// What an administrator sees in Okta when the rule is broken.
    pub(crate) consequence: Option<String>,
    /// How a vendor mends a server that breaks the rule.
    pub(crate) mend: Option<String>,
    /// In which app; in every one, for `silent`, `log` and `outcome`, unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) app: Option<Spanned<String>>,
    /// About whom; whom the chapter's event is about unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<Texts>"))]
    pub(crate) who: Option<Spanned<Texts>>,
    /// Under which userName the server is asked, for `absent` and `found`, where that is not the one in Okta.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) user_name: Option<Spanned<String>>,
    /// About which group, for `remote` and `found`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) group: Option<Spanned<String>>,
    /// `true`: nothing at all is sent.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub(crate) silent: Option<Spanned<bool>>,
    /// Exactly these requests are sent, in this order: `GET /Users`, `PATCH /Users/*`.
    #[cfg_attr(test, schemars(with = "Option<Vec<String>>"))]
    pub(crate) calls: Option<Spanned<Vec<Spanned<String>>>>,
    /// A pattern for the user or group as the server holds it afterwards.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) remote: Option<Spanned<String>>,
    /// Whether members that `remote` does not list are mismatches.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub(crate) exact: Option<Spanned<bool>>,
    /// `true`: the server has no account of that name.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub(crate) absent: Option<Spanned<bool>>,
    /// How many resources the server finds under the user's or the group's name.
    #[cfg_attr(test, schemars(with = "Option<u32>"))]
    pub(crate) found: Option<Spanned<u32>>,
    /// `true`: the account is the one that Okta knew first, and the only one of that name.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub(crate) same_id: Option<Spanned<bool>>,
    /// `true`: what an earlier chapter changed in the app itself is still there.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub(crate) data_survives: Option<Spanned<bool>>,
    /// How soon after Okta begins to send the server holds what is expected: `5s`, `500ms`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) latency_within: Option<Spanned<String>>,
    /// Types of entries the org's System Log has gained, in this order, among others.
    #[cfg_attr(test, schemars(with = "Option<Vec<String>>"))]
    pub(crate) log: Option<Spanned<Vec<Spanned<String>>>>,
    /// How the app's jobs end for the administrator: all `done`, or at least one in a `task`.
    #[cfg_attr(test, schemars(with = "Option<Outcome>"))]
    pub(crate) outcome: Option<Spanned<Outcome>>,
}
