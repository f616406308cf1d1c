//! What a JSON value of an answer must be: a tree of JSON in which a whole string may be a word, as `"{{datetime}}"`.
//!
//! This module says what each pattern means. Whether an answer matches is for the engine to find out, because only it
//! has the answer, and the names bound so far.
//!
//! Binding comes first: within one step the engine fills every [`Bind`](Pattern::Bind) of headers and body before it
//! compares anything, so that `Location: {{base}}/Users/{{id}}` may stand beside `"id": "{{bind id: string}}"`.

use crate::diagnostic::{self as code, Diagnostic};
use crate::json::{Json, Node, Quoted};
use crate::source::{Spanned, Text};
use crate::template::{self, Piece, Template};
use serde_json::{Number, Value};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// What a value must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// `{{any}}`: the member is there, whatever its value, `null` included.
    Any,
    /// `{{absent}}`: the object has no such member. `null` is not absent; RFC 7643 §2.5 calls both unassigned, but a
    /// client that reads JSON sees the difference.
    Absent,
    /// `{{unassigned}}`: the attribute has no value. RFC 7643 §2.5: leaving it out, `null` and the empty array are one
    /// state; the empty text and the empty object say no more.
    Unassigned,
    /// `{{null}}`, or `null`: the member is there and `null`.
    Null,
    /// A kind of value, for example `{{string}}`.
    Kind(Kind),
    /// `true`, `false` or a number: this value. Numbers are equal when their values are: `1.0` is `1`.
    Exact(Value),
    /// A string that is no pattern word: a string equal to this one, character by character, with its holes filled.
    Text(Template),
    /// `{{bind NAME}}`: a string, number or boolean; `NAME` stands for its text from here on.
    /// `{{bind NAME: KIND}}`: as well, it is of that kind.
    Bind {
        /// The name.
        name: String,
        /// The kind the value must be of, if one is given.
        kind: Option<Kind>,
    },
    /// `{{loosely VALUE}}`: a string, number, boolean or `null` whose text is `VALUE`. Okta's hosted tests compare so:
    /// `true` is `"true"`, `404` is `"404"`.
    Loosely(Template),
    /// `{{one-of A|B|C}}`: a string equal to one of these. White space around `|` does not count.
    OneOf(Vec<Template>),
    /// `{{absent-or WORD}}`: the member is missing, or else matches the word.
    AbsentOr(Box<Pattern>),
    /// `{{ignoring-case TEXT}}`: a string that is equal once both are in lower case, as `caseExact: false` compares.
    IgnoringCase(Template),
    /// An object that has these members, names compared exactly. Further members are fine unless the step says
    /// `expect.exact = true`, or the pattern is the body of a golden.
    Object(Vec<(String, Spanned<Pattern>)>),
    /// An array.
    Array {
        /// How its elements are compared.
        mode: ArrayMode,
        /// The patterns for its elements, without the word for the mode. Never empty for
        /// [`Contains`](ArrayMode::Contains), exactly one for [`Each`](ArrayMode::Each).
        items: Vec<Spanned<Pattern>>,
    },
}

/// A kind of JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `string`: a string, the empty one included.
    String,
    /// `non-empty`: a string, array or object that is not empty.
    NonEmpty,
    /// `boolean`: `true` or `false`; the string `"true"` is none.
    Boolean,
    /// `integer`: a number without fraction and exponent; the string `"1"` is none.
    Integer,
    /// `integer >= N`: such a number that is at least `N`.
    IntegerAtLeast(i64),
    /// `number`: any number.
    Number,
    /// `array`: an array, the empty one included.
    Array,
    /// `object`: an object, the empty one included.
    Object,
    /// `datetime`: a string that is an `xsd:dateTime` (RFC 7643 §2.3.5), for example `2011-05-13T04:42:34Z`.
    DateTime,
}

/// How the elements of an array are compared with the patterns for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArrayMode {
    /// No word: as many elements as patterns, each matching the pattern at its place.
    Exact,
    /// `"{{unordered}}"` first: as many elements as patterns, and some order in which each matches. RFC 7643 §2.4 gives
    /// the values of a multi-valued attribute no order.
    Unordered,
    /// `"{{contains}}"` first: each pattern matches an element of its own; further elements are fine.
    Contains,
    /// `"{{each}}"` first: every element matches the one pattern; an empty array matches.
    Each,
}

impl Pattern {
    /// Returns the names the pattern binds, in the order written.
    pub fn binds(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.visit(&mut |pattern| {
            if let Pattern::Bind { name, .. } = pattern {
                names.push(name.as_str());
            }
        });
        names
    }

    /// Returns every template in the pattern, in the order written.
    pub fn templates(&self) -> Vec<&Template> {
        let mut templates = Vec::new();
        self.visit(&mut |pattern| match pattern {
            Pattern::Text(one) | Pattern::Loosely(one) | Pattern::IgnoringCase(one) => templates.push(one),
            Pattern::OneOf(many) => templates.extend(many),
            _ => {}
        });
        templates
    }

    fn visit<'p>(&'p self, see: &mut dyn FnMut(&'p Pattern)) {
        see(self);
        match self {
            Pattern::AbsentOr(pattern) => pattern.visit(see),
            Pattern::Object(members) => members.iter().for_each(|(_, member)| member.value.visit(see)),
            Pattern::Array { items, .. } => items.iter().for_each(|item| item.value.visit(see)),
            _ => {}
        }
    }

    /// Returns the pattern that JSON text of a suite file means; mistakes in it are added to `mistakes`.
    pub(crate) fn compile(text: &Text, node: &Node, mistakes: &mut Vec<Diagnostic>) -> Spanned<Pattern> {
        let pattern = match &node.value {
            Json::Null => Pattern::Null,
            Json::Boolean(boolean) => Pattern::Exact(Value::Bool(*boolean)),
            Json::Number(digits) => Pattern::Exact(number(digits)),
            Json::String(string) => word_or_text(&string.decoded, mistakes),
            Json::Array(items) => array(text, items, mistakes),
            Json::Object(members) => object(text, members, mistakes),
        };
        Spanned::new(pattern, text.span(node.range.clone()))
    }

    /// Returns the pattern that a text outside of JSON means, such as the value of a header.
    pub(crate) fn compile_text(text: &Text, mistakes: &mut Vec<Diagnostic>) -> Spanned<Pattern> {
        Spanned::new(word_or_text(text, mistakes), text.whole())
    }
}

impl Kind {
    /// Every kind that is a word of its own.
    const ALL: [Kind; 8] = [
        Kind::String,
        Kind::NonEmpty,
        Kind::Boolean,
        Kind::Integer,
        Kind::Number,
        Kind::Array,
        Kind::Object,
        Kind::DateTime,
    ];

    /// Returns the word for the kind, without a bound.
    pub fn name(self) -> &'static str {
        match self {
            Kind::String => "string",
            Kind::NonEmpty => "non-empty",
            Kind::Boolean => "boolean",
            Kind::Integer | Kind::IntegerAtLeast(_) => "integer",
            Kind::Number => "number",
            Kind::Array => "array",
            Kind::Object => "object",
            Kind::DateTime => "datetime",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::IntegerAtLeast(least) => write!(f, "integer >= {least}"),
            kind => f.pad(kind.name()),
        }
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(word: &str) -> Result<Kind, ()> {
        if let Some(bound) = word.strip_prefix("integer").and_then(|rest| rest.trim_start().strip_prefix(">=")) {
            return bound.trim().parse().map(Kind::IntegerAtLeast).map_err(|_| ());
        }
        Kind::ALL.into_iter().find(|kind| kind.name() == word).ok_or(())
    }
}

impl ArrayMode {
    fn from_word(word: &str) -> Option<ArrayMode> {
        match word {
            "{{unordered}}" => Some(ArrayMode::Unordered),
            "{{contains}}" => Some(ArrayMode::Contains),
            "{{each}}" => Some(ArrayMode::Each),
            _ => None,
        }
    }
}

/// Whether a template word is one of patterns: it matches values and has none.
pub(crate) fn is_pattern_word(word: &str) -> bool {
    let first = word.split_ascii_whitespace().next().unwrap_or("");
    WORDS.contains(&first) && (first == word || !template::is_name(word))
}

/// The first word of everything a pattern word can be.
pub(crate) const WORDS: [&str; 20] = [
    "any",
    "absent",
    "unassigned",
    "null",
    "string",
    "non-empty",
    "boolean",
    "integer",
    "number",
    "array",
    "object",
    "datetime",
    "bind",
    "loosely",
    "one-of",
    "absent-or",
    "ignoring-case",
    "unordered",
    "contains",
    "each",
];

fn number(digits: &str) -> Value {
    // The digits are kept, as `arbitrary_precision` promises: what they mean is compared, not computed.
    Value::Number(Number::from_string_unchecked(digits.to_owned()))
}

fn object(text: &Text, members: &[(Quoted, Node)], mistakes: &mut Vec<Diagnostic>) -> Pattern {
    let compiled = members.iter().map(|(name, value)| {
        let name = name.decoded.as_str().to_owned();
        (name, Pattern::compile(text, value, mistakes))
    });
    Pattern::Object(compiled.collect())
}

fn array(text: &Text, items: &[Node], mistakes: &mut Vec<Diagnostic>) -> Pattern {
    let mode = items.first().and_then(|first| match &first.value {
        Json::String(string) => ArrayMode::from_word(string.decoded.as_str()),
        _ => None,
    });
    let patterns = if mode.is_some() { &items[1..] } else { items };
    let mistake = match (mode, patterns.len()) {
        (Some(ArrayMode::Contains), 0) => Some("`{{contains}}` is followed by what the array contains"),
        (Some(ArrayMode::Each), count) if count != 1 => Some("`{{each}}` is followed by exactly one pattern"),
        _ => None,
    };
    if let Some(message) = mistake {
        mistakes.push(
            Diagnostic::new(&code::INCOMPLETE_WORD, text.span(items[0].range.clone()), message)
                .label(format!("followed by {}", patterns.len())),
        );
    }
    let items = patterns.iter().map(|item| Pattern::compile(text, item, mistakes)).collect();
    Pattern::Array { mode: mode.unwrap_or(ArrayMode::Exact), items }
}

fn word_or_text(text: &Text, mistakes: &mut Vec<Diagnostic>) -> Pattern {
    let mut ignored = Vec::new();
    match template::pieces(text, &mut ignored).as_slice() {
        // At the head of an array it is a mode, which is taken off before; anywhere else it is the value of the step.
        [Piece::Word { inner, .. }] if template::EACH.contains(&&text.as_str()[inner.clone()]) => {
            Pattern::Text(Template::compile(text, mistakes))
        }
        [Piece::Word { inner, .. }] if !is_variable(&text.as_str()[inner.clone()]) => {
            word(text, inner.clone(), mistakes)
        }
        _ => Pattern::Text(Template::compile(text, mistakes)),
    }
}

/// Whether the word is a hole; a dot only occurs in the fixed names of holes.
fn is_variable(word: &str) -> bool {
    !is_pattern_word(word) && (template::is_name(word) || (word.contains('.') && !word.contains(' ')))
}

fn word(text: &Text, inner: Range<usize>, mistakes: &mut Vec<Diagnostic>) -> Pattern {
    let word = &text.as_str()[inner.clone()];
    if let Ok(kind) = word.parse() {
        return Pattern::Kind(kind);
    }
    let (first, rest) = word.split_once(char::is_whitespace).unwrap_or((word, ""));
    let argument = text.slice(inner.end - rest.trim_start().len()..inner.end);
    let whole = text.span(inner.start.saturating_sub(2)..inner.end + 2);
    match (first, argument.as_str()) {
        ("any", "") => Pattern::Any,
        ("absent", "") => Pattern::Absent,
        ("unassigned", "") => Pattern::Unassigned,
        ("null", "") => Pattern::Null,
        ("unordered" | "contains", "") => {
            let message = format!("`{{{{{first}}}}}` is the first element of an array");
            mistakes.push(Diagnostic::new(&code::MISPLACED_WORD, whole, message).label("not the first element"));
            Pattern::Any
        }
        ("bind" | "loosely" | "one-of" | "absent-or" | "ignoring-case", "") => {
            let message = format!("`{{{{{first}}}}}` needs {}", argument_of(first));
            mistakes.push(Diagnostic::new(&code::INCOMPLETE_WORD, whole, message).label("incomplete"));
            Pattern::Any
        }
        ("absent-or", inner) if starts_with_word(inner, &["bind", "absent-or"]) => {
            let message = "`{{absent-or}}` takes a word that matches a value";
            let label = "what may be absent is neither bound nor absent once more";
            mistakes.push(Diagnostic::new(&code::MISPLACED_WORD, whole, message).label(label));
            Pattern::Any
        }
        ("bind", _) => bind(&argument, mistakes),
        ("loosely", _) => Pattern::Loosely(Template::compile(&argument, mistakes)),
        ("ignoring-case", _) => Pattern::IgnoringCase(Template::compile(&argument, mistakes)),
        ("one-of", _) => one_of(&argument, mistakes),
        ("absent-or", _) => {
            Pattern::AbsentOr(Box::new(self::word(text, inner.end - argument.as_str().len()..inner.end, mistakes)))
        }
        _ => {
            mistakes.push(unknown_word(word, text.span(inner)));
            Pattern::Any
        }
    }
}

fn starts_with_word(text: &str, words: &[&str]) -> bool {
    text.split_whitespace().next().is_some_and(|first| words.contains(&first))
}

fn argument_of(word: &str) -> &'static str {
    match word {
        "bind" => "a name, as in `{{bind id}}`",
        "loosely" => "a value, as in `{{loosely true}}`",
        "one-of" => "the choices, as in `{{one-of work|home}}`",
        "absent-or" => "another word, as in `{{absent-or null}}`",
        _ => "a text, as in `{{ignoring-case {{run}}.ada}}`",
    }
}

fn unknown_word(word: &str, span: crate::Span) -> Diagnostic {
    let first = word.split_ascii_whitespace().next().unwrap_or("");
    let diagnostic = Diagnostic::new(&code::UNKNOWN_PATTERN_WORD, span, format!("unknown pattern word `{word}`"))
        .label("not a word of patterns");
    match first {
        "integer" => diagnostic.help("the only bound is `{{integer >= N}}`"),
        _ => diagnostic.suggest(first, WORDS),
    }
}

fn bind(argument: &Text, mistakes: &mut Vec<Diagnostic>) -> Pattern {
    let text = argument.as_str();
    let colon = text.find(':').unwrap_or(text.len());
    let range = trimmed(text, 0..colon);
    let name = &text[range.clone()];
    if let Some((label, help)) = name_mistake(name) {
        let message = format!("`{name}` cannot be bound");
        mistakes.push(Diagnostic::new(&code::BAD_NAME, argument.span(range), message).label(label).help(help));
    }
    let kind = (colon < text.len()).then(|| bound_kind(argument, trimmed(text, colon + 1..text.len()), mistakes));
    Pattern::Bind { name: name.to_owned(), kind: kind.flatten() }
}

fn name_mistake(name: &str) -> Option<(&'static str, &'static str)> {
    if !template::is_name(name) {
        Some(("not a name", "a name is a letter, then letters, digits, `-` and `_`"))
    } else if is_pattern_word(name) || template::ALWAYS_BOUND.contains(&name) {
        Some(("this word has a meaning of its own", "choose another name"))
    } else {
        None
    }
}

fn bound_kind(argument: &Text, range: Range<usize>, mistakes: &mut Vec<Diagnostic>) -> Option<Kind> {
    let word = &argument.as_str()[range.clone()];
    let kind = word.parse().ok();
    if kind.is_none() {
        mistakes.push(unknown_kind(word, argument.span(range)));
    }
    kind
}

/// Returns the range without the white space at both ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.end - part.trim_start().len();
    start..start + part.trim().len()
}

fn unknown_kind(kind: &str, span: crate::Span) -> Diagnostic {
    Diagnostic::new(&code::UNKNOWN_PATTERN_WORD, span, format!("unknown kind of value `{kind}`"))
        .label("not a kind of value")
        .suggest(kind, Kind::ALL.map(Kind::name))
}

fn one_of(argument: &Text, mistakes: &mut Vec<Diagnostic>) -> Pattern {
    let mut choices = Vec::new();
    let mut start = 0;
    let separators: Vec<usize> = argument.as_str().match_indices('|').map(|(at, _)| at).collect();
    for end in separators.into_iter().chain([argument.as_str().len()]) {
        choices.push(Template::compile(&argument.slice(trimmed(argument.as_str(), start..end)), mistakes));
        start = end + 1;
    }
    Pattern::OneOf(choices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::source::SourceFile;
    use std::sync::Arc;

    fn compile(json: &str) -> (Spanned<Pattern>, Vec<Diagnostic>) {
        let text = Text::verbatim(&Arc::new(SourceFile::new("a.toml", json)), 0..json.len());
        let mut mistakes = Vec::new();
        let node = json::parse(&text).expect("JSON");
        (Pattern::compile(&text, &node, &mut mistakes), mistakes)
    }

    fn pattern(json: &str) -> Pattern {
        let (pattern, mistakes) = compile(json);
        assert_eq!(mistakes, [], "{json}");
        pattern.value
    }

    fn mistake(json: &str) -> (&'static str, String) {
        let (_, mistakes) = compile(json);
        assert_eq!(mistakes.len(), 1, "{json}: {mistakes:?}");
        (mistakes[0].code(), mistakes[0].span().text().to_owned())
    }

    fn expanded(template: &Template) -> String {
        template.expand(&|name| Some(format!("<{name}>"))).expect("everything is bound")
    }

    #[test]
    fn every_word_has_its_pattern() {
        assert_eq!(pattern(r#""{{any}}""#), Pattern::Any);
        assert_eq!(pattern(r#""{{absent}}""#), Pattern::Absent);
        assert_eq!(pattern(r#""{{unassigned}}""#), Pattern::Unassigned);
        assert_eq!(pattern(r#""{{null}}""#), Pattern::Null);
        assert_eq!(pattern("null"), Pattern::Null);
        for kind in Kind::ALL {
            assert_eq!(pattern(&format!("\"{{{{{kind}}}}}\"")), Pattern::Kind(kind));
        }
        assert_eq!(pattern(r#""{{integer >= 2}}""#), Pattern::Kind(Kind::IntegerAtLeast(2)));
        assert_eq!(pattern(r#""{{integer>=-2}}""#), Pattern::Kind(Kind::IntegerAtLeast(-2)));
        assert_eq!(pattern(r#""{{bind id}}""#), Pattern::Bind { name: "id".to_owned(), kind: None });
        let bound = Pattern::Bind { name: "id".to_owned(), kind: Some(Kind::NonEmpty) };
        assert_eq!(pattern(r#""{{bind id: non-empty}}""#), bound);
        assert_eq!(pattern(r#""{{absent-or null}}""#), Pattern::AbsentOr(Box::new(Pattern::Null)));
        assert_eq!(pattern(r#""{{loosely 404}}""#), Pattern::Loosely(Template::literal("404")));
        let choices = ["work", "home office"].map(Template::literal).to_vec();
        assert_eq!(pattern(r#""{{one-of work | home office}}""#), Pattern::OneOf(choices));
    }

    #[test]
    fn words_take_templates_and_each_other() {
        let Pattern::IgnoringCase(text) = pattern(r#""{{ignoring-case {{run}}.Ada@example.test}}""#) else { panic!() };
        assert_eq!(expanded(&text), "<run>.Ada@example.test");
        let Pattern::AbsentOr(inner) = pattern(r#""{{absent-or one-of {{id}}|b}}""#) else { panic!() };
        let Pattern::OneOf(choices) = *inner else { panic!() };
        assert_eq!(expanded(&choices[0]), "<id>");
    }

    #[test]
    fn literals_and_holes_are_text() {
        let Pattern::Text(text) = pattern(r#""{{base}}/Users/{{id}}""#) else { panic!() };
        assert_eq!(expanded(&text), "<base>/Users/<id>");
        let Pattern::Text(text) = pattern(r#""{{user.userName}}""#) else { panic!() };
        assert_eq!(expanded(&text), "<user.userName>");
        assert_eq!(pattern("1.50").to_owned(), Pattern::Exact(serde_json::from_str("1.50").expect("JSON")));
    }

    #[test]
    fn arrays_have_modes() {
        let Pattern::Array { mode, items } = pattern(r#"["{{contains}}", {"a": 1}, "b"]"#) else { panic!() };
        assert_eq!((mode, items.len()), (ArrayMode::Contains, 2));
        let Pattern::Array { mode, items } = pattern(r#"["{{unordered}}"]"#) else { panic!() };
        assert_eq!((mode, items.len()), (ArrayMode::Unordered, 0));
        let Pattern::Array { mode, .. } = pattern(r#"["{{each}}", "{{string}}"]"#) else { panic!() };
        assert_eq!(mode, ArrayMode::Each);
        let Pattern::Array { mode, .. } = pattern("[]") else { panic!() };
        assert_eq!(mode, ArrayMode::Exact);
    }

    #[test]
    fn every_node_knows_its_place() {
        let (pattern, _) = compile(r#"{ "meta": { "location": "{{base}}/Users" }, "n": [1, true] }"#);
        let Pattern::Object(members) = &pattern.value else { panic!() };
        let Pattern::Object(meta) = &members[0].1.value else { panic!() };
        assert_eq!(meta[0].1.span.text(), "\"{{base}}/Users\"");
        let Pattern::Array { items, .. } = &members[1].1.value else { panic!() };
        assert_eq!(items[1].span.text(), "true");
    }

    #[test]
    fn mistakes_are_told_where_they_are() {
        for (json, code, text) in [
            (r#""{{integer > 3}}""#, &code::UNKNOWN_PATTERN_WORD, "integer > 3"),
            (r#""{{nonempty string}}""#, &code::UNKNOWN_PATTERN_WORD, "nonempty string"),
            (r#""{{}}""#, &code::UNKNOWN_PATTERN_WORD, ""),
            (r#""{{bind id: strng}}""#, &code::UNKNOWN_PATTERN_WORD, "strng"),
            (r#""{{bind two words}}""#, &code::BAD_NAME, "two words"),
            (r#""{{bind any}}""#, &code::BAD_NAME, "any"),
            (r#""{{bind run}}""#, &code::BAD_NAME, "run"),
            (r#""{{bind}}""#, &code::INCOMPLETE_WORD, "{{bind}}"),
            (r#""a {{string}}""#, &code::MISPLACED_WORD, "{{string}}"),
            (r#"["a", "{{contains}}"]"#, &code::MISPLACED_WORD, "{{contains}}"),
            (r#""{{absent-or bind id}}""#, &code::MISPLACED_WORD, "{{absent-or bind id}}"),
            (r#""{{absent-or absent-or any}}""#, &code::MISPLACED_WORD, "{{absent-or absent-or any}}"),
            (r#"["{{contains}}"]"#, &code::INCOMPLETE_WORD, "\"{{contains}}\""),
            (r#"["{{each}}", 1, 2]"#, &code::INCOMPLETE_WORD, "\"{{each}}\""),
            (r#""{{user.nickName}}""#, &code::UNKNOWN_TEMPLATE_WORD, "{{user.nickName}}"),
            (r#""{{id}""#, &code::UNCLOSED_WORD, "{{"),
        ] {
            assert_eq!(mistake(json), (code.code(), text.to_owned()), "{json}");
        }
    }
}
