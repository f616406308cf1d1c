//! Texts for the administrator, in Okta's wording where it is known. Text of the service provider is
//! bounded before it gets in.

use crate::answer::detail;
use crate::{App, AppUser, Outcome, Response};

/// Returns the end of an event with which Okta is content.
pub(crate) fn done(message: impl Into<String>) -> Outcome {
    Outcome::Done { message: message.into() }
}

/// Returns the red box under the credentials.
///
/// <https://support.okta.com/help/s/article/error-authenticating-unauthorized> has the first words.
pub(crate) fn credentials_refused(response: &Response) -> Outcome {
    Outcome::Task { message: format!("Error authenticating: {}", refusal(response)) }
}

/// Returns the red box for a list that is none; the article is the one cited at the reading of it.
pub(crate) fn no_users() -> Outcome {
    Outcome::Task { message: "No results for users returned".to_owned() }
}

/// Returns the task of an assignment that failed.
///
/// The frame is that of the Okta SCIM 2.0 protocol reference ("Create the User") and of
/// <https://help.okta.com/oie/en-us/Content/Topics/provisioning/lcm/troubleshooting.htm>.
pub(crate) fn not_provisioned(app: &App, user: &AppUser, why: &str) -> Outcome {
    let message = format!("Automatic provisioning of user {} to app {} failed: {why}", user.profile.login, app.label);
    Outcome::Task { message }
}

/// Returns the task of a deactivation that failed.
///
/// That a task comes up is captured (<https://github.com/oktadeveloper/okta-blog-archive/pull/1956>);
/// its text is inferred from that of an assignment.
pub(crate) fn not_deprovisioned(app: &App, user: &AppUser, why: &str) -> Outcome {
    let message =
        format!("Automatic deprovisioning of user {} from app {} failed: {why}", user.profile.login, app.label);
    Outcome::Task { message }
}

/// Returns the task of a profile push that failed, by the words Okta uses inside the frame.
pub(crate) fn not_pushed(why: String) -> Outcome {
    Outcome::Task { message: why }
}

/// "Create Users" is off, or the lookup brought nothing of use
/// (<https://help.okta.com/oie/en-us/Content/Topics/provisioning/lcm/troubleshooting.htm>,
/// <https://github.com/oxidecomputer/omicron/issues/9336>).
pub(crate) const NO_MATCH: &str = "Matching user not found";

/// "Deactivate Users" is off and the user is inactive; the article is cited at
/// [`Push::deactivate`](crate::Push::deactivate).
pub(crate) const INACTIVE: &str = "User account is inactive";

/// Okta SCIM 2.0 protocol reference, "Create the User".
pub(crate) const EMPTY_USER: &str = "Create new user returned empty user.";

/// Captured in <https://github.com/grokability/snipe-it/issues/18864>, apostrophe included.
pub(crate) const NO_SCHEMAS: &str = "No schema's defined in scim user";

/// Returns the words for a lookup that failed.
///
/// <https://support.okta.com/help/s/article/forest-admin-provisioning-error-unauthorized-errors-reported-by-remote-server-invalid-scim-token-please-check-your-configuration>
pub(crate) fn while_verifying(user: &AppUser, why: &str) -> String {
    format!("Error while verifying if user {} exists: {why}", user.profile.login)
}

/// Returns the words for a create that failed (Okta SCIM 2.0 protocol reference, "Create the User").
pub(crate) fn while_creating(user: &AppUser, why: &str) -> String {
    format!("Error while creating user {}: {why}", user.profile.display_name)
}

/// Returns the words for a profile push that failed, on its own or after an assignment (captured in
/// <https://github.com/fleetdm/fleet/issues/53446>).
pub(crate) fn while_pushing(user: &AppUser, why: &str) -> String {
    format!("Error while trying to push profile update for {}: {why}", user.profile.login)
}

/// Returns the words for a change of `active` that failed; inferred from the other ones.
pub(crate) fn while_setting_active(user: &AppUser, active: bool, why: &str) -> String {
    let verb = if active { "reactivating" } else { "deactivating" };
    format!("Error while {verb} user {}: {why}", user.profile.login)
}

/// Returns the words for a password that could not be pushed; inferred from those for a profile.
pub(crate) fn while_pushing_password(user: &AppUser, why: &str) -> String {
    format!("Error while trying to push password update for {}: {why}", user.profile.login)
}

/// Returns the words for a deletion that failed; inferred from those for a deactivation.
pub(crate) fn while_deleting(user: &AppUser, why: &str) -> String {
    format!("Error while deleting user {}: {why}", user.profile.login)
}

/// Returns the answer that stands for none. Its reason is what the Java sockets under Okta's client say;
/// Okta's own words are not public.
pub(crate) fn no_answer() -> Response {
    Response::new(504, "Read timed out", "")
}

/// Returns what Okta says about an answer that refuses: the reason phrase and the remote `detail`.
pub(crate) fn refusal(response: &Response) -> String {
    let reason = match response.reason.trim() {
        "" => standard_reason(response.status).to_owned(),
        reason => bounded(reason),
    };
    match detail(response) {
        Some(detail) => format!("{reason}. Errors reported by remote server: {}", bounded(&detail)),
        None => format!("{reason}."),
    }
}

/// Returns what Jackson, by whose words Okta's parser is known, says about the beginning of a body that
/// is not JSON; nothing for a body that begins well and goes wrong later.
pub(crate) fn jackson(body: &[u8]) -> Option<String> {
    const EXPECTED: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start();
    match text.chars().next()? {
        '{' | '[' | '"' | '-' | '0'..='9' => None,
        first if is_identifier(first) => {
            let token: String = text.chars().take_while(|char| is_identifier(*char)).take(256).collect();
            Some(bounded(&format!("Unrecognized token '{token}': was expecting {EXPECTED}")))
        }
        first => Some(bounded(&format!(
            "Unexpected character ('{first}' (code {})): expected a valid value {EXPECTED}",
            u32::from(first)
        ))),
    }
}

fn is_identifier(char: char) -> bool {
    char.is_alphanumeric() || char == '_' || char == '$'
}

/// Returns remote text on one line and within bounds.
fn bounded(text: &str) -> String {
    let line = |char: char| if char.is_control() { ' ' } else { char };
    let mut chars = text.trim().chars();
    let mut kept: String = chars.by_ref().take(REMOTE_TEXT).map(line).collect();
    if chars.next().is_some() {
        kept.push('…');
    }
    kept
}

/// The reason phrases of RFC 9110 §15 for what a protocol without reason phrases answers.
fn standard_reason(status: u16) -> &'static str {
    match status {
        300..400 => "Redirection",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unexpected status",
    }
}

/// How many characters of the service provider's text a message carries. Okta's own bound is unknown.
const REMOTE_TEXT: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, reason: &str, body: &str) -> Response {
        Response::new(status, reason, body)
    }

    #[test]
    fn a_refusal_carries_reason_phrase_and_detail() {
        let response = answer(409, "Conflict", r#"{"detail":"User already exists in the database.","status":409}"#);
        assert_eq!(
            refusal(&response),
            "Conflict. Errors reported by remote server: User already exists in the database."
        );
    }

    #[test]
    fn a_plain_text_error_shows_the_parsers_words_instead() {
        assert_eq!(
            refusal(&answer(409, "Conflict", "User already exists")),
            "Conflict. Errors reported by remote server: Unrecognized token 'User': was expecting \
             (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        );
        assert!(refusal(&answer(502, "Bad Gateway", "<html>")).contains("Unexpected character ('<' (code 60))"));
    }

    #[test]
    fn a_missing_reason_phrase_is_the_standard_one() {
        assert_eq!(refusal(&answer(404, "", "")), "Not Found.");
        assert_eq!(refusal(&answer(599, "", "{}")), "Unexpected status.");
    }

    #[test]
    fn remote_text_is_bounded_and_on_one_line() {
        let detail = format!(r#"{{"detail":"a\nb\u0007{}"}}"#, "x".repeat(10_000));
        let message = refusal(&answer(400, "Bad Request", &detail));
        assert!(message.contains("server: a b xx") && message.ends_with('…'), "{message}");
        assert!(message.chars().count() < 600);
    }
}
