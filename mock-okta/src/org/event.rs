//! What administrators and HR do in the org. What follows from it is the org's business.

use std::fmt;

use super::{Attributes, ImportSetup, PushCondition, Readings};
use crate::import::{Choice, DiscoveryGoal, Scope};
use crate::{App, Grant, Profile};

/// Something that happens in the org.
///
/// People, groups, apps, rules and tasks are named by their ids; what comes into being has a `key`, from
/// which its id follows ([`Org::person_id`](super::Org::person_id) and the like).
#[derive(Debug, Clone, PartialEq)]
pub enum OrgEvent {
    /// Several things happen at once, in this order: one act of the administrator, or one change that HR made. If one of
    /// them cannot happen, none does. What they come to is sent once.
    Together(Vec<OrgEvent>),
    /// Somebody is added to the directory.
    CreatePerson {
        /// From which the id follows.
        key: String,
        /// Who they are.
        profile: Profile,
        /// Whether they are active at once rather than staged.
        activate: bool,
    },
    /// A staged person is activated, or a deactivated one, whose direct assignments stay lost.
    Activate {
        /// Whom.
        person: String,
    },
    /// Somebody is deactivated.
    Deactivate {
        /// Whom.
        person: String,
    },
    /// A deactivated person is activated and gets back the direct assignments the deactivation took.
    Reactivate {
        /// Whom.
        person: String,
    },
    /// Somebody goes on leave.
    Suspend {
        /// Whom.
        person: String,
    },
    /// Somebody comes back from leave.
    Unsuspend {
        /// Whom.
        person: String,
    },
    /// Somebody is deleted. As with the Management API, one who is not deactivated yet is only
    /// deactivated.
    DeletePerson {
        /// Whom.
        person: String,
    },
    /// Attributes of somebody's Okta profile change.
    UpdateProfile {
        /// Whose.
        person: String,
        /// The keys and their values.
        changes: Attributes,
    },
    /// Somebody's Okta password changes.
    ChangePassword {
        /// Whose.
        person: String,
        /// The password, which apps with "Sync Password" learn.
        password: Password,
    },
    /// A group comes into being.
    CreateGroup {
        /// From which the id follows.
        key: String,
        /// The name.
        name: String,
        /// The description.
        description: Option<String>,
    },
    /// A group is renamed.
    RenameGroup {
        /// Which.
        group: String,
        /// To what.
        name: String,
    },
    /// A group gets another description.
    DescribeGroup {
        /// Which.
        group: String,
        /// The description; none where there is to be none.
        description: Option<String>,
    },
    /// A group is deleted, and with it the assignments through it.
    DeleteGroup {
        /// Which.
        group: String,
    },
    /// Somebody is added to a group by hand.
    AddMember {
        /// To which.
        group: String,
        /// Whom.
        person: String,
    },
    /// Somebody whom an administrator added is removed from a group.
    RemoveMember {
        /// From which.
        group: String,
        /// Whom.
        person: String,
    },
    /// A group rule is activated: who has this value is in this group.
    CreateGroupRule {
        /// From which the id follows.
        key: String,
        /// The key of the profile.
        attribute: String,
        /// The value.
        equals: String,
        /// The group.
        group: String,
    },
    /// A group rule is deleted, and the memberships it gave end.
    DeleteGroupRule {
        /// Which.
        rule: String,
    },
    /// An app comes into the org, its API integration on.
    AddApp {
        /// From which the id follows.
        key: String,
        /// The app.
        app: Box<App>,
    },
    /// An app is deleted, of which the service provider learns nothing.
    DeleteApp {
        /// Which.
        app: String,
    },
    /// The settings of an app change: what is pushed, its label, how memberships are sent.
    ChangeSettings {
        /// Which app.
        app: String,
        /// The settings from then on.
        settings: Box<App>,
    },
    /// Where sources leave room, another reading is followed.
    ChangeReadings {
        /// In which app.
        app: String,
        /// The readings from then on.
        readings: Readings,
    },
    /// The values which several groups give to this attribute are combined rather than taken from the
    /// first group.
    CombineAcrossGroups {
        /// In which app.
        app: String,
        /// The key of the attribute.
        attribute: String,
        /// Whether they are.
        combine: bool,
    },
    /// The credentials are saved, which tests them and switches the API integration on.
    Connect {
        /// Of which app.
        app: String,
    },
    /// "Enable API integration" is ticked off, after which nothing is sent.
    DisableIntegration {
        /// Of which app.
        app: String,
    },
    /// "Enable API integration" is ticked again. What happened in between is not made good; "Force sync"
    /// does that.
    EnableIntegration {
        /// Of which app.
        app: String,
    },
    /// Somebody is assigned to an app directly.
    Assign {
        /// To which.
        app: String,
        /// Whom.
        person: String,
        /// Attributes set for this person in this app.
        attributes: Attributes,
    },
    /// Attributes of a direct assignment change.
    UpdateAssignment {
        /// Of which app.
        app: String,
        /// Whose.
        person: String,
        /// All attributes of the assignment from then on.
        attributes: Attributes,
    },
    /// A direct assignment is removed.
    Unassign {
        /// From which app.
        app: String,
        /// Whose.
        person: String,
    },
    /// A group is assigned to an app.
    AssignGroup {
        /// To which app.
        app: String,
        /// Which group.
        group: String,
        /// The priority, 0 being the highest; the lowest where nothing is said.
        priority: Option<usize>,
        /// Attributes for the members.
        attributes: Attributes,
    },
    /// Priority or attributes of a group's assignment change.
    UpdateGroupAssignment {
        /// Of which app.
        app: String,
        /// Which group's.
        group: String,
        /// The priority from then on; unchanged where nothing is said.
        priority: Option<usize>,
        /// All attributes of the assignment from then on.
        attributes: Attributes,
    },
    /// A group's assignment is removed.
    UnassignGroup {
        /// From which app.
        app: String,
        /// Which group's.
        group: String,
    },
    /// Roles and entitlements of somebody assigned to an app change (Okta Identity Governance).
    Grant {
        /// In which app.
        app: String,
        /// To whom.
        person: String,
        /// The roles from then on.
        roles: Vec<Grant>,
        /// The entitlements from then on.
        entitlements: Vec<Grant>,
    },
    /// "Force sync": everybody assigned is pushed again.
    ForceSync {
        /// In which app.
        app: String,
        /// Only these; everybody where nobody is named.
        people: Vec<String>,
    },
    /// A group is put on the "Push Groups" tab and pushed.
    PushGroup {
        /// To which app.
        app: String,
        /// Which.
        group: String,
    },
    /// A group is linked to one the service provider has.
    LinkGroup {
        /// In which app.
        app: String,
        /// Which.
        group: String,
        /// The name of the group at the service provider.
        target_name: String,
    },
    /// A group that was unlinked and left is linked again.
    RelinkGroup {
        /// In which app.
        app: String,
        /// Which.
        group: String,
    },
    /// "Push now".
    PushNow {
        /// To which app.
        app: String,
        /// Which group.
        group: String,
    },
    /// "Deactivate group push".
    DeactivatePush {
        /// To which app.
        app: String,
        /// Of which group.
        group: String,
    },
    /// "Activate group push".
    ActivatePush {
        /// To which app.
        app: String,
        /// Of which group.
        group: String,
    },
    /// "Unlink pushed group".
    UnlinkGroup {
        /// From which app.
        app: String,
        /// Which.
        group: String,
        /// Whether the group of the service provider is deleted rather than left.
        delete: bool,
    },
    /// A push rule comes into being: every group that matches is pushed, at once or once there is one.
    CreatePushRule {
        /// For which app.
        app: String,
        /// From which the id follows.
        key: String,
        /// Which groups.
        condition: PushCondition,
    },
    /// The push of every group of a push rule is deactivated, and no further group is pushed by it.
    DeactivatePushRule {
        /// Of which app.
        app: String,
        /// Which.
        rule: String,
    },
    /// A push rule is deleted, and its groups are unlinked.
    DeletePushRule {
        /// Of which app.
        app: String,
        /// Which.
        rule: String,
        /// Whether the groups of the service provider are deleted rather than left.
        delete: bool,
    },
    /// Settings under "To Okta" change.
    ChangeImport {
        /// Of which app.
        app: String,
        /// The settings from then on.
        setup: Box<ImportSetup>,
    },
    /// "Import now".
    Import {
        /// From which app.
        app: String,
        /// What.
        scope: Scope,
    },
    /// Imported users who match one person each are confirmed.
    ConfirmMatches {
        /// In which app.
        app: String,
        /// Whether those who match nobody are confirmed too, as people of their own.
        everybody: bool,
    },
    /// One imported user is confirmed.
    Confirm {
        /// In which app.
        app: String,
        /// The service provider's id of the user.
        remote_id: String,
        /// As whom.
        choice: Choice,
    },
    /// "Import User Schema", or roles and entitlements are read.
    Discover {
        /// From which app.
        app: String,
        /// What for.
        goal: DiscoveryGoal,
    },
    /// "Retry selected" on the dashboard's tasks.
    RetryTask {
        /// Which.
        task: String,
    },
}

/// A password, which no debug output shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}
