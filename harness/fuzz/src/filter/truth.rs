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

/// Whether each resource of a [directory](super::Directory) belongs into an answer: one bit a resource, in their order.
///
/// The operations are those of [`Truth`], on all resources at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Truths {
    /// Those that must be there.
    met: u64,
    /// Those that must not be there.
    unmet: u64,
}

impl Truths {
    /// How many resources there can be.
    pub const MOST: usize = 64;

    /// Returns the truths of so many resources, by their places.
    pub(super) fn of(resources: usize, truth: impl Fn(usize) -> Truth) -> Truths {
        (0..resources).fold(Truths::default(), |truths, place| match truth(place) {
            Truth::True => Truths { met: truths.met | bit(place), ..truths },
            Truth::False => Truths { unmet: truths.unmet | bit(place), ..truths },
            Truth::Either => truths,
        })
    }

    /// Returns the truth of the resource at a place.
    pub fn at(self, place: usize) -> Truth {
        match (self.met & bit(place) != 0, self.unmet & bit(place) != 0) {
            (true, _) => Truth::True,
            (_, true) => Truth::False,
            _ => Truth::Either,
        }
    }

    /// Returns the weaker of the two for each resource.
    #[must_use]
    pub fn and(self, other: Truths) -> Truths {
        Truths { met: self.met & other.met, unmet: self.unmet | other.unmet }
    }

    /// Returns the stronger of the two for each resource.
    #[must_use]
    pub fn or(self, other: Truths) -> Truths {
        Truths { met: self.met | other.met, unmet: self.unmet & other.unmet }
    }

    /// Returns the resources that must not be there.
    pub fn unmet(self) -> Places {
        Places(self.unmet)
    }

    /// Returns the resources that must be there and are not among those found.
    pub fn missing(self, found: Places) -> Places {
        Places(self.met & !found.0)
    }

    /// Returns the resources that must not be there and are among those found.
    pub fn extra(self, found: Places) -> Places {
        Places(self.unmet & found.0)
    }

    /// Returns whether an answer that finds these is right.
    pub fn allow(self, found: Places) -> bool {
        self.missing(found).is_empty() && self.extra(found).is_empty()
    }

    /// Returns whether some resource must be there and some other must not.
    pub fn tell_apart(self) -> bool {
        self.met != 0 && self.unmet != 0
    }
}

impl Not for Truths {
    type Output = Truths;

    fn not(self) -> Truths {
        Truths { met: self.unmet, unmet: self.met }
    }
}

/// Some of the resources of a directory, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Places(u64);

impl Places {
    /// Returns whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns how many there are.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Returns whether a place is among them.
    pub fn contains(self, place: usize) -> bool {
        self.0 & bit(place) != 0
    }

    /// Returns them in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..Truths::MOST).filter(move |place| self.contains(*place))
    }
}

impl FromIterator<usize> for Places {
    fn from_iter<T: IntoIterator<Item = usize>>(places: T) -> Places {
        Places(places.into_iter().fold(0, |set, place| set | bit(place)))
    }
}

fn bit(place: usize) -> u64 {
    debug_assert!(place < Truths::MOST, "a directory has no more resources");
    1 << place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_truths_at_a_time_are_each_of_them() {
        const ALL: [Truth; 3] = [Truth::True, Truth::False, Truth::Either];
        let left = Truths::of(9, |place| ALL[place / 3]);
        let right = Truths::of(9, |place| ALL[place % 3]);
        for place in 0..9 {
            let (one, other) = (ALL[place / 3], ALL[place % 3]);
            assert_eq!((left.at(place), right.at(place)), (one, other));
            assert_eq!(left.and(right).at(place), one.and(other), "{one:?} and {other:?}");
            assert_eq!(left.or(right).at(place), one.or(other), "{one:?} or {other:?}");
            assert_eq!((!left).at(place), !one, "not {one:?}");
        }
        assert!(left.tell_apart() && !left.and(!left).tell_apart());
    }
}
