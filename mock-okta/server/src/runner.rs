//! Does the org's jobs in the background: one app after the other's own line, each line in the order in which the jobs
//! came up, because a later job may need what an earlier one brought.

use std::sync::Arc;
use std::time::Duration;

use http::header::RETRY_AFTER;
use mock_okta::org::{Job, JobId};
use mock_okta::{Request, Response, Step};
use scim_record::{Exchange, Failure, Header, Redactor, RequestRecord, ResponseRecord, Timing};
use scim_transport::{Auth, Reply};
use tokio::time::{sleep, timeout};

use crate::shared::{Generation, Shared};
use crate::world::{FaultKind, Service};

/// Sees to it that somebody is at every app with work.
pub(crate) fn kick(shared: &Arc<Shared>) {
    while let Some((generation, app)) = shared.take_app() {
        tokio::spawn(work(shared.clone(), generation, app));
    }
}

/// Does the jobs of an app until there is none left, or another world has taken the place of this one.
async fn work(shared: Arc<Shared>, generation: Generation, app: String) {
    loop {
        let started = shared.with_that(generation, |world| {
            let started = world.start_next(&app);
            if started.is_none() {
                // In the same breath as the look for work, so that no job is left to nobody.
                world.busy.shift_remove(&app);
            }
            started
        });
        let Some(Some((job, step))) = started else { return };
        if carry_out(&shared, generation, &job, step).await.is_none() {
            return;
        }
        shared.tell();
        // An import that ends can bring work for other apps.
        kick(&shared);
    }
}

/// Carries a job to its end; nothing if another world has taken the place of this one.
async fn carry_out(shared: &Shared, generation: Generation, job: &Job, mut step: Step) -> Option<()> {
    loop {
        step = match step {
            Step::Done(_) => return Some(()),
            Step::Wait(pause) => {
                wait(shared, generation, pause).await?;
                shared.with_that(generation, |world| world.resume(job.id))?
            }
            Step::Send(request) => match send(shared, generation, job, request).await? {
                Some(response) => shared.with_that(generation, |world| world.next(job.id, response))?,
                None => shared.with_that(generation, |world| world.timed_out(job.id))?,
            },
        };
    }
}

/// Lets a pause pass on the virtual clock. Where calls wait for provisioning, a long pause is over at once, and the clock
/// goes ahead by it: nobody wants to wait the five minutes Okta waits where no number of seconds is given. A short one is
/// kept, because a service provider that names one may mean it.
async fn wait(shared: &Shared, generation: Generation, pause: Duration) -> Option<()> {
    if shared.config.synchronous {
        if pause <= SHORT {
            sleep(pause).await;
        }
        return Some(());
    }
    let mut news = shared.news();
    let wakes = shared.with_that(generation, |world| {
        world.tick();
        world.org.now().saturating_add(pause.as_secs())
    })?;
    loop {
        news.borrow_and_update();
        let rest = shared.with_that(generation, |world| world.clock.until(wakes))?;
        if rest.is_zero() {
            return Some(());
        }
        // Whether the time is up or the clock jumped is seen above.
        let _ = timeout(rest, news.changed()).await;
    }
}

/// Sends a request, unless a fault has other plans. The inner nothing is that no answer came.
async fn send(shared: &Shared, generation: Generation, job: &Job, request: Request) -> Option<Option<Response>> {
    let (fault, service) = shared.with_that(generation, |world| {
        let service = world.apps.get(&job.app).and_then(|card| card.service.clone());
        (world.fault(&job.app, &request), service)
    })?;
    let base = service.as_ref().map(|service| service.target.base().to_owned()).unwrap_or_default();
    let (name, sent) = match fault {
        Some(FaultKind::Status { status, retry_after }) => {
            ("status", Sent::made_up(&base, &request, status, retry_after))
        }
        Some(FaultKind::DropRequest) => {
            ("drop-request", Sent::lost(&base, &request, "the request was dropped by a fault"))
        }
        Some(FaultKind::DropAnswer) => {
            let sent = exchange(service, &base, job.id, request).await;
            ("drop-answer", Sent { response: None, ..sent })
        }
        Some(FaultKind::Delay(time)) => {
            sleep(time).await;
            ("delay", exchange(service, &base, job.id, request).await)
        }
        None => ("", exchange(service, &base, job.id, request).await),
    };
    let Sent { exchange, response } = sent;
    shared.with_that(generation, |world| world.exchanged(job, (!name.is_empty()).then_some(name), exchange))?;
    Some(response)
}

/// What came of a request.
struct Sent {
    exchange: Exchange,
    response: Option<Response>,
}

async fn exchange(service: Option<Service>, base: &str, job: JobId, request: Request) -> Sent {
    let Some(service) = service else { return Sent::lost(base, &request, "the app has no connection") };
    if service.is_withheld() {
        return Sent::lost(base, &request, "the token of the connection was not kept; save the connection again");
    }
    let transport = match service.transport() {
        Ok(transport) => transport,
        Err(error) => return Sent::lost(base, &request, &error.to_string()),
    };
    let sent = transport.send(&format!("job {job}"), to_transport(request)).await;
    Sent { exchange: sent.exchange, response: sent.reply.ok().map(to_okta) }
}

impl Sent {
    /// Tells of a request that never went out.
    fn lost(base: &str, request: &Request, cause: &str) -> Sent {
        let failure = Failure::Unreachable { cause: cause.to_owned() };
        Sent { exchange: unsent(base, request, None, Some(failure)), response: None }
    }

    /// Tells of a request that never went out and was answered all the same.
    fn made_up(base: &str, request: &Request, status: u16, retry_after: Option<u64>) -> Sent {
        let retry_after = retry_after.map(|seconds| seconds.to_string());
        let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let reason = reason.unwrap_or_default().to_owned();
        let headers = retry_after.iter().map(|value| Header { name: "Retry-After".to_owned(), value: value.clone() });
        let headers = headers.collect();
        let record = ResponseRecord { status, reason: reason.clone(), headers, body: String::new(), size: 0 };
        let response = Response { retry_after, ..Response::new(status, reason, "") };
        Sent { exchange: unsent(base, request, Some(record), None), response: Some(response) }
    }
}

fn unsent(base: &str, request: &Request, response: Option<ResponseRecord>, failure: Option<Failure>) -> Exchange {
    let redactor = Redactor::new(Vec::new(), None);
    let record = RequestRecord {
        method: request.method.to_owned(),
        url: redactor.text(&format!("{base}{}", request.target)),
        headers: request.headers.iter().map(|(name, value)| redactor.header(name, value)).collect(),
        body: request.body.as_deref().map(|body| redactor.request_body(body)),
    };
    let timing = Timing { started_ms: jiff::Timestamp::now().as_millisecond(), headers_ms: 0.0, total_ms: 0.0 };
    Exchange { step: "fault".to_owned(), request: record, response, failure, timing }
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
    Response { status: reply.status, reason: reply.reason, retry_after, body: reply.body.to_vec() }
}

const SHORT: Duration = Duration::from_secs(10);
