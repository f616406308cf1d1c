//! What the kinds of input have in common.

use proptest::strategy::BoxedStrategy;
use std::fmt::Debug;

/// One kind of input.
pub trait Inputs {
    /// What is sent, in a form that can be judged.
    type Input: Clone + Debug;

    /// Returns how inputs are made; the same seed of the runner makes the same ones.
    fn strategy(&self) -> BoxedStrategy<Self::Input>;

    /// Returns simpler inputs to try in place of a failing one, the most daring first; nothing when it is as simple as
    /// can be. Every one is smaller by [`Inputs::size`], so that shrinking ends.
    fn simpler(&self, input: &Self::Input) -> Vec<Self::Input>;

    /// Returns how large an input is, in its own units.
    fn size(&self, input: &Self::Input) -> usize;

    /// Returns the input as text: the `input` of a regression, and what `--replay` reads.
    fn print(&self, input: &Self::Input) -> String;

    /// Reads what [`Inputs::print`] has written, or a person.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text.
    fn parse(&self, text: &str) -> Result<Self::Input, String>;
}
