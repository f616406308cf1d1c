//! Bulk requests (RFC 7644 §3.7): many operations in one request, some of which name resources that others create.
//!
//! What the RFC leaves open is decided here:
//! - Operations are performed in the order of the request, but for those that name the `bulkId` of a later one: they
//!   wait for it (§3.7.2).
//! - In a circle of references the first resource is created without the references that lead nowhere yet, and completed
//!   as soon as they do (§3.7.1). If they never do it is removed again, and its operation fails with 409.
//! - A reference to a `bulkId` that nothing creates fails with 400, one to a creation that failed with 409.
//! - Successful operations answer without a body (§3.7.3 allows it).
//! - `failOnErrors` ends the job; what was done before stays done (§3.7.3).
//!
//! A job knows nothing of the service provider: it is given something that performs one operation.

use std::collections::{HashMap, HashSet};

use http::header::{ETAG, LOCATION};
use http::{Method, StatusCode};
use scim_lang::error::{ScimError, ScimType};
use scim_lang::urn;
use serde_json::{Map, Value, json};

use crate::message::{Body, Reply};

/// One operation as a request of its own.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path below the base URL, with a leading slash.
    pub(crate) path: String,
    pub(crate) data: Option<Value>,
    /// The version the resource has to have.
    pub(crate) version: Option<String>,
}

/// Where the RFC leaves a choice.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Style {
    /// Successful operations answer with the body they would have answered with alone (RFC 7644 §3.7.3).
    pub(crate) with_bodies: bool,
    /// Circles of references are given up at once (RFC 7644 §3.7.1).
    pub(crate) without_circles: bool,
}

/// A bulk request that is being worked on.
pub(crate) struct Job<'a> {
    base: &'a str,
    operations: Vec<Operation>,
    fail_on_errors: Option<u64>,
    style: Style,
    /// What became of the operations that have a `bulkId`.
    created: HashMap<String, Created>,
    perform: &'a mut dyn FnMut(Call) -> Reply,
}

/// One operation and what became of it.
struct Operation {
    /// What is sent back to tell which operation it is.
    method: Value,
    bulk_id: Option<String>,
    /// The path of the resource it is about, unless it creates one: the answer tells it even if the operation fails
    /// (RFC 7644 §3.7.3).
    target: Option<String>,
    /// The operation, or why it is none.
    call: Result<Call, ScimError>,
    /// The `bulkId`s it names.
    references: HashSet<String>,
    outcome: Option<Outcome>,
    /// It was done without the references that led nowhere.
    is_incomplete: bool,
}

/// The answer to one operation.
struct Outcome {
    status: StatusCode,
    location: Option<String>,
    version: Option<String>,
    /// The Error, if it failed, or the resource.
    response: Option<Value>,
}

/// What became of a creation.
enum Created {
    Under(String),
    Not,
}

impl<'a> Job<'a> {
    /// Reads a BulkRequest. What is wrong with one operation is told in its place, what is wrong with the message or too
    /// long fails all of it (RFC 7644 §3.7.4).
    pub(crate) fn new(
        body: &Value,
        base: &'a str,
        max_operations: usize,
        style: Style,
        perform: &'a mut dyn FnMut(Call) -> Reply,
    ) -> Result<Job<'a>, ScimError> {
        let schemas = body["schemas"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if !schemas.into_iter().any(|schema| schema.eq_ignore_ascii_case(urn::BULK_REQUEST)) {
            return Err(syntax(format!(
                "the body is not a BulkRequest: `schemas` does not name {}",
                urn::BULK_REQUEST
            )));
        }
        let operations = body["Operations"].as_array().filter(|operations| !operations.is_empty());
        let operations =
            operations.ok_or_else(|| syntax("`Operations` is not an array with at least one operation"))?;
        if operations.len() > max_operations {
            let detail = format!("the bulk request exceeds maxOperations ({max_operations})");
            return Err(ScimError::new(413, detail));
        }
        let fail_on_errors = match &body["failOnErrors"] {
            Value::Null => None,
            Value::Number(number) if number.as_u64().is_some_and(|number| number > 0) => number.as_u64(),
            _ => return Err(invalid("`failOnErrors` has to be a whole number above 0")),
        };
        let mut seen = HashSet::new();
        let operations = operations.iter().map(|operation| Operation::new(operation, &mut seen)).collect();
        Ok(Job { base, operations, fail_on_errors, style, created: HashMap::new(), perform })
    }

    /// Performs the operations and returns the BulkResponse.
    pub(crate) fn run(mut self) -> Value {
        while let Some(next) = self.next()
            && !self.has_failed_enough()
        {
            self.step(next);
            self.complete();
        }
        for at in self.incomplete() {
            self.undo(at);
        }
        let operations = self.operations.iter().filter_map(|operation| operation.answer()).collect::<Vec<_>>();
        json!({ "schemas": [urn::BULK_RESPONSE], "Operations": operations })
    }

    /// Returns the next operation: the first that waits for nothing, or else the first creation of a circle.
    fn next(&self) -> Option<usize> {
        let open = || self.operations.iter().enumerate().filter(|(_, operation)| operation.outcome.is_none());
        let ready = open().find(|(_, operation)| !self.waits(operation));
        let circle = || open().find(|(_, operation)| operation.is_creation());
        ready.or_else(circle).map(|(at, _)| at)
    }

    fn waits(&self, operation: &Operation) -> bool {
        operation.references.iter().any(|id| self.is_pending(id))
    }

    /// Tells whether an operation that is still to be performed creates what has this `bulkId`.
    fn is_pending(&self, id: &str) -> bool {
        !self.created.contains_key(id) && self.operations.iter().any(|operation| operation.creates(id))
    }

    fn has_failed_enough(&self) -> bool {
        let failed = self.operations.iter().filter_map(|operation| operation.outcome.as_ref());
        let failed = failed.filter(|outcome| !outcome.status.is_success()).count() as u64;
        self.fail_on_errors.is_some_and(|enough| failed >= enough)
    }

    fn step(&mut self, at: usize) {
        let operation = &self.operations[at];
        let is_incomplete = self.waits(operation);
        if is_incomplete && self.style.without_circles {
            let error = ScimError::new(409, "circular references are not supported");
            return self.settle(at, error.into());
        }
        let reply = match self.call(operation) {
            Ok(call) => (self.perform)(call),
            Err(error) => error.into(),
        };
        self.settle(at, reply);
        self.operations[at].is_incomplete = is_incomplete && self.operations[at].has_succeeded();
    }

    /// Returns an operation with the ids that its references stand for; those that lead nowhere yet are left out.
    fn call(&self, operation: &Operation) -> Result<Call, ScimError> {
        let call = operation.call.as_ref().map_err(Clone::clone)?;
        for id in &operation.references {
            match self.created.get(id) {
                Some(Created::Not) => {
                    return Err(ScimError::new(409, format!("the operation with the bulkId {id} failed")));
                }
                None if !self.is_pending(id) => return Err(invalid(format!("no operation has the bulkId {id}"))),
                _ => {}
            }
        }
        let data = call.data.as_ref().and_then(|data| self.resolved(data));
        Ok(Call { method: call.method.clone(), path: self.text(&call.path), data, version: call.version.clone() })
    }

    /// Returns a value with ids in the place of references, or nothing if it is a reference that leads nowhere, or a
    /// complex value whose `value` is one.
    fn resolved(&self, value: &Value) -> Option<Value> {
        let is_lost = |value: &Value| value.as_str().and_then(reference).is_some_and(|id| self.is_pending(id));
        match value {
            Value::String(text) => (!is_lost(value)).then(|| self.text(text).into()),
            Value::Array(elements) => Some(elements.iter().filter_map(|element| self.resolved(element)).collect()),
            Value::Object(members) => {
                if members.get("value").is_some_and(is_lost) {
                    return None;
                }
                let kept = members.iter().filter_map(|(name, value)| Some((name.clone(), self.resolved(value)?)));
                Some(Value::Object(kept.collect::<Map<String, Value>>()))
            }
            simple => Some(simple.clone()),
        }
    }

    /// Returns a text with ids in the place of references: the whole of it, a part in quotes as in the filter of a path,
    /// or a segment of a path.
    fn text(&self, text: &str) -> String {
        let permanent = |word: &str| match self.created.get(reference(word)?) {
            Some(Created::Under(permanent)) => Some(permanent.clone()),
            _ => None,
        };
        permanent(text).unwrap_or_else(|| {
            let pieces = text.split_inclusive(SEPARATORS).map(|piece| {
                let word = piece.trim_end_matches(SEPARATORS);
                permanent(word).map_or_else(|| piece.to_owned(), |permanent| permanent + &piece[word.len()..])
            });
            pieces.collect()
        })
    }

    /// Keeps the answer to an operation.
    fn settle(&mut self, at: usize, reply: Reply) {
        let header = |name| reply.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let operation = &self.operations[at];
        let target = operation.target.as_ref().map(|path| format!("{}{}", self.base, self.text(path)));
        let location = target.or_else(|| header(LOCATION));
        if let Some(id) = operation.bulk_id.clone().filter(|_| operation.is_creation()) {
            let created = match location.as_deref().filter(|_| reply.status.is_success()) {
                Some(location) => Created::Under(location.rsplit('/').next().unwrap_or_default().to_owned()),
                None => Created::Not,
            };
            self.created.insert(id, created);
        }
        let version = header(ETAG);
        let response = match reply.body {
            Body::Json(body) if !reply.status.is_success() || self.style.with_bodies => Some(body),
            _ => None,
        };
        self.operations[at].outcome = Some(Outcome { status: reply.status, location, version, response });
    }

    fn incomplete(&self) -> Vec<usize> {
        let operations = self.operations.iter().enumerate();
        operations.filter(|(_, operation)| operation.is_incomplete).map(|(at, _)| at).collect()
    }

    /// Completes what was created without references that lead somewhere by now.
    fn complete(&mut self) {
        for at in self.incomplete() {
            let operation = &self.operations[at];
            if self.waits(operation) {
                continue;
            }
            let whole = self.call(operation).ok();
            match whole.and_then(|whole| self.perform_on(at, Method::PUT, whole.data)) {
                Some(version) => self.keep_version(at, version),
                None => self.undo(at),
            }
        }
    }

    fn keep_version(&mut self, at: usize, version: Option<String>) {
        let operation = &mut self.operations[at];
        operation.is_incomplete = false;
        if let Some(outcome) = &mut operation.outcome {
            outcome.version = version;
        }
    }

    /// Performs a method on what an operation created and returns its version, if it succeeds.
    fn perform_on(&mut self, at: usize, method: Method, data: Option<Value>) -> Option<Option<String>> {
        let location = self.operations[at].outcome.as_ref()?.location.as_deref()?;
        let path = location.strip_prefix(self.base)?.to_owned();
        let reply = (self.perform)(Call { method, path, data, version: None });
        let version = reply.headers.get(ETAG).and_then(|value| value.to_str().ok()).map(str::to_owned);
        reply.status.is_success().then_some(version)
    }

    /// Removes what was created and cannot be completed.
    fn undo(&mut self, at: usize) {
        self.perform_on(at, Method::DELETE, None);
        let error = ScimError::new(409, "the references of the operation cannot be resolved");
        let operation = &mut self.operations[at];
        operation.is_incomplete = false;
        let outcome =
            Outcome { status: StatusCode::CONFLICT, location: None, version: None, response: Some(error.to_json()) };
        operation.outcome = Some(outcome);
        if let Some(id) = operation.bulk_id.clone() {
            self.created.insert(id, Created::Not);
        }
    }
}

impl Operation {
    fn new(operation: &Value, seen: &mut HashSet<String>) -> Operation {
        let bulk_id = operation["bulkId"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
        let is_second = bulk_id.as_ref().is_some_and(|id| !seen.insert(id.clone()));
        let call = match is_second {
            true => Err(syntax("another operation has the same bulkId")),
            false => Call::new(operation, bulk_id.is_some()),
        };
        let path = operation["path"].as_str().filter(|_| operation["method"] != "POST");
        let mut mentioned = HashSet::new();
        if let Ok(call) = &call {
            mentioned.extend(references(&call.path));
            collect(call.data.as_ref().unwrap_or(&Value::Null), &mut mentioned);
        }
        Operation {
            method: operation["method"].clone(),
            bulk_id,
            target: path.map(rooted),
            call,
            references: mentioned,
            outcome: None,
            is_incomplete: false,
        }
    }

    /// Tells whether this creates what has the `bulkId`.
    fn creates(&self, id: &str) -> bool {
        self.outcome.is_none() && self.is_creation() && self.bulk_id.as_deref() == Some(id)
    }

    fn is_creation(&self) -> bool {
        self.call.as_ref().is_ok_and(|call| call.method == Method::POST)
    }

    fn has_succeeded(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.status.is_success())
    }

    /// Returns what the BulkResponse tells of it, if it was performed.
    fn answer(&self) -> Option<Value> {
        let outcome = self.outcome.as_ref()?;
        let mut answer = Map::new();
        let mut tell = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                answer.insert(name.to_owned(), value);
            }
        };
        tell("location", outcome.location.clone().map(Value::from));
        tell("method", Some(self.method.clone()).filter(|method| !method.is_null()));
        tell("bulkId", self.bulk_id.clone().map(Value::from));
        tell("version", outcome.version.clone().map(Value::from));
        tell("status", Some(outcome.status.as_str().into()));
        tell("response", outcome.response.clone());
        Some(Value::Object(answer))
    }
}

impl Call {
    fn new(operation: &Value, has_bulk_id: bool) -> Result<Call, ScimError> {
        let method = match operation["method"].as_str() {
            Some("POST") => Method::POST,
            Some("PUT") => Method::PUT,
            Some("PATCH") => Method::PATCH,
            Some("DELETE") => Method::DELETE,
            _ => return Err(syntax("`method` is none of POST, PUT, PATCH and DELETE")),
        };
        let path = operation["path"].as_str().filter(|path| !path.is_empty());
        let path = path.ok_or_else(|| syntax("`path` is missing"))?;
        if method == Method::POST && !has_bulk_id {
            return Err(syntax("`bulkId` is required where the method is POST"));
        }
        let data = operation.get("data").filter(|data| !data.is_null()).cloned();
        if data.is_none() && method != Method::DELETE {
            return Err(syntax("`data` is required unless the method is DELETE"));
        }
        let version = operation["version"].as_str().map(str::to_owned);
        Ok(Call { method, path: rooted(path), data, version })
    }
}

/// RFC 7644 §3.7: a path is relative to the base URL; with or without a slash in front, as its examples have both.
fn rooted(path: &str) -> String {
    format!("/{}", path.trim_start_matches('/'))
}

/// Returns the `bulkId` that a whole text refers to.
fn reference(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

/// Returns the `bulkId`s that a text refers to: as a whole, in quotes, or as a segment of a path.
fn references(text: &str) -> Vec<String> {
    if let Some(id) = reference(text) {
        return vec![id.to_owned()];
    }
    text.split(SEPARATORS).filter_map(reference).map(str::to_owned).collect()
}

fn collect(value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::String(text) => found.extend(references(text)),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        _ => {}
    }
}

fn syntax(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

/// What can stand around a reference inside of a text.
const SEPARATORS: [char; 2] = ['"', '/'];

/// What a reference begins with (RFC 7644 §3.7.2).
const PREFIX: &str = "bulkId:";
