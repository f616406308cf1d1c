//! Runscope's built-in template functions. What looks random grows from the seed, so that a run can be repeated.

use crate::names::Seed;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A source of values that look random and depend on the seed and on how many came before.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    seed: Seed,
    rolls: u64,
}

impl Dice {
    /// Returns the dice of a seed, before the first roll.
    pub(crate) fn new(seed: Seed) -> Dice {
        Dice { seed, rolls: 0 }
    }

    /// Returns the next number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.rolls += 1;
        self.seed.derive(&format!("runscope roll {}", self.rolls))
    }

    /// Returns a text of letters from an alphabet.
    pub(crate) fn letters(&mut self, alphabet: &str, length: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..length).map(|_| char::from(letters[(self.roll() % letters.len() as u64) as usize])).collect()
    }
}

/// The letters of a random upper-case text.
pub(crate) const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// The letters of a random lower-case text.
pub(crate) const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
/// The digits.
pub(crate) const DIGITS: &str = "0123456789";
const ANY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A built-in function with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Builtin {
    /// Seconds since 1970, so many later.
    Timestamp { later: i64 },
    /// The time in UTC as ISO 8601 has it.
    UtcDatetime,
    /// A random UUID (RFC 9562, version 4).
    Uuid,
    /// A whole number from `low` to `high`, both included.
    RandomInt { low: u64, high: u64 },
    /// A text of so many letters of an alphabet.
    RandomString { alphabet: &'static str, length: usize },
    /// A text in base64.
    EncodeBase64(String),
    /// A text, percent-encoded.
    UrlEncode(String),
}

/// The functions, for messages.
pub(crate) const NAMES: &str = "timestamp, timestamp_offset, utc_datetime, uuid, random_int, random_string, \
                                random_uppercase_string, random_lowercase_string, encode_base64, url_encode";

impl Builtin {
    /// Returns the function that a name stands for without arguments.
    pub(crate) fn bare(name: &str) -> Option<Builtin> {
        match name {
            "timestamp" => Some(Builtin::Timestamp { later: 0 }),
            "utc_datetime" => Some(Builtin::UtcDatetime),
            "uuid" => Some(Builtin::Uuid),
            "random_int" => Some(Builtin::RandomInt { low: 0, high: u64::MAX }),
            _ => None,
        }
    }

    /// Returns the function `name(arguments)`, or nothing if there is none that takes them.
    pub(crate) fn call(name: &str, arguments: &[&str]) -> Option<Builtin> {
        let strings = |alphabet, length: &str| {
            let length = length.parse().ok().filter(|length| *length <= LONGEST)?;
            Some(Builtin::RandomString { alphabet, length })
        };
        match (name, arguments) {
            (_, []) => Builtin::bare(name),
            ("timestamp_offset", [later]) => Some(Builtin::Timestamp { later: later.parse().ok()? }),
            ("random_int", [low, high]) => {
                let (low, high) = (low.parse().ok()?, high.parse().ok()?);
                (low <= high).then_some(Builtin::RandomInt { low, high })
            }
            ("random_string", [length]) => strings(ANY, length),
            ("random_uppercase_string", [length]) => strings(UPPER, length),
            ("random_lowercase_string", [length]) => strings(LOWER, length),
            ("encode_base64", [text]) => Some(Builtin::EncodeBase64((*text).to_owned())),
            ("url_encode", [text]) => Some(Builtin::UrlEncode((*text).to_owned())),
            _ => None,
        }
    }

    /// Returns what the function gives this time.
    pub(crate) fn value(&self, dice: &mut Dice) -> String {
        match self {
            Builtin::Timestamp { later } => jiff::Timestamp::now().as_second().saturating_add(*later).to_string(),
            Builtin::UtcDatetime => jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string(),
            Builtin::Uuid => uuid(dice.roll(), dice.roll()),
            Builtin::RandomInt { low, high } => {
                let roll = dice.roll();
                (high - low).checked_add(1).map_or(roll, |span| low + roll % span).to_string()
            }
            Builtin::RandomString { alphabet, length } => dice.letters(alphabet, *length),
            Builtin::EncodeBase64(text) => STANDARD.encode(text),
            Builtin::UrlEncode(text) => crate::client::encode(text),
        }
    }
}

const LONGEST: usize = 4096;

fn uuid(high: u64, low: u64) -> String {
    let version = (high & !0xf000) | 0x4000;
    let variant = (low & (u64::MAX >> 2)) | (1 << 63);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        version >> 32,
        (version >> 16) & 0xffff,
        version & 0xffff,
        variant >> 48,
        variant & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str, arguments: &[&str]) -> String {
        Builtin::call(name, arguments).unwrap().value(&mut Dice::new(Seed(7)))
    }

    #[test]
    fn values_have_the_shape_their_names_promise() {
        let uuid = value("uuid", &[]);
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"), "{uuid}");
        assert!((3..=5).contains(&value("random_int", &["3", "5"]).parse::<u64>().unwrap()));
        assert!(value("random_uppercase_string", &["9"]).bytes().all(|letter| letter.is_ascii_uppercase()));
        assert_eq!(value("random_string", &["40"]).len(), 40);
        assert_eq!(value("encode_base64", &["a:b"]), "YTpi");
        assert_eq!(value("url_encode", &["a b"]), "a%20b");
        assert!(
            value("timestamp", &[]).parse::<i64>().unwrap() + 50 < value("timestamp_offset", &["99"]).parse().unwrap()
        );
        assert!(value("utc_datetime", &[]).starts_with("20"));
    }

    #[test]
    fn one_seed_rolls_the_same_and_never_twice_the_same_in_a_row() {
        let (mut one, mut two) = (Dice::new(Seed(7)), Dice::new(Seed(7)));
        assert_eq!(one.roll(), two.roll());
        assert_ne!(one.roll(), Dice::new(Seed(7)).roll());
    }

    #[test]
    fn a_function_with_the_wrong_arguments_is_none() {
        for (name, arguments) in [
            ("random_int", ["5", "3"].as_slice()),
            ("random_string", &["x"]),
            ("random_string", &["99999"]),
            ("md5", &["x"]),
        ] {
            assert_eq!(Builtin::call(name, arguments), None, "{name}");
        }
    }
}
