//! Whom a connection trusts and how it proves who we are: one TLS configuration for both clients.

use crate::Target;
use crate::inspect::Anybody;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Whom connections to a target trust beside those the system trusts, and with what certificate we appear there.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tls {
    roots: Vec<CertificateDer<'static>>,
    identity: Option<Arc<Identity>>,
    trusts_anybody: bool,
}

/// Our own certificate.
#[derive(PartialEq, Eq)]
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Tls {
    /// Trusts the certificate authorities of a PEM file as well.
    ///
    /// # Errors
    /// If the file cannot be read or holds none.
    pub fn with_authorities(mut self, file: &Path) -> Result<Self, TlsError> {
        let authorities = certificates(file)?;
        let mut store = RootCertStore::empty();
        for authority in &authorities {
            store.add(authority.clone()).map_err(|source| TlsError::Authority { file: file.to_owned(), source })?;
        }
        self.roots.extend(authorities);
        Ok(self)
    }

    /// Shows a certificate where a server asks for one; both files are PEM, the first may hold a chain.
    ///
    /// # Errors
    /// If a file cannot be read, or the key does not belong to the certificate.
    pub fn with_identity(mut self, certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let chain = certificates(certificate)?;
        let text = read(key)?;
        let no_key = || TlsError::NoKey { file: key.to_owned() };
        let private = PrivateKeyDer::from_pem_slice(&text).map_err(|_| no_key())?;
        let mismatch = |source| TlsError::Mismatch { certificate: certificate.to_owned(), key: key.to_owned(), source };
        // Whether they belong together is seen by trying; who is trusted plays no part in it.
        let trial = builder().and_then(|builder| {
            let builder = builder.with_root_certificates(RootCertStore::empty());
            builder.with_client_auth_cert(chain.clone(), private.clone_key())
        });
        trial.map_err(mismatch)?;
        self.identity = Some(Arc::new(Identity { chain, key: private }));
        Ok(self)
    }

    /// Believes whatever certificate a server shows.
    #[must_use]
    pub fn trusting_anybody(mut self) -> Self {
        self.trusts_anybody = true;
        self
    }

    /// Tells whether whatever certificate a server shows is believed.
    pub fn trusts_anybody(&self) -> bool {
        self.trusts_anybody
    }

    /// Returns what checks whom a server's certificate is for, and who vouches for it.
    fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
        let verifier = self.authorities()?;
        if self.roots.is_empty() {
            return Ok(verifier);
        }
        Ok(Arc::new(Named { roots: self.roots.clone(), verifier }))
    }

    fn authorities(&self) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        if self.trusts_anybody {
            return Ok(Arc::new(Anybody(provider)));
        }
        if self.roots.is_empty() {
            return Ok(Arc::new(Verifier::new(provider)?));
        }
        match Verifier::new_with_extra_roots(self.roots.clone(), Arc::clone(&provider)) {
            Ok(verifier) => Ok(Arc::new(verifier)),
            // A container may have no authorities of its own, and needs none where they are named.
            Err(_) => {
                let mut store = RootCertStore::empty();
                store.add_parsable_certificates(self.roots.clone());
                let built = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider).build();
                Ok(built.map_err(|error| rustls::Error::General(error.to_string()))?)
            }
        }
    }
}

/// Believes an authority's certificate as a server's own where it is one of those that were named, as OpenSSL does: the
/// certificates that people make for a server of theirs are their own authorities.
#[derive(Debug)]
struct Named {
    roots: Vec<CertificateDer<'static>>,
    verifier: Arc<dyn ServerCertVerifier>,
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        // That it is an authority's is found after its time was checked, and before its name is.
        if verified.as_ref().is_err_and(is_of_an_authority) && self.roots.contains(end_entity) {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

fn is_of_an_authority(error: &rustls::Error) -> bool {
    let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = error else { return false };
    other.0.downcast_ref::<webpki::Error>() == Some(&webpki::Error::CaUsedAsEndEntity)
}

/// Tells of a key no more than that there is one.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("roots", &self.roots.len())
            .field("identity", &self.identity.is_some())
            .field("trusts_anybody", &self.trusts_anybody)
            .finish()
    }
}

/// Why a certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is far larger than certificates are.
    #[error("{} has more than {MOST_BYTES} bytes, which no file of certificates has", .file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
    },
    /// There is no certificate in a file.
    #[error(
        "{} holds no certificate in PEM (-----BEGIN CERTIFICATE-----); `openssl x509 -inform der` converts one in DER",
        .file.display()
    )]
    NoCertificate {
        /// The file.
        file: PathBuf,
    },
    /// There is no private key in a file.
    #[error(
        "{} holds no private key in PEM that is not encrypted; `openssl pkey` takes the passphrase away",
        .file.display()
    )]
    NoKey {
        /// The file.
        file: PathBuf,
    },
    /// A certificate cannot be an authority.
    #[error("{} holds a certificate that cannot be read as an authority's", .file.display())]
    Authority {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// Certificate and key do not go together.
    #[error("the key in {} does not belong to the certificate in {}", .key.display(), .certificate.display())]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What TLS says about it.
        source: rustls::Error,
    },
}

/// Lays down how connections to a target are encrypted, if it asks for TLS.
pub(crate) fn configure(target: &Target) -> Result<ClientConfig, rustls::Error> {
    if !target.is_https() {
        // reqwest wants a configuration all the same. This one trusts nobody and asks nothing of the system.
        return Ok(builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    check_name(target.host())?;
    let tls = target.tls();
    let builder = builder()?.dangerous().with_custom_certificate_verifier(tls.verifier()?);
    match &tls.identity {
        Some(identity) => builder.with_client_auth_cert(identity.chain.clone(), identity.key.clone_key()),
        None => Ok(builder.with_no_client_auth()),
    }
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    // The provider is named here, so that nothing depends on a process-wide default.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}

fn check_name(host: &str) -> Result<(), rustls::Error> {
    let name = host.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(name).map(drop).map_err(|e| rustls::Error::General(e.to_string()))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let none = || TlsError::NoCertificate { file: file.to_owned() };
    let text = read(file)?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().map_err(|_| none())?;
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

fn read(file: &Path) -> Result<Vec<u8>, TlsError> {
    let mut text = Vec::new();
    let opened = File::open(file).and_then(|opened| opened.take(MOST_BYTES + 1).read_to_end(&mut text));
    opened.map_err(|source| TlsError::Unreadable { file: file.to_owned(), source })?;
    if text.len() as u64 > MOST_BYTES {
        return Err(TlsError::TooLarge { file: file.to_owned() });
    }
    Ok(text)
}

/// The authorities of a whole system take a quarter of it.
const MOST_BYTES: u64 = 1024 * 1024;
