//! The stage: forms that let things happen in the org, and the timeline below them, where one sees what comes of it.

use mock_okta::org::{Person, PersonStatus};

use super::html::Html;
use super::layout::{Section, act, app_name, choice, empty, field, group_name, hidden, moment, person_name};
use super::timeline::{Filter, recent};
use super::{Drawn, Page};
use crate::world::{Fault, FaultKind, World};

/// Draws the page.
pub(super) fn draw(page: &Page<'_>) -> Drawn {
    let mut html = Html::new();
    html.element("div", &[("class", "stage")], |html| {
        card(html, "Joiner", |html| joiner(html, page));
        card(html, "Mover", |html| mover(html, page, None));
        card(html, "Leaver, leave of absence", |html| leaver(html, page));
        card(html, "Clock", |html| clock(html, page));
        card(html, "Import and push", |html| transfer(html, page));
        card(html, "Faults", |html| faults(html, page));
        card(html, "Begin again", |html| reset(html, page));
    });
    people(&mut html, page.world);
    recent(&mut html, page.world, &Filter::default(), "What happens");
    Drawn { section: Section::Stage, title: "Stage".to_owned(), body: html }
}

fn card(html: &mut Html, heading: &str, inner: impl FnOnce(&mut Html)) {
    html.element("section", &[("class", "card")], |html| {
        html.leaf("h2", &[], heading);
        inner(html);
    });
}

fn joiner(html: &mut Html, page: &Page<'_>) {
    act(html, page, "joiner", "sheet", |html| {
        field(html, "First name", "firstName", &[("required", "")]);
        field(html, "Last name", "lastName", &[("required", "")]);
        field(html, "Login", "login", &[("type", "email"), ("required", ""), ("placeholder", "name@example.com")]);
        field(html, "Title", "title", &[]);
        field(html, "Department", "department", &[]);
        field(html, "Manager", "manager", &[]);
        groups(html, page.world, "Groups", "group", None);
        check(html, "activate", "Active at once, rather than staged", true);
        html.leaf("button", &[], "Join");
    });
}

/// Adds the form for what changes about somebody at once.
pub(super) fn mover(html: &mut Html, page: &Page<'_>, person: Option<&Person>) {
    act(html, page, "mover", "sheet", |html| {
        match person {
            Some(person) => hidden(html, "person", &person.id),
            None => person_field(html),
        }
        let value = |key| person.and_then(|person| person.profile.value(key)).unwrap_or_default();
        for (label, key) in [("Title", "title"), ("Department", "department"), ("Manager", "manager")] {
            // Elsewhere nobody knows whose values these would be, so a blank one leaves what is.
            let further = [("value", value(key)), ("placeholder", "unchanged")];
            field(html, label, key, if person.is_some() { &further[..1] } else { &further });
        }
        if person.is_some() {
            hidden(html, "erase", "yes");
        }
        groups(html, page.world, "Into groups", "into", person.map(|person| (person, false)));
        groups(html, page.world, "Out of groups", "out", person.map(|person| (person, true)));
        html.leaf("button", &[], "Move");
    });
}

fn leaver(html: &mut Html, page: &Page<'_>) {
    act(html, page, "lifecycle", "sheet", |html| {
        person_field(html);
        html.element("p", &[("class", "buttons")], |html| {
            for (operation, label) in [
                ("deactivate", "Leave (deactivate)"),
                ("suspend", "Suspend"),
                ("unsuspend", "End the suspension"),
                ("activate", "Activate"),
            ] {
                html.leaf("button", &[("name", "operation"), ("value", operation)], label);
            }
        });
    });
}

fn clock(html: &mut Html, page: &Page<'_>) {
    let world = page.world;
    html.element("p", &[], |html| {
        html.text("It is ").leaf("time", &[("data-now", "")], &moment(world, world.org.now())).text(" (UTC).");
    });
    act(html, page, "clock", "sheet", |html| {
        html.element("p", &[("class", "buttons")], |html| {
            for (seconds, label) in [("60", "+ 1 minute"), ("3600", "+ 1 hour"), ("86400", "+ 1 day")] {
                html.leaf("button", &[("name", "seconds"), ("value", seconds)], label);
            }
        });
    });
    act(html, page, "clock", "sheet", |html| {
        field(html, "To (UTC)", "to", &[("type", "datetime-local"), ("step", "1"), ("required", "")]);
        html.leaf("button", &[], "Go there");
    });
}

fn transfer(html: &mut Html, page: &Page<'_>) {
    let world = page.world;
    let apps: Vec<(String, String)> = world.apps.keys().map(|id| (id.clone(), app_name(world, id))).collect();
    let pushed = world.org.apps().flat_map(|app| app.mappings.iter().map(move |(group, found)| (app, group, found)));
    let pushed: Vec<(String, String)> = pushed
        .filter(|(_, _, found)| found.linked)
        .map(|(app, group, _)| {
            (format!("{} {group}", app.id), format!("{} to {}", group_name(world, group), app.app.label))
        })
        .collect();
    if apps.is_empty() {
        return empty(html, "There is no app.");
    }
    act(html, page, "import", "sheet", |html| {
        choice(html, "From app", "app", "", &apps);
        html.leaf("button", &[], "Import now");
    });
    if pushed.is_empty() {
        return empty(html, "No group is pushed.");
    }
    act(html, page, "push", "sheet", |html| {
        choice(html, "Group", "push", "", &pushed);
        html.leaf("button", &[], "Push now");
    });
}

fn faults(html: &mut Html, page: &Page<'_>) {
    let world = page.world;
    if world.journal.faults.is_empty() {
        empty(html, "None: requests go out and answers come back.");
    } else {
        html.element("ul", &[("class", "faults")], |html| {
            for fault in &world.journal.faults {
                html.leaf("li", &[], &told(world, fault));
            }
        });
        act(html, page, "no-faults", "one", |html| {
            html.leaf("button", &[], "Remove all faults");
        });
    }
    let option = |value: &str, text: &str| (value.to_owned(), text.to_owned());
    let kinds = [
        option("status", "The request is answered with a status"),
        option("drop-request", "The request is lost"),
        option("drop-answer", "The answer is lost"),
        option("delay", "The request is late"),
    ];
    let methods = ["", "GET", "POST", "PUT", "PATCH", "DELETE"].map(|word| option(word, or_any(word)));
    let mut apps = vec![option("", "Any")];
    apps.extend(world.apps.keys().map(|id| (id.clone(), app_name(world, id))));
    act(html, page, "fault", "sheet", |html| {
        choice(html, "What", "kind", "status", &kinds);
        field(html, "Status", "status", &[("type", "number"), ("min", "400"), ("max", "599"), ("value", "503")]);
        field(html, "Retry-After, in seconds", "retryAfter", &[("type", "number"), ("min", "0"), ("max", "86400")]);
        field(html, "Late by, in milliseconds", "milliseconds", &[("type", "number"), ("min", "0"), ("value", "2000")]);
        field(html, "How often", "times", &[("type", "number"), ("min", "1"), ("placeholder", "always")]);
        choice(html, "Method", "method", "", &methods);
        field(html, "Path begins with", "path", &[("placeholder", "/Users")]);
        choice(html, "App", "app", "", &apps);
        html.leaf("button", &[], "Add the fault");
    });
}

fn reset(html: &mut Html, page: &Page<'_>) {
    html.leaf("p", &[], "Everything becomes as the seed has it. The service provider keeps what it was sent.");
    act(html, page, "reset", "sheet", |html| {
        html.element("label", &[("class", "check")], |html| {
            html.void("input", &[("type", "checkbox"), ("name", "sure"), ("value", "yes"), ("required", "")]);
            html.text(" I am sure");
        });
        html.leaf("button", &[("class", "danger")], "Reset the org");
    });
}

fn person_field(html: &mut Html) {
    field(html, "Person", "person", &[("required", ""), ("list", "people"), ("placeholder", "Login")]);
}

/// Adds the logins a browser can offer; of a large org not all.
fn people(html: &mut Html, world: &World) {
    html.element("datalist", &[("id", "people")], |html| {
        let present = world.org.people().filter(|person| person.status != PersonStatus::Deprovisioned);
        for person in present.take(MOST) {
            html.leaf("option", &[("value", &person.profile.login)], &person_name(world, &person.id));
        }
    });
}

/// Adds a choice of groups; of somebody, only those they are in, or are not in.
fn groups(html: &mut Html, world: &World, label: &str, name: &str, of: Option<(&Person, bool)>) {
    let offered = world.org.groups().filter(|group| world.everyone.as_ref() != Some(&group.id));
    let offered = offered
        .filter(|group| of.is_none_or(|(person, is_member)| group.members.contains_key(&person.id) == is_member));
    let offered: Vec<_> = offered.take(MOST).collect();
    if offered.is_empty() {
        return;
    }
    html.element("fieldset", &[], |html| {
        html.leaf("legend", &[], label);
        for group in offered {
            html.element("label", &[("class", "check")], |html| {
                html.void("input", &[("type", "checkbox"), ("name", name), ("value", &group.id)]);
                html.text(" ").text(&group.name);
            });
        }
    });
}

fn check(html: &mut Html, name: &str, label: &str, is_checked: bool) {
    html.element("label", &[("class", "check")], |html| {
        let attributes = [("type", "checkbox"), ("name", name), ("value", "yes"), ("checked", "")];
        html.void("input", if is_checked { &attributes } else { &attributes[..3] });
        html.text(" ").text(label);
    });
}

fn told(world: &World, fault: &Fault) -> String {
    let kind = match &fault.kind {
        FaultKind::Delay(time) => format!("late by {} ms", time.as_millis()),
        FaultKind::DropRequest => "request lost".to_owned(),
        FaultKind::DropAnswer => "answer lost".to_owned(),
        FaultKind::Status { status, retry_after: None } => format!("answered with {status}"),
        FaultKind::Status { status, retry_after: Some(time) } => {
            format!("answered with {status}, Retry-After: {time}")
        }
    };
    let method = fault.method.as_deref().map_or("any method", |method| method);
    let path = fault.path.as_deref().map(|path| format!(" {path}…")).unwrap_or_default();
    let app = fault.app.as_deref().map(|id| format!(" of {}", app_name(world, id))).unwrap_or_default();
    let times = fault.times.map_or_else(|| "always".to_owned(), |times| format!("{times} more times"));
    format!("{method}{path}{app}: {kind}, {times}")
}

fn or_any(word: &str) -> &str {
    if word.is_empty() { "Any" } else { word }
}

const MOST: usize = 300;
