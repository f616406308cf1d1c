//! The flow of an import: users, then groups, page by page.

use std::collections::HashMap;

use serde_json::Value;

use super::entry::{self, EntryFault, Malformed};
use super::fingerprint;
use super::group::RemoteGroup;
use super::known::{Comparison, Known, Removal};
use super::note::{Noted, brief};
use super::pager::{Pager, Turn};
use super::report::{Ignored, ImportEnd, ImportReport, OrderChange, Tally};
use super::safeguard::{Halt, SafeguardLevel};
use super::settings::ImportSettings;
use super::user::{Activity, RemoteUser};
use super::wording;
use crate::answer::Unusable;
use crate::retry::Retries;
use crate::{App, Outcome, Response, Step, message};

/// What an import reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Users and then groups: what "Import Now" does.
    Everything,
    /// Users only: "Import Groups" is off.
    Users,
    /// Groups only; their members are matched with the users Okta is linked to.
    Groups,
}

/// One import on its way through Okta.
///
/// An import never panics on an answer and always ends; see [`ImportSettings::most_pages`]. Only users who
/// are active can be imported (OIN test plan C9303).
///
/// ```
/// use mock_okta::import::{Import, ImportSettings, Known, Scope, Seen, Verdict};
/// use mock_okta::{App, AppKind, Response, Step};
///
/// let app = App::new(AppKind::Catalog);
/// let (mut import, step) = Import::start(&app, Scope::Users, ImportSettings::default(), Known::default());
/// let Step::Send(request) = step else { panic!("an import starts with a request") };
/// assert_eq!(request.target, "/Users?startIndex=1&count=100");
///
/// let page = r#"{"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{
///     "schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"7","userName":"ada@example.test",
///     "name":{"givenName":"Ada","familyName":"Byron"},"emails":[{"value":"ada@example.test"}],"active":true}]}"#;
/// let Step::Done(_) = import.next(Response::new(200, "OK", page)) else { panic!("there is one page") };
/// let [Seen::User { user, verdict: Verdict::New }] = &import.take_seen()[..] else { panic!("there is one user") };
/// assert_eq!(user.given_name, "Ada");
/// assert_eq!(import.report().users.counters.new, 1);
/// ```
#[derive(Debug, Clone)]
pub struct Import {
    app: App,
    scope: Scope,
    settings: ImportSettings,
    known: Known,
    awaits: Awaits,
    pager: Pager,
    /// The numbers of the ids of all users in the list, once it was read.
    user_ids: HashMap<u64, u64>,
    last_place: u64,
    seen: Vec<Seen>,
    report: ImportReport,
    reason: Option<String>,
    retries: Retries,
}

#[derive(Debug, Clone)]
enum Awaits {
    Users,
    Groups,
    Nothing(Outcome),
}

/// A usable entry of the page read last, each id once.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// A user.
    User {
        /// Who it is.
        user: RemoteUser,
        /// What they are to Okta.
        verdict: Verdict,
    },
    /// A group.
    Group {
        /// Which one it is.
        group: RemoteGroup,
        /// What it is to Okta.
        verdict: Verdict,
    },
}

/// What an entry is to Okta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Importable, and not known so far.
    New,
    /// Known, with a change in these attributes.
    Updated(Vec<String>),
    /// Known as it is.
    Unchanged,
    /// Known as inactive, and active in the app. It counts as updated; whether the person in Okta follows
    /// is a setting of profile sources.
    Reactivated,
    /// Known as active, and inactive in the app. It counts as removed.
    Deactivated,
    /// Not known and not importable, because it is not active.
    Inactive,
}

/// What an import holds in memory, counted in entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retained {
    /// App users Okta knew before, and groups, one small entry each.
    pub known: usize,
    /// Ids of this import, one pair of numbers each.
    pub ids: usize,
    /// Entries of the page read last, with everything they carry, until they are taken.
    pub page: usize,
    /// Examples of what was observed.
    pub examples: usize,
}

impl Import {
    /// Starts an import and returns its first step.
    pub fn start(app: &App, scope: Scope, settings: ImportSettings, known: Known) -> (Import, Step) {
        let (awaits, path) = match scope {
            Scope::Groups => (Awaits::Groups, GROUPS),
            Scope::Everything | Scope::Users => (Awaits::Users, USERS),
        };
        let mut import = Import {
            app: app.clone(),
            scope,
            pager: Pager::new(path, &settings),
            settings,
            known,
            awaits,
            user_ids: HashMap::new(),
            last_place: 0,
            seen: Vec::new(),
            report: ImportReport::default(),
            reason: None,
            retries: Retries::default(),
        };
        let step = import.get(import.pager.target());
        (import, step)
    }

    /// Takes the answer to the request sent last and returns the next step.
    ///
    /// What [`Import::take_seen`] did not take is forgotten. An import that is over returns its outcome
    /// again.
    pub fn next(&mut self, response: Response) -> Step {
        self.seen = Vec::new();
        if !matches!(self.awaits, Awaits::Nothing(_))
            && let Some(wait) = self.retries.pause(&response)
        {
            return wait;
        }
        match self.awaits.clone() {
            Awaits::Users => self.after_page(&response, Import::see_user),
            Awaits::Groups if UNAVAILABLE.contains(&response.status) => {
                self.report.groups_unavailable = Some(response.status);
                self.complete()
            }
            Awaits::Groups => self.after_page(&response, Import::see_group),
            Awaits::Nothing(outcome) => Step::Done(outcome),
        }
    }

    /// Goes on after a [`Step::Wait`].
    pub fn resume(&mut self) -> Step {
        match &self.awaits {
            Awaits::Nothing(outcome) => Step::Done(outcome.clone()),
            _ => self.retries.resume(),
        }
    }

    /// Ends the import after a request which nothing came back for, within the minute Okta gives a
    /// connection: no source speaks of another attempt.
    pub fn timed_out(&mut self) -> Step {
        self.next(message::no_answer())
    }

    /// Hands over what the page read last has brought, in the order of the list.
    ///
    /// Nothing of it is in effect before the import is [complete](ImportReport::takes_effect): an import
    /// that fails later or is halted by a safeguard changes nothing in Okta.
    pub fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    /// Returns the report as far as it has got.
    pub fn report(&self) -> &ImportReport {
        &self.report
    }

    /// Returns who is gone, sorted by id, once the import is over; nobody if it failed.
    ///
    /// After a [halt](ImportEnd::Halted) these are the ones it was halted for.
    pub fn removals(&self) -> impl Iterator<Item = Removal<'_>> {
        let over = matches!(self.report.end, ImportEnd::Complete | ImportEnd::Halted(_)) && self.reads_users();
        let removals = self.known.removals(self.settings.full, self.settings.profile_source);
        removals.filter(move |_| over)
    }

    /// Returns the ids of the groups which are gone, under the same conditions.
    pub fn removed_groups(&self) -> impl Iterator<Item = &str> {
        let over = matches!(self.report.end, ImportEnd::Complete | ImportEnd::Halted(_)) && self.has_read_groups();
        self.known.removed_groups(self.settings.full).filter(move |_| over)
    }

    /// Returns, in our words, why Okta stopped, where its own text does not tell.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Returns what Okta knows after the import.
    ///
    /// Where it takes effect, the gone are forgotten and the rest is as it was read. Users who were new
    /// are not in it until somebody [confirms](Known::confirm) them.
    pub fn into_known(mut self) -> Known {
        if self.report.takes_effect() {
            let (users, groups) = (self.reads_users(), self.has_read_groups());
            self.known.settle(users, groups, self.settings.full);
        }
        self.known.undo();
        self.known
    }

    /// Returns how much the import holds in memory at this point.
    pub fn retained(&self) -> Retained {
        let examples = [&self.report.users, &self.report.groups].map(examples);
        let paging = self.pager.paging();
        let pages = paging.duplicates.examples().len() + paging.counters.examples().len();
        let sizes = paging.short_pages.examples().len() + paging.long_pages.examples().len();
        Retained {
            known: self.known.users() + self.known.groups(),
            ids: self.user_ids.len() + self.pager.ids(),
            page: self.seen.len(),
            examples: examples.iter().sum::<usize>() + pages + sizes + self.report.members.unknown.examples().len(),
        }
    }

    fn reads_users(&self) -> bool {
        self.scope != Scope::Groups
    }

    fn has_read_groups(&self) -> bool {
        self.scope != Scope::Users && self.report.groups_unavailable.is_none()
    }

    fn after_page(&mut self, response: &Response, see: fn(&mut Import, usize, String, Value)) -> Step {
        let what = self.what();
        if !response.is_success() {
            return self.fail(wording::refused(&self.app, what, response));
        }
        let entries = match self.pager.read(response) {
            Ok(entries) => entries,
            Err(Unusable(why)) => return self.unusable(why),
        };
        for (index, entry) in entries.into_iter().enumerate() {
            match entry::id(&entry) {
                Ok(id) if self.pager.sight(&id) => see(self, index, id, entry),
                Ok(_) => {}
                Err(fault) => {
                    self.pager.sight_anonymous();
                    self.malformed(index, None, fault);
                }
            }
        }
        self.turn()
    }

    fn turn(&mut self) -> Step {
        let turn = self.pager.turn();
        self.tally().paging = self.pager.paging().clone();
        match turn {
            Turn::Ask(target) => self.get(target),
            Turn::Endless(why) => self.unusable(format!("the list does not end: {why}")),
            Turn::End => match self.awaits {
                Awaits::Users => self.after_users(),
                _ => self.complete(),
            },
        }
    }

    fn see_user(&mut self, index: usize, id: String, entry: Value) {
        let user = match RemoteUser::read(id.clone(), entry) {
            Ok(user) => user,
            Err(fault) => {
                self.known.keep_user(&id);
                return self.malformed(index, Some(&id), fault);
            }
        };
        let place = self.place(index);
        let before = self.known.user_place(&id);
        let verdict = match self.known.see_user(&user, place) {
            Comparison::Unknown if user.activity == Activity::Active => Verdict::New,
            Comparison::Unknown => Verdict::Inactive,
            known => verdict(known),
        };
        if verdict == Verdict::Inactive {
            let ignored = Ignored { id: brief(&id), user_name: brief(&user.user_name), activity: user.activity };
            self.report.users.inactive.add(ignored);
        }
        self.count(&verdict, &id, before, place);
        self.seen.push(Seen::User { user, verdict });
    }

    fn see_group(&mut self, index: usize, id: String, entry: Value) {
        let group = match RemoteGroup::read(id.clone(), entry) {
            Ok(group) => group,
            Err(fault) => {
                self.known.keep_group(&id);
                return self.malformed(index, Some(&id), fault);
            }
        };
        let place = self.place(index);
        let before = self.known.group_place(&id);
        let verdict = verdict(self.known.see_group(&group, place));
        self.count(&verdict, &id, before, place);
        self.match_members(&group);
        self.seen.push(Seen::Group { group, verdict });
    }

    /// Matches members by the id of the user (RFC 7643 §4.2: `value` is the id of the resource).
    ///
    /// Whether Okta takes members whom it has listed but not confirmed is not documented; here everybody
    /// in the list of users counts, and where that was not read, everybody Okta is linked to.
    fn match_members(&mut self, group: &RemoteGroup) {
        for member in &group.members {
            match &member.value {
                _ if member.is_group => self.report.members.groups += 1,
                None => self.report.members.without_value += 1,
                Some(id) if self.is_user(id) => self.report.members.matched += 1,
                Some(id) => self.report.members.unknown.add(brief(&format!("{}/{id}", group.display_name))),
            }
        }
    }

    fn is_user(&self, id: &str) -> bool {
        match self.reads_users() {
            true => self.user_ids.contains_key(&fingerprint::of(id)),
            false => self.known.has_user(id),
        }
    }

    fn count(&mut self, verdict: &Verdict, id: &str, before: Option<u64>, place: u64) {
        let tally = self.tally();
        tally.counters.scanned += 1;
        match verdict {
            Verdict::New => tally.counters.new += 1,
            Verdict::Updated(_) | Verdict::Reactivated => tally.counters.updated += 1,
            Verdict::Unchanged => tally.counters.unchanged += 1,
            // Removals are counted at the end, together with the vanished.
            Verdict::Deactivated | Verdict::Inactive => {}
        }
        if let Some(before) = before {
            self.compare_order(id, before, place);
        }
    }

    fn compare_order(&mut self, id: &str, before: u64, now: u64) {
        if before < self.last_place {
            self.tally().order.add(OrderChange { id: brief(id), before, now });
        }
        self.last_place = self.last_place.max(before);
    }

    fn after_users(&mut self) -> Step {
        if self.scope == Scope::Users {
            return self.complete();
        }
        let pager = std::mem::replace(&mut self.pager, Pager::new(GROUPS, &self.settings));
        self.user_ids = pager.into_ids();
        self.last_place = 0;
        self.awaits = Awaits::Groups;
        self.get(self.pager.target())
    }

    /// Okta's System Log has the deletions as the last phase of an import, after everything was read, and
    /// the safeguard stops it before any change
    /// (<https://support.okta.com/help/s/article/Import-Roadblock-New-Imports-Will-Not-Run>).
    fn complete(&mut self) -> Step {
        self.count_removals();
        if let Some(halt) = self.halt() {
            self.report.end = ImportEnd::Halted(halt);
            return self.end(wording::halted(&self.app, &halt));
        }
        self.report.end = ImportEnd::Complete;
        let outcome = wording::complete(&self.report, self.reads_users(), self.scope != Scope::Users);
        self.end(outcome)
    }

    fn count_removals(&mut self) {
        let full = self.settings.full;
        if self.reads_users() {
            self.report.users.counters.removed = self.known.removals(full, None).count() as u64;
        }
        if self.has_read_groups() {
            self.report.groups.counters.removed = self.known.removed_groups(full).count() as u64;
        }
    }

    fn halt(&self) -> Option<Halt> {
        if !self.reads_users() {
            return None;
        }
        let unassigned = self.known.unassigned(self.settings.full);
        let app = self.settings.app_safeguard.map(|safeguard| (SafeguardLevel::App, safeguard, self.known.assigned()));
        let org = self.settings.org_safeguard.map(|(safeguard, assigned)| (SafeguardLevel::Org, safeguard, assigned));
        let (level, safeguard, assigned) =
            [app, org].into_iter().flatten().find(|(_, safeguard, assigned)| safeguard.stops(*assigned, unassigned))?;
        Some(Halt { level, percent: safeguard.percent, assigned, unassigned })
    }

    fn unusable(&mut self, why: String) -> Step {
        let outcome = wording::failed(&self.app, self.what(), &why);
        self.reason = Some(why);
        self.fail(outcome)
    }

    fn fail(&mut self, outcome: Outcome) -> Step {
        self.tally().paging = self.pager.paging().clone();
        self.report.end = ImportEnd::Failed;
        self.end(outcome)
    }

    fn get(&mut self, target: String) -> Step {
        self.retries.send(super::get(&self.app, target))
    }

    fn end(&mut self, outcome: Outcome) -> Step {
        self.awaits = Awaits::Nothing(outcome.clone());
        Step::Done(outcome)
    }

    fn malformed(&mut self, index: usize, id: Option<&str>, fault: EntryFault) {
        let malformed = Malformed::new(self.pager.start(), index, id, fault);
        self.tally().malformed.add(malformed);
    }

    fn place(&self, index: usize) -> u64 {
        self.pager.start().saturating_add(index as u64)
    }

    fn what(&self) -> &'static str {
        match self.awaits {
            Awaits::Groups => "groups",
            _ => "users",
        }
    }

    fn tally(&mut self) -> &mut Tally {
        match self.awaits {
            Awaits::Groups => &mut self.report.groups,
            _ => &mut self.report.users,
        }
    }
}

fn verdict(comparison: Comparison) -> Verdict {
    match comparison {
        Comparison::Unknown => Verdict::New,
        Comparison::Deactivated => Verdict::Deactivated,
        Comparison::Reactivated => Verdict::Reactivated,
        Comparison::Same => Verdict::Unchanged,
        Comparison::Changed(attributes) => Verdict::Updated(attributes),
    }
}

fn examples(tally: &Tally) -> usize {
    fn of<T>(noted: &Noted<T>) -> usize {
        noted.examples().len()
    }
    of(&tally.inactive) + of(&tally.malformed) + of(&tally.order)
}

const USERS: &str = "/Users";
const GROUPS: &str = "/Groups";

/// How a service provider without groups answers: not found, not allowed, not implemented.
const UNAVAILABLE: [u16; 3] = [404, 405, 501];
