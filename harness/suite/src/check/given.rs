//! `given`: what the server's schemas must say for a case to make sense.

use super::Checker;
use crate::diagnostic::{self as code, Diagnostic};
use crate::file::CaseTable;
use crate::plan::Given;
use crate::source::Text;
use crate::word::Characteristic;
use std::ops::Range;

impl Checker<'_> {
    pub(super) fn given(&mut self, table: &CaseTable) -> Vec<Given> {
        table.given.iter().filter_map(|written| self.one_given(&self.text(written))).collect()
    }

    fn one_given(&mut self, text: &Text) -> Option<Given> {
        let words = words(text.as_str());
        let [resource, attribute, rest @ ..] = words.as_slice() else {
            let message = "`given` is a resource type and an attribute of it";
            let label = "expected as `User nickName`";
            self.add(Diagnostic::new(&code::BAD_GIVEN, text.whole(), message).label(label));
            return None;
        };
        let word = |range: &Range<usize>| text.as_str()[range.clone()].to_owned();
        if !is_path(&text.as_str()[attribute.clone()]) {
            let message = format!("`{}` is not the path of an attribute", word(attribute));
            let diagnostic = Diagnostic::new(&code::BAD_GIVEN, text.span(attribute.clone()), message)
                .label("expected as `name.givenName`");
            self.add(diagnostic);
        }
        let characteristics = rest.iter().filter_map(|range| self.characteristic(text, range)).collect();
        Some(Given { resource: word(resource), attribute: word(attribute), characteristics, span: text.whole() })
    }

    fn characteristic(&mut self, text: &Text, range: &Range<usize>) -> Option<(Characteristic, String)> {
        let written = &text.as_str()[range.clone()];
        let (name, value) = written.split_once('=').unwrap_or((written, ""));
        let span = text.span(range.clone());
        let Some(characteristic) = Characteristic::named(name) else {
            let message = format!("unknown characteristic `{name}`");
            let diagnostic = Diagnostic::new(&code::BAD_GIVEN, span, message)
                .label("a schema says no such thing of an attribute")
                .suggest(name, Characteristic::ALL.map(Characteristic::name));
            self.add(diagnostic);
            return None;
        };
        if !characteristic.values().contains(&value) {
            let message = format!("`{name}` is never `{value}`");
            let diagnostic = Diagnostic::new(&code::BAD_GIVEN, span, message)
                .label("not a value of it")
                .suggest(value, characteristic.values().iter().copied());
            self.add(diagnostic);
            return None;
        }
        Some((characteristic, value.to_owned()))
    }
}

/// Returns where the words of a text are.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split(' ') {
        if !word.is_empty() {
            words.push(at..at + word.len());
        }
        at += word.len() + 1;
    }
    words
}

/// Whether this is `attrName`, `attrName.subAttr`, or one of them behind the URN of a schema (RFC 7644 §3.10).
fn is_path(path: &str) -> bool {
    let path = match path.rsplit_once(':') {
        Some((urn, path)) if urn.to_ascii_lowercase().starts_with("urn:") => path,
        Some(_) => return false,
        None => path,
    };
    // RFC 7643 §2.1: ALPHA *(nameChar); `$ref` is the one name that does not keep to it.
    let is_name = |name: &str| {
        name.trim_start_matches('$').starts_with(|first: char| first.is_ascii_alphabetic())
            && name.trim_start_matches('$').bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    path.split('.').count() <= 2 && path.split('.').all(is_name)
}
