//! One entry of the timeline: event, cause, calls, change, verdict.

use std::collections::HashSet;

use mock_okta::org::{Actor, LogEntry, LogOutcome, Target, TargetKind};

use super::ROOT;
use super::exchange;
use super::form::with_query;
use super::html::Html;
use super::layout::{
    account_path, app_name, app_path, badge, group_name, group_path, moment, person_name, person_path, table,
};
use crate::shape::log::display_message;
use crate::world::{Change, JobTrace, Thing, World};

/// Adds an entry. The calls of a job stand with the first of its entries; `told` are the jobs whose calls were shown.
pub(super) fn draw(html: &mut Html, world: &World, entry: &LogEntry, told: &mut HashSet<String>) {
    let (verdict, reason) = verdict(&entry.outcome);
    let (id, class) = (format!("e{}", entry.serial), format!("entry {verdict}"));
    html.element("li", &[("class", &class), ("id", &id)], |html| {
        html.element("p", &[("class", "when")], |html| {
            html.leaf("time", &[], &moment(world, entry.at));
            html.leaf("span", &[("class", "serial")], &format!("#{}", entry.serial));
        });
        html.element("div", &[("class", "what")], |html| {
            html.element("h3", &[], |html| {
                html.text(display_message(entry.event_type)).text(" ");
                badge(html, verdict);
            });
            html.element("p", &[("class", "targets")], |html| {
                entry.targets.iter().for_each(|target| name(html, world, target));
                html.leaf("code", &[("class", "type")], entry.event_type.name());
            });
            cause(html, world, entry, told);
            changes(html, world, entry);
            if let Some(reason) = reason {
                html.element("p", &[("class", "verdict")], |html| {
                    html.leaf("strong", &[], if verdict == "task" { "Failed: " } else { "Nothing was sent: " });
                    html.text(reason);
                    if verdict == "task" {
                        html.text(" ").link("/console/tasks", "To the tasks");
                    }
                });
            }
        });
    });
}

/// Returns how an entry ended, in one word, and why.
pub(super) fn verdict(outcome: &LogOutcome) -> (&'static str, Option<&str>) {
    match outcome {
        LogOutcome::Success => ("done", None),
        LogOutcome::Failure(reason) => ("task", Some(reason)),
        LogOutcome::Skipped(reason) => ("skipped", Some(reason)),
    }
}

/// Adds what something happened to. Whoever is gone is named as the log remembers them.
fn name(html: &mut Html, world: &World, target: &Target) {
    let (kind, href) = match target.kind {
        // The account's person and app stand beside it.
        TargetKind::AppUser | TargetKind::AppGroup => return,
        TargetKind::User => ("person", world.org.person(&target.id).map(|_| person_path(&target.id))),
        TargetKind::UserGroup => ("group", world.org.group(&target.id).map(|_| group_path(&target.id))),
        TargetKind::AppInstance => ("app", world.apps.get(&target.id).map(|_| app_path(&target.id))),
        _ => (target.kind.name(), None),
    };
    let text = if target.display_name.is_empty() { &target.id } else { &target.display_name };
    html.element("span", &[("class", "target")], |html| {
        html.leaf("span", &[("class", "quiet")], kind).text(" ");
        match href {
            Some(href) => html.link(&href, text),
            None => html.text(text),
        };
    });
}

/// Adds why something happened and what it made Okta send.
fn cause(html: &mut Html, world: &World, entry: &LogEntry, told: &mut HashSet<String>) {
    let number = entry.job.map(|job| job.to_string()).unwrap_or_default();
    let (job, act) = (world.jobs.get(&number), world.call_behind(entry));
    html.element("p", &[("class", "cause")], |html| {
        html.leaf("span", &[("class", "quiet")], "because ");
        match (job, entry.actor) {
            (Some(job), _) => html.text(&job.cause).text(", after "),
            (None, Actor::System) => html.text("it followed from "),
            (None, Actor::Administrator) => html.text("of "),
        };
        match act.checked_sub(1).and_then(|index| world.acts.get(index)) {
            Some(call) => {
                html.leaf("code", &[], call).text(" ");
                html.link(&with_query(ROOT, &[("call", &act.to_string())]), "all that followed");
            }
            None => {
                html.text("the seed");
            }
        }
    });
    let Some(job) = job.filter(|job| !job.exchanges.is_empty()) else { return };
    match told.insert(number.clone()) {
        true => calls(html, world, &number, job),
        false => {
            html.element("p", &[("class", "quiet")], |html| {
                html.text("The calls of this job are shown above. ");
                html.link(&with_query(ROOT, &[("job", &number)]), &format!("Job {number}"));
            });
        }
    }
}

fn calls(html: &mut Html, world: &World, number: &str, job: &JobTrace) {
    let base = world.apps.get(&job.app).and_then(|card| card.service.as_ref());
    let base = base.map(|service| service.target.base()).unwrap_or_default();
    html.element("ol", &[("class", "calls"), ("aria-label", "SCIM calls")], |html| {
        let hidden = job.exchanges.len().saturating_sub(MOST_CALLS);
        let (first, last) = match hidden {
            0 => (job.exchanges.as_slice(), &[][..]),
            // How it began and how it ended says most.
            _ => (&job.exchanges[..MOST_CALLS / 2], &job.exchanges[MOST_CALLS / 2 + hidden..]),
        };
        first.iter().for_each(|brief| exchange::summary(html, world, brief, base));
        if hidden > 0 {
            html.leaf("li", &[("class", "quiet")], &format!("… and {hidden} more calls of job {number}"));
        }
        last.iter().for_each(|brief| exchange::summary(html, world, brief, base));
    });
}

/// Adds before and after: a few fields at once, many where one asks for them.
fn changes(html: &mut Html, world: &World, entry: &LogEntry) {
    for change in world.changes.of(entry.serial) {
        let (heading, href) = thing(world, entry, &change.thing);
        let label = |html: &mut Html| {
            html.leaf("span", &[("class", "quiet")], "changed ");
            match &href {
                Some(href) => html.link(href, &heading),
                None => html.text(&heading),
            };
        };
        if change.fields.len() <= FEW {
            html.element("p", &[("class", "change")], |html| {
                label(html);
                for (at, (name, before, after)) in change.fields.iter().enumerate() {
                    html.text(if at == 0 { ": " } else { "; " }).text(name).text(" ");
                    value(html, "del", before.as_deref());
                    html.leaf("span", &[("class", "quiet")], " → ");
                    value(html, "ins", after.as_deref());
                }
            });
            continue;
        }
        html.element("details", &[("class", "change")], |html| {
            html.element("summary", &[], |html| {
                label(html);
                html.leaf("span", &[("class", "quiet")], &format!(": {}", names(change)));
            });
            table(html, &heading, &["Field", "Before", "After"], &change.fields, |html, (name, before, after)| {
                html.leaf("th", &[("scope", "row")], name);
                html.element("td", &[], |html| value(html, "del", before.as_deref()));
                html.element("td", &[], |html| value(html, "ins", after.as_deref()));
            });
        });
    }
}

fn value(html: &mut Html, element: &'static str, value: Option<&str>) {
    match value {
        Some(value) => html.leaf(element, &[], &shortened(value)),
        None => html.leaf("span", &[("class", "quiet")], "nothing"),
    };
}

/// Returns what changed, and its page if it has one still. Whoever is gone is named as the entry remembers them.
fn thing(world: &World, entry: &LogEntry, thing: &Thing) -> (String, Option<String>) {
    let remembered = |id: &str| {
        let target = entry.targets.iter().find(|target| target.id == id && !target.display_name.is_empty());
        target.map_or_else(|| id.to_owned(), |target| target.display_name.clone())
    };
    let person_name = |id: &str| world.org.person(id).map_or_else(|| remembered(id), |_| person_name(world, id));
    let group_name = |id: &str| world.org.group(id).map_or_else(|| remembered(id), |_| group_name(world, id));
    match thing {
        Thing::Person(id) => (format!("person {}", person_name(id)), world.org.person(id).map(|_| person_path(id))),
        Thing::Group(id) => (format!("group {}", group_name(id)), world.org.group(id).map(|_| group_path(id))),
        Thing::Account { app, person } => (
            format!("account of {} in {}", person_name(person), app_name(world, app)),
            world.org.person(person).and(world.org.app(app)).map(|_| account_path(app, person)),
        ),
        Thing::Push { app, group } => (
            format!("push of {} to {}", group_name(group), app_name(world, app)),
            world.org.group(group).map(|_| group_path(group)),
        ),
    }
}

fn names(change: &Change) -> String {
    let names: Vec<&str> = change.fields.iter().take(MOST_NAMES).map(|(name, _, _)| name.as_str()).collect();
    let rest = change.fields.len().saturating_sub(MOST_NAMES);
    let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    format!("{}{rest}", names.join(", "))
}

/// Returns the beginning of a text that is too long for a cell.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

const FEW: usize = 3;
const MOST_CALLS: usize = 12;
const MOST_NAMES: usize = 5;
const LONGEST_VALUE: usize = 400;
