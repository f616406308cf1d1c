//! Printing: the inverse of the parser, with the fewest parentheses.

use std::fmt;

use super::{CompareOp, Filter};

impl fmt::Display for Filter {
    /// Writes the canonical text: lower-case words, `not (`, strings escaped
    /// only where JSON demands it. `parse` gives the same filter back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::And(..) => write_chain(f, self, " and "),
            Filter::Or(..) => write_chain(f, self, " or "),
            Filter::Not(inner) => write!(f, "not ({inner})"),
            Filter::Compare { path, op, value } => write!(f, "{path} {op} {value}"),
            Filter::Present(path) => write!(f, "{path} pr"),
            Filter::ValuePath { path, filter } => write!(f, "{path}[{filter}]"),
        }
    }
}

fn write_chain(f: &mut fmt::Formatter<'_>, chain: &Filter, word: &str) -> fmt::Result {
    for (index, operand) in chain.chain().into_iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        match needs_parentheses(chain, operand) {
            true => write!(f, "({operand})")?,
            false => write!(f, "{operand}")?,
        }
    }
    Ok(())
}

/// `or` binds weaker than `and`, and a chain that hangs to the right was
/// written with parentheses.
fn needs_parentheses(chain: &Filter, operand: &Filter) -> bool {
    match (chain, operand) {
        (_, Filter::Or(..)) => true,
        (chain, Filter::And(..)) => matches!(chain, Filter::And(..)),
        _ => false,
    }
}

impl fmt::Display for CompareOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
