//! What the service provider says about itself (RFC 7644 §4).

use http::StatusCode;
use scim_lang::error::ScimError;
use scim_lang::schema::{self, Schema};
use scim_lang::urn;
use serde_json::{Value, json};

use crate::config::{Auth, Config};
use crate::message::{Reply, Request};
use crate::okta;
use crate::query::DEFAULT_PAGE;
use crate::store::Kind;

/// The limits of the service provider.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) max_page: usize,
    pub(crate) max_operations: usize,
    /// The largest bulk request, in bytes.
    pub(crate) max_payload: usize,
    cursor_timeout: u64,
}

impl Offer {
    pub(crate) fn new(config: &Config) -> Offer {
        let has_small_pages = config.variants.iter().any(|variant| variant.name() == "pages-are-small");
        Offer {
            max_page: if has_small_pages { config.max_page.min(7) } else { config.max_page },
            max_operations: config.max_operations,
            max_payload: config.max_payload.min(config.max_body),
            // A cursor is good for a whole second at least, or so it has to be told.
            cursor_timeout: config.cursor_timeout.as_secs().max(1),
        }
    }
}

/// Answers /ServiceProviderConfig (RFC 7643 §5, RFC 9865 §4).
pub(crate) fn service_provider_config(request: &Request, auth: &Auth, offer: &Offer) -> Reply {
    let config = json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": { "supported": true },
        "bulk": {
            "supported": true,
            "maxOperations": offer.max_operations,
            "maxPayloadSize": offer.max_payload,
        },
        "filter": { "supported": true, "maxResults": offer.max_page },
        "changePassword": { "supported": true },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "pagination": {
            "cursor": true,
            "index": true,
            // Okta knows no other, and neither does any client that is older than RFC 9865.
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_PAGE.min(offer.max_page),
            "maxPageSize": offer.max_page,
            "cursorTimeout": offer.cursor_timeout,
        },
        "authenticationSchemes": auth.schemes(),
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}/ServiceProviderConfig", request.base),
        },
    });
    Reply::json(StatusCode::OK, config)
}

/// Answers /ResourceTypes. Paging and sorting are ignored there, a filter is refused (RFC 7644 §4).
pub(crate) fn resource_types(request: &Request) -> Result<Reply, ScimError> {
    refuse_filter(request)?;
    let types: Vec<Value> = Kind::ALL.iter().map(|kind| kind.ty().to_json(&request.base)).collect();
    Ok(Reply::list(types.len(), 1, types))
}

/// Answers /ResourceTypes/{name}.
pub(crate) fn resource_type(request: &Request, name: &str) -> Result<Reply, ScimError> {
    let found = Kind::ALL.into_iter().find(|kind| kind.ty().name == name);
    let kind = found.ok_or_else(|| ScimError::new(404, format!("there is no resource type {name}")))?;
    Ok(Reply::json(StatusCode::OK, kind.ty().to_json(&request.base)))
}

/// Answers /Schemas. The schemas of messages are not among them (RFC 7644 §3.1).
pub(crate) fn schemas(request: &Request) -> Result<Reply, ScimError> {
    refuse_filter(request)?;
    let schemas: Vec<Value> = published().map(|schema| representation(schema, request)).collect();
    Ok(Reply::list(schemas.len(), 1, schemas))
}

/// Answers /Schemas/{urn}.
pub(crate) fn schema(request: &Request, urn: &str) -> Result<Reply, ScimError> {
    let found = published().find(|schema| schema.is(urn));
    let schema = found.ok_or_else(|| ScimError::new(404, format!("there is no schema {urn}")))?;
    Ok(Reply::json(StatusCode::OK, representation(schema, request)))
}

/// RFC 7643 §7: every schema that occurs in a resource is described, those of the discovery resources included.
fn published() -> impl Iterator<Item = &'static Schema> {
    let of_the_rfc = [
        schema::user(),
        schema::group(),
        schema::enterprise_user(),
        schema::service_provider_config(),
        schema::resource_type(),
        schema::schema(),
    ];
    of_the_rfc.into_iter().chain(okta::schemas())
}

fn representation(schema: &Schema, request: &Request) -> Value {
    let mut resource = schema.to_json();
    resource["meta"]["location"] = format!("{}/Schemas/{}", request.base, schema.id).into();
    if let Some(display) = member_display(&mut resource).filter(|_| schema.is(urn::GROUP)) {
        // It is made from the member. To call it immutable, as others do, would promise to keep what a client sends.
        display["mutability"] = "readOnly".into();
    }
    resource
}

fn member_display(schema: &mut Value) -> Option<&mut Value> {
    let members = row(schema.get_mut("attributes")?, "members")?;
    row(members.get_mut("subAttributes")?, "display")
}

/// Returns the row of a schema that describes the attribute of this name.
fn row<'a>(rows: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    rows.as_array_mut()?.iter_mut().find(|row| row["name"] == name)
}

/// RFC 7644 §4: a client that filters here must not mistake the whole list for its answer.
fn refuse_filter(request: &Request) -> Result<(), ScimError> {
    if request.parameters()?.iter().any(|(name, _)| name == "filter") {
        return Err(ScimError::new(403, "filters are not supported on discovery endpoints"));
    }
    Ok(())
}
