//! A JSON parser (RFC 8259) that remembers where each part was written, for the bodies and patterns in suite files.
//!
//! Answers of a server are read by `scim-lang`. This parser has the opposite task: its text is ours, a mistake in it is
//! ours, and every part of it may later need a caret.

use crate::diagnostic::{self as code, Diagnostic};
use crate::event::EVENT_WORD;
use crate::source::Text;
use std::ops::Range;

/// A JSON value and its place in the text it was parsed from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Json,
    pub(crate) range: Range<usize>,
}

/// A JSON value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Boolean(bool),
    /// The digits as written.
    Number(String),
    String(Quoted),
    Array(Vec<Node>),
    Object(Vec<(Quoted, Node)>),
}

/// A JSON string, without its quotes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quoted {
    /// As written, with its escapes.
    pub(crate) raw: Text,
    /// As meant.
    pub(crate) decoded: Text,
}

/// Why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) at: Range<usize>,
    pub(crate) label: &'static str,
}

/// Parses the whole text as one JSON value; mistakes in it are added to `mistakes`.
pub(crate) fn read(text: &Text, mistakes: &mut Vec<Diagnostic>) -> Option<Node> {
    let node = match parse(text) {
        Ok(node) => node,
        Err(problem) => {
            let span = text.span(problem.at);
            mistakes.push(Diagnostic::new(&code::BODY_NOT_JSON, span, "the body is not JSON").label(problem.label));
            return None;
        }
    };
    for (first, second) in duplicates(&node) {
        let message = format!("the member `{}` is there twice", second.decoded.as_str());
        mistakes.push(
            Diagnostic::new(&code::DUPLICATE_MEMBER, second.raw.whole(), message)
                .label("there again")
                .context(first.raw.whole(), "first here"),
        );
    }
    for name in names(&node).into_iter().filter(|name| name.decoded.as_str().contains("{{")) {
        let message = "a template does not stand in the name of a member";
        mistakes.push(Diagnostic::new(&code::TEMPLATE_IN_NAME, name.raw.whole(), message).label("taken as it is"));
    }
    Some(node)
}

/// Returns the name of every member, at any depth.
fn names(node: &Node) -> Vec<&Quoted> {
    match &node.value {
        Json::Array(items) => items.iter().flat_map(names).collect(),
        Json::Object(members) => {
            let own = |at: usize, name: &Quoted| at > 0 || name.raw.as_str() != EVENT_WORD;
            let names = members.iter().enumerate();
            names
                .flat_map(|(at, (name, value))| own(at, name).then_some(name).into_iter().chain(self::names(value)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Parses the whole text as one JSON value.
pub(crate) fn parse(text: &Text) -> Result<Node, Problem> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.skip_space();
    let node = parser.value()?;
    parser.skip_space();
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.problem("nothing may follow the value")),
    }
}

/// Returns the second and every further use of a member name in one object, each with the first.
pub(crate) fn duplicates(node: &Node) -> Vec<(&Quoted, &Quoted)> {
    match &node.value {
        Json::Array(items) => items.iter().flat_map(duplicates).collect(),
        Json::Object(members) => {
            let here = members.iter().enumerate().filter_map(|(index, (name, _))| {
                let first =
                    members[..index].iter().find(|(other, _)| other.decoded.as_str() == name.decoded.as_str())?;
                Some((&first.0, name))
            });
            here.chain(members.iter().flat_map(|(_, value)| duplicates(value))).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the text as it stands between the quotes of a JSON string.
pub(crate) fn escape(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// More than any SCIM message needs, less than the stack holds.
const MAX_DEPTH: usize = 64;

struct Parser<'t> {
    text: &'t Text,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn value(&mut self) -> Result<Node, Problem> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Json::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Json::Number(self.number()?),
            _ => self.literal()?,
        };
        Ok(Node { value, range: start..self.at })
    }

    fn nested(&mut self, parse: fn(&mut Self) -> Result<Json, Problem>) -> Result<Json, Problem> {
        if self.depth == MAX_DEPTH {
            return Err(self.problem("nested too deep"));
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        let value = parse(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Json, Problem> {
        let mut members = Vec::new();
        if self.eat(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            let name = match self.peek() {
                Some(b'"') => self.string()?,
                Some(b'{') => return Err(self.naked_template()),
                _ => return Err(self.problem("expected a member name in double quotes")),
            };
            self.skip_space();
            if !self.eat(b':') {
                return Err(self.problem("expected `:`"));
            }
            self.skip_space();
            members.push((name, self.value()?));
            self.skip_space();
            if self.eat(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.eat(b',') {
                return Err(self.problem("expected `,` or `}`"));
            }
            self.skip_space();
        }
    }

    fn array(&mut self) -> Result<Json, Problem> {
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            if self.eat(b']') {
                return Ok(Json::Array(items));
            }
            if !self.eat(b',') {
                return Err(self.problem("expected `,` or `]`"));
            }
            self.skip_space();
        }
    }

    fn literal(&mut self) -> Result<Json, Problem> {
        let rest = self.rest();
        let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let value = match &rest[..length] {
            "null" => Json::Null,
            "true" => Json::Boolean(true),
            "false" => Json::Boolean(false),
            "" => return Err(self.problem("expected a value")),
            _ => return Err(Problem { at: self.at..self.at + length, label: "expected a value" }),
        };
        self.at += length;
        Ok(value)
    }

    /// RFC 8259 §6: `-`? (`0` | digit1-9 digit*) (`.` digit+)? ([eE] [+-]? digit+)?
    fn number(&mut self) -> Result<String, Problem> {
        let start = self.at;
        self.eat(b'-');
        if self.eat(b'0') {
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.problem("a number has no leading zeros"));
            }
        } else {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(self.text.as_str()[start..self.at].to_owned())
    }

    fn digits(&mut self) -> Result<(), Problem> {
        let length = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += length;
        if length == 0 { Err(self.problem("expected a digit")) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<Quoted, Problem> {
        let open = self.at;
        self.at += 1;
        let start = self.at;
        let mut decoded = String::new();
        let mut marks = vec![(0, start)];
        loop {
            match self.rest().chars().next() {
                None => return Err(Problem { at: open..open + 1, label: "this string has no closing quote" }),
                Some('"') => break,
                Some('\\') => {
                    marks.push((decoded.len(), self.at));
                    decoded.push(self.escaped()?);
                    marks.push((decoded.len(), self.at));
                }
                Some(control) if control < ' ' => {
                    return Err(self.problem("a line break or control character is written as an escape in a string"));
                }
                Some(other) => {
                    decoded.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
        let end = self.at;
        self.at += 1;
        Ok(Quoted { raw: self.text.slice(start..end), decoded: self.text.decoded(decoded, open..self.at, &marks) })
    }

    fn escaped(&mut self) -> Result<char, Problem> {
        let start = self.at;
        self.at += 1;
        let simple = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => return Err(Problem { at: start..self.at, label: "JSON does not know this escape" }),
        };
        self.at += 1;
        Ok(simple)
    }

    fn unicode(&mut self, start: usize) -> Result<char, Problem> {
        let high = self.hexadecimal()?;
        let code = match high {
            0xd800..=0xdbff if self.rest().starts_with("\\u") => {
                self.at += 1;
                let low = self.hexadecimal()?;
                match low {
                    0xdc00..=0xdfff => 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00),
                    _ => high,
                }
            }
            _ => high,
        };
        char::from_u32(code).ok_or(Problem { at: start..self.at, label: "half a surrogate pair; send it with `text`" })
    }

    /// Reads `uXXXX`.
    fn hexadecimal(&mut self) -> Result<u32, Problem> {
        let digits = self.rest().get(1..5).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.problem("expected `u` and four hexadecimal digits"))?;
        self.at += 5;
        Ok(code)
    }

    fn naked_template(&self) -> Problem {
        Problem { at: self.at - 1..self.at + 1, label: "a template stands inside a string, in double quotes" }
    }

    fn skip_space(&mut self) {
        self.at += self.rest().bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.rest().bytes().next()
    }

    fn rest(&self) -> &str {
        &self.text.as_str()[self.at..]
    }

    fn problem(&self, label: &'static str) -> Problem {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        Problem { at: self.at..self.at + length, label }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn text(json: &str) -> Text {
        Text::verbatim(&Arc::new(SourceFile::new("a.toml", json)), 0..json.len())
    }

    fn to_value(node: &Node) -> serde_json::Value {
        match &node.value {
            Json::Null => serde_json::Value::Null,
            Json::Boolean(boolean) => (*boolean).into(),
            Json::Number(digits) => serde_json::from_str(digits).expect("a JSON number"),
            Json::String(string) => string.decoded.as_str().into(),
            Json::Array(items) => items.iter().map(to_value).collect(),
            Json::Object(members) => {
                members.iter().map(|(name, value)| (name.decoded.as_str().to_owned(), to_value(value))).collect()
            }
        }
    }

    #[test]
    fn problems_are_found_where_they_are() {
        for (json, at, label) in [
            ("", 0..0, "expected a value"),
            ("{", 1..1, "expected a member name in double quotes"),
            (r#"{"a" 1}"#, 5..6, "expected `:`"),
            (r#"{"a":1 "b":2}"#, 7..8, "expected `,` or `}`"),
            ("[1 2]", 3..4, "expected `,` or `]`"),
            ("[1,]", 3..4, "expected a value"),
            ("{} {}", 3..4, "nothing may follow the value"),
            ("01", 1..2, "a number has no leading zeros"),
            ("1.", 2..2, "expected a digit"),
            ("True", 0..4, "expected a value"),
            (r#"["a]"#, 1..2, "this string has no closing quote"),
            ("\"a\nb\"", 2..3, "a line break or control character is written as an escape in a string"),
            (r#""\x""#, 1..2, "JSON does not know this escape"),
            (r#""\u00g0""#, 2..3, "expected `u` and four hexadecimal digits"),
            (r#""\ud800""#, 1..7, "half a surrogate pair; send it with `text`"),
            (r#"{"n": {{n}}}"#, 6..8, "a template stands inside a string, in double quotes"),
        ] {
            assert_eq!(parse(&text(json)), Err(Problem { at, label }), "{json}");
        }
    }

    #[test]
    fn a_part_knows_its_place_past_escapes() {
        let source = text(r#"{"a": ["\u00e9\n{{id}}"]}"#);
        let Json::Object(members) = parse(&source).expect("JSON").value else { panic!("an object") };
        let Json::Array(items) = &members[0].1.value else { panic!("an array") };
        let Json::String(string) = &items[0].value else { panic!("a string") };
        assert_eq!(string.decoded.as_str(), "é\n{{id}}");
        assert_eq!(string.decoded.span(3..9).text(), "{{id}}");
        assert_eq!(string.raw.as_str(), r"\u00e9\n{{id}}");
    }

    #[test]
    fn a_name_used_twice_in_one_object_is_found_however_it_is_spelled() {
        let node = parse(&text(r#"[{"a":1,"b":{"a":2},"\u0061":3}]"#)).expect("JSON");
        let found = duplicates(&node);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1.raw.as_str(), r"\u0061");
    }

    #[test]
    fn depth_is_bounded() {
        assert!(parse(&text(&"[".repeat(100_000))).is_err());
        assert!(parse(&text(&format!("{}{}", "[".repeat(64), "]".repeat(64)))).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_agrees_with_serde_json(json in r#"[\[\]{}:,"\\u0-9a-f.eE+ tr-]{0,24}|\PC{0,12}"#) {
            let ours = parse(&text(&json)).map(|node| to_value(&node)).ok();
            let theirs = serde_json::from_str::<serde_json::Value>(&json).ok();
            prop_assert_eq!(ours.is_some(), theirs.is_some(), "{}", json);
        }

        #[test]
        fn escaping_is_undone_by_parsing(wild in any::<String>()) {
            let source = text(&format!("\"{}\"", escape(&wild)));
            prop_assert_eq!(to_value(&parse(&source).expect("a string")), serde_json::Value::from(wild));
        }
    }
}
