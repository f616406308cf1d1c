//! Whom connections trust: authorities of one's own, certificates of both sides, and nobody's.

use scim_specimen::{Auth, Config, Running};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

const TOKEN: &str = "a-token-nobody-guesses";
const CASE: &str = "okta/spec/duplicate-is-409";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

fn path(name: &str) -> String {
    file(name).display().to_string()
}

/// Serves TLS in front of a specimen; asks clients for a certificate if they are to show one.
async fn serve(asks_clients: bool) -> (String, Running) {
    serve_as("server", asks_clients).await
}

async fn serve_as(name: &str, asks_clients: bool) -> (String, Running) {
    let config = Config { auth: Auth::Bearer(TOKEN.to_owned()), ..Config::default() };
    let specimen = Running::start(config).await.expect("a free port");
    let behind = specimen.base_url.split('/').nth(2).expect("an authority").to_owned();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = builder.expect("versions of TLS");
    let builder = match asks_clients {
        true => {
            let mut store = RootCertStore::empty();
            store.add(CertificateDer::from_pem_file(file("ca.pem")).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
        false => builder.with_no_client_auth(),
    };
    let chain = vec![CertificateDer::from_pem_file(file(&format!("{name}.pem"))).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file(&format!("{name}.key"))).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/scim/v2", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let Ok(mut front) = acceptor.accept(stream).await else { return };
                let mut back = TcpStream::connect(behind).await.expect("the specimen");
                let _ = tokio::io::copy_bidirectional(&mut front, &mut back).await;
            });
        }
    });
    (url, specimen)
}

async fn test(url: &str, arguments: &[&str]) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.current_dir(folder.path()).env("SCIM_TOKEN", TOKEN).env_remove("GITHUB_ACTIONS");
    command.args(["test", url, CASE, "--json", "r.json", "--junit", "r.xml", "--html", "r.html", "--markdown", "r.md"]);
    command.args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().expect("the program starts")).await.unwrap();
    (output, folder)
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_an_authority_of_ones_own_is_trusted_when_the_authority_is_named() {
    let (url, _specimen) = serve(false).await;
    let (output, _folder) = test(&url, &[]).await;
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("certificate"), "{}", stderr(&output));
    let (output, folder) = test(&url, &["--cacert", &path("ca.pem")]).await;
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for name in ["r.json", "r.xml", "r.html", "r.md"] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(!text.to_lowercase().contains("not verified"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_its_own_authority_is_trusted_when_it_is_named() {
    let (url, _specimen) = serve_as("self", false).await;
    let (output, _folder) = test(&url, &["--cacert", &path("ca.pem")]).await;
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let (output, _folder) = test(&url, &["--cacert", &path("self.pem")]).await;
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // Another's name is no better for that.
    let (output, _folder) =
        test(&url.replace("localhost", "[::ffff:127.0.0.1]"), &["--cacert", &path("self.pem")]).await;
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("not valid for"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_verified_is_said_on_stderr_and_in_every_report() {
    let (url, _specimen) = serve(false).await;
    let (output, folder) = test(&url, &["--insecure"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("--insecure"), "{}", stderr(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("not verified"));
    for name in ["r.xml", "r.html", "r.md"] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(text.contains("not verified"), "{name}");
    }
    let report: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!(report["tls_unverified"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_for_a_certificate_gets_ours_and_without_one_there_is_no_run() {
    let (url, _specimen) = serve(true).await;
    let (ca, cert, key) = (path("ca.pem"), path("client.pem"), path("client.key"));
    let (output, _folder) = test(&url, &["--cacert", &ca]).await;
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let (output, _folder) = test(&url, &["--cacert", &ca, "--cert", &cert, "--key", &key]).await;
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_missing_empty_or_of_others_are_told_by_name() {
    let (cert, key) = (path("client.pem"), path("client.key"));
    for (arguments, said) in [
        (vec!["--cacert", "no-such.pem"], "--cacert: no-such.pem cannot be read: No such file"),
        (vec!["--cacert", &key], "holds no certificate in PEM"),
        (vec!["--cert", &cert, "--key", &cert], "holds no private key in PEM"),
        (vec!["--cert", &cert, "--key", &path("other.key")], "does not belong to the certificate"),
        (vec!["--cert", &cert], "--key"),
    ] {
        let (output, _folder) = test("https://localhost:1/scim/v2", &arguments).await;
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(said), "{said}: {}", stderr(&output));
        assert!(!stderr(&output).contains("PRIVATE KEY"));
    }
}
