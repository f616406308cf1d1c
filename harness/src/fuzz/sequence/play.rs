//! One life on the target, request by request.

use super::Known;
use super::deed::{Cast, Draft};
use super::troupe::Troupe;
use crate::client::{Stop, encode};
use crate::fuzz::lane::Lane;
use futures_util::future::join_all;
use http::header::RETRY_AFTER;
use mock_okta::org::JobId;
use percent_encoding::percent_decode_str;
use scim_fuzz::sequence::model::{Asked, Kind, Model, Slip, Told, Weight};
use scim_fuzz::sequence::{Deed, Life, Step};
use scim_transport::{Reply, Request};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// A life while it is lived.
pub(super) struct Play<'p> {
    lane: &'p Lane<'p>,
    known: &'p Known,
    model: Model,
    cast: Cast,
    troupe: Option<Troupe>,
    /// Of whom and of which names the step at hand is.
    touched: BTreeSet<String>,
    names: BTreeSet<(Kind, String)>,
    /// Every name of the life.
    all_names: BTreeSet<(Kind, String)>,
    steps: usize,
    /// The status of the answer to the last write.
    last_status: Option<u16>,
}

/// What went wrong, and after what.
pub(super) struct Wrong {
    pub(super) slip: Slip,
    pub(super) verbs: String,
}

/// What one look at a resource that was just made tells about the server.
pub(super) struct Learnt {
    /// The attributes that were sent.
    pub(super) sent: BTreeMap<Kind, BTreeSet<String>>,
    /// Those of them that are as they were sent.
    pub(super) kept: BTreeMap<Kind, BTreeSet<String>>,
    /// The kinds that are found by name.
    pub(super) found: BTreeSet<Kind>,
}

impl<'p> Play<'p> {
    pub(super) fn new(lane: &'p Lane<'p>, known: &'p Known, prefix: String) -> Play<'p> {
        Play {
            lane,
            known,
            model: Model::new(known.tracked.iter().cloned(), known.sees_members),
            cast: Cast { prefix, ..Cast::default() },
            troupe: None,
            touched: BTreeSet::new(),
            names: BTreeSet::new(),
            all_names: BTreeSet::new(),
            steps: 0,
            last_status: None,
        }
    }

    /// Lives the life, and returns the first thing that goes wrong: something mild only if nothing else does.
    pub(super) async fn perform(&mut self, life: &Life) -> Result<Option<Wrong>, Stop> {
        let mut mild = None;
        for step in &life.steps {
            let slips = self.step(step).await?;
            if let Some(wrong) = worst(slips, &step.verbs()) {
                if wrong.slip.weight > Weight::May {
                    self.lane.show(0);
                    return Ok(Some(wrong));
                }
                if mild.is_none() {
                    self.lane.show(0);
                    mild = Some(wrong);
                }
            }
        }
        let slips = self.look_at_everything().await?;
        let last = worst(slips, "the end").filter(|wrong| wrong.slip.weight > Weight::May || mild.is_none());
        if last.is_some() {
            self.lane.show(0);
        }
        Ok(last.or(mild))
    }

    /// Does the raw deeds of a life without judging them, and returns the status of the last answer.
    pub(super) async fn rehearse(&mut self, life: &Life) -> Result<Option<u16>, Stop> {
        for deed in life.deeds() {
            self.last_status = None;
            self.raw(std::slice::from_ref(deed)).await?;
        }
        Ok(self.last_status)
    }

    /// Looks what the server kept of the resource that was made last, and whether it finds it.
    pub(super) async fn look_closely(&mut self) -> Result<Learnt, Stop> {
        let mut learnt = Learnt { sent: BTreeMap::new(), kept: BTreeMap::new(), found: BTreeSet::new() };
        let living: Vec<(String, Kind)> =
            self.model.ids().filter(|(.., alive)| *alive).map(|(id, kind, _)| (id.to_owned(), kind)).collect();
        for (id, kind) in living {
            let reply = self.lane.send(self.lane.request("GET", path(kind, &id), None)).await?;
            let shown: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            let kept = self.model.kept(&id, &shown);
            let sent = self.model.attributes(&id).map(|sent| sent.keys().cloned().collect()).unwrap_or_default();
            learnt.sent.entry(kind).or_default().extend::<BTreeSet<String>>(sent);
            learnt.kept.entry(kind).or_default().extend(kept);
            let name = shown.get(kind.naming()).and_then(Value::as_str).unwrap_or_default().to_owned();
            let list = self.lane.send(self.lane.request("GET", lookup(kind, &name), None)).await?;
            let list: Value = serde_json::from_slice(&list.body).unwrap_or_default();
            let found = list.get("Resources").and_then(Value::as_array);
            if found.is_some_and(|found| found.len() == 1 && found[0].get("id") == shown.get("id")) {
                learnt.found.insert(kind);
            }
        }
        Ok(learnt)
    }

    /// Deletes what is there, as far as the server can; the journal has the rest.
    pub(super) async fn clear_away(&mut self) -> Result<(), Stop> {
        let living = self.model.ids().filter(|(_, kind, alive)| *alive && self.known.deletes.contains(kind));
        for (id, kind) in living.map(|(id, kind, _)| (id.to_owned(), kind)).collect::<Vec<_>>() {
            match self.lane.send_aside(self.lane.request("DELETE", path(kind, &id), None)).await {
                Ok(_) | Err(Stop::Foreign { .. } | Stop::Withheld { .. }) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// Does everything of a step and compares what it is about with the model, and one other thing with it.
    async fn step(&mut self, step: &Step) -> Result<Vec<Slip>, Stop> {
        self.touched.clear();
        self.names.clear();
        let mut slips = match &step.deeds[..] {
            [deed] if deed.is_of_okta() => self.okta(deed).await?,
            deeds => self.raw(deeds).await?,
        };
        self.steps += 1;
        if slips.is_empty() {
            slips.extend(self.look().await?);
        }
        Ok(slips)
    }

    /// Sends raw deeds at the same time, and takes their answers in order.
    async fn raw(&mut self, deeds: &[Deed]) -> Result<Vec<Slip>, Stop> {
        let drafts: Vec<(&Deed, Draft)> =
            deeds.iter().filter_map(|deed| Some((deed, self.cast.request(deed, &self.model)?))).collect();
        let lane = self.lane;
        let requests = drafts.iter().map(|(_, draft)| lane.send(to_request(lane, draft)));
        let replies = join_all(requests).await;
        self.lane.mark_tested();
        let in_company = drafts.len() > 1;
        let mut slips = Vec::new();
        // Every answer is taken in before one that is missing counts: what was made has to be known.
        let mut stop = None;
        for ((deed, draft), reply) in drafts.into_iter().zip(replies) {
            match reply {
                Ok(reply) => slips.extend(self.raw_answer(deed, draft, &reply, in_company)),
                Err(cause) => stop = stop.or(Some(cause)),
            }
        }
        stop.map_or(Ok(slips), Err)
    }

    fn raw_answer(&mut self, deed: &Deed, draft: Draft, reply: &Reply, in_company: bool) -> Vec<Slip> {
        self.last_status = Some(reply.status);
        let Draft { method, kind, id, body } = draft;
        let asked = Asked { method: method.to_owned(), kind, id, filter: None, body };
        let answer: Option<Value> = serde_json::from_slice(&reply.body).ok();
        if let Some(id) = created(&asked, reply.status, answer.as_ref()) {
            match deed {
                Deed::Create(person, _) => drop(self.cast.people.insert(*person, id)),
                Deed::Found(crew, ..) => drop(self.cast.crews.insert(*crew, id)),
                _ => {}
            }
        }
        self.take(&asked, reply.status, answer.as_ref(), in_company)
    }

    /// Lets Okta live through an event, and judges every exchange of it.
    async fn okta(&mut self, deed: &Deed) -> Result<Vec<Slip>, Stop> {
        let mut troupe = self.troupe.take().unwrap_or_else(|| Troupe::new(&self.cast));
        let mut slips = Vec::new();
        let jobs = troupe.happen(deed, &self.cast);
        for job in jobs {
            slips.extend(self.errand(&mut troupe, job.id).await?);
        }
        self.troupe = Some(troupe);
        Ok(slips)
    }

    async fn errand(&mut self, troupe: &mut Troupe, job: JobId) -> Result<Vec<Slip>, Stop> {
        let mut slips = Vec::new();
        let mut step = troupe.org.start(job);
        for _ in 0..MOST_REQUESTS {
            step = match step {
                mock_okta::Step::Done(_) => break,
                // The lane has waited already where the server asked for it.
                mock_okta::Step::Wait(_) => troupe.org.resume(job),
                mock_okta::Step::Send(request) => {
                    let asked = understood(&request);
                    let reply = self.lane.send(to_transport(request)).await?;
                    if let Some(asked) = asked {
                        let answer: Option<Value> = serde_json::from_slice(&reply.body).ok();
                        let slipped = self.take(&asked, reply.status, answer.as_ref(), false);
                        // What goes wrong first is what a reader has to look at.
                        if slips.is_empty() && (asked.method != "GET" || !slipped.is_empty()) {
                            self.lane.mark_tested();
                        }
                        slips.extend(slipped);
                    }
                    troupe.org.next(job, to_okta(reply))
                }
            };
        }
        Ok(slips)
    }

    /// Lets the model take an exchange in, and notes whom it was about.
    fn take(&mut self, asked: &Asked, status: u16, answer: Option<&Value>, in_company: bool) -> Vec<Slip> {
        let id = asked.id.clone().or_else(|| created(asked, status, answer));
        let is_write = asked.method != "GET";
        if let Some(id) = id.as_deref().filter(|_| is_write) {
            self.touch(id);
        }
        let name = asked.body.as_ref().and_then(|body| body.get(asked.kind.naming())).and_then(Value::as_str);
        self.names.extend(name.map(|name| (asked.kind, name.to_owned())));
        // A server that finds nobody by name is no worse for it when Okta asks.
        let is_idle = asked.filter.is_some() && !self.known.lookups.contains(&asked.kind);
        let told = Told { status, body: answer, in_company };
        let slips = if is_idle { Vec::new() } else { self.model.take(asked, told) };
        if let Some(id) = id.filter(|_| is_write) {
            self.touch(&id);
        }
        slips
    }

    /// Notes that a step is about somebody, the groups they are in, and the name they have.
    fn touch(&mut self, id: &str) {
        self.touched.extend(self.model.groups_of(id).map(str::to_owned));
        self.names.extend(self.model.name(id).map(|(kind, name)| (kind, name.to_owned())));
        self.touched.insert(id.to_owned());
    }

    /// Compares what the step was about, and one other thing.
    async fn look(&mut self) -> Result<Vec<Slip>, Stop> {
        let others: Vec<String> =
            self.model.ids().map(|(id, ..)| id).filter(|id| !self.touched.contains(*id)).map(str::to_owned).collect();
        let mut ids: Vec<String> = self.touched.iter().cloned().collect();
        ids.extend((!others.is_empty()).then(|| others[self.steps % others.len()].clone()));
        self.all_names.extend(self.names.iter().cloned());
        let names: Vec<_> = self.names.iter().cloned().collect();
        self.compare(ids, names).await
    }

    async fn look_at_everything(&mut self) -> Result<Vec<Slip>, Stop> {
        let ids: Vec<String> = self.model.ids().map(|(id, ..)| id.to_owned()).collect();
        let names: Vec<_> = self.all_names.iter().cloned().collect();
        self.compare(ids, names).await
    }

    async fn compare(&mut self, ids: Vec<String>, names: Vec<(Kind, String)>) -> Result<Vec<Slip>, Stop> {
        let kinds: Vec<(String, Kind)> = self
            .model
            .ids()
            .filter(|(id, ..)| ids.iter().any(|one| one == id))
            .map(|(id, kind, _)| (id.to_owned(), kind))
            .collect();
        let mut kinds = kinds;
        // Who is lost explains who is missed.
        kinds.sort_by_key(|(_, kind)| *kind);
        let mut slips = Vec::new();
        for (id, kind) in kinds {
            let asked = Asked { method: "GET".to_owned(), kind, id: Some(id.clone()), filter: None, body: None };
            slips.extend(self.see(path(kind, &id), &asked).await?);
        }
        for (kind, name) in names.into_iter().filter(|(kind, _)| self.known.lookups.contains(kind)) {
            let target = lookup(kind, &name);
            let filter = Some(filter(kind, &name));
            let asked = Asked { method: "GET".to_owned(), kind, id: None, filter, body: None };
            slips.extend(self.see(target, &asked).await?);
        }
        Ok(slips)
    }

    /// Reads something and judges it, again and again for as long as a read may be behind.
    async fn see(&mut self, target: String, asked: &Asked) -> Result<Vec<Slip>, Stop> {
        let until = Instant::now() + self.known.settle;
        loop {
            let reply = self.lane.send(self.lane.request("GET", target.clone(), None)).await?;
            let answer: Option<Value> = serde_json::from_slice(&reply.body).ok();
            let told = Told { status: reply.status, body: answer.as_ref(), in_company: false };
            let slips = self.model.take(asked, told);
            if slips.is_empty() || Instant::now() >= until {
                return Ok(slips);
            }
            tokio::time::sleep(PAUSE.min(self.known.settle)).await;
        }
    }
}

/// Returns the gravest slip, the first among equals.
fn worst(slips: Vec<Slip>, verbs: &str) -> Option<Wrong> {
    let slip = slips.into_iter().rev().max_by_key(|slip| slip.weight)?;
    Some(Wrong { slip, verbs: verbs.to_owned() })
}

/// Returns the id of what a request has made.
fn created(asked: &Asked, status: u16, answer: Option<&Value>) -> Option<String> {
    let is_creation = asked.method == "POST" && asked.id.is_none() && (200..300).contains(&status);
    let id = answer?.get("id")?.as_str().filter(|id| !id.is_empty());
    id.filter(|_| is_creation).map(str::to_owned)
}

fn to_request(lane: &Lane<'_>, draft: &Draft) -> Request {
    let target = draft.id.as_ref().map_or_else(|| draft.kind.endpoint().to_owned(), |id| path(draft.kind, id));
    lane.request(draft.method, target, draft.body.as_ref().map(|body| body.to_string().into_bytes()))
}

fn path(kind: Kind, id: &str) -> String {
    format!("{}/{}", kind.endpoint(), encode(id))
}

fn filter(kind: Kind, name: &str) -> String {
    format!("{} eq {}", kind.naming(), Value::from(name))
}

fn lookup(kind: Kind, name: &str) -> String {
    format!("{}?filter={}", kind.endpoint(), encode(&filter(kind, name)))
}

/// Reads one of Okta's requests, if it is about users or groups.
fn understood(request: &mock_okta::Request) -> Option<Asked> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().ok().map(String::from);
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let kind = match segments.next()? {
        "Users" => Kind::User,
        "Groups" => Kind::Group,
        _ => return None,
    };
    let id = segments.next().and_then(decode);
    let filter =
        query.split('&').find_map(|pair| pair.strip_prefix("filter=")).and_then(|text| decode(&text.replace('+', " ")));
    let body = request.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    Some(Asked { method: request.method.to_owned(), kind, id, filter, body })
}

fn to_transport(request: mock_okta::Request) -> Request {
    Request {
        method: request.method.to_owned(),
        target: request.target,
        headers: request.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body: request.body.map(String::into_bytes),
        auth: scim_transport::Auth::Configured,
    }
}

fn to_okta(reply: Reply) -> mock_okta::Response {
    let retry_after = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Reply { status, reason, body, .. } = reply;
    mock_okta::Response { status, reason, retry_after, body: body.to_vec() }
}

/// How many requests one errand of Okta's may take, repetitions included.
const MOST_REQUESTS: usize = 60;
/// How long to wait before reading again.
const PAUSE: Duration = Duration::from_millis(100);
