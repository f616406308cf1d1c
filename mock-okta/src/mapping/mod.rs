//! The attributes of an app's profile and where each goes in a SCIM user.
//!
//! An attribute stands in Okta's Profile Editor with a variable name, an *external name* and an *external
//! namespace*. This module writes the values of a [`Profile`] into a SCIM user by that table; which
//! request carries the user is decided elsewhere.

mod path;
mod standard;

use std::borrow::Cow;

use scim_lang::urn;
use serde_json::{Map, Value, json};

use crate::v11::CORE as CORE_1_1;
use crate::{Profile, ScimVersion};

pub use path::ExternalNameError;
use path::Path;

/// One attribute of an app's profile: a row of the Profile Editor.
///
/// ```
/// use mock_okta::Attribute;
///
/// let core = "urn:ietf:params:scim:schemas:core:2.0:User";
/// let role = Attribute::new("role", "roles.^[type=='Primary'].value", core)?;
/// assert_eq!(role.key(), "role");
/// assert!(Attribute::new("role", "roles[type eq \"Primary\"].value", core).is_err());
/// # Ok::<(), mock_okta::ExternalNameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    key: String,
    path: Path,
    namespace: Option<String>,
    kind: AttributeType,
    applies: Applies,
}

impl Attribute {
    /// Returns a textual attribute that always applies.
    ///
    /// External names are a key (`title`), a sub-attribute (`name.middleName`), or a sub-attribute of the
    /// element a selector finds: `roles.^[type=='Primary'].value`, `roles.^[primary==true].value`
    /// (<https://support.okta.com/help/s/article/How-to-Pass-Multivalued-Attributes-in-SCIM-User-Object>,
    /// <https://docs.datadoghq.com/account_management/scim/okta/>). Vendors show selectors without the
    /// quotes too.
    pub fn new(
        key: impl Into<String>,
        external_name: &str,
        external_namespace: impl Into<String>,
    ) -> Result<Attribute, ExternalNameError> {
        Ok(Attribute {
            key: key.into(),
            path: external_name.parse()?,
            namespace: Some(external_namespace.into()).filter(|namespace| !namespace.is_empty()),
            kind: AttributeType::Text,
            applies: Applies::Always,
        })
    }

    /// Returns the attribute that stands for a key of the Okta profile in the template Okta gives SCIM 2.0
    /// apps; nothing for a key of nobody's.
    ///
    /// The template's names are shown by vendors' guides
    /// (<https://help.signinsolutions.com/en/articles/10578218-what-are-the-okta-attributes-and-mappings-i-need-to-provision-hosts-to-traction-guest-via-scim>,
    /// <https://auth0.com/docs/authenticate/protocols/scim/inbound-scim-for-okta-workforce-saml-connections>);
    /// the shape of `manager` follows from its two names, and no capture of it is public.
    pub fn standard(key: &str) -> Option<Attribute> {
        standard::attribute(key)
    }

    /// Returns the attribute with another data type.
    pub fn with_type(self, kind: AttributeType) -> Attribute {
        Attribute { kind, ..self }
    }

    /// Returns the attribute with another choice of when Okta's value reaches the app.
    pub fn applied(self, applies: Applies) -> Attribute {
        Attribute { applies, ..self }
    }

    /// Returns the attribute without a namespace, which is never sent
    /// (<https://support.okta.com/help/s/article/custom-scim-attribute-is-not-available-to-map-and-is-not-sent-to-scim>).
    pub fn without_namespace(self) -> Attribute {
        Attribute { namespace: None, ..self }
    }

    /// Returns the profile key, which Okta calls the variable name.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns when Okta's value reaches the app.
    pub fn applies(&self) -> Applies {
        self.applies
    }

    /// Returns the URN of the extension the attribute belongs to; nothing for the core schema.
    fn extension(&self, version: ScimVersion) -> Option<&str> {
        let namespace = self.namespace.as_deref()?;
        (!is_core(namespace)).then(|| in_version(namespace, version))
    }

    /// Returns the place in a version of SCIM. A manager is known by `managerId` in SCIM 1.1 (core schema
    /// §7); which of the two Okta's template for such apps has is not documented.
    fn path(&self, version: ScimVersion) -> Cow<'_, Path> {
        let is_manager = || self.extension(version) == Some(ENTERPRISE_1_1) && self.path.is(&["manager", "value"]);
        match version {
            ScimVersion::V1_1 if is_manager() => {
                Cow::Owned("manager.managerId".parse().expect("the name is well-formed"))
            }
            _ => Cow::Borrowed(&self.path),
        }
    }

    /// Writes the value into a user; an erased one as `empties` has it.
    fn write(&self, user: &mut Map<String, Value>, text: &str, empties: Empties, version: ScimVersion) {
        let value = match text {
            "" => empties.value(self.kind),
            text => Some(self.kind.value(text)),
        };
        let path = self.path(version);
        match (self.extension(version), value) {
            (None, Some(value)) => path.set(user, value),
            (None, None) => path.remove(user),
            (Some(urn), Some(value)) => path.set(object(user.entry(urn).or_insert(Value::Null)), value),
            (Some(urn), None) => {
                let Some(Value::Object(block)) = user.get_mut(urn) else { return };
                path.remove(block);
                if block.is_empty() {
                    user.shift_remove(urn);
                }
            }
        }
    }
}

/// The data type of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// A string.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A number, whole or not.
    Number,
    /// An array. A plain `roles` of this type is sent as an array of strings, which strict service
    /// providers refuse
    /// (<https://community.auth0.com/t/okta-inbound-scim-with-roles-fails-with-invalid-payload-fscim-error/186335>).
    Array,
}

impl AttributeType {
    /// Returns the JSON for a value, which a profile keeps as text; an array is kept as JSON.
    fn value(self, text: &str) -> Value {
        let json = || serde_json::from_str::<Value>(text).ok();
        let read = match self {
            AttributeType::Text => None,
            AttributeType::Boolean => json().filter(Value::is_boolean),
            AttributeType::Number => json().filter(Value::is_number),
            AttributeType::Array => json().filter(Value::is_array).or_else(|| Some(json!([text]))),
        };
        read.unwrap_or_else(|| Value::from(text))
    }
}

/// When the value in the Okta profile is taken over into the app's profile.
///
/// It does not decide what is sent: Okta pushes all of the app's profile, attributes that are "create
/// only" or "do not map" among them
/// (<https://support.okta.com/help/s/article/LCM-Does-Okta-support-partial-profile-push>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// "Apply mapping on user create and update".
    Always,
    /// "Apply mapping on user create only": what the value was then is sent from there on.
    CreateOnly,
    /// "Do not map": the app's own value is sent.
    Never,
}

/// How an attribute is sent whose value was erased.
///
/// Inferred, all three: the OIN test plan (C9337) wants no error, and no source says what arrives. The
/// support article cited at [`Applies`] has attributes without a value sent; vendors report both null and
/// empty ones (<https://support.workvivo.com/hc/en-gb/articles/33756072622237>). An attribute which never
/// had a value is not sent: Okta's template has some thirty attributes, and captures show those with values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Empties {
    /// The key is left out, and taken out of what the service provider returned before a PUT.
    Omit,
    /// `""`, or `[]` for an array; null for a boolean and a number, of which there is no empty one.
    #[default]
    Text,
    /// `null`.
    Null,
}

impl Empties {
    /// Every way.
    pub const ALL: [Empties; 3] = [Empties::Omit, Empties::Text, Empties::Null];

    fn value(self, kind: AttributeType) -> Option<Value> {
        match (self, kind) {
            (Empties::Omit, _) => None,
            (Empties::Text, AttributeType::Text) => Some(json!("")),
            (Empties::Text, AttributeType::Array) => Some(json!([])),
            (Empties::Text | Empties::Null, _) => Some(Value::Null),
        }
    }
}

/// Returns the attributes of the base template: those in the samples of the Okta SCIM 2.0 protocol
/// reference, in their order.
///
/// An administrator can take the last two out (Okta, "Submit an app integration", SCIM properties).
pub(crate) fn base() -> Vec<Attribute> {
    Profile::KEYS.iter().map(|key| standard::attribute(key).expect("the base template is standard")).collect()
}

/// Writes the values of a profile into a user, which may be one the service provider returned.
///
/// What is there keeps its place, what is missing is appended, and the rest stays as received.
pub(crate) fn write<'a>(
    user: &mut Map<String, Value>,
    attributes: impl IntoIterator<Item = &'a Attribute>,
    profile: &Profile,
    empties: Empties,
    version: ScimVersion,
) {
    for attribute in attributes.into_iter().filter(|attribute| attribute.namespace.is_some()) {
        if let Some(text) = profile.value(&attribute.key) {
            attribute.write(user, text, empties, version);
        }
    }
}

/// Appends to `schemas` the extensions which a user holds and does not name.
///
/// The shape of a user with an extension is that of Okta's on-premises messages (Okta help, "SCIM
/// messages"); for the cloud client it is inferred from them.
pub(crate) fn name_extensions(user: &mut Map<String, Value>, attributes: &[Attribute], version: ScimVersion) {
    for urn in attributes.iter().filter_map(|attribute| attribute.extension(version)) {
        if !user.contains_key(urn) {
            continue;
        }
        let schemas = user.entry("schemas").or_insert_with(|| json!([core(version)]));
        if let Value::Array(schemas) = schemas
            && !schemas.iter().any(|schema| schema.as_str().is_some_and(|schema| schema.eq_ignore_ascii_case(urn)))
        {
            schemas.push(Value::from(urn));
        }
    }
}

/// Returns the URN of the core schema of a user.
pub(crate) fn core(version: ScimVersion) -> &'static str {
    match version {
        ScimVersion::V2 => urn::USER,
        ScimVersion::V1_1 => CORE_1_1,
    }
}

fn is_core(namespace: &str) -> bool {
    [urn::USER, CORE_1_1].iter().any(|core| core.eq_ignore_ascii_case(namespace))
}

/// The enterprise extension has a URN for each version (Okta SCIM protocol reference, overview).
fn in_version(namespace: &str, version: ScimVersion) -> &str {
    match version {
        ScimVersion::V1_1 if namespace.eq_ignore_ascii_case(urn::ENTERPRISE_USER) => ENTERPRISE_1_1,
        _ => namespace,
    }
}

/// Returns the object in a slot, making one of anything else.
fn object(slot: &mut Value) -> &mut Map<String, Value> {
    if !slot.is_object() {
        *slot = json!({});
    }
    slot.as_object_mut().expect("it was made one")
}

/// SCIM 1.1 core schema §7.
const ENTERPRISE_1_1: &str = "urn:scim:schemas:extension:enterprise:1.0";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CORE: &str = urn::USER;

    fn attribute(external_name: &str) -> Attribute {
        Attribute::new("x", external_name, CORE).expect("an external name")
    }

    fn written(attribute: &Attribute, text: &str, empties: Empties, mut user: Value) -> Value {
        let Value::Object(map) = &mut user else { panic!("a user is an object") };
        attribute.write(map, text, empties, ScimVersion::V2);
        user
    }

    #[test]
    fn a_value_goes_where_its_external_name_says() {
        for (external_name, expected) in [
            ("title", json!({ "title": "v" })),
            ("name.middleName", json!({ "name": { "middleName": "v" } })),
            ("roles.^[type=='Primary'].value", json!({ "roles": [{ "type": "Primary", "value": "v" }] })),
            ("roles.^[type==Primary].value", json!({ "roles": [{ "type": "Primary", "value": "v" }] })),
            ("roles.^[primary==true].value", json!({ "roles": [{ "primary": true, "value": "v" }] })),
            (
                "addresses.^[type=='work'].streetAddress",
                json!({ "addresses": [{ "type": "work", "streetAddress": "v" }] }),
            ),
        ] {
            assert_eq!(written(&attribute(external_name), "v", Empties::Text, json!({})), expected);
        }
    }

    #[test]
    fn a_selector_changes_the_element_it_finds_and_no_other() {
        let phones = json!({ "phoneNumbers": [
            { "value": "1", "primary": true }, { "value": "2", "type": "mobile" } ] });
        let second = written(&attribute("phoneNumbers.^[primary==false].value"), "3", Empties::Text, phones.clone());
        // RFC 7643 §2.4: an element that says nothing about `primary` is not primary.
        assert_eq!(second["phoneNumbers"][1], json!({ "value": "3", "type": "mobile" }));
        let added = written(&attribute("phoneNumbers.^[type=='fax'].value"), "3", Empties::Text, phones);
        assert_eq!(added["phoneNumbers"].as_array().map(Vec::len), Some(3));
        assert_eq!(added["phoneNumbers"][2], json!({ "type": "fax", "value": "3" }));
    }

    #[test]
    fn an_erased_value_is_left_out_empty_or_null() {
        let title = attribute("title");
        for (held, omit) in [(json!({ "title": "old", "x": 1 }), json!({ "x": 1 })), (json!({}), json!({}))] {
            assert_eq!(written(&title, "", Empties::Omit, held.clone()), omit);
            assert_eq!(written(&title, "", Empties::Text, held.clone())["title"], json!(""));
            assert_eq!(written(&title, "", Empties::Null, held)["title"], Value::Null);
        }
        let list = attribute("scopes").with_type(AttributeType::Array);
        assert_eq!(written(&list, "", Empties::Text, json!({}))["scopes"], json!([]));
        let flag = attribute("flag").with_type(AttributeType::Boolean);
        assert_eq!(written(&flag, "", Empties::Text, json!({}))["flag"], Value::Null);
    }

    #[test]
    fn what_is_left_out_leaves_nothing_empty_behind() {
        let nested = json!({ "name": { "middleName": "M" }, "roles": [{ "type": "Primary", "value": "v" }] });
        let without = written(&attribute("name.middleName"), "", Empties::Omit, nested);
        assert_eq!(without, json!({ "roles": [{ "type": "Primary", "value": "v" }] }));
        assert_eq!(written(&attribute("roles.^[type=='Primary'].value"), "", Empties::Omit, without), json!({}));

        let department = Attribute::standard("department").expect("standard");
        let user = json!({ "id": "1", (urn::ENTERPRISE_USER): { "department": "R" } });
        assert_eq!(written(&department, "", Empties::Omit, user), json!({ "id": "1" }));
    }

    #[test]
    fn types_decide_the_json_of_a_value() {
        for (kind, text, expected) in [
            (AttributeType::Text, "1", json!("1")),
            (AttributeType::Number, "1", json!(1)),
            (AttributeType::Number, "one", json!("one")),
            (AttributeType::Boolean, "true", json!(true)),
            (AttributeType::Boolean, "1", json!("1")),
            (AttributeType::Array, r#"["a","b"]"#, json!(["a", "b"])),
            (AttributeType::Array, "a", json!(["a"])),
        ] {
            assert_eq!(kind.value(text), expected, "{kind:?} {text}");
        }
    }

    #[test]
    fn an_attribute_without_a_namespace_is_never_written() {
        let mut profile = Profile::new("ada@example.test", "Ada", "Byron");
        profile.add("x", "v");
        let mut user = Map::new();
        let homeless = [attribute("title").without_namespace(), Attribute::new("x", "title", "").expect("a name")];
        write(&mut user, &homeless, &profile, Empties::Text, ScimVersion::V2);
        assert!(user.is_empty());
    }

    #[test]
    fn an_extension_is_named_once_in_schemas() {
        let attributes: Vec<Attribute> =
            ["department", "managerId", "manager"].iter().filter_map(|key| Attribute::standard(key)).collect();
        let mut profile = Profile::new("ada@example.test", "Ada", "Byron");
        for (key, value) in [("department", "R"), ("managerId", "26118915"), ("manager", "Annabella")] {
            profile.set(key, value).expect("a key of the Okta profile");
        }
        for (version, core, enterprise, id) in [
            (ScimVersion::V2, urn::USER, urn::ENTERPRISE_USER, "value"),
            (ScimVersion::V1_1, CORE_1_1, ENTERPRISE_1_1, "managerId"),
        ] {
            let mut user = Map::new();
            write(&mut user, &attributes, &profile, Empties::Text, version);
            name_extensions(&mut user, &attributes, version);
            name_extensions(&mut user, &attributes, version);
            let manager = json!({ (id): "26118915", "displayName": "Annabella" });
            assert_eq!(user[enterprise], json!({ "department": "R", "manager": manager }));
            assert_eq!(user["schemas"], json!([core, enterprise]));
        }
    }

    /// Users as a service provider may hold them: with what Okta maps, in whatever shape.
    fn held() -> impl Strategy<Value = Map<String, Value>> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z]{0,3}".prop_map(Value::from),
            Just(json!({ "primary": true, "value": "v", "type": "work" })),
            Just(json!({ "type": "Primary" })),
        ];
        let json = leaf.prop_recursive(3, 12, 4, |inner| {
            let key = prop_oneof![Just("value"), Just("type"), Just("manager"), Just("familyName")];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((key, inner), 0..4)
                    .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
            ]
        });
        let key = proptest::sample::select(vec![
            "schemas",
            "id",
            "name",
            "emails",
            "phoneNumbers",
            "addresses",
            "title",
            urn::ENTERPRISE_USER,
            "active",
        ]);
        proptest::collection::vec((key, json), 0..8)
            .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    proptest! {
        #[test]
        fn a_push_can_be_repeated_and_leaves_the_rest_alone(
            held in held(),
            values in proptest::collection::vec(prop_oneof![Just(""), Just("v")], Profile::OKTA_KEYS.len()),
            empties in proptest::sample::select(Empties::ALL.to_vec()),
        ) {
            let attributes: Vec<Attribute> =
                Profile::OKTA_KEYS.into_iter().filter_map(Attribute::standard).collect();
            let mut profile = Profile::new("", "", "");
            for (key, value) in Profile::OKTA_KEYS.into_iter().zip(values) {
                profile.add(key, value);
            }
            let mut once = held.clone();
            write(&mut once, &attributes, &profile, empties, ScimVersion::V2);
            name_extensions(&mut once, &attributes, ScimVersion::V2);
            // Left out, an element makes the next one of several that a selector finds the first.
            let repeats = empties != Empties::Omit;
            let mut twice = once.clone();
            write(&mut twice, &attributes, &profile, empties, ScimVersion::V2);
            name_extensions(&mut twice, &attributes, ScimVersion::V2);
            prop_assert!(!repeats || once == twice, "{:?}\n{:?}", once, twice);
            for key in ["id", "active"] {
                prop_assert_eq!(held.get(key), once.get(key));
            }
        }
    }
}
