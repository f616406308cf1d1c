//! Who is let in, and how the others are told (RFC 7644 §2).

use std::hint::black_box;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, WWW_AUTHENTICATE};
use scim_lang::error::ScimError;
use serde_json::{Value, json};

use crate::config::Auth;
use crate::message::Reply;

impl Auth {
    /// Tells whether a request with these headers is let in.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        match self {
            Auth::None => true,
            Auth::Bearer(token) => same(credentials(headers, "Bearer"), token),
            Auth::Header { name, value } => same(only(headers, name), value),
            Auth::Basic { user, password } => {
                same(credentials(headers, "Basic"), &STANDARD.encode(format!("{user}:{password}")))
            }
        }
    }

    /// Returns the 401. It names the scheme that is accepted (RFC 9110 §11.6.1) and tells the administrator in words
    /// what to look at, because Okta shows `detail` to them; it does not tell which part was wrong.
    pub(crate) fn refusal(&self) -> Reply {
        let error = ScimError::new(401, "the credentials are missing or not valid; check the provisioning settings");
        Reply::from(error).with(WWW_AUTHENTICATE, self.challenge())
    }

    fn challenge(&self) -> &'static str {
        match self {
            Auth::Basic { .. } => r#"Basic realm="scim", charset="UTF-8""#,
            Auth::Header { name, .. } if !name.eq_ignore_ascii_case(AUTHORIZATION.as_str()) => r#"ApiKey realm="scim""#,
            _ => r#"Bearer realm="scim""#,
        }
    }

    /// Returns `authenticationSchemes` of /ServiceProviderConfig (RFC 7643 §5). There is no registered type for a
    /// token in a header of its own; `oauthbearertoken` is the nearest.
    pub(crate) fn schemes(&self) -> Value {
        match self {
            Auth::None => json!([]),
            Auth::Basic { .. } => json!([{
                "type": "httpbasic",
                "name": "HTTP Basic",
                "description": "A user name and a password in the Authorization header",
                "specUri": "https://www.rfc-editor.org/info/rfc7617",
                "primary": true,
            }]),
            Auth::Bearer(_) | Auth::Header { .. } => json!([{
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A token in a request header",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": true,
            }]),
        }
    }
}

/// Returns what follows the scheme in the Authorization header. The scheme's case does not matter (RFC 9110 §11.1).
fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a [u8]> {
    let value = only(headers, AUTHORIZATION.as_str())?;
    let (head, rest) = value.split_at_checked(scheme.len())?;
    let rest = rest.strip_prefix(b" ")?;
    head.eq_ignore_ascii_case(scheme.as_bytes()).then(|| rest.trim_ascii())
}

/// Returns the value of a header that occurs once. Twice would leave it to chance which one counts.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first.as_bytes())
}

/// Compares in a time that depends on the length of the secret only, so that answers do not tell how much of a guess was
/// right.
fn same(given: Option<&[u8]>, secret: &str) -> bool {
    let given = given.unwrap_or_default();
    let mut difference = u8::from(given.len() != secret.len());
    for (at, byte) in secret.bytes().enumerate() {
        difference |= byte ^ given.get(at).copied().unwrap_or_default();
    }
    black_box(difference) == 0 && !given.is_empty()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn each_scheme_admits_its_own_credentials_and_nothing_else() {
        let bearer = Auth::Bearer("s3cret".into());
        let basic = Auth::Basic { user: "Aladdin".into(), password: "open sesame".into() };
        let header = Auth::Header { name: "Authorization".into(), value: "s3cret".into() };
        type Row<'a> = (&'a Auth, &'a [(&'static str, &'a str)], bool);
        let table: &[Row<'_>] = &[
            (&Auth::None, &[], true),
            (&bearer, &[("authorization", "Bearer s3cret")], true),
            (&bearer, &[("authorization", "bearer s3cret")], true),
            (&bearer, &[("authorization", "Bearer s3cre")], false),
            (&bearer, &[("authorization", "Bearer s3crets")], false),
            (&bearer, &[("authorization", "s3cret")], false),
            (&bearer, &[("authorization", "Bearer s3cret"), ("authorization", "Bearer s3cret")], false),
            (&bearer, &[], false),
            (&basic, &[("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")], true),
            (&basic, &[("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2Ft")], false),
            (&header, &[("authorization", "s3cret")], true),
            (&header, &[("authorization", "Bearer s3cret")], false),
        ];
        for (auth, pairs, admitted) in table {
            assert_eq!(auth.admits(&headers(pairs)), *admitted, "{auth:?} {pairs:?}");
        }
    }

    #[test]
    fn an_empty_secret_admits_nobody() {
        assert!(!Auth::Bearer(String::new()).admits(&headers(&[("authorization", "Bearer ")])));
        assert!(!Auth::Bearer(String::new()).admits(&headers(&[])));
    }

    #[test]
    fn the_refusal_names_the_scheme_and_carries_an_error() {
        let reply = Auth::Bearer("x".into()).refusal();
        assert_eq!(reply.headers[WWW_AUTHENTICATE], r#"Bearer realm="scim""#);
        assert_eq!(reply.value().unwrap()["status"], "401");
    }
}
