//! Where the browser comes back to: one address of this machine, open for as long as somebody signs in (RFC 8252 §7.3).

use super::form;
use super::text::{html, plain};
use scim_record::Redactor;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};

/// An address that waits for a browser. Dropped, it is closed.
pub(super) struct Callback {
    answer: oneshot::Receiver<Result<String, CallbackError>>,
    listening: JoinHandle<()>,
}

/// Why a browser came back without a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// The server, or the person, said no (RFC 6749 §4.1.2.1).
    #[error("the authorization server answers {error}{}", .description.as_ref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Denied {
        /// The error's code.
        error: String,
        /// What the server says about it.
        description: Option<String>,
    },
    /// The answer does not belong to this sign-in (RFC 6749 §10.12).
    #[error(
        "the answer has another `state` than the request had: the authorization server must return it as it is, or \
         somebody else sent the answer"
    )]
    WrongState,
    /// There is neither a code nor an error.
    #[error("the authorization server sends neither a code nor an error in the query (RFC 6749 section 4.1.2)")]
    NoCode,
    /// A parameter is there twice (RFC 6749 §3.1).
    #[error("the authorization server sends `{name}` more than once (RFC 6749 section 3.1)")]
    Repeated {
        /// The parameter.
        name: &'static str,
    },
}

/// Where answers are handed in.
struct Desk {
    state: String,
    /// Knows what an authorization server could repeat.
    redactor: Redactor,
    /// Whoever comes first has the word.
    first: Mutex<Option<oneshot::Sender<Result<String, CallbackError>>>>,
}

/// Opens the address; port 0 means any.
pub(super) async fn open(port: u16) -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let uri = format!("http://{}{PATH}", listener.local_addr()?);
    Ok((listener, uri))
}

impl Callback {
    /// Waits for a browser with this state.
    pub(super) fn listen(listener: TcpListener, state: String, redactor: Redactor) -> Callback {
        let (first, answer) = oneshot::channel();
        let desk = Desk { state, redactor, first: Mutex::new(Some(first)) };
        Callback { answer, listening: tokio::spawn(serve(listener, Arc::new(desk))) }
    }

    /// Returns the code. Whoever comes later is told that this is over, for as long as this is not dropped.
    pub(super) async fn code(&mut self) -> Result<String, CallbackError> {
        (&mut self.answer).await.expect("the listener goes on until it is dropped")
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    // Browsers open connections ahead of time and say nothing on them, so each is listened to by itself.
    let (mut talks, places) = (JoinSet::new(), Arc::new(Semaphore::new(MOST_CONNECTIONS)));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        while talks.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let desk = Arc::clone(&desk);
        talks.spawn(async move {
            let _place = place;
            // A browser that goes away has not said anything.
            let _ = tokio::time::timeout(PATIENCE, converse(stream, &desk)).await;
        });
    }
}

async fn converse(mut stream: TcpStream, desk: &Desk) -> io::Result<()> {
    let head = read_head(&mut stream).await?;
    let (status, sentence) = desk.reply(&head);
    let page = page(&sentence);
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Content-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Connection: close\r\n\r\n{page}",
        page.len()
    );
    stream.write_all(response.as_bytes()).await?;
    stream.shutdown().await
}

async fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < MOST_BYTES {
        match stream.read(&mut piece).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => head.extend_from_slice(&piece[..read]),
        }
    }
    Ok(head)
}

impl Desk {
    /// Takes a request; returns the status of the answer and what its page says.
    fn reply(&self, head: &[u8]) -> (&'static str, String) {
        let line = String::from_utf8_lossy(head.split(|byte| *byte == b'\r').next().unwrap_or_default());
        let words: Vec<&str> = line.split(' ').collect();
        let [method, target, _] = words[..] else {
            return ("400 Bad Request", "This is no request.".to_owned());
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != PATH {
            return ("404 Not Found", "There is nothing here.".to_owned());
        }
        if method != "GET" {
            return ("405 Method Not Allowed", "Sign-in ends with a GET.".to_owned());
        }
        let Some(first) = self.first.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return ("409 Conflict", "This sign-in is over: its answer has already come.".to_owned());
        };
        let answer = judge(query, &self.state).map_err(|error| self.scrubbed(error));
        let said = match &answer {
            Ok(_) => ("200 OK", "The authorization server has answered. The terminal says how it goes on.".to_owned()),
            Err(error) => ("400 Bad Request", format!("Nobody is signed in: {error}.")),
        };
        // Whoever waited may have given up; the page is true all the same.
        let _ = first.send(answer);
        said
    }

    fn scrubbed(&self, error: CallbackError) -> CallbackError {
        match error {
            CallbackError::Denied { error, description } => CallbackError::Denied {
                error: self.redactor.text(&error),
                description: description.map(|text| self.redactor.text(&text)),
            },
            other => other,
        }
    }
}

/// Returns the code in a query, if it belongs to this sign-in.
fn judge(query: &str, state: &str) -> Result<String, CallbackError> {
    let pairs = form::read(query);
    let only = |name: &'static str| {
        let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(CallbackError::Repeated { name }),
            (value, None) => Ok(value),
        }
    };
    let (given, error, code) = (only("state")?, only("error")?, only("code")?);
    // An error gives nothing away, so one without a state is believed.
    if given.is_some_and(|given| given != state) || (given.is_none() && error.is_none() && code.is_some()) {
        return Err(CallbackError::WrongState);
    }
    if let Some(error) = error {
        let description = only("error_description")?.map(plain).filter(|text| !text.is_empty());
        return Err(CallbackError::Denied { error: plain(error), description });
    }
    code.filter(|code| !code.is_empty()).map(str::to_owned).ok_or(CallbackError::NoCode)
}

fn page(sentence: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Rehearsal</title>\
         <h1>Rehearsal</h1><p>{}</p><p>You can close this page.</p></html>",
        html(sentence)
    )
}

const PATH: &str = "/callback";
/// Browsers send whatever cookies other programs on this machine have set.
const MOST_BYTES: usize = 64 * 1024;
const MOST_CONNECTIONS: usize = 32;
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_with_our_state_is_a_code() {
        let denied = |error: &str, description: Option<&str>| {
            Err(CallbackError::Denied { error: error.to_owned(), description: description.map(str::to_owned) })
        };
        for (query, expected) in [
            ("code=a%2Bb+c&state=s", Ok("a+b c".to_owned())),
            ("state=s&code=x&iss=https%3A%2F%2Fas", Ok("x".to_owned())),
            ("code=x&state=t", Err(CallbackError::WrongState)),
            ("code=x", Err(CallbackError::WrongState)),
            ("code=x&state=", Err(CallbackError::WrongState)),
            ("error=access_denied&state=t", Err(CallbackError::WrongState)),
            ("error=access_denied&state=s&error_description=no%1B+thanks", denied("access_denied", Some("no thanks"))),
            ("error=invalid_scope", denied("invalid_scope", None)),
            ("error=x&code=y&state=s", denied("x", None)),
            ("state=s", Err(CallbackError::NoCode)),
            ("code=&state=s", Err(CallbackError::NoCode)),
            ("", Err(CallbackError::NoCode)),
            ("code=x&code=y&state=s", Err(CallbackError::Repeated { name: "code" })),
            ("code=x&state=s&state=s", Err(CallbackError::Repeated { name: "state" })),
        ] {
            assert_eq!(judge(query, "s"), expected, "{query}");
        }
    }

    fn desk() -> (Desk, oneshot::Receiver<Result<String, CallbackError>>) {
        let (sender, receiver) = oneshot::channel();
        let redactor = Redactor::new(vec!["hunter2hunter2".to_owned()], None);
        (Desk { state: "s".to_owned(), redactor, first: Mutex::new(Some(sender)) }, receiver)
    }

    #[test]
    fn the_first_answer_counts_and_what_is_no_answer_does_not() {
        let (desk, mut receiver) = desk();
        let ask = |head: &str| desk.reply(head.as_bytes()).0;
        assert_eq!(ask("GET /favicon.ico HTTP/1.1\r\n\r\n"), "404 Not Found");
        assert_eq!(ask("POST /callback?code=x&state=s HTTP/1.1\r\n\r\n"), "405 Method Not Allowed");
        assert_eq!(ask("nonsense\r\n\r\n"), "400 Bad Request");
        assert!(receiver.try_recv().is_err());
        assert_eq!(ask("GET /callback?code=x&state=s HTTP/1.1\r\n\r\n"), "200 OK");
        assert_eq!(ask("GET /callback?code=y&state=s HTTP/1.1\r\n\r\n"), "409 Conflict");
        assert_eq!(receiver.try_recv().unwrap(), Ok("x".to_owned()));
    }

    #[test]
    fn a_page_shows_words_of_others_as_words_and_no_secret() {
        let (desk, mut receiver) = desk();
        let query = "error=%3Cscript%3Ealert(1)%3C/script%3E&error_description=hunter2hunter2&state=s";
        let (_, sentence) = desk.reply(format!("GET /callback?{query} HTTP/1.1\r\n\r\n").as_bytes());
        let page = page(&sentence);
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
        let error = receiver.try_recv().unwrap().unwrap_err().to_string();
        assert!(!format!("{page}{error}").contains("hunter2"), "{page} {error}");
    }
}
