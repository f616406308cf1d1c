//! What a specimen is started with.

use std::fmt;
use std::num::NonZeroU64;

use crate::fault::Fault;
use crate::version::Version;

/// How a specimen behaves: whom it lets in, whom it knows already and what it does wrong.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who is let in.
    pub auth: Auth,
    /// The number of users that exist from the start: distinct people with invented names under example.com, the same
    /// people with the same ids in every run.
    pub users: usize,
    /// The versions of the protocol that are served, each below its own path, over the same resources.
    pub versions: Vec<Version>,
    /// The write that is answered 429 with `Retry-After: 1`: the first, the second, … Its repetition is served, and so is
    /// every other.
    pub throttle: Option<NonZeroU64>,
    /// The wrong behaviours to show; several may be active together.
    pub faults: Vec<Fault>,
    /// The largest request body that is read, in bytes; a larger one is answered 413.
    pub max_body: usize,
    /// The largest number of resources on a page, which /ServiceProviderConfig tells as `filter.maxResults`.
    pub max_page: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            auth: Auth::None,
            users: 0,
            versions: Version::ALL.to_vec(),
            throttle: None,
            faults: Vec::new(),
            max_body: 4 << 20,
            max_page: 1000,
        }
    }
}

/// How a request proves that it may enter.
#[derive(Clone, Default)]
pub enum Auth {
    /// Everybody is let in.
    #[default]
    None,
    /// `Authorization: Bearer` with this token.
    Bearer(String),
    /// A header of this name with exactly this value, such as `Authorization` with a bare token.
    Header {
        /// The name of the header, in any case.
        name: String,
        /// The value it has to carry.
        value: String,
    },
    /// HTTP Basic authentication.
    Basic {
        /// The user name, which cannot contain a colon.
        user: String,
        /// The password.
        password: String,
    },
}

/// Leaves the secrets out: a configuration ends up in logs.
impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Auth::None => f.write_str("None"),
            Auth::Bearer(_) => f.write_str("Bearer(…)"),
            Auth::Header { name, .. } => write!(f, "Header({name}: …)"),
            Auth::Basic { user, .. } => write!(f, "Basic({user}:…)"),
        }
    }
}
