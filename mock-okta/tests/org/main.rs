//! The org against a small service provider in memory: stories told as tables, and random events.

mod acts;
mod double;
mod random;
mod stories;
