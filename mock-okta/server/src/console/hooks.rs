//! Event hooks: which there are, and what became of their requests.

use http::Method;
use scim_record::Exchange;
use serde_json::Value;

use super::Drawn;
use super::exchange;
use super::form::{Form, with_query};
use super::html::Html;
use super::layout::{Section, badge, cell, empty, state, table};
use crate::call::{Call, View};
use crate::world::World;

/// Draws the page.
pub(super) fn draw(world: &mut World, query: &Form) -> Option<Drawn> {
    let last = world.hooks.made();
    let before = query.value("before").and_then(|text| text.parse().ok()).unwrap_or(u64::MAX).min(last + 1);
    let after = before.saturating_sub(PAGE + 1);
    let call = Call::new(Method::GET, "/_mock/hooks", &format!("after={after}&limit={PAGE}"), Vec::new(), "");
    let View::Json(told) = crate::hooks::show(world, &call).ok()?.view else { return None };
    let mut html = Html::new();
    let hooks = told["hooks"].as_array().map_or(&[][..], Vec::as_slice);
    match hooks.is_empty() {
        true => empty(&mut html, "No event hooks. POST /api/v1/eventHooks adds one, and so does the seed."),
        false => {
            table(&mut html, "Event hooks", &["Name", "Status", "Verified", "Events waiting"], hooks, |html, hook| {
                cell(html, text(&hook["name"]));
                state(html, text(&hook["status"]));
                state(html, text(&hook["verificationStatus"]));
                cell(html, &hook["waiting"].to_string());
            })
        }
    }
    html.leaf("h2", &[], "Deliveries");
    let deliveries = told["deliveries"].as_array().map_or(&[][..], Vec::as_slice);
    let deliveries: Vec<&Value> =
        deliveries.iter().filter(|delivery| delivery["id"].as_u64().is_some_and(|id| id < before)).rev().collect();
    if deliveries.is_empty() {
        empty(&mut html, "None that are kept.");
    }
    html.element("ol", &[("class", "timeline")], |html| {
        deliveries.iter().for_each(|delivery| entry(html, hooks, delivery));
    });
    html.element("nav", &[("class", "pages"), ("aria-label", "Pages")], |html| {
        if before <= last {
            html.link(PATH, "Newest");
        }
        if after > 0 && !deliveries.is_empty() {
            html.link(&with_query(PATH, &[("before", &(after + 1).to_string())]), "Older");
        }
    });
    Some(Drawn { section: Section::Hooks, title: "Event hooks".to_owned(), body: html })
}

fn entry(html: &mut Html, hooks: &[Value], delivery: &Value) {
    let failure = delivery["failure"].as_str();
    let class = if failure.is_some() { "entry task" } else { "entry done" };
    let hook = hooks.iter().find(|hook| hook["id"] == delivery["hook"]).map_or(&delivery["hook"], |hook| &hook["name"]);
    html.element("li", &[("class", class)], |html| {
        html.element("p", &[("class", "when")], |html| {
            html.leaf("time", &[], &text(&delivery["at"]).replace('T', " ").replace(".000Z", ""));
            html.leaf("span", &[("class", "serial")], &format!("#{}", delivery["id"]));
        });
        html.element("div", &[("class", "what")], |html| {
            html.element("h3", &[], |html| {
                html.text(text(hook)).text(" ");
                badge(html, if failure.is_some() { "failed" } else { "done" });
                if delivery["duplicate"] == true {
                    html.text(" ");
                    badge(html, "duplicate");
                }
            });
            let kinds = delivery["eventTypes"].as_array().map_or(&[][..], Vec::as_slice);
            html.element("p", &[("class", "targets")], |html| {
                for kind in kinds.iter().take(MOST_KINDS) {
                    html.leaf("code", &[("class", "type")], text(kind)).text(" ");
                }
                if kinds.len() > MOST_KINDS {
                    html.text(&format!("and {} more", kinds.len() - MOST_KINDS));
                }
            });
            html.element("ol", &[("class", "calls"), ("aria-label", "Attempts")], |html| {
                for attempt in delivery["attempts"].as_array().into_iter().flatten() {
                    let Ok(told) = serde_json::from_value::<Exchange>(attempt["exchange"].clone()) else { continue };
                    html.element("li", &[], |html| exchange::whole(html, &told));
                }
            });
            if let Some(failure) = failure {
                html.leaf("p", &[("class", "verdict")], failure);
            }
        });
    });
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

const PATH: &str = "/console/hooks";
const PAGE: u64 = 25;
const MOST_KINDS: usize = 10;
