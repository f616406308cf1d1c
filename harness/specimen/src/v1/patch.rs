//! PATCH in SCIM 1.1 (section 3.3.2 of its protocol): part of a resource, laid over what is there.
//!
//! First the attributes that `meta.attributes` names are removed, then the rest of the body is merged. A simple
//! attribute is replaced; a complex one is merged by its sub-attributes; the values of a list are added to it, or merged
//! with the one that has the same `value`, or taken out where they carry `"operation": "delete"`. A deletion from a list
//! that `meta.attributes` removes anyway is ignored.
//!
//! What the specification leaves open: `null` removes, a name that means nothing is ignored, and so is the deletion of
//! what is not there: whoever asked for it has what they wanted. The result is checked as the body of a PUT is.

use scim_lang::error::{ScimError, ScimType};
use scim_lang::json::same;
use scim_lang::path::AttrPath;
use scim_lang::schema::{Attribute, ResourceType};
use serde_json::{Map, Value};

/// Returns what a PATCH makes of a resource, both in the names of SCIM 2.0.
pub(crate) fn merge(resource: Value, change: &Value, ty: &ResourceType) -> Result<Value, ScimError> {
    let (Value::Object(mut merged), Value::Object(change)) = (resource, change) else {
        return Err(ScimError::bad_request(ScimType::InvalidSyntax, "the body has to be a JSON object"));
    };
    let gone = removed(change, ty);
    for path in &gone {
        remove(&mut merged, path, ty);
    }
    for (name, value) in change {
        if let Some(extension) = ty.extension(name) {
            let block = merged.entry(extension.id).or_insert_with(|| Map::new().into());
            if let (Value::Object(block), Value::Object(members)) = (block, value) {
                merge_members(block, extension.attributes, members)?;
            }
        } else if let Some(attribute) = ty.base_attribute(name).filter(|attribute| is_mergeable(attribute)) {
            let is_gone = gone.iter().any(|path| path.is(attribute.name));
            merge_attribute(&mut merged, attribute, value, is_gone)?;
        }
    }
    Ok(Value::Object(merged))
}

/// `id`, `schemas` and `meta` come with every PATCH of Okta, and are not the client's to change.
fn is_mergeable(attribute: &Attribute) -> bool {
    !["id", "schemas", "meta"].contains(&attribute.name)
}

fn removed(change: &Map<String, Value>, ty: &ResourceType) -> Vec<AttrPath> {
    let names = change.get("meta").and_then(|meta| meta.get("attributes")).and_then(Value::as_array);
    let paths = names.into_iter().flatten().filter_map(|name| AttrPath::parse(name.as_str()?).ok());
    let renamed = paths.map(|mut path| {
        super::rename(&mut path);
        path
    });
    renamed.filter(|path| ty.resolve(path).is_some_and(|found| is_mergeable(found.attribute))).collect()
}

fn remove(resource: &mut Map<String, Value>, path: &AttrPath, ty: &ResourceType) {
    let Some(found) = ty.resolve(path) else { return };
    let home = match found.extension {
        None => Some(resource),
        Some(extension) => resource.get_mut(extension.id).and_then(Value::as_object_mut),
    };
    let Some(home) = home else { return };
    let Some(sub) = found.sub else {
        home.shift_remove(found.attribute.name);
        return;
    };
    match home.get_mut(found.attribute.name) {
        Some(Value::Object(members)) => {
            members.shift_remove(sub.name);
        }
        Some(Value::Array(elements)) => {
            for element in elements.iter_mut().filter_map(Value::as_object_mut) {
                element.shift_remove(sub.name);
            }
        }
        _ => {}
    }
}

fn merge_members(
    into: &mut Map<String, Value>,
    attributes: &'static [Attribute],
    change: &Map<String, Value>,
) -> Result<(), ScimError> {
    for (name, value) in change {
        if let Some(attribute) = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)) {
            merge_attribute(into, attribute, value, false)?;
        }
    }
    Ok(())
}

fn merge_attribute(
    into: &mut Map<String, Value>,
    attribute: &'static Attribute,
    value: &Value,
    is_gone: bool,
) -> Result<(), ScimError> {
    if value.is_null() {
        into.shift_remove(attribute.name);
        return Ok(());
    }
    if attribute.multi_valued {
        let changes = value.as_array().ok_or_else(|| {
            let detail = format!("`{}` has to be an array", attribute.name);
            ScimError::bad_request(ScimType::InvalidValue, detail)
        })?;
        let list = into.entry(attribute.name).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(elements) = list {
            changes.iter().for_each(|change| merge_element(elements, change, is_gone));
        }
        return Ok(());
    }
    match (into.get_mut(attribute.name), value) {
        (Some(Value::Object(before)), Value::Object(change)) if attribute.is_complex() => {
            merge_members(before, attribute.sub_attributes, change)
        }
        _ => {
            into.insert(attribute.name.to_owned(), value.clone());
            Ok(())
        }
    }
}

fn merge_element(elements: &mut Vec<Value>, change: &Value, is_gone: bool) {
    let mut change = change.clone();
    let operation = change.as_object_mut().and_then(|members| members.shift_remove("operation"));
    let deletes = operation.is_some_and(|it| it.as_str().is_some_and(|it| it.eq_ignore_ascii_case("delete")));
    if deletes {
        if !is_gone && let Some(at) = position(elements, &change) {
            elements.remove(at);
        }
        return;
    }
    if change["primary"] == true {
        for element in elements.iter_mut().filter_map(Value::as_object_mut) {
            element.shift_remove("primary");
        }
    }
    match (position_by_value(elements, &change).map(|at| &mut elements[at]), &change) {
        (Some(Value::Object(before)), Value::Object(members)) => before.extend(members.clone()),
        _ => elements.push(change),
    }
}

/// Finds the element that has the `value` of another, if there is exactly one.
fn position_by_value(elements: &[Value], change: &Value) -> Option<usize> {
    let value = change.get("value")?;
    let mut same_value = (0..elements.len()).filter(|at| elements[*at].get("value") == Some(value));
    let first = same_value.next()?;
    same_value.next().is_none().then_some(first)
}

/// Finds the element to delete: by its `value` or, where that does not tell, by everything that is said of it.
fn position(elements: &[Value], change: &Value) -> Option<usize> {
    let covers = |element: &Value| match (change.as_object(), element.as_object()) {
        (Some(said), Some(members)) => {
            said.iter().all(|(name, value)| members.get(name).is_some_and(|other| same(value, other)))
        }
        _ => same(change, element),
    };
    position_by_value(elements, change).or_else(|| elements.iter().position(covers))
}

#[cfg(test)]
mod tests {
    use scim_lang::urn;
    use serde_json::json;

    use super::*;
    use crate::store::Kind;

    fn group(change: Value) -> Value {
        let before =
            json!({ "displayName": "Crew", "members": [{ "value": "1", "display": "one" }, { "value": "2" }] });
        merge(before, &change, Kind::Group.ty()).unwrap()
    }

    fn members(change: Value) -> String {
        let members = group(change)["members"].as_array().cloned().unwrap_or_default();
        members.iter().filter_map(|member| member["value"].as_str()).collect()
    }

    #[test]
    fn okta_adds_and_removes_members_in_one_array() {
        let change =
            json!({ "members": [{ "value": "3", "display": "three" }, { "value": "1", "operation": "delete" }] });
        assert_eq!(members(change), "23");
        assert_eq!(members(json!({ "members": [{ "value": "9", "operation": "delete" }] })), "12");
        assert_eq!(members(json!({ "members": [{ "value": "1" }] })), "12");
    }

    #[test]
    fn a_full_push_replaces_the_members() {
        let change = json!({ "meta": { "attributes": ["members"] }, "members": [{ "value": "3" }] });
        assert_eq!(members(change), "3");
        assert_eq!(members(json!({ "meta": { "attributes": ["members"] }, "members": [] })), "");
        let both =
            json!({ "meta": { "attributes": ["members"] }, "members": [{ "value": "1", "operation": "delete" }] });
        assert_eq!(members(both), "");
    }

    #[test]
    fn what_is_not_mentioned_stays() {
        let renamed = group(json!({ "id": "g", "displayName": "Band" }));
        assert_eq!(renamed["displayName"], "Band");
        assert_eq!(renamed["members"].as_array().unwrap().len(), 2);
        assert_eq!(renamed.get("id"), None);
    }

    #[test]
    fn complex_attributes_are_merged_and_lists_by_value() {
        let before = json!({
            "userName": "ada", "title": "Countess", "name": { "givenName": "Ada", "familyName": "Byron" },
            "emails": [{ "value": "a", "type": "work", "primary": true }],
            urn::ENTERPRISE_USER: { "department": "R", "division": "D" },
        });
        let change = json!({
            "meta": { "attributes": ["title", "urn:scim:schemas:extension:enterprise:1.0:division", "nope", "id"] },
            "name": { "givenName": "Augusta" },
            "emails": [{ "value": "a", "type": "home" }, { "value": "b", "primary": true }],
            urn::ENTERPRISE_USER: { "costCenter": "4" },
        });
        let expected = json!({
            "userName": "ada", "name": { "givenName": "Augusta", "familyName": "Byron" },
            "emails": [{ "value": "a", "type": "home" }, { "value": "b", "primary": true }],
            urn::ENTERPRISE_USER: { "department": "R", "costCenter": "4" },
        });
        assert_eq!(merge(before, &change, Kind::User.ty()).unwrap(), expected);
    }

    #[test]
    fn what_is_no_object_or_no_list_is_refused() {
        assert!(merge(json!({}), &json!([]), Kind::Group.ty()).is_err());
        assert!(merge(json!({}), &json!({ "members": { "value": "1" } }), Kind::Group.ty()).is_err());
    }
}
