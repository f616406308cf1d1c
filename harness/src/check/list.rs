//! Rules about ListResponses (RFC 7644 §3.4.2).

use super::subject::{Subject, has_schema};
use super::{Flaw, text};
use scim_lang::urn;
use serde_json::{Map, Number, Value};
use std::collections::HashSet;

/// The counters are integers, `itemsPerPage` counts what this page holds, nothing exceeds the total.
pub(super) fn response(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    let mut flaws = schemas(body);
    let held = match body.get("Resources") {
        Some(Value::Array(resources)) => Some(resources.len() as u64),
        Some(_) => {
            flaws.push(Flaw::at("/Resources", "is no array"));
            None
        }
        None => Some(0),
    };
    let mut counter = |name: &str| match body.get(name) {
        Some(Value::Number(number)) if number.as_u64().is_some() => number.as_u64(),
        Some(_) => {
            flaws.push(Flaw::at(format!("/{name}"), "is not an integer"));
            None
        }
        None => None,
    };
    let (total, per_page, _) = (counter("totalResults"), counter("itemsPerPage"), counter("startIndex"));
    if body.get("totalResults").is_none() {
        flaws.push(Flaw::new("totalResults is absent"));
    }
    flaws.extend(miscount(per_page, held));
    if let (Some(total), Some(held)) = (total, held)
        && total < held
    {
        flaws.push(Flaw::at("/totalResults", &format!("is {total}, but the page alone holds {held}")));
    }
    Ok(flaws)
}

pub(super) fn message(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    Ok(schemas(object(subject)?))
}

/// A server that pages by cursor may leave the total out (RFC 9865 §2).
pub(super) fn total(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    Ok(match body.get("totalResults") {
        Some(Value::Number(number)) if whole(number).is_some() => Vec::new(),
        Some(_) => vec![Flaw::at("/totalResults", "is no whole number").expecting("an integer of at least 0")],
        None if by_cursor(subject, body) => Vec::new(),
        None => vec![Flaw::new("totalResults is absent")],
    })
}

pub(super) fn integers(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    let is_wrong = |name: &&str| match body.get(*name) {
        None | Some(Value::Null) => false,
        Some(Value::Number(number)) => number.to_string().contains(['.', 'e', 'E']),
        Some(_) => true,
    };
    let wrong = ["totalResults", "startIndex", "itemsPerPage"].into_iter().filter(is_wrong);
    Ok(wrong.map(|name| Flaw::at(format!("/{name}"), "is no JSON integer").expecting("digits alone")).collect())
}

/// Results may be absent where there are none to show: nothing matches, none were asked for, or the page is past the end.
pub(super) fn resources(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    Ok(match body.get("Resources") {
        Some(Value::Array(list)) => {
            let stubs = list.iter().enumerate().filter(|(_, resource)| !resource.is_object());
            let mut flaws: Vec<Flaw> =
                stubs.map(|(at, _)| Flaw::at(format!("/Resources/{at}"), "is no object")).collect();
            if list.is_empty() && must_hold_some(subject, body) {
                flaws.push(Flaw::at("/Resources", "is empty, though there are results"));
            }
            flaws
        }
        None | Some(Value::Null) if must_hold_some(subject, body) => {
            vec![Flaw::new("Resources is absent, though there are results")]
        }
        None | Some(Value::Null) => Vec::new(),
        Some(_) => vec![Flaw::at("/Resources", "is no array")],
    })
}

fn must_hold_some(subject: &Subject<'_>, body: &Map<String, Value>) -> bool {
    let asked = &subject.asked;
    let total = number(body, "totalResults").unwrap_or(0);
    let is_past_the_end = asked.start_index.is_some_and(|start| start > i64::try_from(total).unwrap_or(i64::MAX));
    // A cursor may lead to an empty last page (RFC 9865 §2).
    total > 0 && asked.count.is_none_or(|count| count > 0) && !is_past_the_end && !by_cursor(subject, body)
}

/// Pages by cursor have no index.
pub(super) fn partial(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    let held = held(body);
    let is_partial = number(body, "totalResults").is_some_and(|total| total > held);
    // Where nothing was asked for but the total, nothing is paged.
    if !is_partial || subject.asked.count.is_some_and(|count| count <= 0) {
        return Ok(Vec::new());
    }
    let names: &[&str] = if by_cursor(subject, body) { &["itemsPerPage"] } else { &["startIndex", "itemsPerPage"] };
    let missing = names.iter().filter(|name| body.get(**name).is_none_or(Value::is_null));
    Ok(missing.map(|name| Flaw::new(format!("{name} is absent, though the page is not everything"))).collect())
}

pub(super) fn items_per_page(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    Ok(miscount(number(body, "itemsPerPage"), Some(held(body))).into_iter().collect())
}

/// The index of the first result of an empty page is anybody's guess.
pub(super) fn start_index(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    if held(body) == 0 || by_cursor(subject, body) {
        return Ok(Vec::new());
    }
    let asked = subject.asked.start_index.unwrap_or(1).max(1);
    Ok(match body.get("startIndex") {
        None | Some(Value::Null) => Vec::new(),
        Some(found) if text(found).parse() == Ok(asked) => Vec::new(),
        Some(_) => vec![Flaw::at("/startIndex", &format!("is not {asked}")).expecting(asked.to_string())],
    })
}

pub(super) fn total_covers(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    let held = held(body);
    Ok(match number(body, "totalResults").filter(|total| *total < held) {
        Some(total) => vec![Flaw::at("/totalResults", &format!("is {total}, but the page alone holds {held}"))],
        None => Vec::new(),
    })
}

pub(super) fn complete(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    let held = held(body);
    Ok(match number(body, "totalResults").filter(|total| *total != held) {
        Some(total) => vec![Flaw::at("/totalResults", &format!("is {total}, but the answer holds {held}"))],
        None => Vec::new(),
    })
}

/// RFC 7644 §3.4.2.4 reads a negative count as 0.
pub(super) fn within_count(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let held = held(object(subject)?);
    Ok(match subject.asked.count.map(|count| count.max(0).unsigned_abs()).filter(|count| held > *count) {
        Some(count) => {
            vec![Flaw::at("/Resources", &format!("holds {held} resources, more than the {count} asked for"))]
        }
        None => Vec::new(),
    })
}

pub(super) fn within_max_results(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let held = held(object(subject)?);
    let limit = subject.context.discovery.config().and_then(|config| config.get("filter")?.get("maxResults")?.as_u64());
    // A limit of 0 is how servers without filters fill the field in.
    Ok(match limit.filter(|limit| *limit > 0 && held > *limit) {
        Some(limit) => vec![Flaw::at(
            "/Resources",
            &format!("holds {held} resources, more than the {limit} that the configuration allows"),
        )],
        None => Vec::new(),
    })
}

pub(super) fn unique_ids(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    let list = body.get("Resources").and_then(Value::as_array).into_iter().flatten();
    let mut known = HashSet::new();
    let twice = list.enumerate().filter_map(|(at, resource)| {
        let id = resource.get("id")?.as_str()?;
        (!known.insert(id)).then(|| Flaw::at(format!("/Resources/{at}/id"), "is on the page already"))
    });
    Ok(twice.collect())
}

pub(super) fn cursor_form(subject: &Subject<'_>) -> Result<Vec<Flaw>, Flaw> {
    let body = object(subject)?;
    let is_unreserved = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    let is_wrong = |name: &&str| match body.get(*name) {
        None | Some(Value::Null) => false,
        Some(cursor) => !cursor.as_str().is_some_and(is_unreserved),
    };
    let wrong = ["nextCursor", "previousCursor"].into_iter().filter(is_wrong);
    Ok(wrong.map(|name| Flaw::at(format!("/{name}"), "is not made of unreserved characters")).collect())
}

fn object<'s>(subject: &'s Subject<'_>) -> Result<&'s Map<String, Value>, Flaw> {
    subject.object().map_err(|_| Flaw::new("the body is no JSON object, so it is no ListResponse"))
}

fn schemas(body: &Map<String, Value>) -> Vec<Flaw> {
    if has_schema(body, urn::LIST_RESPONSE) {
        return Vec::new();
    }
    let sentence = format!("schemas does not hold {}", urn::LIST_RESPONSE);
    vec![Flaw { pointer: Some("/schemas".to_owned()), ..Flaw::new(sentence) }]
}

fn miscount(per_page: Option<u64>, held: Option<u64>) -> Option<Flaw> {
    let (per_page, held) = (per_page?, held?);
    let claim = format!("is {per_page}, but the page holds {held}");
    (per_page != held).then(|| Flaw::at("/itemsPerPage", &claim).expecting(held.to_string()))
}

fn held(body: &Map<String, Value>) -> u64 {
    body.get("Resources").and_then(Value::as_array).map_or(0, |list| list.len() as u64)
}

/// Returns a counter, whatever its spelling: how it is written is another rule's matter.
fn number(body: &Map<String, Value>, name: &str) -> Option<u64> {
    match body.get(name)? {
        Value::Number(number) => whole(number),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Returns the value of a number that is whole, be it written `2.0`.
fn whole(number: &Number) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = || number.as_f64().filter(|float| float.fract() == 0.0 && (0.0..EXACT).contains(float));
    number.as_u64().or_else(|| float().map(|float| float as u64))
}

fn by_cursor(subject: &Subject<'_>, body: &Map<String, Value>) -> bool {
    let has = |name: &str| body.get(name).is_some_and(|cursor| !cursor.is_null());
    subject.asked.cursor || has("nextCursor") || has("previousCursor")
}
