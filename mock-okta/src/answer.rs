//! Reading the service provider's answers as Okta does. What follows from them is the flow's business.

use serde_json::{Map, Value};

use crate::Response;
use crate::message::jackson;
use crate::v11;

impl Response {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn is_blank(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }
}

/// What a lookup by `userName` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Nobody,
    User { id: String, active: bool },
}

/// A successful answer with which Okta can do nothing, and why, in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unusable(pub(crate) String);

/// Reads the answer to the probe for users.
///
/// <https://support.okta.com/help/s/article/okta-scim-connector-error-no-results-for-users-returned-when-testing-connection>:
/// an empty body, `null`, a bare array, HTML and a missing `Resources` fail; no users at all is fine.
pub(crate) fn probed(response: &Response) -> Result<(), Unusable> {
    list(response).map(drop)
}

/// Reads the answer to a lookup.
///
/// The Okta SCIM 2.0 protocol reference has zero results for a missing user. Which of several results
/// Okta takes is not documented. Only one whose `userName` is the wanted one counts here
/// (RFC 7643 §4.1.1: not case-exact), because the next request changes that user, and a service
/// provider that ignores the filter must not make us change somebody else.
pub(crate) fn looked_up(response: &Response, user_name: &str) -> Result<Found, Unusable> {
    let list = list(response)?;
    if list.total <= 0 {
        return Ok(Found::Nobody);
    }
    let named = |user: &&Value| user["userName"].as_str().is_some_and(|name| same_name(name, user_name));
    let matches: Vec<&Value> = list.resources.iter().filter(named).collect();
    match matches[..] {
        [user] => Ok(Found::User { id: id(user)?, active: is_active(user) }),
        [] => Err(Unusable(format!(
            "totalResults is {} and none of the {} resources has the userName asked for",
            list.total,
            list.resources.len()
        ))),
        _ => Err(Unusable(format!("{} resources have the userName asked for", matches.len()))),
    }
}

/// What is wrong with the answer to a create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotCreated {
    /// There is no user in the body.
    Empty(Unusable),
    /// There is a user without `schemas`.
    WithoutSchemas,
    /// The body is not JSON; in the words of Okta's parser where we know them.
    NotJson(String),
}

/// Reads the answer to a create and returns the user's id.
pub(crate) fn created(response: &Response) -> Result<String, NotCreated> {
    let empty = |why: &str| NotCreated::Empty(Unusable(why.to_owned()));
    if response.is_blank() {
        return Err(empty("the body is empty"));
    }
    let body = parse(response).map_err(|Unusable(why)| NotCreated::NotJson(jackson(&response.body).unwrap_or(why)))?;
    let Value::Object(user) = &body else {
        return Err(empty("the body is not a JSON object"));
    };
    if user.get("schemas").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        return Err(NotCreated::WithoutSchemas);
    }
    id(&body).map_err(NotCreated::Empty)
}

/// Reads the answer to `GET /Users/{id}` and returns the user, key order kept.
pub(crate) fn read(response: &Response) -> Result<Map<String, Value>, Unusable> {
    match parse(response)? {
        Value::Object(user) => Ok(user),
        _ => Err(Unusable("the body is not a JSON object".to_owned())),
    }
}

/// Returns the `detail` of an error body, or the first description of a SCIM 1.1 one; nothing where there
/// is neither.
///
/// That Okta reads either, whatever the app speaks, is our simplification: a body has the one or the other.
/// A body that is not JSON yields the words of Okta's own parser instead
/// (<https://github.com/Metatavu/keycloak-scim-server/issues/100>,
/// <https://github.com/tuist/tuist/pull/11688>).
pub(crate) fn detail(response: &Response) -> Option<String> {
    if response.is_blank() {
        return None;
    }
    match serde_json::from_slice::<Value>(&response.body) {
        Ok(error) => error["detail"].as_str().or_else(|| v11::answer::description(&error)).map(str::to_owned),
        Err(_) => jackson(&response.body),
    }
}

/// A ListResponse.
pub(crate) struct List {
    pub(crate) total: i64,
    pub(crate) resources: Vec<Value>,
}

pub(crate) fn list(response: &Response) -> Result<List, Unusable> {
    let Value::Object(mut list) = parse(response)? else {
        return Err(Unusable("the body is not a ListResponse but some other JSON".to_owned()));
    };
    let total = counter(&list, "totalResults")?;
    counter(&list, "startIndex")?;
    counter(&list, "itemsPerPage")?;
    match remove(&mut list, "Resources") {
        Some(Value::Array(resources)) => {
            let length = i64::try_from(resources.len()).unwrap_or(i64::MAX);
            Ok(List { total: total.unwrap_or(length), resources })
        }
        Some(_) => Err(Unusable("Resources is not an array".to_owned())),
        None => Err(Unusable("Resources is missing".to_owned())),
    }
}

/// Okta SCIM 2.0 protocol reference, "Retrieve Users": the counters are integers, not strings. A
/// `startIndex` of `"1"` stops Okta without a word
/// (<https://support.okta.com/help/s/question/0D54z0000A4i091CQA/scim-provisioning-error-with-okta-scim-api>).
/// What Okta makes of a missing one is not documented, so it is accepted.
fn counter(list: &Map<String, Value>, key: &str) -> Result<Option<i64>, Unusable> {
    let Some(value) = list.get(key).or_else(|| list.get(&key.to_ascii_lowercase())) else {
        return Ok(None);
    };
    match value.as_i64() {
        Some(number) => Ok(Some(number)),
        None => Err(Unusable(format!("{key} is {value}, not an integer"))),
    }
}

/// The older developer.okta.com/reference/scim page names lower-case spellings of the list's keys as
/// accepted too.
fn remove(list: &mut Map<String, Value>, key: &str) -> Option<Value> {
    list.remove(key).or_else(|| list.remove(&key.to_ascii_lowercase()))
}

/// A number is read as its digits: no source says that Okta minds.
pub(crate) fn id(user: &Value) -> Result<String, Unusable> {
    let id = match &user["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => String::new(),
    };
    match id.as_str() {
        // A dot segment would be resolved away (RFC 3986 §5.2.4) and the request reach something else.
        "" | "." | ".." => Err(Unusable("the user has no usable id".to_owned())),
        _ => Ok(id),
    }
}

fn is_active(user: &Value) -> bool {
    user["active"] != false && !user["active"].as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"))
}

pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn parse(response: &Response) -> Result<Value, Unusable> {
    if response.is_blank() {
        return Err(Unusable("the body is empty".to_owned()));
    }
    serde_json::from_slice(&response.body).map_err(|error| Unusable(format!("the body is not JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(body: &str) -> Response {
        Response::new(200, "OK", body)
    }

    fn lookup(body: &str) -> Result<Found, Unusable> {
        looked_up(&ok(body), "Ada@example.test")
    }

    #[test]
    fn an_empty_list_is_nobody() {
        for body in [
            r#"{"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#,
            r#"{"totalresults":0,"startindex":1,"itemsperpage":0,"resources":[]}"#,
            r#"{"Resources":[]}"#,
        ] {
            assert_eq!(lookup(body), Ok(Found::Nobody), "{body}");
            assert_eq!(probed(&ok(body)), Ok(()), "{body}");
        }
    }

    #[test]
    fn a_user_is_found_whatever_the_case_of_the_name() {
        let body = r#"{"totalResults":1,"Resources":[{"id":"7","userName":"ADA@example.test","active":false}]}"#;
        assert_eq!(lookup(body), Ok(Found::User { id: "7".to_owned(), active: false }));
    }

    #[test]
    fn a_numeric_id_and_a_textual_active_are_read() {
        let body = r#"{"totalResults":1,"Resources":[{"id":7,"userName":"ada@example.test","active":"False"}]}"#;
        assert_eq!(lookup(body), Ok(Found::User { id: "7".to_owned(), active: false }));
    }

    #[test]
    fn a_stranger_is_never_taken_for_the_user() {
        let one = r#"{"totalResults":1,"Resources":[{"id":"8","userName":"bob@example.test"}]}"#;
        let two = r#"{"totalResults":2,"Resources":[{"id":"8","userName":"bob@example.test"},{"id":"7","userName":"ada@example.test"}]}"#;
        assert!(lookup(one).is_err());
        assert_eq!(lookup(two), Ok(Found::User { id: "7".to_owned(), active: true }));
    }

    #[test]
    fn two_users_of_one_name_are_unusable() {
        let ada = r#"{"id":"7","userName":"ada@example.test"}"#;
        let why = lookup(&format!(r#"{{"totalResults":2,"Resources":[{ada},{ada}]}}"#));
        assert_eq!(why, Err(Unusable("2 resources have the userName asked for".to_owned())));
    }

    #[test]
    fn a_list_okta_cannot_read_is_unusable_and_says_why() {
        for (body, expected) in [
            ("", "the body is empty"),
            ("null", "the body is not a ListResponse but some other JSON"),
            ("[]", "the body is not a ListResponse but some other JSON"),
            ("<html>", "the body is not JSON: expected value at line 1 column 1"),
            (r#"{"totalResults":0}"#, "Resources is missing"),
            (r#"{"totalResults":0,"Resources":null}"#, "Resources is not an array"),
            (r#"{"startIndex":"1","Resources":[]}"#, r#"startIndex is "1", not an integer"#),
            (r#"{"totalResults":0.5,"Resources":[]}"#, "totalResults is 0.5, not an integer"),
            (r#"{"itemsPerPage":null,"Resources":[]}"#, "itemsPerPage is null, not an integer"),
        ] {
            assert_eq!(lookup(body), Err(Unusable(expected.to_owned())), "{body}");
            assert_eq!(probed(&ok(body)), Err(Unusable(expected.to_owned())), "{body}");
        }
    }

    #[test]
    fn an_id_that_would_leave_the_path_is_unusable() {
        for id in [r#""""#, r#"".""#, r#""..""#, "null", "{}"] {
            let body = format!(r#"{{"totalResults":1,"Resources":[{{"id":{id},"userName":"ada@example.test"}}]}}"#);
            assert_eq!(lookup(&body), Err(Unusable("the user has no usable id".to_owned())), "{id}");
        }
    }

    #[test]
    fn the_detail_of_an_error_is_read_whatever_its_status_looks_like() {
        assert_eq!(detail(&ok(r#"{"detail":"no","status":404}"#)), Some("no".to_owned()));
        assert_eq!(detail(&ok(r#"{"status":"404"}"#)), None);
        assert_eq!(detail(&ok(" ")), None);
    }
}
