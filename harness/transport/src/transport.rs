//! Sends requests to one service provider and writes down what happened.

use crate::decode::decode;
use crate::engine::{BoxError, Engines, Response};
use crate::evidence::Recorder;
use crate::failure::{self, body_too_large};
use crate::pace::Pace;
use crate::reuse::Served;
use crate::tokens::{Proof, Refusal, Shown};
use crate::wire::{Wire, basic};
use crate::{Credentials, Limits, Reply, Request, Sent, Target, values};
use bytes::Bytes;
use http::header::{self, HeaderMap};
use http_body_util::BodyExt;
use hyper::body::Body;
use scim_record::{Exchange, Failure, Redactor, Timing};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Sends requests to one service provider; clones share its connections and its count.
///
/// HTTP/1.1 only, as Okta's client. Redirects are answers like any other and are not followed, cookies are not kept, no
/// proxy is used.
#[derive(Clone)]
pub struct Transport {
    inner: Arc<Inner>,
}

struct Inner {
    target: Target,
    limits: Limits,
    redactor: Redactor,
    proof: Proof,
    engines: Engines,
    served: Served,
    pace: Pace,
    requests: AtomicU64,
    retries: AtomicU64,
}

/// Why a transport cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The header that shall carry the credentials cannot exist.
    #[error("`{name}` is no header name")]
    HeaderName {
        /// The name.
        name: String,
    },
    /// The credentials hold a character no header carries.
    #[error("the credentials hold a control character")]
    Credentials,
    /// The user of Basic credentials contains `:` (RFC 7617 section 2).
    #[error("the user of Basic credentials contains a colon")]
    User,
    /// TLS cannot be set up, for example because the system trusts no certificate authority.
    #[error("TLS cannot be set up")]
    Tls {
        /// What is missing.
        source: rustls::Error,
    },
}

impl Transport {
    /// Prepares to talk to `target`; connects to nothing yet.
    ///
    /// The redactor learns the credentials, so that no caller can forget it.
    pub fn new(
        target: Target,
        credentials: Credentials,
        limits: Limits,
        redactor: Redactor,
    ) -> Result<Self, TransportError> {
        let engines = Engines::new(&target, &limits).map_err(|source| TransportError::Tls { source })?;
        Ok(Transport {
            inner: Arc::new(Inner {
                redactor: learn(redactor, &credentials),
                proof: Proof::new(credentials)?,
                target,
                limits,
                engines,
                served: Served::default(),
                pace: Pace::new(limits.pace),
                requests: AtomicU64::new(0),
                retries: AtomicU64::new(0),
            }),
        })
    }

    /// Sends one request and waits for the whole response or for the reason why there is none.
    ///
    /// A request that cannot be put on the wire as given (a space in the target, a line break in a header) is not
    /// repaired; it fails as [`Failure::Unreachable`].
    ///
    /// With [`Credentials::Renewed`], a request that is answered 401 is sent once more with the next token, and what came
    /// of that is what is written down. Where there is no next token it fails as [`Failure::Unreachable`]: the server is
    /// not to blame.
    pub async fn send(&self, step: &str, request: Request) -> Sent {
        self.inner.pace.turn().await;
        let shown = self.inner.proof.shown(&request).await;
        let mut sent = self.inner.recorded(step, &request, &shown).await;
        match self.inner.proof.refusal(&shown, status(&sent.reply)).await {
            Refusal::Stands => sent,
            Refusal::Again(next) => {
                self.inner.pace.turn().await;
                let again = self.inner.recorded(step, &request, &Shown::of(next)).await;
                self.inner.proof.heed(status(&again.reply));
                Sent { retries: sent.retries + again.retries, ..again }
            }
            Refusal::Lost(cause) => {
                let failure = self.inner.lost(cause);
                (sent.exchange.response, sent.exchange.failure) = (None, Some(failure.clone()));
                Sent { reply: Err(failure), ..sent }
            }
        }
    }

    /// Sends one request as [`Transport::send`] does, without writing anything down: for requests by the thousand, of
    /// which nobody reads the evidence.
    ///
    /// # Errors
    /// The reason why there is no response, redacted.
    pub async fn ask(&self, request: &Request) -> Result<Reply, Failure> {
        self.inner.pace.turn().await;
        let shown = self.inner.proof.shown(request).await;
        let reply = self.inner.unrecorded(request, &shown).await;
        match self.inner.proof.refusal(&shown, status(&reply)).await {
            Refusal::Stands => reply,
            Refusal::Again(next) => {
                self.inner.pace.turn().await;
                let again = self.inner.unrecorded(request, &Shown::of(next)).await;
                self.inner.proof.heed(status(&again));
                again
            }
            Refusal::Lost(cause) => Err(self.inner.lost(cause)),
        }
    }

    /// Returns how many requests went out so far, repeated ones and those in flight included.
    pub fn requests_sent(&self) -> u64 {
        self.inner.requests.load(Ordering::Relaxed)
    }

    /// Returns how many of them were sent again because a connection failed; see [`Limits::retries`].
    pub fn retries(&self) -> u64 {
        self.inner.retries.load(Ordering::Relaxed)
    }

    /// Returns whether there are credentials to prove who we are with.
    pub fn has_credentials(&self) -> bool {
        self.inner.proof.is_configured()
    }

    /// Returns the redactor, which knows the credentials, for texts that are not part of an exchange.
    pub fn redactor(&self) -> &Redactor {
        &self.inner.redactor
    }

    /// Returns the service provider.
    pub fn target(&self) -> &Target {
        &self.inner.target
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("target", &self.inner.target)
            .field("limits", &self.inner.limits)
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn recorder<'a>(&'a self, shown: &'a Shown) -> Recorder<'a> {
        Recorder { redactor: &self.redactor, target: &self.target, auth: &shown.header.name }
    }

    async fn recorded(&self, step: &str, request: &Request, shown: &Shown) -> Sent {
        let clock = Clock::start();
        let wire = Wire::new(request, &self.target, &shown.header);
        let recorder = self.recorder(shown);
        let record = recorder.request(request, wire.as_ref().ok());
        let retries = AtomicU32::new(0);
        let reply = match wire {
            Ok(wire) => self.exchange(wire, &clock, &retries).await,
            Err(unsendable) => Err(unsendable.into()),
        };
        let reply = reply.map_err(|failure| recorder.failure(failure));
        let exchange = Exchange {
            step: step.to_owned(),
            request: record,
            response: reply.as_ref().ok().map(|reply| recorder.reply(reply)),
            failure: reply.as_ref().err().cloned(),
            timing: clock.stop(),
        };
        Sent { exchange, reply, retries: retries.into_inner() }
    }

    async fn unrecorded(&self, request: &Request, shown: &Shown) -> Result<Reply, Failure> {
        let reply = match Wire::new(request, &self.target, &shown.header) {
            Ok(wire) => self.exchange(wire, &Clock::start(), &AtomicU32::new(0)).await,
            Err(unsendable) => Err(unsendable.into()),
        };
        reply.map_err(|failure| self.recorder(shown).failure(failure))
    }

    fn lost(&self, cause: String) -> Failure {
        Failure::Unreachable { cause: self.redactor.text(&cause) }
    }

    async fn exchange(&self, wire: Wire, clock: &Clock, retries: &AtomicU32) -> Result<Reply, Failure> {
        match tokio::time::timeout(self.limits.timeout, self.try_exchange(wire, clock, retries)).await {
            Ok(result) => result,
            Err(_) => {
                Err(Failure::TimedOut { after_ms: u64::try_from(self.limits.timeout.as_millis()).unwrap_or(u64::MAX) })
            }
        }
    }

    /// Sends the request, again if an idle connection turned out to be closed.
    ///
    /// hyper itself repeats what it had not begun to write. What was written and met a closed connection is repeated
    /// here, if the method is idempotent (RFC 9110 section 9.2.2) and no response came back: RFC 9112 section 9.3.1
    /// allows no more. Connections idle for longer than [`IDLE`](crate::engine::IDLE) are not used at all, so POST and
    /// PATCH are safe from servers that close after the customary 2 to 5 seconds.
    async fn try_exchange(&self, wire: Wire, clock: &Clock, retries: &AtomicU32) -> Result<Reply, Failure> {
        let mut repeats = 0;
        loop {
            self.requests.fetch_add(1, Ordering::Relaxed);
            let error = match self.engines.send(&wire).await {
                Ok(response) => return self.receive(response, clock).await,
                Err(error) => error,
            };
            let Some(connection) = failure::connection(&*error) else {
                self.requests.fetch_sub(1, Ordering::Relaxed);
                // Nothing was sent, so that any request may be. A server that does not even refuse has had its time.
                if !failure::is_timeout(&*error) && self.retry(retries, clock).await {
                    continue;
                }
                return Err(failure::unreachable(&*error, &self.limits));
            };
            let went_stale = self.served.went_stale(connection, &*error);
            if went_stale && wire.is_idempotent() && repeats < MAX_REPEATS {
                repeats += 1;
                continue;
            }
            let may_repeat = wire.is_idempotent() && failure::is_end_of_connection(&*error);
            if !(may_repeat && self.retry(retries, clock).await) {
                return Err(failure::broken(&*error, &self.limits));
            }
        }
    }

    /// Waits before a request is sent again and counts it, or returns false where it has been sent often enough.
    async fn retry(&self, retries: &AtomicU32, clock: &Clock) -> bool {
        let so_far = retries.load(Ordering::Relaxed);
        // A server that restarts is back after a moment.
        let pause = FIRST_PAUSE * 2_u32.pow(so_far.min(5));
        // What is refused to the end must not look like a hang.
        let is_late = clock.started.elapsed() + pause > self.limits.timeout * 9 / 10;
        if so_far >= self.limits.retries || is_late {
            return false;
        }
        tokio::time::sleep(pause).await;
        retries.store(so_far + 1, Ordering::Relaxed);
        self.retries.fetch_add(1, Ordering::Relaxed);
        true
    }

    async fn receive(&self, response: Response, clock: &Clock) -> Result<Reply, Failure> {
        clock.headers_arrived();
        let (head, body) = response.into_parts();
        self.pace.heed(head.status, &head.headers);
        self.served.note(&head.extensions);
        let reason = reason(&head);
        // reqwest cannot be told this bound, so it is checked on the parsed head; hyper's own buffer bounds the rest.
        if head_size(&reason, &head.headers) > self.limits.header_bytes() {
            return Err(failure::head_too_large(&self.limits));
        }
        let raw = self.read(body).await.map_err(|failure| failure::after(head.status, failure))?;
        let body = decode(raw, &content_codings(&head.headers), self.limits.max_body)?;
        values::check(&body)?;
        Ok(Reply { status: head.status.as_u16(), reason, headers: head.headers, body: Bytes::from(body) })
    }

    async fn read(&self, mut body: impl Body<Data = Bytes, Error = BoxError> + Unpin) -> Result<Vec<u8>, Failure> {
        let limit = self.limits.max_body;
        if body.size_hint().lower() > limit as u64 {
            return Err(body_too_large(limit));
        }
        let mut read = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| failure::broken(&*error, &self.limits))?;
            // Trailers have no use in SCIM.
            let Ok(data) = frame.into_data() else { continue };
            if read.len() + data.len() > limit {
                return Err(body_too_large(limit));
            }
            read.extend_from_slice(&data);
        }
        Ok(read)
    }
}

struct Clock {
    started_ms: i64,
    started: Instant,
    headers: std::sync::OnceLock<Duration>,
}

impl Clock {
    fn start() -> Self {
        Clock {
            started_ms: jiff::Timestamp::now().as_millisecond(),
            started: Instant::now(),
            headers: std::sync::OnceLock::new(),
        }
    }

    fn headers_arrived(&self) {
        self.headers.get_or_init(|| self.started.elapsed());
    }

    fn stop(&self) -> Timing {
        let total = self.started.elapsed();
        Timing {
            started_ms: self.started_ms,
            headers_ms: milliseconds(self.headers.get().copied().unwrap_or(total)),
            total_ms: milliseconds(total),
        }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn learn(redactor: Redactor, credentials: &Credentials) -> Redactor {
    match credentials {
        Credentials::None => redactor,
        Credentials::Renewed(tokens) => redactor.watching(tokens.learnt().clone()),
        Credentials::Bearer(secret) | Credentials::Header { value: secret, .. } => {
            redactor.with_secret(secret.expose())
        }
        Credentials::Basic { user, password } => {
            redactor.with_secret(password.expose()).with_secret(&basic(user, password.expose()))
        }
    }
}

fn status(reply: &Result<Reply, Failure>) -> Option<u16> {
    reply.as_ref().ok().map(|reply| reply.status)
}

/// Returns the reason phrase as sent; hyper keeps it apart only where it is not the customary one.
fn reason(head: &http::response::Parts) -> String {
    match head.extensions.get::<hyper::ext::ReasonPhrase>() {
        Some(phrase) => String::from_utf8_lossy(phrase.as_bytes()).into_owned(),
        None => head.status.canonical_reason().unwrap_or_default().to_owned(),
    }
}

fn content_codings(headers: &HeaderMap) -> String {
    let codings: Vec<_> = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    codings.join(",")
}

/// Returns the size of a head on the wire, but for what parsing leaves out: line ends and blanks in odd places.
fn head_size(reason: &str, headers: &HeaderMap) -> usize {
    let line = "HTTP/1.1 200 \r\n".len() + reason.len();
    headers.iter().fold(line, |size, (name, value)| size + name.as_str().len() + ": \r\n".len() + value.len())
}

const MAX_REPEATS: usize = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
