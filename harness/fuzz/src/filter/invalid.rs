//! Filters that are wrong, and how wrong they are.

use super::catalog::Catalog;
use super::directory::Directory;
use super::generate::Generator;
use proptest::prelude::RngExt as _;
use scim_lang::filter::{CompareOp, FilterErrorKind, parse};
use scim_lang::path::{AttrPath, PathError};
use scim_lang::schema::Type;

/// How binding the refusal of a wrong filter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// It must be refused (RFC 7644 §3.4.2.2, Table 9).
    Must,
    /// It should be: the clause can be read otherwise, or many servers do.
    Should,
    /// It may be taken as it was meant.
    Free,
}

/// A way to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistake {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// How binding its refusal is.
    pub tier: Tier,
    /// Whether a server may also answer that nothing was found.
    pub may_find_nothing: bool,
}

const fn mistake(name: &'static str, tier: Tier) -> Mistake {
    Mistake { name, tier, may_find_nothing: false }
}

/// What a person may be wrong about without breaking the grammar.
const BOOLEANS_IN_ORDER: Mistake = mistake("order-of-booleans", Tier::Must);
const BINARIES_IN_ORDER: Mistake = mistake("order-of-binaries", Tier::Must);
const STRANGER_IN_BRACKETS: Mistake =
    Mistake { name: "unknown-sub-attribute-in-brackets", tier: Tier::Should, may_find_nothing: true };
const WRONG_LITERAL: Mistake = Mistake { name: "literal-of-another-type", tier: Tier::Should, may_find_nothing: true };
const COMPLEX_ATTRIBUTE: Mistake =
    Mistake { name: "complex-attribute-compared", tier: Tier::Should, may_find_nothing: true };
const UNKNOWN_ATTRIBUTE: Mistake = mistake("unknown-attribute", Tier::Free);
const NULL_LITERAL: Mistake = mistake("null", Tier::Free);

/// Returns what is wrong with a text, as a regression names it or as our own parser sees it.
pub fn mistake_in(text: &str, name: Option<&str>) -> Option<Mistake> {
    const SENSELESS: [Mistake; 7] = [
        BOOLEANS_IN_ORDER,
        BINARIES_IN_ORDER,
        STRANGER_IN_BRACKETS,
        WRONG_LITERAL,
        COMPLEX_ATTRIBUTE,
        UNKNOWN_ATTRIBUTE,
        NULL_LITERAL,
    ];
    match parse(text) {
        Ok(_) => SENSELESS.into_iter().find(|mistake| Some(mistake.name) == name),
        Err(error) => {
            let mistake = by_grammar(&error.kind);
            // What a lenient reader understands without guessing need not be refused.
            let is_readable = mistake.tier == Tier::Must && parse(&leniently(text)).is_ok();
            Some(if is_readable { Mistake { tier: Tier::Free, ..mistake } } else { mistake })
        }
    }
}

/// Sorts the mistakes of our parser into tiers; a filter that is merely too large for it need not be for others.
fn by_grammar(kind: &FilterErrorKind) -> Mistake {
    use FilterErrorKind as Kind;
    use Tier::{Free, Must, Should};
    match kind {
        Kind::TooLong { .. } => mistake("too-long", Free),
        Kind::TooDeep { .. } => mistake("too-deep", Free),
        Kind::Empty => mistake("empty", Should),
        Kind::EmptyParentheses => mistake("empty-parentheses", Must),
        Kind::EmptyBrackets => mistake("empty-brackets", Must),
        Kind::ExpectedExpression(_) => mistake("no-expression", Must),
        Kind::LiteralFirst => mistake("literal-first", Must),
        Kind::BadAttribute(PathError::BadStart(_) | PathError::BadCharacter { .. } | PathError::MissingName) => {
            mistake("bad-attribute-name", Must)
        }
        Kind::BadAttribute(_) => mistake("strange-attribute-path", Should),
        Kind::MissingOperator => mistake("missing-operator", Must),
        Kind::UnknownOperator(_) => mistake("unknown-operator", Must),
        Kind::MissingOperand => mistake("missing-operand", Must),
        Kind::OperandAfterPresent => mistake("operand-after-pr", Must),
        Kind::UnquotedOperand(_) => mistake("unquoted-operand", Free),
        Kind::SingleQuotes => mistake("single-quotes", Free),
        Kind::LiteralCase(_) => mistake("literal-in-capitals", Free),
        Kind::UnterminatedString => mistake("unterminated-string", Must),
        Kind::BadEscape(_) => mistake("bad-escape", Must),
        Kind::LoneSurrogate(_) => mistake("lone-surrogate", Free),
        Kind::ControlCharacter(_) => mistake("raw-control-character", Must),
        Kind::BadNumber(_) => mistake("bad-number", Must),
        Kind::MissingSpace => mistake("missing-space", Free),
        Kind::StraySpace => mistake("stray-space", Free),
        Kind::MissingLogicalWord => mistake("missing-logical-word", Must),
        Kind::LeadingLogicalWord(_) => mistake("leading-logical-word", Must),
        Kind::TrailingLogicalWord(_) => mistake("trailing-logical-word", Must),
        Kind::NotWithoutParentheses => mistake("not-without-parentheses", Should),
        Kind::UnclosedParenthesis => mistake("unclosed-parenthesis", Must),
        Kind::UnclosedBracket => mistake("unclosed-bracket", Must),
        Kind::UnopenedParenthesis => mistake("unopened-parenthesis", Must),
        Kind::UnopenedBracket => mistake("unopened-bracket", Must),
        Kind::NestedValuePath => mistake("nested-value-path", Should),
        Kind::SchemaInBrackets => mistake("urn-in-brackets", Should),
        Kind::SubAttributeInBrackets => mistake("dot-in-brackets", Should),
        Kind::SubAttributeBeforeBrackets => mistake("sub-attribute-before-brackets", Should),
        Kind::SubAttributeAfterBrackets => mistake("sub-attribute-after-brackets", Free),
        Kind::Unexpected(_) => mistake("stray-character", Must),
    }
}

/// Returns the text as a reader takes it who does not care about white space or the kind of quotes.
fn leniently(text: &str) -> String {
    let mut tokens = tokens(text);
    tokens.retain(|token| !token.trim().is_empty());
    let mut lenient = String::new();
    for token in tokens {
        let glued =
            lenient.is_empty() || lenient.ends_with(['(', '[', '.']) || matches!(token.as_str(), ")" | "]" | "[");
        if !glued {
            lenient.push(' ');
        }
        lenient.push_str(&token);
    }
    lenient
}

/// Makes a wrong filter that, read in any sensible way, does not match everybody.
pub(super) fn generate(generator: &mut Generator<'_>) -> Option<(String, Mistake)> {
    if generator.rng.random_bool(0.15) {
        return senseless(generator);
    }
    for _ in 0..TRIES {
        let text = generator.narrow()?.to_string();
        let mutant = mutate(generator, &text)?;
        if let Some(mistake) = mistake_in(&mutant, None) {
            return Some((mutant, mistake));
        }
    }
    None
}

/// Returns a filter that the grammar derives and that makes no sense.
fn senseless(generator: &mut Generator<'_>) -> Option<(String, Mistake)> {
    let catalog = &generator.directory.catalog;
    let list = lists(catalog).first().map(ToString::to_string);
    let boolean = top(catalog, Type::Boolean);
    let string = top(catalog, Type::String);
    let complex = complex_as_a_part(generator.directory);
    let binary = catalog.attributes.iter().find(|attribute| attribute.ty == Type::Binary);
    let candidates = [
        boolean.as_ref().map(|path| (format!("{path} gt true"), BOOLEANS_IN_ORDER)),
        boolean.as_ref().map(|path| (format!("{path} lt false"), BOOLEANS_IN_ORDER)),
        binary.map(|attribute| (format!("{} gt \"AA==\"", attribute.path()), BINARIES_IN_ORDER)),
        list.as_ref().map(|path| (format!("{path}[noSuchThing eq \"x\"]"), STRANGER_IN_BRACKETS)),
        boolean.as_ref().map(|path| (format!("{path} eq \"perhaps\""), WRONG_LITERAL)),
        string.as_ref().map(|path| (format!("{path} eq 5"), WRONG_LITERAL)),
        Some(("noSuchThing eq \"x\"".to_owned(), UNKNOWN_ATTRIBUTE)),
        Some(("urn:example:params:none:1.0:Thing:size eq \"x\"".to_owned(), UNKNOWN_ATTRIBUTE)),
        Some(("id eq null".to_owned(), NULL_LITERAL)),
        complex,
        Some((String::new(), mistake("empty", Tier::Should))),
        Some((deep(), mistake("too-deep", Tier::Free))),
        Some((long(), mistake("too-long", Tier::Free))),
    ];
    let candidates: Vec<(String, Mistake)> = candidates.into_iter().flatten().collect();
    generator.pick(&candidates).cloned()
}

/// RFC 7644 §3.4.2.2 sets no limit to how deep a filter is, nor to how long; a server may, and must not break down.
fn deep() -> String {
    format!("{}id eq \"zz-nobody\"{}", "(".repeat(300), ")".repeat(300))
}

fn long() -> String {
    format!("id eq \"{}\"", "z".repeat(9000))
}

/// RFC 7644 §3.4.2.2: of a complex attribute a sub-attribute has to be named. The operand is a value of one.
fn complex_as_a_part(directory: &Directory) -> Option<(String, Mistake)> {
    let complex = top(&directory.catalog, Type::Complex)?;
    let pools = directory.pools(true);
    let is_part = |pool: &&&super::directory::Pool| {
        let path = &pool.path;
        path.schema.is_none() && path.name == complex.name && path.sub.is_some()
    };
    let operands = pools.iter().filter(is_part).flat_map(|pool| &pool.values);
    // A server that takes any part for the whole must not find everybody: that is what ignoring it looks like.
    let is_telling = |value: &&serde_json::Value| {
        let has = |resource: &super::Resource| resource.shown[&complex.name].to_string().contains(&value.to_string());
        value.is_string() && !directory.resources.iter().all(has)
    };
    let operand = operands.into_iter().find(is_telling)?;
    Some((format!("{complex} eq {operand}"), COMPLEX_ATTRIBUTE))
}

fn lists(catalog: &Catalog) -> Vec<AttrPath> {
    let is_list = |attribute: &&super::Attribute| attribute.is_many && attribute.is_complex();
    catalog.attributes.iter().filter(is_list).map(super::Attribute::path).collect()
}

fn top(catalog: &Catalog, ty: Type) -> Option<AttrPath> {
    let fits = |attribute: &&super::Attribute| {
        attribute.ty == ty
            && attribute.sub.is_none()
            && !attribute.is_many
            && attribute.extension.is_none()
            && !["externalId", "meta"].iter().any(|name| attribute.name.eq_ignore_ascii_case(name))
    };
    catalog.attributes.iter().find(fits).map(super::Attribute::path)
}

/// Breaks a filter at one place.
fn mutate(generator: &mut Generator<'_>, text: &str) -> Option<String> {
    let mut tokens = tokens(text);
    let at = generator.rng.random_range(0..tokens.len());
    match generator.rng.random_range(0..14) {
        0 => {
            tokens.remove(at);
        }
        1 => tokens.insert(at, tokens[at].clone()),
        2 => {
            let other = generator.rng.random_range(0..tokens.len());
            tokens.swap(at, other);
        }
        3 => {
            let bracket = *generator.pick(&["(", ")", "[", "]", "()", "[]"])?;
            tokens.insert(at, bracket.to_owned());
        }
        4 => {
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(1).collect();
            let end = *generator.pick(&ends)?;
            return Some(text[..end].to_owned());
        }
        5 => {
            let starts: Vec<(usize, char)> = text.char_indices().collect();
            let (start, letter) = *generator.pick(&starts)?;
            return Some(format!("{}{}", &text[..start], &text[start + letter.len_utf8()..]));
        }
        6 => return exchange(generator, &tokens, is_operator, &["regex", "eqq", "=", "==", "xx", "is"]),
        7 => return exchange(generator, &tokens, is_word, &["xor", "&&", "||", ""]),
        8 => {
            let escape = *generator.pick(&["\\x", "\\u12", "\\", "\u{1}", "\t", "\\ud800"])?;
            let position = tokens.iter().position(|token| token.starts_with('"'))?;
            let inside = tokens[position].len() - 1;
            tokens[position].insert_str(inside, escape);
        }
        9 => {
            let position = tokens.iter().position(|token| is_name(token))?;
            let bad = *generator.pick(&["9", "-", "$", "é", "_", "ä:"])?;
            tokens[position].insert_str(0, bad);
        }
        10 => {
            return exchange(
                generator,
                &tokens,
                |token| token.starts_with('"'),
                &["01", "+1", ".5", "1.", "ada", "'ada'", "True", ""],
            );
        }
        11 => return Some(format!("{text} {}", generator.pick(&["and", "or", "title pr", "x", ")", "]", "\"x\""])?)),
        12 => return Some(format!("{} {text}", generator.pick(&["and", "or", "not", "x", "(", "[", "\"x\" eq"])?)),
        _ => {
            let space = *generator.pick(&["  ", "\t", "\u{3000}", "\u{a0}"])?;
            return exchange(generator, &tokens, |token| token == " ", &[space, ""]);
        }
    }
    Some(tokens.concat())
}

/// Returns whether a mistake is one by the grammar, and not by what attributes mean.
pub fn is_grammatical(text: &str) -> bool {
    parse(text).is_err()
}

fn exchange(
    generator: &mut Generator<'_>,
    tokens: &[String],
    is_such: impl Fn(&str) -> bool,
    by: &[&str],
) -> Option<String> {
    let places: Vec<usize> = (0..tokens.len()).filter(|at| is_such(&tokens[*at])).collect();
    let place = *generator.pick(&places)?;
    let by = *generator.pick(by)?;
    let mut tokens = tokens.to_vec();
    by.clone_into(&mut tokens[place]);
    Some(tokens.concat())
}

/// Takes a filter apart into strings, words, and single characters; together they are the text.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let mut token = letter.to_string();
        if letter == '"' {
            let mut escaped = false;
            for next in letters.by_ref() {
                token.push(next);
                match next {
                    '"' if !escaped => break,
                    '\\' => escaped = !escaped,
                    _ => escaped = false,
                }
            }
        } else if is_word_letter(letter) {
            while let Some(next) = letters.next_if(|next| is_word_letter(*next)) {
                token.push(next);
            }
        }
        tokens.push(token);
    }
    tokens
}

fn is_word_letter(letter: char) -> bool {
    !letter.is_whitespace() && !matches!(letter, '(' | ')' | '[' | ']' | '"')
}

fn is_operator(token: &str) -> bool {
    CompareOp::ALL.iter().any(|op| op.name().eq_ignore_ascii_case(token)) || token.eq_ignore_ascii_case("pr")
}

fn is_word(token: &str) -> bool {
    ["and", "or"].iter().any(|word| word.eq_ignore_ascii_case(token))
}

fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_ascii_alphabetic()) && !is_operator(token) && !is_word(token)
}

/// Returns shorter texts with the same mistake.
pub(super) fn simpler(text: &str, mistake: Mistake) -> Vec<String> {
    let tokens = tokens(text);
    let mut simpler = Vec::new();
    // Whole conditions first, then single tokens.
    for width in [8, 4, 2, 1] {
        for start in (0..tokens.len()).step_by(width) {
            let end = (start + width).min(tokens.len());
            let shorter = [&tokens[..start], &tokens[end..]].concat().concat();
            let is_same = |other: Mistake| other == mistake;
            if !shorter.is_empty() && mistake_in(&shorter, None).is_some_and(is_same) {
                simpler.push(shorter);
            }
        }
    }
    simpler.dedup();
    simpler
}

const TRIES: usize = 12;
