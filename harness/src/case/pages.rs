//! Walks a list page by page and judges it as one, by index (RFC 7644 §3.4.2.4) or by cursor (RFC 9865).

use super::answer::Complaints;
use super::{Broken, End, Performance};
use crate::client;
use crate::expect::{self, Mismatch};
use scim_suite::plan::Pages;
use scim_suite::{Paging, Send};
use scim_transport::{Reply, Request};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

/// Bounds of a walk: a server decides how many pages there are, and how long each is.
const MOST_PAGES: usize = 1_000;
const MOST_RESOURCES: usize = 20_000;
const MOST_BYTES: usize = 64 * 1024 * 1024;

impl Performance<'_, '_> {
    /// Asks for one page after the other, and returns what is wrong with them or with the list they make; nothing if
    /// an exchange failed by itself, which is a finding of its own.
    pub(super) async fn walk(
        &mut self,
        label: &str,
        send: &Send,
        first: Request,
        pages: Pages,
    ) -> Result<Option<Complaints>, Broken> {
        let mut walk = Walk::new(pages);
        loop {
            let mut request = first.clone();
            request.target = walk.target(&first.target);
            let Some(answer) = self.exchanged(label, request, &send.expect.span).await? else { return Ok(None) };
            self.end = self.end_of(&send.expect, &answer);
            if self.end.is_some() {
                return Ok(Some(Vec::new()));
            }
            let mut wrong = self.mismatches_of_head(&answer.reply, &send.expect);
            if wrong.is_empty() {
                wrong.extend(self.flaws(&answer, &send.expect));
            }
            wrong.extend(self.leaks(&send.expect, &answer.reply));
            let sentence = |text: String| Mismatch::sentence(text, send.expect.span.clone());
            let next = if wrong.is_empty() { walk.take(&answer.reply) } else { Next::End };
            let next = match next {
                Next::Wrong(text) => {
                    wrong.push(sentence(text));
                    Next::End
                }
                next => next,
            };
            if !wrong.is_empty() {
                let exchange = Some(answer.exchange);
                return Ok(Some(wrong.into_iter().map(|mismatch| (mismatch, exchange)).collect()));
            }
            match next {
                Next::Page => {}
                Next::TooMuch(reason) => {
                    self.end = Some(End::Skipped(reason));
                    return Ok(Some(Vec::new()));
                }
                Next::End | Next::Wrong(_) => return Ok(Some(self.judge_walk(send, walk, answer.exchange))),
            }
        }
    }

    /// Judges the list that all pages make.
    fn judge_walk(&mut self, send: &Send, walk: Walk, last: usize) -> Complaints {
        let sentence = |text: String| (Mismatch::sentence(text, send.expect.span.clone()), Some(last));
        let mut complaints: Complaints = walk.contradictions().into_iter().map(sentence).collect();
        if let Some(pattern) = &send.expect.json {
            let joined = walk.joined().to_string();
            let shown: Value = serde_json::from_str(&self.client.redactor().body(&joined)).unwrap_or_default();
            let mismatches = expect::json(joined.as_bytes(), pattern, send.expect.exact, &mut self.bindings);
            // No single exchange shows what is wrong with all of them together.
            complaints.extend(mismatches.into_iter().map(|mismatch| (mismatch.shown_in(&shown), Some(last))));
        }
        complaints
    }
}

/// What comes after a page.
enum Next {
    /// Another one.
    Page,
    /// Nothing: this was the last.
    End,
    /// The pages do not make a list; a sentence says why.
    Wrong(String),
    /// There is more than anybody wants to read; a sentence says how much.
    TooMuch(String),
}

/// A walk under way.
struct Walk {
    pages: Pages,
    /// How many pages were read.
    read: usize,
    bytes: usize,
    resources: Vec<Value>,
    /// The page on which each id was, the first time.
    seen: HashMap<String, usize>,
    /// The ids that were on two pages.
    twice: Vec<(String, usize, usize)>,
    /// What each page said about the number of all resources.
    totals: BTreeSet<u64>,
    cursor: String,
    cursors: BTreeSet<String>,
}

impl Walk {
    fn new(pages: Pages) -> Walk {
        Walk {
            pages,
            read: 0,
            bytes: 0,
            resources: Vec::new(),
            seen: HashMap::new(),
            twice: Vec::new(),
            totals: BTreeSet::new(),
            cursor: String::new(),
            cursors: BTreeSet::new(),
        }
    }

    /// Returns the target of the next page.
    fn target(&self, target: &str) -> String {
        let position = match self.pages.by {
            Paging::Index => format!("startIndex={}", self.resources.len() + 1),
            // RFC 9865 §2: the first page has an empty cursor.
            Paging::Cursor => format!("cursor={}", client::encode(&self.cursor)),
        };
        let joint = if target.contains('?') { '&' } else { '?' };
        let size = self.pages.size.map(|size| format!("&count={size}")).unwrap_or_default();
        format!("{target}{joint}{position}{size}")
    }

    /// Takes in a page and says what comes next.
    fn take(&mut self, reply: &Reply) -> Next {
        self.read += 1;
        self.bytes += reply.body.len();
        let Ok(Value::Object(page)) = serde_json::from_slice(&reply.body) else {
            return Next::Wrong(format!("page {} is no JSON object, so it is no ListResponse", self.read));
        };
        let resources = match page.get("Resources") {
            Some(Value::Array(resources)) => resources.as_slice(),
            None | Some(Value::Null) => &[],
            Some(_) => return Next::Wrong(format!("Resources of page {} is no array", self.read)),
        };
        self.totals.extend(page.get("totalResults").and_then(Value::as_u64));
        for resource in resources {
            self.note(resource);
        }
        self.resources.extend(resources.iter().cloned());
        let next = match self.pages.by {
            Paging::Index => self.next_by_index(resources.len()),
            Paging::Cursor => self.next_by_cursor(&page),
        };
        match next {
            Next::Page if self.is_too_much() => {
                let (pages, resources) = (self.read, self.resources.len());
                Next::TooMuch(format!("the list goes on after {pages} pages with {resources} resources"))
            }
            next => next,
        }
    }

    fn note(&mut self, resource: &Value) {
        let Some(id) = resource.get("id").and_then(Value::as_str) else { return };
        match self.seen.get(id) {
            Some(page) => self.twice.push((id.to_owned(), *page, self.read)),
            None => drop(self.seen.insert(id.to_owned(), self.read)),
        }
    }

    /// RFC 7644 §3.4.2.4: `totalResults` counts what matches, however much of it a page holds.
    fn next_by_index(&self, held: usize) -> Next {
        let Some(total) = self.totals.last().copied() else {
            return Next::Wrong(format!(
                "page {} has no totalResults, so nobody knows whether it is the last",
                self.read
            ));
        };
        let received = self.resources.len() as u64;
        match held {
            _ if received >= total => Next::End,
            0 => Next::Wrong(format!(
                "page {} is empty, though totalResults is {total} and only {received} came before it",
                self.read
            )),
            _ => Next::Page,
        }
    }

    /// RFC 9865 §2: a page without `nextCursor` is the last.
    fn next_by_cursor(&mut self, page: &Map<String, Value>) -> Next {
        let cursor = match page.get("nextCursor") {
            None | Some(Value::Null) => return Next::End,
            Some(Value::String(cursor)) if !cursor.is_empty() => cursor.clone(),
            Some(_) => return Next::Wrong(format!("nextCursor of page {} is no text to go on with", self.read)),
        };
        if !self.cursors.insert(cursor.clone()) {
            return Next::Wrong(format!("page {} leads back to a page that was read before", self.read));
        }
        self.cursor = cursor;
        Next::Page
    }

    fn is_too_much(&self) -> bool {
        self.read >= MOST_PAGES || self.resources.len() >= MOST_RESOURCES || self.bytes >= MOST_BYTES
    }

    /// Returns what the pages say against each other.
    fn contradictions(&self) -> Vec<String> {
        let mut wrong: Vec<String> = Vec::new();
        if let Some((id, first, again)) = self.twice.first() {
            let more = match self.twice.len() {
                1 => String::new(),
                count => format!(", and {} more", count - 1),
            };
            wrong.push(format!("the resource {id:?} is on page {first} and on page {again}{more}"));
        }
        // A total that changes on the way may have been right each time; one that no page came near was not.
        let received = self.resources.len() as u64;
        if let (Some(least), Some(most)) = (self.totals.first(), self.totals.last())
            && !(*least..=*most).contains(&received)
        {
            wrong.push(format!("totalResults is {most}, but the pages hold {received} resources"));
        }
        wrong
    }

    /// Returns one ListResponse with the resources of all pages.
    fn joined(&self) -> Value {
        let count = self.resources.len();
        let total = self.totals.last().map_or(count as u64, |total| *total);
        json!({
            "schemas": [scim_lang::urn::LIST_RESPONSE],
            "totalResults": total,
            "startIndex": 1,
            "itemsPerPage": count,
            "Resources": self.resources,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks over these pages; returns the targets that were asked for, and what was wrong.
    fn walked(by: Paging, pages: &[Value]) -> (Vec<String>, Vec<String>) {
        let mut walk = Walk::new(Pages { by, size: Some(2) });
        let mut targets = Vec::new();
        for page in pages {
            targets.push(walk.target("/Users?filter=a"));
            let body = page.to_string().into_bytes().into();
            let reply = Reply { status: 200, reason: String::new(), headers: http::HeaderMap::new(), body };
            match walk.take(&reply) {
                Next::Page => {}
                Next::End => return (targets, walk.contradictions()),
                Next::Wrong(text) | Next::TooMuch(text) => return (targets, vec![text]),
            }
        }
        (targets, vec!["another page is asked for".to_owned()])
    }

    fn page(total: u64, ids: &[&str], next: Option<&str>) -> Value {
        let resources: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        json!({ "totalResults": total, "Resources": resources, "nextCursor": next })
    }

    #[test]
    fn an_index_moves_by_as_much_as_came() {
        let (targets, wrong) =
            walked(Paging::Index, &[page(4, &["a", "b"], None), page(4, &["c"], None), page(4, &["d"], None)]);
        let starts: Vec<&str> = targets.iter().map(|target| target.split('&').nth(1).unwrap_or_default()).collect();
        assert_eq!(starts, ["startIndex=1", "startIndex=3", "startIndex=4"]);
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn a_cursor_is_followed_to_the_page_without_one() {
        let (targets, wrong) =
            walked(Paging::Cursor, &[page(2, &["a"], Some("x/1")), page(2, &["b"], Some("y")), page(2, &[], None)]);
        assert_eq!(
            targets,
            [
                "/Users?filter=a&cursor=&count=2",
                "/Users?filter=a&cursor=x%2F1&count=2",
                "/Users?filter=a&cursor=y&count=2"
            ]
        );
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn pages_that_do_not_make_a_list_are_told() {
        let told = |by, pages: &[Value]| walked(by, pages).1.join("; ");
        let twice = [page(3, &["a", "b"], None), page(3, &["b"], None)];
        assert_eq!(told(Paging::Index, &twice), "the resource \"b\" is on page 1 and on page 2");
        let empty = [page(3, &["a", "b"], None), page(3, &[], None)];
        assert!(told(Paging::Index, &empty).starts_with("page 2 is empty, though totalResults is 3 and only 2"));
        let back = [page(9, &["a"], Some("x")), page(9, &["b"], Some("x"))];
        assert_eq!(told(Paging::Cursor, &back), "page 2 leads back to a page that was read before");
        assert_eq!(told(Paging::Cursor, &[page(5, &["a"], None)]), "totalResults is 5, but the pages hold 1 resources");
        assert_eq!(
            told(Paging::Index, &[page(1, &["a", "b"], None)]),
            "totalResults is 1, but the pages hold 2 resources"
        );
        assert!(told(Paging::Index, &[json!({ "Resources": [] })]).contains("has no totalResults"));
        assert!(told(Paging::Index, &[json!([])]).contains("no ListResponse"));
    }

    #[test]
    fn a_list_without_an_end_is_given_up() {
        let pages: Vec<Value> = (0..2000).map(|at| page(9_000, &[&format!("{at}")], Some(&format!("c{at}")))).collect();
        for by in Paging::ALL {
            let (targets, wrong) = walked(by, &pages);
            assert_eq!(targets.len(), MOST_PAGES);
            assert_eq!(wrong, ["the list goes on after 1000 pages with 1000 resources"]);
        }
    }
}
