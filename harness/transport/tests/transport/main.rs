//! The transport against real sockets: exact bytes, hostile servers, canary secrets. Loopback only.

mod canary;
mod hostile;
mod retries;
mod server;
mod tokens;
mod wire;
