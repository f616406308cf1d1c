//! OAuth 2.0 as an OIN app does it: the authorization-code grant (RFC 6749 §4.1) with a browser that comes back to this
//! machine (RFC 8252 §7.3), PKCE (RFC 7636), and refresh tokens (RFC 6749 §6).
//!
//! Tokens live in memory only. What Okta sends beside what the RFCs demand is not published: whether it uses PKCE, and how
//! it authenticates at the token endpoint. So both are done the way a server may expect of any client.

mod answer;
mod callback;
mod client;
mod form;
mod redirect;
mod session;
mod text;

pub use answer::Denial;
pub use callback::CallbackError;
pub use client::TokenError;
pub(crate) use client::{Client, Method};
pub(crate) use redirect::{Foreign, foreign_redirect};
pub(crate) use session::{Browser, Session};

use std::io;

/// Why nobody could sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Nobody can come back to this port.
    #[error("the browser's answer cannot be awaited on 127.0.0.1:{port}: {cause}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// Nobody came back.
    #[error(
        "nobody signed in within {minutes} minutes; where there is no browser, --oauth-refresh-token names a refresh token"
    )]
    NoAnswer {
        /// How long was waited.
        minutes: u64,
    },
    /// The browser came back without a code.
    #[error("nobody is signed in: {0}")]
    Callback(#[from] CallbackError),
    /// The token endpoint issued no token.
    #[error("no access token: {0}")]
    Token(#[from] TokenError),
}
