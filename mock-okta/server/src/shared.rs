//! What all connections and workers share: the world behind a lock, and news of what goes on in it.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mock_okta::org::JobId;
use tokio::sync::watch;

use crate::StartError;
use crate::auth::Rate;
use crate::config::Config;
use crate::console::Console;
use crate::seed::{Provider, SeedError};
use crate::state::{Folder, Opened};
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
    pub(crate) console: Console,
    /// The service provider of apps for which the seed names none.
    provider: Option<Provider>,
    /// What is to be known about the folder the org is kept in.
    pub(crate) notes: Vec<String>,
    /// Why the org cannot be kept any longer.
    failure: watch::Sender<Option<String>>,
}

#[derive(Debug)]
struct State {
    world: World,
    /// Grows when another world takes the place of this one.
    generation: u64,
    /// Where the world is kept.
    folder: Option<Folder>,
    /// Nothing happens in the world any more.
    is_closed: bool,
}

/// Names a world among those that took each other's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation(u64);

impl Shared {
    /// Makes the world.
    pub(crate) fn new(config: Config, token: String) -> Result<Shared, StartError> {
        let (folder, world, provider, notes) = match &config.state {
            Some(path) => {
                let Opened { folder, world, provider, notes } = Folder::open(path, &config)?;
                (Some(folder), world, provider, notes)
            }
            None => {
                let world = config.seed.build(config.provider.as_ref())?;
                (None, world, config.provider.clone(), Vec::new())
            }
        };
        Ok(Shared {
            token,
            rate: Mutex::new(Rate::new(config.calls_per_minute)),
            config,
            state: Mutex::new(State { world, generation: 0, folder, is_closed: false }),
            news: watch::Sender::new(0),
            requests: AtomicU64::new(0),
            console: Console::new(),
            provider,
            notes,
            failure: watch::Sender::new(None),
        })
    }

    /// Does something in the world of this moment.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        let mut state = self.lock();
        let done = act(&mut state.world);
        self.keep(&mut state);
        done
    }

    /// Does something in a certain world; nothing where another has taken its place.
    pub(crate) fn with_that<R>(&self, generation: Generation, act: impl FnOnce(&mut World) -> R) -> Option<R> {
        let mut state = self.lock();
        let done = (state.generation == generation.0).then(|| act(&mut state.world));
        self.keep(&mut state);
        done
    }

    /// Writes down what came into the world, before anybody learns what came of it.
    fn keep(&self, state: &mut State) {
        let inputs = state.world.take_inputs();
        if inputs.is_empty() {
            return;
        }
        let Some(folder) = &mut state.folder else { return };
        if let Err(error) = folder.append(&inputs) {
            // What is in the file from here on is a record that was cut off, behind which nothing may be written.
            state.folder = None;
            self.fail(state, &error);
        }
    }

    fn fail(&self, state: &mut State, error: &io::Error) {
        state.is_closed = true;
        state.generation += 1;
        self.failure.send_replace(Some(format!("what happened cannot be written down: {error}")));
    }

    /// Whether calls are answered still.
    pub(crate) fn is_open(&self) -> bool {
        !self.lock().is_closed
    }

    /// Waits until the org cannot be kept any longer, and returns why.
    pub(crate) async fn failed(&self) -> io::Error {
        let mut failure = self.failure.subscribe();
        let why = failure.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
        io::Error::other(why.unwrap_or_default())
    }

    /// Returns the file that has something to be flushed to the disk.
    pub(crate) fn unflushed(&self) -> io::Result<Option<File>> {
        self.lock().folder.as_mut().map_or(Ok(None), Folder::unflushed)
    }

    /// Notes that the file could not be flushed.
    pub(crate) fn not_flushed(&self, error: &io::Error) {
        self.fail(&mut self.lock(), error);
    }

    /// Ends everything: calls are refused, whoever is at a job stops, and the folder is free for another org.
    pub(crate) fn close(&self) -> io::Result<()> {
        let mut state = self.lock();
        state.is_closed = true;
        state.generation += 1;
        state.folder.take().map_or(Ok(()), |mut folder| folder.flush())
    }

    /// Does something in the world of this moment, and says which that is; nothing where nothing happens any more.
    pub(crate) fn with_this<R>(&self, act: impl FnOnce(&mut World) -> R) -> Option<(Generation, R)> {
        let mut state = self.lock();
        if state.is_closed {
            return None;
        }
        let done = (Generation(state.generation), act(&mut state.world));
        self.keep(&mut state);
        Some(done)
    }

    /// Returns the world of this moment among those that took each other's place.
    pub(crate) fn generation(&self) -> Generation {
        Generation(self.lock().generation)
    }

    /// Takes an app with work that nobody is at.
    pub(crate) fn take_app(&self) -> Option<(Generation, String)> {
        let mut state = self.lock();
        let generation = Generation(state.generation);
        state.world.take_app().map(|app| (generation, app))
    }

    /// Takes an event hook whose receiver is to be told something and that nobody is at.
    pub(crate) fn take_hook(&self) -> Option<(Generation, String)> {
        let mut state = self.lock();
        let generation = Generation(state.generation);
        state.world.take_hook().map(|hook| (generation, hook))
    }

    /// Begins again with the seed.
    pub(crate) fn reset(&self) -> Result<(), SnapshotError> {
        let world = self.config.seed.build(self.provider.as_ref());
        let world = world.map_err(|error: SeedError| SnapshotError::Seed(error.to_string()))?;
        self.replace(world)
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
        let built = seed.build(self.provider.as_ref());
        let mut world = built.map_err(|error| SnapshotError::Seed(error.to_string()))?;
        world.replay(snapshot)?;
        world.take_secrets(&self.lock().world, self.provider.as_ref());
        self.replace(world)
    }

    fn replace(&self, mut world: World) -> Result<(), SnapshotError> {
        let mut state = self.lock();
        if let Some(folder) = &mut state.folder {
            let Snapshot { began, inputs, .. } = world.snapshot(String::new())?;
            let (seed, provider) = (&self.config.seed, self.provider.as_ref());
            folder.begin_again(seed, provider, began, &inputs).map_err(SnapshotError::NotKept)?;
            world.hand_on();
        }
        state.generation += 1;
        world.flows.succeed(&state.world.flows);
        state.world = world;
        drop(state);
        self.tell();
        Ok(())
    }

    /// Tells whoever waits that something happened.
    pub(crate) fn tell(&self) {
        self.news.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Returns the news, of which nothing is lost from here on.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Waits until jobs are over, or where none is named every job, every delivery to event hooks and every flow that
    /// does not wait on the org's clock; no longer than a while. Tells whether they are.
    pub(crate) async fn settled(&self, jobs: Option<&[JobId]>, longest: Duration) -> bool {
        let mut news = self.news();
        let waiting = async {
            loop {
                news.borrow_and_update();
                let is_over = self.with(|world| match jobs {
                    Some(jobs) => jobs.iter().all(|job| world.is_over(*job)),
                    None => world.org.pending().len() == 0 && world.hooks_are_quiet() && world.flows_are_quiet(),
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
