//! Carries runs on in the background, each independent of the others: a run that fails stops nothing but itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mock_okta::workflow::{Clock, Outcome, Run, Step};
use tokio::sync::Semaphore;
use tokio::task::{Id, JoinSet};
use tokio::time::sleep;

use super::Due;
use super::post::Sender;
use crate::shared::{Generation, Shared};

/// Carries on whatever is due, for as long as it is polled.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut news = shared.news();
    let (mut workers, mut whose) = (JoinSet::new(), HashMap::new());
    let lines = Arc::new(Semaphore::new(MOST_LINES));
    loop {
        news.borrow_and_update();
        let looked = shared.with_this(|world| {
            let read = world.flows.cursor;
            let due = world.flows_due();
            (due, world.flows.cursor > read, world.flows.sender.clone(), world.flows_rest())
        });
        let Some((generation, (due, has_read, sender, rest))) = looked else {
            match news.changed().await {
                Ok(()) => continue,
                Err(_) => return,
            }
        };
        if has_read {
            // Whoever waits until the flows are quiet looks again.
            shared.tell();
        }
        for due in due {
            let id = due.id;
            let worker = Worker { shared: shared.clone(), generation, sender: sender.clone(), lines: lines.clone() };
            whose.insert(workers.spawn(worker.carry_on(due)).id(), (generation, id));
        }
        tokio::select! {
            told = news.changed() => if told.is_err() { return },
            Some(ended) = workers.join_next_with_id() => forget(&shared, &mut whose, ended),
            () = sleep(rest.unwrap_or(LONG)) => {}
        }
    }
}

/// Sees to it that a run whose worker broke down does not stay under way.
fn forget(
    shared: &Shared,
    whose: &mut HashMap<Id, (Generation, u64)>,
    ended: Result<(Id, ()), tokio::task::JoinError>,
) {
    let (worker, broke) = match ended {
        Ok((worker, ())) => (worker, false),
        Err(error) => (error.id(), true),
    };
    let Some((generation, id)) = whose.remove(&worker).filter(|_| broke) else { return };
    let why = "the mock org broke down over this run; please report it".to_owned();
    shared.with_that(generation, |world| {
        let step = world.flows.position(id);
        world.flow_ended(id, Outcome::Failed { step, why });
    });
    shared.tell();
}

/// Somebody who carries a run on.
struct Worker {
    shared: Arc<Shared>,
    generation: Generation,
    sender: Sender,
    /// How many requests may be under way at once.
    lines: Arc<Semaphore>,
}

impl Worker {
    /// Carries a run on until it is over or waits on the org's clock, or another world has taken the place of its own.
    async fn carry_on(self, due: Due) {
        // Nobody is left to tell where the world is another one.
        let _ = self.steps(due).await;
        self.shared.tell();
    }

    async fn steps(&self, Due { id, mut run, mut step }: Due) -> Option<()> {
        loop {
            step = match step {
                Step::Done(outcome) => return self.with(|world| world.flow_ended(id, outcome)),
                Step::Wait(wait) if wait.clock == Clock::Org => {
                    return self.with(|world| world.park(id, run, wait.time));
                }
                Step::Wait(wait) => {
                    sleep(wait.time).await;
                    run.resume()
                }
                Step::Send(request) => self.send(id, &mut run, request).await?,
            };
            let position = run.position();
            self.with(|world| world.flows.records.at(id, position))?;
        }
    }

    async fn send(&self, id: u64, run: &mut Run, request: mock_okta::workflow::Request) -> Option<Step> {
        let position = run.position();
        let line = self.lines.acquire().await.expect("nobody closes it");
        let (exchange, answer) = self.sender.send(&format!("step {}", position + 1), request).await;
        drop(line);
        if let Some(exchange) = exchange {
            self.with(|world| world.flows.records.exchanged(id, position, exchange))?;
            self.shared.tell();
        }
        Some(match answer {
            Ok(answer) => run.next(answer),
            Err(why) => run.unanswered(&why),
        })
    }

    fn with<R>(&self, act: impl FnOnce(&mut crate::world::World) -> R) -> Option<R> {
        self.shared.with_that(self.generation, act)
    }
}

/// Requests under way at once, of all runs together.
const MOST_LINES: usize = 32;

/// How long nothing happens where nothing is due; news comes before that.
const LONG: Duration = Duration::from_secs(3600);
