//! Stories: who is in the org, what happens when, and whether every name in it means something.

mod cast;
mod expectation;

use super::cast::Stage;
use super::{Checker, is_kebab_case};
use crate::catalog::twice;
use crate::diagnostic::{self as code, Diagnostic};
use crate::file::{ProfileEntries, StepTable, Texts};
use crate::json;
use crate::plan::{CastGroup, CastPerson, OktaSetup, Settings};
use crate::source::{SourceFile, Span};
use crate::story::table::{AppTable, ChapterTable, EventWord, InAppTable, LoseWord, OutageTable, StoryTable};
use crate::story::{Act, Chapter, Feed, InApp, Outage, OutageKind, Story, StoryApp, StoryGroup, StoryOrg};
use crate::template::{self, JsonTemplate, Part, Template};
use crate::word::{EventKind, PersonStatus};
use jiff::Timestamp;
use mock_okta::Push;
use mock_okta::hr::{Calendar, HrFeed};
use std::collections::BTreeMap;
use std::ops::Range;

/// Returns the file of a path beside the script, or why there is none.
type ReadFeed<'f> = &'f dyn Fn(&str) -> Result<SourceFile, String>;

/// What the chapters of a story may name.
struct Cast {
    people: Vec<String>,
    groups: Vec<String>,
    apps: Vec<String>,
    /// Names that a pattern has bound so far, with the app where.
    bound: Vec<(Option<String>, String)>,
    stage: Stage,
}

impl Checker<'_> {
    /// Returns the story; nothing where its org cannot be.
    pub(crate) fn story(&mut self, table: &StoryTable, read: ReadFeed<'_>) -> Option<Story> {
        self.story_name(&table.story);
        self.not_empty("title", &table.title);
        self.story_is_not_empty(table);
        self.cast_names_of_story(table);
        let groups: Vec<StoryGroup> = table.group.iter().map(|group| self.story_group(group)).collect();
        let apps: Vec<StoryApp> = table.app.iter().filter_map(|app| self.story_app(app, &groups)).collect();
        let org = self.org(table.org.get_ref());
        let feeds = self.feeds(table, read, &groups);
        let mut cast = cast(&groups, &table.app, &feeds);
        let org = org?;
        let mut chapters: Vec<Chapter> = Vec::new();
        let ids: Vec<_> = table.chapter.iter().map(|chapter| spanned_id(self, &chapter.get_ref().id)).collect();
        twice(&ids, "chapter", self.mistakes);
        for (chapter, feed) in table.chapter.iter().zip(feeds) {
            let (before, span) = match chapters.last() {
                Some(last) => (last.at, last.span.clone()),
                None => (org.began, self.span(table.org.get_ref().clock.span())),
            };
            let story = table.story.get_ref();
            chapters.extend(self.chapter(story, chapter.get_ref(), feed, &org, (before, span), &mut cast));
        }
        Some(Story {
            name: table.story.get_ref().clone(),
            title: table.title.get_ref().clone(),
            org,
            groups,
            apps,
            people: cast.people,
            chapters,
            source: self.span(table.story.span()),
        })
    }

    fn story_name(&mut self, name: &toml::Spanned<String>) {
        let span = self.span(name.span());
        let name = name.get_ref();
        let stem = self.file.path.trim_end_matches(".toml");
        let above = stem.strip_suffix(name.as_str());
        if !name.split('/').all(is_kebab_case) {
            let message = format!("the story `{name}` is not named in kebab-case");
            self.add(
                Diagnostic::new(&code::NOT_KEBAB_CASE, span, message)
                    .label("lower-case words joined by `-`, parts joined by `/`"),
            );
        } else if !above.is_some_and(|above| above.is_empty() || above.ends_with('/')) {
            let message = format!("the story `{name}` is not named after its file");
            self.add(Diagnostic::new(&code::SUITE_NAME, span, message).label(format!("the file is `{stem}.toml`")));
        }
    }

    fn story_is_not_empty(&mut self, table: &StoryTable) {
        let span = self.span(table.story.span());
        let has_expectations = table.chapter.iter().any(|chapter| !chapter.get_ref().expect.is_empty());
        for (is_there, what) in [
            (!table.app.is_empty(), "the story has no apps"),
            (!table.chapter.is_empty(), "the story has no chapters"),
            (table.chapter.is_empty() || has_expectations, "the story expects nothing"),
        ] {
            if !is_there {
                self.add(Diagnostic::new(&code::EMPTY_STORY, span.clone(), what).label("nothing could fail"));
            }
        }
    }

    fn cast_names_of_story(&mut self, table: &StoryTable) {
        let groups = table.group.iter().map(|group| &group.alias);
        let apps = table.app.iter().map(|app| &app.alias);
        let names: Vec<_> = groups.chain(apps).collect();
        for name in &names {
            let span = self.span(name.span());
            self.name_of_cast(name.get_ref(), &span);
        }
        let spans: Vec<_> = names.iter().map(|name| spanned_id(self, name)).collect();
        twice(&spans, "name", self.mistakes);
    }

    fn name_of_cast(&mut self, name: &str, span: &Span) {
        if template::RESERVED.contains(&name) {
            let message = format!("nobody and nothing can be called `{name}`");
            self.add(Diagnostic::new(&code::RESERVED_NAME, span.clone(), message).label("a word of templates"));
        } else if !is_kebab_case(name) {
            let message = format!("the name `{name}` is not in kebab-case");
            self.add(
                Diagnostic::new(&code::NOT_KEBAB_CASE, span.clone(), message).label("lower-case words joined by `-`"),
            );
        }
    }

    fn chapter(
        &mut self,
        story: &str,
        table: &ChapterTable,
        feed: Option<(Feed, HrFeed)>,
        org: &StoryOrg,
        before: (Timestamp, Span),
        cast: &mut Cast,
    ) -> Option<Chapter> {
        let span = self.span(table.id.span());
        self.name_of_chapter(&table.id);
        self.not_empty("title", &table.title);
        let at = self.time_of_chapter(table, &org.calendar);
        if let Some((at, written)) = &at
            && *at < before.0
        {
            let diagnostic = Diagnostic::new(&code::BACKWARDS, written.clone(), "time does not go backwards")
                .label("before this")
                .context(before.1, format!("it is {} here", org.calendar.shown(before.0)));
            self.add(diagnostic);
        }
        let complete = self.one_act(table);
        let act = self.act(table, feed, cast);
        let outage = table.outage.as_ref().and_then(|outage| self.outage(outage, cast));
        let id = format!("{story}/{}", table.id.get_ref());
        let ids: Vec<_> = table.expect.iter().map(|expect| spanned_id(self, &expect.get_ref().id)).collect();
        twice(&ids, "expectation", self.mistakes);
        let expectations =
            table.expect.iter().map(|expect| self.expectation(&id, expect.get_ref(), table, cast)).collect();
        let title = table.title.get_ref().clone();
        let (at, _) = at.filter(|_| complete)?;
        Some(Chapter { id, title, at, act, outage, expectations, span })
    }

    fn name_of_chapter(&mut self, id: &toml::Spanned<String>) {
        let span = self.span(id.span());
        if id.get_ref() == Story::SET_UP {
            let message = format!("no chapter can be called `{}`", id.get_ref());
            self.add(
                Diagnostic::new(&code::RESERVED_NAME, span, message).label("what happens before the first chapter"),
            );
        } else {
            self.kebab_case_id(id);
        }
    }

    fn kebab_case_id(&mut self, id: &toml::Spanned<String>) {
        if !is_kebab_case(id.get_ref()) {
            let message = format!("the id `{}` is not in kebab-case", id.get_ref());
            let span = self.span(id.span());
            self.add(Diagnostic::new(&code::NOT_KEBAB_CASE, span, message).label("lower-case words joined by `-`"));
        }
    }

    fn time_of_chapter(&mut self, table: &ChapterTable, calendar: &Calendar) -> Option<(Timestamp, Span)> {
        let written = table.at.as_ref().or(table.advance_to.as_ref())?;
        let at = self.moment(written, calendar)?;
        Some((at, self.span(written.span())))
    }

    /// Whether the chapter is one act at a time, or a time that passes.
    fn one_act(&mut self, table: &ChapterTable) -> bool {
        let acts = [
            ("hr", table.hr.as_ref().map(toml::Spanned::span)),
            ("do", table.event.as_ref().map(toml::Spanned::span)),
            ("in-app", table.in_app.as_ref().map(toml::Spanned::span)),
        ];
        let written: Vec<_> = acts.into_iter().filter_map(|(key, span)| Some((key, span?))).collect();
        let message = match (&table.at, &table.advance_to, written.as_slice()) {
            (Some(_), None, [_]) | (None, Some(_), []) => return true,
            (None, None, _) => "the chapter has neither `at` nor `advance-to`".to_owned(),
            (Some(_), Some(_), _) => "the chapter has both `at` and `advance-to`".to_owned(),
            (Some(_), None, []) => "nothing happens in the chapter".to_owned(),
            (Some(_), None, _) => "several things happen in the chapter".to_owned(),
            (None, Some(_), [(key, _), ..]) => format!("time passes in the chapter, and there is `{key}`"),
        };
        let span = self.span(table.id.span());
        let mut diagnostic = Diagnostic::new(&code::ONE_ACT, span, message)
            .label("either `at` with one of `hr`, `do` and `in-app`, or `advance-to` alone");
        for (key, span) in &written {
            diagnostic = diagnostic.context(self.first_line(span.clone()), format!("`{key}`"));
        }
        self.add(diagnostic);
        false
    }

    fn act(&mut self, table: &ChapterTable, feed: Option<(Feed, HrFeed)>, cast: &mut Cast) -> Option<Act> {
        let lone = [
            ("app", table.app.as_ref().map(toml::Spanned::span)),
            ("who", table.who.as_ref().map(toml::Spanned::span)),
            ("group", table.group.as_ref().map(toml::Spanned::span)),
            ("set", table.set.as_ref().map(toml::Spanned::span)),
            ("name", table.name.as_ref().map(toml::Spanned::span)),
            ("delete", table.delete.as_ref().map(toml::Spanned::span)),
        ];
        match (&table.event, &table.in_app) {
            (Some(event), _) => match event.get_ref() {
                EventWord::Event(kind) => self.event_of_story(event, *kind, table, cast),
                EventWord::RetryTasks(_) => {
                    let [_, keys @ ..] = lone;
                    self.refuse(&code::MISFIT_KEY, "the event `retry-tasks`", keys);
                    let app = self.app_of(table.app.as_ref(), event.span(), "the event `retry-tasks`", cast)?;
                    Some(Act::RetryTasks { app, span: self.span(event.span()) })
                }
            },
            (None, in_app) => {
                self.refuse(&code::MISFIT_KEY, "a chapter without `do`", lone);
                match in_app {
                    Some(in_app) => self.in_app(in_app, cast),
                    None => feed.map(|(feed, _)| Act::Hr(feed)),
                }
            }
        }
    }

    fn event_of_story(
        &mut self,
        event: &toml::Spanned<EventWord>,
        kind: EventKind,
        table: &ChapterTable,
        cast: &mut Cast,
    ) -> Option<Act> {
        let what = format!("the event `{kind}`");
        let span = self.span(event.span());
        let before = self.mistakes.len();
        if names_people(kind, table) && table.who.is_none() {
            let message = format!("{what} needs `who`");
            self.add(Diagnostic::new(&code::LACKS_KEY, span.clone(), message).label("add `who = …`"));
        }
        self.people(table.who.as_ref(), cast);
        if let Some(group) = &table.group {
            let known: Vec<&str> = cast.groups.iter().map(String::as_str).collect();
            self.one_of(group, &known, "group", "[[group]]");
        }
        let is_of_app = is_of_app(kind, table);
        let app = match is_of_app {
            true => self.app_of(table.app.as_ref(), event.span(), &what, cast),
            false => {
                self.refuse(&code::MISFIT_KEY, &what, [("app", table.app.as_ref().map(toml::Spanned::span))]);
                None
            }
        };
        if self.mistakes.len() > before {
            return None;
        }
        let step = StepTable {
            who: table.who.clone(),
            group: table.group.clone(),
            set: table.set.as_ref().map(copy),
            name: table.name.clone(),
            delete: table.delete.clone(),
            ..StepTable::default()
        };
        let word = toml::Spanned::new(event.span(), kind);
        let action = self.event(&word, &step, Some(&cast.stage))?.action;
        for name in action.templates().into_iter().flat_map(Template::parts) {
            self.known_in(name, None, cast);
        }
        cast.stage.perform(&action);
        Some(Act::Event { app, action, span })
    }

    fn in_app(&mut self, in_app: &toml::Spanned<InAppTable>, cast: &Cast) -> Option<Act> {
        let (table, what) = (in_app.get_ref(), "`in-app`");
        let span = self.first_line(in_app.span());
        let app = self.app_of(table.app.as_ref(), in_app.span(), what, cast)?;
        let who = table.who.get_ref().clone();
        let known: Vec<&str> = cast.people.iter().map(String::as_str).collect();
        self.one_of(&table.who, &known, "person", "a feed of HR");
        let (written, make): (_, fn(JsonTemplate) -> InApp) = match (&table.create, &table.set) {
            (Some(create), None) => (create, InApp::Create),
            (None, Some(set)) => (set, InApp::Set),
            _ => {
                let message = "`in-app` has one of `create` and `set`";
                self.add(Diagnostic::new(&code::ONE_ACT, span, message).label("one of them"));
                return None;
            }
        };
        let text = self.json_text(written)?;
        let node = json::read(&text, self.mistakes)?;
        let body = JsonTemplate::compile(&node, self.mistakes);
        if !text.as_str().trim_start().starts_with('{') {
            let message = "a user is a JSON object";
            self.add(Diagnostic::new(&code::BODY_NOT_JSON, text.whole(), message).label("no object"));
        }
        body.parts().iter().for_each(|part| self.known_in(part, Some(&app), cast));
        Some(Act::InApp { app, who, change: make(body), span })
    }

    fn outage(&mut self, outage: &toml::Spanned<OutageTable>, cast: &Cast) -> Option<Outage> {
        let table = outage.get_ref();
        let span = self.first_line(outage.span());
        let app = self.app_of(table.app.as_ref(), outage.span(), "an outage", cast)?;
        let bad = |message: &str, label: &str| Diagnostic::new(&code::BAD_SETTING, span.clone(), message).label(label);
        let kind = match (&table.status, table.lose) {
            (Some(status), None) => match u16::try_from(*status.get_ref()).ok().filter(|it| (400..600).contains(it)) {
                Some(status) => OutageKind::Status { status, retry_after: table.retry_after },
                None => {
                    self.add(bad("the status of an outage", "expected 400 to 599"));
                    return None;
                }
            },
            (None, Some(LoseWord::Request)) => OutageKind::LosesRequest,
            (None, Some(LoseWord::Answer)) => OutageKind::LosesAnswer,
            _ => {
                self.add(bad("an outage has `status` or `lose`", "one of them"));
                return None;
            }
        };
        if table.times == Some(0) || (table.retry_after.is_some() && table.status.is_none()) {
            self.add(bad("an outage of nothing", "`times` is at least 1, and `retry-after` goes with `status`"));
        }
        let method = table.method.as_ref().map(|method| method.get_ref().clone());
        Some(Outage { app, kind, method, times: table.times })
    }

    /// Returns the app that is named, or else the only one there is.
    fn app_of(
        &mut self,
        app: Option<&toml::Spanned<String>>,
        at: Range<usize>,
        what: &str,
        cast: &Cast,
    ) -> Option<String> {
        match (app, cast.apps.as_slice()) {
            (Some(app), _) => Some(self.known_app(app, cast)),
            (None, [only]) => Some(only.clone()),
            (None, apps) => {
                let message = format!("{what} needs `app`: there are {}", apps.join(", "));
                let span = self.first_line(at);
                self.add(Diagnostic::new(&code::LACKS_KEY, span, message).label("add `app = …`"));
                None
            }
        }
    }

    fn known_app(&mut self, app: &toml::Spanned<String>, cast: &Cast) -> String {
        let known: Vec<&str> = cast.apps.iter().map(String::as_str).collect();
        self.one_of(app, &known, "app", "[[app]]");
        app.get_ref().clone()
    }

    fn people(&mut self, who: Option<&toml::Spanned<Texts>>, cast: &Cast) -> Vec<String> {
        let Some(who) = who else { return Vec::new() };
        let names = match who.get_ref() {
            Texts::One(one) => vec![toml::Spanned::new(who.span(), one.clone())],
            Texts::Many(many) => many.clone(),
        };
        let known: Vec<&str> = cast.people.iter().map(String::as_str).collect();
        for name in &names {
            self.one_of(name, &known, "person", "a feed of HR");
        }
        names.iter().map(|name| name.get_ref().clone()).collect()
    }

    fn one_of(&mut self, name: &toml::Spanned<String>, known: &[&str], noun: &str, table: &str) {
        if !known.contains(&name.get_ref().as_str()) {
            let message = format!("the story has no {noun} `{}`", name.get_ref());
            let diagnostic = Diagnostic::new(&code::UNKNOWN_CAST, self.span(name.span()), message)
                .label(format!("not in {table}"))
                .suggest(name.get_ref(), known.iter().copied());
            self.add(diagnostic);
        }
    }

    /// Reports a hole that nothing fills.
    fn known_in(&mut self, part: &Part, app: Option<&str>, cast: &Cast) {
        let Part::Variable { name, span } = part else { return };
        let of_cast = |key: &str, names: &[String], keys: &[&str]| {
            key.split_once('.').is_some_and(|(who, what)| names.iter().any(|it| it == who) && keys.contains(&what))
        };
        let is_bound = cast.bound.iter().any(|(of, bound)| bound == name && of.as_deref() == app);
        if template::ALWAYS_BOUND.contains(&name.as_str())
            || is_bound
            || of_cast(name, &cast.people, &["id", "userName"])
            || of_cast(name, &cast.groups, &["id", "name"])
        {
            return;
        }
        let message = format!("`{{{{{name}}}}}` is not bound");
        let people = cast.people.iter().flat_map(|who| [format!("{who}.id"), format!("{who}.userName")]);
        let groups = cast.groups.iter().flat_map(|who| [format!("{who}.id"), format!("{who}.name")]);
        let known: Vec<String> = people.chain(groups).chain(["run".to_owned()]).collect();
        self.add(
            Diagnostic::new(&code::UNBOUND, span.clone(), message)
                .label("nothing gives it a value")
                .suggest(name, known.iter().map(String::as_str)),
        );
    }
}

impl Story {
    /// What the chapter before the first is called: the apps are connected, and groups pushed.
    pub const SET_UP: &'static str = "set-up";
    /// What every chapter expects, beside what it says: Okta has nothing to complain of.
    pub const CONTENT: &'static str = "okta-is-content";
}

fn cast(groups: &[StoryGroup], apps: &[AppTable], feeds: &[Option<(Feed, HrFeed)>]) -> Cast {
    let mut people: BTreeMap<String, Span> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for (feed, staff) in feeds.iter().flatten() {
        for employee in staff.employees() {
            people.entry(employee.id.clone()).or_insert_with(|| {
                order.push(employee.id.clone());
                feed.span.clone()
            });
        }
    }
    let person = |name: &String| CastPerson {
        name: name.clone(),
        profile: Vec::new(),
        status: PersonStatus::Staged,
        span: people[name].clone(),
    };
    let setup = OktaSetup {
        push: Push { create: true, update: true, deactivate: true, password: false },
        push_groups: true,
        import: true,
        settings: Settings::default(),
        people: order.iter().map(person).collect(),
        groups: groups.iter().filter_map(|group| cast_group(group, feeds)).collect(),
    };
    Cast {
        stage: Stage::new(&setup),
        people: order,
        groups: groups.iter().map(|group| group.name.clone()).collect(),
        apps: apps.iter().map(|app| app.alias.get_ref().clone()).collect(),
        bound: Vec::new(),
    }
}

/// Returns a group for the table of events, which is asked for names alone.
fn cast_group(group: &StoryGroup, feeds: &[Option<(Feed, HrFeed)>]) -> Option<CastGroup> {
    let (feed, _) = feeds.iter().flatten().next()?;
    Some(CastGroup {
        name: group.name.clone(),
        display_name: group.display_name.clone(),
        description: None,
        members: Vec::new(),
        profile: group.profile.clone(),
        span: feed.span.clone(),
    })
}

fn spanned_id<'n>(checker: &Checker<'_>, name: &'n toml::Spanned<String>) -> (&'n String, Span) {
    (name.get_ref(), checker.span(name.span()))
}

/// Whether an event is about people in the script's words.
fn names_people(kind: EventKind, table: &ChapterTable) -> bool {
    match kind {
        EventKind::Assign
        | EventKind::Deactivate
        | EventKind::Reactivate
        | EventKind::Unassign
        | EventKind::Suspend
        | EventKind::Unsuspend
        | EventKind::Delete
        | EventKind::SyncPassword
        | EventKind::ForceSync
        | EventKind::AddToGroup
        | EventKind::RemoveFromGroup => true,
        EventKind::Update => table.group.is_none(),
        _ => false,
    }
}

/// Whether an event happens in one app rather than in the directory.
fn is_of_app(kind: EventKind, table: &ChapterTable) -> bool {
    match kind {
        EventKind::Deactivate
        | EventKind::Reactivate
        | EventKind::Suspend
        | EventKind::Unsuspend
        | EventKind::Delete
        | EventKind::SyncPassword
        | EventKind::AddToGroup
        | EventKind::RemoveFromGroup
        | EventKind::RenameGroup => false,
        EventKind::Update => table.group.is_some(),
        _ => true,
    }
}

fn copy(entries: &toml::Spanned<ProfileEntries>) -> toml::Spanned<ProfileEntries> {
    toml::Spanned::new(entries.span(), entries.get_ref().clone())
}
