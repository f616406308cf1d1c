//! Tasks: what provisioning leaves to the administrator; and what is under way.

use mock_okta::org::{Job, Subject, Task};

use super::html::Html;
use super::layout::{
    Section, account_path, app_name, app_path, button, cell, empty, group_name, group_path, linked, moment,
    person_name, person_path, table,
};
use super::{Drawn, Page};
use crate::control::work;
use crate::world::World;

/// Draws the page.
pub(super) fn draw(page: &Page<'_>) -> Drawn {
    let (world, mut html) = (page.world, Html::new());
    let tasks: Vec<&Task> = world.org.tasks().take(MOST).collect();
    match tasks.is_empty() {
        true => empty(&mut html, "No tasks: whatever was to be sent was sent, or waits to be."),
        false => list(&mut html, page, &tasks),
    }
    more(&mut html, world.org.tasks().len());
    html.leaf("h2", &[("id", "under-way")], "Under way");
    let jobs: Vec<&Job> = world.org.pending().take(MOST).collect();
    if jobs.is_empty() {
        empty(&mut html, "Nothing.");
    } else {
        table(&mut html, "Under way", &["Job", "App", "About", "What", "Why", "Calls so far"], &jobs, |html, job| {
            let number = job.id.to_string();
            cell(html, &number);
            linked(html, &app_path(&job.app), &app_name(world, &job.app));
            subject(html, world, &job.app, &job.subject);
            cell(html, work(&job.work));
            cell(html, &job.cause);
            let calls = world.jobs.get(&number).map_or(0, |trace| trace.exchanges.len());
            cell(html, &calls.to_string());
        });
    }
    more(&mut html, world.org.pending().len());
    Drawn { section: Section::Tasks, title: "Tasks".to_owned(), body: html }
}

/// Adds the tasks about something, if there are any.
pub(super) fn about(html: &mut Html, page: &Page<'_>, wanted: impl Fn(&Task) -> bool) {
    let tasks: Vec<&Task> = page.world.org.tasks().filter(|task| wanted(task)).take(MOST).collect();
    if !tasks.is_empty() {
        html.leaf("h2", &[], "Tasks");
        list(html, page, &tasks);
    }
}

fn list(html: &mut Html, page: &Page<'_>, tasks: &[&Task]) {
    let world = page.world;
    table(html, "Tasks", &["Since", "App", "About", "What", "Message", "Failed", ""], tasks, |html, task| {
        cell(html, &moment(world, task.created));
        linked(html, &app_path(&task.app), &app_name(world, &task.app));
        subject(html, world, &task.app, &task.subject);
        cell(html, work(&task.work));
        html.leaf("td", &[("class", "message")], &task.message);
        cell(html, &times(task.failures));
        html.element("td", &[], |html| button(html, page, "retry", "Retry", &[("task", &task.id)]));
    });
}

fn subject(html: &mut Html, world: &World, app: &str, subject: &Subject) {
    match subject {
        Subject::App => cell(html, "the app"),
        Subject::Person(id) if world.org.account(app, id).is_some() => {
            linked(html, &account_path(app, id), &person_name(world, id));
        }
        Subject::Person(id) => linked(html, &person_path(id), &person_name(world, id)),
        Subject::Group(id) => linked(html, &group_path(id), &group_name(world, id)),
    }
}

fn times(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn more(html: &mut Html, count: usize) {
    if count > MOST {
        html.leaf("p", &[("class", "quiet")], &format!("The first {MOST} of {count}."));
    }
}

const MOST: usize = 200;
