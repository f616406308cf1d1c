//! The mirror: suite files as they are written, before anything is checked but their shape.
//!
//! The doc comments of this module are what editors show, by way of `suites/suite.schema.json`.

use crate::word::{
    Basis, EmptyValue, EventKind, FuzzOver, GroupAttributes, Level, Need, Outcome, Paging, PersonStatus, TargetKind,
    WhenDeactivated,
};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor, value};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use toml::Spanned;

/// A suite file: cases about one subject.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct SuiteTable {
    /// The name of the suite: the path of the file below the suites' root, without `.toml`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) suite: Spanned<String>,
    /// What the suite is about, in one line.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) title: Spanned<String>,
    /// What the cases talk to; `scim` unless it says otherwise.
    #[serde(default)]
    pub(crate) target: TargetKind,
    /// Whether the cases run only where a selector names the suite: rules that not everybody holds to.
    #[serde(default)]
    pub(crate) opt_in: bool,
    /// Cases that must pass for any of this file to make sense: full ids, or ids of this file. The cases that are named
    /// here do not require each other.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) requires: Vec<Spanned<String>>,
    /// The cases.
    #[serde(default)]
    pub(crate) case: Vec<CaseTable>,
}

/// One rule under test.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct CaseTable {
    /// Names the case inside its suite, in kebab-case. Permanent: reports and lists of known failures refer to it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) id: Spanned<String>,
    /// What the case does, in one line.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) title: Spanned<String>,
    /// The rule under test, one normative sentence.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) rule: Spanned<String>,
    /// Where the rule comes from: ids of `references.toml`.
    #[serde(rename = "ref", default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) refs: Vec<Spanned<String>>,
    /// How binding the rule is.
    #[cfg_attr(test, schemars(with = "Level"))]
    pub(crate) level: Spanned<Level>,
    /// How sure we are of the rule; `documented` unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<Basis>"))]
    pub(crate) basis: Option<Spanned<Basis>>,
    /// Rows of `vendor-bugs.toml`: bugs of real servers that the case would have caught.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<u32>"))]
    pub(crate) bugs: Vec<Spanned<u32>>,
    /// What an administrator sees in Okta when the rule is broken.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) consequence: Option<Spanned<String>>,
    /// How a vendor mends a server that breaks the rule.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) mend: Option<Spanned<String>>,
    /// Why a reasonable reader may differ about the rule: its findings warn at most.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) disputed: Option<Spanned<String>>,
    /// Cases that must pass for this one to make sense: full ids, or ids of this file. Where one of them does not pass,
    /// this case is skipped.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) requires: Vec<Spanned<String>>,
    /// What the server must offer, or the case is skipped.
    #[serde(default)]
    pub(crate) needs: Vec<Need>,
    /// What the server must say it does not offer, or the case is skipped.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<Need>"))]
    pub(crate) lacks: Vec<Spanned<Need>>,
    /// What the server's schemas must say, or the case is skipped: a resource type and an attribute of it, and perhaps
    /// characteristics, as `User userName caseExact=false`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) given: Vec<Spanned<String>>,
    /// The readings of the standard that servers follow. The first that fits the last answer is the server's dialect.
    #[serde(default)]
    pub(crate) reading: Vec<ReadingTable>,
    /// What the target must hold before the case starts.
    pub(crate) seed: Option<Seed>,
    /// Whether the case must not run beside others.
    #[serde(default)]
    pub(crate) exclusive: bool,
    /// The transcript the events must produce: an `.http` file, relative to the suite file.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) golden: Option<Spanned<String>>,
    /// The Okta org as the case finds it: the app integration and who is there; needed by steps with `do`.
    #[cfg_attr(test, schemars(with = "Option<OktaTable>"))]
    pub(crate) okta: Option<Spanned<OktaTable>>,
    /// Random inputs, in place of steps.
    #[cfg_attr(test, schemars(with = "Option<FuzzTable>"))]
    pub(crate) fuzz: Option<Spanned<FuzzTable>>,
    /// What happens, in order.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<StepTable>"))]
    pub(crate) step: Vec<Spanned<StepTable>>,
}

/// Random inputs that the target is asked about, each judged by what its kind knows to be right.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct FuzzTable {
    /// What is sent.
    pub(crate) over: FuzzOver,
    /// How many random inputs are sent unless the command line says otherwise, from 1 to 100000; 100 unless it is given.
    #[cfg_attr(test, schemars(with = "Option<u32>"))]
    pub(crate) cases: Option<Spanned<i64>>,
    /// The kinds of inputs the case is about; all of them unless it is given.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) only: Vec<Spanned<String>>,
    /// Inputs that showed a defect somewhere. They are sent first, always.
    #[serde(default)]
    pub(crate) regression: Vec<RegressionTable>,
}

/// An input that showed a defect somewhere, as a finding prints it.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RegressionTable {
    /// The day it was found, `2026-11-23`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) found: Spanned<String>,
    /// The input.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) input: Spanned<String>,
    /// What it showed, and where.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) note: Option<Spanned<String>>,
}

/// One way to read the standard, and how the last answer looks if the server reads it so.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ReadingTable {
    /// What reports call it, in kebab-case.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: Spanned<String>,
    /// What a server of this reading does, in one sentence.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) meaning: Spanned<String>,
    /// The statuses that fit.
    #[cfg_attr(test, schemars(with = "Option<OneOrMany<StatusWord>>"))]
    pub(crate) status: Option<Spanned<OneOrMany<StatusWord>>>,
    /// A pattern for the body: JSON in a literal string (`'''`).
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) json: Option<Spanned<String>>,
    /// A pattern for the body as text; an empty text means no body.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) text: Option<Spanned<String>>,
}

/// What the target must hold before a case starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Seed {
    /// At least one user.
    User,
}

/// The Okta org as a case finds it: the app integration, its settings, the people and the groups.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct OktaTable {
    /// How the app came into the Okta org and which SCIM it speaks; the case runs once for each.
    #[cfg_attr(test, schemars(with = "OneOrMany<AppWord>"))]
    pub(crate) app: Spanned<OneOrMany<AppWord>>,
    /// What the app pushes and imports; everything but passwords unless it says otherwise.
    pub(crate) push: Option<Vec<PushWord>>,
    /// The Okta profile of the person the case is about, who is called `user`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Texts>"))]
    pub(crate) profile: ProfileEntries,
    /// Whether profiles change by PATCH where the app knows PATCH; `false` unless it says otherwise.
    pub(crate) patch_profile: Option<bool>,
    /// "Rename app groups to match group name in Okta"; `true` unless it says otherwise.
    pub(crate) rename_groups: Option<bool>,
    /// How many changes of a membership one PATCH holds, from 1 to 1000; 100 unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<u16>"))]
    pub(crate) group_batch: Option<Spanned<i64>>,
    /// Whether members are replaced by a PATCH without a path; `false` unless it says otherwise.
    pub(crate) pathless_members: Option<bool>,
    /// Whether a changed user name stays in Okta; `false` unless it says otherwise.
    pub(crate) exclude_username_updates: Option<bool>,
    /// Whether who loses the assignment is deleted at the server; `false` unless it says otherwise.
    pub(crate) granular_deprovisioning: Option<bool>,
    /// Whether roles and entitlements are part of the user; `false` unless it says otherwise.
    pub(crate) entitlements: Option<bool>,
    /// Whether the first answer to a create gets lost, so that Okta sends the create again; `false` unless it says
    /// otherwise.
    pub(crate) loses_create_answer: Option<bool>,
    /// What happens in Okta to people who are deactivated in the app; only if Okta's profiles come from the app.
    pub(crate) profile_source: Option<WhenDeactivated>,
    /// What an emptied attribute becomes on the wire; `empty` unless it says otherwise.
    pub(crate) empty: Option<EmptyValue>,
    /// What a person gets who is assigned through several groups; `priority` unless it says otherwise.
    pub(crate) group_attributes: Option<GroupAttributes>,
    /// Further people in the Okta org.
    #[serde(default)]
    pub(crate) person: Vec<PersonTable>,
    /// Groups in the Okta org.
    #[serde(default)]
    pub(crate) group: Vec<GroupTable>,
}

/// Somebody in the Okta org.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct PersonTable {
    /// What the case calls them, in kebab-case.
    #[serde(rename = "as")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: Spanned<String>,
    /// The Okta profile; a login and a name follow from `as` if it has none.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Texts>"))]
    pub(crate) profile: ProfileEntries,
    /// The state of the Okta user when the case begins; `active` unless it says otherwise.
    #[serde(default)]
    pub(crate) status: PersonStatus,
}

/// A group in the Okta org.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct GroupTable {
    /// What the case calls it, in kebab-case.
    #[serde(rename = "as")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) alias: Spanned<String>,
    /// The name it has in Okta.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: Spanned<String>,
    /// The description it has in Okta.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) description: Option<Spanned<String>>,
    /// Its members when the case begins: `user`, or what `[[case.okta.person]]` has behind `as`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) members: Vec<Spanned<String>>,
    /// The attributes that people get who are assigned through the group.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Texts>"))]
    pub(crate) profile: ProfileEntries,
}

/// How an app came into the Okta org, and which SCIM it speaks: 2.0 unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AppWord {
    /// From the OIN catalog: PUT for profiles, PATCH for `active`, passwords and groups.
    Catalog,
    /// Generated by the OIN Wizard with "Support PATCH for User": as `catalog`; PATCH for profiles, too, only with
    /// `patch-profile`.
    Wizard,
    /// Made in the App Integration Wizard: PUT everywhere.
    Aiw,
    /// From the OIN catalog, with SCIM 1.1.
    #[serde(rename = "catalog-1.1")]
    CatalogV1,
    /// Made in the App Integration Wizard, with SCIM 1.1.
    #[serde(rename = "aiw-1.1")]
    AiwV1,
}

/// Something an app pushes or imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PushWord {
    /// "Create Users".
    Create,
    /// "Update User Attributes".
    Update,
    /// "Deactivate Users".
    Deactivate,
    /// "Sync Password".
    Password,
    /// "Group Push".
    Groups,
    /// "Import Users" and "Import Groups".
    Import,
}

/// One request (`send`) or one Okta event (`do`).
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct StepTable {
    /// Why the step is there, where that is a surprise.
    pub(crate) why: Option<String>,
    /// A request: the method, a space and the target below the base URL, percent-encoded.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) send: Option<Spanned<String>>,
    /// An Okta event.
    #[serde(rename = "do")]
    #[cfg_attr(test, schemars(with = "Option<EventKind>"))]
    pub(crate) event: Option<Spanned<EventKind>>,
    /// Whom the event is about: `user`, which is the default, or what `[[case.okta.person]]` has behind `as`.
    #[cfg_attr(test, schemars(with = "Option<Texts>"))]
    pub(crate) who: Option<Spanned<Texts>>,
    /// The group the event is about: what `[[case.okta.group]]` has behind `as`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) group: Option<Spanned<String>>,
    /// The profile keys an update changes.
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, Texts>>"))]
    pub(crate) set: Option<Spanned<ProfileEntries>>,
    /// A name: the other one of `rename-group`, the server's group for `link-group`, what names of groups start with
    /// for `push-by-rule`, `deactivate-rule` and `delete-rule`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) name: Option<Spanned<String>>,
    /// Whether `unlink-group` or `delete-rule` deletes at the server; `false` unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub(crate) delete: Option<Spanned<bool>>,
    /// Whether the step happens at the same time as the parallel steps next to it.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub(crate) parallel: Option<Spanned<bool>>,
    /// How many milliseconds pass before a request, for clocks that count in seconds; at most ten thousand.
    #[cfg_attr(test, schemars(with = "Option<u64>"))]
    pub(crate) pause: Option<Spanned<u64>>,
    /// The body of a request: JSON in a literal string (`'''`), sent compact with its keys in this order.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) json: Option<Spanned<String>>,
    /// The body of a request that must not be JSON, sent as it is.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) text: Option<Spanned<String>>,
    /// The body of a request: what an earlier step of the case saved under this name.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) body_of: Option<Spanned<String>>,
    /// Changes to `body-of`: a JSON merge patch (RFC 7396) in a literal string; `null` removes a member.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) with: Option<Spanned<String>>,
    /// The name under which the JSON body of the answer is kept for `expect.equals` and `body-of`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) save: Option<Spanned<String>>,
    /// The request is sent once for each of these, which stand for `{{each}}` and, percent-encoded,
    /// `{{each.encoded}}`.
    #[cfg_attr(test, schemars(with = "Option<Vec<String>>"))]
    pub(crate) each: Option<Spanned<Vec<Spanned<String>>>>,
    /// All pages of the list are fetched, and `expect.json` is compared with one list of all their resources.
    #[cfg_attr(test, schemars(with = "Option<Paging>"))]
    pub(crate) pages: Option<Spanned<Paging>>,
    /// The `count` of each page.
    #[cfg_attr(test, schemars(with = "Option<u32>"))]
    pub(crate) page_size: Option<Spanned<u32>>,
    /// Changes to the usual headers of a request; an empty value removes the header.
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, String>>"))]
    pub(crate) headers: Option<Spanned<Entries>>,
    /// How a request authenticates: `none`, or `raw` and a value for the Authorization header.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) auth: Option<Spanned<String>>,
    /// What must come of it.
    #[serde(default)]
    pub(crate) expect: ExpectTable,
}

/// What must come of a step.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ExpectTable {
    /// The status of the answer, or all statuses that are accepted: numbers, or classes such as `"4xx"`.
    #[cfg_attr(test, schemars(with = "Option<OneOrMany<StatusWord>>"))]
    pub(crate) status: Option<Spanned<OneOrMany<StatusWord>>>,
    /// Statuses that are right as well, and with which the case ends as passed.
    #[cfg_attr(test, schemars(with = "Option<OneOrMany<StatusWord>>"))]
    pub(crate) passes_on: Option<Spanned<OneOrMany<StatusWord>>>,
    /// Statuses by which the server says that it does not offer this, and with which the case ends as skipped.
    #[cfg_attr(test, schemars(with = "Option<OneOrMany<StatusWord>>"))]
    pub(crate) skips_on: Option<Spanned<OneOrMany<StatusWord>>>,
    /// The body is the resource that an earlier step saved under this name, in terms of SCIM.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) equals: Option<Spanned<String>>,
    /// What may differ from `equals`: attribute paths (`meta.lastModified`) or JSON Pointers.
    #[cfg_attr(test, schemars(with = "Option<Vec<String>>"))]
    pub(crate) except: Option<Spanned<Vec<Spanned<String>>>>,
    /// Texts that occur nowhere in the answer, neither in its headers nor in its body.
    #[cfg_attr(test, schemars(with = "Option<Vec<String>>"))]
    pub(crate) never: Option<Spanned<Vec<Spanned<String>>>>,
    /// Patterns for headers of the answer.
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, String>>"))]
    pub(crate) headers: Option<Spanned<Entries>>,
    /// A pattern for the body of the answer: JSON in a literal string (`'''`) with words such as `{{any}}` in it.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) json: Option<Spanned<String>>,
    /// A pattern for the body of the answer as text; an empty text means no body.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) text: Option<Spanned<String>>,
    /// Whether members that the pattern does not list are mismatches.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub(crate) exact: Option<Spanned<bool>>,
    /// Checks of the whole answer.
    #[cfg_attr(test, schemars(with = "Option<Vec<crate::word::Check>>"))]
    pub(crate) checks: Option<Spanned<Vec<Spanned<String>>>>,
    /// How an event ends for the administrator; `done` unless it says otherwise.
    #[cfg_attr(test, schemars(with = "Option<Outcome>"))]
    pub(crate) outcome: Option<Spanned<Outcome>>,
    /// A pattern for the user or group as the server holds it after an event.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(crate) remote: Option<Spanned<String>>,
    /// How many resources the server finds under the user's `userName` or the group's name after an event.
    #[cfg_attr(test, schemars(with = "Option<u32>"))]
    pub(crate) found: Option<Spanned<u32>>,
    /// How many requests an event sends.
    #[cfg_attr(test, schemars(with = "Option<u32>"))]
    pub(crate) requests: Option<Spanned<u32>>,
    /// What an import counts.
    #[cfg_attr(test, schemars(with = "Option<ImportTable>"))]
    pub(crate) import: Option<Spanned<ImportTable>>,
    /// How many seconds Okta pauses, each time in order; an empty array when it must not pause.
    #[cfg_attr(test, schemars(with = "Option<Vec<u64>>"))]
    pub(crate) waits: Option<Spanned<Vec<u64>>>,
    /// How many seconds Okta pauses at most, each time.
    #[cfg_attr(test, schemars(with = "Option<u64>"))]
    pub(crate) longest_wait: Option<Spanned<u64>>,
    /// How many milliseconds the answer may take.
    #[cfg_attr(test, schemars(with = "Option<u64>"))]
    pub(crate) within: Option<Spanned<u64>>,
}

/// What an import counts; a counter that is left out is not compared.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ImportTable {
    /// Resources read.
    pub(crate) scanned: Option<u32>,
    /// Resources Okta did not know.
    pub(crate) new: Option<u32>,
    /// Resources that changed.
    pub(crate) updated: Option<u32>,
    /// Resources that did not.
    pub(crate) unchanged: Option<u32>,
    /// Resources that are gone.
    pub(crate) removed: Option<u32>,
}

/// A table of texts; both sides know their place, by which the order in the file can be had back.
pub(crate) type Entries = BTreeMap<Spanned<String>, Spanned<String>>;

/// A table of texts and arrays of texts, likewise.
pub(crate) type ProfileEntries = BTreeMap<Spanned<String>, Spanned<Texts>>;

/// `references.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferenceTable {
    pub(crate) id: Spanned<String>,
    pub(crate) title: String,
    pub(crate) url: String,
    pub(crate) kind: crate::catalog::ReferenceKind,
}

/// `vendor-bugs.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BugTable {
    pub(crate) row: Spanned<u32>,
    pub(crate) project: String,
    pub(crate) url: String,
    pub(crate) sent: String,
    pub(crate) wrong: String,
    pub(crate) check: String,
    pub(crate) evidence: String,
    pub(crate) uncovered: Option<Spanned<String>>,
}

/// `plan.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanTable {
    pub(crate) id: Spanned<String>,
    pub(crate) title: Spanned<String>,
    pub(crate) feature: Spanned<String>,
    pub(crate) class: Spanned<ClassWord>,
    pub(crate) how: Option<Spanned<String>>,
    pub(crate) left: Option<Spanned<String>>,
    pub(crate) uncovered: Option<Spanned<String>>,
}

/// `requirements.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequirementTable {
    pub(crate) id: Spanned<String>,
    pub(crate) source: String,
    pub(crate) url: String,
    pub(crate) level: crate::word::Level,
    pub(crate) breach: crate::requirement::Breach,
    pub(crate) rule: String,
    pub(crate) tolerate: Option<String>,
    pub(crate) uncovered: Option<Spanned<String>>,
}

/// `peer-checks.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerCheckTable {
    pub(crate) id: Spanned<String>,
    pub(crate) area: String,
    pub(crate) asserts: String,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) by: Vec<Spanned<String>>,
    pub(crate) inapplicable: Option<Spanned<String>>,
    pub(crate) uncovered: Option<Spanned<String>>,
}

/// Who does a row of the test plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClassWord {
    Auto,
    Part,
    Human,
}

/// One text, or an array of them, each of which knows its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Texts {
    /// One, with the place of the whole value.
    One(String),
    Many(Vec<Spanned<String>>),
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or an array of texts")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Texts, E> {
        Ok(Texts::One(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut many: A) -> Result<Texts, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = many.next_element()? {
            all.push(one);
        }
        Ok(Texts::Many(all))
    }
}

/// A status of HTTP, or a class of them, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StatusWord {
    Number(i64),
    Class(String),
}

impl<'de> Deserialize<'de> for StatusWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StatusVisitor)
    }
}

struct StatusVisitor;

impl Visitor<'_> for StatusVisitor {
    type Value = StatusWord;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a status, or a class of them such as `\"4xx\"`")
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<StatusWord, E> {
        Ok(StatusWord::Number(number))
    }

    fn visit_str<E: serde::de::Error>(self, class: &str) -> Result<StatusWord, E> {
        Ok(StatusWord::Class(class.to_owned()))
    }
}

/// One value, or an array of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OneOrMany<T>(pub(crate) Vec<T>);

// By hand because an untagged enum would lose the span and the message of what is wrong inside.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one value or an array of values")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Self::Value, E> {
        T::deserialize(value::StrDeserializer::new(word)).map(|one| OneOrMany(vec![one]))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        T::deserialize(value::I64Deserializer::new(number)).map(|one| OneOrMany(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut many: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = many.next_element()? {
            all.push(one);
        }
        Ok(OneOrMany(all))
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Texts {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Texts".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}

#[cfg(test)]
impl schemars::JsonSchema for StatusWord {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Status".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 100, "maximum": 599 },
            { "type": "string", "pattern": "^[1-5]xx$" },
        ] })
    }
}

#[cfg(test)]
impl<T: schemars::JsonSchema> schemars::JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let one = generator.subschema_for::<T>();
        schemars::json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
}
