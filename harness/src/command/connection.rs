//! From what was typed about a service provider to where it is and whom to trust there.

use super::Failure;
use super::credentials::chain;
use super::test::not_a_base_url;
use crate::cli::TlsArgs;
use scim_transport::{Target, Tls};
use std::io::{self, Write};

/// Reads a base URL, with the certificates to trust and to show.
pub(super) fn target(base_url: &str, tls: &TlsArgs) -> Result<Target, Failure> {
    let target = Target::parse(base_url).map_err(|cause| Failure::Usage(not_a_base_url(base_url, &cause)))?;
    secured(target, tls)
}

/// Adds the certificates to trust and to show; says so where nobody's is checked.
pub(super) fn secured(target: Target, arguments: &TlsArgs) -> Result<Target, Failure> {
    let mut tls = Tls::default();
    if let Some(file) = &arguments.cacert {
        let read = tls.with_authorities(file);
        tls = read.map_err(|cause| Failure::Usage(format!("--cacert: {}", chain(&cause))))?;
    }
    if let (Some(certificate), Some(key)) = (&arguments.cert, &arguments.key) {
        let read = tls.with_identity(certificate, key);
        tls = read.map_err(|cause| Failure::Usage(format!("--cert and --key: {}", chain(&cause))))?;
    }
    if arguments.insecure {
        tls = tls.trusting_anybody();
    }
    let target = target.with_tls(tls);
    if target.is_unverified() {
        let warning = "warning: --insecure: whoever answers is believed to be the target, credentials and all; every \
                       report says so";
        // Who closed stderr did not want to be told.
        let _ = writeln!(io::stderr(), "{warning}");
    }
    Ok(target)
}
