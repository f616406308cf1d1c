//! One trial's line to the target: sends, records what crossed the wire, and journals what came to exist.
//!
//! It also holds the first rule of safety: nothing this trial did not create is ever changed or deleted.

mod bulk;
mod creation;
mod patient;
mod search;

use crate::journal::{Intent, Journal};
use crate::names;
use crate::run::Line;
use creation::{Abandoned, Creation, Delivery, Doubt};
use http::header::RETRY_AFTER;
use mock_okta::ScimVersion;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use scim_record::{Exchange, Failure, LeftBehind, Redactor};
use scim_transport::{Auth, Reply, Request, Transport};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::time::Duration;
use tokio::sync::Mutex;

/// Past it nobody's list has a page.
const FARTHEST_PAGE: u64 = 1_000_000;

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
    /// The safety guard lets nothing be written, or so much not be read; it was not sent.
    Withheld {
        /// Why.
        reason: String,
    },
    /// Nothing usable came back.
    Failed {
        /// Why.
        failure: Failure,
        /// The number of the exchange in the record, if it is kept there.
        exchange: Option<usize>,
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
    /// Whether what the client sends of its own accord, to clean up above all, is kept in the record.
    keeps_tidying: Cell<bool>,
    /// What was sent more than once, a sentence each.
    repeated: RefCell<Vec<String>>,
    /// Whether the trial is over, so that what is sent of the client's own accord removes what it created.
    is_over: Cell<bool>,
    /// Creations whose cases were given up before the answer came.
    abandoned: RefCell<Vec<Abandoned>>,
    /// What is doubtful about announced creations, by name.
    doubts: RefCell<HashMap<String, Doubt>>,
    /// Whose the objects are that the trial has read, by path; a server that calls a stranger's by our name at first is
    /// found out when it is looked at.
    seen: RefCell<HashMap<String, Nature>>,
    /// What the server says the trial created, and has not shown since.
    unseen: RefCell<HashSet<String>>,
    /// What a search by name says is not there, though its `POST` may have created it.
    denied: RefCell<HashSet<String>>,
    /// What was looked at before it was changed, and the server did not say whose it is.
    undecided: RefCell<HashSet<String>>,
    /// Who looks at an object.
    looking: Mutex<()>,
    /// What the objects were announced as, by path; a careless server gives one id to several.
    announced: RefCell<HashMap<String, Vec<Intent>>>,
    /// What the server says it created, under names that are not ours.
    renamed: RefCell<BTreeSet<String>>,
    /// Collections in which the server says it created something that has no name and that it does not show.
    nameless: RefCell<BTreeSet<&'static str>>,
    /// Why something was not sent, if the safety guard held it back.
    withheld: RefCell<Option<String>>,
}

impl<'run> Client<'run> {
    /// Returns a line for the trial called `owner` of the run whose id is `run`.
    pub(crate) fn new(line: &'run Line, journal: &'run Journal, run: &'run str, owner: &str) -> Self {
        let Line { version, transport } = line;
        let (owner, version) = (owner.to_owned(), *version);
        let (exchanges, keeps_tidying) = (RefCell::default(), Cell::new(true));
        Client {
            transport,
            journal,
            run,
            owner,
            version,
            exchanges,
            keeps_tidying,
            repeated: RefCell::default(),
            is_over: Cell::new(false),
            abandoned: RefCell::default(),
            doubts: RefCell::default(),
            seen: RefCell::default(),
            unseen: RefCell::default(),
            undecided: RefCell::default(),
            denied: RefCell::default(),
            looking: Mutex::default(),
            announced: RefCell::default(),
            renamed: RefCell::default(),
            nameless: RefCell::default(),
            withheld: RefCell::default(),
        }
    }

    /// Keeps nothing in the record but what is [sent](Client::send) for a step: clean-up after thousands of inputs is
    /// nothing to read.
    pub(crate) fn forget_tidying(&self) {
        self.keeps_tidying.set(false);
    }

    /// Returns the base URL.
    pub(crate) fn base(&self) -> &str {
        self.transport.target().base()
    }

    /// Returns the id of the run, which is the mark of our own objects.
    pub(crate) fn run(&self) -> &str {
        self.run
    }

    /// Returns a few letters that tell the trial's names from those of others.
    pub(crate) fn tag(&self) -> String {
        names::tag(&self.owner)
    }

    /// Returns what follows the base URL in requests to the target itself.
    pub(crate) fn rest(&self) -> &str {
        self.transport.target().rest()
    }

    /// Returns what keeps secrets out of everything written down.
    pub(crate) fn redactor(&self) -> &Redactor {
        self.transport.redactor()
    }

    /// Returns one of the exchanges so far.
    pub(crate) fn recorded(&self, index: usize) -> Option<Exchange> {
        self.exchanges.borrow().get(index).cloned()
    }

    /// Returns what was sent more than once, a sentence each.
    pub(crate) fn repeated(&self) -> Vec<String> {
        self.repeated.borrow().clone()
    }

    /// Returns why something was not sent, if the safety guard held it back.
    pub(crate) fn withheld(&self) -> Option<String> {
        self.withheld.borrow().clone()
    }

    /// Returns the exchanges so far and begins a record anew.
    pub(crate) fn take_exchanges(&self) -> Vec<Exchange> {
        self.exchanges.take()
    }

    /// Ends the line and returns all its exchanges.
    pub(crate) fn into_exchanges(self) -> Vec<Exchange> {
        self.exchanges.into_inner()
    }

    /// Sends a request for a step, unless it would touch what is not ours.
    pub(crate) async fn send(&self, step: &str, request: Request) -> Result<Answer, Stop> {
        let (reply, exchange) = self.deliver(Some(step), request).await?;
        Ok(Answer { reply, exchange: exchange.expect("what is sent for a step is kept") })
    }

    /// Sends a request as [`Client::send`] does, with the same guard and journal, but keeps nothing of it.
    pub(crate) async fn ask(&self, request: Request) -> Result<Reply, Stop> {
        Ok(self.deliver(None, request).await?.0)
    }

    /// Sends a request of the client's own, to look or to clean up; a server that asks for patience gets it.
    async fn tidy(&self, request: Request) -> Result<Reply, Stop> {
        let step = if self.is_over.get() { CLEAN_UP } else { LOOK };
        let step = self.keeps_tidying.get().then_some(step);
        for attempt in 0.. {
            // Boxed because looking is sending, and sending may look.
            let (reply, _) = Box::pin(self.deliver(step, request.clone())).await?;
            if reply.status != 429 || attempt == MOST_PAUSES {
                return Ok(reply);
            }
            tokio::time::sleep(pause(&reply, attempt)).await;
        }
        unreachable!("the loop ends by itself")
    }

    /// Sends a request, unless it would touch what is not ours, and keeps the exchange if it belongs to a step.
    async fn deliver(&self, step: Option<&str>, request: Request) -> Result<(Reply, Option<usize>), Stop> {
        let (method, path) = (request.method.clone(), path_of(&request.target).to_owned());
        if let Some(reason) = self.objection(&method, &path, &request.target) {
            self.withheld.borrow_mut().get_or_insert_with(|| reason.clone());
            return Err(Stop::Withheld { reason });
        }
        self.guard(&method, &path, &request)?;
        if let Some(reason) = self.cannot_remove(&method, &path, request.body.as_deref()) {
            return Err(Stop::Withheld { reason });
        }
        self.look_before(&method, &path, &request).await?;
        let intent = self.announce(&method, &path, request.body.as_deref()).map_err(Stop::Journal)?;
        let bulk = self.announce_bulk(&method, &path, request.body.as_deref()).map_err(Stop::Journal)?;
        let Delivery { reply, exchange, retries } = if intent.is_none() && bulk.is_empty() {
            creation::transmit(self.transport, step, request).await
        } else {
            let (method, path, intent, bulk) = (method.clone(), path.clone(), intent.clone(), bulk.clone());
            self.follow(step, request, Creation { method, path, intent, bulk }).await
        };
        self.note_retries(step.unwrap_or_default(), &method, retries);
        let exchange = exchange.map(|exchange| self.record(exchange));
        let reply = reply.map_err(|failure| Stop::Failed { failure, exchange })?;
        self.take_in(&method, &path, intent, bulk, &reply).await.map_err(Stop::Journal)?;
        Ok((reply, exchange))
    }

    /// Takes in what an answer says about objects of ours.
    async fn take_in(
        &self,
        method: &str,
        path: &str,
        intent: Option<Intent>,
        bulk: Vec<bulk::Creation>,
        reply: &Reply,
    ) -> io::Result<()> {
        if method == "GET" && object_path(path) == Some(path) {
            self.see(path, reply);
        } else if matches!(method, "GET" | "POST") && reply.status == 200 {
            self.see_list(path, reply);
        }
        if let Learnt::Doubtful { path, intent } = self.learn(method, path, intent, reply)? {
            if method == "POST" && reply.status == 201 && !self.journal.belongs_to_another(&self.owner, &path) {
                self.renamed.borrow_mut().insert(path.clone());
            }
            self.confirm(&path, intent.as_ref()).await?;
        }
        self.learn_from_bulk(bulk, reply).await
    }

    /// Removes everything the trial created, and returns what would not go, or may be there without our knowing where.
    ///
    /// A server that has no DELETE, which Okta never sends, gets the user deactivated instead.
    pub(crate) async fn clean_up(&self) -> io::Result<Vec<LeftBehind>> {
        self.is_over.set(true);
        self.take_in_abandoned().await?;
        self.look_at_renamed().await?;
        self.search().await?;
        let missing = self.journal.open_intents(&self.owner);
        let mut left_behind = Vec::new();
        let objects = self.journal.open_objects(&self.owner);
        self.remove_all(&objects, &mut left_behind).await?;
        // Where an id led to somebody else, or nowhere, ours may be under another.
        if self.journal.open_intents(&self.owner) != missing {
            self.search().await?;
        }
        let found = self.journal.open_objects(&self.owner);
        let found: Vec<String> = found.into_iter().filter(|path| !objects.contains(path)).collect();
        self.remove_all(&found, &mut left_behind).await?;
        left_behind.extend(self.unaccounted());
        Ok(left_behind)
    }

    /// Removes objects, until the server has stopped to answer.
    async fn remove_all(&self, paths: &[String], left_behind: &mut Vec<LeftBehind>) -> io::Result<()> {
        let mut unanswered = 0;
        for path in paths {
            let removed = match unanswered < MOST_UNANSWERED {
                true => self.remove(path).await?,
                false => Err(Remains { reason: "the server had stopped to answer".to_owned(), is_unanswered: true }),
            };
            let Err(Remains { reason, is_unanswered }) = removed else {
                unanswered = 0;
                continue;
            };
            unanswered = if is_unanswered { unanswered + 1 } else { 0 };
            left_behind.push(LeftBehind { path: path.clone(), reason });
        }
        Ok(())
    }

    /// Removes what the trial created as [`Client::clean_up`] does, as far as there is time; what is left is returned.
    pub(crate) async fn clean_up_within(&self, limit: Duration) -> io::Result<Vec<LeftBehind>> {
        if let Ok(left_behind) = tokio::time::timeout(limit, self.clean_up()).await {
            return left_behind;
        }
        let reason = format!("clean-up was not over after {} s", limit.as_secs());
        let objects = self.journal.open_objects(&self.owner).into_iter();
        let perhaps = self.journal.open_intents(&self.owner).into_iter();
        let perhaps = perhaps.map(|Intent { collection, name, .. }| format!("{collection} (perhaps {name})"));
        Ok(objects.chain(perhaps).map(|path| LeftBehind { path, reason: reason.clone() }).collect())
    }

    /// Removes what an earlier run created, long after: an id may have gone to somebody else since.
    pub(crate) async fn clean_up_later(&self) -> io::Result<Vec<LeftBehind>> {
        self.is_over.set(true);
        let mut kept = Vec::new();
        for path in self.journal.open_objects(&self.owner) {
            match self.nature(&path).await? {
                Nature::Ours | Nature::Nobody => {}
                Nature::Foreign | Nature::Unknown => {
                    let reason = "what is there does not bear the run's mark, so it was not touched".to_owned();
                    self.journal.removed(&path)?;
                    kept.push(LeftBehind { path, reason });
                }
            }
        }
        kept.extend(self.clean_up().await?);
        Ok(kept)
    }

    fn note_retries(&self, step: &str, method: &str, retries: u32) {
        let times = match retries {
            0 => return,
            1 => "once".to_owned(),
            more => format!("{more} times"),
        };
        let note = format!("{step}: {method} was sent again {times}, because the connection failed before an answer");
        self.repeated.borrow_mut().push(note);
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

    /// Returns why the safety guard holds a request back, if it does.
    fn objection(&self, method: &str, path: &str, target: &str) -> Option<String> {
        let is_query = path.to_ascii_lowercase().ends_with("/.search");
        if !matches!(method, "GET" | "HEAD" | "OPTIONS") && !is_query {
            return self.journal.withhold();
        }
        let most = self.journal.most_read()?;
        let (_, query) = target.split_once('?')?;
        let is_filtered = query.split('&').any(|pair| pair.starts_with("filter="));
        let start = query.split('&').find_map(|pair| pair.strip_prefix("startIndex=")?.parse::<u64>().ok())?;
        // An index far beyond the end is a question about the end, not a way through the list.
        let is_walk = !is_filtered && start > most && start <= FARTHEST_PAGE;
        is_walk.then(|| {
            format!("no more than the first {most} of a list are read where they are somebody's (--sandbox lifts that)")
        })
    }

    /// Refuses to change or delete what this trial did not create.
    ///
    /// What changes something must name one object that the journal knows, or below one; anything else is held back,
    /// whole collections above all. A bulk request passes if each of its operations would.
    fn guard(&self, method: &str, path: &str, request: &Request) -> Result<(), Stop> {
        let held_back = || Err(Stop::Foreign { request: format!("{method} {path}") });
        let overrides = request.headers.iter().any(|(name, _)| name.to_ascii_lowercase().contains("method-override"));
        let is_bulk = path.to_ascii_lowercase().starts_with("/bulk");
        if overrides || (is_bulk && !self.may_send_bulk(method, path, request.body.as_deref())) {
            return held_back();
        }
        let is_allowed = is_bulk
            || !matches!(method, "PUT" | "PATCH" | "DELETE")
            || self.may_change(path)
            || (method == "PUT" && self.changes_nothing(path, request.body.as_deref()));
        if is_allowed { Ok(()) } else { held_back() }
    }

    /// Returns why a request must not be sent that would create something under a name without the run's mark.
    fn cannot_remove(&self, method: &str, path: &str, body: Option<&[u8]>) -> Option<String> {
        let name = if method != "POST" {
            None
        } else if let Some(collection) = COLLECTIONS.into_iter().find(|collection| *collection == path) {
            patient::name_in(body?, naming_attribute(collection), patient::Case::Any)
                .filter(|name| !self.bears_mark(name))
        } else {
            let created = if path.eq_ignore_ascii_case("/Bulk") { bulk::creations(body) } else { Vec::new() };
            created
                .into_iter()
                .map(|creation| creation.name)
                .find(|name| !name.trim().is_empty() && !self.bears_mark(name))
        };
        let shown: String = name?.chars().take(60).collect();
        let reason = format!(
            "{method} {path} would create `{shown}`: without the mark of the run ({}) in its name it could not be told \
             from a stranger, nor removed, so it was held back",
            self.run
        );
        Some(self.redactor().text(&reason))
    }

    /// Looks at what a request would change, unless the server has shown it to the trial before: an answer to a create
    /// may have our name and a stranger's id.
    async fn look_before(&self, method: &str, path: &str, request: &Request) -> Result<(), Stop> {
        let is_bulk = method == "POST" && path.eq_ignore_ascii_case("/Bulk");
        let named = match method {
            "PUT" | "PATCH" | "DELETE" => vec![path.to_owned()],
            _ if is_bulk => bulk::changed(request.body.as_deref()),
            _ => return Ok(()),
        };
        for named in named {
            let spellings = [named.clone(), encode_path(&named)];
            let objects = spellings.iter().filter_map(|spelling| object_path(spelling));
            let Some(object) = objects.into_iter().find(|object| self.journal.owns_for(&self.owner, object)) else {
                continue;
            };
            if self.is_a_strangers(object).await.map_err(Stop::Journal)? {
                return Err(Stop::Foreign { request: format!("{method} {path}") });
            }
        }
        Ok(())
    }

    /// Returns whether a PUT to an endpoint of discovery repeats what the trial has read there: a server that takes it,
    /// which RFC 7644 §4 does not let it, is as it was.
    fn changes_nothing(&self, path: &str, body: Option<&[u8]>) -> bool {
        let is_discovery = DISCOVERY.iter().any(|endpoint| belongs(path, endpoint));
        let sent: Option<Value> = body.and_then(|body| serde_json::from_slice(body).ok());
        let Some(sent) = sent.filter(|_| is_discovery) else { return false };
        let url = format!("{}{path}", self.base());
        let exchanges = self.exchanges.borrow();
        let mut reads = exchanges.iter().rev().filter(|one| one.request.method == "GET" && one.request.url == url);
        // What the redactor has changed is not what was read, and then the request is held back.
        let read = reads.find_map(|one| one.response.as_ref().filter(|response| response.status == 200));
        read.and_then(|response| serde_json::from_str::<Value>(&response.body).ok()).is_some_and(|read| read == sent)
    }

    /// Returns whether what is at a path is ours to change.
    fn may_change(&self, path: &str) -> bool {
        let object = object_path(path);
        // An id this trial made up belongs to nobody: writing there must answer 404.
        let is_made_up =
            |object: &str| object.contains(self.run) && !self.journal.belongs_to_another(&self.owner, object);
        // So does one at any other endpoint.
        let is_made_up_elsewhere = || {
            let is_of_ours = COLLECTIONS.iter().any(|collection| belongs(path, collection));
            !is_of_ours && path.rsplit_once('/').is_some_and(|(_, id)| id.contains(self.run))
        };
        self.journal.owns_for(&self.owner, object.unwrap_or(path))
            || object.is_some_and(is_made_up)
            || is_made_up_elsewhere()
    }

    /// Returns whether a bulk request touches nothing but what is ours, or what it creates itself.
    fn may_send_bulk(&self, method: &str, path: &str, body: Option<&[u8]>) -> bool {
        match method {
            "GET" | "HEAD" | "OPTIONS" => true,
            // The journal has ids as they stand in the target of a request; in a body they stand as they are.
            "POST" if path.eq_ignore_ascii_case("/Bulk") => {
                bulk::is_harmless(body, |path| self.may_change(path) || self.may_change(&encode_path(path)))
            }
            _ => false,
        }
    }

    /// Writes down what the operations of a bulk request may create, before it is sent.
    fn announce_bulk(&self, method: &str, path: &str, body: Option<&[u8]>) -> io::Result<Vec<bulk::Creation>> {
        if method != "POST" || !path.eq_ignore_ascii_case("/Bulk") {
            return Ok(Vec::new());
        }
        let mut creations = bulk::creations(body);
        creations.retain(|creation| self.bears_mark(&creation.name));
        for creation in &creations {
            self.journal.intends(&self.owner, creation.collection, &creation.name)?;
        }
        Ok(creations)
    }

    /// Takes in what a bulk answer says about what its operations were to create.
    ///
    /// Where it says nothing clear, the announcement stays open, and clean-up looks for the name.
    async fn learn_from_bulk(&self, creations: Vec<bulk::Creation>, reply: &Reply) -> io::Result<()> {
        for creation in creations {
            let intent =
                Intent { owner: self.owner.clone(), collection: creation.collection.to_owned(), name: creation.name };
            match bulk::result(reply, &creation.bulk_id, creation.collection) {
                bulk::Result::Refused => self.journal.settled(&intent)?,
                bulk::Result::SaidToBeRefused => {
                    Box::pin(self.look_for(&intent)).await?;
                    self.journal.settled(&intent)?;
                }
                bulk::Result::At(path) if object_path(&path) == Some(path.as_str()) => {
                    self.confirm(&path, Some(&intent)).await?;
                }
                bulk::Result::Among(places) => self.look_among(&places, &intent).await?,
                bulk::Result::At(_) | bulk::Result::Unclear => {}
            }
        }
        Ok(())
    }

    /// Writes down that a `POST` may create something, before it is sent.
    ///
    /// Only names that bear the run's mark can be found again without touching a stranger's.
    fn announce(&self, method: &str, path: &str, body: Option<&[u8]>) -> io::Result<Option<Intent>> {
        if method != "POST" || !COLLECTIONS.contains(&path) {
            return Ok(None);
        }
        // Under another spelling of the attribute it is for the answer to say whether the server has taken the name.
        let name = body.and_then(|body| patient::name_in(body, naming_attribute(path), patient::Case::Exact));
        let Some(name) = name.filter(|name| self.bears_mark(name)) else { return Ok(None) };
        self.journal.intends(&self.owner, path, &name)?;
        Ok(Some(Intent { owner: self.owner.clone(), collection: path.to_owned(), name }))
    }

    /// Writes down what the answer says about objects of ours.
    ///
    /// An answer is not believed where it names an object of somebody else: a server that updates or returns another
    /// row than the one asked for must not make us delete it.
    fn learn(&self, method: &str, path: &str, intent: Option<Intent>, reply: &Reply) -> io::Result<Learnt> {
        let settle = || intent.as_ref().map_or(Ok(()), |intent| self.journal.settled(intent)).map(|()| Learnt::Nothing);
        if (400..500).contains(&reply.status) {
            // Some servers create somebody, fail at the rest, and say no; clean-up has a look.
            return match &intent {
                Some(intent) if self.doubt(&intent.name, Doubt::Refused) => Ok(Learnt::Nothing),
                _ => settle(),
            };
        }
        if let Some(intent) = intent.as_ref().filter(|_| (200..300).contains(&reply.status)) {
            self.doubt(&intent.name, Doubt::Promised);
        }
        let collection = COLLECTIONS.into_iter().find(|collection| belongs(path, collection));
        let Some(collection) = collection.filter(|_| (200..300).contains(&reply.status)) else {
            return Ok(Learnt::Nothing);
        };
        if method == "DELETE" && object_path(path) == Some(path) && reply.status != 202 {
            self.unseen.borrow_mut().remove(path);
            return self.journal.removed(path).map(|()| Learnt::Nothing);
        }
        if !matches!(method, "POST" | "PUT" | "PATCH") {
            return Ok(Learnt::Nothing);
        }
        let resource = patient::read(&reply.body);
        let Some(object) = id_of(&resource).map(|id| format!("{collection}/{}", encode(&id))) else {
            if method == "POST" && reply.status == 201 && intent.is_none() {
                self.nameless.borrow_mut().insert(collection);
            }
            return Ok(Learnt::Nothing);
        };
        if method != "POST" {
            let moved = object_path(path) != Some(object.as_str());
            return Ok(if moved { Learnt::Doubtful { path: object, intent: None } } else { Learnt::Nothing });
        }
        match name_of(&resource, collection) {
            Some(name) if self.bears_mark(name) => {}
            Some(_) => {
                if reply.status == 201 && !self.journal.belongs_to_another(&self.owner, &object) {
                    self.renamed.borrow_mut().insert(object);
                }
                return Ok(Learnt::Nothing);
            }
            // Neither the request nor the answer has a name, and the server says that it made something.
            None if intent.is_none() && reply.status == 201 => {}
            None => return Ok(Learnt::Doubtful { path: object, intent }),
        }
        // An id that stands for what another trial created cannot stand for this as well.
        if self.journal.belongs_to_another(&self.owner, &object) {
            return Ok(Learnt::Doubtful { path: object, intent });
        }
        self.journal.created(&self.owner, &object)?;
        self.unseen.borrow_mut().insert(object.clone());
        if let Some(intent) = &intent {
            self.doubts.borrow_mut().remove(&intent.name);
            let mut announced = self.announced.borrow_mut();
            let intents = announced.entry(object).or_default();
            if !intents.contains(intent) {
                intents.push(intent.clone());
            }
        }
        settle()
    }

    /// Remembers what is doubtful about a creation; returns whether there is room for it.
    fn doubt(&self, name: &str, doubt: Doubt) -> bool {
        let mut doubts = self.doubts.borrow_mut();
        let known = doubts.get(name);
        let has_room = doubts.len() < MOST_DOUBTS || known.is_some();
        // That a second of the name is refused says nothing against the first.
        let is_weaker = doubt == Doubt::Refused && matches!(known, Some(Doubt::Promised | Doubt::Unanswered));
        if has_room && !is_weaker {
            doubts.insert(name.to_owned(), doubt);
        }
        has_room
    }

    /// Remembers whose an object is that was read.
    fn see(&self, path: &str, reply: &Reply) {
        let nature = self.nature_of(path, reply);
        if matches!(nature, Nature::Ours | Nature::Foreign) {
            self.unseen.borrow_mut().remove(path);
            self.seen.borrow_mut().insert(path.to_owned(), nature);
        }
    }

    /// Remembers which objects of ours a list shows by our names.
    ///
    /// It proves no stranger: that is left to reading the object itself.
    fn see_list(&self, path: &str, reply: &Reply) {
        let collection = COLLECTIONS.into_iter().find(|one| path == *one || path.strip_suffix("/.search") == Some(one));
        let Some(collection) = collection.filter(|_| !self.unseen.borrow().is_empty()) else { return };
        let list = patient::read(&reply.body);
        let shown = list.get("Resources").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut unseen = self.unseen.borrow_mut();
        for resource in shown {
            let is_ours = name_of(resource, collection).is_some_and(|name| self.bears_mark(name));
            let Some(id) = id_of(resource).filter(|_| is_ours) else { continue };
            let object = format!("{collection}/{}", encode(&id));
            if unseen.remove(&object) {
                self.seen.borrow_mut().insert(object, Nature::Ours);
            }
        }
    }

    /// Takes an object that the server has made against its word as ours if it bears the run's mark, so that it may be
    /// changed and is removed in the end.
    pub(crate) async fn adopt(&self, path: &str) -> Result<(), Stop> {
        self.confirm(path, None).await.map_err(Stop::Journal)
    }

    /// Takes an object as ours if it bears the run's mark.
    async fn confirm(&self, path: &str, intent: Option<&Intent>) -> io::Result<()> {
        if self.nature(path).await? != Nature::Ours {
            return Ok(());
        }
        self.journal.created(&self.owner, path)?;
        intent.map_or(Ok(()), |intent| self.journal.settled(intent))
    }

    /// Looks whose an object is.
    async fn nature(&self, path: &str) -> io::Result<Nature> {
        let answer = match self.tidy(get(self.version, path.to_owned())).await {
            Ok(answer) => answer,
            Err(Stop::Journal(cause)) => return Err(cause),
            Err(Stop::Failed { .. } | Stop::Foreign { .. } | Stop::Withheld { .. }) => return Ok(Nature::Unknown),
        };
        Ok(self.nature_of(path, &answer))
    }

    /// Returns whose an object is, by the answer to reading it.
    fn nature_of(&self, path: &str, answer: &Reply) -> Nature {
        let collection = COLLECTIONS.into_iter().find(|collection| belongs(path, collection)).unwrap_or_default();
        let resource = patient::read(&answer.body);
        match (answer.status, name_of(&resource, collection)) {
            (404 | 410, _) => Nature::Nobody,
            (200, Some(name)) if self.bears_mark(name) => Nature::Ours,
            (200, Some(_)) => Nature::Foreign,
            _ => Nature::Unknown,
        }
    }

    fn bears_mark(&self, name: &str) -> bool {
        name.to_ascii_lowercase().contains(&self.run.to_ascii_lowercase())
    }

    /// Removes one object; the inner error says why it is still there.
    async fn remove(&self, path: &str) -> io::Result<Result<(), Remains>> {
        // What was there for nobody when it was changed may show by the end.
        self.undecided.borrow_mut().remove(path);
        if self.is_a_strangers(path).await? {
            self.look_for_announced(path).await?;
            let reason = "what is there does not bear the run's mark, so it was not touched".to_owned();
            return Ok(Err(Remains { reason, is_unanswered: false }));
        }
        let reason = match self.tidy(request(self.version, "DELETE", path.to_owned(), None)).await {
            Ok(reply) if (200..300).contains(&reply.status) && reply.status != 202 => {
                self.journal.removed(path)?;
                return Ok(Ok(()));
            }
            // A server without a route for DELETE answers 404 as well, so that alone proves nothing.
            Ok(reply) if matches!(reply.status, 404 | 410) => {
                if self.nature(path).await? == Nature::Nobody {
                    self.journal.removed(path)?;
                    // The case did not remove it, so the id may never have led to it.
                    self.look_for_announced(path).await?;
                    return Ok(Ok(()));
                }
                format!("DELETE answered {}, but it is there", reply.status)
            }
            Ok(reply) if reply.status == 429 => {
                let reason = "DELETE was answered 429 time and again".to_owned();
                return Ok(Err(Remains { reason, is_unanswered: true }));
            }
            Ok(reply) => format!("DELETE answered {}", reply.status),
            Err(Stop::Failed { failure, .. }) => {
                return Ok(Err(Remains { reason: failure.to_string(), is_unanswered: true }));
            }
            Err(Stop::Foreign { request }) => format!("{request} was refused by our own guard"),
            Err(Stop::Withheld { reason }) => reason,
            Err(Stop::Journal(cause)) => return Err(cause),
        };
        let deactivated = path.starts_with("/Users/") && self.deactivate(path).await;
        let reason = if deactivated { format!("{reason}; deactivated instead") } else { reason };
        Ok(Err(Remains { reason, is_unanswered: false }))
    }

    /// Returns whether what is at a path turns out to be somebody else's: a server that answers a create with our name and
    /// a stranger's id must not make us change or delete the stranger.
    ///
    /// A server that does not say whose it is, as one without GET, is not asked again with every change.
    async fn is_a_strangers(&self, path: &str) -> io::Result<bool> {
        if let Some(nature) = self.known_nature(path) {
            return Ok(nature == Nature::Foreign);
        }
        // Of requests that are sent at the same time one looks, so that a seed always sends the same.
        let _turn = match self.keeps_tidying.get() {
            true => Some(self.looking.lock().await),
            false => None,
        };
        if let Some(nature) = self.known_nature(path) {
            return Ok(nature == Nature::Foreign);
        }
        let nature = self.nature(path).await?;
        if matches!(nature, Nature::Nobody | Nature::Unknown) {
            self.undecided.borrow_mut().insert(path.to_owned());
        }
        Ok(nature == Nature::Foreign)
    }

    /// Returns whose an object is, as far as looking at it again tells no more.
    fn known_nature(&self, path: &str) -> Option<Nature> {
        let seen = self.seen.borrow().get(path).copied();
        seen.or_else(|| self.undecided.borrow().contains(path).then_some(Nature::Unknown))
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
        self.tidy(request).await.is_ok_and(|reply| (200..300).contains(&reply.status))
    }
}

/// What an answer taught about objects of ours.
enum Learnt {
    /// Nothing that is not written down.
    Nothing,
    /// It names an object that may be ours or not.
    Doubtful {
        /// Where it is.
        path: String,
        /// The announcement that would be settled by it.
        intent: Option<Intent>,
    },
}

/// Why an object is still there.
struct Remains {
    reason: String,
    /// Whether nothing came back, so that asking for more may take for ever.
    is_unanswered: bool,
}

/// Whose an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// It bears the run's mark.
    Ours,
    /// It has a name without the mark.
    Foreign,
    /// There is nothing.
    Nobody,
    /// The server does not say.
    Unknown,
}

/// Returns the id of a resource, which some servers give as a number; one that could leave its path segment is none.
fn id_of(resource: &Value) -> Option<String> {
    let id = match resource.get("id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    (!matches!(id.as_str(), "" | "." | "..")).then_some(id)
}

/// Returns the name of a resource; a blank one, which some servers take, names nobody.
fn name_of<'v>(resource: &'v Value, collection: &str) -> Option<&'v str> {
    resource.get(naming_attribute(collection)).and_then(Value::as_str).filter(|name| !name.trim().is_empty())
}

/// Returns how long to wait before a request that was answered with 429 (RFC 6585 §4) is sent again.
pub(crate) fn pause(reply: &Reply, attempt: u32) -> Duration {
    let asked = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    let pause = asked.map_or(Duration::from_millis(250 << attempt), Duration::from_secs);
    pause.min(LONGEST_PAUSE)
}

/// How often a request that was answered with 429 is sent again.
pub(crate) const MOST_PAUSES: u32 = 5;
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How many exchanges of a trial keep their answers' bodies at its beginning and at its end; those between keep the rest.
const WHOLE_AT_THE_START: usize = 50;
const WHOLE_AT_THE_END: usize = 50;

/// How many requests without an answer clean-up takes before it gives the rest up.
const MOST_UNANSWERED: usize = 2;
/// How many doubtful creations of a trial are looked into.
const MOST_DOUBTS: usize = 50;

/// The step name of clean-up exchanges.
pub(crate) const CLEAN_UP: &str = "clean-up";
/// The step name of exchanges that find out whose an object is before it is changed.
pub(crate) const LOOK: &str = "look";

const COLLECTIONS: [&str; 2] = ["/Users", "/Groups"];

/// The endpoints at which a server describes itself (RFC 7644 §4).
const DISCOVERY: [&str; 3] = ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"];

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
    let segments = path.split('/').filter(|segment| !matches!(*segment, "" | "." | ".."));
    segments.map(|segment| format!("/{}", encode(segment))).collect()
}

fn path_of(target: &str) -> &str {
    target.split(['?', '#']).next().unwrap_or(target)
}

/// Returns `/Users/ID` for that and anything below it, nothing for other paths.
fn object_path(path: &str) -> Option<&str> {
    let collection = COLLECTIONS.into_iter().find(|collection| belongs(path, collection))?;
    let id = path[collection.len()..].strip_prefix('/')?;
    let end = id.find('/').unwrap_or(id.len());
    let climbs = matches!(id[..end].to_ascii_lowercase().replace("%2e", ".").as_str(), "" | "." | "..");
    (!climbs).then(|| &path[..collection.len() + 1 + end])
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
            ("/Users//1", None),
            ("/Users/..", None),
            ("/Users/%2e%2E", None),
            ("/users/1", None),
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
            ("../../x", "/x"),
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
