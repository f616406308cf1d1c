//! Lengths of time as a seed writes them: `7d`, `12h`, `15m`, `30s`, `250ms`.

use std::time::Duration;

use serde::Deserialize;

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Span(pub(super) Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Span, String> {
        let wrong =
            || format!("{text:?} is no length of time; write a whole number and a unit: 7d, 12h, 15m, 30s, 250ms");
        let end = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at(end);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let milliseconds = match unit {
            "ms" => Some(number),
            "s" => number.checked_mul(1000),
            "m" => number.checked_mul(60_000),
            "h" => number.checked_mul(3_600_000),
            "d" => number.checked_mul(86_400_000),
            _ => return Err(wrong()),
        };
        milliseconds.map(|milliseconds| Span(Duration::from_millis(milliseconds))).ok_or_else(wrong)
    }
}

impl Span {
    /// Returns the time, if it lies between two others.
    pub(super) fn between(self, what: &str, least: Duration, most: Duration) -> Result<Duration, String> {
        match self.0 >= least && self.0 <= most {
            true => Ok(self.0),
            false => {
                Err(format!("{what} is {}; it lies between {} and {}", written(self.0), written(least), written(most)))
            }
        }
    }
}

/// Returns a length of time as a seed would write it.
pub(super) fn written(time: Duration) -> String {
    let milliseconds = time.as_millis();
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")];
    match units.iter().find(|(size, _)| milliseconds >= *size && milliseconds.is_multiple_of(*size)) {
        Some((size, unit)) => format!("{}{unit}", milliseconds / size),
        None => format!("{milliseconds}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written_alike() {
        for text in ["7d", "12h", "15m", "30s", "250ms", "36h", "90s", "0ms"] {
            assert_eq!(written(Span::try_from(text.to_owned()).unwrap().0), text);
        }
        for text in ["", "7", "d", "7 d", "7w", "-1s", "1.5h", "99999999999999999999s", "18446744073709551615d"] {
            let error = Span::try_from(text.to_owned()).unwrap_err();
            assert!(error.contains("7d, 12h"), "{text}: {error}");
        }
    }
}
