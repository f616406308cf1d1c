//! Lawful differences in how queries are answered.

use scim_lang::filter::{self, CompareOp, Filter};
use scim_lang::path::AttrPath;
use serde_json::Value;

use super::offers::{config, is_v2};
use crate::behaviour::{Behaviour, Effect};
use crate::message::Reply;
use crate::route::Route;
use crate::sabotage::replies::{list, remove, resources};
use crate::sabotage::requests::{refuse, refuse_as};
use crate::sabotage::{Rows, Seen};
use crate::sort::Sort;
use scim_lang::error::ScimType;

pub(super) const VARIANTS: Rows = &[
    Behaviour::new(
        "pages-are-small",
        "A page holds 7 resources at most, and the service provider says so.",
        "RFC7643 5",
        &[Effect::Asked],
    ),
    Behaviour::new(
        "pages-hold-10-by-default",
        "A page holds 10 resources where the client does not say.",
        "RFC7644 3.4.2.4",
        &[
            Effect::Query(|query, _| {
                query.page.count.get_or_insert(10);
            }),
            Effect::Reply(|request, route, reply| {
                if let Some(config) = config(request, route, reply) {
                    config["pagination"]["defaultPageSize"] = 10.into();
                }
            }),
        ],
    ),
    Behaviour::new(
        "lists-begin-with-the-newest",
        "Without `sortBy` the newest resource comes first.",
        "RFC7644 3.4.2.3",
        &[Effect::Query(|query, _| {
            let newest = || Sort { path: AttrPath::new("meta").with_sub("created"), descending: true };
            query.sort.get_or_insert_with(newest);
        })],
    ),
    Behaviour::new(
        "lists-lag-behind",
        "What was created shows in lists after a fifth of a second.",
        "RFC7644 3.4.2.4",
        &[Effect::Found(|_, _, _, found| {
            let before = found.records.len();
            let settled = jiff::Timestamp::now() - std::time::Duration::from_millis(200);
            found.records.retain(|record| record.created < settled);
            found.total -= before - found.records.len();
        })],
    ),
    Behaviour::new(
        "no-filter",
        "Filters are not supported.",
        "RFC7644 3.4.2.2",
        &[
            Effect::Intercept(|seen| {
                let filtered = is_v2(seen) && (seen.parameter("filter").is_some() || searches_with(seen, "filter"));
                let queried = !matches!(seen.route, Route::Schemas | Route::ResourceTypes);
                (filtered && queried).then(|| refuse(501, "filters are not supported"))
            }),
            Effect::Reply(|request, route, reply| {
                if let Some(config) = config(request, route, reply) {
                    config["filter"]["supported"] = false.into();
                }
            }),
        ],
    ),
    Behaviour::new(
        "no-filters-in-brackets",
        "A filter with brackets answers 400.",
        "RFC7644 3.4.2.2",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter").or_else(|| search_text(seen, "filter"))?;
            let refused = is_v2(seen) && filter::parse(&text).is_ok_and(|filter| has_brackets(&filter));
            refused.then(|| refuse_as(ScimType::InvalidFilter, "filters in brackets are not supported"))
        })],
    ),
    Behaviour::new(
        "unknown-attributes-match-nothing",
        "A filter by an attribute nobody knows finds nothing.",
        "RFC7644 3.4.2.1",
        &[Effect::Reply(|request, route, reply| {
            let unknown = reply.value().is_some_and(|error| {
                error["scimType"] == "invalidFilter"
                    && error["detail"].as_str().is_some_and(|detail| detail.starts_with("there is no attribute"))
            });
            let parameters = request.parameters().unwrap_or_default();
            let text = parameters.iter().find(|(name, _)| name == "filter").map(|(_, text)| text);
            let is_simple = text.and_then(|text| filter::parse(text).ok()).is_some_and(|filter| match filter {
                Filter::Compare { op, .. } => op != CompareOp::Ne,
                Filter::Present(_) => true,
                _ => false,
            });
            if unknown && is_simple && matches!(route, Some(Route::Collection(_))) {
                *reply = Reply::list(0, 1, Vec::new());
            }
        })],
    ),
    Behaviour::new(
        "no-sort",
        "Sorting is not supported, and what asks for it is ignored.",
        "RFC7644 3.4.2.3",
        &[
            Effect::Request(|request, _| {
                let kept = request
                    .query
                    .split('&')
                    .filter(|pair| !pair.starts_with("sortBy=") && !pair.starts_with("sortOrder="));
                request.query = kept.collect::<Vec<_>>().join("&");
            }),
            Effect::Query(|query, _| query.sort = None),
            Effect::Reply(|request, route, reply| {
                if let Some(config) = config(request, route, reply) {
                    config["sort"]["supported"] = false.into();
                }
            }),
        ],
    ),
    Behaviour::new(
        "sort-is-501",
        "Sorting is not supported, and what asks for it answers 501.",
        "RFC7644 3.4.2.3",
        &[
            Effect::Intercept(|seen| {
                let sorted = is_v2(seen) && (seen.parameter("sortBy").is_some() || searches_with(seen, "sortBy"));
                let queried =
                    matches!(seen.route, Route::Collection(_) | Route::Root | Route::Search(_) | Route::RootSearch);
                (sorted && queried).then(|| refuse(501, "sorting is not supported"))
            }),
            Effect::Reply(|request, route, reply| {
                if let Some(config) = config(request, route, reply) {
                    config["sort"]["supported"] = false.into();
                }
            }),
        ],
    ),
    Behaviour::new(
        "odd-page-numbers-are-ignored",
        "A `count` or `startIndex` that is no number is as good as none.",
        "RFC7644 3.4.2.4",
        &[Effect::Request(|request, _| {
            let is_odd = |pair: &&str| match pair.split_once('=') {
                Some(("count" | "startIndex", value)) => value.parse::<i128>().is_err(),
                _ => false,
            };
            let kept = request.query.split('&').filter(|pair| !is_odd(pair));
            request.query = kept.collect::<Vec<_>>().join("&");
        })],
    ),
    Behaviour::new(
        "attributes-win-over-excluded-ones",
        "Where both are there `excludedAttributes` is ignored.",
        "RFC7644 3.9",
        &[Effect::Request(|request, _| {
            let has = |query: &str, name: &str| query.split('&').any(|pair| pair.starts_with(name));
            if has(&request.query, "attributes=") {
                let kept = request.query.split('&').filter(|pair| !pair.starts_with("excludedAttributes="));
                request.query = kept.collect::<Vec<_>>().join("&");
            }
        })],
    ),
    Behaviour::new(
        "cursors-are-the-default",
        "Where the client does not ask for a page by its index it gets cursors.",
        "RFC9865 2.4",
        &[
            Effect::Query(|query, _| {
                if query.page.start_index.is_none() {
                    query.cursor.get_or_insert_default();
                }
            }),
            Effect::Reply(|request, route, reply| {
                if let Some(config) = config(request, route, reply) {
                    config["pagination"]["defaultPaginationMethod"] = "cursor".into();
                }
            }),
        ],
    ),
    Behaviour::new(
        "no-cursors",
        "There are no cursors, and nothing says that there are.",
        "RFC9865 4",
        &[
            Effect::Query(|query, _| query.cursor = None),
            Effect::Reply(|request, route, reply| remove(config(request, route, reply), "pagination")),
        ],
    ),
    Behaviour::new(
        "no-previous-cursors",
        "Cursors lead on and not back.",
        "RFC9865 2",
        &[Effect::Reply(|_, _, reply| remove(list(reply), "previousCursor"))],
    ),
    Behaviour::new(
        "cursor-pages-have-no-total",
        "Pages by cursor do not tell the total.",
        "RFC9865 2",
        &[Effect::Reply(|_, _, reply| {
            let by_cursor = list(reply).filter(|list| list.get("startIndex").is_none());
            remove(
                by_cursor.filter(|list| list["Resources"].as_array().is_some_and(|it| !it.is_empty())),
                "totalResults",
            );
        })],
    ),
    Behaviour::new(
        "members-are-returned-on-request",
        "Groups show their members where `attributes` names them.",
        "RFC7643 7",
        &[Effect::Reply(|request, route, reply| on_request(request, route, reply, "members"))],
    ),
    Behaviour::new(
        "groups-are-returned-on-request",
        "Users show their groups where `attributes` names them.",
        "RFC7643 7",
        &[Effect::Reply(|request, route, reply| on_request(request, route, reply, "groups"))],
    ),
];

/// Hides an attribute unless it is asked for, and says in the schema that it is.
fn on_request(request: &crate::message::Request, route: Option<&Route>, reply: &mut Reply, name: &str) {
    if matches!(route, Some(Route::Schemas | Route::Schema(_))) {
        for schema in resources(reply) {
            let rows = schema.get_mut("attributes").and_then(Value::as_array_mut).into_iter().flatten();
            rows.filter(|row| row["name"] == name).for_each(|row| row["returned"] = "request".into());
        }
        return;
    }
    let parameters = request.parameters().unwrap_or_default();
    let asked = parameters.iter().filter(|(name, _)| name == "attributes").any(|(_, names)| names.contains(name));
    let searched = crate::sabotage::replies::sent(request)["attributes"].to_string().contains(name);
    if !asked && !searched {
        resources(reply).into_iter().for_each(|resource| remove(Some(resource), name));
    }
}

fn searches_with(seen: &Seen<'_>, name: &str) -> bool {
    matches!(seen.route, Route::Search(_) | Route::RootSearch) && seen.body().get(name).is_some()
}

fn search_text(seen: &Seen<'_>, name: &str) -> Option<String> {
    searches_with(seen, name).then(|| seen.body()[name].as_str().map(str::to_owned)).flatten()
}

fn has_brackets(filter: &Filter) -> bool {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => has_brackets(left) || has_brackets(right),
        Filter::Not(inner) => has_brackets(inner),
        Filter::ValuePath { .. } => true,
        Filter::Compare { .. } | Filter::Present(_) => false,
    }
}
