//! Observations of which a server may cause any number: all are counted, the first few are kept.

/// A count with its first examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted<T> {
    count: u64,
    examples: Vec<T>,
}

impl<T> Noted<T> {
    /// How many examples are kept.
    pub const EXAMPLES: usize = 20;

    /// Returns how often it was observed.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Tells whether it never was.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the first observations, at most [`Noted::EXAMPLES`].
    pub fn examples(&self) -> &[T] {
        &self.examples
    }

    pub(crate) fn add(&mut self, example: T) {
        self.count += 1;
        if self.examples.len() < Self::EXAMPLES {
            self.examples.push(example);
        }
    }
}

impl<T> Default for Noted<T> {
    fn default() -> Noted<T> {
        Noted { count: 0, examples: Vec::new() }
    }
}

/// Returns text of the service provider on one line and short enough to be kept.
pub(crate) fn brief(text: &str) -> String {
    let mut chars = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    let mut kept: String = chars.by_ref().take(LONGEST).collect();
    if chars.next().is_some() {
        kept.push('…');
    }
    kept
}

const LONGEST: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_counted_and_little_is_kept() {
        let mut noted = Noted::default();
        (0..1_000).for_each(|number| noted.add(number));
        assert_eq!((noted.count(), noted.examples().len()), (1_000, Noted::<i32>::EXAMPLES));
        assert_eq!(noted.examples()[..2], [0, 1]);
    }

    #[test]
    fn kept_text_is_short_and_on_one_line() {
        assert_eq!(brief("a\nb"), "a b");
        assert_eq!(brief(&"x".repeat(10_000)).chars().count(), LONGEST + 1);
    }
}
