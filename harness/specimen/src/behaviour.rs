//! Behaviour that can be switched on: its name, why it is right or wrong, and what it does.
//!
//! The same kind of row serves for the faults of the RFCs, which are wrong, and for the variants, which are right.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use scim_lang::error::ScimError;
use serde_json::Value;

use crate::message::{Answer, Reply, Request};
use crate::query::Query;
use crate::route::Route;
use crate::sabotage::{Fate, Past, Seen, Turn, Write};
use crate::select::Found;
use crate::store::{Content, Kind, Record, Store};

/// One way in which a service provider can differ from the plain specimen.
pub struct Behaviour {
    pub(crate) name: &'static str,
    /// One sentence that says what the service provider does.
    pub(crate) what: &'static str,
    /// The clause that forbids it, or the one that allows it.
    pub(crate) clause: &'static str,
    pub(crate) vendor_bug: Option<u32>,
    pub(crate) effects: &'static [Effect],
}

/// A resource, or why there is none.
pub(crate) type Outcome = Result<Value, ScimError>;

/// What a behaviour does, and where. The order is that in which a request comes by these places.
pub(crate) enum Effect {
    /// Nothing by itself: the place in question asks whether the behaviour is there, by its name.
    Asked,
    /// Changes a request before anybody looks at it, at its credentials or its path.
    Request(fn(&mut Request, Option<&Route>)),
    /// Answers a request whose path and method are right, and whose sender is let in.
    Intercept(fn(&Seen<'_>) -> Option<Answer>),
    /// Changes what a query asks for.
    Query(fn(&mut Query, &[Kind])),
    /// Changes the page that was found.
    Found(for<'a> fn(&'a Store, &[Kind], &Query, &mut Found<'a>)),
    /// Changes what a PATCH of SCIM 2.0 makes of a resource, given its body and the resource before; also makes a
    /// success of a refusal.
    Patched(fn(body: &Value, before: &Value, after: Outcome) -> Outcome),
    /// Changes content of a kind that is about to be stored, or refuses it.
    Content(Kind, &'static [Write], fn(before: &Content, after: &mut Content) -> Result<(), ScimError>),
    /// Finds a reason in the store to refuse a record.
    Objection(fn(&Store, Write, before: Option<&Record>, after: &Record) -> Option<ScimError>),
    /// Decides what becomes of a record of a kind that is fit to be stored.
    Fate(Kind, fn(Write, before: Option<&Content>, after: &Content) -> Option<Fate>),
    /// Lets a write have consequences.
    Written(fn(&mut Store, &Request, Write, &Record)),
    /// Lets the deletion of a resource have consequences.
    Deleted(fn(&mut Store, &Arc<Record>)),
    /// Lets a write or a deletion have consequences that depend on earlier ones.
    Turn(fn(&mut Store, &Past, Turn<'_>)),
    /// Finds a reason in the past to refuse a record.
    Grudge(fn(&Past, before: Option<&Record>, after: &Record) -> Option<ScimError>),
    /// Changes a reply of SCIM 2.0, whoever made it. Refusals are replies too; the route is missing where the path
    /// leads nowhere.
    Reply(fn(&Request, Option<&Route>, &mut Reply)),
}

impl Behaviour {
    /// Returns a row of a table.
    pub(crate) const fn new(
        name: &'static str,
        what: &'static str,
        clause: &'static str,
        effects: &'static [Effect],
    ) -> Behaviour {
        Behaviour { name, what, clause, vendor_bug: None, effects }
    }

    /// Returns the row with the number of the vendor bug in which this behaviour was seen in the wild.
    pub(crate) const fn seen_in(self, vendor_bug: u32) -> Behaviour {
        Behaviour { vendor_bug: Some(vendor_bug), ..self }
    }
}

// Names are unique, and stand for the rows.

impl PartialEq for Behaviour {
    fn eq(&self, other: &Behaviour) -> bool {
        self.name == other.name
    }
}

impl Eq for Behaviour {}

impl PartialOrd for Behaviour {
    fn partial_cmp(&self, other: &Behaviour) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Behaviour {
    fn cmp(&self, other: &Behaviour) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl Hash for Behaviour {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
