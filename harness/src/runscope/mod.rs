//! Runs a test that Okta publishes for Runscope (BlazeMeter API Monitoring), as downloaded, against a service provider.
//!
//! Not a Runscope: what its export format can say about requests, pauses, variables and assertions is done; scripts and
//! conditions are told as not run, because a step must never pass for what nobody looked at.
//!
//! How a file travels: [`source`] knows where each value stands, [`read`] and [`format`] make steps of them, [`variables`] fills
//! their templates, [`play`] sends and records, [`judge`] compares.

mod builtin;
mod compare;
mod elsewhere;
mod format;
mod judge;
mod path;
mod play;
mod read;
mod request;
mod script;
mod source;
mod template;
mod variables;

pub(crate) use elsewhere::Elsewhere;
pub(crate) use format::Suite;
pub(crate) use play::{Play, Settings};
pub(crate) use source::{FormatError, SourceFile};
pub(crate) use variables::{Given, Variables, is_base_url, is_credentials, sounds_secret};
