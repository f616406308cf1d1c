//! Stories of an org, told as tables: an event, and what is sent about it. `|` parts jobs.

use mock_okta::import::{DiscoveryGoal, Safeguard, Scope, WhenDeactivated};
use mock_okta::org::{ImportSetup, JobId, LogOutcome, OrgEvent, PushOrder, Readings, SyncState, Work};
use mock_okta::{App, AppKind, AppUserStatus, Attribute, Outcome, Response, Step};

use crate::double::{self, *};

fn with_title(kind: AppKind) -> App {
    let mut app = App::new(kind);
    app.map(Attribute::standard("title").expect("a standard attribute"));
    app
}

#[test]
fn joiner_gets_accounts_on_the_first_day_and_not_before() {
    let mut world = World::new(AppKind::Catalog);
    world.story([
        (found("Crew"), ""),
        (assign_group("Crew"), ""),
        (hire("grace", false), ""),
        (join("Crew", "grace"), ""),
        (change("grace", "firstName", "Grace"), ""),
        (activate("grace"), "assigned through group Crew: find grace, create grace"),
    ]);
    assert_eq!(world.double("app").active(), ["grace"]);
}

#[test]
fn joiner_gets_what_was_assigned_directly_while_staged() {
    let mut world = World::new(AppKind::Aiw);
    world.story([
        (hire("grace", false), ""),
        (assign("grace"), ""),
        (activate("grace"), "assigned directly: find grace, create grace"),
    ]);
}

#[test]
fn joiner_is_linked_to_the_account_that_is_there() {
    let mut world = World::new(AppKind::Catalog);
    world.double("app").users.insert("7".to_owned(), user("grace@example.test", false));
    world.double("app").users.get_mut("7").unwrap()["id"] = "7".into();
    world.story([
        (hire("grace", true), ""),
        (
            assign("grace"),
            "assigned directly: find grace, patch grace active=true, read grace, put grace given=grace active=true",
        ),
    ]);
    assert_eq!(world.org.account(&app_id("app"), &person("grace")).unwrap().user.remote_id.as_deref(), Some("7"));
}

#[test]
fn mover_is_updated_in_every_app_and_gets_another() {
    let mut world = World::with(with_title(AppKind::Catalog));
    world.add("review", with_title(AppKind::Aiw));
    let managers =
        OrgEvent::AssignGroup { app: app_id("review"), group: group("Managers"), priority: None, attributes: vec![] };
    world.story([
        (found("Crew"), ""),
        (found("Managers"), ""),
        (assign_group("Crew"), ""),
        (managers, ""),
        (hire("grace", true), ""),
        (join("Crew", "grace"), "assigned through group Crew: find grace, create grace"),
        (
            change("grace", "title", "Admiral"),
            "profile changed: read grace, put grace given=grace active=true title=Admiral",
        ),
        (change("grace", "nickName", "Amazing"), ""),
        (join("Managers", "grace"), "other app, assigned through group Managers: find grace, create grace"),
        (
            change("grace", "firstName", "Grace"),
            "profile changed: read grace, put grace given=Grace active=true title=Admiral | \
             other app, profile changed: read grace, put grace given=Grace active=true title=Admiral",
        ),
    ]);
}

#[test]
fn leaver_loses_every_account_at_once_and_deletion_sends_nothing_more() {
    let mut world = World::new(AppKind::Catalog);
    world.add("other", App::new(AppKind::Aiw));
    let assign_other = OrgEvent::Assign { app: app_id("other"), person: person("grace"), attributes: Vec::new() };
    world.story([
        (hire("grace", true), ""),
        (assign("grace"), "assigned directly: find grace, create grace"),
        (assign_other, "other app, assigned directly: find grace, create grace"),
        (
            deactivate("grace"),
            "deactivated: patch grace active=false | \
             other app, deactivated: read grace, put grace given=grace active=false",
        ),
        (delete("grace"), ""),
    ]);
    assert_eq!(world.double("app").active(), [""; 0]);
    assert!(world.org.person(&person("grace")).is_none());
}

#[test]
fn deleting_somebody_who_is_active_only_deactivates() {
    let mut world = World::new(AppKind::Catalog);
    world.story([
        (hire("grace", true), ""),
        (assign("grace"), "assigned directly: find grace, create grace"),
        (delete("grace"), "deactivated: patch grace active=false"),
        (delete("grace"), ""),
    ]);
}

#[test]
fn rehire_finds_the_account_again() {
    let mut world = World::new(AppKind::Catalog);
    let id = |world: &World| world.org.account(&app_id("app"), &person("grace")).unwrap().user.remote_id.clone();
    world.story([(hire("grace", true), ""), (assign("grace"), "assigned directly: find grace, create grace")]);
    let before = id(&world);
    world.story([
        (deactivate("grace"), "deactivated: patch grace active=false"),
        (change("grace", "firstName", "Grace"), ""),
        (
            reactivate("grace"),
            "assigned directly: find grace, patch grace active=true, read grace, put grace given=Grace active=true",
        ),
        (unassign("grace"), "direct assignment removed: patch grace active=false"),
    ]);
    assert_eq!(id(&world), None);
    world.story([(
        assign("grace"),
        "assigned directly: find grace, patch grace active=true, read grace, put grace given=Grace active=true",
    )]);
    assert_eq!(id(&world), before);
}

#[test]
fn activation_after_a_deactivation_brings_back_groups_but_no_direct_assignment() {
    let mut world = World::new(AppKind::Catalog);
    world.add("other", App::new(AppKind::Catalog));
    let crew = OrgEvent::AssignGroup { app: app_id("other"), group: group("Crew"), priority: None, attributes: vec![] };
    world.story([
        (hire("grace", true), ""),
        (found("Crew"), ""),
        (crew, ""),
        (assign("grace"), "assigned directly: find grace, create grace"),
        (join("Crew", "grace"), "other app, assigned through group Crew: find grace, create grace"),
        (
            deactivate("grace"),
            "deactivated: patch grace active=false | other app, deactivated: patch grace active=false",
        ),
        (
            activate("grace"),
            "other app, assigned through group Crew: find grace, patch grace active=true, read grace, \
             put grace given=grace active=true",
        ),
        (
            assign("grace"),
            "assigned directly: find grace, patch grace active=true, read grace, put grace given=grace active=true",
        ),
    ]);
}

#[test]
fn of_two_groups_the_last_one_counts() {
    let mut world = World::with(with_title(AppKind::Catalog));
    world.story([
        (found("Crew"), ""),
        (found("Officers"), ""),
        (assign_group_with("Officers", attributes("title", "Officer")), ""),
        (assign_group_with("Crew", attributes("title", "Sailor")), ""),
        (hire("grace", true), ""),
        (join("Crew", "grace"), "assigned through group Crew: find grace, create grace"),
        (
            join("Officers", "grace"),
            "added to group Officers: read grace, put grace given=grace active=true title=Officer",
        ),
        (
            leave("Officers", "grace"),
            "removed from group Officers: read grace, put grace given=grace active=true title=Sailor",
        ),
        (leave("Crew", "grace"), "removed from group Crew: patch grace active=false"),
    ]);
}

#[test]
fn direct_assignment_beside_a_group_changes_nothing_unless_attributes_differ() {
    let mut world = World::with(with_title(AppKind::Catalog));
    let own = OrgEvent::UpdateAssignment {
        app: app_id("app"),
        person: person("grace"),
        attributes: attributes("title", "Captain"),
    };
    world.story([
        (found("Crew"), ""),
        (assign_group_with("Crew", attributes("title", "Sailor")), ""),
        (hire("grace", true), ""),
        (join("Crew", "grace"), "assigned through group Crew: find grace, create grace"),
        (assign("grace"), ""),
        (own, "attributes of the assignment changed: read grace, put grace given=grace active=true title=Captain"),
        (unassign("grace"), "direct assignment removed: read grace, put grace given=grace active=true title=Sailor"),
        (unassign_group("Crew"), "group Crew unassigned: patch grace active=false"),
    ]);
}

#[test]
fn a_group_attribute_that_changes_goes_out_once_per_member() {
    let mut world = World::with(with_title(AppKind::Catalog));
    let update = OrgEvent::UpdateGroupAssignment {
        app: app_id("app"),
        group: group("Crew"),
        priority: None,
        attributes: attributes("title", "Diver"),
    };
    world.story([
        (found("Crew"), ""),
        (hire("ada", true), ""),
        (hire("grace", true), ""),
        (join("Crew", "ada"), ""),
        (join("Crew", "grace"), ""),
        (
            assign_group("Crew"),
            "assigned through group Crew: find ada, create ada | assigned through group Crew: find grace, create grace",
        ),
        (
            update,
            "attributes of group Crew changed: read ada, put ada given=ada active=true title=Diver | \
             attributes of group Crew changed: read grace, put grace given=grace active=true title=Diver",
        ),
        (deactivate("ada"), "deactivated: patch ada active=false"),
        (unassign_group("Crew"), "group Crew unassigned: patch grace active=false"),
    ]);
}

#[test]
fn values_of_groups_are_combined_where_the_attribute_says_so() {
    let mut app = App::new(AppKind::Catalog);
    let roles = Attribute::new("licences", "licences", "urn:ietf:params:scim:schemas:core:2.0:User").unwrap();
    app.map(roles.with_type(mock_okta::AttributeType::Array));
    let mut world = World::with(app);
    let combine =
        |combine| OrgEvent::CombineAcrossGroups { app: app_id("app"), attribute: "licences".to_owned(), combine };
    let licences = |world: &World| {
        let account = world.org.account(&app_id("app"), &person("mike")).unwrap();
        account.user.profile.value("licences").unwrap_or_default().to_owned()
    };
    for event in [
        found("Engineering"),
        found("Sales"),
        assign_group_with("Engineering", attributes("licences", r#"["E1","E2"]"#)),
        assign_group_with("Sales", attributes("licences", r#"["E2","S1"]"#)),
        hire("mike", true),
        join("Sales", "mike"),
        join("Engineering", "mike"),
    ] {
        world.tell(event);
    }
    assert_eq!(licences(&world), r#"["E1","E2"]"#);
    world.tell(combine(true));
    assert_eq!(licences(&world), r#"["E1","E2","S1"]"#);
    world.tell(combine(false));
    assert_eq!(licences(&world), r#"["E1","E2"]"#);
}

#[test]
fn leave_of_absence_sends_nothing() {
    let mut world = World::new(AppKind::Catalog);
    world.story([
        (hire("grace", true), ""),
        (assign("grace"), "assigned directly: find grace, create grace"),
        (suspend("grace"), ""),
        (unsuspend("grace"), ""),
    ]);
    assert_eq!(world.double("app").active(), ["grace"]);
}

#[test]
fn an_account_that_fell_due_during_a_leave_comes_at_its_end() {
    let mut world = World::new(AppKind::Catalog);
    world.story([
        (found("Crew"), ""),
        (assign_group("Crew"), ""),
        (hire("grace", true), ""),
        (suspend("grace"), ""),
        (join("Crew", "grace"), ""),
        (unsuspend("grace"), "assigned through group Crew: find grace, create grace"),
        (suspend("grace"), ""),
        (leave("Crew", "grace"), "removed from group Crew: patch grace active=false"),
    ]);
}

#[test]
fn group_rules_move_people() {
    let mut world = World::with(with_title(AppKind::Catalog));
    let support = OrgEvent::CreateGroupRule {
        key: "support".to_owned(),
        attribute: "department".to_owned(),
        equals: "Support".to_owned(),
        group: group("Support"),
    };
    world.story([
        (found("Support"), ""),
        (assign_group("Support"), ""),
        (hire("grace", true), ""),
        (support, ""),
        (change("grace", "department", "Support"), "assigned through group Support: find grace, create grace"),
        (change("grace", "department", "Sales"), "profile changed: patch grace active=false"),
        (
            change("grace", "department", "Support"),
            "assigned through group Support: find grace, \
            patch grace active=true, read grace, put grace given=grace active=true",
        ),
        (OrgEvent::DeleteGroupRule { rule: rule("support") }, "a group rule was deleted: patch grace active=false"),
    ]);
}

#[test]
fn a_pushed_group_holds_people_with_accounts_only() {
    let mut world = World::new(AppKind::Catalog);
    world.story([
        (found("Crew"), ""),
        (hire("ada", true), ""),
        (hire("grace", true), ""),
        (assign("ada"), "assigned directly: find ada, create ada"),
        (join("Crew", "ada"), ""),
        (join("Crew", "grace"), ""),
        (push("Crew"), "group pushed: create Crew, patch Crew name, patch Crew =ada"),
        (
            assign("grace"),
            "assigned directly: find grace, create grace | assigned directly: patch Crew name, patch Crew +grace",
        ),
        (leave("Crew", "ada"), "removed from group Crew: patch Crew name, patch Crew -ada"),
        (unassign("grace"), "direct assignment removed: patch grace active=false"),
        (push_now("Crew"), "push now: patch Crew name, patch Crew ="),
    ]);
}

#[test]
fn late_members_wait_for_the_next_push_where_the_readings_say_so() {
    let mut world = World::new(AppKind::Catalog);
    let readings = Readings { late_members: false, ..Readings::default() };
    world.story([
        (OrgEvent::ChangeReadings { app: app_id("app"), readings }, ""),
        (found("Crew"), ""),
        (hire("grace", true), ""),
        (join("Crew", "grace"), ""),
        (push("Crew"), "group pushed: create Crew, patch Crew name"),
        (assign("grace"), "assigned directly: find grace, create grace"),
        (push_now("Crew"), "push now: patch Crew name, patch Crew =grace"),
    ]);
}

/// The stories of <https://community.atlassian.com/t5/Articles/Okta-User-reactivation-does-not-remove-old-groups-from-user/ba-p/2349197>.
#[test]
fn a_group_assigned_and_pushed_keeps_whoever_lost_the_account_with_it() {
    let mut world = World::new(AppKind::Catalog);
    world.story([
        (found("Crew"), ""),
        (found("Desk"), ""),
        (assign_group("Crew"), ""),
        (assign_group("Desk"), ""),
        (push("Crew"), "group pushed: create Crew, patch Crew name"),
        (push("Desk"), "group pushed: create Desk, patch Desk name"),
        (hire("grace", true), ""),
        (
            join("Crew", "grace"),
            "assigned through group Crew: find grace, create grace | \
             added to group Crew: patch Crew name, patch Crew +grace",
        ),
        (
            leave("Crew", "grace"),
            "removed from group Crew: patch grace active=false | removed from group Crew: nothing",
        ),
        (
            join("Desk", "grace"),
            "assigned through group Desk: find grace, patch grace active=true, read grace, \
             put grace given=grace active=true | added to group Desk: patch Desk name, patch Desk +grace",
        ),
    ]);
    assert_eq!(world.double("app").members("Crew").unwrap(), ["grace"]);
    world.story([(push_now("Crew"), "push now: patch Crew name, patch Crew =")]);
    assert_eq!(world.double("app").members("Crew").unwrap(), [""; 0]);
}

#[test]
fn the_other_order_leaves_a_joiner_out_and_takes_a_leaver_out() {
    let mut world = World::new(AppKind::Catalog);
    let readings = Readings { order: PushOrder::MembershipsFirst, ..Readings::default() };
    world.story([
        (OrgEvent::ChangeReadings { app: app_id("app"), readings }, ""),
        (found("Crew"), ""),
        (assign_group("Crew"), ""),
        (push("Crew"), "group pushed: create Crew, patch Crew name"),
        (hire("grace", true), ""),
        (join("Crew", "grace"), "added to group Crew: nothing | assigned through group Crew: find grace, create grace"),
        (push_now("Crew"), "push now: patch Crew name, patch Crew =grace"),
        (
            leave("Crew", "grace"),
            "removed from group Crew: patch Crew name, patch Crew -grace | \
             removed from group Crew: patch grace active=false",
        ),
    ]);
}

#[test]
fn memberships_of_inactive_accounts_are_pushed_where_the_readings_say_so() {
    let mut world = World::new(AppKind::Catalog);
    let readings = Readings { inactive_members: true, ..Readings::default() };
    world.story([
        (OrgEvent::ChangeReadings { app: app_id("app"), readings }, ""),
        (found("Crew"), ""),
        (assign_group("Crew"), ""),
        (push("Crew"), "group pushed: create Crew, patch Crew name"),
        (hire("grace", true), ""),
        (
            join("Crew", "grace"),
            "assigned through group Crew: find grace, create grace | \
             added to group Crew: patch Crew name, patch Crew +grace",
        ),
        (
            leave("Crew", "grace"),
            "removed from group Crew: patch grace active=false | \
             removed from group Crew: patch Crew name, patch Crew -grace",
        ),
    ]);
}

#[test]
fn the_life_of_a_pushed_group() {
    let mut world = World::new(AppKind::Catalog);
    world.story([
        (found("Crew"), ""),
        (hire("grace", true), ""),
        (assign("grace"), "assigned directly: find grace, create grace"),
        (push("Crew"), "group pushed: create Crew, patch Crew name"),
        (rename("Crew", "Team"), "group renamed: patch Crew name"),
        (deactivate_push("Crew"), "push deactivated: nothing"),
        (join("Crew", "grace"), ""),
        (rename("Crew", "Band"), ""),
        (activate_push("Crew"), "push activated: patch Team name, patch Band =grace"),
        (unlink("Crew", false), "group unlinked: nothing"),
        (leave("Crew", "grace"), ""),
        (relink("Crew"), "group linked again: find Band, patch Band name"),
        (join("Crew", "grace"), "added to group Band: patch Band name, patch Band +grace"),
        (unlink("Crew", true), "group unlinked: delete Band"),
        (push("Crew"), "group pushed: create Band, patch Band name, patch Band =grace"),
    ]);
    assert_eq!(world.double("app").active(), ["grace"]);
}

#[test]
fn a_group_is_linked_to_one_of_another_name() {
    let mut world = World::new(AppKind::Catalog);
    let theirs = serde_json::json!({ "id": "g7", "displayName": "Old crew", "members": [] });
    world.double("app").groups.insert("g7".to_owned(), theirs);
    let link = OrgEvent::LinkGroup { app: app_id("app"), group: group("Crew"), target_name: "Old crew".to_owned() };
    world.story([(found("Crew"), ""), (link, "group linked: find Old crew, patch Old crew name")]);
    assert_eq!(world.org.mapping(&app_id("app"), &group("Crew")).unwrap().mapping.remote_id.as_deref(), Some("g7"));
}

#[test]
fn push_rules_push_what_matches_then_and_later() {
    let mut world = World::new(AppKind::Catalog);
    let (app, rule_id) = (app_id("app"), rule("eng"));
    world.story([
        (found("eng-web"), ""),
        (found("sales"), ""),
        (push_by_rule("eng", "eng-"), "group pushed by rule: create eng-web, patch eng-web name"),
        (found("eng-db"), "group pushed by rule: create eng-db, patch eng-db name"),
        (rename("sales", "eng-sales"), "group pushed by rule: create eng-sales, patch eng-sales name"),
        (
            OrgEvent::DeactivatePushRule { app: app.clone(), rule: rule_id.clone() },
            "push deactivated: nothing | push deactivated: nothing | push deactivated: nothing",
        ),
        (found("eng-os"), ""),
        (
            OrgEvent::DeletePushRule { app, rule: rule_id, delete: true },
            "group unlinked: delete eng-web | group unlinked: delete eng-db | group unlinked: delete eng-sales",
        ),
    ]);
    assert!(world.double("app").groups.is_empty());
}

#[test]
fn with_the_integration_off_nothing_is_sent_not_even_later() {
    let mut world = World::new(AppKind::Catalog);
    let app = app_id("app");
    world.story([
        (found("Crew"), ""),
        (hire("ada", true), ""),
        (hire("grace", true), ""),
        (assign("ada"), "assigned directly: find ada, create ada"),
        (push("Crew"), "group pushed: create Crew, patch Crew name"),
        (OrgEvent::DisableIntegration { app: app.clone() }, ""),
        (assign("grace"), ""),
        (join("Crew", "ada"), ""),
        (change("ada", "firstName", "Ada"), ""),
        (unassign("ada"), ""),
        (assign("ada"), ""),
        (OrgEvent::EnableIntegration { app: app.clone() }, ""),
    ]);
    assert_eq!(world.org.account(&app, &person("grace")).unwrap().sync, SyncState::Disabled);
    world.story([(
        OrgEvent::ForceSync { app, people: Vec::new() },
        "force sync: find ada, patch ada active=true, read ada, put ada given=Ada active=true | \
         force sync: find grace, create grace | force sync: patch Crew name, patch Crew +ada",
    )]);
}

#[test]
fn jobs_that_wait_while_the_integration_is_switched_off_send_nothing() {
    let mut world = World::new(AppKind::Catalog);
    world.tell(hire("grace", true));
    let jobs = world.org.apply(assign("grace")).unwrap();
    world.tell(OrgEvent::DisableIntegration { app: app_id("app") });
    assert_eq!(world.perform(&jobs[0]), "assigned directly: nothing");
    assert_eq!(world.org.pending().len(), 0);
}

#[test]
fn saved_credentials_are_tested_and_switch_the_integration_on() {
    let mut world = World::new(AppKind::Catalog);
    let app = app_id("app");
    world.tell(OrgEvent::DisableIntegration { app: app.clone() });
    world.double("app").refuses = vec!["list Users"];
    let connect = OrgEvent::Connect { app: app.clone() };
    assert_eq!(world.tell(connect.clone()), "credentials saved: list Users, TASK");
    assert!(!world.org.app(&app).unwrap().integration);
    world.double("app").refuses.clear();
    assert_eq!(world.tell(connect), "credentials saved: list Users, list Groups");
    assert!(world.org.app(&app).unwrap().integration);
    assert_eq!(world.org.tasks().len(), 0);
}

#[test]
fn a_failed_create_is_a_task_until_its_retry_succeeds() {
    let mut world = World::new(AppKind::Catalog);
    world.double("app").refuses = vec!["create grace"];
    world.story([
        (found("Crew"), ""),
        (hire("grace", true), ""),
        (join("Crew", "grace"), ""),
        (push("Crew"), "group pushed: create Crew, patch Crew name"),
        (assign("grace"), "assigned directly: find grace, create grace, TASK | assigned directly: nothing"),
        (change("grace", "firstName", "Grace"), "profile changed: nothing"),
    ]);
    let task = world.org.tasks().next().expect("a task").clone();
    assert_eq!(task.work, Work::Provision);
    assert!(task.message.starts_with("Automatic provisioning of user grace@example.test to app Rehearsal failed:"));
    let retry = || OrgEvent::RetryTask { task: task.id.clone() };
    world.story([(retry(), "task retried: find grace, create grace, TASK | task retried: nothing")]);
    assert_eq!(world.org.tasks().next().map(|task| task.failures), Some(2));
    world.double("app").refuses.clear();
    world.story([(
        retry(),
        "task retried: find grace, create grace | task retried: patch Crew name, patch Crew +grace",
    )]);
    assert_eq!(world.org.tasks().len(), 0);
    assert_eq!(world.double("app").users.values().next().unwrap()["name"]["givenName"], "Grace");
}

#[test]
fn the_task_about_a_create_goes_with_the_assignment() {
    let mut world = World::new(AppKind::Catalog);
    world.double("app").refuses = vec!["create grace"];
    world.story([
        (hire("grace", true), ""),
        (assign("grace"), "assigned directly: find grace, create grace, TASK"),
        (unassign("grace"), "direct assignment removed: nothing"),
    ]);
    assert_eq!(world.org.tasks().len(), 0);
}

#[test]
fn a_deactivation_is_not_made_up_for_once_the_person_is_assigned_again() {
    let mut world = World::new(AppKind::Catalog);
    world.story([(hire("grace", true), ""), (assign("grace"), "assigned directly: find grace, create grace")]);
    world.double("app").refuses = vec!["patch grace active=false", "find"];
    world.story([
        (unassign("grace"), "direct assignment removed: patch grace active=false, TASK"),
        (assign("grace"), "assigned directly: find grace, TASK"),
    ]);
    world.double("app").refuses.clear();
    let deprovision = world.org.tasks().next().expect("two tasks").id.clone();
    world.story([(OrgEvent::RetryTask { task: deprovision }, "task retried: nothing")]);
    assert_eq!(world.double("app").active(), ["grace"]);
}

#[test]
fn a_group_whose_push_failed_is_held_back_until_it_is_pushed_again() {
    let mut world = World::new(AppKind::Catalog);
    world.story([
        (found("Crew"), ""),
        (push("Crew"), "group pushed: create Crew, patch Crew name"),
        (hire("ada", true), ""),
        (hire("grace", true), ""),
        (assign("ada"), "assigned directly: find ada, create ada"),
        (assign("grace"), "assigned directly: find grace, create grace"),
    ]);
    world.double("app").refuses = vec!["patch Crew +"];
    world.story([
        (join("Crew", "ada"), "added to group Crew: patch Crew name, patch Crew +ada, TASK"),
        (join("Crew", "grace"), ""),
    ]);
    let task = world.org.tasks().next().expect("a task").id.clone();
    world.story([(OrgEvent::RetryTask { task }, "task retried: patch Crew name, patch Crew =ada+grace")]);
    assert_eq!(world.org.tasks().len(), 0);
}

#[test]
fn a_pause_moves_the_clock() {
    let mut world = World::new(AppKind::Catalog);
    world.tell(hire("grace", true));
    world.double("app").busy = Some("120");
    assert_eq!(world.tell(assign("grace")), "assigned directly: find grace, wait 120, find grace, create grace");
    assert_eq!(world.org.now(), 120);
    assert_eq!(world.names_in(&["application.integration"]), ["application.integration.rate_limit_exceeded"]);
}

#[test]
fn a_password_reaches_apps_that_want_it() {
    let mut app = App::new(AppKind::Catalog);
    app.push.password = true;
    let mut world = World::with(app);
    world.add("other", App::new(AppKind::Catalog));
    let password = mock_okta::org::Password("correct horse".to_owned());
    world.story([
        (hire("grace", true), ""),
        (assign("grace"), "assigned directly: find grace, create grace"),
        (OrgEvent::ChangePassword { person: person("grace"), password }, "password changed: patch grace password"),
    ]);
    assert!(!format!("{:?}", world.org).contains("correct horse"));
}

#[test]
fn the_log_tells_the_story() {
    let mut world = World::new(AppKind::Catalog);
    for event in [hire("grace", true), assign("grace"), change("grace", "firstName", "Grace"), deactivate("grace")] {
        world.tell(event);
    }
    let names: Vec<_> = world.org.log().iter().map(|entry| entry.event_type.name()).collect();
    assert_eq!(
        names,
        [
            "application.lifecycle.create",
            "user.lifecycle.create",
            "user.lifecycle.activate",
            "application.user_membership.add",
            "application.provision.user.push",
            "user.account.update_profile",
            "application.user_membership.update",
            "application.provision.user.push_profile",
            "user.lifecycle.deactivate",
            "application.user_membership.remove",
            "application.provision.user.deactivate",
        ]
    );
    let push = &world.org.log()[4];
    assert_eq!(push.outcome, LogOutcome::Success);
    assert_eq!(push.targets[0].alternate_id, "grace@example.test");
    assert_eq!(push.targets[2].display_name, "Rehearsal");
}

#[test]
fn what_an_account_is_believed_to_be_follows_its_jobs() {
    let mut world = World::new(AppKind::Catalog);
    world.tell(hire("grace", true));
    let jobs = world.org.apply(assign("grace")).unwrap();
    let account = |world: &World| {
        let account = world.org.account(&app_id("app"), &person("grace")).unwrap();
        (account.user.status, account.sync)
    };
    assert_eq!(account(&world), (AppUserStatus::Staged, SyncState::OutOfSync));
    world.org.start(jobs[0].id);
    assert_eq!(account(&world), (AppUserStatus::Staged, SyncState::Syncing));
    let mut double = double::Double::default();
    let mut step = mock_okta::Step::Done(mock_okta::Outcome::Done { message: String::new() });
    for request in ["/Users?filter=userName%20eq%20%22grace%40example.test%22", "/Users"] {
        let method = if request == "/Users" { "POST" } else { "GET" };
        let body = (method == "POST").then(|| user("grace@example.test", true).to_string());
        let request = mock_okta::Request { method, target: request.to_owned(), headers: Vec::new(), body };
        step = world.org.next(jobs[0].id, double.answer(&request));
    }
    assert!(matches!(step, mock_okta::Step::Done(_)));
    assert_eq!(account(&world), (AppUserStatus::Provisioned, SyncState::Synchronized));
}

#[test]
fn an_import_links_whom_it_matches_and_edits_flow_back() {
    let mut world = World::new(AppKind::Catalog);
    let app = app_id("app");
    for (id, name, active) in [("7", "grace", true), ("8", "ada", true), ("9", "eve", false)] {
        world.double("app").users.insert(id.to_owned(), user(&format!("{name}@example.test"), active));
        world.double("app").users.get_mut(id).unwrap()["id"] = id.into();
    }
    let crew = serde_json::json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": "g7", "displayName": "Crew", "members": [{ "value": "7" }] });
    world.double("app").groups.insert("g7".to_owned(), crew);
    let import = || OrgEvent::Import { app: app_id("app"), scope: Scope::Everything };
    let counters = |world: &World| {
        let counters = world.org.app(&app_id("app")).unwrap().imported.report.as_ref().unwrap().users.counters;
        (counters.scanned, counters.new, counters.updated, counters.unchanged, counters.removed)
    };
    world.story([(hire("grace", true), ""), (import(), "import now: list Users, list Groups")]);
    assert_eq!(counters(&world), (3, 2, 0, 0, 0));
    world.story([
        (OrgEvent::ConfirmMatches { app: app.clone(), everybody: false }, ""),
        (change("grace", "firstName", "Grace"), "profile changed: read grace, put grace given=Grace active=true"),
        (import(), "import now: list Users, list Groups"),
    ]);
    assert_eq!(counters(&world), (3, 1, 0, 1, 0));
    let link = OrgEvent::LinkGroup { app: app.clone(), group: group("Team"), target_name: "Crew".to_owned() };
    world.story([
        (OrgEvent::ConfirmMatches { app: app.clone(), everybody: true }, ""),
        (found("Team"), ""),
        (link, "group linked: patch Crew name"),
    ]);
    let ada = world.org.people().find(|person| person.profile.login == "ada@example.test").unwrap().id.clone();
    assert_eq!(world.org.account(&app, &ada).unwrap().user.remote_id.as_deref(), Some("8"));
    assert_eq!(world.tell(OrgEvent::Deactivate { person: ada }), "deactivated: patch ada active=false");
    assert!(world.org.app(&app).unwrap().imported.waiting.is_empty());
}

#[test]
fn whoever_is_gone_at_a_profile_source_is_deactivated_everywhere() {
    let mut world = World::new(AppKind::Catalog);
    world.add("other", App::new(AppKind::Catalog));
    let mut setup = ImportSetup::default();
    setup.settings.profile_source = Some(WhenDeactivated::Deactivate);
    setup.settings.app_safeguard = None;
    let other = OrgEvent::Assign { app: app_id("other"), person: person("grace"), attributes: Vec::new() };
    world.story([
        (OrgEvent::ChangeImport { app: app_id("app"), setup: Box::new(setup) }, ""),
        (hire("grace", true), ""),
        (assign("grace"), "assigned directly: find grace, create grace"),
        (other, "other app, assigned directly: find grace, create grace"),
    ]);
    world.double("app").users.values_mut().for_each(|user| user["active"] = false.into());
    world.story([(OrgEvent::Import { app: app_id("app"), scope: Scope::Users }, "import now: list Users")]);
    let followed: Vec<_> = world.org.pending().cloned().collect();
    let told: Vec<String> = followed.iter().map(|job| world.perform(job)).collect();
    assert_eq!(told, ["other app, deactivated: patch grace active=false"]);
}

#[test]
fn a_safeguard_keeps_everybody() {
    let mut world = World::new(AppKind::Catalog);
    world.story([(hire("grace", true), ""), (assign("grace"), "assigned directly: find grace, create grace")]);
    let mut setup = ImportSetup::default();
    setup.settings.app_safeguard = Some(Safeguard { percent: 20, sleeps_up_to: 0 });
    world.tell(OrgEvent::ChangeImport { app: app_id("app"), setup: Box::new(setup) });
    world.double("app").users.clear();
    let import = OrgEvent::Import { app: app_id("app"), scope: Scope::Users };
    assert_eq!(world.tell(import), "import now: list Users, TASK");
    assert!(world.org.account(&app_id("app"), &person("grace")).unwrap().assigned);
    assert_eq!(world.names_in(&["system.import"]), ["system.import.start", "system.import.roadblock"]);
}

#[test]
fn a_discovery_that_fails_is_no_task() {
    let mut world = World::new(AppKind::Catalog);
    let discover = OrgEvent::Discover { app: app_id("app"), goal: DiscoveryGoal::UserSchema };
    assert_eq!(world.tell(discover), "schema read: list ResourceTypes, TASK");
    let app = world.org.app(&app_id("app")).unwrap();
    assert!(app.imported.discovery.as_ref().is_some_and(|report| !report.complete));
    assert_eq!(world.org.tasks().len(), 0);
}

#[test]
fn a_create_nothing_came_back_for_is_sent_again() {
    let mut world = World::new(AppKind::Catalog);
    world.tell(hire("grace", true));
    let jobs = world.org.apply(assign("grace")).unwrap();
    let nobody = r#"{"totalResults":0,"Resources":[]}"#;
    world.org.start(jobs[0].id);
    let Step::Send(create) = world.org.next(jobs[0].id, Response::new(200, "OK", nobody)) else { panic!("a create") };
    let Step::Send(again) = world.org.timed_out(jobs[0].id) else { panic!("the create again") };
    assert_eq!(create, again);
    assert!(matches!(world.org.timed_out(jobs[0].id), Step::Done(Outcome::Task { .. })));
    assert_eq!(world.org.tasks().len(), 1);
}

#[test]
fn membership_pushes_that_overlap_are_both_remembered() {
    let mut world = World::new(AppKind::Catalog);
    world.story([
        (found("Crew"), ""),
        (push("Crew"), "group pushed: create Crew, patch Crew name"),
        (hire("ada", true), ""),
        (hire("grace", true), ""),
        (assign("ada"), "assigned directly: find ada, create ada"),
        (assign("grace"), "assigned directly: find grace, create grace"),
    ]);
    let mut jobs = world.org.apply(join("Crew", "ada")).unwrap();
    jobs.extend(world.org.apply(join("Crew", "grace")).unwrap());
    let mut steps: Vec<(JobId, Step)> = jobs.iter().map(|job| (job.id, world.org.start(job.id))).collect();
    while let Some((id, step)) = steps.pop() {
        if let Step::Send(request) = step {
            let answer = world.double("app").answer(&request);
            steps.insert(0, (id, world.org.next(id, answer)));
        }
    }
    let mapping = &world.org.mapping(&app_id("app"), &group("Crew")).unwrap().mapping;
    let names: Vec<_> = mapping.pushed.iter().map(|member| short(&member.user_name)).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(world.double("app").members("Crew").unwrap(), ["ada", "grace"]);
}

#[test]
fn what_okta_would_refuse_changes_nothing() {
    let mut world = World::new(AppKind::Catalog);
    for event in [hire("grace", true), hire("eve", false), found("Crew"), assign("grace"), suspend("grace")] {
        world.tell(event);
    }
    let (app, crew) = (app_id("app"), group("Crew"));
    let bad = attributes("shoeSize", "38");
    for (event, expected) in [
        (hire("grace", true), "`grace` exists already"),
        (hire("GRACE", true), "the login `GRACE@example.test` is taken"),
        (change("grace", "shoeSize", "38"), "unknown profile attribute `shoeSize`"),
        (change("eve", "login", "grace@example.test"), "the login `grace@example.test` is taken"),
        (activate("grace"), "cannot activate grace@example.test, who is SUSPENDED"),
        (suspend("eve"), "cannot suspend eve@example.test, who is STAGED"),
        (unsuspend("eve"), "cannot unsuspend eve@example.test, who is STAGED"),
        (assign("grace"), "cannot assign an app to grace@example.test, who is SUSPENDED"),
        (unassign("eve"), "eve@example.test is not assigned"),
        (leave("Crew", "eve"), "eve@example.test is no member of Crew"),
        (found("Crew"), "`Crew` exists already"),
        (unassign_group("Crew"), "Crew is not assigned"),
        (assign_group_with("Crew", bad), "unknown profile attribute `shoeSize`"),
        (push_now("Crew"), "the group Crew is not pushed that way"),
        (relink("Crew"), "the group Crew is not pushed that way"),
        (OrgEvent::RetryTask { task: "tsk".to_owned() }, "no task has the id `tsk`"),
        (OrgEvent::DeleteGroupRule { rule: "0pr".to_owned() }, "no rule has the id `0pr`"),
        (OrgEvent::PushGroup { app: "0oa".to_owned(), group: crew.clone() }, "no app has the id `0oa`"),
        (OrgEvent::PushGroup { app, group: "00g".to_owned() }, "no group has the id `00g`"),
        (join("Crew", "nobody"), "no person has the id"),
    ] {
        let entries = world.org.log().len();
        let error = world.org.apply(event.clone()).expect_err(&format!("{event:?}"));
        assert!(error.to_string().starts_with(expected), "{event:?}: {error}");
        assert_eq!(world.org.log().len(), entries, "{event:?}");
    }
}

#[test]
fn an_attribute_no_group_gives_any_more_is_pushed_as_erased() {
    let mut world = World::with(with_title(AppKind::Catalog));
    let update = OrgEvent::UpdateGroupAssignment {
        app: app_id("app"),
        group: group("Crew"),
        priority: None,
        attributes: Vec::new(),
    };
    world.story([
        (found("Crew"), ""),
        (assign_group_with("Crew", attributes("title", "Sailor")), ""),
        (hire("grace", true), ""),
        (join("Crew", "grace"), "assigned through group Crew: find grace, create grace"),
        (update, "attributes of group Crew changed: read grace, put grace given=grace active=true title="),
    ]);
}
