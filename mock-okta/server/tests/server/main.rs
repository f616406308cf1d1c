//! The mock org over real HTTP, in front of the specimen.

mod client;
mod control;
mod crud;
mod envelope;
mod lists;
mod load;
mod parity;
mod provisioning;
