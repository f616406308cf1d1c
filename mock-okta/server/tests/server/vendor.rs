//! A small vendor API: it writes down what it is asked and answers as a test wants it to.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::Value;
use tokio::net::TcpListener;

/// What the vendor was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Method and target: `POST /v1/transfers`.
    pub(crate) line: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) json: Value,
}

type Script = dyn Fn(&Asked, usize) -> Response + Send + Sync;

struct Inner {
    asked: Mutex<Vec<Asked>>,
    script: Box<Script>,
}

/// A vendor that stops with the test.
pub(crate) struct Vendor {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

impl Vendor {
    /// Starts a vendor. The script is told what is asked and how often the same was asked before.
    pub(crate) async fn start(script: impl Fn(&Asked, usize) -> Response + Send + Sync + 'static) -> Vendor {
        let inner = Arc::new(Inner { asked: Mutex::default(), script: Box::new(script) });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Vendor { url, inner }
    }

    /// Returns what it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.inner.asked.lock().expect("no test panics with it").clone()
    }

    /// Returns method and target of what it was asked so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

async fn answer(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let line = format!("{} {}", parts.method, parts.uri);
    let asked = Asked { line, headers: parts.headers, json: serde_json::from_slice(&body).unwrap_or_default() };
    let mut all = inner.asked.lock().expect("no test panics with it");
    let before = all.iter().filter(|earlier| earlier.line == asked.line).count();
    all.push(asked.clone());
    drop(all);
    (inner.script)(&asked, before)
}

/// Returns an answer.
pub(crate) fn reply(status: u16, body: impl Into<Body>) -> Response {
    Response::builder().status(status).body(body.into()).expect("an answer")
}
