//! The service provider's base URL. It is checked once, and what follows it is joined byte for byte.

use crate::Tls;
use url::{Host, Url};

/// The base URL of a service provider, for example `https://scim.example.com/v2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    base: String,
    rest: String,
    host: String,
    authority: String,
    path_start: usize,
    is_https: bool,
    is_loopback: bool,
    tls: Tls,
}

impl Target {
    /// Parses a base URL. A slash at its end is dropped, since every target below it starts with one.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|source| explain(text, source))?;
        let is_https = match url.scheme() {
            "https" => true,
            "http" => false,
            // `localhost:8080/scim` and `scim.example.com:443` parse as URLs with a strange scheme.
            scheme if !text.contains("://") => return Err(TargetError::NoScheme { start: scheme.to_owned() }),
            scheme => return Err(TargetError::Scheme { scheme: scheme.to_owned() }),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(TargetError::Fragment);
        }
        if url.query().is_some() {
            return Err(TargetError::Query);
        }
        let host = url.host().ok_or(TargetError::NoHost)?;
        let base = url.as_str().trim_end_matches('/').to_owned();
        base.parse::<http::Uri>().map_err(|_| TargetError::Characters)?;
        let authority = authority(&url);
        Ok(Target {
            path_start: url.scheme().len() + "://".len() + authority.len(),
            authority,
            is_loopback: is_loopback(&host),
            host: host.to_string(),
            base,
            rest: String::new(),
            is_https,
            tls: Tls::default(),
        })
    }

    /// Parses the URL of one endpoint, which may have a query and a slash at its end: both are the [rest](Target::rest).
    pub fn endpoint(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|source| explain(text, source))?;
        let mut bare = url.clone();
        bare.set_query(None);
        let target = Target::parse(bare.as_str())?;
        let rest = url.as_str().strip_prefix(target.base()).unwrap_or_default().to_owned();
        Ok(Target { rest, ..target })
    }

    /// Returns what follows the base in requests to an endpoint itself; nothing for a base URL.
    pub fn rest(&self) -> &str {
        &self.rest
    }

    /// Returns the values in the query, which often are as good as passwords, but for those so short that they occur by
    /// chance.
    pub fn secrets(&self) -> Vec<String> {
        let query = self.rest.split_once('?').map_or("", |(_, query)| query);
        let values = query.split('&').filter_map(|pair| pair.split_once('=').map(|(_, value)| value));
        values.filter(|value| value.len() >= SHORTEST_SECRET).map(str::to_owned).collect()
    }

    /// Returns the base URL without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Returns the host: a name, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the host with its port, where that is not the scheme's own: what the `Host` header says.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Returns the path of the base URL: empty, or starting with `/`.
    pub fn path(&self) -> &str {
        &self.base[self.path_start..]
    }

    /// Tells whether connections are encrypted.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Sets whom connections trust beside those the system trusts, and how we appear there.
    #[must_use]
    pub fn with_tls(self, tls: Tls) -> Self {
        Target { tls, ..self }
    }

    /// Returns whom connections trust, and how we appear there.
    pub fn tls(&self) -> &Tls {
        &self.tls
    }

    /// Tells whether connections are encrypted to somebody whose certificate nobody checks.
    pub fn is_unverified(&self) -> bool {
        self.is_https && self.tls.trusts_anybody()
    }

    /// Tells whether the host is this machine: `localhost`, a name below it, `127.0.0.0/8` or `::1`.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Joins an already percent-encoded target to the base, byte for byte.
    pub fn join(&self, target: &str) -> String {
        format!("{}{target}", self.base)
    }
}

/// Why a text is no base URL. Parts that may hold a secret are never shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No scheme, as in `scim.example.com/v2`.
    #[error(
        "the base URL starts with `{start}`; it needs a scheme: write https:// or, for a local server, http:// before it"
    )]
    NoScheme {
        /// The first part of the text.
        start: String,
    },
    /// A scheme that is not HTTP.
    #[error("the base URL's scheme is `{scheme}`; SCIM speaks https, or http on a local machine")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// A user or password before the host.
    #[error("the base URL holds a user or password before the host; give credentials by --basic, --bearer or --header")]
    UserInfo,
    /// A `#` and what follows it.
    #[error("the base URL has a fragment (`#…`), which is never sent to a server; leave it out")]
    Fragment,
    /// A `?` and what follows it.
    #[error(
        "the base URL has a query string (`?…`), and nothing published says how Okta puts a resource path behind one; \
         use a base URL without it"
    )]
    Query,
    /// Nothing where the host belongs.
    #[error("the base URL names no host")]
    NoHost,
    /// A character that cannot be sent in a request line.
    #[error("the base URL holds a character that must be percent-encoded")]
    Characters,
    /// Anything else that keeps a text from being a URL.
    #[error("the base URL cannot be read")]
    Syntax {
        /// What is wrong with it.
        source: url::ParseError,
    },
}

fn explain(text: &str, error: url::ParseError) -> TargetError {
    match error {
        url::ParseError::RelativeUrlWithoutBase => {
            // Only the part before anything that could hold a secret.
            let start = text.split(['/', '?', '#', '@']).next().unwrap_or_default();
            TargetError::NoScheme { start: start.to_owned() }
        }
        url::ParseError::EmptyHost => TargetError::NoHost,
        source => TargetError::Syntax { source },
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        // RFC 6761 section 6.3: `localhost` and names below it are this machine.
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

const SHORTEST_SECRET: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_loses_its_last_slash_and_nothing_else() {
        for (text, base) in [
            ("https://scim.example.com/v2/", "https://scim.example.com/v2"),
            ("https://scim.example.com", "https://scim.example.com"),
            ("HTTPS://SCIM.example.com:443/Tenant%20A/scim", "https://scim.example.com/Tenant%20A/scim"),
            ("http://[::1]:8080/scim/v2", "http://[::1]:8080/scim/v2"),
            (" http://localhost:8080/scim ", "http://localhost:8080/scim"),
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!(target.base(), base);
            assert!(target.path().is_empty() || target.path().starts_with('/'), "{target:?}");
        }
    }

    #[test]
    fn a_target_is_joined_byte_for_byte() {
        let target = Target::parse("https://scim.example.com/v2/").unwrap();
        for below in ["/Users?filter=userName%20eq%20%22a%40b%22&startIndex=1&count=100", "/Users/../%2e%2E/x'|", ""] {
            assert_eq!(target.join(below), format!("https://scim.example.com/v2{below}"));
        }
    }

    #[test]
    fn an_endpoint_keeps_its_query_and_its_last_slash() {
        for (text, base, rest) in [
            ("https://a.example/hook", "https://a.example/hook", ""),
            ("https://a.example/hook/", "https://a.example/hook", "/"),
            ("https://a.example/hook?code=a%20b", "https://a.example/hook", "?code=a%20b"),
            ("http://[::1]:9000/?x=1&y", "http://[::1]:9000", "/?x=1&y"),
            ("https://a.example", "https://a.example", "/"),
        ] {
            let target = Target::endpoint(text).unwrap();
            assert_eq!((target.base(), target.rest()), (base, rest), "{text}");
        }
        assert_eq!(Target::endpoint("https://a.example/?x=1&code=abcdef").unwrap().secrets(), ["abcdef"]);
        assert_eq!(Target::endpoint("https://a.example/#x").unwrap_err(), TargetError::Fragment);
        assert_eq!(Target::endpoint("https://u:p@a.example/?x").unwrap_err(), TargetError::UserInfo);
        assert!(matches!(Target::endpoint("a.example/hook"), Err(TargetError::NoScheme { .. })));
    }

    #[test]
    fn what_is_no_base_url_is_refused_with_the_reason() {
        for (text, error) in [
            ("scim.example.com/v2", TargetError::NoScheme { start: "scim.example.com".into() }),
            ("localhost:8080/v2", TargetError::NoScheme { start: "localhost".into() }),
            ("ftp://scim.example.com", TargetError::Scheme { scheme: "ftp".into() }),
            ("https://user@scim.example.com", TargetError::UserInfo),
            ("https://:pass@scim.example.com", TargetError::UserInfo),
            ("https://scim.example.com/#top", TargetError::Fragment),
            ("https://scim.example.com/?tenant=1", TargetError::Query),
            ("https://", TargetError::NoHost),
            ("", TargetError::NoScheme { start: String::new() }),
        ] {
            assert_eq!(Target::parse(text).unwrap_err(), error, "{text}");
        }
        assert!(matches!(Target::parse("https://scim.example.com:port"), Err(TargetError::Syntax { .. })));
    }

    #[test]
    fn a_refusal_never_repeats_a_password() {
        for text in
            ["https://user:hunter2@scim.example.com", "user:hunter2@scim.example.com", "https://a/?token=hunter2"]
        {
            let error = Target::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{text}: {error:?}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (text, expected) in [
            ("http://localhost:1", true),
            ("http://tenant.localhost", true),
            ("http://127.8.9.1", true),
            ("http://[::1]", true),
            ("http://localhost.example.com", false),
            ("http://192.168.0.1", false),
        ] {
            assert_eq!(Target::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }
}
