//! Reading `/ResourceTypes`.

use scim_lang::urn;
use serde_json::Value;

use crate::import::entry::{self, EntryFault};

/// The schema by which Okta knows a resource type of roles.
pub const ROLE_SCHEMA: &str = "urn:okta:scim:schemas:core:1.0:Role";

/// The schema by which Okta knows a resource type of entitlements.
pub const ENTITLEMENT_SCHEMA: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";

/// What the resources of a type are to Okta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Roles.
    Role,
    /// Entitlements, such as licences or profiles.
    Entitlement,
}

/// A resource type as the service provider declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredType {
    /// Its id, or its name where it has none: RFC 7643 §6 leaves the id out.
    pub id: String,
    /// Its name, which Okta shows and entitlements carry as `type`.
    pub name: String,
    /// Its endpoint below the base URL, starting with `/`.
    pub endpoint: String,
    /// The URN of its schema.
    pub schema: String,
    /// The URNs of its extensions.
    pub extensions: Vec<String>,
}

impl DeclaredType {
    pub(crate) fn read(entry: &Value) -> Result<DeclaredType, EntryFault> {
        if !entry.is_object() {
            return Err(EntryFault::NotAnObject);
        }
        let name = required(&entry["name"], "name")?;
        Ok(DeclaredType {
            id: entry::text(&entry["id"], "id")?.unwrap_or_else(|| name.clone()),
            name,
            endpoint: endpoint(&required(&entry["endpoint"], "endpoint")?)?,
            schema: required(&entry["schema"], "schema")?,
            extensions: extensions(&entry["schemaExtensions"])?,
        })
    }

    /// Returns what its resources are to Okta; nothing for users, groups and everything else.
    pub fn kind(&self) -> Option<ValueKind> {
        match self.schema.as_str() {
            ROLE_SCHEMA => Some(ValueKind::Role),
            ENTITLEMENT_SCHEMA => Some(ValueKind::Entitlement),
            _ => None,
        }
    }

    /// Returns the extensions Okta has no definition of (same guide: core and enterprise user, role and
    /// entitlement are known).
    pub fn unknown_extensions(&self) -> impl Iterator<Item = &str> {
        self.extensions.iter().map(String::as_str).filter(|urn| !KNOWN.contains(urn))
    }
}

fn required(value: &Value, attribute: &'static str) -> Result<String, EntryFault> {
    entry::text(value, attribute)?.filter(|text| !text.is_empty()).ok_or(EntryFault::Missing(attribute))
}

/// RFC 7643 §6: an endpoint is relative to the base URL. One that would lead somewhere else is refused:
/// the credentials go where the request goes.
fn endpoint(text: &str) -> Result<String, EntryFault> {
    let path = text.strip_prefix('/').unwrap_or(text);
    let is_sound = |segment: &str| !["", ".", ".."].contains(&segment) && segment.bytes().all(is_unreserved);
    match path.split('/').all(is_sound) {
        true => Ok(format!("/{path}")),
        false => Err(EntryFault::Differs {
            attribute: "endpoint",
            expected: "a path below the base URL".to_owned(),
            actual: crate::import::note::brief(text),
        }),
    }
}

/// RFC 3986 §2.3. What an endpoint with any other character means is not worth finding out with somebody
/// else's credentials.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn extensions(value: &Value) -> Result<Vec<String>, EntryFault> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(extensions) => {
            extensions.iter().map(|extension| required(&extension["schema"], "schemaExtensions.schema")).collect()
        }
        _ => Err(EntryFault::NotAnArray("schemaExtensions")),
    }
}

const KNOWN: [&str; 4] = [urn::USER, urn::ENTERPRISE_USER, ROLE_SCHEMA, ENTITLEMENT_SCHEMA];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(endpoint: &str) -> Result<DeclaredType, EntryFault> {
        DeclaredType::read(&json!({
            "name": "License", "endpoint": endpoint, "schema": ENTITLEMENT_SCHEMA,
            "schemaExtensions": [{ "schema": urn::ENTERPRISE_USER }, { "schema": "urn:acme:x", "required": true }],
        }))
    }

    #[test]
    fn a_type_is_read_with_its_unknown_extensions() {
        let declared = read("/Licenses").unwrap();
        assert_eq!((declared.id.as_str(), declared.kind()), ("License", Some(ValueKind::Entitlement)));
        assert_eq!(declared.unknown_extensions().collect::<Vec<_>>(), ["urn:acme:x"]);
        assert_eq!(read("v1/Licenses").unwrap().endpoint, "/v1/Licenses");
    }

    #[test]
    fn an_endpoint_never_leaves_the_base_url() {
        for endpoint in [
            "https://elsewhere.test/Roles",
            "//elsewhere.test",
            "/../admin",
            "/a/./b",
            "/",
            "/Roles?x=1",
            "/Roles#x",
            "/Ro les",
            "/%2e%2e/x",
            "/Roles\r\nX: y",
            "@elsewhere.test",
            "/Röles",
            "\\elsewhere",
        ] {
            assert!(read(endpoint).is_err(), "{endpoint:?}");
        }
    }
}
