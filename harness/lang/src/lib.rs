//! The SCIM language: names, paths, filters, patches, schemas and JSON.
//!
//! Everything here is a pure function of its arguments. Nothing opens a
//! socket, reads a clock or touches a file; those belong to the crates that
//! use this one.
//!
//! | module | what it is for |
//! |---|---|
//! | [`urn`] | the URNs SCIM reserves |
//! | [`json`] | reading JSON without losing what the sender wrote |
//! | [`path`] | attribute paths such as `name.givenName` |
//! | [`filter`] | parsing, printing and deciding filters |
//! | [`schema`] | the core schemas and their attribute characteristics |
//! | [`patch`] | PATCH documents and their effect on a resource |
//! | [`error`] | the SCIM error response |

pub mod error;
pub mod filter;
pub mod json;
pub mod patch;
pub mod path;
pub mod schema;
pub mod urn;
