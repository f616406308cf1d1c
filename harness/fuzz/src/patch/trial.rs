//! One trial: a resource, the operations that are sent to it, and the law they are to keep.

use super::law::Law;
use super::vocabulary::{MEMBERS_OF_A_LANE, Resource};
use serde_json::{Map, Value, json};

/// A resource, the operations that are sent to it, and the law they are to keep.
///
/// Ids and names are not known before a run, so that the texts have placeholders: `{{name}}`, `{{id}}` and
/// `{{member-0}}` to `{{member-7}}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// What law is on trial.
    pub law: Law,
    /// What kind of resource it is.
    pub resource: Resource,
    /// The resource as it is before.
    pub start: Value,
    /// The operations of the PATCH, as they are sent.
    pub operations: Vec<Value>,
}

/// What the placeholders stand for.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// A name that belongs to the lane.
    pub name: String,
    /// The id of the resource.
    pub id: String,
    /// The ids of the users that may be members.
    pub members: Vec<String>,
}

impl Trial {
    /// Returns how many users the trial needs that may be members.
    pub fn members_needed(&self) -> usize {
        let speaks = |value: &Value| value.to_string().contains(MEMBER);
        match self.law {
            Law::Race => super::RACERS,
            _ if speaks(&self.start) || self.operations.iter().any(speaks) => MEMBERS_OF_A_LANE,
            _ => 0,
        }
    }

    /// Returns a value with what the placeholders stand for.
    pub fn fill(value: &Value, names: &Names) -> Value {
        fill(value, names)
    }

    /// Returns the trial with what the placeholders stand for.
    #[must_use]
    pub fn filled(&self, names: &Names) -> Trial {
        let operations = self.operations.iter().map(|operation| fill(operation, names)).collect();
        Trial { start: fill(&self.start, names), operations, ..self.clone() }
    }

    /// Returns the trial as one line of JSON.
    pub(super) fn print(&self) -> String {
        json!({
            "law": self.law.name(),
            "resource": self.resource.name(),
            "start": self.start,
            "Operations": self.operations,
        })
        .to_string()
    }

    /// Reads what `print` has written; a law or a start may be missing.
    pub(super) fn parse(text: &str) -> Result<Trial, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("the trial is not JSON: {error}"))?;
        let trial = value.as_object().ok_or("the trial is not a JSON object")?;
        if let Some(key) = trial.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!("a trial has no `{key}`; it has {}", KEYS.map(|key| format!("`{key}`")).join(", ")));
        }
        let operations = match trial.get("Operations") {
            Some(Value::Array(operations)) => operations.clone(),
            _ => return Err("`Operations` is to be an array".to_owned()),
        };
        let resource = resource(trial)?;
        let start = match trial.get("start") {
            None => super::vocabulary::bare(resource),
            Some(start @ Value::Object(_)) => start.clone(),
            Some(_) => return Err("`start` is to be an object".to_owned()),
        };
        let law = match trial.get("law").map(|law| law.as_str().unwrap_or_default()) {
            None => Law::Reference,
            Some(name) => Law::named(name).ok_or_else(|| unknown_law(name))?,
        };
        Ok(Trial { law, resource, start, operations })
    }
}

fn resource(trial: &Map<String, Value>) -> Result<Resource, String> {
    match trial.get("resource").and_then(Value::as_str) {
        Some("User") => Ok(Resource::User),
        Some("Group") => Ok(Resource::Group),
        _ => Err("`resource` is to be `User` or `Group`".to_owned()),
    }
}

fn unknown_law(name: &str) -> String {
    let names: Vec<&str> = Law::ALL.into_iter().map(Law::name).collect();
    format!("there is no law `{}`; there are {}", name.escape_debug(), names.join(", "))
}

/// Puts what the placeholders stand for into every text of a value.
///
/// In a path the text stands in the quotes of a filter.
pub(super) fn fill(value: &Value, names: &Names) -> Value {
    match value {
        Value::String(text) => fill_text(text, names, false).into(),
        Value::Array(elements) => elements.iter().map(|element| fill(element, names)).collect(),
        Value::Object(members) => {
            let filled = members.iter().map(|(key, value)| match (key.as_str(), value) {
                ("path", Value::String(path)) => (key.clone(), fill_text(path, names, true).into()),
                _ => (key.clone(), fill(value, names)),
            });
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

fn fill_text(text: &str, names: &Names, is_path: bool) -> String {
    if !text.contains("{{") {
        return text.to_owned();
    }
    let quoted = |it: &str| match is_path {
        true => {
            let json = Value::from(it).to_string();
            json[1..json.len() - 1].to_owned()
        }
        false => it.to_owned(),
    };
    let mut filled = text.replace("{{name}}", &quoted(&names.name)).replace("{{id}}", &quoted(&names.id));
    for (index, id) in names.members.iter().enumerate() {
        filled = filled.replace(&format!("{{{{member-{index}}}}}"), &quoted(id));
    }
    filled
}

const KEYS: [&str; 4] = ["law", "resource", "start", "Operations"];

const MEMBER: &str = "{{member-";
