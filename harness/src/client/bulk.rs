//! What a bulk request (RFC 7644 §3.7) would do, read before it is sent, and what its answer says came of it.
//!
//! The request is a suite's and may be malformed on purpose, the answer is a server's and may be anything.

use super::{COLLECTIONS, naming_attribute};
use scim_transport::Reply;
use serde_json::{Map, Value};

/// A resource that an operation creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Creation {
    /// `/Users` or `/Groups`.
    pub(super) collection: &'static str,
    /// What it is called.
    pub(super) name: String,
    /// What the answer calls the operation.
    pub(super) bulk_id: String,
}

/// What an answer says about a creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Result {
    /// The whole request was refused, so it did not happen.
    Refused,
    /// This operation was refused among others, so the server says; some have created the resource by then.
    SaidToBeRefused,
    /// The resource is here, as the server has it.
    At(String),
    /// Something was created, and nobody knows whether it is this; it is at one of these places, or elsewhere where one
    /// of them is missing.
    Among(Vec<Option<String>>),
    /// Nothing that could be relied on.
    Unclear,
}

/// Returns whether no operation changes or removes anything but what `may_change` allows, or the request creates.
///
/// A body that cannot be read does no harm if it does not even name a method that could.
pub(super) fn is_harmless(body: Option<&[u8]>, may_change: impl Fn(&str) -> bool) -> bool {
    let body = body.unwrap_or_default();
    let Some(operations) = operations(body).filter(|operations| is_plain(body, operations)) else {
        let text = String::from_utf8_lossy(body).to_ascii_uppercase();
        return !["PUT", "PATCH", "DELETE", "\\U"].iter().any(|word| text.contains(word));
    };
    let created: Vec<String> =
        operations.iter().filter(|one| is(one, "method", "POST")).filter_map(|one| text(one, "bulkId")).collect();
    operations.iter().all(|operation| {
        let method = text(operation, "method").unwrap_or_default().to_ascii_uppercase();
        let path = path(operation).unwrap_or_default();
        match method.as_str() {
            "PUT" | "PATCH" | "DELETE" => {
                let refers = |bulk_id: &str| created.iter().any(|known| known == bulk_id);
                let own = COLLECTIONS.iter().filter_map(|collection| path.strip_prefix(collection));
                own.filter_map(|rest| rest.strip_prefix("/bulkId:")).any(refers)
                    || (!path.contains("..") && may_change(&path))
            }
            // Whatever a POST to another place, or an unknown method, does in bulk, it does no more than alone.
            _ => !path.to_ascii_lowercase().contains("bulk"),
        }
    })
}

/// Returns the paths of what the operations change or remove, as they stand there.
pub(super) fn changed(body: Option<&[u8]>) -> Vec<String> {
    let operations = operations(body.unwrap_or_default()).unwrap_or_default();
    let changes = |one: &&Map<String, Value>| ["PUT", "PATCH", "DELETE"].iter().any(|method| is(one, "method", method));
    operations.iter().filter(changes).filter_map(path).collect()
}

/// Returns what the operations create, as far as it has a name and the answer can be told apart.
pub(super) fn creations(body: Option<&[u8]>) -> Vec<Creation> {
    let creation = |operation: &Map<String, Value>| {
        let path = path(operation)?;
        let collection = COLLECTIONS.into_iter().find(|collection| *collection == path)?;
        let name = member(member(operation, "data")?.as_object()?, naming_attribute(collection))?.as_str()?.to_owned();
        Some(Creation { collection, name, bulk_id: text(operation, "bulkId").unwrap_or_default() })
    };
    let operations = operations(body.unwrap_or_default()).unwrap_or_default();
    operations.iter().filter(|one| is(one, "method", "POST")).filter_map(creation).collect()
}

/// Returns what an answer says about the creation with this bulkId.
pub(super) fn result(reply: &Reply, bulk_id: &str, collection: &str) -> Result {
    if (400..500).contains(&reply.status) {
        return Result::Refused;
    }
    let operations = operations(&reply.body).unwrap_or_default();
    let with_the_id = || operations.iter().filter(|one| !bulk_id.is_empty() && is(one, "bulkId", bulk_id));
    let mut told = with_the_id();
    // Two of one bulkId are for a request that breaks the rules on purpose, and nobody knows which is which.
    let (Some(operation), None) = (told.next(), told.next()) else {
        let created = with_the_id().filter(|one| status(one).starts_with('2'));
        let places: Vec<Option<String>> = created.map(|one| place(one, collection)).collect();
        return if places.is_empty() { Result::Unclear } else { Result::Among(places) };
    };
    let status = status(operation);
    match place(operation, collection) {
        Some(place) if status.starts_with('2') => Result::At(place),
        _ if status.starts_with('4') => Result::SaidToBeRefused,
        _ => Result::Unclear,
    }
}

/// Returns where an operation's answer says that its resource is, if it is in this collection.
fn place(operation: &Map<String, Value>, collection: &str) -> Option<String> {
    let location = text(operation, "location")?;
    let (_, id) = location.rsplit_once(&format!("{collection}/"))?;
    (!id.is_empty()).then(|| format!("{collection}/{id}"))
}

/// Returns the status of an operation's answer, empty if it has none.
///
/// RFC 7644 §3.7.3: it is the code as a string; some servers have an object with it, or a number.
fn status(operation: &Map<String, Value>) -> String {
    let status = member(operation, "status").map(|status| status.get("code").unwrap_or(status));
    status.map(|status| status.to_string().trim_matches('"').to_owned()).unwrap_or_default()
}

/// Returns the operations of a message; nothing if it is no message with any.
fn operations(body: &[u8]) -> Option<Vec<Map<String, Value>>> {
    let Value::Object(message) = serde_json::from_slice(body).ok()? else { return None };
    let Value::Array(operations) = member(&message, "Operations")? else { return None };
    operations.iter().map(|operation| operation.as_object().cloned()).collect()
}

/// Tells whether every name stands once, in whatever case: of several, nobody knows which one the server reads.
fn is_plain(body: &[u8], operations: &[Map<String, Value>]) -> bool {
    let repeats = |object: &Map<String, Value>| {
        let mut names: Vec<String> = object.keys().map(|name| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    };
    let message: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
    let is_read_one_way = scim_lang::json::parse(body).is_ok_and(|document| document.duplicates.is_empty());
    is_read_one_way && !message.iter().chain(operations).any(repeats)
}

/// RFC 7643 §2.1: names of attributes have no case, and a lenient server would read any.
fn member<'m>(object: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// RFC 7644 §3.7: a path is relative to the base URL, with or without a slash in front.
fn path(operation: &Map<String, Value>) -> Option<String> {
    text(operation, "path").map(|path| format!("/{}", path.trim_start_matches('/')))
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    member(object, name)?.as_str().map(str::to_owned)
}

fn is(object: &Map<String, Value>, name: &str, wanted: &str) -> bool {
    member(object, name).and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn harmless(operations: &Value) -> bool {
        let body = json!({ "Operations": operations }).to_string();
        is_harmless(Some(body.as_bytes()), |path| path == "/Users/ours")
    }

    #[test]
    fn operations_on_our_own_are_sent() {
        let create = json!({ "method": "POST", "path": "/Users", "bulkId": "a", "data": {} });
        assert!(harmless(&json!([])));
        assert!(harmless(&json!([create, { "method": "patch", "path": "/Users/ours" }])));
        assert!(harmless(&json!([{ "method": "PATCH", "path": "Users/ours" }])));
        assert!(harmless(&json!([create, { "method": "DELETE", "path": "/Users/bulkId:a" }])));
        assert!(harmless(&json!([create, { "method": "PATCH", "path": "Users/ours" }])));
        assert!(harmless(&json!([{ "method": "BREW", "path": "/Users" }])));
    }

    #[test]
    fn operations_on_anything_else_are_held_back() {
        for operation in [
            json!({ "method": "DELETE", "path": "/Users/theirs" }),
            json!({ "Method": "delete", "PATH": "/Users/theirs" }),
            json!({ "method": "DELETE", "path": "Users/theirs" }),
            json!({ "method": "PUT", "path": "/Users" }),
            json!({ "method": "PATCH" }),
            json!({ "method": "DELETE", "path": "/Users/bulkId:unknown" }),
            json!({ "method": "DELETE", "path": "https://x.example/Users/theirs" }),
            json!({ "method": "DELETE", "path": "/Users/ours/../theirs" }),
            json!({ "method": "POST", "path": "/Bulk" }),
        ] {
            assert!(!harmless(&json!([operation])), "{operation}");
        }
    }

    #[test]
    fn a_body_nobody_can_read_is_sent_if_it_names_nothing_that_changes() {
        let harmless = |body: &str| is_harmless(Some(body.as_bytes()), |_| false);
        assert!(harmless("{") && harmless("{}") && harmless(r#"{"Operations":"none"}"#));
        assert!(!harmless(r#"{"Operations":[{"method":"DELETE","path":"/Users/1"}"#));
        assert!(!harmless(r#"{"Operations":[[{"method":"\u0044ELETE","path":"/Users/1"}]]}"#));
    }

    #[test]
    fn an_operation_that_can_be_read_in_two_ways_is_held_back() {
        let harmless = |operation: &str| {
            let body = format!(r#"{{"Operations":[{operation}]}}"#);
            is_harmless(Some(body.as_bytes()), |path| path == "/Users/ours")
        };
        assert!(harmless(r#"{"method":"DELETE","path":"/Users/ours"}"#));
        assert!(!harmless(r#"{"method":"DELETE","path":"/Users/theirs","path":"/Users/ours"}"#));
        assert!(!harmless(r#"{"method":"DELETE","path":"/Users/ours","Path":"/Users/theirs"}"#));
        assert!(!harmless(r#"{"method":"POST","METHOD":"DELETE","path":"/Users/theirs"}"#));
    }

    #[test]
    fn what_is_created_is_known_by_name_and_found_in_the_answer() {
        let body = json!({ "Operations": [
            { "method": "POST", "path": "/Users", "bulkId": "u", "data": { "userName": "ada" } },
            { "method": "POST", "path": "Groups", "bulkId": "g", "data": { "displayName": "crew" } },
            { "method": "POST", "path": "/Users", "bulkId": "n", "data": {} },
        ] });
        let found = creations(Some(body.to_string().as_bytes()));
        let names: Vec<(&str, &str)> = found.iter().map(|one| (one.name.as_str(), one.bulk_id.as_str())).collect();
        assert_eq!(names, [("ada", "u"), ("crew", "g")]);

        let answer = json!({ "Operations": [
            { "bulkId": "u", "status": "201", "location": "https://x.example/v2/Users/17" },
            { "bulkId": "g", "status": { "code": "409" } },
            { "bulkId": "o", "status": 201 },
            { "bulkId": "t", "status": "201", "location": "https://x.example/v2/Users/18" },
            { "bulkId": "t", "status": "201", "location": "https://x.example/v2/Users/19" },
        ] });
        let reply = |status, body: String| Reply {
            status,
            reason: String::new(),
            headers: http::HeaderMap::new(),
            body: body.into_bytes().into(),
        };
        let ok = reply(200, answer.to_string());
        assert_eq!(result(&ok, "u", "/Users"), Result::At("/Users/17".to_owned()));
        assert_eq!(result(&ok, "g", "/Groups"), Result::SaidToBeRefused);
        let both = ["/Users/18", "/Users/19"].map(|place| Some(place.to_owned()));
        assert_eq!(result(&ok, "t", "/Users"), Result::Among(both.to_vec()));
        assert_eq!(result(&ok, "nobody", "/Users"), Result::Unclear);
        assert_eq!(result(&ok, "o", "/Users"), Result::Unclear);
        assert_eq!(result(&ok, "", "/Users"), Result::Unclear);
        assert_eq!(result(&reply(413, String::new()), "u", "/Users"), Result::Refused);
        assert_eq!(result(&reply(500, String::new()), "u", "/Users"), Result::Unclear);
    }
}
