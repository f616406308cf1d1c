//! Rules about BulkResponses (RFC 7644 §3.7).

use super::Flaw;
use super::form;
use super::subject::{Subject, has_schema};
use scim_lang::urn;
use serde_json::{Map, Value};

pub(super) fn message(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    if has_schema(body, urn::BULK_RESPONSE) {
        return Ok(Vec::new());
    }
    Ok(vec![Flaw::at("/schemas", &format!("does not hold {}", urn::BULK_RESPONSE))])
}

pub(super) fn operations(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let mut flaws = Vec::new();
    for (pointer, operation) in list(subject)? {
        let method = operation.get("method").and_then(Value::as_str);
        if !method.is_some_and(|method| ["POST", "PUT", "PATCH", "DELETE"].contains(&method)) {
            flaws.push(Flaw::at(format!("{pointer}/method"), "is no method of a bulk operation"));
        }
        if status(operation).is_none() {
            flaws.push(Flaw::at(format!("{pointer}/status"), "is no HTTP status"));
        }
    }
    Ok(flaws)
}

pub(super) fn status_strings(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let operations = list(subject)?.into_iter();
    let wrong = operations.filter(|(_, operation)| !operation.get("status").is_some_and(Value::is_string));
    Ok(wrong.map(|(pointer, _)| Flaw::at(format!("{pointer}/status"), "is no string")).collect())
}

pub(super) fn locations(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let is_failed_post = |operation: &Map<String, Value>| {
        operation.get("method").is_some_and(|method| method == "POST")
            && status(operation).is_none_or(|code| code >= 300)
    };
    let is_place = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty() && form::is_uri_reference(text));
    let operations = list(subject)?.into_iter();
    let wrong = operations
        .filter(|(_, operation)| !is_failed_post(operation) && !operation.get("location").is_some_and(is_place));
    Ok(wrong.map(|(pointer, _)| Flaw::at(format!("{pointer}/location"), "is no URI")).collect())
}

pub(super) fn errors(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let failed = |operation: &Map<String, Value>| status(operation).is_some_and(|code| code >= 400);
    let has_error = |operation: &Map<String, Value>| {
        operation.get("response").and_then(Value::as_object).is_some_and(|response| has_schema(response, urn::ERROR))
    };
    let operations = list(subject)?.into_iter();
    let wrong = operations.filter(|(_, operation)| failed(operation) && !has_error(operation));
    Ok(wrong
        .map(|(pointer, _)| Flaw::at(format!("{pointer}/response"), "is no Error, though the operation failed"))
        .collect())
}

/// Of a job that stopped early nobody knows which operations were processed, but none comes back without its bulkId.
pub(super) fn ids(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let sent: Value =
        subject.context.request.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let sent = sent.get("Operations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_post = |operation: &Value| operation.get("method").is_some_and(|method| method == "POST");
    let bulk_id = |operation: &Value| operation.get("bulkId").and_then(Value::as_str).map(str::to_owned);
    let known: Vec<String> = sent.iter().filter(|operation| is_post(operation)).filter_map(bulk_id).collect();
    let answered = list(subject)?;
    let mut flaws = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (pointer, operation) in &answered {
        if operation.get("method").is_some_and(|method| method == "POST") {
            match operation.get("bulkId").and_then(Value::as_str).filter(|id| known.iter().any(|it| it == id)) {
                Some(id) => seen.push(id),
                None => flaws.push(Flaw::at(format!("{pointer}/bulkId"), "is no bulkId of the request")),
            }
        }
    }
    if answered.len() >= sent.len() && flaws.is_empty() {
        let missing = known.iter().filter(|id| !seen.contains(&id.as_str())).count();
        if missing > 0 {
            flaws.push(Flaw::new(format!("{missing} POST operations did not come back with their bulkId")));
        }
    }
    Ok(flaws)
}

/// A job that was refused as a whole keeps to the limits, whatever they are.
pub(super) fn within_limits(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    if subject.reply.status >= 400 {
        return Ok(Vec::new());
    }
    let sent = subject.context.request.body.as_deref().unwrap_or_default();
    let job: Value = serde_json::from_str(sent).unwrap_or_default();
    let operations = job.get("Operations").and_then(Value::as_array).map_or(0, Vec::len);
    let bulk = subject.context.discovery.config().and_then(|config| config.get("bulk"));
    let measures = [("maxOperations", operations, "operations"), ("maxPayloadSize", sent.len(), "bytes")];
    let exceeded = measures.into_iter().filter_map(|(name, held, unit)| {
        // A limit of 0 is how servers fill the field in that have none.
        let limit = bulk?.get(name)?.as_u64().filter(|limit| *limit > 0 && held as u64 > *limit)?;
        Some(Flaw::new(format!("{held} {unit} were performed, more than the {limit} of {name}")))
    });
    Ok(exceeded.collect())
}

fn object<'s>(subject: &'s Subject<'_>) -> Result<&'s Map<String, Value>, Flaw> {
    if subject.reply.status >= 400 {
        let status = subject.reply.status;
        return Err(Flaw::new(format!("the server answered {status}, so there is no BulkResponse to look at")));
    }
    subject.object().map_err(|_| Flaw::new("the body is no JSON object, so it is no BulkResponse"))
}

/// An operation and where it is.
type Placed<'s> = (String, &'s Map<String, Value>);

fn list<'s>(subject: &'s Subject<'_>) -> Result<Vec<Placed<'s>>, Flaw> {
    let Some(Value::Array(list)) = object(subject)?.get("Operations") else {
        return Err(Flaw::at("/Operations", "is no array"));
    };
    let operation = |(at, it): (usize, &'s Value)| {
        let pointer = format!("/Operations/{at}");
        it.as_object().map(|it| (pointer.clone(), it)).ok_or_else(|| Flaw::at(pointer, "is no object"))
    };
    list.iter().enumerate().map(operation).collect()
}

/// Returns the status of an operation: a string, a number, or an object with a code, as the examples of RFC 7644 have it.
fn status(operation: &Map<String, Value>) -> Option<u16> {
    let status = operation.get("status")?;
    let code = status.get("code").unwrap_or(status);
    let code: u16 = super::text(code).parse().ok()?;
    (100..600).contains(&code).then_some(code)
}
