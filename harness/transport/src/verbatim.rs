//! The client for what reqwest would change: hyper-util's, one layer below it, which sends targets and headers as given.

use crate::Limits;
use crate::engine::{BoxError, IDLE};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tower_service::Service;

/// Sends requests as they are.
pub(crate) struct Verbatim {
    client: Client<Connector, Full<Bytes>>,
}

impl Verbatim {
    pub(crate) fn new(tls: ClientConfig, limits: &Limits) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .set_host(false)
            .http1_title_case_headers(true)
            .http1_max_headers(limits.header_count())
            .http1_max_buf_size(limits.header_bytes())
            .build(Connector::new(tls, limits.connection_time()));
        Verbatim { client }
    }

    pub(crate) async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Incoming>, legacy::Error> {
        self.client.request(request.map(Full::new)).await
    }
}

/// Opens connections: name lookup, TCP and TLS under one deadline.
#[derive(Clone)]
struct Connector {
    https: HttpsConnector<HttpConnector>,
    timeout: Duration,
}

impl Connector {
    fn new(tls: ClientConfig, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Connector { https: HttpsConnector::from((tcp, Arc::new(tls))), timeout }
    }
}

impl Service<http::Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.https.poll_ready(cx)
    }

    fn call(&mut self, uri: http::Uri) -> Self::Future {
        let opening = tokio::time::timeout(self.timeout, self.https.call(uri));
        Box::pin(async move { opening.await.map_err(io::Error::from)? })
    }
}
