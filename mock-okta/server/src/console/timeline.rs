//! The timeline: what happened, newest first, a page of it at a time, and which part of it is asked for.

use std::collections::HashSet;

use mock_okta::org::{EventType, LogEntry, Target, TargetKind};

use super::form::{Form, with_query};
use super::html::Html;
use super::layout::{Section, choice, empty, field};
use super::{Drawn, Page, ROOT, entry};
use crate::world::World;

/// Which entries of the log are asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    /// Somebody's id, or a part of a name or login.
    pub(super) person: String,
    /// An app's id.
    pub(super) app: String,
    /// A group's id.
    pub(super) group: String,
    /// How the type of the event begins.
    pub(super) kind: String,
    /// `done`, `skipped` or `task`.
    pub(super) verdict: String,
    /// The number of a call.
    pub(super) call: String,
    /// The number of a job.
    pub(super) job: String,
}

/// Some entries of the log, newest first.
pub(super) struct Slice<'a> {
    pub(super) entries: Vec<&'a LogEntry>,
    /// The serial below which the next page begins, if there is one.
    older: Option<u64>,
}

impl Filter {
    /// Reads a filter from a query.
    pub(super) fn read(query: &Form) -> Filter {
        let value = |name: &str| query.value(name).unwrap_or_default().to_owned();
        Filter {
            person: value("person"),
            app: value("app"),
            group: value("group"),
            kind: value("type"),
            verdict: value("verdict"),
            call: value("call"),
            job: value("job"),
        }
    }

    /// Returns the filter for what concerns a person.
    pub(super) fn of_person(id: &str) -> Filter {
        Filter { person: id.to_owned(), ..Filter::default() }
    }

    /// Returns the filter for what concerns a group.
    pub(super) fn of_group(id: &str) -> Filter {
        Filter { group: id.to_owned(), ..Filter::default() }
    }

    /// Returns the filter for what concerns an app.
    pub(super) fn of_app(id: &str) -> Filter {
        Filter { app: id.to_owned(), ..Filter::default() }
    }

    /// Returns a path with the filter as its query.
    pub(super) fn to(&self, path: &str, further: &[(&str, &str)]) -> String {
        let mut pairs = vec![
            ("person", self.person.as_str()),
            ("app", &self.app),
            ("group", &self.group),
            ("type", &self.kind),
            ("verdict", &self.verdict),
            ("call", &self.call),
            ("job", &self.job),
        ];
        pairs.extend_from_slice(further);
        with_query(path, &pairs)
    }

    /// Whether an entry is one of those asked for.
    pub(super) fn wants(&self, world: &World, entry: &LogEntry) -> bool {
        let named = |kinds: &[TargetKind], wanted: &str| {
            wanted.is_empty() || entry.targets.iter().any(|target| kinds.contains(&target.kind) && target.id == wanted)
        };
        let verdict = entry::verdict(&entry.outcome).0;
        named(&[TargetKind::AppInstance], &self.app)
            && named(&[TargetKind::UserGroup], &self.group)
            && (self.verdict.is_empty() || self.verdict == verdict)
            && entry.event_type.name().starts_with(&self.kind)
            && (self.call.is_empty() || world.call_behind(entry).to_string() == self.call)
            && (self.job.is_empty() || entry.job.is_some_and(|job| job.to_string() == self.job))
            && (self.person.is_empty() || entry.targets.iter().any(|target| is_about(target, &self.person)))
    }

    /// Returns the entries below a serial, no more than a page of them.
    pub(super) fn slice<'a>(&self, world: &'a World, below: Option<u64>, most: usize) -> Slice<'a> {
        let log = world.org.log();
        let end = below.and_then(|below| usize::try_from(below).ok()).unwrap_or(usize::MAX).min(log.len());
        let mut wanted = log[..end].iter().rev().filter(|entry| self.wants(world, entry));
        let entries: Vec<&LogEntry> = wanted.by_ref().take(most).collect();
        let older = entries.last().map(|last| last.serial).filter(|_| wanted.next().is_some());
        Slice { entries, older }
    }
}

fn is_about(target: &Target, person: &str) -> bool {
    let part = person.to_lowercase();
    matches!(target.kind, TargetKind::User | TargetKind::AppUser)
        && (target.id == person
            || target.alternate_id.to_lowercase().contains(&part)
            || target.display_name.to_lowercase().contains(&part))
}

/// Draws the page.
pub(super) fn draw(page: &Page<'_>) -> Drawn {
    let (world, filter) = (page.world, Filter::read(page.query));
    let below = page.query.value("before").and_then(|text| text.parse().ok());
    let slice = filter.slice(world, below, PAGE);
    let mut html = Html::new();
    filters(&mut html, world, &filter);
    if slice.entries.is_empty() {
        empty(&mut html, "Nothing of the kind has happened. The stage lets things happen, and so does the API.");
    }
    // Older pages stand still: what happens belongs on the first.
    let live = below.is_none().then_some(&filter);
    list(&mut html, world, &slice, live, PAGE);
    html.element("nav", &[("class", "pages"), ("aria-label", "Pages")], |html| {
        if below.is_some() {
            html.link(&filter.to(ROOT, &[]), "Newest");
        }
        if let Some(older) = slice.older {
            html.link(&filter.to(ROOT, &[("before", &older.to_string())]), "Older");
        }
    });
    Drawn { section: Section::Timeline, title: "Timeline".to_owned(), body: html }
}

/// Adds the last entries of a filter, live, with a link to all of them.
pub(super) fn recent(html: &mut Html, world: &World, filter: &Filter, heading: &str) {
    let slice = filter.slice(world, None, RECENT);
    html.element("section", &[("class", "recent")], |html| {
        html.leaf("h2", &[], heading);
        if slice.entries.is_empty() {
            empty(html, "Nothing so far.");
        }
        list(html, world, &slice, Some(filter), RECENT);
        if slice.older.is_some() {
            html.element("p", &[], |html| {
                html.link(&filter.to(ROOT, &[]), "All of it on the timeline");
            });
        }
    });
}

/// Adds a list of entries, which the script goes on with where it is live.
fn list(html: &mut Html, world: &World, slice: &Slice<'_>, live: Option<&Filter>, most: usize) {
    let last = world.org.log().len().to_string();
    let (source, most) = (live.map(|filter| filter.to("/console/events", &[])), most.to_string());
    let mut attributes = vec![("class", "timeline")];
    if let Some(source) = &source {
        attributes.extend([("data-live", source.as_str()), ("data-after", &last), ("data-most", &most)]);
    }
    html.element("ol", &attributes, |html| {
        let mut told = HashSet::new();
        slice.entries.iter().for_each(|entry| entry::draw(html, world, entry, &mut told));
    });
}

fn filters(html: &mut Html, world: &World, filter: &Filter) {
    let option = |value: &str, text: &str| (value.to_owned(), text.to_owned());
    let mut apps = vec![option("", "Any app")];
    apps.extend(world.org.apps().map(|app| option(&app.id, &app.app.label)));
    let mut kinds = vec![option("", "Any event")];
    kinds.extend(FAMILIES.iter().map(|(begins, text)| option(begins, text)));
    kinds.extend(EventType::ALL.iter().map(|kind| option(kind.name(), kind.name())));
    let verdicts = ["", "done", "skipped", "task"].map(|word| option(word, if word.is_empty() { "Any" } else { word }));
    html.element("form", &[("method", "get"), ("action", ROOT), ("class", "filters"), ("role", "search")], |html| {
        field(html, "Person", "person", &[("value", &filter.person), ("placeholder", "Name, login or id")]);
        choice(html, "App", "app", &filter.app, &apps);
        choice(html, "Event", "type", &filter.kind, &kinds);
        choice(html, "Verdict", "verdict", &filter.verdict, &verdicts);
        html.leaf("button", &[], "Show");
        if filter.to("", &[]).is_empty() {
            return;
        }
        html.link(ROOT, "Show everything");
        for (name, value) in [("Call", &filter.call), ("Job", &filter.job), ("Group", &filter.group)] {
            if !value.is_empty() {
                html.leaf("span", &[("class", "chip")], &format!("{name} {value} only"));
            }
        }
    });
}

/// What begins alike, in the order in which people meet it.
const FAMILIES: [(&str, &str); 8] = [
    ("user.lifecycle.", "All of user.lifecycle"),
    ("user.account.", "All of user.account"),
    ("group.user_membership.", "All of group.user_membership"),
    ("application.user_membership.", "All of application.user_membership"),
    ("application.provision.", "All of application.provision"),
    ("application.provision.user.", "All of application.provision.user"),
    ("application.provision.group_push.", "All of application.provision.group_push"),
    ("system.import.", "All of system.import"),
];

/// How many entries are on a page.
const PAGE: usize = 40;

/// How many are on the pages of people, groups and apps.
const RECENT: usize = 15;
