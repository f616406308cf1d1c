//! Where a hook's requests go, and with which headers.

use std::fmt;

/// Where a hook's requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The receiver's URL; Okta takes https alone. Whether a host may be reached otherwise is for the sender to say.
    pub uri: String,
    /// Headers the administrator adds, in order. Their values may be secrets.
    pub headers: Vec<(String, HookSecret)>,
    /// How Okta proves who it is, if it does.
    pub auth: Option<AuthScheme>,
}

/// `authScheme`: a header whose whole value is a secret the administrator chose. Okta puts no scheme before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthScheme {
    /// The name of the header: `Authorization`.
    pub key: String,
    /// Its value.
    pub value: HookSecret,
}

/// A value that no debug output shows.
#[derive(Clone, PartialEq, Eq)]
pub struct HookSecret(pub String);

impl fmt::Debug for HookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HookSecret(…)")
    }
}

/// Why a channel cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The URL is no URL of the Web.
    #[error("it is no https URL")]
    Uri,
    /// A name no header can have.
    #[error("`{0}` is no name of a header")]
    HeaderName(String),
    /// A value no header can have; it is not repeated, because it may be a secret.
    #[error("the value of `{0}` holds a character that no header can carry")]
    HeaderValue(String),
    /// A header that belongs to the request itself.
    #[error("`{0}` is set by Okta itself")]
    Reserved(String),
}

impl Channel {
    /// Checks what can be checked without knowing the network.
    pub fn check(&self) -> Result<(), ChannelError> {
        let rest = self.uri.strip_prefix("https://").or_else(|| self.uri.strip_prefix("http://"));
        let is_url = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']))
            && self.uri.len() <= LONGEST
            && self.uri.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_url {
            return Err(ChannelError::Uri);
        }
        let auth = self.auth.iter().map(|auth| (&auth.key, &auth.value));
        for (name, value) in self.headers.iter().map(|(name, value)| (name, value)).chain(auth) {
            check_header(name, value)?;
        }
        Ok(())
    }
}

/// RFC 9110 §5.1 and §5.5: a name is a token, a value has no control characters.
fn check_header(name: &str, value: &HookSecret) -> Result<(), ChannelError> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || name.len() > LONGEST || !name.bytes().all(is_token) {
        return Err(ChannelError::HeaderName(name.chars().take(100).collect()));
    }
    if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(ChannelError::Reserved(name.to_owned()));
    }
    let is_value =
        value.0.len() <= LONGEST && value.0.bytes().all(|byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f));
    if is_value { Ok(()) } else { Err(ChannelError::HeaderValue(name.to_owned())) }
}

/// Headers that would change what the request is.
const RESERVED: [&str; 6] = ["Host", "Content-Length", "Content-Type", "Connection", "Transfer-Encoding", "Accept"];

const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(uri: &str, name: &str, value: &str) -> Channel {
        let secret = |text: &str| HookSecret(text.to_owned());
        let auth = Some(AuthScheme { key: "Authorization".to_owned(), value: secret("s3cret") });
        Channel { uri: uri.to_owned(), headers: vec![(name.to_owned(), secret(value))], auth }
    }

    #[test]
    fn a_channel_that_cannot_be_says_why() {
        assert_eq!(channel("https://a.example/hook?code=1", "X-Tenant", "acme").check(), Ok(()));
        for uri in ["", "ftp://a", "https://", "https:///x", "https://a b", "a.example/hook", "https://é.example"] {
            assert_eq!(channel(uri, "X", "y").check(), Err(ChannelError::Uri), "{uri}");
        }
        let uri = "https://a.example";
        assert!(matches!(channel(uri, "a b", "").check(), Err(ChannelError::HeaderName(_))));
        assert!(matches!(channel(uri, "content-length", "1").check(), Err(ChannelError::Reserved(_))));
        assert!(matches!(channel(uri, "X", "a\r\nb").check(), Err(ChannelError::HeaderValue(_))));
    }

    #[test]
    fn no_debug_output_shows_a_secret() {
        let shown = format!("{:?}", channel("https://a.example", "X-Key", "hidden"));
        assert!(!shown.contains("s3cret") && !shown.contains("hidden"), "{shown}");
    }
}
