//! The org over HTTP: a request becomes a call, an answer a response.

use std::future::IntoFuture;
use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::serve::ListenerExt;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LINK};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use mock_okta::okta_id;
use mock_okta::org::JobId;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::auth::{Allowance, check_host, check_token};
use crate::call::{Answer, Call, View};
use crate::error::{ApiError, Code};
use crate::route;
use crate::runner::kick;
use crate::shared::Shared;
use crate::{console, control, flows, hooks, state};

/// Serves until the other end of `stop` speaks or is gone.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: oneshot::Receiver<()>) -> io::Result<()> {
    let origin = format!("http://{}", listener.local_addr()?);
    // Without it, small answers on a kept connection wait for the client's delayed acknowledgement. If it cannot be set
    // they are late, not wrong.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    kick(&shared);
    let delivering = hooks::run(shared.clone(), origin);
    let flowing = flows::run(shared.clone());
    let router = Router::new().fallback(handle).with_state(shared.clone());
    let served = tokio::select! {
        served = axum::serve(listener, router).into_future() => served,
        () = flowing => Err(io::Error::other("flows are no longer carried on")),
        () = delivering => Err(io::Error::other("event hooks are no longer delivered")),
        error = state::flush_now_and_then(&shared) => Err(error),
        error = shared.failed() => Err(error),
        _ = stop => Ok(()),
    };
    // Connections and jobs live on in tasks of their own; nothing may happen any more that is not written down.
    served.and(shared.close())
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if console::is_for(request.uri().path()) {
        return console::respond(&shared, request).await;
    }
    let number = shared.number();
    let id = okta_id(format!("request/{number}")).replacen("00u", "req", 1);
    let allowance = shared.rate.lock().unwrap_or_else(PoisonError::into_inner).count();
    let (parts, body) = request.into_parts();
    let answered = match admit(&shared, &parts, allowance) {
        Ok(host) => {
            let origin = format!("http://{host}");
            match read(&parts, body, limit(&shared, &parts)).await {
                Ok(body) => answer(&shared, &parts, body, &origin).await,
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    };
    respond(answered, &id, allowance)
}

/// Lets a request in and returns the name by which the org was called.
fn admit<'a>(shared: &Shared, parts: &'a Parts, allowance: Allowance) -> Result<&'a str, ApiError> {
    expect_open(shared)?;
    let host = check_host(&parts.headers, &shared.config.hosts)?;
    if parts.uri.path() != control::HEALTH {
        check_token(&parts.headers, &shared.token)?;
    }
    if allowance.is_exceeded { Err(ApiError::of(Code::TooManyRequests)) } else { Ok(host) }
}

/// Refuses what came too late: the org has stopped, or cannot write down what happens.
fn expect_open(shared: &Shared) -> Result<(), ApiError> {
    if shared.is_open() { Ok(()) } else { Err(ApiError::of(Code::Internal).because("the org has stopped")) }
}

/// Returns how long a body may be. A snapshot holds what many calls brought.
fn limit(shared: &Shared, parts: &Parts) -> usize {
    if parts.uri.path() == control::SNAPSHOT { LONGEST_SNAPSHOT } else { shared.config.max_body }
}

pub(crate) async fn read(parts: &Parts, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let too_large = || ApiError::of(Code::TooLarge).because(format!("a body has at most {limit} bytes"));
    let announced = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > limit) {
        return Err(too_large());
    }
    match timeout(BODY_TIMEOUT, to_bytes(body, limit)).await {
        Ok(read) => read.map_err(|_| too_large()),
        Err(_) => Err(ApiError::of(Code::Malformed).because("the body did not arrive in time")),
    }
}

/// Answers a call: the JSON, with status and links.
async fn answer(
    shared: &Arc<Shared>,
    parts: &Parts,
    body: Bytes,
    origin: &str,
) -> Result<(Answer, Option<Value>), ApiError> {
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let call = Call::new(parts.method.clone(), path, query, body.to_vec(), origin);
    let Done { answer, jobs, drawn } = perform(shared, call).await?;
    if !shared.config.synchronous || jobs.is_empty() {
        return Ok((answer, drawn?));
    }
    shared.settled(Some(&jobs), LONGEST_PROVISIONING).await;
    let view: &View = &answer.view;
    let drawn = shared.with(|world| world.draw(view, origin))?;
    Ok((answer, drawn))
}

/// What came of a call.
pub(crate) struct Done {
    pub(crate) answer: Answer,
    /// The jobs that followed and that somebody is at.
    jobs: Vec<JobId>,
    /// The body at the time of the call.
    drawn: Result<Option<Value>, ApiError>,
}

/// Makes a call, whether it came over the API or from the console, and does not wait for the provisioning that follows.
pub(crate) async fn perform(shared: &Arc<Shared>, call: Call) -> Result<Done, ApiError> {
    let origin = call.origin.clone();
    hooks::prepare(shared, &call).await;
    let is_errand = route::find_errand(&call.method, &call.path).is_some();
    let done = if call.path.starts_with(control::PREFIX) && !is_errand {
        let answer = control::answer(shared, &call).await?;
        shared.with(|world| Done { jobs: world.take_fresh(), drawn: world.draw(&answer.view, &origin), answer })
    } else {
        shared.with(|world| {
            let answer = world.call(call);
            let jobs = world.take_fresh();
            answer.map(|answer| Done { jobs, drawn: world.draw(&answer.view, &origin), answer })
        })?
    };
    expect_open(shared)?;
    kick(shared);
    shared.tell();
    Ok(done)
}

fn respond(answered: Result<(Answer, Option<Value>), ApiError>, id: &str, allowance: Allowance) -> Response {
    let (status, body, links) = match answered {
        Ok((answer, body)) => (answer.status, body, answer.links),
        Err(error) => (error.status(), Some(error.body(id)), Vec::new()),
    };
    let mut response = Response::new(body.as_ref().map_or_else(Body::empty, |body| Body::from(body.to_string())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    let resets =
        Timestamp::now().as_second().saturating_add(i64::try_from(allowance.resets_in.as_secs()).unwrap_or(60));
    for (name, value) in [
        (HeaderName::from_static("x-okta-request-id"), id.to_owned()),
        (HeaderName::from_static("x-rate-limit-limit"), allowance.limit.to_string()),
        (HeaderName::from_static("x-rate-limit-remaining"), allowance.remaining.to_string()),
        (HeaderName::from_static("x-rate-limit-reset"), resets.to_string()),
    ] {
        headers.insert(name, HeaderValue::from_str(&value).expect("digits and letters are a header value"));
    }
    for (relation, target) in links {
        // A target is percent-encoded; were it not, the link would be left out rather than the answer.
        if let Ok(value) = HeaderValue::from_str(&format!("<{target}>; rel=\"{relation}\"")) {
            headers.append(LINK, value);
        }
    }
    response
}

const LONGEST_SNAPSHOT: usize = 512 << 20;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a call waits for provisioning at most: ten attempts of a minute each.
const LONGEST_PROVISIONING: Duration = Duration::from_secs(600);
