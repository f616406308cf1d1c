//! The parser. Its grammar, with the left recursion of RFC 7644 §3.4.2.2
//! taken out and what the grammar derives without meaning left out:
//!
//! ```text
//! filter      := conjunction *( SP "or" SP conjunction )
//! conjunction := term *( SP "and" SP term )
//! term        := [ "not" [SP] ] "(" filter ")" / valuePath / attrExp
//! valuePath   := attrPath "[" filter "]"      no valuePath, URN or dot inside
//! attrExp     := attrPath SP ( "pr" / operator SP literal )
//! ```
//!
//! Words of the language are found in any case (RFC 5234 §2.3); `true`,
//! `false` and `null` are JSON and therefore lower-case. `not(` is what the
//! grammar says and `not (` what the RFC's examples show (erratum 7319), so
//! both are right. `not`, `and` and `or` are attribute names where an operator
//! follows them, as the grammar has it.
//!
//! Each function decides by what comes next and never tries twice, so that
//! the time is linear in the length.

use std::ops::Range;

use serde_json::{Number, Value};
use winnow::ascii::Caseless;
use winnow::combinator::{not, opt, peek, separated_foldl1};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stateful, Stream};
use winnow::token::{any, one_of, take_while};

use super::{CompareOp, Filter, FilterError, FilterErrorKind, Limits};
use crate::json::token;
use crate::path::{AttrPath, check_sub};

/// Parses a filter within the default limits.
pub fn parse(text: &str) -> Result<Filter, FilterError> {
    parse_with(text, &Limits::default())
}

/// Parses a filter within the given limits.
pub fn parse_with(text: &str, limits: &Limits) -> Result<Filter, FilterError> {
    run(text, limits, whole_filter)
}

/// What the `path` of a PATCH operation says (RFC 7644 §3.5.2).
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The attribute, with its sub-attribute where no brackets follow.
    pub attr: AttrPath,
    /// The filter in brackets.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the brackets.
    pub sub: Option<String>,
}

/// Parses the `path` of a PATCH operation: an attribute path, or a value path
/// that may go on with a sub-attribute.
pub fn parse_patch_path(text: &str) -> Result<PatchPath, FilterError> {
    run(text, &Limits::default(), whole_patch_path)
}

type Input<'a> = Stateful<LocatingSlice<&'a str>, State<'a>>;

/// `Backtrack` means "not this", `Cut` carries what is wrong with the text.
type Parsed<T> = ModalResult<T, FilterError>;

#[derive(Debug, Clone, Copy)]
struct State<'a> {
    text: &'a str,
    max_depth: usize,
    depth: usize,
    in_brackets: bool,
}

impl<'a> ParserError<Input<'a>> for FilterError {
    type Inner = FilterError;

    fn from_input(input: &Input<'a>) -> Self {
        let at = input.current_token_start();
        let kind = match input.chars().next() {
            Some(found) => FilterErrorKind::Unexpected(found),
            None => FilterErrorKind::Empty,
        };
        FilterError::new(at..at, kind)
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

fn run<'a, T>(text: &'a str, limits: &Limits, parser: fn(&mut Input<'a>) -> Parsed<T>) -> Result<T, FilterError> {
    let limit = limits.max_length.min(Limits::LENGTH_CEILING);
    if text.len() > limit {
        let kind = FilterErrorKind::TooLong { limit };
        return Err(FilterError::new(limit..text.len(), kind));
    }
    let mut input = Stateful {
        input: LocatingSlice::new(text),
        state: State { text, max_depth: limits.max_depth.min(Limits::DEPTH_CEILING), depth: 0, in_brackets: false },
    };
    match parser(&mut input) {
        Ok(parsed) => Ok(parsed),
        Err(ErrMode::Backtrack(error) | ErrMode::Cut(error)) => Err(error),
        Err(ErrMode::Incomplete(_)) => unreachable!("the input is complete"),
    }
}

fn whole_filter(input: &mut Input<'_>) -> Parsed<Filter> {
    if input.is_empty() {
        return fail(0..0, FilterErrorKind::Empty);
    }
    let parsed = filter(input)?;
    end(input)?;
    Ok(parsed)
}

fn whole_patch_path(input: &mut Input<'_>) -> Parsed<PatchPath> {
    if input.is_empty() {
        return fail(0..0, FilterErrorKind::Empty);
    }
    let attr = attribute_path(input)?;
    let filter = match next(input) {
        Some('[') => Some(brackets(input, &attr)?),
        _ => None,
    };
    let sub = match (&filter, next(input)) {
        (Some(_), Some('.')) => Some(sub_attribute(input)?),
        _ => None,
    };
    end_of_path(input)?;
    Ok(PatchPath { attr, filter, sub })
}

/// `.name` behind the brackets.
fn sub_attribute(input: &mut Input<'_>) -> Parsed<String> {
    let (name, span) = ('.', word).map(|(_, found)| found).parse_next(input)?;
    match check_sub(name) {
        Ok(()) => Ok(name.to_owned()),
        Err(error) => fail(span, FilterErrorKind::BadAttribute(error)),
    }
}

fn end_of_path(input: &mut Input<'_>) -> Parsed<()> {
    match next(input) {
        None => Ok(()),
        Some(')') => fail_here(input, FilterErrorKind::UnopenedParenthesis),
        Some(']') => fail_here(input, FilterErrorKind::UnopenedBracket),
        Some(c) if c.is_whitespace() => stray_space(input),
        Some(c) => fail_here(input, FilterErrorKind::Unexpected(c)),
    }
}

fn filter(input: &mut Input<'_>) -> Parsed<Filter> {
    separated_foldl1(conjunction, logical_word("or"), |a: Filter, (), b| a.or(b)).parse_next(input)
}

fn conjunction(input: &mut Input<'_>) -> Parsed<Filter> {
    separated_foldl1(term, logical_word("and"), |a: Filter, (), b| a.and(b)).parse_next(input)
}

/// `SP word SP`, with an expression to follow.
fn logical_word<'a>(expected: &'static str) -> impl Parser<Input<'a>, (), ErrMode<FilterError>> {
    move |input: &mut Input<'a>| {
        let found = (' ', Caseless(expected), not(one_of(is_word_char)));
        let ((_, word, ()), span) = found.with_span().parse_next(input)?;
        match (next(input), second(input)) {
            (None | Some(')' | ']'), _) | (Some(' '), None) => {
                let word = word.to_owned();
                fail(span.start + 1..span.end, FilterErrorKind::TrailingLogicalWord(word))
            }
            (Some(' '), Some(_)) => any.void().parse_next(input),
            (Some(c), _) if c.is_whitespace() => stray_space(input),
            (Some(_), _) => fail_here(input, FilterErrorKind::MissingSpace),
        }
    }
}

fn term(input: &mut Input<'_>) -> Parsed<Filter> {
    let start = input.checkpoint();
    match next(input) {
        Some('(') => return parentheses(input),
        Some(c) if c.is_whitespace() => return stray_space(input),
        _ => {}
    }
    // RFC 7644 §3.4.2.2: both productions of `not` go on with a parenthesis.
    let negation: Parsed<_> = (Caseless("not"), opt(' '), peek('(')).parse_next(input);
    match negation {
        Ok(_) => parentheses(input).map(Filter::negated),
        Err(_) => {
            input.reset(&start);
            attribute_expression(input)
        }
    }
}

fn parentheses(input: &mut Input<'_>) -> Parsed<Filter> {
    enclosed(input, "(", ")")
}

/// `[filter]` behind an attribute.
fn brackets(input: &mut Input<'_>, path: &AttrPath) -> Parsed<Filter> {
    if input.state.in_brackets {
        return fail_here(input, FilterErrorKind::NestedValuePath);
    }
    if path.sub.is_some() {
        return fail_here(input, FilterErrorKind::SubAttributeBeforeBrackets);
    }
    input.state.in_brackets = true;
    let inside = enclosed(input, "[", "]")?;
    input.state.in_brackets = false;
    Ok(inside)
}

fn enclosed(input: &mut Input<'_>, open: &'static str, close: &'static str) -> Parsed<Filter> {
    let opened = open.span().parse_next(input)?;
    if input.state.depth >= input.state.max_depth {
        let limit = input.state.max_depth;
        return fail(opened, FilterErrorKind::TooDeep { limit });
    }
    if input.starts_with(close) {
        let kind = match open {
            "(" => FilterErrorKind::EmptyParentheses,
            _ => FilterErrorKind::EmptyBrackets,
        };
        return fail(opened.start..opened.end + 1, kind);
    }
    if input.is_empty() {
        return fail(opened, unclosed(open));
    }
    input.state.depth += 1;
    let inside = filter(input)?;
    input.state.depth -= 1;
    close_of(input, opened, open, close)?;
    Ok(inside)
}

fn close_of(input: &mut Input<'_>, opened: Range<usize>, open: &'static str, close: &'static str) -> Parsed<()> {
    match next(input) {
        Some(c) if close.starts_with(c) => any.void().parse_next(input),
        None | Some(')' | ']') => fail(opened, unclosed(open)),
        Some(_) => leftover(input),
    }
}

fn unclosed(open: &str) -> FilterErrorKind {
    match open {
        "(" => FilterErrorKind::UnclosedParenthesis,
        _ => FilterErrorKind::UnclosedBracket,
    }
}

/// `attribute pr`, `attribute operator literal`, `attribute[…]`.
fn attribute_expression(input: &mut Input<'_>) -> Parsed<Filter> {
    let start = input.current_token_start();
    let path = attribute_path(input)?;
    if next(input) == Some('[') {
        let filter = Box::new(brackets(input, &path)?);
        return match next(input) {
            Some('.') => fail_here(input, FilterErrorKind::SubAttributeAfterBrackets),
            _ => Ok(Filter::ValuePath { path, filter }),
        };
    }
    let attribute = start..input.current_token_start();
    match operator(input) {
        Ok(Operator::Present) => present(input, path),
        Ok(Operator::Compare(op)) => compare(input, path, op),
        Err(error) => Err(error.map(|e| misplaced_word(&path, attribute, e))),
    }
}

/// Attributes may be called `not`, `and` or `or`; where no operator follows,
/// the logical word was meant.
fn misplaced_word(path: &AttrPath, span: Range<usize>, error: FilterError) -> FilterError {
    if error.kind == FilterErrorKind::StraySpace {
        return error;
    }
    let word = path.to_string();
    match word.to_ascii_lowercase().as_str() {
        "not" => FilterError::new(span, FilterErrorKind::NotWithoutParentheses),
        "and" | "or" => FilterError::new(span, FilterErrorKind::LeadingLogicalWord(word)),
        _ => error,
    }
}

fn attribute_path(input: &mut Input<'_>) -> Parsed<AttrPath> {
    if matches!(next(input), Some('"' | '\'')) {
        return fail_here(input, FilterErrorKind::LiteralFirst);
    }
    let (name, span) = word(input)?;
    if name.is_empty() {
        let kind = match next(input) {
            Some(found) => FilterErrorKind::ExpectedExpression(found),
            None => FilterErrorKind::Empty,
        };
        return fail_here(input, kind);
    }
    if token::number(name, 0) == Ok(name.len()) {
        return fail(span, FilterErrorKind::LiteralFirst);
    }
    match AttrPath::parse(name) {
        Err(error) => fail(span, FilterErrorKind::BadAttribute(error)),
        Ok(path) if !input.state.in_brackets => Ok(path),
        Ok(path) if path.schema.is_some() => fail(span, FilterErrorKind::SchemaInBrackets),
        Ok(path) if path.sub.is_some() => fail(span, FilterErrorKind::SubAttributeInBrackets),
        Ok(path) => Ok(path),
    }
}

enum Operator {
    Present,
    Compare(CompareOp),
}

fn operator(input: &mut Input<'_>) -> Parsed<Operator> {
    match (next(input), second(input)) {
        (Some(' '), Some(c)) if c.is_whitespace() => return stray_space(input),
        (Some(' '), _) => any.void().parse_next(input)?,
        (Some(c), _) if c.is_whitespace() => return stray_space(input),
        _ => return fail_here(input, FilterErrorKind::MissingOperator),
    }
    let (name, span) = word(input)?;
    match CompareOp::from_word(name) {
        Some(op) => Ok(Operator::Compare(op)),
        None if name.eq_ignore_ascii_case("pr") => Ok(Operator::Present),
        None if name.is_empty() => fail(span, FilterErrorKind::MissingOperator),
        None => fail(span, FilterErrorKind::UnknownOperator(name.to_owned())),
    }
}

fn present(input: &mut Input<'_>, path: AttrPath) -> Parsed<Filter> {
    let start = input.current_token_start();
    let is_literal = |c: char| c == '"' || c == '-' || c.is_ascii_digit();
    let operand = match (next(input), second(input)) {
        (Some('"'), _) => true,
        (Some(' '), Some(c)) if is_literal(c) => true,
        (Some(' '), Some(_)) => {
            let (name, _) = peek((' ', word).map(|(_, found)| found)).parse_next(input)?;
            json_word(name).is_some()
        }
        _ => false,
    };
    match operand {
        true => fail(start..start, FilterErrorKind::OperandAfterPresent),
        false => Ok(Filter::Present(path)),
    }
}

fn compare(input: &mut Input<'_>, path: AttrPath, op: CompareOp) -> Parsed<Filter> {
    match (next(input), second(input)) {
        (None | Some(')' | ']'), _) | (Some(' '), None | Some(')' | ']')) => {
            return fail_here(input, FilterErrorKind::MissingOperand);
        }
        (Some(' '), Some(c)) if c.is_whitespace() => return stray_space(input),
        (Some(' '), _) => any.void().parse_next(input)?,
        (Some(c), _) if c.is_whitespace() => return stray_space(input),
        _ => return fail_here(input, FilterErrorKind::MissingSpace),
    }
    let value = literal(input)?;
    Ok(Filter::Compare { path, op, value })
}

fn literal(input: &mut Input<'_>) -> Parsed<Value> {
    match next(input) {
        Some('"') => return string(input),
        Some('\'') => return fail_here(input, FilterErrorKind::SingleQuotes),
        _ => {}
    }
    let (text, span) = word(input)?;
    if let Some(value) = json_word(text) {
        return Ok(value);
    }
    if token::number(text, 0) == Ok(text.len()) {
        return Ok(Value::Number(Number::from_string_unchecked(text.to_owned())));
    }
    let kind = match text.to_ascii_lowercase().as_str() {
        "" => FilterErrorKind::MissingOperand,
        "true" | "false" | "null" => FilterErrorKind::LiteralCase(text.to_owned()),
        _ if looks_like_number(text) => FilterErrorKind::BadNumber(text.to_owned()),
        _ => FilterErrorKind::UnquotedOperand(text.to_owned()),
    };
    fail(span, kind)
}

fn string(input: &mut Input<'_>) -> Parsed<Value> {
    let start = input.current_token_start();
    match token::string(input.state.text, start) {
        Ok((decoded, end)) => {
            // The token ends on a character boundary: behind its quote.
            input.next_slice(end - start);
            Ok(Value::String(decoded))
        }
        Err(error) => Err(ErrMode::Cut(FilterError::in_string(error))),
    }
}

fn json_word(text: &str) -> Option<Value> {
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "null" => Some(Value::Null),
        _ => None,
    }
}

fn looks_like_number(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
}

/// The longest run of characters that no other token starts with. It may be
/// empty.
fn word<'a>(input: &mut Input<'a>) -> Parsed<(&'a str, Range<usize>)> {
    take_while(0.., is_word_char).with_span().parse_next(input)
}

fn is_word_char(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '(' | ')' | '[' | ']' | '"' | '\'')
}

fn end(input: &mut Input<'_>) -> Parsed<()> {
    match input.is_empty() {
        true => Ok(()),
        false => leftover(input),
    }
}

/// Says what is wrong with a text that goes on behind an expression.
fn leftover<T>(input: &mut Input<'_>) -> Parsed<T> {
    let kind = match (next(input), second(input)) {
        (Some(')'), _) => FilterErrorKind::UnopenedParenthesis,
        (Some(']'), _) => FilterErrorKind::UnopenedBracket,
        (Some(' '), Some(c)) if !c.is_whitespace() && c != ')' && c != ']' => {
            any.void().parse_next(input)?;
            FilterErrorKind::MissingLogicalWord
        }
        (Some(c), _) if c.is_whitespace() => FilterErrorKind::StraySpace,
        (Some('('), _) => FilterErrorKind::MissingLogicalWord,
        (Some(c), _) => FilterErrorKind::Unexpected(c),
        (None, _) => unreachable!("there is a rest"),
    };
    fail_here(input, kind)
}

fn stray_space<T>(input: &mut Input<'_>) -> Parsed<T> {
    let blank = |c: char| c.is_whitespace();
    let span = take_while(0.., blank).span().parse_next(input)?;
    fail(span, FilterErrorKind::StraySpace)
}

fn next(input: &Input<'_>) -> Option<char> {
    input.chars().next()
}

fn second(input: &Input<'_>) -> Option<char> {
    input.chars().nth(1)
}

fn fail_here<T>(input: &Input<'_>, kind: FilterErrorKind) -> Parsed<T> {
    let start = input.current_token_start();
    let width = next(input).map_or(0, char::len_utf8);
    fail(start..start + width, kind)
}

fn fail<T>(span: Range<usize>, kind: FilterErrorKind) -> Parsed<T> {
    Err(ErrMode::Cut(FilterError::new(span, kind)))
}
