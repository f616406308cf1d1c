//! What happened in the org, oldest first, typed as in Okta's System Log. Not its JSON.

use super::JobId;

/// Who made it happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The administrator, or HR's system on their behalf.
    Administrator,
    /// Okta itself: rules and provisioning.
    System,
}

/// What something happened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// Its id in the org.
    pub id: String,
    /// The login of a person, the label of an app; nothing for others.
    pub alternate_id: String,
    /// The name people know it by.
    pub display_name: String,
}

/// The kinds of targets, named as in the System Log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// A person.
    User,
    /// A group.
    UserGroup,
    /// An app.
    AppInstance,
    /// A person's account in an app.
    AppUser,
    /// A group's mapping to an app.
    AppGroup,
    /// An event hook.
    EventHook,
}

impl TargetKind {
    /// Returns the word of the System Log.
    pub fn name(self) -> &'static str {
        match self {
            TargetKind::User => "User",
            TargetKind::UserGroup => "UserGroup",
            TargetKind::AppInstance => "AppInstance",
            TargetKind::AppUser => "AppUser",
            TargetKind::AppGroup => "AppGroup",
            TargetKind::EventHook => "EventHook",
        }
    }
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogOutcome {
    /// It was done.
    Success,
    /// It failed, with Okta's text.
    Failure(String),
    /// Nothing was to be done, with the reason in our words.
    Skipped(String),
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The position in the log, from 0.
    pub serial: u64,
    /// When, in seconds of the org's clock.
    pub at: u64,
    /// What belongs together: the number of the administrator's act from which it followed, from 1.
    pub transaction: u64,
    /// The job that brought it about; nothing for the administrator's act and what the org did at once.
    pub job: Option<JobId>,
    /// Who.
    pub actor: Actor,
    /// What.
    pub event_type: EventType,
    /// To what, the most specific first.
    pub targets: Vec<Target>,
    /// How it went.
    pub outcome: LogOutcome,
    /// The keys of the profile that an update changed (Okta help, "User Okta Profile Updated": Changed Attributes).
    pub changed: Vec<String>,
}

macro_rules! event_types {
    ($($variant:ident = $name:literal;)*) => {
        /// What can happen, named as in Okta's event types catalogue (release 2026.08.1).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum EventType { $(#[doc = concat!("`", $name, "`.")] $variant,)* }

        impl EventType {
            /// Every event type the org logs.
            pub const ALL: &'static [EventType] = &[$(EventType::$variant),*];

            /// Returns the name in the System Log.
            pub fn name(self) -> &'static str {
                match self { $(EventType::$variant => $name,)* }
            }
        }
    };
}

event_types! {
    UserCreate = "user.lifecycle.create";
    UserActivate = "user.lifecycle.activate";
    UserReactivate = "user.lifecycle.reactivate";
    UserDeactivate = "user.lifecycle.deactivate";
    UserSuspend = "user.lifecycle.suspend";
    UserUnsuspend = "user.lifecycle.unsuspend";
    UserDeleteInitiated = "user.lifecycle.delete.initiated";
    UserDeleteCompleted = "user.lifecycle.delete.completed";
    UserUpdateProfile = "user.account.update_profile";
    UserUpdatePassword = "user.account.update_password";
    GroupCreate = "group.lifecycle.create";
    GroupDelete = "group.lifecycle.delete";
    GroupUpdateProfile = "group.profile.update";
    GroupAddMember = "group.user_membership.add";
    GroupRemoveMember = "group.user_membership.remove";
    GroupAssignApp = "group.application_assignment.add";
    GroupUnassignApp = "group.application_assignment.remove";
    GroupUpdateAssignment = "group.application_assignment.update";
    AppCreate = "application.lifecycle.create";
    AppUpdate = "application.lifecycle.update";
    AppDelete = "application.lifecycle.delete";
    AppUserAdd = "application.user_membership.add";
    AppUserRemove = "application.user_membership.remove";
    AppUserUpdate = "application.user_membership.update";
    PushUser = "application.provision.user.push";
    PushProfile = "application.provision.user.push_profile";
    PushPassword = "application.provision.user.push_password";
    SyncUser = "application.provision.user.sync";
    DeactivateUser = "application.provision.user.deactivate";
    ImportUser = "application.provision.user.import";
    PushMappingCreated = "application.provision.group_push.mapping.created";
    PushMappingActivated = "application.provision.group_push.activate_mapping";
    PushMappingDeactivated = "application.provision.group_push.deactivate_mapping";
    GroupPushed = "application.provision.group_push.pushed";
    GroupPushMemberships = "application.provision.group_push.push_memberships";
    GroupPushRemoved = "application.provision.group_push.removed";
    GroupPushDeleteAppGroup = "application.provision.group_push.delete_appgroup";
    GroupPushRenamed = "application.provision.group_push.mapping.app.group.renamed";
    GroupPushRenameFailed = "application.provision.group_push.mapping.app.group.renamed.failed";
    GroupPushFailed = "application.provision.group_push.mapping.update.or.delete.failed.with.error";
    RateLimitExceeded = "application.integration.rate_limit_exceeded";
    AuthenticationFailure = "application.integration.authentication_failure";
    ApiQuery = "application.integration.api_query";
    ImportStart = "system.import.start";
    ImportComplete = "system.import.complete";
    ImportRoadblock = "system.import.roadblock";
    HookCreate = "event_hook.created";
    HookUpdate = "event_hook.updated";
    HookDelete = "event_hook.deleted";
    HookActivate = "event_hook.activated";
    HookDeactivate = "event_hook.deactivated";
    HookVerify = "event_hook.verified";
    HookDelivery = "event_hook.delivery";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_event_type_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = EventType::ALL.iter().map(|event_type| event_type.name()).collect();
        assert_eq!(names.len(), EventType::ALL.len());
        assert!(names.iter().all(|name| name.split('.').count() >= 3 || name.starts_with("event_hook.")));
    }
}
