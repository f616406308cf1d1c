//! What Okta keeps about an app beside assignments: where it is and how to get in.

use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use scim_record::Redactor;
use scim_transport::{Credentials, Limits, Target, Transport, TransportError};
use serde_json::Value;

use super::history::WITHHELD;

/// An app as the API knows it.
#[derive(Debug, Clone)]
pub(crate) struct AppCard {
    /// The name in the catalog, such as `scim2testapp`.
    pub(crate) name: String,
    pub(crate) sign_on_mode: String,
    pub(crate) status: AppStatus,
    pub(crate) created: u64,
    pub(crate) last_updated: u64,
    /// `settings.app` as given.
    pub(crate) settings: Value,
    /// The custom properties of the app's schema, as given.
    pub(crate) custom: IndexMap<String, Value>,
    pub(crate) service: Option<Service>,
    /// Whether the API integration was on when the app was deactivated.
    pub(crate) resumes: bool,
}

/// Whether an app is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppStatus {
    Active,
    Inactive,
}

impl AppStatus {
    /// Returns the word of the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            AppStatus::Active => "ACTIVE",
            AppStatus::Inactive => "INACTIVE",
        }
    }
}

/// A service provider and how to get in. The connection pool comes into being with the first request.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) target: Target,
    pub(crate) credentials: Credentials,
    transport: Arc<OnceLock<Transport>>,
}

impl Service {
    /// Returns a service provider nobody has talked to yet.
    pub(crate) fn new(target: Target, credentials: Credentials) -> Service {
        Service { target, credentials, transport: Arc::default() }
    }

    /// Whether the credentials were not kept when the org was written down.
    pub(crate) fn is_withheld(&self) -> bool {
        matches!(&self.credentials, Credentials::Bearer(token) if token.expose() == WITHHELD)
    }

    /// Returns what requests go through.
    pub(crate) fn transport(&self) -> Result<Transport, TransportError> {
        if let Some(transport) = self.transport.get() {
            return Ok(transport.clone());
        }
        let redactor = Redactor::new(Vec::new(), None);
        let transport = Transport::new(self.target.clone(), self.credentials.clone(), Limits::default(), redactor)?;
        Ok(self.transport.get_or_init(|| transport).clone())
    }
}
