//! Filters (RFC 7644 §3.4.2.2): parsing, printing and deciding them.
//!
//! [`parse`] is strict: it accepts what the grammar derives, less what it
//! derives without meaning, because the tester sends filters and must know
//! which of them are wrong. A server that wants to be lenient has to be so
//! before it calls. [`matches()`] is one
//! documented reading of the clauses the RFC leaves open; the table of those
//! readings stands at [`Matcher`].
//!
//! ```
//! use scim_lang::filter::{self, Filter};
//!
//! let filter = filter::parse(r#"userName sw "ada" and not(emails[type eq "home"])"#)?;
//! assert_eq!(
//!     filter.to_string(),
//!     r#"userName sw "ada" and not (emails[type eq "home"])"#
//! );
//! # Ok::<(), filter::FilterError>(())
//! ```

mod error;
mod eval;
mod instant;
mod parse;
mod print;
mod resolve;

use std::str::FromStr;

use serde_json::Value;

use crate::path::AttrPath;

pub use error::{FilterError, FilterErrorKind};
pub use eval::{Matcher, matches, matches_element};
pub use instant::instant;
pub use parse::{PatchPath, parse, parse_patch_path, parse_with};
pub use resolve::EvalError;

/// A filter, as the grammar nests it. Parentheses that change nothing leave
/// no trace.
///
/// A filter built by hand may say what no text can, such as a value path in a
/// value path; it prints, and the text does not parse.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Both match. `a and b and c` is `And(And(a, b), c)`.
    And(Box<Filter>, Box<Filter>),
    /// One of them matches, or both.
    Or(Box<Filter>, Box<Filter>),
    /// The filter in parentheses does not match.
    Not(Box<Filter>),
    /// An attribute compared with a literal.
    Compare {
        /// The attribute.
        path: AttrPath,
        /// The comparison.
        op: CompareOp,
        /// A string, number, boolean or null.
        value: Value,
    },
    /// The attribute has a value: `title pr`.
    Present(AttrPath),
    /// One element of the attribute matches the filter in brackets.
    ValuePath {
        /// The complex attribute.
        path: AttrPath,
        /// What the element has to match; its paths are sub-attributes.
        filter: Box<Filter>,
    },
}

/// A comparison (RFC 7644 §3.4.2.2, table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

impl CompareOp {
    /// Every comparison, in the order of the table.
    pub const ALL: [CompareOp; 9] = [
        CompareOp::Eq,
        CompareOp::Ne,
        CompareOp::Co,
        CompareOp::Sw,
        CompareOp::Ew,
        CompareOp::Gt,
        CompareOp::Ge,
        CompareOp::Lt,
        CompareOp::Le,
    ];

    /// Returns the operator as the RFC spells it.
    pub fn name(self) -> &'static str {
        match self {
            CompareOp::Eq => "eq",
            CompareOp::Ne => "ne",
            CompareOp::Co => "co",
            CompareOp::Sw => "sw",
            CompareOp::Ew => "ew",
            CompareOp::Gt => "gt",
            CompareOp::Ge => "ge",
            CompareOp::Lt => "lt",
            CompareOp::Le => "le",
        }
    }

    /// Tells whether the operator asks for an order: `gt`, `ge`, `lt`, `le`.
    pub fn is_ordering(self) -> bool {
        use CompareOp::{Ge, Gt, Le, Lt};
        matches!(self, Gt | Ge | Lt | Le)
    }

    /// Tells whether the operator looks into a string: `co`, `sw`, `ew`.
    pub fn is_substring(self) -> bool {
        use CompareOp::{Co, Ew, Sw};
        matches!(self, Co | Sw | Ew)
    }

    fn from_word(word: &str) -> Option<CompareOp> {
        let same = |op: &CompareOp| op.name().eq_ignore_ascii_case(word);
        CompareOp::ALL.into_iter().find(same)
    }
}

impl Filter {
    /// Returns the filter that matches where both do.
    #[must_use]
    pub fn and(self, other: Filter) -> Filter {
        Filter::And(Box::new(self), Box::new(other))
    }

    /// Returns the filter that matches where either does.
    #[must_use]
    pub fn or(self, other: Filter) -> Filter {
        Filter::Or(Box::new(self), Box::new(other))
    }

    /// Returns the filter that matches where this one does not.
    #[must_use]
    pub fn negated(self) -> Filter {
        Filter::Not(Box::new(self))
    }

    /// Returns a comparison.
    pub fn compare(path: AttrPath, op: CompareOp, value: impl Into<Value>) -> Filter {
        Filter::Compare { path, op, value: value.into() }
    }

    /// Returns the attribute and the text if the filter is nothing but
    /// `attribute eq "text"`: what an index can answer, and what provisioning
    /// clients send before they create.
    pub fn equality(&self) -> Option<(&AttrPath, &str)> {
        match self {
            Filter::Compare { path, op: CompareOp::Eq, value: Value::String(text) } => Some((path, text)),
            _ => None,
        }
    }

    /// The operands of a chain of one logical word, left to right. The parser
    /// hangs `a or b or c …` to the left, as deep as it is long; who walks it
    /// by this list recurses only where parentheses were.
    fn chain(&self) -> Vec<&Filter> {
        let mut operands = Vec::new();
        let mut rest = self;
        while let (Filter::And(..), Filter::And(left, right)) | (Filter::Or(..), Filter::Or(left, right)) = (self, rest)
        {
            operands.push(&**right);
            rest = left;
        }
        operands.push(rest);
        operands.reverse();
        operands
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text)
    }
}

/// How much filter is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest text, in bytes; nothing above
    /// [`Limits::LENGTH_CEILING`] has an effect.
    pub max_length: usize,
    /// How many parentheses and brackets may be open at once; nothing above
    /// [`Limits::DEPTH_CEILING`] has an effect.
    pub max_depth: usize,
}

impl Limits {
    /// The length beyond which `max_length` has no effect: cloning, comparing
    /// and dropping a filter recurse along its chains.
    pub const LENGTH_CEILING: usize = 16 * 1024;

    /// The depth beyond which `max_depth` has no effect: parsing recurses,
    /// and even an unoptimised build has to do it on a thread's usual stack.
    pub const DEPTH_CEILING: usize = 128;
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_length: 8192, max_depth: 64 }
    }
}
