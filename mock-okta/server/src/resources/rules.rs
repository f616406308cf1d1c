//! Group rules. Okta's are expressions; the org knows equality of one attribute, once for each group.

use mock_okta::Profile;
use mock_okta::org::OrgEvent;
use serde_json::{Map, Value};

use super::{inner, page, required};
use crate::call::{Answer, Call};
use crate::error::{ApiError, Code};
use crate::page::Size;
use crate::shape;
use crate::world::World;

/// A group rule as the API knows it. In the org are those that are active.
#[derive(Debug, Clone)]
pub(crate) struct RuleCard {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) expression: String,
    /// The attribute and its value.
    condition: (String, String),
    pub(crate) groups: Vec<String>,
    pub(crate) active: bool,
    pub(crate) created: u64,
    pub(crate) last_updated: u64,
    /// The ids of the rules of the org that it consists of.
    parts: Vec<String>,
}

impl RuleCard {
    /// Whether a rule of the org is one of those it consists of.
    pub(crate) fn has_part(&self, part: &str) -> bool {
        self.parts.iter().any(|known| known == part)
    }
}

/// Lists group rules.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    // What the other lists take for an expression is a word here.
    let wanted = call.parameter("search").map(|text| text.to_lowercase());
    let named = |rule: &&RuleCard| wanted.as_deref().is_none_or(|text| rule.name.to_lowercase().contains(text));
    let ids = world.rules.values().filter(named).map(|rule| rule.id.clone()).collect();
    let mut plain = call.clone();
    plain.query = call.query.split('&').filter(|pair| !pair.starts_with("search=")).collect::<Vec<_>>().join("&");
    page(world, &plain, ids, Size { default: 50, most: 200 }, |world, id| draw(world, id, call))
}

/// Creates a rule, which does nothing until it is activated.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let rule = read_rule(world, &call.object()?)?;
    let id = add(world, rule);
    answer(world, &id, call)
}

/// Adds a rule that was read.
pub(crate) fn add(world: &mut World, rule: RuleCard) -> String {
    let key = world.fresh_key(&format!("rule/{}", rule.name));
    let id = world.org.rule_id(&key);
    world.listed(&id);
    world.rules.insert(id.clone(), RuleCard { id: id.clone(), ..rule });
    id
}

/// Returns a rule.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    answer(world, call.variable(0), call)
}

/// Replaces a rule that is not active.
pub(crate) fn replace(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.variable(0);
    let known = find(world, id)?.clone();
    if known.active {
        return Err(ApiError::validation("rule", "an active rule cannot be changed; deactivate it first"));
    }
    let rule = read_rule(world, &call.object()?)?;
    world.rules.insert(id.to_owned(), RuleCard { id: id.to_owned(), created: known.created, ..rule });
    answer(world, id, call)
}

/// Deletes a rule.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    switch(world, call.variable(0), false)?;
    world.rules.shift_remove(call.variable(0));
    Ok(Answer::nothing())
}

/// Activates a rule.
pub(crate) fn activate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    switch(world, call.variable(0), true)?;
    Ok(Answer::nothing())
}

/// Deactivates a rule.
pub(crate) fn deactivate(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    switch(world, call.variable(0), false)?;
    Ok(Answer::nothing())
}

/// Takes a group that was deleted out of the rules.
pub(crate) fn group_is_gone(world: &mut World, group: &str) {
    for rule in world.rules.values_mut() {
        rule.groups.retain(|known| known != group);
        let (org, active) = (&world.org, rule.active);
        rule.parts.retain(|part| active && org.rules().any(|known| known.id == *part));
    }
}

/// Switches a rule on or off.
pub(crate) fn switch(world: &mut World, id: &str, on: bool) -> Result<(), ApiError> {
    let rule = find(world, id)?.clone();
    if rule.active == on {
        return Ok(());
    }
    let mut parts = Vec::new();
    if on {
        for group in &rule.groups {
            let key = world.fresh_key(&format!("{id}/{group}"));
            parts.push(world.org.rule_id(&key));
            let (attribute, equals) = rule.condition.clone();
            world.apply(OrgEvent::CreateGroupRule { key, attribute, equals, group: group.clone() })?;
        }
    } else {
        for rule in rule.parts {
            world.apply(OrgEvent::DeleteGroupRule { rule })?;
        }
    }
    let now = world.org.now();
    if let Some(rule) = world.rules.get_mut(id) {
        (rule.active, rule.parts, rule.last_updated) = (on, parts, now);
    }
    Ok(())
}

fn read_rule(world: &World, body: &Map<String, Value>) -> Result<RuleCard, ApiError> {
    if required(body, "type")? != "group_rule" {
        return Err(ApiError::validation("type", "type: it is not group_rule"));
    }
    let name = required(body, "name")?;
    let expression =
        inner(body, "conditions")?.map(|conditions| inner(conditions, "expression")).transpose()?.flatten();
    let expression =
        expression.ok_or_else(|| ApiError::validation("expression", "conditions.expression is missing"))?;
    let expression = required(expression, "value")?;
    let missing = || ApiError::validation("groupIds", "actions.assignUserToGroups.groupIds: it names no groups");
    let actions = inner(body, "actions")?.map(|actions| inner(actions, "assignUserToGroups")).transpose()?.flatten();
    let ids = actions.and_then(|actions| actions.get("groupIds")).and_then(Value::as_array).ok_or_else(missing)?;
    let groups: Vec<String> = ids.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let is_group = |id: &String| world.org.group(id).is_some() && world.everyone.as_ref() != Some(id);
    if groups.is_empty() || groups.len() != ids.len() || !groups.iter().all(is_group) {
        return Err(missing());
    }
    rule(world, name, expression, groups)
}

/// Makes a rule.
pub(crate) fn rule(world: &World, name: &str, expression: &str, groups: Vec<String>) -> Result<RuleCard, ApiError> {
    let condition = equality(expression).ok_or_else(|| {
        let cause = "the mock knows expressions of the form user.attribute == \"value\" only";
        ApiError::of(Code::Unsupported).because(cause)
    })?;
    let (now, id, expression) = (world.org.now(), String::new(), expression.to_owned());
    let (active, parts, name) = (false, Vec::new(), name.to_owned());
    Ok(RuleCard { id, name, expression, condition, groups, active, created: now, last_updated: now, parts })
}

/// Reads `user.department == "Support"`.
fn equality(expression: &str) -> Option<(String, String)> {
    let (left, right) = expression.split_once("==").or_else(|| expression.split_once(" eq "))?;
    let attribute = left.trim().strip_prefix("user.").filter(|key| Profile::is_key(key))?;
    let right = right.trim();
    let quote = right.chars().next().filter(|first| ['"', '\''].contains(first))?;
    let value = right.strip_prefix(quote)?.strip_suffix(quote)?;
    (!value.contains(quote)).then(|| (attribute.to_owned(), value.to_owned()))
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a RuleCard, ApiError> {
    world.rules.get(id).ok_or_else(|| ApiError::not_found(id, "GroupRule"))
}

fn answer(world: &World, id: &str, call: &Call) -> Result<Answer, ApiError> {
    draw(world, id, call).map(Answer::ok).ok_or_else(|| ApiError::not_found(id, "GroupRule"))
}

fn draw(world: &World, id: &str, call: &Call) -> Option<Value> {
    world.rules.get(id).map(|rule| shape::group::rule(world, rule, &call.origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_is_read_and_nothing_else() {
        let expected = Some(("department".to_owned(), "Customer Support".to_owned()));
        for text in ["user.department==\"Customer Support\"", " user.department eq 'Customer Support' "] {
            assert_eq!(equality(text), expected, "{text}");
        }
        for text in [
            "",
            "user.department",
            "department==\"x\"",
            "user.x==\"y\"",
            "user.city==x",
            "user.city==\"a\"||\"b\"",
            "user.city==\"",
        ] {
            assert_eq!(equality(text), None, "{text}");
        }
    }
}
