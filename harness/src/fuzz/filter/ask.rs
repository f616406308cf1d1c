//! Queries as requests, and what the answers say.

use super::super::lane::Lane;
use super::Filter;
use crate::client::{Stop, encode};
use scim_fuzz::filter::{Directory, Kind, Places, Query, Way};
use scim_lang::urn;
use scim_transport::{Reply, Request};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// How the population is told from whom else the server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Isolation {
    /// Whoever else is found is left out of the answer when it is here: filters are sent as they are.
    ByUs,
    /// The mark is one more condition: the server knows too many.
    ByServer,
}

/// What a server made of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It found these.
    Found(List),
    /// It refused, with this status and this scimType.
    Refused {
        /// The status.
        status: u16,
        /// The keyword of RFC 7644 §3.12.
        keyword: Option<String>,
    },
    /// It failed.
    Failed {
        /// The status.
        status: u16,
    },
    /// It answered with something that is no list.
    Garbled {
        /// Why.
        reason: String,
    },
}

/// Whom a server found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct List {
    /// The status of the answer.
    pub(super) status: u16,
    /// Their ids, in order, be they ours or not.
    pub(super) ids: Vec<String>,
    /// How many there are, as the server says.
    pub(super) total: u64,
    /// Whether all of them are here.
    pub(super) is_whole: bool,
    /// Whether the last page was empty.
    pub(super) ends: bool,
}

impl List {
    /// Returns what is on one page.
    fn page(status: u16, ids: Vec<String>, total: u64) -> List {
        List { status, is_whole: ids.len() as u64 >= total, ends: ids.is_empty(), ids, total }
    }

    /// Returns where in a directory those are who are here, strangers left out.
    pub(super) fn places(&self, directory: &Directory) -> Places {
        directory.places(self.ids.iter().map(String::as_str))
    }
}

impl Filter {
    /// Asks a query about the population, page by page if need be.
    pub(super) async fn ask(&self, lane: &Lane<'_>, kind: Kind, query: &Query) -> Result<Outcome, Stop> {
        self.ask_isolated(lane, kind, query, self.isolation).await
    }

    /// Asks a query about the population, with the mark as a condition or not.
    pub(super) async fn ask_isolated(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        query: &Query,
        isolation: Isolation,
    ) -> Result<Outcome, Stop> {
        let text = self.isolated(kind, query, isolation);
        let mut whole = List::default();
        for page in 0..MOST_PAGES {
            let mut options = query.options.clone();
            if page > 0 {
                options.retain(|(name, _)| *name != "startIndex");
                options.push(("startIndex", (whole.ids.len() + 1).to_string()));
            }
            if !options.iter().any(|(name, _)| *name == "count") {
                options.push(("count", PAGE.to_string()));
            }
            let list = match self.ask_once(lane, kind, query, &text, &options).await? {
                Outcome::Found(list) => list,
                // The first page has told what the server makes of the filter.
                _ if page > 0 => return Ok(Outcome::Found(whole)),
                other => return Ok(other),
            };
            whole.ends = list.ids.is_empty();
            whole.total = list.total;
            whole.ids.extend(list.ids);
            whole.is_whole = whole.ids.len() as u64 >= list.total;
            if whole.is_whole || whole.ends {
                break;
            }
        }
        Ok(Outcome::Found(whole))
    }

    /// Sends a text as a filter, as it is, and reads the first page.
    pub(super) async fn ask_verbatim(&self, lane: &Lane<'_>, kind: Kind, text: &str) -> Result<Outcome, Stop> {
        let query = Query::plain(super::nobody(kind));
        self.ask_once(lane, kind, &query, text, &[("count", PAGE.to_string())]).await
    }

    /// Asks for one page of the population, with these options and no others.
    pub(super) async fn ask_page(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        query: &Query,
        options: &[(&'static str, String)],
    ) -> Result<Outcome, Stop> {
        self.ask_once(lane, kind, query, &self.isolated(kind, query, Isolation::ByServer), options).await
    }

    async fn ask_once(
        &self,
        lane: &Lane<'_>,
        kind: Kind,
        query: &Query,
        text: &str,
        options: &[(&'static str, String)],
    ) -> Result<Outcome, Stop> {
        let request = match query.way {
            Way::Get => lane.request("GET", in_url(kind, query, text, options), None),
            Way::Post => in_body(lane, kind, text, options),
        };
        Ok(read(&lane.send(request).await?))
    }

    fn isolated(&self, kind: Kind, query: &Query, isolation: Isolation) -> String {
        let world = self.inputs.world();
        let text = query.text(&world.directory(kind).catalog.schema);
        match isolation {
            Isolation::ByUs => text,
            Isolation::ByServer => format!("{} sw \"{}\" and ({text})", kind.naming_attribute(), world.mark),
        }
    }
}

fn in_url(kind: Kind, query: &Query, text: &str, options: &[(&'static str, String)]) -> String {
    let encoded = if query.lower_hex { encode_in_lower_case(text) } else { encode(text) };
    let mut parameters: Vec<String> = options.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let at = if query.filter_last { parameters.len() } else { 0 };
    parameters.insert(at, format!("filter={encoded}"));
    format!("{}?{}", kind.endpoint(), parameters.join("&"))
}

/// RFC 3986 §2.1: the digits of an escape are the same in either case.
fn encode_in_lower_case(text: &str) -> String {
    let encoded = encode(text);
    let mut parts = encoded.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        lower.push('%');
        lower.push_str(&digits.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

/// RFC 7644 §3.4.3: the same parameters as members of a SearchRequest.
fn in_body(lane: &Lane<'_>, kind: Kind, text: &str, options: &[(&'static str, String)]) -> Request {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([urn::SEARCH_REQUEST]));
    body.insert("filter".to_owned(), text.into());
    for (name, value) in options {
        let value = match (*name, value.parse::<u64>()) {
            ("attributes" | "excludedAttributes", _) => json!([value]),
            (_, Ok(number)) => number.into(),
            (_, Err(_)) => value.as_str().into(),
        };
        body.insert((*name).to_owned(), value);
    }
    lane.request("POST", format!("{}/.search", kind.endpoint()), Some(Value::Object(body).to_string().into()))
}

fn read(reply: &Reply) -> Outcome {
    let status = reply.status;
    match status {
        200..300 => read_list(status, &reply.body),
        // Okta takes a 404 for "nobody", and a few servers mean just that.
        404 => Outcome::Found(List { status, is_whole: true, ends: true, ..List::default() }),
        500.. if status != 501 => Outcome::Failed { status },
        _ => {
            let error: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            Outcome::Refused { status, keyword: error["scimType"].as_str().map(str::to_owned) }
        }
    }
}

fn read_list(status: u16, body: &[u8]) -> Outcome {
    let garbled = |reason: &str| Outcome::Garbled { reason: reason.to_owned() };
    if let Some((total, ids)) = Page::read(body) {
        return Outcome::Found(List::page(status, ids, total));
    }
    let Ok(list) = serde_json::from_slice::<Value>(body) else { return garbled("the body is not JSON") };
    let total = match &list["totalResults"] {
        Value::Number(total) => total.as_u64(),
        // A counter in quotes is another suite's business.
        Value::String(total) => total.parse().ok(),
        _ => None,
    };
    let Some(total) = total else { return garbled("totalResults is no number") };
    let resources = match list.get("Resources") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(resources)) => resources.as_slice(),
        Some(_) => return garbled("Resources is no list"),
    };
    let mut ids = Vec::with_capacity(resources.len());
    for resource in resources {
        match &resource["id"] {
            Value::String(id) => ids.push(id.clone()),
            Value::Number(id) => ids.push(id.to_string()),
            _ => return garbled("a resource has no id"),
        }
    }
    Outcome::Found(List::page(status, ids, total))
}

/// A list as nearly all servers write it, of which nothing is read but what matters here: answers come by the thousand.
#[derive(Deserialize)]
struct Page<'b> {
    #[serde(rename = "totalResults")]
    total: u64,
    #[serde(rename = "Resources", borrow, default)]
    resources: Vec<&'b RawValue>,
}

#[derive(Deserialize)]
struct Entry<'b> {
    #[serde(borrow)]
    id: Cow<'b, str>,
}

impl Page<'_> {
    /// Returns the total and the ids; nothing for a body that takes a closer look. An escape may be half of a character,
    /// which makes a body no JSON, and what is read over is not looked at that closely.
    fn read(body: &[u8]) -> Option<(u64, Vec<String>)> {
        let text = std::str::from_utf8(body).ok().filter(|text| !text.contains("\\u"))?;
        let page: Page<'_> = object(text)?;
        let id = |resource: &&RawValue| Some(object::<Entry<'_>>(resource.get())?.id.into_owned());
        Some((page.total, page.resources.iter().map(id).collect::<Option<_>>()?))
    }
}

/// Reads an object; serde would take a list of its members' values as well.
fn object<'b, T: Deserialize<'b>>(text: &'b str) -> Option<T> {
    text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok())?
}

/// How many resources are asked for at a time.
pub(super) const PAGE: usize = 200;
/// How many pages are read before an answer counts as too long.
const MOST_PAGES: usize = 25;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_over_quickly_only_where_that_reads_the_same() {
        let found = |ids: &[&str], total: u64| {
            Outcome::Found(List::page(200, ids.iter().map(|id| (*id).to_owned()).collect(), total))
        };
        let garbled = |reason: &str| Outcome::Garbled { reason: reason.to_owned() };
        for (body, is_quick, expected) in [
            (r#"{"totalResults":1,"Resources":[{"x":[{}],"id":"a"}]}"#, true, found(&["a"], 1)),
            (r#" {"Resources":[{"id":"a\/b"},{"id":"b"}],"totalResults":5} "#, true, found(&["a/b", "b"], 5)),
            (r#"{"totalResults":0}"#, true, found(&[], 0)),
            (r#"{"totalResults":"2","Resources":[{"id":7}]}"#, false, found(&["7"], 2)),
            (r#"{"totalResults":0,"Resources":null}"#, false, found(&[], 0)),
            (r#"{"totalResults":1,"totalResults":2}"#, false, found(&[], 2)),
            (r#"{"totalResults":1,"Resources":[{"id":"\u0061"}]}"#, false, found(&["a"], 1)),
            (r#"{"totalResults":1,"Resources":[{"id":"a","x":"\ud800"}]}"#, false, garbled("the body is not JSON")),
            (r#"{"totalResults":1,"Resources":[["a"]]}"#, false, garbled("a resource has no id")),
            (r#"[1,[{"id":"a"}]]"#, false, garbled("totalResults is no number")),
            (r#"{"totalResults":1.5}"#, false, garbled("totalResults is no number")),
            (r#"{"totalResults":1,"Resources":{}}"#, false, garbled("Resources is no list")),
            (r#"{"totalResults":1"#, false, garbled("the body is not JSON")),
        ] {
            assert_eq!(Page::read(body.as_bytes()).is_some(), is_quick, "{body}");
            assert_eq!(read_list(200, body.as_bytes()), expected, "{body}");
        }
        assert_eq!(read_list(200, b"{\"totalResults\":0,\"x\":\"\xff\"}"), garbled("the body is not JSON"));
    }
}
