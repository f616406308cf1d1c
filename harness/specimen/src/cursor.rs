//! Cursors (RFC 9865): where a client is in a result that it reads page by page.
//!
//! A cursor says everything itself, so that a client that stops halfway leaves nothing behind. It is sealed: one that was
//! not given out here, or for another query, is refused (RFC 9865 §5.2).

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use scim_lang::error::{ScimError, ScimType};
use serde_json::Value;

use crate::query::Query;
use crate::select::Found;
use crate::store::Kind;

/// What gives out cursors and takes them back.
#[derive(Debug)]
pub(crate) struct Cursors {
    /// Hashes with a random key of this process, which nobody outside can know.
    seal: RandomState,
    timeout: Duration,
}

/// A place in a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// How many resources came before.
    skip: usize,
    /// The resource that came last, by its place in the order of creation. It finds the place again where resources
    /// before it have come and gone.
    after: Option<u64>,
    /// The page size the client asked for at the start.
    count: Option<usize>,
    /// When the cursor was given out, in milliseconds.
    issued: i64,
}

impl Cursors {
    /// Returns what gives out cursors that are good for this long.
    pub(crate) fn new(timeout: Duration) -> Cursors {
        Cursors { seal: RandomState::new(), timeout }
    }

    /// Lets a query go on where its cursor says. An empty cursor asks for the first page (RFC 9865 §2).
    pub(crate) fn resume(&self, query: &mut Query, kinds: &[Kind], now: Timestamp) -> Result<(), ScimError> {
        let Some(text) = query.cursor.as_deref().filter(|text| !text.is_empty()) else { return Ok(()) };
        let invalid = || ScimError::bad_request(ScimType::InvalidCursor, "the cursor was not given out for this query");
        let place = self.open(text, &fingerprint(query, kinds)).ok_or_else(invalid)?;
        if now.as_millisecond() - place.issued > i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX) {
            let detail = format!("a cursor is good for {} seconds", self.timeout.as_secs());
            return Err(ScimError::bad_request(ScimType::ExpiredCursor, detail));
        }
        // RFC 9865 §2: everything but the cursor stays as it was. A count that is left out stays as well.
        if query.page.count.is_some() && query.page.count != place.count {
            let detail = "`count` has to stay what it was in the first request of the query";
            return Err(ScimError::bad_request(ScimType::InvalidCount, detail));
        }
        query.page.count = place.count;
        query.page.skip = place.skip;
        query.page.after = place.after;
        Ok(())
    }

    /// Adds the cursors that lead on from a page, and back, to the ListResponse.
    pub(crate) fn lead_on(&self, query: &Query, kinds: &[Kind], found: &Found<'_>, now: Timestamp, list: &mut Value) {
        let fingerprint = fingerprint(query, kinds);
        let issued = now.as_millisecond();
        let end = found.start + found.records.len();
        if let Some(last) = found.records.last()
            && end < found.total
        {
            let next = Place { skip: end, after: Some(last.sequence), count: query.page.count, issued };
            list["nextCursor"] = self.close(next, &fingerprint).into();
        }
        // RFC 9865 §2: none on the first page.
        if found.start > 0 {
            let skip = found.start.saturating_sub(query.page.size());
            let previous = Place { skip, after: None, count: query.page.count, issued };
            list["previousCursor"] = self.close(previous, &fingerprint).into();
        }
    }

    /// Returns the text of a cursor. Its characters are unreserved in URLs (RFC 9865 §2).
    fn close(&self, place: Place, fingerprint: &str) -> String {
        let text = place.text();
        let seal = self.seal.hash_one((&text, fingerprint));
        URL_SAFE_NO_PAD.encode(format!("{text} {seal:016x}"))
    }

    fn open(&self, cursor: &str, fingerprint: &str) -> Option<Place> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (text, seal) = text.rsplit_once(' ')?;
        let sealed = format!("{:016x}", self.seal.hash_one((text, fingerprint)));
        (seal == sealed).then(|| Place::parse(text)).flatten()
    }
}

impl Place {
    fn text(self) -> String {
        let optional = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let count = optional(self.count.map(|count| count as u64));
        format!("{} {} {count} {}", self.skip, optional(self.after), self.issued)
    }

    fn parse(text: &str) -> Option<Place> {
        let mut words = text.split(' ');
        let skip = words.next()?.parse().ok()?;
        let after = optional(words.next()?)?;
        let count = optional(words.next()?)?.and_then(|count| usize::try_from(count).ok());
        Some(Place { skip, after, count, issued: words.next()?.parse().ok()? })
    }
}

fn optional(word: &str) -> Option<Option<u64>> {
    if word == "-" { Some(None) } else { word.parse().ok().map(Some) }
}

/// Returns what has to stay the same from page to page.
fn fingerprint(query: &Query, kinds: &[Kind]) -> String {
    format!("{kinds:?} {:?} {:?} {:?}", query.filter, query.sort, query.projection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(cursors: &Cursors, count: Option<usize>) -> String {
        let place = Place { skip: 20, after: Some(31), count, issued: 0 };
        cursors.close(place, &fingerprint(&Query::default(), &[Kind::User]))
    }

    fn resumed(cursors: &Cursors, text: &str, kind: Kind, milliseconds: i64) -> Result<Query, ScimError> {
        let mut query = Query { cursor: Some(text.to_owned()), ..Query::default() };
        let now = Timestamp::from_millisecond(milliseconds).unwrap();
        cursors.resume(&mut query, &[kind], now).map(|()| query)
    }

    #[test]
    fn a_cursor_leads_back_to_its_place() {
        let cursors = Cursors::new(Duration::from_secs(1));
        let text = cursor(&cursors, Some(10));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{text}");
        let page = resumed(&cursors, &text, Kind::User, 1000).unwrap().page;
        assert_eq!((page.skip, page.after, page.count), (20, Some(31), Some(10)));
        assert_eq!(resumed(&cursors, "", Kind::User, 1000).unwrap().page.skip, 0);
    }

    #[test]
    fn forged_borrowed_and_late_cursors_are_refused() {
        let cursors = Cursors::new(Duration::from_secs(1));
        let text = cursor(&cursors, Some(10));
        let refusal = |result: Result<Query, ScimError>| result.unwrap_err().scim_type.unwrap();
        let forged = text.replacen(|c: char| c.is_ascii_lowercase(), "Q", 1);
        assert_eq!(refusal(resumed(&cursors, &forged, Kind::User, 0)), ScimType::InvalidCursor);
        assert_eq!(refusal(resumed(&cursors, "garbage", Kind::User, 0)), ScimType::InvalidCursor);
        assert_eq!(refusal(resumed(&cursors, &text, Kind::Group, 0)), ScimType::InvalidCursor);
        let others = Cursors::new(Duration::from_secs(1));
        assert_eq!(refusal(resumed(&others, &text, Kind::User, 0)), ScimType::InvalidCursor);
        assert_eq!(refusal(resumed(&cursors, &text, Kind::User, 1001)), ScimType::ExpiredCursor);
    }

    #[test]
    fn the_page_size_cannot_change_on_the_way() {
        let cursors = Cursors::new(Duration::from_secs(1));
        let mut query = Query { cursor: Some(cursor(&cursors, Some(10))), ..Query::default() };
        query.page.count = Some(11);
        let refused = cursors.resume(&mut query, &[Kind::User], Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(refused.scim_type, Some(ScimType::InvalidCount));
    }
}
