//! Rehearsal: a SCIM conformance harness that replays Okta's provisioning requests against a service provider.
//!
//! The command is `rehearsal`. This library is its engine, and [`testing`] the way to run the suites as tests of a
//! Rust project. How one case travels through the modules: [`suites`] loads the plan, [`select`] chooses trials,
//! [`run`] schedules them, `case` performs one, `expect` and `check` judge answers, [`gate`] decides what is red,
//! `client` and [`journal`] keep the target safe. `runscope` plays Okta's own test files instead of suites,
//! [`story`] tells lifecycle stories.

mod audit;
mod bindings;
mod capability;
mod case;
mod check;
pub mod cli;
mod client;
pub mod command;
pub mod config;
pub mod coverage;
mod curl;
mod discovery;
mod doctor;
mod exit;
mod expect;
mod fuzz;
pub mod gate;
mod guard;
mod init;
pub mod journal;
pub mod known;
mod likeness;
pub mod merge;
mod names;
mod oauth;
pub mod oin;
pub mod partition;
mod progress;
pub mod rerun;
pub mod run;
mod runscope;
mod same;
mod schedule;
pub mod select;
pub mod story;
pub mod suites;
pub mod testing;
mod transcript;

pub use capability::TargetError;
pub use exit::Exit;
pub use fuzz::FuzzSettings;
pub use init::Ci;
pub use names::Seed;
pub use oauth::{CallbackError, Denial, SignInError, TokenError};
