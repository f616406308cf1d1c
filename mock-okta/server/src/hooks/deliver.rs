//! Follows the log and delivers in the background: one hook independent of the others, the requests of a hook one after
//! the other. What happens while a receiver is slow goes out together afterwards.

use std::sync::Arc;

use mock_okta::hook::{Delivery, DeliveryStep, Envelope, plan};
use scim_record::{Exchange, Failure};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::record::Letter;
use super::sender::Sender;
use crate::shape::log::{event, uuid};
use crate::shared::{Generation, Shared};
use crate::world::World;

/// Delivers for as long as it is polled. The origin is the URL of the org, for the envelopes.
pub(crate) async fn run(shared: Arc<Shared>, origin: String) {
    let mut news = shared.news();
    let mut workers = JoinSet::new();
    loop {
        news.borrow_and_update();
        while let Some((generation, hook)) = shared.take_hook() {
            workers.spawn(work(shared.clone(), generation, hook, origin.clone()));
        }
        tokio::select! {
            told = news.changed() => if told.is_err() { return },
            Some(_) = workers.join_next() => {}
        }
    }
}

/// Tells a receiver of everything it was not told of, until there is nothing left or another world has taken the place of
/// this one.
async fn work(shared: Arc<Shared>, generation: Generation, hook: String, origin: String) {
    loop {
        let Some(gather) = shared.with_that(generation, |world| world.hooks.behaviour.gather) else { return };
        sleep(gather).await;
        let round = shared.with_that(generation, |world| {
            world.tick();
            world.next_round(&hook, &origin)
        });
        let Some(Some(round)) = round else {
            // Whoever waits for the deliveries looks again.
            return shared.tell();
        };
        for letter in round.letters {
            sleep(round.delay).await;
            let (attempts, failure) = deliver(&round.sender, &letter).await;
            let noted = shared.with_that(generation, |world| {
                world.tick();
                world.delivered(&hook, &letter, attempts, failure);
            });
            if noted.is_none() {
                return;
            }
            shared.tell();
        }
    }
}

/// Sends a request, and once more where that is called for. Tells why it was given up, if it was.
async fn deliver(sender: &Sender, letter: &Letter) -> (Vec<Exchange>, Option<String>) {
    let body = letter.envelope.body().to_string();
    let (mut delivery, mut attempts) = (Delivery::default(), Vec::new());
    loop {
        let sent = sender.post("delivery", &body).await;
        attempts.extend(sent.exchange);
        let step = match sent.reply {
            Ok(reply) => delivery.answered(reply.status),
            Err(Failure::TimedOut { .. }) => delivery.timed_out(),
            Err(failure) => delivery.broken(&failure.to_string()),
        };
        match step {
            DeliveryStep::Delivered => return (attempts, None),
            DeliveryStep::Failed(reason) => return (attempts, Some(reason)),
            DeliveryStep::Retry => {}
        }
    }
}

/// What a receiver is told next.
struct Round {
    letters: Vec<Letter>,
    sender: Sender,
    delay: std::time::Duration,
}

impl World {
    /// Puts what a receiver was not told of into requests; nothing where there is nothing left, and then nobody is at the
    /// hook any more.
    fn next_round(&mut self, id: &str, origin: &str) -> Option<Round> {
        let log = self.org.log();
        let card = self.hooks.cards.get(id);
        let serials: Vec<u64> =
            card.iter().flat_map(|card| card.untold(log)).take(MOST_GATHERED).map(|entry| entry.serial).collect();
        let (Some(card), Some(last)) = (card, serials.last().copied()) else {
            self.hooks.busy.shift_remove(id);
            return None;
        };
        let sender = card.sender.clone();
        self.hooks.rounds += 1;
        let behaviour = self.hooks.behaviour;
        let parcels = plan(&behaviour, self.hooks.rounds, serials);
        let letter = |parcel: mock_okta::hook::Parcel<u64>| Letter {
            is_duplicate: parcel.is_duplicate,
            envelope: self.envelope(id, origin, &parcel.items),
        };
        let letters = parcels.into_iter().map(letter).collect();
        if let Some(card) = self.hooks.cards.get_mut(id) {
            card.cursor = last + 1;
        }
        Some(Round { letters, sender, delay: behaviour.delay })
    }

    fn envelope(&self, id: &str, origin: &str, serials: &[u64]) -> Envelope {
        let entries = serials.iter().filter_map(|serial| self.org.log().get(usize::try_from(*serial).ok()?));
        let first = serials.iter().min().copied().unwrap_or_default();
        Envelope {
            source: format!("{origin}/api/v1/eventHooks/{id}"),
            // Every event is in one request of a hook, so the first of them names it.
            event_id: uuid(&format!("{}/{id}", self.name), first),
            events: entries.map(|entry| without_additions(event(self, entry))).collect(),
            event_time: self.moment(self.org.now()).as_str().unwrap_or_default().to_owned(),
        }
    }

    /// Notes what became of a request.
    fn delivered(&mut self, id: &str, letter: &Letter, attempts: Vec<Exchange>, failure: Option<String>) {
        self.hooks.remember(id, self.org.now(), letter, attempts, failure.clone());
        if let Some(reason) = failure {
            self.hook_failed(id, &reason);
        }
    }
}

/// Takes out of an event what the mock alone has in its System Log.
fn without_additions(mut event: Value) -> Value {
    if let Some(Value::Object(data)) = event.pointer_mut("/debugContext/debugData") {
        data.shift_remove("scimExchanges");
        data.shift_remove("cause");
    }
    event
}

/// How many events are put into requests at once; the rest follows.
const MOST_GATHERED: usize = 1000;
