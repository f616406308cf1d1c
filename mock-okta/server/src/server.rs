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
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::auth::{Allowance, check_host, check_token};
use crate::call::{Answer, Call, View};
use crate::control;
use crate::error::{ApiError, Code};
use crate::runner::kick;
use crate::shared::Shared;

/// Serves until the other end of `stop` speaks or is gone.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: oneshot::Receiver<()>) -> io::Result<()> {
    // Without it, small answers on a kept connection wait for the client's delayed acknowledgement. If it cannot be set
    // they are late, not wrong.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    kick(&shared);
    let router = Router::new().fallback(handle).with_state(shared);
    tokio::select! {
        served = axum::serve(listener, router).into_future() => served,
        _ = stop => Ok(()),
    }
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
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
    let host = check_host(&parts.headers, &shared.config.hosts)?;
    if parts.uri.path() != control::HEALTH {
        check_token(&parts.headers, &shared.token)?;
    }
    if allowance.is_exceeded { Err(ApiError::of(Code::TooManyRequests)) } else { Ok(host) }
}

/// Returns how long a body may be. A snapshot holds what many calls brought.
fn limit(shared: &Shared, parts: &Parts) -> usize {
    if parts.uri.path() == control::SNAPSHOT { LONGEST_SNAPSHOT } else { shared.config.max_body }
}

async fn read(parts: &Parts, body: Body, limit: usize) -> Result<Bytes, ApiError> {
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
    let is_control = path.starts_with(control::PREFIX);
    let (answer, jobs, drawn) = if is_control {
        let answer = control::answer(shared, &call).await?;
        let jobs = shared.with(|world| world.take_fresh());
        let drawn = shared.with(|world| world.draw(&answer.view, origin));
        (answer, jobs, drawn)
    } else {
        shared.with(|world| {
            let answer = world.call(call);
            let jobs = world.take_fresh();
            let drawn = answer.as_ref().map(|answer| world.draw(&answer.view, origin));
            let drawn = drawn.unwrap_or(Ok(None));
            answer.map(|answer| (answer, jobs, drawn))
        })?
    };
    kick(shared);
    if !shared.config.synchronous || jobs.is_empty() {
        return Ok((answer, drawn?));
    }
    shared.settled(Some(&jobs), LONGEST_PROVISIONING).await;
    let view: &View = &answer.view;
    let drawn = shared.with(|world| world.draw(view, origin))?;
    Ok((answer, drawn))
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
