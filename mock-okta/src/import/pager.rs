//! Walking through a list page by page, and noticing where the list is not what it says.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Value;

use super::fingerprint;
use super::note::{Noted, brief};
use super::page::{self, Page};
use super::settings::{ImportSettings, StopRule};
use crate::Response;
use crate::answer::Unusable;

/// What was odd about the pages of one list. Observations, not verdicts: which of them Okta minds is
/// documented only where the field says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paging {
    /// How many pages were read.
    pub pages: u32,
    /// How many entries stood on them.
    pub entries: u64,
    /// How many of the entries have an id no entry before had.
    pub distinct: u64,
    /// How many of the entries have no id at all.
    pub anonymous: u64,
    /// The last `totalResults`.
    pub total_results: Option<i64>,
    /// Pages which hold fewer entries than were asked for and are left. The next page starts a fixed
    /// distance on, so what such a page left out is never read.
    pub short_pages: Noted<PageSize>,
    /// Pages which hold more entries than were asked for.
    pub long_pages: Noted<PageSize>,
    /// Counters that do not say what is so. Okta's quality assurance refused an `itemsPerPage` that was
    /// not the number of entries (<https://github.com/ory/polis/pull/4054>).
    pub counters: Noted<CounterMismatch>,
    /// Entries read before. Okta SCIM 2.0 protocol reference, "Retrieve Users": the order has to be the
    /// same whatever `startIndex` and `count` are.
    pub duplicates: Noted<Duplicate>,
    /// Whether the list spells its keys in lower case, which an older edition of the protocol reference
    /// allows.
    pub lower_case_keys: bool,
}

impl Paging {
    /// Returns how many resources `totalResults` promises that were on no page.
    pub fn missing(&self) -> u64 {
        let promised = u64::try_from(self.total_results.unwrap_or(0)).unwrap_or(0);
        promised.saturating_sub(self.distinct + self.anonymous)
    }

    /// Tells whether the pages fit together: nothing left out, nothing twice, every counter right.
    pub fn is_sound(&self) -> bool {
        self.missing() == 0
            && self.short_pages.is_empty()
            && self.long_pages.is_empty()
            && self.counters.is_empty()
            && self.duplicates.is_empty()
    }
}

/// A page of a size that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSize {
    /// The `startIndex` that was asked for.
    pub page: u64,
    /// How many entries the page should hold.
    pub expected: u64,
    /// How many it holds.
    pub actual: u64,
}

/// A counter that does not say what is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterMismatch {
    /// The `startIndex` that was asked for.
    pub page: u64,
    /// The counter's name.
    pub counter: &'static str,
    /// What it should say; for `totalResults` what the page before said.
    pub expected: i64,
    /// What it says.
    pub actual: i64,
}

/// An entry that was read before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The id.
    pub id: String,
    /// The page it stood on first, by its `startIndex`.
    pub first: u64,
    /// The page it stands on again.
    pub again: u64,
}

/// Where to go from a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// To the page of this target.
    Ask(String),
    /// Nowhere: that was the last one.
    End,
    /// Nowhere: the list does not end, for this reason.
    Endless(String),
}

/// The way through one list.
#[derive(Debug, Clone)]
pub(crate) struct Pager {
    path: String,
    count: u64,
    stop: StopRule,
    most_pages: u32,
    start: u64,
    on_page: u64,
    unseen_on_page: u64,
    barren: u32,
    /// The first page of every id, both as numbers.
    sighted: HashMap<u64, u64>,
    paging: Paging,
}

impl Pager {
    pub(crate) fn new(path: impl Into<String>, settings: &ImportSettings) -> Pager {
        Pager {
            path: path.into(),
            count: u64::from(settings.count.max(1)),
            stop: settings.stop,
            most_pages: settings.most_pages.max(1),
            start: 1,
            on_page: 0,
            unseen_on_page: 0,
            barren: 0,
            sighted: HashMap::new(),
            paging: Paging::default(),
        }
    }

    /// Returns the target of the page at hand (Okta SCIM 2.0 protocol reference, "Retrieve Users").
    pub(crate) fn target(&self) -> String {
        format!("{}?startIndex={}&count={}", self.path, self.start, self.count)
    }

    /// Reads the page at hand and returns its entries, to be [sighted](Pager::sight) one by one.
    pub(crate) fn read(&mut self, response: &Response) -> Result<Vec<Value>, Unusable> {
        let page = page::read(response, self.start == 1)?;
        self.on_page = page.resources.len() as u64;
        self.unseen_on_page = 0;
        self.paging.pages += 1;
        self.paging.entries += self.on_page;
        self.paging.lower_case_keys |= page.lower_case;
        self.compare(&page);
        self.paging.total_results = page.total.or(self.paging.total_results);
        Ok(page.resources)
    }

    /// Takes the id of an entry and tells whether it stands in the list for the first time.
    pub(crate) fn sight(&mut self, id: &str) -> bool {
        match self.sighted.entry(fingerprint::of(id)) {
            Entry::Vacant(place) => {
                place.insert(self.start);
                self.paging.distinct += 1;
                self.unseen_on_page += 1;
                true
            }
            Entry::Occupied(first) => {
                let (id, first, again) = (brief(id), *first.get(), self.start);
                self.paging.duplicates.add(Duplicate { id, first, again });
                false
            }
        }
    }

    /// Takes an entry that has no id.
    pub(crate) fn sight_anonymous(&mut self) {
        self.paging.anonymous += 1;
        self.unseen_on_page += 1;
    }

    /// Turns to the next page.
    pub(crate) fn turn(&mut self) -> Turn {
        self.barren = if self.unseen_on_page == 0 { self.barren + 1 } else { 0 };
        if self.on_page == 0 || self.is_last() {
            return Turn::End;
        }
        if let Some(why) = self.endless() {
            return Turn::Endless(why);
        }
        self.start = self.start.saturating_add(self.count);
        Turn::Ask(self.target())
    }

    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    pub(crate) fn paging(&self) -> &Paging {
        &self.paging
    }

    /// Returns the numbers of all ids.
    pub(crate) fn into_ids(self) -> HashMap<u64, u64> {
        self.sighted
    }

    pub(crate) fn ids(&self) -> usize {
        self.sighted.len()
    }

    fn is_last(&self) -> bool {
        match (self.stop, self.paging.total_results) {
            (StopRule::EmptyPage, _) => false,
            (StopRule::TotalResults, None) => self.on_page < self.count,
            (StopRule::TotalResults, Some(total)) => {
                u64::try_from(total).unwrap_or(0) < self.start.saturating_add(self.count)
            }
        }
    }

    fn endless(&self) -> Option<String> {
        let most = u64::from(self.most_pages);
        if self.barren >= MOST_BARREN {
            return Some(format!(
                "{} pages in a row, up to startIndex={}, hold nothing unseen",
                self.barren, self.start
            ));
        }
        if u64::from(self.paging.pages) >= most || self.ids() as u64 >= most.saturating_mul(self.count) {
            return Some(format!(
                "there are still more after {} pages and {} resources",
                self.paging.pages,
                self.ids()
            ));
        }
        None
    }

    fn compare(&mut self, page: &Page) {
        self.compare_size(page);
        let Paging { total_results, .. } = self.paging;
        for (counter, expected, actual) in [
            ("startIndex", Some(self.start), page.start_index),
            ("itemsPerPage", Some(self.on_page), page.items_per_page),
            ("totalResults", total_results.and_then(|total| u64::try_from(total).ok()), page.total),
        ] {
            let expected = expected.and_then(|number| i64::try_from(number).ok());
            if let (Some(expected), Some(actual)) = (expected, actual)
                && expected != actual
            {
                self.paging.counters.add(CounterMismatch { page: self.start, counter, expected, actual });
            }
        }
    }

    fn compare_size(&mut self, page: &Page) {
        let (actual, at) = (self.on_page, self.start);
        if actual > self.count {
            self.paging.long_pages.add(PageSize { page: at, expected: self.count, actual });
        }
        let Some(total) = page.total.and_then(|total| u64::try_from(total).ok()) else { return };
        let expected = (total + 1).saturating_sub(at).min(self.count);
        if actual < expected {
            self.paging.short_pages.add(PageSize { page: at, expected, actual });
        }
    }
}

/// How many pages in a row may bring nothing unseen.
const MOST_BARREN: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn pager(settings: &ImportSettings) -> Pager {
        Pager::new("/Users", settings)
    }

    /// Serves `ids` as one page and turns.
    fn serve(pager: &mut Pager, total: i64, ids: &[&str]) -> Turn {
        let resources: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        let body = format!(r#"{{"totalResults":{total},"Resources":[{}]}}"#, resources.join(","));
        for entry in pager.read(&Response::new(200, "OK", body)).expect("a list") {
            pager.sight(entry["id"].as_str().expect("an id"));
        }
        pager.turn()
    }

    fn ask(start: u64, count: u64) -> Turn {
        Turn::Ask(format!("/Users?startIndex={start}&count={count}"))
    }

    fn two_a_page() -> ImportSettings {
        ImportSettings { count: 2, ..ImportSettings::default() }
    }

    #[test]
    fn the_step_is_fixed_and_the_total_ends_it() {
        let mut pager = pager(&two_a_page());
        assert_eq!(pager.target(), "/Users?startIndex=1&count=2");
        assert_eq!(serve(&mut pager, 4, &["a"]), ask(3, 2));
        assert_eq!(serve(&mut pager, 4, &["c", "d"]), Turn::End);
        let paging = pager.paging();
        assert_eq!(paging.missing(), 1);
        assert_eq!(paging.short_pages.examples(), [PageSize { page: 1, expected: 2, actual: 1 }]);
    }

    #[test]
    fn under_the_other_rule_an_empty_page_ends_it() {
        let mut pager = pager(&ImportSettings { stop: StopRule::EmptyPage, ..two_a_page() });
        assert_eq!(serve(&mut pager, 2, &["a", "b"]), ask(3, 2));
        assert_eq!(serve(&mut pager, 2, &[]), Turn::End);
        assert!(pager.paging().is_sound());
    }

    #[test]
    fn a_server_that_repeats_itself_is_left_after_three_barren_pages() {
        let mut pager = pager(&ImportSettings { stop: StopRule::EmptyPage, ..two_a_page() });
        for start in [3, 5, 7] {
            assert_eq!(serve(&mut pager, 2, &["a", "b"]), ask(start, 2));
        }
        assert!(matches!(serve(&mut pager, 2, &["a", "b"]), Turn::Endless(_)));
        assert_eq!(pager.paging().duplicates.count(), 6);
        assert_eq!(pager.paging().duplicates.examples()[0], Duplicate { id: "a".to_owned(), first: 1, again: 3 });
    }

    #[test]
    fn a_server_with_ever_more_is_left_after_the_most_pages() {
        let mut pager = pager(&ImportSettings { most_pages: 2, ..two_a_page() });
        assert_eq!(serve(&mut pager, i64::MAX, &["a", "b"]), ask(3, 2));
        assert!(matches!(serve(&mut pager, i64::MAX, &["c", "d"]), Turn::Endless(_)));
    }

    #[test]
    fn pages_of_any_size_do_not_fill_the_memory() {
        let mut pager = pager(&ImportSettings { most_pages: 2, ..two_a_page() });
        assert!(matches!(serve(&mut pager, i64::MAX, &["a", "b", "c", "d"]), Turn::Endless(_)));
        assert_eq!(pager.paging().long_pages.count(), 1);
    }

    #[test]
    fn wrong_counters_are_noticed() {
        let mut pager = pager(&two_a_page());
        let body = r#"{"totalResults":3,"startIndex":0,"itemsPerPage":2,"Resources":[{}]}"#;
        pager.read(&Response::new(200, "OK", body)).expect("a list");
        let named: Vec<_> = pager.paging().counters.examples().iter().map(|odd| (odd.counter, odd.actual)).collect();
        assert_eq!(named, [("startIndex", 0), ("itemsPerPage", 2)]);
    }
}
