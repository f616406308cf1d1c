//! The mock org over HTTP: Okta's Management API and System Log, and provisioning that reaches a service provider.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use mock_okta_server::{Config, MockOrg};
//!
//! let org = MockOrg::start(Config::default()).await?;
//! assert!(org.url().starts_with("http://127.0.0.1:"));
//! org.stop().await;
//! # Ok::<(), mock_okta_server::StartError>(()) }).unwrap();
//! ```
//!
//! What the API can do is in [`parity`]. A call takes this way:
//!
//! | module | in → out |
//! |---|---|
//! | `server`, `auth` | HTTP → call; who is let in; answer → HTTP |
//! | `route` | method and path → endpoint |
//! | `resources` | call → what happens in the org, and what is shown of it |
//! | `world` | the org, and what Okta keeps around it that provisioning has no word for |
//! | `shape` | values → JSON in Okta's key order |
//! | `runner` | jobs of the org → exchanges with the service provider, in the background |
//! | `flows` | entries of the log → requests of the seed's flows to the vendor's APIs, in the background |
//! | `hooks` | entries of the log → requests to the receivers of event hooks, in the background |
//! | `control` | the mock's own `/_mock` |
//! | `state` | the world's inputs → a folder, and back |
//! | `console` | the org as pages for people, and a stage to act on |
//!
//! What the org makes of an event is decided in `mock_okta::org`, not here.

mod auth;
mod call;
mod config;
mod console;
mod control;
mod error;
mod expression;
mod flows;
mod hooks;
mod page;
mod parity;
mod resources;
mod route;
mod runner;
mod seed;
mod server;
mod shape;
mod shared;
mod state;
mod world;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use config::Config;
pub use parity::parity;
pub use seed::{Provider, Seed, SeedError};
pub use state::{StateError, StoredAnswer, StoredOrg, stored_seed};

use shared::Shared;

/// A mock org that runs in its own task and stops when it is dropped.
#[derive(Debug)]
pub struct MockOrg {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// The task ends when this is dropped.
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

/// Why an org cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be used.
    #[error("{address} cannot be used")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The seed cannot be.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The folder in which the org shall be kept cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The operating system gave no random bytes for a token.
    #[error("no token can be made: {0}")]
    Token(String),
}

impl MockOrg {
    /// Starts an org.
    pub async fn start(config: Config) -> Result<MockOrg, StartError> {
        let asked = config.address;
        let unusable = |source| StartError::Address { address: asked, source };
        let token = match config.token.clone().filter(|token| !token.is_empty()) {
            Some(token) => token,
            None => generate_token()?,
        };
        let shared = Arc::new(Shared::new(config, token)?);
        let listener = TcpListener::bind(asked).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server::serve(listener, shared.clone(), stopped));
        Ok(MockOrg { address, shared, stop, task })
    }

    /// Returns the URL of the org, without a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns where the console is.
    pub fn console(&self) -> String {
        format!("{}{}", self.url(), console::ROOT)
    }

    /// Returns the code with which somebody can sign in to the console once, as long as nobody has.
    pub fn sign_in_code(&self) -> Option<String> {
        self.shared.console.code()
    }

    /// Returns what whoever starts the org should know about the folder it is kept in.
    pub fn notes(&self) -> &[String] {
        &self.shared.notes
    }

    /// Returns the token a call has to carry.
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// Returns the ids of the apps with their labels, in the order of the seed.
    pub fn apps(&self) -> Vec<(String, String)> {
        let label = |world: &world::World, id: &String| world.org.app(id).map(|app| app.app.label.clone());
        self.shared
            .with(|world| world.apps.keys().map(|id| (id.clone(), label(world, id).unwrap_or_default())).collect())
    }

    /// Serves until the task ends by itself, which it does only if the network fails.
    pub async fn wait(&mut self) -> io::Result<()> {
        (&mut self.task).await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// Stops the org.
    pub async fn stop(self) {
        // Whether it ended well or not, it has ended.
        let _ = self.close().await;
    }

    /// Stops the org and tells whether everything that happened in it was written down.
    pub async fn close(self) -> io::Result<()> {
        drop(self.stop);
        self.task.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

/// Returns a fresh token in the shape of Okta's: `00` and 40 letters or digits.
fn generate_token() -> Result<String, StartError> {
    const LETTERS: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    let mut bytes = [0; 40];
    getrandom::fill(&mut bytes).map_err(|error| StartError::Token(error.to_string()))?;
    let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 64)]));
    Ok("00".chars().chain(letters).collect())
}
