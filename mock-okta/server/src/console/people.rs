//! People: all of them, and each with groups, apps and what happened.

use mock_okta::Profile;
use mock_okta::org::{OrgGroup, Person};

use super::html::Html;
use super::layout::{
    Part, Section, account_path, badge, button, cell, empty, facts, field, group_path, linked, moment, moment_or_never,
    person_name, person_path, state, table,
};
use super::timeline::{Filter, recent};
use super::{Drawn, Page, stage, tasks};
use crate::shape;
use crate::world::World;

/// Draws the list.
pub(super) fn list(page: &Page<'_>) -> Drawn {
    let (world, mut html) = (page.world, Html::new());
    let wanted = page.query.value("q").unwrap_or_default();
    let part = wanted.to_lowercase();
    let named = |person: &&Person| {
        part.is_empty()
            || [&person.profile.login, &person.profile.display_name, &person.profile.email, &person.id]
                .iter()
                .any(|text| text.to_lowercase().contains(&part))
    };
    let part = Part::cut(page, world.org.people().filter(named));
    search(&mut html, page, wanted);
    html.leaf("p", &[("class", "quiet")], &format!("{} of {} people", part.count, world.org.people().len()));
    if part.items.is_empty() {
        empty(&mut html, "Nobody. The stage has a form for a joiner.");
    } else {
        table(&mut html, "People", &["Name", "Login", "Status", "Title", "Department", "Changed"], &part.items, {
            |html, person| {
                let value = |key: &str| person.profile.value(key).unwrap_or_default();
                linked(html, &person_path(&person.id), &person_name(world, &person.id));
                cell(html, &person.profile.login);
                state(html, shape::user::status(world, person));
                cell(html, value("title"));
                cell(html, value("department"));
                cell(html, &moment(world, person.last_updated));
            }
        });
    }
    part.links(&mut html, page, &[("q", wanted)]);
    Drawn { section: Section::People, title: "People".to_owned(), body: html }
}

/// Adds a field by which a list is searched.
pub(super) fn search(html: &mut Html, page: &Page<'_>, wanted: &str) {
    html.element(
        "form",
        &[("method", "get"), ("action", page.path), ("class", "filters"), ("role", "search")],
        |html| {
            field(html, "Search", "q", &[("value", wanted), ("type", "search")]);
            html.leaf("button", &[], "Search");
        },
    );
}

/// Draws one of them.
pub(super) fn one(page: &Page<'_>, id: &str) -> Option<Drawn> {
    let (world, mut html) = (page.world, Html::new());
    let person = world.org.person(id)?;
    let card = world.people.get(id).cloned().unwrap_or_default();
    html.element("p", &[("class", "lead")], |html| {
        badge(html, shape::user::status(world, person));
        html.text(" ").leaf("code", &[], &person.profile.login);
    });
    html.element("div", &[("class", "columns")], |html| {
        html.element("section", &[], |html| {
            html.leaf("h2", &[], "Profile");
            profile(html, &person.profile);
            facts(
                html,
                &[
                    ("Id", person.id.clone()),
                    ("Created", moment(world, person.created)),
                    ("Activated", moment_or_never(world, card.activated)),
                    ("Status changed", moment(world, person.status_changed)),
                    ("Changed", moment(world, person.last_updated)),
                ],
            );
        });
        html.element("section", &[], |html| {
            html.leaf("h2", &[], "Groups");
            groups(html, world, id);
            html.leaf("h2", &[], "Apps");
            apps(html, world, id);
        });
    });
    tasks::about(&mut html, page, |task| matches!(&task.subject, mock_okta::org::Subject::Person(it) if it == id));
    html.element("section", &[("class", "acts")], |html| {
        html.leaf("h2", &[], "Let something happen");
        html.element("div", &[("class", "buttons")], |html| lifecycle(html, page, person));
        stage::mover(html, page, Some(person));
    });
    recent(&mut html, world, &Filter::of_person(id), "What happened");
    Some(Drawn { section: Section::People, title: person_name(world, id), body: html })
}

/// Adds what can happen to somebody in this status.
fn lifecycle(html: &mut Html, page: &Page<'_>, person: &Person) {
    let operations: &[(&str, &str)] = match shape::user::status(page.world, person) {
        "STAGED" => &[("activate", "Activate"), ("deactivate", "Deactivate")],
        "DEPROVISIONED" => &[("activate", "Activate again")],
        "PROVISIONED" | "RECOVERY" => &[("deactivate", "Deactivate")],
        "SUSPENDED" => &[("unsuspend", "End the suspension"), ("deactivate", "Deactivate")],
        _ => &[("suspend", "Suspend"), ("deactivate", "Deactivate")],
    };
    for (operation, label) in operations {
        button(html, page, "lifecycle", label, &[("person", &person.id), ("operation", operation)]);
    }
}

fn profile(html: &mut Html, profile: &Profile) {
    let value = |key: &'static str| Some((key, profile.value(key).filter(|value| !value.is_empty())?.to_owned()));
    facts(html, &Profile::OKTA_KEYS.into_iter().filter_map(value).collect::<Vec<_>>());
}

fn groups(html: &mut Html, world: &World, id: &str) {
    let of = |group: &&OrgGroup| group.members.contains_key(id);
    if world.org.groups().filter(of).count() == 0 {
        return empty(html, "In no group.");
    }
    table(html, "Groups", &["Group", "Why"], world.org.groups().filter(of), |html, group| {
        linked(html, &group_path(&group.id), &group.name);
        cell(html, &super::groups::why(world, group, id));
    });
}

fn apps(html: &mut Html, world: &World, id: &str) {
    let known = world.org.apps().filter(|app| app.accounts.contains_key(id) || app.people.contains_key(id));
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        return empty(html, "In no app.");
    }
    table(html, "Apps", &["App", "Account", "Sync", "Last sync"], known, |html, app| {
        linked(html, &account_path(&app.id, id), &app.app.label);
        match app.accounts.get(id) {
            Some(account) => {
                html.element("td", &[], |html| {
                    badge(html, shape::app_user::status(account.user.status));
                    if !account.assigned {
                        html.text(" ").leaf("span", &[("class", "quiet")], "not assigned");
                    }
                });
                state(html, shape::app_user::sync_state(account.sync));
                cell(html, &moment_or_never(world, account.last_sync));
            }
            None => {
                cell(html, "with the activation");
                cell(html, "");
                cell(html, "");
            }
        }
    });
}
