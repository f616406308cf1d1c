//! The links between here and an authorization server.

use super::Diagnosis;
use crate::oauth::{Client, Foreign, Method, Session, SignInError, foreign_redirect};
use scim_transport::Target;

/// Looks whether browsers are sent to addresses that nobody registered.
pub(crate) async fn redirects(client: &Client, authorize: &Target) -> Diagnosis {
    told(&foreign_redirect(client, authorize).await)
}

fn told(foreign: &Foreign) -> Diagnosis {
    const LINK: &str = "redirect URI";
    let unregistered = "one that nobody registered";
    match foreign {
        Foreign::Refused(status) => Diagnosis::fine(LINK, format!("{unregistered} is refused with {status}")),
        Foreign::Page => {
            Diagnosis::fine(LINK, format!("{unregistered} is answered by a page, and nobody is sent there"))
        }
        Foreign::Followed(status) => Diagnosis::broken(
            LINK,
            format!("{unregistered} is followed: {status} sends the browser there, and codes with it"),
            "compare redirect URIs with the registered ones (Okta's test C21902, RFC 6749 section 3.1.2.4); `rehearsal \
             doctor --help` lists Okta's",
        ),
        Foreign::Elsewhere(status) => Diagnosis::doubtful(
            LINK,
            format!("{unregistered} leads to another page first ({status}), so what becomes of it cannot be told"),
            "sign in by hand with a redirect_uri of your own making, and see that it is refused (Okta's test C21902)",
        ),
        Foreign::Failed(status) => Diagnosis::doubtful(
            LINK,
            format!("{unregistered} is answered with {status}"),
            "tell the person what is wrong with the request (RFC 6749 section 4.1.2.1)",
        ),
        Foreign::Unanswered(cause) => Diagnosis::doubtful(
            LINK,
            format!("the authorization endpoint gives no answer: {cause}"),
            "check --oauth-authorize-url; a browser elsewhere may reach what this machine does not",
        ),
    }
}

/// Tells what came of signing in.
pub(crate) fn signed_in(session: &Result<Session, SignInError>, method: Method) -> Vec<Diagnosis> {
    const LINK: &str = "sign-in";
    let session = match session {
        Ok(session) => session,
        Err(cause) => {
            let remedy = "mend what the message names, at the authorization server or in the --oauth options";
            return vec![Diagnosis::broken(LINK, cause.to_string(), remedy)];
        }
    };
    let lifetime = match session.lifetime {
        Some(lifetime) => format!("for {} s", lifetime.as_secs_f64()),
        None => "without an end that is told (no expires_in)".to_owned(),
    };
    let mut found = vec![match (session.has_refresh_token, session.lifetime) {
        (true, _) => Diagnosis::fine(LINK, format!("an access token {lifetime}, and a refresh token")),
        (false, None) => Diagnosis::fine(LINK, format!("an access token {lifetime}, no refresh token")),
        (false, Some(_)) => Diagnosis::doubtful(
            LINK,
            format!("an access token {lifetime}, no refresh token"),
            "issue one, if need be for the scope offline_access: without it an admin must sign in again at every end",
        ),
    }];
    if !session.names_type {
        found.push(Diagnosis::doubtful(
            LINK,
            "the token endpoint says no token_type",
            "answer \"token_type\": \"Bearer\" (RFC 6749 section 5.1)",
        ));
    }
    if method == Method::Post {
        found.push(Diagnosis::doubtful(
            LINK,
            "the token endpoint takes the client's secret in the body only",
            "take it in the Authorization header as well (RFC 6749 section 2.3.1); how Okta sends it is not published",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::Mark;
    use super::*;

    #[test]
    fn only_an_unregistered_address_that_is_followed_breaks_the_link() {
        for (foreign, mark) in [
            (Foreign::Refused(400), Mark::Fine),
            (Foreign::Page, Mark::Fine),
            (Foreign::Elsewhere(302), Mark::Doubtful),
            (Foreign::Failed(500), Mark::Doubtful),
            (Foreign::Unanswered("no route".to_owned()), Mark::Doubtful),
            (Foreign::Followed(302), Mark::Broken),
        ] {
            assert_eq!(told(&foreign).mark, mark, "{foreign:?}");
        }
    }
}
