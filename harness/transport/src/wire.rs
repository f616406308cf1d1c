//! A request laid out for the wire: the target as given, the headers in Okta's order.

use crate::{Auth, Credentials, Request, Secret, Target, TransportError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use scim_record::Failure;

/// A request in the form the clients take.
pub(crate) struct Wire {
    method: http::Method,
    uri: http::Uri,
    pub(crate) headers: HeaderMap,
    body: Bytes,
}

impl Wire {
    pub(crate) fn new(request: &Request, target: &Target, auth: &AuthHeader) -> Result<Self, Unsendable> {
        Ok(Wire {
            method: request.method.parse().map_err(|_| Unsendable::Method)?,
            uri: uri(target, &request.target)?,
            headers: headers(request, target, auth)?,
            body: Bytes::from(request.body.clone().unwrap_or_default()),
        })
    }

    pub(crate) fn to_request(&self) -> http::Request<Bytes> {
        let mut request = http::Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }

    pub(crate) fn is_idempotent(&self) -> bool {
        self.method.is_idempotent()
    }
}

/// Why a request cannot be put on the wire as given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsendable {
    #[error("its method is no HTTP method")]
    Method,
    #[error("its target holds what a request line cannot carry; percent-encode it")]
    Target,
    #[error("its header `{name}` has a name or value that cannot be sent")]
    Header { name: String },
    #[error("its Content-Length is not the length of its body")]
    Length,
}

impl From<Unsendable> for Failure {
    fn from(reason: Unsendable) -> Self {
        Failure::Unreachable { cause: format!("the request cannot be sent: {reason}") }
    }
}

/// The header that authenticates.
pub(crate) struct AuthHeader {
    pub(crate) name: HeaderName,
    /// Its value, unless nobody is configured.
    value: Option<HeaderValue>,
}

impl AuthHeader {
    pub(crate) fn new(credentials: &Credentials) -> Result<Self, TransportError> {
        let (name, value) = match credentials {
            Credentials::None => (header::AUTHORIZATION, None),
            Credentials::Bearer(token) => (header::AUTHORIZATION, Some(format!("Bearer {}", token.expose()))),
            Credentials::Renewed(tokens) => (header::AUTHORIZATION, Some(tokens.authorization().expose().to_owned())),
            Credentials::Header { name, value } => {
                let parsed = HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| TransportError::HeaderName { name: name.clone() })?;
                (parsed, Some(value.expose().to_owned()))
            }
            Credentials::Basic { user, .. } if user.contains(':') => return Err(TransportError::User),
            Credentials::Basic { user, password } => {
                (header::AUTHORIZATION, Some(format!("Basic {}", basic(user, password.expose()))))
            }
        };
        let value = value.map(|value| sensitive(&value)).transpose()?;
        Ok(AuthHeader { name, value })
    }

    pub(crate) fn is_configured(&self) -> bool {
        self.value.is_some()
    }

    /// Returns the value, for whoever fills it into a text of their own.
    pub(crate) fn exposed(&self) -> Secret {
        let value = self.value.as_ref().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Secret::new(value.unwrap_or_default())
    }

    /// Tells whether a request carries this header as it is configured.
    pub(crate) fn is_shown_by(&self, request: &Request) -> bool {
        let is_given = |(name, _): &(String, String)| name.eq_ignore_ascii_case(self.name.as_str());
        self.is_configured() && request.auth == Auth::Configured && !request.headers.iter().any(is_given)
    }

    fn value_for(&self, auth: &Auth) -> Result<Option<HeaderValue>, Unsendable> {
        match auth {
            Auth::Configured => Ok(self.value.clone()),
            Auth::None => Ok(None),
            Auth::Raw(raw) => HeaderValue::from_bytes(raw.as_bytes())
                .map(Some)
                .map_err(|_| Unsendable::Header { name: self.name.to_string() }),
        }
    }
}

/// Returns what follows `Basic ` (RFC 7617 section 2).
pub(crate) fn basic(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

fn sensitive(value: &str) -> Result<HeaderValue, TransportError> {
    let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| TransportError::Credentials)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Builds the URI and makes sure that it says what the caller said, no byte more or less.
fn uri(base: &Target, target: &str) -> Result<http::Uri, Unsendable> {
    // Anything else would change the host: `http://a` and `.b/c` are `http://a.b/c`.
    if !(target.is_empty() || target.starts_with(['/', '?'])) {
        return Err(Unsendable::Target);
    }
    let unsendable = |_| Unsendable::Target;
    let uri: http::Uri = base.join(target).parse().map_err(unsendable)?;
    let said = format!("{}{target}", base.path());
    let sent = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    // HTTP has no way to say nothing: an empty path becomes `/`.
    if sent == said || sent.strip_prefix('/').is_some_and(|rest| rest == said) {
        Ok(uri)
    } else {
        Err(Unsendable::Target)
    }
}

/// Lays the headers out in the order of the requests that Okta published: the sender's own with `Authorization` behind
/// `User-Agent`, then those that its HTTP library adds.
fn headers(request: &Request, target: &Target, auth: &AuthHeader) -> Result<HeaderMap, Unsendable> {
    let mut headers = HeaderMap::new();
    let mut auth = auth_header(request, auth)?;
    for (name, value) in &request.headers {
        let unsendable = || Unsendable::Header { name: name.clone() };
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable())?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unsendable())?;
        let is_user_agent = parsed == header::USER_AGENT;
        headers.append(parsed, value);
        if is_user_agent && let Some((name, value)) = auth.take() {
            headers.append(name, value);
        }
    }
    if let Some((name, value)) = auth {
        headers.append(name, value);
    }
    add_closing_headers(&mut headers, request, target)?;
    Ok(headers)
}

fn auth_header(request: &Request, auth: &AuthHeader) -> Result<Option<(HeaderName, HeaderValue)>, Unsendable> {
    let is_given = request.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(auth.name.as_str()));
    if is_given {
        return Ok(None);
    }
    let value = auth.value_for(&request.auth)?;
    Ok(value.map(|value| (auth.name.clone(), value)))
}

fn add_closing_headers(headers: &mut HeaderMap, request: &Request, target: &Target) -> Result<(), Unsendable> {
    if let Some(body) = &request.body {
        match headers.get(header::CONTENT_LENGTH) {
            // hyper would cut the body off, or wait for the rest of it.
            Some(given) if given.as_bytes() != body.len().to_string().as_bytes() => {
                return Err(Unsendable::Length);
            }
            None if !headers.contains_key(header::TRANSFER_ENCODING) => {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
            }
            _ => {}
        }
    }
    let host = HeaderValue::from_str(target.authority()).map_err(|_| Unsendable::Target)?;
    headers.entry(header::HOST).or_insert(host);
    headers.entry(header::CONNECTION).or_insert(HeaderValue::from_static("Keep-Alive"));
    headers.entry(header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip,deflate"));
    Ok(())
}
