//! Divides the cases of a run among several, each on a machine of its own, and says which part a run has.
//!
//! The unit is a trial, a case as one app. The two ways are those of nextest: `slice:m/n` takes every n-th of the chosen
//! trials, which makes parts of equal size; `hash:m/n` goes by the trial's name alone, so that a case stays in its part
//! whatever else is chosen. `rehearsal merge` puts the reports together.

use crate::names::Seed;
use crate::schedule;
use crate::select::Trial;
use scim_record::Part;
use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use thiserror::Error;

/// Which part of the cases a run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    by: By,
    /// Counted from 1.
    number: NonZeroUsize,
    of: NonZeroUsize,
}

/// How cases are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Slice,
    Hash,
}

/// Why a text is no partition.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PartitionError {
    /// It has another form.
    #[error("write it as slice:m/n or hash:m/n, for example slice:1/3")]
    Form,
    /// There is no such part.
    #[error("there is no part {number} of {of}: parts are counted from 1")]
    Number {
        /// The part.
        number: usize,
        /// How many there are.
        of: usize,
    },
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, PartitionError> {
        let (by, numbers) = text.split_once(':').ok_or(PartitionError::Form)?;
        let by = match by {
            "slice" => By::Slice,
            "hash" => By::Hash,
            _ => return Err(PartitionError::Form),
        };
        let (number, of) = numbers.split_once('/').ok_or(PartitionError::Form)?;
        let read = |text: &str| text.parse::<usize>().map_err(|_| PartitionError::Form);
        let (number, of) = (read(number)?, read(of)?);
        match (NonZeroUsize::new(number), NonZeroUsize::new(of)) {
            (Some(part), Some(all)) if part <= all => Ok(Partition { by, number: part, of: all }),
            _ => Err(PartitionError::Number { number, of }),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.by.name(), self.number, self.of)
    }
}

impl By {
    fn name(self) -> &'static str {
        match self {
            By::Slice => "slice",
            By::Hash => "hash",
        }
    }
}

/// The trials of one part.
#[derive(Debug)]
pub struct Share<'plan> {
    /// The trials of the part and those of other parts that they require, in the plan's order.
    pub trials: Vec<Trial<'plan>>,
    /// The names of those of other parts: they run, so that what requires them is judged as in the whole, and are
    /// reported by their own part.
    pub borrowed: HashSet<String>,
    /// What the report says about it.
    pub part: Part,
}

impl Partition {
    /// Returns this part of the trials; without requirements nothing of other parts comes along.
    pub fn of<'plan>(self, trials: &[Trial<'plan>], with_requirements: bool) -> Share<'plan> {
        let owned: Vec<bool> = trials.iter().enumerate().map(|(index, trial)| self.has(index, trial)).collect();
        let runs = if with_requirements { schedule::with_required(trials, &owned) } else { owned.clone() };
        let is_borrowed = |index: &usize| runs[*index] && !owned[*index];
        Share {
            trials: trials.iter().zip(&runs).filter(|(_, runs)| **runs).map(|(trial, _)| *trial).collect(),
            borrowed: (0..trials.len()).filter(is_borrowed).map(|index| trials[index].to_string()).collect(),
            part: Part {
                by: self.by.name().to_owned(),
                number: self.number.get(),
                of: self.of.get(),
                whole: whole(trials, with_requirements),
            },
        }
    }

    fn has(self, index: usize, trial: &Trial<'_>) -> bool {
        let of = self.of.get();
        let bucket = match self.by {
            By::Slice => index % of,
            // The same in every version and on every machine.
            By::Hash => usize::try_from(STABLE.derive(&trial.to_string()) % of as u64).expect("it is below a usize"),
        };
        bucket + 1 == self.number.get()
    }
}

/// Returns what tells these cases, judged like that, from any other.
fn whole(trials: &[Trial<'_>], with_requirements: bool) -> String {
    let mut text = format!("requirements {with_requirements}");
    for trial in trials {
        let case = trial.case;
        text.push_str(&format!("\n{trial}\n{}\n{:?} {:?}\n", case.rule, case.level, case.requires));
    }
    format!("{:016x}", STABLE.derive(&text))
}

const STABLE: Seed = Seed(0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::select;
    use crate::suites::{self, Suites};
    use scim_suite::ScimVersion;
    use std::collections::BTreeSet;

    fn partition(text: &str) -> Partition {
        text.parse().expect("a partition")
    }

    fn all(suites: &Suites) -> Vec<Trial<'_>> {
        select(&suites.plan, &[], &[], &[ScimVersion::V2]).expect("cases")
    }

    fn owned(share: &Share<'_>) -> Vec<String> {
        let names = share.trials.iter().map(ToString::to_string);
        names.filter(|name| !share.borrowed.contains(name)).collect()
    }

    #[test]
    fn a_partition_reads_back_what_it_prints_and_refuses_the_rest() {
        for text in ["slice:1/1", "slice:2/3", "hash:3/3"] {
            assert_eq!(partition(text).to_string(), text);
        }
        for text in ["", "slice", "slice:1", "count:1/2", "slice:1/2/3", "slice:a/2", "slice:-1/2", "slice: 1/2", "1/2"]
        {
            assert_eq!(text.parse::<Partition>(), Err(PartitionError::Form), "{text}");
        }
        for text in ["slice:0/2", "hash:3/2", "hash:1/0", "slice:0/0"] {
            assert!(matches!(text.parse::<Partition>(), Err(PartitionError::Number { .. })), "{text}");
        }
    }

    #[test]
    fn the_parts_are_disjoint_and_together_the_whole() {
        let suites = suites::load(&[]).expect("the embedded suites");
        let trials = all(&suites);
        for by in ["slice", "hash"] {
            for of in [1, 2, 7] {
                let shares: Vec<Share<'_>> =
                    (1..=of).map(|number| partition(&format!("{by}:{number}/{of}")).of(&trials, true)).collect();
                let together: Vec<String> = shares.iter().flat_map(owned).collect();
                assert_eq!(together.len(), trials.len(), "{by} of {of}");
                let distinct: BTreeSet<String> = together.into_iter().collect();
                assert_eq!(distinct, trials.iter().map(ToString::to_string).collect(), "{by} of {of}");
                assert!(shares.iter().all(|share| share.part.whole == shares[0].part.whole));
            }
        }
    }

    #[test]
    fn slices_are_equal_and_hashes_stay_where_they_are() {
        let suites = suites::load(&[]).expect("the embedded suites");
        let trials = all(&suites);
        let sizes: Vec<usize> =
            (1..=4).map(|number| owned(&partition(&format!("slice:{number}/4")).of(&trials, false)).len()).collect();
        assert!(sizes.iter().max().expect("four") - sizes.iter().min().expect("four") <= 1, "{sizes:?}");
        let some: Vec<Trial<'_>> = trials.iter().copied().filter(|trial| trial.case.suite == "okta/users").collect();
        let of_all = owned(&partition("hash:1/3").of(&trials, false));
        let of_some = owned(&partition("hash:1/3").of(&some, false));
        assert!(!of_some.is_empty() && of_some.iter().all(|name| of_all.contains(name)));
        let moved: Vec<Trial<'_>> = some.iter().rev().copied().collect();
        let of_moved: BTreeSet<String> = owned(&partition("hash:1/3").of(&moved, false)).into_iter().collect();
        assert_eq!(of_moved, of_some.into_iter().collect());
    }

    #[test]
    fn what_a_part_requires_comes_along_and_is_not_its_own() {
        let suites = suites::load(&[]).expect("the embedded suites");
        let trials = all(&suites);
        let share = partition("slice:1/7").of(&trials, true);
        assert!(!share.borrowed.is_empty());
        let present: BTreeSet<&str> = share.trials.iter().map(|trial| trial.case.id.as_str()).collect();
        for trial in &share.trials {
            for required in &trial.case.requires {
                let is_chosen = trials.iter().any(|other| other.case.id == required.value);
                assert!(!is_chosen || present.contains(required.as_str()), "{trial} requires {}", required.value);
            }
        }
        assert!(partition("slice:1/7").of(&trials, false).borrowed.is_empty());
    }

    #[test]
    fn other_cases_or_settings_make_another_whole() {
        let suites = suites::load(&[]).expect("the embedded suites");
        let trials = all(&suites);
        let whole = |trials: &[Trial<'_>], with| partition("slice:1/2").of(trials, with).part.whole;
        assert_ne!(whole(&trials, true), whole(&trials[1..], true));
        assert_ne!(whole(&trials, true), whole(&trials, false));
    }
}
