//! Making filters that select some of the resources and not others.

use super::World;
use super::directory::Directory;
use super::stock::{List, Stock, Subject};
use super::truth::Truths;
use proptest::prelude::RngExt as _;
use proptest::test_runner::TestRng;
use scim_lang::filter::{CompareOp, Filter};
use scim_lang::schema::Type;
use serde_json::{Number, Value};

/// Makes filters for one directory.
pub(super) struct Generator<'a> {
    pub(super) world: &'a World,
    pub(super) directory: &'a Directory,
    pub(super) stock: &'a Stock,
    pub(super) rng: &'a mut TestRng,
}

impl Generator<'_> {
    /// Returns a filter, in most cases one that selects some and not all.
    pub(super) fn filter(&mut self) -> Option<Filter> {
        let depth = self.rng.random_range(0..=4);
        let mut last = None;
        for _ in 0..TRIES {
            let Some(filter) = self.tree(depth, depth > 0) else { continue };
            if self.directory.is_selective(&filter) {
                return Some(filter);
            }
            last = Some(filter);
        }
        last
    }

    /// Returns a single condition that selects some and not all, if it can be had.
    pub(super) fn condition(&mut self, sound_alone: bool) -> Option<Filter> {
        let mut last = None;
        for _ in 0..TRIES {
            let Some(filter) = self.leaf(sound_alone) else { continue };
            if self.directory.is_selective(&filter) {
                return Some(filter);
            }
            last = Some(filter);
        }
        last
    }

    /// Returns a filter that few resources meet, however its parts are put together.
    pub(super) fn narrow(&mut self) -> Option<Filter> {
        for _ in 0..4 * TRIES {
            let one = self.condition(true)?;
            let filter = match (self.rng.random_range(0..3), self.narrow_condition()) {
                (0, _) | (_, None) => one,
                (1, Some(other)) => one.and(other),
                (_, Some(other)) => one.or(other),
            };
            let met_at_all = conditions(&filter).into_iter().map(|leaf| self.directory.judge(leaf)).reduce(Truths::or);
            let unmet = met_at_all.unwrap_or_default().unmet();
            if is_positive(&filter) && !unmet.is_empty() && unmet.len() < self.directory.resources.len() {
                return Some(filter);
            }
        }
        None
    }

    fn narrow_condition(&mut self) -> Option<Filter> {
        (0..TRIES).find_map(|_| self.condition(true).filter(is_positive))
    }

    fn tree(&mut self, depth: usize, sound_alone: bool) -> Option<Filter> {
        let Stock { and, or, not, .. } = *self.stock;
        if depth == 0 || self.rng.random_bool(0.2) {
            return self.leaf(sound_alone);
        }
        if not && self.rng.random_bool(0.2) {
            return self.tree(depth - 1, sound_alone).map(Filter::negated);
        }
        let conjunction = match (and, or) {
            (true, true) => self.rng.random(),
            (true, false) => true,
            (false, true) => false,
            (false, false) => return self.leaf(sound_alone),
        };
        let mut joined = self.tree(depth - 1, sound_alone)?;
        for _ in 0..self.rng.random_range(1..=2) {
            let other = self.tree(depth - 1, sound_alone)?;
            let (left, right) = if self.rng.random_bool(0.7) { (joined, other) } else { (other, joined) };
            joined = if conjunction { left.and(right) } else { left.or(right) };
        }
        let is_mixed = self.stock.parentheses || is_flat(&joined);
        if is_mixed { Some(joined) } else { self.leaf(sound_alone) }
    }

    fn leaf(&mut self, sound_alone: bool) -> Option<Filter> {
        match self.rng.random_range(0..20) {
            0..=3 => self.brackets(sound_alone),
            4..=5 => self.present(sound_alone),
            _ => None,
        }
        .or_else(|| self.comparison(sound_alone))
    }

    fn present(&mut self, sound_alone: bool) -> Option<Filter> {
        let path = self.pick(&self.stock.choice(sound_alone).present)?;
        Some(Filter::Present(path.clone()))
    }

    fn comparison(&mut self, sound_alone: bool) -> Option<Filter> {
        let subject = self.pick(&self.stock.choice(sound_alone).subjects)?;
        self.compare(subject)
    }

    fn compare(&mut self, subject: &Subject) -> Option<Filter> {
        let mut op = *self.pick(&subject.operators)?;
        let stored = self.pick(&subject.values)?;
        // Which id sorts before which is another in every run.
        let is_id = || stored.as_str().is_some_and(|text| self.world.ids_in(text).next().is_some());
        if op.is_ordering() && subject.operators.contains(&CompareOp::Eq) && is_id() {
            op = CompareOp::Eq;
        }
        let operand = self.operand(op, subject.ty, stored)?;
        Some(Filter::Compare { path: subject.path.clone(), op, value: operand })
    }

    fn brackets(&mut self, sound_alone: bool) -> Option<Filter> {
        let list = self.pick(&self.stock.choice(sound_alone).lists)?;
        let inside = self.inside(list)?;
        Some(Filter::ValuePath { path: list.path.clone(), filter: Box::new(inside) })
    }

    fn inside(&mut self, list: &List) -> Option<Filter> {
        let one = self.element_condition(list)?;
        let Stock { and, or, not, .. } = *self.stock;
        Some(match self.rng.random_range(0..10) {
            0..=3 if and => one.and(self.element_condition(list)?),
            4 if or => one.or(self.element_condition(list)?),
            5 if not => one.negated(),
            6 if not && and => one.and(self.element_condition(list)?.negated()),
            _ => one,
        })
    }

    /// Returns a condition on an element of a list, for use in brackets.
    pub(super) fn element_condition(&mut self, list: &List) -> Option<Filter> {
        let subject = self.pick(&list.subjects)?;
        if self.rng.random_bool(0.08) {
            return Some(Filter::Present(subject.path.clone()));
        }
        self.compare(subject)
    }

    fn operand(&mut self, op: CompareOp, ty: Type, stored: &Value) -> Option<Value> {
        Some(match (ty, stored) {
            (Type::Boolean, _) => Value::Bool(self.rng.random()),
            (Type::Integer | Type::Decimal, Value::Number(number)) => self.number(ty, number),
            (Type::DateTime, _) => Value::String(self.time()?),
            (_, Value::String(text)) => Value::String(self.text(op, text)),
            _ => return None,
        })
    }

    fn number(&mut self, ty: Type, stored: &Number) -> Value {
        let Some(whole) = stored.as_i64() else { return Value::Number(stored.clone()) };
        let near = whole.saturating_add(self.rng.random_range(-1..=1));
        match ty {
            Type::Decimal if self.rng.random() => {
                Number::from_f64(near as f64).map_or(Value::from(near), Value::Number)
            }
            _ => Value::from(near),
        }
    }

    /// Returns a time well before or after the resources were created, in one zone or another.
    fn time(&mut self) -> Option<String> {
        const AWAY: [i64; 8] = [-90_000, -40_000, -3_600, -90, 90, 3_600, 40_000, 90_000];
        const ZONES: [&str; 5] = ["Z", "+00:00", "+14:00", "-11:00", "+05:30"];
        let seconds = *self.pick(&AWAY)?;
        let zone = *self.pick(&ZONES)?;
        super::moment::write(self.stock.born?, seconds, zone)
    }

    fn text(&mut self, op: CompareOp, stored: &str) -> String {
        let roll = self.rng.random_range(0..100);
        let part = if op.is_substring() { self.piece(op, stored) } else { stored.to_owned() };
        match roll {
            0..=49 => part,
            50..=69 => flipped(&part),
            70..=79 => self.near_miss(&part),
            80..=87 => self.with_wildcard(&part),
            88..=92 => stored.to_owned(),
            93 if op.is_substring() && self.directory.dialect.empty_operand.is_some() => String::new(),
            _ => "zz-nobody".to_owned(),
        }
    }

    /// Returns a beginning, an end or a part in the middle. What is another in every run is never cut.
    fn piece(&mut self, op: CompareOp, stored: &str) -> String {
        let fleeting = self.world.fleeting(stored);
        let inside = |at: usize| fleeting.iter().any(|range| at > range.start && at < range.end);
        let cuts: Vec<usize> =
            stored.char_indices().map(|(at, _)| at).chain([stored.len()]).filter(|at| !inside(*at)).collect();
        let (mut from, mut to) = (self.rng.random_range(0..cuts.len()), self.rng.random_range(0..cuts.len()));
        match op {
            CompareOp::Sw => from = 0,
            CompareOp::Ew => to = cuts.len() - 1,
            _ => {}
        }
        let piece = &stored[cuts[from.min(to)]..cuts[from.max(to)]];
        // Servers may trim what they are given.
        if piece.is_empty() || piece.trim() != piece { stored.to_owned() } else { piece.to_owned() }
    }

    fn near_miss(&mut self, text: &str) -> String {
        self.replaced(text, |letter| match letter {
            'x' | 'X' => 'q',
            _ => 'x',
        })
    }

    fn with_wildcard(&mut self, text: &str) -> String {
        let wildcard = *self.pick(&['%', '_', '*']).unwrap_or(&'%');
        let replaced = self.replaced(text, |_| wildcard);
        // What stands behind a wildcard does not count for those who know it at the end alone.
        match replaced.find(wildcard) {
            Some(at) if self.rng.random() => replaced[..=at].to_owned(),
            _ => replaced,
        }
    }

    fn replaced(&mut self, text: &str, by: impl Fn(char) -> char) -> String {
        let fleeting = self.world.fleeting(text);
        let is_free = |at: &usize| !fleeting.iter().any(|range| range.contains(at));
        let free: Vec<usize> = text.char_indices().map(|(at, _)| at).filter(is_free).collect();
        let Some(at) = self.pick(&free).copied() else { return text.to_owned() };
        let letter = text[at..].chars().next().unwrap_or_default();
        format!("{}{}{}", &text[..at], by(letter), &text[at + letter.len_utf8()..])
    }

    pub(super) fn pick<'v, T>(&mut self, all: &'v [T]) -> Option<&'v T> {
        (!all.is_empty()).then(|| &all[self.rng.random_range(0..all.len())])
    }
}

/// Returns the text with the case of its letters turned round.
pub(super) fn flipped(text: &str) -> String {
    text.chars()
        .map(
            |letter| {
                if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
            },
        )
        .collect()
}

/// Returns the single conditions of a filter, those in brackets as one.
pub(super) fn conditions(filter: &Filter) -> Vec<&Filter> {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => [conditions(left), conditions(right)].concat(),
        Filter::Not(inner) => conditions(inner),
        leaf => vec![leaf],
    }
}

/// Returns whether nothing in a filter asks for what is not there.
fn is_positive(filter: &Filter) -> bool {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => is_positive(left) && is_positive(right),
        Filter::ValuePath { filter, .. } => is_positive(filter),
        Filter::Not(_) => false,
        Filter::Compare { op, value, .. } => *op != CompareOp::Ne && !op.is_ordering() && value.as_str() != Some(""),
        Filter::Present(_) => true,
    }
}

/// Returns whether a chain needs no parentheses.
fn is_flat(filter: &Filter) -> bool {
    !filter.to_string().contains('(')
}

const TRIES: usize = 12;
