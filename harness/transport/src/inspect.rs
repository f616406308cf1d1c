//! A look at a server's end of TLS. It shakes hands, reads the certificate and sends nothing.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// What a server showed of itself when hands were shaken. Nobody has verified it: ordinary exchanges do that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// The version of TLS, for example `TLS 1.3`.
    pub protocol: String,
    /// The names the certificate is for.
    pub names: Vec<String>,
    /// When the certificate ends, in seconds since 1970.
    pub valid_until: i64,
}

/// Shakes hands with the server at an address under the name of a host, trusting whatever it shows.
///
/// # Errors
/// A sentence: what the system or TLS said, or that the time was up.
pub async fn inspect(address: SocketAddr, host: &str, limit: Duration) -> Result<Handshake, String> {
    let looking = async {
        let connector = TlsConnector::from(Arc::new(credulous().map_err(|error| error.to_string())?));
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(|error| error.to_string())?;
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let stream = connector.connect(name, stream).await.map_err(|error: io::Error| error.to_string())?;
        let (_, session) = stream.get_ref();
        let protocol = match session.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3".to_owned(),
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2".to_owned(),
            other => format!("{other:?}"),
        };
        let leaf = session.peer_certificates().and_then(<[_]>::first).ok_or("it shows no certificate")?;
        let (names, valid_until) = read(leaf)?;
        Ok(Handshake { protocol, names, valid_until })
    };
    tokio::time::timeout(limit, looking)
        .await
        .unwrap_or_else(|_| Err(format!("nothing within {} s", limit.as_secs_f64())))
}

fn read(certificate: &CertificateDer<'_>) -> Result<(Vec<String>, i64), String> {
    let (_, certificate) =
        X509Certificate::from_der(certificate).map_err(|error| format!("its certificate cannot be read: {error}"))?;
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    });
    Ok((names.take(MOST_NAMES).collect(), certificate.validity().not_after.timestamp()))
}

/// A configuration that takes any certificate: only for looking.
fn credulous() -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Anybody(Arc::clone(&provider)));
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// Takes anybody's word.
#[derive(Debug)]
pub(crate) struct Anybody(pub(crate) Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A certificate may name thousands; a person reads a few.
const MOST_NAMES: usize = 20;
