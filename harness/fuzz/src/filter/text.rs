//! Comparing text, as far as the RFC says how.
//!
//! Ignoring case binds for the letters of ASCII; beyond them servers fold, compose and sort as their databases do, and
//! the result is open unless the texts are the same or plainly different.

use super::truth::Truth;
use scim_lang::filter::CompareOp;
use std::cmp::Ordering;

/// Applies an operator other than `ne` to a stored text.
pub(super) fn compare(op: CompareOp, stored: &str, operand: &str, exact: bool) -> Truth {
    match op {
        // RFC 7644 §3.4.2.2 says no more than "lexicographical", and not whether case counts: only the same text is
        // equal, and only lower-case letters and digits sort alike everywhere.
        _ if op.is_ordering() && stored == operand => order(op, Ordering::Equal),
        _ if op.is_ordering() && is_plain(stored) && is_plain(operand) => order(op, stored.cmp(operand)),
        _ if op.is_ordering() => Truth::Either,
        _ if is_ascii(stored, operand) => compare_ascii(op, stored.as_bytes(), operand.as_bytes(), exact).into(),
        _ => compare_beyond_ascii(op, stored, operand, exact),
    }
}

/// Most texts are of ASCII alone, where nothing is open.
fn compare_ascii(op: CompareOp, stored: &[u8], operand: &[u8], exact: bool) -> bool {
    let same = |part: &[u8]| if exact { part == operand } else { part.eq_ignore_ascii_case(operand) };
    match (op, stored.len().checked_sub(operand.len())) {
        (_, None) => false,
        (CompareOp::Eq, Some(more)) => more == 0 && same(stored),
        (CompareOp::Sw, Some(_)) => same(&stored[..operand.len()]),
        (CompareOp::Ew, Some(more)) => same(&stored[more..]),
        (_, Some(more)) => (0..=more).any(|at| same(&stored[at..at + operand.len()])),
    }
}

fn compare_beyond_ascii(op: CompareOp, stored: &str, operand: &str, exact: bool) -> Truth {
    let fold = |text: &str| if exact { text.to_owned() } else { text.to_ascii_lowercase() };
    let (left, right) = (fold(stored), fold(operand));
    match op {
        CompareOp::Eq if left == right => Truth::True,
        CompareOp::Eq => open_if(may_begin_alike(&left, &right) && may_end_alike(&left, &right)),
        CompareOp::Sw if left.starts_with(&right) => is_whole(&left, 0, &right),
        CompareOp::Sw => open_if(may_begin_alike(&left, &right)),
        CompareOp::Ew if left.ends_with(&right) => is_whole(&left, left.len() - right.len(), &right),
        CompareOp::Ew => open_if(may_end_alike(&left, &right)),
        _ => left.match_indices(&right).map(|(at, _)| is_whole(&left, at, &right)).fold(Truth::Either, Truth::or),
    }
}

fn open_if(open: bool) -> Truth {
    if open { Truth::Either } else { Truth::False }
}

fn is_ascii(left: &str, right: &str) -> bool {
    left.is_ascii() && right.is_ascii()
}

/// Two texts of ASCII are alike or not; others may be, where their beginnings in ASCII do not differ.
fn may_begin_alike(left: &str, right: &str) -> bool {
    let known = |text: &str| text.bytes().take_while(u8::is_ascii).collect::<Vec<u8>>();
    let (mut left_known, mut right_known) = (known(left), known(right));
    // The last letter before a foreign one may belong to it: a combining accent follows its letter.
    left_known.pop();
    right_known.pop();
    left_known.iter().zip(&right_known).all(|(one, other)| one == other)
}

fn may_end_alike(left: &str, right: &str) -> bool {
    let known = |text: &str| text.bytes().rev().take_while(u8::is_ascii).collect::<Vec<u8>>();
    known(left).iter().zip(&known(right)).all(|(one, other)| one == other)
}

/// A match that begins or ends between a letter and its accent may not be one.
fn is_whole(text: &str, at: usize, matched: &str) -> Truth {
    let begins_with_accent = |text: &str| matches!(text.chars().next(), Some('\u{300}'..='\u{36f}'));
    open_or_true(begins_with_accent(&text[at + matched.len()..]) || begins_with_accent(matched))
}

fn open_or_true(open: bool) -> Truth {
    if open { Truth::Either } else { Truth::True }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn order(op: CompareOp, ordering: Ordering) -> Truth {
    match op {
        CompareOp::Gt => ordering.is_gt().into(),
        CompareOp::Ge => ordering.is_ge().into(),
        CompareOp::Lt => ordering.is_lt().into(),
        CompareOp::Le => ordering.is_le().into(),
        _ => Truth::Either,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CompareOp::{Co, Eq, Ew, Gt, Le, Sw};
    use Truth::{Either, False, True};

    #[test]
    fn case_binds_in_ascii_and_is_open_beyond() {
        for (op, stored, operand, exact, expected) in [
            (Eq, "Ada", "ada", false, True),
            (Eq, "Ada", "ada", true, False),
            (Eq, "Ångström", "Ångström", false, True),
            (Eq, "Ångström", "ångström", false, Either),
            (Eq, "Ångström", "Angstrom", false, Either),
            (Eq, "Ångström", "Smith", false, False),
            (Eq, "straße", "STRASSE", false, Either),
            (Sw, "Ada", "AD", false, True),
            (Sw, "Zoe\u{308}", "Zoe", false, Either),
            (Ew, "Ada", "DA", false, True),
            (Ew, "Ada", "d", false, False),
            (Co, "naïve", "na", false, True),
            (Co, "naïve", "i", false, Either),
            (Co, "naive", "x", false, False),
        ] {
            assert_eq!(compare(op, stored, operand, exact), expected, "{stored:?} {op} {operand:?}, exact {exact}");
        }
    }

    #[test]
    fn order_binds_between_lower_case_letters_and_digits() {
        for (op, stored, operand, expected) in [
            (Gt, "bee", "ace", True),
            (Gt, "bee", "Ace", Either),
            (Gt, "bee", "bee", False),
            (Le, "Bee", "bee", Either),
            (Le, "A_b", "A_b", True),
            (Le, "a_b", "a", Either),
            (Le, "a", "ab", True),
        ] {
            assert_eq!(compare(op, stored, operand, false), expected, "{stored:?} {op} {operand:?}");
        }
    }
}
