//! Too many requests: one write that is answered 429, for those who want to see that it is sent again.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Method;
use http::header::RETRY_AFTER;
use scim_lang::error::ScimError;

use crate::message::{Reply, Request};
use crate::route::Route;

/// Counts writes, and refuses one of them.
#[derive(Debug)]
pub(crate) struct Throttle {
    refused: Option<NonZeroU64>,
    writes: AtomicU64,
}

impl Throttle {
    /// Returns a throttle that refuses the write of this number, or none.
    pub(crate) fn new(refused: Option<NonZeroU64>) -> Throttle {
        Throttle { refused, writes: AtomicU64::new(0) }
    }

    /// Returns the 429 for a write whose turn it is. RFC 6585 §4 allows `Retry-After` with it; Okta reads it as whole
    /// seconds and nothing else.
    pub(crate) fn refuse(&self, request: &Request, route: &Route) -> Option<Reply> {
        let is_write = !matches!(request.method, Method::GET | Method::HEAD)
            && matches!(route, Route::Collection(_) | Route::Resource(..));
        if !is_write {
            return None;
        }
        let number = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        (self.refused.map(NonZeroU64::get) == Some(number)).then(|| too_many_requests().with(RETRY_AFTER, "1"))
    }
}

/// Returns a 429 that does not say when to come back.
pub(crate) fn too_many_requests() -> Reply {
    ScimError::new(429, "there are too many requests at the moment").into()
}
