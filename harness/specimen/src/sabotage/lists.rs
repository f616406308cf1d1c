//! Faults of lists: what an import that reads page after page comes to.

use scim_lang::error::{ScimError, ScimType};
use scim_lang::filter::{CompareOp, Filter};
use scim_lang::path::AttrPath;

use super::replies::{Distort, list, members, remove, users};
use super::requests::{Intercept, refuse_as};
use crate::fault::Fault;
use crate::message::Reply;
use crate::query::{Query, is_user_name};
use crate::route::Route;
use crate::select::Found;
use crate::store::{Kind, Store};

type Adjust = fn(&mut Query, &[Kind]);
type Spoil = for<'a> fn(&'a Store, &[Kind], &Query, &mut Found<'a>);

/// What each of these faults answers to a request, and when.
pub(super) const INTERCEPTS: &[(Fault, Intercept)] = &[(Fault::CountAbove50Refused, |seen| {
    let count = seen.parameter("count").and_then(|count| count.parse::<u64>().ok());
    count.is_some_and(|count| count > 50).then(|| refuse_as(ScimType::InvalidValue, "`count` must not exceed 50"))
})];

/// What each of these faults makes of what a query asks for.
pub(super) const QUERIES: &[(Fault, Adjust)] = &[
    (Fault::FilterIgnored, |query, _| query.filter = None),
    (Fault::GroupFilterIgnored, |query, kinds| {
        if kinds == [Kind::Group] {
            query.filter = None;
        }
    }),
    (Fault::FilterComparesWithId, |query, _| rename_user_name(query, AttrPath::new("id"))),
    (Fault::FilterComparesWithEmail, |query, _| rename_user_name(query, AttrPath::new("emails").with_sub("value"))),
    (Fault::LookupHidesInactive, |query, kinds| {
        if kinds == [Kind::User] {
            query.filter = query.filter.take().map(|filter| filter.and(active()));
        }
    }),
    (Fault::ListHidesInactive, |query, kinds| {
        if kinds == [Kind::User] {
            query.filter.get_or_insert_with(active);
        }
    }),
    (Fault::CountIgnored, |query, _| {
        query.page.count = Some(usize::MAX);
        query.page.limit = usize::MAX;
    }),
    (Fault::PageIsCapped, |query, _| query.page.limit = query.page.limit.min(50)),
    (Fault::StartIndexIsZeroBased, |query, _| query.page.skip += usize::from(query.page.start_index.is_some())),
    (Fault::PagesOverlap, |query, _| query.page.skip = query.page.skip.saturating_sub(1)),
    (Fault::PagesGap, |query, _| query.page.skip += usize::from(query.page.skip > 0)),
];

/// What each of these faults makes of the result of a query.
pub(super) const RESULTS: &[(Fault, Spoil)] = &[
    (Fault::LookupIsCaseSensitive, |_, _, query, found| {
        let Some((path, value)) = query.filter.as_ref().and_then(Filter::equality) else { return };
        if is_user_name(path) {
            keep_exact(found, "userName", value);
        }
    }),
    (Fault::GroupNameLookupIsCaseSensitive, |_, kinds, query, found| {
        let Some((path, value)) = query.filter.as_ref().and_then(Filter::equality) else { return };
        if kinds == [Kind::Group] && path.is("displayName") {
            keep_exact(found, "displayName", value);
        }
    }),
    (Fault::UnstableOrder, |store, kinds, query, found| {
        if let (&[kind], None, true) = (kinds, &query.filter, query.page.skip > 0) {
            let reversed = store.table(kind).rows().iter().rev().skip(query.page.skip);
            found.records = reversed.take(found.records.len()).collect();
        }
    }),
    (Fault::ListStopsAt100, |_, _, query, found| {
        found.total = found.total.min(100);
        found.records.truncate(100_usize.saturating_sub(query.page.skip));
    }),
    (Fault::PastTheEndRepeats, |store, kinds, query, found| {
        let past = found.records.is_empty() && query.filter.is_none() && query.page.count != Some(0);
        if let (true, [kind]) = (past, kinds) {
            let rows = store.table(*kind).rows();
            let size = query.page.count.unwrap_or(100).min(query.page.limit);
            found.records = rows[rows.len().saturating_sub(size)..].iter().collect();
        }
    }),
];

/// What each of these faults does to a reply.
pub(super) const REPLIES: &[(Fault, Distort)] = &[
    (Fault::PastTheEndIs404, |request, _, reply| {
        let asked = request.parameters().unwrap_or_default();
        let asks_beyond = asked.iter().any(|(name, value)| name == "startIndex" && value != "1");
        let empty = list(reply).is_some_and(|list| list["Resources"].as_array().is_some_and(Vec::is_empty));
        if asks_beyond && empty {
            *reply = ScimError::new(404, "there is no such page").into();
        }
    }),
    (Fault::GroupTotalResultsIsPageSize, |_, route, reply| {
        if let (Some(Route::Collection(Kind::Group)), Some(list)) = (route, list(reply)) {
            list["totalResults"] = list["itemsPerPage"].clone();
        }
    }),
    (Fault::StartIndexIsAlways1, |_, _, reply| {
        if let Some(list) = list(reply) {
            list["startIndex"] = 1.into();
        }
    }),
    (Fault::ListLacksNames, |_, _, reply| lack(reply, "name")),
    (Fault::ListLacksEmails, |_, _, reply| lack(reply, "emails")),
    (Fault::ListLacksMembers, |_, _, reply| lack(reply, "members")),
    (Fault::GroupsAttributeIsMissing, |_, _, reply| {
        for user in users(reply) {
            user.shift_remove("groups");
        }
    }),
    (Fault::ActiveIsAString, |_, _, reply| {
        for active in users(reply).into_iter().filter_map(|user| user.get_mut("active")) {
            *active = active.to_string().into();
        }
    }),
    (Fault::EmailsAreAnObject, |_, _, reply| {
        for emails in users(reply).into_iter().filter_map(|user| user.get_mut("emails")) {
            *emails = emails[0].take();
        }
    }),
    (Fault::NoPrimaryEmail, |_, _, reply| {
        for emails in users(reply).into_iter().filter_map(|user| user.get_mut("emails")?.as_array_mut()) {
            emails.iter_mut().for_each(|email| remove(Some(email), "primary"));
        }
    }),
    (Fault::MembersAreNames, |_, _, reply| {
        for member in members(reply) {
            member["value"] = member["display"].clone();
        }
    }),
];

fn active() -> Filter {
    Filter::compare(AttrPath::new("active"), CompareOp::Eq, true)
}

fn keep_exact(found: &mut Found<'_>, name: &str, value: &str) {
    found.records.retain(|record| record.content().text(name) == Some(value));
    found.total = found.records.len();
}

fn lack(reply: &mut Reply, name: &str) {
    let Some(list) = list(reply) else { return };
    for resource in list["Resources"].as_array_mut().into_iter().flatten() {
        remove(Some(resource), name);
    }
}

fn rename_user_name(query: &mut Query, other: AttrPath) {
    if let Some(filter) = &mut query.filter {
        rename_in(filter, &other);
    }
}

fn rename_in(filter: &mut Filter, other: &AttrPath) {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => {
            rename_in(left, other);
            rename_in(right, other);
        }
        Filter::Not(inner) => rename_in(inner, other),
        Filter::Compare { path, .. } | Filter::Present(path) if is_user_name(path) => *path = other.clone(),
        Filter::Compare { .. } | Filter::Present(_) | Filter::ValuePath { .. } => {}
    }
}
