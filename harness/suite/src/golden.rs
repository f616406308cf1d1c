//! Goldens: the requests that Okta's events must become on the wire, as a line-oriented transcript.
//!
//! ```text
//! # A comment.
//! ### assign
//! > GET /Users?filter=userName%20eq%20%22{{user.login}}%22&startIndex=1&count=100
//! < 200 | 404
//! > POST /Users
//! > Content-Type: application/scim+json; charset=utf-8
//! > {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"password":"{{any}}"}
//! < 201 bind id
//! ### update
//! > GET /Users/{{id}}
//! < 200
//! > PUT /Users/{{id}}
//! > {{last.body with name.givenName="Augusta"}}
//! < 200
//! ```
//!
//! `>` lines are what is sent, in order and without anything between; `<` lines are the statuses with which the
//! transcript goes on. A header is only compared where it is listed.

use crate::diagnostic::{self as code, Diagnostic};
use crate::json;
use crate::pattern::Pattern;
use crate::source::{SourceFile, Span, Spanned, Text};
use crate::template::{self, JsonTemplate, Template, Unbound};
use serde_json::{Map, Value};
use std::ops::Range;
use std::sync::Arc;

/// The transcript of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Golden {
    /// The path of the file below the suites' root.
    pub file: String,
    /// One block for each event of the case, in order.
    pub blocks: Vec<Block>,
}

/// What one event becomes on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The name of the event, and what else stands behind `###`.
    pub label: String,
    /// The exchanges; empty when the event sends nothing.
    pub exchanges: Vec<GoldenExchange>,
    /// Where the label is written.
    pub span: Span,
}

/// One request and the answers that let the transcript go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldenExchange {
    /// The method.
    pub method: String,
    /// The target below the base URL.
    pub target: Template,
    /// Headers the request must have, in the order written.
    pub headers: Vec<(String, Template)>,
    /// The body the request must have; `None` means that it has none.
    pub body: Option<GoldenBody>,
    /// The accepted statuses; never empty.
    pub status: Vec<u16>,
    /// The name that the `id` of the answer is bound to, if it is.
    pub bind: Option<String>,
    /// Where the request line is written.
    pub span: Span,
}

/// The body of a golden request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoldenBody {
    /// A body with exactly these members in this order.
    Json {
        /// The pattern.
        pattern: Spanned<Pattern>,
        /// The line as it is written, without `> `.
        line: String,
    },
    /// `{{last.body}}`, `{{last.body with …}}`: the body of the last answer, with these changes.
    ///
    /// Okta's PUT sends the server's own representation back with the mapped attributes changed.
    LastBody(LastBody),
}

/// The body of the last answer, changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastBody {
    /// The changes, in the order written.
    pub changes: Vec<Change>,
    /// Where it is written.
    pub span: Span,
}

/// One change to the body of the last answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which member.
    pub path: Vec<Segment>,
    /// Its value.
    pub value: JsonTemplate,
    /// Where the path is written.
    pub span: Span,
}

/// One step down a JSON value: `name.givenName`, `emails[0].value`, `"urn:…:User".department`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Into the member of an object.
    Member(String),
    /// Into the element of an array.
    Element(usize),
}

impl LastBody {
    /// Returns the changed body.
    ///
    /// A member that is changed keeps its place; one that is not there yet is added at the end, with objects on the way
    /// to it where they are missing. A change into an element that is not there, or into something that is neither
    /// object nor array, is left out.
    pub fn apply(&self, last: &Value, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Value, Unbound> {
        let mut body = last.clone();
        for change in &self.changes {
            let text = change.value.expand(lookup)?;
            let value = serde_json::from_str(&text).expect("a JSON template expands to JSON");
            if let Some(place) = place(&mut body, &change.path) {
                *place = value;
            }
        }
        Ok(body)
    }
}

fn place<'v>(mut value: &'v mut Value, path: &[Segment]) -> Option<&'v mut Value> {
    for segment in path {
        value = match segment {
            Segment::Element(index) => value.as_array_mut()?.get_mut(*index)?,
            Segment::Member(name) => {
                if value.is_null() {
                    *value = Value::Object(Map::new());
                }
                value.as_object_mut()?.entry(name.as_str()).or_insert(Value::Null)
            }
        };
    }
    Some(value)
}

/// Reads a transcript; mistakes in it are added to `mistakes`.
pub(crate) fn parse(file: &Arc<SourceFile>, mistakes: &mut Vec<Diagnostic>) -> Golden {
    let mut reader = Reader { file, blocks: Vec::new(), open: None, mistakes };
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let text = line.trim_end();
        reader.line(Text::verbatim(file, start..start + text.len()));
        start += line.len();
    }
    reader.close();
    Golden { file: file.path.clone(), blocks: reader.blocks }
}

struct Reader<'r> {
    file: &'r Arc<SourceFile>,
    blocks: Vec<Block>,
    /// A request that waits for its `<` line.
    open: Option<GoldenExchange>,
    mistakes: &'r mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn line(&mut self, line: Text) {
        let length = line.as_str().len();
        match line.as_str() {
            "" | "#" => {}
            comment if comment.starts_with("# ") => {}
            label if label.starts_with("### ") => self.block(&line),
            _ if self.blocks.is_empty() => {
                self.mistake(&line, "a transcript starts with `### ` and the name of an event")
            }
            sent if sent.starts_with("> ") => self.sent(&line.slice(2..length)),
            answer if answer.starts_with("< ") => self.answer(&line.slice(2..length)),
            _ => self.mistake(&line, "a line starts with `### `, `> `, `< ` or `# `"),
        }
    }

    fn block(&mut self, line: &Text) {
        self.close();
        let label = line.as_str()[4..].trim().to_owned();
        self.blocks.push(Block { label, exchanges: Vec::new(), span: line.whole() });
    }

    fn sent(&mut self, line: &Text) {
        match self.open.take() {
            None => self.open = self.request(line),
            Some(mut open) => {
                self.header_or_body(&mut open, line);
                self.open = Some(open);
            }
        }
    }

    fn request(&mut self, line: &Text) -> Option<GoldenExchange> {
        let (method, target) = request_line(line).map_err(|label| self.mistake(line, label)).ok()?;
        Some(GoldenExchange {
            method: line.as_str()[method].to_owned(),
            target: Template::compile(&line.slice(target), self.mistakes),
            headers: Vec::new(),
            body: None,
            status: Vec::new(),
            bind: None,
            span: line.whole(),
        })
    }

    fn header_or_body(&mut self, open: &mut GoldenExchange, line: &Text) {
        let text = line.as_str();
        if open.body.is_some() {
            self.mistake(line, "a body is one line, and the last one of its request");
        } else if text.starts_with("{{") {
            open.body = self.last_body(line).map(GoldenBody::LastBody);
        } else if text.starts_with(['{', '[']) {
            open.body = self.json(line);
        } else if let Some(colon) = text.find(": ").filter(|colon| is_header_name(&text[..*colon])) {
            let value = Template::compile(&line.slice(colon + 2..text.len()), self.mistakes);
            open.headers.push((text[..colon].to_owned(), value));
        } else {
            self.mistake(
                line,
                "expected `Header: value`, a JSON body, `{{last.body}}`, or the `< ` line of the answer",
            );
        }
    }

    fn json(&mut self, line: &Text) -> Option<GoldenBody> {
        let node = json::read(line, self.mistakes)?;
        let pattern = Pattern::compile(line, &node, self.mistakes);
        Some(GoldenBody::Json { pattern, line: line.as_str().to_owned() })
    }

    fn last_body(&mut self, line: &Text) -> Option<LastBody> {
        let inner = line.as_str().strip_prefix("{{last.body").and_then(|rest| rest.strip_suffix("}}"));
        let changes = match inner {
            Some("") => Some(Vec::new()),
            Some(with) if with.starts_with(" with ") => {
                changes(line, "{{last.body with ".len()..line.as_str().len() - 2, self.mistakes)
            }
            _ => None,
        };
        if changes.is_none() {
            self.mistake(line, "expected `{{last.body}}` or `{{last.body with name.givenName=\"Augusta\"}}`");
        }
        Some(LastBody { changes: changes?, span: line.whole() })
    }

    fn answer(&mut self, line: &Text) {
        let Some(mut open) = self.open.take() else {
            return self.mistake(line, "an answer follows a request");
        };
        let (statuses, bind) = match line.as_str().split_once(" bind ") {
            Some((statuses, name)) => (statuses, Some(name.trim())),
            None => (line.as_str(), None),
        };
        let parsed: Option<Vec<u16>> = statuses.split('|').map(status).collect();
        match (parsed, bind) {
            (None, _) => self.mistake(line, "expected statuses, as in `< 200 | 204`"),
            (_, Some(name)) if !template::is_name(name) => self.mistake(line, "expected a name after `bind`"),
            (Some(statuses), bind) => {
                open.status = statuses;
                open.bind = bind.map(str::to_owned);
                self.blocks.last_mut().expect("lines before the first block are refused").exchanges.push(open);
            }
        }
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            let message = "the request has no `< ` line";
            self.mistakes.push(
                Diagnostic::new(&code::MALFORMED_GOLDEN, open.span, message)
                    .label("which answers let the transcript go on?")
                    .help("add a line such as `< 200 | 204`"),
            );
        }
    }

    fn mistake(&mut self, line: &Text, label: &str) {
        let message = format!("`{}` is not a transcript", self.file.path);
        self.mistakes.push(Diagnostic::new(&code::MALFORMED_GOLDEN, line.whole(), message).label(label));
    }
}

/// Splits `METHOD /target`; returns the ranges of both, or what is wrong.
pub(crate) fn request_line(line: &Text) -> Result<(Range<usize>, Range<usize>), &'static str> {
    let text = line.as_str();
    let Some(space) = text.find(' ') else {
        return Err("expected a method, a space and a target");
    };
    let target = &text[space + 1..];
    if space == 0 || !text[..space].bytes().all(|byte| byte.is_ascii_uppercase()) {
        Err("expected a method in capitals first")
    } else if !target.starts_with('/') && !target.starts_with("{{") {
        Err("expected a target that starts with `/`")
    } else if !is_encoded(line, space + 1) {
        Err("white space in the target")
    } else {
        Ok((0..space, space + 1..text.len()))
    }
}

/// Whether the target has no white space but inside its templates.
fn is_encoded(line: &Text, start: usize) -> bool {
    let target = line.slice(start..line.as_str().len());
    template::pieces(&target, &mut Vec::new()).iter().all(|piece| match piece {
        template::Piece::Literal(range) => !target.as_str()[range.clone()].contains(char::is_whitespace),
        template::Piece::Word { .. } => true,
    })
}

/// RFC 9110 §5.6.2: a header name is a token.
pub(crate) fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// RFC 9110 §15: three digits, the first from 1 to 5.
fn status(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|status| (100..600).contains(status))
}

/// Reads `path=value, path=value`.
fn changes(line: &Text, range: Range<usize>, mistakes: &mut Vec<Diagnostic>) -> Option<Vec<Change>> {
    split(&line.as_str()[range.clone()], ',')
        .into_iter()
        .map(|part| change(line, range.start + part.start..range.start + part.end, mistakes))
        .collect()
}

fn change(line: &Text, range: Range<usize>, mistakes: &mut Vec<Diagnostic>) -> Option<Change> {
    let text = &line.as_str()[range.clone()];
    let sides = split(text, '=');
    let [left, ..] = sides.as_slice() else { return None };
    let equals = left.end;
    if equals == text.len() {
        return None;
    }
    let path = text[..equals].trim();
    let lead = range.start + text.len() - text.trim_start().len();
    let value = line.slice(range.start + equals + 1..range.end);
    let node = json::read(&value, mistakes)?;
    Some(Change {
        path: segments(path)?,
        value: JsonTemplate::compile(&node, mistakes),
        span: line.span(lead..lead + path.len()),
    })
}

/// Reads `name.givenName`, `emails[0].value`, `"urn:…".department`.
fn segments(path: &str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    for part in split(path, '.') {
        let part = &path[part];
        let (name, elements) = part.split_at(part.find('[').unwrap_or(part.len()));
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        if name.is_empty() || name.contains('"') {
            return None;
        }
        segments.push(Segment::Member(name.to_owned()));
        for element in elements.split_terminator(']') {
            segments.push(Segment::Element(element.strip_prefix('[')?.parse().ok()?));
        }
    }
    Some(segments)
}

/// Splits at a separator outside of strings, brackets and braces.
fn split(text: &str, separator: char) -> Vec<Range<usize>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            other if other == separator && depth == 0 => {
                parts.push(start..at);
                start = at + other.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(start..text.len());
    parts
}

impl Golden {
    /// Returns every template of the transcript, in the order written.
    pub(crate) fn templates(&self) -> Vec<&[template::Part]> {
        let mut templates = Vec::new();
        for exchange in self.blocks.iter().flat_map(|block| &block.exchanges) {
            templates.push(exchange.target.parts());
            templates.extend(exchange.headers.iter().map(|(_, value)| value.parts()));
            match &exchange.body {
                Some(GoldenBody::Json { pattern, .. }) => {
                    templates.extend(pattern.templates().into_iter().map(Template::parts));
                }
                Some(GoldenBody::LastBody(body)) => {
                    templates.extend(body.changes.iter().map(|change| change.value.parts()));
                }
                None => {}
            }
        }
        templates
    }

    /// Returns every name the transcript binds.
    pub(crate) fn binds(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().flat_map(|block| &block.exchanges).filter_map(|exchange| exchange.bind.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> (Golden, Vec<Diagnostic>) {
        let mut mistakes = Vec::new();
        let golden = parse(&Arc::new(SourceFile::new("golden/a.http", text)), &mut mistakes);
        (golden, mistakes)
    }

    #[test]
    fn a_transcript_is_read_line_by_line() {
        let (golden, mistakes) = read(
            "# What Okta sends.\n### assign\n> GET /Users?filter=a%20eq%20%22{{run}}%22\n< 200 | 404\n> POST /Users\n\
             > Content-Type: application/scim+json; charset=utf-8\n> {\"password\":\"{{any}}\"}\n< 201 bind id\n\
             ### suspend (nothing is sent)\n",
        );
        assert_eq!(mistakes, []);
        let [assign, suspend] = golden.blocks.as_slice() else { panic!("two blocks") };
        assert_eq!((assign.label.as_str(), suspend.label.as_str()), ("assign", "suspend (nothing is sent)"));
        assert_eq!(suspend.exchanges, []);
        let [get, post] = assign.exchanges.as_slice() else { panic!("two exchanges") };
        assert_eq!((get.method.as_str(), get.status.as_slice()), ("GET", &[200, 404][..]));
        assert_eq!(post.headers[0].0, "Content-Type");
        assert_eq!(post.bind.as_deref(), Some("id"));
        let Some(GoldenBody::Json { pattern, line }) = &post.body else { panic!("a JSON body") };
        assert_eq!(line, "{\"password\":\"{{any}}\"}");
        let Pattern::Object(members) = &pattern.value else { panic!("an object") };
        assert_eq!(members[0].1.span.text(), "\"{{any}}\"");
    }

    #[test]
    fn the_last_body_is_changed_in_place_and_otherwise_kept() {
        let (golden, mistakes) = read(
            "### update\n> PUT /Users/1\n> {{last.body with name.givenName=\"{{run}}\", emails[0].value=\"a, b\", \
             \"urn:x.y:User\".department={\"a\":[1]}, active=true}}\n< 200\n",
        );
        assert_eq!(mistakes, []);
        let Some(GoldenBody::LastBody(body)) = &golden.blocks[0].exchanges[0].body else { panic!("a last body") };
        let last = json!({"name": {"givenName": "Ada", "familyName": "Byron"}, "emails": [{"value": "x"}], "id": 1});
        let changed = body.apply(&last, &|_| Some("r\"1".to_owned())).expect("all bound");
        assert_eq!(
            changed.to_string(),
            r#"{"name":{"givenName":"r\"1","familyName":"Byron"},"emails":[{"value":"a, b"}],"id":1,"urn:x.y:User":{"department":{"a":[1]}},"active":true}"#
        );
    }

    #[test]
    fn a_change_that_has_no_place_is_left_out() {
        let (golden, _) = read("### update\n> PUT /Users/1\n> {{last.body with emails[3].value=1, id.x=2}}\n< 200\n");
        let Some(GoldenBody::LastBody(body)) = &golden.blocks[0].exchanges[0].body else { panic!("a last body") };
        let last = json!({"emails": [], "id": "1"});
        assert_eq!(body.apply(&last, &|_| None), Ok(last));
    }

    #[test]
    fn mistakes_are_told_where_they_are() {
        for (text, wrong) in [
            ("> GET /Users\n", "> GET /Users"),
            ("### a\nGET /Users\n", "GET /Users"),
            ("### a\n> GET Users\n< 200\n", "GET Users"),
            ("### a\n> GET /Users?filter=a eq b\n", "GET /Users?filter=a eq b"),
            ("### a\n< 200\n", "200"),
            ("### a\n> GET /Users\n< ok\n", "ok"),
            ("### a\n> GET /Users\n< 20\n", "20"),
            ("### a\n> GET /Users\n< 200 bind a b\n", "200 bind a b"),
            ("### a\n> GET /Users\n### b\n", "GET /Users"),
            ("### a\n> GET /Users\n> nonsense\n< 200\n", "nonsense"),
            ("### a\n> PUT /Users\n> {}\n> {}\n< 200\n", "{}"),
            ("### a\n> PUT /Users\n> {{last.body with x}}\n< 200\n", "{{last.body with x}}"),
            ("### a\n> PUT /Users\n> {{last.bdy}}\n< 200\n", "{{last.bdy}}"),
        ] {
            let (_, mistakes) = read(text);
            assert_eq!(mistakes.first().map(|mistake| mistake.span().text()), Some(wrong), "{text}");
            assert!(mistakes.iter().all(|mistake| mistake.code() == code::MALFORMED_GOLDEN.code()), "{text}");
        }
    }
}
