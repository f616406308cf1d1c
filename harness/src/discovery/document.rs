//! One document of a server about itself, as it came, and how the three are asked for.

use super::Discovery;
use crate::client::{Client, encode, get};
use scim_lang::json;
use scim_suite::ScimVersion;
use serde_json::{Map, Value};

/// A document, if the server has one that is JSON.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    body: Option<Value>,
}

impl Document {
    /// Returns the document that an answer brought.
    pub(crate) fn received(status: u16, body: &[u8]) -> Document {
        let document = if status == 200 { json::parse(body).ok() } else { None };
        Document { body: document.map(|document| document.value) }
    }

    pub(super) fn object(&self) -> Option<&Map<String, Value>> {
        self.body.as_ref()?.as_object()
    }

    /// Returns the resources in it, with their pointers: those of a ListResponse, of a bare array, or the one it is.
    pub(super) fn resources(&self) -> Vec<(String, &Value)> {
        let (pointer, list) = match &self.body {
            None => return Vec::new(),
            Some(Value::Array(list)) => ("", list),
            Some(body) => match body.get("Resources") {
                Some(Value::Array(list)) => ("/Resources", list),
                Some(_) => return Vec::new(),
                None if body.get("totalResults").is_some() => return Vec::new(),
                None => return vec![(String::new(), body)],
            },
        };
        list.iter().enumerate().take(MOST).map(|(index, it)| (format!("{pointer}/{index}"), it)).collect()
    }
}

/// Asks for the three documents; one that comes in pages is read page by page, and schemas that resource types name but
/// the list lacks are asked for one by one.
pub(super) async fn fetch(client: &Client<'_>) -> Discovery {
    let config = ask(client, "/ServiceProviderConfig").await;
    let types = whole(client, "/ResourceTypes").await;
    let schemas = whole(client, "/Schemas").await;
    let first = Discovery::of(config.clone(), &types, &schemas, &[]);
    let mut single = Vec::new();
    for urn in missing(&first) {
        let document = ask(client, &format!("/Schemas/{}", encode(&urn))).await;
        match document.body {
            Some(schema) => single.push(schema),
            // A server without any schema has none of the next either.
            None if schemas.body.is_none() => break,
            None => {}
        }
    }
    if single.is_empty() { first } else { Discovery::of(config, &types, &schemas, &single) }
}

/// Returns the URNs that resource types name and no schema describes. The server's word for the core ones is wanted
/// even where it declares no types.
fn missing(discovery: &Discovery) -> Vec<String> {
    const AT_ONCE: usize = 20;
    let mut urns: Vec<String> = Vec::new();
    for ty in discovery.resource_types() {
        for urn in [&ty.schema].into_iter().chain(&ty.extensions) {
            let is_known = urns.iter().any(|known| known.eq_ignore_ascii_case(urn));
            if !is_known && discovery.own_schema(urn).is_none() && urn.len() <= LONGEST_URN {
                urns.push(urn.clone());
            }
        }
    }
    urns.truncate(AT_ONCE);
    urns
}

async fn ask(client: &Client<'_>, target: &str) -> Document {
    // A server that does not answer says nothing about itself either; the cases show what is wrong with it.
    match client.send("discovery", get(ScimVersion::V2, target.to_owned())).await {
        Ok(answer) => Document::received(answer.reply.status, &answer.reply.body),
        Err(_) => Document::default(),
    }
}

/// Asks for a list to its end. Discovery endpoints ignore paging (RFC 7644 §4), but some servers cut them into pages.
async fn whole(client: &Client<'_>, target: &str) -> Document {
    const PAGES: usize = 20;
    let mut document = ask(client, target).await;
    for _ in 1..PAGES {
        let Some(next) = next_index(&document) else { break };
        let page = ask(client, &format!("{target}?startIndex={next}")).await;
        let held = document.resources().len();
        append(&mut document, &page);
        if document.resources().len() == held {
            break;
        }
    }
    document
}

/// Returns where the next page of a list starts that says it holds more.
fn next_index(document: &Document) -> Option<usize> {
    let total = document.body.as_ref()?.get("totalResults")?.as_u64()?;
    let held = document.body.as_ref()?.get("Resources")?.as_array()?.len();
    (held > 0 && held < MOST && (held as u64) < total).then_some(held + 1)
}

/// Adds what a page holds and the list does not.
fn append(document: &mut Document, page: &Document) {
    let Some(list) = document.body.as_mut().and_then(|body| body.get_mut("Resources")).and_then(Value::as_array_mut)
    else {
        return;
    };
    for (_, resource) in page.resources() {
        if !list.contains(resource) && list.len() < MOST {
            list.push(resource.clone());
        }
    }
}

/// How many schemas or resource types are read.
const MOST: usize = 300;
const LONGEST_URN: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use scim_lang::urn;

    fn document(body: &str) -> Document {
        Document::received(200, body.as_bytes())
    }

    #[test]
    fn a_list_a_bare_array_and_a_single_resource_are_all_read() {
        for (body, expected) in [
            (r#"{"totalResults":2,"Resources":[{"id":"a"},{"id":"b"}]}"#, 2),
            (r#"[{"id":"a"}]"#, 1),
            (r#"{"id":"a"}"#, 1),
            (r#"{"totalResults":0}"#, 0),
            (r#"{"Resources":{"a":1}}"#, 0),
            ("[]", 0),
            ("<html>", 0),
        ] {
            assert_eq!(document(body).resources().len(), expected, "{body}");
        }
    }

    #[test]
    fn a_page_that_brings_nothing_ends_the_reading() {
        let mut first = document(r#"{"totalResults":3,"Resources":[{"id":"a"}]}"#);
        assert_eq!(next_index(&first), Some(2));
        append(&mut first, &document(r#"{"totalResults":3,"Resources":[{"id":"a"},{"id":"b"}]}"#));
        assert_eq!((first.resources().len(), next_index(&first)), (2, Some(3)));
        assert_eq!(next_index(&document(r#"{"totalResults":3,"Resources":[]}"#)), None);
        assert_eq!(next_index(&document("[]")), None);
    }

    #[test]
    fn core_urns_are_asked_for_where_nothing_is_declared() {
        assert_eq!(missing(&Discovery::default()), [urn::USER, urn::ENTERPRISE_USER, urn::GROUP]);
    }
}
