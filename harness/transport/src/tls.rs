//! The TLS configuration, one for both clients.

use crate::Target;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;

/// Trusts whom the system trusts, if the target asks for TLS.
pub(crate) fn configure(target: &Target) -> Result<ClientConfig, rustls::Error> {
    // The provider is named here, so that nothing depends on a process-wide default.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    if !target.is_https() {
        // reqwest wants a configuration all the same. This one trusts nobody and asks nothing of the system.
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    check_name(target.host())?;
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
}

fn check_name(host: &str) -> Result<(), rustls::Error> {
    let name = host.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(name).map(drop).map_err(|e| rustls::Error::General(e.to_string()))
}
