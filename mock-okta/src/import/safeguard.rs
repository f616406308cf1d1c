//! Import safeguards: how many unassignments Okta lets an import cause. What stops is the flow's
//! business.

/// A bound on the assignments one import may take away
/// (<https://help.okta.com/oie/en-us/Content/Topics/users-groups-profiles/usgp-import-safeguard.htm>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Safeguard {
    /// The share of assignments, in percent, which may go.
    pub percent: u8,
    /// The number of assignments up to which the safeguard sleeps.
    ///
    /// Two readings: for apps the page has "more than 100 users", for the org "a minimum of 100"
    /// assignments. Both mean the same protection, and the first is what we take for either.
    pub sleeps_up_to: usize,
}

impl Default for Safeguard {
    fn default() -> Safeguard {
        Safeguard { percent: 20, sleeps_up_to: 100 }
    }
}

impl Safeguard {
    /// Tells whether an import that takes this many assignments away is stopped.
    ///
    /// Two readings of the bound itself: the page says "reached"; its older edition computes an example
    /// in which 20 percent of 1,000 stop an import of *more* than 200. We follow the example.
    pub fn stops(self, assigned: usize, unassigned: usize) -> bool {
        assigned > self.sleeps_up_to && unassigned.saturating_mul(100) > assigned.saturating_mul(self.percent.into())
    }
}

/// Why an import was stopped before it changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halt {
    /// Which safeguard did it. The app's goes first where both would.
    pub level: SafeguardLevel,
    /// The share that was allowed, in percent.
    pub percent: u8,
    /// How many assignments there were.
    pub assigned: usize,
    /// How many of them the import would have taken away.
    pub unassigned: usize,
}

/// What a safeguard guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SafeguardLevel {
    /// The assignments of one app.
    App,
    /// The assignments of all apps.
    Org,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_may_go_and_one_more_may_not() {
        let default = Safeguard::default();
        assert!(!default.stops(1_000, 200));
        assert!(default.stops(1_000, 201));
    }

    #[test]
    fn small_apps_are_not_guarded() {
        assert!(!Safeguard::default().stops(100, 100));
        assert!(Safeguard::default().stops(101, 101));
        assert!(Safeguard { percent: 20, sleeps_up_to: 0 }.stops(4, 1));
    }

    #[test]
    fn nothing_overflows() {
        assert!(!Safeguard { percent: 100, sleeps_up_to: 0 }.stops(usize::MAX, usize::MAX));
    }
}
