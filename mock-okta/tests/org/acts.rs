//! Which act of the administrator an entry of the log belongs to, and what a deleted app leaves.

use mock_okta::import::{Scope, WhenDeactivated};
use mock_okta::org::{EventType, ImportSetup, LogOutcome, OrgEvent, PushCondition, RuleOperator, RulePart};
use mock_okta::{App, AppKind, Step};

use crate::double::*;

/// Returns transaction and job of the last entry of a type.
fn origin(world: &World, event_type: EventType) -> (u64, Option<String>) {
    let entry = world.org.log().iter().rfind(|entry| entry.event_type == event_type).expect("it was logged");
    (entry.transaction, entry.job.map(|job| job.to_string()))
}

#[test]
fn what_a_job_brings_about_belongs_to_the_act_it_followed_from_however_late_it_ends() {
    let mut world = World::new(AppKind::Catalog);
    world.story([(hire("grace", true), ""), (hire("ada", true), "")]);
    let assigned = world.org.apply(assign("grace")).unwrap();
    let act = assigned[0].transaction;
    // Another act happens before the job is done, and one between two of its steps.
    world.org.apply(found("Crew")).unwrap();
    let Step::Send(lookup) = world.org.start(assigned[0].id) else { panic!("an assignment starts with a lookup") };
    world.org.apply(found("Team")).unwrap();
    let answer = world.double("app").answer(&lookup);
    let Step::Send(create) = world.org.next(assigned[0].id, answer) else { panic!("nobody was found") };
    let answer = world.double("app").answer(&create);
    assert!(matches!(world.org.next(assigned[0].id, answer), Step::Done(_)));

    assert_eq!(origin(&world, EventType::AppUserAdd), (act, None));
    assert_eq!(origin(&world, EventType::PushUser), (act, Some(assigned[0].id.to_string())));
    assert_eq!(origin(&world, EventType::GroupCreate), (act + 2, None));
    // What comes after a job is an act of its own again.
    world.org.apply(suspend("ada")).unwrap();
    assert_eq!(origin(&world, EventType::UserSuspend), (act + 3, None));
}

#[test]
fn what_follows_from_an_import_belongs_to_the_act_that_began_it() {
    let mut world = World::new(AppKind::Catalog);
    world.add("other", App::new(AppKind::Catalog));
    let mut setup = ImportSetup::default();
    setup.settings.profile_source = Some(WhenDeactivated::Deactivate);
    setup.settings.app_safeguard = None;
    world.tell(OrgEvent::ChangeImport { app: app_id("app"), setup: Box::new(setup) });
    world.tell(hire("grace", true));
    world.tell(assign("grace"));
    world.tell(OrgEvent::Assign { app: app_id("other"), person: person("grace"), attributes: Vec::new() });
    world.double("app").users.values_mut().for_each(|user| user["active"] = false.into());
    let import = world.org.apply(OrgEvent::Import { app: app_id("app"), scope: Scope::Users }).unwrap().remove(0);
    world.org.apply(found("Crew")).unwrap();
    world.perform(&import);
    let followed: Vec<_> = world.org.pending().cloned().collect();
    assert_eq!(followed.iter().map(|job| job.transaction).collect::<Vec<_>>(), [import.transaction]);
    world.org.apply(found("Team")).unwrap();
    followed.iter().for_each(|job| drop(world.perform(job)));
    assert_eq!(origin(&world, EventType::DeactivateUser).0, import.transaction);
}

#[test]
fn deleting_an_app_ends_its_assignments_and_sends_nothing() {
    let mut world = World::new(AppKind::Catalog);
    world.story([
        (hire("grace", true), ""),
        (found("Crew"), ""),
        (assign("grace"), "assigned directly: find grace, create grace"),
        (push("Crew"), "group pushed: create Crew, patch Crew name"),
    ]);
    let late = world.org.apply(change("grace", "firstName", "Grace")).unwrap();
    world.story([(OrgEvent::DeleteApp { app: app_id("app") }, "")]);
    assert!(world.org.app(&app_id("app")).is_none() && world.double("app").active() == ["grace"]);
    assert_eq!(
        world.names_in(&["application.lifecycle.delete", "application.user_membership.remove"]),
        ["application.lifecycle.delete", "application.user_membership.remove"]
    );
    // A job that was waiting finds no app.
    assert_eq!(world.perform(&late[0]), "profile changed: nothing");
    let last = world.org.log().last().expect("it was logged");
    assert_eq!(last.outcome, LogOutcome::Skipped("the app is gone".to_owned()));
    // Whatever happens to the people later is nobody's business there.
    world.story([(join("Crew", "grace"), ""), (deactivate("grace"), "")]);
    assert!(world.org.apply(OrgEvent::DeleteApp { app: app_id("app") }).is_err());
}

#[test]
fn a_description_is_what_push_rules_look_at() {
    let mut world = World::new(AppKind::Catalog);
    let condition =
        PushCondition { part: RulePart::Description, operator: RuleOperator::Contains, text: "synced".to_owned() };
    let described = |text: &str| OrgEvent::DescribeGroup { group: group("Crew"), description: Some(text.to_owned()) };
    world.story([
        (found("Crew"), ""),
        (OrgEvent::CreatePushRule { app: app_id("app"), key: "synced".to_owned(), condition }, ""),
        (described("nothing special"), ""),
        (described("synced with the app"), "group pushed by rule: create Crew, patch Crew name"),
    ]);
    assert_eq!(world.org.group(&group("Crew")).unwrap().description.as_deref(), Some("synced with the app"));
    assert!(world.org.apply(OrgEvent::DescribeGroup { group: group("Team"), description: None }).is_err());
}
