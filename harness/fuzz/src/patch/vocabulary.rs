//! The attributes that trials are about, with small pools of values, so that repetitions, matches and collisions are
//! common. What a server does not have is left out of a [`Vocabulary`].

use scim_lang::schema::{self, ResourceType};
use scim_lang::urn;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// The kinds of resource that are patched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A user, with the enterprise extension.
    User,
    /// A group whose members are the users of the lane.
    Group,
}

impl Resource {
    /// Returns the resource type, as RFC 7643 has it.
    pub fn ty(self) -> &'static ResourceType {
        match self {
            Resource::User => schema::user_type(),
            Resource::Group => schema::group_type(),
        }
    }

    /// Returns the name of the resource type.
    pub fn name(self) -> &'static str {
        self.ty().name
    }
}

/// An attribute, and what it may hold.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) resource: Resource,
    pub(super) urn: Option<&'static str>,
    pub(super) name: &'static str,
    pub(super) shape: Shape,
}

#[derive(Debug)]
pub(super) enum Shape {
    Simple(Pool),
    Complex(&'static [Part]),
    List(&'static [Part]),
}

#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) pool: Pool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Pool {
    Texts(&'static [&'static str]),
    Flags,
    /// Follows from the element's `value`, so that no two elements differ in it alone.
    Display,
}

impl Attribute {
    /// Returns the path that needs no schema to be understood.
    pub(super) fn path(&self) -> String {
        match self.urn {
            Some(urn) => format!("{urn}:{}", self.name),
            None => self.name.to_owned(),
        }
    }

    pub(super) fn parts(&self) -> &'static [Part] {
        match self.shape {
            Shape::Simple(_) => &[],
            Shape::Complex(parts) | Shape::List(parts) => parts,
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.shape, Shape::List(_))
    }

    /// Returns the value that a resource has for the attribute.
    pub(super) fn of<'v>(&self, resource: &'v Value) -> Option<&'v Value> {
        let holder = match self.urn {
            Some(urn) => resource.get(urn)?,
            None => resource,
        };
        holder.get(self.name).filter(|value| !value.is_null())
    }
}

/// Which of the attributes a server has.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    lacking: HashSet<(Resource, String)>,
}

impl Vocabulary {
    /// Returns every path that trials on a resource may use: attributes and their sub-attributes.
    pub fn paths(resource: Resource) -> Vec<String> {
        let of_resource = ATTRIBUTES.iter().filter(|attribute| attribute.resource == resource);
        let with_parts = |attribute: &Attribute| {
            let path = attribute.path();
            let parts = attribute.parts().iter().map(|part| format!("{path}.{}", part.name)).collect::<Vec<_>>();
            [vec![path], parts].concat()
        };
        of_resource.flat_map(with_parts).collect()
    }

    /// Leaves a path out: no trial is about it.
    pub fn leave_out(&mut self, resource: Resource, path: &str) {
        self.lacking.insert((resource, path.to_owned()));
    }

    /// Tells whether trials are about a path.
    pub fn has(&self, resource: Resource, path: &str) -> bool {
        !self.lacking.contains(&(resource, path.to_owned()))
    }

    /// Tells whether trials are about a kind of resource at all.
    pub fn offers(&self, resource: Resource) -> bool {
        self.attributes(resource).next().is_some()
    }

    /// Returns a resource that has a value for everything, and two for every list: a server that does not give it all
    /// back lacks what is missing.
    pub fn specimen(&self, resource: Resource) -> Value {
        let mut specimen = bare(resource);
        for attribute in self.attributes(resource) {
            let parts = |turn: usize| -> Value {
                let of_turn = self.parts(attribute).map(|part| (part.name.to_owned(), sample(part, turn)));
                Value::Object(of_turn.collect::<Map<_, _>>())
            };
            let value = match attribute.shape {
                Shape::Simple(pool) => sample_of(pool, 0),
                Shape::Complex(_) => parts(0),
                Shape::List(_) => json!([parts(0), parts(1)]),
            };
            put(&mut specimen, attribute, value);
        }
        specimen
    }

    /// Finds what a resource that was read back lacks of the one that was sent.
    pub fn missing(resource: Resource, sent: &Value, read: &Value) -> Vec<String> {
        let of_resource = ATTRIBUTES.iter().filter(|attribute| attribute.resource == resource);
        of_resource.flat_map(|attribute| missing_of(attribute, sent, read)).collect()
    }

    pub(super) fn attributes(&self, resource: Resource) -> impl Iterator<Item = &'static Attribute> {
        let usable = move |attribute: &&'static Attribute| {
            attribute.resource == resource && self.has(resource, &attribute.path()) && self.is_whole(attribute)
        };
        ATTRIBUTES.iter().filter(usable)
    }

    pub(super) fn parts<'v>(&'v self, attribute: &'static Attribute) -> impl Iterator<Item = &'static Part> + 'v {
        let path = attribute.path();
        attribute.parts().iter().filter(move |part| self.has(attribute.resource, &format!("{path}.{}", part.name)))
    }

    /// A list without `value` or what stands for it cannot be spoken about, nor a complex attribute without any part.
    fn is_whole(&self, attribute: &'static Attribute) -> bool {
        match attribute.shape {
            Shape::Simple(_) => true,
            Shape::Complex(_) => self.parts(attribute).next().is_some(),
            Shape::List(parts) => self.parts(attribute).any(|part| part.name == parts[0].name),
        }
    }
}

/// Returns a resource with nothing but what it needs.
pub(super) fn bare(resource: Resource) -> Value {
    match resource {
        Resource::User => json!({ "schemas": [urn::USER], "userName": "{{name}}@example.test" }),
        Resource::Group => json!({ "schemas": [urn::GROUP], "displayName": "{{name}}" }),
    }
}

/// Writes an attribute into a resource.
pub(super) fn put(resource: &mut Value, attribute: &Attribute, value: Value) {
    let Some(urn) = attribute.urn else {
        resource[attribute.name] = value;
        return;
    };
    if resource.get(urn).is_none() {
        resource[urn] = json!({});
        if let Some(schemas) = resource.get_mut("schemas").and_then(Value::as_array_mut) {
            schemas.push(urn.into());
        }
    }
    resource[urn][attribute.name] = value;
}

/// Finds an attribute by its name in a resource and the extension it lives in.
pub(super) fn find(resource: Resource, urn: Option<&str>, name: &str) -> Option<&'static Attribute> {
    ATTRIBUTES.iter().find(|attribute| {
        attribute.resource == resource && attribute.urn == urn && attribute.name.eq_ignore_ascii_case(name)
    })
}

fn sample(part: &Part, turn: usize) -> Value {
    match part.pool {
        // One element at most is the primary one.
        Pool::Flags => Value::Bool(turn == 0),
        pool => sample_of(pool, turn),
    }
}

fn sample_of(pool: Pool, turn: usize) -> Value {
    match pool {
        Pool::Texts(texts) => texts[turn % texts.len()].into(),
        Pool::Flags => true.into(),
        Pool::Display => format!("display {turn}").into(),
    }
}

fn missing_of(attribute: &Attribute, sent: &Value, read: &Value) -> Vec<String> {
    let path = attribute.path();
    let Some(sent) = attribute.of(sent) else { return Vec::new() };
    let Some(read) = attribute.of(read) else { return vec![path] };
    let lost = |sent: &Value, read: &Value| -> Vec<String> {
        let names = sent.as_object().into_iter().flat_map(Map::keys);
        // A `primary` that is false may go.
        let is_lost = |name: &&String| read.get(*name) != sent.get(*name) && sent.get(*name) != Some(&false.into());
        names.filter(is_lost).map(|name| format!("{path}.{name}")).collect()
    };
    match (sent, read) {
        (Value::Array(sent), Value::Array(read)) if sent.len() == read.len() => {
            let key = attribute.parts()[0].name;
            let counterpart =
                |sent: &Value| read.iter().find(|read| super::compare::alike(sent.get(key), read.get(key)));
            let pairs: Option<Vec<_>> = sent.iter().map(|sent| Some((sent, counterpart(sent)?))).collect();
            match pairs {
                Some(pairs) => pairs.into_iter().flat_map(|(sent, read)| lost(sent, read)).collect(),
                None => vec![path],
            }
        }
        (Value::Object(_), Value::Object(_)) => lost(sent, read),
        (sent, read) if super::compare::alike(Some(sent), Some(read)) => Vec::new(),
        _ => vec![path],
    }
}

const TITLES: Pool = Pool::Texts(&["Vice President", "Tour Guide", "Ångström", "O'Brien \"the\" [Boss]"]);
const NAMES: Pool = Pool::Texts(&["Ada", "Grace", "Zoë", "O'Neil"]);
const WORDS: Pool = Pool::Texts(&["x", "y", "z"]);
const TYPES: Pool = Pool::Texts(&["work", "home", "other"]);

const EMAILS: &[Part] = &[
    Part {
        name: "value",
        pool: Pool::Texts(&[
            "{{name}}.a@example.test",
            "{{name}}.b@example.test",
            "{{name}}.c@example.test",
            "{{name}}.d@example.test",
        ]),
    },
    Part { name: "type", pool: TYPES },
    Part { name: "primary", pool: Pool::Flags },
    Part { name: "display", pool: Pool::Display },
];
const PHONES: &[Part] = &[
    Part { name: "value", pool: Pool::Texts(&["+1-555-0100", "+1-555-0101", "+1-555-0102", "+1-555-0103"]) },
    Part { name: "type", pool: Pool::Texts(&["work", "home", "mobile"]) },
    Part { name: "primary", pool: Pool::Flags },
];
const ADDRESSES: &[Part] = &[
    Part { name: "type", pool: TYPES },
    Part { name: "streetAddress", pool: Pool::Texts(&["1 Main St", "2 Side Ln", "3 Old Rd"]) },
    Part { name: "locality", pool: Pool::Texts(&["Bonn", "Oslo", "Turin"]) },
    Part { name: "postalCode", pool: Pool::Texts(&["10001", "20002"]) },
    Part { name: "country", pool: Pool::Texts(&["US", "DE"]) },
];
const ROLES: &[Part] = &[
    Part { name: "value", pool: Pool::Texts(&["reader", "writer", "owner"]) },
    Part { name: "type", pool: Pool::Texts(&["first", "second"]) },
    Part { name: "primary", pool: Pool::Flags },
];
const NAME: &[Part] = &[
    Part { name: "familyName", pool: NAMES },
    Part { name: "givenName", pool: NAMES },
    Part { name: "middleName", pool: NAMES },
    Part { name: "honorificPrefix", pool: Pool::Texts(&["Dr.", "Ms."]) },
    Part { name: "honorificSuffix", pool: Pool::Texts(&["III", "Jr."]) },
];
const MEMBERS: &[Part] = &[Part {
    name: "value",
    pool: Pool::Texts(&[
        "{{member-0}}",
        "{{member-1}}",
        "{{member-2}}",
        "{{member-3}}",
        "{{member-4}}",
        "{{member-5}}",
        "{{member-6}}",
        "{{member-7}}",
    ]),
}];

/// How many users a lane has for the groups.
pub const MEMBERS_OF_A_LANE: usize = 8;

const fn user(name: &'static str, shape: Shape) -> Attribute {
    Attribute { resource: Resource::User, urn: None, name, shape }
}

const fn enterprise(name: &'static str, shape: Shape) -> Attribute {
    Attribute { resource: Resource::User, urn: Some(urn::ENTERPRISE_USER), name, shape }
}

/// `name.formatted` is left out, for servers make it of the other parts; so are a password, which nobody can read back,
/// and `schemas`, which follows from the rest. `userName` and the `displayName` of a group come from [`bare`].
static ATTRIBUTES: [Attribute; 23] = [
    user("userName", Shape::Simple(Pool::Texts(&["{{name}}@example.test", "{{name}}.renamed@example.test"]))),
    user("externalId", Shape::Simple(Pool::Texts(&["{{name}}-1", "{{name}}-2"]))),
    user("name", Shape::Complex(NAME)),
    user("displayName", Shape::Simple(TITLES)),
    user("nickName", Shape::Simple(WORDS)),
    user("profileUrl", Shape::Simple(Pool::Texts(&["https://example.test/a", "https://example.test/b"]))),
    user("title", Shape::Simple(TITLES)),
    user("userType", Shape::Simple(Pool::Texts(&["Employee", "Contractor"]))),
    user("preferredLanguage", Shape::Simple(Pool::Texts(&["en-US", "de-DE"]))),
    user("locale", Shape::Simple(Pool::Texts(&["en-US", "de-DE"]))),
    user("timezone", Shape::Simple(Pool::Texts(&["Europe/Berlin", "America/Denver"]))),
    user("active", Shape::Simple(Pool::Flags)),
    user("emails", Shape::List(EMAILS)),
    user("phoneNumbers", Shape::List(PHONES)),
    user("addresses", Shape::List(ADDRESSES)),
    user("roles", Shape::List(ROLES)),
    enterprise("employeeNumber", Shape::Simple(WORDS)),
    enterprise("costCenter", Shape::Simple(WORDS)),
    enterprise("division", Shape::Simple(WORDS)),
    enterprise("department", Shape::Simple(TITLES)),
    enterprise(
        "manager",
        Shape::Complex(&[Part { name: "value", pool: Pool::Texts(&["{{member-0}}", "{{member-1}}"]) }]),
    ),
    Attribute {
        resource: Resource::Group,
        urn: None,
        name: "displayName",
        shape: Shape::Simple(Pool::Texts(&["{{name}}", "{{name}} renamed"])),
    },
    Attribute { resource: Resource::Group, urn: None, name: "members", shape: Shape::List(MEMBERS) },
];
