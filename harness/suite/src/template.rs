//! Text with holes: `{{run}}.ada@example.test`. What fills a hole is only known while a case runs.

use crate::diagnostic::{self as code, Diagnostic};
use crate::event;
use crate::json::{self, Json, Node};
use crate::pattern::is_pattern_word;
use crate::source::{Span, Text};
use std::ops::Range;

/// Text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// JSON with holes in its strings.
///
/// Nothing but the white space between its parts is changed: keys keep their order, numbers their digits and strings
/// their escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonTemplate {
    parts: Vec<Part>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself.
    Literal(String),
    /// A hole.
    Variable {
        /// The name of what fills it.
        name: String,
        /// Where it is written, with its braces.
        span: Span,
    },
}

/// A hole that nothing fills.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{{{{{name}}}}}` is not bound")]
pub struct Unbound {
    /// The name of what would fill it.
    pub name: String,
    /// Where it is written.
    pub span: Span,
}

impl Template {
    /// Returns the text with every hole filled.
    pub fn expand(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, Unbound> {
        expand(&self.parts, lookup, |value| value)
    }

    /// Returns the template that is just this text.
    pub fn literal(text: impl Into<String>) -> Self {
        Template { parts: vec![Part::Literal(text.into())] }
    }

    /// Returns the parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns the template for this text; mistakes in it are added to `mistakes`.
    pub(crate) fn compile(text: &Text, mistakes: &mut Vec<Diagnostic>) -> Self {
        Template { parts: compile(text, mistakes) }
    }
}

impl JsonTemplate {
    /// Returns compact JSON with every hole filled, each value escaped as its place in a string demands.
    pub fn expand(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, Unbound> {
        expand(&self.parts, lookup, |value| json::escape(&value))
    }

    /// Returns the parts, in order; the literal ones are JSON text.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn compile(node: &Node, mistakes: &mut Vec<Diagnostic>) -> Self {
        let mut parts = Vec::new();
        write(node, None, &mut parts, mistakes);
        JsonTemplate { parts }
    }
}

fn expand(
    parts: &[Part],
    lookup: &dyn Fn(&str) -> Option<String>,
    encode: fn(String) -> String,
) -> Result<String, Unbound> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Variable { name, span } => {
                let unbound = || Unbound { name: name.clone(), span: span.clone() };
                text.push_str(&encode(lookup(name).ok_or_else(unbound)?));
            }
        }
    }
    Ok(text)
}

/// Writes a value; `copy` is the number of the copy it belongs to, in an array that repeats its elements.
fn write(node: &Node, copy: Option<usize>, parts: &mut Vec<Part>, mistakes: &mut Vec<Diagnostic>) {
    match &node.value {
        Json::Null => push(parts, "null"),
        Json::Boolean(true) => push(parts, "true"),
        Json::Boolean(false) => push(parts, "false"),
        Json::Number(digits) => push(parts, digits),
        Json::String(string) => write_string(&string.raw, copy, parts, mistakes),
        Json::Array(items) => {
            let (copies, items) = repeated(items);
            let copies = copies.map_or_else(|| vec![copy], |copies| (1..=copies).map(Some).collect());
            let elements = copies.iter().flat_map(|copy| items.iter().map(move |item| (*copy, item)));
            for (index, (copy, item)) in elements.enumerate() {
                push(parts, if index == 0 { "[" } else { "," });
                write(item, copy, parts, mistakes);
            }
            push(parts, if items.is_empty() { "[]" } else { "]" });
        }
        Json::Object(members) => {
            let event = event::whole(members);
            let members = event.as_ref().unwrap_or(members);
            for (index, (name, value)) in members.iter().enumerate() {
                push(parts, if index == 0 { "{\"" } else { ",\"" });
                push(parts, name.raw.as_str());
                push(parts, "\":");
                write(value, copy, parts, mistakes);
            }
            push(parts, if members.is_empty() { "{}" } else { "}" });
        }
    }
}

/// Returns how often an array repeats its elements, if it begins with `"{{repeat N}}"`, and the elements.
fn repeated(items: &[Node]) -> (Option<usize>, &[Node]) {
    let Some((Node { value: Json::String(word), .. }, rest)) = items.split_first() else { return (None, items) };
    let times = word.raw.as_str().strip_prefix("{{repeat ").and_then(|rest| rest.strip_suffix("}}"));
    match times.and_then(|times| times.parse().ok()).filter(|times| (1..=MOST_COPIES).contains(times)) {
        Some(times) => (Some(times), rest),
        None => (None, items),
    }
}

fn write_string(raw: &Text, copy: Option<usize>, parts: &mut Vec<Part>, mistakes: &mut Vec<Diagnostic>) {
    push(parts, "\"");
    for part in compile(raw, mistakes) {
        match (part, copy) {
            (Part::Literal(text), _) => push(parts, &text),
            (Part::Variable { name, .. }, Some(copy)) if name == COPY => push(parts, &format!("{copy:04}")),
            (variable, _) => parts.push(variable),
        }
    }
    push(parts, "\"");
}

/// Adds text to the last part if it is text, too, so that a template without holes is one part.
fn push(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Literal(last)) => last.push_str(text),
        _ => parts.push(Part::Literal(text.to_owned())),
    }
}

fn compile(text: &Text, mistakes: &mut Vec<Diagnostic>) -> Vec<Part> {
    let mut parts = Vec::new();
    for piece in pieces(text, mistakes) {
        match piece {
            Piece::Literal(range) => push(&mut parts, &text.as_str()[range]),
            Piece::Word { inner, outer } => {
                let name = &text.as_str()[inner];
                match word_mistake(name, text.span(outer.clone())) {
                    Some(mistake) => mistakes.push(mistake),
                    None => parts.push(Part::Variable { name: name.to_owned(), span: text.span(outer) }),
                }
            }
        }
    }
    parts
}

fn word_mistake(word: &str, span: Span) -> Option<Diagnostic> {
    if EACH.contains(&word) {
        return None;
    }
    if is_pattern_word(word) {
        let message = format!("`{{{{{word}}}}}` matches values, it has no value to put here");
        let help = "a pattern word is a whole string of expect.json, expect.remote, expect.headers or a golden body";
        return Some(Diagnostic::new(&code::MISPLACED_WORD, span, message).label("a pattern word").help(help));
    }
    if BUILT_IN.contains(&word) || is_name(word) || is_of_cast(word) {
        return None;
    }
    let message = format!("unknown template word `{{{{{word}}}}}`");
    Some(
        Diagnostic::new(&code::UNKNOWN_TEMPLATE_WORD, span, message)
            .label("not a word of templates")
            .suggest(word, BUILT_IN),
    )
}

/// Part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Literal(Range<usize>),
    /// `{{inner}}`; words may nest (`{{ignoring-case {{run}}.ada}}`).
    Word {
        inner: Range<usize>,
        outer: Range<usize>,
    },
}

/// Splits a text into its literal parts and its words.
pub(crate) fn pieces(text: &Text, mistakes: &mut Vec<Diagnostic>) -> Vec<Piece> {
    let value = text.as_str();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(open) = value[at..].find("{{").map(|found| at + found) {
        if open > at {
            pieces.push(Piece::Literal(at..open));
        }
        let Some(close) = closing(value, open) else {
            mistakes.push(
                Diagnostic::new(&code::UNCLOSED_WORD, text.span(open..open + 2), "a `{{` is not closed")
                    .label("expected `}}` after this")
                    .help("write `{ {` in JSON where two braces really meet"),
            );
            return pieces;
        };
        pieces.push(Piece::Word { inner: open + 2..close, outer: open..close + 2 });
        at = close + 2;
    }
    if at < value.len() {
        pieces.push(Piece::Literal(at..value.len()));
    }
    pieces
}

/// Returns where the `}}` is that closes the `{{` at `open`.
fn closing(text: &str, open: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (open + 2, 1);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"{{" => (at, depth) = (at + 2, depth + 1),
            b"}}" if depth == 1 => return Some(at),
            b"}}" => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    None
}

/// Whether a word may be bound by a case: a letter, then letters, digits, `-` and `_`.
pub(crate) fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether a word may be about somebody of the cast: `grace.id`, `crew.name`. Whether the case has them, and knows this
/// of them, only the case can tell.
fn is_of_cast(word: &str) -> bool {
    word.split_once('.').is_some_and(|(name, key)| !RESERVED.contains(&name) && is_name(name) && is_name(key))
}

/// How often an array repeats its elements at most.
const MOST_COPIES: usize = 1000;

/// The number of a copy, in four digits.
const COPY: &str = "n";

/// What nobody and no group of the cast can be called, because its words would mean something else.
pub(crate) const RESERVED: [&str; 6] = ["user", "run", "base", "okta", "last", "each"];

/// What the engine fills in for a step with `each`: the value, and the value percent-encoded.
pub(crate) const EACH: [&str; 2] = ["each", "each.encoded"];

/// What the engine fills in for every case.
pub(crate) const ALWAYS_BOUND: [&str; 3] = ["run", "run.upper", "base"];

/// What the engine fills in for cases about event hooks: what follows the receiver's base URL, an id of the request, the
/// beginning of an event's id and its end, this moment and an earlier one.
pub(crate) const RECEIVER_BOUND: [&str; 6] = ["receiver", "uuid", "event.uuid", "n", "now", "earlier"];

/// What the engine fills in for the person of `[case.okta]`.
pub(crate) const OKTA_BOUND: [&str; 8] = [
    "okta.id",
    "user.userName",
    "user.login",
    "user.firstName",
    "user.lastName",
    "user.email",
    "user.displayName",
    "user.locale",
];

/// Every word with a fixed meaning. `user.id` is another name of what `id` becomes when the user is assigned.
const BUILT_IN: [&str; 12] = [
    "run",
    "run.upper",
    "base",
    "okta.id",
    "user.id",
    "user.userName",
    "user.login",
    "user.firstName",
    "user.lastName",
    "user.email",
    "user.displayName",
    "user.locale",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;
    use std::sync::Arc;

    fn text(value: &str) -> Text {
        Text::verbatim(&Arc::new(SourceFile::new("a.toml", value)), 0..value.len())
    }

    fn template(value: &str) -> Template {
        let mut mistakes = Vec::new();
        let template = Template::compile(&text(value), &mut mistakes);
        assert_eq!(mistakes, []);
        template
    }

    fn json(value: &str) -> JsonTemplate {
        let mut mistakes = Vec::new();
        let template = JsonTemplate::compile(&json::parse(&text(value)).expect("JSON"), &mut mistakes);
        assert_eq!(mistakes, []);
        template
    }

    fn ada(name: &str) -> Option<String> {
        match name {
            "run" => Some("r1".to_owned()),
            "run.upper" => Some("R1".to_owned()),
            "quote" => Some("a \"b\"\n".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn holes_are_filled_and_the_rest_stands() {
        let text = template("/Users?filter=userName%20eq%20%22{{run}}.ada%22&x={{run.upper}}}}").expand(&ada);
        assert_eq!(text.as_deref(), Ok("/Users?filter=userName%20eq%20%22r1.ada%22&x=R1}}"));
    }

    #[test]
    fn an_unbound_hole_says_where_it_is() {
        let unbound = template("/Users/{{id}}").expand(&ada).expect_err("nothing binds id");
        assert_eq!((unbound.name.as_str(), unbound.span.range()), ("id", 7..13));
        assert_eq!(unbound.to_string(), "`{{id}}` is not bound");
    }

    #[test]
    fn json_is_sent_compact_as_it_was_written() {
        let body = json(
            "{ \"b\" : [ 1.50, -0, 1E5, true, null ],\n  \"a\": { \"\\u0061\": \"{{run}}\\/\" }, \"e\": [], \"o\": { } }",
        );
        assert_eq!(
            body.expand(&ada).as_deref(),
            Ok(r#"{"b":[1.50,-0,1E5,true,null],"a":{"\u0061":"r1\/"},"e":[],"o":{}}"#)
        );
    }

    #[test]
    fn an_array_repeats_its_elements_and_numbers_them() {
        let body = json(r#"{ "a": ["{{repeat 3}}", { "id": "{{run}}-{{n}}" }, "x"], "b": ["{{repeat 1}}"] }"#);
        let copies = ["0001", "0002", "0003"].map(|n| format!(r#"{{"id":"r1-{n}"}},"x""#)).join(",");
        assert_eq!(body.expand(&ada), Ok(format!(r#"{{"a":[{copies}],"b":[]}}"#)));
        for wrong in ["{{repeat 0}}", "{{repeat x}}", "{{repeat 100000}}"] {
            let text = format!("[\"{wrong}\", 1]");
            let mut mistakes = Vec::new();
            JsonTemplate::compile(&json::parse(&super::tests::text(&text)).expect("JSON"), &mut mistakes);
            assert_eq!(mistakes[0].code(), code::UNKNOWN_TEMPLATE_WORD.code(), "{wrong}");
        }
    }

    #[test]
    fn a_value_is_escaped_when_it_lands_in_json() {
        assert_eq!(json(r#"["{{quote}}"]"#).expand(&ada).as_deref(), Ok(r#"["a \"b\"\n"]"#));
        assert_eq!(template("{{quote}}").expand(&ada).as_deref(), Ok("a \"b\"\n"));
    }

    #[test]
    fn words_nest_and_loose_ends_are_told() {
        let mut mistakes = Vec::new();
        let found = pieces(&text("{{ignoring-case {{run}}.x}}"), &mut mistakes);
        assert_eq!(found, [Piece::Word { inner: 2..25, outer: 0..27 }]);
        assert_eq!(mistakes, []);
        pieces(&text("a {{run}"), &mut mistakes);
        assert_eq!(mistakes[0].code(), code::UNCLOSED_WORD.code());
    }

    #[test]
    fn every_word_that_is_bound_is_a_word() {
        for word in ALWAYS_BOUND.iter().chain(&OKTA_BOUND) {
            assert!(BUILT_IN.contains(word), "{word}");
        }
    }
}
