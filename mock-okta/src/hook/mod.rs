//! Okta's event hooks as pure values and state machines: which events reach a hook, in which requests, and what its
//! answers mean. Not who sends them.
//!
//! ```
//! use std::time::Duration;
//! use mock_okta::hook::{Behaviour, Delivery, DeliveryStep, plan};
//!
//! let parcels = plan(&Behaviour { batch: 2, ..Behaviour::default() }, 1, vec!["hired", "moved", "left"]);
//! assert_eq!(parcels.iter().map(|parcel| parcel.items.len()).collect::<Vec<_>>(), [2, 1]);
//!
//! let mut delivery = Delivery::default();
//! assert_eq!(delivery.answered(503), DeliveryStep::Retry);
//! assert!(matches!(delivery.answered(503), DeliveryStep::Failed(_)));
//! ```
//!
//! Sources: Okta, "Event hooks" (concept), "Event hook implementation" and "Hooks best practices" (guides), the Event
//! Hooks API, and the event types catalogue (release 2026.08.1). What they say of a delivery: three seconds for the
//! answer, one retry at most, none after a 4xx; at least once, in no particular order, several events in one request.
//! They do not say how many events that are, nor what becomes of a redirect; [`Behaviour`] and [`Delivery`] have the
//! readings.

mod batch;
mod channel;
mod delivery;
mod eligible;
mod envelope;
mod object;
mod verification;

pub use batch::{Behaviour, Parcel, plan};
pub use channel::{AuthScheme, Channel, ChannelError, HookSecret};
pub use delivery::{Delivery, DeliveryStep, TIMEOUT};
pub use eligible::{ELIGIBLE, is_eligible};
pub use envelope::{Envelope, headers};
pub use object::{EventHook, HookError, HookStatus, MOST_EVENT_TYPES, MOST_HOOKS, Subscription, VerificationStatus};
pub use verification::{CHALLENGE_HEADER, NotVerified, challenge, verify};
