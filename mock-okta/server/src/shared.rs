//! What all connections and workers share: the world behind a lock, and news of what goes on in it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mock_okta::org::JobId;
use tokio::sync::watch;

use crate::auth::Rate;
use crate::config::Config;
use crate::seed::SeedError;
use crate::world::{FORMAT, Snapshot, SnapshotError, World};

/// What all connections and workers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) token: String,
    pub(crate) rate: Mutex<Rate>,
    state: Mutex<State>,
    /// Counts what happened: a job ended, the clock jumped, another world took the place of this one.
    news: watch::Sender<u64>,
    requests: AtomicU64,
}

#[derive(Debug)]
struct State {
    world: World,
    /// Grows when another world takes the place of this one.
    generation: u64,
}

/// Names a world among those that took each other's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation(u64);

impl Shared {
    /// Makes the world.
    pub(crate) fn new(config: Config, token: String) -> Result<Shared, SeedError> {
        let world = config.seed.build(config.provider.as_ref())?;
        Ok(Shared {
            token,
            rate: Mutex::new(Rate::new(config.calls_per_minute)),
            config,
            state: Mutex::new(State { world, generation: 0 }),
            news: watch::Sender::new(0),
            requests: AtomicU64::new(0),
        })
    }

    /// Does something in the world of this moment.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        act(&mut self.lock().world)
    }

    /// Does something in a certain world; nothing where another has taken its place.
    pub(crate) fn with_that<R>(&self, generation: Generation, act: impl FnOnce(&mut World) -> R) -> Option<R> {
        let mut state = self.lock();
        (state.generation == generation.0).then(|| act(&mut state.world))
    }

    /// Takes an app with work that nobody is at.
    pub(crate) fn take_app(&self) -> Option<(Generation, String)> {
        let mut state = self.lock();
        let generation = Generation(state.generation);
        state.world.take_app().map(|app| (generation, app))
    }

    /// Begins again with the seed.
    pub(crate) fn reset(&self) -> Result<(), SeedError> {
        let world = self.config.seed.build(self.config.provider.as_ref())?;
        self.replace(world);
        Ok(())
    }

    /// Brings back what a snapshot tells of. Credentials, which no snapshot holds, stay with apps whose service provider
    /// is the one they have at this moment.
    pub(crate) fn restore(&self, snapshot: Snapshot) -> Result<(), SnapshotError> {
        let seed = &self.config.seed;
        if snapshot.format != FORMAT {
            return Err(SnapshotError::Format(snapshot.format));
        }
        if snapshot.seed != seed.fingerprint() {
            return Err(SnapshotError::OtherSeed);
        }
        let built = seed.build(self.config.provider.as_ref());
        let mut world = built.map_err(|error| SnapshotError::Seed(error.to_string()))?;
        world.replay(snapshot)?;
        {
            let state = self.lock();
            for (id, card) in &mut world.apps {
                let known = state.world.apps.get(id).and_then(|known| known.service.as_ref());
                if let (Some(service), Some(known)) = (&mut card.service, known)
                    && service.target == known.target
                {
                    *service = known.clone();
                }
            }
        }
        self.replace(world);
        Ok(())
    }

    fn replace(&self, world: World) {
        let mut state = self.lock();
        state.generation += 1;
        state.world = world;
        drop(state);
        self.tell();
    }

    /// Tells whoever waits that something happened.
    pub(crate) fn tell(&self) {
        self.news.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Returns the news, of which nothing is lost from here on.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Waits until jobs are over, or every job where none is named; no longer than a while. Tells whether they are.
    pub(crate) async fn settled(&self, jobs: Option<&[JobId]>, longest: Duration) -> bool {
        let mut news = self.news();
        let waiting = async {
            loop {
                news.borrow_and_update();
                let is_over = self.with(|world| match jobs {
                    Some(jobs) => jobs.iter().all(|job| world.is_over(*job)),
                    None => world.org.pending().len() == 0,
                });
                if is_over || news.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(longest, waiting).await.is_ok()
    }

    /// Returns the number of a request.
    pub(crate) fn number(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in a world is left half done by a panic that could not happen in the first place.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
