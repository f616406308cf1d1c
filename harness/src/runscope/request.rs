//! From a step's templates to a request and the place it goes to.

use super::format::{Body, Send};
use super::template::Unset;
use super::variables::Variables;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use scim_transport::{Auth, Request};

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The service provider under test.
    Scim,
    /// Another server, for example an Okta org: its scheme, host and port.
    Elsewhere(String),
}

/// Why a request cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A variable has no value.
    Unset(String),
    /// The URL is none.
    Url(String),
    /// The service provider's credentials would go to another server.
    Credentials(String),
}

impl From<Unset> for Trouble {
    fn from(Unset(name): Unset) -> Trouble {
        Trouble::Unset(name)
    }
}

/// Builds the request of a step; `base` is the service provider's base URL.
pub(crate) fn build(send: &Send, variables: &mut Variables, base: &str) -> Result<(Place, Request), Trouble> {
    // What was given out before went into no request.
    variables.have_shown_credentials();
    let (place, target) = split(&send.url.fill(variables)?, base)?;
    let mut body = match &send.body {
        Body::None => None,
        Body::Text(text) => Some(text.fill(variables)?),
        Body::Form(fields) => Some(form(fields, variables)?),
    };
    let (mut headers, mut auth) = (Vec::new(), Auth::None);
    for (name, value) in &send.headers {
        let ours = |name: &str| variables.means_credentials(name) && place == Place::Scim;
        if !name.eq_ignore_ascii_case("authorization") {
            headers.push((name.clone(), value.fill(variables)?));
        } else if value.sole_name().is_some_and(ours) {
            auth = Auth::Configured;
        } else if let Some(text) = value.literal() {
            // Nobody's secret: it stands in the file for everybody to read.
            auth = Auth::Raw(text.to_owned());
        } else {
            headers.push((name.clone(), value.fill(variables)?));
        }
    }
    if let Some((user, password)) = &send.basic {
        let pair = format!("{}:{}", user.fill(variables)?, password.fill(variables)?);
        headers.push(("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(pair))));
    }
    if let Place::Elsewhere(origin) = &place
        && variables.have_shown_credentials()
    {
        return Err(Trouble::Credentials(origin.clone()));
    }
    let lacks =
        |wanted: &str, headers: &[(String, String)]| !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if matches!(send.body, Body::Form(_)) && lacks("content-type", &headers) {
        headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    }
    if lacks("user-agent", &headers) {
        headers.push(("User-Agent".to_owned(), concat!("Rehearsal/", env!("CARGO_PKG_VERSION")).to_owned()));
    }
    let body = body.take().map(String::into_bytes);
    Ok((place, Request { method: send.method.clone(), target, headers, body, auth }))
}

fn form(fields: &[(String, super::template::Template)], variables: &mut Variables) -> Result<String, Unset> {
    let mut pairs = Vec::new();
    for (name, value) in fields {
        let value = value.fill(variables)?;
        pairs.push(format!("{}={}", crate::client::encode(name), crate::client::encode(&value)));
    }
    Ok(pairs.join("&"))
}

/// Splits a URL into the place it leads to and what is asked for there, percent-encoded.
fn split(url: &str, base: &str) -> Result<(Place, String), Trouble> {
    let url = url.trim().split('#').next().unwrap_or_default();
    if let Some(target) = url.strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?'])) {
        return Ok((Place::Scim, encode(target)));
    }
    let no_url = || Trouble::Url(format!("{url:?} is no URL of http or https"));
    let (scheme, rest) = url.split_once("://").ok_or_else(no_url)?;
    if !matches!(scheme, "http" | "https") {
        return Err(no_url());
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    Ok((Place::Elsewhere(format!("{scheme}://{}", &rest[..end])), encode(&rest[end..])))
}

/// Percent-encodes what a request line cannot carry and leaves the rest alone, as Runscope does: Okta's files write
/// `filter=userName eq "x"` with its spaces and quotation marks.
fn encode(target: &str) -> String {
    utf8_percent_encode(target, NOT_IN_A_TARGET).to_string()
}

const NOT_IN_A_TARGET: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

#[cfg(test)]
mod tests {
    use super::super::format::{Deed, Suite};
    use super::super::source::SourceFile;
    use super::*;
    use crate::names::Seed;

    fn built(members: &str, authorization: Option<&str>) -> Result<(Place, Request), Trouble> {
        let text = format!(r#"{{"steps":[{{"step_type":"request",{members}}}]}}"#);
        let suite = Suite::parse(&SourceFile::new("x.json", &text), "x").unwrap();
        let Deed::Send(send) = &suite.cases().next().unwrap().deed else { panic!("{members}") };
        let mut variables = Variables::new(Seed(7), "x").at("https://h/scim", authorization.map(str::to_owned));
        variables.set("id", "42");
        build(send, &mut variables, "https://h/scim")
    }

    #[test]
    fn a_url_leads_to_the_service_provider_or_elsewhere() {
        for (url, place, target) in [
            ("{{SCIMBaseURL}}/Users/{{id}}", Place::Scim, "/Users/42"),
            (
                "{{SCIMUrl}}/Users?filter=userName eq \\\"é\\\"#x",
                Place::Scim,
                "/Users?filter=userName%20eq%20%22%C3%A9%22",
            ),
            ("https://h/scim/Users?a=%20+&b=@:[]", Place::Scim, "/Users?a=%20+&b=@:[]"),
            ("https://h/scimitar", Place::Elsewhere("https://h".to_owned()), "/scimitar"),
            ("https://org.example:8443/api?x", Place::Elsewhere("https://org.example:8443".to_owned()), "/api?x"),
        ] {
            let (found, request) = built(&format!(r#""url": "{url}""#), None).unwrap();
            assert_eq!((found, request.target.as_str()), (place, target), "{url}");
        }
        for url in ["/Users", "ftp://h/x", "{{id}}"] {
            assert!(matches!(built(&format!(r#""url": "{url}""#), None), Err(Trouble::Url(_))), "{url}");
        }
        assert_eq!(built(r#""url": "{{nobody}}""#, None), Err(Trouble::Unset("nobody".to_owned())));
    }

    #[test]
    fn the_runs_own_credentials_go_to_the_service_provider_alone() {
        let (_, ours) =
            built(r#""url": "https://h/scim/x", "headers": {"Authorization": "{{auth}}"}"#, Some("B t")).unwrap();
        assert_eq!((ours.auth, ours.headers.len()), (Auth::Configured, 1));
        let (_, other) = built(r#""url": "https://o/x", "headers": {"Authorization": "SSWS {{id}}"}"#, None).unwrap();
        assert_eq!(other.auth, Auth::None);
        assert_eq!(other.headers[0].1, "SSWS 42");
        for leak in [
            r#""url": "https://o/x", "headers": {"Authorization": "{{auth}}"}"#,
            r#""url": "https://o/x", "headers": {"X-Other": "so: {{SCIMAuth}}"}"#,
            r#""url": "https://o/x?token={{auth}}""#,
            r#""url": "https://o/x", "method": "POST", "body": "{{auth}}""#,
            r#""url": "https://o/x", "auth": {"auth_type": "basic", "username": "u", "password": "{{auth}}"}"#,
        ] {
            assert_eq!(built(leak, Some("B t")), Err(Trouble::Credentials("https://o".to_owned())), "{leak}");
        }
        let (_, wrong) =
            built(r#""url": "https://h/scim/x", "headers": {"Authorization": "wrong"}"#, Some("B t")).unwrap();
        assert_eq!(wrong.auth, Auth::Raw("wrong".to_owned()));
        let (_, nobody) = built(r#""url": "https://h/scim/x""#, Some("B t")).unwrap();
        assert_eq!(nobody.auth, Auth::None);
    }

    #[test]
    fn bodies_are_texts_or_forms() {
        let body = |members: &str| {
            let (_, request) = built(&format!(r#""url": "https://h/scim/x", {members}"#), None).unwrap();
            (request.body.map(|body| String::from_utf8(body).unwrap()), request.headers)
        };
        assert_eq!(body(r#""method": "POST", "body": "{\"id\":\"{{id}}\"}""#).0.as_deref(), Some("{\"id\":\"42\"}"));
        assert_eq!(body(r#""method": "POST", "body": """#).0.as_deref(), Some(""));
        assert_eq!(body(r#""method": "GET", "body": "", "data": """#).0, None);
        let (form, headers) = body(r#""method": "POST", "body": "", "form": {"a b": ["{{id}}", "&"]}"#);
        assert_eq!(form.as_deref(), Some("a%20b=42&a%20b=%26"));
        assert!(headers.contains(&("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())));
        let (_, headers) = body(r#""auth": {"auth_type": "basic", "username": "u", "password": "{{id}}"}"#);
        assert_eq!(headers[0], ("Authorization".to_owned(), "Basic dTo0Mg==".to_owned()));
    }
}
