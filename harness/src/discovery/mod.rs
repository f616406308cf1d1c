//! What the server says about itself: /ServiceProviderConfig, /ResourceTypes and /Schemas, read once per run.
//!
//! Reading never judges. What cannot be understood is kept as such, with a reason, and where the server says nothing,
//! RFC 7643 speaks.

mod attribute;
pub(crate) mod document;
mod read;
#[cfg(test)]
mod tests;

pub(crate) use attribute::{Attribute, MUTABILITIES, RETURNS, TYPES, UNIQUENESSES, named};
pub(crate) use read::standard;

use crate::client::Client;
use attribute::Riddle;
use document::Document;
use scim_lang::path::AttrPath;
use scim_lang::{schema as rfc, urn};
use scim_suite::ScimVersion;
use serde_json::{Map, Value};

/// What one side of the target says about itself.
#[derive(Debug)]
pub(crate) struct Discovery {
    config: Document,
    declares_types: bool,
    /// The resource types, the server's own or those of the RFC.
    resource_types: Vec<ResourceType>,
    /// The types of the documents themselves.
    about_itself: Vec<ResourceType>,
    /// The server's schemas.
    own: Vec<Schema>,
    /// The schemas of the RFC.
    standard: Vec<Schema>,
    /// The attributes that no schema lists (RFC 7643 §3).
    common: Vec<Attribute>,
    riddles: Vec<Riddle>,
}

/// A kind of resource (RFC 7643 §6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourceType {
    /// The name, which is also `meta.resourceType`.
    pub(crate) name: String,
    /// The endpoint, with one slash in front.
    pub(crate) endpoint: String,
    /// The URN of the base schema.
    pub(crate) schema: String,
    /// The URNs of the extensions.
    pub(crate) extensions: Vec<String>,
}

/// A schema (RFC 7643 §7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schema {
    /// The URN.
    pub(crate) id: String,
    /// What it defines.
    pub(crate) attributes: Vec<Attribute>,
}

impl Default for Discovery {
    /// Returns what holds for a server that was not asked.
    fn default() -> Discovery {
        let nothing = Document::default();
        Discovery::of(nothing.clone(), &nothing, &nothing, &[])
    }
}

impl Discovery {
    /// Asks the server. One that says nothing is taken to be as RFC 7643 has it.
    ///
    /// SCIM 1.1 has other documents, and no check looks into them.
    pub(crate) async fn fetch(client: &Client<'_>, version: ScimVersion) -> Discovery {
        match version {
            ScimVersion::V2 => document::fetch(client).await,
            ScimVersion::V1_1 => Discovery::default(),
        }
    }

    /// Reads the documents; `single` are schemas that were asked for one by one.
    pub(crate) fn of(config: Document, types: &Document, schemas: &Document, single: &[Value]) -> Discovery {
        let mut riddles = Vec::new();
        let own = read::schemas(schemas, single, &mut riddles);
        let declared = read::resource_types(types, &mut riddles);
        let declares_types = !declared.is_empty();
        let resource_types = if declares_types { declared } else { read::standard_types() };
        let common = [rfc::id(), rfc::external_id(), rfc::meta(), rfc::schemas()].map(Attribute::from).to_vec();
        let (about_itself, standard) = (read::types_of_documents(), read::standard_schemas());
        Discovery { config, declares_types, resource_types, about_itself, own, standard, common, riddles }
    }

    /// Returns the configuration, if the server has one (RFC 7643 §5).
    pub(crate) fn config(&self) -> Option<&Map<String, Value>> {
        self.config.object()
    }

    /// Returns what was not understood, in a few words, if anything was not.
    pub(crate) fn doubt(&self) -> Option<String> {
        let (place, reason) = self.riddles.first()?;
        // A server's own words may be part of the place.
        let place: String = place.chars().filter(|letter| !letter.is_control()).take(100).collect();
        Some(format!("{} of its definitions were not understood, the first at {place}: {reason}", self.riddles.len()))
    }

    /// Returns the resource types: the server's own, or those of the RFC where it declares none.
    pub(crate) fn resource_types(&self) -> &[ResourceType] {
        &self.resource_types
    }

    /// Returns a schema by its URN, whatever its case: the server's own, or that of the RFC where the server describes
    /// no schema of this URN.
    ///
    /// The schemas of the discovery resources are always those of the RFC: few servers print them with the errata.
    pub(crate) fn schema(&self, urn: &str) -> Option<&Schema> {
        let is_discovery = DISCOVERY_SCHEMAS.iter().any(|known| known.eq_ignore_ascii_case(urn));
        let own = if is_discovery { None } else { self.own_schema(urn) };
        own.or_else(|| self.standard.iter().find(|schema| schema.is(urn)))
    }

    /// Returns a schema that the server itself describes.
    pub(crate) fn own_schema(&self, urn: &str) -> Option<&Schema> {
        self.own.iter().find(|schema| schema.is(urn))
    }

    /// Returns whether the server describes any schema.
    pub(crate) fn describes_schemas(&self) -> bool {
        !self.own.is_empty()
    }

    /// Returns whether the server declares resource types of its own.
    pub(crate) fn declares_types(&self) -> bool {
        self.declares_types
    }

    /// Finds a resource type by name; `User` and `Group` are found by their schemas too, whatever a server calls them.
    pub(crate) fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        let by_name = self.resource_types.iter().find(|ty| ty.name.eq_ignore_ascii_case(name));
        by_name.or_else(|| {
            let standard = [rfc::user_type(), rfc::group_type()];
            let known = standard.into_iter().find(|ty| ty.name.eq_ignore_ascii_case(name))?;
            self.resource_types.iter().find(|ty| known.schema.is(&ty.schema))
        })
    }

    /// Finds the type of what lies at a path below the base URL: `/Users`, `/Users/7`, `/Users/.search`, `/Me`, `/Schemas`.
    pub(crate) fn type_at(&self, path: &str) -> Option<&ResourceType> {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        if segments == ["Me"] {
            return self.resource_type("User");
        }
        let starts = |ty: &&ResourceType, same: fn(&str, &str) -> bool| {
            let mut endpoint = ty.endpoint.split('/').filter(|segment| !segment.is_empty()).peekable();
            endpoint.peek().is_some() && {
                let mut ours = segments.iter();
                endpoint.all(|segment| ours.next().is_some_and(|it| same(it, segment)))
            }
        };
        let longest = |same: fn(&str, &str) -> bool| {
            let all = self.about_itself.iter().chain(&self.resource_types);
            all.filter(|ty| starts(ty, same)).max_by_key(|ty| ty.endpoint.len())
        };
        longest(|one, other| one == other).or_else(|| longest(str::eq_ignore_ascii_case))
    }

    /// Finds an attribute of the resource type of this name by its path, such as `name.givenName` or
    /// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
    pub(crate) fn attribute(&self, resource: &str, path: &str) -> Option<&Attribute> {
        let ty = self.resource_type(resource)?;
        let (schema, path) = ty.split(path)?;
        let attribute = match schema {
            Some(urn) => named(&self.schema(urn)?.attributes, &path.name)?,
            None => self.base_attribute(ty, &path.name)?,
        };
        match &path.sub {
            Some(sub) => attribute.sub(sub),
            None => Some(attribute),
        }
    }

    /// Finds an attribute that stands at the top of a resource. What RFC 7643 §3.1 says about the common attributes
    /// holds, even where a schema lists them otherwise.
    pub(crate) fn base_attribute(&self, ty: &ResourceType, name: &str) -> Option<&Attribute> {
        named(&self.common, name).or_else(|| named(&self.schema(&ty.schema)?.attributes, name))
    }
}

impl ResourceType {
    /// Tells whether a URN is the base schema's or one of the extensions'.
    pub(crate) fn has_schema(&self, urn: &str) -> bool {
        self.schema.eq_ignore_ascii_case(urn) || self.extension(urn).is_some()
    }

    /// Finds an extension by its URN, whatever its case.
    pub(crate) fn extension(&self, urn: &str) -> Option<&str> {
        self.extensions.iter().find(|known| known.eq_ignore_ascii_case(urn)).map(String::as_str)
    }

    /// Takes a path apart: the extension it leads into, if it leads into one, and the rest.
    pub(crate) fn split(&self, text: &str) -> Option<(Option<&str>, AttrPath)> {
        // The longest URN in front counts, whichever the server has made up.
        let urns = self.extensions.iter().chain([&self.schema]);
        let in_front = |urn: &&String| {
            let head = text.get(..urn.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(urn)) && text[urn.len()..].starts_with(':')
        };
        let urn = urns.filter(in_front).max_by_key(|urn| urn.len());
        let rest = urn.map_or(text, |urn| &text[urn.len() + 1..]);
        let path = AttrPath::parse(rest).ok().filter(|path| path.schema.is_none())?;
        let extension = urn.filter(|urn| !urn.eq_ignore_ascii_case(&self.schema)).map(String::as_str);
        Some((extension, path))
    }
}

impl Schema {
    /// Tells whether a URN is this schema's, whatever its case.
    pub(crate) fn is(&self, urn: &str) -> bool {
        self.id.eq_ignore_ascii_case(urn)
    }
}

/// Returns the JSON Pointer one step further down (RFC 6901).
pub(crate) fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The schemas of the documents themselves.
pub(crate) const DISCOVERY_SCHEMAS: [&str; 3] = [urn::SERVICE_PROVIDER_CONFIG, urn::RESOURCE_TYPE, urn::SCHEMA];
