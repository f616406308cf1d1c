//! Quirks of the discovery documents: the configuration, resource types and schemas, as RFC 7643 §5 to §7 and RFC 7644 §4
//! have them.

use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use scim_lang::error::ScimError;
use scim_lang::urn;
use serde_json::{Value, json};

use super::Rows;
use super::replies::{list, remove, resources, sent};
use crate::behaviour::{Behaviour, Effect};
use crate::message::{Body, Reply, Request};
use crate::route::Route;
use crate::version::Version;

/// Those that turn a case red under the default gate.
pub(super) const FAULTS: Rows = &[Behaviour::new(
    "resource-type-read-alone-is-500",
    "/ResourceTypes/Device answers 500, as every type that is not there.",
    "RFC7644 3.12",
    &[Effect::Reply(|_, route, reply| {
        if matches!(route, Some(Route::ResourceType(name)) if !["User", "Group"].contains(&name.as_str())) {
            *reply = ScimError::new(500, "no row was found").into();
        }
    })],
)];

/// Those that do not turn a case red under the default gate.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "config-is-a-list",
        "/ServiceProviderConfig answers with a list of one.",
        "RFC7644 4",
        &[Effect::Reply(|request, route, reply| {
            if let Some(config) = config(request, route, reply) {
                *reply = Reply::list(1, 1, vec![config.clone()]);
            }
        })],
    ),
    Behaviour::new(
        "config-limits-are-text",
        "The limits of bulk requests and filters are strings.",
        "RFC7643 5",
        &[Effect::Reply(|request, route, reply| {
            if let Some(config) = config(request, route, reply) {
                config["bulk"]["maxOperations"] = "1000".into();
                config["filter"]["maxResults"] = "1000".into();
            }
        })],
    ),
    Behaviour::new(
        "config-understates-pages",
        "/ServiceProviderConfig says that one resource is returned at most, and more are.",
        "RFC7643 5",
        &[Effect::Reply(|request, route, reply| {
            if let Some(config) = config(request, route, reply) {
                config["filter"]["maxResults"] = 1.into();
            }
        })],
    ),
    Behaviour::new(
        "config-has-nameless-schemes",
        "Authentication schemes have no name, and a type of the server's own.",
        "RFC7643 5",
        &[Effect::Reply(|request, route, reply| {
            let Some(config) = config(request, route, reply) else { return };
            for scheme in config["authenticationSchemes"].as_array_mut().into_iter().flatten() {
                scheme["type"] = "secret".into();
                remove(Some(scheme), "name");
            }
        })],
    ),
    Behaviour::new(
        "config-names-another-type",
        "`meta.resourceType` of the configuration is Config, and its `id` is empty.",
        "RFC7643 3.1",
        &[Effect::Reply(|request, route, reply| {
            if let Some(config) = config(request, route, reply) {
                config["meta"]["resourceType"] = "Config".into();
                config["id"] = "".into();
            }
        })],
    ),
    Behaviour::new(
        "config-claims-the-profile-as-text",
        "`interopProfileConformant` is a string.",
        "draft-ietf-scim-interop-profile 4",
        &[Effect::Reply(|request, route, reply| {
            if let Some(config) = config(request, route, reply) {
                config["interopProfileConformant"] = "true".into();
            }
        })],
    ),
    Behaviour::new(
        "config-without-credentials-is-500",
        "/ServiceProviderConfig answers 500 to whom it does not know.",
        "RFC7644 4",
        &[Effect::Reply(|request, route, reply| {
            if matches!(route, Some(Route::ServiceProviderConfig)) && request.header(AUTHORIZATION).is_none() {
                *reply = ScimError::new(500, "there is no session").into();
            }
        })],
    ),
    Behaviour::new(
        "discovery-is-paged",
        "/Schemas and /ResourceTypes return one resource where `count` is there.",
        "RFC7644 4",
        &[Effect::Reply(|request, route, reply| {
            if matches!(route, Some(Route::Schemas | Route::ResourceTypes))
                && request.query.contains("count=")
                && let Some(list) = list(reply)
                && let Some(resources) = list["Resources"].as_array_mut()
            {
                resources.truncate(1);
                list["itemsPerPage"] = 1.into();
            }
        })],
    ),
    Behaviour::new(
        "discovery-ignores-filters",
        "A filter at /Schemas and /ResourceTypes is ignored.",
        "RFC7644 4",
        &[Effect::Request(|request, route| {
            if matches!(route, Some(Route::Schemas | Route::ResourceTypes)) {
                request.query.clear();
            }
        })],
    ),
    Behaviour::new(
        "discovery-is-an-array",
        "/Schemas and /ResourceTypes answer with a bare array.",
        "RFC7644 4",
        &[Effect::Reply(|_, route, reply| {
            if matches!(route, Some(Route::Schemas | Route::ResourceTypes))
                && let Some(list) = list(reply)
            {
                reply.body = Body::Json(list["Resources"].take());
            }
        })],
    ),
    Behaviour::new(
        "discovery-is-written",
        "A POST at a discovery endpoint answers 201.",
        "RFC7644 4",
        &[Effect::Reply(|request, route, reply| {
            let writes = request.method == Method::POST && request.version == Version::V2;
            if writes && is_discovery(route) && !request.body.is_empty() {
                *reply = Reply::json(StatusCode::CREATED, sent(request));
            }
        })],
    ),
    Behaviour::new(
        "unknown-schemas-are-found",
        "A schema or resource type that is not there is answered with 200 and nothing in it.",
        "RFC7644 3.12",
        &[Effect::Reply(|request, route, reply| {
            let reads =
                request.method == Method::GET && matches!(route, Some(Route::Schema(_) | Route::ResourceType(_)));
            if reads && reply.status == StatusCode::NOT_FOUND {
                *reply = Reply::json(StatusCode::OK, json!({}));
            }
        })],
    ),
    Behaviour::new(
        "resource-types-are-read-together",
        "/ResourceTypes/User answers 404.",
        "RFC7644 4",
        &[Effect::Reply(|_, route, reply| {
            if matches!(route, Some(Route::ResourceType(_))) {
                *reply = ScimError::new(404, "there is nothing here").into();
            }
        })],
    ),
    Behaviour::new(
        "resource-type-is-a-list",
        "/ResourceTypes/User answers with a list of one.",
        "RFC7644 4",
        &[Effect::Reply(|_, route, reply| {
            if matches!(route, Some(Route::ResourceType(_))) && reply.status == StatusCode::OK {
                let alone = resources(reply).into_iter().map(|ty| ty.take()).collect();
                *reply = Reply::list(1, 1, alone);
            }
        })],
    ),
    Behaviour::new(
        "endpoints-are-elsewhere",
        "Resource types name endpoints of another host.",
        "RFC7643 6",
        &[Effect::Reply(|_, route, reply| {
            for ty in types(route, reply) {
                ty["endpoint"] = "https://elsewhere.example.com/v1?type=user".into();
            }
        })],
    ),
    Behaviour::new(
        "types-share-an-endpoint",
        "All resource types have the endpoint /Users.",
        "RFC7643 6",
        &[Effect::Reply(|_, route, reply| {
            for ty in types(route, reply) {
                ty["endpoint"] = "/Users".into();
            }
        })],
    ),
    Behaviour::new(
        "type-extensions-are-an-object",
        "`schemaExtensions` is an object.",
        "RFC7643 6",
        &[Effect::Reply(|_, route, reply| {
            for ty in types(route, reply) {
                let first = ty.pointer_mut("/schemaExtensions/0").map(Value::take);
                ty["schemaExtensions"] = first.unwrap_or_else(|| json!({}));
            }
        })],
    ),
    Behaviour::new(
        "extension-is-said-to-be-required",
        "Extensions are called required and are not.",
        "RFC7643 6",
        &[Effect::Reply(|_, route, reply| {
            for ty in types(route, reply) {
                let extensions = ty["schemaExtensions"].as_array_mut().into_iter().flatten();
                extensions.for_each(|extension| extension["required"] = true.into());
            }
        })],
    ),
    Behaviour::new(
        "schemas-have-another-location",
        "`meta.location` of schemas and resource types leads nowhere.",
        "RFC7643 3.1",
        &[Effect::Reply(|_, route, reply| {
            if is_discovery(route) {
                for resource in resources(reply).into_iter().filter(|resource| resource.get("meta").is_some()) {
                    resource["meta"]["location"] = "https://elsewhere.example.com/nothing".into();
                }
            }
        })],
    ),
    Behaviour::new(
        "schemas-lack-names",
        "Schemas have neither a name nor a description.",
        "RFC7643 7",
        &[Effect::Reply(|_, route, reply| {
            for schema in schemas(route, reply) {
                remove(Some(schema), "name");
                remove(Some(schema), "description");
            }
        })],
    ),
    Behaviour::new(
        "schemas-lack-attributes",
        "Schemas have no attributes.",
        "RFC7643 7",
        &[Effect::Reply(|_, route, reply| {
            schemas(route, reply).into_iter().for_each(|schema| remove(Some(schema), "attributes"));
        })],
    ),
    Behaviour::new(
        "schema-names-have-spaces",
        "The schema of users has an attribute `nick name`.",
        "RFC7643 2.1",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "nickName", |row| row["name"] = "nick name".into())
        })],
    ),
    Behaviour::new(
        "schema-names-are-there-twice",
        "The schema of users has both `title` and `TITLE`.",
        "RFC7643 2.1",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "nickName", |row| row["name"] = "TITLE".into())
        })],
    ),
    Behaviour::new(
        "schema-types-are-made-up",
        "The schema of users has an attribute of the type text.",
        "RFC7643 2.3",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "title", |row| row["type"] = "text".into())
        })],
    ),
    Behaviour::new(
        "schema-keywords-are-lower-case",
        "The schema of users has `readwrite` for `readWrite`.",
        "RFC7643 7",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "title", |row| row["mutability"] = "readwrite".into());
        })],
    ),
    Behaviour::new(
        "schema-characteristics-are-text",
        "The schema of users has \"false\" for false.",
        "RFC7643 7",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "title", |row| row["multiValued"] = "false".into());
        })],
    ),
    Behaviour::new(
        "schema-parts-are-missing",
        "The schema of users does not say what is in `name`.",
        "RFC7643 7",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "name", |row| remove(Some(row), "subAttributes"));
        })],
    ),
    Behaviour::new(
        "schema-parts-are-complex",
        "The schema of users has a complex attribute in a complex one.",
        "RFC7643 2.3.8",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "name", |row| {
                row["subAttributes"][0]["type"] = "complex".into();
                row["subAttributes"][0]["subAttributes"] = json!([{ "name": "part", "type": "string" }]);
            });
        })],
    ),
    Behaviour::new(
        "schema-primary-is-text",
        "`primary` of e-mail addresses is described as a string.",
        "RFC7643 2.4",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "emails", |row| {
                let parts = row["subAttributes"].as_array_mut().into_iter().flatten();
                parts.filter(|part| part["name"] == "primary").for_each(|part| part["type"] = "string".into());
            });
        })],
    ),
    Behaviour::new(
        "schema-lets-groups-be-written",
        "`groups` of users is described as readWrite, `userName` as optional.",
        "RFC7643 4.1",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "groups", |row| row["mutability"] = "readWrite".into());
            describe(route, reply, urn::USER, "userName", |row| row["required"] = false.into());
        })],
    ),
    Behaviour::new(
        "schema-has-one-email",
        "`emails` is described as a single value, `active` as a string.",
        "RFC7643 8.7.1",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "emails", |row| row["multiValued"] = false.into());
            describe(route, reply, urn::USER, "active", |row| row["type"] = "string".into());
        })],
    ),
    Behaviour::new(
        "extension-schema-is-empty",
        "The schema of the enterprise extension has an attribute without a name, and no other.",
        "RFC7643 8.7.1",
        &[Effect::Reply(|_, route, reply| {
            let is_extension = |schema: &&mut Value| schema["id"] == urn::ENTERPRISE_USER;
            for schema in schemas(route, reply).into_iter().filter(is_extension) {
                schema["attributes"] = json!([{ "type": "string" }]);
            }
        })],
    ),
    Behaviour::new(
        "schema-has-no-canonical-values",
        "The schema of users suggests no types of e-mail addresses.",
        "draft-ietf-scim-interop-profile 5.4",
        &[Effect::Reply(|_, route, reply| {
            describe(route, reply, urn::USER, "emails", |row| {
                let parts = row["subAttributes"].as_array_mut().into_iter().flatten();
                parts.for_each(|part| remove(Some(part), "canonicalValues"));
            });
        })],
    ),
    Behaviour::new(
        "discovery-schemas-are-500",
        "The schema of the configuration answers 500.",
        "RFC7644 3.12",
        &[Effect::Reply(|_, route, reply| {
            if matches!(route, Some(Route::Schema(urn)) if urn == urn::SERVICE_PROVIDER_CONFIG) {
                *reply = ScimError::new(500, "no row was found").into();
            }
        })],
    ),
];

/// Returns the configuration, if the reply is the one of SCIM 2.0.
fn config<'a>(request: &Request, route: Option<&Route>, reply: &'a mut Reply) -> Option<&'a mut Value> {
    match (route, request.version, &mut reply.body) {
        (Some(Route::ServiceProviderConfig), Version::V2, Body::Json(config)) if reply.status == StatusCode::OK => {
            Some(config)
        }
        _ => None,
    }
}

fn is_discovery(route: Option<&Route>) -> bool {
    use Route::{ResourceType, ResourceTypes, Schema, Schemas, ServiceProviderConfig};
    matches!(route, Some(ServiceProviderConfig | ResourceTypes | ResourceType(_) | Schemas | Schema(_)))
}

/// Returns the resource types of a reply.
fn types<'a>(route: Option<&Route>, reply: &'a mut Reply) -> Vec<&'a mut Value> {
    match route {
        Some(Route::ResourceTypes | Route::ResourceType(_)) if reply.status == StatusCode::OK => resources(reply),
        _ => Vec::new(),
    }
}

/// Returns the schemas of a reply.
fn schemas<'a>(route: Option<&Route>, reply: &'a mut Reply) -> Vec<&'a mut Value> {
    match route {
        Some(Route::Schemas | Route::Schema(_)) if reply.status == StatusCode::OK => resources(reply),
        _ => Vec::new(),
    }
}

/// Changes how a schema describes an attribute.
fn describe(route: Option<&Route>, reply: &mut Reply, urn: &str, name: &str, change: impl Fn(&mut Value)) {
    for schema in schemas(route, reply).into_iter().filter(|schema| schema["id"] == urn) {
        let rows = schema["attributes"].as_array_mut().into_iter().flatten();
        rows.filter(|row| row["name"] == name).for_each(&change);
    }
}
