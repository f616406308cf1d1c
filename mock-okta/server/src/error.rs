//! Okta's error bodies: which code, which status, which words. Not who raises them.
//!
//! Codes, statuses and summaries follow the catalogue at
//! <https://developer.okta.com/docs/reference/error-codes/>; causes are in our words.

use mock_okta::okta_id;
use mock_okta::org::OrgError;
use serde_json::{Value, json};

/// A refusal, as Okta words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    code: Code,
    /// What stands for `{0}` in the summary.
    about: String,
    causes: Vec<String>,
}

impl ApiError {
    /// Returns an error whose summary says everything.
    pub(crate) fn of(code: Code) -> ApiError {
        ApiError { code, about: String::new(), causes: Vec::new() }
    }

    /// Returns E0000001 about a field or an operation.
    pub(crate) fn validation(about: impl Into<String>, cause: impl Into<String>) -> ApiError {
        ApiError { code: Code::Validation, about: about.into(), causes: vec![cause.into()] }
    }

    /// Returns E0000007 for an id of this kind.
    pub(crate) fn not_found(id: &str, kind: &str) -> ApiError {
        let about = format!("Resource not found: {id} ({kind})");
        ApiError { code: Code::NotFound, about, causes: Vec::new() }
    }

    /// Returns the error with a cause.
    pub(crate) fn because(mut self, cause: impl Into<String>) -> ApiError {
        self.causes.push(cause.into());
        self
    }

    /// Returns summary and causes in one line.
    pub(crate) fn reason(&self) -> String {
        let summary = self.code.row().2.replace("{0}", &self.about);
        std::iter::once(summary).chain(self.causes.iter().cloned()).collect::<Vec<_>>().join(": ")
    }

    /// Returns the HTTP status.
    pub(crate) fn status(&self) -> u16 {
        self.code.row().1
    }

    /// Returns the body; the id is the request's.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let (name, _, summary) = self.code.row();
        let causes: Vec<Value> = self.causes.iter().map(|cause| json!({ "errorSummary": cause })).collect();
        json!({
            "errorCode": name,
            "errorSummary": summary.replace("{0}", &self.about),
            "errorLink": name,
            "errorId": okta_id(request_id).replacen("00u", "oae", 1),
            "errorCauses": causes,
        })
    }
}

/// The codes that occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    Validation,
    Malformed,
    AuthenticationFailed,
    NoSession,
    Forbidden,
    Internal,
    NotFound,
    NoSuchPath,
    InvalidToken,
    AlreadyActive,
    WrongMethod,
    InvalidPaging,
    InvalidDate,
    InvalidSearch,
    NotLocked,
    WrongStatus,
    AppSettings,
    DuplicateLabel,
    TooManyRequests,
    Unsupported,
    TooLarge,
}

impl Code {
    fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            Code::Validation => ("E0000001", 400, "Api validation failed: {0}"),
            Code::Malformed => ("E0000003", 400, "The request body was not well-formed."),
            Code::AuthenticationFailed => ("E0000004", 401, "Authentication failed"),
            Code::NoSession => ("E0000005", 403, "Invalid session"),
            Code::Forbidden => ("E0000006", 403, "You do not have permission to perform the requested action"),
            Code::NotFound => ("E0000007", 404, "Not found: {0}"),
            Code::NoSuchPath => ("E0000008", 404, "The requested path was not found"),
            Code::Internal => ("E0000009", 500, "Internal Server Error"),
            Code::InvalidToken => ("E0000011", 401, "Invalid token provided"),
            Code::AlreadyActive => ("E0000016", 403, "Activation failed because the user is already active"),
            Code::WrongMethod => ("E0000022", 405, "The endpoint does not support the provided HTTP method"),
            Code::InvalidPaging => ("E0000029", 400, "Invalid paging request."),
            Code::InvalidDate => (
                "E0000030",
                400,
                "Bad request. Invalid date. Dates must be of the form yyyy-MM-dd'T'HH:mm:ss.SSSZZ, e.g. 2013-01-01T12:00:00.000-07:00.",
            ),
            Code::InvalidSearch => ("E0000031", 400, "Invalid search criteria."),
            Code::NotLocked => ("E0000032", 403, "Unlock is not allowed for this user."),
            Code::WrongStatus => ("E0000038", 403, "This operation is not allowed in the user's current status."),
            Code::AppSettings => ("E0000039", 403, "Operation on application settings failed."),
            Code::DuplicateLabel => {
                ("E0000040", 400, "Application label must not be the same as an existing application label.")
            }
            Code::TooManyRequests => ("E0000047", 429, "API call exceeded rate limit due to too many requests."),
            Code::Unsupported => ("E0000060", 400, "Unsupported operation."),
            // The catalogue has no entry for it; the body is one Okta could not read.
            Code::TooLarge => ("E0000003", 413, "The request body was not well-formed."),
        }
    }
}

/// What the org refuses, as the API words it. Most of it is E0000001, of which the catalogue says that each endpoint
/// has preconditions of its own.
impl From<OrgError> for ApiError {
    fn from(error: OrgError) -> ApiError {
        let cause = error.to_string();
        match error {
            OrgError::UnknownPerson(id) => ApiError::not_found(&id, "User"),
            OrgError::UnknownGroup(id) => ApiError::not_found(&id, "UserGroup"),
            OrgError::UnknownApp(id) => ApiError::not_found(&id, "AppInstance"),
            OrgError::UnknownRule(id) => ApiError::not_found(&id, "GroupRule"),
            OrgError::UnknownTask(id) => ApiError::not_found(&id, "Task"),
            OrgError::NotAssigned(name) => ApiError::not_found(&name, "AppUser"),
            OrgError::LoginTaken(_) => ApiError::validation(
                "login",
                "login: An object with this field already exists in the current organization",
            ),
            OrgError::WrongStatus { .. } => ApiError::of(Code::WrongStatus).because(cause),
            OrgError::IntegrationOff(_) => ApiError::of(Code::AppSettings).because(cause),
            _ => ApiError::validation("request", cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_oktas_keys_in_oktas_order() {
        let error = ApiError::not_found("00u1", "User");
        let body = error.body("r1");
        let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"]);
        assert_eq!(body["errorSummary"], "Not found: Resource not found: 00u1 (User)");
        assert_eq!((error.status(), body["errorId"].as_str().unwrap().len()), (404, 20));
    }

    #[test]
    fn what_the_org_refuses_becomes_an_error_of_the_api() {
        for (error, code, status) in [
            (OrgError::UnknownPerson("x".to_owned()), "E0000007", 404),
            (OrgError::LoginTaken("x".to_owned()), "E0000001", 400),
            (OrgError::WrongStatus { verb: "suspend", login: "x".to_owned(), status: "STAGED" }, "E0000038", 403),
            (OrgError::AlreadyPushed("x".to_owned()), "E0000001", 400),
        ] {
            let error = ApiError::from(error);
            assert_eq!((error.body("r")["errorCode"].as_str(), error.status()), (Some(code), status));
        }
    }
}
