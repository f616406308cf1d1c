//! What goes over the wire: the envelope around events of the System Log, and its headers.

use serde_json::{Value, json};

use super::Channel;

/// The request that tells of one or more events.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// The hook's URL in the org: `https://…/api/v1/eventHooks/who…`.
    pub source: String,
    /// What stays the same when the request is repeated, and by which a receiver knows it again.
    pub event_id: String,
    /// The events, as the System Log shows them.
    pub events: Vec<Value>,
    /// When it was made.
    pub event_time: String,
}

impl Envelope {
    /// Returns the body, in Okta's key order.
    pub fn body(&self) -> Value {
        json!({
            "eventType": "com.okta.event_hook",
            "eventTypeVersion": "1.0",
            "cloudEventsVersion": "0.1",
            "source": self.source,
            "eventId": self.event_id,
            "data": { "events": self.events },
            "eventTime": self.event_time,
            "contentType": "application/json",
        })
    }
}

/// Returns the headers of a request to a receiver, in order; those of the channel follow Okta's own.
pub fn headers(channel: Option<&Channel>, has_body: bool) -> Vec<(String, String)> {
    let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
    if has_body {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    let Some(channel) = channel else { return headers };
    headers.extend(channel.auth.iter().map(|auth| (auth.key.clone(), auth.value.0.clone())));
    headers.extend(channel.headers.iter().map(|(name, value)| (name.clone(), value.0.clone())));
    headers
}

#[cfg(test)]
mod tests {
    use super::super::{AuthScheme, HookSecret};
    use super::*;

    #[test]
    fn the_envelope_has_oktas_keys_in_oktas_order() {
        let envelope = Envelope {
            source: "https://acme.example/api/v1/eventHooks/who1".to_owned(),
            event_id: "7a2b".to_owned(),
            events: vec![json!({ "uuid": "1" }), json!({ "uuid": "2" })],
            event_time: "2026-01-05T09:00:00.000Z".to_owned(),
        };
        assert_eq!(
            envelope.body().to_string(),
            r#"{"eventType":"com.okta.event_hook","eventTypeVersion":"1.0","cloudEventsVersion":"0.1","#.to_owned()
                + r#""source":"https://acme.example/api/v1/eventHooks/who1","eventId":"7a2b","#
                + r#""data":{"events":[{"uuid":"1"},{"uuid":"2"}]},"eventTime":"2026-01-05T09:00:00.000Z","#
                + r#""contentType":"application/json"}"#
        );
    }

    #[test]
    fn the_secret_is_the_whole_value_of_its_header() {
        let secret = |text: &str| HookSecret(text.to_owned());
        let channel = Channel {
            uri: "https://a.example".to_owned(),
            headers: vec![("X-Tenant".to_owned(), secret("acme"))],
            auth: Some(AuthScheme { key: "Authorization".to_owned(), value: secret("s3cret") }),
        };
        let headers = headers(Some(&channel), true);
        let shown: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            shown,
            ["Accept: application/json", "Content-Type: application/json", "Authorization: s3cret", "X-Tenant: acme"]
        );
    }
}
