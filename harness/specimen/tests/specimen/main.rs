//! The specimen over real HTTP: one module for each group of features, and one for the faults.

mod client;
mod concurrency;
mod discovery;
mod entitlements;
mod envelope;
mod etags;
mod faults;
mod groups;
mod lists;
mod patches;
mod scale;
mod throttle;
mod users;
mod v1;
