//! Compares the requests of a case's events with its golden transcript.

use crate::bindings::Bindings;
use crate::expect::{self, Mismatch};
use mock_okta::Request;
use scim_suite::Golden;
use scim_suite::golden::{GoldenBody, GoldenExchange};
use scim_transport::Reply;
use serde_json::Value;

/// What the events of a case have sent and been answered so far.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    events: Vec<Vec<Exchange>>,
}

/// One request of Okta's with its answer.
#[derive(Debug)]
pub(crate) struct Exchange {
    request: Request,
    status: u16,
    /// The body of the answer, or null if that was no JSON.
    body: Value,
}

impl Exchange {
    /// Returns the exchange of this request and this answer.
    pub(crate) fn new(request: Request, reply: &Reply) -> Exchange {
        let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        Exchange { request, status: reply.status, body }
    }

    /// Returns the exchange without the answer's body, for a case that compares no transcript.
    pub(crate) fn without_body(request: Request, reply: &Reply) -> Exchange {
        Exchange { request, status: reply.status, body: Value::Null }
    }
}

impl Recorder {
    /// Notes what one event came to.
    pub(crate) fn add(&mut self, event: Vec<Exchange>) {
        self.events.push(event);
    }
}

/// Compares the latest event with its block of the transcript; the first difference is told.
pub(crate) fn compare(golden: &Golden, recorder: &Recorder, bindings: &Bindings) -> Option<Mismatch> {
    let event = recorder.events.last()?;
    let block = &golden.blocks[recorder.events.len() - 1];
    let bodies_before = |index: usize| -> Option<&Value> {
        let earlier = recorder.events.iter().flatten();
        let here = recorder.events.iter().map(Vec::len).sum::<usize>() - event.len() + index;
        earlier.take(here).map(|exchange| &exchange.body).last()
    };
    for (index, expected) in block.exchanges.iter().enumerate() {
        let Some(exchange) = event.get(index) else {
            let sentence = format!("Okta stopped before it sent {} {}", expected.method, target(expected, bindings));
            return Some(Mismatch::sentence(sentence, expected.span.clone()));
        };
        let wanted = render_expected(expected, &exchange.request, bodies_before(index), bindings);
        let sent = render_sent(&exchange.request, expected);
        if wanted != sent {
            let sentence = "the server's answers led Okta to another request than this one".to_owned();
            return Some(Mismatch::texts(sentence, wanted, sent, expected.span.clone()));
        }
        let status = exchange.status;
        if !expected.status.contains(&status) {
            let accepted = expected.status.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
            let sentence = format!("the server answered {status}, not {accepted}");
            return Some(Mismatch::sentence(sentence, expected.span.clone()));
        }
    }
    let surplus = event.get(block.exchanges.len())?;
    let sentence = format!("Okta went on and sent {} {}", surplus.request.method, surplus.request.target);
    Some(Mismatch::sentence(sentence, block.span.clone()))
}

fn target(expected: &GoldenExchange, bindings: &Bindings) -> String {
    fill(bindings, true, |lookup| expected.target.expand(lookup))
}

/// Returns the expected request as text; where its body is a pattern that the sent one matches, the sent one stands for
/// it, so that a difference shows what really differs.
fn render_expected(expected: &GoldenExchange, sent: &Request, last: Option<&Value>, bindings: &Bindings) -> String {
    let mut text = format!("{} {}\n", expected.method, target(expected, bindings));
    for (name, value) in &expected.headers {
        let value = fill(bindings, false, |lookup| value.expand(lookup));
        text.push_str(&format!("{name}: {value}\n"));
    }
    let body = match &expected.body {
        None => return text,
        Some(GoldenBody::LastBody(change)) => {
            let last = last.cloned().unwrap_or(Value::Null);
            let lookup = |name: &str| bindings.get(name).or_else(|| Some(String::new()));
            indent(&change.apply(&last, &lookup).expect("every name has a value"))
        }
        Some(GoldenBody::Json { pattern, line }) => {
            let sent_body: Option<Value> = sent.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
            match sent_body {
                Some(body) if expect::matches_exactly(pattern, &body, bindings) && same_order(line, &body) => {
                    indent(&body)
                }
                body => {
                    let line = serde_json::from_str(line).expect("the plan knows that the line is JSON");
                    indent(&filled(line, body.as_ref(), bindings))
                }
            }
        }
    };
    text + &body
}

fn render_sent(sent: &Request, expected: &GoldenExchange) -> String {
    let mut text = format!("{} {}\n", sent.method, sent.target);
    for (name, _) in &expected.headers {
        let header = sent.headers.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name));
        text.push_str(&header.map_or_else(String::new, |(_, value)| format!("{name}: {value}\n")));
    }
    let body =
        sent.body.as_deref().map(|body| serde_json::from_str(body).map_or(body.to_owned(), |body| indent(&body)));
    text + &body.unwrap_or_default()
}

/// Returns the JSON of a transcript with its holes filled; where it has a pattern word, what was sent stands for it.
fn filled(line: Value, sent: Option<&Value>, bindings: &Bindings) -> Value {
    match line {
        Value::Object(members) => {
            let fill = |(name, value): (String, Value)| {
                let sent = sent.and_then(|sent| sent.get(&name));
                (name, filled(value, sent, bindings))
            };
            Value::Object(members.into_iter().map(fill).collect())
        }
        Value::Array(elements) => {
            let fill = |(at, value): (usize, Value)| filled(value, sent.and_then(|sent| sent.get(at)), bindings);
            Value::Array(elements.into_iter().enumerate().map(fill).collect())
        }
        Value::String(text) if text.contains("{{") => {
            let text = bindings.fill_in(&text);
            if text.contains("{{") { sent.cloned().unwrap_or(Value::String(text)) } else { Value::String(text) }
        }
        other => other,
    }
}

/// Returns whether the members of a body stand in the order the transcript has them in.
fn same_order(line: &str, body: &Value) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|line| keys(&line) == keys(body))
}

fn keys(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(key, value)| std::iter::once(key.as_str()).chain(keys(value))).collect()
        }
        Value::Array(elements) => elements.iter().flat_map(keys).collect(),
        _ => Vec::new(),
    }
}

fn indent(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON can be written")
}

/// Expands a template; a name without a value, which only a server's odd answer can leave, stands for nothing.
fn fill(
    bindings: &Bindings,
    encoded: bool,
    expand: impl FnOnce(&dyn Fn(&str) -> Option<String>) -> Result<String, scim_suite::Unbound>,
) -> String {
    let get = |name: &str| if encoded { bindings.get_encoded(name) } else { bindings.get(name) };
    expand(&|name| get(name).or_else(|| Some(String::new()))).expect("every name has a value")
}
