//! Performs one trial: its steps in order, each judged by its expectations, until one does not hold.

use crate::bindings::Bindings;
use crate::check;
use crate::client::{self, Client, Stop};
use crate::curl;
use crate::expect::{self, Mismatch};
use crate::gate::{self, Kind};
use crate::run::Settings;
use crate::select::Trial;
use crate::transcript;
use mock_okta::{App, AppUser, Flow, Profile};
use scim_record::{CaseRecord, Failure, Finding, Location, Outcome, Reference, VendorBug};
use scim_suite::{Action, AnswerExpect, Auth, Body, Catalog, EventSpec, HeaderChange, Send, Span, Step, Unbound};
use scim_transport::{Reply, Request};
use serde_json::Value;

/// What became of a trial.
pub(crate) struct Verdict {
    outcome: Outcome,
    reason: Option<String>,
    findings: Vec<Finding>,
}

impl Verdict {
    /// Returns the verdict on a trial that could not be judged.
    pub(crate) fn skipped(reason: String) -> Verdict {
        Verdict { outcome: Outcome::Skip, reason: Some(reason), findings: Vec::new() }
    }

    /// Returns the record of the trial.
    pub(crate) fn into_record(self, trial: Trial<'_>, catalog: &Catalog, client: Client<'_>) -> CaseRecord {
        let case = trial.case;
        CaseRecord {
            id: case.id.clone(),
            suite: case.suite.clone(),
            app: trial.app.map(|app| app.to_string()),
            title: case.title.clone(),
            rule: case.rule.clone(),
            refs: references(catalog, &case.refs),
            level: level(case.level),
            basis: basis(case.basis),
            consequence: case.consequence.clone(),
            mend: case.mend.clone(),
            bugs: vendor_bugs(catalog, &case.bugs),
            outcome: self.outcome,
            reason: self.reason,
            findings: self.findings,
            exchanges: client.into_exchanges(),
            time_ms: 0,
            location: location(&case.source),
        }
    }
}

/// Performs the trial. What it created stays; the caller cleans up.
pub(crate) async fn perform(client: &mut Client<'_>, trial: Trial<'_>, settings: &Settings) -> Verdict {
    let mut performance = Performance::new(client, trial, settings);
    let reason = performance.perform_steps().await.err();
    let findings = performance.findings;
    let fails = findings.iter().any(|finding| finding.verdict == scim_record::Verdict::Fail);
    let outcome = match (&reason, fails, findings.is_empty()) {
        (Some(_), ..) => Outcome::Error,
        (None, true, _) => Outcome::Fail,
        (None, false, false) => Outcome::Warn,
        (None, false, true) => Outcome::Pass,
    };
    Verdict { outcome, reason, findings }
}

/// A trial while it runs.
struct Performance<'p, 'run> {
    client: &'p mut Client<'run>,
    trial: Trial<'p>,
    settings: &'p Settings,
    bindings: Bindings,
    okta: Option<(App, AppUser)>,
    transcript: transcript::Recorder,
    findings: Vec<Finding>,
}

/// Why the world keeps the trial from going on; a finding is not among the reasons.
type Broken = String;

/// Whether the next step makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Continue,
    Stop,
}

impl<'p, 'run> Performance<'p, 'run> {
    fn new(client: &'p mut Client<'run>, trial: Trial<'p>, settings: &'p Settings) -> Self {
        let mut bindings = Bindings::new(settings.seed, &trial.to_string(), client.base());
        let okta = set_up_okta(trial, settings, &bindings);
        if let Some((_, user)) = &okta {
            bindings.bind_user(user);
        }
        let transcript = transcript::Recorder::default();
        Performance { client, trial, settings, bindings, okta, transcript, findings: Vec::new() }
    }

    async fn perform_steps(&mut self) -> Result<(), Broken> {
        for (index, step) in self.trial.case.steps.iter().enumerate() {
            let before = self.findings.len();
            let next = self.perform_step(index, step).await?;
            if next == Next::Stop || self.findings.len() > before {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn perform_step(&mut self, index: usize, step: &Step) -> Result<Next, Broken> {
        match &step.action {
            Action::Send(send) => {
                let label = format!("step {}", index + 1);
                let request = self.request(send).map_err(|unbound| unbound.to_string())?;
                let Some(reply) = self.exchange(&label, request, &step.span).await? else { return Ok(Next::Stop) };
                self.judge_answer(&label, &reply, &send.expect);
            }
            Action::Event(event) => return self.perform_event(event, &step.span).await,
        }
        Ok(Next::Continue)
    }

    /// Builds the request of a `send` step.
    fn request(&self, send: &Send) -> Result<Request, Unbound> {
        let lookup = |name: &str| self.bindings.get(name);
        let body = match &send.body {
            Some(Body::Json(json)) => Some(json.expand(&lookup)?.into_bytes()),
            Some(Body::Text(text)) => Some(text.expand(&lookup)?.into_bytes()),
            None => None,
        };
        let mut headers: Vec<(String, String)> =
            mock_okta::headers(body.is_some()).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        for (name, change) in &send.headers {
            let known = headers.iter().position(|(known, _)| known.eq_ignore_ascii_case(name));
            match (change, known) {
                (HeaderChange::Set(value), Some(at)) => headers[at].1 = value.expand(&lookup)?,
                (HeaderChange::Set(value), None) => headers.push((name.clone(), value.expand(&lookup)?)),
                (HeaderChange::Remove, Some(at)) => drop(headers.remove(at)),
                (HeaderChange::Remove, None) => {}
            }
        }
        let auth = match &send.auth {
            Auth::Configured => scim_transport::Auth::Configured,
            Auth::None => scim_transport::Auth::None,
            Auth::Raw(value) => scim_transport::Auth::Raw(value.expand(&lookup)?),
        };
        let target = send.target.expand(&|name| self.bindings.get_encoded(name))?;
        Ok(Request { method: send.method.clone(), target, headers, body, auth })
    }

    /// Sends a request; an answer that failed by itself becomes a finding and nothing is returned.
    async fn exchange(&mut self, label: &str, request: Request, span: &Span) -> Result<Option<Reply>, Broken> {
        let failure = match self.client.send(label, request).await {
            Ok(reply) => return Ok(Some(reply)),
            Err(Stop::Journal(cause)) => return Err(format!("the journal cannot be written: {cause}")),
            Err(Stop::Failed(Failure::Unreachable { cause })) => {
                return Err(format!("the server could not be reached: {cause}"));
            }
            Err(Stop::Foreign { request }) => {
                let message = format!(
                    "Okta would send {request} and change an object this case did not create: \
                     the server pointed it at somebody else's (the request was held back)"
                );
                let mismatch = Mismatch::sentence(message, span.clone());
                self.find(label, mismatch.with_kind(Kind::ServerFailure), None);
                return Ok(None);
            }
            Err(Stop::Failed(failure)) => failure,
        };
        let mismatch = Mismatch::sentence(failure.to_string(), span.clone()).with_kind(Kind::ServerFailure);
        self.find(label, mismatch, self.latest());
        Ok(None)
    }

    /// Compares an answer with what the step expects; every mismatch becomes a finding.
    fn judge_answer(&mut self, label: &str, reply: &Reply, expect: &AnswerExpect) {
        let mut mismatches = Vec::new();
        if !expect.status.is_empty() && !expect.status.contains(&reply.status) {
            let kind = kind_of(reply);
            mismatches.push(Mismatch::status(reply, &expect.status, expect.span.clone()).with_kind(kind));
        } else if is_server_error(reply) && expect.status.is_empty() {
            mismatches.push(
                Mismatch::sentence(format!("the server failed with {}", reply.status), expect.span.clone())
                    .with_kind(Kind::ServerFailure),
            );
        }
        mismatches.extend(expect::headers(&reply.headers, &expect.headers, &mut self.bindings));
        // An accepted 204 has no body to compare (RFC 9110 §15.3.5).
        let has_body = reply.status != 204 || !expect.status.contains(&204);
        if let Some(pattern) = expect.json.as_ref().filter(|_| has_body) {
            mismatches.extend(expect::json(&reply.body, pattern, expect.exact, &mut self.bindings));
        }
        if let Some(pattern) = &expect.text {
            mismatches.extend(expect::text(&reply.body, pattern, &mut self.bindings));
        }
        for check in &expect.checks {
            let sentences = check::check(*check, reply);
            mismatches.extend(sentences.into_iter().map(|text| Mismatch::sentence(text, expect.span.clone())));
        }
        for mismatch in mismatches {
            self.find(label, mismatch, self.latest());
        }
    }

    /// Lets Okta live through an event, then looks at what the server holds.
    async fn perform_event(&mut self, event: &EventSpec, span: &Span) -> Result<Next, Broken> {
        let label = event.kind.name();
        let first = self.client.exchange_count();
        let lookup = |name: &str| self.bindings.get(name);
        let changes = event
            .set
            .iter()
            .map(|(key, value)| Ok((key.clone(), value.expand(&lookup)?)))
            .collect::<Result<Vec<_>, Unbound>>()
            .map_err(|unbound| unbound.to_string())?;
        let Some(outcome) = self.drive(label, &event.kind.event(changes), span).await? else {
            return Ok(Next::Stop);
        };
        let sent = self.client.exchange_count() - first;

        if let Some(mismatch) = unexpected_outcome(&outcome, event) {
            let kind = self.last_failure_kind(first);
            self.find(label, mismatch.with_kind(kind), self.latest_since(first));
        }
        if let Some(expected) = event.expect.requests.filter(|expected| *expected as usize != sent) {
            let message = format!("{label} sent {sent} requests, not {expected}");
            self.find(label, Mismatch::sentence(message, event.expect.span.clone()), self.latest_since(first));
        }
        if let Some(mismatch) = self.compare_transcript() {
            self.find(label, mismatch, self.latest_since(first));
        }
        if self.findings.is_empty() {
            self.judge_remote(label, event, span).await?;
        }
        Ok(Next::Continue)
    }

    /// Runs the flow of one event to its end; nothing is returned where an exchange failed by itself.
    async fn drive(
        &mut self,
        label: &str,
        event: &mock_okta::Event,
        span: &Span,
    ) -> Result<Option<mock_okta::Outcome>, Broken> {
        let (app, user) = self.okta.clone().expect("the plan has an app for every event");
        self.transcript.begin();
        let (mut flow, mut step) = Flow::start(&app, &user, event);
        let outcome = loop {
            match step {
                mock_okta::Step::Done(outcome) => break outcome,
                mock_okta::Step::Send(request) => {
                    self.transcript.request(&request);
                    let Some(reply) = self.exchange(label, to_transport(request), span).await? else {
                        return Ok(None);
                    };
                    self.transcript.response(&reply);
                    let Reply { status, reason, body, .. } = reply;
                    step = flow.next(mock_okta::Response { status, reason, body: body.to_vec() });
                }
            }
        };
        let user = flow.user().clone();
        self.bindings.bind_user(&user);
        self.okta = Some((app, user));
        Ok(Some(outcome))
    }

    fn compare_transcript(&self) -> Option<Mismatch> {
        let golden = self.trial.case.golden.as_ref()?;
        transcript::compare(golden, &self.transcript, &self.bindings)
    }

    /// Reads back what the server holds after an event.
    async fn judge_remote(&mut self, label: &str, event: &EventSpec, span: &Span) -> Result<(), Broken> {
        let label = format!("after {label}");
        if let Some(pattern) = &event.expect.remote {
            let Some(id) = self.bindings.get_encoded("id") else {
                let message = "Okta knows no id for the user, so there is nothing to read back".to_owned();
                self.find(&label, Mismatch::sentence(message, pattern.span.clone()), self.latest());
                return Ok(());
            };
            let Some(reply) = self.exchange(&label, client::get(format!("/Users/{id}")), span).await? else {
                return Ok(());
            };
            if reply.status != 200 {
                let mismatch = Mismatch::status(&reply, &[200], pattern.span.clone()).with_kind(kind_of(&reply));
                self.find(&label, mismatch, self.latest());
                return Ok(());
            }
            for mismatch in expect::json(&reply.body, pattern, event.expect.exact, &mut self.bindings) {
                self.find(&label, mismatch, self.latest());
            }
        }
        if let Some(expected) = event.expect.found {
            self.count_found(&label, expected, span).await?;
        }
        Ok(())
    }

    /// Counts the users the server finds under the user's `userName`.
    async fn count_found(&mut self, label: &str, expected: u32, span: &Span) -> Result<(), Broken> {
        let login = self.bindings.get("user.userName").expect("an app's user has a name");
        let literal = serde_json::to_string(&login).expect("a string is JSON");
        let filter = client::encode(&format!("userName eq {literal}"));
        let target = format!("/Users?filter={filter}&startIndex=1&count=100");
        let Some(reply) = self.exchange(label, client::get(target), span).await? else { return Ok(()) };
        let found = match (reply.status, serde_json::from_slice::<Value>(&reply.body)) {
            (404, _) => Some(0),
            (200, Ok(list)) => list.get("Resources").and_then(Value::as_array).map(Vec::len).or(Some(0)),
            _ => None,
        };
        if found != Some(expected as usize) {
            let found = found.map_or_else(|| format!("{} and no list", reply.status), |found| found.to_string());
            let message = format!("the lookup by userName finds {found}, not {expected}");
            let mismatch = Mismatch::sentence(message, span.clone()).with_kind(kind_of(&reply));
            self.find(label, mismatch, self.latest());
        }
        Ok(())
    }

    /// Makes a finding of a mismatch, unless the gate leaves it unmentioned.
    fn find(&mut self, step: &str, mismatch: Mismatch, exchange: Option<usize>) {
        let case = self.trial.case;
        let (level, basis) = (level(case.level), basis(case.basis));
        let Some(verdict) = gate::verdict(self.settings.gate, level, basis, mismatch.kind) else { return };
        let evidence = exchange.and_then(|index| self.client.exchanges().get(index));
        let actual = mismatch.actual(evidence);
        self.findings.push(Finding {
            verdict,
            level,
            basis,
            step: step.to_owned(),
            message: self.client.redactor().text(&mismatch.message(actual.as_deref())),
            pointer: mismatch.pointer,
            expected: mismatch.expected,
            actual,
            location: Some(location(&mismatch.span)),
            exchange,
            curl: evidence.map(|exchange| curl::command(exchange, self.client.base())),
        });
    }

    fn latest(&self) -> Option<usize> {
        self.client.exchange_count().checked_sub(1)
    }

    /// Returns the latest exchange if there was one since `first`.
    fn latest_since(&self, first: usize) -> Option<usize> {
        self.latest().filter(|latest| *latest >= first)
    }

    /// Returns whether an event came to grief over a 5xx.
    fn last_failure_kind(&self, first: usize) -> Kind {
        let response =
            self.client.exchanges().get(first..).and_then(<[_]>::last).and_then(|last| last.response.as_ref());
        match response {
            Some(response) if is_failure_status(response.status) => Kind::ServerFailure,
            _ => Kind::Expectation,
        }
    }
}

/// Returns the app and the person of a trial.
fn set_up_okta(trial: Trial<'_>, settings: &Settings, bindings: &Bindings) -> Option<(App, AppUser)> {
    let (setup, kind) = (trial.case.okta.as_ref()?, trial.app?);
    let mut app = App::new(kind);
    app.push = setup.push;
    let lookup = |name: &str| bindings.get(name);
    let written: Vec<(&str, String)> = setup
        .profile
        .iter()
        .map(|(key, value)| {
            let value = value.expand(&lookup).expect("the plan lets profiles use only what every trial knows");
            (key.as_str(), value)
        })
        .collect();
    let value = |key: &str, default: String| {
        written.iter().find(|(known, _)| *known == key).map_or(default, |(_, value)| value.clone())
    };
    // What the case leaves open follows from what it says: the e-mail address from the login, the display name from both.
    let login = value("login", format!("{}.ada@example.com", bindings.get("run")?));
    let mut profile = Profile::new(login, value("firstName", "Ada".to_owned()), value("lastName", "Byron".to_owned()));
    for (key, value) in written {
        profile.set(key, value).expect("the plan knows the profile's keys");
    }
    let name = trial.to_string();
    let okta_id = mock_okta::okta_id(format!("{}/{name}", settings.seed));
    let password = placeholder_password(settings.seed.derive(&format!("password of {name}")));
    Some((app, AppUser::new(okta_id, profile, password)))
}

/// Returns eight letters and digits, as Okta sends for a user whose password it does not sync.
fn placeholder_password(mut number: u64) -> String {
    const ALPHABET: &[u8] = b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    (0..8)
        .map(|_| {
            let letter = ALPHABET[(number % ALPHABET.len() as u64) as usize];
            number /= ALPHABET.len() as u64;
            char::from(letter)
        })
        .collect()
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

fn unexpected_outcome(outcome: &mock_okta::Outcome, event: &EventSpec) -> Option<Mismatch> {
    let span = event.expect.span.clone();
    match (outcome, event.expect.outcome) {
        (mock_okta::Outcome::Task { message }, scim_suite::Outcome::Done) => {
            Some(Mismatch::sentence(format!("Okta gives up: {message}"), span))
        }
        (mock_okta::Outcome::Done { message }, scim_suite::Outcome::Task) => {
            Some(Mismatch::sentence(format!("Okta is content, though it should not be: {message}"), span))
        }
        _ => None,
    }
}

fn is_server_error(reply: &Reply) -> bool {
    is_failure_status(reply.status)
}

/// 501 is an honest answer to what a server does not do; every other 5xx is a failure.
fn is_failure_status(status: u16) -> bool {
    (500..600).contains(&status) && status != 501
}

fn kind_of(reply: &Reply) -> Kind {
    if is_server_error(reply) { Kind::ServerFailure } else { Kind::Expectation }
}

fn references(catalog: &Catalog, ids: &[String]) -> Vec<Reference> {
    ids.iter()
        .filter_map(|id| catalog.reference(id))
        .map(|entry| Reference { id: entry.id.clone(), title: entry.title.clone(), url: Some(entry.url.clone()) })
        .collect()
}

fn vendor_bugs(catalog: &Catalog, rows: &[u32]) -> Vec<VendorBug> {
    rows.iter()
        .filter_map(|row| catalog.bug(*row))
        .map(|bug| VendorBug {
            row: bug.row,
            project: bug.project.clone(),
            summary: bug.wrong.clone(),
            url: bug.url.clone(),
        })
        .collect()
}

fn location(span: &Span) -> Location {
    let scim_suite::Location { file, line, column, width, source } = span.location();
    Location { file, line, column, width, source }
}

fn level(level: scim_suite::Level) -> scim_record::Level {
    match level {
        scim_suite::Level::Okta => scim_record::Level::Okta,
        scim_suite::Level::Must => scim_record::Level::Must,
        scim_suite::Level::Should => scim_record::Level::Should,
        scim_suite::Level::May => scim_record::Level::May,
    }
}

fn basis(basis: scim_suite::Basis) -> scim_record::Basis {
    match basis {
        scim_suite::Basis::Documented => scim_record::Basis::Documented,
        scim_suite::Basis::Captured => scim_record::Basis::Captured,
        scim_suite::Basis::Inferred => scim_record::Basis::Inferred,
    }
}
