//! What a server's schemas say about the attributes that a filter can name.

use scim_lang::path::AttrPath;
use scim_lang::schema::{ResourceType, Returned, Type};
use serde_json::Value;

/// One attribute, or one sub-attribute, that a filter can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The extension that owns it; nothing for the base schema and the common attributes.
    pub extension: Option<String>,
    /// The name of the attribute.
    pub name: String,
    /// The name of the sub-attribute.
    pub sub: Option<String>,
    /// The type of what the path leads to.
    pub ty: Type,
    /// Whether there may be several values: the attribute is a list, or its parent is.
    pub is_many: bool,
    /// Whether upper and lower case differ.
    pub case_exact: bool,
}

impl Attribute {
    /// Returns the path as canonical text has it: qualified where it has to be, and only there.
    pub fn path(&self) -> AttrPath {
        AttrPath { schema: self.extension.clone(), name: self.name.clone(), sub: self.sub.clone() }
    }

    /// Returns whether it is made of sub-attributes.
    pub fn is_complex(&self) -> bool {
        self.ty == Type::Complex
    }

    /// Returns whether its values are ids of other resources, whose case RFC 7643 does not settle (erratum 8472).
    pub fn refers(&self) -> bool {
        let names = ["members", "groups", "manager"];
        let is_value = self.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("value"));
        self.ty == Type::Reference || (is_value && names.iter().any(|name| self.name.eq_ignore_ascii_case(name)))
    }

    /// Returns whether an absent value counts as `false` (RFC 7643 §2.4).
    pub(super) fn is_primary(&self) -> bool {
        let is_named = self.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("primary"));
        is_named && self.is_many && self.ty == Type::Boolean
    }

    /// Returns the values of the attribute itself, without nulls: the elements of a list, or the one value.
    pub(super) fn parents<'v>(&self, resource: &'v Value) -> Vec<&'v Value> {
        let holder = match &self.extension {
            Some(urn) => member(resource, urn),
            None => Some(resource),
        };
        elements(holder.and_then(|holder| member(holder, &self.name)))
    }

    /// Returns the values that the path leads to, without nulls.
    pub fn values<'v>(&self, resource: &'v Value) -> Vec<&'v Value> {
        let parents = self.parents(resource);
        match &self.sub {
            Some(sub) => parents.into_iter().flat_map(|parent| elements(member(parent, sub))).collect(),
            None => parents,
        }
    }

    /// Returns how many elements of a list do not say whether they are the primary one, if the path asks for that.
    pub(super) fn silent(&self, resource: &Value) -> usize {
        let Some(sub) = self.sub.as_deref().filter(|_| self.is_primary()) else { return 0 };
        let says_nothing = |element: &&Value| member(element, sub).is_none_or(Value::is_null);
        self.parents(resource).iter().filter(|element| says_nothing(element)).count()
    }
}

/// The attributes of one type of resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// The URN of the base schema.
    pub schema: String,
    /// Every attribute and every sub-attribute.
    pub attributes: Vec<Attribute>,
}

impl Catalog {
    /// Finds what a path names, whatever its case.
    pub fn find(&self, path: &AttrPath) -> Option<&Attribute> {
        self.position(path).map(|at| &self.attributes[at])
    }

    /// Finds where what a path names is among the attributes.
    pub(super) fn position(&self, path: &AttrPath) -> Option<usize> {
        self.position_of(path.schema.as_deref(), &path.name, path.sub.as_deref())
    }

    /// Returns a path with the position of what it names.
    pub(super) fn located(&self, path: AttrPath) -> Option<(AttrPath, usize)> {
        self.position(&path).map(|at| (path, at))
    }

    /// Finds a sub-attribute that is named in the brackets behind its parent.
    pub(super) fn find_inside(&self, parent: &Attribute, inside: &AttrPath) -> Option<&Attribute> {
        let at = self.position_of(parent.extension.as_deref(), &parent.name, Some(&inside.name))?;
        Some(&self.attributes[at])
    }

    fn position_of(&self, schema: Option<&str>, name: &str, sub: Option<&str>) -> Option<usize> {
        let extension = schema.filter(|urn| !urn.eq_ignore_ascii_case(&self.schema));
        self.attributes.iter().position(|attribute| {
            attribute.name.eq_ignore_ascii_case(name)
                && same(attribute.sub.as_deref(), sub)
                && same(attribute.extension.as_deref(), extension)
        })
    }

    /// Returns the catalogue of a type as RFC 7643 prints it, for servers that do not describe themselves.
    pub fn standard(ty: &ResourceType) -> Catalog {
        let common = [
            scim_lang::schema::id(),
            scim_lang::schema::external_id(),
            scim_lang::schema::meta(),
            scim_lang::schema::schemas(),
        ];
        let base = common.into_iter().chain(ty.schema.attributes).map(|row| (None, row));
        let extended = ty
            .extensions
            .iter()
            .flat_map(|(schema, _)| schema.attributes.iter().map(|row| (Some(schema.id.to_owned()), row)));
        let mut attributes = Vec::new();
        for (extension, row) in base.chain(extended).filter(|(_, row)| row.returned != Returned::Never) {
            let attribute = Attribute {
                extension,
                name: row.name.to_owned(),
                sub: None,
                ty: row.ty,
                is_many: row.multi_valued,
                case_exact: row.case_exact,
            };
            attributes.extend(row.sub_attributes.iter().map(|sub| Attribute {
                sub: Some(sub.name.to_owned()),
                ty: sub.ty,
                case_exact: sub.case_exact,
                ..attribute.clone()
            }));
            attributes.push(attribute);
        }
        Catalog { schema: ty.schema.id.to_owned(), attributes }
    }
}

/// Finds a member whatever the case of its key (RFC 7643 §2.1).
pub(super) fn member<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    let members = object.as_object()?;
    let same = |(key, _): &(&String, &Value)| key.eq_ignore_ascii_case(name);
    members.get(name).or_else(|| members.iter().find(same).map(|(_, value)| value))
}

fn elements(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(elements)) => elements.iter().filter(|element| !element.is_null()).collect(),
        Some(value) => vec![value],
    }
}

fn same(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (one, other) => one == other,
    }
}
