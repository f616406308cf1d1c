//! From authentication options to credentials and the secrets that must never be shown.

use super::oauth::SignIn;
use super::{Failure, runtime};
use crate::cli::AuthArgs;
use scim_transport::{Credentials, Secret, Target};
use std::path::PathBuf;
use std::{env, fs};

/// The variable that holds the bearer token unless an option says otherwise.
pub(super) const TOKEN_VARIABLE: &str = "SCIM_TOKEN";

/// Returns the credentials the options name, after signing in if they say so.
pub(super) fn resolve(arguments: &AuthArgs, target: &Target) -> Result<Credentials, Failure> {
    let secret = |option: &str, source: &str| {
        Secret::resolve(source).map_err(|cause| Failure::Usage(format!("{option}: {}", chain(&cause))))
    };
    if let Some(source) = &arguments.bearer {
        return Ok(Credentials::Bearer(secret("--bearer", source)?));
    }
    if let Some(text) = &arguments.header {
        let (name, source) = text
            .split_once(':')
            .ok_or_else(|| Failure::Usage("--header: write it as 'Authorization: env:NAME'".to_owned()))?;
        let value = secret("--header", source.trim_start())?;
        return Ok(Credentials::Header { name: name.trim().to_owned(), value });
    }
    if let Some(text) = &arguments.basic {
        let (user, source) =
            text.split_once(':').ok_or_else(|| Failure::Usage("--basic: write it as 'USER:env:NAME'".to_owned()))?;
        return Ok(Credentials::Basic { user: user.to_owned(), password: secret("--basic", source)? });
    }
    if let Some(sign_in) = SignIn::read(&arguments.oauth, target)? {
        // A runtime of its own: some commands sign in before they have one, and none needs this one later.
        return Ok(Credentials::Renewed(runtime()?.block_on(sign_in.session())?.tokens));
    }
    if env::var_os(TOKEN_VARIABLE).is_some_and(|token| !token.is_empty()) {
        return Ok(Credentials::Bearer(secret(TOKEN_VARIABLE, &format!("env:{TOKEN_VARIABLE}"))?));
    }
    Ok(specimen_token(target).map_or(Credentials::None, Credentials::Bearer))
}

/// Returns the token of a specimen that runs on this machine and port, if it left one.
fn specimen_token(target: &Target) -> Option<Secret> {
    let port = loopback_port(target.base())?;
    let token = fs::read_to_string(token_file(port)).ok()?;
    Some(Secret::new(token.trim_end()))
}

/// Returns the file in which a specimen on `port` leaves the token it made, for tests from the same account.
pub(super) fn token_file(port: u16) -> PathBuf {
    let folder = env::var_os("XDG_RUNTIME_DIR").map_or_else(env::temp_dir, PathBuf::from);
    folder.join(format!("rehearsal-specimen-{port}.token"))
}

fn loopback_port(base: &str) -> Option<u16> {
    let rest = base.strip_prefix("http://")?;
    let authority = rest.split('/').next().unwrap_or(rest);
    let (host, port) = authority.rsplit_once(':')?;
    matches!(host, "127.0.0.1" | "localhost").then(|| port.parse().ok()).flatten()
}

/// Returns an error with its sources in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_specimen_on_this_machine_is_known_by_its_port() {
        assert_eq!(loopback_port("http://127.0.0.1:8901/scim/v2"), Some(8901));
        assert_eq!(loopback_port("http://localhost:1"), Some(1));
        for other in ["https://127.0.0.1:8901", "http://example.com:80", "http://127.0.0.1", "http://127.0.0.1.x:1/"] {
            assert_eq!(loopback_port(other), None, "{other}");
        }
    }
}
