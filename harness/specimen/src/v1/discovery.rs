//! What the service provider says about itself in SCIM 1.1: /ServiceProviderConfigs, /Schemas, and the /ResourceTypes
//! that Okta's SPEC test asks for.

use http::StatusCode;
use scim_lang::error::ScimError;
use scim_lang::schema::{self, Attribute, Mutability, Schema};
use serde_json::{Value, json};

use super::{CORE, ENTERPRISE};
use crate::config::Auth;
use crate::message::{Body, Reply, Request};
use crate::okta;
use crate::store::Kind;

/// Answers /ServiceProviderConfigs (section 9 of the core schema).
pub(crate) fn service_provider_configs(request: &Request, auth: &Auth, max_page: usize) -> Reply {
    let mut schemes = auth.schemes();
    for scheme in schemes.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(url) = scheme.shift_remove("specUri") {
            scheme.insert("specUrl".into(), url);
        }
    }
    let config = json!({
        "schemas": [CORE],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": max_page },
        "changePassword": { "supported": true },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "xmlDataFormat": { "supported": false },
        "authenticationSchemes": schemes,
        "meta": { "location": format!("{}/ServiceProviderConfigs", request.base) },
    });
    Reply::json(StatusCode::OK, config)
}

/// Answers /ResourceTypes.
pub(crate) fn resource_types(request: &Request) -> Reply {
    let types = [Kind::User, Kind::Group].map(|kind| resource_type(request, kind));
    Reply::list(types.len(), 1, types.to_vec())
}

/// Answers /ResourceTypes/{name}.
pub(crate) fn one_resource_type(request: &Request, name: &str) -> Result<Reply, ScimError> {
    let found = [Kind::User, Kind::Group].into_iter().find(|kind| kind.ty().name == name);
    let kind = found.ok_or_else(|| ScimError::new(404, format!("there is no resource type {name}")))?;
    Ok(Reply::json(StatusCode::OK, resource_type(request, kind)))
}

fn resource_type(request: &Request, kind: Kind) -> Value {
    let ty = kind.ty();
    json!({
        "schemas": [CORE],
        "id": ty.name,
        "name": ty.name,
        "endpoint": ty.endpoint,
        "description": ty.description,
        "schema": CORE,
        "meta": { "location": format!("{}/ResourceTypes/{}", request.base, ty.name) },
    })
}

/// Answers /Schemas.
pub(crate) fn schemas(request: &Request) -> Reply {
    let schemas: Vec<Value> = published().iter().map(|published| published.representation(request)).collect();
    let mut reply = Reply::list(schemas.len(), 1, schemas);
    if let Body::Json(list) = &mut reply.body {
        // The second one is what Okta's SPEC test looks for here, and only here.
        list["schemas"] = json!([CORE, format!("{CORE}:ListResponse")]);
    }
    reply
}

/// Answers /Schemas/{id}.
pub(crate) fn schema(request: &Request, id: &str) -> Result<Reply, ScimError> {
    let published = published();
    let found = published.iter().find(|published| published.id.eq_ignore_ascii_case(id));
    let found = found.ok_or_else(|| ScimError::new(404, format!("there is no schema {id}")))?;
    Ok(Reply::json(StatusCode::OK, found.representation(request)))
}

/// A schema under the name it has in SCIM 1.1 (section 10 of the core schema).
struct Published {
    id: String,
    /// The URN that resources name.
    urn: &'static str,
    endpoint: &'static str,
    schema: &'static Schema,
}

fn published() -> Vec<Published> {
    let (users, groups) = (Kind::User.ty().endpoint, Kind::Group.ty().endpoint);
    let core = |name: &str| format!("{CORE}:{name}");
    let mut published = vec![
        Published { id: core("User"), urn: CORE, endpoint: users, schema: schema::user() },
        Published { id: core("Group"), urn: CORE, endpoint: groups, schema: schema::group() },
        Published { id: ENTERPRISE.to_owned(), urn: ENTERPRISE, endpoint: users, schema: schema::enterprise_user() },
    ];
    let extension = okta::schemas().into_iter().find(|schema| schema.is(okta::CUSTOM_GROUP));
    published.extend(extension.map(|schema| Published {
        id: schema.id.to_owned(),
        urn: schema.id,
        endpoint: groups,
        schema,
    }));
    published
}

impl Published {
    fn representation(&self, request: &Request) -> Value {
        let rows: Vec<Value> = self.schema.attributes.iter().map(|attribute| self.row(attribute)).collect();
        json!({
            "schemas": [CORE],
            "id": self.id,
            "name": self.schema.name,
            "description": self.schema.description,
            "schema": self.urn,
            "endpoint": self.endpoint,
            "attributes": rows,
            "meta": { "location": format!("{}/Schemas/{}", request.base, self.id) },
        })
    }

    fn row(&self, attribute: &Attribute) -> Value {
        let mut row = json!({
            "name": in_1_1(attribute.name, self.urn),
            "type": attribute.ty.name(),
            "multiValued": attribute.multi_valued,
            "description": attribute.description,
            "schema": self.urn,
            "readOnly": attribute.mutability == Mutability::ReadOnly,
            "required": attribute.required,
            "caseExact": attribute.case_exact,
        });
        if attribute.is_complex() {
            let subs = attribute.sub_attributes.iter().filter(|sub| sub.name != "$ref");
            row["subAttributes"] = subs.map(|sub| self.row(sub)).collect();
        }
        if !attribute.canonical_values.is_empty() {
            row["canonicalValues"] = json!(attribute.canonical_values);
        }
        row
    }
}

/// The enterprise extension has one attribute with a sub-attribute called `value`: `manager`.
fn in_1_1(name: &'static str, urn: &str) -> &'static str {
    if name == "value" && urn == ENTERPRISE { "managerId" } else { name }
}
