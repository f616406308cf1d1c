//! Okta's rules for the SCIM base URL of an integration.

/// A rule that a base URL breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// What is wrong, in one sentence.
    pub(crate) message: String,
    /// What to do.
    pub(crate) remedy: &'static str,
}

/// Returns what keeps Okta from using a base URL (Okta: OIN Wizard, SCIM properties).
///
/// A local server breaks some of these on purpose; they matter when the integration is submitted.
pub(crate) fn flaws(url: &str) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut flaw = |message: String, remedy: &'static str| flaws.push(Flaw { message, remedy });
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    if !url.starts_with("https://") {
        flaw("it is not https".to_owned(), "Okta calls over TLS only; give the server a certificate");
    }
    if url.contains('_') {
        flaw("it holds an underscore".to_owned(), "Okta's wizard refuses underscores in the base URL");
    }
    if url.chars().count() > LONGEST {
        flaw(format!("it has {} characters, and Okta takes {LONGEST}", url.chars().count()), "choose a shorter path");
    }
    if is_private(host) {
        flaw(
            format!("{host} cannot be reached from Okta"),
            "fine for tests on your machine; the integration needs a public name",
        );
    }
    flaws
}

/// Tells whether a host is one that only this network knows.
fn is_private(host: &str) -> bool {
    let name = host.trim_matches(['[', ']']).to_ascii_lowercase();
    match name.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => {
            address.is_loopback() || address.is_private() || address.is_link_local() || address.is_unspecified()
        }
        Ok(std::net::IpAddr::V6(address)) => {
            address.is_loopback() || address.is_unspecified() || address.is_unique_local()
        }
        Err(_) => {
            !name.contains('.')
                || [".localhost", ".test", ".internal", ".local", ".example"].iter().any(|end| name.ends_with(end))
        }
    }
}

/// Okta: OIN Wizard, SCIM properties.
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_https_url_is_fine() {
        assert_eq!(flaws("https://acme.com/scim/v2"), []);
    }

    #[test]
    fn each_rule_is_told_alone() {
        for (url, part) in [
            ("http://acme.com/scim", "https"),
            ("https://my_app.acme.com/scim", "underscore"),
            ("https://127.0.0.1:8080/scim", "cannot be reached"),
            ("https://localhost/scim", "cannot be reached"),
            ("https://scim.acme.internal/scim", "cannot be reached"),
            ("https://[::1]:1/scim", "cannot be reached"),
            ("https://10.1.2.3/scim", "cannot be reached"),
        ] {
            let found = flaws(url);
            assert_eq!(found.len(), 1, "{url}: {found:?}");
            assert!(found[0].message.contains(part), "{url}: {found:?}");
        }
        assert_eq!(flaws(&format!("https://acme.com/{}", "x".repeat(1024))).len(), 1);
    }
}
