//! The specimen over real HTTP: one module for each group of features, and one for the faults.

mod bulk;
mod client;
mod concurrency;
mod cursors;
mod discovery;
mod entitlements;
mod envelope;
mod etags;
mod faults;
mod groups;
mod lists;
mod me;
mod odd_bodies;
mod patches;
mod scale;
mod throttle;
mod tour;
mod users;
mod v1;
