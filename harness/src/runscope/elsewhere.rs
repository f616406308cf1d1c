//! The other servers of a suite file: Okta's CRUD tests speak to an Okta org as well as to the service provider.
//!
//! The rule of safety holds there, too: what this run did not create is neither changed nor deleted. People it created
//! in an org are deactivated and deleted at the end.

use crate::client::{Client, Stop};
use crate::journal::Journal;
use crate::run::Line;
use scim_record::{Event, LeftBehind, Redactor};
use scim_suite::ScimVersion;
use scim_transport::{Auth, Credentials, Limits, Reply, Request, Target, Transport};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use thiserror::Error;

/// The other servers, met one by one.
pub(crate) struct Elsewhere {
    places: BTreeMap<String, Rc<Site>>,
    folder: PathBuf,
    run: String,
    limits: Limits,
    redactor: Redactor,
}

/// One other server.
pub(crate) struct Site {
    /// The way there.
    pub(crate) line: Line,
    /// What was created there.
    pub(crate) journal: Journal,
    made: RefCell<Vec<Made>>,
}

/// Something that a `POST` of this run created elsewhere.
struct Made {
    id: String,
    path: String,
    authorization: Option<String>,
}

/// Why another server cannot be spoken to.
#[derive(Debug, Error)]
pub(crate) enum SiteError {
    /// What the file calls a URL is none, or no connection can be prepared.
    #[error("{0}")]
    Unusable(String),
    /// The journal cannot be written.
    #[error("the journal cannot be written: {0}")]
    Journal(#[from] io::Error),
}

impl Elsewhere {
    /// Returns the other servers of a run: none so far.
    pub(crate) fn new(folder: PathBuf, run: String, limits: Limits, redactor: Redactor) -> Elsewhere {
        Elsewhere { places: BTreeMap::new(), folder, run, limits, redactor }
    }

    /// Returns the server of this scheme, host and port.
    pub(crate) fn at(&mut self, origin: &str) -> Result<Rc<Site>, SiteError> {
        if let Some(site) = self.places.get(origin) {
            return Ok(Rc::clone(site));
        }
        let unusable = |cause: String| SiteError::Unusable(format!("{origin}: {cause}"));
        let target = Target::parse(origin).map_err(|cause| unusable(cause.to_string()))?;
        // `rehearsal cleanup` takes letters and digits for a run's id.
        let run = format!("{}x{}", self.run, self.places.len() + 1);
        let journal = Journal::create(&self.folder, &run, target.base())?;
        let transport = Transport::new(target, Credentials::None, self.limits, self.redactor.clone());
        let transport = transport.map_err(|cause| unusable(cause.to_string()))?;
        let line = Line { version: ScimVersion::V2, transport };
        let site = Rc::new(Site { line, journal, made: RefCell::default() });
        self.places.insert(origin.to_owned(), Rc::clone(&site));
        Ok(site)
    }

    /// Returns how many requests went to other servers.
    pub(crate) fn requests_sent(&self) -> u64 {
        self.places.values().map(|site| site.line.transport.requests_sent()).sum()
    }

    /// Removes what was created on other servers, and returns what would not go.
    pub(crate) async fn clean_up(&self, owner: &str, emit: &mut dyn FnMut(&Event)) -> io::Result<Vec<LeftBehind>> {
        let mut left_behind = Vec::new();
        for site in self.places.values() {
            let client = Client::new(&site.line, &site.journal, &self.run, owner);
            let mut people = site.made.take();
            people.retain(|made| made.is_a_person());
            for person in people {
                left_behind.extend(site.remove(&client, &person).await?);
            }
            left_behind.extend(client.clean_up().await?);
            emit(&Event::RunExchanges(client.into_exchanges()));
            site.journal.close()?;
        }
        Ok(left_behind)
    }
}

impl Site {
    /// Tells whether a request may be sent: it changes nothing, or only what this run created.
    pub(crate) fn allows(&self, request: &Request) -> bool {
        let path = request.target.split('?').next().unwrap_or_default();
        let is_ours = |segment: &str| self.made.borrow().iter().any(|made| made.id == segment);
        !matches!(request.method.as_str(), "PUT" | "PATCH" | "DELETE") || path.split('/').any(is_ours)
    }

    /// Learns from an answer what exists by now.
    pub(crate) fn learn(&self, owner: &str, request: &Request, reply: &Reply) -> io::Result<()> {
        if request.method != "POST" || !(200..300).contains(&reply.status) {
            return Ok(());
        }
        let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let Some(id) = answer.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) else { return Ok(()) };
        let collection = request.target.split('?').next().unwrap_or_default();
        let authorization = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let made = Made {
            id: id.to_owned(),
            path: format!("{collection}/{}", crate::client::encode(id)),
            authorization: authorization.map(|(_, value)| value.clone()),
        };
        self.journal.created(owner, &made.path)?;
        if !made.is_a_person() {
            // An assignment is ours to change and take away, and goes with the person: nothing is left to clean up.
            self.journal.removed(&made.path)?;
        }
        self.made.borrow_mut().push(made);
        Ok(())
    }

    /// Deletes a person of an Okta org. The first DELETE deactivates, the second one deletes.
    async fn remove(&self, client: &Client<'_>, person: &Made) -> io::Result<Option<LeftBehind>> {
        for _ in 0..2 {
            let reason = match client.send(crate::client::CLEAN_UP, person.deletion()).await {
                Ok(answer) if (200..300).contains(&answer.reply.status) => continue,
                Ok(answer) if matches!(answer.reply.status, 404 | 410) => break,
                Ok(answer) => format!("DELETE answered {}", answer.reply.status),
                Err(Stop::Failed { failure, .. }) => failure.to_string(),
                Err(Stop::Foreign { request }) => format!("{request} was refused by our own guard"),
                Err(Stop::Withheld { reason }) => reason,
                Err(Stop::Journal(cause)) => return Err(cause),
            };
            let path = self.line.transport.target().join(&person.path);
            return Ok(Some(LeftBehind { path, reason }));
        }
        self.journal.removed(&person.path)?;
        Ok(None)
    }
}

impl Made {
    fn is_a_person(&self) -> bool {
        self.path.starts_with("/api/v1/users/") && self.path.matches('/').count() == 4
    }

    fn deletion(&self) -> Request {
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        headers.extend(self.authorization.clone().map(|value| ("Authorization".to_owned(), value)));
        Request { method: "DELETE".to_owned(), target: self.path.clone(), headers, body: None, auth: Auth::None }
    }
}
