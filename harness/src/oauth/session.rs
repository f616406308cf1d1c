//! Signing in, and staying signed in.

use super::answer::Issued;
use super::callback::{self, Callback};
use super::client::{Client, TokenError};
use super::{SignInError, form};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use scim_transport::{NoToken, Renewal, Secret, Target, Token, Tokens};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What came of signing in.
pub(crate) struct Session {
    /// The tokens, which follow each other by themselves.
    pub(crate) tokens: Tokens,
    /// How long the first is good for, where that was said.
    pub(crate) lifetime: Option<Duration>,
    /// Whether there is a way to the next.
    pub(crate) has_refresh_token: bool,
    /// Whether the refresh token that was given is replaced, and may be of no use any more.
    pub(crate) replaces_refresh_token: bool,
    /// Whether the answer says what kind of token it is.
    pub(crate) names_type: bool,
}

/// How a person's browser is awaited.
pub(crate) struct Browser<'b> {
    /// The port of the redirect URI; 0 for any.
    pub(crate) port: u16,
    /// How long to wait for the person.
    pub(crate) patience: Duration,
    /// Shows the URL to open, and the redirect URI.
    pub(crate) show: &'b mut dyn FnMut(&str, &str),
}

impl Session {
    /// Signs in by a browser at the authorization endpoint.
    pub(crate) async fn by_browser(
        client: Arc<Client>,
        authorize: &Target,
        browser: Browser<'_>,
    ) -> Result<Session, SignInError> {
        let port = browser.port;
        let (listener, redirect_uri) =
            callback::open(port).await.map_err(|cause| SignInError::Listen { port, cause })?;
        let (state, verifier) = (random()?, random()?);
        client.learnt.keep(&verifier);
        let mut callback = Callback::listen(listener, state.clone(), client.redactor());
        let url = client.authorize_url(authorize, &redirect_uri, &state, &verifier);
        (browser.show)(&url, &redirect_uri);
        let code = match tokio::time::timeout(browser.patience, callback.code()).await {
            Ok(code) => code?,
            Err(_) => return Err(SignInError::NoAnswer { minutes: browser.patience.as_secs().div_ceil(60) }),
        };
        client.learnt.keep(&code);
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", verifier.as_str()),
        ];
        let issued = client.ask(&form).await?;
        Session::begin(client, issued, None)
    }

    /// Signs in with a refresh token that was issued earlier.
    pub(crate) async fn by_refresh_token(client: Arc<Client>, given: Secret) -> Result<Session, SignInError> {
        client.learnt.keep(given.expose());
        let issued = client.refresh(&given).await?;
        Session::begin(client, issued, Some(given))
    }

    fn begin(client: Arc<Client>, issued: Issued, given: Option<Secret>) -> Result<Session, SignInError> {
        let Issued { access, refresh, lifetime, names_type } = issued;
        let replaces_refresh_token = given.is_some() && refresh.is_some() && refresh != given;
        // RFC 6749 §6: without another one, the last goes on to be good.
        let refresh = refresh.or(given);
        refresh.iter().for_each(|token| client.learnt.learn(token.expose()));
        let has_refresh_token = refresh.is_some();
        let learnt = client.learnt.clone();
        let renew = refresh.map(|refresh| {
            let last = Arc::new(Mutex::new(refresh));
            let renew = move || -> Renewal { Box::pin(renewed(Arc::clone(&client), Arc::clone(&last))) };
            Box::new(renew) as Box<dyn Fn() -> Renewal + Send + Sync>
        });
        let tokens = Tokens::new(Token { secret: access, lifetime }, learnt, renew).map_err(TokenError::from)?;
        Ok(Session { tokens, lifetime, has_refresh_token, replaces_refresh_token, names_type })
    }
}

/// Asks for the next access token; the refresh token may be replaced along with it.
async fn renewed(client: Arc<Client>, last: Arc<Mutex<Secret>>) -> Result<Token, NoToken> {
    let refresh = last.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match client.refresh(&refresh).await {
        Ok(issued) => {
            if let Some(next) = issued.refresh {
                client.learnt.learn(next.expose());
                *last.lock().unwrap_or_else(PoisonError::into_inner) = next;
            }
            Ok(Token { secret: issued.access, lifetime: issued.lifetime })
        }
        Err(error) => Err(NoToken { is_final: error.is_final(), reason: error.to_string() }),
    }
}

impl Client {
    /// Returns the URL at which a person signs in and agrees.
    pub(super) fn authorize_url(&self, authorize: &Target, redirect_uri: &str, state: &str, verifier: &str) -> String {
        authorize.join(&self.authorize_rest(authorize, redirect_uri, state, verifier))
    }

    /// Returns what follows the base of the authorization endpoint (RFC 6749 §4.1.1, RFC 7636 §4.3).
    pub(super) fn authorize_rest(&self, authorize: &Target, redirect_uri: &str, state: &str, verifier: &str) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", redirect_uri),
            ("state", state),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        pairs.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        // RFC 6749 §3.1: a query that the endpoint's own URL has is kept.
        let rest = authorize.rest();
        let joint = match rest.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        format!("{rest}{joint}{}", form::write(&pairs))
    }

    async fn refresh(&self, token: &Secret) -> Result<Issued, TokenError> {
        self.ask(&[("grant_type", "refresh_token"), ("refresh_token", token.expose())]).await
    }
}

/// Returns 256 random bits, as RFC 7636 §4.1 wants them for a verifier.
pub(super) fn random() -> Result<String, SignInError> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SignInError::NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(scope: Option<&str>) -> Client {
        let token = Target::endpoint("https://as.example/token").unwrap();
        Client::new(token, "an id".to_owned(), Secret::new("hunter2hunter2"), scope.map(str::to_owned))
    }

    #[test]
    fn the_url_to_open_keeps_the_query_of_the_endpoint_and_has_the_challenge_of_rfc_7636_appendix_b() {
        // The pair of RFC 7636 appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        for (endpoint, before) in [
            ("https://as.example/authorize", "https://as.example/authorize?response_type=code"),
            ("https://as.example/?access_type=offline", "https://as.example/?access_type=offline&response_type=code"),
            ("https://as.example/a?", "https://as.example/a?response_type=code"),
        ] {
            let endpoint = Target::endpoint(endpoint).unwrap();
            let url = client(Some("scim offline_access")).authorize_url(
                &endpoint,
                "http://127.0.0.1:1/callback",
                "s",
                verifier,
            );
            let rest = "&client_id=an%20id&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcallback&state=s\
                        &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\
                        &scope=scim%20offline_access";
            assert_eq!(url, format!("{before}{rest}"));
        }
    }

    #[test]
    fn no_two_numbers_are_alike() {
        let (one, other) = (random().unwrap(), random().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
    }

    #[tokio::test]
    async fn who_does_not_come_back_is_waited_for_no_longer_than_said() {
        let endpoint = Target::endpoint("https://as.example/authorize").unwrap();
        let mut shown = String::new();
        let show = &mut |url: &str, _: &str| shown = url.to_owned();
        let browser = Browser { port: 0, patience: Duration::from_millis(10), show };
        let ended = Session::by_browser(Arc::new(client(None)), &endpoint, browser).await;
        assert!(matches!(ended, Err(SignInError::NoAnswer { .. })));
        assert!(shown.starts_with("https://as.example/authorize?"), "{shown}");
    }
}
