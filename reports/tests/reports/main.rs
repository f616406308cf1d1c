//! The reports from outside: events in, whole documents out.

mod conforms;
mod github;
mod goldens;
mod har;
mod hostile;
mod html;
mod junit;
mod markdown;
mod read;
mod readiness;
mod records;
mod schema;
mod tree;
