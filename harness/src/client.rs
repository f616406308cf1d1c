//! One trial's line to the target: sends, records what crossed the wire, and journals what came to exist.
//!
//! It also holds the first rule of safety: nothing this trial did not create is ever changed or deleted.

use crate::journal::{Intent, Journal};
use crate::run::Line;
use mock_okta::ScimVersion;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use scim_record::{Exchange, Failure, Redactor};
use scim_transport::{Auth, Reply, Request, Transport};
use serde_json::Value;
use std::cell::RefCell;
use std::io;

/// Everything that must survive in a path segment or a query value as it is (RFC 3986 §2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why an exchange gave no answer to look at.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The request would have changed something this trial did not create; it was not sent.
    Foreign {
        /// `PUT /Users/…`.
        request: String,
    },
    /// Nothing usable came back.
    Failed {
        /// Why.
        failure: Failure,
        /// The number of the exchange in the record.
        exchange: usize,
    },
    /// The journal cannot be written, so nothing more may be created.
    Journal(io::Error),
}

/// An answer, with its place in the record.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The answer as it came, for the checks and the flows.
    pub(crate) reply: Reply,
    /// The number of the exchange in the record.
    pub(crate) exchange: usize,
}

/// One trial's line to the target.
pub(crate) struct Client<'run> {
    transport: &'run Transport,
    journal: &'run Journal,
    run: &'run str,
    owner: String,
    version: ScimVersion,
    exchanges: RefCell<Vec<Exchange>>,
}

impl<'run> Client<'run> {
    /// Returns a line for the trial called `owner` of the run whose id is `run`.
    pub(crate) fn new(line: &'run Line, journal: &'run Journal, run: &'run str, owner: &str) -> Self {
        let Line { version, transport } = line;
        Client { transport, journal, run, owner: owner.to_owned(), version: *version, exchanges: RefCell::default() }
    }

    /// Returns the base URL.
    pub(crate) fn base(&self) -> &str {
        self.transport.target().base()
    }

    /// Returns what keeps secrets out of everything written down.
    pub(crate) fn redactor(&self) -> &Redactor {
        self.transport.redactor()
    }

    /// Returns one of the exchanges so far.
    pub(crate) fn recorded(&self, index: usize) -> Option<Exchange> {
        self.exchanges.borrow().get(index).cloned()
    }

    /// Ends the line and returns all its exchanges.
    pub(crate) fn into_exchanges(self) -> Vec<Exchange> {
        self.exchanges.into_inner()
    }

    /// Sends a request for a step, unless it would touch what is not ours.
    pub(crate) async fn send(&self, step: &str, request: Request) -> Result<Answer, Stop> {
        let (method, path) = (request.method.clone(), path_of(&request.target).to_owned());
        self.guard(&method, &path)?;
        let intent = self.announce(&method, &path, request.body.as_deref()).map_err(Stop::Journal)?;
        let sent = self.transport.send(step, request).await;
        let exchange = self.record(sent.exchange);
        let reply = sent.reply.map_err(|failure| Stop::Failed { failure, exchange })?;
        self.learn(&method, &path, intent, &reply).map_err(Stop::Journal)?;
        Ok(Answer { reply, exchange })
    }

    /// Removes everything the trial created, and returns what would not go.
    ///
    /// A server that has no DELETE, which Okta never sends, gets the user deactivated instead.
    pub(crate) async fn clean_up(&self) -> io::Result<Vec<scim_record::LeftBehind>> {
        for intent in self.journal.open_intents(&self.owner) {
            self.look_for(&intent).await?;
        }
        let mut left_behind = Vec::new();
        for path in self.journal.open_objects(&self.owner) {
            if let Err(reason) = self.remove(&path).await? {
                left_behind.push(scim_record::LeftBehind { path, reason });
            }
        }
        Ok(left_behind)
    }

    fn record(&self, exchange: Exchange) -> usize {
        let mut exchanges = self.exchanges.borrow_mut();
        exchanges.push(exchange);
        let latest = exchanges.len() - 1;
        // An import of a large directory is a thousand pages; whoever reads the report wants the first and the last.
        if let Some(old) = latest.checked_sub(WHOLE_AT_THE_END).filter(|old| *old >= WHOLE_AT_THE_START)
            && let Some(response) = &mut exchanges[old].response
        {
            response.body = format!("[{} bytes, not kept]", response.size);
        }
        latest
    }

    /// Refuses to change or delete what this trial did not create.
    fn guard(&self, method: &str, path: &str) -> Result<(), Stop> {
        let changes = matches!(method, "PUT" | "PATCH" | "DELETE");
        let object = object_path(path);
        // An id this run made up belongs to nobody: writing there must answer 404.
        let made_up = || object.is_some_and(|object| object.contains(self.run));
        let ours = object.is_none_or(|object| self.journal.owns_for(&self.owner, object));
        if !changes || ours || made_up() {
            return Ok(());
        }
        Err(Stop::Foreign { request: format!("{method} {path}") })
    }

    /// Writes down that a `POST` may create something, before it is sent.
    fn announce(&self, method: &str, path: &str, body: Option<&[u8]>) -> io::Result<Option<Intent>> {
        if method != "POST" || !COLLECTIONS.contains(&path) {
            return Ok(None);
        }
        let resource: Value = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
        let Some(name) = resource.get(naming_attribute(path)).and_then(Value::as_str) else { return Ok(None) };
        self.journal.intends(&self.owner, path, name)?;
        Ok(Some(Intent { owner: self.owner.clone(), collection: path.to_owned(), name: name.to_owned() }))
    }

    /// Writes down what the answer says about objects of ours.
    fn learn(&self, method: &str, path: &str, intent: Option<Intent>, reply: &Reply) -> io::Result<()> {
        let settle = || intent.as_ref().map_or(Ok(()), |intent| self.journal.settled(intent));
        if (400..500).contains(&reply.status) {
            return settle();
        }
        if !(200..300).contains(&reply.status) {
            return Ok(());
        }
        let Some(collection) = COLLECTIONS.into_iter().find(|collection| belongs(path, collection)) else {
            return Ok(());
        };
        // A PUT or PATCH passed the guard, so whatever id it answers with names our object, moved or not.
        if matches!(method, "POST" | "PUT" | "PATCH") {
            let resource: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            if let Some(id) = resource.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) {
                self.journal.created(&self.owner, &format!("{collection}/{}", encode(id)))?;
                return settle();
            }
        }
        if method == "DELETE" { self.journal.removed(path) } else { Ok(()) }
    }

    /// Looks for an object whose `POST` got no clear answer; takes it as ours only if its name is exactly ours.
    async fn look_for(&self, intent: &Intent) -> io::Result<()> {
        let attribute = naming_attribute(&intent.collection);
        let literal = serde_json::to_string(&intent.name).expect("a string is JSON");
        let filter = encode(&format!("{attribute} eq {literal}"));
        let target = format!("{}?filter={filter}", intent.collection);
        match self.send(CLEAN_UP, get(self.version, target)).await {
            Ok(Answer { reply, .. }) if reply.status < 500 => {
                let list: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
                for resource in list.get("Resources").and_then(Value::as_array).into_iter().flatten() {
                    let name = resource.get(attribute).and_then(Value::as_str).unwrap_or_default();
                    let id = resource.get("id").and_then(Value::as_str);
                    if let (true, Some(id)) = (name.eq_ignore_ascii_case(&intent.name), id) {
                        self.journal.created(&self.owner, &format!("{}/{}", intent.collection, encode(id)))?;
                    }
                }
                self.journal.settled(intent)
            }
            Ok(_) | Err(Stop::Failed { .. } | Stop::Foreign { .. }) => Ok(()),
            Err(Stop::Journal(cause)) => Err(cause),
        }
    }

    /// Removes one object; the inner error says why it is still there.
    async fn remove(&self, path: &str) -> io::Result<Result<(), String>> {
        let reason = match self.send(CLEAN_UP, request(self.version, "DELETE", path.to_owned(), None)).await {
            Ok(Answer { reply, .. }) if is_gone(&reply) => {
                self.journal.removed(path)?;
                return Ok(Ok(()));
            }
            Ok(Answer { reply, .. }) => format!("DELETE answered {}", reply.status),
            Err(Stop::Failed { failure, .. }) => failure.to_string(),
            Err(Stop::Foreign { request }) => format!("{request} was refused by our own guard"),
            Err(Stop::Journal(cause)) => return Err(cause),
        };
        let deactivated = path.starts_with("/Users/") && self.deactivate(path).await;
        Ok(Err(if deactivated { format!("{reason}; deactivated instead") } else { reason }))
    }

    async fn deactivate(&self, path: &str) -> bool {
        let body = match self.version {
            ScimVersion::V2 => concat!(
                r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"#,
                r#""Operations":[{"op":"replace","value":{"active":false}}]}"#
            ),
            ScimVersion::V1_1 => r#"{"schemas":["urn:scim:schemas:core:1.0"],"active":false}"#,
        };
        let request = request(self.version, "PATCH", path.to_owned(), Some(body.into()));
        self.send(CLEAN_UP, request).await.is_ok_and(|answer| (200..300).contains(&answer.reply.status))
    }
}

fn is_gone(reply: &Reply) -> bool {
    (200..300).contains(&reply.status) || matches!(reply.status, 404 | 410)
}

/// How many exchanges of a trial keep their answers' bodies at its beginning and at its end; those between keep the rest.
const WHOLE_AT_THE_START: usize = 50;
const WHOLE_AT_THE_END: usize = 50;

/// The step name of clean-up exchanges.
pub(crate) const CLEAN_UP: &str = "clean-up";

const COLLECTIONS: [&str; 2] = ["/Users", "/Groups"];

/// Returns a request of the engine itself, as opposed to one of Okta's or of a suite.
pub(crate) fn request(version: ScimVersion, method: &str, target: String, body: Option<Vec<u8>>) -> Request {
    let media_type = match version {
        ScimVersion::V2 => "application/scim+json",
        ScimVersion::V1_1 => "application/json",
    };
    let mut headers = vec![("Accept".to_owned(), media_type.to_owned())];
    if body.is_some() {
        headers.push(("Content-Type".to_owned(), format!("{media_type}; charset=utf-8")));
    }
    headers.push(("User-Agent".to_owned(), concat!("Rehearsal/", env!("CARGO_PKG_VERSION")).to_owned()));
    Request { method: method.to_owned(), target, headers, body, auth: Auth::Configured }
}

/// Returns a GET of the engine itself.
pub(crate) fn get(version: ScimVersion, target: String) -> Request {
    request(version, "GET", target, None)
}

/// Percent-encodes everything but unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Percent-encodes a path segment by segment, so that it stays below the base URL whatever a server put into it.
pub(crate) fn encode_path(path: &str) -> String {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments
        .map(|segment| match segment {
            "." | ".." => segment.replace('.', "%2E"),
            segment => encode(segment),
        })
        .map(|segment| format!("/{segment}"))
        .collect()
}

fn path_of(target: &str) -> &str {
    target.split(['?', '#']).next().unwrap_or(target)
}

/// Returns `/Users/ID` for that and anything below it, nothing for other paths.
fn object_path(path: &str) -> Option<&str> {
    let collection = COLLECTIONS.into_iter().find(|collection| belongs(path, collection))?;
    let id = path[collection.len()..].strip_prefix('/')?;
    let end = id.find('/').unwrap_or(id.len());
    (end > 0).then(|| &path[..collection.len() + 1 + end])
}

fn belongs(path: &str, collection: &str) -> bool {
    path.strip_prefix(collection).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn naming_attribute(collection: &str) -> &'static str {
    if collection == "/Users" { "userName" } else { "displayName" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_path_is_a_collection_and_one_segment() {
        for (path, expected) in [
            ("/Users/1", Some("/Users/1")),
            ("/Users/1/x", Some("/Users/1")),
            ("/Users", None),
            ("/Users/", None),
            ("/UsersX/1", None),
            ("/Schemas/1", None),
        ] {
            assert_eq!(object_path(path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_of_the_server_cannot_leave_the_base_url() {
        for (path, expected) in [
            ("/Roles", "/Roles"),
            ("Roles", "/Roles"),
            ("//evil.example/x", "/evil.example/x"),
            ("../../x", "/%2E%2E/%2E%2E/x"),
            ("https://evil.example/x?a#b", "/https%3A/evil.example/x%3Fa%23b"),
        ] {
            assert_eq!(encode_path(path), expected, "{path}");
        }
    }

    #[test]
    fn an_id_cannot_leave_its_path_segment() {
        assert_eq!(encode("../Groups/1?x#é"), "..%2FGroups%2F1%3Fx%23%C3%A9");
    }
}
