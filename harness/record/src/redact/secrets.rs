//! Secrets by value: raw, in other letters, percent-encoded, escaped as in JSON or HTML (wholly, partly or mixed), in hex, and
//! anywhere inside base64.

use super::{Edit, REDACTED};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::ops::Range;

/// The secrets to look for.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    needles: Vec<Needle>,
    /// Which needles can match where this byte stands; nothing at all without needles.
    by_first: Vec<Vec<usize>>,
}

#[derive(Clone, PartialEq, Eq)]
struct Needle {
    bytes: Vec<u8>,
    is_base64: bool,
    /// Whether capital and small letters are one.
    ignores_case: bool,
}

impl Secrets {
    pub(super) fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let plain = |bytes, ignores_case| Needle { bytes, is_base64: false, ignores_case };
        // A short one is a word too easily.
        let as_it_is = plain(secret.as_bytes().to_vec(), secret.len() >= SHORTEST_IN_OTHER_LETTERS);
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let in_hex = plain(hex.into_bytes(), true);
        let encoded = |bytes| Needle { bytes, is_base64: true, ignores_case: false };
        let known = self.needles.len();
        let cores = base64_cores(secret.as_bytes()).map(encoded);
        self.needles.extend([as_it_is, in_hex].into_iter().chain(cores));
        self.by_first.resize(256, Vec::new());
        for (index, needle) in self.needles.iter().enumerate().skip(known) {
            let mut first = needle.first_bytes();
            first.sort_unstable();
            first.dedup();
            first.into_iter().for_each(|byte| self.by_first[usize::from(byte)].push(index));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Finds every place where a secret stands, in any of its forms.
    pub(super) fn find(&self, text: &str) -> Vec<Edit> {
        let bytes = text.as_bytes();
        let mut found = Vec::new();
        if self.is_empty() {
            return found;
        }
        let mut at = 0;
        while at < bytes.len() {
            let matched = self.match_at(bytes, at);
            // One secret may begin inside another, so the search goes on within a match.
            at += 1;
            if let Some((range, is_whole)) = matched {
                at = if is_whole { range.end } else { at };
                found.push(Edit::new(to_char_boundaries(text, range), REDACTED));
            }
        }
        found
    }

    /// Returns the longest match that begins here, and whether it takes in everything that belongs to it.
    fn match_at(&self, text: &[u8], at: usize) -> Option<(Range<usize>, bool)> {
        let matches = self.by_first[usize::from(text[at])].iter().filter_map(|index| {
            let needle = &self.needles[*index];
            let mut branches = MOST_BRANCHES;
            let end = needle.match_rest(text, at, 0, &mut branches)?;
            let range = if needle.is_base64 { whole_base64_run(text, at..end) } else { at..end };
            Some((range, needle.is_base64))
        });
        matches.max_by_key(|(range, _)| range.end)
    }
}

impl Needle {
    fn first_bytes(&self) -> Vec<u8> {
        let first = self.bytes[0];
        let other = match first {
            b'+' if self.is_base64 => b'-',
            b'/' if self.is_base64 => b'_',
            b' ' => b'+',
            _ => first,
        };
        let mut first = vec![first, other, b'%', b'\\', b'&'];
        if self.ignores_case {
            first.extend([self.bytes[0].to_ascii_lowercase(), self.bytes[0].to_ascii_uppercase()]);
        }
        first
    }

    /// Matches the needle from its byte `index` on with the text from `at` on; returns where the match ends.
    ///
    /// Each step takes one byte as it is or one escape sequence. Where both readings are possible (a secret with
    /// backslashes), both are tried, up to a bound.
    fn match_rest(&self, text: &[u8], mut at: usize, mut index: usize, branches: &mut usize) -> Option<usize> {
        while index < self.bytes.len() {
            let literal = self.is_literal(index, *text.get(at)?).then_some((1, 1));
            let escapes = [escape(text, at), nested_escape(text, at), nested_backslash(text, at)].into_iter().flatten();
            let escapes = escapes.filter(|escape| self.continues_with(index, escape.bytes()));
            let mut readings = escapes.map(|escape| (escape.consumed, escape.length)).chain(literal);
            let (mut consumed, mut length) = readings.next()?;
            for other in readings {
                *branches = branches.checked_sub(1)?;
                let end = self.match_rest(text, at + consumed, index + length, branches);
                if end.is_some() {
                    return end;
                }
                (consumed, length) = other;
            }
            (at, index) = (at + consumed, index + length);
        }
        Some(at)
    }

    fn is_literal(&self, index: usize, byte: u8) -> bool {
        // HTML forms send `+` for a space.
        self.is(index, byte) || (!self.is_base64 && byte == b'+' && self.bytes[index] == b' ')
    }

    fn continues_with(&self, index: usize, bytes: &[u8]) -> bool {
        bytes.len() <= self.bytes.len() - index
            && bytes.iter().enumerate().all(|(offset, byte)| self.is(index + offset, *byte))
    }

    fn is(&self, index: usize, byte: u8) -> bool {
        let byte = match byte {
            // base64url's two letters of its own (RFC 4648 section 5).
            b'-' if self.is_base64 => b'+',
            b'_' if self.is_base64 => b'/',
            byte => byte,
        };
        match self.ignores_case {
            true => self.bytes[index].eq_ignore_ascii_case(&byte),
            false => self.bytes[index] == byte,
        }
    }
}

/// An escape sequence: how much text it takes, and the bytes it stands for.
struct Escape {
    consumed: usize,
    decoded: [u8; 4],
    length: usize,
}

impl Escape {
    fn bytes(&self) -> &[u8] {
        &self.decoded[..self.length]
    }

    fn of_char(consumed: usize, c: char) -> Self {
        let mut decoded = [0; 4];
        let length = c.encode_utf8(&mut decoded).len();
        Escape { consumed, decoded, length }
    }
}

fn escape(text: &[u8], at: usize) -> Option<Escape> {
    match text.get(at)? {
        b'%' => {
            let byte = u8::try_from(hex(text.get(at + 1..at + 3)?)?).ok()?;
            Some(Escape { consumed: 3, decoded: [byte, 0, 0, 0], length: 1 })
        }
        b'\\' => json_escape(text, at),
        b'&' => html_escape(text, at),
        _ => None,
    }
}

/// Reads an escape sequence of JSON that stands in a JSON string itself, any number of times over: `\\\"`.
fn nested_escape(text: &[u8], at: usize) -> Option<Escape> {
    let extra = text[at..].iter().take(MOST_BACKSLASHES).take_while(|byte| **byte == b'\\').count().checked_sub(1)?;
    let escape = json_escape(text, at + extra).filter(|_| extra > 0)?;
    Some(Escape { consumed: escape.consumed + extra, ..escape })
}

/// Reads the backslashes that stand for a single one in a JSON string in a JSON string: four, or eight.
fn nested_backslash(text: &[u8], at: usize) -> Option<Escape> {
    let run = text[at..].iter().take(MOST_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    let consumed = [8, 4].into_iter().find(|count| run >= *count)?;
    Some(Escape::of_char(consumed, '\\'))
}

/// Reads a character reference of HTML: `&amp;`, `&#38;`, `&#x26;`.
fn html_escape(text: &[u8], at: usize) -> Option<Escape> {
    let rest = &text[at + 1..text.len().min(at + LONGEST_REFERENCE)];
    let end = rest.iter().position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(&rest[..end]).ok()?;
    let c = match name.to_ascii_lowercase().as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some(Escape::of_char(end + 2, c))
}

fn json_escape(text: &[u8], at: usize) -> Option<Escape> {
    let c = match text.get(at + 1)? {
        b'u' => return unicode_escape(text, at),
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        c @ (b'"' | b'\\' | b'/') => char::from(*c),
        _ => return None,
    };
    Some(Escape::of_char(2, c))
}

fn unicode_escape(text: &[u8], at: usize) -> Option<Escape> {
    let unit = hex(text.get(at + 2..at + 6)?)?;
    if let Some(c) = char::from_u32(unit) {
        return Some(Escape::of_char(6, c));
    }
    // A character outside the basic plane takes two escapes (RFC 8259 section 7).
    let low = hex(text.get(at + 6..at + 12)?.strip_prefix(b"\\u")?)?;
    let pair = [u16::try_from(unit).ok()?, u16::try_from(low).ok()?];
    let c = char::decode_utf16(pair).next()?.ok()?;
    Some(Escape::of_char(12, c))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}

/// Returns the base64 letters that any encoding of a text with the secret in it must contain.
///
/// base64 takes three bytes at a time, so a secret inside a longer text (`user:password`) looks different at each of
/// three offsets; letters at its edges depend on its neighbours and are left out.
fn base64_cores(secret: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..3usize).map(move |offset| {
        let shifted = [&vec![0; offset], secret].concat();
        let letters = STANDARD_NO_PAD.encode(&shifted).into_bytes();
        let from = (offset * 8).div_ceil(6);
        let to = shifted.len() * 8 / 6;
        letters[from..to].to_vec()
    })
}

/// Widens a match to everything that belongs to the same base64 text: its edges hold parts of the secret.
fn whole_base64_run(text: &[u8], range: Range<usize>) -> Range<usize> {
    let is_letter = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let left = text[..range.start].iter().rev().take_while(is_letter).count();
    let mut end = range.end;
    loop {
        let rest = &text[end..];
        end += match rest {
            [b'=', ..] => 1,
            [letter, ..] if is_letter(&letter) => 1,
            [b'\\', b'/', ..] => 2,
            [b'%', high, low, ..] if is_encoded_base64(&[*high, *low]) => 3,
            _ => return range.start - left..end,
        };
    }
}

fn is_encoded_base64(digits: &[u8]) -> bool {
    matches!(hex(digits), Some(0x2b | 0x2f | 0x3d))
}

/// Widens a match to whole characters; a match by way of escapes may end inside one that only looks like the rest.
fn to_char_boundaries(text: &str, range: Range<usize>) -> Range<usize> {
    text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end)
}

const SHORTEST: usize = 4;
const SHORTEST_IN_OTHER_LETTERS: usize = 8;
/// JSON in JSON in JSON in JSON.
const MOST_BACKSLASHES: usize = 16;
/// `&#x10ffff;` with a few zeros.
const LONGEST_REFERENCE: usize = 14;
const MOST_BRANCHES: usize = 256;
