//! Comma-separated values (RFC 4180), each with the place it has in the text. What they mean is decided elsewhere.

use super::FeedError;

/// One value of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: String,
    /// The line it begins on, counted from 1.
    pub(super) line: usize,
    /// The column it begins at, in characters, counted from 1.
    pub(super) column: usize,
}

/// Reads the records of a table; lines without any character are passed over.
///
/// RFC 4180 §2: a field in quotes may hold commas, line breaks, and quotes written twice. Its lines end with CRLF; those
/// that end with LF alone are as common.
pub(super) fn records(text: &str) -> Result<Vec<Vec<Field>>, FeedError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { rest: text.chars().peekable(), line: 1, column: 1 };
    let mut records = Vec::new();
    while reader.peek().is_some() {
        let record = reader.record()?;
        if record.len() > 1 || !record[0].text.is_empty() {
            records.push(record);
        }
    }
    Ok(records)
}

struct Reader<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    line: usize,
    column: usize,
}

impl Reader<'_> {
    fn record(&mut self) -> Result<Vec<Field>, FeedError> {
        let mut fields = vec![self.field()?];
        while self.peek() == Some(',') {
            self.take();
            fields.push(self.field()?);
        }
        if self.peek() == Some('\r') {
            self.take();
        }
        match self.peek() {
            None => {}
            Some('\n') => drop(self.take()),
            Some(_) => return Err(self.mistake("a carriage return ends no line here")),
        }
        Ok(fields)
    }

    fn field(&mut self) -> Result<Field, FeedError> {
        let (line, column) = (self.line, self.column);
        let text = if self.peek() == Some('"') { self.quoted()? } else { self.plain()? };
        Ok(Field { text, line, column })
    }

    fn plain(&mut self) -> Result<String, FeedError> {
        let mut text = String::new();
        while let Some(letter) = self.peek().filter(|letter| !matches!(letter, ',' | '\r' | '\n')) {
            if letter == '"' {
                return Err(
                    self.mistake("a quote inside a value: put the whole value in quotes, and write its quotes twice")
                );
            }
            text.push(letter);
            self.take();
        }
        Ok(text.trim().to_owned())
    }

    fn quoted(&mut self) -> Result<String, FeedError> {
        let unclosed = self.mistake("the quote is not closed");
        self.take();
        let mut text = String::new();
        loop {
            match (self.take(), self.peek()) {
                (None, _) => return Err(unclosed),
                (Some('"'), Some('"')) => {
                    self.take();
                    text.push('"');
                }
                (Some('"'), None | Some(',' | '\r' | '\n')) => return Ok(text),
                (Some('"'), Some(_)) => return Err(self.mistake("text behind the closing quote")),
                (Some(letter), _) => text.push(letter),
            }
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().copied()
    }

    fn take(&mut self) -> Option<char> {
        let letter = self.rest.next()?;
        (self.line, self.column) = if letter == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        Some(letter)
    }

    fn mistake(&self, what: &str) -> FeedError {
        FeedError { line: self.line, column: self.column, width: 1, what: what.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<Vec<String>> {
        let read = records(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        read.into_iter().map(|record| record.into_iter().map(|field| field.text).collect()).collect()
    }

    #[test]
    fn quotes_commas_and_line_breaks_are_read_as_rfc_4180_has_them() {
        for (text, expected) in [
            ("a,b\r\nc,d\r\n", vec![vec!["a", "b"], vec!["c", "d"]]),
            ("a,b\nc,d", vec![vec!["a", "b"], vec!["c", "d"]]),
            ("\"a,1\",\"say \"\"hi\"\"\"\n", vec![vec!["a,1", "say \"hi\""]]),
            ("\"two\r\nlines\",b\n", vec![vec!["two\r\nlines", "b"]]),
            ("a,,\n", vec![vec!["a", "", ""]]),
            ("\u{feff}a,\"\"\n\n\nb,c\n", vec![vec!["a", ""], vec!["b", "c"]]),
            (" a , b \n\" a \",b", vec![vec!["a", "b"], vec![" a ", "b"]]),
            ("", vec![]),
        ] {
            assert_eq!(texts(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_field_knows_where_it_begins() {
        let read = records("é,b\n\"x\ny\",z\n").unwrap();
        let places: Vec<_> = read.iter().flatten().map(|field| (field.line, field.column)).collect();
        assert_eq!(places, [(1, 1), (1, 3), (2, 1), (3, 4)]);
    }

    #[test]
    fn what_is_no_table_is_told_where_it_breaks() {
        for (text, line, column) in
            [("a\"b", 1, 2), ("a\n\"b", 2, 1), ("\"a\"b", 1, 4), ("a\rb", 1, 3), ("x,\"a\nb\" ", 2, 3)]
        {
            let error = records(text).unwrap_err();
            assert_eq!((error.line, error.column), (line, column), "{text:?}: {error}");
        }
    }
}
