//! SCIM exchanges over the network: Okta's header order, bounds on everything a server sends, redacted evidence.
//!
//! It knows HTTP, not SCIM: what to send and what to make of an answer is decided elsewhere.

mod connect;
mod decode;
mod evidence;
mod message;
mod secret;
mod target;
mod transport;
mod wire;

pub use message::{Auth, Limits, Reply, Request, Sent};
pub use secret::{Credentials, Secret, SecretError};
pub use target::{Target, TargetError};
pub use transport::{Transport, TransportError};
