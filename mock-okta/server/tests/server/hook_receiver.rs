//! A receiver of event hooks on loopback: it answers as it is told and remembers what it got.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A receiver that stops when it is dropped.
pub(crate) struct Receiver {
    pub(crate) url: String,
    state: Arc<Mutex<Book>>,
    task: JoinHandle<()>,
}

/// What a receiver got.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

#[derive(Default)]
struct Book {
    got: Vec<Got>,
    /// How the next requests are answered; 204 where nothing is said.
    answers: VecDeque<Reaction>,
    refuses_challenges: bool,
}

/// How a request is answered.
#[derive(Debug, Clone)]
pub(crate) enum Reaction {
    Status(u16),
    Redirect(String),
    Slow(Duration),
    Flood,
}

impl Receiver {
    pub(crate) async fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hooks/okta?code=q-s3cret-code", listener.local_addr().expect("an address"));
        let state: Arc<Mutex<Book>> = Arc::default();
        let router = Router::new().fallback(handle).with_state(state.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("the receiver serves") });
        Receiver { url, state, task }
    }

    /// Says how the next requests are answered.
    pub(crate) fn answer(&self, reactions: impl IntoIterator<Item = Reaction>) {
        self.state.lock().expect("no panic").answers = reactions.into_iter().collect();
    }

    /// Answers challenges wrongly from here on.
    pub(crate) fn refuse_challenges(&self) {
        self.state.lock().expect("no panic").refuses_challenges = true;
    }

    /// Returns what was got so far.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.state.lock().expect("no panic").got.clone()
    }

    /// Returns the deliveries got so far.
    pub(crate) fn posts(&self) -> Vec<Got> {
        self.got().into_iter().filter(|got| got.method == "POST").collect()
    }

    /// Returns the types of all events got so far.
    pub(crate) fn event_types(&self) -> Vec<String> {
        let events = self.posts().into_iter().flat_map(|got| got.events());
        events.map(|event| event["eventType"].as_str().expect("a type").to_owned()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn events(&self) -> Vec<Value> {
        self.body["data"]["events"].as_array().cloned().unwrap_or_default()
    }
}

async fn handle(State(state): State<Arc<Mutex<Book>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 16 << 20).await.expect("a body");
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), value.to_str().expect("text").to_owned())
    };
    let got = Got {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts.headers.iter().map(header).collect(),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    let challenge = got.header("x-okta-verification-challenge").map(str::to_owned);
    let (reaction, refuses) = {
        let mut book = state.lock().expect("no panic");
        book.got.push(got);
        let reaction = if challenge.is_some() { None } else { book.answers.pop_front() };
        (reaction, book.refuses_challenges)
    };
    if let Some(challenge) = challenge {
        let echo = if refuses { "something else".to_owned() } else { challenge };
        return Response::new(Body::from(json!({ "verification": echo }).to_string()));
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = http::StatusCode::NO_CONTENT;
    match reaction {
        None => {}
        Some(Reaction::Status(status)) => {
            *response.status_mut() = http::StatusCode::from_u16(status).expect("a status")
        }
        Some(Reaction::Redirect(to)) => {
            *response.status_mut() = http::StatusCode::TEMPORARY_REDIRECT;
            response.headers_mut().insert("location", to.parse().expect("a header"));
        }
        Some(Reaction::Slow(time)) => tokio::time::sleep(time).await,
        Some(Reaction::Flood) => {
            *response.status_mut() = http::StatusCode::OK;
            *response.body_mut() = Body::from(vec![b' '; 1 << 20]);
        }
    }
    response
}
