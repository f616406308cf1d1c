//! The steps of a flow: a call, a poll, a delay.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::expect::{Expect, Pointers, Statuses, check_pointer};
use super::header::Headers;
use super::path::Path;
use super::span::{Span, written};
use super::template::{JsonTemplate, Template};
use super::vendor::split;

/// A step of a flow.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "ActionFile")]
pub enum Action {
    /// One request.
    Call(Call),
    /// A request that is repeated until the answer is as it shall be.
    Poll(Poll),
    /// Time that passes on the org's clock.
    Delay(Duration),
}

/// One request and what is made of its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub(super) method: &'static str,
    pub(super) url: Template,
    pub(super) headers: Headers,
    pub(super) body: Option<JsonTemplate>,
    pub(super) expect: Expect,
    /// Which answers bring the request again.
    pub(super) retry: Option<Retry>,
    /// Names and the JSON pointers to their values.
    pub(super) save: BTreeMap<String, String>,
}

/// A request that is repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Poll {
    pub(super) call: Call,
    pub(super) until: Pointers,
    pub(super) within: Duration,
    pub(super) every: Duration,
}

/// Which answers bring the request again, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RetryFile")]
pub struct Retry {
    pub(super) max: u32,
    pub(super) on: Statuses,
    pub(super) after: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RetryFile {
    max: u32,
    on: Statuses,
    after: Option<Span>,
}

impl TryFrom<RetryFile> for Retry {
    type Error = String;

    fn try_from(file: RetryFile) -> Result<Retry, String> {
        if file.max == 0 || file.max > MOST_RETRIES {
            return Err(format!("retry.max is {}; it lies between 1 and {MOST_RETRIES}", file.max));
        }
        let after = file.after.map(|after| after.between("retry.after", Duration::ZERO, LONGEST_PAUSE)).transpose()?;
        Ok(Retry { max: file.max, on: file.on, after: after.unwrap_or(SECOND) })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ActionFile {
    call: Option<String>,
    poll: Option<String>,
    delay: Option<Span>,
    #[serde(default)]
    headers: Headers,
    json: Option<JsonTemplate>,
    #[serde(default)]
    expect: Expect,
    retry: Option<Retry>,
    #[serde(default)]
    save: BTreeMap<String, String>,
    until: Option<Until>,
    within: Option<Span>,
    every: Option<Span>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Until {
    json: Pointers,
}

impl TryFrom<ActionFile> for Action {
    type Error = String;

    fn try_from(file: ActionFile) -> Result<Action, String> {
        match (&file.call, &file.poll, file.delay) {
            (Some(line), None, None) => {
                let line = line.clone();
                file.expect_no_poll("call")?;
                file.request(&line).map(Action::Call)
            }
            (None, Some(line), None) => {
                let line = line.clone();
                file.poll(&line).map(Action::Poll)
            }
            (None, None, Some(delay)) => {
                file.expect_nothing_else()?;
                delay.between("delay", Duration::ZERO, LONGEST_DELAY).map(Action::Delay)
            }
            _ => Err("a step has exactly one of call, poll and delay".to_owned()),
        }
    }
}

impl ActionFile {
    fn expect_no_poll(&self, kind: &str) -> Result<(), String> {
        let keys =
            [("until", self.until.is_some()), ("within", self.within.is_some()), ("every", self.every.is_some())];
        match keys.iter().find(|(_, is_there)| *is_there) {
            Some((key, _)) => Err(format!("{key} is for a poll, and this is a {kind}")),
            None => Ok(()),
        }
    }

    fn expect_nothing_else(&self) -> Result<(), String> {
        self.expect_no_poll("delay")?;
        let is_alone = self.json.is_none()
            && self.retry.is_none()
            && self.save.is_empty()
            && self.headers == Headers::default()
            && self.expect == Expect::default();
        if is_alone {
            Ok(())
        } else {
            Err("a delay has no request: headers, json, expect, retry and save are for a call".to_owned())
        }
    }

    fn request(self, line: &str) -> Result<Call, String> {
        let (method, url) = request_line(line)?;
        for (name, pointer) in &self.save {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
            if name.is_empty() || !name.bytes().all(is_word) {
                return Err(format!("save: {name:?} is no name; letters, digits, - and _ are"));
            }
            check_pointer(pointer).map_err(|error| format!("save.{name}: {error}"))?;
        }
        if method == "GET" && self.json.is_some() {
            return Err("a GET has no body; leave json out or choose another method".to_owned());
        }
        let ActionFile { headers, json: body, expect, retry, save, .. } = self;
        Ok(Call { method, url, headers, body, expect, retry, save })
    }

    fn poll(mut self, line: &str) -> Result<Poll, String> {
        let until = self.until.take().map(|until| until.json).filter(|until| !until.is_empty());
        let until =
            until.ok_or(r#"a poll needs to know when it is over: until = { json."/state" = "done" }"#.to_owned())?;
        let within = self.within.unwrap_or(Span(DEFAULT_WITHIN)).between("within", LEAST_EVERY, LONGEST_WITHIN)?;
        let every = self.every.unwrap_or(Span(SECOND)).between("every", LEAST_EVERY, within)?;
        if within.as_millis() / every.as_millis() > MOST_POLLS {
            return Err(format!(
                "every {} within {} is more than {MOST_POLLS} requests; ask less often",
                written(every),
                written(within)
            ));
        }
        Ok(Poll { call: self.request(line)?, until, within, every })
    }
}

impl Action {
    /// Returns the step in a few words: `POST ${vendor.api}/transfers`.
    pub fn title(&self) -> String {
        match self {
            Action::Call(call) => format!("{} {}", call.method, call.url),
            Action::Poll(poll) => format!("poll {} {}", poll.call.method, poll.call.url),
            Action::Delay(delay) => format!("delay {}", written(*delay)),
        }
    }

    /// Returns the request of a call or a poll.
    pub(super) fn request(&self) -> Option<&Call> {
        match self {
            Action::Call(call) => Some(call),
            Action::Poll(poll) => Some(&poll.call),
            Action::Delay(_) => None,
        }
    }

    /// Returns the sources of the secrets in its headers.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.request().into_iter().flat_map(|call| call.headers.secrets())
    }

    /// Returns the paths that have to be there when the step begins.
    pub(super) fn paths(&self) -> Vec<&Path> {
        let Some(call) = self.request() else { return Vec::new() };
        let mut paths: Vec<&Path> = call.url.paths().collect();
        paths.extend(call.headers.paths());
        paths.extend(call.body.iter().flat_map(JsonTemplate::paths));
        paths.extend(call.expect.json.paths());
        if let Action::Poll(poll) = self {
            paths.extend(poll.until.paths());
        }
        paths
    }
}

/// Reads `POST ${vendor.api}/transfers`.
fn request_line(line: &str) -> Result<(&'static str, Template), String> {
    let (method, url) = line.trim().split_once(' ').ok_or_else(|| format!("{line:?}: write METHOD URL"))?;
    let known = METHODS.into_iter().find(|known| *known == method);
    let method = known.ok_or_else(|| format!("{method:?} is none of {}", METHODS.join(", ")))?;
    let url = Template::try_from(url.trim().to_owned())?;
    if url.texts().any(|text| !text.bytes().all(|byte| byte.is_ascii_graphic())) {
        return Err(format!(
            "{url}: what stands between holes is a URL already; percent-encode blanks and letters such as é"
        ));
    }
    if url.texts().any(|text| text.contains('#')) {
        return Err(format!("{url}: a fragment is not sent; write # as %23"));
    }
    check_start(&url)?;
    Ok((method, url))
}

/// Sees to it that nothing but the beginning of a URL decides where it leads.
fn check_start(url: &Template) -> Result<(), String> {
    let begins_apart = |text: &str| text.is_empty() || text.starts_with(['/', '?']);
    let is_right = match url.beginning() {
        Some((path, text)) => {
            let is_url = path.root() == "vendor" || path.root() == "save";
            is_url && path.name().is_some() && begins_apart(text)
        }
        None => {
            let text = url.text_at_start();
            let is_whole = url.paths().next().is_none();
            split(text).is_some_and(|(origin, rest)| is_whole || (!rest.is_empty() && text.len() > origin.len()))
        }
    };
    match is_right {
        true => Ok(()),
        false => Err(format!(
            "{url}: a URL begins with ${{vendor.NAME}}/, where NAME is a key of [vendor]; or with ${{save.NAME}}, or with \
             an origin of [vendor] written out"
        )),
    }
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const SECOND: Duration = Duration::from_secs(1);
const MOST_RETRIES: u32 = 10;
/// Before a retry, be it the seed's wish or a `Retry-After`.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Ten years.
const LONGEST_DELAY: Duration = Duration::from_secs(3660 * 86_400);
const DEFAULT_WITHIN: Duration = Duration::from_secs(30);
const LONGEST_WITHIN: Duration = Duration::from_secs(600);
const LEAST_EVERY: Duration = Duration::from_millis(10);
/// Requests of one poll.
const MOST_POLLS: u128 = 1000;
