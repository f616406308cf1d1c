//! Reading one page of a list. What its entries mean is decided elsewhere.

use serde_json::{Map, Value};

use crate::answer::Unusable;
use crate::{Response, message};

/// A page as the service provider describes it.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) total: Option<i64>,
    pub(crate) start_index: Option<i64>,
    pub(crate) items_per_page: Option<i64>,
    pub(crate) resources: Vec<Value>,
    /// Whether a key of the list is spelled in lower case.
    pub(crate) lower_case: bool,
}

/// Reads a successful answer; `first` says whether it is the list's first page.
///
/// A first page without `Resources` fails as in the test of the credentials
/// (<https://support.okta.com/help/s/article/okta-scim-connector-error-no-results-for-users-returned-when-testing-connection>).
/// Beyond it, no `Resources` is a page that holds nothing: RFC 7644 §3.4.2 asks for the key only where
/// there are results.
pub(crate) fn read(response: &Response, first: bool) -> Result<Page, Unusable> {
    let Value::Object(mut list) = parse(&response.body)? else {
        return Err(Unusable("the body is not a ListResponse but some other JSON".to_owned()));
    };
    let lower_case =
        ["totalresults", "startindex", "itemsperpage", "resources"].iter().any(|key| list.contains_key(*key));
    Ok(Page {
        total: counter(&list, "totalResults")?,
        start_index: counter(&list, "startIndex")?,
        items_per_page: counter(&list, "itemsPerPage")?,
        resources: resources(&mut list, first)?,
        lower_case,
    })
}

fn parse(body: &[u8]) -> Result<Value, Unusable> {
    if body.trim_ascii().is_empty() {
        return Err(Unusable("the body is empty".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| {
        let why = message::jackson(body).unwrap_or_else(|| error.to_string());
        Unusable(format!("the body is not JSON: {why}"))
    })
}

/// Okta SCIM 2.0 protocol reference, "Retrieve Users": integers, not strings. What Okta makes of a
/// missing one is not documented, so it is accepted.
fn counter(list: &Map<String, Value>, key: &str) -> Result<Option<i64>, Unusable> {
    let Some(value) = list.get(key).or_else(|| list.get(&key.to_ascii_lowercase())) else {
        return Ok(None);
    };
    match value.as_i64() {
        Some(number) => Ok(Some(number)),
        None => Err(Unusable(format!("{key} is {}, not an integer", super::note::brief(&value.to_string())))),
    }
}

/// The older developer.okta.com/reference/scim page names lower-case spellings of the list's keys as
/// accepted too.
fn resources(list: &mut Map<String, Value>, first: bool) -> Result<Vec<Value>, Unusable> {
    match list.remove("Resources").or_else(|| list.remove("resources")) {
        Some(Value::Array(resources)) => Ok(resources),
        Some(_) => Err(Unusable("Resources is not an array".to_owned())),
        None if first => Err(Unusable("Resources is missing".to_owned())),
        None => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str, first: bool) -> Result<Page, Unusable> {
        read(&Response::new(200, "OK", body.as_bytes()), first)
    }

    #[test]
    fn lower_case_keys_are_read_and_noticed() {
        let page = page(r#"{"totalresults":2,"startindex":1,"itemsperpage":1,"resources":[{}]}"#, true).unwrap();
        assert_eq!((page.total, page.start_index, page.items_per_page), (Some(2), Some(1), Some(1)));
        assert!(page.lower_case && page.resources.len() == 1);
    }

    #[test]
    fn counters_are_integers() {
        for (body, why) in [
            (r#"{"totalResults":"1","Resources":[]}"#, r#"totalResults is "1", not an integer"#),
            (r#"{"startIndex":1.5,"Resources":[]}"#, "startIndex is 1.5, not an integer"),
            (r#"{"itemsPerPage":null,"Resources":[]}"#, "itemsPerPage is null, not an integer"),
        ] {
            assert_eq!(page(body, true).unwrap_err(), Unusable(why.to_owned()), "{body}");
        }
    }

    #[test]
    fn only_the_first_page_has_to_have_resources() {
        assert_eq!(page(r#"{"totalResults":0}"#, true).unwrap_err(), Unusable("Resources is missing".to_owned()));
        assert!(page(r#"{"totalResults":0}"#, false).unwrap().resources.is_empty());
        assert!(page(r#"{"Resources":null}"#, false).is_err());
    }
}
