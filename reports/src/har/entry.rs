//! One exchange in the words of HAR 1.2.

use crate::text::counted;
use jiff::Timestamp;
use scim_record::{Exchange, Header, RequestRecord, ResponseRecord, Timing};
use serde::Serialize;

/// An element of `log.entries`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    started_date_time: String,
    time: f64,
    request: Request<'a>,
    response: Response<'a>,
    cache: Cache,
    timings: Timings,
    #[serde(rename = "_case", skip_serializing_if = "Option::is_none")]
    case: Option<&'a str>,
    #[serde(rename = "_app", skip_serializing_if = "Option::is_none")]
    app: Option<&'a str>,
    #[serde(rename = "_step")]
    step: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    method: &'a str,
    url: &'a str,
    http_version: &'static str,
    cookies: [(); 0],
    headers: Vec<Pair<'a>>,
    query_string: Vec<Pair<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'a>>,
    headers_size: i64,
    body_size: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    status: u16,
    status_text: &'a str,
    http_version: &'static str,
    cookies: [(); 0],
    headers: Vec<Pair<'a>>,
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: &'a str,
    headers_size: i64,
    body_size: i64,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Pair<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'a> {
    mime_type: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    size: usize,
    mime_type: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

/// Nothing is ever cached.
#[derive(Debug, Serialize)]
struct Cache {}

#[derive(Debug, Serialize)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}

impl<'a> Entry<'a> {
    pub(super) fn of(exchange: &'a Exchange, case: Option<&'a str>, app: Option<&'a str>) -> Entry<'a> {
        let timings = Timings::of(exchange.timing, exchange.response.is_some());
        Entry {
            started_date_time: moment(exchange.timing.started_ms),
            // HAR 1.2: the sum of the timings that are known.
            time: to_microseconds(timings.send + timings.wait + timings.receive),
            request: Request::from(&exchange.request),
            response: match &exchange.response {
                Some(response) => Response::from(response),
                None => Response::missing(exchange),
            },
            cache: Cache {},
            timings,
            case,
            app,
            step: &exchange.step,
        }
    }
}

impl Timings {
    /// The record has one moment between start and end; until the headers came, it was waiting.
    fn of(timing: Timing, answered: bool) -> Timings {
        let total = known(timing.total_ms);
        let wait = if answered { known(timing.headers_ms).min(total) } else { total };
        Timings { send: 0.0, wait: to_microseconds(wait), receive: to_microseconds(total - wait) }
    }
}

impl<'a> From<&'a RequestRecord> for Request<'a> {
    fn from(request: &'a RequestRecord) -> Request<'a> {
        Request {
            method: &request.method,
            url: &request.url,
            http_version: "HTTP/1.1",
            cookies: [],
            headers: pairs(&request.headers),
            query_string: query(&request.url),
            post_data: request.body.as_deref().map(|body| {
                let (text, comment) = bounded(body);
                PostData { mime_type: media_type(&request.headers), text, comment }
            }),
            headers_size: UNKNOWN,
            // The text is redacted, so its length is not what was sent.
            body_size: if request.body.is_some() { UNKNOWN } else { 0 },
        }
    }
}

impl<'a> From<&'a ResponseRecord> for Response<'a> {
    fn from(response: &'a ResponseRecord) -> Response<'a> {
        let (text, comment) = bounded(&response.body);
        Response {
            status: response.status,
            status_text: &response.reason,
            http_version: "unknown",
            cookies: [],
            headers: pairs(&response.headers),
            content: Content { size: response.size, mime_type: media_type(&response.headers), text, comment },
            redirect_url: value(&response.headers, "location").unwrap_or_default(),
            headers_size: UNKNOWN,
            body_size: UNKNOWN,
            error: None,
        }
    }
}

impl Response<'_> {
    /// HAR asks for a response even where there is none; browsers write status 0 then.
    fn missing(exchange: &Exchange) -> Response<'static> {
        let error = exchange.failure.as_ref().map_or_else(|| "no answer".to_owned(), ToString::to_string);
        Response {
            status: 0,
            status_text: "",
            http_version: "unknown",
            cookies: [],
            headers: Vec::new(),
            content: Content { size: 0, mime_type: UNKNOWN_TYPE, text: "", comment: None },
            redirect_url: "",
            headers_size: UNKNOWN,
            body_size: UNKNOWN,
            error: Some(error),
        }
    }
}

fn pairs(headers: &[Header]) -> Vec<Pair<'_>> {
    headers.iter().map(|header| Pair { name: &header.name, value: &header.value }).collect()
}

/// Returns the parameters as they were sent: decoding could bring to light what was redacted in its encoded form.
fn query(url: &str) -> Vec<Pair<'_>> {
    let Some((_, query)) = url.split_once('?') else { return Vec::new() };
    let query = query.split('#').next().unwrap_or_default();
    let pair = |part| {
        let (name, value) = str::split_once(part, '=').unwrap_or((part, ""));
        Pair { name, value }
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

fn value<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
}

fn media_type(headers: &[Header]) -> &str {
    value(headers, "content-type").unwrap_or(UNKNOWN_TYPE)
}

/// Returns the beginning of a body, and how much is missing.
fn bounded(body: &str) -> (&str, Option<String>) {
    match body.char_indices().nth(MOST_TEXT) {
        Some((end, _)) => {
            let missing = counted(body[end..].chars().count(), "character");
            (&body[..end], Some(format!("{missing} more are not shown")))
        }
        None => (body, None),
    }
}

/// A moment that no clock has shows as the epoch, which nobody takes for one.
fn moment(ms: i64) -> String {
    let moment = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn known(ms: f64) -> f64 {
    if ms.is_finite() { ms.max(0.0) } else { 0.0 }
}

fn to_microseconds(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}

const UNKNOWN: i64 = -1;
const UNKNOWN_TYPE: &str = "x-unknown";

/// How many characters of one body are kept, as in the JSON report.
const MOST_TEXT: usize = crate::json::format::MOST_TEXT;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_stay_as_they_were_sent() {
        let pairs: Vec<(&str, &str)> = query("https://h/Users?filter=a%20eq%20%22b%3Dc%22&&count=1&x#y?z=1")
            .into_iter()
            .map(|pair| (pair.name, pair.value))
            .collect();
        assert_eq!(pairs, [("filter", "a%20eq%20%22b%3Dc%22"), ("count", "1"), ("x", "")]);
        assert!(query("https://h/Users").is_empty());
    }

    #[test]
    fn times_add_up_whatever_the_clock_says() {
        for (headers_ms, total_ms) in [(36.1239, 38.25), (40.0, 38.0), (-1.0, 2.0), (f64::NAN, f64::INFINITY)] {
            let Timings { send, wait, receive } = Timings::of(Timing { started_ms: 0, headers_ms, total_ms }, true);
            assert!(send >= 0.0 && wait >= 0.0 && receive >= 0.0, "{headers_ms} {total_ms}");
            assert_eq!(to_microseconds(wait + receive), to_microseconds(known(total_ms)));
        }
    }

    #[test]
    fn moments_have_milliseconds_and_a_zone() {
        assert_eq!(moment(1_795_435_200_007), "2026-11-23T12:00:00.007Z");
        assert_eq!(moment(i64::MAX), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_long_body_says_how_much_of_it_is_missing() {
        let body = "ä".repeat(MOST_TEXT + 3);
        let (text, comment) = bounded(&body);
        assert_eq!(text.chars().count(), MOST_TEXT);
        assert_eq!(comment.as_deref(), Some("3 characters more are not shown"));
    }
}
