//! The specimen: an embedded SCIM service provider, in memory, correct by default, with switchable faults.
//!
//! It is what the suites are proved on: without a fault every case passes, and for every case there is a [`Fault`] that
//! turns it red. A [`Variant`] is a difference that the RFCs allow, under which no case of theirs may fail. It serves Users with the enterprise extension, Groups, and the roles and entitlements Okta asks for,
//! below `/scim/v2`, with PATCH, filters, sorting, paging by index and by cursor, bulk requests, entity tags and the
//! discovery endpoints, and `/Me` if it is told whom that stands for. The same users and groups are served below `/scim/v1` as SCIM 1.1 knows them. It keeps
//! everything in memory and is not meant to hold anything of value.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use scim_specimen::{Auth, Config, Running};
//!
//! let config = Config { auth: Auth::Bearer(scim_specimen::generate_token()), users: 10, ..Config::default() };
//! let specimen = Running::start(config).await?;
//! assert!(specimen.base_url.ends_with("/scim/v2"));
//! # std::io::Result::Ok(()) }).unwrap();
//! ```
//!
//! A request takes this way:
//!
//! | module | in → out |
//! |---|---|
//! | `server` | HTTP → request value; reply value → HTTP |
//! | `auth`, `route`, `throttle` | headers → let in or not; path → what it names; too many writes → 429 |
//! | `provider` | request → reply, under the lock of the store |
//! | `query`, `select`, `sort`, `project` | parameters → query → page of records → attributes |
//! | `cursor` | cursor → place in a result, and back |
//! | `condition` | entity tags → may the request go on |
//! | `bulk` | many operations → their order, and requests of their own |
//! | `intake` | body → content that can be stored |
//! | `store` | records, their indexes and memberships |
//! | `render` | record → representation, with everything that follows from other records |
//! | `v1` | SCIM 1.1 → 2.0 on the way in, and back on the way out |
//! | `sabotage` | what the active faults do at each of these places |

use std::io;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

mod auth;
mod behaviour;
mod bulk;
mod condition;
mod config;
mod cursor;
mod discovery;
mod fault;
mod intake;
mod message;
mod okta;
mod project;
mod provider;
mod query;
mod render;
mod route;
mod sabotage;
mod select;
mod server;
mod sort;
mod store;
mod throttle;
mod v1;
mod variant;
mod version;

pub use config::{Auth, Config};
pub use fault::{Fault, UnknownFault};
pub use variant::{UnknownVariant, Variant};
pub use version::Version;

/// The path below which the specimen serves SCIM 2.0.
pub const BASE_PATH: &str = Version::V2.base_path();

/// Serves a specimen on `listener` until the returned future is dropped.
///
/// Connections that are open at that time finish the request they are at. The base URL is that of the listener with
/// [`BASE_PATH`], or another [`Version::base_path`].
pub async fn serve(listener: TcpListener, config: Config) -> io::Result<()> {
    server::serve(listener, config).await
}

/// A specimen that runs in its own task and stops when it is dropped.
#[derive(Debug)]
pub struct Running {
    /// The base URL of the service provider in SCIM 2.0, without a trailing slash.
    pub base_url: String,
    /// The base URL in SCIM 1.1, without a trailing slash.
    pub base_url_v1: String,
    /// The task ends when this is dropped.
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Starts a specimen on a free port of 127.0.0.1.
    pub async fn start(config: Config) -> io::Result<Running> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let base_url = |version: Version| format!("http://{address}{}", version.base_path());
        let (base_url, base_url_v1) = (base_url(Version::V2), base_url(Version::V1));
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server::serve_until(listener, config, stopped));
        Ok(Running { base_url, base_url_v1, stop, task })
    }

    /// Stops the specimen and waits until the requests that are under way are answered.
    pub async fn stop(self) -> io::Result<()> {
        drop(self.stop);
        self.task.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

/// Returns the userName of one of the people a specimen holds from the start (see [`Config::users`]).
pub fn user_name(number: usize) -> String {
    store::person(number)["userName"].as_str().expect("everybody has a userName").to_owned()
}

/// Returns a fresh bearer token of 256 random bits.
pub fn generate_token() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system provides random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let token = generate_token();
        assert_eq!(token.len(), 43);
        assert_ne!(token, generate_token());
    }
}
