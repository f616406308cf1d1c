//! A command line that sends a recorded request again.

use mock_okta::hook::CHALLENGE_HEADER;
use scim_record::{Exchange, RequestRecord};

/// Returns a curl command for the request; the base URL is `$SCIM`, the credentials are a shell variable.
///
/// Headers that curl sends by itself or that have no part in the matter are left out. The texts are already redacted.
pub(crate) fn command(exchange: &Exchange, base: &str) -> String {
    let below = exchange.request.url.strip_prefix(base).unwrap_or(&exchange.request.url);
    written(exchange, &format!("\"$SCIM\"{}", quote(below)), scheme)
}

/// Returns a curl command for a request to a receiver of event hooks, whose whole URL is `$RECEIVER`.
pub(crate) fn to_receiver(exchange: &Exchange) -> String {
    written(exchange, "\"$RECEIVER\"", |_| "$HOOK_SECRET")
}

fn written(exchange: &Exchange, target: &str, secret: fn(&str) -> &'static str) -> String {
    let RequestRecord { method, headers, body, .. } = &exchange.request;
    let mut line = String::from("curl -gi");
    if method != "GET" {
        line.push_str(" -X ");
        line.push_str(method);
    }
    line.push(' ');
    line.push_str(target);
    for header in headers {
        match header.name.to_ascii_lowercase().as_str() {
            // A value that was not scrubbed is test data, such as the token that must be refused.
            "authorization" if header.value.contains("[redacted]") => {
                line.push_str(&format!(" -H \"Authorization: {}\"", secret(&header.value)));
            }
            "authorization" => line.push_str(&format!(" -H {}", quote(&format!("Authorization: {}", header.value)))),
            "accept" | "content-type" | CHALLENGE_HEADER => {
                line.push_str(&format!(" -H {}", quote(&format!("{}: {}", header.name, header.value))));
            }
            _ => {}
        }
    }
    if let Some(body) = body {
        line.push_str(" --data-raw ");
        line.push_str(&quote(body));
    }
    line
}

/// Returns the value of an Authorization header with the secret as a shell variable.
fn scheme(value: &str) -> &'static str {
    match value.split_whitespace().next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "bearer" => "Bearer $SCIM_TOKEN",
        "basic" => "Basic $SCIM_BASIC",
        _ => "$SCIM_TOKEN",
    }
}

/// Quotes text for a POSIX shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use scim_record::{Header, Timing};

    fn exchange(method: &str, url: &str, body: Option<&str>) -> Exchange {
        let header = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
        Exchange {
            step: String::new(),
            request: RequestRecord {
                method: method.to_owned(),
                url: url.to_owned(),
                headers: vec![
                    header("Accept", "application/scim+json"),
                    header("User-Agent", "Okta"),
                    header("Authorization", "Bearer [redacted]"),
                ],
                body: body.map(str::to_owned),
            },
            response: None,
            failure: None,
            timing: Timing { started_ms: 0, headers_ms: 0.0, total_ms: 0.0 },
        }
    }

    #[test]
    fn the_request_is_repeated_with_the_secret_as_a_variable() {
        let exchange = exchange("POST", "http://h/scim/Users", Some(r#"{"userName":"o'hara"}"#));
        assert_eq!(
            command(&exchange, "http://h/scim"),
            r#"curl -gi -X POST "$SCIM"'/Users' -H 'Accept: application/scim+json' "#.to_owned()
                + r#"-H "Authorization: Bearer $SCIM_TOKEN" --data-raw '{"userName":"o'\''hara"}'"#
        );
    }
}
