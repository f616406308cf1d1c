//! What a query asks for (RFC 7644 §3.4.2), whether it came in a URL or in the body of a POST to `.search`.

use std::borrow::Cow;

use scim_lang::error::{ScimError, ScimType};
use scim_lang::filter::{self, Filter};
use scim_lang::path::AttrPath;
use scim_lang::schema::ResourceType;
use scim_lang::urn;
use serde_json::Value;

use crate::project::Projection;
use crate::sort::Sort;

/// One query.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) filter: Option<Filter>,
    pub(crate) sort: Option<Sort>,
    pub(crate) page: Page,
    pub(crate) projection: Projection,
    /// Where to go on (RFC 9865), empty for the first page; nothing where pages are asked for by index.
    pub(crate) cursor: Option<String>,
}

/// Which part of the result is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// The number of the first resource as the client counts, from 1, if it says so.
    pub(crate) start_index: Option<usize>,
    /// How many resources come before the first.
    pub(crate) skip: usize,
    /// The resource before the first, by its place in the order of creation, if a cursor named it.
    pub(crate) after: Option<u64>,
    /// The most resources the client wants.
    pub(crate) count: Option<usize>,
    /// The most resources the service provider gives.
    pub(crate) limit: usize,
}

impl Default for Page {
    fn default() -> Self {
        Page { start_index: None, skip: 0, after: None, count: None, limit: usize::MAX }
    }
}

impl Page {
    /// Returns the part of `length` results that is on the page. Past the end it is empty.
    pub(crate) fn range(&self, length: usize) -> std::ops::Range<usize> {
        let start = self.skip.min(length);
        start..start.saturating_add(self.size()).min(length)
    }

    /// Returns the most resources there can be on the page. RFC 7644 §3.4.2.4 leaves the size to the service provider
    /// where the client does not say.
    pub(crate) fn size(&self) -> usize {
        self.count.unwrap_or(DEFAULT_PAGE).min(self.limit)
    }

    /// Returns the page with what comes before it counted anew, where a cursor named the resource before the first.
    /// The number the cursor remembers serves where that resource is gone.
    pub(crate) fn found_again(&self, behind: impl FnOnce(u64) -> Option<usize>) -> Page {
        match self.after.and_then(behind) {
            Some(skip) => Page { skip, ..*self },
            None => *self,
        }
    }
}

/// What the texts of a query say, before anything is understood.
#[derive(Debug, Default)]
struct Texts<'a> {
    filter: Option<Cow<'a, str>>,
    sort_by: Option<Cow<'a, str>>,
    sort_order: Option<Cow<'a, str>>,
    start_index: Option<Cow<'a, str>>,
    count: Option<Cow<'a, str>>,
    cursor: Option<Cow<'a, str>>,
    attributes: Vec<Cow<'a, str>>,
    excluded: Vec<Cow<'a, str>>,
}

impl Query {
    /// Reads the parameters of a URL. Unknown ones are ignored (RFC 7644 §3.4.2).
    pub(crate) fn from_parameters(
        parameters: &[(String, String)],
        types: &[&ResourceType],
    ) -> Result<Query, ScimError> {
        let mut texts = Texts::default();
        for (name, value) in parameters {
            let value = Cow::Borrowed(value.as_str());
            match name.as_str() {
                "filter" => texts.filter = Some(value),
                "sortBy" => texts.sort_by = Some(value),
                "sortOrder" => texts.sort_order = Some(value),
                "startIndex" => texts.start_index = Some(value),
                "count" => texts.count = Some(value),
                "cursor" => texts.cursor = Some(value),
                _ => {}
            }
        }
        (texts.attributes, texts.excluded) = projections(parameters);
        texts.understand(types)
    }

    /// Reads a SearchRequest (RFC 7644 §3.4.3).
    pub(crate) fn from_search(body: &Value, types: &[&ResourceType]) -> Result<Query, ScimError> {
        let schemas = body["schemas"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if !schemas.into_iter().any(|schema| schema.eq_ignore_ascii_case(urn::SEARCH_REQUEST)) {
            let detail = format!("the body is not a SearchRequest: `schemas` does not name {}", urn::SEARCH_REQUEST);
            return Err(ScimError::bad_request(ScimType::InvalidSyntax, detail));
        }
        Texts {
            filter: text(body, "filter")?,
            sort_by: text(body, "sortBy")?,
            sort_order: text(body, "sortOrder")?,
            start_index: number(body, "startIndex")?,
            count: number(body, "count")?,
            cursor: text(body, "cursor")?,
            attributes: list(body, "attributes")?,
            excluded: list(body, "excludedAttributes")?,
        }
        .understand(types)
    }
}

impl Texts<'_> {
    fn understand(self, types: &[&ResourceType]) -> Result<Query, ScimError> {
        let filter = self.filter.map(|text| filter::parse(&text)).transpose()?;
        let sort = self.sort_by.filter(|text| !text.is_empty());
        let sort = sort.map(|path| Sort::parse(&path, self.sort_order.as_deref(), types)).transpose()?;
        let mut page = Page::default();
        if let Some(text) = self.start_index {
            // RFC 7644 §3.4.2.4: below 1 is read as 1.
            let start_index = integer("startIndex", &text)?.max(1);
            page.start_index = Some(start_index);
            page.skip = start_index - 1;
        }
        // RFC 7644 §3.4.2.4: negative is read as 0.
        page.count = self.count.map(|text| integer("count", &text)).transpose()?;
        if self.cursor.is_some() && page.start_index.is_some() {
            // RFC 9865 §2.4: each of the two asks for a method of paging, and they are different ones.
            let detail = "`cursor` and `startIndex` cannot be used together";
            return Err(ScimError::bad_request(ScimType::InvalidValue, detail));
        }
        let projection = Projection::parse(&self.attributes, &self.excluded)?;
        Ok(Query { filter, sort, page, projection, cursor: self.cursor.map(Cow::into_owned) })
    }
}

/// Reads the parameters that shape the answer to any request (RFC 7644 §3.9).
pub(crate) fn projection(parameters: &[(String, String)]) -> Result<Projection, ScimError> {
    let (attributes, excluded) = projections(parameters);
    Projection::parse(&attributes, &excluded)
}

fn projections(parameters: &[(String, String)]) -> (Vec<Cow<'_, str>>, Vec<Cow<'_, str>>) {
    let named = |wanted: &'static str| {
        let values = parameters.iter().filter(move |(name, _)| name == wanted);
        values.flat_map(|(_, value)| value.split(',')).map(|name| Cow::Borrowed(name.trim())).collect()
    };
    (named("attributes"), named("excludedAttributes"))
}

/// Reads a whole number; negative ones become 0, and those beyond any result stay beyond it.
fn integer(name: &str, text: &str) -> Result<usize, ScimError> {
    let digits = text.trim();
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ScimError::bad_request(ScimType::InvalidValue, format!("`{name}` has to be a whole number")));
    }
    if unsigned.len() < digits.len() {
        return Ok(0);
    }
    Ok(unsigned.parse().unwrap_or(usize::MAX))
}

fn text<'a>(body: &'a Value, name: &str) -> Result<Option<Cow<'a, str>>, ScimError> {
    match &body[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(Cow::Borrowed(text))),
        _ => Err(wrong_type(name, "a string")),
    }
}

fn number<'a>(body: &'a Value, name: &str) -> Result<Option<Cow<'a, str>>, ScimError> {
    match &body[name] {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(Some(Cow::Owned(number.to_string()))),
        _ => Err(wrong_type(name, "a whole number")),
    }
}

fn list<'a>(body: &'a Value, name: &str) -> Result<Vec<Cow<'a, str>>, ScimError> {
    let wrong = || wrong_type(name, "an array of strings");
    match &body[name] {
        Value::Null => Ok(Vec::new()),
        Value::Array(names) => names.iter().map(|name| name.as_str().map(Cow::Borrowed).ok_or_else(wrong)).collect(),
        _ => Err(wrong()),
    }
}

fn wrong_type(name: &str, kind: &str) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, format!("`{name}` has to be {kind}"))
}

/// Tells whether a path means `userName`.
pub(crate) fn is_user_name(path: &AttrPath) -> bool {
    path.is("userName") && path.schema.as_deref().is_none_or(|schema| schema.eq_ignore_ascii_case(urn::USER))
}

/// The page size where the client names none: what Okta asks for when it imports.
pub(crate) const DEFAULT_PAGE: usize = 100;

#[cfg(test)]
mod tests {
    use scim_lang::schema::user_type;
    use serde_json::json;

    use super::*;

    fn page(pairs: &[(&str, &str)]) -> Result<Page, ScimError> {
        let parameters: Vec<_> = pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Query::from_parameters(&parameters, &[user_type()]).map(|query| query.page)
    }

    #[test]
    fn paging_parameters_are_read_as_table_6_says() {
        type Row<'a> = (&'a [(&'a str, &'a str)], std::ops::Range<usize>);
        let table: &[Row<'_>] = &[
            (&[], 0..100),
            (&[("count", "2")], 0..2),
            (&[("startIndex", "3"), ("count", "2")], 2..4),
            (&[("startIndex", "0"), ("count", "2")], 0..2),
            (&[("startIndex", "-7"), ("count", "2")], 0..2),
            (&[("count", "0")], 0..0),
            (&[("count", "-1")], 0..0),
            (&[("startIndex", "251")], 250..250),
            (&[("startIndex", "99999999999999999999999")], 250..250),
            (&[("count", "99999999999999999999999")], 0..250),
            (&[("zzz", "1")], 0..100),
        ];
        for (pairs, range) in table {
            assert_eq!(page(pairs).unwrap().range(250), *range, "{pairs:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["abc", "1.5", "", "+1", "1e3", "-"] {
            assert_eq!(page(&[("count", text)]).unwrap_err().scim_type, Some(ScimType::InvalidValue), "{text}");
        }
    }

    #[test]
    fn an_empty_filter_is_a_filter_that_does_not_parse() {
        let error = page(&[("filter", "")]).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter));
    }

    #[test]
    fn a_search_request_says_the_same_in_json() {
        let body = json!({ "schemas": [urn::SEARCH_REQUEST], "filter": "userName pr", "startIndex": 2, "count": 3 });
        let query = Query::from_search(&body, &[user_type()]).unwrap();
        assert_eq!(query.page.range(250), 1..4);
        assert!(query.filter.is_some());
        for wrong in [json!({}), json!({ "schemas": [urn::SEARCH_REQUEST], "attributes": "userName" }), json!([])] {
            assert!(Query::from_search(&wrong, &[user_type()]).is_err(), "{wrong}");
        }
    }
}
