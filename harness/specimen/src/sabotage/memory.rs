//! What some faults remember from one request to the next.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use http::header::{HeaderValue, RETRY_AFTER};
use serde_json::Value;

use super::Seen;
use super::lives::Past;
use crate::fault::Fault;
use crate::message::Reply;
use crate::store::Kind;
use crate::throttle::too_many_requests;

/// The memory of the active faults.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The passwords of `password-echoed`, by user id: what is stored does not have them.
    pub(super) passwords: HashMap<String, Value>,
    /// The ids of users who were inactive once.
    pub(super) deactivated: HashSet<String>,
    /// The names of deleted groups.
    pub(super) deleted_names: HashSet<String>,
    /// The bodies of creates, while `create-retry-duplicates` is active.
    pub(super) creates: HashSet<Bytes>,
    /// What was written and deleted, while a behaviour that asks for it is active.
    pub(super) past: Past,
    /// The names under which a create was refused for now.
    throttled: HashSet<String>,
}

impl Memory {
    /// Tells whether this is the first attempt to create somebody called throttled.
    pub(super) fn throttles(&mut self, seen: &Seen<'_>) -> bool {
        throttled_name(seen).is_some_and(|name| self.throttled.insert(name))
    }
}

/// Returns the name of whoever is created, in lower case, if they are called throttled.
///
/// The faults of 429 act by name so that they show in a run of many cases at a time without disturbing them: a service
/// provider that counts requests would refuse another case at every run.
pub(super) fn throttled_name(seen: &Seen<'_>) -> Option<String> {
    if !seen.creates(Kind::User) && !seen.creates(Kind::Group) {
        return None;
    }
    let body = seen.body();
    let name = body["userName"].as_str().or_else(|| body["displayName"].as_str())?.to_lowercase();
    name.contains("throttled").then_some(name)
}

/// Returns the 429 of a fault.
pub(super) fn throttled(fault: Fault) -> Reply {
    let value = match fault {
        Fault::RetryAfterIsMissing => return too_many_requests(),
        // RFC 9110 §10.2.3 allows a date; Okta does not read it.
        Fault::RetryAfterIsADate => HeaderValue::from_static("Fri, 31 Dec 2049 23:59:59 GMT"),
        Fault::RetryAfterIsFractional => HeaderValue::from_static("0.5"),
        // At once, and then not: nobody has to wait long to see it.
        Fault::ThrottledForEver => HeaderValue::from_static("0"),
        _ => HeaderValue::from_static("1"),
    };
    let mut reply = too_many_requests();
    reply.headers.insert(RETRY_AFTER, value);
    reply
}
