//! The two clients that put requests on the wire, and the choice between them.
//!
//! Ordinary traffic goes through reqwest. It gives a request without `Accept` one of its own, and it spells targets as
//! the WHATWG URL standard does: `/Users/../x` becomes `/x`, and `'` in a query becomes `%27`. What it would change that
//! way goes through [`Verbatim`]. Below, both are hyper: one TLS configuration, the same bounds, the same spelling of
//! headers, and the same errors in the end. Each keeps connections of its own.

use crate::verbatim::Verbatim;
use crate::wire::Wire;
use crate::{Limits, Target, tls};
use http::header;
use http_body_util::Either;
use hyper::body::Incoming;
use std::error::Error;
use std::time::Duration;

/// The clients for one target.
pub(crate) struct Engines {
    ordinary: reqwest::Client,
    verbatim: Verbatim,
}

impl Engines {
    pub(crate) fn new(target: &Target, limits: &Limits) -> Result<Self, rustls::Error> {
        let tls = tls::configure(target)?;
        Ok(Engines { ordinary: ordinary(tls.clone(), limits), verbatim: Verbatim::new(tls, limits) })
    }

    /// Sends a request exactly as it is laid out and waits for the head of the response.
    pub(crate) async fn send(&self, wire: &Wire) -> Result<Response, BoxError> {
        match as_ordinary(wire) {
            Some(request) => {
                let response = self.ordinary.execute(request).await?;
                Ok(http::Response::from(response).map(Either::Left))
            }
            None => Ok(self.verbatim.send(wire.to_request()).await?.map(Either::Right)),
        }
    }
}

/// A head, and a body that is still to be read.
pub(crate) type Response = http::Response<Either<reqwest::Body, Incoming>>;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Puts a request into reqwest's form, unless reqwest would send something else than it says.
fn as_ordinary(wire: &Wire) -> Option<reqwest::Request> {
    let request = wire.to_request().map(reqwest::Body::from);
    if !request.headers().contains_key(header::ACCEPT) {
        return None;
    }
    let uri = request.uri().to_string();
    let request = reqwest::Request::try_from(request).ok()?;
    (request.url().as_str() == uri).then_some(request)
}

/// Builds reqwest's client without anything that it would do by itself.
fn ordinary(tls: rustls::ClientConfig, limits: &Limits) -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .http1_title_case_headers()
        .http1_max_headers(limits.header_count())
        .connect_timeout(limits.connection_time())
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true)
        .tcp_keepalive(None)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        // What a proxy answers would be blamed on the target.
        .no_proxy()
        .referer(false)
        // Another crate in the same build may switch these features on.
        .no_gzip()
        .no_deflate()
        .no_brotli()
        .no_zstd();
    // By default the system would give a silent server up after 30 s; how long to wait is for the limits to say.
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let builder = builder.tcp_user_timeout(None);
    builder.build().expect("reqwest is built on the same rustls, and nothing else in its client can fail")
}

/// How long a connection may be idle and still be used: below the 2 to 5 seconds after which common servers close it.
pub(crate) const IDLE: Duration = Duration::from_millis(1500);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::AuthHeader;
    use crate::{Auth, Credentials, Request};

    fn wire(target: &str, headers: &[(&str, &str)]) -> Wire {
        let base = Target::parse("https://scim.example.com/v2").unwrap();
        let auth = AuthHeader::new(&Credentials::None).unwrap();
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request =
            Request { method: "GET".into(), target: target.into(), headers, body: None, auth: Auth::Configured };
        Wire::new(&request, &base, &auth).unwrap()
    }

    #[test]
    fn what_okta_sends_is_ordinary() {
        let accept = [("Accept", "application/scim+json"), ("User-Agent", "Okta SCIM Client 1.0.0")];
        for target in [
            "",
            "/Users/00u1%2Fa%20b",
            "/Users?filter=userName%20eq%20%22a%40b%22&startIndex=1&count=100",
            "/Users?filter=userName+eq+%22o%27brien%22",
            "/Users?",
            "/Users?x=%",
            "/Users//a;b=c/%zz",
        ] {
            assert!(as_ordinary(&wire(target, &accept)).is_some(), "{target}");
        }
    }

    #[test]
    fn what_reqwest_would_spell_otherwise_is_not_ordinary() {
        for target in ["/Users/../Groups", "/Users/%2e%2E/x", "/Users?x='", "/Users/{id}", "/Users\\1", "/Users/é"] {
            assert!(as_ordinary(&wire(target, &[("Accept", "*/*")])).is_none(), "{target}");
        }
    }

    #[test]
    fn a_request_without_accept_is_not_ordinary() {
        assert!(as_ordinary(&wire("/Users", &[("Accept-Charset", "utf-8")])).is_none());
        assert!(as_ordinary(&wire("/Users", &[("accept", "")])).is_some());
    }
}
