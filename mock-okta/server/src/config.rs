//! What a mock org is started with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::seed::{Provider, Seed};

/// How a mock org is served.
#[derive(Clone)]
pub struct Config {
    /// Where it listens; a free port of 127.0.0.1 by default.
    pub address: SocketAddr,
    /// The token a call has to carry, as `SSWS` or as `Bearer`; one is made where nothing is given.
    pub token: Option<String>,
    /// What the org begins with.
    pub seed: Seed,
    /// The folder in which the org is kept, so that it goes on where it was; in memory only where nothing is given.
    ///
    /// Passwords and tokens are not written. Apps whose service provider is one that the seed or `provider` names get
    /// their credentials from there.
    pub state: Option<PathBuf>,
    /// The service provider of apps for which the seed names none.
    pub provider: Option<Provider>,
    /// Whether a call is answered only when the provisioning that follows from it is over. Okta answers before, which is
    /// the default.
    pub synchronous: bool,
    /// Names by which the org may be called beside those of this machine.
    ///
    /// A page in a browser can give a name of its own the address of this machine and call the org by it; the `Host`
    /// header gives that away.
    pub hosts: Vec<String>,
    /// How many calls a minute are answered; more get E0000047.
    pub calls_per_minute: u32,
    /// The largest body that is read, in bytes.
    pub max_body: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: None,
            seed: Seed::default(),
            state: None,
            provider: None,
            synchronous: false,
            hosts: Vec::new(),
            // Okta has 600 for most endpoints. A test that is told to wait proves nothing about provisioning.
            calls_per_minute: 100_000,
            max_body: 1 << 20,
        }
    }
}

/// Leaves the token out.
impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Config")
            .field("address", &self.address)
            .field("seed", &self.seed)
            .field("state", &self.state)
            .field("provider", &self.provider)
            .field("synchronous", &self.synchronous)
            .field("hosts", &self.hosts)
            .field("calls_per_minute", &self.calls_per_minute)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}
