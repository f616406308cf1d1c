//! Three-valued logic: what the RFC decides, and what it leaves to the server.

use std::ops::Not;

/// Whether a resource belongs into an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It must be there.
    True,
    /// It must not be there.
    False,
    /// The RFC leaves it open.
    Either,
}

impl Truth {
    /// Returns the weaker of the two, as Kleene's logic has it.
    #[must_use]
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, Truth::True) => Truth::True,
            _ => Truth::Either,
        }
    }

    /// Returns the stronger of the two, as Kleene's logic has it.
    #[must_use]
    pub fn or(self, other: Truth) -> Truth {
        !((!self).and(!other))
    }

    /// Returns what holds under both of two readings.
    #[must_use]
    pub fn under_both(self, other: Truth) -> Truth {
        if self == other { self } else { Truth::Either }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Truth {
        if value { Truth::True } else { Truth::False }
    }
}

impl Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Either => Truth::Either,
        }
    }
}
