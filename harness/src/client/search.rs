//! Looking for what was created without our knowing where: first by its name, then in the list of everything.
//!
//! One way of looking is not enough, because a server may be wrong in searching as well as in creating.

use super::creation::Doubt;
use super::{
    COLLECTIONS, Client, FARTHEST_PAGE, Nature, Stop, encode, get, id_of, name_of, naming_attribute, object_path,
    patient,
};
use crate::journal::Intent;
use scim_record::LeftBehind;
use serde_json::Value;
use std::collections::HashSet;
use std::io;

impl Client<'_> {
    /// Looks for everything that is announced and not accounted for.
    pub(super) async fn search(&self) -> io::Result<()> {
        let mut is_answered = false;
        for intent in self.journal.open_intents(&self.owner) {
            is_answered |= self.look_for(&intent).await?;
        }
        // Who does not answer searches is not waited for once more.
        if !is_answered {
            return Ok(());
        }
        for collection in COLLECTIONS {
            let mut missing = self.journal.open_intents(&self.owner);
            missing.retain(|intent| intent.collection == collection);
            if missing.is_empty() {
                continue;
            }
            let is_all = self.leaf_through(collection, &missing).await?;
            for intent in self.journal.open_intents(&self.owner).iter().filter(|intent| missing.contains(intent)) {
                let is_denied = self.denied.borrow().contains(&intent.name);
                let is_settled = match self.doubts.borrow().get(&intent.name) {
                    // The server may be at it still.
                    Some(Doubt::Unanswered) => false,
                    // A server that says it made somebody and does not find them contradicts itself.
                    Some(Doubt::Promised) => is_denied && is_all,
                    Some(Doubt::Refused) | None => is_denied,
                };
                if is_settled {
                    self.journal.settled(intent)?;
                }
            }
        }
        Ok(())
    }

    /// Returns what may be there without our knowing where.
    pub(super) fn unaccounted(&self) -> Vec<LeftBehind> {
        let told = |intent: Intent| {
            let reason = match self.doubts.borrow().get(&intent.name) {
                Some(Doubt::Promised) => "its POST succeeded without saying where it is, and no search finds it",
                Some(Doubt::Unanswered) => "its POST was not answered yet when the case was given up",
                Some(Doubt::Refused) | None => "its POST got no clear answer, and neither did the search for it",
            };
            let Intent { collection, name, .. } = intent;
            LeftBehind { path: format!("{collection} (perhaps {name})"), reason: reason.to_owned() }
        };
        let mut missing = self.journal.open_intents(&self.owner);
        let mut names = HashSet::new();
        missing.retain(|intent| names.insert((intent.collection.clone(), intent.name.clone())));
        let nameless = self.nameless.borrow();
        let nameless = nameless.iter().map(|collection| LeftBehind {
            path: format!("{collection} (perhaps one without a name)"),
            reason: "the server says that it created it, and shows neither a name nor an id".to_owned(),
        });
        let renamed = self.renamed.borrow();
        let renamed = renamed.iter().map(|path| LeftBehind {
            path: format!("{path} (perhaps)"),
            reason: "its POST was answered 201 with a name that was not sent, so it was not touched".to_owned(),
        });
        missing.into_iter().map(told).chain(nameless).chain(renamed).collect()
    }

    /// Looks whose the objects are that the server says it created under names that were not sent.
    pub(super) async fn look_at_renamed(&self) -> io::Result<()> {
        for path in self.renamed.take() {
            match self.nature(&path).await? {
                Nature::Ours => self.journal.created(&self.owner, &path)?,
                Nature::Nobody => {}
                Nature::Foreign | Nature::Unknown => {
                    self.renamed.borrow_mut().insert(path);
                }
            }
        }
        Ok(())
    }

    /// Looks by name for what the server said is at a path, and is not there.
    pub(super) async fn look_for_announced(&self, path: &str) -> io::Result<()> {
        let announced = self.announced.borrow_mut().remove(path);
        for intent in announced.unwrap_or_default() {
            // It is open again until somebody has looked everywhere, whatever became of another of its name.
            self.doubts.borrow_mut().remove(&intent.name);
            self.journal.intends(&intent.owner, &intent.collection, &intent.name)?;
            self.look_for(&intent).await?;
        }
        Ok(())
    }

    /// Looks for what was announced at the places where a bulk answer says that something was created.
    ///
    /// Where each of them holds another, the server has refused this one.
    pub(super) async fn look_among(&self, places: &[Option<String>], intent: &Intent) -> io::Result<()> {
        let mut doubt = Doubt::Refused;
        for place in places.iter().take(MOST_PLACES) {
            let place = place.as_deref().filter(|place| object_path(place) == Some(*place));
            let there = match place {
                Some(place) => self.read(place.to_owned()).await?,
                None => None,
            };
            let name = there.as_ref().and_then(|(_, resource)| name_of(resource, &intent.collection));
            match name {
                Some(name) if name.eq_ignore_ascii_case(&intent.name) => {
                    self.journal.created(&self.owner, place.unwrap_or_default())?;
                    return self.journal.settled(intent);
                }
                Some(_) => {}
                None => doubt = Doubt::Promised,
            }
        }
        let doubt = if places.len() > MOST_PLACES { Doubt::Promised } else { doubt };
        self.doubt(&intent.name, doubt);
        Ok(())
    }

    /// Looks for an object whose `POST` got no clear answer; takes it as ours only if it has the very name.
    ///
    /// An answer that is no list of what was asked for settles nothing, and one that finds nobody is not enough. Returns
    /// whether there was an answer.
    pub(super) async fn look_for(&self, intent: &Intent) -> io::Result<bool> {
        let attribute = naming_attribute(&intent.collection);
        let literal = serde_json::to_string(&intent.name).expect("a string is JSON");
        let filter = encode(&format!("{attribute} eq {literal}"));
        let Some((status, list)) = self.read(format!("{}?filter={filter}", intent.collection)).await? else {
            return Ok(false);
        };
        let found = resources(&list);
        let is_found = self.take(found, std::slice::from_ref(intent))? > 0;
        // Okta takes a 404 for "nobody of that name", and so do we.
        if status == 404 || (status == 200 && list.is_object() && found.is_empty()) {
            self.denied.borrow_mut().insert(intent.name.clone());
        }
        // Two say that there is nobody.
        let is_refused = matches!(self.doubts.borrow().get(&intent.name), Some(Doubt::Refused));
        if is_refused && !is_found {
            self.journal.settled(intent)?;
        }
        Ok(true)
    }

    /// Reads a collection from its beginning and back from its end, where what is youngest is; returns whether that was
    /// all of it.
    ///
    /// What others remove meanwhile moves the rest towards the beginning, which is read later.
    async fn leaf_through(&self, collection: &str, missing: &[Intent]) -> io::Result<bool> {
        let Some(Page { total, count: page }) = self.leaf(collection, 1, missing).await? else { return Ok(false) };
        let mut end = total;
        for _ in 1..MOST_PAGES {
            let start = end.saturating_sub(page).max(page) + 1;
            let is_open = self.journal.most_read().is_none_or(|most| start <= most);
            if page == 0 || end <= page || !is_open {
                break;
            }
            let Some(Page { total, count }) = self.leaf(collection, start, missing).await? else { return Ok(false) };
            if count < (end.min(total) + 1).saturating_sub(start) {
                return Ok(false);
            }
            end = start - 1;
        }
        Ok(end <= page)
    }

    /// Reads one page, if the server says how many there are in all.
    async fn leaf(&self, collection: &str, start: u64, missing: &[Intent]) -> io::Result<Option<Page>> {
        let target = format!("{collection}?startIndex={start}&count={PAGE}");
        let Some((200, list)) = self.read(target).await? else { return Ok(None) };
        let resources = resources(&list);
        self.take(resources, missing)?;
        let total = list.get("totalResults").and_then(Value::as_u64);
        // No end of a list is farther away than that.
        let total = total.filter(|total| *total <= FARTHEST_PAGE);
        Ok(total.map(|total| Page { total, count: resources.len() as u64 }))
    }

    /// Writes down those resources that have the very name of something that was announced; returns how many do.
    fn take(&self, resources: &[Value], missing: &[Intent]) -> io::Result<usize> {
        let mut taken = 0;
        for resource in resources {
            let is_its = |intent: &&Intent| {
                name_of(resource, &intent.collection).is_some_and(|name| name.eq_ignore_ascii_case(&intent.name))
            };
            let Some(id) = id_of(resource) else { continue };
            // One name may have been sent twice.
            for intent in missing.iter().filter(is_its) {
                self.journal.created(&self.owner, &format!("{}/{}", intent.collection, encode(&id)))?;
                self.journal.settled(intent)?;
                taken += 1;
            }
        }
        Ok(taken)
    }

    /// Reads a list or a resource; nothing if there is no answer.
    async fn read(&self, target: String) -> io::Result<Option<(u16, Value)>> {
        match self.tidy(get(self.version, target)).await {
            Ok(reply) => Ok(Some((reply.status, patient::read(&reply.body)))),
            Err(Stop::Failed { .. } | Stop::Foreign { .. } | Stop::Withheld { .. }) => Ok(None),
            Err(Stop::Journal(cause)) => Err(cause),
        }
    }
}

/// What a page says of its list.
struct Page {
    total: u64,
    count: u64,
}

fn resources(list: &Value) -> &[Value] {
    list.get("Resources").and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
}

/// How many resources a page is asked to have, which Okta asks for as well.
const PAGE: u64 = 200;
/// How many places that a bulk answer names are looked at.
const MOST_PLACES: usize = 10;
/// How many pages of a list are read to find something.
const MOST_PAGES: u64 = 5;
