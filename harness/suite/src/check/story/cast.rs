//! Who and what is there: the org with its clock, groups, apps, and the people that HR's feeds name.

use super::super::{Checker, is_kebab_case};
use super::ReadFeed;
use crate::diagnostic::{self as code, Diagnostic};
use crate::file::PushWord;
use crate::source::{Span, Text};
use crate::story::table::{AppTable, GroupTable, OrgTable, StoryTable};
use crate::story::{Feed, StoryApp, StoryGroup, StoryOrg};
use crate::template::{self, Part, Template};
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use mock_okta::hr::{Calendar, FeedError, HrFeed};
use mock_okta::{AppId, Profile, Push};
use std::ops::Range;
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn story_group(&mut self, table: &GroupTable) -> StoryGroup {
        self.not_empty("name", &table.name);
        let display_name = self.template(&table.name);
        self.only_run(&display_name, "the name of a group");
        StoryGroup {
            name: table.alias.get_ref().clone(),
            display_name,
            everybody: table.everybody,
            profile: self.profile(&table.profile),
        }
    }

    pub(super) fn story_app(&mut self, table: &AppTable, groups: &[StoryGroup]) -> Option<StoryApp> {
        let known: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        for name in table.groups.iter().chain(&table.push_groups) {
            self.one_of(name, &known, "group", "[[group]]");
        }
        for key in table.attributes.iter().filter(|key| !Profile::is_key(key.get_ref())) {
            let message = format!("unknown profile key `{}`", key.get_ref());
            let diagnostic = Diagnostic::new(&code::UNKNOWN_PROFILE_KEY, self.span(key.span()), message)
                .label("not a key of the Okta profile")
                .suggest(key.get_ref(), Profile::OKTA_KEYS);
            self.add(diagnostic);
        }
        let pushes = |word| table.push.as_ref().is_none_or(|words| words.contains(&word));
        let texts = |names: &[toml::Spanned<String>]| names.iter().map(|name| name.get_ref().clone()).collect();
        Some(StoryApp {
            name: table.alias.get_ref().clone(),
            id: self.kind(table)?,
            push: Push {
                create: pushes(PushWord::Create),
                update: pushes(PushWord::Update),
                deactivate: pushes(PushWord::Deactivate),
                password: table.push.is_some() && pushes(PushWord::Password),
            },
            attributes: texts(&table.attributes),
            groups: texts(&table.groups),
            push_groups: texts(&table.push_groups),
            span: self.span(table.alias.span()),
        })
    }

    fn kind(&mut self, table: &AppTable) -> Option<AppId> {
        let Some(kind) = &table.kind else { return Some(AppId::ALL[0]) };
        let found = kind.get_ref().parse();
        if found.is_err() {
            let names = AppId::ALL.map(|id| id.to_string());
            let diagnostic = Diagnostic::new(
                &code::UNKNOWN_WORD,
                self.span(kind.span()),
                format!("unknown word `{}`", kind.get_ref()),
            )
            .label("not a kind of app")
            .suggest(kind.get_ref(), names.iter().map(String::as_str));
            self.add(diagnostic);
        }
        found.ok()
    }

    pub(super) fn org(&mut self, table: &OrgTable) -> Option<StoryOrg> {
        self.not_empty("name", &table.name);
        let close = match &table.close_of_business {
            None => Some(Time::constant(17, 0, 0, 0)),
            Some(text) => self.time(text),
        };
        let calendar = Calendar::new(table.time_zone.get_ref(), close.unwrap_or_default());
        let calendar = calendar.map_err(|error| self.bad_moment(&table.time_zone, error.to_string())).ok()?;
        let began = self.moment(&table.clock, &calendar)?;
        close?;
        Some(StoryOrg { name: table.name.get_ref().clone(), calendar, began })
    }

    fn time(&mut self, text: &toml::Spanned<String>) -> Option<Time> {
        let time = text.get_ref().parse();
        time.map_err(|_| self.bad_moment(text, format!("`{}` is no time of the day, such as 17:00", text.get_ref())))
            .ok()
    }

    pub(super) fn moment(&mut self, text: &toml::Spanned<String>, calendar: &Calendar) -> Option<Timestamp> {
        let shown: Option<DateTime> = text.get_ref().parse().ok().filter(|_| text.get_ref().contains(':'));
        let Some(shown) = shown else {
            self.bad_moment(text, format!("`{}` is no moment, such as 2026-03-02 09:00", text.get_ref()));
            return None;
        };
        calendar.at(shown).map_err(|error| self.bad_moment(text, error.to_string())).ok()
    }

    fn bad_moment(&mut self, text: &toml::Spanned<String>, message: String) {
        let span = self.span(text.span());
        self.add(Diagnostic::new(&code::BAD_MOMENT, span, message).label("no such time there"));
    }

    /// Returns the feed of each chapter that has one.
    pub(super) fn feeds(
        &mut self,
        table: &StoryTable,
        read: ReadFeed<'_>,
        groups: &[StoryGroup],
    ) -> Vec<Option<(Feed, HrFeed)>> {
        let chapters = table.chapter.iter().map(|chapter| chapter.get_ref().hr.as_ref());
        chapters.map(|hr| hr.and_then(|hr| self.feed(hr, read, groups))).collect()
    }

    fn feed(
        &mut self,
        hr: &toml::Spanned<String>,
        read: ReadFeed<'_>,
        groups: &[StoryGroup],
    ) -> Option<(Feed, HrFeed)> {
        let span = self.first_line(hr.span());
        let text = if hr.get_ref().contains('\n') { self.text(hr) } else { self.feed_file(hr, read)? };
        let template = Template::compile(&text, self.mistakes);
        self.only_run(&template, "a feed");
        let feed = HrFeed::parse(text.as_str()).map_err(|error| self.bad_feed(&text, &error)).ok()?;
        for employee in feed.employees() {
            if !is_kebab_case(&employee.id) || template::RESERVED.contains(&employee.id.as_str()) {
                let message = format!("a story cannot call anybody `{}`", employee.id);
                let diagnostic = Diagnostic::new(&code::BAD_FEED, self.place(&text, &employee.id), message)
                    .label("lower-case words joined by `-`")
                    .help("give the feed a column `id` with a name for everybody");
                self.add(diagnostic);
            }
            for name in employee.groups.iter().filter(|name| groups.iter().all(|group| group.name != **name)) {
                let diagnostic = Diagnostic::new(
                    &code::UNKNOWN_CAST,
                    self.place(&text, name),
                    format!("the story has no group `{name}`"),
                )
                .label("no `[[group]]` is called so")
                .suggest(name, groups.iter().map(|group| group.name.as_str()));
                self.add(diagnostic);
            }
        }
        Some((Feed { text: template, span }, feed))
    }

    fn feed_file(&mut self, path: &toml::Spanned<String>, read: ReadFeed<'_>) -> Option<Text> {
        match read(path.get_ref()) {
            Ok(file) => {
                let length = file.text.len();
                Some(Text::verbatim(&Arc::new(file), 0..length))
            }
            Err(reason) => {
                let message = format!("there is no feed `{}`: {reason}", path.get_ref());
                let span = self.span(path.span());
                self.add(
                    Diagnostic::new(&code::BAD_FEED, span, message)
                        .label("a file beside the script, or rows between `'''` and `'''`"),
                );
                None
            }
        }
    }

    fn bad_feed(&mut self, text: &Text, error: &FeedError) {
        let span = text.span(range_of(text.as_str(), error));
        self.add(Diagnostic::new(&code::BAD_FEED, span, error.what.clone()).label("in the feed of HR"));
    }

    /// Returns where a text stands first in a feed.
    fn place(&self, feed: &Text, text: &str) -> Span {
        feed.as_str().find(text).map_or_else(|| feed.whole(), |at| feed.span(at..at + text.len()))
    }

    /// What is known before anybody is there.
    pub(super) fn only_run(&mut self, template: &Template, what: &str) {
        for part in template.parts() {
            if let Part::Variable { name, span } = part
                && !["run", "run.upper"].contains(&name.as_str())
            {
                let message = format!("`{{{{{name}}}}}` is not known in {what}");
                self.add(Diagnostic::new(&code::UNBOUND, span.clone(), message).label("only `{{run}}` is"));
            }
        }
    }
}

/// Returns the bytes of a text that an error points at by line and column.
fn range_of(text: &str, error: &FeedError) -> Range<usize> {
    let line_start = text.split_inclusive('\n').take(error.line - 1).map(str::len).sum::<usize>();
    // The mark of the byte order is no character of the first line.
    let mark = if error.line == 1 { usize::from(text.starts_with('\u{feff}')) } else { 0 };
    let line = &text[line_start.min(text.len())..];
    let offset = |characters: usize| line.char_indices().nth(characters).map_or(line.len(), |(at, _)| at);
    let start = offset(error.column - 1 + mark);
    line_start + start..line_start + offset(error.column - 1 + mark + error.width).max(start)
}
