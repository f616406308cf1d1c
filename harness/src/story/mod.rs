//! Performs lifecycle stories: an Okta org lives through months in seconds, its apps push to service providers, and after
//! each chapter the providers are looked at.
//!
//! The org is the mock org as it is, its clock a virtual one: no day is waited for. What HR and administrators do is
//! decided in `mock_okta`, what a story may say in `scim_suite::story`. Here are the executor of the org's jobs (`perform`),
//! what must come of a chapter (`judge`, `look`), and the words in which it is told (`told`).
//!
//! | module | in → out |
//! |---|---|
//! | `find` | name or path → script and feeds → story |
//! | `world` | the script's names, acts and dates → events of the org |
//! | `side` | one app: its line to a service provider, what is known there |
//! | `perform` | jobs of the org → exchanges, through whatever outage there is |
//! | `in_app` | what happens in the app itself → exchanges behind Okta's back |
//! | `judge`, `look` | expectations → records of cases |
//! | `told` | events → sentences |

mod find;
mod in_app;
mod judge;
mod look;
mod perform;
mod side;
mod told;
mod world;

pub use find::{StoryError, embedded, find};

use crate::journal::Journal;
use crate::names::Seed;
use crate::run::{Line, RunError, Tally, milliseconds};
use jiff::Timestamp;
use scim_record::{ChapterRecord, Event, Gate, LeftBehind, RunInfo, Summary};
use scim_suite::Need;
use scim_suite::story::{Chapter, Expectation};
use scim_suite::{Catalog, Story};
use side::Side;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use world::World;

/// How a story is performed.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What turns the run red.
    pub gate: Gate,
    /// What names and values grow from.
    pub seed: Seed,
    /// How long a service provider may take to show what it was told, where the story does not say.
    pub settle: Duration,
}

/// Where an app of the story pushes to.
#[derive(Debug)]
pub struct Stop {
    /// The way there.
    pub line: Line,
    /// Where what is created there is written down.
    pub journal: Journal,
    /// Whether it is an embedded specimen.
    pub specimen: bool,
}

/// A story and everything it is performed with.
pub struct Telling<'run> {
    /// The story.
    pub story: &'run Story,
    /// Where each of its apps pushes to, in their order.
    pub stops: &'run [Stop],
    /// What references mean.
    pub catalog: &'run Catalog,
    /// How it is performed.
    pub settings: Settings,
    /// Turns true when the story is to end early.
    pub interrupt: watch::Receiver<bool>,
}

impl Telling<'_> {
    /// Performs the story and tells `emit` what happens, in order. Whatever was created is removed, also after an early end.
    ///
    /// # Errors
    /// If a service provider cannot be tested at all, or a journal cannot be written.
    pub async fn execute(&self, emit: &mut dyn FnMut(&Event)) -> Result<Summary, RunError> {
        let started = Instant::now();
        let run = self.settings.seed.run_id();
        let mut sides = Vec::new();
        for (app, stop) in self.story.apps.iter().zip(self.stops) {
            sides
                .push(Side::open(app, stop, &run, &self.story.name, self.settings.seed, &self.needs(&app.name)).await?);
        }
        emit(&Event::RunStarted(self.info(&run)));
        for side in &sides {
            emit(&Event::RunExchanges(side.client.take_exchanges()));
        }
        let mut stage = Stage { telling: self, world: World::new(self.story, self.settings.seed), sides };
        let mut tally = Tally::default();
        let mut interrupt = self.interrupt.clone();
        let ended = tokio::select! {
            told = stage.tell(&mut tally, emit) => told,
            Ok(_) = interrupt.wait_for(|stop| *stop) => Ok(()),
        };
        let mut left_behind = Vec::new();
        for (side, stop) in stage.sides.iter().zip(self.stops) {
            // What the chapters sent is told with them.
            side.client.take_exchanges();
            left_behind.extend(side.client.clean_up().await?);
            emit(&Event::RunExchanges(side.client.take_exchanges()));
            stop.journal.close()?;
        }
        ended?;
        tally.left_behind = left_behind;
        Ok(self.end(tally, started, emit))
    }

    /// Returns what an app's service provider is asked to offer.
    fn needs(&self, app: &str) -> BTreeSet<Need> {
        let expectations = self.story.chapters.iter().flat_map(|chapter| &chapter.expectations);
        let is_about = |it: &&Expectation| it.app.as_deref().is_none_or(|known| known == app);
        expectations.filter(is_about).flat_map(|expectation| expectation.needs.iter().copied()).collect()
    }

    fn end(&self, tally: Tally, started: Instant, emit: &mut dyn FnMut(&Event)) -> Summary {
        let interrupted = *self.interrupt.borrow();
        let summary = Summary {
            counts: tally.counts,
            requests: self.stops.iter().map(|stop| stop.line.transport.requests_sent()).sum(),
            retries: 0,
            time_ms: milliseconds(started),
            exit: tally.exit(interrupted).code(),
            left_behind: tally.left_behind,
            interrupted,
        };
        emit(&Event::RunFinished(summary.clone()));
        summary
    }

    fn info(&self, run: &str) -> RunInfo {
        let expectations: usize = self.story.chapters.iter().map(|chapter| chapter.expectations.len()).sum();
        let vendor = self.stops.iter().find(|stop| !stop.specimen).or(self.stops.first());
        RunInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            target: vendor.map(|stop| stop.line.transport.target().base().to_owned()).unwrap_or_default(),
            run: run.to_owned(),
            seed: self.settings.seed.to_string(),
            gate: self.settings.gate,
            started: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            asked: vec![self.story.name.clone()],
            // What every chapter expects, the set-up among them, beside what is written.
            cases: expectations + self.story.chapters.len() + 1,
            specimen: self.stops.iter().all(|stop| stop.specimen),
            tls_unverified: self.stops.iter().any(|stop| stop.line.transport.target().is_unverified()),
            part: None,
        }
    }
}

/// The org and its apps while the story goes on.
struct Stage<'run> {
    telling: &'run Telling<'run>,
    world: World<'run>,
    sides: Vec<Side<'run>>,
}

impl Stage<'_> {
    async fn tell(&mut self, tally: &mut Tally, emit: &mut dyn FnMut(&Event)) -> Result<(), RunError> {
        let story = self.telling.story;
        self.perform_set_up().await?;
        self.conclude(None, tally, emit).await?;
        for chapter in &story.chapters {
            self.perform(chapter).await?;
            self.conclude(Some(chapter), tally, emit).await?;
        }
        Ok(())
    }

    /// Judges a chapter, tells it, and makes room for the next.
    async fn conclude(
        &mut self,
        chapter: Option<&Chapter>,
        tally: &mut Tally,
        emit: &mut dyn FnMut(&Event),
    ) -> Result<(), RunError> {
        let records = self.judge(chapter).await?;
        let mut verdicts = Vec::new();
        let run = self.telling.info(&self.telling.settings.seed.run_id());
        for mut record in records {
            record.mark_findings(&run.run, &run.target);
            emit(&Event::CaseStarted { id: record.id.clone(), app: record.app.clone() });
            verdicts.push(told::verdict(&record));
            tally.add(&record, Vec::<LeftBehind>::new());
            emit(&Event::CaseFinished(Box::new(record)));
        }
        let story = self.telling.story;
        let (id, title) = match chapter {
            Some(chapter) => (chapter.id.clone(), chapter.title.clone()),
            None => (format!("{}/{}", story.name, Story::SET_UP), format!("{}: {}", story.org.name, story.title)),
        };
        let deeds = self.world.take_deeds();
        let apps = self.sides.iter_mut().filter_map(Side::take_part).collect();
        emit(&Event::ChapterFinished(Box::new(ChapterRecord { id, title, deeds, apps, verdicts })));
        Ok(())
    }
}
