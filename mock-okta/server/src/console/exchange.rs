//! An exchange with a service provider: in one line that opens, and as a page of its own. Both show what the journal
//! holds, from which secrets were taken before it came there.

use scim_record::{Exchange, Header};
use serde_json::Value;

use super::form::path;
use super::html::Html;
use super::layout::{Section, app_name, facts, moment};
use super::{Drawn, Page};
use crate::world::{Brief, Entry, World};

/// Adds an exchange in one line that opens.
pub(super) fn summary(html: &mut Html, world: &World, brief: &Brief, base: &str) {
    let target = brief.url.strip_prefix(base).filter(|target| target.starts_with('/')).unwrap_or(&brief.url);
    let entry = world.journal.find(brief.id);
    html.element("li", &[], |html| {
        html.element("details", &[("class", "call")], |html| {
            html.element("summary", &[], |html| {
                html.leaf("b", &[("class", "method")], &brief.method).text(" ");
                html.leaf("code", &[("class", "path")], target).text(" ");
                status(html, brief.status, brief.failure.as_deref());
                html.text(" ").leaf("span", &[("class", "quiet")], &took(brief.milliseconds));
                if let Some(fault) = entry.and_then(|entry| entry.fault) {
                    html.text(" ").leaf("span", &[("class", "badge wait")], &format!("fault: {fault}"));
                }
            });
            match entry {
                Some(entry) => {
                    bodies(html, &entry.exchange, SHORT);
                    let whole = path(&["console", "exchanges", &entry.id.to_string()]);
                    html.element("p", &[], |html| {
                        html.link(&whole, "The whole exchange, with headers");
                    });
                }
                None => {
                    html.leaf("p", &[("class", "quiet")], "The journal holds this exchange no longer.");
                }
            }
        });
    });
}

/// Adds an exchange that is in no journal, in one line that opens.
pub(super) fn whole(html: &mut Html, exchange: &Exchange) {
    html.element("details", &[("class", "call")], |html| {
        html.element("summary", &[], |html| {
            html.leaf("b", &[("class", "method")], &exchange.request.method).text(" ");
            html.leaf("code", &[("class", "path")], &exchange.request.url).text(" ");
            let failure = exchange.failure.as_ref().map(ToString::to_string);
            status(html, exchange.response.as_ref().map(|response| response.status), failure.as_deref());
            html.text(" ").leaf("span", &[("class", "quiet")], &took(exchange.timing.total_ms));
        });
        bodies(html, exchange, SHORT);
    });
}

/// Draws the page of an exchange.
pub(super) fn draw(page: &Page<'_>, id: u64) -> Option<Drawn> {
    let entry = page.world.journal.find(id)?;
    let (world, exchange, mut html) = (page.world, &entry.exchange, Html::new());
    html.element("p", &[("class", "call")], |html| {
        html.leaf("b", &[("class", "method")], &exchange.request.method).text(" ");
        html.leaf("code", &[("class", "path")], &exchange.request.url);
    });
    facts(&mut html, &rows(world, entry));
    part(&mut html, "Request", &exchange.request.headers, exchange.request.body.as_deref());
    match &exchange.response {
        Some(response) => {
            let heading = format!("Response: {} {}", response.status, response.reason);
            part(&mut html, &heading, &response.headers, Some(&response.body));
        }
        None => {
            html.leaf("h2", &[], "No response");
        }
    }
    Some(Drawn { section: Section::Timeline, title: format!("Exchange {id}"), body: html })
}

fn rows(world: &World, entry: &Entry) -> [(&'static str, String); 6] {
    let failure = entry.exchange.failure.as_ref().map(ToString::to_string).unwrap_or_default();
    [
        ("When", moment(world, entry.at)),
        ("App", app_name(world, &entry.app)),
        ("Job", format!("{}: {}", entry.job, entry.cause)),
        ("Took", format!("{:.1} ms", entry.exchange.timing.total_ms)),
        ("Fault", entry.fault.unwrap_or_default().to_owned()),
        ("Failed", failure),
    ]
}

fn part(html: &mut Html, heading: &str, headers: &[Header], content: Option<&str>) {
    html.leaf("h2", &[], heading);
    let lines: Vec<String> =
        headers.iter().take(MOST_HEADERS).map(|header| format!("{}: {}", header.name, header.value)).collect();
    html.leaf("pre", &[("tabindex", "0")], &lines.join("\n"));
    body(html, content, LONG);
}

fn bodies(html: &mut Html, exchange: &Exchange, most: usize) {
    for (name, content) in [
        ("Request", exchange.request.body.as_deref()),
        ("Response", exchange.response.as_ref().map(|response| response.body.as_str())),
    ] {
        html.leaf("h4", &[], name);
        body(html, content, most);
    }
    if let Some(failure) = &exchange.failure {
        html.leaf("p", &[("class", "verdict")], &failure.to_string());
    }
}

/// Adds a body, JSON with a line for each member; no more of it than `most`.
fn body(html: &mut Html, content: Option<&str>, most: usize) {
    let Some(content) = content.filter(|content| !content.is_empty()) else {
        html.leaf("p", &[("class", "quiet")], "No body.");
        return;
    };
    let indented = (content.len() <= LONG).then(|| serde_json::from_str::<Value>(content).ok()).flatten();
    let indented = indented.and_then(|value| serde_json::to_string_pretty(&value).ok());
    let text = indented.as_deref().unwrap_or(content);
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= most).last().unwrap_or_default();
    let is_whole = text.len() <= most;
    html.leaf("pre", &[("tabindex", "0")], if is_whole { text } else { &text[..end] });
    if !is_whole {
        let told = format!("The first {end} of {} bytes.", text.len());
        html.leaf("p", &[("class", "quiet")], &told);
    }
}

/// Returns a time as people read it: tenths where there is little else.
fn took(milliseconds: f64) -> String {
    if milliseconds < 10.0 { format!("{milliseconds:.1} ms") } else { format!("{milliseconds:.0} ms") }
}

fn status(html: &mut Html, status: Option<u16>, failure: Option<&str>) {
    match status {
        Some(status) => {
            let class = if (200..300).contains(&status) { "status good" } else { "status bad" };
            html.leaf("b", &[("class", class)], &status.to_string());
        }
        None => {
            html.leaf("b", &[("class", "status bad")], failure.unwrap_or("no answer"));
        }
    }
}

/// How much of a body stands on the timeline.
const SHORT: usize = 4 << 10;

/// How much of one stands on its page.
const LONG: usize = 1 << 20;

const MOST_HEADERS: usize = 200;
