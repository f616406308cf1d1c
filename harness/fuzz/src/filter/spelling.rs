//! The many ways to write one filter.

use proptest::prelude::RngExt as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use scim_lang::filter::Filter;
use scim_lang::path::AttrPath;
use serde_json::Value;
use std::fmt::Write as _;

/// A respect in which the spelling of a filter is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Freedom {
    /// The case of attribute names (RFC 7644 §3.4.2.2).
    Names,
    /// The case of operators (RFC 7644 §3.4.2.2).
    Operators,
    /// The case of `and`, `or`, `not` and `pr`, which follows from the grammar (RFC 5234 §2.3).
    Words,
    /// The URN of the schema before an attribute of the core (RFC 7644 §3.10).
    Urns,
    /// The case of URNs (RFC 7644 §3.10).
    UrnCase,
    /// Parentheses that change nothing.
    Parentheses,
    /// `not(`, as the grammar has it, for `not (`, as the examples have it.
    NotSpace,
    /// Characters of strings written as JSON escapes.
    Escapes,
}

impl Freedom {
    /// Every respect.
    pub const ALL: [Freedom; 8] = [
        Freedom::Names,
        Freedom::Operators,
        Freedom::Words,
        Freedom::Urns,
        Freedom::UrnCase,
        Freedom::Parentheses,
        Freedom::NotSpace,
        Freedom::Escapes,
    ];

    /// Returns what is varied, in words.
    pub fn name(self) -> &'static str {
        match self {
            Freedom::Names => "the case of names",
            Freedom::Operators => "the case of operators",
            Freedom::Words => "the case of logical words",
            Freedom::Urns => "the schema's URN",
            Freedom::UrnCase => "the case of URNs",
            Freedom::Parentheses => "needless parentheses",
            Freedom::NotSpace => "not without a space",
            Freedom::Escapes => "JSON escapes",
        }
    }

    /// Returns whether a server must understand it; the others follow from the grammar alone, or from one of the two
    /// spellings of which the RFC uses both.
    pub fn is_binding(self) -> bool {
        !matches!(self, Freedom::Words | Freedom::NotSpace)
    }
}

/// How a filter is written: the canonical way, but for some freedoms that a seed makes use of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spelling {
    /// Which freedoms are taken.
    pub freedoms: Vec<Freedom>,
    /// What decides how; where it is 0, they are taken wherever they can be.
    pub seed: u64,
}

impl Spelling {
    /// Returns the same spelling with nothing but one freedom.
    #[must_use]
    pub fn only(&self, freedom: Freedom) -> Spelling {
        Spelling { freedoms: vec![freedom], seed: self.seed }
    }

    /// Returns the same freedoms, taken wherever they can be.
    #[must_use]
    pub fn everywhere(&self) -> Spelling {
        Spelling { freedoms: self.freedoms.clone(), seed: 0 }
    }

    /// Writes a filter for a type whose base schema has this URN.
    pub fn write(&self, filter: &Filter, schema: &str) -> String {
        // Each freedom has dice of its own, so that the others can be left out without changing what it does.
        let dice = |freedom: &Freedom| {
            let seed = [self.seed.to_le_bytes(), [*freedom as u8; 8], [0; 8], [0; 8]].concat();
            (*freedom, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
        };
        let dice = self.freedoms.iter().map(dice).collect();
        let mut writer = Writer { dice, is_everywhere: self.seed == 0, schema, text: String::new() };
        writer.filter(filter, false);
        writer.text
    }
}

struct Writer<'a> {
    dice: Vec<(Freedom, TestRng)>,
    is_everywhere: bool,
    schema: &'a str,
    text: String,
}

impl Writer<'_> {
    fn dice(&mut self, freedom: Freedom) -> Option<&mut TestRng> {
        self.dice.iter_mut().find(|(taken, _)| *taken == freedom).map(|(_, dice)| dice)
    }

    fn takes(&mut self, freedom: Freedom) -> bool {
        let share = if self.is_everywhere { 1.0 } else { 0.6 };
        self.dice(freedom).is_some_and(|dice| dice.random_bool(share))
    }

    fn filter(&mut self, filter: &Filter, in_brackets: bool) {
        let extra = self.takes(Freedom::Parentheses);
        if extra {
            self.text.push('(');
        }
        match filter {
            Filter::And(left, right) => {
                self.operand(left, matches!(**left, Filter::Or(..)), in_brackets);
                self.word("and");
                self.operand(right, matches!(**right, Filter::Or(..) | Filter::And(..)), in_brackets);
            }
            Filter::Or(left, right) => {
                self.operand(left, false, in_brackets);
                self.word("or");
                self.operand(right, matches!(**right, Filter::Or(..)), in_brackets);
            }
            Filter::Not(inner) => {
                let word = self.recased("not", Freedom::Words);
                self.text.push_str(&word);
                if !self.takes(Freedom::NotSpace) {
                    self.text.push(' ');
                }
                self.text.push('(');
                self.filter(inner, in_brackets);
                self.text.push(')');
            }
            Filter::Present(path) => {
                self.path(path, in_brackets);
                let word = self.recased("pr", Freedom::Words);
                let _ = write!(self.text, " {word}");
            }
            Filter::Compare { path, op, value } => {
                self.path(path, in_brackets);
                let word = self.recased(op.name(), Freedom::Operators);
                let _ = write!(self.text, " {word} ");
                self.literal(value);
            }
            Filter::ValuePath { path, filter } => {
                self.path(path, in_brackets);
                self.text.push('[');
                self.filter(filter, true);
                self.text.push(']');
            }
        }
        if extra {
            self.text.push(')');
        }
    }

    fn operand(&mut self, operand: &Filter, parentheses: bool, in_brackets: bool) {
        if parentheses {
            self.text.push('(');
        }
        self.filter(operand, in_brackets);
        if parentheses {
            self.text.push(')');
        }
    }

    fn word(&mut self, word: &str) {
        let word = self.recased(word, Freedom::Words);
        let _ = write!(self.text, " {word} ");
    }

    fn path(&mut self, path: &AttrPath, in_brackets: bool) {
        let urn = match &path.schema {
            Some(urn) => Some(urn.clone()),
            None if !in_brackets && self.takes(Freedom::Urns) => Some(self.schema.to_owned()),
            None => None,
        };
        if let Some(urn) = urn {
            let urn = self.recased(&urn, Freedom::UrnCase);
            let _ = write!(self.text, "{urn}:");
        }
        let name = self.recased(&path.name, Freedom::Names);
        self.text.push_str(&name);
        if let Some(sub) = &path.sub {
            let sub = self.recased(sub, Freedom::Names);
            let _ = write!(self.text, ".{sub}");
        }
    }

    fn recased(&mut self, word: &str, freedom: Freedom) -> String {
        if !self.takes(freedom) {
            return word.to_owned();
        }
        if self.is_everywhere {
            return word.to_ascii_uppercase();
        }
        let Some(dice) = self.dice(freedom) else { return word.to_owned() };
        match dice.random_range(0..3) {
            0 => word.to_ascii_uppercase(),
            1 => word.to_ascii_lowercase(),
            _ => {
                let flip = |letter: char| match letter.is_ascii_lowercase() {
                    true => letter.to_ascii_uppercase(),
                    false => letter.to_ascii_lowercase(),
                };
                word.chars().map(|letter| if dice.random() { flip(letter) } else { letter }).collect()
            }
        }
    }

    fn literal(&mut self, value: &Value) {
        let Value::String(text) = value else {
            let _ = write!(self.text, "{value}");
            return;
        };
        let share = if self.is_everywhere { 1.0 } else { 0.3 };
        let Some(dice) = self.dice(Freedom::Escapes) else {
            let _ = write!(self.text, "{value}");
            return;
        };
        let mut literal = String::from('"');
        for letter in text.chars() {
            if dice.random_bool(share) {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(literal, "\\u{unit:04x}");
                }
            } else if letter == '/' && dice.random() {
                literal.push_str("\\/");
            } else {
                let quoted = Value::from(letter.to_string()).to_string();
                literal.push_str(&quoted[1..quoted.len() - 1]);
            }
        }
        literal.push('"');
        self.text.push_str(&literal);
    }
}
