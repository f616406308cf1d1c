//! TOML text → mirror structs, with every mistake of shape instead of the first.
//!
//! Serde stops at the first mistake. So each case and each step is read on its own, and what is wrong inside one is cut
//! out before it is read again.

use crate::diagnostic::{self as code, Diagnostic};
use crate::file::{CaseTable, StepTable, SuiteTable};
use crate::source::{SourceFile, Span};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};

/// A suite file of which every part has its shape, or `None` if no part has.
pub(crate) struct Shaped {
    pub(crate) suite: SuiteTable,
    /// Whether nothing had to be left out.
    pub(crate) whole: bool,
}

/// Reads a suite file. A case in which something has the wrong shape is left out.
pub(crate) fn suite(file: &Arc<SourceFile>, mistakes: &mut Vec<Diagnostic>) -> Option<Shaped> {
    let before = mistakes.len();
    let mut reader = Reader { file, mistakes };
    let mut root = reader.parse()?;
    let cases = reader.take_tables(&mut root, "case");
    let has_cases = !cases.is_empty();
    let cases: Vec<CaseTable> = cases.into_iter().filter_map(|case| reader.case(case)).collect();
    let mut suite: SuiteTable = reader.read(root, "a suite")?;
    if !has_cases {
        let span = Span::new(file, suite.suite.span());
        reader.mistakes.push(Diagnostic::new(&code::NO_CASES, span, "the suite has no cases").label("nothing to test"));
    }
    suite.case = cases;
    Some(Shaped { suite, whole: mistakes.len() == before })
}

/// Reads a file that is a list of tables. A table in which something has the wrong shape is left out.
pub(crate) fn list<T: DeserializeOwned>(
    file: &Arc<SourceFile>,
    key: &'static str,
    mistakes: &mut Vec<Diagnostic>,
) -> Vec<T> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rest {}

    let mut reader = Reader { file, mistakes };
    let Some(mut root) = reader.parse() else { return Vec::new() };
    let tables = reader.take_tables(&mut root, key);
    let _: Option<Rest> = reader.read(root, "this file");
    tables.into_iter().filter_map(|table| reader.read(table, &format!("a {key}"))).collect()
}

/// Reads a file of which the tables under a key are the larger part, each on its own. What has the wrong shape is left out;
/// nothing comes back where the rest of the file has.
pub(crate) fn with_tables<Root: DeserializeOwned, Item: DeserializeOwned>(
    file: &Arc<SourceFile>,
    key: &'static str,
    what: &str,
    mistakes: &mut Vec<Diagnostic>,
) -> Option<(Root, Vec<Spanned<Item>>)> {
    let mut reader = Reader { file, mistakes };
    let mut root = reader.parse()?;
    let tables = reader.take_tables(&mut root, key);
    let items = tables.into_iter().filter_map(|table| {
        let span = table.span();
        reader.read(table, &format!("a {key}")).map(|read| Spanned::new(span, read))
    });
    let items = items.collect();
    Some((reader.read(root, what)?, items))
}

type Value<'i> = Spanned<DeValue<'i>>;

struct Reader<'r> {
    file: &'r Arc<SourceFile>,
    mistakes: &'r mut Vec<Diagnostic>,
}

impl<'r> Reader<'r> {
    fn parse(&mut self) -> Option<Value<'r>> {
        let (table, errors) = DeTable::parse_recoverable(&self.file.text);
        for error in &errors {
            let span = self.span(error.span().unwrap_or(0..0));
            self.mistakes.push(Diagnostic::new(&code::SYNTAX, span, "the file is not TOML").label(error.message()));
        }
        let table = Spanned::new(table.span(), DeValue::Table(table.into_inner()));
        if !errors.is_empty() {
            return None;
        }
        self.only_toml_1_0(&table);
        Some(table)
    }

    /// The parser knows TOML 1.1; editors and formatters lag behind.
    fn only_toml_1_0(&mut self, value: &Value<'r>) {
        match value.get_ref() {
            DeValue::Array(items) => items.iter().for_each(|item| self.only_toml_1_0(item)),
            DeValue::Table(entries) => {
                if self.span(value.span()).text().starts_with('{') && self.breaks_lines(value.span(), entries) {
                    let line = self.header(&self.span(value.span()));
                    self.mistakes.push(
                        Diagnostic::new(&code::NEWER_TOML, line, "an inline table is one line").label("goes on below"),
                    );
                }
                entries.iter().for_each(|(_, inner)| self.only_toml_1_0(inner));
            }
            _ => {}
        }
    }

    /// Whether a line breaks between the entries of an inline table; inside of a value it may.
    fn breaks_lines(&self, table: Range<usize>, entries: &DeTable<'_>) -> bool {
        let mut spans: Vec<_> = entries.iter().flat_map(|(key, value)| [key.span(), value.span()]).collect();
        spans.sort_by_key(|span| span.start);
        let mut at = table.start;
        spans.push(table.end..table.end);
        spans.into_iter().any(|span| {
            let gap = self.span(at..span.start);
            at = at.max(span.end);
            gap.text().contains('\n')
        })
    }

    fn case(&mut self, mut case: Value<'r>) -> Option<CaseTable> {
        let steps = self.take_tables(&mut case, "step");
        let count = steps.len();
        let steps: Vec<Spanned<StepTable>> = steps
            .into_iter()
            .filter_map(|step| {
                let span = step.span();
                self.read(step, "a step").map(|read| Spanned::new(span, read))
            })
            .collect();
        let mut case: CaseTable = self.read(case, "a case")?;
        let has_something = count > 0 || case.fuzz.is_some();
        if !has_something {
            let span = self.span(case.id.span());
            self.mistakes
                .push(Diagnostic::new(&code::NO_STEPS, span, "the case has no steps").label("would always pass"));
        }
        let whole = has_something && steps.len() == count;
        case.step = steps;
        whole.then_some(case)
    }

    /// Takes the tables under a key out of a table, so that each can be read on its own.
    fn take_tables(&mut self, table: &mut Value<'r>, key: &str) -> Vec<Value<'r>> {
        let DeValue::Table(entries) = table.get_mut() else { return Vec::new() };
        let Some((found, _)) = entries.get_key_value(key) else { return Vec::new() };
        let found = found.clone();
        let value = entries.remove(&found).expect("the key was just found");
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(items) => items.into_iter().collect(),
            other => {
                let message = format!("`{key}` is {} instead of an array of tables", with_article(other.type_str()));
                let diagnostic = Diagnostic::new(&code::WRONG_TYPE, self.span(found.span()), message)
                    .label("expected two brackets")
                    .help(format!("head each one with `[[{}]]`", if key == "step" { "case.step" } else { key }));
                self.mistakes.push(diagnostic);
                match other {
                    DeValue::Table(_) => vec![Spanned::new(span, other)],
                    _ => Vec::new(),
                }
            }
        }
    }

    /// Reads a table, and reports everything in it that has the wrong shape.
    fn read<T: DeserializeOwned>(&mut self, mut value: Value<'r>, what: &str) -> Option<T> {
        let mut cut: Vec<String> = Vec::new();
        loop {
            let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
                Ok(read) => return cut.is_empty().then_some(read),
                Err(error) => error,
            };
            let span = error.span().unwrap_or_else(|| value.span());
            let missing = error.message().strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
            if missing.is_some_and(|missing| cut.iter().any(|key| key == missing)) {
                return None;
            }
            self.mistakes.push(self.diagnose(&error, span.clone(), what));
            cut.push(prune(value.get_mut(), &span)?);
        }
    }

    fn diagnose(&self, error: &Error, range: Range<usize>, what: &str) -> Diagnostic {
        let message = error.message();
        let words = quoted(message);
        let (wrong, known) = words.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
        let span = self.span(range);
        if message.starts_with("unknown field") {
            Diagnostic::new(&code::UNKNOWN_KEY, span, format!("unknown key `{wrong}`"))
                .label("there is no such key here")
                .suggest(wrong, known.iter().copied())
        } else if message.starts_with("unknown variant") {
            Diagnostic::new(&code::UNKNOWN_WORD, span, format!("unknown word `{wrong}`"))
                .label("not a word for this")
                .suggest(wrong, known.iter().copied())
        } else if message.starts_with("missing field") {
            let header = self.header(&span);
            let of_cast = header.text().trim_matches(['[', ']']).strip_prefix("case.okta.");
            let what = of_cast.map_or_else(|| what.to_owned(), |table| format!("a {table}"));
            Diagnostic::new(&code::MISSING_KEY, header, format!("{what} has no `{wrong}`"))
                .label(format!("add `{wrong} = …`"))
        } else {
            Diagnostic::new(&code::WRONG_TYPE, span, "wrong type of value").label(in_words_of_toml(message))
        }
    }

    /// The first line of a table, which is its header.
    fn header(&self, span: &Span) -> Span {
        let range = span.range();
        let line = span.text().lines().next().map_or(0, str::len);
        self.span(range.start..range.start + line)
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range)
    }
}

/// Cuts out the entry whose key or value has this span, or the entry of an array with a value in it that has.
/// Returns its key.
fn prune(value: &mut DeValue<'_>, span: &Range<usize>) -> Option<String> {
    match value {
        DeValue::Table(entries) => {
            for (_, inner) in entries.iter_mut() {
                if let Some(cut) = prune(inner.get_mut(), span) {
                    return Some(cut);
                }
            }
            let key = entries
                .iter()
                .find(|(key, inner)| key.span() == *span || inner.span() == *span || holds(inner.get_ref(), span))?
                .0
                .clone();
            entries.remove(&key);
            Some(key.into_inner().into_owned())
        }
        DeValue::Array(items) => items.iter_mut().find_map(|item| prune(item.get_mut(), span)),
        _ => None,
    }
}

/// Whether an element of the array has this span.
fn holds(value: &DeValue<'_>, span: &Range<usize>) -> bool {
    value.as_array().is_some_and(|items| items.iter().any(|item| item.span() == *span || holds(item.get_ref(), span)))
}

/// Returns the words a message has between backticks.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// Serde speaks of Rust's types.
fn in_words_of_toml(message: &str) -> String {
    let words = [
        ("expected i64", "expected a whole number"),
        ("expected u64", "expected a whole number, not negative"),
        ("expected u32", "expected a whole number, not negative"),
        ("expected a sequence", "expected an array"),
        ("expected a map", "expected a table"),
        ("type: sequence", "type: array"),
        ("type: map", "type: table"),
    ];
    words.iter().fold(message.to_owned(), |text, (rust, toml)| text.replace(rust, toml))
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}
