//! Expectations of chapters: what is expected of whom, and where.

use super::super::Checker;
use super::Cast;
use crate::diagnostic::{self as code, Diagnostic};
use crate::pattern::Pattern;
use crate::source::{Span, Spanned};
use crate::story::table::{ChapterTable, ExpectationTable};
use crate::story::{Call, Expectation, Story, Want};
use crate::template::Template;
use crate::word::{Basis, Level};
use mock_okta::org::EventType;
use std::time::Duration;

impl Checker<'_> {
    pub(super) fn expectation(
        &mut self,
        chapter: &str,
        table: &ExpectationTable,
        act: &ChapterTable,
        cast: &mut Cast,
    ) -> Expectation {
        self.kebab_case_id(&table.id);
        if table.id.get_ref() == Story::CONTENT {
            let span = self.span(table.id.span());
            let message = format!("no expectation can be called `{}`", Story::CONTENT);
            self.add(Diagnostic::new(&code::RESERVED_NAME, span, message).label("what every chapter expects"));
        }
        self.not_empty("rule", &table.rule);
        self.references_of(&table.refs);
        let app = self.app_of_expectation(table, cast);
        let wants = self.wants(table, app.as_deref(), cast);
        let who = table.who.as_ref().or(act.who.as_ref().filter(|_| table.group.is_none()));
        let who = self.people(who, cast);
        self.has_subject(table, &who, &wants);
        if let Some(group) = &table.group {
            let known: Vec<&str> = cast.groups.iter().map(String::as_str).collect();
            self.one_of(group, &known, "group", "[[group]]");
        }
        self.basis_of_expectation(table);
        let user_name = table.user_name.as_ref().map(|name| self.template(name));
        for part in user_name.iter().flat_map(Template::parts) {
            self.known_in(part, app.as_deref(), cast);
        }
        let name = table.id.get_ref().clone();
        Expectation {
            id: format!("{chapter}/{name}"),
            name,
            rule: table.rule.get_ref().clone(),
            refs: table.refs.iter().map(|id| id.get_ref().clone()).collect(),
            level: table.level.as_ref().map_or(Level::Okta, |level| *level.get_ref()),
            basis: table.basis.as_ref().map(|basis| *basis.get_ref()).unwrap_or_default(),
            needs: table.needs.clone(),
            consequence: table.consequence.clone(),
            mend: table.mend.clone(),
            app,
            who,
            user_name,
            group: table.group.as_ref().map(|group| group.get_ref().clone()),
            wants,
            span: self.span(table.id.span()),
        }
    }

    fn app_of_expectation(&mut self, table: &ExpectationTable, cast: &Cast) -> Option<String> {
        let about_one = [
            table.calls.as_ref().map(toml::Spanned::span),
            table.remote.as_ref().map(toml::Spanned::span),
            table.absent.as_ref().map(toml::Spanned::span),
            table.found.as_ref().map(toml::Spanned::span),
            table.same_id.as_ref().map(toml::Spanned::span),
            table.data_survives.as_ref().map(toml::Spanned::span),
            table.latency_within.as_ref().map(toml::Spanned::span),
        ];
        match about_one.into_iter().flatten().next() {
            Some(span) => self.app_of(table.app.as_ref(), span, "what is expected here", cast),
            None => table.app.as_ref().map(|app| self.known_app(app, cast)),
        }
    }

    fn wants(&mut self, table: &ExpectationTable, app: Option<&str>, cast: &mut Cast) -> Vec<Spanned<Want>> {
        let (mut wants, before) = (Vec::new(), self.mistakes.len());
        if let Some(span) = self.claim("silent", table.silent.as_ref()) {
            wants.push(Spanned::new(Want::Silent, span));
        }
        if let Some(calls) = &table.calls {
            let read: Vec<Call> = calls.get_ref().iter().filter_map(|call| self.call(call)).collect();
            wants.push(Spanned::new(Want::Calls(read), self.first_line(calls.span())));
        }
        if let Some(remote) = &table.remote
            && let Some(pattern) = self.pattern(remote)
        {
            self.names_of(&pattern, app, cast);
            let exact = table.exact.as_ref().is_some_and(|exact| *exact.get_ref());
            let span = pattern.span.clone();
            wants.push(Spanned::new(Want::Remote { pattern, exact }, span));
        } else if let Some(exact) = table.exact.as_ref().filter(|_| table.remote.is_none()) {
            let span = self.span(exact.span());
            let message = "`exact` without `remote`";
            self.add(Diagnostic::new(&code::EXACT_WITHOUT_PATTERN, span, message).label("nothing to be exact about"));
        }
        if let Some(span) = self.claim("absent", table.absent.as_ref()) {
            wants.push(Spanned::new(Want::Absent, span));
        }
        if let Some(found) = &table.found {
            wants.push(Spanned::new(Want::Found(*found.get_ref()), self.span(found.span())));
        }
        if let Some(span) = self.claim("same-id", table.same_id.as_ref()) {
            wants.push(Spanned::new(Want::SameId, span));
        }
        if let Some(span) = self.claim("data-survives", table.data_survives.as_ref()) {
            wants.push(Spanned::new(Want::DataSurvives, span));
        }
        if let Some(latency) = &table.latency_within
            && let Some(limit) = self.duration(latency)
        {
            wants.push(Spanned::new(Want::LatencyWithin(limit), self.span(latency.span())));
        }
        if let Some(log) = &table.log {
            let types: Vec<String> = log.get_ref().iter().map(|name| self.event_type(name)).collect();
            wants.push(Spanned::new(Want::Log(types), self.first_line(log.span())));
        }
        if let Some(outcome) = &table.outcome {
            wants.push(Spanned::new(Want::Outcome(*outcome.get_ref()), self.span(outcome.span())));
        }
        wants.sort_by_key(|want| want.span.range().start);
        // What has a mistake in it is told as that.
        if wants.is_empty() && self.mistakes.len() == before {
            let span = self.span(table.id.span());
            let message = format!("`{}` expects nothing", table.id.get_ref());
            self.add(Diagnostic::new(&code::EMPTY_EXPECT, span, message).label("nothing could fail"));
        }
        wants
    }

    /// Whom an expectation is about has to be said where it is about somebody.
    fn has_subject(&mut self, table: &ExpectationTable, who: &[String], wants: &[Spanned<Want>]) {
        for want in wants {
            let (of_person, of_group) = match want.value {
                Want::Remote { .. } | Want::Found(_) => (true, true),
                Want::Absent | Want::SameId | Want::DataSurvives => (true, false),
                _ => continue,
            };
            if (of_group && table.group.is_some()) || (of_person && !who.is_empty()) {
                continue;
            }
            let message = "nobody is named whom it is about";
            let label = if of_group { "add `who = …` or `group = …`" } else { "add `who = …`" };
            return self.add(Diagnostic::new(&code::LACKS_KEY, want.span.clone(), message).label(label));
        }
    }

    /// Returns where a key says `true`.
    fn claim(&mut self, key: &str, value: Option<&toml::Spanned<bool>>) -> Option<Span> {
        let span = self.span(value?.span());
        if value.is_some_and(|value| !*value.get_ref()) {
            let message = format!("`{key} = false` expects nothing");
            self.add(Diagnostic::new(&code::BAD_SETTING, span, message).label("write `true`, or leave it out"));
            return None;
        }
        Some(span)
    }

    fn call(&mut self, written: &toml::Spanned<String>) -> Option<Call> {
        let (method, path) = written.get_ref().split_once(' ').unwrap_or(("", ""));
        let is_call = !method.is_empty()
            && method.bytes().all(|byte| byte.is_ascii_uppercase())
            && path.starts_with('/')
            && !path.contains(['?', ' ', '{']);
        if !is_call {
            let span = self.span(written.span());
            self.add(
                Diagnostic::new(&code::BAD_REQUEST_LINE, span, "this names no request")
                    .label("expected a method and a path without its query: `GET /Users`, `PATCH /Users/*`"),
            );
        }
        is_call.then(|| Call { method: method.to_owned(), path: path.to_owned() })
    }

    fn event_type(&mut self, name: &toml::Spanned<String>) -> String {
        if EventType::ALL.iter().all(|known| known.name() != name.get_ref()) {
            let message = format!("the System Log has no `{}`", name.get_ref());
            let diagnostic = Diagnostic::new(&code::UNKNOWN_EVENT_TYPE, self.span(name.span()), message)
                .label("not a type of its entries")
                .suggest(name.get_ref(), EventType::ALL.iter().map(|known| known.name()));
            self.add(diagnostic);
        }
        name.get_ref().clone()
    }

    fn duration(&mut self, text: &toml::Spanned<String>) -> Option<Duration> {
        let written = text.get_ref();
        let digits = written.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let factor = match &written[digits.len()..] {
            "ms" => Some(0.001),
            "s" => Some(1.0),
            "m" => Some(60.0),
            _ => None,
        };
        let seconds = digits.parse::<f64>().ok().zip(factor).map(|(number, factor)| number * factor);
        let limit = seconds.filter(|seconds| *seconds > 0.0 && *seconds <= 3600.0).map(Duration::from_secs_f64);
        if limit.is_none() {
            let span = self.span(text.span());
            let message = format!("`{written}` is no length of time");
            self.add(Diagnostic::new(&code::BAD_SETTING, span, message).label("write it as 500ms, 5s or 2m"));
        }
        limit
    }

    fn references_of(&mut self, refs: &[toml::Spanned<String>]) {
        let Some(catalog) = self.catalog else { return };
        for id in refs.iter().filter(|id| catalog.reference(id.get_ref()).is_none()) {
            let known = catalog.references.iter().map(|reference| reference.id.as_str()).collect::<Vec<_>>();
            let message = format!("unknown clause `{}`", id.get_ref());
            let mut diagnostic = Diagnostic::new(&code::UNKNOWN_REFERENCE, self.span(id.span()), message)
                .label("not in references.toml");
            if let Some(near) = crate::diagnostic::nearest(id.get_ref(), &known) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            self.add(diagnostic);
        }
    }

    fn basis_of_expectation(&mut self, table: &ExpectationTable) {
        if let (Some(basis), Some(level)) = (&table.basis, &table.level)
            && *basis.get_ref() == Basis::Inferred
            && *level.get_ref() != Level::Okta
        {
            let message = format!("an inferred rule cannot have the level `{}`", level.get_ref());
            let diagnostic = Diagnostic::new(&code::OVERSTATED, self.span(basis.span()), message)
                .label("what a standard says is not inferred")
                .context(self.span(level.span()), "the level of a standard");
            self.add(diagnostic);
        }
    }

    /// Checks what a pattern uses, and notes what it binds.
    fn names_of(&mut self, pattern: &Spanned<Pattern>, app: Option<&str>, cast: &mut Cast) {
        for name in pattern.binds() {
            cast.bound.push((app.map(str::to_owned), name.to_owned()));
        }
        for part in pattern.templates().into_iter().flat_map(Template::parts) {
            self.known_in(part, app, cast);
        }
    }
}
