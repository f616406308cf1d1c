//! The reader: one pass over the text, one function per kind of value.

use serde_json::{Map, Number, Value};

use super::token::{self, TokenError};
use super::{Duplicate, JsonError};

/// Reads a text that holds one value and nothing else.
pub(super) fn read(text: &str, max_depth: usize) -> Result<(Value, Vec<Duplicate>), JsonError> {
    let mut reader = Reader { text, at: 0, max_depth, place: Vec::new(), duplicates: Vec::new(), spent: 0 };
    let value = reader.document()?;
    Ok((value, reader.duplicates))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    max_depth: usize,
    /// Where the value being read lies; its length is the depth.
    place: Vec<Step>,
    duplicates: Vec<Duplicate>,
    /// What the duplicates take in memory.
    spent: usize,
}

enum Step {
    Key(String),
    Index(usize),
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Value, JsonError> {
        if self.text.starts_with('\u{feff}') {
            return self.fail("byte order mark before the value");
        }
        let value = self.value()?;
        match self.peek() {
            None => Ok(value),
            Some(_) => self.fail("unexpected text after the value"),
        }
    }

    fn value(&mut self) -> Result<Value, JsonError> {
        match self.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("true") => Ok(Value::Bool(true)),
            _ if self.take("false") => Ok(Value::Bool(false)),
            _ if self.take("null") => Ok(Value::Null),
            _ => self.expected("a value"),
        }
    }

    fn object(&mut self) -> Result<Value, JsonError> {
        self.open()?;
        let mut members = Map::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        if self.peek() != Some(b'"') {
            return self.expected("a key in quotes or `}`");
        }
        loop {
            self.member(&mut members)?;
            if !self.comma_or(b'}')? {
                return Ok(Value::Object(members));
            }
        }
    }

    fn member(&mut self, members: &mut Map<String, Value>) -> Result<(), JsonError> {
        if self.peek() != Some(b'"') {
            return self.expected("a key in quotes");
        }
        let offset = self.at;
        let key = self.string()?;
        if self.peek() != Some(b':') {
            return self.expected("`:`");
        }
        self.at += 1;
        self.place.push(Step::Key(key.clone()));
        if members.contains_key(&key) {
            self.duplicate(&key, offset);
        }
        let value = self.value()?;
        self.place.pop();
        members.insert(key, value);
        Ok(())
    }

    fn array(&mut self) -> Result<Value, JsonError> {
        self.open()?;
        let mut elements = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(elements));
        }
        loop {
            self.place.push(Step::Index(elements.len()));
            elements.push(self.value()?);
            self.place.pop();
            if !self.comma_or(b']')? {
                return Ok(Value::Array(elements));
            }
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        let (decoded, end) = token::string(self.text, self.at).map_err(|e| self.token_error(&e))?;
        self.at = end;
        Ok(decoded)
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let end = token::number(self.text, self.at).map_err(|e| self.token_error(&e))?;
        // `Number::from_str` would rewrite the exponent: 1E5 as 1e+5.
        let number = Number::from_string_unchecked(self.text[self.at..end].to_owned());
        self.at = end;
        Ok(Value::Number(number))
    }

    /// Steps over an opening bracket.
    fn open(&mut self) -> Result<(), JsonError> {
        if self.place.len() >= self.max_depth {
            return Err(JsonError::TooDeep { offset: self.at, limit: self.max_depth });
        }
        self.at += 1;
        Ok(())
    }

    /// Steps over a comma (true) or the closing bracket (false).
    fn comma_or(&mut self, close: u8) -> Result<bool, JsonError> {
        let found = self.peek();
        if found == Some(b',') || found == Some(close) {
            self.at += 1;
            return Ok(found == Some(b','));
        }
        self.expected(match close {
            b'}' => "`,` or `}`",
            _ => "`,` or `]`",
        })
    }

    /// Skips white space and returns the next byte.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let blank = |b: &&u8| matches!(**b, b' ' | b'\t' | b'\n' | b'\r');
        self.at += rest.iter().take_while(blank).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.text[self.at..].starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// Notes a duplicate key, unless the ones noted take a mebibyte already:
    /// a long key above many duplicates would otherwise fill the memory.
    fn duplicate(&mut self, key: &str, offset: usize) {
        if self.spent > DUPLICATES_BUDGET {
            return;
        }
        let pointer = self.pointer();
        self.spent += pointer.len() + key.len() + size_of::<Duplicate>();
        self.duplicates.push(Duplicate { pointer, key: key.to_owned(), offset });
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.place {
            pointer.push('/');
            match step {
                Step::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }

    fn expected<T>(&self, what: &str) -> Result<T, JsonError> {
        match self.at == self.text.len() {
            true => self.fail(&format!("expected {what}, found the end of the text")),
            false => self.fail(&format!("expected {what}")),
        }
    }

    fn fail<T>(&self, message: &str) -> Result<T, JsonError> {
        Err(self.syntax(self.at, message.to_owned()))
    }

    fn token_error(&self, error: &TokenError) -> JsonError {
        self.syntax(error.span.start, error.kind.to_string())
    }

    fn syntax(&self, offset: usize, message: String) -> JsonError {
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        JsonError::Syntax {
            offset,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
        }
    }
}

const DUPLICATES_BUDGET: usize = 1 << 20;
