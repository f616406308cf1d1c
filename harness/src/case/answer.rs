//! Requests of the suite: sends each, and judges its answer until it is right or the server has had its time.

use super::{Broken, End, Performance, Saved};
use crate::client::Answer;
use crate::expect::{self, Mismatch};
use crate::gate::Kind;
use crate::same;
use scim_record::Reading;
use scim_suite::plan::Equals;
use scim_suite::{AnswerExpect, Send, Span, Status, Step, Template};
use scim_transport::{Reply, Request};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// What one look at the server found wrong, each with the exchange that showed it.
pub(super) type Complaints = Vec<(Mismatch, Option<usize>)>;

impl Performance<'_, '_> {
    /// Performs a step that is a request and alone, once or for each of its values.
    pub(super) async fn perform_send(&mut self, label: &str, step: &Step, send: &Send) -> Result<(), Broken> {
        if send.each.is_empty() {
            self.ask(label, step, send).await?;
            return Ok(());
        }
        let mut ends = Vec::new();
        for value in &send.each {
            self.stand_for_each(value)?;
            let answered = self.ask(label, step, send).await?;
            ends.extend(self.end.take());
            // A server that hangs or hangs up would do so for every value, and each time it takes a while.
            if !answered {
                break;
            }
        }
        self.each = None;
        let is_skipped = ends.len() == send.each.len() && ends.iter().all(|end| matches!(end, End::Skipped(_)));
        self.end = if is_skipped { ends.into_iter().next() } else { ends.pop().map(|_| End::Passed) };
        Ok(())
    }

    fn stand_for_each(&mut self, value: &Template) -> Result<(), Broken> {
        let text = value.expand(&|name| self.bindings.get(name)).map_err(|unbound| unbound.to_string())?;
        let in_target = value.expand(&|name| self.bindings.get_encoded(name)).map_err(|unbound| unbound.to_string())?;
        self.bindings.bind_each(&text, in_target);
        self.each = Some(text);
        Ok(())
    }

    /// Sends the request and judges the answer; returns whether there was one.
    async fn ask(&mut self, label: &str, step: &Step, send: &Send) -> Result<bool, Broken> {
        // Who wants to wait for nothing does not wait for slow clocks either.
        if !self.settings.settle.is_zero() {
            tokio::time::sleep(send.pause).await;
        }
        let mut patience = self.patience(send);
        loop {
            let request = self.request(send).map_err(|unbound| unbound.to_string())?;
            self.has_written |= is_write(&request);
            let complaints = match send.pages {
                Some(pages) => self.walk(label, send, request, pages).await?,
                None => self.ask_once(label, step, send, request).await?,
            };
            let Some(complaints) = complaints else { return Ok(false) };
            // A form that is wrong stays so; only what an answer holds may change, and then perhaps by others' doing.
            let lasts = |mismatch: &Mismatch| mismatch.lasts || mismatch.kind == Kind::ServerFailure;
            let is_final = complaints.iter().any(|(mismatch, _)| lasts(mismatch));
            if complaints.is_empty() || is_final || !patience.wait().await {
                self.note_delay(label, &patience, complaints.is_empty());
                complaints.into_iter().for_each(|(mismatch, exchange)| self.find(label, mismatch, exchange));
                return Ok(true);
            }
        }
    }

    async fn ask_once(
        &mut self,
        label: &str,
        step: &Step,
        send: &Send,
        request: Request,
    ) -> Result<Option<Complaints>, Broken> {
        let Some(answer) = self.exchanged(label, request, &step.span).await? else { return Ok(None) };
        let exchange = Some(answer.exchange);
        Ok(Some(self.complaints(step, send, &answer).into_iter().map(|mismatch| (mismatch, exchange)).collect()))
    }

    /// Compares the answer to a request with what its step expects; every mismatch becomes a finding.
    pub(super) fn judge_send(&mut self, label: &str, step: &Step, send: &Send, answer: &Answer) {
        self.has_written |= send.method != "GET";
        for mismatch in self.complaints(step, send, answer) {
            self.find(label, mismatch, Some(answer.exchange));
        }
    }

    /// Returns what is wrong with an answer; one that ends the case is right.
    fn complaints(&mut self, step: &Step, send: &Send, answer: &Answer) -> Vec<Mismatch> {
        let expect = &send.expect;
        if let Some(end) = self.end_of(expect, answer) {
            self.end = Some(end);
            return Vec::new();
        }
        let mut wrong = self.mismatches(answer, expect);
        wrong.extend(self.late(expect, answer));
        wrong.extend(self.save(send, answer));
        let is_last = self.trial.case.steps.last().is_some_and(|last| std::ptr::eq(last, step));
        if is_last && wrong.is_empty() {
            wrong.extend(self.read(&step.span, &answer.reply));
        }
        wrong
    }

    /// Returns how the case ends with this answer, if it does.
    pub(super) fn end_of(&self, expect: &AnswerExpect, answer: &Answer) -> Option<End> {
        let status = answer.reply.status;
        if Status::any(&expect.skips_on, status) {
            let asked = self.client.recorded(answer.exchange).map(|exchange| exchange.request);
            let asked = asked.map_or_else(|| "the request".to_owned(), |request| self.in_short(&request));
            return Some(End::Skipped(format!("{asked} answered {status}")));
        }
        Status::any(&expect.passes_on, status).then_some(End::Passed)
    }

    /// Returns `POST /Users/.search`, which is the same for every run.
    fn in_short(&self, request: &scim_record::RequestRecord) -> String {
        let below = request.url.strip_prefix(self.client.base()).unwrap_or(&request.url);
        let path = below.split(['?', '#']).next().unwrap_or(below);
        format!("{} {path}", request.method)
    }

    pub(super) fn mismatches(&mut self, answer: &Answer, expect: &AnswerExpect) -> Vec<Mismatch> {
        let reply = &answer.reply;
        let mut mismatches = self.mismatches_of_head(reply, expect);
        // An accepted 204 has no body to compare (RFC 9110 §15.3.5).
        let has_body = reply.status != 204 || !Status::any(&expect.status, 204);
        if let Some(pattern) = expect.json.as_ref().filter(|_| has_body) {
            mismatches.extend(expect::json(&reply.body, pattern, expect.exact, &mut self.bindings));
        }
        if let Some(pattern) = &expect.text {
            mismatches.extend(expect::text(&reply.body, pattern, &mut self.bindings));
        }
        if let Some(equals) = expect.equals.as_ref().filter(|_| has_body) {
            mismatches.extend(self.unequal(equals, reply));
        }
        // Another answer than the one the step is about has nothing to check.
        if expect.status.is_empty() || Status::any(&expect.status, reply.status) {
            mismatches.extend(self.flaws(answer, expect));
        }
        mismatches.extend(self.leaks(expect, reply));
        mismatches
    }

    /// Compares the status and the headers.
    pub(super) fn mismatches_of_head(&mut self, reply: &Reply, expect: &AnswerExpect) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        if !expect.status.is_empty() && !Status::any(&expect.status, reply.status) {
            mismatches.push(super::judge::status_mismatch(reply, &expect.status, &expect.span));
        } else if super::judge::is_failure(reply.status) && expect.status.is_empty() {
            let sentence = format!("the server failed with {}", reply.status);
            mismatches.push(Mismatch::sentence(sentence, expect.span.clone()).with_kind(Kind::ServerFailure));
        }
        mismatches.extend(expect::headers(&reply.headers, &expect.headers, &mut self.bindings));
        mismatches
    }

    fn late(&self, expect: &AnswerExpect, answer: &Answer) -> Option<Mismatch> {
        let limit = expect.within?;
        let took = self.client.recorded(answer.exchange).map_or(0.0, |exchange| exchange.timing.total_ms);
        let is_late = took > limit.as_secs_f64() * 1000.0;
        let sentence = format!("the answer took {took:.0} ms, not at most {} ms", limit.as_millis());
        is_late.then(|| Mismatch::sentence(sentence, expect.span.clone()))
    }

    /// Keeps the body for later steps; without a resource in it they could not go on.
    fn save(&mut self, send: &Send, answer: &Answer) -> Option<Mismatch> {
        let name = send.save.as_ref()?;
        let body: Option<Value> = serde_json::from_slice(&answer.reply.body).ok().filter(Value::is_object);
        let Some(value) = body else {
            let sentence = "the body is no JSON object, so that there is no resource to go on with".to_owned();
            return Some(Mismatch::sentence(sentence, send.expect.span.clone()));
        };
        let evidence = self.client.recorded(answer.exchange).and_then(|exchange| exchange.response);
        let shown = evidence.and_then(|response| serde_json::from_str(&response.body).ok()).unwrap_or_default();
        self.saved.insert(name.clone(), Saved { value, shown });
        None
    }

    /// Compares a body with what an earlier step saved.
    fn unequal(&self, equals: &Equals, reply: &Reply) -> Vec<Mismatch> {
        let saved = self.saved.get(equals.name.as_str()).expect("the plan knows what is saved by then");
        let span = &equals.name.span;
        let Ok(found) = serde_json::from_slice::<Value>(&reply.body) else {
            let sentence = format!("the body is no JSON, so it is not what was saved as {}", equals.name.value);
            return vec![Mismatch::sentence(sentence, span.clone())];
        };
        let differences = same::differences(&saved.value, &found, &equals.except);
        // What was saved may hold a secret; the evidence of it does not.
        differences.into_iter().map(|it| Mismatch::difference(it, &saved.shown, span.clone())).collect()
    }

    /// Returns a mismatch for every text that must not occur and does.
    pub(super) fn leaks(&self, expect: &AnswerExpect, reply: &Reply) -> Vec<Mismatch> {
        let fill = |text: &Template| text.expand(&|name| self.bindings.get(name)).ok();
        let place = |text: &str| {
            let in_header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                String::from_utf8_lossy(value.as_bytes()).contains(text).then(|| format!("the header {name}"))
            };
            let is_in_body = || {
                String::from_utf8_lossy(&reply.body).contains(text)
                    || serde_json::from_slice(&reply.body).is_ok_and(|body: Value| same::has_text(&body, text))
            };
            reply.headers.iter().find_map(in_header).or_else(|| is_in_body().then(|| "the body".to_owned()))
        };
        let leak = |never: &scim_suite::Spanned<Template>| {
            let place = place(&fill(never)?)?;
            // The text itself may be the very secret that must not be told.
            let sentence = format!("{place} has {} in it, though it must not", never.span.text());
            Some(Mismatch::sentence(sentence, never.span.clone()).lasting())
        };
        expect.never.iter().filter_map(leak).collect()
    }

    /// Finds out how the server reads the standard, in a case that is about that.
    fn read(&mut self, step: &Span, reply: &Reply) -> Option<Mismatch> {
        let readings = &self.trial.case.readings;
        let first = readings.first()?;
        let fits = |reading: &&scim_suite::Reading| {
            let mut bindings = self.bindings.clone();
            (reading.status.is_empty() || Status::any(&reading.status, reply.status))
                && reading.json.iter().all(|json| expect::json(&reply.body, json, false, &mut bindings).is_empty())
                && reading.text.iter().all(|text| expect::text(&reply.body, text, &mut bindings).is_empty())
        };
        if let Some(reading) = readings.iter().find(fits) {
            self.reading = Some(Reading { name: reading.name.clone(), meaning: reading.meaning.clone() });
            return None;
        }
        let names: Vec<&str> = readings.iter().map(|reading| reading.name.as_str()).collect();
        let sentence = format!("the answer {} is none of the readings: {}", reply.status, names.join(", "));
        let kind = super::judge::kind_of(reply);
        let span = if reply.body.is_empty() { step.clone() } else { first.span.clone() };
        Some(Mismatch::sentence(sentence, span).with_kind(kind))
    }

    /// Returns how long this request may be repeated: only a read after a write of ours may be behind it.
    fn patience(&self, send: &Send) -> Patience {
        let may_lag = is_read(&send.method) && self.has_written && send.expect.within.is_none() && send.each.is_empty();
        Patience::of(if may_lag { self.settings.settle } else { Duration::ZERO })
    }

    /// Tells that what was written was there only after a while.
    pub(super) fn note_delay(&mut self, label: &str, patience: &Patience, holds: bool) {
        if let Some(delay) = patience.delay().filter(|_| holds) {
            let ms = delay.as_millis();
            self.notes.push(format!("{label} held only after {ms} ms: reads are behind writes"));
        }
    }
}

/// The time a server has to let reads catch up with writes.
pub(super) struct Patience {
    began: Instant,
    limit: Duration,
    pause: Duration,
    is_tried: bool,
}

impl Patience {
    pub(super) fn of(limit: Duration) -> Patience {
        Patience { began: Instant::now(), limit, pause: FIRST_PAUSE, is_tried: false }
    }

    /// Waits a while and returns true, or returns false when there is no time left.
    pub(super) async fn wait(&mut self) -> bool {
        if self.began.elapsed() + self.pause > self.limit {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.is_tried = true;
        true
    }

    /// Returns how long it took, if the first look was not enough.
    fn delay(&self) -> Option<Duration> {
        self.is_tried.then(|| self.began.elapsed())
    }
}

fn is_read(method: &str) -> bool {
    method == "GET"
}

/// RFC 7644 §3.4.3: a query may be a POST, to a path of its own.
fn is_write(request: &Request) -> bool {
    let path = request.target.split('?').next().unwrap_or_default();
    !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") && !path.ends_with("/.search")
}

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
