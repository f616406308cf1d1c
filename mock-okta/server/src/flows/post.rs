//! The way to the vendor's APIs: to the origins of the seed alone, bounded, without redirects, and with nothing secret in
//! what is written down.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::header::RETRY_AFTER;
use mock_okta::workflow::{Answer, HeaderText, Request, Vendor, Workflow};
use scim_record::{Exchange, Redactor};
use scim_transport::{Auth, Credentials, Limits, Secret, SecretError, Target, Transport};

use super::record::TIMEOUT;

/// The way to the origins of a seed. Connections come into being with the first request.
#[derive(Debug, Clone, Default)]
pub(super) struct Sender {
    secrets: Arc<BTreeMap<String, Secret>>,
    lines: Arc<Mutex<HashMap<String, Transport>>>,
}

impl Sender {
    /// Fetches the secrets that flows name.
    pub(super) fn new(flows: &[Workflow]) -> Result<Sender, (String, SecretError)> {
        let named = flows.iter().flat_map(|flow| flow.secrets().into_iter().map(move |source| (flow, source)));
        let fetch = |(flow, source): (&Workflow, &str)| match Secret::resolve(source) {
            Ok(secret) => Ok((source.to_owned(), secret)),
            Err(error) => Err((flow.name().to_owned(), error)),
        };
        let secrets = named.map(fetch).collect::<Result<_, _>>()?;
        Ok(Sender { secrets: Arc::new(secrets), lines: Arc::default() })
    }

    /// Sends a request. The evidence is missing where none could be sent at all.
    pub(super) async fn send(&self, step: &str, request: Request) -> (Option<Exchange>, Result<Answer, String>) {
        let line = match self.line(&request.origin) {
            Ok(line) => line,
            Err(why) => return (None, Err(why)),
        };
        let headers = request.headers.into_iter().map(|(name, text)| Ok((name, self.written(text)?)));
        let headers = match headers.collect::<Result<_, String>>() {
            Ok(headers) => headers,
            Err(why) => return (None, Err(why)),
        };
        let target = if request.target.starts_with('/') { request.target } else { format!("/{}", request.target) };
        let (method, body) = (request.method.to_owned(), request.body.map(String::into_bytes));
        let begun = Instant::now();
        let sent = line.send(step, scim_transport::Request { method, target, headers, body, auth: Auth::None }).await;
        let answer = sent.reply.map_err(|failure| failure.to_string()).map(|reply| Answer {
            status: reply.status,
            retry_after: reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned),
            body: reply.body.to_vec(),
            took: begun.elapsed(),
        });
        (Some(sent.exchange), answer)
    }

    fn written(&self, text: HeaderText) -> Result<String, String> {
        match text {
            HeaderText::Plain(text) => Ok(text),
            HeaderText::Secret { before, source } => {
                let secret = self.secrets.get(&source).ok_or_else(|| format!("the secret {source} was not fetched"))?;
                Ok(format!("{before}{}", secret.expose()))
            }
        }
    }

    fn line(&self, origin: &str) -> Result<Transport, String> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(origin) {
            return Ok(line.clone());
        }
        let target = Target::parse(origin).map_err(|error| error.to_string())?;
        let secrets = self.secrets.values().map(|secret| secret.expose().to_owned()).collect();
        let line = Transport::new(target, Credentials::None, LIMITS, Redactor::new(secrets, None));
        let line = line.map_err(|error| error.to_string())?;
        // There are as many as the seed has origins.
        lines.insert(origin.to_owned(), line.clone());
        Ok(line)
    }
}

/// Checks that every origin can be talked to.
pub(super) fn check(vendor: &Vendor) -> Result<(), String> {
    vendor.origins().into_iter().try_for_each(|origin| match Target::parse(origin) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{origin}: {error}")),
    })
}

const LIMITS: Limits = Limits {
    timeout: TIMEOUT,
    connect_timeout: Duration::from_secs(3),
    max_body: 1 << 20,
    max_headers: 100,
    max_header_bytes: 16 << 10,
    retries: 0,
    pace: None,
};
