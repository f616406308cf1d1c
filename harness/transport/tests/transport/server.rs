//! A server that is told byte for byte what to answer, and remembers byte for byte what it was asked.

use scim_record::Redactor;
use scim_transport::{Auth, Credentials, Limits, Request, Target, Transport};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What to do about one request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Send these bytes and keep the connection open.
    Keep(Vec<u8>),
    /// Send these bytes and close the connection.
    Close(Vec<u8>),
    /// Send these bytes and reset the connection.
    Reset(Vec<u8>),
    /// Send these bytes once, then those over and over, with a pause before each.
    Forever(Vec<u8>, Vec<u8>, Duration),
}

/// A running server; it stops with the runtime of its test.
pub(crate) struct Server {
    pub(crate) base_url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Which connection it came on, counted from 0.
    pub(crate) connection: usize,
    /// Its bytes, head and body.
    pub(crate) text: String,
}

impl Server {
    /// Starts a server that gives these answers, one per request, whatever connection it comes on.
    pub(crate) async fn start(answers: Vec<Answer>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let script = Arc::new(Mutex::new(answers.into_iter()));
        let seen = Arc::clone(&asked);
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let next = Arc::clone(&script);
                let next = move || next.lock().unwrap().next();
                tokio::spawn(converse(stream, connection, Arc::clone(&seen), next));
            }
        });
        Server { base_url, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Returns the only request.
    pub(crate) fn text(&self) -> String {
        let asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].text.clone()
    }

    /// Returns the authority, as the `Host` header has it.
    pub(crate) fn host(&self) -> &str {
        self.base_url.strip_prefix("http://").unwrap().strip_suffix("/scim/v2").unwrap()
    }

    pub(crate) fn transport(&self) -> Transport {
        self.transport_with(Credentials::None, quick())
    }

    pub(crate) fn transport_with(&self, credentials: Credentials, limits: Limits) -> Transport {
        let target = Target::parse(&self.base_url).unwrap();
        Transport::new(target, credentials, limits, Redactor::default()).unwrap()
    }
}

async fn converse(
    mut stream: TcpStream,
    connection: usize,
    asked: Arc<Mutex<Vec<Asked>>>,
    next: impl Fn() -> Option<Answer>,
) {
    while let Some(text) = read_request(&mut stream).await {
        asked.lock().unwrap().push(Asked { connection, text });
        match next() {
            Some(Answer::Keep(bytes)) => drop(stream.write_all(&bytes).await),
            Some(Answer::Close(bytes)) => {
                drop(stream.write_all(&bytes).await);
                return drop(stream.shutdown().await);
            }
            Some(Answer::Reset(bytes)) => {
                drop(stream.write_all(&bytes).await);
                // What was sent shall arrive before the reset overtakes it.
                tokio::time::sleep(Duration::from_millis(30)).await;
                return stream.set_zero_linger().unwrap();
            }
            Some(Answer::Forever(first, then, pause)) => {
                let mut sent = stream.write_all(&first).await;
                while sent.is_ok() {
                    tokio::time::sleep(pause).await;
                    sent = stream.write_all(&then).await;
                }
            }
            None => return std::future::pending::<()>().await,
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(read @ 1..) => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}

/// Limits with which a test against a hostile server ends in time.
pub(crate) fn quick() -> Limits {
    Limits {
        timeout: Duration::from_millis(400),
        connect_timeout: Duration::from_millis(200),
        max_body: 64 * 1024,
        ..Limits::default()
    }
}

/// Returns a complete answer with this status line, these headers and this body.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

pub(crate) fn ok() -> Vec<u8> {
    answer("200 OK", "Content-Type: application/scim+json\r\n", b"{}")
}

pub(crate) fn request(method: &str, target: &str) -> Request {
    Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: None,
        auth: Auth::Configured,
    }
}

pub(crate) fn get(target: &str) -> Request {
    request("GET", target)
}

/// Returns a request as it goes through reqwest, and as it goes through the client below it: without an `Accept`,
/// which reqwest would add.
pub(crate) fn both_ways(request: Request) -> [Request; 2] {
    assert!(!request.headers.iter().any(|(name, _)| name == "Accept"));
    let mut ordinary = request.clone();
    ordinary.headers.insert(0, ("Accept".to_owned(), "application/scim+json".to_owned()));
    [ordinary, request]
}

/// Runs a test on a runtime of its own, which ends every task of the test.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}
