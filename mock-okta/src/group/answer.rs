//! Reading the service provider's answers about groups. What follows from them is the flow's business.

use serde_json::{Map, Value};

use super::Member;
use super::members::Held;
use crate::Response;
use crate::answer::{self, Unusable, same_name};

/// What a lookup by `displayName` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Group { id: String, name: String },
}

/// Reads the answer to a lookup.
///
/// Only a group of the wanted name counts (RFC 7643 §8.7.1: not case-exact), for the same reason as with
/// users: the next request changes that group. The protocol reference's own sample returns another name
/// than it asks for, so Okta may not look; which of several groups it takes is not documented.
pub(super) fn looked_up(response: &Response, name: &str) -> Result<Found, Unusable> {
    let list = answer::list(response)?;
    if list.total <= 0 {
        return Ok(Found::Nothing);
    }
    let named = |group: &&Value| group["displayName"].as_str().is_some_and(|found| same_name(found, name));
    let matches: Vec<&Value> = list.resources.iter().filter(named).collect();
    match matches[..] {
        [group] => Ok(Found::Group { id: id(group)?, name: group["displayName"].as_str().unwrap_or(name).to_owned() }),
        [] => Err(Unusable(format!(
            "totalResults is {} and none of the {} resources has the displayName asked for",
            list.total,
            list.resources.len()
        ))),
        _ => Err(Unusable(format!("{} resources have the displayName asked for", matches.len()))),
    }
}

/// Reads the answer to a create and returns the group's id.
///
/// Okta SCIM 2.0 protocol reference, "Create Groups": the answer is the group. Okta's parser is known to
/// refuse a *user* without `schemas`; nothing says so of a group, so none are asked for.
pub(super) fn created(response: &Response) -> Result<String, Unusable> {
    id(&Value::Object(answer::read(response)?))
}

/// Returns the name of a group as the service provider holds it.
pub(super) fn name(group: &Map<String, Value>) -> Option<&str> {
    group.get("displayName").and_then(Value::as_str).filter(|name| !name.is_empty())
}

/// Returns the members of a group as the service provider holds them, or those Okta pushed where the
/// answer has no list of members, which the protocol reference does not ask for ("Update specific Group
/// membership").
pub(super) fn members(group: &Map<String, Value>, pushed: &[Member]) -> Vec<Held> {
    match group.get("members") {
        Some(Value::Array(members)) => members.iter().filter_map(|member| held(member, pushed)).collect(),
        _ => pushed.iter().cloned().map(Held::from).collect(),
    }
}

/// A member whom Okta pushed is written as Okta knows them.
fn held(member: &Value, pushed: &[Member]) -> Option<Held> {
    let value = text(&member["value"])?;
    match pushed.iter().find(|member| member.remote_id == value) {
        Some(known) => Some(Held::from(known.clone())),
        None => Some(Held { value, display: member["display"].as_str().map(str::to_owned) }),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn id(group: &Value) -> Result<String, Unusable> {
    answer::id(group).map_err(|_| Unusable("the group has no usable id".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(resources: &str) -> Result<Found, Unusable> {
        let body = format!(r#"{{"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{resources}]}}"#);
        looked_up(&Response::new(200, "OK", body), "Crew")
    }

    #[test]
    fn a_group_is_found_whatever_the_case_of_its_name() {
        let found = lookup(r#"{"id":7,"displayName":"CREW"}"#);
        assert_eq!(found, Ok(Found::Group { id: "7".to_owned(), name: "CREW".to_owned() }));
    }

    #[test]
    fn another_group_is_never_taken_for_the_wanted_one() {
        assert!(lookup(r#"{"id":"7","displayName":"Crew 2"}"#).is_err());
        assert!(lookup("").is_err());
        assert!(lookup(r#"{"id":"7","displayName":"Crew"},{"id":"8","displayName":"Crew"}"#).is_err());
        assert_eq!(lookup(r#"{"displayName":"Crew"}"#), Err(Unusable("the group has no usable id".to_owned())));
    }

    #[test]
    fn an_empty_list_is_no_group() {
        let none = Response::new(200, "OK", r#"{"totalResults":0,"Resources":[]}"#);
        assert_eq!(looked_up(&none, "Crew"), Ok(Found::Nothing));
    }

    #[test]
    fn members_okta_does_not_know_keep_what_the_server_says_of_them() {
        let group: Map<String, Value> = serde_json::from_str(
            r#"{"members":[{"value":"1","display":"stale"},{"value":2},{"value":"3","display":"C","type":"User"},{"display":"?"},null]}"#,
        )
        .expect("JSON");
        let held = members(&group, &[Member::new("1", "ada")]);
        assert_eq!(
            serde_json::to_string(&held).expect("JSON"),
            r#"[{"value":"1","display":"ada"},{"value":"2","display":null},{"value":"3","display":"C"}]"#
        );
    }

    #[test]
    fn without_a_list_of_members_okta_believes_what_it_pushed() {
        for group in ["{}", r#"{"members":null}"#] {
            let group = serde_json::from_str(group).expect("JSON");
            assert_eq!(members(&group, &[Member::new("1", "ada")]), [Held::from(Member::new("1", "ada"))]);
        }
    }
}
