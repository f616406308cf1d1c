//! Checks of a whole answer, which a pattern over its JSON cannot express.

use scim_lang::urn;
use scim_suite::Check;
use scim_transport::Reply;
use serde_json::Value;

/// Returns what is wrong with the answer, one sentence each; nothing if the check holds.
pub(crate) fn check(check: Check, reply: &Reply) -> Vec<String> {
    match check {
        Check::MediaTypeScimJson => media_type(reply),
        Check::ErrorBody => error_body(reply),
        Check::ListResponse => list_response(reply),
    }
}

fn media_type(reply: &Reply) -> Vec<String> {
    let found = reply.headers.get("content-type").and_then(|value| value.to_str().ok());
    let essence = found.and_then(|value| value.split(';').next()).map(|kind| kind.trim().to_ascii_lowercase());
    match essence.as_deref() {
        Some("application/scim+json") => Vec::new(),
        Some(other) => vec![format!("the media type is {other}, not application/scim+json")],
        None => vec!["there is no Content-Type, so the media type is not application/scim+json".to_owned()],
    }
}

/// RFC 7644 §3.12. Okta reads `detail` and shows it; `status` is a string there, but Okta's own samples have a number.
fn error_body(reply: &Reply) -> Vec<String> {
    let Ok(Value::Object(body)) = serde_json::from_slice(&reply.body) else {
        return vec!["the body is no JSON object, so it is no SCIM Error".to_owned()];
    };
    let mut wrong = Vec::new();
    if !has_schema(&body, urn::ERROR) {
        wrong.push(format!("schemas does not hold {}", urn::ERROR));
    }
    match body.get("status").map(text) {
        Some(status) if status == reply.status.to_string() => {}
        Some(status) => wrong.push(format!("status is {status:?}, but the status line says {}", reply.status)),
        None => wrong.push("status is absent".to_owned()),
    }
    wrong
}

/// RFC 7644 §3.4.2: the counters are integers, `itemsPerPage` counts what this page holds, nothing exceeds the total.
fn list_response(reply: &Reply) -> Vec<String> {
    let Ok(Value::Object(body)) = serde_json::from_slice(&reply.body) else {
        return vec!["the body is no JSON object, so it is no ListResponse".to_owned()];
    };
    let mut wrong = Vec::new();
    if !has_schema(&body, urn::LIST_RESPONSE) {
        wrong.push(format!("schemas does not hold {}", urn::LIST_RESPONSE));
    }
    let held = match body.get("Resources") {
        Some(Value::Array(resources)) => Some(resources.len() as u64),
        Some(_) => {
            wrong.push("Resources is no array".to_owned());
            None
        }
        None => Some(0),
    };
    let mut counter = |name: &str| match body.get(name) {
        Some(Value::Number(number)) if number.as_u64().is_some() => number.as_u64(),
        Some(other) => {
            wrong.push(format!("{name} is {}, not an integer", text(other)));
            None
        }
        None => None,
    };
    let (total, per_page, _) = (counter("totalResults"), counter("itemsPerPage"), counter("startIndex"));
    if body.get("totalResults").is_none() {
        wrong.push("totalResults is absent".to_owned());
    }
    if let (Some(per_page), Some(held)) = (per_page, held)
        && per_page != held
    {
        wrong.push(format!("itemsPerPage is {per_page}, but the page holds {held}"));
    }
    if let (Some(total), Some(held)) = (total, held)
        && total < held
    {
        wrong.push(format!("totalResults is {total}, but the page alone holds {held}"));
    }
    wrong
}

fn has_schema(body: &serde_json::Map<String, Value>, urn: &str) -> bool {
    let schemas = body.get("schemas").and_then(Value::as_array);
    schemas.is_some_and(|schemas| {
        schemas.iter().any(|schema| schema.as_str().is_some_and(|schema| schema.eq_ignore_ascii_case(urn)))
    })
}

/// Returns a value as Okta's hosted tests compare it: strings bare, everything else as JSON.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            reason: String::new(),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    #[test]
    fn an_error_with_a_numeric_status_is_an_error() {
        let body = format!(r#"{{"schemas":["{}"],"status":404,"detail":"no such user"}}"#, urn::ERROR);
        assert_eq!(check(Check::ErrorBody, &reply(404, &body)), Vec::<String>::new());
    }

    #[test]
    fn an_error_says_the_status_of_its_status_line() {
        let body = format!(r#"{{"schemas":["{}"],"status":"400"}}"#, urn::ERROR);
        assert_eq!(check(Check::ErrorBody, &reply(404, &body)).len(), 1);
        assert_eq!(check(Check::ErrorBody, &reply(404, "User not found")).len(), 1);
        assert_eq!(check(Check::ErrorBody, &reply(404, "{}")).len(), 2);
    }

    #[test]
    fn counters_that_lie_or_are_no_integers_are_named() {
        let list = |rest: &str| reply(200, &format!(r#"{{"schemas":["{}"],{rest}}}"#, urn::LIST_RESPONSE));
        let wrong = |rest: &str| check(Check::ListResponse, &list(rest)).len();
        assert_eq!(wrong(r#""totalResults":0"#), 0);
        assert_eq!(wrong(r#""totalResults":5,"startIndex":1,"itemsPerPage":1,"Resources":[{}]"#), 0);
        assert_eq!(wrong(r#""totalResults":"0","startIndex":"1","itemsPerPage":"0","Resources":[]"#), 3);
        assert_eq!(wrong(r#""totalResults":2,"itemsPerPage":100,"Resources":[]"#), 1);
        assert_eq!(wrong(r#""totalResults":0,"Resources":[{}]"#), 1);
        assert_eq!(wrong(r#""Resources":[]"#), 1);
    }
}
