//! The legality table: for each check, answers that break it and answers that merely look as if they did.

use super::{Context, Flaw};
use crate::discovery::Discovery;
use crate::discovery::document::Document;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use scim_record::RequestRecord;
use scim_suite::Check;
use scim_transport::Reply;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const BASE: &str = "http://127.0.0.1:8080/scim/v2";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// An exchange, by what is special about it.
#[derive(Clone)]
struct Case {
    method: &'static str,
    target: &'static str,
    sent: Option<String>,
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
    /// Whether the server describes itself, as [`documents`] has it.
    speaks: bool,
}

/// Returns the case of a GET that is answered 200.
fn get(target: &'static str, body: &str) -> Case {
    let body = body.to_owned();
    Case { method: "GET", target, sent: None, status: 200, headers: Vec::new(), body, speaks: false }
}

/// Returns the case of a user that has these members besides the usual ones; `null` takes one away.
fn user(extra: &str) -> Case {
    get("/Users/2819", &merged(&sample_user(), extra))
}

/// Returns the case of a group.
fn group(extra: &str) -> Case {
    let sample = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g1", "displayName": "Crew",
        "meta": { "resourceType": "Group", "location": format!("{BASE}/Groups/g1") },
    });
    get("/Groups/g1", &merged(&sample, extra))
}

/// Returns the case of a list with these members.
fn list(target: &'static str, extra: &str) -> Case {
    let sample = json!({ "schemas": [LIST], "totalResults": 2, "Resources": [{ "id": "a" }, { "id": "b" }] });
    get(target, &merged(&sample, extra))
}

/// Returns the case of an error.
fn error(status: u16, extra: &str) -> Case {
    let sample = json!({ "schemas": [ERROR], "status": status.to_string(), "detail": "No." });
    Case { status, ..get("/Users/7", &merged(&sample, extra)) }
}

/// Returns the case of the configuration.
fn config(extra: &str) -> Case {
    get("/ServiceProviderConfig", &merged(&sample_config(), extra))
}

/// Returns the case of one resource type.
fn ty(extra: &str) -> Case {
    let sample = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "id": "User", "name": "User",
        "description": "People", "endpoint": "/Users", "schema": USER,
        "schemaExtensions": [{ "schema": ENTERPRISE, "required": false }],
        "meta": { "resourceType": "ResourceType", "location": format!("{BASE}/ResourceTypes/User") },
    });
    get("/ResourceTypes/User", &merged(&sample, extra))
}

/// Returns the case of a schema with these attributes.
fn schema(id: &str, attributes: &str) -> Case {
    let attributes: Value = serde_json::from_str(attributes).expect("the table has JSON");
    let sample = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": id, "name": "S", "description": "D",
        "attributes": attributes, "meta": { "resourceType": "Schema", "location": format!("{BASE}/Schemas/{id}") },
    });
    get("/Schemas/x", &sample.to_string())
}

/// Returns the case of a bulk job with one POST and one DELETE.
fn bulk(operations: &str) -> Case {
    let sent = r#"{"Operations":[{"method":"POST","path":"/Users","bulkId":"u1","data":{}},{"method":"DELETE","path":"/Users/7"}]}"#;
    let body =
        format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":{operations}}}"#);
    Case { method: "POST", sent: Some(sent.to_owned()), ..get("/Bulk", &body) }
}

impl Case {
    fn at(self, target: &'static str) -> Case {
        Case { target, ..self }
    }

    fn with(mut self, name: &'static str, value: &'static str) -> Case {
        self.headers.push((name, value));
        self
    }

    fn answered(self, status: u16) -> Case {
        Case { status, ..self }
    }

    fn by(self, method: &'static str) -> Case {
        Case { method, ..self }
    }

    fn sending(self, body: &str) -> Case {
        Case { sent: Some(body.to_owned()), ..self }
    }

    /// Lets the server describe itself.
    fn described(self) -> Case {
        Case { speaks: true, ..self }
    }

    fn judge(&self, check: Check) -> Vec<Flaw> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let body = Bytes::copy_from_slice(self.body.as_bytes());
        let reply = Reply { status: self.status, reason: String::new(), headers, body };
        let request = RequestRecord {
            method: self.method.to_owned(),
            url: format!("{BASE}{}", self.target),
            headers: Vec::new(),
            body: self.sent.clone(),
        };
        let discovery = if self.speaks { documents() } else { Discovery::default() };
        super::check(check, &reply, &Context { request: &request, base: BASE, discovery: &discovery })
    }
}

fn sample_user() -> Value {
    json!({
        "schemas": [USER], "id": "2819", "userName": "ada@example.com", "active": true,
        "emails": [{ "value": "ada@example.com", "type": "work", "primary": true }],
        "meta": {
            "resourceType": "User", "created": "2011-05-13T04:42:34Z", "lastModified": "2011-05-13T04:42:34Z",
            "location": format!("{BASE}/Users/2819"), "version": "W/\"1\"",
        },
    })
}

fn sample_config() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true }, "bulk": { "supported": true, "maxOperations": 10, "maxPayloadSize": 1000 },
        "filter": { "supported": true, "maxResults": 200 }, "changePassword": { "supported": false },
        "sort": { "supported": false }, "etag": { "supported": false },
        "authenticationSchemes": [{ "type": "oauthbearertoken", "name": "Bearer", "description": "A token." }],
    })
}

/// What a server with ideas of its own says about itself.
fn documents() -> Discovery {
    let attribute = |name: &str, rest: Value| {
        let mut row = json!({ "name": name, "type": "string", "multiValued": false });
        merge(&mut row, &rest);
        row
    };
    let types = json!({ "schemas": [LIST], "totalResults": 1, "Resources": [{
        "name": "User", "endpoint": "Users", "schema": USER,
        "schemaExtensions": [{ "schema": ENTERPRISE, "required": false }, { "schema": "urn:acme:2.0:User", "required": false }],
    }]});
    let schemas = json!({ "totalResults": 2, "Resources": [
        { "id": USER, "attributes": [
            attribute("userName", json!({ "required": true, "uniqueness": "server", "returned": "always" })),
            attribute("password", json!({ "returned": "default", "mutability": "readWrite" })),
            attribute("active", json!({ "type": "boolean" })),
            attribute("shoeSize", json!({ "type": "integer" })),
            attribute("ratio", json!({ "type": "decimal" })),
            attribute("badge", json!({ "type": "binary" })),
            attribute("colour", json!({ "type": "hue" })),
            attribute("history", json!({ "returned": "request" })),
            attribute("rank", json!({ "canonicalValues": ["A", "B"], "caseExact": true })),
            attribute("emails", json!({ "type": "complex", "multiValued": true, "subAttributes": [
                attribute("value", json!({ "required": true })),
                attribute("type", json!({ "canonicalValues": ["work", "home"] })),
            ]})),
        ]},
        { "id": "urn:acme:2.0:User", "attributes": [attribute("team", json!({})), attribute("pin", json!({ "mutability": "writeOnly" }))] },
    ]});
    let document = |body: &Value| Document::received(200, body.to_string().as_bytes());
    let config = document(
        &json!({ "filter": { "supported": true, "maxResults": 1 }, "bulk": { "supported": true, "maxOperations": 1 } }),
    );
    Discovery::of(config, &document(&types), &document(&schemas), &[])
}

/// Merges as RFC 7396 has it, but puts `null` where `"null"` is written, so that a table can say both.
fn merged(sample: &Value, extra: &str) -> String {
    let mut sample = sample.clone();
    merge(&mut sample, &serde_json::from_str(extra).unwrap_or_else(|cause| panic!("{extra}: {cause}")));
    sample.to_string()
}

fn merge(into: &mut Value, change: &Value) {
    let Some(members) = change.as_object() else { return *into = change.clone() };
    if !into.is_object() {
        *into = json!({});
    }
    for (key, value) in members {
        match value {
            Value::Null => drop(into.as_object_mut().expect("made one").remove(key)),
            Value::String(text) if text == "null" => into[key] = Value::Null,
            value => merge(&mut into[key], value),
        }
    }
}

/// A check, what it must catch, and what it must let pass.
struct Rows {
    check: Check,
    broken: Vec<Case>,
    legal: Vec<Case>,
}

fn rows(check: Check, broken: Vec<Case>, legal: Vec<Case>) -> Rows {
    Rows { check, broken, legal }
}

fn table() -> Vec<Rows> {
    [answers(), errors(), lists(), resources(), values(), presence(), configs(), types(), schemas(), bulks()]
        .into_iter()
        .flatten()
        .collect()
}

fn answers() -> Vec<Rows> {
    let located = |location: &'static str| user("{}").with("location", location);
    vec![
        rows(
            Check::MediaTypeScimJson,
            vec![
                user("{}"),
                user("{}").with("content-type", "application/json"),
                user("{}").with("content-type", "text/html; charset=utf-8"),
            ],
            vec![
                user("{}").with("content-type", "application/scim+json"),
                user("{}").with("content-type", "Application/SCIM+JSON ; charset=utf-8"),
                get("/Users/7", "").by("DELETE").answered(204),
            ],
        ),
        rows(
            Check::MediaTypeJson,
            vec![user("{}"), user("{}").with("content-type", "text/json")],
            vec![user("{}").with("content-type", "application/json;charset=UTF-8")],
        ),
        rows(
            Check::UniqueNames,
            vec![
                get("/Users/1", r#"{"id":"1","id":"2"}"#),
                get("/Users/1", r#"{"id":"1","name":{"givenName":"A","givenname":"B"}}"#),
                get("/Users", r#"{"Resources":[{"userName":"a","USERNAME":"b"}]}"#),
                get("/Users/1", "no JSON"),
            ],
            vec![user(r#"{"name":{"formatted":"x"},"displayName":"x"}"#), get("/Users/1", "").answered(204)],
        ),
        rows(
            Check::WwwAuthenticate,
            vec![error(401, "{}"), error(401, "{}").with("www-authenticate", "")],
            vec![
                error(401, "{}").with("www-authenticate", "Bearer realm=\"scim\""),
                error(401, "{}").with("www-authenticate", "Basic"),
                error(403, "{}"),
            ],
        ),
        rows(
            Check::RetryAfter,
            vec![error(429, "{}"), error(429, "{}").with("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")],
            vec![error(429, "{}").with("retry-after", "120"), error(400, "{}")],
        ),
        rows(
            Check::LocationHeader,
            vec![user("{}"), located(""), located("http://a b/Users/1")],
            vec![located("http://internal:9/Users/2819"), located("/scim/v2/Users/2819"), located("Users/2819")],
        ),
        rows(
            Check::LocationIsMetaLocation,
            vec![located("http://127.0.0.1:8080/scim/v2/Users/2820"), located("/scim/v2/Groups/2819")],
            vec![
                located("https://public.example.com/scim/v2/Users/2819"),
                located("/scim/v2/Users/2819"),
                located("http://127.0.0.1:8080/scim/Users/2819"),
                user("{}"),
                user(r#"{"meta":{"location":null}}"#).with("location", "/x"),
            ],
        ),
        rows(
            Check::ContentLocationIsMetaLocation,
            vec![user("{}").with("content-location", "/scim/v2/Users/1")],
            vec![user("{}").with("content-location", "http://127.0.0.1:8080/scim/v2/Users/2819"), located("/x")],
        ),
        rows(
            Check::LocationsBelowBase,
            vec![
                located("https://public.example.com/scim/v2/Users/2819"),
                located("http://127.0.0.1:8080/other/Users/2819"),
                user(r#"{"meta":{"location":"http://internal/scim/v2/Users/2819"}}"#),
            ],
            vec![located("/scim/v2/Users/2819"), located("HTTP://127.0.0.1:8080/scim/v2/Users/2819"), error(404, "{}")],
        ),
        rows(
            Check::Etag,
            vec![user("{}"), user("{}").with("etag", "1"), user("{}").with("etag", "W/1")],
            vec![user("{}").with("etag", "\"1\""), user("{}").with("etag", "W/\"1\"")],
        ),
        rows(
            Check::MetaVersionIsEtag,
            vec![user("{}").with("etag", "\"1\""), user("{}").with("etag", "W/\"2\"")],
            vec![
                user("{}").with("etag", "W/\"1\""),
                user("{}"),
                user(r#"{"meta":{"version":null}}"#).with("etag", "\"1\""),
            ],
        ),
    ]
}

fn errors() -> Vec<Rows> {
    vec![
        rows(
            Check::ErrorBody,
            vec![
                error(404, r#"{"schemas":null}"#),
                error(404, r#"{"status":"400"}"#),
                error(404, r#"{"status":null}"#),
                get("/Users/7", "User not found").answered(404),
            ],
            vec![
                error(404, "{}"),
                error(404, r#"{"status":404}"#),
                error(404, r#"{"schemas":["URN:ietf:params:scim:api:messages:2.0:error","urn:acme:x"],"trace":"7"}"#),
            ],
        ),
        rows(
            Check::ErrorMessage,
            vec![
                error(400, r#"{"schemas":[]}"#),
                get("/Users/7", "[]").answered(400),
                get("/Users/7", "").answered(400),
            ],
            vec![error(400, r#"{"status":null}"#)],
        ),
        rows(
            Check::ErrorStatusString,
            vec![error(404, r#"{"status":404}"#), error(404, r#"{"status":null}"#)],
            vec![error(404, "{}"), error(404, r#"{"status":"400"}"#)],
        ),
        rows(
            Check::ErrorScimType,
            vec![
                error(400, r#"{"scimType":"badThing"}"#),
                error(400, r#"{"scimType":"invalidvalue"}"#),
                error(400, r#"{"scimType":7}"#),
            ],
            vec![
                error(400, "{}"),
                error(400, r#"{"scimType":"null"}"#),
                error(409, r#"{"scimType":"uniqueness"}"#),
                error(400, r#"{"scimType":"expiredCursor"}"#),
                error(404, r#"{"scimType":"invalidValue"}"#),
            ],
        ),
        rows(
            Check::ErrorScimTypeFits,
            vec![error(404, r#"{"scimType":"noTarget"}"#), error(409, r#"{"scimType":"mutability"}"#)],
            vec![
                error(409, r#"{"scimType":"uniqueness"}"#),
                error(400, r#"{"scimType":"uniqueness"}"#),
                error(403, r#"{"scimType":"sensitive"}"#),
                error(400, r#"{"scimType":"invalidCount"}"#),
                error(422, r#"{"scimType":"acmeOwn"}"#),
                error(404, "{}"),
            ],
        ),
        rows(
            Check::ErrorDetail,
            vec![error(400, r#"{"detail":["a"]}"#), error(400, r#"{"detail":{"x":1}}"#)],
            vec![error(400, r#"{"detail":""}"#), error(400, r#"{"detail":null}"#), error(400, r#"{"detail":"null"}"#)],
        ),
        rows(
            Check::ErrorNoInternals,
            vec![
                error(500, r#"{"detail":"Traceback (most recent call last):\n File x"}"#),
                error(500, r#"{"detail":"NullPointerException at com.acme.Users.create(Users.java:42)"}"#),
                error(500, r#"{"detail":"at Object.<anonymous> (/srv/app.js:10:5)"}"#),
                error(409, r#"{"detail":"duplicate key value violates unique constraint \"users_name\""}"#),
            ],
            vec![
                error(400, r#"{"detail":"An exception occurred at line 3 (column 7)"}"#),
                error(400, r#"{"detail":"Unexpected token } in JSON at position 12"}"#),
                error(400, r#"{"detail":"The value at emails.value (see RFC 7643) is no e-mail address"}"#),
            ],
        ),
    ]
}

fn lists() -> Vec<Rows> {
    let half = r#"{"totalResults":9,"startIndex":1,"itemsPerPage":2}"#;
    let by_cursor = r#"{"totalResults":null,"nextCursor":"a-b.c_d~1"}"#;
    vec![
        rows(
            Check::ListResponse,
            vec![
                list("/Users", r#"{"totalResults":"2"}"#),
                list("/Users", r#"{"totalResults":1}"#),
                list("/Users", r#"{"totalResults":null}"#),
                list("/Users", r#"{"itemsPerPage":100}"#),
                list("/Users", r#"{"schemas":null}"#),
                get("/Users", "[]"),
            ],
            vec![list("/Users", "{}"), list("/Users", half), list("/Users", r#"{"totalResults":0,"Resources":null}"#)],
        ),
        rows(
            Check::ListMessage,
            vec![list("/Users", r#"{"schemas":["urn:x"]}"#), get("/Users", "[]"), get("/Schemas/x", r#"{"id":"x"}"#)],
            vec![list("/Users", r#"{"schemas":["URN:IETF:params:scim:api:messages:2.0:listresponse"]}"#)],
        ),
        rows(
            Check::ListTotal,
            vec![
                list("/Users", r#"{"totalResults":null}"#),
                list("/Users", r#"{"totalResults":"2"}"#),
                list("/Users", r#"{"totalResults":-1}"#),
                list("/Users", r#"{"totalResults":2.5}"#),
            ],
            vec![
                list("/Users", "{}"),
                list("/Users", r#"{"totalResults":2.0}"#),
                list("/Users", by_cursor),
                list("/Users?cursor", r#"{"totalResults":null}"#),
            ],
        ),
        rows(
            Check::ListIntegers,
            vec![
                list("/Users", r#"{"totalResults":2.0}"#),
                list("/Users", r#"{"startIndex":"1"}"#),
                list("/Users", r#"{"itemsPerPage":2e0}"#),
            ],
            vec![list("/Users", half), list("/Users", r#"{"startIndex":"null"}"#), list("/Users", "{}")],
        ),
        rows(
            Check::ListResources,
            vec![
                list("/Users", r#"{"Resources":null}"#),
                list("/Users", r#"{"Resources":[]}"#),
                list("/Users", r#"{"Resources":{"a":1}}"#),
                list("/Users", r#"{"Resources":["a"]}"#),
            ],
            vec![
                list("/Users", "{}"),
                list("/Users", r#"{"totalResults":0,"Resources":null}"#),
                list("/Users?count=0", r#"{"Resources":null}"#),
                list("/Users?count=0", r#"{"Resources":[]}"#),
                list("/Users?startIndex=3", r#"{"Resources":"null"}"#),
                list("/Users?cursor=x", r#"{"Resources":[]}"#),
                list("/Users/.search", r#"{"Resources":null}"#).by("POST").sending(r#"{"count":0}"#),
            ],
        ),
        rows(
            Check::ListPartial,
            vec![
                list("/Users", r#"{"totalResults":9,"itemsPerPage":2}"#),
                list("/Users", r#"{"totalResults":9,"startIndex":1}"#),
            ],
            vec![
                list("/Users", "{}"),
                list("/Users", half),
                list("/Users?count=0", r#"{"totalResults":9,"Resources":null}"#),
                list("/Users", r#"{"totalResults":9,"itemsPerPage":2,"nextCursor":"a"}"#),
            ],
        ),
        rows(
            Check::ListItemsPerPage,
            vec![list("/Users", r#"{"itemsPerPage":100}"#)],
            vec![list("/Users", r#"{"itemsPerPage":2}"#), list("/Users", "{}")],
        ),
        rows(
            Check::ListStartIndex,
            vec![list("/Users?startIndex=3", r#"{"startIndex":1}"#), list("/Users", r#"{"startIndex":0}"#)],
            vec![
                list("/Users?startIndex=3", r#"{"startIndex":3}"#),
                list("/Users?startIndex=-5", r#"{"startIndex":1}"#),
                list("/Users?startIndex=50", r#"{"startIndex":1,"Resources":[]}"#),
                list("/Users", "{}"),
            ],
        ),
        rows(
            Check::ListTotalCovers,
            vec![list("/Users", r#"{"totalResults":1}"#)],
            vec![list("/Users", "{}"), list("/Users", half), list("/Users", by_cursor)],
        ),
        rows(
            Check::ListComplete,
            vec![list("/Schemas", half), list("/Schemas", r#"{"totalResults":1}"#)],
            vec![list("/Schemas", r#"{"itemsPerPage":10}"#)],
        ),
        rows(
            Check::ListWithinCount,
            vec![list("/Users?count=1", "{}"), list("/Users?count=-1", "{}")],
            vec![
                list("/Users?count=2", "{}"),
                list("/Users?count=100", "{}"),
                list("/Users", "{}"),
                list("/Users?count=abc", "{}"),
            ],
        ),
        rows(
            Check::ListWithinMaxResults,
            vec![list("/Users", "{}").described()],
            vec![list("/Users", "{}"), list("/Users", r#"{"Resources":[{"id":"a"}]}"#).described()],
        ),
        rows(
            Check::ListUniqueIds,
            vec![list("/Users", r#"{"Resources":[{"id":"a"},{"id":"a"}]}"#)],
            vec![list("/Users", r#"{"Resources":[{"id":"a"},{"id":"A"}]}"#), list("/Users", r#"{"Resources":null}"#)],
        ),
        rows(
            Check::CursorForm,
            vec![list("/Users", r#"{"nextCursor":"a+b="}"#), list("/Users", r#"{"previousCursor":""}"#)],
            vec![list("/Users", by_cursor), list("/Users", r#"{"nextCursor":"null"}"#), list("/Users", "{}")],
        ),
    ]
}

fn resources() -> Vec<Rows> {
    let block = |urn: &str, members: &str| format!(r#"{{"{urn}":{members}}}"#);
    let listed = format!(r#"{{"schemas":["{USER}","{ENTERPRISE}"],"{ENTERPRISE}":{{"department":"R"}}}}"#);
    let meta = |members: &str| user(&format!(r#"{{"meta":{members}}}"#));
    vec![
        rows(
            Check::ResourceId,
            vec![
                user(r#"{"id":null}"#),
                user(r#"{"id":7}"#),
                user(r#"{"id":""}"#),
                list("/Users", r#"{"Resources":[{"id":"a"},{}]}"#),
                user(r#"{"id":null}"#).at("/Users/1?attributes=userName"),
                schema(USER, "[]").at("/Schemas/x").body(r#"{"name":"x"}"#),
                error(404, "{}"),
            ],
            vec![
                user("{}"),
                user(r#"{"id":null,"ID":"x"}"#),
                config("{}"),
                ty(r#"{"id":null}"#),
                get("/Users/1", "").answered(204),
                list("/Users", r#"{"totalResults":0,"Resources":null}"#),
            ],
        ),
        rows(
            Check::IdNotReserved,
            vec![user(r#"{"id":"bulkId:7"}"#), user(r#"{"id":"xBULKIDx"}"#)],
            vec![user("{}"), user(r#"{"id":"bulk-7"}"#)],
        ),
        rows(
            Check::ResourceSchemas,
            vec![
                user(r#"{"schemas":null}"#),
                user(r#"{"schemas":[]}"#),
                user(&format!(r#"{{"schemas":"{USER}"}}"#)),
                user(&format!(r#"{{"schemas":["{USER}","{}"]}}"#, USER.to_uppercase())),
                user(r#"{"schemas":[7]}"#),
            ],
            vec![
                user("{}"),
                user(r#"{"schemas":null}"#).at("/Users/1?attributes=userName"),
                user(r#"{"schemas":null}"#).at("/Users/1?excludedAttributes=schemas"),
                user(r#"{"schemas":null}"#).at("/Users/.search").by("POST").sending(r#"{"attributes":["userName"]}"#),
            ],
        ),
        rows(
            Check::BaseSchema,
            vec![user(&format!(r#"{{"schemas":["{ENTERPRISE}"]}}"#)), group(&format!(r#"{{"schemas":["{USER}"]}}"#))],
            vec![
                user(&format!(r#"{{"schemas":["{ENTERPRISE}","{}"]}}"#, USER.to_lowercase())),
                user(r#"{"schemas":null}"#),
                get("/Unknown/1", r#"{"schemas":["urn:x:y"]}"#),
            ],
        ),
        rows(
            Check::SchemasOfType,
            vec![
                user(&format!(r#"{{"schemas":["{USER}","urn:other:x"]}}"#)).described(),
                config(r#"{"schemas":["urn:x:y"]}"#),
            ],
            vec![
                user(&format!(r#"{{"schemas":["urn:ACME:2.0:user","{USER}"]}}"#)).described(),
                user(&format!(r#"{{"schemas":["{USER}","urn:other:x"]}}"#)),
            ],
        ),
        rows(
            Check::SchemasDescribed,
            vec![user(&listed).described()],
            vec![user("{}").described(), user(&listed), config("{}").described()],
        ),
        rows(
            Check::ExtensionsListed,
            vec![user(&block(ENTERPRISE, r#"{"department":"R"}"#)), user(&block("urn:acme:x", r#"{"a":1}"#))],
            vec![
                user(&listed),
                user(&listed.replace("enterprise:2.0:User\":{", "ENTERPRISE:2.0:User\":{")),
                user(&format!(r#"{{"schemas":["{USER}","{ENTERPRISE}"]}}"#)),
                user(&block(ENTERPRISE, "{}")),
                user(&block(ENTERPRISE, "\"null\"")),
            ],
        ),
        rows(
            Check::ExtensionsNested,
            vec![
                user(r#"{"department":"R"}"#),
                user(&format!(r#"{{"{ENTERPRISE}:department":"R"}}"#)),
                user(r#"{"team":"x"}"#).described(),
            ],
            vec![
                user(&listed),
                user(&format!(r#"{{"department":"R","{ENTERPRISE}":{{"department":"R"}}}}"#)),
                user(r#"{"favouriteColour":"x"}"#),
                user(r#"{"team":"x"}"#),
                group(r#"{"department":"R"}"#),
            ],
        ),
        rows(
            Check::MetaComplete,
            vec![user(r#"{"meta":null}"#), meta(r#"{"created":null}"#), meta(r#"{"location":"null"}"#)],
            vec![
                user("{}"),
                meta(r#"{"version":null}"#),
                user(r#"{"meta":null}"#).at("/Users/1?attributes=userName"),
                ty("{}"),
            ],
        ),
        rows(
            Check::MetaResourceType,
            vec![
                meta(r#"{"resourceType":"user"}"#),
                meta(r#"{"resourceType":"Group"}"#),
                ty(r#"{"meta":{"resourceType":"User"}}"#),
                get("/", r#"{"id":"1","meta":{"resourceType":"Robot"}}"#),
            ],
            vec![
                user("{}"),
                meta(r#"{"resourceType":null}"#),
                user("{}").described(),
                ty("{}"),
                user("{}").at("/Me"),
                list("/", r#"{"Resources":[{"meta":{"resourceType":"Group"}},{"meta":{"resourceType":"User"}}]}"#),
            ],
        ),
        rows(
            Check::MetaLocation,
            vec![
                meta(r#"{"location":"http://127.0.0.1:8080/scim/v2/Users/1"}"#),
                meta(r#"{"location":"http://127.0.0.1:8080/scim/v2/Groups/2819"}"#),
                meta(r#"{"location":"http://127.0.0.1:8080/scim/v2/Users"}"#),
                meta(r#"{"location":"not a URI"}"#),
                meta(r#"{"location":7}"#),
            ],
            vec![
                user("{}"),
                meta(r#"{"location":"https://internal.example/x/Users/2819"}"#),
                meta(r#"{"location":"/Users/2819?tenant=1"}"#),
                meta(r#"{"location":null}"#),
                user(&format!(r#"{{"id":"a b/c","meta":{{"location":"{BASE}/Users/a%20b%2Fc"}}}}"#)),
                user("{}").at("/Users?attributes=userName"),
                config(&format!(r#"{{"meta":{{"location":"{BASE}/ServiceProviderConfig"}}}}"#)),
                ty(r#"{"id":null}"#),
                ty(&format!(r#"{{"id":"7f","meta":{{"location":"{BASE}/ResourceTypes/User"}}}}"#)),
                schema(USER, "[]"),
            ],
        ),
        rows(
            Check::MetaOrder,
            vec![
                meta(r#"{"lastModified":"2011-05-13T04:42:33Z"}"#),
                meta(r#"{"lastModified":"2011-05-13T05:42:34+02:00"}"#),
            ],
            vec![
                user("{}"),
                meta(r#"{"lastModified":"2011-05-13T06:42:34+02:00"}"#),
                meta(r#"{"lastModified":"2010-05-13T04:42:34"}"#),
                meta(r#"{"created":null}"#),
                meta(r#"{"created":"yesterday"}"#),
            ],
        ),
        rows(
            Check::MetaFresh,
            vec![
                meta(r#"{"lastModified":"2011-05-13T04:42:36Z"}"#),
                meta(r#"{"lastModified":"2011-05-13T04:42:00Z"}"#),
            ],
            vec![user("{}"), meta(r#"{"lastModified":"2011-05-13T04:42:34.9Z"}"#), meta(r#"{"lastModified":null}"#)],
        ),
        rows(
            Check::MetaVersionForm,
            vec![meta(r#"{"version":"1"}"#), meta(r#"{"version":1}"#), meta(r#"{"version":"W/1"}"#)],
            vec![user("{}"), meta(r#"{"version":"\"a\""}"#), meta(r#"{"version":null}"#)],
        ),
    ]
}

fn values() -> Vec<Rows> {
    let of_enterprise = |members: &str| user(&format!(r#"{{"{ENTERPRISE}":{members}}}"#));
    let certificate = |value: &str| user(&format!(r#"{{"x509Certificates":[{{"value":"{value}"}}]}}"#));
    let members = |list: &str| group(&format!(r#"{{"members":{list}}}"#));
    vec![
        rows(
            Check::AttributeTypes,
            vec![
                user(r#"{"active":"true"}"#),
                user(r#"{"userName":5}"#),
                user(r#"{"ACTIVE":"true","active":null}"#),
                user(r#"{"name":"Ada"}"#),
                user(r#"{"emails":["ada@example.com"]}"#),
                user(r#"{"emails":[{"primary":"true"}]}"#),
                user(r#"{"meta":{"created":1305261754}}"#),
                of_enterprise(r#"{"employeeNumber":7}"#),
                of_enterprise("\"R\""),
                of_enterprise(r#"{"manager":"26118915"}"#),
                user(r#"{"shoeSize":"43"}"#).described(),
                config(r#"{"patch":{"supported":"true"}}"#),
                list("/Users", r#"{"Resources":[{"active":1}]}"#),
            ],
            vec![
                user("{}"),
                user(r#"{"title":"null","emails":[]}"#),
                user(r#"{"favouriteColour":7}"#),
                user(r#"{"shoeSize":"43"}"#),
                user(r#"{"colour":{"r":1}}"#).described(),
                user(r#"{"ratio":1,"shoeSize":43}"#).described(),
                config(r#"{"pagination":{"cursor":true},"securityEvents":{"asyncRequest":"none"}}"#),
            ],
        ),
        rows(
            Check::AttributeCardinality,
            vec![
                user(r#"{"emails":{"value":"a@example.com"}}"#),
                user(r#"{"userName":["ada"]}"#),
                user(&format!(r#"{{"schemas":"{USER}"}}"#)),
                of_enterprise(r#"{"department":["R"]}"#),
                members(r#"{"value":"1"}"#),
            ],
            vec![user("{}"), user(r#"{"emails":[],"title":[],"phoneNumbers":"null"}"#), user(r#"{"hobbies":["a"]}"#)],
        ),
        rows(
            Check::DateTimes,
            vec![
                user(r#"{"meta":{"created":"2011-05-13 04:42:34"}}"#),
                user(r#"{"meta":{"created":"2011-05-13"}}"#),
                user(r#"{"meta":{"lastModified":1305261754}}"#),
            ],
            vec![
                user("{}"),
                user(r#"{"meta":{"created":"2011-05-13T04:42:34"}}"#),
                user(r#"{"meta":{"created":"2011-05-13T04:42:34.1234567+14:00"}}"#),
                user(r#"{"meta":{"created":"null"}}"#),
            ],
        ),
        rows(
            Check::Integers,
            vec![
                user(r#"{"shoeSize":43.0}"#).described(),
                user(r#"{"shoeSize":4e1}"#).described(),
                config(r#"{"filter":{"maxResults":2e2}}"#),
            ],
            vec![user(r#"{"shoeSize":43,"ratio":1.0}"#).described(), user(r#"{"shoeSize":43.0}"#), config("{}")],
        ),
        rows(
            Check::Binaries,
            vec![certificate("not base64!"), certificate("a-_b"), certificate("-----BEGIN CERTIFICATE-----")],
            vec![
                certificate("MIIBCg=="),
                certificate("MIIBCg"),
                user(r#"{"badge":"a-_b"}"#).described(),
                user(r#"{"photos":[{"value":"https://example.com/a-_b"}]}"#),
            ],
        ),
        rows(
            Check::References,
            vec![
                user(r#"{"profileUrl":"my page"}"#),
                user(r#"{"photos":[{"value":"C:\\photo.png"}]}"#),
                members(r#"[{"value":"1","$ref":"/Users/{id}"}]"#),
            ],
            vec![
                user(r#"{"profileUrl":"www.example.com/~ada","photos":[{"value":"https://example.com/a?b=c"}]}"#),
                members(r#"[{"value":"1","$ref":"../Users/1"},{"value":"2","$ref":"https://x.example/v2/Users/2"}]"#),
                user(r#"{"profileUrl":""}"#),
            ],
        ),
        rows(
            Check::RefIsValue,
            vec![
                members(r#"[{"value":"1","$ref":"../Users/2"}]"#),
                user(r#"{"groups":[{"value":"g","$ref":"https://x.example/Groups"}]}"#),
                of_enterprise(r#"{"manager":{"value":"7","$ref":"/Users/8"}}"#),
            ],
            vec![
                members(r#"[{"value":"1","$ref":"../Users/1"},{"value":"2"},{"$ref":"/Users/3"}]"#),
                members(r#"[{"value":"a b","$ref":"https://x.example/Users/a%20b/"}]"#),
                user(r#"{"roles":[{"value":"x","$ref":"/elsewhere"}]}"#),
                of_enterprise(r#"{"manager":{"value":"7","$ref":"/Users/7"}}"#),
            ],
        ),
        rows(
            Check::CanonicalValues,
            vec![user(r#"{"emails":[{"value":"a","type":"zzz"}]}"#), user(r#"{"rank":"a"}"#).described()],
            vec![
                user(r#"{"emails":[{"value":"a","type":"WORK"},{"value":"b"}]}"#),
                user(r#"{"rank":"A"}"#).described(),
                user(r#"{"roles":[{"value":"a","type":"zzz"}]}"#),
                config(r#"{"authenticationSchemes":[{"type":"dpop"}]}"#),
            ],
        ),
        rows(
            Check::OnePrimary,
            vec![user(r#"{"emails":[{"value":"a","primary":true},{"value":"b","primary":true}]}"#)],
            vec![
                user(r#"{"emails":[{"value":"a","primary":true},{"value":"b","primary":false},{"value":"c"}]}"#),
                user(r#"{"emails":[{"value":"a"},{"value":"b"}]}"#),
                user(r#"{"emails":[{"value":"a","primary":true}],"phoneNumbers":[{"value":"1","primary":true}]}"#),
            ],
        ),
        rows(
            Check::NoDuplicateValues,
            vec![
                user(r#"{"emails":[{"value":"a","type":"work"},{"value":"a","type":"work","primary":true}]}"#),
                members(r#"[{"value":"1"},{"value":"1","type":null}]"#),
            ],
            vec![
                user(
                    r#"{"emails":[{"value":"a","type":"work"},{"value":"a","type":"home"},{"value":"A","type":"work"}]}"#,
                ),
                user(r#"{"addresses":[{"type":"work","country":"NO"},{"type":"work","country":"SE"}]}"#),
            ],
        ),
        rows(
            Check::CountryCodes,
            vec![user(r#"{"addresses":[{"country":"USA"}]}"#), user(r#"{"addresses":[{"country":"Norway"}]}"#)],
            vec![user(r#"{"addresses":[{"country":"US"},{"country":"no"},{"country":null},{}]}"#)],
        ),
    ]
}

fn presence() -> Vec<Rows> {
    let block = |urn: &str, members: &str| format!(r#"{{"{urn}":{members}}}"#);
    vec![
        rows(
            Check::RequiredAttributes,
            vec![
                user(r#"{"userName":null}"#),
                user(r#"{"userName":""}"#),
                user(r#"{"userName":"null"}"#),
                group(r#"{"displayName":null}"#),
                user(r#"{"emails":[{"type":"work"}]}"#).described(),
            ],
            vec![
                user("{}"),
                user(r#"{"userName":null,"USERNAME":"ada"}"#),
                user(r#"{"userName":null}"#).at("/Users/1?attributes=displayName"),
                user(r#"{"emails":[{"type":"work"}]}"#),
                config("{}"),
                schema(USER, "[]"),
            ],
        ),
        rows(
            Check::NoHiddenAttributes,
            vec![
                user(r#"{"password":"t1meMa$heen"}"#),
                user(r#"{"Password":"********"}"#),
                user(r#"{"password":"x"}"#).described(),
                user(&block("urn:acme:2.0:User", r#"{"pin":"1234"}"#)).described(),
                list("/Users", r#"{"Resources":[{"password":"x"}]}"#),
            ],
            vec![
                user("{}"),
                user(r#"{"password":"null"}"#),
                group(r#"{"password":"of the door, an attribute nobody defines"}"#),
                user(&block("urn:acme:2.0:User", r#"{"pin":"1234"}"#)),
            ],
        ),
        rows(
            Check::NoUnrequestedAttributes,
            vec![
                user(r#"{"history":"x"}"#).described(),
                user(r#"{"history":"x"}"#).described().at("/Users/1?attributes=userName"),
                user(r#"{"history":"x"}"#).described().at("/Users/.search").by("POST").sending("{}"),
            ],
            vec![
                user("{}").described(),
                user(r#"{"history":"x"}"#),
                user(r#"{"history":"x"}"#).described().at("/Users/1?attributes=HISTORY"),
                user(r#"{"history":"x"}"#).described().by("PATCH"),
                user(r#"{"history":"x"}"#)
                    .described()
                    .at("/Users/.search")
                    .by("POST")
                    .sending(r#"{"attributes":["history"]}"#),
            ],
        ),
        rows(
            Check::Projected,
            vec![
                user("{}").at("/Users/1?attributes=userName"),
                user("{}").at("/Users/1?excludedAttributes=emails"),
                user("{}").at("/Users/1?excludedAttributes=meta"),
                user(&block(ENTERPRISE, r#"{"department":"R"}"#)).at("/Users/1?attributes=userName,emails,active"),
                list("/Users?attributes=id", r#"{"Resources":[{"id":"a","userName":"x"}]}"#),
            ],
            vec![
                user("{}"),
                user("{}").at("/Users/1?attributes=USERNAME,emails.value,active"),
                user("{}").at("/Users/1?attributes=active,emails").described(),
                user("{}").at("/Users/1?excludedAttributes=id,name,emails.type"),
                user(r#"{"emails":[],"active":"null"}"#).at("/Users/1?attributes=userName"),
                user(r#"{"emails":null,"active":null,"custom":1}"#)
                    .at("/Users/1?attributes=urn:ietf:params:scim:schemas:core:2.0:User:userName"),
                user(&block(ENTERPRISE, r#"{"department":"R"}"#)).at(
                    "/Users/1?attributes=userName,emails,active,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                ),
                user(&block(ENTERPRISE, r#"{"department":"R"}"#)).at(
                    "/Users/1?attributes=userName,emails,active,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                ),
            ],
        ),
        rows(
            Check::ProjectedSubAttributes,
            vec![
                user("{}").at("/Users/1?attributes=emails.value"),
                user("{}").at("/Users/1?excludedAttributes=emails.type"),
                user("{}").at("/Users/.search").by("POST").sending(r#"{"attributes":["emails.value"]}"#),
            ],
            vec![
                user("{}"),
                user("{}").at("/Users/1?attributes=emails"),
                user("{}").at("/Users/1?attributes=emails.value,emails"),
                user("{}").at("/Users/1?attributes=emails.VALUE,emails.type,emails.primary"),
                user("{}").at("/Users/1?excludedAttributes=emails.display"),
                user("{}").at("/Users/1?attributes=name.familyName"),
            ],
        ),
        rows(
            Check::AlwaysReturned,
            vec![
                user(r#"{"id":null}"#).at("/Users/1?excludedAttributes=id"),
                user(r#"{"userName":null}"#).described().at("/Users/1?attributes=active"),
            ],
            vec![
                user(r#"{"userName":null,"schemas":null,"meta":null}"#).at("/Users/1?attributes=active"),
                user("{}").described(),
                config("{}"),
            ],
        ),
        rows(
            Check::DeclaredAttributes,
            vec![
                user(r#"{"favouriteColour":"x"}"#).described(),
                user(r#"{"emails":[{"value":"a","verified":true}]}"#).described(),
                user(&block("urn:acme:2.0:User", r#"{"floor":3}"#)).described(),
            ],
            vec![
                user(r#"{"favouriteColour":"x"}"#),
                user("{}").described(),
                user(r#"{"externalId":"7","favouriteColour":"null"}"#).described(),
                user(r#"{"emails":[{"value":"a","$ref":"/x","display":"a"}]}"#).described(),
                user(&block(ENTERPRISE, r#"{"floor":3}"#)).described(),
            ],
        ),
    ]
}

fn configs() -> Vec<Rows> {
    vec![
        rows(
            Check::ConfigMessage,
            vec![
                config(r#"{"schemas":[]}"#),
                list("/ServiceProviderConfig", "{}"),
                get("/ServiceProviderConfig", "[]"),
                get("/ServiceProviderConfig", "{}").answered(404),
            ],
            vec![config("{}"), config(r#"{"meta":null,"id":null}"#)],
        ),
        rows(
            Check::ConfigFeatures,
            vec![
                config(r#"{"etag":null}"#),
                config(r#"{"sort":{"supported":"no"}}"#),
                config(r#"{"patch":{"supported":null}}"#),
            ],
            vec![config("{}"), config(r#"{"pagination":{"cursor":true},"interopProfileConformant":true}"#)],
        ),
        rows(
            Check::ConfigLimits,
            vec![
                config(r#"{"bulk":{"maxOperations":null}}"#),
                config(r#"{"filter":{"maxResults":"200"}}"#),
                config(r#"{"filter":{"maxResults":1.5}}"#),
            ],
            vec![config("{}"), config(r#"{"bulk":{"supported":false,"maxOperations":null,"maxPayloadSize":"null"}}"#)],
        ),
        rows(
            Check::ConfigLimitsAlways,
            vec![config(r#"{"bulk":{"supported":false,"maxOperations":null}}"#)],
            vec![config(r#"{"bulk":{"supported":false,"maxOperations":0,"maxPayloadSize":0}}"#)],
        ),
        rows(
            Check::ConfigSchemes,
            vec![
                config(r#"{"authenticationSchemes":null}"#),
                config(r#"{"authenticationSchemes":[]}"#),
                config(r#"{"authenticationSchemes":{"type":"oauth2"}}"#),
                config(r#"{"authenticationSchemes":[{"type":"oauth2","name":"x"}]}"#),
            ],
            vec![config("{}"), config(r#"{"authenticationSchemes":[{"type":"dpop","name":"x","description":"y"}]}"#)],
        ),
        rows(
            Check::ConfigSchemeTypes,
            vec![config(r#"{"authenticationSchemes":[{"type":"dpop"}]}"#)],
            vec![config("{}"), config(r#"{"authenticationSchemes":[{"type":"OAuthBearerToken"}]}"#)],
        ),
        rows(
            Check::ConfigPagination,
            vec![
                config(r#"{"pagination":{"cursor":true}}"#),
                config(r#"{"pagination":{"cursor":true,"index":true,"maxPageSize":"10"}}"#),
                config(r#"{"pagination":{"cursor":true,"index":true,"defaultPaginationMethod":"offset"}}"#),
                config(r#"{"pagination":true}"#),
            ],
            vec![
                config("{}"),
                config(r#"{"pagination":{"cursor":true,"index":false}}"#),
                config(
                    r#"{"pagination":{"cursor":true,"index":true,"defaultPaginationMethod":"index","maxPageSize":9,"x":1}}"#,
                ),
            ],
        ),
    ]
}

fn types() -> Vec<Rows> {
    let both = |other: &str| {
        let one = r#"{"id":"User","name":"User","endpoint":"/Users"}"#;
        get("/ResourceTypes", &format!(r#"{{"schemas":["{LIST}"],"totalResults":2,"Resources":[{one},{other}]}}"#))
    };
    vec![
        rows(
            Check::TypeDefinitions,
            vec![ty(r#"{"name":null}"#), ty(r#"{"endpoint":""}"#), ty(r#"{"schema":7}"#), both(r#"{"name":"x"}"#)],
            vec![ty(r#"{"id":null,"description":null}"#)],
        ),
        rows(
            Check::TypeEndpoints,
            vec![
                ty(r#"{"endpoint":"http://127.0.0.1:8080/scim/v2/Users"}"#),
                ty(r#"{"endpoint":"//evil.example/Users"}"#),
                ty(r#"{"endpoint":"/Users?x=1"}"#),
                ty(r#"{"endpoint":"../Users"}"#),
                ty(r#"{"endpoint":7}"#),
            ],
            vec![ty("{}"), ty(r#"{"endpoint":"Users"}"#), ty(r#"{"endpoint":"/iam/v1/Users"}"#)],
        ),
        rows(
            Check::TypeExtensions,
            vec![
                ty(r#"{"schemaExtensions":{"schema":"urn:x:y","required":true}}"#),
                ty(r#"{"schemaExtensions":[{"schema":"urn:x:y"}]}"#),
                ty(r#"{"schemaExtensions":[{"schema":"urn:x:y","required":"false"}]}"#),
                ty(r#"{"schemaExtensions":["urn:x:y"]}"#),
            ],
            vec![ty("{}"), ty(r#"{"schemaExtensions":[]}"#), ty(r#"{"schemaExtensions":null}"#)],
        ),
        rows(
            Check::TypesUnique,
            vec![
                both(r#"{"id":"User","name":"Group","endpoint":"/Groups"}"#),
                both(r#"{"name":"User","endpoint":"/Groups"}"#),
                both(r#"{"name":"Group","endpoint":"Users"}"#),
            ],
            vec![both(r#"{"id":"Group","name":"Group","endpoint":"/Groups"}"#), ty("{}")],
        ),
        rows(
            Check::TypeSchemasDescribed,
            vec![ty("{}").described(), ty(r#"{"schema":"urn:x:y","schemaExtensions":null}"#).described()],
            vec![
                ty("{}"),
                ty(r#"{"schemaExtensions":null}"#).described(),
                ty(r#"{"schema":"URN:ietf:params:scim:schemas:core:2.0:user","schemaExtensions":[]}"#).described(),
            ],
        ),
        rows(
            Check::Descriptions,
            vec![ty(r#"{"description":null}"#), schema(USER, "[]").without("name")],
            vec![ty("{}"), schema(USER, r#"[{"name":"a"}]"#)],
        ),
    ]
}

fn schemas() -> Vec<Rows> {
    let of = |attributes: &str| schema("urn:acme:2.0:User", attributes);
    let of_user = |attributes: &str| schema(USER, attributes);
    let of_group = |attributes: &str| schema("urn:ietf:params:scim:schemas:core:2.0:Group", attributes);
    let complex =
        |subs: &str| of(&format!(r#"[{{"name":"a","type":"complex","multiValued":true,"subAttributes":{subs}}}]"#));
    vec![
        rows(
            Check::SchemaDefinitions,
            vec![
                schema("User", "[]"),
                of("[]").without("id"),
                of("[]").without("attributes"),
                of(r#"{"a":1}"#),
                of(r#"[{"type":"string"}]"#),
                of(r#"["a"]"#),
                complex(r#"[{"type":"string"}]"#),
            ],
            vec![
                of("[]"),
                schema("https://acme.example/schemas/User", r#"[{"name":"a"}]"#),
                of("[]").without("meta"),
                complex(r#"[{"name":"b"}]"#),
            ],
        ),
        rows(
            Check::SchemaNames,
            vec![of(r#"[{"name":"first name"}]"#), of(r#"[{"name":"1a"}]"#), complex(r#"[{"name":"a.b"}]"#)],
            vec![complex(r#"[{"name":"$ref"},{"name":"x509"},{"name":"a-b_c"}]"#)],
        ),
        rows(
            Check::SchemaNamesUnique,
            vec![of(r#"[{"name":"a"},{"name":"A"}]"#), complex(r#"[{"name":"b"},{"name":"b"}]"#)],
            vec![complex(r#"[{"name":"a"},{"name":"b"}]"#)],
        ),
        rows(
            Check::SchemaTypes,
            vec![
                of(r#"[{"name":"a","type":"datetime"}]"#),
                of(r#"[{"name":"a","type":"array"}]"#),
                complex(r#"[{"name":"b","type":7}]"#),
            ],
            vec![of(r#"[{"name":"a"},{"name":"b","type":"binary"},{"name":"c","type":"dateTime"}]"#)],
        ),
        rows(
            Check::SchemaKeywords,
            vec![
                of(r#"[{"name":"a","mutability":"ReadOnly"}]"#),
                of(r#"[{"name":"a","returned":"sometimes"}]"#),
                complex(r#"[{"name":"b","uniqueness":true}]"#),
            ],
            vec![of(
                r#"[{"name":"a","mutability":"immutable","returned":"request","uniqueness":"global"},{"name":"b"}]"#,
            )],
        ),
        rows(
            Check::SchemaCharacteristics,
            vec![
                of(r#"[{"name":"a","required":"false"}]"#),
                of(r#"[{"name":"a","caseExact":0}]"#),
                of(r#"[{"name":"a","canonicalValues":"work"}]"#),
                complex(r#"[{"name":"b","multiValued":"false"}]"#),
            ],
            vec![of(
                r#"[{"name":"a","required":false,"caseExact":null,"canonicalValues":[1],"referenceTypes":[]},{"name":"b"}]"#,
            )],
        ),
        rows(
            Check::SchemaSubAttributes,
            vec![of(r#"[{"name":"a","type":"complex"}]"#), complex("[]")],
            vec![complex(r#"[{"name":"b"}]"#), of(r#"[{"name":"a"}]"#)],
        ),
        rows(
            Check::SchemaFlat,
            vec![complex(r#"[{"name":"b","type":"complex","subAttributes":[{"name":"c"}]}]"#)],
            vec![
                complex(r#"[{"name":"b"}]"#),
                schema(
                    "urn:ietf:params:scim:schemas:core:2.0:Schema",
                    r#"[{"name":"attributes","type":"complex","subAttributes":[{"name":"subAttributes","type":"complex"}]}]"#,
                ),
            ],
        ),
        rows(
            Check::SchemaStandardParts,
            vec![
                complex(r#"[{"name":"primary","type":"string"}]"#),
                complex(r#"[{"name":"$ref"}]"#),
                complex(r#"[{"name":"type","type":"integer"}]"#),
                complex(r#"[{"name":"value","type":"complex"}]"#),
            ],
            vec![
                complex(
                    r#"[{"name":"primary","type":"boolean"},{"name":"$ref","type":"reference"},{"name":"value","type":"binary"}]"#,
                ),
                of(
                    r#"[{"name":"a","type":"complex","subAttributes":[{"name":"primary","type":"string"}]},{"name":"type","type":"integer"}]"#,
                ),
            ],
        ),
        rows(Check::SchemasNoMessages, vec![schema(LIST, "[]")], vec![of("[]"), of_user("[]")]),
        rows(
            Check::CoreSchemasFixed,
            vec![
                of_user(r#"[{"name":"userName","required":false}]"#),
                of_user(r#"[{"name":"USERNAME","uniqueness":"none"}]"#),
                of_user(r#"[{"name":"password","returned":"default"}]"#),
                of_user(r#"[{"name":"groups","mutability":"readWrite"}]"#),
                of_group(r#"[{"name":"id","returned":"default"}]"#),
            ],
            vec![
                of_user("[]"),
                of_user(r#"[{"name":"userName"},{"name":"password"}]"#),
                of_user(r#"[{"name":"userName","required":true,"uniqueness":"global","caseExact":true}]"#),
                of_group(r#"[{"name":"displayName","required":false}]"#),
                of(r#"[{"name":"password","returned":"default"}]"#),
            ],
        ),
        rows(
            Check::CoreSchemasTypes,
            vec![
                of_user(r#"[{"name":"active","type":"string"}]"#),
                of_user(r#"[{"name":"emails","multiValued":false}]"#),
                of_user(r#"[{"name":"emails","subAttributes":[{"name":"primary","type":"string"}]}]"#),
            ],
            vec![
                of_user(
                    r#"[{"name":"active","type":"boolean"},{"name":"shoeSize","type":"integer"},{"name":"emails"}]"#,
                ),
                of_group(r#"[{"name":"members","subAttributes":[{"name":"display","type":"reference"}]}]"#),
                of(r#"[{"name":"active","type":"string"}]"#),
            ],
        ),
        rows(
            Check::CoreSchemasSame,
            vec![
                of_user(r#"[{"name":"userName","caseExact":true}]"#),
                of_user(r#"[{"name":"title","mutability":"readOnly"}]"#),
                of_group(r#"[{"name":"displayName","required":false}]"#),
                of_group(r#"[{"name":"members","subAttributes":[{"name":"value","mutability":"readWrite"}]}]"#),
                of_user(r#"[{"name":"title","required":"false"}]"#),
            ],
            vec![
                of_user(
                    r#"[{"name":"profileUrl","caseExact":true},{"name":"emails","uniqueness":"none"},{"name":"title"}]"#,
                ),
                of_user(r#"[{"name":"x509Certificates","subAttributes":[{"name":"value","caseExact":true}]}]"#),
                of_group(r#"[{"name":"members","subAttributes":[{"name":"display","mutability":"readOnly"}]}]"#),
                of_group(r#"[{"name":"displayName","required":true},{"name":"externalId","caseExact":false}]"#),
            ],
        ),
    ]
}

fn bulks() -> Vec<Rows> {
    let made = r#"{"method":"POST","bulkId":"u1","location":"https://x.example/Users/1","status":"201"}"#;
    let gone = r#"{"method":"DELETE","location":"/Users/7","status":"204"}"#;
    let one = |operation: &str| bulk(&format!("[{operation}]"));
    let failed = |rest: &str| one(&format!(r#"{{"method":"POST","bulkId":"u1","status":"409"{rest}}}"#));
    let both = || bulk(&format!("[{made},{gone}]"));
    vec![
        rows(
            Check::BulkMessage,
            vec![both().without("schemas"), get("/Bulk", "[]"), both().answered(413)],
            vec![both()],
        ),
        rows(
            Check::BulkOperations,
            vec![
                one(r#"{"status":"200"}"#),
                one(r#"{"method":"GET","status":"200"}"#),
                one(r#"{"method":"PUT","status":"OK"}"#),
                both().without("Operations"),
            ],
            vec![both(), one(r#"{"method":"PUT","status":200}"#), one(r#"{"method":"PUT","status":{"code":"200"}}"#)],
        ),
        rows(
            Check::BulkStatusStrings,
            vec![one(r#"{"method":"PUT","status":200}"#), one(r#"{"method":"PUT","status":{"code":"200"}}"#)],
            vec![both()],
        ),
        rows(
            Check::BulkLocations,
            vec![
                one(r#"{"method":"POST","status":"201"}"#),
                one(r#"{"method":"PUT","status":"404"}"#),
                one(r#"{"method":"DELETE","status":"204","location":""}"#),
            ],
            vec![both(), failed("")],
        ),
        rows(
            Check::BulkErrors,
            vec![failed(""), failed(r#","response":{"detail":"no"}"#)],
            vec![both(), failed(&format!(r#","response":{{"schemas":["{ERROR}"],"status":"409"}}"#))],
        ),
        rows(
            Check::BulkIds,
            vec![
                bulk(&format!("[{},{gone}]", made.replace("u1", "u2"))),
                one(r#"{"method":"POST","status":"201"}"#),
                bulk(&format!("[{gone},{gone}]")),
            ],
            vec![both(), bulk(&format!("[{gone},{made}]")), one(gone)],
        ),
        rows(Check::BulkWithinLimits, vec![both().described()], vec![both(), both().described().answered(413)]),
    ]
}

impl Case {
    fn body(self, body: &str) -> Case {
        Case { body: body.to_owned(), ..self }
    }

    /// Takes a member of the body away.
    fn without(self, name: &str) -> Case {
        let mut body: Value = serde_json::from_str(&self.body).expect("the table has JSON");
        body.as_object_mut().expect("the table has objects").remove(name);
        Case { body: body.to_string(), ..self }
    }
}

#[test]
fn every_check_catches_what_is_wrong() {
    let mut passed = String::new();
    for Rows { check, broken, .. } in table() {
        for case in broken.iter().filter(|case| case.judge(check).is_empty()) {
            passed += &format!("\n{check} passes {} {}: {}", case.method, case.target, case.body);
        }
    }
    assert!(passed.is_empty(), "{passed}");
}

#[test]
fn no_check_catches_what_is_legal() {
    let mut caught = String::new();
    for Rows { check, legal, .. } in table() {
        for case in legal {
            for flaw in case.judge(check) {
                caught += &format!("\n{check} on {} {}: {}: {}", case.method, case.target, case.body, flaw.sentence);
            }
        }
    }
    assert!(caught.is_empty(), "{caught}");
}

#[test]
fn the_table_has_every_check() {
    let table = table();
    let both_sides = |rows: &&Rows| !rows.broken.is_empty() && !rows.legal.is_empty();
    let known: BTreeSet<Check> = table.iter().filter(both_sides).map(|rows| rows.check).collect();
    assert_eq!(known, Check::ALL.into_iter().collect());
}

#[test]
fn a_check_that_does_not_say_so_does_not_look_at_what_the_server_says_about_itself() {
    let mut readers = BTreeSet::new();
    for Rows { check, broken, legal } in table() {
        let differs = |case: &Case| {
            let silent = Case { speaks: false, ..case.clone() };
            silent.judge(check) != silent.described().judge(check)
        };
        if broken.iter().chain(&legal).any(differs) {
            readers.insert(check);
        }
    }
    let strangers: Vec<&Check> = readers.iter().filter(|check| !check.reads_discovery()).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

#[test]
fn a_flaw_points_at_what_is_wrong() {
    let body = format!(r#"{{"schemas":["{LIST}"],"totalResults":1,"Resources":[{{"id":"1","active":"true"}}]}}"#);
    let flaws = get("/Users", &body).judge(Check::AttributeTypes);
    assert_eq!(flaws.len(), 1);
    assert_eq!(flaws[0].pointer.as_deref(), Some("/Resources/0/active"));
    assert_eq!(flaws[0].expected.as_deref(), Some("a JSON boolean"));
    assert_eq!(flaws[0].sentence, "/Resources/0/active is no boolean, though active is of type boolean");
}

#[test]
fn a_hostile_answer_costs_a_bounded_number_of_short_sentences() {
    let name = "x\\u001b[2J".repeat(2_000);
    let list: Vec<String> = (0..5_000).map(|_| format!(r#"{{"{name}":{{"a":1}}}}"#)).collect();
    let body = format!(r#"{{"Resources":[{}]}}"#, list[..50].join(","));
    for check in Check::ALL {
        let flaws = get("/Users", &body).judge(check);
        assert!(flaws.len() <= super::MOST_FLAWS + 1, "{check}");
        assert!(flaws.iter().all(|flaw| flaw.sentence.len() < 600 && !flaw.sentence.contains('\u{1b}')), "{check}");
    }
}

#[test]
fn no_check_panics_on_odd_json() {
    let odd = [
        "",
        "null",
        "7",
        "\"x\"",
        "[]",
        "[[]]",
        "{}",
        r#"{"Resources":[7,null,{}]}"#,
        r#"{"schemas":{},"meta":[],"id":{}}"#,
    ];
    for body in odd {
        for target in [
            "",
            "/",
            "/Users",
            "/Users/",
            "/Me",
            "/Bulk",
            "/Schemas",
            "/ResourceTypes/x",
            "/.search",
            "/%zz?count=&=&x",
        ] {
            for check in Check::ALL {
                let _ = get(target, body).judge(check);
                let _ = get(target, body).described().judge(check);
            }
        }
    }
}
