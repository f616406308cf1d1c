//! Rules about Error messages (RFC 7644 §3.12).

use super::Flaw;
use super::subject::{Subject, has_schema};
use super::text;
use scim_lang::error::ScimType;
use scim_lang::urn;
use serde_json::{Map, Value};

/// Okta reads `detail` and shows it; `status` is a string in the RFC, but Okta's own samples have a number.
pub(super) fn body(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    let mut flaws = schemas(body);
    let status = subject.reply.status;
    match body.get("status").map(text) {
        Some(said) if said == status.to_string() => {}
        Some(_) => flaws.push(Flaw::at("/status", &format!("is not the {status} of the status line"))),
        None => flaws.push(Flaw::new("status is absent")),
    }
    Ok(flaws)
}

pub(super) fn message(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    Ok(schemas(object(subject)?))
}

pub(super) fn status_string(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    Ok(match object(subject)?.get("status") {
        Some(Value::String(_)) => Vec::new(),
        Some(_) => vec![Flaw::at("/status", "is no string").expecting(format!("\"{}\"", subject.reply.status))],
        None => vec![Flaw::new("status is absent")],
    })
}

pub(super) fn scim_type(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    Ok(match object(subject)?.get("scimType") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(word)) if statuses_of(word).is_some() => Vec::new(),
        Some(_) => vec![Flaw::at("/scimType", "is no keyword of RFC 7644 §3.12 or RFC 9865 §2.1")],
    })
}

pub(super) fn scim_type_fits(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let word = object(subject)?.get("scimType").and_then(Value::as_str);
    let status = subject.reply.status;
    Ok(match word.and_then(statuses_of) {
        Some(statuses) if !statuses.contains(&status) => {
            let expected = statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
            vec![Flaw::at("/scimType", &format!("does not go with the status {status}")).expecting(expected)]
        }
        _ => Vec::new(),
    })
}

pub(super) fn detail(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    Ok(match object(subject)?.get("detail") {
        None | Some(Value::Null | Value::String(_)) => Vec::new(),
        Some(_) => vec![Flaw::at("/detail", "is no string")],
    })
}

/// Traces are known by their look; a text that merely speaks of an exception is none.
pub(super) fn no_internals(subject: &Subject<'_>) -> Vec<Flaw> {
    let body = String::from_utf8_lossy(&subject.reply.body);
    let shows = |(sign, what): &(&str, &'static str)| body.contains(sign).then_some(*what);
    let shown = SIGNS.iter().find_map(shows).or_else(|| has_java_frame(&body).then_some("a stack trace"));
    shown.map(|what| Flaw::new(format!("the answer shows {what}"))).into_iter().collect()
}

/// Finds `at com.example.Service.method(Service.java:42)` and its like in JavaScript and .NET.
fn has_java_frame(body: &str) -> bool {
    body.split("at ").skip(1).any(|rest| {
        let frame = &rest[..rest.find([')', '\n', '"']).unwrap_or(rest.len())];
        let Some((method, place)) = frame.split_once('(') else { return false };
        let line = place.rsplit(':').next().unwrap_or_default();
        let is_number = !line.is_empty() && line.bytes().all(|digit| digit.is_ascii_digit());
        method.contains('.') && place.contains(':') && is_number && method.trim().len() < 200
    })
}

fn object<'s>(subject: &'s Subject<'_>) -> Result<&'s Map<String, Value>, Flaw> {
    subject.object().map_err(|_| Flaw::new("the body is no JSON object, so it is no SCIM Error"))
}

fn schemas(body: &Map<String, Value>) -> Vec<Flaw> {
    if has_schema(body, urn::ERROR) {
        return Vec::new();
    }
    vec![Flaw { pointer: Some("/schemas".to_owned()), ..Flaw::new(format!("schemas does not hold {}", urn::ERROR)) }]
}

/// Returns the statuses a keyword goes with. RFC 7644 §3.12 defines them for 400; the text itself has `uniqueness` with
/// 409 (§3.3) and `sensitive` with 403 (§7.5.2).
fn statuses_of(word: &str) -> Option<&'static [u16]> {
    let known = ScimType::ALL.into_iter().find(|known| known.name() == word);
    match known {
        Some(ScimType::Uniqueness) => Some(&[409, 400]),
        Some(ScimType::Sensitive) => Some(&[403, 400]),
        Some(_) => Some(&[400]),
        None => ["invalidCursor", "expiredCursor", "invalidCount"].contains(&word).then_some(&[400]),
    }
}

/// What gives internals away, as it stands in a JSON string.
const SIGNS: &[(&str, &str)] = &[
    ("Traceback (most recent call last)", "a stack trace"),
    ("goroutine 1 [", "a stack trace"),
    ("panicked at ", "a stack trace"),
    ("Stack trace:", "a stack trace"),
    ("SQLSTATE[", "an error of its database"),
    ("ORA-0", "an error of its database"),
    ("You have an error in your SQL syntax", "an error of its database"),
    ("duplicate key value violates unique constraint", "an error of its database"),
    ("UNIQUE constraint failed:", "an error of its database"),
    ("E11000 duplicate key", "an error of its database"),
    ("/node_modules/", "a path of its machine"),
    ("/site-packages/", "a path of its machine"),
    ("/var/www/", "a path of its machine"),
    ("/usr/src/app/", "a path of its machine"),
    ("C:\\\\inetpub", "a path of its machine"),
];
