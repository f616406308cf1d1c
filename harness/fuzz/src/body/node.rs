//! JSON as it is written, not as it is meant: duplicate members, lone surrogates, numbers no double holds and text that
//! is no JSON at all.

use serde_json::{Map, Value};
use std::fmt::Write as _;

/// A piece of a request body.
///
/// In print a body is JSON but for four words: `$mark` stands for the unique name of the resource, `$repeat(TEXT,N)` in
/// a string for N times the text, `$deep(N)` for N nested arrays, `$$` for a dollar sign.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// `null`, `true`, `false` or a number, as written.
    Word(String),
    /// A string.
    Text(Vec<Piece>),
    /// An array.
    List(Vec<Node>),
    /// An object; a name may be there twice. Names are written as they stand in JSON.
    Object(Vec<(String, Node)>),
    /// So many arrays one in the other.
    Deep(usize),
}

/// A piece of a string.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// As it stands between the quotation marks.
    Raw(String),
    /// The unique name of the resource.
    Mark,
    /// A text so many times.
    Repeat(String, usize),
}

impl Node {
    /// Returns a string of this content, which is to be valid between quotation marks.
    pub fn text(raw: &str) -> Node {
        Node::Text(vec![Piece::Raw(raw.to_owned())])
    }

    /// Returns the bytes that are sent.
    pub fn to_json(&self, mark: &str) -> String {
        let mut out = String::new();
        self.write(&mut out, &mut |piece, out| match piece {
            Shown::Piece(Piece::Raw(raw)) => out.push_str(raw),
            Shown::Piece(Piece::Mark) => out.push_str(mark),
            Shown::Piece(Piece::Repeat(text, times)) => out.push_str(&text.repeat(*times)),
            Shown::Deep(depth) => {
                out.push_str(&"[".repeat(depth));
                out.push_str(&"]".repeat(depth));
            }
        });
        out
    }

    /// Returns the value this is, if every reader understands it in the same way: no member is there twice, no string
    /// has half a surrogate pair, nothing is nested beyond all measure.
    pub fn value(&self, mark: &str) -> Option<Value> {
        match self {
            Node::Deep(_) => None,
            Node::Word(word) => serde_json::from_str(word).ok(),
            Node::Text(_) => serde_json::from_str(&self.to_json(mark)).ok(),
            Node::List(elements) => {
                elements.iter().map(|one| one.value(mark)).collect::<Option<Vec<_>>>().map(Value::Array)
            }
            Node::Object(members) => {
                let mut object = Map::new();
                for (name, node) in members {
                    let is_there = object.keys().any(|known: &String| known.eq_ignore_ascii_case(name));
                    if is_there || object.insert(name.clone(), node.value(mark)?).is_some() {
                        return None;
                    }
                }
                Some(Value::Object(object))
            }
        }
    }

    /// Returns the members of this name, whatever its case.
    pub fn members<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node> {
        let members: &[(String, Node)] = match self {
            Node::Object(members) => members,
            _ => &[],
        };
        members.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, node)| node)
    }

    /// Returns how large it is: its members and elements, and the length of its strings.
    pub fn size(&self) -> usize {
        match self {
            Node::Word(word) => 4 + word.len(),
            Node::Deep(depth) => 10 + depth,
            Node::Text(pieces) => {
                5 + pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Raw(raw) => raw.len(),
                        Piece::Mark => 1,
                        Piece::Repeat(text, times) => 12 + text.len() + times,
                    })
                    .sum::<usize>()
            }
            Node::List(elements) => 10 + elements.iter().map(Node::size).sum::<usize>(),
            Node::Object(members) => {
                10 + members.iter().map(|(name, node)| 10 + name.len() + node.size()).sum::<usize>()
            }
        }
    }

    /// Returns what is smaller in one place.
    pub fn simpler(&self) -> Vec<Node> {
        match self {
            Node::Word(word) => {
                ["0", "null"].iter().filter(|one| one.len() < word.len()).map(|one| word_of(one)).collect()
            }
            Node::Deep(depth) => [1, depth / 2, depth.saturating_sub(depth / 8 + 1)]
                .into_iter()
                .filter(|less| 0 < *less && less < depth)
                .map(Node::Deep)
                .collect(),
            Node::Text(pieces) => simpler_text(pieces),
            Node::List(elements) => {
                let mut simpler: Vec<Node> = (0..elements.len()).map(|at| Node::List(without(elements, at))).collect();
                for (at, element) in elements.iter().enumerate() {
                    simpler.extend(element.simpler().into_iter().map(|one| Node::List(with(elements, at, one))));
                }
                simpler
            }
            Node::Object(members) => {
                let mut simpler: Vec<Node> = (0..members.len()).map(|at| Node::Object(without(members, at))).collect();
                for (at, (name, node)) in members.iter().enumerate() {
                    let smaller = node.simpler().into_iter();
                    simpler.extend(smaller.map(|one| Node::Object(with(members, at, (name.clone(), one)))));
                }
                simpler
            }
        }
    }

    fn write(&self, out: &mut String, show: &mut dyn FnMut(Shown<'_>, &mut String)) {
        match self {
            Node::Word(word) => out.push_str(word),
            Node::Deep(depth) => show(Shown::Deep(*depth), out),
            Node::Text(pieces) => {
                out.push('"');
                pieces.iter().for_each(|piece| show(Shown::Piece(piece), out));
                out.push('"');
            }
            Node::List(elements) => {
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    element.write(out, show);
                }
                out.push(']');
            }
            Node::Object(members) => {
                out.push('{');
                for (at, (name, node)) in members.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    let _ = write!(out, "{comma}\"{name}\":");
                    node.write(out, show);
                }
                out.push('}');
            }
        }
    }

    /// Returns it as a person reads it, on one line.
    pub fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, &mut |piece, out| match piece {
            Shown::Piece(Piece::Raw(raw)) => out.push_str(&raw.replace('$', "$$")),
            Shown::Piece(Piece::Mark) => out.push_str("$mark"),
            Shown::Piece(Piece::Repeat(text, times)) => {
                let _ = write!(out, "$repeat({},{times})", text.replace('$', "$$"));
            }
            Shown::Deep(depth) => {
                let _ = write!(out, "$deep({depth})");
            }
        });
        out
    }

    /// Reads what [`Node::print`] has written.
    ///
    /// # Errors
    /// A sentence that says where the text stops to be readable.
    pub fn parse(text: &str) -> Result<Node, String> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let node = reader.node()?;
        reader.blank();
        if reader.at < text.len() { Err(reader.expected("the end")) } else { Ok(node) }
    }
}

enum Shown<'p> {
    Piece(&'p Piece),
    Deep(usize),
}

fn word_of(word: &str) -> Node {
    Node::Word(word.to_owned())
}

fn without<T: Clone>(all: &[T], at: usize) -> Vec<T> {
    [&all[..at], &all[at + 1..]].concat()
}

fn with<T: Clone>(all: &[T], at: usize, one: T) -> Vec<T> {
    let mut all = all.to_vec();
    all[at] = one;
    all
}

fn simpler_text(pieces: &[Piece]) -> Vec<Node> {
    let mut simpler: Vec<Node> = (0..pieces.len()).map(|at| Node::Text(without(pieces, at))).collect();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Mark => {}
            Piece::Repeat(text, times) => {
                let fewer = [times / 2, times * 3 / 4, times - times / 16, times.saturating_sub(1)];
                let fewer = fewer.into_iter().filter(|less| less < times);
                simpler.extend(fewer.map(|less| Node::Text(with(pieces, at, Piece::Repeat(text.clone(), less)))));
            }
            Piece::Raw(raw) => {
                let units = units(raw);
                let mut length = units.len() / 2;
                while length > 0 {
                    for from in (0..units.len()).step_by(length) {
                        let until = (from + length).min(units.len());
                        let less = [&units[..from], &units[until..]].concat().concat();
                        simpler.push(Node::Text(with(pieces, at, Piece::Raw(less))));
                    }
                    length /= 2;
                }
            }
        }
    }
    simpler
}

/// Takes the content of a string apart, an escape being one unit, a surrogate pair as well.
fn units(raw: &str) -> Vec<&str> {
    let mut units = Vec::new();
    let mut rest = raw;
    while let Some(first) = rest.chars().next() {
        let length = match (first, rest.as_bytes().get(1)) {
            ('\\', Some(b'u')) => {
                let is_high = rest
                    .get(2..4)
                    .is_some_and(|hex| matches!(hex.to_ascii_lowercase().as_str(), "d8" | "d9" | "da" | "db"));
                if is_high && rest.get(6..8) == Some("\\u") { 12 } else { 6 }
            }
            ('\\', Some(_)) => 2,
            _ => first.len_utf8(),
        };
        let (unit, left) = rest.split_at_checked(length).unwrap_or((rest, ""));
        units.push(unit);
        rest = left;
    }
    units
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn blank(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn takes(&mut self, text: &str) -> bool {
        let takes = self.rest().starts_with(text);
        self.at += if takes { text.len() } else { 0 };
        takes
    }

    fn expected(&self, what: &str) -> String {
        let there: String = self.rest().chars().take(20).collect();
        format!("character {} should be {what}, not `{there}`", self.text[..self.at].chars().count() + 1)
    }

    fn node(&mut self) -> Result<Node, String> {
        self.blank();
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return Err(format!("this is nested deeper than {MOST_NESTED}; $deep(N) can be deeper"));
        }
        let node = if self.takes("{") {
            self.object()
        } else if self.takes("[") {
            self.list()
        } else if self.takes("\"") {
            self.string()
        } else if self.takes("$deep(") {
            self.number_to(')').map(Node::Deep)
        } else {
            self.word()
        };
        self.depth -= 1;
        node
    }

    fn object(&mut self) -> Result<Node, String> {
        let mut members = Vec::new();
        self.blank();
        if self.takes("}") {
            return Ok(Node::Object(members));
        }
        loop {
            self.blank();
            if !self.takes("\"") {
                return Err(self.expected("the name of a member"));
            }
            let end = self.rest().find('"').ok_or_else(|| self.expected("a name that ends"))?;
            let name = self.rest()[..end].to_owned();
            self.at += end + 1;
            self.blank();
            if !self.takes(":") {
                return Err(self.expected("a colon"));
            }
            members.push((name, self.node()?));
            self.blank();
            if self.takes("}") {
                return Ok(Node::Object(members));
            }
            if !self.takes(",") {
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn list(&mut self) -> Result<Node, String> {
        let mut elements = Vec::new();
        self.blank();
        if self.takes("]") {
            return Ok(Node::List(elements));
        }
        loop {
            elements.push(self.node()?);
            self.blank();
            if self.takes("]") {
                return Ok(Node::List(elements));
            }
            if !self.takes(",") {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn string(&mut self) -> Result<Node, String> {
        let mut pieces = Vec::new();
        let mut raw = String::new();
        let flush = |raw: &mut String, pieces: &mut Vec<Piece>| {
            if !raw.is_empty() {
                pieces.push(Piece::Raw(std::mem::take(raw)));
            }
        };
        loop {
            if self.takes("\"") {
                flush(&mut raw, &mut pieces);
                return Ok(Node::Text(pieces));
            }
            if self.takes("$$") {
                raw.push('$');
            } else if self.takes("$mark") {
                flush(&mut raw, &mut pieces);
                pieces.push(Piece::Mark);
            } else if self.takes("$repeat(") {
                flush(&mut raw, &mut pieces);
                let comma = self.rest().find(',').ok_or_else(|| self.expected("a text and a number"))?;
                let text = self.rest()[..comma].replace("$$", "$");
                self.at += comma + 1;
                pieces.push(Piece::Repeat(text, self.number_to(')')?));
            } else {
                let length = units(self.rest()).first().map(|unit| unit.len());
                let length = length.ok_or_else(|| self.expected("the end of the string"))?;
                raw.push_str(&self.text[self.at..self.at + length]);
                self.at += length;
            }
        }
    }

    fn word(&mut self) -> Result<Node, String> {
        let end = self.rest().find([',', ']', '}', ' ', '\n']).unwrap_or(self.rest().len());
        let word = self.rest()[..end].to_owned();
        let is_number = word.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            && word.chars().all(|letter| letter.is_ascii_digit() || "+-.eE".contains(letter));
        if !matches!(word.as_str(), "null" | "true" | "false") && !is_number {
            return Err(self.expected("a value"));
        }
        self.at += end;
        Ok(Node::Word(word))
    }

    fn number_to(&mut self, end: char) -> Result<usize, String> {
        let length = self.rest().find(end).ok_or_else(|| self.expected("a number"))?;
        let number = self.rest()[..length].parse().ok().filter(|number| *number <= LARGEST);
        let number = number.ok_or_else(|| self.expected(&format!("a number up to {LARGEST}")))?;
        self.at += length + end.len_utf8();
        Ok(number)
    }
}

/// How large the number of a `$repeat` or a `$deep` may be.
pub(super) const LARGEST: usize = 200_000;
/// How deep a body in print may be nested.
const MOST_NESTED: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_back_as_it_is_printed() {
        for text in [
            r#"{"schemas":["urn:x"],"userName":"$mark😀\ud800","a":$deep(300),"a":-0}"#,
            r#"{"title":"$repeat(é,4000)x$$y \" \\ \u0000","n":[1e400,{},[],null]}"#,
            r#""""#,
        ] {
            let node = Node::parse(text).unwrap();
            assert_eq!(node.print(), text);
        }
    }

    #[test]
    fn what_stands_for_something_is_sent_as_that() {
        let node = Node::parse(r#"{"userName":"$mark $repeat(ab,3)","x":$deep(2),"y":"$$"}"#).unwrap();
        assert_eq!(node.to_json("rh1"), r#"{"userName":"rh1 ababab","x":[[]],"y":"$"}"#);
    }

    #[test]
    fn a_text_that_is_no_body_is_refused_with_the_place() {
        for text in ["{", "{\"a\"}", "[1 2]", "nul", "\"x", "{} {}", "$deep(9999999)", "\"$repeat(a)\""] {
            assert!(Node::parse(text).unwrap_err().contains("character"), "{text}");
        }
        assert!(Node::parse(&"[".repeat(1000)).unwrap_err().contains("$deep"));
    }

    #[test]
    fn only_what_every_reader_understands_alike_has_a_value() {
        let value = |text: &str| Node::parse(text).unwrap().value("m");
        assert_eq!(value(r#"{"a":"\u00e9$mark","b":[1]}"#), Some(serde_json::json!({ "a": "ém", "b": [1] })));
        for text in [r#"{"a":1,"A":2}"#, r#""\ud800""#, "$deep(3)", r#"[{"a":1,"a":1}]"#] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
