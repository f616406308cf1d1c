//! Compares an answer with a step's assertions and takes from it what later steps need.
//!
//! What a server said is shown as the redacted evidence has it; comparisons look at the answer itself.

use super::compare::{Comparison, text};
use super::format::{Assertion, Extraction, Send, Subject};
use super::script;
use super::source::Span;
use super::variables::Variables;
use crate::client::Answer;
use crate::gate::Kind;
use scim_record::Exchange;
use serde_json::Value;
use std::borrow::Cow;

/// Something that is not as the step says.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// One sentence about it.
    pub(crate) sentence: String,
    /// Where in the answer's JSON.
    pub(crate) pointer: Option<String>,
    /// What should have been.
    pub(crate) expected: Option<String>,
    /// What was.
    pub(crate) actual: Option<String>,
    /// Where it is asked for.
    pub(crate) span: Option<Span>,
    /// What it is to the gate; nothing for what only we could not do.
    pub(crate) kind: Option<Kind>,
}

/// An answer and what was recorded of it.
pub(crate) struct Seen<'a> {
    answer: &'a Answer,
    evidence: &'a Exchange,
    json: Option<Value>,
    shown: Option<Value>,
}

impl<'a> Seen<'a> {
    /// Takes an answer and its record.
    pub(crate) fn new(answer: &'a Answer, evidence: &'a Exchange) -> Seen<'a> {
        let json = serde_json::from_slice(&answer.reply.body).ok();
        let shown = evidence.response.as_ref().and_then(|response| serde_json::from_str(&response.body).ok());
        Seen { answer, evidence, json, shown }
    }

    /// Does what follows an answer, in Runscope's order: extractions, scripts, assertions.
    pub(crate) fn judge(&self, send: &Send, number: usize, variables: &mut Variables) -> Vec<Wrong> {
        let lost: Vec<Wrong> =
            send.extractions.iter().filter_map(|extraction| self.extract(extraction, number, variables)).collect();
        let scripts = send.scripts.iter().filter_map(|(text, span)| self.script(text, *span, variables));
        let scripts: Vec<Wrong> = scripts.collect();
        let mut wrongs: Vec<Wrong> =
            send.assertions.iter().filter_map(|assertion| self.assert(assertion, variables)).collect();
        wrongs.extend(scripts);
        wrongs.extend(lost);
        let status = self.answer.reply.status;
        let is_asked = send.assertions.iter().any(|assertion| assertion.subject == Subject::Status);
        if is_failure(status) && !is_asked {
            wrongs.push(Wrong {
                kind: Some(Kind::ServerFailure),
                ..Wrong::sentence(format!("the server failed with {status}"), None)
            });
        }
        wrongs
    }

    /// Returns a part of the answer, or nothing where there is none.
    fn part(&self, subject: &Subject) -> Option<Value> {
        let reply = &self.answer.reply;
        match subject {
            Subject::Status => Some(reply.status.into()),
            Subject::Json(path, _) => path.find(self.json.as_ref()?).map(Cow::into_owned),
            Subject::Header(name) => {
                let lines = reply.headers.get_all(name.as_str()).iter();
                let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
                (!lines.is_empty()).then(|| lines.join(", ").into())
            }
            Subject::Text => Some(String::from_utf8_lossy(&reply.body).into()),
            Subject::Time => serde_json::Number::from_f64(self.evidence.timing.total_ms.round()).map(Value::Number),
            Subject::Size => Some(reply.body.len().into()),
        }
    }

    /// Returns the same part as it may be shown.
    fn shown(&self, subject: &Subject) -> Option<String> {
        let response = self.evidence.response.as_ref()?;
        match subject {
            Subject::Status => Some(format!("{} {}", response.status, response.reason).trim_end().to_owned()),
            Subject::Json(path, _) => path.find(self.shown.as_ref()?).map(|value| value.to_string()),
            Subject::Header(name) => {
                let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
                Some(header.value.clone())
            }
            Subject::Text => Some(response.body.clone()),
            Subject::Time => Some(format!("{:.0} ms", self.evidence.timing.total_ms)),
            Subject::Size => Some(format!("{} bytes", response.size)),
        }
    }

    fn assert(&self, assertion: &Assertion, variables: &mut Variables) -> Option<Wrong> {
        let Assertion { subject, comparison, target, span } = assertion;
        let target = match target.fill(variables) {
            Ok(target) => target,
            Err(unset) => {
                return Some(Wrong::sentence(format!("{{{{{}}}}} has no value to compare with", unset.0), Some(*span)));
            }
        };
        let part = self.part(subject);
        if comparison.holds(part.as_ref(), &target) {
            return None;
        }
        let shown = self.shown(subject);
        let kind = if *subject == Subject::Status && is_failure(self.answer.reply.status) {
            Kind::ServerFailure
        } else {
            Kind::Expectation
        };
        Some(Wrong {
            sentence: self.complaint(subject, *comparison, &target, part.as_ref(), shown.as_deref()),
            pointer: pointer(subject),
            expected: Some(comparison.wish(&target)),
            actual: shown,
            span: Some(*span),
            kind: Some(kind),
        })
    }

    fn complaint(
        &self,
        subject: &Subject,
        comparison: Comparison,
        target: &str,
        part: Option<&Value>,
        shown: Option<&str>,
    ) -> String {
        let name = subject.name();
        match (part, subject) {
            (None, Subject::Json(..)) if self.json.is_none() => format!("{name} cannot be found: the body is no JSON"),
            (None, _) => format!("{name} is absent"),
            (Some(_), _) if comparison == Comparison::NotEmpty => format!("{name} is empty"),
            (Some(_), Subject::Text) => format!("{name} is not {}", comparison.wish(target)),
            (Some(_), _) => {
                format!("{name} is {}, not {}", short(shown.unwrap_or("otherwise")), comparison.wish(target))
            }
        }
    }

    fn extract(&self, extraction: &Extraction, number: usize, variables: &mut Variables) -> Option<Wrong> {
        let Extraction { name, subject, span } = extraction;
        if let Some(value) = self.part(subject).filter(|value| !value.is_null()) {
            variables.set(name, &text(&value));
            return None;
        }
        variables.lose(name, number);
        let sentence = format!("{{{{{name}}}}} cannot be filled: {} is absent", subject.name());
        Some(Wrong { pointer: pointer(subject), ..Wrong::sentence(sentence, Some(*span)) })
    }

    fn script(&self, text: &str, span: Span, variables: &Variables) -> Option<Wrong> {
        let Some(known) = script::known(text) else {
            let sentence = "not run: script; what it would assert is not known".to_owned();
            return Some(Wrong { kind: None, ..Wrong::sentence(sentence, Some(span)) });
        };
        let complaint = known.complaint(&self.answer.reply.body, variables)?;
        Some(Wrong::sentence(format!("the script's assertion fails: {complaint}"), Some(span)))
    }
}

impl Wrong {
    /// Returns an expectation that did not hold and is told by one sentence.
    pub(crate) fn sentence(sentence: String, span: Option<Span>) -> Wrong {
        Wrong { sentence, pointer: None, expected: None, actual: None, span, kind: Some(Kind::Expectation) }
    }
}

fn pointer(subject: &Subject) -> Option<String> {
    match subject {
        Subject::Json(path, _) => Some(path.pointer()),
        _ => None,
    }
}

/// 501 is an honest answer to what a server does not do; every other 5xx is a failure.
fn is_failure(status: u16) -> bool {
    (500..600).contains(&status) && status != 501
}

/// Cuts a long value down to what fits in a sentence.
fn short(text: &str) -> String {
    const ROOM: usize = 80;
    match text.char_indices().nth(ROOM) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
