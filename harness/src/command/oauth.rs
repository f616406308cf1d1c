//! From the options about OAuth 2.0 to a session.

use super::Failure;
use super::credentials::chain;
use crate::cli::OauthArgs;
use crate::oauth::{Browser, Client, Session, SignInError};
use scim_transport::{Secret, Target, TargetError};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// How to sign in, as the options say.
pub(super) struct SignIn {
    pub(super) client: Arc<Client>,
    pub(super) authorize: Option<Target>,
    refresh_token: Option<Secret>,
    port: u16,
}

impl SignIn {
    /// Reads the options; none if there are none. Certificates are trusted as at the service provider.
    pub(super) fn read(arguments: &OauthArgs, target: &Target) -> Result<Option<SignIn>, Failure> {
        let OauthArgs {
            oauth_authorize_url,
            oauth_token_url,
            oauth_client,
            oauth_scope,
            oauth_port,
            oauth_refresh_token,
        } = arguments;
        let texts = [oauth_authorize_url, oauth_token_url, oauth_client, oauth_scope, oauth_refresh_token];
        if texts.into_iter().all(Option::is_none) && oauth_port.is_none() {
            return Ok(None);
        }
        let missing = |option: &str| Failure::Usage(format!("OAuth 2.0 needs {option} as well; see --help"));
        let token_url = oauth_token_url.as_deref().ok_or_else(|| missing("--oauth-token-url"))?;
        let client = oauth_client.as_deref().ok_or_else(|| missing("--oauth-client"))?;
        if oauth_authorize_url.is_none() && oauth_refresh_token.is_none() {
            return Err(missing("--oauth-authorize-url, or --oauth-refresh-token where there is no browser,"));
        }
        let authorize = oauth_authorize_url.as_deref().map(|url| endpoint("--oauth-authorize-url", url, target));
        let token = endpoint("--oauth-token-url", token_url, target)?;
        let (id, source) = split(client).ok_or_else(|| {
            Failure::Usage("--oauth-client: write it as 'ID:env:NAME', with file: or cmd: if you like".to_owned())
        })?;
        let secret = resolved("--oauth-client", source)?;
        let refresh_token = oauth_refresh_token.as_deref().map(|source| resolved("--oauth-refresh-token", source));
        let client = Client::new(token, id.to_owned(), secret, oauth_scope.clone());
        Ok(Some(SignIn {
            client: Arc::new(client),
            authorize: authorize.transpose()?,
            refresh_token: refresh_token.transpose()?,
            port: oauth_port.unwrap_or(0),
        }))
    }

    /// Signs in, by the refresh token if there is one, or else by a browser that somebody opens.
    pub(super) async fn session(&self) -> Result<Session, SignInError> {
        let client = Arc::clone(&self.client);
        let session = match (&self.refresh_token, &self.authorize) {
            (Some(token), _) => Session::by_refresh_token(client, token.clone()).await?,
            (None, Some(authorize)) => {
                let browser = Browser { port: self.port, patience: PATIENCE, show: &mut show };
                Session::by_browser(client, authorize, browser).await?
            }
            (None, None) => unreachable!("one of them was asked for"),
        };
        if session.replaces_refresh_token {
            say(
                "warning: the authorization server has replaced the refresh token that --oauth-refresh-token names; most \
                 servers take a replaced one no more, and the next run will need another",
            );
        }
        Ok(session)
    }
}

/// Shows where to sign in. It is shown with --quiet as well: without it nothing goes on.
fn show(url: &str, redirect_uri: &str) {
    say(&format!(
        "to sign in, open this in a browser on this machine:\n\n  {url}\n\n\
         waiting up to {} minutes for it to come back to {redirect_uri} (Ctrl-C ends it)",
        PATIENCE.as_secs() / 60
    ));
}

fn say(text: &str) {
    // Who closed stderr did not want to be told.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Reads the URL of an endpoint. What was given is not repeated, for it may be a token by mistake.
fn endpoint(option: &str, url: &str, target: &Target) -> Result<Target, Failure> {
    let wrong = |why: &str| Failure::Usage(format!("{option}: {why}"));
    let read = Target::endpoint(url).map_err(|error| match error {
        TargetError::NoScheme { .. } => wrong("this is no URL; it begins with https://"),
        TargetError::UserInfo => wrong("the URL holds a user or password; give the client by --oauth-client"),
        TargetError::Fragment => {
            wrong("the URL has a fragment (`#…`), which no endpoint may have (RFC 6749 section 3)")
        }
        _ => wrong("this is no URL of an endpoint; write it as https://as.example.com/oauth/authorize"),
    })?;
    // RFC 6749 §3.1 and §3.2; what does not leave this machine needs no TLS.
    if !read.is_https() && !read.is_loopback() {
        return Err(wrong("codes and secrets are sent by https only, except to this machine (RFC 6749 section 3.1)"));
    }
    Ok(read.with_tls(target.tls().clone()))
}

/// Splits a client into its id, which may have colons, and where its secret is.
fn split(client: &str) -> Option<(&str, &str)> {
    let at = [":env:", ":file:", ":cmd:"].iter().filter_map(|source| client.find(source)).min()?;
    let (id, source) = (&client[..at], &client[at + 1..]);
    (!id.is_empty()).then_some((id, source))
}

fn resolved(option: &str, source: &str) -> Result<Secret, Failure> {
    Secret::resolve(source).map_err(|cause| Failure::Usage(format!("{option}: {}", chain(&cause))))
}

/// How long somebody may take to sign in.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_its_id_and_where_its_secret_is() {
        assert_eq!(split("0oa1:env:S"), Some(("0oa1", "env:S")));
        assert_eq!(split("urn:app:1:cmd:pass show a:env:b"), Some(("urn:app:1", "cmd:pass show a:env:b")));
        for wrong in ["id:secret", ":env:S", "env:S", "id", ""] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_endpoint_is_https_or_on_this_machine_and_is_not_repeated_where_it_is_neither() {
        let target = Target::parse("https://scim.example.com").unwrap();
        for (url, said) in [
            ("http://hunter2.example.com/token", "by https only"),
            ("hunter2hunter2", "begins with https://"),
            ("hunter2.hunter2:1/x", "no URL"),
            ("https://u:hunter2@as.example.com/token", "--oauth-client"),
            ("https://as.example.com/token#hunter2", "fragment"),
            ("'https://' + app.hunter2", "begins with https://"),
        ] {
            let error = endpoint("--oauth-token-url", url, &target).unwrap_err().to_string();
            assert!(error.starts_with("--oauth-token-url: ") && error.contains(said), "{url}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        for url in ["https://as.example.com/token?tenant=1", "http://127.0.0.1:1/token", "http://localhost/token"] {
            assert!(endpoint("--oauth-token-url", url, &target).is_ok(), "{url}");
        }
    }
}
