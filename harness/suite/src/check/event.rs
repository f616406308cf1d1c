//! Events: which keys each word takes, and what becomes of them.

use super::Checker;
use super::cast::{Noun, Stage};
use crate::diagnostic::{self as code, Diagnostic};
use crate::file::{ExpectTable, ImportTable, StepTable, Texts};
use crate::plan::{CastPerson, EventAction, EventExpect, EventSpec, ImportExpect, Profile, Subject};
use crate::source::Span;
use crate::template::Template;
use crate::word::EventKind;

/// What an event takes besides `why`, `parallel` and `expect`.
struct Keys {
    who: Fit,
    group: Fit,
    set: Fit,
    name: Fit,
    delete: Fit,
}

/// Whether an event takes a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    No,
    May,
    Must,
}

const NONE: Keys = Keys { who: Fit::No, group: Fit::No, set: Fit::No, name: Fit::No, delete: Fit::No };
const PEOPLE: Keys = Keys { who: Fit::May, ..NONE };
const GROUP: Keys = Keys { group: Fit::Must, ..NONE };

/// The table of words and their keys.
fn keys(kind: EventKind) -> Keys {
    match kind {
        EventKind::Assign
        | EventKind::Deactivate
        | EventKind::Reactivate
        | EventKind::Unassign
        | EventKind::Suspend
        | EventKind::Unsuspend
        | EventKind::Delete
        | EventKind::SyncPassword
        | EventKind::ForceSync => PEOPLE,
        // Of `who` or of `group`, not of both.
        EventKind::Update => Keys { group: Fit::May, set: Fit::May, ..PEOPLE },
        EventKind::AddToGroup | EventKind::RemoveFromGroup => Keys { group: Fit::Must, ..PEOPLE },
        EventKind::AssignGroup
        | EventKind::UnassignGroup
        | EventKind::PushGroup
        | EventKind::PushNow
        | EventKind::DeactivatePush
        | EventKind::ActivatePush
        | EventKind::RelinkGroup => GROUP,
        EventKind::LinkGroup => Keys { name: Fit::May, ..GROUP },
        EventKind::RenameGroup => Keys { name: Fit::Must, ..GROUP },
        EventKind::UnlinkGroup => Keys { delete: Fit::May, ..GROUP },
        EventKind::PushByRule | EventKind::DeactivateRule => Keys { name: Fit::Must, ..NONE },
        EventKind::DeleteRule => Keys { name: Fit::Must, delete: Fit::May, ..NONE },
        EventKind::Connect
        | EventKind::ImportUsers
        | EventKind::ImportGroups
        | EventKind::ConfirmMatches
        | EventKind::ImportSchema
        | EventKind::ReadEntitlements => NONE,
    }
}

impl Checker<'_> {
    pub(super) fn event(
        &mut self,
        event: &toml::Spanned<EventKind>,
        table: &StepTable,
        stage: Option<&Stage>,
    ) -> Option<EventSpec> {
        let what = format!("the event `{}`", event.get_ref());
        self.refuse_keys_of_requests(table, &what);
        let fits = self.fits(event, table, &what);
        let action = self.action(*event.get_ref(), table, stage);
        let subject = match (&action, stage) {
            (Some(action), Some(stage)) => stage.subject(action),
            // Without an app nothing is known about anybody, and nothing more is said.
            _ => Subject::People(Vec::new()),
        };
        let expect = self.event_expect(event, &table.expect, &subject, &what);
        Some(EventSpec { action: action.filter(|_| fits)?, subject, expect })
    }

    fn refuse_keys_of_requests(&mut self, table: &StepTable, what: &str) {
        let span = |value: &toml::Spanned<String>| value.span();
        self.refuse(
            &code::MISFIT_KEY,
            what,
            [
                ("json", table.json.as_ref().map(span)),
                ("text", table.text.as_ref().map(span)),
                ("headers", table.headers.as_ref().map(toml::Spanned::span)),
                ("auth", table.auth.as_ref().map(span)),
                ("body-of", table.body_of.as_ref().map(span)),
                ("with", table.with.as_ref().map(span)),
                ("save", table.save.as_ref().map(span)),
                ("each", table.each.as_ref().map(toml::Spanned::span)),
                ("pages", table.pages.as_ref().map(toml::Spanned::span)),
                ("page-size", table.page_size.as_ref().map(toml::Spanned::span)),
            ],
        );
    }

    /// Whether the step has the keys its word takes, as the table of words says.
    fn fits(&mut self, event: &toml::Spanned<EventKind>, table: &StepTable, what: &str) -> bool {
        let keys = keys(*event.get_ref());
        let written = [
            ("who", keys.who, table.who.as_ref().map(toml::Spanned::span)),
            ("group", keys.group, table.group.as_ref().map(toml::Spanned::span)),
            ("set", keys.set, table.set.as_ref().map(toml::Spanned::span)),
            ("name", keys.name, table.name.as_ref().map(toml::Spanned::span)),
            ("delete", keys.delete, table.delete.as_ref().map(toml::Spanned::span)),
        ];
        let mut is_complete = true;
        for (key, fit, span) in written {
            match (fit, span) {
                (Fit::No, span) => self.refuse(&code::MISFIT_KEY, what, [(key, span)]),
                (Fit::Must, None) => {
                    let span = self.span(event.span());
                    let message = format!("{what} needs `{key}`");
                    self.add(Diagnostic::new(&code::LACKS_KEY, span, message).label(format!("add `{key} = …`")));
                    is_complete = false;
                }
                _ => {}
            }
        }
        if let (Some(who), Some(group), EventKind::Update) = (&table.who, &table.group, event.get_ref()) {
            let message = "an update is of `who` or of `group`, not of both";
            let diagnostic = Diagnostic::new(&code::MISFIT_KEY, self.first_line(group.span()), message)
                .label("what people get through the group")
                .context(self.first_line(who.span()), "what they have themselves");
            self.add(diagnostic);
        }
        is_complete
    }

    /// Returns the event; nothing where a key it needs is missing.
    fn action(&mut self, kind: EventKind, table: &StepTable, stage: Option<&Stage>) -> Option<EventAction> {
        let keys = keys(kind);
        let who = if keys.who == Fit::No { Vec::new() } else { self.who(table, stage) };
        let group = if keys.group == Fit::No { None } else { self.group(table, stage) };
        let set = if keys.set == Fit::No { Profile::new() } else { self.set(table) };
        let name = if keys.name == Fit::No { None } else { table.name.as_ref().map(|name| self.template(name)) };
        let delete = table.delete.as_ref().is_some_and(|delete| *delete.get_ref());
        Some(match kind {
            EventKind::Connect => EventAction::Connect,
            EventKind::Assign => EventAction::Assign { who },
            EventKind::Update => match group {
                Some(group) => EventAction::UpdateGroup { group, set },
                None => EventAction::Update { who, set },
            },
            EventKind::Deactivate => EventAction::Deactivate { who },
            EventKind::Reactivate => EventAction::Reactivate { who },
            EventKind::Unassign => EventAction::Unassign { who },
            EventKind::Suspend => EventAction::Suspend { who },
            EventKind::Unsuspend => EventAction::Unsuspend { who },
            EventKind::Delete => EventAction::Delete { who },
            EventKind::SyncPassword => EventAction::SyncPassword { who },
            EventKind::ForceSync => EventAction::ForceSync { who },
            EventKind::AssignGroup => EventAction::AssignGroup { group: group? },
            EventKind::UnassignGroup => EventAction::UnassignGroup { group: group? },
            EventKind::AddToGroup => EventAction::AddToGroup { who, group: group? },
            EventKind::RemoveFromGroup => EventAction::RemoveFromGroup { who, group: group? },
            EventKind::PushGroup => EventAction::PushGroup { group: group? },
            EventKind::LinkGroup => link(group?, name, stage),
            EventKind::RenameGroup => EventAction::RenameGroup { group: group?, name: name? },
            EventKind::PushNow => EventAction::PushNow { group: group? },
            EventKind::DeactivatePush => EventAction::DeactivatePush { group: group? },
            EventKind::ActivatePush => EventAction::ActivatePush { group: group? },
            EventKind::UnlinkGroup => EventAction::UnlinkGroup { group: group?, delete },
            EventKind::RelinkGroup => EventAction::RelinkGroup { group: group? },
            EventKind::PushByRule => EventAction::PushByRule { name: name? },
            EventKind::DeactivateRule => EventAction::DeactivateRule { name: name? },
            EventKind::DeleteRule => EventAction::DeleteRule { name: name?, delete },
            EventKind::ImportUsers => EventAction::ImportUsers,
            EventKind::ImportGroups => EventAction::ImportGroups,
            EventKind::ConfirmMatches => EventAction::ConfirmMatches,
            EventKind::ImportSchema => EventAction::ImportSchema,
            EventKind::ReadEntitlements => EventAction::ReadEntitlements,
        })
    }

    fn who(&mut self, table: &StepTable, stage: Option<&Stage>) -> Vec<String> {
        let Some(who) = &table.who else { return vec![CastPerson::USER.to_owned()] };
        let names = match who.get_ref() {
            Texts::One(one) => vec![toml::Spanned::new(who.span(), one.clone())],
            Texts::Many(many) => many.clone(),
        };
        if names.is_empty() {
            let span = self.span(who.span());
            self.add(Diagnostic::new(&code::NOBODY, span, "an event of nobody").label("nobody is named"));
        }
        if let Some(stage) = stage {
            for name in &names {
                let span = self.span(name.span());
                self.known(Noun::Person, name.get_ref(), span, &stage.people(), &stage.groups());
            }
        }
        self.each_once(&names)
    }

    fn group(&mut self, table: &StepTable, stage: Option<&Stage>) -> Option<String> {
        let group = table.group.as_ref()?;
        if let Some(stage) = stage {
            let span = self.span(group.span());
            self.known(Noun::Group, group.get_ref(), span, &stage.people(), &stage.groups());
        }
        Some(group.get_ref().clone())
    }

    fn set(&mut self, table: &StepTable) -> Profile {
        table.set.as_ref().map(|set| self.profile(set.get_ref())).unwrap_or_default()
    }

    fn event_expect(
        &mut self,
        event: &toml::Spanned<EventKind>,
        table: &ExpectTable,
        subject: &Subject,
        what: &str,
    ) -> EventExpect {
        self.refuse(
            &code::MISFIT_EXPECT,
            what,
            [
                ("status", table.status.as_ref().map(toml::Spanned::span)),
                ("headers", table.headers.as_ref().map(toml::Spanned::span)),
                ("json", table.json.as_ref().map(toml::Spanned::span)),
                ("text", table.text.as_ref().map(toml::Spanned::span)),
                ("checks", table.checks.as_ref().map(toml::Spanned::span)),
                ("within", table.within.as_ref().map(toml::Spanned::span)),
                ("passes-on", table.passes_on.as_ref().map(toml::Spanned::span)),
                ("skips-on", table.skips_on.as_ref().map(toml::Spanned::span)),
                ("equals", table.equals.as_ref().map(toml::Spanned::span)),
                ("except", table.except.as_ref().map(toml::Spanned::span)),
                ("never", table.never.as_ref().map(toml::Spanned::span)),
            ],
        );
        if *subject == Subject::Nobody {
            self.refuse(
                &code::MISFIT_EXPECT,
                what,
                [
                    ("remote", table.remote.as_ref().map(toml::Spanned::span)),
                    ("found", table.found.as_ref().map(toml::Spanned::span)),
                ],
            );
        }
        if !matches!(event.get_ref(), EventKind::ImportUsers | EventKind::ImportGroups) {
            self.refuse(&code::MISFIT_EXPECT, what, [("import", table.import.as_ref().map(toml::Spanned::span))]);
        }
        self.exact(table, table.remote.is_some(), "expect.remote");
        let step = self.span(event.span());
        EventExpect {
            outcome: table.outcome.as_ref().map(|outcome| *outcome.get_ref()).unwrap_or_default(),
            remote: table.remote.as_ref().and_then(|remote| self.pattern(remote)),
            exact: table.exact.as_ref().is_some_and(|exact| *exact.get_ref()),
            found: table.found.as_ref().map(|found| *found.get_ref()),
            requests: table.requests.as_ref().map(|requests| *requests.get_ref()),
            import: table.import.as_ref().map(|import| self.import(import)),
            waits: table.waits.as_ref().map(|waits| waits.get_ref().clone()),
            longest_wait: table.longest_wait.as_ref().map(|wait| *wait.get_ref()),
            span: table.outcome.as_ref().map_or(step, |outcome| self.span(outcome.span())),
        }
    }

    fn import(&mut self, import: &toml::Spanned<ImportTable>) -> ImportExpect {
        let span: Span = self.first_line(import.span());
        let ImportTable { scanned, new, updated, unchanged, removed } = *import.get_ref();
        if [scanned, new, updated, unchanged, removed].iter().all(Option::is_none) {
            let message = "`expect.import` expects nothing";
            self.add(
                Diagnostic::new(&code::EMPTY_EXPECT, span.clone(), message)
                    .label("name a counter: `scanned`, `new`, `updated`, `unchanged`, `removed`"),
            );
        }
        ImportExpect { scanned, new, updated, unchanged, removed, span }
    }
}

/// A group is linked to one of the same name unless the step gives another.
fn link(group: String, name: Option<Template>, stage: Option<&Stage>) -> EventAction {
    let same = || stage.and_then(|stage| stage.name_of(&group)).cloned();
    let name = name.or_else(same).unwrap_or_else(|| Template::literal(""));
    EventAction::LinkGroup { group, name }
}
