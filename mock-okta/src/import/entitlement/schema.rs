//! Reading `/Schemas`: the attributes Okta offers in its profile editor.

use serde_json::Value;

use crate::import::fingerprint;

/// An attribute which the service provider declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveredAttribute {
    /// The URN of its schema: Okta's external namespace.
    pub namespace: String,
    /// Its name: Okta's external name. A sub-attribute of a single complex one stands behind a dot.
    pub name: String,
    /// Its type, as spelled.
    pub kind: String,
    /// Whether it is an array.
    pub multi_valued: bool,
    /// Whether it is required.
    pub required: bool,
    /// Its mutability, as spelled; `readWrite` where nothing is said (RFC 7643 §2.2).
    pub mutability: String,
}

/// Returns the attributes of a schema; those without a name are passed over.
pub(crate) fn attributes(namespace: &str, schema: &Value) -> Vec<DiscoveredAttribute> {
    let mut found = Vec::new();
    collect(namespace, "", &schema["attributes"], &mut found);
    found
}

/// `prefix` is the attribute around, with its dot. RFC 7643 §2.3.8: complex attributes do not nest, so
/// one level is enough, whatever the schema says.
fn collect(namespace: &str, prefix: &str, attributes: &Value, found: &mut Vec<DiscoveredAttribute>) {
    for attribute in attributes.as_array().into_iter().flatten() {
        let Some(name) = attribute["name"].as_str() else { continue };
        let multi_valued = attribute["multiValued"] == true;
        let kind = fingerprint::text(&attribute["type"]).unwrap_or_else(|| "string".to_owned());
        if prefix.is_empty() && !multi_valued && kind == "complex" && attribute["subAttributes"].is_array() {
            collect(namespace, &format!("{name}."), &attribute["subAttributes"], found);
            continue;
        }
        found.push(DiscoveredAttribute {
            namespace: namespace.to_owned(),
            name: format!("{prefix}{name}"),
            kind,
            multi_valued,
            required: attribute["required"] == true,
            mutability: fingerprint::text(&attribute["mutability"]).unwrap_or_else(|| "readWrite".to_owned()),
        });
    }
}

#[cfg(test)]
mod tests {
    use scim_lang::urn;

    use super::*;

    #[test]
    fn the_core_user_is_read_from_its_own_representation() {
        let schema = scim_lang::schema::user().to_json();
        let found = attributes(urn::USER, &schema);
        let named = |name: &str| found.iter().find(|attribute| attribute.name == name);
        assert!(named("userName").is_some_and(|attribute| attribute.required && attribute.kind == "string"));
        assert!(named("name.givenName").is_some() && named("name").is_none());
        assert!(named("emails").is_some_and(|attribute| attribute.multi_valued));
    }

    #[test]
    fn anything_else_yields_nothing() {
        for schema in [Value::Null, serde_json::json!({ "attributes": [7, {}, { "name": null }] })] {
            assert_eq!(attributes("urn:x", &schema), []);
        }
    }
}
