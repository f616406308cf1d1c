//! The service provider over HTTP.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body as AxumBody, HttpBody};
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::{Request as AxumRequest, State};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::request::Parts;
use scim_lang::error::ScimError;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::config::Config;
use crate::message::{Answer, Body, Reply, Request, SCIM_JSON};
use crate::provider::Provider;
use crate::version::Version;

/// What every request needs.
#[derive(Clone)]
struct Shared {
    provider: Arc<Provider>,
    address: SocketAddr,
    max_body: usize,
}

/// Serves until the future is dropped. Connections that are open then finish the request they are at.
pub(crate) async fn serve(listener: TcpListener, config: Config) -> io::Result<()> {
    // The signal comes when this sender is dropped, which is when this future is.
    let (_until_dropped, dropped) = oneshot::channel::<()>();
    serve_until(listener, config, dropped).await
}

/// Serves until the other end of `stop` speaks or is gone, then finishes the requests that are under way.
pub(crate) async fn serve_until(listener: TcpListener, config: Config, stop: oneshot::Receiver<()>) -> io::Result<()> {
    let shared = Shared {
        provider: Arc::new(Provider::new(&config)),
        address: listener.local_addr()?,
        max_body: config.max_body,
    };
    let service = Router::new().fallback(handle).with_state(shared).into_make_service_with_connect_info::<Line>();
    let stopped = async {
        // An error means that the sender is gone, which says the same.
        let _ = stop.await;
    };
    axum::serve(Lines(listener), service).with_graceful_shutdown(stopped).await
}

async fn handle(State(shared): State<Shared>, ConnectInfo(line): ConnectInfo<Line>, request: AxumRequest) -> Response {
    let (parts, body) = request.into_parts();
    // What belongs to no version is answered as SCIM 2.0 answers it.
    let version = Version::split(parts.uri.path()).map_or(Version::V2, |(version, _)| version);
    let media_type = media_type(&parts, version);
    let answer = match read(&parts, body, shared.max_body).await {
        Ok(body) => {
            let mut request = understood(parts, version, body, shared.address);
            if let Some(time) = shared.provider.delay(&mut request) {
                sleep(time).await;
            }
            shared.provider.answer(request)
        }
        Err(error) => Answer::Reply(error.into()),
    };
    match answer {
        Answer::Reply(reply) => response(reply, media_type),
        Answer::HangUp => {
            line.0.store(true, Ordering::Release);
            // Nobody reads this: the first attempt to write it ends the connection.
            Response::default()
        }
    }
}

fn understood(parts: Parts, version: Version, body: Bytes, address: SocketAddr) -> Request {
    Request {
        base: base(&parts, version, address),
        version,
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        glimpse: None,
    }
}

/// Returns the base URL as the client addresses it, so that locations lead back here through port forwarding as well.
fn base(parts: &Parts, version: Version, address: SocketAddr) -> String {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.filter(|host| host.parse::<http::uri::Authority>().is_ok_and(|it| !it.as_str().contains('@')));
    let path = version.base_path();
    match host {
        Some(host) => format!("http://{host}{path}"),
        None => format!("http://{address}{path}"),
    }
}

/// Reads the body up to the limit. One that is longer is read on for a while and thrown away: a client that is still
/// writing when the connection closes never sees the answer.
async fn read(parts: &Parts, mut body: AxumBody, limit: usize) -> Result<Bytes, ScimError> {
    let announced = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > limit.saturating_add(DRAIN)) {
        return Err(too_large(limit));
    }
    let reading = async {
        let mut kept = BytesMut::new();
        let mut length = 0_usize;
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            let frame = frame.map_err(|_| ScimError::new(400, "the request body broke off"))?;
            let Some(data) = frame.data_ref() else { continue };
            length = length.saturating_add(data.len());
            if length <= limit {
                kept.extend_from_slice(data);
            } else if length > limit.saturating_add(DRAIN) {
                break;
            }
        }
        if length > limit { Err(too_large(limit)) } else { Ok(kept.freeze()) }
    };
    let late = |_| Err(ScimError::new(408, "the request body did not arrive in time"));
    timeout(BODY_TIMEOUT, reading).await.unwrap_or_else(late)
}

fn too_large(limit: usize) -> ScimError {
    ScimError::new(413, format!("a request body of more than {limit} bytes is not accepted"))
}

fn response(reply: Reply, json: &'static str) -> Response {
    let (media_type, body) = match reply.body {
        Body::Empty => ("", AxumBody::empty()),
        Body::Json(value) => (json, AxumBody::from(value.to_string())),
        Body::Printed(text) => (json, AxumBody::from(text)),
        Body::Text { media_type, text } => (media_type, AxumBody::from(text)),
    };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    if !media_type.is_empty() && !response.headers().contains_key(CONTENT_TYPE) {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    response
}

/// RFC 7644 §3.8: application/scim+json is the default, application/json an alternative. A client that accepts neither
/// gets the default: an answer it did not ask for helps it more than none. SCIM 1.1 knows application/json alone.
fn media_type(parts: &Parts, version: Version) -> &'static str {
    let ranges =
        parts.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    let essences: Vec<&str> = ranges.map(|range| range.split(';').next().unwrap_or_default().trim()).collect();
    let takes = |wanted: &str| essences.iter().any(|essence| essence.eq_ignore_ascii_case(wanted));
    let accepts_scim = takes(SCIM_JSON) || takes("*/*") || !takes("application/json");
    if version == Version::V2 && accepts_scim { SCIM_JSON } else { "application/json" }
}

/// A listener whose connections can be cut from within a request.
struct Lines(TcpListener);

impl Listener for Lines {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Without it, small answers on a kept connection wait for the client's delayed acknowledgement. If it cannot
        // be set they are late, not wrong.
        let _ = stream.set_nodelay(true);
        (Wire { stream, line: Line::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// The switch that cuts one connection.
#[derive(Debug, Clone, Default)]
struct Line(Arc<AtomicBool>);

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Line {
        stream.io().line.clone()
    }
}

/// A connection that cannot be written to once its line is cut.
struct Wire {
    stream: TcpStream,
    line: Line,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.line.0.load(Ordering::Acquire) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// How much of a body that is too long is read and thrown away.
const DRAIN: usize = 64 << 20;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
