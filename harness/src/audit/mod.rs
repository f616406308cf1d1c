//! Exports the System Log of an org: page by page, one line an event. Not a judge of what happened.
//!
//! The org may be any that answers `GET /api/v1/logs` as Okta does. What it answers is bounded and not trusted: a link to
//! the next page is followed only to the same place of the same server, and never twice.

mod entry;
mod write;

pub(crate) use entry::Entry;
pub(crate) use write::{Format, Lines};

use http::HeaderMap;
use http::header::LINK;
use mock_okta_server::StoredOrg;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use scim_transport::{Auth, Reply, Request, Transport};
use serde_json::Value;
use std::collections::HashSet;
use std::io;
use std::time::Duration;
use thiserror::Error;

/// Where the log comes from.
pub(crate) enum Source {
    /// An org that answers.
    Served(Transport),
    /// One that is kept in a folder.
    Stored(Box<StoredOrg>),
}

/// Which events are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Question {
    pub(crate) since: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) filter: Option<String>,
}

/// Why there is no export, or not all of it.
#[derive(Debug, Error)]
pub(crate) enum AuditError {
    /// The org cannot be asked.
    #[error("{0}")]
    Silent(String),
    /// It does not let us in.
    #[error(
        "the org answered {status} to GET {PATH}: it refuses the token{said}; name it with --token, or set OKTA_TOKEN"
    )]
    Refused { status: u16, said: String },
    /// It does not take the question.
    #[error("the org does not understand the question{0}; check --since, --until and --filter")]
    Question(String),
    /// What it answers is no log.
    #[error("what answers there is no System Log of an Okta org: {0}")]
    NoLog(String),
    /// There is more than anybody reads.
    #[error("the log has more than {MOST_EVENTS} events; ask for less at a time with --since and --until")]
    TooMuch,
    /// The lines cannot be written.
    #[error("the export cannot be written: {0}")]
    Unwritable(#[source] io::Error),
}

/// Hands every event to `write`, the oldest first, and returns how many there were.
pub(crate) async fn export(
    mut source: Source,
    question: &Question,
    write: &mut dyn FnMut(&Entry) -> io::Result<()>,
) -> Result<u64, AuditError> {
    let (mut next, mut asked, mut events) = (Some(question.target()), HashSet::new(), 0_u64);
    while let Some(target) = next {
        if !asked.insert(target.clone()) {
            return Err(AuditError::NoLog("a page names a page as the next one that was there before".to_owned()));
        }
        let page = source.page(&target).await?;
        for event in &page.events {
            let entry = Entry::read(event);
            let entry =
                entry.ok_or_else(|| AuditError::NoLog("an event lacks published, eventType or uuid".to_owned()))?;
            write(&entry).map_err(AuditError::Unwritable)?;
            events += 1;
            if events > MOST_EVENTS {
                return Err(AuditError::TooMuch);
            }
        }
        // Okta: a query without an end always has a next page, for clients that poll; an empty one is where it ends.
        next = page.next.filter(|_| !page.events.is_empty());
    }
    Ok(events)
}

impl Question {
    fn target(&self) -> String {
        let mut target = format!("{PATH}?limit={PAGE}&sortOrder=ASCENDING");
        for (name, value) in [("since", &self.since), ("until", &self.until), ("filter", &self.filter)] {
            if let Some(value) = value {
                target.push_str(&format!("&{name}={}", utf8_percent_encode(value, KEPT)));
            }
        }
        target
    }
}

/// One page of the log.
struct Page {
    events: Vec<Value>,
    next: Option<String>,
}

impl Source {
    async fn page(&mut self, target: &str) -> Result<Page, AuditError> {
        match self {
            Source::Served(transport) => served(transport, target).await,
            Source::Stored(org) => {
                let answer = org.get(target);
                match (answer.status, answer.body) {
                    (200, Value::Array(events)) => Ok(Page { events, next: answer.next }),
                    (_, body) => Err(AuditError::Question(said(&body))),
                }
            }
        }
    }
}

/// Asks an org, and again when it says that this was too often.
async fn served(transport: &Transport, target: &str) -> Result<Page, AuditError> {
    let mut attempt = 1;
    loop {
        let request = Request {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: vec![("Accept".to_owned(), "application/json".to_owned())],
            body: None,
            auth: Auth::Configured,
        };
        let sent = transport.send("audit", request).await;
        let reply = sent.reply.map_err(|failure| AuditError::Silent(failure.to_string()))?;
        if reply.status != 429 || attempt == MOST_ATTEMPTS {
            return read(&reply, transport);
        }
        tokio::time::sleep(pause(&reply.headers)).await;
        attempt += 1;
    }
}

fn read(reply: &Reply, transport: &Transport) -> Result<Page, AuditError> {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let said = || transport.redactor().text(&said(&body));
    match (reply.status, &body) {
        (200, Value::Array(events)) => {
            let next = next(&reply.headers, transport.target().base())?;
            Ok(Page { events: events.clone(), next })
        }
        (400, Value::Object(_)) => Err(AuditError::Question(said())),
        (401 | 403, _) => Err(AuditError::Refused { status: reply.status, said: said() }),
        (429, _) => Err(AuditError::Silent(format!("the org answered 429 to GET {PATH} {MOST_ATTEMPTS} times"))),
        (200, _) => Err(AuditError::NoLog(format!("GET {PATH} answered no array"))),
        (status, _) => Err(AuditError::NoLog(format!("GET {PATH} answered {status}{}", said()))),
    }
}

/// Returns the target of the next page. It leads to the log of the same org, or nowhere: the token goes with it.
fn next(headers: &HeaderMap, base: &str) -> Result<Option<String>, AuditError> {
    let links =
        headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(", <"));
    for link in links {
        let Some((url, parameters)) = link.trim().trim_start_matches('<').split_once('>') else { continue };
        if !parameters.split(';').any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next")) {
            continue;
        }
        let target = url.strip_prefix(base).filter(|target| target.starts_with(&format!("{PATH}?")));
        let elsewhere = || AuditError::NoLog(format!("the next page is not at {base}{PATH}, so it is not asked for"));
        return target.map(|target| Some(target.to_owned())).ok_or_else(elsewhere);
    }
    Ok(None)
}

/// Returns how long to wait after a 429: until the moment Okta names, but not as long as anybody likes.
fn pause(headers: &HeaderMap) -> Duration {
    let resets = headers.get("x-rate-limit-reset").and_then(|value| value.to_str().ok()?.parse::<i64>().ok());
    let rest = resets.map(|resets| resets.saturating_sub(jiff::Timestamp::now().as_second()));
    Duration::from_secs(rest.and_then(|rest| u64::try_from(rest).ok()).unwrap_or(1).clamp(1, LONGEST_PAUSE))
}

/// Returns what an error of Okta says, in one short line with a lead-in; nothing if it says nothing.
fn said(body: &Value) -> String {
    let causes =
        body["errorCauses"].as_array().into_iter().flatten().filter_map(|cause| cause["errorSummary"].as_str());
    let text: Vec<&str> = body["errorSummary"].as_str().into_iter().chain(causes).collect();
    let clean = |letter: char| if letter.is_control() { ' ' } else { letter };
    let text: String = text.join(" ").chars().map(clean).take(LONGEST_WORDS).collect();
    if text.is_empty() { text } else { format!(" ({text})") }
}

const PATH: &str = "/api/v1/logs";

/// How many events a page has; Okta allows 1,000, of which each may be several kilobytes here.
const PAGE: usize = 200;

const MOST_EVENTS: u64 = 1_000_000;
const MOST_ATTEMPTS: u32 = 5;
const LONGEST_PAUSE: u64 = 65;
const LONGEST_WORDS: usize = 300;

/// RFC 3986 §2.3, unreserved characters.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn followed(links: &[&str]) -> Result<Option<String>, String> {
        let mut headers = HeaderMap::new();
        for link in links {
            headers.append(LINK, HeaderValue::from_str(link).unwrap());
        }
        next(&headers, "https://acme.okta.com").map_err(|error| error.to_string())
    }

    #[test]
    fn the_next_page_is_on_the_same_server_or_none() {
        let good = "<https://acme.okta.com/api/v1/logs?after=1&limit=2>; rel=\"next\"";
        let after = Ok(Some("/api/v1/logs?after=1&limit=2".to_owned()));
        assert_eq!(followed(&["<https://acme.okta.com/api/v1/logs?limit=2>; rel=\"self\"", good]), after);
        assert_eq!(followed(&[&format!("<https://acme.okta.com/x>; rel=\"self\", {good}")]), after);
        assert_eq!(followed(&["<https://acme.okta.com/api/v1/logs>; rel=\"self\""]), Ok(None));
        for elsewhere in [
            "https://evil.example/api/v1/logs?after=1",
            "https://acme.okta.com.evil.example/api/v1/logs?after=1",
            "https://acme.okta.com@evil.example/api/v1/logs?after=1",
            "http://acme.okta.com/api/v1/logs?after=1",
            "https://acme.okta.com:8443/api/v1/logs?after=1",
            "//evil.example/api/v1/logs?after=1",
            "https://acme.okta.com/api/v1/users?after=1",
            "/api/v1/logs?after=1",
        ] {
            let error = followed(&[&format!("<{elsewhere}>; rel=\"next\"")]).unwrap_err();
            assert!(error.contains("is not asked for"), "{elsewhere}: {error}");
        }
    }

    #[test]
    fn a_question_is_a_target_with_everything_encoded() {
        let filter = Some("eventType eq \"user.lifecycle.create\"".to_owned());
        let question = Question { since: Some("2026-01-05T09:00:00+01:00".to_owned()), filter, ..Question::default() };
        assert_eq!(
            question.target(),
            "/api/v1/logs?limit=200&sortOrder=ASCENDING&since=2026-01-05T09%3A00%3A00%2B01%3A00&\
             filter=eventType%20eq%20%22user.lifecycle.create%22"
        );
    }

    #[test]
    fn what_an_org_says_is_short_and_on_one_line() {
        let body = serde_json::json!({ "errorSummary": format!("a\u{1b}\n{}", "x".repeat(9999)) });
        let text = said(&body);
        assert!(text.starts_with(" (a  xx") && text.chars().count() <= LONGEST_WORDS + 3, "{text}");
        assert_eq!(said(&Value::Null), "");
    }
}
