//! Where a flow may send requests: the base URLs of the seed's `[vendor]`, and nowhere else.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The base URLs a seed names: `[vendor]` with `api = "https://api.example.com/v1"`, which is `${vendor.api}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct Vendor {
    bases: BTreeMap<String, String>,
}

impl TryFrom<BTreeMap<String, String>> for Vendor {
    type Error = String;

    fn try_from(bases: BTreeMap<String, String>) -> Result<Vendor, String> {
        let clean = |(name, url): (String, String)| {
            let base = url.trim_end_matches('/').to_owned();
            match split(&base) {
                Some((_, path)) if !path.contains(['?', '#']) => Ok((name, base)),
                _ => Err(format!(
                    "vendor.{name} is no base URL; write http:// or https://, a lower-case host, a port if need be, and a \
                     path, without user, query or fragment"
                )),
            }
        };
        Ok(Vendor { bases: bases.into_iter().map(clean).collect::<Result<_, _>>()? })
    }
}

impl Vendor {
    /// Returns the base URL of a name, without a slash at its end.
    pub fn base(&self, name: &str) -> Option<&str> {
        self.bases.get(name).map(String::as_str)
    }

    /// Returns the names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.bases.keys().map(String::as_str)
    }

    /// Returns the origins to which requests may go, such as `https://api.example.com`.
    pub fn origins(&self) -> Vec<&str> {
        let mut origins: Vec<&str> =
            self.bases.values().filter_map(|base| split(base)).map(|(origin, _)| origin).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }

    /// Splits a URL into an origin of these and what follows it; nothing where it leads elsewhere.
    ///
    /// The comparison is of bytes: what a lenient reader might take for an allowed origin is refused.
    pub fn admit<'a>(&self, url: &'a str) -> Option<(&'a str, &'a str)> {
        let (origin, rest) = split(url)?;
        self.origins().contains(&origin).then_some((origin, rest))
    }
}

/// Splits a URL into origin and rest. The host is a plain one: letters, digits, `-`, `.`, or an IPv6 address in brackets.
pub(super) fn split(url: &str) -> Option<(&str, &str)> {
    let scheme = ["http://", "https://"].into_iter().find(|scheme| url.starts_with(scheme))?;
    let after = &url[scheme.len()..];
    let length = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = after.split_at(length);
    let (host, port) = match authority.rsplit_once(':').filter(|(host, _)| !host.is_empty() && !host.ends_with(':')) {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    let is_host = match host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(is_plain),
    };
    let is_port = port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok());
    let is_target = rest.bytes().all(|byte| byte.is_ascii_graphic());
    (is_host && is_port && is_target).then(|| url.split_at(scheme.len() + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vendor(base: &str) -> Result<Vendor, String> {
        Vendor::try_from(BTreeMap::from([("api".to_owned(), base.to_owned())]))
    }

    #[test]
    fn what_lies_below_an_origin_of_the_seed_is_admitted() {
        let vendor = vendor("http://127.0.0.1:9000/v1/").unwrap();
        assert_eq!(vendor.base("api"), Some("http://127.0.0.1:9000/v1"));
        for (url, expected) in [
            ("http://127.0.0.1:9000/x?y=z", Some(("http://127.0.0.1:9000", "/x?y=z"))),
            ("http://127.0.0.1:9000", Some(("http://127.0.0.1:9000", ""))),
            ("http://127.0.0.1:9001/x", None),
            ("https://127.0.0.1:9000/x", None),
            ("http://127.0.0.1:9000@example.com/x", None),
            ("http://127.0.0.1:9000.example.com/x", None),
            ("http://127.0.0.1:9000\\@example.com/", None),
            ("HTTP://127.0.0.1:9000/x", None),
            ("//127.0.0.1:9000/x", None),
            ("http://127.0.0.1:9000/a b", None),
            ("http://169.254.169.254/latest", None),
        ] {
            assert_eq!(vendor.admit(url), expected, "{url}");
        }
    }

    #[test]
    fn a_base_url_is_plain() {
        for base in ["http://localhost", "https://api.example.com", "http://[::1]:80/a/b"] {
            assert!(vendor(base).is_ok(), "{base}");
        }
        for base in [
            "",
            "api.example.com",
            "ftp://x",
            "http://",
            "http://user@x",
            "http://x:99999",
            "http://x?a=b",
            "http://x/#a",
            "http://X",
            "http://x:",
            "http://[::1",
            "http://x/a b",
        ] {
            let error = vendor(base).unwrap_err();
            assert!(error.contains("vendor.api"), "{base}: {error}");
        }
    }
}
