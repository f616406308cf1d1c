//! The text of a suite file, and where in it each value stands.

use scim_record::Location;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::path::Path;
use std::{fmt, fs, io};
use thiserror::Error;

/// A suite file in memory.
#[derive(Debug)]
pub(crate) struct SourceFile {
    name: String,
    text: String,
}

impl SourceFile {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, is no UTF-8, or is far larger than a test can be.
    pub(crate) fn read(path: &Path) -> io::Result<SourceFile> {
        if fs::metadata(path)?.len() > LARGEST {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 16 MiB, so it is no test"));
        }
        Ok(SourceFile::new(&path.display().to_string(), &fs::read_to_string(path)?))
    }

    /// Returns a file of this name and text.
    pub(crate) fn new(name: &str, text: &str) -> SourceFile {
        // Reports take a bare name for one of the embedded suites.
        let here = if name.starts_with(['/', '.']) { "" } else { "./" };
        SourceFile { name: format!("{here}{name}"), text: text.trim_start_matches('\u{feff}').to_owned() }
    }

    /// Returns the whole text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the file's one JSON value.
    pub(crate) fn root(&self) -> Result<Node<'_>, FormatError> {
        let raw: &RawValue = serde_json::from_str(&self.text).map_err(|cause| {
            let told = cause.to_string();
            let what = told.split(" at line ").next().unwrap_or_default();
            FormatError {
                place: format!("{}:{}:{}", self.name, cause.line(), cause.column()),
                what: format!("the file is no JSON: {what}"),
                remedy: "download it again and leave it as it is".to_owned(),
            }
        })?;
        Ok(Node { file: self, raw: raw.get() })
    }

    /// Returns where a value stands, in lines and columns.
    pub(crate) fn location(&self, span: Span) -> Location {
        let start = self.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let source = self.text[start..].lines().next().unwrap_or_default();
        let shown = span.end.min(start + source.len());
        Location {
            file: self.name.clone(),
            line: self.text[..start].matches('\n').count() + 1,
            column: self.text[start..span.start].chars().count() + 1,
            width: self.text[span.start..shown.max(span.start)].chars().count().max(1),
            source: source.to_owned(),
        }
    }
}

const LARGEST: u64 = 16 << 20;

/// Where a value stands, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    start: usize,
    end: usize,
}

/// Something in the file that is not as this program knows the format.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{place}: {what}; {remedy}")]
pub(crate) struct FormatError {
    place: String,
    what: String,
    remedy: String,
}

impl FormatError {
    /// Returns an error about the value at `span`.
    pub(crate) fn at(file: &SourceFile, span: Span, what: impl Into<String>, remedy: impl Into<String>) -> FormatError {
        let Location { file, line, column, .. } = file.location(span);
        FormatError { place: format!("{file}:{line}:{column}"), what: what.into(), remedy: remedy.into() }
    }
}

/// A JSON value in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'f> {
    file: &'f SourceFile,
    raw: &'f str,
}

impl<'f> Node<'f> {
    /// Returns where it stands.
    pub(crate) fn span(self) -> Span {
        // Every node's text is a slice of the file's.
        let start = self.raw.as_ptr() as usize - self.file.text.as_ptr() as usize;
        Span { start, end: start + self.raw.len() }
    }

    /// Returns an error about it.
    pub(crate) fn error(self, what: impl Into<String>, remedy: impl Into<String>) -> FormatError {
        FormatError::at(self.file, self.span(), what, remedy)
    }

    /// Tells whether it is an array.
    pub(crate) fn is_array(self) -> bool {
        self.raw.starts_with('[')
    }

    /// Returns its members, if it is the object that `name` must be.
    pub(crate) fn object(self, name: &str) -> Result<Object<'f>, FormatError> {
        let Ok(Members(members)) = serde_json::from_str(self.raw) else { return Err(self.misfit(name, "an object")) };
        let node = |raw: &'f RawValue| Node { file: self.file, raw: raw.get() };
        Ok(Object { node: self, members: members.into_iter().map(|(key, raw)| (key, node(raw))).collect() })
    }

    /// Returns its elements, if it is the array that `name` must be.
    pub(crate) fn array(self, name: &str) -> Result<Vec<Node<'f>>, FormatError> {
        let Ok(elements) = serde_json::from_str::<Vec<&'f RawValue>>(self.raw) else {
            return Err(self.misfit(name, "an array"));
        };
        Ok(elements.into_iter().map(|raw| Node { file: self.file, raw: raw.get() }).collect())
    }

    /// Returns its text, if it is a string, a number or a boolean: exports write `200` as well as `"200"`.
    pub(crate) fn text(self, name: &str) -> Result<String, FormatError> {
        match self.raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(self.raw).map_err(|_| self.misfit(name, "a text")),
            Some(b'{' | b'[' | b'n') | None => Err(self.misfit(name, "a text")),
            Some(_) => Ok(self.raw.to_owned()),
        }
    }

    fn is_null(self) -> bool {
        self.raw == "null"
    }

    fn misfit(self, name: &str, wanted: &str) -> FormatError {
        self.error(format!("`{name}` is not {wanted}"), REMEDY)
    }
}

/// What helps when a file is not as the format has it.
pub(crate) const REMEDY: &str = "export the test again from Runscope, or download Okta's file again";

/// An object in the file.
#[derive(Debug)]
pub(crate) struct Object<'f> {
    /// The object itself.
    pub(crate) node: Node<'f>,
    /// Its members, in order.
    pub(crate) members: Vec<(String, Node<'f>)>,
}

impl<'f> Object<'f> {
    /// Returns a member that is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<Node<'f>> {
        self.members.iter().rev().find(|(key, node)| key == name && !node.is_null()).map(|(_, node)| *node)
    }

    /// Returns the text of a member, or nothing if it is absent or null.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, FormatError> {
        self.get(name).map(|node| node.text(name)).transpose()
    }

    /// Returns the elements of a member; none if it is absent or null.
    pub(crate) fn array(&self, name: &str) -> Result<Vec<Node<'f>>, FormatError> {
        self.get(name).map_or(Ok(Vec::new()), |node| node.array(name))
    }

    /// Tells whether a member holds anything: an empty text, array or object does not.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.get(name).is_some_and(|node| {
            let inner: String = node.raw.split_whitespace().collect();
            !matches!(inner.as_str(), "\"\"" | "[]" | "{}" | "false")
        })
    }
}

/// The members of an object in the order of the file.
struct Members<'f>(Vec<(String, &'f RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_line_and_column() {
        let file = SourceFile::new("x.json", "{\n  \"é\": 1, \"steps\": [ {\"a\": \"b\"} ]\n}");
        let steps = file.root().unwrap().object("x").unwrap().get("steps").unwrap().array("steps").unwrap();
        let inner = steps[0].object("step").unwrap().get("a").unwrap();
        let Location { line, column, width, source, .. } = file.location(inner.span());
        assert_eq!((line, column, width), (2, 28, 3));
        assert_eq!(source, "  \"é\": 1, \"steps\": [ {\"a\": \"b\"} ]");
        assert_eq!(inner.text("a").unwrap(), "b");
    }

    #[test]
    fn a_value_of_several_lines_is_underlined_on_its_first() {
        let file = SourceFile::new("x.json", "[\n{\n}]");
        let node = file.root().unwrap();
        assert_eq!(file.location(node.span()).width, 1);
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        let file = SourceFile::new("x.json", "{\n  \"a\": ,\n}");
        assert_eq!(
            file.root().unwrap_err().to_string(),
            "./x.json:2:8: the file is no JSON: expected value; download it again and leave it as it is"
        );
    }
}
