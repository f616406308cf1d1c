//! A server made by hand, from raw bytes: it asks a correct specimen, and then does with the answer whatever it likes.

use scim_specimen::{Auth, Config, Running};
use serde_json::Value;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the program proves itself with.
pub(crate) const TOKEN: &str = "t0ken-that-stays-at-home";

/// How a server misbehaves.
pub(crate) type Behaviour = fn(&Asked, Answer) -> Vec<Act>;

/// One request, as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Which request it is, counted from 0.
    pub(crate) number: usize,
    /// Where the server is: `127.0.0.1:4711`.
    pub(crate) authority: String,
    /// Where nothing may ever be sent.
    pub(crate) elsewhere: SocketAddr,
}

impl Asked {
    pub(crate) fn is_get_below(&self, path: &str) -> bool {
        self.method == "GET" && self.target.contains(path)
    }
}

/// What the specimen answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Returns the same answer with another body.
    pub(crate) fn with(self, body: impl Into<Vec<u8>>) -> Answer {
        Answer { body: body.into(), ..self }
    }

    pub(crate) fn with_json(self, body: &Value) -> Answer {
        self.with(body.to_string())
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Answer {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Returns the head, without the line that says how long the body is, and without the empty line.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Whatever\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.into_bytes()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let end = match self.status {
            204 | 304 => "\r\n".to_owned(),
            _ => format!("Content-Length: {}\r\n\r\n", self.body.len()),
        };
        [&self.head(), end.as_bytes(), &self.body].concat()
    }

    pub(crate) fn send(self) -> Vec<Act> {
        vec![Act::Send(self.bytes())]
    }
}

/// What a server does next.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Send(Vec<u8>),
    /// Sends the same over and over, with a pause after each.
    Forever(Vec<u8>, Duration),
    Wait(Duration),
    /// Never does anything again.
    Hold,
    Close,
    /// Ends its own side and reads on.
    HalfClose,
    Reset,
}

/// How a connection begins.
#[derive(Clone)]
pub(crate) enum Greeting {
    /// As in HTTP: whoever connects speaks first.
    None,
    /// These bytes come before anything was asked.
    Bytes(&'static [u8]),
}

/// Which answers are twisted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Every,
    /// Those to requests that create or change something; what is said then was done, so that there is something to remove.
    Writes,
}

/// A running server; it stops with the runtime of its test.
pub(crate) struct Server {
    pub(crate) authority: String,
    specimen: Running,
    /// What came to the place where nothing may be sent.
    stray: Arc<Mutex<Vec<u8>>>,
}

struct Shared {
    behaviour: Behaviour,
    scope: Scope,
    greeting: Greeting,
    origin: String,
    authority: String,
    elsewhere: SocketAddr,
    asked: AtomicUsize,
}

impl Server {
    pub(crate) async fn start(behaviour: Behaviour, scope: Scope, greeting: Greeting) -> Server {
        let me = Some(scim_specimen::user_name(0));
        let config = Config { auth: Auth::Bearer(TOKEN.to_owned()), users: STRANGERS, me, ..Config::default() };
        let specimen = Running::start(config).await.expect("a free port");
        let origin = specimen.base_url.split('/').nth(2).expect("a URL with an authority").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let authority = listener.local_addr().expect("it is bound").to_string();
        let (elsewhere, stray) = listen_elsewhere().await;
        let shared = Shared {
            behaviour,
            scope,
            greeting,
            origin,
            authority: authority.clone(),
            elsewhere,
            asked: AtomicUsize::new(0),
        };
        let shared = Arc::new(shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(welcome(stream, Arc::clone(&shared)));
            }
        });
        Server { authority, specimen, stray }
    }

    /// Returns what came to a port that nobody was told to talk to.
    pub(crate) fn stray(&self) -> String {
        String::from_utf8_lossy(&self.stray.lock().expect("no holder panics")).into_owned()
    }

    /// Returns the names of what the specimen holds beyond what it began with.
    pub(crate) async fn left(&self) -> Vec<String> {
        let mut left = Vec::new();
        for (collection, name) in [("Users", "userName"), ("Groups", "displayName")] {
            let resources = list(&self.specimen, collection).await;
            left.extend(resources.iter().filter_map(|one| one[name].as_str().map(str::to_owned)));
        }
        left.retain(|name| !(0..STRANGERS).any(|number| *name == scim_specimen::user_name(number)));
        left
    }

    /// Returns who was there before and is not there as before.
    pub(crate) async fn harmed(&self) -> Vec<String> {
        let people = list(&self.specimen, "Users").await;
        let is_well = |name: &String| {
            people.iter().any(|one| one["userName"] == **name && one["meta"]["created"] == one["meta"]["lastModified"])
        };
        (0..STRANGERS).map(scim_specimen::user_name).filter(|name| !is_well(name)).collect()
    }
}

/// Returns everything in a collection of the specimen.
async fn list(specimen: &Running, collection: &str) -> Vec<Value> {
    let authority = specimen.base_url.split('/').nth(2).expect("a URL with an authority");
    let request = format!(
        "GET /scim/v2/{collection}?count=1000 HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {TOKEN}\r\n\
         Connection: close\r\n\r\n"
    );
    let answer = forward(authority, request.as_bytes()).await.expect("the specimen answers");
    answer.json()["Resources"].as_array().cloned().unwrap_or_default()
}

/// How many people are there before anybody comes.
const STRANGERS: usize = 3;

/// Opens a port that writes down whatever comes to it.
async fn listen_elsewhere() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let stray = Arc::<Mutex<Vec<u8>>>::default();
    let kept = Arc::clone(&stray);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                kept.lock().expect("no holder panics").extend(b"[somebody connected]");
                let mut piece = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut piece).await {
                    kept.lock().expect("no holder panics").extend(&piece[..read]);
                }
            });
        }
    });
    (address, stray)
}

async fn welcome(mut stream: TcpStream, shared: Arc<Shared>) {
    match shared.greeting.clone() {
        Greeting::None => converse(stream, &shared).await,
        Greeting::Bytes(bytes) => {
            if stream.write_all(bytes).await.is_ok() {
                converse(stream, &shared).await;
            }
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// Makes the end of the connection a reset, where it can be.
    fn reset(&self);
}

impl Stream for TcpStream {
    fn reset(&self) {
        self.set_zero_linger().expect("the socket is open");
    }
}

async fn converse(mut stream: impl Stream, shared: &Shared) {
    while let Some((head, bytes)) = read_request(&mut stream).await {
        let mut words = head.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let asked = Asked {
            method: method.to_owned(),
            target: target.to_owned(),
            number: shared.asked.fetch_add(1, Ordering::Relaxed),
            authority: shared.authority.clone(),
            elsewhere: shared.elsewhere,
        };
        // A request that the specimen cannot be asked is answered as if by a server that has no such thing.
        let nothing = Answer { status: 404, headers: Vec::new(), body: Vec::new() };
        let answer = forward(&shared.origin, &bytes).await.unwrap_or(nothing);
        let is_twisted = shared.scope == Scope::Every || matches!(method, "POST" | "PUT" | "PATCH");
        let acts = if is_twisted { (shared.behaviour)(&asked, answer) } else { answer.send() };
        for act in acts {
            if !perform(&mut stream, act).await {
                return;
            }
        }
    }
}

/// Does one thing; returns whether the connection goes on.
fn perform<'a>(stream: &'a mut impl Stream, act: Act) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
    Box::pin(async move {
        match act {
            Act::Send(bytes) => stream.write_all(&bytes).await.is_ok(),
            Act::Forever(bytes, pause) => {
                while stream.write_all(&bytes).await.is_ok() {
                    if pause.is_zero() {
                        tokio::task::yield_now().await;
                    } else {
                        tokio::time::sleep(pause).await;
                    }
                }
                false
            }
            Act::Wait(time) => {
                tokio::time::sleep(time).await;
                true
            }
            Act::Hold => {
                // Until the other side goes away.
                let mut piece = [0; 1024];
                while let Ok(1..) = stream.read(&mut piece).await {}
                false
            }
            Act::Close => false,
            Act::HalfClose => stream.shutdown().await.is_ok(),
            Act::Reset => {
                // What was sent shall arrive before the reset overtakes it.
                tokio::time::sleep(Duration::from_millis(10)).await;
                stream.reset();
                false
            }
        }
    })
}

/// Reads one request; returns its first line, and its bytes with `Connection: close` in place of what it said.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        read_some(stream, &mut bytes).await?;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let whole = end + 4 + length.unwrap_or(0);
    while bytes.len() < whole {
        read_some(stream, &mut bytes).await?;
    }
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let kept = lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let kept: String = kept.map(|line| format!("{line}\r\n")).collect();
    let forwarded = format!("{first}\r\n{kept}Connection: close\r\n\r\n");
    Some((first, [forwarded.as_bytes(), &bytes[end + 4..whole]].concat()))
}

async fn read_some(stream: &mut (impl AsyncRead + Unpin), into: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 8192];
    match stream.read(&mut piece).await {
        Ok(read @ 1..) => {
            into.extend_from_slice(&piece[..read]);
            Some(())
        }
        _ => None,
    }
}

/// Asks the specimen.
async fn forward(origin: &str, request: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(origin).await.ok()?;
    stream.write_all(request).await.ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.ok()?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let dropped = ["content-length", "connection", "transfer-encoding", "date"];
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.filter(|(name, _)| !dropped.contains(&name.to_ascii_lowercase().as_str()));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = bytes.split_off(end + 4);
    // The specimen says how long its answers are, so none of them is in chunks.
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding"), "{head}");
    Some(Answer { status, headers, body })
}
