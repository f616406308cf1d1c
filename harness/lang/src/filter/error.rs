//! What can be wrong with a filter's text.
//!
//! One kind for each mistake people make, because the tester explains them;
//! what is wrong with a filter that parses is [`super::EvalError`]'s part.

use std::ops::Range;

use thiserror::Error;

use crate::error::{ScimError, ScimType};
use crate::json::token::{TokenError, TokenErrorKind};
use crate::path::PathError;

/// Why a text is not a filter, and which part of it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}, at byte {}", span.start)]
pub struct FilterError {
    /// The bytes at fault; empty where something is missing.
    pub span: Range<usize>,
    /// What is wrong with them.
    pub kind: FilterErrorKind,
}

/// The mistakes a filter can hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FilterErrorKind {
    /// The text is longer than the limit.
    #[error("the filter is longer than {limit} bytes")]
    TooLong {
        /// The limit in force.
        limit: usize,
    },
    /// More parentheses and brackets are open than the limit allows.
    #[error("more than {limit} parentheses and brackets are open")]
    TooDeep {
        /// The limit in force.
        limit: usize,
    },
    /// There is nothing to parse: RFC 7644 §3.4.2.2 asks for at least one
    /// expression.
    #[error("the filter is empty")]
    Empty,
    /// `()`.
    #[error("there is nothing between the parentheses")]
    EmptyParentheses,
    /// `emails[]`.
    #[error("there is nothing between the brackets")]
    EmptyBrackets,
    /// Something stands where an expression should start.
    #[error("expected an attribute, `not` or `(`, found `{}`", .0.escape_debug())]
    ExpectedExpression(char),
    /// `"x" eq userName`, `'x' eq userName`, `5 eq age`.
    #[error("the attribute comes first, then the literal")]
    LiteralFirst,
    /// An attribute is misspelled: `9lives pr`.
    #[error(transparent)]
    BadAttribute(PathError),
    /// An attribute stands alone, or a literal follows it at once.
    #[error("expected an operator after the attribute")]
    MissingOperator,
    /// `userName regex "a.*"`.
    #[error("`{0}` is not an operator")]
    UnknownOperator(String),
    /// `userName eq`.
    #[error("expected a literal after the operator")]
    MissingOperand,
    /// `title pr "x"`.
    #[error("`pr` takes no literal")]
    OperandAfterPresent,
    /// `userName eq ada`.
    #[error("`{0}` needs double quotes")]
    UnquotedOperand(String),
    /// `userName eq 'ada'`.
    #[error("strings are written in double quotes")]
    SingleQuotes,
    /// `active eq True`.
    #[error("JSON literals are lower-case: `{}`", .0.to_lowercase())]
    LiteralCase(String),
    /// A string without an end.
    #[error("the string has no closing quote")]
    UnterminatedString,
    /// An escape that JSON does not know: `\x`.
    #[error("`{0}` is not a JSON escape")]
    BadEscape(String),
    /// Half of a surrogate pair: `\ud800`.
    #[error("`{0}` is half of a surrogate pair")]
    LoneSurrogate(String),
    /// A raw control character in a string.
    #[error("U+{:04X} must be escaped in a string", u32::from(*.0))]
    ControlCharacter(char),
    /// `01`, `+1`, `.5`, `1.`.
    #[error("`{0}` is not a JSON number")]
    BadNumber(String),
    /// `userName eq"x"`, `a pr and(b pr)`.
    #[error("a space is missing")]
    MissingSpace,
    /// White space other than the one space the grammar asks for.
    #[error("only one space between two words, and none elsewhere")]
    StraySpace,
    /// `title pr userName pr`.
    #[error("expected `and` or `or` between two expressions")]
    MissingLogicalWord,
    /// `and title pr`.
    #[error("`{0}` has no expression before it")]
    LeadingLogicalWord(String),
    /// `title pr and`.
    #[error("`{0}` has no expression after it")]
    TrailingLogicalWord(String),
    /// `not title pr`.
    #[error("`not` needs parentheses around what it negates")]
    NotWithoutParentheses,
    /// A parenthesis without its end.
    #[error("the parenthesis is not closed")]
    UnclosedParenthesis,
    /// A bracket without its end.
    #[error("the bracket is not closed")]
    UnclosedBracket,
    /// `)` without a beginning.
    #[error("no parenthesis is open")]
    UnopenedParenthesis,
    /// `]` without a beginning.
    #[error("no bracket is open")]
    UnopenedBracket,
    /// `emails[x[y pr]]`. The grammar derives it through `logExp` (erratum
    /// 4690); no attribute has complex sub-attributes (RFC 7643 §2.3.8).
    #[error("a value path may not lie in another")]
    NestedValuePath,
    /// `emails[urn:…:User:type eq "x"]`: sub-attributes have no schema of
    /// their own.
    #[error("sub-attributes in brackets are not qualified by a schema")]
    SchemaInBrackets,
    /// `emails[type.x eq "y"]`.
    #[error("sub-attributes in brackets have no sub-attributes")]
    SubAttributeInBrackets,
    /// `emails.type[value pr]`.
    #[error("brackets follow an attribute, not a sub-attribute")]
    SubAttributeBeforeBrackets,
    /// `emails[type eq "work"].value eq "x"`: only a PATCH path may go on
    /// behind the bracket (RFC 7644 §3.5.2).
    #[error("a filter does not go on after the closing bracket; only a PATCH path does")]
    SubAttributeAfterBrackets,
    /// Something else that belongs nowhere.
    #[error("unexpected `{}`", .0.escape_debug())]
    Unexpected(char),
}

impl FilterError {
    pub(super) fn new(span: Range<usize>, kind: FilterErrorKind) -> Self {
        FilterError { span, kind }
    }

    /// The error of a string literal.
    pub(super) fn in_string(error: TokenError) -> Self {
        let kind = match error.kind {
            TokenErrorKind::BadEscape(text) => FilterErrorKind::BadEscape(text),
            TokenErrorKind::ShortEscape => FilterErrorKind::BadEscape("\\u".to_owned()),
            TokenErrorKind::LoneSurrogate(text) => FilterErrorKind::LoneSurrogate(text),
            TokenErrorKind::Control(c) => FilterErrorKind::ControlCharacter(c),
            // The last two are mistakes in numbers.
            TokenErrorKind::Unterminated | TokenErrorKind::LeadingZero | TokenErrorKind::MissingDigit => {
                FilterErrorKind::UnterminatedString
            }
        };
        FilterError::new(error.span, kind)
    }
}

impl From<FilterError> for ScimError {
    /// RFC 7644 §3.12: a filter that does not parse is 400 `invalidFilter`.
    fn from(error: FilterError) -> Self {
        ScimError::bad_request(ScimType::InvalidFilter, error.to_string())
    }
}
