//! The mock org over real HTTP, in front of the specimen.

mod client;
mod control;
mod crud;
mod envelope;
mod flows;
mod hook_receiver;
mod hooks;
mod imports;
mod lists;
mod load;
mod meta;
mod parity;
mod provisioning;
mod state;
mod vendor;
