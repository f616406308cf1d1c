//! Judges what came of a step: the answer, Okta's end of it, and what the server then holds.

use super::act::Happened;
use super::record;
use super::stage::ImportTally;
use super::{Broken, Performance};
use crate::check::{self, Context};
use crate::client::{self, Answer};
use crate::curl;
use crate::expect::{self, Mismatch};
use crate::gate::{self, Kind};
use crate::transcript;
use scim_record::Finding;
use scim_suite::plan::{ImportExpect, Subject};
use scim_suite::{Action, AnswerExpect, EventSpec, Span, Status, Step, TargetKind};
use scim_transport::Reply;
use serde_json::Value;

impl Performance<'_, '_> {
    /// Checks a whole answer.
    pub(super) fn flaws(&self, answer: &Answer, expect: &AnswerExpect) -> Vec<Mismatch> {
        let recorded = if expect.checks.is_empty() { None } else { self.client.recorded(answer.exchange) };
        let Some(exchange) = recorded else { return Vec::new() };
        let context = Context { request: &exchange.request, base: self.client.base(), discovery: self.discovery };
        let flaws = expect.checks.iter().flat_map(|check| check::check(*check, &answer.reply, &context));
        flaws.map(|flaw| Mismatch::flaw(flaw, expect.span.clone())).collect()
    }

    /// Judges how an event ended for Okta, and then what the server holds.
    pub(super) async fn judge_event(&mut self, step: &Step, happened: Happened) -> Result<(), Broken> {
        let Action::Event(event) = &step.action else { unreachable!("only an event happens") };
        self.has_written = true;
        let Happened { label, outcomes, wire, waits, import, last, last_status } = happened;
        let expect = &event.expect;
        let sentence = |text: String| Mismatch::sentence(text, expect.span.clone());

        let kind = if last_status.is_some_and(is_failure) { Kind::ServerFailure } else { Kind::Expectation };
        let mut mismatches: Vec<Mismatch> =
            unexpected_end(&outcomes, event).into_iter().map(|wrong| wrong.with_kind(kind)).collect();
        if let Some(expected) = expect.requests.filter(|expected| *expected as usize != wire.len()) {
            mismatches.push(sentence(format!("{label} sent {} requests, not {expected}", wire.len())));
        }
        if let Some(expected) = expect.waits.as_ref().filter(|expected| **expected != waits) {
            mismatches.push(sentence(format!("Okta paused for {waits:?} seconds, not {expected:?}")));
        }
        if let Some(longest) = expect.longest_wait
            && let Some(wait) = waits.iter().find(|wait| **wait > longest)
        {
            mismatches.push(sentence(format!("Okta paused for {wait} seconds, not at most {longest}")));
        }
        if let Some(expected) = &expect.import {
            mismatches.extend(miscounted(expected, &import.unwrap_or_default()));
        }
        self.transcript.add(wire);
        if let Some(golden) = self.trial.case.golden.as_ref().filter(|_| !step.parallel) {
            mismatches.extend(transcript::compare(golden, &self.transcript, &self.bindings));
        }
        for mismatch in mismatches {
            self.find(&label, mismatch, last);
        }
        if !self.is_broken {
            self.judge_remote(&format!("after {label}"), event, &step.span).await?;
        }
        Ok(())
    }

    /// Reads back what the server holds after an event.
    async fn judge_remote(&mut self, label: &str, event: &EventSpec, span: &Span) -> Result<(), Broken> {
        let (collection, attribute, names) = match &event.subject {
            Subject::Nobody => return Ok(()),
            Subject::People(names) => ("/Users", "userName", names.clone()),
            Subject::Group(name) => ("/Groups", "displayName", vec![name.clone()]),
        };
        for name in names {
            if let Some(pattern) = &event.expect.remote {
                self.read_back(label, collection, &name, pattern, event.expect.exact).await?;
            }
            if let Some(expected) = event.expect.found {
                let key = if collection == "/Users" { "userName" } else { "name" };
                let value = self.bindings.get(&format!("{name}.{key}")).expect("the plan knows everybody's name");
                self.count_found(label, collection, attribute, &value, expected, span).await?;
            }
        }
        Ok(())
    }

    async fn read_back(
        &mut self,
        label: &str,
        collection: &str,
        name: &str,
        pattern: &scim_suite::Spanned<scim_suite::Pattern>,
        exact: bool,
    ) -> Result<(), Broken> {
        let Some(id) = self.bindings.get_encoded(&format!("{name}.id")) else {
            let sentence = format!("Okta knows no id of the server for {name}, so there is nothing to read back");
            self.find(label, Mismatch::sentence(sentence, pattern.span.clone()), None);
            return Ok(());
        };
        let target = format!("{collection}/{id}");
        let Some(Answer { reply, exchange }) = self.look(label, target, &pattern.span).await? else { return Ok(()) };
        let mismatches = if reply.status == 200 {
            expect::json(&reply.body, pattern, exact, &mut self.bindings)
        } else {
            vec![status_mismatch(&reply, &[Status::Code(200)], &pattern.span)]
        };
        for mismatch in mismatches {
            self.find(label, mismatch, Some(exchange));
        }
        Ok(())
    }

    /// Counts what the server finds under a name.
    async fn count_found(
        &mut self,
        label: &str,
        collection: &str,
        attribute: &str,
        name: &str,
        expected: u32,
        span: &Span,
    ) -> Result<(), Broken> {
        let literal = Value::String(name.to_owned()).to_string();
        let filter = client::encode(&format!("{attribute} eq {literal}"));
        let target = format!("{collection}?filter={filter}&startIndex=1&count=100");
        let Some(Answer { reply, exchange }) = self.look(label, target, span).await? else { return Ok(()) };
        let found = match (reply.status, serde_json::from_slice::<Value>(&reply.body)) {
            (404, _) => Some(0),
            (200, Ok(list)) => list.get("Resources").and_then(Value::as_array).map(Vec::len).or(Some(0)),
            _ => None,
        };
        if found != Some(expected as usize) {
            let found = found.map_or_else(|| format!("{} and no list", reply.status), |found| found.to_string());
            let sentence = format!("the lookup by {attribute} finds {found}, not {expected}");
            self.find(label, Mismatch::sentence(sentence, span.clone()).with_kind(kind_of(&reply)), Some(exchange));
        }
        Ok(())
    }

    /// Makes a finding of a mismatch, unless the gate leaves it unmentioned.
    pub(super) fn find(&mut self, step: &str, mismatch: Mismatch, exchange: Option<usize>) {
        self.is_broken = true;
        let case = self.trial.case;
        let (level, basis) = (record::level(case.level), record::basis(case.basis));
        let Some(verdict) = gate::verdict(self.settings.gate, level, basis, case.disputed.is_some(), mismatch.kind)
        else {
            return;
        };
        let evidence = exchange.and_then(|index| self.client.recorded(index));
        let actual = mismatch.actual(evidence.as_ref());
        let message = match &self.each {
            Some(value) => format!("with {value:?}: {}", mismatch.message(actual.as_deref())),
            None => mismatch.message(actual.as_deref()),
        };
        self.findings.push(Finding {
            verdict,
            level,
            basis,
            step: step.to_owned(),
            message: self.client.redactor().text(&message),
            pointer: mismatch.pointer,
            expected: mismatch.expected.map(|text| scrub(self.client.redactor(), &text)),
            actual: actual.map(|text| scrub(self.client.redactor(), &text)),
            location: Some(record::location(&mismatch.span)),
            exchange,
            curl: evidence.map(|exchange| match case.target {
                TargetKind::Scim => curl::command(&exchange, self.client.base()),
                TargetKind::EventHook => curl::to_receiver(&exchange),
            }),
            fuzz: None,
            fingerprint: String::new(),
        });
    }
}

/// Scrubs a text that may be a request: a line or more, and then a body.
pub(crate) fn scrub(redactor: &scim_record::Redactor, text: &str) -> String {
    match text.find("\n{") {
        Some(at) => format!("{}\n{}", redactor.text(&text[..at]), redactor.request_body(&text[at + 1..])),
        None => redactor.text(text),
    }
}

/// Returns what is wrong with how Okta's errands ended: all of them well, or at least one in a task.
fn unexpected_end(outcomes: &[mock_okta::Outcome], event: &EventSpec) -> Option<Mismatch> {
    let task = outcomes.iter().find_map(|outcome| match outcome {
        mock_okta::Outcome::Task { message } => Some(message),
        mock_okta::Outcome::Done { .. } => None,
    });
    let sentence = match (task, event.expect.outcome) {
        (Some(message), scim_suite::Outcome::Done) => format!("Okta gives up: {message}"),
        (None, scim_suite::Outcome::Task) => "Okta is content, though it should not be".to_owned(),
        _ => return None,
    };
    Some(Mismatch::sentence(sentence, event.expect.span.clone()))
}

/// Returns the counters of an import that are not as expected.
fn miscounted(expected: &ImportExpect, found: &ImportTally) -> Vec<Mismatch> {
    [
        ("scanned", expected.scanned, found.scanned),
        ("new", expected.new, found.new),
        ("updated", expected.updated, found.updated),
        ("unchanged", expected.unchanged, found.unchanged),
        ("removed", expected.removed, found.removed),
    ]
    .into_iter()
    .filter_map(|(name, expected, found)| Some((name, u64::from(expected?), found)))
    .filter(|(_, expected, found)| expected != found)
    .map(|(name, wanted, found)| {
        Mismatch::sentence(format!("the import counts {found} as {name}, not {wanted}"), expected.span.clone())
    })
    .collect()
}

pub(super) fn status_mismatch(reply: &Reply, accepted: &[Status], span: &Span) -> Mismatch {
    Mismatch::status(reply, accepted, span.clone()).with_kind(kind_of(reply))
}

pub(super) fn kind_of(reply: &Reply) -> Kind {
    if is_failure(reply.status) { Kind::ServerFailure } else { Kind::Expectation }
}

/// 501 is an honest answer to what a server does not do; every other 5xx is a failure.
pub(super) fn is_failure(status: u16) -> bool {
    (500..600).contains(&status) && status != 501
}
