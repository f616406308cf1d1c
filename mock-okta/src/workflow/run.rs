//! One run of a flow as a state machine: an answer goes in, the next step comes out.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::action::{Action, Call, LONGEST_PAUSE, Poll};
use super::condition::short;
use super::context::Context;
use super::definition::Workflow;
use super::header::HeaderText;
use super::span::written;
use super::vendor::Vendor;

/// A request of a flow. Its origin is one of the seed's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method.
    pub method: &'static str,
    /// Scheme, host and port, as the seed writes them.
    pub origin: String,
    /// Path and query, percent-encoded; starts with `/` or `?` or is empty.
    pub target: String,
    /// The headers, in order.
    pub headers: Vec<(String, HeaderText)>,
    /// The body: JSON.
    pub body: Option<String>,
}

impl Request {
    /// Returns the whole URL.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin, self.target)
    }
}

/// The answer to a [`Request`].
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// The value of the `Retry-After` header, as received.
    pub retry_after: Option<String>,
    /// The body after content decoding.
    pub body: Vec<u8>,
    /// How long it took, which counts for a poll.
    pub took: Duration,
}

/// The size of the body, and not what is in it: that belongs into redacted evidence.
impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Answer { status, retry_after, body, took } = self;
        let mut shown = formatter.debug_struct("Answer");
        shown.field("status", status).field("retry_after", retry_after).field("took", took);
        shown.field("body", &format_args!("{} bytes", body.len())).finish()
    }
}

impl Answer {
    /// Returns an answer that came at once, without `Retry-After`.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status, retry_after: None, body: body.into(), took: Duration::ZERO }
    }

    pub(super) fn json(&self) -> Result<Value, String> {
        match self.body.len() <= LONGEST_ANSWER {
            true => serde_json::from_slice(&self.body).map_err(|error| format!("the answer is not JSON: {error}")),
            false => Err(format!("the answer is larger than {LONGEST_ANSWER} bytes")),
        }
    }
}

/// What a run wants next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this and hand the answer to [`Run::next`], or the reason why there is none to [`Run::unanswered`].
    Send(Request),
    /// Let time pass, then call [`Run::resume`].
    Wait(Wait),
    /// It is over.
    Done(Outcome),
}

/// A pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// How long.
    pub time: Duration,
    /// On which clock.
    pub clock: Clock,
}

/// The clock of a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The org's, which can be set ahead: a delay of the seed.
    Org,
    /// The real one: the vendor needs the time between two polls or before a retry.
    Real,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The condition did not hold; nothing was done.
    Skipped {
        /// What the condition saw.
        saw: String,
    },
    /// Every step was done.
    Completed,
    /// A step failed, and those behind it were left out.
    Failed {
        /// The position of the step, from 0.
        step: usize,
        /// Why, in words that can be shown.
        why: String,
    },
}

/// One run of a flow.
#[derive(Debug, Clone)]
pub struct Run {
    workflow: Workflow,
    vendor: Vendor,
    scope: Value,
    at: usize,
    awaits: Awaits,
    /// The attempts at the request of this step, or at this poll of it.
    attempts: u32,
    /// How long the poll of this step has taken.
    spent: Duration,
    polls: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Awaits {
    Answer,
    /// The end of a pause before the same request.
    Repeat,
    /// The end of a delay.
    Delay,
    Nothing(Outcome),
}

impl Run {
    /// Starts a run.
    pub fn start(workflow: &Workflow, vendor: &Vendor, context: Context) -> (Run, Step) {
        let bases = vendor.names().filter_map(|name| Some((name.to_owned(), Value::from(vendor.base(name)?))));
        let scope = context.scope(Value::Object(bases.collect()));
        let mut run = Run {
            workflow: workflow.clone(),
            vendor: vendor.clone(),
            scope,
            at: 0,
            awaits: Awaits::Answer,
            attempts: 0,
            spent: Duration::ZERO,
            polls: 0,
        };
        let refused = workflow.condition().filter(|condition| !condition.holds(&run.scope));
        let step = match refused.map(|condition| condition.saw(&run.scope)) {
            Some(saw) => run.end(Outcome::Skipped { saw }),
            None => run.begin(),
        };
        (run, step)
    }

    /// Returns the position of the step that is under way, from 0; the number of steps once all are done.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes on after an answer.
    pub fn next(&mut self, answer: Answer) -> Step {
        if self.awaits != Awaits::Answer {
            return self.misused();
        }
        match self.workflow.steps()[self.at].clone() {
            Action::Call(call) => self.answered(&call, &answer),
            Action::Poll(poll) => self.polled(&poll, &answer),
            Action::Delay(_) => self.misused(),
        }
    }

    /// Goes on after a request that was not answered, or not in a way that can be read.
    pub fn unanswered(&mut self, why: &str) -> Step {
        match self.awaits {
            Awaits::Answer => self.fail(why.to_owned()),
            _ => self.misused(),
        }
    }

    /// Goes on after a pause.
    pub fn resume(&mut self) -> Step {
        match self.awaits {
            Awaits::Repeat => self.send(),
            Awaits::Delay => self.advance(),
            _ => self.misused(),
        }
    }

    /// Begins the step at the current position.
    fn begin(&mut self) -> Step {
        (self.attempts, self.polls, self.spent) = (0, 0, Duration::ZERO);
        match self.workflow.steps().get(self.at) {
            None => self.end(Outcome::Completed),
            Some(Action::Delay(delay)) => {
                let time = *delay;
                self.wait(Awaits::Delay, time, Clock::Org)
            }
            Some(Action::Call(_) | Action::Poll(_)) => self.send(),
        }
    }

    fn advance(&mut self) -> Step {
        self.at += 1;
        self.begin()
    }

    fn send(&mut self) -> Step {
        let Some(call) = self.workflow.steps()[self.at].request() else { return self.misused() };
        match self.request(call) {
            Ok(request) => {
                self.attempts += 1;
                self.awaits = Awaits::Answer;
                Step::Send(request)
            }
            Err(why) => self.fail(why),
        }
    }

    fn request(&self, call: &Call) -> Result<Request, String> {
        let url = call.url.url(&self.scope)?;
        if url.len() > LONGEST_URL {
            return Err(format!("the URL would have {} bytes, at most {LONGEST_URL} are sent", url.len()));
        }
        let (origin, target) = self.vendor.admit(&url).ok_or_else(|| {
            let allowed = self.vendor.origins().join(", ");
            format!(
                "{} leads to none of the origins of [vendor], which are {allowed}; nothing was sent",
                short(&json!(url))
            )
        })?;
        let mut headers = call.headers.over(self.workflow.headers()).fill(&self.scope)?;
        let mut body = None;
        let mut add = |name: &str, value: &str| {
            if !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                headers.push((name.to_owned(), HeaderText::Plain(value.to_owned())));
            }
        };
        add("Accept", "application/json");
        if let Some(template) = &call.body {
            add("Content-Type", "application/json");
            body = Some(template.value(&self.scope)?.to_string());
        }
        if let Some(size) = body.as_ref().map(String::len).filter(|size| *size > LONGEST_BODY) {
            return Err(format!("the body would have {size} bytes, at most {LONGEST_BODY} are sent"));
        }
        Ok(Request { method: call.method, origin: origin.to_owned(), target: target.to_owned(), headers, body })
    }

    fn answered(&mut self, call: &Call, answer: &Answer) -> Step {
        if let Some(pause) = self.pause_before_retry(call, answer) {
            return self.wait(Awaits::Repeat, pause, Clock::Real);
        }
        match self.judge(call, answer) {
            Ok(()) => self.advance(),
            Err(why) => self.fail(why),
        }
    }

    fn polled(&mut self, poll: &Poll, answer: &Answer) -> Step {
        self.spent += answer.took;
        if let Some(pause) = self.pause_before_retry(&poll.call, answer) {
            return self.again_within(poll, pause, answer);
        }
        (self.attempts, self.polls) = (0, self.polls + 1);
        let mismatches = poll.call.expect.mismatches(answer, &self.scope);
        if !mismatches.is_empty() {
            return self.fail(mismatches.join("; "));
        }
        let pending = match answer.json() {
            Ok(json) => poll.until.mismatches(&json, &self.scope),
            Err(why) => return self.fail(why),
        };
        if !pending.is_empty() {
            return self.again_within(poll, poll.every, answer);
        }
        match self.judge(&poll.call, answer) {
            Ok(()) => self.advance(),
            Err(why) => self.fail(why),
        }
    }

    /// Asks again after a pause, if the time of the poll allows it.
    fn again_within(&mut self, poll: &Poll, pause: Duration, answer: &Answer) -> Step {
        self.spent += pause;
        if self.spent <= poll.within {
            return self.wait(Awaits::Repeat, pause, Clock::Real);
        }
        let pending = match answer.json() {
            Ok(json) => poll.until.mismatches(&json, &self.scope).join("; "),
            Err(_) => format!("the last status was {}", answer.status),
        };
        self.fail(format!(
            "it did not come to an end within {} and {} answers: {pending}",
            written(poll.within),
            self.polls.max(self.attempts)
        ))
    }

    /// Returns the pause before the request goes out again; nothing where the answer has to be judged.
    fn pause_before_retry(&self, call: &Call, answer: &Answer) -> Option<Duration> {
        let retry = call.retry.as_ref().filter(|retry| retry.on.contains(answer.status))?;
        let asked = answer.retry_after.as_deref().and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        (self.attempts <= retry.max).then(|| asked.map_or(retry.after, |asked| asked.min(LONGEST_PAUSE)))
    }

    /// Judges an answer, and saves what the step saves.
    fn judge(&mut self, call: &Call, answer: &Answer) -> Result<(), String> {
        let mut mismatches = call.expect.mismatches(answer, &self.scope);
        if mismatches.is_empty() && !call.save.is_empty() {
            let json = answer.json()?;
            for (name, pointer) in &call.save {
                match savable(&json, pointer) {
                    Ok(value) => self.scope["save"][name] = value,
                    Err(why) => mismatches.push(format!("save.{name}: {why}")),
                }
            }
        }
        let attempts = if self.attempts > 1 { format!(" (after {} attempts)", self.attempts) } else { String::new() };
        if mismatches.is_empty() { Ok(()) } else { Err(format!("{}{attempts}", mismatches.join("; "))) }
    }

    fn wait(&mut self, awaits: Awaits, time: Duration, clock: Clock) -> Step {
        self.awaits = awaits;
        Step::Wait(Wait { time, clock })
    }

    fn fail(&mut self, why: String) -> Step {
        self.end(Outcome::Failed { step: self.at, why })
    }

    fn end(&mut self, outcome: Outcome) -> Step {
        self.awaits = Awaits::Nothing(outcome.clone());
        Step::Done(outcome)
    }

    /// Answers a call that does not fit the state: what is over stays so, anything else is a failure of the run.
    fn misused(&mut self) -> Step {
        match &self.awaits {
            Awaits::Nothing(outcome) => Step::Done(outcome.clone()),
            _ => self.fail("the run was moved on in a way that does not fit its state".to_owned()),
        }
    }
}

/// Returns the value at a pointer, if it is one that a hole can take.
fn savable(json: &Value, pointer: &str) -> Result<Value, String> {
    match json.pointer(pointer) {
        None => Err(format!("{pointer} is absent")),
        Some(Value::String(text)) if text.len() > LONGEST_SAVED => {
            Err(format!("{pointer} has {} bytes, at most {LONGEST_SAVED} are saved", text.len()))
        }
        Some(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => Ok(value.clone()),
        Some(other) => Err(format!("{pointer} is {}, and only a text, a number or a boolean is saved", short(other))),
    }
}

const LONGEST_ANSWER: usize = 1 << 20;
const LONGEST_BODY: usize = 256 << 10;
const LONGEST_URL: usize = 8 << 10;
const LONGEST_SAVED: usize = 4 << 10;
