//! Suite files as text, and places in them.
//!
//! Everything the loader keeps knows where it was written, so that a report can put a caret under the very expectation
//! that did not hold. Nothing here knows what the text means.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A file the loader reads: a suite (`.toml`) or a golden transcript (`.http`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path below the suites' root, with `/` between folders, for example `okta/lifecycle.toml`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl SourceFile {
    /// Returns the file with this path and text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        SourceFile { path: path.into(), text: text.into() }
    }

    /// Returns the folder the file is in, without a trailing `/`; empty at the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// A range of bytes in a suite file.
///
/// A span holds its file, so it can be shown without anything else at hand.
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    file: Arc<SourceFile>,
    start: usize,
    end: usize,
}

impl Span {
    /// Returns the span of these bytes, moved to the nearest character boundaries inside the file.
    pub fn new(file: &Arc<SourceFile>, range: Range<usize>) -> Self {
        let start = floor(&file.text, range.start);
        let end = floor(&file.text, range.end).max(start);
        Span { file: Arc::clone(file), start, end }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &str {
        &self.file.path
    }

    /// Returns the file.
    pub fn file(&self) -> &Arc<SourceFile> {
        &self.file
    }

    /// Returns the bytes, counted from the start of the file.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Returns the text of the span.
    pub fn text(&self) -> &str {
        &self.file.text[self.range()]
    }

    /// Returns line, column, width and the text of the line, as reports show them.
    pub fn location(&self) -> Location {
        let before = &self.file.text[..self.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let rest = &self.file.text[line_start..];
        let source = rest.lines().next().unwrap_or("");
        let line_end = line_start + source.len();
        let covered = &self.file.text[self.start..self.end.min(line_end).max(self.start)];
        Location {
            file: self.file.path.clone(),
            line: before.matches('\n').count() + 1,
            column: self.file.text[line_start..self.start].chars().count() + 1,
            width: covered.chars().count().max(1),
            source: source.to_owned(),
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}..{}]", self.file.path, self.start, self.end)
    }
}

/// A place in a suite file, in the terms of a person reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The path below the suites' root.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// How many characters the caret underlines; at least 1, and never past the end of the line.
    pub width: usize,
    /// The text of the line.
    pub source: String,
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Returns the value together with its place.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Text taken out of a file by undoing a notation (a TOML string, a JSON string), which remembers where each of its
/// characters came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    value: String,
    file: Arc<SourceFile>,
    whole: Range<usize>,
    /// Pairs of an offset in `value` and the offset in the file it came from, ascending; between two marks both run
    /// alike. Empty when only the whole is known.
    marks: Vec<(usize, usize)>,
}

impl Text {
    /// Returns the text that stands in the file exactly as it is, from `start`.
    pub(crate) fn verbatim(file: &Arc<SourceFile>, range: Range<usize>) -> Self {
        let value = file.text[range.clone()].to_owned();
        Text { value, file: Arc::clone(file), marks: vec![(0, range.start)], whole: range }
    }

    /// Returns text of which only the place of the whole is known.
    pub(crate) fn opaque(value: String, span: &Span) -> Self {
        Text { value, file: Arc::clone(span.file()), whole: span.range(), marks: Vec::new() }
    }

    /// Returns a part of the text, as it is.
    pub(crate) fn slice(&self, part: Range<usize>) -> Self {
        self.decoded(self.value[part.clone()].to_owned(), part.clone(), &[(0, part.start)])
    }

    /// Returns text decoded from a part of `self`, with marks from offsets in `value` to offsets in `self`.
    pub(crate) fn decoded(&self, value: String, within: Range<usize>, marks: &[(usize, usize)]) -> Self {
        let marks = match self.marks.is_empty() {
            true => Vec::new(),
            false => marks.iter().map(|(here, there)| (*here, self.offset(*there))).collect(),
        };
        Text { value, file: Arc::clone(&self.file), whole: self.span(within).range(), marks }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.value
    }

    /// Returns where the whole text stands, with what encloses it.
    pub(crate) fn whole(&self) -> Span {
        Span::new(&self.file, self.whole.clone())
    }

    /// Returns where this part of the text stands.
    pub(crate) fn span(&self, part: Range<usize>) -> Span {
        match self.marks.is_empty() {
            true => self.whole(),
            false => Span::new(&self.file, self.offset(part.start)..self.offset(part.end)),
        }
    }

    fn offset(&self, here: usize) -> usize {
        let after = self.marks.partition_point(|(mark, _)| *mark <= here);
        let (mark, there) = self.marks[after.saturating_sub(1)];
        (there + here.saturating_sub(mark)).min(self.whole.end)
    }
}

fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, range: Range<usize>) -> Span {
        Span::new(&Arc::new(SourceFile::new("a.toml", text)), range)
    }

    #[test]
    fn a_location_counts_lines_and_characters_from_one() {
        let location = span("one\nzwö drei\nvier", 9..13).location();
        assert_eq!((location.line, location.column, location.width), (2, 5, 4));
        assert_eq!(location.source, "zwö drei");
    }

    #[test]
    fn a_caret_never_leaves_its_line_and_is_never_empty() {
        let long = span("one\ntwo", 1..6).location();
        assert_eq!((long.line, long.column, long.width), (1, 2, 2));
        let empty = span("one\ntwo", 7..7).location();
        assert_eq!((empty.line, empty.column, empty.width), (2, 4, 1));
    }

    #[test]
    fn a_span_outside_the_text_or_inside_a_character_is_moved_to_a_boundary() {
        assert_eq!(span("ö", 1..1).range(), 0..0);
        assert_eq!(span("ab", 5..9).range(), 2..2);
    }

    #[test]
    fn the_line_of_a_windows_file_ends_before_the_carriage_return() {
        assert_eq!(span("one\r\ntwo\r\n", 5..8).location().source, "two");
    }

    #[test]
    fn decoded_text_finds_its_way_back_past_an_escape() {
        let file = Arc::new(SourceFile::new("a.toml", r#"x"\u00e9{{id}}""#));
        let raw = Text::verbatim(&file, 1..file.text.len());
        // é is two bytes long, its escape six.
        let text = raw.decoded("é{{id}}".to_owned(), 1..13, &[(0, 1), (2, 7)]);
        assert_eq!(text.span(2..8).text(), "{{id}}");
    }
}
