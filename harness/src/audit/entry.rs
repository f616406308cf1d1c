//! One line of the export: who did what to whom, when, how it went, and what a service provider was sent about it.
//!
//! The members and their names are an interface, written down in `audit.schema.json`; members may be added, none goes or
//! changes its meaning.

use serde::Serialize;
use serde_json::Value;

/// An event of the System Log, as it is exported.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// When, as the org says.
    pub(crate) published: String,
    /// Okta's name of what happened, for example `user.lifecycle.deactivate`.
    pub(crate) event_type: String,
    /// The same for people.
    pub(crate) display_message: String,
    /// `SUCCESS`, `FAILURE`, `SKIPPED` or another word of Okta's.
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
    pub(crate) actor: Party,
    pub(crate) targets: Vec<Party>,
    pub(crate) transaction: Transaction,
    /// The call of the Management API it followed from, where the org tells.
    pub(crate) call: Option<Call>,
    /// Why, in the mock org's words.
    pub(crate) cause: Option<String>,
    /// What a service provider was sent about it, where the org tells.
    pub(crate) scim: Vec<Exchange>,
    /// The id of the event, by which an export can be told from another.
    pub(crate) uuid: String,
}

/// Somebody or something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Party {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) id: String,
    /// The login of a user, the label of an app.
    pub(crate) alternate_id: Option<String>,
    pub(crate) display_name: Option<String>,
}

/// What belongs together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Transaction {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) id: String,
}

/// A call of the Management API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) uri: String,
}

/// An exchange with a service provider.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) status: Option<u16>,
    /// Why there is no status.
    pub(crate) failure: Option<String>,
    pub(crate) milliseconds: Option<f64>,
}

impl Entry {
    /// Reads an event; nothing if it is none.
    pub(crate) fn read(event: &Value) -> Option<Entry> {
        let data = &event["debugContext"]["debugData"];
        let call = text(&data["requestMethod"]).zip(text(&data["requestUri"]));
        Some(Entry {
            published: text(&event["published"])?,
            event_type: text(&event["eventType"])?,
            display_message: text(&event["displayMessage"]).unwrap_or_default(),
            outcome: text(&event["outcome"]["result"]).unwrap_or_default(),
            reason: text(&event["outcome"]["reason"]),
            actor: Party::read(&event["actor"]),
            targets: list(&event["target"]).map(Party::read).collect(),
            transaction: Transaction {
                kind: text(&event["transaction"]["type"]).unwrap_or_default(),
                id: text(&event["transaction"]["id"]).unwrap_or_default(),
            },
            call: call.map(|(method, uri)| Call { method, uri }),
            cause: text(&data["cause"]),
            scim: list(&data["scimExchanges"]).map(Exchange::read).collect(),
            uuid: text(&event["uuid"])?,
        })
    }
}

impl Party {
    fn read(party: &Value) -> Party {
        Party {
            kind: text(&party["type"]).unwrap_or_default(),
            id: text(&party["id"]).unwrap_or_default(),
            alternate_id: text(&party["alternateId"]).filter(|id| id != "unknown"),
            display_name: text(&party["displayName"]).filter(|name| !name.is_empty()),
        }
    }
}

impl Exchange {
    fn read(exchange: &Value) -> Exchange {
        Exchange {
            method: text(&exchange["method"]).unwrap_or_default(),
            url: text(&exchange["url"]).unwrap_or_default(),
            status: exchange["status"].as_u64().and_then(|status| u16::try_from(status).ok()),
            failure: text(&exchange["failure"]),
            milliseconds: exchange["milliseconds"].as_f64(),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Returns an event with everything.
    pub(crate) fn event() -> Value {
        json!({
            "actor": { "id": "00ua", "type": "User", "alternateId": "admin@acme", "displayName": "Administrator" },
            "displayMessage": "Push new user to external application",
            "eventType": "application.provision.user.push",
            "outcome": { "result": "FAILURE", "reason": "Error while creating user" },
            "published": "2026-01-05T09:00:00.000Z",
            "debugContext": { "debugData": { "requestMethod": "POST", "requestUri": "/api/v1/apps/0oa/users",
                "cause": "assigned directly", "scimExchanges": [
                { "id": 1, "method": "POST", "url": "http://h/Users", "status": 503, "failure": null, "milliseconds": 1.5 },
                { "id": 2, "method": "GET", "url": "http://h/Users", "status": null, "failure": "gone", "milliseconds": 2 }] } },
            "transaction": { "type": "JOB", "id": "req1", "detail": {} },
            "uuid": "u-1",
            "target": [{ "id": "00u1", "type": "User", "alternateId": "ada@acme", "displayName": "Ada" },
                { "id": "0oa1", "type": "AppInstance", "alternateId": "unknown", "displayName": "" }],
        })
    }

    #[test]
    fn an_event_becomes_a_line_of_the_published_shape() {
        let line = serde_json::to_value(Entry::read(&event()).unwrap()).unwrap();
        let schema: Value = serde_json::from_str(include_str!("audit.schema.json")).unwrap();
        assert_shape(&line, &schema, "");
        assert_eq!(
            line["scim"][1],
            json!({ "method": "GET", "url": "http://h/Users", "status": null, "failure": "gone",
            "milliseconds": 2.0 })
        );
        assert_eq!(line["targets"][1]["alternateId"], Value::Null, "Okta's word for nothing is nothing");
        // An org that tells less leaves the members there.
        let bare = Entry::read(&json!({ "published": "p", "eventType": "e", "uuid": "u" })).unwrap();
        assert_shape(&serde_json::to_value(bare).unwrap(), &schema, "");
        assert_eq!(Entry::read(&json!({ "published": "p", "eventType": "e" })), None);
    }

    /// Checks a value by the part of JSON Schema that the published shape uses.
    fn assert_shape(value: &Value, schema: &Value, path: &str) {
        let kinds = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert!(kinds.iter().any(|known| known == kind || (known == "integer" && kind == "number")), "{path}: {kind}");
        list(value).for_each(|item| assert_shape(item, &schema["items"], &format!("{path}[]")));
        if let Some(object) = value.as_object() {
            let known = schema["properties"].as_object().unwrap();
            assert!(object.keys().eq(known.keys()), "{path}: {:?} {:?}", object.keys(), known.keys());
            assert_eq!(schema["required"].as_array().unwrap().len(), known.len(), "{path}: every member is there");
            object.iter().for_each(|(key, value)| assert_shape(value, &known[key], &format!("{path}/{key}")));
        }
    }
}
