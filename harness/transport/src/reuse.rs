//! Tells connections that served requests before from fresh ones.
//!
//! Both clients keep their connections to themselves, but say which one a response or an error came from: the local
//! address names a connection as long as it is open.

use crate::failure;
use http::Extensions;
use hyper_util::client::legacy::connect::{Connected, HttpInfo};
use std::collections::HashSet;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The connections that brought a response.
#[derive(Default)]
pub(crate) struct Served {
    connections: Mutex<HashSet<SocketAddr>>,
}

impl Served {
    /// Notes the connection over which a response came.
    pub(crate) fn note(&self, response: &Extensions) {
        if let Some(connection) = local_address(response) {
            self.connections().insert(connection);
        }
    }

    /// Tells whether an error means no more than that the server closed an idle connection, and the close crossed with
    /// the request: the connection served a request before and ended before the head of a response.
    ///
    /// A head that is cut short on a used connection looks the same in the clients' errors, and so does a fresh
    /// connection that got the port of an earlier one. The price is one request more, which RFC 9110 section 9.2.2
    /// allows for an idempotent method as long as its response has not been read.
    pub(crate) fn went_stale(&self, connection: &Connected, error: &(dyn Error + 'static)) -> bool {
        let mut extensions = Extensions::new();
        connection.get_extras(&mut extensions);
        // Its address is free for another connection from here on.
        let has_served = local_address(&extensions).is_some_and(|connection| self.connections().remove(&connection));
        has_served && failure::is_end_of_connection(error)
    }

    fn connections(&self) -> MutexGuard<'_, HashSet<SocketAddr>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn local_address(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<HttpInfo>().map(HttpInfo::local_addr)
}
