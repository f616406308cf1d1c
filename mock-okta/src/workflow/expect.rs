//! What an answer has to be: a status, values at JSON pointers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::condition::{same, short};
use super::path::Path;
use super::run::Answer;
use super::template::JsonTemplate;

/// What an answer has to be.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Expect {
    #[serde(default)]
    pub(super) status: Statuses,
    #[serde(default)]
    pub(super) json: Pointers,
}

/// Statuses, one or a list; any success where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub(super) struct Statuses(Vec<u16>);

impl TryFrom<toml::Value> for Statuses {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Statuses, String> {
        let status = |value: &toml::Value| {
            let status = value.as_integer().and_then(|number| u16::try_from(number).ok());
            status
                .filter(|status| (100..600).contains(status))
                .ok_or_else(|| format!("{value} is no HTTP status; write a number from 100 to 599, or a list of them"))
        };
        let list = match &value {
            toml::Value::Array(items) if items.is_empty() => return Err("no status would be right".to_owned()),
            toml::Value::Array(items) => items.iter().map(status).collect::<Result<_, _>>()?,
            one => vec![status(one)?],
        };
        Ok(Statuses(list))
    }
}

impl Statuses {
    pub(super) fn contains(&self, status: u16) -> bool {
        if self.0.is_empty() { (200..300).contains(&status) } else { self.0.contains(&status) }
    }

    fn words(&self) -> String {
        match self.0.as_slice() {
            [] => "a success".to_owned(),
            list => list.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "),
        }
    }
}

/// JSON pointers (RFC 6901) and the values that have to be there.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(try_from = "BTreeMap<String, toml::Value>")]
pub(super) struct Pointers(Vec<(String, JsonTemplate)>);

impl TryFrom<BTreeMap<String, toml::Value>> for Pointers {
    type Error = String;

    fn try_from(pointers: BTreeMap<String, toml::Value>) -> Result<Pointers, String> {
        let read = |(pointer, value): (String, toml::Value)| {
            check_pointer(&pointer)?;
            Ok((pointer, JsonTemplate::literally(value)?))
        };
        pointers.into_iter().map(read).collect::<Result<_, String>>().map(Pointers)
    }
}

/// Checks that a text is a JSON pointer.
pub(super) fn check_pointer(text: &str) -> Result<(), String> {
    match text.is_empty() || text.starts_with('/') {
        true => Ok(()),
        false => Err(format!("{text:?} is no JSON pointer; it begins with /, such as \"/job/id\"")),
    }
}

impl Pointers {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn paths(&self) -> Vec<&Path> {
        self.0.iter().flat_map(|(_, template)| template.paths()).collect()
    }

    /// Returns what is not as it has to be.
    pub(super) fn mismatches(&self, json: &Value, scope: &Value) -> Vec<String> {
        let judge = |(pointer, template): &(String, JsonTemplate)| match template.value(scope) {
            Err(why) => Some(format!("{pointer} cannot be compared: {why}")),
            Ok(wanted) => match json.pointer(pointer) {
                Some(found) if same(found, &wanted) => None,
                Some(found) => Some(format!("{pointer} is {}, expected {}", short(found), short(&wanted))),
                None => Some(format!("{pointer} is absent, expected {}", short(&wanted))),
            },
        };
        self.0.iter().filter_map(judge).collect()
    }
}

impl Expect {
    /// Returns everything about an answer that is not as it has to be.
    pub(super) fn mismatches(&self, answer: &Answer, scope: &Value) -> Vec<String> {
        let mut mismatches = Vec::new();
        if !self.status.contains(answer.status) {
            mismatches.push(format!("the status is {}, expected {}", answer.status, self.status.words()));
        }
        if !self.json.is_empty() {
            match answer.json() {
                Ok(json) => mismatches.extend(self.json.mismatches(&json, scope)),
                Err(why) => mismatches.push(why),
            }
        }
        mismatches
    }
}
