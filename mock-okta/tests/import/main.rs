//! Imports and discoveries from outside: transcripts, real connections, laws, and 100,000 people.

mod laws;
mod scale;
mod support;
mod transcripts;
mod wire;
