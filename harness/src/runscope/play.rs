//! Plays a suite file: its steps one after the other, each a case of its own, then clean-up and the summary.
//!
//! As on Runscope, a step that fails does not end the test; a later step that needs what it should have brought is not
//! run and says so.

use super::elsewhere::{Elsewhere, Site, SiteError};
use super::format::{Case, Deed, Item, Send, Subject, Suite};
use super::judge::{Seen, Wrong};
use super::request::{self, Place, Trouble};
use super::source::SourceFile;
use super::variables::Variables;
use crate::capability::Capabilities;
use crate::client::{Answer, Client, Stop};
use crate::curl;
use crate::gate::{self, Kind};
use crate::journal::Journal;
use crate::names::Seed;
use crate::run::{Line, RunError, Tally, milliseconds};
use scim_record::{
    Basis, CaseRecord, Event, Failure, Finding, Gate, LeftBehind, Level, Outcome, RunInfo, Summary, Verdict,
};
use scim_transport::{Reply, Request};
use serde_json::Value;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Instant;
use tokio::sync::watch;

/// How a file is played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// What turns the run red.
    pub(crate) gate: Gate,
    /// Whether what is created on another server is provisioned to the service provider on behalf of the run.
    pub(crate) provisions: bool,
    /// What names and values grow from.
    pub(crate) seed: Seed,
    /// How much of each pause is kept, from 0 to 1.
    pub(crate) pause_scale: f64,
}

/// A suite file and everything it is played with.
pub(crate) struct Play<'p> {
    /// The file.
    pub(crate) file: &'p SourceFile,
    /// What it says.
    pub(crate) suite: &'p Suite,
    /// The values of its holes.
    pub(crate) variables: Variables,
    /// The way to the service provider.
    pub(crate) line: &'p Line,
    /// Where what was created is written down.
    pub(crate) journal: &'p Journal,
    /// The other servers.
    pub(crate) elsewhere: Elsewhere,
    /// How it is played.
    pub(crate) settings: Settings,
    /// Turns true when the run is to end early.
    pub(crate) interrupt: watch::Receiver<bool>,
}

impl Play<'_> {
    /// Plays the file and tells `emit` what happens.
    ///
    /// # Errors
    /// If the target cannot be tested at all, or the journal cannot be written.
    pub(crate) async fn execute(mut self, emit: &mut dyn FnMut(&Event)) -> Result<Summary, RunError> {
        let started = Instant::now();
        let run = self.settings.seed.run_id();
        let discovery = Client::new(self.line, self.journal, &run, "discovery");
        let found = Capabilities::discover(&discovery, self.line.version, &BTreeSet::new()).await;
        let is_empty = found.map_err(|error| error.over(&self.line.transport))?.is_empty;
        emit(&Event::RunStarted(self.info(&run)));
        emit(&Event::RunExchanges(discovery.into_exchanges()));

        let mut tally = Tally::default();
        let mut interrupt = self.interrupt.clone();
        for item in &self.suite.items {
            if *interrupt.borrow() {
                break;
            }
            match item {
                Item::Pause(length) => {
                    let pause = tokio::time::sleep(length.mul_f64(self.settings.pause_scale));
                    tokio::select! {
                        () = pause => {}
                        Ok(_) = interrupt.wait_for(|stop| *stop) => {}
                    }
                }
                Item::Case(case) => {
                    emit(&Event::CaseStarted { id: case.id.clone(), app: None });
                    let mut record = self.perform(case, &run, is_empty, &mut interrupt).await?;
                    record.mark_findings(&run, self.line.transport.target().base());
                    tally.add(&record, Vec::new());
                    emit(&Event::CaseFinished(Box::new(record)));
                }
            }
        }
        tally.left_behind = self.clean_up(&run, emit).await?;

        let interrupted = *interrupt.borrow();
        let summary = Summary {
            counts: tally.counts,
            requests: self.line.transport.requests_sent() + self.elsewhere.requests_sent(),
            retries: 0,
            time_ms: milliseconds(started),
            exit: tally.exit(interrupted).code(),
            left_behind: tally.left_behind,
            interrupted,
        };
        emit(&Event::RunFinished(summary.clone()));
        Ok(summary)
    }

    fn info(&self, run: &str) -> RunInfo {
        RunInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            target: self.line.transport.target().base().to_owned(),
            run: run.to_owned(),
            seed: self.settings.seed.to_string(),
            gate: self.settings.gate,
            started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            asked: vec![self.suite.id.clone()],
            cases: self.suite.cases().count(),
            specimen: false,
            tls_unverified: self.line.transport.target().is_unverified(),
            part: None,
        }
    }

    /// Performs one step, unless the run is interrupted meanwhile.
    async fn perform(
        &mut self,
        case: &Case,
        run: &str,
        is_empty: bool,
        interrupt: &mut watch::Receiver<bool>,
    ) -> Result<CaseRecord, RunError> {
        let started = Instant::now();
        let mut record = self.blank(case);
        match &case.deed {
            Deed::NotRun(reason) => {
                record.reason = Some(format!("not run: {reason}"));
                self.lose_all(case);
            }
            Deed::Send(send) => tokio::select! {
                sent = self.send(case, send, run, &mut record) => sent?,
                Ok(_) = interrupt.wait_for(|stop| *stop) => record.reason = Some("interrupted".to_owned()),
            },
        }
        if record.outcome == Outcome::Fail && is_empty && reads_somebody(case) {
            record.mend = Some(NOBODY_THERE.to_owned());
        }
        record.time_ms = milliseconds(started);
        Ok(record)
    }

    /// Returns the record of a step that was not run.
    fn blank(&self, case: &Case) -> CaseRecord {
        let rule = match &case.deed {
            Deed::Send(send) if send.assertions.is_empty() && send.scripts.is_empty() => {
                "The request is answered; the step asserts nothing."
            }
            Deed::Send(_) => "The answer satisfies every assertion of the step.",
            Deed::NotRun(_) => "The step does what it would do on Runscope.",
        };
        CaseRecord {
            id: case.id.clone(),
            suite: self.suite.id.clone(),
            app: None,
            title: case.title.clone(),
            rule: rule.to_owned(),
            refs: Vec::new(),
            level: level(case),
            basis: Basis::Documented,
            disputed: None,
            consequence: None,
            mend: None,
            bugs: Vec::new(),
            outcome: Outcome::Skip,
            reason: None,
            findings: Vec::new(),
            reading: None,
            notes: Vec::new(),
            fuzz: None,
            exchanges: Vec::new(),
            time_ms: 0,
            location: self.file.location(case.span),
        }
    }

    /// Sends the request of a step and judges what comes of it, as far as that can be done.
    async fn send(&mut self, case: &Case, send: &Send, run: &str, record: &mut CaseRecord) -> Result<(), RunError> {
        match self.try_to_send(case, send, run, record).await {
            Ok(()) => return Ok(()),
            Err(Halt::NotRun(reason)) => record.reason = Some(format!("not run: {reason}")),
            Err(Halt::Broken(reason)) => {
                record.outcome = Outcome::Error;
                record.reason = Some(reason);
            }
            Err(Halt::Journal(cause)) => return Err(RunError::Journal(cause)),
        }
        self.lose_all(case);
        Ok(())
    }

    async fn try_to_send(&mut self, case: &Case, send: &Send, run: &str, record: &mut CaseRecord) -> Result<(), Halt> {
        let base = self.line.transport.target().base().to_owned();
        let built = request::build(send, &mut self.variables, &base);
        let (place, request) = built.map_err(|trouble| Halt::NotRun(self.excuse(trouble)))?;
        let site = self.site(&place, &request)?;
        let (line, journal) = site.as_deref().map_or((self.line, self.journal), |site| (&site.line, &site.journal));
        let client = Client::new(line, journal, run, &self.suite.id);
        let wrongs = match client.send(&label(case), request.clone()).await {
            Ok(answer) => {
                if let Some(site) = &site {
                    site.learn(&self.suite.id, &request, &answer.reply).map_err(Halt::Journal)?;
                    self.expect_provisioned(run, &request, &answer.reply).map_err(Halt::Journal)?;
                }
                self.judge(case, send, &client, &answer)
            }
            Err(Stop::Foreign { request }) => return Err(Halt::NotRun(held_back(&request))),
            Err(Stop::Withheld { reason }) => return Err(Halt::NotRun(reason)),
            Err(Stop::Journal(cause)) => return Err(Halt::Journal(cause)),
            Err(Stop::Failed { failure: failure @ Failure::Unreachable { .. }, .. }) => {
                record.exchanges = client.into_exchanges();
                return Err(Halt::Broken(failure.to_string()));
            }
            Err(Stop::Failed { failure, .. }) => {
                self.lose_all(case);
                vec![Wrong { kind: Some(Kind::ServerFailure), ..Wrong::sentence(failure.to_string(), None) }]
            }
        };
        let evidence = client.recorded(0);
        let curl = evidence.as_ref().filter(|_| place == Place::Scim).map(|exchange| curl::command(exchange, &base));
        record.findings =
            wrongs.into_iter().filter_map(|wrong| self.finding(case, wrong, &client, curl.clone())).collect();
        record.outcome = outcome(&record.findings);
        record.exchanges = client.into_exchanges();
        Ok(())
    }

    /// Writes down whom an org may provision to the service provider by and by: people and groups that bear the run's mark.
    /// Clean-up looks for them by their names.
    fn expect_provisioned(&self, run: &str, request: &Request, reply: &Reply) -> std::io::Result<()> {
        let changes = matches!(request.method.as_str(), "POST" | "PUT") && (200..300).contains(&reply.status);
        if !changes || !self.settings.provisions {
            return Ok(());
        }
        let object: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        for (key, collection) in [("login", "/Users"), ("name", "/Groups")] {
            let name = object["profile"][key].as_str().filter(|name| name.to_ascii_lowercase().contains(run));
            let is_known =
                |name: &str| self.journal.open_intents(&self.suite.id).iter().any(|known| known.name == name);
            if let Some(name) = name.filter(|name| !is_known(name)) {
                self.journal.intends(&self.suite.id, collection, name)?;
            }
        }
        Ok(())
    }

    /// Returns the other server a request goes to, if it does not go to the service provider.
    fn site(&mut self, place: &Place, request: &Request) -> Result<Option<Rc<Site>>, Halt> {
        let Place::Elsewhere(origin) = place else { return Ok(None) };
        let site = self.elsewhere.at(origin).map_err(|error| match error {
            SiteError::Unusable(reason) => Halt::NotRun(reason),
            SiteError::Journal(cause) => Halt::Journal(cause),
        })?;
        if site.allows(request) {
            return Ok(Some(site));
        }
        let target = request.target.split('?').next().unwrap_or_default();
        Err(Halt::NotRun(held_back(&format!("{} {origin}{target}", request.method))))
    }

    fn judge(&mut self, case: &Case, send: &Send, client: &Client<'_>, answer: &Answer) -> Vec<Wrong> {
        let evidence = client.recorded(answer.exchange).expect("what was answered was recorded");
        Seen::new(answer, &evidence).judge(send, case.number, &mut self.variables)
    }

    /// Makes a finding of what is wrong, unless the gate leaves it unmentioned.
    fn finding(&self, case: &Case, wrong: Wrong, client: &Client<'_>, curl: Option<String>) -> Option<Finding> {
        let (level, basis) = (level(case), Basis::Documented);
        let verdict = match wrong.kind {
            Some(kind) => gate::verdict(self.settings.gate, level, basis, false, kind)?,
            // What we did not do is no fault of the server, whatever the gate.
            None => Verdict::Warn,
        };
        let scrubbed = |text: &str| client.redactor().text(text);
        Some(Finding {
            verdict,
            level,
            basis,
            step: label(case),
            message: scrubbed(&wrong.sentence),
            pointer: wrong.pointer,
            expected: wrong.expected.as_deref().map(scrubbed),
            actual: wrong.actual.as_deref().map(scrubbed),
            location: Some(self.file.location(wrong.span.unwrap_or(case.span))),
            exchange: Some(0),
            curl,
            fuzz: None,
            fingerprint: String::new(),
        })
    }

    /// Forgets what a step without an answer should have brought.
    fn lose_all(&mut self, case: &Case) {
        for name in &case.brings {
            self.variables.lose(name, case.number);
        }
    }

    fn excuse(&self, trouble: Trouble) -> String {
        match trouble {
            Trouble::Url(reason) => reason,
            Trouble::Credentials(origin) => {
                format!(
                    "it would send the service provider's credentials to {origin}; give that server its own by --var"
                )
            }
            Trouble::Unset(name) => match self.variables.lost_in(&name) {
                Some(step) => format!("it needs {{{{{name}}}}}, which step {step:02} did not bring"),
                None => format!("{{{{{name}}}}} has no value"),
            },
        }
    }

    /// Removes everything the file created, on the service provider and elsewhere.
    async fn clean_up(&self, run: &str, emit: &mut dyn FnMut(&Event)) -> Result<Vec<LeftBehind>, RunError> {
        // What leaves an org is deactivated at the service provider, so it goes first.
        let mut left_behind = self.elsewhere.clean_up(&self.suite.id, emit).await?;
        let client = Client::new(self.line, self.journal, run, &self.suite.id);
        left_behind.extend(client.clean_up().await?);
        emit(&Event::RunExchanges(client.into_exchanges()));
        self.journal.close()?;
        Ok(left_behind)
    }
}

/// Why a step comes to no judgement.
enum Halt {
    /// It cannot be done, or must not.
    NotRun(String),
    /// The world is broken.
    Broken(String),
    /// Nothing more may be created.
    Journal(std::io::Error),
}

/// Returns what evidence calls the request of a step.
fn label(case: &Case) -> String {
    format!("step {}", case.number)
}

/// What helps when a file that reads somebody meets an empty server.
const NOBODY_THERE: &str = "The server holds nobody. Okta's test reads a user who is there already: create one first.";

fn held_back(request: &str) -> String {
    format!("{request} would change an object this run did not create, so it was held back")
}

/// A step whose name says that it is optional can warn, never fail a server under Okta's gate.
fn level(case: &Case) -> Level {
    if case.is_optional { Level::Should } else { Level::Okta }
}

fn outcome(findings: &[Finding]) -> Outcome {
    match findings {
        [] => Outcome::Pass,
        some if some.iter().any(|finding| finding.verdict == Verdict::Fail) => Outcome::Fail,
        _ => Outcome::Warn,
    }
}

/// Tells whether a step lists whoever is there and looks at the first.
fn reads_somebody(case: &Case) -> bool {
    let Deed::Send(send) = &case.deed else { return false };
    let is_first = |subject: &Subject| matches!(subject, Subject::Json(_, text) if text.starts_with("Resources[0]"));
    send.extractions.iter().any(|extraction| is_first(&extraction.subject))
        && send.assertions.iter().any(|assertion| is_first(&assertion.subject))
}
