//! What a specimen is started with.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

use crate::fault::Fault;
use crate::variant::Variant;
use crate::version::Version;

/// How a specimen behaves: whom it lets in, whom it knows already and what it does wrong.
#[derive(Debug, Clone)]
pub struct Config {
    /// Who is let in.
    pub auth: Auth,
    /// The number of users that exist from the start: distinct people with invented names under example.com, the same
    /// people with the same ids in every run. From the fourth on they are as odd as people are in a directory.
    pub users: usize,
    /// The number of groups that exist from the start, with some of the users in them.
    pub groups: usize,
    /// The versions of the protocol that are served, each below its own path, over the same resources.
    pub versions: Vec<Version>,
    /// The write that is answered 429 with `Retry-After: 1`: the first, the second, … Its repetition is served, and so is
    /// every other.
    pub throttle: Option<NonZeroU64>,
    /// The wrong behaviours to show; several may be active together.
    pub faults: Vec<Fault>,
    /// The lawful differences to show; several may be active together.
    pub variants: Vec<Variant>,
    /// The largest request body that is read, in bytes; a larger one is answered 413.
    pub max_body: usize,
    /// The largest number of resources on a page, which /ServiceProviderConfig tells as `filter.maxResults`.
    pub max_page: usize,
    /// The largest number of operations in a bulk request.
    pub max_operations: usize,
    /// The largest bulk request, in bytes; never more than [`max_body`](Config::max_body).
    pub max_payload: usize,
    /// How long a cursor is good for.
    pub cursor_timeout: Duration,
    /// The userName of the user whom `/Me` stands for, whoever is let in. Without one `/Me` is answered 501.
    pub me: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            auth: Auth::None,
            users: 0,
            groups: 0,
            versions: Version::ALL.to_vec(),
            throttle: None,
            faults: Vec::new(),
            variants: Vec::new(),
            max_body: 4 << 20,
            max_page: 1000,
            max_operations: 1000,
            max_payload: 1 << 20,
            cursor_timeout: Duration::from_secs(3600),
            me: None,
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
