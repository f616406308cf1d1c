//! Which attributes an answer carries (RFC 7644 §3.9).

use std::borrow::Cow;

use scim_lang::error::{ScimError, ScimType};
use scim_lang::path::AttrPath;
use scim_lang::schema::{Attribute, ResourceType, Returned};
use serde_json::{Map, Value};

/// A choice of attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Projection {
    /// Those that are returned by default.
    #[default]
    Default,
    /// Those that are always returned, and these.
    Only(Vec<Name>),
    /// Those that are returned by default, but not these.
    Without(Vec<Name>),
}

/// What a client names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    /// An attribute or a sub-attribute.
    Attribute(AttrPath),
    /// A whole extension. The RFC does not define it, and it has only one sensible meaning.
    Schema(String),
}

impl Projection {
    /// Reads the two lists. Both at once contradict each other (RFC 7644 §3.9) and are refused; a name that means
    /// nothing is ignored.
    pub(crate) fn parse(attributes: &[Cow<'_, str>], excluded: &[Cow<'_, str>]) -> Result<Projection, ScimError> {
        let (attributes, excluded) = (names(attributes), names(excluded));
        match (attributes.is_empty(), excluded.is_empty()) {
            (true, true) => Ok(Projection::Default),
            (false, true) => Ok(Projection::Only(attributes)),
            (true, false) => Ok(Projection::Without(excluded)),
            (false, false) => {
                let detail = "`attributes` and `excludedAttributes` cannot be used together";
                Err(ScimError::bad_request(ScimType::InvalidValue, detail))
            }
        }
    }

    /// Returns what the projection leaves of a representation.
    pub(crate) fn apply(&self, resource: Value, ty: &ResourceType) -> Value {
        let Value::Object(members) = resource else { return resource };
        let kept = members.into_iter().filter_map(|(key, value)| {
            let value = match ty.extension(&key) {
                Some(extension) => self.extension(extension.id, extension.attributes, value),
                None => self.attribute(None, ty.base_attribute(&key)?, value),
            };
            Some((key, value?))
        });
        let kept: Map<String, Value> = kept.collect();
        Value::Object(kept)
    }

    fn extension(&self, urn: &'static str, attributes: &'static [Attribute], value: Value) -> Option<Value> {
        let named = |names: &[Name]| names.iter().any(|name| name.is_schema(urn));
        match self {
            Projection::Only(names) if named(names) => return Some(value),
            Projection::Without(names) if named(names) => return None,
            _ => {}
        }
        let Value::Object(members) = value else { return None };
        let kept = members.into_iter().filter_map(|(key, value)| {
            let attribute = attributes.iter().find(|attribute| attribute.name == key)?;
            Some((key, self.attribute(Some(urn), attribute, value)?))
        });
        let kept: Map<String, Value> = kept.collect();
        (!kept.is_empty()).then_some(Value::Object(kept))
    }

    fn attribute(&self, extension: Option<&str>, attribute: &'static Attribute, value: Value) -> Option<Value> {
        match attribute.returned {
            Returned::Always => return Some(value),
            Returned::Never => return None,
            Returned::Default | Returned::Request => {}
        }
        let by_default = attribute.returned == Returned::Default;
        match self {
            Projection::Default => by_default.then_some(value),
            Projection::Only(names) => {
                let subs = named_subs(names, extension, attribute)?;
                Some(keep_subs(value, |sub| subs.is_empty() || subs.iter().any(|name| name.eq_ignore_ascii_case(sub))))
                    .filter(|kept| !is_nothing(kept))
            }
            Projection::Without(names) => match named_subs(names, extension, attribute) {
                None => by_default.then_some(value),
                Some(subs) if subs.is_empty() => None,
                Some(subs) => Some(keep_subs(value, |sub| !subs.iter().any(|name| name.eq_ignore_ascii_case(sub))))
                    .filter(|kept| !is_nothing(kept)),
            },
        }
    }
}

impl Name {
    fn is_schema(&self, urn: &str) -> bool {
        matches!(self, Name::Schema(schema) if schema.eq_ignore_ascii_case(urn))
    }
}

fn names(texts: &[Cow<'_, str>]) -> Vec<Name> {
    let name = |text: &Cow<'_, str>| {
        if scim_lang::urn::SCHEMAS.iter().any(|urn| urn.eq_ignore_ascii_case(text)) {
            return Some(Name::Schema(text.to_string()));
        }
        AttrPath::parse(text).ok().map(Name::Attribute)
    };
    texts.iter().filter_map(name).collect()
}

/// Returns the sub-attributes by which an attribute is named, none if it is named as a whole, or `None` if it is not
/// named.
fn named_subs<'a>(names: &'a [Name], extension: Option<&str>, attribute: &Attribute) -> Option<Vec<&'a str>> {
    let mut subs = Vec::new();
    let mut named = false;
    for name in names {
        let Name::Attribute(path) = name else { continue };
        if !path.name.eq_ignore_ascii_case(attribute.name) || !lives_in(path, extension) {
            continue;
        }
        named = true;
        match &path.sub {
            Some(sub) => subs.push(sub.as_str()),
            None => return Some(Vec::new()),
        }
    }
    named.then_some(subs)
}

/// Tells whether a path leads into this extension, or to the top level. The URN of a base schema is as good as none.
fn lives_in(path: &AttrPath, extension: Option<&str>) -> bool {
    let schema = path.schema.as_deref().filter(|schema| !is_base(schema));
    match (schema, extension) {
        (None, None) => true,
        (Some(schema), Some(extension)) => schema.eq_ignore_ascii_case(extension),
        _ => false,
    }
}

fn is_base(urn: &str) -> bool {
    [scim_lang::urn::USER, scim_lang::urn::GROUP].iter().any(|base| base.eq_ignore_ascii_case(urn))
}

fn keep_subs(value: Value, keep: impl Fn(&str) -> bool + Copy) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.into_iter().filter(|(name, _)| keep(name)).collect()),
        // An element that has none of them is left out: one without a value says nothing (RFC 7643 §2.5).
        Value::Array(elements) => {
            elements.into_iter().map(|element| keep_subs(element, keep)).filter(|kept| !is_nothing(kept)).collect()
        }
        simple => simple,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(elements) => elements.iter().all(is_nothing),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use scim_lang::schema::user_type;
    use serde_json::json;

    use super::*;

    fn user() -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "1",
            "userName": "ada",
            "name": { "givenName": "Ada", "familyName": "Byron" },
            "emails": [{ "value": "a@example.com", "type": "work" }, { "value": "b@example.com" }],
            "password": "secret",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "R", "costCenter": "4" },
            "meta": { "resourceType": "User" },
        })
    }

    fn keys(attributes: &str, excluded: &str) -> String {
        let split =
            |text: &'static str| text.split(',').filter(|name| !name.is_empty()).map(Cow::from).collect::<Vec<_>>();
        let attributes = split(attributes.to_owned().leak());
        let excluded = split(excluded.to_owned().leak());
        let left = Projection::parse(&attributes, &excluded).unwrap().apply(user(), user_type());
        left.to_string()
    }

    #[test]
    fn by_default_everything_but_the_password_is_returned() {
        let left = Projection::Default.apply(user(), user_type());
        assert_eq!(left.get("password"), None);
        assert_eq!(left.as_object().unwrap().len(), 7);
    }

    #[test]
    fn attributes_add_to_the_minimal_set() {
        assert_eq!(
            keys("USERNAME,bogus", ""),
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"ada"}"#
        );
        assert!(keys("name.familyName", "").contains(r#""name":{"familyName":"Byron"}"#));
        assert!(keys("emails.type", "").contains(r#""emails":[{"type":"work"}]"#));
        assert!(keys("urn:ietf:params:scim:schemas:core:2.0:User:userName", "").contains("ada"));
        let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
        assert!(keys(department, "").ends_with(r#"{"department":"R"}}"#));
        assert!(keys("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "").contains("costCenter"));
        assert!(!keys("password", "").contains("secret"));
    }

    #[test]
    fn excluded_attributes_are_gone_unless_they_are_always_returned() {
        let left = keys("", "id,emails,name.givenName,meta");
        assert!(left.contains(r#""id":"1""#) && left.contains(r#""name":{"familyName":"Byron"}"#));
        assert!(!left.contains("emails") && !left.contains("meta"));
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        assert!(!keys("", urn).contains("department"));
    }

    #[test]
    fn both_lists_at_once_are_refused() {
        assert!(Projection::parse(&["a".into()], &["b".into()]).is_err());
        assert_eq!(Projection::parse(&["".into()], &[]), Ok(Projection::Default));
    }
}
