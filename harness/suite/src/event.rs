//! A whole event of Okta's System Log, so that a case about event hooks need not spell one out to say what matters of it.

use crate::json::{self, Json, Node, Quoted};
use crate::source::{SourceFile, Text};
use std::sync::Arc;

/// Returns the members of an event, if an object begins with `"{{event}}": "TYPE"`; what else the object has replaces
/// members of the event, or joins them at the end.
pub(crate) fn whole(members: &[(Quoted, Node)]) -> Option<Vec<(Quoted, Node)>> {
    let ((word, event_type), own) = members.split_first()?;
    if word.raw.as_str() != EVENT_WORD || !matches!(event_type.value, Json::String(_)) {
        return None;
    }
    let file = Arc::new(SourceFile::new("event.json", EVENT));
    let Ok(Node { value: Json::Object(mut event), .. }) = json::parse(&Text::verbatim(&file, 0..EVENT.len())) else {
        unreachable!("the event is JSON")
    };
    let mut put = |name: &Quoted, value: &Node| match event
        .iter_mut()
        .find(|(known, _)| known.decoded.as_str() == name.decoded.as_str())
    {
        Some((_, place)) => *place = value.clone(),
        None => event.push((name.clone(), value.clone())),
    };
    own.iter().for_each(|(name, value)| put(name, value));
    let place = event.iter_mut().find(|(known, _)| known.decoded.as_str() == "eventType");
    place.expect("an event has a type").1 = event_type.clone();
    Some(event)
}

/// What stands where an object would have the name of its first member.
pub(crate) const EVENT_WORD: &str = "{{event}}";

/// Every key of an event, as the System Log API documents them.
const EVENT: &str = r#"{
  "uuid": "{{event.uuid}}{{n}}",
  "published": "{{now}}",
  "eventType": "",
  "version": "0",
  "displayMessage": "Something happened to a user",
  "severity": "INFO",
  "client": {
    "userAgent": null, "zone": null, "device": null, "id": null, "ipAddress": null, "geographicalContext": null
  },
  "device": null,
  "actor": {
    "id": "00u1rehearsaladmin01", "type": "User", "alternateId": "administrator@example.com",
    "displayName": "Administrator", "detailEntry": null
  },
  "outcome": { "result": "SUCCESS", "reason": null },
  "target": [
    {
      "id": "00u1rehearsaluser{{n}}", "type": "User", "alternateId": "{{run}}.{{n}}@example.com",
      "displayName": "Ada Byron", "detailEntry": null
    }
  ],
  "transaction": { "type": "WEB", "id": "reqrehearsal00000001", "detail": {} },
  "debugContext": { "debugData": { "requestUri": "/api/v1/users" } },
  "legacyEventType": null,
  "authenticationContext": {
    "authenticationProvider": null, "credentialProvider": null, "credentialType": null, "issuer": null,
    "interface": null, "authenticationStep": 0, "externalSessionId": "unknown"
  },
  "securityContext": { "asNumber": null, "asOrg": null, "isp": null, "domain": null, "isProxy": null },
  "insertionTimestamp": null,
  "request": { "ipChain": [] }
}"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::JsonTemplate;

    fn expand(text: &str) -> String {
        let file = Arc::new(SourceFile::new("a.toml", text));
        let mut mistakes = Vec::new();
        let node = json::parse(&Text::verbatim(&file, 0..text.len())).expect("JSON");
        let template = JsonTemplate::compile(&node, &mut mistakes);
        assert_eq!(mistakes, []);
        template.expand(&|name| Some(format!("<{name}>"))).expect("everything is bound")
    }

    #[test]
    fn an_event_is_whole_and_has_what_the_case_says() {
        let event = expand(r#"{ "{{event}}": "user.lifecycle.create", "published": "{{earlier}}", "extra": 1 }"#);
        assert!(
            event.starts_with(
                r#"{"uuid":"<event.uuid><n>","published":"<earlier>","eventType":"user.lifecycle.create""#
            ),
            "{event}"
        );
        assert!(event.ends_with(r#""request":{"ipChain":[]},"extra":1}"#), "{event}");
    }

    #[test]
    fn repeated_events_have_ids_of_their_own() {
        let events = expand(r#"["{{repeat 2}}", { "{{event}}": "user.lifecycle.create" }]"#);
        assert!(events.contains("<event.uuid>0001") && events.contains("<event.uuid>0002"), "{events}");
    }

    #[test]
    fn another_object_stays_as_it_is() {
        assert_eq!(expand(r#"{ "event": "x", "{{run}}": 1 }"#), r#"{"event":"x","{{run}}":1}"#);
    }
}
