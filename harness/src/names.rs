//! Names for everything a run creates, derived from the seed alone, so that one seed sends the same bytes.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// The number a run's names and generated values grow from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// Returns a seed nobody chose.
    ///
    /// # Panics
    /// If the operating system has no randomness to give.
    pub fn random() -> Seed {
        Seed(getrandom::u64().expect("the operating system provides randomness"))
    }

    /// Returns the run's id, the prefix of every name the run creates: `rh` and eight letters or digits.
    pub fn run_id(self) -> String {
        format!("rh{}", letters(self.derive("run"), 8))
    }

    /// Returns the prefix for the names of one trial, unique to it within the run.
    pub fn trial_prefix(self, trial: &str) -> String {
        format!("{}-{}", self.run_id(), letters(self.derive(trial), 6))
    }

    /// Returns a number that depends on the seed and on `what` alone.
    pub fn derive(self, what: &str) -> u64 {
        // FNV-1a, then a finalizer (both public domain): stable across versions, unlike the standard hasher.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ self.0;
        for byte in what.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^ (hash >> 33)
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl FromStr for Seed {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(hex) => u64::from_str_radix(hex, 16),
            None => text.parse(),
        }
        .map(Seed)
    }
}

/// Spells a number in lower-case letters and digits; names made of it need no escaping anywhere.
/// Returns four letters or digits that tell one trial's names from another's.
pub(crate) fn tag(trial: &str) -> String {
    letters(Seed(0).derive(trial), 4)
}

fn letters(mut number: u64, length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    (0..length)
        .map(|_| {
            let letter = ALPHABET[(number % 32) as usize];
            number /= 32;
            char::from(letter)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_reads_back_what_it_prints() {
        for seed in [Seed(0), Seed(0x5c1a), Seed(u64::MAX)] {
            assert_eq!(seed.to_string().parse(), Ok(seed));
        }
        assert_eq!("42".parse(), Ok(Seed(42)));
    }

    #[test]
    fn trials_of_one_run_share_its_id_and_nothing_else() {
        let seed = Seed(7);
        let (one, two) = (seed.trial_prefix("okta/users/a@catalog"), seed.trial_prefix("okta/users/a@aiw"));
        assert_ne!(one, two);
        assert!(one.starts_with(&seed.run_id()) && two.starts_with(&seed.run_id()));
        assert_ne!(Seed(8).run_id(), seed.run_id());
    }
}
