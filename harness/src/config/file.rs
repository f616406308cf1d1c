//! The settings file as text: which keys it has, where, and whether they are known.

use super::codes;
use scim_suite::{Diagnostic, SourceFile, Span};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use toml::{Spanned, Value};

/// A table of the file, with the keys it may have.
pub(super) struct Section {
    name: &'static str,
    keys: BTreeMap<String, Kind>,
}

/// What a key takes.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) is_switch: bool,
    pub(super) is_list: bool,
    /// Whether a value is a text and no number, such as a path.
    pub(super) is_text: bool,
}

/// One key of the file and its value.
pub(super) struct Setting {
    /// The long option, or `url`.
    pub(super) key: String,
    /// The values as they would be typed; for a switch that is on, none.
    values: Vec<String>,
    /// Whether it is a switch that is off, and adds nothing.
    is_off: bool,
    /// Where the value is written.
    pub(super) span: Span,
}

/// What a setting begins with that says where a secret is.
const WAYS: [&str; 3] = ["env:", "file:", "cmd:"];

/// The settings that name a secret, each with whether something stands before it.
const SECRETS: [(&str, bool); 5] =
    [("bearer", false), ("header", true), ("basic", true), ("oauth-client", true), ("oauth-refresh-token", false)];

type Tables = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<Value>>>;

impl Section {
    pub(super) fn named(name: &'static str) -> Section {
        Section { name, keys: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, key: &str, kind: Kind) {
        self.keys.insert(key.to_owned(), kind);
    }
}

impl Setting {
    /// Returns whether it holds what may be a secret, in the place of where one is.
    pub(super) fn is_exposed(&self) -> bool {
        let Some((_, has_name)) = SECRETS.iter().find(|(key, _)| *key == self.key) else { return false };
        let names_one = |value: &String| {
            WAYS.iter().any(|way| match has_name {
                true => value.contains(&format!(":{way}")) || value.contains(&format!(": {way}")),
                false => value.starts_with(way),
            })
        };
        !self.values.iter().all(names_one)
    }

    /// Returns the setting as arguments of the command line.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        match (self.key.as_str(), self.values.as_slice()) {
            _ if self.is_off => Vec::new(),
            ("url", values) => values.iter().map(OsString::from).collect(),
            (key, []) => vec![format!("--{key}").into()],
            (key, values) => values.iter().map(|value| format!("--{key}={value}").into()).collect(),
        }
    }
}

/// Reads the file.
pub(super) fn read(path: &Path, text: String, sections: &[Section]) -> Result<Vec<Setting>, Vec<Diagnostic>> {
    let file = Arc::new(SourceFile::new(path.display().to_string(), text));
    let spot = |range: std::ops::Range<usize>| Span::new(&file, range);
    let tables: Tables = toml::from_str(&file.text).map_err(|error| {
        let span = spot(error.span().unwrap_or(0..0));
        vec![Diagnostic::new(&codes::SYNTAX, span, error.message().lines().next().unwrap_or_default())]
    })?;
    let (mut settings, mut wrong) = (Vec::new(), Vec::new());
    for (name, keys) in &tables {
        let Some(section) = sections.iter().find(|section| section.name == name.get_ref()) else {
            let message = format!("`{}` is no table of the settings", name.get_ref());
            let mistake = Diagnostic::new(&codes::UNKNOWN_TABLE, spot(name.span()), message);
            wrong.push(mistake.suggest(name.get_ref(), sections.iter().map(|section| section.name)));
            continue;
        };
        for (key, value) in keys {
            match setting(section, sections, key, value, &spot) {
                Ok(setting) => settings.push(setting),
                Err(mistake) => wrong.push(mistake),
            }
        }
    }
    if wrong.is_empty() { Ok(settings) } else { Err(wrong) }
}

fn setting(
    section: &Section,
    sections: &[Section],
    key: &Spanned<String>,
    value: &Spanned<Value>,
    spot: &impl Fn(std::ops::Range<usize>) -> Span,
) -> Result<Setting, Diagnostic> {
    let name = key.get_ref();
    let Some(kind) = section.keys.get(name) else {
        let mistake = |message: String| Diagnostic::new(&codes::UNKNOWN_KEY, spot(key.span()), message);
        // The options of some commands stand under no heading, and those of others under one that says more.
        return Err(match sections.iter().rev().find(|other| other.keys.contains_key(name)) {
            Some(other) => mistake(format!("`{name}` does not belong into [{}]", section.name))
                .help(format!("it stands in [{}]", other.name)),
            None => mistake(format!("no command has an option `--{name}` of this kind"))
                .suggest(name, section.keys.keys().map(String::as_str)),
        });
    };
    let span = spot(value.span());
    let wrong = |what: &str| Diagnostic::new(&codes::WRONG_TYPE, span.clone(), format!("`{name}` {what}"));
    let values = match (kind, value.get_ref()) {
        (Kind { is_switch: true, .. }, Value::Boolean(on)) => {
            return Ok(Setting { key: name.clone(), values: Vec::new(), is_off: !on, span });
        }
        (Kind { is_switch: true, .. }, _) => return Err(wrong("is a switch: write true or false")),
        (Kind { is_list: true, .. }, Value::Array(items)) => {
            let texts = items.iter().map(|item| text(item, kind)).collect::<Option<Vec<String>>>();
            texts.ok_or_else(|| wrong("takes texts"))?
        }
        (Kind { is_text: true, .. }, value) => {
            vec![text(value, kind).ok_or_else(|| wrong("takes one text: write it in quotes"))?]
        }
        (_, value) => vec![text(value, kind).ok_or_else(|| wrong("takes one text or number"))?],
    };
    let is_off = values.is_empty();
    Ok(Setting { key: name.clone(), values, is_off, span })
}

fn text(value: &Value, kind: &Kind) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ if kind.is_text => None,
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    }
}
