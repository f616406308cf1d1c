//! Whether two URIs name the same place. Hosts are left out of it: a proxy in front of a server changes them.

use percent_encoding::percent_decode_str;

/// Returns the scheme of a URI, if it has one (RFC 3986 §3.1).
pub(super) fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let mut letters = scheme.chars();
    let starts_well = letters.next().is_some_and(|first| first.is_ascii_alphabetic());
    (starts_well && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.')))
        .then_some(scheme)
}

/// Returns scheme and authority of an absolute URL in lower case, without the port that goes without saying.
pub(super) fn origin(text: &str) -> Option<String> {
    let scheme = scheme(text)?.to_ascii_lowercase();
    let rest = text[scheme.len() + 1..].strip_prefix("//")?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let authority = authority.rsplit('@').next().unwrap_or(authority).to_ascii_lowercase();
    let default = if scheme == "https" { ":443" } else { ":80" };
    Some(format!("{scheme}://{}", authority.strip_suffix(default).unwrap_or(&authority)))
}

/// Returns the path of a reference, resolved against the path of a base URL (RFC 3986 §5.2), its segments decoded.
pub(super) fn segments(reference: &str, base: &str) -> Vec<String> {
    let path = path_of(reference);
    let whole = if is_relative(reference) {
        let base = path_of(base);
        format!("{}/{path}", &base[..base.rfind('/').unwrap_or(0)])
    } else {
        path.to_owned()
    };
    let mut segments: Vec<String> = Vec::new();
    for segment in whole.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(percent_decode_str(segment).decode_utf8_lossy().into_owned()),
        }
    }
    segments
}

/// Tells whether two references name the same place, whatever the host.
///
/// A relative one may count from the request or from the base URL, since RFC 7643 says the latter and its examples do
/// the former. A version segment that only one of them has changes nothing (RFC 7643 §2.4).
pub(super) fn same_place(one: &str, other: &str, request: &str, base: &str) -> bool {
    let service = format!("{base}/");
    let places = |reference: &str| {
        let bases = [request, service.as_str()];
        bases.map(|base| without_version(segments(reference, base)))
    };
    let others = places(other);
    places(one).iter().any(|place| others.contains(place))
}

/// Returns the last segment of a reference's path, decoded.
pub(super) fn last_segment(reference: &str) -> Option<String> {
    segments(reference, "").pop()
}

fn is_relative(reference: &str) -> bool {
    scheme(reference).is_none() && !reference.starts_with('/')
}

/// Returns the path of a URL or of a reference without one.
fn path_of(text: &str) -> &str {
    let rest = match scheme(text) {
        Some(scheme) => &text[scheme.len() + 1..],
        None => text,
    };
    let rest = match rest.strip_prefix("//") {
        Some(rest) => &rest[rest.find(['/', '?', '#']).unwrap_or(rest.len())..],
        None => rest,
    };
    &rest[..rest.find(['?', '#']).unwrap_or(rest.len())]
}

fn without_version(mut segments: Vec<String>) -> Vec<String> {
    let is_version = |segment: &String| {
        let digits = segment.strip_prefix('v').or_else(|| segment.strip_prefix('V'));
        digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    // An id such as `v2` stands last; a version never does.
    let last = segments.len().saturating_sub(1);
    if let Some(at) = segments.iter().take(last).rposition(is_version) {
        segments.remove(at);
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "http://127.0.0.1:8080/scim/v2/Users";
    const BASE: &str = "http://127.0.0.1:8080/scim/v2";

    #[test]
    fn one_place_has_many_names() {
        let place = "http://127.0.0.1:8080/scim/v2/Users/a%20b";
        for other in [
            "https://public.example.com/scim/v2/Users/a%20b",
            "/scim/v2/Users/a%20b",
            "/scim/v2/Users/a%20b/",
            "Users/a%20b",
            "./Users/a%20b",
            "../v2/Users/a b",
            "https://public.example.com/scim/Users/a%20b",
            "http://127.0.0.1:8080/scim/v2/Users/a%20b?tenant=1",
        ] {
            assert!(same_place(place, other, REQUEST, BASE), "{other}");
        }
        for other in [
            "http://127.0.0.1:8080/scim/v2/Groups/a%20b",
            "http://127.0.0.1:8080/scim/v2/Users/A%20b",
            "/Users/a%20b",
            "",
        ] {
            assert!(!same_place(place, other, REQUEST, BASE), "{other}");
        }
    }

    #[test]
    fn origins_know_their_ports() {
        assert_eq!(origin("HTTPS://A.example:443/x"), Some("https://a.example".to_owned()));
        assert_eq!(origin("http://a:8080?x"), Some("http://a:8080".to_owned()));
        assert_eq!(origin("/x"), None);
        assert_eq!(origin("urn:a:b"), None);
    }

    #[test]
    fn the_last_segment_is_decoded() {
        assert_eq!(last_segment("https://h/Users/a%2Fb?x#y").as_deref(), Some("a/b"));
        assert_eq!(last_segment("../Users/7/").as_deref(), Some("7"));
        assert_eq!(last_segment("https://h"), None);
    }

    #[test]
    fn an_id_that_looks_like_a_version_is_none() {
        assert!(!same_place("/scim/v2/Users/v1", "/scim/v2/Users/v2", REQUEST, BASE));
    }
}
