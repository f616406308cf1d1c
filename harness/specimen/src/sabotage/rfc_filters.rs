//! Faults and quirks of filters, as RFC 7644 has them.

use scim_lang::error::ScimType;
use scim_lang::filter::{self, CompareOp, Filter, Matcher};
use scim_lang::path::AttrPath;
use scim_lang::schema::user_type;
use serde_json::Value;

use super::Rows;
use super::replies::error;
use super::requests::{refuse, refuse_as};
use crate::behaviour::{Behaviour, Effect};
use crate::message::Request;
use crate::project::Projection;
use crate::query::Query;
use crate::route::Route;
use crate::store::Kind;

/// Those that turn no case red under the default gate.
pub(super) const QUIRKS: Rows = &[
    Behaviour::new(
        "logical-words-are-lower-case",
        "and, or, not and pr are understood in lower case alone.",
        "RFC7644 3.4.2.2",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter")?;
            (["AND ", " Or ", "NOT (", " PR"].iter().any(|word| text.contains(word)))
                .then(|| refuse_as(ScimType::InvalidFilter, "the filter is not understood"))
        })],
    ),
    Behaviour::new(
        "not-needs-a-space",
        "A filter with not right before its parenthesis answers 400.",
        "RFC7644 3.4.2.2",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter")?;
            (text.contains("not(")).then(|| refuse_as(ScimType::InvalidFilter, "the filter is not understood"))
        })],
    ),
    Behaviour::new(
        "empty-filters-are-ignored",
        "A filter without anything in it is as good as none.",
        "RFC7644 3.4.2.2",
        &[Effect::Request(|request, _| forget_if(request, "filter", |text| text.trim().is_empty()))],
    ),
    Behaviour::new(
        "unreadable-filters-are-ignored",
        "A filter that cannot be read is as good as none.",
        "RFC7644 3.4.2.2",
        &[Effect::Request(|request, _| {
            forget_if(request, "filter", |text| !text.trim().is_empty() && filter::parse(text).is_err())
        })],
    ),
    Behaviour::new(
        "senseless-filters-are-ignored",
        "A filter that can be read, but not for users, is as good as none.",
        "RFC7644 3.4.2.2",
        &[Effect::Request(|request, route| {
            let is_senseless = |text: &str| filter::parse(text).is_ok_and(|it| Matcher::new(&it, user_type()).is_err());
            if route == Some(&Route::Collection(Kind::User)) {
                forget_if(request, "filter", is_senseless);
            }
        })],
    ),
    Behaviour::new(
        "refused-filters-say-invalid-value",
        "The refusal of a filter says invalidValue.",
        "RFC7644 3.4.2.2",
        &[Effect::Reply(|_, _, reply| {
            if let Some(error) = error(reply).filter(|error| error["scimType"] == "invalidFilter") {
                error["scimType"] = "invalidValue".into();
            }
        })],
    ),
    Behaviour::new(
        "core-names-are-never-qualified",
        "A core attribute with the URN of its schema answers 400.",
        "RFC7644 3.10",
        &[Effect::Intercept(|seen| {
            let named = ["filter", "sortBy", "attributes", "excludedAttributes"];
            let is_qualified = |name: &&str| seen.parameter(name).is_some_and(|text| text.contains("core:2.0:User:"));
            named.iter().any(is_qualified).then(|| refuse_as(ScimType::InvalidValue, "there is no such attribute"))
        })],
    ),
    Behaviour::new(
        "extensions-are-not-searched",
        "A filter by an attribute of an extension answers 400.",
        "RFC7644 3.10",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter")?;
            (text.contains("enterprise:2.0:User:"))
                .then(|| refuse_as(ScimType::InvalidFilter, "the filter is not understood"))
        })],
    ),
    Behaviour::new(
        "urns-are-lower-case",
        "A URN in another case answers 400.",
        "RFC7644 3.10",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter")?;
            (text.contains("URN:")).then(|| refuse_as(ScimType::InvalidFilter, "the filter is not understood"))
        })],
    ),
    Behaviour::new(
        "apostrophes-in-filters-are-500",
        "A filter with an apostrophe answers 500.",
        "RFC7644 3.4.2.2",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter")?;
            (text.contains('\'')).then(|| refuse(500, "the query has a syntax error"))
        })],
    ),
    Behaviour::new(
        "deep-filters-are-500",
        "A filter with more than a hundred parentheses answers 500.",
        "RFC7644 3.4.2.2",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter")?;
            (text.matches('(').count() > 100).then(|| refuse(500, "the stack is exhausted"))
        })],
    ),
    Behaviour::new(
        "escapes-in-filters-are-refused",
        "A filter with a backslash answers 400.",
        "RFC7644 3.4.2.2",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter")?;
            (text.contains('\\')).then(|| refuse_as(ScimType::InvalidFilter, "the filter is not understood"))
        })],
    ),
    Behaviour::new(
        "asterisks-are-wildcards",
        "An asterisk at the end of a value stands for anything.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Compare { path, op: CompareOp::Eq, value } => {
                    match value.as_str().and_then(|text| text.strip_suffix('*')) {
                        Some(start) => Filter::compare(path, CompareOp::Sw, start),
                        None => Filter::Compare { path, op: CompareOp::Eq, value },
                    }
                }
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "sw-is-co",
        "sw finds the operand anywhere.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| swap(query, CompareOp::Sw, CompareOp::Co))],
    ),
    Behaviour::new(
        "sw-is-eq",
        "sw finds whole values alone.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| swap(query, CompareOp::Sw, CompareOp::Eq))],
    ),
    Behaviour::new(
        "ew-is-co",
        "ew finds the operand anywhere.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| swap(query, CompareOp::Ew, CompareOp::Co))],
    ),
    Behaviour::new(
        "co-is-sw",
        "co finds the operand at the beginning alone.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| swap(query, CompareOp::Co, CompareOp::Sw))],
    ),
    Behaviour::new(
        "ne-is-eq",
        "ne is eq.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| swap(query, CompareOp::Ne, CompareOp::Eq))],
    ),
    Behaviour::new(
        "gt-is-ge",
        "gt finds equal values.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| swap(query, CompareOp::Gt, CompareOp::Ge))],
    ),
    Behaviour::new(
        "ge-is-gt",
        "ge does not find equal values.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| swap(query, CompareOp::Ge, CompareOp::Gt))],
    ),
    Behaviour::new(
        "lt-is-le",
        "lt finds equal values.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| swap(query, CompareOp::Lt, CompareOp::Le))],
    ),
    Behaviour::new(
        "le-is-lt",
        "le does not find equal values.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| swap(query, CompareOp::Le, CompareOp::Lt))],
    ),
    Behaviour::new(
        "pr-finds-everything",
        "pr holds of every resource.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Present(_) => everything(),
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "pr-of-complex-attributes-finds-nothing",
        "pr of a name holds of nobody.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Present(path) if path.is("name") => everything().negated(),
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "user-names-alone-are-searched",
        "A filter of users by anything but userName and externalId finds nobody.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Compare { path, .. }
                    if !["userName", "externalId", "displayName"].iter().any(|name| path.is(name)) =>
                {
                    everything().negated()
                }
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "times-are-not-compared",
        "A comparison with a time always holds.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Compare { path, .. }
                    if path.same_as(&AttrPath::new("meta").with_sub("created"))
                        || path.same_as(&AttrPath::new("meta").with_sub("lastModified")) =>
                {
                    everything()
                }
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "booleans-match-nothing",
        "A comparison with a boolean never holds.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Compare { value: Value::Bool(_), .. } => everything().negated(),
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "filters-of-groups-know-eq-alone",
        "A filter of groups with anything but one eq answers 400.",
        "RFC7644 3.4.2.2",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter")?;
            (*seen.route == Route::Collection(Kind::Group)
                && filter::parse(&text).is_ok_and(|it| it.equality().is_none()))
            .then(|| refuse_as(ScimType::InvalidFilter, "the filter is not understood"))
        })],
    ),
    Behaviour::new(
        "external-ids-of-groups-match-nothing",
        "No group is found by its externalId.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, kinds| {
            if kinds == [Kind::Group] {
                rewrite(query, |filter| match filter {
                    Filter::Compare { path, .. } if path.is("externalId") => everything().negated(),
                    other => other,
                });
            }
        })],
    ),
    Behaviour::new(
        "group-names-are-exact",
        "Groups are found by displayName in the same case alone.",
        "RFC7644 3.4.2.2",
        &[Effect::Found(|_, kinds, query, found| {
            let wanted = query.filter.as_ref().and_then(Filter::equality);
            let Some((_, text)) = wanted.filter(|(path, _)| path.is("displayName") && kinds == [Kind::Group]) else {
                return;
            };
            found.records.retain(|group| group.label.as_deref() == Some(text));
            found.total = found.records.len();
        })],
    ),
    Behaviour::new(
        "and-is-or",
        "and is or.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::And(left, right) => Filter::Or(left, right),
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "or-is-and",
        "or is and.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Or(left, right) => Filter::And(left, right),
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "not-is-ignored",
        "not changes nothing.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Not(inner) => *inner,
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "not-passes-over-missing-values",
        "not does not find those without a value.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Not(inner) => match &*inner {
                    Filter::Compare { path, .. } => Filter::Present(path.clone()).and(Filter::Not(inner)),
                    _ => Filter::Not(inner),
                },
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "not-takes-one-condition",
        "not of two conditions joined by and is not of each.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Not(inner) => match *inner {
                    Filter::And(left, right) => left.negated().and(right.negated()),
                    other => other.negated(),
                },
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "not-takes-everything-behind-it",
        "not a and b is not (a and b).",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::And(left, right) => match *left {
                    Filter::Not(inner) => inner.and(*right).negated(),
                    other => other.and(*right),
                },
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "or-binds-before-and",
        "a or b and c is (a or b) and c.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Or(left, right) => match (*left, *right) {
                    (a, Filter::And(b, c)) => a.or(*b).and(*c),
                    (Filter::And(a, b), c) => a.and(b.or(c)),
                    (a, b) => a.or(b),
                },
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "parentheses-are-ignored",
        "(a or b) and c is a or b and c.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::And(left, right) => match (*left, *right) {
                    (Filter::Or(a, b), c) => a.or(b.and(c)),
                    (a, Filter::Or(b, c)) => a.and(*b).or(*c),
                    (a, b) => a.and(b),
                },
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "parentheses-do-not-nest",
        "A filter that begins with two parentheses answers 400.",
        "RFC7644 3.4.2.2",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter")?;
            (text.starts_with("((") || text.starts_with("(user"))
                .then(|| refuse_as(ScimType::InvalidFilter, "the filter is not understood"))
        })],
    ),
    Behaviour::new(
        "the-last-condition-counts",
        "Of two conditions joined by and the second one counts.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::And(_, right) => *right,
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "filters-have-four-conditions",
        "A filter with more than four conditions answers 400.",
        "RFC7644 3.4.2.2",
        &[Effect::Intercept(|seen| {
            let text = seen.parameter("filter")?;
            (text.matches(" eq ").count() > 4)
                .then(|| refuse_as(ScimType::InvalidFilter, "the filter is not understood"))
        })],
    ),
    Behaviour::new(
        "primary-values-are-searched",
        "A filter by emails.value looks at the primary one.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::Compare { path, op, value }
                    if path.is("emails") || path.same_as(&AttrPath::new("emails").with_sub("value")) =>
                {
                    let inside = Filter::compare(AttrPath::new("value"), op, value);
                    let primary = Filter::compare(AttrPath::new("primary"), CompareOp::Eq, true);
                    Filter::ValuePath { path: AttrPath::new("emails"), filter: Box::new(inside.and(primary)) }
                }
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "brackets-span-values",
        "Each condition in brackets may be met by another value.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::ValuePath { path, filter } => {
                    let outside = |inner: Filter| match inner {
                        Filter::Compare { path: sub, op, value } => {
                            Filter::Compare { path: path.clone().with_sub(sub.name), op, value }
                        }
                        other => other,
                    };
                    match *filter {
                        Filter::And(left, right) => outside(*left).and(outside(*right)),
                        other => Filter::ValuePath { path, filter: Box::new(other) },
                    }
                }
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "brackets-match-nothing",
        "A filter with brackets finds nobody.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::ValuePath { .. } => everything().negated(),
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "conditions-share-a-value",
        "Two conditions on one attribute have to be met by one value.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::And(left, right) => match (*left, *right) {
                    (
                        Filter::Compare { path: a, op, value },
                        Filter::Compare { path: b, op: other_op, value: other },
                    ) if a.sub.is_some() && b.sub.is_some() && a.name == b.name && a.name != "meta" => {
                        let inner = |path: AttrPath| AttrPath::new(path.sub.unwrap_or_default());
                        let path = AttrPath::new(a.name.clone());
                        let filter =
                            Filter::compare(inner(a), op, value).and(Filter::compare(inner(b), other_op, other));
                        Filter::ValuePath { path, filter: Box::new(filter) }
                    }
                    (a, b) => a.and(b),
                },
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "not-leaves-its-brackets",
        "not in brackets is not of the whole.",
        "RFC7644 3.4.2.2",
        &[Effect::Query(|query, _| {
            rewrite(query, |filter| match filter {
                Filter::ValuePath { path, filter } => match *filter {
                    Filter::Not(inner) => Filter::ValuePath { path, filter: inner }.negated(),
                    other => Filter::ValuePath { path, filter: Box::new(other) },
                },
                other => other,
            })
        })],
    ),
    Behaviour::new(
        "complex-attributes-mean-their-parts",
        "A filter by name is one by family name.",
        "RFC7644 3.4.2.2",
        &[Effect::Request(|request, _| {
            // A name by itself does not get through to the query.
            request.query = request.query.replace("filter=name%20", "filter=name.familyName%20");
        })],
    ),
    Behaviour::new(
        "totals-count-everything",
        "totalResults counts what the filter leaves out as well.",
        "RFC7644 3.4.2.2",
        &[Effect::Found(|store, kinds, query, found| {
            if query.filter.is_some() && found.total > 0 {
                found.total = kinds.iter().map(|kind| store.table(*kind).rows().len()).sum();
            }
        })],
    ),
    Behaviour::new(
        "changed-resources-are-not-found",
        "A filter does not find what was changed.",
        "RFC7644 3.4.2.2",
        &[Effect::Found(|_, _, query, found| {
            let before = found.records.len();
            found.records.retain(|record| query.filter.is_none() || record.revision == 1);
            found.total -= before - found.records.len();
        })],
    ),
    Behaviour::new(
        "filters-see-what-is-returned",
        "A filter together with a projection finds nothing.",
        "RFC7644 3.9",
        &[Effect::Query(|query, _| {
            if query.projection != Projection::Default && query.filter.is_some() {
                query.filter = Some(everything().negated());
            }
        })],
    ),
];

/// Changes the filter of a query from the inside out.
pub(super) fn rewrite(query: &mut Query, change: fn(Filter) -> Filter) {
    query.filter = query.filter.take().map(|filter| rewritten(filter, change));
}

fn rewritten(filter: Filter, change: fn(Filter) -> Filter) -> Filter {
    let below = |inner: Box<Filter>| Box::new(rewritten(*inner, change));
    change(match filter {
        Filter::And(left, right) => Filter::And(below(left), below(right)),
        Filter::Or(left, right) => Filter::Or(below(left), below(right)),
        Filter::Not(inner) => Filter::Not(below(inner)),
        leaf => leaf,
    })
}

/// Takes one operator for another. Those whose values have no substrings, and no order, are left alone.
fn swap(query: &mut Query, from: CompareOp, to: CompareOp) {
    let Some(filter) = &mut query.filter else { return };
    exchange(filter, from, to);
}

fn exchange(filter: &mut Filter, from: CompareOp, to: CompareOp) {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => {
            exchange(left, from, to);
            exchange(right, from, to);
        }
        Filter::Not(inner) | Filter::ValuePath { filter: inner, .. } => exchange(inner, from, to),
        Filter::Compare { op, .. } if *op == from => *op = to,
        Filter::Compare { .. } | Filter::Present(_) => {}
    }
}

/// Returns a filter that every resource meets.
pub(super) fn everything() -> Filter {
    Filter::Present(AttrPath::new("id"))
}

/// Takes a parameter out of the query of a request if its value is such a one.
pub(super) fn forget_if(request: &mut Request, name: &str, is_such: impl Fn(&str) -> bool) {
    let parameters = request.parameters().unwrap_or_default();
    let pairs = request.query.split('&').filter(|pair| !pair.is_empty()).zip(&parameters);
    let kept = pairs.filter(|(_, (key, value))| key != name || !is_such(value)).map(|(pair, _)| pair);
    request.query = kept.collect::<Vec<_>>().join("&");
}
