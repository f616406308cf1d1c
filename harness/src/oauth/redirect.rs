//! Whether an authorization server sends browsers to addresses that nobody registered: Okta's test case C21902.

use super::client::{Client, LIMITS, headers};
use super::session::random;
use scim_record::Failure;
use scim_transport::{Auth, Credentials, Reply, Request, Target, Transport};

/// What became of a redirect URI that nobody registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// It is refused, with this status.
    Refused(u16),
    /// The server shows a page of its own and sends nobody anywhere.
    Page,
    /// The browser is sent there: whoever can make somebody click gets their code.
    Followed(u16),
    /// The browser is sent elsewhere first, so that it cannot be told.
    Elsewhere(u16),
    /// The server fails over it.
    Failed(u16),
    /// There is no answer.
    Unanswered(String),
}

/// Starts a sign-in whose answer would go to an address that cannot be registered, and looks where it leads.
pub(crate) async fn foreign_redirect(client: &Client, authorize: &Target) -> Foreign {
    let redactor = client.redactor();
    let unanswered = |cause: String| Foreign::Unanswered(redactor.text(&cause));
    let (Ok(state), Ok(verifier)) = (random(), random()) else {
        return unanswered("the system gives no random numbers".to_owned());
    };
    let uri = format!("https://{NOBODY}/callback");
    let transport = match Transport::new(authorize.clone(), Credentials::None, LIMITS, redactor.clone()) {
        Ok(transport) => transport,
        Err(cause) => return unanswered(cause.to_string()),
    };
    let request = Request {
        method: "GET".to_owned(),
        target: client.authorize_rest(authorize, &uri, &state, &verifier),
        headers: headers("text/html", None),
        body: None,
        auth: Auth::None,
    };
    match transport.ask(&request).await {
        Ok(reply) => judge(&reply),
        // A page may be of any size: that there is one is all that counts.
        Err(Failure::TooLarge { .. }) => Foreign::Page,
        Err(failure) => unanswered(failure.to_string()),
    }
}

fn judge(reply: &Reply) -> Foreign {
    let status = reply.status;
    let location = reply.headers.get("location").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    match (status, location) {
        (300..400, Some(location)) if leads_to_nobody(&location) => Foreign::Followed(status),
        (300..400, _) => Foreign::Elsewhere(status),
        (200..300, _) => Foreign::Page,
        (500.., _) => Foreign::Failed(status),
        _ => Foreign::Refused(status),
    }
}

/// Tells whether a browser that follows a `Location` ends at the address that nobody registered.
fn leads_to_nobody(location: &str) -> bool {
    let location = location.trim();
    let bare = location.split('#').next().unwrap_or_default();
    let absolute = if bare.starts_with("//") { format!("https:{bare}") } else { bare.to_owned() };
    Target::endpoint(&absolute).is_ok_and(|target| target.host() == NOBODY)
}

/// RFC 6761 §6.4: nobody has a name below `invalid`.
const NOBODY: &str = "rehearsal.example.invalid";

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, location: Option<&str>) -> Reply {
        let location = location.map(|location| (http::header::LOCATION, location.parse().unwrap()));
        Reply { status, reason: String::new(), headers: location.into_iter().collect(), body: Default::default() }
    }

    #[test]
    fn only_being_sent_to_the_address_itself_is_a_failure() {
        for (status, location, expected) in [
            (302, Some("https://rehearsal.example.invalid/callback?code=x"), Foreign::Followed(302)),
            (303, Some("HTTPS://Rehearsal.Example.INVALID/callback?error=access_denied"), Foreign::Followed(303)),
            (302, Some("//rehearsal.example.invalid/callback#error=x"), Foreign::Followed(302)),
            (302, Some("/login?next=https://rehearsal.example.invalid/callback"), Foreign::Elsewhere(302)),
            (
                302,
                Some("https://as.example/login?redirect_uri=https%3A%2F%2Frehearsal.example.invalid"),
                Foreign::Elsewhere(302),
            ),
            (302, Some("https://rehearsal.example.invalid.as.example/"), Foreign::Elsewhere(302)),
            (302, None, Foreign::Elsewhere(302)),
            (200, None, Foreign::Page),
            (400, None, Foreign::Refused(400)),
            (500, None, Foreign::Failed(500)),
        ] {
            assert_eq!(judge(&reply(status, location)), expected, "{status} {location:?}");
        }
    }
}
