//! The one condition of a flow: `changed.title and user.profile.title contains "Manager"`.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::path::Path;

/// A condition on what a flow knows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Condition {
    source: String,
    root: Expression,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Or(Vec<Expression>),
    And(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Operand, Operator, Operand),
    /// Whether there is something: neither absent nor `null`, `false`, `""`, `[]` nor `{}`.
    Is(Operand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    In,
    Contains,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Path(Path),
    Value(Value),
}

impl TryFrom<String> for Condition {
    type Error = String;

    fn try_from(source: String) -> Result<Condition, String> {
        let root = super::expression::parse(&source)?;
        Ok(Condition { source, root })
    }
}

/// As the seed has it.
impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

impl Condition {
    /// Whether it holds. What is not there equals `null` and nothing else.
    pub(super) fn holds(&self, scope: &Value) -> bool {
        self.root.holds(scope)
    }

    /// Returns what its paths led to, for somebody who wonders why it did not hold.
    pub(super) fn saw(&self, scope: &Value) -> String {
        let shown = |path: &Path| match path.find(scope) {
            Some(value) => format!("{path} = {}", short(value)),
            None => format!("{path} is not there"),
        };
        self.paths().into_iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    /// Returns the paths in it.
    pub(super) fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        self.root.collect(&mut paths);
        paths
    }
}

impl Expression {
    fn holds(&self, scope: &Value) -> bool {
        match self {
            Expression::Or(parts) => parts.iter().any(|part| part.holds(scope)),
            Expression::And(parts) => parts.iter().all(|part| part.holds(scope)),
            Expression::Not(part) => !part.holds(scope),
            Expression::Compare(left, operator, right) => compare(left.value(scope), *operator, right.value(scope)),
            Expression::Is(operand) => match operand.value(scope) {
                Value::Null => false,
                Value::Bool(flag) => *flag,
                Value::Number(_) => true,
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(object) => !object.is_empty(),
            },
        }
    }

    fn collect<'a>(&'a self, paths: &mut Vec<&'a Path>) {
        let mut operand = |operand: &'a Operand| {
            if let Operand::Path(path) = operand
                && !paths.contains(&path)
            {
                paths.push(path);
            }
        };
        match self {
            Expression::Or(parts) | Expression::And(parts) => parts.iter().for_each(|part| part.collect(paths)),
            Expression::Not(part) => part.collect(paths),
            Expression::Compare(left, _, right) => [left, right].into_iter().for_each(operand),
            Expression::Is(it) => operand(it),
        }
    }
}

impl Operand {
    fn value<'a>(&'a self, scope: &'a Value) -> &'a Value {
        match self {
            Operand::Path(path) => path.find(scope).unwrap_or(&Value::Null),
            Operand::Value(value) => value,
        }
    }
}

fn compare(left: &Value, operator: Operator, right: &Value) -> bool {
    match operator {
        Operator::Equal => same(left, right),
        Operator::Unequal => !same(left, right),
        Operator::In => holds_item(right, left),
        Operator::Contains => holds_item(left, right),
    }
}

/// Whether a list has an item, or a text a part.
fn holds_item(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Array(items), part) => items.iter().any(|item| same(item, part)),
        (Value::String(whole), Value::String(part)) => whole.contains(part.as_str()),
        _ => false,
    }
}

/// Whether two values are the same; `1` and `1.0` are.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        _ => left == right,
    }
}

/// Returns a value in a few words. JSON escapes what could disturb a terminal or a page.
pub(super) fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

const SHORT: usize = 120;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_condition_holds_or_does_not() {
        let scope = json!({
            "user": { "profile": { "department": "Customer Support", "title": "Senior Manager", "level": "7" },
                "status": "ACTIVE" },
            "changed": { "title": true },
            "event": { "target": [{ "type": "User" }], "tags": ["a", "b"], "count": 1 },
            "save": { "empty": "", "none": [] } });
        for (text, expected) in [
            (r#"user.profile.department == "Customer Support""#, true),
            (r#"user.profile.department == 'Customer Support'"#, true),
            (r#"user.profile.department != "Customer Support""#, false),
            (r#"user.profile.department == "customer support""#, false),
            (r#"changed.title and user.profile.title contains "Manager""#, true),
            (r#"changed.department"#, false),
            (r#"not changed.department and not (user.status == "SUSPENDED")"#, true),
            (r#"user.profile.level in ["6", "7"]"#, true),
            (r#""a" in event.tags and event.tags contains "b""#, true),
            (r#""c" in event.tags or event.count == 1.0"#, true),
            (r#"user.profile.nickName == null"#, true),
            (r#"user.profile.nickName != "x""#, true),
            (r#"user.profile.nickName contains "x""#, false),
            (r#"save.empty or save.none or save.absent"#, false),
            (r#"event.target.0.type == "User""#, true),
            (r#"true or false and false"#, true),
            (r#"(true or false) and false"#, false),
            (r#"event.count == -1"#, false),
        ] {
            let condition = Condition::try_from(text.to_owned()).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(condition.holds(&scope), expected, "{text}");
        }
    }

    #[test]
    fn what_a_condition_saw_can_be_shown() {
        let condition = Condition::try_from(r#"user.profile.titel == "x" or user.status == "y""#.to_owned()).unwrap();
        let saw = condition.saw(&json!({ "user": { "status": format!("\u{1b}{}", "z".repeat(500)) } }));
        assert!(saw.starts_with(r#"user.profile.titel is not there, user.status = "\u001bzzz"#), "{saw}");
        assert!(saw.len() < 250 && saw.ends_with('…'), "{saw}");
    }
}
