//! Connections: name lookup, TCP and TLS under one deadline, and what each connection has been used for.

use crate::{Limits, Target};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tower_service::Service;

/// Opens connections to one target. No proxy is asked for: what a proxy answers would be blamed on the target.
#[derive(Clone)]
pub(crate) struct Connector {
    tcp: HttpConnector,
    tls: Option<Tls>,
    timeout: Duration,
}

#[derive(Clone)]
struct Tls {
    connector: TlsConnector,
    server: ServerName<'static>,
}

impl Connector {
    pub(crate) fn new(target: &Target, limits: &Limits) -> Result<Self, rustls::Error> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let tls = target.is_https().then(|| Tls::new(target.host())).transpose()?;
        Ok(Connector { tcp, tls, timeout: limits.connect_timeout })
    }

    async fn open(mut self, uri: http::Uri) -> Result<TokioIo<Link>, BoxError> {
        let tcp = self.tcp.call(uri).await?.into_inner();
        let stream: Box<dyn Stream> = match self.tls {
            None => Box::new(tcp),
            Some(tls) => {
                let handshake = tls.connector.connect(tls.server, tcp);
                Box::new(handshake.await.map_err(|e| format!("TLS: {e}"))?)
            }
        };
        Ok(TokioIo::new(Link { stream, usage: Arc::default() }))
    }
}

impl Tls {
    fn new(host: &str) -> Result<Self, rustls::Error> {
        // The provider is named here, so that nothing depends on a process-wide default.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_platform_verifier()?
            .with_no_client_auth();
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let server = ServerName::try_from(name.to_owned()).map_err(|e| rustls::Error::General(e.to_string()))?;
        Ok(Tls { connector: TlsConnector::from(Arc::new(config)), server })
    }
}

impl Service<http::Uri> for Connector {
    type Response = TokioIo<Link>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Link>, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: http::Uri) -> Self::Future {
        let timeout = self.timeout;
        let opening = self.clone().open(uri);
        Box::pin(async move {
            match tokio::time::timeout(timeout, opening).await {
                Ok(result) => result,
                Err(_) => Err(format!("no connection within {} ms", timeout.as_millis()).into()),
            }
        })
    }
}

/// What is known about a connection while requests use it.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    has_served: AtomicBool,
    has_heard: AtomicBool,
}

impl Usage {
    /// Notes that a response came over this connection.
    pub(crate) fn serve(&self) {
        self.has_served.store(true, Ordering::Release);
    }

    /// Tells whether the connection served a request before and brought nothing for the latest one: the server closed
    /// it while it was idle, and the close crossed with the request.
    pub(crate) fn went_stale(&self) -> bool {
        self.has_served.load(Ordering::Acquire) && !self.has_heard.load(Ordering::Acquire)
    }
}

/// One open connection.
pub(crate) struct Link {
    stream: Box<dyn Stream>,
    usage: Arc<Usage>,
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new().extra(Arc::clone(&self.usage))
    }
}

impl AsyncRead for Link {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.usage.has_heard.store(true, Ordering::Release);
        }
        polled
    }
}

impl AsyncWrite for Link {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.usage.has_heard.store(false, Ordering::Release);
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A byte stream, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

type BoxError = Box<dyn Error + Send + Sync>;
