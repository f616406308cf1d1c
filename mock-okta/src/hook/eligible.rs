//! Which events of the System Log a hook can be told of. Okta's catalogue tags them `event-hook-eligible`.

/// Returns whether a hook can subscribe to a type of event.
pub fn is_eligible(event_type: &str) -> bool {
    ELIGIBLE.contains(&event_type)
}

/// The eligible types that concern people, groups, apps and imports, by their names in the System Log.
///
/// Close relatives of some are not eligible: `application.provision.user.deactivate`,
/// `user.account.update_primary_email`, `user.lifecycle.delete.completed`, and everything of group push but one failure.
pub const ELIGIBLE: &[&str] = &[
    "user.lifecycle.create",
    "user.lifecycle.activate",
    "user.lifecycle.deactivate",
    "user.lifecycle.reactivate",
    "user.lifecycle.suspend",
    "user.lifecycle.unsuspend",
    "user.lifecycle.delete.initiated",
    "user.account.update_profile",
    "user.account.update_password",
    "user.account.reset_password",
    "user.account.lock",
    "user.account.unlock",
    "user.account.privilege.grant",
    "group.user_membership.add",
    "group.user_membership.remove",
    "group.lifecycle.create",
    "group.lifecycle.delete",
    "group.profile.update",
    "group.application_assignment.add",
    "group.application_assignment.remove",
    "group.application_assignment.update",
    "application.user_membership.add",
    "application.user_membership.remove",
    "application.user_membership.update",
    "application.user_membership.change_password",
    "application.lifecycle.create",
    "application.lifecycle.update",
    "application.lifecycle.activate",
    "application.lifecycle.deactivate",
    "application.lifecycle.delete",
    "application.provision.user.push",
    "application.provision.user.push_profile",
    "application.provision.user.reactivate",
    "application.provision.user.sync",
    "application.provision.user.import_profile",
    "application.provision.user.delete",
    "application.provision.user.delete.schedule",
    "application.provision.user.remove_entitlements",
    "application.provision.user.remove_entitlements.schedule",
    "application.provision.group_push.mapping.update.or.delete.failed.with.error",
    "system.import.start",
    "system.import.group.create",
    "system.import.group.delete",
    "system.import.roadblock",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::org::EventType;

    #[test]
    fn what_happens_to_people_reaches_hooks_and_what_okta_does_in_apps_mostly_does_not() {
        for event_type in [EventType::UserDeactivate, EventType::GroupAddMember, EventType::PushUser] {
            assert!(is_eligible(event_type.name()), "{}", event_type.name());
        }
        for event_type in [EventType::DeactivateUser, EventType::UserDeleteCompleted, EventType::GroupPushed] {
            assert!(!is_eligible(event_type.name()), "{}", event_type.name());
        }
        for name in ["", "user.lifecycle", "USER.LIFECYCLE.CREATE", "event_hook.delivery"] {
            assert!(!is_eligible(name), "{name}");
        }
    }

    #[test]
    fn no_type_is_listed_twice() {
        assert_eq!(ELIGIBLE.iter().collect::<BTreeSet<_>>().len(), ELIGIBLE.len());
    }
}
