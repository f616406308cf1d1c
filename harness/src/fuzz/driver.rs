//! The driver: keeps the lanes busy with inputs and looks after what they find.

use super::lane::{Evidence, Lane};
use super::shrink::{self, Case, Certainty};
use super::{Breach, Judgement, Subject};
use crate::client::{Client, Stop};
use crate::gate::Kind;
use futures_util::stream::{FuturesUnordered, StreamExt};
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use scim_fuzz::Inputs;
use scim_record::Failure;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How much to send, and in which way.
#[derive(Debug, Clone)]
pub(crate) struct Orders {
    /// Inputs that come before all others, as text.
    pub(crate) known: Vec<String>,
    /// How many random inputs follow; as many as there is time for where none is given.
    pub(crate) cases: Option<u64>,
    /// When no further input is sent.
    pub(crate) until: Option<Instant>,
    /// What the random inputs grow from.
    pub(crate) seed: u64,
    /// How many inputs are in flight at a time.
    pub(crate) lanes: usize,
    /// After how many different findings nobody wants to know more.
    pub(crate) most_findings: usize,
    /// How long a target may be away before it is given up.
    pub(crate) patience: Duration,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Harvest {
    /// What is wrong with the target, one for each identity, in the order found.
    pub(crate) found: Vec<Found>,
    /// How many inputs were judged, those of shrinking and confirming left out.
    pub(crate) inputs: u64,
    /// What the target does not do, with the number of inputs that showed it.
    pub(crate) unsupported: BTreeMap<String, u64>,
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// Why it ended.
    pub(crate) end: End,
}

/// One thing that is wrong with the target.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Where the input came from.
    pub(crate) origin: Origin,
    /// The smallest input that shows it, as text.
    pub(crate) input: String,
    /// What it shows.
    pub(crate) breach: Breach,
    /// How sure that is.
    pub(crate) certainty: Certainty,
    /// The exchanges that show it.
    pub(crate) evidence: Evidence,
}

/// Where an input came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It is one of the [known](Orders::known), counted from 0.
    Known(usize),
    /// It is a random one, counted from 0.
    Random(u64),
}

/// Why a search ended.
#[derive(Debug)]
pub(crate) enum End {
    /// Everything was sent.
    Done,
    /// The time was up.
    OutOfTime,
    /// Enough was found.
    Enough,
    /// Somebody interrupted the run.
    Interrupted,
    /// The target does not answer any more.
    Gone {
        /// What the last exchange said.
        cause: String,
        /// The inputs that were in flight, as text.
        in_flight: Vec<String>,
    },
    /// The journal cannot be written, so nothing more may be created.
    Journal(io::Error),
    /// A known input cannot be read, or no further input can be made.
    Unusable(String),
}

/// Searches until the orders are carried out, or there is a reason to end before.
pub(crate) async fn search<S: Subject>(
    subject: &S,
    client: &Client<'_>,
    orders: &Orders,
    interrupt: &mut watch::Receiver<bool>,
    tell: &dyn Fn(u64, usize),
) -> Harvest {
    let started = Instant::now();
    let search = Search::new(subject, client, orders);
    let known = match search.read_known() {
        Ok(known) => known,
        Err(sentence) => return search.harvest(started, End::Unusable(sentence)),
    };
    search.state.borrow_mut().known = known;
    let mut lanes: FuturesUnordered<_> = (0..orders.lanes.max(1)).map(|number| search.work(number)).collect();
    let cut = async {
        match orders.until {
            Some(until) => tokio::time::sleep_until((until + GRACE).into()).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(cut);
    let mut ticks = tokio::time::interval(TICK);
    let end = loop {
        tokio::select! {
            ended = lanes.next() => match ended {
                Some(()) => {}
                None => break search.end.take(),
            },
            Ok(_) = interrupt.wait_for(|stop| *stop) => break Some(End::Interrupted),
            () = &mut cut => break Some(End::OutOfTime),
            _ = ticks.tick() => {
                let state = search.state.borrow();
                tell(state.inputs, state.found.len());
            }
        }
    };
    // What is in flight is given up; the journal knows what it may have created.
    drop(lanes);
    search.harvest(started, end.unwrap_or(End::Done))
}

/// A search while it runs.
pub(super) struct Search<'s, S: Subject> {
    subject: &'s S,
    client: &'s Client<'s>,
    orders: &'s Orders,
    strategy: BoxedStrategy<<S::Inputs as Inputs>::Input>,
    state: RefCell<State<<S::Inputs as Inputs>::Input>>,
    /// Why no further input is to be sent.
    end: Cell<Option<End>>,
    ends: Cell<bool>,
    /// Whether nothing at all is to be sent any more, be it to finish what was begun.
    is_lost: Cell<bool>,
    /// One lane at a time looks whether the target is there.
    probe: tokio::sync::Mutex<()>,
}

struct State<I> {
    runner: TestRunner,
    known: Vec<Rc<I>>,
    next_known: usize,
    next_random: u64,
    inputs: u64,
    identities: HashSet<String>,
    found: Vec<Found>,
    unsupported: BTreeMap<String, u64>,
    in_flight: Vec<Option<Rc<I>>>,
}

impl<'s, S: Subject> Search<'s, S> {
    fn new(subject: &'s S, client: &'s Client<'s>, orders: &'s Orders) -> Self {
        let state = State {
            runner: runner(orders.seed),
            known: Vec::new(),
            next_known: 0,
            next_random: 0,
            inputs: 0,
            identities: HashSet::new(),
            found: Vec::new(),
            unsupported: BTreeMap::new(),
            in_flight: vec![None; orders.lanes.max(1)],
        };
        Search {
            subject,
            client,
            orders,
            strategy: subject.inputs().strategy(),
            state: RefCell::new(state),
            end: Cell::new(None),
            ends: Cell::new(false),
            is_lost: Cell::new(false),
            probe: tokio::sync::Mutex::new(()),
        }
    }

    pub(super) fn subject(&self) -> &'s S {
        self.subject
    }

    /// Returns whether nothing can be sent any more, not even to finish what was begun.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.get()
    }

    /// Ends the search. What was found is still made small, unless the target or the journal is lost.
    fn end(&self, end: End) {
        let loses = matches!(end, End::Gone { .. } | End::Journal(_));
        if !self.ends.replace(true) || (loses && !self.is_lost.get()) {
            self.end.set(Some(end));
        }
        self.is_lost.set(self.is_lost.get() || loses);
    }

    fn read_known(&self) -> Result<Vec<Rc<<S::Inputs as Inputs>::Input>>, String> {
        let inputs = self.subject.inputs();
        let read = |text: &String| {
            let input = inputs.parse(text).map_err(|cause| format!("the input {text:?} cannot be read: {cause}"))?;
            Ok(Rc::new(input))
        };
        self.orders.known.iter().map(read).collect()
    }

    /// Takes input after input, until there is no more or the search ends.
    async fn work(&self, number: usize) {
        let lane = Lane::new(self.client, number);
        while let Some((origin, input)) = self.next() {
            let judged = self.judge(&lane, &input).await;
            self.state.borrow_mut().inputs += 1;
            let result = match judged {
                Ok(Judgement::Holds) => Ok(()),
                Ok(Judgement::Unsupported(what)) => {
                    self.note_unsupported(what);
                    Ok(())
                }
                Ok(Judgement::Broken(breach)) => self.look_into(&lane, origin, input, *breach).await,
                Err(stop) => Err(stop),
            };
            if let Err(stop) = result {
                self.give_up(stop);
            }
            self.state.borrow_mut().in_flight[number] = None;
        }
    }

    fn next(&self) -> Option<(Origin, Rc<<S::Inputs as Inputs>::Input>)> {
        if self.ends.get() {
            return None;
        }
        let state = &mut *self.state.borrow_mut();
        if let Some(input) = state.known.get(state.next_known) {
            state.next_known += 1;
            return Some((Origin::Known(state.next_known - 1), Rc::clone(input)));
        }
        if self.orders.until.is_some_and(|until| Instant::now() >= until) {
            self.end(End::OutOfTime);
            return None;
        }
        if self.orders.cases.is_some_and(|cases| state.next_random >= cases) {
            return None;
        }
        match self.strategy.new_tree(&mut state.runner) {
            Ok(tree) => {
                state.next_random += 1;
                Some((Origin::Random(state.next_random - 1), Rc::new(tree.current())))
            }
            Err(reason) => {
                self.end(End::Unusable(format!("no further input can be made: {reason}")));
                None
            }
        }
    }

    /// Judges one input; an exchange that fails is the input's fault if the target is there otherwise.
    pub(super) async fn judge(
        &self,
        lane: &Lane<'_>,
        input: &Rc<<S::Inputs as Inputs>::Input>,
    ) -> Result<Judgement, Stop> {
        self.state.borrow_mut().in_flight[lane.number()] = Some(Rc::clone(input));
        for _ in 0..MOST_REFUSALS {
            let judged = self.subject.judge(lane, input).await;
            if lane.was_throttled() {
                return Ok(Judgement::Unsupported(THROTTLED.to_owned()));
            }
            let failure = match judged {
                Err(Stop::Failed { failure, .. }) => failure,
                Err(Stop::Foreign { request }) => return Ok(Judgement::Broken(Box::new(foreign(&request)))),
                other => return other,
            };
            if !self.is_there().await {
                return Err(Stop::Failed { failure, exchange: None });
            }
            if !matches!(failure, Failure::Unreachable { .. }) {
                return Ok(Judgement::Broken(Box::new(no_answer(&failure))));
            }
        }
        // It is there, but for this input it was not, time and again; nothing was asked of it.
        Ok(Judgement::Unsupported("connections are refused now and then".to_owned()))
    }

    /// Returns whether the target answers anything at all, be it after a while.
    async fn is_there(&self) -> bool {
        let _turn = self.probe.lock().await;
        if self.is_lost() {
            return false;
        }
        let probe = async {
            for attempt in 0_u32.. {
                let request = crate::client::get(scim_suite::ScimVersion::V2, PROBE.to_owned());
                if self.client.ask(request).await.is_ok() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50 << attempt.min(5))).await;
            }
        };
        tokio::time::timeout(self.orders.patience, probe).await.is_ok()
    }

    fn give_up(&self, stop: Stop) {
        match stop {
            Stop::Failed { failure, .. } => {
                let state = self.state.borrow();
                let print = |input: &Rc<_>| self.subject.inputs().print(input);
                let in_flight = state.in_flight.iter().flatten().map(print).collect();
                self.end(End::Gone { cause: failure.to_string(), in_flight });
            }
            Stop::Journal(cause) => self.end(End::Journal(cause)),
            // The case is told as skipped.
            Stop::Withheld { reason } => self.end(End::Gone { cause: reason, in_flight: Vec::new() }),
            Stop::Foreign { .. } => unreachable!("what was held back is a breach"),
        }
    }

    fn note_unsupported(&self, what: String) {
        let unsupported = &mut self.state.borrow_mut().unsupported;
        if let Some(count) = unsupported.get_mut(&what) {
            *count += 1;
        } else if unsupported.len() < MOST_UNSUPPORTED {
            unsupported.insert(what, 1);
        }
    }

    /// Makes a breach small and sure, unless it is known already.
    async fn look_into(
        &self,
        lane: &Lane<'_>,
        origin: Origin,
        input: Rc<<S::Inputs as Inputs>::Input>,
        breach: Breach,
    ) -> Result<(), Stop> {
        let Some(at) = self.claim(origin, &input, &breach) else { return Ok(()) };
        let first = Case { input: Rc::clone(&input), breach: breach.clone() };
        let step = super::told::step(at);
        let mut smallest = shrink::shrink(self, lane, first).await?;
        let (mut certainty, mut evidence) = shrink::confirm(self, lane, &mut smallest, &step).await?;
        // An input that shows nothing any more was made too small by a breach that comes and goes.
        if certainty != Certainty::Always && !Rc::ptr_eq(&smallest.input, &input) {
            let mut whole = Case { input, breach };
            let (again, seen) = shrink::confirm(self, lane, &mut whole, &step).await?;
            if again == Certainty::Always || matches!(certainty, Certainty::Sometimes { seen: 0, .. }) {
                (smallest, certainty, evidence) = (whole, again, seen);
            }
        }
        let found = &mut self.state.borrow_mut().found[at];
        found.input = self.subject.inputs().print(&smallest.input);
        found.breach = smallest.breach;
        found.certainty = certainty;
        found.evidence = evidence;
        Ok(())
    }

    /// Takes a breach on, unless somebody has; returns its place among the findings.
    fn claim(&self, origin: Origin, input: &<S::Inputs as Inputs>::Input, breach: &Breach) -> Option<usize> {
        let state = &mut *self.state.borrow_mut();
        if state.found.len() >= self.orders.most_findings || !state.identities.insert(breach.identity.clone()) {
            return None;
        }
        state.found.push(Found {
            origin,
            input: self.subject.inputs().print(input),
            breach: breach.clone(),
            certainty: Certainty::Unknown,
            evidence: Evidence::default(),
        });
        if state.found.len() >= self.orders.most_findings {
            self.end(End::Enough);
        }
        Some(state.found.len() - 1)
    }

    fn harvest(self, started: Instant, end: End) -> Harvest {
        let State { found, inputs, unsupported, .. } = self.state.into_inner();
        Harvest { found, inputs, unsupported, elapsed: started.elapsed(), end }
    }
}

/// Returns the runner that makes the same inputs for the same seed.
pub(crate) fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Returns what it means that a target which is there does not answer an input.
fn no_answer(failure: &Failure) -> Breach {
    let kind = match failure {
        Failure::Unreachable { .. } => "unreachable",
        Failure::TimedOut { .. } => "timed-out",
        Failure::Broken { .. } => "broken",
        Failure::TooLarge { .. } => "too-large",
    };
    Breach {
        law: "every-request-is-answered",
        identity: format!("every-request-is-answered/{kind}"),
        message: failure.to_string(),
        expected: Some("an answer, be it an error".to_owned()),
        actual: None,
        level: None,
        kind: Kind::ServerFailure,
    }
}

/// Returns what it means that the target points a request at an object of somebody else.
fn foreign(request: &str) -> Breach {
    Breach {
        law: "answers-are-about-our-objects",
        identity: "answers-are-about-our-objects".to_owned(),
        message: format!("the target's answers led to {request}, an object this run did not create (it was not sent)"),
        expected: None,
        actual: None,
        level: None,
        kind: Kind::Expectation,
    }
}

/// What is asked of a target to see whether it is there.
const PROBE: &str = "/ServiceProviderConfig";
const THROTTLED: &str = "more requests than the target lets through (429)";
/// How often an input meets a closed door before it is passed over.
const MOST_REFUSALS: u32 = 3;
/// How many constructs that a target does not support are told apart.
const MOST_UNSUPPORTED: usize = 200;
/// How long the last findings may be looked into when the time is up.
const GRACE: Duration = Duration::from_secs(20);
/// How often somebody who waits is told how far things are.
const TICK: Duration = Duration::from_secs(10);
