//! Flows: which there are, their runs, and the evidence of each run.

use super::exchange;
use super::form::path;
use super::html::Html;
use super::layout::{Part, Section, badge, cell, empty, facts, linked, moment, moment_or_never, state, table};
use super::{Drawn, Page, ROOT};
use crate::flows::{Cause, RunRecord, RunStatus, StepRecord};
use crate::world::World;

/// Draws the list of flows and of the latest runs.
pub(super) fn list(page: &Page<'_>) -> Drawn {
    let (world, mut html) = (page.world, Html::new());
    let flows: Vec<_> = world.flows.flows().collect();
    match flows.is_empty() {
        true => empty(&mut html, "No flows. The seed can have some."),
        false => table(&mut html, "Flows", &["Name", "When", "If", "Steps", "Runs"], flows, |html, flow| {
            cell(html, flow.name());
            cell(html, &flow.trigger().to_string());
            cell(html, &flow.condition().map(ToString::to_string).unwrap_or_default());
            cell(html, &flow.steps().iter().map(|step| step.title()).collect::<Vec<_>>().join("; "));
            cell(html, &world.flows.runs().filter(|run| run.flow == flow.name()).count().to_string());
        }),
    }
    html.leaf("h2", &[], "Runs");
    let part = Part::cut(page, world.flows.runs());
    match part.items.is_empty() {
        true => empty(&mut html, "None that are kept."),
        false => {
            table(&mut html, "Runs", &["Run", "Flow", "Began", "Because", "Status", ""], &part.items, |html, run| {
                linked(html, &run_path(run), &run.id.to_string());
                cell(html, &run.flow);
                cell(html, &moment(world, run.began));
                cell(html, &cause(world, &run.cause));
                state(html, word(&run.status));
                cell(html, &why(world, &run.status));
            })
        }
    }
    part.links(&mut html, page, &[]);
    Drawn { section: Section::Flows, title: "Flows".to_owned(), body: html }
}

/// Draws a run.
pub(super) fn run(page: &Page<'_>, flow: &str, id: &str) -> Option<Drawn> {
    let (world, mut html) = (page.world, Html::new());
    let run = world.flows.find(flow, id.parse().ok()?)?;
    html.element("p", &[("class", "lead")], |html| badge(html, word(&run.status)));
    facts(
        &mut html,
        &[
            ("Because", cause(world, &run.cause)),
            ("Began", moment(world, run.began)),
            ("Ended", moment_or_never(world, run.ended)),
            ("Reason", why(world, &run.status)),
        ],
    );
    if let Cause::Event { serial, .. } = run.cause {
        let before = serial.saturating_add(1).to_string();
        html.element("p", &[], |html| {
            html.link(&super::form::with_query(ROOT, &[("before", &before)]), "The event on the timeline");
        });
    }
    html.leaf("h2", &[], "Steps");
    html.element("ol", &[("class", "steps")], |html| run.steps.iter().for_each(|record| step(html, record)));
    Some(Drawn { section: Section::Flows, title: format!("{flow}, run {id}"), body: html })
}

fn step(html: &mut Html, record: &StepRecord) {
    html.element("li", &[], |html| {
        html.element("p", &[], |html| {
            html.leaf("code", &[], &record.title).text(" ");
            badge(html, record.status.name());
            if record.requests > record.exchanges.len() {
                html.text(&format!(" {} of {} requests are kept", record.exchanges.len(), record.requests));
            }
        });
        if record.exchanges.is_empty() {
            return;
        }
        html.element("ol", &[("class", "calls"), ("aria-label", "Requests")], |html| {
            for told in record.exchanges.iter().take(MOST) {
                html.element("li", &[], |html| exchange::whole(html, told));
            }
        });
    });
}

fn run_path(run: &RunRecord) -> String {
    path(&["console", "flows", &run.flow, "runs", &run.id.to_string()])
}

fn cause(world: &World, cause: &Cause) -> String {
    match cause {
        Cause::Event { event_type, serial, .. } => format!("{event_type} (#{serial})"),
        Cause::Schedule { due } => format!("it was {}", moment(world, *due)),
    }
}

fn word(status: &RunStatus) -> &'static str {
    match status {
        RunStatus::Completed => "done",
        other => other.name(),
    }
}

fn why(world: &World, status: &RunStatus) -> String {
    match status {
        RunStatus::Waiting { until } => format!("until {}", moment(world, *until)),
        RunStatus::Failed { step, why } => format!("step {}: {why}", step + 1),
        RunStatus::Skipped { saw } => format!("the condition did not hold: {saw}"),
        RunStatus::Running | RunStatus::Completed => String::new(),
    }
}

const MOST: usize = 50;
