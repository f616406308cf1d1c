//! Steps, and the requests among them with what must come of them.

use super::cast::Stage;
use super::{Checker, in_order, inside};
use crate::diagnostic::{self as code, Code, Diagnostic};
use crate::file::{ExpectTable, OneOrMany, StatusWord, StepTable};
use crate::golden;
use crate::json::{self, Json, Node};
use crate::pattern::Pattern;
use crate::plan::{Action, AnswerExpect, Auth, Body, Equals, HeaderChange, Send, Status, Step};
use crate::source::{Span, Spanned, Text};
use crate::template::{JsonTemplate, Template, is_name};
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
        if let Some(json) = table.json.as_ref().filter(|_| method == "POST") {
            self.name_of_new(&line.as_str()[target.clone()], json);
        }
        let target = Template::compile(&line.slice(target), self.mistakes);
        let save = table.save.as_ref().map(|name| self.saved_as(name));
        let (each, pages, pause) = (self.each(table), self.pages(table), self.pause(table));
        let send = Send { method, target, headers, body, auth, pause, save, each, pages, expect };
        self.repeated(&send, table, &line.whole());
        Some(send)
    }

    /// Wants the mark of the run in the name of what a step creates.
    fn name_of_new(&mut self, target: &str, json: &toml::Spanned<String>) {
        let attribute = match target.split('?').next() {
            Some("/Users") => "userName",
            Some("/Groups") => "displayName",
            _ => return,
        };
        // What is no JSON has its own diagnostic.
        let (inner, _) = inside(&self.file.text, json.span());
        let Ok(Node { value: Json::Object(members), .. }) = json::parse(&Text::verbatim(self.file, inner)) else {
            return;
        };
        let named = members.iter().rev().find(|(name, _)| name.decoded.as_str().eq_ignore_ascii_case(attribute));
        let Some((_, Node { value: Json::String(name), .. })) = named else { return };
        let text = name.decoded.as_str();
        // A blank name is no name, and the value of another hole may bear the mark.
        if text.trim().is_empty() || text.contains("{{") {
            return;
        }
        let message = format!("`{text}` could not be told from a stranger, nor removed");
        let diagnostic = Diagnostic::new(&code::UNMARKED_NAME, name.raw.whole(), message)
            .label("without the mark of the run")
            .help(format!("name it `{{{{run}}}}.{text}`"));
        self.add(diagnostic);
    }

    fn pause(&mut self, table: &StepTable) -> Duration {
        const LONGEST: u64 = 10_000;
        let Some(pause) = &table.pause else { return Duration::ZERO };
        let span = self.span(pause.span());
        if *pause.get_ref() > LONGEST {
            let message = format!("a pause of {} ms", pause.get_ref());
            self.add(Diagnostic::new(&code::LONG_PAUSE, span, message).label(format!("more than {LONGEST} ms")));
        }
        Duration::from_millis(*pause.get_ref())
    }

    fn saved_as(&mut self, name: &toml::Spanned<String>) -> String {
        if !is_name(name.get_ref()) {
            let message = format!("nothing can be saved as `{}`", name.get_ref());
            let diagnostic = Diagnostic::new(&code::BAD_NAME, self.span(name.span()), message)
                .label("not a name")
                .help("a name is a letter, then letters, digits, `-` and `_`");
            self.add(diagnostic);
        }
        name.get_ref().clone()
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
        self.one_body(table.json.as_ref().or(table.text.as_ref()), table.body_of.as_ref());
        if let (Some(with), None) = (&table.with, &table.body_of) {
            let span = self.first_line(with.span());
            self.add(Diagnostic::new(&code::LONELY_KEY, span, "`with` without `body-of`").label("changes nothing"));
        }
        if let Some(name) = &table.body_of {
            let name = Spanned::new(name.get_ref().clone(), self.span(name.span()));
            let with = table.with.as_ref().and_then(|with| self.json_template(with));
            return Some(Body::Saved { name, with });
        }
        if let Some(json) = &table.json {
            return self.json_template(json).map(Body::Json);
        }
        table.text.as_ref().map(|text| Body::Text(self.template(text)))
    }

    fn json_template(&mut self, json: &toml::Spanned<String>) -> Option<JsonTemplate> {
        let text = self.json_text(json)?;
        let node = json::read(&text, self.mistakes)?;
        Some(JsonTemplate::compile(&node, self.mistakes))
    }

    pub(super) fn one_body(&mut self, json: Option<&toml::Spanned<String>>, text: Option<&toml::Spanned<String>>) {
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
        self.one_status_one_end(table);
        AnswerExpect {
            status: self.statuses(table.status.as_ref()),
            passes_on: self.statuses(table.passes_on.as_ref()),
            skips_on: self.statuses(table.skips_on.as_ref()),
            headers: self.header_patterns(table),
            json: table.json.as_ref().and_then(|json| self.pattern(json)),
            text: table.text.as_ref().map(|text| Pattern::compile_text(&self.text(text), self.mistakes)),
            exact: table.exact.as_ref().is_some_and(|exact| *exact.get_ref()),
            equals: self.equals(table),
            never: self.never(table),
            checks: self.checks(table),
            within: table.within.as_ref().map(|within| Duration::from_millis(*within.get_ref())),
            span: table.status.as_ref().map_or(step, |status| self.span(status.span())),
        }
    }

    pub(super) fn statuses(&mut self, written: Option<&toml::Spanned<OneOrMany<StatusWord>>>) -> Vec<Status> {
        let Some(written) = written else { return Vec::new() };
        let span = self.span(written.span());
        let mut statuses = Vec::new();
        for word in &written.get_ref().0 {
            match status(word) {
                Some(status) => statuses.push(status),
                None => {
                    let word = match word {
                        StatusWord::Number(number) => number.to_string(),
                        StatusWord::Class(class) => format!("{class:?}"),
                    };
                    let diagnostic =
                        Diagnostic::new(&code::BAD_STATUS, span.clone(), format!("{word} is no status of HTTP"))
                            .label("expected 100 to 599, or a class such as \"4xx\"");
                    self.add(diagnostic);
                }
            }
        }
        if written.get_ref().0.is_empty() {
            self.add(Diagnostic::new(&code::BAD_STATUS, span, "no status is accepted").label("an empty list"));
        }
        statuses
    }

    /// A status goes on with the step, or ends the case one way or the other.
    fn one_status_one_end(&mut self, table: &ExpectTable) {
        let lists = [
            ("status", table.status.as_ref()),
            ("passes-on", table.passes_on.as_ref()),
            ("skips-on", table.skips_on.as_ref()),
        ];
        for (index, (name, list)) in lists.iter().enumerate() {
            for (other_name, other) in &lists[..index] {
                let (Some(list), Some(other)) = (list, other) else { continue };
                let both = list.get_ref().0.iter().find(|word| other.get_ref().0.contains(word));
                let Some(both) = both.and_then(status) else { continue };
                let message = format!("{both} is in `expect.{other_name}` and in `expect.{name}`");
                let diagnostic = Diagnostic::new(&code::CONTRADICTION, self.span(list.span()), message)
                    .label("ends the case")
                    .context(self.span(other.span()), "there, too");
                self.add(diagnostic);
            }
        }
    }

    fn equals(&mut self, table: &ExpectTable) -> Option<Equals> {
        let except = table.except.as_ref().map(|except| except.get_ref().as_slice()).unwrap_or_default();
        except.iter().for_each(|path| self.not_empty("expect.except", path));
        let Some(name) = &table.equals else {
            if let Some(except) = &table.except {
                let span = self.span(except.span());
                let message = "`expect.except` without `expect.equals`";
                self.add(Diagnostic::new(&code::LONELY_KEY, span, message).label("an exception from nothing"));
            }
            return None;
        };
        let name = Spanned::new(name.get_ref().clone(), self.span(name.span()));
        Some(Equals { name, except: except.iter().map(|path| path.get_ref().clone()).collect() })
    }

    fn never(&mut self, table: &ExpectTable) -> Vec<Spanned<Template>> {
        let Some(never) = &table.never else { return Vec::new() };
        never.get_ref().iter().for_each(|text| self.not_empty("expect.never", text));
        never.get_ref().iter().map(|text| Spanned::new(self.template(text), self.span(text.span()))).collect()
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
    pub(super) fn json_text(&mut self, value: &toml::Spanned<String>) -> Option<Text> {
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

/// Returns what a written status means: a number, or a class as `4xx`.
fn status(word: &StatusWord) -> Option<Status> {
    match word {
        StatusWord::Number(number) => {
            u16::try_from(*number).ok().filter(|code| (100..600).contains(code)).map(Status::Code)
        }
        StatusWord::Class(class) => {
            let digit = class.strip_suffix("xx")?.parse().ok()?;
            (1..=5).contains(&digit).then_some(Status::Class(digit))
        }
    }
}
