//! Faults and quirks of queries: lists, order, pages, projections and queries by POST, as the RFCs have them.

use http::{Method, StatusCode};
use scim_lang::error::{ScimError, ScimType};
use scim_lang::filter::Filter;
use scim_lang::urn;
use serde_json::Value;

use super::Rows;
use super::replies::{error, leave_out, list, remove, resources, sent, users};
use super::requests::{refuse, refuse_as};
use super::rfc_filters::{everything, forget_if, rewrite};
use crate::behaviour::{Behaviour, Effect};
use crate::message::{Reply, Request};
use crate::project::Projection;
use crate::route::Route;
use crate::store::{Kind, Record};

/// Those that turn a case red under the default gate.
pub(super) const FAULTS: Rows = &[
    Behaviour::new(
        "sorting-by-a-name-is-500",
        "sortBy with a complex attribute answers 500.",
        "RFC7644 3.4.2.3",
        &[Effect::Intercept(|seen| {
            (seen.parameter("sortBy")? == "name").then(|| refuse(500, "values of this type have no order"))
        })],
    ),
    Behaviour::new(
        "both-lists-are-500",
        "attributes and excludedAttributes at once answer 500.",
        "RFC7644 3.9",
        &[Effect::Intercept(|seen| {
            let both = seen.parameter("attributes").is_some() && seen.parameter("excludedAttributes").is_some();
            both.then(|| refuse(500, "the projection contradicts itself"))
        })],
    ),
    Behaviour::new(
        "start-index-ignored",
        "Every page begins with the first resource, whatever `startIndex` says.",
        "RFC7644 3.4.2.4",
        &[Effect::Query(|query, _| query.page.skip = 0)],
    )
    .seen_in(41),
    Behaviour::new(
        "bad-filter-is-500",
        "A filter that cannot be read answers 500.",
        "RFC7644 3.4.2.2",
        &[Effect::Reply(|_, _, reply| {
            if error(reply).is_some_and(|error| error["scimType"] == "invalidFilter") {
                *reply = ScimError::new(500, "the query failed").into();
            }
        })],
    ),
];

/// Those that do not.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "sort-ignored",
        "`sortBy` changes nothing, though sorting is announced.",
        "RFC7644 3.4.2.3",
        &[Effect::Query(|query, _| query.sort = None)],
    ),
    Behaviour::new(
        "attributes-ignored",
        "`attributes` changes nothing.",
        "RFC7644 3.9",
        &[
            Effect::Request(|request, _| forget(request, "attributes")),
            Effect::Query(|query, _| {
                if matches!(query.projection, Projection::Only(_)) {
                    query.projection = Projection::Default;
                }
            }),
        ],
    ),
    Behaviour::new(
        "excluded-attributes-ignored",
        "`excludedAttributes` changes nothing.",
        "RFC7644 3.9",
        &[
            Effect::Request(|request, _| forget(request, "excludedAttributes")),
            Effect::Query(|query, _| {
                if matches!(query.projection, Projection::Without(_)) {
                    query.projection = Projection::Default;
                }
            }),
        ],
    ),
    Behaviour::new(
        "searches-answer-201",
        "A query by POST answers 201.",
        "RFC7644 3.4.3",
        &[Effect::Reply(|request, _, reply| {
            if request.path.ends_with("/.search") && reply.status == StatusCode::OK {
                reply.status = StatusCode::CREATED;
            }
        })],
    ),
    Behaviour::new(
        "unknown-parameters-are-refused",
        "A query parameter nobody defined answers 400.",
        "RFC7644 3.4.2",
        &[Effect::Intercept(|seen| {
            const KNOWN: &[&str] =
                &["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];
            let parameters = seen.request.parameters().ok()?;
            let unknown = parameters.iter().any(|(name, _)| !KNOWN.contains(&name.as_str()));
            unknown.then(|| refuse_as(ScimType::InvalidValue, "there is no such parameter"))
        })],
    ),
    Behaviour::new(
        "lists-hold-stubs",
        "Users in lists have no name and no addresses.",
        "RFC7644 3.4.2",
        &[Effect::Reply(|_, _, reply| {
            if list(reply).is_some() {
                users(reply).into_iter().for_each(|user| user.retain(|key, _| key != "name" && key != "emails"));
            }
        })],
    ),
    Behaviour::new(
        "listed-resources-have-no-schemas",
        "Resources in lists have no schemas.",
        "RFC7643 3",
        &[Effect::Reply(|_, _, reply| {
            if list(reply).is_some() {
                resources(reply).into_iter().for_each(|resource| remove(Some(resource), "schemas"));
            }
        })],
    ),
    Behaviour::new(
        "users-are-listed-once-an-address",
        "A user with two addresses is in a list twice.",
        "RFC7643 3.1",
        &[Effect::Found(|_, _, _, found| {
            let addresses = |record: &Record| record.content().attributes["emails"].as_array().map_or(0, Vec::len);
            let twice = found.records.iter().flat_map(|record| {
                let has_two = record.content().attributes.contains_key("emails") && addresses(record) > 1;
                std::iter::repeat_n(*record, if has_two { 2 } else { 1 })
            });
            found.records = twice.collect();
        })],
    ),
    Behaviour::new(
        "counters-have-fractions",
        "totalResults is 3.0 where it is 3.",
        "RFC7643 2.3.4",
        &[Effect::Reply(|_, _, reply| {
            if let Some(list) = list(reply)
                && let Some(total) = list["totalResults"].as_f64()
            {
                list["totalResults"] = total.into();
            }
        })],
    ),
    Behaviour::new(
        "pages-do-not-say-where-they-are",
        "Pages have neither startIndex nor itemsPerPage nor nextCursor.",
        "RFC7644 3.4.2",
        &[Effect::Reply(|_, _, reply| {
            if let Some(list) = list(reply) {
                ["startIndex", "itemsPerPage", "nextCursor"].into_iter().for_each(|name| remove(Some(list), name));
            }
        })],
    ),
    Behaviour::new(
        "resources-are-lower-case",
        "The resources of a list are called resources.",
        "RFC7644 3.4.2",
        &[Effect::Reply(|_, _, reply| {
            if let Some(members) = list(reply).and_then(Value::as_object_mut)
                && let Some(resources) = members.shift_remove("Resources")
            {
                members.insert("resources".into(), resources);
            }
        })],
    ),
    Behaviour::new(
        "groups-are-a-bare-array",
        "A list of groups is an array and no ListResponse.",
        "RFC7644 3.4.2",
        &[Effect::Reply(|_, route, reply| {
            if route == Some(&Route::Collection(Kind::Group))
                && let Some(list) = list(reply)
            {
                let groups = list["Resources"].take();
                *reply = Reply::json(StatusCode::OK, groups);
            }
        })],
    ),
    Behaviour::new(
        "root-queries-find-users-alone",
        "A query at the root leaves groups out.",
        "RFC7644 3.4.2.1",
        &[Effect::Reply(|_, route, reply| {
            if matches!(route, Some(Route::Root | Route::RootSearch)) {
                leave_out(reply, |resource| resource["meta"]["resourceType"] != "User");
            }
        })],
    ),
    Behaviour::new(
        "root-queries-pass-over-types",
        "A query at the root does not look at meta.resourceType.",
        "RFC7644 3.4.2.1",
        &[Effect::Query(|query, kinds| {
            if kinds.len() > 1 {
                rewrite(query, |filter| match filter {
                    Filter::Compare { path, .. } if path.name == "meta" => everything(),
                    other => other,
                });
            }
        })],
    ),
    Behaviour::new(
        "filters-on-one-resource-are-500",
        "A filter on one resource answers 500.",
        "RFC7644 3.4.2",
        &[Effect::Intercept(|seen| {
            let filtered = matches!(seen.route, Route::Resource(..)) && seen.parameter("filter").is_some();
            filtered.then(|| refuse(500, "the query has no table"))
        })],
    ),
    Behaviour::new(
        "queries-for-everything-are-403",
        "A query at the root without a filter answers 403.",
        "RFC7644 3.4.2.1",
        &[Effect::Intercept(|seen| {
            let everything = *seen.route == Route::Root && seen.parameter("filter").is_none();
            everything.then(|| refuse(403, "the query is too broad"))
        })],
    ),
    Behaviour::new(
        "root-queries-refuse-attributes-of-one-type",
        "A query at the root by userName answers 400.",
        "RFC7644 3.4.2.1",
        &[Effect::Intercept(|seen| {
            let refused = *seen.route == Route::Root && seen.parameter("filter")?.contains("userName");
            refused.then(|| refuse_as(ScimType::InvalidFilter, "groups have no userName"))
        })],
    ),
    Behaviour::new(
        "descending-is-ascending",
        "sortOrder changes nothing.",
        "RFC7644 3.4.2.3",
        &[Effect::Query(|query, _| {
            if let Some(sort) = &mut query.sort {
                sort.descending = false;
            }
        })],
    ),
    Behaviour::new(
        "descending-is-the-default",
        "Without sortOrder the order is descending.",
        "RFC7644 3.4.2.3",
        &[Effect::Request(|request, _| {
            if request.query.contains("sortBy=") && !request.query.contains("sortOrder=") {
                request.query.push_str("&sortOrder=descending");
            }
        })],
    ),
    Behaviour::new(
        "missing-values-come-first",
        "Resources without a value come first in ascending order, and last in descending order.",
        "RFC7644 3.4.2.3",
        &[Effect::Reply(|request, _, reply| {
            let Some(name) = parameter(request, "sortBy") else { return };
            let descends = parameter(request, "sortOrder").is_some_and(|order| order == "descending");
            resort(reply, |resource| resource.get(&name).is_some() != descends);
        })],
    ),
    Behaviour::new(
        "first-values-are-sorted-by",
        "Of several values the first one is sorted by.",
        "RFC7644 3.4.2.3",
        &[Effect::Reply(|request, _, reply| {
            if parameter(request, "sortBy").is_some_and(|name| name == "emails.value") {
                resort(reply, |resource| resource["emails"][0]["value"].to_string());
            }
        })],
    ),
    Behaviour::new(
        "parts-are-not-sorted-by",
        "sortBy with a part of an attribute answers 400.",
        "RFC7644 3.4.2.3",
        &[Effect::Intercept(|seen| {
            let has_part = seen.parameter("sortBy")?.starts_with("name");
            has_part.then(|| refuse_as(ScimType::InvalidPath, "only whole attributes can be sorted by"))
        })],
    ),
    Behaviour::new(
        "capitals-come-first",
        "Users are sorted by userName as it is spelled.",
        "RFC7644 3.4.2.3",
        &[Effect::Reply(|request, _, reply| {
            let by_name = parameter(request, "sortBy").is_some_and(|name| name == "userName");
            if by_name && parameter(request, "sortOrder").is_none() {
                resort(reply, |user| user["userName"].to_string());
            }
        })],
    ),
    Behaviour::new(
        "external-ids-are-sorted-without-case",
        "Users are sorted by externalId whatever its case.",
        "RFC7644 3.4.2.3",
        &[Effect::Reply(|request, _, reply| {
            if parameter(request, "sortBy").is_some_and(|name| name == "externalId") {
                resort(reply, |user| user["externalId"].to_string().to_lowercase());
            }
        })],
    ),
    Behaviour::new(
        "groups-are-not-sorted",
        "sortBy changes nothing about groups.",
        "RFC7644 3.4.2.3",
        &[Effect::Query(|query, kinds| {
            if kinds == [Kind::Group] {
                query.sort = None;
            }
        })],
    ),
    Behaviour::new(
        "other-orders-are-500",
        "A sortOrder nobody defined answers 500.",
        "RFC7644 3.4.2.3",
        &[Effect::Intercept(|seen| {
            let known = ["ascending", "descending"].contains(&seen.parameter("sortOrder")?.as_str());
            (!known).then(|| refuse(500, "there is no such order"))
        })],
    ),
    Behaviour::new(
        "start-index-counts-from-0",
        "startIndex counts from 0.",
        "RFC7644 3.4.2.4",
        &[Effect::Query(|query, _| {
            if let Some(start_index) = query.page.start_index {
                query.page.skip = start_index;
            }
        })],
    ),
    Behaviour::new(
        "start-index-below-1-is-refused",
        "A startIndex below 1 answers 400.",
        "RFC7644 3.4.2.4",
        &[Effect::Intercept(|seen| {
            let below = seen.parameter("startIndex")?.parse::<i64>().is_ok_and(|number| number < 1);
            below.then(|| refuse_as(ScimType::InvalidValue, "startIndex begins at 1"))
        })],
    ),
    Behaviour::new(
        "pages-hold-one-more",
        "A page holds one resource more than count.",
        "RFC7644 3.4.2.4",
        &[Effect::Query(|query, _| query.page.count = query.page.count.map(|count| count.saturating_add(1)))],
    ),
    Behaviour::new(
        "big-counts-are-500",
        "A count or startIndex of more than 65535 answers 500.",
        "RFC7644 3.4.2.4",
        &[Effect::Intercept(|seen| {
            let is_big = |name: &str| seen.parameter(name).is_some_and(|text| text.len() > 5 && !text.contains('.'));
            (is_big("count") || is_big("startIndex")).then(|| refuse(500, "the number overflows"))
        })],
    ),
    Behaviour::new(
        "odd-counts-are-500",
        "A count that is no number answers 500.",
        "RFC7644 3.4.2.4",
        &[Effect::Intercept(|seen| {
            seen.parameter("count")?.parse::<i128>().is_err().then(|| refuse(500, "the number cannot be parsed"))
        })],
    ),
    Behaviour::new(
        "counts-below-1-are-ignored",
        "A count of 0 or less is as good as none.",
        "RFC7644 3.4.2.4",
        &[Effect::Request(|request, _| {
            forget_if(request, "count", |text| text.parse::<i64>().is_ok_and(|count| count < 1));
        })],
    ),
    Behaviour::new(
        "pages-beyond-the-end-are-404",
        "A page beyond the last resource answers 404.",
        "RFC7644 3.4.2.4",
        &[Effect::Reply(|_, _, reply| {
            let beyond = list(reply).is_some_and(|list| {
                list["itemsPerPage"] == 0
                    && list["startIndex"].as_u64() > list["totalResults"].as_u64()
                    && list["startIndex"] != 1
            });
            if beyond {
                *reply = ScimError::new(404, "there is no such page").into();
            }
        })],
    ),
    Behaviour::new(
        "lists-without-count-are-cut",
        "Without count a list ends after ten resources, and says that it is whole.",
        "RFC7644 3.4.2.4",
        &[
            Effect::Query(|query, _| {
                if query.page.count.is_none() {
                    query.page.count = Some(10);
                }
            }),
            Effect::Reply(|request, _, reply| {
                if let Some(list) = list(reply).filter(|_| parameter(request, "count").is_none()) {
                    list["totalResults"] = list["itemsPerPage"].clone();
                }
            }),
        ],
    ),
    Behaviour::new(
        "the-first-attribute-counts",
        "Of the names in attributes and excludedAttributes the first one counts.",
        "RFC7644 3.9",
        &[Effect::Request(|request, _| {
            rename(request, |names| names.split(',').next().unwrap_or_default().to_owned())
        })],
    ),
    Behaviour::new(
        "lists-are-not-projected",
        "attributes and excludedAttributes change nothing about lists.",
        "RFC7644 3.9",
        &[Effect::Query(|query, _| query.projection = Projection::Default)],
    ),
    Behaviour::new(
        "ids-can-be-excluded",
        "excludedAttributes takes the id away.",
        "RFC7644 3.9",
        &[Effect::Reply(|request, _, reply| {
            let excluded =
                parameter(request, "excludedAttributes").is_some_and(|names| names.split(',').any(|it| it == "id"));
            if excluded {
                resources(reply).into_iter().for_each(|resource| remove(Some(resource), "id"));
            }
        })],
    ),
    Behaviour::new(
        "projections-have-no-id",
        "What attributes chooses comes without id.",
        "RFC7644 3.9",
        &[Effect::Reply(|request, _, reply| {
            if parameter(request, "attributes").is_some() {
                resources(reply).into_iter().for_each(|resource| remove(Some(resource), "id"));
            }
        })],
    ),
    Behaviour::new(
        "parts-bring-the-whole",
        "Whoever names a part of an attribute gets, or loses, all of it.",
        "RFC7644 3.9",
        &[Effect::Request(|request, _| {
            rename(request, |names| {
                let whole = |name: &str| match name.starts_with("urn:") {
                    true => name.to_owned(),
                    false => name.split('.').next().unwrap_or_default().to_owned(),
                };
                names.split(',').map(whole).collect::<Vec<_>>().join(",")
            });
        })],
    ),
    Behaviour::new(
        "chosen-names-are-exact",
        "Names in attributes and excludedAttributes are read in the right case alone.",
        "RFC7644 3.9",
        &[Effect::Request(|request, _| {
            rename(request, |names| {
                let exact = |name: &str| {
                    if name.chars().any(char::is_lowercase) { name.to_owned() } else { "nothing".to_owned() }
                };
                names.split(',').map(exact).collect::<Vec<_>>().join(",")
            });
        })],
    ),
    Behaviour::new(
        "extensions-cannot-be-chosen",
        "Attributes of extensions cannot be asked for.",
        "RFC7644 3.9",
        &[Effect::Request(|request, _| {
            rename(request, |names| match names.contains("extension") {
                true => "userName".to_owned(),
                false => names.to_owned(),
            });
        })],
    ),
    Behaviour::new(
        "unknown-names-are-500",
        "A name in attributes that nobody knows answers 500.",
        "RFC7644 3.9",
        &[Effect::Intercept(|seen| {
            let unknown =
                seen.parameter("attributes")?.split(',').any(|name| name == "noSuchAttribute" || name == "bogus");
            unknown.then(|| refuse(500, "there is no such column"))
        })],
    ),
    Behaviour::new(
        "display-names-are-returned-unasked",
        "displayName is said to be returned on request, and returned always.",
        "RFC7643 7",
        &[Effect::Reply(|_, route, reply| {
            if matches!(route, Some(Route::Schemas | Route::Schema(_))) {
                for schema in resources(reply) {
                    let rows = schema.get_mut("attributes").and_then(Value::as_array_mut).into_iter().flatten();
                    rows.filter(|row| row["name"] == "displayName").for_each(|row| row["returned"] = "request".into());
                }
            }
        })],
    ),
    Behaviour::new(
        "writes-are-not-projected",
        "attributes changes nothing about the answers to writes.",
        "RFC7644 3.9",
        &[Effect::Request(|request, _| {
            if request.method != Method::GET {
                forget(request, "attributes");
            }
        })],
    ),
    Behaviour::new(
        "searches-find-everything",
        "A query by POST does not look at its filter.",
        "RFC7644 3.4.3",
        &[Effect::Request(|request, _| unsearch(request, &["filter"]))],
    ),
    Behaviour::new(
        "searches-need-no-name",
        "A query by POST need not name its message.",
        "RFC7644 3.4.3",
        &[Effect::Request(|request, _| {
            if request.path.ends_with("/.search") {
                let mut body = sent(request);
                if let Some(members) = body.as_object_mut() {
                    members.insert("schemas".into(), serde_json::json!([urn::SEARCH_REQUEST]));
                    request.body = body.to_string().into();
                }
            }
        })],
    ),
    Behaviour::new(
        "searches-are-not-projected",
        "A query by POST returns whole resources.",
        "RFC7644 3.4.3",
        &[Effect::Request(|request, _| unsearch(request, &["attributes", "excludedAttributes"]))],
    ),
    Behaviour::new(
        "searches-have-one-page",
        "A query by POST returns the first page.",
        "RFC7644 3.4.3",
        &[Effect::Request(|request, _| unsearch(request, &["startIndex", "count"]))],
    ),
    Behaviour::new(
        "searches-are-not-sorted",
        "A query by POST is in no order.",
        "RFC7644 3.4.3",
        &[Effect::Request(|request, _| unsearch(request, &["sortBy", "sortOrder"]))],
    ),
    Behaviour::new(
        "searches-know-no-cursors",
        "A query by POST does not look at its cursor.",
        "RFC9865 3",
        &[Effect::Request(|request, _| unsearch(request, &["cursor"]))],
    ),
    Behaviour::new(
        "searches-refuse-groups",
        "A query of groups by POST answers 400.",
        "RFC7644 3.4.3",
        &[Effect::Intercept(|seen| {
            let refused = *seen.route == Route::Search(Kind::Group);
            refused.then(|| refuse_as(ScimType::InvalidValue, "groups cannot be searched"))
        })],
    ),
];

/// Takes a parameter out of the query of a request.
fn forget(request: &mut Request, name: &str) {
    let is_it = |pair: &&str| pair.split('=').next() == Some(name);
    request.query = request.query.split('&').filter(|pair| !is_it(pair)).collect::<Vec<_>>().join("&");
}

/// Returns a query parameter, decoded.
fn parameter(request: &Request, name: &str) -> Option<String> {
    let parameters = request.parameters().ok()?;
    parameters.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Puts the resources on a page into another order.
fn resort<K: Ord>(reply: &mut Reply, key: impl Fn(&Value) -> K) {
    if let Some(resources) = list(reply).and_then(|list| list["Resources"].as_array_mut()) {
        resources.sort_by_key(key);
    }
}

/// Changes the names in `attributes` and `excludedAttributes`.
fn rename(request: &mut Request, change: impl Fn(&str) -> String) {
    let pairs = request.query.split('&').map(|pair| match pair.split_once('=') {
        Some((key @ ("attributes" | "excludedAttributes"), names)) => {
            format!("{key}={}", change(&names.replace("%3A", ":").replace("%2C", ",")))
        }
        _ => pair.to_owned(),
    });
    request.query = pairs.collect::<Vec<_>>().join("&");
}

/// Takes members out of the body of a query by POST.
fn unsearch(request: &mut Request, names: &[&str]) {
    if request.path.ends_with("/.search") {
        let mut body = sent(request);
        names.iter().for_each(|name| remove(Some(&mut body), name));
        request.body = body.to_string().into();
    }
}
