//! SCIM exchanges over the network: Okta's header order, bounds on everything a server sends, redacted evidence.
//!
//! It knows HTTP, not SCIM: what to send and what to make of an answer is decided elsewhere.
//!
//! Requests go through reqwest, unless it would put other bytes on the wire than the caller asked for: it adds an
//! `Accept`, and it rewrites targets such as `/Users/../x`. Those go through hyper's own client, so that a test of odd
//! requests sends odd requests. Everything behind the head of a response (bounds, decoding, evidence) is the same.

mod decode;
mod engine;
mod evidence;
mod failure;
mod inspect;
mod message;
mod pace;
mod reuse;
mod secret;
mod target;
mod tls;
mod tokens;
mod transport;
mod values;
mod verbatim;
mod wire;

pub use inspect::{Handshake, inspect};
pub use message::{Auth, Limits, Reply, Request, Sent};
pub use secret::{Credentials, Secret, SecretError};
pub use target::{Target, TargetError};
pub use tls::{Tls, TlsError};
pub use tokens::{NoToken, Renewal, Token, Tokens};
pub use transport::{Transport, TransportError};
