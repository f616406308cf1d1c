//! Who is let in: by what name the org is called, with which token, and how often.

use std::hint::black_box;
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::{AUTHORIZATION, HOST};

use crate::error::{ApiError, Code};

/// Checks the token. Okta takes `SSWS` for API tokens and `Bearer` for OAuth; here both carry the same token.
pub(crate) fn check_token(headers: &HeaderMap, token: &str) -> Result<(), ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(ApiError::of(Code::NoSession)) };
    let value = value.to_str().unwrap_or_default();
    // Okta's Python SDK (okta 3.4.6 on PyPI) leaves the blank between scheme and token out.
    let after = |scheme: &str| {
        let (head, rest) = value.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let given = after("SSWS").or_else(|| after("Bearer ")).ok_or_else(|| ApiError::of(Code::AuthenticationFailed))?;
    match is_same(given.trim().as_bytes(), token.as_bytes()) {
        true => Ok(()),
        false => Err(ApiError::of(Code::InvalidToken)),
    }
}

/// Checks the name by which the org is called, and returns it: this machine's, or one of those allowed.
pub(crate) fn check_host<'a>(headers: &'a HeaderMap, allowed: &[String]) -> Result<&'a str, ApiError> {
    let refused = || ApiError::of(Code::Forbidden).because("the Host header names another host than this machine");
    let mut values = headers.get_all(HOST).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(refused()) };
    let authority = value.to_str().map_err(|_| refused())?;
    let parsed = authority.parse::<http::uri::Authority>().map_err(|_| refused())?;
    let host = parsed.host().trim_end_matches('.');
    let is_ours = ["localhost", "127.0.0.1", "[::1]"].iter().any(|known| host.eq_ignore_ascii_case(known))
        || allowed.iter().any(|known| host.eq_ignore_ascii_case(known));
    if is_ours && !authority.contains('@') { Ok(authority) } else { Err(refused()) }
}

/// Compares in a time that depends on the secret's length only.
pub(crate) fn is_same(given: &[u8], secret: &[u8]) -> bool {
    let mut difference = u8::from(given.len() != secret.len());
    for (at, byte) in secret.iter().enumerate() {
        difference |= byte ^ given.get(at).copied().unwrap_or_default();
    }
    black_box(difference) == 0 && !given.is_empty()
}

/// Counts calls by the minute.
#[derive(Debug)]
pub(crate) struct Rate {
    limit: u32,
    began: Instant,
    used: u32,
}

/// What the `X-Rate-Limit-*` headers say, and whether the call is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// The time until calls are counted anew.
    pub(crate) resets_in: Duration,
    pub(crate) is_exceeded: bool,
}

impl Rate {
    /// Returns a count at zero.
    pub(crate) fn new(limit: u32) -> Rate {
        Rate { limit, began: Instant::now(), used: 0 }
    }

    /// Counts a call.
    pub(crate) fn count(&mut self) -> Allowance {
        if self.began.elapsed() >= MINUTE {
            *self = Rate::new(self.limit);
        }
        self.used = self.used.saturating_add(1);
        Allowance {
            limit: self.limit,
            remaining: self.limit.saturating_sub(self.used),
            resets_in: MINUTE.saturating_sub(self.began.elapsed()),
            is_exceeded: self.used > self.limit,
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::HeaderName;

    use super::*;

    fn headers(name: HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn both_schemes_let_in_with_the_token_and_nothing_else_does() {
        for (values, status) in [
            (&["SSWS t0ken"][..], None),
            (&["bearer t0ken"], None),
            (&["SSWSt0ken"], None),
            (&["SSWS t0kem"], Some(401)),
            (&["SSWS "], Some(401)),
            (&["Basic t0ken"], Some(401)),
            (&["t0ken"], Some(401)),
            (&["SSWS t0ken", "SSWS t0ken"], Some(403)),
            (&[], Some(403)),
        ] {
            let checked = check_token(&headers(AUTHORIZATION, values), "t0ken");
            assert_eq!(checked.err().map(|error| error.status()), status, "{values:?}");
        }
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let allowed = ["mock.test".to_owned()];
        for (host, answered) in [
            ("127.0.0.1:8902", true),
            ("localhost", true),
            ("LOCALHOST.:80", true),
            ("[::1]:8902", true),
            ("mock.test:1", true),
            ("evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("localhost@evil.example", false),
            ("evil.example@localhost", false),
            ("", false),
        ] {
            assert_eq!(check_host(&headers(HOST, &[host]), &allowed).is_ok(), answered, "{host}");
        }
        assert!(check_host(&HeaderMap::new(), &allowed).is_err());
    }

    #[test]
    fn calls_are_counted_down() {
        let mut rate = Rate::new(2);
        let counted = [(); 3].map(|()| rate.count()).map(|it| (it.remaining, it.is_exceeded));
        assert_eq!(counted, [(1, false), (0, false), (0, true)]);
    }
}
