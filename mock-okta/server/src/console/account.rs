//! Why somebody has an account in an app: how they are assigned, what put them into the groups, and where each
//! attribute comes from.

use mock_okta::org::{Attributes, OrgApp, Person};
use mock_okta::{Applies, Attribute, Profile};

use super::html::Html;
use super::layout::{
    Section, app_path, badge, button, cell, empty, facts, group_name, group_path, linked, moment, moment_or_never,
    person_name, person_path, table,
};
use super::timeline::{Filter, recent};
use super::{Drawn, Page, groups, tasks};
use crate::shape::app_user::{status, sync_state};
use crate::world::World;

/// Draws the page.
pub(super) fn draw(page: &Page<'_>, app: &str, person: &str) -> Option<Drawn> {
    let world = page.world;
    let (app, somebody) = (world.org.app(app)?, world.org.person(person)?);
    let (name, mut html) = (person_name(world, person), Html::new());
    html.element("p", &[("class", "lead")], |html| {
        html.link(&person_path(person), &name).text(" in ").link(&app_path(&app.id), &app.app.label);
    });
    state(&mut html, world, app, somebody);
    html.leaf("h2", &[], &format!("Why {name} {} this account", verb(app, person)));
    reasons(&mut html, world, app, somebody);
    html.leaf("h2", &[], "Attributes, and where they come from");
    attributes(&mut html, world, app, somebody);
    html.element("div", &[("class", "buttons")], |html| {
        let values = [("app", app.id.as_str()), ("person", person)];
        match app.people.contains_key(person) {
            true => button(html, page, "unassign", "Remove the direct assignment", &values),
            false => button(html, page, "assign", "Assign directly", &values),
        }
    });
    let is_this = |task: &mock_okta::org::Task| {
        task.app == app.id && matches!(&task.subject, mock_okta::org::Subject::Person(id) if id == person)
    };
    tasks::about(&mut html, page, is_this);
    let filter = Filter { app: app.id.clone(), ..Filter::of_person(person) };
    recent(&mut html, world, &filter, "What happened");
    Some(Drawn { section: Section::Apps, title: format!("{name} in {}", app.app.label), body: html })
}

fn verb(app: &OrgApp, person: &str) -> &'static str {
    if app.accounts.get(person).is_some_and(|account| account.assigned) { "has" } else { "does not have" }
}

fn state(html: &mut Html, world: &World, app: &OrgApp, person: &Person) {
    let Some(account) = app.accounts.get(&person.id) else {
        return empty(html, "There is no account, and there never was one.");
    };
    html.element("p", &[], |html| {
        badge(html, status(account.user.status));
        html.text(" ");
        badge(html, sync_state(account.sync));
    });
    let grants =
        |grants: &[mock_okta::Grant]| grants.iter().map(|grant| grant.value.clone()).collect::<Vec<_>>().join(", ");
    facts(
        html,
        &[
            ("Id at the service provider", account.user.remote_id.clone().unwrap_or_default()),
            (
                "Id it had last",
                match account.user.remote_id {
                    Some(_) => String::new(),
                    None => account.last_remote_id.clone().unwrap_or_default(),
                },
            ),
            ("Assigned first", moment(world, account.created)),
            ("Changed", moment(world, account.last_updated)),
            ("Last sync", moment_or_never(world, account.last_sync)),
            ("Roles", grants(&account.user.roles)),
            ("Entitlements", grants(&account.user.entitlements)),
        ],
    );
}

fn reasons(html: &mut Html, world: &World, app: &OrgApp, person: &Person) {
    let id = &person.id;
    let through: Vec<(usize, &String)> =
        app.groups.keys().enumerate().filter(|(_, group)| is_member(world, group, id)).collect();
    html.element("ul", &[("class", "reasons")], |html| {
        if app.people.contains_key(id) {
            html.leaf("li", &[], "Assigned directly, by hand.");
        }
        if app.former.contains_key(id) {
            html.leaf("li", &[], "Was assigned directly; the deactivation took that.");
        }
        for (priority, group) in &through {
            html.element("li", &[], |html| {
                html.text("Through group ").link(&group_path(group), &group_name(world, group));
                html.text(&format!(" (priority {priority}): "));
                html.text(&world.org.group(group).map(|group| groups::why(world, group, id)).unwrap_or_default());
            });
        }
        if through.is_empty() && !app.people.contains_key(id) {
            html.leaf("li", &[], "Not assigned: neither directly nor through a group.");
        }
        if !person.status.keeps_accounts() {
            html.leaf("li", &[], &format!("The person is {}, so no assignment acts.", person.status.name()));
        } else if !person.status.gets_accounts() {
            let text = format!("The person is {}: an account is kept, none comes into being.", person.status.name());
            html.leaf("li", &[], &text);
        }
        if !app.integration {
            html.leaf("li", &[], "The app's integration is off: nothing is sent.");
        }
    });
}

fn attributes(html: &mut Html, world: &World, app: &OrgApp, person: &Person) {
    let account = app.accounts.get(&person.id);
    let keys = app.app.attributes.iter().map(Attribute::key).filter(|key| *key != "login");
    let (keys, blank): (Vec<&str>, Vec<&str>) = std::iter::once("login").chain(keys).partition(|key| {
        let has = |profile: &Profile| profile.value(key).is_some_and(|value| !value.is_empty());
        has(&person.profile) || account.is_some_and(|account| has(&account.user.profile))
    });
    table(html, "Attributes", &["Attribute", "Value in the app", "From"], keys, |html, key| {
        html.leaf("th", &[("scope", "row")], key);
        cell(html, account.and_then(|account| account.user.profile.value(key)).unwrap_or_default());
        html.element("td", &[], |html| match source(world, app, person, key) {
            Source::Group(group) => {
                html.text("group ").link(&group_path(group), &group_name(world, group));
            }
            Source::Text(text) => {
                html.text(&text);
            }
        });
    });
    if !blank.is_empty() {
        let text = format!("Without a value in Okta and in the app: {}.", blank.join(", "));
        html.leaf("p", &[("class", "quiet")], &text);
    }
    let unmapped = app.groups.iter().filter(|(group, _)| is_member(world, group, &person.id));
    let set: Vec<(&String, &Attributes)> = unmapped.filter(|(_, set)| !set.is_empty()).collect();
    if set.is_empty() {
        return;
    }
    html.leaf("h3", &[], "What the groups say");
    table(html, "What the groups say", &["Group", "Attributes"], set, |html, (group, set)| {
        linked(html, &group_path(group), &group_name(world, group));
        cell(html, &super::apps::attributes(Some(set)));
    });
}

enum Source<'a> {
    Group(&'a str),
    Text(String),
}

/// Returns where an attribute comes from: what is set for the person goes before what groups give, the highest priority
/// first, and that before the mapping.
fn source<'a>(world: &World, app: &'a OrgApp, person: &Person, key: &str) -> Source<'a> {
    let says = |set: &Attributes| set.iter().any(|(known, _)| known == key);
    if app.people.get(&person.id).is_some_and(says) {
        return Source::Text("set for this person".to_owned());
    }
    let of_groups: Vec<&String> = app
        .groups
        .iter()
        .filter(|(group, set)| says(set) && is_member(world, group, &person.id))
        .map(|(group, _)| group)
        .collect();
    match of_groups.as_slice() {
        [] => Source::Text(mapping(app, person, key)),
        [group, ..] if of_groups.len() == 1 || !app.combined.contains(key) => Source::Group(group),
        _ => {
            let names: Vec<String> = of_groups.iter().map(|group| group_name(world, group)).collect();
            Source::Text(format!("combined from groups {}", names.join(", ")))
        }
    }
}

fn mapping(app: &OrgApp, person: &Person, key: &str) -> String {
    let is_set = person.profile.value(key).is_some_and(|value| !value.is_empty());
    match app.app.attribute(key).map(Attribute::applies) {
        Some(Applies::CreateOnly) => "the Okta profile as it was when the account came".to_owned(),
        Some(Applies::Never) => "the app itself; it is not mapped".to_owned(),
        _ if is_set => "the Okta profile".to_owned(),
        _ => "nowhere: the Okta profile has no value".to_owned(),
    }
}

fn is_member(world: &World, group: &str, person: &str) -> bool {
    world.org.group(group).is_some_and(|group| group.members.contains_key(person))
}
