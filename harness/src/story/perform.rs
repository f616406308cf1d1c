//! Lets chapters happen, and does the org's jobs: one app after the other, the jobs of each in the order in which they came
//! up. In Okta apps do not wait for each other, so each app's time is taken from its own first request.

use super::Stage;
use super::side::{Broken, Part, Sent, Side, Task};
use super::told;
use crate::client::Stop;
use crate::expect::Mismatch;
use crate::gate::Kind;
use crate::run::RunError;
use http::header::RETRY_AFTER;
use mock_okta::org::{Job, OrgEvent};
use mock_okta::{Outcome, Request, Response, Step};
use scim_record::{Exchange, Failure, Header, RequestRecord, ResponseRecord, Timing};
use scim_suite::Span;
use scim_suite::story::{Act, Chapter, OutageKind, StoryApp};
use scim_transport::{Auth, Reply};
use std::time::{Duration, Instant};

impl Stage<'_> {
    /// Takes the apps into the org, tests their credentials and pushes their groups.
    pub(super) async fn perform_set_up(&mut self) -> Result<(), RunError> {
        let story = self.telling.story;
        for app in &story.apps {
            self.world.note(told::app(app, story));
            let events = self.world.add_app(app);
            self.happen_all(events, &app.span).await?;
        }
        Ok(())
    }

    /// Lets a chapter happen.
    pub(super) async fn perform(&mut self, chapter: &Chapter) -> Result<(), RunError> {
        if let Some(outage) = &chapter.outage {
            let app = self.telling.story.app(&outage.app).expect("the loader knows the app");
            let at = self.at(app);
            self.sides[at].part.outage = Some(outage.clone());
        }
        self.perform_hr(chapter).await?;
        self.world.advance_to(chapter.at);
        if let Some(outage) = &chapter.outage {
            self.world.note(told::outage(outage));
        }
        match &chapter.act {
            None => {}
            Some(Act::Hr(feed)) => {
                self.world.receive(feed);
                self.perform_hr(chapter).await?;
                for text in told::ahead(&self.world.org, &self.world.ahead(), &self.telling.story.org.calendar) {
                    self.world.note(text);
                }
            }
            Some(Act::Event { app, action, span }) => {
                let app = app.as_deref().and_then(|name| self.telling.story.app(name));
                self.world.note(told::event(action, app));
                let events = self.world.events(app, action);
                self.happen_all(events, span).await?;
            }
            Some(Act::RetryTasks { app, span }) => {
                let app = self.telling.story.app(app).expect("the loader knows the app");
                let events = self.world.retries(app);
                self.world.note(told::retries(app, events.len()));
                self.happen_all(events, span).await?;
            }
            Some(Act::InApp { app, who, change, span }) => {
                let app = self.telling.story.app(app).expect("the loader knows the app");
                self.world.note(told::in_app(app, who, change));
                self.change_in_app(app, who, change, span).await?;
            }
        }
        Ok(())
    }

    /// Lets happen what HR has dated up to the chapter.
    async fn perform_hr(&mut self, chapter: &Chapter) -> Result<(), RunError> {
        while let Some(event) = self.world.next_of_hr(chapter.at) {
            self.happen_all(event.into_iter().collect(), &chapter.span).await?;
        }
        Ok(())
    }

    /// Lets events happen, and does what follows from them.
    async fn happen_all(&mut self, events: Vec<OrgEvent>, span: &Span) -> Result<(), RunError> {
        for event in events {
            if let Err(refused) = self.world.happen(event) {
                // The script asks for what Okta would not do, or a server's answer made it so.
                let mismatch = Mismatch::sentence(format!("Okta refuses it: {refused}"), span.clone());
                self.sides[0].part.troubles.push((mismatch, None));
            }
        }
        self.do_jobs(span).await?;
        for side in &mut self.sides {
            self.world.bind(side.app, &mut side.bindings);
            for who in &self.telling.story.people {
                if let Some(id) = self.world.remote_id(side.app, who) {
                    side.first.entry(who.clone()).or_insert(id);
                }
            }
        }
        Ok(())
    }

    /// Returns the number of an app among the sides.
    pub(super) fn at(&self, app: &StoryApp) -> usize {
        self.sides.iter().position(|side| side.app.name == app.name).expect("every app has a side")
    }

    /// Does every job that somebody can do.
    async fn do_jobs(&mut self, span: &Span) -> Result<(), RunError> {
        for at in 0..self.sides.len() {
            let app = self.world.app_id(self.sides[at].app);
            while self.sides[at].broken.is_none() {
                let job = self.world.org.pending().find(|job| job.app == app).cloned();
                let Some(job) = job else { break };
                self.do_job(at, &job, span).await?;
            }
        }
        Ok(())
    }

    async fn do_job(&mut self, at: usize, job: &Job, span: &Span) -> Result<(), RunError> {
        let mut step = self.world.org.start(job.id);
        let mut last = None;
        loop {
            step = match step {
                Step::Done(outcome) => {
                    self.sides[at].part.end_job(outcome, last);
                    return Ok(());
                }
                Step::Wait(pause) => {
                    // Nobody means the pause of an outage that is made up.
                    if last.is_some_and(|(_, is_real)| is_real) && pause <= LONGEST_PAUSE {
                        tokio::time::sleep(pause).await;
                    }
                    self.world.org.resume(job.id)
                }
                Step::Send(request) => match self.sides[at].send(request, span).await? {
                    Came::Answer(response, is_real) => {
                        last = Some((response.status, is_real));
                        self.world.org.next(job.id, response)
                    }
                    Came::Nothing => {
                        last = None;
                        self.world.org.timed_out(job.id)
                    }
                    Came::ToAnEnd => return Ok(()),
                },
            };
        }
    }
}

/// What came of a request.
enum Came {
    /// An answer, and whether the service provider gave it.
    Answer(Response, bool),
    /// Nothing, as far as Okta knows.
    Nothing,
    /// Nothing more can be done there.
    ToAnEnd,
}

impl Side<'_> {
    /// Sends a request of Okta's, unless an outage has other plans.
    async fn send(&mut self, request: Request, span: &Span) -> Result<Came, RunError> {
        let begun = *self.part.begun.get_or_insert_with(Instant::now);
        let (method, target) = (request.method.to_owned(), request.target.clone());
        let (exchange, came) = match self.part.outage_of(&request) {
            Some(OutageKind::Status { status, retry_after }) => {
                let (exchange, response) = self.made_up(&request, status, retry_after);
                (exchange, Came::Answer(response, false))
            }
            Some(OutageKind::LosesRequest) => (self.unsent(&request, None), Came::Nothing),
            Some(OutageKind::LosesAnswer) => match self.exchange(request, span).await? {
                (Some(mut exchange), Came::Answer(..)) => {
                    let cause = "the answer was lost by the outage of the story".to_owned();
                    (exchange.response, exchange.failure) = (None, Some(Failure::Broken { cause }));
                    (exchange, Came::Nothing)
                }
                (Some(exchange), came) => (exchange, came),
                (None, came) => return Ok(came),
            },
            None => match self.exchange(request, span).await? {
                (Some(exchange), came) => (exchange, came),
                (None, came) => return Ok(came),
            },
        };
        self.part.calls.push(Sent { method, target, exchange });
        self.part.pushed = Some(begun.elapsed());
        Ok(came)
    }

    async fn exchange(&mut self, request: Request, span: &Span) -> Result<(Option<Exchange>, Came), RunError> {
        let (failure, index) = match self.client.send(PROVISIONING, to_transport(request)).await {
            Ok(answer) => {
                let exchange = self.client.recorded(answer.exchange);
                return Ok((exchange, Came::Answer(to_okta(answer.reply), true)));
            }
            Err(Stop::Journal(cause)) => return Err(RunError::Journal(cause)),
            Err(Stop::Withheld { reason }) => {
                self.broken = Some(Broken::Stopped(reason));
                return Ok((None, Came::ToAnEnd));
            }
            Err(Stop::Foreign { request }) => {
                let sentence = format!(
                    "Okta would send {request} and change an object this story did not create: the server pointed it at \
                     somebody else's (the request was held back)"
                );
                self.find(sentence.clone(), span, None);
                self.broken = Some(Broken::Stopped(sentence));
                return Ok((None, Came::ToAnEnd));
            }
            Err(Stop::Failed { failure, exchange }) => (failure, exchange),
        };
        let exchange = index.and_then(|index| self.client.recorded(index));
        if let Failure::Unreachable { .. } = failure {
            self.broken = Some(Broken::Unreachable(failure.to_string()));
            return Ok((exchange, Came::ToAnEnd));
        }
        self.find(failure.to_string(), span, Some(self.part.calls.len()));
        Ok((exchange, Came::Nothing))
    }

    fn find(&mut self, sentence: String, span: &Span, call: Option<usize>) {
        let mismatch = Mismatch::sentence(sentence, span.clone()).with_kind(Kind::ServerFailure);
        self.part.troubles.push((mismatch, call));
    }

    /// Returns an answer that the outage gives instead of the service provider.
    fn made_up(&self, request: &Request, status: u16, retry_after: Option<u64>) -> (Exchange, Response) {
        let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let reason = reason.unwrap_or_default().to_owned();
        let retry_after = retry_after.map(|seconds| seconds.to_string());
        let header = |value: &String| Header { name: "Retry-After".to_owned(), value: value.clone() };
        let headers = retry_after.iter().map(header).collect();
        let record = ResponseRecord { status, reason: reason.clone(), headers, body: String::new(), size: 0 };
        let response = Response { retry_after, ..Response::new(status, reason, "") };
        (self.unsent(request, Some(record)), response)
    }

    fn unsent(&self, request: &Request, response: Option<ResponseRecord>) -> Exchange {
        let redactor = self.client.redactor();
        let failure = match response {
            Some(_) => None,
            None => Some(Failure::Broken { cause: "the request was lost by the outage of the story".to_owned() }),
        };
        let request = RequestRecord {
            method: request.method.to_owned(),
            url: redactor.text(&format!("{}{}", self.client.base(), request.target)),
            headers: request.headers.iter().map(|(name, value)| redactor.header(name, value)).collect(),
            body: request.body.as_deref().map(|body| redactor.request_body(body)),
        };
        let timing = Timing { started_ms: jiff::Timestamp::now().as_millisecond(), headers_ms: 0.0, total_ms: 0.0 };
        Exchange { step: OUTAGE.to_owned(), request, response, failure, timing }
    }
}

impl Part {
    /// Returns what becomes of a request, if there is an outage.
    fn outage_of(&mut self, request: &Request) -> Option<OutageKind> {
        let outage = self.outage.as_mut()?;
        if outage.method.as_ref().is_some_and(|method| method != request.method) || outage.times == Some(0) {
            return None;
        }
        outage.times = outage.times.map(|times| times - 1);
        Some(outage.kind)
    }

    fn end_job(&mut self, outcome: Outcome, last: Option<(u16, bool)>) {
        match outcome {
            Outcome::Done { .. } => self.is_done = true,
            Outcome::Task { message } => {
                let call = self.calls.len().checked_sub(1);
                let is_failure = last.is_some_and(|(status, is_real)| is_real && is_failure(status));
                self.tasks.push(Task { message, call, is_failure });
            }
        }
    }
}

/// 501 is an honest answer to what a server does not do; every other 5xx is a failure.
pub(super) fn is_failure(status: u16) -> bool {
    (500..600).contains(&status) && status != 501
}

fn to_transport(request: Request) -> scim_transport::Request {
    scim_transport::Request {
        method: request.method.to_owned(),
        target: request.target,
        headers: request.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body: request.body.map(String::into_bytes),
        auth: Auth::Configured,
    }
}

fn to_okta(reply: Reply) -> Response {
    let retry_after = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Reply { status, reason, body, .. } = reply;
    Response { status, reason, retry_after, body: body.to_vec() }
}

/// The step name of Okta's own exchanges.
const PROVISIONING: &str = "provisioning";

/// The step name of what never reached the service provider.
pub(super) const OUTAGE: &str = "outage";

/// A short pause is kept, because a service provider that names one may mean it; a longer one passes on the org's clock
/// alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
