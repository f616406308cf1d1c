//! Who we are at an authorization server, and how its two endpoints are asked.

use super::answer::{self, Denial, Issued};
use super::form;
use scim_record::{Failure, Learnt, Redactor};
use scim_transport::{Auth, Credentials, Limits, Request, Secret, Target, Transport, TransportError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A client as it is registered at an authorization server.
pub(crate) struct Client {
    token: Target,
    pub(super) id: String,
    secret: Secret,
    pub(super) scope: Option<String>,
    pub(super) learnt: Learnt,
    /// Whether the token endpoint turned out to want the secret in the body.
    posts_secret: AtomicBool,
}

/// How a client shows its secret (RFC 6749 §2.3.1), by the names OpenID Connect gave the ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// `client_secret_basic`: in the Authorization header.
    Basic,
    /// `client_secret_post`: in the body.
    Post,
}

/// Why a token endpoint issued no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It cannot be talked to.
    #[error("the token endpoint: {0}")]
    Setup(#[from] TransportError),
    /// There is no answer.
    #[error("the token endpoint gives no answer: {0}")]
    Unanswered(Failure),
    /// The answer is no.
    #[error("the token endpoint: {0}")]
    Denied(#[from] Denial),
}

impl TokenError {
    /// Tells whether it is of no use to ask the same again (RFC 6749 §5.2).
    pub(super) fn is_final(&self) -> bool {
        match self {
            TokenError::Unanswered(_) => false,
            TokenError::Denied(Denial::Error { status, .. }) => *status < 500 && !matches!(status, 408 | 429),
            TokenError::Setup(_) | TokenError::Denied(_) => true,
        }
    }
}

impl Client {
    pub(crate) fn new(token: Target, id: String, secret: Secret, scope: Option<String>) -> Self {
        let learnt = Learnt::default();
        learnt.keep(secret.expose());
        learnt.keep(&form::encode(secret.expose()));
        token.secrets().iter().for_each(|secret| learnt.keep(secret));
        Client { token, id, secret, scope, learnt, posts_secret: AtomicBool::new(false) }
    }

    /// Returns the way in which the token endpoint took the secret last.
    pub(crate) fn method(&self) -> Method {
        if self.posts_secret.load(Ordering::Relaxed) { Method::Post } else { Method::Basic }
    }

    /// Returns a redactor that knows every secret of this client.
    pub(crate) fn redactor(&self) -> Redactor {
        Redactor::default().watching(self.learnt.clone())
    }

    /// Asks the token endpoint; in the other way if it does not know us in the first.
    pub(super) async fn ask(&self, form: &[(&str, &str)]) -> Result<Issued, TokenError> {
        let method = self.method();
        let asked = self.ask_by(method, form).await;
        match &asked {
            Err(TokenError::Denied(Denial::Error { status, error, .. }))
                if method == Method::Basic && is_about_the_client(*status, error) => {}
            _ => return asked,
        }
        let posted = self.ask_by(Method::Post, form).await;
        match &posted {
            // Neither way: what the server says of the way it must support tells more (RFC 6749 §2.3.1).
            Err(TokenError::Denied(Denial::Error { status, error, .. })) if is_about_the_client(*status, error) => {
                asked
            }
            _ => {
                self.posts_secret.store(true, Ordering::Relaxed);
                posted
            }
        }
    }

    async fn ask_by(&self, method: Method, form: &[(&str, &str)]) -> Result<Issued, TokenError> {
        // RFC 6749 §2.3.1: both are encoded as in a form before they become a user and a password.
        let user = form::encode(&self.id);
        let password = Secret::new(form::encode(self.secret.expose()));
        // Not kept: the next token is wanted when every connection is closed, perhaps from another runtime.
        let transport =
            Transport::new(self.token.clone(), Credentials::Basic { user, password }, LIMITS, self.redactor())?;
        let mut form = form.to_vec();
        if method == Method::Post {
            form.extend([("client_id", self.id.as_str()), ("client_secret", self.secret.expose())]);
        }
        let request = Request {
            method: "POST".to_owned(),
            target: self.token.rest().to_owned(),
            headers: headers("application/json", Some("application/x-www-form-urlencoded")),
            body: Some(form::write(&form).into_bytes()),
            auth: if method == Method::Basic { Auth::Configured } else { Auth::None },
        };
        let reply = transport.ask(&request).await.map_err(TokenError::Unanswered)?;
        Ok(answer::read(&reply).map_err(|denial| scrubbed(denial, transport.redactor()))?)
    }
}

/// Tells whether the endpoint objects to how the client authenticates. A server that looks only into the body finds no
/// client there and calls the request invalid.
fn is_about_the_client(status: u16, error: &str) -> bool {
    status == 401 || (status == 400 && matches!(error, "invalid_client" | "invalid_request"))
}

/// Takes secrets out of what the server says; it may repeat what it was sent.
fn scrubbed(denial: Denial, redactor: &Redactor) -> Denial {
    match denial {
        Denial::Error { status, error, description } => Denial::Error {
            status,
            error: redactor.text(&error),
            description: description.map(|text| redactor.text(&text)),
        },
        Denial::Kind { kind } => Denial::Kind { kind: redactor.text(&kind) },
        Denial::NotJson { status, kind } => Denial::NotJson { status, kind: redactor.text(&kind) },
        other => other,
    }
}

/// Returns what requests to an authorization server begin with.
pub(super) fn headers(accept: &str, content_type: Option<&str>) -> Vec<(String, String)> {
    let agent = concat!("Rehearsal/", env!("CARGO_PKG_VERSION"));
    let all = [("User-Agent", Some(agent)), ("Accept", Some(accept)), ("Content-Type", content_type)];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
}

/// What an authorization server may take of our time and memory.
pub(super) const LIMITS: Limits = Limits {
    timeout: Duration::from_secs(30),
    connect_timeout: Duration::from_secs(10),
    max_body: 256 * 1024,
    max_headers: 256,
    max_header_bytes: 64 * 1024,
    retries: 0,
    pace: None,
};
