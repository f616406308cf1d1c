//! Group push: which groups are pushed to which app, and who can be a member there. What is sent is the
//! group flow's business.

use super::{EventType, Job, Org, OrgApp, OrgError, PushCondition, PushMapping, PushRule, Subject, Work};
use crate::{AppUserStatus, Group, Mapping, MappingStatus, Member};

impl Org {
    pub(super) fn push_group(&mut self, app: &str, group: &str) -> Result<Vec<Job>, OrgError> {
        self.expect_unpushed(app, group)?;
        Ok(vec![self.map(app, group, None, "group pushed")])
    }

    pub(super) fn link_group(&mut self, app: &str, group: &str, target_name: String) -> Result<Vec<Job>, OrgError> {
        self.expect_unpushed(app, group)?;
        let mut mapping = self.make_mapping(group, None);
        // Okta SCIM 2.0 protocol reference, "Retrieve Groups": Okta knows the groups it has imported.
        mapping.mapping.remote_id = imported(self.expect_app(app)?, &target_name);
        mapping.mapping.target_name = target_name;
        self.expect_app_mut(app)?.mappings.insert(group.to_owned(), mapping);
        self.did(EventType::PushMappingCreated, vec![self.group_target(group), self.app_target(app)]);
        Ok(vec![self.job(app, Subject::Group(group.to_owned()), Work::LinkGroup, "group linked")])
    }

    pub(super) fn relink_group(&mut self, app: &str, group: &str) -> Result<Vec<Job>, OrgError> {
        self.expect_unpushed(app, group)?;
        let name = self.expect_group(group)?.name.clone();
        let Some(mapping) = self.expect_app_mut(app)?.mappings.get_mut(group) else {
            return Err(OrgError::NotPushed(name));
        };
        mapping.linked = true;
        self.did(EventType::PushMappingCreated, vec![self.group_target(group), self.app_target(app)]);
        Ok(vec![self.job(app, Subject::Group(group.to_owned()), Work::RelinkGroup, "group linked again")])
    }

    /// Does something about a group that is linked.
    pub(super) fn about_mapping(&mut self, app: &str, group: &str, work: Work) -> Result<Vec<Job>, OrgError> {
        let status = self.expect_mapping(app, group)?.mapping.status;
        let fits = match work {
            Work::PushNow | Work::DeactivatePush => status != MappingStatus::Inactive,
            Work::ActivatePush => status == MappingStatus::Inactive,
            _ => true,
        };
        if !fits {
            return Err(OrgError::NotPushed(self.expect_group(group)?.name.clone()));
        }
        Ok(vec![self.about(app, group, work)])
    }

    pub(super) fn create_push_rule(
        &mut self,
        app: &str,
        key: &str,
        condition: PushCondition,
    ) -> Result<Vec<Job>, OrgError> {
        self.expect_integration(app)?;
        let id = self.rule_id(key);
        let rules = &mut self.expect_app_mut(app)?.push_rules;
        if rules.contains_key(&id) {
            return Err(OrgError::Exists(key.to_owned()));
        }
        rules.insert(id.clone(), PushRule { id, condition, active: true });
        let groups: Vec<String> = self.groups.keys().cloned().collect();
        Ok(groups.iter().flat_map(|group| self.follow_push_rules_of(app, group)).collect())
    }

    pub(super) fn deactivate_push_rule(&mut self, app: &str, rule: &str) -> Result<Vec<Job>, OrgError> {
        self.expect_app(app)?;
        match self.expect_app_mut(app)?.push_rules.get_mut(rule) {
            Some(found) => found.active = false,
            None => return Err(OrgError::UnknownRule(rule.to_owned())),
        }
        let groups = self.mapped_by(app, rule, |mapping| mapping.mapping.status != MappingStatus::Inactive);
        Ok(groups.iter().map(|group| self.about(app, group, Work::DeactivatePush)).collect())
    }

    pub(super) fn delete_push_rule(&mut self, app: &str, rule: &str, delete: bool) -> Result<Vec<Job>, OrgError> {
        self.expect_integration(app)?;
        if self.expect_app_mut(app)?.push_rules.shift_remove(rule).is_none() {
            return Err(OrgError::UnknownRule(rule.to_owned()));
        }
        let groups = self.mapped_by(app, rule, |_| true);
        Ok(groups.iter().map(|group| self.about(app, group, Work::UnlinkGroup { delete })).collect())
    }

    /// Pushes a group by the rules it matches and is not pushed by yet.
    ///
    /// That a group which no longer matches stays pushed is inferred: nothing says that it is unlinked.
    pub(super) fn follow_push_rules(&mut self, group: &str) -> Vec<Job> {
        let apps: Vec<String> = self.apps.keys().cloned().collect();
        apps.iter().filter_map(|app| self.follow_push_rules_of(app, group)).collect()
    }

    fn follow_push_rules_of(&mut self, app: &str, group: &str) -> Option<Job> {
        let (found, pushed) = (self.apps.get(app)?, self.groups.get(group)?);
        if !found.integration || found.mapping(group).is_some() {
            return None;
        }
        let matches =
            |rule: &&PushRule| rule.active && rule.condition.matches(&pushed.name, pushed.description.as_deref());
        let rule = found.push_rules.values().find(matches)?.id.clone();
        Some(self.map(app, group, Some(rule), "group pushed by rule"))
    }

    /// Returns what a renamed group means to the apps it is pushed to.
    pub(super) fn renamed(&mut self, group: &str) -> Vec<Job> {
        let active = |app: &&OrgApp| {
            app.integration && app.mapping(group).is_some_and(|found| found.mapping.status == MappingStatus::Active)
        };
        let apps: Vec<String> = self.apps.values().filter(active).map(|app| app.id.clone()).collect();
        apps.iter()
            .map(|app| self.job(app, Subject::Group(group.to_owned()), Work::RenameGroup, "group renamed"))
            .collect()
    }

    /// Returns the members of a group whom a push to this app carries.
    ///
    /// Okta help, "Group Push prerequisites": members must have been provisioned, and inactive ones are
    /// left out. Suspended people count as active, because nothing is sent about a suspension.
    pub(super) fn pushable(&self, app: &OrgApp, group: &str) -> Vec<Member> {
        let members = self.groups.get(group).into_iter().flat_map(|group| group.members.keys());
        members.filter_map(|person| self.member(app, person)).collect()
    }

    /// Returns what changes at the service provider about the membership of these people: who is added,
    /// who is removed.
    pub(super) fn membership_changes(
        &self,
        app: &OrgApp,
        group: &str,
        people: &[String],
    ) -> (Vec<Member>, Vec<Member>) {
        let members = self.groups.get(group).map(|group| &group.members);
        let is_member = |person: &String| members.is_some_and(|members| members.contains_key(person));
        let pushed = |id: &str| {
            let pushed = app.mapping(group).map(|found| found.mapping.pushed.as_slice()).unwrap_or_default();
            pushed.iter().any(|member| member.remote_id == id)
        };
        let came = people.iter().filter(|person| is_member(person)).filter_map(|person| self.member(app, person));
        let went = people.iter().filter(|person| !is_member(person)).filter_map(|person| known(app, person));
        (
            came.filter(|member| !pushed(&member.remote_id)).collect(),
            went.filter(|member| pushed(&member.remote_id)).collect(),
        )
    }

    fn member(&self, app: &OrgApp, person: &str) -> Option<Member> {
        let keeps = self.people.get(person).is_some_and(|person| person.status.keeps_accounts());
        let assigned = app.accounts.get(person).is_some_and(|account| account.assigned);
        known(app, person).filter(|_| keeps && assigned)
    }

    pub(super) fn about(&mut self, app: &str, group: &str, work: Work) -> Job {
        let cause = match work {
            Work::PushNow => "push now",
            Work::DeactivatePush => "push deactivated",
            Work::ActivatePush => "push activated",
            _ => "group unlinked",
        };
        if let Work::DeactivatePush | Work::ActivatePush = work {
            let event_type = match work {
                Work::ActivatePush => EventType::PushMappingActivated,
                _ => EventType::PushMappingDeactivated,
            };
            self.did(event_type, vec![self.group_target(group), self.app_target(app)]);
        }
        self.job(app, Subject::Group(group.to_owned()), work, cause)
    }

    fn map(&mut self, app: &str, group: &str, rule: Option<String>, cause: &str) -> Job {
        let mapping = self.make_mapping(group, rule);
        if let Some(found) = self.apps.get_mut(app) {
            found.mappings.insert(group.to_owned(), mapping);
        }
        self.did(EventType::PushMappingCreated, vec![self.group_target(group), self.app_target(app)]);
        self.job(app, Subject::Group(group.to_owned()), Work::PushGroup, cause)
    }

    fn make_mapping(&mut self, group: &str, rule: Option<String>) -> PushMapping {
        let id = self.make_id("gPm");
        let mapping = Mapping::new(self.flow_group(group));
        PushMapping { id, mapping, linked: true, rule, created: self.now, last_push: None }
    }

    /// Returns a group as the flows know one.
    pub(super) fn flow_group(&self, group: &str) -> Group {
        let found = self.groups.get(group);
        Group {
            okta_id: group.to_owned(),
            name: found.map(|group| group.name.clone()).unwrap_or_default(),
            description: found.and_then(|group| group.description.clone()),
        }
    }

    fn mapped_by(&self, app: &str, rule: &str, wanted: impl Fn(&PushMapping) -> bool) -> Vec<String> {
        let mappings = self.apps.get(app).into_iter().flat_map(|app| &app.mappings);
        let of_rule = |found: &PushMapping| found.linked && found.rule.as_deref() == Some(rule);
        mappings.filter(|(_, found)| of_rule(found) && wanted(found)).map(|(group, _)| group.clone()).collect()
    }

    fn expect_unpushed(&self, app: &str, group: &str) -> Result<(), OrgError> {
        let (found, pushed) = (self.expect_integration(app)?, self.expect_group(group)?);
        match found.mapping(group) {
            Some(_) => Err(OrgError::AlreadyPushed(pushed.name.clone())),
            None => Ok(()),
        }
    }

    fn expect_mapping(&self, app: &str, group: &str) -> Result<&PushMapping, OrgError> {
        let (found, pushed) = (self.expect_integration(app)?, self.expect_group(group)?);
        found.mapping(group).ok_or_else(|| OrgError::NotPushed(pushed.name.clone()))
    }
}

/// Returns somebody with an account the service provider holds as active, as far as Okta knows; with an
/// inactive one too where the app's readings say so.
fn known(app: &OrgApp, person: &str) -> Option<Member> {
    let account = app.accounts.get(person)?;
    let id = match account.user.status {
        AppUserStatus::Provisioned => account.user.remote_id.as_ref(),
        _ if app.readings.inactive_members => account.last_remote_id.as_ref(),
        _ => None,
    };
    Some(Member::new(id?, &account.user.profile.login))
}

fn imported(app: &OrgApp, name: &str) -> Option<String> {
    let mut named = app.imported.groups.iter().filter(|(_, known)| *known == name);
    named.next().filter(|_| named.next().is_none()).map(|(id, _)| id.clone())
}
