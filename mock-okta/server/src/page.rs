//! Pages: which part of a list is answered, and the `Link` headers to the others.
//!
//! A cursor is the id of the last item of a page, and the next page starts behind the place that item had, whether or
//! not it is still there: deleting what was listed while going through the pages skips nobody.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::call::Call;
use crate::error::{ApiError, Code};
use crate::world::World;

/// One page of ids, and the links.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) ids: Vec<String>,
    pub(crate) links: Vec<(&'static str, String)>,
}

/// How long pages are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Where the call says nothing.
    pub(crate) default: usize,
    /// However much the call asks for.
    pub(crate) most: usize,
}

impl Page {
    /// Cuts the page a call asks for out of a list.
    pub(crate) fn cut(world: &mut World, call: &Call, ids: Vec<String>, size: Size) -> Result<Page, ApiError> {
        let limit = limit(call, size)?;
        let after = match call.parameter("after") {
            Some(cursor) => Some(world.position(&cursor).ok_or_else(|| ApiError::of(Code::InvalidPaging))?),
            None => None,
        };
        let positions = world.positions(&ids);
        let mut placed: Vec<(usize, String)> = positions.into_iter().zip(ids).collect();
        placed.sort_unstable();
        let mut rest = placed.into_iter().filter(|(place, _)| after.is_none_or(|after| *place > after));
        let ids: Vec<String> = rest.by_ref().take(limit).map(|(_, id)| id).collect();
        let mut links = vec![("self", target(call, call.parameter("after").as_deref(), None))];
        if let (Some(last), true) = (ids.last(), rest.next().is_some()) {
            links.push(("next", target(call, Some(last), Some(limit))));
        }
        Ok(Page { ids, links })
    }
}

/// Reads the limit of a call. More than the most is the most.
pub(crate) fn limit(call: &Call, size: Size) -> Result<usize, ApiError> {
    let Some(text) = call.parameter("limit") else { return Ok(size.default) };
    match text.parse::<usize>() {
        Ok(limit) if limit > 0 => Ok(limit.min(size.most)),
        _ => Err(ApiError::validation("limit", "limit: it is no whole number above zero")),
    }
}

/// Returns the call's own URL at another place of the list.
pub(crate) fn target(call: &Call, after: Option<&str>, limit: Option<usize>) -> String {
    let limit = limit.map(|limit| limit.to_string());
    let changed = [("after", after), ("limit", limit.as_deref())];
    let is_changed = |name: &str| changed.iter().any(|(known, value)| *known == name && value.is_some());
    let mut pairs: Vec<(String, String)> = call.parameters().filter(|(name, _)| !is_changed(name)).collect();
    pairs.extend(changed.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned()))));
    let encode = |text: &str| utf8_percent_encode(text, KEPT).to_string();
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{}{mark}{}", call.origin, call.path, query.join("&"))
}

/// RFC 3986 §2.3, unreserved characters.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::world::Clock;

    const SIZE: Size = Size { default: 2, most: 3 };

    fn call(query: &str) -> Call {
        Call::new(Method::GET, "/api/v1/users", query, Vec::new(), "http://localhost")
    }

    fn ids(numbers: &[usize]) -> Vec<String> {
        numbers.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn pages_follow_each_other_though_items_go() {
        let mut world = World::new("acme", "acme", Clock::starting(0));
        let first = Page::cut(&mut world, &call("q=a b"), ids(&[1, 2, 3, 4, 5]), SIZE).unwrap();
        assert_eq!(first.ids, ids(&[1, 2]));
        assert_eq!(first.links[1], ("next", "http://localhost/api/v1/users?q=a%20b&after=2&limit=2".to_owned()));
        let second = Page::cut(&mut world, &call("after=2&limit=9"), ids(&[3, 4, 5]), SIZE).unwrap();
        assert_eq!((second.ids, second.links.len()), (ids(&[3, 4, 5]), 1));
    }

    #[test]
    fn limits_and_cursors_that_cannot_be_are_refused() {
        let mut world = World::new("acme", "acme", Clock::starting(0));
        for query in ["limit=0", "limit=-1", "limit=x", "after=nobody"] {
            assert!(Page::cut(&mut world, &call(query), ids(&[1]), SIZE).is_err(), "{query}");
        }
    }
}
