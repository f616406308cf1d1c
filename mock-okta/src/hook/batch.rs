//! Which events go together in one request, and the disorder that receivers have to bear: Okta delivers at least once and
//! promises no order. Both follow from a seed, so that a test that failed can be had again.

use std::time::Duration;

/// How a mock org delivers. The default is the gentlest of what Okta documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behaviour {
    /// How many events one request holds at most, from 1. How many Okta merges is not documented.
    pub batch: usize,
    /// How long events are gathered before a request is made of them.
    pub gather: Duration,
    /// How long a request waits before it is sent.
    pub delay: Duration,
    /// Of a hundred requests, how many are sent twice.
    pub duplicates: u8,
    /// Whether events and requests lose their order.
    pub shuffle: bool,
    /// From which duplicates and disorder follow.
    pub seed: u64,
}

impl Default for Behaviour {
    fn default() -> Behaviour {
        let (gather, delay) = (Duration::ZERO, Duration::ZERO);
        Behaviour { batch: 100, gather, delay, duplicates: 0, shuffle: false, seed: 0 }
    }
}

/// What one request holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel<T> {
    /// The number among the parcels of a round, from 0. Duplicates have the number of what they repeat.
    pub number: usize,
    /// Whether it repeats another one.
    pub is_duplicate: bool,
    /// The events.
    pub items: Vec<T>,
}

/// Divides the events of a round among requests, in the order in which they are sent.
///
/// Nothing is lost: every event is in exactly one parcel that is no duplicate.
pub fn plan<T: Clone>(behaviour: &Behaviour, round: u64, mut events: Vec<T>) -> Vec<Parcel<T>> {
    let mut chance = Chance(behaviour.seed ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    if behaviour.shuffle {
        chance.shuffle(&mut events);
    }
    let mut parcels: Vec<Parcel<T>> = Vec::new();
    for (number, items) in events.chunks(behaviour.batch.max(1)).enumerate() {
        let parcel = Parcel { number, is_duplicate: false, items: items.to_vec() };
        if chance.below(100) < u64::from(behaviour.duplicates) {
            parcels.push(Parcel { is_duplicate: true, ..parcel.clone() });
        }
        parcels.push(parcel);
    }
    if behaviour.shuffle {
        chance.shuffle(&mut parcels);
    }
    // Whichever of two comes first is the one that the other repeats.
    let mut seen = vec![false; parcels.len()];
    for parcel in &mut parcels {
        parcel.is_duplicate = std::mem::replace(&mut seen[parcel.number], true);
    }
    parcels
}

/// Chance that can be repeated: SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below a limit that is small, so that the bias of the remainder does not matter.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let at = self.below(last as u64 + 1) as usize;
            items.swap(last, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events(parcels: &[Parcel<u32>]) -> Vec<u32> {
        parcels.iter().filter(|parcel| !parcel.is_duplicate).flat_map(|parcel| parcel.items.clone()).collect()
    }

    #[test]
    fn without_disorder_events_keep_their_order() {
        let parcels = plan(&Behaviour { batch: 3, ..Behaviour::default() }, 1, (0..7).collect());
        assert_eq!(
            parcels.iter().map(|parcel| parcel.items.clone()).collect::<Vec<_>>(),
            [vec![0, 1, 2], vec![3, 4, 5], vec![6]]
        );
        assert_eq!(plan(&Behaviour { batch: 0, ..Behaviour::default() }, 1, vec![1, 2]).len(), 2);
        assert_eq!(plan(&Behaviour::default(), 1, Vec::<u32>::new()), []);
    }

    #[test]
    fn every_request_can_be_sent_twice() {
        let behaviour = Behaviour { batch: 1, duplicates: 100, ..Behaviour::default() };
        let numbers: Vec<(usize, bool)> =
            plan(&behaviour, 1, vec![1, 2]).iter().map(|parcel| (parcel.number, parcel.is_duplicate)).collect();
        assert_eq!(numbers, [(0, false), (0, true), (1, false), (1, true)]);
    }

    #[test]
    fn disorder_is_real_and_follows_from_the_seed() {
        let behaviour = Behaviour { batch: 4, shuffle: true, seed: 7, ..Behaviour::default() };
        let sorted: Vec<u32> = (0..40).collect();
        let one = plan(&behaviour, 1, sorted.clone());
        assert_ne!(events(&one), sorted);
        assert_eq!(one, plan(&behaviour, 1, sorted.clone()));
        assert_ne!(one, plan(&behaviour, 2, sorted.clone()));
        assert_ne!(one, plan(&Behaviour { seed: 8, ..behaviour }, 1, sorted));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_duplicates_repeat_word_for_word(
            count in 0_u32..60, batch in 0_usize..9, duplicates in 0_u8..=100, shuffle: bool, seed: u64,
        ) {
            let behaviour = Behaviour { batch, duplicates, shuffle, seed, ..Behaviour::default() };
            let parcels = plan(&behaviour, seed, (0..count).collect());
            let mut found = events(&parcels);
            found.sort_unstable();
            prop_assert_eq!(found, (0..count).collect::<Vec<_>>());
            for (at, parcel) in parcels.iter().enumerate().filter(|(_, parcel)| parcel.is_duplicate) {
                let is_repeat = |earlier: &Parcel<u32>| earlier.number == parcel.number && earlier.items == parcel.items;
                prop_assert!(parcels[..at].iter().any(is_repeat));
            }
        }
    }
}
