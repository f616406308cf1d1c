//! Groups: all of them, and each with members, rules, apps and pushes.

use mock_okta::org::{OrgApp, OrgGroup};

use super::html::Html;
use super::layout::{
    Part, Section, app_name, app_path, button, cell, empty, facts, group_path, linked, moment, moment_or_never,
    person_name, person_path, state, table,
};
use super::people::search;
use super::timeline::{Filter, recent};
use super::{Drawn, Page, tasks};
use crate::shape;
use crate::world::World;

/// Draws the list.
pub(super) fn list(page: &Page<'_>) -> Drawn {
    let (world, mut html) = (page.world, Html::new());
    let wanted = page.query.value("q").unwrap_or_default();
    let part = wanted.to_lowercase();
    let part = Part::cut(page, world.org.groups().filter(|group| group.name.to_lowercase().contains(&part)));
    search(&mut html, page, wanted);
    if part.items.is_empty() {
        empty(&mut html, "No group.");
    } else {
        table(&mut html, "Groups", &["Name", "Members", "Assigned to", "Pushed to"], &part.items, |html, group| {
            linked(html, &group_path(&group.id), &group.name);
            cell(html, &group.members.len().to_string());
            cell(html, &labels(world, |app| app.groups.contains_key(&group.id)));
            cell(html, &labels(world, |app| app.mapping(&group.id).is_some()));
        });
    }
    part.links(&mut html, page, &[("q", wanted)]);
    rules(&mut html, world, |_| true);
    Drawn { section: Section::Groups, title: "Groups".to_owned(), body: html }
}

/// Draws one of them.
pub(super) fn one(page: &Page<'_>, id: &str) -> Option<Drawn> {
    let (world, mut html) = (page.world, Html::new());
    let group = world.org.group(id)?;
    facts(
        &mut html,
        &[
            ("Description", group.description.clone().unwrap_or_default()),
            ("Id", group.id.clone()),
            ("Created", moment(world, group.created)),
            ("Changed", moment(world, group.last_updated)),
        ],
    );
    apps(&mut html, page, group);
    rules(&mut html, world, |groups| groups.iter().any(|known| known == id));
    html.leaf("h2", &[], &format!("Members ({})", group.members.len()));
    let part = Part::cut(page, group.members.keys());
    if part.items.is_empty() {
        empty(&mut html, "Nobody.");
    } else {
        table(&mut html, "Members", &["Name", "Why", "Status"], &part.items, |html, person| {
            linked(html, &person_path(person), &person_name(world, person));
            cell(html, &why(world, group, person));
            state(html, world.org.person(person).map_or("", |person| shape::user::status(world, person)));
        });
    }
    part.links(&mut html, page, &[]);
    tasks::about(&mut html, page, |task| matches!(&task.subject, mock_okta::org::Subject::Group(it) if it == id));
    recent(&mut html, world, &Filter::of_group(id), "What happened");
    Some(Drawn { section: Section::Groups, title: group.name.clone(), body: html })
}

/// Returns why somebody is in a group.
pub(super) fn why(world: &World, group: &OrgGroup, person: &str) -> String {
    let Some(membership) = group.members.get(person) else { return String::new() };
    if world.everyone.as_ref() == Some(&group.id) {
        return "everybody is in it".to_owned();
    }
    let by_hand = membership.by_hand.then(|| "added by hand".to_owned());
    let by_rules = membership.by_rules.iter().map(|part| match world.rules.values().find(|rule| rule.has_part(part)) {
        Some(rule) => format!("rule {}: {}", rule.name, rule.expression),
        None => format!("rule {part}"),
    });
    by_hand.into_iter().chain(by_rules).collect::<Vec<_>>().join("; ")
}

fn labels(world: &World, wanted: impl Fn(&OrgApp) -> bool) -> String {
    let labels: Vec<&str> = world.org.apps().filter(|app| wanted(app)).map(|app| app.app.label.as_str()).collect();
    labels.join(", ")
}

fn apps(html: &mut Html, page: &Page<'_>, group: &OrgGroup) {
    let world = page.world;
    html.leaf("h2", &[], "Assigned to");
    let assigned: Vec<&OrgApp> = world.org.apps().filter(|app| app.groups.contains_key(&group.id)).collect();
    if assigned.is_empty() {
        empty(html, "No app.");
    } else {
        table(html, "Assigned to", &["App", "Priority", "Attributes for members"], assigned, |html, app| {
            linked(html, &app_path(&app.id), &app.app.label);
            cell(html, &app.groups.get_index_of(&group.id).map(|at| at.to_string()).unwrap_or_default());
            cell(html, &super::apps::attributes(app.groups.get(&group.id)));
        });
    }
    html.leaf("h2", &[], "Pushed to");
    let pushed: Vec<&OrgApp> = world.org.apps().filter(|app| app.mapping(&group.id).is_some()).collect();
    if pushed.is_empty() {
        return empty(html, "No app.");
    }
    table(html, "Pushed to", PUSH_HEADS, pushed, |html, app| push(html, page, app, &group.id, &app_path(&app.id)));
}

/// The heads of the cells of [`push`].
pub(super) const PUSH_HEADS: &[&str] = &["", "Status", "There", "Members there", "Last push", "Error", ""];

/// Adds the cells of a pushed group.
pub(super) fn push(html: &mut Html, page: &Page<'_>, app: &OrgApp, group: &str, href: &str) {
    let world = page.world;
    let Some(found) = app.mapping(group) else { return };
    let is_of_app = page.path == app_path(&app.id);
    let name = if is_of_app { super::layout::group_name(world, group) } else { app_name(world, &app.id) };
    linked(html, href, &name);
    state(html, shape::mapping::status(found.mapping.status));
    cell(html, &format!("{} {}", found.mapping.target_name, found.mapping.remote_id.as_deref().unwrap_or("")));
    cell(html, &found.mapping.pushed.len().to_string());
    cell(html, &moment_or_never(world, found.last_push));
    cell(html, found.mapping.error_summary.as_deref().unwrap_or_default());
    html.element("td", &[], |html| button(html, page, "push", "Push now", &[("app", &app.id), ("group", group)]));
}

/// Adds the rules that put people into groups.
fn rules(html: &mut Html, world: &World, wanted: impl Fn(&[String]) -> bool) {
    html.leaf("h2", &[], "Rules");
    let rules: Vec<_> = world.rules.values().filter(|rule| wanted(&rule.groups)).collect();
    if rules.is_empty() {
        return empty(html, "No rule puts people here.");
    }
    table(html, "Rules", &["Name", "Status", "Who matches", "Into"], rules, |html, rule| {
        cell(html, &rule.name);
        state(html, if rule.active { "ACTIVE" } else { "INACTIVE" });
        html.element("td", &[], |html| {
            html.leaf("code", &[], &rule.expression);
        });
        let names: Vec<String> = rule.groups.iter().map(|id| super::layout::group_name(world, id)).collect();
        cell(html, &names.join(", "));
    });
}
