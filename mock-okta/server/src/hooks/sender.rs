//! The way to one receiver: bounded, without redirects, and with nothing secret in what is written down.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mock_okta::hook::{CHALLENGE_HEADER, Channel, TIMEOUT, headers};
use scim_record::{Exchange, Failure, Redactor};
use scim_transport::{Auth, Credentials, Limits, Reply, Request, Target, Transport};

/// The way to one receiver. Connections come into being with the first request.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    channel: Channel,
    line: Arc<OnceLock<Transport>>,
}

/// What came of a request.
#[derive(Debug)]
pub(super) struct Sent {
    /// The evidence, without secrets; nothing where no request could be made.
    pub(super) exchange: Option<Exchange>,
    pub(super) reply: Result<Reply, Failure>,
}

impl Sender {
    pub(super) fn new(channel: &Channel) -> Sender {
        Sender { channel: channel.clone(), line: Arc::default() }
    }

    /// Tells the receiver something.
    pub(super) async fn post(&self, step: &str, body: &str) -> Sent {
        self.send(step, "POST", headers(Some(&self.channel), true), Some(body.as_bytes().to_vec())).await
    }

    /// Asks the receiver whether it is one.
    pub(super) async fn challenge(&self, challenge: &str) -> Sent {
        let mut headers = headers(Some(&self.channel), false);
        headers.push((CHALLENGE_HEADER.to_owned(), challenge.to_owned()));
        self.send("verification", "GET", headers, None).await
    }

    async fn send(&self, step: &str, method: &str, headers: Vec<(String, String)>, body: Option<Vec<u8>>) -> Sent {
        let line = match self.line() {
            Ok(line) => line,
            Err(cause) => return Sent { exchange: None, reply: Err(Failure::Unreachable { cause }) },
        };
        let target = line.target().rest().to_owned();
        let request = Request { method: method.to_owned(), target, headers, body, auth: Auth::None };
        let sent = line.send(step, request).await;
        Sent { exchange: Some(self.without_secrets(sent.exchange)), reply: sent.reply }
    }

    fn line(&self) -> Result<Transport, String> {
        if let Some(line) = self.line.get() {
            return Ok(line.clone());
        }
        let target = Target::endpoint(&self.channel.uri).map_err(|error| error.to_string())?;
        let redactor = self.redactor(target.secrets());
        let line = Transport::new(target, Credentials::None, LIMITS, redactor).map_err(|error| error.to_string())?;
        Ok(self.line.get_or_init(|| line).clone())
    }

    /// Returns what keeps a receiver from showing what it was sent.
    fn redactor(&self, mut secrets: Vec<String>) -> Redactor {
        let values = self.channel.headers.iter().map(|(_, value)| &value.0);
        let values = values.chain(self.channel.auth.iter().map(|auth| &auth.value.0));
        // Shorter texts occur by chance, and a log full of gaps helps nobody.
        secrets.extend(values.filter(|value| value.len() >= SHORTEST_SECRET).cloned());
        Redactor::new(secrets, None)
    }

    /// Takes the values of the channel's headers out of an exchange, however short they are.
    fn without_secrets(&self, mut exchange: Exchange) -> Exchange {
        let names = self.channel.headers.iter().map(|(name, _)| name);
        let names: Vec<&String> = names.chain(self.channel.auth.iter().map(|auth| &auth.key)).collect();
        for header in &mut exchange.request.headers {
            if names.iter().any(|name| name.eq_ignore_ascii_case(&header.name)) {
                "[redacted]".clone_into(&mut header.value);
            }
        }
        exchange
    }
}

/// Okta reads the status and, of a verification, a line of JSON.
const LIMITS: Limits = Limits {
    timeout: TIMEOUT,
    connect_timeout: Duration::from_secs(3),
    max_body: 64 * 1024,
    max_headers: 100,
    max_header_bytes: 16 * 1024,
    retries: 0,
    pace: None,
};

const SHORTEST_SECRET: usize = 6;
