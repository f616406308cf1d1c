//! The HR feed: who works here, from when to when, and what that means for the org, hour by hour.
//!
//! HR's system is the source of the org's people. It hands over the whole staff as a table, again and again. What changed
//! from one table to the next becomes [actions](HrAction) with a date: hired people wait until their first day, those who
//! leave stay until the close of business, a leave of absence suspends and ends. Which events of the org an action is
//! stands in [`HrAction::events`].
//!
//! ```
//! use mock_okta::hr::{Agenda, Calendar, HrDeed, HrFeed};
//!
//! let calendar = Calendar::new("Europe/Vienna", "17:00".parse()?)?;
//! let feed = HrFeed::parse("login,first name,last name,start date\nlucy@acme.example.com,Lucy,Winter,2026-03-09\n")?;
//! let noon = calendar.at("2026-03-02T12:00:00".parse()?)?;
//!
//! let mut agenda = Agenda::new(calendar);
//! agenda.receive(&feed, noon);
//! assert!(matches!(agenda.next(noon).unwrap().deed, HrDeed::Hire { .. }));
//! assert_eq!(agenda.next(noon), None, "she is staged until her first day");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Not here: a clock. Moments come in, and moments go out.

mod action;
mod agenda;
mod calendar;
mod csv;
mod feed;

pub use action::{HrAction, HrChange, HrDeed};
pub use agenda::Agenda;
pub use calendar::{Calendar, CalendarError};
pub use feed::{Employee, FeedError, HrFeed, Leave};
