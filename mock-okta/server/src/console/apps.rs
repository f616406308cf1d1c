//! Apps: all of them, and each with its connection, assignments, pushes and imports.

use mock_okta::org::{Attributes, OrgApp};

use super::html::Html;
use super::layout::{
    Part, Section, account_path, app_path, badge, button, cell, empty, facts, group_path, linked, moment_or_never,
    person_name, state, table,
};
use super::timeline::{Filter, recent};
use super::{Drawn, Page, groups, tasks};
use crate::shape::app_user::{status, sync_state};
use crate::world::World;

/// Draws the list.
pub(super) fn list(page: &Page<'_>) -> Drawn {
    let (world, mut html) = (page.world, Html::new());
    let apps = world.apps.iter().filter_map(|(id, card)| Some((world.org.app(id)?, card)));
    let part = Part::cut(page, apps);
    if part.items.is_empty() {
        empty(&mut html, "No app. The seed names some, and POST /api/v1/apps adds one.");
    } else {
        let heads = ["App", "Status", "Integration", "Kind", "People", "Tasks"];
        table(&mut html, "Apps", &heads, &part.items, |html, (app, card)| {
            linked(html, &app_path(&app.id), &app.app.label);
            state(html, card.status.name());
            state(html, if app.integration { "ENABLED" } else { "DISABLED" });
            cell(html, &app.app.id().to_string());
            cell(html, &assigned(app).to_string());
            cell(html, &world.org.tasks().filter(|task| task.app == app.id).count().to_string());
        });
    }
    part.links(&mut html, page, &[]);
    Drawn { section: Section::Apps, title: "Apps".to_owned(), body: html }
}

/// Draws one of them.
pub(super) fn one(page: &Page<'_>, id: &str) -> Option<Drawn> {
    let (world, mut html) = (page.world, Html::new());
    let (app, card) = (world.org.app(id)?, world.apps.get(id)?);
    html.element("p", &[("class", "lead")], |html| {
        badge(html, card.status.name());
        html.text(" ").leaf("span", &[("class", "quiet")], "integration ");
        badge(html, if app.integration { "ENABLED" } else { "DISABLED" });
    });
    let base = card.service.as_ref().map_or("no connection", |service| service.target.base());
    facts(
        &mut html,
        &[
            ("Service provider", base.to_owned()),
            ("Kind", app.app.id().to_string()),
            ("Sends", app.features().join(", ")),
            ("Id", app.id.clone()),
            ("People assigned", assigned(app).to_string()),
            ("Attributes combined across groups", app.combined.iter().cloned().collect::<Vec<_>>().join(", ")),
        ],
    );
    assignments(&mut html, page, app);
    html.leaf("h2", &[], "Pushed groups");
    let mut pushed = app.mappings.keys().filter(|group| app.mapping(group).is_some()).peekable();
    match pushed.peek() {
        None => empty(&mut html, "None."),
        Some(_) => table(&mut html, "Pushed groups", groups::PUSH_HEADS, pushed, |html, group| {
            groups::push(html, page, app, group, &group_path(group));
        }),
    }
    import(&mut html, page, app);
    tasks::about(&mut html, page, |task| task.app == id);
    recent(&mut html, world, &Filter::of_app(id), "What happened");
    Some(Drawn { section: Section::Apps, title: app.app.label.clone(), body: html })
}

fn assigned(app: &OrgApp) -> usize {
    app.accounts.values().filter(|account| account.assigned).count()
}

fn assignments(html: &mut Html, page: &Page<'_>, app: &OrgApp) {
    let world = page.world;
    html.leaf("h2", &[], "Groups assigned");
    match app.groups.is_empty() {
        true => empty(html, "None."),
        false => {
            let rows = app.groups.iter().enumerate();
            table(html, "Groups assigned", &["Group", "Priority", "Attributes for members"], rows, |html, row| {
                let (priority, (group, set)) = row;
                linked(html, &group_path(group), &super::layout::group_name(world, group));
                cell(html, &priority.to_string());
                cell(html, &attributes(Some(set)));
            });
        }
    }
    html.leaf("h2", &[], "Accounts");
    let waiting = app.people.keys().filter(|person| !app.accounts.contains_key(*person));
    let part = Part::cut(page, app.accounts.keys().chain(waiting));
    if part.items.is_empty() {
        return empty(html, "Nobody has an account.");
    }
    let heads = ["Person", "Assigned", "Account", "Sync", "Last sync", "Id there"];
    table(html, "Accounts", &heads, &part.items, |html, person| account(html, world, app, person));
    part.links(html, page, &[]);
}

fn account(html: &mut Html, world: &World, app: &OrgApp, person: &str) {
    linked(html, &account_path(&app.id, person), &person_name(world, person));
    let Some(account) = app.accounts.get(person) else {
        cell(html, "with the activation");
        return (0..4).for_each(|_| cell(html, ""));
    };
    cell(html, &how(world, app, person));
    state(html, status(account.user.status));
    state(html, sync_state(account.sync));
    cell(html, &moment_or_never(world, account.last_sync));
    cell(html, account.user.remote_id.as_deref().unwrap_or_default());
}

/// Returns how somebody is assigned, in a few words.
fn how(world: &World, app: &OrgApp, person: &str) -> String {
    let Some(account) = app.accounts.get(person).filter(|account| account.assigned) else {
        return "no".to_owned();
    };
    let direct = app.people.contains_key(person).then(|| "directly".to_owned());
    let through = account.through.iter().map(|group| super::layout::group_name(world, group));
    direct.into_iter().chain(through).collect::<Vec<_>>().join(", ")
}

/// Returns attributes in one line.
pub(super) fn attributes(set: Option<&Attributes>) -> String {
    let set: Vec<String> = set.into_iter().flatten().map(|(key, value)| format!("{key} = {value}")).collect();
    set.join(", ")
}

fn import(html: &mut Html, page: &Page<'_>, app: &OrgApp) {
    html.leaf("h2", &[], "Import");
    if let Some(report) = &app.imported.report {
        let rows = [("Users", report.users.counters), ("Groups", report.groups.counters)];
        let heads = ["", "Scanned", "New", "Updated", "Unchanged", "Removed"];
        table(html, "Last import", &heads, rows, |html, (name, counters)| {
            html.leaf("th", &[("scope", "row")], name);
            for count in [counters.scanned, counters.new, counters.updated, counters.unchanged, counters.removed] {
                cell(html, &count.to_string());
            }
        });
        facts(
            html,
            &[
                ("Took effect", if report.takes_effect() { "yes" } else { "no" }.to_owned()),
                ("Waiting to be confirmed", app.imported.waiting.len().to_string()),
            ],
        );
    }
    html.element("div", &[("class", "buttons")], |html| {
        button(html, page, "import", "Import now", &[("app", &app.id)]);
        if !app.imported.waiting.is_empty() {
            button(html, page, "confirm", "Confirm exact matches", &[("app", &app.id)]);
            button(html, page, "confirm", "Confirm everybody", &[("app", &app.id), ("everybody", "yes")]);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_stand_in_one_line() {
        let set = vec![("role".to_owned(), "admin".to_owned()), ("seat".to_owned(), "1".to_owned())];
        assert_eq!((attributes(Some(&set)), attributes(None)), ("role = admin, seat = 1".to_owned(), String::new()));
    }
}
