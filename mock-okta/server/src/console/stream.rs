//! The timeline as it happens: server-sent events, each an entry drawn as on the page.
//!
//! The serial of an entry is the id of its event, so that a browser whose connection broke goes on where it was
//! (`Last-Event-ID`). A client is held to its pace: what it has not taken is not kept for it, and one that takes nothing
//! for a while is let go.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::unfold;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::json;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{sleep, timeout};

use super::entry;
use super::form::Form;
use super::html::Html;
use super::layout::Status;
use super::timeline::Filter;
use crate::shared::{Generation, Shared};
use crate::world::World;

/// How many streams there are at most. A browser has a few for each window that shows something live.
pub(super) const MOST: usize = 32;

/// Answers with a stream; an error is why there is none.
pub(super) fn respond(shared: &Arc<Shared>, headers: &HeaderMap, query: &Form) -> Result<Response, String> {
    let permit = shared.console.streams.clone().try_acquire_owned();
    let permit = permit.map_err(|_| format!("{MOST} pages are live already."))?;
    let resumed = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let asked = query.value("after").and_then(|text| text.parse::<u64>().ok());
    let end = shared.with(|world| world.org.log().len() as u64);
    let (sender, receiver) = channel(1);
    let feed = Feed {
        shared: shared.clone(),
        generation: shared.generation(),
        filter: Filter::read(query),
        next: resumed.map(|last| last.saturating_add(1)).or(asked).unwrap_or(end),
    };
    tokio::spawn(async move {
        feed.run(&sender, LONGEST_STALL).await;
        drop(permit);
    });
    let mut response = Response::new(body(receiver));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok(response)
}

fn body(receiver: Receiver<Bytes>) -> Body {
    Body::from_stream(unfold(receiver, |mut receiver| async move {
        let chunk = receiver.recv().await?;
        Some((Ok::<Bytes, Infallible>(chunk), receiver))
    }))
}

/// What one client is sent.
struct Feed {
    shared: Arc<Shared>,
    generation: Generation,
    filter: Filter,
    /// The serial of the next entry to look at.
    next: u64,
}

impl Feed {
    /// Sends what there is and what comes, until the client is gone or takes nothing for as long as `stall`.
    async fn run(mut self, sender: &Sender<Bytes>, stall: Duration) {
        let mut news = self.shared.news();
        let mut told = String::new();
        loop {
            // What comes at once is sent at once.
            sleep(PAUSE).await;
            news.borrow_and_update();
            let (mut chunk, is_all) = self.chunk();
            let status = self.shared.with(status);
            if status != told {
                chunk.push_str(&status);
                told = status;
            }
            if !chunk.is_empty() && !send(sender, chunk, stall).await {
                return;
            }
            if !is_all {
                continue;
            }
            tokio::select! {
                () = sender.closed() => return,
                changed = timeout(HEARTBEAT, news.changed()) => match changed {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return,
                    // A comment, by which both ends notice that the other is gone; and the clock went on meanwhile.
                    Err(_) if !send(sender, ":\n\n".to_owned(), stall).await => return,
                    Err(_) => {}
                },
            }
        }
    }

    /// Returns the events up to now, and whether they are all: no more than a chunk of them at a time.
    fn chunk(&mut self) -> (String, bool) {
        let filter = &self.filter;
        let next = self.next;
        let drawn = self.shared.with_that(self.generation, |world| draw(world, filter, next));
        match drawn {
            Some(Chunk::Entries { text, next, is_all }) => {
                self.next = next;
                (text, is_all)
            }
            // Another org, or more than a page holds: loading the page is both quicker and less.
            Some(Chunk::Behind) | None => {
                self.generation = self.shared.generation();
                self.next = self.shared.with(|world| world.org.log().len() as u64);
                ("event: reload\ndata:\n\n".to_owned(), true)
            }
        }
    }
}

enum Chunk {
    Entries { text: String, next: u64, is_all: bool },
    Behind,
}

fn draw(world: &World, filter: &Filter, next: u64) -> Chunk {
    let log = world.org.log();
    let end = log.len() as u64;
    if next > end || end - next > FARTHEST_BEHIND {
        return Chunk::Behind;
    }
    let (mut text, mut told) = (String::new(), HashSet::new());
    for entry in log.iter().skip(usize::try_from(next).unwrap_or(usize::MAX)) {
        if filter.wants(world, entry) {
            let mut html = Html::new();
            entry::draw(&mut html, world, entry, &mut told);
            event(&mut text, &format!("id: {}\nevent: entry\n", entry.serial), &html.into_text());
        }
        if text.len() >= CHUNK {
            return Chunk::Entries { text, next: entry.serial + 1, is_all: entry.serial + 1 == end };
        }
    }
    Chunk::Entries { text, next: end, is_all: true }
}

/// Returns the event by which the head of the page keeps up.
fn status(world: &mut World) -> String {
    world.tick();
    let status = Status::of(world);
    let data = json!({ "now": status.now, "tasks": status.tasks, "pending": status.pending });
    let mut text = String::new();
    event(&mut text, "event: status\n", &data.to_string());
    text
}

/// Adds an event; each line of the data is a line of its own.
fn event(text: &mut String, head: &str, data: &str) {
    text.push_str(head);
    // A carriage return would end a line as well; a parser of HTML takes both for the same.
    for line in data.replace('\r', "\n").split('\n') {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
}

/// Sends a chunk; not so when the client is gone or does not take it.
async fn send(sender: &Sender<Bytes>, chunk: String, stall: Duration) -> bool {
    sender.send_timeout(Bytes::from(chunk), stall).await.is_ok()
}

const PAUSE: Duration = Duration::from_millis(50);

const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long a client may leave a chunk lying.
const LONGEST_STALL: Duration = Duration::from_secs(30);

/// How many bytes are drawn at a time.
const CHUNK: usize = 64 << 10;

/// How many entries a client may be behind.
const FARTHEST_BEHIND: u64 = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Call;
    use crate::config::Config;

    fn shared() -> Arc<Shared> {
        Arc::new(Shared::new(Config::default(), "00token".to_owned()).unwrap())
    }

    fn feed(shared: &Arc<Shared>, next: u64) -> Feed {
        Feed { shared: shared.clone(), generation: shared.generation(), filter: Filter::default(), next }
    }

    fn add_people(shared: &Shared, numbers: std::ops::Range<u32>) {
        for number in numbers {
            let profile = json!({ "login": format!("p{number}@example.com"), "email": format!("p{number}@example.com"),
                "firstName": "P", "lastName": "X" });
            let body = json!({ "profile": profile }).to_string().into_bytes();
            let call = Call::new(http::Method::POST, "/api/v1/users", "", body, "");
            shared.with(|world| world.call(call).map(drop)).unwrap();
        }
        shared.tell();
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_let_go() {
        let (shared, (sender, receiver)) = (shared(), channel(1));
        let stall = Duration::from_millis(200);
        let running = tokio::spawn({
            let feed = feed(&shared, 0);
            async move { feed.run(&sender, stall).await }
        });
        for round in 0..20 {
            add_people(&shared, round * 10..round * 10 + 10);
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        assert!(timeout(Duration::from_secs(5), running).await.is_ok(), "it goes on for nobody");
        assert!(receiver.len() <= 1, "what was not taken was not kept: {}", receiver.len());
    }

    #[tokio::test]
    async fn a_client_that_is_gone_is_noticed_though_nothing_happens() {
        let (shared, (sender, receiver)) = (shared(), channel(8));
        let end = shared.with(|world| world.org.log().len() as u64);
        let running = tokio::spawn({
            let feed = feed(&shared, end);
            async move { feed.run(&sender, Duration::from_secs(60)).await }
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(receiver);
        assert!(timeout(Duration::from_secs(5), running).await.is_ok());
    }

    #[test]
    fn much_comes_in_chunks_and_too_much_not_at_all() {
        let shared = shared();
        add_people(&shared, 0..100);
        let (mut next, mut chunks) = (0, 0);
        loop {
            let Chunk::Entries { text, next: after, is_all } =
                shared.with(|world| draw(world, &Filter::default(), next))
            else {
                panic!("it is not far behind")
            };
            assert!(text.len() < 2 * CHUNK, "{}", text.len());
            (next, chunks) = (after, chunks + 1);
            if is_all {
                break;
            }
        }
        assert!(chunks > 2 && next == shared.with(|world| world.org.log().len() as u64), "{chunks}");
        add_people(&shared, 100..300);
        assert!(matches!(shared.with(|world| draw(world, &Filter::default(), 0)), Chunk::Behind));
    }

    #[test]
    fn no_line_of_the_data_is_taken_for_another_field() {
        let mut text = String::new();
        event(&mut text, "event: entry\n", "a\r\nevent: reload\rdata\n\nid: 7");
        let fields: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        assert!(fields[1..].iter().all(|line| line.starts_with("data: ")), "{text:?}");
        assert!(text.ends_with("\n\n") && text.matches("\n\n").count() == 1, "{text:?}");
    }
}
