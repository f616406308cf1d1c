//! Faults that answer a request before it is handled: media types, lookups, and whole verbs.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, StatusCode};
use scim_lang::error::{ScimError, ScimType};

use super::{Seen, operations};
use crate::fault::Fault;
use crate::message::{Answer, Reply, SCIM_JSON};
use crate::store::Kind;

/// Answers a request, or lets it pass.
pub(super) type Intercept = fn(&Seen<'_>) -> Option<Answer>;

/// What each of these faults answers, and when.
pub(super) const INTERCEPTS: &[(Fault, Intercept)] = &[
    (Fault::ScimJsonNotAcceptable, |seen| {
        let accept = seen.request.header(ACCEPT).is_some_and(|accept| accept.contains(SCIM_JSON));
        accept.then(|| refuse(406, "the accepted media types are not available"))
    }),
    (Fault::ScimJsonRefused, |seen| has_type(seen, SCIM_JSON).then(|| refuse(415, "unsupported media type"))),
    (Fault::PlainJsonRefused, |seen| has_type(seen, "application/json").then(|| refuse(415, "unsupported media type"))),
    (Fault::NonAsciiIs500, |seen| (!seen.body().to_string().is_ascii()).then(|| refuse(500, "the codec failed"))),
    (Fault::GroupsListIs500, |seen| seen.lists(Kind::Group).then(|| refuse(500, "groups are not available"))),
    (Fault::FilterRefusesPaging, |seen| {
        let has = |name: &str| seen.request.query.split('&').any(|pair| pair.starts_with(name));
        let both = has("filter=") && (has("startIndex=") || has("count="));
        both.then(|| refuse_as(ScimType::InvalidValue, "a filter cannot be paged"))
    }),
    (Fault::FilterWordsAreCaseSensitive, |seen| {
        let shouted = seen.parameter("filter").is_some_and(|it| it.starts_with("USERNAME") || it.contains(" EQ "));
        shouted.then(|| refuse_as(ScimType::InvalidFilter, "no such attribute or operator"))
    }),
    (Fault::UserNameHasToBeAnEmail, |seen| {
        let body = seen.body();
        let refused = seen.creates(Kind::User) && body["userName"].as_str().is_some_and(|name| !name.contains('@'));
        refused.then(|| refuse_as(ScimType::InvalidValue, "`userName` has to be an e-mail address"))
    }),
    (Fault::CreateRefusesEmptyGroups, |seen| {
        let empty = seen.creates(Kind::User) && seen.body()["groups"].as_array().is_some_and(Vec::is_empty);
        empty.then(|| refuse_as(ScimType::InvalidValue, "`groups` must not be empty"))
    }),
    (Fault::PutNotRouted, |seen| {
        seen.is_on(&Method::PUT, Kind::User).then(|| refuse(405, "PUT is not defined for this endpoint"))
    }),
    (Fault::PutRefusesReadOnly, |seen| {
        let body = seen.body();
        let carried = ["id", "meta", "groups"].iter().any(|name| body.get(name).is_some());
        let refused = carried && seen.is_on(&Method::PUT, Kind::User);
        refused.then(|| refuse_as(ScimType::Mutability, "id, meta and groups are read-only"))
    }),
    (Fault::PatchNotImplemented, |seen| patches(seen).then(|| refuse(501, "PATCH is not implemented"))),
    (Fault::PathlessPatchIs500, |seen| is_pathless(seen).then(|| refuse(500, "unsupported attribute: null"))),
    (Fault::PathlessPatchIgnored, |seen| {
        is_pathless(seen).then(|| Answer::Reply(Reply::empty(StatusCode::NO_CONTENT)))
    }),
    (Fault::PatchBreaksConnection, |seen| patches(seen).then_some(Answer::HangUp)),
];

fn has_type(seen: &Seen<'_>, media_type: &str) -> bool {
    let sent = seen.request.header(CONTENT_TYPE).unwrap_or_default();
    !seen.request.body.is_empty() && sent.starts_with(media_type)
}

fn patches(seen: &Seen<'_>) -> bool {
    seen.request.method == Method::PATCH
}

fn is_pathless(seen: &Seen<'_>) -> bool {
    patches(seen) && operations(&seen.body()).any(|operation| operation.get("path").is_none())
}

pub(crate) fn refuse(status: u16, detail: &str) -> Answer {
    Answer::Reply(ScimError::new(status, detail).into())
}

pub(crate) fn refuse_as(scim_type: ScimType, detail: &str) -> Answer {
    Answer::Reply(ScimError::bad_request(scim_type, detail).into())
}
