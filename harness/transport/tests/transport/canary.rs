//! No form of a secret survives in any field of an exchange, whatever the server does with it.

use crate::server::{Answer, Server, answer, both_ways, get, ok, quick, request, run};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scim_record::{Exchange, Failure, Redactor};
use scim_transport::{Auth, Credentials, Request, Secret, Target, Transport};

fn credentials(kind: u8, secret: &str) -> Credentials {
    let secret = Secret::new(secret);
    match kind % 3 {
        0 => Credentials::Bearer(secret),
        1 => Credentials::Header { name: "X-Scim".into(), value: secret },
        _ => Credentials::Basic { user: "ada".into(), password: secret },
    }
}

fn forms(secret: &str) -> Vec<String> {
    vec![
        secret.to_owned(),
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        STANDARD.encode(format!("ada:{secret}")),
        secret.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        secret.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect(),
    ]
}

fn fields(exchange: &Exchange) -> Vec<String> {
    let request = &exchange.request;
    let mut fields = vec![exchange.step.clone(), request.method.clone(), request.url.clone()];
    fields.extend(request.body.clone());
    let mut headers = request.headers.clone();
    if let Some(response) = &exchange.response {
        fields.extend([response.reason.clone(), response.body.clone()]);
        headers.extend(response.headers.clone());
    }
    fields.extend(headers.into_iter().flat_map(|header| [header.name, header.value]));
    fields.extend(exchange.failure.as_ref().map(Failure::to_string));
    fields
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        rng_seed: RngSeed::Fixed(0x5c1a),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_form_of_the_secret_survives(
        secret in "[A-Za-z0-9._~-]{8,30}",
        kind in any::<u8>(),
        is_failure in any::<bool>(),
    ) {
        let forms = forms(&secret);
        let exchanges = run(echo(&secret, kind, is_failure));
        for field in exchanges.iter().flat_map(fields) {
            for form in &forms {
                prop_assert!(!field.contains(form.as_str()), "{form} in {field}");
            }
        }
    }
}

/// Lets a server put the secret wherever a server can put text.
async fn echo(secret: &str, kind: u8, is_failure: bool) -> Vec<Exchange> {
    let forms = forms(secret);
    let all = forms.join(" ");
    let coding = if is_failure { format!("Content-Encoding: {secret}\r\n") } else { String::new() };
    let body = format!("{{\"detail\":\"{all}\",\"{secret}\":[\"{}\"],\"cut\":\"{}", forms[3], forms[5]);
    let headers = format!("{coding}X-Echo: {all}\r\nX-{secret}: 1\r\nLocation: /Users/{}\r\n", forms[4]);
    let headers = headers.replace("~", "-");
    let echo = answer(&format!("400 {secret}"), &headers, body.as_bytes());
    let server = Server::start(vec![Answer::Keep(echo.clone()), Answer::Keep(echo)]).await;
    let target = Target::parse(&server.base_url).unwrap();
    let transport = Transport::new(target, credentials(kind, secret), quick(), Redactor::default()).unwrap();
    let request = Request {
        headers: vec![("X-Sent".into(), all.clone())],
        body: Some(all.into_bytes()),
        auth: Auth::Configured,
        ..request("POST", &format!("/Users/{}?a={}", forms[4], forms[0]))
    };
    let mut exchanges = Vec::new();
    for request in both_ways(request) {
        let sent = transport.send("step", request).await;
        assert_eq!(sent.reply.is_err(), is_failure, "{:?}", sent.reply);
        exchanges.push(sent.exchange);
    }
    exchanges
}

#[test]
fn a_short_secret_in_a_header_of_any_name_is_redacted_by_that_name() {
    run(async {
        let server = Server::start(vec![Answer::Keep(ok())]).await;
        let credentials = Credentials::Header { name: "X-Scim".into(), value: Secret::new("abc") };
        let sent = server.transport_with(credentials, quick()).send("step", get("/Users")).await;
        let headers = sent.exchange.request.headers;
        assert!(headers.iter().any(|h| h.name == "X-Scim" && h.value == "[redacted]"), "{headers:?}");
    });
}
