//! An authorization server for tests, and a browser that is no more than a GET.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use scim_specimen::Running;
use serde_json::json;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// What the specimen lets in; the first access token.
pub(crate) const ACCESS: &str = "an-access-token-nobody-guesses-0";
pub(crate) const CLIENT_SECRET: &str = "the secret of a client, 100%";

/// Returns the refresh token that counts after so many were used.
pub(crate) fn refresh_token(number: usize) -> String {
    format!("a-refresh-token-nobody-guesses-{number}")
}

/// Issues codes to whoever asks, and tokens for codes and refresh tokens, each once.
pub(crate) struct AuthorizationServer {
    pub(crate) authorize: String,
    pub(crate) token: String,
    desk: Arc<Desk>,
    _mock: MockServer,
}

#[derive(Default)]
struct Desk {
    posts_secret: bool,
    /// Whether browsers are sent wherever they ask to be sent.
    is_open: bool,
    challenges: Mutex<HashMap<String, (String, String)>>,
    seen: Mutex<Vec<String>>,
    asked: AtomicUsize,
    issued: Mutex<Issued>,
    instead: Mutex<Option<Instead>>,
    held: Mutex<bool>,
    released: Condvar,
}

#[derive(Default)]
struct Issued {
    access: Option<String>,
    refreshed: usize,
    once: bool,
}

/// What the token endpoint answers whatever it is asked.
enum Instead {
    Answer(ResponseTemplate),
    Repeat,
}

/// Tokens are withheld until this is dropped.
pub(crate) struct Held(Arc<Desk>);

impl Drop for Held {
    fn drop(&mut self) {
        *self.0.held.lock().unwrap() = false;
        self.0.released.notify_all();
    }
}

impl AuthorizationServer {
    /// Starts one that takes the client's secret in the header, or in the body only.
    pub(crate) async fn start(posts_secret: bool) -> AuthorizationServer {
        AuthorizationServer::serve(Desk { posts_secret, ..Desk::default() }).await
    }

    /// Starts one that sends browsers anywhere.
    pub(crate) async fn start_open() -> AuthorizationServer {
        AuthorizationServer::serve(Desk { is_open: true, ..Desk::default() }).await
    }

    async fn serve(desk: Desk) -> AuthorizationServer {
        let (mock, desk) = (MockServer::start().await, Arc::new(desk));
        let (front, back) = (Arc::clone(&desk), Arc::clone(&desk));
        let authorize = move |request: &Request| front.authorize(request);
        let token = move |request: &Request| back.token(request);
        Mock::given(method("GET")).and(path("/authorize")).respond_with(authorize).mount(&mock).await;
        Mock::given(method("POST")).and(path("/token")).respond_with(token).mount(&mock).await;
        let (authorize, token) = (format!("{}/authorize?prompt=login", mock.uri()), format!("{}/token", mock.uri()));
        AuthorizationServer { authorize, token, desk, _mock: mock }
    }

    /// Returns how often the token endpoint was asked.
    pub(crate) fn asked(&self) -> usize {
        self.desk.asked.load(Ordering::Relaxed)
    }

    /// Returns every secret that came up so far, in the forms in which it was sent.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets = self.desk.seen.lock().unwrap().clone();
        secrets.push(CLIENT_SECRET.to_owned());
        secrets.push(encoded(CLIENT_SECRET));
        secrets
    }

    /// Holds tokens back.
    pub(crate) fn hold(&self) -> Held {
        *self.desk.held.lock().unwrap() = true;
        Held(Arc::clone(&self.desk))
    }

    /// Lets the token endpoint answer this, whatever it is asked.
    pub(crate) fn answer_always(&self, answer: ResponseTemplate) {
        *self.desk.instead.lock().unwrap() = Some(Instead::Answer(answer));
    }

    /// Lets the token endpoint repeat what it is asked in an error.
    pub(crate) fn repeat_always(&self) {
        *self.desk.instead.lock().unwrap() = Some(Instead::Repeat);
    }

    /// Lets the session end with the first token.
    pub(crate) fn issue_once(&self) {
        self.desk.issued.lock().unwrap().once = true;
    }
}

impl Desk {
    fn authorize(&self, request: &Request) -> ResponseTemplate {
        let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
        let get = |name: &str| query.get(name).cloned().unwrap_or_default();
        let redirect_uri = get("redirect_uri");
        let is_known = redirect_uri.starts_with("http://127.0.0.1:") && redirect_uri.ends_with("/callback");
        let is_asked_well = get("response_type") == "code"
            && get("client_id") == "an id"
            && get("code_challenge_method") == "S256"
            && get("prompt") == "login";
        if !(is_known || self.is_open) || !is_asked_well {
            return ResponseTemplate::new(400).set_body_string("this redirect_uri is not registered");
        }
        let mut challenges = self.challenges.lock().unwrap();
        let code = format!("a-code-nobody-guesses-{}", challenges.len());
        challenges.insert(code.clone(), (get("code_challenge"), redirect_uri.clone()));
        self.seen.lock().unwrap().push(code.clone());
        let location = format!("{redirect_uri}?code={code}&state={}", get("state"));
        ResponseTemplate::new(302).insert_header("location", location)
    }

    fn token(&self, request: &Request) -> ResponseTemplate {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let held = self.held.lock().unwrap();
        drop(self.released.wait_while(held, |held| *held).unwrap());
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let form = read(&body);
        let get = |name: &str| form.get(name).cloned().unwrap_or_default();
        self.seen.lock().unwrap().extend(form.get("code_verifier").cloned());
        match &*self.instead.lock().unwrap() {
            Some(Instead::Answer(answer)) => return answer.clone(),
            Some(Instead::Repeat) => {
                let header = request.headers.get("authorization").and_then(|value| value.to_str().ok());
                // What matters is first: errors are shown in part.
                let said = format!("{body} {}", header.unwrap_or_default());
                let answer = json!({ "error": "invalid_grant", "error_description": said });
                return ResponseTemplate::new(400).set_body_json(answer);
            }
            None => {}
        }
        if !self.knows(request, &form) {
            return ResponseTemplate::new(401).set_body_json(json!({ "error": "invalid_client" }));
        }
        let mut issued = self.issued.lock().unwrap();
        let is_granted = match get("grant_type").as_str() {
            "authorization_code" => self.takes_code(&form),
            "refresh_token" => {
                get("refresh_token") == refresh_token(issued.refreshed) && !(issued.once && issued.access.is_some())
            }
            _ => false,
        };
        if !is_granted {
            return ResponseTemplate::new(400).set_body_json(json!({ "error": "invalid_grant" }));
        }
        let access = match issued.access {
            None => ACCESS.to_owned(),
            Some(_) => format!("an-access-token-nobody-guesses-{}", issued.refreshed),
        };
        issued.access = Some(access.clone());
        issued.refreshed += 1;
        let refresh = refresh_token(issued.refreshed);
        self.seen.lock().unwrap().extend([access.clone(), refresh.clone()]);
        ResponseTemplate::new(200).set_body_json(json!({
            "access_token": access, "token_type": "bearer", "expires_in": "3600", "refresh_token": refresh
        }))
    }

    fn knows(&self, request: &Request, form: &HashMap<String, String>) -> bool {
        let pair = format!("{}:{}", encoded("an id"), encoded(CLIENT_SECRET));
        let basic = format!("Basic {}", STANDARD.encode(pair));
        let header = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        let posted = |name: &str| form.get(name).map(String::as_str);
        match self.posts_secret {
            true => {
                header.is_none()
                    && (posted("client_id"), posted("client_secret")) == (Some("an id"), Some(CLIENT_SECRET))
            }
            false => header == Some(&*basic) && posted("client_secret").is_none(),
        }
    }

    fn takes_code(&self, form: &HashMap<String, String>) -> bool {
        let get = |name: &str| form.get(name).cloned().unwrap_or_default();
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, get("code_verifier").as_bytes()));
        let known = self.challenges.lock().unwrap().remove(&get("code"));
        known == Some((challenge, get("redirect_uri")))
    }
}

fn encoded(text: &str) -> String {
    let letter = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(letter).collect()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn read(form: &str) -> HashMap<String, String> {
    form.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// Returns a parameter in the query of a URL.
pub(crate) fn parameter(url: &str, name: &str) -> String {
    let query = url.split_once('?').expect("a query").1;
    read(query).remove(name).unwrap_or_else(|| panic!("no {name} in {url}"))
}

/// Gets a page, as a browser would; returns the status, where it leads and what it says.
pub(crate) async fn browse(url: &str) -> (u16, String, String) {
    let rest = url.strip_prefix("http://").expect("a server of this machine");
    let (authority, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(authority).await.expect("somebody listens");
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it listens on");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let location = head.lines().filter_map(|line| line.split_once(": "));
    let mut location =
        location.filter(|(name, _)| name.eq_ignore_ascii_case("location")).map(|(_, value)| value.to_owned());
    (status, location.next_back().unwrap_or_default(), body.to_owned())
}

/// Stands before a specimen and lets each access token in so many times; only the last one issued counts.
pub(crate) struct Rotation {
    pub(crate) base_url: String,
    refused: Arc<AtomicUsize>,
}

impl Rotation {
    pub(crate) async fn before(specimen: &Running, server: &AuthorizationServer, uses: usize) -> Rotation {
        let behind = specimen.base_url.split('/').nth(2).expect("an authority").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = specimen.base_url.replace(&behind, &listener.local_addr().unwrap().to_string());
        let refused = Arc::new(AtomicUsize::new(0));
        let (count, desk) = (Arc::clone(&refused), Arc::clone(&server.desk));
        let used = Arc::new(Mutex::new((String::new(), 0)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (desk, count, used, behind) =
                    (Arc::clone(&desk), Arc::clone(&count), Arc::clone(&used), behind.clone());
                let admits = move |token: &str| {
                    let current = desk.issued.lock().unwrap().access.clone();
                    let mut used = used.lock().unwrap();
                    if used.0 != token {
                        *used = (token.to_owned(), 0);
                    }
                    used.1 += 1;
                    let is_good = current.as_deref() == Some(token) && used.1 <= uses;
                    count.fetch_add(usize::from(!is_good), Ordering::Relaxed);
                    is_good
                };
                tokio::spawn(relay(stream, behind, admits));
            }
        });
        Rotation { base_url, refused }
    }

    /// Returns how many requests were refused.
    pub(crate) fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Hands requests on under the token that the specimen knows, and its answers back.
async fn relay(front: TcpStream, behind: String, admits: impl Fn(&str) -> bool) {
    let back = TcpStream::connect(behind).await.expect("the specimen");
    let (mut requests, front) = front.into_split();
    let (mut answers, mut back) = back.into_split();
    let front = Arc::new(tokio::sync::Mutex::new(front));
    let returned = Arc::clone(&front);
    let returning = tokio::spawn(async move {
        let mut piece = [0; 16 * 1024];
        while let Ok(read @ 1..) = answers.read(&mut piece).await {
            if returned.lock().await.write_all(&piece[..read]).await.is_err() {
                return;
            }
        }
    });
    while let Some(request) = next(&mut requests).await {
        let bearer = request.lines().find_map(|line| line.strip_prefix("Authorization: Bearer ")).map(str::to_owned);
        match bearer {
            Some(token) if token.starts_with("an-access-token") && !admits(&token) => {
                let answer = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\n\r\n";
                if front.lock().await.write_all(answer).await.is_err() {
                    break;
                }
            }
            bearer => {
                let token = bearer.filter(|token| token.starts_with("an-access-token"));
                let request = token.map_or(request.clone(), |token| request.replace(&token, ACCESS));
                if back.write_all(request.as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    }
    returning.abort();
}

/// Reads the next request of a connection on which one follows the answer to another.
async fn next(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<String> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            if bytes.len() - end - 4 >= length.map_or(0, |length| length.parse().expect("a length")) {
                return String::from_utf8(bytes).ok();
            }
        }
        match stream.read(&mut piece).await {
            Ok(read @ 1..) => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}
