//! Choices at random.

use proptest::prelude::Rng;
use proptest::test_runner::TestRng;

/// What chooses.
pub(super) struct Dice(pub(super) TestRng);

impl Dice {
    /// Returns a number below a bound that is not 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("a usize fits");
        usize::try_from(self.0.next_u64() % bound).expect("below a usize")
    }

    /// Says yes so many times of a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.below(from.len())) }
    }

    /// Picks one of some things by their weights.
    pub(super) fn weighed<T: Copy>(&mut self, from: &[(usize, T)]) -> T {
        let total = from.iter().map(|(weight, _)| weight).sum();
        let mut at = self.below(total);
        for (weight, it) in from {
            if at < *weight {
                return *it;
            }
            at -= weight;
        }
        from[0].1
    }

    /// Picks some of these, in their order.
    pub(super) fn some<'a, T>(&mut self, from: &'a [T], most: usize) -> Vec<&'a T> {
        let wanted = self.below(most.min(from.len()) + 1);
        let mut left: Vec<&T> = from.iter().collect();
        while left.len() > wanted {
            left.remove(self.below(left.len()));
        }
        left
    }
}
