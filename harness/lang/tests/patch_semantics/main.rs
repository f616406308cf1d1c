//! What a PATCH does to a resource, seen from outside the crate.

mod cells;
mod examples;
mod generate;
mod laws;
mod messages;
mod okta;
mod scale;
mod support;
