//! The reports from outside: events in, whole documents out.

mod goldens;
mod hostile;
mod records;
mod schema;
