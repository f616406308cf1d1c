//! The JSON of the API, in Okta's key order. Values in, JSON out.

pub(crate) mod app;
pub(crate) mod app_user;
pub(crate) mod group;
pub(crate) mod log;
pub(crate) mod mapping;
pub(crate) mod profile;
pub(crate) mod user;

use serde_json::{Value, json};

use crate::world::{World, instant};

impl World {
    /// Returns a moment of the org's clock as the API writes it.
    pub(crate) fn moment(&self, at: u64) -> Value {
        Value::from(instant(self.clock.began, at))
    }

    /// Returns a moment, or null.
    pub(crate) fn moment_or_null(&self, at: Option<u64>) -> Value {
        at.map_or(Value::Null, |at| self.moment(at))
    }
}

/// Returns a link.
pub(crate) fn link(origin: &str, path: impl AsRef<str>) -> Value {
    json!({ "href": format!("{origin}{}", path.as_ref()) })
}

/// Returns a link to something that is done by POST.
pub(crate) fn action(origin: &str, path: impl AsRef<str>) -> Value {
    json!({ "href": format!("{origin}{}", path.as_ref()), "method": "POST" })
}
