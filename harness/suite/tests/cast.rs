//! What becomes of a case with several people, groups and settings, and of the catalog beside it.

use scim_suite::{
    AppId, AppKind, Catalog, EmptyValue, EventAction, EventKind, EventSpec, GroupAttributes, OktaSetup, PersonStatus,
    Plan, PlanClass, ProfileValue, ScimVersion, Settings, SourceFile, Subject, Template, load,
};

const GROUPS: &str = r#"
suite = "groups"
title = "Pushing groups"

[[case]]
id    = "crew"
title = "A crew comes and goes"
rule  = "The service provider holds the members Okta has pushed."
level = "okta"

[case.okta]
app = ["catalog", "aiw-1.1"]
push = ["create", "groups"]
profile = { title = "Countess", roles = ["{{run}}-a", "b"], department = "" }
patch-profile = true
rename-groups = false
group-batch = 2
empty = "null"
group-attributes = "combine"

[[case.okta.person]]
as = "grace"
profile = { lastName = "Hopper", employeeNumber = "1" }
status = "suspended"

[[case.okta.person]]
as = "jean-luc"

[[case.okta.group]]
as = "crew"
name = "{{run}} Crew"
description = "Who sails"
members = ["user", "grace"]
profile = { department = "Navy" }

[[case.step]]
do = "assign"
who = ["user", "grace"]
expect.remote = '{ "id": "{{any}}" }'

[[case.step]]
do = "add-to-group"
who = "jean-luc"
group = "crew"

[[case.step]]
do = "assign-group"
group = "crew"
expect.remote = '{ "id": "{{any}}" }'

[[case.step]]
do = "rename-group"
group = "crew"
name = "{{run}} Bridge"

[[case.step]]
do = "link-group"
group = "crew"
expect.waits = [2, 300]
expect.remote = '{ "id": "{{crew.id}}", "displayName": "{{crew.name}}", "members": [{ "value": "{{jean-luc.id}}" }] }'

[[case.step]]
do = "remove-from-group"
who = "grace"
group = "crew"
parallel = true
expect.waits = []

[[case.step]]
do = "remove-from-group"
group = "crew"
parallel = true

[[case.step]]
do = "update"
group = "crew"
set = { department = ["Bridge"], title = "Captain" }

[[case.step]]
do = "unlink-group"
group = "crew"
delete = true

[[case.step]]
do = "import-groups"
expect.import = { scanned = 3, removed = 0 }
"#;

fn plan(text: &str) -> Plan {
    let files = [SourceFile::new("groups.toml", text)];
    load(&files, &Catalog::default()).unwrap_or_else(|mistakes| {
        panic!("{}", mistakes.iter().map(|mistake| mistake.render(false)).collect::<Vec<_>>().join("\n\n"))
    })
}

/// The plan of the case above, in which one attribute has one value, as it must.
fn crew() -> Plan {
    plan(&GROUPS.replace("[\"Bridge\"]", "\"Bridge\""))
}

fn okta(plan: &Plan) -> &OktaSetup {
    plan.cases[0].okta.as_ref().expect("an app")
}

fn events(plan: &Plan) -> Vec<&EventSpec> {
    let events = plan.cases[0].steps.iter().map(|step| match &step.action {
        scim_suite::Action::Event(event) => event.as_ref(),
        scim_suite::Action::Send(_) => panic!("an event"),
    });
    events.collect()
}

fn lookup(name: &str) -> Option<String> {
    Some(format!("<{name}>"))
}

fn expand(template: &Template) -> String {
    template.expand(&lookup).expect("everything is bound")
}

fn people(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn apps_have_a_version_and_settings_their_defaults() {
    let crew = crew();
    let aiw = AppId { kind: AppKind::Aiw, version: ScimVersion::V1_1 };
    assert_eq!(crew.cases[0].apps, [AppKind::Catalog.into(), aiw]);
    let okta = okta(&crew);
    assert!(okta.push.create && !okta.push.update && !okta.push.password && okta.push_groups && !okta.import);
    let settings = Settings {
        patch_profile: true,
        rename_groups: false,
        group_batch: 2,
        empty: EmptyValue::Null,
        group_attributes: GroupAttributes::Combine,
        ..Settings::default()
    };
    assert_eq!(okta.settings, settings);
    let default = Settings::default();
    assert!(default.rename_groups && !default.patch_profile && default.group_batch == 100);
}

#[test]
fn people_have_profiles_and_those_who_are_not_described_a_name() {
    let crew = crew();
    let okta = okta(&crew);
    let names: Vec<&str> = okta.people.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(names, ["user", "grace", "jean-luc"]);
    let roles = okta.user().profile.iter().find(|(key, _)| key == "roles").map(|(_, value)| value);
    let Some(ProfileValue::Many(roles)) = roles else { panic!("roles are an array") };
    assert_eq!(roles.iter().map(expand).collect::<Vec<_>>(), ["<run>-a", "b"]);
    let grace = okta.person("grace").expect("she is there");
    assert_eq!((grace.status, grace.span.text()), (PersonStatus::Suspended, "\"grace\""));
    let profile = |name: &str| -> Vec<(String, String)> {
        let person = okta.person(name).expect("they are there");
        person.profile.iter().map(|(key, value)| (key.clone(), expand(&value.templates()[0]))).collect()
    };
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        profile("jean-luc"),
        [pair("login", "<run>.jean-luc@example.com"), pair("firstName", "Jean-luc"), pair("lastName", "Example")]
    );
    assert_eq!(profile("grace")[..2], [pair("lastName", "Hopper"), pair("employeeNumber", "1")]);
}

#[test]
fn groups_have_members_and_attributes() {
    let crew = crew();
    let group = okta(&crew).group("crew").expect("it is there");
    assert_eq!(expand(&group.display_name), "<run> Crew");
    assert_eq!(group.description.as_ref().map(expand).as_deref(), Some("Who sails"));
    assert_eq!(group.members, ["user", "grace"]);
    assert_eq!(group.profile[0].0, "department");
}

#[test]
fn events_know_all_they_take_and_whose_resource_they_are_about() {
    let crew = crew();
    let events = events(&crew);
    assert_eq!(events[0].action, EventAction::Assign { who: people(&["user", "grace"]) });
    assert_eq!(events[0].subject, Subject::People(people(&["user", "grace"])));
    // Nothing pushes the group yet, so the one who joins is looked at.
    assert_eq!(events[1].subject, Subject::People(people(&["jean-luc"])));
    assert_eq!(events[2].subject, Subject::People(people(&["user", "grace", "jean-luc"])));
    let EventAction::LinkGroup { name, .. } = &events[4].action else { panic!("a link") };
    assert_eq!(expand(name), "<run> Bridge");
    assert_eq!(events[4].subject, Subject::Group("crew".to_owned()));
    assert_eq!(events[5].subject, Subject::Group("crew".to_owned()));
    assert_eq!(events[6].action.who(), ["user"]);
    assert_eq!((events[7].action.kind(), events[7].action.group()), (EventKind::Update, Some("crew")));
    assert_eq!(events[7].subject, Subject::People(people(&["jean-luc"])));
    assert_eq!(events[8].action, EventAction::UnlinkGroup { group: "crew".to_owned(), delete: true });
    assert_eq!((&events[9].action, &events[9].subject), (&EventAction::ImportGroups, &Subject::Nobody));
}

#[test]
fn events_may_wait_and_imports_count() {
    let crew = crew();
    let events = events(&crew);
    assert_eq!(events[4].expect.waits.as_deref(), Some(&[2, 300][..]));
    assert_eq!(events[5].expect.waits.as_deref(), Some(&[][..]));
    assert_eq!(events[6].expect.waits, None);
    let import = events[9].expect.import.as_ref().expect("counters");
    assert_eq!((import.scanned, import.new, import.removed), (Some(3), None, Some(0)));
}

#[test]
fn parallel_steps_are_one_round() {
    let crew = crew();
    let rounds: Vec<usize> = crew.cases[0].rounds().map(<[_]>::len).collect();
    assert_eq!(rounds, [1, 1, 1, 1, 1, 2, 1, 1, 1]);
}

#[test]
fn an_attribute_of_a_group_follows_the_same_rules_as_one_of_a_person() {
    let mistakes = load(&[SourceFile::new("groups.toml", GROUPS)], &Catalog::default()).expect_err("an array");
    assert_eq!(mistakes.iter().map(|mistake| mistake.code()).collect::<Vec<_>>(), ["S047"]);
}

#[test]
fn rows_of_the_test_plan_say_who_does_them() {
    let row = |id: &str, rest: &str| format!("[[row]]\nid = \"{id}\"\ntitle = \"t\"\nfeature = \"f\"\n{rest}\n");
    let rows = [
        row("C1", "class = \"auto\"\nhow = \"a\""),
        row("C2", "class = \"part\"\nhow = \"b\"\nleft = \"c\"\nuncovered = \"d\""),
        row("C3", "class = \"human\"\nleft = \"e\""),
    ];
    let catalog = Catalog::load(&[SourceFile::new("plan.toml", rows.concat())]).expect("a plan");
    let text = |text: &str| text.to_owned();
    assert_eq!(catalog.plan[0].class, PlanClass::Auto { how: text("a") });
    assert_eq!(catalog.plan[1].class, PlanClass::Part { how: text("b"), left: text("c") });
    assert_eq!(catalog.plan[2].class, PlanClass::Human { left: text("e") });
    let row = catalog.plan_row("C2").expect("it is there");
    assert_eq!((row.uncovered.as_deref(), row.span.text()), (Some("d"), "\"C2\""));
}

#[test]
fn what_no_case_looks_at_is_told_unless_there_is_a_reason() {
    let bug = |row: u32, rest: &str| {
        let texts = "project = \"p\"\nurl = \"u\"\nsent = \"s\"\nwrong = \"w\"\ncheck = \"c\"\nevidence = \"e\"";
        format!("[[bug]]\nrow = {row}\n{texts}\n{rest}\n")
    };
    let bugs = [bug(1, ""), bug(2, ""), bug(3, "uncovered = \"it is Okta's\""), bug(4, "uncovered = \"no longer\"")];
    let catalog = Catalog::load(&[SourceFile::new("vendor-bugs.toml", bugs.concat())]).expect("bugs");
    let case =
        GROUPS.replace("[\"Bridge\"]", "\"Bridge\"").replace("level = \"okta\"", "level = \"okta\"\nbugs = [1, 4]");
    let plan = load(&[SourceFile::new("groups.toml", case)], &catalog).expect("a plan");
    let gaps = catalog.uncovered(&plan);
    let told: Vec<(&str, &str)> = gaps.iter().map(|gap| (gap.code(), gap.span().text())).collect();
    assert_eq!(told, [("S062", "2"), ("S063", "4")]);
}
