//! Exchanges: a line each, and both messages folded below it.

use super::markup::Markup;
use crate::text::{clip, counted};
use crate::transcript;
use scim_record::{Exchange, Header, RequestRecord, ResponseRecord};

/// Adds an exchange; `shows` is what to say of one that showed a finding.
pub(super) fn exchange(html: &mut Markup, exchange: &Exchange, base: &str, shows: bool) {
    html.element("details", &[("class", "exchange")], |html| {
        html.element("summary", &[], |html| {
            line(html, exchange, base);
            if shows {
                html.text(" ").leaf("span", &[("class", "chip")], "shows it");
            }
        });
        html.element("div", &[("class", "messages")], |html| {
            request(html, &exchange.request);
            match (&exchange.response, &exchange.failure) {
                (Some(response), _) => self::response(html, response, exchange),
                (None, Some(failure)) => no_answer(html, &failure.to_string()),
                (None, None) => no_answer(html, "nothing came back"),
            }
        });
    });
}

/// Adds `PATCH /Users/1 → 200 in 4 ms · deactivate`.
pub(super) fn line(html: &mut Markup, exchange: &Exchange, base: &str) {
    html.leaf("span", &[("class", "method")], &clip(&exchange.request.method, 20)).text(" ");
    html.leaf("code", &[], &clip(transcript::below(&exchange.request.url, base), URL)).text(" → ");
    let class = match &exchange.response {
        Some(response) if response.status < 400 => "status good",
        Some(response) if response.status < 500 => "status",
        _ => "status bad",
    };
    html.leaf("span", &[("class", class)], &transcript::answer(exchange));
    if !exchange.step.is_empty() {
        html.text(" ").leaf("span", &[("class", "quiet")], &format!("· {}", clip(&exchange.step, URL)));
    }
}

fn request(html: &mut Markup, request: &RequestRecord) {
    let head = format!("{} {}", request.method, request.url);
    message(html, "Sent", &head, &request.headers, request.body.as_deref().unwrap_or_default());
}

fn response(html: &mut Markup, response: &ResponseRecord, exchange: &Exchange) {
    let timing = &exchange.timing;
    let label = format!(
        "Came back: {} in {}, its head after {}",
        counted(response.size, "byte"),
        transcript::milliseconds(timing.total_ms),
        transcript::milliseconds(timing.headers_ms)
    );
    let head = format!("{} {}", response.status, response.reason);
    message(html, &label, &head, &response.headers, &response.body);
}

fn no_answer(html: &mut Markup, text: &str) {
    html.element("div", &[], |html| {
        html.leaf("p", &[("class", "label")], "Came back");
        html.leaf("p", &[("class", "status bad")], &clip(text, COLUMNS));
    });
}

fn message(html: &mut Markup, label: &str, head: &str, headers: &[Header], body: &str) {
    html.element("div", &[], |html| {
        html.leaf("p", &[("class", "label")], label);
        html.element("pre", &[("tabindex", "0"), ("role", "group"), ("aria-label", label)], |html| {
            html.leaf("b", &[], &clip(head, COLUMNS)).text("\n");
            for header in headers.iter().take(HEADERS) {
                html.leaf("span", &[("class", "header")], &clip(&header.name, COLUMNS)).text(": ");
                html.text(&one_line(&header.value)).text("\n");
            }
            note_cut(html, headers.len().saturating_sub(HEADERS), "header");
            self::body(html, body);
        });
    });
}

/// Adds a body: JSON indented, everything bounded.
fn body(html: &mut Markup, body: &str) {
    if body.is_empty() {
        return;
    }
    html.text("\n");
    let body = match body.len() <= INDENTED {
        true => transcript::for_display(body),
        false => clip(body, INDENTED).into_owned(),
    };
    for line in body.lines().take(LINES) {
        html.text(&clip(line, COLUMNS)).text("\n");
    }
    note_cut(html, body.lines().count().saturating_sub(LINES), "line");
}

fn note_cut(html: &mut Markup, cut: usize, noun: &str) {
    if cut > 0 {
        html.leaf("i", &[], &format!("… {} not shown", counted(cut, noun))).text("\n");
    }
}

/// A line break inside a header's value is an attack, and has to look like one.
fn one_line(value: &str) -> String {
    crate::text::visible(&clip(value, COLUMNS))
}

const URL: usize = 300;
/// How large a body may be to be indented, in bytes.
const INDENTED: usize = 128 * 1024;
const LINES: usize = 300;
const COLUMNS: usize = 1_000;
const HEADERS: usize = 60;
