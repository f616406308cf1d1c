//! Apps in the org: who is assigned, what Okta believes about their accounts, which groups are pushed.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{ImportSetup, Imported};
use crate::{App, AppUser, Mapping};

/// Attributes by their profile keys, as text; an array is JSON, as in a [`Profile`](crate::Profile).
pub type Attributes = Vec<(String, String)>;

/// How the org behaves where sources leave room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readings {
    /// The order of accounts and pushed memberships, where one event changes both; accounts first by
    /// default.
    pub order: PushOrder,
    /// Whether somebody who gets an account is added to the pushed groups they are in already; on by
    /// default.
    ///
    /// Two readings. Okta's help says that members must have been provisioned before the push, and that
    /// a group has to be pushed again after an inactive member was reactivated ("Group Push
    /// prerequisites"): off. The Okta orgs that fill an assigned and a pushed group by rules on the day
    /// of joining could not work that way: on, which is inferred.
    pub late_members: bool,
    /// Whether memberships of people whose account is inactive are changed too; off by default.
    ///
    /// Captured in <https://community.atlassian.com/t5/Articles/Okta-User-reactivation-does-not-remove-old-groups-from-user/ba-p/2349197>:
    /// who loses the account with the group keeps the membership at the service provider until the group
    /// is pushed by hand; a flag inside Okta changes that.
    pub inactive_members: bool,
}

impl Default for Readings {
    fn default() -> Readings {
        Readings { order: PushOrder::AccountsFirst, late_members: true, inactive_members: false }
    }
}

/// Which comes first, where a group is both assigned and pushed.
///
/// Okta's help advises against such a group without naming the order ("Troubleshooting Group Push"), and
/// vendors speak of a race
/// (<https://support.optimizely.com/hc/en-us/articles/25849891089165-Set-up-assignment-and-push-groups-in-Okta-SCIM-app>),
/// so a service provider has to live with both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushOrder {
    /// Accounts are created and deactivated before memberships are pushed. Okta's order between users is
    /// unknown too; here it is that of the directory.
    AccountsFirst,
    /// Memberships are pushed before: a member without an account is left out, one who is about to lose
    /// it is removed.
    MembershipsFirst,
}

/// An app in the org.
#[derive(Debug, Clone)]
pub struct OrgApp {
    /// The id, `0oa…`.
    pub id: String,
    /// Dialect and settings.
    pub app: App,
    /// Whether the API integration is on.
    pub integration: bool,
    /// How it behaves where sources leave room.
    pub readings: Readings,
    /// The attributes whose values are combined across groups.
    pub combined: BTreeSet<String>,
    /// The people assigned directly, by id, with the attributes set for them.
    pub people: IndexMap<String, Attributes>,
    /// The groups assigned, by id, the highest priority first, with the attributes for their members.
    pub groups: IndexMap<String, Attributes>,
    /// Direct assignments which a deactivation took, by the person's id.
    pub former: IndexMap<String, Attributes>,
    /// What Okta knows of accounts, by the person's id; those of former users too.
    pub accounts: IndexMap<String, Account>,
    /// The rows of the "Push Groups" tab, by the group's id; those unlinked too.
    pub mappings: IndexMap<String, PushMapping>,
    /// The push rules, by id.
    pub push_rules: IndexMap<String, PushRule>,
    /// How it is imported from.
    pub import: ImportSetup,
    /// What the imports brought.
    pub imported: Imported,
}

impl OrgApp {
    pub(super) fn new(id: String, app: App) -> OrgApp {
        OrgApp {
            id,
            app,
            integration: true,
            readings: Readings::default(),
            combined: BTreeSet::new(),
            people: IndexMap::new(),
            groups: IndexMap::new(),
            former: IndexMap::new(),
            accounts: IndexMap::new(),
            mappings: IndexMap::new(),
            push_rules: IndexMap::new(),
            import: ImportSetup::default(),
            imported: Imported::default(),
        }
    }

    /// Returns what the app does, in the words of the Okta Management API (`Application.features`).
    pub fn features(&self) -> Vec<&'static str> {
        let push = self.app.push;
        [
            (true, "IMPORT_NEW_USERS"),
            (true, "IMPORT_PROFILE_UPDATES"),
            (push.create, "PUSH_NEW_USERS"),
            (push.update, "PUSH_PROFILE_UPDATES"),
            (push.deactivate, "PUSH_USER_DEACTIVATION"),
            (push.deactivate, "REACTIVATE_USERS"),
            (push.password, "PUSH_PASSWORD_UPDATES"),
            (true, "GROUP_PUSH"),
        ]
        .into_iter()
        .filter_map(|(on, feature)| (self.integration && on).then_some(feature))
        .collect()
    }

    /// Returns the mapping of a group, if the group is linked.
    pub fn mapping(&self, group: &str) -> Option<&PushMapping> {
        self.mappings.get(group).filter(|mapping| mapping.linked)
    }
}

/// What Okta knows of somebody's account in an app: the app user.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The user as the flows know them: link, state, and the effective profile.
    pub user: AppUser,
    /// Whether the person is assigned.
    pub assigned: bool,
    /// How, or how last.
    pub scope: Scope,
    /// The ids of the assigned groups the person is in, the highest priority first.
    pub through: Vec<String>,
    /// Whether the service provider is believed to hold what Okta holds.
    pub sync: SyncState,
    /// When the person was first assigned, in seconds of the org's clock.
    pub created: u64,
    /// When assignment or profile changed last.
    pub last_updated: u64,
    /// When the service provider was last told.
    pub last_sync: Option<u64>,
    /// The id which the service provider last gave the account, kept when Okta drops the link.
    pub last_remote_id: Option<String>,
    /// Whether anything was pushed since the last import.
    pub(super) pushed: bool,
}

/// How somebody is assigned, named as in the Okta Management API (`AppUser.scope`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Directly, whether or not through groups too.
    User,
    /// Through groups only.
    Group,
}

/// What Okta believes about an account, named as in the Okta Management API (`AppUser.syncState`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncState {
    /// The API integration was off when something changed.
    Disabled,
    /// Something is yet to be sent.
    OutOfSync,
    /// It is being sent.
    Syncing,
    /// Everything was sent.
    Synchronized,
    /// It could not be sent, and a task awaits the administrator.
    Error,
}

/// A row of the "Push Groups" tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushMapping {
    /// The id, `gPm…`.
    pub id: String,
    /// The mapping as the flows know it.
    pub mapping: Mapping,
    /// Whether it is on the tab still; an unlinked one is kept so that it can be linked again.
    pub linked: bool,
    /// The id of the push rule that made it.
    pub rule: Option<String>,
    /// When it was made, in seconds of the org's clock.
    pub created: u64,
    /// When it was pushed last.
    pub last_push: Option<u64>,
}

/// A push rule of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRule {
    /// The id.
    pub id: String,
    /// Which groups it pushes.
    pub condition: PushCondition,
    /// Whether further groups are pushed by it.
    pub active: bool,
}

/// Which groups a push rule pushes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushCondition {
    /// What is looked at.
    pub part: RulePart,
    /// How.
    pub operator: RuleOperator,
    /// For what.
    pub text: String,
}

impl PushCondition {
    /// Returns the condition that a group's name starts with a text.
    pub fn name_starts_with(text: impl Into<String>) -> PushCondition {
        PushCondition { part: RulePart::Name, operator: RuleOperator::StartsWith, text: text.into() }
    }

    /// Whether a group of this name and description is pushed.
    pub fn matches(&self, name: &str, description: Option<&str>) -> bool {
        let value = match self.part {
            RulePart::Name => name,
            RulePart::Description => description.unwrap_or_default(),
        };
        match self.operator {
            RuleOperator::StartsWith => value.starts_with(&self.text),
            RuleOperator::Contains => value.contains(&self.text),
            RuleOperator::EndsWith => value.ends_with(&self.text),
        }
    }
}

/// The part of a group a push rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RulePart {
    /// The name.
    Name,
    /// The description.
    Description,
}

/// How a push rule compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleOperator {
    /// The part starts with the text.
    StartsWith,
    /// The part contains the text.
    Contains,
    /// The part ends with the text.
    EndsWith,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AppKind;

    #[test]
    fn a_push_rule_looks_at_name_or_description() {
        let condition = |part, operator| PushCondition { part, operator, text: "eng".to_owned() };
        for (part, operator, name, description, expected) in [
            (RulePart::Name, RuleOperator::StartsWith, "eng-web", None, true),
            (RulePart::Name, RuleOperator::StartsWith, "web-eng", None, false),
            (RulePart::Name, RuleOperator::Contains, "the engine", None, true),
            (RulePart::Name, RuleOperator::EndsWith, "web-eng", None, true),
            (RulePart::Name, RuleOperator::EndsWith, "web", Some("eng"), false),
            (RulePart::Description, RuleOperator::Contains, "web", Some("all of eng"), true),
            (RulePart::Description, RuleOperator::Contains, "eng", None, false),
        ] {
            assert_eq!(condition(part, operator).matches(name, description), expected, "{part:?} {operator:?} {name}");
        }
    }

    #[test]
    fn features_follow_the_settings() {
        let mut app = OrgApp::new("0oa".to_owned(), App::new(AppKind::Catalog));
        assert!(app.features().contains(&"PUSH_NEW_USERS") && !app.features().contains(&"PUSH_PASSWORD_UPDATES"));
        app.app.push.create = false;
        assert!(!app.features().contains(&"PUSH_NEW_USERS"));
        app.integration = false;
        assert_eq!(app.features(), [""; 0]);
    }
}
