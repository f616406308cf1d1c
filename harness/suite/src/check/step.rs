//! Steps, and the requests among them with what must come of them.

use super::cast::Stage;
use super::{Checker, in_order, inside};
use crate::diagnostic::{self as code, Code, Diagnostic};
use crate::file::{ExpectTable, StepTable};
use crate::golden;
use crate::json;
use crate::pattern::Pattern;
use crate::plan::{Action, AnswerExpect, Auth, Body, HeaderChange, Send, Step};
use crate::source::{Span, Spanned, Text};
use crate::template::{JsonTemplate, Template};
use crate::word::Check;
use std::ops::Range;
use std::time::Duration;

impl Checker<'_> {
    pub(super) fn step(&mut self, step: &toml::Spanned<StepTable>, stage: Option<&Stage>) -> Option<Step> {
        let table = step.get_ref();
        let (action, span) = match (&table.send, &table.event) {
            (Some(send), None) => (Action::Send(Box::new(self.send(send, table)?)), send.span()),
            (None, Some(event)) => (Action::Event(Box::new(self.event(event, table, stage)?)), event.span()),
            (Some(send), Some(event)) => {
                let diagnostic =
                    Diagnostic::new(&code::SEND_OR_DO, self.span(event.span()), "a step is `send` or `do`, not both")
                        .label("an event")
                        .context(self.span(send.span()), "a request")
                        .help("make two steps of it");
                self.add(diagnostic);
                return None;
            }
            (None, None) => {
                let diagnostic = Diagnostic::new(
                    &code::SEND_OR_DO,
                    self.first_line(step.span()),
                    "a step has neither `send` nor `do`",
                )
                .label("this step does nothing");
                self.add(diagnostic);
                return None;
            }
        };
        let parallel = table.parallel.as_ref().is_some_and(|parallel| *parallel.get_ref());
        Some(Step { why: table.why.clone(), action, parallel, span: self.span(span) })
    }

    fn send(&mut self, send: &toml::Spanned<String>, table: &StepTable) -> Option<Send> {
        self.refuse(
            &code::MISFIT_KEY,
            "a request",
            [
                ("who", table.who.as_ref().map(toml::Spanned::span)),
                ("group", table.group.as_ref().map(toml::Spanned::span)),
                ("set", table.set.as_ref().map(toml::Spanned::span)),
                ("name", table.name.as_ref().map(toml::Spanned::span)),
                ("delete", table.delete.as_ref().map(toml::Spanned::span)),
            ],
        );
        let expect = self.answer_expect(&table.expect, self.span(send.span()));
        let headers = self.header_changes(table);
        let body = self.body(table);
        let auth = self.auth(table);
        let line = self.text(send);
        let (method, target) = golden::request_line(&line)
            .map_err(|label| {
                self.add(
                    Diagnostic::new(&code::BAD_REQUEST_LINE, line.whole(), "this is not a request line")
                        .label(label)
                        .help("write it percent-encoded, as `GET /Users?filter=userName%20eq%20%22ada%22`"),
                );
            })
            .ok()?;
        let method = line.as_str()[method].to_owned();
        let target = Template::compile(&line.slice(target), self.mistakes);
        Some(Send { method, target, headers, body, auth, expect })
    }

    fn header_changes(&mut self, table: &StepTable) -> Vec<(String, HeaderChange)> {
        let Some(headers) = &table.headers else { return Vec::new() };
        let mut changes = Vec::new();
        for (name, value) in in_order(headers.get_ref()) {
            self.header_name(name);
            let change = match value.get_ref().as_str() {
                "" => HeaderChange::Remove,
                _ => HeaderChange::Set(self.template(value)),
            };
            changes.push((name.get_ref().clone(), change));
        }
        changes
    }

    fn header_name(&mut self, name: &toml::Spanned<String>) {
        if !golden::is_header_name(name.get_ref()) {
            let message = format!("`{}` is not a header name", name.get_ref());
            let span = self.span(name.span());
            self.add(Diagnostic::new(&code::BAD_HEADER, span, message).label("a header name has no such characters"));
        }
    }

    fn body(&mut self, table: &StepTable) -> Option<Body> {
        self.one_body(table.json.as_ref(), table.text.as_ref());
        if let Some(json) = &table.json {
            let text = self.json_text(json)?;
            let node = json::read(&text, self.mistakes)?;
            return Some(Body::Json(JsonTemplate::compile(&node, self.mistakes)));
        }
        table.text.as_ref().map(|text| Body::Text(self.template(text)))
    }

    fn one_body(&mut self, json: Option<&toml::Spanned<String>>, text: Option<&toml::Spanned<String>>) {
        if let (Some(json), Some(text)) = (json, text) {
            let diagnostic = Diagnostic::new(&code::TWO_BODIES, self.first_line(text.span()), "a message has one body")
                .label("a second body")
                .context(self.first_line(json.span()), "a body");
            self.add(diagnostic);
        }
    }

    fn auth(&mut self, table: &StepTable) -> Auth {
        let Some(auth) = &table.auth else { return Auth::Configured };
        let text = self.text(auth);
        match text.as_str().split_once(' ') {
            None if text.as_str() == "none" => Auth::None,
            Some(("raw", value)) => {
                let start = text.as_str().len() - value.len();
                Auth::Raw(Template::compile(&text.slice(start..text.as_str().len()), self.mistakes))
            }
            _ => {
                let message = format!("unknown way to authenticate `{}`", text.as_str());
                self.add(
                    Diagnostic::new(&code::BAD_AUTH, text.whole(), message).label("expected `none` or `raw <value>`"),
                );
                Auth::Configured
            }
        }
    }

    fn answer_expect(&mut self, table: &ExpectTable, step: Span) -> AnswerExpect {
        self.refuse(
            &code::MISFIT_EXPECT,
            "a request",
            [
                ("outcome", table.outcome.as_ref().map(toml::Spanned::span)),
                ("remote", table.remote.as_ref().map(toml::Spanned::span)),
                ("found", table.found.as_ref().map(toml::Spanned::span)),
                ("requests", table.requests.as_ref().map(toml::Spanned::span)),
                ("import", table.import.as_ref().map(toml::Spanned::span)),
                ("waits", table.waits.as_ref().map(toml::Spanned::span)),
                ("longest-wait", table.longest_wait.as_ref().map(toml::Spanned::span)),
            ],
        );
        self.one_body(table.json.as_ref(), table.text.as_ref());
        self.exact(table, table.json.is_some(), "expect.json");
        AnswerExpect {
            status: self.status(table),
            headers: self.header_patterns(table),
            json: table.json.as_ref().and_then(|json| self.pattern(json)),
            text: table.text.as_ref().map(|text| Pattern::compile_text(&self.text(text), self.mistakes)),
            exact: table.exact.as_ref().is_some_and(|exact| *exact.get_ref()),
            checks: self.checks(table),
            within: table.within.as_ref().map(|within| Duration::from_millis(*within.get_ref())),
            span: table.status.as_ref().map_or(step, |status| self.span(status.span())),
        }
    }

    fn status(&mut self, table: &ExpectTable) -> Vec<u16> {
        let Some(status) = &table.status else { return Vec::new() };
        let mut statuses = Vec::new();
        for number in &status.get_ref().0 {
            match u16::try_from(*number) {
                Ok(status) if (100..600).contains(&status) => statuses.push(status),
                _ => {
                    let message = format!("{number} is no status of HTTP");
                    let span = self.span(status.span());
                    self.add(Diagnostic::new(&code::BAD_STATUS, span, message).label("expected 100 to 599"));
                }
            }
        }
        if status.get_ref().0.is_empty() {
            let span = self.span(status.span());
            self.add(Diagnostic::new(&code::BAD_STATUS, span, "no status is accepted").label("an empty list"));
        }
        statuses
    }

    fn header_patterns(&mut self, table: &ExpectTable) -> Vec<(String, Spanned<Pattern>)> {
        let Some(headers) = &table.headers else { return Vec::new() };
        let mut patterns = Vec::new();
        for (name, value) in in_order(headers.get_ref()) {
            self.header_name(name);
            patterns.push((name.get_ref().clone(), Pattern::compile_text(&self.text(value), self.mistakes)));
        }
        patterns
    }

    fn checks(&mut self, table: &ExpectTable) -> Vec<Check> {
        let Some(checks) = &table.checks else { return Vec::new() };
        let mut known = Vec::new();
        for name in checks.get_ref() {
            match Check::named(name.get_ref()) {
                Some(check) => known.push(check),
                None => {
                    let message = format!("unknown check `{}`", name.get_ref());
                    let diagnostic = Diagnostic::new(&code::UNKNOWN_CHECK, self.span(name.span()), message)
                        .label("the engine has no such check")
                        .suggest(name.get_ref(), Check::ALL.map(Check::name));
                    self.add(diagnostic);
                }
            }
        }
        known
    }

    pub(super) fn exact(&mut self, table: &ExpectTable, has_pattern: bool, pattern: &str) {
        if let (Some(exact), false) = (&table.exact, has_pattern) {
            let message = format!("`expect.exact` without `{pattern}`");
            let span = self.span(exact.span());
            self.add(
                Diagnostic::new(&code::EXACT_WITHOUT_PATTERN, span, message).label("there are no objects to close"),
            );
        }
    }

    /// Reports every key that is there although it does not fit.
    pub(super) fn refuse<const N: usize>(
        &mut self,
        code: &'static Code,
        what: &str,
        keys: [(&str, Option<Range<usize>>); N],
    ) {
        for (key, span) in keys {
            let Some(span) = span else { continue };
            let key = if std::ptr::eq(code, &code::MISFIT_EXPECT) { format!("expect.{key}") } else { key.to_owned() };
            let span = self.first_line(span);
            self.add(
                Diagnostic::new(code, span, format!("{what} has no `{key}`")).label(format!("does not fit {what}")),
            );
        }
    }

    pub(super) fn pattern(&mut self, value: &toml::Spanned<String>) -> Option<Spanned<Pattern>> {
        let text = self.json_text(value)?;
        let node = json::read(&text, self.mistakes)?;
        Some(Pattern::compile(&text, &node, self.mistakes))
    }

    /// Returns the JSON in a literal string exactly as it stands in the file.
    fn json_text(&mut self, value: &toml::Spanned<String>) -> Option<Text> {
        let (inner, quote) = inside(&self.file.text, value.span());
        if quote == '\'' {
            return Some(Text::verbatim(self.file, inner));
        }
        let span = self.first_line(value.span());
        self.add(
            Diagnostic::new(&code::BASIC_STRING, span, "JSON stands in a literal string")
                .label("in this string the backslash is TOML's")
                .help("put the JSON between `'''` and `'''`"),
        );
        None
    }
}
